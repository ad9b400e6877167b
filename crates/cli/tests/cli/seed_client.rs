//! The seed's own Python client and command line, installed as its vendor publishes them, against `cairn serve`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Cairn;

/// The version that the contract was read from.
const CLIENT: &str = "instavm==0.26.1";

#[test]
fn the_seeds_own_client_works_unchanged() {
    let python = client();
    let cairn = Cairn::new();
    let serving = cairn.serve();
    let _machine = cairn.machine();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/drive_seed_client.py");
    let mut drive = Command::new(python);
    // The client trusts the environment's proxies; a loopback address is not theirs.
    drive.arg(script).args([serving.url(), &serving.key()]).env("NO_PROXY", "127.0.0.1");
    let ran = drive.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    println!("{out}");
    assert!(ran.status.success(), "the seed's client is not served well:\n{out}\n{err}");
}

/// A Python that has the client; installed into the build folder once.
fn client() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(CLIENT);
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !ready.exists() {
        run("python3", [OsStr::new("-m"), "venv".as_ref(), "--clear".as_ref(), folder.as_os_str()], "python3-venv");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT];
        run(python.as_os_str(), pip.map(OsStr::new), "pip and a package index that it reaches");
        fs::write(ready, "").unwrap();
    }
    python
}

fn run<const N: usize>(program: impl AsRef<OsStr>, args: [&OsStr; N], needs: &str) {
    match Command::new(program.as_ref()).args(args).output() {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) => {
            let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            panic!("The seed's client {CLIENT} cannot be installed. This test needs {needs}:\n{out}{err}");
        }
        Err(error) => panic!("This test needs Python 3 with {needs}: {error}."),
    }
}

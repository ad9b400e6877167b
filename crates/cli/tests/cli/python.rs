//! Cairn's own Python package, against `cairn serve`; and a Python with what a test needs.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Cairn;

/// What the package stands on.
const HTTPX: &str = "httpx==0.28.1";

#[test]
fn the_python_package_does_what_the_window_does() {
    let python = python_with(HTTPX);
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
    let cairn = Cairn::new();
    let serving = cairn.serve();
    let drive = |script: &str, args: &[&str]| {
        let mut drive = Command::new(&python);
        drive.arg(package.join(script)).args(args).env("PYTHONPATH", package.join("src"));
        let ran = drive.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{script}:\n{out}\n{err}");
    };
    drive("generate.py", &["--check"]);
    drive("tests/tour.py", &[serving.url(), &serving.key()]);
    assert_eq!(fs::read_dir(cairn.store.path().join("volumes")).unwrap().count(), 3);
}

/// A Python that has a package; installed into the build folder once.
pub(crate) fn python_with(package: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(package);
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !ready.exists() {
        run("python3", [OsStr::new("-m"), "venv".as_ref(), "--clear".as_ref(), folder.as_os_str()], "python3-venv");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package];
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
            panic!("A Python package cannot be installed. This test needs {needs}:\n{out}{err}");
        }
        Err(error) => panic!("This test needs Python 3 with {needs}: {error}."),
    }
}

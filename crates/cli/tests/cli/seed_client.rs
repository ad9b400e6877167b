//! The seed's own Python client and command line, installed as its vendor publishes them, against `cairn serve`.

use std::path::Path;
use std::process::Command;

use crate::python::python_with;
use crate::support::Cairn;

/// The version that the contract was read from.
const CLIENT: &str = "instavm==0.26.1";

#[test]
fn the_seeds_own_client_works_unchanged() {
    let python = python_with(CLIENT);
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

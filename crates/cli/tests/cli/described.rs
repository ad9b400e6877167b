//! The description of the routes, judged by schemathesis: what it allows is done or refused in a described way, what it does
//! not allow is refused, no answer is of another shape, and nothing breaks.

use std::path::Path;
use std::process::Command;

use crate::python::python_with;
use crate::support::Cairn;

const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Requests that are made up for each route, besides those that try its limits.
const EXAMPLES: &str = "10";

/// It takes minutes: only in the long form of the tests.
#[test]
fn schemathesis_finds_nothing_that_is_not_as_described() {
    if std::env::var_os("CAIRN_NIGHTLY").is_none() {
        return;
    }
    let python = python_with(SCHEMATHESIS);
    let cairn = Cairn::with_volume();
    cairn.write("f", "one");
    cairn.run(["files", "put", "data", "f", "/"]).ok();
    cairn.run(["checkpoint", "create", "data", "--name", "first"]).ok();
    // Without a demo VM: hundreds of requests to start one are answered at once.
    let none = cairn.host.path().join("none");
    let served = cairn.serve_by(|serve| serve.env("CAIRN_DEMO_VM", none));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/schemathesis");
    let mut judge = Command::new(python.with_file_name("schemathesis"));
    judge.arg("--config-file").arg(folder.join("schemathesis.toml")).args(["--no-color", "run"]);
    judge.arg(format!("{}/openapi.json", served.url())).arg("--header").arg(format!("X-API-Key: {}", served.key()));
    judge.args(["--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing", "--seed", "7"]);
    judge.args(["--max-examples", EXAMPLES, "--continue-on-failure", "--request-timeout", "60", "--warnings", "off"]);
    judge.env("SCHEMATHESIS_HOOKS", folder.join("hooks.py")).env("CAIRN_TEST_FOLDER", cairn.host.path());
    let ran = judge.current_dir(cairn.host.path()).env("NO_PROXY", "127.0.0.1").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    println!("{out}");
    assert!(ran.status.success(), "the description and the server differ:\n{err}");
    assert!(cairn.run(["check"]).ok().contains("Nothing is wrong"));
    let machines = cairn.run(["--json", "vm", "ls"]).json();
    assert!(machines.as_array().unwrap().iter().all(|machine| machine["pid"].is_null()), "{machines}");
}

//! Several `cairn` at once, and a `cairn serve` that the others find.

use std::fs;
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::support::Cairn;

#[test]
fn commands_at_once_wait_for_each_other() {
    let cairn = Cairn::new();
    let children: Vec<_> = (0..4)
        .map(|number| {
            cairn
                .command(["volume", "create", &format!("v{number}"), "--quota", "64M"])
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(cairn.run(["--json", "volume", "ls"]).json().as_array().unwrap().len(), 4);
}

#[test]
fn a_running_serve_is_found_and_used_and_leaves_cleanly() {
    let cairn = Cairn::with_volume();
    let serving = cairn.serve();
    let api = cairn.store.path().join("run/api.json");
    assert!(fs::read_to_string(&api).unwrap().contains(serving.url()));
    // Only a command that talks to the running one can work: the store has one owner.
    cairn.write("f", "x");
    cairn.run(["files", "put", "data", "f", "/"]).ok();
    assert_eq!(cairn.run(["--json", "transfers"]).json()[0]["state"], "done");
    cairn.run(["transfers", "clear"]).ok();
    assert_eq!(cairn.run(["--json", "transfers"]).json().as_array().unwrap().len(), 0);

    let second = cairn.run(["serve", "--listen", "127.0.0.1:0"]).failed(5);
    assert!(second.contains(&serving.pid().to_string()) && second.contains(serving.url()), "{second}");

    assert_eq!(serving.end(Signal::SIGTERM), Some(0));
    assert!(!api.exists());
    assert_eq!(cairn.paths("data"), ["f"]);
}

#[test]
fn a_server_that_was_killed_is_not_waited_for() {
    let cairn = Cairn::with_volume();
    let serving = cairn.serve();
    assert_eq!(serving.end(Signal::SIGKILL), None);
    assert!(cairn.store.path().join("run/api.json").exists());
    assert!(cairn.run(["volume", "ls"]).ok().contains("data"));
}

#[test]
fn a_key_of_somebody_else_is_said() {
    let cairn = Cairn::with_volume();
    let _serving = cairn.serve();
    fs::write(cairn.store.path().join("run/api-key"), "0".repeat(64)).unwrap();
    assert!(cairn.run(["volume", "ls"]).failed(9).contains("key"));
}

#[test]
fn ctrl_c_ends_serve_like_any_other_end() {
    let cairn = Cairn::new();
    assert_eq!(cairn.serve().end(Signal::SIGINT), Some(0));
}

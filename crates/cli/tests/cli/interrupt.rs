//! Ctrl-C: what was begun is taken back, and said.

use std::io::{Read, Write};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::{Cairn, tell};

#[test]
fn ctrl_c_while_standard_input_is_copied_leaves_nothing() {
    for served in [false, true] {
        let cairn = Cairn::with_volume();
        let _serving = served.then(|| cairn.serve());
        let mut command = cairn.command(["files", "put", "data", "-", "f"]);
        let mut put = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = put.stdin.take().unwrap();
        // More than a pipe and a socket hold: once this is written, the copy is under way.
        input.write_all(&vec![7; 16 << 20]).unwrap();
        tell(&put, Signal::SIGINT);
        let mut said = String::new();
        put.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(put.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.starts_with("cancelled: "), "{said}");
        drop(input);
        // The volume takes one writer at a time: once this is done, the other is over.
        cairn.run(["files", "mkdir", "data", "after"]).ok();
        assert_eq!(cairn.paths("data"), ["after"]);
    }
}

#[test]
fn ctrl_c_cancels_the_copy_that_the_command_started() {
    let cairn = Cairn::with_volume();
    let _serving = cairn.serve();
    // As long as this one has the volume, the other's turn does not come.
    let mut command = cairn.command(["files", "put", "data", "-", "first"]);
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(&vec![7; 16 << 20]).unwrap();

    cairn.write("f", "x");
    let mut command = cairn.command(["files", "put", "data", "f", "/"]);
    let second = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while cairn.run(["--json", "transfers"]).json().as_array().unwrap().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    tell(&second, Signal::SIGINT);
    let ended = second.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("Nothing half-written is left"), "{said}");
    assert_eq!(cairn.run(["--json", "transfers"]).json()[0]["state"], "cancelled");

    drop(input);
    assert!(first.wait().unwrap().success());
    assert_eq!(cairn.paths("data"), ["first"]);
}

#[test]
fn a_copy_that_rests_when_the_server_dies_is_taken_up_again_by_the_next_command() {
    let cairn = Cairn::with_volume();
    let serving = cairn.serve();
    // As long as this one has the volume, the other's turn does not come.
    let mut command = cairn.command(["files", "put", "data", "-", "first"]);
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(&vec![7; 16 << 20]).unwrap();
    cairn.write("f", "content");
    let mut command = cairn.command(["files", "put", "data", "f", "/"]);
    let mut second = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let transfers = || cairn.run(["--json", "transfers"]).json();
    while transfers().as_array().unwrap().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    let id = transfers()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(cairn.run(["transfer", "pause", &id]).ok(), "Paused f.\n");
    cairn.run(["transfers", "retry", &id]).failed(4);

    serving.end(Signal::SIGKILL);
    drop(input);
    assert!(!first.wait().unwrap().success() && !second.wait().unwrap().success());
    assert_eq!(transfers()[0]["state"], "interrupted");
    assert!(cairn.run(["transfers"]).ok().contains("interrupted"));
    assert_eq!(cairn.run(["transfers", "resume", &id]).ok(), "Copied f (7 B).\n");
    assert_eq!(cairn.paths("data"), ["f"]);
    assert!(transfers().as_array().unwrap().is_empty());
}

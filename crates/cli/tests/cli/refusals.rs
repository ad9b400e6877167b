//! Bad input: a sentence on standard error, nothing on standard output, and the documented exit code.

use crate::support::Cairn;

#[track_caller]
fn refused(cairn: &Cairn, args: &[&str], code: i32, says: &str) {
    let said = cairn.run(args).failed(code);
    assert!(said.starts_with("error: ") && said.contains(says), "{args:?} says {said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let cairn = Cairn::new();
    for (quota, says) in [
        ("0", "a size of 0"),
        ("-5", "negative"),
        ("-5G", "negative"),
        ("9EiB", "larger than any disk"),
        ("99999999999999999999999", "larger than any disk"),
        ("much", "is not a size"),
        ("", "is not a size"),
        ("1e9", "is not a size"),
        ("1", ""),
        ("1K", ""),
        ("7EiB", ""),
    ] {
        refused(&cairn, &["volume", "create", "data", "--quota", quota], 2, says);
    }
    assert_eq!(cairn.run(["volume", "ls"]).ok(), "");
}

#[test]
fn names_that_make_no_sense_are_refused() {
    let cairn = Cairn::with_volume();
    let long = "x".repeat(256);
    for name in ["", ".", "..", "../x", "a/b", "a\nb", &long] {
        refused(&cairn, &["volume", "create", name, "--quota", "64M"], 2, "");
        refused(&cairn, &["volume", "update", "data", "--name", name], 2, "");
    }
    // A name that would make another address of the request's.
    for name in ["", ".", ".."] {
        refused(&cairn, &["volume", "get", name], 2, "names nothing");
        refused(&cairn, &["volume", "rm", name], 2, "names nothing");
        refused(&cairn, &["checkpoint", "restore", "data", name], 2, "names nothing");
    }
    for name in ["a/b", "%2e%2e", "?", "#", "data?x", "../data"] {
        refused(&cairn, &["volume", "get", name], 3, "");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let cairn = Cairn::with_volume();
    for args in [
        ["volume", "rm", "none"].as_slice(),
        &["files", "ls", "none"],
        &["files", "stat", "data", "none"],
        &["files", "rm", "data", "none"],
        &["files", "get", "data", "none", "-"],
        &["files", "get", "data", "none", "out"],
        &["files", "ls", "data", "--at", "none"],
        &["files", "put", "data", "none", "/"],
        &["checkpoint", "restore", "data", "none"],
        &["checkpoint", "rm", "data", "none"],
        &["vm", "start", "none"],
        &["vm", "stop", "none"],
        &["vm", "rm", "none"],
        &["vm", "exec", "none", "--", "true"],
        &["mount", "data", "none", "/data"],
        &["unmount", "none", "/data"],
        &["transfers", "cancel", "none"],
    ] {
        refused(&cairn, args, 3, "none");
    }
}

#[test]
fn paths_that_leave_the_volume_are_refused() {
    let cairn = Cairn::with_volume();
    cairn.write("f", "x");
    refused(&cairn, &["files", "put", "data", "f", "../f"], 2, "..");
    refused(&cairn, &["files", "mkdir", "data", "a/../../b"], 2, "..");
    assert!(cairn.paths("data").is_empty());
}

#[test]
fn a_name_or_a_folder_that_is_taken_is_a_conflict() {
    let cairn = Cairn::with_volume();
    refused(&cairn, &["volume", "create", "data", "--quota", "64M"], 4, "data");
    cairn.write("in/f", "x");
    cairn.run(["files", "put", "data", "in", "/"]).ok();
    refused(&cairn, &["files", "rm", "data", "in"], 4, "");
}

#[test]
fn standard_input_needs_a_name() {
    let cairn = Cairn::with_volume();
    refused(&cairn, &["files", "put", "data", "-", "/"], 2, "is a folder");
    refused(&cairn, &["files", "put", "data", "-", "in/"], 2, "is a folder");
    refused(&cairn, &["files", "put", "data", "-", "f", "in/"], 2, "other sources");
    refused(&cairn, &["files", "get", "data", "a", "b", "-"], 2, "Only one file");
}

#[test]
fn an_address_that_others_could_reach_is_refused() {
    let cairn = Cairn::new();
    refused(&cairn, &["serve", "--listen", "0.0.0.0:0"], 2, "loopback");
    refused(&cairn, &["serve", "--listen", "nonsense"], 2, "--listen");
    refused(&cairn, &["serve", "--listen", "127.0.0.1:0", "--ui", "none"], 3, "index.html");
}

#[test]
fn a_store_that_is_no_folder_is_said() {
    let cairn = Cairn::new();
    cairn.write("file", "");
    let said = cairn.run(["--store", "file", "volume", "ls"]);
    assert!(said.code != 0 && said.err.starts_with("error: ") && !said.err.contains("panicked"), "{said:?}");
}

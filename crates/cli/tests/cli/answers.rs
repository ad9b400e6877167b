//! What is printed: the API's own objects with `--json`, tables and lines without.

use serde_json::json;

use crate::support::Cairn;

#[test]
fn json_is_the_apis_own_objects() {
    let cairn = Cairn::new();
    assert_eq!(cairn.run(["--json", "volume", "ls"]).json(), json!([]));
    let made = cairn.run(["volume", "create", "data", "--quota", "64MiB", "--json"]).json();
    assert_eq!((made["name"].as_str(), made["quota_bytes"].as_u64()), (Some("data"), Some(64 << 20)));
    assert_eq!(cairn.run(["--json", "volume", "get", "data"]).json()["id"], made["id"]);
    assert_eq!(cairn.run(["--json", "volume", "ls"]).json()[0]["status"], "available");

    cairn.write("f", "content");
    let put = cairn.run(["--json", "files", "put", "data", "f", "/"]).json();
    assert_eq!((put["state"].as_str(), put["bytes_done"].as_u64()), (Some("done"), Some(7)));
    assert_eq!(cairn.run(["--json", "files", "stat", "data", "f"]).json()["size"], 7);
    let taken = cairn.run(["--json", "checkpoint", "create", "data"]).json();
    assert_eq!(cairn.run(["--json", "checkpoint", "ls", "data"]).json()[0]["id"], taken["id"]);
    for command in [["vm", "ls"].as_slice(), &["mounts"], &["transfers"]] {
        assert_eq!(cairn.run(["--json"].iter().chain(command)).json(), json!([]));
    }
    assert!(cairn.run(["--json", "volume", "rm", "data"]).json().is_object());
    let refused: serde_json::Value =
        serde_json::from_str(&cairn.run(["--json", "volume", "rm", "data"]).failed(3)).unwrap();
    assert_eq!(refused["code"], "not-found");
    assert!(refused["detail"].as_str().unwrap().starts_with(refused["message"].as_str().unwrap()), "{refused}");
    let unclear: serde_json::Value =
        serde_json::from_str(&cairn.run(["volume", "create", "data", "--json"]).failed(2)).unwrap();
    assert_eq!(unclear["code"], "invalid-input");
    let message = unclear["message"].as_str().unwrap();
    assert!(message.contains("--quota <SIZE>") && message.ends_with('.'), "{unclear}");
}

#[test]
fn what_happens_is_told_from_behind_any_event_on() {
    let cairn = Cairn::new();
    let _served = cairn.serve();
    cairn.run(["volume", "create", "data", "--quota", "64M"]).ok();
    let told = |args: &[&str]| cairn.run(["--json", "events"].iter().chain(args)).ok();
    // What has happened before is not known by such a number; what happens then is.
    let (said, made) = std::thread::scope(|scope| {
        let listening = scope.spawn(|| told(&["--after", "1", "-n", "1"]));
        let mut made = 0;
        while !listening.is_finished() {
            made += 1;
            cairn.run(["volume", "create", &format!("v{made}"), "--quota", "16M"]).ok();
        }
        (listening.join().unwrap(), made)
    });
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0], lines.len()), (&json!({ "type": "missed" }), 2), "{made} volumes were made: {said}");
    let again = told(&["--after", &(lines[1]["seq"].as_u64().unwrap() - 1).to_string(), "-n", "1"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&again).unwrap(), lines[1]);
    let read = cairn.run(["events", "--after", &(lines[1]["seq"].as_u64().unwrap() - 1).to_string(), "-n", "1"]).ok();
    assert!(read.contains(lines[1]["type"].as_str().unwrap()) && read.lines().count() == 1, "{read}");
}

#[test]
fn a_listing_stops_at_its_limit_and_says_so_aside() {
    let cairn = Cairn::with_volume();
    for name in ["a", "b", "c"] {
        cairn.write(&format!("in/{name}"), name);
    }
    cairn.run(["files", "put", "data", "in", "/"]).ok();
    let two = cairn.run(["files", "ls", "data", "in", "--limit", "2"]);
    assert!(two.err.contains("more"), "{two:?}");
    assert_eq!(two.ok().lines().count(), 3);
    let three = cairn.run(["files", "ls", "data", "in", "--limit", "3"]);
    assert!(three.err.is_empty(), "{three:?}");
    assert_eq!(cairn.run(["--json", "files", "ls", "data", "in", "--limit", "2"]).json().as_array().unwrap().len(), 2);
    // Several are deleted at once, or none of them.
    cairn.run(["files", "rm", "data", "in/a", "in/none"]).failed(3);
    assert!(cairn.run(["files", "rm", "data", "in/a", "in/c"]).ok().contains("2 files"));
    assert_eq!(cairn.paths("data"), ["in", "in/b"]);
}

#[test]
fn quiet_prints_only_what_was_asked_for() {
    let cairn = Cairn::new();
    assert_eq!(cairn.run(["-q", "volume", "create", "data", "--quota", "64M"]).ok(), "");
    assert!(cairn.run(["-q", "volume", "ls"]).ok().contains("data"));
    let nothing = cairn.run(["-q", "mounts"]);
    assert_eq!((nothing.out.as_str(), nothing.err.as_str()), ("", ""));
}

#[test]
fn a_name_cannot_play_with_the_terminal() {
    let cairn = Cairn::with_volume();
    cairn.write("in/a\u{1b}[2Jb\nc", "x");
    cairn.run(["files", "put", "data", "in", "/"]).ok();
    let listed = cairn.run(["files", "ls", "data", "in"]).ok();
    assert!(listed.contains("in/a\\u{1b}[2Jb\\nc") && !listed.contains('\u{1b}'), "{listed}");
    assert!(cairn.paths("data").contains(&"in/a\u{1b}[2Jb\nc".to_owned()));
}

#[test]
fn doctor_says_what_it_found_and_fails_when_something_is_wrong() {
    let cairn = Cairn::new();
    let text = cairn.run(["doctor"]);
    let checks = cairn.run(["--json", "doctor"]);
    let objects: serde_json::Value = serde_json::from_str(&checks.out).unwrap();
    let fine = objects.as_array().unwrap().iter().all(|check| check["ok"] == true);
    assert_eq!((text.code, checks.code), if fine { (0, 0) } else { (7, 7) });
    assert_eq!(text.out.lines().count(), objects.as_array().unwrap().len());
}

#[test]
fn help_is_there_for_every_command_and_shows_examples() {
    let cairn = Cairn::new();
    let help = cairn.run(["--help"]).ok();
    assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
    for command in [
        ["volume", "create"],
        ["files", "put"],
        ["files", "get"],
        ["files", "ls"],
        ["checkpoint", "create"],
        ["vm", "exec"],
    ] {
        assert!(cairn.run(command.iter().chain(&["--help"])).ok().contains("Example"), "{command:?}");
    }
}

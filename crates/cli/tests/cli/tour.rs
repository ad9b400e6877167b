//! The tour of the README, without the machine.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Cairn;

#[test]
fn a_volume_is_filled_checkpointed_changed_and_taken_back() {
    let cairn = Cairn::new();
    assert!(
        cairn.run(["volume", "create", "data", "--quota", "1GiB"]).ok().starts_with("Created volume data of 1 GiB")
    );
    cairn.write("photos/2024/写真.jpg", "a picture");
    cairn.write("photos/empty", "");
    symlink("2024/写真.jpg", cairn.host.path().join("photos/latest")).unwrap();
    cairn.write("notes.txt", "first");

    let said = cairn.run(["files", "put", "data", "photos", "notes.txt", "/"]).ok();
    assert!(said.contains("into data."), "{said}");
    let listed = cairn.run(["files", "ls", "data", "--recursive"]).ok();
    for shown in ["photos/2024/写真.jpg", "photos/latest -> 2024/写真.jpg", "photos/2024/", "notes.txt"] {
        assert!(listed.contains(shown), "{listed}");
    }

    cairn.run(["checkpoint", "create", "data", "--name", "first"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes.txt"], b"second").ok();
    cairn.run(["files", "rm", "data", "photos", "--recursive"]).ok();
    assert_eq!(cairn.run(["files", "get", "data", "notes.txt", "-"]).ok(), "second");
    assert_eq!(cairn.run(["files", "get", "data", "notes.txt", "-", "--at", "first"]).ok(), "first");

    cairn.run(["checkpoint", "restore", "data", "first"]).ok();
    assert_eq!(cairn.run(["files", "get", "data", "notes.txt", "-"]).ok(), "first");
    let listed = cairn.run(["checkpoint", "ls", "data"]).ok();
    assert!(listed.contains("first") && listed.contains("automatic"), "{listed}");

    let said = cairn.run(["volume", "policy", "data", "--before-mount", "true", "--keep-last", "1"]).ok();
    assert!(said.contains("before mounting: yes") && said.contains("last 1"), "{said}");
    assert_eq!(cairn.run(["checkpoint", "prune", "data", "--plan"]).ok(), "There is nothing to delete.\n");
    assert!(cairn.run(["check", "--deep"]).ok().starts_with("Nothing is wrong: 1 volume"));
    assert!(cairn.run(["repair", "data"]).ok().starts_with("There was nothing to repair."));

    cairn.run(["files", "get", "data", "photos", "notes.txt", "out/"]).ok();
    assert_eq!(cairn.read("out/photos/2024/写真.jpg"), "a picture");
    assert_eq!(fs::read_link(cairn.host.path().join("out/photos/latest")).unwrap().to_str(), Some("2024/写真.jpg"));

    cairn.run(["volume", "update", "data", "--quota", "2G", "--name", "more"]).ok();
    assert!(cairn.run(["volume", "get", "more"]).ok().contains("of 2 GiB"));
    // No terminal: nobody is asked.
    let deleted = cairn.run(["volume", "rm", "more"]).ok();
    assert!(deleted.starts_with("Deleted volume more. 'cairn volume undelete vol_"), "{deleted}");
    assert_eq!(cairn.run(["volume", "ls"]).ok(), "");
}

#[test]
fn destinations_are_treated_as_cp_does() {
    let cairn = Cairn::with_volume();
    cairn.write("a/f", "f");
    cairn.write("a/.hidden", "h");
    cairn.write("g", "g");
    // A new name; into a folder that is there; what is inside; several into a folder named as one.
    cairn.run(["files", "put", "data", "a", "/one"]).ok();
    cairn.run(["files", "put", "data", "a", "/one"]).ok();
    cairn.run(["files", "put", "data", "a/.", "two"]).ok();
    cairn.run(["files", "put", "data", "g", "a", "three/"]).ok();
    cairn.run(["files", "put", "data", "g", "/one/renamed"]).ok();
    let mut paths = cairn.paths("data");
    paths.retain(|path| !path.ends_with(".hidden"));
    assert_eq!(
        paths,
        ["one", "one/a", "one/a/f", "one/f", "one/renamed", "three", "three/a", "three/a/f", "three/g", "two", "two/f"]
    );
    assert!(cairn.paths("data").contains(&"two/.hidden".to_owned()));
    cairn.run(["files", "put", "data", "g", "a", "/none"]).failed(2);

    cairn.run(["files", "get", "data", "one/f", "."]).ok();
    cairn.run(["files", "get", "data", "one/f", "renamed"]).ok();
    cairn.run(["files", "get", "data", "two", "got"]).ok();
    assert_eq!((cairn.read("f"), cairn.read("renamed"), cairn.read("got/f")), ("f".into(), "f".into(), "f".into()));
}

#[test]
fn what_is_there_is_replaced_skipped_or_refused_as_asked() {
    let cairn = Cairn::with_volume();
    cairn.write("f", "one");
    cairn.run(["files", "put", "data", "f", "/"]).ok();
    cairn.write("f", "two");
    cairn.run(["files", "put", "data", "f", "/", "--if-there", "skip"]).ok();
    assert_eq!(cairn.run(["files", "get", "data", "f", "-"]).ok(), "one");
    assert_ne!(cairn.run(["files", "put", "data", "f", "/", "--if-there", "fail"]).code, 0);
    cairn.run_with(["files", "put", "data", "-", "f", "--if-there", "fail"], b"x").failed(4);
    cairn.run(["files", "put", "data", "f", "/"]).ok();
    assert_eq!(cairn.run(["files", "get", "data", "f", "-"]).ok(), "two");
}

#[test]
fn folders_are_made_moved_and_looked_at() {
    let cairn = Cairn::with_volume();
    cairn.run(["files", "mkdir", "data", "a/b"]).ok();
    cairn.run(["files", "mv", "data", "a", "c"]).ok();
    assert_eq!(cairn.paths("data"), ["c", "c/b"]);
    assert!(cairn.run(["files", "stat", "data", "c/b"]).ok().contains("folder"));
}

#[test]
fn one_file_of_a_checkpoint_is_brought_back() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes/today"], b"then").ok();
    cairn.run(["checkpoint", "create", "data", "--name", "before"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes/today"], b"now").ok();
    cairn.run(["checkpoint", "restore-files", "data", "before", "notes/today", "--to", "old"]).ok();
    cairn.run(["files", "get", "data", "old", "copy"]).ok();
    assert_eq!(cairn.read("copy"), "then");
    let said = cairn.run(["checkpoint", "restore-files", "data", "before", "notes"]).ok();
    assert!(said.contains("from before"), "{said}");
    cairn.run(["files", "get", "data", "notes/today", "copy"]).ok();
    assert_eq!(cairn.read("copy"), "then");
}

#[test]
fn what_has_changed_since_a_checkpoint_is_told() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    cairn.run_with(["files", "put", "data", "-", "today"], b"then").ok();
    cairn.run(["checkpoint", "create", "data", "--name", "before"]).ok();
    cairn.run_with(["files", "put", "data", "-", "today"], b"now it is more").ok();
    cairn.run_with(["files", "put", "data", "-", "new"], b"new").ok();
    let expected = "+ new  (3 B)\n~ today  (4 B -> 14 B)\n";
    assert_eq!(cairn.run(["diff", "data", "before"]).ok(), expected);
    assert_eq!(cairn.run(["checkpoint", "diff", "data", "latest"]).ok(), expected);
    assert_eq!(cairn.run(["files", "diff", "data", "before"]).ok(), expected);
    assert_eq!(cairn.run(["diff", "data", "before", "latest"]).ok(), "");
}

#[test]
fn the_versions_of_a_file_are_told() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes"], b"then").ok();
    cairn.run(["checkpoint", "create", "data", "--name", "before"]).ok();
    cairn.run(["files", "rm", "data", "notes"]).ok();
    let told = cairn.run(["files", "history", "data", "notes"]).ok();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert!(lines[1].starts_with("before") && lines[1].contains("created"), "{told}");
    assert!(lines[2].starts_with("(the present)") && lines[2].contains("deleted"), "{told}");
}

#[test]
fn a_checkpoint_in_the_middle_is_deleted_as_planned() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    for name in ["one", "two", "three"] {
        cairn.run_with(["files", "put", "data", "-", "file"], &name.as_bytes().repeat(1 << 20)).ok();
        cairn.run(["checkpoint", "create", "data", "--name", name]).ok();
    }
    let plan = cairn.run(["checkpoint", "delete", "data", "two", "--plan"]).ok();
    assert!(plan.starts_with("Would delete two") && plan.contains("merged into that of three"), "{plan}");
    assert!(plan.contains("would come back"), "{plan}");
    let said = cairn.run(["checkpoint", "delete", "data", "two"]).ok();
    assert!(said.starts_with("Deleted checkpoint two.") && said.contains("MiB came back."), "{said}");
    for name in ["one", "three"] {
        assert_eq!(cairn.run(["files", "get", "data", "file", "-", "--at", name]).ok(), name.repeat(1 << 20));
    }
}

#[test]
fn what_a_volume_takes_up_is_told_for_each_checkpoint() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    for name in ["one", "two"] {
        cairn.run_with(["files", "put", "data", "-", "file"], &name.as_bytes().repeat(1 << 20)).ok();
        cairn.run(["checkpoint", "create", "data", "--name", name]).ok();
    }
    cairn.run(["checkpoint", "branch", "data", "one", "other"]).ok();
    let told = cairn.run(["volume", "usage", "data"]).ok();
    assert!(told.contains("of it shared with other volumes") && told.contains("IF DELETED"), "{told}");
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[3].starts_with("one") && lines[3].contains("shared with another volume"), "{told}");
    assert!(lines[4].starts_with("two") && lines[5].starts_with("(the present)"), "{told}");
    let json = cairn.run(["--json", "volume", "usage", "data"]).json();
    assert_eq!(json["checkpoints"][0]["is_shared"], true);
}

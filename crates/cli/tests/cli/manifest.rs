//! A deploy manifest as the vendor's client reads it: here its volumes are made, filled, and kept.

use serde_json::Value;

use crate::support::Cairn;

const MANIFEST: &str = "
schema_version: 2
kind: devbox
slug: box
vm: {memory_mb: 64, vcpus: 2}
runtime: []
volumes:
  - name: work
    mount: /work
    size_gb: 1
    create_if_missing: true
    pre_seed:
      - {local: ./seed, remote: /}
      - {local: seed/deep/b.txt, remote: /etc/c.txt, overwrite: true}
    auto_checkpoint: {on_success: true, retention: 2}
";

#[test]
fn a_manifest_makes_fills_and_keeps_its_volumes_however_often() {
    let cairn = Cairn::new();
    cairn.write("box/instavm.yaml", MANIFEST);
    cairn.write("box/seed/a.txt", "first");
    cairn.write("box/seed/deep/b.txt", "first");
    let create = |name: &str| cairn.run(["--json", "vm", "create", name, "--manifest", "box/instavm.yaml"]);

    let ran = cairn.run(["vm", "create", "--manifest", "box/instavm.yaml", "--cpus", "1"]);
    assert!(ran.err.contains("Not carried out of the manifest: runtime."), "{ran:?}");
    assert!(ran.ok().contains("Created machine box"));
    let machine = cairn.run(["--json", "vm", "get", "box"]).json();
    assert_eq!((&machine["memory_mb"], &machine["vcpu_count"]), (&Value::from(64), &Value::from(1)));
    assert_eq!(machine["setup"]["volumes"][0]["mount_path"], "/work");
    assert_eq!(cairn.paths("work"), ["a.txt", "deep", "deep/b.txt", "etc", "etc/c.txt"]);
    assert_eq!(cairn.run(["--json", "volume", "get", "work"]).json()["quota_bytes"], 1_u64 << 30);

    // What is there stays, unless it is to be replaced; a checkpoint for each time that something changed, the last two.
    for (round, expected) in [("second", 2), ("third", 2), ("third", 2)] {
        cairn.write("box/seed/a.txt", round);
        cairn.write("box/seed/deep/b.txt", round);
        create(&format!("box-{}", machines(&cairn))).ok();
        assert_eq!(cairn.run(["files", "get", "work", "a.txt", "-"]).ok(), "first");
        assert_eq!(cairn.run(["files", "get", "work", "etc/c.txt", "-"]).ok(), round);
        let checkpoints = cairn.run(["--json", "checkpoint", "ls", "work"]).json();
        let names: Vec<_> = checkpoints.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert!(names.len() == expected && names.iter().all(|name| name.contains("after deploying")), "{names:?}");
    }

    // What cannot be changes nothing.
    let machines_before = machines(&cairn);
    assert!(create("box").failed(4).contains("already"));
    cairn.write("box/instavm.yaml", MANIFEST.replace("name: work", "name: other").replace("./seed", "./sead"));
    assert!(create("x").failed(3).contains("box/sead"));
    cairn.write(
        "box/instavm.yaml",
        MANIFEST.replace("remote: /}", "remote: ../..}").replace("name: work", "name: other"),
    );
    create("x").failed(2);
    cairn.write("box/instavm.yaml", "volumes: {");
    assert!(create("x").failed(2).contains("is not understood"));
    assert_eq!(machines(&cairn), machines_before);
    assert_eq!(cairn.run(["--json", "volume", "ls"]).json().as_array().unwrap().len(), 1);

    // At a glance.
    let tree = cairn.run(["files", "tree", "work", "--depth", "1"]).ok();
    assert!(tree.contains("├── a.txt  5 B") && !tree.contains("b.txt"), "{tree}");
    let held = cairn.run(["--json", "files", "du", "work"]).json();
    assert_eq!(held.as_array().unwrap().last().unwrap()["files"], 3);
    cairn.run(["files", "tree", "work", "a.txt"]).failed(2);
    cairn.run(["files", "du", "work", "nothing"]).failed(3);
}

fn machines(cairn: &Cairn) -> usize {
    cairn.run(["--json", "vm", "ls"]).json().as_array().unwrap().len()
}

#[test]
fn shells_and_manuals_know_every_command() {
    let cairn = Cairn::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(cairn.run(["completions", shell]).ok().contains("checkpoint"));
    }
    cairn.run(["man", "man1"]).ok();
    let page = cairn.read("man1/cairn-checkpoint-create.1");
    assert!(page.contains("Take a checkpoint") && page.contains(".SH EXAMPLES\n.nf\n  cairn checkpoint"), "{page}");
    // Neither needs a store, nor makes one.
    assert_eq!(std::fs::read_dir(cairn.store.path()).unwrap().count(), 0);
}

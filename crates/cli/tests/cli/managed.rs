//! Machines from images and snapshots, and their consoles.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::Cairn;

/// A machine that would outlive the test.
struct Running<'a>(&'a Cairn, &'static str);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.run(["vm", "stop", self.1, "--force"]);
    }
}

fn demo_vm() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/demo-vm");
    std::env::var_os("CAIRN_DEMO_VM").map_or(built, PathBuf::from)
}

/// A raw image with an empty ext4 filesystem.
fn image(path: &Path) {
    std::fs::File::create(path).unwrap().set_len(64 << 20).unwrap();
    assert!(Command::new("mke2fs").args(["-q", "-t", "ext4"]).arg(path).status().unwrap().success());
}

#[test]
fn a_machine_is_made_from_an_image_and_becomes_one_itself() {
    let cairn = Cairn::with_volume();
    image(&cairn.host.path().join("disk.img"));
    let demo = demo_vm();
    let file = |name: &str| demo.join(name).to_str().unwrap().to_owned();
    let (kernel, initrd) = (file("vmlinuz"), file("initrd.img"));
    let created = cairn.run([
        "vm",
        "create",
        "web",
        "--image",
        "disk.img",
        "--kernel",
        &kernel,
        "--initrd",
        &initrd,
        "--append",
        "console=ttyS0 quiet",
        "--memory",
        "256MiB",
        "--network",
        "none",
        "--volume",
        "data:/data",
    ]);
    assert!(created.ok().starts_with("Created machine web"));
    let _web = Running(&cairn, "web");
    cairn.run(["vm", "start", "web"]).ok();
    let exec = |vm: &str, script: &str| cairn.run(["vm", "exec", vm, "--", "sh", "-c", script]);
    exec("web", "mkdir /own && mount /dev/vda /own && echo installed > /own/file && sync; echo kept > /data/file").ok();
    let shown = cairn.run(["vm", "show", "web"]).ok();
    for word in ["disk.img", "256 MiB", "goes when it stops", "data:/data", "tcg"] {
        assert!(shown.contains(word), "{word} in {shown}");
    }

    // What is typed before the shell reads is thrown away by the terminal.
    let said = |text: &str| {
        for _ in 0..1000 {
            if cairn.run(["vm", "console", "web", "--log"]).ok().contains(text) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the console never says {text}");
    };
    said("root# ");
    // Typed through a pipe, and by hand in a terminal that Ctrl-] leaves.
    let answer = cairn.run_with(["vm", "console", "web"], b"\necho $((6 * 7)) is the answer\n").ok();
    assert!(answer.contains("root#"), "{answer}");
    // A slow guest may have gone silent in the middle of its answer.
    said("42 is the answer");
    let mut console = Command::new("script");
    let program = format!("'{}' vm console web", env!("CARGO_BIN_EXE_cairn"));
    console.args(["-qec", &program, "/dev/null"]).env("CAIRN_STORE", cairn.store.path());
    let mut console = console.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut screen) = (console.stdin.take().unwrap(), console.stdout.take().unwrap());
    let (mut seen, mut piece) = (String::new(), [0; 512]);
    let mut wait_for = |text: &str| {
        while !seen.contains(text) {
            let read = screen.read(&mut piece).unwrap();
            assert!(read > 0, "the console ended: {seen}");
            seen.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
    };
    wait_for("42 is the answer");
    keys.write_all(b"sh -c \"echo it run''s; exec tail -f /dev/null\"\n").unwrap();
    wait_for("it runs");
    // Ctrl-C is the guest's.
    keys.write_all(b"\x03echo $((20 + 3)) more\n").unwrap();
    wait_for("23 more");
    keys.write_all(b"\x1d").unwrap();
    assert!(console.wait().unwrap().success());
    assert!(cairn.run(["vm", "console", "web", "--log"]).ok().contains("23 more"));

    assert!(cairn.run(["snapshot", "create", "web", "--name", "golden"]).ok().contains("golden"));
    cairn.run(["snapshot", "create", "web", "--name", "golden"]).failed(4);
    cairn.run(["vm", "stop", "web"]).ok();
    cairn.run(["vm", "console", "web"]).failed(4);
    let created = cairn.run(["vm", "create", "worker", "--snapshot", "golden", "--network", "none", "--start"]);
    let _worker = Running(&cairn, "worker");
    assert!(created.ok().contains("is up"));
    assert_eq!(exec("worker", "mkdir /own && mount /dev/vda /own && cat /own/file").ok(), "installed\n");
    assert!(cairn.run(["snapshot", "rm", "golden", "-y"]).failed(5).contains("'worker'"));
    assert!(cairn.run(["snapshot", "ls"]).ok().contains("the machine 'worker'"));
    assert_eq!(cairn.run(["files", "get", "data", "file", "-"]).ok(), "kept\n");
    cairn.run(["vm", "stop", "worker"]).ok();
    for vm in ["web", "worker"] {
        cairn.run(["vm", "rm", vm, "-y"]).ok();
    }
    cairn.run(["snapshot", "rm", "golden", "-y"]).ok();
}

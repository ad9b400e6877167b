//! With a real guest: mounting, running commands in it, and what is refused meanwhile.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{Cairn, tell};

#[test]
fn a_volume_is_mounted_used_and_unmounted() {
    let cairn = Cairn::with_volume();
    cairn.write("in/写真.txt", "from the host");
    cairn.run(["files", "put", "data", "in", "/"]).ok();
    cairn.run(["checkpoint", "create", "data", "--name", "before"]).ok();
    let machine = cairn.machine();
    assert!(cairn.run(["vm", "ls"]).ok().contains("active"));

    cairn.run(["mount", "data", "demo", "/data"]).ok();
    let mounts = cairn.run(["--json", "mounts"]).json();
    assert_eq!((mounts[0]["mount_path"].as_str(), mounts[0]["status"].as_str()), (Some("/data"), Some("attached")));
    assert!(cairn.run(["volume", "ls"]).ok().contains("demo:/data"));
    let exec = |script: &str| cairn.run(["vm", "exec", "demo", "--", "sh", "-c", script]);
    assert_eq!(exec("cat /data/in/写真.txt").ok(), "from the host");
    let failed = exec("echo out; echo err >&2; exit 3");
    assert_eq!((failed.code, failed.out.as_str(), failed.err.as_str()), (3, "out\n", "err\n"));
    exec("echo from the guest > /data/guest").ok();
    let piped = cairn.run_with(["vm", "exec", "demo", "-i", "--", "sh", "-c", "cat > /data/piped"], b"through a pipe");
    piped.ok();

    // The machine is its only writer, and does what it is asked to.
    cairn.write("f", "put");
    cairn.run(["files", "put", "data", "f", "/"]).ok();
    cairn.run_with(["files", "put", "data", "-", "stream"], b" and streamed").ok();
    assert_eq!(exec("cat /data/f /data/stream").ok(), "put and streamed");
    cairn.run(["files", "rm", "data", "stream"]).ok();
    assert!(!cairn.paths("data").contains(&"stream".to_owned()));
    assert_eq!(cairn.run(["files", "get", "data", "guest", "-"]).ok(), "from the guest\n");
    cairn.run(["vm", "limit", "demo", "/data", "--iops", "100", "--bps", "10M"]).ok();
    let mounts = cairn.run(["--json", "mounts"]).json();
    assert_eq!((mounts[0]["iops"].as_u64(), mounts[0]["bytes_per_second"].as_u64()), (Some(100), Some(10 << 20)));
    assert!(mounts[0]["io"]["written_bytes"].as_u64() > Some(0), "{mounts}");
    // Of the first second nothing is known yet.
    let first_line = |args: &[&str]| {
        let mut rates = cairn.command(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(rates.stdout.take().unwrap()).lines().map(Result::unwrap);
        let told = lines.find(|line| line != "[]").unwrap();
        tell(&rates, Signal::SIGKILL);
        rates.wait().unwrap();
        told
    };
    let told = first_line(&["mounts", "--rates"]);
    assert!(told.starts_with("data at /data in demo: reads ") && told.contains("/s in "), "{told}");
    let told: Value = serde_json::from_str(&first_line(&["mounts", "--rates", "--json"])).unwrap();
    assert_eq!(told[0]["mount_path"], "/data", "{told}");
    assert!(cairn.run(["volume", "rm", "data"]).failed(5).contains("demo"));
    assert!(cairn.run(["checkpoint", "restore", "data", "before"]).failed(5).contains("demo"));
    cairn.run(["vm", "rm", "demo"]).failed(4);
    cairn.run(["unmount", "demo", "/elsewhere"]).failed(3);
    // A checkpoint is looked into all the same.
    assert_eq!(cairn.run(["files", "get", "data", "in/写真.txt", "-", "--at", "before"]).ok(), "from the host");

    exec("cd /data; sleep 1000 >/dev/null 2>&1 </dev/null &").ok();
    assert!(cairn.run(["unmount", "demo", "/data/"]).failed(5).contains("sleep"));
    assert!(cairn.run(["unmount", "demo", "/data/", "--force"]).ok().contains("sleep"));
    assert_eq!(cairn.run(["files", "get", "data", "guest", "-"]).ok(), "from the guest\n");
    assert_eq!(cairn.run(["files", "get", "data", "piped", "-"]).ok(), "through a pipe");

    cairn.run(["mount", "data", "demo", "/old", "--at", "before"]).ok();
    assert!(exec("test ! -e /old/guest && ! touch /old/f").code == 0);
    let branch = cairn.run(["mount", "data", "demo", "/try", "--at", "latest", "--mode", "rw"]).ok();
    assert!(branch.contains("new volume data from before"), "{branch}");
    exec("rm -r /try/in && touch /old/in").failed(1);
    cairn.run(["vm", "stop", "demo"]).ok();
    assert_eq!(cairn.paths("data from before").len(), 0);
    assert_eq!(cairn.run(["--json", "mounts"]).json(), Value::Array(vec![]));
    drop(machine);
    cairn.run(["vm", "rm", "demo"]).ok();
    assert_eq!(cairn.run(["--json", "vm", "ls"]).json(), Value::Array(vec![]));
}

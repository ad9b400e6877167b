//! `cairn serve` for other computers, keys, the audit log, and a server that dies in the middle of an upload.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;

use crate::support::{Cairn, Ran};

/// `cairn` on a store that has nothing to do with the server's.
fn elsewhere(cairn: &Cairn, url: &str, key: &str, fingerprint: &str, args: &[&str]) -> Ran {
    let other = Cairn::new();
    let mut command = other.command(args);
    command.env("CAIRN_URL", url).env("CAIRN_API_KEY", key).env("CAIRN_TLS_FINGERPRINT", fingerprint);
    command.current_dir(cairn.host.path());
    command.output().unwrap().into()
}

#[test]
fn another_computer_is_served_over_tls_with_a_key_of_its_own() {
    let cairn = Cairn::with_volume();
    let refused = cairn.run(["serve", "--listen", "0.0.0.0:0"]).failed(2);
    assert!(refused.contains("over TLS only") && refused.contains("--tls"), "{refused}");

    let served = cairn.serve_with(&["--tls"]);
    let url = served.url().to_owned();
    let fingerprint = served.fingerprint().to_owned();
    // On this computer the server is found, and known, by what it has published.
    let key = cairn.run(["key", "create", "laptop", "--scope", "read-only", "--quiet"]).ok().trim().to_owned();
    assert!(key.starts_with("cairn_"), "{key}");
    let ask = |key: &str, fingerprint: &str, args: &[&str]| elsewhere(&cairn, &url, key, fingerprint, args);
    assert_eq!(ask(&key, &fingerprint, &["volume", "ls", "--json"]).json()[0]["name"], "data");
    assert!(
        ask(&key, &fingerprint, &["volume", "create", "more", "--quota", "64M"])
            .failed(9)
            .contains("'laptop' may only read")
    );
    assert!(ask(&key, &"0".repeat(64), &["volume", "ls"]).failed(1).contains("fingerprint"));
    assert!(ask("wrong", &fingerprint, &["volume", "ls"]).failed(9).contains("not this server's"));
    let full = cairn.run(["key", "create", "desk", "--json"]).json()["secret"].as_str().unwrap().to_owned();
    assert!(ask(&full, &fingerprint, &["files", "put", "data", "x", "/"]).failed(2).contains("does not see"));

    cairn.run(["key", "revoke", "desk"]).ok();
    ask(&full, &fingerprint, &["volume", "ls"]).failed(9);
    let keys = cairn.run(["key", "ls"]).ok();
    assert!(keys.contains("laptop") && keys.contains("read-only") && !keys.contains("desk"), "{keys}");
    let log = cairn.run(["audit", "--json"]).json();
    let last = log.as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).next();
    assert_eq!(last, Some("DELETE /v1/keys/{key}"));
    assert!(cairn.run(["audit", "--who", "owner", "--limit", "1"]).ok().contains("DELETE /v1/keys/{key}"));
    assert_eq!(served.end(Signal::SIGTERM), Some(0));
}

#[test]
fn a_server_that_is_killed_in_the_middle_of_an_upload_leaves_no_part_of_it() {
    let cairn = Cairn::with_volume();
    let served = cairn.serve();
    let url = served.url().to_owned();
    let key = served.key();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "PUT /v1/volumes/data/files/content?path=big HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\
         Content-Length: 40000000\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 12];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    // More than the pipe and the sockets hold: some of it is in the volume's layer by now.
    stream.write_all(&vec![7; 30_000_000]).unwrap();
    served.end(Signal::SIGKILL);
    assert!(cairn.paths("data").is_empty());
    let check = cairn.run(["check"]).ok();
    assert!(check.contains("Nothing is wrong"), "{check}");
}

#[test]
fn a_systemd_unit_is_printed_that_runs_the_same_command_and_leaves_machines_alone() {
    let cairn = Cairn::new();
    let unit = cairn.run(["serve", "--listen", "127.0.0.1:4711", "--print-unit"]).ok();
    let start = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
    assert!(start.ends_with(" serve --listen 127.0.0.1:4711") && start.contains(" --store "), "{unit}");
    assert!(unit.lines().any(|line| line == "KillMode=process") && unit.contains("WantedBy=default.target"), "{unit}");
}

/// The most memory that a process has had, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
}

/// Puts a file of so many bytes, all of them alike, and gets it again.
fn in_and_out(url: &str, key: &str, size: usize) {
    let connect = || TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let head = |method: &str, more: &str| {
        format!(
            "{method} /v1/volumes/data/files/content?path=f{size} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\
             Connection: close\r\n{more}\r\n"
        )
    };
    let mut up = connect();
    up.write_all(head("PUT", &format!("Content-Length: {size}\r\n")).as_bytes()).unwrap();
    let piece = vec![7; 1 << 20];
    for _ in 0..size / piece.len() {
        up.write_all(&piece).unwrap();
    }
    let mut answer = String::new();
    up.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let mut down = connect();
    down.write_all(head("GET", "").as_bytes()).unwrap();
    let received = std::io::copy(&mut down, &mut std::io::sink()).unwrap();
    assert!(received > size as u64 && received < size as u64 + 1000, "{received}");
}

#[test]
fn a_large_file_takes_no_more_memory_than_a_small_one() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "1G"]).ok();
    let served = cairn.serve();
    let (url, key) = (served.url().to_owned(), served.key());
    in_and_out(&url, &key, 8 << 20);
    let before = peak(served.pid());
    in_and_out(&url, &key, 400 << 20);
    let grown = peak(served.pid()) - before;
    assert!(grown < 64 << 20, "the server's memory grew by {} MiB", grown >> 20);
    assert_eq!(served.end(Signal::SIGTERM), Some(0));
}

//! `cairn serve` for other computers, keys, the audit log, and a server that dies in the middle of an upload.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use nix::sys::signal::Signal;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use sha2::{Digest, Sha256};

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
    assert!(ask(&full, &fingerprint, &["files", "get", "data", "x", "."]).failed(2).contains("does not see"));
    cairn.write("sent/notes.txt", "hello");
    cairn.write("sent/empty", "");
    let said = ask(&full, &fingerprint, &["files", "put", "data", "sent", "/"]).ok();
    assert!(said.starts_with("Copied 3 items (5 B) into data."), "{said}");
    assert_eq!(cairn.paths("data"), ["sent", "sent/empty", "sent/notes.txt"]);
    let again = ask(&full, &fingerprint, &["files", "put", "data", "sent/notes.txt", "/sent", "--if-there", "fail"]);
    assert!(again.failed(4).contains("'sent/notes.txt' already"));

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

/// A certificate of our own authority for this computer, and the authority's: in the host's folder.
fn certify(cairn: &Cairn) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(DnType::CommonName, "The house's own authority");
    cairn.write("authority.pem", authority.self_signed(&authority_key).unwrap().pem());
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    cairn.write("server.pem", names.signed_by(&key, &issuer).unwrap().pem());
    cairn.write("server-key.pem", key.serialize_pem());
}

#[test]
fn a_server_with_a_certificate_of_the_users_own_authority_is_known_by_it() {
    let cairn = Cairn::with_volume();
    certify(&cairn);
    let served = cairn.serve_with(&["--tls-cert", "server.pem", "--tls-key", "server-key.pem"]);
    let ask = |authority: Option<&str>, args: &[&str]| -> Ran {
        let elsewhere = Cairn::new();
        let mut command = elsewhere.command(["--url", served.url()]);
        if let Some(authority) = authority {
            command.arg("--tls-ca").arg(cairn.host.path().join(authority));
        }
        command.args(args).env("CAIRN_API_KEY", served.key()).current_dir(cairn.host.path()).output().unwrap().into()
    };
    cairn.write("notes.txt", "hello");
    ask(Some("authority.pem"), &["files", "put", "data", "notes.txt", "/"]).ok();
    assert_eq!(ask(Some("authority.pem"), &["files", "get", "data", "notes.txt", "-"]).ok(), "hello");
    assert!(ask(None, &["volume", "ls"]).failed(2).contains("--tls-ca"));
    // Another authority of the same name has not signed it; a file without certificates vouches for nobody.
    let other = Cairn::new();
    certify(&other);
    std::fs::copy(other.host.path().join("authority.pem"), cairn.host.path().join("other.pem")).unwrap();
    assert!(ask(Some("other.pem"), &["volume", "ls"]).failed(1).contains("certificate"));
    assert!(ask(Some("notes.txt"), &["volume", "ls"]).failed(2).contains("there are none"));
    // The store's own owner is told by the server's fingerprint, as always.
    assert_eq!(cairn.run(["files", "get", "data", "notes.txt", "-"]).ok(), "hello");
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
fn an_upload_goes_on_where_it_was_when_the_server_was_killed() {
    let cairn = Cairn::with_volume();
    let whole: Vec<u8> = (0..40_000_000_usize).map(|at| (at ^ (at >> 9) ^ (at >> 17)) as u8).collect();
    cairn.write("big", &whole);
    let sum = Sha256::digest(&whole);
    let served = cairn.serve();
    let (url, key) = (served.url().to_owned(), served.key());
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "PUT /v1/volumes/data/files/content?path=sub/big HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\
         Content-Length: 40000000\r\nContent-Range: bytes 0-39999999/40000000\r\n\
         Repr-Digest: sha-256=:{}:\r\n\r\n",
        BASE64_STANDARD.encode(sum)
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&whole[..36_000_000]).unwrap();
    let uploads = || cairn.run(["files", "uploads", "data", "--json"]).json();
    while uploads()[0]["received_bytes"].as_u64().is_none_or(|received| received == 0) {}
    served.end(Signal::SIGKILL);
    drop(stream);

    assert!(cairn.paths("data").is_empty());
    let kept = uploads()[0]["received_bytes"].as_u64().unwrap();
    assert!((1..40_000_000).contains(&kept), "{kept}");
    let served = cairn.serve();
    let put =
        elsewhere(&cairn, served.url(), &served.key(), &"0".repeat(64), &["files", "put", "data", "big", "sub/big"]);
    assert!(put.err.contains("already; going on there."), "{put:?}");
    assert!(put.ok().starts_with("Copied 1 item (38.1 MiB) into data."));
    assert_eq!(uploads(), serde_json::json!([]));
    served.end(Signal::SIGTERM);
    cairn.run(["files", "get", "data", "sub/big", "got"]).ok();
    assert!(std::fs::read(cairn.host.path().join("got")).unwrap() == whole);
    assert!(cairn.run(["check"]).ok().contains("Nothing is wrong"));
}

#[test]
fn a_systemd_unit_is_printed_that_runs_the_same_command_and_leaves_machines_alone() {
    let cairn = Cairn::new();
    let here = cairn.host.path().join("c.pem").display().to_string();
    let unit =
        cairn.run(["serve", "--listen", "127.0.0.1:4711", "--tls-cert", "c.pem", "--tls-key", &here, "--print-unit"]);
    let unit = unit.ok();
    let start = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
    let serve = format!(" serve --listen 127.0.0.1:4711 --tls-cert {here} --tls-key {here} --longest-freeze 5 ");
    assert!(start.contains(&serve) && start.matches(" --store ").count() == 1, "{unit}");
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

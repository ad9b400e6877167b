//! Folders that are kept in step, and archives that are unpacked, by the command.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::Cairn;

#[test]
fn a_folder_is_kept_in_step_while_somebody_serves() {
    let cairn = Cairn::with_volume();
    let serving = cairn.serve();
    cairn.write("project/main.rs", "fn main() {}");
    cairn.write("project/target/junk", "junk");
    let said = cairn.run(["watch", "add", "data", "project", "/src", "--ignore", "target/", "--delete"]).ok();
    assert!(said.contains("is kept in step into /src of data (watch_"), "{said}");
    let until = |what: &str, looks: &dyn Fn() -> bool| {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !looks() {
            assert!(Instant::now() < deadline, "waited in vain until {what}");
            sleep(Duration::from_millis(50));
        }
    };
    until("it is there", &|| cairn.paths("data") == ["src", "src/main.rs"]);
    std::fs::remove_file(cairn.host.path().join("project/main.rs")).unwrap();
    cairn.write("project/lib.rs", "");
    until("it is as the folder is", &|| cairn.paths("data") == ["src", "src/lib.rs"]);
    until("it is in step", &|| cairn.run(["watch", "ls", "data"]).ok().contains("watching"));
    let listed = cairn.run(["watch", "ls", "--json"]).json();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed[0]["ignore"][0], "target/");
    cairn.run(["watch", "add", "data", "none"]).failed(3);
    cairn.run(["watch", "rm", "data", &id]).ok();
    cairn.run(["watch", "rm", "data", &id]).failed(3);
    let none = cairn.run(["watch", "ls"]);
    assert!(none.err.contains("No folder is watched."), "{}", none.err);
    serving.end(nix::sys::signal::Signal::SIGTERM);
}

#[test]
fn an_archive_is_unpacked_into_a_folder() {
    let cairn = Cairn::with_volume();
    cairn.write("in/letter", "Dear reader");
    let mut tar = Command::new("tar");
    tar.args(["-cf", "letters.tar", "-C", "in", "letter"]).current_dir(cairn.host.path());
    assert!(tar.status().unwrap().success());
    let said = cairn.run(["files", "unpack", "data", "letters.tar", "mail"]).ok();
    assert!(said.starts_with("Unpacked letters.tar (1 file, 11 B) into data."), "{said}");
    assert_eq!(cairn.run(["files", "get", "data", "mail/letter", "-"]).ok(), "Dear reader");
    cairn.run(["files", "unpack", "data", "letters.tar", "mail", "--if-there", "fail"]).failed(4);
    cairn.run(["files", "unpack", "data", "in/letter"]).failed(2);

    // The same one of the web.
    let url = serve(std::fs::read(cairn.host.path().join("letters.tar")).unwrap());
    let said = cairn.run(["files", "fetch", "data", &url, "post/", "--unpack"]).ok();
    assert!(said.starts_with("Unpacked letters.tar (1 file, 11 B) into data."), "{said}");
    assert_eq!(cairn.run(["files", "get", "data", "post/letter", "-"]).ok(), "Dear reader");
    cairn.run(["files", "put", "data", "--from-url", &url, "--unpack", "--if-there", "fail", "post"]).failed(4);
    cairn.run(["files", "put", "data", "in/letter", "--unpack", "post"]).failed(2);
}

/// Answers every request with these bytes, until this process ends.
fn serve(content: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/letters.tar", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // One that asks nothing has gone again.
            if stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {
                let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", content.len());
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&content));
            }
        }
    });
    url
}

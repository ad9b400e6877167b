//! Files of the web into a volume, from servers that are slow, break off, and say the wrong thing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use cairn_engine::{Conflict, ErrorKind, Fetch, Transfer, TransferState};

use crate::common::*;
use crate::unpacks::tar;

const LENGTH: usize = 3 << 20;

fn content() -> Vec<u8> {
    (0..LENGTH).map(|at| (at % 251) as u8).collect()
}

/// A server that was asked for so much, in this order: paths with the ranges.
#[derive(Clone)]
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    /// What it has besides the one content that it answers otherwise.
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, asked: Arc::default(), files: Arc::default() };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = serving.clone();
                // A client that goes away is what some of this is about.
                std::thread::spawn(move || serving.answer(stream.unwrap()));
            }
        });
        server
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (mut path, mut from) = (String::new(), None);
        for line in BufReader::new(stream.try_clone()?).lines() {
            let line = line?;
            if path.is_empty() {
                path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            } else if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                from = range.trim_end_matches('-').parse::<usize>().ok();
            } else if line.is_empty() {
                break;
            }
        }
        self.asked.lock().unwrap().push(from.map_or_else(|| path.clone(), |from| format!("{path} from {from}")));
        let whole = self.files.lock().unwrap().get(&path).cloned().unwrap_or_else(content);
        let all = whole.len();
        let begun = from.unwrap_or(0);
        let head = |status: &str, more: &str| format!("HTTP/1.1 {status}\r\nconnection: close\r\n{more}\r\n");
        let length = |length: usize| format!("content-length: {length}\r\netag: \"one\"\r\n");
        match path.as_str() {
            "/moved" => stream.write_all(head("302 Found", "location: /data%20file.bin\r\n").as_bytes()),
            "/latest" => stream.write_all(head("302 Found", "location: /breaks.tgz\r\n").as_bytes()),
            "/gone" => stream.write_all(head("404 Not Found", "").as_bytes()),
            "/endless" => {
                stream.write_all(head("200 OK", "").as_bytes())?;
                loop {
                    stream.write_all(&whole)?;
                }
            }
            // Each connection brings a megabyte and breaks off.
            "/breaks" | "/breaks.tgz" if from.is_none() => {
                stream.write_all(head("200 OK", &length(all)).as_bytes())?;
                stream.write_all(&whole[..1 << 20])
            }
            "/breaks" | "/breaks.tgz" => {
                let range = format!("content-range: bytes {begun}-{}/{all}\r\n", all - 1);
                let more = format!("{range}{}", length(all - begun));
                stream.write_all(head("206 Partial Content", &more).as_bytes())?;
                stream.write_all(&whole[begun..all.min(begun + (1 << 20))])
            }
            // Brings a megabyte, and no more before the client has let go of the connection.
            "/holds" if from.is_none() => {
                stream.write_all(head("200 OK", &length(all)).as_bytes())?;
                stream.write_all(&whole[..1 << 20])?;
                std::io::Read::read(&mut stream, &mut [0]).map(drop)
            }
            "/holds" => {
                let range = format!("content-range: bytes {begun}-{}/{all}\r\n", all - 1);
                let more = format!("{range}{}", length(all - begun));
                stream.write_all(head("206 Partial Content", &more).as_bytes())?;
                stream.write_all(&whole[begun..])
            }
            // How much it is, nobody says.
            "/unknown" => {
                stream.write_all(head("200 OK", "").as_bytes())?;
                stream.write_all(&whole)
            }
            _ => {
                stream.write_all(head("200 OK", &length(all)).as_bytes())?;
                stream.write_all(&whole)
            }
        }
    }

    fn fetch(&self, path: &str, destination: &str) -> Fetch {
        Fetch {
            url: format!("{}{path}", self.address),
            destination: destination.into(),
            sha256: None,
            conflict: Conflict::Fail,
            unpack: false,
        }
    }

    fn archive(&self, path: &str, destination: &str) -> Fetch {
        Fetch { unpack: true, ..self.fetch(path, destination) }
    }

    /// Has a file of the host from now on.
    fn serve(&self, path: &str, file: &Path) {
        self.files.lock().unwrap().insert(path.to_owned(), fs::read(file).unwrap());
    }
}

async fn fetched(home: &Home, fetch: Fetch) -> Transfer {
    let transfer = home.engine.files_fetch("data", fetch).await.unwrap();
    let ended = home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
    wait_until(|| !std::fs::read_dir(home.store().join("run")).unwrap().flatten().any(is_fetch)).await;
    ended
}

fn is_fetch(entry: std::fs::DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "fetch")
}

/// What is gone a moment later.
async fn wait_until(there: impl Fn() -> bool) {
    let waiting = async {
        while !there() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.expect("it comes true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_web_comes_whole_however_often_the_connection_breaks_off() {
    let (home, server) = (Home::new().await, Server::new());
    let volume = home.volume("data").await;
    for (path, destination, name) in [
        ("/moved", "", "moved"),
        ("/data%20file.bin", "seeds/", "seeds/data file.bin"),
        ("/breaks", "whole", "whole"),
        ("/unknown", "unknown", "unknown"),
    ] {
        let ended = fetched(&home, server.fetch(path, destination)).await;
        assert_eq!((ended.state, ended.error.as_deref()), (TransferState::Done, None), "{path}");
        assert!(home.read("data", name).await == content(), "{path}");
    }
    let asked = server.asked.lock().unwrap().clone();
    assert!(asked.contains(&"/breaks from 1048576".to_owned()) && asked.contains(&"/breaks from 2097152".to_owned()));
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_what_it_should_be_is_refused_and_leaves_nothing() {
    let (home, server) = (Home::new().await, Server::new());
    home.volume("data").await;
    let refused_with = |fetch: Fetch, words: &'static str| {
        let home = &home;
        async move {
            let ended = fetched(home, fetch).await;
            let error = ended.error.unwrap_or_default();
            assert!(ended.state == TransferState::Failed && error.contains(words), "{:?}: {error}", ended.state);
        }
    };
    refused_with(server.fetch("/gone", ""), "404").await;
    refused_with(server.fetch("/endless", ""), "the volume is smaller").await;
    let wrong = Fetch { sha256: Some("0".repeat(64)), ..server.fetch("/data", "") };
    refused_with(wrong, "is not the expected file").await;
    let nobody = Fetch { url: "http://127.0.0.1:1/a".into(), ..server.fetch("", "") };
    refused_with(nobody, "Could not fetch 'a' from 127.0.0.1").await;
    for url in ["file:///etc/passwd", "data.csv", "https://"] {
        let fetch = Fetch { url: url.into(), ..server.fetch("", "") };
        refused(home.engine.files_fetch("data", fetch).await, ErrorKind::InvalidInput);
    }
    let odd = Fetch { sha256: Some("abc".into()), ..server.fetch("/data", "") };
    refused(home.engine.files_fetch("data", odd).await, ErrorKind::InvalidInput);
    assert!(home.paths("data", "").await.is_empty());

    // One that is cancelled in its middle is gone.
    let transfer = home.engine.files_fetch("data", server.fetch("/endless", "")).await.unwrap();
    home.engine.transfer_cancel(transfer.id.as_str()).unwrap();
    let ended = home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
    assert_eq!(ended.state, TransferState::Cancelled);
    home.engine.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_rests_outlives_the_engine_and_goes_on_where_it_was() {
    let (home, server) = (Home::new().await, Server::new());
    let volume = home.volume("data").await;
    let transfer = home.engine.files_fetch("data", server.fetch("/holds", "seeds/")).await.unwrap();
    let id = transfer.id.as_str();
    wait_until(|| home.engine.transfer_get(id).unwrap().bytes_done == 1 << 20).await;
    home.engine.transfer_pause(id).unwrap();
    wait_until(|| home.engine.transfer_get(id).unwrap().state == TransferState::Paused).await;

    let home = home.reopen_after(|_| ()).await;
    let left = home.engine.transfer_get(id).unwrap();
    assert_eq!((left.state, left.title.as_str(), left.can_retry), (TransferState::Interrupted, "holds", true));
    home.engine.transfer_resume(id).await.unwrap();
    let ended = home.engine.transfer_wait(id).await.unwrap();
    assert_eq!((ended.state, ended.error.as_deref()), (TransferState::Done, None));
    assert!(home.read("data", "seeds/holds").await == content());
    let mut asked = server.asked.lock().unwrap().clone();
    // A client may open a connection, and then ask nothing on it.
    asked.retain(|path| !path.is_empty());
    // One that broke off before it brought anything is taken up again.
    asked.dedup();
    assert_eq!(asked, ["/holds", "/holds from 1048576"]);
    wait_until(|| !std::fs::read_dir(home.store().join("run")).unwrap().flatten().any(is_fetch)).await;
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_an_archive_of_the_web_comes_whole_or_not_at_all() {
    let (home, server) = (Home::new().await, Server::new());
    let volume = home.volume("data").await;
    let from = home.host().join("from");
    fs::create_dir_all(from.join("photos")).unwrap();
    fs::write(from.join("photos/cat"), noise(1_500_000, 3)).unwrap();
    fs::write(from.join("letter"), "new").unwrap();
    std::os::unix::fs::symlink("photos", from.join("latest")).unwrap();
    home.write("data", "in/letter", "old").await;
    home.write("data", "letter/folder", "in the way").await;
    let packed = tar(&home, &from, &["-czf"], "packed.tgz", &["."]);
    server.serve("/breaks.tgz", &packed);

    // By way of another address, and by a connection that breaks off.
    let sum = run(std::process::Command::new("sha256sum").arg(&packed));
    let known = Fetch { sha256: Some(sum[..64].to_owned()), ..server.archive("/latest", "made/anew/") };
    done(&fetched(&home, known.clone()).await);
    let back = home.host().join("back");
    done(&home.download("data", &["made/anew"], &back).await);
    assert_eq!(tree(&back), tree(&from));
    assert!(server.asked.lock().unwrap().contains(&"/breaks.tgz from 1048576".to_owned()));
    done(&fetched(&home, Fetch { conflict: Conflict::Skip, ..server.archive("/breaks.tgz", "in") }).await);
    assert_eq!(home.read("data", "in/letter").await, b"old");
    assert_eq!(home.read("data", "in/photos/cat").await, fs::read(from.join("photos/cat")).unwrap());

    // What is not the expected archive, none, not whole, or made to do harm changes nothing.
    let before = home.paths("data", "").await;
    let whole = fs::read(&packed).unwrap();
    fs::write(home.host().join("cut.tgz"), &whole[..whole.len() / 2]).unwrap();
    server.serve("/cut.tgz", &home.host().join("cut.tgz"));
    let outside = tar(&home, &from, &["-P", "--transform=s,^,../,", "-cf"], "outside.tar", &["letter"]);
    server.serve("/outside.tar", &outside);
    let wrong = Fetch { sha256: Some("0".repeat(64)), ..known };
    for (fetch, words) in [
        (wrong, "is not the expected file"),
        (server.archive("/data", "none"), "'data' is not an archive"),
        (server.archive("/cut.tgz", "none"), "damaged or not complete"),
        (server.archive("/outside.tar", ""), "leads out"),
        (server.archive("/breaks.tgz", "in"), "There is a file 'in/"),
        (server.archive("/breaks.tgz", ""), "'letter' would become a file"),
        (server.archive("/gone", ""), "404"),
    ] {
        let said = failed(&fetched(&home, fetch).await);
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(home.paths("data", "").await, before);
    home.judge(&volume);
}

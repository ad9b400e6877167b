//! Files of the web into a volume, from servers that are slow, break off, and say the wrong thing.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use cairn_engine::{Conflict, ErrorKind, Fetch, Transfer, TransferState};

use crate::common::*;

const LENGTH: usize = 3 << 20;

fn content() -> Vec<u8> {
    (0..LENGTH).map(|at| (at % 251) as u8).collect()
}

/// A server that was asked for so much, in this order: paths with the ranges.
#[derive(Clone)]
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: format!("http://{}", listener.local_addr().unwrap()), asked: Arc::default() };
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
        let whole = content();
        let begun = from.unwrap_or(0);
        let head = |status: &str, more: &str| format!("HTTP/1.1 {status}\r\nconnection: close\r\n{more}\r\n");
        let length = |length: usize| format!("content-length: {length}\r\netag: \"one\"\r\n");
        match path.as_str() {
            "/moved" => stream.write_all(head("302 Found", "location: /data%20file.bin\r\n").as_bytes()),
            "/gone" => stream.write_all(head("404 Not Found", "").as_bytes()),
            "/endless" => {
                stream.write_all(head("200 OK", "").as_bytes())?;
                loop {
                    stream.write_all(&whole)?;
                }
            }
            // Each connection brings a megabyte and breaks off.
            "/breaks" if from.is_none() => {
                stream.write_all(head("200 OK", &length(LENGTH)).as_bytes())?;
                stream.write_all(&whole[..1 << 20])
            }
            "/breaks" => {
                let range = format!("content-range: bytes {begun}-{}/{LENGTH}\r\n", LENGTH - 1);
                let more = format!("{range}{}", length(LENGTH - begun));
                stream.write_all(head("206 Partial Content", &more).as_bytes())?;
                stream.write_all(&whole[begun..LENGTH.min(begun + (1 << 20))])
            }
            // Brings a megabyte, and no more before the client has let go of the connection.
            "/holds" if from.is_none() => {
                stream.write_all(head("200 OK", &length(LENGTH)).as_bytes())?;
                stream.write_all(&whole[..1 << 20])?;
                std::io::Read::read(&mut stream, &mut [0]).map(drop)
            }
            "/holds" => {
                let range = format!("content-range: bytes {begun}-{}/{LENGTH}\r\n", LENGTH - 1);
                let more = format!("{range}{}", length(LENGTH - begun));
                stream.write_all(head("206 Partial Content", &more).as_bytes())?;
                stream.write_all(&whole[begun..])
            }
            // How much it is, nobody says.
            "/unknown" => {
                stream.write_all(head("200 OK", "").as_bytes())?;
                stream.write_all(&whole)
            }
            _ => {
                stream.write_all(head("200 OK", &length(LENGTH)).as_bytes())?;
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
        }
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

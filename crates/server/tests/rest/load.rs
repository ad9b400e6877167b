//! Many clients at once: nothing is refused, lost or mixed up. With `CAIRN_NIGHTLY=1` for a minute, else for some seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::Served;

const CLIENTS: usize = 64;
const VOLUMES: usize = 8;

/// Bytes that only this client writes in this round.
fn content(client: usize, round: usize) -> Vec<u8> {
    let length = 1 + (client * 7919 + round * 104_729) % 200_000;
    (0..length).map(|at| (at ^ (at >> 8) ^ (client * 37) ^ (round * 101)) as u8).collect()
}

/// Works until the time is over; answers how many requests that were, and in which round the file was written last.
async fn work(served: Arc<Served>, client: usize, end: Instant) -> (u64, usize) {
    let volume = format!("/v1/volumes/v{}", client % VOLUMES);
    let file = format!("{volume}/files/content?path=clients/{client}/file");
    let (mut requests, mut round) = (0, 0);
    loop {
        round += 1;
        let entry = served.put(&file, content(client, round)).await.ok();
        assert_eq!(entry["size"], content(client, round).len());
        let read = served.ask(Method::GET, &file).send().await.unwrap();
        assert_eq!(read.status(), 200);
        assert!(read.bytes().await.unwrap() == content(client, round), "client {client}, round {round}");
        let path = format!("{volume}/files/stat?path=clients/{client}/file");
        assert_eq!(served.get(&path).await.ok()["size"], content(client, round).len());
        let form = content(client, round + 1);
        let name = format!("clients/{client}/form");
        let fields: [(&str, &[u8]); 3] = [("path", name.as_bytes()), ("overwrite", b"true"), ("file", &form)];
        served.upload(&format!("v{}", client % VOLUMES), &fields).await.ok();
        match (client + round) % 4 {
            0 => drop(served.get("/v1/volumes").await.ok()),
            1 => drop(served.get(&format!("{volume}/files?prefix=clients/{client}")).await.ok()),
            2 => drop(served.get("/v1/transfers").await.ok()),
            _ => drop(
                served
                    .post(&format!("{volume}/files/mkdir"), json!({ "path": format!("folders/{client}-{round}") }))
                    .await
                    .ok(),
            ),
        }
        requests += 5;
        if Instant::now() >= end {
            return (requests, round);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_at_once_lose_nothing_and_mix_nothing_up() {
    let served = Arc::new(Served::new().await);
    for number in 0..VOLUMES {
        served.volume(&format!("v{number}")).await;
    }
    let time = if std::env::var_os("CAIRN_NIGHTLY").is_some() { 60 } else { 4 };
    let end = Instant::now() + Duration::from_secs(time);
    let clients: Vec<_> = (0..CLIENTS).map(|client| tokio::spawn(work(served.clone(), client, end))).collect();
    let (mut requests, mut rounds) = (0, Vec::new());
    for client in clients {
        let (more, last) = client.await.unwrap();
        requests += more;
        rounds.push(last);
    }
    println!("{requests} requests of {CLIENTS} clients in {time} seconds");
    for (client, &round) in rounds.iter().enumerate() {
        for (name, round) in [("file", round), ("form", round + 1)] {
            let path = format!("/v1/volumes/v{}/files/content?path=clients/{client}/{name}", client % VOLUMES);
            let read = served.ask(Method::GET, &path).send().await.unwrap().bytes().await.unwrap();
            assert!(read == content(client, round), "client {client}: {name} is not what was written last");
        }
    }
    for number in 0..VOLUMES {
        assert_eq!(served.get(&format!("/v1/volumes/v{number}/check")).await.ok()["clean"], true);
    }
    Arc::into_inner(served).unwrap().end().await;
}

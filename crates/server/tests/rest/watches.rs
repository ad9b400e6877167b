//! Watched folders, archives that are unpacked, and files that are sent to become something, over REST.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::exchange::ended;
use crate::support::Served;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_kept_in_step_as_long_as_it_is_watched() {
    let served = Served::new().await;
    served.volume("data").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter"), "Dear reader").unwrap();
    std::fs::write(folder.path().join("noise.log"), "noise").unwrap();
    let new = json!({ "host_path": folder.path(), "path": "in", "ignore": ["*.log"] });
    let added = served.post("/v1/volumes/data/watches", new.clone()).await.ok();
    assert_eq!((added["path"].as_str(), added["delete"].as_bool()), (Some("in"), Some(false)));
    let watch = loop {
        let watch = served.get("/v1/volumes/data/watches").await.ok()[0].clone();
        if watch["state"] == "watching" {
            break watch;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!((watch["files"].as_u64(), watch["id"] == added["id"]), (Some(1), true));
    assert_eq!(served.paths("data").await, ["in", "in/letter"]);
    assert_eq!(served.get("/v1/watches").await.ok().as_array().map(Vec::len), Some(1));

    served.post("/v1/volumes/data/watches", new).await.refused(409, "already-exists");
    let relative = json!({ "host_path": "here" });
    served.post("/v1/volumes/data/watches", relative).await.refused(422, "invalid-input");
    served.get("/v1/volumes/none/watches").await.refused(404, "not-found");
    let address = format!("/v1/volumes/data/watches/{}", added["id"].as_str().unwrap());
    served.delete(&address).await.ok();
    served.delete(&address).await.refused(404, "not-found");
    assert_eq!(served.get("/v1/watches").await.ok(), json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_the_server_or_of_the_client_is_unpacked_or_becomes_a_volume() {
    let served = Served::new().await;
    served.volume("data").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter"), "Dear reader").unwrap();
    let archive = folder.path().join("letters.tar.gz");
    let packed = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(folder.path()).arg("letter").status();
    assert!(packed.unwrap().success());

    let unpack = json!({ "archive": archive, "destination": "here" });
    let done = ended(&served, served.post("/v1/volumes/data/transfers/unpack", unpack).await.ok()).await;
    assert_eq!(done["state"], "done", "{done}");
    let relative = json!({ "archive": "letters.tar.gz" });
    served.post("/v1/volumes/data/transfers/unpack", relative).await.refused(422, "invalid-input");

    let sent = std::fs::read(&archive).unwrap();
    let send = async |address: &str, body: &[u8]| served.put(address, body.to_vec()).await;
    let begun = send("/v1/volumes/data/transfers/unpack?file=letters.tar.gz&path=sent", &sent).await.ok();
    let done: Value = ended(&served, begun).await;
    assert_eq!((done["state"].as_str(), done["title"].as_str()), (Some("done"), Some("letters.tar.gz")));
    assert_eq!(served.paths("data").await, ["here", "here/letter", "sent", "sent/letter"]);
    let begun = send("/v1/transfers/import?file=letters.tar.gz&name=mail", &sent).await.ok();
    assert_eq!(ended(&served, begun).await["state"], "done");
    assert_eq!(served.paths("mail").await, ["letter"]);
    let again = send("/v1/volumes/data/transfers/unpack?file=a.tar.gz&path=sent&conflict=fail", &sent).await.ok();
    assert_eq!(ended(&served, again).await["error_code"], "already-exists");

    for (address, code) in [
        ("/v1/transfers/import?name=mail", "invalid-input"),
        ("/v1/transfers/import?file=../x", "invalid-input"),
        ("/v1/transfers/import?file=x&partition=first", "invalid-input"),
        ("/v1/volumes/data/transfers/unpack?file=x&conflict=perhaps", "invalid-input"),
        ("/v1/volumes/data/transfers/unpack?file=x", "invalid-input"),
    ] {
        send(address, b"no archive").await.refused(422, code);
    }
    send("/v1/volumes/none/transfers/unpack?file=x", &sent).await.refused(404, "not-found");
    served.end().await;
}

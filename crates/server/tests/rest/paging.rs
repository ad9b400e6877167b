//! Long lists page by page, while somebody else changes them; and bare arrays for who asks for no page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Served;

/// All that the list at `address` has, told by `field`, in pages of so many; `between` happens between the pages.
async fn pages(served: &Served, address: &str, field: &str, limit: usize, between: impl AsyncFn(usize)) -> Vec<String> {
    let (mut told, mut cursor) = (Vec::new(), String::new());
    for number in 0.. {
        let joint = if address.contains('?') { '&' } else { '?' };
        let page = served.get(&format!("{address}{joint}limit={limit}&cursor={cursor}")).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        told.extend(items.iter().map(|item| item[field].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::Null => break,
            next => cursor = next.as_str().unwrap().to_owned(),
        }
        between(number).await;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_told_once_though_others_come_and_go() {
    let served = Served::new().await;
    served.volume("data").await;
    let put = async |path: &str| served.put(&format!("/v1/volumes/data/files/content?path={path}"), "x").await.ok();
    for folder in ["a", "a.b", "a/c", "b"] {
        for number in 0..6 {
            put(&format!("{folder}/{number}")).await;
        }
    }
    let list = "/v1/volumes/data/files";
    let bare = served.get(list).await.ok();
    let all: Vec<String> =
        bare.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect();
    for limit in [1, 4, 10_000] {
        assert_eq!(pages(&served, list, "path", limit, async |_| ()).await, all, "{limit}");
    }
    let below: Vec<_> = all.iter().filter(|path| path.starts_with("a/")).cloned().collect();
    assert_eq!(pages(&served, &format!("{list}?prefix=a"), "path", 2, async |_| ()).await, below);

    let told = pages(&served, list, "path", 3, async |number| {
        put(&format!("a/{number}-new")).await;
        served.delete(&format!("{list}?path=b/{}", number % 6)).await;
    });
    let told = told.await;
    let once: BTreeSet<_> = told.iter().collect();
    assert_eq!(once.len(), told.len(), "something was told twice: {told:?}");
    let stayed = |path: &&String| !path.starts_with("b/");
    assert!(all.iter().filter(stayed).all(|path| told.contains(path)), "{told:?}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn volumes_checkpoints_transfers_and_the_audit_log_have_pages_too() {
    let served = Served::new().await;
    for name in ["b", "A", "c", "d"] {
        served.volume(name).await;
    }
    let rename = async |_| drop(served.patch("/v1/volumes/A", json!({ "name": "zz" })).await);
    assert_eq!(pages(&served, "/v1/volumes", "name", 2, rename).await, ["A", "b", "c", "d", "zz"]);
    assert!(served.get("/v1/volumes?limit=2").await.ok()["next_cursor"].is_string());
    assert_eq!(served.get("/v1/volumes").await.ok().as_array().unwrap().len(), 4);

    let names: Vec<String> = (0..5).map(|number| format!("c{number}")).collect();
    for name in &names {
        served.post("/v1/volumes/b/checkpoints", json!({ "name": name })).await.ok();
    }
    let list = "/v1/volumes/b/checkpoints";
    assert_eq!(pages(&served, list, "name", 2, async |_| ()).await, names);
    // The last one of the first page goes: nothing is missed.
    let told = pages(&served, list, "name", 2, async |_| drop(served.delete(&format!("{list}/c1")).await)).await;
    assert_eq!(told, names);

    assert_eq!(served.get("/v1/transfers?cursor=").await.ok(), json!({ "items": [], "next_cursor": null }));
    let bare = served.get("/v1/audit?limit=100").await.ok();
    let add = async |_| drop(served.post("/v1/volumes/b/checkpoints", json!({})).await);
    let told = pages(&served, "/v1/audit", "at", 3, add).await;
    let expected: Vec<_> = bare.as_array().unwrap().iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert_eq!(told, expected);

    for list in ["/v1/volumes", "/v1/audit", "/v1/transfers", list, "/v1/volumes/b/files"] {
        for wrong in ["cursor=x", "cursor=%20", "cursor=AAAA"] {
            served.get(&format!("{list}?{wrong}")).await.refused(404, "not-found");
        }
        served.get(&format!("{list}?limit=-1&cursor=")).await.refused(422, "invalid-input");
        let nothing = served.get(&format!("{list}?limit=0&cursor=")).await.ok();
        assert_eq!(nothing, json!({ "items": [], "next_cursor": "" }));
    }
    let cursor = served.get("/v1/volumes?limit=1").await.ok()["next_cursor"].as_str().unwrap().to_owned();
    served.get(&format!("/v1/transfers?cursor={cursor}")).await.refused(404, "not-found");
    served.end().await;
}

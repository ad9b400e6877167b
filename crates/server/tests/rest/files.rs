//! Files: forms and base64 as the seed's client has them, raw bytes as Cairn's own surfaces do.

use reqwest::Method;
use serde_json::json;

use crate::support::{FORM, Served, form, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_uploaded_listed_downloaded_and_deleted() {
    let served = Served::new().await;
    served.volume("data").await;
    let up = served
        .upload("data", &[("path", "a/日本語.txt".as_bytes()), ("overwrite", b"false"), ("file", b"hello")])
        .await;
    assert_eq!(up.ok()["size"], 5);

    let list = served.get("/v1/volumes/data/files?prefix=a&recursive=true&limit=1000").await.ok();
    assert_eq!((list[0]["path"].as_str(), list[0]["size"].as_u64()), (Some("a/日本語.txt"), Some(5)));

    let down = served.post("/v1/volumes/data/files/download", json!({ "path": "a/日本語.txt" })).await.ok();
    assert_eq!(down, json!({ "path": "a/日本語.txt", "filename": "日本語.txt", "size": 5, "content": "aGVsbG8=" }));

    let gone = served.delete("/v1/volumes/data/files?path=a/%E6%97%A5%E6%9C%AC%E8%AA%9E.txt").await;
    assert!(gone.ok().is_object());
    assert_eq!(served.paths("data").await, ["a"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_are_deleted_at_once_all_or_none() {
    let served = Served::new().await;
    served.volume("data").await;
    for path in ["a", "b", "c/d"] {
        served.put(&format!("/v1/volumes/data/files/content?path={path}"), "x").await.ok();
    }
    let delete = async |body| served.post("/v1/volumes/data/files/delete", body).await;
    delete(json!({ "paths": ["a", "none"] })).await.refused(404, "not-found");
    delete(json!({ "paths": ["a", "c"] })).await.refused(409, "conflict");
    delete(json!({ "paths": [] })).await.refused(422, "invalid-input");
    assert_eq!(served.paths("data").await, ["a", "b", "c", "c/d"]);
    let gone = delete(json!({ "paths": ["a", "c"], "recursive": true })).await.ok();
    assert_eq!(gone, json!({ "paths": ["a", "c"], "deleted": true }));
    assert_eq!(served.paths("data").await, ["b"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_overwritten_only_when_asked() {
    let served = Served::new().await;
    served.volume("data").await;
    for (overwrite, content, expected) in [("false", "one", 200), ("false", "two", 403), ("true", "three", 200)] {
        let fields: &[(&str, &[u8])] =
            &[("path", b"f"), ("overwrite", overwrite.as_bytes()), ("file", content.as_bytes())];
        let said = served.upload("data", fields).await;
        assert_eq!(said.status, expected, "{said:?}");
    }
    served.put("/v1/volumes/data/files/content?path=f&overwrite=false", "four").await.refused(403, "already-exists");
    served.put("/v1/volumes/data/files/content?path=f", "five").await.ok();
    let content = served.ask(Method::GET, "/v1/volumes/data/files/content?path=f").send().await.unwrap();
    assert_eq!(content.text().await.unwrap(), "five");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_bytes_go_in_and_out_and_are_never_shown_as_a_page() {
    let served = Served::new().await;
    served.volume("data").await;
    let page = "<script>alert(1)</script>";
    let entry = served.put("/v1/volumes/data/files/content?path=/x/%22a%22%20b.html", page).await.ok();
    assert_eq!((entry["path"].as_str(), entry["name"].as_str()), (Some("x/\"a\" b.html"), Some("\"a\" b.html")));

    let answer =
        served.ask(Method::GET, "/v1/volumes/data/files/content?path=x/%22a%22%20b.html").send().await.unwrap();
    let headers = answer.headers().clone();
    assert_eq!(headers["content-length"], "25");
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert_eq!(headers["content-disposition"], "attachment; filename*=UTF-8''%22a%22%20b.html");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.text().await.unwrap(), page);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_file() {
    let served = Served::new().await;
    served.volume("data").await;
    served.upload("data", &[("path", b"form"), ("overwrite", b"false"), ("file", b"")]).await.ok();
    served.put("/v1/volumes/data/files/content?path=raw", "").await.ok();
    for path in ["form", "raw"] {
        let down = served.post("/v1/volumes/data/files/download", json!({ "path": path })).await.ok();
        assert_eq!((down["size"].as_u64(), down["content"].as_str()), (Some(0), Some("")));
        let content = served.ask(Method::GET, &format!("/v1/volumes/data/files/content?path={path}"));
        assert_eq!(content.send().await.unwrap().bytes().await.unwrap().len(), 0);
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn base64_of_every_length_is_whole() {
    let served = Served::new().await;
    served.volume("data").await;
    // Around the padding, and around the pieces that are read at once.
    for length in [1, 2, 3, 4, 786_431, 786_432, 786_433, 1_572_865] {
        let content: Vec<u8> = (0..length).map(|index: usize| (index * 7 % 251) as u8).collect();
        served.put("/v1/volumes/data/files/content?path=f", content.clone()).await.ok();
        let down = served.post("/v1/volumes/data/files/download", json!({ "path": "f" })).await.ok();
        let text = down["content"].as_str().unwrap();
        assert_eq!(base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text).unwrap(), content, "{length}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_made_looked_at_renamed_and_deleted() {
    let served = Served::new().await;
    served.volume("data").await;
    let made = served.post("/v1/volumes/data/files/mkdir", json!({ "path": "a/b" })).await.ok();
    assert_eq!((made["path"].as_str(), made["kind"].as_str()), (Some("a/b"), Some("directory")));
    served.put("/v1/volumes/data/files/content?path=a/b/f", "x").await.ok();
    let moved = served.post("/v1/volumes/data/files/rename", json!({ "from": "a", "to": "c" })).await.ok();
    assert_eq!(moved["path"], "c");
    let stat = served.get("/v1/volumes/data/files/stat?path=c/b/f").await.ok();
    assert_eq!((stat["kind"].as_str(), stat["size"].as_u64()), (Some("file"), Some(1)));
    served.get("/v1/volumes/data/files/stat?path=a").await.refused(404, "not-found");

    let top = served.get("/v1/volumes/data/files?recursive=false&limit=10").await.ok();
    assert!(top.as_array().unwrap().iter().all(|file| !file["path"].as_str().unwrap().contains('/')));
    assert_eq!(served.get("/v1/volumes/data/files?prefix=c&limit=1").await.ok().as_array().unwrap().len(), 1);

    served.delete("/v1/volumes/data/files?path=c").await.refused(409, "conflict");
    served.delete("/v1/volumes/data/files?path=c&recursive=true").await.ok();
    assert!(served.paths("data").await.is_empty());
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_as_it_should_be_says_what_is_wrong() {
    let served = Served::new().await;
    served.volume("data").await;
    let word = |name: &str, fields: &[(&str, &[u8])]| (name.to_owned(), form(fields));
    for (expected, body) in [
        word("'file' is missing", &[("path", b"f"), ("overwrite", b"true")]),
        word("'path' is missing", &[("overwrite", b"true"), ("file", b"x")]),
        word("comes after 'file'", &[("file", b"x"), ("path", b"f")]),
        word("'overwrite' is true or false, not 'yes'", &[("path", b"f"), ("overwrite", b"yes"), ("file", b"x")]),
        word("not UTF-8", &[("path", b"\xff"), ("file", b"x")]),
        ("cannot be read".to_owned(), b"no form at all".to_vec()),
        ("cannot be read".to_owned(), form(&[("path", b"f"), ("file", b"cut off")])[..90].to_vec()),
    ] {
        let request = served.ask(Method::POST, "/v1/volumes/data/files/upload").header("content-type", FORM);
        let sentence = said(request.body(body)).await.refused(422, "invalid-input");
        assert!(sentence.contains(&expected), "{sentence}");
    }
    let json = served.post("/v1/volumes/data/files/upload", json!({ "path": "f" })).await;
    assert!(json.refused(422, "invalid-input").contains("multipart/form-data"));
    assert!(served.paths("data").await.is_empty());
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_broke_off_goes_on_as_long_as_the_file_is_the_same() {
    let served = Served::new().await;
    served.volume("data").await;
    const PATH: &str = "/v1/volumes/data/files/content?path=f";
    let asked = async |method: Method, headers: &[(&str, &str)]| {
        let ask = headers.iter().fold(served.ask(method, PATH), |ask, (name, value)| ask.header(*name, *value));
        let answer = ask.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let said = move |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        (status, said, answer.text().await.unwrap())
    };
    served.put(PATH, "0123456789").await.ok();
    let (status, said, whole) = asked(Method::GET, &[]).await;
    assert_eq!((status, &*whole, &*said("accept-ranges")), (200, "0123456789", "bytes"));
    let (tag, modified) = (said("etag"), said("last-modified"));
    assert!(tag.starts_with('"') && modified.ends_with(" GMT"), "{tag} {modified}");

    let on = [("range", "bytes=4-"), ("if-range", tag.as_str())];
    let (status, said, part) = asked(Method::GET, &on).await;
    assert_eq!((status, &*part, &*said("content-range")), (206, "456789", "bytes 4-9/10"));
    assert_eq!((said("content-length"), said("etag")), ("6".to_owned(), tag.clone()));
    let (status, said, none) = asked(Method::HEAD, &on).await;
    assert_eq!((status, &*none, said("content-length")), (200, "", "10".to_owned()));
    let (status, said, why) = asked(Method::GET, &[("range", "bytes=10-")]).await;
    assert_eq!((status, said("content-range")), (416, "bytes */10".to_owned()));
    assert!(why.contains("'f' has 10 bytes"), "{why}");
    for (name, value) in [("if-none-match", tag.as_str()), ("if-modified-since", modified.as_str())] {
        let (status, said, none) = asked(Method::GET, &[(name, value)]).await;
        assert_eq!((status, &*none, said("etag")), (304, "", tag.clone()));
    }

    served.post("/v1/volumes/data/checkpoints", json!({ "name": "before" })).await.ok();
    served.put(PATH, "9876543210").await.ok();
    let (status, said, whole) = asked(Method::GET, &on).await;
    assert_eq!((status, &*whole), (200, "9876543210"));
    assert!(said("etag") != tag);
    let (status, _, why) = asked(Method::GET, &[("if-match", &tag)]).await;
    assert!(status == 412 && why.contains("\"conflict\""), "{status} {why}");
    let before = served.ask(Method::GET, &format!("{PATH}&at=before")).header("range", "bytes=-3");
    let before = before.header("if-range", &tag).send().await.unwrap();
    assert_eq!((before.status().as_u16(), before.text().await.unwrap()), (206, "789".to_owned()));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_overwrites_a_file_that_they_have_not_seen() {
    let served = Served::new().await;
    served.volume("data").await;
    const PATH: &str = "/v1/volumes/data/files/content?path=f";
    let put = async |range: &str, condition: (&str, &str), body: &'static str| {
        let mut ask = served.ask(Method::PUT, PATH).header(condition.0, condition.1).body(body);
        if !range.is_empty() {
            ask = ask.header("content-range", range);
        }
        let answer = ask.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let version = async || {
        let answer = served.ask(Method::GET, PATH).send().await.unwrap();
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        (tag, answer.text().await.unwrap())
    };
    assert_eq!(put("", ("if-match", "*"), "first").await.0, 412);
    assert!(served.paths("data").await.is_empty());
    assert_eq!(put("", ("if-none-match", "*"), "first").await.0, 200);
    let (first, _) = version().await;
    assert_eq!(put("", ("if-none-match", "*"), "other").await.0, 412);
    assert_eq!(put("", ("if-match", &first), "second").await.0, 200);
    let (status, why) = put("", ("if-match", &first), "third").await;
    assert!(status == 412 && why.contains("'f' is another than the one that was meant"), "{status} {why}");

    // The same holds for a file in parts, also when it has changed while they came.
    let (second, content) = version().await;
    assert_eq!(content, "second");
    assert_eq!(put("bytes 0-2/6", ("if-match", &first), "thi").await.0, 412);
    assert_eq!(put("bytes 0-2/6", ("if-match", &second), "thi").await.0, 202);
    served.put(PATH, "between").await.ok();
    assert_eq!(put("bytes 3-5/6", ("if-match", &second), "rd!").await.0, 412);
    let (between, content) = version().await;
    assert_eq!(content, "between");
    assert_eq!(put("bytes */6", ("if-match", &between), "").await.0, 200);
    assert_eq!(version().await.1, "third!");
    served.end().await;
}

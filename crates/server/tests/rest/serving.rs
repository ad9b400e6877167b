//! Where the server listens, how it is found, and the web UI's files.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cairn_engine::ErrorKind;
use cairn_server::{ApiFile, ServeOptions, api_file, key_file, serve};

use crate::support::{Served, said};

#[tokio::test(flavor = "multi_thread")]
async fn only_loopback_addresses_are_listened_on() {
    let served = Served::new().await;
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let options = ServeOptions { listen: listen.parse().unwrap(), ..ServeOptions::default() };
        let error = serve(served.engine.clone(), options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("loopback"), "{error}");
    }
    let taken = ServeOptions { listen: served.addr(), ..ServeOptions::default() };
    assert_eq!(serve(served.engine.clone(), taken).await.unwrap_err().kind(), ErrorKind::InUse);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_server_is_found_by_its_owner_and_keeps_its_key() {
    let served = Served::with(ServeOptions { publish: true, ..ServeOptions::default() }).await;
    let store = served.store.path().to_owned();
    let said = ApiFile::read(&store).unwrap();
    assert_eq!((said.url.as_str(), said.pid), (served.running.url.as_str(), std::process::id()));
    for file in [api_file(&store), key_file(&store)] {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    assert_eq!(fs::read_to_string(key_file(&store)).unwrap(), served.running.key);

    let (engine, key) = (served.engine.clone(), served.running.key.clone());
    served.running.shut_down().await;
    assert!(ApiFile::read(&store).is_none());
    let again = serve(engine, ServeOptions { publish: true, ..ServeOptions::default() }).await.unwrap();
    assert_eq!(again.key, key);
    again.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_published_writes_nothing() {
    let served = Served::new().await;
    assert!(!api_file(served.store.path()).exists() && !key_file(served.store.path()).exists());
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn about_and_doctor_say_what_runs_here() {
    let served = Served::new().await;
    let about = served.get("/v1/about").await.ok();
    assert_eq!(about["store"].as_str(), served.store.path().to_str());
    assert_eq!(about["url"].as_str(), Some(served.running.url.as_str()));
    let checks = served.get("/v1/doctor").await.ok();
    assert!(checks.as_array().unwrap().iter().all(|check| check["ok"].is_boolean() && check["detail"].is_string()));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ui_is_served_without_a_key_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let ui = folder.path().join("dist");
    fs::create_dir_all(ui.join("assets")).unwrap();
    fs::write(ui.join("index.html"), "<!doctype html>").unwrap();
    fs::write(ui.join("assets/app.js"), "1").unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let served = Served::with(ServeOptions { ui: Some(ui), ..ServeOptions::default() }).await;
    let get = async |path: &str| served.client.get(format!("{}{path}", served.running.url)).send().await.unwrap();

    let page = get("/").await;
    assert_eq!(page.headers()["content-type"], "text/html");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(page.text().await.unwrap(), "<!doctype html>");
    assert_eq!(get("/assets/app.js").await.text().await.unwrap(), "1");

    for path in ["/none.js", "/..%2Fsecret", "/%2e%2e/secret", "/v1/none"] {
        said(served.client.get(format!("{}{path}", served.running.url))).await.refused(404, "not-found");
    }
    said(served.client.post(format!("{}/", served.running.url))).await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ui_that_is_not_built_is_said_at_once() {
    let served = Served::new().await;
    let options = ServeOptions { ui: Some(served.store.path().join("none")), ..ServeOptions::default() };
    let error = serve(served.engine.clone(), options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    served.end().await;
}

//! Other computers are served over TLS, by addresses and names that are the server's own.

use cairn_engine::ErrorKind;
use cairn_server::{Bounds, ServeOptions, Tls, api_file, serve, socket_file};
use reqwest::{Certificate, Client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::support::Served;

fn open_to_others() -> ServeOptions {
    ServeOptions {
        listen: "0.0.0.0:0".parse().unwrap(),
        tls: Some(Tls::Generated),
        names: vec!["files.example".to_owned()],
        publish: true,
        ..ServeOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_computers_are_served_over_tls_with_a_certificate_that_can_be_known() {
    let served = Served::with(open_to_others()).await;
    assert!(served.running.url.starts_with("https://127.0.0.1:"), "{}", served.running.url);
    let announced = std::fs::read_to_string(api_file(served.store.path())).unwrap();
    assert!(announced.contains(served.running.fingerprint.as_ref().unwrap()), "{announced}");

    let pem = std::fs::read(served.store.path().join("run/tls-certificate.pem")).unwrap();
    let address = served.addr().port();
    let roots = Client::builder().no_proxy().tls_certs_only([Certificate::from_pem(&pem).unwrap()]);
    let client = roots.resolve("files.example", ([127, 0, 0, 1], address).into()).build().unwrap();
    for host in ["127.0.0.1", "localhost", "files.example"] {
        let url = format!("https://{host}:{address}/v1/volumes");
        assert_eq!(client.get(&url).send().await.unwrap().status(), 401, "{host}");
        let answer = client.get(&url).header("X-API-Key", &served.running.key).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{host}");
        let other = client.get(&url).header("Host", "evil.example").send().await.unwrap();
        assert_eq!(other.status(), 403, "{host}");
    }
    // Whoever does not know the certificate does not send anything.
    let stranger = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(format!("https://127.0.0.1:{address}/v1/health")).send().await.is_err());
    // In clear nothing is answered.
    let mut plain = TcpStream::connect(("127.0.0.1", address)).await.unwrap();
    plain.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_is_said_at_once() {
    let served = Served::new().await;
    let none = served.store.path().join("none.pem");
    let tls = Some(Tls::Files { certificate: none.clone(), key: none });
    let error = serve(served.engine.clone(), ServeOptions { tls, ..ServeOptions::default() }).await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("none.pem"), "{error}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stores_own_socket_is_its_owners_and_asks_for_no_key() {
    use std::os::unix::fs::PermissionsExt;

    let served =
        Served::with(ServeOptions { publish: true, bounds: Bounds::default(), ..ServeOptions::default() }).await;
    let path = socket_file(served.store.path());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let ask = async |host: &str| {
        let mut stream = UnixStream::connect(&path).await.unwrap();
        let request = format!("GET /v1/volumes HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = ask("localhost").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("[]"), "{answer}");
    assert!(ask("evil.example").await.starts_with("HTTP/1.1 403"));
    served.running.shut_down().await;
    assert!(!path.exists());
}

//! Sends a form to a real server on a store of its own: an input is the body of `POST /v1/volumes/data/files/upload`.
#![no_main]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;

use cairn_engine::{Engine, ListFiles, NewVolume, OpenOptions};
use cairn_server::{Running, ServeOptions, serve};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

/// Files are removed when there are so many.
const MANY: usize = 200;

struct Served {
    runtime: Runtime,
    engine: Engine,
    running: Running,
    _store: tempfile::TempDir,
}

static SERVED: LazyLock<Served> = LazyLock::new(|| {
    let store = tempfile::tempdir().expect("a folder");
    let runtime = Runtime::new().expect("a runtime");
    let (engine, running) = runtime.block_on(async {
        let engine = Engine::open(OpenOptions::new(store.path())).await.expect("a store");
        let new = NewVolume { name: "data".to_owned(), quota_bytes: 64 << 20 };
        engine.volume_create(new).await.expect("a volume");
        let running = serve(engine.clone(), ServeOptions::default()).await.expect("a server");
        (engine, running)
    });
    Served { runtime, engine, running, _store: store }
});

impl Served {
    /// The status that the form is answered.
    fn send(&self, form: &[u8]) -> u16 {
        let mut stream = TcpStream::connect(self.running.addr).expect("the server listens");
        let head = format!(
            "POST /v1/volumes/data/files/upload HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {}\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
            self.running.key,
            form.len()
        );
        // Who is refused early may find the connection closed.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(form));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        status.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&answer)))
    }

    /// What is in the volume holds together, and is cleared away when it is much.
    fn look(&self) {
        let list = ListFiles { recursive: true, ..ListFiles::default() };
        let files = self.runtime.block_on(self.engine.file_list("data", list)).expect("the files are listed");
        let paths: Vec<String> = files.into_iter().map(|file| file.path).collect();
        assert!(paths.iter().all(|path| path.split('/').all(|name| !matches!(name, "" | "." | ".."))), "{paths:?}");
        if paths.len() > MANY {
            let top: Vec<String> = paths.into_iter().filter(|path| !path.contains('/')).collect();
            self.runtime.block_on(self.engine.files_delete("data", &top, true)).expect("files are deleted");
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let status = SERVED.send(input);
    assert!(status < 500, "{status}");
    if status == 200 {
        SERVED.look();
    }
});

//! `cairn serve`: the engine and its REST server, until Ctrl-C.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cairn_api::ErrorCode;
use cairn_engine::{Engine, OpenOptions};
use cairn_server::{ApiFile, Running, ServeOptions};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::session;
use crate::size;

/// How to serve.
#[derive(Args)]
#[command(
    after_help = "Example:\n  cairn serve --listen 127.0.0.1:8080\n\nWhile it runs, every other cairn command talks to it."
)]
pub(crate) struct Serve {
    /// A loopback address and a port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:22476")]
    listen: SocketAddr,
    /// The folder of the built web UI
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
    /// How long a guest may be frozen for a checkpoint
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    longest_freeze: f64,
    /// How much of this computer's disk stays free of what only makes volumes quick; at half of it that is dropped
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size::parse)]
    keep_free: u64,
}

/// Between a hundredth of a second and a minute: nobody's guest stands still for longer.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=60.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.01 to 60 is wanted".to_owned()),
    }
}

/// Serves until `interrupted`. Machines go on running.
pub(crate) async fn run(
    command: Serve,
    store: &Path,
    out: &Output,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Failure> {
    if let (Some(_), Some(said)) = (session::find(store).await?, ApiFile::read(store)) {
        let message =
            format!("The store '{}' is served on {} by process {} already.", store.display(), said.url, said.pid);
        return Err(Failure::new(ErrorCode::InUse, message).hint("Use that one, or end it first."));
    }
    let _log = session::begin_log(store);
    let longest_freeze = Duration::from_secs_f64(command.longest_freeze);
    let keep_free = command.keep_free;
    let engine = Engine::open(OpenOptions { longest_freeze, keep_free, ..OpenOptions::new(store) }).await?;
    let options = ServeOptions { listen: command.listen, ui: command.ui, publish: true };
    let with_ui = options.ui.is_some();
    let running = match cairn_server::serve(engine.clone(), options).await {
        Ok(running) => running,
        Err(error) => {
            let _ = engine.close().await;
            return Err(error.into());
        }
    };
    let said = tell(&running, store, with_ui, out);
    if said.is_ok() {
        interrupted.await;
    }
    running.shut_down().await;
    engine.close().await?;
    said
}

fn tell(running: &Running, store: &Path, with_ui: bool, out: &Output) -> Result<(), Failure> {
    let key_file = cairn_server::key_file(store);
    let facts = json!({ "url": running.url, "pid": std::process::id(), "store": store, "key_file": key_file });
    out.show(&facts, |out, _| {
        out.line(&format!("Serving the store {} on {}", store.display(), running.url))?;
        out.line(&format!("The API key is in {}", key_file.display()))?;
        if with_ui {
            out.line(&format!("Open {}/?key={}", running.url, running.key))?;
        }
        out.note("Ctrl-C ends it; machines go on running.");
        Ok(())
    })
}

//! What the shell holds while it runs: the engine and its server, once they are open, or why they are not.
//!
//! The window appears before the store is open; whoever asks for the engine waits for it.

use std::path::Path;

use cairn_engine::{Engine, Event, OpenOptions};
use cairn_server::{Running, ServeOptions};
use tokio::sync::{Mutex, SetOnce, broadcast};

use crate::refusal::{Answer, Refusal};

/// The one engine of this process.
#[derive(Debug, Default)]
pub(crate) struct Shell {
    engine: SetOnce<Answer<Engine>>,
    server: Mutex<Option<Running>>,
}

impl Shell {
    /// Opens the store and serves it on loopback, so that the command `cairn` talks to this engine; answers the
    /// engine's events from its very beginning. What goes wrong with the store is kept for everybody who asks;
    /// without a server the window works on.
    pub(crate) async fn open(&self, store: &Path) -> Answer<broadcast::Receiver<Event>> {
        let options = OpenOptions::new(store);
        let opened = Engine::open(options).await.map_err(Refusal::from);
        let events = opened.as_ref().map(Engine::subscribe).map_err(Refusal::clone);
        match &opened {
            Ok(engine) => *self.server.lock().await = serve(engine.clone()).await,
            Err(refusal) => tracing::error!(store = %store.display(), "{}", refusal.sentence()),
        }
        self.engine.set(opened).ok();
        events
    }

    /// The engine, as soon as the store is open.
    pub(crate) async fn engine(&self) -> Answer<&Engine> {
        self.engine.wait().await.as_ref().map_err(Refusal::clone)
    }

    /// Where the engine is served, when it is.
    pub(crate) async fn url(&self) -> Option<String> {
        self.server.lock().await.as_ref().map(|server| server.url.clone())
    }

    /// Ends the server, waits for what the engine is doing, and lets go of the store. Machines go on running.
    pub(crate) async fn close(&self) {
        if let Some(server) = self.server.lock().await.take() {
            server.shut_down().await;
        }
        if let Some(Ok(engine)) = self.engine.get()
            && let Err(error) = engine.clone().close().await
        {
            tracing::error!(%error, "the engine did not close cleanly");
        }
    }
}

async fn serve(engine: Engine) -> Option<Running> {
    let options = ServeOptions { publish: true, ..ServeOptions::default() };
    match cairn_server::serve(engine, options).await {
        Ok(running) => Some(running),
        Err(error) => {
            tracing::error!(%error, "the command line cannot reach this window's engine");
            None
        }
    }
}

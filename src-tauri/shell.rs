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
    /// Opens the store and, when it `serves`, does so on loopback, so that the command `cairn` talks to this engine; answers the
    /// engine's events from its very beginning. What goes wrong with the store is kept for everybody who asks;
    /// without a server the window works on.
    pub(crate) async fn open(&self, store: &Path, serves: bool) -> Answer<broadcast::Receiver<Event>> {
        let options = OpenOptions::new(store);
        let opened = Engine::open(options).await.map_err(Refusal::from);
        let events = opened.as_ref().map(Engine::subscribe).map_err(Refusal::clone);
        match &opened {
            Ok(engine) if serves => *self.server.lock().await = serve(engine.clone()).await.ok(),
            Ok(_) => tracing::info!("nobody else is let in, as it was wanted"),
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
        self.served().await.map(|(url, _)| url)
    }

    /// The same, with the key.
    pub(crate) async fn served(&self) -> Option<(String, String)> {
        self.server.lock().await.as_ref().map(|server| (server.url.clone(), server.key.clone()))
    }

    /// Serves the engine from now on, or no longer.
    pub(crate) async fn serve(&self, on: bool) -> Answer<()> {
        let engine = self.engine().await?;
        let mut server = self.server.lock().await;
        match (on, server.take()) {
            (true, None) => *server = Some(serve(engine.clone()).await?),
            (false, Some(running)) => running.shut_down().await,
            (_, as_it_is) => *server = as_it_is,
        }
        Ok(())
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

async fn serve(engine: Engine) -> Answer<Running> {
    let options = ServeOptions { publish: true, ..ServeOptions::default() };
    cairn_server::serve(engine, options).await.map_err(|error| {
        tracing::error!(%error, "the command line cannot reach this window's engine");
        error.into()
    })
}

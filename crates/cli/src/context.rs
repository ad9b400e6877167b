//! What every command has: the server to ask, how to print, and what to undo when the person presses Ctrl-C.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use cairn_api::{ErrorCode, Transfer, TransferState};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::api::Api;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::watch;

/// What every command has.
pub(crate) struct Context {
    pub(crate) api: Api,
    pub(crate) out: Output,
    /// Tells the id of the transfer that this command starts, once the server has answered.
    running: Mutex<Option<oneshot::Receiver<String>>>,
}

impl Context {
    pub(crate) fn new(api: Api, out: Output) -> Self {
        Self { api, out, running: Mutex::new(None) }
    }

    /// Starts a transfer that is ours to cancel from now on, until [`Self::ended`].
    pub(crate) async fn begin<B: Serialize + Send + Sync + 'static>(
        &self,
        volume: &str,
        way: &'static str,
        request: B,
    ) -> Result<Transfer, Failure> {
        self.begin_at(&["volumes", volume, "transfers", way], request).await
    }

    /// The same, by the address that starts it.
    pub(crate) async fn begin_at<B: Serialize + Send + Sync + 'static>(
        &self,
        path: &[&str],
        request: B,
    ) -> Result<Transfer, Failure> {
        // What is begun again names none: they were the server's then already.
        if path.contains(&"transfers") && !matches!(path.last(), Some(&("resume" | "retry"))) {
            self.api.knows_our_paths()?;
        }
        let (told, id) = oneshot::channel();
        self.set_running(Some(id));
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let api = self.api.clone();
        // A task of its own: Ctrl-C while the server answers must not lose the id.
        let started = tokio::spawn(async move {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let started: Transfer = api.post(&path, &request).await?;
            // Nobody listens when nobody wants to cancel it.
            let _ = told.send(started.id.clone());
            Ok(started)
        });
        started.await.unwrap_or_else(|error| {
            Err(Failure::new(ErrorCode::Internal, format!("The copy could not be started: {error}.")))
        })
    }

    /// The transfer has ended: there is nothing to cancel any more.
    pub(crate) fn ended(&self) {
        self.set_running(None);
    }

    fn set_running(&self, id: Option<oneshot::Receiver<String>>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }

    /// Cancels what this command started; called when the command itself has been dropped.
    pub(crate) async fn cancel(&self) -> Failure {
        let interrupted = Failure::cancelled("The command was interrupted.");
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(id) = running else { return interrupted };
        let Ok(id) = id.await else { return interrupted };
        match watch::cancel(&self.api, &id).await {
            Ok(ended) if ended.state == TransferState::Done => {
                Failure::cancelled("The copy was complete before it could be cancelled.")
            }
            Ok(_) => Failure::cancelled("The copy was cancelled. Nothing half-written is left."),
            Err(failure) => failure,
        }
    }

    /// Asks the person, where there is one, whether to go on; scripts go on.
    pub(crate) fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes || !self.out.interactive() {
            return Ok(());
        }
        let mut answer = String::new();
        write!(io::stderr(), "{} [y/N] ", printable(question))
            .and_then(|()| io::stderr().flush())
            .and_then(|()| io::stdin().read_line(&mut answer))
            .map_err(|error| Failure::io("Your answer cannot be read", &error))?;
        if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::cancelled("Nothing was done."))
    }
}

//! What every command has: the server to ask, how to print, and what to undo when the person presses Ctrl-C.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use cairn_api::{Transfer, TransferState};

use crate::api::Api;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::watch;

/// What every command has.
pub(crate) struct Context {
    pub(crate) api: Api,
    pub(crate) out: Output,
    /// The transfer that this command started and waits for.
    running: Mutex<Option<String>>,
}

impl Context {
    pub(crate) fn new(api: Api, out: Output) -> Self {
        Self { api, out, running: Mutex::new(None) }
    }

    /// Says which transfer is ours to cancel.
    pub(crate) fn runs(&self, transfer: Option<&Transfer>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = transfer.map(|transfer| transfer.id.clone());
    }

    /// Cancels what this command started; called when the command itself has been dropped.
    pub(crate) async fn cancel(&self) -> Failure {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(id) = running else { return Failure::cancelled("Cancelled.") };
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

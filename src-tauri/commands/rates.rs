//! What goes through mounts, for as long as the window shows it.

use std::sync::{Mutex, PoisonError};

use cairn_api::MountRate;
use tauri::ipc::Channel;
use tauri::{State, command};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::AbortHandle;

use super::Held;
use crate::refusal::Answer;

/// The one channel that is fed. A page that was loaded anew has forgotten its old one.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<Option<(u32, AbortHandle)>>);

impl Shown {
    fn replace(&self, next: Option<(u32, AbortHandle)>) {
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), next);
        if let Some((_, feeder)) = before {
            feeder.abort();
        }
    }

    fn is(&self, channel: u32) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|(of, _)| *of == channel)
    }
}

/// Tells what goes through each mount, every second.
#[command]
pub(crate) async fn mount_rates(
    shell: Held<'_>,
    shown: State<'_, Shown>,
    channel: Channel<Vec<MountRate>>,
) -> Answer<()> {
    let mut rates = shell.engine().await?.mount_rates();
    let id = channel.id();
    let feeder = tokio::spawn(async move {
        loop {
            match rates.recv().await {
                Ok(now) if channel.send(now.iter().cloned().map(Into::into).collect()).is_err() => return,
                // Whoever was too slow sees the next second.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
    shown.replace(Some((id, feeder.abort_handle())));
    Ok(())
}

/// The window does not show them any more.
#[command]
pub(crate) async fn mount_rates_close(shown: State<'_, Shown>, channel: u32) -> Answer<()> {
    if shown.is(channel) {
        shown.replace(None);
    }
    Ok(())
}

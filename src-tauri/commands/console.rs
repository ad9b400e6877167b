//! The console that the window shows: what a machine prints goes through a channel, what is typed comes as commands.

use std::sync::{Mutex, PoisonError};

use cairn_engine::ConsoleKeys;
use tauri::command;
use tauri::ipc::{Channel, Response};
use tokio::task::AbortHandle;

use super::Held;
use crate::refusal::{Answer, Refusal};

/// What is shown of a console's past, in bytes.
const TAIL: u64 = 128 << 10;

/// The one console that the window shows at a time.
#[derive(Debug, Default)]
pub(crate) struct Consoles {
    /// The channel that is fed, and what feeds it.
    shown: Mutex<Option<(u32, AbortHandle)>>,
    /// The keyboard of the machine that was typed to last. It is kept from key to key, since QEMU gives it to one
    /// client at a time and takes it back only when the guest has read everything.
    keys: tokio::sync::Mutex<Option<(String, ConsoleKeys)>>,
}

impl Consoles {
    /// Feeds another channel from now on. A page that was loaded anew has forgotten its old one.
    fn show(&self, channel: u32, feeder: AbortHandle) {
        let before = self.shown.lock().unwrap_or_else(PoisonError::into_inner).replace((channel, feeder));
        if let Some((_, before)) = before {
            before.abort();
        }
    }

    /// Feeds the channel no more; answers whether it was the one that is shown.
    fn close(&self, channel: u32) -> bool {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = shown.take_if(|(of, _)| *of == channel);
        if let Some((_, feeder)) = &closed {
            feeder.abort();
        }
        closed.is_some()
    }
}

/// Sends what the machine has printed lately and what it prints from now on, until it stops or nobody looks any more.
#[command]
pub(crate) async fn vm_console_log(
    shell: Held<'_>,
    consoles: tauri::State<'_, Consoles>,
    vm: String,
    channel: Channel<Response>,
) -> Answer<()> {
    // With another log, or the log of another start, begins another keyboard.
    consoles.keys.lock().await.take();
    let mut log = shell.engine().await?.vm_console_log(&vm, Some(TAIL)).await?;
    let id = channel.id();
    let feeder = tokio::spawn(async move {
        while let Some(piece) = log.next(true).await? {
            if channel.send(Response::new(piece)).is_err() {
                break;
            }
        }
        Ok::<(), Refusal>(())
    });
    consoles.show(id, feeder.abort_handle());
    // Aborted, it was closed: that is no failure.
    feeder.await.unwrap_or(Ok(()))
}

#[command]
pub(crate) async fn vm_console_keys(
    shell: Held<'_>,
    consoles: tauri::State<'_, Consoles>,
    vm: String,
    text: String,
) -> Answer<()> {
    let mut held = consoles.keys.lock().await;
    let keys = match held.take() {
        Some((of, keys)) if of == vm => keys,
        _ => shell.engine().await?.vm_console_keys(&vm).await?,
    };
    // A keyboard that failed is not used again: the machine may have been started anew.
    keys.send(text.as_bytes()).await?;
    *held = Some((vm, keys));
    Ok(())
}

/// The window does not show the console of this channel any more.
#[command]
pub(crate) async fn vm_console_close(consoles: tauri::State<'_, Consoles>, channel: u32) -> Answer<()> {
    if consoles.close(channel) {
        consoles.keys.lock().await.take();
    }
    Ok(())
}

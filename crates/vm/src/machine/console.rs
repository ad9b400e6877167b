//! The serial console: what is typed goes to the guest. What the guest prints, QEMU writes to `console.log`, whether
//! or not anybody is connected.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::time::{Instant, sleep, timeout};

use super::handle::Machine;
use super::task::Owner;
use crate::command_line::CONSOLE_CHARDEV;
use crate::error::{Error, ErrorKind, Result};
use crate::qmp::connect;

/// A client that went away may be seen by QEMU a moment later.
const OTHER_CLIENT_LEAVES: Duration = Duration::from_secs(3);
/// How long a guest may take to read what is typed.
const TYPE: Duration = Duration::from_secs(10);

/// The keyboard of a machine's serial console. QEMU lets one client have it at a time; it is free again when this was
/// dropped and the guest has read what was typed.
#[derive(Debug)]
pub struct Console {
    /// Dropping it ends what is typed and nothing more: QEMU closes the connection when the guest has read all of it,
    /// and would forget the rest if it was closed from here.
    keys: OwnedWriteHalf,
}

impl Console {
    /// Types `bytes`.
    ///
    /// # Errors
    /// `NotRunning` when QEMU has gone, `Timeout` when the guest does not read.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let sent = timeout(TYPE, self.keys.write_all(bytes)).await;
        let sent = sent.map_err(|_| Error::new(ErrorKind::Timeout, "the guest does not read its serial console"))?;
        sent.map_err(|_| Error::not_running())
    }
}

impl Machine {
    /// The keyboard of the serial console.
    ///
    /// # Errors
    /// `Held` when another client has it, `NotRunning`, `Timeout`, `Io`.
    pub async fn console(&self) -> Result<Console> {
        let stream = self.link.run(|owner| Box::pin(owner.console())).await?;
        let (mut output, keys) = stream.into_split();
        // It is in the log already; QEMU must not wait for somebody who does not read. Ends when QEMU closes it.
        tokio::spawn(async move {
            let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
        });
        Ok(Console { keys })
    }
}

impl Owner {
    /// A second client of the socket would wait silently, so QEMU is asked whether there is a first.
    async fn console(&mut self) -> Result<UnixStream> {
        let Some(socket) = self.place.console() else {
            let message = "somebody else started the machine, and has its serial console";
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let until = Instant::now() + OTHER_CLIENT_LEAVES;
        loop {
            let list = self.qmp.execute("query-chardev", json!({})).await?;
            let chardev = list.as_array().into_iter().flatten().find(|chardev| chardev["label"] == CONSOLE_CHARDEV);
            let Some(chardev) = chardev else {
                return Err(Error::new(ErrorKind::Refused, "the machine has no serial console that can be typed to"));
            };
            if chardev["filename"].as_str().is_some_and(|name| name.starts_with("disconnected:")) {
                break;
            }
            if Instant::now() > until {
                let message = "another client holds the socket of the serial console, or the guest has not read all \
                               that was typed. End that client and try again";
                return Err(Error::new(ErrorKind::Held, message));
            }
            sleep(Duration::from_millis(50)).await;
        }
        connect(&socket).await.map_err(|error| Error::io("connect to the socket of the serial console", error))
    }
}

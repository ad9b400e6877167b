//! A QMP session: greeting, commands with their answers, events.

use std::collections::VecDeque;
use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::wire::Lines;
use crate::error::{Error, ErrorKind, Result};

/// QEMU greets at once unless another client holds the socket or its main loop hangs.
const GREETING: Duration = Duration::from_secs(5);
/// No command that Cairn sends takes longer, even on a loaded computer.
const ANSWER: Duration = Duration::from_secs(60);
const LONGEST_LINE: usize = 32 * 1024 * 1024;
/// Events that nobody waited for are forgotten, oldest first, above this number.
const KEPT_EVENTS: usize = 1024;

/// Something that QEMU reports by itself.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// One line from QEMU; exactly one of greeting, event, answer, error.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "QMP")]
    greeting: Option<Value>,
    event: Option<String>,
    #[serde(default)]
    data: Value,
    id: Option<u64>,
    #[serde(rename = "return", default, deserialize_with = "present")]
    answer: Option<Value>,
    error: Option<Refusal>,
}

/// An error as QMP and the guest agent report it.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) class: String,
    pub(crate) desc: String,
}

/// Keeps `"return": null` apart from no return at all.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// A connected session, past the negotiation of capabilities.
pub(crate) struct Qmp {
    lines: Lines,
    next_id: u64,
    events: VecDeque<Event>,
}

impl Qmp {
    /// Connects, waits for the greeting and leaves the negotiation mode.
    ///
    /// # Errors
    /// `NotRunning` when nothing listens, `Held` when nobody greets.
    pub(crate) async fn connect(socket: &Path) -> Result<Self> {
        let lines = Lines::connect(socket, LONGEST_LINE).await.map_err(|error| match error.kind() {
            IoKind::NotFound | IoKind::ConnectionRefused => Error::not_running(),
            IoKind::WouldBlock => held(),
            _ => Error::io("connect to the machine's QMP socket", error),
        })?;
        let mut session = Self { lines, next_id: 1, events: VecDeque::new() };
        let greeting = timeout(GREETING, session.message()).await.map_err(|_| held())??;
        if greeting.greeting.is_none() {
            return Err(Error::new(ErrorKind::Refused, "the machine's QMP socket does not speak QMP"));
        }
        session.execute("qmp_capabilities", json!({})).await?;
        Ok(session)
    }

    /// QEMU's process, where the system tells.
    pub(crate) fn peer_pid(&self) -> Option<u32> {
        self.lines.peer_pid()
    }

    /// Runs one command and answers its return value; events met on the way are kept.
    ///
    /// # Errors
    /// `Refused` (or what [`refusal`] makes of it) with QEMU's reason; `NotRunning` when QEMU went away; `Timeout`.
    pub(crate) async fn execute(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let id = self.next_id;
        self.next_id += 1;
        let line = format!("{}\n", json!({"execute": command, "arguments": arguments, "id": id}));
        tracing::trace!(command, %arguments, "qmp");
        self.lines.send(line.as_bytes()).await.map_err(lost)?;
        let answer = timeout(ANSWER, self.answer(id)).await.map_err(|_| {
            let seconds = ANSWER.as_secs();
            Error::new(ErrorKind::Timeout, format!("QEMU did not answer {command} within {seconds} seconds"))
        })??;
        match (answer.answer, answer.error) {
            (_, Some(error)) => Err(refusal(command, &error)),
            (answer, None) => Ok(answer.unwrap_or_default()),
        }
    }

    /// The next event, kept or new. Cancelling loses nothing.
    pub(crate) async fn event(&mut self) -> Result<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let message = self.message().await?;
            self.keep(message);
        }
    }

    async fn answer(&mut self, id: u64) -> Result<Message> {
        loop {
            let message = self.message().await?;
            if message.id == Some(id) {
                return Ok(message);
            }
            // An answer to a command that was given up is dropped here.
            self.keep(message);
        }
    }

    fn keep(&mut self, message: Message) {
        if let Some(name) = message.event {
            tracing::debug!(event = name, data = %message.data, "qmp");
            if self.events.len() == KEPT_EVENTS {
                self.events.pop_front();
            }
            self.events.push_back(Event { name, data: message.data });
        }
    }

    async fn message(&mut self) -> Result<Message> {
        let line = self.lines.next().await.map_err(lost)?;
        serde_json::from_slice(&line).map_err(|error| {
            let message = format!("the machine's QMP socket carried something that is not QMP: {error}");
            Error::new(ErrorKind::Io, message)
        })
    }
}

/// What QEMU's refusal of a command means to us.
pub(crate) fn refusal(command: &str, error: &Refusal) -> Error {
    let reason = error.desc.trim().trim_end_matches('.');
    if reason.contains("Failed to get") && reason.contains("lock") {
        let message = format!("another process has the image open: {reason}");
        return Error::new(ErrorKind::ImageLocked, message);
    }
    let class = if error.class == "GenericError" { String::new() } else { format!(" ({})", error.class) };
    Error::new(ErrorKind::Refused, format!("{command} was refused: {reason}{class}"))
}

fn held() -> Error {
    let message = "the machine's QMP socket is held by another client, or its QEMU hangs: QEMU does not greet. \
                   End the other client and try again";
    Error::new(ErrorKind::Held, message)
}

fn lost(error: std::io::Error) -> Error {
    match error.kind() {
        IoKind::UnexpectedEof | IoKind::BrokenPipe | IoKind::ConnectionReset => Error::not_running(),
        _ => Error::io("talk to the machine's QEMU", error),
    }
}

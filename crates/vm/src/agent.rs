//! The QEMU guest agent's protocol: JSON lines over a virtio port.
//!
//! Specification: `docs/interop/qemu-ga.rst` and `qga/qapi-schema.json` of QEMU. Unlike QMP there is no greeting, no
//! event, and a reply may be one that an earlier client waited for; so every connection begins with
//! `guest-sync-delimited`, and so does every command after one that was given up. The guest is not trusted: lines
//! have a greatest length and every wait an end. Knows no disks.

use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::libvirt::Virsh;
use crate::qmp::{Lines, Refusal, SENTINEL, refusal};

/// An agent whose guest runs answers a sync within milliseconds; a loaded computer without KVM may need seconds.
pub(crate) const SYNC: Duration = Duration::from_secs(10);
/// Commands that only look or start something.
pub(crate) const QUICK: Duration = Duration::from_secs(30);
/// The agent keeps at most 16 MiB of each stream of a program; in base64 and together this is 43 MiB.
const LONGEST_LINE: usize = 64 * 1024 * 1024;
/// More would not pass the agent's own parser.
const LONGEST_INPUT: usize = 16 * 1024 * 1024;
/// The longest argument that Linux gives a program, less some room.
const LONGEST_ARGUMENT: usize = 120 * 1024;
/// How much longer than the agent libvirt may take to say so.
const GRACE: Duration = Duration::from_secs(5);

/// What a program that ran inside the guest left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    /// Its exit code; 128 + N when signal N ended it, as shells count.
    pub exit_code: i32,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// Whether the agent threw output away because there was too much of it (16 MiB each).
    pub truncated: bool,
}

/// A way to a guest's agent.
pub(crate) struct Agent(Way);

enum Way {
    Socket(Connection),
    /// libvirt has the socket, and keeps it in step.
    Libvirt {
        virsh: Virsh,
        domain: String,
    },
}

/// A connection to the socket of the agent's port.
struct Connection {
    lines: Lines,
    in_step: bool,
    next_sync: u64,
}

impl Agent {
    /// Connects to the socket of the agent's port. This succeeds whether or not anybody answers.
    pub(crate) async fn connect(socket: &Path) -> Result<Self> {
        let lines = Lines::connect(socket, LONGEST_LINE).await;
        let lines = lines.map_err(|error| match error.kind() {
            IoKind::NotFound | IoKind::ConnectionRefused => Error::not_running(),
            IoKind::WouldBlock => {
                Error::new(ErrorKind::Held, "other clients wait for the guest's agent. End them and try again")
            }
            _ => Error::io("connect to the socket of the guest's agent", error),
        })?;
        // A number that no earlier client is likely to have used: its answer may still be on the way.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let next_sync = u64::try_from(now.as_micros()).unwrap_or(1);
        Ok(Self(Way::Socket(Connection { lines, in_step: false, next_sync })))
    }

    /// The agent of a domain of libvirt's.
    pub(crate) fn of_domain(virsh: Virsh, domain: String) -> Self {
        Self(Way::Libvirt { virsh, domain })
    }

    /// The next command shall begin with a sync: the guest may have been rebooted, or hang.
    pub(crate) fn distrust(&mut self) {
        if let Way::Socket(connection) = &mut self.0 {
            connection.in_step = false;
        }
    }

    /// Whether nothing has happened since the last answer that a sync would be for.
    pub(crate) fn is_in_step(&self) -> bool {
        match &self.0 {
            Way::Socket(connection) => connection.in_step,
            Way::Libvirt { .. } => true,
        }
    }

    /// Runs one agent command and answers its return value.
    ///
    /// # Errors
    /// `NoAgent` when nobody answers a sync, `Timeout` when the command takes longer than `within`, `Refused` with
    /// the agent's reason, `NotRunning`.
    pub(crate) async fn execute(&mut self, command: &str, arguments: Value, within: Duration) -> Result<Value> {
        tracing::trace!(command, "agent");
        match &mut self.0 {
            Way::Socket(connection) => connection.execute(command, &line(command, arguments), within).await,
            Way::Libvirt { virsh, domain } => {
                let words = libvirt_command(domain, command, arguments, within);
                ask_libvirt(virsh, &words.each_ref().map(String::as_str), within).await
            }
        }
    }

    /// Starts a program in the guest and answers its process id there. Its output is collected by the agent.
    pub(crate) async fn start(&mut self, argv: &[String], stdin: Option<&[u8]>) -> Result<i64> {
        let [path, arguments @ ..] = argv else {
            return Err(Error::new(ErrorKind::Invalid, "there is no program to run"));
        };
        if stdin.is_some_and(|bytes| bytes.len() > LONGEST_INPUT) {
            return Err(Error::new(ErrorKind::Invalid, "more than 16 MiB of input cannot be given to a program"));
        }
        let mut what = json!({"path": path, "arg": arguments, "capture-output": true});
        if let Some(bytes) = stdin {
            what["input-data"] = BASE64.encode(bytes).into();
        }
        let answer = self.execute("guest-exec", what, QUICK).await?;
        answer["pid"].as_i64().ok_or_else(|| nonsense("guest-exec"))
    }

    /// What a started program left behind, or `None` while it runs. The agent gives it once.
    pub(crate) async fn outcome(&mut self, pid: i64) -> Result<Option<ExecOutput>> {
        let answer = self.execute("guest-exec-status", json!({"pid": pid}), QUICK).await?;
        let status = ExecStatus::deserialize(answer).map_err(|_| nonsense("guest-exec-status"))?;
        if !status.exited {
            return Ok(None);
        }
        let decode = |text: Option<String>| BASE64.decode(text.unwrap_or_default().as_bytes());
        let (Ok(stdout), Ok(stderr)) = (decode(status.out_data), decode(status.err_data)) else {
            return Err(nonsense("guest-exec-status"));
        };
        let exit_code = status.exitcode.unwrap_or_else(|| status.signal.map_or(-1, |signal| 128 + (signal & 0x7f)));
        Ok(Some(ExecOutput { exit_code, stdout, stderr, truncated: status.out_truncated || status.err_truncated }))
    }
}

impl Connection {
    async fn execute(&mut self, command: &str, line: &str, within: Duration) -> Result<Value> {
        if !self.in_step {
            self.sync().await?;
        }
        // Until the whole answer is here, whatever comes next must not be taken for the answer to another command.
        self.in_step = false;
        let line = format!("{line}\n");
        let answer = timeout(within, self.ask(line.as_bytes())).await.map_err(|_| {
            let seconds = within.as_secs();
            Error::new(ErrorKind::Timeout, format!("the guest's agent did not end {command} within {seconds} seconds"))
        })??;
        self.in_step = true;
        answer.map_err(|error| refusal(command, &error))
    }

    /// Brings both sides into step: the agent forgets half a command, we forget answers meant for others.
    async fn sync(&mut self) -> Result<()> {
        self.next_sync += 1;
        let id = self.next_sync;
        let mut line = vec![SENTINEL];
        line.extend(format!("{}\n", json!({"execute": "guest-sync-delimited", "arguments": {"id": id}})).bytes());
        let step = async {
            self.lines.send(&line).await.map_err(lost)?;
            loop {
                self.lines.skip_past_sentinel().await.map_err(lost)?;
                if parse(&self.lines.next().await.map_err(lost)?).is_ok_and(|answer| answer.is_ok_and(|n| n == id)) {
                    return Ok(());
                }
            }
        };
        timeout(SYNC, step).await.map_err(|_| no_answer())??;
        self.in_step = true;
        Ok(())
    }

    async fn ask(&mut self, line: &[u8]) -> Result<Result<Value, Refusal>> {
        self.lines.send(line).await.map_err(lost)?;
        parse(&self.lines.next().await.map_err(lost)?)
    }
}

fn line(command: &str, arguments: Value) -> String {
    json!({"execute": command, "arguments": arguments}).to_string()
}

/// The words by which `virsh` has a domain's agent run a command.
pub(crate) fn libvirt_command(domain: &str, command: &str, arguments: Value, within: Duration) -> [String; 5] {
    let seconds = within.as_secs().max(1).to_string();
    ["qemu-agent-command".into(), domain.into(), "--timeout".into(), seconds, line(command, arguments)]
}

/// What the agent returns, of what `virsh` prints then; what is refused libvirt says itself.
pub(crate) fn libvirt_answer(printed: &str) -> Result<Value> {
    parse(printed.trim().as_bytes())?.map_err(|error| refusal("a command", &error))
}

async fn ask_libvirt(virsh: &Virsh, words: &[&str], within: Duration) -> Result<Value> {
    if words.iter().any(|word| word.len() > LONGEST_ARGUMENT) {
        let message = "so much cannot be told the agent of a guest that libvirt runs; 80 KiB at a time can";
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    libvirt_answer(&virsh.run(words, within + GRACE).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ExecStatus {
    exited: bool,
    exitcode: Option<i32>,
    signal: Option<i32>,
    out_data: Option<String>,
    err_data: Option<String>,
    #[serde(default)]
    out_truncated: bool,
    #[serde(default)]
    err_truncated: bool,
}

fn parse(line: &[u8]) -> Result<Result<Value, Refusal>> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "return", default)]
        value: Value,
        error: Option<Refusal>,
    }
    let answer: Answer = serde_json::from_slice(line).map_err(|_| nonsense("a command"))?;
    Ok(answer.error.map_or(Ok(answer.value), Err))
}

fn nonsense(command: &str) -> Error {
    Error::new(ErrorKind::Io, format!("the guest's agent answered {command} with something that makes no sense"))
}

/// Somebody has the agent's port open, and says nothing.
pub(crate) fn no_answer() -> Error {
    let seconds = SYNC.as_secs();
    let message = format!(
        "the guest's agent did not answer within {seconds} seconds. Look whether qemu-guest-agent runs in the guest"
    );
    Error::new(ErrorKind::NoAgent, message)
}

fn lost(error: std::io::Error) -> Error {
    match error.kind() {
        IoKind::UnexpectedEof | IoKind::BrokenPipe | IoKind::ConnectionReset => {
            Error::new(ErrorKind::NotRunning, "the connection to the guest's agent ended; the machine has stopped")
        }
        _ => Error::io("talk to the guest's agent", error),
    }
}

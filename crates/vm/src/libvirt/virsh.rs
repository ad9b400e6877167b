//! Running `virsh`: arguments as they are, never through a shell; every answer has a greatest length and every wait an
//! end. Knows no domains.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::{check_libvirt_uri, find_virsh};
use crate::error::{Error, ErrorKind, Result};

/// For what only looks.
pub(crate) const QUICK: Duration = Duration::from_secs(30);
/// The longest answer that is read: what a program in a guest printed, in base64.
const LONGEST: u64 = 64 << 20;
/// What is read of its complaints.
const COMPLAINTS: u64 = 16 << 10;

/// What is printed between the answers of commands that run in one `virsh`: a guest's are JSON, which has no control
/// characters.
const SEAM: &str = "\u{1f}cairn\u{1f}";

/// `virsh` for one daemon.
#[derive(Clone, Debug)]
pub(crate) struct Virsh {
    program: PathBuf,
    uri: String,
}

/// What `virsh domstats` says: numbers and texts by name.
pub(crate) struct Stats(BTreeMap<String, String>);

impl Virsh {
    /// # Errors
    /// `Invalid` for a URI that is none of a daemon of this computer, `Missing` without `virsh`.
    pub(crate) fn at(uri: &str) -> Result<Self> {
        check_libvirt_uri(uri)?;
        Ok(Self { program: find_virsh()?, uri: uri.to_owned() })
    }

    /// Runs one of its commands and answers with what it prints.
    ///
    /// # Errors
    /// `Unreachable`, `NotRunning`, `Timeout`, `NoAgent`, `ImageLocked`, `NoFreeSlot`, or `Refused` with libvirt's reason.
    pub(crate) async fn run(&self, arguments: &[&str], within: Duration) -> Result<String> {
        self.run_with(arguments, "", within).await
    }

    /// The same, with a description that the command reads at `/dev/stdin`.
    pub(crate) async fn run_with(&self, arguments: &[&str], stdin: &str, within: Duration) -> Result<String> {
        let (status, output, complaints) = self.talk(arguments, stdin, within, |_| ()).await?;
        if status.success() { Ok(output) } else { Err(refusal(&complaints)) }
    }

    /// Has one `virsh` run several commands, each whatever became of those before it: nothing has to start, or to connect,
    /// between them. One of them may read `stdin` at `/dev/stdin`. Answers with what each has printed, or why it failed, and
    /// when it had ended.
    ///
    /// # Errors
    /// `Timeout`, `Unreachable`. What a single command is refused for is in the answer.
    pub(crate) async fn run_all<const N: usize>(
        &self,
        commands: [&[&str]; N],
        stdin: &str,
        within: Duration,
    ) -> Result<[(Result<String>, Instant); N]> {
        // A complaint brings what has been printed before it out of the program.
        let script: String =
            commands.iter().map(|words| format!("{}; echo {SEAM}; echo --err {SEAM}; ", one_command(words))).collect();
        let mut ended = Vec::new();
        let note = |printed: &[u8]| {
            let seams = String::from_utf8_lossy(printed).matches(SEAM).count();
            ended.resize(seams.max(ended.len()), Instant::now());
        };
        let (_, output, complaints) = self.talk(&[&script], stdin, within, note).await?;
        let answers = output.split(SEAM).zip(complaints.split(SEAM)).zip(ended).map(|((said, complained), ended)| {
            // The seam itself is a complaint.
            let complained = complained.trim().trim_end_matches("error:");
            let failed = complained.contains("error: ");
            (if failed { Err(refusal(complained)) } else { Ok(said.trim().to_owned()) }, ended)
        });
        answers.collect::<Vec<_>>().try_into().map_err(|_| refusal(&complaints))
    }

    /// A `virsh` that prints a line for everything that happens to a domain, until its connection ends.
    pub(crate) fn follow(&self, domain: &str) -> Result<Child> {
        let mut command = self.command(&["event", "--domain", domain, "--all", "--loop"]);
        command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)
    }

    /// What libvirt knows of a domain in numbers.
    pub(crate) async fn stats(&self, domain: &str, groups: &[&str]) -> Result<Stats> {
        let output = self.run(&[&["domstats", domain], groups].concat(), QUICK).await?;
        let pairs = output.lines().filter_map(|line| line.trim().split_once('='));
        Ok(Stats(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()))
    }

    /// How it ended, and what it has printed and complained of; `come` is told all that has been printed whenever that has
    /// become more.
    async fn talk(
        &self,
        arguments: &[&str],
        stdin: &str,
        within: Duration,
        come: impl FnMut(&[u8]),
    ) -> Result<(ExitStatus, String, String)> {
        let name = arguments.first().copied().unwrap_or_default();
        tracing::trace!(name, uri = self.uri, "virsh");
        let mut child = self.command(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        let (input, output, complaints) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = async {
            let tell = async {
                if let Some(mut input) = input {
                    // It may have ended without reading; why it says itself.
                    let _ = input.write_all(stdin.as_bytes()).await;
                }
                Ok(())
            };
            let ((), output, complaints) =
                tokio::try_join!(tell, read(output, LONGEST, come), read(complaints, COMPLAINTS, |_| ()))
                    .map_err(failed)?;
            Ok((child.wait().await.map_err(failed)?, output, complaints))
        };
        timeout(within, talk).await.map_err(|_| {
            let message = format!("libvirt did not end {name} within {} seconds; it may still do so", within.as_secs());
            Error::new(ErrorKind::Timeout, message)
        })?
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--quiet", "--connect", &self.uri]).args(arguments);
        // Its words are read; and nobody wants a daemon that was not running to be started for a look.
        command.env("LC_ALL", "C").env("LIBVIRT_AUTOSTART", "0").env_remove("VIRSH_DEBUG");
        command.stdout(Stdio::piped()).kill_on_drop(true);
        command
    }
}

impl Stats {
    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        self.0.get(key)?.parse().ok()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// A command as `virsh` splits it into words again: nothing is special within single quotes.
fn one_command(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

async fn read(
    from: Option<impl AsyncRead + Unpin>,
    longest: u64,
    mut come: impl FnMut(&[u8]),
) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let mut from = from.take(longest);
        while from.read_buf(&mut bytes).await? > 0 {
            come(&bytes);
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn failed(error: std::io::Error) -> Error {
    Error::io("run virsh", error)
}

/// What its complaints mean.
fn refusal(complaints: &str) -> Error {
    let lines = complaints.lines().map(|line| line.trim().trim_start_matches("error: "));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).take(6).collect();
    let words = lines.join(": ");
    let words = if words.is_empty() { "virsh failed without a word".to_owned() } else { words };
    let words = words.trim_end_matches('.');
    let has = |any: &[&str]| any.iter().any(|some| words.contains(some));
    let (kind, message) =
        if has(&["failed to connect to the hypervisor", "Disconnected from", "client socket is closed"]) {
            let message = format!(
                "libvirt's daemon cannot be reached: {words}. Look whether it runs and whether this user may use it"
            );
            (ErrorKind::Unreachable, message)
        } else if has(&["failed to get domain", "Domain not found", "domain is not running", "domain is not active"]) {
            (ErrorKind::NotRunning, "libvirt says that the domain does not run".to_owned())
        } else if has(&[
            "gent is not connected",
            "gent is not responding",
            "gent not available",
            "QEMU guest agent is not",
        ]) {
            (ErrorKind::NoAgent, format!("the guest's agent does not answer: {words}"))
        } else if has(&["No more available PCI", "No available PCI", "no free PCI"]) {
            (ErrorKind::NoFreeSlot, words.to_owned())
        } else if has(&["Failed to get \"write\" lock", "Failed to get shared", "Failed to lock"]) {
            (ErrorKind::ImageLocked, words.to_owned())
        } else if has(&["Timed out", "cannot acquire state change lock"]) {
            (ErrorKind::Timeout, words.to_owned())
        } else {
            (ErrorKind::Refused, words.to_owned())
        };
    Error::new(kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_understood() {
        for (words, kind) in [
            ("error: failed to connect to the hypervisor\nerror: Failed to connect socket", ErrorKind::Unreachable),
            ("error: failed to get domain 'x'\n", ErrorKind::NotRunning),
            ("error: Requested operation is not valid: domain is not running", ErrorKind::NotRunning),
            ("error: Guest agent is not responding: QEMU guest agent is not connected", ErrorKind::NoAgent),
            (
                "error: Failed to attach device\nerror: internal error: No more available PCI slots",
                ErrorKind::NoFreeSlot,
            ),
            ("error: internal error: 'blockdev-add': Failed to get \"write\" lock", ErrorKind::ImageLocked),
            ("", ErrorKind::Refused),
        ] {
            assert_eq!(refusal(words).kind(), kind, "{words}");
        }
    }
}

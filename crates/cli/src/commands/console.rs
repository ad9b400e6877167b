//! `cairn vm console`: a machine's serial console in this terminal, or in a pipe.

use std::io::{self, IsTerminal, Read};
use std::time::Duration;

use cairn_api::{ErrorCode, Vm, VmStatus};
use clap::Args;
use futures::StreamExt;
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use reqwest::{Body, Response};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::api::unreachable_server;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::write;

pub(super) const EXAMPLES: &str = "\
Examples:
  cairn vm console demo                      Ctrl-] ends; the machine goes on
  cairn vm console demo --log                what it has printed since its start
  echo 'ls /data' | cairn vm console demo    types a line, prints the answer";

/// Ctrl-].
const LEAVE: u8 = 0x1d;
/// What somebody who comes in sees of what was printed before, in bytes.
const SEEN_BEFORE: &str = "4096";
/// How long a guest that was typed to from a pipe must be silent until it has answered, and how long it may take to
/// begin.
const ANSWERED: Duration = Duration::from_secs(2);
const NO_ANSWER: Duration = Duration::from_secs(10);
/// What is read of the keyboard or the pipe at once.
const PIECE: usize = 4096;

/// Which console, and how.
#[derive(Args)]
pub(crate) struct Console {
    /// The machine's name or id
    vm: String,
    /// Print what it has printed since its start, and end
    #[arg(long)]
    log: bool,
}

/// Carries the command out.
pub(super) async fn run(command: Console, context: &Context) -> Result<(), Failure> {
    let path = ["vms", &command.vm, "console"];
    if command.log {
        return print_all(context.api.stream(&path, &[]).await?).await;
    }
    let vm: Vm = context.api.get(&["vms", &command.vm], &[]).await?;
    if vm.status == VmStatus::Stopped {
        return Err(Failure::new(ErrorCode::Conflict, format!("The machine '{}' is not running.", vm.name))
            .hint("'--log' prints what it said when it last ran."));
    }
    let by_hand = io::stdin().is_terminal();
    let seen = if by_hand { SEEN_BEFORE } else { "0" };
    let printed = context.api.stream(&path, &[("follow", "true"), ("tail", seen)]).await?;
    if by_hand {
        context.out.note(&format!("The serial console of {}. Ctrl-] leaves it.", command.vm));
    }
    let raw = if by_hand { Some(RawTerminal::begin()?) } else { None };
    let ended = talk(context, &path, printed, by_hand).await;
    drop(raw);
    if by_hand {
        // The guest's cursor may be anywhere.
        context.out.note("");
    }
    ended
}

async fn print_all(response: Response) -> Result<(), Failure> {
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        write(&piece.map_err(|error| unreachable_server(&error))?)?;
    }
    Ok(())
}

/// Until the machine stops; by hand until Ctrl-], else until what was typed has been answered.
async fn talk(context: &Context, path: &[&str], printed: Response, by_hand: bool) -> Result<(), Failure> {
    let keys = futures::stream::unfold(keyboard(by_hand), |mut keys| async move {
        keys.recv().await.map(|piece| (Ok::<_, io::Error>(piece), keys))
    });
    let typed = context.api.post_stream::<Value>(path, Body::wrap_stream(keys));
    tokio::pin!(typed);
    let mut pieces = printed.bytes_stream();
    let (mut all_typed, mut enough) = (false, Instant::now());
    loop {
        tokio::select! {
            ended = &mut typed, if !all_typed => {
                ended?;
                if by_hand {
                    return Ok(());
                }
                (all_typed, enough) = (true, Instant::now() + NO_ANSWER);
            }
            piece = pieces.next() => match piece {
                Some(piece) => {
                    write(&piece.map_err(|error| unreachable_server(&error))?)?;
                    enough = Instant::now() + ANSWERED;
                }
                None => return Ok(()),
            },
            () = sleep_until(enough), if all_typed => return Ok(()),
        }
    }
}

/// What is typed, as it is typed. A thread of its own reads it: nobody can be kept from waiting for a terminal.
fn keyboard(by_hand: bool) -> mpsc::Receiver<Vec<u8>> {
    let (sender, keys) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut buffer = [0; PIECE];
        while let Ok(read @ 1..) = io::stdin().read(&mut buffer) {
            let typed = &buffer[..read];
            let end = typed.iter().position(|key| by_hand && *key == LEAVE);
            let sent = sender.blocking_send(typed[..end.unwrap_or(read)].to_vec());
            if sent.is_err() || end.is_some() {
                return;
            }
        }
    });
    keys
}

/// The terminal passes every key on as it is, until this is dropped.
struct RawTerminal(Termios);

impl RawTerminal {
    fn begin() -> Result<Self, Failure> {
        let cannot = |error: nix::errno::Errno| Failure::io("The terminal cannot be prepared", &error.into());
        let before = tcgetattr(io::stdin()).map_err(cannot)?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &raw).map_err(cannot)?;
        Ok(Self(before))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // There is no other way to tell than the terminal itself.
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

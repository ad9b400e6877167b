//! The commands, one file per group. Each asks the server and prints what it says.

mod chain;
pub(crate) mod checkpoint;
mod console;
mod deletion;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod events;
mod exchange;
mod fetch;
pub(crate) mod files;
mod get;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod mount;
pub(crate) mod policy;
mod put;
pub(crate) mod rates;
mod send;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod snapshot;
pub(crate) mod store;
pub(crate) mod transfers;
pub(crate) mod trash;
mod tree;
mod unpack;
mod uploads;
mod usage;
pub(crate) mod vm;
mod vm_attach;
pub(crate) mod vm_create;
pub(crate) mod volume;
pub(crate) mod watch;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::args::Command;
use crate::context::Context;
use crate::failure::Failure;

/// Carries out any command that asks an engine.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Volume(command) => volume::run(command, context).await,
        Command::Files(command) => files::run(command, context).await,
        Command::Checkpoint(command) => checkpoint::run(command, context).await,
        Command::Diff(command) => diff::run(command, context).await,
        Command::Vm(command) => vm::run(command, context).await,
        Command::Snapshot(command) => snapshot::run(command, context).await,
        Command::Mount(command) => mount::mount(command, context).await,
        Command::Unmount(command) => mount::unmount(command, context).await,
        Command::Mounts(command) => mount::list(command, context).await,
        Command::Trash(command) => trash::run(command, context).await,
        Command::Transfers(command) => transfers::run(command, context).await,
        Command::Watch(command) => watch::run(command, context).await,
        Command::Key(command) => key::run(command, context).await,
        Command::Audit(command) => key::audit(command, context).await,
        Command::Events(command) => events::follow(command, context).await,
        Command::Log(command) => log::run(command, context).await,
        Command::Check(command) => store::check(command, context).await,
        Command::Repair(command) => store::repair(command, context).await,
        Command::Doctor(_) => doctor::run(context).await,
        // These need no engine.
        Command::Serve(_) | Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}

/// How long ago a wire time was, for people.
fn ago(time: &str) -> String {
    let Ok(then) = OffsetDateTime::parse(time, &Rfc3339) else { return time.to_owned() };
    let seconds = (OffsetDateTime::now_utc() - then).whole_seconds();
    let (count, unit) = match seconds {
        ..5 => return "just now".to_owned(),
        5..90 => (seconds, "sec"),
        90..5400 => ((seconds + 30) / 60, "min"),
        5400..129_600 => ((seconds + 1800) / 3600, "h"),
        _ => ((seconds + 43_200) / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

/// A wire time to the second.
fn moment(time: &str) -> String {
    let (seconds, _) = time.split_once(['.', 'Z']).unwrap_or((time, ""));
    seconds.replacen('T', " ", 1)
}

/// "1 file", "2 files".
fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let past = |seconds| {
            let then = OffsetDateTime::now_utc() - time::Duration::seconds(seconds);
            ago(&then.format(&Rfc3339).unwrap())
        };
        assert_eq!(past(0), "just now");
        assert_eq!(past(-60), "just now");
        assert_eq!(past(600), "10 min ago");
        assert_eq!(past(7200), "2 h ago");
        assert_eq!(past(40 * 86_400), "40 days ago");
        assert_eq!(ago("yesterday"), "yesterday");
        assert_eq!(moment("2026-11-28T16:41:51.569403828Z"), "2026-11-28 16:41:51");
        assert_eq!(moment("2026-11-28T16:41:51Z"), "2026-11-28 16:41:51");
    }
}

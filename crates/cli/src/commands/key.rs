//! `cairn key`: keys for scripts and other people. `cairn audit`: who changed what.

use cairn_api::{AuditEntry, CreatedKey, Key, KeyScope, NewKey};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::{ago, moment};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::table::{Column, Table};

/// What the holder of a key may do.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Scope {
    /// Look at everything, change nothing
    ReadOnly,
    /// Everything
    Full,
}

/// What to do with keys.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a key and print it, this once only
    #[command(after_help = "Examples:\n  cairn key create backup --scope read-only\n  \
                            export CAIRN_API_KEY=$(cairn key create ci --expires-in 30d --quiet)")]
    Create {
        /// A name that no other key has; the audit log says it
        name: String,
        /// What its holder may do
        #[arg(long, value_enum, default_value_t = Scope::Full)]
        scope: Scope,
        /// After how long it stops being one: 30d, 12h, 90m, 45s [default: never]
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires_in: Option<u64>,
    },
    /// List the keys, oldest first
    #[command(visible_alias = "list")]
    Ls,
    /// Revoke a key: from then on nobody is let in by it
    #[command(visible_alias = "rm")]
    Revoke {
        /// Its name or id
        key: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// Which entries of the audit log to print.
#[derive(Args)]
pub(crate) struct Audit {
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value = "100")]
    limit: u32,
    /// Only what the key of this name did; 'owner' is the store's own
    #[arg(long, value_name = "KEY")]
    who: Option<String>,
    /// Only what named this volume so
    #[arg(long, value_name = "VOLUME")]
    volume: Option<String>,
    /// Only what named this machine so
    #[arg(long, value_name = "VM")]
    vm: Option<String>,
}

fn seconds(text: &str) -> Result<u64, String> {
    let wanted = || "a time such as 30d, 12h, 90m or 45s is wanted".to_owned();
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let unit = match unit {
        "d" => 86_400,
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        _ => return Err(wanted()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).filter(|&all| all > 0).ok_or_else(wanted)
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Create { name, scope, expires_in } => {
            let scope = match scope {
                Scope::ReadOnly => KeyScope::ReadOnly,
                Scope::Full => KeyScope::Full,
            };
            let new = NewKey { name, scope, expires_in_seconds: expires_in };
            let created: CreatedKey = api.post(&["keys"], &new).await?;
            out.show(&created, |out, created| {
                out.line(&created.secret)?;
                out.note("Keep it: it is not shown again. Requests carry it as X-API-Key.");
                Ok(())
            })
        }
        Command::Ls => {
            let keys: Vec<Key> = api.get(&["keys"], &[]).await?;
            out.show(&keys, |out, keys| list(out, keys))
        }
        Command::Revoke { key, yes } => {
            context.confirm(&format!("Revoke the key {key}?"), yes)?;
            let answer: Value = api.delete(&["keys", &key], &[]).await?;
            out.did(&answer, |_| format!("Revoked the key {}.", printable(&key)))
        }
    }
}

fn list(out: &Output, keys: &[Key]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("SCOPE", Column::Word),
        ("CREATED", Column::Word),
        ("ENDS", Column::Word),
        ("ID", Column::Id),
    ]);
    for key in keys {
        let scope = match key.scope {
            KeyScope::ReadOnly => "read-only",
            KeyScope::Full => "full",
        };
        let ends = match (&key.expires_at, key.is_expired) {
            (None, _) => "never".to_owned(),
            (Some(end), false) => moment(end),
            (Some(end), true) => format!("ended {}", ago(end)),
        };
        table.row([key.name.as_str(), scope, &ago(&key.created_at), &ends, &key.id]);
    }
    out.table(&table, "There are no keys beside the store's own. Create one with 'cairn key create'.")
}

/// `cairn audit`.
pub(crate) async fn audit(command: Audit, context: &Context) -> Result<(), Failure> {
    let limit = command.limit.to_string();
    let mut query = vec![("limit", limit.as_str())];
    for (name, value) in [("who", &command.who), ("volume", &command.volume), ("vm", &command.vm)] {
        query.extend(value.as_deref().map(|value| (name, value)));
    }
    let entries: Vec<AuditEntry> = context.api.get(&["audit"], &query).await?;
    context.out.show(&entries, |out, entries| {
        let mut table = Table::new(&[
            ("AT", Column::Word),
            ("WHO", Column::Name),
            ("WHAT", Column::Name),
            ("VOLUME", Column::Name),
            ("MACHINE", Column::Name),
            ("ANSWER", Column::Word),
        ]);
        for entry in entries {
            let answer = entry.error.as_ref().map_or(String::new(), |error| format!(" {error}"));
            table.row([
                &moment(&entry.at),
                &entry.who,
                &entry.what,
                entry.volume.as_deref().unwrap_or_default(),
                entry.machine.as_deref().unwrap_or_default(),
                &format!("{}{answer}", entry.status),
            ]);
        }
        out.table(&table, "Nobody has changed anything yet.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_with_a_unit() {
        assert_eq!((seconds("30d"), seconds("90m"), seconds("1s")), (Ok(2_592_000), Ok(5400), Ok(1)));
        for wrong in ["", "d", "30", "0s", "-1d", "1w", "99999999999999999999d", "18446744073709551615d", "3ü"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}

//! The command line as a whole: what holds for every command, and the list of commands.

use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    checkpoint, diff, doctor, events, files, key, log, mount, serve, shell, snapshot, store, transfers, trash, vm,
    volume, watch,
};
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;

const AFTER_HELP: &str = "\
Examples:
  cairn volume create data --quota 10GiB
  cairn files put data ./photos notes.txt /
  cairn checkpoint create data --name before-import
  cairn vm demo
  cairn mount data demo /data

Volumes, machines and checkpoints are named by their name or id. Sizes: K, M, G, T and KiB … TiB are powers of 1024, \
KB … TB powers of 1000.

Exit codes: 0 done, 1 failed, 2 bad input, 3 not found, 4 conflict, 5 in use, 6 no space, 7 missing program or guest, \
8 corrupt, 9 wrong key, 130 cancelled.";

/// Persistent volumes for local virtual machines.
#[derive(Parser)]
#[command(name = "cairn", version, after_help = AFTER_HELP, propagate_version = true, max_term_width = 100)]
pub(crate) struct Args {
    /// The folder that holds the volumes [default: the platform's data folder]
    #[arg(long, global = true, env = "CAIRN_STORE", value_name = "DIR", hide_env_values = true)]
    store: Option<PathBuf>,
    /// Print the API's own objects as JSON, also of what fails (on standard error)
    #[arg(long, global = true)]
    json: bool,
    /// Print no progress and no confirmations
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create, list, change and delete volumes
    #[command(subcommand, visible_alias = "volumes")]
    Volume(volume::Command),
    /// List deleted volumes, and remove them for good; 'volume undelete' brings one back
    #[command(subcommand, after_help = trash::EXAMPLES)]
    Trash(trash::Command),
    /// Copy files into and out of a volume, without any machine
    #[command(subcommand)]
    Files(files::Command),
    /// Take checkpoints of a volume and go back to them
    #[command(subcommand, visible_alias = "checkpoints")]
    Checkpoint(checkpoint::Command),
    /// Show what differs between two checkpoints of a volume, or one and the present
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::Command),
    /// Create, start and stop machines
    #[command(subcommand, visible_alias = "vms")]
    Vm(vm::Command),
    /// Freeze machines' disks as boot images for other machines
    #[command(subcommand, visible_alias = "snapshots")]
    Snapshot(snapshot::Command),
    /// Mount a volume at a path in a running machine
    Mount(mount::Mount),
    /// Unmount what is mounted at a path in a machine
    Unmount(mount::Unmount),
    /// List what is mounted where, and what goes through
    Mounts(mount::Mounts),
    /// List, pause, resume, retry, cancel and forget copies, also those that were interrupted
    #[command(visible_alias = "transfer")]
    Transfers(transfers::Transfers),
    /// Keep folders of this computer in step into volumes
    #[command(subcommand, visible_alias = "watches", after_help = watch::EXAMPLES)]
    Watch(watch::Command),
    /// Create, list and revoke keys for scripts and other people
    #[command(subcommand, visible_alias = "keys")]
    Key(key::Command),
    /// Show who changed what through the REST interface and this command
    Audit(key::Audit),
    /// Show what happens, as it happens, until Ctrl-C
    #[command(after_help = events::EXAMPLES)]
    Events(events::Events),
    /// Show what Cairn has written into its log
    Log(log::Log),
    /// Serve the REST interface, and the web UI, until Ctrl-C
    Serve(serve::Serve),
    /// Check the whole store, or one volume: manifests, layers, what was frozen, filesystems
    ///
    /// Nothing is changed. Ends with exit code 1 when something is wrong.
    Check(store::Check),
    /// Put right what a check found; nothing is ever deleted
    Repair(store::Repair),
    /// Check that everything that Cairn needs is there
    Doctor(doctor::Doctor),
    /// Print what lets a shell complete commands and options
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(shell::Completions),
    /// Write the manual pages, one for each command
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(shell::Man),
}

impl Args {
    /// The store's folder, absolute.
    pub(crate) fn store(&self) -> Result<PathBuf, Failure> {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => cairn_engine::default_store(),
        };
        std::path::absolute(&store)
            .map_err(|_| Failure::invalid("The store's folder has no name.").hint("Name one after --store."))
    }

    /// How to print.
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json, self.quiet)
    }
}

/// The help of the command that `words` name, as far as they do.
pub(crate) fn help_for(words: impl Iterator<Item = String>) -> StyledStr {
    let mut command = Args::command();
    command.build();
    for word in words {
        if let Some(below) = command.find_subcommand(&word) {
            command = below.clone();
        }
    }
    command.render_help()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_command_that_is_not_whole_is_explained() {
        let help = |words: &[&str]| help_for(words.iter().map(|word| (*word).to_owned())).to_string();
        assert!(help(&[]).contains("Usage: cairn [OPTIONS] <COMMAND>"));
        assert!(help(&["--quiet", "volumes"]).contains("Usage: cairn volume [OPTIONS] <COMMAND>"));
    }
}

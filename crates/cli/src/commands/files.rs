//! `cairn files`: what is in a volume, without any machine.

use cairn_api::{
    Conflict, CopyFilesRequest, DeleteFilesRequest, FileEntry, FileKind, FileVersion, FileVersionKind, FilesDeleted,
};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{ago, count, diff, fetch, get, put, tree, unpack, uploads};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};
use crate::watch;

/// What to do with files.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Copy files and folders into a volume, as 'cp -r' does
    #[command(after_help = put::EXAMPLES, override_usage = put::USAGE)]
    Put(put::Put),
    /// Copy a file of the web into a volume
    #[command(after_help = fetch::EXAMPLES)]
    Fetch(fetch::Fetch),
    /// Copy what is in an archive into a volume: tar, tar.gz or zip
    #[command(after_help = unpack::EXAMPLES)]
    Unpack(unpack::Unpack),
    /// List uploads from another computer that are not finished, or forget one
    #[command(after_help = uploads::EXAMPLES)]
    Uploads(uploads::Uploads),
    /// Copy files and folders out of a volume, as 'cp -r' does
    #[command(after_help = get::EXAMPLES)]
    Get(get::Get),
    /// List what is in a volume
    #[command(visible_alias = "list", after_help = LS_EXAMPLES)]
    Ls {
        /// The volume's name or id
        volume: String,
        /// Only what is in this folder, or whose path begins so
        #[arg(default_value = "", hide_default_value = true)]
        prefix: String,
        /// Folders below as well
        #[arg(long, short)]
        recursive: bool,
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// As it was at this checkpoint
        #[arg(long, value_name = "CHECKPOINT")]
        at: Option<String>,
    },
    /// Draw what is in a volume as a tree
    #[command(after_help = TREE_EXAMPLES)]
    Tree(tree::Below),
    /// Show how much folders hold, the largest first: lengths of files, holes included
    #[command(after_help = DU_EXAMPLES)]
    Du(tree::Below),
    /// Show one file or folder
    Stat {
        /// The volume's name or id
        volume: String,
        /// Its path in the volume
        path: String,
        /// As it was at this checkpoint
        #[arg(long, value_name = "CHECKPOINT")]
        at: Option<String>,
    },
    /// Show what differs between two checkpoints of a volume, or one and the present
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::Command),
    /// Show the versions of a file through the checkpoints of a volume, also of one that is gone
    #[command(after_help = HISTORY_EXAMPLES)]
    History {
        /// The volume's name or id
        volume: String,
        /// Its path in the volume
        path: String,
    },
    /// Make a folder, and those above it
    Mkdir {
        /// The volume's name or id
        volume: String,
        /// Its path in the volume
        path: String,
    },
    /// Rename or move a file or folder within a volume
    Mv {
        /// The volume's name or id
        volume: String,
        /// Its path in the volume
        from: String,
        /// Its new path
        to: String,
    },
    /// Copy files and folders within a volume, as 'cp -a' does
    #[command(after_help = CP_EXAMPLES)]
    Cp {
        /// The volume's name or id
        volume: String,
        /// Files and folders in the volume
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,
        /// Where they go in the volume
        #[arg(value_name = "DEST")]
        destination: String,
        /// What to do about files that are already there
        #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfThere::Replace)]
        if_there: IfThere,
    },
    /// Delete files, or folders with -r: all that are named, or none of them
    #[command(visible_alias = "delete")]
    Rm {
        /// The volume's name or id
        volume: String,
        /// Their paths in the volume
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,
        /// Folders with everything in them
        #[arg(long, short)]
        recursive: bool,
        /// Keep the present as a checkpoint first, from which they can be brought back
        #[arg(long)]
        undoable: bool,
    },
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  cairn files history data report.csv
  cairn files get data report.csv old.csv --at CHECKPOINT    brings a version out";

const CP_EXAMPLES: &str = "\
Examples:
  cairn files cp data config.toml config.toml.bak
  cairn files cp data src docs backup/         into the folder backup

DEST is a folder when it exists as one or ends with '/'.";

const TREE_EXAMPLES: &str = "\
Examples:
  cairn files tree data
  cairn files tree data photos --depth 2 --at before-import";

const DU_EXAMPLES: &str = "\
Examples:
  cairn files du data
  cairn files du data photos --depth 2
  cairn volume usage data                what it takes up on this computer's disk";

const LS_EXAMPLES: &str = "\
Examples:
  cairn files ls data
  cairn files ls data photos --recursive
  cairn files ls data --at before-import";

/// What happens to files that are already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IfThere {
    /// The new file takes its place
    Replace,
    /// It stays
    Skip,
    /// Nothing at all is copied
    Fail,
}

impl From<IfThere> for Conflict {
    fn from(value: IfThere) -> Self {
        match value {
            IfThere::Replace => Self::Replace,
            IfThere::Skip => Self::Skip,
            IfThere::Fail => Self::Fail,
        }
    }
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Put(command) => put::run(command, context).await,
        Command::Unpack(command) => unpack::run(command, context).await,
        Command::Fetch(command) => fetch::run(command, context).await,
        Command::Uploads(command) => uploads::run(command, context).await,
        Command::Get(command) => get::run(command, context).await,
        Command::Ls { volume, prefix, recursive, limit, at } => {
            list(context, &volume, &prefix, recursive, limit, at.as_deref()).await
        }
        Command::Tree(below) => tree::tree(below, context).await,
        Command::Du(below) => tree::du(below, context).await,
        Command::Diff(command) => diff::run(command, context).await,
        Command::Stat { volume, path, at } => {
            let query = [("path", path.as_str()), ("at", at.as_deref().unwrap_or_default())];
            let entry: FileEntry = api.get(&["volumes", &volume, "files", "stat"], &query).await?;
            out.show(&entry, one)
        }
        Command::History { volume, path } => {
            let query = [("path", path.as_str())];
            let versions: Vec<FileVersion> = api.get(&["volumes", &volume, "files", "history"], &query).await?;
            out.show(&versions, |out, versions| history(out, versions))
        }
        Command::Mkdir { volume, path } => {
            let body = json!({ "path": path });
            let entry: FileEntry = api.post(&["volumes", &volume, "files", "mkdir"], &body).await?;
            out.did(&entry, |entry| format!("Made folder {}.", printable(&entry.path)))
        }
        Command::Mv { volume, from, to } => {
            let body = json!({ "from": from, "to": to });
            let entry: FileEntry = api.post(&["volumes", &volume, "files", "rename"], &body).await?;
            out.did(&entry, |entry| format!("Renamed {} to {}.", printable(&from), printable(&entry.path)))
        }
        Command::Cp { volume, paths, destination, if_there } => {
            let request = CopyFilesRequest { paths, destination, conflict: if_there.into() };
            let transfer = context.begin_at(&["volumes", &volume, "files", "copy"], request).await?;
            let done = watch::until_done(context, transfer).await?;
            out.did(&done, |done| format!("Copied {} ({}).", count(done.files_done, "item"), human(done.bytes_done)))
        }
        Command::Rm { volume, paths, recursive, undoable } => {
            remove(context, &volume, DeleteFilesRequest { paths, recursive, undoable }).await
        }
    }
}

async fn remove(context: &Context, volume: &str, request: DeleteFilesRequest) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    if let ([path], false) = (request.paths.as_slice(), request.undoable) {
        let query = [("path", path.as_str()), ("recursive", if request.recursive { "true" } else { "false" })];
        let answer: Value = api.delete(&["volumes", volume, "files"], &query).await?;
        return out.did(&answer, |_| format!("Deleted {}.", printable(path)));
    }
    let answer: FilesDeleted = api.post(&["volumes", volume, "files", "delete"], &request).await?;
    out.did(&answer, |answer| {
        let what = match answer.paths.as_slice() {
            [path] => printable(path),
            paths => format!("{} files and folders", paths.len()),
        };
        let undo = answer.checkpoint_id.as_ref().map_or_else(String::new, |checkpoint| {
            format!(" They are in the checkpoint {checkpoint}: 'cairn checkpoint restore-files' brings them back.")
        });
        format!("Deleted {what}.{undo}")
    })
}

/// More than any volume holds: the command line lists everything unless told otherwise.
pub(super) const EVERYTHING: usize = 1 << 40;

async fn list(
    context: &Context,
    volume: &str,
    prefix: &str,
    recursive: bool,
    limit: Option<usize>,
    at: Option<&str>,
) -> Result<(), Failure> {
    let wanted = limit.unwrap_or(EVERYTHING);
    // One more than wanted tells whether there are more.
    let asked = wanted.saturating_add(1).to_string();
    let query = [
        ("prefix", prefix),
        ("recursive", if recursive { "true" } else { "false" }),
        ("limit", &asked),
        ("at", at.unwrap_or_default()),
    ];
    let mut entries: Vec<FileEntry> = context.api.get(&["volumes", volume, "files"], &query).await?;
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    context.out.show(&entries, |out, entries| {
        table(out, entries)?;
        if more {
            out.note("There are more; a larger --limit shows them.");
        }
        Ok(())
    })
}

fn history(out: &Output, versions: &[FileVersion]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("CHECKPOINT", Column::Name),
        ("TAKEN", Column::Word),
        ("WHAT", Column::Word),
        ("SIZE", Column::Number),
        ("MODIFIED", Column::Word),
    ]);
    for version in versions {
        let what = match version.kind {
            FileVersionKind::Created => "created",
            FileVersionKind::Changed => "changed",
            FileVersionKind::Deleted => "deleted",
            FileVersionKind::Recreated => "created again",
        };
        // Somebody has gone back since.
        let what = if version.elsewhere { format!("({what})") } else { what.to_owned() };
        let file = version.file.as_ref();
        table.row([
            version.checkpoint_name.as_deref().unwrap_or("(the present)"),
            &version.created_at.as_deref().map_or_else(|| "-".to_owned(), ago),
            &what,
            &file.map_or_else(|| "-".to_owned(), |file| human(file.size)),
            &file.map_or_else(|| "-".to_owned(), |file| ago(&file.modified_at)),
        ]);
    }
    out.table(&table, "No checkpoint has anything at this path.")?;
    if versions.iter().any(|version| version.elsewhere) {
        out.note("What is in brackets is not what the present grew from: somebody has gone back since.");
    }
    Ok(())
}

fn table(out: &Output, entries: &[FileEntry]) -> Result<(), Failure> {
    let mut table = Table::new(&[("SIZE", Column::Number), ("CHANGED", Column::Word), ("PATH", Column::Name)]);
    for entry in entries {
        let size = if entry.kind == FileKind::File { human(entry.size) } else { "-".to_owned() };
        table.row([&size, &ago(&entry.modified_at), &named(entry)]);
    }
    out.table(&table, "There are no files.")
}

/// The path as `ls -F` shows it.
fn named(entry: &FileEntry) -> String {
    named_as(entry, &entry.path)
}

/// Its path, or a part of it, as `ls -F` shows it.
pub(super) fn named_as(entry: &FileEntry, path: &str) -> String {
    match (entry.kind, &entry.target) {
        (FileKind::Directory, _) => format!("{path}/"),
        (FileKind::Symlink, Some(target)) => format!("{path} -> {target}"),
        _ => path.to_owned(),
    }
}

fn one(out: &Output, entry: &FileEntry) -> Result<(), Failure> {
    let kind = match entry.kind {
        FileKind::File => "file",
        FileKind::Directory => "folder",
        FileKind::Symlink => "symbolic link",
        FileKind::Other => "device, socket or pipe",
    };
    for (what, value) in [
        ("Path", named(entry)),
        ("Kind", kind.to_owned()),
        ("Size", format!("{} ({} bytes)", human(entry.size), entry.size)),
        ("Mode", format!("{:04o}", entry.mode & 0o7777)),
        ("Owner", format!("{}:{}", entry.uid, entry.gid)),
        ("Changed", entry.modified_at.clone()),
    ] {
        out.line(&format!("{what:<8} {}", printable(&value)))?;
    }
    Ok(())
}

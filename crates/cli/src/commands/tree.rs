//! `cairn files tree` and `cairn files du`: all of a folder at a glance, and what in it is large.

use std::collections::BTreeMap;

use cairn_api::{FileEntry, FileKind};
use clap::Args;
use serde::Serialize;

use super::count;
use super::files::{EVERYTHING, named_as};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};

/// Which folder, how deep, and when.
#[derive(Args)]
pub(crate) struct Below {
    /// The volume's name or id
    volume: String,
    /// A folder in the volume
    #[arg(default_value = "/", hide_default_value = true)]
    path: String,
    /// Show at most so many levels of folders [default: all of them, and one for du]
    #[arg(long, short, value_name = "N")]
    depth: Option<usize>,
    /// As it was at this checkpoint
    #[arg(long, value_name = "CHECKPOINT")]
    at: Option<String>,
}

/// What a folder, or a file in the one that was asked for, holds.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Held {
    path: String,
    bytes: u64,
    files: u64,
}

/// Draws what is in a folder.
pub(super) async fn tree(below: Below, context: &Context) -> Result<(), Failure> {
    let depth = below.depth.unwrap_or(usize::MAX);
    let (root, mut entries) = read(&below, context).await?;
    let all = Held { path: root.clone(), bytes: bytes_of(&entries), files: files_of(&entries) };
    let folders = entries.iter().filter(|entry| entry.kind == FileKind::Directory).count();
    entries.retain(|entry| parts(&root, entry).len() <= depth);
    context.out.show(&entries, |out, entries| {
        out.line(&printable(&if root.is_empty() { below.volume.clone() } else { format!("{}/{root}", below.volume) }))?;
        draw(out, &root, entries)?;
        let folders = count(folders as u64, "folder");
        out.note(&format!("{folders}, {}, {}", count(all.files, "file"), human(all.bytes)));
        Ok(())
    })
}

/// Tells how much each folder in a folder holds, the largest first.
pub(super) async fn du(below: Below, context: &Context) -> Result<(), Failure> {
    let (root, entries) = read(&below, context).await?;
    let held = sums(&root, &entries, below.depth.unwrap_or(1));
    context.out.show(&held, |out, held| {
        let mut table = Table::new(&[("SIZE", Column::Number), ("FILES", Column::Number), ("PATH", Column::Name)]);
        for held in held {
            table.row([&human(held.bytes), &held.files.to_string(), &held.path]);
        }
        out.table(&table, "There are no files.")
    })
}

/// The folder's path without slashes around it, and everything below it in the order of a tree.
async fn read(below: &Below, context: &Context) -> Result<(String, Vec<FileEntry>), Failure> {
    let at = below.at.as_deref().unwrap_or_default();
    let query = [("path", below.path.as_str()), ("at", at)];
    let folder: FileEntry = context.api.get(&["volumes", &below.volume, "files", "stat"], &query).await?;
    if folder.kind != FileKind::Directory {
        return Err(Failure::invalid(format!("'{}' is no folder.", folder.path))
            .hint(format!("cairn files stat {} {} tells about it.", below.volume, folder.path)));
    }
    let prefix = if folder.path.is_empty() { String::new() } else { format!("{}/", folder.path) };
    let limit = EVERYTHING.to_string();
    let query = [("prefix", prefix.as_str()), ("recursive", "true"), ("limit", &limit), ("at", at)];
    let mut entries: Vec<FileEntry> = context.api.get(&["volumes", &below.volume, "files"], &query).await?;
    // By parts: in the order of bytes "a.txt" comes between the folder "a" and what is in it.
    entries.sort_by(|one, other| one.path.split('/').cmp(other.path.split('/')));
    Ok((folder.path, entries))
}

fn draw(out: &Output, root: &str, entries: &[FileEntry]) -> Result<(), Failure> {
    let lasts = lasts(root, entries);
    // For each level, whether more comes in that folder.
    let mut more: Vec<bool> = Vec::new();
    for (entry, is_last) in entries.iter().zip(lasts) {
        let level = parts(root, entry).len() - 1;
        more.truncate(level);
        let mut line: String = more.iter().map(|more| if *more { "│   " } else { "    " }).collect();
        line.push_str(if is_last { "└── " } else { "├── " });
        more.push(!is_last);
        let size = if entry.kind == FileKind::File { format!("  {}", human(entry.size)) } else { String::new() };
        out.line(&format!("{line}{}{size}", printable(&named_as(entry, &entry.name))))?;
    }
    Ok(())
}

/// Whether each entry is the last of its folder.
fn lasts(root: &str, entries: &[FileEntry]) -> Vec<bool> {
    // Backwards, the first that is seen of a folder is its last.
    let mut seen: Vec<bool> = Vec::new();
    let mut lasts: Vec<bool> = Vec::with_capacity(entries.len());
    for entry in entries.iter().rev() {
        let level = parts(root, entry).len() - 1;
        // A folder comes after what is in it: that is forgotten then.
        seen.truncate(level + 1);
        seen.resize(level + 1, false);
        lasts.push(!std::mem::replace(&mut seen[level], true));
    }
    lasts.reverse();
    lasts
}

/// The parts of an entry's path below `root`.
fn parts<'a>(root: &str, entry: &'a FileEntry) -> Vec<&'a str> {
    entry.path[root.len()..].trim_start_matches('/').split('/').collect()
}

fn bytes_of(entries: &[FileEntry]) -> u64 {
    entries.iter().filter(|entry| entry.kind == FileKind::File).map(|entry| entry.size).sum()
}

fn files_of(entries: &[FileEntry]) -> u64 {
    entries.iter().filter(|entry| entry.kind != FileKind::Directory).count() as u64
}

/// What folders down to a level hold, and the files beside them; the largest first, and all of it last.
fn sums(root: &str, entries: &[FileEntry], depth: usize) -> Vec<Held> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for entry in entries {
        let parts = parts(root, entry);
        let (bytes, files) = match entry.kind {
            FileKind::Directory => (0, 0),
            FileKind::File => (entry.size, 1),
            FileKind::Symlink | FileKind::Other => (0, 1),
        };
        for level in 1..=parts.len().min(depth) {
            let mut path = parts[..level].join("/");
            if level < parts.len() || entry.kind == FileKind::Directory {
                path.push('/');
            }
            let sum = held.entry(path.clone()).or_insert(Held { path, bytes: 0, files: 0 });
            (sum.bytes, sum.files) = (sum.bytes.saturating_add(bytes), sum.files + files);
        }
    }
    let mut held: Vec<Held> = held.into_values().collect();
    held.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.path.cmp(&other.path)));
    held.push(Held { path: "in all".to_owned(), bytes: bytes_of(entries), files: files_of(entries) });
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, size: u64) -> FileEntry {
        let kind = if path.ends_with('/') { FileKind::Directory } else { FileKind::File };
        let path = path.trim_end_matches('/').to_owned();
        let name = path.rsplit('/').next().unwrap().to_owned();
        let (modified_at, target) = (String::new(), None);
        FileEntry { path, name, kind, size, mode: 0, uid: 0, gid: 0, modified_at, target }
    }

    #[test]
    fn folders_are_summed_down_to_a_level_and_the_last_of_each_is_known() {
        let entries = [
            entry("d/a/", 0),
            entry("d/a/b/", 0),
            entry("d/a/b/x", 5),
            entry("d/a/y", 2),
            entry("d/z", 9),
            entry("d/é/", 0),
        ];
        assert_eq!(lasts("d", &entries), [false, false, true, true, false, true]);
        let shown: Vec<_> = sums("d", &entries, 1).into_iter().map(|it| (it.path, it.bytes, it.files)).collect();
        let expected = [("z", 9, 1), ("a/", 7, 2), ("é/", 0, 0), ("in all", 16, 3)];
        assert_eq!(shown, expected.map(|(path, bytes, files)| (path.to_owned(), bytes, files)));
        assert_eq!(sums("", &entries, 3).len(), 7);
    }
}

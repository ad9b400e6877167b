//! `cairn files put`: files and folders of the host, or standard input, into a volume.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::task::Poll;

use cairn_api::{ErrorCode, FileEntry, UploadRequest};
use clap::Args;
use futures::{Stream, StreamExt, stream};
use glob::MatchOptions;
use reqwest::Body;
use tokio_util::bytes::Bytes;
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

use super::count;
use super::fetch::{self, Fetch};
use super::files::IfThere;
use super::send::{self, Send};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;
use crate::watch;

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn files put data photos notes.txt /       into the volume's root
  cairn files put data photos /pictures         'photos' becomes 'pictures', unless that is a folder already
  cairn files put data photos/. /pictures       what is in photos, into pictures
  cairn files put data 'logs/**/*.txt' /logs/   a pattern that the shell leaves alone
  tar c src | cairn files put data - src.tar    standard input
  cairn files put data --from-url https://example.org/data.csv /

DEST is a folder when it exists as one or ends with '/'. To the server of --url files are sent one by one, with their
checksums; one that broke off goes on where it was when the same command is given again.";

pub(crate) const USAGE: &str = "\
cairn files put [OPTIONS] <VOLUME> <SRC>... <DEST>
       cairn files put [OPTIONS] <VOLUME> --from-url <URL> <DEST>";

/// What to copy, and where to.
#[derive(Args)]
pub(crate) struct Put {
    /// The volume's name or id
    volume: String,
    /// Files and folders, patterns of them (*, ?, [a-z], **), or '-' for standard input; last, where they go in the
    /// volume
    #[arg(required = true, value_name = "SRC|DEST")]
    places: Vec<String>,
    /// Copy this file of the web instead: http or https
    #[arg(long, value_name = "URL")]
    from_url: Option<String>,
    /// That file's SHA-256, 64 hexadecimal digits
    #[arg(long, value_name = "SUM", requires = "from_url")]
    sha256: Option<String>,
    /// What to do about files that are already there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfThere::Replace)]
    if_there: IfThere,
    /// That file is an archive: what is in it goes into the folder DEST
    #[arg(long, requires = "from_url")]
    unpack: bool,
}

/// Read from standard input at once.
const PIECE: usize = 256 << 10;

/// Carries the command out.
pub(crate) async fn run(command: Put, context: &Context) -> Result<(), Failure> {
    let Put { volume, mut places, from_url, sha256, if_there, unpack } = command;
    let mut destination = places.pop().unwrap_or_default();
    if let Some(url) = from_url {
        if !places.is_empty() {
            return Err(Failure::invalid("A file of the web cannot be copied together with other sources.")
                .hint("Copy them one after the other."));
        }
        return fetch::run(Fetch { volume, url, destination, sha256, if_there, unpack }, context).await;
    }
    if places.is_empty() {
        return Err(Failure::invalid(format!("Where '{destination}' is to go is not said."))
            .hint("Name a place in the volume last; '/' is its root."));
    }
    if places.iter().any(|source| source == "-") {
        return from_stdin((&volume, &places, destination, if_there), context).await;
    }
    let (sources, contents) = sources(&places)?;
    if contents && !destination.ends_with('/') {
        destination.push('/');
    }
    if context.api.is_elsewhere() {
        return send::run(Send { volume: &volume, sources, destination, if_there }, context).await;
    }
    let request = UploadRequest { sources, destination, conflict: if_there.into() };
    let transfer = context.begin(&volume, "upload", request).await?;
    let done = watch::until_done(context, transfer).await?;
    context.out.did(&done, |done| {
        format!("Copied {} ({}) into {}.", count(done.files_done, "item"), human(done.bytes_done), printable(&volume))
    })
}

async fn from_stdin(
    (volume, sources, path, if_there): (&str, &[String], String, IfThere),
    context: &Context,
) -> Result<(), Failure> {
    if sources.len() > 1 {
        return Err(Failure::invalid("Standard input ('-') cannot be copied together with other sources."));
    }
    if path.trim_matches('/').is_empty() || path.ends_with('/') {
        return Err(Failure::invalid(format!("'{path}' is a folder, and standard input has no name of its own."))
            .hint("Name the file that it becomes."));
    }
    let overwrite = match if_there {
        IfThere::Replace => "true",
        IfThere::Fail => "false",
        IfThere::Skip => return Err(Failure::invalid("Standard input cannot be skipped.")),
    };
    let stop = CancellationToken::new();
    let content = Body::wrap_stream(stdin_until(stop.clone()));
    // Dropped when the server has answered, which may be early, and by Ctrl-C.
    let _stop = stop.drop_guard();
    let query = [("path", path.as_str()), ("overwrite", overwrite)];
    let entry: FileEntry = context.api.put(&["volumes", volume, "files", "content"], &query, content).await?;
    context.out.did(&entry, |entry| {
        format!("Copied standard input ({}) to {} in {}.", human(entry.size), printable(&entry.path), printable(volume))
    })
}

/// Standard input, until it ends. A stop breaks it off with an error, so that nobody takes what was read for the whole.
fn stdin_until(stop: CancellationToken) -> impl Stream<Item = io::Result<Bytes>> {
    let pieces = ReaderStream::with_capacity(tokio::io::stdin(), PIECE);
    let stopped = stop.clone().cancelled_owned();
    let end = stream::poll_fn(move |_| {
        Poll::Ready(stop.is_cancelled().then(|| Err(io::Error::other("the copy was broken off"))))
    });
    pieces.take_until(stopped).chain(end)
}

/// The sources as absolute paths, and whether one of them stood for what is in a folder (`.`, `photos/.`).
fn sources(given: &[String]) -> Result<(Vec<String>, bool), Failure> {
    let mut sources = Vec::new();
    let mut contents = false;
    for source in &expanded(given)? {
        let path = std::path::absolute(source)
            .map_err(|_| Failure::invalid(format!("'{source}' names no file or folder.")))?;
        if means_contents(source) {
            contents = true;
            sources.extend(entries(&path)?);
        } else {
            sources.push(path);
        }
    }
    if sources.is_empty() {
        return Err(Failure::invalid("The folder is empty: there is nothing to copy."));
    }
    let texts = sources.into_iter().map(|path| path.into_os_string().into_string().map_err(|path| not_utf8(&path)));
    Ok((texts.collect::<Result<_, _>>()?, contents))
}

/// The sources with each pattern replaced by what it fits, in the order of names. What is there under the very name of a
/// pattern is no pattern.
fn expanded(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut sources = Vec::new();
    for source in given {
        if !source.contains(['*', '?', '[']) || std::fs::symlink_metadata(source).is_ok() {
            sources.push(source.clone());
            continue;
        }
        let bad = |error| Failure::invalid(format!("'{source}' is no pattern: {error}."));
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let before = sources.len();
        for found in glob::glob_with(source, options).map_err(bad)? {
            let found = found.map_err(|error| {
                let folder = error.path().display().to_string();
                Failure::io(&format!("'{folder}' cannot be read"), error.error())
            })?;
            sources.push(found.into_os_string().into_string().map_err(|path| not_utf8(&path))?);
        }
        if sources.len() == before {
            return Err(Failure::new(ErrorCode::NotFound, format!("Nothing fits the pattern '{source}'."))
                .hint("A name that begins with a dot is fitted by a pattern that begins so."));
        }
    }
    Ok(sources)
}

pub(super) fn not_utf8(path: &OsStr) -> Failure {
    Failure::invalid(format!("The name '{}' is not UTF-8.", path.to_string_lossy()))
        .hint("Rename it, or copy the folder that it is in.")
}

/// Whether the path's last part is `.` or `..`.
fn means_contents(source: &str) -> bool {
    matches!(source.trim_end_matches('/').rsplit('/').next(), Some("." | ".."))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error| Failure::io(&format!("'{}' cannot be read", folder.display()), &error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        entries.push(entry.map_err(cannot)?.path());
    }
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_at_the_end_stands_for_what_is_inside() {
        for source in [".", "./", "..", "photos/.", "photos/./", "/a/.."] {
            assert!(means_contents(source), "{source}");
        }
        for source in ["photos", "photos/", ".hidden", "a..", "/"] {
            assert!(!means_contents(source), "{source}");
        }
    }

    #[test]
    fn the_contents_of_a_folder_are_its_entries() {
        let folder = tempfile::tempdir().unwrap();
        let dot = format!("{}/.", folder.path().display());
        assert!(sources(std::slice::from_ref(&dot)).is_err());
        std::fs::write(folder.path().join("b"), "").unwrap();
        std::fs::write(folder.path().join(".a"), "").unwrap();
        let (found, contents) = sources(&[dot]).unwrap();
        assert!(contents);
        let names: Vec<_> = found.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, [".a", "b"]);
    }

    #[test]
    fn a_pattern_stands_for_what_it_fits_unless_something_has_that_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("{}/{name}", folder.path().display());
        std::fs::create_dir(at("sub")).unwrap();
        for name in ["a.txt", "b.txt", "c.md", ".d.txt", "sub/e.txt"] {
            std::fs::write(at(name), "").unwrap();
        }
        assert_eq!(expanded(&[at("*.txt"), at("c.md")]).unwrap(), [at("a.txt"), at("b.txt"), at("c.md")]);
        assert_eq!(expanded(&[at("**/*.txt")]).unwrap(), [at("a.txt"), at("b.txt"), at("sub/e.txt")]);
        assert!(expanded(&[at("*.png")]).is_err() && expanded(&[at("[")]).is_err());
        std::fs::write(at("[x]*"), "").unwrap();
        assert_eq!(expanded(&[at("[x]*")]).unwrap(), [at("[x]*")]);
    }
}

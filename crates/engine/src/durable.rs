//! Files and folders that survive a power cut: replaced whole, flushed, and named only when complete.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::fault;

/// Makes the names in `folder` durable: files that were created, renamed or removed there.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes what was written to the file at `path` durable.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes everything durable that was written to the filesystem with `folder` in it.
pub(crate) fn sync_filesystem(folder: &Path) -> io::Result<()> {
    Ok(nix::unistd::syncfs(File::open(folder)?)?)
}

/// Creates `folder`, and those above it, for this user only (0700). One that is there stays as it is.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Replaces the file at `path` by one with `bytes` (mode 0600), so that after a crash it has the old
/// content or the new, never a part of either.
///
/// Written beside it, flushed, renamed into place, and the folder flushed: all of that is done when this returns.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    write_flushed(&temporary, bytes)?;
    fault::point("file written");
    std::fs::rename(&temporary, path)?;
    fault::point("file renamed");
    sync_parent(path)?;
    fault::point("file durable");
    Ok(())
}

/// Like [`replace_file`], and the old content stays beside it at `previous`.
pub(crate) fn replace_file_keeping(path: &Path, previous: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    write_flushed(&temporary, bytes)?;
    fault::point("manifest written");
    if path.exists() {
        keep(path, previous)?;
        fault::point("manifest kept");
    }
    std::fs::rename(&temporary, path)?;
    fault::point("manifest renamed");
    sync_parent(path)?;
    fault::point("manifest durable");
    Ok(())
}

/// Replaces the file at `path` by one with `bytes`: whoever reads it finds the old content or the new, but after a power cut
/// perhaps neither. Written beside it, as `<name>.new`, and renamed into place.
pub(crate) fn replace_unflushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    std::fs::write(&temporary, bytes)?;
    std::fs::rename(&temporary, path)
}

/// What a [`replace_file_keeping`] that was interrupted may have left.
pub(crate) fn unfinished(path: &Path, previous: &Path) -> [PathBuf; 2] {
    [path.with_extension("new"), previous.with_extension("old")]
}

/// Gives the content of `path` the second name `previous`, at no moment without a complete file there.
fn keep(path: &Path, previous: &Path) -> io::Result<()> {
    let temporary = previous.with_extension("old");
    remove_if_there(&temporary)?;
    // Not every filesystem has hard links; a copy does the same, a little slower.
    if std::fs::hard_link(path, &temporary).is_err() {
        write_flushed(&temporary, &std::fs::read(path)?)?;
    }
    fault::point("manifest linked");
    std::fs::rename(&temporary, previous)?;
    // Where both were names of one file already, a rename leaves both.
    remove_if_there(&temporary)
}

/// Gives what is at `from` the name `to` in the same folder; durable on return.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    sync_parent(to)
}

/// Removes a file; durable on return. One that is gone already is no failure.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    remove_if_there(path)?;
    sync_parent(path)
}

/// What the file at `path` has, if there is one.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Removes a file, not durably yet. One that is gone already is no failure.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder with all that is in it, not durably. One that is gone already is no failure.
pub(crate) fn remove_folder_if_there(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the files in `folder` whose names end so and that are unused, not durably. What cannot be removed stays, with a
/// line in the log.
pub(crate) fn remove_ending(folder: &Path, ending: &str, is_unused: impl Fn(&Path) -> bool) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let is_one = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(ending));
        if is_one
            && is_unused(&path)
            && let Err(error) = remove_if_there(&path)
        {
            tracing::warn!(path = %path.display(), %error, "a file that nobody needs stays");
        }
    }
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    fault::point("file made");
    file.write_all(bytes)?;
    fault::point("file filled");
    file.sync_all()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_keeps_its_former_content_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.json");
        let previous = folder.path().join("truth.previous.json");
        for content in ["one", "two", "three"] {
            replace_file_keeping(&path, &previous, content.as_bytes()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(std::fs::read_to_string(&previous).unwrap(), "two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    }
}

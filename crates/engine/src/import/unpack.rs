//! Unpacking an archive into a filesystem: first counted, then written, without a stop on the host's disk. Into a new volume
//! here, into a folder of one that is there in `files::unpack`.

use std::io::{self, Read};
use std::path::Path;

use cairn_block::qcow2::Access;
use cairn_ext4::{AttributeChanges, Attributes, FileKind, Next, Source, Timestamp};

use super::Making;
use super::archive::{Archive, Member, MemberKind};
use crate::error::{Error, ErrorKind, Result};
use crate::files::tree::Tree;
use crate::files::{VolumePath, file_name};
use crate::layer;
use crate::manifest::Manifest;
use crate::transfer::Job;
use crate::volume;

/// A new volume is at least so large; it takes up only what is written.
const LEAST_QUOTA: u64 = 1 << 30;
/// The filesystem has an inode for so many bytes.
const BYTES_PER_INODE: u64 = 16 << 10;
/// Bytes are counted in these.
const BLOCK: u64 = 4 << 10;

/// What there is to unpack.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) members: u64,
    pub(crate) bytes: u64,
    pub(crate) bytes_on_disk: u64,
}

/// Where an archive goes.
pub(crate) struct Destination<'a> {
    pub(crate) tree: &'a Tree,
    /// The folder that its members' paths are seen from.
    pub(crate) base: &'a VolumePath,
    /// The folder itself takes what the archive says of its own: it is new.
    pub(crate) whole: bool,
    /// Which members are left out, because something is there that stays.
    pub(crate) leaves: &'a dyn Fn(&VolumePath) -> bool,
}

impl Making<'_> {
    /// A new volume with what is in an archive. Blocks on the disk.
    pub(super) fn of_archive(&self, archive: Archive) -> Result<Manifest> {
        let source = &self.import.source;
        let count = count(archive, source, self.job, &mut |_| Ok(true))?;
        self.job.counted(count.members, count.bytes);
        self.check_room(count.bytes_on_disk)?;
        let quota_bytes = self.import.quota_bytes.unwrap_or_else(|| count.quota());
        volume::check_quota(quota_bytes)?;
        let manifest = volume::fill(self.folder, self.id.clone(), self.name, quota_bytes)?;
        let filesystem = layer::open_filesystem(self.folder, &manifest, &manifest.head, Access::ReadWrite)?;
        let tree = Tree::of(filesystem);
        let into = Destination { tree: &tree, base: &VolumePath::default(), whole: true, leaves: &|_| false };
        let left_out = unpack(&into, archive, source, self.job)?;
        tree.flush()?;
        if let Some(sentence) = left_out_of(source, left_out) {
            self.notice(sentence);
        }
        Ok(manifest)
    }
}

impl Count {
    /// Room for all of it and a quarter more.
    fn quota(self) -> u64 {
        let needed = self.bytes_on_disk.max(self.members.saturating_mul(BYTES_PER_INODE));
        needed.saturating_add(needed / 4).saturating_add(64 << 20).next_multiple_of(64 << 20).max(LEAST_QUOTA)
    }
}

/// What was left out of an archive, as a sentence.
pub(crate) fn left_out_of(source: &Path, left_out: u64) -> Option<String> {
    let name = file_name(source);
    (left_out > 0).then(|| format!("Left out of '{name}', because they have no content: {left_out} devices or pipes."))
}

/// Counts the members that `wanted` wants.
pub(crate) fn count(
    archive: Archive,
    source: &Path,
    job: &Job,
    wanted: &mut dyn FnMut(&Member) -> Result<bool>,
) -> Result<Count> {
    let mut count = Count::default();
    archive.for_each(source, &mut |member, _| {
        job.go_on()?;
        if !wanted(&member)? {
            return Ok(());
        }
        count.members += 1;
        if member.kind == MemberKind::File {
            count.bytes = count.bytes.saturating_add(member.size);
            count.bytes_on_disk = count.bytes_on_disk.saturating_add(member.stored).saturating_add(BLOCK);
        } else if member.kind == MemberKind::Folder {
            count.bytes_on_disk = count.bytes_on_disk.saturating_add(BLOCK);
        }
        Ok(())
    })?;
    Ok(count)
}

/// Writes all members; answers how many were left out because they are no files.
pub(crate) fn unpack(into: &Destination<'_>, archive: Archive, source: &Path, job: &Job) -> Result<u64> {
    let (mut left_out, mut folders) = (0, Vec::new());
    into.tree.in_batch(|| {
        archive.for_each(source, &mut |member, content| {
            job.go_on()?;
            if (into.leaves)(&member.path) {
                return Ok(());
            }
            job.begin_file(|| member.path.to_string());
            if member.kind == MemberKind::Other {
                left_out += 1;
            } else {
                put(into, &member, content, job)?;
            }
            job.end_file();
            if member.kind == MemberKind::Folder {
                folders.push((member.path, member.attributes));
            }
            Ok(())
        })?;
        // Times of folders move with each thing put into them.
        for (path, attributes) in folders.iter().rev().filter(|(path, _)| into.whole || !path.is_root()) {
            let Attributes { mode, uid, gid, atime, mtime } = *attributes;
            let (atime, mtime) = (Some(atime), Some(mtime));
            into.tree.set_attributes(
                &into.base.join_path(path),
                &AttributeChanges { mode: Some(mode), uid: Some(uid), gid: Some(gid), atime, mtime },
            )?;
        }
        Ok(())
    })?;
    Ok(left_out)
}

fn put(into: &Destination<'_>, member: &Member, content: &mut dyn Source, job: &Job) -> Result<()> {
    if member.path.is_root() && !(into.whole && member.kind == MemberKind::Folder) {
        return Ok(());
    }
    let (tree, path) = (into.tree, &into.base.join_path(&member.path));
    if let Some(parent) = path.parent()
        && !tree.is_folder(&parent)?
    {
        tree.mkdir_all(&parent, &Attributes::root(0o755, Timestamp::now()))?;
    }
    let there = tree.find(path)?.map(|found| found.kind);
    if member.kind == MemberKind::Folder {
        match there {
            Some(FileKind::Directory) => {}
            Some(_) => return Err(twice(&member.path)),
            None => tree.mkdir(path, &member.attributes)?,
        }
        return tree.set_xattrs(path, &member.xattrs);
    }
    match there {
        Some(FileKind::Directory) => return Err(twice(&member.path)),
        // What comes later in an archive is what counts.
        Some(_) => tree.remove(path)?,
        None => {}
    }
    match &member.kind {
        MemberKind::Symlink(target) => return tree.symlink(path, target, &member.attributes),
        MemberKind::HardLink(original) => return link(into, member, original),
        _ => {}
    }
    let mut content = Told { content, job, failure: None };
    let written = tree.create_file_from(path, &member.attributes, &mut content, member.size);
    match content.failure.take() {
        Some(failure) => return Err(failure),
        None => written?,
    }
    tree.set_xattrs(path, &member.xattrs)
}

/// Gives what has come before another name. Of what was left out there is none.
fn link(into: &Destination<'_>, member: &Member, original: &VolumePath) -> Result<()> {
    let (path, first) = (into.base.join_path(&member.path), into.base.join_path(original));
    match into.tree.find(&first)? {
        Some(found) if found.kind != FileKind::Directory => into.tree.hard_link(&first, &path),
        None if (into.leaves)(original) => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Corrupt,
            format!("'{}' is another name of '{original}' in the archive, which does not come before it.", member.path),
        )
        .with_hint("Nothing of it was kept; make the archive anew.")),
    }
}

fn twice(path: &VolumePath) -> Error {
    Error::new(ErrorKind::Corrupt, format!("'{path}' is in the archive as a folder and as a file."))
        .with_hint("Nothing of it was kept; make the archive anew.")
}

/// Content on its way, told to the transfer and stopped by its cancelling.
struct Told<'a> {
    content: &'a mut dyn Source,
    job: &'a Job,
    failure: Option<Error>,
}

impl Told<'_> {
    fn go_on(&mut self) -> io::Result<()> {
        self.job.go_on().map_err(|error| {
            let message = error.to_string();
            self.failure = Some(error);
            io::Error::other(message)
        })
    }
}

impl Read for Told<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.go_on()?;
        let count = self.content.read(buf).inspect_err(|error| {
            let sentence = format!("The archive is damaged or not complete: {}.", crate::convert::reason(error));
            self.failure =
                Some(Error::new(ErrorKind::Corrupt, sentence).with_hint("Nothing of it was kept; fetch it again."));
        })?;
        self.job.copied(count as u64);
        Ok(count)
    }
}

impl Source for Told<'_> {
    fn next(&mut self) -> io::Result<Next<'_>> {
        self.content.next()
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.go_on()?;
        self.content.skip(len)?;
        self.job.copied(len);
        Ok(())
    }
}

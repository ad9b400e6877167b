//! One member of an archive: a ustar header with the pax records that say what does not fit into it, and content.
//!
//! After POSIX.1-2017 (pax, "ustar Interchange Format") and GNU tar's "PAX Format, Version 1.0" of sparse files.
//! Knows nothing of what goes into an archive, or in which order.

use std::io::{self, Write};

use cairn_ext4::{FileHandle, FileKind, Metadata, Timestamp};
use tar::{EntryType, Header};

use super::refused;
use crate::convert::ext4_error;
use crate::error::Result;
use crate::files::path::VolumePath;
use crate::files::tree::Tree;

/// Everything in a tar stream is padded to this.
const RECORD: usize = 512;
/// How much of a file is read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Names up to this length fit into a header.
const NAME_BYTES: usize = 100;
/// The largest number in a field of seven, and of eleven, octal digits.
const SEVEN_DIGITS: u64 = 0o777_7777;
const ELEVEN_DIGITS: u64 = 0o777_7777_7777;
/// Shorter holes are written as the zeros that they are.
const HOLE_BYTES: u64 = 64 << 10;
/// A file with more holes than this is written without the rest of them, so that a hostile one takes no memory.
const MOST_RUNS: usize = 1 << 16;

/// Writes members, one after the other.
pub(super) struct Members<W: Write> {
    tar: tar::Builder<W>,
    buffer: Vec<u8>,
}

/// The records of a pax header.
#[derive(Default)]
struct Records(Vec<(String, Vec<u8>)>);

/// Bytes of a file that were written: first, and how many.
type Run = (u64, u64);

impl<W: Write> Members<W> {
    pub(super) fn new(out: W) -> Self {
        Self { tar: tar::Builder::new(out), buffer: Vec::new() }
    }

    /// Ends the archive.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.tar.finish()?;
        self.tar.get_mut().flush()
    }

    /// A folder, without what is in it.
    pub(super) fn folder(&mut self, tree: &Tree, path: &VolumePath, name: &VolumePath, found: &Metadata) -> Result<()> {
        let mut header = header(EntryType::Directory, found);
        let mut records = records(found);
        records.attributes(tree, path)?;
        let name = [name.as_bytes(), b"/"].concat();
        self.begin(&mut header, records, &name).map_err(|e| refused(&e))
    }

    /// A further name of a file that is in the archive already.
    pub(super) fn second_name(&mut self, name: &VolumePath, first: &VolumePath, found: &Metadata) -> Result<()> {
        let mut header = header(EntryType::Link, found);
        let mut records = records(found);
        records.target(&mut header, first.as_bytes());
        self.begin(&mut header, records, name.as_bytes()).map_err(|e| refused(&e))
    }

    /// Anything but a folder.
    pub(super) fn file(&mut self, tree: &Tree, path: &VolumePath, name: &VolumePath, found: &Metadata) -> Result<()> {
        let mut records = records(found);
        records.attributes(tree, path)?;
        let kind = match found.kind {
            FileKind::Symlink => EntryType::Symlink,
            FileKind::Fifo => EntryType::Fifo,
            FileKind::CharacterDevice => EntryType::Char,
            FileKind::BlockDevice => EntryType::Block,
            _ => return self.regular(tree, path, name, found, records),
        };
        let mut header = header(kind, found);
        if kind == EntryType::Symlink {
            records.target(&mut header, &tree.read_link(path)?);
        }
        if let Some((major, minor)) = found.device {
            let set = header.set_device_major(major).and_then(|()| header.set_device_minor(minor));
            set.map_err(|e| refused(&e))?;
        }
        self.begin(&mut header, records, name.as_bytes()).map_err(|e| refused(&e))
    }

    fn regular(
        &mut self,
        tree: &Tree,
        path: &VolumePath,
        name: &VolumePath,
        found: &Metadata,
        mut records: Records,
    ) -> Result<()> {
        let file = tree.open_file(path)?;
        let runs = runs(&file).map_err(|e| ext4_error(&format!("read '{path}'"), &e))?;
        let stored: u64 = runs.iter().map(|run| run.1).sum();
        let mut header = header(EntryType::Regular, found);
        if stored == file.len() {
            records.size(&mut header, stored);
            self.begin(&mut header, records, name.as_bytes()).map_err(|e| refused(&e))?;
        } else {
            let map = map_of(&runs, file.len());
            records.size(&mut header, stored + map.len() as u64);
            records.add("GNU.sparse.major", "1");
            records.add("GNU.sparse.minor", "0");
            records.add("GNU.sparse.name", name.as_bytes());
            records.add("GNU.sparse.realsize", file.len().to_string());
            // Who does not know of holes finds what was stored under a name that says so.
            let folder = name.parent().unwrap_or_default().join(b"GNUSparseFile.0");
            let stored_as = folder.join(name.name().unwrap_or_default());
            self.begin(&mut header, records, stored_as.as_bytes())
                .and_then(|()| self.tar.get_mut().write_all(&map))
                .map_err(|e| refused(&e))?;
        }
        runs.iter().try_for_each(|run| self.content(&file, path, *run))?;
        // All runs but the last are whole records.
        let padding = stored.next_multiple_of(RECORD as u64) - stored;
        let zeros = [0; RECORD];
        let padding = zeros.get(..usize::try_from(padding).unwrap_or(0)).unwrap_or_default();
        self.tar.get_mut().write_all(padding).map_err(|e| refused(&e))
    }

    fn content(&mut self, file: &FileHandle, path: &VolumePath, (first, len): Run) -> Result<()> {
        self.buffer.resize(CHUNK_BYTES, 0);
        let mut done = 0;
        while done < len {
            let want = usize::try_from(len - done).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
            let part = self.buffer.get_mut(..want).unwrap_or_default();
            let unreadable = |e| ext4_error(&format!("read '{path}'"), &e);
            let read = file.read_at(part, first + done).map_err(unreadable)?;
            if read == 0 {
                let why = "it ended before its length";
                return Err(unreadable(cairn_ext4::Error::new(cairn_ext4::ErrorKind::Corrupt, why)));
            }
            let part = self.buffer.get(..read).unwrap_or_default();
            self.tar.get_mut().write_all(part).map_err(|e| refused(&e))?;
            done += read as u64;
        }
        Ok(())
    }

    /// The pax records, if there are any, and the header.
    fn begin(&mut self, header: &mut Header, mut records: Records, name: &[u8]) -> io::Result<()> {
        if name.len() > NAME_BYTES || !name.is_ascii() {
            records.add("path", name);
        }
        let field = &mut header.as_old_mut().name;
        let fits = name.len().min(field.len());
        field[..fits].copy_from_slice(&name[..fits]);
        header.set_cksum();
        if records.0.iter().any(|(_, value)| std::str::from_utf8(value).is_err()) {
            records.0.insert(0, ("hdrcharset".to_owned(), b"BINARY".to_vec()));
        }
        self.tar.append_pax_extensions(records.0.iter().map(|(key, value)| (&**key, &**value)))?;
        self.tar.get_mut().write_all(header.as_bytes())
    }
}

impl Records {
    fn add(&mut self, key: &str, value: impl AsRef<[u8]>) {
        self.0.push((key.to_owned(), value.as_ref().to_vec()));
    }

    fn number(&mut self, key: &str, value: u64, largest: u64) {
        if value > largest {
            self.add(key, value.to_string());
        }
    }

    fn size(&mut self, header: &mut Header, size: u64) {
        header.set_size(size);
        self.number("size", size, ELEVEN_DIGITS);
    }

    fn target(&mut self, header: &mut Header, target: &[u8]) {
        if target.len() > NAME_BYTES || !target.is_ascii() {
            self.add("linkpath", target);
        }
        let field = &mut header.as_old_mut().linkname;
        let fits = target.len().min(field.len());
        field[..fits].copy_from_slice(&target[..fits]);
    }

    /// The extended attributes, as GNU tar and star name them.
    fn attributes(&mut self, tree: &Tree, path: &VolumePath) -> Result<()> {
        for (name, value) in tree.xattrs(path)? {
            let name = String::from_utf8_lossy(&name).replace('%', "%25").replace('=', "%3D");
            self.add(&format!("SCHILY.xattr.{name}"), value);
        }
        Ok(())
    }
}

fn header(kind: EntryType, found: &Metadata) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(u32::from(found.mode));
    header.set_uid(u64::from(found.uid).min(SEVEN_DIGITS));
    header.set_gid(u64::from(found.gid).min(SEVEN_DIGITS));
    header.set_size(0);
    header.set_mtime(u64::try_from(found.mtime.seconds).unwrap_or(0).min(ELEVEN_DIGITS));
    header
}

/// What a header has no room for.
fn records(found: &Metadata) -> Records {
    let mut records = Records::default();
    records.number("uid", found.uid.into(), SEVEN_DIGITS);
    records.number("gid", found.gid.into(), SEVEN_DIGITS);
    records.add("mtime", decimal(found.mtime));
    records.add("atime", decimal(found.atime));
    records
}

/// Seconds since 1970 with nine digits behind the point.
fn decimal(time: Timestamp) -> String {
    match (time.seconds, time.nanoseconds) {
        (seconds, nanoseconds) if seconds >= 0 || nanoseconds == 0 => format!("{seconds}.{nanoseconds:09}"),
        // A second and a half before 1970 is stored as two seconds before, and half a second more.
        (seconds, nanoseconds) => format!("-{}.{:09}", -(seconds + 1), 1_000_000_000 - nanoseconds),
    }
}

/// Where a file has content.
fn runs(file: &FileHandle) -> cairn_ext4::Result<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < file.len() {
        let (start, end) = match runs.len() < MOST_RUNS {
            true => file.next_data(at)?.unwrap_or((file.len(), file.len())),
            false => (at, file.len()),
        };
        match runs.last_mut() {
            Some(last) if start < end && start - (last.0 + last.1) < HOLE_BYTES => last.1 = end - last.0,
            None if start < end && start < HOLE_BYTES => runs.push((0, end)),
            _ if start < end => runs.push((start, end - start)),
            _ => {}
        }
        at = end.max(at + 1);
    }
    let end = runs.last().map_or(0, |last| last.0 + last.1);
    match runs.last_mut() {
        _ if file.len() - end >= HOLE_BYTES || file.len() == end => {}
        Some(last) => last.1 = file.len() - last.0,
        None => runs.push((0, file.len())),
    }
    Ok(runs)
}

/// GNU tar's map of a sparse file, version 1.0: numbers in decimal, one a line, padded to whole records.
fn map_of(runs: &[Run], len: u64) -> Vec<u8> {
    let ends_with_data = runs.last().is_some_and(|last| last.0 + last.1 == len);
    // A hole at the end is told by an empty run behind it.
    let end = (!ends_with_data).then_some((len, 0));
    let numbers = runs.iter().copied().chain(end).flat_map(|(first, len)| [first, len]);
    let count = (runs.len() + usize::from(end.is_some())) as u64;
    let text: String = std::iter::once(count).chain(numbers).map(|number| format!("{number}\n")).collect();
    let mut map = text.into_bytes();
    map.resize(map.len().next_multiple_of(RECORD), 0);
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_told_as_decimals() {
        let time = |seconds, nanoseconds| decimal(Timestamp { seconds, nanoseconds });
        assert_eq!(time(1, 5), "1.000000005");
        assert_eq!(time(-2, 500_000_000), "-1.500000000");
        assert_eq!(time(-1, 999_999_999), "-0.000000001");
        assert_eq!(time(-7, 0), "-7.000000000");
    }

    #[test]
    fn the_map_of_a_sparse_file_ends_where_the_file_ends() {
        let text = |map: Vec<u8>| String::from_utf8(map).unwrap().trim_end_matches('\0').to_owned();
        assert_eq!(text(map_of(&[(4096, 10)], 4106)), "1\n4096\n10\n");
        assert_eq!(text(map_of(&[], 9)), "1\n9\n0\n");
        assert_eq!(map_of(&[(0, 4096)], 1 << 20).len(), RECORD);
    }
}

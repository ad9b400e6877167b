//! Reading zip. Its central directory says what is in it; names are UTF-8, or what they were before that.

use std::io::{self, Read, Seek};
use std::path::Path;

use ::zip::result::ZipError;
use ::zip::{DateTime, ZipArchive};
use cairn_ext4::{Attributes, Timestamp};
use time::{Date, Month, PrimitiveDateTime, Time};

use super::{Member, MemberKind, Stream, Visit, damaged, member_path, refused};
use crate::error::{Error, Result};

/// A link's target is at most so long.
const LONGEST_TARGET: u64 = 4096;

pub(super) fn for_each<R: Read + Seek>(file: R, path: &Path, visit: &mut Visit<'_>) -> Result<()> {
    let mut zip = ZipArchive::new(file).map_err(|e| failed(path, e))?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|e| failed(path, e))?;
        let name = entry.name().map_err(|e| failed(path, e))?.into_owned();
        let mode = entry.unix_mode();
        let default = if entry.is_dir() { 0o755 } else { 0o644 };
        let time = entry.last_modified().and_then(timestamp).unwrap_or_else(Timestamp::now);
        let size = entry.size();
        let mut member = Member {
            path: member_path(path, name.as_bytes())?,
            kind: MemberKind::File,
            attributes: Attributes::root(mode.map_or(default, |mode| (mode & 0o7777) as u16), time),
            xattrs: Vec::new(),
            size,
            stored: size,
        };
        if entry.is_dir() {
            member.kind = MemberKind::Folder;
        } else if entry.is_symlink() {
            let mut target = Vec::new();
            entry.by_ref().take(LONGEST_TARGET).read_to_end(&mut target).map_err(|e| damaged(path, &e))?;
            member.kind = MemberKind::Symlink(target);
        }
        // However much comes out, no more than was told.
        visit(member, &mut Stream(Exact { left: size, content: entry }))?;
    }
    Ok(())
}

/// As long as was told.
struct Exact<R> {
    left: u64,
    content: R,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buf.is_empty() {
            // What comes at the end tells whether the checksum was right.
            return match self.content.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a file in it is longer than it says")),
            };
        }
        let most = usize::try_from(self.left).map_or(buf.len(), |left| left.min(buf.len()));
        match self.content.read(&mut buf[..most])? {
            0 if most > 0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.left -= count as u64;
                Ok(count)
            }
        }
    }
}

/// zip knows no time zones: it is taken as this computer's clock in UTC.
fn timestamp(time: DateTime) -> Option<Timestamp> {
    let date =
        Date::from_calendar_date(i32::from(time.year()), Month::try_from(time.month()).ok()?, time.day()).ok()?;
    let clock = Time::from_hms(time.hour(), time.minute(), time.second()).ok()?;
    Some(Timestamp { seconds: PrimitiveDateTime::new(date, clock).assume_utc().unix_timestamp(), nanoseconds: 0 })
}

fn failed(path: &Path, error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => damaged(path, &error),
        ZipError::UnsupportedArchive(why) => refused(path, &format!("it uses what Cairn does not read ({why})"))
            .with_hint("Unpack it, and copy the folder into a volume."),
        other => damaged(path, &io::Error::other(other)),
    }
}

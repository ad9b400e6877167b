//! Writing what comes of a part behind what has come before, and saying durably how much that is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

use super::record::{Place, Record};
use super::{UploadPart, none};
use crate::checksum::Sha256Sum;
use crate::convert::io_error;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::files::path::VolumePath;
use crate::store::internal;

/// After so many bytes what has come is flushed, while more comes.
const FLUSH_EVERY: u64 = 16 << 20;
/// Read and written at once.
const PIECE: usize = 256 << 10;

/// Takes a part; answers how much of the file is there and durable.
///
/// # Errors
/// As for [`file_upload_part`](crate::Engine::file_upload_part); what has come may be there all the same.
pub(super) fn gather(place: &Place, path: &VolumePath, part: &UploadPart, source: &mut dyn Read) -> Result<Record> {
    let mut gathering = Gathering::open(place, path, part)?;
    let came = gathering.take(part, source);
    if part.part_sha256.is_some() && came.is_err() {
        gathering.at = part.offset;
    }
    let kept = gathering.end();
    came.and(kept)
}

/// An upload that is being added to.
struct Gathering<'a> {
    place: &'a Place,
    record: Record,
    file: File,
    /// How many bytes are there.
    at: u64,
    /// A flush under way, and how many bytes it makes durable.
    flush: Option<(u64, JoinHandle<io::Result<()>>)>,
}

impl<'a> Gathering<'a> {
    /// A new upload for a part from the first byte on, else the one that is there.
    fn open(place: &'a Place, path: &VolumePath, part: &UploadPart) -> Result<Self> {
        let there = if part.offset == 0 && part.length > 0 { None } else { place.read()? };
        let record = match there {
            Some(mut record) => {
                record.follow(part)?;
                record
            }
            None if part.offset == 0 && (part.length > 0 || part.size == 0) => Record::new(path, part),
            None => return Err(none(path)),
        };
        let failed = |e: io::Error| io_error("stage an upload", &place.content(), &e);
        durable::create_private_folder(place.folder()).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(place.content()).map_err(failed)?;
        // What stands behind is not known to be whole.
        let at = record.received;
        let mut gathering = Self { place, record, file, at, flush: None };
        gathering.place.write(&mut gathering.record)?;
        gathering.file.set_len(at).map_err(failed)?;
        Ok(gathering)
    }

    fn take(&mut self, part: &UploadPart, source: &mut dyn Read) -> Result<()> {
        let end = part.offset + part.length;
        let (mut piece, mut digest) = (vec![0; PIECE], part.part_sha256.map(|_| Sha256::new()));
        let mut unflushed = 0;
        loop {
            let count = match source.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(&self.record, self.at, &error)),
            };
            if self.at + count as u64 > end {
                return Err(Error::new(ErrorKind::InvalidInput, "More came than the part was said to have."));
            }
            self.file.write_all_at(&piece[..count], self.at).map_err(|e| self.failed(&e))?;
            self.at += count as u64;
            unflushed += count as u64;
            // Known to be there as soon as it is, also when the rest comes slowly.
            if self.flush.as_ref().is_some_and(|(_, flush)| flush.is_finished()) {
                self.settle()?;
            }
            match &mut digest {
                Some(digest) => digest.update(&piece[..count]),
                None if unflushed >= FLUSH_EVERY => {
                    self.flush_behind()?;
                    unflushed = 0;
                }
                None => {}
            }
        }
        if self.at < end {
            return Err(Error::new(ErrorKind::InvalidInput, "Less came than the part was said to have.")
                .with_hint("What came is kept; go on behind it."));
        }
        match (digest, part.part_sha256) {
            (Some(digest), Some(expected)) => Sha256Sum(digest.finalize().into()).expect(expected, "The part"),
            _ => Ok(()),
        }
    }

    /// Begins to make durable what is there.
    fn flush_behind(&mut self) -> Result<()> {
        self.settle()?;
        let file = self.file.try_clone().map_err(|e| self.failed(&e))?;
        self.flush = Some((self.at, std::thread::spawn(move || file.sync_data())));
        Ok(())
    }

    /// Waits for the flush under way, and writes down what it has made durable.
    fn settle(&mut self) -> Result<()> {
        let Some((at, flush)) = self.flush.take() else { return Ok(()) };
        let flushed = flush.join().map_err(|_| internal("flush an upload", &"its thread broke"))?;
        flushed.map_err(|e| self.failed(&e))?;
        self.record.received = at;
        self.place.write(&mut self.record)
    }

    /// Makes durable what is there, and says so.
    fn end(mut self) -> Result<Record> {
        self.settle()?;
        self.file.set_len(self.at).and_then(|()| self.file.sync_all()).map_err(|e| self.failed(&e))?;
        self.record.received = self.at;
        self.place.write(&mut self.record)?;
        Ok(self.record)
    }

    fn failed(&self, error: &io::Error) -> Error {
        io_error("stage an upload", &self.place.content(), error)
    }
}

fn broken(record: &Record, at: u64, error: &io::Error) -> Error {
    let sentence = format!("The upload broke off behind {at} of {} bytes: {error}.", record.size);
    Error::new(ErrorKind::Io, sentence).with_hint("What has come is kept; go on behind it.")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Brings so much that it is flushed, and then a byte now and then until that is written down.
    struct Slow<'a> {
        place: &'a Place,
        quickly: u64,
        patience: u32,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.quickly > 0 {
                let count = buffer.len().min(usize::try_from(self.quickly).unwrap());
                self.quickly -= count as u64;
                return Ok(count);
            }
            let written_down = self.place.read().unwrap().unwrap().received;
            self.patience -= 1;
            if written_down >= FLUSH_EVERY || self.patience == 0 {
                return Err(io::Error::other(format!("{written_down} are written down")));
            }
            std::thread::sleep(Duration::from_millis(10));
            Ok(1)
        }
    }

    #[test]
    fn what_is_flushed_is_known_to_be_there_while_the_rest_comes_slowly() {
        let folder = tempfile::tempdir().unwrap();
        let path = VolumePath::parse("slow").unwrap();
        let place = Place::of(&folder.path().join("uploads"), &path);
        let part = UploadPart {
            path: "slow".into(),
            offset: 0,
            length: 4 * FLUSH_EVERY,
            size: 4 * FLUSH_EVERY,
            overwrite: true,
            sha256: None,
            part_sha256: None,
            condition: None,
        };
        let mut source = Slow { place: &place, quickly: FLUSH_EVERY, patience: 6000 };
        let broken = gather(&place, &path, &part, &mut source).unwrap_err();
        assert!(broken.message().contains(&format!("{FLUSH_EVERY} are written down")), "{broken}");
    }
}

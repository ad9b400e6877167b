//! A host file's content on its way into a volume: as long as it was when it was opened, told to the transfer, stopped
//! by its cancelling. Holes are told of, and the bytes themselves need not pass through here.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use cairn_ext4::{Next, Source};

use super::holes::{self, Stretch};
use super::upload::changed;
use crate::convert::io_error;
use crate::error::{Error, Result};
use crate::transfer::Job;

/// The file, and how much of it was taken.
pub(super) struct HostFile<'a> {
    file: File,
    host: &'a Path,
    at: u64,
    len: u64,
    /// What is known of the bytes from `at` on, up to the offset that comes with it.
    known: Option<(Stretch, u64)>,
    job: &'a Job,
    failure: Option<Error>,
}

impl<'a> HostFile<'a> {
    /// The first `len` bytes of `file`, which is at `host`.
    pub(super) fn new(file: File, host: &'a Path, len: u64, job: &'a Job) -> Self {
        Self { file, host, at: 0, len, known: None, job, failure: None }
    }

    /// Why it could not be read, if that is so.
    pub(super) fn failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    fn read_some(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.job.go_on()?;
        let most = usize::try_from(self.len - self.at).unwrap_or(usize::MAX).min(buf.len());
        if most == 0 {
            return Ok(0);
        }
        let count = loop {
            match self.file.read_at(&mut buf[..most], self.at) {
                Ok(0) => return Err(changed(self.host)),
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_error("read what is to be uploaded", self.host, &error)),
            }
        };
        self.take(count as u64);
        Ok(count)
    }

    fn take(&mut self, len: u64) {
        self.at += len;
        self.job.copied(len);
    }

    /// What stands from here on, and up to where.
    fn look(&mut self) -> Option<(Stretch, u64)> {
        if self.known.is_none_or(|(_, end)| end <= self.at) {
            self.known = holes::stretch(&self.file, self.at, self.len);
        }
        self.known
    }

    fn tell(&mut self, error: Error) -> io::Error {
        let message = error.to_string();
        self.failure = Some(error);
        io::Error::other(message)
    }
}

impl Read for HostFile<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_some(buf).map_err(|error| self.tell(error))
    }
}

impl Source for HostFile<'_> {
    fn next(&mut self) -> io::Result<Next<'_>> {
        let offset = self.at;
        Ok(match self.look() {
            None => Next::Unknown,
            Some((Stretch::Hole, end)) => Next::Zeros(end - offset),
            Some((Stretch::Data, end)) => Next::Stored { file: &self.file, offset, len: end - offset },
        })
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.job.go_on().map_err(|error| self.tell(error))?;
        self.take(len);
        Ok(())
    }
}

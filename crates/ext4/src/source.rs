//! Where the content of a file comes from: a stream, or a file of the host whose bytes need not pass through here.

use std::fs::File;
use std::io::{self, Read};

/// Content to store: a stream that may know, in part, what comes next.
///
/// [`next`](Self::next) is asked only for content that is long; bytes that it tells of are then
/// [skipped](Self::skip) in place of being read.
pub trait Source: Read {
    /// What is known of the bytes that would be read next.
    ///
    /// # Errors
    /// As for reading them.
    fn next(&mut self) -> io::Result<Next<'_>> {
        Ok(Next::Unknown)
    }

    /// Passes over the next `len` bytes, which were stored or left out.
    ///
    /// # Errors
    /// As for reading them; the file is then not stored.
    fn skip(&mut self, len: u64) -> io::Result<()> {
        let _ = len;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// What is known of the bytes that a [`Source`] has next.
#[derive(Debug)]
pub enum Next<'s> {
    /// Nothing: they have to be read.
    Unknown,
    /// So many are zeros, which need not be stored.
    Zeros(u64),
    /// So many stand in a file of the host.
    Stored {
        /// The file.
        file: &'s File,
        /// Where in the file the first of them stands.
        offset: u64,
        /// How many there are.
        len: u64,
    },
}

/// A stream of which nothing is known.
pub(crate) struct Stream<'s>(pub(crate) &'s mut dyn Read);

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl Source for Stream<'_> {}

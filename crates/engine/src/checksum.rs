//! SHA-256 sums that somebody says content has, and holding the content against them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::convert::{hex, io_error};
use crate::error::{Error, ErrorKind, Result};

/// Read at once.
const PIECE: usize = 1 << 20;

/// The SHA-256 of some content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256Sum(pub [u8; 32]);

impl Sha256Sum {
    /// From 64 hexadecimal digits, in capitals or not.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut sum = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in sum.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(sum))
    }

    /// Of the first `len` bytes of the file at `path`.
    pub(crate) fn of_file(path: &Path, len: u64) -> Result<Self> {
        let failed = |e: io::Error| io_error("read what was uploaded", path, &e);
        Self::of(File::open(path).map_err(failed)?.take(len), || Ok(()), failed)
    }

    /// Of all that `source` has. Before each piece it is asked whether to `go_on`; what cannot be read has `failed`.
    pub(crate) fn of(
        mut source: impl Read,
        go_on: impl Fn() -> Result<()>,
        failed: impl Fn(io::Error) -> Error,
    ) -> Result<Self> {
        let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            go_on()?;
            match source.read(&mut piece) {
                Ok(0) => return Ok(Self(digest.finalize().into())),
                Ok(count) => digest.update(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Refuses content, which is called `what`, when this is not what it should have.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], with both sums.
    pub(crate) fn expect(self, expected: Self, what: &str) -> Result<()> {
        if self == expected {
            return Ok(());
        }
        let sentence = format!("{what} is not what its checksum says: its SHA-256 is {self}, not {expected}.");
        Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Nothing was changed; send it again."))
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A stream that breaks at its end when it was not what it should be, so that nobody takes it for whole.
pub(crate) struct Checked<'s> {
    source: &'s mut dyn Read,
    expected: Option<Sha256Sum>,
    digest: Sha256,
    refusal: Option<Error>,
}

impl<'s> Checked<'s> {
    pub(crate) fn new(source: &'s mut dyn Read, expected: Option<Sha256Sum>) -> Self {
        Self { source, expected, digest: Sha256::new(), refusal: None }
    }

    /// Why it broke, when that is not the source's own reason.
    pub(crate) fn refusal(&mut self) -> Option<Error> {
        self.refusal.take()
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let Some(expected) = self.expected else { return Ok(count) };
        self.digest.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() {
            let found = Sha256Sum(self.digest.clone().finalize().into());
            if let Err(error) = found.expect(expected, "The content") {
                let why = io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned());
                self.refusal = Some(error);
                return Err(why);
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_stream_that_is_not_what_it_should_be_breaks_at_its_end() {
        let sum = Sha256Sum::from_hex(ABC).unwrap();
        assert_eq!(sum.to_string(), ABC);
        let through = |content: &[u8]| {
            let mut source = content;
            let mut checked = Checked::new(&mut source, Some(sum));
            let read = checked.read_to_end(&mut Vec::new());
            (read.ok(), checked.refusal().map(|error| error.kind()))
        };
        assert_eq!(through(b"abc"), (Some(3), None));
        assert_eq!(through(b"abd"), (None, Some(ErrorKind::InvalidInput)));
        assert_eq!(through(b""), (None, Some(ErrorKind::InvalidInput)));
        for wrong in ["abc", &"g".repeat(64), &"+a".repeat(32)] {
            assert_eq!(Sha256Sum::from_hex(wrong), None, "{wrong}");
        }
    }
}

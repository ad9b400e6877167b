//! Archives of others: what is in them, one member after the other, without unpacking them anywhere. An archive is
//! untrusted: no path in it leads out of where it goes, and no record in it takes memory.

mod tar;
mod zip;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use cairn_ext4::{Attributes, Source};
use flate2::read::MultiGzDecoder;

use crate::convert::{reason, unreadable};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{VolumePath, file_name};

/// Read from the archive's file at once.
const BUFFER: usize = 256 << 10;

/// How an archive is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Archive {
    /// tar: POSIX pax, ustar or GNU's.
    Tar,
    /// The same, compressed by gzip.
    TarGz,
    /// zip.
    Zip,
}

/// What is in an archive.
#[derive(Debug)]
pub(crate) struct Member {
    /// Below where the archive goes; the root is that itself.
    pub(crate) path: VolumePath,
    pub(crate) kind: MemberKind,
    pub(crate) attributes: Attributes,
    pub(crate) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// Length of a file.
    pub(crate) size: u64,
    /// How much of that is stored; the rest are holes.
    pub(crate) stored: u64,
}

/// What a member is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    File,
    Folder,
    Symlink(Vec<u8>),
    /// Another name of what has been before.
    HardLink(VolumePath),
    /// A device, a socket, a pipe.
    Other,
}

/// Is shown each member with its content, which need not be read.
pub(crate) type Visit<'v> = dyn FnMut(Member, &mut dyn Source) -> Result<()> + 'v;

impl Archive {
    /// Which archive a file is, by its first bytes; none when it is none.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for something that was compressed and is no tar; when the file cannot be read.
    pub(crate) fn tell(path: &Path) -> Result<Option<Self>> {
        let refuse = |e| unreadable("read what is to be unpacked", path, &e);
        let begins = |reader: &mut dyn Read| -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            reader.take(tar::RECORD).read_to_end(&mut bytes).map(|_| bytes)
        };
        let bytes = begins(&mut File::open(path).map_err(refuse)?).map_err(refuse)?;
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Ok(Some(Self::Zip));
        }
        if bytes.starts_with(b"\x1f\x8b") {
            let mut inner = MultiGzDecoder::new(File::open(path).map_err(refuse)?);
            return match begins(&mut inner) {
                Ok(bytes) if tar::is_header(&bytes) => Ok(Some(Self::TarGz)),
                _ => Err(refused(path, "it is compressed by gzip, and there is no tar archive in it")
                    .with_hint("Decompress it with 'gunzip -k', and take what comes out.")),
            };
        }
        for (magic, name, tool) in [
            (&b"\x28\xb5\x2f\xfd"[..], "zstd", "unzstd"),
            (b"\xfd7zXZ\0", "xz", "unxz -k"),
            (b"BZh", "bzip2", "bunzip2 -k"),
        ] {
            if bytes.starts_with(magic) {
                return Err(refused(path, &format!("it is compressed by {name}, which Cairn does not read"))
                    .with_hint(format!("Decompress it with '{tool}', and take what comes out.")));
            }
        }
        Ok(tar::is_header(&bytes).then_some(Self::Tar))
    }

    /// Shows all members, in their order.
    ///
    /// # Errors
    /// What `visit` says; [`ErrorKind::Corrupt`] when the archive is damaged.
    pub(crate) fn for_each(self, path: &Path, visit: &mut Visit<'_>) -> Result<()> {
        let file = File::open(path).map_err(|e| unreadable("read the archive", path, &e))?;
        match self {
            Self::Tar => tar::for_each(&mut BufReader::with_capacity(BUFFER, file), path, visit),
            Self::TarGz => {
                let inner = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
                tar::for_each(&mut BufReader::with_capacity(BUFFER, inner), path, visit)
            }
            Self::Zip => zip::for_each(BufReader::with_capacity(BUFFER, file), path, visit),
        }
    }
}

/// The path of a member, without what stands for the folder itself.
fn member_path(archive: &Path, name: &[u8]) -> Result<VolumePath> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in name.split(|byte| *byte == b'/').filter(|name| !matches!(*name, b"" | b".")) {
        if name == b".." {
            let why = "a path in it leads out of where it goes, so that it was made to do harm";
            return Err(refused(archive, why).with_hint("Nothing of it was kept."));
        }
        names.push(name);
    }
    VolumePath::from_bytes(&names.join(&b'/'))
}

fn refused(archive: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("'{}' cannot be unpacked: {why}.", file_name(archive)))
}

/// It cannot be read to its end.
fn damaged(archive: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Corrupt,
        format!("The archive '{}' is damaged or not complete: {}.", file_name(archive), reason(error)),
    )
    .with_hint("Nothing of it was kept; fetch the archive again.")
}

/// Content of which nothing is known before it is read.
struct Stream<R>(R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: Read> Source for Stream<R> {}

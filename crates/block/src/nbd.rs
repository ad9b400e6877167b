//! A disk that another program exports by the Network Block Device protocol, to be read.
//!
//! Specification: `doc/proto.md` of the NBD project; of it the fixed newstyle handshake with `NBD_OPT_GO`, and simple
//! replies to `NBD_CMD_READ`. The other side is not trusted: what it says has greatest lengths, and every wait an end.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::range::check_range;
use crate::{BlockDevice, Error, ErrorKind, Result};

const GREETING: u64 = u64::from_be_bytes(*b"NBDMAGIC");
const HAVE_OPTION: u64 = u64::from_be_bytes(*b"IHAVEOPT");
const OPTION_REPLY: u64 = 0x0003_e889_0455_65a9;
const REQUEST: u32 = 0x2560_9513;
const SIMPLE_REPLY: u32 = 0x6744_6698;

const FIXED_NEWSTYLE: u16 = 1;
const NO_ZEROES: u16 = 2;
const OPTION_GO: u32 = 7;
const REPLY_ACK: u32 = 1;
const REPLY_INFO: u32 = 3;
const INFO_EXPORT: u16 = 0;
const COMMAND_READ: u16 = 0;
const COMMAND_DISCONNECT: u16 = 2;

/// No server has to answer longer requests than 32 MiB.
const LONGEST_READ: usize = 8 << 20;
/// What a server says while the options are haggled over is short.
const LONGEST_REPLY: u32 = 64 << 10;
const MOST_REPLIES: u32 = 64;
/// A disk that does not answer for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// An exported disk, for reading only. Readers take turns on its one connection.
#[derive(Debug)]
pub struct NbdDevice {
    len: u64,
    connection: Mutex<Connection>,
}

#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    next_handle: u64,
    /// Nobody knows any more what comes next on the stream.
    broken: bool,
}

impl NbdDevice {
    /// Asks the server at the other end of `stream` for the disk that it exports as `export`. Blocks.
    ///
    /// # Errors
    /// `Io` when the server does not speak the protocol, has no such export, or does not answer.
    pub fn open(mut stream: UnixStream, export: &str) -> Result<Self> {
        let len = begin(&mut stream, export).map_err(|e| Error::io("reach an exported disk", e))?;
        Ok(Self { len, connection: Mutex::new(Connection { stream, next_handle: 1, broken: false }) })
    }

    /// Whether it has failed, so that it never answers again.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.connection().broken
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlockDevice for NbdDevice {
    fn len(&self) -> u64 {
        self.len
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range("read", offset, buf.len() as u64, self.len)?;
        let mut at = offset;
        for piece in buf.chunks_mut(LONGEST_READ) {
            self.connection().read(piece, at)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn write_at(&self, _buf: &[u8], _offset: u64) -> Result<()> {
        Err(read_only())
    }

    fn discard(&self, _offset: u64, _len: u64) -> Result<()> {
        Err(read_only())
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The server sees the end of the stream, too.
        let _ = self.stream.write_all(&request(COMMAND_DISCONNECT, 0, 0, 0));
    }
}

impl Connection {
    fn read(&mut self, buf: &mut [u8], offset: u64) -> Result<()> {
        if self.broken {
            return Err(Error::new(ErrorKind::Io, "the connection to an exported disk has ended"));
        }
        // Until the whole answer is here, what comes next must not be taken for another one.
        self.broken = true;
        let refused = self.ask(buf, offset).map_err(|e| Error::io("read an exported disk", e))?;
        self.broken = false;
        match refused {
            0 => Ok(()),
            code => Err(Error::io("read an exported disk", io::Error::from_raw_os_error(code))),
        }
    }

    /// The server's error number, 0 for none.
    fn ask(&mut self, buf: &mut [u8], offset: u64) -> io::Result<i32> {
        let handle = self.next_handle;
        self.next_handle += 1;
        let length = u32::try_from(buf.len()).map_err(|_| nonsense("a read that is too long"))?;
        self.stream.write_all(&request(COMMAND_READ, handle, offset, length))?;
        if read_u32(&mut self.stream)? != SIMPLE_REPLY {
            return Err(nonsense("something that is no reply"));
        }
        let error = read_u32(&mut self.stream)?;
        if read_u64(&mut self.stream)? != handle {
            return Err(nonsense("a reply to another request"));
        }
        if error == 0 {
            self.stream.read_exact(buf)?;
        }
        Ok(i32::try_from(error).unwrap_or(5))
    }
}

fn request(command: u16, handle: u64, offset: u64, length: u32) -> Vec<u8> {
    let mut bytes = REQUEST.to_be_bytes().to_vec();
    bytes.extend(0_u16.to_be_bytes());
    bytes.extend(command.to_be_bytes());
    bytes.extend(handle.to_be_bytes());
    bytes.extend(offset.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes
}

/// The handshake; answers the disk's length.
fn begin(stream: &mut UnixStream, export: &str) -> io::Result<u64> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if read_u64(stream)? != GREETING || read_u64(stream)? != HAVE_OPTION {
        return Err(nonsense("another greeting"));
    }
    let flags = read_u16(stream)?;
    if flags & FIXED_NEWSTYLE == 0 {
        return Err(nonsense("an old kind of handshake"));
    }
    let name = u32::try_from(export.len()).map_err(|_| nonsense("a name that is too long"))?;
    let mut bytes = u32::from(flags & (FIXED_NEWSTYLE | NO_ZEROES)).to_be_bytes().to_vec();
    bytes.extend(HAVE_OPTION.to_be_bytes());
    bytes.extend(OPTION_GO.to_be_bytes());
    bytes.extend((name + 6).to_be_bytes());
    bytes.extend(name.to_be_bytes());
    bytes.extend(export.as_bytes());
    // No further information is asked for.
    bytes.extend(0_u16.to_be_bytes());
    stream.write_all(&bytes)?;
    let mut len = None;
    for _ in 0..MOST_REPLIES {
        if read_u64(stream)? != OPTION_REPLY || read_u32(stream)? != OPTION_GO {
            return Err(nonsense("something that is no reply to an option"));
        }
        let (kind, length) = (read_u32(stream)?, read_u32(stream)?);
        if length > LONGEST_REPLY {
            return Err(nonsense("a reply that is too long"));
        }
        let mut data = vec![0; length as usize];
        stream.read_exact(&mut data)?;
        match kind {
            REPLY_ACK => return len.ok_or_else(|| nonsense("no length of the disk")),
            REPLY_INFO => len = length_in(&data).or(len),
            kind if kind >> 31 == 1 => {
                let words = String::from_utf8_lossy(&data).into_owned();
                return Err(io::Error::other(format!("the server does not give {export}: {words}")));
            }
            _ => {}
        }
    }
    Err(nonsense("too many replies"))
}

/// The disk's length, if this information is about that.
fn length_in(data: &[u8]) -> Option<u64> {
    let (kind, rest) = data.split_first_chunk::<2>()?;
    let (length, _) = rest.split_first_chunk::<8>()?;
    (u16::from_be_bytes(*kind) == INFO_EXPORT).then(|| u64::from_be_bytes(*length))
}

fn read_u16(stream: &mut UnixStream) -> io::Result<u16> {
    let mut bytes = [0; 2];
    stream.read_exact(&mut bytes)?;
    Ok(u16::from_be_bytes(bytes))
}

fn read_u32(stream: &mut UnixStream) -> io::Result<u32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

fn read_u64(stream: &mut UnixStream) -> io::Result<u64> {
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

fn nonsense(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the server sent {what}"))
}

fn read_only() -> Error {
    Error::new(ErrorKind::ReadOnly, "an exported disk is only read")
}

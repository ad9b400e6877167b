//! QEMU's image locks, so that Cairn and QEMU never write one image at the same time.
//!
//! The protocol is that of QEMU's `block/file-posix.c`: a process takes a shared lock on byte 100 + n for
//! every permission n that it uses, and on byte 200 + n for every permission that it does not let others
//! use. It then looks whether anybody else denies what it uses, or uses what it denies. The locks belong to
//! the open file description (`F_OFD_SETLK`) and end with it. Linux only.

use std::{fs::File, io, path::Path};

use nix::{
    fcntl::{FcntlArg, fcntl},
    libc,
};

use super::host::HostFile;
use crate::{Error, ErrorKind, Result};

const USED_BASE: i64 = 100;
const DENIED_BASE: i64 = 200;

/// QEMU's permission numbers: consistent read, write, write of unchanged data, resize.
const CONSISTENT_READ: i64 = 0;
const WRITE: i64 = 1;
const RESIZE: i64 = 3;

/// How an image is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Others may read, nobody may write.
    Shared,
    /// Nobody else may have it open, as QEMU's own qcow2 writer does.
    Exclusive,
}

impl Hold {
    fn used(self) -> &'static [i64] {
        match self {
            Hold::Shared => &[CONSISTENT_READ],
            Hold::Exclusive => &[CONSISTENT_READ, WRITE, RESIZE],
        }
    }

    fn denied(self) -> &'static [i64] {
        &[WRITE, RESIZE]
    }
}

/// An open file under QEMU's locks, which end when it is dropped.
pub(crate) struct HeldFile(File);

impl HeldFile {
    /// Takes QEMU's lock bytes on `file`.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] when another process (or another open image of this one) stands against it.
    pub(crate) fn hold(file: File, path: &Path, hold: Hold) -> Result<Self> {
        let held = Self(file);
        take(&held.0, path, hold)?;
        Ok(held)
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        // Closing the file would do, but for a child process that was forked by another thread and has
        // not reached its own program yet: it would hold the locks a moment longer.
        let all = libc::flock { l_len: 0, ..lock_of(libc::F_UNLCK, 0) };
        if let Err(error) = fcntl(&self.0, FcntlArg::F_OFD_SETLK(&all)) {
            tracing::debug!(%error, "image locks were not released before closing");
        }
    }
}

impl HostFile for HeldFile {
    fn len(&self) -> io::Result<u64> {
        HostFile::len(&self.0)
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        HostFile::read_at(&self.0, buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        HostFile::write_at(&self.0, buf, offset)
    }
    fn punch_hole(&self, offset: u64, len: u64) -> io::Result<()> {
        HostFile::punch_hole(&self.0, offset, len)
    }
    fn sync(&self) -> io::Result<()> {
        HostFile::sync(&self.0)
    }
    fn copy_in(&self, source: &File, from: u64, offset: u64, len: u64) -> bool {
        HostFile::copy_in(&self.0, source, from, offset, len)
    }
    fn copy_out(&self, offset: u64, target: &File, to: u64, len: u64) -> bool {
        HostFile::copy_out(&self.0, offset, target, to, len)
    }
}

fn take(file: &File, path: &Path, hold: Hold) -> Result<()> {
    // Lock first, look second: of two that race, at least one sees the other.
    let bytes = hold.used().iter().map(|n| USED_BASE + n).chain(hold.denied().iter().map(|n| DENIED_BASE + n));
    for byte in bytes {
        share_byte(file, byte).map_err(|e| Error::io("take QEMU's image locks", e).at(path))?;
    }
    let against = hold.used().iter().map(|n| DENIED_BASE + n).chain(hold.denied().iter().map(|n| USED_BASE + n));
    for byte in against {
        if is_taken(file, byte).map_err(|e| Error::io("look at QEMU's image locks", e).at(path))? {
            return Err(Error::new(ErrorKind::Locked, sentence(hold, byte)).at(path));
        }
    }
    Ok(())
}

fn sentence(hold: Hold, byte: i64) -> &'static str {
    match (hold, byte) {
        (Hold::Exclusive, byte) if byte >= DENIED_BASE => {
            "the image is in use: a running QEMU or another engine has it open; \
             unmount the volume or stop the machine, then try again"
        }
        _ => {
            "the image is in use: a running QEMU or another engine has it open for writing; \
             unmount the volume or stop the machine, then try again"
        }
    }
}

fn lock_of(kind: i32, byte: i64) -> libc::flock {
    libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: byte, l_len: 1, l_pid: 0 }
}

fn share_byte(file: &File, byte: i64) -> io::Result<()> {
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock_of(libc::F_RDLCK, byte)))?;
    Ok(())
}

/// Whether another open file description holds `byte`, in whatever way.
fn is_taken(file: &File, byte: i64) -> io::Result<bool> {
    let mut lock = lock_of(libc::F_WRLCK, byte);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock))?;
    Ok(i32::from(lock.l_type) != libc::F_UNLCK)
}

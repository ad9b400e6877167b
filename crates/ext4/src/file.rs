//! An open file: its bytes by offset, read in runs as long as its extents, without holding the lock.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::extent::Visit;
use crate::filesystem::{Filesystem, Shared};
use crate::inline_data;
use crate::inode::{FLAG_ENCRYPT, FLAG_INLINE_DATA, Inode};
use crate::state::Core;
use crate::{Error, ErrorKind, FileKind, Metadata, Result};

/// Runs that are looked at for one answer of [`FileHandle::next_data`].
const MOST_STEPS: usize = 4096;

/// A file that is open for reading.
///
/// Others may change the filesystem meanwhile. A file that is deleted or replaced under a handle cannot be
/// read any further: [`read_at`](Self::read_at) says so and never returns another file's bytes.
pub struct FileHandle {
    shared: Arc<Shared>,
    inode: u32,
    generation: u32,
    metadata: Metadata,
}

/// A part of a read: `len` bytes that go to byte `at` of the buffer.
struct Piece {
    at: usize,
    len: usize,
    /// Where they lie on the device; `None` reads as zeros.
    from: Option<u64>,
}

/// Where the bytes of a read are.
enum Plan {
    /// In the inode: the whole content.
    Inside(Vec<u8>),
    /// On the device, in these pieces, as long as blocks got no new owner since this epoch.
    Pieces(Vec<Piece>, u64),
}

impl Filesystem {
    /// Opens the file at `path`; symbolic links are followed within the volume.
    ///
    /// # Errors
    /// [`ErrorKind::IsADirectory`] for a folder, [`ErrorKind::Invalid`] for what has no content.
    pub fn open_file(&self, path: &[u8]) -> Result<FileHandle> {
        let mut core = self.lock()?;
        let inode = core.resolve(path, true)?;
        let refuse = |kind, why: &str| Err(Error::new(kind, why).at(path));
        match inode.kind() {
            Some(FileKind::File) if inode.has_flag(FLAG_ENCRYPT) => {
                Err(Error::unsupported("an encrypted file (encrypt)").at(path))
            }
            Some(FileKind::File) => {
                inline_data::content(&inode).map_err(|e| e.at(path))?;
                Ok(FileHandle {
                    shared: self.shared(),
                    inode: inode.number,
                    generation: inode.i_generation(),
                    metadata: core.metadata(&inode)?,
                })
            }
            Some(FileKind::Directory) => refuse(ErrorKind::IsADirectory, "this is a folder"),
            _ => refuse(ErrorKind::Invalid, "this is neither a file nor a folder"),
        }
    }
}

impl FileHandle {
    /// Length in bytes when the file was opened.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.metadata.size
    }

    /// Whether the file has no content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What `stat` told when the file was opened.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Reads from byte `offset` on into `buf`; the number of bytes read, which is less than asked only at
    /// the end of the file. Holes read as zeros. Long buffers are read in long runs.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the file was deleted meanwhile; [`ErrorKind::Corrupt`];
    /// [`ErrorKind::Device`].
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        loop {
            let (pieces, epoch) = match self.plan(buf.len(), offset)? {
                Plan::Inside(content) => return Ok(part_of(&content, offset, buf)),
                Plan::Pieces(pieces, epoch) => (pieces, epoch),
            };
            for piece in &pieces {
                let Some(part) = buf.get_mut(piece.at..piece.at + piece.len) else { continue };
                match piece.from {
                    Some(from) => self.shared.device.read_at(part, from)?,
                    None => part.fill(0),
                }
            }
            // Blocks that got a new owner while they were read may hold its bytes.
            if self.shared.lock()?.reuse_epoch == epoch {
                return Ok(pieces.iter().map(|piece| piece.len).sum());
            }
        }
    }

    /// Copies up to `len` bytes from byte `offset` on to the same place of `target`, a file of the host that reads
    /// as zeros there, without bringing them into this process; the number of bytes. None at the end of the file
    /// and where that cannot be done: then the range may hold anything, and [`read_at`](Self::read_at) tells.
    ///
    /// # Errors
    /// As for [`read_at`](Self::read_at).
    pub fn copy_to(&self, target: &File, offset: u64, len: usize) -> Result<usize> {
        let Plan::Pieces(pieces, epoch) = self.plan(len, offset)? else { return Ok(0) };
        for piece in &pieces {
            let Some(from) = piece.from else { continue };
            let (len, to) = (piece.len as u64, offset + piece.at as u64);
            if !self.shared.device.read_into(from, len, target, to)? {
                return Ok(0);
            }
        }
        match self.shared.lock()?.reuse_epoch == epoch {
            true => Ok(pieces.iter().map(|piece| piece.len).sum()),
            false => Ok(0),
        }
    }

    /// Where the bytes of a read lie.
    fn plan(&self, len: usize, offset: u64) -> Result<Plan> {
        let mut core = self.shared.lock()?;
        let inode = self.current(&mut core)?;
        if let Some(content) = inline_data::content(&inode)? {
            return Ok(Plan::Inside(content));
        }
        let left = inode.size().saturating_sub(offset);
        let len = usize::try_from(left).map_or(len, |left| len.min(left));
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at = 0;
        while at < len {
            let piece = core.plan_piece(&inode, offset + at as u64, at, len - at)?;
            at += piece.len;
            match pieces.last_mut() {
                Some(last) if follows(last, &piece) => last.len += piece.len,
                _ => pieces.push(piece),
            }
        }
        for piece in &pieces {
            let here = |from| core.write_behind.overlaps(from, piece.len as u64);
            if piece.from.is_some_and(here) {
                let device = Arc::clone(&core.device);
                core.write_behind.write_out(&*device)?;
            }
        }
        Ok(Plan::Pieces(pieces, core.reuse_epoch))
    }

    /// The next bytes at or behind `offset` that were written, as (first, behind the last); `None` when only
    /// holes follow, which read as zeros. Ends lie on borders of blocks or at the end of the file. Another
    /// range may follow directly.
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at).
    pub fn next_data(&self, offset: u64) -> Result<Option<(u64, u64)>> {
        let mut core = self.shared.lock()?;
        let inode = self.current(&mut core)?;
        if inode.has_flag(FLAG_INLINE_DATA) {
            return Ok((offset < inode.size()).then(|| (offset, inode.size())));
        }
        let (mut at, mut data) = (offset, None);
        let mut steps = 0;
        while at < inode.size() && !(data.is_some() && steps > MOST_STEPS) {
            let left = usize::try_from(inode.size() - at).unwrap_or(usize::MAX);
            let piece = core.plan_piece(&inode, at, 0, left)?;
            match (piece.from, data) {
                (Some(_), None) => data = Some(at),
                (None, Some(_)) => break,
                _ => {}
            }
            at += piece.len as u64;
            steps += 1;
        }
        Ok(data.map(|start| (start, at)))
    }

    /// Where on the device the content lies, as (first byte, behind the last).
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at).
    pub fn places(&self) -> Result<Vec<(u64, u64)>> {
        let mut core = self.shared.lock()?;
        let inode = self.current(&mut core)?;
        let mut places = Vec::new();
        if core.has_content(&inode) {
            core.walk_extents(&inode, &mut |core, found| {
                let (start, count) = match found {
                    Visit::Extent(extent) => (extent.start, u64::from(extent.len)),
                    Visit::Node(block) => (block, 1),
                };
                places.push((core.layout.byte(start), core.layout.byte(start + count)));
                Ok(())
            })?;
        }
        Ok(places)
    }

    /// The file's inode as it is now.
    fn current(&self, core: &mut Core) -> Result<Inode> {
        let inode = core.raw_inode(self.inode)?;
        let same = inode.i_generation() == self.generation
            && inode.kind() == Some(FileKind::File)
            && inode.i_links_count() > 0;
        match same {
            true => Ok(inode),
            false => Err(Error::new(ErrorKind::NotFound, "the file was deleted while it was read")),
        }
    }

    /// The file as a stream from its start.
    #[must_use]
    pub fn reader(&self) -> FileReader<'_> {
        FileReader { file: self, position: 0 }
    }
}

/// Copies what `content` has from byte `offset` on into `buf`; the number of bytes.
fn part_of(content: &[u8], offset: u64, buf: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| content.get(offset..)).unwrap_or_default();
    let part = rest.get(..buf.len()).unwrap_or(rest);
    if let Some(place) = buf.get_mut(..part.len()) {
        place.copy_from_slice(part);
    }
    part.len()
}

fn follows(last: &Piece, next: &Piece) -> bool {
    match (last.from, next.from) {
        (Some(last_from), Some(from)) => last_from + last.len as u64 == from,
        (None, None) => true,
        _ => false,
    }
}

impl Core {
    /// The piece of a file from byte `offset` on that is mapped in one run, at most `len` bytes.
    fn plan_piece(&mut self, inode: &Inode, offset: u64, at: usize, len: usize) -> Result<Piece> {
        let size = self.layout.block_size as u64;
        let too_far = || Error::corrupt(format!("the size of inode {} cannot be", inode.number));
        let logical = u32::try_from(offset / size).map_err(|_| too_far())?;
        let mapping = self.map_block(inode, logical)?;
        let within = offset % size;
        let there = (mapping.len * size).saturating_sub(within);
        let len = usize::try_from(there).map_or(len, |there| len.min(there));
        let from = mapping.start.map(|start| self.layout.byte(start) + within);
        Ok(Piece { at, len, from })
    }
}

impl Core {
    /// Reads the first bytes of `inode` into the whole of `buf`, under the lock; for short content only.
    pub(crate) fn read_content(&mut self, inode: &Inode, buf: &mut [u8]) -> Result<()> {
        let mut at = 0;
        while let Some(rest) = buf.get_mut(at..).filter(|rest| !rest.is_empty()) {
            let piece = self.plan_piece(inode, at as u64, at, rest.len())?;
            let part = rest.get_mut(..piece.len).unwrap_or_default();
            match piece.from {
                Some(from) => self.device.read_at(part, from)?,
                None => part.fill(0),
            }
            at += piece.len;
        }
        Ok(())
    }
}

/// A file as a stream, see [`FileHandle::reader`].
pub struct FileReader<'f> {
    file: &'f FileHandle,
    position: u64,
}

impl io::Read for FileReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buf, self.position).map_err(io::Error::other)?;
        self.position += read as u64;
        Ok(read)
    }
}

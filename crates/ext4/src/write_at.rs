//! Changing a file's content: overwriting from an offset on, appending, cutting off, making longer.
//!
//! What is there is never written over. New content goes to free blocks, is mapped in the place of the old in
//! one transaction, and the old blocks are free after it: a power cut leaves the file as it was or as it was
//! to become, whatever the length. A block that is changed in part is put together again in a new place.

use std::io::Read;
use std::sync::Arc;

use crate::extent::Extent;
use crate::extent_edit::END_OF_MAP;
use crate::filesystem::Filesystem;
use crate::inode::{FLAG_ENCRYPT, FLAG_VERITY, Inode, Time};
use crate::state::Core;
use crate::write::{Content, fill, is_zero, too_large};
use crate::{Error, ErrorKind, FileKind, Result, Timestamp};

/// A write under way: which file, from which byte on, and what does not fill whole blocks.
struct Patch {
    inode: u32,
    generation: u32,
    /// Where the new content starts and ends.
    offset: u64,
    end: u64,
    /// The length that the file has to have still: it is appended to.
    expected_size: Option<u64>,
    /// New bytes of the first block, up to its end.
    head: Vec<u8>,
    /// New bytes of the last block, from its start.
    tail: Vec<u8>,
}

impl Filesystem {
    /// Writes what `source` gives into the file at `path`, from byte `offset` on, over what is there; a file
    /// that was shorter gets longer, with a hole in between. Links are followed within the volume. `size_hint`
    /// is how many bytes `source` is expected to have. Returns the number of bytes written.
    ///
    /// The file has its old content until all of the new is there, so the new one needs room beside it. The
    /// filesystem is not locked while `source` is read.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also when the file is deleted meanwhile; [`ErrorKind::IsADirectory`];
    /// [`ErrorKind::Invalid`] for what has no content; [`ErrorKind::NoSpace`]; [`ErrorKind::Source`] when
    /// `source` fails. In all cases the file stays as it was.
    pub fn write_at(&self, path: &[u8], offset: u64, source: &mut dyn Read, size_hint: Option<u64>) -> Result<u64> {
        self.patch(path, Some(offset), source, size_hint).map_err(|error| error.at(path))
    }

    /// Writes what `source` gives behind the end of the file at `path`. Returns the number of bytes written.
    ///
    /// # Errors
    /// Those of [`write_at`](Self::write_at); [`ErrorKind::Invalid`] when the length changes meanwhile.
    pub fn append(&self, path: &[u8], source: &mut dyn Read, size_hint: Option<u64>) -> Result<u64> {
        self.patch(path, None, source, size_hint).map_err(|error| error.at(path))
    }

    /// Gives the file at `path` the length `size`: what lies behind is cut off and its room given back, what
    /// is missing reads as zeros and takes no room. Links are followed within the volume.
    ///
    /// # Errors
    /// Those of [`write_at`](Self::write_at). A cut inside a block needs one free block.
    pub fn truncate(&self, path: &[u8], size: u64) -> Result<()> {
        self.change(path, |core| {
            let mut inode = core.regular_file(path)?;
            core.set_length(&mut inode, size)
        })
    }

    fn patch(&self, path: &[u8], offset: Option<u64>, source: &mut dyn Read, size_hint: Option<u64>) -> Result<u64> {
        let (mut patch, block) = {
            let mut core = self.lock()?;
            core.check_writable()?;
            let inode = core.regular_file(path)?;
            let expected_size = if offset.is_none() { Some(inode.size()) } else { None };
            let offset = offset.unwrap_or(inode.size());
            core.check_length(offset)?;
            let patch = Patch {
                inode: inode.number,
                generation: inode.i_generation(),
                offset,
                end: offset,
                expected_size,
                head: Vec::new(),
                tail: Vec::new(),
            };
            (patch, core.layout.block_size)
        };
        let within = usize::try_from(patch.offset % block as u64).unwrap_or(0);
        if within > 0 {
            patch.head.resize(block - within, 0);
            let filled = fill(source, &mut patch.head)?;
            patch.head.truncate(filled);
        }
        let mut content = Content::from_byte(patch.offset.next_multiple_of(block as u64));
        let mut buffer = self.shared_ref().take_buffer();
        let sent = match within > 0 && patch.head.len() < block - within {
            true => Ok(0),
            false => self.receive_blocks(source, size_hint, &mut buffer, &mut content, &mut patch.tail),
        };
        self.shared_ref().give_buffer(buffer);
        let written = sent.as_ref().map_or(0, |sent| *sent) + (patch.head.len() + patch.tail.len()) as u64;
        patch.end += written;
        self.conclude(&content, sent.map(drop), |core| core.apply_patch(&patch, &content))?;
        Ok(written)
    }

    /// Moves whole blocks from the source to the device, and what does not fill a block into `tail`. Returns
    /// the number of bytes in whole blocks.
    fn receive_blocks(
        &self,
        source: &mut dyn Read,
        size_hint: Option<u64>,
        buffer: &mut [u8],
        content: &mut Content,
        tail: &mut Vec<u8>,
    ) -> Result<u64> {
        let block = self.lock()?.layout.block_size;
        content.expected = size_hint.unwrap_or(0) / block as u64;
        let mut sent = 0;
        loop {
            let filled = fill(source, buffer)?;
            let (whole, rest) = buffer.get(..filled).unwrap_or_default().split_at(filled - filled % block);
            self.store_blocks(content, whole, block)?;
            sent += whole.len() as u64;
            if filled < buffer.len() {
                tail.extend_from_slice(rest);
                return Ok(sent);
            }
        }
    }
}

impl Core {
    /// The inode of the regular file at `path`, whose content can be changed.
    fn regular_file(&mut self, path: &[u8]) -> Result<Inode> {
        let inode = self.resolve(path, true)?;
        match inode.kind() {
            Some(FileKind::File) if inode.has_flag(FLAG_ENCRYPT) => {
                Err(Error::unsupported("an encrypted file (encrypt)"))
            }
            Some(FileKind::File) if inode.has_flag(FLAG_VERITY) => {
                Err(Error::unsupported("a file that is sealed for good (verity)"))
            }
            Some(FileKind::File) => self.extent_root(&inode).map(drop).map(|()| inode),
            Some(FileKind::Directory) => Err(Error::new(ErrorKind::IsADirectory, "this is a folder")),
            _ => Err(Error::new(ErrorKind::Invalid, "this is neither a file nor a folder")),
        }
    }

    /// Maps new content in the place of the old.
    fn apply_patch(&mut self, patch: &Patch, content: &Content) -> Result<()> {
        let mut inode = self.raw_inode(patch.inode)?;
        let same = inode.i_generation() == patch.generation
            && inode.kind() == Some(FileKind::File)
            && inode.i_links_count() > 0;
        if !same {
            return Err(Error::new(ErrorKind::NotFound, "the file was deleted while it was written to"));
        }
        if patch.expected_size.is_some_and(|size| size != inode.size()) {
            return Err(Error::new(ErrorKind::Invalid, "the file's length changed while it was appended to"));
        }
        let size = self.layout.block_size as u64;
        let first = patch.offset.next_multiple_of(size);
        self.check_length(patch.end)?;
        if patch.end > patch.offset {
            self.clear_behind_end(&mut inode)?;
            self.overlay(&mut inode, patch.offset, &patch.head)?;
            self.remove_range(&mut inode, first / size, content.bytes / size)?;
            for extent in &content.extents {
                self.use_reserved(extent.start, u64::from(extent.len))?;
                self.insert_extent(&mut inode, *extent)?;
            }
            self.overlay(&mut inode, content.bytes, &patch.tail)?;
            inode.set_size(inode.size().max(patch.end));
            self.note_change(&mut inode);
        }
        self.put_inode(&mut inode)
    }

    /// Makes `inode` as long as `size`, and stores it.
    fn set_length(&mut self, inode: &mut Inode, size: u64) -> Result<()> {
        self.check_length(size)?;
        let shorter = size < inode.size();
        inode.set_size(size.min(inode.size()));
        let kept = inode.size().div_ceil(self.layout.block_size as u64);
        let put_off = shorter && self.is_long(inode, inode.blocks(&self.layout).saturating_sub(kept));
        if !put_off {
            self.remove_range(inode, kept, END_OF_MAP)?;
        }
        self.clear_behind_end(inode)?;
        inode.set_size(size);
        self.note_change(inode);
        if put_off { self.add_orphan(inode) } else { self.put_inode(inode) }
    }

    fn note_change(&self, inode: &mut Inode) {
        let now = Timestamp::now();
        inode.set_time(Time::Modify, now);
        inode.set_time(Time::Change, now);
    }

    fn check_length(&self, size: u64) -> Result<()> {
        match size.div_ceil(self.layout.block_size as u64) <= END_OF_MAP {
            true => Ok(()),
            false => Err(too_large()),
        }
    }

    /// Makes sure that the last block has zeros behind the file's end: they would come to light when the file
    /// gets longer.
    fn clear_behind_end(&mut self, inode: &mut Inode) -> Result<()> {
        let end = inode.size();
        let within = usize::try_from(end % self.layout.block_size as u64).unwrap_or(0);
        if within == 0 {
            return Ok(());
        }
        let Some((logical, old)) = self.content_block(inode, end)? else { return Ok(()) };
        match old.get(within..).is_none_or(is_zero) {
            true => Ok(()),
            false => self.replace_block(inode, logical, old.get(..within).unwrap_or_default()),
        }
    }

    /// Puts `bytes`, which do not reach beyond one block, into the file from byte `offset` on.
    fn overlay(&mut self, inode: &mut Inode, offset: u64, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let within = usize::try_from(offset % self.layout.block_size as u64).unwrap_or(0);
        let old = self.content_block(inode, offset)?;
        let mut new = old.map_or_else(|| vec![0; self.layout.block_size], |old| old.1);
        if let Some(place) = new.get_mut(within..within + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        let logical = u32::try_from(offset / self.layout.block_size as u64).map_err(|_| too_large())?;
        self.replace_block(inode, logical, &new)
    }

    /// The block of `inode` that holds byte `offset`, and its bytes. `None` in a hole.
    fn content_block(&mut self, inode: &Inode, offset: u64) -> Result<Option<(u32, Vec<u8>)>> {
        let logical = u32::try_from(offset / self.layout.block_size as u64).map_err(|_| too_large())?;
        let Some(start) = self.map_block(inode, logical)?.start else { return Ok(None) };
        let (device, place) = (Arc::clone(&self.device), self.layout.byte(start));
        let mut bytes = vec![0; self.layout.block_size];
        if self.write_behind.overlaps(place, bytes.len() as u64) {
            self.write_behind.write_out(&*device)?;
        }
        device.read_at(&mut bytes, place)?;
        Ok(Some((logical, bytes)))
    }

    /// Stores `bytes`, padded with zeros, in a new block in the place of the file's block `logical`; zeros
    /// alone become a hole.
    fn replace_block(&mut self, inode: &mut Inode, logical: u32, bytes: &[u8]) -> Result<()> {
        let at = u64::from(logical);
        let old = self.map_block(inode, logical)?.start;
        self.remove_range(inode, at, at + 1)?;
        if is_zero(bytes) {
            return Ok(());
        }
        let goal = old.or(self.free.cursor).unwrap_or(self.layout.first_data_block);
        let (start, len) = self.reserve(goal, 1)?;
        self.use_at_once(start, len)?;
        self.insert_extent(inode, Extent { logical, len: 1, start, unwritten: false })?;
        let (device, place) = (Arc::clone(&self.device), self.layout.byte(start));
        let mut block = bytes.to_vec();
        block.resize(self.layout.block_size, 0);
        Ok(device.write_at(&block, place)?)
    }
}

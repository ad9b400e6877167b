//! Storing a file's content: read from a source without the lock, written in long runs straight to its
//! place, and named only when all of it is there.
//!
//! Until the name is given nothing on the device points at the content, so a source that fails, a cancelled
//! upload and a power cut leave nothing behind; and what had the name before keeps it until the commit.

use std::fs::File;
use std::io::Read;

use crate::extent::Extent;
use crate::filesystem::Filesystem;
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::source::{Next, Source, Stream};
use crate::state::Core;
use crate::{Attributes, Error, ErrorKind, FileKind, Result};

/// Bytes that are read from the source and written at once.
pub(crate) const BUFFER: usize = 4 << 20;
/// Bytes that the device copies from a file of the host at once, at most and at least.
const COPY: std::ops::Range<u64> = 64 << 10..16 << 20;
/// A stretch of zeros of this length, and so aligned in the file, becomes a hole.
const HOLE: usize = 64 << 10;
/// Up to this length content is gathered with that of other files.
const SMALL: usize = 256 << 10;

/// The content of a file under way.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) extents: Vec<Extent>,
    /// What is reserved for the blocks to come, as (start, count).
    ahead: (u64, u32),
    /// Where the source is in the file: the byte behind what was taken from it.
    pub(crate) bytes: u64,
    /// Blocks that the source said it will have, beyond those that came.
    pub(crate) expected: u64,
    /// The device cannot copy from the source by itself.
    only_by_reading: bool,
}

impl Content {
    /// Content that belongs at byte `bytes` of its file, where a block starts.
    pub(crate) fn from_byte(bytes: u64) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Notes that `len` blocks of the file from `logical` on lie at `start`.
    fn push(&mut self, logical: u32, start: u64, len: u32) {
        if let Some(last) = self.extents.last_mut() {
            let follows = last.end() == u64::from(logical)
                && last.start + u64::from(last.len) == start
                && last.len + len <= MAX_EXTENT_BLOCKS;
            if follows {
                last.len += len;
                return;
            }
        }
        self.extents.push(Extent { logical, len, start, unwritten: false });
    }

    /// Notes that the first `len` of the reserved blocks are the file's from `logical` on.
    fn take(&mut self, logical: u32, len: u32) {
        let (start, reserved) = self.ahead;
        self.push(logical, start, len);
        self.ahead = (start + u64::from(len), reserved.saturating_sub(len));
    }

    fn blocks(&self) -> u64 {
        self.extents.iter().map(|extent| u64::from(extent.len)).sum()
    }
}

impl Filesystem {
    /// Stores a file: creates it, or replaces what has its name (a link itself, not its target), which stays
    /// in place until all of the new content is there. `size_hint` is how many bytes `source` is expected to
    /// have, for early refusal and long runs; it may be wrong. Long stretches of zeros become holes.
    /// Returns the number of bytes stored.
    ///
    /// The filesystem is not locked while `source` is read.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] when `source` fails, [`ErrorKind::NoSpace`] when the content does not fit,
    /// [`ErrorKind::IsADirectory`] when a folder has the name; in all cases nothing is left behind.
    pub fn create_file(
        &self,
        path: &[u8],
        attributes: &Attributes,
        source: &mut dyn Read,
        size_hint: Option<u64>,
    ) -> Result<u64> {
        self.create_file_from(path, attributes, &mut Stream(source), size_hint)
    }

    /// As [`create_file`](Self::create_file), with a source that may know what it has: holes stay holes, and what
    /// stands in a file of the host is copied by the device itself where it can.
    ///
    /// # Errors
    /// As for [`create_file`](Self::create_file).
    pub fn create_file_from(
        &self,
        path: &[u8],
        attributes: &Attributes,
        source: &mut dyn Source,
        size_hint: Option<u64>,
    ) -> Result<u64> {
        if size_hint.is_some_and(|hint| hint > SMALL as u64) {
            self.check_target(path, size_hint)?;
        }
        let mut buffer = self.shared_ref().take_buffer();
        let stored = self.receive(path, attributes, source, size_hint, &mut buffer);
        self.shared_ref().give_buffer(buffer);
        stored.map_err(|error| error.at(path))
    }

    /// Refuses early what would be refused at the end.
    fn check_target(&self, path: &[u8], size_hint: Option<u64>) -> Result<()> {
        let mut core = self.lock()?;
        core.check_writable().map_err(|error| error.at(path))?;
        let (parent, name) = core.resolve_parent(path)?;
        if let Some(found) = core.lookup(&parent, name).map_err(|error| error.at(path))?
            && core.inode(found.inode)?.is_directory()
        {
            return Err(is_a_directory().at(path));
        }
        let needed = size_hint.unwrap_or(0).div_ceil(core.layout.block_size as u64);
        if needed > core.superblock.free_blocks_count() {
            return Err(Error::no_space("the file is larger than what is free").at(path));
        }
        Ok(())
    }

    fn receive(
        &self,
        path: &[u8],
        attributes: &Attributes,
        source: &mut dyn Source,
        size_hint: Option<u64>,
        buffer: &mut [u8],
    ) -> Result<u64> {
        let is_large = size_hint.is_some_and(|hint| hint > SMALL as u64);
        let unread = is_large && !matches!(source.next().map_err(Error::reader)?, Next::Unknown);
        let first = if unread { 0 } else { fill(source, buffer)? };
        if !unread && first <= SMALL {
            let data = buffer.get(..first).unwrap_or_default();
            let mut core = self.lock()?;
            core.operate(|core| core.store_small(path, attributes, data))?;
            core.settle()?;
            return Ok(first as u64);
        }
        self.check_target(path, None)?;
        let mut content = Content::default();
        let sent = self.receive_all(source, size_hint, buffer, first, &mut content);
        self.conclude(&content, sent, |core| core.name_content(path, attributes, &content))?;
        Ok(content.bytes)
    }

    /// Has `operation` map content that was `sent` to the device, or gives its room back.
    pub(crate) fn conclude(
        &self,
        content: &Content,
        sent: Result<()>,
        operation: impl FnOnce(&mut Core) -> Result<()>,
    ) -> Result<()> {
        let mut core = self.lock()?;
        let (start, reserved) = (content.ahead.0, u64::from(content.ahead.1));
        // The device may have copied a piece there before it failed.
        let touched = if sent.is_err() { reserved.min(COPY.end / core.layout.block_size as u64) } else { 0 };
        core.release(start + touched, reserved - touched);
        if let Err(error) = sent.and_then(|()| core.operate(operation)) {
            let extents = content.extents.iter().map(|extent| (extent.start, u64::from(extent.len)));
            core.give_back(extents.chain([(start, touched)]));
            return Err(error);
        }
        core.settle()
    }

    /// Moves everything from the source to the device; `filled` bytes are in the buffer already.
    fn receive_all(
        &self,
        source: &mut dyn Source,
        size_hint: Option<u64>,
        buffer: &mut [u8],
        filled: usize,
        content: &mut Content,
    ) -> Result<()> {
        let block = self.lock()?.layout.block_size;
        let hint = size_hint.unwrap_or(0).max(filled as u64);
        content.expected = hint.div_ceil(block as u64);
        let mut filled = filled;
        loop {
            if filled == 0 {
                if self.take_unread(source, content, block as u64)? {
                    continue;
                }
                filled = fill(source, buffer)?;
            }
            // The last block of the file goes out whole, with zeros behind its end.
            let padded = filled.next_multiple_of(block).min(buffer.len());
            if let Some(rest) = buffer.get_mut(filled..padded) {
                rest.fill(0);
            }
            let start = content.bytes;
            self.store_blocks(content, buffer.get(..padded).unwrap_or_default(), block)?;
            content.bytes = start + filled as u64;
            if filled < buffer.len() {
                return Ok(());
            }
            filled = 0;
        }
    }

    /// Takes what comes next without reading it; false when it has to be read.
    fn take_unread(&self, source: &mut dyn Source, content: &mut Content, block: u64) -> Result<bool> {
        let taken = match source.next().map_err(Error::reader)? {
            Next::Zeros(len) => len - len % block,
            Next::Stored { file, offset, len } if !content.only_by_reading => {
                self.copy_stretch(content, file, offset, len.min(COPY.end) / block, block)? * block
            }
            Next::Stored { .. } | Next::Unknown => 0,
        };
        if taken == 0 {
            return Ok(false);
        }
        source.skip(taken).map_err(Error::reader)?;
        content.bytes += taken;
        u32::try_from(content.bytes / block).map_err(|_| too_large())?;
        content.expected = content.expected.saturating_sub(taken / block);
        Ok(true)
    }

    /// Lets the device copy `count` blocks of content from byte `from` of a file of the host; how many it has
    /// copied, which is none where that does not work or is not worth it.
    fn copy_stretch(&self, content: &mut Content, file: &File, from: u64, count: u64, block: u64) -> Result<u64> {
        let mut copied = 0;
        while copied < count {
            let logical = u32::try_from(content.bytes / block + copied).map_err(|_| too_large())?;
            let wanted = u32::try_from(count - copied).unwrap_or(u32::MAX);
            let (start, len) = self.place_for(content, wanted)?;
            let bytes = u64::from(len) * block;
            if bytes < COPY.start {
                break;
            }
            let device = &self.shared_ref().device;
            if !device.write_from(start * block, bytes, file, from + copied * block)? {
                content.only_by_reading = true;
                break;
            }
            content.take(logical, len);
            copied += u64::from(len);
        }
        Ok(copied)
    }

    /// Where the next blocks of content go, up to `wanted` of them: (start, count).
    fn place_for(&self, content: &mut Content, wanted: u32) -> Result<(u64, u32)> {
        if content.ahead.1 == 0 {
            let want = content.expected.max(u64::from(wanted));
            content.ahead = self.lock()?.reserve_content(content.extents.last(), want)?;
        }
        Ok((content.ahead.0, content.ahead.1.min(wanted)))
    }

    /// Takes in whole blocks of content, in which long stretches of zeros become holes.
    pub(crate) fn store_blocks(&self, content: &mut Content, data: &[u8], block: usize) -> Result<()> {
        for (start, end) in stretches(data) {
            let stretch = data.get(start..end).unwrap_or_default();
            self.store_stretch(content, content.bytes + start as u64, stretch, block)?;
        }
        content.bytes += data.len() as u64;
        let passed = (data.len() / block) as u64;
        content.expected = content.expected.saturating_sub(passed);
        Ok(())
    }

    /// Writes whole blocks of content that belong at byte `offset` of the file.
    fn store_stretch(&self, content: &mut Content, offset: u64, data: &[u8], block: usize) -> Result<()> {
        let mut left = data;
        let mut logical = u32::try_from(offset / block as u64).map_err(|_| too_large())?;
        while !left.is_empty() {
            let wanted = u32::try_from(left.len() / block).unwrap_or(u32::MAX);
            logical.checked_add(wanted).ok_or_else(too_large)?;
            let (start, len) = self.place_for(content, wanted)?;
            // Noted before it is written: whatever happens, it is given back or used.
            content.take(logical, len);
            let bytes = usize::try_from(len).unwrap_or(0) * block;
            let (now, rest) = left.split_at(bytes.min(left.len()));
            self.shared_ref().device.write_at(now, start * block as u64)?;
            left = rest;
            logical += len;
        }
        Ok(())
    }
}

impl Core {
    /// Reserves a run for content: behind `last`, or where the last file ended.
    fn reserve_content(&mut self, last: Option<&Extent>, want: u64) -> Result<(u64, u32)> {
        let behind = last.map(|extent| extent.start + u64::from(extent.len));
        let goal = behind.or(self.free.cursor).unwrap_or(self.layout.first_data_block);
        self.reserve(goal, want)
    }

    /// Stores a small file at once: content, inode and name.
    fn store_small(&mut self, path: &[u8], attributes: &Attributes, data: &[u8]) -> Result<()> {
        let block = self.layout.block_size;
        let mut content = Content { bytes: data.len() as u64, ..Content::default() };
        for (start, end) in stretches(data) {
            let mut logical = u32::try_from(start / block).map_err(|_| too_large())?;
            let mut left = u32::try_from((end - start).div_ceil(block)).map_err(|_| too_large())?;
            while left > 0 {
                let last = content.extents.last();
                let (start, len) = self.reserve_content(last, u64::from(left))?;
                self.use_at_once(start, len)?;
                content.push(logical, start, len);
                (logical, left) = (logical + len, left - len);
            }
        }
        self.give_name(path, attributes, &content)?;
        // Last, because it cannot be taken back.
        let device = std::sync::Arc::clone(&self.device);
        for extent in &content.extents {
            let from = usize::try_from(extent.logical).unwrap_or(0) * block;
            let padded = usize::try_from(extent.len).unwrap_or(0) * block;
            let bytes = data.get(from..data.len().min(from + padded)).unwrap_or_default();
            let place = self.layout.byte(extent.start);
            self.write_behind.append(&device, place, bytes, padded)?;
        }
        Ok(())
    }

    /// Marks reserved content as used and gives it its name.
    fn name_content(&mut self, path: &[u8], attributes: &Attributes, content: &Content) -> Result<()> {
        for extent in &content.extents {
            self.use_reserved(extent.start, u64::from(extent.len))?;
        }
        self.give_name(path, attributes, content)
    }

    fn give_name(&mut self, path: &[u8], attributes: &Attributes, content: &Content) -> Result<()> {
        let (mut parent, name) = self.resolve_parent(path)?;
        let found = self.lookup(&parent, name)?;
        if let Some(found) = &found
            && self.inode(found.inode)?.is_directory()
        {
            return Err(is_a_directory());
        }
        let mut inode = self.new_inode(&parent, FileKind::File, attributes)?;
        let tree = self.build_extents(&mut inode, &content.extents)?;
        inode.set_size(content.bytes);
        inode.set_blocks(content.blocks() + tree, &self.layout);
        self.put_inode(&mut inode)?;
        if let Some(last) = content.extents.last() {
            self.free.cursor = Some(last.start + u64::from(last.len));
        }
        match found {
            Some(found) => self.relink(&mut parent, &found, &inode),
            None => self.link(&mut parent, name, &inode),
        }
    }
}

/// Reads until the buffer is full or the source has ended; the number of bytes.
pub(crate) fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read.min(rest.len()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::reader(error)),
        }
    }
    Ok(filled)
}

/// The parts of `data`, which starts at a multiple of [`HOLE`] in its file, that have to be stored: as
/// (start, end). Whole pieces of zeros between them become holes.
fn stretches(data: &[u8]) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (index, piece) in data.chunks(HOLE).enumerate() {
        let (start, end) = (index * HOLE, index * HOLE + piece.len());
        if piece.len() == HOLE && is_zero(piece) {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => stretches.push((start, end)),
        }
    }
    stretches
}

/// Whether there are nothing but zeros.
pub(crate) fn is_zero(piece: &[u8]) -> bool {
    let (chunks, rest) = piece.as_chunks::<64>();
    chunks.iter().all(|chunk| chunk == &[0; 64]) && rest.iter().all(|byte| *byte == 0)
}

fn is_a_directory() -> Error {
    Error::new(ErrorKind::IsADirectory, "a folder has that name")
}

/// The file would have more blocks than can be numbered.
pub(crate) fn too_large() -> Error {
    Error::no_space("the file is larger than ext4 can have it")
}

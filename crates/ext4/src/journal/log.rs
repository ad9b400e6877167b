//! Where the journal's blocks lie on the device: the journal is a file, mapped by extents of its own.

use cairn_block::BlockDevice;

use crate::extent::{Extent, Visit};
use crate::{Error, Result, state::Core};

/// The map of a journal.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    extents: Vec<Extent>,
    pub(crate) block_size: usize,
}

impl Log {
    /// Finds the blocks of the journal's inode.
    pub(crate) fn find(core: &mut Core) -> Result<Self> {
        let inode = core.raw_inode(core.superblock.s_journal_inum())?;
        let mut extents = Vec::new();
        core.walk_extents(&inode, &mut |_, visit| {
            if let Visit::Extent(extent) = visit {
                extents.push(extent);
            }
            Ok(())
        })?;
        let log = Self { extents, block_size: core.layout.block_size };
        let whole = log
            .extents
            .iter()
            .try_fold(0u64, |at, extent| (u64::from(extent.logical) == at && !extent.unwritten).then(|| extent.end()));
        match whole {
            Some(1..) => Ok(log),
            _ => Err(Error::corrupt("the journal has holes")),
        }
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> u64 {
        self.extents.last().map_or(0, Extent::end)
    }

    /// The runs of the journal on the device, as (start, count).
    pub(crate) fn runs(&self) -> Vec<(u64, u64)> {
        self.extents.iter().map(|extent| (extent.start, u64::from(extent.len))).collect()
    }

    /// The byte of the device at which block `block` of the journal starts.
    pub(crate) fn byte(&self, block: u32) -> Result<u64> {
        let index = self.extents.partition_point(|extent| extent.end() <= u64::from(block));
        let extent = self.extents.get(index);
        let extent = extent.ok_or_else(|| Error::corrupt("the journal ends too early"))?;
        let number = extent.start + u64::from(block) - u64::from(extent.logical);
        Ok(number * self.block_size as u64)
    }

    /// Reads block `block` of the journal.
    pub(crate) fn read(&self, device: &dyn BlockDevice, block: u32, buf: &mut [u8]) -> Result<()> {
        Ok(device.read_at(buf, self.byte(block)?)?)
    }
}

//! Making a filesystem: the feature set of `mke2fs`'s defaults, in the time of a few writes.
//!
//! The device is discarded first, so everything that is not written reads as zeros: inode tables stay
//! unwritten, and bitmaps of groups without content are only marked as never written. What a guest's
//! kernel would do lazily after the first mount is thereby done. The superblock is written last.

mod geometry;
pub(crate) mod placement;
pub(crate) mod resize_inode;
pub(crate) mod tables;

use cairn_block::BlockDevice;

use crate::layout::Layout;
use crate::superblock;
use crate::{Error, ErrorKind, Result, Timestamp};

/// What a new filesystem is told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatOptions {
    /// The label, at most 16 bytes.
    pub label: String,
    /// The UUID; random, if it should be one of its kind.
    pub uuid: [u8; 16],
    /// What the hashes of names start from; random, so that nobody can choose names that collide.
    pub hash_seed: [u8; 16],
    /// The time of creation.
    pub now: Timestamp,
}

/// Makes an ext4 filesystem that fills `device`; what was there is gone.
///
/// Blocks have 4 KiB (1 KiB below 32 MiB, where the journal would otherwise take a quarter of the room),
/// inodes 256 bytes. No blocks are set aside for root.
///
/// # Errors
/// [`ErrorKind::Invalid`] for a device below 4 MiB or above 16 TiB and for a label that is too long;
/// [`ErrorKind::Device`].
pub fn format(device: &dyn BlockDevice, options: &FormatOptions) -> Result<()> {
    if options.label.len() > 16 || options.label.contains('\0') {
        return Err(Error::new(ErrorKind::Invalid, "a label may have at most 16 bytes"));
    }
    let mut superblock = geometry::superblock(device.len(), options)?;
    let layout = Layout::new(&superblock, device.len())?;
    let mut plan = placement::Plan::new(&layout, 0, superblock.s_log_groups_per_flex())?;
    let contents = tables::Contents::plan(&layout, &mut plan)?;
    contents.describe(&mut superblock, &plan);
    device.discard(0, device.len())?;
    contents.write(device, &superblock, &mut plan, options)?;
    device.flush()?;
    device.write_at(&superblock.sealed(), superblock::OFFSET)?;
    device.flush()?;
    Ok(())
}

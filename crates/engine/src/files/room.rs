//! Whether what is to be copied has room, in the volume and on the host.

use cairn_ext4::Statfs;

use super::arrange::Arrangement;
use super::path::VolumePath;
use super::plan::Plan;
use crate::convert::io_error;
use crate::doctor::free_bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::size::Bytes;
use crate::slot::Slot;

/// Whether all of it fits beside what is there, in the volume and on the host; what will be replaced counts until
/// it is.
pub(super) fn check_space(
    plan: &Plan,
    arrangement: &Arrangement<VolumePath>,
    space: &Statfs,
    slot: &Slot,
) -> Result<()> {
    let needed = arrangement.bytes_on_disk(plan, u64::from(space.block_size));
    check_room(needed, arrangement.files(plan), space, slot)
}

/// Whether so many bytes and files fit.
pub(super) fn check_room(needed: u64, files: u64, space: &Statfs, slot: &Slot) -> Result<()> {
    let volume = slot.name();
    let hint = "Nothing was copied; delete files from the volume, or grow it.";
    if needed > space.free_bytes {
        let free = Bytes(space.free_bytes);
        let sentence = format!("The upload needs {}, and the volume '{volume}' has {free} free.", Bytes(needed));
        return Err(Error::new(ErrorKind::NoSpace, sentence).with_hint(hint));
    }
    let host = free_bytes(&slot.folder).map_err(|e| io_error("look at the free space", &slot.folder, &e))?;
    if needed > host {
        let sentence =
            format!("The upload needs {}, and this computer's disk has {} free.", Bytes(needed), Bytes(host));
        return Err(Error::new(ErrorKind::NoSpace, sentence).with_hint("Nothing was copied; free some space there."));
    }
    // One more is needed for the staging folder.
    if files >= u64::from(space.free_inodes) {
        let room = space.free_inodes.saturating_sub(1);
        let sentence = format!("The upload has {files} files and folders, and '{volume}' has room for {room} more.");
        return Err(Error::new(ErrorKind::NoSpace, sentence).with_hint(hint));
    }
    Ok(())
}

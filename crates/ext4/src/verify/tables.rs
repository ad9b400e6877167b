//! Superblock, group descriptors, their backups, the list of orphans.

use cairn_block::BlockDevice;

use super::{Check, Place, Problem, Severity, Verdict};
use crate::features;
use crate::group_descriptor::{BLOCK_UNINIT, GroupDescriptor, INODE_UNINIT};
use crate::journal::Journal;
use crate::journal::log::Log;
use crate::layout::Layout;
use crate::superblock::{self, STATE_ERROR, STATE_VALID, Superblock};
use crate::zone::SystemZone;
use crate::{Error, Result};

/// Blocks of backups that are looked at in search of a good superblock.
const BACKUP_GROUPS: [u32; 6] = [1, 3, 5, 7, 9, 25];

/// Says why a filesystem cannot be opened: `error` is what opening said.
pub(super) fn explain(device: &dyn BlockDevice, error: &Error, verdict: &mut Verdict) -> Result<()> {
    let mut raw = [0; superblock::SIZE];
    if device.len() < superblock::OFFSET + raw.len() as u64 {
        verdict.add(Place::Superblock, Problem::Field, Severity::Grave, error.what());
        return Ok(());
    }
    device.read_at(&mut raw, superblock::OFFSET)?;
    match Superblock::parse(&raw).and_then(|superblock| Layout::new(&superblock, device.len())) {
        Ok(layout) => {
            let before = verdict.total;
            check_descriptors(device, &layout, verdict)?;
            if verdict.total == before {
                let journal = error.what().contains("journal");
                let (place, problem) = match journal {
                    true => (Place::Journal, Problem::Journal),
                    false => (Place::Superblock, Problem::Field),
                };
                verdict.add(place, problem, Severity::Grave, error.what());
            }
        }
        Err(error) => {
            let backup = match good_backup(device)? {
                Some(block) => format!("; a whole copy stands at byte {block}"),
                None => String::new(),
            };
            let message = format!("{}{backup}", error.what());
            verdict.add(Place::Superblock, Problem::Field, Severity::Grave, message);
        }
    }
    Ok(())
}

/// The byte at which a whole backup of the superblock stands, tried where mke2fs puts them.
fn good_backup(device: &dyn BlockDevice) -> Result<Option<u64>> {
    for size in [4096u64, 1024, 2048, 8192, 16384, 32768, 65536] {
        let first = u64::from(size == 1024);
        for group in BACKUP_GROUPS {
            let offset = (first + u64::from(group) * 8 * size) * size;
            if offset.saturating_add(superblock::SIZE as u64) > device.len() {
                break;
            }
            let mut raw = [0; superblock::SIZE];
            device.read_at(&mut raw, offset)?;
            let whole = Superblock::parse(&raw).and_then(|copy| Layout::new(&copy, device.len()));
            if whole.is_ok_and(|layout| layout.block_size as u64 == size) {
                return Ok(Some(offset));
            }
        }
    }
    Ok(None)
}

/// Looks at every descriptor.
fn check_descriptors(device: &dyn BlockDevice, layout: &Layout, verdict: &mut Verdict) -> Result<()> {
    crate::open::for_each_raw(device, layout, |group, raw| {
        let place = Place::Group(group);
        if !GroupDescriptor::verify(raw, group, layout) {
            let message = "the checksum of the group's descriptor is wrong";
            verdict.add(place, Problem::Checksum, Severity::Damage, message);
        }
        if let Err(error) = GroupDescriptor::parse(raw).check(group, layout) {
            verdict.add(place, Problem::Field, Severity::Grave, error.what());
        }
        Ok(())
    })
}

impl Check {
    /// Looks at the superblock, the descriptors' flags and the backups, and claims the blocks of the tables.
    pub(super) fn check_tables(&mut self) -> Result<()> {
        let state = self.core.superblock.s_state();
        if state & STATE_ERROR != 0 {
            let message = "the filesystem is marked as having errors";
            self.damage(Place::Superblock, Problem::Field, message);
        } else if state & STATE_VALID == 0 && !self.core.superblock.features().has_compat(features::COMPAT_HAS_JOURNAL)
        {
            let message = "the filesystem was not unmounted, and has no journal";
            self.damage(Place::Superblock, Problem::Field, message);
        }
        self.check_superblock();
        let free = self.core.superblock.free_blocks_count();
        if free > self.core.layout.blocks_count {
            let message = "the superblock counts more free blocks than there are blocks";
            self.damage(Place::Superblock, Problem::Count, message);
        }
        let tables = SystemZone::new(&self.core.layout, &self.core.groups, &[])?;
        for (start, end) in tables.within(0, self.core.layout.blocks_count) {
            self.used.claim(start, end - start);
        }
        self.check_backups()
    }

    fn check_backups(&mut self) -> Result<()> {
        let layout = self.core.layout.clone();
        for group in 1..layout.group_count {
            if !layout.has_superblock(group) {
                continue;
            }
            let mut raw = [0; superblock::SIZE];
            self.core.device.read_at(&mut raw, layout.byte(layout.group_start(group)))?;
            let place = Place::Backup(group);
            let note = |check: &mut Self, message: &str| {
                check.verdict.add(place, Problem::Backup, Severity::Notice, message);
            };
            match Superblock::parse(&raw) {
                Ok(copy) if copy.uuid() != self.core.superblock.uuid() => {
                    note(self, "the copy of the superblock is of another filesystem");
                }
                Ok(copy)
                    if copy.blocks_count() != layout.blocks_count || copy.s_inodes_count() != layout.inodes_count =>
                {
                    note(self, "the copy of the superblock is of another size");
                }
                Ok(_) => {}
                Err(_) => note(self, "the copy of the superblock is damaged"),
            }
        }
        Ok(())
    }

    /// Looks at the journal's own superblock; what is in the log was read when the filesystem was opened.
    pub(super) fn check_journal(&mut self) -> Result<()> {
        let superblock = &self.core.superblock;
        let has_journal = superblock.features().has_compat(features::COMPAT_HAS_JOURNAL);
        if !has_journal && superblock.s_journal_inum() != 0 {
            let message = "the superblock names a journal, in a filesystem that has none";
            self.damage(Place::Superblock, Problem::Field, message);
        }
        if !has_journal || self.core.superblock.s_journal_inum() == 0 {
            return Ok(());
        }
        let log = Log::find(&mut self.core);
        let journal = log.and_then(|log| Journal::open(&*self.core.device, log));
        let journal = self.tolerate(journal, Place::Journal, Problem::Journal)?;
        if journal.as_ref().is_some_and(|journal| journal.superblock.ro_compat() != 0) {
            self.damage(Place::Journal, Problem::Journal, "the journal has a feature that nobody knows");
        }
        if journal.as_ref().is_some_and(|journal| journal.superblock.errno() != 0) {
            self.damage(Place::Journal, Problem::Journal, "the journal notes that something went wrong");
        }
        if journal.is_some_and(|journal| journal.superblock.users() > 1) {
            let message = "the journal says that several filesystems use it";
            self.damage(Place::Journal, Problem::Journal, message);
        }
        Ok(())
    }

    /// Follows the list of half-deleted files.
    pub(super) fn check_orphans(&mut self) -> Result<()> {
        let mut next = self.core.superblock.s_last_orphan();
        while next != 0 {
            let layout = &self.core.layout;
            if next < layout.first_inode || next > layout.inodes_count || !self.orphans.insert(next) {
                let message = format!("the list of half-deleted files leads to inode {next}, which cannot be in it");
                self.damage(Place::Superblock, Problem::Orphan, message);
                return Ok(());
            }
            let inode = self.core.raw_inode(next);
            let Some(inode) = self.tolerate(inode, Place::Inode(next), Problem::Orphan)? else { return Ok(()) };
            if inode.kind().is_none() {
                self.damage(
                    Place::Inode(next),
                    Problem::Orphan,
                    "it is in the list of half-deleted files, but is free",
                );
                return Ok(());
            }
            let message = "it is half deleted; that is finished when the filesystem is next opened for writing";
            self.verdict.add(Place::Inode(next), Problem::Orphan, Severity::Notice, message);
            next = inode.i_dtime();
        }
        Ok(())
    }

    /// Whether the block bitmap, or the inode bitmap with its table, of `group` was never written.
    pub(super) fn never_written(&self, group: u32) -> Result<(bool, bool)> {
        let descriptor = self.core.group(group)?;
        let layout = &self.core.layout;
        Ok((descriptor.has(BLOCK_UNINIT, layout), descriptor.has(INODE_UNINIT, layout)))
    }
}

//! Opening: superblock, descriptors, journal, system zone, orphans, in this order, each checked before the
//! next is believed.

use std::sync::Arc;

use cairn_block::BlockDevice;

use crate::cache::BlockCache;
use crate::features;
use crate::group_descriptor::GroupDescriptor;
use crate::journal::Journal;
use crate::journal::log::Log;
use crate::journal::replay::{Replay, Replayed};
use crate::layout::Layout;
use crate::state::{CACHE_BYTES, Core};
use crate::superblock::{self, STATE_ERROR, Superblock};
use crate::zone::SystemZone;
use crate::{Error, ErrorKind, Mode, Result, Timestamp};

/// Bytes of the descriptor table that are read at once.
const TABLE_BYTES: usize = 1 << 20;

/// Whether the filesystem on `device` has a journal that has to be replayed before it is what it says.
///
/// # Errors
/// [`ErrorKind::Corrupt`] when there is no filesystem; [`ErrorKind::Device`].
pub fn needs_recovery(device: &dyn BlockDevice) -> Result<bool> {
    let mut raw = [0; superblock::SIZE];
    device.read_at(&mut raw, superblock::OFFSET)?;
    Superblock::parse(&raw).map(|superblock| superblock.needs_recovery())
}

impl Core {
    /// Opens the filesystem on `device`. A journal that has to be replayed is replayed in memory for
    /// reading, and on the device for writing.
    pub(crate) fn open(device: Arc<dyn BlockDevice>, mode: Mode) -> Result<Self> {
        if mode == Mode::ReadWrite && device.is_read_only() {
            return Err(Error::new(ErrorKind::ReadOnly, "the device is open for reading only"));
        }
        let mut core = Self::read_tables(device, mode, false)?;
        let mut log = None;
        let has_journal = core.superblock.features().has_compat(features::COMPAT_HAS_JOURNAL);
        // What is on another device is not needed to read what was closed in order.
        let elsewhere = core.superblock.s_journal_inum() == 0;
        if has_journal && !(elsewhere && mode == Mode::ReadOnly && !core.superblock.needs_recovery()) {
            log = Some(core.find_log()?);
        }
        if core.superblock.needs_recovery() {
            let log =
                log.as_ref().ok_or_else(|| Error::corrupt("the journal has to be replayed, but there is none"))?;
            core = core.recover(log)?;
        }
        let runs = log.as_ref().map(Log::runs).unwrap_or_default();
        core.zone = SystemZone::new(&core.layout, &core.groups, &runs)?;
        if mode == Mode::ReadWrite {
            core.prepare_to_write(log)?;
        }
        Ok(core)
    }

    /// Reads the superblock and the descriptors.
    fn read_tables(device: Arc<dyn BlockDevice>, mode: Mode, replayed: bool) -> Result<Self> {
        let mut raw = [0; superblock::SIZE];
        if device.len() < superblock::OFFSET + raw.len() as u64 {
            return Err(Error::corrupt("the device is too small for a filesystem"));
        }
        device.read_at(&mut raw, superblock::OFFSET)?;
        match Superblock::parse(&raw) {
            Ok(superblock) => Self::with_superblock(device, mode, superblock, replayed),
            Err(damaged) => match Superblock::unverified(&raw) {
                Ok(torn) if !replayed => Self::with_torn_superblock(device, mode, torn).map_err(|_| damaged),
                _ => Err(damaged),
            },
        }
    }

    /// Reads the descriptors. When the journal still has to be replayed some of them may not be there yet, so
    /// they are looked at only afterwards: a filesystem that has just grown may be known to the superblock
    /// and not to the table behind it.
    fn with_superblock(
        device: Arc<dyn BlockDevice>,
        mode: Mode,
        superblock: Superblock,
        replayed: bool,
    ) -> Result<Self> {
        superblock.features().check(mode)?;
        let layout = Layout::new(&superblock, device.len())?;
        let verify = replayed || !superblock.needs_recovery();
        let groups = read_groups(&*device, &layout, verify)?;
        Ok(Self {
            cache: BlockCache::new(CACHE_BYTES, layout.block_size),
            device,
            mode,
            layout,
            superblock,
            groups,
            zone: SystemZone::default(),
            transaction: Default::default(),
            free: Default::default(),
            journal: None,
            write_behind: Default::default(),
            reuse_epoch: 0,
            open_batches: 0,
            operations: 0,
            commits: 0,
            batch_start: 0,
            lost: None,
            last_table_block: 0,
            generation: Timestamp::now().nanoseconds,
            replayed: Vec::new(),
            failed: None,
        })
    }

    /// Starts from a superblock that a power cut left half-written, if the journal holds the whole one.
    fn with_torn_superblock(device: Arc<dyn BlockDevice>, mode: Mode, mut torn: Superblock) -> Result<Self> {
        torn.set_needs_recovery(true);
        let mut core = Self::with_superblock(device, mode, torn, false)?;
        let log = core.find_log()?;
        let journal = Journal::open(&*core.device, log.clone())?;
        let replay = Replay::scan(&*core.device, &log, &journal.superblock, &core.layout)?;
        let block = replay.copy_of(&*core.device, core.layout.superblock_block())?;
        let bytes = block.get(core.layout.superblock_offset()..).unwrap_or_default();
        let whole = Superblock::parse(bytes)?;
        match whole.uuid() == core.superblock.uuid() && whole.needs_recovery() {
            true => Self::with_superblock(core.device, mode, whole, false),
            false => Err(Error::corrupt("the journal belongs to another filesystem")),
        }
    }

    fn find_log(&mut self) -> Result<Log> {
        if self.superblock.s_journal_inum() == 0 {
            return Err(Error::unsupported("a journal on another device"));
        }
        Log::find(self)
    }

    /// Replays the journal, and reads everything again.
    fn recover(self, log: &Log) -> Result<Self> {
        let mut journal = Journal::open(&*self.device, log.clone())?;
        let mut replay = None;
        if !journal.is_empty() {
            let found = Replay::scan(&*self.device, log, &journal.superblock, &self.layout)?;
            found.verify(&*self.device)?;
            replay = Some(found);
        }
        let in_memory = self.mode == Mode::ReadOnly;
        let replayed = replay.as_ref().filter(|_| in_memory).map_or_else(Vec::new, |replay| replay.blocks().collect());
        let device = match (replay, self.mode) {
            (None, _) => self.device,
            (Some(replay), Mode::ReadOnly) => Arc::new(Replayed::new(self.device, replay)),
            (Some(replay), Mode::ReadWrite) => {
                replay.apply(&*self.device)?;
                self.device.flush()?;
                journal.restart(&*self.device, replay.next_sequence)?;
                self.device
            }
        };
        let mut core = Self::read_tables(device, self.mode, true)?;
        core.replayed = replayed;
        core.superblock.set_needs_recovery(false);
        if core.mode == Mode::ReadWrite {
            core.device.write_at(&core.superblock.sealed(), superblock::OFFSET)?;
            core.device.flush()?;
        }
        Ok(core)
    }

    fn prepare_to_write(&mut self, log: Option<Log>) -> Result<()> {
        if self.superblock.s_state() & STATE_ERROR != 0 {
            return Err(Error::corrupt("it is marked as having errors; repair it with e2fsck before writing to it"));
        }
        if let Some(log) = log {
            let mut journal = Journal::open(&*self.device, log.clone())?;
            if !journal.is_empty() {
                // The flag says that there is nothing to replay, so what is in the log has been done.
                let done = Replay::scan(&*self.device, &log, &journal.superblock, &self.layout)?;
                journal.restart(&*self.device, done.next_sequence)?;
            }
            self.journal = Some(journal);
        }
        self.clear_orphans()?;
        self.clear_orphan_file()?;
        self.finish_removals()
    }
}

/// Calls `visit` with the raw descriptor of every group.
pub(crate) fn for_each_raw(
    device: &dyn BlockDevice,
    layout: &Layout,
    mut visit: impl FnMut(u32, &[u8]) -> Result<()>,
) -> Result<()> {
    let blocks = layout.gdt_blocks();
    let (mut index, mut group) = (0, 0);
    let mut buf = Vec::new();
    while index < blocks {
        // Blocks of the table that lie together are read together.
        let start = layout.descriptor_block(index);
        let limit = (TABLE_BYTES / layout.block_size).max(1);
        let together = (index..blocks).zip(start..).take(limit);
        let count = together.take_while(|(index, block)| layout.descriptor_block(*index) == *block).count();
        if !layout.contains(start, count as u64) {
            return Err(Error::corrupt("a part of the group descriptors lies outside the filesystem"));
        }
        buf.resize(count * layout.block_size, 0);
        device.read_at(&mut buf, layout.byte(start))?;
        for raw in buf.chunks_exact(layout.descriptor_size) {
            if group < layout.group_count {
                visit(group, raw)?;
                group += 1;
            }
        }
        index += count as u64;
    }
    Ok(())
}

/// Reads the descriptors, and verifies them where that is due.
fn read_groups(device: &dyn BlockDevice, layout: &Layout, verify: bool) -> Result<Vec<GroupDescriptor>> {
    let mut groups = Vec::new();
    for_each_raw(device, layout, |group, raw| {
        let descriptor = GroupDescriptor::parse(raw);
        if verify {
            if !GroupDescriptor::verify(raw, group, layout) {
                let what = format!("the checksum of group {group}'s descriptor is wrong");
                return Err(Error::corrupt(what));
            }
            descriptor.check(group, layout)?;
        }
        groups.push(descriptor);
        Ok(())
    })?;
    Ok(groups)
}

//! Judging the disks that a cut can leave: opened for reading and for writing, compared with what may be
//! there, looked at by e2fsck.
//!
//! Most cuts of one operation lead to the same few filesystems once the journal is replayed: what differs is
//! in free blocks and in the log, at which nobody looks again. So e2fsck sees every *distinct* filesystem
//! once, told apart by a hash over everything else.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use cairn_block::{BlockDevice, faulty::CrashDevice, memory::MemoryDevice};
use cairn_ext4::{Filesystem, Mode};

use super::snapshot::Snapshot;
use crate::common::{Image, attributes};

/// Epochs with so few events are cut in every possible way, the order aside.
const EXHAUSTED: usize = 6;

/// How many ways of cutting an epoch are tried.
#[derive(Clone, Copy)]
pub(crate) struct Cuts {
    /// Every subset of an epoch of few events, every prefix of a longer one.
    pub(crate) whole: bool,
    /// Subsets by chance, with writes torn at sectors.
    pub(crate) torn: u64,
    /// Makes the chance another one.
    pub(crate) salt: u64,
}

/// Judges the disks of one starting volume, and counts.
pub(crate) struct Judge {
    base: MemoryDevice,
    block_size: u64,
    /// Blocks of the journal but for its first.
    log: HashSet<u64>,
    seen: Mutex<HashSet<u64>>,
    pub(crate) judged: AtomicU64,
    /// One distinct state in so many is also repaired by e2fsck and used further.
    share: u64,
}

impl Judge {
    pub(crate) fn new(base: &MemoryDevice, share: u64) -> Self {
        let listed = Image::of(base).debugfs("blocks <8>");
        let log = listed.split_whitespace().skip(1).filter_map(|block| block.parse().ok()).collect();
        let mut log_size = [0];
        base.read_at(&mut log_size, 1024 + 0x18).expect("read");
        let (seen, judged) = Default::default();
        Self { base: base.clone(), block_size: 1024 << log_size[0], log, seen, judged, share }
    }

    /// Distinct filesystems that e2fsck has seen.
    pub(crate) fn distinct(&self) -> usize {
        self.seen.lock().expect("no judge has failed").len()
    }

    /// Judges the cuts of `device` from `first_epoch` on. Until `acknowledged` flushes had returned what was
    /// `before` may be there, too.
    pub(crate) fn judge_cuts(
        &self,
        device: &CrashDevice,
        first_epoch: usize,
        (before, after, acknowledged): (&Snapshot, &Snapshot, usize),
        cuts: Cuts,
        what: &dyn Display,
    ) {
        for epoch in first_epoch..=device.flushes() {
            let possible = if epoch < acknowledged { &[after, before][..] } else { &[after][..] };
            let events = device.events(epoch);
            if cuts.whole && events <= EXHAUSTED {
                for arrived in 0..1 << events {
                    let disk = device.cut_by_mask(epoch, arrived).expect("cut");
                    self.judge(disk, possible, &format!("{what}, epoch {epoch}, arrived {arrived:#b}"));
                }
            } else if cuts.whole {
                for count in 0..=events {
                    let disk = device.cut_after(epoch, count).expect("cut");
                    self.judge(disk, possible, &format!("{what}, epoch {epoch}, the first {count} arrived"));
                }
            }
            for seed in 0..cuts.torn {
                let disk = device.cut_by_seed(epoch, cuts.salt << 8 | seed).expect("cut");
                self.judge(disk, possible, &format!("{what}, epoch {epoch}, cut {seed}"));
            }
        }
    }

    /// Judges one disk.
    fn judge(&self, disk: MemoryDevice, possible: &[&Snapshot], what: &str) {
        let count = self.judged.fetch_add(1, Ordering::Relaxed);
        let disk = Arc::new(disk);
        let cut = (*disk).clone();
        let shown = shown(&disk, what);
        if !possible.contains(&&shown) {
            let why: Vec<String> = possible.iter().filter_map(|other| shown.difference(other)).collect();
            panic!("{what}: neither before nor after:\n{}", why.join("\n"));
        }
        drop(open(&disk, Mode::ReadWrite, what));
        let is_new = self.seen.lock().expect("no judge has failed").insert(self.key(&disk));
        if is_new {
            let again = self::shown(&disk, what);
            assert!(shown == again, "{what}: replayed on the disk it is {:?}", shown.difference(&again));
            assert_clean(&disk, what);
            if count.is_multiple_of(self.share) {
                self.judge_further(&cut, &disk, possible, what);
            }
        }
    }

    /// What e2fsck replays is possible, too, and one can go on. (Of a change that nobody acknowledged the
    /// journal may have all but the mark that it has to be replayed: e2fsck does it, Linux and we do not.)
    fn judge_further(&self, cut: &MemoryDevice, disk: &Arc<MemoryDevice>, possible: &[&Snapshot], what: &str) {
        let image = Image::of(cut);
        let (code, said) = image.e2fsck("-y");
        // It does not know how to mend a superblock that was cut in two, and takes a backup instead.
        if !said.contains("trying backup blocks") {
            assert!(matches!(code, Some(0 | 1)) && !said.contains("Fix? yes"), "{what}: {said}");
            let theirs = shown(&image.device(), what);
            let same = possible.iter().any(|state| state.files() == theirs.files());
            assert!(same, "{what}: e2fsck replays something else: {:?}\n{said}", possible[0].difference(&theirs));
        }
        let fs = open(disk, Mode::ReadWrite, what);
        fs.mkdir(b"afterwards", &attributes(0o755)).expect("mkdir");
        fs.remove_all(b"lost+found").expect("remove");
        assert_clean(disk, what);
    }

    /// A hash of all that matters of a filesystem whose journal is empty.
    fn key(&self, disk: &MemoryDevice) -> u64 {
        let free = self.free_blocks(disk);
        let mut hasher = DefaultHasher::new();
        let mut block = vec![0; self.block_size as usize];
        let mut last = u64::MAX;
        for range in disk.differences(&self.base) {
            for number in range.start / self.block_size..range.end.div_ceil(self.block_size) {
                let is_free = free.get(number as usize).copied().unwrap_or(true);
                if number == last || is_free || self.log.contains(&number) {
                    continue;
                }
                last = number;
                disk.read_at(&mut block, number * self.block_size).expect("read");
                (number, &block).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Which blocks the bitmaps call free; those of groups without a bitmap count as used.
    fn free_blocks(&self, disk: &MemoryDevice) -> Vec<bool> {
        let read = |offset: u64| {
            let mut bytes = [0; 4];
            disk.read_at(&mut bytes, offset).expect("read");
            u64::from(u32::from_le_bytes(bytes))
        };
        let (blocks, first, per_group) = (read(1024 + 4), read(1024 + 0x14), read(1024 + 0x20));
        let mut free = vec![false; blocks as usize];
        let mut bitmap = vec![0; self.block_size as usize];
        for group in 0..(blocks - first).div_ceil(per_group) {
            let descriptor = (first + 1) * self.block_size + group * 64;
            if read(descriptor + 0x10) >> 16 & 2 != 0 {
                continue;
            }
            disk.read_at(&mut bitmap, read(descriptor) * self.block_size).expect("read");
            for bit in 0..per_group.min(blocks - first - group * per_group) {
                let is_used = bitmap[(bit / 8) as usize] >> (bit % 8) & 1 == 1;
                free[(first + group * per_group + bit) as usize] = !is_used;
            }
        }
        free
    }
}

fn assert_clean(disk: &MemoryDevice, what: &str) {
    if let Some(said) = Image::of(disk).complaint() {
        panic!("{what}: e2fsck is not content:\n{said}");
    }
}

fn open(disk: &Arc<MemoryDevice>, mode: Mode, what: &str) -> Filesystem {
    let device = Arc::clone(disk) as Arc<dyn BlockDevice>;
    Filesystem::open(device, mode).unwrap_or_else(|error| panic!("{what}: {mode:?}: {error}"))
}

fn shown(disk: &Arc<MemoryDevice>, what: &str) -> Snapshot {
    Snapshot::of(&open(disk, Mode::ReadOnly, what)).unwrap_or_else(|error| panic!("{what}: {error}"))
}

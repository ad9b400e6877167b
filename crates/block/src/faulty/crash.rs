//! A device that remembers the order of its writes, and the disks that a power cut could leave.
//!
//! The model: what was written before a flush that returned is on the disk. Of what was written since, any
//! part may be: each write or discard wholly, not at all, or only some of its sectors; a sector is never
//! torn. A later write to a sector may be lost while an earlier one is kept.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{BlockDevice, Result, memory::MemoryDevice, range::pieces};

/// What a disk writes as a whole.
const SECTOR: u64 = 512;

#[derive(Clone)]
enum Event {
    Write { offset: u64, data: Vec<u8> },
    Discard { offset: u64, len: u64 },
}

/// Everything between two flushes, and the disk as the first of them left it.
struct Epoch {
    start: MemoryDevice,
    events: Vec<Event>,
}

/// A device in memory that records writes, discards and flushes.
///
/// An epoch is what happens between two flushes: epoch 0 ends with the first flush, and the last epoch is
/// still going on. A cut in epoch n happens after n flushes returned.
pub struct CrashDevice {
    now: MemoryDevice,
    epochs: Mutex<Vec<Epoch>>,
}

impl CrashDevice {
    /// Starts recording on what `start` holds, which counts as durable.
    #[must_use]
    pub fn new(start: MemoryDevice) -> Self {
        let epochs = Mutex::new(vec![Epoch { start: start.clone(), events: Vec::new() }]);
        Self { now: start, epochs }
    }

    /// How many flushes have returned, which is also the number of the epoch going on.
    #[must_use]
    pub fn flushes(&self) -> usize {
        self.epochs().len() - 1
    }

    /// How many writes and discards happened in an epoch; 0 for one that has not begun.
    #[must_use]
    pub fn events(&self, epoch: usize) -> usize {
        self.epochs().get(epoch).map_or(0, |epoch| epoch.events.len())
    }

    /// The disk after a cut in `epoch`, when exactly its first `events` writes and discards arrived.
    ///
    /// # Errors
    /// None but by a range that the device itself has let through.
    ///
    /// # Panics
    /// When the epoch has not begun.
    pub fn cut_after(&self, epoch: usize, events: usize) -> Result<MemoryDevice> {
        let epochs = self.epochs();
        let disk = epochs[epoch].start.clone();
        for event in epochs[epoch].events.iter().take(events) {
            event.apply(&disk)?;
        }
        Ok(disk)
    }

    /// The disk after a cut in `epoch`, when those of its writes and discards arrived whose bit is set in
    /// `arrived` (the lowest for the first); those beyond the 64th did not.
    ///
    /// # Errors
    /// None but by a range that the device itself has let through.
    ///
    /// # Panics
    /// When the epoch has not begun.
    pub fn cut_by_mask(&self, epoch: usize, arrived: u64) -> Result<MemoryDevice> {
        let epochs = self.epochs();
        let disk = epochs[epoch].start.clone();
        for (bit, event) in epochs[epoch].events.iter().enumerate().take(64) {
            if arrived >> bit & 1 == 1 {
                event.apply(&disk)?;
            }
        }
        Ok(disk)
    }

    /// The disk after a cut in `epoch`, when some of its writes and discards arrived, some in part: another
    /// possible disk for every `seed`.
    ///
    /// # Errors
    /// None but by a range that the device itself has let through.
    ///
    /// # Panics
    /// When the epoch has not begun.
    pub fn cut_by_seed(&self, epoch: usize, seed: u64) -> Result<MemoryDevice> {
        let epochs = self.epochs();
        let disk = epochs[epoch].start.clone();
        let mut dice = Dice(seed ^ (epoch as u64) << 32);
        // How much arrives at all differs from cut to cut, else nearly all disks would have about half.
        let arrives = dice.below(101);
        for event in &epochs[epoch].events {
            if dice.below(100) >= arrives {
                continue;
            }
            if dice.below(4) == 0 {
                event.apply_torn(&disk, &mut dice)?;
            } else {
                event.apply(&disk)?;
            }
        }
        Ok(disk)
    }

    /// What the device holds now, as a reader sees it.
    #[must_use]
    pub fn now(&self) -> MemoryDevice {
        self.now.clone()
    }

    fn epochs(&self) -> MutexGuard<'_, Vec<Epoch>> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, event: Event) -> Result<()> {
        let mut epochs = self.epochs();
        // Under the lock, so that the order recorded is the order in which it happened.
        event.apply(&self.now)?;
        if let Some(epoch) = epochs.last_mut() {
            epoch.events.push(event);
        }
        Ok(())
    }
}

impl Event {
    fn apply(&self, disk: &MemoryDevice) -> Result<()> {
        match self {
            Event::Write { offset, data } => disk.write_at(data, *offset),
            Event::Discard { offset, len } => disk.discard(*offset, *len),
        }
    }

    /// Applies the first sectors only, or, of a write, any of them.
    fn apply_torn(&self, disk: &MemoryDevice, dice: &mut Dice) -> Result<()> {
        let (offset, data) = match self {
            Event::Write { offset, data } => (*offset, data),
            Event::Discard { offset, len } => {
                let sectors = (offset + len).div_ceil(SECTOR) - offset / SECTOR;
                let end = (offset / SECTOR + dice.below(sectors + 1)) * SECTOR;
                return disk.discard(*offset, end.saturating_sub(*offset).min(*len));
            }
        };
        let pieces: Vec<_> = pieces(offset, data.len() as u64, SECTOR).collect();
        let prefix = (dice.below(2) == 0).then(|| dice.below(pieces.len() as u64 + 1));
        for (n, (sector, within, len)) in pieces.into_iter().enumerate() {
            if prefix.map_or_else(|| dice.below(2) == 0, |end| (n as u64) < end) {
                let at = sector * SECTOR + within as u64;
                let from = (at - offset) as usize;
                disk.write_at(&data[from..from + len], at)?;
            }
        }
        Ok(())
    }
}

impl BlockDevice for CrashDevice {
    fn len(&self) -> u64 {
        self.now.len()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        self.now.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        self.record(Event::Write { offset, data: buf.to_vec() })
    }

    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        self.record(Event::Discard { offset, len })
    }

    fn flush(&self) -> Result<()> {
        let mut epochs = self.epochs();
        epochs.push(Epoch { start: self.now.clone(), events: Vec::new() });
        Ok(())
    }
}

/// Repeatable chance (the generator "splitmix64").
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn byte(disk: &MemoryDevice, offset: u64) -> u8 {
        let mut byte = [0];
        disk.read_at(&mut byte, offset).unwrap();
        byte[0]
    }

    #[test]
    fn what_was_flushed_survives_every_cut_and_the_rest_only_some() {
        let device = CrashDevice::new(MemoryDevice::new(1 << 20));
        device.write_at(&[1; 600], 0).unwrap();
        device.flush().unwrap();
        device.write_at(&[2; 2048], 4096).unwrap();
        device.write_at(&[3; 512], 8192).unwrap();
        assert_eq!((device.flushes(), device.events(1)), (1, 2));
        let mut seen = HashSet::new();
        for seed in 0..400 {
            let disk = device.cut_by_seed(1, seed).unwrap();
            assert_eq!((byte(&disk, 0), byte(&disk, 599)), (1, 1));
            let sectors: Vec<u8> = (0..4).map(|n| byte(&disk, 4096 + n * 512)).collect();
            seen.insert((sectors, byte(&disk, 8192)));
        }
        // Wholly, not at all, reordered, torn.
        for (first, second) in [(&[2; 4], 3), (&[0; 4], 0), (&[0; 4], 3), (&[2; 4], 0), (&[2, 2, 0, 0], 0)] {
            assert!(seen.contains(&(first.to_vec(), second)), "{first:?} {second} never happened");
        }
        assert!(seen.len() > 15, "only {} different disks", seen.len());
    }

    #[test]
    fn cuts_are_repeatable_and_prefixes_exact() {
        let device = CrashDevice::new(MemoryDevice::new(4096));
        for n in 1..=5 {
            device.write_at(&[n], 0).unwrap();
        }
        device.discard(0, 4096).unwrap();
        for (events, expected) in [0, 1, 2, 3, 4, 5, 0].into_iter().enumerate() {
            assert_eq!(byte(&device.cut_after(0, events).unwrap(), 0), expected);
        }
        for (arrived, expected) in [(0, 0), (0b1, 1), (0b1011, 4), (0b101, 3), (0b11_1111, 0)] {
            assert_eq!(byte(&device.cut_by_mask(0, arrived).unwrap(), 0), expected);
        }
        for seed in 0..20 {
            let twice = [device.cut_by_seed(0, seed).unwrap(), device.cut_by_seed(0, seed).unwrap()];
            assert_eq!(byte(&twice[0], 0), byte(&twice[1], 0));
        }
    }
}

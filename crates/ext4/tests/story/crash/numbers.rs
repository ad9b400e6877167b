//! The numbers of transactions: none is given twice, so that nothing old in the log is ever taken for a part
//! of a new transaction.

use std::sync::Arc;

use cairn_block::{BlockDevice, faulty::CrashDevice, memory::MemoryDevice};
use cairn_ext4::{Filesystem, Mode};

use crate::change::put;
use crate::common::{MIB, new_volume, noise};

/// The highest number on a descriptor or a commit block anywhere on the disk.
fn highest(disk: &MemoryDevice) -> u32 {
    let mut block = [0; 1024];
    let numbers = (0..disk.len() / 1024).filter_map(|number| {
        disk.read_at(&mut block, number * 1024).expect("read");
        let word = |at: usize| u32::from_be_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
        (word(0) == 0xC03B_3998 && matches!(word(4), 1 | 2)).then(|| word(8))
    });
    numbers.max().unwrap_or(0)
}

#[test]
fn no_transaction_gets_a_number_that_the_log_knows() {
    let mut disks = vec![(*new_volume(5 * MIB)).clone()];
    for round in 0..4 {
        let mut cut = Vec::new();
        for disk in &disks {
            let known = highest(disk);
            let device = Arc::new(CrashDevice::new(disk.clone()));
            let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
            put(&fs, "a", &noise(500, round));
            let now = highest(&device.now());
            assert!(now > known, "round {round}: {now} was given, and {known} is in the log");
            // In all ways in which the end of the last commit can be cut.
            for epoch in device.flushes() - 2..=device.flushes() {
                cut.extend(
                    (0..1 << device.events(epoch).min(4))
                        .map(|arrived| device.cut_by_mask(epoch, arrived).expect("cut")),
                );
            }
        }
        // Those whose log knows most are the dangerous ones.
        cut.sort_by_key(|disk| std::cmp::Reverse(highest(disk)));
        cut.truncate(12);
        disks = cut;
    }
}

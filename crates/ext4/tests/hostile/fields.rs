//! The fields of every structure, as (offset, bytes); negative bytes mean big-endian.

use crate::anatomy::{Kind, le};
use crate::dice::Dice;

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) offset: usize,
    pub(crate) width: usize,
    pub(crate) big_endian: bool,
}

fn little(offset: usize, width: usize) -> Field {
    Field { offset, width, big_endian: false }
}

fn big(offset: usize, width: usize) -> Field {
    Field { offset, width, big_endian: true }
}

const SUPERBLOCK_WORDS: [usize; 50] = [
    0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x40, 0x44, 0x48, 0x4C, 0x54, 0x5C,
    0x60, 0x64, 0x68, 0x6C, 0x78, 0xC8, 0xE0, 0xE4, 0xE8, 0xEC, 0xF0, 0x100, 0x104, 0x108, 0x10C, 0x114, 0x118, 0x148,
    0x150, 0x154, 0x158, 0x160, 0x168, 0x170, 0x178, 0x180, 0x240, 0x248, 0x26C, 0x270, 0x280,
];
const SUPERBLOCK_HALVES: [usize; 15] =
    [0x34, 0x36, 0x38, 0x3A, 0x3C, 0x3E, 0x50, 0x52, 0x58, 0x5A, 0xCE, 0xFE, 0x15C, 0x15E, 0x166];
const SUPERBLOCK_BYTES: [usize; 9] = [0xCC, 0xCD, 0xFC, 0xFD, 0x174, 0x175, 0x176, 0x274, 0x276];
const INODE_HALVES: [usize; 16] =
    [0x00, 0x02, 0x18, 0x1A, 0x28, 0x2A, 0x2C, 0x2E, 0x38, 0x3A, 0x74, 0x76, 0x78, 0x7A, 0x80, 0x46];
const INODE_WORDS: [usize; 24] = [
    0x04, 0x08, 0x0C, 0x10, 0x14, 0x1C, 0x20, 0x24, 0x34, 0x3C, 0x40, 0x48, 0x58, 0x5C, 0x60, 0x64, 0x68, 0x6C, 0x70,
    0x84, 0x88, 0x8C, 0x90, 0x94,
];

/// A field of a structure whose bytes are `raw`.
pub(crate) fn pick(kind: Kind, raw: &[u8], dice: &mut Dice) -> Field {
    let end = raw.len();
    let field = match kind {
        Kind::Superblock | Kind::Backup => {
            let index = dice.below(74) as usize;
            let words = SUPERBLOCK_WORDS.len();
            match index.checked_sub(words) {
                None => little(SUPERBLOCK_WORDS[index], 4),
                Some(index) if index < 15 => little(SUPERBLOCK_HALVES[index], 2),
                Some(index) => little(SUPERBLOCK_BYTES[index - 15], 1),
            }
        }
        Kind::Descriptor if dice.below(3) == 0 => little(4 * dice.below(3) as usize + 0x20 * usize::from(end >= 64), 4),
        Kind::Descriptor => match dice.below(3) {
            0 => little(4 * dice.below(3) as usize, 4),
            1 => little(0x0C + 2 * dice.below(10) as usize, 2),
            _ => little((0x20 + 2 * dice.below(16) as usize).min(end - 2), 2),
        },
        Kind::Inode => match dice.below(9) {
            0..=4 => little(*dice.pick(&INODE_WORDS), 4),
            5..=7 => little(*dice.pick(&INODE_HALVES), 2),
            // Attributes behind the fields.
            _ => little(0xA0 + 2 * dice.below(24) as usize, 2),
        },
        Kind::BlockBitmap | Kind::InodeBitmap => little(dice.below(end as u64 / 4) as usize, 4),
        Kind::Extents => extents(raw, dice),
        Kind::BlockMap => little(4 * dice.below(16) as usize, 4),
        Kind::Leaf => record(raw, dice),
        Kind::IndexRoot if dice.below(3) == 0 => record(raw, dice),
        Kind::IndexRoot => match dice.below(3) {
            0 => little(24, 4),
            1 => little(28 + dice.below(4) as usize, 1),
            _ => pair(raw, 32, dice),
        },
        Kind::IndexNode => pair(raw, 8, dice),
        Kind::Attributes => match dice.below(3) {
            0 => little(4 * dice.below(4) as usize, 4),
            1 => little(32 + dice.below(2) as usize, 1),
            _ => little(34 + 2 * dice.below(20) as usize, 2),
        },
        Kind::Protection => little(4 * *dice.pick(&[0, 1, 2, 20, 255]), 4),
        Kind::JournalSuperblock => big(4 * *dice.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 20, 21]), 4),
        Kind::JournalDescriptor => match dice.below(3) {
            0 => big(4 * dice.below(3) as usize, 4),
            1 => big(12 + 4 * dice.below(8) as usize, 4),
            _ => big(44 + 4 * dice.below(40) as usize, 4),
        },
        Kind::JournalRevocation => big(4 * dice.below(12) as usize, 4),
        Kind::JournalCommit => big(4 * dice.below(16) as usize, 4),
    };
    Field { offset: field.offset.min(end - field.width), ..field }
}

fn extents(raw: &[u8], dice: &mut Dice) -> Field {
    let entries = le(raw, 2, 2);
    if dice.below(3) == 0 {
        return little(2 * dice.below(4) as usize, 2);
    }
    let entry = 12 + 12 * dice.below(entries.min(80)) as usize;
    match dice.below(3) {
        0 => little(entry, 4),
        1 => little(entry + 4 + 2 * dice.below(2) as usize, 2),
        _ => little(entry + 4 * (1 + dice.below(2) as usize), 4),
    }
}

/// The offsets of the records in a folder's block.
pub(crate) fn records(raw: &[u8]) -> Vec<usize> {
    let (mut offsets, mut at) = (Vec::new(), 0);
    while at + 12 <= raw.len() {
        offsets.push(at);
        at += (le(raw, at + 4, 2) as usize).max(8);
    }
    offsets
}

fn record(raw: &[u8], dice: &mut Dice) -> Field {
    let record = *dice.pick(&records(raw));
    match dice.below(5) {
        0 => little(record, 4),
        1 => little(record + 4, 2),
        2 => little(record + 6, 1),
        3 => little(record + 7, 1),
        _ => little(record + 8 + dice.below(raw[record + 6].into()) as usize, 1),
    }
}

fn pair(raw: &[u8], start: usize, dice: &mut Dice) -> Field {
    let count = le(raw, start + 2, 2).max(1);
    match dice.below(4) {
        0 => little(start, 2),
        1 => little(start + 2, 2),
        2 => little(start + 8 * dice.below(count) as usize + 4, 4),
        _ => little(start + 8 * dice.below(count) as usize, 4),
    }
}

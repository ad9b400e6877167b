//! The mutator: one change of one field of one structure, sealed with a right checksum or not.

use cairn_block::{BlockDevice, memory::MemoryDevice};

use crate::anatomy::{Anatomy, Kind, Part, bytes, le, put};
use crate::dice::Dice;
use crate::fields;

/// What was changed, in words.
#[derive(Clone, Debug)]
pub(crate) struct Mutation {
    pub(crate) kind: Kind,
    pub(crate) what: String,
}

/// Changes one field; the kind of structure is chosen first, so that the few superblocks come as often as the
/// many inodes.
pub(crate) fn mutate(device: &MemoryDevice, anatomy: &Anatomy, dice: &mut Dice) -> Mutation {
    let kinds: Vec<&Vec<Part>> = anatomy.parts.values().collect();
    let parts = kinds[dice.below(kinds.len() as u64) as usize];
    let part = dice.pick(parts).clone();
    let mut raw = bytes(device, part.offset, part.len);
    let sealed = dice.below(8) != 0;
    let what = match (part.kind, dice.below(6)) {
        (Kind::Leaf, 0) => rename_record(&mut raw, dice),
        (Kind::BlockBitmap | Kind::InodeBitmap, 0..=2) => {
            let fill = *dice.pick(&[0, 0xFF]);
            let start = dice.below(raw.len() as u64 / 2) as usize;
            raw[start..].fill(fill);
            format!("bytes from {start} on are {fill:#x}")
        }
        (_, 5) => flip(&mut raw, dice),
        _ => change_field(&mut raw, &part, anatomy, dice),
    };
    device.write_at(&raw, part.offset).expect("write the image");
    if sealed {
        anatomy.seal(device, &part);
    }
    let what = format!("{:?} of {} at {:#x}, sealed {sealed}: {what}", part.kind, part.owner, part.offset);
    Mutation { kind: part.kind, what }
}

fn flip(raw: &mut [u8], dice: &mut Dice) -> String {
    let (at, bit) = (dice.below(raw.len() as u64) as usize, dice.below(8));
    raw[at] ^= 1 << bit;
    format!("bit {bit} of byte {at:#x} flipped")
}

/// Gives an entry a name that nobody may have.
fn rename_record(raw: &mut [u8], dice: &mut Dice) -> String {
    let records = fields::records(raw);
    let record = *dice.pick(&records);
    let name: &[u8] = dice.pick::<&[u8]>(&[b"..", b".", b"a/b", b"/", b"\0", b"x\0y", b""]);
    if record + 8 + name.len() <= raw.len() {
        raw[record + 6] = name.len() as u8;
        raw[record + 8..record + 8 + name.len()].copy_from_slice(name);
    }
    format!("the entry at {record} is called {:?}", name.escape_ascii().to_string())
}

fn change_field(raw: &mut [u8], part: &Part, anatomy: &Anatomy, dice: &mut Dice) -> String {
    let field = fields::pick(part.kind, raw, dice);
    let turned = |raw: &mut [u8]| {
        if field.big_endian {
            raw[field.offset..field.offset + field.width].reverse();
        }
    };
    turned(raw);
    let old = le(raw, field.offset, field.width);
    let new = value(old, field.width, part, anatomy, dice);
    put(raw, field.offset, field.width, new);
    turned(raw);
    format!("{} bytes at {:#x}: {old:#x} is {new:#x}", field.width, field.offset)
}

fn value(old: u64, width: usize, part: &Part, anatomy: &Anatomy, dice: &mut Dice) -> u64 {
    let max = u64::MAX >> (64 - 8 * width);
    let kinds: Vec<&Vec<Part>> = anatomy.parts.values().collect();
    let parts = kinds[dice.below(kinds.len() as u64) as usize];
    let other = dice.pick(parts);
    let new = match dice.below(20) {
        0 => 0,
        1 => 1,
        2 => max,
        3 => max - 1,
        4 => max / 2 + 1,
        5 => old.wrapping_add(1),
        6 => old.wrapping_sub(1),
        7 => old ^ 1 << dice.below(8 * width as u64),
        8 => old.wrapping_mul(2),
        // Itself, other metadata, the end, what lies behind it.
        9 => part.offset / anatomy.block_size,
        10 => other.offset / anatomy.block_size,
        11 => *dice.pick(&anatomy.tables),
        12 => anatomy.blocks - 1,
        13 => anatomy.blocks,
        14 => u64::from(*dice.pick(&anatomy.in_use)),
        15 => u64::from(part.owner),
        16 => u64::from(anatomy.inodes) + dice.below(2),
        17 => dice.below(16),
        18 => u64::from(*dice.pick(b"/.\0")),
        _ => dice.below(u64::MAX),
    };
    new & max
}

//! Access control lists: as ext4 stores them, as Linux hands them out, and what permissions they mean.
//!
//! On the device an entry has an id only where it needs one; on the wire every entry has eight bytes.

use crate::bytes::{le, put_le};

/// Versions of the stored form and of the wire's.
const STORED: u32 = 1;
const WIRE: u32 = 2;
/// The tags, in the order in which entries have to stand.
const OWNER: u16 = 0x01;
const NAMED_USER: u16 = 0x02;
const GROUP: u16 = 0x04;
const NAMED_GROUP: u16 = 0x08;
const MASK: u16 = 0x10;
const OTHERS: u16 = 0x20;
/// The id of an entry that needs none.
const NOBODY: u32 = u32::MAX;

/// One entry: whom it is for, what they may, and the id of a named user or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AclEntry {
    tag: u16,
    permissions: u16,
    id: u32,
}

impl AclEntry {
    fn is_named(self) -> bool {
        matches!(self.tag, NAMED_USER | NAMED_GROUP)
    }
}

/// Reads a list in the form of Linux. `None` for one that cannot be.
pub(crate) fn parse(wire: &[u8]) -> Option<Vec<AclEntry>> {
    let entries = wire.get(4..).filter(|rest| le::<u32>(wire, 0) == WIRE && rest.len().is_multiple_of(8))?;
    let entry = |raw: &[u8]| AclEntry { tag: le(raw, 0), permissions: le(raw, 2), id: le(raw, 4) };
    let list: Vec<AclEntry> = entries.chunks_exact(8).map(entry).collect();
    (list.is_empty() || is_valid(&list)).then_some(list)
}

/// Whether the entries are those that a list has to have, in order.
fn is_valid(list: &[AclEntry]) -> bool {
    let count = |tag| list.iter().filter(|entry| entry.tag == tag).count();
    let named = list.iter().any(|entry| entry.is_named());
    [OWNER, GROUP, OTHERS].iter().all(|tag| count(*tag) == 1)
        && (usize::from(named)..=1).contains(&count(MASK))
        && list.is_sorted_by_key(|entry| entry.tag)
        && list.iter().all(|entry| entry.permissions <= 7 && entry.tag.is_power_of_two() && entry.tag <= OTHERS)
        && list.iter().all(|entry| !entry.is_named() || entry.id != NOBODY)
}

/// Reads a list as ext4 stores it.
pub(crate) fn parse_stored(stored: &[u8]) -> Option<Vec<AclEntry>> {
    if le::<u32>(stored, 0) != STORED {
        return None;
    }
    let (mut list, mut rest) = (Vec::new(), stored.get(4..)?);
    while !rest.is_empty() {
        let head = rest.get(..4)?;
        let mut entry = AclEntry { tag: le(head, 0), permissions: le(head, 2), id: NOBODY };
        if !entry.tag.is_power_of_two() || entry.tag > OTHERS {
            return None;
        }
        rest = rest.get(4..)?;
        if entry.is_named() {
            entry.id = le(rest.get(..4)?, 0);
            rest = rest.get(4..)?;
        }
        list.push(entry);
    }
    Some(list)
}

/// The list as ext4 stores it.
pub(crate) fn store(list: &[AclEntry]) -> Vec<u8> {
    let mut stored = STORED.to_le_bytes().to_vec();
    for entry in list {
        stored.extend(entry.tag.to_le_bytes());
        stored.extend(entry.permissions.to_le_bytes());
        if entry.is_named() {
            stored.extend(entry.id.to_le_bytes());
        }
    }
    stored
}

/// The list as Linux hands it out.
pub(crate) fn to_wire(list: &[AclEntry]) -> Vec<u8> {
    let mut wire = WIRE.to_le_bytes().to_vec();
    for entry in list {
        let mut raw = [0; 8];
        put_le(&mut raw, 0, entry.tag);
        put_le(&mut raw, 2, entry.permissions);
        put_le(&mut raw, 4, entry.id);
        wire.extend(raw);
    }
    wire
}

/// The permission bits that a list means: where it has a mask, that is what the group's bits show.
pub(crate) fn mode(list: &[AclEntry]) -> u16 {
    let of = |tag| list.iter().find(|entry| entry.tag == tag).map(|entry| entry.permissions & 7);
    let group = of(MASK).or(of(GROUP)).unwrap_or(0);
    of(OWNER).unwrap_or(0) << 6 | group << 3 | of(OTHERS).unwrap_or(0)
}

/// Brings the list in line with new permission bits, as `chmod` does.
pub(crate) fn set_mode(list: &mut [AclEntry], mode: u16) {
    let masked = list.iter().any(|entry| entry.tag == MASK);
    for entry in list {
        match entry.tag {
            OWNER => entry.permissions = mode >> 6 & 7,
            MASK => entry.permissions = mode >> 3 & 7,
            GROUP if !masked => entry.permissions = mode >> 3 & 7,
            OTHERS => entry.permissions = mode & 7,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_change_their_form_and_back() {
        // Owner rw, user 1000 r, group r, mask r, others nothing.
        let stored = [1, 0, 0, 0, 1, 0, 6, 0, 2, 0, 4, 0, 232, 3, 0, 0, 4, 0, 4, 0, 16, 0, 4, 0, 32, 0, 0, 0];
        let mut list = parse_stored(&stored).expect("a list");
        let wire = to_wire(&list);
        assert_eq!(wire.len(), 4 + 5 * 8);
        assert_eq!(wire[..12], [2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255]);
        assert_eq!(wire[12..20], [2, 0, 4, 0, 232, 3, 0, 0]);
        assert_eq!(parse(&wire), Some(list.clone()));
        assert_eq!(store(&list), stored);
        assert_eq!(mode(&list), 0o640);
        set_mode(&mut list, 0o755);
        assert_eq!(mode(&list), 0o755);
        for cut in 1..stored.len() {
            let whole = [4, 8, 16, 20, 24].contains(&cut);
            assert_eq!(parse_stored(&stored[..cut]).is_some(), whole, "{cut}");
        }
    }

    #[test]
    fn lists_that_cannot_be_are_refused() {
        let entry = |tag: u16, permissions: u16, id: u32| AclEntry { tag, permissions, id };
        let plain = [entry(1, 6, NOBODY), entry(4, 4, NOBODY), entry(32, 0, NOBODY)];
        assert!(parse(&to_wire(&plain)).is_some());
        assert!(parse(&to_wire(&[])).is_some());
        assert!(parse(&to_wire(&plain[..2])).is_none(), "nothing for others");
        let unmasked = [plain[0], entry(2, 4, 7), plain[1], plain[2]];
        assert!(parse(&to_wire(&unmasked)).is_none(), "no mask");
        let disordered = [plain[1], plain[0], plain[2]];
        assert!(parse(&to_wire(&disordered)).is_none());
        let too_much = [entry(1, 8, NOBODY), plain[1], plain[2]];
        assert!(parse(&to_wire(&too_much)).is_none());
        assert!(parse(b"\x02\0\0\0\x01").is_none() && parse(b"").is_none());
    }
}

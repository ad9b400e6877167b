//! Values of attributes that are the content of other inodes (`ea_inode`): that each is what it is said to be, and
//! counts the attributes that name it.

use super::attributes::Elsewhere;
use super::{Check, Place, Problem};
use crate::checksum::crc32c;
use crate::inode::{FLAG_EA_INODE, Inode};
use crate::xattr_read::VALUE_MAX;
use crate::{Error, Result};

/// An inode that holds a value, or is said to.
#[derive(Debug, Default)]
pub(super) struct StoredValue {
    /// Whether the inode itself says so.
    is_value: bool,
    /// The attributes that name it, as it counts them, and as they were found.
    says: u64,
    found: u64,
    /// The one that it belongs to by the way of old, in which it counts nothing.
    old_way: bool,
}

impl Check {
    /// Notes an inode that holds a value of an attribute.
    pub(super) fn note_value(&mut self, inode: &Inode) {
        if inode.has_flag(FLAG_EA_INODE) {
            let value = self.values.entry(inode.number).or_default();
            value.is_value = true;
            value.says = u64::from(inode.i_ctime()) << 32 | u64::from(inode.i_version());
            // So e2fsck knows them: both times were set when the value was stored.
            value.old_way |= inode.i_ctime() == inode.i_atime();
        }
    }

    /// Whether the inode holds a value of an attribute.
    pub(super) fn holds_value(&self, number: u32) -> bool {
        self.values.get(&number).is_some_and(|value| value.is_value)
    }

    /// Looks at attributes of `inode` whose values stand elsewhere; the blocks that these are charged with.
    /// Attributes in a shared block are `counted` once.
    pub(super) fn check_elsewhere(&mut self, inode: &Inode, entries: &[Elsewhere], counted: bool) -> Result<u64> {
        let place = Place::Inode(inode.number);
        let mut blocks = 0;
        for entry in entries {
            let layout = &self.core.layout;
            if entry.number < layout.first_inode || entry.number > layout.inodes_count {
                let message = format!("a value of its attributes is said to be in inode {}", entry.number);
                self.damage(place, Problem::Attributes, message);
                continue;
            }
            let holder = self.core.raw_inode(entry.number);
            let Some(holder) = self.tolerate(holder, place, Problem::Attributes)? else { continue };
            let size = u64::from(entry.size);
            let fits = holder.has_flag(FLAG_EA_INODE) && holder.i_links_count() > 0 && holder.size() == size;
            if !fits || entry.size > VALUE_MAX {
                let message = format!("inode {} does not hold the value of its attribute", entry.number);
                self.damage(place, Problem::Attributes, message);
                continue;
            }
            if counted {
                self.values.entry(entry.number).or_default().found += 1;
            }
            // By the way of old a value names its owner, who is not charged for it.
            let old_way = holder.i_mtime() == inode.number && holder.i_generation() == inode.i_generation();
            if entry.hash_fits(holder.i_atime()) {
                let unit = self.blocks_per_cluster();
                blocks += size.div_ceil(self.core.layout.byte(unit)) * unit;
            } else if !old_way {
                self.damage(place, Problem::Attributes, "the hash of an attribute is not that of its value");
            } else if let Some(value) = self.values.get_mut(&entry.number) {
                value.old_way = true;
            }
        }
        Ok(blocks)
    }

    /// Whether every value is whole, and counts its attributes rightly.
    pub(super) fn check_values(&mut self) -> Result<()> {
        let values = std::mem::take(&mut self.values);
        for (number, value) in &values {
            let place = Place::Inode(*number);
            if value.is_value && value.found == 0 && !self.orphans.contains(number) {
                self.damage(place, Problem::Unreachable, "it holds a value that belongs to no attribute");
            } else if value.is_value && value.found != value.says && !value.old_way {
                let StoredValue { says, found, .. } = value;
                let message = format!("it says that {says} attributes have its value, in truth {found} have");
                self.damage(place, Problem::Count, message);
            }
            if value.is_value && value.found > 0 && !value.old_way {
                self.check_value(*number)?;
            }
        }
        self.values = values;
        Ok(())
    }

    /// Whether the value in an inode has its checksum.
    fn check_value(&mut self, number: u32) -> Result<()> {
        let place = Place::Inode(number);
        let inode = self.core.raw_inode(number);
        let Some(inode) = self.tolerate(inode, place, Problem::Attributes)? else { return Ok(()) };
        let blocks = inode.size().div_ceil(self.core.layout.block_size as u64);
        if inode.size() > u64::from(VALUE_MAX) || blocks > self.budget {
            self.grave(place, Problem::Attributes, "the value that it holds is longer than it can be");
            return Ok(());
        }
        self.budget -= blocks;
        let mut content = vec![0; usize::try_from(inode.size()).unwrap_or(0)];
        let read = self.core.read_content(&inode, &mut content).and_then(|()| {
            match crc32c(self.core.superblock.seed(), &content) == inode.i_atime() {
                true => Ok(()),
                false => Err(Error::corrupt("the checksum of the value that it holds is wrong")),
            }
        });
        self.tolerate(read, place, Problem::Attributes).map(drop)
    }
}

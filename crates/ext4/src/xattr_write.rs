//! Setting and removing extended attributes: in the inode while there is room, then in a block of its own.
//!
//! An area is taken apart and packed anew as a whole: entries in order from the front, values from the back.
//! A block that several files share is left to the others and replaced by a new one.

use crate::bytes::{le, put_le};
use crate::features::COMPAT_EXT_ATTR;
use crate::filesystem::Filesystem;
use crate::inode::{Inode, Time};
use crate::state::Core;
use crate::xattr::{BLOCK_HEADER, BLOCKS, ENTRY, Entry, INODE_HEADER, MAGIC, REFCOUNT, Value, entries, in_inode};
use crate::xattr_acl;
use crate::xattr_read::{ACL_ACCESS, ACL_DEFAULT, DATA, SYSTEM, USER, VALUE_MAX, split_name};
use crate::{Error, ErrorKind, FileKind, Result, Timestamp};

/// The longest rest of a name.
const NAME_MAX: usize = 255;
/// Where a block has the sum over its entries, and an entry its own.
const BLOCK_HASH: usize = 12;
const ENTRY_HASH: usize = 12;

/// An attribute on its way to another place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Owned {
    index: u8,
    name_len: usize,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Owned {
    fn new(index: u8, name: &[u8], value: Vec<u8>) -> Self {
        Self { index, name_len: name.len(), name: name.to_vec(), value }
    }

    fn of(entry: &Entry<'_>) -> Result<Self> {
        match entry.value {
            Value::Here(value) => Ok(Self::new(entry.index, entry.name, value.to_vec())),
            Value::Inode { .. } => Err(Error::unsupported("attributes in inodes of their own (ea_inode)")),
        }
    }

    fn is(&self, index: u8, name: &[u8]) -> bool {
        self.index == index && self.name == name
    }

    /// Bytes of the entry.
    fn head(&self) -> usize {
        (ENTRY + self.name.len()).next_multiple_of(4)
    }

    /// The sum of name and value (`ext4_xattr_hash_entry`).
    fn hash(&self) -> u32 {
        let name = self.name.iter().fold(0u32, |hash, byte| hash.rotate_left(5) ^ u32::from(*byte));
        let mut padded = self.value.clone();
        padded.resize(padded.len().next_multiple_of(4), 0);
        padded.chunks_exact(4).fold(name, |hash, word| hash.rotate_left(16) ^ le::<u32>(word, 0))
    }
}

/// Bytes that entries, the end mark and values take.
fn needed(attributes: &[Owned]) -> usize {
    attributes.iter().map(|a| a.head() + a.value.len().next_multiple_of(4)).sum::<usize>() + 4
}

/// Fills an area, which has zeros from `first` on and room enough.
fn pack(base: &mut [u8], first: usize, attributes: &mut [Owned], hashes: bool) {
    attributes.sort();
    let (mut offset, mut behind) = (first, base.len());
    for attribute in attributes.iter() {
        behind -= attribute.value.len().next_multiple_of(4);
        let place = if attribute.value.is_empty() { 0 } else { behind };
        put_le(base, offset, u8::try_from(attribute.name.len()).unwrap_or(0));
        put_le(base, offset + 1, attribute.index);
        put_le(base, offset + 2, u16::try_from(place).unwrap_or(0));
        put_le(base, offset + 8, u32::try_from(attribute.value.len()).unwrap_or(0));
        if hashes {
            put_le(base, offset + ENTRY_HASH, attribute.hash());
        }
        for (at, bytes) in [(offset + ENTRY, &attribute.name), (behind, &attribute.value)] {
            if let Some(place) = base.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        }
        offset += attribute.head();
    }
}

fn owned(area: &[u8], first: usize) -> Result<Vec<Owned>> {
    entries(area, first)?.iter().map(Owned::of).collect()
}

impl Core {
    /// Gives `inode`, which the caller stores, the attribute, or takes it away. Whether it had it before.
    fn put_attribute(&mut self, inode: &mut Inode, index: u8, name: &[u8], value: Option<Vec<u8>>) -> Result<bool> {
        let mut inside = in_inode(inode).map_or(Ok(Vec::new()), |area| owned(area, 0))?;
        let mut outside = self.attributes_block(inode)?.map_or(Ok(Vec::new()), |block| owned(&block, BLOCK_HEADER))?;
        let counts = (inside.len(), outside.len());
        inside.retain(|attribute| !attribute.is(index, name));
        outside.retain(|attribute| !attribute.is(index, name));
        let (mut changed_inside, mut changed_outside) = (inside.len() < counts.0, outside.len() < counts.1);
        let existed = changed_inside || changed_outside;
        if let Some(value) = value {
            let room = inode.behind_fields().len().saturating_sub(INODE_HEADER);
            inside.push(Owned::new(index, name, value));
            changed_inside = true;
            if needed(&inside) > room {
                outside.extend(inside.pop());
                (changed_inside, changed_outside) = (inside.len() < counts.0, true);
            }
            if BLOCK_HEADER + needed(&outside) > self.layout.block_size {
                return Err(Error::no_space("the attributes of one file have to fit into one block"));
            }
        }
        if changed_inside {
            store_inside(inode, &mut inside);
        }
        if changed_outside {
            self.store_outside(inode, &mut outside)?;
        }
        let superblock = self.edit_superblock();
        superblock.set_s_feature_compat(superblock.s_feature_compat() | COMPAT_EXT_ATTR);
        Ok(existed)
    }

    /// Makes `attributes` those of the block of `inode`.
    fn store_outside(&mut self, inode: &mut Inode, attributes: &mut [Owned]) -> Result<()> {
        let old = inode.file_acl();
        let shares: u32 = self.attributes_block(inode)?.map_or(0, |data| le(&data, REFCOUNT));
        if attributes.is_empty() || shares > 1 {
            self.free_attributes(inode)?;
        }
        if attributes.is_empty() {
            inode.set_file_acl(0);
            self.count_blocks(inode, if old == 0 { 0 } else { -1 });
            return Ok(());
        }
        let block = if shares == 1 { old } else { self.allocate_metadata(self.metadata_goal(inode))? };
        let kind = self.attributes_kind(block);
        let data = if shares == 1 { self.edit(block, kind)? } else { self.fresh(block, kind)? };
        data.fill(0);
        put_le(data, 0, MAGIC);
        put_le(data, REFCOUNT, 1u32);
        put_le(data, BLOCKS, 1u32);
        pack(data, BLOCK_HEADER, attributes, true);
        let hash = attributes.iter().fold(0u32, |hash, attribute| hash.rotate_left(16) ^ attribute.hash());
        put_le(data, BLOCK_HASH, hash);
        inode.set_file_acl(block);
        self.count_blocks(inode, i64::from(shares == 0));
        Ok(())
    }

    fn set_attribute(&mut self, path: &[u8], name: &[u8], value: &[u8]) -> Result<()> {
        let mut inode = self.resolve(path, false)?;
        let (index, rest) = attribute_name(name)?;
        check_place(&inode, index)?;
        if value.len() as u64 > u64::from(VALUE_MAX) {
            return Err(Error::new(ErrorKind::Invalid, "an attribute can have at most 64 KiB"));
        }
        let mut value = Some(value.to_vec());
        if let (ACL_ACCESS | ACL_DEFAULT, Some(wire)) = (index, &value) {
            let list = xattr_acl::parse(wire);
            let list = list.ok_or_else(|| Error::new(ErrorKind::Invalid, "this is not an access control list"))?;
            if index == ACL_ACCESS {
                inode.set_i_mode(inode.i_mode() & !0o777 | xattr_acl::mode(&list));
            }
            // A list that says no more than the permissions is not kept.
            let plain = list.is_empty() || (index == ACL_ACCESS && list.len() == 3);
            value = if plain { None } else { Some(xattr_acl::store(&list)) };
        }
        self.put_attribute(&mut inode, index, rest, value)?;
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(&mut inode)
    }

    fn remove_attribute(&mut self, path: &[u8], name: &[u8]) -> Result<()> {
        let mut inode = self.resolve(path, false)?;
        let (index, rest) = attribute_name(name)?;
        if !self.put_attribute(&mut inode, index, rest, None)? {
            return Err(Error::new(ErrorKind::NotFound, "it has no such attribute"));
        }
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(&mut inode)
    }

    /// Brings the access control list of `inode`, if it has one, in line with its new permissions.
    pub(crate) fn follow_mode(&mut self, inode: &mut Inode) -> Result<()> {
        let mut stored = None;
        self.for_each_attribute(inode, &mut |_, entry| {
            if let (ACL_ACCESS, b"", Value::Here(value)) = (entry.index, entry.name, entry.value) {
                stored = Some(value.to_vec());
            }
            Ok(())
        })?;
        let Some(mut list) = stored.and_then(|stored| xattr_acl::parse_stored(&stored)) else { return Ok(()) };
        xattr_acl::set_mode(&mut list, inode.i_mode());
        self.put_attribute(inode, ACL_ACCESS, b"", Some(xattr_acl::store(&list))).map(drop)
    }
}

/// Makes `attributes`, which fit, those inside `inode`.
fn store_inside(inode: &mut Inode, attributes: &mut [Owned]) {
    let area = inode.behind_fields_mut();
    area.fill(0);
    if let (false, Some((header, base))) = (attributes.is_empty(), area.split_at_mut_checked(INODE_HEADER)) {
        put_le(header, 0, MAGIC);
        pack(base, 0, attributes, false);
    }
}

fn attribute_name(name: &[u8]) -> Result<(u8, &[u8])> {
    let invalid = |why: &str| Err(Error::new(ErrorKind::Invalid, why));
    match split_name(name) {
        Some((_, rest)) if rest.len() > NAME_MAX => invalid("the name of the attribute is too long"),
        Some((_, rest)) if rest.contains(&0) => invalid("the name of an attribute may not contain a NUL byte"),
        Some((SYSTEM, DATA)) => invalid("this attribute is the filesystem's own"),
        Some(found) => Ok(found),
        None => invalid("no attribute can have this name"),
    }
}

/// Refuses attributes where Linux has none.
fn check_place(inode: &Inode, index: u8) -> Result<()> {
    let kind = inode.kind();
    let fits = match index {
        USER => matches!(kind, Some(FileKind::File | FileKind::Directory)),
        ACL_ACCESS => kind != Some(FileKind::Symlink),
        ACL_DEFAULT => kind == Some(FileKind::Directory),
        _ => true,
    };
    let why = "what is of this kind cannot have such an attribute";
    if fits { Ok(()) } else { Err(Error::new(ErrorKind::Invalid, why)) }
}

impl Filesystem {
    /// Gives the file, folder or link at `path` the extended attribute `name` (`user.comment`,
    /// `security.selinux`, ...), in the place of one that it has. A link at the end of the path is not
    /// followed. An access control list (`system.posix_acl_access`, `system.posix_acl_default`) is taken in
    /// the form in which Linux hands it out, and the permissions follow it.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name or a list that cannot be, and where Linux has no such attribute;
    /// [`ErrorKind::NoSpace`] when the attributes of the file do not fit into its inode and one block.
    pub fn set_xattr(&self, path: &[u8], name: &[u8], value: &[u8]) -> Result<()> {
        self.change(path, |core| core.set_attribute(path, name, value))
    }

    /// Takes the extended attribute `name` from what is at `path`; a link at its end is not followed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when it has no such attribute.
    pub fn remove_xattr(&self, path: &[u8], name: &[u8]) -> Result<()> {
        self.change(path, |core| core.remove_attribute(path, name))
    }
}

//! Reading extended attributes: by the names that Linux gives them, access control lists as Linux hands
//! them out.

use crate::checksum::crc32c;
use crate::filesystem::Filesystem;
use crate::inode::{FLAG_EA_INODE, Inode};
use crate::state::Core;
use crate::xattr::{Entry, Value};
use crate::xattr_acl;
use crate::{Error, ErrorKind, FileKind, Result};

/// The longest value: Linux neither takes nor gives a longer one.
pub(crate) const VALUE_MAX: u32 = 64 << 10;

/// `e_name_index` of `user.`.
pub(crate) const USER: u8 = 1;
/// `e_name_index` of the access control lists, whose names are complete without a rest.
pub(crate) const ACL_ACCESS: u8 = 2;
pub(crate) const ACL_DEFAULT: u8 = 3;
/// `e_name_index` of `system.`; the rest `data` holds the end of content that stands in the inode.
pub(crate) const SYSTEM: u8 = 7;
pub(crate) const DATA: &[u8] = b"data";

/// What the numbers stand for.
const PREFIXES: [(u8, &[u8]); 7] = [
    (USER, b"user."),
    (ACL_ACCESS, b"system.posix_acl_access"),
    (ACL_DEFAULT, b"system.posix_acl_default"),
    (4, b"trusted."),
    (6, b"security."),
    (SYSTEM, b"system."),
    (8, b"system.richacl"),
];

/// The name of an attribute as Linux shows it. `None` for what is not shown: the engine's own
/// `system.data`, and what has no name (the context of an encrypted file).
pub(crate) fn full_name(entry: &Entry<'_>) -> Option<Vec<u8>> {
    let prefix = PREFIXES.iter().find(|p| p.0 == entry.index)?.1;
    let whole = !prefix.ends_with(b".");
    if whole != entry.name.is_empty() || (entry.index == SYSTEM && entry.name == DATA) {
        return None;
    }
    Some([prefix, entry.name].concat())
}

/// The number for the first part of a name and its rest. `None` for a name that ext4 cannot store.
pub(crate) fn split_name(name: &[u8]) -> Option<(u8, &[u8])> {
    let whole = PREFIXES.iter().find(|p| p.1 == name && !p.1.ends_with(b"."));
    if let Some((index, _)) = whole {
        return Some((*index, b""));
    }
    let mut prefixes = PREFIXES.iter().filter(|p| p.1.ends_with(b"."));
    prefixes.find_map(|(index, prefix)| Some((*index, name.strip_prefix(*prefix).filter(|rest| !rest.is_empty())?)))
}

impl Core {
    /// The value of an attribute of `inode`, as Linux hands it out.
    pub(crate) fn attribute_value(&mut self, inode: &Inode, entry: &Entry<'_>) -> Result<Vec<u8>> {
        let value = match entry.value {
            Value::Here(value) => value.to_vec(),
            Value::Inode { number, size } => self.value_in_inode(inode, number, size)?,
        };
        match entry.index {
            ACL_ACCESS | ACL_DEFAULT => xattr_acl::parse_stored(&value)
                .map(|list| xattr_acl::to_wire(&list))
                .ok_or_else(|| Error::corrupt(format!("the access control list of inode {} cannot be", inode.number))),
            _ => Ok(value),
        }
    }

    /// The value that is the content of the inode `number` (`ea_inode`).
    fn value_in_inode(&mut self, owner: &Inode, number: u32, size: u32) -> Result<Vec<u8>> {
        let damaged = || Error::corrupt(format!("inode {number} does not hold an attribute of inode {}", owner.number));
        let inode = self.raw_inode(number)?;
        let fits = inode.has_flag(FLAG_EA_INODE)
            && inode.kind() == Some(FileKind::File)
            && inode.i_links_count() > 0
            && inode.size() == u64::from(size)
            && size <= VALUE_MAX;
        if !fits {
            return Err(damaged());
        }
        let mut value = vec![0; usize::try_from(size).unwrap_or(0)];
        self.read_content(&inode, &mut value)?;
        // The sum stands where other files have the time of the last access.
        match crc32c(self.superblock.seed(), &value) == inode.i_atime() {
            true => Ok(value),
            false => Err(damaged()),
        }
    }
}

impl Filesystem {
    /// The names of the extended attributes of the file, folder or link at `path`, as Linux shows them
    /// (`user.comment`, `security.selinux`, `system.posix_acl_access`, ...); a link at its end is not
    /// followed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and the other kinds that a path can cause; [`ErrorKind::Corrupt`].
    pub fn list_xattrs(&self, path: &[u8]) -> Result<Vec<Vec<u8>>> {
        let mut core = self.lock()?;
        let inode = core.resolve(path, false)?;
        let mut names = Vec::new();
        let listed = core.for_each_attribute(&inode, &mut |_, entry| {
            names.extend(full_name(entry));
            Ok(())
        });
        listed.map(|()| names).map_err(|e| e.at(path))
    }

    /// The value of the extended attribute `name` of what is at `path`; `None` when it has no such
    /// attribute. A link at the end of the path is not followed. An access control list comes in the form in
    /// which Linux hands it out.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name that no attribute of ext4 can have; the kinds that a path can
    /// cause; [`ErrorKind::Corrupt`].
    pub fn xattr(&self, path: &[u8], name: &[u8]) -> Result<Option<Vec<u8>>> {
        if split_name(name).is_none() {
            return Err(Error::new(ErrorKind::Invalid, "no attribute can have this name").at(path));
        }
        let mut core = self.lock()?;
        let inode = core.resolve(path, false)?;
        let mut value = None;
        let found = core.for_each_attribute(&inode, &mut |core, entry| {
            if value.is_none() && full_name(entry).is_some_and(|full| full == name) {
                value = Some(core.attribute_value(&inode, entry)?);
            }
            Ok(())
        });
        found.map(|()| value).map_err(|e| e.at(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_put_together() {
        for name in [&b"user.a"[..], b"trusted.b.c", b"security.selinux", b"system.posix_acl_default"] {
            let (index, rest) = split_name(name).expect("a name");
            let entry = Entry { index, name: rest, value: Value::Here(b"") };
            assert_eq!(full_name(&entry).as_deref(), Some(name));
        }
        for bad in [&b"user."[..], b"", b"other.a", b"user"] {
            assert_eq!(split_name(bad), None);
        }
        let inline = Entry { index: SYSTEM, name: DATA, value: Value::Here(b"") };
        assert_eq!(full_name(&inline), None, "the rest of a file is not an attribute");
    }
}

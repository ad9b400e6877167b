//! A filesystem as a map in memory, and random changes to it: what the engine is compared with.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use cairn_ext4::{ErrorKind, FileKind, Filesystem, RolledBack};

use crate::common::{attributes, noise};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A file, by the number of what it holds: several names can have one.
    File(u64),
    Folder,
    Link(Vec<u8>),
}

/// Paths and what stands there; the root is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) nodes: BTreeMap<String, Node>,
    /// What files hold, by number; those without a name stay.
    contents: BTreeMap<u64, Arc<Vec<u8>>>,
    /// Extended attributes of files.
    attributes: BTreeMap<u64, BTreeMap<&'static str, Vec<u8>>>,
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put(String, usize, u64),
    Mkdir(String),
    Link(String, String),
    /// A second name for a file.
    HardLink(String, String),
    /// So much noise of this seed into a file, from an offset on.
    Write(String, usize, usize, u64),
    Append(String, usize, u64),
    Truncate(String, usize),
    /// An extended attribute, of so many bytes or not at all.
    Attribute(String, &'static str, Option<usize>),
    Remove(String),
    RemoveAll(String),
    Rename(String, String),
}

/// A generator of random numbers.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn name(&mut self) -> String {
        match self.below(12) {
            0 => "日本語".into(),
            1 => "n".repeat(200),
            number => format!("name{number}"),
        }
    }

    fn path(&mut self, model: &Model) -> String {
        let folders: Vec<&String> = model.nodes.iter().filter(|n| *n.1 == Node::Folder).map(|n| n.0).collect();
        let existing: Vec<&String> = model.nodes.keys().collect();
        let pick = |dice: &mut Self, from: &[&String]| from[dice.below(from.len() as u64) as usize].clone();
        match self.below(10) {
            0..4 if !existing.is_empty() => pick(self, &existing),
            4..8 if !folders.is_empty() => format!("{}/{}", pick(self, &folders), self.name()),
            _ => self.name(),
        }
    }

    /// A random change that makes some sense for `model`.
    pub(crate) fn change(&mut self, model: &Model, largest: u64) -> Change {
        let path = self.path(model);
        let some = |dice: &mut Self| {
            let limit = [9000, 9000, largest][dice.below(3) as usize];
            dice.below(limit) as usize
        };
        match self.below(20) {
            12 => Change::HardLink(path, self.path(model)),
            13..15 => Change::Write(path, some(self), some(self), self.below(1 << 40)),
            15 => Change::Append(path, some(self), self.below(1 << 40)),
            16 => Change::Truncate(path, some(self)),
            17..20 => {
                let name = ["user.a", "user.some name", "security.x", "trusted.long"][self.below(4) as usize];
                let len = (self.below(4) > 0).then(|| self.below(300) as usize);
                Change::Attribute(path, name, len)
            }
            0..4 => {
                let len = if self.below(3) == 0 { self.below(largest) } else { self.below(9000) };
                Change::Put(path, len as usize, self.below(1 << 40))
            }
            4..6 => Change::Mkdir(path),
            6 => {
                let target = if self.below(2) == 0 {
                    self.name()
                } else {
                    self.path(model).repeat(3).chars().take(250).collect()
                };
                Change::Link(target, path)
            }
            7 => Change::Remove(path),
            8 => Change::RemoveAll(path),
            _ => Change::Rename(path, self.path(model)),
        }
    }
}

impl Change {
    /// Makes the change in a filesystem.
    pub(crate) fn apply(&self, fs: &Filesystem) -> Result<(), cairn_ext4::Error> {
        match self {
            Self::Put(path, len, seed) => {
                let bytes = noise(*len, *seed);
                let hint = (seed % 2 == 0).then_some(*len as u64);
                fs.create_file(path.as_bytes(), &attributes(0o644), &mut &bytes[..], hint).map(|_| ())
            }
            Self::Mkdir(path) => fs.mkdir(path.as_bytes(), &attributes(0o755)),
            Self::Link(target, path) => fs.symlink(target.as_bytes(), path.as_bytes(), &attributes(0o777)),
            Self::HardLink(original, path) => fs.hard_link(original.as_bytes(), path.as_bytes()),
            Self::Write(path, offset, len, seed) => {
                let bytes = noise(*len, *seed);
                let hint = seed.is_multiple_of(2).then_some(*len as u64);
                fs.write_at(path.as_bytes(), *offset as u64, &mut &bytes[..], hint).map(drop)
            }
            Self::Append(path, len, seed) => fs.append(path.as_bytes(), &mut &noise(*len, *seed)[..], None).map(drop),
            Self::Truncate(path, size) => fs.truncate(path.as_bytes(), *size as u64),
            Self::Attribute(path, name, Some(len)) => {
                fs.set_xattr(path.as_bytes(), name.as_bytes(), &noise(*len, *len as u64))
            }
            Self::Attribute(path, name, None) => fs.remove_xattr(path.as_bytes(), name.as_bytes()),
            Self::Remove(path) => fs.remove(path.as_bytes()),
            Self::RemoveAll(path) => fs.remove_all(path.as_bytes()),
            Self::Rename(from, to) => fs.rename(from.as_bytes(), to.as_bytes()),
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Model {
    /// Makes the change in the model, if a filesystem would.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<(), ErrorKind> {
        match change {
            Change::Put(path, len, seed) => {
                self.check_parent(path)?;
                if self.nodes.get(path) == Some(&Node::Folder) {
                    return Err(ErrorKind::IsADirectory);
                }
                let number = self.contents.len() as u64;
                self.contents.insert(number, Arc::new(noise(*len, *seed)));
                self.nodes.insert(path.clone(), Node::File(number));
            }
            Change::HardLink(original, path) => {
                self.check_parent(original)?;
                let node = self.nodes.get(original).ok_or(ErrorKind::NotFound)?.clone();
                if node == Node::Folder {
                    return Err(ErrorKind::IsADirectory);
                }
                self.create(path, node)?;
            }
            Change::Write(path, offset, len, seed) => self.write(path, Some(*offset), &noise(*len, *seed))?,
            Change::Append(path, len, seed) => self.write(path, None, &noise(*len, *seed))?,
            Change::Truncate(path, size) => {
                let number = self.file(path)?;
                self.content(number).resize(*size, 0);
            }
            Change::Attribute(path, name, len) => {
                let attributes = self.attributes.entry(self.file(path)?).or_default();
                match len {
                    Some(len) => drop(attributes.insert(name, noise(*len, *len as u64))),
                    None => drop(attributes.remove(name).ok_or(ErrorKind::NotFound)?),
                }
            }
            Change::Mkdir(path) => self.create(path, Node::Folder)?,
            Change::Link(target, path) => self.create(path, Node::Link(target.clone().into_bytes()))?,
            Change::Remove(path) => {
                self.check_parent(path)?;
                if self.children(path) > 0 {
                    return Err(ErrorKind::NotEmpty);
                }
                self.nodes.remove(path).ok_or(ErrorKind::NotFound)?;
            }
            Change::RemoveAll(path) => {
                self.check_parent(path)?;
                self.nodes.remove(path).ok_or(ErrorKind::NotFound)?;
                self.nodes.retain(|p, _| !within(p, path));
            }
            Change::Rename(from, to) => self.rename(from, to)?,
        }
        Ok(())
    }

    /// The number of what the file at `path` holds.
    fn file(&self, path: &str) -> Result<u64, ErrorKind> {
        self.check_parent(path)?;
        match self.nodes.get(path) {
            Some(Node::File(number)) => Ok(*number),
            Some(_) => Err(ErrorKind::IsADirectory),
            None => Err(ErrorKind::NotFound),
        }
    }

    fn content(&mut self, number: u64) -> &mut Vec<u8> {
        Arc::make_mut(self.contents.get_mut(&number).expect("every file holds something"))
    }

    fn write(&mut self, path: &str, offset: Option<usize>, bytes: &[u8]) -> Result<(), ErrorKind> {
        let number = self.file(path)?;
        let content = self.content(number);
        let offset = offset.unwrap_or(content.len());
        if !bytes.is_empty() {
            content.resize(content.len().max(offset + bytes.len()), 0);
            content[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        Ok(())
    }

    fn create(&mut self, path: &str, node: Node) -> Result<(), ErrorKind> {
        self.check_parent(path)?;
        if self.nodes.contains_key(path) {
            return Err(ErrorKind::AlreadyExists);
        }
        self.nodes.insert(path.into(), node);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), ErrorKind> {
        self.check_parent(from)?;
        let node = self.nodes.get(from).ok_or(ErrorKind::NotFound)?.clone();
        self.check_parent(to)?;
        if from == to || (matches!(node, Node::File(_)) && self.nodes.get(to) == Some(&node)) {
            return Ok(());
        }
        match (self.nodes.get(to), node == Node::Folder) {
            (Some(Node::Folder), false) => return Err(ErrorKind::IsADirectory),
            (Some(Node::Folder), true) if self.children(to) > 0 => return Err(ErrorKind::NotEmpty),
            (Some(Node::File(_) | Node::Link(_)), true) => return Err(ErrorKind::NotADirectory),
            _ => {}
        }
        if within(to, from) {
            return Err(ErrorKind::Invalid);
        }
        let moved: Vec<String> = self.nodes.keys().filter(|p| *p == from || within(p, from)).cloned().collect();
        for path in moved {
            let node = self.nodes.remove(&path).expect("it was listed");
            self.nodes.insert(format!("{to}{}", &path[from.len()..]), node);
        }
        Ok(())
    }

    fn children(&self, path: &str) -> usize {
        self.nodes.keys().filter(|p| within(p, path)).count()
    }

    /// What resolving the folder above a path runs into. Links in the middle are not modelled: their
    /// targets never exist.
    fn check_parent(&self, path: &str) -> Result<(), ErrorKind> {
        let mut above = Vec::new();
        let mut here = path;
        while let Some(up) = parent(here) {
            above.push(up);
            here = up;
        }
        for folder in above.into_iter().rev() {
            match self.nodes.get(folder) {
                Some(Node::Folder) => {}
                Some(Node::File(_)) => return Err(ErrorKind::NotADirectory),
                Some(Node::Link(_)) => return Err(ErrorKind::SymlinkLoop),
                None => return Err(ErrorKind::NotFound),
            }
        }
        Ok(())
    }

    /// Whether the model knows what following the links on the way to these paths would lead to.
    pub(crate) fn knows(&self, change: &Change) -> bool {
        let paths = match change {
            Change::Put(path, ..) | Change::Mkdir(path) | Change::Link(_, path) => vec![path],
            Change::Remove(path) | Change::RemoveAll(path) => vec![path],
            Change::Rename(from, to) => vec![from, to],
            // A link with two names would be two in the model.
            Change::HardLink(original, _) if matches!(self.nodes.get(original), Some(Node::Link(_))) => return false,
            Change::HardLink(original, path) => vec![original, path],
            // These follow a link at the end of the path.
            Change::Write(path, ..) | Change::Append(path, ..) | Change::Truncate(path, _) => {
                if matches!(self.nodes.get(path), Some(Node::Link(_))) {
                    return false;
                }
                vec![path]
            }
            Change::Attribute(path, ..) if matches!(self.nodes.get(path), Some(Node::Link(_) | Node::Folder)) => {
                return false;
            }
            Change::Attribute(path, ..) => vec![path],
        };
        paths.iter().all(|path| self.check_parent(path) != Err(ErrorKind::SymlinkLoop))
    }

    /// What a filesystem holds, compared in full.
    pub(crate) fn matches(&self, fs: &Filesystem) -> Result<(), String> {
        let mut found = Vec::new();
        fs.walk(b"", &mut |path, metadata| {
            found.push((String::from_utf8_lossy(path).into_owned(), metadata.clone()));
            ControlFlow::Continue(())
        })
        .map_err(|e| e.to_string())?;
        found.retain(|entry| entry.0 != "lost+found");
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let names: Vec<&String> = found.iter().map(|entry| &entry.0).collect();
        let expected: Vec<&String> = self.nodes.keys().collect();
        if names != expected {
            return Err(format!("found {names:?}\nexpected {expected:?}"));
        }
        for ((path, metadata), node) in found.iter().zip(self.nodes.values()) {
            let same = match node {
                Node::Folder => metadata.kind == FileKind::Directory,
                Node::Link(target) => fs.read_link(path.as_bytes()).is_ok_and(|t| t == *target),
                Node::File(number) => {
                    let names = self.nodes.values().filter(|other| *other == node).count();
                    metadata.links as usize == names
                        && self.holds(fs, path, *number)?
                        && self.has_attributes(fs, path, *number)?
                }
            };
            if !same {
                return Err(format!("{path} is not {node:?} but {metadata:?}"));
            }
        }
        Ok(())
    }
}

impl Model {
    /// Whether the file at `path` has the content with this number.
    fn holds(&self, fs: &Filesystem, path: &str, number: u64) -> Result<bool, String> {
        let mut bytes = Vec::new();
        let file = fs.open_file(path.as_bytes()).map_err(|e| e.to_string())?;
        file.reader().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        Ok(bytes == *self.contents[&number])
    }

    /// Whether the file at `path` has just the attributes of this number.
    fn has_attributes(&self, fs: &Filesystem, path: &str, number: u64) -> Result<bool, String> {
        let none = BTreeMap::new();
        let expected = self.attributes.get(&number).unwrap_or(&none);
        let names = fs.list_xattrs(path.as_bytes()).map_err(|e| e.to_string())?;
        let mut same = names.len() == expected.len();
        for (name, value) in expected {
            let found = fs.xattr(path.as_bytes(), name.as_bytes()).map_err(|e| e.to_string())?;
            same &= found.as_ref() == Some(value);
        }
        Ok(same)
    }
}

/// Makes the same change in both; whether it was made.
#[track_caller]
pub(crate) fn change_both(fs: &Filesystem, model: &mut Model, change: &Change) -> bool {
    let mut changed = model.clone();
    match (change.apply(fs), changed.apply(change)) {
        (Ok(()), Ok(())) => {
            *model = changed;
            true
        }
        (Err(error), _) if error.kind() == ErrorKind::NoSpace => false,
        (Err(error), Err(kind)) if error.kind() == kind => false,
        (ours, theirs) => panic!("{change:?}: the engine says {ours:?}, the model {theirs:?}"),
    }
}

/// Random changes in batches that are committed or rolled back.
pub(crate) fn random_batch(fs: &Filesystem, model: &mut Model, dice: &mut Dice, largest: u64) {
    let before = model.clone();
    fs.begin_batch().expect("begin");
    for _ in 0..dice.below(20) {
        let change = dice.change(model, largest);
        if model.knows(&change) {
            change_both(fs, model, &change);
        }
    }
    if dice.below(3) > 0 {
        fs.commit().expect("commit");
    } else if fs.roll_back().expect("roll back") == RolledBack::Whole {
        *model = before;
    }
}

//! A filesystem as a map in memory, and random changes to it: what the engine is compared with.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use cairn_ext4::{ErrorKind, FileKind, Filesystem, RolledBack};

use crate::common::{attributes, noise};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A file with so much noise of this seed.
    File(usize, u64),
    Folder,
    Link(Vec<u8>),
}

/// Paths and what stands there; the root is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) nodes: BTreeMap<String, Node>,
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put(String, usize, u64),
    Mkdir(String),
    Link(String, String),
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
        match self.below(12) {
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
                self.nodes.insert(path.clone(), Node::File(*len, *seed));
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
        if from == to {
            return Ok(());
        }
        match (self.nodes.get(to), node == Node::Folder) {
            (Some(Node::Folder), false) => return Err(ErrorKind::IsADirectory),
            (Some(Node::Folder), true) if self.children(to) > 0 => return Err(ErrorKind::NotEmpty),
            (Some(Node::File(..) | Node::Link(_)), true) => return Err(ErrorKind::NotADirectory),
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
                Some(Node::File(..)) => return Err(ErrorKind::NotADirectory),
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
                Node::File(len, seed) => {
                    let mut bytes = Vec::new();
                    let file = fs.open_file(path.as_bytes()).map_err(|e| e.to_string())?;
                    file.reader().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
                    bytes == noise(*len, *seed)
                }
            };
            if !same {
                return Err(format!("{path} is not {node:?} but {metadata:?}"));
            }
        }
        Ok(())
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

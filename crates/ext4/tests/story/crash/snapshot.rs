//! Everything that a filesystem shows, to be compared with itself before and after: names, every field of
//! the metadata, content, targets, attributes, and how much is free.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::ops::ControlFlow;

use cairn_ext4::{Error, FileKind, Filesystem, Metadata, Statfs};

/// What a filesystem shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The root under the empty name; the hash of what has content, and that of the extended attributes.
    nodes: BTreeMap<Vec<u8>, (Metadata, u64, u64)>,
    space: Statfs,
}

impl Snapshot {
    /// Reads all of `fs`.
    pub(crate) fn of(fs: &Filesystem) -> Result<Self, Error> {
        let mut nodes = BTreeMap::from([(Vec::new(), (fs.stat(b"")?, 0, 0))]);
        fs.walk(b"", &mut |path, metadata| {
            nodes.insert(path.to_vec(), (metadata.clone(), 0, 0));
            ControlFlow::Continue(())
        })?;
        let mut buffer = vec![0; 64 << 10];
        for (path, (metadata, hash, extended)) in &mut nodes {
            let mut hasher = DefaultHasher::new();
            match metadata.kind {
                FileKind::Symlink => hasher.write(&fs.read_link(path)?),
                FileKind::File => {
                    let file = fs.open_file(path)?;
                    let mut reader = file.reader();
                    loop {
                        match reader.read(&mut buffer).expect("the content is read") {
                            0 => break,
                            len => hasher.write(&buffer[..len]),
                        }
                    }
                }
                _ => {}
            }
            let mut attributes = DefaultHasher::new();
            for name in fs.list_xattrs(path)? {
                attributes.write(&name);
                attributes.write(&fs.xattr(path, &name)?.expect("an attribute that is listed"));
            }
            *extended = attributes.finish();
            *hash = hasher.finish();
        }
        Ok(Self { nodes, space: fs.statfs() })
    }

    /// The first thing in which `other` is different, in words.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        for path in self.nodes.keys().chain(other.nodes.keys()) {
            let (ours, theirs) = (self.nodes.get(path), other.nodes.get(path));
            if ours != theirs {
                let path = String::from_utf8_lossy(path).into_owned();
                return Some(format!("/{path}: {ours:?} is not {theirs:?}"));
            }
        }
        (self.space != other.space).then(|| format!("{:?} is not {:?}", self.space, other.space))
    }

    /// The names with what stays the same when an operation is repeated at another time.
    pub(crate) fn names(&self) -> Vec<(&[u8], FileKind, u64, u64)> {
        self.nodes.iter().map(|(path, node)| (&path[..], node.0.kind, node.0.size, node.1)).collect()
    }

    /// Forgets how much is free: for comparison with a volume that somebody else has repaired.
    pub(crate) fn files(&self) -> &BTreeMap<Vec<u8>, (Metadata, u64, u64)> {
        &self.nodes
    }
}

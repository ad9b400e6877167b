//! The alphabet of operations that the exhaustion spells its sequences with, over a handful of names, and the
//! volumes on which it starts. Whatever the engine can do to a volume has a letter here.

use std::io::Read;
use std::sync::Arc;

use cairn_block::{BlockDevice, memory::MemoryDevice};
use cairn_ext4::{AttributeChanges, Error, Filesystem, Mode, Timestamp};

use crate::common::{MIB, attributes, noise, options, writable};
use crate::model::{Change, Model};

/// One operation.
pub(crate) struct Letter {
    pub(crate) name: &'static str,
    act: Act,
}

enum Act {
    One(Change),
    /// In a batch that is committed.
    Batch(Vec<Change>),
    /// In a batch that is rolled back.
    RolledBack(Vec<Change>),
    /// What the model does not see.
    Unseen(fn(&Filesystem) -> Result<(), Error>),
    /// What the model cannot follow.
    Unknown(fn(&Filesystem) -> Result<(), Error>),
    Reopen,
}

/// An open filesystem that can be closed and opened again.
pub(crate) struct Session {
    device: Arc<dyn BlockDevice>,
    fs: Option<Filesystem>,
}

impl Session {
    pub(crate) fn new(device: Arc<dyn BlockDevice>) -> Self {
        let mut session = Self { device, fs: None };
        session.reopen().expect("open");
        session
    }

    pub(crate) fn fs(&self) -> &Filesystem {
        self.fs.as_ref().expect("it is open")
    }

    /// Whether it is open: opening it again may have failed.
    pub(crate) fn is_open(&self) -> bool {
        self.fs.is_some()
    }

    fn reopen(&mut self) -> Result<(), Error> {
        self.fs = None;
        self.fs = Some(Filesystem::open(Arc::clone(&self.device), Mode::ReadWrite)?);
        Ok(())
    }
}

impl Letter {
    /// Does it.
    pub(crate) fn apply(&self, session: &mut Session) -> Result<(), Error> {
        match &self.act {
            Act::One(change) => change.apply(session.fs()),
            Act::Batch(changes) | Act::RolledBack(changes) => {
                let fs = session.fs();
                fs.begin_batch()?;
                if let Err(error) = changes.iter().try_for_each(|change| change.apply(fs)) {
                    fs.roll_back()?;
                    return Err(error);
                }
                match self.act {
                    Act::Batch(_) => fs.commit(),
                    _ => fs.roll_back().map(|_| ()),
                }
            }
            Act::Unseen(act) | Act::Unknown(act) => act(session.fs()),
            Act::Reopen => session.reopen(),
        }
    }

    /// Does it to the model; `None` when the model cannot say what becomes of it.
    pub(crate) fn model(&self, model: &Model) -> Option<Model> {
        let mut model = model.clone();
        match &self.act {
            Act::One(change) => {
                model.apply(change).ok()?;
            }
            Act::Batch(changes) => {
                changes.iter().try_for_each(|change| model.apply(change)).ok()?;
            }
            Act::RolledBack(_) | Act::Unseen(_) | Act::Reopen => {}
            Act::Unknown(_) => return None,
        }
        Some(model)
    }
}

fn text(s: &str) -> String {
    s.to_owned()
}

fn put(path: &str, len: usize, seed: u64) -> Change {
    Change::Put(text(path), len, seed)
}

fn rename(from: &str, to: &str) -> Change {
    Change::Rename(text(from), text(to))
}

/// A crowd of long names, enough for a folder with an index.
fn crowd(folder: &str) -> Vec<Change> {
    (0..12).map(|n| put(&format!("{folder}/{n}{}", "x".repeat(200)), 10 * n, n as u64)).collect()
}

/// Noise around a hole.
fn put_sparse(fs: &Filesystem) -> Result<(), Error> {
    let content = [noise(70_000, 5), vec![0; 200_000], noise(3000, 6)].concat();
    fs.create_file(b"a", &attributes(0o600), &mut &content[..], None).map(|_| ())
}

/// More than the volume has room for, from a source that does not say how much it is.
fn put_too_much(fs: &Filesystem) -> Result<(), Error> {
    let mut source = std::io::repeat(7).take(1 << 30);
    fs.create_file(b"b", &attributes(0o644), &mut source, None).map(|_| ())
}

fn write_at(fs: &Filesystem, path: &[u8], offset: u64, len: usize) -> Result<(), Error> {
    fs.write_at(path, offset, &mut &noise(len, 31)[..], Some(len as u64)).map(drop)
}

fn change_mode(fs: &Filesystem) -> Result<(), Error> {
    fs.set_attributes(b"a", &AttributeChanges { mode: Some(0o4751), ..Default::default() })
}

fn change_owner_and_times(fs: &Filesystem) -> Result<(), Error> {
    let time = Timestamp { seconds: 1 << 32, nanoseconds: 987_654_321 };
    let changes =
        AttributeChanges { uid: Some(70_000), gid: Some(5), mtime: Some(time), atime: Some(time), mode: None };
    fs.set_attributes(b"d", &changes)
}

/// All operations.
pub(crate) fn alphabet() -> Vec<Letter> {
    let one = |name, change| Letter { name, act: Act::One(change) };
    let mkdir = |path| Change::Mkdir(text(path));
    let remove = |path| Change::Remove(text(path));
    let remove_all = |path| Change::RemoveAll(text(path));
    let link = |target: &str, path| Change::Link(text(target), text(path));
    let attribute = |path, name, len| Change::Attribute(text(path), name, len);
    let unknown = |name, act| Letter { name, act: Act::Unknown(act) };
    let unseen = |name, act| Letter { name, act: Act::Unseen(act) };
    vec![
        one("put a, a block", put("a", 700, 1)),
        one("put a, streamed", put("a", 300_000, 2)),
        one("put a, empty", put("a", 0, 4)),
        one("put b, several blocks", put("b", 9000, 3)),
        one("put d/a", put("d/a", 1500, 7)),
        one("put e/b, streamed", put("e/b", 270_000, 8)),
        unknown("put a, sparse", put_sparse),
        unknown("put b, more than there is room", put_too_much),
        one("mkdir d", mkdir("d")),
        one("mkdir e", mkdir("e")),
        one("mkdir d/e", mkdir("d/e")),
        unseen("mkdir_all on what is there", |fs| fs.mkdir_all(b"lost+found", &attributes(0o700))),
        unknown("mkdir_all e/f/g", |fs| fs.mkdir_all(b"e/f/g", &attributes(0o755))),
        one("symlink s", link("a", "s")),
        one("symlink s, long", link(&"t/".repeat(150), "s")),
        one("symlink a", link("b", "a")),
        one("remove a", remove("a")),
        one("remove b", remove("b")),
        one("remove s", remove("s")),
        one("remove d", remove("d")),
        one("remove e", remove("e")),
        one("remove all of d", remove_all("d")),
        one("remove all of e", remove_all("e")),
        one("rename a to b", rename("a", "b")),
        one("rename b to a", rename("b", "a")),
        one("rename a to d/a", rename("a", "d/a")),
        one("rename d/a to a", rename("d/a", "a")),
        one("rename s to a", rename("s", "a")),
        one("rename d to e", rename("d", "e")),
        one("rename e to d", rename("e", "d")),
        one("rename e to d/e", rename("e", "d/e")),
        unknown("link n to a", |fs| fs.hard_link(b"a", b"n")),
        unknown("link e/a to d/a", |fs| fs.hard_link(b"d/a", b"e/a")),
        unknown("write inside a", |fs| write_at(fs, b"a", 600, 1700)),
        unknown("write behind the end of b", |fs| write_at(fs, b"b", 300_000, 5000)),
        unknown("append to a", |fs| fs.append(b"a", &mut &noise(2500, 32)[..], None).map(drop)),
        unknown("cut b off", |fs| fs.truncate(b"b", 1500)),
        unknown("empty a", |fs| fs.truncate(b"a", 0)),
        unknown("make d/a longer", |fs| fs.truncate(b"d/a", 1 << 20)),
        unseen("chmod a", change_mode),
        unseen("chown and times of d", change_owner_and_times),
        one("set a short attribute of a", attribute("a", "user.short", Some(12))),
        one("set a long attribute of a", attribute("a", "user.long", Some(700))),
        unseen("set the same of d", |fs| fs.set_xattr(b"d", b"user.long", &noise(700, 700))),
        one("remove the long attribute of a", attribute("a", "user.long", None)),
        unseen("grow", Filesystem::grow),
        Letter { name: "batch: a crowd into d", act: Act::Batch(crowd("d")) },
        Letter {
            name: "batch: a folder in place of a file",
            act: Act::Batch(vec![
                put("b", 400, 9),
                remove("a"),
                mkdir("a"),
                put("a/b", 280_000, 10),
                rename("b", "a/c"),
            ]),
        },
        Letter {
            name: "batch: made and removed",
            act: Act::Batch(vec![
                put("n", 5000, 11),
                mkdir("m"),
                put("m/n", 300_000, 12),
                remove_all("m"),
                remove("n"),
            ]),
        },
        Letter {
            name: "batch, rolled back",
            act: Act::RolledBack(vec![put("a", 300_000, 13), mkdir("m"), put("m/n", 900, 14), rename("a", "m/a")]),
        },
        Letter { name: "open again", act: Act::Reopen },
    ]
}

/// A volume to start from.
pub(crate) struct Start {
    pub(crate) name: &'static str,
    pub(crate) device: MemoryDevice,
    pub(crate) model: Model,
}

impl Start {
    /// A filesystem of `bytes` bytes on a device with room to grow by `room`, after `changes`.
    fn new(name: &'static str, bytes: u64, room: u64, changes: &[Change]) -> Self {
        let small = MemoryDevice::new(bytes);
        cairn_ext4::format(&small, &options()).expect("format");
        let device = Arc::new(MemoryDevice::new(bytes + room));
        let mut content = vec![0; 1 << 20];
        for offset in (0..bytes).step_by(content.len()) {
            small.read_at(&mut content, offset).expect("read");
            if content.iter().any(|byte| *byte != 0) {
                device.write_at(&content, offset).expect("write");
            }
        }
        let (fs, mut model) = (writable(&device), Model::default());
        fs.begin_batch().expect("begin");
        for change in changes {
            change.apply(&fs).expect("made in the volume");
            model.apply(change).expect("made in the model");
        }
        fs.commit().expect("commit");
        drop(fs);
        Self { name, device: (*device).clone(), model }
    }

    /// Empty, with blocks of 1 KiB; it can grow by a part of a group.
    pub(crate) fn empty() -> Self {
        Self::new("empty", 5 * MIB, MIB, &[])
    }

    /// Something under most of the names; it can grow by a group.
    pub(crate) fn furnished() -> Self {
        Self::new("furnished", 5 * MIB, 6 * MIB, &furniture())
    }

    /// Likewise, with blocks of 4 KiB.
    pub(crate) fn wide() -> Self {
        Self::new("wide", 33 * MIB, 8 * MIB, &furniture())
    }
}

fn furniture() -> Vec<Change> {
    let mut changes = vec![
        put("a", 3000, 21),
        put("b", 280_000, 22),
        Change::Mkdir(text("d")),
        put("d/a", 700, 23),
        Change::Mkdir(text("e")),
        Change::Link("t/".repeat(140), text("s")),
    ];
    changes.extend(crowd("d").into_iter().take(7));
    changes
}

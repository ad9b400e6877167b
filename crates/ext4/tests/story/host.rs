//! A tree with a bit of everything, as Linux makes it in a folder, and what Linux and the engine say of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::Path;

use cairn_ext4::{FileKind, Filesystem, Timestamp};
use rustix::fs::{
    AtFlags, CWD, Dev, FallocateFlags, FileType, Mode, SeekFrom, Timespec, Timestamps, XattrFlags, fallocate,
    lgetxattr, llistxattr, lsetxattr, mknodat, seek, utimensat,
};
use sha2::{Digest, Sha256};

use crate::common::noise;

/// Everything that can be seen of something in a tree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    kind: FileKind,
    /// Of all but folders.
    size: u64,
    mode: u32,
    owner: (u32, u32),
    links: u64,
    times: [Timestamp; 3],
    sectors: u64,
    device: Option<(u32, u32)>,
    target: Vec<u8>,
    xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What of a file was written, and the sum of it.
    data: Vec<(u64, u64)>,
    /// The sum of every KiB that is not zero, and of its place.
    content: Vec<u8>,
}

pub(crate) type Tree = BTreeMap<Vec<u8>, Seen>;

/// What a tree may have.
#[derive(Clone, Copy)]
pub(crate) struct Wishes {
    /// Devices, owners and `trusted.` attributes, which only root makes.
    pub(crate) root: bool,
    /// Times after 2038.
    pub(crate) far_times: bool,
    /// Bytes of the attributes that are to be long.
    pub(crate) long_xattr: usize,
    /// Access control lists and other attributes.
    pub(crate) xattrs: bool,
    /// Names in the large folder.
    pub(crate) names: usize,
    /// Where the last bytes of the sparse file are.
    pub(crate) far: u64,
}

/// Fills `root`.
pub(crate) fn fill(root: &Path, wishes: Wishes) {
    let put = |name: &str, bytes: &[u8]| fs::write(root.join(name), bytes).expect("write");
    put("empty", b"");
    put("short", b"shorter than a block map");
    put("middling", &noise(130, 1));
    put("page", &noise(4096, 2));
    put("large", &noise(3_000_001, 3));
    put("mode", b"m");
    chmod(&root.join("mode"), 0o6751);
    put(&"n".repeat(255), b"a long name");
    put("日本語", "こんにちは".as_bytes());
    fs::hard_link(root.join("large"), root.join("a second name")).expect("link");
    for len in [1, 59, 60, 100, 1000] {
        symlink("t".repeat(len), root.join(format!("link of {len}"))).expect("symlink");
    }
    let small = root.join("small folder");
    fs::create_dir(&small).expect("mkdir");
    for name in ["one", "two", "three"] {
        fs::write(small.join(name), name).expect("write");
    }
    fs::create_dir_all(root.join("deep/".repeat(40))).expect("mkdir");
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("mkfifo");
    pieces(root, wishes);
    let many = root.join("many");
    fs::create_dir(&many).expect("mkdir");
    for index in 0..wishes.names {
        File::create(many.join(format!("{index:0>200}日本"))).expect("create");
    }
    for index in (0..wishes.names).step_by(5) {
        fs::remove_file(many.join(format!("{index:0>200}日本"))).expect("remove");
    }
    attributes(root, wishes);
    for (name, seconds) in [("short", 951_782_400), ("page", -1_000_000_000), ("large", 4_102_444_800)] {
        if seconds < i64::from(i32::MAX) || wishes.far_times {
            set_times(&root.join(name), seconds);
        }
    }
}

/// Files that lie in many pieces.
fn pieces(root: &Path, wishes: Wishes) {
    let sparse = File::create(root.join("sparse")).expect("create");
    for at in [0, 70_000, 40_000_000, 300_000_000, wishes.far] {
        sparse.write_all_at(&noise(5000, at), at).expect("write");
    }
    sparse.set_len(wishes.far + 1_000_000).expect("set the length");
    let holes = File::create(root.join("holes")).expect("create");
    holes.write_all_at(&noise(4 << 20, 5), 0).expect("write");
    for index in 0..400 {
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        fallocate(&holes, punch, 4096 + index * 8192, 4096).expect("punch a hole");
    }
    let reserved = File::create(root.join("reserved")).expect("create");
    // Block maps cannot have blocks that were never written.
    let _ = fallocate(&reserved, FallocateFlags::empty(), 0, 1 << 20);
    reserved.write_all_at(b"in the middle", 500_000).expect("write");
    reserved.set_len(1 << 20).expect("set the length");
}

fn attributes(root: &Path, wishes: Wishes) {
    let set = |name: &str, key: &str, value: &[u8]| {
        lsetxattr(root.join(name), key, value, XattrFlags::empty()).unwrap_or_else(|e| panic!("{name} {key}: {e}"));
    };
    if wishes.xattrs {
        set("short", "user.a", b"1");
        set("short", "user.empty", b"");
        set("page", "user.long", &noise(wishes.long_xattr, 9));
        for index in 0..20 {
            set("small folder", &format!("user.number {index}"), &noise(index * 2, 1));
        }
        // The owner, user 1000, the group, the mask, others.
        let entries = [(1u16, 7u16, u32::MAX), (2, 5, 1000), (4, 5, u32::MAX), (16, 5, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in entries {
            list.extend([tag.to_le_bytes(), permissions.to_le_bytes()].concat());
            list.extend(id.to_le_bytes());
        }
        set("small folder", "system.posix_acl_default", &list);
        set("middling", "system.posix_acl_access", &list);
    }
    if !wishes.root {
        return;
    }
    if wishes.xattrs {
        set("large", "trusted.note", b"root's");
        set("link of 100", "security.label", b"of a link");
    }
    rustix::fs::chown(root.join("page"), Some(rustix::fs::Uid::from_raw(70_000)), Some(rustix::fs::Gid::from_raw(5)))
        .expect("chown");
    let nodes: [(&str, FileType, Dev); 4] = [
        ("null", FileType::CharacterDevice, rustix::fs::makedev(1, 3)),
        ("big device", FileType::BlockDevice, rustix::fs::makedev(259, 65_537)),
        ("old device", FileType::BlockDevice, rustix::fs::makedev(8, 17)),
        ("socket", FileType::Socket, 0),
    ];
    for (name, kind, device) in nodes {
        mknodat(CWD, root.join(name), kind, Mode::from_raw_mode(0o640), device).expect("mknod");
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("chmod");
}

fn set_times(path: &Path, seconds: i64) {
    let time = |tv_nsec| Timespec { tv_sec: seconds, tv_nsec };
    let times = Timestamps { last_access: time(1), last_modification: time(987_654_321) };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).expect("set the times");
}

/// What Linux says of everything below `root`.
pub(crate) fn seen_by_linux(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut left = vec![root.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).expect("list") {
            let path = entry.expect("an entry").path();
            let seen = seen_at(&path);
            if seen.kind == FileKind::Directory {
                left.push(path.clone());
            }
            let name = path.strip_prefix(root).expect("below").as_os_str().as_encoded_bytes().to_vec();
            tree.insert(name, seen);
        }
    }
    tree
}

fn seen_at(path: &Path) -> Seen {
    let stat = fs::symlink_metadata(path).expect("stat");
    let kind = match stat.mode() & 0xF000 {
        0x8000 => FileKind::File,
        0x4000 => FileKind::Directory,
        0x2000 => FileKind::CharacterDevice,
        0x6000 => FileKind::BlockDevice,
        0x1000 => FileKind::Fifo,
        0xC000 => FileKind::Socket,
        _ => FileKind::Symlink,
    };
    let time = |seconds, nanos: i64| Timestamp { seconds, nanoseconds: u32::try_from(nanos).expect("nanoseconds") };
    let device = matches!(kind, FileKind::CharacterDevice | FileKind::BlockDevice);
    let (mut data, mut content) = (Vec::new(), Vec::new());
    if kind == FileKind::File {
        let file = File::open(path).expect("open");
        data = data_by_linux(&file, stat.len());
        content = sum_of(&data, |buf, at| file.read_exact_at(buf, at).expect("read"));
    }
    Seen {
        kind,
        size: if kind == FileKind::Directory { 0 } else { stat.len() },
        mode: stat.mode() & 0xFFF,
        owner: (stat.uid(), stat.gid()),
        links: stat.nlink(),
        times: [
            time(stat.atime(), stat.atime_nsec()),
            time(stat.mtime(), stat.mtime_nsec()),
            time(stat.ctime(), stat.ctime_nsec()),
        ],
        sectors: stat.blocks(),
        device: device.then(|| (rustix::fs::major(stat.rdev()), rustix::fs::minor(stat.rdev()))),
        target: match kind {
            FileKind::Symlink => fs::read_link(path).expect("read").into_os_string().into_encoded_bytes(),
            _ => Vec::new(),
        },
        xattrs: xattrs_by_linux(path),
        data,
        content,
    }
}

fn xattrs_by_linux(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut names = vec![0; 64 << 10];
    let len = llistxattr(path, &mut names).expect("list");
    let mut found = BTreeMap::new();
    for name in names[..len].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 64 << 10];
        let len = lgetxattr(path, name, &mut value).expect("get");
        found.insert(name.to_vec(), value[..len].to_vec());
    }
    found
}

fn data_by_linux(file: &File, size: u64) -> Vec<(u64, u64)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < size {
        let Ok(start) = seek(file, SeekFrom::Data(at)) else { break };
        at = seek(file, SeekFrom::Hole(start)).expect("there is a hole at the end");
        found.push((start, at));
    }
    found
}

/// The sum of what is not zero in `ranges`, which start at whole KiB and which `read` reads.
fn sum_of(ranges: &[(u64, u64)], read: impl Fn(&mut [u8], u64)) -> Vec<u8> {
    let mut sum = Sha256::new();
    for (start, end) in ranges {
        let mut bytes = vec![0; usize::try_from(end - start).expect("short")];
        read(&mut bytes, *start);
        for (piece, at) in bytes.chunks(1024).zip((*start..).step_by(1024)) {
            if piece.iter().any(|byte| *byte != 0) {
                sum.update(at.to_le_bytes());
                sum.update(piece);
            }
        }
    }
    sum.finalize().to_vec()
}

/// What the engine says of everything.
pub(crate) fn seen_by_us(fs: &Filesystem) -> Tree {
    let mut tree = Tree::new();
    fs.walk(b"", &mut |path, stat| {
        let names = fs.list_xattrs(path).expect("list");
        let value = |name: Vec<u8>| (name.clone(), fs.xattr(path, &name).expect("get").expect("it was listed"));
        let (mut data, mut content) = (Vec::new(), Vec::new());
        if stat.kind == FileKind::File {
            let file = fs.open_file(path).expect("open");
            let mut at = 0;
            while let Some((start, end)) = file.next_data(at).expect("look for data") {
                match data.last_mut() {
                    Some((_, last)) if *last == start => *last = end,
                    _ => data.push((start, end)),
                }
                at = end;
            }
            content = sum_of(&data, |buf, at| assert_eq!(file.read_at(buf, at).expect("read"), buf.len()));
            assert_holes_are_zero(&file, &data);
        }
        let seen = Seen {
            kind: stat.kind,
            size: if stat.kind == FileKind::Directory { 0 } else { stat.size },
            mode: u32::from(stat.mode),
            owner: (stat.uid, stat.gid),
            links: u64::from(stat.links),
            times: [stat.atime, stat.mtime, stat.ctime],
            sectors: stat.blocks,
            device: stat.device,
            target: if stat.kind == FileKind::Symlink { fs.read_link(path).expect("read") } else { Vec::new() },
            xattrs: names.into_iter().map(value).collect(),
            data,
            content,
        };
        // By its name it is found, too.
        assert_eq!(fs.stat(path).expect("look up").inode, stat.inode);
        tree.insert(path.to_vec(), seen);
        ControlFlow::Continue(())
    })
    .expect("walk");
    tree
}

/// What lies between the ranges reads as zeros: its first and its last bytes do.
fn assert_holes_are_zero(file: &cairn_ext4::FileHandle, data: &[(u64, u64)]) {
    let starts = std::iter::once(0).chain(data.iter().map(|range| range.1));
    let ends = data.iter().map(|range| range.0).chain([file.len()]);
    for (start, end) in starts.zip(ends) {
        for at in [start, end.saturating_sub(100).max(start)] {
            let mut bytes = vec![1; usize::try_from((end - at).min(100)).expect("short")];
            assert_eq!(file.read_at(&mut bytes, at).expect("read"), bytes.len());
            assert!(bytes.iter().all(|byte| *byte == 0), "a hole at {at}");
        }
    }
}

/// Both saw the same.
#[track_caller]
pub(crate) fn assert_same(ours: &Tree, theirs: &Tree, about: &str) {
    let names = |tree: &Tree| tree.keys().map(|n| String::from_utf8_lossy(n).into_owned()).collect::<Vec<_>>();
    assert_eq!(names(ours), names(theirs), "{about}");
    for ((name, ours), theirs) in ours.iter().zip(theirs.values()) {
        let name = String::from_utf8_lossy(name);
        assert!(ours == theirs, "{about}: {name}: we see\n{ours:?}\nand Linux\n{theirs:?}");
    }
}

/// Both saw the same names, contents and permissions: mke2fs changes holes and the smaller part of times, and leaves
/// `lost+found` behind.
#[track_caller]
pub(crate) fn assert_alike(ours: &Tree, theirs: &Tree, about: &str) {
    let without = |name: &&Vec<u8>| name.as_slice() != b"lost+found";
    let ours: BTreeMap<_, _> = ours.iter().filter(|entry| without(&entry.0)).collect();
    assert_eq!(ours.len(), theirs.len(), "{about}");
    for ((name, ours), (expected, theirs)) in ours.into_iter().zip(theirs) {
        assert_eq!(name, expected, "{about}");
        let all =
            |seen: &Seen| (seen.kind, seen.size, seen.mode, seen.links, seen.times[1].seconds, seen.target.clone());
        let alike = |a: &Seen, b: &Seen| all(a) == all(b) && a.content == b.content;
        let name = String::from_utf8_lossy(name);
        assert!(alike(ours, theirs), "{about}: {name}: we see\n{ours:?}\nand Linux\n{theirs:?}");
    }
}

//! Linux itself as the judge, where loop mounts are allowed: it reads what the engine wrote, and leaves
//! behind what the engine has to read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_ext4::{FileKind, Filesystem};

use crate::change::put;
use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, run, writable};

/// A mounted image, unmounted when it goes.
pub(crate) struct Mount {
    pub(crate) place: PathBuf,
    _dir: tempfile::TempDir,
}

impl Mount {
    /// Mounts an image, or says why that cannot be and returns nothing.
    pub(crate) fn of(image: &Path, options: &str) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let output = Command::new("mount")
            .args(["-t", "ext4", "-o", &format!("loop,{options}")])
            .args([image, dir.path()])
            .output();
        match output {
            Ok(output) if output.status.success() => Some(Self { place: dir.path().to_owned(), _dir: dir }),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                // Only being refused the right to mount is an excuse; a bad filesystem is not.
                let not_allowed = ["only root", "ermission denied", "not permitted", "loop device"];
                assert!(not_allowed.iter().any(|excuse| why.contains(excuse)), "{why}");
                println!("skipped: loop mounts are not allowed here: {why}");
                None
            }
            Err(error) => {
                println!("skipped: mount does not start: {error}");
                None
            }
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Another test that is just starting a program has a copy of our files open until the program runs.
        let unmounted = (0..100).any(|_| {
            let status = Command::new("umount").arg(&self.place).stderr(std::process::Stdio::null()).status();
            let done = status.is_ok_and(|status| status.success());
            if !done {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            done
        });
        if !unmounted {
            eprintln!("{} could not be unmounted", self.place.display());
        }
    }
}

/// Everything in a folder of the host: kind, size, permissions, owner, time, content or target.
type Listing = BTreeMap<String, (FileKind, u64, u32, u32, i64, u32, Vec<u8>)>;

fn listed_by_the_host(root: &Path) -> Listing {
    let mut listing = Listing::new();
    let mut left = vec![root.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).expect("list") {
            let path = entry.expect("an entry").path();
            let stat = fs::symlink_metadata(&path).expect("stat");
            let (kind, content) = if stat.is_dir() {
                left.push(path.clone());
                (FileKind::Directory, Vec::new())
            } else if stat.is_symlink() {
                (FileKind::Symlink, fs::read_link(&path).expect("read").into_os_string().into_encoded_bytes())
            } else {
                (FileKind::File, fs::read(&path).expect("read"))
            };
            let name = path.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned();
            let size = if kind == FileKind::Directory { 0 } else { stat.len() };
            let nanos = u32::try_from(stat.mtime_nsec()).expect("nanoseconds");
            listing.insert(name, (kind, size, stat.mode() & 0xFFF, stat.uid(), stat.mtime(), nanos, content));
        }
    }
    listing
}

fn listed_by_us(fs: &Filesystem) -> Listing {
    let mut listing = Listing::new();
    fs.walk(b"", &mut |path, stat| {
        let content = match stat.kind {
            FileKind::Symlink => fs.read_link(path).expect("read"),
            FileKind::File => {
                let mut bytes = Vec::new();
                fs.open_file(path).expect("open").reader().read_to_end(&mut bytes).expect("read");
                bytes
            }
            _ => Vec::new(),
        };
        let name = String::from_utf8(path.to_vec()).expect("UTF-8");
        let size = if stat.kind == FileKind::Directory { 0 } else { stat.size };
        let (mode, uid, mtime) = (u32::from(stat.mode), stat.uid, stat.mtime);
        listing.insert(name, (stat.kind, size, mode, uid, mtime.seconds, mtime.nanoseconds, content));
        ControlFlow::Continue(())
    })
    .expect("walk");
    listing
}

#[track_caller]
fn assert_same(ours: &Listing, theirs: &Listing) {
    let names = |listing: &Listing| listing.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ours), names(theirs));
    for ((name, ours), theirs) in ours.iter().zip(theirs.values()) {
        assert!(ours == theirs, "{name}: {:?} is not {:?}", &ours.0, &theirs.0);
    }
}

#[test]
fn linux_reads_what_we_wrote() {
    let device = new_volume(200 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    fs.mkdir_all(b"a/b", &attributes(0o750)).expect("mkdir");
    put(&fs, "a/b/large", &noise(40 << 20, 1));
    put(&fs, "a/empty", b"");
    put(&fs, "a/日本語", b"japanese");
    fs.symlink(b"b/large", b"a/link", &attributes(0o777)).expect("symlink");
    fs.symlink("x/".repeat(300).as_bytes(), b"a/long link", &attributes(0o777)).expect("symlink");
    fs.mkdir(b"many", &attributes(0o755)).expect("mkdir");
    for index in 0..5000 {
        put(&fs, &format!("many/a file that has the number {index}"), format!("{index}").as_bytes());
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    let image = Image::of(&device);
    let Some(mount) = Mount::of(&image.path, "ro") else { return };
    assert_same(&listed_by_us(&fs), &listed_by_the_host(&mount.place));
}

#[test]
fn we_and_linux_take_turns() {
    let device = new_volume(150 * MIB);
    put(&writable(&device), "ours", b"ours");
    let image = Image::of(&device);
    for turn in 0..3 {
        {
            let Some(mount) = Mount::of(&image.path, "rw") else { return };
            let root = &mount.place;
            let folder = root.join(format!("folder {turn}"));
            fs::create_dir(&folder).expect("mkdir");
            for index in 0..3000 {
                let name = format!("made by linux in turn {turn}, number {index}");
                fs::write(folder.join(name), format!("{index}")).expect("write");
            }
            for index in (0..3000).step_by(7) {
                let name = format!("made by linux in turn {turn}, number {index}");
                fs::remove_file(folder.join(name)).expect("remove");
            }
            let sparse = fs::File::create(folder.join("sparse")).expect("create");
            for piece in 0..900u64 {
                sparse.write_all_at(&noise(1000, piece), piece * 100_000).expect("write");
            }
            run("fallocate", &["-l", "3M", folder.join("unwritten").to_str().expect("UTF-8")]);
            fs::write(folder.join("large"), noise(5 << 20, turn)).expect("write");
            symlink("t".repeat(100), folder.join("link")).expect("symlink");
            if turn > 0 {
                let ours = root.join(format!("ours {}", turn - 1));
                assert_eq!(fs::read(ours.join("file 77")).expect("read"), b"77");
                fs::remove_dir_all(ours).expect("remove what we made");
            }
        }
        image.assert_clean();
        let device = image.device();
        let theirs = Mount::of(&image.path, "ro").map(|mount| listed_by_the_host(&mount.place));
        let fs = writable(&device);
        assert_same(&listed_by_us(&fs), &theirs.expect("mounted before"));
        fs.begin_batch().expect("begin");
        let ours = format!("ours {turn}");
        fs.mkdir(ours.as_bytes(), &attributes(0o755)).expect("mkdir");
        for index in 0..2000 {
            put(&fs, &format!("{ours}/file {index}"), format!("{index}").as_bytes());
            put(&fs, &format!("folder {turn}/ours among theirs, number {index}"), b"x");
        }
        fs.remove(format!("folder {turn}/sparse").as_bytes()).expect("remove");
        fs.commit().expect("commit");
        if turn > 0 {
            fs.remove_all(format!("folder {}", turn - 1).as_bytes()).expect("remove all");
        }
        device.save(&image.path).expect("save");
        image.assert_clean();
    }
}

/// Lets Linux work on an image and stops it in the middle: a copy of the image while it is mounted, and
/// while what `work` returns is open.
fn interrupted<T>(work: impl Fn(&Path) -> T) -> Option<Image> {
    let image = Image::of(&new_volume(64 * MIB));
    let copy = Image::empty();
    let mount = Mount::of(&image.path, "rw")?;
    let open = work(&mount.place);
    fs::copy(&image.path, &copy.path).expect("copy the image");
    drop(open);
    Some(copy)
}

/// A journal that Linux left is replayed, by us in memory, by us on the device, and by e2fsck: the same.
fn judge_interrupted(copy: &Image) {
    let by_e2fsck = Image::empty();
    fs::copy(&copy.path, &by_e2fsck.path).expect("copy the image");
    let path = by_e2fsck.path.to_str().expect("UTF-8");
    // 1: something was repaired, which here is the journal and the orphans.
    let repaired = Command::new("/usr/sbin/e2fsck").args(["-fy", path]).output().expect("e2fsck");
    assert!(matches!(repaired.status.code(), Some(0 | 1)), "{repaired:?}");
    let expected = listed_by_us(&readable(&by_e2fsck.device()));
    let device = copy.device();
    assert_same(&listed_by_us(&readable(&device)), &expected);
    assert_same(&listed_by_us(&writable(&device)), &expected);
    assert_clean(&device);
}

#[test]
fn a_journal_that_linux_left_is_replayed() {
    let copy = interrupted(|root| {
        let fsync = |path: &Path| fs::File::open(path).and_then(|f| f.sync_all()).expect("fsync");
        for round in 0..4 {
            let folder = root.join(format!("folder {round}"));
            fs::create_dir(&folder).expect("mkdir");
            for index in 0..200 {
                fs::write(folder.join(format!("file {index}")), noise(5000, index)).expect("write");
            }
            // A folder's blocks that are freed again leave revocations in the journal.
            if round == 2 {
                fs::remove_dir_all(root.join("folder 1")).expect("remove");
                fs::write(root.join("reuses its blocks"), noise(3 << 20, 9)).expect("write");
            }
            fsync(&folder);
        }
        fsync(&root.join("reuses its blocks"));
    });
    let Some(copy) = copy else { return };
    assert!(copy.debugfs("features").contains("needs_recovery"));
    judge_interrupted(&copy);
}

#[test]
fn what_linux_left_half_deleted_is_finished() {
    let copy = interrupted(|root| {
        fs::write(root.join("kept"), b"kept").expect("write");
        fs::write(root.join("open"), noise(10 << 20, 1)).expect("write");
        let open = fs::File::open(root.join("open")).expect("open");
        fs::create_dir(root.join("a folder")).expect("mkdir");
        let folder = fs::File::open(root.join("a folder")).expect("open");
        fs::remove_file(root.join("open")).expect("remove");
        fs::remove_dir(root.join("a folder")).expect("remove");
        fs::File::open(root.join("kept")).and_then(|f| f.sync_all()).expect("fsync");
        // Both are still open while the machine stops: their inodes are orphans.
        (open, folder)
    });
    let Some(copy) = copy else { return };
    judge_interrupted(&copy);
    let fs = writable(&copy.device());
    assert!(fs.statfs().used_bytes < MIB, "the deleted file still takes room: {:?}", fs.statfs());
}

#[test]
fn linux_sees_the_names_the_changes_and_the_attributes_that_we_made() {
    let device = new_volume(100 * MIB);
    let fs = writable(&device);
    put(&fs, "file", &noise(5 << 20, 1));
    fs.hard_link(b"file", b"second name").expect("hard link");
    fs.write_at(b"file", 1_000_001, &mut &noise(300_000, 2)[..], None).expect("write");
    fs.append(b"second name", &mut &b"the end"[..], None).expect("append");
    fs.set_xattr(b"file", b"user.note", b"from us").expect("set");
    fs.set_xattr(b"file", b"user.long", "v".repeat(3000).as_bytes()).expect("set");
    put(&fs, "cut", &noise(1 << 20, 3));
    fs.truncate(b"cut", 5001).expect("truncate");
    fs.truncate(b"cut", 70_000).expect("truncate");
    assert_clean(&device);
    let image = Image::of(&device);
    let Some(mount) = Mount::of(&image.path, "ro") else { return };
    assert_same(&listed_by_us(&fs), &listed_by_the_host(&mount.place));
    assert_eq!(fs::metadata(mount.place.join("second name")).expect("stat").nlink(), 2);
    let listed = Command::new("getfattr").args(["-d", "-m", "-"]).arg(mount.place.join("file")).output();
    match listed {
        Ok(listed) => {
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            assert!(listed.contains("user.note=\"from us\"") && listed.contains("user.long=\"vvv"), "{listed}");
        }
        Err(error) => println!("getfattr does not start, so Linux was not asked for attributes: {error}"),
    }
}

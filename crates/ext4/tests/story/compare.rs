//! What differs between two states of a filesystem, judged by reading both of them whole: the differences, applied
//! to what was, must give exactly what is; and each of them must be one.
//!
//! A failing seed runs alone with `SEED=n cargo test -p cairn-ext4 compare`; `SEEDS=n` runs more of them.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::sync::Arc;

use cairn_block::memory::MemoryDevice;
use cairn_ext4::{
    AttributeChanges, Difference, DifferenceKind, ErrorKind, FileKind, Filesystem, Metadata, Timestamp, compare,
};

use crate::change::put;
use crate::common::{Image, MIB, attributes, new_volume, noise, readable, run, writable};
use crate::kernel::Mount;
use crate::model::{Dice, Model, change_both, random_batch};

type Path = Vec<u8>;
/// Mode, owner, group, time of change, extended attributes.
type About = (u16, u32, u32, Option<Timestamp>, Vec<(Vec<u8>, Vec<u8>)>);

/// What a name stands for: what counts as content, and what as metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Thing {
    kind: FileKind,
    content: Vec<u8>,
    about: About,
}

fn look(fs: &Filesystem, path: &[u8], found: &Metadata) -> Thing {
    let content = match found.kind {
        FileKind::File => {
            let file = fs.open_file(path).expect("open");
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut file.reader(), &mut content).expect("read");
            content
        }
        FileKind::Symlink => fs.read_link(path).expect("a target"),
        _ => Vec::new(),
    };
    let mut attributes: Vec<_> = fs.list_xattrs(path).expect("attributes").into_iter().collect();
    attributes.sort();
    let value = |name: Vec<u8>| (name.clone(), fs.xattr(path, &name).expect("read").expect("a value"));
    let time = (found.kind != FileKind::Directory).then_some(found.mtime);
    let attributes = attributes.into_iter().map(value).collect();
    Thing { kind: found.kind, content, about: (found.mode, found.uid, found.gid, time, attributes) }
}

fn whole(fs: &Filesystem) -> BTreeMap<Path, Thing> {
    let mut paths = vec![(Vec::new(), fs.stat(b"").expect("the root"))];
    fs.walk(b"", &mut |path, found| {
        paths.push((path.to_vec(), found.clone()));
        ControlFlow::Continue(())
    })
    .expect("a walk");
    paths.into_iter().map(|(path, found)| (path.clone(), look(fs, &path, &found))).collect()
}

/// Where what was at `path` is now, if it is anywhere.
fn new_place(path: &[u8], moved: &BTreeMap<Path, Option<Path>>) -> Option<Path> {
    if let Some(place) = moved.get(path) {
        return place.clone();
    }
    if path.is_empty() {
        return Some(Vec::new());
    }
    let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&path[..0], path),
    };
    let parent = new_place(parent, moved)?;
    Some(if parent.is_empty() { name.to_vec() } else { [&parent[..], b"/", name].concat() })
}

/// Holds `differences` against both trees.
#[track_caller]
fn judge(before: &Filesystem, after: &Filesystem, differences: &[Difference]) {
    let (was, is) = (whole(before), whole(after));
    let place = |version: &Option<cairn_ext4::Version>| version.as_ref().map(|version| version.path.clone());
    let mut moved = BTreeMap::new();
    for difference in differences {
        if matches!(difference.kind, DifferenceKind::Removed | DifferenceKind::Renamed) {
            let from = place(&difference.before).expect("a path");
            assert!(was.contains_key(&from), "{difference:?} was never there");
            assert!(moved.insert(from, place(&difference.after)).is_none(), "{difference:?} is told twice");
        }
    }
    let mut applied = BTreeMap::new();
    for (path, thing) in &was {
        if let Some(place) = new_place(path, &moved) {
            assert!(applied.insert(place, thing.clone()).is_none(), "two things are at one place: {path:?}");
        }
    }
    for difference in differences {
        let Some(path) = place(&difference.after) else { continue };
        let now = is.get(&path).unwrap_or_else(|| panic!("{difference:?} is not there"));
        assert_eq!(difference.after.as_ref().expect("a version").metadata, after.stat(&path).expect("stat"));
        if difference.kind == DifferenceKind::Added {
            assert!(applied.insert(path, now.clone()).is_none(), "{difference:?} was there");
            continue;
        }
        let thing = applied.get_mut(&path).unwrap_or_else(|| panic!("{difference:?} was not there"));
        assert_eq!(thing.content != now.content, difference.content, "{difference:?}");
        assert_eq!(thing.about != now.about, difference.metadata, "{difference:?}");
        let any = difference.content || difference.metadata;
        assert!(any || difference.kind != DifferenceKind::Changed, "{difference:?} is none");
        *thing = now.clone();
    }
    let names = |tree: &BTreeMap<Path, Thing>| {
        tree.keys().map(|path| String::from_utf8_lossy(path).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&applied), names(&is), "{:?}", said(differences));
    for (path, thing) in &is {
        assert!(applied[path] == *thing, "{} differs: {:?}", String::from_utf8_lossy(path), said(differences));
    }
}

fn differences(before: &Arc<MemoryDevice>, after: &Arc<MemoryDevice>) -> Vec<Difference> {
    // A layer knows by the 4 KiB what was written, not whether that was anything new.
    let ranges: Vec<_> =
        before.differences(after).iter().map(|range| (range.start & !4095, range.end.next_multiple_of(4096))).collect();
    let (before, after) = (readable(before), readable(after));
    let found = compare(&before, &after, &ranges, &|| Ok(())).expect("a comparison");
    judge(&before, &after, &found);
    found
}

fn said(differences: &[Difference]) -> Vec<String> {
    let path = |version: &Option<cairn_ext4::Version>| {
        version.as_ref().map(|version| String::from_utf8_lossy(&version.path).into_owned()).unwrap_or_default()
    };
    let flags = |d: &Difference| match (d.content, d.metadata) {
        (true, _) => " content",
        (false, true) => " metadata",
        _ => "",
    };
    let line = |d: &Difference| match d.kind {
        DifferenceKind::Added => format!("+ {}", path(&d.after)),
        DifferenceKind::Removed => format!("- {}", path(&d.before)),
        DifferenceKind::Changed => format!("= {}{}", path(&d.after), flags(d)),
        DifferenceKind::Renamed => format!("{} > {}{}", path(&d.before), path(&d.after), flags(d)),
    };
    differences.iter().map(line).collect()
}

fn live(seed: u64) {
    let size = [5, 8, 24, 40][seed as usize % 4] * MIB;
    let device = new_volume(size);
    let (mut dice, mut model) = (Dice(seed), Model::default());
    let mut states = vec![Arc::new((*device).clone())];
    for _ in 0..5 {
        let fs = writable(&device);
        for _ in 0..dice.below(40) {
            match dice.below(20) {
                0 => random_batch(&fs, &mut model, &mut dice, size / 4),
                _ => {
                    let change = dice.change(&model, size / 4);
                    if model.knows(&change) {
                        change_both(&fs, &mut model, &change);
                    }
                }
            }
        }
        drop(fs);
        states.push(Arc::new((*device).clone()));
    }
    for before in 0..states.len() {
        for after in 0..states.len() {
            differences(&states[before], &states[after]);
        }
    }
}

#[test]
fn differences_applied_to_what_was_give_what_is() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(8),
    };
    for seed in seeds {
        println!("SEED={seed}");
        live(seed);
    }
}

#[test]
fn differences_are_told_as_people_would() {
    let device = new_volume(8 * MIB);
    let fs = writable(&device);
    fs.mkdir_all(b"a/deep", &attributes(0o755)).expect("mkdir");
    for path in ["a/one", "a/deep/two", "three", "four", "five", "six"] {
        put(&fs, path, &noise(9000, path.len() as u64));
    }
    drop(fs);
    let before = Arc::new((*device).clone());
    assert!(differences(&before, &before).is_empty());
    let fs = writable(&device);
    fs.rename(b"a", b"b").expect("rename");
    put(&fs, "b/deep/new", b"new");
    put(&fs, "b/one", b"changed");
    let mode = AttributeChanges { mode: Some(0o600), ..AttributeChanges::default() };
    fs.set_attributes(b"three", &mode).expect("chmod");
    fs.rename(b"four", b"b/deep/four").expect("rename");
    fs.remove(b"five").expect("remove");
    fs.mkdir(b"five", &attributes(0o755)).expect("mkdir");
    fs.hard_link(b"six", b"seven").expect("link");
    drop(fs);
    let found = said(&differences(&before, &device));
    let expected = [
        "a > b",
        "four > b/deep/four",
        "+ b/deep/new",
        "= b/one content",
        "+ five",
        "- five",
        "+ seven",
        "= three metadata",
    ];
    assert_eq!(found, expected);
}

#[test]
fn states_of_different_filesystems_are_not_compared() {
    let (one, other) = (new_volume(8 * MIB), Image::mke2fs("8M", &[]).device());
    let compared = compare(&readable(&one), &readable(&other), &[(0, 8 * MIB)], &|| Ok(()));
    assert_eq!(compared.expect_err("a refusal").kind(), ErrorKind::Invalid);
}

/// Bytes that change under an inode that does not, as a late write after a crash-consistent checkpoint does it.
#[test]
fn content_that_changed_under_its_inode_is_found() {
    let device = new_volume(8 * MIB);
    let fs = writable(&device);
    put(&fs, "folder", b"");
    put(&fs, "quiet", &noise(20_000, 1));
    drop(fs);
    let before = Arc::new((*device).clone());
    let image = Image::of(&device);
    let block: u64 = image.debugfs("bmap quiet 2").trim().parse().expect("a block");
    let size = 8 * MIB / image_blocks(&image);
    let file = fs::OpenOptions::new().write(true).open(&image.path).expect("open");
    file.write_all_at(b"late", block * size + 100).expect("write");
    assert_eq!(said(&differences(&before, &image.device())), ["= quiet content"]);
}

fn image_blocks(image: &Image) -> u64 {
    let stats = image.debugfs("stats");
    let line = stats.lines().find_map(|line| line.strip_prefix("Block count:")).expect("a count");
    line.trim().parse().expect("a number")
}

/// Linux makes the changes that are hard to see, and leaves a journal to replay now and then.
#[test]
fn what_linux_changed_is_found() {
    for options in [&["-b", "4096"][..], &["-b", "1024", "-O", "^has_journal"]] {
        let image = Image::mke2fs("40M", options);
        let Some(mount) = Mount::of(&image.path, "rw") else { return };
        let at = |path: &str| mount.place.join(path);
        fs::create_dir_all(at("many")).expect("mkdir");
        fs::create_dir_all(at("tree/below")).expect("mkdir");
        for number in 0..2000 {
            fs::write(at(&format!("many/file{number}")), number.to_string()).expect("write");
        }
        for path in ["set back", "tree/below/x", "cut", "mode", "attr", "again", "linked", "same", "tree/folder"] {
            fs::write(at(path), noise(30_000, path.len() as u64)).expect("write");
        }
        drop(mount);
        let before = image.device();

        let mount = Mount::of(&image.path, "rw").expect("mount again");
        let at = |path: &str| mount.place.join(path);
        let time = fs::metadata(at("set back")).expect("stat").modified().expect("a time");
        let file = fs::OpenOptions::new().write(true).open(at("set back")).expect("open");
        file.write_all_at(b"different", 20_000).expect("write");
        file.set_modified(time).expect("set the time back");
        drop(file);
        fs::rename(at("tree/below"), at("moved")).expect("rename");
        fs::hard_link(at("linked"), at("moved/second")).expect("link");
        fs::OpenOptions::new().write(true).open(at("cut")).expect("open").set_len(10_000).expect("truncate");
        fs::set_permissions(at("mode"), fs::Permissions::from_mode(0o4711)).expect("chmod");
        let attr = at("attr");
        rustix::fs::setxattr(&attr, "user.note", b"hello", rustix::fs::XattrFlags::empty()).expect("setxattr");
        let content = fs::read(at("again")).expect("read");
        fs::remove_file(at("again")).expect("remove");
        fs::write(at("again"), &content[..29_000]).expect("write");
        fs::remove_file(at("tree/folder")).expect("remove");
        fs::create_dir(at("tree/folder")).expect("mkdir");
        let same = fs::read(at("same")).expect("read");
        fs::OpenOptions::new().write(true).open(at("same")).expect("open").write_all_at(&same, 0).expect("write");
        fs::remove_file(at("many/file7")).expect("remove");
        fs::write(at("many/file1999"), "changed").expect("write");
        fs::write(at("many/fresh"), "new").expect("write");
        drop(mount);
        let found = said(&differences(&before, &image.device()));
        let expected = [
            "= again content",
            "= attr metadata",
            "= cut content",
            "= many/file1999 content",
            "- many/file7",
            "+ many/fresh",
            "= mode metadata",
            "tree/below > moved",
            "+ moved/second",
            "= same metadata",
            "= set back content",
            "+ tree/folder",
            "- tree/folder",
        ];
        assert_eq!(found, expected);

        // A copy of what is mounted has a journal to replay.
        let mount = Mount::of(&image.path, "rw").expect("mount again");
        fs::write(mount.place.join("many/later"), "later").expect("write");
        fs::remove_dir_all(mount.place.join("moved")).expect("remove");
        run("sync", &["-f", mount.place.to_str().expect("UTF-8")]);
        let live = image.device();
        drop(mount);
        differences(&before, &live);
        differences(&live, &image.device());
    }
}

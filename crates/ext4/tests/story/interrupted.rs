//! Linux is stopped in the middle of its work on filesystems with journals and orphans of every kind: what
//! is read before anything is repaired, what is repaired by the engine, and what e2fsck repairs is the same.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::common::{Image, noise};
use crate::host::{assert_same, seen_by_us};
use crate::kernel::Mount;

/// Works on a mounted filesystem so that its journal has copies, revocations and orphans.
fn work(root: &Path) -> Vec<File> {
    let fsync = |path: &Path| File::open(path).and_then(|file| file.sync_all()).expect("fsync");
    for round in 0..3 {
        let folder = root.join(format!("folder {round}"));
        fs::create_dir(&folder).expect("mkdir");
        for index in 0..100 {
            fs::write(folder.join(format!("file {index}")), noise(5000, index)).expect("write");
        }
        if round == 1 {
            fs::remove_dir_all(root.join("folder 0")).expect("remove");
            fs::write(root.join("reuses its blocks"), noise(2 << 20, 9)).expect("write");
        }
        fsync(&folder);
    }
    let mut open = Vec::new();
    for index in 0..5 {
        let path = root.join(format!("open {index}"));
        fs::write(&path, noise(600_000, index)).expect("write");
        open.push(File::open(&path).expect("open"));
        fs::remove_file(&path).expect("remove");
    }
    fsync(&root.join("reuses its blocks"));
    fsync(root);
    open
}

/// The image as it is while Linux has it mounted and files are open.
fn interrupted(made: &[&str], options: &str) -> Option<Image> {
    let (image, copy) = (Image::mke2fs("64M", made), Image::empty());
    let mount = Mount::of(&image.path, options)?;
    let open = work(&mount.place);
    fs::copy(&image.path, &copy.path).expect("copy the image");
    drop(open);
    Some(copy)
}

/// Whether the superblock, which Linux may be about to write anew, says `needs_recovery` and `orphan_present`.
fn marks(image: &Image) -> (bool, bool) {
    let mut superblock = [0; 1024];
    let file = File::open(&image.path).expect("open the image");
    file.read_exact_at(&mut superblock, 1024).expect("read the superblock");
    (superblock[0x60] & 4 != 0, superblock[0x66] & 1 != 0)
}

fn repaired_by_e2fsck(image: &Image) -> Image {
    let repaired = Image::empty();
    fs::copy(&image.path, &repaired.path).expect("copy the image");
    let output = Command::new("/usr/sbin/e2fsck").arg("-fy").arg(&repaired.path).output().expect("e2fsck starts");
    // 1: something was repaired, which here is the journal and the orphans.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    repaired
}

#[test]
fn what_linux_left_in_a_journal_of_any_kind_is_replayed() {
    for (made, options, has_orphan_file) in [
        (&["-O", "^64bit"][..], "rw", false),
        (&["-O", "^metadata_csum,uninit_bg"], "rw", false),
        (&["-O", "^metadata_csum,^64bit"], "rw,journal_checksum", false),
        (&["-O", "metadata_csum_seed,orphan_file"], "rw", true),
        (&["-O", "orphan_file", "-b", "1024"], "rw", true),
        (&["-b", "1024"], "rw,data=journal", false),
    ] {
        let Some(copy) = interrupted(made, options) else { return };
        let about = format!("{made:?} {options}");
        assert_eq!(marks(&copy), (true, has_orphan_file), "{about}");
        let expected = seen_by_us(&open(&repaired_by_e2fsck(&copy), Mode::ReadOnly));
        assert!(expected.len() > 200, "{about}: {}", expected.len());
        assert_same(&seen_by_us(&open(&copy, Mode::ReadOnly)), &expected, &about);
        let device = copy.device();
        let fs = Filesystem::open(device.clone(), Mode::ReadWrite).unwrap_or_else(|e| panic!("{about}: {e}"));
        assert_same(&seen_by_us(&fs), &expected, &about);
        drop(fs);
        device.save(&copy.path).expect("save");
        copy.assert_clean();
        assert_eq!(marks(&copy), (false, false), "{about}");
    }
}

#[test]
fn the_journal_of_ext3_is_replayed_in_memory() {
    let Some(copy) = interrupted(&["-t", "ext3", "-b", "1024"], "rw") else { return };
    let expected = seen_by_us(&open(&repaired_by_e2fsck(&copy), Mode::ReadOnly));
    assert_same(&seen_by_us(&open(&copy, Mode::ReadOnly)), &expected, "ext3");
}

#[test]
fn fast_commits_that_were_left_are_refused_by_name() {
    let Some(copy) = interrupted(&["-O", "fast_commit"], "rw") else { return };
    for mode in [Mode::ReadOnly, Mode::ReadWrite] {
        let refused = Filesystem::open(copy.device(), mode).map(|_| ()).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused}");
        assert!(refused.to_string().contains("fast_commit"), "{refused}");
    }
}

fn open(image: &Image, mode: Mode) -> Filesystem {
    Filesystem::open(image.device(), mode).unwrap_or_else(|e| panic!("{}: {e}", image.path.display()))
}

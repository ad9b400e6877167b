//! The images that are damaged: small, and with a bit of everything in them.

use std::sync::Arc;

use cairn_block::{BlockDevice, faulty::CrashDevice, memory::MemoryDevice};
use cairn_ext4::{Filesystem, Mode};

use crate::anatomy::Anatomy;
use crate::common::{Image, MIB, attributes, new_volume, writable};

/// An image and where everything in it lies.
pub(crate) struct Victim {
    pub(crate) name: &'static str,
    pub(crate) device: MemoryDevice,
    pub(crate) anatomy: Anatomy,
    /// Whether its journal has to be replayed.
    pub(crate) dirty: bool,
}

/// Puts a bit of everything into a filesystem.
fn fill(fs: &Filesystem) {
    let put = |path: &str, len: usize| {
        let bytes = vec![0xDA; len];
        fs.create_file(path.as_bytes(), &attributes(0o644), &mut &bytes[..], Some(len as u64)).expect("create");
    };
    fs.begin_batch().expect("begin");
    fs.mkdir_all(b"a/b/c", &attributes(0o755)).expect("mkdir");
    for index in 0..150 {
        put(&format!("a/b/a file with a long name, number {index}"), index);
    }
    // In many pieces, so that its extents need a tree.
    for index in 0..40 {
        put(&format!("a/piece {index}"), 5000);
    }
    for index in (0..40).step_by(2) {
        fs.remove(format!("a/piece {index}").as_bytes()).expect("remove");
    }
    fs.commit().expect("commit");
    let mut holes = vec![0xDA; 1 << 20];
    for hole in holes.chunks_mut(128 << 10) {
        hole[..64 << 10].fill(0);
    }
    fs.create_file(b"a/holes", &attributes(0o644), &mut &holes[..], None).expect("create");
    fs.symlink(b"b/c", b"a/short", &attributes(0o777)).expect("symlink");
    fs.symlink("../a/".repeat(30).as_bytes(), b"a/long", &attributes(0o777)).expect("symlink");
    fs.mkdir(b"plain", &attributes(0o755)).expect("mkdir");
    for index in 0..5 {
        fs.mkdir(format!("plain/folder {index}").as_bytes(), &attributes(0o755)).expect("mkdir");
    }
}

/// Attributes as debugfs stores them: in the inode and in a block.
fn attribute(device: &MemoryDevice) -> Arc<MemoryDevice> {
    let image = Image::of(device);
    let long = "v".repeat(300);
    image.debugfs_write(&format!(
        "ea_set \"a/piece 1\" user.small value\nea_set \"a/piece 1\" user.large {long}\n\
         ea_set plain user.folder {long}\nea_set plain user.folder2 x\n"
    ));
    image.assert_clean();
    image.device()
}

fn victim(name: &'static str, device: &MemoryDevice, dirty: bool) -> Victim {
    Victim { name, anatomy: Anatomy::of(device), device: device.clone(), dirty }
}

/// The images of what is only read: content inside inodes, clusters, values in other inodes and the protection
/// against being mounted twice. mke2fs fills them.
fn only_read() -> Vec<Victim> {
    let host = tempfile::tempdir().expect("a folder");
    for index in 0..30 {
        let folder = host.path().join(format!("a/folder {}", index % 6));
        std::fs::create_dir_all(&folder).expect("mkdir");
        std::fs::write(folder.join(format!("short {index}")), vec![0xDA; index * 5]).expect("write");
        std::fs::write(folder.join(format!("long {index}")), vec![0xDA; index * 900]).expect("write");
    }
    std::os::unix::fs::symlink("b/c".repeat(25), host.path().join("a/link")).expect("symlink");
    let from = host.path().to_str().expect("UTF-8");
    let long = "v".repeat(3000);
    let kinds: [(&str, &str, &[&str]); 3] = [
        ("content inside", "9M", &["-b", "1024", "-O", "inline_data", "-J", "size=1"]),
        ("clusters", "48M", &["-b", "4096", "-O", "bigalloc", "-C", "16384", "-J", "size=4", "-N", "512"]),
        ("values in inodes", "9M", &["-b", "1024", "-O", "ea_inode,mmp", "-J", "size=1", "-N", "256"]),
    ];
    let mut victims = Vec::new();
    for (name, size, arguments) in kinds {
        let image = Image::mke2fs(size, &[arguments, &["-d", from]].concat());
        image.debugfs_write(&format!(
            "ea_set \"a/folder 1/long 7\" user.small value\nea_set \"a/folder 2\" user.folder {}\n",
            &long[..300]
        ));
        if name == "values in inodes" {
            image.debugfs_write(&format!(
                "ea_set \"a/folder 1/long 7\" user.large {long}\nea_set a user.large {long}x\n"
            ));
        }
        // debugfs does not charge the files for values in other inodes.
        image.e2fsck("-y");
        image.assert_clean();
        victims.push(victim(name, &image.device(), false));
    }
    victims
}

/// The images: with checksums, without, with small blocks, with a journal to replay, with block maps, and with what
/// is only read.
pub(crate) fn victims() -> Vec<Victim> {
    let mut victims = Vec::new();
    let device = new_volume(8 * MIB);
    fill(&writable(&device));
    victims.push(victim("as we make it", &attribute(&device), false));
    for (name, arguments) in [
        ("checksums, 1 KiB", &["-b", "1024", "-O", "metadata_csum,64bit", "-J", "size=1"][..]),
        ("no checksums, 4 KiB", &["-b", "4096", "-O", "^metadata_csum,^64bit,^resize_inode", "-J", "size=4"][..]),
    ] {
        let image = Image::mke2fs(if name.ends_with("1 KiB") { "9M" } else { "16M" }, arguments);
        let device = image.device();
        fill(&writable(&device));
        let device = attribute(&device);
        victims.push(victim(name, &device, false));
        let crashing = Arc::new(CrashDevice::new((*device).clone()));
        let fs = Filesystem::open(Arc::clone(&crashing) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
        fs.remove_all(b"a/b").expect("remove");
        // Committed, but not yet in its place.
        let committed = crashing.flushes() - 1;
        victims.push(victim("journal to replay", &crashing.cut_after(committed, 0).expect("cut"), true));
    }
    victims.extend(only_read());
    victims
}

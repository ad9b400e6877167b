//! What was deleted or cut off only in part is finished: by the engine itself, and after a guest's crash.

use std::sync::Arc;

use cairn_block::{
    BlockDevice,
    faulty::{Call, Fault, FaultyDevice},
    memory::MemoryDevice,
};
use cairn_ext4::{Filesystem, Mode};

use crate::change::{get, put};
use crate::common::{GIB, Image, MIB, assert_clean, attributes, new_volume, noise, options, writable};

/// A volume with so many groups that a long file does not go in one transaction, and such a file.
fn with_a_long_file() -> (MemoryDevice, u64) {
    let device = Arc::new(MemoryDevice::new(1024 * GIB));
    cairn_ext4::format(&*device, &options()).expect("format");
    let fs = writable(&device);
    let before = fs.statfs().used_bytes;
    put(&fs, "long", &noise(200 << 20, 1));
    put(&fs, "short", b"stays");
    let used = fs.statfs().used_bytes - before;
    drop(fs);
    (Arc::into_inner(device).expect("nobody else has it"), used)
}

#[test]
fn a_long_file_goes_in_several_transactions_that_a_crash_may_part() {
    let (device, used) = with_a_long_file();
    let start = Filesystem::open(Arc::new(device.clone()), Mode::ReadOnly).expect("open").statfs().used_bytes;
    let mut met = (false, false);
    for (cut, failing) in [(0, 3), (0, 9), (0, 40), (0, 1000), (5000, 3), (5000, 40), (5000, 1000)] {
        let faulty = Arc::new(FaultyDevice::new(device.clone()));
        let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
        faulty.fail_from(Call::Write, failing, Fault::Io);
        let done = if cut == 0 { fs.remove(b"long") } else { fs.truncate(b"long", cut) };
        drop(fs);
        faulty.behave();
        let disk = Arc::new(faulty.inner().clone());
        let fs = writable(&disk);
        let left = fs.stat(b"long").map_or(0, |stat| stat.size);
        let now = fs.statfs().used_bytes;
        if left == 200 << 20 {
            assert!(done.is_err());
            assert_eq!(now, start, "nothing has happened");
            met.0 = true;
        } else {
            assert_eq!(left, cut);
            let kept = cut.next_multiple_of(4096) + 4096;
            assert!(now <= start - used + 2 * kept, "the room is given back");
            met.1 = true;
        }
        assert_eq!(get(&fs, "short"), b"stays");
        drop(fs);
        if failing == 40 && cut > 0 {
            assert_clean(&disk);
        }
    }
    assert_eq!(met, (true, true), "both before and after were met");
}

#[test]
fn a_large_folder_goes_as_a_whole_although_in_several_transactions() {
    let image = Image::mke2fs("40M", &["-b", "1024", "-N", "12000", "-J", "size=1"]);
    let device = image.device();
    let fs = writable(&device);
    let empty = fs.statfs();
    fs.begin_batch().expect("begin");
    for index in 0..6000 {
        let folder = format!("above/tree/{}", index % 20);
        if index < 20 {
            fs.mkdir_all(folder.as_bytes(), &attributes(0o755)).expect("mkdir");
        }
        put(&fs, &format!("{folder}/{index}"), b"x");
    }
    fs.commit().expect("commit");
    let full = fs.statfs();
    drop(fs);
    let mut met = (0, 0);
    for failing in [1, 5, 12, 25, 60, 100_000] {
        let faulty = Arc::new(FaultyDevice::new((*device).clone()));
        let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
        faulty.fail_from(Call::Write, failing, Fault::Io);
        let done = fs.remove_all(b"above/tree");
        drop(fs);
        faulty.behave();
        let disk = Arc::new(faulty.inner().clone());
        let fs = writable(&disk);
        if fs.stat(b"above/tree").is_ok() {
            assert!(done.is_err());
            assert_eq!(fs.statfs(), full, "nothing has happened");
            met.0 += 1;
        } else {
            assert_eq!(fs.statfs().free_inodes, empty.free_inodes - 1, "everything is gone");
            assert!(fs.read_dir(b"lost+found").expect("list").is_empty());
            met.1 += usize::from(done.is_err());
        }
        drop(fs);
        assert_clean(&disk);
    }
    assert!(met.0 > 0 && met.1 > 0, "failures before and after the first transaction: {met:?}");
}

#[test]
fn a_guests_list_of_orphans_is_finished() {
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    let before = fs.statfs();
    put(&fs, "deleted", &noise(300_000, 1));
    put(&fs, "cut", &noise(300_000, 2));
    let (deleted, cut) = (fs.stat(b"deleted").expect("stat").inode, fs.stat(b"cut").expect("stat").inode);
    drop(fs);
    let image = Image::of(&device);
    image.debugfs_write(&format!(
        "unlink deleted\nsif <{deleted}> links_count 0\nsif <{deleted}> dtime {cut}\n\
         sif <{cut}> size 5000\nsif <{cut}> dtime 0\nssv last_orphan {deleted}\n"
    ));
    let device = image.device();
    let fs = writable(&device);
    assert_eq!(get(&fs, "cut"), noise(300_000, 2)[..5000]);
    assert_eq!(fs.statfs().used_bytes, before.used_bytes + 2 * 4096);
    assert_eq!(fs.statfs().free_inodes, before.free_inodes - 1);
    assert_clean(&device);
}

#[test]
fn a_guests_file_of_orphans_is_finished() {
    for more in ["", ",^metadata_csum"] {
        let image = Image::mke2fs("40M", &["-b", "4096", "-O", &format!("orphan_file{more}")]);
        let device = image.device();
        let fs = writable(&device);
        let before = fs.statfs();
        put(&fs, "deleted", &noise(300_000, 1));
        let deleted = fs.stat(b"deleted").expect("stat").inode;
        drop(fs);
        let image = Image::of(&device);
        image.debugfs_write(&format!("unlink deleted\nsif <{deleted}> links_count 0\n"));
        let mut bytes = std::fs::read(&image.path).expect("read");
        let file = u32::from_le_bytes(bytes[1024 + 0x280..1024 + 0x284].try_into().expect("four bytes"));
        let block: usize = image.debugfs(&format!("bmap <{file}> 0")).trim().parse().expect("a block");
        let generation = image.debugfs(&format!("stat <{file}>"));
        let (_, rest) = generation.split_once("Generation: ").expect("a generation");
        let generation: u32 = rest.split_whitespace().next().expect("a word").parse().expect("a number");
        let at = block * 4096;
        bytes[at..at + 4].copy_from_slice(&deleted.to_le_bytes());
        if more.is_empty() {
            let uuid: [u8; 16] = bytes[1024 + 0x68..1024 + 0x78].try_into().expect("16 bytes");
            let sum = [&uuid[..], &file.to_le_bytes(), &generation.to_le_bytes(), &(block as u64).to_le_bytes()];
            let sum = sum.into_iter().fold(!0, crc32c);
            let sum = crc32c(sum, &bytes[at..at + 4088]);
            bytes[at + 4092..at + 4096].copy_from_slice(&sum.to_le_bytes());
        }
        std::fs::write(&image.path, bytes).expect("write");
        image.debugfs_write("feature orphan_present\n");
        let device = image.device();
        let fs = writable(&device);
        assert_eq!(fs.statfs(), before);
        drop(fs);
        assert_clean(&device);
        assert!(!Image::of(&device).debugfs("features").contains("orphan_present"));
    }
}

/// The checksum as ext4 continues it: without the final inversion.
fn crc32c(seed: u32, data: &[u8]) -> u32 {
    data.iter().fold(seed, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ if sum & 1 == 1 { 0x82F6_3B78 } else { 0 })
    })
}

//! Files that are not what they claim: every answer is an error with a sentence, never a panic, a hang, or
//! a write to where it does not belong.

use std::{fs, io::Write, os::unix::fs::FileExt, path::Path};

use cairn_block::{
    BlockDevice, Error, ErrorKind, Result,
    qcow2::{self, Access, Image},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::judge::{Folder, MIB, bytes, check, each_seed, open, open_to_read, pattern, succeed};

const CLUSTER: u64 = 128 << 10;

#[track_caller]
fn error(path: &Path, access: Access) -> Error {
    let err = Image::open(path, access).unwrap_err();
    assert!(err.path().is_some() && err.to_string().len() > 20, "{err:?}");
    err
}

fn patch(path: &Path, at: u64, raw: &[u8]) {
    fs::File::options().write(true).open(path).unwrap().write_all_at(raw, at).unwrap();
}

/// Everything that one can ask of an image, but the answers.
fn use_all(path: &Path) {
    let _ = qcow2::info(path);
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let Ok(image) = Image::open(path, access) else { continue };
        let len = image.len();
        let mut buf = vec![0; 2 << 20];
        let ends = [0, len / 2, len.saturating_sub(2 * MIB)];
        let all: Vec<Result<()>> = ends
            .into_iter()
            .flat_map(|at| {
                [image.read_at(&mut buf, at), image.write_at(&[1; 70_000], at), image.discard(at + 1, 200_000)]
            })
            .chain([image.flush(), image.grow(len.saturating_add(MIB)), image.flush()])
            .collect();
        drop(all);
    }
}

#[test]
fn what_is_no_qcow2_image_is_told() {
    let folder = Folder::new();
    let path = folder.path("file");
    for content in [&b""[..], b"QFI", b"a text file\n", &[0; 4096], b"QFI\xfa\0\0\0\x03"] {
        fs::write(&path, content).unwrap();
        assert_eq!(error(&path, Access::ReadWrite).kind(), ErrorKind::NotQcow2);
        assert_eq!(qcow2::info(&path).unwrap_err().kind(), ErrorKind::NotQcow2);
    }
    assert_eq!(error(&folder.path("."), Access::ReadOnly).kind(), ErrorKind::NotQcow2);
    assert_eq!(error(&folder.path("missing"), Access::ReadOnly).kind(), ErrorKind::Io);
    let pipe = folder.path("pipe");
    succeed("mkfifo", &[pipe.to_str().unwrap()]);
    assert_eq!(error(&pipe, Access::ReadOnly).kind(), ErrorKind::NotQcow2);
}

#[test]
fn an_image_cut_off_anywhere_in_its_structures_is_refused() {
    let folder = Folder::new();
    let whole = fs::read(folder.create("whole.qcow2", 8 * MIB)).unwrap();
    let path = folder.path("cut.qcow2");
    for len in (4..200).chain([512, 4096, 70_000, 131_071, 131_072, 200_000, 262_144, 393_215]) {
        fs::write(&path, &whole[..len]).unwrap();
        assert_eq!(error(&path, Access::ReadWrite).kind(), ErrorKind::Corrupt, "{len} bytes");
    }
}

#[test]
fn absurd_headers_are_refused() {
    let folder = Folder::new();
    let cases: [(u64, &[u8]); 14] = [
        (4, &[0, 0, 0, 9]),                 // version
        (8, &[0xff; 8]),                    // offset of the backing name
        (20, &[0, 0, 0, 8]),                // cluster size
        (20, &[0, 0, 0, 22]),               // cluster size
        (20, &[0, 0, 0, 13]),               // too small for extended entries
        (24, &[0xff; 8]),                   // size
        (24, &[0, 0, 0x80, 0, 0, 0, 0, 0]), // larger than the L1 table
        (36, &[0xff; 4]),                   // L1 length
        (40, &[0, 0, 0, 0, 0x80, 0, 0, 0]), // L1 outside the file
        (40, &[0, 0, 0, 0, 0, 6, 0, 1]),    // L1 not aligned
        (48, &[0xff; 8]),                   // refcount table
        (56, &[0, 0, 0x10, 0]),             // refcount table length
        (96, &[0, 0, 0, 7]),                // refcount width
        (100, &[0xff, 0xff, 0xff, 0xf8]),   // header length
    ];
    for (at, raw) in cases {
        let path = folder.create("bad.qcow2", 8 * MIB);
        let backing_len = [0, 0, 0, 4];
        patch(&path, 16, &backing_len);
        patch(&path, at, raw);
        let err = error(&path, Access::ReadOnly);
        assert!(matches!(err.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported), "{at}: {err}");
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn backing_names_never_leave_the_folder() {
    let folder = Folder::new();
    folder.create("base.qcow2", MIB);
    fs::create_dir(folder.path("sub")).unwrap();
    let absolute = folder.path("base.qcow2");
    let names = ["../base.qcow2", "sub/../base.qcow2", absolute.to_str().unwrap(), "..", ".", "json:{}", "nbd:host:1"];
    for name in names {
        let options = qcow2::CreateOptions { virtual_size: MIB, backing_file: Some(name.into()) };
        assert_eq!(qcow2::create(&folder.path("head.qcow2"), &options).unwrap_err().kind(), ErrorKind::Invalid);
        let path = folder.create("head.qcow2", MIB);
        // The name goes where nothing else stands in the first cluster.
        patch(&path, 8, &1024u64.to_be_bytes());
        patch(&path, 16, &(name.len() as u32).to_be_bytes());
        patch(&path, 1024, name.as_bytes());
        let err = error(&path, Access::ReadOnly);
        assert_eq!(err.kind(), ErrorKind::Invalid, "{err}");
        assert_eq!(qcow2::info(&path).unwrap().backing_file.as_deref(), Some(name));
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_chain_that_comes_back_to_itself_is_refused() {
    let folder = Folder::new();
    let a = folder.create("a.qcow2", MIB);
    folder.overlay("b.qcow2", "a.qcow2", MIB);
    let c = folder.overlay("c.qcow2", "b.qcow2", MIB);
    succeed("qemu-img", &["rebase", "-u", "-b", "c.qcow2", "-F", "qcow2", a.to_str().unwrap()]);
    let err = error(&c, Access::ReadOnly);
    assert!(err.kind() == ErrorKind::Corrupt && err.to_string().contains("comes back"), "{err}");
    succeed("qemu-img", &["rebase", "-u", "-b", "a.qcow2", "-F", "qcow2", a.to_str().unwrap()]);
    assert_eq!(error(&a, Access::ReadOnly).kind(), ErrorKind::Corrupt);
}

#[test]
fn a_missing_layer_is_named() {
    let folder = Folder::new();
    let base = folder.create("base.qcow2", MIB);
    let head = folder.overlay("head.qcow2", "base.qcow2", MIB);
    fs::remove_file(&base).unwrap();
    let err = error(&head, Access::ReadOnly);
    assert_eq!((err.kind(), err.path()), (ErrorKind::Io, Some(base.as_path())));
}

#[test]
fn a_deep_chain_is_read_through() {
    let folder = Folder::new();
    let path = folder.create("layer0", MIB);
    open(&path).write_at(&[1; 4096], 0).unwrap();
    for n in 1..=60u64 {
        let path = folder.overlay(&format!("layer{n}"), &format!("layer{}", n - 1), MIB);
        open(&path).write_at(&[n as u8; 100], n * 4096).unwrap();
    }
    let head = open_to_read(&folder.path("layer60"));
    assert_eq!(head.layers().len(), 61);
    for n in 1..=60 {
        assert_eq!(bytes(&head, n * 4096, 100), [n as u8; 100]);
    }
    assert_eq!(bytes(&head, 0, 4096), [1; 4096]);
}

/// An image with one data cluster, behind header, refcount table, refcount block, L1 table and L2 table.
fn one_cluster(folder: &Folder) -> std::path::PathBuf {
    let path = folder.create("disk.qcow2", 8 * MIB);
    open(&path).write_at(&pattern(1, 4096), 0).unwrap();
    check(&path);
    path
}

#[test]
fn data_is_never_written_over_the_image_s_own_structures() {
    let folder = Folder::new();
    for cluster in 0..5u64 {
        let path = one_cluster(&folder);
        let before = fs::read(&path).unwrap();
        patch(&path, 4 * CLUSTER, &((cluster * CLUSTER) | (1 << 63)).to_be_bytes());
        let image = open(&path);
        for result in [image.write_at(&[9; 4096], 0), image.discard(0, CLUSTER)] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Corrupt);
        }
        drop(image);
        assert!(fs::read(&path).unwrap()[..4 * CLUSTER as usize] == before[..4 * CLUSTER as usize]);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn clusters_whose_refcount_is_not_one_are_not_written() {
    let folder = Folder::new();
    for (cluster, count) in [(4u64, 0u16), (4, 2), (5, 0), (5, 2)] {
        let path = one_cluster(&folder);
        patch(&path, 2 * CLUSTER + cluster * 2, &count.to_be_bytes());
        let image = open(&path);
        assert_eq!(bytes(&image, 0, 4096), pattern(1, 4096));
        for result in [image.write_at(&[9; 5000], 0), image.discard(0, CLUSTER)] {
            let err = result.unwrap_err();
            assert!(err.kind() == ErrorKind::Corrupt && err.to_string().contains("refcount"), "{err}");
        }
        assert_eq!(bytes(&image, 0, 4096), pattern(1, 4096));
        drop(image);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn tables_that_overlap_or_lie_outside_are_refused() {
    let folder = Folder::new();
    let l1 = 3 * CLUSTER;
    for table in [0, 1, 2, 3, 1 << 30] {
        let path = one_cluster(&folder);
        patch(&path, l1, &((table * CLUSTER) | 512 | (1 << 63)).to_be_bytes());
        let kind = error(&path, Access::ReadWrite).kind();
        assert_eq!(kind, ErrorKind::Corrupt);
        assert_eq!(open_to_read(&path).read_at(&mut [0; 512], 0).unwrap_err().kind(), ErrorKind::Corrupt);
        fs::remove_file(path).unwrap();
    }
    let path = folder.create("two.qcow2", 4 << 30);
    open(&path).write_at(&[1], 0).unwrap();
    let mut entry = [0; 8];
    fs::File::open(&path).unwrap().read_exact_at(&mut entry, l1).unwrap();
    patch(&path, l1 + 8, &entry);
    assert_eq!(error(&path, Access::ReadWrite).kind(), ErrorKind::Corrupt);
}

#[test]
fn noise_in_any_structure_is_survived() {
    let folder = Folder::new();
    let base = folder.create("base.qcow2", 8 * MIB);
    open(&base).write_at(&pattern(1, 3 << 20), MIB).unwrap();
    let path = folder.overlay("head.qcow2", "base.qcow2", 8 * MIB);
    open(&path).write_at(&pattern(2, 2 << 20), 2 * MIB).unwrap();
    let good = fs::read(&path).unwrap();
    // Where the structures of this image have something to say.
    let places = [(0, 160), (CLUSTER, 24), (2 * CLUSTER, 64), (3 * CLUSTER, 16), (4 * CLUSTER, 64 * 16)];
    each_seed(600, |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bad = good.clone();
        for _ in 0..rng.random_range(1..4) {
            let (start, len) = places[rng.random_range(0..places.len())];
            let at = (start + rng.random_range(0..len)) as usize;
            match rng.random_range(0..3) {
                0 => bad[at] ^= 1 << rng.random_range(0..8),
                1 => bad[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
                _ => bad[at..at + 8].copy_from_slice(&rng.random::<u64>().to_be_bytes()),
            }
        }
        fs::File::create(&path).unwrap().write_all(&bad).unwrap();
        use_all(&path);
    });
    // Whatever was done to the head, the layer below is untouched.
    check(&base);
    assert_eq!(bytes(&open_to_read(&base), MIB, 3 << 20), pattern(1, 3 << 20));
}

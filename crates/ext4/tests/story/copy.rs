//! Content that the device copies by itself, from a file of the host and into one, holes kept.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use cairn_block::qcow2::{self, Access, CreateOptions};
use cairn_ext4::{ErrorKind, Filesystem, Mode, Next, Source, format};

use crate::common::{Image, MIB, attributes, noise, options, run};

/// A file of the host with a hole in the middle, which knows where it is.
struct Sparse {
    file: File,
    at: u64,
    hole: std::ops::Range<u64>,
    len: u64,
}

impl Read for Sparse {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.len - self.at).unwrap_or(0).min(buf.len());
        let count = self.file.read_at(&mut buf[..most], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Source for Sparse {
    fn next(&mut self) -> io::Result<Next<'_>> {
        let Self { file, at: offset, hole, len } = self;
        Ok(match *offset {
            at if hole.contains(&at) => Next::Zeros(hole.end - at),
            at => {
                let end = if at < hole.start { hole.start } else { *len };
                Next::Stored { file, offset: at, len: end - at }
            }
        })
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.at += len;
        Ok(())
    }
}

fn volume(path: &Path) -> Filesystem {
    qcow2::create(path, &CreateOptions { virtual_size: 256 * MIB, backing_file: None }).expect("create");
    let image = qcow2::Image::open(path, Access::ReadWrite).expect("open the image");
    format(&image, &options()).expect("format");
    Filesystem::open(Arc::new(image), Mode::ReadWrite).expect("open")
}

#[test]
fn a_sparse_file_goes_in_and_out_by_the_host_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    let (head, tail) = (noise(3 * MIB as usize, 1), noise(2 * MIB as usize + 77, 2));
    let len = 100 * MIB + tail.len() as u64;
    let file = File::options().read(true).write(true).create_new(true).open(at("source")).expect("create");
    file.write_all_at(&head, 0).expect("write");
    file.write_all_at(&tail, 100 * MIB).expect("write");
    let fs = volume(&at("volume.qcow2"));
    let mut source = Sparse { file, at: 0, hole: 3 * MIB..100 * MIB, len };
    let stored = fs.create_file_from(b"sparse", &attributes(0o644), &mut source, Some(len)).expect("store");
    assert_eq!(stored, len);
    assert!(fs.stat(b"sparse").expect("stat").blocks * 512 < 6 * MIB);

    let file = fs.open_file(b"sparse").expect("open");
    let target = File::create_new(at("target")).expect("create");
    let mut offset = 0;
    while let count @ 1.. = file.copy_to(&target, offset, 8 << 20).expect("copy") {
        offset += count as u64;
    }
    assert_eq!(offset, len);
    run("cmp", &[at("source").to_str().expect("UTF-8"), at("target").to_str().expect("UTF-8")]);
    drop((file, fs));

    let (layer, raw) = (at("volume.qcow2"), Image::empty());
    let (layer, to) = (layer.to_str().expect("UTF-8"), raw.path.to_str().expect("UTF-8"));
    run("qemu-img", &["check", "-q", layer]);
    run("qemu-img", &["convert", "-O", "raw", layer, to]);
    raw.assert_clean();
    let seen = raw.dump("sparse");
    assert!(seen[..head.len()] == head && seen[100 * MIB as usize..] == tail);
}

#[test]
fn a_source_that_became_shorter_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("source");
    std::fs::write(&path, noise(MIB as usize, 1)).expect("write");
    let fs = volume(&dir.path().join("volume.qcow2"));
    let before = fs.statfs();
    let promised = 8 * MIB;
    let mut source = Short(Sparse { file: File::open(&path).expect("open"), at: 0, hole: 0..0, len: promised });
    let error = fs.create_file_from(b"short", &attributes(0o644), &mut source, Some(promised)).expect_err("it ends");
    assert_eq!(error.kind(), ErrorKind::Source);
    assert_eq!(fs.statfs(), before);
    assert_eq!(fs.stat(b"short").expect_err("nothing").kind(), ErrorKind::NotFound);
    // The room is there for others.
    let bytes = noise(200 * MIB as usize, 3);
    fs.create_file(b"other", &attributes(0o644), &mut &bytes[..], Some(bytes.len() as u64)).expect("store");
}

/// A file that promises more than it has, and says so when it is read.
struct Short(Sparse);

impl Read for Short {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 if !buf.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl Source for Short {
    fn next(&mut self) -> io::Result<Next<'_>> {
        self.0.next()
    }
    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.0.skip(len)
    }
}

//! What is done with an image: everything is read, everything is changed.

use std::ops::ControlFlow;
use std::sync::Arc;

use cairn_block::BlockDevice;
use cairn_ext4::{Error, ErrorKind, FileKind, Filesystem, Mode};

use crate::common::attributes;
use crate::dice::Dice;

/// What fills files that are written onto a damaged image: blocks full of it are nobody else's.
pub(crate) const MARK: u8 = 0xC5;

/// Whether an error is an answer: anything but a device asked for what it does not have.
#[track_caller]
pub(crate) fn answered<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert_ne!(error.kind(), ErrorKind::Device, "{error}: {:?}", error.device_error());
            None
        }
    }
}

/// Lists, stats and reads everything; all paths.
pub(crate) fn read_everything(fs: &Filesystem, device_len: u64) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let mut left = 2 * device_len;
    let mut buf = vec![0; 256 << 10];
    let walked = fs.walk(b"", &mut |path, stat| {
        paths.push(path.to_vec());
        answered(fs.stat(path));
        for name in answered(fs.list_xattrs(path)).unwrap_or_default() {
            answered(fs.xattr(path, &name));
        }
        match stat.kind {
            FileKind::File => {
                let Some(file) = answered(fs.open_file(path)) else { return ControlFlow::Continue(()) };
                let mut offset = 0;
                while left > 0 && offset < file.len() {
                    match answered(file.read_at(&mut buf, offset)) {
                        Some(read @ 1..) => offset += read as u64,
                        _ => break,
                    }
                    left = left.saturating_sub(buf.len() as u64);
                }
                for offset in [file.len().saturating_sub(5000), file.len() / 2, u64::MAX] {
                    answered(file.read_at(&mut buf[..4096], offset));
                }
            }
            FileKind::Symlink => {
                answered(fs.read_link(path));
                answered(fs.open_file(path));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    answered(walked);
    paths
}

/// Creates, renames, removes, grows; one by one and in a batch.
pub(crate) fn change_everything(fs: &Filesystem, paths: &[Vec<u8>], dice: &mut Dice) {
    let attributes = &attributes(0o644);
    answered(fs.mkdir(b"a/new", attributes));
    let bytes = vec![MARK; 300_000];
    answered(fs.create_file(b"a/new/large", attributes, &mut &bytes[..], None));
    for index in 0..8 {
        let path = format!("a/b/one more with a long name, number {index}");
        answered(fs.create_file(path.as_bytes(), attributes, &mut &bytes[..4096], None));
    }
    for _ in 0..12 {
        if paths.is_empty() {
            break;
        }
        let mut pick = || &dice.pick(paths)[..];
        let (path, other) = (pick(), pick());
        answered(fs.rename(path, other));
        answered(fs.set_attributes(other, &Default::default()));
        answered(fs.remove(pick()));
    }
    if answered(fs.begin_batch()).is_some() {
        for index in 0..8 {
            answered(fs.create_file(format!("batch {index}").as_bytes(), attributes, &mut &bytes[..50_000], None));
        }
        answered(fs.remove_all(b"a/b"));
        answered(fs.commit());
    }
    answered(fs.remove_all(b"a"));
    answered(fs.remove_all(b"lost+found"));
    answered(fs.create_file(b"last", attributes, &mut &bytes[..], Some(300_000)));
    answered(fs.grow());
    answered(fs.flush());
}

/// The whole life of an image; whether it could be opened for reading and for writing.
pub(crate) fn live(device: &Arc<dyn BlockDevice>, dice: &mut Dice) -> (bool, bool) {
    answered(cairn_ext4::verify(Arc::clone(device)));
    let reading = answered(Filesystem::open(Arc::clone(device), Mode::ReadOnly));
    let opened = reading.is_some();
    let paths = reading.map(|fs| read_everything(&fs, device.len())).unwrap_or_default();
    let Some(fs) = answered(Filesystem::open(Arc::clone(device), Mode::ReadWrite)) else { return (opened, false) };
    change_everything(&fs, &paths, dice);
    read_everything(&fs, device.len());
    answered(cairn_ext4::verify(Arc::clone(device)));
    (opened, true)
}

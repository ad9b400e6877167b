//! Copying between two files without bringing the bytes into this process: from page cache to page cache, or not at
//! all where the host's filesystem can let two files share what they have in common.
//!
//! Only Linux has the call. Whoever uses it has another way for when it does not work, so no reason is given.

use std::fs::File;

/// Copies `len` bytes from byte `from` of `source` to byte `to` of `target`; false when that did not work for all of
/// them.
#[cfg(target_os = "linux")]
pub(super) fn copy(source: &File, from: u64, target: &File, to: u64, len: u64) -> bool {
    use nix::{errno::Errno, fcntl::copy_file_range};

    let (Ok(mut from), Ok(mut to)) = (i64::try_from(from), i64::try_from(to)) else { return false };
    let mut left = usize::try_from(len).unwrap_or(usize::MAX);
    while left > 0 {
        match copy_file_range(source, Some(&mut from), target, Some(&mut to), left) {
            Ok(copied @ 1..) => left -= copied.min(left),
            Err(Errno::EINTR) => {}
            // The source has ended, the two lie on different filesystems, or something is wrong.
            Ok(0) | Err(_) => return false,
        }
    }
    true
}

/// Other systems have no such call.
#[cfg(not(target_os = "linux"))]
pub(super) fn copy(_source: &File, _from: u64, _target: &File, _to: u64, _len: u64) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn what_is_copied_is_the_same_and_the_end_of_the_source_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        File::create(&from).unwrap().write_all(&content).unwrap();
        let (source, target) = (File::open(&from).unwrap(), File::create_new(&to).unwrap());
        assert!(copy(&source, 1_000, &target, 50, 200_000));
        let mut copied = Vec::new();
        File::open(&to).unwrap().read_to_end(&mut copied).unwrap();
        assert_eq!(copied[50..], content[1_000..201_000]);
        assert!(!copy(&source, 299_999, &target, 0, 2));
    }
}

//! Where a file of the host has data, and where it has holes.
//!
//! Only Linux is asked; elsewhere everything counts as data.

use std::fs::File;

/// What a stretch of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// Bytes that were written.
    Data,
    /// Nothing: it reads as zeros.
    Hole,
}

/// What stands in `file` at `at`, and up to which offset it goes on, at most `end`; nothing at the end. The file's own
/// position moves.
#[cfg(target_os = "linux")]
pub(crate) fn stretch(file: &File, at: u64, end: u64) -> Option<(Stretch, u64)> {
    use nix::errno::Errno;
    use nix::unistd::{Whence, lseek};

    let seek = |whence| Some(lseek(file, i64::try_from(at).ok()?, whence).map(i64::unsigned_abs));
    if at >= end {
        return None;
    }
    match seek(Whence::SeekData)? {
        Ok(data) if data > at => Some((Stretch::Hole, data.min(end))),
        Ok(_) => {
            // There is always a hole at the end of a file.
            let hole = seek(Whence::SeekHole)?.unwrap_or(end);
            Some((Stretch::Data, hole.clamp(at + 1, end)))
        }
        // No data from here on: either a hole up to the end, or a file that has become shorter.
        Err(Errno::ENXIO) => {
            let is_long = file.metadata().is_ok_and(|meta| meta.len() >= end);
            is_long.then_some((Stretch::Hole, end))
        }
        Err(_) => Some((Stretch::Data, end)),
    }
}

/// Other systems are not asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stretch(_file: &File, at: u64, end: u64) -> Option<(Stretch, u64)> {
    (at < end).then_some((Stretch::Data, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_sparse_file_is_told_in_stretches() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&[1; 1 << 16], 1 << 20).unwrap();
        file.set_len(3 << 20).unwrap();
        let end = 3 << 20;
        assert_eq!(stretch(&file, 0, end), Some((Stretch::Hole, 1 << 20)));
        assert_eq!(stretch(&file, 1 << 20, end), Some((Stretch::Data, (1 << 20) + (1 << 16))));
        assert_eq!(stretch(&file, 2 << 20, end), Some((Stretch::Hole, end)));
        assert_eq!(stretch(&file, end, end), None);
        assert_eq!(stretch(&file, end, end + 1), None, "the file has become shorter");
    }
}

//! Arithmetic of byte ranges that every device needs: bounds, and cutting at unit borders.

use crate::{Error, ErrorKind, Result};

/// Refuses a range that does not lie wholly inside a device of `size` bytes.
pub(crate) fn check_range(what: &str, offset: u64, len: u64, size: u64) -> Result<()> {
    match offset.checked_add(len) {
        Some(end) if end <= size => Ok(()),
        _ => Err(Error::new(
            ErrorKind::OutOfRange,
            format!("could not {what} {len} bytes at {offset}: the device ends at {size}"),
        )),
    }
}

/// Cuts `len` bytes from `offset` at the borders of units of `unit` bytes: (unit index, offset within
/// the unit, length). The range must not pass the end of the address space.
pub(crate) fn pieces(offset: u64, len: u64, unit: u64) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset + len;
    let mut at = offset;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let within = at % unit;
        let len = (unit - within).min(end - at);
        let piece = (at / unit, within as usize, len as usize);
        at += len;
        Some(piece)
    })
}

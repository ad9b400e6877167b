//! Bitmaps of blocks and inodes: one bit each, set when in use, the lowest bit of a byte first.

/// Whether bit `index` is set; beyond the bitmap everything counts as set.
pub(crate) fn is_set(bits: &[u8], index: u32) -> bool {
    byte_of(index).and_then(|byte| bits.get(byte)).is_none_or(|byte| byte >> (index % 8) & 1 == 1)
}

/// Sets (`value` true) or clears the bits `start..end`.
pub(crate) fn fill(bits: &mut [u8], start: u32, end: u32, value: bool) {
    for_each_byte(start, end, |index, mask| {
        if let Some(byte) = bits.get_mut(index) {
            if value { *byte |= mask } else { *byte &= !mask }
        }
        true
    });
}

/// Whether all bits of `start..end` are `value`.
pub(crate) fn all(bits: &[u8], start: u32, end: u32, value: bool) -> bool {
    for_each_byte(start, end, |index, mask| {
        bits.get(index).is_some_and(|byte| byte & mask == if value { mask } else { 0 })
    })
}

/// The first clear bit in `start..end`.
pub(crate) fn first_clear(bits: &[u8], start: u32, end: u32) -> Option<u32> {
    clear_runs(bits, start, end).next().map(|run| run.0)
}

/// The runs of clear bits in `start..end`, as (first bit, number of bits).
pub(crate) fn clear_runs(bits: &[u8], start: u32, end: u32) -> ClearRuns<'_> {
    ClearRuns { bits, next: start, end }
}

/// See [`clear_runs`].
pub(crate) struct ClearRuns<'b> {
    bits: &'b [u8],
    next: u32,
    end: u32,
}

impl Iterator for ClearRuns<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let start = self.skip_alike(self.next, true);
        if start >= self.end {
            self.next = self.end;
            return None;
        }
        self.next = self.skip_alike(start, false);
        Some((start, self.next - start))
    }
}

impl ClearRuns<'_> {
    /// The first bit from `from` on that is not `value`, or the end.
    fn skip_alike(&self, from: u32, value: bool) -> u32 {
        let uniform = if value { 0xFF } else { 0 };
        let mut index = from;
        while index < self.end {
            let byte = byte_of(index).unwrap_or(usize::MAX);
            // Eight bytes at a time, as long as they are all alike.
            if index.is_multiple_of(8) {
                if self.bits.get(byte..byte + 8) == Some(&[uniform; 8]) {
                    index += 64;
                    continue;
                }
                if self.bits.get(byte) == Some(&uniform) {
                    index += 8;
                    continue;
                }
            }
            if is_set(self.bits, index) != value {
                break;
            }
            index += 1;
        }
        index.min(self.end)
    }
}

fn byte_of(index: u32) -> Option<usize> {
    usize::try_from(index / 8).ok()
}

/// Calls `visit` with each byte that has bits of `start..end` and the mask of these bits, until it
/// returns false; whether it never did.
fn for_each_byte(start: u32, end: u32, mut visit: impl FnMut(usize, u8) -> bool) -> bool {
    let mut index = start;
    while index < end {
        let next = (index / 8 + 1).saturating_mul(8).min(end);
        let width = next - index;
        let mask = (0xFFu8 >> (8 - width)) << (index % 8);
        if !byte_of(index).is_some_and(|byte| visit(byte, mask)) {
            return false;
        }
        index = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_what_single_bits_say() {
        let mut bits = vec![0u8; 64];
        fill(&mut bits, 3, 5, true);
        fill(&mut bits, 100, 300, true);
        fill(&mut bits, 200, 209, false);
        assert!(all(&bits, 100, 200, true) && !all(&bits, 99, 200, true));
        assert!(all(&bits, 200, 209, false) && !all(&bits, 200, 210, false));
        let runs: Vec<_> = clear_runs(&bits, 0, 510).collect();
        assert_eq!(runs, [(0, 3), (5, 95), (200, 9), (300, 210)]);
        assert_eq!(first_clear(&bits, 101, 300), Some(200));
        assert_eq!(first_clear(&bits, 209, 300), None);
        assert!(is_set(&bits, 512), "nothing lies beyond a bitmap");
    }
}

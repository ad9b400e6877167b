//! What happens by chance: random numbers that a seed repeats.

use std::collections::BTreeMap;

/// Random numbers that a seed repeats.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % end
    }

    /// One of the entries, or `None` when there are none.
    pub(crate) fn of<'a, K, V>(&mut self, map: &'a BTreeMap<K, V>) -> Option<(&'a K, &'a V)> {
        let index = if map.is_empty() { 0 } else { self.below(map.len() as u64) as usize };
        map.iter().nth(index)
    }
}

//! Integers in on-disk structures.
//!
//! A structure's length is checked once, when it is read. An access beyond its end is then a mistake of
//! this crate and not of the image; it reads as zero and writes nothing, so that it can never panic.

/// A fixed-width integer that is stored in bytes.
pub(crate) trait Stored: Copy {
    /// The little-endian integer at `offset` of `bytes`.
    fn le(bytes: &[u8], offset: usize) -> Self;
    /// Stores the integer little-endian at `offset` of `bytes`.
    fn put_le(self, bytes: &mut [u8], offset: usize);
    /// The big-endian integer at `offset` of `bytes`.
    fn be(bytes: &[u8], offset: usize) -> Self;
    /// Stores the integer big-endian at `offset` of `bytes`.
    fn put_be(self, bytes: &mut [u8], offset: usize);
}

macro_rules! stored {
    ($($int:ty),*) => {$(
        impl Stored for $int {
            fn le(bytes: &[u8], offset: usize) -> Self {
                bytes.get(offset..).and_then(|b| b.first_chunk()).map_or(0, |b| Self::from_le_bytes(*b))
            }
            fn put_le(self, bytes: &mut [u8], offset: usize) {
                if let Some(b) = bytes.get_mut(offset..).and_then(|b| b.first_chunk_mut()) {
                    *b = self.to_le_bytes();
                }
            }
            fn be(bytes: &[u8], offset: usize) -> Self {
                bytes.get(offset..).and_then(|b| b.first_chunk()).map_or(0, |b| Self::from_be_bytes(*b))
            }
            fn put_be(self, bytes: &mut [u8], offset: usize) {
                if let Some(b) = bytes.get_mut(offset..).and_then(|b| b.first_chunk_mut()) {
                    *b = self.to_be_bytes();
                }
            }
        }
    )*};
}
stored!(u8, u16, u32, u64);

/// The little-endian integer at `offset`.
pub(crate) fn le<T: Stored>(bytes: &[u8], offset: usize) -> T {
    T::le(bytes, offset)
}

/// Stores `value` little-endian at `offset`.
pub(crate) fn put_le<T: Stored>(bytes: &mut [u8], offset: usize, value: T) {
    value.put_le(bytes, offset);
}

/// The big-endian integer at `offset` (the journal is big-endian).
pub(crate) fn be<T: Stored>(bytes: &[u8], offset: usize) -> T {
    T::be(bytes, offset)
}

/// Stores `value` big-endian at `offset`.
pub(crate) fn put_be<T: Stored>(bytes: &mut [u8], offset: usize, value: T) {
    value.put_be(bytes, offset);
}

/// Two halves of a number that grew after its structure was laid out.
pub(crate) fn join(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The lower and the upper half of `value`.
pub(crate) fn split(value: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "that is what a half is")]
    (value as u32, (value >> 32) as u32)
}

/// Declares accessors of a structure's fields, one line a field: name, type, offset, and a setter where
/// the engine changes it. The structure keeps its bytes, so fields that nobody names survive a rewrite.
macro_rules! fields {
    ($structure:ident . $raw:ident { $($(#[$meta:meta])* $name:ident: $int:ty = $offset:literal $(, $set:ident)?;)* }) => {
        #[allow(dead_code, reason = "the table tells the structure, whether or not a field is used")]
        impl $structure {
            $(
                $(#[$meta])*
                pub(crate) fn $name(&self) -> $int {
                    crate::bytes::le(&self.$raw[..], $offset)
                }
                $(
                    pub(crate) fn $set(&mut self, value: $int) {
                        crate::bytes::put_le(&mut self.$raw[..], $offset, value);
                    }
                )?
            )*
        }
    };
}
pub(crate) use fields;

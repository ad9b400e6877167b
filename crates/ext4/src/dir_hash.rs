//! The hashes by which folders are indexed: half MD4, TEA and the legacy one, each signed and unsigned.
//!
//! Follows the kernel's documentation of hash trees; the constants are those of MD4 and TEA.

/// `hash_version` of an index: the oldest hash.
pub(crate) const LEGACY: u8 = 0;
/// Half of MD4, the usual one.
pub(crate) const HALF_MD4: u8 = 1;
/// The Tiny Encryption Algorithm as a hash.
pub(crate) const TEA: u8 = 2;

/// The hash that stands for the end of a folder, which no name may have.
const END: u32 = 0xFFFF_FFFE;

/// The hash of `name`, its lowest bit clear. `None` for a version that is not known.
pub(crate) fn hash(name: &[u8], version: u8, unsigned: bool, seed: [u32; 4]) -> Option<u32> {
    let mut state = match seed {
        [0, 0, 0, 0] => [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476],
        seed => seed,
    };
    let hash = match version {
        LEGACY => legacy(name, unsigned),
        HALF_MD4 => {
            for (start, input) in chunks(name, 32) {
                half_md4(&mut state, &words::<8>(input, name.len() - start, unsigned));
            }
            state[1]
        }
        TEA => {
            for (start, input) in chunks(name, 16) {
                tea(&mut state, &words::<4>(input, name.len() - start, unsigned));
            }
            state[0]
        }
        _ => return None,
    };
    let hash = hash & !1;
    Some(if hash == END { END - 2 } else { hash })
}

/// The pieces of a name that are hashed one after another, and where each starts.
fn chunks(name: &[u8], len: usize) -> impl Iterator<Item = (usize, &[u8])> {
    name.chunks(len).enumerate().map(move |(index, chunk)| (index * len, chunk))
}

/// A character as the kernel of the machine that made the folder saw it.
fn widen(byte: u8, unsigned: bool) -> u32 {
    if unsigned { u32::from(byte) } else { i32::from(byte.cast_signed()).cast_unsigned() }
}

/// Packs up to `4 * N` characters into words; what is left over is filled with the length.
fn words<const N: usize>(chunk: &[u8], length: usize, unsigned: bool) -> [u32; N] {
    let low = u32::try_from(length).unwrap_or(u32::MAX) & 0xFF;
    let pad = low | low << 8;
    let pad = pad | pad << 16;
    let mut words = [pad; N];
    for (word, bytes) in words.iter_mut().zip(chunk.chunks(4)) {
        *word = bytes.iter().fold(pad, |word, byte| widen(*byte, unsigned).wrapping_add(word << 8));
    }
    words
}

fn half_md4(state: &mut [u32; 4], input: &[u32; 8]) {
    const ROUNDS: [(u32, [usize; 8], [u32; 4]); 3] = [
        (0, [0, 1, 2, 3, 4, 5, 6, 7], [3, 7, 11, 19]),
        (0x5A82_7999, [1, 3, 5, 7, 0, 2, 4, 6], [3, 5, 9, 13]),
        (0x6ED9_EBA1, [3, 7, 2, 6, 1, 5, 0, 4], [3, 9, 11, 15]),
    ];
    let mut s = *state;
    for (round, (constant, order, shifts)) in ROUNDS.into_iter().enumerate() {
        for (step, word) in order.into_iter().enumerate() {
            let [a, b, c, d] = s;
            let mixed = match round {
                0 => d ^ (b & (c ^ d)),
                1 => (b & c).wrapping_add((b ^ c) & d),
                _ => b ^ c ^ d,
            };
            let sum = a.wrapping_add(mixed).wrapping_add(input[word]).wrapping_add(constant);
            s = [d, sum.rotate_left(shifts[step % 4]), b, c];
        }
    }
    for (kept, new) in state.iter_mut().zip(s) {
        *kept = kept.wrapping_add(new);
    }
}

fn tea(state: &mut [u32; 4], key: &[u32; 4]) {
    let (mut a, mut b, mut sum) = (state[0], state[1], 0u32);
    for _ in 0..16 {
        sum = sum.wrapping_add(0x9E37_79B9);
        a = a.wrapping_add(mix(b, sum, key[0], key[1]));
        b = b.wrapping_add(mix(a, sum, key[2], key[3]));
    }
    state[0] = state[0].wrapping_add(a);
    state[1] = state[1].wrapping_add(b);
}

fn mix(value: u32, sum: u32, left: u32, right: u32) -> u32 {
    (value << 4).wrapping_add(left) ^ value.wrapping_add(sum) ^ (value >> 5).wrapping_add(right)
}

fn legacy(name: &[u8], unsigned: bool) -> u32 {
    let (mut newer, mut older) = (0x12A3_FE2Du32, 0x37AB_E8F9u32);
    for byte in name {
        let product = widen(*byte, unsigned).wrapping_mul(7_152_373);
        let mut next = older.wrapping_add(newer ^ product);
        if next & 0x8000_0000 != 0 {
            next = next.wrapping_sub(0x7FFF_FFFF);
        }
        older = newer;
        newer = next;
    }
    newer << 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right sides are what `debugfs -R "dx_hash -h VERSION NAME"` prints.
    #[test]
    fn hashes_agree_with_debugfs() {
        let long = [b'x'; 100];
        let names: [(&[u8], [u32; 3]); 4] = [
            (b"a", [0xe74b_53e2, 0xd5fa_7d7a, 0x6d0e_a4c0]),
            (b"lost+found", [0x5e2a_ba24, 0x591d_e422, 0x2dbf_9e80]),
            ("ファイル.txt".as_bytes(), [0xb521_3236, 0xfda9_db88, 0xca12_2cfc]),
            (&long, [0xf985_a9f6, 0x23aa_98ac, 0x7353_ab0e]),
        ];
        for (name, expected) in names {
            for (version, expected) in [LEGACY, HALF_MD4, TEA].into_iter().zip(expected) {
                assert_eq!(hash(name, version, false, [0; 4]), Some(expected), "{version}");
            }
        }
        // The seed 01020304-0506-0708-090a-0b0c0d0e0f10.
        let seed = [0x0403_0201, 0x0807_0605, 0x0c0b_0a09, 0x100f_0e0d];
        assert_eq!(hash(b"lost+found", HALF_MD4, false, seed), Some(0x694c_8bb4));
    }

    #[test]
    fn unsigned_hashes_differ_only_beyond_ascii() {
        let hash = |name: &[u8], unsigned| hash(name, HALF_MD4, unsigned, [0; 4]);
        assert_eq!(hash(b"plain", false), hash(b"plain", true));
        assert_ne!(hash("日本".as_bytes(), false), hash("日本".as_bytes(), true));
    }
}

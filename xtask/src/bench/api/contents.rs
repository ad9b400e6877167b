//! The bytes that are sent and that must come back: so many, no two MiB alike, made as fast as memory goes.

use std::io::{Read, Write};

use anyhow::{Result, bail};

use crate::bench::Dice;

/// Sent and compared at once.
const PIECE: usize = 1 << 20;

/// What the file has in it.
pub(super) struct Contents {
    /// How many bytes.
    pub(super) bytes: u64,
}

impl Contents {
    /// Sends all of it.
    ///
    /// # Errors
    /// When it is not taken.
    pub(super) fn send(&self, to: &mut impl Write) -> Result<()> {
        self.pieces(|piece| Ok(to.write_all(piece)?))
    }

    /// Reads to the end, which must be where it is here, and compares every byte.
    ///
    /// # Errors
    /// When something else comes.
    pub(super) fn check(&self, from: &mut impl Read) -> Result<()> {
        let mut came = vec![0; PIECE];
        self.pieces(|piece| {
            from.read_exact(&mut came[..piece.len()])?;
            if came[..piece.len()] != *piece {
                bail!("other bytes came than were sent");
            }
            Ok(())
        })?;
        if from.read(&mut came)? > 0 {
            bail!("more bytes came than were sent");
        }
        Ok(())
    }

    fn pieces(&self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut dice = Dice(0x5eed);
        let mut piece: Vec<u8> = (0..PIECE / 8).flat_map(|_| dice.next().to_le_bytes()).collect();
        let mut left = self.bytes;
        for number in 0_u64.. {
            let length = usize::try_from(left.min(PIECE as u64))?;
            if length == 0 {
                break;
            }
            piece[..8].copy_from_slice(&number.to_le_bytes());
            each(&piece[..length])?;
            left -= length as u64;
        }
        Ok(())
    }
}

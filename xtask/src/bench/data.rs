//! The data that everybody copies: made once in each place, the same every time.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

use super::Dice;
use super::scratch::Scratch;

/// What a case needs of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// `small/`: 20,000 files of 200 bytes to 20 KB in 500 folders, half of them in `half-0` and half in `half-1`.
    Small,
    /// `big`: 2 GiB that no zeros are in.
    Big,
    /// `medium`: 150 MB likewise.
    Medium,
}

/// Lengths of the small files, each as often as the others.
const LENGTHS: [usize; 8] = [200, 900, 2_500, 4_000, 6_000, 9_000, 12_000, 20_000];
const FOLDERS: usize = 500;
const FILES_IN_FOLDER: usize = 40;

/// Makes what is needed, unless it is there.
pub(crate) fn prepare(scratch: &Scratch, needs: Needs) -> Result<()> {
    let folder = scratch.data();
    match needs {
        Needs::Nothing => {}
        Needs::Small if !folder.join("small").exists() => small(&folder.join("small"))?,
        Needs::Big if !folder.join("big").exists() => noise(&folder.join("big"), 2 << 30)?,
        Needs::Medium if !folder.join("medium").exists() => noise(&folder.join("medium"), 150_000_000)?,
        Needs::Small | Needs::Big | Needs::Medium => {}
    }
    scratch.script("sync")
}

fn small(folder: &Path) -> Result<()> {
    let mut dice = Dice(0x5eed);
    let pool: Vec<u8> = (0..1 << 17).flat_map(|_| dice.next().to_le_bytes()).collect();
    for number in 0..FOLDERS {
        let below = folder.join(format!("half-{}/folder-{number:03}", number % 2));
        fs::create_dir_all(&below)?;
        for file in 0..FILES_IN_FOLDER {
            let len = LENGTHS[dice.below(LENGTHS.len())];
            let start = dice.below(pool.len() - len);
            fs::write(below.join(format!("file-{file:02}.dat")), &pool[start..start + len])?;
        }
    }
    Ok(())
}

fn noise(path: &Path, len: usize) -> Result<()> {
    let mut dice = Dice(0x0b16);
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    for _ in 0..len / 8 {
        file.write_all(&dice.next().to_le_bytes())?;
    }
    Ok(file.flush()?)
}

//! Merging layers that stand on each other into one of them, so that the others can go while whatever stands on them
//! reads the same.
//!
//! Whichever file is kept takes what the layers above it hold ([`Image::commit`]) and what it has not itself of those
//! below it ([`Image::absorb`]); then it stands on what the lowest one stood on ([`Image::rebase`]). Each step leaves a
//! chain that shows the same, can be stopped anywhere and done again. Files are renamed and removed by the caller.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    chain::{self, Source, Walk},
    commit::{Committed, PIECE, Sources},
    image::{Image, Writer},
    info::info,
    l2::mask,
    layer::{Extent, Layer, Target},
};
use crate::{BlockDevice, Error, ErrorKind, Result};

/// What merging layers takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    /// Which of the files is best kept: the one for which least is written; 0 is the uppermost.
    pub keep: usize,
    /// Bytes of data that are written.
    pub written_bytes: u64,
    /// Bytes of the host's disk that come back, but for the rounding to clusters.
    pub freed_bytes: u64,
}

impl Merging {
    /// Looks at layers that stand on each other, the uppermost first. Only tables are read.
    ///
    /// # Errors
    /// `Locked` while somebody writes one of them; `Invalid` for no files; `NotQcow2`, `Unsupported`, `Corrupt` and `Io`
    /// as for opening.
    pub fn plan(files: &[PathBuf]) -> Result<Self> {
        Self::look(files, &chain::open_alone(files)?, None)
    }

    /// The same when the uppermost file is to be kept.
    ///
    /// # Errors
    /// As for [`plan`](Self::plan).
    pub fn plan_into_uppermost(files: &[PathBuf]) -> Result<Self> {
        Self::look(files, &chain::open_alone(files)?, Some(0))
    }

    /// The same while somebody may be writing the uppermost: about what it takes and gives.
    ///
    /// # Errors
    /// As for [`plan`](Self::plan), but that the uppermost is never `Locked`, and may look `Corrupt` at this moment.
    pub fn estimate_into_uppermost(files: &[PathBuf]) -> Result<Self> {
        Self::look(files, &chain::open_alone_unheld(files)?, Some(0))
    }

    fn look(files: &[PathBuf], layers: &[Layer], keep: Option<usize>) -> Result<Self> {
        let mut sums = vec![Sum::default(); layers.len()];
        let disk = layers.iter().map(Layer::size).max().unwrap_or_default();
        let mut cursors: Vec<Cursor<'_>> = layers.iter().map(Cursor::new).collect();
        let mut at = 0;
        while at < disk {
            at = step(&mut cursors, &mut sums, at, disk)?;
        }
        let shown: u64 = sums.iter().map(|sum| sum.shown).sum();
        let best = (0..sums.len()).max_by_key(|&index| sums[index].shown);
        let Some(keep) = keep.filter(|keep| *keep < sums.len()).or(best) else {
            return Err(Error::new(ErrorKind::Invalid, "there are no layers to merge"));
        };
        let mut before = 0;
        let mut after = shown + new_tables(layers, keep);
        for (index, (file, sum)) in files.iter().zip(&sums).enumerate() {
            let bytes = info(file)?.disk_bytes;
            before += bytes;
            if index == keep {
                after += bytes.saturating_sub(sum.held);
            }
        }
        Ok(Self { keep, written_bytes: shown - sums[keep].shown, freed_bytes: before.saturating_sub(after) })
    }
}

/// Whether anybody has the image at `path` open: a QEMU, another engine, or this one.
///
/// # Errors
/// `Io` and `NotQcow2` when it cannot be opened.
pub fn is_in_use(path: &Path) -> Result<bool> {
    match chain::hold_alone(path) {
        Err(error) if error.kind() == ErrorKind::Locked => Ok(true),
        held => held.map(|()| false),
    }
}

/// Bytes of data in one layer.
#[derive(Clone, Copy, Default)]
struct Sum {
    held: u64,
    /// Those that no layer above hides.
    shown: u64,
}

/// A layer, and what it has from somewhere before to somewhere behind the byte that is looked at.
struct Cursor<'a> {
    layer: &'a Layer,
    target: Target,
    until: u64,
}

impl<'a> Cursor<'a> {
    fn new(layer: &'a Layer) -> Self {
        Self { layer, target: Target::Unallocated, until: 0 }
    }

    fn go_to(&mut self, at: u64, disk: u64) -> Result<()> {
        if at >= self.layer.size() {
            // Behind its end it hides all that lies deeper.
            (self.target, self.until) = (Target::Zero, disk);
        } else if at >= self.until {
            let Extent { target, len } = self.layer.map(at, self.layer.size() - at)?;
            (self.target, self.until) = (target, at + len);
        }
        Ok(())
    }
}

/// Adds a stretch from `at` on in which every layer has one answer; where it ends.
fn step(cursors: &mut [Cursor<'_>], sums: &mut [Sum], at: u64, disk: u64) -> Result<u64> {
    let mut end = disk;
    for cursor in &mut *cursors {
        cursor.go_to(at, disk)?;
        end = end.min(cursor.until);
    }
    let mut hidden = false;
    for (cursor, sum) in cursors.iter().zip(sums) {
        if matches!(cursor.target, Target::Host(_)) {
            sum.held += end - at;
            sum.shown += if hidden { 0 } else { end - at };
        }
        hidden |= cursor.target != Target::Unallocated;
    }
    Ok(end)
}

/// Bytes of the L2 tables that the kept layer needs and has not.
fn new_tables(layers: &[Layer], keep: usize) -> u64 {
    let tables = |layer: &Layer| -> BTreeSet<usize> {
        let l1 = layer.l1().into_iter().enumerate();
        l1.filter(|(_, entry)| entry.table().is_some()).map(|(index, _)| index).collect()
    };
    let kept = &layers[keep];
    let alike = layers.iter().filter(|layer| layer.geometry == kept.geometry);
    let all: BTreeSet<usize> = alike.flat_map(tables).collect();
    (all.len() - tables(kept).len()) as u64 * kept.geometry.cluster_size()
}

impl Image {
    /// Opens these files as one chain for reading, the uppermost first, and nothing below the last.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_alone(files: &[PathBuf]) -> Result<Self> {
        if files.is_empty() {
            return Err(Error::new(ErrorKind::Invalid, "there is no image to open"));
        }
        Self::from_layers(chain::open_alone(files)?, super::Access::ReadOnly)
    }

    /// Writes into this image, where it has nothing itself, what the `layers` layers below it hold, from byte `from` of
    /// the disk on, and stops after about `budget` bytes of data. Doing it again changes nothing; nothing is durable
    /// before a flush. What the image shows does not change at any moment.
    ///
    /// # Errors
    /// `ReadOnly` on an image opened for reading; `Invalid` when the chain has fewer layers; else as for reading and
    /// writing.
    pub fn absorb(&self, layers: usize, from: u64, budget: u64) -> Result<Committed> {
        drop(self.writer()?);
        let head = self.head();
        let lower = self.chain().get(1..=layers).ok_or_else(|| {
            let message = format!("the chain has {} layers below, not {layers}", self.chain().len() - 1);
            Error::new(ErrorKind::Invalid, message).at(head.host.path())
        })?;
        // Where the disk below ends, nothing has to be hidden.
        let floor = self.chain().get(layers + 1).map_or(0, Layer::size);
        let (mut walk, mut sources) = (Walk::new(lower), Sources::default());
        let mut done = Committed { until: from, bytes: 0 };
        while done.until < self.len() && done.bytes < budget {
            let own = head.map(done.until, self.len() - done.until)?;
            if own.target != Target::Unallocated {
                done.until += own.len;
                continue;
            }
            let (source, len) = walk.find(done.until, done.until + own.len)?;
            done.until += match source {
                Some(Source::Data(layer, host)) => {
                    let len = len.min((budget - done.bytes).max(PIECE));
                    sources.copy(layer, host, self, done.until, len)?;
                    done.bytes += len;
                    len
                }
                Some(Source::Zero) if done.until < floor => {
                    self.hide(&mut *self.writer()?, done.until, done.until + len)?;
                    len
                }
                _ => len,
            };
        }
        Ok(done)
    }

    /// Makes a range read as zero by itself that reads as zero from below.
    fn hide(&self, writer: &mut Writer, from: u64, to: u64) -> Result<()> {
        let geometry = self.head().geometry;
        let unit = geometry.subcluster_size();
        let mut at = from;
        while at < to {
            let base = at - at % geometry.cluster_size();
            let stop = to.min(base + geometry.cluster_size());
            let whole_until = if stop == self.len() { stop.next_multiple_of(unit) } else { stop - stop % unit };
            if !at.is_multiple_of(unit) || whole_until <= at {
                // A part of a subcluster, beside something else: it is written.
                let stop = stop.min(at - at % unit + unit);
                self.write_runs(writer, &vec![0; (stop - at) as usize], at)?;
                at = stop;
                continue;
            }
            let whole = mask(((at - base) / unit) as u32, ((whole_until - base) / unit) as u32);
            self.empty_subclusters(writer, base >> geometry.cluster_bits, whole)?;
            at = whole_until;
        }
        Ok(())
    }

    /// Lets the image's header name another backing file, in its own folder, or none; durable on return. That what the
    /// image shows stays the same is for the caller to see to.
    ///
    /// # Errors
    /// `ReadOnly` on an image opened for reading; `Invalid` for what is not a plain file name; `Unsupported` when the
    /// name is too long to be written in one piece; `Io` when it cannot be written.
    pub fn rebase(self, backing_file: Option<&str>) -> Result<()> {
        let mut writer = self.writer()?;
        self.flush_all(&mut writer)?;
        if let Some(name) = backing_file {
            chain::check_plain_name(name).map_err(|e| e.at(self.head().host.path()))?;
        }
        let mut header = writer.header.clone();
        header.backing_file = backing_file.map(str::to_owned);
        header.backing_format = backing_file.is_some().then(|| "qcow2".to_owned());
        self.write_whole_header(&mut writer, header)
    }
}

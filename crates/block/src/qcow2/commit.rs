//! Committing: what the uppermost layers of a chain hold goes down into another image, as QEMU's `block-commit` does
//! it. The topmost layer wins, what was zeroed stays zero, and what none of them has is left alone.

use std::fs::File;

use super::{
    chain::{self, Source, Walk},
    image::Image,
    layer::Layer,
};
use crate::{BlockDevice, Error, ErrorKind, Result};

/// Bytes that are read at once where the host cannot copy by itself.
pub(super) const PIECE: u64 = 1 << 20;

/// What one step of committing has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Everything before this byte of the disk has been looked at; the length of the disk when all is done.
    pub until: u64,
    /// Bytes of data that were written.
    pub bytes: u64,
}

impl Image {
    /// Writes into `base` what the uppermost `layers` layers of this chain hold from byte `from` of the disk on, and
    /// stops after about `budget` bytes of data. A base that is shorter grows first. Doing it again changes nothing;
    /// nothing is durable before `base` is flushed.
    ///
    /// Where `base` shows elsewhere what the layers below those show here, it shows what this image shows when all is
    /// done; and what stands on those layers, with `base` below them, reads the same at any moment in between.
    ///
    /// # Errors
    /// `ReadOnly` when `base` is; `Invalid` when the chain has fewer layers; else as for reading and writing.
    pub fn commit(&self, layers: usize, base: &Self, from: u64, budget: u64) -> Result<Committed> {
        let upper = self.uppermost(layers)?;
        // Told before anything is looked at.
        drop(base.writer()?);
        if base.len() < self.len() {
            base.grow(self.len())?;
        }
        let mut walk = Walk::new(upper);
        let mut sources = Sources::default();
        let mut done = Committed { until: from, bytes: 0 };
        while done.until < self.len() && done.bytes < budget {
            let left = (budget - done.bytes).max(PIECE);
            let (source, len) = walk.find(done.until, self.len())?;
            let len = match source {
                Some(Source::Data(layer, host)) => {
                    let len = len.min(left);
                    sources.copy(layer, host, base, done.until, len)?;
                    done.bytes += len;
                    len
                }
                Some(Source::Zero) => {
                    base.discard(done.until, len)?;
                    len
                }
                None => len,
            };
            done.until += len;
        }
        Ok(done)
    }

    /// The ranges of bytes, as (first, behind the last), for which the chain has data: apart from each other, in rising
    /// order. Elsewhere the disk is zero.
    ///
    /// # Errors
    /// As for reading.
    pub fn data_ranges(&self) -> Result<Vec<(u64, u64)>> {
        let mut walk = Walk::new(self.chain());
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let mut at = 0;
        while at < self.len() {
            let (source, len) = walk.next(at, self.len())?;
            if matches!(source, Source::Data(..)) {
                match ranges.last_mut() {
                    Some((_, end)) if *end == at => *end = at + len,
                    _ => ranges.push((at, at + len)),
                }
            }
            at += len;
        }
        Ok(ranges)
    }

    /// Bytes of data that the uppermost `layers` layers hold together: what [`commit`](Self::commit) would write.
    ///
    /// # Errors
    /// `Invalid` when the chain has fewer layers; else as for reading.
    pub fn held(&self, layers: usize) -> Result<u64> {
        let mut walk = Walk::new(self.uppermost(layers)?);
        let (mut at, mut bytes) = (0, 0);
        while at < self.len() {
            let (source, len) = walk.find(at, self.len())?;
            if matches!(source, Some(Source::Data(..))) {
                bytes += len;
            }
            at += len;
        }
        Ok(bytes)
    }

    fn uppermost(&self, layers: usize) -> Result<&[Layer]> {
        self.chain().get(..layers).ok_or_else(|| {
            let message = format!("the chain has {} layers, not {layers}", self.chain().len());
            Error::new(ErrorKind::Invalid, message).at(self.head().host.path())
        })
    }
}

/// The file that was copied from last, opened once more for the host to copy from.
#[derive(Default)]
pub(super) struct Sources<'a> {
    last: Option<(&'a Layer, File)>,
}

impl<'a> Sources<'a> {
    /// Copies `len` bytes from byte `host` of a layer's file to byte `at` of `base`.
    pub(super) fn copy(&mut self, layer: &'a Layer, host: u64, base: &Image, at: u64, len: u64) -> Result<()> {
        if base.write_from(at, len, self.file(layer)?, host)? {
            return Ok(());
        }
        let mut piece = vec![0; len.min(PIECE) as usize];
        let mut done = 0;
        while done < len {
            let piece = &mut piece[..(len - done).min(PIECE) as usize];
            layer.host.read_padded(piece, host + done)?;
            base.write_at(piece, at + done)?;
            done += piece.len() as u64;
        }
        Ok(())
    }

    fn file(&mut self, layer: &'a Layer) -> Result<&File> {
        let (_, file) = match self.last.take() {
            Some((last, file)) if std::ptr::eq(last, layer) => self.last.insert((last, file)),
            _ => self.last.insert((layer, chain::open_regular(layer.host.path(), false)?)),
        };
        Ok(file)
    }
}

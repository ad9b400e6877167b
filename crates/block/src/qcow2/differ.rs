//! Which parts of the virtual disk two layers of one tree may show differently: those that a layer above their
//! nearest common ancestor has written or zeroed; for that only tables are read. And the first byte in which two images
//! do differ.

use std::{os::unix::fs::MetadataExt, path::Path};

use super::{
    chain::{self, Source, Walk},
    image::Image,
    layer::{Layer, Target},
};
use crate::{Error, Result};

impl Image {
    /// The ranges of bytes, as (first, behind the last), in which this image and `other` may differ: apart from each
    /// other, in rising order. Outside of them both show the same. Images that have no layer in common may differ
    /// everywhere.
    ///
    /// # Errors
    /// `Corrupt` and `Io` as for reading; `Io` when a layer's file has gone.
    pub fn may_differ(&self, other: &Self) -> Result<Vec<(u64, u64)>> {
        let (mine, theirs) = (identities(self.chain())?, identities(other.chain())?);
        let common = mine.iter().rev().zip(theirs.iter().rev()).take_while(|(a, b)| a == b).count();
        let (short, long) = (self.head().size().min(other.head().size()), self.head().size().max(other.head().size()));
        if common == 0 {
            return Ok(Vec::from_iter((long > 0).then_some((0, long))));
        }
        let mut ranges = Vec::new();
        for (image, layers) in [(self, mine.len() - common), (other, theirs.len() - common)] {
            image.chain().iter().take(layers).try_for_each(|layer| add_written(layer, &mut ranges))?;
        }
        if short < long {
            ranges.push((short, long));
        }
        Ok(joined(ranges))
    }
}

impl Image {
    /// The ranges of bytes, as (first, behind the last), for which the head itself has data: apart from each other, in
    /// rising order.
    ///
    /// # Errors
    /// `Corrupt` and `Io` as for reading.
    pub fn own_ranges(&self) -> Result<Vec<(u64, u64)>> {
        let mut ranges = Vec::new();
        add_extents(self.head(), &mut ranges, |target| matches!(target, Target::Host(_)))?;
        Ok(ranges)
    }
}

/// Bytes that are compared at a time.
const PIECE: u64 = 1 << 20;

impl Image {
    /// The first byte of the disk that this image shows otherwise than `other`; a shorter disk ends in zeros. What both
    /// have in the same place of the same file is not read.
    ///
    /// # Errors
    /// `Corrupt` and `Io` as for reading.
    pub fn first_difference(&self, other: &Self) -> Result<Option<u64>> {
        let end = self.head().size().max(other.head().size());
        let (mut mine, mut theirs) = (Walk::new(self.chain()), Walk::new(other.chain()));
        let mut pieces = [vec![0; PIECE as usize], vec![0; PIECE as usize]];
        let mut at = 0;
        while at < end {
            let (left, len) = mine.next(at, end)?;
            let (right, len) = theirs.next(at, at + len)?;
            if is_same(left, right) {
                at += len;
                continue;
            }
            let len = len.min(PIECE);
            let [a, b] = pieces.each_mut().map(|piece| &mut piece[..len as usize]);
            fill(left, a)?;
            fill(right, b)?;
            if let Some(first) = a.iter().zip(&*b).position(|(a, b)| a != b) {
                return Ok(Some(at + first as u64));
            }
            at += len;
        }
        Ok(None)
    }
}

fn is_same(a: Source<'_>, b: Source<'_>) -> bool {
    match (a, b) {
        (Source::Zero, Source::Zero) => true,
        (Source::Data(a, from), Source::Data(b, other)) => a.host.path() == b.host.path() && from == other,
        _ => false,
    }
}

fn fill(source: Source<'_>, piece: &mut [u8]) -> Result<()> {
    match source {
        Source::Data(layer, from) => layer.host.read_padded(piece, from)?,
        Source::Zero => piece.fill(0),
    }
    Ok(())
}

/// What tells one file of the host from every other.
fn identities(layers: &[Layer]) -> Result<Vec<(u64, u64)>> {
    let identity = |path: &Path| {
        let meta = chain::open_regular(path, false)?.metadata();
        let meta = meta.map_err(|e| Error::io("look at the image", e).at(path))?;
        Ok((meta.dev(), meta.ino()))
    };
    layers.iter().map(|layer| identity(layer.host.path())).collect()
}

/// Adds what `layer` itself has.
fn add_written(layer: &Layer, ranges: &mut Vec<(u64, u64)>) -> Result<()> {
    add_extents(layer, ranges, |target| target != Target::Unallocated)
}

fn add_extents(layer: &Layer, ranges: &mut Vec<(u64, u64)>, is_wanted: impl Fn(Target) -> bool) -> Result<()> {
    let mut at = 0;
    while at < layer.size() {
        let extent = layer.map(at, layer.size() - at)?;
        if is_wanted(extent.target) {
            match ranges.last_mut() {
                Some(last) if last.1 == at => last.1 = at + extent.len,
                _ => ranges.push((at, at + extent.len)),
            }
        }
        at += extent.len;
    }
    Ok(())
}

/// The same ranges in order, those that touch each other in one.
fn joined(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, before| {
        let touch = next.0 <= before.1;
        if touch {
            before.1 = before.1.max(next.1);
        }
        touch
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BlockDevice;
    use crate::qcow2::{Access, CreateOptions, create};

    #[test]
    fn only_what_was_written_above_the_common_layer_may_differ() {
        let folder = tempfile::tempdir().expect("a folder");
        let layer = |name: &str, backing: Option<&str>| {
            let options = CreateOptions { virtual_size: 64 << 20, backing_file: backing.map(str::to_owned) };
            create(&folder.path().join(name), &options).expect("a layer");
        };
        let open = |name: &str, access| Image::open(&folder.path().join(name), access).expect("an image");
        let write = |name: &str, offset: u64| {
            let image = open(name, Access::ReadWrite);
            image.write_at(&[1; 4096], offset).and_then(|()| image.flush()).expect("a write");
        };
        layer("base", None);
        write("base", 0);
        layer("left", Some("base"));
        write("left", 8 << 20);
        layer("right", Some("base"));
        write("right", 4096);
        open("right", Access::ReadWrite).discard(0, 4096).expect("a discard");
        layer("other", None);
        let ranges = |a, b| open(a, Access::ReadOnly).may_differ(&open(b, Access::ReadOnly)).expect("ranges");
        assert_eq!(ranges("left", "left"), []);
        assert_eq!(ranges("base", "left"), [(8 << 20, (8 << 20) + 4096)]);
        assert_eq!(ranges("left", "right"), [(0, 8192), (8 << 20, (8 << 20) + 4096)]);
        assert_eq!(ranges("left", "other"), [(0, 64 << 20)]);
        let own = |name| open(name, Access::ReadOnly).own_ranges().expect("ranges");
        assert_eq!(own("left"), [(8 << 20, (8 << 20) + 4096)]);
        assert_eq!(own("right"), [(4096, 8192)], "not what was discarded, nor what lies below");
    }
}

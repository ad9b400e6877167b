//! The disk as one layer of an open chain shows it, so that many states can be looked at with one chain open.

use std::sync::Arc;

use super::{
    chain,
    image::Image,
    layer::{Layer, Target},
};
use crate::{BlockDevice, Error, ErrorKind, Result, range::check_range};

/// What a layer of a chain shows; for reading only.
pub struct LayerState {
    image: Arc<Image>,
    depth: usize,
}

impl Image {
    /// The disk as the layer `depth` below the head shows it; `None` when the chain is not so deep.
    #[must_use]
    pub fn state(self: &Arc<Self>, depth: usize) -> Option<LayerState> {
        (depth < self.chain().len()).then(|| LayerState { image: Arc::clone(self), depth })
    }

    /// Whether the layer `depth` below the head itself has anything, data or zeros, in any of the ranges of bytes
    /// (first, behind the last).
    ///
    /// # Errors
    /// `Corrupt` and `Io` as for reading.
    pub fn layer_has(&self, depth: usize, ranges: &[(u64, u64)]) -> Result<bool> {
        let Some(layer) = self.chain().get(depth) else { return Ok(false) };
        for (start, end) in ranges {
            let (mut at, end) = (*start, (*end).min(layer.size()));
            while at < end {
                let extent = layer.map(at, end - at)?;
                if extent.target != Target::Unallocated {
                    return Ok(true);
                }
                at += extent.len;
            }
        }
        Ok(false)
    }
}

impl LayerState {
    fn layers(&self) -> &[Layer] {
        self.image.chain().get(self.depth..).unwrap_or_default()
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(Error::new(ErrorKind::ReadOnly, "a state of the past is for reading only"))
    }
}

impl BlockDevice for LayerState {
    fn len(&self) -> u64 {
        self.layers().first().map_or(0, Layer::size)
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range("read", offset, buf.len() as u64, self.len())?;
        chain::read(self.layers(), buf, offset)
    }

    fn write_at(&self, _: &[u8], _: u64) -> Result<()> {
        self.refuse()
    }

    fn discard(&self, _: u64, _: u64) -> Result<()> {
        self.refuse()
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

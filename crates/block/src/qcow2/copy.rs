//! Copies between an image and another file of the host, made by the host itself.
//!
//! The tables change as for a write: data first, into clusters that nothing refers to yet, then the entries.

use std::fs::File;

use super::{
    chain::{Source, Walk},
    image::{Image, Writer},
};
use crate::Result;

impl Image {
    /// Copies bytes of `source` from its byte `from` on to the range from `offset`, which was checked. Only whole
    /// subclusters are copied so.
    pub(crate) fn copy_in(&self, writer: &mut Writer, source: &File, from: u64, offset: u64, len: u64) -> Result<bool> {
        let head = self.head();
        let geometry = head.geometry;
        let unit = geometry.subcluster_size();
        if !offset.is_multiple_of(unit) || !len.is_multiple_of(unit) {
            return Ok(false);
        }
        let (mut at, end) = (offset, offset + len);
        while at < end {
            let place = self.find_place(writer, at >> geometry.cluster_bits..geometry.clusters(end))?;
            let stop = end.min((place.first + place.count) << geometry.cluster_bits);
            let host = place.host + (at - (place.first << geometry.cluster_bits));
            writer.pending.unsynced = true;
            if !head.host.copy_in(source, from + (at - offset), host, stop - at) {
                self.give_up_place(writer, &place)?;
                return Ok(false);
            }
            self.refer(&place, at..stop)?;
            self.flush_if_much_waits(writer)?;
            at = stop;
        }
        Ok(true)
    }

    /// Copies the range from `offset`, which was checked, to byte `to` of `target`; what reads as zero is passed over.
    pub(crate) fn copy_out(&self, offset: u64, len: u64, target: &File, to: u64) -> Result<bool> {
        let mut walk = Walk::new(self.chain());
        let (mut at, end) = (offset, offset + len);
        while at < end {
            let (from, len) = walk.next(at, end)?;
            if let Source::Data(layer, host) = from
                && !layer.host.copy_out(host, target, to + (at - offset), len)
            {
                return Ok(false);
            }
            at += len;
        }
        Ok(true)
    }
}

//! Growing the virtual disk: a longer L1 table first, then the header that makes it count.

use std::ops::Range;

use super::{
    header::Header,
    image::{Image, Writer},
    l1::MAX_L1_BYTES,
};
use crate::{Error, ErrorKind, Result};

/// What a disk writes as a whole.
const SECTOR: usize = 512;

impl Image {
    /// Makes the virtual disk `new_size` bytes long; the new bytes read as zero. Durable when this returns.
    ///
    /// # Errors
    /// `Invalid` for a smaller size, one that is not a multiple of 512, one that is too large for the format,
    /// or when a larger backing file would show through; `ReadOnly` on an image opened for reading.
    pub fn grow(&self, new_size: u64) -> Result<()> {
        let mut writer = self.writer()?;
        let head = self.head();
        let old_size = head.size();
        if new_size == old_size {
            return Ok(());
        }
        self.check_new_size(old_size, new_size).map_err(|e| e.at(head.host.path()))?;
        self.flush_all(&mut writer)?;
        let entries = head.geometry.l1_entries(new_size).max(u64::from(writer.header.l1_entries));
        let mut header = writer.header.clone();
        header.size = new_size;
        header.l1_entries = entries as u32;
        let old_clusters = self.l1_clusters(&writer.header);
        let moved = head.geometry.clusters(entries * 8) > old_clusters.end - old_clusters.start;
        if moved {
            header.l1_offset = self.write_longer_l1(&mut writer, entries)?;
        } else {
            self.clear_l1_tail(&mut writer, entries)?;
        }
        self.write_header(&mut writer, header)?;
        head.extend_l1(entries as usize);
        if moved {
            writer.refcounts.disclaim(old_clusters.clone());
            writer.pending.given_up.push(old_clusters);
        }
        head.set_size(new_size);
        self.flush_all(&mut writer)
    }

    fn check_new_size(&self, old_size: u64, new_size: u64) -> Result<()> {
        let geometry = self.head().geometry;
        let invalid = |message: String| Err(Error::new(ErrorKind::Invalid, message));
        if new_size < old_size {
            return invalid(format!("an image of {old_size} bytes cannot shrink to {new_size}"));
        }
        if !new_size.is_multiple_of(512) {
            return invalid(format!("an image cannot have {new_size} bytes; choose a multiple of 512"));
        }
        if geometry.l1_entries(new_size) * 8 > MAX_L1_BYTES {
            return invalid(format!("an image cannot have {new_size} bytes; that is too large for the format"));
        }
        if self.chain().get(1).is_some_and(|backing| backing.size() > old_size) {
            return invalid("the backing file is larger than the image, so growing would let its end show".into());
        }
        Ok(())
    }

    fn l1_clusters(&self, header: &Header) -> Range<u64> {
        let geometry = self.head().geometry;
        let first = header.l1_offset >> geometry.cluster_bits;
        first..first + geometry.clusters(u64::from(header.l1_entries) * 8)
    }

    /// Writes the L1 table, made longer, to a new place and makes it durable; its offset.
    fn write_longer_l1(&self, writer: &mut Writer, entries: u64) -> Result<u64> {
        let head = self.head();
        let count = head.geometry.clusters(entries * 8);
        let clusters = writer.refcounts.allocate_exact(&head.host, count)?;
        let offset = clusters.start << head.geometry.cluster_bits;
        let mut raw: Vec<u8> = head.l1().into_iter().flat_map(|entry| entry.0.to_be_bytes()).collect();
        raw.resize((count << head.geometry.cluster_bits) as usize, 0);
        writer.pending.unsynced = true;
        let written = head.host.write("a longer L1 table", &raw, offset);
        let durable = written.and_then(|()| self.make_data_durable(writer));
        if let Err(error) = durable.and_then(|()| writer.refcounts.claim(&head.host, offset, raw.len() as u64)) {
            writer.refcounts.release(&head.host, clusters)?;
            return Err(error);
        }
        Ok(offset)
    }

    /// Zeroes what the L1 table gains inside its clusters, where old bytes may stand.
    fn clear_l1_tail(&self, writer: &mut Writer, entries: u64) -> Result<()> {
        let old = u64::from(writer.header.l1_entries);
        writer.pending.unsynced = true;
        let zeros = vec![0; (entries - old) as usize * 8];
        self.head().host.write("the L1 table", &zeros, writer.header.l1_offset + old * 8)?;
        self.make_data_durable(writer)
    }

    /// Writes the header anew with all that belongs to it, where that fits into its first sector, and makes it durable.
    pub(super) fn write_whole_header(&self, writer: &mut Writer, header: Header) -> Result<()> {
        let host = &self.head().host;
        let mut sector = header.encode();
        if sector.len() > SECTOR {
            return Err(
                host.unsupported("so long a backing file's name that the header cannot be written in one piece")
            );
        }
        sector.resize(SECTOR, 0);
        self.write_sector(writer, header, &sector)
    }

    /// Writes the header's first sector, which the disk writes as a whole, and makes it durable.
    fn write_header(&self, writer: &mut Writer, header: Header) -> Result<()> {
        let host = &self.head().host;
        let mut sector = [0; SECTOR];
        host.read("the header", &mut sector, 0)?;
        header.encode_size(&mut sector);
        self.write_sector(writer, header, &sector)
    }

    /// Writes the first sector, which says what `header` says, and makes it durable.
    fn write_sector(&self, writer: &mut Writer, header: Header, sector: &[u8]) -> Result<()> {
        writer.pending.unsynced = true;
        self.head().host.write("the header", sector, 0)?;
        self.make_data_durable(writer)?;
        writer.header = header;
        Ok(())
    }
}

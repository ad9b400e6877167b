//! The header: an image's size, where its tables lie, and which features it needs.
//!
//! qcow2 specification, "Header" and "Header extensions". Everything here is untrusted: what is parsed has
//! been checked against the limits of the format and the length of the file.

use super::{geometry::Geometry, host::Host, l1::MAX_L1_BYTES};
use crate::{Error, ErrorKind, Result};

const MAGIC: u32 = u32::from_be_bytes(*b"QFI\xfb");
const V2_LENGTH: u32 = 72;
/// Length of the header that is written, with the compression type and its padding.
const V3_LENGTH: u32 = 112;
const MAX_BACKING_NAME: u32 = 1023;
/// QEMU's own limit of the refcount table, in bytes.
const MAX_REFCOUNT_TABLE_BYTES: u64 = 8 << 20;
const EXTENSION_END: u32 = 0;
const EXTENSION_BACKING_FORMAT: u32 = 0xe279_2aca;

/// Where size, L1 length and L1 offset stand in the header; all inside its first sector.
const SIZE_AT: usize = 24;
const L1_SIZE_AT: usize = 36;
const L1_OFFSET_AT: usize = 40;

/// Incompatible feature bits.
const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;
const KNOWN_INCOMPATIBLE: u64 = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;
/// Autoclear feature bit of the persistent bitmaps.
const BITMAPS: u64 = 1;

/// The refcount order that Cairn writes: entries of 2^4 bits.
pub(crate) const REFCOUNT_ORDER: u32 = 4;

/// A header that was checked, or that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) cluster_bits: u32,
    pub(crate) size: u64,
    pub(crate) l1_entries: u32,
    pub(crate) l1_offset: u64,
    pub(crate) refcount_table_offset: u64,
    pub(crate) refcount_table_clusters: u32,
    pub(crate) refcount_order: u32,
    pub(crate) backing_file: Option<String>,
    pub(crate) backing_format: Option<String>,
    encryption: u32,
    snapshots: u32,
    incompatible: u64,
    autoclear: u64,
}

impl Header {
    /// The header of a new version 3 image with extended L2 entries.
    pub(crate) fn new(cluster_bits: u32, size: u64, l1: (u64, u32), refcount_table: (u64, u32)) -> Self {
        Self {
            version: 3,
            cluster_bits,
            size,
            l1_entries: l1.1,
            l1_offset: l1.0,
            refcount_table_offset: refcount_table.0,
            refcount_table_clusters: refcount_table.1,
            refcount_order: REFCOUNT_ORDER,
            backing_file: None,
            backing_format: None,
            encryption: 0,
            snapshots: 0,
            incompatible: EXTENDED_L2,
            autoclear: 0,
        }
    }

    /// Reads and checks the header of the image on `host`.
    ///
    /// # Errors
    /// `NotQcow2` for another format, `Corrupt` for a header that contradicts itself or the file,
    /// `Unsupported` for a version or feature that nobody here knows.
    pub(crate) fn read(host: &Host) -> Result<Self> {
        let file_len = host.len()?;
        let mut fixed = vec![0; V3_LENGTH as usize];
        host.read_padded(&mut fixed, 0)?;
        if file_len < 4 || u32_at(&fixed, 0) != MAGIC {
            return Err(Error::new(ErrorKind::NotQcow2, "the file is not a qcow2 image").at(host.path()));
        }
        if file_len < u64::from(V2_LENGTH) {
            return Err(host.corrupt("the file ends inside the header"));
        }
        let version = u32_at(&fixed, 4);
        let header_length = match version {
            2 => V2_LENGTH,
            3 => u32_at(&fixed, 100),
            other => return Err(host.unsupported(format!("version {other} of the format"))),
        };
        if version == 2 {
            fixed[V2_LENGTH as usize..].fill(0);
        }
        let mut header = Self::from_fixed(&fixed, version);
        header.check_layout(host, file_len, header_length)?;
        // The header, its extensions and the backing name all lie in the first cluster.
        let mut first = vec![0; header.geometry().cluster_size().min(file_len) as usize];
        host.read("the header", &mut first, 0)?;
        header.read_names(host, &first, header_length)?;
        Ok(header)
    }

    fn from_fixed(raw: &[u8], version: u32) -> Self {
        let v3 = version >= 3;
        Self {
            version,
            cluster_bits: u32_at(raw, 20),
            size: u64_at(raw, SIZE_AT),
            l1_entries: u32_at(raw, L1_SIZE_AT),
            l1_offset: u64_at(raw, L1_OFFSET_AT),
            refcount_table_offset: u64_at(raw, 48),
            refcount_table_clusters: u32_at(raw, 56),
            refcount_order: if v3 { u32_at(raw, 96) } else { REFCOUNT_ORDER },
            backing_file: None,
            backing_format: None,
            encryption: u32_at(raw, 32),
            snapshots: u32_at(raw, 60),
            incompatible: u64_at(raw, 72),
            autoclear: u64_at(raw, 88),
        }
    }

    fn check_layout(&self, host: &Host, file_len: u64, header_length: u32) -> Result<()> {
        if !(9..=21).contains(&self.cluster_bits) || (self.is_extended() && self.cluster_bits < 14) {
            return Err(host.corrupt(format!("clusters of 2^{} bytes are not allowed", self.cluster_bits)));
        }
        let geometry = self.geometry();
        if self.version >= 3 {
            let fits = u64::from(header_length) <= geometry.cluster_size().min(file_len);
            if header_length < 104 || !header_length.is_multiple_of(8) || !fits {
                return Err(host.corrupt(format!("a header of {header_length} bytes is not allowed")));
            }
        }
        if self.refcount_order > 6 {
            return Err(host.corrupt(format!("refcounts of 2^{} bits are not allowed", self.refcount_order)));
        }
        let l1_bytes = u64::from(self.l1_entries) * 8;
        let needed = geometry.l1_entries(self.size);
        if i64::try_from(self.size).is_err() || l1_bytes > MAX_L1_BYTES || needed > u64::from(self.l1_entries) {
            let (size, entries) = (self.size, self.l1_entries);
            return Err(host.corrupt(format!("an L1 table of {entries} entries does not fit a size of {size} bytes")));
        }
        check_table(host, geometry, file_len, "L1 table", self.l1_offset, l1_bytes)?;
        let refcount_bytes = u64::from(self.refcount_table_clusters) << self.cluster_bits;
        if refcount_bytes > MAX_REFCOUNT_TABLE_BYTES {
            return Err(host.corrupt(format!("a refcount table of {refcount_bytes} bytes is not allowed")));
        }
        check_table(host, geometry, file_len, "refcount table", self.refcount_table_offset, refcount_bytes)
    }

    fn read_names(&mut self, host: &Host, first: &[u8], header_length: u32) -> Result<()> {
        let (offset, len) = (u64_at(first, 8), u32_at(first, 16));
        if offset != 0 && len != 0 {
            let end = offset.checked_add(u64::from(len)).filter(|&end| end <= first.len() as u64);
            let (Some(end), true) = (end, len <= MAX_BACKING_NAME) else {
                return Err(host.corrupt("the backing file's name lies outside the first cluster"));
            };
            self.backing_file = Some(text(host, "backing file's name", &first[offset as usize..end as usize])?);
        }
        let mut at = header_length as usize;
        // Extensions are optional and unknown ones are skipped; a list that runs out of the cluster ends it.
        while let Some(head) = first.get(at..at + 8) {
            let (kind, len) = (u32_at(head, 0), u32_at(head, 4) as usize);
            if kind == EXTENSION_END {
                break;
            }
            let Some(data) = first.get(at + 8..at + 8 + len) else {
                return Err(host.corrupt("a header extension runs out of the first cluster"));
            };
            if kind == EXTENSION_BACKING_FORMAT {
                self.backing_format = Some(text(host, "backing file's format", data)?);
            }
            at += 8 + len.next_multiple_of(8);
        }
        Ok(())
    }

    /// Refuses, by name, what cannot be read.
    pub(crate) fn check_readable(&self, host: &Host) -> Result<()> {
        let unknown = self.incompatible & !KNOWN_INCOMPATIBLE;
        if unknown != 0 {
            return Err(host.unsupported(format!("incompatible feature bits that are not known ({unknown:#x})")));
        }
        if self.incompatible & EXTERNAL_DATA != 0 {
            return Err(host.unsupported("an external data file"));
        }
        if self.incompatible & COMPRESSION_TYPE != 0 {
            return Err(host.unsupported("a compression type other than zlib"));
        }
        if self.encryption != 0 {
            return Err(host.unsupported("encryption"));
        }
        match self.backing_format.as_deref() {
            Some(format) if format != "qcow2" && self.backing_file.is_some() => {
                Err(host.unsupported(format!("a backing file of format {format}")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses, by name, what can be read but must not be written.
    pub(crate) fn check_writable(&self, host: &Host) -> Result<()> {
        if self.is_dirty() || self.is_corrupt() {
            let mark = if self.is_corrupt() { "corrupt" } else { "dirty (its refcounts may be stale)" };
            let message =
                format!("the image is marked {mark}; repair it with qemu-img check -r all before it is written");
            return Err(Error::new(ErrorKind::Corrupt, message).at(host.path()));
        }
        if self.version < 3 {
            return Err(host.unsupported("version 2 of the format, for writing"));
        }
        if self.refcount_order != REFCOUNT_ORDER {
            return Err(host.unsupported(format!("refcounts of {} bits, for writing", 1 << self.refcount_order)));
        }
        if self.snapshots != 0 {
            return Err(host.unsupported("internal snapshots, for writing"));
        }
        if self.autoclear & BITMAPS != 0 {
            return Err(host.unsupported("persistent bitmaps, for writing"));
        }
        if self.autoclear != 0 {
            return Err(host.unsupported(format!("unknown autoclear features ({:#x}), for writing", self.autoclear)));
        }
        Ok(())
    }

    /// Refuses, by name, what has uses of clusters, or counts of them, that are not looked at.
    pub(crate) fn check_countable(&self, host: &Host) -> Result<()> {
        if self.refcount_order != REFCOUNT_ORDER {
            return Err(host.unsupported(format!("refcounts of {} bits, for counting", 1 << self.refcount_order)));
        }
        if self.snapshots != 0 {
            return Err(host.unsupported("internal snapshots, for counting"));
        }
        if self.autoclear != 0 {
            return Err(host.unsupported(format!("autoclear features ({:#x}), for counting", self.autoclear)));
        }
        Ok(())
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry { cluster_bits: self.cluster_bits, extended: self.is_extended() }
    }

    pub(crate) fn is_extended(&self) -> bool {
        self.incompatible & EXTENDED_L2 != 0
    }

    pub(crate) fn is_dirty(&self) -> bool {
        self.incompatible & DIRTY != 0
    }

    pub(crate) fn is_corrupt(&self) -> bool {
        self.incompatible & CORRUPT != 0
    }

    /// The header as it stands at the beginning of a new image, with the backing file's name behind it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut raw = vec![0; V3_LENGTH as usize];
        put32(&mut raw, 0, MAGIC);
        put32(&mut raw, 4, self.version);
        put32(&mut raw, 20, self.cluster_bits);
        put32(&mut raw, 56, self.refcount_table_clusters);
        put64(&mut raw, 48, self.refcount_table_offset);
        put64(&mut raw, 72, self.incompatible);
        put32(&mut raw, 96, self.refcount_order);
        put32(&mut raw, 100, V3_LENGTH);
        self.encode_size(&mut raw);
        if let Some(format) = &self.backing_format {
            raw.extend_from_slice(&EXTENSION_BACKING_FORMAT.to_be_bytes());
            raw.extend_from_slice(&(format.len() as u32).to_be_bytes());
            raw.extend_from_slice(format.as_bytes());
            raw.resize(raw.len().next_multiple_of(8), 0);
        }
        raw.extend_from_slice(&[0; 8]);
        if let Some(name) = &self.backing_file {
            let at = raw.len() as u64;
            put64(&mut raw, 8, at);
            put32(&mut raw, 16, name.len() as u32);
            raw.extend_from_slice(name.as_bytes());
        }
        raw
    }

    /// Puts size and L1 table into the header's first sector, which the host writes as a whole.
    pub(crate) fn encode_size(&self, sector: &mut [u8]) {
        put64(sector, SIZE_AT, self.size);
        put32(sector, L1_SIZE_AT, self.l1_entries);
        put64(sector, L1_OFFSET_AT, self.l1_offset);
    }
}

fn check_table(host: &Host, geometry: Geometry, file_len: u64, what: &str, offset: u64, bytes: u64) -> Result<()> {
    let inside = offset.checked_add(bytes).is_some_and(|end| end <= file_len);
    if bytes != 0 && (offset == 0 || !geometry.is_aligned(offset) || !inside) {
        return Err(host.corrupt(format!("the {what} at {offset} does not lie inside the file")));
    }
    Ok(())
}

fn text(host: &Host, what: &str, raw: &[u8]) -> Result<String> {
    String::from_utf8(raw.to_vec()).map_err(|_| host.unsupported(format!("a {what} that is not UTF-8")))
}

fn u32_at(raw: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(std::array::from_fn(|i| raw[at + i]))
}

fn u64_at(raw: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|i| raw[at + i]))
}

fn put32(raw: &mut [u8], at: usize, value: u32) {
    raw[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

fn put64(raw: &mut [u8], at: usize, value: u64) {
    raw[at..at + 8].copy_from_slice(&value.to_be_bytes());
}

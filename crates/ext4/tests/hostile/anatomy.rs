//! Where every structure of an image lies and how its checksum is made: read by simple means of its own, not
//! by the engine, so that damage can be put anywhere and sealed afterwards.

use std::collections::BTreeMap;

use cairn_block::{BlockDevice, memory::MemoryDevice};

/// What a structure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Superblock,
    Backup,
    Descriptor,
    Inode,
    BlockBitmap,
    InodeBitmap,
    Extents,
    BlockMap,
    Leaf,
    IndexRoot,
    IndexNode,
    Attributes,
    Protection,
    JournalSuperblock,
    JournalDescriptor,
    JournalRevocation,
    JournalCommit,
}

/// How the checksum of a structure is made.
#[derive(Clone, Copy, Debug)]
enum Seal {
    None,
    Superblock,
    Descriptor(u32),
    Inode(u32),
    /// The group, and where the halves of the sum stand in its descriptor.
    Bitmap(u32, usize, usize),
    Extents(u32),
    Directory(u32),
    Attributes(u64),
    Protection,
    JournalSuperblock,
    JournalTail(u32),
    JournalCommit(u32),
}

/// One structure.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    /// Where it lies, in bytes, and how long it is.
    pub(crate) offset: u64,
    pub(crate) len: usize,
    /// The inode that it belongs to, or the group; 0 for none.
    pub(crate) owner: u32,
    seal: Seal,
}

/// An image taken apart.
pub(crate) struct Anatomy {
    pub(crate) block_size: u64,
    pub(crate) blocks: u64,
    pub(crate) inodes: u32,
    /// The inodes in use.
    pub(crate) in_use: Vec<u32>,
    pub(crate) parts: BTreeMap<Kind, Vec<Part>>,
    /// Blocks of the filesystem's own tables and of the journal.
    pub(crate) tables: Vec<u64>,
    seed: Option<u32>,
    inode_size: usize,
    descriptor_size: usize,
    descriptors: u64,
    groups: u32,
    inodes_per_group: u32,
    wide: bool,
}

pub(crate) fn le(bytes: &[u8], offset: usize, width: usize) -> u64 {
    bytes[offset..offset + width].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

pub(crate) fn put(bytes: &mut [u8], offset: usize, width: usize, value: u64) {
    bytes[offset..offset + width].copy_from_slice(&value.to_le_bytes()[..width]);
}

fn crc(seed: u32, data: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, data)
}

pub(crate) fn bytes(device: &MemoryDevice, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    device.read_at(&mut bytes, offset).expect("read the image");
    bytes
}

impl Anatomy {
    pub(crate) fn of(device: &MemoryDevice) -> Self {
        let sb = bytes(device, 1024, 1024);
        let (incompat, ro) = (le(&sb, 0x60, 4), le(&sb, 0x64, 4));
        let block_size = 1024 << le(&sb, 0x18, 4);
        let wide = incompat & 0x80 != 0;
        let blocks = le(&sb, 4, 4);
        let first = le(&sb, 0x14, 4);
        let seed = (ro & 0x400 != 0).then(|| match incompat & 0x2000 != 0 {
            true => le(&sb, 0x270, 4) as u32,
            false => crc(!0, &sb[0x68..0x78]),
        });
        let mut anatomy = Self {
            block_size,
            blocks,
            inodes: le(&sb, 0, 4) as u32,
            in_use: Vec::new(),
            parts: BTreeMap::new(),
            tables: Vec::new(),
            seed,
            inode_size: le(&sb, 0x58, 2) as usize,
            descriptor_size: if wide { le(&sb, 0xFE, 2) as usize } else { 32 },
            descriptors: (first + 1) * block_size,
            groups: (blocks - first).div_ceil(le(&sb, 0x20, 4)) as u32,
            inodes_per_group: le(&sb, 0x28, 4) as u32,
            wide,
        };
        anatomy.add(Kind::Superblock, 1024, 1024, 0, Seal::Superblock);
        if incompat & 0x100 != 0 {
            anatomy.add(Kind::Protection, le(&sb, 0x168, 8) * block_size, 1024, 0, Seal::Protection);
        }
        for group in 0..anatomy.groups {
            let start = first + u64::from(group) * le(&sb, 0x20, 4);
            let backup = bytes(device, start * block_size, 1024);
            if group > 0 && le(&backup, 0x38, 2) == 0xEF53 {
                anatomy.add(Kind::Backup, start * block_size, 1024, group, Seal::Superblock);
            }
            anatomy.group(device, group);
        }
        let journal = le(&sb, 0xE0, 4) as u32;
        for number in anatomy.in_use.clone() {
            anatomy.inode(device, number, journal);
        }
        anatomy.tables.extend(first..=first + 1);
        anatomy.tables.sort_unstable();
        anatomy
    }

    fn add(&mut self, kind: Kind, offset: u64, len: usize, owner: u32, seal: Seal) {
        self.parts.entry(kind).or_default().push(Part { kind, offset, len, owner, seal });
    }

    fn group(&mut self, device: &MemoryDevice, group: u32) {
        let offset = self.descriptors + u64::from(group) * self.descriptor_size as u64;
        let raw = bytes(device, offset, self.descriptor_size);
        self.add(Kind::Descriptor, offset, self.descriptor_size, group, Seal::Descriptor(group));
        let size = self.block_size as usize;
        let [block_bitmap, inode_bitmap, table] = [0, 4, 8].map(|at| le(&raw, at, 4));
        self.add(Kind::BlockBitmap, block_bitmap * self.block_size, size, group, Seal::Bitmap(group, 0x18, 0x38));
        self.add(Kind::InodeBitmap, inode_bitmap * self.block_size, size, group, Seal::Bitmap(group, 0x1A, 0x3A));
        let length = u64::from(self.inodes_per_group) * self.inode_size as u64 / self.block_size;
        self.tables.extend([block_bitmap, inode_bitmap].into_iter().chain(table..table + length));
        if le(&raw, 0x12, 2) & 1 == 1 && self.seed.is_some() {
            return;
        }
        for index in 0..self.inodes_per_group {
            let number = group * self.inodes_per_group + index + 1;
            let inode = bytes(device, self.place(device, number), self.inode_size);
            if le(&inode, 0x1A, 2) > 0 {
                self.in_use.push(number);
            }
        }
    }

    /// Where an inode lies.
    pub(crate) fn place(&self, device: &MemoryDevice, number: u32) -> u64 {
        let (group, index) = ((number - 1) / self.inodes_per_group, (number - 1) % self.inodes_per_group);
        let offset = self.descriptors + u64::from(group) * self.descriptor_size as u64;
        let table = le(&bytes(device, offset + 8, 4), 0, 4);
        table * self.block_size + u64::from(index) * self.inode_size as u64
    }

    fn inode(&mut self, device: &MemoryDevice, number: u32, journal: u32) {
        let place = self.place(device, number);
        let raw = bytes(device, place, self.inode_size);
        self.add(Kind::Inode, place, self.inode_size, number, Seal::Inode(number));
        let seed = self.seed.map(|seed| crc(crc(seed, &number.to_le_bytes()), &raw[0x64..0x68]));
        let acl = le(&raw, 0x68, 4);
        if acl != 0 && !self.parts.get(&Kind::Attributes).is_some_and(|all| all.iter().any(|p| p.owner == number)) {
            let size = self.block_size as usize;
            self.add(Kind::Attributes, acl * self.block_size, size, number, Seal::Attributes(acl));
        }
        let mut content = Vec::new();
        let inside = le(&raw, 0x20, 4) & 0x1000_0000 != 0;
        if le(&raw, 0x20, 4) & 0x8_0000 != 0 {
            self.extents(device, &raw[0x28..0x64], number, seed, &mut content);
        } else if matches!(le(&raw, 0, 2) >> 12, 4 | 8) && !inside {
            self.block_map(device, &raw[0x28..0x64], number, &mut content);
        }
        if number == journal {
            self.tables.extend(&content);
            self.journal(device, &content);
        } else if le(&raw, 0, 2) >> 12 == 4 {
            for (index, block) in content.into_iter().enumerate() {
                self.folder(device, number, index, block, seed);
            }
        }
    }

    fn extents(&mut self, device: &MemoryDevice, node: &[u8], owner: u32, seed: Option<u32>, content: &mut Vec<u64>) {
        for index in 0..le(node, 2, 2) as usize {
            let entry = &node[12 * (index + 1)..12 * (index + 2)];
            if le(node, 6, 2) == 0 {
                let start = le(entry, 8, 4);
                content.extend(start..start + le(entry, 4, 2) % 32768);
                continue;
            }
            let (offset, size) = (le(entry, 4, 4) * self.block_size, self.block_size as usize);
            self.add(Kind::Extents, offset, size, owner, seed.map_or(Seal::None, Seal::Extents));
            self.extents(device, &bytes(device, offset, size), owner, seed, content);
        }
    }

    fn block_map(&mut self, device: &MemoryDevice, map: &[u8], owner: u32, content: &mut Vec<u64>) {
        for index in 0..15 {
            let block = le(map, 4 * index, 4);
            if block == 0 {
                continue;
            }
            if index < 12 {
                content.push(block);
                continue;
            }
            let (offset, size) = (block * self.block_size, self.block_size as usize);
            self.add(Kind::BlockMap, offset, size, owner, Seal::None);
            if index == 12 {
                let table = bytes(device, offset, size);
                content.extend(table.chunks(4).map(|entry| le(entry, 0, 4)).filter(|block| *block != 0));
            }
        }
    }

    fn folder(&mut self, device: &MemoryDevice, owner: u32, index: usize, block: u64, seed: Option<u32>) {
        let (offset, size) = (block * self.block_size, self.block_size as usize);
        let raw = bytes(device, offset, size);
        let indexed = le(&bytes(device, self.place(device, owner), 128), 0x20, 4) & 0x1000 != 0;
        let kind = match (indexed, index) {
            (true, 0) => Kind::IndexRoot,
            (true, _) if le(&raw, 0, 4) == 0 && le(&raw, 4, 2) == size as u64 => Kind::IndexNode,
            _ => Kind::Leaf,
        };
        self.add(kind, offset, size, owner, seed.map_or(Seal::None, Seal::Directory));
    }

    fn journal(&mut self, device: &MemoryDevice, content: &[u64]) {
        let size = self.block_size as usize;
        let first = bytes(device, content[0] * self.block_size, size);
        let be = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let sealed = be(&first, 0x28) & 0x18 != 0;
        let seed = crc(!0, &first[0x30..0x40]);
        let seal = |seal: Seal| if sealed { seal } else { Seal::None };
        self.add(Kind::JournalSuperblock, content[0] * self.block_size, 1024, 8, seal(Seal::JournalSuperblock));
        for block in &content[1..] {
            let raw = bytes(device, block * self.block_size, 12);
            if be(&raw, 0) != 0xC03B_3998 {
                continue;
            }
            let (kind, how) = match be(&raw, 4) {
                1 => (Kind::JournalDescriptor, Seal::JournalTail(seed)),
                2 => (Kind::JournalCommit, Seal::JournalCommit(seed)),
                5 => (Kind::JournalRevocation, Seal::JournalTail(seed)),
                _ => continue,
            };
            self.add(kind, block * self.block_size, size, 8, seal(how));
        }
    }

    /// Makes the checksum of a part, so that what was changed in it gets past.
    pub(crate) fn seal(&self, device: &MemoryDevice, part: &Part) {
        let mut raw = bytes(device, part.offset, part.len);
        if let Some((at, width, sum)) = self.sum(&raw, part.seal) {
            put(&mut raw, at, width, u64::from(sum));
            if let (Seal::Inode(_), true) = (part.seal, self.inode_size > 128) {
                put(&mut raw, 0x82, 2, u64::from(sum >> 16));
            }
            device.write_at(&raw, part.offset).expect("write the image");
        }
        if let (Seal::Bitmap(group, low, high), Some(seed)) = (part.seal, self.seed) {
            let len = match low == 0x18 {
                true => part.len.min(self.block_size as usize),
                false => (self.inodes_per_group / 8) as usize,
            };
            let sum = u64::from(crc(seed, &raw[..len]));
            let descriptor = self.parts[&Kind::Descriptor][group as usize].clone();
            let mut raw = bytes(device, descriptor.offset, descriptor.len);
            put(&mut raw, low, 2, sum & 0xFFFF);
            if self.wide {
                put(&mut raw, high, 2, sum >> 16);
            }
            device.write_at(&raw, descriptor.offset).expect("write the image");
            self.seal(device, &descriptor);
        }
    }

    /// Where a part's checksum stands, how wide it is there, and what it has to be.
    fn sum(&self, raw: &[u8], seal: Seal) -> Option<(usize, usize, u32)> {
        let zero = |raw: &[u8], at: usize, width: usize| {
            let mut raw = raw.to_vec();
            put(&mut raw, at, width, 0);
            raw
        };
        let end = raw.len();
        Some(match (seal, self.seed) {
            (Seal::JournalSuperblock, _) => (0xFC, 4, crc(!0, &zero(raw, 0xFC, 4)).swap_bytes()),
            (Seal::JournalTail(seed), _) => (end - 4, 4, crc(seed, &zero(raw, end - 4, 4)).swap_bytes()),
            (Seal::JournalCommit(seed), _) => (16, 4, crc(seed, &zero(raw, 16, 4)).swap_bytes()),
            (_, None) | (Seal::None | Seal::Bitmap(..), _) => return None,
            (Seal::Superblock, _) => (0x3FC, 4, crc(!0, &raw[..0x3FC])),
            (Seal::Protection, Some(seed)) => (0x3FC, 4, crc(seed, &raw[..0x3FC])),
            (Seal::Descriptor(group), Some(seed)) => {
                (0x1E, 2, crc(crc(seed, &group.to_le_bytes()), &zero(raw, 0x1E, 2)) & 0xFFFF)
            }
            (Seal::Inode(number), Some(seed)) => {
                let seed = crc(crc(seed, &number.to_le_bytes()), &raw[0x64..0x68]);
                let mut raw = zero(raw, 0x7C, 2);
                if self.inode_size > 128 {
                    raw = zero(&raw, 0x82, 2);
                }
                (0x7C, 2, crc(seed, &raw))
            }
            (Seal::Extents(seed), _) => {
                let max = (le(raw, 4, 2) as usize).min((end - 16) / 12);
                (12 * (max + 1), 4, crc(seed, &raw[..12 * (max + 1)]))
            }
            (Seal::Directory(seed), _) => match pairs(raw) {
                Some((covered, tail)) => {
                    let sum = crc(crc(seed, &raw[..covered]), &raw[tail..tail + 4]);
                    (tail + 4, 4, crc(sum, &[0; 4]))
                }
                None => (end - 4, 4, crc(seed, &raw[..end - 12])),
            },
            (Seal::Attributes(block), Some(seed)) => {
                (0x10, 4, crc(crc(seed, &block.to_le_bytes()), &zero(raw, 0x10, 4)))
            }
        })
    }
}

/// What the checksum of an index block covers, and where its tail stands. `None` for a leaf.
fn pairs(raw: &[u8]) -> Option<(usize, usize)> {
    let start = match (le(raw, 4, 2) as usize, le(raw, 16, 2) as usize) {
        (len, _) if len == raw.len() => 8,
        (12, len) if len == raw.len() - 12 => 32,
        _ => return None,
    };
    let (limit, count) = (le(raw, start, 2) as usize, le(raw, start + 2, 2) as usize);
    let tail = start + 8 * limit;
    (count <= limit && tail + 8 <= raw.len()).then_some((start + 8 * count, tail))
}

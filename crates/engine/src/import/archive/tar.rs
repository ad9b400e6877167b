//! Reading tar: POSIX.1-2017 (pax, "ustar Interchange Format"), GNU's long names, and GNU's "PAX Format, Version 1.0" of
//! sparse files. Read header by header, since what the records of a hostile archive say must not be held in memory.

use std::io::{self, Read};
use std::path::Path;

use ::tar::{EntryType, Header};
use cairn_ext4::{Attributes, Next, Source, Timestamp};

use super::{Member, MemberKind, Stream, Visit, damaged, member_path, refused};
use crate::error::Result;

/// Everything in a tar stream is padded to this.
pub(super) const RECORD: u64 = 512;
/// Records about one member, and long names, are at most so long.
const MOST_RECORDS: u64 = 1 << 20;
/// A file has at most so many stretches of data.
const MOST_RUNS: usize = 1 << 18;

/// Whether these are the first bytes of a member.
pub(super) fn is_header(bytes: &[u8]) -> bool {
    let is_ustar = bytes.get(257..).is_some_and(|rest| rest.starts_with(b"ustar"));
    is_ustar && <&[u8; RECORD as usize]>::try_from(bytes).is_ok_and(has_right_sum)
}

/// What stands before a member and is about it.
#[derive(Default)]
struct Records {
    pax: Vec<(Vec<u8>, Vec<u8>)>,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

pub(super) fn for_each<R: Read>(tar: &mut R, path: &Path, visit: &mut Visit<'_>) -> Result<()> {
    let broken = |e: io::Error| damaged(path, &e);
    let mut records = Records::default();
    while let Some(header) = next_header(tar).map_err(broken)? {
        let told = records.number(b"size");
        let length = told.map_or_else(|| header.entry_size(), Ok).map_err(broken)?;
        let mut content = tar.by_ref().take(length);
        match header.entry_type() {
            EntryType::XHeader => {
                let text = small(&mut content, length).map_err(broken)?;
                records.pax.extend(parse(&text).map_err(broken)?);
            }
            EntryType::GNULongName => records.long_name = Some(name(&small(&mut content, length).map_err(broken)?)),
            EntryType::GNULongLink => records.long_link = Some(name(&small(&mut content, length).map_err(broken)?)),
            EntryType::XGlobalHeader => {}
            EntryType::GNUSparse => {
                return Err(refused(path, "it has sparse files in GNU's old format")
                    .with_hint("Make it anew with 'tar --format=posix -S'."));
            }
            kind => {
                member(&header, kind, &std::mem::take(&mut records), &mut content, path, visit)?;
            }
        }
        // What nobody has read, and what pads it.
        let left = content.limit() + (length.next_multiple_of(RECORD) - length);
        let skipped = io::copy(&mut tar.by_ref().take(left), &mut io::sink()).map_err(broken)?;
        if skipped < left {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(())
}

fn member<R: Read>(
    header: &Header,
    kind: EntryType,
    records: &Records,
    content: &mut io::Take<&mut R>,
    path: &Path,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let broken = |e: io::Error| damaged(path, &e);
    let link = || {
        records
            .long_link
            .clone()
            .or_else(|| records.find(b"linkpath"))
            .or_else(|| header.link_name_bytes().map(Into::into))
    };
    let is_sparse = records.find(b"GNU.sparse.major").is_some_and(|major| major == b"1");
    let sparse_name = is_sparse.then(|| records.find(b"GNU.sparse.name")).flatten();
    let long = || records.long_name.clone().or_else(|| records.find(b"path"));
    let named = sparse_name.or_else(long).unwrap_or_else(|| header.path_bytes().into_owned());
    let mut member = Member {
        path: member_path(path, &named)?,
        kind: MemberKind::File,
        attributes: records.attributes(header),
        xattrs: records.xattrs(),
        size: content.limit(),
        stored: content.limit(),
    };
    member.kind = match kind {
        EntryType::Directory => MemberKind::Folder,
        EntryType::Symlink => MemberKind::Symlink(link().unwrap_or_default()),
        EntryType::Link => MemberKind::HardLink(member_path(path, &link().unwrap_or_default())?),
        EntryType::Regular | EntryType::Continuous if named.ends_with(b"/") => MemberKind::Folder,
        EntryType::Regular | EntryType::Continuous => MemberKind::File,
        _ => MemberKind::Other,
    };
    if !is_sparse || member.kind != MemberKind::File {
        return visit(member, &mut Stream(Whole(content)));
    }
    let runs = map(content).map_err(broken)?;
    member.size = records.number(b"GNU.sparse.realsize").unwrap_or(0);
    member.stored = content.limit();
    let mut end = 0;
    for (first, length) in &runs {
        let next = first.checked_add(*length).filter(|next| *first >= end && *next <= member.size);
        end = next.ok_or_else(|| broken(io::ErrorKind::InvalidData.into()))?;
    }
    let size = member.size;
    visit(member, &mut Sparse { content: Whole(content), runs, run: 0, at: 0, size })
}

/// The next header; none at the end.
fn next_header(tar: &mut dyn Read) -> io::Result<Option<Header>> {
    let mut bytes = [0; RECORD as usize];
    let mut filled = 0;
    while filled < bytes.len() {
        match tar.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    if !has_right_sum(&bytes) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a header's checksum is wrong"));
    }
    Ok(Some(Header::from_byte_slice(&bytes).clone()))
}

/// The sum of all bytes, those of the sum itself taken as blanks.
fn has_right_sum(bytes: &[u8; RECORD as usize]) -> bool {
    let is_sum = |at: usize| (148..156).contains(&at);
    let sum: u32 = bytes.iter().enumerate().map(|(at, byte)| u32::from(if is_sum(at) { b' ' } else { *byte })).sum();
    Header::from_byte_slice(bytes).cksum().is_ok_and(|told| told == sum)
}

fn small(content: &mut dyn Read, length: u64) -> io::Result<Vec<u8>> {
    if length > MOST_RECORDS {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the records about a member are too long"));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

/// A long name ends with a NUL.
fn name(bytes: &[u8]) -> Vec<u8> {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
}

/// "LENGTH KEY=VALUE\n", again and again; the length counts all of it, so that a value may have anything in it.
fn parse(mut text: &[u8]) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "the records about a member make no sense");
    let mut records = Vec::new();
    while !text.is_empty() {
        let blank = text.iter().position(|byte| *byte == b' ').ok_or_else(wrong)?;
        let length: usize =
            std::str::from_utf8(&text[..blank]).ok().and_then(|length| length.parse().ok()).ok_or_else(wrong)?;
        let record = text.get(blank + 1..length).and_then(|record| record.strip_suffix(b"\n")).ok_or_else(wrong)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
        records.push((record[..equals].to_vec(), record[equals + 1..].to_vec()));
        text = &text[length..];
    }
    Ok(records)
}

impl Records {
    fn find(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.pax.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    }

    fn number<T: std::str::FromStr>(&self, key: &[u8]) -> Option<T> {
        std::str::from_utf8(&self.find(key)?).ok()?.parse().ok()
    }

    fn time(&self, key: &[u8]) -> Option<Timestamp> {
        let text = self.find(key)?;
        let text = std::str::from_utf8(&text).ok()?;
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let seconds: i64 = whole.parse().ok()?;
        let digits: String = part.chars().chain("000000000".chars()).take(9).collect();
        let nanoseconds: u32 = digits.parse().ok()?;
        // What is before a negative second counts from the second before it.
        Some(match (whole.starts_with('-'), nanoseconds) {
            (true, 1..) => Timestamp { seconds: seconds.checked_sub(1)?, nanoseconds: 1_000_000_000 - nanoseconds },
            _ => Timestamp { seconds, nanoseconds },
        })
    }

    fn attributes(&self, header: &Header) -> Attributes {
        let id = |told: io::Result<u64>| told.ok().and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
        let seconds = header.mtime().ok().and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
        let mtime = self.time(b"mtime").unwrap_or(Timestamp { seconds, nanoseconds: 0 });
        Attributes {
            mode: (header.mode().unwrap_or(0o644) & 0o7777) as u16,
            uid: self.number(b"uid").unwrap_or_else(|| id(header.uid())),
            gid: self.number(b"gid").unwrap_or_else(|| id(header.gid())),
            atime: self.time(b"atime").unwrap_or(mtime),
            mtime,
        }
    }

    fn xattrs(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let named =
            |(key, value): &(Vec<u8>, Vec<u8>)| Some((key.strip_prefix(b"SCHILY.xattr.")?.to_vec(), value.clone()));
        self.pax.iter().filter_map(named).collect()
    }
}

/// The map before the content of a sparse file: how many stretches, then where each begins and how long it is, a number
/// a line, padded.
fn map<R: Read>(content: &mut io::Take<&mut R>) -> io::Result<Vec<(u64, u64)>> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "the map of a sparse file makes no sense");
    let (mut read, mut line, mut numbers) = (0_u64, Vec::new(), Vec::new());
    let mut record = [0; RECORD as usize];
    loop {
        content.read_exact(&mut record)?;
        read += RECORD;
        for byte in record {
            if byte != b'\n' {
                line.push(byte);
                if line.len() > 20 {
                    // Past the last number comes padding.
                    if line.iter().all(|byte| *byte == 0) { line.clear() } else { return Err(wrong()) }
                }
                continue;
            }
            let number: u64 = std::str::from_utf8(&line).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            numbers.push(number);
            line.clear();
        }
        let count = numbers.first().copied().and_then(|count| usize::try_from(count).ok()).ok_or_else(wrong)?;
        if count > MOST_RUNS || read > MOST_RECORDS * 16 {
            return Err(wrong());
        }
        if numbers.len() > 2 * count {
            return Ok(numbers[1..]
                .as_chunks::<2>()
                .0
                .iter()
                .take(count)
                .map(|[first, length]| (*first, *length))
                .collect());
        }
    }
}

/// Content that must not end before its length.
struct Whole<'a, 'b, R>(&'a mut io::Take<&'b mut R>);

impl<R: Read> Read for Whole<'_, '_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 if self.0.limit() > 0 && !buf.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

/// A file with holes.
struct Sparse<'a, 'b, R> {
    content: Whole<'a, 'b, R>,
    /// Stretches of data, apart from each other and in rising order: where they begin, and how long they are.
    runs: Vec<(u64, u64)>,
    /// The first that does not end before `at`.
    run: usize,
    at: u64,
    size: u64,
}

impl<R> Sparse<'_, '_, R> {
    /// How many zeros come next.
    fn zeros(&mut self) -> u64 {
        while self.runs.get(self.run).is_some_and(|(first, length)| first + length <= self.at) {
            self.run += 1;
        }
        self.runs.get(self.run).map_or(self.size, |(first, _)| *first).saturating_sub(self.at)
    }
}

impl<R: Read> Read for Sparse<'_, '_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let fit = |left: u64| usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        let zeros = self.zeros();
        let count = match self.runs.get(self.run) {
            _ if zeros > 0 => {
                let count = fit(zeros);
                buf[..count].fill(0);
                count
            }
            Some((first, length)) => {
                let most = fit(first + length - self.at);
                self.content.read(&mut buf[..most])?
            }
            None => 0,
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Read> Source for Sparse<'_, '_, R> {
    fn next(&mut self) -> io::Result<Next<'_>> {
        Ok(match self.zeros() {
            0 => Next::Unknown,
            zeros => Next::Zeros(zeros),
        })
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.at += len;
        Ok(())
    }
}

//! A new volume of a disk image: qemu-img copies it into a layer of ours, and then its filesystem is looked at from end
//! to end.

use std::ops::Range;
use std::sync::Arc;

use cairn_block::qcow2::{Access, Image};
use cairn_ext4::{Filesystem, Mode};
use cairn_vm::ForeignImage;
use tokio::runtime::Handle;

use super::Making;
use super::disk::{self, Content, Partition};
use crate::convert::{block_error, ext4_error, vm_error};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::files::file_name;
use crate::id::LayerId;
use crate::layer;
use crate::manifest::{self, Manifest, layer_path};
use crate::size::Bytes;
use crate::store::internal;
use crate::volume;

/// So much of a disk's beginning tells what is on it, and of a partition's.
const BEGINNING: u64 = 1 << 20;
/// So many partitions are looked into.
const MOST_LOOKED_AT: usize = 32;

impl Making<'_> {
    /// Blocks on the disk and on qemu-img.
    pub(super) fn of_image(&self) -> Result<Manifest> {
        let handle = Handle::current();
        let image = self.unless_cancelled(&handle, ForeignImage::open(&self.import.source))?;
        let part = self.chosen(&handle, &image)?;
        let quota_bytes = part.end - part.start;
        volume::check_quota(quota_bytes)?;
        self.job.counted(1, quota_bytes);
        // What is written is at most what the file takes up, about.
        self.check_room(layer::allocated_bytes(&self.import.source))?;
        let head = LayerId::random().map_err(|e| internal("make an id", &e))?;
        let record = layer::create(self.folder, &head, None, quota_bytes)?;
        let target = layer_path(self.folder, &head);
        let mut told = 0;
        let progress = |percent: f64| {
            let done = ((percent / 100.0).clamp(0.0, 1.0) * quota_bytes as f64) as u64;
            self.job.copied(done.saturating_sub(told));
            told = told.max(done);
        };
        self.unless_cancelled(&handle, image.convert(part, &target, progress))?;
        fault::point("image converted");
        self.settle_filesystem(&head)?;
        self.job.end_file();
        let manifest = Manifest::of_new(self.id.clone(), self.name, quota_bytes, (head, record));
        manifest::save(self.folder, &manifest)?;
        Ok(manifest)
    }

    /// Which bytes of the disk are the filesystem.
    fn chosen(&self, handle: &Handle, image: &ForeignImage) -> Result<Range<u64>> {
        let read = |range: Range<u64>| {
            self.unless_cancelled(handle, image.read(range, &self.folder.join("beginning.unfinished")))
        };
        let (size, beginning) = (image.virtual_size(), read(0..BEGINNING)?);
        let whole = disk::content(&beginning);
        let partitions = disk::partitions(&beginning, size);
        if let Some(number) = self.import.partition {
            let chosen = partitions.iter().find(|part| part.number == number);
            return chosen.map(|part| part.bytes.clone()).ok_or_else(|| {
                let has = if partitions.is_empty() { "no partitions" } else { "no such partition" };
                self.refused(&format!("it has {has} that is number {number}"), "Look at it with 'fdisk -l'.")
            });
        }
        if whole == Content::Ext {
            return Ok(0..size);
        }
        let mut found = Vec::new();
        for part in partitions.into_iter().take(MOST_LOOKED_AT) {
            let content = disk::content(&read(part.bytes.start..part.bytes.start + BEGINNING.min(1 << 17))?);
            found.push((part, content));
        }
        let mut ext = found.iter().filter(|(_, content)| *content == Content::Ext).map(|(part, _)| part);
        match (ext.next(), ext.next()) {
            (Some(only), None) => Ok(only.bytes.clone()),
            (Some(_), Some(_)) => Err(self.refused(
                &format!("it has several partitions with an ext4 filesystem: {}", told(&found)),
                "Say which one is meant, by its number.",
            )),
            (None, _) => Err(self.refused(&nothing(whole, &found), "Make an archive of its files, and import that.")),
        }
    }

    /// Replays the journal that whoever had the disk may have left, and looks at all of it: nothing of it is trusted.
    fn settle_filesystem(&self, head: &LayerId) -> Result<()> {
        let path = layer_path(self.folder, head);
        let open = |access| Image::open(&path, access).map_err(|e| block_error("open the imported disk", &e));
        let filesystem = Filesystem::open(Arc::new(open(Access::ReadWrite)?), Mode::ReadWrite)
            .map_err(|e| ext4_error("open the filesystem of the image", &e))?;
        filesystem.flush().map_err(|e| ext4_error("write to the imported disk", &e))?;
        drop(filesystem);
        self.job.go_on()?;
        let verdict = cairn_ext4::verify(Arc::new(open(Access::ReadOnly)?))
            .map_err(|e| ext4_error("check the filesystem of the image", &e))?;
        match verdict.findings.first() {
            Some(first) if !verdict.is_clean() => Err(self.refused(
                &format!("its filesystem is damaged: {}", first.message),
                "Repair a copy of it with 'e2fsck -f', and import that.",
            )),
            _ => Ok(()),
        }
    }

    fn unless_cancelled<T>(&self, handle: &Handle, work: impl Future<Output = cairn_vm::Result<T>>) -> Result<T> {
        let outcome = handle.block_on(async {
            tokio::select! {
                biased;
                () = self.job.cancelled() => None,
                outcome = work => Some(outcome),
            }
        });
        match outcome {
            Some(outcome) => outcome.map_err(|e| vm_error("import the image", &e)),
            None => self.job.go_on().and(Err(internal("import the image", &"it was cancelled"))),
        }
    }

    fn refused(&self, why: &str, hint: &str) -> Error {
        let name = file_name(&self.import.source);
        Error::new(ErrorKind::Unsupported, format!("'{name}' cannot become a volume: {why}.")).with_hint(hint)
    }
}

/// What there is in place of an ext4 filesystem.
fn nothing(whole: Content, found: &[(Partition, Content)]) -> String {
    match (whole, found) {
        (_, [_, ..]) => format!("no partition of it has an ext4 filesystem: {}", told(found)),
        (Content::Other(name), []) => format!("it holds no ext4 filesystem but {name}"),
        (_, []) => "it holds no ext4 filesystem, and nothing else that is known".to_owned(),
    }
}

fn told(found: &[(Partition, Content)]) -> String {
    let one = |(part, content): &(Partition, Content)| {
        let what = match content {
            Content::Ext => "ext4",
            Content::Other(name) => name,
            Content::Unknown => "not known",
        };
        format!("{} ({what}, {})", part.number, Bytes(part.bytes.end - part.bytes.start))
    };
    found.iter().map(one).collect::<Vec<_>>().join(", ")
}

//! The history of a file: its versions in the checkpoints of the present's line, and the present.
//!
//! One chain is opened, and each checkpoint is looked at through it. What was read to find the file in one state is
//! remembered: where no layer up to the next state wrote any of it, that state has the same file, and is passed over.

use std::sync::{Arc, Mutex};

use cairn_block::BlockDevice;
use cairn_block::qcow2::{Access, Image, LayerState};
use cairn_ext4::{FileHandle, Filesystem, Metadata, Mode};

use crate::convert::{block_error, ext4_error};
use crate::engine::{Engine, blocking};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::files::VolumePath;
use crate::files::tree::Tree;
use crate::layer;
use crate::lease;
use crate::manifest::{CheckpointRecord, Manifest};
use crate::model::{FileEntry, FileKind, FileVersion, FileVersionKind};
use crate::slot::Slot;
use crate::sync;

/// How much of two versions is compared at once.
const CHUNK_BYTES: usize = 1 << 20;

impl Engine {
    /// The versions of the file at `path`, oldest first: in the checkpoints that the present grew from, and in the
    /// present unless a machine is writing it. Each is told once, with the first state that has it; deleting and
    /// creating anew count as versions. A path that was never there has none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad path; when the volume is damaged.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_history(&self, volume: &str, path: &str) -> Result<Vec<FileVersion>> {
        let path = VolumePath::parse(path)?;
        let slot = self.slot(volume)?;
        let present = lease::writer(&*slot.manifest()?).is_none();
        let pass = if present { self.pass(&slot, None).await? } else { None };
        blocking(move || {
            let _pass = pass;
            let (manifest, image) = open_line(&slot, present)?;
            history(&manifest, &image, present, &path)
        })
        .await
    }
}

/// Opens the chain of the present, or of what it stands on while a machine has it.
fn open_line(slot: &Slot, present: bool) -> Result<(Arc<Manifest>, Option<Arc<Image>>)> {
    let _opening = slot.opening();
    let manifest = slot.manifest()?;
    let line = manifest.chain(&manifest.head);
    let Some(top) = line.get(usize::from(!present)) else { return Ok((manifest, None)) };
    let image = layer::open_image(&slot.folder, &manifest, top, Access::ReadOnly)?;
    Ok((manifest, Some(Arc::new(image))))
}

/// One state: how deep its layer lies in the chain, and the checkpoint, or the present.
struct State<'a> {
    depth: usize,
    checkpoint: Option<&'a CheckpointRecord>,
}

fn history(
    manifest: &Manifest,
    image: &Option<Arc<Image>>,
    present: bool,
    path: &VolumePath,
) -> Result<Vec<FileVersion>> {
    let Some(image) = image else { return Ok(Vec::new()) };
    let line = manifest.chain(&manifest.head);
    let mut states = Vec::new();
    for (depth, layer) in line.iter().skip(usize::from(!present)).enumerate() {
        let checkpoint = manifest.checkpoints.iter().find(|record| record.layer == *layer);
        if checkpoint.is_some() || (present && depth == 0) {
            states.push(State { depth, checkpoint });
        }
    }
    let mut versions: Vec<FileVersion> = Vec::new();
    let mut last: Option<Look> = None;
    for state in states.iter().rev() {
        if let Some(before) = &last
            && before.holds_at(image, state.depth)?
        {
            continue;
        }
        let look = Look::new(image, state.depth, path)?;
        let kind = match (last.as_ref().and_then(|look| look.found.as_ref()), &look.found) {
            (None, None) => None,
            (None, Some(_)) if versions.is_empty() => Some(FileVersionKind::Created),
            (None, Some(_)) => Some(FileVersionKind::Recreated),
            (Some(_), None) => Some(FileVersionKind::Deleted),
            (Some(before), Some(after)) => (!before.is_like(after, path)?).then_some(FileVersionKind::Changed),
        };
        if let Some(kind) = kind {
            versions.push(FileVersion {
                kind,
                checkpoint_id: state.checkpoint.map(|record| record.id.clone()),
                checkpoint_name: state.checkpoint.map(|record| record.name.clone()),
                created_at: state.checkpoint.map(|record| record.created_at),
                file: look.found.as_ref().map(|found| found.entry.clone()),
            });
        }
        last = Some(look);
    }
    Ok(versions)
}

/// A file in one state.
struct Found {
    entry: FileEntry,
    metadata: Metadata,
    content: Option<FileHandle>,
}

/// What was found in one state, and what was read to find it.
struct Look {
    depth: usize,
    found: Option<Found>,
    /// Ranges of bytes (first, behind the last). `None` when they do not tell everything: a journal was replayed.
    read: Option<Vec<(u64, u64)>>,
}

impl Look {
    fn new(image: &Arc<Image>, depth: usize, path: &VolumePath) -> Result<Self> {
        let failed = |e| ext4_error("open the volume's filesystem", &e);
        let recorder = Arc::new(Recorder { state: state(image, depth)?, read: Mutex::default() });
        let clean = !cairn_ext4::needs_recovery(&*recorder).map_err(failed)?;
        let filesystem = Filesystem::open(recorder.clone(), Mode::ReadOnly).map_err(failed)?;
        let head = filesystem.head_bytes().map_err(failed)?;
        let tree = Tree::of(filesystem);
        let found = match tree.find(path)? {
            None => None,
            Some(metadata) => {
                let entry = tree.entry(path, &metadata)?;
                let content = (entry.kind == FileKind::File).then(|| tree.open_file(path)).transpose()?;
                Some(Found { entry, metadata, content })
            }
        };
        let mut read = std::mem::take(&mut *sync::lock(&recorder.read));
        // What every change touches says nothing: where the tables lie does not change.
        read.retain(|range| range.1 > head);
        if let Some(content) = found.as_ref().and_then(|found| found.content.as_ref()) {
            let places = content.places().map_err(|e| ext4_error(&format!("look at '{path}'"), &e))?;
            read.extend(places);
        }
        Ok(Self { depth, found, read: clean.then_some(read) })
    }

    /// Whether a later state, whose layer lies `depth` deep, has the same, because nothing that was read for it was
    /// written since.
    fn holds_at(&self, image: &Arc<Image>, depth: usize) -> Result<bool> {
        let Some(read) = &self.read else { return Ok(false) };
        for layer in depth..self.depth {
            if image.layer_has(layer, read).map_err(|e| block_error("look at a layer", &e))? {
                return Ok(false);
            }
        }
        let clean = cairn_ext4::needs_recovery(&state(image, depth)?).map(|needs| !needs);
        clean.map_err(|e| ext4_error("open the volume's filesystem", &e))
    }
}

impl Found {
    /// Whether two states have the same version.
    fn is_like(&self, other: &Self, path: &VolumePath) -> Result<bool> {
        let about = |found: &Self| {
            let FileEntry { kind, size, mode, uid, gid, target, .. } = found.entry.clone();
            let folder = kind == FileKind::Directory;
            let modified = (!folder).then_some(found.metadata.mtime);
            (kind as u8, if folder { 0 } else { size }, mode, uid, gid, modified, target)
        };
        if about(self) != about(other) {
            return Ok(false);
        }
        match (&self.content, &other.content) {
            (Some(a), Some(b)) => same_bytes(a, b).map_err(|e| ext4_error(&format!("read '{path}'"), &e)),
            _ => Ok(true),
        }
    }
}

fn same_bytes(a: &FileHandle, b: &FileHandle) -> cairn_ext4::Result<bool> {
    let (mut first, mut second) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
    let mut offset = 0;
    loop {
        let (read, other) = (a.read_at(&mut first, offset)?, b.read_at(&mut second, offset)?);
        if read != other || first.get(..read) != second.get(..read) {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
        offset += read as u64;
    }
}

fn state(image: &Arc<Image>, depth: usize) -> Result<LayerState> {
    image.state(depth).ok_or_else(|| crate::store::internal("look at a checkpoint", &"its layer is not in the chain"))
}

/// A state that remembers what was read of it.
struct Recorder {
    state: LayerState,
    read: Mutex<Vec<(u64, u64)>>,
}

impl BlockDevice for Recorder {
    fn len(&self) -> u64 {
        self.state.len()
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> cairn_block::Result<()> {
        sync::lock(&self.read).push((offset, offset + buf.len() as u64));
        self.state.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> cairn_block::Result<()> {
        self.state.write_at(buf, offset)
    }

    fn discard(&self, offset: u64, len: u64) -> cairn_block::Result<()> {
        self.state.discard(offset, len)
    }

    fn flush(&self) -> cairn_block::Result<()> {
        Ok(())
    }
}

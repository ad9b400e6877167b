//! The history of a file: its versions in all checkpoints, and in the present.
//!
//! One chain is opened for each line of checkpoints, and each of them is looked at through it. What was read to find the
//! file in one state is remembered: where no layer up to the next state wrote any of it, that state has the same file,
//! and is passed over.

use std::collections::HashSet;
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
use crate::id::{CheckpointId, LayerId};
use crate::layer;
use crate::lease;
use crate::manifest::{CheckpointRecord, Manifest};
use crate::model::{FileEntry, FileKind, FileVersion, FileVersionKind};
use crate::slot::Slot;
use crate::sync;

/// How much of two versions is compared at once.
const CHUNK_BYTES: usize = 1 << 20;

impl Engine {
    /// The versions of the file at `path`, in the order in which their checkpoints were taken: in all checkpoints, and in
    /// the present unless a machine is writing it. Each is told once, with the first state that has it; deleting and
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
            history(&slot, present, &path)
        })
        .await
    }
}

/// One state: how deep its layer lies in the chain, and the checkpoint, or the present.
struct State<'a> {
    depth: usize,
    checkpoint: Option<&'a CheckpointRecord>,
}

/// States that grew from each other, and the chain through which they are looked at.
struct Line {
    manifest: Arc<Manifest>,
    top: LayerId,
    image: Arc<Image>,
}

impl Line {
    /// What stands below the layer that `top` names; `None` when it names none. Layers stay where they are while the chain
    /// is opened, and not while it is looked at.
    fn open(slot: &Slot, top: impl FnOnce(&Manifest) -> Option<LayerId>) -> Result<Option<Self>> {
        let _opening = slot.opening();
        let manifest = slot.manifest()?;
        let Some(top) = top(&manifest) else { return Ok(None) };
        let image = Arc::new(layer::open_image(&slot.folder, &manifest, &top, Access::ReadOnly)?);
        Ok(Some(Self { manifest, top, image }))
    }

    /// The newest first: the checkpoints, and the present where that is the uppermost.
    fn states(&self) -> Vec<State<'_>> {
        let mut states = Vec::new();
        for (depth, layer) in self.manifest.chain(&self.top).iter().enumerate() {
            let checkpoint = self.manifest.checkpoints.iter().find(|record| record.layer == *layer);
            if checkpoint.is_some() || *layer == self.manifest.head {
                states.push(State { depth, checkpoint });
            }
        }
        states
    }
}

/// The line of the present comes first. Then the others, which people have gone back from, each from where it parts
/// from what was looked at already.
fn history(slot: &Slot, present: bool, path: &VolumePath) -> Result<Vec<FileVersion>> {
    let mut found = Versions { path, told: Vec::new() };
    let mut seen = HashSet::new();
    let manifest = slot.manifest()?;
    let top = |manifest: &Manifest| manifest.chain(&manifest.head).get(usize::from(!present)).cloned();
    if let Some(line) = Line::open(slot, top)? {
        found.follow(&line, &mut seen, false)?;
    }
    for record in manifest.checkpoints.iter().rev() {
        if seen.contains(&record.id) {
            continue;
        }
        // It may have been deleted meanwhile.
        let top = |manifest: &Manifest| manifest.checkpoint(&record.id).map(|record| record.layer.clone());
        if let Some(line) = Line::open(slot, top)? {
            found.follow(&line, &mut seen, true)?;
        }
    }
    Ok(found.in_order(&manifest))
}

/// The versions that have been found of the file at `path`.
struct Versions<'a> {
    path: &'a VolumePath,
    told: Vec<FileVersion>,
}

impl Versions<'_> {
    /// Looks at the states of a line that nobody has `seen` yet, each beside the one before it.
    fn follow(&mut self, line: &Line, seen: &mut HashSet<CheckpointId>, elsewhere: bool) -> Result<()> {
        let is_new = |state: &State| state.checkpoint.is_none_or(|record| !seen.contains(&record.id));
        let states = line.states();
        let new = states.iter().take_while(|state| is_new(state)).count();
        let mut last: Option<Look> = None;
        for (at, state) in states.iter().enumerate().take(new + 1).rev() {
            if let Some(before) = &last
                && before.holds_at(&line.image, state.depth)?
            {
                continue;
            }
            let look = Look::new(&line.image, state.depth, self.path)?;
            if at < new {
                self.tell(last.as_ref().and_then(|look| look.found.as_ref()), &look, state, elsewhere)?;
            }
            last = Some(look);
        }
        seen.extend(states.iter().filter_map(|state| state.checkpoint).map(|record| record.id.clone()));
        Ok(())
    }

    fn tell(&mut self, before: Option<&Found>, look: &Look, state: &State, elsewhere: bool) -> Result<()> {
        let kind = match (before, &look.found) {
            (None, None) => None,
            (None, Some(_)) if self.told.is_empty() => Some(FileVersionKind::Created),
            (None, Some(_)) => Some(FileVersionKind::Recreated),
            (Some(_), None) => Some(FileVersionKind::Deleted),
            (Some(before), Some(after)) => (!before.is_like(after, self.path)?).then_some(FileVersionKind::Changed),
        };
        self.told.extend(kind.map(|kind| FileVersion {
            kind,
            checkpoint_id: state.checkpoint.map(|record| record.id.clone()),
            checkpoint_name: state.checkpoint.map(|record| record.name.clone()),
            created_at: state.checkpoint.map(|record| record.created_at),
            elsewhere,
            file: look.found.as_ref().map(|found| found.entry.clone()),
        }));
        Ok(())
    }

    /// In the order in which the checkpoints were taken, which no clock can turn around; the present is last.
    fn in_order(mut self, manifest: &Manifest) -> Vec<FileVersion> {
        let place = |version: &FileVersion| {
            let id = version.checkpoint_id.as_ref();
            id.and_then(|id| manifest.checkpoints.iter().position(|record| record.id == *id)).unwrap_or(usize::MAX)
        };
        self.told.sort_by_cached_key(place);
        self.told
    }
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

//! A volume's layers as files: making, opening, measuring and removing them.
//!
//! Knows qcow2 images by path and a volume by its folder and manifest; decides nothing.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::BlockDevice;
use cairn_block::qcow2::{self, Access, CreateOptions, Image};
use cairn_ext4::{Filesystem, Mode};
use time::OffsetDateTime;

use crate::base::{self, Base};
use crate::convert::{block_error, ext4_error, io_error};
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::manifest::{LayerRecord, Manifest, layer_file, layer_path};
use crate::size::Bytes;
use crate::store::internal;

/// Virtual sizes are whole clusters.
const CLUSTER_BYTES: u64 = 128 << 10;
/// The extension of a layer that is not complete.
const UNFINISHED: &str = "unfinished";

/// The virtual size of the layers of a volume with this quota.
pub(crate) fn virtual_size(quota_bytes: u64) -> u64 {
    quota_bytes.next_multiple_of(CLUSTER_BYTES)
}

/// The virtual size of a layer as its file has it.
pub(crate) fn virtual_size_of(folder: &Path, layer: &LayerId) -> Result<u64> {
    let info = qcow2::info(&layer_path(folder, layer)).map_err(|e| block_error("look at a layer", &e))?;
    Ok(info.virtual_size)
}

/// Makes the layer `id` in `folder`, empty, on top of `parent`. It has its name only when it is complete and
/// durable, so that a layer which is there after a crash can be used.
pub(crate) fn create(folder: &Path, id: &LayerId, parent: Option<&LayerId>, quota_bytes: u64) -> Result<LayerRecord> {
    let path = layer_path(folder, id);
    let unfinished = unfinished_path(folder, id);
    remove_file(&unfinished)?;
    let mut options = CreateOptions { virtual_size: virtual_size(quota_bytes), ..CreateOptions::default() };
    options.backing_file = parent.map(layer_file);
    qcow2::create(&unfinished, &options).map_err(|e| block_error("make a new layer", &e))?;
    fault::point("layer made");
    std::fs::rename(&unfinished, &path)
        .inspect(|()| fault::point("layer named"))
        .and_then(|()| durable::sync_folder(folder))
        .map_err(|e| io_error("name the new layer", &path, &e))?;
    fault::point("layer durable");
    record(folder, id, parent)
}

/// Makes a base that shows what the layer shows that it stands on. Durable on return.
pub(crate) fn create_base(folder: &Path, base: &Base) -> Result<()> {
    let (path, unfinished) = (base.path(folder), unfinished_path(folder, &base.id));
    remove_file(&unfinished)?;
    let virtual_size = virtual_size_of(folder, &base.on)?;
    let options = CreateOptions { virtual_size, backing_file: Some(layer_file(&base.on)) };
    qcow2::create(&unfinished, &options).map_err(|e| block_error("make a base", &e))?;
    durable::rename(&unfinished, &path).map_err(|e| io_error("name the new base", &path, &e))
}

/// Removes a base that is not used any more. One that stays is removed at the next start.
pub(crate) fn remove_base(folder: &Path, base: &Base) {
    if let Err(error) = remove_file(&base.path(folder)) {
        tracing::warn!(%error, "a base that is not used any more could not be removed");
    }
}

/// Removes the bases that the manifest does not name; what they held is in the layers. Answers whether the one that
/// it names is there.
pub(crate) fn tidy_bases(folder: &Path, manifest: &Manifest) -> bool {
    let known = manifest.base.as_ref().map(Base::file);
    for name in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()) {
        let Some(name) = name.to_str().filter(|name| base::id_of_file(name).is_some()) else { continue };
        if known.as_deref() != Some(name)
            && let Err(error) = remove_file(&folder.join(name))
        {
            tracing::warn!(%error, "a base that is not used any more could not be removed");
        }
    }
    known.is_none_or(|name| folder.join(name).is_file())
}

/// Lets the head's filesystem grow on a throw-away overlay: whether it can must be known before its disk has grown,
/// because that cannot be undone.
pub(crate) fn try_to_grow(folder: &Path, manifest: &Manifest, quota_bytes: u64) -> Result<()> {
    let id = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
    let path = unfinished_path(folder, &id);
    let options =
        CreateOptions { virtual_size: virtual_size(quota_bytes), backing_file: Some(layer_file(&manifest.head)) };
    let tried = qcow2::create(&path, &options)
        .and_then(|()| Image::open(&path, Access::ReadWrite))
        .map_err(|e| block_error("see whether the volume can grow", &e))
        .and_then(|image| {
            let filesystem = Filesystem::open(Arc::new(image), Mode::ReadWrite);
            filesystem.and_then(|filesystem| filesystem.grow()).map_err(|e| too_far(manifest, quota_bytes, &e))
        });
    remove_file(&path)?;
    tried
}

fn too_far(manifest: &Manifest, quota_bytes: u64, error: &cairn_ext4::Error) -> Error {
    if error.kind() != cairn_ext4::ErrorKind::NoSpace {
        return ext4_error("grow the volume's filesystem", error);
    }
    let (name, now, then) = (&manifest.name, Bytes(manifest.quota_bytes), Bytes(quota_bytes));
    Error::new(ErrorKind::InvalidInput, format!("The volume '{name}' of {now} cannot grow to {then}: {error}."))
        .with_hint("Choose a smaller size, or create a new volume and copy the files.")
}

/// Removes what was being made when an engine died: nothing refers to it.
pub(crate) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == UNFINISHED)
            && let Err(error) = remove_file(&path)
        {
            tracing::warn!(%error, "an unfinished layer could not be removed");
        }
    }
}

/// What a layer is called before it is complete.
fn unfinished_path(folder: &Path, id: &LayerId) -> PathBuf {
    folder.join(format!("{id}.{UNFINISHED}"))
}

/// What the manifest says of the layer `id`, which is in `folder` and still empty.
pub(crate) fn record(folder: &Path, id: &LayerId, parent: Option<&LayerId>) -> Result<LayerRecord> {
    let path = layer_path(folder, id);
    let empty_length = std::fs::metadata(&path).map_err(|e| io_error("look at the new layer", &path, &e))?.len();
    Ok(LayerRecord { parent: parent.cloned(), created_at: OffsetDateTime::now_utc(), empty_length })
}

/// Opens the head on its private base, if it has one, else on its history.
fn open_head(folder: &Path, manifest: &Manifest, access: Access) -> Result<Image> {
    match open_on_base(folder, manifest, access) {
        Some(Ok(image)) => Ok(image),
        Some(Err(error)) => {
            // Whatever is wrong with it, the history has everything.
            tracing::debug!(volume = %manifest.id, %error, "the head is opened on its history");
            open_image(folder, manifest, &manifest.head, access)
        }
        None => open_image(folder, manifest, &manifest.head, access),
    }
}

/// Opens the head on its private base; `None` when it has none that may be used now.
fn open_on_base(folder: &Path, manifest: &Manifest, access: Access) -> Option<cairn_block::Result<Image>> {
    let below = files_below(folder, manifest, &manifest.head);
    let base = manifest.base.as_ref().filter(|_| !below.is_empty())?;
    let ground: Vec<String> = manifest.chain(&base.on).iter().map(layer_file).collect();
    let opened = Image::open_on(&layer_path(folder, &manifest.head), &below, access);
    Some(opened.and_then(|image| {
        if are_named(&image.layers()[below.len() + 1..], &ground) {
            return Ok(image);
        }
        let message = "the base does not stand on the layers that it was made on";
        Err(cairn_block::Error::new(cairn_block::ErrorKind::Corrupt, message).at(&base.path(folder)))
    }))
}

/// What is wrong with the private base, if the head has one, and a machine could not open it.
pub(crate) fn fault_of_base(folder: &Path, manifest: &Manifest) -> Option<cairn_block::Error> {
    let error = open_on_base(folder, manifest, Access::ReadOnly)?.err()?;
    (error.kind() != cairn_block::ErrorKind::Locked).then_some(error)
}

/// The layer of a chain, uppermost first, on which what stands in for it is best put: the lowest, or the one above it
/// when that has most of the data.
pub(crate) fn ground<'a>(folder: &Path, chain: &'a [LayerId]) -> Option<&'a LayerId> {
    let lowest = chain.last()?;
    let above: u64 = chain.iter().rev().skip(1).map(|layer| disk_bytes(folder, layer)).sum();
    let second = chain.iter().rev().nth(1).filter(|_| chain.len() > 3);
    Some(second.filter(|second| disk_bytes(folder, second) > above / 2).unwrap_or(lowest))
}

/// The files to be opened below `layer` whatever its header says, the uppermost first: what lies above the base, and
/// the base. None when the headers tell.
pub(crate) fn files_below(folder: &Path, manifest: &Manifest, layer: &LayerId) -> Vec<PathBuf> {
    let Some((base, above)) = manifest.base_in_use().filter(|_| *layer == manifest.head) else { return Vec::new() };
    let frozen = above.iter().skip(1).map(|layer| layer_path(folder, layer));
    frozen.chain([base.path(folder)]).collect()
}

fn are_named(files: &[PathBuf], names: &[String]) -> bool {
    files.len() == names.len()
        && files.iter().zip(names).all(|(file, name)| file.file_name().is_some_and(|file| *file == **name))
}

/// Opens `layer` with all that it stands on by the headers, and checks that this is what the manifest says.
pub(crate) fn open_image(folder: &Path, manifest: &Manifest, layer: &LayerId, access: Access) -> Result<Image> {
    let image = Image::open(&layer_path(folder, layer), access).map_err(|e| block_error("open the volume", &e))?;
    let expected: Vec<String> = manifest.chain(layer).iter().map(layer_file).collect();
    if are_named(&image.layers(), &expected) {
        return Ok(image);
    }
    Err(Error::new(
        ErrorKind::Corrupt,
        format!(
            "The layers of the volume '{}' do not stand on each other as its manifest says; somebody has changed {}.",
            manifest.name,
            layer_file(layer)
        ),
    )
    .with_hint("Restore the layer from a backup, or go back to another checkpoint."))
}

/// Opens the filesystem in `layer`.
pub(crate) fn open_filesystem(
    folder: &Path,
    manifest: &Manifest,
    layer: &LayerId,
    access: Access,
) -> Result<Filesystem> {
    let mode = match access {
        Access::ReadOnly => Mode::ReadOnly,
        Access::ReadWrite => Mode::ReadWrite,
    };
    let image: Arc<dyn BlockDevice> = Arc::new(match *layer == manifest.head {
        true => open_head(folder, manifest, access)?,
        false => open_image(folder, manifest, layer, access)?,
    });
    Filesystem::open(image, mode).map_err(|e| ext4_error("open the volume's filesystem", &e))
}

/// Whether nothing has been written to `layer` since it was made.
pub(crate) fn is_empty(folder: &Path, manifest: &Manifest, layer: &LayerId) -> Result<bool> {
    is_empty_but_for(folder, manifest, layer, 0)
}

/// Whether its file has grown by at most so many bytes since it was made.
pub(crate) fn is_empty_but_for(folder: &Path, manifest: &Manifest, layer: &LayerId, bytes: u64) -> Result<bool> {
    let path = layer_path(folder, layer);
    let length = std::fs::metadata(&path).map_err(|e| io_error("look at the layer", &path, &e))?.len();
    Ok(manifest
        .layers
        .get(layer)
        .is_some_and(|record| record.empty_length > 0 && length <= record.empty_length + bytes))
}

/// Who was interrupted while it wrote the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// An engine: what it had written and given no name yet stands in free blocks, and is discarded.
    Engine,
    /// A machine: what stands in free blocks is its own business.
    Machine,
}

/// Tidies the head up after a writer that was killed: replays the journal, and gives back what it had taken and never
/// used. Nobody may have the head. That it cannot be done does no harm, and is only logged.
pub(crate) fn tidy_up(folder: &Path, manifest: &Manifest, after: Writer) {
    match try_to_tidy_up(folder, manifest, after) {
        Ok(0) => {}
        Ok(bytes) => tracing::info!(volume = %manifest.id, bytes, "room that an interrupted write had taken is free"),
        Err(error) => tracing::warn!(volume = %manifest.id, %error, "the volume could not be tidied up"),
    }
}

fn try_to_tidy_up(folder: &Path, manifest: &Manifest, after: Writer) -> Result<u64> {
    let failed = |e: cairn_block::Error| block_error("look for room that is not used", &e);
    let image = Arc::new(open_image(folder, manifest, &manifest.head, Access::ReadWrite)?);
    let own = if after == Writer::Engine { image.own_ranges().map_err(failed)? } else { Vec::new() };
    let before = whole_bytes(folder, &manifest.head);
    // Opening replays.
    let tidied = Filesystem::open(image.clone(), Mode::ReadWrite).and_then(|filesystem| {
        let discarded = filesystem.discard_free(&own);
        filesystem.flush().and(discarded)
    });
    image.reclaim_leaks().map_err(failed)?;
    tidied.map_err(|e| ext4_error("replay the filesystem's journal", &e))?;
    Ok(before.saturating_sub(whole_bytes(folder, &manifest.head)))
}

/// Bytes that a layer takes up on the host's disk, divided among the volumes that share it; none when it is missing.
pub(crate) fn disk_bytes(folder: &Path, layer: &LayerId) -> u64 {
    std::fs::metadata(layer_path(folder, layer)).map_or(0, |meta| meta.blocks() * 512 / meta.nlink().max(1))
}

/// Bytes that a layer takes up on the host's disk, whoever else has it; none when it is missing.
pub(crate) fn whole_bytes(folder: &Path, layer: &LayerId) -> u64 {
    allocated_bytes(&layer_path(folder, layer))
}

/// Bytes of the host's disk that go with a layer's file: none when another volume has it, too, or when it is missing.
pub(crate) fn own_bytes(folder: &Path, layer: &LayerId) -> u64 {
    let meta = std::fs::metadata(layer_path(folder, layer));
    meta.map_or(0, |meta| if meta.nlink() > 1 { 0 } else { meta.blocks() * 512 })
}

/// Bytes that the volume's private base takes up on the host's disk; none without one.
pub(crate) fn base_bytes(folder: &Path, manifest: &Manifest) -> u64 {
    manifest.base.as_ref().map_or(0, |base| allocated_bytes(&base.path(folder)))
}

/// Bytes that a file takes up on the host's disk; none when it is missing.
pub(crate) fn allocated_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.blocks() * 512)
}

/// The layers in `folder` that the manifest does not know, and that nothing is about to add.
pub(crate) fn unknown(folder: &Path, manifest: &Manifest) -> Vec<LayerId> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    let layers = names.filter_map(|name| name.to_str()?.strip_suffix(".qcow2")?.parse::<LayerId>().ok());
    layers.filter(|layer| !manifest.layers.contains_key(layer)).collect()
}

/// Removes layers that nothing needs any more; those that are gone already are no failure. Durable on return.
pub(crate) fn remove(folder: &Path, layers: &[LayerId]) -> Result<()> {
    for layer in layers {
        remove_file(&layer_path(folder, layer))?;
        fault::point("layer removed");
    }
    durable::sync_folder(folder).map_err(|e| io_error("remove layers", folder, &e))
}

fn remove_file(path: &Path) -> Result<()> {
    durable::remove_if_there(path).map_err(|e| io_error("remove the layer", path, &e))
}

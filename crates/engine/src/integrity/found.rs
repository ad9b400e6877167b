//! Files in a volume's folder that its manifest does not know, and whether they fit into its tree.

use std::path::Path;

use cairn_block::qcow2::{self, Access, Image};

use super::digest;
use crate::base;
use crate::id::LayerId;
use crate::manifest::{self, Manifest, layer_file, layer_path};
use crate::mount::stand_in;

/// Where a repair moves what it cannot place, in the volume's folder.
pub(super) const ASIDE: &str = "aside";

/// What a file is that nobody knows.
pub(super) enum Verdict {
    /// A whole layer that stands on the named layer of the tree, or on none.
    Fits(LayerId, Option<LayerId>),
    /// Nothing that Cairn can use, and why.
    Stranger(String),
}

impl Verdict {
    pub(super) fn sentence(&self, file: &str) -> String {
        match self {
            Self::Fits(..) => {
                format!("{file} is a whole layer, and no layer of the volume. A repair adopts it as a checkpoint.")
            }
            Self::Stranger(why) => format!("{file} does not belong to the volume: {why}. A repair moves it aside."),
        }
    }
}

/// All files in `folder` that nothing accounts for, by name.
pub(super) fn look(folder: &Path, manifest: &Manifest) -> Vec<(String, Verdict)> {
    // What was begun may be about to add one of them.
    if !manifest.intents.is_empty() {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !is_ours(name, manifest))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), judge(folder, manifest, &name))).collect()
}

fn is_ours(name: &str, manifest: &Manifest) -> bool {
    let layer = name.strip_suffix(".qcow2").and_then(|id| id.parse::<LayerId>().ok());
    let is_known = layer.is_some_and(|layer| manifest.layers.contains_key(&layer));
    // A head's own base is a cache; a damaged manifest is kept for people.
    let of_manifest = [manifest::FILE_NAME, manifest::PREVIOUS_NAME, digest::FILE_NAME].contains(&name);
    is_known
        || of_manifest
        || name.ends_with(base::ENDING)
        || name.ends_with(stand_in::ENDING)
        || name.starts_with("manifest.broken-")
        || [".unfinished", ".new", ".old"].iter().any(|end| name.ends_with(end))
}

fn judge(folder: &Path, manifest: &Manifest, name: &str) -> Verdict {
    let Some(layer) = name.strip_suffix(".qcow2").and_then(|id| id.parse::<LayerId>().ok()) else {
        return Verdict::Stranger("it is not called as a layer is".into());
    };
    match parent(folder, &layer) {
        Ok(parent) if parent.as_ref().is_none_or(|parent| manifest.layers.contains_key(parent)) => {
            Verdict::Fits(layer, parent)
        }
        Ok(_) => Verdict::Stranger("it stands on a layer that the volume does not have".into()),
        Err(why) => Verdict::Stranger(why),
    }
}

/// The layer that the layer at hand stands on, when its whole chain can be opened.
pub(super) fn parent(folder: &Path, layer: &LayerId) -> Result<Option<LayerId>, String> {
    let path = layer_path(folder, layer);
    let info = qcow2::info(&path).map_err(|error| error.to_string())?;
    let parent = match &info.backing_file {
        None => None,
        Some(file) => {
            let id = file.strip_suffix(".qcow2").and_then(|id| id.parse::<LayerId>().ok());
            Some(id.ok_or_else(|| format!("it stands on '{file}', which is not called as a layer is"))?)
        }
    };
    let image = Image::open(&path, Access::ReadOnly).map_err(|error| error.to_string())?;
    debug_assert!(image.layers()[0].ends_with(layer_file(layer)));
    Ok(parent)
}

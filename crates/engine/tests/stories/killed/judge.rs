//! What others say of a store that an engine has left: `qemu-img check`, `e2fsck -fn`, the bits of each
//! checkpoint, and that each layer belongs to somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cairn_block::BlockDevice;
use cairn_block::qcow2::{Access, Image};
use sha2::{Digest, Sha256};

use crate::common::*;

/// What is compared, hashed and copied at a time.
const PIECE: usize = 64 << 10;

/// Judges a store again and again; what has not changed since is not judged twice.
#[derive(Clone, Default)]
pub(crate) struct Judge {
    /// A checkpoint → the digest of its disk, taken when it was first seen.
    disks: BTreeMap<String, String>,
    /// Layers' files (name, length, time) that `qemu-img check` and `e2fsck` have judged.
    judged: BTreeSet<String>,
}

impl Judge {
    /// Judges a store that no engine has open.
    pub(crate) fn judge(&mut self, store: &Path) {
        let run = std::fs::read_dir(store.join("run")).unwrap().map(|entry| entry.unwrap().path());
        // What a fetch has gathered stays for who takes that up again, and for nobody else.
        let is_lost = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|ending| ending == "fetch") && !path.with_extension("transfer").exists()
        };
        let fetched: Vec<_> = run.filter(is_lost).collect();
        assert!(fetched.is_empty(), "{fetched:?} lie about");
        for folder in std::fs::read_dir(store.join("volumes")).unwrap() {
            let folder = folder.unwrap().path();
            let manifest = manifest(&folder);
            nothing_is_left_over(&folder, &manifest);
            let head = manifest["head"].as_str().unwrap();
            let is_mounted = !manifest["mounts"].as_array().unwrap().is_empty();
            let layers = manifest["layers"].as_object().unwrap().keys();
            for layer in layers.filter(|layer| !is_mounted || *layer != head) {
                self.layer(&folder.join(format!("{layer}.qcow2")));
            }
            // What a machine writes is judged when it has let go of it.
            if !is_mounted {
                self.filesystem(&folder, head);
            }
            if manifest["base"]["towards"].is_null() && manifest["base"]["is_exact"] == true && !is_mounted {
                self.base(&folder, &manifest["base"]);
            }
            for checkpoint in manifest["checkpoints"].as_array().unwrap() {
                self.checkpoint(&folder, checkpoint);
            }
        }
    }

    fn layer(&mut self, layer: &Path) {
        if self.judged.insert(format!("layer {}", stamp(layer))) {
            run(Command::new("qemu-img").args(["check", "-q"]).arg(layer));
        }
    }

    fn filesystem(&mut self, folder: &Path, layer: &str) {
        let layer = folder.join(format!("{layer}.qcow2"));
        if self.judged.insert(format!("filesystem {}", stamp(&layer))) {
            let raw = tempfile::NamedTempFile::new().unwrap();
            copy(&layer, raw.as_file());
            // What a death has left in the journal is put in its places first, as whoever opens it next does.
            let _ = Command::new("e2fsck").args(["-y", "-E", "journal_only"]).arg(raw.path()).output();
            run(Command::new("e2fsck").arg("-fn").arg(raw.path()));
        }
    }

    /// It shows what the layer shows that it stands in for.
    fn base(&mut self, folder: &Path, base: &serde_json::Value) {
        let base_file = folder.join(format!("{}.base.qcow2", base["id"].as_str().unwrap()));
        let equals = folder.join(format!("{}.qcow2", base["equals"].as_str().unwrap()));
        self.layer(&base_file);
        assert_eq!(disk_digest(&base_file), disk_digest(&equals), "{base} in {}", folder.display());
    }

    /// The same bits as when it was first seen, however many layers they have come from and gone to since.
    fn checkpoint(&mut self, folder: &Path, checkpoint: &serde_json::Value) {
        let layer = checkpoint["layer"].as_str().unwrap();
        if !checkpoint["crash_consistent"].as_bool().unwrap() {
            self.filesystem(folder, layer);
        }
        let digest = disk_digest(&folder.join(format!("{layer}.qcow2")));
        let id = checkpoint["id"].as_str().unwrap().to_owned();
        let first = self.disks.entry(id).or_insert_with(|| digest.clone());
        assert_eq!(*first, digest, "{checkpoint} is bit-identical in {}", folder.display());
    }
}

/// Each layer is known, each known layer is there and needed, and nothing unfinished lies about.
fn nothing_is_left_over(folder: &Path, manifest: &serde_json::Value) {
    let parents = manifest["layers"].as_object().unwrap();
    assert!(manifest["intents"].is_null(), "everything is finished: {manifest}");
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    let named = manifest["checkpoints"].as_array().unwrap().iter().map(|checkpoint| &checkpoint["layer"]);
    let mounted = manifest["mounts"].as_array().unwrap().iter().map(|mount| &mount["layer"]);
    for top in named.chain(mounted).chain([&manifest["head"]]) {
        let mut next = top.as_str();
        while let Some(layer) = next {
            needed.insert(layer);
            next = parents[layer]["parent"].as_str();
        }
    }
    assert!(parents.keys().all(|layer| needed.contains(layer.as_str())), "an orphan: {manifest}");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let own = name.strip_suffix(".qcow2").is_some_and(|layer| needed.remove(layer));
        // What a head has of its own may be thrown away at any time, and is no layer.
        let other = (name.starts_with("manifest.") && name.ends_with(".json"))
            || name.starts_with("digests.")
            || name.ends_with(".base.qcow2")
            || name.ends_with(".standin.qcow2");
        assert!(own || other, "{name} lies in {}", folder.display());
    }
    assert!(needed.is_empty(), "{needed:?} are not there");
}

/// What a guest would read, with zeros passed over.
fn disk_digest(layer: &Path) -> String {
    let mut hasher = Sha256::new();
    pieces(layer, |offset, piece| {
        hasher.update(offset.to_le_bytes());
        hasher.update(piece);
    });
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn copy(layer: &Path, raw: &std::fs::File) {
    use std::os::unix::fs::FileExt;
    let length = pieces(layer, |offset, piece| raw.write_all_at(piece, offset).unwrap());
    raw.set_len(length).unwrap();
}

fn pieces(layer: &Path, mut each: impl FnMut(u64, &[u8])) -> u64 {
    let image = Image::open(layer, Access::ReadOnly).unwrap();
    let mut piece = vec![0; PIECE];
    for offset in (0..image.len()).step_by(PIECE) {
        let piece = &mut piece[..PIECE.min((image.len() - offset) as usize)];
        image.read_at(piece, offset).unwrap();
        if piece.iter().any(|byte| *byte != 0) {
            each(offset, piece);
        }
    }
    image.len()
}

fn stamp(path: &Path) -> String {
    let meta = std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    format!("{:?} {} {:?}", path.file_name(), meta.len(), meta.modified())
}

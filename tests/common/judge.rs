//! Judges from outside: `qemu-img check` for every layer, `e2fsck -fn` for what a layer holds.

use std::path::{Path, PathBuf};
use std::process::Command;

/// All layers of a store's volumes.
fn layers(store: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for volume in std::fs::read_dir(store.join("volumes")).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(volume.path()).into_iter().flatten().flatten() {
            if file.path().extension().is_some_and(|extension| extension == "qcow2") {
                found.push(file.path());
            }
        }
    }
    found
}

fn judge(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} is not content ({}):\n{said}", output.status);
    said
}

/// Checks every layer of the store's volumes, as an image and as a filesystem. No machine may have one open.
///
/// A layer that was frozen under a running guest without a pause needs its journal; none of the stories leaves one.
pub(crate) fn everything_is_clean(store: &Path) {
    let layers = layers(store);
    for layer in &layers {
        judge(Command::new("qemu-img").arg("check").arg(layer));
        let raw = tempfile::Builder::new().suffix(".raw").tempfile().expect("a temporary file");
        judge(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(layer).arg(raw.path()));
        judge(Command::new("e2fsck").arg("-fn").arg(raw.path()).env("PATH", path_with_sbin()));
    }
}

fn path_with_sbin() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

//! The demo VM: where its files are, how it is started, and whether this computer can run it with KVM.

use std::path::{Path, PathBuf};

use cairn_vm::{Accel, Firmware, Kernel, LaunchSpec};
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;

/// Where to look first, before the places beside the executable.
const VARIABLE: &str = "CAIRN_DEMO_VM";
/// The guest's console is a file in the machine's folder.
pub(crate) const APPEND: &str = "console=ttyS0 quiet";
/// How many volumes can be mounted at once.
pub(crate) const SLOTS: u8 = 16;
/// Says which boot of this computer it is; KVM may work after the next one.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The files of the demo VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DemoFiles {
    /// The kernel.
    pub(crate) kernel: PathBuf,
    /// The initramfs.
    pub(crate) initrd: PathBuf,
}

/// Finds the demo VM: where the engine was told, else in `CAIRN_DEMO_VM`, else beside the executable.
///
/// # Errors
/// [`ErrorKind::Missing`], with where it was looked for.
pub(crate) fn find(told: Option<&Path>) -> Result<DemoFiles> {
    let folders = match told {
        Some(folder) => vec![folder.to_owned()],
        None => usual_folders(),
    };
    folders.iter().find_map(|folder| files_in(folder)).ok_or_else(|| {
        let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        Error::new(ErrorKind::Missing, format!("The demo VM was not found in {}.", looked.join(", ")))
            .with_hint("Make it with `cargo xtask demo-vm`, or set CAIRN_DEMO_VM to its folder.")
    })
}

fn usual_folders() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return vec![named.into()];
    }
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    beside.map_or_else(Vec::new, |beside| {
        ["demo-vm", "../demo-vm", "../lib/cairn/demo-vm"].map(|place| beside.join(place)).into()
    })
}

fn files_in(folder: &Path) -> Option<DemoFiles> {
    let files = DemoFiles { kernel: folder.join("vmlinuz"), initrd: folder.join("initrd.img") };
    (files.kernel.is_file() && files.initrd.is_file()).then_some(files)
}

/// How the demo VM of this name is started.
pub(crate) fn launch_spec(
    name: &str,
    folder: &Path,
    files: DemoFiles,
    memory_mib: u32,
    cpus: u32,
    accel: Accel,
) -> LaunchSpec {
    LaunchSpec {
        name: name.to_owned(),
        dir: folder.to_owned(),
        kernel: Some(Kernel { kernel: files.kernel, initrd: Some(files.initrd), append: APPEND.to_owned() }),
        firmware: Firmware::Bios,
        session_disk: None,
        cdrom: None,
        network: None,
        memory_mib,
        cpus,
        accel,
        hotplug_slots: SLOTS,
    }
}

/// What a probe for KVM found, and during which boot of this computer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Probed {
    boot_id: String,
    kvm: bool,
}

/// What runs guests here. Probed once per boot of this computer, then remembered in the store.
pub(crate) async fn accelerator(store: &Store) -> Accel {
    let boot_id = std::fs::read_to_string(BOOT_ID).unwrap_or_default().trim().to_owned();
    if let Some(accel) = remembered(store, &boot_id) {
        return accel;
    }
    let accel = cairn_vm::probe_accel().await;
    let probed = Probed { boot_id, kvm: accel == Accel::Kvm };
    let kept = serde_json::to_vec(&probed).map_err(std::io::Error::other);
    if let Err(error) = kept.and_then(|bytes| durable::replace_file(&store.run("accelerator.json"), &bytes)) {
        tracing::warn!(%error, "what the probe for KVM found could not be kept");
    }
    accel
}

fn remembered(store: &Store, boot_id: &str) -> Option<Accel> {
    let probed: Probed = serde_json::from_slice(&std::fs::read(store.run("accelerator.json")).ok()?).ok()?;
    (probed.boot_id == boot_id && !boot_id.is_empty()).then_some(if probed.kvm { Accel::Kvm } else { Accel::Tcg })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_vm_is_found_where_the_engine_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(Some(folder.path())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Missing);
        assert!(error.message().contains(folder.path().to_str().unwrap()), "{error}");
        std::fs::write(folder.path().join("vmlinuz"), "").unwrap();
        std::fs::write(folder.path().join("initrd.img"), "").unwrap();
        assert_eq!(find(Some(folder.path())).unwrap().kernel, folder.path().join("vmlinuz"));
    }

    #[test]
    fn what_a_probe_found_is_forgotten_at_the_next_boot() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(remembered(&store, "boot 1"), None);
        let probed = Probed { boot_id: "boot 1".into(), kvm: false };
        std::fs::write(store.run("accelerator.json"), serde_json::to_vec(&probed).unwrap()).unwrap();
        assert_eq!(remembered(&store, "boot 1"), Some(Accel::Tcg));
        assert_eq!(remembered(&store, "boot 2"), None);
    }
}

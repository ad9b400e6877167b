//! Changing files of a volume that a machine writes: the guest does it, asked through its agent.
//!
//! ```text
//!   looked at (see `live`) ─► planned ─► staged on a disk of its own ─► plugged in, read-only ─► copied, compared and
//!                                                                                       moved to its places in the guest
//! ```
//!
//! Nobody but the machine ever writes the volume. What is copied gathers in a staging folder of the volume, as an upload
//! does (see `staging`); its intent is recorded before, so that what a guest leaves of it goes when the machine has let
//! the volume go.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cairn_block::qcow2::{self, Access, CreateOptions, Image};
use cairn_ext4::{FileKind as Kind, Filesystem, Mode, Timestamp};
use cairn_vm::{AttachedDisk, Disk, GuestChange, Machine, MountOptions};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::path::VolumePath;
use super::staging;
use super::tree::Tree;
use crate::convert::{block_error, ext4_error, hex, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::TransferId;
use crate::intent;
use crate::layer;
use crate::lease;
use crate::machine::MachineSlot;
use crate::manifest::{Intent, MountRecord};
use crate::model::MountState;
use crate::mount::by_hand;
use crate::slot::Slot;
use crate::volume::new_filesystem;

/// Where a guest has the disk with what is to be copied.
const IN_GUEST: &str = "/run/cairn";
/// How the name of that disk's file ends.
const DISK_ENDING: &str = ".put.qcow2";
/// The file on it with the sums of all files.
const SUMS: &str = "sums";
/// Room on it beyond what the volume itself can hold.
const MORE_BYTES: u64 = 64 << 20;
/// How long a guest may take to change names, and to copy so many bytes a second.
const QUICK: Duration = Duration::from_secs(300);
const SLOWEST_BYTES_PER_SECOND: u64 = 1 << 20;
/// As many paths are told a guest at once as make up so many bytes.
const PATHS_BYTES: usize = 48 << 10;
/// How much is read at once to sum it up.
const CHUNK_BYTES: usize = 1 << 20;

/// The guest that changes the files of a volume.
pub(crate) struct Writer {
    slot: Arc<Slot>,
    mount: MountRecord,
    vm: Arc<MachineSlot>,
    machine: Machine,
}

impl Engine {
    /// The guest that has the volume to write, if one has; it can be asked to change files.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when it has not mounted it, [`ErrorKind::Unsupported`] when it has no agent.
    pub(super) async fn writer_in_guest(&self, slot: &Arc<Slot>) -> Result<Option<Writer>> {
        let manifest = slot.manifest()?;
        if lease::writer(&manifest).is_none() {
            return Ok(None);
        }
        let (mount, machine) = self.writing_machine(&manifest)?;
        let vm = self.machine_slot(mount.vm.as_str())?;
        if mount.state != MountState::Attached {
            lease::may_write_head(&manifest, &self.vm_names())?;
        }
        if by_hand::is_way(&vm, &machine).await {
            let sentence = format!(
                "The machine '{}' has the volume '{}', and no guest agent that could change files in it.",
                vm.name(),
                manifest.name
            );
            return Err(Error::new(ErrorKind::Unsupported, sentence)
                .with_hint("Install qemu-guest-agent in the guest, or unmount the volume first."));
        }
        Ok(Some(Writer { slot: slot.clone(), mount, vm, machine }))
    }

    /// Has the guest change names.
    pub(super) async fn change_in_guest(&self, writer: &Writer, what: &str, change: GuestChange) -> Result<()> {
        let Writer { slot, mount, machine, .. } = writer;
        let changed = machine.change_files(slot.id.as_str(), &mount.path, &change, QUICK).await;
        self.see_anew(slot).await;
        changed.map_err(|e| vm_error(what, &e))
    }

    /// Has the guest delete what has been looked at before.
    pub(super) async fn delete_in_guest(&self, writer: &Writer, paths: &[VolumePath], recursive: bool) -> Result<()> {
        let mut left: Vec<String> = paths.iter().map(VolumePath::to_relative_string).collect();
        while !left.is_empty() {
            let mut bytes = 0;
            let fit = |path: &&String| {
                bytes += path.len() + 1;
                bytes <= PATHS_BYTES
            };
            let now = left.iter().take_while(fit).count().max(1);
            let paths: Vec<String> = left.drain(..now).collect();
            self.change_in_guest(writer, "delete files", GuestChange::Delete { paths, recursive }).await?;
        }
        Ok(())
    }

    /// Has the guest take into the volume what `stage` puts below the staging folder that it is given: all of it, or
    /// nothing. Blocks.
    pub(super) fn put_in_guest<T>(
        &self,
        writer: &Writer,
        id: &TransferId,
        stage: impl FnOnce(&Tree, &VolumePath) -> Result<T>,
    ) -> Result<T> {
        let slot = &writer.slot;
        let folder = staging::folder_of(id)?;
        let disk = TransferDisk::make(&self.inner.store.vm(&writer.mount.vm), id, slot.manifest()?.quota_bytes)?;
        let (staged, bytes) = disk.fill(&folder, stage)?;
        let begun = Intent::Upload { staging: folder.to_relative_string(), complete: false };
        intent::record(slot, &begun)?;
        let within = QUICK + Duration::from_secs(bytes / SLOWEST_BYTES_PER_SECOND);
        let outcome = Handle::current().block_on(self.plug_and_copy(writer, id, &disk, &folder, within));
        match &outcome {
            // The guest may still be at it; what it leaves goes when the machine has let the volume go.
            Err(error) if error.kind() == ErrorKind::Timeout => {}
            _ => slot.commit(|manifest| manifest.forget(&begun)).map(drop)?,
        }
        outcome.map(|()| staged)
    }

    async fn plug_and_copy(
        &self,
        writer: &Writer,
        id: &TransferId,
        disk: &TransferDisk,
        folder: &VolumePath,
        within: Duration,
    ) -> Result<()> {
        let Writer { slot, mount, vm, machine } = writer;
        let what = format!("copy files into '{}' in '{}'", slot.name(), vm.name());
        let _turn = vm.turn.lock().await;
        if !slot.manifest()?.mounts.iter().any(|now| now.is(mount) && now.state == MountState::Attached) {
            let sentence = format!("The volume '{}' is not mounted at {} any more.", slot.name(), mount.path);
            return Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Nothing was copied; try again."));
        }
        let (serial, there) = (id.as_str(), format!("{IN_GUEST}/{id}"));
        let plug = Disk { serial: serial.to_owned(), path: disk.path.clone(), below: Vec::new(), read_only: true };
        let copied = async {
            let (unlimited, options) = (cairn_vm::IoLimits::default(), MountOptions::usual(true));
            machine.attach_and_mount(&plug, unlimited, &there, &options).await?;
            fault::point("transfer disk mounted");
            let put = GuestChange::Put { from: there.clone(), staging: folder.to_relative_string() };
            machine.change_files(slot.id.as_str(), &mount.path, &put, within).await
        };
        let copied = copied.await;
        fault::point("files put");
        let unplugged = unplug(machine, serial).await;
        self.see_anew(slot).await;
        copied.map_err(|e| vm_error(&what, &e))?;
        // The files are there; what stays in the machine goes at the next start, at the latest.
        if let Err(error) = unplugged {
            tracing::warn!(vm = %vm.id, %error, "the disk with uploaded files stays in the machine");
        }
        Ok(())
    }

    /// Takes disks with uploaded files out of a machine that an earlier engine has left in it.
    pub(crate) async fn unplug_transfers(&self, vm: &MachineSlot, machine: &Machine, disks: &[AttachedDisk]) {
        for disk in disks.iter().filter(|disk| disk.serial.starts_with(TransferId::PREFIX)) {
            if let Err(error) = unplug(machine, &disk.serial).await {
                tracing::warn!(vm = %vm.id, %error, "a disk with uploaded files stays in the machine");
            }
        }
        let still: Vec<PathBuf> = match machine.disks().await {
            Ok(disks) => disks.into_iter().map(|disk| disk.path).collect(),
            Err(_) => return,
        };
        let folder = vm.folder.clone();
        let _ = blocking(move || {
            remove_disks(&folder, |path| !still.iter().any(|open| open.file_name() == path.file_name()));
            Ok(())
        })
        .await;
    }
}

/// Takes such a disk out of the machine, whoever uses it there: the guest only reads it.
async fn unplug(machine: &Machine, serial: &str) -> cairn_vm::Result<()> {
    let there = format!("{IN_GUEST}/{serial}");
    if let Err(error) = machine.unmount(serial, &there).await {
        tracing::info!(%error, "a disk with uploaded files is taken away from whoever uses it");
        machine.unmount_lazily(serial, &there).await?;
    }
    machine.detach(serial).await?;
    let folder = ["rmdir", "--", &there].map(str::to_owned);
    if let Err(error) = machine.exec(&folder, None, QUICK).await {
        tracing::debug!(%error, "an empty folder stays in the guest");
    }
    Ok(())
}

/// Removes the files of such disks from the folder of a machine.
pub(crate) fn remove_disks(folder: &Path, is_unused: impl Fn(&Path) -> bool) {
    durable::remove_ending(folder, DISK_ENDING, is_unused);
}

impl Writer {
    /// The volume's name, for a sentence.
    pub(super) fn volume(&self) -> String {
        self.slot.name()
    }
}

/// A disk that carries files into a guest; its file goes with it.
struct TransferDisk {
    path: PathBuf,
}

impl Drop for TransferDisk {
    fn drop(&mut self) {
        if let Err(error) = durable::remove_if_there(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a disk with uploaded files could not be removed");
        }
    }
}

impl TransferDisk {
    /// With an empty filesystem that has room for whatever the volume has room for. Nothing of it needs to be durable.
    fn make(folder: &Path, id: &TransferId, quota_bytes: u64) -> Result<Self> {
        let disk = Self { path: folder.join(format!("{id}{DISK_ENDING}")) };
        let failed = |e: cairn_block::Error| block_error("make a disk for what is uploaded", &e);
        let virtual_size = layer::virtual_size(quota_bytes.saturating_add(MORE_BYTES));
        qcow2::create(&disk.path, &CreateOptions { virtual_size, ..CreateOptions::default() }).map_err(failed)?;
        let image = Image::open(&disk.path, Access::ReadWrite).map_err(failed)?;
        cairn_ext4::format(&image, &new_filesystem("cairn-upload")?)
            .map_err(|e| ext4_error("make a disk for what is uploaded", &e))?;
        Ok(disk)
    }

    /// Puts what is to be copied on it, and the sums of that; answers how many bytes there are.
    fn fill<T>(&self, folder: &VolumePath, stage: impl FnOnce(&Tree, &VolumePath) -> Result<T>) -> Result<(T, u64)> {
        let image = Image::open(&self.path, Access::ReadWrite).map_err(|e| block_error("fill a disk", &e))?;
        let filesystem = Filesystem::open(Arc::new(image), Mode::ReadWrite);
        let tree = Tree::of(filesystem.map_err(|e| ext4_error("fill a disk", &e))?);
        let staged = tree.in_batch(|| stage(&tree, folder))?;
        let (sums, bytes) = sums(&tree, folder)?;
        let attributes = cairn_ext4::Attributes::root(0o600, Timestamp::now());
        tree.create_file(&VolumePath::parse(SUMS)?, &attributes, &mut sums.as_slice(), Some(sums.len() as u64))?;
        tree.flush()?;
        Ok((staged, bytes))
    }
}

/// The SHA-256 sums of all files below a folder, as `sha256sum` reads them, and the bytes in them. Names that it would
/// read as something else are left out.
fn sums(tree: &Tree, folder: &VolumePath) -> Result<(Vec<u8>, u64)> {
    let (mut text, mut bytes, mut left) = (Vec::new(), 0, vec![VolumePath::default()]);
    while let Some(inside) = left.pop() {
        for entry in tree.entries(&folder.join_path(&inside))? {
            let path = inside.join(&entry.name);
            match entry.kind {
                Kind::Directory => left.push(path),
                Kind::File => {
                    bytes += entry.metadata.size;
                    if path.as_bytes().iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\\')) {
                        continue;
                    }
                    let sum = sum(tree, &folder.join_path(&path))?;
                    text.extend(format!("{sum}  ./").bytes());
                    text.extend_from_slice(path.as_bytes());
                    text.push(b'\n');
                }
                _ => {}
            }
        }
    }
    Ok((text, bytes))
}

fn sum(tree: &Tree, path: &VolumePath) -> Result<String> {
    let file = tree.open_file(path)?;
    let (mut hasher, mut chunk, mut at) = (Sha256::new(), vec![0; CHUNK_BYTES], 0);
    loop {
        let read = file.read_at(&mut chunk, at).map_err(|e| ext4_error(&format!("read '{path}'"), &e))?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&chunk[..read]);
        at += read as u64;
    }
}

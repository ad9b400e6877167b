//! The vocabulary of the stories.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_engine::{
    BootSource, Checkpoint, Conflict, Download, Engine, Error, ErrorKind, Event, EventKind, FileEntry, IoLimits,
    ListFiles, Mount, MountMode, MountRequest, Network, NewVm, NewVolume, NoticeLevel, OpenOptions, Transfer,
    TransferState, Upload, Vm, Volume, WriteFile,
};
use tempfile::TempDir;

pub(crate) const MIB: u64 = 1 << 20;

/// A store in a folder of its own, with an engine.
pub(crate) struct Home {
    pub(crate) engine: Engine,
    folder: Place,
}

/// Where a home is: in a folder that goes with it, or in one that stays.
enum Place {
    Own(TempDir),
    Lent(PathBuf),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Lent(folder) => folder,
        }
    }
}

impl Home {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(options(folder.path())).await.unwrap();
        Self { engine, folder: Place::Own(folder) }
    }

    /// In a folder that stays.
    pub(crate) async fn at(folder: &Path) -> Self {
        let engine = Engine::open(options(folder)).await.unwrap();
        Self { engine, folder: Place::Lent(folder.to_owned()) }
    }

    /// In a folder that stays, with an engine that is to use something else than usual.
    pub(crate) async fn with(folder: &Path, change: impl FnOnce(OpenOptions) -> OpenOptions) -> Self {
        let engine = Engine::open(change(options(folder))).await.unwrap();
        Self { engine, folder: Place::Lent(folder.to_owned()) }
    }

    /// Where the store is.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// A folder beside the store, for files of the host.
    pub(crate) fn host(&self) -> PathBuf {
        let host = self.folder.path().join("host");
        std::fs::create_dir_all(&host).unwrap();
        host
    }

    /// The engine ends properly, something happens to the store, and another engine opens it.
    pub(crate) async fn reopen_after(self, something: impl FnOnce(&Path)) -> Self {
        self.engine.close().await.unwrap();
        something(&self.folder.path().join("store"));
        let engine = Engine::open(options(self.folder.path())).await.unwrap();
        Self { engine, folder: self.folder }
    }

    /// The engine dies without a word, something happens to the store, and another engine opens it.
    pub(crate) async fn die_and_reopen_after(self, something: impl FnOnce(&Path)) -> Self {
        let Self { engine, folder } = self;
        drop(engine);
        something(&folder.path().join("store"));
        let engine = Engine::open(options(folder.path())).await.unwrap();
        Self { engine, folder }
    }

    /// The engine ends properly; machines go on.
    pub(crate) async fn leave(self) {
        self.engine.close().await.unwrap();
        std::mem::forget(self.folder);
    }

    /// A running demo VM. That KVM does not run guests here is known, so that it need not be found out each time.
    pub(crate) async fn machine(&self, name: &str) -> Vm {
        self.know_kvm();
        self.engine.vm_demo(Some(name.into())).await.unwrap()
    }

    fn know_kvm(&self) {
        let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        let probed = serde_json::json!({ "boot_id": boot_id.trim(), "kvm": false });
        std::fs::write(self.store().join("run/accelerator.json"), probed.to_string()).unwrap();
    }

    /// A machine that boots the demo VM's kernel and has a disk of its own; not started.
    pub(crate) async fn managed(&self, name: &str, source: BootSource, change: impl FnOnce(&mut NewVm)) -> Vm {
        self.know_kvm();
        let mut new = managed(name, source);
        change(&mut new);
        self.engine.vm_create(new).await.unwrap()
    }

    /// An image with an ext4 filesystem in which the file `name` says `image`.
    pub(crate) fn image(&self, name: &str, format: &str) -> PathBuf {
        let (files, raw) = (self.host().join(format!("{name}.files")), self.host().join(format!("{name}.raw")));
        std::fs::create_dir_all(&files).unwrap();
        std::fs::write(files.join("name"), "image").unwrap();
        std::fs::File::create(&raw).unwrap().set_len(64 * MIB).unwrap();
        run(Command::new("mke2fs").args(["-q", "-t", "ext4", "-d"]).arg(&files).arg(&raw));
        let image = self.host().join(name);
        run(Command::new("qemu-img").args(["convert", "-O", format]).arg(&raw).arg(&image));
        image
    }

    pub(crate) async fn mount(&self, volume: &str, vm: &str, path: &str, mode: MountMode) -> Result<Mount, Error> {
        self.mount_at(volume, vm, path, mode, None).await
    }

    pub(crate) async fn mount_at(
        &self,
        volume: &str,
        vm: &str,
        path: &str,
        mode: MountMode,
        at: Option<&str>,
    ) -> Result<Mount, Error> {
        let request = MountRequest {
            volume: volume.into(),
            vm: vm.into(),
            mount_path: path.into(),
            mode,
            at: at.map(str::to_owned),
            options: None,
            limits: IoLimits::default(),
        };
        self.engine.mount(request).await
    }

    /// Runs a shell command in a guest; it must succeed.
    pub(crate) async fn shell(&self, vm: &str, command: &str) -> String {
        let argv = vec!["/bin/sh".into(), "-c".into(), command.into()];
        let output = self.engine.vm_exec(vm, argv, None).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.exit_code, 0, "{command}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// A volume of 64 MiB.
    pub(crate) async fn volume(&self, name: &str) -> Volume {
        self.volume_of(name, 64 * MIB).await
    }

    pub(crate) async fn volume_of(&self, name: &str, quota_bytes: u64) -> Volume {
        self.engine.volume_create(NewVolume { name: name.into(), quota_bytes }).await.unwrap()
    }

    pub(crate) async fn write(&self, volume: &str, path: &str, content: impl Into<Vec<u8>>) -> FileEntry {
        let content = std::io::Cursor::new(content.into());
        let options = WriteFile { overwrite: true, ..WriteFile::default() };
        self.engine.file_write(volume, path, Box::new(content), options).await.unwrap()
    }

    pub(crate) async fn read(&self, volume: &str, path: &str) -> Vec<u8> {
        self.read_at(volume, path, None).await.unwrap()
    }

    pub(crate) async fn read_at(&self, volume: &str, path: &str, at: Option<&str>) -> Result<Vec<u8>, Error> {
        let mut reader = self.engine.file_read(volume, path, at).await?;
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut reader, &mut content).unwrap();
        Ok(content)
    }

    /// All paths below a prefix.
    pub(crate) async fn paths(&self, volume: &str, prefix: &str) -> Vec<String> {
        let list = ListFiles { prefix: prefix.into(), recursive: true, ..ListFiles::default() };
        self.engine.file_list(volume, list).await.unwrap().into_iter().map(|entry| entry.path).collect()
    }

    pub(crate) async fn upload(&self, volume: &str, sources: &[PathBuf], destination: &str) -> Transfer {
        let upload = Upload { sources: sources.to_vec(), destination: destination.into(), conflict: Conflict::Replace };
        let transfer = self.engine.upload(volume, upload).await.unwrap();
        self.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
    }

    pub(crate) async fn download(&self, volume: &str, paths: &[&str], destination: &Path) -> Transfer {
        let download = Download {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            destination: destination.to_owned(),
            at: None,
            conflict: Conflict::Replace,
        };
        let transfer = self.engine.download(volume, download).await.unwrap();
        self.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
    }

    pub(crate) async fn checkpoint(&self, volume: &str, name: &str) -> Checkpoint {
        self.engine.checkpoint_create(volume, Some(name.into())).await.unwrap()
    }

    pub(crate) fn volume_folder(&self, volume: &Volume) -> PathBuf {
        self.store().join("volumes").join(volume.id.as_str())
    }

    /// Bytes of the host's disk that the volume's head takes.
    pub(crate) fn head_bytes(&self, volume: &Volume) -> u64 {
        head_bytes(&self.volume_folder(volume))
    }

    /// `qemu-img check` on all layers of a volume, `e2fsck` on what is in its head.
    pub(crate) fn judge(&self, volume: &Volume) {
        let folder = self.volume_folder(volume);
        for layer in layers(&folder) {
            run(Command::new("qemu-img").arg("check").arg("-q").arg(&layer));
        }
        let head = head(&folder);
        let raw = self.folder.path().join("judged.raw");
        run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(&head).arg(&raw));
        run(Command::new("e2fsck").arg("-fn").arg(&raw));
        std::fs::remove_file(raw).unwrap();
    }

    /// What the head's disk contains, bit for bit.
    pub(crate) fn disk(&self, volume: &Volume) -> Vec<u8> {
        let raw = self.folder.path().join("disk.raw");
        run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(head(&self.volume_folder(volume))).arg(&raw));
        std::fs::read(raw).unwrap()
    }
}

/// What such a machine is made of.
pub(crate) fn managed(name: &str, source: BootSource) -> NewVm {
    let demo = demo_vm();
    NewVm {
        name: Some(name.into()),
        source,
        kernel: Some(demo.join("vmlinuz")),
        initrd: Some(demo.join("initrd.img")),
        append: Some("console=ttyS0 quiet".into()),
        memory_mib: Some(256),
        network: Network::None,
        ..NewVm::default()
    }
}

pub(crate) fn demo_vm() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/demo-vm");
    std::env::var_os("CAIRN_DEMO_VM").map_or(built, PathBuf::from)
}

pub(crate) fn options(folder: &Path) -> OpenOptions {
    OpenOptions { demo_vm: Some(demo_vm()), ..OpenOptions::new(folder.join("store")) }
}

/// Ends the machines that a story leaves running.
impl Drop for Place {
    fn drop(&mut self) {
        let Ok(machines) = std::fs::read_dir(self.path().join("store/vms")) else { return };
        for machine in machines.flatten() {
            if let Ok(pid) = std::fs::read_to_string(machine.path().join("qemu.pid"))
                && let Ok(pid) = pid.trim().parse()
            {
                kill(pid);
            }
        }
    }
}

/// Ends a QEMU as a power cut would.
pub(crate) fn kill(pid: i32) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
}

/// The layers in a volume's folder; a private base is none.
pub(crate) fn layers(folder: &Path) -> Vec<PathBuf> {
    let mut layers: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "qcow2") && !is_base(path))
        .collect();
    layers.sort();
    layers
}

/// Whether a file is a private base: what a head has of its own to be quick, and may be thrown away at any time.
pub(crate) fn is_base(file: &Path) -> bool {
    file.to_str().unwrap().ends_with(".base.qcow2")
}

/// The manifest, as any reader of JSON sees it.
pub(crate) fn manifest(folder: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap()["manifest"].take()
}

pub(crate) fn head(folder: &Path) -> PathBuf {
    folder.join(format!("{}.qcow2", manifest(folder)["head"].as_str().unwrap()))
}

/// Bytes of the host's disk that the head of the volume in `folder` takes.
pub(crate) fn head_bytes(folder: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(head(folder)).unwrap()) * 512
}

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{text}", output.status);
    text
}

/// Everything below a folder of the host: path → (kind and mode, content or target).
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, (String, Vec<u8>)> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        let meta = std::fs::symlink_metadata(&path).unwrap();
        let mode = meta.permissions().mode() & 0o777;
        let (kind, content) = if meta.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            (format!("folder {mode:o} {}", meta.mtime()), Vec::new())
        } else if meta.is_symlink() {
            ("link".to_owned(), std::fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec())
        } else {
            (format!("file {mode:o} {}", meta.mtime()), std::fs::read(&path).unwrap())
        };
        found.insert(path.strip_prefix(folder).unwrap().display().to_string(), (kind, content));
    }
    found
}

/// Bytes that do not repeat soon, the same for the same seed.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, kind: ErrorKind) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().ends_with('.'), "not a sentence: {error}");
    error
}

#[track_caller]
pub(crate) fn done(transfer: &Transfer) {
    assert_eq!(transfer.state, TransferState::Done, "{:?}", transfer.error);
    assert_eq!(transfer.files_done, transfer.files_total);
    assert_eq!(transfer.bytes_done, transfer.bytes_total);
    assert!(transfer.ended_at.is_some());
}

#[track_caller]
pub(crate) fn failed(transfer: &Transfer) -> String {
    assert_eq!(transfer.state, TransferState::Failed);
    transfer.error.clone().unwrap()
}

/// The notices that have been sent.
pub(crate) fn notices(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Vec<(NoticeLevel, String)> {
    let mut found = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let EventKind::Notice { level, message } = event.kind {
            found.push((level, message));
        }
    }
    found
}

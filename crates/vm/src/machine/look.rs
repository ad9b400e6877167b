//! Looking at a disk that the guest writes, as it was at one moment.
//!
//! ```text
//!   guest ─► device ─► SERIAL.look ─────► the top layer        what is about to be written over goes first to
//!                         │   ▲                                SERIAL.kept, a file of its own
//!                         ▼   │
//!               SERIAL.kept   └── SERIAL.seen ─► NBD ─► who looks
//! ```
//!
//! The layers of the disk are only read for that, and the top stays what the guest writes to: so nothing has to be
//! merged afterwards, and a crash of anybody at any moment leaves a disk that is whole. When there is no room for what
//! is kept, it is the look that ends, not the guest's write. What an earlier process has left is found by its names.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::blocks::{PERIPHERAL, layer};
use super::channel::ThroughAgent as _;
use super::handle::Machine;
use super::task::{Owner, ask};
use crate::disk::{LOOK_EXPORT, Serial, file_node, path_for_qemu};
use crate::disk_image::create_overlay;
use crate::error::{Error, ErrorKind, Result};
use crate::mount_path::MountPath;

/// How the name of the file ends that keeps what is written over while somebody looks. It is removed by nothing else than
/// its name.
pub const KEPT_ENDING: &str = ".look.qcow2";
/// Where QEMU exports disks that somebody looks at, beside that file.
pub(super) const SOCKET: &str = "look.sock";
/// Seconds that a write of the guest may wait for what it writes over to be kept.
const KEEP_WITHIN: u64 = 5;
/// How long QEMU may take to let an export go.
const EXPORT_ENDS: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// How long a look waits for one at another disk, where the machine shows one at a time.
const OTHERS_LOOK: Duration = Duration::from_secs(20);
const OTHERS_AGAIN: Duration = Duration::from_millis(100);

/// A disk as it was at one moment, to be read.
#[derive(Debug)]
pub struct Look {
    /// Where it is exported, by the Network Block Device protocol.
    pub stream: UnixStream,
    /// The export's name.
    pub export: String,
    /// How long writers in the guest had to wait, when its filesystem was frozen at that moment. `None`: nothing was
    /// frozen; it is as after a power cut, and its journal has to be replayed.
    pub frozen_for: Option<Duration>,
}

impl Machine {
    /// Lets the caller read a disk as it is at this moment, while the guest goes on writing. What the guest writes over
    /// is kept in the file `kept` meanwhile, whose name must end in [`KEPT_ENDING`]. The filesystem at `mount_path` is
    /// frozen for that moment, for at most `longest`; where that cannot be done it is done without, and the answer
    /// says so. It goes on until [`end_look`](Self::end_look), or until the disk is detached.
    ///
    /// # Errors
    /// `Refused` when the machine has no such disk, somebody looks at it already, or QEMU cannot do that (7.1 can); `Busy`
    /// when somebody goes on looking at another disk of a machine that libvirt runs; `Invalid`, `NotRunning`, `Timeout`.
    /// Everything is as before then.
    pub async fn begin_look(
        &self,
        serial: &str,
        kept: &Path,
        mount_path: Option<&str>,
        longest: Duration,
    ) -> Result<Look> {
        let serial = Serial::parse(serial)?;
        let quiet = mount_path.map(MountPath::parse).transpose()?;
        let kept = PathBuf::from(path_for_qemu(kept)?);
        if !is_kept(&kept) {
            let message = format!("{} cannot keep what is written over: its name is another one", kept.display());
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        let until = Instant::now() + OTHERS_LOOK;
        loop {
            let (serial, kept, quiet) = (serial.clone(), kept.clone(), quiet.clone());
            match ask!(self, driver => driver.begin_look(&serial, &kept, quiet.as_ref(), longest)) {
                Err(error) if error.kind() == ErrorKind::Busy && Instant::now() < until => sleep(OTHERS_AGAIN).await,
                begun => return begun,
            }
        }
    }

    /// Ends a look: who reads gets an error from now on, and the file with what was kept is removed. Fine when nobody
    /// looks.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`, `Refused` when QEMU does not let something go.
    pub async fn end_look(&self, serial: &str) -> Result<()> {
        let serial = Serial::parse(serial)?;
        ask!(self, driver => driver.end_look(&serial))
    }

    /// Ends all looks that an earlier process has begun, or that nobody needs any more.
    ///
    /// # Errors
    /// As [`end_look`](Self::end_look).
    pub async fn end_all_looks(&self) -> Result<()> {
        ask!(self, driver => driver.end_all_looks())
    }
}

impl Owner {
    pub(super) async fn begin_look(
        &mut self,
        serial: &Serial,
        kept: &Path,
        quiet: Option<&MountPath>,
        longest: Duration,
    ) -> Result<Look> {
        let nodes = self.all_nodes().await?;
        self.end_look_among(serial, &nodes).await?;
        // What merges layers has its own nodes on top.
        self.cancel_jobs(serial, &nodes).await?;
        let begun = self.show(serial, kept, quiet, longest).await;
        let begun = match begun {
            Ok(frozen_for) => self.export(serial).await.map(|stream| (stream, frozen_for)),
            Err(error) => Err(error),
        };
        match begun {
            Ok((stream, frozen_for)) => Ok(Look { stream, export: serial.as_str().to_owned(), frozen_for }),
            Err(error) => {
                if let Err(error) = self.end_look(serial).await {
                    tracing::warn!(%error, "something of a look that failed stays until the disk is detached");
                }
                remove_kept(kept);
                Err(error.within("could not look at the disk while the guest writes it"))
            }
        }
    }

    /// Puts the filter between the device and the top layer, and what is seen on that.
    async fn show(
        &mut self,
        serial: &Serial,
        kept: &Path,
        quiet: Option<&MountPath>,
        longest: Duration,
    ) -> Result<Option<Duration>> {
        let disk = self.need_disk(serial).await?;
        let size = self.nodes(serial).await?.iter().find(|node| node.name == disk.top).map(|node| node.size);
        let Some(size) = size else {
            let message = format!("the disk {} was not attached by Cairn", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let folder = kept.parent().unwrap_or(kept);
        let opened = File::open(folder).map_err(|error| Error::io("open the machine's folder", error))?;
        self.look_folder = Some(opened);
        remove_kept(kept);
        create_overlay(kept, None, size).await?;
        let options = layer(&serial.kept_node(), &path_for_qemu(kept)?, false);
        self.qmp.execute("blockdev-add", options).await?;
        let filter = json!({
            "driver": "copy-before-write",
            "node-name": serial.look_node(),
            "file": disk.top,
            "target": serial.kept_node(),
            "on-cbw-error": "break-snapshot",
            "cbw-timeout": KEEP_WITHIN,
        });
        self.qmp.execute("blockdev-add", filter).await?;
        let frozen_for = self.put_filter_quietly(serial, &disk.device, quiet, longest).await?;
        let seen = json!({"driver": "snapshot-access", "node-name": serial.seen_node(), "file": serial.look_node()});
        self.qmp.execute("blockdev-add", seen).await?;
        Ok(frozen_for)
    }

    /// From the moment in which the filter comes, what is seen stays what it is.
    async fn put_filter_quietly(
        &mut self,
        serial: &Serial,
        device: &str,
        quiet: Option<&MountPath>,
        longest: Duration,
    ) -> Result<Option<Duration>> {
        let Some(path) = quiet else {
            return self.give_drive(device, &serial.look_node()).await.map(|()| None);
        };
        self.write_back(&[path], longest).await;
        let begun = Instant::now();
        if let Err(error) = self.freeze(&[path], longest).await {
            tracing::info!(%error, "the disk is looked at without a frozen filesystem");
            return self.give_drive(device, &serial.look_node()).await.map(|()| None);
        }
        let given = self.give_drive(device, &serial.look_node()).await;
        // Nobody was made to wait longer than that, or the guest may have written on.
        let in_time = begun.elapsed() < longest;
        if let Err(error) = self.thaw_now().await {
            tracing::warn!(%error, "the guest may still be frozen; it is thawed as soon as it answers");
            self.thaw_soon();
        }
        tracing::info!(milliseconds = begun.elapsed().as_millis(), "the guest was frozen for a look");
        given.map(|()| in_time.then(|| begun.elapsed()))
    }

    /// Has a device read and write another node, that shows the same.
    async fn give_drive(&mut self, device: &str, node: &str) -> Result<()> {
        let what = json!({"path": format!("{PERIPHERAL}/{device}"), "property": "drive", "value": node});
        self.qmp.execute("qom-set", what).await.map(drop)
    }

    /// Exports what is seen, and connects to it. Nobody else can: the socket is in the machine's own folder.
    async fn export(&mut self, serial: &Serial) -> Result<UnixStream> {
        let exports = self.exports().await?;
        if !exports.iter().any(|id| id.starts_with(LOOK_EXPORT)) {
            if exports.is_empty() && self.look_socket("self").exists() {
                // One that an earlier process has left, which exports nothing any more.
                self.stop_exporting().await;
            }
            // QEMU has one server only: refused when it is somebody else's, whose clients are not to see this.
            let address = json!({"type": "unix", "data": {"path": self.look_socket(&std::process::id().to_string())}});
            self.qmp.execute("nbd-server-start", json!({"addr": address})).await?;
        }
        let export = json!({
            "type": "nbd",
            "id": serial.look_export(),
            "node-name": serial.seen_node(),
            "name": serial.as_str(),
            "writable": false,
        });
        self.qmp.execute("block-export-add", export).await?;
        let socket = self.look_socket("self");
        UnixStream::connect(socket).map_err(|error| Error::io("connect to the disk that QEMU exports", error))
    }

    /// The socket as the process reaches it that is named, whose own folder is another one.
    fn look_socket(&self, process: &str) -> PathBuf {
        let folder = self.look_folder.as_ref().map_or(-1, AsRawFd::as_raw_fd);
        PathBuf::from(format!("/proc/{process}/fd/{folder}/{SOCKET}"))
    }

    async fn exports(&mut self) -> Result<Vec<String>> {
        let list = self.qmp.execute("query-block-exports", json!({})).await?;
        let ids = list.as_array().into_iter().flatten().filter_map(|export| export["id"].as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    async fn stop_exporting(&mut self) {
        // Refused when nothing was exported.
        if let Err(error) = self.qmp.execute("nbd-server-stop", json!({})).await {
            tracing::trace!(%error, "there was no server");
        }
        // The path that QEMU has may have been that of a process that has ended.
        let _ = std::fs::remove_file(self.look_socket("self"));
    }

    pub(super) async fn end_all_looks(&mut self) -> Result<()> {
        let nodes = self.all_nodes().await?;
        let endings = [".look", ".seen", ".kept"];
        let serial_of = |name: &str| endings.iter().find_map(|ending| name.strip_suffix(ending).map(str::to_owned));
        let serials = nodes.iter().filter_map(|node| serial_of(node["node-name"].as_str()?));
        let mut serials: Vec<String> = serials.collect();
        serials.extend(self.exports().await?.iter().filter_map(|id| Some(id.strip_prefix(LOOK_EXPORT)?.to_owned())));
        serials.sort_unstable();
        serials.dedup();
        for serial in serials {
            self.end_look(&Serial::parse(&serial)?).await?;
        }
        Ok(())
    }

    /// Takes away whatever is there of a look, whoever has begun it.
    pub(super) async fn end_look(&mut self, serial: &Serial) -> Result<()> {
        let nodes = self.all_nodes().await?;
        self.end_look_among(serial, &nodes).await
    }

    /// The same, of what stands among all these nodes.
    pub(super) async fn end_look_among(&mut self, serial: &Serial, nodes: &[Value]) -> Result<()> {
        let has = |name: &str| nodes.iter().any(|node| node["node-name"] == name);
        let (look, seen, kept) = (serial.look_node(), serial.seen_node(), serial.kept_node());
        if !has(&look) && !has(&seen) && !has(&kept) {
            return Ok(());
        }
        self.end_export(serial).await?;
        if has(&seen) {
            self.try_delete_node(&seen).await?;
        }
        if has(&look) {
            if let Some(disk) = self.find_disk(serial).await?
                && self.drive_of(&disk.device).await? == look
            {
                self.give_drive(&disk.device, &disk.top).await?;
            }
            self.try_delete_node(&look).await?;
        }
        if has(&kept) {
            let file = nodes.iter().find(|node| node["node-name"] == file_node(&kept));
            let file = file.and_then(|node| node["file"].as_str()).map(PathBuf::from);
            self.try_delete_node(&kept).await?;
            file.iter().for_each(|file| remove_kept(file));
            if self.exports().await?.is_empty() {
                // One that an earlier process has left.
                let sockets = file.iter().filter(|file| is_kept(file)).map(|file| file.with_file_name(SOCKET));
                sockets.for_each(|socket| drop(std::fs::remove_file(socket)));
            }
        }
        Ok(())
    }

    async fn drive_of(&mut self, device: &str) -> Result<Value> {
        let which = json!({"path": format!("{PERIPHERAL}/{device}"), "property": "drive"});
        self.qmp.execute("qom-get", which).await
    }

    async fn end_export(&mut self, serial: &Serial) -> Result<()> {
        let (id, until) = (serial.look_export(), Instant::now() + EXPORT_ENDS);
        let mut exports = self.exports().await?;
        if exports.contains(&id) {
            self.qmp.execute("block-export-del", json!({"id": id, "mode": "hard"})).await?;
            while exports.contains(&id) {
                if Instant::now() > until {
                    let message = format!("QEMU did not let go of the disk {} that it exports", serial.as_str());
                    return Err(Error::new(ErrorKind::Timeout, message));
                }
                sleep(LOOK_AGAIN).await;
                exports = self.exports().await?;
            }
        }
        if exports.is_empty() {
            self.stop_exporting().await;
        }
        Ok(())
    }
}

pub(super) fn is_kept(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(KEPT_ENDING))
}

/// Removes the file of a look, and never another one, whatever QEMU says that it is called.
pub(super) fn remove_kept(path: &Path) {
    if is_kept(path)
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "what a look had kept could not be removed");
    }
}

//! Live checkpoints: prepared overlays become the top layers of disks, with the guest's filesystems quiet meanwhile.
//!
//! ```text
//!   overlays opened ─► written back ─► frozen ─► one QMP transaction ─► thawed      all at one moment, or none
//!                                      └──────── at most `longest` ────────┘
//! ```
//!
//! Only what must be done while writers wait is done then. A frozen guest is always thawed: by the one who froze it,
//! by the task when that did not work or nobody did, by the next connection when this process died.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::blocks::layer;
use super::channel::ThroughAgent as _;
use super::freeze::{self, FREEZE, Frost};
use super::task::Owner;
use crate::disk::{Serial, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::mount_path::MountPath;

/// A prepared overlay that is to become the top layer of a disk.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The disk.
    pub serial: String,
    /// A qcow2 file whose header names the disk's present top layer as its backing file.
    pub path: PathBuf,
    /// Where the guest has the disk mounted: the filesystem to be frozen. `None`: nothing is frozen.
    pub mount_path: Option<String>,
}

/// How the overlays were put on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How long writers in the guest had to wait, when every filesystem that was named was frozen at that moment.
    /// `None`: nothing was frozen; what is below is as after a power cut, and its journal has to be replayed.
    pub frozen_for: Option<Duration>,
}

/// The same, with what was text checked.
pub(super) struct Prepared {
    pub(super) serial: Serial,
    pub(super) path: String,
    /// Filesystems to be frozen.
    pub(super) quiet: Vec<MountPath>,
}

/// How long the queue may wait for a guest that is asked again to thaw.
const LATE_THAW: Duration = Duration::from_secs(2);

impl Owner {
    /// Puts all overlays on top at one moment, or none of them, while the filesystems are frozen if that can be had.
    pub(super) async fn checkpoint(&mut self, overlays: &[Prepared], longest: Duration) -> Result<Taken> {
        let mut added = Vec::new();
        let result = match self.open_overlays(overlays, &mut added).await {
            Ok(()) => self.put_on_top_quietly(overlays, &added, longest).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            for (_, node) in &added {
                self.delete_node(node).await;
            }
        }
        result
    }

    async fn put_on_top_quietly(
        &mut self,
        overlays: &[Prepared],
        added: &[(String, String)],
        longest: Duration,
    ) -> Result<Taken> {
        let paths: Vec<&MountPath> = overlays.iter().flat_map(|overlay| &overlay.quiet).collect();
        if paths.is_empty() {
            return self.put_on_top(added).await.map(|()| Taken { frozen_for: None });
        }
        self.write_back(&paths, longest).await;
        let begun = Instant::now();
        let until = begun + longest;
        if let Err(error) = self.freeze(&paths, longest).await {
            tracing::warn!(%error, "the checkpoint is made without a frozen filesystem");
            return self.put_on_top(added).await.map(|()| Taken { frozen_for: None });
        }
        fault::point("guest frozen");
        let (result, in_time) = self.put_on_top_until(added, until).await;
        fault::point("layers put on top");
        if in_time && let Err(error) = self.thaw_now().await {
            tracing::warn!(%error, "the guest may still be frozen; it is thawed as soon as it answers");
            self.thaw_soon();
        }
        let frozen_for = in_time.then(|| begun.elapsed());
        tracing::info!(milliseconds = begun.elapsed().as_millis(), in_time, "the guest was frozen");
        result.map(|()| Taken { frozen_for })
    }

    /// The transaction; when it takes longer than until then, the guest is thawed meanwhile. The answer says whether
    /// it was frozen to the end.
    async fn put_on_top_until(&mut self, added: &[(String, String)], until: Instant) -> (Result<()>, bool) {
        let Self { qmp, agent, frost, .. } = self;
        let work = qmp.execute("transaction", transaction(added));
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return (done.map(drop), true),
            () = sleep_until(until) => {}
        }
        tracing::warn!("QEMU takes too long: the guest is thawed before the checkpoint is there");
        if let Some(agent) = agent
            && freeze::thaw_once(agent).await.is_ok()
        {
            *frost = None;
        }
        (work.await.map(drop), false)
    }

    /// Freezes the filesystems at `paths`: everything is on the disks, and writers wait. They are thawed after
    /// `longest` if nobody does so before; nothing stays frozen when this fails.
    pub(super) async fn freeze(&mut self, paths: &[&MountPath], longest: Duration) -> Result<()> {
        let until = Instant::now() + longest;
        // Connected first: what follows is only the freeze itself, also where nothing was written back before.
        if self.agent.is_none() {
            self.agent().await?;
        }
        // Recorded first: a freeze whose answer is lost may have happened.
        self.frost = Some(Frost::until(until));
        let asked = self.ask_agent_at_once(FREEZE, freeze::arguments(paths), longest);
        let frozen = match timeout_at(until, asked).await {
            Ok(answer) => freeze::judged(answer, paths),
            Err(_) => {
                let message = format!("the guest did not freeze {} within {longest:?}", freeze::list(paths));
                Err(Error::new(ErrorKind::Timeout, message))
            }
        };
        match frozen.as_ref().map_err(Error::kind) {
            Ok(()) => {}
            // A guest that is slow to freeze does not answer before it has frozen.
            Err(ErrorKind::Timeout) => self.thaw_soon(),
            Err(_) => self.thaw_late().await,
        }
        frozen
    }

    /// The same, by a connection that is made for it.
    pub(super) async fn thaw(&mut self) -> Result<()> {
        self.agent().await?;
        self.thaw_now().await
    }

    /// Thaws every filesystem of the guest. Fine when none is frozen.
    pub(super) async fn thaw_now(&mut self) -> Result<()> {
        // Not through `agent()`: this is also called while a connection is being made.
        let Some(agent) = &mut self.agent else {
            return Err(Error::not_running().within("could not thaw the guest's filesystems"));
        };
        freeze::thaw(agent).await?;
        self.frost = None;
        Ok(())
    }

    /// The task is to thaw the guest when this job has ended.
    pub(super) fn thaw_soon(&mut self) {
        self.frost = Some(Frost::until(Instant::now()));
    }

    /// Thaws because time is up or a freeze failed; there is nobody to tell. A guest that does not answer is asked
    /// again, until it does: it may freeze only after everybody has given up.
    pub(super) async fn thaw_late(&mut self) {
        let frost = self.frost.take();
        let thaw = async {
            self.agent().await?.distrust();
            self.thaw_now().await
        };
        match timeout(LATE_THAW, thaw).await {
            Ok(Ok(())) => {}
            // Nothing was frozen by an agent that cannot do that.
            Ok(Err(error)) if error.kind() == ErrorKind::Refused => {}
            outcome => {
                let error = outcome.map_or_else(|_| "it does not answer".to_owned(), |e| format!("{e:?}"));
                self.agent = None;
                self.frost = Some(Frost::that_stays(frost.as_ref(), &error));
            }
        }
    }

    /// Opens the overlays, each for its disk; `added` gets the disks' present top nodes and the new ones.
    async fn open_overlays(&mut self, overlays: &[Prepared], added: &mut Vec<(String, String)>) -> Result<()> {
        for overlay in overlays {
            let (top, size, node) = self.next_node(&overlay.serial).await?;
            let mut options = layer(&node, &overlay.path, false);
            options["backing"] = Value::Null;
            let opened = self.qmp.execute("blockdev-add", options).await;
            opened.map_err(|error| error.within("could not open the overlay"))?;
            added.push((top, node.clone()));
            let nodes = self.nodes(&overlay.serial).await?;
            let found = nodes.iter().find(|added| added.name == node).map_or(0, |added| added.size);
            if found < size {
                // QEMU would let the guest's disk shrink under it.
                let message = format!("the overlay ({found} bytes) is smaller than the disk ({size} bytes)");
                return Err(Error::new(ErrorKind::Refused, message));
            }
        }
        Ok(())
    }

    /// The top node of a disk, the disk's size in bytes, and the name that the next top gets.
    async fn next_node(&mut self, serial: &Serial) -> Result<(String, u64, String)> {
        let disk = self.need_disk(serial).await?;
        let nodes = self.nodes(serial).await?;
        let Some(top) = nodes.iter().find(|node| node.name == disk.top) else {
            let message = format!("the disk {} was not attached by Cairn", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        // A checkpoint that was cut short by the end of a process may have left an overlay open.
        for node in nodes.iter().filter(|node| node.number > top.number) {
            self.delete_node(&node.name).await;
        }
        let Some(next) = top.number.checked_add(1) else {
            let message = format!("the disk {} has too many layers; detach and attach it", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        Ok((disk.top, top.size, serial.node(next)))
    }

    async fn put_on_top(&mut self, added: &[(String, String)]) -> Result<()> {
        self.qmp.execute("transaction", transaction(added)).await.map(drop)
    }
}

impl Overlay {
    pub(super) fn prepare(&self) -> Result<Prepared> {
        Ok(Prepared {
            serial: Serial::parse(&self.serial)?,
            path: path_for_qemu(&self.path)?,
            quiet: self.mount_path.as_deref().map(MountPath::parse).transpose()?.into_iter().collect(),
        })
    }
}

/// The command that puts each new node on top of the disk's present one: all of them, or none.
fn transaction(added: &[(String, String)]) -> Value {
    let actions =
        added.iter().map(|(top, node)| json!({"type": "blockdev-snapshot", "data": {"node": top, "overlay": node}}));
    json!({"actions": actions.collect::<Vec<_>>()})
}

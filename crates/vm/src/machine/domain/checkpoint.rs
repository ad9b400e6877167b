//! Live checkpoints of a domain's disks: libvirt puts prepared overlays on top, all at one moment, or none.
//!
//! The order is that of [`machine::checkpoint`](crate::machine): written back, frozen, put on top, thawed.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout};

use super::{CHANGE, Domain};
use crate::agent::{libvirt_answer, libvirt_command};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::libvirt::snapshot_xml;
use crate::machine::channel::ThroughAgent as _;
use crate::machine::checkpoint::{Prepared, Taken};
use crate::machine::freeze::{self, FREEZE, Frost, THAW, THAW_WITHIN};
use crate::mount_path::MountPath;

/// How long the queue may wait for a guest that is asked again to thaw.
const LATE_THAW: Duration = Duration::from_secs(5);

impl Domain {
    pub(in crate::machine) async fn checkpoint(&mut self, overlays: &[Prepared], longest: Duration) -> Result<Taken> {
        let domain = self.describe().await?;
        let mut on_top = Vec::new();
        for overlay in overlays {
            let serial = overlay.serial.as_str();
            let target = domain.disk(serial).ok_or_else(|| Self::lacks(serial))?.target.clone();
            self.refuse_smaller(&overlay.path, &target).await?;
            on_top.push((target, overlay.path.clone()));
        }
        let targets = domain.disks.iter().map(|disk| disk.target.clone());
        let others: Vec<String> = targets.filter(|target| on_top.iter().all(|(it, _)| it != target)).collect();
        let xml = snapshot_xml(&on_top, &others)?;
        let paths: Vec<&MountPath> = overlays.iter().flat_map(|overlay| &overlay.quiet).collect();
        self.end_look_of_ours().await?;
        let how = ["--disk-only", "--atomic", "--no-metadata", "--reuse-external"];
        let uuid = self.uuid.clone();
        let work = [&["snapshot-create", &uuid, "/dev/stdin"][..], &how[..]].concat();
        let done = self.while_frozen(&paths, longest, &work, &xml).await;
        fault::point("layers put on top");
        let frozen_for = done.map_err(|error| error.within("could not put the overlay on top"))?;
        Ok(Taken { frozen_for })
    }

    /// Has libvirt do `work` while the filesystems at `paths` are frozen, or as they are where that cannot be done. The
    /// answer says how long they were frozen at most, if they were to its end. The guest is thawed in every case.
    ///
    /// One `virsh` does all of it: the guest's writers wait for no program to start, and are thawed though the engine dies.
    pub(super) async fn while_frozen(
        &mut self,
        paths: &[&MountPath],
        longest: Duration,
        work: &[&str],
        xml: &str,
    ) -> Result<Option<Duration>> {
        let (virsh, uuid) = (self.virsh.clone(), self.uuid.clone());
        if paths.is_empty() || !self.can_freeze().await {
            return virsh.run_with(work, xml, CHANGE).await.map(|_| None);
        }
        self.write_back(paths, longest).await;
        let freeze = libvirt_command(&uuid, FREEZE, freeze::arguments(paths), longest);
        let thaw = libvirt_command(&uuid, THAW, json!({}), THAW_WITHIN);
        let [freeze, thaw] = [&freeze, &thaw].map(|words| words.iter().map(String::as_str).collect::<Vec<_>>());
        // What comes first connects.
        let commands = [&["domid", &uuid], &freeze[..], work, &thaw];
        // Recorded first: a freeze whose answer is lost may have happened.
        let until = Instant::now() + longest;
        self.frost = Some(Frost::until(until));
        let (done, in_time) = self.thawed_by(until, virsh.run_all(commands, xml, CHANGE)).await;
        let [(_, begun), (frozen, _), (done, _), (thawed, ended)] = match done {
            Ok(answers) => answers,
            Err(error) => {
                self.thaw_late().await;
                return Err(error);
            }
        };
        if in_time {
            self.note_thawed(thawed).await;
        }
        done?;
        match freeze::judged(frozen.and_then(|answer| libvirt_answer(&answer)), paths) {
            Ok(()) => {
                let frozen_for = ended - begun;
                tracing::info!(milliseconds = frozen_for.as_millis(), in_time, "the guest was frozen");
                Ok(in_time.then_some(frozen_for))
            }
            Err(error) => {
                tracing::warn!(%error, "the guest's filesystem was not frozen");
                Ok(None)
            }
        }
    }

    /// A guest that did not thaw when it was told to is asked again.
    async fn note_thawed(&mut self, thawed: Result<String>) {
        match thawed.and_then(|answer| libvirt_answer(&answer)) {
            Ok(_) => self.frost = None,
            Err(error) => {
                tracing::warn!(%error, "the guest may still be frozen; it is thawed as soon as it answers");
                self.thaw_late().await;
            }
        }
    }

    /// A guest that does not run would be waited for in vain.
    async fn can_freeze(&mut self) -> bool {
        let able = self.need_guest_if_begun().await;
        if let Err(error) = &able {
            tracing::warn!(%error, "the guest's filesystem is not frozen");
        }
        able.is_ok()
    }

    /// libvirt would let the guest's disk shrink under it.
    async fn refuse_smaller(&self, overlay: &str, target: &str) -> Result<()> {
        let size = self.size(target).await?;
        let found = virtual_size(Path::new(overlay)).map_err(|error| Error::io("read the overlay", error))?;
        if found < size {
            let message = format!("the overlay ({found} bytes) is smaller than the disk ({size} bytes)");
            return Err(Error::new(ErrorKind::Refused, message));
        }
        Ok(())
    }

    /// When the work takes longer than until then, the guest is thawed meanwhile. The answer says whether it was frozen to
    /// the end.
    async fn thawed_by<T>(&mut self, until: Instant, work: impl Future<Output = Result<T>>) -> (Result<T>, bool) {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return (done, true),
            () = sleep_until(until) => {}
        }
        tracing::warn!("libvirt takes too long: the guest is thawed before that has ended");
        let (done, thawed) = tokio::join!(work, freeze::thaw_once(&mut self.agent));
        if thawed.is_ok() {
            self.frost = None;
        }
        (done, false)
    }

    pub(in crate::machine) async fn freeze(&mut self, paths: &[&MountPath], longest: Duration) -> Result<()> {
        self.need_guest_if_begun().await?;
        // Recorded first: a freeze whose answer is lost may have happened.
        self.frost = Some(Frost::until(Instant::now() + longest));
        let answer = self.agent.execute(FREEZE, freeze::arguments(paths), longest).await;
        let frozen = freeze::judged(answer, paths);
        if frozen.is_err() {
            self.thaw_late().await;
        }
        frozen
    }

    pub(in crate::machine) async fn thaw(&mut self) -> Result<()> {
        freeze::thaw(&mut self.agent).await?;
        self.frost = None;
        Ok(())
    }

    /// Thaws because time is up or a freeze failed; a guest that does not answer is asked again, until it does.
    pub(super) async fn thaw_late(&mut self) {
        let frost = self.frost.take();
        match timeout(LATE_THAW, freeze::thaw_once(&mut self.agent)).await {
            Ok(Ok(())) => {}
            // Nothing is frozen in a guest that has gone, or by an agent that cannot do that.
            Ok(Err(error)) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::NotRunning) => {}
            outcome => {
                let error = outcome.map_or_else(|_| "it does not answer".to_owned(), |e| format!("{e:?}"));
                self.frost = Some(Frost::that_stays(frost.as_ref(), &error));
            }
        }
    }
}

/// The size of the disk that a qcow2 file shows, as its header says.
fn virtual_size(path: &Path) -> std::io::Result<u64> {
    let mut size = [0; 8];
    File::open(path)?.read_exact_at(&mut size, 24)?;
    Ok(u64::from_be_bytes(size))
}

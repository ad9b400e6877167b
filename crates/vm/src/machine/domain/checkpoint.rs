//! Live checkpoints of a domain's disks: libvirt puts prepared overlays on top, all at one moment, or none.
//!
//! The order is that of [`machine::checkpoint`](crate::machine): written back, frozen, put on top, thawed.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::{CHANGE, Domain};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::libvirt::{Virsh, snapshot_xml};
use crate::machine::channel::ThroughAgent as _;
use crate::machine::checkpoint::{Prepared, Taken};
use crate::machine::freeze::{self, FREEZE, Frost};
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
        let (virsh, uuid) = (self.virsh.clone(), self.uuid.clone());
        let work = async move {
            let done = put_on_top(&virsh, &uuid, &xml).await;
            fault::point("layers put on top");
            done
        };
        self.while_frozen(&paths, longest, work).await.map(|frozen_for| Taken { frozen_for })
    }

    /// Does something while the filesystems at `paths` are frozen, or as they are where that cannot be done. The answer
    /// says how long they were frozen, if they were to its end. The guest is thawed in every case.
    pub(super) async fn while_frozen(
        &mut self,
        paths: &[&MountPath],
        longest: Duration,
        work: impl Future<Output = Result<()>>,
    ) -> Result<Option<Duration>> {
        if paths.is_empty() {
            return work.await.map(|()| None);
        }
        self.write_back(paths, longest).await;
        let begun = Instant::now();
        if let Err(error) = self.freeze(paths, longest).await {
            tracing::warn!(%error, "the guest's filesystem is not frozen");
            return work.await.map(|()| None);
        }
        fault::point("guest frozen");
        let (result, in_time) = self.work_until(work, begun + longest).await;
        if in_time && let Err(error) = self.thaw().await {
            tracing::warn!(%error, "the guest may still be frozen; it is thawed as soon as it answers");
            self.frost = Some(Frost::until(Instant::now()));
        }
        tracing::info!(milliseconds = begun.elapsed().as_millis(), in_time, "the guest was frozen");
        result.map(|()| in_time.then(|| begun.elapsed()))
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
    async fn work_until(&mut self, work: impl Future<Output = Result<()>>, until: Instant) -> (Result<()>, bool) {
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

async fn put_on_top(virsh: &Virsh, uuid: &str, xml: &str) -> Result<()> {
    let how = ["--disk-only", "--atomic", "--no-metadata", "--reuse-external"];
    let command = [&["snapshot-create", uuid, "/dev/stdin"][..], &how[..]].concat();
    let done = virsh.run_with(&command, xml, CHANGE).await;
    done.map(drop).map_err(|error| error.within("could not put the overlay on top"))
}

/// The size of the disk that a qcow2 file shows, as its header says.
fn virtual_size(path: &Path) -> std::io::Result<u64> {
    let mut size = [0; 8];
    File::open(path)?.read_exact_at(&mut size, 24)?;
    Ok(u64::from_be_bytes(size))
}

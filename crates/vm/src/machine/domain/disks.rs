//! A domain's disks: plugged in with a description that names every layer, and out by the alias that it was given.

use std::fs::metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{CHANGE, Domain};
use crate::disk::{AttachedDisk, Disk, Serial, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};
use crate::libvirt::{Plugged, disk_xml};
use crate::machine::attach::{UNPLUG_WAITS, cannot_let_go, not_let_go};
use crate::machine::io::{IoCount, IoLimits, IoStats};

/// libvirt lets people give devices such names; its own begin otherwise.
const ALIAS: &str = "ua-cairn-";
/// How often it is looked whether a disk has gone that nothing was heard of.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Domain {
    pub(in crate::machine) async fn attach(&mut self, disk: &Disk) -> Result<()> {
        let serial = Serial::parse(&disk.serial)?;
        let path = path_for_qemu(&disk.path)?;
        let domain = self.describe().await?;
        if let Some(found) = domain.disk(serial.as_str()) {
            if found.path.as_os_str() == path.as_str() && found.read_only == disk.read_only {
                return Ok(());
            }
            let message = format!("a disk {} is attached already, with {}", disk.serial, found.path.display());
            return Err(Error::new(ErrorKind::Refused, message));
        }
        self.need_guest_if_begun().await?;
        self.refuse_other_user(&path)?;
        let below = disk.below.iter().map(|file| path_for_qemu(file)).collect::<Result<Vec<_>>>()?;
        let (alias, target) = (alias(&serial), domain.free_target());
        let xml = disk_xml((serial.as_str(), &alias, &target), &path, &below, disk.read_only)?;
        let attach = ["attach-device", &self.uuid, "/dev/stdin", "--live"];
        match self.virsh.run_with(&attach, &xml, CHANGE).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NoFreeSlot => Err(self.no_free_slot(&domain)),
            Err(error) => Err(error.within(format!("could not attach {path}"))),
        }
    }

    /// libvirt gives the files of a disk, and those that it stands on, to the user as whom QEMU runs; whoever else reads
    /// them could not any longer.
    fn refuse_other_user(&self, path: &str) -> Result<()> {
        let runs_as = self.process.and_then(|process| metadata(format!("/proc/{}", process.pid())).ok());
        let (Some(runs_as), Ok(file)) = (runs_as.map(|it| it.uid()), metadata(path)) else { return Ok(()) };
        if runs_as == file.uid() || runs_as == 0 {
            return Ok(());
        }
        let message = format!(
            "the machine's QEMU runs as user {runs_as}, and {path} belongs to user {}: libvirt would take it from its \
             owner. Have libvirt run the machine as that user; 'cairn vm doctor' says how",
            file.uid()
        );
        Err(Error::new(ErrorKind::Refused, message))
    }

    /// Unplugs the disk and waits until the guest has let it go. Fine when it is not there.
    pub(in crate::machine) async fn detach(&mut self, serial: &Serial) -> Result<()> {
        let Some(found) = self.find(serial).await? else { return Ok(()) };
        self.end_look_of_ours().await?;
        for seconds in UNPLUG_WAITS {
            let asked = self.virsh.run(&["detach-device-alias", &self.uuid, &found.alias, "--live"], CHANGE).await;
            match asked {
                // Usually it is being unplugged already: the guest has not answered yet.
                Err(error) if error.kind() == ErrorKind::Refused => {
                    tracing::debug!(%error, alias = found.alias, "unplug again");
                }
                asked => drop(asked?),
            }
            if self.has_gone(serial, Duration::from_secs(seconds)).await? {
                return Ok(());
            }
            self.need_guest_if_begun().await.map_err(|error| cannot_let_go(serial, error))?;
        }
        Err(not_let_go(serial))
    }

    /// Waits until libvirt has the disk no more; what it announces only says when to look.
    async fn has_gone(&mut self, serial: &Serial, within: Duration) -> Result<bool> {
        let until = Instant::now() + within;
        loop {
            self.happenings.mark_unchanged();
            if self.find(serial).await?.is_none() {
                return Ok(true);
            }
            let look_at = until.min(Instant::now() + LOOK_AGAIN);
            // Whether it was told, or time is up: libvirt is asked.
            let _ = timeout_at(look_at, self.happenings.changed()).await;
            if Instant::now() >= until {
                return Ok(self.find(serial).await?.is_none());
            }
        }
    }

    pub(super) async fn find(&self, serial: &Serial) -> Result<Option<Plugged>> {
        Ok(self.describe().await?.disk(serial.as_str()).cloned())
    }

    pub(super) async fn need(&self, serial: &Serial) -> Result<Plugged> {
        self.find(serial).await?.ok_or_else(|| Self::lacks(serial.as_str()))
    }

    pub(in crate::machine) async fn disks(&mut self) -> Result<Vec<AttachedDisk>> {
        let disks = self.describe().await?.disks.into_iter().filter(|disk| !disk.serial.is_empty());
        let describe = |disk: Plugged| {
            let Plugged { serial, path, below, read_only, .. } = disk;
            AttachedDisk { serial, path, below, read_only }
        };
        Ok(disks.map(describe).collect())
    }

    pub(in crate::machine) async fn open_layers(&mut self) -> Result<Vec<PathBuf>> {
        let disks = self.describe().await?.disks.into_iter();
        Ok(disks.flat_map(|disk| std::iter::once(disk.path).chain(disk.below)).collect())
    }

    pub(in crate::machine) async fn grow_disk(&mut self, serial: &Serial, bytes: u64) -> Result<()> {
        let target = self.need(serial).await?.target;
        if self.size(&target).await? >= bytes {
            return Ok(());
        }
        self.end_look_of_ours().await?;
        let grown = self.virsh.run(&["blockresize", &self.uuid, &target, &format!("{bytes}B")], CHANGE).await;
        grown.map(drop).map_err(|error| error.within("could not let the disk grow"))
    }

    /// The size of a disk, as the guest sees it.
    pub(super) async fn size(&self, target: &str) -> Result<u64> {
        let stats = self.virsh.stats(&self.uuid, &["--block"]).await?;
        let at = |nth: &u64| stats.text(&format!("block.{nth}.name")) == Some(target);
        let nth = (0..stats.number("block.count").unwrap_or(0)).find(at);
        Ok(nth.and_then(|nth| stats.number(&format!("block.{nth}.capacity"))).unwrap_or(0))
    }

    pub(in crate::machine) async fn set_io_limits(&mut self, serial: &Serial, limits: IoLimits) -> Result<()> {
        let target = self.need(serial).await?.target;
        let (bytes, operations) =
            (limits.bytes_per_second.unwrap_or(0).to_string(), limits.iops.unwrap_or(0).to_string());
        let limit = ["blkdeviotune", &self.uuid, &target, "--total-bytes-sec", &bytes, "--total-iops-sec", &operations];
        let set = self.virsh.run(&[&limit[..], &["--live"]].concat(), CHANGE).await;
        set.map(drop).map_err(|error| error.within("could not limit what goes through the disk"))
    }

    pub(in crate::machine) async fn io_stats(&mut self) -> Result<Vec<IoStats>> {
        let disks = self.describe().await?.disks;
        let stats = self.virsh.stats(&self.uuid, &["--block"]).await?;
        let of = |nth: u64| {
            let name = stats.text(&format!("block.{nth}.name"))?;
            let disk = disks.iter().find(|disk| disk.target == name && disk.alias.starts_with(ALIAS))?;
            let number = |key: &str| stats.number(&format!("block.{nth}.{key}")).unwrap_or(0);
            let count = |kind: &str| IoCount {
                operations: number(&format!("{kind}.reqs")),
                bytes: number(&format!("{kind}.bytes")),
                time: Duration::from_nanos(number(&format!("{kind}.times"))),
            };
            Some(IoStats { serial: disk.serial.clone(), read: count("rd"), written: count("wr"), flushed: count("fl") })
        };
        Ok((0..stats.number("block.count").unwrap_or(0)).filter_map(of).collect())
    }

    pub(in crate::machine) async fn has_written(&mut self, serial: &Serial) -> Result<bool> {
        let stats = self.io_stats().await?;
        Ok(stats.iter().any(|disk| disk.serial == serial.as_str() && disk.written.bytes > 0))
    }
}

fn alias(serial: &Serial) -> String {
    format!("{ALIAS}{}", serial.as_str())
}

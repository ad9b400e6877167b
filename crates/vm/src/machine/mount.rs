//! Mounting inside the guest, through its agent.

use std::time::Duration;

use super::channel::ThroughAgent;
use super::domain::Domain;
use super::io::IoLimits;
use super::pace::Pace;
use super::task::Owner;
use crate::agent::ExecOutput;
use crate::disk::{Disk, Serial};
use crate::error::Result;
use crate::fault;
use crate::guest_script::{self, GuestMount};
use crate::mount_options::MountOptions;
use crate::mount_path::MountPath;

/// Mounting may replay a journal; without KVM and on a loaded computer everything takes long.
const MOUNT: Duration = Duration::from_secs(120);
/// Unmounting writes back what the guest has cached.
const UNMOUNT: Duration = Duration::from_secs(300);
const LOOK: Duration = Duration::from_secs(60);

/// Mounts, by scripts that run in the guest.
pub(super) trait Mounts: ThroughAgent {
    /// Plugs the disk in; where it can, begins `program` in the guest while that is done, and answers its process id there.
    fn attach_and_begin(&mut self, disk: &Disk, program: &[String])
    -> impl Future<Output = Result<Option<i64>>> + Send;

    /// How long mounting takes in this guest.
    fn pace(&mut self) -> &mut Pace;

    /// Sets what may go through the disk.
    fn limit(&mut self, serial: &Serial, limits: IoLimits) -> impl Future<Output = Result<()>> + Send;

    async fn attach_and_mount(
        &mut self,
        disk: &Disk,
        limits: IoLimits,
        path: &MountPath,
        options: &MountOptions,
    ) -> Result<()> {
        let serial = Serial::parse(&disk.serial)?;
        let begun = self.attach_and_begin(disk, &guest_script::mount(&serial, path, options)).await?;
        fault::point("disk plugged");
        let limited = if limits == IoLimits::default() { Ok(()) } else { self.limit(&serial, limits).await };
        let Some(pid) = begun else {
            limited?;
            return self.mount(&serial, path, options).await;
        };
        // Also one that could not be limited: whoever takes the disk out again must not meet a script that mounts it.
        let what = cannot_mount(path);
        let output = self.finish_at(Self::pace, &what, pid, MOUNT).await;
        limited?;
        self.judge_mount(&what, &serial, &output?)
    }

    async fn mount(&mut self, serial: &Serial, path: &MountPath, options: &MountOptions) -> Result<()> {
        let what = cannot_mount(path);
        let script = guest_script::mount(serial, path, options);
        let pid = self.start(&script, None).await.map_err(|error| error.within(&what))?;
        let output = self.finish_at(Self::pace, &what, pid, MOUNT).await?;
        self.judge_mount(&what, serial, &output)
    }

    /// What the script that mounts has left behind.
    fn judge_mount(&mut self, what: &str, serial: &Serial, output: &ExecOutput) -> Result<()> {
        if output.exit_code != 0 {
            return Err(guest_script::failure(what, output));
        }
        self.remember(serial, output);
        if guest_script::mounted_without_journal(output) {
            tracing::warn!(
                serial = serial.as_str(),
                "mounted without replaying the journal: the layer is crash-consistent"
            );
        }
        Ok(())
    }

    async fn unmount(&mut self, serial: &Serial, path: &MountPath) -> Result<()> {
        if self.unmount_quickly(serial, path, UNMOUNT).await? {
            return Ok(());
        }
        let what = format!("could not unmount {path} in the guest");
        let output = self.run_script(&what, &guest_script::unmount(serial, path), UNMOUNT).await?;
        if output.exit_code == 0 {
            return Ok(());
        }
        Err(guest_script::unmount_failure(path, &output))
    }

    async fn unmount_lazily(&mut self, serial: &Serial, path: &MountPath) -> Result<()> {
        let what = format!("could not take {path} out of the guest");
        let output = self.run_script(&what, &guest_script::unmount_lazily(serial, path), UNMOUNT).await?;
        if output.exit_code == 0 { Ok(()) } else { Err(guest_script::failure(&what, &output)) }
    }

    async fn guest_mounts(&mut self) -> Result<Vec<GuestMount>> {
        let what = "could not ask the guest what is mounted";
        let output = self.run_script(what, &guest_script::look(), LOOK).await?;
        if output.exit_code != 0 {
            return Err(guest_script::failure(what, &output));
        }
        Ok(guest_script::mounts(&output))
    }
}

fn cannot_mount(path: &MountPath) -> String {
    format!("could not mount at {path} in the guest")
}

impl Mounts for Owner {
    async fn attach_and_begin(&mut self, disk: &Disk, program: &[String]) -> Result<Option<i64>> {
        self.attach_beside(disk, Some(program)).await
    }

    fn pace(&mut self) -> &mut Pace {
        &mut self.mounting
    }

    async fn limit(&mut self, serial: &Serial, limits: IoLimits) -> Result<()> {
        self.set_io_limits(serial, limits).await
    }
}

impl Mounts for Domain {
    async fn attach_and_begin(&mut self, disk: &Disk, _program: &[String]) -> Result<Option<i64>> {
        self.attach(disk).await.map(|()| None)
    }

    fn pace(&mut self) -> &mut Pace {
        &mut self.mounting
    }

    async fn limit(&mut self, serial: &Serial, limits: IoLimits) -> Result<()> {
        self.set_io_limits(serial, limits).await
    }
}

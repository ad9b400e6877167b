//! Mounting inside the guest, through its agent.

use std::time::Duration;

use super::channel::ThroughAgent;
use crate::disk::Serial;
use crate::error::Result;
use crate::guest_script::{self, GuestMount};
use crate::mount_options::MountOptions;
use crate::mount_path::MountPath;

/// Mounting may replay a journal; without KVM and on a loaded computer everything takes long.
const MOUNT: Duration = Duration::from_secs(120);
/// Unmounting writes back what the guest has cached.
const UNMOUNT: Duration = Duration::from_secs(300);
const LOOK: Duration = Duration::from_secs(60);

impl<A: ThroughAgent> Mounts for A {}

/// Mounts, by scripts that run in the guest.
pub(super) trait Mounts: ThroughAgent {
    async fn mount(&mut self, serial: &Serial, path: &MountPath, options: &MountOptions) -> Result<()> {
        let what = format!("could not mount at {path} in the guest");
        let output = self.run_script(&what, &guest_script::mount(serial, path, options), MOUNT).await?;
        if output.exit_code != 0 {
            return Err(guest_script::failure(&what, &output));
        }
        self.remember(serial, &output);
        if guest_script::mounted_without_journal(&output) {
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

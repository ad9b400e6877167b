//! Unmounting without a shell.
//!
//! A script that finds the disk, looks what is mounted and unmounts takes a guest without KVM twice as long as unmounting
//! does. What the script that mounts has seen of the disk is still true while the disk stays plugged in and the guest is
//! not restarted; so the host reads the guest's mounts, has `umount` run, and looks whether the kernel has let go. As soon
//! as anything is not as usual the script is asked, which also knows what to say.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::channel::ThroughAgent;
use super::handle::Machine;
use super::task::Owner;
use crate::agent::{ExecOutput, QUICK};
use crate::disk::Serial;
use crate::error::{ErrorKind, Result};
use crate::guest_script::{self, Shown};
use crate::mount_path::MountPath;
use crate::qmp::Event;

/// Bytes of a guest's list of mounts; one with more of them is looked at by the script.
const LONGEST_LIST: usize = 256 << 10;

/// So long what was seen right before an unmount is taken to be so still.
const SEEN: Duration = Duration::from_millis(200);

/// What is known of disks that are mounted.
#[derive(Default)]
pub(super) struct Known {
    /// By their serials.
    shown: BTreeMap<String, Shown>,
    /// The disk that was seen where it is about to be unmounted.
    seen: Option<(String, MountPath, Instant)>,
}

impl Known {
    pub(super) fn remember(&mut self, serial: &Serial, mounted: &ExecOutput) {
        match guest_script::shown(mounted) {
            Some(shown) => drop(self.shown.insert(serial.as_str().to_owned(), shown)),
            None => drop(self.shown.remove(serial.as_str())),
        }
    }

    /// Forgets what an event makes untrue.
    pub(super) fn heed(&mut self, event: &Event) {
        match event.name.as_str() {
            // Whoever begins anew may count its disks in another order.
            "RESET" | "VSERPORT_CHANGE" => *self = Self::default(),
            "DEVICE_DELETED" => {
                if let Some(serial) = event.data["device"].as_str().and_then(Serial::of_device) {
                    self.shown.remove(serial);
                }
            }
            _ => {}
        }
    }
}

impl Machine {
    /// Looks at what an unmount that follows must know, while its caller has something else to do. That it cannot be looked
    /// at is no failure here.
    pub async fn look_before_unmount(&self, serial: &str, mount_path: &str) {
        let (Ok(serial), Ok(path)) = (Serial::parse(serial), MountPath::parse(mount_path)) else { return };
        if self.is_domain() {
            return;
        }
        let looked = self.link.run(move |owner| Box::pin(async move { owner.look_before_unmount(serial, path).await }));
        if let Err(error) = looked.await {
            tracing::debug!(%error, "nobody answers in the guest");
        }
    }
}

impl Owner {
    async fn look_before_unmount(&mut self, serial: Serial, path: MountPath) -> Result<()> {
        let since = Instant::now();
        let is_there = self.sees_mounted(&serial, &path).await;
        self.note_silence(&is_there, since);
        self.known.seen = is_there?.then(|| (serial.as_str().to_owned(), path, Instant::now()));
        Ok(())
    }

    /// Whether a disk whose number is known is the one that is mounted at `path`.
    async fn sees_mounted(&mut self, serial: &Serial, path: &MountPath) -> Result<bool> {
        let Some(number) = self.known.shown.get(serial.as_str()).map(|shown| shown.number.clone()) else {
            return Ok(false);
        };
        let Some(mounts) = self.read_guest_file("/proc/self/mountinfo").await? else { return Ok(false) };
        Ok(guest_script::mounted_at(&mounts, path) == Some(number))
    }

    /// Unmounts the disk at `path`, where it is mounted and nothing keeps it; else answers `false`, and the disk may be
    /// mounted as before or not.
    pub(super) async fn unmount_known(&mut self, serial: &Serial, path: &MountPath, within: Duration) -> Result<bool> {
        self.refuse_when_silent()?;
        let Some(shown) = self.known.shown.get(serial.as_str()).cloned() else { return Ok(false) };
        let seen = self.known.seen.take().is_some_and(|(disk, place, when)| {
            (disk.as_str(), &place) == (serial.as_str(), path) && when.elapsed() < SEEN
        });
        if !seen && !self.sees_mounted(serial, path).await? {
            return Ok(false);
        }
        let umount = ["umount".to_owned(), path.as_str().to_owned()];
        let Some(pid) = fine(self.start_at_once(&umount).await)? else { return Ok(false) };
        let what = format!("could not unmount {path} in the guest");
        let output = self.finish_at(|owner| &mut owner.unmounting, &what, pid, within).await?;
        if output.exit_code != 0 {
            return Ok(false);
        }
        // It may be mounted at other places, too.
        match self.open_guest_file(&shown.everywhere()).await? {
            Some(handle) => self.close_guest_file(handle).await.map(|()| false),
            None => Ok(true),
        }
    }

    /// A small file of the guest; `None` when it cannot be read or is no small one.
    async fn read_guest_file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        // With all that is looked at before a guest is asked something.
        let opened = self.ask_agent("guest-file-open", json!({"path": path, "mode": "r"}), QUICK).await;
        let Some(handle) = fine(opened)? else { return Ok(None) };
        let what = json!({"handle": handle, "count": LONGEST_LIST});
        let read = fine(self.ask_agent_at_once("guest-file-read", what, QUICK).await);
        self.close_guest_file(handle).await?;
        let Some(read) = read? else { return Ok(None) };
        let bytes = read["buf-b64"].as_str().and_then(|text| BASE64.decode(text).ok());
        Ok(bytes.filter(|bytes| bytes.len() < LONGEST_LIST))
    }

    async fn open_guest_file(&mut self, path: &str) -> Result<Option<Value>> {
        fine(self.ask_agent_at_once("guest-file-open", json!({"path": path, "mode": "r"}), QUICK).await)
    }

    async fn close_guest_file(&mut self, handle: Value) -> Result<()> {
        fine(self.ask_agent_at_once("guest-file-close", json!({"handle": handle}), QUICK).await).map(drop)
    }
}

/// What the guest's agent refuses, such as a file that is not there, is no failure.
fn fine<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::Refused => Ok(None),
        Err(error) => Err(error),
    }
}

//! Machines that somebody else starts: reached by their QMP socket or through libvirt, never started and never ended
//! from here.
//!
//! ```text
//!                its QEMU listens                    QEMU has gone
//!   Stopped ───────────────────────────► Running ────────────────────► Stopped: it has no volume any more
//!      ▲                                  ▲   │
//!      │ QEMU has gone      reached again │   ▼ it cannot be reached, and nothing says that it has ended
//!      └──────────────────────────────── Error: what it has, stays its
//! ```
//!
//! While a machine is not reached, it is tried again every few seconds. QEMU serves one client at a socket, and while
//! an engine runs, that is the engine: who talks to the same QEMU gives it another one.

use std::sync::Arc;
use std::time::Duration;

use cairn_vm::{Machine, Process};
use time::OffsetDateTime;

use super::model::AttachVm;
use super::record::{FORMAT, VmKind, VmRecord};
use super::{MachineSlot, reach, registry};
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::model::{Vm, VmState};
use crate::name;
use crate::store::internal;
use crate::sync;

/// How soon a machine is tried again that cannot be reached.
const AGAIN: Duration = Duration::from_secs(2);
/// How long somebody else's guest may take to shut down.
const SHUT_DOWN: Duration = Duration::from_secs(60);

impl Engine {
    /// Makes a machine known that somebody else has started and goes on looking after. From now on it is a machine as
    /// others are, but for starting and ending it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name, path or URI; [`ErrorKind::NotFound`] when there is no such socket or
    /// domain; [`ErrorKind::AlreadyExists`] when the name is taken or the machine is known already; [`ErrorKind::InUse`]
    /// when another client holds the socket; [`ErrorKind::Conflict`] when nobody listens there, or libvirt cannot be
    /// reached; [`ErrorKind::Missing`] without libvirt's command `virsh`.
    #[tracing::instrument(skip_all, fields(name = %new.name, by = ?new.by), err(level = "info"))]
    pub async fn vm_attach(&self, new: AttachVm) -> Result<Vm> {
        let name = name::check("machine", &new.name)?;
        reach::check(&new.by)?;
        let engine = self.clone();
        self.run(async move {
            engine.refuse_taken(&name, None)?;
            let (mut attached, machine) = engine.reach_new(&new.by).await?;
            if let Some(known) = machine.pid().and_then(|pid| engine.machine_of(pid)) {
                return Err(is_known(&known));
            }
            let what = format!("attach the machine at {}", attached.place());
            let about = machine.about().await.map_err(|e| vm_error(&what, &e))?;
            attached.process = qemu_of(&machine);
            let record = VmRecord {
                format: FORMAT,
                id: VmId::random().map_err(|e| internal("make a machine's id", &e))?,
                name: name.clone(),
                kind: VmKind::Attached(attached),
                memory_mib: about.memory_mib,
                cpus: about.cpus,
                created_at: OffsetDateTime::now_utc(),
                accelerator: Some(accelerator(&about).to_owned()),
            };
            let slot = {
                let _naming = engine.inner.naming.lock().await;
                engine.refuse_taken(&name, None)?;
                engine.add_machine(record).await?
            };
            engine.adopt(&slot, machine);
            engine.set_state(&slot, VmState::Running, None);
            engine.keep_reaching(&slot);
            // It may have volumes of this store: it may have been forgotten by an earlier generation of the store.
            engine.reconcile(&slot).await;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Forgets a machine that somebody else has started. It goes on running.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] while it has volumes; [`ErrorKind::Conflict`] for a machine that Cairn starts.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_detach(&self, vm: &str) -> Result<()> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = slot.turn.lock().await;
            if !slot.is_attached() {
                let message = format!("The machine '{}' was not attached: Cairn starts it.", slot.name());
                return Err(Error::new(ErrorKind::Conflict, message).with_hint("Stop and delete it instead."));
            }
            engine.forget(&slot).await
        })
        .await
    }

    /// The caller has the machine's turn.
    pub(super) async fn forget(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        self.machine_slot(slot.id.as_str())?;
        if let Some(mount) = self.mounts_in(&slot.id).first() {
            let message = format!(
                "The machine '{}' has the volume '{}' at {}.",
                mount.vm_name, mount.volume_name, mount.mount_path
            );
            return Err(Error::new(ErrorKind::InUse, message).with_hint("Unmount it first."));
        }
        self.remove_machine(slot).await
    }

    /// The running machine of the store whose QEMU has this process id.
    pub(super) fn machine_of(&self, pid: u32) -> Option<Arc<MachineSlot>> {
        let is_it = |slot: &Arc<MachineSlot>| slot.machine().and_then(|machine| machine.pid()) == Some(pid);
        self.machine_slots().into_iter().find(is_it)
    }

    /// Tries a machine that cannot be reached again and again, until it is no machine of the store any more.
    pub(super) fn keep_reaching(&self, slot: &Arc<MachineSlot>) {
        let (inner, slot, closing) = (Arc::downgrade(&self.inner), slot.clone(), self.inner.closing.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = slot.forgotten.cancelled() => {}
                () = try_again_and_again(&inner, &slot) => {}
            }
        });
    }

    /// What came of trying to reach a machine. The caller has its turn, or is alone; and reconciles afterwards.
    pub(super) async fn reached(&self, slot: &Arc<MachineSlot>, reached: cairn_vm::Result<Machine>) {
        let Some(attached) = slot.record().attached().cloned() else { return };
        let before = attached.process.filter(|process| process.runs_qemu());
        let gone = |process: Process, what: &str| {
            let message = format!(
                "The machine '{}' cannot be reached: {what} {}, though its QEMU, process {}, runs on.",
                slot.name(),
                attached.place(),
                process.pid()
            );
            Error::new(ErrorKind::Conflict, message).with_hint("What it has of volumes stays its until that QEMU ends.")
        };
        let unreachable = match (reached, before) {
            (Ok(machine), Some(process))
                if qemu_of(&machine) != Some(process) && !self.mounts_in(&slot.id).is_empty() =>
            {
                gone(process, "another one listens at")
            }
            (Ok(machine), _) => return self.welcome(slot, machine).await,
            (Err(error), None) if attached.says_it_ended(&error) => return self.say(slot, VmState::Stopped, None),
            (Err(error), Some(process)) if error.kind() == cairn_vm::ErrorKind::NotRunning => {
                gone(process, "nobody listens at")
            }
            (Err(error), _) => vm_error(&format!("reach the machine '{}'", slot.name()), &error),
        };
        self.say(slot, VmState::Error, Some(&unreachable));
    }

    async fn welcome(&self, slot: &Arc<MachineSlot>, machine: Machine) {
        tracing::info!(vm = %slot.id, pid = machine.pid(), "reached the machine");
        let (process, about) = (qemu_of(&machine), machine.about().await);
        let changed = slot.clone();
        let saved = blocking(move || {
            registry::change_record(&changed, |record| {
                if let VmKind::Attached(attached) = &mut record.kind {
                    attached.process = process;
                }
                if let Ok(about) = about {
                    (record.memory_mib, record.cpus) = (about.memory_mib, about.cpus);
                    record.accelerator = Some(accelerator(&about).to_owned());
                }
            })
        });
        if let Err(error) = saved.await {
            tracing::warn!(vm = %slot.id, %error, "what a machine is now could not be recorded");
        }
        self.adopt(slot, machine);
        self.set_state(slot, VmState::Running, None);
    }

    /// The connection has ended, the process has not.
    pub(super) fn lose(&self, slot: &MachineSlot, pid: u32) {
        sync::lock(&slot.live).machine = None;
        let message = format!(
            "The connection to the machine '{}' has ended, though its QEMU, process {pid}, runs on.",
            slot.name()
        );
        let error = Error::new(ErrorKind::Conflict, message).with_hint("It is tried again every few seconds.");
        self.set_state(slot, VmState::Error, Some(&error));
    }

    /// Tells what is new, and nothing that everybody knows.
    fn say(&self, slot: &MachineSlot, state: VmState, error: Option<&Error>) {
        let is_known = {
            let live = sync::lock(&slot.live);
            (live.state, &live.error) == (state, &error.map(ToString::to_string))
        };
        if !is_known {
            self.set_state(slot, state, error);
        }
    }

    /// Reaches a machine that somebody else has started meanwhile.
    pub(super) async fn start_attached(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        {
            let _turn = slot.turn.lock().await;
            if slot.machine().is_some() {
                return Ok(());
            }
            if let Some(attached) = slot.record().attached() {
                let reached = attached.reach().await;
                self.reached(slot, reached).await;
            }
        }
        self.reconcile(slot).await;
        match slot.machine() {
            Some(_) => Ok(()),
            None => self.refuse_when_unreachable(slot).and_then(|()| slot.refuse_to_start_or_end("start")),
        }
    }

    /// Asks somebody else's guest to shut down; its QEMU is never ended from here.
    pub(super) async fn stop_attached(&self, slot: &Arc<MachineSlot>, force: bool) -> Result<()> {
        let _turn = slot.turn.lock().await;
        if force {
            return slot.refuse_to_start_or_end("end");
        }
        let Some(machine) = slot.machine() else { return self.refuse_when_unreachable(slot) };
        self.set_state(slot, VmState::Stopping, None);
        match machine.shut_down(SHUT_DOWN).await {
            Ok(()) => {
                self.machine_gone(slot).await;
                Ok(())
            }
            Err(error) => {
                if slot.machine().is_some() {
                    self.set_state(slot, VmState::Running, None);
                }
                if error.kind() != cairn_vm::ErrorKind::Timeout {
                    return Err(vm_error(&format!("stop the machine '{}'", slot.name()), &error));
                }
                let seconds = SHUT_DOWN.as_secs();
                let message =
                    format!("The machine '{}' did not stop within {seconds} seconds; it may still do so.", slot.name());
                Err(Error::new(ErrorKind::Timeout, message).with_hint("Look into its guest, or end its QEMU yourself."))
            }
        }
    }
}

/// While it is not reached, a machine is tried; the engine is not kept from ending meanwhile.
async fn try_again_and_again(inner: &std::sync::Weak<crate::engine::Inner>, slot: &Arc<MachineSlot>) {
    loop {
        tokio::time::sleep(AGAIN).await;
        if slot.machine().is_some() {
            continue;
        }
        let turn = slot.turn.lock().await;
        let Some(attached) = slot.record().attached().cloned() else { return };
        if slot.machine().is_some() {
            continue;
        }
        let before = slot.state();
        let reached = attached.reach().await;
        let Some(inner) = inner.upgrade() else { return };
        let engine = Engine { inner };
        engine.reached(slot, reached).await;
        drop(turn);
        if slot.state() != before {
            engine.reconcile(slot).await;
        }
    }
}

impl MachineSlot {
    /// Whether somebody else starts it.
    pub(crate) fn is_attached(&self) -> bool {
        sync::lock(&self.record).attached().is_some()
    }

    /// # Errors
    /// [`ErrorKind::Conflict`] for a machine that somebody else starts and ends.
    pub(super) fn refuse_to_start_or_end(&self, what: &str) -> Result<()> {
        let Some(attached) = self.record().attached().cloned() else { return Ok(()) };
        let message = format!("Cairn does not {what} the machine '{}': somebody else does.", self.name());
        Err(Error::new(ErrorKind::Conflict, message).with_hint(attached.hint(what)))
    }
}

/// The machine's process, when it is a QEMU; something else may listen for it.
fn qemu_of(machine: &Machine) -> Option<Process> {
    machine.process().filter(|process| process.runs_qemu())
}

fn accelerator(about: &cairn_vm::About) -> &'static str {
    if about.is_kvm { "kvm" } else { "tcg" }
}

pub(super) fn is_known(known: &MachineSlot) -> Error {
    let message = format!("That is the machine '{}', which is known already.", known.name());
    Error::new(ErrorKind::AlreadyExists, message).with_hint("Use it by that name.")
}

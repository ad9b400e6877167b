//! Machines: create, start, stop, delete, and noticing that one has ended.
//!
//! `vms/<id>/vm.json` is the truth about what a machine is. What it is doing, nobody writes down: QEMU says.
//!
//! ```text
//!              start                 its agent answers
//!   Stopped ───────────► Starting ─────────────────────► Running
//!      ▲                    │                               │ stop
//!      │   QEMU has gone, for whatever reason               ▼
//!      └────────────────────┴───────────────────────── Stopping
//!   Error: it may run, and cannot be reached; asked again when somebody uses it
//! ```

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::convert::{io_error, vm_error};
use crate::demo;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::model::{EventKind, ExecOutput, NoticeLevel, Vm, VmState};
use crate::name;
use crate::store::internal;
use crate::sync;

mod full_disk;
mod registry;
mod watch;

pub(crate) use registry::load_machines;

/// How long a guest may take to boot until its agent answers; under TCG on a busy computer that can be long.
const BOOT: Duration = Duration::from_secs(120);
/// How long a guest may take to shut down before it is stopped by force.
const SHUT_DOWN: Duration = Duration::from_secs(30);
/// How long a command in a guest may take.
const EXEC: Duration = Duration::from_secs(600);

/// The name of the machine that everybody gets.
const DEMO_NAME: &str = "demo";
/// What the demo VM gets.
const DEMO_MEMORY_MIB: u32 = 256;
const DEMO_CPUS: u32 = 1;

/// The format of `vm.json`.
const FORMAT: u32 = 1;

/// What `vm.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct VmRecord {
    format: u32,
    id: VmId,
    name: String,
    kind: VmKind,
    memory_mib: u32,
    cpus: u32,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// How QEMU ran it when it was last started.
    #[serde(default)]
    accelerator: Option<String>,
}

/// What a machine boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum VmKind {
    /// The kernel and initramfs that come with Cairn.
    Demo,
}

/// A machine of the open store.
#[derive(Debug)]
pub(crate) struct MachineSlot {
    /// Which.
    pub(crate) id: VmId,
    /// Where its record, sockets and console log are.
    pub(crate) folder: PathBuf,
    /// Held by whoever starts, stops, mounts or unmounts; taken before any volume's locks.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    /// Held while what a machine had is taken back after its end.
    ending: tokio::sync::Mutex<()>,
    record: Mutex<VmRecord>,
    live: Mutex<Live>,
}

/// What is known of the running machine.
#[derive(Debug)]
struct Live {
    state: VmState,
    machine: Option<cairn_vm::Machine>,
    error: Option<String>,
}

impl MachineSlot {
    fn new(folder: PathBuf, record: VmRecord) -> Arc<Self> {
        Arc::new(Self {
            id: record.id.clone(),
            folder,
            turn: Arc::default(),
            ending: tokio::sync::Mutex::default(),
            record: Mutex::new(record),
            live: Mutex::new(Live { state: VmState::Stopped, machine: None, error: None }),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        sync::lock(&self.record).name.clone()
    }

    /// The running machine, if it runs and can be reached.
    pub(crate) fn machine(&self) -> Option<cairn_vm::Machine> {
        sync::lock(&self.live).machine.clone()
    }

    /// The running machine.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when it does not run.
    pub(crate) fn running(&self) -> Result<cairn_vm::Machine> {
        self.machine().ok_or_else(|| {
            Error::new(ErrorKind::Conflict, format!("The machine '{}' is not running.", self.name()))
                .with_hint("Start it first.")
        })
    }

    /// Whether it runs, or may run and cannot be reached.
    pub(crate) fn may_run(&self) -> bool {
        self.state() != VmState::Stopped
    }

    fn state(&self) -> VmState {
        sync::lock(&self.live).state
    }
}

impl Engine {
    /// Starts the demo VM, which is created when there is none of that name, and waits until its agent answers.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] when QEMU or the demo VM's files are not there; [`ErrorKind::Guest`] when its
    /// agent does not answer.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_demo(&self, name: Option<String>) -> Result<Vm> {
        let name = name::check("machine", name.as_deref().unwrap_or(DEMO_NAME))?;
        let engine = self.clone();
        self.run(async move {
            let slot = {
                let _naming = engine.inner.naming.lock().await;
                match engine.machine_slot(&name) {
                    Ok(slot) => slot,
                    Err(_) => engine.create_demo(name).await?,
                }
            };
            engine.start(&slot).await?;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// All machines, by name.
    ///
    /// # Errors
    /// When the engine is closed.
    pub async fn vm_list(&self) -> Result<Vec<Vm>> {
        self.refuse_when_closed()?;
        let mut vms: Vec<Vm> = self.machine_slots().iter().map(|slot| self.describe_vm(slot)).collect();
        vms.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(vms)
    }

    /// The machine with this id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn vm_get(&self, vm: &str) -> Result<Vm> {
        Ok(self.describe_vm(&*self.machine_slot(vm)?))
    }

    /// Starts a machine and waits until its agent answers. One that runs already is left as it is.
    ///
    /// # Errors
    /// As [`vm_demo`](Self::vm_demo).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_start(&self, vm: &str) -> Result<Vm> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            engine.start(&slot).await?;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Stops a machine. Its volumes are unmounted and the guest shuts down, for at most half a minute; with
    /// `force` it is like pulling the plug.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when a volume cannot be unmounted because something in the guest uses it.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_stop(&self, vm: &str, force: bool) -> Result<Vm> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            engine.stop(&slot, force).await?;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Deletes a machine and everything in its folder. Volumes are not part of a machine.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] while it runs.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_delete(&self, vm: &str) -> Result<()> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = slot.turn.lock().await;
            if slot.state() != VmState::Stopped {
                return Err(Error::new(ErrorKind::Conflict, format!("The machine '{}' is running.", slot.name()))
                    .with_hint("Stop it first."));
            }
            let (folder, vms) = (slot.folder.clone(), engine.inner.store.vms());
            blocking(move || {
                std::fs::remove_dir_all(&folder)
                    .and_then(|()| durable::sync_folder(&vms))
                    .map_err(|e| io_error("delete the machine's folder", &folder, &e))
            })
            .await?;
            sync::write(&engine.inner.machines).remove(&slot.id);
            engine.tell(EventKind::VmDeleted { vm_id: slot.id.clone() });
            Ok(())
        })
        .await
    }

    /// Runs a command in a guest, for at most ten minutes, and answers with what it printed.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the machine does not run, [`ErrorKind::Guest`] when the command cannot be started.
    #[tracing::instrument(skip(self, stdin), err(level = "info"))]
    pub async fn vm_exec(&self, vm: &str, argv: Vec<String>, stdin: Option<Vec<u8>>) -> Result<ExecOutput> {
        let slot = self.machine_slot(vm)?;
        self.refuse_when_closed()?;
        let machine = slot.running()?;
        let what = format!("run a command in '{}'", slot.name());
        let output = machine.exec(&argv, stdin, EXEC).await.map_err(|e| vm_error(&what, &e))?;
        Ok(ExecOutput { exit_code: output.exit_code, stdout: output.stdout, stderr: output.stderr })
    }

    async fn create_demo(&self, name: String) -> Result<Arc<MachineSlot>> {
        // Nobody wants a machine that can never be started.
        demo::find(self.inner.demo_vm.as_deref())?;
        let record = VmRecord {
            format: FORMAT,
            id: VmId::random().map_err(|e| internal("make a machine's id", &e))?,
            name,
            kind: VmKind::Demo,
            memory_mib: DEMO_MEMORY_MIB,
            cpus: DEMO_CPUS,
            created_at: OffsetDateTime::now_utc(),
            accelerator: None,
        };
        let slot = MachineSlot::new(self.inner.store.vm(&record.id), record);
        let created = slot.clone();
        blocking(move || registry::save(&created)).await?;
        sync::write(&self.inner.machines).insert(slot.id.clone(), slot.clone());
        self.tell(EventKind::VmChanged { vm_id: slot.id.clone() });
        Ok(slot)
    }

    async fn start(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        let _turn = slot.turn.lock().await;
        if slot.state() == VmState::Error {
            self.find_running(slot).await;
            self.refuse_when_unreachable(slot)?;
        }
        // What it had before is taken back first.
        drop(slot.ending.lock().await);
        let machine = match slot.machine() {
            Some(machine) => machine,
            None => self.launch(slot).await.inspect_err(|error| self.set_state(slot, VmState::Stopped, Some(error)))?,
        };
        if slot.state() == VmState::Running {
            return Ok(());
        }
        match machine.wait_for_agent(BOOT).await {
            Ok(()) => {
                self.set_state(slot, VmState::Running, None);
                Ok(())
            }
            Err(error) => {
                let error = vm_error(&format!("start the machine '{}'", slot.name()), &error);
                if slot.machine().is_some() {
                    self.set_state(slot, VmState::Starting, Some(&error));
                }
                Err(error)
            }
        }
    }

    async fn launch(&self, slot: &Arc<MachineSlot>) -> Result<cairn_vm::Machine> {
        self.set_state(slot, VmState::Starting, None);
        let VmKind::Demo = sync::lock(&slot.record).kind;
        let files = demo::find(self.inner.demo_vm.as_deref())?;
        let accel = demo::accelerator(&self.inner.store).await;
        let spec = {
            let mut record = sync::lock(&slot.record);
            record.accelerator = Some(accel.as_str().to_owned());
            demo::launch_spec(&record.name, &slot.folder, files, record.memory_mib, record.cpus, accel)
        };
        let saved = slot.clone();
        blocking(move || registry::save(&saved)).await?;
        let machine =
            cairn_vm::launch(&spec).await.map_err(|e| vm_error(&format!("start the machine '{}'", slot.name()), &e))?;
        tracing::info!(vm = %slot.id, accel = accel.as_str(), pid = machine.pid(), "machine started");
        self.adopt(slot, machine.clone());
        Ok(machine)
    }

    async fn stop(&self, slot: &Arc<MachineSlot>, force: bool) -> Result<()> {
        let _turn = slot.turn.lock().await;
        let Some(machine) = slot.machine() else { return self.refuse_when_unreachable(slot) };
        let before = slot.state();
        self.set_state(slot, VmState::Stopping, None);
        let stopped = async {
            if !force {
                self.unmount_all(slot).await?;
                match machine.shut_down(SHUT_DOWN).await {
                    Err(error) if error.kind() == cairn_vm::ErrorKind::Timeout => {
                        let message =
                            format!("The machine '{}' did not shut down and is stopped by force.", slot.name());
                        self.inner.events.notice(NoticeLevel::Warning, message);
                    }
                    outcome => {
                        return outcome.map_err(|e| vm_error(&format!("stop the machine '{}'", slot.name()), &e));
                    }
                }
            }
            machine.quit().await.map_err(|e| vm_error(&format!("stop the machine '{}'", slot.name()), &e))
        };
        match stopped.await {
            Ok(()) => {
                self.machine_gone(slot).await;
                Ok(())
            }
            Err(error) => {
                if slot.machine().is_some() {
                    self.set_state(slot, before, None);
                }
                Err(error)
            }
        }
    }

    fn refuse_when_unreachable(&self, slot: &MachineSlot) -> Result<()> {
        let live = sync::lock(&slot.live);
        match (&live.state, &live.error) {
            (VmState::Error, Some(error)) => Err(Error::new(ErrorKind::Conflict, error.clone())),
            _ => Ok(()),
        }
    }

    pub(crate) fn set_state(&self, slot: &MachineSlot, state: VmState, error: Option<&Error>) {
        {
            let mut live = sync::lock(&slot.live);
            live.state = state;
            live.error = error.map(ToString::to_string);
        }
        self.tell(EventKind::VmChanged { vm_id: slot.id.clone() });
    }

    /// The machine as everybody sees it.
    fn describe_vm(&self, slot: &MachineSlot) -> Vm {
        let record = sync::lock(&slot.record).clone();
        let (state, error, machine) = {
            let live = sync::lock(&slot.live);
            (live.state, live.error.clone(), live.machine.clone())
        };
        Vm {
            id: record.id,
            name: record.name,
            state,
            accelerator: record.accelerator.filter(|_| machine.is_some()),
            pid: machine.and_then(|machine| machine.pid()),
            memory_mib: record.memory_mib,
            cpus: record.cpus,
            created_at: record.created_at,
            mounts: self.mounts_in(&slot.id),
            error,
        }
    }
}

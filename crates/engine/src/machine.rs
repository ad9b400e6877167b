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
//!
//! One that somebody else starts ([`attached`]) is Stopped, Running, or in Error; it is asked again and again.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;

use crate::convert::vm_error;
use crate::demo;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::model::{EventKind, ExecOutput, Vm, VmState};
use crate::name;
use crate::store::internal;
use crate::sync;

mod attached;
mod console;
mod create;
mod deploy;
mod discover;
mod examine;
pub(crate) mod firmware;
mod full_disk;
pub(crate) mod model;
mod reach;
pub(crate) mod record;
pub(crate) mod registry;
pub(crate) mod session;
mod start;
mod terminate;
mod watch;

pub use console::{ConsoleKeys, ConsoleLog};
use record::{Attached, FORMAT, VmKind, VmRecord};
pub(crate) use registry::load_machines;
use tokio_util::sync::CancellationToken;

/// How long a command in a guest may take.
const EXEC: Duration = Duration::from_secs(600);

/// The name of the machine that everybody gets.
const DEMO_NAME: &str = "demo";
/// What the demo VM gets.
pub(super) const DEMO_MEMORY_MIB: u32 = 256;
const DEMO_CPUS: u32 = 1;

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
    /// Held by whoever writes the record to the disk; taken before it.
    saving: Mutex<()>,
    live: Mutex<Live>,
    /// The keyboard of its serial console, while somebody types.
    console: console::Shared,
    /// Cancelled when nobody is to watch it any more, because it is no machine of the store.
    forgotten: CancellationToken,
    /// Whether its guest could not be asked yet what it has mounted, since the engine's start.
    pub(crate) is_unseen: AtomicBool,
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
            saving: Mutex::default(),
            console: console::Shared::default(),
            forgotten: CancellationToken::new(),
            is_unseen: AtomicBool::new(false),
            live: Mutex::new(Live { state: VmState::Stopped, machine: None, error: None }),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        sync::lock(&self.record).name.clone()
    }

    /// What `vm.json` says.
    pub(crate) fn record(&self) -> VmRecord {
        sync::lock(&self.record).clone()
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
            if let Some(error) = self.why_unreachable() {
                return error;
            }
            Error::new(ErrorKind::Conflict, format!("The machine '{}' is not running.", self.name())).with_hint(
                if self.is_attached() {
                    "Start it as it was started before; Cairn then reaches it by itself."
                } else {
                    "Start it first."
                },
            )
        })
    }

    /// Resolves when it is no machine of the store any more.
    pub(crate) async fn forgotten(&self) {
        self.forgotten.cancelled().await;
    }

    /// Whether it runs, or may run and cannot be reached.
    pub(crate) fn may_run(&self) -> bool {
        self.state() != VmState::Stopped
    }

    pub(crate) fn state(&self) -> VmState {
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

    /// Starts a machine, waits until its agent answers, and mounts the volumes that it is to have. One that runs already
    /// is left as it is. A machine whose volumes cannot be mounted is stopped again.
    ///
    /// # Errors
    /// As [`vm_demo`](Self::vm_demo) and [`mount`](Self::mount); [`ErrorKind::Corrupt`] when its image is not what it
    /// was, though something stands on it.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_start(&self, vm: &str) -> Result<Vm> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            engine.start_with_volumes(&slot).await?;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Stops a machine and starts it again; one that does not run is started.
    ///
    /// # Errors
    /// As [`vm_stop`](Self::vm_stop) and [`vm_start`](Self::vm_start).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_restart(&self, vm: &str, force: bool) -> Result<Vm> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            slot.refuse_to_start_or_end("start")?;
            engine.stop(&slot, force).await?;
            engine.start_with_volumes(&slot).await?;
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

    /// Deletes a machine and everything in its folder. Volumes are not part of a machine. One that somebody else has
    /// started is forgotten, as by [`vm_detach`](Self::vm_detach).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] while it runs; [`ErrorKind::InUse`] while a machine of somebody else's has volumes.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_delete(&self, vm: &str) -> Result<()> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = slot.turn.lock().await;
            // Somebody else may have deleted it while its turn was waited for.
            engine.machine_slot(slot.id.as_str())?;
            if slot.is_attached() {
                return engine.forget(&slot).await;
            }
            if slot.state() != VmState::Stopped {
                return Err(Error::new(ErrorKind::Conflict, format!("The machine '{}' is running.", slot.name()))
                    .with_hint("Stop it first."));
            }
            engine.remove_machine(&slot).await
        })
        .await
    }

    /// Takes a machine, with its folder, out of the store. The caller has its turn.
    async fn remove_machine(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        let (removed, vms) = (slot.clone(), self.inner.store.vms());
        blocking(move || registry::remove(&removed, &vms)).await?;
        sync::write(&self.inner.machines).remove(&slot.id);
        slot.forgotten.cancel();
        sync::lock(&slot.live).machine = None;
        self.tell(EventKind::VmDeleted { vm_id: slot.id.clone() });
        Ok(())
    }

    /// Runs a command in a guest, for at most ten minutes, and answers with what it printed.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the machine does not run, [`ErrorKind::Guest`] when the command cannot be started.
    #[tracing::instrument(skip(self, stdin), err(level = "info"))]
    pub async fn vm_exec(&self, vm: &str, argv: Vec<String>, stdin: Option<Vec<u8>>) -> Result<ExecOutput> {
        if argv.iter().any(|word| word.contains('\0')) {
            return Err(Error::new(ErrorKind::InvalidInput, "There is a NUL byte in the command."));
        }
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
        self.add_machine(record).await
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
        let record = slot.record();
        let attached = record.attached().map(Attached::way);
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
            attached,
            setup: record.kind.setup(&slot.folder),
            mounts: self.mounts_in(&slot.id),
            error,
        }
    }
}

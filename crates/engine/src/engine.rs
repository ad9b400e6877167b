//! The one door: opening and closing a store, and what every operation needs.
//!
//! The operations themselves stand one file per capability, each with its own `impl Engine`. An operation
//! that changes something runs on a task of its own ([`Engine::run`]), so that a caller who goes away in
//! the middle leaves nothing half-done, and [`Engine::close`] can wait for it. Files are only touched on
//! threads that may block ([`blocking`]).

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::audit::Audit;
use crate::error::{Error, ErrorKind, Result};
use crate::events::{Events, EventsSince};
use crate::fault;
use crate::files::staged::Uploads;
use crate::id::{VmId, VolumeId};
use crate::index::Index;
use crate::integrity::digest;
use crate::keys::Keys;
use crate::machine::{self, MachineSlot};
use crate::model::{Event, EventKind};
use crate::mount::rates::Rates;
use crate::open_files;
use crate::optimiser;
use crate::recover;
use crate::schedule::{self, Schedules};
use crate::slot::Slot;
use crate::store::{Store, internal};
use crate::sync;
use crate::transfer::Transfers;
use crate::undelete;
use crate::watch::{self, Watches};

/// Where the store is and what the engine is to use.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The store's folder; made when it is not there.
    pub store: PathBuf,
    /// The folder with the demo VM's `vmlinuz` and `initrd.img`; `None`: looked for beside the executable.
    pub demo_vm: Option<PathBuf>,
    /// How long a guest's filesystems may be frozen for a checkpoint; one that needs longer gets a crash-consistent
    /// checkpoint.
    pub longest_freeze: Duration,
    /// Bytes of this computer's disk that must stay free for what only makes volumes quick: a private base begins when
    /// so much is left beside it, and is dropped when not even half of that is free.
    pub keep_free: u64,
    /// The URIs of libvirt's daemons in which machines are looked for.
    pub libvirt: Vec<String>,
}

impl OpenOptions {
    /// How long a guest may be frozen when nobody says.
    pub const LONGEST_FREEZE: Duration = Duration::from_secs(5);

    /// What stays free on this computer's disk when nobody says.
    pub const KEEP_FREE: u64 = 1 << 30;

    /// This store, and everything else as it is best for most.
    #[must_use]
    pub fn new(store: impl Into<PathBuf>) -> Self {
        let (demo_vm, longest_freeze, keep_free) = (None, Self::LONGEST_FREEZE, Self::KEEP_FREE);
        Self { store: store.into(), demo_vm, longest_freeze, keep_free, libvirt: cairn_vm::libvirt_daemons() }
    }
}

/// An open store. Cheap to clone; all clones are the same engine.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    pub(crate) index: Index,
    pub(crate) events: Arc<Events>,
    pub(crate) transfers: Transfers,
    pub(crate) uploads: Uploads,
    pub(crate) watches: Watches,
    pub(crate) volumes: RwLock<BTreeMap<VolumeId, Arc<Slot>>>,
    pub(crate) machines: RwLock<BTreeMap<VmId, Arc<MachineSlot>>>,
    /// Held by whoever gives a volume or a machine its name, so that no two get the same.
    pub(crate) naming: tokio::sync::Mutex<()>,
    /// Held by whoever makes or removes a snapshot, or puts a machine on one; taken after `naming`, before a machine's
    /// turn.
    pub(crate) snapshots: tokio::sync::Mutex<()>,
    pub(crate) keys: Keys,
    pub(crate) audit: Audit,
    pub(crate) demo_vm: Option<PathBuf>,
    pub(crate) longest_freeze: Duration,
    pub(crate) keep_free: u64,
    pub(crate) libvirt: Vec<String>,
    pub(crate) schedules: Schedules,
    pub(crate) rates: Rates,
    pub(crate) tasks: TaskTracker,
    /// Cancelled when nobody is to watch the machines any more.
    pub(crate) closing: CancellationToken,
    /// Cancelled when nothing is to be done any more that nobody waits for.
    pub(crate) idle_work: CancellationToken,
    closed: AtomicBool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Where the store is when nobody says: `cairn` in the folder that the platform has for data.
#[must_use]
pub fn default_store() -> PathBuf {
    match directories::BaseDirs::new() {
        Some(dirs) => dirs.data_local_dir().join("cairn"),
        // Without a home folder there is nowhere better than here.
        None => PathBuf::from("cairn"),
    }
}

impl Engine {
    /// Opens a store, makes it when there is none, and finishes or undoes what was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another process has the store open; [`ErrorKind::Io`] when its folder cannot be
    /// made or written to; [`ErrorKind::Unsupported`] when a newer Cairn made it.
    #[tracing::instrument(name = "open", skip_all, fields(store = %options.store.display()), err(level = "info"))]
    pub async fn open(options: OpenOptions) -> Result<Self> {
        let inner = blocking(move || Inner::open(options)).await?;
        let engine = Self { inner: Arc::new(inner) };
        engine.recover().await;
        digest::go_on_hashing(&engine);
        schedule::go_on_looking(&engine);
        optimiser::keep_chains_short(&engine);
        undelete::go_on_purging(&engine);
        watch::go_on_watching(&engine);
        tracing::info!(store_id = engine.inner.store.id(), "the store is open");
        Ok(engine)
    }

    /// Waits until all operations have ended, then lets another engine have the store. Transfers under way are
    /// interrupted, so that they can be taken up again by the next engine.
    ///
    /// Machines go on running. Afterwards, every operation of every clone answers [`ErrorKind::Conflict`].
    ///
    /// # Errors
    /// When the last writes cannot be made durable.
    pub async fn close(self) -> Result<()> {
        self.inner.closed.store(true, Ordering::SeqCst);
        self.inner.transfers.interrupt();
        self.inner.idle_work.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.closing.cancel();
        self.forget_machines();
        let inner = self.inner.clone();
        blocking(move || {
            inner.index.close();
            inner.store.release();
            tracing::info!("the store is closed");
            Ok(())
        })
        .await
    }

    /// The store's folder.
    #[must_use]
    pub fn store(&self) -> &Path {
        self.inner.store.root()
    }

    /// Everything that happens from now on. Who falls behind by a thousand events misses some, is told so by
    /// the receiver, and looks again at what it shows.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// The same from behind the event with the number `after` on. Of the past the last few thousand events are known,
    /// of this engine only: who asks for more is told that some were missed.
    #[must_use]
    pub fn subscribe_after(&self, after: u64) -> EventsSince {
        self.inner.events.subscribe_after(after)
    }

    /// The same for somebody who shows nothing of it to people: what was found while the store was opened, which the first
    /// who listens is told, is kept for somebody who does.
    #[must_use]
    pub fn overhear(&self) -> broadcast::Receiver<Event> {
        self.inner.events.overhear()
    }

    /// Runs an operation to its end, whether or not the caller stays to hear of it.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: Future<Output = Result<T>> + Send + 'static,
    {
        self.refuse_when_closed()?;
        match self.inner.tasks.spawn(work.in_current_span()).await {
            Ok(outcome) => outcome,
            Err(error) => Err(internal("finish the operation", &error)),
        }
    }

    /// Whether the engine may begin something.
    pub(crate) fn refuse_when_closed(&self) -> Result<()> {
        if self.inner.closed.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Conflict, "This engine has been closed."));
        }
        Ok(())
    }

    /// Tells everybody.
    pub(crate) fn tell(&self, kind: EventKind) {
        self.inner.events.send(kind);
    }

    /// The volume with this id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub(crate) fn slot(&self, volume: &str) -> Result<Arc<Slot>> {
        self.refuse_when_closed()?;
        let volumes = sync::read(&self.inner.volumes);
        if let Ok(id) = volume.parse::<VolumeId>() {
            return volumes.get(&id).cloned().ok_or_else(|| no_volume(volume));
        }
        // What the index says is only a guess at where to look; the manifest decides.
        if let Some(slot) = self.inner.index.volume_named(volume).and_then(|id| volumes.get(&id))
            && slot.name() == volume
        {
            return Ok(slot.clone());
        }
        let slot = volumes.values().find(|slot| slot.name() == volume).ok_or_else(|| no_volume(volume))?;
        self.inner.index.set_name(volume, &slot.id);
        Ok(slot.clone())
    }

    /// All volumes.
    pub(crate) fn slots(&self) -> Vec<Arc<Slot>> {
        sync::read(&self.inner.volumes).values().cloned().collect()
    }
}

impl Inner {
    fn open(options: OpenOptions) -> Result<Self> {
        fault::hear_machines();
        open_files::allow_many();
        let store = Arc::new(Store::open(&options.store)?);
        let events = Arc::new(Events::new());
        let index = recover::open_index(&store, &events)?;
        let volumes = recover::load_volumes(&store, &events)?;
        let closing = CancellationToken::new();
        let machines = machine::load_machines(&store, &events)?;
        let watches = Watches::open(&store, &events)?;
        Ok(Self {
            keys: Keys::open(&store)?,
            audit: Audit::new(&store),
            transfers: Transfers::open(&store, events.clone()),
            store,
            index,
            uploads: Uploads::default(),
            watches,
            events,
            volumes: RwLock::new(volumes),
            machines: RwLock::new(machines),
            naming: tokio::sync::Mutex::default(),
            snapshots: tokio::sync::Mutex::default(),
            demo_vm: options.demo_vm,
            longest_freeze: options.longest_freeze,
            keep_free: options.keep_free,
            libvirt: options.libvirt,
            schedules: Schedules::default(),
            rates: Rates::default(),
            tasks: TaskTracker::new(),
            idle_work: closing.child_token(),
            closing,
            closed: AtomicBool::new(false),
        })
    }
}

fn no_volume(volume: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no volume '{volume}'."))
        .with_hint("Look at the list of volumes for its name or id.")
}

/// Runs what blocks, on a thread that may, within the present span.
pub(crate) async fn blocking<T, W>(work: W) -> Result<T>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T> + Send + 'static,
{
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(outcome) => outcome,
        Err(error) => Err(internal("finish the operation", &error)),
    }
}

//! Copying with our own code: frozen layers are committed into a base that nobody has open.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cairn_block::BlockDevice as _;
use cairn_block::qcow2::{Access, Image};

use super::{OptimiserState, Outcome, Pace, Work};
use crate::base::Base;
use crate::convert::{block_error, io_error};
use crate::doctor::free_bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::layer;
use crate::manifest::Manifest;
use crate::size::Bytes;
use crate::slot::Slot;
use crate::store::internal;
use crate::sync;

/// How long it works before it looks whether somebody else wants the volume.
const BUSY: Duration = Duration::from_millis(60);
/// Bytes that are committed at a time.
const PIECE: u64 = 4 << 20;

/// Layers on their way into a base.
struct Copying {
    /// The uppermost of them on its history.
    source: Image,
    target: Image,
    /// How many of them there are.
    layers: usize,
    base: Base,
    /// Bytes to be copied in all, and those that have been.
    total: u64,
    copied: u64,
}

/// What is to be copied, or why that cannot be now.
enum Begun {
    Copying(Arc<Copying>),
    Waiting(String),
    /// The base was damaged, and has been dropped.
    Again,
    /// The head stands on nothing.
    Nothing,
}

impl Work {
    /// Brings the base to where it shows what the newest frozen layer shows; makes one when there is none.
    pub(super) async fn copy_to_newest(&self) -> Result<Outcome> {
        let mut copying = loop {
            let slot = self.slot.clone();
            let keep_free = self.keep_free;
            match self.blocking(move || begin(&slot, keep_free)).await? {
                Begun::Copying(copying) => break copying,
                Begun::Waiting(reason) => return Ok(Outcome::Waiting(reason)),
                Begun::Again => {}
                Begun::Nothing => return Ok(Outcome::Short),
            }
        };
        loop {
            self.show(&copying);
            let begun = Instant::now();
            copying = self.blocking(move || step(copying)).await?;
            if copying.base.done == copying.source.len() {
                let slot = self.slot.clone();
                self.blocking(move || finish(&slot, &copying)).await?;
                return Ok(Outcome::Short);
            }
            let rest = if self.pace == Pace::Gentle { begun.elapsed() } else { Duration::ZERO };
            let wanted = tokio::time::timeout(rest, self.slot.structure.wanted()).await.is_ok();
            if wanted || self.slot.structure.is_wanted() {
                let slot = self.slot.clone();
                self.blocking(move || pause(&slot, &copying)).await?;
                return Ok(Outcome::Yielded);
            }
        }
    }

    fn show(&self, copying: &Copying) {
        let (done_bytes, total_bytes) = (copying.copied, copying.total);
        *sync::lock(&self.slot.optimiser) = OptimiserState::Working { done_bytes, total_bytes };
    }
}

/// Makes or opens the base, and records that it is on its way. A new one leaves `keep_free` bytes free.
fn begin(slot: &Slot, keep_free: u64) -> Result<Begun> {
    let manifest = slot.manifest()?;
    let Some(newest) = manifest.below_head().cloned() else {
        return Ok(Begun::Nothing);
    };
    let mut base = match &manifest.base {
        Some(base) => base.clone(),
        None => new_base(slot, &manifest)?,
    };
    let towards = base.towards.get_or_insert(newest).clone();
    let _opening = slot.opening();
    let source = layer::open_image(&slot.folder, &manifest, &towards, Access::ReadOnly)?;
    let layers = manifest.chain(&towards).len().saturating_sub(manifest.chain(&base.equals).len());
    let total = source.held(layers).map_err(|e| block_error("look at the volume's layers", &e))?;
    if manifest.base.is_none() {
        let free = free_bytes(&slot.folder).map_err(|e| io_error("look at the free space", &slot.folder, &e))?;
        if free < total.saturating_add(keep_free) {
            let needed = Bytes(total.saturating_add(keep_free));
            return Ok(Begun::Waiting(format!(
                "A base needs {needed} on this computer's disk; {} are free.",
                Bytes(free)
            )));
        }
        layer::create_base(&slot.folder, &base)?;
        fault::point("base made");
    }
    if manifest.base.as_ref() != Some(&base) {
        let recorded = base.clone();
        slot.commit(|manifest| manifest.base = Some(recorded))?;
        fault::point("base on its way");
    }
    let target = match Image::open(&base.path(&slot.folder), Access::ReadWrite) {
        Ok(target) => target,
        Err(error) if error.kind() == cairn_block::ErrorKind::Locked => {
            return Ok(Begun::Waiting("The volume is being read.".into()));
        }
        Err(error) => {
            // It is only a cache.
            tracing::warn!(volume = %slot.id, %error, "the private base cannot be used and is dropped");
            slot.commit(|manifest| manifest.base = None)?;
            return Ok(Begun::Again);
        }
    };
    Ok(Begun::Copying(Arc::new(Copying { source, target, layers, base, total, copied: 0 })))
}

fn new_base(slot: &Slot, manifest: &Manifest) -> Result<Base> {
    let chain = manifest.chain(&manifest.head);
    let on = layer::ground(&slot.folder, &chain).unwrap_or(&manifest.head);
    Ok(Base {
        id: LayerId::random().map_err(|e| internal("make a base's id", &e))?,
        on: on.clone(),
        equals: on.clone(),
        is_exact: true,
        towards: None,
        done: 0,
    })
}

fn step(copying: Arc<Copying>) -> Result<Arc<Copying>> {
    // Nobody else has it.
    let mut copying = Arc::into_inner(copying)
        .ok_or_else(|| Error::new(ErrorKind::Internal, "Two at once make a volume's chain shorter."))?;
    let begun = Instant::now();
    while begun.elapsed() < BUSY && copying.base.done < copying.source.len() {
        let done = copying.source.commit(copying.layers, &copying.target, copying.base.done, PIECE);
        let done = done.map_err(|e| block_error("copy layers into the volume's base", &e))?;
        copying.base.done = done.until;
        copying.copied += done.bytes;
    }
    Ok(Arc::new(copying))
}

/// What has been copied is durable, and where to go on.
fn pause(slot: &Slot, copying: &Copying) -> Result<()> {
    flush(copying)?;
    let base = copying.base.clone();
    slot.commit(|manifest| manifest.base = Some(base)).map(drop)
}

/// Everything has been copied: the base shows what the uppermost of the layers shows.
fn finish(slot: &Slot, copying: &Copying) -> Result<()> {
    flush(copying)?;
    fault::point("base up to date");
    let base = copying.base.clone();
    let equals = base.towards.clone().unwrap_or_else(|| base.equals.clone());
    slot.commit(|manifest| manifest.base = Some(base.up_to_date(equals)))?;
    fault::point("base recorded");
    Ok(())
}

fn flush(copying: &Copying) -> Result<()> {
    copying.target.flush().map_err(|e| block_error("write the volume's base", &e))
}

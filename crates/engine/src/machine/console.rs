//! The serial console: what the guest has printed, and what is typed.
//!
//! QEMU writes everything that the guest prints to `console.log`, whether or not anybody looks and whether or not an
//! engine runs; so reading is following a file. It is kept short by giving the disk's blocks of what is old back:
//! every byte keeps its place, and nobody has to agree with QEMU about it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use nix::fcntl::{FallocateFlags, fallocate};
use tokio::sync::Mutex;

use super::MachineSlot;
use crate::convert::{io_error, vm_error};
use crate::engine::Engine;
use crate::error::Result;

/// What of a console is kept, in bytes.
const KEPT: u64 = 4 << 20;
/// How often a console is looked at, whether it has become long.
const LOOK: Duration = Duration::from_secs(5);
/// How often a follower looks whether more was printed.
const FOLLOW: Duration = Duration::from_millis(20);
/// What a follower is given at once, in bytes.
const PIECE: usize = 64 << 10;

/// The keyboard of a machine's serial console, which all who type share.
pub(super) type Shared = Mutex<Weak<Mutex<cairn_vm::Console>>>;

/// The keyboard of a machine's serial console.
#[derive(Debug)]
pub struct ConsoleKeys {
    console: Arc<Mutex<cairn_vm::Console>>,
    vm: String,
}

impl ConsoleKeys {
    /// Types `bytes`, as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the machine has stopped,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the guest does not read.
    pub async fn send(&self, bytes: &[u8]) -> Result<()> {
        let sent = self.console.lock().await.send(bytes).await;
        sent.map_err(|e| vm_error(&format!("type on the console of '{}'", self.vm), &e))
    }
}

/// What a machine has printed on its serial console since it was started.
#[derive(Debug)]
pub struct ConsoleLog {
    slot: Arc<MachineSlot>,
    file: Option<File>,
    next: u64,
}

impl ConsoleLog {
    /// More of it, in order; `None` when that was all. With `follow`, waits for more as long as the machine runs.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the log cannot be read.
    pub async fn next(&mut self, follow: bool) -> Result<Option<Vec<u8>>> {
        loop {
            // Asked before reading, so that the last words of a machine that has just stopped are heard.
            let runs = self.slot.machine().is_some();
            let piece = self.read()?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
            if !follow || !runs {
                return Ok(None);
            }
            tokio::time::sleep(FOLLOW).await;
        }
    }

    /// A short read from the page cache.
    fn read(&mut self) -> Result<Vec<u8>> {
        let path = log_path(&self.slot);
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let unreadable = |e| io_error("read the machine's console", &path, &e);
        let length = file.metadata().map_err(unreadable)?.len();
        // Who reads slowly misses what is not kept.
        self.next = self.next.max(length.saturating_sub(KEPT));
        let mut piece = vec![0; PIECE];
        let read = file.read_at(&mut piece, self.next).map_err(unreadable)?;
        piece.truncate(read);
        self.next += read as u64;
        Ok(piece)
    }
}

impl Engine {
    /// What a machine has printed on its serial console since it was last started: the last `tail` bytes, at most what
    /// is kept (4 MiB), and whatever it prints from now on.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such machine.
    pub async fn vm_console_log(&self, vm: &str, tail: Option<u64>) -> Result<ConsoleLog> {
        let slot = self.machine_slot(vm)?;
        let path = log_path(&slot);
        let file = match File::open(&path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(io_error("read the machine's console", &path, &error)),
        };
        let length = file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |file| file.len());
        Ok(ConsoleLog { slot, file, next: length.saturating_sub(tail.unwrap_or(KEPT).min(KEPT)) })
    }

    /// The keyboard of a running machine's serial console.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when it does not run,
    /// [`ErrorKind::InUse`](crate::ErrorKind::InUse) when another program has it.
    pub async fn vm_console_keys(&self, vm: &str) -> Result<ConsoleKeys> {
        let slot = self.machine_slot(vm)?;
        let machine = slot.running()?;
        let name = slot.name();
        let mut shared = slot.console.lock().await;
        if let Some(console) = shared.upgrade() {
            return Ok(ConsoleKeys { console, vm: name });
        }
        let console = machine.console().await.map_err(|e| vm_error(&format!("use the console of '{name}'"), &e))?;
        let console = Arc::new(Mutex::new(console));
        *shared = Arc::downgrade(&console);
        Ok(ConsoleKeys { console, vm: name })
    }

    /// From now until the machine has `exited` or the engine ends, its console is kept short.
    pub(super) fn keep_console_short(
        &self,
        slot: &Arc<MachineSlot>,
        exited: impl Future<Output = ()> + Send + 'static,
    ) {
        let (path, closing) = (log_path(slot), self.inner.closing.clone());
        tokio::spawn(async move {
            let look = async {
                loop {
                    if let Err(error) = shorten(&path) {
                        tracing::debug!(%error, "the console's log stays as long as it is");
                    }
                    tokio::time::sleep(LOOK).await;
                }
            };
            tokio::select! {
                () = exited => {}
                () = closing.cancelled() => {}
                () = look => {}
            }
        });
    }
}

/// Gives the blocks of what is no longer kept back, when that is worth it.
fn shorten(path: &Path) -> std::io::Result<()> {
    const BLOCK: u64 = 4096;
    let file = OpenOptions::new().write(true).open(path)?;
    let meta = file.metadata()?;
    if meta.blocks() * 512 <= 2 * KEPT {
        return Ok(());
    }
    let old = meta.len().saturating_sub(KEPT) / BLOCK * BLOCK;
    let old = i64::try_from(old).map_err(std::io::Error::other)?;
    let hole = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    Ok(fallocate(&file, hole, 0, old)?)
}

fn log_path(slot: &MachineSlot) -> PathBuf {
    slot.folder.join("console.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_console_gives_its_old_blocks_back_and_keeps_every_new_byte_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.log");
        let text: Vec<u8> = (0..5 * KEPT / 8).flat_map(|number| format!("{number:07}\n").into_bytes()).collect();
        std::fs::write(&path, &text).unwrap();
        File::open(&path).unwrap().sync_all().unwrap();
        shorten(&path).unwrap();
        let meta = std::fs::metadata(&path).unwrap();
        assert_eq!(meta.len(), text.len() as u64);
        assert!(meta.blocks() * 512 <= KEPT + 2 * 4096, "{} blocks", meta.blocks());
        let kept = std::fs::read(&path).unwrap();
        assert!(kept[text.len() - KEPT as usize..] == text[text.len() - KEPT as usize..]);
        std::fs::write(&path, "short").unwrap();
        shorten(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }
}

//! Content that comes slowly does not hold its volume.
//!
//! While a file is written nobody else reads or writes its volume. So what does not come at once gathers on this computer's
//! disk, in a file without a name, which goes with whoever has it open; the volume is asked for when all of it is there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::path::VolumePath;
use super::staged::check_room;
use super::write::refuse_what_is_there;
use crate::convert::io_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::id::TransferId;
use crate::model::WriteFile;
use crate::slot::Slot;
use crate::store::internal;

/// So much has to come within so long, or it comes slowly.
const BEGINNING: u64 = 256 << 10;
const AT_ONCE: Duration = Duration::from_millis(500);
/// Read and written at once.
const PIECE: usize = 256 << 10;

type Source = Box<dyn Read + Send>;

impl Engine {
    /// `source` as it is, or all that came of it when it comes slowly.
    pub(super) async fn unless_slow(
        &self,
        slot: &Arc<Slot>,
        path: &VolumePath,
        source: Source,
        options: &WriteFile,
    ) -> Result<Source> {
        self.may_upload(slot).await?;
        let (begun, is_slow) = self.run(blocking(move || Ok(begin(source)))).await?;
        if !is_slow {
            return Ok(begun);
        }
        // Refused now rather than when all has come.
        let (wanted, how) = (path.clone(), options.clone());
        self.look(slot.clone(), None, move |tree| refuse_what_is_there(tree, &wanted, &how)).await?;
        let quota = self.volume_get(slot.id.as_str()).await?.quota_bytes;
        let (folder, title, size) = (self.inner.store.run_folder(), path.to_string(), options.size_hint);
        self.run(blocking(move || {
            check_room(&title, size.unwrap_or_default(), quota, &folder)?;
            gather(begun, &folder, quota)
        }))
        .await
    }
}

/// Reads the beginning; answers with everything from the first byte on, and whether it comes slowly.
fn begin(mut source: Source) -> (Source, bool) {
    let since = Instant::now();
    let mut beginning = Vec::new();
    match source.by_ref().take(BEGINNING).read_to_end(&mut beginning) {
        Err(error) => (Box::new(Cursor::new(beginning).chain(Broken(Some(error)))), false),
        Ok(_) if (beginning.len() as u64) < BEGINNING => (Box::new(Cursor::new(beginning)), false),
        Ok(_) => (Box::new(Cursor::new(beginning).chain(source)), since.elapsed() > AT_ONCE),
    }
}

/// All that comes, or more than the volume can have, from a file without a name.
fn gather(mut source: Source, folder: &Path, quota: u64) -> Result<Source> {
    let name = TransferId::random().map_err(|e| internal("make a name for a file", &e))?;
    let place = folder.join(format!("{name}.slow"));
    let failed = |e: io::Error| io_error("keep what comes slowly", &place, &e);
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(&place).map_err(failed)?;
    fs::remove_file(&place).map_err(failed)?;
    let mut out = BufWriter::with_capacity(PIECE, file);
    let (mut piece, mut came, mut broken) = (vec![0; PIECE], 0, None);
    while came <= quota {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                out.write_all(&piece[..count]).map_err(failed)?;
                came += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    let mut file: File = out.into_inner().map_err(|e| failed(e.into_error()))?;
    file.rewind().map_err(failed)?;
    let came = BufReader::with_capacity(PIECE, file);
    // The one who writes it tells why it broke off, as ever.
    Ok(match broken {
        Some(error) => Box::new(came.chain(Broken(Some(error)))),
        None => Box::new(came),
    })
}

/// The end of content that broke off.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.take().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many bytes, a quarter of the beginning at a time, and so long between them; then an error.
    struct Source(u64, Duration);

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            std::thread::sleep(self.1);
            if self.0 == 0 {
                return Err(io::Error::other("it broke off"));
            }
            let count = buffer.len().min((BEGINNING / 4).min(self.0) as usize);
            buffer[..count].fill(7);
            self.0 -= count as u64;
            Ok(count)
        }
    }

    fn all(mut source: super::Source) -> (usize, String) {
        let mut came = Vec::new();
        let broken = source.read_to_end(&mut came).unwrap_err();
        assert!(came.iter().all(|byte| *byte == 7));
        (came.len(), broken.to_string())
    }

    #[test]
    fn what_comes_slowly_is_told_apart_and_nothing_of_it_is_lost() {
        let size = BEGINNING + 5;
        let (begun, is_slow) = begin(Box::new(Source(size, AT_ONCE / 3)));
        assert!(is_slow);
        let folder = tempfile::tempdir().unwrap();
        let came = gather(begun, folder.path(), u64::MAX).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left for anybody to remove");
        assert_eq!(all(came), (size as usize, "it broke off".to_owned()));
        let (begun, is_slow) = begin(Box::new(Source(5, Duration::ZERO)));
        assert!(!is_slow);
        assert_eq!(all(begun), (5, "it broke off".to_owned()));
    }
}

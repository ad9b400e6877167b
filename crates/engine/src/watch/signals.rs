//! What the host says has changed in a watched folder. Only that something has is believed; what, a comparison finds.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{ErrorKind as Kind, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::sync;

/// A change is acted upon when nothing more has changed for so long.
const QUIET: Duration = Duration::from_millis(300);
/// And after so long in any case.
const LATEST: Duration = Duration::from_secs(3);
/// Where the host says nothing, it is looked so often.
const BLIND_LOOK: Duration = Duration::from_secs(60);

/// Who listens, and what was heard.
#[derive(Debug, Default)]
pub(super) struct Signals {
    changed: Notify,
    watcher: Mutex<Option<RecommendedWatcher>>,
    /// Folders that are listened to.
    folders: Mutex<BTreeSet<PathBuf>>,
    /// Why not everything is heard.
    deaf: Mutex<Option<String>>,
}

impl Signals {
    /// Somebody wants a comparison now.
    pub(super) fn ask(&self) {
        self.changed.notify_one();
    }

    /// Listens to one folder, without those in it, unless it is listened to already. The caller reads it afterwards, so
    /// that nothing changes unheard in between.
    pub(super) fn listen(self: &Arc<Self>, folder: &Path) {
        if sync::lock(&self.folders).contains(folder) {
            return;
        }
        let mut watcher = sync::lock(&self.watcher);
        let heard = match &mut *watcher {
            Some(watcher) => watcher.watch(folder, RecursiveMode::NonRecursive),
            none => self.begin().and_then(|begun| none.insert(begun).watch(folder, RecursiveMode::NonRecursive)),
        };
        match heard {
            Ok(()) => {
                sync::lock(&self.folders).insert(folder.to_owned());
            }
            // It is gone, and whoever reads it will see that.
            Err(error) if matches!(error.kind, Kind::PathNotFound) => {}
            Err(error) => {
                let why = match error.kind {
                    Kind::MaxFilesWatch => {
                        "this computer watches no more folders (fs.inotify.max_user_watches)".to_owned()
                    }
                    _ => error.to_string(),
                };
                let sentence = format!("Changes are seen once a minute only: {why}.");
                sync::lock(&self.deaf).get_or_insert(sentence);
            }
        }
    }

    /// A comparison begins, which will listen to all that it comes to.
    pub(super) fn begin_look(&self) {
        *sync::lock(&self.deaf) = None;
    }

    /// Something is not where it was: nothing that was listened to is believed to be.
    pub(super) fn begin_anew(&self) {
        sync::lock(&self.folders).clear();
    }

    /// Why changes may not be heard, as a sentence.
    pub(super) fn deaf(&self) -> Option<String> {
        sync::lock(&self.deaf).clone()
    }

    /// Completes when something has changed and come to rest, or it is time to look.
    pub(super) async fn changed(&self) {
        match self.deaf() {
            Some(_) => {
                let _ = timeout(BLIND_LOOK, self.changed.notified()).await;
            }
            None => self.changed.notified().await,
        }
        let latest = Instant::now() + LATEST;
        while Instant::now() < latest && timeout(QUIET, self.changed.notified()).await.is_ok() {}
    }

    fn begin(self: &Arc<Self>) -> notify::Result<RecommendedWatcher> {
        let signals = Arc::downgrade(self);
        notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Some(signals) = signals.upgrade() {
                signals.hear(event);
            }
        })
    }

    fn hear(&self, event: notify::Result<notify::Event>) {
        match event {
            Ok(event) if event.need_rescan() => sync::lock(&self.folders).clear(),
            Ok(event) => match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
                EventKind::Access(_) => return,
                EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                    event.paths.iter().for_each(|path| self.forget(path));
                }
                _ => {}
            },
            Err(error) => tracing::debug!(%error, "something about a watched folder was not heard"),
        }
        self.changed.notify_one();
    }

    /// What is at a path now, and below it, is not what was listened to.
    fn forget(&self, path: &Path) {
        let mut folders = sync::lock(&self.folders);
        let below: Vec<PathBuf> = folders
            .range::<Path, _>((Bound::Included(path), Bound::Unbounded))
            .take_while(|folder| folder.starts_with(path))
            .cloned()
            .collect();
        for folder in below {
            folders.remove(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_moved_away_is_listened_to_anew_with_all_below_it() {
        let signals = Signals::default();
        let paths = ["/a", "/a/b", "/a/b/c", "/a/b-c", "/a/bc"].map(PathBuf::from);
        sync::lock(&signals.folders).extend(paths);
        signals.forget(Path::new("/a/b"));
        let left: Vec<_> = sync::lock(&signals.folders).iter().cloned().collect();
        assert_eq!(left, ["/a", "/a/b-c", "/a/bc"].map(PathBuf::from));
    }
}

//! The trash as a folder: deleted volumes, whole, until their days of grace are over.
//!
//! A volume's folder is there under `<volume_id>.<seconds since 1970 when it was deleted>`; how many days it stays is
//! in `keep.json`. What can be done with them stands in `undelete`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::convert::io_error;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::VolumeId;
use crate::store::write_json;

/// How many days a deleted volume can be brought back when nobody has said.
const KEEP_DAYS: u32 = 7;
/// The most days that somebody can say.
const MOST_DAYS: u32 = 3650;
/// Where it is written down what somebody has said.
const KEEP_FILE: &str = "keep.json";

/// A folder in the trash.
#[derive(Debug)]
pub(crate) struct Deleted {
    pub(crate) id: VolumeId,
    pub(crate) at: OffsetDateTime,
    pub(crate) folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Keep {
    days: u32,
}

/// Moves a volume's folder to the trash; durable on return. Answers where it is now.
pub(crate) fn take(trash: &Path, volume: &Path, id: &VolumeId) -> Result<PathBuf> {
    let place = trash.join(format!("{id}.{}", OffsetDateTime::now_utc().unix_timestamp()));
    fault::point("before the trash");
    std::fs::rename(volume, &place)
        .inspect(|()| fault::point("in the trash"))
        .and_then(|()| durable::sync_folder(trash))
        .and_then(|()| volume.parent().map_or(Ok(()), durable::sync_folder))
        .map_err(|e| io_error("move the volume to the trash", volume, &e))?;
    Ok(place)
}

/// What is in the trash, the last deleted first. What is there for another reason is passed over.
pub(crate) fn list(trash: &Path) -> Vec<Deleted> {
    let entries = std::fs::read_dir(trash).into_iter().flatten().flatten();
    let mut list: Vec<Deleted> = entries
        .filter_map(|entry| {
            let (id, at) = parse(entry.file_name().to_str()?)?;
            Some(Deleted { id, at, folder: entry.path() })
        })
        .collect();
    list.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.as_str().cmp(b.id.as_str())));
    list
}

/// How many days a deleted volume stays.
pub(crate) fn keep_days(trash: &Path) -> u32 {
    let said = std::fs::read(trash.join(KEEP_FILE)).ok();
    // A file that cannot be read says nothing, and nothing is removed too early.
    said.and_then(|text| serde_json::from_slice::<Keep>(&text).ok()).map_or(KEEP_DAYS, |keep| keep.days)
}

/// Writes down how many days a deleted volume stays.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for more than ten years; when the host's disk refuses.
pub(crate) fn set_keep_days(trash: &Path, days: u32) -> Result<()> {
    if days > MOST_DAYS {
        let sentence = format!("Deleted volumes can be kept for at most {MOST_DAYS} days, not {days}.");
        return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("0 removes them when nothing needs them."));
    }
    write_json("note how long deleted volumes stay", &trash.join(KEEP_FILE), &Keep { days })
}

/// When what was deleted then goes for good.
pub(crate) fn expires_at(deleted: OffsetDateTime, days: u32) -> OffsetDateTime {
    deleted.checked_add(Duration::days(i64::from(days))).unwrap_or(deleted)
}

/// Removes for good what was deleted more than the days of grace ago. Answers how many.
pub(crate) fn purge(trash: &Path) -> usize {
    let (days, now) = (keep_days(trash), OffsetDateTime::now_utc());
    let old = list(trash).into_iter().filter(|deleted| expires_at(deleted.at, days) < now);
    old.filter(|deleted| match remove(deleted) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the trash could not be emptied");
            false
        }
    })
    .count()
}

/// Removes one for good.
pub(crate) fn remove(deleted: &Deleted) -> Result<()> {
    std::fs::remove_dir_all(&deleted.folder)
        .map_err(|e| io_error("remove the deleted volume for good", &deleted.folder, &e))?;
    tracing::info!(path = %deleted.folder.display(), "removed from the trash for good");
    Ok(())
}

fn parse(name: &str) -> Option<(VolumeId, OffsetDateTime)> {
    let (id, seconds) = name.split_once('.')?;
    Some((id.parse().ok()?, OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_deleted_long_ago_goes_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let id = VolumeId::random().unwrap();
        let names = [
            format!("{id}.{}", now - 8 * 86_400),
            format!("{id}.{}", now - 6 * 86_400),
            format!("{id}.{}", now + 86_400),
            "somebody-elses.0".to_owned(),
        ];
        for name in &names {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let left = || names.iter().map(|name| folder.path().join(name).exists()).collect::<Vec<bool>>();
        assert_eq!((purge(folder.path()), left()), (1, vec![false, true, true, true]));
        set_keep_days(folder.path(), 5).unwrap();
        assert_eq!((purge(folder.path()), left()), (1, vec![false, false, true, true]));
        assert_eq!(list(folder.path()).len(), 1, "what is somebody else's is no deleted volume");
        set_keep_days(folder.path(), MOST_DAYS + 1).unwrap_err();
        assert_eq!(keep_days(folder.path()), 5);
    }
}

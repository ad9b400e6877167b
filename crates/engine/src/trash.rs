//! The trash: deleted volumes, whole, until their days of grace are over.
//!
//! A volume's folder is there under `<volume_id>.<seconds since 1970 when it was deleted>`.

use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};

use crate::convert::io_error;
use crate::durable;
use crate::error::Result;
use crate::fault;
use crate::id::VolumeId;

/// How long a deleted volume can be brought back.
const GRACE: Duration = Duration::days(7);

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

/// Removes for good what was deleted more than the days of grace ago. What is there for another reason stays.
pub(crate) fn purge(trash: &Path) {
    let Ok(entries) = std::fs::read_dir(trash) else { return };
    for entry in entries.flatten() {
        let Some(deleted) = entry.file_name().to_str().and_then(deleted_at) else { continue };
        if OffsetDateTime::now_utc() - deleted <= GRACE {
            continue;
        }
        match std::fs::remove_dir_all(entry.path()) {
            Ok(()) => tracing::info!(path = %entry.path().display(), "removed from the trash for good"),
            Err(error) => tracing::warn!(path = %entry.path().display(), %error, "the trash could not be emptied"),
        }
    }
}

fn deleted_at(name: &str) -> Option<OffsetDateTime> {
    let (id, seconds) = name.split_once('.')?;
    id.parse::<VolumeId>().ok()?;
    OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()
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
        purge(folder.path());
        let left: Vec<bool> = names.iter().map(|name| folder.path().join(name).exists()).collect();
        assert_eq!(left, [false, true, true, true]);
    }
}

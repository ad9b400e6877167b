//! How long guests were frozen, as the log of a store says.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

/// The log is written a moment later: it is looked at so often, so far apart.
const LOOKS: usize = 50;
const APART: Duration = Duration::from_millis(100);

/// Seconds, each time that the log says `said` before milliseconds: as soon as there are as many as are `wanted`, or what
/// there is after a while.
pub(super) fn seconds(store: &Path, said: &str, wanted: usize) -> Result<Vec<f64>> {
    let mut frozen = Vec::new();
    for _ in 0..LOOKS {
        frozen.clear();
        for file in fs::read_dir(store.join("log"))?.flatten() {
            let log = fs::read_to_string(file.path())?;
            let told = log.lines().filter_map(|line| line.split_once(said)?.1.split(' ').next());
            frozen.extend(told.filter_map(|number| number.parse::<f64>().ok()).map(|number| number / 1000.0));
        }
        if frozen.len() >= wanted {
            return Ok(frozen);
        }
        std::thread::sleep(APART);
    }
    if frozen.is_empty() {
        bail!("the log does not say that the guest was frozen");
    }
    Ok(frozen)
}

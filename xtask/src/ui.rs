//! The UI's packages and its build. Both are done again only when what they are made from has changed.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::process::{command, output, run};

/// What Vite 8 asks for.
const OLDEST_NODE: (u32, u32) = (20, 19);

fn check_node() -> Result<()> {
    let Some(version) = output("node", &["--version"]) else {
        bail!(
            "Node is missing. Install Node {}.{} or newer with npm, then run this again.",
            OLDEST_NODE.0,
            OLDEST_NODE.1
        )
    };
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < OLDEST_NODE {
        bail!(
            "Node {} is too old. Install Node {}.{} or newer, then run this again.",
            version.trim(),
            OLDEST_NODE.0,
            OLDEST_NODE.1
        );
    }
    Ok(())
}

/// Installs the UI's packages from its lock file, unless they are there already.
pub(crate) fn install(root: &Path) -> Result<()> {
    check_node()?;
    let ui = root.join("ui");
    let lock = std::fs::read(ui.join("package-lock.json")).context("ui/package-lock.json cannot be read")?;
    let stamp = ui.join("node_modules/.cairn-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(&mut command(&ui, "npm", &["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&stamp, lock).with_context(|| format!("{} cannot be written", stamp.display()))
}

/// Builds `ui/dist`, unless it is newer than everything that it is made from.
pub(crate) fn build(root: &Path) -> Result<()> {
    let ui = root.join("ui");
    let built = std::fs::metadata(ui.join("dist/index.html")).and_then(|meta| meta.modified()).ok();
    if built.is_some_and(|built| newest_source(&ui).is_some_and(|source| source < built)) {
        return Ok(());
    }
    run(&mut command(&ui, "npm", &["run", "build"]))
}

/// Runs one of the UI's own scripts.
pub(crate) fn script(root: &Path, name: &str) -> Result<()> {
    run(&mut command(&root.join("ui"), "npm", &["run", name]))
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let name = entry.file_name();
        if name == "node_modules" || name == "dist" {
            continue;
        }
        let time = match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest_source(&entry.path()),
            _ => entry.metadata().and_then(|meta| meta.modified()).ok(),
        };
        newest = newest.max(time);
    }
    newest
}

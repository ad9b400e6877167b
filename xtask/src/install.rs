//! Cargo tools that the checks and the window's tests use, each in `target/tools` at a fixed version.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::{command, run};

/// A program from crates.io.
pub(crate) struct Tool {
    /// The crate's name, which is also the program's.
    name: &'static str,
    version: &'static str,
}

/// Speaks WebDriver to the real window.
pub(crate) const TAURI_DRIVER: Tool = Tool { name: "tauri-driver", version: "2.1.0" };
/// Checks licences, sources and advisories.
pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// The program, built first if it is not there.
///
/// # Errors
/// When cargo cannot fetch or build it.
pub(crate) fn tool(root: &Path, tool: &Tool) -> Result<PathBuf> {
    let folder = root.join("target/tools");
    let program = folder.join("bin").join(tool.name);
    let stamp = folder.join(format!("{}-{}", tool.name, tool.version));
    if program.exists() && stamp.exists() {
        return Ok(program);
    }
    let mut install =
        command(root, "cargo", &["install", "--locked", "--quiet", "--debug", tool.name, "--version", tool.version]);
    install.arg("--root").arg(&folder).arg("--target-dir").arg(folder.join("build"));
    run(&mut install)?;
    std::fs::write(stamp, "")?;
    // The objects are as large as the project's own and nobody needs them again.
    let _ = std::fs::remove_dir_all(folder.join("build"));
    Ok(program)
}

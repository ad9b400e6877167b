//! `cargo xtask run`: from a fresh machine to the open window.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, run as run_command};
use crate::{demo_vm, packages, ui};

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Installs, builds, and opens the window; without a display serves the same UI on loopback.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let display = has_display();
    let groups: &[packages::Group] = if display {
        &[packages::MACHINES, packages::DEMO_VM, packages::BUILD]
    } else {
        &[packages::MACHINES, packages::DEMO_VM]
    };
    packages::install(groups)?;
    ui::install(root)?;
    ui::build(root)?;
    demo_vm::assemble(root)?;
    run_command(&mut command(root, "cargo", &["build", "--locked", "--package", "cairn-cli"]))?;
    let arguments = arguments.iter().map(String::as_str).filter(|word| *word != "--");
    if display {
        run_command(&mut command(root, "cargo", &["build", "--locked", "--package", "cairn-desktop"]))?;
        return run_command(command(root, "target/debug/cairn-desktop", &[]).args(arguments));
    }
    println!("There is no display here, so Cairn serves its window to your browser instead.");
    run_command(command(root, "target/debug/cairn", &["serve", "--ui", "ui/dist"]).args(arguments))
}

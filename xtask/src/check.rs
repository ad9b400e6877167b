//! Everything that is judged without running the product: format, lints, documentation, licences, generated types.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, output, run};
use crate::{install, packages, ui};

/// Installs what the checks need, then runs them.
pub(crate) fn prepare_and_check(root: &Path) -> Result<()> {
    packages::install(&[packages::BUILD])?;
    ui::install(root)?;
    ui::build(root)?;
    check(root)
}

/// Runs all the checks. The UI must be built: the window embeds it.
pub(crate) fn check(root: &Path) -> Result<()> {
    run(&mut command(root, "cargo", &["fmt", "--all", "--check"]))?;
    run(&mut command(root, "cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    // With `--examples` (there are none) the features are those of all targets, so that nothing is checked twice.
    let mut doc =
        command(root, "cargo", &["doc", "--workspace", "--no-deps", "--lib", "--bins", "--examples", "--locked"]);
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    deny(root)?;
    for name in ["check", "lint"] {
        ui::script(root, name)?;
    }
    Ok(())
}

/// Licences, banned crates and sources always; advisories where their database can be fetched.
fn deny(root: &Path) -> Result<()> {
    let program = install::tool(root, &install::CARGO_DENY)?;
    let program = program.to_string_lossy();
    run(&mut command(
        root,
        &program,
        &["--all-features", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"],
    ))?;
    if output(&program, &["fetch", "db"]).is_none() {
        println!("The advisory database cannot be fetched from here: advisories were NOT checked.");
        return Ok(());
    }
    run(&mut command(root, &program, &["--all-features", "check", "--hide-inclusion-graph", "advisories"]))
}

/// Writes the UI's TypeScript types from the wire types, the description of the routes, and what the Python package takes
/// from that.
pub(crate) fn write_types(root: &Path) -> Result<()> {
    let mut generate = command(root, "cargo", &["test", "--quiet", "--workspace", "--test", "typescript"]);
    run(generate.env("CAIRN_UPDATE", "1"))?;
    let mut describe =
        command(root, "cargo", &["test", "--quiet", "--workspace", "--test", "rest", "the_checked_in_description"]);
    run(describe.env("CAIRN_UPDATE", "1"))?;
    run(&mut command(root, "python3", &["python/generate.py"]))
}

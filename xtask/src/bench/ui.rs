//! `cargo xtask bench ui`: how soon the real window is there, how soon it answers a click, and what it takes in memory.
//!
//! The window runs on a display of its own and is driven through WebDriver (`benches/ui/measure.py`); beside it an empty
//! Tauri window (`benches/ui/empty_window.rs`).

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::folder::Folder;
use super::report;
use crate::process::{command, run, shown};
use crate::{install, packages, ui};

/// Installs what is needed, builds, measures, prints, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path) -> Result<()> {
    packages::install(&[packages::BUILD, packages::TESTS])?;
    ui::install(root)?;
    ui::build(root)?;
    let driver = install::tool(root, &install::TAURI_DRIVER)?;
    let mut build = command(root, "cargo", &["build", "--release", "--locked"]);
    build.args(["--package", "cairn-cli", "--package", "cairn-desktop", "--features", "cairn-desktop/empty-window"]);
    run(build.args(["--bin", "cairn", "--bin", "cairn-desktop", "--example", "empty-window"]))?;

    let folder = Folder::new(root.join(format!("target/bench-ui-{}", std::process::id())))?;
    let built = root.join("target/release");
    let mut measure = command(root, "/usr/bin/python3", &["tests/desktop/xsession.py", "/usr/bin/python3"]);
    measure.arg(root.join("benches/ui/measure.py"));
    measure.args([built.join("cairn"), built.join("cairn-desktop"), built.join("examples/empty-window"), driver]);
    measure.arg(&folder.0).env("HOME", &folder.0).env("LC_ALL", "C.UTF-8");
    println!("$ {}", shown(&measure));
    let output = measure.stderr(Stdio::inherit()).output().context("python3 could not be started")?;
    if !output.status.success() {
        bail!("the window could not be measured ({})", output.status);
    }
    let found: Value = serde_json::from_slice(&output.stdout).context("what was measured is no JSON")?;
    let table = table(&found)?;
    println!("\n{table}");
    report::put(&root.join("docs/benchmarks.md"), "ui", &table)
}

fn table(found: &Value) -> Result<String> {
    let number = |name: &str| found[name].as_f64().with_context(|| format!("'{name}' was not measured"));
    let more = number("pss_mib")? - number("empty_pss_mib")?;
    let starts: Vec<String> = found["starts_ms"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|ms| format!("{:.0}", ms.as_f64().unwrap_or(0.0)))
        .collect();
    Ok(format!(
        "| | measured | |\n|---|---:|---|\n\
         | from the process's start to a list of 1,000 volumes that can be used | **{:.0} ms** | median of {} ms; the very first {:.0} ms |\n\
         | from a click to the frame that shows what it did | **{:.0} ms** | median of {} clicks; the slowest {:.0} ms |\n\
         | memory (PSS) of app and web processes, a folder with 100,000 entries open | **{:.0} MiB** | {more:.0} MiB more than an empty Tauri window, {:.0} MiB |\n\
         \nThe computer's load was {:.1} meanwhile.\n",
        number("start_ms")?,
        starts.join(", "),
        number("first_start_ms")?,
        number("click_ms")?,
        number("clicks")?,
        number("slowest_click_ms")?,
        number("pss_mib")?,
        number("empty_pss_mib")?,
        number("load")?,
    ))
}

//! `cargo xtask pictures`: the pictures of the guide and the README, taken of the window's pages in Chromium, against an
//! engine on a store of its own and the demo machine.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{command, run};
use crate::{demo_vm, packages, ui};

/// A server that has not said where it is by then does not start.
const START: Duration = Duration::from_secs(60);

/// Takes all of them.
pub(crate) fn take(root: &Path) -> Result<()> {
    packages::install(&[packages::MACHINES, packages::DEMO_VM, packages::TESTS])?;
    ui::install(root)?;
    ui::build(root)?;
    demo_vm::assemble(root)?;
    run(&mut command(root, "cargo", &["build", "--locked", "--package", "cairn-cli"]))?;
    let store = root.join("target/pictures");
    if store.exists() {
        std::fs::remove_dir_all(&store).with_context(|| format!("{} cannot be removed", store.display()))?;
    }
    let place = store.to_str().context("the workspace's path is not UTF-8")?;
    let mut server =
        command(root, "target/debug/cairn", &["--store", place, "serve", "--listen", "127.0.0.1:0", "--ui", "ui/dist"]);
    let mut server = server.stdout(Stdio::null()).spawn().context("the server cannot be started")?;
    let taken = wait(&store, &mut server).and_then(|(url, key)| {
        let mut pictures = command(&root.join("ui"), "npm", &["run", "pictures"]);
        pictures.env("CAIRN_URL", url).env("CAIRN_KEY", key).env("CAIRN_PICTURES", root.join("docs/images"));
        run(&mut pictures)
    });
    // One that a walk which stumbled has left running; that there is none is no failure.
    let mut stop = command(root, "target/debug/cairn", &["--store", place, "--quiet", "vm", "stop", "demo", "--force"]);
    let _ = stop.stderr(Stdio::null()).status();
    let ended = run(&mut command(root, "kill", &[&server.id().to_string()]));
    server.wait().context("the server does not end")?;
    taken.and(ended)
}

/// Where it serves, and its key.
fn wait(store: &Path, server: &mut Child) -> Result<(String, String)> {
    let begun = Instant::now();
    while begun.elapsed() < START {
        if let Some(status) = server.try_wait()? {
            bail!("the server ended by itself: {status}");
        }
        let told = std::fs::read(store.join("run/api.json")).ok();
        if let Some(told) = told.and_then(|text| serde_json::from_slice::<Value>(&text).ok()) {
            let url = told["url"].as_str().context("run/api.json names no address")?.to_owned();
            let key = std::fs::read_to_string(store.join("run/api-key"))?.trim().to_owned();
            return Ok((url, key));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the server has not said where it is")
}

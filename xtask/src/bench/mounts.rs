//! `cargo xtask bench mount`: how long a mount takes from the request to the mounted path, and back, beside a script
//! that sends nothing but the bare commands to QEMU and the guest's agent; what a guest reads and writes through a
//! volume beside a bare raw image; what sixteen mounts cost while nobody uses them; and how long a look at a volume
//! keeps the guest waiting that writes it.
//!
//! Cairn is asked by REST at a `cairn serve`. The script has a QEMU of its own, started with the same options.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::report;
use crate::process::{command, run};
use crate::{debian_vm, demo_vm, packages};

mod bare;
mod domain;
mod idle;
mod looks;
mod rest;
mod throughput;

use bare::Bare;
use rest::Rest;

const USAGE: &str = "\
Usage: cargo xtask bench mount [--only latency|throughput|idle|look] [--rounds N] [--disk FOLDER]

  --only WHAT     one of the four; the others stay as they are in docs/benchmarks.md
  --rounds N      how often each is measured (20; a tenth of that for throughput)
  --disk FOLDER   where (target/bench-disk)
";
/// The machine whose mounts are timed.
const VM: &str = "bench";

struct Options {
    only: Option<String>,
    rounds: usize,
    disk: PathBuf,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self> {
        let mut options = Self { only: None, rounds: 20, disk: root.join("target/bench-disk") };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value.\n{USAGE}"))?;
            match word {
                "--only" if ["latency", "throughput", "idle", "look"].contains(&value) => {
                    options.only = Some(value.to_owned())
                }
                "--rounds" => options.rounds = value.parse::<usize>().context("--rounds needs a number")?.max(1),
                "--disk" => options.disk = value.into(),
                other => bail!("There is no option '{other} {value}'.\n{USAGE}"),
            }
        }
        Ok(options)
    }

    fn wants(&self, what: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == what)
    }
}

/// Builds, measures, prints, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    let options = Options::parse(root, arguments)?;
    packages::install(&[packages::MACHINES, packages::DEMO_VM, packages::LIBVIRT])?;
    let demo = demo_vm::assemble(root)?;
    run(&mut command(root, "cargo", &["build", "--release", "--locked", "--package", "cairn-cli"]))?;
    let document = root.join("docs/benchmarks.md");
    let bench = Bench::start(root, &options.disk, &demo)?;
    if options.wants("latency") {
        let table = bench.latency(options.rounds)?;
        println!("\n{table}");
        report::put(&document, "mount latency", &table)?;
    }
    if options.wants("idle") {
        let table = idle::measure(&bench)?;
        println!("\n{table}");
        report::put(&document, "mount idle", &table)?;
    }
    if options.wants("look") {
        let table = looks::measure(&bench, &demo)?;
        println!("\n{table}");
        report::put(&document, "mount look", &table)?;
    }
    if options.wants("throughput") {
        let debian = debian_vm::assemble(root)?;
        let table = throughput::measure(&bench, &debian, options.rounds.div_ceil(10))?;
        println!("\n{table}");
        report::put(&document, "mount throughput", &table)?;
    }
    Ok(())
}

/// A store in a folder of its own, the server that has it open, and the program.
struct Bench {
    folder: PathBuf,
    cairn: PathBuf,
    server: Child,
    rest: Rest,
}

impl Drop for Bench {
    fn drop(&mut self) {
        for vm in [VM, throughput::VM] {
            let _ = self.cairn(&["vm", "stop", vm, "--force"]).stderr(Stdio::null()).status();
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Bench {
    fn start(root: &Path, disk: &Path, demo: &Path) -> Result<Self> {
        let folder = disk.join(format!("mount-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let cairn = root.join("target/release/cairn");
        let mut serve = Command::new(&cairn);
        serve.env("CAIRN_DEMO_VM", demo).env_remove("RUST_LOG");
        serve.arg("--store").arg(folder.join("store")).args(["serve", "--listen", "127.0.0.1:0"]);
        let mut server = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let begun = Instant::now();
        while !folder.join("store/run/api.json").exists() {
            if begun.elapsed() > Duration::from_secs(10) {
                let _ = server.kill();
                let _ = server.wait();
                bail!("`cairn serve` does not answer");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let rest = Rest::of(&folder.join("store/run"))?;
        Ok(Self { folder, cairn, server, rest })
    }

    fn cairn(&self, arguments: &[&str]) -> Command {
        let mut cairn = Command::new(&self.cairn);
        cairn.arg("--store").arg(self.folder.join("store")).arg("--quiet").args(arguments).stdout(Stdio::null());
        cairn
    }

    /// A machine as the server tells of it.
    fn vm(&self, name: &str) -> Result<Value> {
        self.rest.ask("GET", &format!("/v1/vms/{name}"), None)
    }

    fn mount(&self, vm: &str, volume: &str, path: &str) -> Result<()> {
        let request = json!({"volume_id": volume, "mount_path": path, "mode": "rw"});
        self.rest.ask("POST", &format!("/v1/vms/{vm}/volumes"), Some(&request)).map(drop)
    }

    fn unmount(&self, vm: &str, volume: &str, path: &str) -> Result<()> {
        let path = path.replace('/', "%2F");
        self.rest.ask("DELETE", &format!("/v1/vms/{vm}/volumes/{volume}?mount_path={path}"), None).map(drop)
    }

    /// The head of the only volume of this name.
    fn head(&self, volume: &str) -> Result<PathBuf> {
        for folder in fs::read_dir(self.folder.join("store/volumes"))?.flatten().map(|entry| entry.path()) {
            let Ok(text) = fs::read_to_string(folder.join("manifest.json")) else { continue };
            let manifest = serde_json::from_str::<Value>(&text)?["manifest"].take();
            if manifest["name"] == volume {
                return Ok(folder.join(format!("{}.qcow2", manifest["head"].as_str().unwrap_or_default())));
            }
        }
        bail!("there is no volume '{volume}'")
    }

    /// Mounts and unmounts in turn with the script, so that whatever else goes on meets both.
    fn latency(&self, rounds: usize) -> Result<String> {
        println!("# latency");
        run(&mut self.cairn(&["volume", "create", "data", "--quota", "1GiB"]))?;
        run(&mut self.cairn(&["vm", "demo", "--name", VM]))?;
        let image = self.folder.join("bare.qcow2");
        fs::copy(self.head("data")?, &image)?;
        let mut bare = Bare::like(&self.vm(VM)?, &self.folder.join("bare"))?;
        let mut times: [Vec<f64>; 4] = Default::default();
        // The first brings programs into the guests' memory.
        for round in 0..=rounds {
            let taken = [
                timed(|| bare.mount(&image, "/data"))?,
                timed(|| self.mount(VM, "data", "/data"))?,
                timed(|| bare.unmount("/data"))?,
                timed(|| self.unmount(VM, "data", "/data"))?,
            ];
            println!("{}", taken.map(|seconds| format!("{:>8.1} ms", seconds * 1000.0)).join("  "));
            if round > 0 {
                times.iter_mut().zip(taken).for_each(|(times, taken)| times.push(taken));
            }
        }
        let [bare_mount, mount, bare_unmount, unmount] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times
        });
        let median = |times: &[f64]| times.get(times.len() / 2).copied().unwrap_or_default();
        let cell = |times: &[f64]| {
            let (first, last) = (times.first().copied().unwrap_or(0.0), times.last().copied().unwrap_or(0.0));
            format!("{:.0} ms ({:.0} – {:.0})", median(times) * 1e3, first * 1e3, last * 1e3)
        };
        let mut table = String::from("| | the bare commands | Cairn | × |\n|---|---:|---:|---:|\n");
        for (what, bare, ours) in [
            ("from the request to the mounted path", &bare_mount, &mount),
            ("from the request to the unplugged disk", &bare_unmount, &unmount),
        ] {
            let ratio = median(ours) / median(bare);
            table.push_str(&format!("| {what} | {} | {} | **{ratio:.2}** |\n", cell(bare), cell(ours)));
        }
        Ok(table)
    }
}

/// Seconds that something took.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64())
}

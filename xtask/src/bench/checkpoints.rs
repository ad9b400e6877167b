//! `cargo xtask bench checkpoints`: what a volume costs that has one, a hundred, a thousand checkpoints: reading its
//! present at random, taking, going back, branching, deleting, and what QEMU needs to have it open; and, with the most of
//! them, taking more while a guest writes.
//!
//! Everything of Cairn's is a whole command that talks to a `cairn serve` beside it. Reads are QEMU's own
//! (`qemu-img bench`), on a flat raw file with the same content, on the head as Cairn opens it, and on the head as its
//! headers tell it, which is what a plain chain of overlays would be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::report;
use crate::demo_vm;
use crate::packages;
use crate::process::{command, run, timed};

mod live;

const USAGE: &str = "\
Usage: cargo xtask bench checkpoints [--only live] [--data GIB] [--checkpoints N,N…] [--disk FOLDER]

  --only live           nothing but checkpoints while a guest writes
  --data GIB            how much is in the volume (10)
  --checkpoints N,N…    at how many checkpoints it is measured (1,100,1000)
  --disk FOLDER         where; twice as much room is needed there (target/bench-disk)
";
/// How often each is measured; the median counts.
const ROUNDS: usize = 5;
/// Reads and writes of 4 KiB in one measurement, so far apart, so many at once.
const REQUESTS: usize = 50_000;
const STRIDE: u64 = 40_009 * 4096;
const AT_ONCE: usize = 32;

/// Who goes by the headers.
const PLAIN: &str = "the same as a plain chain";

struct Options {
    only_live: bool,
    gib: u64,
    counts: Vec<usize>,
    disk: PathBuf,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self> {
        let mut options =
            Self { only_live: false, gib: 10, counts: vec![1, 100, 1000], disk: root.join("target/bench-disk") };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value.\n{USAGE}"))?;
            match word {
                "--data" => options.gib = value.parse().context("--data needs a number")?,
                "--checkpoints" => {
                    let counts = value.split(',').map(str::parse).collect::<Result<_, _>>();
                    options.counts = counts.context("--checkpoints needs numbers")?;
                }
                "--only" if value == "live" => options.only_live = true,
                "--disk" => options.disk = value.into(),
                other => bail!("There is no option '{other}'.\n{USAGE}"),
            }
        }
        options.counts.sort_unstable();
        Ok(options)
    }
}

/// Builds, makes the volume, measures, prints, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    let options = Options::parse(root, arguments)?;
    packages::install(&[packages::MACHINES])?;
    run(&mut command(root, "cargo", &["build", "--release", "--locked", "--package", "cairn-cli"]))?;
    let demo_vm = std::env::var_os("CAIRN_DEMO_VM").map_or_else(|| demo_vm::assemble(root), |path| Ok(path.into()))?;
    live::build(root)?;
    let document = root.join("docs/benchmarks.md");
    let mut bench = Bench::open(root, &options, &demo_vm)?;
    if options.only_live {
        quietly(&mut bench.cairn(&["volume", "create", "data", "--quota", "2GiB"]))?;
        let text = bench.live(root, "live, on a volume that is new")?;
        println!("\n{text}");
        return report::put(&document, "checkpoints live", &text);
    }
    bench.fill(options.gib)?;
    let mut table = Table::default();
    for count in &options.counts {
        bench.live_on(*count, &mut table)?;
        bench.measure(*count, &mut table)?;
    }
    let most = options.counts.last().copied().unwrap_or_default();
    let live = bench.live(root, &format!("live, with {most} checkpoints"))?;
    println!("\n{live}");
    report::put(&document, "checkpoints live", &live)?;
    bench.peers(&mut table)?;
    let text = table.text(&options.counts);
    println!("\n{text}");
    report::put(&document, "checkpoints", &text)
}

/// A store on the disk, and the server that has it.
struct Bench {
    folder: PathBuf,
    cairn: PathBuf,
    server: Child,
    taken: usize,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Bench {
    fn open(root: &Path, options: &Options, demo_vm: &Path) -> Result<Self> {
        let folder = options.disk.join(format!("checkpoints-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let cairn = root.join("target/release/cairn");
        let mut serve = Command::new(&cairn);
        serve.env("CAIRN_DEMO_VM", demo_vm).env_remove("RUST_LOG");
        serve.arg("--store").arg(folder.join("store")).args(["serve", "--listen", "127.0.0.1:0"]);
        let server = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let bench = Self { folder, cairn, server, taken: 0 };
        let begun = Instant::now();
        while !bench.folder.join("store/run/api.json").exists() {
            if begun.elapsed() > Duration::from_secs(10) {
                bail!("`cairn serve` does not answer");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(bench)
    }

    fn cairn(&self, arguments: &[&str]) -> Command {
        let mut cairn = Command::new(&self.cairn);
        cairn.arg("--store").arg(self.folder.join("store")).arg("--quiet").args(arguments).stdout(Stdio::null());
        cairn
    }

    /// A volume nearly full of what nothing can compress, and the same as a flat raw file.
    fn fill(&self, gib: u64) -> Result<()> {
        let source = self.folder.join("source");
        let shell = format!("head -c {gib}G /dev/urandom > \"$1\"");
        run(Command::new("sh").args(["-c", &shell, "sh"]).arg(&source))?;
        run(&mut self.cairn(&["volume", "create", "data", "--quota", &format!("{}MiB", gib * 1088 + 256)]))?;
        run(self.cairn(&["files", "put", "data"]).arg(&source).arg("/"))?;
        fs::remove_file(&source)?;
        let (head, _) = self.layers()?;
        run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(head).arg(self.folder.join("flat.raw")))
    }

    /// A little is written before each checkpoint, until there are so many.
    fn live_on(&mut self, count: usize, table: &mut Table) -> Result<()> {
        let small = self.folder.join("small");
        let mut times = Vec::new();
        while self.taken < count {
            fs::write(&small, vec![(self.taken % 251) as u8; 200_000])?;
            let name = format!("/small{}", self.taken % 50);
            quietly(self.cairn(&["files", "put", "data"]).arg(&small).arg(name))?;
            let name = self.taken.to_string();
            times.push(time(&mut self.cairn(&["checkpoint", "create", "data", "--name", &name]))?);
            self.taken += 1;
        }
        // What the last ones took, when there were nearly so many already.
        table.put("take a checkpoint", count, milliseconds(median(&times[times.len().saturating_sub(20)..])));
        Ok(())
    }

    fn measure(&mut self, count: usize, table: &mut Table) -> Result<()> {
        println!("# {count} checkpoints");
        let optimise = time(&mut self.cairn(&["volume", "optimise", "data"]))?;
        table.put("make the chain short, from where the background had come", count, seconds(optimise));
        let (head, base) = self.layers()?;
        let opened = base.unwrap_or_else(|| layer(&head, None));
        let flat = json!({"driver": "raw", "file": {"driver": "file", "filename": self.folder.join("flat.raw")}});
        let mut rows = [
            ("flat raw file", flat, Vec::new()),
            ("Cairn's head", opened, Vec::new()),
            (PLAIN, layer(&head, None), Vec::new()),
        ];
        // The first round brings everything into the page cache, and tells who is so slow that fewer have to do.
        for round in 0..=ROUNDS {
            for (name, image, times) in &mut rows {
                let slow = match random(&image.to_string(), &[], REQUESTS / 100) {
                    Ok(took) => took > 0.5,
                    // QEMU itself does not survive every chain.
                    Err(error) if *name == PLAIN => {
                        println!("           {name}: {error:#}");
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                let requests = if slow { REQUESTS / 100 } else { REQUESTS };
                let each = random(&image.to_string(), &[], requests)? * 1e6 / requests as f64;
                println!("{each:>9.1} µs  {name}");
                if round > 0 {
                    times.push(each);
                }
            }
        }
        let raw = median(&rows[0].2);
        for (name, image, times) in &rows {
            let each = median(times);
            let value = match times.is_empty() {
                true => "QEMU crashes".to_owned(),
                false => format!("{each:.1} µs, **{:.2}** of raw", raw / each),
            };
            table.put(&format!("random 4K read: {name}"), count, value);
            table.put(&format!("QEMU's memory and open files: {name}"), count, open_in_qemu(image)?);
        }
        self.ways_back(count, table)
    }

    /// Branching, deleting and going back, each at a checkpoint in the middle.
    fn ways_back(&mut self, count: usize, table: &mut Table) -> Result<()> {
        let (middle, newest) = ((count / 2).to_string(), (count - 1).to_string());
        let mut branch = Vec::new();
        for _ in 0..ROUNDS {
            branch.push(time(&mut self.cairn(&["checkpoint", "branch", "data", &middle, "branch"]))?);
            quietly(&mut self.cairn(&["volume", "rm", "branch", "--yes"]))?;
        }
        table.put("branch from the middle", count, milliseconds(median(&branch)));
        if count > 4 * ROUNDS {
            let mut gone = Vec::new();
            for number in (count / 4..).step_by(2).take(ROUNDS) {
                gone.push(time(&mut self.cairn(&["checkpoint", "rm", "data", &number.to_string()]))?);
            }
            table.put("delete one in the middle, and merge", count, milliseconds(median(&gone)));
        }
        let back = time(&mut self.cairn(&["checkpoint", "restore", "data", &middle]))?;
        table.put("go back to the middle", count, milliseconds(back));
        let forward = time(&mut self.cairn(&["checkpoint", "restore", "data", &newest]))?;
        table.put("go back to the newest", count, milliseconds(forward));
        Ok(())
    }

    /// QEMU's own ways, on an image with the same content, and first writes to an overlay of either kind.
    fn peers(&self, table: &mut Table) -> Result<()> {
        let (raw, image) = (self.folder.join("flat.raw"), self.folder.join("peer.qcow2"));
        let (head, _) = self.layers()?;
        for (name, options) in [
            ("extended L2, 128 KiB (Cairn's)", "extended_l2=on,cluster_size=128k"),
            ("plain clusters, 64 KiB (QEMU's default)", "cluster_size=64k"),
        ] {
            let mut times = Vec::new();
            let mut bytes = 0;
            for _ in 0..ROUNDS {
                let overlay = self.folder.join("overlay.qcow2");
                let mut create = Command::new("qemu-img");
                create.args(["create", "-q", "-f", "qcow2", "-F", "raw", "-o", options, "-b"]).arg(&raw).arg(&overlay);
                quietly(&mut create)?;
                times.push(random(&overlay.display().to_string(), &["-w", "-f", "qcow2"], REQUESTS / 5)?);
                bytes = allocated(&overlay)?;
                fs::remove_file(overlay)?;
            }
            let each = median(&times) * 1e6 / (REQUESTS / 5) as f64;
            let taken = format!("{each:.1} µs, {} MB taken for 41 MB", bytes / 1_000_000);
            table.peer(&format!("random 4K first write after a checkpoint: {name}"), taken);
        }
        let overlay = self.folder.join("overlay.qcow2");
        let mut create = Command::new("qemu-img");
        create.args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"]).arg(&head).arg(&overlay);
        table.peer("`qemu-img create -b`", milliseconds(time(&mut create)?));
        fs::remove_file(&overlay)?;
        quietly(Command::new("qemu-img").args(["convert", "-O", "qcow2"]).arg(&raw).arg(&image))?;
        let mut internal = Vec::new();
        for name in ["1", "2", "3", "4", "5"] {
            internal.push(time(Command::new("qemu-img").args(["snapshot", "-c", name]).arg(&image))?);
        }
        table.peer("`qemu-img snapshot -c` (internal)", milliseconds(median(&internal)));
        let back = time(Command::new("qemu-img").args(["snapshot", "-a", "1"]).arg(&image))?;
        table.peer("`qemu-img snapshot -a` (internal)", milliseconds(back));
        let gone = time(Command::new("qemu-img").args(["snapshot", "-d", "3"]).arg(&image))?;
        table.peer("`qemu-img snapshot -d` (internal)", milliseconds(gone));
        Ok(())
    }

    /// The head's file, and how Cairn opens it when it has a base.
    fn layers(&self) -> Result<(PathBuf, Option<Value>)> {
        for folder in fs::read_dir(self.folder.join("store/volumes"))?.flatten().map(|entry| entry.path()) {
            let Ok(text) = fs::read_to_string(folder.join("manifest.json")) else { continue };
            let manifest = serde_json::from_str::<Value>(&text)?["manifest"].take();
            if manifest["name"] != "data" {
                continue;
            }
            let file = |id: &Value| folder.join(format!("{}.qcow2", id.as_str().unwrap_or_default()));
            let (head, base) = (file(&manifest["head"]), &manifest["base"]);
            if base.is_null() || !base["towards"].is_null() {
                return Ok((head, None));
            }
            let mut above = Vec::new();
            let mut next = &manifest["head"];
            while *next != base["equals"] && !next.is_null() {
                above.push(file(next));
                next = &manifest["layers"][next.as_str().unwrap_or_default()]["parent"];
            }
            let base = folder.join(format!("{}.base.qcow2", base["id"].as_str().unwrap_or_default()));
            let opened = above.iter().rev().fold(layer(&base, None), |below, file| layer(file, Some(below)));
            return Ok((head, Some(opened)));
        }
        bail!("there is no volume")
    }
}

/// A layer as QEMU is told to open it.
fn layer(path: &Path, backing: Option<Value>) -> Value {
    let mut layer = json!({"driver": "qcow2", "file": {"driver": "file", "filename": path}});
    if let Some(backing) = backing {
        layer["backing"] = backing;
    }
    layer
}

/// Seconds that QEMU needs for random requests of 4 KiB.
fn random(image: &str, options: &[&str], requests: usize) -> Result<f64> {
    let image = if image.starts_with('{') { format!("json:{image}") } else { image.to_owned() };
    let mut bench = Command::new("qemu-img");
    bench.args(["bench", "-t", "writeback", "-s", "4096", "-d", &AT_ONCE.to_string(), "-c", &requests.to_string()]);
    bench.args(["-S", &STRIDE.to_string()]).args(options).arg(image);
    let output = bench.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let seconds = said.lines().find_map(|line| line.strip_prefix("Run completed in ")?.strip_suffix(" seconds."));
    let complaint = String::from_utf8_lossy(&output.stderr);
    let ended = output.status;
    seconds.with_context(|| format!("qemu-img bench ({ended}): {said}{complaint}"))?.parse().context("qemu-img bench")
}

/// What a QEMU takes that has only this image open.
fn open_in_qemu(image: &Value) -> Result<String> {
    let mut qemu = Command::new("qemu-system-x86_64");
    let mut blockdev = image.clone();
    blockdev["node-name"] = "disk".into();
    blockdev["read-only"] = true.into();
    qemu.args(["-M", "none", "-nodefaults", "-display", "none", "-S", "-blockdev", &blockdev.to_string()]);
    let mut child = qemu.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    std::thread::sleep(Duration::from_secs(3));
    let folder = PathBuf::from(format!("/proc/{}", child.id()));
    let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
    let files = fs::read_dir(folder.join("fd")).map_or(0, Iterator::count);
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let _ = child.kill();
    let _ = child.wait();
    Ok(kib.map_or("it did not open".to_owned(), |kib| format!("{} MiB, {files} files", kib / 1024)))
}

fn quietly(command: &mut Command) -> Result<()> {
    time(command).map(drop)
}

/// Seconds that a command took, whatever it prints.
fn time(command: &mut Command) -> Result<f64> {
    timed(command.stdout(Stdio::null()))
}

fn allocated(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs::metadata(path)?.blocks() * 512)
}

fn median(times: &[f64]) -> f64 {
    report::median(times.iter().copied()).unwrap_or_default()
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1000.0)
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

/// Rows in the order in which they came, a column for each number of checkpoints.
#[derive(Default)]
struct Table {
    rows: Vec<(String, Vec<(usize, String)>)>,
    peers: Vec<(String, String)>,
}

impl Table {
    fn put(&mut self, row: &str, count: usize, value: String) {
        match self.rows.iter_mut().find(|(name, _)| name == row) {
            Some((_, values)) => values.push((count, value)),
            None => self.rows.push((row.to_owned(), vec![(count, value)])),
        }
    }

    fn peer(&mut self, row: &str, value: String) {
        self.peers.push((row.to_owned(), value));
    }

    fn text(&self, counts: &[usize]) -> String {
        let columns: String = counts.iter().map(|count| format!(" {count} |")).collect();
        let mut text = format!("| checkpoints |{columns}\n|---|{}\n", "---:|".repeat(counts.len()));
        for (name, values) in &self.rows {
            let of = |count: &usize| values.iter().find(|(at, _)| at == count).map_or("", |(_, value)| value.as_str());
            let cells: String = counts.iter().map(|count| format!(" {} |", of(count))).collect();
            text.push_str(&format!("| {name} |{cells}\n"));
        }
        text.push_str("\n| on the same content | |\n|---|---:|\n");
        for (name, value) in &self.peers {
            text.push_str(&format!("| {name} | {value} |\n"));
        }
        text
    }
}

//! `cargo xtask bench api`: one large file into `cairn serve` and out again over loopback, beside nginx that stores (DAV)
//! and serves the same bytes, and beside the disk itself; in turn, on the same disk, by the same client.
//!
//! Each way in ends when the bytes are on the disk: Cairn answers only then, for the others flushing is counted in. Each way
//! out begins with nothing in the page cache, where the system lets us empty it.

mod contents;
mod servers;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};

use self::contents::Contents;
use self::servers::{Server, cairn, nginx};
use super::folder::Folder;
use super::report::{self, median};
use crate::packages;
use crate::process::{command, run};

const USAGE: &str = "\
Usage: cargo xtask bench api [--bytes N] [--rounds N] [--disk FOLDER]

  --bytes N       the size of the file (20000000000); the disk needs room for it once, and a little
  --rounds N      how often each runs (3)
  --disk FOLDER   where (target/bench-disk)
";
/// What is measured, in the order in which it stands in the table.
const CONTESTANTS: [&str; 3] = ["the disk itself (a file, `fsync`)", "nginx (DAV `PUT`, `GET`)", "`cairn serve`"];

struct Options {
    bytes: u64,
    rounds: usize,
    disk: PathBuf,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self> {
        let mut options = Self { bytes: 20_000_000_000, rounds: 3, disk: root.join("target/bench-disk") };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value.\n{USAGE}"))?;
            match word {
                "--bytes" => options.bytes = value.parse::<u64>().context("--bytes needs a number")?.max(1),
                "--rounds" => options.rounds = value.parse::<usize>().context("--rounds needs a number")?.max(1),
                "--disk" => options.disk = value.into(),
                other => anyhow::bail!("There is no option '{other}'.\n{USAGE}"),
            }
        }
        Ok(options)
    }
}

/// Installs nginx, builds, measures, prints, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    let options = Options::parse(root, arguments)?;
    packages::install(&[packages::WEB_PEER])?;
    run(&mut command(root, "cargo", &["build", "--release", "--locked", "--package", "cairn-cli"]))?;
    let mut bench = Bench::start(root, &options)?;
    for round in 0..options.rounds {
        // Each of them is first in turn.
        for at in 0..CONTESTANTS.len() {
            bench.measure((round + at) % CONTESTANTS.len())?;
        }
    }
    let table = bench.table();
    println!("\n{table}");
    report::put(&root.join("docs/benchmarks.md"), "api", &table)
}

/// A folder on the disk that is measured, and both servers on it.
struct Bench {
    contents: Contents,
    nginx: Server,
    cairn: Server,
    /// After the servers, which are ended first.
    folder: Folder,
    /// Seconds in and out of each round, of each contestant.
    times: [(Vec<f64>, Vec<f64>); CONTESTANTS.len()],
    is_cold: bool,
}

impl Bench {
    fn start(root: &Path, options: &Options) -> Result<Self> {
        let folder = Folder::new(options.disk.join(format!("api-{}", std::process::id())))?;
        let nginx = nginx::start(&folder.0.join("nginx"))?;
        let cairn = cairn::start(&root.join("target/release/cairn"), &folder.0.join("store"))?;
        let contents = Contents { bytes: options.bytes };
        Ok(Self { folder, contents, nginx, cairn, times: Default::default(), is_cold: true })
    }

    /// One contestant in and out; nothing of it stays.
    fn measure(&mut self, which: usize) -> Result<()> {
        let (write, read) = match which {
            0 => self.disk()?,
            1 => self.nginx()?,
            _ => self.cairn()?,
        };
        let rate = |seconds: f64| self.contents.bytes as f64 / seconds / 1e6;
        println!("in {:>7.1} MB/s   out {:>7.1} MB/s   {}", rate(write), rate(read), CONTESTANTS[which]);
        self.times[which].0.push(write);
        self.times[which].1.push(read);
        Ok(())
    }

    fn disk(&mut self) -> Result<(f64, f64)> {
        let path = self.folder.0.join("file");
        let write = self.timed(|contents| {
            let mut file = File::create(&path)?;
            contents.send(&mut file)?;
            Ok(file.sync_all()?)
        })?;
        let read = self.timed_cold(|contents| contents.check(&mut File::open(&path)?))?;
        fs::remove_file(&path)?;
        Ok((write, read))
    }

    fn nginx(&mut self) -> Result<(f64, f64)> {
        let (server, path) = (self.nginx.clone_address(), self.folder.0.join("nginx/files/file"));
        let write = self.timed(|contents| {
            server.put("/file", contents)?;
            Ok(File::open(&path)?.sync_all()?)
        })?;
        let read = self.timed_cold(|contents| server.get("/file", contents))?;
        fs::remove_file(&path)?;
        Ok((write, read))
    }

    fn cairn(&mut self) -> Result<(f64, f64)> {
        let server = self.cairn.clone_address();
        cairn::make_volume(&server, self.contents.bytes)?;
        let write = self.timed(|contents| server.put(cairn::FILE, contents))?;
        let read = self.timed_cold(|contents| server.get(cairn::FILE, contents))?;
        cairn::remove_volume(&server)?;
        Ok((write, read))
    }

    /// Seconds that something took, from when nothing waited for the disk.
    fn timed(&self, work: impl FnOnce(&Contents) -> Result<()>) -> Result<f64> {
        run(&mut command(&self.folder.0, "sync", &[]))?;
        let begun = Instant::now();
        work(&self.contents)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// The same with nothing in the page cache.
    fn timed_cold(&mut self, work: impl FnOnce(&Contents) -> Result<()>) -> Result<f64> {
        run(&mut command(&self.folder.0, "sync", &[]))?;
        self.is_cold &= run(&mut packages::as_root(&["sh", "-c", "echo 3 > /proc/sys/vm/drop_caches"])).is_ok();
        self.timed(work)
    }

    fn table(&self) -> String {
        let bytes = self.contents.bytes as f64;
        let seconds = |times: &[f64]| median(times.iter().copied()).unwrap_or(f64::MAX);
        let cell = |times: &[f64], disk: &[f64]| {
            let (low, high) =
                times.iter().fold((f64::MAX, 0.0_f64), |(low, high), time| (low.min(*time), high.max(*time)));
            let rate = |seconds: f64| bytes / seconds / 1e6;
            let share = seconds(disk) / seconds(times);
            format!("{:.0} MB/s ({:.0} – {:.0}) | {share:.2}", rate(seconds(times)), rate(high), rate(low))
        };
        let cache = if self.is_cold { "nothing in the page cache" } else { "the page cache as it was" };
        let mut table = format!(
            "{:.1} GB, {} rounds, medians (slowest – fastest); out with {cache}.\n\n\
             | | in | × the disk | out | × the disk | peak memory |\n|---|---:|---:|---:|---:|---:|\n",
            bytes / 1e9,
            self.times[0].0.len(),
        );
        let (disk_in, disk_out) = &self.times[0];
        let memory = [None, self.nginx.peak(), self.cairn.peak()];
        for ((name, (write, read)), memory) in CONTESTANTS.iter().zip(&self.times).zip(memory) {
            let memory = memory.map_or_else(String::new, |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0));
            table.push_str(&format!("| {name} | {} | {} | {memory} |\n", cell(write, disk_in), cell(read, disk_out)));
        }
        table
    }
}

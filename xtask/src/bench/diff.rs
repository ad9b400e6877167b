//! `cargo xtask bench diff`: what has changed between two states of a volume with a million files, told by Cairn and
//! by the usual tools on kernel mounts of both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::report;
use crate::process::{command, run, timed};

/// Folders, and files in each.
const FOLDERS: usize = 1000;
const FILES: usize = 1000;
/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

/// A store in memory, and the program.
struct Bench {
    folder: PathBuf,
    cairn: PathBuf,
}

impl Drop for Bench {
    fn drop(&mut self) {
        for mount in ["before", "after"] {
            let _ = Command::new("umount").arg(self.folder.join(mount)).stderr(Stdio::null()).status();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Makes the volume, measures, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path) -> Result<()> {
    run(&mut command(root, "cargo", &["build", "--release", "--locked", "--package", "cairn-cli"]))?;
    let folder = PathBuf::from(format!("/dev/shm/cairn-bench-diff-{}", std::process::id()));
    let bench = Bench { folder, cairn: root.join("target/release/cairn") };
    bench.prepare()?;
    let mut rows = Vec::new();
    rows.push(("`cairn diff`, the whole command with an engine of its own".to_owned(), bench.measure(&bench.diff())?));
    match bench.mount_both() {
        Ok(()) => {
            let (before, after) = (bench.folder.join("before"), bench.folder.join("after"));
            let shell = |script: &str| {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(script).arg("sh").args([&before, &after]);
                shell
            };
            let find = "find \"$1\" -printf '%P %s %T@ %m %U %G\\n' | sort > \"$1.list\"; \
                        find \"$2\" -printf '%P %s %T@ %m %U %G\\n' | sort > \"$2.list\"; \
                        diff \"$1.list\" \"$2.list\" > /dev/null; true";
            let times = bench.measure(&|| shell(find))?;
            rows.push(("`find` on kernel mounts of both, sorted, compared (no content)".to_owned(), times));
            let diff = "diff -r --no-dereference \"$1\" \"$2\" > /dev/null; true";
            rows.push(("`diff -r` on kernel mounts of both".to_owned(), bench.measure(&|| shell(diff))?));
        }
        Err(error) => rows.push((format!("kernel mounts: {error:#}"), Vec::new())),
    }
    let mut table = String::from("| | median | all |\n|---|---|---|\n");
    for (name, mut times) in rows {
        let all = times.iter().map(|time| format!("{time:.2} s")).collect::<Vec<_>>().join(", ");
        times.sort_by(f64::total_cmp);
        let median =
            times.get(times.len() / 2).map_or("not allowed here".to_owned(), |time| format!("**{time:.2} s**"));
        table.push_str(&format!("| {name} | {median} | {all} |\n"));
    }
    println!("\n{table}");
    report::put(&root.join("docs/benchmarks.md"), "diff", &table)
}

impl Bench {
    fn cairn(&self, arguments: &[&str]) -> Command {
        let mut cairn = Command::new(&self.cairn);
        cairn.arg("--store").arg(self.folder.join("store")).args(arguments);
        cairn
    }

    fn diff(&self) -> impl Fn() -> Command {
        || {
            let mut diff = self.cairn(&["diff", "data", "before"]);
            diff.stdout(Stdio::null());
            diff
        }
    }

    /// A volume with a million files, a checkpoint, and a few changes of every kind.
    fn prepare(&self) -> Result<()> {
        let tree = self.folder.join("tree");
        for folder in 0..FOLDERS {
            let folder = tree.join(format!("folder{folder}"));
            fs::create_dir_all(&folder)?;
            for file in 0..FILES {
                // One in ten has content: the others would only take memory.
                let content = if file % 10 == 0 { &[7; 100][..] } else { &[] };
                fs::write(folder.join(format!("file{file}")), content)?;
            }
        }
        run(&mut self.cairn(&["volume", "create", "data", "--quota", "20GiB"]))?;
        run(self.cairn(&["-q", "files", "put", "data"]).arg(&tree).arg("/"))?;
        fs::remove_dir_all(&tree)?;
        run(&mut self.cairn(&["checkpoint", "create", "data", "--name", "before"]))?;
        let changed = self.folder.join("changed");
        fs::write(&changed, "changed")?;
        for path in ["/tree/folder1/file10", "/tree/folder500/file500", "/tree/folder999/new"] {
            run(self.cairn(&["-q", "files", "put", "data"]).arg(&changed).arg(path))?;
        }
        run(&mut self.cairn(&["files", "rm", "data", "tree/folder2/file3"]))?;
        run(&mut self.cairn(&["files", "mv", "data", "tree/folder3", "tree/renamed"]))?;
        run(&mut self.cairn(&["files", "mv", "data", "tree/folder4/file4", "tree/folder5/moved"]))
    }

    /// Mounts both states as Linux does.
    fn mount_both(&self) -> Result<()> {
        run(&mut self.cairn(&["checkpoint", "create", "data", "--name", "after"]))?;
        let volumes = fs::read_dir(self.folder.join("store/volumes"))?;
        let volume = volumes.flatten().next().context("there is no volume")?.path();
        let mut layers: Vec<PathBuf> = fs::read_dir(volume)?.flatten().map(|entry| entry.path()).collect();
        layers.retain(|path| path.extension().is_some_and(|extension| extension == "qcow2"));
        layers.sort_by_key(|path| fs::metadata(path).and_then(|meta| meta.modified()).ok());
        for (layer, name) in layers.iter().zip(["before", "after"]) {
            let raw = self.folder.join(format!("{name}.raw"));
            run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(layer).arg(&raw))?;
            let place = self.folder.join(name);
            fs::create_dir_all(&place)?;
            run(Command::new("mount").args(["-o", "loop,ro"]).args([raw, place]))?;
        }
        Ok(())
    }

    /// Seconds that each round took.
    fn measure(&self, make: &dyn Fn() -> Command) -> Result<Vec<f64>> {
        (0..ROUNDS).map(|_| timed(&mut make())).collect()
    }
}

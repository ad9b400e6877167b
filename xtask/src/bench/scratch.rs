//! A folder to measure in, on the storage that is measured, and the shell scripts that run there.
//!
//! Scripts get everything by name: `$OURS`, `$PEER`, `$CONTIGUOUS` and `$CAIRN` are programs, `$DATA` holds what is
//! copied, `$KEPT` what a case keeps between runs, `$WORK` is empty before every run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::cases::Place;
use super::report::Figures;

/// Memory that is touched before a run, so that nobody pays for pages that the host had taken back.
const WARM_MIB: u32 = 2300;

/// The folder; removed when dropped.
pub(crate) struct Scratch {
    root: PathBuf,
    folder: PathBuf,
    place: Place,
}

impl Scratch {
    /// A new, empty folder on the storage of `place`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn new(root: &Path, place: Place, disk: Option<&str>) -> Result<Self> {
        let above = match place {
            Place::Memory => PathBuf::from("/dev/shm"),
            Place::Disk => disk.map_or_else(|| root.join("target/bench-disk"), PathBuf::from),
        };
        let folder = above.join(format!("cairn-bench-{}", std::process::id()));
        for name in ["data", "kept", "work"] {
            fs::create_dir_all(folder.join(name)).with_context(|| format!("could not work in {}", above.display()))?;
        }
        Ok(Self { root: root.to_owned(), folder, place })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Empties `$WORK`, and unmounts what a failed run may have left mounted there.
    pub(crate) fn clear_work(&self) -> Result<()> {
        let work = self.folder.join("work");
        let mounted = work.join("mnt");
        if mounted.exists() {
            Command::new("umount").arg("-q").arg(&mounted).stderr(Stdio::null()).status().ok();
        }
        fs::remove_dir_all(&work).context("could not empty the folder of a run")?;
        Ok(fs::create_dir(&work)?)
    }

    /// Brings the storage into the state in which every run begins: nothing waits for the disk; in memory, where
    /// `much` will be written, pages that the host may have taken back are touched.
    pub(crate) fn settle(&self, much: bool) -> Result<()> {
        match self.place {
            Place::Disk => self.script("sync"),
            Place::Memory if much => {
                let fill = format!("dd if=/dev/zero of=\"$WORK/warm\" bs=1M count={WARM_MIB} status=none");
                self.script(&format!("{fill}; rm \"$WORK/warm\""))
            }
            Place::Memory => Ok(()),
        }
    }

    /// Runs a script that is not measured.
    pub(crate) fn script(&self, script: &str) -> Result<()> {
        if script.is_empty() {
            return Ok(());
        }
        self.finish(&mut self.shell(Command::new("sh"), script)).map(drop)
    }

    /// Runs a script and measures it.
    pub(crate) fn measured(&self, script: &str) -> Result<Figures> {
        let report = self.folder.join("report");
        let mut command = Command::new(self.root.join("target/benches/release/measured"));
        command.arg(&report).arg("sh");
        let printed = self.finish(&mut self.shell(command, script))?;
        let text = fs::read_to_string(&report)?;
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [wall, _user, _system, memory] = numbers[..] else { bail!("nothing was measured") };
        let written = printed.lines().find_map(|line| line.strip_prefix("written ")?.parse().ok());
        Ok(Figures { wall, memory, written })
    }

    fn shell(&self, mut command: Command, script: &str) -> Command {
        let programs = self.root.join("target/benches");
        command
            .args(["-e", "-c", script])
            .current_dir(&self.folder)
            .env("OURS", programs.join("release/ours"))
            .env("PEER", programs.join("release/peer"))
            .env("CONTIGUOUS", programs.join("contiguous"))
            .env("CAIRN", self.root.join("target/release/cairn"))
            .env("DATA", self.folder.join("data"))
            .env("KEPT", self.folder.join("kept"))
            .env("WORK", self.folder.join("work"))
            .env("LIBGUESTFS_BACKEND", "direct")
            .stdin(Stdio::null());
        command
    }

    fn finish(&self, command: &mut Command) -> Result<String> {
        let output = command.output().context("sh could not be started")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{}", said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word"));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.clear_work().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

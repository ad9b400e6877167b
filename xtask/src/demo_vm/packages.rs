//! Debian packages as a source of files: which version apt would give, fetch it, unpack it without installing.
//!
//! Needs `apt-cache`, `apt-get download` and `dpkg-deb`; works as an ordinary user. Knows nothing of the demo VM.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Package name → version, as apt would fetch it now.
pub(crate) type Versions = BTreeMap<String, String>;

/// The version that apt would give of each of `names`; fails when apt does not know one.
pub(crate) fn versions(names: &BTreeSet<String>) -> Result<Versions> {
    let mut command = Command::new("apt-cache");
    command.args(["show", "--no-all-versions"]).args(names);
    let text = output(&mut command)?;
    let mut found = Versions::new();
    let mut package = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Package: ") {
            package = Some(name.to_owned());
        } else if let Some(version) = line.strip_prefix("Version: ") {
            found.extend(package.take().map(|name| (name, version.to_owned())));
        }
    }
    if let Some(missing) = names.iter().find(|name| !found.contains_key(*name)) {
        bail!("apt does not know the package {missing}");
    }
    Ok(found)
}

/// Package name → what it depends on (of alternatives all; packages that exist only as a name are left out).
pub(crate) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// The dependencies of `names`, and of all that they need in turn.
    pub(crate) fn of(names: &[&str]) -> Result<Self> {
        let mut command = Command::new("apt-cache");
        command.args(["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts"]);
        command.args(["--no-breaks", "--no-replaces", "--no-enhances"]).args(names);
        let mut graph = BTreeMap::<String, BTreeSet<String>>::new();
        let mut package = String::new();
        for line in output(&mut command)?.lines() {
            let words = line.trim_start_matches([' ', '|']);
            let needed = words.strip_prefix("Depends: ").or_else(|| words.strip_prefix("PreDepends: "));
            if !line.starts_with([' ', '|']) {
                line.clone_into(&mut package);
            } else if let Some(needed) = needed.filter(|name| !name.starts_with('<')) {
                graph.entry(package.clone()).or_default().insert(needed.to_owned());
            }
        }
        Ok(Self(graph))
    }

    /// What `name` depends on directly.
    pub(crate) fn direct(&self, name: &str) -> impl Iterator<Item = &String> {
        self.0.get(name).into_iter().flatten()
    }

    /// `name` and everything that it needs, as far as `wanted` says yes to a package's name.
    pub(crate) fn closure(&self, name: &str, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut fresh = vec![name.to_owned()];
        while let Some(next) = fresh.pop() {
            fresh.extend(self.direct(&next).filter(|name| wanted(name) && !all.contains(*name)).cloned());
            all.insert(next);
        }
        all
    }
}

/// Fetches the packages into `folder` and unpacks each into `folder/NAME`; answers the folder of each.
pub(crate) fn fetch(versions: &Versions, folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut command = Command::new("apt-get");
    command.current_dir(folder).args(["download", "-q", "-o", "APT::Sandbox::User=root"]);
    command.args(versions.iter().map(|(name, version)| format!("{name}={version}")));
    output(&mut command)?;
    let mut unpacked = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let archive = entry?.path();
        if archive.extension().is_none_or(|extension| extension != "deb") {
            continue;
        }
        let name = output(Command::new("dpkg-deb").arg("-f").arg(&archive).arg("Package"))?.trim().to_owned();
        let target = folder.join(&name);
        output(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&target))?;
        unpacked.insert(name, target);
    }
    Ok(unpacked)
}

/// Lets apt learn what packages there are. Only root may; others are told what to type.
pub(crate) fn update() -> Result<()> {
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("apt's package lists are missing or too old. Run `sudo apt-get update` and try again");
    }
    eprintln!("apt's package lists are missing or too old: running apt-get update");
    output(Command::new("apt-get").args(["update", "-q"])).map(drop)
}

/// Runs a command and answers its standard output; its standard error becomes the reason of a failure.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let answer = command.env("LC_ALL", "C").output().with_context(|| format!("could not run {program}"))?;
    if !answer.status.success() {
        bail!("{program} failed: {}", String::from_utf8_lossy(&answer.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

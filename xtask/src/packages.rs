//! System packages: which ones, what for, and their installation by apt. Elsewhere they are named and the task stops.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{output, run};

/// Packages that belong together, and the reason for them that a person is told.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    why: &'static str,
    names: &'static [&'static str],
}

/// For the desktop window: the web view, the tray and what compiling against them takes.
pub(crate) const BUILD: Group = Group {
    why: "to build the desktop window",
    names: &[
        "build-essential",
        "file",
        "libayatana-appindicator3-dev",
        "librsvg2-dev",
        "libssl-dev",
        "libwebkit2gtk-4.1-dev",
        "libxdo-dev",
        "pkg-config",
    ],
};

/// For running machines.
pub(crate) const MACHINES: Group =
    Group { why: "to run machines and to import images", names: &["ovmf", "qemu-system-x86", "qemu-utils"] };

/// For assembling the demo VM.
pub(crate) const DEMO_VM: Group = Group { why: "to assemble the demo VM", names: &["binutils", "cpio", "gzip"] };

/// For assembling the Debian guest.
pub(crate) const DEBIAN_VM: Group =
    Group { why: "to assemble the Debian guest", names: &["e2fsprogs", "mmdebstrap", "qemu-utils"] };

/// For machines that libvirt runs: its programs, no service.
pub(crate) const LIBVIRT: Group =
    Group { why: "to use machines that libvirt runs", names: &["libvirt-clients", "libvirt-daemon", "util-linux"] };

/// For the tests: filesystem judges, a private X display, a window manager and a browser driver.
pub(crate) const TESTS: Group = Group {
    why: "to test volumes with e2fsprogs, and the window on a private display",
    names: &[
        "chromium",
        "dbus",
        "dbus-x11",
        "e2fsprogs",
        "fonts-dejavu-core",
        "fonts-noto-cjk",
        "gir1.2-gtk-3.0",
        "imagemagick",
        "openbox",
        "python3-dbus",
        "python3-gi",
        "python3-venv",
        "webkit2gtk-driver",
        "x11-apps",
        "xauth",
        "xdotool",
        "xvfb",
        "zenity",
    ],
};

/// For the benchmark: what the file engine is measured against.
pub(crate) const PEERS: Group = Group {
    why: "to measure against other ways to put files into an image",
    names: &[
        "e2fsprogs",
        "fuse2fs",
        "gcc",
        "libc6-dev",
        "libcom-err2",
        "libext2fs-dev",
        "libguestfs-tools",
        "linux-image-cloud-amd64",
        "util-linux",
    ],
};

/// For the benchmark of the server: what it is measured against.
pub(crate) const WEB_PEER: Group = Group { why: "to measure against another server", names: &["nginx"] };

fn is_installed(name: &str) -> bool {
    output("dpkg-query", &["-W", "-f", "${db:Status-Abbrev}", name]).is_some_and(|status| status.starts_with("ii"))
}

/// Installs what is missing of `groups`, saying what and why.
///
/// # Errors
/// When this is not a system with apt (the error names the packages), or apt fails.
pub(crate) fn install(groups: &[Group]) -> Result<()> {
    if output("dpkg-query", &["--version"]).is_none() || output("apt-get", &["--version"]).is_none() {
        return name_and_stop(groups);
    }
    let mut missing = Vec::new();
    for group in groups {
        let names: Vec<&str> = group.names.iter().copied().filter(|name| !is_installed(name)).collect();
        if !names.is_empty() {
            println!("Installing {}: {}", group.why, names.join(" "));
            missing.extend(names);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    run(&mut as_root(&["apt-get", "update", "-q"]))?;
    let from_backports = missing.contains(&"qemu-system-x86") && needs_backports();
    if from_backports {
        add_backports()?;
        missing.retain(|name| *name != "qemu-system-x86");
        apt_install(&["-t", "bookworm-backports"], &["qemu-system-x86"])?;
    }
    if missing.is_empty() { Ok(()) } else { apt_install(&[], &missing) }
}

fn apt_install(options: &[&str], names: &[&str]) -> Result<()> {
    let mut words =
        vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends"];
    words.extend(options);
    words.extend(names);
    run(&mut as_root(&words)).context("The packages above could not be installed; install them by hand and try again")
}

/// A command that runs as root: by itself, or through sudo.
pub(crate) fn as_root(words: &[&str]) -> Command {
    let is_root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    let mut words = words.iter();
    let mut command =
        if is_root { Command::new(words.next().copied().unwrap_or("true")) } else { Command::new("sudo") };
    command.args(words);
    command
}

fn name_and_stop(groups: &[Group]) -> Result<()> {
    // Without apt nobody can be asked which packages are there; the programs that matter tell enough.
    let programs = ["qemu-system-x86_64", "qemu-img", "e2fsck", "pkg-config"];
    if programs
        .iter()
        .all(|program| output(program, &["--version"]).is_some() || Path::new("/usr/sbin").join(program).exists())
    {
        return Ok(());
    }
    let mut lines = String::new();
    for group in groups {
        lines.push_str(&format!("\n  {}: {}", group.why, group.names.join(" ")));
    }
    bail!(
        "Only Debian and its relatives are set up by this task. Install your system's counterparts of these Debian packages, then run it again:{lines}"
    )
}

/// qemu-utils from backports and qemu-system-x86 from the plain release exclude each other: whoever has the
/// first from backports needs the second from there as well.
fn needs_backports() -> bool {
    output("dpkg-query", &["-W", "-f", "${Version}", "qemu-utils"]).is_some_and(|version| version.contains("~bpo12"))
}

/// Adds the release's backports from wherever this system gets the release itself.
fn add_backports() -> Result<()> {
    let targets = output("apt-get", &["indextargets", "--format", "$(RELEASE) $(REPO_URI)"]).unwrap_or_default();
    let of = |release: &str| {
        targets
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(name, _)| *name == release)
            .map(|(_, uri)| uri.to_owned())
    };
    if of("bookworm-backports").is_some() {
        return Ok(());
    }
    let source = of("bookworm")
        .context("apt names no source for Debian 12, so its backports cannot be found; add them by hand")?;
    let list = "/etc/apt/sources.list.d/cairn-backports.list";
    println!("qemu-utils is from Debian's backports, so qemu-system-x86 must come from there too: adding {list}.");
    let line =
        format!("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {source} bookworm-backports main");
    run(&mut as_root(&["sh", "-c", &format!("echo '{line}' > {list}")]))?;
    run(&mut as_root(&["apt-get", "update", "-q"]))
}

//! Assembles a Debian guest with systemd, for tests of what systemd does about mounts and for benchmarks: a disk image,
//! its kernel and its initramfs, made by mmdebstrap from the Debian packages that apt would give this computer.
//!
//! The result is `target/debian-vm/{vmlinuz,initrd.img,disk.qcow2,PACKAGES}`. It knows nothing of Cairn.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::demo_vm::versions;
use crate::packages;
use crate::process::{output, run};

/// What its kernel is told.
pub(crate) const APPEND: &str = "root=/dev/vda rw console=ttyS0 quiet no_timer_check systemd.show_status=false";
/// Raised when this file packs differently, so that an older result is made anew.
const LAYOUT: u32 = 1;
/// What is in it beside the least that Debian is.
const PACKAGES: [&str; 8] = [
    "dbus",
    "e2fsprogs",
    "fio",
    "initramfs-tools",
    "linux-image-cloud-amd64",
    "qemu-guest-agent",
    "systemd-sysv",
    "udev",
];
const SIZE: &str = "3G";
const STAMP: &str = "PACKAGES";
/// A small initramfs: without KVM each megabyte is waited for.
const SMALL_INITRAMFS: &str = r#"mkdir -p "$1/etc/initramfs-tools/conf.d"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/modules"
printf 'virtio_pci\nvirtio_blk\next4\n' > "$1/etc/initramfs-tools/modules""#;
/// What would only take the processor's time in a test.
const QUIET: &str = r#"echo debian > "$1/etc/hostname"
chroot "$1" passwd -q -d root
chroot "$1" systemctl mask -q apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer
rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/usr/share/doc "$1"/usr/share/man"#;

/// Makes `target/debian-vm` below the workspace `root` and answers it. Does nothing when it is already there, made from
/// the package versions that apt would give now.
///
/// # Errors
/// When this is no Debian, when apt or mmdebstrap fail, when the disk is full.
pub(crate) fn assemble(root: &Path) -> Result<PathBuf> {
    let done = root.join("target/debian-vm");
    packages::install(&[packages::DEBIAN_VM])?;
    let note = note()?;
    if fs::read_to_string(done.join(STAMP)).is_ok_and(|stamp| stamp == note) {
        return Ok(done);
    }
    let work = root.join(format!("target/debian-vm.{}", std::process::id()));
    fs::create_dir_all(work.join("out"))?;
    let made = build(&work, &note).and_then(|()| {
        fs::remove_dir_all(&done).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        Ok(fs::rename(work.join("out"), &done)?)
    });
    // Its files belong to the users of the guest.
    run(packages::as_root(&["rm", "-rf"]).arg(&work))?;
    made.context("could not assemble the Debian guest").map(|()| done)
}

fn note() -> Result<String> {
    let names: BTreeSet<String> = PACKAGES.iter().map(|name| (*name).to_owned()).collect();
    let mut text = format!("A Debian guest (layout {LAYOUT}), made of these Debian packages and what they need.\n\n");
    for (name, version) in versions(&names)? {
        text.push_str(&format!("{name} {version}\n"));
    }
    Ok(text)
}

/// Debian's release on this computer, and where apt gets it.
fn source() -> Result<(String, String)> {
    let release = fs::read_to_string("/etc/os-release")?;
    let of = |key: &str| release.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim_matches('"'));
    if of("ID=") != Some("debian") {
        bail!("this task makes a Debian guest on Debian only");
    }
    let suite = of("VERSION_CODENAME=").context("/etc/os-release names no release")?.to_owned();
    let targets = output("apt-get", &["indextargets", "--format", "$(RELEASE) $(REPO_URI) $(SIGNED_BY)"]);
    let targets = targets.context("apt does not say where it gets packages")?;
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let found = targets.lines().map(words).find(|words| words.first() == Some(&suite));
    let found = found.with_context(|| format!("apt has no source of {suite}"))?;
    let uri = found.get(1).context("apt names no address")?;
    let key = found.get(2).filter(|key| key.starts_with('/'));
    let option = key.map(|key| format!("[signed-by={key}] ")).unwrap_or_default();
    Ok((suite.clone(), format!("deb {option}{uri} {suite} main")))
}

fn build(work: &Path, note: &str) -> Result<()> {
    let (suite, source) = source()?;
    let (tree, out) = (work.join("tree"), work.join("out"));
    let mut debootstrap = packages::as_root(&["mmdebstrap", "--quiet", "--variant=minbase"]);
    debootstrap.arg(format!("--include={}", PACKAGES.join(",")));
    debootstrap.arg(format!("--essential-hook={SMALL_INITRAMFS}")).arg(format!("--customize-hook={QUIET}"));
    run(debootstrap.arg(suite).arg(&tree).arg(source))?;
    let boot = tree.join("boot");
    for (stem, name) in [("vmlinuz-", "vmlinuz"), ("initrd.img-", "initrd.img")] {
        let files = fs::read_dir(&boot)?.flatten().map(|entry| entry.path());
        let mut files =
            files.filter(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(stem)));
        let file = files.next().with_context(|| format!("the guest has no {stem}"))?;
        fs::copy(file, out.join(name))?;
    }
    let raw = work.join("disk.raw");
    run(packages::as_root(&["mke2fs", "-q", "-t", "ext4", "-d"]).arg(&tree).arg(&raw).arg(SIZE))?;
    let convert = ["convert", "-f", "raw", "-O", "qcow2"];
    run(Command::new("qemu-img").args(convert).arg(&raw).arg(out.join("disk.qcow2")))?;
    Ok(fs::write(out.join(STAMP), note)?)
}

//! Assembles the demo VM: a Debian cloud kernel and a small initramfs with busybox, the QEMU guest agent and resize2fs.
//!
//! Everything comes out of Debian packages that are unpacked, never installed, so no root is needed. The result is
//! `target/demo-vm/{vmlinuz,initrd.img,PACKAGES,licenses/}`. It knows nothing of Cairn: any QEMU boots it.

mod cpio;
mod packages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cpio::Archive;
use packages::Versions;
pub(crate) use packages::versions;

/// Kernel modules in the order in which they must be loaded; what a kernel has built in is left out.
const MODULES: [&str; 9] = [
    "virtio_ring",
    "virtio",
    "virtio_pci_modern_dev",
    "virtio_pci_legacy_dev",
    "virtio_pci",
    "virtio_blk",
    "virtio_console",
    "evdev",
    "button",
];

/// What the guest runs besides Debian's programs: path in the guest, permissions, contents.
const GUEST_FILES: [(&str, u32, &str); 7] = [
    ("init", 0o755, include_str!("demo_vm/guest/init")),
    ("etc/inittab", 0o644, include_str!("demo_vm/guest/inittab")),
    ("etc/acpi/PWRF/00000080", 0o755, include_str!("demo_vm/guest/power-button")),
    ("usr/sbin/agent", 0o755, include_str!("demo_vm/guest/agent")),
    ("bin/login-shell", 0o755, include_str!("demo_vm/guest/login-shell")),
    ("sbin/shutdown", 0o755, include_str!("demo_vm/guest/shutdown")),
    ("sbin/stop", 0o755, include_str!("demo_vm/guest/stop")),
];

/// Raised when this file packs differently, so that an older result is made anew.
const LAYOUT: u32 = 2;

const KERNEL: &str = "linux-image-cloud-amd64";
const AGENT: &str = "qemu-guest-agent";
const BUSYBOX: &str = "busybox-static";
/// Has the tool with which a guest lets a mounted filesystem grow.
const E2FSPROGS: &str = "e2fsprogs";
const STAMP: &str = "PACKAGES";

/// Makes `target/demo-vm` below the workspace `root` and answers it. Does nothing when it is already there, made
/// from the package versions that apt would give now.
///
/// # Errors
/// When this is no Debian of the amd64 kind, when apt does not know or cannot fetch a package, when the disk is full.
pub(crate) fn assemble(root: &Path) -> Result<PathBuf> {
    let target = root.join("target");
    let done = target.join("demo-vm");
    let plan = match plan() {
        Ok(plan) => plan,
        Err(error) if is_complete(&done) => {
            eprintln!("using the demo VM that is there, for apt cannot say whether it is current: {error:#}");
            return Ok(done);
        }
        Err(_) => packages::update().and_then(|()| plan())?,
    };
    if is_complete(&done) && fs::read_to_string(done.join(STAMP)).is_ok_and(|stamp| stamp == note(&plan)) {
        return Ok(done);
    }
    let work = target.join(format!("demo-vm.{}", std::process::id()));
    let made = build(&plan, &work).and_then(|()| replace(&work.join("out"), &done));
    fs::remove_dir_all(&work).ok();
    made.context("could not assemble the demo VM").map(|()| done)
}

fn is_complete(folder: &Path) -> bool {
    ["vmlinuz", "initrd.img", STAMP].iter().all(|name| folder.join(name).is_file())
}

/// The packages to unpack, with their versions: the kernel behind the meta package, busybox, the agent, resize2fs and
/// the libraries that they may need.
fn plan() -> Result<Versions> {
    let graph = packages::Graph::of(&[KERNEL, AGENT, E2FSPROGS])?;
    let Some(kernel) = graph.direct(KERNEL).find(|name| name.starts_with("linux-image-")) else {
        bail!("the package {KERNEL} names no kernel; is this Debian on amd64?");
    };
    let is_library = |name: &str| name.starts_with("lib") || name == "zlib1g";
    let mut wanted = graph.closure(AGENT, is_library);
    wanted.extend(graph.closure(E2FSPROGS, is_library));
    wanted.extend([kernel.clone(), BUSYBOX.to_owned()]);
    packages::versions(&wanted)
}

fn note(plan: &Versions) -> String {
    let mut text = format!(
        "Cairn's demo VM (layout {LAYOUT}, scripts {:016x}), made of these Debian packages. Their sources: \
         `apt-get source PACKAGE`.\nTheir licences lie in licenses/.\n\n",
        scripts_hash()
    );
    for (name, version) in plan {
        text.push_str(&format!("{name} {version}\n"));
    }
    text
}

/// FNV-1a over the guest's own files: tells whether a result was made from the present ones.
fn scripts_hash() -> u64 {
    let bytes = GUEST_FILES.iter().flat_map(|(path, _, text)| path.bytes().chain(text.bytes()));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn build(plan: &Versions, work: &Path) -> Result<()> {
    let (debs, out) = (work.join("debs"), work.join("out"));
    fs::create_dir_all(&debs)?;
    fs::create_dir_all(out.join("licenses"))?;
    let unpacked = match packages::fetch(plan, &debs) {
        Ok(unpacked) => unpacked,
        Err(error) => {
            // The lists may name versions that the mirror no longer has.
            packages::update().with_context(|| format!("{error:#}"))?;
            packages::fetch(plan, &debs)?
        }
    };
    let mut guest = Guest::new(&unpacked)?;
    guest.programs()?;
    guest.modules()?;
    fs::copy(guest.kernel_file("boot/vmlinuz")?, out.join("vmlinuz"))?;
    fs::write(out.join("initrd.img"), guest.pack()?)?;
    for (name, folder) in &unpacked {
        let text = folder.join("usr/share/doc").join(name).join("copyright");
        if text.is_file() {
            fs::copy(text, out.join("licenses").join(format!("{name}.txt")))?;
        }
    }
    fs::write(out.join(STAMP), note(plan))?;
    Ok(())
}

/// Puts the finished folder in the place of an older one; another run that was faster is left alone.
fn replace(made: &Path, done: &Path) -> Result<()> {
    let old = done.with_extension(format!("old.{}", std::process::id()));
    if done.exists() {
        fs::rename(done, &old).ok();
    }
    let moved = fs::rename(made, done);
    fs::remove_dir_all(&old).ok();
    match moved {
        Err(_) if is_complete(done) => Ok(()),
        moved => moved.context("could not put the demo VM in its place"),
    }
}

/// The contents of the initramfs, gathered from the unpacked packages: path → (permissions, bytes).
struct Guest<'a> {
    unpacked: &'a BTreeMap<String, PathBuf>,
    kernel: &'a Path,
    release: String,
    files: BTreeMap<String, (u32, Vec<u8>)>,
}

impl<'a> Guest<'a> {
    fn new(unpacked: &'a BTreeMap<String, PathBuf>) -> Result<Self> {
        let kernel = unpacked.iter().find(|(name, _)| name.starts_with("linux-image-"));
        let (name, folder) = kernel.context("the kernel's package was not fetched")?;
        let release = name.trim_start_matches("linux-image-").trim_end_matches("-unsigned").to_owned();
        let own = GUEST_FILES.iter().map(|(path, mode, text)| ((*path).to_owned(), (*mode, text.as_bytes().to_vec())));
        Ok(Self { unpacked, kernel: folder, release, files: own.collect() })
    }

    fn kernel_file(&self, stem: &str) -> Result<PathBuf> {
        let path = self.kernel.join(format!("{stem}-{}", self.release));
        if !path.is_file() {
            bail!("the kernel's package holds no {}", path.display());
        }
        Ok(path)
    }

    /// busybox, the agent and resize2fs.
    fn programs(&mut self) -> Result<()> {
        let busybox = self.find(BUSYBOX, &["bin/busybox", "usr/bin/busybox"])?;
        self.add("bin/busybox", 0o755, &busybox)?;
        let agent = self.find(AGENT, &["usr/sbin/qemu-ga", "usr/bin/qemu-ga"])?;
        self.program("usr/sbin/qemu-ga", &agent)?;
        let resize = self.find(E2FSPROGS, &["sbin/resize2fs", "usr/sbin/resize2fs"])?;
        self.program("usr/sbin/resize2fs", &resize)
    }

    /// A program, and the libraries that its own loader finds for it.
    fn program(&mut self, path: &str, program: &Path) -> Result<()> {
        self.add(path, 0o755, program)?;
        let folders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];
        let loader = self.find("libc6", &folders.map(|folder| format!("{folder}/ld-linux-x86-64.so.2")))?;
        let search = self.unpacked.values().flat_map(|root| folders.map(|folder| root.join(folder)));
        let search = std::env::join_paths(search.filter(|folder| folder.is_dir()))?;
        let list = packages::output(
            Command::new(&loader).args(["--inhibit-cache", "--library-path"]).arg(search).arg("--list").arg(program),
        )?;
        for line in list.lines() {
            let Some((name, found)) = line.trim().split_once(" => ") else { continue };
            let found = Path::new(found.split(" (").next().unwrap_or_default());
            if name.starts_with('/') {
                continue; // the loader itself, added below
            }
            if !self.unpacked.values().any(|root| found.starts_with(root)) {
                bail!("{path} needs {name}, which none of the fetched packages has");
            }
            self.add(&format!("lib/x86_64-linux-gnu/{name}"), 0o755, found)?;
        }
        self.add("lib64/ld-linux-x86-64.so.2", 0o755, &loader)
    }

    /// The kernel modules of [`MODULES`] as far as they are not built in, and the file that gives their order.
    fn modules(&mut self) -> Result<()> {
        let folders = ["lib/modules", "usr/lib/modules"].map(|folder| self.kernel.join(folder).join(&self.release));
        let folder = folders.into_iter().find(|folder| folder.is_dir()).context("the kernel has no modules")?;
        let built_in = fs::read_to_string(folder.join("modules.builtin")).unwrap_or_default();
        let mut order = String::new();
        for name in MODULES {
            if built_in.lines().any(|line| line.ends_with(&format!("/{name}.ko"))) {
                continue;
            }
            let found = find_module(&folder.join("kernel"), name)?;
            let path = found.with_context(|| format!("the kernel {} has no module {name}", self.release))?;
            let bytes = read_module(&path)?;
            self.files.insert(format!("lib/modules/{name}.ko"), (0o644, bytes));
            order.push_str(&format!("{name}.ko\n"));
        }
        self.files.insert("lib/modules/order".to_owned(), (0o644, order.into_bytes()));
        Ok(())
    }

    fn find(&self, package: &str, candidates: &[impl AsRef<Path>]) -> Result<PathBuf> {
        let root = self.unpacked.get(package).with_context(|| format!("{package} was not fetched"))?;
        let mut paths = candidates.iter().map(|candidate| root.join(candidate));
        paths.find(|path| path.is_file()).with_context(|| format!("{package} does not hold what is expected of it"))
    }

    fn add(&mut self, path: &str, mode: u32, from: &Path) -> Result<()> {
        let bytes = fs::read(from).with_context(|| format!("could not read {}", from.display()))?;
        self.files.insert(path.to_owned(), (mode, bytes));
        Ok(())
    }

    /// The initramfs. It is left uncompressed: it is small, and a machine without KVM boots it sooner.
    fn pack(&self) -> Result<Vec<u8>> {
        let mut archive = Archive::new();
        let parents = self.files.keys().flat_map(|path| Path::new(path).ancestors().skip(1));
        let mut folders: BTreeSet<String> = parents.map(|folder| folder.to_string_lossy().into_owned()).collect();
        folders.remove("");
        folders.extend(["dev", "proc", "sys", "tmp", "run", "root", "usr", "usr/bin", "var"].map(str::to_owned));
        for folder in &folders {
            archive.folder(folder, if folder == "tmp" { 0o1777 } else { 0o755 })?;
        }
        archive.symlink("bin/sh", "busybox")?;
        archive.symlink("var/run", "/run")?;
        for (path, (mode, bytes)) in &self.files {
            archive.file(path, *mode, bytes)?;
        }
        archive.finish()
    }
}

/// Looks for `NAME.ko`, plain or packed by xz, below `folder`.
fn find_module(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let (plain, packed) = (format!("{name}.ko"), format!("{name}.ko.xz"));
    for entry in fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find_module(&path, name)? {
                return Ok(Some(found));
            }
        } else if path.file_name().is_some_and(|file| *file == *plain || *file == *packed) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn read_module(path: &Path) -> Result<Vec<u8>> {
    if path.extension().is_none_or(|extension| extension != "xz") {
        return Ok(fs::read(path)?);
    }
    let answer = Command::new("xz").arg("-dc").arg(path).output().context("could not run xz (package xz-utils)")?;
    if !answer.status.success() {
        bail!("xz could not unpack {}", path.display());
    }
    Ok(answer.stdout)
}

//! The words in which the stories are told.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cairn_block::{BlockDevice, memory::MemoryDevice};
use cairn_ext4::{Attributes, Filesystem, FormatOptions, Mode, Timestamp};
use tempfile::TempDir;

pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;

/// A device in memory with a new filesystem.
pub(crate) fn new_volume(bytes: u64) -> Arc<MemoryDevice> {
    let device = Arc::new(MemoryDevice::new(bytes));
    cairn_ext4::format(&*device, &options()).expect("format");
    device
}

pub(crate) fn options() -> FormatOptions {
    FormatOptions {
        label: "story".into(),
        uuid: *b"0123456789abcdef",
        hash_seed: *b"fedcba9876543210",
        now: Timestamp::now(),
    }
}

pub(crate) fn open(device: &Arc<MemoryDevice>, mode: Mode) -> Filesystem {
    Filesystem::open(Arc::clone(device) as Arc<dyn BlockDevice>, mode).expect("open")
}

pub(crate) fn writable(device: &Arc<MemoryDevice>) -> Filesystem {
    open(device, Mode::ReadWrite)
}

pub(crate) fn readable(device: &Arc<MemoryDevice>) -> Filesystem {
    open(device, Mode::ReadOnly)
}

pub(crate) fn attributes(mode: u16) -> Attributes {
    Attributes::root(mode, Timestamp { seconds: 1_700_000_000, nanoseconds: 123_456_789 })
}

/// Pseudo-random bytes, the same for the same seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// A raw image on the disk, for outside tools.
pub(crate) struct Image {
    pub path: PathBuf,
    _dir: TempDir,
}

impl Image {
    /// The content of a device.
    pub(crate) fn of(device: &MemoryDevice) -> Self {
        let image = Self::empty();
        device.save(&image.path).expect("save the image");
        image
    }

    pub(crate) fn empty() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { path: dir.path().join("volume.img"), _dir: dir }
    }

    /// A filesystem made by mke2fs.
    pub(crate) fn mke2fs(size: &str, arguments: &[&str]) -> Self {
        let image = Self::empty();
        let path = image.path.to_str().expect("a path in UTF-8");
        let kind = if arguments.contains(&"-t") { &[][..] } else { &["-t", "ext4"] };
        run("mke2fs", &[&["-q", "-F"], kind, arguments, &[path, size]].concat());
        image
    }

    pub(crate) fn device(&self) -> Arc<MemoryDevice> {
        Arc::new(MemoryDevice::load(&self.path).expect("load the image"))
    }

    /// Makes the image longer; what is new are zeros.
    pub(crate) fn enlarge(&self, bytes: u64) {
        let file = std::fs::OpenOptions::new().write(true).open(&self.path).expect("open the image");
        file.set_len(bytes).expect("enlarge the image");
    }

    /// What debugfs prints for a command.
    pub(crate) fn debugfs(&self, command: &str) -> String {
        run("debugfs", &["-R", command, self.path.to_str().expect("a path in UTF-8")])
    }

    /// Has debugfs change the image.
    pub(crate) fn debugfs_write(&self, commands: &str) {
        let script = self.path.with_extension("commands");
        std::fs::write(&script, commands).expect("write the commands");
        let (script, image) = (script.to_str().expect("UTF-8"), self.path.to_str().expect("UTF-8"));
        run("debugfs", &["-w", "-f", script, image]);
    }

    /// The bytes of a file, as debugfs sees it.
    pub(crate) fn dump(&self, path: &str) -> Vec<u8> {
        let out = self.path.with_extension("dump");
        self.debugfs(&format!("dump {path} {}", out.display()));
        std::fs::read(&out).expect("read what debugfs dumped")
    }

    /// Neither e2fsck nor our own check finds anything to say.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        if let Some(said) = self.complaint() {
            panic!("e2fsck is not content:\n{said}");
        }
        let len = std::fs::metadata(&self.path).expect("stat").len();
        if len <= VERIFIED {
            verify_clean(self.device());
        }
    }

    /// What e2fsck finds wrong, looking only.
    pub(crate) fn complaint(&self) -> Option<String> {
        let (code, said) = self.e2fsck("-n");
        (code != Some(0)).then_some(said)
    }

    /// Runs e2fsck in full: its exit code, and what it said.
    pub(crate) fn e2fsck(&self, how: &str) -> (Option<i32>, String) {
        // A tree of extents that could be shorter is right: it is to be judged as it is.
        let how = ["-f", how, "-E", "no_optimize_extents"];
        let output = Command::new(tool("e2fsck")).args(how).arg(&self.path).output().expect("e2fsck starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Images up to this length are read into memory, so that our own check can look at them, too.
const VERIFIED: u64 = 200 * MIB;

#[track_caller]
fn verify_clean(device: Arc<MemoryDevice>) {
    let verdict = cairn_ext4::verify(device).expect("verify");
    assert!(verdict.is_clean(), "e2fsck is content, verify is not: {:#?}", verdict.findings);
}

/// Neither e2fsck nor our own check finds anything to say about a device's content.
#[track_caller]
pub(crate) fn assert_clean(device: &MemoryDevice) {
    Image::of(device).assert_clean();
}

/// Where a tool of e2fsprogs is: often not on an ordinary user's PATH.
pub(crate) fn tool(name: &str) -> PathBuf {
    let sbin = Path::new("/usr/sbin").join(name);
    if sbin.exists() { sbin } else { name.into() }
}

/// Runs a tool that has to succeed; what it printed.
#[track_caller]
pub(crate) fn run(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool(name)).args(arguments).output().expect("the tool starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {said}\n{error}");
    said
}

/// Whether the searches run whole, see `cargo xtask nightly`.
pub(crate) fn is_nightly() -> bool {
    number("CAIRN_NIGHTLY") == Some(1)
}

/// A number from the environment: how a failing case is run again.
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

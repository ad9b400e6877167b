//! Disk images that other programs have made, to be copied from: qemu-img reads them in a process of its own. An image
//! is untrusted: its format is told by its first bytes, and one that refers to another file is refused before QEMU
//! opens that. Knows no machines.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::disk::path_for_qemu;
use crate::disk_image::{first_bytes, judge_qcow2, number, qemu_img};
use crate::error::{Error, ErrorKind, Result};

/// Looking at an image takes milliseconds; one that takes longer is made to.
const LOOK: Duration = Duration::from_secs(30);
/// Of what is wrong so much is told.
const SHOWN: u64 = 2000;
/// The largest part that is read into memory.
const MOST_READ: u64 = 4 << 20;

/// In which format an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// QEMU's own.
    Qcow2,
    /// The bytes as they are.
    Raw,
    /// VMware's, in one file.
    Vmdk,
    /// VirtualBox's.
    Vdi,
    /// Hyper-V's.
    Vhdx,
}

impl ForeignFormat {
    /// Its name, as QEMU has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Raw => "raw",
            Self::Vmdk => "vmdk",
            Self::Vdi => "vdi",
            Self::Vhdx => "vhdx",
        }
    }
}

/// An image that stands on no other file.
#[derive(Clone, Debug)]
pub struct ForeignImage {
    path: PathBuf,
    format: ForeignFormat,
    virtual_size: u64,
}

impl ForeignImage {
    /// Looks at an image.
    ///
    /// # Errors
    /// `Invalid` for what is no image, is in a format that is not read, or refers to other files; `ImageLocked` when
    /// another program writes it; `Refused` with qemu-img's reason; `QemuMissing`, `Timeout`, `Io`.
    pub async fn open(path: &Path) -> Result<Self> {
        let opened = path.to_owned();
        let judged = tokio::task::spawn_blocking(move || judge(&opened)).await;
        let format = judged.map_err(|error| Error::new(ErrorKind::Io, format!("look at the image: {error}")))??;
        let mut image = Self { path: path.to_owned(), format, virtual_size: 0 };
        image.virtual_size = image.look().await?;
        if image.virtual_size == 0 {
            return Err(invalid(path, "it is empty"));
        }
        Ok(image)
    }

    /// In which format it is.
    #[must_use]
    pub fn format(&self) -> ForeignFormat {
        self.format
    }

    /// Size of the disk that it shows, in bytes.
    #[must_use]
    pub fn virtual_size(&self) -> u64 {
        self.virtual_size
    }

    /// Bytes of the disk: at most 4 MiB, and fewer at its end. `scratch` is a file that may be made and removed.
    ///
    /// # Errors
    /// As for [`convert`](Self::convert).
    pub async fn read(&self, range: Range<u64>, scratch: &Path) -> Result<Vec<u8>> {
        let end = range.end.min(self.virtual_size).min(range.start.saturating_add(MOST_READ));
        if range.start >= end {
            return Ok(Vec::new());
        }
        let mut command = qemu_img().await?;
        command.args(["convert", "-O", "raw"]).arg(self.source(&(range.start..end))?).arg(path_for_qemu(scratch)?);
        let ran = tokio::time::timeout(LOOK, run(command, |_| ())).await;
        let bytes = ran
            .map_err(|_| Error::new(ErrorKind::Timeout, "qemu-img did not end within 30 seconds"))
            .flatten()
            .and_then(|_| std::fs::read(scratch).map_err(|e| Error::io("read what qemu-img wrote", e)));
        // It may not be there.
        let _ = std::fs::remove_file(scratch);
        bytes
    }

    /// Copies a part of the disk to the beginning of the qcow2 image at `target`, which is at least as long and shows
    /// nothing but zeros; what is zero here is left out. Told how much is done, in percent. Dropping this ends it.
    ///
    /// # Errors
    /// `Refused` with qemu-img's reason; `QemuMissing`, `Io`.
    pub async fn convert(&self, range: Range<u64>, target: &Path, progress: impl FnMut(f64)) -> Result<()> {
        let mut command = qemu_img().await?;
        command.args(["convert", "-p", "-n", "--target-is-zero", "-O", "qcow2"]);
        command.arg(self.source(&range)?).arg(path_for_qemu(target)?);
        run(command, progress).await.map(drop)
    }

    /// How QEMU is told to open a part of the disk, and nothing else.
    fn source(&self, range: &Range<u64>) -> Result<String> {
        let file = json!({ "driver": "file", "filename": path_for_qemu(&self.path)? });
        let mut node = json!({ "driver": self.format.as_str(), "file": file });
        if matches!(self.format, ForeignFormat::Qcow2 | ForeignFormat::Vmdk) {
            node["backing"] = Value::Null;
        }
        if *range != (0..self.virtual_size) {
            let size = range.end.saturating_sub(range.start);
            node = json!({ "driver": "raw", "offset": range.start, "size": size, "file": node });
        }
        Ok(format!("json:{node}"))
    }

    /// What qemu-img says of it; answers with the disk's size.
    async fn look(&self) -> Result<u64> {
        let mut command = qemu_img().await?;
        command.args(["info", "--output=json", "-f", self.format.as_str()]).arg(path_for_qemu(&self.path)?);
        let looked = tokio::time::timeout(LOOK, run(command, |_| ())).await;
        let text =
            looked.map_err(|_| Error::new(ErrorKind::Timeout, "qemu-img did not end within 30 seconds")).flatten()?;
        let told: Value = serde_json::from_slice(&text)
            .map_err(|error| Error::new(ErrorKind::Io, format!("qemu-img's answer is not understood: {error}")))?;
        if let Some(name) = told["backing-filename"].as_str() {
            return Err(invalid(&self.path, &format!("it stands on another file, {name:?}")));
        }
        if told["encrypted"].as_bool() == Some(true) {
            return Err(invalid(&self.path, "it is encrypted, which Cairn does not do"));
        }
        let extents = told["format-specific"]["data"]["extents"].as_array();
        if self.format == ForeignFormat::Vmdk && extents.is_none_or(|extents| extents.len() != 1) {
            return Err(invalid(&self.path, "its data are in other files"));
        }
        told["virtual-size"].as_u64().ok_or_else(|| invalid(&self.path, "qemu-img does not say how large it is"))
    }
}

/// The format, by the first bytes; or why it is not read.
fn judge(path: &Path) -> Result<ForeignFormat> {
    let cannot = |error| Error::io(format!("read the image {}", path.display()), error);
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(invalid(path, "it is not a file"));
    }
    let bytes = std::fs::File::open(path).and_then(first_bytes).map_err(cannot)?;
    let has = |magic: &[u8], at: usize| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    let why = if has(b"QFI\xfb", 0) {
        return judge_qcow2(&bytes).map(|()| ForeignFormat::Qcow2).map_err(|why| invalid(path, &why));
    } else if has(b"KDMV", 0) {
        // Sectors that it says to have; none when its descriptor names other files.
        if number_le(&bytes, 12) != 0 {
            return Ok(ForeignFormat::Vmdk);
        }
        "its data are in other files"
    } else if has(b"COWD", 0) || has(b"# Disk DescriptorFile", 0) {
        "it is a VMware image of several files. Make one of it: qemu-img convert -f vmdk -O qcow2 IMAGE NEW.qcow2"
    } else if has(&[0x7f, 0x10, 0xda, 0xbe], 64) {
        return Ok(ForeignFormat::Vdi);
    } else if has(b"vhdxfile", 0) {
        return Ok(ForeignFormat::Vhdx);
    } else if has(b"conectix", 0) {
        "it is in the format vpc. Convert it: qemu-img convert -f vpc -O qcow2 IMAGE NEW.qcow2"
    } else if has(b"QED\0", 0) {
        "it is in the format qed. Convert it: qemu-img convert -f qed -O qcow2 IMAGE NEW.qcow2"
    } else {
        return Ok(ForeignFormat::Raw);
    };
    Err(invalid(path, why))
}

fn number_le(bytes: &[u8], at: usize) -> u64 {
    number(&bytes.get(at..at + 8).unwrap_or_default().iter().rev().copied().collect::<Vec<u8>>(), 0, 8)
}

/// Runs qemu-img to its end; `progress` is told what it says of that. Answers with what it printed beside.
async fn run(mut command: Command, mut progress: impl FnMut(f64)) -> Result<Vec<u8>> {
    let failed = |error| Error::io("run qemu-img", error);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let said = async {
        let mut said = Vec::new();
        if let Some(mut stdout) = stdout {
            let mut piece = [0; 4096];
            loop {
                let count = stdout.read(&mut piece).await?;
                let piece = piece.get(..count).unwrap_or_default();
                if let Some(percent) = percent(piece) {
                    progress(percent);
                } else {
                    said.extend_from_slice(piece);
                }
                if count == 0 {
                    return Ok::<_, std::io::Error>(said);
                }
            }
        }
        Ok(said)
    };
    let complained = async {
        let mut words = Vec::new();
        if let Some(stderr) = stderr {
            stderr.take(SHOWN).read_to_end(&mut words).await?;
        }
        Ok::<_, std::io::Error>(words)
    };
    let (said, words) = tokio::try_join!(said, complained).map_err(failed)?;
    if child.wait().await.map_err(failed)?.success() {
        return Ok(said);
    }
    let words = String::from_utf8_lossy(&words);
    let words = words.trim().trim_start_matches("qemu-img: ").trim_end_matches('.').to_owned();
    let kind = if words.contains("lock") { ErrorKind::ImageLocked } else { ErrorKind::Refused };
    Err(Error::new(kind, words))
}

/// The last of "    (12.34/100%)\r" in what it prints.
fn percent(piece: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(piece).ok()?;
    let number = text.rsplit_once("/100%)")?.0.rsplit_once('(')?.1;
    number.trim().parse().ok()
}

fn invalid(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("{} cannot be read as a disk: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(arguments: &[&str], folder: &Path) {
        let output = std::process::Command::new("qemu-img").args(arguments).current_dir(folder).output().expect("run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    #[tokio::test]
    async fn every_format_is_told_read_and_copied() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        let mut bytes = vec![0; 3 << 20];
        bytes[1 << 20..][..8].copy_from_slice(b"in a new");
        std::fs::write(path("raw"), &bytes).expect("write");
        for (name, format) in [
            ("raw", ForeignFormat::Raw),
            ("qcow2", ForeignFormat::Qcow2),
            ("vmdk", ForeignFormat::Vmdk),
            ("vdi", ForeignFormat::Vdi),
            ("vhdx", ForeignFormat::Vhdx),
        ] {
            if name != "raw" {
                tool(&["convert", "-f", "raw", "-O", name, "raw", name], folder.path());
            }
            let image = ForeignImage::open(&path(name)).await.expect(name);
            assert_eq!((image.format(), image.virtual_size() >= 3 << 20), (format, true), "{name}");
            let read = image.read(1 << 20..(1 << 20) + 512, &path("scratch")).await.expect(name);
            assert_eq!(&read[..8], b"in a new", "{name}");
            assert!(!path("scratch").exists());
            // The second MiB, to the beginning of a longer disk.
            tool(&["create", "-q", "-f", "qcow2", "target", "8M"], folder.path());
            let mut told = 0.0;
            image.convert(1 << 20..2 << 20, &path("target"), |percent| told = percent).await.expect(name);
            assert!(told > 99.0, "{name}: {told}");
            let copy = ForeignImage::open(&path("target")).await.expect("open");
            assert_eq!(&copy.read(0..512, &path("scratch")).await.expect("read")[..8], b"in a new");
        }
    }

    #[tokio::test]
    async fn what_refers_to_other_files_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        tool(&["create", "-q", "-f", "qcow2", "base", "3M"], folder.path());
        tool(&["create", "-q", "-f", "qcow2", "-b", "base", "-F", "qcow2", "over"], folder.path());
        tool(&["create", "-q", "-f", "vmdk", "base.vmdk", "3M"], folder.path());
        tool(&["create", "-q", "-f", "vmdk", "-b", "base.vmdk", "-F", "vmdk", "over.vmdk"], folder.path());
        tool(&["create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", "flat.vmdk", "3M"], folder.path());
        tool(&["create", "-q", "-f", "qcow2", "-o", "data_file=outside", "data", "3M"], folder.path());
        tool(&["create", "-q", "-f", "vpc", "old.vhd", "3M"], folder.path());
        // A sparse header whose descriptor, inside of it, would be followed to other files.
        let mut sly = std::fs::read(path("base.vmdk")).expect("read");
        sly[12..20].fill(0);
        std::fs::write(path("sly.vmdk"), sly).expect("write");
        std::fs::write(path("empty"), "").expect("write");
        for (name, word) in [
            ("over", "another file"),
            ("over.vmdk", "another file"),
            ("flat.vmdk", "several files"),
            ("sly.vmdk", "other files"),
            ("data", "another file"),
            ("old.vhd", "-f vpc"),
            ("empty", "empty"),
            (".", "not a file"),
        ] {
            let error = ForeignImage::open(&path(name)).await.expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
            assert!(error.to_string().contains(word), "{name}: {error}");
        }
    }
}

//! Disk images that somebody gives us to boot, and overlays on them. An image is untrusted: its format is told by its
//! first bytes, never guessed by QEMU, and one that refers to other files is refused before QEMU opens it. Knows no
//! machines.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::disk::path_for_qemu;
use crate::error::{Error, ErrorKind, Result};
use crate::qemu::find_program;

/// Looking at an image takes milliseconds; one that takes longer is made to.
const LOOK: Duration = Duration::from_secs(30);
/// What of an image's beginning is looked at: up to the first descriptor of an ISO 9660 filesystem.
const BEGINNING: usize = 0x8006;
/// How much of a name in an image is shown.
const SHOWN_NAME: usize = 200;

/// A format in which QEMU is told to read a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskFormat {
    /// QEMU's own format.
    Qcow2,
    /// The bytes as they are.
    Raw,
}

impl DiskFormat {
    fn as_str(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Raw => "raw",
        }
    }
}

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskImage {
    /// How it is to be read.
    pub format: DiskFormat,
    /// Whether it is a CD: it holds an ISO 9660 filesystem.
    pub is_iso: bool,
    /// Size of the disk that it shows, in bytes.
    pub virtual_size: u64,
}

/// Looks at an image that somebody wants to boot.
///
/// # Errors
/// `Invalid` for what is no image, is in another format, or refers to other files; `ImageLocked` when another program
/// writes it; `QemuMissing`, `Timeout`, `Io`.
pub async fn inspect_image(path: &Path) -> Result<DiskImage> {
    let opened = path.to_owned();
    let looked = tokio::task::spawn_blocking(move || beginning(&opened)).await;
    let bytes =
        looked.map_err(|error| Error::new(ErrorKind::Io, format!("could not look at the image: {error}")))??;
    let (format, is_iso) = judge(&bytes).map_err(|why| invalid(path, &why))?;
    let size = virtual_size(path, format).await?;
    if size == 0 {
        return Err(invalid(path, "it is empty"));
    }
    Ok(DiskImage { format, is_iso, virtual_size: size })
}

/// Makes an empty qcow2 file of `virtual_size` bytes at `path`, which must be new. `backing` is what its header names
/// as what it stands on, for other tools; it is not opened.
///
/// # Errors
/// `QemuMissing`, `Refused` with qemu-img's reason, `Invalid`, `Timeout`.
pub async fn create_overlay(path: &Path, backing: Option<(&str, DiskFormat)>, virtual_size: u64) -> Result<()> {
    let mut command = qemu_img().await?;
    command.args(["create", "-q", "-f", "qcow2", "-o", "compat=1.1,cluster_size=128k,extended_l2=on"]);
    if let Some((name, format)) = backing {
        command.args(["-u", "-b", name, "-F", format.as_str()]);
    }
    command.arg(path_for_qemu(path)?).arg(virtual_size.to_string());
    run(command, path).await.map(drop)
}

fn beginning(path: &Path) -> Result<Vec<u8>> {
    let cannot = |error| Error::io(format!("read the image {}", path.display()), error);
    let kind = std::fs::metadata(path).map_err(cannot)?;
    if !kind.is_file() {
        return Err(invalid(path, "it is not a file"));
    }
    std::fs::File::open(path).and_then(first_bytes).map_err(cannot)
}

/// The bytes of an image by which it is judged; those of a qcow2 file with the name of what it stands on, if it has one.
pub(crate) fn first_bytes(mut file: std::fs::File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.by_ref().take(BEGINNING as u64).read_to_end(&mut bytes)?;
    if bytes.starts_with(b"QFI\xfb") { with_backing_name(file, bytes) } else { Ok(bytes) }
}

/// The beginning of a qcow2 file, with the name of what it stands on in it if it has one, wherever that lies.
fn with_backing_name(mut file: std::fs::File, mut bytes: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let (offset, length) = (number(&bytes, 8, 8), number(&bytes, 16, 4));
    if offset != 0 {
        bytes.truncate(BEGINNING);
        bytes.resize(BEGINNING, 0);
        file.seek(SeekFrom::Start(offset))?;
        file.take(length.min(SHOWN_NAME as u64)).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The format, and whether it is a CD; or why it is not booted.
fn judge(bytes: &[u8]) -> std::result::Result<(DiskFormat, bool), String> {
    if bytes.starts_with(b"QFI\xfb") {
        return judge_qcow2(bytes).map(|()| (DiskFormat::Qcow2, false));
    }
    let others: [(&[u8], usize, &str); 7] = [
        (b"KDMV", 0, "vmdk"),
        (b"COWD", 0, "vmdk"),
        (b"# Disk DescriptorFile", 0, "vmdk"),
        (b"vhdxfile", 0, "vhdx"),
        (b"conectix", 0, "vpc"),
        (&[0x7f, 0x10, 0xda, 0xbe], 64, "vdi"),
        (b"QED\0", 0, "qed"),
    ];
    let has = |magic: &[u8], at: usize| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if let Some((_, _, name)) = others.iter().find(|(magic, at, _)| has(magic, *at)) {
        return Err(format!(
            "it is in the format {name}. Convert it: qemu-img convert -f {name} -O qcow2 IMAGE NEW.qcow2"
        ));
    }
    Ok((DiskFormat::Raw, has(b"CD001", 0x8001)))
}

/// QEMU's `docs/interop/qcow2`: the header.
pub(crate) fn judge_qcow2(bytes: &[u8]) -> std::result::Result<(), String> {
    const CORRUPT: u64 = 1 << 1;
    const EXTERNAL_DATA: u64 = 1 << 2;
    let flatten = "Make one of its own: qemu-img convert -O qcow2 IMAGE NEW.qcow2";
    let version = number(bytes, 4, 4);
    let features = if version >= 3 { number(bytes, 72, 8) } else { 0 };
    if !(2..=3).contains(&version) {
        return Err(format!("its qcow2 version {version} is not known"));
    }
    if number(bytes, 8, 8) != 0 {
        let name = String::from_utf8_lossy(bytes.get(BEGINNING..).unwrap_or_default()).into_owned();
        return Err(format!("it stands on another file, {name:?}, and would not be whole without it. {flatten}"));
    }
    if features & EXTERNAL_DATA != 0 {
        return Err(format!("its data are in another file. {flatten}"));
    }
    if number(bytes, 32, 4) != 0 {
        return Err("it is encrypted, which Cairn does not do".to_owned());
    }
    if features & CORRUPT != 0 {
        return Err("QEMU has marked it as damaged. Look at it: qemu-img check IMAGE".to_owned());
    }
    Ok(())
}

/// A big-endian number, 0 beyond the end.
pub(crate) fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let field = bytes.get(at..at + length).unwrap_or_default();
    field.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

async fn virtual_size(path: &Path, format: DiskFormat) -> Result<u64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Answer {
        virtual_size: u64,
        backing_filename: Option<String>,
    }
    let mut command = qemu_img().await?;
    command.args(["info", "--output=json", "-f", format.as_str()]).arg(path_for_qemu(path)?);
    let text = run(command, path).await?;
    let answer: Answer = serde_json::from_slice(&text)
        .map_err(|error| Error::new(ErrorKind::Io, format!("qemu-img's answer is not understood: {error}")))?;
    match answer.backing_filename {
        Some(name) => Err(invalid(path, &format!("it stands on another file, {name:?}"))),
        None => Ok(answer.virtual_size),
    }
}

pub(crate) async fn qemu_img() -> Result<Command> {
    let found = tokio::task::spawn_blocking(|| find_program("qemu-img", "qemu-utils")).await;
    let program =
        found.map_err(|error| Error::new(ErrorKind::Io, format!("could not look for qemu-img: {error}")))??;
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

async fn run(mut command: Command, path: &Path) -> Result<Vec<u8>> {
    let output = tokio::time::timeout(LOOK, command.output()).await.map_err(|_| {
        let message = format!("qemu-img did not end within {} seconds on {}", LOOK.as_secs(), path.display());
        Error::new(ErrorKind::Timeout, message)
    })?;
    let output = output.map_err(|error| Error::io("run qemu-img", error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let words = words.trim().trim_start_matches("qemu-img: ").trim_end_matches('.').to_owned();
    let kind = if words.contains("lock") { ErrorKind::ImageLocked } else { ErrorKind::Refused };
    Err(Error::new(kind, words))
}

fn invalid(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("{} cannot be booted: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qemu_img(arguments: &[&str], folder: &Path) {
        let output = std::process::Command::new("qemu-img").args(arguments).current_dir(folder).output().expect("run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    #[tokio::test]
    async fn images_are_told_by_what_is_in_them() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        qemu_img(&["create", "-q", "-f", "qcow2", "a.img", "3M"], folder.path());
        qemu_img(&["create", "-q", "-f", "qcow2", "-o", "compat=0.10", "b.img", "3M"], folder.path());
        std::fs::write(path("c.qcow2"), vec![7; 1 << 20]).expect("write");
        let mut iso = vec![0; 64 << 10];
        iso[0x8001..0x8006].copy_from_slice(b"CD001");
        std::fs::write(path("d.qcow2"), iso).expect("write");
        let expected = |format, is_iso, virtual_size| DiskImage { format, is_iso, virtual_size };
        for (name, image) in [
            ("a.img", expected(DiskFormat::Qcow2, false, 3 << 20)),
            ("b.img", expected(DiskFormat::Qcow2, false, 3 << 20)),
            ("c.qcow2", expected(DiskFormat::Raw, false, 1 << 20)),
            ("d.qcow2", expected(DiskFormat::Raw, true, 64 << 10)),
        ] {
            assert_eq!(inspect_image(&path(name)).await.expect(name), image, "{name}");
        }
    }

    #[tokio::test]
    async fn an_image_that_needs_other_files_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        qemu_img(&["create", "-q", "-f", "qcow2", "base", "3M"], folder.path());
        qemu_img(&["create", "-q", "-f", "qcow2", "-b", "base", "-F", "qcow2", "over"], folder.path());
        qemu_img(&["create", "-q", "-f", "qcow2", "-o", "data_file=outside", "data", "3M"], folder.path());
        qemu_img(&["create", "-q", "-f", "vmdk", "foreign", "3M"], folder.path());
        std::fs::write(path("empty"), "").expect("write");
        std::fs::write(path("torn"), b"QFI\xfb\0\0\0\x03").expect("write");
        for (name, word) in [
            ("over", "\"base\""),
            ("data", "another file"),
            ("foreign", "-f vmdk"),
            ("empty", "empty"),
            (".", "not a file"),
        ] {
            let error = inspect_image(&path(name)).await.expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
            assert!(error.to_string().contains(word), "{name}: {error}");
        }
        assert_eq!(inspect_image(&path("torn")).await.expect_err("torn").kind(), ErrorKind::Refused);
        assert_eq!(inspect_image(&path("none")).await.expect_err("none").kind(), ErrorKind::Io);
    }
}

//! The shell scripts that mount, unmount and look inside a guest, and what their output means.
//!
//! They are plain POSIX shell, get everything as arguments and print one fact a line. What they print comes from the
//! guest and is untrusted: it is only shown or compared. Knows no sockets.

use crate::agent::ExecOutput;
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Holder};
use crate::machine::GuestChange;
use crate::mount_options::MountOptions;
use crate::mount_path::{MountPath, unescape};

const COMMON: &str = include_str!("guest/common.sh");
const MOUNT: &str = include_str!("guest/mount.sh");
const UNMOUNT: &str = include_str!("guest/unmount.sh");
const LOOK: &str = include_str!("guest/look.sh");
const WRITE_BACK: &str = include_str!("guest/write_back.sh");
const MOUNTS_OF: &str = include_str!("guest/mounts_of.sh");
const GROW: &str = include_str!("guest/grow.sh");
const INSIDE: &str = include_str!("guest/inside.sh");
const DELETE: &str = include_str!("guest/delete.sh");
const MKDIR: &str = include_str!("guest/mkdir.sh");
const RENAME: &str = include_str!("guest/rename.sh");
const PUT: &str = include_str!("guest/put.sh");

/// The unmount script's exit code for a filesystem or disk that is in use.
const IN_USE: i32 = 75;

/// A filesystem of one of the machine's disks, mounted inside the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestMount {
    /// Serial of the disk.
    pub serial: String,
    /// Where it is mounted, as the guest says.
    pub mount_path: String,
    /// Whether the guest mounted it read-only.
    pub read_only: bool,
}

/// The command that mounts the disk; it waits about 20 seconds for the disk to appear.
pub(crate) fn mount(serial: &Serial, path: &MountPath, options: &MountOptions) -> Vec<String> {
    command(MOUNT, &[serial.as_str(), path.as_str(), &path.escaped(), options.as_str()])
}

/// The command that ends a program.
pub(crate) fn end(pid: i64) -> Vec<String> {
    command("kill \"$1\"", &[&pid.to_string()])
}

/// Whether the mount script had to skip the journal's replay.
pub(crate) fn mounted_without_journal(output: &ExecOutput) -> bool {
    lines(&output.stdout).any(|line| line == "noload")
}

/// What the mount script has seen of a disk that it has mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// What the guest calls it, such as `vda`.
    disk: String,
    /// The number of its device, such as `253:0`.
    pub(crate) number: String,
}

impl Shown {
    /// What is there in the guest as long as the disk is mounted anywhere.
    pub(crate) fn everywhere(&self) -> String {
        format!("/sys/fs/ext4/{}", self.disk)
    }
}

/// What the mount script has seen, where the guest's kernel shows it.
pub(crate) fn shown(output: &ExecOutput) -> Option<Shown> {
    let line = lines(&output.stdout).find_map(|line| Some(line.strip_prefix("shown ")?.to_owned()))?;
    let (disk, number) = line.split_once(' ')?;
    let is_name = !disk.is_empty() && disk.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| Shown { disk: disk.to_owned(), number: number.to_owned() })
}

/// The number of the device that is mounted at `path`, in what proc(5) calls mountinfo.
pub(crate) fn mounted_at(mountinfo: &[u8], path: &MountPath) -> Option<String> {
    let place = path.escaped();
    let at = |line: String| {
        let (device, found, _) = mountinfo_fields(&line)?;
        (found == place).then(|| device.to_owned())
    };
    // Of two mounts at one path the upper comes later.
    lines(mountinfo).filter_map(at).last()
}

/// Device, place and options of a line of what proc(5) calls mountinfo: id, parent, device, root, place, options, …
fn mountinfo_fields(line: &str) -> Option<(&str, &str, &str)> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [_, _, device, _, place, options, ..] = fields[..] else { return None };
    Some((device, place, options))
}

/// The command that unmounts the disk.
pub(crate) fn unmount(serial: &Serial, path: &MountPath) -> Vec<String> {
    command(UNMOUNT, &[serial.as_str(), path.as_str(), &path.escaped(), "whole"])
}

/// The command that takes the disk's filesystem out of the guest's tree, also when it is in use.
pub(crate) fn unmount_lazily(serial: &Serial, path: &MountPath) -> Vec<String> {
    command(UNMOUNT, &[serial.as_str(), path.as_str(), &path.escaped(), "lazy"])
}

/// The command that lets the filesystem on the disk grow when the disk has so many bytes.
pub(crate) fn grow(serial: &Serial, bytes: u64) -> Vec<String> {
    command(GROW, &[serial.as_str(), &(bytes / 512).to_string()])
}

/// The command that changes files of a mounted disk.
pub(crate) fn change(serial: &Serial, path: &MountPath, change: &GuestChange) -> Vec<String> {
    let (script, more): (&str, Vec<&str>) = match change {
        GuestChange::Delete { paths, recursive } => {
            let how = if *recursive { "all" } else { "empty" };
            (DELETE, [how].into_iter().chain(paths.iter().map(String::as_str)).collect())
        }
        GuestChange::MakeFolder { path } => (MKDIR, vec![path]),
        GuestChange::Rename { from, to } => (RENAME, vec![from, to]),
        GuestChange::Put { from, staging } => (PUT, vec![from, staging]),
    };
    let escaped = path.escaped();
    let arguments: Vec<&str> = [serial.as_str(), path.as_str(), &escaped].into_iter().chain(more).collect();
    command(&format!("{INSIDE}\n{script}"), &arguments)
}

/// The command that writes back what the guest holds of the filesystems at `paths`.
pub(crate) fn write_back(paths: &[&MountPath]) -> Vec<String> {
    let arguments: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    command(WRITE_BACK, &arguments)
}

/// The command that lists where filesystems on the disk are mounted that can be frozen.
pub(crate) fn mounts_of(serial: &Serial) -> Vec<String> {
    command(MOUNTS_OF, &[serial.as_str()])
}

/// What that command printed.
pub(crate) fn places(output: &ExecOutput) -> Vec<MountPath> {
    lines(&output.stdout).filter(|line| !line.is_empty()).map(|line| MountPath::seen(&unescape(&line))).collect()
}

/// What the unmount script's failure means.
pub(crate) fn unmount_failure(path: &MountPath, output: &ExecOutput) -> Error {
    if output.exit_code != IN_USE {
        return failure(&format!("could not unmount {path} in the guest"), output);
    }
    let (mut holders, mut places, mut is_open) = (Vec::new(), Vec::new(), false);
    for line in lines(&output.stdout) {
        is_open |= line == "open";
        match line.split_once(' ') {
            Some(("holder", rest)) => holders.extend(holder(rest)),
            Some(("inside" | "elsewhere", place)) => places.push(unescape(place)),
            _ => {}
        }
    }
    let mut reasons: Vec<String> =
        holders.iter().map(|holder| format!("{} (process {})", holder.name, holder.pid)).collect();
    reasons.extend(places.iter().map(|place| format!("the mount at {place}")));
    let message = if is_open {
        format!(
            "the volume of {path} is mounted nowhere in the guest any more, but files of it are still open there. End what \
             has them open, then unmount again"
        )
    } else if reasons.is_empty() {
        format!("{path} is in use in the guest, which does not say by what: perhaps a swap file or a loop device on it")
    } else {
        let reasons = reasons.join(", ");
        format!("{path} is in use in the guest by {reasons}. End that in the guest, then unmount again")
    };
    Error::new(ErrorKind::Busy, message).held_by(holders)
}

/// The command that lists disks and mounts.
pub(crate) fn look() -> Vec<String> {
    command(LOOK, &[])
}

/// The mounts of disks with a serial among what the look script printed; of two mounts at one path the upper.
pub(crate) fn mounts(output: &ExecOutput) -> Vec<GuestMount> {
    let mut disks = Vec::new();
    let mut mounts: Vec<GuestMount> = Vec::new();
    for line in lines(&output.stdout) {
        if let Some((device, serial)) = line.strip_prefix("disk ").and_then(|rest| rest.split_once(' ')) {
            disks.push((device.to_owned(), serial.to_owned()));
            continue;
        }
        let Some((device, place, options)) = mountinfo_fields(&line) else { continue };
        let mount_path = unescape(place);
        mounts.retain(|mount| mount.mount_path != mount_path);
        if let Some((_, serial)) = disks.iter().find(|(number, _)| number == device) {
            let read_only = options.split(',').any(|option| option == "ro");
            mounts.push(GuestMount { serial: serial.clone(), mount_path, read_only });
        }
    }
    mounts
}

/// A failed program's own words behind `what`.
pub(crate) fn failure(what: &str, output: &ExecOutput) -> Error {
    let words = String::from_utf8_lossy(&output.stderr);
    let words: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).take(6).collect();
    let words = words.join("; ");
    let reason = if words.is_empty() { format!("it ended with code {}", output.exit_code) } else { words };
    Error::new(ErrorKind::Guest, format!("{what}: {}", reason.trim_end_matches('.')))
}

fn command(script: &str, arguments: &[&str]) -> Vec<String> {
    let fixed = ["/bin/sh".to_owned(), "-c".to_owned(), format!("{COMMON}\n{script}"), "cairn".to_owned()];
    fixed.into_iter().chain(arguments.iter().map(|argument| (*argument).to_owned())).collect()
}

fn holder(text: &str) -> Option<Holder> {
    let (pid, name) = text.split_once(' ').unwrap_or((text, ""));
    let name = if name.is_empty() { "a process that has ended meanwhile" } else { name };
    Some(Holder { pid: pid.parse().ok()?, name: name.to_owned() })
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    bytes.split(|byte| *byte == b'\n').map(|line| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(exit_code: i32, stdout: &str, stderr: &str) -> ExecOutput {
        ExecOutput { exit_code, stdout: stdout.into(), stderr: stderr.into(), truncated: false }
    }

    #[test]
    fn mounts_are_told_by_serial_and_the_upper_hides_the_lower() {
        let text = "disk 253:0 vol_a\ndisk 253:16 vol_b\n\
                    21 1 0:20 / /proc rw,relatime - proc proc rw\n\
                    30 1 253:0 / /data rw,nosuid,nodev,relatime - ext4 /dev/vda rw\n\
                    31 1 253:0 / /my\\040data ro,relatime - ext4 /dev/vda ro\n\
                    32 1 253:16 / /data rw - ext4 /dev/vdb rw\nnonsense\n";
        let mount = |serial: &str, path: &str, read_only| GuestMount {
            serial: serial.to_owned(),
            mount_path: path.to_owned(),
            read_only,
        };
        let expected = vec![mount("vol_a", "/my data", true), mount("vol_b", "/data", false)];
        assert_eq!(mounts(&output(0, text, "")), expected);
    }

    #[test]
    fn what_mounting_has_seen_is_believed_only_as_far_as_it_is_one_word() {
        let seen = shown(&output(0, "noload\nshown vda 253:0\n", "")).expect("it is told");
        assert_eq!((seen.everywhere().as_str(), seen.number.as_str()), ("/sys/fs/ext4/vda", "253:0"));
        for text in ["", "shown\n", "shown vda\n", "shown ../../etc 253:0\n", "shown  253:0\n"] {
            assert_eq!(shown(&output(0, text, "")), None, "{text}");
        }
    }

    #[test]
    fn the_upper_of_two_mounts_at_one_path_is_what_is_mounted_there() {
        let list = b"30 1 253:0 / /my\\040data rw - ext4 /dev/vda rw\n31 1 0:40 / /my\\040data rw - tmpfs none rw\n\n";
        let at = |path: &str| mounted_at(list, &MountPath::parse(path).expect("path"));
        assert_eq!(at("/my data"), Some("0:40".to_owned()));
        assert_eq!((at("/my"), at("/other")), (None, None));
    }

    #[test]
    fn a_busy_filesystem_names_its_holders() {
        let path = MountPath::parse("/data").expect("path");
        let text = "holder 12 sleep\nholder nonsense x\ninside /data/my\\040disk\nholder 99 \n";
        let error = unmount_failure(&path, &output(75, text, ""));
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_eq!(error.holders().len(), 2);
        let sentence = error.to_string();
        assert!(sentence.contains("sleep (process 12)") && sentence.contains("/data/my disk"), "{sentence}");
        let sentence = unmount_failure(&path, &output(75, "open\n", "")).to_string();
        assert!(sentence.contains("mounted nowhere") && sentence.contains("still open"), "{sentence}");
    }

    #[test]
    fn a_failure_carries_the_guests_words() {
        let path = MountPath::parse("/data").expect("path");
        let error = unmount_failure(&path, &output(65, "", "umount: no\n\nmore\n"));
        assert_eq!(error.kind(), ErrorKind::Guest);
        assert_eq!(error.to_string(), "could not unmount /data in the guest: umount: no; more");
    }
}

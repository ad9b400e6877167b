//! Where QEMU is on this computer. Knows no machines.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, ErrorKind, Result};

const PROGRAM: &str = "qemu-system-x86_64";

/// A QEMU that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QemuBinary {
    /// The program.
    pub path: PathBuf,
    /// Its version as it says, such as `10.0.2`.
    pub version: String,
}

/// Looks for QEMU in the folders of `PATH`.
///
/// # Errors
/// `QemuMissing`, saying what to install.
pub fn find_qemu() -> Result<QemuBinary> {
    find_qemu_in(&std::env::var_os("PATH").unwrap_or_default())
}

/// Looks for one of QEMU's programs in the folders of `PATH`; `package` is Debian's name for what has it.
pub(crate) fn find_program(program: &str, package: &str) -> Result<PathBuf> {
    find_program_in(program, package, &std::env::var_os("PATH").unwrap_or_default())
}

fn find_program_in(program: &str, package: &str, folders: &OsStr) -> Result<PathBuf> {
    look_for(program, folders).ok_or_else(|| {
        let message = format!(
            "QEMU is missing: there is no {program} in PATH. Install it; on Debian: \
             sudo apt-get install --no-install-recommends {package}"
        );
        Error::new(ErrorKind::QemuMissing, message)
    })
}

/// A program in a list of folders, written like `PATH`.
pub(crate) fn look_for(program: &str, folders: &OsStr) -> Option<PathBuf> {
    let candidates = std::env::split_paths(folders).filter(|folder| folder.is_absolute());
    candidates.map(|folder| folder.join(program)).find(|path| is_program(path))
}

/// Looks for QEMU in a list of folders, written like `PATH`.
///
/// # Errors
/// `QemuMissing`, saying what to install.
pub fn find_qemu_in(folders: &OsStr) -> Result<QemuBinary> {
    let path = find_program_in(PROGRAM, "qemu-system-x86", folders)?;
    let broken = |why: &dyn std::fmt::Display| {
        let message = format!("{} does not run: {why}. Install it again", path.display());
        Error::new(ErrorKind::QemuMissing, message)
    };
    let answer = Command::new(&path).arg("--version").output().map_err(|error| broken(&error))?;
    if !answer.status.success() {
        return Err(broken(&String::from_utf8_lossy(&answer.stderr).trim()));
    }
    // "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)"
    let text = String::from_utf8_lossy(&answer.stdout);
    let version = text.split_whitespace().skip_while(|word| *word != "version").nth(1).unwrap_or("of unknown version");
    Ok(QemuBinary { version: version.to_owned(), path })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_without_qemu_is_told_what_to_install() {
        let empty = tempfile::tempdir().expect("folder");
        for folders in [empty.path().as_os_str(), OsStr::new("")] {
            let error = find_qemu_in(folders).expect_err("there is none");
            assert_eq!(error.kind(), ErrorKind::QemuMissing);
            assert!(error.to_string().contains("qemu-system-x86"), "{error}");
        }
    }

    #[test]
    fn a_qemu_that_does_not_run_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        let program = folder.path().join(PROGRAM);
        std::fs::write(&program, "#!/bin/sh\necho no luck >&2\nexit 3\n").expect("write");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("chmod");
        let error = find_qemu_in(folder.path().as_os_str()).expect_err("it does not run");
        assert!(error.to_string().contains("no luck"), "{error}");
    }
}

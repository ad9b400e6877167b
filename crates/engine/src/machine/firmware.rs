//! UEFI firmware, where this computer has it. Its code is shared and only read; each machine has its own variables.

use std::path::{Path, PathBuf};

use crate::convert::io_error;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};

/// A machine's variables, in its folder; also in a snapshot's.
pub(crate) const VARIABLES: &str = "firmware-vars.fd";

/// Code and the variables that a new machine begins with, as distributions name them.
const PLACES: [(&str, &str); 4] = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
];

/// The firmware's code, and the variables that a new machine begins with.
///
/// # Errors
/// [`ErrorKind::Missing`], saying what to install.
pub(super) fn find() -> Result<(PathBuf, PathBuf)> {
    let found = PLACES.iter().find(|(code, vars)| Path::new(code).is_file() && Path::new(vars).is_file());
    found.map(|(code, vars)| (PathBuf::from(code), PathBuf::from(vars))).ok_or_else(|| {
        Error::new(ErrorKind::Missing, "There is no UEFI firmware for machines on this computer.")
            .with_hint("Install it; on Debian: sudo apt-get install ovmf")
    })
}

/// The firmware of the machine in `folder`, whose variables are made at its first start: those of the snapshot in
/// `from`, if it has some.
pub(super) fn prepare(folder: &Path, from: Option<&Path>) -> Result<cairn_vm::Firmware> {
    let (code, fresh) = find()?;
    let vars = folder.join(VARIABLES);
    if !vars.exists() {
        let taken = from.map(|from| from.join(VARIABLES)).filter(|vars| vars.exists()).unwrap_or(fresh);
        copy(&taken, &vars)?;
    }
    Ok(cairn_vm::Firmware::Uefi { code, vars })
}

/// Copies a machine's variables, whole or not at all.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = std::fs::read(from).map_err(|e| io_error("read the firmware's variables", from, &e))?;
    durable::replace_file(to, &bytes).map_err(|e| io_error("copy the firmware's variables", to, &e))
}

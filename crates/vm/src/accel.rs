//! Whether KVM really runs a guest on this computer.
//!
//! A `/dev/kvm` that opens proves little: under some hypervisors it is there, and a guest crawls or hangs. So a tiny
//! guest has to do a piece of work in time. Knows no machines.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::qemu::find_qemu;

/// What runs a guest's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    /// The processor itself, through the kernel's KVM.
    Kvm,
    /// QEMU's translator: works everywhere, several times slower.
    Tcg,
}

impl Accel {
    /// QEMU's own name for it: `kvm` or `tcg`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }
}

/// A KVM that works needs about 0.3 s for the firmware and the guest together, also on a loaded computer less than
/// this; one that only pretends needs minutes.
const IN_TIME: Duration = Duration::from_secs(5);
/// `isa-debug-exit` ends QEMU with twice the written byte plus one.
const DONE: i32 = 0x31 * 2 + 1;

/// Starts a tiny guest under KVM and answers `Kvm` only if it did its work in time. Takes up to five seconds: keep the
/// answer. Nothing is left running.
pub async fn probe_accel() -> Accel {
    match run_under_kvm().await {
        Ok(()) => Accel::Kvm,
        Err(reason) => {
            tracing::info!(reason, "KVM is not used");
            Accel::Tcg
        }
    }
}

async fn run_under_kvm() -> Result<(), String> {
    std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/kvm")
        .map_err(|error| format!("/dev/kvm cannot be opened: {error}"))?;
    let qemu = tokio::task::spawn_blocking(find_qemu).await.map_err(|error| error.to_string())?;
    let qemu = qemu.map_err(|error| error.to_string())?;
    let mut disk = tempfile::NamedTempFile::new().map_err(|error| format!("no temporary file: {error}"))?;
    disk.write_all(&boot_sector()).map_err(|error| format!("cannot write a temporary file: {error}"))?;
    let disk_path = disk.path().display().to_string().replace(',', ",,");
    // A guest that hangs must not go on burning a processor when we are killed before we can end it.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(qemu.path);
    command.args(["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc,accel=kvm", "-m", "16"]);
    command.args(["-device", "isa-debug-exit,iobase=0x501,iosize=2", "-drive"]);
    command.arg(format!("file={disk_path},format=raw,if=ide,snapshot=on"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| format!("QEMU does not start: {error}"))?;
    match tokio::time::timeout(IN_TIME, child.wait()).await {
        Ok(Ok(status)) if status.code() == Some(DONE) => Ok(()),
        Ok(Ok(status)) => Err(format!("QEMU with KVM ended with {status}")),
        Ok(Err(error)) => Err(format!("QEMU with KVM could not be waited for: {error}")),
        Err(_) => {
            // Ends it and waits for its end.
            child.kill().await.map_err(|error| format!("a hanging QEMU could not be ended: {error}"))?;
            Err("a guest under KVM did not do its work in time".to_owned())
        }
    }
}

/// A boot sector that enters protected mode, counts to a hundred million and tells the debug device.
fn boot_sector() -> [u8; 512] {
    #[rustfmt::skip]
    const CODE: [u8; 70] = [
        0xfa,                               // 00  cli
        0x31, 0xc0,                         //     xor ax, ax
        0x8e, 0xd8,                         //     mov ds, ax
        0x0f, 0x01, 0x16, 0x40, 0x7c,       //     lgdt [0x7c40]
        0x0f, 0x20, 0xc0,                   //     mov eax, cr0
        0x0c, 0x01,                         //     or al, 1
        0x0f, 0x22, 0xc0,                   //     mov cr0, eax
        0xea, 0x17, 0x7c, 0x08, 0x00,       //     jmp 8:0x7c17
        0xb9, 0x00, 0xe1, 0xf5, 0x05,       // 17  mov ecx, 100000000
        0x49,                               // 1c  dec ecx
        0x75, 0xfd,                         //     jnz 0x7c1c
        0x66, 0xba, 0x01, 0x05,             //     mov dx, 0x501
        0xb0, 0x31,                         //     mov al, 0x31
        0xee,                               //     out dx, al
        0xf4,                               // 26  hlt
        0xeb, 0xfd,                         //     jmp 0x7c26
        0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0,             // 30  descriptor table: the null descriptor,
        0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0, // 38  and code over all of memory
        0x0f, 0x00, 0x30, 0x7c, 0x00, 0x00, // 40  its limit and address
    ];
    let mut sector = [0; 512];
    sector[..CODE.len()].copy_from_slice(&CODE);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    sector
}

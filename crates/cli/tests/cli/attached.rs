//! Machines that somebody else has started.

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use crate::support::Cairn;

/// Somebody's QEMU, whose guest never runs.
struct Qemu(Child);

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_qemu_is_found_attached_looked_at_and_left_alone() {
    let cairn = Cairn::with_volume();
    let socket = cairn.host.path().join("my qmp");
    let mut command = Command::new("qemu-system-x86_64");
    command.args(["-S", "-m", "16", "-nodefaults", "-display", "none", "-machine", "pc,accel=tcg", "-name", "old box"]);
    command.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display())).stdin(Stdio::null());
    let mut qemu = Qemu(command.spawn().unwrap());
    while UnixStream::connect(&socket).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let found = cairn.run(["vm", "discover"]).ok();
    assert!(found.contains(&format!("old box (process {}, pc): It can be attached.", qemu.0.id())), "{found}");
    let paste = format!("cairn vm attach 'old box' --qmp '{}'", socket.display());
    assert!(found.contains(&paste), "{found}");

    cairn.run(["vm", "attach", "box", "--qmp", "none"]).failed(3);
    // A domain of another computer's is none of ours.
    let elsewhere =
        cairn.run(["vm", "attach", "box", "--domain", "web", "--connect", "qemu+ssh://host/system"]).failed(2);
    assert!(elsewhere.contains("qemu+ssh://host/system"), "{elsewhere}");
    // The path is taken from where the command is run.
    assert!(cairn.run(["vm", "attach", "box", "--qmp", "my qmp"]).ok().contains("Machine box is up (tcg)"));
    let found = cairn.run(["--json", "vm", "discover"]).json();
    let found = found.as_array().unwrap().iter().find(|found| found["pid"] == qemu.0.id()).unwrap().clone();
    assert_eq!((&found["vm_name"], &found["can_attach"]), (&"box".into(), &false.into()));
    let shown = cairn.run(["vm", "show", "box"]).ok();
    assert!(shown.contains("my qmp") && shown.contains("16 MiB"), "{shown}");
    let doctor = cairn.run(["vm", "doctor", "box"]);
    assert_eq!(doctor.code, 7, "{doctor:?}");
    assert!(doctor.out.contains("30 of 31 slots for volumes are free."), "{}", doctor.out);
    assert!(doctor.out.contains("virtserialport,chardev=cairn-agent,name=org.qemu.guest_agent.0"), "{}", doctor.out);
    let mounted = cairn.run(["mount", "data", "box", "/data"]).ok();
    assert!(mounted.contains("/dev/disk/by-id/virtio-vol_"), "{mounted}");
    cairn.run(["vm", "detach", "box"]).failed(5);
    assert!(cairn.run(["vm", "stop", "box", "--force"]).failed(4).contains("somebody else"));
    assert!(qemu.0.try_wait().unwrap().is_none());
    drop(qemu);
    assert_eq!(cairn.run(["mounts"]).ok(), "");
    cairn.run(["vm", "detach", "box"]).ok();
    assert_eq!(cairn.run(["vm", "ls"]).ok(), "");
}

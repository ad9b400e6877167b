//! Machines start, outlive their starter, and stop.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::common::{EndOfQemu, Guest, PATIENCE, assert_clean, file_in, format_disk, kernel, run, spec};
use cairn_vm::{Accel, ErrorKind, IoLimits, MountOptions, RunState, connect, launch, probe_accel};

#[tokio::test]
async fn a_machine_stops_when_asked_and_everybody_hears_it() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_stop").await;
    guest.run("echo kept > /data/file").await;
    assert_eq!(machine.status().await.unwrap(), RunState::Running);

    let heard = tokio::spawn(machine.exited());
    machine.shut_down(PATIENCE).await.unwrap();
    heard.await.unwrap();
    machine.shut_down(PATIENCE).await.expect("stopping what has stopped is fine");
    machine.quit().await.expect("so is ending it");
    assert_eq!(machine.pid(), None);
    assert_eq!(machine.status().await.expect_err("gone").kind(), ErrorKind::NotRunning);
    assert_eq!(machine.attach(&disk).await.expect_err("gone").kind(), ErrorKind::NotRunning);
    assert_eq!(connect(&guest.dir()).await.expect_err("gone").kind(), ErrorKind::NotRunning);
    // The guest unmounted on its way down, and nobody holds the image.
    assert_clean(&disk.path);
    assert_eq!(file_in(&disk.path, "/file"), b"kept\n");
    let console = std::fs::read(guest.dir().join("console.log")).unwrap();
    assert!(String::from_utf8_lossy(&console).contains("Power down"));

    // The folder can be used again.
    let again = launch(&spec(&guest.dir())).await.unwrap();
    let _end = EndOfQemu(again.pid().unwrap());
    again.quit().await.unwrap();
}

#[tokio::test]
async fn a_guest_that_powers_itself_off_is_noticed() {
    let guest = Guest::boot().await;
    let argv = ["poweroff"].map(str::to_owned);
    // The answer may be lost with the machine.
    let _ = guest.machine.exec(&argv, None, PATIENCE).await;
    tokio::time::timeout(PATIENCE, guest.machine.exited()).await.expect("it is gone");
}

#[tokio::test]
async fn killing_cairn_changes_nothing_for_the_guest() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("vm");
    let layer = format_disk(folder.path(), "vol_survivor");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::the_process_that_is_killed", "--ignored", "--nocapture"])
        .env("CAIRN_TEST_FOLDER", folder.path())
        .spawn()
        .unwrap();
    let started = tokio::time::timeout(PATIENCE, appears(&folder.path().join("ready"))).await;
    child.kill().unwrap();
    child.wait().unwrap();
    started.expect("the child got its guest ready");

    let machine = connect(&dir).await.expect("QEMU is still there");
    let _end = EndOfQemu(machine.pid().unwrap());
    assert_eq!(machine.status().await.unwrap(), RunState::Running);
    let disks = machine.disks().await.unwrap();
    assert_eq!((disks.len(), disks[0].serial.as_str(), &disks[0].path), (1, "vol_survivor", &layer));
    let mounts = machine.guest_mounts().await.expect("the guest was left frozen, and is thawed");
    assert_eq!((mounts.len(), mounts[0].mount_path.as_str()), (1, "/data"));
    let before: u64 = run(&machine, "wc -l < /data/log").await.trim().parse().unwrap();
    run(&machine, &format!("until [ $(wc -l < /data/log) -gt {before} ]; do usleep 10000; done")).await;
    let error = machine.unmount("vol_survivor", "/data").await.expect_err("the writer still writes");
    run(&machine, &format!("kill -9 {}", error.holders()[0].pid)).await;
    machine.unmount("vol_survivor", "/data").await.unwrap();
    machine.detach("vol_survivor").await.unwrap();
    assert_clean(&layer);
    machine.quit().await.unwrap();
    assert_eq!(machine.pid(), None);
}

/// Not a test: what `killing_cairn_changes_nothing_for_the_guest` starts and kills.
#[tokio::test]
#[ignore = "started by another test"]
async fn the_process_that_is_killed() {
    let folder = PathBuf::from(std::env::var_os("CAIRN_TEST_FOLDER").expect("started by another test"));
    let machine = launch(&spec(&folder.join("vm"))).await.unwrap();
    machine.wait_for_agent(PATIENCE).await.unwrap();
    let path = folder.join("vol_survivor.qcow2");
    let disk = cairn_vm::Disk { serial: "vol_survivor".to_owned(), path, below: Vec::new(), read_only: false };
    machine.attach(&disk).await.unwrap();
    machine.mount("vol_survivor", "/data", false).await.unwrap();
    let writer = "(exec >>/data/log; while :; do echo line; usleep 20000; done) 2>/dev/null & echo $!";
    run(&machine, writer).await;
    machine.freeze("/data", PATIENCE).await.unwrap();
    std::fs::write(folder.join("ready"), "").unwrap();
    std::future::pending::<()>().await;
}

async fn appears(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Has QEMU make a device of this name, through its socket.
fn take_name(qmp: &Path, id: &str) {
    let mut stream = std::os::unix::net::UnixStream::connect(qmp).expect("nobody else is connected");
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut next = || lines.next().expect("QEMU answers").unwrap();
    assert!(next().contains("QMP"));
    let device = format!(r#"{{"driver": "virtio-rng-pci", "id": "{id}", "bus": "slot16"}}"#);
    for (command, arguments) in [("qmp_capabilities", "{}"), ("device_add", &device)] {
        writeln!(stream, r#"{{"execute": "{command}", "arguments": {arguments}}}"#).unwrap();
        let answer = next();
        assert!(answer.contains("return"), "{answer}");
    }
}

#[tokio::test]
async fn a_second_client_is_told_who_is_in_the_way() {
    let guest = Guest::boot().await;
    let error = connect(&guest.dir()).await.expect_err("the first client is still connected");
    assert_eq!(error.kind(), ErrorKind::Held, "{error}");
    assert_eq!(launch(&spec(&guest.dir())).await.expect_err("it runs").kind(), ErrorKind::Held);
    let (pid, dir) = (guest.machine.pid().unwrap(), guest.dir());
    let Guest { machine, folder, end } = guest;
    drop(machine);
    // Somebody plugs in what has the name that one of our disks would have.
    let short = folder.path().join("s");
    std::os::unix::fs::symlink(&dir, &short).unwrap();
    let qmp = short.join("qmp.sock");
    tokio::task::spawn_blocking(move || take_name(&qmp, "cairn-vol_taken")).await.unwrap();
    let machine = connect(&dir).await.expect("the socket is free");
    assert_eq!(machine.pid(), Some(pid), "dropping the last handle leaves the machine alone");
    assert_eq!(launch(&spec(&dir)).await.expect_err("it runs").kind(), ErrorKind::Held);

    // Somebody else talks to the agent.
    let other = std::os::unix::net::UnixStream::connect(short.join("agent.sock")).unwrap();
    let error = machine.guest_mounts().await.expect_err("the agent is taken");
    assert_eq!(error.kind(), ErrorKind::Held, "{error}");
    drop(other);
    assert_eq!(machine.guest_mounts().await.expect("free again"), []);

    // QEMU refuses the device when the guest looks for it already: nobody goes on looking, and nothing is open.
    let path = format_disk(folder.path(), "vol_taken");
    let disk = cairn_vm::Disk { serial: "vol_taken".to_owned(), path, below: Vec::new(), read_only: false };
    machine.greet_agent().await;
    let (unlimited, options) = (IoLimits::default(), MountOptions::usual(false));
    let error = machine.attach_and_mount(&disk, unlimited, "/data", &options).await.expect_err("the name is taken");
    assert!(error.kind() == ErrorKind::Refused && error.to_string().contains("uplicate"), "{error}");
    assert_eq!(run(&machine, "grep -l 'vol_[t]aken' /proc/[0-9]*/cmdline || true").await, "");
    assert_clean(&disk.path);
    let disk = cairn_vm::Disk { serial: "vol_free".to_owned(), ..disk };
    machine.greet_agent().await;
    machine.attach_and_mount(&disk, unlimited, "/data", &options).await.expect("the image is free");
    machine.unmount("vol_free", "/data").await.unwrap();
    machine.detach("vol_free").await.unwrap();
    machine.quit().await.unwrap();
    drop(end);
}

#[tokio::test]
async fn a_machine_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut too_many = spec(&folder.path().join("a"));
    too_many.cpus = 100_000;
    let error = launch(&too_many).await.expect_err("so many processors");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("100000"), "{error}");
    let mut no_kernel = spec(&folder.path().join("b"));
    no_kernel.kernel = Some(cairn_vm::Kernel { kernel: folder.path().join("vmlinuz"), ..kernel("") });
    let error = launch(&no_kernel).await.expect_err("no kernel");
    assert!(error.to_string().contains("vmlinuz"), "{error}");
    assert_eq!(connect(&folder.path().join("never")).await.expect_err("never").kind(), ErrorKind::NotRunning);
}

#[tokio::test]
async fn a_guest_without_an_agent_is_told_apart_from_one_that_boots() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = spec(&folder.path().join("vm"));
    spec.kernel = Some(kernel("console=ttyS0 quiet rdinit=/bin/sh"));
    let machine = launch(&spec).await.unwrap();
    let _end = EndOfQemu(machine.pid().unwrap());
    let error = machine.wait_for_agent(Duration::from_secs(1)).await.expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::NoAgent, "{error}");
    assert_eq!(machine.mount("vol_x", "/data", false).await.expect_err("none").kind(), ErrorKind::NoAgent);
    let error = machine.shut_down(Duration::from_secs(2)).await.expect_err("it ignores the button");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    machine.quit().await.unwrap();
}

#[tokio::test]
async fn a_qemu_that_hangs_is_ended_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let machine = launch(&spec(&folder.path().join("vm"))).await.unwrap();
    let pid = machine.pid().unwrap();
    let _end = EndOfQemu(pid);
    crate::common::tool("kill", &["-STOP", &pid.to_string()]);
    machine.quit().await.unwrap();
    assert_eq!(machine.pid(), None);
}

#[tokio::test]
async fn what_the_probe_names_runs_a_guest() {
    let accel = probe_accel().await;
    assert!(matches!(accel, Accel::Kvm | Accel::Tcg));
    let guest = Guest::boot_with(|spec| spec.accel = accel).await;
    guest.run("true").await;
}

//! Machines that somebody describes: what they boot, what they forget, what they have mounted when they are up.

use std::path::Path;

use cairn_engine::{
    BootSource, BootVolume, ErrorKind, Firmware, Forward, IoLimits, MountMode, Network, NewVm, SessionDisk, VmState,
};

use crate::common::*;

/// Mounts the machine's own disk at `/own`.
const OWN: &str = "mkdir -p /own && mount /dev/vda /own";

fn volume(volume: &str, path: &str, mode: MountMode, at: Option<&str>) -> BootVolume {
    BootVolume {
        volume: volume.into(),
        path: path.into(),
        mode,
        at: at.map(str::to_owned),
        options: None,
        limits: IoLimits::default(),
    }
}

fn session_disks(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".session.qcow2") || name.ends_with(".unfinished")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_machine_writes_to_its_own_disk_is_forgotten_unless_it_is_to_be_kept() {
    let home = Home::new().await;
    let image = home.image("disk.img", "raw");
    let before = std::fs::read(&image).unwrap();
    home.managed("forgets", BootSource::Image(image.clone()), |_| {}).await;
    let keeps = home.managed("keeps", BootSource::Image(image.clone()), |vm| vm.session_disk = SessionDisk::Keep).await;
    let setup = keeps.setup.unwrap();
    assert_eq!((setup.image.as_deref(), setup.session_bytes), (Some(image.canonicalize().unwrap().as_path()), None));
    for vm in ["forgets", "keeps"] {
        let vm = home.engine.vm_start(vm).await.unwrap();
        assert_eq!((vm.state, vm.accelerator.as_deref()), (VmState::Running, Some("tcg")));
        assert_eq!(home.shell(&vm.name, &format!("{OWN} && cat /own/name")).await, "image");
        home.shell(&vm.name, "echo written > /own/name && sync").await;
    }
    // One is asked to stop, the plug of the other is pulled.
    let forgets = home.engine.vm_stop("forgets", false).await.unwrap();
    let keeps = home.engine.vm_stop("keeps", true).await.unwrap();
    assert!(keeps.setup.unwrap().session_bytes.is_some());
    let folder = |id: &cairn_engine::VmId| home.store().join("vms").join(id.as_str());
    assert_eq!((session_disks(&folder(&forgets.id)), session_disks(&folder(&keeps.id))), (0, 1));
    for (vm, name) in [("forgets", "image"), ("keeps", "written\n")] {
        assert_eq!(home.engine.vm_restart(vm, false).await.unwrap().state, VmState::Running);
        assert_eq!(home.shell(vm, &format!("{OWN} && cat /own/name")).await, name);
        home.engine.vm_stop(vm, true).await.unwrap();
    }
    assert_eq!(std::fs::read(&image).unwrap(), before, "an image is never written");

    // An image that is changed under a disk that stands on it would make nonsense of that disk.
    std::fs::write(&image, &before).unwrap();
    let error = refused(home.engine.vm_start("keeps").await, ErrorKind::Corrupt);
    assert!(error.message().contains("disk.img"), "{error}");
    assert_eq!(home.engine.vm_start("forgets").await.unwrap().state, VmState::Running);
    home.engine.vm_stop("forgets", true).await.unwrap();
    std::fs::remove_file(&image).unwrap();
    refused(home.engine.vm_start("forgets").await, ErrorKind::Io);
    home.engine.vm_delete("keeps").await.unwrap();
    assert!(!folder(&keeps.id).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_starts_with_its_volumes_or_not_at_all() {
    let home = Home::new().await;
    home.volume("data").await;
    home.volume("past").await;
    home.write("data", "file", "now").await;
    home.write("past", "file", "then").await;
    home.checkpoint("past", "first").await;
    home.write("past", "file", "later").await;
    let volumes = vec![
        volume("data", "/data", MountMode::Rw, None),
        volume("past", "/past", MountMode::Ro, Some("latest")),
        volume("past", "/try", MountMode::Rw, Some("first")),
    ];
    home.managed("one", BootSource::Nothing, |vm| vm.volumes = volumes).await;
    let one = home.engine.vm_start("one").await.unwrap();
    assert_eq!(one.mounts.len(), 3);
    assert_eq!(home.shell("one", "cat /data/file /past/file /try/file && echo mine > /try/file").await, "nowthenthen");
    // What may be written of a checkpoint is a branch, made once.
    home.engine.vm_restart("one", false).await.unwrap();
    assert_eq!(home.shell("one", "cat /try/file").await, "mine\n");
    assert_eq!(home.engine.volume_list().await.unwrap().len(), 3);

    // It goes on running without its engine, and another engine finds it so.
    let home = home.reopen_after(|_| {}).await;
    let one = home.engine.vm_get("one").await.unwrap();
    assert_eq!((one.state, one.mounts.len()), (VmState::Running, 3));
    let starts = |path: &str| vec![volume("data", path, MountMode::Rw, None)];
    home.managed("two", BootSource::Nothing, |vm| vm.volumes = starts("/data")).await;
    let error = refused(home.engine.vm_start("two").await, ErrorKind::InUse);
    assert!(error.message().contains("'one'"), "{error}");
    assert_eq!(home.engine.vm_get("two").await.unwrap().state, VmState::Stopped);
    home.engine.vm_stop("one", false).await.unwrap();
    // What only the guest can refuse stops it again.
    home.managed("three", BootSource::Nothing, |vm| vm.volumes = starts("/proc/nowhere")).await;
    refused(home.engine.vm_start("three").await, ErrorKind::Guest);
    assert_eq!(home.engine.vm_get("three").await.unwrap().state, VmState::Stopped);
    assert!(home.engine.mount_list().await.unwrap().is_empty());
}

/// A disk of one sector, which says so on the serial console and stops.
fn speaking_sector() -> Vec<u8> {
    #[rustfmt::skip]
    const CODE: [u8; 22] = [
        0xfa,             // 00  cli
        0x31, 0xc0,       //     xor ax, ax
        0x8e, 0xd8,       //     mov ds, ax
        0xbe, 0x20, 0x7c, //     mov si, 0x7c20
        0xba, 0xf8, 0x03, //     mov dx, 0x3f8
        0xac,             // 0b  lodsb
        0x84, 0xc0,       //     test al, al
        0x74, 0x03,       //     jz 0x13
        0xee,             //     out dx, al
        0xeb, 0xf8,       //     jmp 0x0b
        0xf4,             // 13  hlt
        0xeb, 0xfd,       //     jmp 0x13
    ];
    let mut sector = vec![0; MIB as usize];
    sector[..CODE.len()].copy_from_slice(&CODE);
    sector[0x20..0x29].copy_from_slice(b"It boots.");
    sector[510..512].copy_from_slice(&[0x55, 0xaa]);
    sector
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_is_booted_by_its_firmware() {
    let home = Home::new().await;
    let image = home.host().join("sector.img");
    std::fs::write(&image, speaking_sector()).unwrap();
    for (name, firmware, says) in [("bios", Firmware::Bios, "It boots."), ("uefi", Firmware::Uefi, "BdsDxe")] {
        let made = home.managed(name, BootSource::Image(image.clone()), |vm| {
            (vm.kernel, vm.initrd, vm.append) = (None, None, None);
            (vm.firmware, vm.has_agent) = (Some(firmware), Some(false));
            vm.network = Network::User;
        });
        let folder = home.store().join("vms").join(made.await.id.as_str());
        home.engine.vm_start(name).await.unwrap();
        let mut log = home.engine.vm_console_log(name, None).await.unwrap();
        let mut text = String::new();
        while !text.contains(says) {
            text.push_str(&String::from_utf8_lossy(&log.next(true).await.unwrap().expect("it runs")));
        }
        assert_eq!(folder.join("firmware-vars.fd").exists(), firmware == Firmware::Uefi);
        home.engine.vm_stop(name, true).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_without_an_agent_gets_its_disk_and_people_the_command_to_type() {
    let home = Home::new().await;
    let data = home.volume("data").await;
    let alone = home.managed("alone", BootSource::Nothing, |vm| {
        vm.append = Some("console=ttyS0 quiet rdinit=/bin/sh".into());
        vm.has_agent = Some(false);
        vm.volumes = vec![volume("data", "/it's", MountMode::Ro, None)];
    });
    alone.await;
    let vm = home.engine.vm_start("alone").await.unwrap();
    assert_eq!((vm.state, vm.mounts.len()), (VmState::Running, 1));
    let told = vm.mounts[0].error.clone().unwrap();
    assert!(told.contains(&format!("/dev/disk/by-id/virtio-{} '/it'\\''s'", data.id)), "{told}");
    assert!(told.contains("mount -o ro"), "{told}");
    let vm = home.engine.vm_stop("alone", true).await.unwrap();
    assert!(vm.mounts.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_is_read_and_typed_on() {
    let home = Home::new().await;
    home.machine("demo").await;
    let read = async |follow: bool, until: &str| {
        let mut log = home.engine.vm_console_log("demo", None).await.unwrap();
        let mut text = String::new();
        while !text.contains(until) {
            let Some(piece) = log.next(follow).await.unwrap() else { break };
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        text
    };
    // What is typed before the shell reads is thrown away by the terminal.
    read(true, "root# ").await;
    let keys = home.engine.vm_console_keys("demo").await.unwrap();
    let other = home.engine.vm_console_keys("demo").await.unwrap();
    keys.send(b"\necho $((6 * 7)) is ").await.unwrap();
    other.send(b"the answer\n").await.unwrap();
    assert!(read(true, "42 is the answer").await.contains("demo machine"), "and what was printed before");
    let mut tail = home.engine.vm_console_log("demo", Some(3)).await.unwrap();
    assert_eq!(tail.next(false).await.unwrap().map(|piece| piece.len()), Some(3));
    let mut last = home.engine.vm_console_log("demo", Some(0)).await.unwrap();
    home.engine.vm_stop("demo", true).await.unwrap();
    while last.next(true).await.unwrap().is_some() {}
    refused(home.engine.vm_console_keys("demo").await, ErrorKind::Conflict);
    refused(keys.send(b"x").await, ErrorKind::Conflict);
    assert!(read(false, "never").await.contains("42 is the answer"), "it stays until the next start");
}

#[tokio::test]
async fn a_machine_that_makes_no_sense_is_refused_and_nothing_is_made() {
    let home = Home::new().await;
    home.volume("data").await;
    let image = home.image("disk.qcow2", "qcow2");
    let over = home.host().join("over.qcow2");
    run(std::process::Command::new("qemu-img")
        .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"])
        .arg(&image)
        .arg(&over));
    let layer = head(&home.volume_folder(&home.engine.volume_get("data").await.unwrap()));
    let refuse = async |change: &dyn Fn(&mut NewVm), kind, word: &str| {
        let mut new = managed("new", BootSource::Image(image.clone()));
        change(&mut new);
        let error = refused(home.engine.vm_create(new).await, kind);
        assert!(error.to_string().contains(word), "{error}");
    };
    let bad = ErrorKind::InvalidInput;
    refuse(&|vm| vm.name = Some("a/b".into()), bad, "'/'").await;
    refuse(&|vm| vm.source = BootSource::Image(over.clone()), bad, "qemu-img convert").await;
    refuse(&|vm| vm.source = BootSource::Image(layer.clone()), bad, "part of the store").await;
    refuse(&|vm| vm.source = BootSource::Image("/nowhere".into()), ErrorKind::NotFound, "/nowhere").await;
    refuse(&|vm| vm.source = BootSource::Snapshot("none".into()), ErrorKind::NotFound, "'none'").await;
    refuse(&|vm| vm.kernel = Some("/nowhere".into()), ErrorKind::NotFound, "/nowhere").await;
    refuse(&|vm| vm.kernel = None, bad, "no kernel").await;
    let nothing = |vm: &mut NewVm| *vm = NewVm { name: Some("new".into()), ..NewVm::default() };
    refuse(&nothing, bad, "nothing for the machine to boot").await;
    refuse(&|vm| vm.memory_mib = Some(1), bad, "MiB").await;
    refuse(&|vm| vm.cpus = Some(0), bad, "processors").await;
    refuse(&|vm| vm.disk_bytes = Some(MIB), bad, "too small").await;
    refuse(&|vm| vm.forwards = vec![Forward { host: 1, guest: 2 }], bad, "network").await;
    let twice = |vm: &mut NewVm| {
        vm.network = Network::User;
        vm.forwards = vec![Forward { host: 8080, guest: 80 }, Forward { host: 8080, guest: 81 }];
    };
    refuse(&twice, bad, "twice").await;
    let mounts = |list: &[BootVolume]| {
        let list = list.to_vec();
        move |vm: &mut NewVm| vm.volumes = list.clone()
    };
    let data = |path| volume("data", path, MountMode::Ro, None);
    refuse(&mounts(&[volume("none", "/x", MountMode::Rw, None)]), ErrorKind::NotFound, "'none'").await;
    refuse(&mounts(&[data("relative")]), bad, "slash").await;
    refuse(&mounts(&[data("/x"), data("/y")]), bad, "twice").await;
    refuse(&mounts(&[volume("data", "/x", MountMode::Ro, Some("latest"))]), ErrorKind::Conflict, "no checkpoint").await;
    assert!(home.engine.vm_list().await.unwrap().is_empty());
    assert_eq!(std::fs::read_dir(home.store().join("vms")).unwrap().count(), 0);
    home.managed("new", BootSource::Image(image.clone()), |_| {}).await;
    refuse(&|_| {}, ErrorKind::AlreadyExists, "'new'").await;
    // A machine without a disk of its own, or that does not run, has nothing to be frozen.
    home.managed("bare", BootSource::Nothing, |_| {}).await;
    for vm in ["new", "bare"] {
        refused(home.engine.snapshot_create(vm, None).await, ErrorKind::Conflict);
    }
}

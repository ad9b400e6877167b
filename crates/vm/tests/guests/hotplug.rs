//! Disks come and go in a running guest, judged by the guest's kernel, qemu-img and e2fsck.

use crate::common::{Guest, assert_clean, file_in, tool};
use cairn_vm::{Disk, ErrorKind, GuestMount};

#[tokio::test]
async fn a_disk_is_mounted_written_unmounted_and_unplugged() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.disk("vol_0123456789abcdef");
    let serial = disk.serial.as_str();

    machine.attach(&disk).await.unwrap();
    machine.attach(&disk).await.expect("attaching it again is fine");
    machine.mount(serial, "/data", false).await.unwrap();
    machine.mount(serial, "/data/", false).await.expect("mounting it again is fine");
    guest.run("echo hello > /data/file && mkdir /data/sub").await;
    let options = guest.run("grep ' /data ' /proc/mounts").await;
    for option in ["ext4", "rw", "nosuid", "nodev", "discard"] {
        assert!(options.contains(option), "{options}");
    }
    let mounted = GuestMount { serial: serial.to_owned(), mount_path: "/data".to_owned(), read_only: false };
    assert_eq!(machine.guest_mounts().await.unwrap(), [mounted]);
    let disks = machine.disks().await.unwrap();
    assert_eq!((disks.len(), disks[0].serial.as_str(), disks[0].read_only), (1, serial, false));
    assert_eq!(disks[0].path, disk.path);

    // Busy by a working directory, an open file, a running program, a mount on top: each is named, nothing is torn out.
    guest.run("cp /bin/busybox /data/sub/busybox-copy").await;
    for (busy, name) in [
        ("cd /data/sub && exec sleep 1000", "sleep"),
        ("exec sleep 1001 < /data/file", "sleep"),
        ("exec /data/sub/busybox-copy sleep 1002", "busybox-copy"),
    ] {
        let pid = guest.run(&format!("({busy}) >/dev/null 2>&1 & echo $!")).await.trim().to_owned();
        guest.run(&format!("until grep -q {name} /proc/{pid}/comm; do usleep 10000; done")).await;
        let error = machine.unmount(serial, "/data").await.expect_err("in use");
        assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
        assert!(error.holders().iter().any(|holder| holder.name == name), "{error}");
        guest.run("cat /data/file").await;
        assert!(error.to_string().contains(&pid), "{error}");
        guest.run(&format!("kill -9 {pid}; while [ -d /proc/{pid} ]; do usleep 10000; done")).await;
    }
    guest.run("mount -t tmpfs none /data/sub").await;
    let error = machine.unmount(serial, "/data").await.expect_err("in use");
    assert!(error.kind() == ErrorKind::Busy && error.to_string().contains("/data/sub"), "{error}");
    guest.run("umount /data/sub").await;
    guest.run("mkdir /elsewhere && mount --bind /data /elsewhere").await;
    let error = machine.unmount(serial, "/data").await.expect_err("mounted twice");
    assert!(error.kind() == ErrorKind::Busy && error.to_string().contains("/elsewhere"), "{error}");

    machine.unmount(serial, "/elsewhere").await.unwrap();
    machine.unmount(serial, "/data").await.expect("unmounting it again is fine");

    // Somebody else is at it, as for an engine that was killed: both get what they want.
    machine.mount(serial, "/data", false).await.unwrap();
    let holder = guest.run("(cd /data && exec sleep 1003) >/dev/null 2>&1 & echo $!").await;
    guest.run(&format!("until grep -q sleep /proc/{}/comm; do usleep 10000; done", holder.trim())).await;
    let other = format!("#!/bin/sh\nsleep 1; kill -9 {}; usleep 200000; /bin/umount /data\n", holder.trim());
    guest.run(&format!("printf '%s' '{other}' > /umount; chmod +x /umount; /umount >/dev/null 2>&1 &")).await;
    machine.unmount(serial, "/data").await.expect("the other one has unmounted it");
    // Taken out of the tree with a file open: whoever unplugs it now tears it away from under that.
    machine.mount(serial, "/data", false).await.unwrap();
    let holder = guest.run("sleep 1004 < /data/file >/dev/null 2>&1 & echo $!").await;
    let open = format!("until ls -l /proc/{}/fd | grep -q /data/file; do usleep 10000; done", holder.trim());
    guest.run(&format!("{open}; umount -l /data")).await;
    let error = machine.unmount(serial, "/data").await.expect_err("a file is open");
    assert!(error.kind() == ErrorKind::Busy && error.to_string().contains("still open"), "{error}");
    guest.run(&format!("kill -9 {}", holder.trim())).await;
    machine.unmount(serial, "/data").await.expect("nobody has it any more");

    machine.detach(serial).await.unwrap();
    machine.detach(serial).await.expect("detaching it again is fine");
    machine.unmount(serial, "/data").await.expect("nothing is mounted of a disk that is not there");
    assert_eq!(machine.disks().await.unwrap(), []);
    assert_eq!(guest.run("ls /sys/block/ | grep -c '^vd' || true").await.trim(), "0");

    assert_clean(&disk.path);
    assert_eq!(file_in(&disk.path, "/file"), b"hello\n");
}

#[tokio::test]
async fn a_read_only_disk_refuses_writes_below_the_filesystem_too() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let mut disk = guest.disk("vol_readonly");
    disk.read_only = true;
    let before = std::fs::read(&disk.path).unwrap();

    machine.attach(&disk).await.unwrap();
    machine.mount(&disk.serial, "/my data/it's \"quoted\" $(reboot) \\040", true).await.unwrap();
    let mounts = machine.guest_mounts().await.unwrap();
    assert_eq!(mounts[0].mount_path, "/my data/it's \"quoted\" $(reboot) \\040");
    assert!(mounts[0].read_only && machine.disks().await.unwrap()[0].read_only);
    let inside = "cd '/my data/'* && ";
    let output = guest.try_run(&format!("{inside} touch x")).await;
    assert!(output.exit_code != 0 && String::from_utf8_lossy(&output.stderr).contains("Read-only"));
    assert_ne!(guest.try_run("dd if=/dev/zero of=/dev/vda bs=4096 count=1 conv=fsync").await.exit_code, 0);
    assert_ne!(guest.try_run(&format!("{inside} mount -o remount,rw .")).await.exit_code, 0);
    machine.unmount(&disk.serial, &mounts[0].mount_path).await.unwrap();
    machine.detach(&disk.serial).await.unwrap();
    assert!(std::fs::read(&disk.path).unwrap() == before, "not a byte of the image has changed");
}

#[tokio::test]
async fn what_cannot_be_mounted_is_answered_with_a_sentence_and_leaves_nothing() {
    let guest = Guest::boot_with(|spec| spec.hotplug_slots = 3).await;
    let machine = &guest.machine;
    let (first, second) = (guest.disk("vol_first"), guest.disk("vol_second"));
    machine.attach(&first).await.unwrap();

    // The image is in use: by this machine under another serial, as by any other QEMU.
    let again = Disk { serial: "vol_again".to_owned(), ..first.clone() };
    let error = machine.attach(&again).await.expect_err("one writer");
    assert_eq!(error.kind(), ErrorKind::ImageLocked, "{error}");
    let other = Disk { path: second.path.clone(), ..first.clone() };
    assert_eq!(machine.attach(&other).await.expect_err("the serial is taken").kind(), ErrorKind::Refused);
    let missing =
        Disk { serial: "vol_missing".to_owned(), path: "/nowhere/x.qcow2".into(), below: Vec::new(), read_only: false };
    let error = machine.attach(&missing).await.expect_err("no such file");
    assert!(error.to_string().contains("/nowhere/x.qcow2"), "{error}");
    let not_qcow2 = guest.folder.path().join("notes.txt");
    std::fs::write(&not_qcow2, "not an image at all").unwrap();
    let wrong = Disk { serial: "vol_wrong".to_owned(), path: not_qcow2, below: Vec::new(), read_only: false };
    assert_eq!(machine.attach(&wrong).await.expect_err("no image").kind(), ErrorKind::Refused);
    assert_eq!(machine.disks().await.unwrap().len(), 1);

    machine.attach(&second).await.expect("what failed has left no node, device or slot behind");
    machine.mount(&first.serial, "/data", false).await.unwrap();
    let error = machine.mount(&second.serial, "/data", false).await.expect_err("the place is taken");
    assert!(error.to_string().contains("another filesystem is mounted there"), "{error}");
    guest.run("mkdir -p /real && ln -s /real /link && echo x > /plain-file").await;
    for (path, reason) in [("/link/x", "symbolic link"), ("/plain-file", "File exists"), ("/proc/x", "can't create")] {
        let error = machine.mount(&second.serial, path, false).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Guest, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    for path in ["/", "data", "/a/../b", "/a\nb"] {
        assert_eq!(machine.mount(&second.serial, path, false).await.expect_err(path).kind(), ErrorKind::Invalid);
    }
    guest.run("dd if=/dev/zero of=/dev/vdb bs=1M count=4").await;
    let error = machine.mount(&second.serial, "/other", false).await.expect_err("no filesystem any more");
    assert!(error.kind() == ErrorKind::Guest && error.to_string().contains("vdb"), "{error}");

    machine.attach(&guest.disk("vol_third")).await.unwrap();
    let error = machine.attach(&guest.disk("vol_fourth")).await.expect_err("three slots");
    assert_eq!(error.kind(), ErrorKind::NoFreeSlot, "{error}");
    machine.detach(&second.serial).await.unwrap();
    tool("qemu-io", &["-c", "write 0 4k", second.path.to_str().unwrap()]);
    machine.attach(&guest.disk("vol_fourth")).await.expect("a slot is free again");
}

#[tokio::test]
async fn sixteen_disks_are_mounted_by_as_many_callers_at_once() {
    let guest = Guest::boot().await;
    let disks: Vec<Disk> = (0..16).map(|number| guest.disk(&format!("vol_{number}"))).collect();
    let mounts = disks.clone().into_iter().map(|disk| {
        let machine = guest.machine.clone();
        tokio::spawn(async move {
            machine.attach(&disk).await.unwrap();
            machine.mount(&disk.serial, &format!("/volumes/{}", disk.serial), false).await.unwrap();
        })
    });
    for mount in mounts.collect::<Vec<_>>() {
        mount.await.unwrap();
    }
    assert_eq!(guest.machine.guest_mounts().await.unwrap().len(), 16);
    guest.run("for folder in /volumes/*; do echo ${folder##*/} > $folder/name; done").await;
    let unmounts = disks.clone().into_iter().map(|disk| {
        let machine = guest.machine.clone();
        tokio::spawn(async move {
            machine.unmount(&disk.serial, &format!("/volumes/{}", disk.serial)).await.unwrap();
            machine.detach(&disk.serial).await.unwrap();
        })
    });
    for unmount in unmounts.collect::<Vec<_>>() {
        unmount.await.unwrap();
    }
    assert_eq!(guest.machine.disks().await.unwrap(), []);
    for disk in &disks {
        assert_clean(&disk.path);
        assert_eq!(file_in(&disk.path, "/name"), format!("{}\n", disk.serial).as_bytes());
    }
}

//! Files of a volume that a guest writes: seen, fetched, put there and deleted while it goes on; and how a volume is
//! limited, grown and taken away under it.

use std::path::{Path, PathBuf};

use cairn_engine::{
    Condition, Conflict, ErrorKind, FileKind, IoLimits, MountMode, MountRequest, MountState, Unpack, Vm, VolumeChange,
    WatchState, WriteFile,
};

use crate::common::*;
use crate::watches::{stands, watch};

pub(crate) const GUEST: &str = "web";

/// What lies in a machine's folder that nobody needs when nobody looks or uploads.
fn left_over(home: &Home, vm: &Vm) -> Vec<PathBuf> {
    let names = std::fs::read_dir(home.store().join("vms").join(vm.id.as_str())).unwrap();
    let paths = names.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "qcow2")).collect()
}

async fn until_nothing_is_left_over(home: &Home, vm: &Vm) {
    while !left_over(home, vm).is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What an engine that was killed in the middle of a look and of an upload leaves in the machine.
fn leave_things_in_the_machine(store: &Path, vm: &Vm, volume: &str) {
    let folder = store.join("vms").join(vm.id.as_str());
    let work = async move {
        let machine = cairn_vm::connect(&folder).await.unwrap();
        let kept = folder.join(format!("{volume}.look.qcow2"));
        let look = machine.begin_look(volume, &kept, None, std::time::Duration::from_secs(5)).await.unwrap();
        drop(look);
        let disk = folder.join("tr_aaaaaaaaaaaaaaaa.put.qcow2");
        run(std::process::Command::new("qemu-img").args(["create", "-q", "-f", "qcow2"]).arg(&disk).arg("16M"));
        let serial = "tr_aaaaaaaaaaaaaaaa".to_owned();
        let plug = cairn_vm::Disk { serial, path: disk.clone(), below: Vec::new(), read_only: true };
        machine.attach(&plug).await.unwrap();
        assert!(kept.exists() && disk.exists());
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::scope(|scope| scope.spawn(|| runtime().block_on(work)).join().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_guest_writes_is_seen_fetched_changed_and_taken_away() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 256 * MIB).await;
    let folder = home.volume_folder(&volume);
    home.write("data", "seeded/one", "first").await;
    let vm = home.machine(GUEST).await;
    let request = MountRequest {
        volume: "data".into(),
        vm: GUEST.into(),
        mount_path: "/data".into(),
        mode: MountMode::Rw,
        at: None,
        options: Some("noatime,nodiscard; reboot".into()),
        limits: IoLimits::default(),
    };
    refused(home.engine.mount(request.clone()).await, ErrorKind::InvalidInput);
    let request = MountRequest { options: Some("noatime".into()), ..request };
    let mount = home.engine.mount(request).await.unwrap();
    assert_eq!(mount.options, "rw,discard,nosuid,nodev,noatime");
    assert!(home.shell(GUEST, "grep /data /proc/mounts").await.contains("nosuid,nodev,noatime"));

    // A watched folder rests while the guest has the volume.
    let desk = home.host().join("desk");
    std::fs::create_dir(&desk).unwrap();
    std::fs::write(desk.join("late"), "late").unwrap();
    watch(&home, &desk, "watched", false).await;
    let paused = stands(&home, |watch| watch.state == WatchState::Paused).await;
    assert!(paused.reason.unwrap().contains(GUEST));

    seen_as_of_one_moment(&home, &volume.id.to_string()).await;
    changed_by_the_guest(&home).await;
    unpacked_by_the_guest(&home).await;
    until_nothing_is_left_over(&home, &vm).await;
    assert_eq!(layers(&folder).len(), 2, "no layer stays behind but that of the checkpoint");

    // An engine was killed meanwhile; the next one takes away what that has left.
    let home = home.reopen_after(|store| leave_things_in_the_machine(store, &vm, volume.id.as_str())).await;
    assert_eq!(left_over(&home, &vm), [""; 0].map(PathBuf::from));
    assert_eq!(home.shell(GUEST, "cat /sys/block/vd*/serial").await, volume.id.as_str());
    assert_eq!(home.read("data", "put/named").await, b"by the host");

    limited_and_grown(&home).await;
    taken_away_by_force(&home).await;
    let grown = home.engine.volume_get("data").await.unwrap();
    assert_eq!(grown.quota_bytes, 320 * MIB, "what the guest could not do is done when it has let go");
    assert_eq!(home.read("data", "log.last").await, b"kept\n");
    stands(&home, |watch| watch.state == WatchState::Watching).await;
    assert_eq!(home.read("data", "watched/late").await, b"late");
    home.judge(&grown);
}

/// An archive comes into the volume through the guest.
async fn unpacked_by_the_guest(home: &Home) {
    let (packed, desk) = (home.host().join("packed.tar"), home.host().join("desk"));
    run(std::process::Command::new("tar").arg("-cf").arg(&packed).arg("-C").arg(&desk).arg("late"));
    let wanted = Unpack { archive: packed, destination: "unpacked".into(), conflict: Conflict::Fail };
    let begun = home.engine.files_unpack("data", wanted).await.unwrap();
    done(&home.engine.transfer_wait(begun.id.as_str()).await.unwrap());
    assert_eq!(home.shell(GUEST, "cat /data/unpacked/late").await, "late");
}

/// Looks and fetches while the guest writes all the time.
pub(crate) async fn seen_as_of_one_moment(home: &Home, volume: &str) {
    home.shell(GUEST, "yes before | head -c 4000000 > /data/big; sync; echo fresh > /data/fresh").await;
    let writer = "(n=0; while :; do n=$((n+1)); echo $n >> /data/log; dd if=/dev/urandom of=/data/f$((n%30)) bs=4k \
                  count=9 2>/dev/null; done) >/dev/null 2>&1 </dev/null & echo $! > /tmp/writer";
    home.shell(GUEST, writer).await;
    // What the guest has not written back yet is seen, too.
    assert_eq!(home.read("data", "fresh").await, b"fresh\n");
    assert!(home.paths("data", "").await.contains(&"seeded/one".to_owned()));

    // Whoever reads sees what was, whatever the guest does to it, and though a checkpoint is taken.
    let mut reader = home.engine.file_read(volume, "big", None).await.unwrap();
    let mut content = vec![0; 4096];
    std::io::Read::read_exact(&mut reader, &mut content).unwrap();
    home.shell(GUEST, "yes after | head -c 4000000 > /data/big; sync").await;
    assert!(!home.checkpoint("data", "meanwhile").await.crash_consistent);
    home.shell(GUEST, "rm /data/big; echo more > /data/more; sync").await;
    std::io::Read::read_to_end(&mut reader, &mut content).unwrap();
    let expected: Vec<u8> = b"before\n".iter().copied().cycle().take(4_000_000).collect();
    assert!(content == expected, "what was at one moment");
    drop(reader);
    // What was seen may be shown to others for some seconds.
    while home.read_at("data", "big", None).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    refused(home.read_at("data", "big", None).await, ErrorKind::NotFound);
    assert_eq!(home.read("data", "more").await, b"more\n");

    let fetched = home.host().join("fetched");
    std::fs::create_dir(&fetched).unwrap();
    done(&home.download("data", &["seeded", "log"], &fetched).await);
    let log = std::fs::read_to_string(fetched.join("log")).unwrap();
    assert!(log.lines().enumerate().all(|(at, line)| line == (at + 1).to_string()), "a whole file: {log}");
    assert_eq!(std::fs::read(fetched.join("seeded/one")).unwrap(), b"first");
    let mut archive = Vec::new();
    home.engine.file_archive("data", &["seeded".into()], None).await.unwrap().write_to(&mut archive).unwrap();
    assert!(archive.windows(5).any(|bytes| bytes == b"first"));
    home.shell(GUEST, "kill $(cat /tmp/writer); until ! kill -0 $(cat /tmp/writer) 2>/dev/null; do usleep 1000; done")
        .await;
}

/// Puts, makes, renames and deletes while the guest has it.
pub(crate) async fn changed_by_the_guest(home: &Home) {
    let source = home.host().join("tree");
    for number in 0..12 {
        let folder = source.join(format!("sub {}/.hidden", number % 3));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{number} 'ü$(x)")), noise(5000 * number + 1, number as u64)).unwrap();
    }
    std::fs::write(source.join("large"), noise(2 * MIB as usize, 77)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", source.join("link")).unwrap();
    done(&home.upload("data", std::slice::from_ref(&source), "").await);
    let mut expected = std::process::Command::new("sh");
    let sums = "find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum";
    let expected = run(expected.current_dir(&source).args(["-c", sums]));
    assert_eq!(home.shell(GUEST, &format!("cd /data/tree && {sums}")).await, expected);
    assert_eq!(
        home.shell(GUEST, "readlink /data/tree/link; ls -A /data | grep -c cairn; true").await,
        "/etc/passwd\n0\n"
    );

    // Into folders that are there, onto what is there, and nowhere else.
    home.shell(GUEST, "mkdir /tmp/outside && ln -s /tmp/outside /data/out && ln -s /tmp/outside /data/tree/late").await;
    std::fs::write(source.join("late"), "no link").unwrap();
    done(&home.upload("data", std::slice::from_ref(&source), "").await);
    assert_eq!(home.shell(GUEST, "cat /data/tree/late; ls /tmp/outside").await, "no link");
    let into = home.upload("data", std::slice::from_ref(&source), "out/tree").await;
    assert!(failed(&into).contains("'out' is not a folder"), "{into:?}");
    let entry = home.write("data", "put/named", "by the host").await;
    assert_eq!((entry.path.as_str(), entry.size, entry.kind), ("put/named", 11, FileKind::File));
    assert_eq!(home.shell(GUEST, "cat /data/put/named").await, "by the host");
    // Who has looked does not overwrite what the guest has written since.
    let seen = home.engine.file_read("data", "put/named", None).await.unwrap().version();
    home.shell(GUEST, "echo by the guest > /data/put/named && sync").await;
    let condition = Condition::new(move |there| there.is_some_and(|there| there.version == seen));
    let over = WriteFile { overwrite: true, condition: Some(condition), ..WriteFile::default() };
    let lost = home.engine.file_write("data", "put/named", Box::new(&b"lost"[..]), over).await;
    refused(lost, ErrorKind::Conflict);
    assert_eq!(home.shell(GUEST, "cat /data/put/named").await, "by the guest\n");
    home.write("data", "put/named", "by the host").await;
    let made = home.engine.file_mkdir("data", "put/deep/er").await.unwrap();
    assert_eq!((made.path.as_str(), made.kind), ("put/deep/er", FileKind::Directory));
    refused(home.engine.file_mkdir("data", "put").await, ErrorKind::AlreadyExists);
    home.engine.file_rename("data", "fresh", "put/deep/er/moved").await.unwrap();
    refused(home.engine.file_rename("data", "more", "put/named").await, ErrorKind::AlreadyExists);
    assert_eq!(home.read("data", "put/deep/er/moved").await, b"fresh\n");
    assert_eq!(home.paths("data", "put").await, ["put/deep", "put/deep/er", "put/deep/er/moved", "put/named"]);

    // What goes is all that was named, or nothing; a link goes, and not what it leads to.
    home.shell(GUEST, "echo kept > /tmp/outside/file").await;
    refused(home.engine.file_delete("data", "tree", false).await, ErrorKind::Conflict);
    let some = ["tree".to_owned(), "nowhere".to_owned()];
    refused(home.engine.files_delete("data", &some, true).await, ErrorKind::NotFound);
    refused(home.engine.file_delete("data", "out/file", false).await, ErrorKind::NotFound);
    home.engine.files_delete("data", &["tree".to_owned(), "out".to_owned()], true).await.unwrap();
    let left = "ls -d /data/tree /data/out 2>/dev/null; cat /tmp/outside/file";
    assert_eq!(home.shell(GUEST, left).await, "kept\n");
    assert!(!home.paths("data", "").await.iter().any(|path| path.starts_with("tree") || path == "out"));
}

/// Limits what goes through the mount, and lets the volume grow under it.
pub(crate) async fn limited_and_grown(home: &Home) {
    let slow = IoLimits { iops: None, bytes_per_second: Some(MIB) };
    refused(home.engine.mount_limit(GUEST, "/data", IoLimits { iops: Some(0), ..slow }).await, ErrorKind::InvalidInput);
    refused(home.engine.mount_limit(GUEST, "/elsewhere", slow).await, ErrorKind::NotFound);
    assert_eq!(home.engine.mount_limit(GUEST, "/data", slow).await.unwrap().limits, slow);
    let begun = std::time::Instant::now();
    home.shell(GUEST, "dd if=/dev/zero of=/data/slow bs=1M count=4 conv=fsync 2>/dev/null").await;
    assert!(begun.elapsed() > std::time::Duration::from_secs(2), "4 MiB at 1 MiB a second");
    home.engine.mount_limit(GUEST, "/data", IoLimits::default()).await.unwrap();
    let seen = home.engine.mount_list().await.unwrap().remove(0);
    let io = seen.io.expect("the machine says what has gone through");
    assert!(io.written_bytes >= 4 * MIB && io.written_micros > 0 && io.flushes > 0 && io.read_operations > 0, "{io:?}");

    let larger = VolumeChange { quota_bytes: Some(320 * MIB), ..VolumeChange::default() };
    match home.engine.volume_update("data", larger.clone()).await {
        Ok(grown) => {
            assert_eq!(grown.quota_bytes, 320 * MIB);
            let kilobytes = "df -k /data | tail -n 1 | { read -r _ all _; echo $all; }";
            assert!(home.shell(GUEST, kilobytes).await.trim().parse::<u64>().unwrap() > 270 << 10);
        }
        // A guest without the tool is told what to type; the disk has grown.
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Guest, "{error}");
            assert!(error.to_string().contains("resize2fs"), "{error}");
        }
    }
    let sectors: u64 = home.shell(GUEST, "cat /sys/block/vda/size").await.trim().parse().unwrap();
    assert_eq!(sectors * 512, 320 * MIB);
}

/// Nothing is ripped out of a guest that uses it, unless somebody insists.
pub(crate) async fn taken_away_by_force(home: &Home) {
    home.shell(GUEST, "echo kept > /data/log.last; sync; cd /data; sleep 1000 >/dev/null 2>&1 </dev/null &").await;
    let error = refused(home.engine.unmount(GUEST, "/data").await, ErrorKind::InUse);
    assert!(error.message().contains("sleep") && error.hint().unwrap().contains("force"), "{error}");
    assert_eq!(home.engine.mount_list().await.unwrap()[0].state, MountState::Attached);
    refused(home.engine.unmount_by_force(GUEST, "/elsewhere").await, ErrorKind::NotFound);
    let warning = home.engine.unmount_by_force(GUEST, "/data").await.unwrap().warning.expect("it cost something");
    assert!(warning.contains("sleep (process"), "{warning}");
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    refused(home.engine.unmount_by_force(GUEST, "/data").await, ErrorKind::NotFound);
}

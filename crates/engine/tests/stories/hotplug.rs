//! Guests and people that do not do what one hopes for while volumes are mounted: each has its answer.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use cairn_engine::{BootSource, BootVolume, ErrorKind, IoLimits, MountMode, MountState, VmState};
use serde_json::{Value, json};

use crate::attached::Qemu;
use crate::common::*;
use crate::live_files::{changed_by_the_guest, limited_and_grown, seen_as_of_one_moment, taken_away_by_force};

/// Another monitor of somebody's QEMU, through which that somebody does as they like.
pub(crate) struct Monitor(BufReader<UnixStream>);

impl Monitor {
    /// QEMU's options for one in `folder`.
    pub(crate) fn options(folder: &Path) -> [String; 4] {
        let socket = format!("socket,id=monitor,path={}/monitor,server=on,wait=off", folder.display());
        ["-chardev".into(), socket, "-mon".into(), "chardev=monitor,mode=control".into()]
    }

    pub(crate) fn connect(folder: &Path) -> Self {
        Self::at(&folder.join("monitor"))
    }

    pub(crate) fn at(socket: &Path) -> Self {
        let mut monitor = Self(BufReader::new(UnixStream::connect(socket).unwrap()));
        monitor.ask("qmp_capabilities", json!({}));
        monitor
    }

    pub(crate) fn ask(&mut self, command: &str, arguments: Value) -> Value {
        writeln!(self.0.get_mut(), "{}", json!({"execute": command, "arguments": arguments})).unwrap();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "QEMU has gone");
            let mut answer: Value = serde_json::from_str(&line).unwrap();
            assert!(answer.get("error").is_none(), "{command}: {answer}");
            if let Some(answer) = answer.get_mut("return") {
                return answer.take();
            }
        }
    }

    /// Waits until QEMU tells of this.
    pub(crate) fn hear(&mut self, event: &str) {
        let mut line = String::new();
        while serde_json::from_str::<Value>(&line).map_or(true, |told| told["event"] != event) {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "QEMU has gone");
        }
    }
}

impl Home {
    /// Waits until a volume is mounted and nobody is asked for anything.
    async fn wait_for_mount(&self, volume: &str) {
        let mounts = || async { self.engine.mount_list().await.unwrap() };
        let is_there = |mount: &cairn_engine::Mount| {
            mount.volume_name == volume && mount.state == MountState::Attached && mount.error.is_none()
        };
        while !mounts().await.iter().any(is_there) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn wait_for_no_mount(&self) {
        while !self.engine.mount_list().await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pc_boots_is_paused_hangs_restarts_and_powers_off_with_a_volume_inside() {
    let home = Home::new().await;
    let data = home.volume_of("data", 256 * MIB).await;
    home.write("data", "seeded/one", "first").await;
    home.volume("more").await;
    let folder = home.host().join("web");
    let monitor = Monitor::options(&folder);
    let options: Vec<&str> = monitor.iter().map(String::as_str).chain(["-no-shutdown"]).collect();
    let mut qemu = Qemu::demo(&folder, "pc", &options);
    let mut monitor = Monitor::connect(&folder);
    home.attach(&qemu).await.unwrap();

    // It still boots: the disk is plugged in, and mounted as soon as there is an agent.
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    home.wait_for_mount("data").await;
    assert_eq!(home.shell("web", "cat /data/seeded/one").await, "first");

    // Somebody pauses it.
    monitor.ask("stop", json!({}));
    for outcome in [
        home.mount("more", "web", "/more", MountMode::Rw).await.map(drop),
        home.engine.unmount("web", "/data").await,
        home.engine.file_mkdir("data", "made").await.map(drop),
    ] {
        let error = refused(outcome, ErrorKind::Conflict);
        assert!(error.message().contains("paused"), "{error}");
    }
    assert_eq!(home.engine.mount_list().await.unwrap().len(), 1);
    assert!(home.checkpoint("data", "while paused").await.crash_consistent);
    assert_eq!(home.read("data", "seeded/one").await, b"first");
    // By force: it goes when the guest can let it go.
    refused(home.engine.unmount_by_force("web", "/data").await, ErrorKind::Conflict);
    let mount = home.engine.mount_list().await.unwrap().remove(0);
    assert_eq!(mount.state, MountState::Error);
    assert!(mount.error.as_ref().is_some_and(|error| error.contains("paused")), "{mount:?}");
    let mut events = home.engine.subscribe();
    monitor.ask("cont", json!({}));
    home.wait_for_no_mount().await;
    while !notices(&mut events).iter().any(|(_, notice)| notice.contains("has let go of the volume 'data'")) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!monitor.ask("query-named-block-nodes", json!({"flat": true})).to_string().contains(data.id.as_str()));
    home.write("data", "ours", "written after").await;
    home.judge(&data);
    home.mount("data", "web", "/data", MountMode::Rw).await.expect("what is left at the path is no hindrance");
    assert_eq!(home.shell("web", "cat /data/seeded/one; grep -c ' /data ' /proc/mounts").await, "first1\n");

    // Its agent hangs.
    qemu.type_until("kill -STOP $(pidof qemu-ga); echo stopp''ed", "stopped");
    let (mounted, unmounted) =
        tokio::join!(home.mount("more", "web", "/more", MountMode::Rw), home.engine.unmount("web", "/data"));
    let error = refused(mounted, ErrorKind::Guest);
    assert!(error.message().contains("agent did not answer"), "{error}");
    let error = refused(unmounted, ErrorKind::Guest);
    assert!(error.message().contains("agent did not answer") && error.hint().unwrap().contains("force"), "{error}");
    let mounts = home.engine.mount_list().await.unwrap();
    assert_eq!((mounts.len(), mounts[0].state), (1, MountState::Attached), "{mounts:?}");
    qemu.type_until("kill -CONT $(pidof qemu-ga); echo goes o''n", "goes on");

    // It restarts, and has what it had.
    home.shell(
        "web",
        "touch /tmp/first-boot; echo before > /data/before; sync; (sleep 0.5; reboot) >/dev/null 2>&1 </dev/null &",
    )
    .await;
    while home.engine.mount_list().await.unwrap()[0].error.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    booted_anew(&home).await;
    assert_eq!(home.shell("web", "cat /data/before; ls /tmp/first-boot 2>/dev/null || true").await, "before\n");

    // What is told of others' files is true here, too.
    seen_as_of_one_moment(&home, data.id.as_str()).await;
    changed_by_the_guest(&home).await;
    limited_and_grown(&home).await;
    taken_away_by_force(&home).await;
    home.judge(&home.engine.volume_get("data").await.unwrap());

    // Its guest is asked to stop; its QEMU, which is told to stay, is never ended from here.
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    refused(home.engine.vm_stop("web", true).await, ErrorKind::Conflict);
    let error = refused(home.engine.vm_stop("web", false).await, ErrorKind::Conflict);
    assert!(error.message().contains("has powered off"), "{error}");
    assert!(qemu.lives());
    let error = refused(home.engine.unmount("web", "/data").await, ErrorKind::Conflict);
    assert!(error.message().contains("has powered off"), "{error}");
    assert_eq!(home.engine.mount_list().await.unwrap().len(), 1, "its QEMU has the image open");
    drop(qemu);
    home.wait_for_state(VmState::Stopped).await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(home.read("data", "before").await, b"before\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_ignores_an_unplug_keeps_the_volume_until_it_restarts() {
    let home = Home::new().await;
    let data = home.volume("data").await;
    let folder = home.host().join("web");
    // Without ACPI it neither hears of a new disk nor that one is to go.
    let qemu = Qemu::demo_with(&folder, "pc", "acpi=off", &[]);
    home.attach(&qemu).await.unwrap();
    home.wait_for_agent(true).await;
    let rescan = "(while sleep 1; do echo 1 > /sys/bus/pci/rescan; done) >/dev/null 2>&1 </dev/null &";
    home.shell("web", rescan).await;
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    home.shell("web", "echo kept > /data/file").await;
    let error = refused(home.engine.unmount("web", "/data").await, ErrorKind::Timeout);
    assert!(error.message().contains("did not let go"), "{error}");
    let mount = home.engine.mount_list().await.unwrap().remove(0);
    assert_eq!(mount.state, MountState::Error, "{mount:?}");
    for outcome in [home.engine.file_mkdir("data", "made").await.map(drop), home.engine.volume_delete("data").await] {
        let error = refused(outcome, ErrorKind::InUse);
        assert!(error.message().contains("'web'"), "{error}");
    }
    let _ = home.engine.vm_exec("web", vec!["reboot".into()], None).await;
    home.wait_for_no_mount().await;
    assert_eq!(home.read("data", "file").await, b"kept\n");
    home.judge(&data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_of_ours_is_asked_everything_at_once_crashes_and_is_killed() {
    let home = Home::new().await;
    let data = home.volume_of("data", 256 * MIB).await;
    let boot = BootVolume {
        volume: "data".into(),
        path: "/data".into(),
        mode: MountMode::Rw,
        at: None,
        options: Some("noatime".into()),
        limits: IoLimits { iops: Some(5000), bytes_per_second: None },
    };
    let vm = home.managed("web", BootSource::Nothing, |vm| vm.volumes = vec![boot.clone()]).await;
    for wrong in [
        BootVolume { options: Some("noatime; reboot".into()), ..boot.clone() },
        BootVolume { limits: IoLimits { iops: Some(0), bytes_per_second: None }, ..boot.clone() },
    ] {
        let new = cairn_engine::NewVm { volumes: vec![wrong], ..managed("wrong", BootSource::Nothing) };
        refused(home.engine.vm_create(new).await, ErrorKind::InvalidInput);
    }
    let started = home.engine.vm_start("web").await.unwrap();
    assert_eq!(started.mounts[0].options, "rw,discard,nosuid,nodev,noatime");
    assert_eq!(started.mounts[0].limits, boot.limits);
    assert!(home.shell("web", "grep ' /data ' /proc/mounts").await.contains("noatime"));

    // Two want the same at once: one gets it.
    home.volume("twice").await;
    let (one, other) = tokio::join!(
        home.mount("twice", "web", "/one", MountMode::Rw),
        home.mount("twice", "web", "/other", MountMode::Rw)
    );
    let (mounted, error) = if one.is_ok() { (one, other) } else { (other, one) };
    let path = mounted.unwrap().mount_path;
    assert!(refused(error, ErrorKind::Conflict).message().contains(&path));
    let (one, other) = tokio::join!(home.engine.unmount("web", &path), home.engine.unmount("web", &path));
    refused(if one.is_ok() { other } else { one }, ErrorKind::NotFound);
    sixteen_at_once(&home).await;

    // It restarts with the volume inside, and has it again.
    home.shell(
        "web",
        "touch /tmp/first-boot; echo before > /data/before; sync; (sleep 0.5; reboot) >/dev/null 2>&1 </dev/null &",
    )
    .await;
    while home.engine.mount_list().await.unwrap()[0].state != MountState::Attaching {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    booted_anew(&home).await;
    assert_eq!(home.shell("web", "cat /data/before; ls /tmp/first-boot 2>/dev/null || true").await, "before\n");
    assert!(home.shell("web", "grep ' /data ' /proc/mounts").await.contains("noatime"));

    // It crashes: nobody in it answers any more, and only stopping it by force helps.
    home.shell("web", "echo synced > /data/synced; sync").await;
    home.shell("web", "(sleep 1; echo c > /proc/sysrq-trigger) >/dev/null 2>&1 </dev/null &").await;
    let log = home.store().join("vms").join(vm.id.as_str()).join("console.log");
    let said = |text: &str| String::from_utf8_lossy(&std::fs::read(&log).unwrap()).contains(text);
    while !said("Kernel panic") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let error = refused(home.engine.unmount("web", "/data").await, ErrorKind::Guest);
    assert!(error.message().contains("agent did not answer"), "{error}");
    assert_eq!(home.engine.vm_stop("web", true).await.unwrap().state, VmState::Stopped);
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(home.read("data", "synced").await, b"synced\n");
    killed_in_the_middle_of_a_write(&home, &data, &log).await;
}

/// The machine 'web', which is restarting, has forgotten its first boot and has the volume again. On its way down its
/// agent may come back once more, and the volume with it.
async fn booted_anew(home: &Home) {
    let is_new = async || {
        let look = vec!["/bin/sh".into(), "-c".into(), "test ! -e /tmp/first-boot".into()];
        home.engine.vm_exec("web", look, None).await.is_ok_and(|output| output.exit_code == 0)
    };
    while !is_new().await {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    home.wait_for_mount("data").await;
}

/// As many volumes as there are slots, one more, and all of them back.
async fn sixteen_at_once(home: &Home) {
    let names: Vec<String> = (0..16).map(|number| format!("v{number}")).collect();
    for name in &names {
        home.volume(name).await;
    }
    let mounts = names
        .iter()
        .map(|name| async move { home.mount(name, "web", &format!("/volumes/{name}"), MountMode::Rw).await.map(drop) });
    let outcomes = futures::future::join_all(mounts).await;
    let (mounted, left): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((mounted.len(), left.len()), (15, 1), "one of the sixteen slots has 'data'");
    let error = refused(left.into_iter().next().unwrap(), ErrorKind::Conflict);
    assert!(error.message().contains("slot"), "{error}");
    home.shell("web", "for folder in /volumes/v*; do echo ${folder##*/} > $folder/name || true; done").await;
    let mounts = home.engine.mount_list().await.unwrap();
    assert_eq!(mounts.len(), 16);
    let ours: Vec<_> = mounts.iter().filter(|mount| mount.volume_name != "data").collect();
    let unmounts = ours.iter().map(|mount| home.engine.unmount("web", &mount.mount_path));
    for outcome in futures::future::join_all(unmounts).await {
        outcome.unwrap();
    }
    for mount in ours {
        let name = home.read(&mount.volume_name, "name").await;
        assert_eq!(String::from_utf8(name).unwrap().trim(), mount.volume_name);
    }
}

/// What a guest was told is on the disk is there, whatever QEMU was doing when it was killed.
async fn killed_in_the_middle_of_a_write(home: &Home, data: &cairn_engine::Volume, log: &Path) {
    let vm = home.engine.vm_start("web").await.unwrap();
    let writer = "(n=0; while :; do n=$((n+1)); dd if=/dev/urandom of=/data/n$n bs=64k count=1 conv=fsync 2>/dev/null \
                  && echo acked $n $(sha256sum < /data/n$n) > /dev/ttyS0; done) >/dev/null 2>&1 </dev/null &";
    home.shell("web", writer).await;
    let said = || String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    while said().matches("acked").count() < 25 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    kill(vm.pid.unwrap() as i32);
    home.wait_for_state(VmState::Stopped).await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    let said = said();
    // The last line may have been cut.
    let acknowledged: Vec<Vec<&str>> = said
        .lines()
        .filter_map(|line| Some(line.split_once("acked ")?.1.split_whitespace().collect::<Vec<_>>()))
        .filter(|words| words.len() == 3)
        .collect();
    assert!(acknowledged.len() >= 24, "{acknowledged:?}");
    for words in acknowledged {
        let file = home.host().join("n");
        std::fs::write(&file, home.read("data", &format!("n{}", words[0])).await).unwrap();
        let sum = run(std::process::Command::new("sha256sum").arg(&file));
        assert!(sum.starts_with(words[1]), "n{}: {sum}", words[0]);
    }
    home.write("data", "ours", "written after").await;
    home.judge(data);
}

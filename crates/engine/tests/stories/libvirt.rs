//! A machine that libvirt runs: found, attached and used as others are, through a real daemon of libvirt's.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cairn_engine::{
    AttachVm, ErrorKind, FoundVm, IoLimits, MountMode, MountState, NewCheckpointGroup, VmDomain, VmReach, VmState,
    VolumeChange, VolumeId,
};
use tempfile::TempDir;

use crate::attached::Qemu;
use crate::common::*;

/// A daemon of a session of its own; it and its domain end when the story does.
struct Libvirt {
    folder: TempDir,
    daemon: Child,
}

impl Libvirt {
    fn start() -> Self {
        // Short: a socket's path has at most 107 bytes, and libvirt's own names are long.
        let folder = tempfile::Builder::new().prefix("lv").tempdir_in("/tmp").unwrap();
        for name in ["run", "cache", "data", "config/libvirt"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        // Nobody else is to be started for a log.
        std::fs::write(folder.path().join("config/libvirt/qemu.conf"), "stdio_handler = \"file\"\n").unwrap();
        let daemon = daemon(folder.path());
        let libvirt = Self { folder, daemon };
        libvirt.wait_until_it_answers();
        libvirt
    }

    /// As after an update of libvirt: the domain runs on.
    fn restart(&mut self) {
        self.end_daemon();
        self.daemon = daemon(self.folder.path());
        self.wait_until_it_answers();
    }

    fn end_daemon(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.daemon.id().try_into().unwrap());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.daemon.wait();
    }

    fn wait_until_it_answers(&self) {
        while !self.virsh(&["list"]).output().unwrap().status.success() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn uri(&self) -> String {
        let socket = if program().ends_with("virtqemud") { "virtqemud-sock" } else { "libvirt-sock" };
        format!("qemu:///session?socket={}/run/libvirt/{socket}", self.folder.path().display())
    }

    fn virsh(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("virsh");
        command.args(["-q", "-c", &self.uri()]).args(arguments);
        command
    }

    /// Starts the demo VM as the domain `web`, with three ports for disks; paused: it never runs.
    fn start_domain(&self, how: &[&str]) {
        let demo = demo_vm();
        let file = |name: &str| demo.join(name).canonicalize().unwrap().display().to_string();
        let xml = format!(
            "<domain type='qemu'><name>web</name><memory unit='MiB'>256</memory><vcpu>1</vcpu><os>\
             <type arch='x86_64' machine='q35'>hvm</type><kernel>{}</kernel><initrd>{}</initrd>\
             <cmdline>console=ttyS0 quiet</cmdline></os><features><acpi/></features><devices>\
             <controller type='pci' model='pcie-root'/><controller type='pci' model='pcie-root-port'/>\
             <controller type='pci' model='pcie-root-port'/><controller type='pci' model='pcie-root-port'/>\
             <controller type='pci' model='pcie-root-port'/>\
             <controller type='usb' model='none'/><serial type='file'><source path='{}'/></serial>\
             <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>\
             <memballoon model='none'/></devices></domain>",
            file("vmlinuz"),
            file("initrd.img"),
            self.folder.path().join("console.log").display(),
        );
        let path = self.folder.path().join("web.xml");
        std::fs::write(&path, xml).unwrap();
        run(self.virsh(&["create", path.to_str().unwrap()]).args(how));
    }
}

impl Drop for Libvirt {
    fn drop(&mut self) {
        let _ = self.virsh(&["destroy", "web"]).output();
        self.end_daemon();
    }
}

/// The daemon for QEMU alone, or the one for everything that older releases have.
fn program() -> PathBuf {
    let folders = ["/usr/sbin", "/usr/bin"].map(Path::new);
    let mut programs = ["virtqemud", "libvirtd"].iter().flat_map(|name| folders.map(|folder| folder.join(name)));
    programs.find(|program| program.exists()).expect("libvirt's daemon is missing: install the package libvirt-daemon")
}

/// libvirt gives root no session; so root gets another number, in the daemon's own eyes only.
fn daemon(folder: &Path) -> Child {
    let mut command = Command::new("unshare");
    if nix::unistd::geteuid().is_root() {
        command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(program());
    } else {
        command = Command::new(program());
    }
    for (name, place) in
        [("RUNTIME_DIR", "run"), ("CACHE_HOME", "cache"), ("DATA_HOME", "data"), ("CONFIG_HOME", "config")]
    {
        command.env(format!("XDG_{name}"), folder.join(place));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

impl Home {
    async fn found_domain(&self) -> FoundVm {
        let mut all = self.engine.vm_discover().await.unwrap().into_iter();
        all.find(|found| found.libvirt.is_some()).unwrap()
    }

    async fn attach_domain(&self, name: &str, domain: &str) -> Result<cairn_engine::Vm, cairn_engine::Error> {
        let by = VmReach::Libvirt(VmDomain { domain: domain.into(), uri: None });
        self.engine.vm_attach(AttachVm { name: name.into(), by }).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_is_a_machine_as_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut libvirt = Libvirt::start();
    let uri = libvirt.uri();
    let home = Home::with(folder.path(), |options| cairn_engine::OpenOptions { libvirt: vec![uri.clone()], ..options });
    let home = home.await;
    let data = home.volume("data").await;
    home.write("data", "file", "seeded").await;
    refused(home.attach_domain("web", "web").await, ErrorKind::NotFound);
    libvirt.start_domain(&[]);

    // Found, and attached by its name.
    let found = home.found_domain().await;
    assert!(found.can_attach && found.name.as_deref() == Some("web") && found.pid.is_some(), "{found:?}");
    let vm = home.attach_domain("web", "web").await.unwrap();
    assert_eq!((vm.state, vm.pid, vm.memory_mib, vm.cpus), (VmState::Running, found.pid, 256, 1));
    assert_eq!(vm.attached, Some(VmReach::Libvirt(VmDomain { domain: "web".into(), uri: Some(uri) })));
    refused(home.attach_domain("again", "web").await, ErrorKind::AlreadyExists);
    let found = home.found_domain().await;
    assert!(!found.can_attach && found.vm_id == Some(vm.id) && found.detail.contains("'web'"), "{found:?}");
    home.wait_for_agent(true).await;
    for check in ["libvirt", "Slots", "Files", "Agent", "Programs", "Freeze", "Discard"] {
        let found = home.diagnosis(check).await;
        assert!(found.ok, "{found:?}");
    }

    // Mounted and written; nobody else may write it.
    let mount = home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    assert_eq!((mount.state, mount.error), (MountState::Attached, None));
    assert_eq!(home.shell("web", "cat /data/file && echo more > /data/more && sync").await, "seeded");
    let other = Qemu::paused(&home.host().join("other"), "microvm", &[]);
    home.engine.vm_attach(AttachVm { name: "other".into(), by: other.reach() }).await.unwrap();
    let error = refused(home.mount("data", "other", "/data", MountMode::Rw).await, ErrorKind::InUse);
    assert!(error.message().contains("'web'"), "{error}");
    seen_and_added_to_while_it_writes(&home, &libvirt).await;

    // A checkpoint while it writes, with its filesystem frozen; and it grows.
    assert!(!home.checkpoint("data", "live").await.crash_consistent);
    assert_eq!(home.read_at("data", "more", Some("live")).await.unwrap(), b"more\n");
    let larger = VolumeChange { quota_bytes: Some(96 * MIB), ..VolumeChange::default() };
    home.engine.volume_update("data", larger).await.unwrap();
    assert_eq!(home.shell("web", "cat /sys/block/vda/size; echo late > /data/late; sync").await, "196608\n");

    // The daemon is restarted, and so is the engine, in the middle of a look; the guest notices nothing.
    assert_eq!(home.read("data", "late").await, b"late\n");
    let home = home.die_and_reopen_after(|_| libvirt.restart()).await;
    let vm = home.engine.vm_get("web").await.unwrap();
    assert_eq!((vm.state, vm.mounts[0].state), (VmState::Running, MountState::Attached));

    // Busy, and by force.
    home.shell("web", "cd /data; sleep 1000 >/dev/null 2>&1 &").await;
    let error = refused(home.engine.unmount("web", "/data").await, ErrorKind::InUse);
    assert!(error.message().contains("sleep"), "{error}");
    let told = home.engine.unmount_by_force("web", "/data").await.unwrap();
    assert!(told.warning.unwrap().contains("sleep"));
    assert_eq!(home.read("data", "late").await, b"late\n");
    home.judge(&data);

    // Read only, as it was.
    home.mount_at("data", "web", "/then", MountMode::Ro, Some("live")).await.unwrap();
    assert_eq!(
        home.shell("web", "cat /then/more; ls /then/late 2>/dev/null; touch /then/x 2>/dev/null || echo ro").await,
        "more\nro\n"
    );
    home.engine.unmount("web", "/then").await.unwrap();

    limited_and_counted_and_frozen_together(&home, &libvirt, &data.id).await;
    restarted_inside(&home).await;

    // Cairn does not end it; somebody else does, with the volume inside. The lease comes back by itself.
    home.shell("web", "echo last > /data/last; sync").await;
    let error = refused(home.engine.vm_stop("web", true).await, ErrorKind::Conflict);
    assert!(error.hint().unwrap().contains("virsh -c"), "{error}");
    run(&mut libvirt.virsh(&["destroy", "web"]));
    home.wait_for_state(VmState::Stopped).await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(home.read("data", "last").await, b"last\n");
    home.judge(&data);
    home.engine.vm_detach("web").await.unwrap();
}

/// Its files are listed, fetched and added to by the same requests as for a volume that nobody writes.
async fn seen_and_added_to_while_it_writes(home: &Home, libvirt: &Libvirt) {
    home.volume("beside").await;
    home.mount("beside", "web", "/beside", MountMode::Rw).await.unwrap();
    // What the guest has not written back is seen as well; of the other one too, one after the other.
    home.shell("web", "echo new > /data/new; echo other > /beside/other").await;
    assert_eq!(home.read("data", "new").await, b"new\n");
    assert_eq!(home.paths("beside", "").await, ["other"]);
    let letter = home.host().join("letter");
    std::fs::write(&letter, noise(1_500_000, 11)).unwrap();
    done(&home.upload("data", std::slice::from_ref(&letter), "in").await);
    let sum = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let wanted = sum(&run(Command::new("sha256sum").arg(&letter)));
    assert_eq!(sum(&home.shell("web", "sha256sum /data/in").await), wanted);
    assert!(home.read("data", "in").await == std::fs::read(&letter).unwrap());

    // Whoever still reads does not keep a checkpoint from being taken, nor the volume from being unmounted.
    let mut reader = home.engine.file_read("data", "in", None).await.unwrap();
    std::io::Read::read_exact(&mut reader, &mut [0; 1000]).unwrap();
    assert!(!home.checkpoint("data", "meanwhile").await.crash_consistent);
    assert!(home.read_at("data", "in", Some("meanwhile")).await.unwrap() == std::fs::read(&letter).unwrap());
    home.engine.unmount("web", "/beside").await.unwrap();
    drop(reader);
    home.engine.checkpoint_delete("data", "meanwhile").await.unwrap();
    let others = run(&mut libvirt.virsh(&["domblklist", "web"]));
    assert_eq!(others.lines().filter(|line| line.contains(".qcow2")).count(), 1, "{others}");
}

/// What goes through a mount is limited and counted by libvirt; two volumes have one moment.
async fn limited_and_counted_and_frozen_together(home: &Home, libvirt: &Libvirt, data: &VolumeId) {
    home.volume("more").await;
    for (volume, path) in [("data", "/data"), ("more", "/more")] {
        home.mount(volume, "web", path, MountMode::Rw).await.unwrap();
    }
    let limits = IoLimits { iops: Some(5000), bytes_per_second: Some(64 * MIB) };
    assert_eq!(home.engine.mount_limit("web", "/data", limits).await.unwrap().limits, limits);
    // libvirt's names of disks are not the guest's.
    let disks = run(&mut libvirt.virsh(&["domblklist", "web"]));
    let disk = disks.lines().find(|line| line.contains(data.as_str())).unwrap();
    let set = run(&mut libvirt.virsh(&["blkdeviotune", "web", disk.split_whitespace().next().unwrap()]));
    assert!(set.contains("67108864") && set.contains("5000"), "{set}");

    home.shell("web", "head -c 1000000 /dev/zero > /data/zeros; sync; n=0; echo $n > /data/n; echo $n > /more/n").await;
    let mounts = home.engine.mount_list().await.unwrap();
    let io = mounts.iter().find(|mount| mount.mount_path == "/data").unwrap().io.unwrap();
    assert!(io.written_bytes >= 1_000_000 && io.flushes > 0, "{io:?}");

    let group = NewCheckpointGroup { vm: Some("web".into()), name: Some("both".into()), ..Default::default() };
    let taken = home.engine.checkpoint_create_group(group).await.unwrap();
    assert!(taken.len() == 2 && taken.iter().all(|checkpoint| !checkpoint.crash_consistent), "{taken:?}");
    for volume in ["data", "more"] {
        assert_eq!(home.read_at(volume, "n", Some("both")).await.unwrap(), b"0\n");
    }
    home.engine.unmount("web", "/more").await.unwrap();
}

/// libvirt tells of it, and the volume is mounted again.
async fn restarted_inside(home: &Home) {
    home.shell("web", "touch /tmp/first-boot; (sleep 0.5; reboot) >/dev/null 2>&1 </dev/null &").await;
    let look = vec!["/bin/sh".into(), "-c".into(), "[ ! -e /tmp/first-boot ] && cat /data/n".into()];
    while !home.engine.vm_exec("web", look.clone(), None).await.is_ok_and(|output| output.stdout == b"0\n") {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mounts = home.engine.mount_list().await.unwrap();
    assert_eq!((mounts.len(), mounts[0].state), (1, MountState::Attached), "{mounts:?}");
}

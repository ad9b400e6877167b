//! Machines that somebody else has started: found, attached, used as others are, and left as they are.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cairn_engine::{AttachVm, DoctorCheck, ErrorKind, FoundVm, MountMode, MountState, Vm, VmReach, VmState};

use crate::common::*;

/// Somebody's QEMU; ended when the story is.
pub(crate) struct Qemu {
    pub(crate) child: Child,
    folder: PathBuf,
}

impl Qemu {
    /// With its QMP socket in `folder`, once it answers there.
    fn start(folder: &Path, machine: &str, options: &[&str]) -> Self {
        let _ = std::fs::create_dir_all(folder);
        let qmp = folder.join("qmp");
        let _ = std::fs::remove_file(&qmp);
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-nodefaults", "-no-user-config", "-display", "none", "-name", "web", "-machine"]);
        command.arg(format!("{machine},accel=tcg")).args(options);
        command.arg("-qmp").arg(format!("unix:{},server=on,wait=off", qmp.display()));
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let qemu = Self { child, folder: folder.to_owned() };
        while !UnixStream::connect(qemu.qmp()).is_ok_and(|qmp| greets(&qmp)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        qemu
    }

    /// One whose guest never runs.
    pub(crate) fn paused(folder: &Path, machine: &str, options: &[&str]) -> Self {
        Self::start(folder, machine, &[&["-S", "-m", "16"], options].concat())
    }

    /// The demo VM, with an agent's port and a serial console.
    pub(crate) fn demo(folder: &Path, machine: &str, options: &[&str]) -> Self {
        Self::demo_with(folder, machine, "", options)
    }

    /// The same, with more for its kernel.
    pub(crate) fn demo_with(folder: &Path, machine: &str, append: &str, options: &[&str]) -> Self {
        let append = format!("console=ttyS0 quiet {append}");
        let demo = demo_vm();
        let file = |name: &str| demo.join(name).to_str().unwrap().to_owned();
        let (kernel, initrd) = (file("vmlinuz"), file("initrd.img"));
        let socket = |id: &str| format!("socket,id={id},path={}/{id},server=on,wait=off", folder.display());
        let (agent, console) = (socket("ga"), socket("console"));
        let guest = [
            ["-kernel", &kernel],
            ["-initrd", &initrd],
            ["-append", &append],
            ["-m", "256"],
            ["-chardev", &agent],
            ["-device", "virtio-serial"],
            ["-device", "virtserialport,chardev=ga,name=org.qemu.guest_agent.0"],
            ["-chardev", &console],
            ["-serial", "chardev:console"],
        ];
        Self::start(folder, machine, &[guest.as_flattened(), options].concat())
    }

    fn qmp(&self) -> PathBuf {
        self.folder.join("qmp")
    }

    pub(crate) fn reach(&self) -> VmReach {
        VmReach::Sockets { qmp: self.qmp(), agent: None }
    }

    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Types on the serial console until the guest says `until`.
    pub(crate) fn type_until(&self, command: &str, until: &str) {
        let mut console = UnixStream::connect(self.folder.join("console")).unwrap();
        console.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let (mut said, mut piece) = (String::new(), [0; 512]);
        while !said.contains(until) {
            // What is typed before the shell reads is thrown away by the terminal.
            match console.read(&mut piece) {
                Ok(0) => panic!("the console ended: {said}"),
                Ok(read) => said.push_str(&String::from_utf8_lossy(&piece[..read])),
                Err(_) => console.write_all(format!("\n{command}\n").as_bytes()).unwrap(),
            }
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn greets(mut qmp: &UnixStream) -> bool {
    let mut line = String::new();
    BufReader::new(&mut qmp).read_line(&mut line).is_ok_and(|_| line.contains("QMP"))
}

impl Home {
    pub(crate) async fn attach(&self, qemu: &Qemu) -> Result<Vm, cairn_engine::Error> {
        self.engine.vm_attach(AttachVm { name: "web".into(), by: qemu.reach() }).await
    }

    /// What is found of a QEMU.
    async fn found(&self, qemu: &Qemu) -> FoundVm {
        let mut all = self.engine.vm_discover().await.unwrap().into_iter();
        all.find(|found| found.pid == Some(qemu.child.id())).unwrap()
    }

    pub(crate) async fn diagnosis(&self, check: &str) -> DoctorCheck {
        let checks = self.engine.vm_doctor("web").await.unwrap();
        assert!(checks.iter().all(|check| check.ok || check.detail.ends_with(['.', ':'])), "{checks:?}");
        let found = checks.iter().find(|found| found.name == check);
        found.unwrap_or_else(|| panic!("{check} is not among {checks:?}")).clone()
    }

    /// Waits until the agent answers, or until it does not.
    pub(crate) async fn wait_for_agent(&self, answers: bool) {
        while self.diagnosis("Agent").await.ok != answers {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn wait_for_state(&self, state: VmState) {
        while self.engine.vm_get("web").await.unwrap().state != state {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_q35_that_somebody_else_started_is_a_machine_as_others_are() {
    let home = Home::new().await;
    let data = home.volume("data").await;
    home.write("data", "file", "seeded").await;
    home.volume("more").await;
    home.volume("third").await;
    let ports = ["-device", "pcie-root-port,id=p1,chassis=1", "-device", "pcie-root-port,id=p2,chassis=7"];
    let folder = home.host().join("web");
    let mut qemu = Qemu::demo(&folder, "q35", &ports);
    let found = home.found(&qemu).await;
    assert!(found.can_attach && found.vm_id.is_none(), "{found:?}");
    assert_eq!((found.name.as_deref(), found.machine_type.as_deref()), (Some("web"), Some("q35")));
    assert_eq!((found.qmp, found.agent), (Some(qemu.qmp()), Some(folder.join("ga"))));

    let vm = home.attach(&qemu).await.unwrap();
    assert_eq!((vm.state, vm.pid, vm.memory_mib, vm.cpus), (VmState::Running, Some(qemu.child.id()), 256, 1));
    assert_eq!((vm.accelerator.as_deref(), vm.attached), (Some("tcg"), Some(qemu.reach())));
    let again = AttachVm { name: "again".into(), by: qemu.reach() };
    let error = refused(home.engine.vm_attach(again).await, ErrorKind::AlreadyExists);
    assert!(error.message().contains("'web'"), "{error}");
    let found = home.found(&qemu).await;
    assert!(!found.can_attach && found.vm_id == Some(vm.id) && found.detail.contains("'web'"), "{found:?}");

    home.wait_for_agent(true).await;
    for check in ["QMP", "Slots", "Files", "Programs", "Freeze", "Discard"] {
        let found = home.diagnosis(check).await;
        assert!(found.ok, "{found:?}");
    }
    let mount = home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    assert_eq!((mount.state, mount.error), (MountState::Attached, None));
    assert_eq!(home.shell("web", "cat /data/file").await, "seeded");
    home.mount("more", "web", "/more", MountMode::Ro).await.unwrap();
    let error = refused(home.mount("third", "web", "/third", MountMode::Rw).await, ErrorKind::Conflict);
    assert!(error.message().contains("-device pcie-root-port,id=cairn1,chassis=8"), "{error}");
    let slots = home.diagnosis("Slots").await;
    assert!(!slots.ok && slots.paste.unwrap().contains("chassis=8"), "{}", slots.detail);
    home.engine.unmount("web", "/more").await.unwrap();
    refused(home.engine.vm_detach("web").await, ErrorKind::InUse);
    assert!(!home.checkpoint("data", "live").await.crash_consistent);

    // Another engine reaches it again, and finds everything as it was.
    let home = home.reopen_after(|_| {}).await;
    let vm = home.engine.vm_get("web").await.unwrap();
    assert_eq!((vm.state, vm.mounts[0].state), (VmState::Running, MountState::Attached));
    assert_eq!(home.shell("web", "echo kept > /data/file && sync && cat /data/file").await, "kept\n");
    // Cairn neither ends nor starts it.
    refused(home.engine.vm_stop("web", true).await, ErrorKind::Conflict);
    refused(home.engine.vm_restart("web", false).await, ErrorKind::Conflict);
    assert!(qemu.lives());

    // Its QEMU dies with the volume: the lease comes back by itself.
    drop(qemu);
    home.wait_for_state(VmState::Stopped).await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(home.read("data", "file").await, b"kept\n");
    home.write("data", "file", "ours").await;
    home.judge(&data);
    let error = refused(home.engine.vm_start("web").await, ErrorKind::Conflict);
    assert!(error.hint().unwrap().contains("-qmp unix:"), "{error}");

    // Somebody starts it again, and it is reached by itself.
    let mut qemu = Qemu::paused(&folder, "q35", &ports);
    home.wait_for_state(VmState::Running).await;
    home.engine.vm_detach("web").await.unwrap();
    refused(home.engine.vm_get("web").await, ErrorKind::NotFound);
    assert!(qemu.lives() && home.found(&qemu).await.can_attach);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pc_works_with_an_agent_and_without() {
    let home = Home::new().await;
    let data = home.volume("data").await;
    home.write("data", "file", "seeded").await;
    let qemu = Qemu::demo(&home.host().join("web"), "pc", &[]);
    home.attach(&qemu).await.unwrap();
    home.wait_for_agent(true).await;
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("web", "cat /data/file && echo more > /data/more").await, "seeded");
    home.engine.unmount("web", "/data").await.unwrap();
    assert_eq!(home.read("data", "more").await, b"more\n");

    // Its agent goes for good.
    let end = "sed -i /agent/d /etc/inittab; kill -HUP 1; while killall qemu-ga; do sleep 1; done; echo go''ne";
    qemu.type_until(end, "gone");
    home.wait_for_agent(false).await;
    assert!(home.diagnosis("Agent").await.paste.unwrap().contains("apt install qemu-guest-agent"));
    let mount = home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    let told = mount.error.unwrap();
    assert!(mount.state == MountState::Attached && told.contains("mount -o rw,discard,nosuid,nodev"), "{told}");
    // Nobody has mounted it, so nobody needs to unmount it.
    home.engine.unmount("web", "/data").await.unwrap();
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    let by_hand = format!(
        "mkdir -p /data; for d in /sys/block/vd*; do [ \"$(cat $d/serial)\" = {} ] && mount -t ext4 /dev/${{d##*/}} \
         /data; done; cat /data/more && echo mou''nted",
        data.id
    );
    qemu.type_until(&by_hand, "mounted");
    while home.engine.mount_list().await.unwrap()[0].error.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let error = refused(home.engine.unmount("web", "/data").await, ErrorKind::Guest);
    assert!(error.message().contains("umount '/data'"), "{error}");
    assert_eq!(home.engine.mount_list().await.unwrap()[0].state, MountState::Attached);
    drop(qemu);
    home.wait_for_state(VmState::Stopped).await;
    assert_eq!(home.read("data", "more").await, b"more\n");
    home.engine.vm_delete("web").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_machine_from_being_used_is_said() {
    let home = Home::new().await;
    home.volume("data").await;
    let (micro, bare, mute) = (home.host().join("micro"), home.host().join("bare"), home.host().join("mute"));
    let micro = Qemu::paused(&micro, "microvm", &[]);
    let bare = Qemu::paused(&bare, "q35", &[]);

    // A path that leads to nothing, to no socket, or to somebody who speaks something else.
    let told = |qmp: &Path, agent| AttachVm { name: "web".into(), by: VmReach::Sockets { qmp: qmp.to_owned(), agent } };
    let at = |qmp: &Path| told(qmp, None);
    refused(home.engine.vm_attach(at(Path::new("qmp"))).await, ErrorKind::InvalidInput);
    refused(home.engine.vm_attach(at(&home.host().join("none"))).await, ErrorKind::NotFound);
    std::fs::write(home.host().join("file"), "").unwrap();
    refused(home.engine.vm_attach(at(&home.host().join("file"))).await, ErrorKind::InvalidInput);
    let listener = UnixListener::bind(&mute).unwrap();
    let other = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"{\"hello\": 1}\n"));
    let error = refused(home.engine.vm_attach(at(&mute)).await, ErrorKind::Guest);
    assert!(error.message().contains("QMP"), "{error}");
    other.join().unwrap().unwrap();
    let error = refused(home.engine.vm_attach(at(&mute)).await, ErrorKind::Conflict);
    assert!(error.message().contains("Nobody listens"), "{error}");
    refused(home.engine.vm_attach(told(&bare.qmp(), Some(micro.qmp()))).await, ErrorKind::InvalidInput);
    assert!(home.engine.vm_list().await.unwrap().is_empty());

    // Another client has the socket.
    let holder = UnixStream::connect(bare.qmp()).unwrap();
    assert!(greets(&holder));
    let (attached, found) = tokio::join!(home.attach(&bare), home.found(&bare));
    let error = refused(attached, ErrorKind::InUse);
    assert!(error.message().contains("held by another client"), "{error}");
    assert!(!found.can_attach && found.detail.contains("held by another client"), "{found:?}");
    drop(holder);

    // There is nowhere to plug a disk in.
    for (qemu, says, paste) in [
        (&micro, "virtio-mmio", "-machine q35 -device pcie-root-port,id=cairn1,chassis=1"),
        (&bare, "no PCI Express port", "-device pcie-root-port,id=cairn1,chassis=1"),
    ] {
        home.attach(qemu).await.unwrap();
        let error = refused(home.mount("data", "web", "/data", MountMode::Rw).await, ErrorKind::Conflict);
        assert!(error.message().contains(says) && error.message().contains(paste), "{error}");
        let (slots, agent) = (home.diagnosis("Slots").await, home.diagnosis("Agent").await);
        assert!(slots.detail.contains(says) && slots.paste.as_deref() == Some(paste), "{slots:?}");
        assert!(agent.paste.unwrap().contains("name=org.qemu.guest_agent.0"), "{}", agent.detail);
        assert!(home.engine.mount_list().await.unwrap().is_empty());
        home.engine.vm_detach("web").await.unwrap();
    }

    // Its socket goes while no engine looks, and its QEMU runs on; then that ends.
    home.attach(&micro).await.unwrap();
    let home = home.reopen_after(|_| std::fs::remove_file(micro.qmp()).unwrap()).await;
    let vm = home.engine.vm_get("web").await.unwrap();
    let why = vm.error.unwrap();
    assert!(vm.state == VmState::Error && why.contains(&format!("process {}", micro.child.id())), "{why}");
    let error = refused(home.mount("data", "web", "/data", MountMode::Rw).await, ErrorKind::Conflict);
    assert!(error.message().contains("nobody listens"), "{error}");
    drop(micro);
    home.wait_for_state(VmState::Stopped).await;
}

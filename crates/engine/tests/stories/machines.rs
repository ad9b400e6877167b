//! Machines and mounts, with real guests.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use cairn_engine::{Engine, ErrorKind, EventKind, MountMode, MountState, OpenOptions, VmState, VolumeStatus};

use crate::common::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_story() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 512 * MIB).await;
    let source = home.host().join("project");
    for number in 0..60 {
        let folder = source.join(format!("sub {}/deeper", number % 7));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{number}.bin")), noise(3000 * number + 1, number as u64)).unwrap();
    }
    std::fs::write(source.join("large"), noise(60 * MIB as usize, 1000)).unwrap();
    std::fs::write(source.join("empty"), "").unwrap();
    std::fs::write(source.join("日本語のファイル"), "こんにちは").unwrap();
    symlink("large", source.join("link")).unwrap();
    done(&home.upload("data", std::slice::from_ref(&source), "").await);
    home.judge(&volume);
    let first = home.disk(&volume);
    home.checkpoint("data", "seeded").await;

    let vm = home.machine("demo").await;
    assert_eq!((vm.state, vm.accelerator.as_deref()), (VmState::Running, Some("tcg")));
    let mount = home.mount("data", "demo", "/data", MountMode::Rw).await.unwrap();
    assert_eq!((mount.state, mount.mount_path.as_str()), (MountState::Attached, "/data"));
    assert_eq!(home.engine.volume_get("data").await.unwrap().status, VolumeStatus::InUse);
    assert_eq!(home.engine.vm_get("demo").await.unwrap().mounts.len(), 1);

    // The guest sees every byte.
    let mut expected = std::process::Command::new("sh");
    expected.current_dir(&source).args(["-c", "find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum"]);
    let expected = run(&mut expected);
    let command = "cd /data/project && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum";
    assert_eq!(home.shell("demo", command).await, expected);
    assert_eq!(home.shell("demo", "readlink /data/project/link").await, "large\n");
    home.shell("demo", "dd if=/dev/urandom of=/data/made bs=1M count=50 && sync && sha256sum /data/made > /data/sum")
        .await;

    // Meanwhile the engine keeps its hands off, and says why.
    for error in [
        refused(home.engine.checkpoint_restore("data", "seeded").await, ErrorKind::InUse),
        refused(home.engine.volume_delete("data").await, ErrorKind::InUse),
        refused(home.mount("data", "demo", "/again", MountMode::Ro).await, ErrorKind::Conflict),
    ] {
        assert!(error.message().contains("/data"), "{error}");
        assert!(error.message().contains("'demo'"), "{error}");
    }
    assert_eq!(
        home.read_at("data", "project/日本語のファイル", Some("seeded")).await.unwrap(),
        "こんにちは".as_bytes()
    );

    // A checkpoint of what the guest is writing.
    let live = home.engine.checkpoint_create("data", Some("live".into())).await.unwrap();
    assert!(live.current && !live.crash_consistent);
    home.shell("demo", "echo later > /data/later && sync").await;
    let made = home.read_at("data", "made", Some("live")).await.unwrap();
    assert_eq!(made.len() as u64, 50 * MIB);
    refused(home.read_at("data", "later", Some("live")).await, ErrorKind::NotFound);

    home.engine.unmount("demo", "/data").await.unwrap();
    refused(home.engine.unmount("demo", "/data").await, ErrorKind::NotFound);
    home.judge(&volume);
    let now = home.engine.volume_get("data").await.unwrap();
    assert_eq!(now.status, VolumeStatus::Available);
    assert!(now.used_bytes >= 110 * MIB, "what the guest wrote is counted: {}", now.used_bytes);
    assert_eq!(home.read("data", "later").await, b"later\n");
    let back = home.host().join("made");
    done(&home.download("data", &["made"], &back).await);
    assert_eq!(std::fs::read(&back).unwrap(), made);
    assert!(
        run(std::process::Command::new("sha256sum").arg(&back))
            .starts_with(String::from_utf8(home.read("data", "sum").await).unwrap().split(' ').next().unwrap())
    );

    home.engine.checkpoint_restore("data", "seeded").await.unwrap();
    assert_eq!(home.disk(&volume), first);
    assert_eq!(home.paths("data", "made").await, [""; 0]);
    home.judge(&volume);
    refused(home.engine.vm_delete("demo").await, ErrorKind::Conflict);
    assert_eq!(home.engine.vm_stop("demo", false).await.unwrap().state, VmState::Stopped);
    home.engine.vm_delete("demo").await.unwrap();
    refused(home.engine.vm_get("demo").await, ErrorKind::NotFound);
    home.engine.volume_delete("data").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_writes_or_many_read() {
    let home = Home::new().await;
    home.volume("data").await;
    home.volume("other").await;
    home.write("data", "file", "then").await;
    refused(home.mount("data", "one", "/data", MountMode::Rw).await, ErrorKind::NotFound);
    let one = home.machine("one").await;
    home.machine("two").await;
    assert_eq!(home.engine.vm_list().await.unwrap().len(), 2);
    for path in ["", "data", "/", "/a/../b", "/a\nb"] {
        refused(home.mount("data", "one", path, MountMode::Rw).await, ErrorKind::InvalidInput);
    }
    refused(home.mount_at("data", "one", "/data", MountMode::Ro, Some("latest")).await, ErrorKind::Conflict);
    home.checkpoint("data", "first").await;
    home.write("data", "file", "now").await;

    // Many may read; the engine too.
    home.mount("data", "one", "/data", MountMode::Ro).await.unwrap();
    home.mount("data", "two", "/deep/er/data", MountMode::Ro).await.unwrap();
    assert_eq!(home.shell("one", "cat /data/file").await, "now");
    assert_eq!(
        home.shell("two", "cat /deep/er/data/file; touch /deep/er/data/x 2>/dev/null && echo written || true").await,
        "now"
    );
    assert_eq!(home.read("data", "file").await, b"now");
    refused(home.engine.file_mkdir("data", "x").await, ErrorKind::InUse);
    refused(home.mount("other", "one", "/data", MountMode::Rw).await, ErrorKind::AlreadyExists);
    home.engine.unmount("one", "/data").await.unwrap();
    let error = refused(home.mount("data", "one", "/data", MountMode::Rw).await, ErrorKind::InUse);
    assert!(error.message().contains("'two'") && error.message().contains("/deep/er/data"), "{error}");
    home.engine.unmount("two", "/deep/er/data").await.unwrap();

    // One writes, and others read what was.
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    for mode in [MountMode::Rw, MountMode::Ro] {
        let error = refused(home.mount("data", "two", "/data", mode).await, ErrorKind::InUse);
        assert!(error.message().contains("'one'"), "{error}");
    }
    let past = home.mount_at("data", "two", "/data", MountMode::Ro, Some("latest")).await.unwrap();
    assert!(past.checkpoint_id.is_some());
    assert_eq!(home.shell("two", "cat /data/file").await, "then");
    home.shell("one", "echo future > /data/file && sync").await;
    assert_eq!(home.shell("two", "cat /data/file").await, "then");
    refused(home.engine.checkpoint_delete("data", "first").await, ErrorKind::InUse);
    assert_eq!(home.engine.mount_list().await.unwrap().len(), 2);

    // Something in the guest keeps it busy: nothing is ripped out.
    home.shell("one", "cd /data && sleep 1000 >/dev/null 2>&1 </dev/null &").await;
    let error = refused(home.engine.unmount("one", "/data").await, ErrorKind::InUse);
    assert!(error.message().contains("sleep"), "{error}");
    assert_eq!(home.engine.mount_list().await.unwrap()[0].state, MountState::Attached);
    refused(home.engine.vm_stop("one", false).await, ErrorKind::InUse);
    assert_eq!(home.shell("one", "cat /data/file; killall sleep").await, "future\n");
    home.engine.unmount("one", "/data").await.unwrap();
    assert_eq!(home.read("data", "file").await, b"future\n");

    // The plug is pulled: the lease comes back by itself.
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    home.shell("one", "echo survived > /data/synced && sync").await;
    let mut events = home.engine.subscribe();
    kill(one.pid.unwrap() as i32);
    loop {
        if let EventKind::VmChanged { vm_id } = events.recv().await.unwrap().kind
            && vm_id == one.id
        {
            break;
        }
    }
    assert_eq!(home.engine.vm_get("one").await.unwrap().state, VmState::Stopped);
    assert_eq!(home.read("data", "synced").await, b"survived\n");
    home.write("data", "again", "ours").await;
    home.judge(&home.engine.volume_get("data").await.unwrap());
    assert_eq!(home.engine.vm_stop("two", true).await.unwrap().state, VmState::Stopped);
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    // And the machine can be started again.
    assert_eq!(home.engine.vm_start("one").await.unwrap().state, VmState::Running);
}

#[tokio::test]
async fn what_a_machine_needs_is_named_when_it_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("no demo here");
    std::fs::create_dir(&empty).unwrap();
    let options = OpenOptions { demo_vm: Some(empty.clone()), ..OpenOptions::new(folder.path().join("store")) };
    let engine = Engine::open(options).await.unwrap();
    let error = refused(engine.vm_demo(None).await, ErrorKind::Missing);
    assert!(error.message().contains(empty.to_str().unwrap()) && error.hint().is_some(), "{error}");
    assert!(engine.vm_list().await.unwrap().is_empty());
    refused(engine.vm_start("demo").await, ErrorKind::NotFound);
    refused(engine.vm_exec("demo", vec!["true".into()], None).await, ErrorKind::NotFound);
    refused(engine.unmount("demo", "/data").await, ErrorKind::NotFound);
    let checks = engine.doctor().await;
    let check = |name: &str| checks.iter().find(|check| check.name == name).unwrap();
    assert!(!check("Demo VM").ok && check("Store").ok && check("Index").ok && check("QEMU").ok, "{checks:?}");
    assert!(checks.iter().all(|check| check.detail.ends_with('.')), "{checks:?}");
}

/// The same binary, run once more, with no programs to be found.
#[tokio::test]
async fn without_qemu_everything_but_machines_works() {
    const CHILD: &str = "CAIRN_STORY_WITHOUT_QEMU";
    if std::env::var_os(CHILD).is_none() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "machines::without_qemu_everything_but_machines_works"]);
        run(child.env(CHILD, "1").env("PATH", "/nowhere"));
        return;
    }
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "file", "text").await;
    home.checkpoint("data", "kept").await;
    let error = refused(home.engine.vm_demo(None).await, ErrorKind::Missing);
    assert!(error.message().contains("QEMU is missing"), "{error}");
    let vm = home.engine.vm_get("demo").await.unwrap();
    assert_eq!(vm.state, VmState::Stopped);
    assert!(vm.error.is_some_and(|error| error.contains("QEMU")));
    let qemu = home.engine.doctor().await.into_iter().find(|check| check.name == "QEMU").unwrap();
    assert!(!qemu.ok && qemu.detail.contains("nstall"), "{qemu:?}");
}

#[tokio::test]
async fn an_image_that_another_qemu_has_open_is_refused() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "file", "text").await;
    let head = head(&home.volume_folder(&volume));
    let socket: PathBuf = home.host().join("nbd");
    let mut other = std::process::Command::new("qemu-nbd")
        .args(["--persistent", "--socket"])
        .arg(&socket)
        .arg(&head)
        .spawn()
        .unwrap();
    // It listens before it opens the image, and greets afterwards.
    let mut greeting = [0; 8];
    while !std::os::unix::net::UnixStream::connect(&socket)
        .is_ok_and(|mut nbd| std::io::Read::read_exact(&mut nbd, &mut greeting).is_ok())
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(&greeting, b"NBDMAGIC");
    let error = refused(home.engine.file_mkdir("data", "x").await, ErrorKind::InUse);
    assert!(error.message().contains(head.file_name().unwrap().to_str().unwrap()), "{error}");
    refused(home.read_at("data", "file", None).await, ErrorKind::InUse);
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(home.read("data", "file").await, b"text");
}

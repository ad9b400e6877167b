//! This computer's disk is full: what is asked for fails with a sentence, everything stays usable, and a guest waits.
//!
//! The store lies on a small filesystem in memory, which the same binary, run once more, mounts for itself in a
//! namespace of its own; no rights are needed for that, and nobody else sees it.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_engine::{ErrorKind, EventKind, MountMode, NewVolume, VmState};

use crate::common::*;
use crate::deletions::digests;

const FOLDER: &str = "CAIRN_STORY_SMALL_DISK";

/// Tells `story` with a store on a disk of so many bytes. `name` is the test's own.
fn on_a_disk_of<F: Future<Output = ()>>(bytes: u64, name: &str, story: impl FnOnce(PathBuf) -> F) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return tokio::runtime::Runtime::new().unwrap().block_on(story(folder.into()));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("store")).unwrap();
    let script = format!("mount -t tmpfs -o size={bytes} none \"${FOLDER}/store\" || exit 77; exec \"$@\"");
    let mut told = Command::new("unshare");
    told.args(["-Urm", "sh", "-c", &script, "sh"]).arg(std::env::current_exe().unwrap());
    let output = told.args(["--exact", name, "--nocapture"]).env(FOLDER, folder.path()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        println!("Not told here: this system lets nobody mount in a namespace of his own. {said}");
        return;
    }
    assert!(output.status.success(), "{said}");
}

/// Takes up what is free, but for so many bytes.
fn fill(store: &Path, but: u64) -> PathBuf {
    let filler = store.join("run/filler");
    fs::write(&filler, vec![1; (free(store) - but) as usize]).unwrap();
    filler
}

fn free(store: &Path) -> u64 {
    let space = nix::sys::statvfs::statvfs(store).unwrap();
    space.blocks_available() * space.fragment_size()
}

#[test]
fn what_finds_no_room_fails_with_a_sentence_and_nothing_is_lost() {
    let name = "full_disk::what_finds_no_room_fails_with_a_sentence_and_nothing_is_lost";
    on_a_disk_of(24 * MIB, name, async |folder| {
        let home = Home::at(&folder).await;
        let volume = home.volume_of("data", 64 * MIB).await;
        home.write("data", "file", "kept").await;
        home.checkpoint("data", "one").await;
        home.write("data", "file", "present").await;
        let large = || Box::new(std::io::Cursor::new(noise(40 * MIB as usize, 5)));
        let overwrite = || cairn_engine::WriteFile { overwrite: true, ..cairn_engine::WriteFile::default() };
        let filler = fill(&home.store(), 0);
        let new = || NewVolume { name: "more".into(), quota_bytes: 64 * MIB };
        let rename = || cairn_engine::VolumeChange { name: Some("other".into()), quota_bytes: None };
        for error in [
            refused(home.engine.checkpoint_create("data", None).await, ErrorKind::NoSpace),
            refused(home.engine.checkpoint_restore("data", "one").await, ErrorKind::NoSpace),
            refused(home.engine.volume_create(new()).await, ErrorKind::NoSpace),
            refused(home.engine.volume_update("data", rename()).await, ErrorKind::NoSpace),
            refused(home.engine.file_write("data", "file", large(), overwrite()).await, ErrorKind::NoSpace),
        ] {
            assert!(error.to_string().contains("Free some space"), "{error}");
        }
        assert_eq!(home.read("data", "file").await, b"present");
        assert_eq!(home.read_at("data", "file", Some("one")).await.unwrap(), b"kept");
        assert_eq!(home.engine.volume_list().await.unwrap().len(), 1);

        // What was written of it before the disk was full is given back.
        fs::remove_file(&filler).unwrap();
        let filler = fill(&home.store(), 8 * MIB);
        for path in ["file", "other"] {
            let before = home.head_bytes(&volume);
            refused(home.engine.file_write("data", path, large(), overwrite()).await, ErrorKind::NoSpace);
            let after = home.head_bytes(&volume);
            println!("the head took {before} bytes, and after a write for which the disk has no room {after}");
            assert!(after < before + MIB, "the head took {before} bytes, and takes {after}");
        }
        assert_eq!(home.read("data", "file").await, b"present");

        fs::remove_file(&filler).unwrap();
        home.checkpoint("data", "two").await;
        home.engine.checkpoint_restore("data", "one").await.unwrap();
        home.write("data", "more", "room").await;
        home.judge(&volume);
        // An engine that starts on a full disk shows everything, too.
        let filler = fill(&home.store(), 64 << 10);
        home.leave().await;
        let home = Home::at(&folder).await;
        assert_eq!(home.read("data", "more").await, b"room");
        fs::remove_file(filler).unwrap();
        assert!(home.engine.store_check(None, true).await.unwrap().clean);
        home.judge(&volume);
    });
}

#[test]
fn deleting_a_checkpoint_makes_room_on_a_full_disk() {
    let name = "full_disk::deleting_a_checkpoint_makes_room_on_a_full_disk";
    on_a_disk_of(40 * MIB, name, async |folder| {
        let home = Home::at(&folder).await;
        let volume = home.volume_of("data", 64 * MIB).await;
        for (seed, name) in ["one", "two", "three"].into_iter().enumerate() {
            home.write("data", "replaced", noise(4 * MIB as usize, seed as u64)).await;
            home.checkpoint("data", name).await;
        }
        home.write("data", "kept 1", noise(2 * MIB as usize, 8)).await;
        home.checkpoint("data", "four").await;
        home.write("data", "kept 2", noise(3 * MIB as usize, 9)).await;
        home.checkpoint("data", "five").await;
        fill(&home.store(), 256 << 10);
        // What would take more than there is waits; its name is gone.
        let done = home.engine.checkpoint_delete("data", "four").await.unwrap();
        assert!(done.written_bytes == 0 && done.merges[0].when == cairn_engine::MergeTime::Later, "{done:?}");
        // What takes little makes room, and the other is done with it.
        let done = home.engine.checkpoint_delete("data", "two").await.unwrap();
        assert!(done.freed_bytes > 3 * MIB && done.later_bytes == 0, "{done:?}");
        for (seed, name) in [(0, "one"), (2, "three"), (2, "five")] {
            let content = home.read_at("data", "replaced", Some(name)).await.unwrap();
            assert!(content == noise(4 * MIB as usize, seed), "{name}");
        }
        assert!(home.read("data", "kept 1").await == noise(2 * MIB as usize, 8));
        home.judge(&volume);
        assert_eq!(layers(&home.volume_folder(&volume)).len(), 4);
    });
}

#[test]
fn a_base_goes_when_the_disk_gets_short_and_comes_again_when_there_is_room() {
    let name = "full_disk::a_base_goes_when_the_disk_gets_short_and_comes_again_when_there_is_room";
    on_a_disk_of(160 * MIB, name, async |folder| {
        let keep_free = 48 * MIB;
        let home = Home::with(&folder, |options| cairn_engine::OpenOptions { keep_free, ..options }).await;
        let volume = home.volume_of("data", 64 * MIB).await;
        for number in 0..8 {
            home.write("data", "file", noise(MIB as usize, number)).await;
            home.checkpoint("data", &number.to_string()).await;
        }
        home.engine.volume_optimise("data").await.unwrap();
        let has_base = async || home.engine.volume_chain("data").await.unwrap().base.is_some();
        assert!(has_base().await);
        // A machine that stands on it keeps it, however short the disk is.
        home.machine("guest").await;
        home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
        let mut events = home.engine.subscribe();
        let filler = fill(&home.store(), 20 * MIB);
        home.engine.volume_optimise("data").await.unwrap();
        assert!(has_base().await);
        home.shell("guest", "echo on > /data/on; sync; md5sum /data/file").await;
        home.engine.unmount("guest", "/data").await.unwrap();
        // Without one it goes by itself, and people are told.
        hear(&mut events, "the base of the volume 'data' has been dropped").await;
        assert!(!has_base().await);
        assert!(home.read("data", "file").await == noise(MIB as usize, 7));
        home.write("data", "more", "there is still room for this").await;
        home.checkpoint("data", "short").await;
        refused(home.engine.volume_optimise("data").await, ErrorKind::InUse);
        assert!(!has_base().await);

        fs::remove_file(filler).unwrap();
        home.engine.volume_optimise("data").await.unwrap();
        assert!(has_base().await && home.engine.volume_chain("data").await.unwrap().files <= 4);
        assert_eq!(home.read("data", "on").await, b"on\n");
        home.judge(&volume);
    });
}

#[test]
fn a_guest_that_finds_no_room_waits_until_there_is_some() {
    let name = "full_disk::a_guest_that_finds_no_room_waits_until_there_is_some";
    on_a_disk_of(120 * MIB, name, async |folder| {
        let home = Home::at(&folder).await;
        let volume = home.volume_of("data", 256 * MIB).await;
        home.machine("guest").await;
        let before_mount = cairn_engine::PolicyChange { before_mount: Some(true), ..Default::default() };
        home.engine.policy_set("data", before_mount).await.unwrap();
        home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
        let taken = home.engine.checkpoint_list("data").await.unwrap();
        assert!(taken.len() == 1 && taken[0].automatic && taken[0].name.ends_with("before mounting"), "{taken:?}");
        let mut events = home.engine.subscribe();
        let filler = fill(&home.store(), 12 * MIB);
        let write = "(dd if=/dev/urandom of=/data/large bs=1M count=50; sync; sha256sum < /data/large > /data/sum; sync; \
                     touch /data/done) > /dev/null 2>&1 &";
        home.shell("guest", write).await;
        hear(&mut events, "disk is full").await;
        let vm = home.engine.vm_get("guest").await.unwrap();
        assert_eq!(vm.state, VmState::Running);
        assert!(vm.error.unwrap().contains("waits"));

        fs::remove_file(filler).unwrap();
        hear(&mut events, "goes on").await;
        home.shell("guest", "while ! test -e /data/done; do sleep 0.1; done").await;
        assert_eq!(home.engine.vm_get("guest").await.unwrap().error, None);
        let again = "echo 3 > /proc/sys/vm/drop_caches; sha256sum < /data/large | cmp - /data/sum";
        home.shell("guest", again).await;
        home.engine.unmount("guest", "/data").await.unwrap();
        home.judge(&volume);
    });
}

#[test]
fn a_disk_that_fills_up_while_a_running_machine_merges_costs_nothing_but_time() {
    let name = "full_disk::a_disk_that_fills_up_while_a_running_machine_merges_costs_nothing_but_time";
    on_a_disk_of(120 * MIB, name, async |folder| {
        let home = Home::at(&folder).await;
        let volume = home.volume_of("data", 256 * MIB).await;
        home.machine("guest").await;
        home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
        home.engine.volume_optimiser_set("data", false).await.unwrap();
        // What the second holds alone has to be written into a neighbour; what the third hides of it is the gain.
        for (name, files) in [("one", &[("a", 4)][..]), ("two", &[("b", 12), ("c", 14)]), ("three", &[("c", 14)])] {
            for (file, mebibytes) in files {
                let write = format!(
                    "dd if=/dev/urandom of=/data/{file} bs=1M count={mebibytes} conv=notrunc 2>/dev/null; sync"
                );
                home.shell("guest", &write).await;
            }
            home.checkpoint("data", name).await;
        }
        let (mut expected, sums) = (digests(&home, &volume).await, home.shell("guest", "md5sum /data/[abc]").await);
        expected.remove("two");

        let mut events = home.engine.subscribe();
        let plan = home.engine.checkpoint_delete_plan("data", "two").await.unwrap();
        let filler = fill(&home.store(), plan.written_bytes + 2 * MIB);
        // As soon as the merge writes, most of the room that it was promised goes to somebody else.
        let (store, before, more) = (home.store(), free(&home.store()), home.store().join("run/more"));
        let taker = std::thread::spawn(move || {
            while free(&store) + MIB / 2 > before {}
            let file = fs::File::create(more).unwrap();
            let take = |at| nix::fcntl::fallocate(&file, nix::fcntl::FallocateFlags::empty(), at, 1 << 20);
            (0..40).map(|mebibyte| mebibyte << 20).take_while(|at| take(*at).is_ok()).count()
        });
        let merged = home.engine.checkpoint_delete("data", "two").await;
        let taken = taker.join().unwrap();
        println!("{taken} MiB were taken; {merged:?}");
        let merge = &merged.unwrap().merges[0];
        let is_merged = layers(&home.volume_folder(&volume)).len() == 3;
        assert_eq!(merge.when == cairn_engine::MergeTime::Now, is_merged, "{merge:?}");
        fs::write(home.store().join("run/rest"), vec![1; free(&home.store()) as usize]).ok();
        let write = "(dd if=/dev/urandom of=/data/large bs=1M count=4; sync; sha256sum < /data/large > /data/sum; sync; \
                     touch /data/done) > /dev/null 2>&1 &";
        home.shell("guest", write).await;
        hear(&mut events, "disk is full").await;
        assert_eq!(digests(&home, &volume).await.get("one"), expected.get("one"));

        fs::remove_file(filler).unwrap();
        for more in ["run/more", "run/rest"] {
            let _ = fs::remove_file(home.store().join(more));
        }
        hear(&mut events, "goes on").await;
        home.shell("guest", "while ! test -e /data/done; do sleep 0.1; done").await;
        let again = "echo 3 > /proc/sys/vm/drop_caches; sha256sum < /data/large | cmp - /data/sum; md5sum /data/[abc]";
        assert_eq!(home.shell("guest", again).await, sums);
        home.engine.unmount("guest", "/data").await.unwrap();
        // There is room, and nobody has the layers open.
        while layers(&home.volume_folder(&volume)).len() > 3 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(digests(&home, &volume).await, expected);
        home.judge(&volume);
        assert!(home.engine.store_check(None, true).await.unwrap().clean);
    });
}

#[test]
fn a_store_on_a_disk_that_cannot_be_written_is_refused_and_untouched() {
    let name = "full_disk::a_store_on_a_disk_that_cannot_be_written_is_refused_and_untouched";
    on_a_disk_of(24 * MIB, name, async |folder| {
        let home = Home::at(&folder).await;
        let volume = home.volume_of("data", 64 * MIB).await;
        home.write("data", "file", "kept").await;
        home.leave().await;
        let remount = |how| run(Command::new("mount").args(["-o", how]).arg(folder.join("store")));
        remount("remount,ro");
        let error = refused(cairn_engine::Engine::open(options(&folder)).await, ErrorKind::Io);
        assert!(error.to_string().contains("ead-only"), "{error}");
        remount("remount,rw");
        let home = Home::at(&folder).await;
        assert_eq!(home.read("data", "file").await, b"kept");
        home.judge(&volume);
    });
}

async fn hear(events: &mut tokio::sync::broadcast::Receiver<cairn_engine::Event>, what: &str) {
    loop {
        if let EventKind::Notice { message, .. } = events.recv().await.unwrap().kind
            && message.contains(what)
        {
            return;
        }
    }
}

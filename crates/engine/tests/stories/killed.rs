//! The engine is killed: at every step of every operation, and at random moments of random operations.
//!
//! The same binary runs once more as the one that dies; it notes what it begins and what was acknowledged to it.
//! Then the store is opened, compared with what was acknowledged, closed, and judged by others. Of the operation
//! in the middle, all is there or nothing.
//!
//! `CAIRN_CRASH_SEED=<seed>` runs one seed again, `CAIRN_CRASH_STEP=<operation>.<step>` one step.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::common::*;

mod alphabet;
mod chance;
mod judge;
mod notes;
mod world;

use alphabet::{Op, script};
use chance::Dice;
use judge::Judge;
use notes::{Noted, note, noted};
use world::World;

/// Where the one that dies finds its store, its world and what it is to do.
const FOLDER: &str = "CAIRN_CRASH_FOLDER";
/// Lives on each store; each ends by a kill.
const LIVES: u64 = 5;
/// The same where a machine has a volume of it: 50 in the tests, 1,000 by night. Such a store takes longer to come by.
const LIVES_BESIDE_A_MACHINE: u64 = 25;

/// How much is done: a stated part, or in the nightly run all of it.
fn much<T>(by_day: T, by_night: T) -> T {
    if std::env::var_os("CAIRN_NIGHTLY").is_some() { by_night } else { by_day }
}

/// What the one that dies is to do.
#[derive(serde::Serialize, serde::Deserialize)]
enum Task {
    One(Op),
    Random { world: World, seed: u64 },
}

/// Not a story: the one that dies, when a story has started it.
#[test]
fn the_one_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let task = serde_json::from_slice(&std::fs::read(folder.join("task")).unwrap()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let home = Home::at(&folder).await;
        let perform = async |op: Op| {
            note(&folder, &Noted::Begun(op.clone()));
            op.perform(&home).await;
            note(&folder, &Noted::Acknowledged);
        };
        match task {
            Task::One(op) => {
                perform(op).await;
                // A machine goes on when it has not died after all.
                if !home.engine.vm_list().await.unwrap().is_empty() {
                    home.leave().await;
                }
            }
            Task::Random { mut world, seed } => {
                let mut dice = Dice::new(seed);
                loop {
                    let any = if world.has_machine { Op::beside_a_machine } else { Op::any };
                    let op = any(&world, &mut dice);
                    op.apply(&mut world);
                    perform(op).await;
                }
            }
        }
    });
}

/// A store, what people should see in it, and who judges it.
#[derive(Clone)]
struct Life {
    folder: PathBuf,
    world: World,
    judge: Judge,
    /// What was done so far, for whoever wonders about a failure.
    history: Vec<String>,
}

impl Life {
    fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), world: World::default(), judge: Judge::default(), history: Vec::new() }
    }

    /// Goes on beside a machine that has the volume `data` to write, and does so. It stays until the answer goes.
    async fn beside_a_machine(&mut self, writer: &str) -> Home {
        self.world.has_machine = true;
        let home = Home::at(&self.folder).await;
        home.machine(alphabet::GUEST).await;
        for op in [Op::Create { volume: "data".into() }, Op::Mount { volume: "data".into() }] {
            op.perform(&home).await;
            op.apply(&mut self.world);
        }
        home.shell(alphabet::GUEST, writer).await;
        home.engine.clone().close().await.unwrap();
        home
    }

    /// Starts the one that dies.
    fn start(&self, task: &Task, environment: &[(&str, String)]) -> Child {
        let _ = std::fs::remove_file(self.folder.join("noted"));
        std::fs::write(self.folder.join("task"), serde_json::to_vec(task).unwrap()).unwrap();
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::the_one_that_dies", "--nocapture", "--test-threads=1"])
            .env(FOLDER, &self.folder)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.folder.join("said")).unwrap())
            .spawn()
            .unwrap()
    }

    /// It has died: what was acknowledged is there, of what it was doing all or nothing, and nothing is left over.
    async fn look(&mut self) {
        let mut expected = self.world.clone();
        let mut begun = None;
        let noted = noted(&self.folder);
        self.history.push(format!("{noted:?}"));
        for entry in noted {
            match entry {
                Noted::Begun(op) => begun = Some(op),
                Noted::Acknowledged => begun.take().unwrap().apply(&mut expected),
            }
        }
        let home = Home::at(&self.folder).await;
        let seen = World::seen(&home, self.world.has_machine).await;
        home.leave().await;
        if let Some(different) = expected.difference(&seen) {
            let mut done = expected.clone();
            let doing = begun.expect(&different);
            doing.apply(&mut done);
            let other = done.difference(&seen);
            assert!(
                other.is_none(),
                "neither before {doing:?}: {different}\nnor after it: {}\nafter {:#?}",
                other.unwrap(),
                self.history
            );
            expected = done;
        }
        self.world = expected;
        self.judge.judge(&self.folder.join("store"));
    }
}

/// Tells how a failure is repeated.
struct Repeat(String);

impl Drop for Repeat {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("To run this again: {} cargo test -p cairn-engine --test stories killed::", self.0);
        }
    }
}

#[tokio::test]
async fn an_engine_killed_at_any_step_of_any_operation_has_done_all_of_it_or_nothing() {
    let only = std::env::var("CAIRN_CRASH_STEP").ok();
    let (mut seen, mut deaths) = (BTreeSet::new(), 0);
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::in_folder(folder.path());
    drop(Home::at(folder.path()).await.engine.close().await);
    for (number, op) in script().into_iter().enumerate() {
        let before = tempfile::tempdir().unwrap();
        copy_store(folder.path(), before.path());
        let unharmed = Life { folder: before.path().to_owned(), ..life.clone() };
        let points = trace(&mut life, &op).await;
        // Each point that no operation before has passed, and a part of the others.
        for (step, point) in (1..).zip(&points) {
            let this = format!("{number}.{step}");
            let is_chosen = seen.insert(point.clone()) || (number + step) % much(9, 1) == 0;
            if only.as_ref().map_or(is_chosen, |only| *only == this) {
                let _repeat = Repeat(format!("CAIRN_CRASH_STEP={this}"));
                die_at(&unharmed, &op, step, point).await;
                deaths += 1;
            }
        }
    }
    println!("{deaths} deaths at {} kinds of steps", seen.len());
}

/// Performs the operation, and answers the fault points that it has passed.
async fn trace(life: &mut Life, op: &Op) -> Vec<String> {
    let file = life.folder.join("trace");
    let mut child = life.start(&Task::One(op.clone()), &[("CAIRN_FAULT_TRACE", file.display().to_string())]);
    assert!(child.wait().unwrap().success(), "{op:?}: {}", said(&life.folder));
    life.look().await;
    let points = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    points.lines().map(str::to_owned).collect()
}

async fn die_at(unharmed: &Life, op: &Op, step: usize, point: &str) {
    let folder = tempfile::tempdir().unwrap();
    copy_store(&unharmed.folder, folder.path());
    let mut life = Life { folder: folder.path().to_owned(), ..unharmed.clone() };
    let _told = Repeat(format!("(killed at '{point}' in {op:?})"));
    let mut child = life.start(&Task::One(op.clone()), &[("CAIRN_FAULT", format!("*:{step}"))]);
    child.wait().unwrap();
    life.look().await;
}

#[tokio::test]
async fn an_engine_killed_at_random_moments_of_random_operations_loses_nothing() {
    let chosen = std::env::var("CAIRN_CRASH_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = chosen.map_or(0..much(3, 200), |seed| seed..seed + 1);
    for seed in seeds {
        let _repeat = Repeat(format!("CAIRN_CRASH_SEED={seed}"));
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::in_folder(folder.path());
        let mut dice = Dice::new(seed + 1);
        for _ in 0..LIVES {
            live_and_die(&mut life, &mut dice, 120).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_killed_beside_a_machine_that_writes_loses_nothing() {
    let chosen = std::env::var("CAIRN_CRASH_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = chosen.map_or(0..much(2, 40), |seed| seed..seed + 1);
    for seed in seeds {
        let _repeat = Repeat(format!("CAIRN_CRASH_SEED={seed}"));
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::in_folder(folder.path());
        let _machine = life.beside_a_machine(WRITER).await;
        let mut dice = Dice::new(seed + 1);
        for _ in 0..LIVES_BESIDE_A_MACHINE {
            live_and_die(&mut life, &mut dice, 40).await;
        }
        println!("seed {seed}: {LIVES_BESIDE_A_MACHINE} lives");
        let last = Home::at(folder.path()).await;
        if life.world.volumes["data"].is_mounted {
            Op::Unmount { volume: "data".into() }.perform(&last).await;
        }
        last.engine.clone().close().await.unwrap();
        life.judge.judge(&folder.path().join("store"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_was_frozen_when_the_engine_was_killed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::in_folder(folder.path());
    let writer = "(while :; do date >> /data/log; usleep 10000; done) > /dev/null 2>&1 &";
    let _machine = life.beside_a_machine(writer).await;
    for point in ["guest frozen", "layers put on top"] {
        let op = Op::Checkpoint { volume: "data".into(), name: point.into() };
        let mut child = life.start(&Task::One(op), &[("CAIRN_FAULT", format!("{point}:1"))]);
        let status = child.wait().unwrap();
        assert!(std::os::unix::process::ExitStatusExt::signal(&status).is_some(), "{point}: {}", said(&life.folder));
        life.look().await;
        let next = Home::at(folder.path()).await;
        let lines = async || next.shell(alphabet::GUEST, "wc -l < /data/log").await.trim().parse::<u64>().unwrap();
        let before = lines().await;
        while lines().await == before {}
        next.leave().await;
    }
    assert!(life.world.volumes["data"].checkpoints.contains_key("layers put on top"), "QEMU had it already");
}

/// The steps of a merge in a machine; after the last of them its files go.
const IN_THE_MACHINE: [&str; 4] = ["machine merges", "machine has merged", "live merge complete", "live merge true"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_that_a_machine_was_merging_when_the_engine_was_killed_show_what_they_showed() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::in_folder(folder.path());
    let _machine = life.beside_a_machine(WRITER).await;
    let trace = life.folder.join("trace");
    let last = ("CAIRN_FAULT", "layer removed:1".to_owned());
    let forget = |name: &str| Task::One(Op::Forget { volume: "data".into(), name: name.into() });
    take(&mut life, &["traced", "next"]).await;
    let mut child = life.start(&forget("traced"), &[("CAIRN_FAULT_TRACE", trace.display().to_string()), last]);
    child.wait().unwrap();
    life.look().await;
    let trace = std::fs::read_to_string(&trace).unwrap();
    assert!(IN_THE_MACHINE.iter().all(|point| trace.lines().any(|line| line == *point)), "{trace}");
    for step in (1..=trace.lines().count()).step_by(much(5, 1)) {
        // In the middle, and below the present.
        let [below, newest] = [format!("below {step}"), format!("newest {step}")];
        take(&mut life, &[&below, &newest]).await;
        for name in [below, newest] {
            let _told = Repeat(format!("(killed at step {step} of forgetting '{name}')"));
            let mut child = life.start(&forget(&name), &[("CAIRN_FAULT", format!("*:{step}"))]);
            child.wait().unwrap();
            life.look().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_that_a_machine_was_merging_when_everything_ended_show_what_they_showed() {
    // However slow everything is, a layer holds so little that the machine is always asked to merge it.
    let calm = "(while true; do date > /data/now; sync; sleep 0.2; done) > /dev/null 2>&1 &";
    for point in IN_THE_MACHINE {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::in_folder(folder.path());
        let machine = life.beside_a_machine(calm).await;
        take(&mut life, &["first", "second", "third"]).await;
        let name = if point == "machine merges" { "third" } else { "second" };
        let task = Task::One(Op::Forget { volume: "data".into(), name: name.into() });
        let mut child = life.start(&task, &[("CAIRN_FAULT", format!("{point}:1"))]);
        let status = child.wait().unwrap();
        assert!(std::os::unix::process::ExitStatusExt::signal(&status).is_some(), "{point}: {}", said(&life.folder));
        // The machine goes as well, with what it had not written yet.
        let vms = std::fs::read_dir(machine.store().join("vms")).unwrap();
        let pid = vms.map(|vm| std::fs::read_to_string(vm.unwrap().path().join("qemu.pid")).unwrap()).next().unwrap();
        let pid = pid.trim();
        drop(machine);
        while std::fs::read_dir(format!("/proc/{pid}/fd")).is_ok_and(|mut open| open.next().is_some()) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        life.world.volumes.get_mut("data").unwrap().is_mounted = false;
        life.look().await;
    }
}

/// Takes checkpoints of what the machine writes, one after the other.
async fn take(life: &mut Life, names: &[&str]) {
    let home = Home::at(&life.folder).await;
    for name in names {
        let op = Op::Checkpoint { volume: "data".into(), name: (*name).into() };
        home.shell(alphabet::GUEST, "dd if=/dev/urandom of=/data/often bs=100k count=3 2>/dev/null; sync").await;
        op.perform(&home).await;
        op.apply(&mut life.world);
    }
    home.leave().await;
}

/// Two volumes that a machine writes, and one that nobody has.
const TOGETHER: [&str; 3] = ["first", "second", "third"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_of_checkpoints_that_was_cut_short_is_there_on_all_volumes_or_on_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::in_folder(folder.path());
    let home = Home::at(folder.path()).await;
    home.machine(alphabet::GUEST).await;
    for volume in TOGETHER {
        home.volume_of(volume, 16 * MIB).await;
    }
    for volume in &TOGETHER[..2] {
        home.mount(volume, alphabet::GUEST, &format!("/{volume}"), cairn_engine::MountMode::Rw).await.unwrap();
    }
    let writer = "(while :; do date >> /first/log; date >> /second/log; usleep 10000; done) > /dev/null 2>&1 &";
    home.shell(alphabet::GUEST, writer).await;
    home.engine.clone().close().await.unwrap();
    let group = |name: &str| Op::Group { volumes: TOGETHER.map(str::to_owned).to_vec(), name: name.into() };
    let trace = life.folder.join("trace");
    // It dies at its last step, because whoever ends in peace takes the machine along.
    let last = ("CAIRN_FAULT", "volume has its part of the group:3".to_owned());
    let mut child =
        life.start(&Task::One(group("traced")), &[("CAIRN_FAULT_TRACE", trace.display().to_string()), last]);
    child.wait().unwrap();
    let points = std::fs::read_to_string(&trace).unwrap().lines().count();
    let (mut taken, mut dropped) = (0, 0);
    for step in (1..=points).rev().step_by(much(8, 1)) {
        let name = format!("killed at {step}");
        let mut child = life.start(&Task::One(group(&name)), &[("CAIRN_FAULT", format!("*:{step}"))]);
        child.wait().unwrap();
        let home = Home::at(folder.path()).await;
        let mut have = 0;
        for volume in TOGETHER {
            let checkpoints = home.engine.checkpoint_list(volume).await.unwrap();
            have += usize::from(checkpoints.iter().any(|checkpoint| checkpoint.name == name));
        }
        assert!([0, 3].contains(&have), "{have} volumes have the checkpoint '{name}' of {points}");
        *(if have == 0 { &mut dropped } else { &mut taken }) += 1;
        let lines = async || home.shell(alphabet::GUEST, "wc -l < /second/log").await.trim().parse::<u64>().unwrap();
        let before = lines().await;
        while lines().await == before {}
        home.leave().await;
        life.judge.judge(&folder.path().join("store"));
    }
    println!("of {} groups that were cut short {taken} were finished and {dropped} dropped", taken + dropped);
    assert!(taken > 0 && dropped > 0);
    drop(Home::at(folder.path()).await);
}

#[tokio::test]
async fn what_an_engine_was_writing_when_it_was_killed_takes_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::in_folder(folder.path());
    let home = Home::at(folder.path()).await;
    let volume = home.volume_of("data", 512 * MIB).await;
    home.write("data", "kept", noise(MIB as usize, 1)).await;
    let volume_folder = home.volume_folder(&volume);
    home.leave().await;
    let content = |length, seed| world::Content { length, seed };
    let upload = Op::Upload { volume: "data".into(), destination: "up".into(), content: content(30 * MIB, 2) };
    let write = Op::Write { volume: "data".into(), path: "large".into(), content: content(120 * MIB, 3) };
    // Killed when all of it is there and has not its place, and in the middle of the content.
    for (op, point) in [(&upload, Some("upload staged:1")), (&upload, None), (&write, None)] {
        let before = head_bytes(&volume_folder);
        let fault = point.map(|point| ("CAIRN_FAULT", point.to_owned()));
        let mut child = life.start(&Task::One(op.clone()), &Vec::from_iter(fault));
        let mut most = 0;
        while point.is_none() && most < before + 16 * MIB {
            most = head_bytes(&volume_folder);
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself: {}", said(&life.folder));
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        if point.is_none() {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        let left = head_bytes(&volume_folder);
        let home = Home::at(folder.path()).await;
        assert_eq!(home.paths("data", "").await, ["kept"]);
        assert!(home.read("data", "kept").await == noise(MIB as usize, 1));
        home.leave().await;
        let after = head_bytes(&volume_folder);
        println!("the head took {before} bytes, {left} when the engine was killed, and {after} after the next start");
        assert!(left > before + 8 * MIB && after < before + 2 * MIB, "{before}, {left}, {after}");
        life.judge.judge(&folder.path().join("store"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_was_cut_short_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let life = Life::in_folder(folder.path());
    let home = Home::at(folder.path()).await;
    let image = home.image("disk.qcow2", "qcow2");
    home.managed(alphabet::GUEST, cairn_engine::BootSource::Image(image), |_| {}).await;
    home.engine.vm_start(alphabet::GUEST).await.unwrap();
    let writer =
        "mkdir -p /own && mount /dev/vda /own && (while :; do date >> /own/log; usleep 10000; done) > /dev/null 2>&1 &";
    home.shell(alphabet::GUEST, writer).await;
    home.engine.clone().close().await.unwrap();
    let snapshot = |name: &str| Op::Snapshot { name: name.into() };
    let trace = life.folder.join("trace");
    // It dies at its last step, because whoever ends in peace takes the machine along.
    let last = ("CAIRN_FAULT", "machine stands on the snapshot:1".to_owned());
    let environment = [("CAIRN_FAULT_TRACE", trace.display().to_string()), last];
    life.start(&Task::One(snapshot("traced")), &environment).wait().unwrap();
    let points = std::fs::read_to_string(&trace).unwrap().lines().count();
    assert!(points > 10, "{points}");
    let (mut taken, mut dropped) = (0, 0);
    for step in (1..=points).rev().step_by(much(4, 1)) {
        let name = format!("killed at {step}");
        let mut child = life.start(&Task::One(snapshot(&name)), &[("CAIRN_FAULT", format!("*:{step}"))]);
        child.wait().unwrap();
        let home = Home::at(folder.path()).await;
        let snapshots = home.engine.snapshot_list().await.unwrap();
        let found = snapshots.iter().filter(|snapshot| snapshot.name == name).count();
        *(if found == 0 { &mut dropped } else { &mut taken }) += 1;
        let lines = async || home.shell(alphabet::GUEST, "wc -l < /own/log").await.trim().parse::<u64>().unwrap();
        let before = lines().await;
        while lines().await == before {}
        // What is frozen is whole, and nothing else lies about.
        let place = home.store().join("snapshots");
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), snapshots.len(), "killed at {step}");
        for snapshot in &snapshots {
            let disk = place.join(snapshot.id.as_str()).join("disk.qcow2");
            run(Command::new("qemu-img").args(["check", "-q"]).arg(disk));
        }
        home.leave().await;
    }
    println!("of {} snapshots that were cut short {taken} were finished and {dropped} dropped", taken + dropped);
    assert!(taken > 0 && dropped > 0);
    // When the machine has stopped, nothing but its record and what QEMU left is in its folder.
    let home = Home::at(folder.path()).await;
    let vm = home.engine.vm_stop(alphabet::GUEST, true).await.unwrap();
    for entry in std::fs::read_dir(home.store().join("vms").join(vm.id.as_str())).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("session") && !name.contains("unfinished"), "{name}");
    }
    for snapshot in home.engine.snapshot_list().await.unwrap().iter().rev() {
        home.engine.snapshot_delete(snapshot.id.as_str()).await.unwrap();
    }
}

/// Writes to the volume for ever, whenever the guest has it.
const WRITER: &str = "(while true; do
    n=$((n + 1))
    grep -q ' /data ' /proc/mounts && dd if=/dev/urandom of=/data/$((n % 20)) bs=20k count=3 && sync
    sleep 0.02
done) > /dev/null 2>&1 &";

/// An engine does random things until it is killed, at some step or at some moment after something was acknowledged.
async fn live_and_die(life: &mut Life, dice: &mut Dice, most: u64) {
    let task = Task::Random { world: life.world.clone(), seed: dice.below(1 << 40) };
    let step = (dice.below(3) > 0).then(|| 1 + dice.below(most));
    let fault = step.map(|step| ("CAIRN_FAULT", format!("*:{step}")));
    let mut child = life.start(&task, &fault.into_iter().collect::<Vec<_>>());
    if step.is_none() {
        let enough = 2 + dice.below(most / 6) as usize;
        while noted(&life.folder).len() < enough {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself: {}", said(&life.folder));
            std::thread::sleep(std::time::Duration::from_millis(1 + dice.below(7)));
        }
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(std::os::unix::process::ExitStatusExt::signal(&status).is_some(), "{}", said(&life.folder));
    life.look().await;
}

fn said(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("said")).unwrap_or_default()
}

fn copy_store(from: &Path, to: &Path) {
    run(Command::new("cp").args(["-a", "--sparse=always"]).arg(from.join("store")).arg(to));
}

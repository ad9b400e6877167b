//! The menu's sentences, told with volumes and machines made up on the spot.

use std::collections::BTreeMap;

use cairn_engine::{
    Checkpoint, Direction, IoLimits, Mount, MountMode, MountState, Transfer, TransferState, Vm, VmId, VmState, Volume,
    VolumeId, VolumeStatus,
};
use time::OffsetDateTime;

use super::{Action, Facts, Plan};
use crate::texts::Language;

fn volume(name: &str, id: char) -> Volume {
    Volume {
        id: format!("vol_{}", id.to_string().repeat(16)).parse::<VolumeId>().expect("an id"),
        name: name.to_owned(),
        quota_bytes: 1 << 30,
        used_bytes: 0,
        disk_bytes: 0,
        status: VolumeStatus::Available,
        created_at: OffsetDateTime::UNIX_EPOCH,
        checkpoint_count: 0,
        mounts: Vec::new(),
        error: None,
    }
}

fn machine(name: &str, state: VmState) -> Vm {
    Vm {
        id: "vm_mmmmmmmmmmmmmmmm".parse::<VmId>().expect("an id"),
        name: name.to_owned(),
        state,
        accelerator: None,
        pid: None,
        memory_mib: 256,
        cpus: 1,
        created_at: OffsetDateTime::UNIX_EPOCH,
        setup: None,
        attached: None,
        mounts: Vec::new(),
        error: None,
    }
}

fn mounted(volume: &mut Volume, vm: &mut Vm, path: &str) {
    let mount = Mount {
        volume_id: volume.id.clone(),
        volume_name: volume.name.clone(),
        vm_id: vm.id.clone(),
        vm_name: vm.name.clone(),
        mount_path: path.to_owned(),
        mode: MountMode::Rw,
        checkpoint_id: None,
        state: MountState::Attached,
        error: None,
        since: OffsetDateTime::UNIX_EPOCH,
        options: String::new(),
        limits: IoLimits::default(),
        io: None,
    };
    volume.status = VolumeStatus::InUse;
    volume.mounts.push(mount.clone());
    vm.mounts.push(mount);
}

fn plan(volumes: Vec<Volume>, vms: Vec<Vm>, language: Language) -> Plan {
    Plan::new(Facts { volumes, vms, ..Facts::default() }, language)
}

fn checkpoint(name: &str, of: &Volume, id: char) -> Checkpoint {
    Checkpoint {
        id: format!("ckpt_{}", id.to_string().repeat(16)).parse().expect("an id"),
        volume_id: of.id.clone(),
        name: name.to_owned(),
        parent: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        automatic: false,
        crash_consistent: false,
        current: false,
        disk_bytes: 0,
    }
}

fn transfer(title: &str, state: TransferState, done: u64) -> Transfer {
    Transfer {
        id: "tr_aaaaaaaaaaaaaaaa".parse().expect("an id"),
        volume_id: "vol_aaaaaaaaaaaaaaaa".parse().expect("an id"),
        direction: Direction::Upload,
        title: title.to_owned(),
        state,
        can_pause: state == TransferState::Running,
        can_retry: false,
        bytes_done: done,
        bytes_total: 100,
        files_done: 0,
        files_total: 1,
        current: None,
        error: None,
        error_kind: None,
        started_at: OffsetDateTime::UNIX_EPOCH,
        ended_at: (state == TransferState::Done).then_some(OffsetDateTime::UNIX_EPOCH),
    }
}

fn labels(plan: &Plan) -> Vec<String> {
    let lines = |entry: &super::Entry| -> Vec<String> {
        entry.lines.iter().map(|line| format!("{}/{}", entry.label, line.label)).collect()
    };
    plan.entries.iter().flat_map(lines).collect()
}

#[test]
fn a_volume_is_offered_to_every_machine_that_runs() {
    let plan = plan(vec![volume("work", 'a')], vec![machine("demo", VmState::Running)], Language::English);
    assert_eq!(plan.status, "1 volume, 0 mounted; demo is running");
    assert_eq!(labels(&plan), ["work/Mount in demo at /data", "work/Checkpoint now"]);
}

#[test]
fn without_a_running_machine_the_menu_says_so() {
    let plan = plan(vec![volume("work", 'a')], vec![machine("demo", VmState::Stopped)], Language::English);
    assert_eq!(plan.status, "1 volume, 0 mounted; no machine is running");
    assert_eq!(labels(&plan), ["work/No machine is running", "work/Checkpoint now"]);
}

#[test]
fn a_mounted_volume_stands_first_and_can_be_unmounted() {
    let (mut work, mut demo) = (volume("work", 'a'), machine("demo", VmState::Running));
    mounted(&mut work, &mut demo, "/data");
    let plan = plan(vec![volume("archive", 'b'), work], vec![demo], Language::English);
    assert_eq!(
        labels(&plan),
        [
            "work/Unmount from demo (/data)",
            "work/Checkpoint now",
            // /data is taken in this machine.
            "archive/Mount in demo at /mnt/archive",
            "archive/Checkpoint now",
        ]
    );
}

#[test]
fn a_name_that_a_shell_would_take_apart_is_no_path() {
    let (mut work, mut demo) = (volume("work", 'a'), machine("demo", VmState::Running));
    mounted(&mut work, &mut demo, "/data");
    let plan = plan(vec![volume("my $stuff", 'b')], vec![demo], Language::English);
    assert_eq!(labels(&plan)[0], "my $stuff/Mount in demo at /mnt/vol_bbbbbbbbbbbbbbbb");
}

#[test]
fn it_speaks_the_languages_of_the_window() {
    let (mut work, mut demo) = (volume("work", 'a'), machine("demo", VmState::Running));
    mounted(&mut work, &mut demo, "/data");
    let said = plan(vec![work.clone()], vec![demo.clone()], Language::German);
    assert_eq!(said.status, "1 Volume, 1 eingehängt; demo läuft");
    assert_eq!(labels(&said), ["work/Aus demo aushängen (/data)", "work/Checkpoint jetzt"]);
    let plan = plan(vec![work], vec![demo], Language::Japanese);
    assert_eq!(plan.status, "ボリューム 1 個、マウント中 1 個、demo が実行中");
    assert_eq!(labels(&plan)[0], "work/demo (/data) からアンマウント");
}

#[test]
fn very_many_volumes_are_left_to_the_window() {
    let volumes = (0..30).map(|number| volume(&format!("v{number:02}"), 'a')).collect();
    let plan = plan(volumes, Vec::new(), Language::English);
    assert_eq!((plan.entries.len(), plan.more), (25, 5));
}

#[test]
fn the_newest_checkpoints_are_looked_at_from_the_tray() {
    let work = volume("work", 'a');
    let taken = ["one", "two", "three", "four"].into_iter().zip("bcde".chars());
    let taken: Vec<_> = taken.map(|(name, id)| checkpoint(name, &work, id)).collect();
    let checkpoints = BTreeMap::from([(work.id.clone(), taken)]);
    let plan = Plan::new(Facts { volumes: vec![work], checkpoints, ..Facts::default() }, Language::English);
    assert_eq!(labels(&plan)[2..], ["work/Look at 'four'", "work/Look at 'three'", "work/Look at 'two'"]);
}

#[test]
fn transfers_stand_in_the_menu_while_they_are_under_way() {
    let all = |transfers| Plan::new(Facts { transfers, ..Facts::default() }, Language::English).transfers;
    assert_eq!(all(vec![transfer("old", TransferState::Done, 100)]), None);
    let two = all(vec![transfer("holiday", TransferState::Running, 47), transfer("disk", TransferState::Paused, 5)]);
    let two = two.expect("an entry");
    let labels: Vec<_> = two.lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(two.label, "2 transfers under way");
    assert_eq!(labels, ["holiday (40 %)", "disk (paused)", "Pause all", "Resume all"]);
}

#[test]
fn an_action_survives_its_way_through_an_id() {
    let (volume, vm) = ("vol_aaaaaaaaaaaaaaaa".to_owned(), "vm_bbbbbbbbbbbbbbbb".to_owned());
    let actions = [
        Action::Open,
        Action::Quit,
        Action::Mount { volume: volume.clone(), vm: vm.clone(), path: "/data".to_owned() },
        Action::Unmount { vm, path: "/odd:path/x y".to_owned() },
        Action::Look { volume: volume.clone(), checkpoint: "ckpt_aaaaaaaaaaaaaaaa".to_owned() },
        Action::Pause,
        Action::Resume,
        Action::Checkpoint { volume },
    ];
    for action in actions {
        assert_eq!(Action::parse(&action.to_string()), Some(action));
    }
    for foreign in ["", "about", "tray:", "tray:mount:vol_a", "tray:else"] {
        assert_eq!(Action::parse(foreign), None, "{foreign:?}");
    }
}

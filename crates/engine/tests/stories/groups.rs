//! Checkpoints of several volumes at one moment: all of them, or none.

use cairn_engine::{Checkpoint, Error, ErrorKind, MountMode, NewCheckpointGroup};

use crate::common::*;

async fn group(home: &Home, volumes: &[&str], vm: Option<&str>, name: &str) -> Result<Vec<Checkpoint>, Error> {
    let volumes = volumes.iter().map(|volume| (*volume).to_owned()).collect();
    let new = NewCheckpointGroup { volumes, vm: vm.map(str::to_owned), name: Some(name.to_owned()) };
    home.engine.checkpoint_create_group(new).await
}

async fn number_in(home: &Home, volume: &str, at: &str) -> u64 {
    String::from_utf8(home.read_at(volume, "n", Some(at)).await.unwrap()).unwrap().trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_guest_writes_to_two_volumes_alternately_agrees_in_their_checkpoints() {
    let home = Home::new().await;
    home.machine("demo").await;
    for (volume, path) in [("first", "/first"), ("second", "/second")] {
        home.volume(volume).await;
        home.mount(volume, "demo", path, MountMode::Rw).await.unwrap();
    }
    home.volume("third").await;
    home.write("third", "file", "then").await;
    // A file that is written anew is empty for a moment, and is so in a checkpoint of that moment.
    let writer = "(while :; do n=$((n + 1)); for volume in first second; do
        echo $n > /$volume/new; mv /$volume/new /$volume/n; done; done) > /dev/null 2>&1 &";
    home.shell("demo", writer).await;
    home.shell("demo", "until [ \"$(cat /second/n)\" -gt 20 ]; do usleep 10000; done 2> /dev/null").await;
    for name in ["one", "two", "three"] {
        let taken = group(&home, &["third"], Some("demo"), name).await.unwrap();
        assert_eq!(taken.len(), 3);
        assert!(taken.iter().all(|taken| taken.name == name && taken.current && !taken.crash_consistent), "{taken:?}");
        let (first, second) = (number_in(&home, "first", name).await, number_in(&home, "second", name).await);
        assert!(first == second || first == second + 1, "they are of one moment: {first} and {second}");
    }
    assert_eq!(home.read_at("third", "file", Some("one")).await.unwrap(), b"then");
    // A volume that does not belong to it writes on.
    home.write("third", "file", "later").await;

    // One of them cannot: none has it.
    home.checkpoint("third", "taken").await;
    refused(group(&home, &["third"], Some("demo"), "taken").await, ErrorKind::AlreadyExists);
    let ruined = home.volume("ruined").await;
    std::fs::write(head(&home.volume_folder(&ruined)), "").unwrap();
    group(&home, &["ruined", "third"], Some("demo"), "never").await.unwrap_err();
    for volume in ["first", "second", "third"] {
        let checkpoints = home.engine.checkpoint_list(volume).await.unwrap();
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.name != "never"), "{checkpoints:?}");
        let folder = home.volume_folder(&home.engine.volume_get(volume).await.unwrap());
        assert!(manifest(&folder)["intents"].is_null());
        assert_eq!(layers(&folder).len(), checkpoints.len() + 1, "nothing is left over");
    }
    assert_eq!(decisions(&home), 0);
    home.engine.vm_stop("demo", true).await.unwrap();
    for volume in ["first", "second", "third"] {
        home.judge(&home.engine.volume_get(volume).await.unwrap());
    }
}

#[tokio::test]
async fn volumes_that_nobody_has_are_taken_together_too() {
    let home = Home::new().await;
    for volume in ["a", "b"] {
        home.volume(volume).await;
        home.write(volume, "file", volume).await;
    }
    let new = NewCheckpointGroup { volumes: vec!["a".into(), "b".into(), "a".into()], ..Default::default() };
    let taken = home.engine.checkpoint_create_group(new).await.unwrap();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].name, taken[1].name);
    refused(group(&home, &["a", "nobody"], None, "x").await, ErrorKind::NotFound);
    refused(group(&home, &[], None, "x").await, ErrorKind::InvalidInput);
    refused(group(&home, &["a", "b"], None, "latest").await, ErrorKind::InvalidInput);
    assert_eq!(decisions(&home), 0);
}

/// How many groups are being taken, as the store says.
fn decisions(home: &Home) -> usize {
    let entries = std::fs::read_dir(home.store().join("run")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("grp_")).count()
}

//! Transfers that rest, are interrupted, and are begun again.

use std::fs;
use std::path::Path;

use cairn_engine::{Conflict, ErrorKind, EventKind, Transfer, TransferState, Upload};

use crate::common::*;

fn upload(source: &Path) -> Upload {
    Upload { sources: vec![source.to_owned()], destination: String::new(), conflict: Conflict::Fail }
}

/// Begins an upload and pauses it when it is under way.
async fn resting(home: &Home, source: &Path) -> Transfer {
    let mut events = home.engine.subscribe();
    let transfer = home.engine.upload("data", upload(source)).await.unwrap();
    let mut asked = false;
    loop {
        let EventKind::TransferChanged { transfer: seen } = events.recv().await.unwrap().kind else { continue };
        if seen.id != transfer.id {
            continue;
        }
        if seen.files_total > 0 && !asked {
            asked = true;
            home.engine.transfer_pause(seen.id.as_str()).unwrap();
        }
        assert!(seen.ended_at.is_none(), "{seen:?}");
        if seen.state == TransferState::Paused {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_rests_keeps_its_place_and_outlives_the_engine() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 512 * MIB).await;
    let (large, small, last) = (home.host().join("large"), home.host().join("small"), home.host().join("last"));
    fs::write(&large, noise(100 * MIB as usize, 7)).unwrap();
    fs::write(&small, "small").unwrap();
    fs::write(&last, "last").unwrap();
    let state = |home: &Home, id: &str| home.engine.transfer_get(id).unwrap().state;

    // It rests with the volume in hand: nothing of it can be seen, and others wait.
    let first = resting(&home, &large).await;
    assert!(first.bytes_done < first.bytes_total && !first.can_pause && !first.can_retry);
    assert!(home.paths("data", "").await.is_empty());
    let second = home.engine.upload("data", upload(&small)).await.unwrap();
    let third = home.engine.upload("data", upload(&last)).await.unwrap();
    // One that waits rests at once, and lets others go before it.
    assert_eq!(home.engine.transfer_pause(second.id.as_str()).unwrap().state, TransferState::Paused);
    refused(home.engine.transfer_retry(second.id.as_str()).await, ErrorKind::Conflict);
    refused(home.engine.transfer_resume(third.id.as_str()).await, ErrorKind::Conflict);
    home.engine.transfer_resume(first.id.as_str()).await.unwrap();
    done(&home.engine.transfer_wait(first.id.as_str()).await.unwrap());
    done(&home.engine.transfer_wait(third.id.as_str()).await.unwrap());
    assert_eq!(state(&home, second.id.as_str()), TransferState::Paused);
    refused(home.engine.transfer_pause(first.id.as_str()), ErrorKind::Conflict);
    refused(home.engine.transfer_retry(first.id.as_str()).await, ErrorKind::Conflict);

    // The engine ends while one rests in its middle and another waits.
    home.engine.files_delete("data", &["large".to_owned()], false).await.unwrap();
    let fourth = resting(&home, &large).await;
    let home = home.reopen_after(|_| ()).await;
    home.judge(&volume);
    assert_eq!(home.paths("data", "").await, ["last"]);
    let left: Vec<_> = home.engine.transfer_list().into_iter().map(|left| (left.id, left.state)).collect();
    let interrupted = |transfer: &Transfer| (transfer.id.clone(), TransferState::Interrupted);
    assert_eq!(left, [interrupted(&second), interrupted(&fourth)]);
    for id in [fourth.id.as_str(), second.id.as_str()] {
        home.engine.transfer_resume(id).await.unwrap();
        done(&home.engine.transfer_wait(id).await.unwrap());
    }
    assert_eq!(home.paths("data", "").await, ["large", "last", "small"]);
    assert!(home.read("data", "large").await == fs::read(&large).unwrap());
    home.judge(&volume);

    // One that failed is tried again under the same id.
    home.engine.transfer_clear();
    let missing = home.host().join("missing");
    let fails = home.engine.upload("data", upload(&missing)).await.unwrap();
    failed(&home.engine.transfer_wait(fails.id.as_str()).await.unwrap());
    fs::write(&missing, "found").unwrap();
    home.engine.transfer_retry(fails.id.as_str()).await.unwrap();
    done(&home.engine.transfer_wait(fails.id.as_str()).await.unwrap());
    assert_eq!(home.read("data", "missing").await, b"found");
    assert_eq!(home.engine.transfer_list().len(), 1);
}

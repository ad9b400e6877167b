//! Files and folders are copied within a volume, as they are, or not at all.

use std::collections::BTreeMap;
use std::fs;

use cairn_engine::{Conflict, CopyFiles, ErrorKind, MountMode, Transfer, TransferState};

use crate::archives::{anatomy, archive, extract, make_difficult_tree, replace_head};
use crate::common::*;

async fn copy(home: &Home, paths: &[&str], to: &str, conflict: Conflict) -> Transfer {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let transfer = home.engine.files_copy("data", CopyFiles { paths, destination: to.into(), conflict }).await.unwrap();
    home.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
}

#[tokio::test]
async fn a_folder_is_copied_with_all_that_linux_knows_of_it() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let made = home.host().join("made");
    make_difficult_tree(&made);
    fs::remove_file(made.join("deep/sparse")).unwrap();
    replace_head(&home, &volume, &made);
    let mut events = home.engine.subscribe();
    done(&copy(&home, &["deep"], "copy", Conflict::Replace).await);
    assert!(notices(&mut events).iter().any(|(_, notice)| notice.contains("pipe")));
    home.judge(&volume);

    let out = home.host().join("out");
    extract(&archive(&home, &["/"], None).await.unwrap(), &out);
    let below = |folder: &str| -> BTreeMap<Vec<u8>, _> {
        let all = anatomy(&out.join(folder)).into_iter();
        all.filter(|(name, _)| !name.ends_with(b"pipe")).collect()
    };
    let (original, copied) = (below("deep"), below("copy"));
    assert!(!copied.is_empty());
    assert_eq!(original.keys().collect::<Vec<_>>(), copied.keys().collect::<Vec<_>>());
    for (name, expected) in original {
        assert!(copied[&name] == expected, "{} differs", String::from_utf8_lossy(&name));
    }
}

#[tokio::test]
async fn a_copy_goes_where_cp_would_put_it_and_what_cannot_be_changes_nothing() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "a/one", "one").await;
    home.write("data", "a/b/two", noise(3 << 20, 2)).await;
    home.write("data", "there/one", "other").await;
    for (paths, to, kind) in [
        (&["a"][..], "a/b/", ErrorKind::InvalidInput),
        (&["a"], "a", ErrorKind::InvalidInput),
        (&["a/one"], "a/one", ErrorKind::InvalidInput),
        (&["a/one"], "a/", ErrorKind::InvalidInput),
        (&["a/one", "none"], "there/", ErrorKind::NotFound),
        (&["a/one"], "there", ErrorKind::AlreadyExists),
    ] {
        let conflict = if kind == ErrorKind::AlreadyExists { Conflict::Fail } else { Conflict::Replace };
        let ended = copy(&home, paths, to, conflict).await;
        assert_eq!(
            (ended.state, ended.error_kind),
            (TransferState::Failed, Some(kind)),
            "{paths:?} to {to}: {ended:?}"
        );
    }
    assert_eq!(home.read("data", "there/one").await, b"other");

    done(&copy(&home, &["a/one"], "there", Conflict::Skip).await);
    assert_eq!(home.read("data", "there/one").await, b"other");
    done(&copy(&home, &["a/one", "a/b"], "there", Conflict::Replace).await);
    assert_eq!(home.read("data", "there/one").await, b"one");
    assert!(home.read("data", "there/b/two").await == noise(3 << 20, 2));
    done(&copy(&home, &["a"], "b", Conflict::Fail).await);
    assert!(home.read("data", "b/b/two").await == home.read("data", "a/b/two").await);
    home.judge(&volume);

    home.machine("guest").await;
    home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
    let wanted = CopyFiles { paths: vec!["a".into()], destination: "c".into(), conflict: Conflict::Fail };
    let error = refused(home.engine.files_copy("data", wanted).await, ErrorKind::InUse);
    assert!(error.to_string().contains("guest"), "{error}");
}

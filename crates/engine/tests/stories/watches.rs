//! Watched folders: what changes on the host comes into the volume by itself.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cairn_engine::{ErrorKind, FileKind, NewWatch, Watch, WatchState};

use crate::common::*;

/// Long after anything would have happened.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder of the host that is kept in step into the volume `data`.
pub(crate) async fn watch(home: &Home, host_path: &Path, path: &str, delete: bool) -> Watch {
    let ignore = vec!["*.log".to_owned(), "/private/".to_owned()];
    let new = NewWatch { host_path: host_path.to_owned(), path: path.to_owned(), ignore, delete };
    home.engine.watch_add("data", new).await.unwrap()
}

/// The only watched folder, when it stands so.
pub(crate) async fn stands(home: &Home, enough: impl Fn(&Watch) -> bool) -> Watch {
    let mut events = home.engine.subscribe();
    loop {
        let watch = home.engine.watch_list(Some("data")).await.unwrap().remove(0);
        if enough(&watch) {
            return watch;
        }
        let heard = tokio::time::timeout(PATIENCE, events.recv()).await;
        assert!(heard.is_ok(), "it stays so: {watch:?}");
    }
}

/// Waits until the volume has these files and no others, and all is in step.
async fn has(home: &Home, paths: &[&str]) {
    let mut events = home.engine.subscribe();
    loop {
        let there = home.paths("data", "").await;
        let watch = home.engine.watch_list(Some("data")).await.unwrap().remove(0);
        if there == paths && watch.state == WatchState::Watching {
            return;
        }
        let heard = tokio::time::timeout(PATIENCE, events.recv()).await;
        assert!(heard.is_ok(), "there is {there:?}, and {watch:?}");
    }
}

/// Waits until a file of the volume says so.
async fn says(home: &Home, path: &str, content: &str) {
    let mut events = home.engine.subscribe();
    while home.read_at("data", path, None).await.ok().as_deref() != Some(content.as_bytes()) {
        let heard = tokio::time::timeout(PATIENCE, events.recv()).await;
        assert!(heard.is_ok(), "{path} never says {content}");
    }
}

fn plant(folder: &Path) {
    for name in ["src/deep", "target", "private", ".git"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    for (name, content) in [
        (".gitignore", "target/\n"),
        ("src/main.rs", "one"),
        ("src/deep/größe.txt", "groß"),
        ("target/junk", "junk"),
        ("private/key", "secret"),
        (".git/HEAD", "ref"),
        ("noise.log", "noise"),
    ] {
        fs::write(folder.join(name), content).unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.join("link")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_kept_in_step_and_what_goes_there_goes() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let folder = home.host().join("project");
    plant(&folder);
    home.write("data", "mine", "by hand").await;
    let added = watch(&home, &folder, "work", true).await;
    assert_eq!((added.path.as_str(), added.delete), ("work", true));
    let planted = ["mine", "work", "work/.gitignore", "work/link", "work/src", "work/src/deep"];
    has(&home, &[&planted[..], &["work/src/deep/größe.txt", "work/src/main.rs"]].concat()).await;
    let link = home.engine.file_stat("data", "work/link", None).await.unwrap();
    assert_eq!((link.kind, link.target.as_deref()), (FileKind::Symlink, Some("/etc/passwd")));
    let watched = stands(&home, |watch| watch.state == WatchState::Watching).await;
    assert_eq!((watched.files, watched.copied, watched.deleted), (6, 6, 0));

    // Changed, made executable, added in a folder that is new.
    fs::write(folder.join("src/main.rs"), "two, and longer").unwrap();
    says(&home, "work/src/main.rs", "two, and longer").await;
    fs::create_dir_all(folder.join("new/er")).unwrap();
    fs::write(folder.join("new/er/est"), "new").unwrap();
    says(&home, "work/new/er/est", "new").await;
    fs::write(folder.join("new/er/est"), "newer").unwrap();
    says(&home, "work/new/er/est", "newer").await;
    assert_eq!(home.engine.transfer_list().len(), 1, "one transfer stands for all of its copies");

    // What goes goes, what is only in the volume stays, and with it the folder that it is in.
    home.write("data", "work/src/deep/made here", "stays").await;
    fs::remove_dir_all(folder.join("src")).unwrap();
    fs::remove_dir_all(folder.join("new")).unwrap();
    let left = ["mine", "work", "work/.gitignore", "work/link", "work/src", "work/src/deep"];
    has(&home, &[&left[..], &["work/src/deep/made here"]].concat()).await;
    // A file is where a folder was that the folder has brought.
    fs::create_dir(folder.join("turns")).unwrap();
    fs::write(folder.join("turns/into"), "a folder").unwrap();
    says(&home, "work/turns/into", "a folder").await;
    fs::remove_dir_all(folder.join("turns")).unwrap();
    fs::write(folder.join("turns"), "a file").unwrap();
    says(&home, "work/turns", "a file").await;
    stands(&home, |watch| watch.state == WatchState::Watching).await;
    home.judge(&volume);

    // The next engine catches up with what happened meanwhile, also with what went.
    let home = home
        .reopen_after(|_| {
            fs::remove_file(folder.join("turns")).unwrap();
            fs::write(folder.join("meanwhile"), "came").unwrap();
        })
        .await;
    says(&home, "work/meanwhile", "came").await;
    has(&home, &[&left[..4], &["work/meanwhile"], &left[4..], &["work/src/deep/made here"]].concat()).await;
    assert_eq!(home.engine.watch_list(None).await.unwrap()[0].id, added.id);

    // Where a disk belongs that is not there, nothing was deleted.
    fs::rename(&folder, home.host().join("elsewhere")).unwrap();
    let lost = stands(&home, |watch| watch.state == WatchState::Error).await;
    assert!(lost.reason.unwrap().contains("not there any more"));
    fs::create_dir(&folder).unwrap();
    let empty = |watch: &Watch| watch.reason.as_ref().is_some_and(|reason| reason.contains("is empty now"));
    stands(&home, empty).await;
    assert!(home.paths("data", "").await.contains(&"work/meanwhile".to_owned()));
    fs::remove_dir(&folder).unwrap();
    fs::rename(home.host().join("elsewhere"), &folder).unwrap();
    stands(&home, |watch| watch.state == WatchState::Watching).await;

    refused(home.engine.watch_rm("data", "watch_aaaaaaaaaaaaaaaa").await, ErrorKind::NotFound);
    home.engine.watch_rm("data", added.id.as_str()).await.unwrap();
    assert!(home.engine.watch_list(None).await.unwrap().is_empty());
    let run = fs::read_dir(home.store().join("run")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(run.into_iter().all(|name| !name.to_string_lossy().contains(added.id.as_str())));
    assert!(home.paths("data", "").await.contains(&"work/meanwhile".to_owned()), "what has come stays");
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_deleting_what_has_come_stays_and_what_does_not_fit_is_said() {
    let home = Home::new().await;
    home.volume("data").await;
    let folder = home.host().join("project");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a"), "a").unwrap();
    home.write("data", "b/in", "a folder").await;
    let added = watch(&home, &folder, "", false).await;
    has(&home, &["a", "b", "b/in"]).await;
    fs::remove_file(folder.join("a")).unwrap();
    fs::write(folder.join("c"), "c").unwrap();
    has(&home, &["a", "b", "b/in", "c"]).await;
    // A folder of the volume's is no watched file's to replace; nothing else of that round comes either.
    fs::write(folder.join("b"), "a file").unwrap();
    let wrong = stands(&home, |watch| watch.state == WatchState::Error).await;
    assert!(wrong.reason.unwrap().contains("'b' would become a file"), "it says what is in the way");
    home.engine.file_delete("data", "b", true).await.unwrap();
    has(&home, &["a", "b", "c"]).await;
    // In the trash there is nothing to keep in step; it goes on when the volume is back.
    home.engine.volume_delete("data").await.unwrap();
    fs::write(folder.join("d"), "d").unwrap();
    home.engine.volume_undelete("data", None).await.unwrap();
    has(&home, &["a", "b", "c", "d"]).await;

    // What cannot be watched is refused, and nothing is remembered of it.
    let new = |host_path: &Path| NewWatch {
        host_path: host_path.to_owned(),
        path: "there".into(),
        ignore: Vec::new(),
        delete: false,
    };
    let add = |volume: &'static str, new: NewWatch| home.engine.watch_add(volume, new);
    refused(add("none", new(&folder)).await, ErrorKind::NotFound);
    refused(add("data", new(&folder.join("none"))).await, ErrorKind::NotFound);
    refused(add("data", new(&folder.join("c"))).await, ErrorKind::InvalidInput);
    refused(add("data", new(home.store().parent().unwrap())).await, ErrorKind::InvalidInput);
    refused(add("data", new(&home.store().join("volumes"))).await, ErrorKind::InvalidInput);
    refused(add("data", NewWatch { path: "../x".into(), ..new(&folder) }).await, ErrorKind::InvalidInput);
    refused(add("data", NewWatch { path: String::new(), ..new(&folder) }).await, ErrorKind::AlreadyExists);
    refused(add("data", NewWatch { ignore: vec!["[z-a]".into()], ..new(&folder) }).await, ErrorKind::InvalidInput);
    assert_eq!(home.engine.watch_list(None).await.unwrap().len(), 1);
    assert_eq!(home.engine.watch_list(Some("data")).await.unwrap()[0].id, added.id);
}

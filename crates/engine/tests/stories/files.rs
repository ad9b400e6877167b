//! Files one at a time: write, list, stat, read, rename, delete.

use std::io::{self, Read};

use cairn_engine::{ErrorKind, EventKind, FileKind, ListFiles, Page, WriteFile};

use crate::common::*;

#[tokio::test]
async fn a_file_is_written_with_the_folders_above_it_and_read_back() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let content = noise(3 * MIB as usize + 17, 1);
    let entry = home.write("data", "/a/b/c.bin", content.clone()).await;
    assert_eq!((entry.path.as_str(), entry.kind, entry.size), ("a/b/c.bin", FileKind::File, content.len() as u64));
    assert_eq!(home.read("data", "a/b/c.bin").await, content);

    let reader = home.engine.file_read("data", "a/b/c.bin", None).await.unwrap();
    let mut part = [0; 100];
    assert_eq!(reader.read_at(&mut part, MIB).unwrap(), 100);
    assert_eq!(part[..], content[MIB as usize..MIB as usize + 100]);
    assert_eq!(reader.read_at(&mut part, content.len() as u64 - 10).unwrap(), 10);
    assert_eq!(reader.read_at(&mut part, u64::MAX / 2).unwrap(), 0);
    drop(reader);

    let folder = home.engine.file_stat("data", "a/b", None).await.unwrap();
    assert_eq!((folder.kind, folder.mode), (FileKind::Directory, 0o755));
    home.judge(&volume);
}

#[tokio::test]
async fn a_file_is_only_replaced_when_that_is_meant() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "file", "old").await;
    let again = |overwrite| {
        let options = WriteFile { overwrite, size_hint: Some(3), ..WriteFile::default() };
        home.engine.file_write("data", "file", Box::new(io::Cursor::new(b"new")), options)
    };
    refused(again(false).await, ErrorKind::AlreadyExists);
    assert_eq!(home.read("data", "file").await, b"old");
    again(true).await.unwrap();
    assert_eq!(home.read("data", "file").await, b"new");
}

/// Gives some bytes, then fails.
struct Failing(u64);

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "the caller went away"));
        }
        let count = (self.0 as usize).min(buf.len());
        buf[..count].fill(7);
        self.0 -= count as u64;
        Ok(count)
    }
}

#[tokio::test]
async fn a_source_that_fails_half_way_leaves_everything_as_it_was() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "file", "old").await;
    let before = home.engine.volume_get("data").await.unwrap().used_bytes;
    let taken = home.head_bytes(&volume);
    for path in ["file", "new/folder/file"] {
        let options = WriteFile { overwrite: true, size_hint: Some(20 * MIB), ..WriteFile::default() };
        let error = home.engine.file_write("data", path, Box::new(Failing(10 * MIB)), options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("the caller went away"), "{error}");
    }
    assert_eq!(home.paths("data", "").await, ["file"]);
    assert_eq!(home.read("data", "file").await, b"old");
    assert_eq!(home.engine.volume_get("data").await.unwrap().used_bytes, before);
    assert!(home.head_bytes(&volume) < taken + MIB, "{} of {taken}", home.head_bytes(&volume));
    home.judge(&volume);
}

#[tokio::test]
async fn a_file_that_does_not_fit_is_refused_and_the_volume_stays_usable() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 64 * MIB).await;
    home.write("data", "there", noise(20 * MIB as usize, 1)).await;
    let before = home.head_bytes(&volume);
    for size_hint in [None, Some(100 * MIB)] {
        let source = Box::new(io::repeat(1).take(100 * MIB));
        let options = WriteFile { overwrite: true, size_hint, ..WriteFile::default() };
        let error = home.engine.file_write("data", "large", source, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    }
    assert_eq!(home.paths("data", "").await, ["there"]);
    let after = home.head_bytes(&volume);
    assert!(after < before + MIB, "the head took {before} bytes, and takes {after}");
    home.write("data", "small", "fits").await;
    home.judge(&volume);
}

#[tokio::test]
async fn listing_understands_folders_and_prefixes() {
    let home = Home::new().await;
    home.volume("data").await;
    for path in ["a.txt", "a/one", "a/sub/two", "ab/three", "b"] {
        home.write("data", path, path).await;
    }
    let list = async |prefix: &str, recursive, limit| {
        let list = ListFiles { prefix: prefix.into(), recursive, limit, at: None };
        home.engine.file_list("data", list).await.unwrap().into_iter().map(|entry| entry.path).collect::<Vec<_>>()
    };
    assert_eq!(list("", false, None).await, ["a", "a.txt", "ab", "b"], "an empty lost+found is nobody's business");
    assert_eq!(list("/", true, None).await, ["a", "a.txt", "a/one", "a/sub", "a/sub/two", "ab", "ab/three", "b"]);
    assert_eq!(list("a", false, None).await, ["a/one", "a/sub"], "the name of a folder");
    assert_eq!(list("a/", true, None).await, ["a/one", "a/sub", "a/sub/two"]);
    assert_eq!(list("a/s", true, None).await, ["a/sub", "a/sub/two"], "a prefix");
    assert_eq!(list("a.", false, None).await, ["a.txt"]);
    assert_eq!(list("b", false, None).await, ["b"]);
    assert_eq!(list("b/", true, None).await, [""; 0]);
    assert_eq!(list("zzz/yyy", true, None).await, [""; 0]);
    assert_eq!(list("", true, Some(3)).await, ["a", "a.txt", "a/one"]);
    assert_eq!(list("", true, Some(0)).await, [""; 0]);
    // Of a folder with many more than are wanted, the first ones.
    let many: Vec<String> = (0..40).map(|number| format!("many/{number:02}")).collect();
    for number in 0..40 {
        home.write("data", &many[number * 7 % 40], "").await;
    }
    assert_eq!(list("many", false, Some(3)).await, many[..3]);
    let (mut told, mut page) = (Vec::new(), Page { limit: 4, cursor: None });
    loop {
        let wanted = ListFiles { prefix: "many".into(), ..ListFiles::default() };
        let found = home.engine.file_page("data", wanted, &page).await.unwrap();
        told.extend(found.items.into_iter().map(|entry| entry.path));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(told, many);
    let bad = ListFiles { prefix: "a/../b".into(), ..ListFiles::default() };
    refused(home.engine.file_list("data", bad).await, ErrorKind::InvalidInput);
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused_everywhere() {
    let home = Home::new().await;
    home.volume("data").await;
    let long = "x".repeat(256);
    for path in ["..", "../x", "a/../../x", "a//b", "a/./b", "a\0b", &long] {
        refused(home.engine.file_stat("data", path, None).await, ErrorKind::InvalidInput);
        refused(home.engine.file_read("data", path, None).await, ErrorKind::InvalidInput);
        refused(home.engine.file_mkdir("data", path).await, ErrorKind::InvalidInput);
        refused(home.engine.file_delete("data", path, true).await, ErrorKind::InvalidInput);
        refused(home.engine.file_rename("data", "a", path).await, ErrorKind::InvalidInput);
        let write = home.engine.file_write("data", path, Box::new(io::empty()), WriteFile::default());
        refused(write.await, ErrorKind::InvalidInput);
    }
    for path in ["", "/"] {
        refused(home.engine.file_delete("data", path, true).await, ErrorKind::InvalidInput);
        refused(home.engine.file_mkdir("data", path).await, ErrorKind::InvalidInput);
        assert_eq!(home.engine.file_stat("data", path, None).await.unwrap().kind, FileKind::Directory);
    }
}

#[tokio::test]
async fn files_and_folders_are_made_renamed_and_deleted() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.engine.file_mkdir("data", "a/b").await.unwrap();
    refused(home.engine.file_mkdir("data", "a/b").await, ErrorKind::AlreadyExists);
    home.write("data", "a/b/file", "text").await;
    home.write("data", "other", "text").await;

    refused(home.engine.file_rename("data", "nothing", "x").await, ErrorKind::NotFound);
    refused(home.engine.file_rename("data", "a/b/file", "other").await, ErrorKind::AlreadyExists);
    refused(home.engine.file_rename("data", "a", "a/b/c").await, ErrorKind::InvalidInput);
    assert_eq!(home.engine.file_rename("data", "a/b", "moved").await.unwrap().path, "moved");
    assert_eq!(home.read("data", "moved/file").await, b"text");

    refused(home.engine.file_delete("data", "nothing", false).await, ErrorKind::NotFound);
    refused(home.engine.file_delete("data", "moved", false).await, ErrorKind::Conflict);
    home.engine.file_delete("data", "moved", true).await.unwrap();
    home.engine.file_delete("data", "other", false).await.unwrap();
    assert_eq!(home.paths("data", "").await, ["a"]);
    home.judge(&volume);
    refused(home.read_at("data", "a", None).await, ErrorKind::Conflict);
    refused(home.read_at("data", "nothing", None).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn listeners_hear_which_folder_has_changed() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let mut events = home.engine.subscribe();
    home.write("data", "a/b/file", "text").await;
    let mut last = 0;
    let mut folders = Vec::new();
    while let Ok(event) = events.try_recv() {
        assert!(event.seq > last, "events are numbered in order");
        last = event.seq;
        if let EventKind::FilesChanged { volume_id, path } = event.kind {
            assert_eq!(volume_id, volume.id);
            folders.push(path);
        }
    }
    assert_eq!(folders, ["a/b"]);
}

#[tokio::test]
async fn many_who_write_at_once_lose_nothing() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let writers = (0..16).map(|number| {
        let engine = home.engine.clone();
        tokio::spawn(async move {
            let content = io::Cursor::new(noise(50_000, number));
            let options = WriteFile::default();
            engine.file_write("data", &format!("folder {}/{number}", number % 3), Box::new(content), options).await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    for number in 0..16 {
        assert_eq!(home.read("data", &format!("folder {}/{number}", number % 3)).await, noise(50_000, number));
    }
    home.judge(&volume);
}

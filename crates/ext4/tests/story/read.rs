//! What others made is read: by mke2fs, by debugfs.

use std::io::Read;
use std::ops::ControlFlow;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use cairn_ext4::{ErrorKind, FileKind};

use crate::common::{Image, noise, readable};

/// A folder of the host with a bit of everything.
fn tree(root: &Path) {
    let file = |path: &str, bytes: &[u8]| std::fs::write(root.join(path), bytes).expect("write");
    std::fs::create_dir_all(root.join("a/b/c")).expect("folders");
    std::fs::create_dir(root.join("many")).expect("a folder");
    file("empty", b"");
    file("a/hello.txt", b"hello, world\n");
    file("a/b/日本語.txt", "こんにちは".as_bytes());
    file("a/b/c/large", &noise(9 << 20, 1));
    for index in 0..1500 {
        file(&format!("many/file number {index}"), format!("{index}").as_bytes());
    }
    symlink("a/hello.txt", root.join("short")).expect("a link");
    symlink("a/./b/../../".repeat(12) + "a/hello.txt", root.join("long")).expect("a link");
    symlink("/a/b", root.join("absolute")).expect("a link");
    symlink("../../../../a", root.join("escape")).expect("a link");
    symlink("round", root.join("round")).expect("a link");
    let mode = PermissionsExt::from_mode(0o4751);
    std::fs::set_permissions(root.join("a/hello.txt"), mode).expect("permissions");
}

#[test]
fn a_tree_put_in_by_mke2fs_comes_out_the_same() {
    let host = tempfile::tempdir().expect("a folder");
    tree(host.path());
    let from = host.path().to_str().expect("UTF-8");
    for arguments in [&["-b", "4096"][..], &["-b", "1024"], &["-b", "2048", "-I", "512"]] {
        let image = Image::mke2fs("96M", &[arguments, &["-d", from]].concat());
        let fs = readable(&image.device());
        let mut seen = Vec::new();
        fs.walk(b"", &mut |path, metadata| {
            seen.push((path.to_vec(), metadata.clone()));
            ControlFlow::Continue(())
        })
        .expect("walk");
        // 1,500 files, 5 others, 5 links, 4 folders, lost+found.
        assert_eq!(seen.len(), 1514);
        for (path, metadata) in seen {
            let name = String::from_utf8(path.clone()).expect("UTF-8");
            if metadata.kind == FileKind::File {
                let mut bytes = Vec::new();
                let file = fs.open_file(&path).expect("open");
                file.reader().read_to_end(&mut bytes).expect("read");
                assert_eq!(bytes, std::fs::read(host.path().join(&name)).expect("read"), "{name}");
            }
        }
        let hello = fs.stat(b"a/hello.txt").expect("stat");
        assert_eq!((hello.mode, hello.size, hello.links), (0o4751, 13, 1));
        assert_eq!(fs.stat(b"short").expect("stat").kind, FileKind::Symlink);
        assert_eq!(fs.read_link(b"absolute").expect("read"), b"/a/b");
        for path in ["short", "long", "escape/hello.txt", "absolute/../hello.txt"] {
            let path = path.as_bytes();
            if path.windows(2).any(|w| w == b"..") {
                let refused = fs.open_file(path).map(|_| ()).expect_err("refused");
                assert_eq!(refused.kind(), ErrorKind::InvalidName);
            } else {
                assert_eq!(fs.open_file(path).expect("open").len(), 13);
            }
        }
        let kind = |path: &[u8]| fs.open_file(path).map(|_| ()).expect_err("refused").kind();
        assert_eq!(kind(b"round"), ErrorKind::SymlinkLoop);
        assert_eq!(kind(b"a"), ErrorKind::IsADirectory);
        assert_eq!(kind(b"a/hello.txt/x"), ErrorKind::NotADirectory);
        assert_eq!(kind(b"a/nothing"), ErrorKind::NotFound);
        assert_eq!(kind(&[b'x'; 256]), ErrorKind::NameTooLong);
    }
}

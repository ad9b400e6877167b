//! QEMU's image locks, held against real QEMU processes and seen from them.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use cairn_block::{
    BlockDevice, ErrorKind,
    qcow2::{Access, Image},
};

use crate::judge::{Folder, MIB, bytes, check, open, open_to_read, qemu_io, run};

/// A `qemu-io` that keeps an image open until it is dropped.
struct Holder(Child);

impl Holder {
    fn start(image: &Path, options: &[&str]) -> Self {
        let mut child = Command::new("qemu-io")
            .args(options)
            .arg(image)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("qemu-io is installed");
        // It answers once the image is open.
        child.stdin.as_mut().unwrap().write_all(b"length\n").unwrap();
        let mut answer = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut answer).unwrap();
        assert!(answer.contains("MiB"), "qemu-io did not open the image: {answer}");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // End of input ends it, and it closes the image.
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[track_caller]
fn refused(path: &Path, access: Access) {
    let err = Image::open(path, access).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Locked);
    let sentence = err.to_string();
    assert!(sentence.contains("in use") && sentence.contains("then try again"), "{sentence}");
    assert_eq!(err.path(), Some(path));
}

#[track_caller]
fn qemu_is_refused(image: &Path, args: &[&str]) {
    let mut args = args.to_vec();
    args.push(image.to_str().unwrap());
    let output = run("qemu-img", &args);
    assert!(!output.status.success(), "qemu-img {args:?} went through");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("lock"), "{complaint}");
}

#[test]
fn an_image_that_a_qemu_writes_is_refused() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let qemu = Holder::start(&path, &["-f", "qcow2"]);
    refused(&path, Access::ReadWrite);
    refused(&path, Access::ReadOnly);
    drop(qemu);
    open(&path).write_at(&[1; 10], 0).unwrap();
    check(&path);
}

#[test]
fn an_image_that_a_qemu_reads_can_be_read_but_not_written() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let _qemu = Holder::start(&path, &["-r", "-f", "qcow2"]);
    refused(&path, Access::ReadWrite);
    assert_eq!(bytes(&open_to_read(&path), 0, 10), [0; 10]);
}

#[test]
fn while_we_write_every_qemu_is_refused() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let image = open(&path);
    qemu_is_refused(&path, &["info"]);
    qemu_is_refused(&path, &["check"]);
    qemu_is_refused(&path, &["map"]);
    drop(image);
    qemu_io(&path, &["write -P 3 0 64k"]);
}

#[test]
fn while_we_read_a_qemu_may_read_too_but_not_write() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let _one = open_to_read(&path);
    let _two = open_to_read(&path);
    check(&path);
    let image = path.to_str().unwrap();
    assert!(!run("qemu-io", &["-f", "qcow2", "-c", "write 0 4k", image]).status.success());
    refused(&path, Access::ReadWrite);
}

#[test]
fn two_engines_never_write_one_image() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let _one = open(&path);
    refused(&path, Access::ReadWrite);
    refused(&path, Access::ReadOnly);
}

#[test]
fn the_frozen_layer_below_a_live_head_can_be_read_but_not_written() {
    let folder = Folder::new();
    let base = folder.create("base.qcow2", 8 * MIB);
    open(&base).write_at(&[5; 4096], 0).unwrap();
    let head = folder.overlay("head.qcow2", "base.qcow2", 8 * MIB);
    let _qemu = Holder::start(&head, &["-f", "qcow2"]);
    assert_eq!(bytes(&open_to_read(&base), 0, 4096), [5; 4096]);
    refused(&base, Access::ReadWrite);
    // A second branch on the same layer is free.
    let branch = folder.overlay("branch.qcow2", "base.qcow2", 8 * MIB);
    assert_eq!(bytes(&open(&branch), 0, 4096), [5; 4096]);
}

#[test]
fn a_qemu_that_serves_the_image_to_others_is_seen() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let socket = folder.path("nbd.sock");
    let mut server = Command::new("qemu-nbd")
        .args(["-f", "qcow2", "--persistent", "-k", socket.to_str().unwrap(), path.to_str().unwrap()])
        .spawn()
        .expect("qemu-nbd is installed");
    // The image is open before the socket is there.
    while !socket.exists() && server.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    refused(&path, Access::ReadWrite);
    server.kill().unwrap();
    server.wait().unwrap();
    open(&path).flush().unwrap();
}

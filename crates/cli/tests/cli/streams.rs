//! Standard input and output: any size at constant memory, and readers that go away.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::thread;

use crate::support::Cairn;

const MIB: usize = 1 << 20;

/// A MiB of bytes that tell where they belong.
fn mib(number: usize) -> Vec<u8> {
    (0..MIB).map(|index| ((index >> 8) ^ index ^ number.wrapping_mul(31)) as u8).collect()
}

fn feed(child: &mut Child, mibs: usize) -> thread::JoinHandle<()> {
    let mut input = child.stdin.take().unwrap();
    thread::spawn(move || {
        for number in 0..mibs {
            if input.write_all(&mib(number)).is_err() {
                return;
            }
        }
    })
}

/// The most memory that a process ever had, in MiB.
fn peak(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

#[test]
fn two_hundred_mib_go_through_a_server_that_stays_small() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "1GiB"]).ok();
    let serving = cairn.serve();
    cairn.run_with(["files", "put", "data", "-", "small"], &mib(0)).ok();
    cairn.run(["files", "get", "data", "small", "out"]).ok();
    let before = peak(serving.pid());

    let mut put = cairn.command(["files", "put", "data", "-", "big", "-q"]).stdin(Stdio::piped()).spawn().unwrap();
    let feeding = feed(&mut put, 200);
    assert!(put.wait().unwrap().success());
    feeding.join().unwrap();

    let mut get = cairn.command(["files", "get", "data", "big", "-"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = get.stdout.take().unwrap();
    let mut piece = vec![0; MIB];
    for number in 0..200 {
        output.read_exact(&mut piece).unwrap();
        assert!(piece == mib(number), "MiB {number} differs");
    }
    assert_eq!(output.read(&mut piece).unwrap(), 0);
    assert!(get.wait().unwrap().success());

    let grown = peak(serving.pid()) - before;
    assert!(grown < 64, "the server grew by {grown} MiB");
}

#[test]
fn standard_input_that_does_not_fit_is_refused_and_leaves_nothing() {
    let cairn = Cairn::with_volume();
    let mut command = cairn.command(["files", "put", "data", "-", "big"]);
    let mut put = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let feeding = feed(&mut put, 100);
    let output = put.wait_with_output().unwrap();
    feeding.join().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.starts_with("error: ") && said.contains("big"), "{said}");
    assert!(cairn.paths("data").is_empty());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let cairn = Cairn::with_volume();
    cairn.run_with(["files", "put", "data", "-", "f"], &vec![b'x'; 4 * MIB]).ok();
    for args in
        [["files", "get", "data", "f", "-"].as_slice(), &["volume", "ls"], &["--json", "volume", "ls"], &["--help"]]
    {
        let mut child = cairn.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.is_empty(), "{args:?} {} {said}", output.status);
    }
}

#[test]
fn a_folder_of_a_checkpoint_goes_to_tar() {
    let cairn = Cairn::new();
    cairn.run(["volume", "create", "data", "--quota", "64MiB"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes/today"], b"then").ok();
    cairn.run(["checkpoint", "create", "data", "--name", "before"]).ok();
    cairn.run_with(["files", "put", "data", "-", "notes/today"], b"now").ok();

    let get = ["files", "get", "data", "notes", "-", "--tar", "--at", "before"];
    let mut get = cairn.command(get).stdout(Stdio::piped()).spawn().unwrap();
    let archive = get.stdout.take().unwrap();
    let tar = std::process::Command::new("tar").args(["xO", "notes/today"]).stdin(archive).output().unwrap();
    assert_eq!((tar.status.success(), &*tar.stdout), (true, &b"then"[..]));
    assert!(get.wait().unwrap().success());
}

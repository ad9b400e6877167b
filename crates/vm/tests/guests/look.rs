//! Looking at a disk while its guest writes, and changing its files from inside.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::common::{Guest, PATIENCE, overlay_on};
use cairn_vm::{ErrorKind, GuestChange, IoLimits, Look, Overlay, connect};

const LONGEST: Duration = Duration::from_secs(60);

/// Reads from an export as any NBD client does; the server's error number when it refuses.
fn read(stream: &mut UnixStream, offset: u64, length: u32) -> Result<Vec<u8>, u32> {
    let mut request = 0x2560_9513_u32.to_be_bytes().to_vec();
    request.extend([0; 4 + 8]);
    request.extend(offset.to_be_bytes());
    request.extend(length.to_be_bytes());
    stream.write_all(&request).expect("ask");
    let mut reply = [0; 16];
    stream.read_exact(&mut reply).expect("a reply");
    match u32::from_be_bytes([reply[4], reply[5], reply[6], reply[7]]) {
        0 => {
            let mut bytes = vec![0; length as usize];
            stream.read_exact(&mut bytes).expect("bytes");
            Ok(bytes)
        }
        error => Err(error),
    }
}

/// Chooses the export; answers the connection.
fn open(look: Look) -> UnixStream {
    let (mut stream, name) = (look.stream, look.export);
    let mut greeting = [0; 18];
    stream.read_exact(&mut greeting).expect("a greeting");
    let mut choice = 3_u32.to_be_bytes().to_vec();
    choice.extend(b"IHAVEOPT");
    choice.extend(1_u32.to_be_bytes());
    choice.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
    choice.extend(name.bytes());
    stream.write_all(&choice).expect("choose");
    let mut size_and_flags = [0; 10];
    stream.read_exact(&mut size_and_flags).expect("the export is there");
    stream
}

fn kept_in(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains("look")).count()
}

#[tokio::test]
async fn a_disk_is_looked_at_while_its_guest_writes_and_its_files_change_from_inside() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_look").await;
    let kept = guest.dir().join("vol_look.look.qcow2");
    let other = guest.dir().join("precious.qcow2");
    let error = machine.begin_look("vol_look", &other, None, LONGEST).await.expect_err("another name");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert_eq!(machine.begin_look("vol_no", &kept, None, LONGEST).await.expect_err("none").kind(), ErrorKind::Refused);
    assert_eq!(kept_in(&guest.dir()), 0, "nothing stays of what failed");

    guest.run("yes before | head -c 2000000 > /data/file; sync").await;
    let look = machine.begin_look("vol_look", &kept, Some("/data"), LONGEST).await.unwrap();
    let frozen_for = look.frozen_for.expect("the guest was frozen");
    println!("the guest was frozen for {frozen_for:?}");
    let mut stream = open(look);
    let before: Vec<Vec<u8>> = (0..64).map(|at| read(&mut stream, at << 20, 1 << 20).unwrap()).collect();
    assert!(before.concat().windows(7 * 1000).any(|bytes| bytes == "before\n".repeat(1000).as_bytes()));
    guest.run("yes after | head -c 4000000 > /data/file; rm /data/file; sync").await;
    // A checkpoint is taken of it meanwhile, and nobody is disturbed.
    let path = overlay_on(&disk.path, "meanwhile", "64M");
    let overlay = Overlay { serial: disk.serial.clone(), path: path.clone(), mount_path: Some("/data".to_owned()) };
    assert!(machine.checkpoint(&[overlay], LONGEST).await.unwrap().frozen_for.is_some());
    assert_eq!(machine.disks().await.unwrap()[0].path, path, "what the guest writes to, below what looks");
    guest.run("yes later | head -c 4000000 > /data/file; sync").await;
    for (at, bytes) in before.iter().enumerate() {
        assert!(read(&mut stream, (at as u64) << 20, 1 << 20).as_ref() == Ok(bytes), "the same at {at} MiB");
    }
    machine.end_look("vol_look").await.unwrap();
    machine.end_look("vol_look").await.expect("fine when nobody looks");
    assert_eq!(kept_in(&guest.dir()), 0, "no file stays, and no socket");
    assert_eq!(machine.disks().await.unwrap()[0].path, path);
    assert_eq!(guest.run("cat /data/file | head -n 1").await, "later\n");

    // Inside, no link leads out of the volume, whoever has put it there.
    guest.run("mkdir /tmp/out /data/in && echo x > /tmp/out/file && ln -s /tmp/out /data/out").await;
    let change = async |change: GuestChange| machine.change_files("vol_look", "/data", &change, PATIENCE).await;
    let delete = |path: &str| GuestChange::Delete { paths: vec!["in".to_owned(), path.to_owned()], recursive: true };
    for refused in [
        delete("out/file"),
        GuestChange::MakeFolder { path: "out/made".to_owned() },
        GuestChange::Rename { from: "file".to_owned(), to: "out/file".to_owned() },
        GuestChange::Rename { from: "out/file".to_owned(), to: "file2".to_owned() },
        delete("nowhere"),
    ] {
        let error = change(refused.clone()).await.expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Guest, "{refused:?}: {error}");
    }
    assert_eq!(guest.run("ls /tmp/out; ls /data/in").await, "file\n");
    change(delete("out")).await.unwrap();
    assert_eq!(guest.run("cat /tmp/out/file; ls -d /data/in /data/out 2>/dev/null || echo gone").await, "x\ngone\n");
    let error = machine.change_files("vol_look", "/elsewhere", &delete("x"), PATIENCE).await.expect_err("not there");
    assert!(error.to_string().contains("not mounted at /elsewhere"), "{error}");

    // What a process that ends leaves in the machine, the next one finds.
    let limits = IoLimits { iops: Some(1000), bytes_per_second: Some(100 << 20) };
    machine.set_io_limits("vol_look", limits).await.unwrap();
    assert!(machine.io_stats().await.unwrap()[0].written.bytes > 8_000_000);
    drop(machine.begin_look("vol_look", &kept, None, LONGEST).await.unwrap());
    let dir = guest.dir();
    let Guest { machine, folder: _folder, end: _end } = guest;
    drop(machine);
    let again = loop {
        match connect(&dir).await {
            Ok(again) => break again,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Held, "{error}"),
        }
    };
    again.end_all_looks().await.unwrap();
    assert_eq!(kept_in(&dir), 0);
    again.unmount("vol_look", "/data").await.unwrap();
    let look = again.begin_look("vol_look", &kept, Some("/data"), LONGEST).await.unwrap();
    assert!(look.frozen_for.is_none(), "nothing was mounted there, and it says so");
    again.detach("vol_look").await.expect("a look ends with the disk");
    assert_eq!(kept_in(&dir), 0);
    assert!(again.disks().await.unwrap().is_empty());
    again.quit().await.unwrap();
}

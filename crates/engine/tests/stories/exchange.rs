//! Volumes that come from files of other programs, and become such files.

use std::path::Path;
use std::process::Command;

use cairn_engine::{Error, ErrorKind, ExportFormat, ExportVolume, ImportVolume, Transfer, TransferState, Volume};

use crate::common::*;

fn import(source: &Path) -> ImportVolume {
    ImportVolume { source: source.to_owned(), name: None, quota_bytes: None, partition: None }
}

async fn ended(home: &Home, transfer: Result<Transfer, Error>) -> Transfer {
    home.engine.transfer_wait(transfer.unwrap().id.as_str()).await.unwrap()
}

async fn imported(home: &Home, import: ImportVolume) -> Volume {
    let ended = ended(home, home.engine.volume_import(import).await).await;
    assert_eq!((ended.state, ended.error.as_deref()), (TransferState::Done, None));
    assert_eq!(ended.bytes_done, ended.bytes_total);
    home.engine.volume_get(ended.volume_id.as_str()).await.unwrap()
}

/// The sentence; nothing is left of it.
async fn not_imported(home: &Home, import: ImportVolume) -> String {
    let error = match home.engine.volume_import(import).await {
        Err(error) => error.to_string(),
        Ok(transfer) => {
            let ended = home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
            assert_eq!(ended.state, TransferState::Failed);
            ended.error.unwrap()
        }
    };
    assert_eq!(std::fs::read_dir(home.store().join("volumes")).unwrap().count(), 0, "{error}");
    error
}

fn export(destination: &Path, format: ExportFormat) -> ExportVolume {
    ExportVolume { destination: destination.to_owned(), format, at: None, overwrite: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_in_every_format_becomes_a_volume() {
    let home = Home::new().await;
    for format in ["raw", "qcow2", "vmdk", "vdi", "vhdx"] {
        let volume = imported(&home, import(&home.image(&format!("disk.{format}"), format))).await;
        assert_eq!(volume.name, if format == "raw" { "disk".to_owned() } else { "disk (2)".to_owned() });
        assert_eq!(home.read(volume.id.as_str(), "name").await, b"image");
        home.write(volume.id.as_str(), "more", "and more").await;
        home.judge(&volume);
        if format != "raw" {
            home.engine.volume_delete(volume.id.as_str()).await.unwrap();
        }
    }
    // One partition of a disk with several.
    let (disk, part) = (home.host().join("whole.img"), home.image("part.img", "raw"));
    let length = std::fs::metadata(&part).unwrap().len();
    let file = std::fs::File::create(&disk).unwrap();
    file.set_len(length + 8 * MIB).unwrap();
    let table = format!("label: dos\nstart=2048, size=2048, type=c\nstart=8192, size={}, type=83\n", length / 512);
    let mut sfdisk = Command::new("/sbin/sfdisk");
    sfdisk.arg("-q").arg(&disk).stdin(std::fs::File::open(written(&home, "table", &table)).unwrap());
    run(&mut sfdisk);
    run(Command::new("dd")
        .args(["conv=notrunc,sparse", "bs=4M", "oflag=seek_bytes", "seek=4194304"])
        .arg(format!("if={}", part.display()))
        .arg(format!("of={}", disk.display())));
    let volume = imported(&home, import(&disk)).await;
    assert_eq!((volume.name.as_str(), volume.quota_bytes), ("whole", length));
    assert_eq!(home.read("whole", "name").await, b"image");
    home.judge(&volume);
}

fn written(home: &Home, name: &str, content: &str) -> std::path::PathBuf {
    let path = home.host().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_trusted_or_used_is_refused_with_what_was_found() {
    let home = Home::new().await;
    let host = home.host();
    let tool = |arguments: &[&str]| run(Command::new("qemu-img").args(arguments).current_dir(&host));
    tool(&["create", "-q", "-f", "qcow2", "base", "64M"]);
    tool(&["create", "-q", "-f", "qcow2", "-b", "base", "-F", "qcow2", "over.qcow2"]);
    tool(&["create", "-q", "-f", "raw", "blank.img", "64M"]);
    let mut ntfs = vec![0; 32 << 20];
    ntfs[3..11].copy_from_slice(b"NTFS    ");
    std::fs::write(host.join("windows.img"), ntfs).unwrap();
    let broken = home.image("broken.img", "raw");
    // A name of nothing.
    run(Command::new("debugfs").args(["-w", "-R", "clri name"]).arg(&broken));
    for (name, word) in [
        ("over.qcow2", "another file"),
        ("blank.img", "no ext4 filesystem"),
        ("windows.img", "NTFS"),
        (".", "not a file"),
        ("none", "There is no file"),
        ("broken.img", "damaged"),
    ] {
        let said = not_imported(&home, import(&host.join(name))).await;
        assert!(said.contains(word), "{name}: {said}");
    }
    let with = |change: fn(&mut ImportVolume)| {
        let mut wanted = import(&home.image("good.img", "raw"));
        change(&mut wanted);
        wanted
    };
    assert!(not_imported(&home, with(|import| import.partition = Some(2))).await.contains("no partitions"));
    refused(
        home.engine.volume_import(with(|import| import.quota_bytes = Some(64 * MIB))).await,
        ErrorKind::InvalidInput,
    );
    refused(home.engine.volume_import(with(|import| import.name = Some("a/b".into()))).await, ErrorKind::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_become_volumes_with_everything_that_is_in_them() {
    let home = Home::new().await;
    let tree = home.host().join("tree");
    std::fs::create_dir_all(tree.join("photos/2026")).unwrap();
    std::fs::write(tree.join("photos/2026/cat.jpg"), "miaow").unwrap();
    std::fs::write(tree.join("läuft"), vec![7; 300_000]).unwrap();
    std::os::unix::fs::symlink("photos/2026", tree.join("latest")).unwrap();
    std::fs::hard_link(tree.join("läuft"), tree.join("twice")).unwrap();
    let sparse = std::fs::File::create(tree.join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"end", 700 * MIB).unwrap();
    let long = format!("{}/{}", "long".repeat(30), "name".repeat(40));
    std::fs::create_dir_all(tree.join(&long).parent().unwrap()).unwrap();
    std::fs::write(tree.join(&long), "far").unwrap();
    let tar = |options: &[&str], name: &str| {
        run(Command::new("tar").args(options).arg(home.host().join(name)).arg("-C").arg(&tree).arg("."));
        home.host().join(name)
    };
    for archive in [
        tar(&["--format=posix", "-Scf"], "pax.tar"),
        tar(&["--format=gnu", "-cf"], "gnu.tar"),
        tar(&["--format=posix", "-Sczf"], "packed.tar.gz"),
    ] {
        let volume = imported(&home, import(&archive)).await;
        let id = volume.id.as_str();
        assert_eq!(home.read(id, "photos/2026/cat.jpg").await, b"miaow");
        assert_eq!(home.read(id, "twice").await, vec![7; 300_000]);
        assert_eq!(home.read(id, &long).await, b"far");
        assert_eq!(home.engine.file_stat(id, "latest", None).await.unwrap().target.as_deref(), Some("photos/2026"));
        let entry = home.engine.file_stat(id, "sparse", None).await.unwrap();
        assert_eq!(entry.size, 700 * MIB + 3);
        if archive.ends_with("pax.tar") {
            assert!(volume.used_bytes < 4 * MIB, "holes stay holes: {}", volume.used_bytes);
        }
        home.judge(&volume);
    }
    // What we write ourselves we read, holes included.
    let own = home.host().join("own.tar");
    let ended = ended(&home, home.engine.volume_export("pax", export(&own, ExportFormat::Tar)).await).await;
    assert_eq!(ended.state, TransferState::Done, "{ended:?}");
    let again = imported(&home, ImportVolume { quota_bytes: Some(900 * MIB), ..import(&own) }).await;
    assert_eq!((again.name.as_str(), again.quota_bytes), ("own", 900 * MIB));
    assert_eq!(home.engine.file_stat("own", "sparse", None).await.unwrap().size, 700 * MIB + 3);
    assert_eq!(home.read("own", &long).await, b"far");
    home.judge(&again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_becomes_a_volume_and_a_hostile_archive_does_not() {
    let home = Home::new().await;
    let zip = home.host().join("files.zip");
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n\
                  z.writestr('a/b.txt', 'hello ' * 1000)\nz.writestr('läuft', b'x')\nz.writestr('empty/', b'')\nz.close()\n\
                  z = zipfile.ZipFile(sys.argv[2], 'w')\nz.writestr('../outside', 'x')\nz.close()\n";
    let sly = home.host().join("sly.zip");
    run(Command::new("python3").args(["-c", script]).arg(&zip).arg(&sly));
    let broken = home.host().join("broken.tar");
    let tree = home.host().join("tree");
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::write(tree.join("a"), vec![1; 1 << 20]).unwrap();
    run(Command::new("tar").arg("-cf").arg(&broken).arg("-C").arg(&tree).arg("."));
    std::fs::OpenOptions::new().write(true).open(&broken).unwrap().set_len(600_000).unwrap();
    let outside = home.host().join("outside.tar");
    run(Command::new("tar")
        .args(["-P", "--transform=s,^./a,../../a,", "-cf"])
        .arg(&outside)
        .arg("-C")
        .arg(&tree)
        .arg("./a"));
    for (path, word) in [(&sly, "leads out"), (&broken, "damaged or not complete"), (&outside, "leads out")] {
        let said = not_imported(&home, import(path)).await;
        assert!(said.contains(word), "{said}");
    }
    let packed = home.host().join("one.gz");
    std::fs::copy(written(&home, "plain", "no archive"), &packed).unwrap();
    run(Command::new("gzip").arg("-kf").arg(home.host().join("plain")));
    assert!(not_imported(&home, import(&home.host().join("plain.gz"))).await.contains("no tar archive"));

    let volume = imported(&home, ImportVolume { name: Some("unzipped".into()), ..import(&zip) }).await;
    assert_eq!(volume.name, "unzipped");
    assert_eq!(home.read("unzipped", "a/b.txt").await, "hello ".repeat(1000).into_bytes());
    assert_eq!(home.read("unzipped", "läuft").await, b"x");
    assert!(home.paths("unzipped", "").await.contains(&"empty".to_owned()));
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_is_exported_as_it_is_and_as_it_was() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "a", "first").await;
    home.engine.checkpoint_create("data", Some("one".into())).await.unwrap();
    home.write("data", "a", "second").await;
    let disk = home.disk(&volume);
    let place = |name: &str| home.host().join(name);
    let export_to = |name: &str, format, at: Option<&str>| {
        home.engine.volume_export("data", ExportVolume { at: at.map(str::to_owned), ..export(&place(name), format) })
    };
    for (name, format, at) in [
        ("data.raw", ExportFormat::Raw, None),
        ("data.qcow2", ExportFormat::Qcow2, None),
        ("then.qcow2", ExportFormat::Qcow2, Some("one")),
    ] {
        let ended = ended(&home, export_to(name, format, at).await).await;
        assert_eq!((ended.state, ended.error.as_deref()), (TransferState::Done, None));
        assert_eq!(ended.bytes_done, ended.bytes_total, "{name}");
    }
    assert!(std::fs::read(place("data.raw")).unwrap() == disk);
    let blocks = std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(place("data.raw")).unwrap());
    assert!(blocks * 512 < 16 * MIB, "it has holes: {blocks}");
    run(Command::new("qemu-img").args(["check", "-q"]).arg(place("data.qcow2")));
    run(Command::new("qemu-img").args(["compare", "-q", "-F", "raw"]).arg(place("data.qcow2")).arg(place("data.raw")));
    let then = imported(&home, import(&place("then.qcow2"))).await;
    assert_eq!(home.read(then.id.as_str(), "a").await, b"first");

    refused(export_to("data.raw", ExportFormat::Raw, None).await, ErrorKind::AlreadyExists);
    refused(export_to("nowhere/data.raw", ExportFormat::Raw, None).await, ErrorKind::NotFound);
    refused(export_to("x.raw", ExportFormat::Raw, Some("never")).await, ErrorKind::NotFound);
    let hidden = std::fs::read_dir(home.host())
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0, "nothing of an export stays beside it");
}

//! What an engine can be doing when it dies: each operation with its parameters, what it does to a real store,
//! and what it means for the [`World`] that people see.
//!
//! An operation that the product learns is added here: a variant of [`Op`], an arm in each of its three
//! functions, and a line in [`script`]. Everything else (every step of it, random deaths, what is judged
//! afterwards) follows from that.

use std::collections::BTreeMap;

use cairn_engine::{ErrorKind, MountMode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::chance::Dice;
use super::world::{Content, Files, VolumeState, World};
use crate::common::*;

/// The quota of the volumes; small, so that they are quickly judged.
const QUOTA: u64 = 16 * MIB;

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Op {
    Create {
        volume: String,
    },
    Write {
        volume: String,
        path: String,
        content: Content,
    },
    /// A file comes in two parts.
    Parts {
        volume: String,
        path: String,
        content: Content,
    },
    Remove {
        volume: String,
        path: String,
    },
    Upload {
        volume: String,
        destination: String,
        content: Content,
    },
    Checkpoint {
        volume: String,
        name: String,
    },
    /// Checkpoints of several volumes at one moment.
    Group {
        volumes: Vec<String>,
        name: String,
    },
    Forget {
        volume: String,
        name: String,
    },
    Restore {
        volume: String,
        name: String,
    },
    /// A volume `to` of what a checkpoint holds, or of the present.
    Branch {
        volume: String,
        name: Option<String>,
        to: String,
    },
    /// One file of a checkpoint comes back.
    RestoreFile {
        volume: String,
        name: String,
        path: String,
    },
    Rename {
        volume: String,
        to: String,
    },
    Grow {
        volume: String,
    },
    Trash {
        volume: String,
    },
    /// It comes back from the trash.
    Undelete {
        volume: String,
    },
    /// A new volume with what a tar archive holds.
    Import {
        volume: String,
        content: Content,
    },
    /// A file from a server of the web.
    Fetch {
        volume: String,
        path: String,
        content: Content,
    },
    /// The chain of files below the head is made short.
    Optimise {
        volume: String,
    },
    /// In the machine [`GUEST`], at `/data`, to be written.
    Mount {
        volume: String,
    },
    Unmount {
        volume: String,
    },
    /// Of the machine [`GUEST`], whose own disk it is.
    Snapshot {
        name: String,
    },
}

/// The machine of the stories with one.
pub(crate) const GUEST: &str = "guest";

use Op::{
    Branch, Checkpoint, Create, Fetch, Forget, Group, Grow, Import, Mount, Optimise, Parts, Remove, Rename, Restore,
    RestoreFile, Snapshot, Trash, Undelete, Unmount, Upload, Write,
};

/// Each kind of operation at least once, where it has something to do.
pub(crate) fn script() -> Vec<Op> {
    let data = || "data".to_owned();
    let name = |name: &str| name.to_owned();
    let write =
        |path: &str, seed| Write { volume: data(), path: path.into(), content: Content { length: 70_000, seed } };
    vec![
        Create { volume: data() },
        write("a", 1),
        Checkpoint { volume: data(), name: name("one") },
        Upload { volume: data(), destination: name("up"), content: Content { length: 40_000, seed: 2 } },
        Checkpoint { volume: data(), name: name("two") },
        write("folder/b", 3),
        Parts { volume: data(), path: name("parts"), content: Content { length: 50_000, seed: 9 } },
        Remove { volume: data(), path: name("a") },
        Restore { volume: data(), name: name("one") },
        Grow { volume: data() },
        // A history that is long enough for a base, and what comes after it.
        Checkpoint { volume: data(), name: name("day three") },
        write("a", 4),
        Checkpoint { volume: data(), name: name("day four") },
        write("b", 5),
        Checkpoint { volume: data(), name: name("day five") },
        write("a", 6),
        Checkpoint { volume: data(), name: name("day six") },
        Optimise { volume: data() },
        write("c", 7),
        Checkpoint { volume: data(), name: name("day seven") },
        write("c", 8),
        Checkpoint { volume: data(), name: name("day eight") },
        Optimise { volume: data() },
        Forget { volume: data(), name: name("day five") },
        // The volume has grown since.
        Restore { volume: data(), name: name("two") },
        Forget { volume: data(), name: name("one") },
        write("c", 4),
        Checkpoint { volume: data(), name: name("three") },
        Upload { volume: data(), destination: name("more"), content: Content { length: 90_000, seed: 5 } },
        Checkpoint { volume: data(), name: name("four") },
        // In the middle: its layer goes into the larger one above it.
        Forget { volume: data(), name: name("three") },
        // The present goes down into its layer.
        Forget { volume: data(), name: name("four") },
        Create { volume: name("more") },
        Group { volumes: vec![data(), name("more")], name: name("both") },
        Branch { volume: data(), name: Some(name("both")), to: name("branch") },
        Branch { volume: name("branch"), name: None, to: name("clone") },
        Remove { volume: data(), path: name("c") },
        RestoreFile { volume: data(), name: name("both"), path: name("c") },
        Rename { volume: data(), to: name("renamed") },
        Trash { volume: name("renamed") },
        Undelete { volume: name("renamed") },
        Import { volume: name("imported"), content: Content { length: 50_000, seed: 9 } },
        Fetch { volume: name("imported"), path: name("fetched"), content: Content { length: 80_000, seed: 10 } },
    ]
}

/// How many files an upload of this alphabet has.
const UPLOADED: u64 = 4;

impl Op {
    /// Asks a real engine to do it.
    pub(crate) async fn perform(&self, home: &Home) {
        let engine = &home.engine;
        match self {
            Create { volume } => drop(home.volume_of(volume, QUOTA).await),
            Write { volume, path, content } => drop(home.write(volume, path, content.bytes()).await),
            Parts { volume, path, content } => {
                let (bytes, half) = (content.bytes(), content.length / 2);
                for part in [0..half, half..content.length].into_iter().filter(|part| !part.is_empty()) {
                    let source = bytes[part.start as usize..part.end as usize].to_vec();
                    let part = cairn_engine::UploadPart {
                        path: path.clone(),
                        offset: part.start,
                        length: part.end - part.start,
                        size: content.length,
                        overwrite: true,
                        sha256: Some(cairn_engine::Sha256Sum(Sha256::digest(&bytes).into())),
                        part_sha256: None,
                        condition: None,
                    };
                    engine.file_upload_part(volume, part, Box::new(std::io::Cursor::new(source))).await.unwrap();
                }
            }
            Remove { volume, path } => engine.file_delete(volume, path, false).await.unwrap(),
            Upload { volume, destination, content } => {
                let sources = sources(*content);
                done(&home.upload(volume, &[sources.path().join(".")], destination).await);
            }
            Checkpoint { volume, name } => drop(home.checkpoint(volume, name).await),
            Group { volumes, name } => {
                let (volumes, name) = (volumes.clone(), Some(name.clone()));
                let new = cairn_engine::NewCheckpointGroup { volumes, vm: None, name };
                engine.checkpoint_create_group(new).await.unwrap();
            }
            Forget { volume, name } => {
                engine.checkpoint_delete(volume, name).await.unwrap();
            }
            Restore { volume, name } => drop(engine.checkpoint_restore(volume, name).await.unwrap()),
            Branch { volume, name: Some(name), to } => {
                drop(engine.checkpoint_branch(volume, name, to).await.unwrap());
            }
            Branch { volume, name: None, to } => drop(engine.volume_clone(volume, to).await.unwrap()),
            RestoreFile { volume, name, path } => {
                let files =
                    cairn_engine::RestoreFiles { from: name.clone(), paths: vec![path.clone()], destination: None };
                let transfer = engine.checkpoint_restore_files(volume, files).await.unwrap();
                done(&engine.transfer_wait(transfer.id.as_str()).await.unwrap());
            }
            Rename { volume, to } => {
                let change = cairn_engine::VolumeChange { name: Some(to.clone()), quota_bytes: None };
                engine.volume_update(volume, change).await.unwrap();
            }
            Grow { volume } => {
                let quota_bytes = Some(engine.volume_get(volume).await.unwrap().quota_bytes + QUOTA);
                let change = cairn_engine::VolumeChange { name: None, quota_bytes };
                engine.volume_update(volume, change).await.unwrap();
            }
            Trash { volume } => engine.volume_delete(volume).await.unwrap(),
            Undelete { volume } => drop(engine.volume_undelete(volume, None).await.unwrap()),
            Import { volume, content } => {
                let (sources, archive) = (sources(*content), tempfile::NamedTempFile::with_suffix(".tar").unwrap());
                let mut tar = std::process::Command::new("tar");
                run(tar.arg("-cf").arg(archive.path()).arg("-C").arg(sources.path()).arg("."));
                let (name, quota_bytes) = (Some(volume.clone()), Some(QUOTA));
                let source = archive.path().to_owned();
                let import = cairn_engine::ImportVolume { source, name, quota_bytes, partition: None };
                let transfer = engine.volume_import(import).await.unwrap();
                done(&engine.transfer_wait(transfer.id.as_str()).await.unwrap());
            }
            Fetch { volume, path, content } => {
                let (url, conflict) = (serve_once(content.bytes()), cairn_engine::Conflict::Replace);
                let fetch =
                    cairn_engine::Fetch { url, destination: path.clone(), sha256: None, conflict, unpack: false };
                let transfer = engine.files_fetch(volume, fetch).await.unwrap();
                done(&engine.transfer_wait(transfer.id.as_str()).await.unwrap());
            }
            Optimise { volume } => drop(engine.volume_optimise(volume).await.unwrap()),
            Snapshot { name } => drop(engine.snapshot_create(GUEST, Some(name.clone())).await.unwrap()),
            Mount { volume } => drop(home.mount(volume, GUEST, "/data", MountMode::Rw).await.unwrap()),
            Unmount { .. } => {
                // The guest writes all the time, and is asked again when it was just doing so.
                while let Err(error) = engine.unmount(GUEST, "/data").await {
                    assert_eq!(error.kind(), ErrorKind::InUse, "{error}");
                }
            }
        }
    }

    /// What people see when it has been done.
    pub(crate) fn apply(&self, world: &mut World) {
        let volumes = &mut world.volumes;
        match self {
            Create { volume } => {
                volumes.insert(volume.clone(), VolumeState { quota: QUOTA, ..VolumeState::default() });
            }
            Write { volume, path, content } | Fetch { volume, path, content } | Parts { volume, path, content } => {
                let files = files_of(volumes, volume);
                files.insert(path.clone(), content.digest());
                if let Some((folder, _)) = path.rsplit_once('/') {
                    files.insert(folder.into(), "folder".into());
                }
            }
            Remove { volume, path } => drop(files_of(volumes, volume).remove(path)),
            Upload { volume, destination, content } => {
                let files = files_of(volumes, volume);
                files.insert(destination.clone(), "folder".into());
                for (number, content) in uploaded(*content).enumerate() {
                    files.insert(format!("{destination}/{number}"), content.digest());
                }
            }
            Checkpoint { volume, name } => {
                let volume = volumes.get_mut(volume).unwrap();
                volume.checkpoints.insert(name.clone(), volume.files.clone());
            }
            Group { volumes: names, name } => {
                for volume in names {
                    let volume = volumes.get_mut(volume).unwrap();
                    volume.checkpoints.insert(name.clone(), volume.files.clone());
                }
            }
            Forget { volume, name } => {
                let volume = volumes.get_mut(volume).unwrap();
                let forgotten = volume.checkpoints.remove(name).unwrap();
                // The present was not kept again when it was equal to that one.
                volume.kept.retain(|kept| *kept != forgotten);
            }
            Restore { volume, name } => {
                let volume = volumes.get_mut(volume).unwrap();
                let then = volume.checkpoints[name].clone();
                volume.kept.push(std::mem::replace(&mut volume.files, then));
            }
            Branch { volume, name, to } => {
                let from = &volumes[volume];
                let files = name.as_ref().map_or(&from.files, |name| &from.checkpoints[name]).clone();
                let state = VolumeState { quota: from.quota, files, is_branch: true, ..VolumeState::default() };
                volumes.insert(to.clone(), state);
            }
            RestoreFile { volume, name, path } => {
                let volume = volumes.get_mut(volume).unwrap();
                volume.files.insert(path.clone(), volume.checkpoints[name][path].clone());
            }
            Rename { volume, to } => {
                let state = volumes.remove(volume).unwrap();
                volumes.insert(to.clone(), state);
            }
            Grow { volume } => volumes.get_mut(volume).unwrap().quota += QUOTA,
            Trash { volume } => {
                let state = volumes.remove(volume).unwrap();
                world.trash.insert(volume.clone(), state);
            }
            Undelete { volume } => {
                let state = world.trash.remove(volume).unwrap();
                volumes.insert(volume.clone(), state);
            }
            Import { volume, content } => {
                let files =
                    uploaded(*content).enumerate().map(|(number, content)| (number.to_string(), content.digest()));
                let state = VolumeState { quota: QUOTA, files: files.collect(), ..VolumeState::default() };
                volumes.insert(volume.clone(), state);
            }
            // Nobody sees anything of it on a volume.
            Optimise { .. } | Snapshot { .. } => {}
            Mount { volume } => volumes.get_mut(volume).unwrap().is_mounted = true,
            Unmount { volume } => volumes.get_mut(volume).unwrap().is_mounted = false,
        }
    }

    /// Something that can be done while a machine writes.
    pub(crate) fn beside_a_machine(world: &World, dice: &mut Dice) -> Self {
        let (volume, state) = world.volumes.first_key_value().unwrap();
        let volume = volume.clone();
        match (dice.below(8), dice.of(&state.checkpoints)) {
            (0, _) if state.is_mounted => Unmount { volume },
            (1 | 2, Some((name, _))) => Forget { volume, name: name.clone() },
            _ if !state.is_mounted => Mount { volume },
            (3, _) => Optimise { volume },
            _ => Checkpoint { volume, name: format!("{:x}", dice.below(1 << 40)) },
        }
    }

    /// Something that can be done in this world.
    pub(crate) fn any(world: &World, dice: &mut Dice) -> Self {
        let fresh = format!("{:x}", dice.below(1 << 40));
        let content = Content { length: 1 + dice.below(120_000), seed: dice.below(1 << 30) };
        let Some((volume, state)) = dice.of(&world.volumes) else { return Create { volume: fresh } };
        let (volume, path) = (volume.clone(), format!("{}", dice.below(12)));
        let checkpoint = dice.of(&state.checkpoints).map(|(name, _)| name.clone());
        let file = dice.of(&state.files).map(|(path, _)| path.clone()).filter(|path| !path.contains('/'));
        let deleted = dice.of(&world.trash).map(|(name, _)| name.clone());
        match (dice.below(24), checkpoint, file) {
            (20, _, _) => Optimise { volume },
            (0 | 1, _, _) if world.volumes.len() < 3 => Create { volume: fresh },
            (2 | 3, _, Some(path)) if state.files[&path] != "folder" => Remove { volume, path },
            (4 | 5, _, _) if !state.files.contains_key(&format!("up{path}")) && state.files.len() < 40 => {
                Upload { volume, destination: format!("up{path}"), content }
            }
            (6..=8, _, _) if state.checkpoints.len() < 8 => Checkpoint { volume, name: fresh },
            (9, None, _) => Group { volumes: world.volumes.keys().cloned().collect(), name: fresh },
            (9, Some(name), _) => Forget { volume, name },
            (10 | 11, Some(name), _) => Restore { volume, name },
            (12, _, _) => Rename { volume, to: fresh },
            (16, name, _) if world.volumes.len() < 4 => Branch { volume, name, to: fresh },
            (17, _, _) if world.volumes.len() < 4 => Branch { volume, name: None, to: fresh },
            (18 | 19, Some(name), _) if single_file(&state.checkpoints[&name]).is_some() => {
                let path = single_file(&state.checkpoints[&name]).unwrap_or_default();
                RestoreFile { volume, name, path }
            }
            (15, _, _) => Parts { volume, path, content },
            (13, _, _) if state.quota < 3 * QUOTA => Grow { volume },
            (14, _, _) if world.volumes.len() > 2 => Trash { volume },
            (21, _, _) if world.volumes.len() < 4 && deleted.is_some() => {
                Undelete { volume: deleted.unwrap_or_default() }
            }
            (22, _, _) if world.volumes.len() < 4 => Import { volume: fresh, content },
            (23, _, _) => Fetch { volume, path, content },
            _ => Write { volume, path, content },
        }
    }
}

fn files_of<'a>(volumes: &'a mut BTreeMap<String, VolumeState>, volume: &str) -> &'a mut Files {
    &mut volumes.get_mut(volume).unwrap().files
}

/// A file at the root of the volume.
fn single_file(files: &Files) -> Option<String> {
    files.iter().find(|(path, what)| !path.contains('/') && *what != "folder").map(|(path, _)| path.clone())
}

/// A folder of the host with what is to be uploaded.
fn sources(content: Content) -> tempfile::TempDir {
    let sources = tempfile::tempdir().unwrap();
    for (number, content) in uploaded(content).enumerate() {
        std::fs::write(sources.path().join(number.to_string()), content.bytes()).unwrap();
    }
    sources
}

/// The address at which somebody is given this, once.
fn serve_once(content: Vec<u8>) -> String {
    use std::io::{BufRead, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/file", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut asked = std::io::BufReader::new(stream.try_clone()?).lines();
        while asked.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let length = content.len();
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")?;
        stream.write_all(&content)
    });
    url
}

fn uploaded(content: Content) -> impl Iterator<Item = Content> {
    (0..UPLOADED).map(move |number| Content { seed: content.seed + number, ..content })
}

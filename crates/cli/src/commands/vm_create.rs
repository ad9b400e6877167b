//! `cairn vm create`: describing a machine.

use std::path::{Path, PathBuf};

use cairn_api::{Firmware, Forward, MountMode, Network, NewVm, NewVmVolume, SessionDisk, Vm, VmSetup};
use clap::{Args, ValueEnum};

use super::vm::up;
use crate::context::Context;
use crate::failure::Failure;
use crate::manifest;
use crate::output::printable;
use crate::size::{self, human};
use crate::watch::with_spinner;

pub(super) const EXAMPLES: &str = "\
Examples:
  cairn vm create web --image debian.qcow2 --memory 2GiB --forward 8080:80 --volume data:/data --start
  cairn vm create setup --image debian-netinst.iso --session-disk keep
  cairn vm create scratch --start
  cairn vm create worker --snapshot golden --volume data:/data:ro --volume models:/models:rw:tuned
  cairn vm create --manifest instavm.yaml --start

Without an image, a snapshot or a kernel it is a demo machine. An image is never written: the machine writes to a session disk on top of it, which goes when the machine stops, \
or stays with '--session-disk keep'.

A VOLUME is written as VOLUME:/path[:ro|rw[,OPTION…][:checkpoint]]; options are those of the mount and iops=N, bps=SIZE, as in \
data:/data:rw,noatime,bps=50M. With 'rw' and a checkpoint a branch of it is made at the first start.

A manifest describes the machine and its volumes; options given beside it come first:
  slug: box
  vm: {memory_mb: 512, vcpu_count: 2}
  volumes:
    - name: work
      mount: /work
      size_gb: 4
      create_if_missing: true
      pre_seed: [{local: ./src, remote: /src, overwrite: true}]
      auto_checkpoint: {on_success: true, retention: 5}

What a volume is seeded with is copied before the machine is made: what is in a folder goes into the folder 'remote', \
paths are relative to the manifest. The checkpoint is taken last, when all went well.";

/// What boots a disk.
#[derive(Clone, Copy, ValueEnum)]
enum Boot {
    /// A BIOS
    Bios,
    /// UEFI
    Uefi,
}

/// What becomes of the session disk.
#[derive(Clone, Copy, ValueEnum)]
enum WhenStopped {
    /// It goes when the machine stops
    Discard,
    /// It stays
    Keep,
}

/// Whether there is a network.
#[derive(Clone, Copy, ValueEnum)]
enum Net {
    /// The guest reaches what this computer reaches; only forwarded ports reach it
    User,
    /// None
    None,
}

/// What the machine is to be.
#[derive(Args)]
pub(crate) struct Create {
    /// A name that no other machine has
    #[arg(required_unless_present = "manifest")]
    name: Option<String>,
    /// A deploy manifest (YAML), as instavm has it: the machine, its volumes, what they are seeded with
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// A disk image (qcow2 or raw), or an ISO image, beside which the machine gets an empty disk
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    image: Option<PathBuf>,
    /// A snapshot, by name or id
    #[arg(long)]
    snapshot: Option<String>,
    /// A Linux kernel that is booted directly
    #[arg(long, value_name = "FILE")]
    kernel: Option<PathBuf>,
    /// That kernel's initramfs
    #[arg(long, value_name = "FILE", requires = "kernel")]
    initrd: Option<PathBuf>,
    /// That kernel's command line
    #[arg(long, value_name = "LINE", requires = "kernel", allow_hyphen_values = true)]
    append: Option<String>,
    /// Memory [default: as the snapshot's machine had, or 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    memory: Option<u64>,
    /// Processors [default: as the snapshot's machine had, or 1]
    #[arg(long, value_name = "N")]
    cpus: Option<u32>,
    /// What boots the disk [default: as for the snapshot's machine, or bios]
    #[arg(long, value_name = "WHAT")]
    firmware: Option<Boot>,
    /// What becomes of the machine's own disk when it stops
    #[arg(long, value_name = "WHAT", default_value = "discard")]
    session_disk: WhenStopped,
    /// The size of its own disk, when it is to be larger than its image [beside an ISO image: 16GiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    disk_size: Option<u64>,
    /// Its network
    #[arg(long, value_name = "WHAT", default_value = "user")]
    network: Net,
    /// A port of this computer (loopback, TCP), and the guest's port behind it
    #[arg(long = "forward", value_name = "PORT:PORT", value_parser = forward)]
    forwards: Vec<Forward>,
    /// A volume that is mounted at each start; how it is written stands below
    #[arg(long = "volume", value_name = "VOLUME", value_parser = volume)]
    volumes: Vec<NewVmVolume>,
    /// Its own disk becomes a snapshot when it is deleted with 'vm rm --stop'
    #[arg(long)]
    snapshot_on_terminate: bool,
    /// The name of that snapshot
    #[arg(long, value_name = "NAME", requires = "snapshot_on_terminate")]
    snapshot_name: Option<String>,
    /// Its guest runs no QEMU guest agent: do not wait for one
    #[arg(long)]
    no_agent: bool,
    /// Start it at once
    #[arg(long)]
    start: bool,
}

/// Carries the command out.
pub(super) async fn run(command: Create, context: &Context) -> Result<(), Failure> {
    let is_started = command.start;
    let new = describe_new(command, context)?;
    let created = context.api.post(&["vms"], &new);
    let vm: Vm = if is_started {
        with_spinner(context, &format!("Starting {} …", new.name.as_deref().unwrap_or_default()), created).await?
    } else {
        created.await?
    };
    context.out.did(&vm, |vm| match is_started {
        true => up(vm),
        false => format!("Created machine {} ({}).", printable(&vm.name), vm.id),
    })
}

fn describe_new(mut command: Create, context: &Context) -> Result<NewVm, Failure> {
    let mut described = NewVm::default();
    if let Some(path) = command.manifest.take() {
        let found = manifest::read(&path)?;
        if !found.left_out.is_empty() {
            context.out.note(&format!("Not carried out of the manifest: {}.", found.left_out.join(", ")));
        }
        described = found.machine;
        if command.name.is_none() && described.name.is_none() {
            return Err(Failure::invalid("The manifest gives the machine no name.")
                .hint("Give it one: cairn vm create NAME --manifest FILE."));
        }
    }
    let is_booted_otherwise = command.image.is_some() || command.snapshot.is_some() || command.kernel.is_some();
    if is_booted_otherwise {
        (described.snapshot_id, described.image_variant) = (None, None);
    }
    described.volumes.append(&mut command.volumes);
    let file = |path: Option<PathBuf>| path.as_deref().map(absolute).transpose();
    Ok(NewVm {
        name: command.name.or(described.name),
        image: file(command.image)?,
        snapshot_id: command.snapshot.or(described.snapshot_id),
        image_variant: described.image_variant,
        kernel: file(command.kernel)?,
        initrd: file(command.initrd)?,
        append: command.append,
        memory_mb: command.memory.map(size::mib).or(described.memory_mb),
        vcpu_count: command.cpus.or(described.vcpu_count),
        firmware: command.firmware.map(|firmware| match firmware {
            Boot::Bios => Firmware::Bios,
            Boot::Uefi => Firmware::Uefi,
        }),
        session_disk: match command.session_disk {
            WhenStopped::Discard => SessionDisk::Discard,
            WhenStopped::Keep => SessionDisk::Keep,
        },
        disk_bytes: command.disk_size,
        network: match command.network {
            Net::User => Network::User,
            Net::None => Network::None,
        },
        forwards: command.forwards,
        volumes: described.volumes,
        snapshot_on_terminate: command.snapshot_on_terminate,
        snapshot_name: command.snapshot_name,
        agent: command.no_agent.then_some(false),
        start: Some(command.start),
        ..NewVm::default()
    })
}

/// The server has another working directory.
pub(super) fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::io("A path cannot be understood", &error))?;
    absolute
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::invalid(format!("The path '{}' is not UTF-8.", path.display())).hint("Rename the file."))
}

pub(crate) fn forward(text: &str) -> Result<Forward, String> {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let ports = text.split_once(':').and_then(|(host, guest)| Some((port(host)?, port(guest)?)));
    let (host_port, guest_port) = ports.ok_or("two ports from 1 to 65535, like 8080:80")?;
    Ok(Forward { host_port, guest_port })
}

/// `VOLUME:/path[:ro|rw[,OPTION…][:checkpoint]]`; the path begins at the first `:/`. Options are those of mount, and
/// `iops=N` and `bps=SIZE` for what may go through it.
pub(crate) fn volume(text: &str) -> Result<NewVmVolume, String> {
    let bad = || "a volume and an absolute path in the guest, like data:/data or data:/data:ro:latest".to_owned();
    let (volume, rest) = text.split_once(":/").ok_or_else(bad)?;
    let mut parts = rest.splitn(3, ':');
    let path = format!("/{}", parts.next().unwrap_or_default());
    let (mode, how) = parts.next().map_or(("rw", ""), |how| how.split_once(',').unwrap_or((how, "")));
    let mode = match mode {
        "rw" => MountMode::Rw,
        "ro" => MountMode::Ro,
        other => return Err(format!("a volume is mounted ro or rw, not '{other}'")),
    };
    let mut wanted = NewVmVolume { mount_path: path, mode, ..NewVmVolume::default() };
    let mut options = Vec::new();
    for option in how.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("iops", number)) => {
                wanted.iops = Some(number.parse().map_err(|_| format!("'{number}' is no number"))?)
            }
            Some(("bps", size)) => wanted.bytes_per_second = Some(crate::size::parse(size)?),
            _ => options.push(option),
        }
    }
    wanted.options = (!options.is_empty()).then(|| options.join(","));
    let checkpoint = parts.next().map(str::to_owned);
    if volume.is_empty() || checkpoint.as_deref() == Some("") {
        return Err(bad());
    }
    Ok(NewVmVolume { volume_id: Some(volume.to_owned()), checkpoint_id: checkpoint, ..wanted })
}

/// What `cairn vm show` says of what a machine is made of.
pub(super) fn describe(setup: &VmSetup) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut say = |what, value: Option<String>| lines.extend(value.map(|value| (what, value)));
    say("Image", setup.image.clone());
    say("Snapshot", setup.snapshot_id.clone());
    say("Kernel", setup.kernel.clone());
    say("Initramfs", setup.initrd.clone());
    say("Append", setup.append.clone().filter(|line| !line.is_empty()));
    let firmware = match setup.firmware {
        Firmware::Bios => "bios",
        Firmware::Uefi => "uefi",
    };
    say("Firmware", Some(firmware.to_owned()));
    let taken = setup.session_bytes.map(|bytes| format!(", {} written", human(bytes))).unwrap_or_default();
    say(
        "Own disk",
        setup.session_disk.map(|disk| match disk {
            SessionDisk::Discard => format!("goes when it stops{taken}"),
            SessionDisk::Keep => format!("stays{taken}"),
        }),
    );
    let network = match setup.network {
        Network::None => "none",
        Network::User => "user",
    };
    say("Network", Some(network.to_owned()));
    for forward in &setup.forwards {
        say("Forward", Some(format!("127.0.0.1:{} to {}", forward.host_port, forward.guest_port)));
    }
    for volume in &setup.volumes {
        let mode = if volume.mode == MountMode::Ro { "ro" } else { "rw" };
        let at = volume.checkpoint_id.as_ref().map(|at| format!(":{at}")).unwrap_or_default();
        let how = [
            volume.options.clone(),
            volume.iops.map(|iops| format!("iops={iops}")),
            volume.bytes_per_second.map(|bytes| format!("bps={bytes}")),
        ];
        let how: String = how.into_iter().flatten().map(|how| format!(",{how}")).collect();
        say("At start", Some(format!("{}:{}:{mode}{how}{at}", volume.volume_id, volume.mount_path)));
    }
    if !setup.agent {
        say("Agent", Some("none".to_owned()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_written_as_the_seed_has_it() {
        let parsed = |text: &str| {
            let it = volume(text).unwrap();
            (it.volume_id, it.mount_path, it.mode == MountMode::Ro, it.checkpoint_id)
        };
        let expected = |name: &str, path: &str, ro, at: Option<&str>| {
            (Some(name.to_owned()), path.to_owned(), ro, at.map(str::to_owned))
        };
        assert_eq!(parsed("data:/data"), expected("data", "/data", false, None));
        assert_eq!(parsed("a:b:/x/y:ro"), expected("a:b", "/x/y", true, None));
        assert_eq!(
            parsed("data:/data:rw:before: the move"),
            expected("data", "/data", false, Some("before: the move"))
        );
        let slow = volume("data:/data:rw,noatime,iops=500,commit=60,bps=1M:first").unwrap();
        assert_eq!((slow.options.as_deref(), slow.iops), (Some("noatime,commit=60"), Some(500)));
        assert_eq!(
            (slow.bytes_per_second, slow.checkpoint_id.as_deref()),
            (crate::size::parse("1M").ok(), Some("first"))
        );
        for bad in ["data", "data:data", ":/data", "data:/data:wx", "data:/data:ro:", "data:/data:ro,iops=x"] {
            assert!(volume(bad).is_err(), "{bad}");
        }
        assert_eq!(forward("8080:80").map(|it| (it.host_port, it.guest_port)), Ok((8080, 80)));
        assert!(forward("80").is_err() && forward("0:80").is_err() && forward("a:b").is_err());
    }
}

//! A deploy manifest: the file in which the client `instavm` describes a machine and its volumes (`instavm.yaml`).
//!
//! What it says of the machine, its boot image and its volumes is carried out, with `pre_seed` and `auto_checkpoint`, which
//! that client only reads. What it says of an application that is to run in the machine is not; that is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cairn_api::{AutoCheckpoint, MountMode, NewVm, NewVmVolume, PreSeed};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::failure::Failure;

/// No manifest is so large, in bytes.
const LARGEST: u64 = 1 << 20;

/// What of a manifest is not carried out, because it says what runs in the machine, or how the vendor's service works.
const LEFT_OUT: [&str; 14] = [
    "app",
    "artifact",
    "build",
    "callbacks",
    "egress",
    "env",
    "run",
    "runtime",
    "schedule",
    "secrets",
    "share",
    "source",
    "triggers",
    "vault",
];

#[derive(Deserialize)]
struct Manifest {
    schema_version: Option<u32>,
    slug: Option<String>,
    name: Option<String>,
    title: Option<String>,
    #[serde(default)]
    vm: Machine,
    #[serde(default)]
    deploy: Deploy,
    #[serde(default)]
    volumes: Vec<Volume>,
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct Machine {
    memory_mb: Option<u32>,
    #[serde(alias = "vcpus")]
    vcpu_count: Option<u32>,
    image_variant: Option<String>,
}

#[derive(Default, Deserialize)]
struct Deploy {
    snapshot_id: Option<String>,
    snapshot_name: Option<String>,
}

#[derive(Deserialize)]
struct Volume {
    name: Option<String>,
    id: Option<String>,
    mount: String,
    #[serde(default)]
    mode: MountMode,
    size_gb: Option<u64>,
    #[serde(default)]
    create_if_missing: bool,
    checkpoint_id: Option<String>,
    #[serde(default)]
    pre_seed: Vec<PreSeed>,
    auto_checkpoint: Option<AutoCheckpoint>,
}

/// What a manifest asks for.
#[derive(Debug)]
pub(crate) struct Described {
    /// The machine.
    pub(crate) machine: NewVm,
    /// The parts of the manifest that are not carried out.
    pub(crate) left_out: Vec<String>,
}

/// Reads the manifest at `path`. Files that it names are looked for beside it.
pub(crate) fn read(path: &Path) -> Result<Described, Failure> {
    let cannot = |error| Failure::io(&format!("The manifest '{}' cannot be read", path.display()), &error);
    let len = std::fs::metadata(path).map_err(cannot)?.len();
    if len > LARGEST {
        return Err(Failure::invalid(format!("'{}' is too large for a manifest.", path.display()))
            .hint("Name an instavm.yaml, of at most 1 MiB."));
    }
    let text = std::fs::read_to_string(path).map_err(cannot)?;
    let folder = std::path::absolute(path).map_err(cannot)?;
    let folder = folder.parent().unwrap_or(Path::new("/"));
    describe(&text, folder).map_err(|why| {
        Failure::invalid(format!("The manifest '{}' is not understood: {why}", path.display()))
            .hint("'cairn vm create --help' shows one.")
    })
}

/// What the manifest's text asks for, or what is wrong with it.
pub(crate) fn describe(text: &str, folder: &Path) -> Result<Described, String> {
    let options = serde_saphyr::options! { with_snippet: false };
    let manifest: Manifest = serde_saphyr::from_str_with_options(text, options).map_err(|error| format!("{error}."))?;
    if let Some(version) = manifest.schema_version.filter(|version| !(1..=2).contains(version)) {
        return Err(format!("its schema_version is {version}, and 1 and 2 are known."));
    }
    let volumes = manifest.volumes.into_iter().map(|volume| volume.mounted(folder)).collect::<Result<_, _>>()?;
    let machine = NewVm {
        name: manifest.slug.or(manifest.name).or(manifest.title),
        image_variant: manifest.vm.image_variant,
        snapshot_id: manifest.deploy.snapshot_id.or(manifest.deploy.snapshot_name),
        memory_mb: manifest.vm.memory_mb,
        vcpu_count: manifest.vm.vcpu_count,
        volumes,
        ..NewVm::default()
    };
    let left_out = LEFT_OUT.iter().filter(|part| manifest.rest.contains_key(**part));
    Ok(Described { machine, left_out: left_out.map(|part| (*part).to_owned()).collect() })
}

impl Volume {
    fn mounted(self, folder: &Path) -> Result<NewVmVolume, String> {
        let beside = |seed: PreSeed| {
            // Without "." in it, as people read it.
            let local: PathBuf = folder.join(&seed.local).components().collect();
            let local = local.into_os_string().into_string();
            let local = local.map_err(|_| format!("the path of '{}' is not UTF-8.", seed.local))?;
            Ok(PreSeed { local, ..seed })
        };
        if self.id.is_none() && self.name.is_none() {
            return Err(format!("the volume at {} has neither a name nor an id.", self.mount));
        }
        Ok(NewVmVolume {
            volume_id: self.id,
            name: self.name,
            mount_path: self.mount,
            mode: self.mode,
            checkpoint_id: self.checkpoint_id,
            create_if_missing: self.create_if_missing,
            size_gb: self.size_gb,
            pre_seed: self.pre_seed.into_iter().map(beside).collect::<Result<_, String>>()?,
            auto_checkpoint: self.auto_checkpoint,
            ..NewVmVolume::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "
schema_version: 2
kind: devbox
slug: agent-box
name: Agent box
vm: {memory_mb: 512, vcpus: 2}
runtime:
  - install: apt-get install -y git
volumes:
  - name: work
    mount: /work
    size_gb: 2
    create_if_missing: true
    pre_seed:
      - {local: ./seed, remote: /}
      - {local: /etc/hosts, remote: /etc/, overwrite: true}
    auto_checkpoint: {on_success: true, retention: 3}
  - {name: models, id: vol_1, mount: /models, mode: ro, checkpoint_id: latest}
";

    #[test]
    fn a_manifest_describes_a_machine_with_its_volumes() {
        let Described { machine, left_out } = describe(WHOLE, Path::new("/home/me/box")).unwrap();
        assert_eq!(
            (machine.name.as_deref(), machine.memory_mb, machine.vcpu_count),
            (Some("agent-box"), Some(512), Some(2))
        );
        assert_eq!(left_out, ["runtime"]);
        let [work, models] = &machine.volumes[..] else { panic!("two volumes") };
        assert!(work.create_if_missing && work.size_gb == Some(2) && work.volume_id.is_none());
        let seeds: Vec<_> = work.pre_seed.iter().map(|it| (&*it.local, &*it.remote, it.overwrite)).collect();
        assert_eq!(seeds, [("/home/me/box/seed", "/", false), ("/etc/hosts", "/etc/", true)]);
        let kept = work.auto_checkpoint.as_ref().unwrap();
        assert!(kept.on_success && kept.retention == Some(3));
        assert_eq!((models.volume_id.as_deref(), models.mode), (Some("vol_1"), MountMode::Ro));
        assert_eq!(models.checkpoint_id.as_deref(), Some("latest"));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (text, said) in [
            ("", "missing"),
            ("schema_version: 7", "schema_version is 7"),
            ("volumes: [{name: a}]", "mount"),
            ("volumes: [{mount: /a}]", "neither a name nor an id"),
            ("volumes: [{name: a, mount: /a, mode: wx}]", "wx"),
            ("vm: {memory_mb: much}", "line 1"),
            ("a: &a [*a, *a]", ""),
            ("volumes: [", "line"),
        ] {
            match describe(text, Path::new("/")) {
                Ok(described) => assert!(said == "missing" || text.starts_with("a:"), "{text}: {described:?}"),
                Err(why) => assert!(why.contains(said), "{text}: {why}"),
            }
        }
    }
}

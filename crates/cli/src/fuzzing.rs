//! What a fuzz target of `fuzz/` may call; not in the product.

use std::path::Path;

/// Reads the text of a deploy manifest; what is understood must hold together.
pub fn manifest(text: &str) {
    let Ok(described) = crate::manifest::describe(text, Path::new("/folder")) else { return };
    for volume in described.machine.volumes {
        assert!(volume.volume_id.is_some() || volume.name.is_some());
        assert!(volume.pre_seed.iter().all(|seed| Path::new(&seed.local).is_absolute()));
    }
}

/// Reads what follows `--volume` of `cairn vm create`: a volume, where it is mounted, and how.
pub fn volume(text: &str) {
    let Ok(volume) = crate::commands::vm_create::volume(text) else { return };
    assert!(volume.volume_id.is_some_and(|id| !id.is_empty()));
    assert!(volume.mount_path.starts_with('/') && volume.checkpoint_id.as_deref() != Some(""));
}

/// Reads what follows `--forward`, and sizes as people write them.
pub fn numbers(text: &str) {
    if let Ok(forward) = crate::commands::vm_create::forward(text) {
        assert!(forward.host_port > 0 && forward.guest_port > 0);
    }
    if let Ok(bytes) = crate::size::parse(text) {
        // What we print of it is understood again.
        crate::size::parse(&bytes.to_string()).expect("a number of bytes is a size");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    const MANIFEST: &str = "volumes: [{name: a, mount: /a, mode: ro, size_gb: 2, pre_seed: [{local: ./b, remote: /}]}]";

    fn config(cases: u32) -> Config {
        Config { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() }
    }

    proptest! {
        #![proptest_config(config(2000))]

        #[test]
        fn a_manifest_that_is_changed_somewhere_is_understood_or_refused(
            at in 0..MANIFEST.len(), length in 0..9_usize, instead in "[{}:,\\[\\]&*!|>'\"#a-c0-9. \\n-]{0,9}",
        ) {
            let end = (at + length).min(MANIFEST.len());
            super::manifest(&[&MANIFEST[..at], &instead, &MANIFEST[end..]].concat());
        }

        #[test]
        fn whatever_is_written_for_a_volume_holds_together(
            pieces in prop::collection::vec("data|:|/|ro|rw|,|=|iops|bps|[0-9]{1,20}|MiB|latest|ü", 0..12),
        ) {
            super::volume(&pieces.concat());
            super::numbers(&pieces.concat());
        }
    }
}

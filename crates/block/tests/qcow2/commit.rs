//! Committing upper layers into an image beside the chain: whatever stands on them reads the same all the while, and
//! in the end that image alone shows what they show.

use std::path::PathBuf;

use cairn_block::{
    BlockDevice,
    qcow2::{Access, Image},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::judge::{Folder, LIKE_OURS, MIB, check, each_seed, open, pattern, qemu_create, same_bytes};

/// A chain of layers `0.qcow2`, `1.qcow2` … made by random writes, discards and growth.
pub(crate) struct Chain {
    pub(crate) folder: Folder,
    pub(crate) layers: Vec<PathBuf>,
    /// What the top shows.
    pub(crate) model: Vec<u8>,
}

impl Chain {
    pub(crate) fn random(rng: &mut StdRng, layers: usize, shapes: &[Option<&str>]) -> Self {
        let mut chain =
            Self { folder: Folder::new(), layers: Vec::new(), model: vec![0; (2 * MIB + 700 * 512) as usize] };
        for number in 0..layers {
            let shape = shapes[rng.random_range(0..shapes.len())];
            chain.add(rng, number, shape);
        }
        chain
    }

    fn add(&mut self, rng: &mut StdRng, number: usize, shape: Option<&str>) {
        let name = format!("{number}.qcow2");
        let below = number.checked_sub(1).map(|below| format!("{below}.qcow2"));
        if number > 0 && rng.random_bool(0.4) {
            self.model.resize(self.model.len() + rng.random_range(0..2000) * 512, 0);
        }
        let size = self.model.len() as u64;
        match (shape, &below) {
            (Some(options), below) => qemu_create(&self.folder.path(&name), options, below.as_deref(), size),
            (None, Some(below)) => drop(self.folder.overlay(&name, below, size)),
            (None, None) => drop(self.folder.create(&name, size)),
        }
        self.layers.push(self.folder.path(&name));
        let image = open(&self.folder.path(&name));
        for _ in 0..rng.random_range(0..12) {
            let longest = [5000, 400_000][rng.random_range(0..2)];
            let len = rng.random_range(1..=longest).min(size);
            let offset = rng.random_range(0..=size - len);
            let part = &mut self.model[offset as usize..][..len as usize];
            if rng.random_bool(0.6) {
                part.copy_from_slice(&pattern(rng.random(), len as usize));
                image.write_at(part, offset).unwrap();
            } else {
                part.fill(0);
                image.discard(offset, len).unwrap();
            }
        }
    }

    /// The chain from the top down to layer `from`, on `base`.
    fn on_base(&self, from: usize, base: &std::path::Path) -> Image {
        let mut below: Vec<PathBuf> = self.layers[from..].iter().rev().cloned().collect();
        let top = below.remove(0);
        below.push(base.to_owned());
        Image::open_on(&top, &below, Access::ReadOnly).unwrap()
    }
}

#[track_caller]
fn shows(image: &Image, model: &[u8]) {
    let mut shown = vec![0xee; image.len() as usize];
    image.read_at(&mut shown, 0).unwrap();
    assert!(shown == model, "the chain shows something else");
}

/// Commits everything above the lowest layer into a base on that layer, in small steps, some of them twice.
fn work(seed: u64, shapes: &[Option<&str>]) {
    let mut rng = StdRng::seed_from_u64(seed);
    let depth = rng.random_range(2..7);
    let chain = Chain::random(&mut rng, depth, shapes);
    let base_path = chain.folder.path("base.qcow2");
    let lowest_size = cairn_block::qcow2::info(&chain.layers[0]).unwrap().virtual_size;
    drop(chain.folder.overlay("base.qcow2", "0.qcow2", lowest_size));
    let mut equals = 0;
    while equals + 1 < depth {
        let towards = rng.random_range(equals + 1..depth);
        let source = Image::open(&chain.layers[towards], Access::ReadOnly).unwrap();
        let held = source.held(towards - equals).unwrap();
        let (mut at, mut bytes) = (0, 0);
        while at < source.len() {
            let base = open(&base_path);
            let again = rng.random_bool(0.2);
            let done = source.commit(towards - equals, &base, at, rng.random_range(1..3) * 300_000).unwrap();
            assert!(done.until > at, "a step of committing goes on");
            if !again {
                (at, bytes) = (done.until, bytes + done.bytes);
            }
            drop(base);
            shows(&chain.on_base(equals + 1, &base_path), &chain.model);
        }
        assert_eq!(bytes, held, "what was announced is what was written");
        check(&base_path);
        equals = towards;
    }
    same_bytes(&base_path, &chain.model);
    chain.layers.iter().for_each(|layer| check(layer));
}

#[test]
fn what_stands_on_the_layers_reads_the_same_while_they_are_committed() {
    each_seed(30, |seed| work(seed, &[None]));
}

#[test]
fn layers_of_other_shapes_are_committed_too() {
    let shapes = [
        None,
        Some(LIKE_OURS),
        Some("compat=1.1"),
        Some("compat=1.1,cluster_size=4k"),
        Some("compat=1.1,cluster_size=512"),
    ];
    each_seed(20, |seed| work(seed, &shapes));
}

#[test]
fn a_base_that_may_not_be_written_is_refused() {
    let chain = Chain::random(&mut StdRng::seed_from_u64(1), 2, &[None]);
    let source = Image::open(&chain.layers[1], Access::ReadOnly).unwrap();
    let base = chain.folder.path("base.qcow2");
    drop(chain.folder.overlay("base.qcow2", "0.qcow2", source.len()));
    let base = Image::open(&base, Access::ReadOnly).unwrap();
    let refused = source.commit(1, &base, 0, u64::MAX).unwrap_err();
    assert_eq!(refused.kind(), cairn_block::ErrorKind::ReadOnly);
    assert_eq!(source.held(3).unwrap_err().kind(), cairn_block::ErrorKind::Invalid);
}

//! Random work on images beside a plain copy in memory: whatever the order of writes, discards, flushes,
//! overlays, growth and reopening, the bytes are the same, for us and for QEMU.

use std::path::PathBuf;

use cairn_block::{BlockDevice, qcow2::Image};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::judge::{Folder, LIKE_OURS, MIB, check, each_seed, open, pattern, qemu_create, qemu_io, same_bytes};

/// An image under work, with what it should hold.
struct Bench {
    folder: Folder,
    path: PathBuf,
    image: Option<Image>,
    model: Vec<u8>,
    layers: usize,
    options: Option<&'static str>,
}

impl Bench {
    /// Work on an image that we make, or that QEMU makes with `options`.
    fn new(options: Option<&'static str>, size: u64) -> Self {
        let folder = Folder::new();
        let path = folder.path("layer0.qcow2");
        match options {
            None => drop(folder.create("layer0.qcow2", size)),
            Some(options) => qemu_create(&path, options, None, size),
        }
        let image = Some(open(&path));
        Self { folder, path, image, model: vec![0; size as usize], layers: 1, options }
    }

    fn image(&self) -> &Image {
        self.image.as_ref().unwrap()
    }

    fn range(&self, rng: &mut StdRng, max: u64) -> (u64, u64) {
        let size = self.model.len() as u64;
        let max = rng.random_range(1..=max);
        let len = rng.random_range(0..=max).min(size);
        let mut offset = rng.random_range(0..=size - len);
        if rng.random_bool(0.4) {
            offset -= offset % (4096 << rng.random_range(0..6));
        }
        (offset, len)
    }

    fn step(&mut self, rng: &mut StdRng) {
        let max = [6000, 300_000, 3 << 20][rng.random_range(0..3)];
        match rng.random_range(0..100) {
            0..50 => {
                let (offset, len) = self.range(rng, max);
                let data = pattern(rng.random(), len as usize);
                self.image().write_at(&data, offset).unwrap();
                self.model[offset as usize..][..data.len()].copy_from_slice(&data);
            }
            50..70 => {
                let (offset, len) = self.range(rng, max * 2);
                self.image().discard(offset, len).unwrap();
                self.model[offset as usize..][..len as usize].fill(0);
            }
            70..85 => {
                let (offset, len) = self.range(rng, max);
                let mut buf = vec![0xee; len as usize];
                self.image().read_at(&mut buf, offset).unwrap();
                assert!(buf == self.model[offset as usize..][..buf.len()], "{len} bytes at {offset} differ");
            }
            85..93 => self.image().flush().unwrap(),
            93..96 => self.reopen(),
            96..98 if self.layers < 5 => self.overlay(),
            _ => self.grow(rng),
        }
    }

    fn reopen(&mut self) {
        self.image = None;
        check(&self.path);
        self.image = Some(open(&self.path));
    }

    fn overlay(&mut self) {
        self.image = None;
        let (name, backing) = (format!("layer{}.qcow2", self.layers), format!("layer{}.qcow2", self.layers - 1));
        let size = self.model.len() as u64;
        self.path = match self.options {
            None => self.folder.overlay(&name, &backing, size),
            Some(options) => {
                qemu_create(&self.folder.path(&name), options, Some(&backing), size);
                self.folder.path(&name)
            }
        };
        self.layers += 1;
        self.image = Some(open(&self.path));
    }

    fn grow(&mut self, rng: &mut StdRng) {
        let more = rng.random_range(0..3000u64) * 512;
        let size = self.model.len() as u64 + more;
        self.image().grow(size).unwrap();
        assert_eq!(self.image().len(), size);
        self.model.resize(size as usize, 0);
    }

    /// Everything that could be wrong, judged by QEMU.
    fn judge(mut self) {
        self.image = None;
        for layer in 0..self.layers {
            check(&self.folder.path(&format!("layer{layer}.qcow2")));
        }
        same_bytes(&self.path, &self.model);
        // QEMU can go on where we stopped.
        qemu_io(&self.path, &["write -P 77 1M 1M", "read -P 77 1M 1M"]);
        check(&self.path);
    }
}

fn work(seed: u64, options: Option<&'static str>, steps: usize) {
    let mut rng = StdRng::seed_from_u64(seed);
    let size = 3 * MIB + rng.random_range(0..20_000u64) * 512;
    let mut bench = Bench::new(options, size);
    for _ in 0..steps {
        bench.step(&mut rng);
    }
    bench.judge();
}

#[test]
fn random_work_on_our_own_images() {
    each_seed(24, |seed| work(seed, None, 120));
}

#[test]
fn random_work_on_images_like_ours_that_qemu_made() {
    each_seed(6, |seed| work(seed, Some(LIKE_OURS), 100));
}

#[test]
fn random_work_on_images_of_other_shapes() {
    let shapes = [
        "compat=1.1",
        "compat=1.1,cluster_size=4k",
        "compat=1.1,cluster_size=2M",
        "compat=1.1,cluster_size=16k,extended_l2=on",
        "compat=1.1,cluster_size=2M,extended_l2=on",
        "compat=1.1,lazy_refcounts=on",
    ];
    each_seed(12, |seed| work(seed, Some(shapes[seed as usize % shapes.len()]), 60));
}

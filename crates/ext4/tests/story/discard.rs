//! What is deleted gives its room back to the host, through a qcow2 layer.

use std::path::Path;
use std::sync::Arc;

use cairn_block::BlockDevice;
use cairn_block::qcow2::{Access, CreateOptions, Image, create, info};
use cairn_ext4::{Filesystem, Mode};

use crate::change::{get, put};
use crate::common::{MIB, noise, options};

fn on_disk(layer: &Path) -> u64 {
    info(layer).expect("look at the layer").disk_bytes
}

#[test]
fn a_layer_gets_smaller_when_files_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layer = folder.path().join("layer.qcow2");
    create(&layer, &CreateOptions { virtual_size: 300 * MIB, backing_file: None }).expect("create");
    let device: Arc<dyn BlockDevice> = Arc::new(Image::open(&layer, Access::ReadWrite).expect("open"));
    cairn_ext4::format(&*device, &options()).expect("format");
    let fs = Filesystem::open(device, Mode::ReadWrite).expect("open");
    fs.flush().expect("flush");
    let empty = on_disk(&layer);
    put(&fs, "removed", &noise(40 << 20, 1));
    put(&fs, "kept", &noise(8 << 20, 2));
    fs.flush().expect("flush");
    assert!(on_disk(&layer) > empty + 48 * MIB);
    fs.remove(b"removed").expect("remove");
    fs.flush().expect("flush");
    assert!(on_disk(&layer) < empty + 12 * MIB, "{} of {empty}", on_disk(&layer));
    fs.truncate(b"kept", 1 << 20).expect("truncate");
    fs.flush().expect("flush");
    assert!(on_disk(&layer) < empty + 5 * MIB, "{} of {empty}", on_disk(&layer));
    assert!(get(&fs, "kept") == noise(8 << 20, 2)[..1 << 20]);
    drop(fs);
    let output = std::process::Command::new("qemu-img").args(["check", "-q"]).arg(&layer).output();
    assert!(output.expect("qemu-img starts").status.success(), "qemu-img is not content with the layer");
}

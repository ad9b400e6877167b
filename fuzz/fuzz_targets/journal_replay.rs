//! Replays a damaged journal: in memory, then on the device.
#![no_main]

use cairn_fuzz::{Base, image, open, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let device = image(Base::Unfinished, input);
    if let Some(fs) = open(&device, cairn_ext4::Mode::ReadOnly) {
        walk(&fs);
    }
    if let Some(fs) = open(&device, cairn_ext4::Mode::ReadWrite) {
        walk(&fs);
    }
});

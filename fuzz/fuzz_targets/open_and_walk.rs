//! Opens a damaged filesystem, checks it, and reads everything in it.
#![no_main]

use cairn_fuzz::{Base, image, open, verify, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let device = image(Base::Whole, input);
    verify(&device);
    if let Some(fs) = open(&device, cairn_ext4::Mode::ReadOnly) {
        walk(&fs);
    }
});

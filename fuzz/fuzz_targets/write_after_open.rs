//! Changes a damaged filesystem, and reads what became of it.
#![no_main]

use cairn_fuzz::{Base, change, image, open, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let device = image(Base::Whole, input);
    let Some(fs) = open(&device, cairn_ext4::Mode::ReadWrite) else { return };
    let paths = walk(&fs);
    change(&fs, &paths, input.first().copied().unwrap_or(0));
    walk(&fs);
    drop(fs);
    if let Some(fs) = open(&device, cairn_ext4::Mode::ReadOnly) {
        walk(&fs);
    }
});

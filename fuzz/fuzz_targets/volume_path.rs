//! Reads a path of a volume as every surface does.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    cairn_engine::volume_path_holds_together(input);
});

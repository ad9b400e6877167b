//! Reads a deploy manifest as `cairn vm create --manifest` does.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        cairn_cli::fuzzing::manifest(text);
    }
});

//! Reads what follows `--volume` and `--forward`, and sizes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        cairn_cli::fuzzing::volume(text);
        cairn_cli::fuzzing::numbers(text);
    }
});

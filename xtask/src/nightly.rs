//! `cargo xtask nightly`: the searches that are too long for every landing. They are the same tests with more
//! rounds, switched by [`SWITCH`], built with optimisation and with the checks of a debug build left on.

use std::path::Path;

use anyhow::Result;

use crate::debian_vm;
use crate::demo_vm;
use crate::packages;
use crate::process::command;
use crate::test::summed;

/// Set to `1` for the tests that have a long form; they run their whole search instead of a stated part.
const SWITCH: &str = "CAIRN_NIGHTLY";
/// The rooms whose tests have a long form.
const ROOMS: [&str; 5] = ["cairn-block", "cairn-ext4", "cairn-engine", "cairn-server", "cairn-cli"];

/// Runs the long form of the tests, and ends with their sum; `arguments` are as for `cargo test`.
pub(crate) fn nightly(root: &Path, arguments: &[String]) -> Result<()> {
    packages::install(&[packages::BUILD, packages::MACHINES, packages::DEMO_VM, packages::TESTS, packages::LIBVIRT])?;
    demo_vm::assemble(root)?;
    let debian = debian_vm::assemble(root)?;
    let mut tests = command(root, "cargo", &["test", "--release", "--locked", "--no-fail-fast"]);
    for room in ROOMS {
        tests.args(["--package", room]);
    }
    tests.args(arguments);
    if !arguments.iter().any(|word| word == "--") {
        // What was judged, and how much of it.
        tests.args(["--", "--show-output"]);
    }
    // An overflow or a failed assertion inside a room is a finding, not an optimisation.
    tests.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true").env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    tests.env(SWITCH, "1").env("CAIRN_DEMO_VM", root.join("target/demo-vm"));
    tests.env("CAIRN_DEBIAN_VM", debian);
    summed(&mut tests)
}

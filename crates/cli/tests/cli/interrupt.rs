//! Ctrl-C: what was begun is taken back, and said.

use std::io::{Read, Write};
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::support::{Cairn, tell};

#[test]
fn ctrl_c_while_standard_input_is_copied_leaves_nothing() {
    for served in [false, true] {
        let cairn = Cairn::with_volume();
        let _serving = served.then(|| cairn.serve());
        let mut command = cairn.command(["files", "put", "data", "-", "f"]);
        let mut put = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = put.stdin.take().unwrap();
        // More than a pipe and a socket hold: once this is written, the copy is under way.
        input.write_all(&vec![7; 16 << 20]).unwrap();
        tell(&put, Signal::SIGINT);
        let mut said = String::new();
        put.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(put.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.starts_with("cancelled: "), "{said}");
        drop(input);
        // The volume takes one writer at a time: once this is done, the other is over.
        cairn.run(["files", "mkdir", "data", "after"]).ok();
        assert_eq!(cairn.paths("data"), ["after"]);
    }
}

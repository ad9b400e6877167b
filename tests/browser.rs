//! The window's pages in an ordinary browser: what `cairn serve` shows to those without a display.
//!
//! The stories themselves are told in TypeScript, in `ui/tests/e2e`; here they get a real engine to talk to.

use std::path::Path;
use std::process::Command;

use crate::common::cairn::Cairn;
use crate::common::desktop::printed;

#[test]
fn the_same_pages_work_in_a_browser() {
    // Where one of the stories starts a daemon of libvirt's; short, since a socket's path has at most 107 bytes.
    let libvirt = tempfile::Builder::new().prefix("lv").tempdir_in("/tmp").expect("a temporary folder");
    let socket = libvirt.path().join("run/libvirt/libvirt-sock");
    let cairn = Cairn::new().with("LIBVIRT_DEFAULT_URI", format!("qemu:///session?socket={}", socket.display()));
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    let pages = ui.join("dist");
    let (mut server, api) = cairn.serve(&["--ui", pages.to_str().expect("a path of characters")]);
    let key = std::fs::read_to_string(cairn.store().join("run/api-key")).expect("the server's key");

    let stories = Command::new("npm")
        .args(["run", "e2e"])
        .current_dir(ui)
        .env("CAIRN_URL", api["url"].as_str().expect("where it serves"))
        .env("CAIRN_KEY", key.trim())
        .env("CAIRN_LIBVIRT", libvirt.path())
        .output()
        .expect("npm starts");

    printed(Command::new("kill").arg(server.id().to_string()));
    assert!(server.wait().expect("the server ends").success(), "the server was told to end, and did");
    let (told, complaints) = (String::from_utf8_lossy(&stories.stdout), String::from_utf8_lossy(&stories.stderr));
    assert!(stories.status.success(), "the stories in the browser ended otherwise:\n{told}\n{complaints}");
}

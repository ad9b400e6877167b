//! The window and its machines: the real program on a real display, a real drop, the real tray, a real guest.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::common::cairn::{Cairn, is_alive, server_of};
use crate::common::desktop::{Desktop, printed};
use crate::common::judge::everything_is_clean;
use crate::common::pointer::Drag;
use crate::common::tree::{checksum_list, plant, sha256, survey};
use crate::common::wait_for;
use crate::common::window::Window;

#[tokio::test]
async fn a_tree_dropped_on_the_window_is_read_at_data_inside_a_running_machine() {
    let (cairn, desktop) = (Cairn::new(), Desktop::new());
    let (store, desk) = (cairn.store(), cairn.desk());
    plant(&desk.join("tree"));
    let tree = survey(&desk.join("tree"));
    fs::write(desk.join("sums"), checksum_list(&tree, "/data/tree")).expect("the list of checksums");

    // A volume, made in the dialog.
    let window = Window::open(&desktop, &store).await;
    window.find("welcome").await;
    window.pictures("welcome").await;
    window.click("welcome-create").await;
    window.create_volume("work", "2").await;
    everything_is_clean(&store);

    // Files and folders, dropped on it with no machine running.
    let place = window.place_of("drop-target").await;
    let drag = Drag::carry(&desktop, &[&desk.join("tree"), &desk.join("sums")], place);
    window.find("drop-hint").await;
    window.pictures("drop").await;
    drag.drop_here();
    window.find("transfer-row").await;
    window.picture("transfer").await;
    window.find("transfer-row[data-state=done]").await;
    window.find("file-row[data-path=tree]").await;
    window.pictures("files").await;
    everything_is_clean(&store);

    window.click("pane-timeline").await;
    window.type_into("checkpoint-name", "seeded").await;
    window.click("checkpoint-create").await;
    window.find("checkpoint-row[data-name=seeded]").await;
    everything_is_clean(&store);

    // In a machine: every byte is there, and it can write.
    window.click("vm-demo").await;
    window.find("vm-card[data-name=demo][data-status=active]").await;
    window.click("mount-open").await;
    window.type_into("mount-path", "/data").await;
    window.pictures("mount").await;
    window.click("mount-submit").await;
    window.find("mount-chip[data-path='/data'][data-status=attached]").await;
    window.pictures("mounted").await;

    // Its console is seen and typed to, with real keys.
    window.click("vm-card[data-name=demo] >> vm-console").await;
    window.find("console-output").await;
    desktop.xdotool(&["type", "--delay", "40", "echo $((111*3)); ls /data"]);
    window.press("Return");
    window.says("333").await;
    window.pictures("console").await;
    window.press("ctrl+bracketright");
    window.gone("console-dialog").await;
    let checked = cairn.in_guest("demo", "sha256sum -c /data/sums 2>&1 | grep -vc ': OK$' || true");
    assert_eq!(checked.trim(), "0", "the guest read other bytes");
    let link = cairn.in_guest("demo", "readlink /data/tree/link");
    assert_eq!(link, "写真アルバム.txt\n");
    let write = "dd if=/dev/urandom of=/data/made-inside bs=1M count=50 2>/dev/null && sha256sum </data/made-inside";
    let written = cairn.in_guest("demo", write);

    // One writer, ever; and whoever wants to be the second is told who is the first.
    window.click("mount-open").await;
    window.type_into("mount-path", "/other").await;
    window.click("mount-submit").await;
    let sentence = window.words_of("dialog-error").await;
    assert!(sentence.contains("work") && sentence.contains("demo"), "{sentence}");
    window.pictures("refused").await;
    window.press("Escape");
    window.gone("mount-dialog").await;

    // Unmounted through the tray.
    desktop.click_in_tray("work/Unmount from demo (/data)");
    window.gone("mount-chip").await;
    wait_for("the tray to offer the mount again", || {
        desktop.tray().contains(&"work/Mount in demo at /data".to_owned()).then_some(())
    });
    everything_is_clean(&store);
    window.click("pane-files").await;
    window.find("file-row[data-path=made-inside]").await;
    cairn.ok(&["files", "get", "work", "made-inside", "made-inside"]);
    assert!(written.starts_with(&sha256(&desk.join("made-inside"))), "the guest wrote {written}");

    // Back in time: what the guest wrote is gone, the rest is as it was, bit for bit.
    window.click("pane-timeline").await;
    window.pictures("timeline").await;
    window.point_at("checkpoint-row[data-name=seeded]").await;
    window.click("checkpoint-row[data-name=seeded] >> checkpoint-restore").await;
    window.find("restore-preview").await;
    window.picture("restore").await;
    window.click("confirm").await;
    window.find("checkpoint-row[data-automatic=true]").await;
    everything_is_clean(&store);
    window.picture("restored").await;
    window.click("pane-files").await;
    window.find("file-row[data-path=tree]").await;
    window.gone("file-row[data-path=made-inside]").await;
    cairn.ok(&["files", "get", "work", "tree", "back"]);
    assert_eq!(survey(&desk.join("back")), tree);

    window.click("volume-menu").await;
    window.click("volume-delete").await;
    window.gone("volume-row").await;
    assert_eq!(cairn.json(&["volume", "ls"]), json!([]));
    // Deleted by mistake: it is back whole.
    window.click("toast-action").await;
    window.find("volume-row").await;
    assert_eq!(cairn.json(&["volume", "ls"])[0]["name"], json!("work"));
    everything_is_clean(&store);
    window.click("volume-menu").await;
    window.click("volume-delete").await;
    window.gone("volume-row").await;
    window.click("vm-card[data-name=demo] >> vm-stop").await;
    window.find("vm-card[data-name=demo][data-status=stopped]").await;
}

#[tokio::test]
async fn a_guest_goes_on_writing_when_the_app_is_killed() {
    let (cairn, desktop) = (Cairn::new(), Desktop::new());
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("welcome").await;
    let app = server_of(&cairn.store()).expect("the app serves the command line");
    cairn.ok(&["volume", "create", "work", "--quota", "1GiB"]);
    cairn.ok(&["vm", "demo"]);
    cairn.ok(&["mount", "work", "demo", "/data"]);
    // A guest that counts on the volume, and copies noise to it.
    in_background(
        &cairn,
        "i=0; while :; do i=$((i+1)); echo $i >/data/next; mv /data/next /data/count; sync; done",
        "/run/counter",
    );
    let noise = "dd if=/dev/urandom of=/data/noise bs=1M count=200 && sha256sum </data/noise >/data/noise.sum";
    in_background(&cairn, noise, "/run/copier");
    wait_for("the guest to count", || count(&cairn));

    printed(Command::new("kill").args(["-9", &app.to_string()]));
    wait_for("the app's end", || (!is_alive(app)).then_some(()));
    drop(window);

    // The new app shows the mount as it is, and the guest has gone on all the while.
    let before = count(&cairn).expect("a number");
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("mount-chip[data-path='/data'][data-status=attached]").await;
    window.find("vm-card[data-name=demo][data-status=active]").await;
    window.pictures("after-a-kill").await;
    assert!(count(&cairn).expect("a number") > before, "the guest stopped counting at {before}");
    wait_for("the guest's copy", || {
        let sum = cairn.in_guest("demo", "cat /data/noise.sum 2>/dev/null || true");
        (!sum.is_empty()).then_some(())
    });
    let again = cairn.in_guest("demo", "sha256sum </data/noise | cmp - /data/noise.sum && echo same");
    assert_eq!(again, "same\n");
    cairn.in_guest("demo", "kill $(cat /run/counter)");

    window.click("mount-chip >> unmount").await;
    window.gone("mount-chip").await;
    everything_is_clean(&cairn.store());
}

/// Starts a shell line in the guest that goes on when the command has ended, with its process id in a file.
fn in_background(cairn: &Cairn, line: &str, pid_file: &str) {
    cairn.in_guest("demo", &format!("({line}) </dev/null >/dev/null 2>&1 & echo $! >{pid_file}"));
}

/// How far the guest of the story has counted.
fn count(cairn: &Cairn) -> Option<u64> {
    cairn.in_guest("demo", "cat /data/count 2>/dev/null || true").trim().parse().ok()
}

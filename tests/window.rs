//! The window: the real program on a real display, a real drop, the real tray, a real guest.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::common::cairn::{Cairn, program, served};
use crate::common::desktop::{Clipboard, Desktop, printed};
use crate::common::judge::everything_is_clean;
use crate::common::pointer::Drag;
use crate::common::tree::{checksum_list, plant, sha256, survey};
use crate::common::wait_for;
use crate::common::window::Window;

/// The process that serves a store.
fn server_of(store: &Path) -> Option<u64> {
    served(store)?["pid"].as_u64()
}

fn is_alive(pid: u64) -> bool {
    // A process that nobody has waited for yet is dead all the same.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Creates a volume in the window's dialog.
async fn create_volume(window: &Window<'_>, name: &str, gibibytes: &str) {
    window.type_into("new-volume-name", name).await;
    window.type_into("new-volume-quota", gibibytes).await;
    window.pictures("new-volume").await;
    window.click("new-volume-create").await;
    window.find(&format!("volume-row[data-name={name}]")).await;
}

/// Long enough for the end of a transfer to be told.
const LONG: Duration = Duration::from_secs(11);

/// A file of the web that comes a byte at a time, until somebody has it end.
struct SlowFile {
    url: String,
    end: Sender<()>,
}

impl SlowFile {
    fn serve() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let url = format!("http://{}/slow", listener.local_addr().expect("its address"));
        let (end, ended) = channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            // What nobody has read would break the connection off when it is closed.
            let _ = stream.read(&mut [0; 4096]).expect("the request");
            let mut left = 1000;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("the head is read");
            while ended.recv_timeout(Duration::from_millis(500)) == Err(RecvTimeoutError::Timeout) && left > 1 {
                stream.write_all(b".").expect("it is read");
                left -= 1;
            }
            stream.write_all(&vec![b'.'; left]).expect("the rest is read");
        });
        Self { url, end }
    }

    fn end(self) {
        self.end.send(()).expect("it is served");
    }
}

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
    create_volume(&window, "work", "2").await;
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

#[tokio::test]
async fn closing_leaves_the_tray_and_quitting_leaves_nothing() {
    let (cairn, desktop) = (Cairn::new(), Desktop::new());
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("welcome").await;
    let app = server_of(&cairn.store()).expect("the app serves the command line");

    window.close();
    cairn.ok(&["volume", "create", "made outside", "--quota", "64MiB"]);
    let slow = SlowFile::serve();
    let mut fetching = cairn.start(&["files", "fetch", "made outside", &slow.url, "/slow"]);
    let begun = Instant::now();
    let item = "made outside/Checkpoint now";
    desktop.click_in_tray(item);
    let taken = wait_for("the checkpoint", || {
        let taken = cairn.json(&["checkpoint", "ls", "made outside"]);
        taken[0]["name"].as_str().map(str::to_owned)
    });
    assert_eq!(server_of(&cairn.store()), Some(app), "the same app still serves");
    // It can be looked at from the tray.
    desktop.click_in_tray(&format!("made outside/Look at '{taken}'"));
    wait_for("the window to come back", || window.is_shown().then_some(()));
    window.find("past-banner").await;
    window.close();

    // What took long ends while nobody looks: the desktop says so.
    sleep(LONG.saturating_sub(begun.elapsed())).await;
    slow.end();
    wait_for("the notification", || desktop.notified().contains("slow is copied").then_some(()));
    assert!(fetching.wait().expect("the command ends").success());

    // A second start brings the first one's window back, with what its link names.
    cairn.ok(&["volume", "create", "linked", "--quota", "64MiB"]);
    let mut second = desktop.command(program("cairn-desktop"));
    printed(second.arg("--store").arg(cairn.store()).arg("cairn://volume/linked"));
    wait_for("the window to come back", || window.is_shown().then_some(()));
    window.find("volume-row[data-name=linked][aria-current]").await;
    window.close();
    desktop.click_in_tray("Open Cairn");
    wait_for("the window to come back", || window.is_shown().then_some(()));

    // It starts with the session from now on, and is not to be seen then.
    window.click("settings-open").await;
    window.click("settings-autostart").await;
    let entry = wait_for("the entry", || {
        fs::read_to_string(desktop.home().join(".config/autostart/org.cairn.Cairn.desktop")).ok()
    });
    assert!(entry.contains("cairn-desktop\" --hidden --store \""), "{entry}");
    // Nobody else is let in, and is again.
    let unserved = desktop.home().join(".config/org.cairn.Cairn/not-served");
    window.click("settings-serve").await;
    wait_for("the server to go", || server_of(&cairn.store()).is_none().then_some(()));
    wait_for("that to be remembered", || unserved.exists().then_some(()));
    window.click("settings-serve").await;
    wait_for("the server to come back", || (server_of(&cairn.store()) == Some(app)).then_some(()));
    wait_for("that to be remembered", || (!unserved.exists()).then_some(()));
    desktop.click_in_tray("Quit");
    wait_for("the app's end", || (!is_alive(app)).then_some(()));
    assert_eq!(server_of(&cairn.store()), None, "the app has taken back its address");
    drop(window);
    fs::write(&unserved, "").expect("what a person wanted last");
    let mut command = desktop.command(program("cairn-desktop"));
    let mut begun = command.arg("--hidden").arg("--store").arg(cairn.store()).spawn().expect("the app starts");
    wait_for("the app in the tray", || desktop.tray().contains(&"linked/Checkpoint now".to_owned()).then_some(()));
    wait_for("the window to hide", || (!desktop.is_open("Cairn")).then_some(()));
    desktop.click_in_tray("Open Cairn");
    wait_for("the window to come", || desktop.is_open("Cairn").then_some(()));
    assert_eq!(server_of(&cairn.store()), None, "nobody else was to be let in");
    desktop.click_in_tray("Quit");
    begun.wait().expect("the app ends");
    cairn.ok(&["volume", "rm", "made outside", "--yes"]);
    cairn.ok(&["volume", "rm", "linked", "--yes"]);
}

#[tokio::test]
async fn without_a_tray_closing_is_quitting() {
    let (cairn, desktop) = (Cairn::new(), Desktop::without_tray());
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("welcome").await;
    let app = server_of(&cairn.store()).expect("the app serves the command line");
    window.close();
    wait_for("the app's end", || (!is_alive(app)).then_some(()));
    assert_eq!(server_of(&cairn.store()), None, "the app has taken back its address");
}

#[tokio::test]
async fn a_store_that_another_process_owns_is_named_in_the_window() {
    let (cairn, desktop) = (Cairn::new(), Desktop::new());
    let (mut owner, _) = cairn.serve(&[]);
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("connect-failed").await;
    window.says(&owner.id().to_string()).await;
    window.pictures("store-in-use").await;
    assert!(desktop.tray()[0].contains(&owner.id().to_string()), "{:?}", desktop.tray());
    printed(Command::new("kill").arg(owner.id().to_string()));
    owner.wait().expect("the other process ends");
    desktop.click_in_tray("Quit");
    wait_for("the window's end", || (!window.is_shown()).then_some(()));
}

#[tokio::test]
async fn menus_and_file_dialogs_are_the_desktops_own() {
    let (cairn, desktop) = (Cairn::new(), Desktop::new());
    let letter = cairn.desk().join("a letter.txt");
    fs::write(&letter, "Dear reader").expect("a file");
    let window = Window::open(&desktop, &cairn.store()).await;
    window.find("welcome").await;

    window.press("ctrl+n");
    create_volume(&window, "letters", "1").await;
    window.press("ctrl+o");
    desktop.answer_file_dialog(letter.to_str().expect("a path of characters"));
    window.find("file-row[data-path='a letter.txt']").await;
    assert_eq!(cairn.ok(&["files", "get", "letters", "a letter.txt", "-"]), "Dear reader");

    // What was copied elsewhere is pasted: a file of the host, and text, which becomes one.
    let copied = cairn.desk().join("läuft über.txt");
    fs::write(&copied, "copied").expect("a file");
    let clipboard = Clipboard::holds(&desktop, &["files", copied.to_str().expect("a path of characters")]);
    window.press("ctrl+v");
    window.find("file-row[data-path='läuft über.txt']").await;
    drop(clipboard);
    let clipboard = Clipboard::holds(&desktop, &["text", "Dear Grace"]);
    window.press("ctrl+v");
    window.find("file-row[data-path='Pasted text.txt']").await;
    drop(clipboard);
    assert_eq!(cairn.ok(&["files", "get", "letters", "Pasted text.txt", "-"]), "Dear Grace");
    assert_eq!(cairn.ok(&["files", "get", "letters", "läuft über.txt", "-"]), "copied");

    // A volume becomes a file, that file a volume, and a folder is kept in step: each chosen in a dialog of the desktop.
    let archive = cairn.desk().join("letters.tar");
    let text = |path: &Path| path.to_str().expect("a path of characters").to_owned();
    window.click("volume-menu").await;
    window.click("volume-export").await;
    window.click("export-tar").await;
    window.click("export-choose").await;
    desktop.answer_file_dialog(&text(&archive));
    window.click("export-submit").await;
    window.find("transfer-row[data-title='letters.tar'][data-state=done]").await;
    window.click("import-open").await;
    window.click("import-choose").await;
    desktop.answer_file_dialog(&text(&archive));
    window.type_into("import-name", "copied").await;
    window.click("import-submit").await;
    window.click("volume-row[data-name=copied]").await;
    window.find("file-row[data-path='a letter.txt']").await;
    let watched = cairn.desk().join("watched");
    fs::create_dir(&watched).expect("a folder");
    fs::write(watched.join("second"), "Dear Ada").expect("a file");
    window.click("upload-button").await;
    window.click("upload-watch").await;
    window.click("watch-choose").await;
    desktop.answer_file_dialog(&text(&watched));
    window.click("watch-submit").await;
    window.find("file-row[data-path=second]").await;
    assert_eq!(cairn.ok(&["files", "get", "copied", "second", "-"]), "Dear Ada");

    window.press("F1");
    window.press("alt+h");
    window.picture("menu").await;
    window.press("a");
    window.find("about-dialog").await;
    window.pictures("about").await;
}

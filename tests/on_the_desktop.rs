//! The window among other programs: its tray, its end, who else has the store, the desktop's dialogs and clipboard.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::common::cairn::{Cairn, is_alive, program, server_of};
use crate::common::desktop::{Clipboard, Desktop, printed};
use crate::common::tree::sha256;
use crate::common::wait_for;
use crate::common::window::Window;

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
    window.create_volume("letters", "1").await;
    window.press("ctrl+o");
    desktop.answer_file_dialog(letter.to_str().expect("a path of characters"));
    window.find("file-row[data-path='a letter.txt']").await;
    assert_eq!(cairn.ok(&["files", "get", "letters", "a letter.txt", "-"]), "Dear reader");

    // What was copied elsewhere is pasted: a file of the host; text and a picture, which become one each.
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
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../icons/32x32.png");
    let clipboard = Clipboard::holds(&desktop, &["picture", picture.to_str().expect("a path of characters")]);
    window.press("ctrl+v");
    window.find("file-row[data-path='Pasted picture.png']").await;
    drop(clipboard);
    cairn.ok(&["files", "get", "letters", "Pasted picture.png", "picture.png"]);
    assert_eq!(sha256(&cairn.desk().join("picture.png")), sha256(&picture));
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

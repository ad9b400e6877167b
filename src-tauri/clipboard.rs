//! What the desktop's clipboard holds: files that were copied in a file manager, text, or a picture.
//!
//! Whoever has copied something is another program: what it says is taken as bytes, and nothing of it goes through the page.

use cairn_api::ErrorCode;
use tauri::{AppHandle, Runtime};

use crate::refusal::{Answer, Refusal};

/// What is in the clipboard.
#[derive(Debug)]
pub(crate) enum Held {
    /// Files and folders of the host.
    Paths(Vec<String>),
    /// UTF-8.
    Text(Vec<u8>),
    /// A picture, as PNG.
    Image(Vec<u8>),
    Nothing,
}

/// Asks whoever has copied something last.
pub(crate) async fn look<R: Runtime>(app: &AppHandle<R>) -> Answer<Held> {
    let (tell, told) = tokio::sync::oneshot::channel();
    app.run_on_main_thread(move || ask(tell)).map_err(|error| {
        Refusal::new(ErrorCode::Internal, format!("The clipboard could not be asked: {error}."), "Try again.")
    })?;
    Ok(told.await.unwrap_or(Held::Nothing))
}

type Tell = tokio::sync::oneshot::Sender<Held>;

#[cfg(target_os = "linux")]
fn ask(tell: Tell) {
    use gtk::Clipboard;
    use gtk::gdk::{Atom, SELECTION_CLIPBOARD};

    // Files first: a file manager gives their names as text, too. Then text: a table may be had as a picture of itself.
    Clipboard::get(&SELECTION_CLIPBOARD).request_contents(&Atom::intern("text/uri-list"), |clipboard, data| {
        let paths = paths_in(&data.data());
        if !paths.is_empty() {
            let _ = tell.send(Held::Paths(paths));
            return;
        }
        clipboard.request_contents(&Atom::intern("UTF8_STRING"), |clipboard, data| {
            let text = data.data();
            if !text.is_empty() {
                let _ = tell.send(Held::Text(text));
                return;
            }
            clipboard.request_contents(&Atom::intern("image/png"), |_, data| {
                let image = data.data();
                let _ = tell.send(if image.is_empty() { Held::Nothing } else { Held::Image(image) });
            });
        });
    });
}

#[cfg(not(target_os = "linux"))]
fn ask(tell: Tell) {
    let _ = tell.send(Held::Nothing);
}

/// The files of this computer in a list of addresses, a line each (RFC 2483).
#[cfg(any(target_os = "linux", test))]
fn paths_in(list: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(list).unwrap_or_default().lines();
    let path = |line: &str| {
        let (host, path) = line.trim().strip_prefix("file://")?.split_once('/')?;
        let is_here = matches!(host, "" | "localhost");
        let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
        is_here.then(|| format!("/{path}")).filter(|path| !path.contains('\0'))
    };
    lines.filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::paths_in;

    #[test]
    fn only_files_of_this_computer_are_taken_from_a_list() {
        let list = "# copied\r\nfile:///home/ada/a%20letter.txt\r\nfile://localhost/l%C3%A4uft\r\n\
                    file://elsewhere/secret\r\nhttps://example.org/x\r\nfile:///nul%00\r\nfile:///%ff\r\n";
        assert_eq!(paths_in(list.as_bytes()), ["/home/ada/a letter.txt", "/läuft"]);
        assert!(paths_in(b"\xff\xfe").is_empty() && paths_in(b"").is_empty());
    }
}

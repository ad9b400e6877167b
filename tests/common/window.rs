//! Cairn's real window, driven through WebDriver as a person would use it.
//!
//! Things in the window are named by the marks that the UI puts on them: `volume-row[data-name=work]`, and
//! `checkpoint-row[data-name=seeded] >> checkpoint-restore` for one thing in another.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::cairn::{demo_vm, program};
use super::desktop::{Desktop, printed};
use super::{GLANCE, PATIENCE, wait_for};

/// The window's title, by which the display finds it.
const TITLE: &str = "^Cairn$";

/// When a key that did nothing is pressed again: long after a window that heard it would have gone, or the second
/// one closes the window that was opened in between.
const AGAIN: Duration = Duration::from_secs(15);

/// What drives the window, at the version that `cargo xtask test` installs.
fn tauri_driver() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/bin/tauri-driver");
    assert!(path.exists(), "{} is missing; `cargo xtask test` installs it", path.display());
    path
}

/// The CSS selector of a thing, or of one thing in another.
fn css(thing: &str) -> String {
    let part = |part: &str| {
        let (mark, rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        format!("[data-testid='{mark}']{rest}")
    };
    thing.split(" >> ").map(part).collect::<Vec<_>>().join(" ")
}

/// Two ports that are free now.
fn free_ports() -> (u16, u16) {
    let take = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = |listener: &TcpListener| listener.local_addr().expect("its address").port();
    let (one, other) = (take(), take());
    (port(&one), port(&other))
}

/// A rectangle of the screen, in pixels.
struct Place {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
}

/// The running app and its window.
pub(crate) struct Window<'a> {
    desktop: &'a Desktop,
    client: Client,
    driver: Child,
}

impl<'a> Window<'a> {
    /// Starts the app on a store and waits for its window.
    pub(crate) async fn open(desktop: &'a Desktop, store: &Path) -> Self {
        let (port, native_port) = free_ports();
        let driver = desktop
            .command(tauri_driver())
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .env("CAIRN_DEMO_VM", demo_vm())
            .env_remove("CAIRN_STORE")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tauri-driver starts");
        let options = json!({ "application": program("cairn-desktop"), "args": ["--store", store] });
        let mut capabilities = Capabilities::new();
        capabilities.insert("browserName".to_owned(), json!("wry"));
        capabilities.insert("tauri:options".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = connect(&builder, port).await;
        Self { desktop, client, driver }
    }

    /// A thing, once it is there and shown.
    pub(crate) async fn find(&self, thing: &str) -> Element {
        let selector = css(thing);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(element) = self.client.find(Locator::Css(&selector)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            self.patient(deadline, &format!("no {thing}")).await;
        }
    }

    /// Waits until a thing is gone.
    pub(crate) async fn gone(&self, thing: &str) {
        let selector = css(thing);
        let deadline = Instant::now() + PATIENCE;
        // A page that is drawn anew during the search answers with an error, which says nothing about the thing.
        while !self.client.find_all(Locator::Css(&selector)).await.is_ok_and(|found| found.is_empty()) {
            self.patient(deadline, &format!("{thing} is still there")).await;
        }
    }

    /// Clicks on a thing, once that is possible.
    pub(crate) async fn click(&self, thing: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self.find(thing).await;
            if element.is_enabled().await.unwrap_or(false) && element.click().await.is_ok() {
                return;
            }
            self.patient(deadline, &format!("{thing} could not be clicked")).await;
        }
    }

    /// Asks a thing, and asks again when the page has drawn it anew in between.
    async fn ask<T, E>(&self, thing: &str, question: impl AsyncFn(Element) -> Result<T, E>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(answer) = question(self.find(thing).await).await {
                return answer;
            }
            self.patient(deadline, &format!("{thing} does not answer")).await;
        }
    }

    /// Creates a volume in the dialog for it, which is open.
    pub(crate) async fn create_volume(&self, name: &str, gibibytes: &str) {
        self.type_into("new-volume-name", name).await;
        self.type_into("new-volume-quota", gibibytes).await;
        self.pictures("new-volume").await;
        self.click("new-volume-create").await;
        self.find(&format!("volume-row[data-name={name}]")).await;
    }

    /// Types into a field, in place of what it holds.
    pub(crate) async fn type_into(&self, field: &str, text: &str) {
        self.ask(field, async |field| {
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// What a thing says, once it is there.
    pub(crate) async fn words_of(&self, thing: &str) -> String {
        self.ask(thing, async |element| element.text().await).await
    }

    /// Waits until the window says something somewhere.
    pub(crate) async fn says(&self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().await.contains(words) {
            self.patient(deadline, &format!("nothing says '{words}'")).await;
        }
    }

    /// Everything that the window says.
    async fn text(&self) -> String {
        let text = self.client.execute("return document.body.innerText", Vec::new()).await;
        text.ok().as_ref().and_then(Value::as_str).unwrap_or("(the window does not answer)").to_owned()
    }

    /// Takes a short rest, or ends the story when it has waited long enough.
    async fn patient(&self, deadline: Instant, complaint: &str) {
        if Instant::now() > deadline {
            self.picture("failed").await;
            panic!("{complaint} in a window that says:\n{}", self.text().await);
        }
        sleep(GLANCE).await;
    }

    /// Puts the real pointer on a thing; some things show their buttons only then.
    pub(crate) async fn point_at(&self, thing: &str) {
        let (x, y) = self.place_of(thing).await;
        self.desktop.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    /// Where the middle of a thing is on the screen.
    pub(crate) async fn place_of(&self, thing: &str) -> (i32, i32) {
        let (x, y, width, height) = self.ask(thing, async |element| element.rectangle().await).await;
        let inner = self.client.execute("return window.innerHeight", Vec::new()).await.expect("a script that runs");
        let place = self.place();
        // The menu bar stands above the page.
        let bar = f64::from(place.height) - inner.as_f64().expect("a height");
        ((f64::from(place.left) + x + width / 2.0) as i32, (f64::from(place.top) + bar + y + height / 2.0) as i32)
    }

    /// Where the window is on the screen.
    fn place(&self) -> Place {
        let shell = self.desktop.xdotool(&["search", "--onlyvisible", "--name", TITLE, "getwindowgeometry", "--shell"]);
        let value = |name: &str| -> i32 {
            let line = shell.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name} in:\n{shell}"))
        };
        Place { left: value("X"), top: value("Y"), width: value("WIDTH"), height: value("HEIGHT") }
    }

    /// Whether the window is on the screen.
    pub(crate) fn is_shown(&self) -> bool {
        let search = self.desktop.command("xdotool").args(["search", "--onlyvisible", "--name", TITLE]).output();
        search.expect("xdotool starts").status.success()
    }

    /// Presses keys on the real keyboard, with the window in front.
    pub(crate) fn press(&self, keys: &str) {
        self.desktop.xdotool(&["search", "--onlyvisible", "--name", TITLE, "windowfocus", "--sync", "key", keys]);
    }

    /// Closes the window as a person does, with the window manager's key; like a person again when nothing happened,
    /// because a busy window manager loses keys now and then.
    pub(crate) fn close(&self) {
        let keys = ["search", "--onlyvisible", "--name", TITLE, "windowfocus", "key", "alt+F4"];
        let mut pressed: Option<Instant> = None;
        wait_for("the window to go", || {
            if pressed.is_none_or(|at| at.elapsed() > AGAIN) {
                // Fails when the window has gone in the meantime.
                let _ = self.desktop.command("xdotool").args(keys).output();
                pressed = Some(Instant::now());
            }
            (!self.is_shown()).then_some(())
        });
    }

    /// A picture of the window as it is on the screen, kept in `target/screenshots`.
    pub(crate) async fn picture(&self, name: &str) {
        // Two frames on, what was found is drawn; a moment later nothing moves any more.
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.client.execute_async(frames, Vec::new()).await.expect("a window that draws");
        sleep(super::SETTLED).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).expect("the folder for pictures");
        let Place { left, top, width, height } = self.place();
        let crop = format!("{width}x{height}+{left}+{top}");
        let mut import = self.desktop.command("import");
        import.args(["-silent", "-window", "root", "-crop", &crop, "+repage"]).arg(folder.join(format!("{name}.png")));
        printed(&mut import);
    }

    /// The same picture in both themes, `name` and `name-dark`.
    pub(crate) async fn pictures(&self, name: &str) {
        self.theme("light").await;
        self.picture(name).await;
        self.theme("dark").await;
        self.picture(&format!("{name}-dark")).await;
        self.theme("light").await;
    }

    async fn theme(&self, theme: &str) {
        let script = "document.documentElement.dataset.theme = arguments[0]";
        self.client.execute(script, vec![json!(theme)]).await.expect("a script that runs");
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        // Politely: told to end, tauri-driver ends the native driver, and that one ends the app.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}

/// Connects once the driver listens.
async fn connect(builder: &ClientBuilder<HttpConnector>, port: u16) -> Client {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match builder.connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(client) => return client,
            Err(error) => {
                assert!(Instant::now() < deadline, "tauri-driver answers: {error}");
                sleep(GLANCE).await;
            }
        }
    }
}

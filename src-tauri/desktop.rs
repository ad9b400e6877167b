//! What the desktop around Cairn offers. Only Linux has to be asked: everywhere else a tray and file dialogs are given.

#[cfg(target_os = "linux")]
pub(crate) use linux::{notify, opens_file_dialogs, shows_tray_icons};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use zbus::names::BusName;
    use zbus::zvariant::Value;

    use crate::notify::Note;

    const TRAY: &str = "org.kde.StatusNotifierWatcher";
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

    /// Whether somebody shows StatusNotifierItems, so that a hidden window can be brought back.
    pub(crate) async fn shows_tray_icons() -> bool {
        has_host().await.unwrap_or_else(|error| {
            tracing::info!(%error, "no tray answers on the session bus");
            false
        })
    }

    /// Whether a file dialog can open: through the XDG desktop portal, or through zenity.
    pub(crate) async fn opens_file_dialogs() -> bool {
        has_portal().await.unwrap_or(false) || is_on_path("zenity")
    }

    /// Shows a notification; on a desktop without any nothing is shown.
    pub(crate) async fn notify(note: &Note) {
        let shown = async { show(&zbus::Connection::session().await?, note).await };
        if let Err(error) = shown.await {
            tracing::info!(%error, "the desktop shows no notifications");
        }
    }

    async fn show(bus: &zbus::Connection, note: &Note) -> zbus::Result<()> {
        let desktop = zbus::Proxy::new(bus, NOTIFICATIONS, "/org/freedesktop/Notifications", NOTIFICATIONS).await?;
        // Some desktops take the body for markup.
        let body = note.body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (replaces, expires, actions, hints) =
            (0_u32, -1_i32, Vec::<&str>::new(), HashMap::<&str, Value<'_>>::new());
        let note = ("Cairn", replaces, "cairn-desktop", note.summary.as_str(), body, actions, hints, expires);
        desktop.call::<_, _, u32>("Notify", &note).await.map(drop)
    }

    async fn has_host() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let watcher = zbus::Proxy::new(&bus, TRAY, "/StatusNotifierWatcher", TRAY).await?;
        watcher.get_property("IsStatusNotifierHostRegistered").await
    }

    async fn has_portal() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let names = zbus::fdo::DBusProxy::new(&bus).await?;
        let portal = BusName::try_from(PORTAL)?;
        if names.name_has_owner(portal).await? {
            return Ok(true);
        }
        Ok(names.list_activatable_names().await?.iter().any(|name| name.as_str() == PORTAL))
    }

    fn is_on_path(program: &str) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    }

    #[cfg(test)]
    mod tests {
        use std::io::{BufRead, BufReader};
        use std::process::{Child, Command, Stdio};
        use std::sync::mpsc::{Sender, channel};

        use super::*;

        /// A desktop that shows notifications.
        struct Shows(Sender<(String, String)>);

        #[zbus::interface(name = "org.freedesktop.Notifications")]
        impl Shows {
            #[expect(clippy::too_many_arguments, reason = "the desktops agreed on these")]
            fn notify(
                &self,
                _app: &str,
                _replaces: u32,
                _icon: &str,
                summary: &str,
                body: &str,
                _actions: Vec<String>,
                _hints: HashMap<String, Value<'_>>,
                _expires: i32,
            ) -> u32 {
                self.0.send((summary.to_owned(), body.to_owned())).expect("somebody looks");
                1
            }
        }

        /// A bus of its own, and where it is.
        fn bus() -> (Child, String) {
            let mut daemon = Command::new("dbus-daemon");
            daemon.args(["--session", "--nofork", "--print-address=1"]).stdout(Stdio::piped());
            let mut daemon = daemon.spawn().expect("dbus-daemon starts");
            let mut address = String::new();
            let output = daemon.stdout.take().expect("its output is piped");
            BufReader::new(output).read_line(&mut address).expect("an address");
            (daemon, address.trim().to_owned())
        }

        #[tokio::test]
        async fn the_desktop_is_told_in_its_own_words() {
            let (mut daemon, address) = bus();
            let connect = || zbus::connection::Builder::address(address.as_str()).expect("an address");
            let (told, said) = channel();
            let desktop = connect().name(NOTIFICATIONS).expect("a name");
            let desktop = desktop.serve_at("/org/freedesktop/Notifications", Shows(told)).expect("a place");
            let _desktop = desktop.build().await.expect("the desktop answers");
            let cairn = connect().build().await.expect("the bus answers");
            let note = Note { summary: "a & b was not copied".to_owned(), body: "1 < 2".to_owned() };
            show(&cairn, &note).await.expect("it is shown");
            assert_eq!(said.try_recv().expect("it was shown"), (note.summary, "1 &lt; 2".to_owned()));
            daemon.kill().and_then(|()| daemon.wait()).expect("the bus ends");
        }
    }
}

/// Only the desktops of Linux are told so far.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn notify(note: &crate::notify::Note) {
    tracing::info!(summary = note.summary, "not shown as a notification");
}

/// Whether the desktop shows tray icons.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn shows_tray_icons() -> bool {
    true
}

/// Whether a file dialog can open.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn opens_file_dialogs() -> bool {
    true
}

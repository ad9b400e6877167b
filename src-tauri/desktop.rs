//! What the desktop around Cairn offers. Only Linux has to be asked: everywhere else a tray and file dialogs are given.

#[cfg(target_os = "linux")]
pub(crate) use linux::{opens_file_dialogs, shows_tray_icons};

#[cfg(target_os = "linux")]
mod linux {
    use zbus::names::BusName;

    const TRAY: &str = "org.kde.StatusNotifierWatcher";
    const PORTAL: &str = "org.freedesktop.portal.Desktop";

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

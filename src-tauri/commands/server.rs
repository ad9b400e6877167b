//! How other programs reach this window's engine, and whether they do.

use serde::Serialize;
use tauri::{AppHandle, command};

use super::Held;
use crate::refusal::Answer;
use crate::serving;

/// Where, and with which key; neither while they do not.
#[derive(Serialize)]
pub(crate) struct Served {
    url: Option<String>,
    key: Option<String>,
}

#[command]
pub(crate) async fn server_get(shell: Held<'_>) -> Answer<Served> {
    shell.engine().await?;
    let (url, key) = shell.served().await.unzip();
    Ok(Served { url, key })
}

#[command]
pub(crate) async fn server_set(app: AppHandle, shell: Held<'_>, on: bool) -> Answer<()> {
    shell.serve(on).await?;
    serving::want(&app, on)
}

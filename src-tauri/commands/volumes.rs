//! Volumes, and what the engine says about itself.

use cairn_api::{About, DoctorCheck, NewVolume, Volume, VolumeChange};
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn about(shell: Held<'_>) -> Answer<About> {
    let store = shell.engine().await?.store().display().to_string();
    Ok(About { version: env!("CARGO_PKG_VERSION").to_owned(), store, url: shell.url().await })
}

#[command]
pub(crate) async fn doctor(shell: Held<'_>) -> Answer<Vec<DoctorCheck>> {
    Ok(wire(shell.engine().await?.doctor().await))
}

#[command]
pub(crate) async fn volume_list(shell: Held<'_>) -> Answer<Vec<Volume>> {
    Ok(wire(shell.engine().await?.volume_list().await?))
}

#[command]
pub(crate) async fn volume_get(shell: Held<'_>, volume: String) -> Answer<Volume> {
    Ok(shell.engine().await?.volume_get(&volume).await?.into())
}

#[command]
pub(crate) async fn volume_create(shell: Held<'_>, new: NewVolume) -> Answer<Volume> {
    Ok(shell.engine().await?.volume_create(new.into()).await?.into())
}

#[command]
pub(crate) async fn volume_update(shell: Held<'_>, volume: String, change: VolumeChange) -> Answer<Volume> {
    Ok(shell.engine().await?.volume_update(&volume, change.into()).await?.into())
}

#[command]
pub(crate) async fn volume_clone(shell: Held<'_>, volume: String, name: String) -> Answer<Volume> {
    Ok(shell.engine().await?.volume_clone(&volume, &name).await?.into())
}

#[command]
pub(crate) async fn volume_delete(shell: Held<'_>, volume: String) -> Answer<()> {
    Ok(shell.engine().await?.volume_delete(&volume).await?)
}

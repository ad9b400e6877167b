//! Machines, and what is mounted in them.

use cairn_api::{AttachVm, DoctorCheck, FoundVm, Mount, MountRequest, NewVm, Unmounted, Vm};
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn vm_list(shell: Held<'_>) -> Answer<Vec<Vm>> {
    Ok(wire(shell.engine().await?.vm_list().await?))
}

#[command]
pub(crate) async fn vm_demo(shell: Held<'_>, name: Option<String>) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_demo(name).await?.into())
}

#[command]
pub(crate) async fn vm_create(shell: Held<'_>, new: NewVm) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_create(new.try_into()?).await?.into())
}

#[command]
pub(crate) async fn vm_discover(shell: Held<'_>) -> Answer<Vec<FoundVm>> {
    Ok(wire(shell.engine().await?.vm_discover().await?))
}

#[command]
pub(crate) async fn vm_attach(shell: Held<'_>, new: AttachVm) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_attach(new.try_into()?).await?.into())
}

#[command]
pub(crate) async fn vm_detach(shell: Held<'_>, vm: String) -> Answer<()> {
    Ok(shell.engine().await?.vm_detach(&vm).await?)
}

#[command]
pub(crate) async fn vm_doctor(shell: Held<'_>, vm: String) -> Answer<Vec<DoctorCheck>> {
    Ok(wire(shell.engine().await?.vm_doctor(&vm).await?))
}

#[command]
pub(crate) async fn vm_start(shell: Held<'_>, vm: String) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_start(&vm).await?.into())
}

#[command]
pub(crate) async fn vm_stop(shell: Held<'_>, vm: String, force: bool) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_stop(&vm, force).await?.into())
}

#[command]
pub(crate) async fn vm_restart(shell: Held<'_>, vm: String, force: bool) -> Answer<Vm> {
    Ok(shell.engine().await?.vm_restart(&vm, force).await?.into())
}

#[command]
pub(crate) async fn vm_delete(shell: Held<'_>, vm: String) -> Answer<()> {
    Ok(shell.engine().await?.vm_delete(&vm).await?)
}

#[command]
pub(crate) async fn mount(shell: Held<'_>, vm: String, request: MountRequest) -> Answer<Mount> {
    Ok(shell.engine().await?.mount(request.into_engine(&vm)).await?.into())
}

#[command]
pub(crate) async fn unmount(shell: Held<'_>, vm: String, mount_path: String) -> Answer<()> {
    Ok(shell.engine().await?.unmount(&vm, &mount_path).await?)
}

#[command]
pub(crate) async fn unmount_by_force(shell: Held<'_>, vm: String, mount_path: String) -> Answer<Unmounted> {
    Ok(shell.engine().await?.unmount_by_force(&vm, &mount_path).await?.into())
}

#[command]
pub(crate) async fn mount_list(shell: Held<'_>) -> Answer<Vec<Mount>> {
    Ok(wire(shell.engine().await?.mount_list().await?))
}

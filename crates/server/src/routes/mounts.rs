//! `/v1/vms/{vm}/volumes` and `/v1/mounts`: volumes at paths in machines.
//!
//! With `wait=false` a mount is answered as soon as it is recorded, an unmount as soon as it is under way; how it
//! went on is seen in the lists and events. With `force=true` an unmount is waited for, and says what it has cost.

use axum::Json;
use axum::extract::State;
use cairn_api::{ErrorCode, Mount, MountLimits, MountRequest};
use cairn_engine::{self as engine, Engine};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(list_of_vm, mount)).routes(routes!(unmount, limit))
}

/// All that is mounted, and what has gone through.
#[utoipa::path(get, path = "/v1/mounts", responses((status = OK, body = Vec<Mount>)))]
async fn list(State(app): State<Shared>) -> Answer<Vec<Mount>> {
    Ok(all(app.engine.mount_list().await?))
}

/// What is mounted in the machine.
#[utoipa::path(get, path = "/v1/vms/{vm}/volumes", responses((status = OK, body = Vec<Mount>)))]
async fn list_of_vm(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vec<Mount>> {
    Ok(all(app.engine.vm_get(&vm).await?.mounts))
}

/// Mounts a volume at a path in the machine.
#[utoipa::path(
    post,
    path = "/v1/vms/{vm}/volumes",
    params(
        ("wait" = Option<bool>, Query, description = "With `false` it is answered as soon as the mount is recorded"),
    ),
    request_body = MountRequest,
    responses((status = OK, body = Mount))
)]
async fn mount(
    State(app): State<Shared>,
    Path(vm): Path<String>,
    params: Params,
    Object(request): Object<MountRequest>,
) -> Answer<Mount> {
    let wait = params.flag("wait", true)?;
    let request = request.into_engine(&vm);
    if wait {
        return Ok(one(app.engine.mount(request).await?));
    }
    let (engine, path) = (app.engine.clone(), request.mount_path.clone());
    let work = async move { engine.mount(request).await };
    let begun = unless_ended_before(&app.engine, &vm, &path, work).await?;
    Ok(Json(match begun {
        Begun::Ended(mount) => mount.into(),
        Begun::UnderWay(mount) => (*mount).into(),
    }))
}

/// How far an unmount is.
#[derive(Serialize, ToSchema)]
struct Unmounting {
    /// The machine.
    vm_id: String,
    /// The volume.
    volume_id: String,
    /// Where it is, or was, mounted.
    mount_path: String,
    /// `detached`, or `detaching` when it is under way.
    status: &'static str,
    /// What it has cost, when it had to be done by force.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// Unmounts the volume.
#[utoipa::path(
    delete,
    path = "/v1/vms/{vm}/volumes/{volume}",
    params(
        ("mount_path" = String, Query, description = "Where it is mounted"),
        ("wait" = Option<bool>, Query, description = "With `false` it is answered as soon as it is under way"),
        ("force" = Option<bool>, Query, description = "Take the disk away even when the guest does not let go; the answer says what that has cost"),
    ),
    responses((status = OK, body = Unmounting))
)]
async fn unmount(
    State(app): State<Shared>,
    Path((vm, volume)): Path<(String, String)>,
    params: Params,
) -> Answer<Unmounting> {
    let wait = params.flag("wait", true)?;
    let path = params.required("mount_path")?.to_owned();
    is_mounted(&app.engine, &vm, &volume, &path).await?;
    if params.flag("force", false)? {
        let warning = app.engine.unmount_by_force(&vm, &path).await?.warning;
        return Ok(Json(Unmounting { vm_id: vm, volume_id: volume, mount_path: path, status: "detached", warning }));
    }
    let status = if wait {
        app.engine.unmount(&vm, &path).await?;
        "detached"
    } else {
        let (engine, machine, place) = (app.engine.clone(), vm.clone(), path.clone());
        let work = async move { engine.unmount(&machine, &place).await };
        match unless_ended_before(&app.engine, &vm, &path, work).await? {
            Begun::Ended(()) => "detached",
            Begun::UnderWay(_) => "detaching",
        }
    };
    Ok(Json(Unmounting { vm_id: vm, volume_id: volume, mount_path: path, status, warning: None }))
}

/// Limits what may go through the mount.
#[utoipa::path(
    patch,
    path = "/v1/vms/{vm}/volumes/{volume}",
    params(("mount_path" = String, Query, description = "Where it is mounted")),
    request_body = MountLimits,
    responses((status = OK, body = Mount))
)]
async fn limit(
    State(app): State<Shared>,
    Path((vm, volume)): Path<(String, String)>,
    params: Params,
    Object(limits): Object<MountLimits>,
) -> Answer<Mount> {
    let path = params.required("mount_path")?;
    is_mounted(&app.engine, &vm, &volume, path).await?;
    Ok(one(app.engine.mount_limit(&vm, path, limits.into()).await?))
}

/// Refuses when the volume at `path` is another one than the client names: unmounting it would be a surprise.
async fn is_mounted(engine: &Engine, vm: &str, volume: &str, path: &str) -> Result<(), Refusal> {
    let vm = engine.vm_get(vm).await?;
    let there = vm.mounts.iter().find(|mount| same_path(&mount.mount_path, path));
    if there.is_some_and(|mount| mount.volume_id.as_str() == volume || mount.volume_name == volume) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::NotFound,
        format!("The volume '{volume}' is not mounted at '{path}' in the machine '{}'.", vm.name),
    )
    .hint("List the mounts to see what is where."))
}

fn same_path(one: &str, other: &str) -> bool {
    let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
    trimmed(one) == trimmed(other)
}

/// How far work is that nobody waits for.
enum Begun<T> {
    Ended(T),
    UnderWay(Box<engine::Mount>),
}

/// Starts `work` on the mount at `path`; answers when the engine has recorded it, or when the work has ended before.
async fn unless_ended_before<T: Send + 'static>(
    engine: &Engine,
    vm: &str,
    path: &str,
    work: impl Future<Output = engine::Result<T>> + Send + 'static,
) -> Result<Begun<T>, Refusal> {
    let mut events = engine.overhear();
    let mut work = tokio::spawn(work.in_current_span());
    loop {
        tokio::select! {
            ended = &mut work => {
                return match ended {
                    Ok(result) => Ok(Begun::Ended(result?)),
                    Err(error) => Err(super::defect("mounting", &error)),
                };
            }
            event = events.recv(), if !events.is_closed() => match event {
                Ok(engine::Event { kind: engine::EventKind::MountChanged { .. }, .. }) | Err(RecvError::Lagged(_)) => {
                    if let Some(mount) = under_way(engine, vm, path).await {
                        return Ok(Begun::UnderWay(Box::new(mount)));
                    }
                }
                Ok(_) | Err(RecvError::Closed) => {}
            },
        }
    }
}

async fn under_way(engine: &Engine, vm: &str, path: &str) -> Option<engine::Mount> {
    let mounts = engine.vm_get(vm).await.ok()?.mounts;
    mounts.into_iter().find(|mount| {
        same_path(&mount.mount_path, path)
            && matches!(mount.state, engine::MountState::Attaching | engine::MountState::Detaching)
    })
}

//! `/v1/vms/{vm}/volumes` and `/v1/mounts`: volumes at paths in machines.
//!
//! With `wait=false` a mount is answered as soon as it is recorded, an unmount as soon as it is under way; how it
//! went on is seen in the lists and events. With `force=true` an unmount is waited for, and says what it has cost.

use axum::extract::State;
use axum::routing::{delete, get};
use axum::{Json, Router};
use cairn_api::{ErrorCode, Mount, MountLimits, MountRequest};
use cairn_engine::{self as engine, Engine};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tracing::Instrument;

use super::{all, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/mounts", get(list))
        .route("/v1/vms/{vm}/volumes", get(list_of_vm).post(mount))
        .route("/v1/vms/{vm}/volumes/{volume}", delete(unmount).patch(limit))
}

async fn list(State(app): State<Shared>) -> Answer<Vec<Mount>> {
    Ok(all(app.engine.mount_list().await?))
}

async fn list_of_vm(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vec<Mount>> {
    Ok(all(app.engine.vm_get(&vm).await?.mounts))
}

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

async fn unmount(
    State(app): State<Shared>,
    Path((vm, volume)): Path<(String, String)>,
    params: Params,
) -> Answer<Value> {
    let wait = params.flag("wait", true)?;
    let path = params.required("mount_path")?.to_owned();
    is_mounted(&app.engine, &vm, &volume, &path).await?;
    if params.flag("force", false)? {
        let warning = app.engine.unmount_by_force(&vm, &path).await?.warning;
        let answer = json!({
            "vm_id": vm, "volume_id": volume, "mount_path": path, "status": "detached", "warning": warning,
        });
        return Ok(Json(answer));
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
    Ok(Json(json!({ "vm_id": vm, "volume_id": volume, "mount_path": path, "status": status })))
}

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
    let mut events = engine.subscribe();
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

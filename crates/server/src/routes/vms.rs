//! `/v1/vms`: machines. `/v1/vms` lists those that live, `/v1/vms/` all there are, as the seed has it.

use axum::extract::{FromRequest, OriginalUri, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{AttachVm, DoctorCheck, ErrorCode, ExecOutput, ExecRequest, FoundVm, NewVm, Vm, VmStatus};
use serde::Deserialize;
use serde_json::Value;
use tracing::Instrument;

use super::{all, gone, one};
use crate::app::{Shared, no_such_route};
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/vms", get(list_alive).post(create))
        .route("/v1/vms/", get(list_all))
        // POST has `demo` and `attach` only. They are no routes of their own, since a machine may be named so.
        .route("/v1/vms/{vm}", get(look).delete(delete).post(bring))
        .route("/v1/discover", get(discover))
        .route("/v1/vms/{vm}/start", post(start))
        .route("/v1/vms/{vm}/stop", post(stop))
        .route("/v1/vms/{vm}/restart", post(restart))
        .route("/v1/vms/{vm}/detach", post(detach))
        .route("/v1/vms/{vm}/doctor", get(doctor))
        .route("/v1/vms/{vm}/exec", post(exec))
}

async fn list_alive(State(app): State<Shared>) -> Answer<Vec<Vm>> {
    let Json(mut vms): Json<Vec<Vm>> = all(app.engine.vm_list().await?);
    vms.retain(|vm| vm.status != VmStatus::Stopped);
    Ok(Json(vms))
}

async fn list_all(State(app): State<Shared>) -> Answer<Vec<Vm>> {
    Ok(all(app.engine.vm_list().await?))
}

async fn look(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vm> {
    Ok(Json(app.engine.vm_get(&vm).await?.into()))
}

#[derive(Deserialize)]
struct Demo {
    name: Option<String>,
}

/// Starts the demo machine, or attaches one that somebody else has started.
async fn bring(
    State(app): State<Shared>,
    Path(what): Path<String>,
    method: Method,
    uri: OriginalUri,
    request: Request,
) -> Response {
    match what.as_str() {
        "demo" => demo(app, request).await.into_response(),
        "attach" => attach(app, request).await.into_response(),
        _ => no_such_route(method, uri).await.into_response(),
    }
}

async fn demo(app: Shared, request: Request) -> Answer<Vm> {
    let Object::<Demo>(demo) = Object::from_request(request, &app).await?;
    Ok(one(app.engine.vm_demo(demo.name).await?))
}

async fn attach(app: Shared, request: Request) -> Answer<Vm> {
    let Object::<AttachVm>(new) = Object::from_request(request, &app).await?;
    Ok(one(app.engine.vm_attach(new.into()).await?))
}

async fn detach(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Value> {
    app.engine.vm_detach(&vm).await?;
    Ok(gone("vm_id", &vm))
}

async fn discover(State(app): State<Shared>) -> Answer<Vec<FoundVm>> {
    Ok(all(app.engine.vm_discover().await?))
}

async fn doctor(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vec<DoctorCheck>> {
    Ok(all(app.engine.vm_doctor(&vm).await?))
}

/// Creates a machine and, unless `start` is false, starts it; with `wait=false` nobody waits for it to be up.
async fn create(State(app): State<Shared>, params: Params, Object(new): Object<NewVm>) -> Answer<Vm> {
    let wait = params.flag("wait", true)?;
    if new.image.is_some() && new.snapshot_id.is_some() {
        return Err(Refusal::invalid("A machine boots from an image or from a snapshot, not from both."));
    }
    let is_started = new.start.unwrap_or(true);
    let created = app.engine.vm_create(new.into()).await?;
    if !is_started {
        return Ok(one(created));
    }
    let (engine, id) = (app.engine.clone(), created.id.to_string());
    if wait {
        return Ok(one(engine.vm_start(&id).await?));
    }
    // How it went on is seen in the list and in events.
    tokio::spawn(async move { engine.vm_start(&id).await }.in_current_span());
    Ok(Json(Vm { status: VmStatus::Creating, ..created.into() }))
}

async fn start(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vm> {
    Ok(one(app.engine.vm_start(&vm).await?))
}

#[derive(Deserialize)]
struct Stop {
    #[serde(default)]
    force: bool,
}

async fn stop(State(app): State<Shared>, Path(vm): Path<String>, Object(stop): Object<Stop>) -> Answer<Vm> {
    Ok(one(app.engine.vm_stop(&vm, stop.force).await?))
}

async fn restart(State(app): State<Shared>, Path(vm): Path<String>, Object(stop): Object<Stop>) -> Answer<Vm> {
    Ok(one(app.engine.vm_restart(&vm, stop.force).await?))
}

async fn delete(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Value> {
    app.engine.vm_delete(&vm).await?;
    Ok(gone("vm_id", &vm))
}

async fn exec(
    State(app): State<Shared>,
    Path(vm): Path<String>,
    Object(request): Object<ExecRequest>,
) -> Answer<ExecOutput> {
    if request.argv.is_empty() {
        return Err(Refusal::new(ErrorCode::InvalidInput, "The field 'argv' is empty: there is no program to run."));
    }
    let stdin = request.stdin.map(String::into_bytes);
    Ok(one(app.engine.vm_exec(&vm, request.argv, stdin).await?))
}

//! `/v1/vms`: machines. `/v1/vms` lists those that live, `/v1/vms/` all there are, as the seed has it.

use axum::extract::{OriginalUri, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{ErrorCode, ExecOutput, ExecRequest, Vm, VmStatus};
use serde::Deserialize;
use serde_json::Value;

use super::{all, gone, one};
use crate::app::{Shared, no_such_route};
use crate::extract::{Object, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/vms", get(list_alive))
        .route("/v1/vms/", get(list_all))
        // POST has `demo` only. It is no route of its own, since a machine may be named so.
        .route("/v1/vms/{vm}", get(look).delete(delete).post(demo))
        .route("/v1/vms/{vm}/start", post(start))
        .route("/v1/vms/{vm}/stop", post(stop))
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

async fn demo(
    State(app): State<Shared>,
    Path(what): Path<String>,
    method: Method,
    uri: OriginalUri,
    Object(demo): Object<Demo>,
) -> Response {
    if what != "demo" {
        return no_such_route(method, uri).await.into_response();
    }
    match app.engine.vm_demo(demo.name).await {
        Ok(vm) => one::<_, Vm>(vm).into_response(),
        Err(error) => Refusal::from(error).into_response(),
    }
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

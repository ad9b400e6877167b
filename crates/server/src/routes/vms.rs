//! `/v1/vms`: machines. `/v1/vms` lists those that live, `/v1/vms/` all there are, as the seed has it.

use axum::Json;
use axum::extract::{FromRequest, OriginalUri, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use cairn_api::strings::Name;
use cairn_api::{
    AttachVm, DoctorCheck, ErrorCode, ExecOutput, ExecRequest, FoundVm, NewVm, Vm, VmChange, VmStatus, VmTerminated,
};
use cairn_engine::{Engine, ErrorKind, VmId};
use serde::Deserialize;
use serde_json::Value;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, gone, one};
use crate::app::{Shared, no_such_route};
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_alive, create))
        .routes(routes!(list_all))
        .routes(routes!(look, bring, change, delete))
        .routes(routes!(detach))
        .routes(routes!(discover))
        .routes(routes!(doctor))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(restart))
        .routes(routes!(exec))
}

/// The machines that are not stopped.
#[utoipa::path(get, path = "/v1/vms", responses((status = OK, body = Vec<Vm>)))]
async fn list_alive(State(app): State<Shared>) -> Answer<Vec<Vm>> {
    let Json(mut vms): Json<Vec<Vm>> = all(app.engine.vm_list().await?);
    vms.retain(|vm| vm.status != VmStatus::Stopped);
    Ok(Json(vms))
}

/// All machines.
#[utoipa::path(get, path = "/v1/vms/", responses((status = OK, body = Vec<Vm>)))]
async fn list_all(State(app): State<Shared>) -> Answer<Vec<Vm>> {
    Ok(all(app.engine.vm_list().await?))
}

/// One machine.
#[utoipa::path(get, path = "/v1/vms/{vm}", responses((status = OK, body = Vm)))]
async fn look(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vm> {
    Ok(Json(app.engine.vm_get(&vm).await?.into()))
}

/// `POST /v1/vms/demo`.
#[derive(Deserialize, ToSchema)]
struct NewDemoVm {
    /// Its name; `demo` when absent.
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
}

/// The body of a `POST` to `demo` or `attach`.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "which it is says the address")]
enum Bring {
    /// To `attach`.
    Attach(AttachVm),
    /// To `demo`.
    Demo(NewDemoVm),
}

/// With `demo` in place of a machine: starts the demo machine. With `attach`: makes a machine known that somebody else has started.
#[utoipa::path(post, path = "/v1/vms/{vm}", request_body = Bring, responses((status = OK, body = Vm)))]
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
    let Object::<NewDemoVm>(demo) = Object::from_request(request, &app).await?;
    Ok(one(app.engine.vm_demo(demo.name).await?))
}

async fn attach(app: Shared, request: Request) -> Answer<Vm> {
    let Object::<AttachVm>(new) = Object::from_request(request, &app).await?;
    Ok(one(app.engine.vm_attach(new.try_into()?).await?))
}

/// Forgets a machine that somebody else has started.
#[utoipa::path(post, path = "/v1/vms/{vm}/detach", responses((status = OK, body = Object)))]
async fn detach(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Value> {
    app.engine.vm_detach(&vm).await?;
    Ok(gone("vm_id", &vm))
}

/// The QEMUs that run on this computer, and the domains that libvirt runs.
#[utoipa::path(get, path = "/v1/discover", responses((status = OK, body = Vec<FoundVm>)))]
async fn discover(State(app): State<Shared>) -> Answer<Vec<FoundVm>> {
    Ok(all(app.engine.vm_discover().await?))
}

/// What works in the machine, and what to do about the rest.
#[utoipa::path(get, path = "/v1/vms/{vm}/doctor", responses((status = OK, body = Vec<DoctorCheck>)))]
async fn doctor(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vec<DoctorCheck>> {
    Ok(all(app.engine.vm_doctor(&vm).await?))
}

/// Creates a machine and, unless `start` is false, starts it.
#[utoipa::path(
    post,
    path = "/v1/vms",
    params(("wait" = Option<bool>, Query, description = "With `false` nobody waits for it to be up")),
    request_body = NewVm,
    responses((status = OK, body = Vm))
)]
async fn create(State(app): State<Shared>, params: Params, Object(new): Object<NewVm>) -> Answer<Vm> {
    let wait = params.flag("wait", true)?;
    let is_started = new.start.unwrap_or(true);
    let mut checkpoints = Vec::new();
    let created = match of_session(&app.engine, &new).await? {
        Some(there) => there,
        None => {
            let mut new: cairn_engine::NewVm = with_variant(&app.engine, new).await?.try_into()?;
            checkpoints.append(&mut new.auto_checkpoints);
            app.engine.vm_create(new).await?
        }
    };
    let (engine, id) = (app.engine.clone(), created.id.to_string());
    if wait || !is_started {
        return Ok(one(engine.vm_deploy(&id, is_started, checkpoints).await?));
    }
    // How it went on is seen in the list and in events.
    tokio::spawn(async move { engine.vm_deploy(&id, true, checkpoints).await }.in_current_span());
    Ok(Json(Vm { status: VmStatus::Creating, ..created.into() }))
}

/// The machine that belongs to the session which a new one is to belong to: that is started again.
async fn of_session(engine: &Engine, new: &NewVm) -> Result<Option<cairn_engine::Vm>, Refusal> {
    match new.session_id.as_deref().and_then(cairn_api::vm_of) {
        Some(vm) => there(engine, &vm).await,
        None => Ok(None),
    }
}

/// The machine with this id, if there is one.
pub(super) async fn there(engine: &Engine, vm: &VmId) -> Result<Option<cairn_engine::Vm>, Refusal> {
    match engine.vm_get(vm.as_str()).await {
        Ok(vm) => Ok(Some(vm)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The variant that everybody gets: the demo VM, unless there is a snapshot of that name.
const STANDARD: &str = "standard";

/// A variant of the image is the snapshot of that name.
async fn with_variant(engine: &Engine, mut new: NewVm) -> Result<NewVm, Refusal> {
    let Some(variant) = new.image_variant.take().filter(|_| new.snapshot_id.is_none() && new.image.is_none()) else {
        return Ok(new);
    };
    match engine.snapshot_get(&variant).await {
        Ok(snapshot) => new.snapshot_id = Some(snapshot.id.into()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        Err(_) if variant == STANDARD => {}
        Err(_) => {
            let message = format!("There is no boot image for the variant '{variant}'.");
            return Err(Refusal::new(ErrorCode::NotFound, message).hint(format!(
                "Make a snapshot of that name of a machine that has what it needs: cairn snapshot create VM --name \
                 {variant}."
            )));
        }
    }
    Ok(new)
}

/// Changes the machine; what is absent stays.
#[utoipa::path(patch, path = "/v1/vms/{vm}", request_body = VmChange, responses((status = OK, body = Vm)))]
async fn change(State(app): State<Shared>, Path(vm): Path<String>, Object(change): Object<VmChange>) -> Answer<Vm> {
    Ok(one(app.engine.vm_update(&vm, change.into()).await?))
}

/// Starts the machine; answers when it is up.
#[utoipa::path(post, path = "/v1/vms/{vm}/start", responses((status = OK, body = Vm)))]
async fn start(State(app): State<Shared>, Path(vm): Path<String>) -> Answer<Vm> {
    Ok(one(app.engine.vm_start(&vm).await?))
}

/// `POST /v1/vms/{vm}/stop` and `/restart`.
#[derive(Deserialize, ToSchema)]
struct StopVm {
    /// Do not wait for its guest: as if its power was cut.
    #[serde(default)]
    force: bool,
}

/// Stops the machine.
#[utoipa::path(post, path = "/v1/vms/{vm}/stop", request_body = StopVm, responses((status = OK, body = Vm)))]
async fn stop(State(app): State<Shared>, Path(vm): Path<String>, Object(stop): Object<StopVm>) -> Answer<Vm> {
    Ok(one(app.engine.vm_stop(&vm, stop.force).await?))
}

/// Stops the machine and starts it again.
#[utoipa::path(post, path = "/v1/vms/{vm}/restart", request_body = StopVm, responses((status = OK, body = Vm)))]
async fn restart(State(app): State<Shared>, Path(vm): Path<String>, Object(stop): Object<StopVm>) -> Answer<Vm> {
    Ok(one(app.engine.vm_restart(&vm, stop.force).await?))
}

/// Ends the machine for good.
#[utoipa::path(
    delete,
    path = "/v1/vms/{vm}",
    params(
        ("stop" = Option<bool>, Query, description = "With `false` one that runs is refused"),
        ("force" = Option<bool>, Query, description = "Do not wait for its guest"),
    ),
    responses((status = OK, body = VmTerminated))
)]
async fn delete(State(app): State<Shared>, Path(vm): Path<String>, params: Params) -> Answer<VmTerminated> {
    let (stop, force) = (params.flag("stop", true)?, params.flag("force", false)?);
    let vm_id = app.engine.vm_get(&vm).await?.id.into();
    let snapshot = if stop {
        app.engine.vm_terminate(&vm, force).await?
    } else {
        app.engine.vm_delete(&vm).await?;
        None
    };
    let snapshot_id = snapshot.map(|snapshot| snapshot.id.into());
    Ok(Json(VmTerminated { vm_id, status: "terminated".to_owned(), snapshot_id }))
}

/// Runs a command in the guest.
#[utoipa::path(
    post,
    path = "/v1/vms/{vm}/exec",
    request_body = ExecRequest,
    responses((status = OK, body = ExecOutput))
)]
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

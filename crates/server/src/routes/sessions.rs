//! What the seed's client asks for before it asks for anything else: a session, and who it is.
//!
//! A session belongs to one machine: both ids have the same random part. Nothing is booted when it begins; the machine
//! is made, a demo VM with a disk of its own, when something is first run in it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use cairn_api::{VmStatus, session_of, vm_of};
use cairn_engine::{BootSource, Error, ErrorKind, NewVm, VmId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::guard::{self, Caller};
use crate::refusal::{Answer, Refusal};

use super::vms::there;

/// Of how many sessions without a machine it is remembered what they asked for.
const MOST: usize = 1000;

/// The session's start carries the key in its body.
pub(super) fn open() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(start))
}

pub(super) fn keyed() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(execute))
        .routes(routes!(kill))
        .routes(routes!(me))
        .routes(routes!(ssh_keys))
        // The same under another name.
        .route("/v1/sessions/session/{session}", get(status))
}

/// What a session's machine is to be like.
#[derive(Default)]
struct Wish {
    memory_mb: Option<u32>,
    vcpu_count: Option<u32>,
}

/// What the machines of new sessions are to be like.
#[derive(Default)]
pub(crate) struct Wishes(Mutex<VecDeque<(VmId, Wish)>>);

impl Wishes {
    fn remember(&self, vm: VmId, wish: Wish) {
        let mut wishes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wishes.len() == MOST {
            wishes.pop_front();
        }
        wishes.push_back((vm, wish));
    }

    fn take(&self, vm: &VmId) -> Wish {
        let mut wishes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = wishes.iter().position(|(wished, _)| wished == vm);
        at.and_then(|at| wishes.remove(at)).map(|(_, wish)| wish).unwrap_or_default()
    }
}

/// `POST /v1/sessions/session`.
#[derive(Deserialize, ToSchema)]
struct NewSession {
    /// The key.
    api_key: String,
    /// Memory of the session's machine in MiB.
    #[schema(minimum = 32)]
    memory_mb: Option<u32>,
    /// Processors of the session's machine.
    #[schema(minimum = 1, maximum = 255)]
    vcpu_count: Option<u32>,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
struct Session {
    /// Its identity.
    session_id: String,
    /// `active`.
    status: &'static str,
}

/// How a session's machine is.
#[derive(Serialize, ToSchema)]
struct SessionStatus {
    /// The session.
    session_id: String,
    /// `active`.
    status: &'static str,
    /// Its machine, which may not be there yet.
    vm_id: String,
    /// What that is doing.
    vm_status: VmStatus,
    /// Whether it is up.
    vm_alive: bool,
}

/// Begins a session, as the seed's client does before anything else. Nothing is booted.
///
/// The key stands in the body.
#[utoipa::path(
    post,
    path = "/v1/sessions/session",
    request_body = NewSession,
    responses((status = OK, body = Session))
)]
async fn start(State(app): State<Shared>, Object(new): Object<NewSession>) -> Answer<Session> {
    guard::holder(&app, &new.api_key)?;
    let vm = VmId::random().map_err(|error| {
        Error::new(ErrorKind::Io, format!("The operating system gives no random numbers for a session: {error}."))
    })?;
    let session = session_of(&vm);
    app.sessions.remember(vm, Wish { memory_mb: new.memory_mb, vcpu_count: new.vcpu_count });
    Ok(Json(Session { session_id: session, status: "active" }))
}

fn machine_of(session: &str) -> Result<VmId, Refusal> {
    vm_of(session).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("There is no session '{session}'."))
            .with_hint("Begin one with POST /v1/sessions/session.")
            .into()
    })
}

/// How the machine of the session is.
#[utoipa::path(get, path = "/v1/sessions/status/{session}", responses((status = OK, body = SessionStatus)))]
async fn status(State(app): State<Shared>, Path(session): Path<String>) -> Answer<SessionStatus> {
    let vm = machine_of(&session)?;
    let status = there(&app.engine, &vm).await?.map_or(VmStatus::Stopped, |vm| vm.state.into());
    let is_alive = status == VmStatus::Active;
    Ok(Json(SessionStatus {
        session_id: session,
        status: "active",
        vm_id: vm.into(),
        vm_status: status,
        vm_alive: is_alive,
    }))
}

/// `POST /execute`.
#[derive(Deserialize, ToSchema)]
struct Execute {
    /// The session.
    session_id: String,
    /// What is run.
    command: String,
    /// What it is written in: `bash`, as when absent, or `python`.
    #[schema(pattern = "^(bash|sh|shell|python)$")]
    language: Option<String>,
}

/// How a command went.
#[derive(Serialize, ToSchema)]
struct Executed {
    /// The session.
    session_id: String,
    /// What it wrote to its standard output.
    stdout: String,
    /// What it wrote to its standard error.
    stderr: String,
    /// Its exit status.
    exit_code: i32,
    /// How many seconds it took.
    execution_time: f64,
}

/// Runs a command in the session's machine, which is made and started for that if need be.
#[utoipa::path(post, path = "/execute", request_body = Execute, responses((status = OK, body = Executed)))]
async fn execute(State(app): State<Shared>, Object(execute): Object<Execute>) -> Answer<Executed> {
    let vm = machine_of(&execute.session_id)?;
    let program = match execute.language.as_deref() {
        None | Some("bash" | "sh" | "shell") => "sh",
        Some("python") => "python3",
        Some(other) => {
            return Err(Refusal::invalid(format!("The language '{other}' is not known."))
                .hint("The languages are bash and python."));
        }
    };
    if there(&app.engine, &vm).await?.is_none() {
        let wish = app.sessions.take(&vm);
        let new = NewVm {
            id: Some(vm.clone()),
            source: BootSource::Demo,
            memory_mib: wish.memory_mb,
            cpus: wish.vcpu_count,
            ..NewVm::default()
        };
        match app.engine.vm_create(new).await {
            Ok(_) => {}
            // Somebody else's command was first.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    app.engine.vm_start(vm.as_str()).await?;
    let began = std::time::Instant::now();
    let argv = vec![program.to_owned(), "-c".to_owned(), execute.command];
    let output = cairn_api::ExecOutput::from(app.engine.vm_exec(vm.as_str(), argv, None).await?);
    Ok(Json(Executed {
        session_id: execute.session_id,
        stdout: output.stdout,
        stderr: output.stderr,
        exit_code: output.exit_code,
        execution_time: began.elapsed().as_secs_f64(),
    }))
}

/// `POST /kill`.
#[derive(Deserialize, ToSchema)]
struct Kill {
    /// The session.
    session_id: String,
}

/// A session whose machine has ended.
#[derive(Serialize, ToSchema)]
struct Killed {
    /// The session.
    session_id: String,
    /// Its machine.
    vm_id: String,
    /// `terminated`.
    status: &'static str,
}

/// Who has the key.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Who.
    id: String,
    /// No real one.
    email: String,
    /// The key's name.
    name: String,
    /// `true`.
    is_verified: bool,
}

/// Ends the session's machine for good; one that was never made is as good as ended.
#[utoipa::path(post, path = "/kill", request_body = Kill, responses((status = OK, body = Killed)))]
async fn kill(State(app): State<Shared>, Object(kill): Object<Kill>) -> Answer<Killed> {
    let vm = machine_of(&kill.session_id)?;
    if there(&app.engine, &vm).await?.is_some() {
        app.engine.vm_terminate(vm.as_str(), true).await?;
    }
    Ok(Json(Killed { session_id: kill.session_id, vm_id: vm.into(), status: "terminated" }))
}

/// Who has the key.
#[utoipa::path(get, path = "/v1/users/me", responses((status = OK, body = Me)))]
async fn me(caller: Caller) -> Json<Me> {
    Json(Me { id: "local".to_owned(), email: "local@localhost".to_owned(), name: caller.name, is_verified: true })
}

/// None: machines are reached by their agent.
#[utoipa::path(get, path = "/v1/ssh-keys", responses((status = OK, body = Object)))]
async fn ssh_keys() -> Json<Value> {
    Json(json!({ "keys": [] }))
}

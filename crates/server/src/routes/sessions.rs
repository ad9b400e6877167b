//! What the seed's client asks for before it asks for anything else: a session, and who it is.
//!
//! A session belongs to one machine: both ids have the same random part. Nothing is booted when it begins; the machine
//! is made, a demo VM with a disk of its own, when something is first run in it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{VmStatus, session_of, vm_of};
use cairn_engine::{BootSource, Error, ErrorKind, NewVm, VmId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::guard;
use crate::refusal::{Answer, Refusal};

use super::vms::there;

/// Of how many sessions without a machine it is remembered what they asked for.
const MOST: usize = 1000;

/// The session's start carries the key in its body.
pub(super) fn open() -> Router<Shared> {
    Router::new().route("/v1/sessions/session", post(start))
}

pub(super) fn keyed() -> Router<Shared> {
    Router::new()
        .route("/v1/users/me", get(me))
        .route("/v1/ssh-keys", get(ssh_keys))
        .route("/v1/sessions/session/{session}", get(status))
        .route("/v1/sessions/status/{session}", get(status))
        .route("/execute", post(execute))
        .route("/kill", post(kill))
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

#[derive(Deserialize)]
struct NewSession {
    api_key: String,
    memory_mb: Option<u32>,
    vcpu_count: Option<u32>,
}

async fn start(State(app): State<Shared>, Object(new): Object<NewSession>) -> Answer<Value> {
    if !app.key.is(&new.api_key) {
        return Err(guard::wrong_key());
    }
    let vm = VmId::random().map_err(|error| {
        Error::new(ErrorKind::Io, format!("The operating system gives no random numbers for a session: {error}."))
    })?;
    let session = session_of(&vm);
    app.sessions.remember(vm, Wish { memory_mb: new.memory_mb, vcpu_count: new.vcpu_count });
    Ok(Json(json!({ "session_id": session, "status": "active" })))
}

fn machine_of(session: &str) -> Result<VmId, Refusal> {
    vm_of(session).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("There is no session '{session}'."))
            .with_hint("Begin one with POST /v1/sessions/session.")
            .into()
    })
}

async fn status(State(app): State<Shared>, Path(session): Path<String>) -> Answer<Value> {
    let vm = machine_of(&session)?;
    let status = there(&app.engine, &vm).await?.map_or(VmStatus::Stopped, |vm| vm.state.into());
    let is_alive = status == VmStatus::Active;
    Ok(Json(json!({
        "session_id": session, "status": "active", "vm_id": vm.as_str(), "vm_status": status, "vm_alive": is_alive
    })))
}

#[derive(Deserialize)]
struct Execute {
    session_id: String,
    command: String,
    language: Option<String>,
}

/// Runs a command in the session's machine, which is made and started for that if need be.
async fn execute(State(app): State<Shared>, Object(execute): Object<Execute>) -> Answer<Value> {
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
    Ok(Json(json!({
        "session_id": execute.session_id,
        "stdout": output.stdout,
        "stderr": output.stderr,
        "exit_code": output.exit_code,
        "execution_time": began.elapsed().as_secs_f64(),
    })))
}

#[derive(Deserialize)]
struct Kill {
    session_id: String,
}

/// Ends the session's machine for good; one that was never made is as good as ended.
async fn kill(State(app): State<Shared>, Object(kill): Object<Kill>) -> Answer<Value> {
    let vm = machine_of(&kill.session_id)?;
    if there(&app.engine, &vm).await?.is_some() {
        app.engine.vm_terminate(vm.as_str(), true).await?;
    }
    Ok(Json(json!({ "session_id": kill.session_id, "vm_id": vm.as_str(), "status": "terminated" })))
}

/// There is one user: whoever has the key.
async fn me() -> Json<Value> {
    Json(json!({ "id": "local", "email": "local@localhost", "name": "The user of this machine", "is_verified": true }))
}

/// None are needed: machines are reached by their agent. `instavm whoami` asks.
async fn ssh_keys() -> Json<Value> {
    Json(json!({ "keys": [] }))
}

//! Finds the engine that owns the store, or runs one in this process: either way the command talks HTTP to it.

use std::path::Path;
use std::time::{Duration, Instant};

use cairn_engine::{Engine, ErrorKind, LogGuard, OpenOptions};
use cairn_server::{ApiFile, Running, ServeOptions};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde::Deserialize;

use crate::api::Api;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::trust::{self, Trust};

/// How long another short-lived `cairn` may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often we look whether it has ended.
const LOOKS: Duration = Duration::from_millis(50);
/// How long an end may take without a word.
const SOON: Duration = Duration::from_millis(500);
/// How soon a server that lives says so.
const ANSWER: Duration = Duration::from_secs(2);

/// A server to talk to for the time of one command.
pub(crate) struct Session {
    pub(crate) api: Api,
    own: Option<Own>,
}

/// An engine and a server of this process; the log comes last, since it is written to until then.
struct Own {
    engine: Engine,
    running: Running,
    _log: Option<LogGuard>,
}

impl Session {
    /// The running engine's server, or one of our own on a free port that nobody else is told of. While another
    /// process owns the store and does not serve, waits for it to end. Another server, when one was named.
    pub(crate) async fn open(store: &Path, remote: &Remote) -> Result<Self, Failure> {
        if let Some(api) = remote.api()? {
            return Ok(Self { api, own: None });
        }
        let begun = Instant::now();
        let mut log = None;
        loop {
            if let Some(api) = find(store).await? {
                return Ok(Self { api, own: None });
            }
            log = log.or_else(|| begin_log(store));
            match Engine::open(OpenOptions::new(store)).await {
                Ok(engine) => return Self::own(engine, log).await,
                Err(error) if error.kind() == ErrorKind::InUse && begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(LOOKS).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn own(engine: Engine, log: Option<LogGuard>) -> Result<Self, Failure> {
        let running = cairn_server::serve(engine.clone(), ServeOptions::default()).await?;
        let api = Api::new(&running.url, running.key.clone(), &Trust::Nobody)?;
        Ok(Self { api, own: Some(Own { engine, running, _log: log }) })
    }

    /// Ends what was started for this command. Machines go on running.
    pub(crate) async fn close(self, out: &Output, interrupted: bool) {
        if let Some(own) = self.own {
            let closing = async {
                own.running.shut_down().await;
                // Everything that was answered is durable; what is left is tidying.
                let _ = own.engine.close().await;
            };
            tokio::pin!(closing);
            if tokio::time::timeout(SOON, &mut closing).await.is_err() {
                if interrupted {
                    out.note("Finishing what was begun; Ctrl-C again leaves at once.");
                }
                closing.await;
            }
        }
    }
}

/// Begins the store's log, and one on standard error when `RUST_LOG` asks for it. A store that cannot have a log
/// cannot be opened either, which is then said with the reason.
pub(crate) fn begin_log(store: &Path) -> Option<LogGuard> {
    cairn_engine::init_logging(store, std::env::var_os("RUST_LOG").is_some()).ok()
}

#[derive(Deserialize)]
struct Health {
    pid: u32,
}

/// The server that the store's `run/api.json` names, when its process lives and it answers as that process.
pub(crate) async fn find(store: &Path) -> Result<Option<Api>, Failure> {
    let Some(said) = ApiFile::read(store).filter(|said| lives(said.pid)) else { return Ok(None) };
    let file = cairn_server::key_file(store);
    let Ok(key) = std::fs::read_to_string(&file) else { return Ok(None) };
    let trust = said.fingerprint.clone().map_or(Trust::Nobody, Trust::Fingerprint);
    let api = Api::new(&said.url, key.trim().to_owned(), &trust)?;
    match tokio::time::timeout(ANSWER, health(&said.url, &trust)).await {
        Ok(Some(health)) if health.pid == said.pid => Ok(Some(api)),
        _ => Ok(None),
    }
}

/// Asked without the key: whoever took over a dead server's port must not learn it.
async fn health(url: &str, trust: &Trust) -> Option<Health> {
    trust::client(trust).ok()?.get(format!("{url}/v1/health")).send().await.ok()?.json().await.ok()
}

fn lives(pid: u32) -> bool {
    let Ok(pid) = i32::try_from(pid) else { return false };
    // Signal 0 asks only; a process of another user lives as well.
    pid > 0 && !matches!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH))
}

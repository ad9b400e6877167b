//! `cairn serve`: the engine and its REST server, until Ctrl-C.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cairn_api::ErrorCode;
use cairn_engine::{Engine, OpenOptions};
use cairn_server::{ApiFile, Running, ServeOptions, Tls};
use clap::Args;
use serde_json::json;

use super::vm_create::absolute;
use crate::failure::Failure;
use crate::output::Output;
use crate::session;
use crate::size;

/// How to serve.
#[derive(Args)]
#[command(
    after_help = "Example:\n  cairn serve --listen 127.0.0.1:8080\n\nWhile it runs, every other cairn command talks to it."
)]
pub(crate) struct Serve {
    /// An address and a port; port 0 takes a free one. One that other computers reach needs --tls
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:22476")]
    listen: SocketAddr,
    /// Speak TLS, with a certificate that is generated and kept in the store
    #[arg(long)]
    tls: bool,
    /// Speak TLS with this certificate, in PEM, followed by those that vouch for it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// That certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A name by which other computers reach this one; may be given several times
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Print a systemd user unit that serves so, and end
    #[arg(long)]
    print_unit: bool,
    /// The folder of the built web UI
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
    /// How long a guest may be frozen for a checkpoint
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    longest_freeze: f64,
    /// How much of this computer's disk stays free of what only makes volumes quick; at half of it that is dropped
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size::parse)]
    keep_free: u64,
}

/// Between a hundredth of a second and a minute: nobody's guest stands still for longer.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=60.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.01 to 60 is wanted".to_owned()),
    }
}

/// Serves until `interrupted`. Machines go on running.
pub(crate) async fn run(
    command: Serve,
    store: &Path,
    out: &Output,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Failure> {
    if command.print_unit {
        return out.line(unit(&command.words(store)?).trim_end());
    }
    if let (Some(_), Some(said)) = (session::find(store).await?, ApiFile::read(store)) {
        let message =
            format!("The store '{}' is served on {} by process {} already.", store.display(), said.url, said.pid);
        return Err(Failure::new(ErrorCode::InUse, message).hint("Use that one, or end it first."));
    }
    let _log = session::begin_log(store);
    let longest_freeze = Duration::from_secs_f64(command.longest_freeze);
    let keep_free = command.keep_free;
    let engine = Engine::open(OpenOptions { longest_freeze, keep_free, ..OpenOptions::new(store) }).await?;
    let tls = match (command.tls_cert, command.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::Files { certificate, key }),
        _ => command.tls.then_some(Tls::Generated),
    };
    let (listen, names, ui) = (command.listen, command.names, command.ui);
    let options = ServeOptions { listen, tls, names, ui, publish: true, ..ServeOptions::default() };
    let with_ui = options.ui.is_some();
    let running = match cairn_server::serve(engine.clone(), options).await {
        Ok(running) => running,
        Err(error) => {
            let _ = engine.close().await;
            return Err(error.into());
        }
    };
    let said = tell(&running, store, with_ui, out);
    if said.is_ok() {
        interrupted.await;
    }
    running.shut_down().await;
    engine.close().await?;
    said
}

impl Serve {
    /// The command line that serves this store so from any folder.
    fn words(&self, store: &Path) -> Result<Vec<String>, Failure> {
        let program = std::env::current_exe().map_err(|error| Failure::io("This program cannot be found", &error))?;
        let mut words = vec![program.display().to_string(), "--store".to_owned(), store.display().to_string()];
        words.extend(["serve".to_owned(), "--listen".to_owned(), self.listen.to_string()]);
        words.extend(self.tls.then(|| "--tls".to_owned()));
        for (option, path) in [("--tls-cert", &self.tls_cert), ("--tls-key", &self.tls_key), ("--ui", &self.ui)] {
            if let Some(path) = path {
                words.extend([option.to_owned(), absolute(path)?]);
            }
        }
        words.extend(self.names.iter().flat_map(|name| ["--name".to_owned(), name.clone()]));
        words.extend(["--longest-freeze".to_owned(), self.longest_freeze.to_string()]);
        words.extend(["--keep-free".to_owned(), self.keep_free.to_string()]);
        Ok(words)
    }
}

/// A systemd user unit that runs a command. `KillMode=process`: machines go on running when the server ends, as they do
/// after Ctrl-C.
fn unit(words: &[String]) -> String {
    let command: Vec<String> = words.iter().map(|word| unit_word(word)).collect();
    format!(
        "# cairn serve --print-unit > ~/.config/systemd/user/cairn.service\n\
         # systemctl --user enable --now cairn\n\
         [Unit]\n\
         Description=Cairn keeps volumes for local virtual machines\n\
         \n\
         [Service]\n\
         ExecStart={}\n\
         KillMode=process\n\
         KillSignal=SIGTERM\n\
         TimeoutStopSec=10min\n\
         Restart=on-failure\n\
         LimitNOFILE=16384\n\
         NoNewPrivileges=yes\n\
         UMask=0077\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        command.join(" ")
    )
}

/// A word of a command line as systemd reads it: `%` and `$` stand for themselves.
fn unit_word(word: &str) -> String {
    let plain = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let is_simple =
        !plain.is_empty() && !plain.contains(|letter: char| letter.is_whitespace() || "\"'\\;#".contains(letter));
    if is_simple { plain } else { format!("\"{plain}\"") }
}

fn tell(running: &Running, store: &Path, with_ui: bool, out: &Output) -> Result<(), Failure> {
    let key_file = cairn_server::key_file(store);
    let socket = cairn_server::socket_file(store);
    let facts = json!({
        "url": running.url, "pid": std::process::id(), "store": store, "key_file": key_file, "socket": socket,
        "tls_fingerprint": running.fingerprint,
    });
    out.show(&facts, |out, _| {
        out.line(&format!("Serving the store {} on {}", store.display(), running.url))?;
        out.line(&format!("The API key is in {}", key_file.display()))?;
        if let Some(fingerprint) = &running.fingerprint {
            out.line(&format!("The certificate's fingerprint is {fingerprint}"))?;
        }
        if with_ui {
            out.line(&format!("Open {}/?key={}", running.url, running.key))?;
        }
        out.note("Ctrl-C ends it; machines go on running.");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_unit_stand_for_themselves() {
        assert_eq!(unit_word("/usr/bin/cairn"), "/usr/bin/cairn");
        assert_eq!(unit_word("/home/a b/100%"), "\"/home/a b/100%%\"");
        assert_eq!(unit_word("$HOME\\x\"y"), "\"$$HOME\\\\x\\\"y\"");
        assert_eq!(unit_word(""), "\"\"");
    }
}

//! The command `cairn`.
//!
//! A client of the engine's REST server and nothing else: of the one that runs, or of one that it starts in its own
//! process and ends again, or of the one that `--url` names. It knows the wire types and clap; it holds no domain rule.
//!
//! # Exit codes
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the operating system refused, or a defect in Cairn |
//! | 2 | the input makes no sense, or is nothing that Cairn does |
//! | 3 | no such volume, file, checkpoint, machine or mount |
//! | 4 | the name is taken, or the state of things does not allow it |
//! | 5 | in use: by a machine, another Cairn, another operation |
//! | 6 | the quota or the disk is full |
//! | 7 | a program is missing, the guest did not do it, or it took too long; `doctor` found something |
//! | 8 | what is on disk contradicts itself |
//! | 9 | the key is missing or wrong |
//! | 130 | cancelled (Ctrl-C) |
//!
//! `cairn vm exec` ends with the exit code of the command in the guest.

mod api;
mod args;
mod commands;
mod context;
mod failure;
mod lines;
mod manifest;
mod output;
mod remote;
mod session;
mod signals;
mod size;
mod table;
mod trust;
mod watch;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;

use std::process::ExitCode;

use cairn_api::{ErrorCode, exit_code};
use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Args, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::session::Session;
use crate::signals::Signals;

/// Runs the command that the program was started with.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // What is no failure (help, the version) and what people read is shown as clap shows it.
        Err(error) if error.use_stderr() && wants_json() => return Failure::usage(&error).report(true),
        Err(error) if error.kind() == ErrorKind::MissingSubcommand => {
            let help = args::help_for(std::env::args().skip(1));
            if console::colors_enabled_stderr() {
                eprint!("{}", help.ansi())
            } else {
                eprint!("{help}")
            }
            return ExitCode::from(exit_code(ErrorCode::InvalidInput));
        }
        Err(error) => error.exit(),
    };
    let as_json = args.output().is_json();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::io("The program cannot start its threads", &error).report(as_json),
    };
    let code = match runtime.block_on(run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(as_json),
    };
    // A read of the terminal that nobody waits for any more must not hold the program.
    runtime.shutdown_background();
    code
}

/// Whether a command line that is not understood asks for JSON all the same.
fn wants_json() -> bool {
    std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json")
}

async fn run(args: Args) -> Result<(), Failure> {
    let interrupted = Signals::listen()?.interrupted();
    let output = args.output();
    match &args.command {
        Command::Completions(command) => return commands::shell::completions(command),
        Command::Man(command) => return commands::shell::man(command, &output),
        _ => {}
    }
    let store = args.store()?;
    if let Command::Serve(serve) = args.command {
        return commands::serve::run(serve, &store, &output, interrupted).await;
    }
    tokio::pin!(interrupted);
    let session = tokio::select! {
        session = Session::open(&store, &args.remote) => session?,
        () = &mut interrupted => return Err(Failure::cancelled("The command was interrupted.")),
    };
    let context = Context::new(session.api.clone(), output);
    let (result, was_interrupted) = tokio::select! {
        result = commands::run(args.command, &context) => (result, false),
        () = &mut interrupted => (Err(context.cancel().await), true),
    };
    session.close(&output, was_interrupted).await;
    result
}

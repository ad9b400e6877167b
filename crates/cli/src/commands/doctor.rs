//! `cairn doctor`: is everything there that Cairn needs?

use cairn_api::{DoctorCheck, ErrorCode, exit_code};
use clap::Args;
use console::style;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};

/// Ends with exit code 7 when something is not as it should be.
#[derive(Args)]
pub(crate) struct Doctor {}

/// Looks, and says what it found.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    show(context, &["doctor"]).await
}

/// Shows what the doctor at this path of the server says.
pub(super) async fn show(context: &Context, path: &[&str]) -> Result<(), Failure> {
    let checks: Vec<DoctorCheck> = context.api.get(path, &[]).await?;
    context.out.show(&checks, |out, checks| list(out, checks))?;
    if checks.iter().all(|check| check.ok) { Ok(()) } else { Err(Failure::Exit(exit_code(ErrorCode::Missing))) }
}

fn list(out: &Output, checks: &[DoctorCheck]) -> Result<(), Failure> {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or_default();
    for check in checks {
        let mark = if check.ok { style("✓").green() } else { style("✗").red() };
        out.line(&format!("{} {:<width$}  {}", mark.bold(), check.name, printable(&check.detail)))?;
        if let Some(paste) = &check.paste {
            out.line(&format!("  {:<width$}  {}", "", style(printable(paste)).bold()))?;
        }
    }
    Ok(())
}

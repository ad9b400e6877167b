//! Waits for a transfer, with a progress bar on a terminal.

use std::time::Duration;

use cairn_api::{ErrorCode, Transfer, TransferState};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::api::Api;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;

/// The first look comes soon, since most copies are small; later ones this far apart.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LOOKS: Duration = Duration::from_millis(150);
/// What is copied now, and how far it is.
const COPYING: &str = "{msg}\n{bar:20} {binary_bytes} of {binary_total_bytes}  {binary_bytes_per_sec}  {eta}";
/// What goes on while it is not known how much there is to copy.
const COUNTING: &str = "{spinner} {msg}";
/// How often the spinner turns.
const SPIN: Duration = Duration::from_millis(120);

/// Waits until `transfer` has ended, and answers with it when everything is copied.
pub(crate) async fn until_done(context: &Context, transfer: Transfer) -> Result<Transfer, Failure> {
    let bar = Drawn::new(context.out.progress(), COUNTING);
    let ended = look_until_ended(&context.api, &transfer.id, |now| draw(&bar.0, now)).await;
    drop(bar);
    context.ended();
    let ended = ended?;
    match ended.state {
        TransferState::Failed => {
            let why = ended.error.unwrap_or_else(|| "The copy failed.".to_owned());
            Err(Failure::new(ended.error_code.unwrap_or(ErrorCode::Io), why))
        }
        TransferState::Cancelled => Err(Failure::cancelled("The copy was cancelled by somebody else.")),
        TransferState::Interrupted => Err(Failure::cancelled(format!(
            "The copy was interrupted, because its Cairn ended. `cairn transfers resume {}` takes it up again.",
            ended.id
        ))),
        _ => Ok(ended),
    }
}

/// Waits for what takes a machine some seconds, and shows on a terminal that something is going on.
pub(crate) async fn with_spinner<T>(context: &Context, doing: &str, work: impl Future<Output = T>) -> T {
    let spinner = Drawn::new(context.out.progress(), COUNTING);
    spinner.0.set_message(printable(doing));
    spinner.0.enable_steady_tick(SPIN);
    work.await
}

/// Cancels a transfer and waits until nothing of it is left.
pub(crate) async fn cancel(api: &Api, id: &str) -> Result<Transfer, Failure> {
    let _: Transfer = api.delete(&["transfers", id], &[]).await?;
    look_until_ended(api, id, |_| ()).await
}

/// Pauses a transfer and waits until it rests, or has ended before that.
pub(crate) async fn pause(api: &Api, id: &str) -> Result<Transfer, Failure> {
    let _: Transfer = api.post(&["transfers", id, "pause"], &serde_json::json!({})).await?;
    look_until(api, id, |now| now.state == TransferState::Paused || has_ended(now)).await
}

fn has_ended(transfer: &Transfer) -> bool {
    !matches!(transfer.state, TransferState::Queued | TransferState::Running | TransferState::Paused)
}

async fn look_until_ended(api: &Api, id: &str, mut seen: impl FnMut(&Transfer)) -> Result<Transfer, Failure> {
    look_until(api, id, |now| {
        seen(now);
        has_ended(now)
    })
    .await
}

async fn look_until(api: &Api, id: &str, mut enough: impl FnMut(&Transfer) -> bool) -> Result<Transfer, Failure> {
    let mut pause = FIRST_LOOK;
    loop {
        let now: Transfer = api.get(&["transfers", id], &[]).await?;
        if enough(&now) {
            return Ok(now);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOKS);
    }
}

/// Something drawn on standard error while work goes on; it goes when this is dropped, also by Ctrl-C.
pub(crate) struct Drawn(ProgressBar);

impl Drawn {
    /// A bar for a copy of so many bytes.
    pub(crate) fn copying(context: &Context, total: u64) -> Self {
        let drawn = Self::new(context.out.progress(), COPYING);
        drawn.0.set_length(total);
        drawn
    }

    /// The bar, to be moved on.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.0.clone()
    }

    /// indicatif draws nothing where standard error is no terminal.
    fn new(shown: bool, template: &str) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        look_like(&bar, template);
        Self(bar)
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn look_like(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn draw(bar: &ProgressBar, transfer: &Transfer) {
    // A bar of nothing would be full.
    if transfer.bytes_total > 0 && bar.length() != Some(transfer.bytes_total) {
        look_like(bar, COPYING);
        bar.set_length(transfer.bytes_total);
    }
    bar.set_position(transfer.bytes_done);
    bar.set_message(printable(transfer.current.as_deref().unwrap_or(&transfer.title)));
}

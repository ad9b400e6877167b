//! Tells a person that a long transfer has ended while nobody looked at the window.

use cairn_engine::{Transfer, TransferState};
use tauri::{AppHandle, Manager, Runtime};
use time::Duration;

use crate::texts::{Language, Speech};
use crate::{desktop, window};

/// Whoever waits for less than that is still looking.
const LONG: Duration = Duration::seconds(10);

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) summary: String,
    pub(crate) body: String,
}

impl Note {
    /// What is to be said of a transfer; nothing of one that goes on, was short, or was ended by a person.
    fn of(transfer: &Transfer, language: Language) -> Option<Self> {
        let lasted = transfer.ended_at? - transfer.started_at;
        if lasted < LONG {
            return None;
        }
        let done = match transfer.state {
            TransferState::Done => true,
            TransferState::Failed => false,
            _ => return None,
        };
        let body = transfer.error.as_deref().map(|error| language.why(error)).unwrap_or_default();
        Some(Self { summary: language.transfer_ended(&transfer.title, done), body })
    }
}

/// A transfer has changed.
pub(crate) fn transfer_changed<R: Runtime>(app: &AppHandle<R>, transfer: &Transfer) {
    let Some(note) = Note::of(transfer, app.state::<Speech>().language()) else { return };
    let looked_at = app
        .get_webview_window(window::MAIN)
        .is_some_and(|window| window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false));
    if looked_at {
        return;
    }
    tauri::async_runtime::spawn(async move { desktop::notify(&note).await });
}

#[cfg(test)]
mod tests {
    use cairn_engine::Direction;
    use time::OffsetDateTime;

    use super::*;

    fn transfer(state: TransferState, seconds: i64) -> Transfer {
        Transfer {
            id: "tr_aaaaaaaaaaaaaaaa".parse().expect("an id"),
            volume_id: "vol_aaaaaaaaaaaaaaaa".parse().expect("an id"),
            direction: Direction::Upload,
            title: "holiday".to_owned(),
            state,
            can_pause: false,
            can_retry: false,
            bytes_done: 1,
            bytes_total: 1,
            files_done: 1,
            files_total: 1,
            current: None,
            error: (state == TransferState::Failed).then(|| "The volume is full.".to_owned()),
            error_kind: None,
            started_at: OffsetDateTime::UNIX_EPOCH,
            ended_at: Some(OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)),
        }
    }

    #[test]
    fn only_the_end_of_a_long_one_that_nobody_ended_is_told() {
        let said = |state, seconds| Note::of(&transfer(state, seconds), Language::English);
        let done = Note { summary: "holiday is copied".to_owned(), body: String::new() };
        assert_eq!(said(TransferState::Done, 10), Some(done));
        let failed = said(TransferState::Failed, 60).expect("it is told");
        assert_eq!((failed.summary.as_str(), failed.body.as_str()), ("holiday was not copied", "The volume is full."));
        let german = Note::of(&transfer(TransferState::Failed, 60), Language::German).expect("it is told");
        assert_eq!(german.body, "Woran es lag, steht im Fenster.");
        assert_eq!(said(TransferState::Done, 9), None);
        assert_eq!(said(TransferState::Cancelled, 60), None);
        assert_eq!(said(TransferState::Interrupted, 60), None);
        let running = Transfer { ended_at: None, ..transfer(TransferState::Running, 60) };
        assert_eq!(Note::of(&running, Language::German), None);
    }
}

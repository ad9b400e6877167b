//! The stream of events: one sequence for all who listen.

use std::sync::Mutex;

use time::OffsetDateTime;
use tokio::sync::broadcast;

use crate::model::{Event, EventKind, NoticeLevel};
use crate::sync;

/// How many events a listener may fall behind before it misses some, and must look for itself.
const CAPACITY: usize = 1024;

/// Numbers the events and hands them out.
#[derive(Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seq: u64,
    /// Notices from before anybody listened: what was found and repaired while the store was opened.
    early: Vec<(NoticeLevel, String)>,
    heard: bool,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY), state: Mutex::default() }
    }

    /// Listens from now on. The first listener also gets the notices from before there was one.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        let mut state = sync::lock(&self.state);
        let receiver = self.sender.subscribe();
        state.heard = true;
        for (level, message) in std::mem::take(&mut state.early) {
            self.send_in_order(&mut state, EventKind::Notice { level, message });
        }
        receiver
    }

    /// Listens for the engine's own purposes: what people should read is still kept for the first of them.
    pub(crate) fn overhear(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    /// Tells everybody.
    pub(crate) fn send(&self, kind: EventKind) {
        self.send_in_order(&mut sync::lock(&self.state), kind);
    }

    /// Tells everybody, and the log, something that a person should read.
    pub(crate) fn notice(&self, level: NoticeLevel, message: impl Into<String>) {
        let message = message.into();
        match level {
            NoticeLevel::Info => tracing::info!("{message}"),
            NoticeLevel::Warning => tracing::warn!("{message}"),
            NoticeLevel::Error => tracing::error!("{message}"),
        }
        let mut state = sync::lock(&self.state);
        if state.heard {
            self.send_in_order(&mut state, EventKind::Notice { level, message });
        } else {
            state.early.push((level, message));
        }
    }

    /// The lock on the state is held while sending, so that the numbers arrive in order.
    fn send_in_order(&self, state: &mut State, kind: EventKind) {
        state.seq += 1;
        // Nobody listening is no failure.
        let _ = self.sender.send(Event { seq: state.seq, at: OffsetDateTime::now_utc(), kind });
    }
}

/// Waits for an event that `concerns` whoever waits. One that was missed is as good as one that was heard.
pub(crate) async fn heard(events: &mut broadcast::Receiver<Event>, concerns: impl Fn(&EventKind) -> bool) {
    while let Ok(event) = events.recv().await {
        if concerns(&event.kind) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_listener_hears_what_was_found_while_opening() {
        let events = Events::new();
        events.notice(NoticeLevel::Warning, "The index was rebuilt.");
        let mut first = events.subscribe();
        let mut second = events.subscribe();
        events.notice(NoticeLevel::Info, "Hello.");
        let message = |event: Event| match event.kind {
            EventKind::Notice { message, .. } => (event.seq, message),
            other => panic!("{other:?}"),
        };
        assert_eq!(message(first.try_recv().unwrap()), (1, "The index was rebuilt.".into()));
        assert_eq!(message(first.try_recv().unwrap()), (2, "Hello.".into()));
        assert_eq!(message(second.try_recv().unwrap()), (2, "Hello.".into()));
    }
}

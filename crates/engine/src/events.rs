//! The stream of events: one sequence for all who listen.

use std::collections::VecDeque;
use std::sync::Mutex;

use time::OffsetDateTime;
use tokio::sync::broadcast;

use crate::model::{Event, EventKind, NoticeLevel};
use crate::sync;

/// How many events a listener may fall behind before it misses some, and must look for itself.
const CAPACITY: usize = 1024;
/// How many of the last events are kept for those who come back.
const KEPT: usize = 4096;

/// Numbers the events and hands them out.
#[derive(Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// That of the last event.
    seq: u64,
    /// The last events, oldest first.
    past: VecDeque<Event>,
    /// Notices from before anybody listened: what was found and repaired while the store was opened.
    early: Vec<(NoticeLevel, String)>,
    heard: bool,
}

/// What has happened since a certain event, and what happens from now on.
#[derive(Debug)]
pub struct EventsSince {
    /// Whether more has happened since than is known: who shows anything looks at all of it again.
    pub missed: bool,
    /// What is known to have happened since, oldest first; nothing when some was missed.
    pub past: Vec<Event>,
    /// What happens from now on.
    pub live: broadcast::Receiver<Event>,
}

impl Events {
    pub(crate) fn new() -> Self {
        // Numbers begin with the time, so that a later engine's are larger, and nobody takes one of theirs for one of
        // these. In microseconds they stay whole numbers in JavaScript for another two centuries.
        let now = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000;
        let state = State { seq: now.try_into().unwrap_or_default(), ..State::default() };
        Self { sender: broadcast::Sender::new(CAPACITY), state: Mutex::new(state) }
    }

    /// Listens from now on. The first listener also gets the notices from before there was one.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.listen(&mut sync::lock(&self.state))
    }

    /// Listens from behind the event with the number `after` on.
    pub(crate) fn subscribe_after(&self, after: u64) -> EventsSince {
        let mut state = sync::lock(&self.state);
        let first = state.past.front().map_or(state.seq, |event| event.seq - 1);
        // One of another engine's lies outside.
        let missed = !(first..=state.seq).contains(&after);
        let past = state.past.iter().filter(|event| !missed && event.seq > after).cloned().collect();
        EventsSince { missed, past, live: self.listen(&mut state) }
    }

    fn listen(&self, state: &mut State) -> broadcast::Receiver<Event> {
        let receiver = self.sender.subscribe();
        state.heard = true;
        for (level, message) in std::mem::take(&mut state.early) {
            self.send_in_order(state, EventKind::Notice { level, message });
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
        let event = Event { seq: state.seq, at: OffsetDateTime::now_utc(), kind };
        if state.past.len() == KEPT {
            state.past.pop_front();
        }
        state.past.push_back(event.clone());
        // Nobody listening is no failure.
        let _ = self.sender.send(event);
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
        let (number, rebuilt) = message(first.try_recv().unwrap());
        assert_eq!(rebuilt, "The index was rebuilt.");
        assert_eq!(message(first.try_recv().unwrap()), (number + 1, "Hello.".into()));
        assert_eq!(message(second.try_recv().unwrap()), (number + 1, "Hello.".into()));
    }

    #[test]
    fn who_comes_back_gets_what_was_missed_once_or_is_told_that_it_is_not_known() {
        let events = Events::new();
        let mut live = events.subscribe();
        let numbers = |events: &[Event]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
        let one = |live: &mut broadcast::Receiver<Event>| live.try_recv().unwrap().seq;
        events.send(EventKind::TrashChanged);
        let first = one(&mut live);
        for _ in 0..3 {
            events.send(EventKind::TrashChanged);
        }
        let mut back = events.subscribe_after(first);
        assert!(!back.missed);
        assert_eq!(numbers(&back.past), [first + 1, first + 2, first + 3]);
        events.send(EventKind::TrashChanged);
        assert_eq!(one(&mut back.live), first + 4);
        assert!(
            numbers(&events.subscribe_after(first + 4).past).is_empty() && !events.subscribe_after(first + 4).missed
        );
        assert_eq!(events.subscribe_after(first - 1).past.len(), 5);

        let later = Events::new();
        assert!(later.subscribe_after(first + 4).missed && events.subscribe_after(u64::MAX).missed);
        for _ in 0..KEPT {
            events.send(EventKind::TrashChanged);
        }
        let late = events.subscribe_after(first + 3);
        assert!(late.missed && late.past.is_empty());
        assert_eq!(events.subscribe_after(first + 4).past.len(), KEPT);
    }
}

//! Checkpoints on a schedule: once in each period, if something was written.
//!
//! Periods are counted on this computer's clock ("every day at 3:00"). A clock that jumps forward brings one
//! checkpoint, not many; one that goes back is not believed to say that a time has come, until as much time has really
//! gone by as a period has. What was taken last, the manifest knows; so a start changes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::id::VolumeId;
use crate::layer;
use crate::lease;
use crate::manifest::Manifest;
use crate::policy::{Keep, Policy};
use crate::slot::Slot;
use crate::sync;

/// How often somebody looks whether a checkpoint is due.
const LOOK: Duration = Duration::from_secs(20);
/// What a guest that was thawed writes although nobody asked it to: its superblock, and the table that finds it.
const THAWED_BYTES: u64 = 256 << 10;

/// Two clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// What this computer's clock says, in its time zone. It may jump.
    pub wall: OffsetDateTime,
    /// Time that has gone by, since whatever moment. It never jumps.
    pub running: Duration,
}

/// When each volume was last looked after, by the clock that never jumps.
#[derive(Debug, Default)]
pub(crate) struct Schedules {
    since: Mutex<BTreeMap<VolumeId, Duration>>,
}

/// Looks again and again, until the engine goes.
pub(crate) fn go_on_looking(engine: &Engine) {
    let (inner, closing) = (Arc::downgrade(&engine.inner), engine.inner.closing.clone());
    let begun = Instant::now();
    tokio::spawn(closing.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(inner) = inner.upgrade() else { return };
            let wall = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
            let engine = Engine { inner };
            if engine.refuse_when_closed().is_ok() {
                engine.run_schedules(Clock { wall, running: begun.elapsed() }).await;
            }
        }
    }));
}

impl Engine {
    /// Takes the checkpoints that are due, and prunes what the policies of those volumes do not keep; answers how many
    /// were taken. An open engine does this by itself, three times a minute; who has clocks of his own may ask.
    pub async fn run_schedules(&self, clock: Clock) -> usize {
        let mut taken = 0;
        for slot in self.slots() {
            match self.run_schedule(&slot, clock).await {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => tracing::warn!(volume = %slot.id, %error, "no checkpoint on schedule"),
            }
        }
        taken
    }

    async fn run_schedule(&self, slot: &Arc<Slot>, clock: Clock) -> Result<bool> {
        let Ok(manifest) = slot.manifest() else { return Ok(false) };
        if !self.inner.schedules.is_due(&manifest, clock) {
            return Ok(false);
        }
        let (engine, slot) = (self.clone(), slot.clone());
        self.run(async move {
            let structure = slot.structure.lock().await;
            let manifest = slot.manifest()?;
            let looked = slot.clone();
            if !engine.inner.schedules.is_due(&manifest, clock) || !blocking(move || was_written(&looked)).await? {
                return Ok(false);
            }
            engine.keep_present(&slot, "on schedule").await?;
            engine.inner.schedules.has_taken(&slot.id, clock);
            drop(structure);
            if slot.manifest()?.policy.keep != Keep::default() {
                engine.checkpoint_prune(slot.id.as_str()).await?;
            }
            Ok(true)
        })
        .await
    }
}

impl Schedules {
    fn is_due(&self, manifest: &Manifest, clock: Clock) -> bool {
        if manifest.policy.every_minutes == 0 {
            return false;
        }
        let last = manifest.checkpoints.last().map_or(manifest.created_at, |last| last.created_at);
        // Nothing has been taken since this engine began: only the clock on the wall can say, if it goes forward.
        let first = if last <= clock.wall { Duration::ZERO } else { clock.running };
        let since = *sync::lock(&self.since).entry(manifest.id.clone()).or_insert(first);
        is_due(&manifest.policy, last, since, clock)
    }

    fn has_taken(&self, volume: &VolumeId, clock: Clock) {
        sync::lock(&self.since).insert(volume.clone(), clock.running);
    }
}

/// Whether a new period has begun since `last`, and `since` (on the running clock) does not speak against it.
fn is_due(policy: &Policy, last: OffsetDateTime, since: Duration, clock: Clock) -> bool {
    let length = i64::from(policy.every_minutes).saturating_mul(60).max(60);
    let period = |at: OffsetDateTime| {
        let here = at.to_offset(clock.wall.offset());
        let seconds = here.unix_timestamp() + i64::from(here.offset().whole_seconds());
        (seconds - i64::from(policy.at_minute) * 60).div_euclid(length)
    };
    let gone_by = clock.running.saturating_sub(since);
    let length = Duration::from_secs(length.unsigned_abs());
    match period(clock.wall).cmp(&period(last)) {
        std::cmp::Ordering::Equal => false,
        std::cmp::Ordering::Greater => since == Duration::ZERO || gone_by >= length / 2,
        // The clock has gone back: it says nothing until it has caught up, or so much time has really gone by.
        std::cmp::Ordering::Less => gone_by >= length,
    }
}

/// Whether the head has something that no checkpoint has.
fn was_written(slot: &Slot) -> Result<bool> {
    let manifest = slot.manifest()?;
    // Without a machine, this is asked again where the checkpoint would be taken.
    if manifest.below_head().is_none_or(|below| manifest.checkpoint_of(below).is_none()) {
        return Ok(true);
    }
    let allowed = if lease::writer(&manifest).is_some() { THAWED_BYTES } else { 0 };
    Ok(!layer::is_empty_but_for(&slot.folder, &manifest, &manifest.head, allowed)?)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn due(policy: Policy, last: OffsetDateTime, now: OffsetDateTime, since: Duration, running: Duration) -> bool {
        is_due(&policy, last, since, Clock { wall: now, running })
    }

    #[test]
    fn each_period_is_due_once_and_a_clock_that_jumps_brings_no_storm() {
        let hourly = Policy { every_minutes: 60, ..Policy::default() };
        let last = datetime!(2026-03-01 10:05 UTC);
        assert!(!due(hourly, last, datetime!(2026-03-01 10:59 UTC), HOUR, 2 * HOUR));
        assert!(due(hourly, last, datetime!(2026-03-01 11:00 UTC), HOUR, 2 * HOUR));
        // Nothing taken by this engine yet: the wall clock alone says.
        assert!(due(hourly, last, datetime!(2026-03-01 11:00 UTC), Duration::ZERO, Duration::from_secs(20)));
        // A year forward, a minute after the last one was taken.
        assert!(!due(hourly, last, datetime!(2027-03-01 11:00 UTC), HOUR, HOUR + Duration::from_secs(60)));
        // A year back: not before an hour has really gone by.
        assert!(!due(hourly, last, datetime!(2025-03-01 11:00 UTC), HOUR, HOUR + HOUR / 2));
        assert!(due(hourly, last, datetime!(2025-03-01 11:00 UTC), HOUR, 2 * HOUR));
    }

    #[test]
    fn a_day_begins_when_the_policy_says_in_the_time_zone_of_this_computer() {
        let daily = Policy { every_minutes: 1440, at_minute: 180, ..Policy::default() };
        let last = datetime!(2026-03-01 3:10 +2);
        assert!(!due(daily, last, datetime!(2026-03-02 2:59 +2), HOUR, 40 * HOUR));
        assert!(due(daily, last, datetime!(2026-03-02 3:00 +2), HOUR, 40 * HOUR));
    }
}

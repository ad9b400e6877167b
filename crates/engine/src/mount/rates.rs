//! How much goes through mounts from second to second, for whoever looks on.
//!
//! The machines are asked while somebody listens, and not otherwise: an engine that nobody looks at costs nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::broadcast;

use crate::engine::{Engine, Inner};
use crate::id::{VmId, VolumeId};
use crate::model::{IoStats, Mount, MountRate};
use crate::sync;

/// How often the machines are asked.
const EVERY: Duration = Duration::from_secs(1);
/// A listener that falls behind by so many misses some.
const CAPACITY: usize = 8;

/// The stream of rates.
#[derive(Debug)]
pub(crate) struct Rates {
    sender: broadcast::Sender<Arc<Vec<MountRate>>>,
    /// Whether somebody asks the machines now.
    asking: Mutex<bool>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY), asking: Mutex::default() }
    }
}

/// What a machine said of a mount, and when.
type Said = BTreeMap<(VmId, VolumeId), (Instant, IoStats)>;

impl Engine {
    /// What goes through each mount, told once a second from now on; of a mount that is new from its second second on.
    /// Machines that do not say are left out.
    #[must_use]
    pub fn mount_rates(&self) -> broadcast::Receiver<Arc<Vec<MountRate>>> {
        let rates = &self.inner.rates;
        let mut asking = sync::lock(&rates.asking);
        let listener = rates.sender.subscribe();
        if !*asking {
            *asking = true;
            let closing = self.inner.closing.clone();
            let inner = Arc::downgrade(&self.inner);
            tokio::spawn(async move {
                tokio::select! {
                    () = closing.cancelled() => {}
                    () = ask(inner) => {}
                }
            });
        }
        listener
    }
}

/// Asks the machines until nobody listens any more.
async fn ask(engine: Weak<Inner>) {
    let mut said = Said::new();
    loop {
        let Some(inner) = engine.upgrade() else { return };
        {
            let mut asking = sync::lock(&inner.rates.asking);
            if inner.rates.sender.receiver_count() == 0 {
                *asking = false;
                return;
            }
        }
        let engine_now = Engine { inner };
        let mounts = engine_now.mount_list().await.unwrap_or_default();
        let (rates, now) = compared(&said, &mounts, Instant::now());
        said = now;
        // Whoever has left in the meantime is no loss.
        let _ = engine_now.inner.rates.sender.send(Arc::new(rates));
        drop(engine_now);
        tokio::time::sleep(EVERY).await;
    }
}

/// What has gone through since what was `said`, a second; and what is said now.
fn compared(said: &Said, mounts: &[Mount], now: Instant) -> (Vec<MountRate>, Said) {
    let (mut rates, mut says) = (Vec::new(), Said::new());
    for (mount, stats) in mounts.iter().filter_map(|mount| Some((mount, mount.io?))) {
        let key = (mount.vm_id.clone(), mount.volume_id.clone());
        if let Some((then, before)) = said.get(&key) {
            rates.push(rate(mount, before, &stats, now.duration_since(*then)));
        }
        says.insert(key, (now, stats));
    }
    (rates, says)
}

fn rate(mount: &Mount, before: &IoStats, now: &IoStats, passed: Duration) -> MountRate {
    // Counters begin anew with a machine that does.
    let a_second = |before: u64, now: u64| {
        let micros = passed.as_micros().max(1);
        let grown = u128::from(now.saturating_sub(before)) * 1_000_000 / micros;
        u64::try_from(grown).unwrap_or(u64::MAX)
    };
    MountRate {
        vm_id: mount.vm_id.clone(),
        vm_name: mount.vm_name.clone(),
        volume_id: mount.volume_id.clone(),
        volume_name: mount.volume_name.clone(),
        mount_path: mount.mount_path.clone(),
        read_bytes: a_second(before.read_bytes, now.read_bytes),
        read_operations: a_second(before.read_operations, now.read_operations),
        written_bytes: a_second(before.written_bytes, now.written_bytes),
        written_operations: a_second(before.written_operations, now.written_operations),
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::model::{IoLimits, MountMode, MountState};

    fn mount(read_bytes: u64, written_bytes: u64) -> Mount {
        Mount {
            volume_id: "vol_aaaaaaaaaaaaaaaa".parse().unwrap(),
            volume_name: "data".into(),
            vm_id: "vm_aaaaaaaaaaaaaaaa".parse().unwrap(),
            vm_name: "demo".into(),
            mount_path: "/data".into(),
            mode: MountMode::Rw,
            checkpoint_id: None,
            state: MountState::Attached,
            error: None,
            since: OffsetDateTime::UNIX_EPOCH,
            options: String::new(),
            limits: IoLimits::default(),
            io: Some(IoStats { read_bytes, written_bytes, ..IoStats::default() }),
        }
    }

    #[test]
    fn rates_are_what_has_grown_a_second() {
        let start = Instant::now();
        let (rates, said) = compared(&Said::new(), &[mount(10, 1000)], start);
        assert!(rates.is_empty(), "one look says nothing of speed");
        let (rates, said) = compared(&said, &[mount(10, 3000)], start + Duration::from_millis(500));
        assert_eq!((rates[0].read_bytes, rates[0].written_bytes), (0, 4000));
        // A machine that was started anew counts from the beginning.
        let (rates, said) = compared(&said, &[mount(0, 0)], start + Duration::from_millis(1500));
        assert_eq!((rates[0].read_bytes, rates[0].written_bytes), (0, 0));
        let silent = Mount { io: None, ..mount(0, 0) };
        assert!(compared(&said, &[silent], start + Duration::from_secs(9)).0.is_empty());
    }
}

//! What a domain does by itself: libvirt tells, in lines of `virsh event`. Its end is seen by its process as well.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::watch::Sender;
use tokio::time::sleep;

use super::run_state;
use crate::error::ErrorKind;
use crate::libvirt::Virsh;
use crate::machine::task::Happenings;
use crate::process::Process;

/// How soon libvirt is followed again after its daemon went.
const AGAIN: Duration = Duration::from_secs(2);
/// How often a domain's process is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How often libvirt is asked where the process cannot be seen.
const ASK: Duration = Duration::from_secs(5);

/// Counts what happens, until nobody wants to know.
pub(super) async fn follow(virsh: Virsh, uuid: String, halts: Sender<u64>, happenings: Sender<Happenings>) {
    let follow = async {
        loop {
            if let Ok(mut child) = virsh.follow(&uuid)
                && let Some(stdout) = child.stdout.take()
            {
                let mut lines = BufReader::new(stdout).split(b'\n');
                while let Ok(Some(line)) = lines.next_segment().await {
                    heed(&String::from_utf8_lossy(&line), &halts, &happenings);
                }
                let _ = child.wait().await;
            }
            sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = halts.closed() => {}
        () = follow => {}
    }
}

/// `event 'KIND' for domain 'NAME': WORDS`
fn heed(line: &str, halts: &Sender<u64>, happenings: &Sender<Happenings>) {
    let Some((kind, rest)) = line.strip_prefix("event '").and_then(|rest| rest.split_once('\'')) else { return };
    // A name may have anything in it; what is said of it stands last.
    let words = rest.rsplit_once("': ").map_or("", |(_, words)| words);
    tracing::debug!(kind, words, "libvirt tells");
    match kind {
        "lifecycle" => halts.send_modify(|count| *count += 1),
        "reboot" => happenings.send_modify(|now| now.resets += 1),
        "agent-lifecycle" if rest.contains("state: 'connected'") => happenings.send_modify(|now| now.agents += 1),
        "device-removed" => happenings.send_modify(|now| now.unplugs += 1),
        _ => {}
    }
}

/// Says when the domain has ended: when its process has, or where that cannot be seen, when libvirt says so. That
/// libvirt cannot be asked means nothing.
pub(super) async fn wait_for_end(virsh: Virsh, uuid: String, process: Option<Process>, gone: Sender<bool>) {
    let ended = async {
        loop {
            match process {
                Some(process) if !process.lives() => return,
                Some(_) => sleep(LOOK).await,
                None => {
                    let state = run_state(&virsh, &uuid).await;
                    if state.is_err_and(|error| error.kind() == ErrorKind::NotRunning) {
                        return;
                    }
                    sleep(ASK).await;
                }
            }
        }
    };
    tokio::select! {
        () = gone.closed() => {}
        () = ended => drop(gone.send_replace(true)),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch::channel;

    use super::*;

    #[test]
    fn lines_are_understood_whatever_the_domain_is_called() {
        let ((halts, halted), (happenings, happened)) = (channel(0), channel(Happenings::default()));
        for line in [
            "event 'lifecycle' for domain 'web': Suspended Paused",
            "event 'reboot' for domain 'my 'lifecycle' one'",
            "event 'device-removed' for domain 'web': ua-cairn-vol_1",
            "event 'agent-lifecycle' for domain 'web': state: 'connected' reason: 'channel event'",
            "event 'agent-lifecycle' for domain 'web': state: 'disconnected' reason: 'channel event'",
            "events received: 5",
            "",
        ] {
            heed(line, &halts, &happenings);
        }
        let expected = Happenings { resets: 1, agents: 1, unplugs: 1 };
        assert_eq!((*halted.borrow(), *happened.borrow()), (1, expected));
    }
}

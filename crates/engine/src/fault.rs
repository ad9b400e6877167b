//! Fault points: named moments between two steps of a store operation, at which a test ends the process.
//!
//! Compiled for tests only (feature `fault-points`, which the crate's own tests turn on); elsewhere a point is
//! nothing at all. A test runs a program once with `CAIRN_FAULT_TRACE=<file>` to learn which points an operation
//! passes, then again with `CAIRN_FAULT=<point>:<n>` for each of them: when the point is passed for the n-th
//! time, the process is killed as `kill -9` would (`*` is any point). So whoever adds a step only has to name it.
//! Knows nothing of what the steps do.

/// A step has just been done, or is about to be: a test may end the process here.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) fn point(_name: &'static str) {}

/// The steps that machines take count too.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) fn hear_machines() {}

#[cfg(feature = "fault-points")]
pub(crate) use armed::{hear_machines, point};

#[cfg(feature = "fault-points")]
mod armed {
    use std::io::Write as _;
    use std::sync::{Mutex, OnceLock};

    use crate::sync;

    /// What the environment asks for; read once.
    struct Armed {
        /// The point that kills, and how many times it may still be passed.
        kill: Option<(String, Mutex<u64>)>,
        trace: Option<Mutex<std::fs::File>>,
    }

    /// A step has just been done, or is about to be: the process ends here when the environment says so.
    pub(crate) fn point(name: &'static str) {
        static ARMED: OnceLock<Armed> = OnceLock::new();
        let armed = ARMED.get_or_init(from_environment);
        if let Some(trace) = &armed.trace {
            // A trace that cannot be written shows as a point too few.
            let _ = writeln!(sync::lock(trace), "{name}");
        }
        if let Some((point, left)) = &armed.kill
            && (point == name || point == "*")
        {
            let mut left = sync::lock(left);
            *left = left.saturating_sub(1);
            if *left == 0 {
                die();
            }
        }
    }

    /// The steps that machines take count too.
    pub(crate) fn hear_machines() {
        cairn_vm::on_fault_point(point);
    }

    fn from_environment() -> Armed {
        let kill = std::env::var("CAIRN_FAULT").ok().and_then(|text| {
            let (point, count) = text.rsplit_once(':')?;
            Some((point.to_owned(), Mutex::new(count.parse().ok()?)))
        });
        let trace = std::env::var_os("CAIRN_FAULT_TRACE")
            .and_then(|path| std::fs::OpenOptions::new().append(true).create(true).open(path).ok());
        Armed { kill, trace: trace.map(Mutex::new) }
    }

    /// Ends this process at once: no destructor runs and nothing is flushed.
    fn die() -> ! {
        let _ = nix::sys::signal::kill(nix::unistd::getpid(), nix::sys::signal::Signal::SIGKILL);
        loop {
            std::thread::park();
        }
    }
}

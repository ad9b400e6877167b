//! A device whose n-th call fails.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{BlockDevice, Error, Result};

/// The calls that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`BlockDevice::read_at`]
    Read,
    /// [`BlockDevice::write_at`]
    Write,
    /// [`BlockDevice::discard`]
    Discard,
    /// [`BlockDevice::flush`]
    Flush,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operating system reports an I/O error (EIO).
    Io,
    /// The host's disk is full (ENOSPC).
    NoSpace,
}

impl Fault {
    fn error(self, call: Call) -> Error {
        // The numbers of EIO and ENOSPC are the same on every system that Cairn runs on.
        let number = match self {
            Fault::Io => 5,
            Fault::NoSpace => 28,
        };
        Error::io(format!("{call:?} (a planned fault)").to_lowercase(), io::Error::from_raw_os_error(number))
    }
}

#[derive(Clone, Copy)]
struct Planned {
    call: Call,
    /// The number of the call, counted from the first that the device ever got.
    number: u64,
    stays: bool,
    fault: Fault,
}

#[derive(Default)]
struct Plan {
    calls: [u64; 4],
    faults: Vec<Planned>,
    space_left: Option<u64>,
}

/// Passes every call on to a device, but for those that were planned to fail; a call that fails does nothing.
pub struct FaultyDevice<D> {
    inner: D,
    plan: Mutex<Plan>,
}

impl<D: BlockDevice> FaultyDevice<D> {
    /// A device that behaves, until a fault is planned.
    pub fn new(inner: D) -> Self {
        Self { inner, plan: Mutex::default() }
    }

    /// Lets the `nth` call from now on fail (1 is the next one), and only that one.
    pub fn fail_once(&self, call: Call, nth: u64, fault: Fault) {
        self.add(call, nth, fault, false);
    }

    /// Lets the `nth` call from now on fail (1 is the next one), and all after it.
    pub fn fail_from(&self, call: Call, nth: u64, fault: Fault) {
        self.add(call, nth, fault, true);
    }

    /// Lets writes fail with [`Fault::NoSpace`] once they would exceed `bytes` from now on; discards give
    /// their bytes back. None lifts the limit.
    pub fn limit_space(&self, bytes: Option<u64>) {
        self.plan().space_left = bytes;
    }

    /// Takes back all faults that were planned, and the limit.
    pub fn behave(&self) {
        let mut plan = self.plan();
        plan.faults.clear();
        plan.space_left = None;
    }

    /// How many calls of a kind there have been, failed ones included.
    pub fn calls(&self, call: Call) -> u64 {
        self.plan().calls[call as usize]
    }

    /// The device below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// The device below, kept.
    pub fn into_inner(self) -> D {
        self.inner
    }

    fn add(&self, call: Call, nth: u64, fault: Fault, stays: bool) {
        let mut plan = self.plan();
        let number = plan.calls[call as usize] + nth;
        plan.faults.push(Planned { call, number, stays, fault });
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, call: Call, written: u64, given_back: u64) -> Result<()> {
        let mut plan = self.plan();
        plan.calls[call as usize] += 1;
        let number = plan.calls[call as usize];
        let hit = |p: &&Planned| p.call == call && (p.number == number || p.stays && p.number <= number);
        if let Some(planned) = plan.faults.iter().find(hit) {
            return Err(planned.fault.error(call));
        }
        if let Some(left) = plan.space_left {
            let Some(left) = left.checked_sub(written) else {
                return Err(Fault::NoSpace.error(call));
            };
            plan.space_left = Some(left.saturating_add(given_back));
        }
        Ok(())
    }
}

impl<D: BlockDevice> BlockDevice for FaultyDevice<D> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn is_read_only(&self) -> bool {
        self.inner.is_read_only()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        self.count(Call::Read, 0, 0)?;
        self.inner.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        self.count(Call::Write, buf.len() as u64, 0)?;
        self.inner.write_at(buf, offset)
    }

    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        self.count(Call::Discard, 0, len)?;
        self.inner.discard(offset, len)
    }

    fn flush(&self) -> Result<()> {
        self.count(Call::Flush, 0, 0)?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, memory::MemoryDevice};

    #[test]
    fn only_the_planned_call_fails_and_it_does_nothing() {
        let device = FaultyDevice::new(MemoryDevice::new(100));
        device.write_at(&[1], 0).unwrap();
        device.fail_once(Call::Write, 2, Fault::Io);
        device.write_at(&[2], 0).unwrap();
        assert_eq!(device.write_at(&[3], 0).unwrap_err().kind(), ErrorKind::Io);
        device.flush().unwrap();
        let mut byte = [0];
        device.read_at(&mut byte, 0).unwrap();
        assert_eq!(byte, [2]);
        device.write_at(&[4], 0).unwrap();
        assert_eq!(device.calls(Call::Write), 4);
    }

    #[test]
    fn a_full_disk_stays_full_until_space_is_given_back() {
        let device = FaultyDevice::new(MemoryDevice::new(100));
        device.limit_space(Some(10));
        device.write_at(&[1; 8], 0).unwrap();
        for _ in 0..2 {
            assert_eq!(device.write_at(&[1; 8], 0).unwrap_err().kind(), ErrorKind::NoSpace);
        }
        device.discard(0, 8).unwrap();
        device.write_at(&[1; 8], 0).unwrap();
        device.fail_from(Call::Flush, 1, Fault::Io);
        assert!(device.flush().is_err() && device.flush().is_err());
        device.behave();
        device.flush().unwrap();
    }
}

//! What the audio thread counts while it plays, written and read without locks.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

/// Counters shared by whoever plays and whoever looks. They go on counting when the device changes.
#[derive(Debug, Default)]
pub struct Tally {
    callbacks: AtomicU64,
    frames: AtomicU64,
    xruns: AtomicU64,
    errors: AtomicU64,
    allocations: AtomicU64,
    busy: AtomicU64,
    available: AtomicU64,
    /// A positive `f32`'s bits: they are ordered as the numbers are.
    worst: AtomicU32,
    buffer: AtomicU32,
}

/// A look at the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    pub callbacks: u64,
    pub frames: u64,
    /// Gaps the device told of, or callbacks of the silent clock that were late by more than a tenth of a second.
    pub xruns: u64,
    /// Other errors the device told of.
    pub errors: u64,
    /// Allocations and frees inside callbacks; counted where the binary installs `assert_no_alloc::AllocDisabler`.
    pub allocations: u64,
    /// Time used / time available, over everything played. 1: no reserve left.
    pub load: f32,
    /// The same for the worst single callback.
    pub worst_load: f32,
    /// Frames in the last callback.
    pub buffer: u32,
}

impl Tally {
    pub(super) fn callback(&self, frames: usize, rate: f64, spent: Duration, allocations: u32) {
        if frames == 0 {
            return;
        }
        let available = Duration::from_secs_f64(frames as f64 / rate);
        let load = (spent.as_secs_f64() / available.as_secs_f64()) as f32;
        self.callbacks.fetch_add(1, Relaxed);
        self.frames.fetch_add(frames as u64, Relaxed);
        self.busy.fetch_add(spent.as_nanos() as u64, Relaxed);
        self.available.fetch_add(available.as_nanos() as u64, Relaxed);
        self.allocations.fetch_add(u64::from(allocations), Relaxed);
        self.worst.fetch_max(load.to_bits(), Relaxed);
        self.buffer.store(frames as u32, Relaxed);
    }

    pub(super) fn xrun(&self) {
        self.xruns.fetch_add(1, Relaxed);
    }

    pub(super) fn error(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    /// Time used and time available, over everything played.
    pub fn time(&self) -> (Duration, Duration) {
        let of = |counter: &AtomicU64| Duration::from_nanos(counter.load(Relaxed));
        (of(&self.busy), of(&self.available))
    }

    pub fn figures(&self) -> Figures {
        let (busy, available) = (self.busy.load(Relaxed), self.available.load(Relaxed));
        Figures {
            callbacks: self.callbacks.load(Relaxed),
            frames: self.frames.load(Relaxed),
            xruns: self.xruns.load(Relaxed),
            errors: self.errors.load(Relaxed),
            allocations: self.allocations.load(Relaxed),
            load: if available == 0 { 0.0 } else { (busy as f64 / available as f64) as f32 },
            worst_load: f32::from_bits(self.worst.load(Relaxed)),
            buffer: self.buffer.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_time_used_by_time_available_and_the_worst_is_kept() {
        let tally = Tally::default();
        tally.callback(1000, 1000.0, Duration::from_millis(500), 0);
        tally.callback(1000, 1000.0, Duration::from_millis(1500), 2);
        tally.callback(2000, 1000.0, Duration::ZERO, 0);
        let figures = tally.figures();
        assert_eq!((figures.callbacks, figures.frames, figures.allocations), (3, 4000, 2));
        assert_eq!((figures.load, figures.worst_load, figures.buffer), (0.5, 1.5, 2000));
    }
}

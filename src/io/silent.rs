//! The silent clock: plays to nobody at the pace of real time, so that a piece goes on without a device.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::figures::Tally;
use super::seat::{Player, Seat};

/// A clock later than this (the machine slept, or stopped us) goes on from now instead of catching up.
const PATIENCE: Duration = Duration::from_millis(100);

/// A running clock; stops when dropped, after at most one period.
pub struct Silent {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Silent {
    /// Plays `period` frames at a time, `rate` frames per second.
    ///
    /// # Errors
    /// Where the machine has no thread left.
    pub fn start(seat: Seat, tally: Arc<Tally>, rate: u32, period: u32) -> std::io::Result<Silent> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || run(&stopped, seat, tally, rate, period.max(1) as usize);
        let thread = thread::Builder::new().name("silent clock".into()).spawn(run)?;
        Ok(Silent { stop, thread: Some(thread) })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(stop: &AtomicBool, seat: Seat, tally: Arc<Tally>, rate: u32, period: usize) {
    let mut player = Player::new(seat, tally.clone(), rate, rate);
    let (mut begin, mut frames) = (Instant::now(), 0);
    while !stop.load(Relaxed) {
        // Counted from the beginning, so that rounding does not add up.
        let deadline = begin + Duration::from_secs_f64(frames as f64 / f64::from(rate));
        let now = Instant::now();
        if now > deadline + PATIENCE {
            tally.xrun();
            (begin, frames) = (now, 0);
        }
        thread::sleep(deadline.saturating_duration_since(now));
        player.play(period, |_, _| ());
        frames += period as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::seat::Sound;

    struct Nothing;

    impl Sound for Nothing {
        fn process(&mut self, _: &[f32], out: &mut [f32]) {
            out.fill(0.0);
        }
    }

    #[test]
    fn its_frames_are_never_ahead_of_real_time_by_more_than_a_period_nor_far_behind() {
        let tally = Arc::new(Tally::default());
        let begin = Instant::now();
        let clock = Silent::start(Seat::new(Box::new(Nothing)), tally.clone(), 48_000, 480).unwrap();
        while tally.figures().frames < 14_400 {
            assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", tally.figures());
            thread::sleep(Duration::from_millis(5));
            let (figures, passed) = (tally.figures(), begin.elapsed().as_secs_f64());
            assert!(figures.frames as f64 <= passed * 48_000.0 + 480.0, "{figures:?} after {passed} s");
        }
        drop(clock);
        let (figures, passed) = (tally.figures(), begin.elapsed().as_secs_f64());
        // What it could not keep up with, it must have counted.
        let behind = passed * 48_000.0 - figures.frames as f64;
        assert!(behind < 9_600.0 || figures.xruns > 0, "{behind} frames behind, {figures:?}");
        thread::sleep(Duration::from_millis(30));
        assert_eq!(tally.figures().frames, figures.frames, "a stopped clock stands still");
    }
}

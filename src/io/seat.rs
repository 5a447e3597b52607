//! The seat: where what sounds rests between two callbacks, so that it outlives every device.
//!
//! A device or the silent clock takes the sound for the length of one callback and puts it back. A device that hangs
//! therefore holds nothing, and another can go on at the very frame. Nobody ever waits for the seat on the audio thread:
//! who finds it empty plays silence.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use assert_no_alloc::{assert_no_alloc, violation_count};
use crossbeam_channel::{Receiver, Sender, bounded};

use super::figures::Tally;
use super::resampler::Resampler;
use crate::engine::Renderer;

/// Frames rendered at once; larger callbacks are rendered in parts.
const PART: usize = 4096;

/// Something that fills buffers and cannot fail: two channels, interleaved.
pub trait Sound: Send {
    /// Runs on the audio thread: no allocation, lock or wait.
    fn process(&mut self, input: &[f32], out: &mut [f32]);
}

impl Sound for Renderer {
    fn process(&mut self, input: &[f32], out: &mut [f32]) {
        Renderer::process(self, input, out);
    }
}

/// Room for one sound. Clones are the same seat.
#[derive(Clone)]
pub struct Seat {
    put: Sender<Box<dyn Sound>>,
    take: Receiver<Box<dyn Sound>>,
}

impl Seat {
    pub fn new(sound: Box<dyn Sound>) -> Self {
        let (put, take) = bounded(1);
        put.try_send(sound).expect("a new seat is empty");
        Seat { put, take }
    }

    /// Takes the sound away for good; `None` when somebody holds it longer than `patience`.
    pub fn leave(&self, patience: Duration) -> Option<Box<dyn Sound>> {
        let deadline = Instant::now() + patience;
        loop {
            // Asking again instead of blocking: a waiting receiver would cost the audio thread a wake-up call.
            match self.take.try_recv() {
                Ok(sound) => return Some(sound),
                Err(_) if Instant::now() >= deadline => return None,
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    fn play(&self, out: &mut [f32]) {
        match self.take.try_recv() {
            Ok(mut sound) => {
                sound.process(&[], out);
                // The seat was emptied above, and only one sound exists.
                let _ = self.put.try_send(sound);
            }
            Err(_) => out.fill(0.0),
        }
    }
}

/// One who plays what sits in the seat, and counts.
pub(super) struct Player {
    seat: Seat,
    tally: Arc<Tally>,
    rate: f64,
    /// Where the engine runs at another rate.
    resampler: Option<Resampler>,
    stereo: Box<[f32]>,
}

impl Player {
    /// One who plays `rate` frames per second of what is made at `engine` frames per second.
    pub fn new(seat: Seat, tally: Arc<Tally>, engine: u32, rate: u32) -> Self {
        let resampler = Resampler::new(engine, rate);
        Player { seat, tally, rate: f64::from(rate), resampler, stereo: vec![0.0; 2 * PART].into() }
    }

    /// Plays `frames` and hands them on in parts: first frame of the part, its interleaved stereo.
    pub fn play(&mut self, frames: usize, mut put: impl FnMut(usize, &[f32])) {
        let begin = Instant::now();
        let before = violation_count();
        assert_no_alloc(|| {
            for first in (0..frames).step_by(PART) {
                let part = &mut self.stereo[..2 * PART.min(frames - first)];
                match &mut self.resampler {
                    Some(resampler) => resampler.fill(part, |said| self.seat.play(said)),
                    None => self.seat.play(part),
                }
                put(first, part);
            }
        });
        let allocations = violation_count().wrapping_sub(before);
        self.tally.callback(frames, self.rate, begin.elapsed(), allocations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts frames on both channels.
    struct Ramp(f32);

    impl Sound for Ramp {
        fn process(&mut self, _: &[f32], out: &mut [f32]) {
            for frame in out.chunks_mut(2) {
                frame.fill(self.0);
                self.0 += 1.0;
            }
        }
    }

    #[test]
    fn two_players_share_one_sound_without_losing_a_frame() {
        let (seat, tally) = (Seat::new(Box::new(Ramp(0.0))), Arc::new(Tally::default()));
        let mut players = [(); 2].map(|()| Player::new(seat.clone(), tally.clone(), 48_000, 48_000));
        let mut heard = Vec::new();
        for (turn, frames) in [1, 64, 4096, 10_000, 3].into_iter().enumerate() {
            players[turn % 2].play(frames, |first, part| {
                assert_eq!(first % PART, 0);
                heard.extend(part.chunks(2).map(|frame| frame[0] as usize));
            });
        }
        assert!(heard.iter().copied().eq(0..14_164), "every frame once, in order");
        assert_eq!(tally.figures().frames, 14_164);
    }

    #[test]
    fn an_empty_seat_is_silence_and_a_sound_can_be_taken_away_once() {
        let seat = Seat::new(Box::new(Ramp(1.0)));
        assert!(seat.leave(Duration::ZERO).is_some());
        assert!(seat.leave(Duration::from_millis(5)).is_none());
        let mut out = [7.0; 8];
        seat.play(&mut out);
        assert_eq!(out, [0.0; 8]);
    }
}

//! Residue: what is left of a voice that was taken away, dying out in about 3 ms instead of clicking.

use super::fader::{SILENCE, Stereo};
use super::feeds::Feeds;
use super::{Frames, MAX_SENDS};

/// Where the voices of one strip sound together, for one block.
pub(super) struct Mix {
    pub sum: Stereo,
    /// What the voices feed to each bus by themselves.
    pub sends: Feeds,
}

impl Mix {
    pub fn new(buses: usize) -> Self {
        Mix { sum: SILENCE, sends: Feeds::new(buses) }
    }

    pub fn clear(&mut self) {
        self.sum = SILENCE;
        self.sends.clear();
    }
}

/// The last two frames of a sound, the later first.
pub(super) type Trace = [f32; 2];

/// Sounds that were broken off, as one decaying trace a side for the strip and for each bus.
///
/// A critically damped fall begins with the level and the slope at which the sound stood, so that neither jumps.
pub(super) struct Residue {
    sum: [Trace; 2],
    sends: Vec<[Trace; 2]>,
    live: bool,
    /// The fall's double pole.
    pole: f32,
}

/// Time constant: (1 + t) exp(−t) at 5 time constants, 3 ms, is 4 %.
const SECONDS: f64 = 0.0006;
/// Below this (−120 dB) a residue is over.
const OVER: f32 = 1e-6;
/// Nothing left.
const NO_TRACE: [Trace; 2] = [[0.0; 2]; 2];

impl Residue {
    pub fn new(buses: usize, rate: f64) -> Self {
        let pole = (-1.0 / (SECONDS * rate)).exp() as f32;
        Residue { sum: NO_TRACE, sends: vec![NO_TRACE; buses], live: false, pole }
    }

    /// Whether something is still dying out.
    pub fn live(&self) -> bool {
        self.live
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.sum = NO_TRACE;
        self.sends.fill(NO_TRACE);
        self.live = false;
    }

    /// Adds this block's share; once, before anything is caught in the block.
    pub fn begin(&mut self, mix: &mut Mix) {
        if !self.live {
            return;
        }
        let pole = self.pole;
        let share = |traces: &mut [Trace; 2], to: &mut Stereo| {
            for (trace, side) in traces.iter_mut().zip(to) {
                *trace = fall(*trace, side, pole);
            }
            if traces.as_flattened().iter().all(|x| x.abs() < OVER) {
                *traces = NO_TRACE;
            }
        };
        share(&mut self.sum, &mut mix.sum);
        for (bus, traces) in self.sends.iter_mut().enumerate() {
            if *traces != NO_TRACE
                && let Some(send) = mix.sends.get(bus)
            {
                share(traces, send);
            }
        }
        self.live = self.sum != NO_TRACE || self.sends.iter().any(|traces| *traces != NO_TRACE);
    }

    /// A sound that stood at `last` breaks off at frame `at` of this block (GRID: at its end).
    pub fn catch(&mut self, at: usize, last: [Trace; 2], sends: &[(u16, f32); MAX_SENDS], mix: &mut Mix) {
        if last == NO_TRACE {
            return;
        }
        self.live = true;
        let pole = self.pole;
        let lay = |traces: &mut [Trace; 2], level: f32, to: &mut Stereo| {
            for side in 0..2 {
                let rest = fall(last[side].map(|x| x * level), &mut to[side][at..], pole);
                traces[side].iter_mut().zip(rest).for_each(|(trace, x)| *trace += x);
            }
        };
        lay(&mut self.sum, 1.0, &mut mix.sum);
        for &(bus, level) in sends.iter().filter(|(_, level)| *level != 0.0) {
            if let Some(send) = mix.sends.get(bus as usize) {
                lay(&mut self.sends[bus as usize], level, send);
            }
        }
    }
}

/// Adds the frames that follow a trace; the trace at their end.
fn fall([mut last, mut before]: Trace, to: &mut [f32], pole: f32) -> Trace {
    for x in to {
        let next = 2.0 * pole * last - pole * pole * before;
        *x += next;
        (last, before) = (next, last);
    }
    [last, before]
}

/// Frames of a length in seconds, at least one.
pub(super) fn frames(seconds: f64, rate: f64) -> Frames {
    (seconds * rate).round().max(1.0) as Frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residue_goes_on_as_the_sound_stood_and_dies_out_smoothly_over_the_block_line() {
        let mut mix = Mix::new(1);
        let mut residue = Residue::new(1, 48_000.0);
        residue.catch(60, [[1.0, 0.9], [-0.5, -0.5]], &[(0, 0.5), (0, 0.0), (0, 0.0), (0, 0.0)], &mut mix);
        let mut heard: Vec<f32> = mix.sum[0].to_vec();
        assert_eq!(mix.sends.get(0).unwrap()[1][60], 0.5 * mix.sum[1][60]);
        for _ in 0..9 {
            mix.clear();
            residue.begin(&mut mix);
            heard.extend(mix.sum[0]);
        }
        assert_eq!(heard[59], 0.0);
        heard[58..60].copy_from_slice(&[0.9, 1.0]);
        for w in heard[58..500].windows(3) {
            assert!((w[0] - 2.0 * w[1] + w[2]).abs() < 0.011, "{w:?}");
        }
        assert!(heard[60 + 144].abs() < 0.25 && heard[60 + 288].abs() < 0.01);
        (0..10).for_each(|_| residue.begin(&mut mix));
        assert!(!residue.live());
    }
}

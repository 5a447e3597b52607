//! Residue: what is left of a voice that was taken away, dying out within 3 ms instead of clicking.

use super::fader::{SILENCE, Stereo};
use super::feeds::Feeds;
use super::{Frames, GRID, MAX_SENDS};

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

/// Sounds that were broken off, as one decaying level for the strip and one for each bus.
pub(super) struct Residue {
    sum: [f32; 2],
    sends: Vec<[f32; 2]>,
    live: bool,
    /// Factor per frame, and per block.
    decay: f32,
    decay_block: f32,
}

/// Time constant: 1 ms falls to 5 % in 3 ms.
const SECONDS: f64 = 0.001;
/// Below this (−120 dB) a residue is over.
const OVER: f32 = 1e-6;

impl Residue {
    pub fn new(buses: usize, rate: f64) -> Self {
        let decay = (-1.0 / (SECONDS * rate)).exp();
        Residue {
            sum: [0.0; 2],
            sends: vec![[0.0; 2]; buses],
            live: false,
            decay: decay as f32,
            decay_block: decay.powi(GRID as i32) as f32,
        }
    }

    /// Whether something is still dying out.
    pub fn live(&self) -> bool {
        self.live
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.sum = [0.0; 2];
        self.sends.fill([0.0; 2]);
        self.live = false;
    }

    /// Adds this block's share; once, before anything is caught in the block.
    pub fn begin(&mut self, mix: &mut Mix) {
        if !self.live {
            return;
        }
        let (decay, decay_block) = (self.decay, self.decay_block);
        let mut live = false;
        let mut share = |levels: &mut [f32; 2], to: &mut Stereo| {
            for (level, side) in levels.iter_mut().zip(to) {
                let mut value = *level;
                for x in side.iter_mut() {
                    *x += value;
                    value *= decay;
                }
                *level = if value.abs() < OVER { 0.0 } else { *level * decay_block };
                live |= *level != 0.0;
            }
        };
        share(&mut self.sum, &mut mix.sum);
        for (bus, levels) in self.sends.iter_mut().enumerate() {
            if *levels != [0.0; 2]
                && let Some(send) = mix.sends.get(bus)
            {
                share(levels, send);
            }
        }
        self.live = live;
    }

    /// A sound that stood at `last` breaks off at frame `at` of this block (GRID: at its end).
    pub fn catch(&mut self, at: usize, last: [f32; 2], sends: &[(u16, f32); MAX_SENDS], mix: &mut Mix) {
        if last == [0.0; 2] {
            return;
        }
        self.live = true;
        let decay = self.decay;
        let fall = |level: f32, side: &mut [f32; GRID]| {
            side[at..].iter_mut().fold(level * decay, |value, x| {
                *x += value;
                value * decay
            })
        };
        for side in 0..2 {
            self.sum[side] += fall(last[side], &mut mix.sum[side]);
            for &(bus, level) in sends.iter().filter(|(_, level)| *level != 0.0) {
                if let Some(send) = mix.sends.get(bus as usize) {
                    self.sends[bus as usize][side] += fall(last[side] * level, &mut send[side]);
                }
            }
        }
    }
}

/// Frames of a length in seconds, at least one.
pub(super) fn frames(seconds: f64, rate: f64) -> Frames {
    (seconds * rate).round().max(1.0) as Frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residue_goes_on_where_the_sound_stood_and_dies_out_smoothly_over_the_block_line() {
        let mut mix = Mix::new(1);
        let mut residue = Residue::new(1, 48_000.0);
        residue.catch(60, [1.0, -0.5], &[(0, 0.5), (0, 0.0), (0, 0.0), (0, 0.0)], &mut mix);
        let mut heard: Vec<f32> = mix.sum[0].to_vec();
        assert_eq!(mix.sends.get(0).unwrap()[1][60] * 4.0, mix.sum[1][60] * 2.0);
        for _ in 0..9 {
            mix.clear();
            residue.begin(&mut mix);
            heard.extend(mix.sum[0]);
        }
        assert_eq!(heard[59], 0.0);
        for pair in heard[60..500].windows(2) {
            assert!((pair[1] / pair[0] - 0.9794).abs() < 1e-3, "{pair:?}");
        }
        for _ in 0..10 {
            residue.begin(&mut mix);
        }
        assert!(!residue.live());
    }
}

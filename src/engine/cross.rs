//! The crossfade inside a schedule: from what an operation heard to what it is to hear, and the empty place that what goes on
//! takes.
//!
//! How alike the two sound is measured as they play, and the two curves of the fade, which add up to 1, are lifted by what
//! unlike sounds lack in the middle: equal power where old and new have nothing in common, equal gain where they are the same
//! sound, and what is right in between. They are as alike as their waves or the slopes of their waves: a sound that has lost
//! its lows is still the same above, where a lift would be heard as a burst.

use super::fader::gentle;
use super::schedule::{Io, Operation};

/// Frames over which likeness is remembered: a period of 32 Hz at 48 kHz.
const MEMORY: f32 = 1500.0;

/// The part of the way to a new likeness that is taken in a frame.
const EASE: f32 = 1.0 / 96.0;

/// From input 0 to input 1 within a number of frames.
#[derive(Clone)]
pub struct Cross {
    length: u32,
    done: u32,
    waves: Likeness,
    slopes: Likeness,
    last: [f32; 2],
    /// What is made of it: gently, for a lift that jumps would be heard.
    alike: f32,
}

/// Products of two sounds, decaying: old by old, new by new, old by new.
#[derive(Clone, Copy, Default)]
struct Likeness([f32; 3]);

impl Likeness {
    /// Their correlation with one more frame: 1 for the same shape, 0 for strangers and for what cancels.
    fn hear(&mut self, old: f32, new: f32) -> f32 {
        const KEEP: f32 = 1.0 - 1.0 / MEMORY;
        let [a, b, ab] = &mut self.0;
        (*a, *b, *ab) = (*a * KEEP + old * old, *b * KEEP + new * new, *ab * KEEP + old * new);
        let power = (*a * *b).sqrt();
        match power {
            _ if *a == 0.0 && *b == 0.0 => 1.0,
            _ if power > 0.0 && power.is_finite() => (*ab / power).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }
}

impl Cross {
    /// A fade over `frames`, 0 for one that is over.
    pub fn new(frames: u32) -> Self {
        Cross {
            length: frames,
            done: 0,
            waves: Likeness::default(),
            slopes: Likeness::default(),
            last: [0.0; 2],
            alike: 1.0,
        }
    }

    fn frame(&mut self, old: f32, new: f32) -> f32 {
        if self.done >= self.length {
            return new;
        }
        self.done += 1;
        let [before, after] = std::mem::replace(&mut self.last, [old, new]);
        let found = self.waves.hear(old, new).max(self.slopes.hear(old - before, new - after));
        self.alike += (found - self.alike) * EASE;
        let alike = self.alike;
        let at = self.done as f32 / self.length as f32;
        let to = gentle(at);
        let from = 1.0 - to;
        // The power of the sum of two sounds with correlation `alike`, brought back to 1.
        let lift = (to * to + from * from + 2.0 * alike * to * from).sqrt().recip();
        (old * from + new * to) * lift
    }
}

impl Operation<1> for Cross {
    fn process(&mut self, io: &mut Io<'_, 1>) {
        let ([old, new], [out]) = io.wires::<2, 1>();
        for ((old, new), out) in old.iter().zip(new).zip(out) {
            out[0] = self.frame(old[0], new[0]);
        }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {
        *self = Cross { length: self.length, done: self.done, ..Cross::new(0) };
    }

    fn duplicate(&self) -> Box<dyn Operation<1>> {
        Box::new(self.clone())
    }
}

/// The place of an operation that is carried over from another schedule; silence until it is.
pub struct Vacant;

impl<const L: usize> Operation<L> for Vacant {
    fn process(&mut self, io: &mut Io<'_, L>) {
        for k in 0..io.outputs() {
            io.output(k).fill([0.0; L]);
        }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}

    fn duplicate(&self) -> Box<dyn Operation<L>> {
        Box::new(Vacant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fade over `length` frames between two functions of time.
    fn faded(length: u32, old: impl Fn(u32) -> f32, new: impl Fn(u32) -> f32) -> Vec<f32> {
        let mut cross = Cross::new(length);
        (0..length + 10).map(|t| cross.frame(old(t), new(t))).collect()
    }

    fn noise(seed: u64) -> impl Fn(u32) -> f32 {
        move |t| (super::super::schedule::mix(seed, t.into()) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    #[test]
    fn the_same_sound_passes_unchanged() {
        let wave = |t: u32| (t as f32 * 0.05).sin();
        let worst = faded(1440, wave, wave).iter().zip(0..).map(|(x, t)| (x - wave(t)).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{worst}");
        assert!(faded(1440, |_| 1.0, |_| 1.0).iter().all(|x| (x - 1.0).abs() < 1e-6));
    }

    #[test]
    fn two_levels_of_one_sound_are_joined_half_way_by_their_mean() {
        let joined = faded(1000, |_| 1.0, |_| 0.5);
        assert!((joined[499] - 0.75).abs() < 1e-4, "{}", joined[499]);
        assert!(joined.windows(2).all(|w| w[1] <= w[0]));
    }

    #[test]
    fn strangers_keep_their_power() {
        let mut middle = 0.0;
        for seed in 0..100 {
            let sound = faded(1440, noise(seed), noise(seed + 1000));
            middle += sound[360..1080].iter().map(|x| x * x).sum::<f32>() / 720.0;
        }
        let level = 10.0 * (middle / 100.0 * 3.0).log10();
        assert!(level.abs() < 0.5, "{level} dB");
    }

    #[test]
    fn it_begins_with_the_old_and_ends_with_the_new_exactly() {
        let sound = faded(1440, |_| 1.0, |_| -1.0);
        assert!((sound[0] - 1.0).abs() < 2e-3 && sound[1439] == -1.0 && sound[1449] == -1.0);
        assert_eq!(Cross::new(0).frame(1.0, 2.0), 2.0);
    }
}

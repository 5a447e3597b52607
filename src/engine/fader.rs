//! Faders: numbers that move without a click, and the laws of pan.

use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};

use super::GRID;

/// One block of left and right.
pub(super) type Stereo = [[f32; GRID]; 2];

/// Both channels at rest.
pub(super) const SILENCE: Stereo = [[0.0; GRID]; 2];

/// A number that walks to its target frame by frame, setting out and arriving gently: a corner in a level is heard on low
/// sounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    value: f32,
    start: f32,
    target: f32,
    left: u32,
    length: u32,
}

/// From 0 to 1 without a corner at either end.
pub(super) fn gentle(way: f32) -> f32 {
    way * way * (3.0 - 2.0 * way)
}

impl Ramp {
    pub fn new(value: f32) -> Self {
        Ramp { value, start: value, target: value, left: 0, length: 0 }
    }

    /// Arrives at `target` after `frames`; at once for 0.
    pub fn to(&mut self, target: f32, frames: u32) {
        self.start = self.value;
        self.target = target;
        (self.left, self.length) = (frames, frames);
        if frames == 0 {
            self.value = target;
        }
    }

    /// Where it will stand when it stands still.
    pub fn target(&self) -> f32 {
        self.target
    }

    pub fn moving(&self) -> bool {
        self.left > 0
    }

    /// At rest at zero.
    pub fn is_zero(&self) -> bool {
        self.left == 0 && self.value == 0.0
    }

    /// At rest at one.
    pub fn is_one(&self) -> bool {
        self.left == 0 && self.value == 1.0
    }

    /// The value of the next frame.
    pub fn step(&mut self) -> f32 {
        if self.left > 0 {
            self.left -= 1;
            let way = 1.0 - self.left as f32 / self.length as f32;
            self.value = self.start + (self.target - self.start) * gentle(way);
            if self.left == 0 {
                self.value = self.target;
            }
        }
        self.value
    }

    /// The value where it stands still for the coming block, else None and the block in `curve`.
    pub fn block(&mut self, curve: &mut [f32; GRID]) -> Option<f32> {
        if self.left == 0 {
            return Some(self.value);
        }
        curve.fill_with(|| self.step());
        None
    }
}

/// Equal power: where a mono sound stands between the speakers, −3 dB each in the middle. `pan` −1 … 1.
pub(super) fn spread(pan: f32) -> [f32; 2] {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * FRAC_PI_4;
    [angle.cos().max(0.0), angle.sin().max(0.0)]
}

/// Balance: a stereo sound is left as it is in the middle, and its far side fades as `pan` (−1 … 1) turns away.
pub(super) fn balance(pan: f32) -> [f32; 2] {
    let far = |x: f32| if x > 0.0 { (x.min(1.0) * FRAC_PI_2).cos().max(0.0) } else { 1.0 };
    [far(pan), far(-pan)]
}

/// Gain, pan and mute of a strip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fader {
    pub gain: Ramp,
    pub pan: Ramp,
    /// 1 sounding, 0 muted.
    pub open: Ramp,
}

impl Fader {
    pub fn new(gain: f32, pan: f32, muted: bool) -> Self {
        Fader { gain: Ramp::new(gain), pan: Ramp::new(pan), open: Ramp::new(if muted { 0.0 } else { 1.0 }) }
    }

    pub fn moving(&self) -> bool {
        self.gain.moving() || self.pan.moving() || self.open.moving()
    }

    /// Levels of left and right where they stand still for the coming block, else None and the block in `curve`.
    pub fn block(&mut self, curve: &mut Stereo) -> Option<[f32; 2]> {
        if !self.moving() {
            let level = self.gain.step() * self.open.step();
            return Some(balance(self.pan.step()).map(|side| side * level));
        }
        let [left, right] = curve;
        for (l, r) in left.iter_mut().zip(right) {
            let level = self.gain.step() * self.open.step();
            [*l, *r] = balance(self.pan.step()).map(|side| side * level);
        }
        None
    }
}

/// Multiplies a block by levels that stand still or by a curve.
pub(super) fn apply(sound: &mut Stereo, still: Option<[f32; 2]>, curve: &Stereo) {
    for side in 0..2 {
        match still {
            Some([1.0, 1.0]) => {}
            Some(levels) => sound[side].iter_mut().for_each(|x| *x *= levels[side]),
            None => sound[side].iter_mut().zip(&curve[side]).for_each(|(x, level)| *x *= level),
        }
    }
}

/// Adds a block, scaled by levels that stand still or by a curve.
pub(super) fn add(to: &mut Stereo, sound: &Stereo, still: Option<f32>, curve: &[f32; GRID]) {
    for (to, sound) in to.iter_mut().zip(sound) {
        match still {
            Some(level) => to.iter_mut().zip(sound).for_each(|(t, x)| *t += x * level),
            None => to.iter_mut().zip(sound).zip(curve).for_each(|((t, x), level)| *t += x * level),
        }
    }
}

/// Gains and sends reach as far as this (+36 dB): far beyond, sums of sounds would be no numbers any more.
const STEEPEST: f32 = 64.0;

/// A number, or zero for what is none.
pub(super) fn finite(x: f32) -> f32 {
    if x.is_finite() { x } else { 0.0 }
}

/// A gain or send as it can be meant.
pub(super) fn sound_level(x: f32) -> f32 {
    finite(x).clamp(-STEEPEST, STEEPEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_arrives_exactly_and_stays() {
        let mut ramp = Ramp::new(0.0);
        ramp.to(1.0, 3);
        let walk: Vec<f32> = (0..5).map(|_| ramp.step()).collect();
        assert!((walk[0] - 7.0 / 27.0).abs() < 1e-6 && (walk[1] - 20.0 / 27.0).abs() < 1e-6);
        assert_eq!(&walk[2..], &[1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_ramp_has_no_corner() {
        let mut ramp = Ramp::new(1.0);
        ramp.to(0.0, 960);
        let walk: Vec<f32> = [1.0, 1.0].into_iter().chain((0..964).map(|_| ramp.step())).collect();
        let corner = walk.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max);
        assert!(corner < 8.0 / (960.0 * 960.0), "{corner}");
    }

    #[test]
    fn a_mono_sound_keeps_its_power_wherever_it_stands() {
        for pan in [-1.0, -0.3, 0.0, 0.5, 1.0] {
            let [l, r] = spread(pan);
            assert!((l * l + r * r - 1.0).abs() < 1e-6, "at {pan}");
        }
        assert_eq!(spread(-1.0), [1.0, 0.0]);
    }

    #[test]
    fn balance_leaves_the_middle_alone_and_silences_the_far_side() {
        assert_eq!(balance(0.0), [1.0, 1.0]);
        assert_eq!(balance(1.0), [0.0, 1.0]);
        assert_eq!(balance(-1.0), [1.0, 0.0]);
    }

    #[test]
    fn a_fader_at_unity_changes_no_bit() {
        let mut fader = Fader::new(1.0, 0.0, false);
        let mut sound = SILENCE;
        sound[0][5] = 0.1;
        let still = fader.block(&mut SILENCE.clone());
        apply(&mut sound, still, &SILENCE);
        assert_eq!(sound[0][5].to_bits(), 0.1f32.to_bits());
    }
}

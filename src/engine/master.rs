//! The guard at the end of the master, which nothing removes: a DC block and a look-ahead true-peak ceiling.
//!
//! Below the ceiling it is transparent: apart from the delay and what the DC block takes away, not a bit changes.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use super::GRID;
use super::fader::{SILENCE, Stereo};
use super::true_peak::{Between, LONG};

/// −1 dBTP, less 0.13 dB by which two interpolators may differ near the upper end of the spectrum.
const CEILING: f32 = 0.878;
/// Corner of the DC block, in Hz.
const CORNER: f64 = 5.0;
/// How long the gain takes down before a peak, stays there, and takes up again, in seconds. It stays for half a period of
/// 40 Hz, so that it does not follow the wave of a low tone.
const ATTACK: f64 = 0.002;
const HOLD: f64 = 0.0125;
const RELEASE: f64 = 0.1;

/// Frames by which the interpolators lag, and some on both sides so that the gain holds still around a peak.
const MARGIN: usize = LONG / 2 + 2;

/// Frames of the DC block that are worked out together; a block is a multiple of it.
const STRIDE: usize = 8;

/// A first-order high-pass on left and right.
#[derive(Clone, Copy, Default)]
struct DcBlock {
    last: [f64; 2],
    state: [f64; 2],
}

impl DcBlock {
    /// One block, in place; its peaks. A few frames at a time: what each hears of the state before all of them is one power
    /// of the pole, so that only the last waits for it.
    fn play(&mut self, [left, right]: &mut Stereo, pole: f64) -> [f32; 2] {
        let DcBlock { mut last, mut state } = *self;
        let mut peaks = [0.0f32; 2];
        let level = 0.5 * (1.0 + pole);
        for (left, right) in left.as_chunks_mut::<STRIDE>().0.iter_mut().zip(right.as_chunks_mut::<STRIDE>().0) {
            let (mut fresh, mut power, before) = ([0.0; 2], 1.0, state);
            for (l, r) in left.iter_mut().zip(right) {
                let now = [*l, *r].map(f64::from);
                power *= pole;
                let mut heard = [0.0; 2];
                for side in 0..2 {
                    fresh[side] = now[side] - last[side] + pole * fresh[side];
                    state[side] = fresh[side] + power * before[side];
                    heard[side] = (state[side] * level) as f32;
                    peaks[side] = if heard[side].abs() > peaks[side] { heard[side].abs() } else { peaks[side] };
                }
                [*l, *r] = heard;
                last = now;
            }
        }
        // Silence is reached.
        *self = DcBlock { last, state: state.map(|state| if state.abs() < 1e-10 { 0.0 } else { state }) };
        peaks
    }
}

pub(super) struct Guard {
    pole: f64,
    dc: DcBlock,
    between: Between,
    /// The last frames before this block and the block, oldest first.
    line: [[f32; LONG - 1 + GRID]; 2],
    /// The peaks of the block before.
    before: [f32; 2],
    delay: [Box<[f32]>; 2],
    place: usize,
    envelope: Envelope,
}

impl Guard {
    pub fn new(rate: f64) -> Self {
        let window = (ATTACK * rate).round().max(1.0) as usize;
        let delay = vec![0.0; window + MARGIN - 1].into_boxed_slice();
        Guard {
            pole: (-TAU * CORNER / rate).exp(),
            dc: Default::default(),
            between: Between::new(),
            line: [[0.0; LONG - 1 + GRID]; 2],
            before: [0.0; 2],
            envelope: Envelope::new(window, delay.len() + (HOLD * rate) as usize, rate),
            delay: [delay.clone(), delay],
            place: 0,
        }
    }

    /// Frames by which the output lags.
    pub fn latency(&self) -> usize {
        self.delay[0].len()
    }

    /// As new.
    pub fn reset(&mut self) {
        self.dc = Default::default();
        self.line = [[0.0; LONG - 1 + GRID]; 2];
        self.before = [0.0; 2];
        self.delay.iter_mut().for_each(|side| side.fill(0.0));
        self.envelope.reset();
    }

    /// One block, in place; every sample must be a number.
    pub fn play(&mut self, sound: &mut Stereo) {
        let mut needs = [1.0; GRID];
        let peaks = self.dc.play(sound, self.pole);
        let before = std::mem::replace(&mut self.before, peaks);
        for (side, (sound, line)) in sound.iter().zip(&mut self.line).enumerate() {
            line.copy_within(GRID.., 0);
            line[LONG - 1..].copy_from_slice(sound);
            if self.between.may_exceed(peaks[side].max(before[side]), CEILING) {
                self.between.measure(line, CEILING, &mut needs);
            }
        }
        let gains = self.envelope.follow(&needs);
        let length = self.delay[0].len();
        for (sound, delay) in sound.iter_mut().zip(&mut self.delay) {
            let (mut rest, mut place) = (&mut sound[..], self.place);
            while !rest.is_empty() {
                let (part, later) = rest.split_at_mut(rest.len().min(length - place));
                part.swap_with_slice(&mut delay[place..place + part.len()]);
                (rest, place) = (later, 0);
            }
            if let Some(gains) = gains {
                sound.iter_mut().zip(gains).for_each(|(late, gain)| *late *= gain);
            }
        }
        self.place = (self.place + GRID) % length;
    }
}

/// Gain over time: the lowest need in sight, released exponentially, smoothed to straight lines.
struct Envelope {
    frame: u64,
    hold: u64,
    /// Needs below 1 in sight, rising from the lowest: (frame, need).
    lowest: VecDeque<(u64, f32)>,
    released: f32,
    release: f32,
    /// The last `released` gains, their sum and how many of them are below 1.
    window: Box<[f32]>,
    place: usize,
    sum: f64,
    below: usize,
    gains: [f32; GRID],
}

impl Envelope {
    fn new(window: usize, hold: usize, rate: f64) -> Self {
        Envelope {
            frame: 0,
            hold: hold as u64,
            lowest: VecDeque::with_capacity(hold + 1),
            released: 1.0,
            release: (1.0 - (-1.0 / (RELEASE * rate)).exp()) as f32,
            window: vec![1.0; window].into_boxed_slice(),
            place: 0,
            sum: window as f64,
            below: 0,
            gains: [1.0; GRID],
        }
    }

    fn reset(&mut self) {
        self.lowest.clear();
        self.released = 1.0;
        self.window.fill(1.0);
        self.sum = self.window.len() as f64;
        self.below = 0;
    }

    /// Gains of a block; None where all are 1.
    fn follow(&mut self, needs: &[f32; GRID]) -> Option<&[f32; GRID]> {
        let calm = self.lowest.is_empty() && self.released == 1.0 && self.below == 0;
        if calm && needs.iter().all(|need| *need == 1.0) {
            self.frame += GRID as u64;
            return None;
        }
        for (i, need) in needs.iter().enumerate() {
            self.gains[i] = self.step(*need);
        }
        Some(&self.gains)
    }

    fn step(&mut self, need: f32) -> f32 {
        while self.lowest.front().is_some_and(|(frame, _)| frame + self.hold <= self.frame) {
            self.lowest.pop_front();
        }
        if need < 1.0 {
            while self.lowest.back().is_some_and(|(_, later)| *later >= need) {
                self.lowest.pop_back();
            }
            self.lowest.push_back((self.frame, need));
        }
        self.frame += 1;
        let lowest = self.lowest.front().map_or(1.0, |(_, need)| *need);
        let risen = self.released + (1.0 - self.released) * self.release;
        self.released = lowest.min(if risen > 0.999_99 { 1.0 } else { risen });
        let past = std::mem::replace(&mut self.window[self.place], self.released);
        self.place = (self.place + 1) % self.window.len();
        self.below = self.below + usize::from(self.released < 1.0) - usize::from(past < 1.0);
        if self.below == 0 {
            // The sum begins anew so that rounding never gathers and unity is exactly 1.
            self.sum = self.window.len() as f64;
            return 1.0;
        }
        self.sum += self.released as f64 - past as f64;
        (self.sum / self.window.len() as f64).min(1.0) as f32
    }
}

/// Takes a block for what it is worth: nonsense becomes silence. False where it was nonsense.
pub(super) fn scrub(sound: &mut Stereo) -> bool {
    let sane = super::level::sane(sound);
    if !sane {
        *sound = SILENCE;
    }
    sane
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::*;

    const RATE: f64 = 48_000.0;

    /// A sound through a fresh guard.
    fn guarded(rate: f64, sound: &[[f32; 2]]) -> Vec<[f32; 2]> {
        let mut guard = Guard::new(rate);
        let mut out = vec![];
        for part in sound.chunks_exact(GRID) {
            let mut block: Stereo = std::array::from_fn(|side| std::array::from_fn(|i| part[i][side]));
            guard.play(&mut block);
            out.extend((0..GRID).map(|i| [block[0][i], block[1][i]]));
        }
        out
    }

    /// True peak in dB, as the ebur128 crate measures it.
    fn true_peak(rate: f64, sound: &[[f32; 2]]) -> f64 {
        let mut meter = EbuR128::new(2, rate as u32, Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(sound.as_flattened()).unwrap();
        20.0 * meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()).log10()
    }

    fn chance(state: &mut u64) -> f32 {
        *state = crate::engine::schedule::mix(*state, 1);
        (*state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    /// One second of things that are hard to limit.
    fn hard(rate: f64) -> Vec<(&'static str, Vec<[f32; 2]>)> {
        let make = |f: &mut dyn FnMut(f64) -> f32| -> Vec<[f32; 2]> {
            (0..rate as usize).map(|i| f(i as f64)).map(|x| [x, -0.5 * x]).collect()
        };
        let sine =
            |freq: f64, phase: f64, level: f64| move |i: f64| ((freq * i + phase) * TAU).sin() as f32 * level as f32;
        let mut state = 1;
        let mut other = 2;
        vec![
            ("a quarter of the rate between the samples", make(&mut sine(0.25, 0.125, 2.0))),
            ("high", make(&mut sine(0.41, 0.1, 3.0))),
            ("very high", make(&mut sine(0.47, 0.1, 3.0))),
            ("low", make(&mut sine(40.0 / rate, 0.0, 10.0))),
            ("noise", make(&mut |_| chance(&mut state) * 8.0)),
            ("hard noise", make(&mut |_| chance(&mut other).signum() * 2.0)),
            ("a square", make(&mut |i| if ((i / 37.0) as u64).is_multiple_of(2) { 4.0 } else { -4.0 })),
            ("single clicks", make(&mut |i| if (i as u64).is_multiple_of(4801) { 100.0 } else { 0.0 })),
            (
                "alternation that turns round",
                make(&mut |i| {
                    (if (i as u64).is_multiple_of(2) { 1.5f32 } else { -1.5 })
                        * if i as u64 % 301 < 150 { 1.0 } else { -1.0 }
                }),
            ),
        ]
    }

    #[test]
    fn no_true_peak_exceeds_minus_one_decibel() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for (what, sound) in hard(rate) {
                let peak = true_peak(rate, &guarded(rate, &sound));
                assert!(peak <= -1.0, "{what} at {rate}: {peak:.2} dBTP");
                assert!(peak > -12.0, "{what} at {rate}: {peak:.2} dBTP is too quiet");
            }
        }
    }

    /// Two seconds of what a loud mix is made of: hissing strokes over a low tone that turns round, of any loudness.
    fn programme(rate: f64, seed: u64) -> Vec<[f32; 2]> {
        let mut state = seed;
        let (mut level, mut colour, mut last, mut phase) = (0.0f32, 0.0f32, 0.0f32, 0.0f64);
        let (mut freq, mut side) = (50.0, 0.5);
        (0..2 * rate as usize)
            .map(|i| {
                if i % 3001 == 0 {
                    level = 3.0 * chance(&mut state).abs();
                    colour = chance(&mut state);
                    freq = 40.0 * (1.0 + 40.0 * f64::from(chance(&mut state)).powi(4));
                    side = chance(&mut state);
                }
                level *= 0.9995;
                phase = (phase + freq / rate).fract();
                let hiss = chance(&mut state);
                let coloured = hiss + colour * last;
                last = hiss;
                let tone = (phase * TAU).sin() as f32 * 1.2;
                [tone + level * coloured, tone + side * level * coloured]
            })
            .collect()
    }

    #[test]
    fn no_true_peak_of_a_loud_mix_exceeds_minus_one_decibel() {
        for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0] {
            let peaks = (1..=24).map(|seed| true_peak(rate, &guarded(rate, &programme(rate, seed))));
            let worst = peaks.fold(f64::NEG_INFINITY, f64::max);
            assert!(worst <= -1.0 && worst > -1.4, "{worst:.3} dBTP at {rate}");
        }
    }

    #[test]
    fn below_the_ceiling_nothing_changes_but_the_delay_and_the_dc_block() {
        let sound: Vec<[f32; 2]> = (0..9600).map(|i| (i as f32 * 0.05).sin() * 0.7).map(|x| [x, 0.3 * x]).collect();
        let out = guarded(RATE, &sound);
        let latency = Guard::new(RATE).latency();
        let (mut dc, pole) = (DcBlock::default(), (-TAU * CORNER / RATE).exp());
        let mut late = out[latency..].iter();
        for part in sound.as_chunks::<GRID>().0 {
            let mut block: Stereo = std::array::from_fn(|side| part.map(|frame| frame[side]));
            dc.play(&mut block, pole);
            let bits = |frame: [f32; 2]| frame.map(f32::to_bits);
            (0..GRID).zip(&mut late).for_each(|(i, out)| assert_eq!(bits([block[0][i], block[1][i]]), bits(*out)));
        }
    }

    #[test]
    fn after_a_loud_moment_the_guard_is_transparent_again() {
        let level = |i: usize| if i < 4800 { 4.0 } else { 0.5 };
        let sound: Vec<[f32; 2]> = (0..96_000).map(|i| [(i as f32 * 0.05).sin() * level(i); 2]).collect();
        let out = guarded(RATE, &sound);
        let loud = out[..4800].iter().fold(0.0f32, |peak, x| peak.max(x[0]));
        let after = out[90_000..].iter().fold(0.0f32, |peak, x| peak.max(x[0]));
        assert!(loud > 0.7 && (after - 0.5).abs() < 1e-3, "{loud} {after}");
    }

    #[test]
    fn a_limited_low_tone_is_no_clipped_one() {
        // Harmonics of a clipped sine at +20 dB would stand around −12 dB.
        let freq = 50.0;
        let sound: Vec<[f32; 2]> =
            (0..48_000).map(|i| [(i as f64 * freq / RATE * TAU).sin() as f32 * 8.5; 2]).collect();
        let out = guarded(RATE, &sound);
        let part = |harmonic: f64| {
            let (mut re, mut im) = (0.0f64, 0.0f64);
            for (i, x) in out[24_000..].iter().enumerate() {
                let angle = i as f64 * freq * harmonic / RATE * TAU;
                re += x[0] as f64 * angle.cos();
                im += x[0] as f64 * angle.sin();
            }
            re.hypot(im)
        };
        for harmonic in [2.0, 3.0, 5.0, 7.0] {
            assert!(part(harmonic) / part(1.0) < 0.01, "{harmonic}: {}", part(harmonic) / part(1.0));
        }
    }

    #[test]
    fn a_constant_dies_away() {
        let out = guarded(RATE, &vec![[0.5; 2]; 48_000]);
        assert!(out[300][0] > 0.3 && out[47_000][0].abs() < 1e-5);
    }
}

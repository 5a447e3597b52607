//! The state-variable filter: Andrew Simper's trapezoidal one ("Solving the continuous SVF equations", 2013), stable however
//! fast it is modulated.

use wide::f32x4;

use super::filters::{differ, hold, warp};
use super::kernel::{Kernel, tick_by_tick};
use crate::engine::processor::each;
use crate::engine::schedule::Run;

/// How the three outputs of a state-variable filter are mixed.
#[derive(Clone, Copy, Default)]
pub(super) struct Tuning {
    /// Warped cutoff.
    g: f32,
    /// Damping: 1/Q.
    k: f32,
    mix: [f32; 3],
}

/// How much of the input, of the band (by its damping) and of the low part is heard.
#[derive(Clone, Copy)]
pub(super) struct Blend([f32; 3]);

pub(super) const LOWPASS: Blend = Blend([0.0, 0.0, 1.0]);
pub(super) const HIGHPASS: Blend = Blend([1.0, -1.0, -1.0]);
pub(super) const BANDPASS: Blend = Blend([0.0, 1.0, 0.0]);
pub(super) const NOTCH: Blend = Blend([1.0, -1.0, 0.0]);
pub(super) const PEAK: Blend = Blend([1.0, -1.0, -2.0]);
pub(super) const ALLPASS: Blend = Blend([1.0, -2.0, 0.0]);

impl Blend {
    #[inline(always)]
    pub fn tuned(self, g: f32, q: f32) -> Tuning {
        let k = 1.0 / q;
        Tuning { g, k, mix: [self.0[0], self.0[1] * k, self.0[2]] }
    }
}

/// What a filter does at a warped cutoff, a Q and, for some, a gain in dB.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    Plain(Blend),
    Gain(fn(g: f32, q: f32, db: f32) -> Tuning),
}

pub(super) fn bell(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    let k = 1.0 / (q * a);
    Tuning { g, k, mix: [1.0, k * (a * a - 1.0), 0.0] }
}

pub(super) fn lowshelf(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    Tuning { g: g / a.sqrt(), k: 1.0 / q, mix: [1.0, (a - 1.0) / q, a * a - 1.0] }
}

pub(super) fn highshelf(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    Tuning { g: g * a.sqrt(), k: 1.0 / q, mix: [a * a, (1.0 - a) * a / q, 1.0 - a * a] }
}

/// The memory and arithmetic of one state-variable filter.
#[derive(Clone, Copy, Default)]
pub(super) struct Core {
    s1: f32,
    s2: f32,
}

impl Core {
    #[inline(always)]
    pub fn frame(&mut self, x: f32, t: &Tuning) -> f32 {
        let a1 = 1.0 / (1.0 + t.g * (t.g + t.k));
        let v3 = x - self.s2;
        let v1 = a1 * (self.s1 + t.g * v3);
        let v2 = self.s2 + t.g * v1;
        self.s1 = 2.0 * v1 - self.s1;
        self.s2 = 2.0 * v2 - self.s2;
        t.mix[0] * x + t.mix[1] * v1 + t.mix[2] * v2
    }
}

/// A state-variable filter: signal, cutoff, Q and gain in dB.
///
/// The same filter as `Core`, solved for its memory and its output, so that little has to wait for something else: `pull`
/// says what the memory takes from itself and from what is new, `hear` what is heard of input and memory.
#[derive(Clone)]
pub(super) struct Svf<const L: usize> {
    s1: [f32; L],
    s2: [f32; L],
    pull: [[f32; L]; 3],
    hear: [[f32; L]; 3],
    /// The parameters these were made of.
    heard: [[f32; L]; 3],
    pub rate: f32,
    mode: Mode,
}

impl<const L: usize> Svf<L> {
    pub fn new(rate: f64, mode: Mode) -> Self {
        let (zero, heard) = ([0.0; L], [[f32::NAN; L]; 3]);
        Svf { s1: zero, s2: zero, pull: [zero; 3], hear: [zero; 3], heard, rate: rate as f32, mode }
    }

    #[inline(always)]
    fn hear(&mut self, params: [[f32; L]; 3]) {
        if differ(params[0], self.heard[0]) | differ(params[1], self.heard[1]) | differ(params[2], self.heard[2]) {
            match self.mode {
                Mode::Plain(blend) => self.tune(params, |g, q, _| blend.tuned(g, q)),
                Mode::Gain(tuned) => self.tune_lanes(params, tuned),
            }
        }
    }

    /// All lanes side by side: where the cutoff moves with every frame, this is most of the filter.
    #[inline(always)]
    fn tune(&mut self, params: [[f32; L]; 3], tuned: impl Fn(f32, f32, f32) -> Tuning) {
        let [cutoff, q, db] = params;
        for (l, ((cutoff, q), db)) in cutoff.into_iter().zip(q).zip(db).enumerate() {
            self.turn(l, tuned(warp(cutoff, self.rate), hold(q, 0.1, 60.0), hold(db, -60.0, 36.0)));
        }
        self.heard = params;
    }

    /// Tunes a lane.
    #[inline(always)]
    pub fn turn(&mut self, l: usize, t: Tuning) {
        let Svf { pull, hear, .. } = self;
        let a1 = 1.0 / (1.0 + t.g * (t.g + t.k));
        let (a2, [dry, band, low]) = (t.g * a1, t.mix);
        let a3 = t.g * a2;
        pull[0][l] = 2.0 * a1 - 1.0;
        pull[1][l] = 2.0 * a2;
        pull[2][l] = 2.0 * a3;
        hear[0][l] = dry + band * a2 + low * a3;
        hear[1][l] = band * a1 + low * a2;
        hear[2][l] = low * (1.0 - a3) - band * a2;
    }

    #[inline(never)]
    fn tune_lanes(&mut self, params: [[f32; L]; 3], tuned: fn(f32, f32, f32) -> Tuning) {
        self.tune(params, tuned);
    }

    /// A frame as it is tuned.
    #[inline(always)]
    pub fn frame(&mut self, x: [f32; L]) -> [f32; L] {
        let Svf { s1, s2, pull, hear, .. } = self;
        each!(L, l => {
            let y = hear[0][l] * x[l] + (hear[1][l] * s1[l] + hear[2][l] * s2[l]);
            // What the memory waits for comes last: the next frame waits for the memory.
            let (band, low) = (pull[1][l] * x[l], s2[l] + pull[2][l] * x[l]);
            let change = pull[1][l] * s1[l] - pull[2][l] * s2[l];
            s1[l] = (pull[0][l] * s1[l] - pull[1][l] * s2[l]) + band;
            s2[l] = low + change;
            y
        })
    }

    /// Its run and another's, as both are tuned.
    #[inline(always)]
    fn frames_of_both<const I: usize>(&mut self, other: &mut Self, [one, two]: &mut [Run<'_, I, 1, L>; 2]) {
        if L == 1 {
            let (here, there) = (one.line(0).iter().zip(one.out(0)), two.line(0).iter().zip(two.out(0)));
            let mut both = Pair::of(self, other);
            for ((x, heard), (other, next)) in here.zip(there) {
                [heard[0], next[0], ..] = both.frame(f32x4::new([x[0], other[0], 0.0, 0.0])).to_array();
            }
            [self.s1[0], other.s1[0], ..] = both.s1.to_array();
            [self.s2[0], other.s2[0], ..] = both.s2.to_array();
            return;
        }
        let (mut first, mut second) = (self.clone(), other.clone());
        let (here, there) = (one.line(0).iter().zip(one.out(0)), two.line(0).iter().zip(two.out(0)));
        for ((x, heard), (other, next)) in here.zip(there) {
            (*heard, *next) = (first.frame(*x), second.frame(*other));
        }
        (self.s1, self.s2) = (first.s1, first.s2);
        (other.s1, other.s2) = (second.s1, second.s2);
    }

    /// A run in which the parameters hold still.
    #[inline(always)]
    fn frames<const I: usize>(&mut self, run: &mut Run<'_, I, 1, L>) {
        let mut tuned = self.clone();
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            *y = tuned.frame(*x);
        }
        (self.s1, self.s2) = (tuned.s1, tuned.s2);
    }

    pub fn clear(&mut self, lane: usize) {
        (self.s1[lane], self.s2[lane]) = (0.0, 0.0);
    }
}

/// The first lanes of two filters in one register: the compiler takes two for too few.
struct Pair {
    s1: f32x4,
    s2: f32x4,
    pull: [f32x4; 3],
    hear: [f32x4; 3],
}

impl Pair {
    #[inline(always)]
    fn of<const L: usize>(one: &Svf<L>, other: &Svf<L>) -> Self {
        let pair = |a: &[f32; L], b: &[f32; L]| f32x4::new([a[0], b[0], 0.0, 0.0]);
        let three = |a: &[[f32; L]; 3], b: &[[f32; L]; 3]| [0, 1, 2].map(|k| pair(&a[k], &b[k]));
        let (pull, hear) = (three(&one.pull, &other.pull), three(&one.hear, &other.hear));
        Pair { s1: pair(&one.s1, &other.s1), s2: pair(&one.s2, &other.s2), pull, hear }
    }

    /// As `Svf::frame`.
    #[inline(always)]
    fn frame(&mut self, x: f32x4) -> f32x4 {
        let Pair { s1, s2, pull, hear } = self;
        let y = hear[0] * x + (hear[1] * *s1 + hear[2] * *s2);
        let (band, low) = (pull[1] * x, *s2 + pull[2] * x);
        let change = pull[1] * *s1 - pull[2] * *s2;
        *s1 = (pull[0] * *s1 - pull[1] * *s2) + band;
        *s2 = low + change;
        y
    }
}

impl<const L: usize> Kernel<3, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        self.hear([cutoff, q, [0.0; L]]);
        [self.frame(x)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        let Some([cutoff, q]) = run.still(1) else {
            let mut own = self.clone();
            tick_by_tick::<_, 3, 1, L>(&mut own, run);
            *self = own;
            return;
        };
        self.hear([cutoff, q, [0.0; L]]);
        self.frames(run);
    }

    #[inline(always)]
    fn run_both(&mut self, other: &mut Self, runs: &mut [Run<'_, 3, 1, L>; 2]) -> bool {
        let [Some([cutoff, q]), Some([other_cutoff, other_q])] = [runs[0].still(1), runs[1].still(1)] else {
            return false;
        };
        self.hear([cutoff, q, [0.0; L]]);
        other.hear([other_cutoff, other_q, [0.0; L]]);
        self.frames_of_both(other, runs);
        true
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

impl<const L: usize> Kernel<4, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q, db]: [[f32; L]; 4]) -> [[f32; L]; 1] {
        self.hear([cutoff, q, db]);
        [self.frame(x)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 4, 1, L>) {
        let Some(params) = run.still(1) else {
            return tick_by_tick(self, run);
        };
        self.hear(params);
        self.frames(run);
    }

    #[inline(always)]
    fn run_both(&mut self, other: &mut Self, runs: &mut [Run<'_, 4, 1, L>; 2]) -> bool {
        let [Some(params), Some(others)] = [runs[0].still(1), runs[1].still(1)] else { return false };
        self.hear(params);
        other.hear(others);
        self.frames_of_both(other, runs);
        true
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

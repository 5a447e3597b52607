//! Poles: gentle filters of one, and the ladder of four.

use super::filters::{hold, warp};
use super::kernel::{Kernel, tick_by_tick};
use crate::engine::processor::each;
use crate::engine::schedule::Run;

/// One trapezoidal pole.
#[derive(Clone, Copy, Default)]
pub(super) struct Pole {
    s: f32,
}

impl Pole {
    /// The low part of `x`; the high part is what is missing.
    #[inline(always)]
    pub fn low(&mut self, x: f32, g: f32) -> f32 {
        self.lower(x, g / (1.0 + g))
    }

    /// The same by how much of the way it goes: `g / (1 + g)`.
    #[inline(always)]
    pub fn lower(&mut self, x: f32, share: f32) -> f32 {
        let v = (x - self.s) * share;
        let low = v + self.s;
        self.s = low + v;
        low
    }
}

/// How much of its way a pole goes in a frame, known for the number last heard.
#[derive(Clone, Copy)]
pub(super) struct Share {
    heard: f32,
    share: f32,
}

impl Share {
    pub const NEW: Share = Share { heard: f32::NAN, share: 0.0 };

    /// `warped` makes the warped cutoff of the number.
    #[inline(always)]
    pub fn of(&mut self, number: f32, warped: impl FnOnce(f32) -> f32) -> f32 {
        if number != self.heard {
            let g = warped(number);
            *self = Share { heard: number, share: g / (1.0 + g) };
        }
        self.share
    }
}

#[derive(Clone)]
pub(super) struct OnePole<const L: usize> {
    poles: [Pole; L],
    rate: f32,
    /// What is heard of the input and of its low part.
    mix: [f32; 2],
}

impl<const L: usize> OnePole<L> {
    pub fn new(rate: f64, mix: [f32; 2]) -> Self {
        OnePole { poles: [Pole::default(); L], rate: rate as f32, mix }
    }

    #[inline(always)]
    fn frame(&mut self, x: [f32; L], g: [f32; L]) -> [f32; L] {
        each!(L, l => self.mix[0] * x[l] + self.mix[1] * self.poles[l].low(x[l], g[l]))
    }
}

impl<const L: usize> Kernel<2, 1, L> for OnePole<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        let rate = self.rate;
        [self.frame(x, each!(L, l => warp(cutoff[l], rate)))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        let Some(cutoff) = run.inputs[1].still() else {
            return tick_by_tick(self, run);
        };
        let g = each!(L, l => warp(cutoff[l], self.rate));
        let mut tuned = self.clone();
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            *y = tuned.frame(*x, g);
        }
        self.poles = tuned.poles;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.poles[lane] = Pole::default();
    }
}

#[derive(Clone)]
pub(super) struct DcBlock<const L: usize> {
    poles: [Pole; L],
    g: f32,
}

impl<const L: usize> DcBlock<L> {
    pub fn new(rate: f64, corner: f32) -> Self {
        DcBlock { poles: [Pole::default(); L], g: warp(corner, rate as f32) }
    }
}

impl<const L: usize> Kernel<1, 1, L> for DcBlock<L> {
    #[inline(always)]
    fn tick(&mut self, [x]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        [each!(L, l => x[l] - self.poles[l].low(x[l], self.g))]
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.poles[lane] = Pole::default();
    }
}

/// Four poles in a loop without delay, driven into saturation (after Zavalishin, "The art of VA filter design", chapter 5).
#[derive(Clone)]
pub(super) struct Ladder<const L: usize> {
    poles: [[f32; L]; 4],
    rate: f32,
}

/// What a ladder's parameters come to.
#[derive(Clone, Copy)]
struct Rungs {
    part: f32,
    rest: f32,
    k: f32,
    drive: f32,
    loud: f32,
    under: f32,
    level: f32,
}

impl Rungs {
    #[inline(always)]
    fn new(cutoff: f32, resonance: f32, drive: f32, rate: f32) -> Self {
        let g = warp(cutoff, rate);
        let k = 4.0 * hold(resonance, 0.0, 1.1);
        let drive = hold(drive, 0.05, 50.0);
        let rest = 1.0 / (1.0 + g);
        let part = g * rest;
        let square = part * part;
        // Half of the bass that resonance takes away is given back.
        let loud = 1.0 + 0.5 * k;
        Rungs { part, rest, k, drive, loud, under: 1.0 + k * square * square, level: drive.max(1.0).sqrt() }
    }
}

impl<const L: usize> Ladder<L> {
    pub fn new(rate: f64) -> Self {
        Ladder { poles: [[0.0; L]; 4], rate: rate as f32 }
    }

    #[inline(always)]
    fn lane(&mut self, l: usize, x: f32, r: &Rungs) -> f32 {
        let Rungs { part, rest, .. } = *r;
        let mut memory = 0.0;
        for s in &self.poles {
            memory = memory * part + s[l] * rest;
        }
        let mut y = soft((x * r.drive * r.loud - r.k * memory) / r.under);
        for s in &mut self.poles {
            let v = (y - s[l]) * part;
            y = v + s[l];
            s[l] = y + v;
        }
        y / r.level
    }
}

impl<const L: usize> Kernel<4, 1, L> for Ladder<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, resonance, drive]: [[f32; L]; 4]) -> [[f32; L]; 1] {
        [each!(L, l => self.lane(l, x[l], &Rungs::new(cutoff[l], resonance[l], drive[l], self.rate)))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 4, 1, L>) {
        let Some([cutoff, resonance, drive]) = run.still(1) else {
            return tick_by_tick(self, run);
        };
        let rungs: [Rungs; L] = std::array::from_fn(|l| Rungs::new(cutoff[l], resonance[l], drive[l], self.rate));
        let mut ladder = self.clone();
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            *y = each!(L, l => ladder.lane(l, x[l], &rungs[l]));
        }
        self.poles = ladder.poles;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.poles.iter_mut().for_each(|pole| pole[lane] = 0.0);
    }
}

/// A hyperbolic tangent within 10⁻³, exact at ±1 beyond 4.9 (Padé).
#[inline(always)]
pub(super) fn soft(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let x2 = x * x;
    x * (135_135.0 + x2 * (17_325.0 + x2 * (378.0 + x2))) / (135_135.0 + x2 * (62_370.0 + x2 * (3_150.0 + x2 * 28.0)))
}

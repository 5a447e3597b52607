//! Phases, and what is read straight from them: 32-bit integers that wrap by themselves, 2³² is one cycle.

use super::filters::hold;

/// The highest frequency of an oscillator, as a fraction of the sample rate.
const TOP: f32 = 0.45;

/// Frequencies to steps of a phase.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    rate: f32,
}

impl Pace {
    pub fn new(rate: f64) -> Self {
        Pace { rate: rate as f32 }
    }

    /// Cycles per frame, held below Nyquist; not-a-number stands still.
    #[inline(always)]
    pub fn cycles(self, freq: f32) -> f32 {
        let cycles = freq / self.rate;
        let held = hold(cycles, -TOP, TOP);
        if cycles.is_nan() { 0.0 } else { held }
    }
}

/// The whole part of a number, held within what 32 bits can say: like `as`, but many side by side.
#[inline(always)]
pub(super) fn whole(x: f32) -> i32 {
    const LEAST: f32 = -2_147_483_648.0;
    const MOST: f32 = 2_147_483_520.0;
    let x = if x > LEAST { x } else { LEAST };
    let x = if x < MOST { x } else { MOST };
    // SAFETY: it lies between the two, which an i32 can hold; not-a-number was held to the lower one.
    unsafe { x.to_int_unchecked() }
}

/// Less than half a cycle as a step of a phase.
#[inline(always)]
pub(super) fn step(cycles: f32) -> u32 {
    whole(cycles * 4_294_967_296.0) as u32
}

/// Any number of cycles as a phase; not-a-number is none.
#[inline(always)]
pub(super) fn phase(cycles: f32) -> u32 {
    /// 1.5 · 2²³: what is added to it is rounded to whole numbers.
    const WHOLE: f32 = 12_582_912.0;
    // Beyond four million cycles nothing is left of a fraction.
    let cycles = hold(cycles, -4_194_303.0, 4_194_303.0);
    let part = cycles - ((cycles + WHOLE) - WHOLE);
    let part = if part >= 0.5 { part - 1.0 } else { part };
    whole(part * 4_294_967_296.0) as u32
}

/// A phase as −1 … 1, rising through zero at phase 0.
#[inline(always)]
pub(super) fn bipolar(phase: u32) -> f32 {
    phase as i32 as f32 * (1.0 / 2_147_483_648.0)
}

/// A phase as 0 … 1.
#[inline(always)]
pub(super) fn unipolar(phase: u32) -> f32 {
    (phase >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The sine of a phase, within 10⁻⁷ (Taylor to the 11th power on a quarter cycle).
#[inline(always)]
pub(super) fn sine(phase: u32) -> f32 {
    // What lies beyond a quarter cycle is turned round it: all bits but the sign.
    let beyond = ((phase ^ (phase << 1)) as i32 >> 31) as u32;
    let z = (phase ^ (beyond >> 1)) as i32 as f32 * (std::f32::consts::PI / 2_147_483_648.0);
    let z2 = z * z;
    let series = -2.505_210_8e-8 * z2 + 2.755_731_9e-6;
    let series = (series * z2 - 1.984_127e-4) * z2 + 8.333_333e-3;
    z + z * z2 * (series * z2 - 0.166_666_67)
}

/// A triangle: 0 at phase 0, 1 at a quarter.
#[inline(always)]
pub(super) fn triangle(phase: u32) -> f32 {
    let x = bipolar(phase);
    2.0 * if x.abs() > 0.5 { 1f32.copysign(x) - x } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_a_sine() {
        for n in 0..10_000_u32 {
            let angle = n.wrapping_mul(429_497);
            let exact = (f64::from(angle) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(angle)) - exact).abs() < 5e-7, "at {angle}");
        }
    }

    #[test]
    fn any_number_of_cycles_is_a_phase() {
        let mut dice = fastrand::Rng::with_seed(2);
        let drawn = (0..100_000).map(|_| (dice.f32() - 0.5) * 10f32.powf(14.0 * dice.f32() - 8.0));
        for cycles in drawn.chain([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -3.5, 0.25, 1e-9, 1e30, -1e30, f32::INFINITY]) {
            let exact = f64::from(cycles).rem_euclid(1.0) * 4_294_967_296.0;
            let off =
                (f64::from(phase(cycles)) - exact + 2_147_483_648.0).rem_euclid(4_294_967_296.0) - 2_147_483_648.0;
            assert!(off.abs() <= 1.0 || cycles.abs() > 4e6, "{cycles}: {} for {exact}", phase(cycles));
        }
        assert_eq!(phase(f32::NAN), 0);
    }
}

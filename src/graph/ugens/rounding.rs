//! The round curve x / (1 + |x|), many side by side, drawn through the line from frame to frame.

use std::f64::consts::{LN_2, SQRT_2};

use super::filters::{differ, hold};
use super::kernel::{Kernel, tick_by_tick};
use crate::engine::processor::each;
use crate::engine::schedule::Run;

/// A round curve between a gain before and a gain after, both from one parameter.
#[derive(Clone)]
pub(super) struct Round<const L: usize> {
    /// The last frame, and the area below the curve up to there.
    x: [f64; L],
    area: [f64; L],
    heard: [f32; L],
    before: [f32; L],
    after: [f32; L],
    tune: fn(f32) -> [f32; 2],
}

impl<const L: usize> Round<L> {
    /// `tune` makes both gains of the parameter.
    pub fn new(tune: fn(f32) -> [f32; 2]) -> Self {
        Round { x: [0.0; L], area: [0.0; L], heard: [f32::NAN; L], before: [1.0; L], after: [1.0; L], tune }
    }

    #[inline(never)]
    fn learn(&mut self, amount: [f32; L]) {
        for (l, amount) in amount.into_iter().enumerate().filter(|(l, amount)| *amount != self.heard[*l]) {
            [self.before[l], self.after[l]] = (self.tune)(amount);
        }
        self.heard = amount;
    }
}

impl<const L: usize> Kernel<2, 1, L> for Round<L> {
    #[inline(always)]
    fn tick(&mut self, [x, amount]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        if differ(amount, self.heard) {
            self.learn(amount);
        }
        // Loud beyond reason is as good as very loud, and stays a number.
        let x: [f64; L] = each!(L, l => f64::from(hold(x[l] * self.before[l], -1e4, 1e4)));
        let area: [f64; L] = each!(L, l => x[l].abs() - ln(1.0 + x[l].abs()));
        let y: [f64; L] = each!(L, l => {
            let (width, middle) = (x[l] - self.x[l], 0.5 * (x[l] + self.x[l]));
            let (flat, steep) = (middle / (1.0 + middle.abs()), (area[l] - self.area[l]) / width);
            if width.abs() < 1e-5 { flat } else { steep }
        });
        (self.x, self.area) = (x, area);
        [each!(L, l => y[l] as f32 * self.after[l])]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        (self.x[lane], self.area[lane]) = (0.0, 0.0);
    }
}

/// The natural logarithm of a number from 1 on, within 10⁻¹⁵ (the series of artanh, on a mantissa around 1), without branches.
#[inline(always)]
fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    /// 2⁵²: below it, whole numbers stand in the mantissa as they are.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let bits = x.to_bits();
    let exponent = f64::from_bits((bits >> 52) | WHOLE.to_bits()) - WHOLE - 1023.0;
    let mantissa = f64::from_bits((bits & MANTISSA) | 1f64.to_bits());
    let high = mantissa > SQRT_2;
    let (mantissa, exponent) = if high { (0.5 * mantissa, exponent + 1.0) } else { (mantissa, exponent) };
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let series = 1.0 / 19.0;
    let series = series * z + 1.0 / 17.0;
    let series = series * z + 1.0 / 15.0;
    let series = series * z + 1.0 / 13.0;
    let series = series * z + 1.0 / 11.0;
    let series = series * z + 1.0 / 9.0;
    let series = series * z + 1.0 / 7.0;
    let series = series * z + 1.0 / 5.0;
    let series = series * z + 1.0 / 3.0;
    exponent * LN_2 + 2.0 * (s + s * z * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_library() {
        for n in 0..200_000 {
            let x = 1.0 + (n as f64 * 1e-4).powi(3) * 1.3;
            assert!((ln(x) - x.ln()).abs() < 4e-15, "{x}: {} {}", ln(x), x.ln());
        }
    }

    #[test]
    fn a_slow_ramp_is_drawn_on_the_curve_and_a_jump_through_its_mean() {
        let mut round = Round::<1>::new(|gain| [gain, 1.0]);
        for n in 0..1000 {
            let x = n as f32 * 0.002;
            let [[y]] = round.tick([[x], [1.0]]);
            let middle = (x - 0.001).max(0.0);
            assert!((y - middle / (1.0 + middle)).abs() < 1e-6 || n == 0, "{x}: {y}");
        }
        round.reset(0, 0);
        let [[y]] = round.tick([[1.0], [1.0]]);
        // The mean of x / (1 + x) from 0 to 1.
        assert!((f64::from(y) - (1.0 - LN_2)).abs() < 1e-7, "{y}");
    }
}

//! From floating point to whole numbers, with triangular dither of two steps' width.
//!
//! Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither: A Theoretical Survey" (JAES 1992): triangular noise of ±1
//! step makes the error's mean and power independent of the music. The noise comes from a fixed seed, so that the same
//! sound gives the same bytes; exact silence stays silence.

/// Rounds samples to whole numbers of `bits` bits.
#[derive(Clone, Debug)]
pub struct Quantiser {
    steps: f64,
    chance: u64,
}

impl Quantiser {
    /// `bits`: 16 or 24 (any width from 2 to 31 works).
    pub fn new(bits: u32) -> Self {
        Quantiser { steps: f64::from(1u32 << (bits - 1)), chance: 0x5e90_e5e9_0e5e_90e5 }
    }

    /// The whole number for a sample; beyond full scale it clips.
    pub fn quantise(&mut self, sample: f32) -> i32 {
        if sample == 0.0 {
            return 0;
        }
        /// 1.5 · 2⁵²: what is added to it is rounded to whole numbers.
        const WHOLE: f64 = 6_755_399_441_055_744.0;
        let dither = self.uniform() + self.uniform() - 1.0;
        let x = (f64::from(sample) * self.steps + dither).clamp(-self.steps, self.steps - 1.0);
        ((x + WHOLE) - WHOLE) as i32
    }

    /// 0 … 1 (Knuth's linear congruential generator, upper half).
    fn uniform(&mut self) -> f64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 32) as f64 / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_below_one_step_survives_on_average() {
        let mut quantiser = Quantiser::new(16);
        let quarter = 0.25 / 32768.0;
        let sum: i32 = (0..100_000).map(|_| quantiser.quantise(quarter)).sum();
        assert!((sum as f64 / 100_000.0 - 0.25).abs() < 0.01, "mean {}", sum as f64 / 100_000.0);
    }

    #[test]
    fn the_error_is_never_more_than_one_and_a_half_steps_and_its_power_is_a_quarter_step() {
        let mut quantiser = Quantiser::new(24);
        let mut power = 0.0;
        for i in 1..=50_000 {
            let x = (i as f32 * 0.37).sin() * 0.7;
            let error = quantiser.quantise(x) as f64 - x as f64 * 8_388_608.0;
            assert!(error.abs() <= 1.5);
            power += error * error / 50_000.0;
        }
        // Rounding 1/12 and triangular dither 1/6 of a step squared.
        assert!((power - 0.25).abs() < 0.01, "power {power}");
    }

    #[test]
    fn beyond_full_scale_it_clips_and_silence_stays_silence() {
        let mut quantiser = Quantiser::new(16);
        assert_eq!(quantiser.quantise(2.0), 32767);
        assert_eq!(quantiser.quantise(-2.0), -32768);
        assert_eq!(quantiser.quantise(f32::NAN), 0);
        assert!((0..1000).all(|_| quantiser.quantise(0.0) == 0));
    }
}

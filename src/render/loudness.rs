//! How loud a piece is: what a mastering engineer and a streaming service ask for (ITU-R BS.1770-5, EBU R 128).

use std::f64::consts::PI;

use super::crest::Crest;

/// Hundred-millisecond slots in a gating block (0.4 s), in a short-term block (3 s), and between two of those.
const GATING: usize = 4;
const SHORT_TERM: usize = 30;
const STEP: usize = 10;
/// Blocks quieter than this count for nothing, LUFS.
const ABSOLUTE: f64 = -70.0;
/// Nor do those that stay so far below the mean of the rest: for the loudness, and for its range. LU.
const RELATIVE: f64 = -10.0;
const RELATIVE_RANGE: f64 = -20.0;
/// Below this a filter's memory is nothing: far below what a sum of squares can hold.
const NOTHING: f64 = 1e-30;

/// Measures interleaved stereo as it goes by.
pub struct Meter {
    weighting: Weighting,
    crest: Crest,
    /// Energies of the slots so far, left and right together.
    slots: Vec<f64>,
    /// The energy of the slot under way, and its frames left.
    energy: [f64; 2],
    left: usize,
    slot: usize,
}

/// What was measured; −∞ for silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// LUFS over the whole piece, gated; needs at least 0.4 s of sound.
    pub integrated: f64,
    /// dBTP: the highest level between the samples, too, at four times the rate.
    pub true_peak: f64,
    /// LU between the quiet and the loud parts (EBU Tech 3342); 0 for pieces shorter than 3 s.
    pub range: f64,
}

impl Meter {
    pub fn new(rate: u32) -> Self {
        let slot = (rate as usize + 5) / 10;
        let (weighting, crest) = (Weighting::new(f64::from(rate)), Crest::new());
        Meter { weighting, crest, slots: Vec::new(), energy: [0.0; 2], left: slot, slot }
    }

    pub fn hear(&mut self, stereo: &[f32]) {
        self.crest.hear(stereo);
        let mut rest = stereo.as_chunks::<2>().0;
        while !rest.is_empty() && self.slot > 0 {
            let (part, later) = rest.split_at(self.left.min(rest.len()));
            self.weighting.hear(part, &mut self.energy);
            self.left -= part.len();
            if self.left == 0 {
                self.slots.push(self.energy.iter().sum());
                (self.energy, self.left) = ([0.0; 2], self.slot);
            }
            rest = later;
        }
    }

    pub fn loudness(&self) -> Loudness {
        let blocks = |length: usize, step: usize| {
            let frames = (length * self.slot) as f64;
            let blocks = self.slots.windows(length).step_by(step).map(move |slots| slots.iter().sum::<f64>() / frames);
            blocks.filter(|energy| lufs(*energy) >= ABSOLUTE)
        };
        Loudness {
            integrated: integrated(&blocks(GATING, 1).collect::<Vec<f64>>()),
            true_peak: 20.0 * f64::from(self.crest.highest()).log10(),
            range: range(blocks(SHORT_TERM, STEP).collect()),
        }
    }
}

/// ITU-R BS.1770-5, annex 1: the mean of the blocks above the relative gate.
fn integrated(blocks: &[f64]) -> f64 {
    let gate = mean(blocks) * 10f64.powf(RELATIVE / 10.0);
    let loud: Vec<f64> = blocks.iter().copied().filter(|energy| *energy >= gate).collect();
    if loud.is_empty() { f64::NEG_INFINITY } else { lufs(mean(&loud)) }
}

/// EBU Tech 3342: from the 10th to the 95th percentile of the blocks above the relative gate.
fn range(mut blocks: Vec<f64>) -> f64 {
    let gate = mean(&blocks) * 10f64.powf(RELATIVE_RANGE / 10.0);
    blocks.retain(|energy| *energy >= gate);
    blocks.sort_unstable_by(f64::total_cmp);
    let Some(last) = blocks.len().checked_sub(1) else { return 0.0 };
    let percentile = |share: f64| lufs(blocks[(last as f64 * share).round() as usize]);
    percentile(0.95) - percentile(0.1)
}

fn mean(energies: &[f64]) -> f64 {
    energies.iter().sum::<f64>() / energies.len().max(1) as f64
}

/// What a mean square of weighted sound is called.
fn lufs(energy: f64) -> f64 {
    10.0 * energy.log10() - 0.691
}

/// K-weighting of both sides at once: what the head adds in the highs, less the lows that are hardly heard.
struct Weighting {
    /// Of the two filters of annex 1 in one.
    ahead: [f64; 5],
    back: [f64; 4],
    memory: [[f64; 2]; 4],
}

impl Weighting {
    /// The annex gives coefficients for 48 kHz; these are the analogue filters behind them, at any rate.
    fn new(rate: f64) -> Self {
        let (shelf, shelf_back) = {
            let (k, q, gain) =
                ((PI * 1_681.974_450_955_533 / rate).tan(), 0.707_175_236_955_419_6, 3.999_843_853_973_347);
            let high = 10f64.powf(gain / 20.0);
            let middle = high.powf(0.499_666_774_154_541_6);
            let one = 1.0 + k / q + k * k;
            let ahead = [high + middle * k / q + k * k, 2.0 * (k * k - high), high - middle * k / q + k * k];
            (ahead.map(|x| x / one), [1.0, 2.0 * (k * k - 1.0) / one, (1.0 - k / q + k * k) / one])
        };
        let pass_back = {
            let (k, q) = ((PI * 38.135_470_876_024_44 / rate).tan(), 0.500_327_037_323_877_3);
            let one = 1.0 + k / q + k * k;
            [1.0, 2.0 * (k * k - 1.0) / one, (1.0 - k / q + k * k) / one]
        };
        let [_, back @ ..] = product(shelf_back, pass_back);
        Weighting { ahead: product(shelf, [1.0, -2.0, 1.0]), back, memory: [[0.0; 2]; 4] }
    }

    /// Adds the squares of what these frames weigh.
    fn hear(&mut self, frames: &[[f32; 2]], energy: &mut [f64; 2]) {
        let ([b0, b1, b2, b3, b4], [a1, a2, a3, a4]) = (self.ahead, self.back);
        let ([mut w1, mut w2, mut w3, mut w4], mut sum) = (self.memory, *energy);
        for frame in frames {
            let mut w0 = [0.0; 2];
            for side in 0..2 {
                let x = f64::from(frame[side]);
                // What came last comes last: it is what the next frame waits for.
                w0[side] = x - (a4 * w4[side] + a3 * w3[side] + a2 * w2[side]) - a1 * w1[side];
                let weighted = b0 * w0[side] + b1 * w1[side] + b2 * w2[side] + b3 * w3[side] + b4 * w4[side];
                sum[side] += weighted * weighted;
            }
            (w4, w3, w2, w1) = (w3, w2, w1, w0);
        }
        self.memory = [w1, w2, w3, w4].map(|w| w.map(|x| if x.abs() < NOTHING { 0.0 } else { x }));
        *energy = sum;
    }
}

/// Two polynomials multiplied: one filter behind the other.
fn product([a, b, c]: [f64; 3], [x, y, z]: [f64; 3]) -> [f64; 5] {
    [a * x, a * y + b * x, a * z + b * y + c * x, b * z + c * y, c * z]
}

impl std::fmt::Display for Loudness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.integrated == f64::NEG_INFINITY && self.true_peak == f64::NEG_INFINITY {
            return f.write_str("silence");
        }
        write!(f, "{:.1} LUFS, true peak {:.1} dBTP, range {:.1} LU", self.integrated, self.true_peak, self.range)
    }
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::*;

    fn sine(seconds: f32, level: f32, hz: f32, phase: f32) -> Vec<f32> {
        let wave = |i: usize| level * (std::f32::consts::TAU * hz * (i as f32 / 48_000.0) + phase).sin();
        (0..(48_000.0 * seconds) as usize).flat_map(|i| [wave(i); 2]).collect()
    }

    #[test]
    fn the_reference_tone_is_as_loud_as_the_standard_says() {
        // EBU Tech 3341, case 1: 1 kHz at −23 dBFS on both sides is −23 LUFS.
        let mut meter = Meter::new(48_000);
        meter.hear(&sine(5.0, 10f32.powf(-23.0 / 20.0), 1_000.0, 0.0));
        let loudness = meter.loudness();
        assert!((loudness.integrated + 23.0).abs() < 0.1, "{loudness}");
        assert!(loudness.range < 0.1);
    }

    #[test]
    fn a_peak_between_the_samples_is_found() {
        // A quarter of the rate, 45° off: every sample is 3 dB below the crest.
        let mut meter = Meter::new(48_000);
        let tone = sine(1.0, 0.5, 12_000.0, std::f32::consts::FRAC_PI_4);
        assert!(tone.iter().all(|x| x.abs() < 0.36));
        meter.hear(&tone);
        assert!((meter.loudness().true_peak + 6.02).abs() < 0.3, "{}", meter.loudness());
    }

    #[test]
    fn a_piece_is_as_loud_as_a_reference_meter_says_however_it_is_cut() {
        let mut chance = fastrand::Rng::with_seed(3);
        for rate in [44_100, 48_000, 96_000] {
            // A minute of parts between −60 and 0 dB, some of them silent, with a rumble below.
            let parts = (0..60).flat_map(|part| {
                let level = if part % 7 == 0 { 0.0 } else { 10f32.powf(-3.0 * chance.f32()) };
                (0..rate / 4)
                    .map(|i| level * (i as f32 * 0.003 * (part + 1) as f32).sin() + 0.01 * (i as f32 * 0.002).sin())
                    .collect::<Vec<f32>>()
            });
            let sound: Vec<f32> = parts.flat_map(|x| [x, -0.3 * x]).collect();
            let mut reference = EbuR128::new(2, rate, Mode::I | Mode::LRA).unwrap();
            reference.add_frames_f32(&sound).unwrap();
            for cut in [1024, 3334] {
                let mut meter = Meter::new(rate);
                sound.chunks(cut).for_each(|part| meter.hear(part));
                let loudness = meter.loudness();
                let expected = [reference.loudness_global().unwrap(), reference.loudness_range().unwrap()];
                assert!((loudness.integrated - expected[0]).abs() < 1e-6, "{rate}: {loudness} {expected:?}");
                assert!((loudness.range - expected[1]).abs() < 1e-6, "{rate}: {loudness} {expected:?}");
            }
        }
    }

    #[test]
    fn silence_is_called_by_its_name() {
        let mut meter = Meter::new(44_100);
        meter.hear(&[0.0; 88_200]);
        assert_eq!(meter.loudness().to_string(), "silence");
    }
}

//! How loud a piece is: what a mastering engineer and a streaming service ask for (ITU-R BS.1770-5, EBU R 128).

use ebur128::{EbuR128, Mode};

/// Measures interleaved stereo as it goes by.
pub struct Meter(Option<EbuR128>);

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
    /// A rate that cannot be measured (above 2.8 MHz) measures nothing.
    pub fn new(rate: u32) -> Self {
        Meter(EbuR128::new(2, rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK).ok())
    }

    pub fn hear(&mut self, stereo: &[f32]) {
        if let Some(meter) = &mut self.0 {
            // Only an odd number of samples is refused.
            let _ = meter.add_frames_f32(stereo);
        }
    }

    pub fn loudness(&self) -> Loudness {
        let read = |ask: &dyn Fn(&EbuR128) -> Result<f64, ebur128::Error>, nothing: f64| {
            self.0.as_ref().and_then(|meter| ask(meter).ok()).filter(|x| !x.is_nan()).unwrap_or(nothing)
        };
        let peak = |side| read(&|meter| meter.true_peak(side), 0.0);
        Loudness {
            integrated: read(&|meter| meter.loudness_global(), f64::NEG_INFINITY),
            true_peak: 20.0 * peak(0).max(peak(1)).log10(),
            range: read(&|meter| meter.loudness_range(), 0.0),
        }
    }
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
    fn silence_is_called_by_its_name() {
        let mut meter = Meter::new(44_100);
        meter.hear(&[0.0; 88_200]);
        assert_eq!(meter.loudness().to_string(), "silence");
    }
}

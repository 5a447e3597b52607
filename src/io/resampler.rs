//! From the engine's rate to a device's: a device that comes back at another rate than the engine's plays on none the less.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Resampler as _, SincInterpolationParameters, WindowFunction};

/// Frames taken from the engine at once.
const CHUNK: usize = 64;
/// Taps of the interpolating filter: flat to 20 kHz, and what would alias lies below −100 dB.
const TAPS: usize = 256;

/// Stereo at one rate, played at another.
pub(super) struct Resampler {
    inner: Async<f32>,
    /// What the engine said last, and what came of it; both interleaved stereo.
    said: Box<[f32]>,
    made: Box<[f32]>,
    /// Samples of `made` that nobody has taken yet.
    rest: std::ops::Range<usize>,
}

impl Resampler {
    /// From `engine` to `device`, both in frames per second; none where they are the same, or further apart than any two
    /// rates that sound cards have.
    pub fn new(engine: u32, device: u32) -> Option<Resampler> {
        if engine == device || engine == 0 || device == 0 {
            return None;
        }
        let ratio = f64::from(device) / f64::from(engine);
        let filter = SincInterpolationParameters::new(TAPS, WindowFunction::BlackmanHarris2);
        let inner = Async::new_sinc(ratio, 1.0, &filter, CHUNK, 2, FixedAsync::Input).ok()?;
        let made = vec![0.0; 2 * inner.output_frames_max()].into();
        Some(Resampler { inner, said: vec![0.0; 2 * CHUNK].into(), made, rest: 0..0 })
    }

    /// Fills `out`, interleaved stereo, with what `play` gives at the engine's rate.
    pub fn fill(&mut self, out: &mut [f32], mut play: impl FnMut(&mut [f32])) {
        let mut filled = 0;
        while filled < out.len() {
            if self.rest.is_empty() {
                play(&mut self.said);
                self.rest = 0..2 * self.convert();
            }
            if self.rest.is_empty() {
                return out[filled..].fill(0.0);
            }
            let count = self.rest.len().min(out.len() - filled);
            let part = self.rest.start..self.rest.start + count;
            out[filled..filled + count].copy_from_slice(&self.made[part]);
            self.rest.start += count;
            filled += count;
        }
    }

    /// Frames that came of what was said last.
    fn convert(&mut self) -> usize {
        let room = self.made.len() / 2;
        let said = InterleavedSlice::new(&self.said, 2, CHUNK);
        let made = InterleavedSlice::new_mut(&mut self.made, 2, room);
        match (said, made) {
            (Ok(said), Ok(mut made)) => {
                self.inner.process_into_buffer(&said, &mut made, None).map_or(0, |(_, frames)| frames)
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of a sine of so many hertz, from one rate to another, in callbacks of changing sizes.
    fn sine(engine: u32, device: u32, hertz: f64) -> Vec<f32> {
        let mut resampler = Resampler::new(engine, device).expect("two rates");
        let (mut heard, mut at, mut sizes) = (Vec::new(), 0u32, [1, 512, 64, 441, 1024].into_iter().cycle());
        while heard.len() < device as usize {
            let mut out = vec![0.0; 2 * sizes.next().unwrap()];
            resampler.fill(&mut out, |said| {
                for frame in said.chunks_mut(2) {
                    frame.fill((std::f64::consts::TAU * hertz * f64::from(at) / f64::from(engine)).sin() as f32);
                    at += 1;
                }
            });
            heard.extend(out.chunks(2).map(|frame| frame[0]));
        }
        heard.truncate(device as usize);
        heard
    }

    /// What is left of a sound, in dB, when a sine of so many hertz is taken from it; its beginning aside.
    fn rest(sound: &[f32], rate: u32, hertz: f64) -> f64 {
        // The last tenth of a second or more in whole periods of 100 Hz.
        let sound = &sound[sound.len() - rate as usize / 2..];
        let angle = |i: usize| std::f64::consts::TAU * hertz * i as f64 / f64::from(rate);
        let product = |f: fn(f64) -> f64| {
            sound.iter().enumerate().map(|(i, x)| f64::from(*x) * f(angle(i))).sum::<f64>() * 2.0 / sound.len() as f64
        };
        let (cos, sin) = (product(f64::cos), product(f64::sin));
        let left = sound.iter().enumerate();
        let left =
            left.map(|(i, x)| (f64::from(*x) - cos * angle(i).cos() - sin * angle(i).sin()).powi(2)).sum::<f64>();
        10.0 * (left / sound.len() as f64).log10()
    }

    #[test]
    fn a_sine_keeps_its_pitch_and_stays_clean_at_another_rate() {
        for (engine, device) in [(48_000, 44_100), (44_100, 48_000), (48_000, 96_000), (96_000, 44_100)] {
            for hertz in [100.0, 1000.0, 15_000.0] {
                let left = rest(&sine(engine, device, hertz), device, hertz);
                assert!(left < -90.0, "{engine} to {device}, {hertz} Hz: {left:.1} dB");
            }
        }
    }

    #[test]
    fn what_the_device_cannot_play_does_not_fold_back() {
        let heard = sine(96_000, 44_100, 30_000.0);
        let loudest = heard[4_410..].iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        assert!(loudest < 1e-4, "{loudest}");
    }

    #[test]
    fn equal_rates_need_none() {
        assert!(Resampler::new(48_000, 48_000).is_none());
    }
}

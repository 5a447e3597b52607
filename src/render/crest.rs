//! True peak of a whole take: the highest level between the samples, at four times the rate (ITU-R BS.1770-5, annex 2).

use std::f64::consts::PI;

use crate::engine::LANES;
use crate::engine::processor::{Task, at_full_width};

/// Frames that an interpolated one is made of.
const TAPS: usize = 12;
/// Numbers of stereo frames heard before: enough for the first interpolated ones of a stretch.
const PAST: usize = 2 * (TAPS - 1);
/// Numbers that are measured in one stretch.
const STRETCH: usize = 1024;
/// Numbers measured side by side: the sums of all phases stay in registers.
const STRIDE: usize = 2 * LANES;
/// Places between two frames that are looked at.
const PHASES: usize = 3;

/// Measures interleaved stereo as it goes by.
pub(super) struct Crest {
    /// A quarter, half and three quarters of the way to the next frame: a sinc under a Hann window, as most meters have it.
    phases: [[f32; TAPS]; PHASES],
    /// What was heard last, and what is measured.
    line: [f32; PAST + STRETCH],
    highest: f32,
}

impl Crest {
    pub fn new() -> Self {
        let length = (TAPS * (PHASES + 1)) as f64;
        let tap = |phase: usize, k: usize| {
            let place = (k * (PHASES + 1) + phase + 1) as f64;
            let way = (place - length / 2.0) * PI / (PHASES + 1) as f64;
            (0.5 * (1.0 - (2.0 * PI * place / length).cos()) * way.sin() / way) as f32
        };
        let phases = std::array::from_fn(|phase| std::array::from_fn(|k| tap(phase, k)));
        Crest { phases, line: [0.0; PAST + STRETCH], highest: 0.0 }
    }

    pub fn hear(&mut self, stereo: &[f32]) {
        for part in stereo.chunks(STRETCH) {
            self.line[PAST..][..part.len()].copy_from_slice(part);
            let line = &self.line[..PAST + part.len()];
            let highest = at_full_width::<LANES, _>(Measure { phases: &self.phases, line });
            self.highest = self.highest.max(highest);
            self.line.copy_within(part.len()..part.len() + PAST, 0);
        }
    }

    /// The highest magnitude so far.
    pub fn highest(&self) -> f32 {
        self.highest
    }
}

struct Measure<'a> {
    phases: &'a [[f32; TAPS]; PHASES],
    /// What was heard before, and what is measured.
    line: &'a [f32],
}

impl Task for Measure<'_> {
    type Gives = f32;

    #[inline(always)]
    fn go(self) -> f32 {
        const SPAN: usize = PAST + STRIDE;
        let mut most = [0.0; STRIDE];
        let mut from = 0;
        while from + SPAN <= self.line.len() {
            if let Some(span) = self.line[from..].first_chunk::<SPAN>() {
                crest(self.phases, span, &mut most);
            }
            from += STRIDE;
        }
        // The rest, with silence behind it: only what has been heard is looked at.
        let rest = &self.line[from..];
        let mut span = [0.0; SPAN];
        span[..rest.len()].copy_from_slice(rest);
        let mut last = [0.0; STRIDE];
        crest(self.phases, &span, &mut last);
        let last = &last[..rest.len() - PAST];
        most.iter().chain(last).fold(0.0, |most, x| if *x > most { *x } else { most })
    }
}

/// Raises `most` to the magnitudes at and before the last frames of a span.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "plain loops are compiled into whatever calls them")]
fn crest(phases: &[[f32; TAPS]; PHASES], span: &[f32; PAST + STRIDE], most: &mut [f32; STRIDE]) {
    let mut sums = [[0.0; STRIDE]; PHASES];
    for k in 0..TAPS {
        for l in 0..STRIDE {
            let past = span[PAST - 2 * k + l];
            for phase in 0..PHASES {
                sums[phase][l] += past * phases[phase][k];
            }
        }
    }
    for l in 0..STRIDE {
        let mut high = span[PAST + l].abs();
        for phase in 0..PHASES {
            let x = sums[phase][l].abs();
            high = if x > high { x } else { high };
        }
        most[l] = if high > most[l] { high } else { most[l] };
    }
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::*;

    #[test]
    fn peaks_between_the_samples_are_those_of_a_reference_meter_however_the_sound_is_cut() {
        let mut noise = fastrand::Rng::with_seed(7);
        let sound: Vec<f32> = (0..20_000).map(|i| (i as f32 * 0.9).sin() * noise.f32()).collect();
        let mut reference = EbuR128::new(2, 48_000, Mode::TRUE_PEAK).unwrap();
        reference.add_frames_f32(&sound).unwrap();
        let expected = reference.true_peak(0).unwrap().max(reference.true_peak(1).unwrap()) as f32;
        let highest = sound.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(expected > 1.01 * highest, "{expected} {highest}");
        for cut in [20_000, 1024, 222, 2] {
            let mut crest = Crest::new();
            sound.chunks(cut).for_each(|part| crest.hear(part));
            assert!((crest.highest() - expected).abs() < 1e-5, "{cut}: {} {expected}", crest.highest());
        }
    }
}

//! True peak of a whole take: the highest level between the samples, at four times the rate (ITU-R BS.1770-5, annex 2).

use std::f64::consts::PI;

use crate::engine::MOST_LANES;
use crate::engine::processor::{Task, at_full_width};

/// Frames that an interpolated one is made of.
const TAPS: usize = 12;
/// Numbers of stereo frames heard before: enough for the first interpolated ones of a stretch.
const PAST: usize = 2 * (TAPS - 1);
/// Numbers that are measured in one stretch.
const STRETCH: usize = 1024;
/// Numbers measured side by side: the sums of all phases stay in registers.
const STRIDE: usize = MOST_LANES;
/// Places between two frames that are looked at, and this one itself.
const PLACES: usize = 4;

/// Measures interleaved stereo as it goes by.
pub(super) struct Crest {
    taps: Taps,
    /// What was heard last, and what is measured.
    line: [f32; PAST + STRETCH],
    highest: f32,
}

/// A quarter, half and three quarters of the way to the next frame: a sinc under a Hann window, as most meters have it.
///
/// One quarter is the other turned round, and the half is itself: what stands alike far from the middle is added first.
struct Taps {
    half: [f32; TAPS / 2],
    /// Of both quarters, for the sum and for the difference of two frames.
    even: [f32; TAPS / 2],
    odd: [f32; TAPS / 2],
}

impl Taps {
    fn new() -> Self {
        let length = (TAPS * PLACES) as f64;
        let tap = |phase: usize, k: usize| {
            let place = (k * PLACES + phase) as f64;
            let way = (place - length / 2.0) * PI / PLACES as f64;
            0.5 * (1.0 - (2.0 * PI * place / length).cos()) * way.sin() / way
        };
        let quarter = |k: usize| [tap(1, k), tap(1, TAPS - 1 - k)];
        Taps {
            half: std::array::from_fn(|k| tap(2, k) as f32),
            even: std::array::from_fn(|k| (0.5 * (quarter(k)[0] + quarter(k)[1])) as f32),
            odd: std::array::from_fn(|k| (0.5 * (quarter(k)[0] - quarter(k)[1])) as f32),
        }
    }
}

impl Crest {
    pub fn new() -> Self {
        Crest { taps: Taps::new(), line: [0.0; PAST + STRETCH], highest: 0.0 }
    }

    pub fn hear(&mut self, stereo: &[f32]) {
        for part in stereo.chunks(STRETCH) {
            self.line[PAST..][..part.len()].copy_from_slice(part);
            let line = &self.line[..PAST + part.len()];
            let highest = at_full_width::<STRIDE, _>(Measure { taps: &self.taps, line });
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
    taps: &'a Taps,
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
                crest(self.taps, span, &mut most);
            }
            from += STRIDE;
        }
        // The rest, with silence behind it: only what has been heard is looked at.
        let rest = &self.line[from..];
        let mut span = [0.0; SPAN];
        span[..rest.len()].copy_from_slice(rest);
        let mut last = [0.0; STRIDE];
        crest(self.taps, &span, &mut last);
        let last = &last[..rest.len() - PAST];
        most.iter().chain(last).fold(0.0, |most, x| if *x > most { *x } else { most })
    }
}

/// Raises `most` to the magnitudes at and before the last frames of a span.
#[inline(always)]
fn crest(taps: &Taps, span: &[f32; PAST + STRIDE], most: &mut [f32; STRIDE]) {
    let [mut half, mut even, mut odd] = [[0.0; STRIDE]; 3];
    for k in 0..TAPS / 2 {
        for l in 0..STRIDE {
            let (late, early) = (span[PAST - 2 * k + l], span[PAST - 2 * (TAPS - 1 - k) + l]);
            let (sum, difference) = (late + early, late - early);
            half[l] += sum * taps.half[k];
            even[l] += sum * taps.even[k];
            odd[l] += difference * taps.odd[k];
        }
    }
    for l in 0..STRIDE {
        // The larger of both quarters' magnitudes: of even and odd added, and of one taken from the other.
        let (quarter, half, here) = (even[l].abs() + odd[l].abs(), half[l].abs(), span[PAST + l].abs());
        let high = if half > here { half } else { here };
        let high = if quarter > high { quarter } else { high };
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

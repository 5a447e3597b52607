//! True peak: how high a sound rises between its frames.

use std::f64::consts::TAU;

use super::GRID;

/// Interpolator for four times the rate: ITU-R BS.1770-5, annex 2. Phases 2 and 3 are 1 and 0 turned round.
const TAPS: usize = 12;
const PHASES: [[f32; TAPS]; 2] = [
    [
        0.001_708_984_4,
        0.010_986_328,
        -0.019_653_32,
        0.033_203_125,
        -0.059_448_242,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_422,
        -0.026_611_328,
        0.014_892_578,
        -0.008_300_781,
    ],
    [
        -0.029_174_805,
        0.029_296_875,
        -0.051_757_812,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_055,
        -0.018_920_898,
    ],
];
/// The annex's filter gives way near the upper end of the spectrum; there a longer one looks between the frames as well.
pub(super) const LONG: usize = 24;
/// What the sound does between its frames.
pub(super) struct Between {
    /// Half-way between two frames: a sinc under a Hann window.
    half: [f32; LONG],
    /// A quarter of the way and half-way, by the short sinc under a Hann window that most meters use instead of the annex.
    /// The two differ by up to 0.2 dB.
    short: [[f32; TAPS]; 2],
    /// No interpolator raises a peak by more than this, the sum of its magnitudes.
    worst: f32,
}

impl Between {
    pub fn new() -> Self {
        let tap = |t: f64, length: f64| {
            let window = 0.5 * (1.0 + (TAU * t / length).cos());
            (window * (t * TAU / 2.0).sin() / (t * TAU / 2.0)) as f32
        };
        let half = std::array::from_fn(|k| tap(k as f64 - (LONG as f64 - 1.0) / 2.0, LONG as f64 + 1.0));
        let short = [0.25, 0.5].map(|at| std::array::from_fn(|k| tap(k as f64 + at - TAPS as f64 / 2.0, TAPS as f64)));
        let magnitude = |taps: &[f32]| taps.iter().map(|tap| tap.abs()).sum::<f32>();
        let phases = PHASES.iter().chain(&short);
        let worst = phases.map(|phase| magnitude(phase)).fold(magnitude(&half), f32::max);
        Between { half, short, worst: worst * 1.01 }
    }

    /// Whether the true peak of a sound may lie above `ceiling` where none of its frames lies above `peak`.
    pub fn may_exceed(&self, peak: f32, ceiling: f32) -> bool {
        peak * self.worst > ceiling
    }

    /// Lowers `needs` to the gain that brings each frame's true peak below `ceiling`. The gain of frame `i`
    /// is that of the sound half of `LONG` frames before it.
    pub fn measure(&self, line: &[f32; LONG - 1 + GRID], ceiling: f32, needs: &mut [f32; GRID]) {
        for (i, need) in needs.iter_mut().enumerate() {
            let around = &line[i..i + LONG];
            let frames = &around[(LONG - TAPS) / 2..(LONG + TAPS) / 2];
            let mut peak = frames[TAPS / 2].abs().max(dot(around.iter(), &self.half).abs());
            for phase in PHASES.iter().chain(&self.short) {
                peak = peak.max(dot(frames.iter(), phase).abs()).max(dot(frames.iter().rev(), phase).abs());
            }
            if peak > ceiling {
                *need = need.min(ceiling / peak);
            }
        }
    }
}

fn dot<'a>(frames: impl Iterator<Item = &'a f32>, taps: &[f32]) -> f32 {
    frames.zip(taps).map(|(x, tap)| x * tap).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(frames: impl Fn(usize) -> f32) -> f32 {
        let mut needs = [1.0; GRID];
        Between::new().measure(&std::array::from_fn(frames), 0.5, &mut needs);
        needs.into_iter().fold(1.0, f32::min)
    }

    #[test]
    fn a_sine_whose_frames_miss_its_peaks_is_measured_at_its_peaks() {
        let need = need(|i| ((i as f64 * 0.25 + 0.125) * TAU).sin() as f32);
        assert!((need - 0.5).abs() < 0.01, "{need}");
    }

    #[test]
    fn what_stays_below_the_ceiling_needs_nothing() {
        assert_eq!(need(|i| (i as f32 * 0.1).sin() * 0.49), 1.0);
    }
}

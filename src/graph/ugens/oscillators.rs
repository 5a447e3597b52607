//! Oscillators: periodic waveforms without aliases, from phases that never drift.
//!
//! Phases are 32-bit integers that wrap by themselves: 2³² is one cycle.

use super::blep::Corners;
use super::kernel::{Kernel, play};
use super::{Build, Param, Row};

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
        if cycles.is_nan() { 0.0 } else { cycles.clamp(-TOP, TOP) }
    }
}

/// Less than half a cycle as a step of a phase.
#[inline(always)]
pub(super) fn step(cycles: f32) -> u32 {
    (cycles * 4_294_967_296.0) as i32 as u32
}

/// Any number of cycles as a phase.
#[inline(always)]
pub(super) fn phase(cycles: f32) -> u32 {
    (cycles * 4_294_967_296.0) as i64 as u32
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
    let x = bipolar(phase);
    let folded = if x.abs() > 0.5 { x.signum() - x } else { x };
    let z = folded * std::f32::consts::PI;
    let z2 = z * z;
    let series = -2.505_210_8e-8 * z2 + 2.755_731_9e-6;
    let series = (series * z2 - 1.984_127e-4) * z2 + 8.333_333e-3;
    z + z * z2 * (series * z2 - 0.166_666_67)
}

/// A triangle: 0 at phase 0, 1 at a quarter.
#[inline(always)]
pub(super) fn triangle(phase: u32) -> f32 {
    let x = bipolar(phase);
    2.0 * if x.abs() > 0.5 { x.signum() - x } else { x }
}

#[derive(Clone)]
struct Sine<const L: usize> {
    phase: [u32; L],
    pace: Pace,
}

impl<const L: usize> Kernel<2, 1, L> for Sine<L> {
    #[inline(always)]
    fn tick(&mut self, [freq, offset]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        [std::array::from_fn(|l| {
            let value = sine(self.phase[l].wrapping_add(phase(offset[l])));
            self.phase[l] = self.phase[l].wrapping_add(step(self.pace.cycles(freq[l])));
            value
        })]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = [0; L];
    }
}

#[derive(Clone)]
struct Saw<const L: usize> {
    phase: [u32; L],
    corners: Corners<L>,
    pace: Pace,
}

impl<const L: usize> Kernel<1, 1, L> for Saw<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let drawn = self.phase.map(bipolar);
        let due = self.corners.next(drawn);
        for (l, freq) in freq.into_iter().enumerate() {
            let cycles = self.pace.cycles(freq);
            let before = self.phase[l] as i32;
            let after = before.wrapping_add(step(cycles) as i32);
            self.phase[l] = after as u32;
            // The jump from 1 to -1 stands at half a cycle, so that a saw begins at zero.
            let jumped = if cycles > 0.0 { after < before } else { after > before };
            if jumped {
                let past = (bipolar(after as u32) + cycles.signum()) * 0.5 / cycles;
                self.corners.step(l, past, -2.0 * cycles.signum());
            }
        }
        [due]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = [0; L];
        self.corners.reset();
    }
}

#[derive(Clone)]
struct Pulse<const L: usize> {
    phase: [u32; L],
    width: [f32; L],
    corners: Corners<L>,
    pace: Pace,
}

impl<const L: usize> Pulse<L> {
    fn new(rate: f64) -> Self {
        Pulse { phase: [0; L], width: [0.5; L], corners: Corners::new(), pace: Pace::new(rate) }
    }

    #[inline(always)]
    fn lane(&mut self, l: usize, cycles: f32, width: f32) {
        let before = unipolar(self.phase[l]);
        let (after, wrapped) = self.phase[l].overflowing_add(step(cycles));
        self.phase[l] = after;
        let end = if wrapped { unipolar(after) + 1.0 } else { unipolar(after) };
        // Before and after, counted from the falling edge, which may move, too.
        let (left, over) = (self.width[l] - before, end - width);
        if left > 0.0 && over >= 0.0 {
            self.corners.step(l, over / (left + over).max(1e-9), -2.0);
        } else if left <= 0.0 && over < 0.0 {
            self.corners.step(l, over / (left + over), 2.0);
        }
        if wrapped {
            let since = (end - 1.0) / cycles.max(1e-9);
            self.corners.step(l, since, 2.0);
            if end - 1.0 >= width {
                self.corners.step(l, (end - 1.0 - width) / cycles.max(1e-9), -2.0);
            }
        }
        self.width[l] = width;
    }

    /// High for `width` of the cycle; the mean is taken away, so that narrow pulses do not thump.
    #[inline(always)]
    fn play(&mut self, freq: [f32; L], width: [f32; L]) -> [f32; L] {
        let drawn = std::array::from_fn(|l| if unipolar(self.phase[l]) < self.width[l] { 1.0 } else { -1.0 });
        let mut due = self.corners.next(drawn);
        for l in 0..L {
            let width = if width[l].is_nan() { 0.5 } else { width[l].clamp(0.01, 0.99) };
            due[l] -= 2.0 * width - 1.0;
            self.lane(l, self.pace.cycles(freq[l]).abs(), width);
        }
        due
    }
}

impl<const L: usize> Kernel<1, 1, L> for Pulse<L> {
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        [self.play(freq, [0.5; L])]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = [0; L];
        self.width = [0.5; L];
        self.corners.reset();
    }
}

impl<const L: usize> Kernel<2, 1, L> for Pulse<L> {
    fn tick(&mut self, [freq, width]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        [self.play(freq, width)]
    }

    fn reset(&mut self, seed: u64) {
        Kernel::<1, 1, L>::reset(self, seed);
    }
}

#[derive(Clone)]
struct Triangle<const L: usize> {
    phase: [u32; L],
    corners: Corners<L>,
    pace: Pace,
}

impl<const L: usize> Kernel<1, 1, L> for Triangle<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let due = self.corners.next(self.phase.map(triangle));
        for (l, freq) in freq.into_iter().enumerate() {
            let cycles = self.pace.cycles(freq).abs();
            // Half cycles from the upper corner (a quarter) to the lower one.
            let before = self.phase[l].wrapping_sub(1 << 30);
            let after = before.wrapping_add(step(cycles));
            self.phase[l] = after.wrapping_add(1 << 30);
            if (before ^ after) >> 31 == 1 {
                let past = unipolar(after << 1) * 0.5 / cycles.max(1e-9);
                let upper = after >> 31 == 0;
                self.corners.bend(l, past, if upper { -8.0 } else { 8.0 } * cycles);
            }
        }
        [due]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = [0; L];
        self.corners.reset();
    }
}

/// A waveform read straight from its phase, for modulation: corners stay sharp.
#[derive(Clone)]
struct Slow<const L: usize> {
    phase: [u32; L],
    pace: Pace,
    wave: fn(u32) -> f32,
}

impl<const L: usize> Kernel<2, 1, L> for Slow<L> {
    fn tick(&mut self, [freq, offset]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        [std::array::from_fn(|l| {
            let value = (self.wave)(self.phase[l].wrapping_add(phase(offset[l])));
            self.phase[l] = self.phase[l].wrapping_add(step(self.pace.cycles(freq[l])));
            value
        })]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = [0; L];
    }
}

pub(super) const FREQ: Param = Param::needed("freq", "Hz", 0.0, 20_000.0);
const OFFSET: Param = Param::signal("phase", "cycles", -1e3, 1e3, 0.0);

const fn oscillator(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "oscillators",
        doc,
        example: "",
        inputs: 0,
        outputs: 1,
        params: &[FREQ],
        build: |build| play::<_, 1, 1, 1>(saw(build)),
    }
}

fn saw(build: &Build) -> Saw<1> {
    Saw { phase: [0], corners: Corners::new(), pace: Pace::new(build.rate) }
}

fn slow(build: &Build, wave: fn(u32) -> f32) -> Slow<1> {
    Slow { phase: [0], pace: Pace::new(build.rate), wave }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "sine(440) * 0.3",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(Sine { phase: [0], pace: Pace::new(b.rate) }),
        ..oscillator(
            "sine",
            &["sinosc"],
            "A sine wave of -1 to 1. `phase` is added to the angle, in cycles: a signal there is phase modulation.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> lowpass(900)",
        ..oscillator(
            "saw",
            &["sawtooth"],
            "A rising sawtooth of -1 to 1 without aliases (band-limited steps, 32 taps).",
        )
    },
    Row {
        example: "square(110) * 0.2 >> lowpass(900)",
        build: |b| play::<_, 1, 1, 1>(Pulse::new(b.rate)),
        ..oscillator("square", &["sqr"], "A square wave of -1 to 1 without aliases.")
    },
    Row {
        example: "pulse(110, sine(0.3).range(0.1, 0.5)) * 0.2",
        params: &[FREQ, Param::signal("width", "of a cycle", 0.01, 0.99, 0.5)],
        build: |b| play::<_, 2, 1, 1>(Pulse::new(b.rate)),
        ..oscillator(
            "pulse",
            &[],
            "A pulse wave, high for `width` of its cycle, its mean taken away; `width` may be modulated. Without aliases.",
        )
    },
    Row {
        example: "tri(220) * 0.4",
        build: |b| play::<_, 1, 1, 1>(Triangle { phase: [0], corners: Corners::new(), pace: Pace::new(b.rate) }),
        ..oscillator("tri", &["triangle"], "A triangle wave of -1 to 1 without aliases (band-limited bends).")
    },
    Row {
        example: "saw(110) >> lowpass(lfsaw(2).range(2000, 200)) >> gain(-12)",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(slow(b, |p| bipolar(p.wrapping_add(1 << 31)))),
        ..oscillator(
            "lfsaw",
            &["lfo_saw"],
            "A sawtooth for modulation: sharp corners, from -1 up to 1. `phase` in cycles.",
        )
    },
    Row {
        example: "saw(110) >> lowpass(lftri(2).range(200, 2000)) >> gain(-12)",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(slow(b, triangle)),
        ..oscillator(
            "lftri",
            &["lfo_tri"],
            "A triangle for modulation: sharp corners, -1 to 1, begins at 0. `phase` in cycles.",
        )
    },
    Row {
        example: "saw(110) * lfsquare(4).range(0, 0.2)",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(slow(b, |p| if p >> 31 == 0 { 1.0 } else { -1.0 })),
        ..oscillator(
            "lfsquare",
            &["lfo_square", "lfpulse"],
            "A square for modulation: sharp edges, begins high. `phase` in cycles.",
        )
    },
    Row {
        example: "sine(220) * lfsine(5).range(0, 0.3)",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(slow(b, sine)),
        ..oscillator("lfsine", &["lfo", "lfo_sine"], "A sine for modulation, -1 to 1, begins at 0. `phase` in cycles.")
    },
    Row {
        example: "phasor(220) * 0.4 >> dcblock()",
        params: &[FREQ, OFFSET],
        build: |b| play::<_, 2, 1, 1>(slow(b, unipolar)),
        ..oscillator("phasor", &["ramp"], "A ramp from 0 to 1, for driving shapes: sharp edges. `phase` in cycles.")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// Four lanes against four times one, at frequencies and widths of their own.
    fn lanes_agree<const I: usize>(mut wide: impl Kernel<I, 1, 4>, single: impl Kernel<I, 1, 1>) {
        let mut singles = [single.clone(), single.clone(), single.clone(), single];
        for n in 0..5000 {
            let sway = (n as f32 * 0.003).sin();
            let lane =
                |k: usize, l: usize| if k == 0 { 300.0 * (l + 1) as f32 * (1.2 + sway) } else { 0.5 + 0.3 * sway };
            let input = std::array::from_fn(|k| std::array::from_fn(|l| lane(k, l)));
            let [heard] = wide.tick(input);
            for (l, single) in singles.iter_mut().enumerate() {
                let [[alone]] = single.tick(std::array::from_fn(|k| [lane(k, l)]));
                assert_eq!(heard[l].to_bits(), alone.to_bits(), "lane {l} at frame {n}");
            }
        }
    }

    #[test]
    fn lanes_sound_as_they_would_alone() {
        let pace = Pace::new(RATE);
        lanes_agree::<2>(Sine { phase: [0; 4], pace }, Sine { phase: [0; 1], pace });
        let saw = Saw { phase: [0; 4], corners: Corners::new(), pace };
        lanes_agree::<1>(saw, Saw { phase: [0; 1], corners: Corners::new(), pace });
        lanes_agree::<2>(Pulse::<4>::new(RATE), Pulse::<1>::new(RATE));
        let tri = Triangle { phase: [0; 4], corners: Corners::new(), pace };
        lanes_agree::<1>(tri, Triangle { phase: [0; 1], corners: Corners::new(), pace });
    }

    #[test]
    fn a_sine_is_a_sine() {
        for n in 0..10_000_u32 {
            let angle = n.wrapping_mul(429_497);
            let exact = (f64::from(angle) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(angle)) - exact).abs() < 5e-7, "at {angle}");
        }
    }

    #[test]
    fn a_frequency_that_is_no_number_stands_still() {
        let mut saw = Saw { phase: [0; 1], corners: Corners::<1>::new(), pace: Pace::new(RATE) };
        assert!((0..100).all(|_| saw.tick([[f32::NAN]])[0][0] == 0.0));
    }
}

//! Filters: state-variable filters, poles, ladders and resonators; every cutoff follows any signal.
//!
//! The state-variable filter is Andrew Simper's trapezoidal one ("Solving the continuous SVF equations", 2013): stable
//! however fast it is modulated.

use super::kernel::{Kernel, Voice, play, voice};
use super::{Build, Param, Row};

/// The lowest and the highest cutoff; the highest as a fraction of the sample rate.
const LOW: f32 = 10.0;
const TOP: f32 = 0.45;

/// `tan(π·cutoff/rate)` with the cutoff held between 10 Hz and 0.45 of the rate (Padé approximant, error below 10⁻⁴).
#[inline(always)]
pub(super) fn warp(cutoff: f32, rate: f32) -> f32 {
    let x = std::f32::consts::PI * (cutoff.max(LOW) / rate).min(TOP);
    let x2 = x * x;
    x * (945.0 + x2 * (x2 - 105.0)) / (945.0 + x2 * (15.0 * x2 - 420.0))
}

/// Where a value lies between two limits; not-a-number goes to the lower.
#[inline(always)]
pub(super) fn hold(value: f32, low: f32, high: f32) -> f32 {
    value.max(low).min(high)
}

/// How the three outputs of a state-variable filter are mixed.
#[derive(Clone, Copy, Default)]
pub(super) struct Tuning {
    /// Warped cutoff.
    g: f32,
    /// Damping: 1/Q.
    k: f32,
    mix: [f32; 3],
}

type Mode = fn(g: f32, q: f32, db: f32) -> Tuning;

pub(super) fn lowpass(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [0.0, 0.0, 1.0] }
}

pub(super) fn highpass(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [1.0, -1.0 / q, -1.0] }
}

pub(super) fn bandpass(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [0.0, 1.0 / q, 0.0] }
}

fn notch(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [1.0, -1.0 / q, 0.0] }
}

fn peak(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [1.0, -1.0 / q, -2.0] }
}

fn allpass(g: f32, q: f32, _: f32) -> Tuning {
    Tuning { g, k: 1.0 / q, mix: [1.0, -2.0 / q, 0.0] }
}

fn bell(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    let k = 1.0 / (q * a);
    Tuning { g, k, mix: [1.0, k * (a * a - 1.0), 0.0] }
}

fn lowshelf(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    Tuning { g: g / a.sqrt(), k: 1.0 / q, mix: [1.0, (a - 1.0) / q, a * a - 1.0] }
}

fn highshelf(g: f32, q: f32, db: f32) -> Tuning {
    let a = 10f32.powf(db / 40.0);
    Tuning { g: g * a.sqrt(), k: 1.0 / q, mix: [a * a, (1.0 - a) * a / q, 1.0 - a * a] }
}

/// The memory and arithmetic of one state-variable filter per lane.
#[derive(Clone)]
pub(super) struct Core<const L: usize> {
    s1: [f32; L],
    s2: [f32; L],
}

impl<const L: usize> Core<L> {
    pub fn new() -> Self {
        Core { s1: [0.0; L], s2: [0.0; L] }
    }

    #[inline(always)]
    pub fn lane(&mut self, l: usize, x: f32, t: &Tuning) -> f32 {
        let a1 = 1.0 / (1.0 + t.g * (t.g + t.k));
        let v3 = x - self.s2[l];
        let v1 = a1 * (self.s1[l] + t.g * v3);
        let v2 = self.s2[l] + t.g * v1;
        self.s1[l] = 2.0 * v1 - self.s1[l];
        self.s2[l] = 2.0 * v2 - self.s2[l];
        t.mix[0] * x + t.mix[1] * v1 + t.mix[2] * v2
    }
}

/// A state-variable filter: signal, cutoff, Q and gain in dB.
#[derive(Clone)]
struct Svf<const L: usize> {
    core: Core<L>,
    tuning: [Tuning; L],
    /// The parameters `tuning` was made of.
    heard: [[f32; 3]; L],
    rate: f32,
    mode: Mode,
}

impl<const L: usize> Svf<L> {
    fn new(rate: f64, mode: Mode) -> Self {
        Svf { core: Core::new(), tuning: [Tuning::default(); L], heard: [[f32::NAN; 3]; L], rate: rate as f32, mode }
    }

    #[inline(always)]
    fn lane(&mut self, l: usize, x: f32, cutoff: f32, q: f32, db: f32) -> f32 {
        if self.heard[l] != [cutoff, q, db] {
            self.heard[l] = [cutoff, q, db];
            self.tuning[l] = (self.mode)(warp(cutoff, self.rate), hold(q, 0.1, 60.0), hold(db, -60.0, 36.0));
        }
        self.core.lane(l, x, &self.tuning[l])
    }
}

impl<const L: usize> Kernel<3, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        [std::array::from_fn(|l| self.lane(l, x[l], cutoff[l], q[l], 0.0))]
    }

    fn reset(&mut self, _seed: u64) {
        self.core = Core::new();
    }
}

impl<const L: usize> Kernel<4, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q, db]: [[f32; L]; 4]) -> [[f32; L]; 1] {
        [std::array::from_fn(|l| self.lane(l, x[l], cutoff[l], q[l], db[l]))]
    }

    fn reset(&mut self, _seed: u64) {
        self.core = Core::new();
    }
}

/// Several state-variable filters in a row (Butterworth) at one cutoff.
#[derive(Clone)]
struct Cascade {
    stages: [Core<1>; 2],
    mode: Mode,
    rate: f32,
}

impl Voice<2, 1> for Cascade {
    fn frame(&mut self, [x, cutoff]: [f32; 2]) -> [f32; 1] {
        let g = warp(cutoff, self.rate);
        // Poles of the fourth-order Butterworth: 1/(2 cos 22.5°) and 1/(2 cos 67.5°).
        let first = self.stages[0].lane(0, x, &(self.mode)(g, 0.541_196_1, 0.0));
        [self.stages[1].lane(0, first, &(self.mode)(g, 1.306_563, 0.0))]
    }

    fn reset(&mut self, _seed: u64) {
        self.stages = [Core::new(), Core::new()];
    }
}

/// One trapezoidal pole.
#[derive(Clone, Copy, Default)]
pub(super) struct Pole {
    s: f32,
}

impl Pole {
    /// The low part of `x`; the high part is what is missing.
    #[inline(always)]
    pub fn low(&mut self, x: f32, g: f32) -> f32 {
        let v = (x - self.s) * (g / (1.0 + g));
        let low = v + self.s;
        self.s = low + v;
        low
    }
}

#[derive(Clone)]
struct OnePole {
    pole: Pole,
    rate: f32,
    /// What is heard of the input and of its low part.
    mix: [f32; 2],
}

impl Voice<2, 1> for OnePole {
    fn frame(&mut self, [x, cutoff]: [f32; 2]) -> [f32; 1] {
        let low = self.pole.low(x, warp(cutoff, self.rate));
        [self.mix[0] * x + self.mix[1] * low]
    }

    fn reset(&mut self, _seed: u64) {
        self.pole = Pole::default();
    }
}

#[derive(Clone)]
struct DcBlock {
    pole: Pole,
    g: f32,
}

impl Voice<1, 1> for DcBlock {
    fn frame(&mut self, [x]: [f32; 1]) -> [f32; 1] {
        [x - self.pole.low(x, self.g)]
    }

    fn reset(&mut self, _seed: u64) {
        self.pole = Pole::default();
    }
}

/// Four poles in a loop without delay, driven into saturation (after Zavalishin, "The art of VA filter design", chapter 5).
#[derive(Clone)]
struct Ladder {
    poles: [f32; 4],
    rate: f32,
}

impl Voice<4, 1> for Ladder {
    fn frame(&mut self, [x, cutoff, resonance, drive]: [f32; 4]) -> [f32; 1] {
        let g = warp(cutoff, self.rate);
        let k = 4.0 * hold(resonance, 0.0, 1.1);
        let drive = hold(drive, 0.05, 50.0);
        let rest = 1.0 / (1.0 + g);
        let part = g * rest;
        let memory = self.poles.iter().fold(0.0, |sum, s| sum * part + s * rest);
        // Half of the bass that resonance takes away is given back.
        let loud = x * drive * (1.0 + 0.5 * k);
        let square = part * part;
        let mut y = soft((loud - k * memory) / (1.0 + k * square * square));
        for s in &mut self.poles {
            let v = (y - *s) * part;
            y = v + *s;
            *s = y + v;
        }
        [y / drive.max(1.0).sqrt()]
    }

    fn reset(&mut self, _seed: u64) {
        self.poles = [0.0; 4];
    }
}

/// A hyperbolic tangent within 10⁻³, exact at ±1 beyond 4.9 (Padé).
#[inline(always)]
pub(super) fn soft(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let x2 = x * x;
    x * (135_135.0 + x2 * (17_325.0 + x2 * (378.0 + x2))) / (135_135.0 + x2 * (62_370.0 + x2 * (3_150.0 + x2 * 28.0)))
}

/// Three formants that glide through a, e, i, o, u (Peterson and Barney, 1952; male averages).
#[derive(Clone)]
struct Vowel {
    formants: [Core<1>; 3],
    rate: f32,
}

const VOWELS: [[f32; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
];

impl Voice<2, 1> for Vowel {
    fn frame(&mut self, [x, place]: [f32; 2]) -> [f32; 1] {
        let place = hold(place, 0.0, 4.0);
        let first = (place as usize).min(3);
        let part = place - first as f32;
        let mut sum = 0.0;
        for (k, (core, level)) in self.formants.iter_mut().zip([1.0, 0.6, 0.3]).enumerate() {
            let centre = VOWELS[first][k] + part * (VOWELS[first + 1][k] - VOWELS[first][k]);
            let tuning = bandpass(warp(centre, self.rate), centre / (60.0 + 30.0 * k as f32), 0.0);
            sum += level * core.lane(0, x, &tuning);
        }
        // Three narrow bands keep little of a sound: 18 dB more make it as loud as it was.
        [sum * 8.0]
    }

    fn reset(&mut self, _seed: u64) {
        self.formants = [Core::new(), Core::new(), Core::new()];
    }
}

/// A band of a width in Hz.
#[derive(Clone)]
struct Resonator {
    core: Core<1>,
    rate: f32,
}

impl Voice<3, 1> for Resonator {
    fn frame(&mut self, [x, centre, width]: [f32; 3]) -> [f32; 1] {
        let q = hold(hold(centre, LOW, TOP * self.rate) / hold(width, 0.01, 20_000.0), 0.05, 10_000.0);
        [self.core.lane(0, x, &bandpass(warp(centre, self.rate), q, 0.0))]
    }

    fn reset(&mut self, _seed: u64) {
        self.core = Core::new();
    }
}

pub(super) const CUTOFF: Param = Param::needed("cutoff", "Hz", LOW, 20_000.0);
const CENTRE: Param = Param::needed("freq", "Hz", LOW, 20_000.0);
const Q: Param = Param::signal("q", "", 0.1, 60.0, std::f32::consts::FRAC_1_SQRT_2);
const WIDE: Param = Param::signal("q", "", 0.1, 60.0, 1.0);
const DB: Param = Param::needed("gain", "dB", -60.0, 36.0);

const fn filter(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "filters",
        doc,
        example: "",
        inputs: 1,
        outputs: 1,
        params: &[CUTOFF, Q],
        build: |b| svf(b, lowpass),
    }
}

fn svf(build: &Build, mode: Mode) -> Box<dyn crate::engine::Operation<1>> {
    play::<_, 3, 1, 1>(Svf::new(build.rate, mode))
}

fn svf_db(build: &Build, mode: Mode) -> Box<dyn crate::engine::Operation<1>> {
    play::<_, 4, 1, 1>(Svf::new(build.rate, mode))
}

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) >> lowpass(sine(0.25).range(200, 3000), 3) >> gain(-12)",
        ..filter(
            "lowpass",
            &["lpf", "rlpf"],
            "Lets through what lies below the cutoff, 12 dB per octave; `q` above 0.71 resonates.",
        )
    },
    Row {
        example: "saw(110) >> highpass(800, 2) >> gain(-10)",
        build: |b| svf(b, highpass),
        ..filter(
            "highpass",
            &["hpf", "rhpf"],
            "Lets through what lies above the cutoff, 12 dB per octave; `q` above 0.71 resonates.",
        )
    },
    Row {
        example: "white() >> bandpass(1000, 8) >> gain(-3)",
        params: &[CENTRE, WIDE],
        build: |b| svf(b, bandpass),
        ..filter(
            "bandpass",
            &["bpf"],
            "Lets through a band around a frequency, at its own level there; the higher `q`, the narrower.",
        )
    },
    Row {
        example: "saw(110) >> notch(sine(0.3).range(300, 3000), 2) >> gain(-12)",
        params: &[CENTRE, WIDE],
        build: |b| svf(b, notch),
        ..filter("notch", &["brf", "bandstop"], "Takes out a band around a frequency; the higher `q`, the narrower.")
    },
    Row {
        example: "saw(110) >> peak(900, 4) >> gain(-18)",
        params: &[CENTRE, WIDE],
        build: |b| svf(b, peak),
        ..filter("peak", &[], "A resonance at a frequency over the whole sound: lowpass less highpass.")
    },
    Row {
        example: "(saw(110) & (saw(110) >> allpass(700))) * 0.1",
        params: &[CENTRE, WIDE],
        build: |b| svf(b, allpass),
        ..filter(
            "allpass",
            &["apf"],
            "Leaves levels as they are and turns phases, half a cycle at a frequency: the heart of a phaser.",
        )
    },
    Row {
        example: "saw(110) >> bell(1200, 2, 9) >> gain(-15)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        build: |b| svf_db(b, bell),
        ..filter(
            "bell",
            &["eq", "peaking"],
            "Raises or lowers a band around a frequency by `gain` dB: one band of an equaliser.",
        )
    },
    Row {
        example: "saw(110) >> lowshelf(200, 0.7, 6) >> gain(-15)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        build: |b| svf_db(b, lowshelf),
        ..filter("lowshelf", &[], "Raises or lowers everything below a frequency by `gain` dB.")
    },
    Row {
        example: "saw(110) >> highshelf(3000, 0.7, -9) >> gain(-12)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        build: |b| svf_db(b, highshelf),
        ..filter("highshelf", &[], "Raises or lowers everything above a frequency by `gain` dB.")
    },
    Row {
        example: "saw(55) >> moog(sine(0.2).range(200, 2000), 0.7) >> gain(-8)",
        params: &[
            CUTOFF,
            Param::signal("resonance", "", 0.0, 1.1, 0.0),
            Param::signal("drive", "linear", 0.05, 50.0, 1.0),
        ],
        build: |b| voice::<_, 4, 1, 1>(Ladder { poles: [0.0; 4], rate: b.rate as f32 }),
        ..filter(
            "moog",
            &["ladder"],
            "A transistor ladder: lowpass of 24 dB per octave that saturates; it whistles by itself from resonance 1 on.",
        )
    },
    Row {
        example: "white() >> lowpole(500) >> gain(-6)",
        params: &[CUTOFF],
        build: |b| voice::<_, 2, 1, 1>(OnePole { pole: Pole::default(), rate: b.rate as f32, mix: [0.0, 1.0] }),
        ..filter("lowpole", &["onepole"], "A gentle lowpass of one pole, 6 dB per octave.")
    },
    Row {
        example: "white() >> highpole(3000) >> gain(-12)",
        params: &[CUTOFF],
        build: |b| voice::<_, 2, 1, 1>(OnePole { pole: Pole::default(), rate: b.rate as f32, mix: [1.0, -1.0] }),
        ..filter("highpole", &[], "A gentle highpass of one pole, 6 dB per octave.")
    },
    Row {
        example: "(saw(110) & (saw(110) >> allpole(400))) * 0.1",
        params: &[CENTRE],
        build: |b| voice::<_, 2, 1, 1>(OnePole { pole: Pole::default(), rate: b.rate as f32, mix: [-1.0, 2.0] }),
        ..filter("allpole", &[], "An allpass of one pole: a quarter of a cycle at a frequency.")
    },
    Row {
        example: "pow(sine(110), 2) >> dcblock() >> gain(-9)",
        params: &[],
        build: |b| voice::<_, 1, 1, 1>(DcBlock { pole: Pole::default(), g: warp(LOW, b.rate as f32) }),
        ..filter("dcblock", &["leakdc"], "Takes away the mean: a highpass at 10 Hz.")
    },
    Row {
        example: "saw(110) >> butterworth(900) >> gain(-12)",
        params: &[CUTOFF],
        build: |b| {
            voice::<_, 2, 1, 1>(Cascade { stages: [Core::new(), Core::new()], mode: lowpass, rate: b.rate as f32 })
        },
        ..filter(
            "butterworth",
            &["lowpass4", "butterpass"],
            "A flat lowpass of 24 dB per octave (fourth-order Butterworth).",
        )
    },
    Row {
        example: "saw(110) >> butterworth_high(900) >> gain(-9)",
        params: &[CUTOFF],
        build: |b| {
            voice::<_, 2, 1, 1>(Cascade { stages: [Core::new(), Core::new()], mode: highpass, rate: b.rate as f32 })
        },
        ..filter("butterworth_high", &["highpass4"], "A flat highpass of 24 dB per octave (fourth-order Butterworth).")
    },
    Row {
        example: "white() >> resonator(440, 10) >> gain(6)",
        params: &[CENTRE, Param::signal("width", "Hz", 0.01, 20_000.0, 10.0)],
        build: |b| voice::<_, 3, 1, 1>(Resonator { core: Core::new(), rate: b.rate as f32 }),
        ..filter(
            "resonator",
            &["reson"],
            "A band of a given width in Hz around a frequency: narrow ones ring like a struck bar.",
        )
    },
    Row {
        example: "saw(110) >> vowel(tri(0.2).range(0, 4)) >> gain(-6)",
        params: &[Param::needed("vowel", "0 a, 1 e, 2 i, 3 o, 4 u", 0.0, 4.0)],
        build: |b| {
            voice::<_, 2, 1, 1>(Vowel { formants: [Core::new(), Core::new(), Core::new()], rate: b.rate as f32 })
        },
        ..filter(
            "vowel",
            &["formant"],
            "The three formants of a sung vowel, gliding between a, e, i, o and u (Peterson and Barney, 1952).",
        )
    },
];

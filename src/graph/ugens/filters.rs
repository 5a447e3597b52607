//! Filters: state-variable filters and resonators; every cutoff follows any signal.
//!
//! The state-variable filter is Andrew Simper's trapezoidal one ("Solving the continuous SVF equations", 2013): stable
//! however fast it is modulated.

use wide::f32x4;

use super::kernel::{Kernel, Voice, play, tick_by_tick, voice};
use super::poles::{DcBlock, Ladder, OnePole};
use super::row::make;
use super::{Build, Param, Row};
use crate::engine::Operation;
use crate::engine::processor::each;
use crate::engine::schedule::Run;

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
    // Comparisons as the processor has them: `max` and `min` take care of more.
    let value = if value > low { value } else { low };
    if value < high { value } else { high }
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

/// How much of the input, of the band (by its damping) and of the low part is heard.
#[derive(Clone, Copy)]
pub(super) struct Blend([f32; 3]);

pub(super) const LOWPASS: Blend = Blend([0.0, 0.0, 1.0]);
pub(super) const HIGHPASS: Blend = Blend([1.0, -1.0, -1.0]);
pub(super) const BANDPASS: Blend = Blend([0.0, 1.0, 0.0]);
const NOTCH: Blend = Blend([1.0, -1.0, 0.0]);
const PEAK: Blend = Blend([1.0, -1.0, -2.0]);
const ALLPASS: Blend = Blend([1.0, -2.0, 0.0]);

impl Blend {
    #[inline(always)]
    pub fn tuned(self, g: f32, q: f32) -> Tuning {
        let k = 1.0 / q;
        Tuning { g, k, mix: [self.0[0], self.0[1] * k, self.0[2]] }
    }
}

/// What a filter does at a warped cutoff, a Q and, for some, a gain in dB.
#[derive(Clone, Copy)]
enum Mode {
    Plain(Blend),
    Gain(fn(g: f32, q: f32, db: f32) -> Tuning),
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

/// The memory and arithmetic of one state-variable filter.
#[derive(Clone, Copy, Default)]
pub(super) struct Core {
    s1: f32,
    s2: f32,
}

impl Core {
    #[inline(always)]
    pub fn frame(&mut self, x: f32, t: &Tuning) -> f32 {
        let a1 = 1.0 / (1.0 + t.g * (t.g + t.k));
        let v3 = x - self.s2;
        let v1 = a1 * (self.s1 + t.g * v3);
        let v2 = self.s2 + t.g * v1;
        self.s1 = 2.0 * v1 - self.s1;
        self.s2 = 2.0 * v2 - self.s2;
        t.mix[0] * x + t.mix[1] * v1 + t.mix[2] * v2
    }
}

/// A state-variable filter: signal, cutoff, Q and gain in dB.
///
/// The same filter as `Core`, solved for its memory and its output, so that little has to wait for something else: `pull`
/// says what the memory takes from itself and from what is new, `hear` what is heard of input and memory.
#[derive(Clone)]
struct Svf<const L: usize> {
    s1: [f32; L],
    s2: [f32; L],
    pull: [[f32; L]; 3],
    hear: [[f32; L]; 3],
    /// The parameters these were made of.
    heard: [[f32; L]; 3],
    rate: f32,
    mode: Mode,
}

impl<const L: usize> Svf<L> {
    fn new(rate: f64, mode: Mode) -> Self {
        let (zero, heard) = ([0.0; L], [[f32::NAN; L]; 3]);
        Svf { s1: zero, s2: zero, pull: [zero; 3], hear: [zero; 3], heard, rate: rate as f32, mode }
    }

    #[inline(always)]
    fn hear(&mut self, params: [[f32; L]; 3]) {
        if differ(params[0], self.heard[0]) | differ(params[1], self.heard[1]) | differ(params[2], self.heard[2]) {
            match self.mode {
                Mode::Plain(blend) => self.tune(params, |g, q, _| blend.tuned(g, q)),
                Mode::Gain(tuned) => self.tune_lanes(params, tuned),
            }
        }
    }

    /// All lanes side by side: where the cutoff moves with every frame, this is most of the filter.
    #[inline(always)]
    fn tune(&mut self, params: [[f32; L]; 3], tuned: impl Fn(f32, f32, f32) -> Tuning) {
        let [cutoff, q, db] = params;
        for (l, ((cutoff, q), db)) in cutoff.into_iter().zip(q).zip(db).enumerate() {
            self.turn(l, tuned(warp(cutoff, self.rate), hold(q, 0.1, 60.0), hold(db, -60.0, 36.0)));
        }
        self.heard = params;
    }

    /// Tunes a lane.
    #[inline(always)]
    fn turn(&mut self, l: usize, t: Tuning) {
        let Svf { pull, hear, .. } = self;
        let a1 = 1.0 / (1.0 + t.g * (t.g + t.k));
        let (a2, [dry, band, low]) = (t.g * a1, t.mix);
        let a3 = t.g * a2;
        pull[0][l] = 2.0 * a1 - 1.0;
        pull[1][l] = 2.0 * a2;
        pull[2][l] = 2.0 * a3;
        hear[0][l] = dry + band * a2 + low * a3;
        hear[1][l] = band * a1 + low * a2;
        hear[2][l] = low * (1.0 - a3) - band * a2;
    }

    #[inline(never)]
    fn tune_lanes(&mut self, params: [[f32; L]; 3], tuned: fn(f32, f32, f32) -> Tuning) {
        self.tune(params, tuned);
    }

    /// A frame as it is tuned.
    #[inline(always)]
    fn frame(&mut self, x: [f32; L]) -> [f32; L] {
        let Svf { s1, s2, pull, hear, .. } = self;
        each!(L, l => {
            let y = hear[0][l] * x[l] + (hear[1][l] * s1[l] + hear[2][l] * s2[l]);
            // What the memory waits for comes last: the next frame waits for the memory.
            let (band, low) = (pull[1][l] * x[l], s2[l] + pull[2][l] * x[l]);
            let change = pull[1][l] * s1[l] - pull[2][l] * s2[l];
            s1[l] = (pull[0][l] * s1[l] - pull[1][l] * s2[l]) + band;
            s2[l] = low + change;
            y
        })
    }

    /// Its run and another's, as both are tuned.
    #[inline(always)]
    fn frames_of_both<const I: usize>(&mut self, other: &mut Self, [one, two]: &mut [Run<'_, I, 1, L>; 2]) {
        if L == 1 {
            let (here, there) = (one.line(0).iter().zip(one.out(0)), two.line(0).iter().zip(two.out(0)));
            let mut both = Pair::of(self, other);
            for ((x, heard), (other, next)) in here.zip(there) {
                [heard[0], next[0], ..] = both.frame(f32x4::new([x[0], other[0], 0.0, 0.0])).to_array();
            }
            [self.s1[0], other.s1[0], ..] = both.s1.to_array();
            [self.s2[0], other.s2[0], ..] = both.s2.to_array();
            return;
        }
        let (mut first, mut second) = (self.clone(), other.clone());
        let (here, there) = (one.line(0).iter().zip(one.out(0)), two.line(0).iter().zip(two.out(0)));
        for ((x, heard), (other, next)) in here.zip(there) {
            (*heard, *next) = (first.frame(*x), second.frame(*other));
        }
        (self.s1, self.s2) = (first.s1, first.s2);
        (other.s1, other.s2) = (second.s1, second.s2);
    }

    /// A run in which the parameters hold still.
    #[inline(always)]
    fn frames<const I: usize>(&mut self, run: &mut Run<'_, I, 1, L>) {
        let mut tuned = self.clone();
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            *y = tuned.frame(*x);
        }
        (self.s1, self.s2) = (tuned.s1, tuned.s2);
    }

    fn clear(&mut self, lane: usize) {
        (self.s1[lane], self.s2[lane]) = (0.0, 0.0);
    }
}

/// The first lanes of two filters in one register: the compiler takes two for too few.
struct Pair {
    s1: f32x4,
    s2: f32x4,
    pull: [f32x4; 3],
    hear: [f32x4; 3],
}

impl Pair {
    #[inline(always)]
    fn of<const L: usize>(one: &Svf<L>, other: &Svf<L>) -> Self {
        let pair = |a: &[f32; L], b: &[f32; L]| f32x4::new([a[0], b[0], 0.0, 0.0]);
        let three = |a: &[[f32; L]; 3], b: &[[f32; L]; 3]| [0, 1, 2].map(|k| pair(&a[k], &b[k]));
        let (pull, hear) = (three(&one.pull, &other.pull), three(&one.hear, &other.hear));
        Pair { s1: pair(&one.s1, &other.s1), s2: pair(&one.s2, &other.s2), pull, hear }
    }

    /// As `Svf::frame`.
    #[inline(always)]
    fn frame(&mut self, x: f32x4) -> f32x4 {
        let Pair { s1, s2, pull, hear } = self;
        let y = hear[0] * x + (hear[1] * *s1 + hear[2] * *s2);
        let (band, low) = (pull[1] * x, *s2 + pull[2] * x);
        let change = pull[1] * *s1 - pull[2] * *s2;
        *s1 = (pull[0] * *s1 - pull[1] * *s2) + band;
        *s2 = low + change;
        y
    }
}

/// Whether two frames differ in any lane; what is no number does.
#[inline(always)]
pub(super) fn differ<const L: usize>(a: [f32; L], b: [f32; L]) -> bool {
    let mut differ = false;
    for l in 0..L {
        differ |= a[l] != b[l];
    }
    differ
}

impl<const L: usize> Kernel<3, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        self.hear([cutoff, q, [0.0; L]]);
        [self.frame(x)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        let Some([cutoff, q]) = run.still(1) else {
            let mut own = self.clone();
            tick_by_tick::<_, 3, 1, L>(&mut own, run);
            *self = own;
            return;
        };
        self.hear([cutoff, q, [0.0; L]]);
        self.frames(run);
    }

    #[inline(always)]
    fn run_both(&mut self, other: &mut Self, runs: &mut [Run<'_, 3, 1, L>; 2]) -> bool {
        let [Some([cutoff, q]), Some([other_cutoff, other_q])] = [runs[0].still(1), runs[1].still(1)] else {
            return false;
        };
        self.hear([cutoff, q, [0.0; L]]);
        other.hear([other_cutoff, other_q, [0.0; L]]);
        self.frames_of_both(other, runs);
        true
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

impl<const L: usize> Kernel<4, 1, L> for Svf<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff, q, db]: [[f32; L]; 4]) -> [[f32; L]; 1] {
        self.hear([cutoff, q, db]);
        [self.frame(x)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 4, 1, L>) {
        let Some(params) = run.still(1) else {
            return tick_by_tick(self, run);
        };
        self.hear(params);
        self.frames(run);
    }

    #[inline(always)]
    fn run_both(&mut self, other: &mut Self, runs: &mut [Run<'_, 4, 1, L>; 2]) -> bool {
        let [Some(params), Some(others)] = [runs[0].still(1), runs[1].still(1)] else { return false };
        self.hear(params);
        other.hear(others);
        self.frames_of_both(other, runs);
        true
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

/// Several state-variable filters in a row (Butterworth) at one cutoff.
#[derive(Clone)]
struct Cascade<const L: usize> {
    stages: [Svf<L>; 2],
    /// The cutoff they are tuned to.
    heard: [f32; L],
    blend: Blend,
}

impl<const L: usize> Cascade<L> {
    fn new(rate: f64, blend: Blend) -> Self {
        let stage = Svf::new(rate, Mode::Plain(blend));
        Cascade { stages: [stage.clone(), stage], heard: [f32::NAN; L], blend }
    }

    #[inline(always)]
    fn hear(&mut self, cutoff: [f32; L]) {
        if !differ(cutoff, self.heard) {
            return;
        }
        let Cascade { stages: [first, second], blend, .. } = self;
        for (l, cutoff) in cutoff.into_iter().enumerate() {
            let g = warp(cutoff, first.rate);
            // Poles of the fourth-order Butterworth: 1/(2 cos 22.5°) and 1/(2 cos 67.5°).
            first.turn(l, blend.tuned(g, 0.541_196_1));
            second.turn(l, blend.tuned(g, 1.306_563));
        }
        self.heard = cutoff;
    }
}

impl<const L: usize> Kernel<2, 1, L> for Cascade<L> {
    #[inline(always)]
    fn tick(&mut self, [x, cutoff]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        self.hear(cutoff);
        let first = self.stages[0].frame(x);
        [self.stages[1].frame(first)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        let Some(cutoff) = run.inputs[1].still() else {
            let mut own = self.clone();
            tick_by_tick(&mut own, run);
            *self = own;
            return;
        };
        self.hear(cutoff);
        let [mut first, mut second] = self.stages.clone();
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            *y = second.frame(first.frame(*x));
        }
        self.stages = [first, second];
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.stages.iter_mut().for_each(|stage| stage.clear(lane));
    }
}

/// Three formants that glide through a, e, i, o, u (Peterson and Barney, 1952; male averages).
#[derive(Clone)]
struct Vowel {
    formants: [Core; 3],
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
            let tuning = BANDPASS.tuned(warp(centre, self.rate), centre / (60.0 + 30.0 * k as f32));
            sum += level * core.frame(x, &tuning);
        }
        // Three narrow bands keep little of a sound: 18 dB more make it as loud as it was.
        [sum * 8.0]
    }

    fn reset(&mut self, _seed: u64) {
        self.formants = [Core::default(), Core::default(), Core::default()];
    }
}

/// A band of a width in Hz.
#[derive(Clone)]
struct Resonator {
    core: Core,
    rate: f32,
}

impl Voice<3, 1> for Resonator {
    fn frame(&mut self, [x, centre, width]: [f32; 3]) -> [f32; 1] {
        let q = hold(hold(centre, LOW, TOP * self.rate) / hold(width, 0.01, 20_000.0), 0.05, 10_000.0);
        [self.core.frame(x, &BANDPASS.tuned(warp(centre, self.rate), q))]
    }

    fn reset(&mut self, _seed: u64) {
        self.core = Core::default();
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
        make: make!(|b| svf(b, LOWPASS)),
    }
}

fn svf<const L: usize>(build: &Build, blend: Blend) -> Box<dyn Operation<L>> {
    play::<_, 3, 1, _>(Svf::new(build.rate, Mode::Plain(blend)))
}

fn svf_db<const L: usize>(build: &Build, tuned: fn(f32, f32, f32) -> Tuning) -> Box<dyn Operation<L>> {
    play::<_, 4, 1, _>(Svf::new(build.rate, Mode::Gain(tuned)))
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
        make: make!(|b| svf(b, HIGHPASS)),
        ..filter(
            "highpass",
            &["hpf", "rhpf"],
            "Lets through what lies above the cutoff, 12 dB per octave; `q` above 0.71 resonates.",
        )
    },
    Row {
        example: "white() >> bandpass(1000, 8) >> gain(-3)",
        params: &[CENTRE, WIDE],
        make: make!(|b| svf(b, BANDPASS)),
        ..filter(
            "bandpass",
            &["bpf"],
            "Lets through a band around a frequency, at its own level there; the higher `q`, the narrower.",
        )
    },
    Row {
        example: "saw(110) >> notch(sine(0.3).range(300, 3000), 2) >> gain(-12)",
        params: &[CENTRE, WIDE],
        make: make!(|b| svf(b, NOTCH)),
        ..filter("notch", &["brf", "bandstop"], "Takes out a band around a frequency; the higher `q`, the narrower.")
    },
    Row {
        example: "saw(110) >> peak(900, 4) >> gain(-18)",
        params: &[CENTRE, WIDE],
        make: make!(|b| svf(b, PEAK)),
        ..filter("peak", &[], "A resonance at a frequency over the whole sound: lowpass less highpass.")
    },
    Row {
        example: "(saw(110) & (saw(110) >> allpass(700))) * 0.1",
        params: &[CENTRE, WIDE],
        make: make!(|b| svf(b, ALLPASS)),
        ..filter(
            "allpass",
            &["apf"],
            "Leaves levels as they are and turns phases, half a cycle at a frequency: the heart of a phaser.",
        )
    },
    Row {
        example: "saw(110) >> bell(1200, 2, 9) >> gain(-15)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        make: make!(|b| svf_db(b, bell)),
        ..filter(
            "bell",
            &["eq", "peaking"],
            "Raises or lowers a band around a frequency by `gain` dB: one band of an equaliser.",
        )
    },
    Row {
        example: "saw(110) >> lowshelf(200, 0.7, 6) >> gain(-15)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        make: make!(|b| svf_db(b, lowshelf)),
        ..filter("lowshelf", &[], "Raises or lowers everything below a frequency by `gain` dB.")
    },
    Row {
        example: "saw(110) >> highshelf(3000, 0.7, -9) >> gain(-12)",
        params: &[CENTRE, Param::needed("q", "", 0.1, 60.0), DB],
        make: make!(|b| svf_db(b, highshelf)),
        ..filter("highshelf", &[], "Raises or lowers everything above a frequency by `gain` dB.")
    },
    Row {
        example: "saw(55) >> moog(sine(0.2).range(200, 2000), 0.7) >> gain(-8)",
        params: &[
            CUTOFF,
            Param::signal("resonance", "", 0.0, 1.1, 0.0),
            Param::signal("drive", "linear", 0.05, 50.0, 1.0),
        ],
        make: make!(|b| play::<_, 4, 1, _>(Ladder::new(b.rate))),
        ..filter(
            "moog",
            &["ladder"],
            "A transistor ladder: lowpass of 24 dB per octave that saturates; it whistles by itself from resonance 1 on.",
        )
    },
    Row {
        example: "white() >> lowpole(500) >> gain(-6)",
        params: &[CUTOFF],
        make: make!(|b| play::<_, 2, 1, _>(OnePole::new(b.rate, [0.0, 1.0]))),
        ..filter("lowpole", &["onepole"], "A gentle lowpass of one pole, 6 dB per octave.")
    },
    Row {
        example: "white() >> highpole(3000) >> gain(-12)",
        params: &[CUTOFF],
        make: make!(|b| play::<_, 2, 1, _>(OnePole::new(b.rate, [1.0, -1.0]))),
        ..filter("highpole", &[], "A gentle highpass of one pole, 6 dB per octave.")
    },
    Row {
        example: "(saw(110) & (saw(110) >> allpole(400))) * 0.1",
        params: &[CENTRE],
        make: make!(|b| play::<_, 2, 1, _>(OnePole::new(b.rate, [-1.0, 2.0]))),
        ..filter("allpole", &[], "An allpass of one pole: a quarter of a cycle at a frequency.")
    },
    Row {
        example: "pow(sine(110), 2) >> dcblock() >> gain(-9)",
        params: &[],
        make: make!(|b| play::<_, 1, 1, _>(DcBlock::new(b.rate, LOW))),
        ..filter("dcblock", &["leakdc"], "Takes away the mean: a highpass at 10 Hz.")
    },
    Row {
        example: "saw(110) >> butterworth(900) >> gain(-12)",
        params: &[CUTOFF],
        make: make!(|b| play::<_, 2, 1, _>(Cascade::new(b.rate, LOWPASS))),
        ..filter(
            "butterworth",
            &["lowpass4", "butterpass"],
            "A flat lowpass of 24 dB per octave (fourth-order Butterworth).",
        )
    },
    Row {
        example: "saw(110) >> butterworth_high(900) >> gain(-9)",
        params: &[CUTOFF],
        make: make!(|b| play::<_, 2, 1, _>(Cascade::new(b.rate, HIGHPASS))),
        ..filter("butterworth_high", &["highpass4"], "A flat highpass of 24 dB per octave (fourth-order Butterworth).")
    },
    Row {
        example: "white() >> resonator(440, 10) >> gain(6)",
        params: &[CENTRE, Param::signal("width", "Hz", 0.01, 20_000.0, 10.0)],
        make: make!(|b| voice::<_, 3, 1, _>(Resonator { core: Core::default(), rate: b.rate as f32 })),
        ..filter(
            "resonator",
            &["reson"],
            "A band of a given width in Hz around a frequency: narrow ones ring like a struck bar.",
        )
    },
    Row {
        example: "saw(110) >> vowel(tri(0.2).range(0, 4)) >> gain(-6)",
        params: &[Param::needed("vowel", "0 a, 1 e, 2 i, 3 o, 4 u", 0.0, 4.0)],
        make: make!(|b| {
            voice::<_, 2, 1, _>(Vowel {
                formants: [Core::default(), Core::default(), Core::default()],
                rate: b.rate as f32,
            })
        }),
        ..filter(
            "vowel",
            &["formant"],
            "The three formants of a sung vowel, gliding between a, e, i, o and u (Peterson and Barney, 1952).",
        )
    },
];

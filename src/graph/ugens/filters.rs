//! Filters: state-variable filters and resonators; every cutoff follows any signal.

use super::kernel::{Kernel, Voice, play, tick_by_tick, voice};
use super::poles::{DcBlock, Ladder, OnePole};
use super::row::make;
use super::svf::{
    ALLPASS, BANDPASS, Blend, Core, HIGHPASS, LOWPASS, Mode, NOTCH, PEAK, Svf, Tuning, bell, highshelf, lowshelf,
};
use super::{Build, Param, Row};
use crate::engine::Operation;
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

/// Whether two frames differ in any lane; what is no number does.
#[inline(always)]
pub(super) fn differ<const L: usize>(a: [f32; L], b: [f32; L]) -> bool {
    let mut differ = false;
    for l in 0..L {
        differ |= a[l] != b[l];
    }
    differ
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

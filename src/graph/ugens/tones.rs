//! Tones: oscillators with a timbre of their own, built of sines and saws.

use super::blep::Corners;
use super::filters::hold;
use super::kernel::{Kernel, Voice, play, tick_by_tick, voice};
use super::noises::Dice;
use super::oscillators::{FREQ, any, audible, mask, set};
use super::phases::{Pace, bipolar, phase, sine, step};
use super::row::make;
use super::{Param, Row};
use crate::engine::processor::each;
use crate::engine::schedule::{LaneSet, Run, lanes};

/// Seven saws around one pitch (after Szabó, "How to emulate the super saw", 2010), spread over both sides.
#[derive(Clone)]
struct SuperSaw<const L: usize> {
    phases: [[u32; L]; 7],
    corners: [Corners<L>; 2],
    pace: Pace,
}

/// How far each saw is detuned at full detune, in parts of its frequency, and where it stands.
const SPREAD: [f32; 7] = [0.0, -0.110, 0.107, -0.063, 0.062, -0.0195, 0.0199];
const PLACES: [f32; 7] = [0.0, -0.8, 0.8, 0.55, -0.55, -0.3, 0.3];

/// How far the saws stand apart, and how loud the middle one and the others are.
#[derive(Clone, Copy)]
struct Saws<const L: usize> {
    cycles: [[f32; L]; 7],
    levels: [[f32; L]; 2],
}

impl<const L: usize> SuperSaw<L> {
    fn new(rate: f64) -> Self {
        SuperSaw { phases: [[0; L]; 7], corners: [Corners::new(), Corners::new()], pace: Pace::new(rate) }
    }

    #[inline(always)]
    fn saws(&self, [freq, detune, mix]: [[f32; L]; 3]) -> Saws<L> {
        // The knob is fine in its lower half, where choruses live.
        let wide: [f32; L] = each!(L, l => {
            let detune = hold(detune[l], 0.0, 1.0);
            detune * detune * detune * 0.9 + detune * 0.1
        });
        let mut cycles = [[0.0; L]; 7];
        for (cycles, spread) in cycles.iter_mut().zip(SPREAD) {
            *cycles = each!(L, l => self.pace.cycles(freq[l] * (1.0 + wide[l] * spread)).abs());
        }
        let levels = [each!(L, l => 1.0 - 0.4 * hold(mix[l], 0.0, 1.0)), each!(L, l => hold(mix[l], 0.0, 1.0) * 0.6)];
        Saws { cycles, levels }
    }

    /// Writes the corners of one saw in the lanes in which it has jumped.
    #[inline(never)]
    fn meet(&mut self, left: LaneSet, after: [u32; L], cycles: [f32; L], level: [f32; L], shares: [f32; 2]) {
        for l in lanes(left) {
            let past = (bipolar(after[l]) + 1.0) * 0.5 / cycles[l].max(1e-9);
            for (corners, share) in self.corners.iter_mut().zip(shares) {
                corners.step(l, past, -2.0 * level[l] * share);
            }
        }
    }

    #[inline(always)]
    fn frame(&mut self, saws: &Saws<L>) -> [[f32; L]; 2] {
        let mut drawn = [[0.0; L]; 2];
        for k in 0..7 {
            let level = saws.levels[k.min(1)];
            for l in 0..L {
                let value = bipolar(self.phases[k][l]) * level[l];
                drawn[0][l] += value * share(k, 0);
                drawn[1][l] += value * share(k, 1);
            }
        }
        let [left, right] = &mut self.corners;
        let due = [left.next(drawn[0]), right.next(drawn[1])];
        for k in 0..7 {
            let cycles = saws.cycles[k];
            let before = self.phases[k];
            let after: [u32; L] = each!(L, l => before[l].wrapping_add(step(cycles[l])));
            self.phases[k] = after;
            // A jump is where the sum leaves the range of a signed number.
            let left: [u32; L] = each!(L, l => !before[l] & after[l]);
            if any(left) {
                self.meet(set(left), after, cycles, saws.levels[k.min(1)], [share(k, 0), share(k, 1)]);
            }
        }
        due
    }
}

/// How much of a saw is heard on a side.
#[inline(always)]
fn share(saw: usize, side: usize) -> f32 {
    0.35 * if side == 0 { 1.0 - PLACES[saw] } else { 1.0 + PLACES[saw] }
}

impl<const L: usize> Kernel<3, 2, L> for SuperSaw<L> {
    #[inline(always)]
    fn tick(&mut self, params: [[f32; L]; 3]) -> [[f32; L]; 2] {
        let saws = self.saws(params);
        self.frame(&saws)
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 2, L>) {
        let mask = mask(run.sounding);
        let heard = |[freq, detune, mix]: [[f32; L]; 3]| [audible(freq, mask), detune, mix];
        if let Some(params) = run.still(0) {
            let saws = self.saws(heard(params));
            for i in run.frames() {
                let frame = self.frame(&saws);
                run.put(i, frame);
            }
            return;
        }
        for i in run.frames() {
            let frame = self.tick(heard(run.input(i)));
            run.put(i, frame);
        }
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        let mut dice = Dice::new(seed);
        self.phases.iter_mut().for_each(|saw| saw[lane] = phase(dice.roll()));
        self.corners.iter_mut().for_each(|side| side.reset(lane));
    }
}

/// A sine whose phase is moved by a sine of a ratio: two operators.
#[derive(Clone)]
struct Fm<const L: usize> {
    carrier: [u32; L],
    modulator: [u32; L],
    pace: Pace,
}

impl<const L: usize> Kernel<3, 1, L> for Fm<L> {
    #[inline(always)]
    fn tick(&mut self, [freq, ratio, index]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        let (carrier, modulator, pace) = (self.carrier, self.modulator, self.pace);
        // An index in radians; a phase counts in cycles.
        let bend: [f32; L] =
            each!(L, l => hold(index[l], -100.0, 100.0) * sine(modulator[l]) * (0.5 / std::f32::consts::PI));
        self.carrier = each!(L, l => carrier[l].wrapping_add(step(pace.cycles(freq[l]))));
        self.modulator = each!(L, l => modulator[l].wrapping_add(step(pace.cycles(freq[l] * ratio[l]))));
        [each!(L, l => sine(carrier[l].wrapping_add(phase(bend[l]))))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        (self.carrier[lane], self.modulator[lane]) = (0, 0);
    }
}

/// One operator of a phase-modulation synthesiser: it hears another and itself.
#[derive(Clone)]
struct Operator<const L: usize> {
    phase: [u32; L],
    last: [[f32; L]; 2],
    pace: Pace,
}

impl<const L: usize> Kernel<3, 1, L> for Operator<L> {
    #[inline(always)]
    fn tick(&mut self, [freq, modulation, feedback]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        let (last, pace) = (self.last, self.pace);
        let value: [f32; L] = each!(L, l => {
            // The mean of two frames keeps strong feedback from turning into a whistle at half the rate.
            let own = hold(feedback[l], 0.0, 4.0) * 0.5 * (last[0][l] + last[1][l]);
            let bend = (hold(modulation[l], -1e3, 1e3) + own) * (0.5 / std::f32::consts::PI);
            sine(self.phase[l].wrapping_add(phase(bend)))
        });
        self.last = [value, last[0]];
        self.phase = each!(L, l => self.phase[l].wrapping_add(step(pace.cycles(freq[l]))));
        [value]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.phase[lane] = 0;
        self.last.iter_mut().for_each(|last| last[lane] = 0.0);
    }
}

/// A sum of partials, each silent where it would pass 20 kHz or Nyquist.
#[derive(Clone)]
struct Partials<const L: usize> {
    phase: [u32; L],
    pace: Pace,
    /// Partial times two (the sub-octave is 1) and level.
    levels: &'static [(u32, f32)],
}

impl<const L: usize> Partials<L> {
    fn new(rate: f64, levels: &'static [(u32, f32)]) -> Self {
        Partials { phase: [0; L], pace: Pace::new(rate), levels }
    }
}

impl<const L: usize> Kernel<1, 1, L> for Partials<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let cycles: [f32; L] = each!(L, l => self.pace.cycles(freq[l]).abs() * 0.5);
        let mut sum = [0.0; L];
        for (partial, level) in self.levels {
            for l in 0..L {
                // From 0.40 of the rate to 0.45 a partial fades.
                let room = hold((0.45 - cycles[l] * *partial as f32) * 20.0, 0.0, 1.0);
                sum[l] += sine(self.phase[l].wrapping_mul(*partial)) * level * room;
            }
        }
        self.phase = each!(L, l => self.phase[l].wrapping_add(step(cycles[l])));
        [sum]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 1, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.phase[lane] = 0;
    }
}

/// Principals of a pipe organ: 8', 4', 2⅔', 2', 1⅓', 1'.
const ORGAN: &[(u32, f32)] = &[(2, 0.42), (4, 0.26), (6, 0.12), (8, 0.12), (12, 0.05), (16, 0.04)];
/// Drawbars 88 8000 006 of a tone-wheel organ: 16', 5⅓', 8', and 1' for the air.
const HAMMOND: &[(u32, f32)] = &[(1, 0.3), (3, 0.27), (2, 0.3), (4, 0.05), (16, 0.06)];
/// A bar struck in its middle, after its first modes.
const BELL: &[(u32, f32)] = &[(1, 0.25), (2, 0.3), (5, 0.12), (8, 0.16), (11, 0.1), (16, 0.07)];

/// Partials that fall off geometrically, as many as fit (discrete summation; Moorer, JAES 1976).
#[derive(Clone)]
struct Summation {
    phase: u32,
    heard: f32,
    level: f32,
    pace: Pace,
    /// Every partial, or every other.
    apart: u32,
}

impl Voice<2, 1> for Summation {
    fn frame(&mut self, [freq, roughness]: [f32; 2]) -> [f32; 1] {
        let a = hold(roughness, 0.0, 0.97);
        if roughness != self.heard {
            self.heard = roughness;
            self.level = (1.0 - a * a).powf(0.75);
        }
        let cycles = self.pace.cycles(freq).abs();
        let top = ((0.45 / cycles.max(1e-5) - 1.0) / self.apart as f32).clamp(0.0, 4000.0) as u32;
        let angle = self.phase;
        let apart = angle.wrapping_mul(self.apart);
        // Σ aᵏ sin(θ + kβ), k = 0 … top.
        let end = angle.wrapping_add(apart.wrapping_mul(top));
        let rest = a.powi(top as i32 + 1);
        let above =
            sine(angle) - a * sine(angle.wrapping_sub(apart)) - rest * (sine(end.wrapping_add(apart)) - a * sine(end));
        let below = 1.0 + a * a - 2.0 * a * sine(apart.wrapping_add(1 << 30));
        self.phase = angle.wrapping_add(step(cycles));
        [self.level * above / below]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = 0;
    }
}

const ROUGHNESS: Param = Param::signal("roughness", "", 0.0, 0.97, 0.6);

const fn tone(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "oscillators",
        doc,
        example: "",
        inputs: 0,
        outputs: 1,
        params: &[FREQ],
        make: make!(|b| play::<_, 1, 1, _>(Partials::new(b.rate, ORGAN))),
    }
}

fn summation<const L: usize>(rate: f64, apart: u32) -> Box<dyn crate::engine::Operation<L>> {
    voice::<_, 2, 1, _>(Summation { phase: 0, heard: f32::NAN, level: 1.0, pace: Pace::new(rate), apart })
}

pub const ROWS: &[Row] = &[
    Row {
        example: "supersaw(220, 0.3) * 0.3 >> lowpass(3000)",
        outputs: 2,
        params: &[
            FREQ,
            Param::signal("detune", "0 … 1", 0.0, 1.0, 0.3),
            Param::signal("mix", "0 one … 1 seven", 0.0, 1.0, 0.7),
        ],
        make: make!(|b| play::<_, 3, 2, _>(SuperSaw::new(b.rate))),
        ..tone(
            "supersaw",
            &["hypersaw"],
            "Seven detuned saws in stereo, without aliases: trance. `detune` 0 to 1, `mix` from one saw to seven.",
        )
    },
    Row {
        example: "fm(220, 2, sine(0.3).range(0, 4)) * 0.3",
        params: &[
            FREQ,
            Param::signal("ratio", "of freq", 0.0, 64.0, 1.0),
            Param::signal("index", "radians", -100.0, 100.0, 1.0),
        ],
        make: make!(|b| play::<_, 3, 1, _>(Fm { carrier: [0; _], modulator: [0; _], pace: Pace::new(b.rate) })),
        ..tone(
            "fm",
            &["fmosc"],
            "Frequency modulation with two sines: the modulator runs at `ratio` times `freq`, `index` says how much (Chowning, 1973). Bells at odd ratios, brass at 1.",
        )
    },
    Row {
        example: "operator(220, sine(440) * 2, 0.5) * 0.3",
        params: &[
            FREQ,
            Param::signal("modulation", "radians", -1e3, 1e3, 0.0),
            Param::signal("feedback", "radians", 0.0, 4.0, 0.0),
        ],
        make: make!(|b| play::<_, 3, 1, _>(Operator { phase: [0; _], last: [[0.0; _]; 2], pace: Pace::new(b.rate) })),
        ..tone(
            "operator",
            &["op"],
            "One operator of an FM synthesiser: a sine whose phase is moved by `modulation` (any signal, in radians: another operator times its level) and by its own output (`feedback`).",
        )
    },
    Row {
        example: "organ(220) * 0.4",
        ..tone("organ", &[], "A pipe organ's principals: octaves and fifths above `freq`, without aliases.")
    },
    Row {
        example: "hammond(220) * 0.4 >> rotary(6.5)",
        make: make!(|b| play::<_, 1, 1, _>(Partials::new(b.rate, HAMMOND))),
        ..tone(
            "hammond",
            &["tonewheel"],
            "A tone-wheel organ with its first three drawbars out; the sub-octave is one below `freq`.",
        )
    },
    Row {
        example: "chime(440) * (impulse(1) >> perc(0.001, 1)) * 0.4",
        make: make!(|b| play::<_, 1, 1, _>(Partials::new(b.rate, BELL))),
        ..tone("chime", &[], "Partials of a struck bar, for bells under a short envelope.")
    },
    Row {
        example: "soft_saw(110, 0.7) * 0.3",
        params: &[FREQ, ROUGHNESS],
        make: make!(|b| summation(b.rate, 1)),
        ..tone(
            "soft_saw",
            &["dsf_saw", "dsf"],
            "All partials, each `roughness` times the one before: from a sine (0) to a buzz (0.97). Discrete summation (Moorer, 1976), without aliases.",
        )
    },
    Row {
        example: "soft_square(110, 0.7) * 0.3",
        params: &[FREQ, ROUGHNESS],
        make: make!(|b| summation(b.rate, 2)),
        ..tone(
            "soft_square",
            &["dsf_square"],
            "Odd partials, each `roughness` times the one before: hollow, from a sine (0) to a buzz (0.97). Without aliases.",
        )
    },
];

//! Tones: oscillators with a timbre of their own, built of sines and saws.

use super::blep::Corners;
use super::filters::hold;
use super::kernel::{Voice, voice};
use super::noises::Dice;
use super::oscillators::{FREQ, Pace, bipolar, phase, sine, step};
use super::row::make;
use super::{Param, Row};

/// Seven saws around one pitch (after Szabó, "How to emulate the super saw", 2010), spread over both sides.
#[derive(Clone)]
struct SuperSaw {
    phases: [u32; 7],
    corners: Corners<2>,
    pace: Pace,
}

/// How far each saw is detuned at full detune, in parts of its frequency, and where it stands.
const SPREAD: [f32; 7] = [0.0, -0.110, 0.107, -0.063, 0.062, -0.0195, 0.0199];
const PLACES: [f32; 7] = [0.0, -0.8, 0.8, 0.55, -0.55, -0.3, 0.3];

impl Voice<3, 2> for SuperSaw {
    fn frame(&mut self, [freq, detune, mix]: [f32; 3]) -> [f32; 2] {
        // The knob is fine in its lower half, where choruses live.
        let detune = hold(detune, 0.0, 1.0);
        let wide = detune * detune * detune * 0.9 + detune * 0.1;
        let mix = hold(mix, 0.0, 1.0);
        let mut drawn = [0.0; 2];
        let level = |k: usize| if k == 0 { 1.0 - 0.4 * mix } else { mix * 0.6 };
        let sides = |k: usize| [0.35 * (1.0 - PLACES[k]), 0.35 * (1.0 + PLACES[k])];
        for (k, phase) in self.phases.iter().enumerate() {
            let value = bipolar(*phase) * level(k);
            drawn[0] += value * sides(k)[0];
            drawn[1] += value * sides(k)[1];
        }
        let due = self.corners.next(drawn);
        for (k, phase) in self.phases.iter_mut().enumerate() {
            let cycles = self.pace.cycles(freq * (1.0 + wide * SPREAD[k])).abs();
            let before = *phase as i32;
            let after = before.wrapping_add(step(cycles) as i32);
            *phase = after as u32;
            if after < before {
                let past = (bipolar(after as u32) + 1.0) * 0.5 / cycles.max(1e-9);
                for (side, share) in sides(k).into_iter().enumerate() {
                    self.corners.step(side, past, -2.0 * level(k) * share);
                }
            }
        }
        due
    }

    fn reset(&mut self, seed: u64) {
        let mut dice = Dice::new(seed);
        self.phases = std::array::from_fn(|_| phase(dice.roll()));
        (0..2).for_each(|side| self.corners.reset(side));
    }
}

/// A sine whose phase is moved by a sine of a ratio: two operators.
#[derive(Clone)]
struct Fm {
    carrier: u32,
    modulator: u32,
    pace: Pace,
}

impl Voice<3, 1> for Fm {
    fn frame(&mut self, [freq, ratio, index]: [f32; 3]) -> [f32; 1] {
        // An index in radians; a phase counts in cycles.
        let bend = hold(index, -100.0, 100.0) * sine(self.modulator) * (0.5 / std::f32::consts::PI);
        let value = sine(self.carrier.wrapping_add(phase(bend)));
        self.carrier = self.carrier.wrapping_add(step(self.pace.cycles(freq)));
        self.modulator = self.modulator.wrapping_add(step(self.pace.cycles(freq * ratio)));
        [value]
    }

    fn reset(&mut self, _seed: u64) {
        (self.carrier, self.modulator) = (0, 0);
    }
}

/// One operator of a phase-modulation synthesiser: it hears another and itself.
#[derive(Clone)]
struct Operator {
    phase: u32,
    last: [f32; 2],
    pace: Pace,
}

impl Voice<3, 1> for Operator {
    fn frame(&mut self, [freq, modulation, feedback]: [f32; 3]) -> [f32; 1] {
        // The mean of two frames keeps strong feedback from turning into a whistle at half the rate.
        let own = hold(feedback, 0.0, 4.0) * 0.5 * (self.last[0] + self.last[1]);
        let bend = (hold(modulation, -1e3, 1e3) + own) * (0.5 / std::f32::consts::PI);
        let value = sine(self.phase.wrapping_add(phase(bend)));
        self.last = [value, self.last[0]];
        self.phase = self.phase.wrapping_add(step(self.pace.cycles(freq)));
        [value]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = 0;
        self.last = [0.0; 2];
    }
}

/// A sum of partials, each silent where it would pass 20 kHz or Nyquist.
#[derive(Clone)]
struct Partials {
    phase: u32,
    pace: Pace,
    /// Partial times two (the sub-octave is 1) and level.
    levels: &'static [(u32, f32)],
}

impl Voice<1, 1> for Partials {
    fn frame(&mut self, [freq]: [f32; 1]) -> [f32; 1] {
        let cycles = self.pace.cycles(freq).abs() * 0.5;
        let mut sum = 0.0;
        for (partial, level) in self.levels {
            // From 0.40 of the rate to 0.45 a partial fades.
            let room = hold((0.45 - cycles * *partial as f32) * 20.0, 0.0, 1.0);
            sum += sine(self.phase.wrapping_mul(*partial)) * level * room;
        }
        self.phase = self.phase.wrapping_add(step(cycles));
        [sum]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = 0;
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
        make: make!(|b| voice::<_, 1, 1, _>(Partials { phase: 0, pace: Pace::new(b.rate), levels: ORGAN })),
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
        make: make!(|b| voice::<_, 3, 2, _>(SuperSaw {
            phases: [0; 7],
            corners: Corners::new(),
            pace: Pace::new(b.rate)
        })),
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
        make: make!(|b| voice::<_, 3, 1, _>(Fm { carrier: 0, modulator: 0, pace: Pace::new(b.rate) })),
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
        make: make!(|b| voice::<_, 3, 1, _>(Operator { phase: 0, last: [0.0; 2], pace: Pace::new(b.rate) })),
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
        make: make!(|b| voice::<_, 1, 1, _>(Partials { phase: 0, pace: Pace::new(b.rate), levels: HAMMOND })),
        ..tone(
            "hammond",
            &["tonewheel"],
            "A tone-wheel organ with its first three drawbars out; the sub-octave is one below `freq`.",
        )
    },
    Row {
        example: "chime(440) * (impulse(1) >> perc(0.001, 1)) * 0.4",
        make: make!(|b| voice::<_, 1, 1, _>(Partials { phase: 0, pace: Pace::new(b.rate), levels: BELL })),
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

//! Modulation effects: what moves a sound in pitch, place and colour.

use super::delays::mix;
use super::filters::{hold, warp};
use super::kernel::{Voice, frame_by_frame, voice};
use super::past::Past;
use super::phases::{Pace, sine, step, triangle};
use super::poles::Pole;
use super::row::make;
use super::{Param, Row};
use crate::engine::processor::{Task, at_full_width, each};
use crate::engine::schedule::Run;
use crate::engine::{GRID, LANES};

/// A slow phase.
#[derive(Clone)]
struct Turn {
    phase: u32,
    pace: Pace,
}

impl Turn {
    fn new(rate: f64) -> Self {
        Turn { phase: 0, pace: Pace::new(rate) }
    }

    #[inline(always)]
    fn next(&mut self, freq: f32) -> u32 {
        let phase = self.phase;
        self.phase = phase.wrapping_add(self.step(freq));
        phase
    }

    /// How far it goes in a frame.
    #[inline(always)]
    fn step(&self, freq: f32) -> u32 {
        step(self.pace.cycles(freq))
    }
}

/// Eighths of a cycle.
const EIGHTH: u32 = 1 << 29;

/// Two pasts, one per side, and a turn.
#[derive(Clone)]
struct Sides {
    pasts: [Past; 2],
    turn: Turn,
    rate: f32,
}

impl Sides {
    fn new(rate: f64, seconds: f64) -> Self {
        let past = Past::new(rate * seconds);
        Sides { pasts: [past.clone(), past], turn: Turn::new(rate), rate: rate as f32 }
    }

    fn clear(&mut self) {
        self.pasts.iter_mut().for_each(Past::clear);
        self.turn.phase = 0;
    }
}

/// Delays of a chorus's voices, three on either side, and how far they sway, in seconds.
const BASES: [f32; 3] = [0.0113, 0.0157, 0.0211];
const DEPTH: f32 = 0.004;

/// Where voice `n` of a side stands: an eighth of a turn between the sides.
fn angle(n: usize, side: usize) -> u32 {
    EIGHTH.wrapping_mul(3 * n as u32 + side as u32)
}

/// A delay that sways, a block of it in frames.
struct Sway {
    first: u32,
    pace: u32,
    base: f32,
    depth: f32,
    rate: f32,
}

impl Task for Sway {
    type Gives = [f32; GRID];

    #[inline(always)]
    fn go(self) -> [f32; GRID] {
        let Sway { first, pace, base, depth, rate } = self;
        each!(GRID, i => (base + depth * sine(first.wrapping_add(pace.wrapping_mul(i as u32)))) * rate)
    }
}

#[derive(Clone)]
struct Chorus(Sides);

impl Voice<5, 2> for Chorus {
    fn frame(&mut self, [left, right, mix, rate, depth]: [f32; 5]) -> [f32; 2] {
        let phase = self.0.turn.next(hold(rate, 0.0, 20.0));
        let depth = hold(depth, 0.0, 1.0) * DEPTH;
        let mix = hold(mix, 0.0, 1.0);
        let mut sides = [left, right];
        for (k, (x, past)) in sides.iter_mut().zip(&mut self.0.pasts).enumerate() {
            past.push(*x);
            let mut sum = 0.0;
            for (n, base) in BASES.into_iter().enumerate() {
                sum += past.read((base + depth * sine(phase.wrapping_add(angle(n, k)))) * self.0.rate);
            }
            // Equal power: the voices do not know of each other.
            *x = *x * (1.0 - 0.5 * mix) + sum * 0.577 * mix;
        }
        sides
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 5, 2, L>, lane: usize) {
        let Some([mix, rate, depth]) = run.still_lane(2, lane) else {
            return frame_by_frame(self, run, lane);
        };
        let Sides { pasts, turn, rate: per_second } = &mut self.0;
        let (depth, mix) = (hold(depth, 0.0, 1.0) * DEPTH, hold(mix, 0.0, 1.0));
        let (count, pace) = (run.frames().len(), turn.step(hold(rate, 0.0, 20.0)));
        for (k, past) in pasts.iter_mut().enumerate() {
            let mut line = [0.0; GRID];
            run.column(k, lane, &mut line);
            past.push_all(&line[..count]);
            let mut sum = [0.0; GRID];
            for (n, base) in BASES.into_iter().enumerate() {
                let first = turn.phase.wrapping_add(angle(n, k));
                let frames = at_full_width::<LANES, _>(Sway { first, pace, base, depth, rate: *per_second });
                for (sum, x) in sum.iter_mut().zip(past.glance(count, &frames)) {
                    *sum += x;
                }
            }
            for (x, sum) in line.iter_mut().zip(sum) {
                *x = *x * (1.0 - 0.5 * mix) + sum * 0.577 * mix;
            }
            run.put_column(k, lane, &line);
        }
        turn.phase = turn.phase.wrapping_add(pace.wrapping_mul(count as u32));
    }

    fn reset(&mut self, _seed: u64) {
        self.0.clear();
    }

    fn tail(&self) -> usize {
        self.0.pasts[0].len()
    }
}

#[derive(Clone)]
struct Flanger(Sides);

impl Voice<6, 2> for Flanger {
    fn frame(&mut self, [left, right, mix, rate, depth, feedback]: [f32; 6]) -> [f32; 2] {
        let phase = self.0.turn.next(hold(rate, 0.0, 20.0));
        let depth = hold(depth, 0.0, 1.0);
        let feedback = hold(feedback, -0.95, 0.95);
        let mut sides = [left, right];
        for (k, (x, past)) in sides.iter_mut().zip(&mut self.0.pasts).enumerate() {
            let sweep = 0.5 + 0.5 * triangle(phase.wrapping_add(k as u32 * 2 * EIGHTH));
            // 0.5 to 8 ms in equal ratios: as much time for the first octave as for the last.
            let wet = past.read(0.0005 * (depth * sweep * 4.0).exp2() * self.0.rate);
            past.push(*x + wet * feedback);
            *x = *x + (wet - *x) * 0.5 * hold(mix, 0.0, 1.0);
        }
        sides
    }

    fn reset(&mut self, _seed: u64) {
        self.0.clear();
    }

    fn tail(&self) -> usize {
        self.0.pasts[0].len()
    }
}

/// Six allpasses per side, their frequencies swept together.
#[derive(Clone)]
struct Phaser {
    stages: [[Pole; 6]; 2],
    last: [f32; 2],
    turn: Turn,
    rate: f32,
}

impl Voice<6, 2> for Phaser {
    fn frame(&mut self, [left, right, mix, rate, depth, feedback]: [f32; 6]) -> [f32; 2] {
        let phase = self.turn.next(hold(rate, 0.0, 20.0));
        let feedback = hold(feedback, -0.95, 0.95);
        let mut sides = [left, right];
        for (k, x) in sides.iter_mut().enumerate() {
            let sweep = sine(phase.wrapping_add(k as u32 * 2 * EIGHTH));
            let g = warp(800.0 * (hold(depth, 0.0, 1.0) * 2.0 * sweep).exp2(), self.rate);
            let mut y = *x + self.last[k] * feedback;
            for stage in &mut self.stages[k] {
                y = 2.0 * stage.low(y, g) - y;
            }
            self.last[k] = y;
            *x = *x + (y - *x) * 0.5 * hold(mix, 0.0, 1.0);
        }
        sides
    }

    fn reset(&mut self, _seed: u64) {
        self.stages = [[Pole::default(); 6]; 2];
        self.last = [0.0; 2];
        self.turn.phase = 0;
    }
}

#[derive(Clone)]
struct Tremolo(Turn);

impl Voice<3, 1> for Tremolo {
    fn frame(&mut self, [x, rate, depth]: [f32; 3]) -> [f32; 1] {
        let down = 0.5 - 0.5 * sine(self.0.next(rate).wrapping_add(2 * EIGHTH));
        [x * (1.0 - hold(depth, 0.0, 1.0) * down)]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.phase = 0;
    }
}

#[derive(Clone)]
struct AutoPan(Turn);

impl Voice<4, 2> for AutoPan {
    fn frame(&mut self, [left, right, rate, depth]: [f32; 4]) -> [f32; 2] {
        let place = sine(self.0.next(rate)) * hold(depth, 0.0, 1.0);
        let angle = (place + 1.0) * std::f32::consts::FRAC_PI_4;
        let (sin, cos) = angle.sin_cos();
        [left * cos * std::f32::consts::SQRT_2, right * sin * std::f32::consts::SQRT_2]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.phase = 0;
    }
}

/// A delay that moves to and fro: pitch goes up and down by a number of cents.
#[derive(Clone)]
struct Vibrato {
    past: Past,
    turn: Turn,
    heard: [f32; 2],
    reach: f32,
    rate: f32,
}

impl Voice<3, 1> for Vibrato {
    fn frame(&mut self, [x, rate, depth]: [f32; 3]) -> [f32; 1] {
        if [rate, depth] != self.heard {
            self.heard = [rate, depth];
            let bend = (hold(depth, 0.0, 1200.0) / 1200.0).exp2() - 1.0;
            self.reach = (bend / (std::f32::consts::TAU * hold(rate, 0.1, 50.0))).min(0.04) * self.rate;
        }
        self.past.push(x);
        let sway = 1.0 + sine(self.turn.next(rate).wrapping_sub(2 * EIGHTH));
        [self.past.read(2.0 + self.reach * sway)]
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
        self.turn.phase = 0;
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

/// A rotating speaker: a horn above 800 Hz and a drum below, each with its own speed, Doppler shift and shadow.
#[derive(Clone)]
struct Rotary {
    horn: Past,
    low: Pole,
    turns: [Turn; 2],
    speed: f32,
    rate: f32,
}

impl Voice<3, 2> for Rotary {
    fn frame(&mut self, [left, right, speed]: [f32; 3]) -> [f32; 2] {
        // Heavy things take a second to change their speed.
        self.speed += (hold(speed, 0.0, 12.0) - self.speed) / self.rate;
        let x = 0.5 * (left + right);
        let low = self.low.low(x, warp(800.0, self.rate));
        self.horn.push(x - low);
        let horn = self.turns[0].next(self.speed);
        let drum = self.turns[1].next(self.speed * 0.87);
        // The horn's mouth is 20 cm from its axis: 0.6 ms at the speed of sound.
        [0, 3].map(|side| {
            let angle = horn.wrapping_add(side * EIGHTH);
            let doppler = self.horn.read((0.001 + 0.0006 * sine(angle)) * self.rate);
            let near = 0.75 + 0.25 * sine(angle.wrapping_add(2 * EIGHTH));
            doppler * near + low * (0.9 + 0.1 * sine(drum.wrapping_add(side * EIGHTH)))
        })
    }

    fn reset(&mut self, _seed: u64) {
        self.horn.clear();
        self.low = Pole::default();
        self.turns.iter_mut().for_each(|t| t.phase = 0);
        self.speed = 0.8;
    }

    fn tail(&self) -> usize {
        self.horn.len()
    }
}

/// Every frequency moved by the same number of Hz: two chains of allpasses a quarter of a cycle apart (Niemitalo, 1999).
#[derive(Clone)]
struct Shift {
    chains: [[[f32; 4]; 4]; 2],
    last: f32,
    turn: Turn,
}

const QUADRATURE: [[f32; 4]; 2] =
    [[0.692_387_8, 0.936_065_43, 0.988_229_5, 0.998_748_84], [0.402_192_12, 0.856_171_1, 0.972_290_96, 0.995_288_46]];

impl Voice<2, 1> for Shift {
    fn frame(&mut self, [x, by]: [f32; 2]) -> [f32; 1] {
        let mut pair = [x, x];
        for ((y, chain), roots) in pair.iter_mut().zip(&mut self.chains).zip(QUADRATURE) {
            for (memory, root) in chain.iter_mut().zip(roots) {
                // y[n] = a²(x[n] + y[n-2]) − x[n-2]
                let [x1, x2, y1, y2] = *memory;
                let out = root * root * (*y + y2) - x2;
                *memory = [*y, x1, out, y1];
                *y = out;
            }
        }
        let real = std::mem::replace(&mut self.last, pair[0]);
        let phase = self.turn.next(by);
        [real * sine(phase.wrapping_add(2 * EIGHTH)) + pair[1] * sine(phase)]
    }

    fn reset(&mut self, _seed: u64) {
        self.chains = [[[0.0; 4]; 4]; 2];
        self.last = 0.0;
        self.turn.phase = 0;
    }
}

/// Another pitch at the same speed: two readers that take turns over a window of 60 ms.
#[derive(Clone)]
struct Transpose {
    past: Past,
    turn: Turn,
    rate: f32,
}

impl Voice<2, 1> for Transpose {
    fn frame(&mut self, [x, semitones]: [f32; 2]) -> [f32; 1] {
        const WINDOW: f32 = 0.06;
        self.past.push(x);
        let ratio = (hold(semitones, -24.0, 24.0) / 12.0).exp2();
        let phase = self.turn.next((1.0 - ratio) / WINDOW);
        let reader = |phase: u32| {
            let place = phase as f32 * (1.0 / 4_294_967_296.0);
            let fade = sine(phase >> 1);
            fade * fade * self.past.read(2.0 + place * WINDOW * self.rate)
        };
        [reader(phase) + reader(phase.wrapping_add(1 << 31))]
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
        self.turn.phase = 0;
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

#[derive(Clone)]
struct Ring(Turn);

impl Voice<2, 1> for Ring {
    fn frame(&mut self, [x, freq]: [f32; 2]) -> [f32; 1] {
        [x * sine(self.0.next(freq))]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.phase = 0;
    }
}

const fn speed(default: f32) -> Param {
    Param::signal("rate", "Hz", 0.0, 50.0, default)
}

const fn depth(default: f32) -> Param {
    Param::signal("depth", "0 … 1", 0.0, 1.0, default)
}

const CHORUS: &[Param] = &[mix(0.5), speed(0.5), depth(0.5)];

const fn effect(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "modulation",
        doc,
        example: "",
        inputs: 2,
        outputs: 2,
        params: CHORUS,
        make: make!(|b| voice::<_, 5, 2, _>(Chorus(Sides::new(b.rate, 0.03)))),
    }
}

const fn mono(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row { inputs: 1, outputs: 1, ..effect(name, aliases, doc) }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) * 0.2 >> chorus(0.5)",
        ..effect(
            "chorus",
            &[],
            "Three detuned copies on each side: one instrument becomes a section. `mix` 0 to 1, `rate` in Hz, `depth` 0 to 1.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> flanger(0.8, 0.2, 0.8, 0.6)",
        params: &[mix(0.7), speed(0.2), depth(0.7), Param::signal("feedback", "linear", -0.95, 0.95, 0.5)],
        make: make!(|b| voice::<_, 6, 2, _>(Flanger(Sides::new(b.rate, 0.012)))),
        ..effect(
            "flanger",
            &[],
            "A copy so close that it cancels and rings: the jet. `mix` 0 to 1, `rate` in Hz, `depth` 0 to 1, `feedback` -0.95 to 0.95.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> phaser(1, 0.3)",
        params: &[mix(1.0), speed(0.4), depth(0.7), Param::signal("feedback", "linear", -0.95, 0.95, 0.4)],
        make: make!(|b| {
            voice::<_, 6, 2, _>(Phaser {
                stages: [[Pole::default(); 6]; 2],
                last: [0.0; 2],
                turn: Turn::new(b.rate),
                rate: b.rate as f32,
            })
        }),
        ..effect(
            "phaser",
            &[],
            "Notches that wander through the sound (six allpasses). `mix` 0 to 1, `rate` in Hz, `depth` 0 to 1, `feedback`.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> tremolo(6, 0.8)",
        params: &[speed(5.0), depth(0.5)],
        make: make!(|b| voice::<_, 3, 1, _>(Tremolo(Turn::new(b.rate)))),
        ..mono("tremolo", &["trem"], "Louder and quieter, `rate` times per second, by `depth` 0 to 1; begins loud.")
    },
    Row {
        example: "tri(330) * 0.3 >> vibrato(5.5, 40)",
        params: &[speed(5.5), Param::signal("depth", "cents", 0.0, 1200.0, 30.0)],
        make: make!(|b| {
            voice::<_, 3, 1, _>(Vibrato {
                past: Past::new(b.rate * 0.1),
                turn: Turn::new(b.rate),
                heard: [f32::NAN; 2],
                reach: 0.0,
                rate: b.rate as f32,
            })
        }),
        ..mono("vibrato", &["vib"], "Higher and lower, `rate` times per second, by `depth` cents.")
    },
    Row {
        example: "saw(110) * 0.2 >> autopan(0.5)",
        params: &[speed(0.5), depth(0.8)],
        make: make!(|b| voice::<_, 4, 2, _>(AutoPan(Turn::new(b.rate)))),
        ..effect("autopan", &[], "From side to side, `rate` times per second, by `depth` 0 to 1, with equal power.")
    },
    Row {
        example: "hammond(220) * 0.2 >> rotary(6.5)",
        params: &[Param::signal("speed", "Hz", 0.0, 12.0, 6.5)],
        make: make!(|b| {
            voice::<_, 3, 2, _>(Rotary {
                horn: Past::new(b.rate * 0.01),
                low: Pole::default(),
                turns: [Turn::new(b.rate), Turn::new(b.rate)],
                speed: 0.8,
                rate: b.rate as f32,
            })
        }),
        ..effect(
            "rotary",
            &["leslie"],
            "A rotating speaker: 0.8 turns per second is slow, 6.5 fast; it takes a second to change over.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> ring(330)",
        params: &[Param::needed("freq", "Hz", 0.0, 20_000.0)],
        make: make!(|b| voice::<_, 2, 1, _>(Ring(Turn::new(b.rate)))),
        ..mono("ring", &["ringmod"], "Ring modulation: times a sine of `freq` Hz; bells and robots.")
    },
    Row {
        example: "saw(110) * 0.2 >> shift(30)",
        params: &[Param::needed("by", "Hz", -20_000.0, 20_000.0)],
        make: make!(|b| voice::<_, 2, 1, _>(Shift { chains: [[[0.0; 4]; 4]; 2], last: 0.0, turn: Turn::new(b.rate) })),
        ..mono(
            "shift",
            &["freqshift"],
            "Moves every frequency by the same number of Hz (not a transposition: chords go out of tune, which is the point).",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> transpose_by(7)",
        params: &[Param::needed("semitones", "semitones", -24.0, 24.0)],
        make: make!(|b| {
            voice::<_, 2, 1, _>(Transpose {
                past: Past::new(b.rate * 0.08),
                turn: Turn::new(b.rate),
                rate: b.rate as f32,
            })
        }),
        ..mono(
            "transpose_by",
            &["pitchshift"],
            "Another pitch at the same speed, -24 to 24 semitones, in grains of 60 ms.",
        )
    },
];

//! Noises: chance as sound and as modulation, begun from the seed of its voice.

use super::filters::hold;
use super::kernel::{Kernel, Voice, play, tick_by_tick, voice};
use super::phases::{Pace, step};
use super::row::make;
use super::{Build, Param, Row};
use crate::engine::Operation;
use crate::engine::processor::each;
use crate::engine::schedule::Run;
use crate::engine::schedule::mix;

/// A stream of chance (xorshift with 64 bits, Marsaglia 2003).
#[derive(Clone, Copy)]
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(mix(seed, 0xd1ce) | 1)
    }

    /// −1 … 1, evenly.
    #[inline(always)]
    pub fn roll(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as i32 as f32 * (1.0 / 8_388_608.0) - 1.0
    }
}

/// White noise: every frame has a number of its own, hashed out of how many came before (Wellons, "Prospecting for hash
/// functions", 2018), so that no frame waits for another. It begins again after 2³² frames, a day at 48 kHz.
#[derive(Clone)]
struct White<const L: usize> {
    /// Which of many noises it is.
    which: u64,
    keys: [[u32; L]; 2],
    count: [u32; L],
}

impl<const L: usize> White<L> {
    fn new(which: f32) -> Self {
        White { which: which.to_bits().into(), keys: [[0; L]; 2], count: [0; L] }
    }
}

/// The number of a frame, −1 … 1, evenly. A second key makes two noises out of what would be parts of one.
#[inline(always)]
fn white(count: u32, keys: [u32; 2]) -> f32 {
    let x = count.wrapping_add(keys[0]);
    let x = (x ^ x >> 16).wrapping_mul(0x7feb_352d) ^ keys[1];
    let x = (x ^ x >> 15).wrapping_mul(0x846c_a68b);
    ((x ^ x >> 16) >> 8) as i32 as f32 * (1.0 / 8_388_608.0) - 1.0
}

impl<const L: usize> Kernel<0, 1, L> for White<L> {
    const MANY_FRAMES: bool = true;

    #[inline(always)]
    fn tick(&mut self, _: [[f32; L]; 0]) -> [[f32; L]; 1] {
        let [first, second] = self.keys;
        let now = self.count;
        self.count = each!(L, l => now[l].wrapping_add(1));
        [each!(L, l => white(now[l], [first[l], second[l]]))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 0, 1, L>) {
        if L > 1 {
            let mut own = self.clone();
            tick_by_tick(&mut own, run);
            *self = own;
            return;
        }
        let (line, from, keys) = (run.out(0), self.count[0], self.keys.map(|key| key[0]));
        for (i, x) in line.iter_mut().enumerate() {
            x[0] = white(from.wrapping_add(i as u32), keys);
        }
        self.count[0] = from.wrapping_add(line.len() as u32);
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        let key = mix(seed, self.which);
        (self.keys[0][lane], self.keys[1][lane], self.count[lane]) = (key as u32, (key >> 32) as u32, 0);
    }
}

/// Rows of a pink noise.
const ROWS_OF_PINK: usize = 12;

/// Octave bands of chance renewed at halving rates (after Voss and McCartney), with white on top.
#[derive(Clone)]
struct Pink<const L: usize> {
    dice: [Dice; L],
    rows: [[f32; L]; ROWS_OF_PINK],
    count: [u32; L],
}

impl<const L: usize> Pink<L> {
    fn new() -> Self {
        Pink { dice: [Dice::new(0); L], rows: [[0.0; L]; ROWS_OF_PINK], count: [0; L] }
    }
}

impl<const L: usize> Kernel<0, 1, L> for Pink<L> {
    #[inline(always)]
    fn tick(&mut self, _: [[f32; L]; 0]) -> [[f32; L]; 1] {
        for l in 0..L {
            self.count[l] = self.count[l].wrapping_add(1);
            let row = self.count[l].trailing_zeros() as usize;
            if let Some(row) = self.rows.get_mut(row) {
                row[l] = self.dice[l].roll();
            }
        }
        // As many sums side by side as there are lanes.
        let mut sum = [0.0; L];
        for row in &self.rows {
            for l in 0..L {
                sum[l] += row[l];
            }
        }
        [each!(L, l => (sum[l] + self.dice[l].roll()) * 0.13)]
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        self.dice[lane] = Dice::new(seed);
        for row in &mut self.rows {
            row[lane] = self.dice[lane].roll();
        }
        self.count[lane] = 0;
    }
}

#[derive(Clone)]
struct Brown<const L: usize> {
    dice: [Dice; L],
    level: [f32; L],
    /// What is kept from frame to frame: a corner at 10 Hz; and how much is new.
    keep: f32,
    fresh: f32,
}

impl<const L: usize> Brown<L> {
    fn new(rate: f64) -> Self {
        let keep = (-2.0 * std::f64::consts::PI * 10.0 / rate).exp() as f32;
        Brown { dice: [Dice::new(0); L], level: [0.0; L], keep, fresh: (1.0 - keep * keep).sqrt() }
    }
}

impl<const L: usize> Kernel<0, 1, L> for Brown<L> {
    #[inline(always)]
    fn tick(&mut self, _: [[f32; L]; 0]) -> [[f32; L]; 1] {
        self.level = each!(L, l => self.level[l] * self.keep + self.dice[l].roll() * self.fresh);
        [each!(L, l => self.level[l] * 0.4)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 0, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        (self.dice[lane], self.level[lane]) = (Dice::new(seed), 0.0);
    }
}

/// Noise brighter than white: its difference from frame to frame.
#[derive(Clone)]
struct Violet<const L: usize> {
    dice: [Dice; L],
    last: [f32; L],
}

impl<const L: usize> Kernel<0, 1, L> for Violet<L> {
    #[inline(always)]
    fn tick(&mut self, _: [[f32; L]; 0]) -> [[f32; L]; 1] {
        let fresh = each!(L, l => self.dice[l].roll());
        let last = std::mem::replace(&mut self.last, fresh);
        [each!(L, l => (fresh[l] - last[l]) * 0.5)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 0, 1, L>) {
        let mut own = self.clone();
        tick_by_tick(&mut own, run);
        *self = own;
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        (self.dice[lane], self.last[lane]) = (Dice::new(seed), 0.0);
    }
}

#[derive(Clone)]
struct Dust {
    dice: Dice,
    rate: f32,
    both: bool,
}

impl Voice<1, 1> for Dust {
    fn frame(&mut self, [density]: [f32; 1]) -> [f32; 1] {
        let chance = hold(density, 0.0, self.rate) / self.rate;
        let roll = self.dice.roll() * 0.5 + 0.5;
        let grain = if roll < chance { roll / chance } else { return [0.0] };
        [if self.both { grain * 2.0 - 1.0 } else { grain }]
    }

    fn reset(&mut self, seed: u64) {
        self.dice = Dice::new(seed);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Between {
    Step,
    Line,
    Curve,
}

/// A new random value at a rate; between two values a step, a line or a curve.
#[derive(Clone)]
struct Wander {
    dice: Dice,
    phase: u32,
    values: [f32; 4],
    pace: Pace,
    between: Between,
}

impl Voice<1, 1> for Wander {
    fn frame(&mut self, [freq]: [f32; 1]) -> [f32; 1] {
        let part = self.phase as f32 * (1.0 / 4_294_967_296.0);
        let [a, b, c, d] = self.values;
        let value = match self.between {
            Between::Step => b,
            Between::Line => b + part * (c - b),
            Between::Curve => (0.5 * cubic([a, b, c, d], part) + 0.5 * (b + part * (c - b))).clamp(-1.0, 1.0),
        };
        let (phase, wrapped) = self.phase.overflowing_add(step(self.pace.cycles(freq).abs()));
        self.phase = phase;
        if wrapped {
            self.values = [b, c, d, self.dice.roll()];
        }
        [value]
    }

    fn reset(&mut self, seed: u64) {
        self.dice = Dice::new(seed);
        self.values = std::array::from_fn(|_| self.dice.roll());
        self.phase = 0;
    }
}

/// The curve through four points, between the second and the third (Catmull and Rom, 1974).
#[inline(always)]
pub(super) fn cubic([a, b, c, d]: [f32; 4], part: f32) -> f32 {
    let slope = 0.5 * (c - a);
    let bend = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let twist = 0.5 * (d - a) + 1.5 * (b - c);
    b + part * (slope + part * (bend + part * twist))
}

/// The input, held at a rate.
#[derive(Clone)]
struct Hold {
    phase: u32,
    value: f32,
    begun: bool,
    pace: Pace,
}

impl Voice<2, 1> for Hold {
    fn frame(&mut self, [x, freq]: [f32; 2]) -> [f32; 1] {
        let (phase, wrapped) = self.phase.overflowing_add(step(self.pace.cycles(freq).abs()));
        self.phase = phase;
        if wrapped || !self.begun {
            self.value = x;
            self.begun = true;
        }
        [self.value]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = 0;
        self.value = 0.0;
        self.begun = false;
    }
}

/// The input, held at every opening of the gate.
#[derive(Clone, Default)]
struct Latch {
    value: f32,
    open: bool,
}

impl Voice<2, 1> for Latch {
    fn frame(&mut self, [x, gate]: [f32; 2]) -> [f32; 1] {
        let open = gate > 0.0;
        if open && !self.open {
            self.value = x;
        }
        self.open = open;
        [self.value]
    }

    fn reset(&mut self, _seed: u64) {
        *self = Latch::default();
    }
}

#[derive(Clone)]
struct Impulse {
    phase: u32,
    begun: bool,
    pace: Pace,
}

impl Voice<1, 1> for Impulse {
    fn frame(&mut self, [freq]: [f32; 1]) -> [f32; 1] {
        let (phase, wrapped) = self.phase.overflowing_add(step(self.pace.cycles(freq).abs()));
        self.phase = phase;
        let click = wrapped || !self.begun;
        self.begun = true;
        [f32::from(click)]
    }

    fn reset(&mut self, _seed: u64) {
        self.phase = 0;
        self.begun = false;
    }
}

const RATE: Param = Param::needed("freq", "Hz", 0.0, 20_000.0);
/// Two noises of one number are one noise; other numbers are other noises.
const WHICH: Param = Param::built("which", "", 0.0, 1000.0, 0.0);

const fn noise(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "noises",
        doc,
        example: "",
        inputs: 0,
        outputs: 1,
        params: &[WHICH],
        make: make!(|build| play::<_, 0, 1, _>(White::new(build.values[0]))),
    }
}

fn wander<const L: usize>(build: &Build, between: Between) -> Box<dyn Operation<L>> {
    let wander = Wander { dice: Dice::new(0), phase: 0, values: [0.0; 4], pace: Pace::new(build.rate), between };
    voice::<_, 1, 1, L>(wander)
}

pub const ROWS: &[Row] = &[
    Row {
        example: "white() * 0.1",
        ..noise(
            "white",
            &["noise"],
            "White noise, -1 to 1. `white(1)` and `white(2)` are two noises, `white()` twice is one.",
        )
    },
    Row {
        example: "pink() * 0.3",
        make: make!(|_| play::<_, 0, 1, _>(Pink::new())),
        ..noise("pink", &[], "Pink noise: every octave equally loud (Voss and McCartney).")
    },
    Row {
        example: "brown() * 0.4",
        make: make!(|b| play::<_, 0, 1, _>(Brown::new(b.rate))),
        ..noise("brown", &["red"], "Brown noise: 6 dB less with every octave; surf and thunder.")
    },
    Row {
        example: "violet() * 0.1",
        make: make!(|_| play::<_, 0, 1, _>(Violet { dice: [Dice::new(0); _], last: [0.0; _] })),
        ..noise("violet", &[], "Violet noise: 6 dB more with every octave; hiss.")
    },
    Row {
        example: "dust(20) * 0.5 >> resonator(900, 40)",
        params: &[Param::needed("density", "per second", 0.0, 20_000.0), WHICH],
        make: make!(|b| voice::<_, 1, 1, _>(Dust { dice: Dice::new(0), rate: b.rate as f32, both: false })),
        ..noise(
            "dust",
            &[],
            "Single frames of 0 to 1 at random times, `density` per second: a Geiger counter, triggers.",
        )
    },
    Row {
        example: "crackle(200) * 0.5 >> lowpass(4000)",
        params: &[Param::needed("density", "per second", 0.0, 20_000.0), WHICH],
        make: make!(|b| voice::<_, 1, 1, _>(Dust { dice: Dice::new(0), rate: b.rate as f32, both: true })),
        ..noise("crackle", &["dust2"], "Single frames of -1 to 1 at random times, `density` per second: an old record.")
    },
    Row {
        example: "sine(lfnoise(8).range(200, 800)) * 0.3",
        params: &[RATE, WHICH],
        make: make!(|b| wander(b, Between::Step)),
        ..noise("lfnoise", &["lfnoise0"], "Random steps of -1 to 1, `freq` new ones per second.")
    },
    Row {
        example: "sine(lfnoise1(4).range(200, 800)) * 0.3",
        params: &[RATE, WHICH],
        make: make!(|b| wander(b, Between::Line)),
        ..noise("lfnoise1", &["wander"], "Random values of -1 to 1 joined by lines, `freq` new ones per second.")
    },
    Row {
        example: "sine(lfnoise2(4).range(200, 800)) * 0.3",
        params: &[RATE, WHICH],
        make: make!(|b| wander(b, Between::Curve)),
        ..noise(
            "lfnoise2",
            &["drift"],
            "Random values of -1 to 1 joined by curves, `freq` new ones per second: slow drift of analogue things.",
        )
    },
    Row {
        example: "sine(white() >> hold(6) >> map_range(200, 800)) * 0.3",
        inputs: 1,
        params: &[RATE],
        make: make!(|b| voice::<_, 2, 1, _>(Hold { phase: 0, value: 0.0, begun: false, pace: Pace::new(b.rate) })),
        ..noise(
            "hold",
            &["sah", "sample_and_hold"],
            "Sample and hold: the input, looked at `freq` times per second and held between.",
        )
    },
    Row {
        example: "sine(white() >> latch(impulse(6)) >> map_range(200, 800)) * 0.3",
        inputs: 1,
        params: &[Param::needed("gate", "", -1e6, 1e6)],
        make: make!(|_| voice::<_, 2, 1, _>(Latch::default())),
        ..noise(
            "latch",
            &[],
            "The input, looked at whenever the gate opens and held between: a random value for every note.",
        )
    },
    Row {
        example: "impulse(2) >> resonator(600, 20) >> gain(24)",
        params: &[RATE],
        make: make!(|b| voice::<_, 1, 1, _>(Impulse { phase: 0, begun: false, pace: Pace::new(b.rate) })),
        ..noise(
            "impulse",
            &["click", "trig"],
            "Single frames of 1, `freq` per second, the first at once: clicks and triggers.",
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64) -> Vec<f64> {
        let mut white = White::<1>::new(0.0);
        white.reset(0, seed);
        (0..65_536).map(|_| f64::from(white.tick([])[0][0])).collect()
    }

    /// How much two noises have in common, one of them so many frames later: 1 for the same.
    fn alike(a: &[f64], b: &[f64], later: usize) -> f64 {
        3.0 * a[later..].iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64
    }

    #[test]
    fn white_noise_is_even_and_has_nothing_in_common_with_itself_later_or_with_another() {
        for seed in 0..20 {
            let (one, other) = (noise(seed), noise(seed + 1));
            let mean = one.iter().sum::<f64>() / one.len() as f64;
            assert!(mean.abs() < 0.01 && (alike(&one, &one, 0) - 1.0).abs() < 0.02, "{seed}: {mean}");
            assert!(one.iter().all(|x| (-1.0..1.0).contains(x)));
            let quarter = one.iter().filter(|x| **x < -0.5).count() as f64 / one.len() as f64;
            assert!((quarter - 0.25).abs() < 0.01, "{quarter}");
            // Five times what chance gives.
            let most = 5.0 / (one.len() as f64).sqrt();
            for later in 1..200 {
                assert!(alike(&one, &one, later).abs() < most, "{seed} after {later}");
                assert!(alike(&one, &other, later - 1).abs() < most, "{seed} and another after {later}");
            }
        }
    }
}

//! Arithmetic on signals: what `+ - * /` mean, and functions of the present value.

use super::kernel::{Kernel, Map, play, voice};
use super::{Build, Param, Row};
use crate::engine::Operation;

/// A function of two signals, the same in every lane.
#[derive(Clone, Copy)]
struct Pair(fn(f32, f32) -> f32);

impl<const L: usize> Kernel<2, 1, L> for Pair {
    fn tick(&mut self, [a, b]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        [std::array::from_fn(|l| (self.0)(a[l], b[l]))]
    }

    fn reset(&mut self, _seed: u64) {}
}

/// A function known where it is compiled, so that the inner loop becomes vector code.
macro_rules! pair {
    ($name:ident, |$a:ident, $b:ident| $value:expr) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl<const L: usize> Kernel<2, 1, L> for $name {
            #[inline(always)]
            fn tick(&mut self, [$a, $b]: [[f32; L]; 2]) -> [[f32; L]; 1] {
                [std::array::from_fn(|l| {
                    let ($a, $b) = ($a[l], $b[l]);
                    $value
                })]
            }

            fn reset(&mut self, _seed: u64) {}
        }
    };
}

pair!(Add, |a, b| a + b);
pair!(Sub, |a, b| a - b);
pair!(Mul, |a, b| a * b);
pair!(Min, |a, b| a.min(b));
pair!(Max, |a, b| a.max(b));

/// Division that is silent where the divisor is zero.
fn quotient(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// The sign of the base is kept, so that audio can be bent without becoming not-a-number.
fn power(a: f32, b: f32) -> f32 {
    let value = a.abs().powf(b.clamp(-64.0, 64.0)).min(1e9);
    if value.is_nan() { 0.0 } else { value.copysign(a) }
}

fn remainder(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a.rem_euclid(b) }
}

/// The value of a row of two inputs where both are numbers.
pub fn fold(name: &str, a: f32, b: f32) -> Option<f32> {
    Some(match name {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => quotient(a, b),
        "min" => a.min(b),
        "max" => a.max(b),
        "pow" => power(a, b),
        "modulo" => remainder(a, b),
        _ => return None,
    })
}

fn map1(f: fn(f32) -> f32) -> Box<dyn Operation<1>> {
    voice::<_, 1, 1, 1>(Map(move |[x]: [f32; 1]| f(x)))
}

const fn two(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    build: fn(&Build) -> Box<dyn Operation<1>>,
) -> Row {
    Row { name, aliases: &[], category: "arithmetic", doc, example, inputs: 2, outputs: 1, params: &[], build }
}

const fn one(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    build: fn(&Build) -> Box<dyn Operation<1>>,
) -> Row {
    Row { name, aliases: &[], category: "arithmetic", doc, example, inputs: 1, outputs: 1, params: &[], build }
}

pub const ROWS: &[Row] = &[
    two("add", "The sum of two signals; what `+` means.", "add(sine(220), sine(330)) * 0.2", |_| {
        play::<_, 2, 1, 1>(Add)
    }),
    two("sub", "The difference of two signals; what `-` means.", "sub(saw(110), saw(110.7)) * 0.2", |_| {
        play::<_, 2, 1, 1>(Sub)
    }),
    two(
        "mul",
        "The product of two signals; what `*` means: of two tones, ring modulation.",
        "mul(sine(440), sine(3)) * 0.3",
        |_| play::<_, 2, 1, 1>(Mul),
    ),
    two(
        "div",
        "The quotient of two signals; what `/` means. Zero where the divisor is zero.",
        "div(sine(220), 4)",
        |_| play::<_, 2, 1, 1>(Pair(quotient)),
    ),
    two("min", "The lower of two signals.", "min(sine(220), 0.2) * 0.5", |_| play::<_, 2, 1, 1>(Min)),
    two("max", "The higher of two signals.", "max(sine(220), -0.2) * 0.5", |_| play::<_, 2, 1, 1>(Max)),
    two(
        "pow",
        "The first signal to the power of the second; the sign of the first is kept.",
        "pow(sine(110), 3) * 0.3",
        |_| play::<_, 2, 1, 1>(Pair(power)),
    ),
    two(
        "modulo",
        "The remainder of the first signal by the second, never negative.",
        "(modulo(saw(55), 0.5) - 0.25) * 0.5",
        |_| play::<_, 2, 1, 1>(Pair(remainder)),
    ),
    one("neg", "The signal upside down; what a leading `-` means.", "-sine(220) * 0.3", |_| map1(|x| -x)),
    one(
        "abs",
        "The distance from zero: of a tone, full-wave rectification, an octave up.",
        "sine(110) >> abs() >> dcblock() >> gain(-9)",
        |_| map1(f32::abs),
    ),
    one("floor", "The whole number below.", "floor(sine(110) * 4) / 12", |_| map1(f32::floor)),
    one("round", "The nearest whole number.", "round(sine(110) * 4) / 12", |_| map1(f32::round)),
    one("sqrt", "The square root, the sign kept.", "sqrt(sine(110)) * 0.3", |_| map1(|x| x.abs().sqrt().copysign(x))),
    one("sin", "The sine of an angle in radians: waveshaping by a sine.", "sin(sine(110) * 4) * 0.3", |_| {
        map1(f32::sin)
    }),
    one("cos", "The cosine of an angle in radians.", "cos(sine(110) * 3) * 0.3 >> dcblock()", |_| map1(f32::cos)),
    one(
        "db_to_amp",
        "Decibels to a linear level: 0 dB is 1, -6 dB about a half.",
        "sine(220) * db_to_amp(-12)",
        |_| map1(|db| 10f32.powf(db.clamp(-200.0, 60.0) / 20.0)),
    ),
    one("midi_to_hz", "A MIDI note number to its frequency: 69 is 440 Hz.", "saw(midi_to_hz(45)) * 0.2", |_| {
        map1(|note| 440.0 * ((note.clamp(-100.0, 200.0) - 69.0) / 12.0).exp2())
    }),
    Row {
        name: "clamp",
        aliases: &["clip"],
        category: "arithmetic",
        doc: "Holds a signal between `low` and `high`; of a loud tone, hard clipping.",
        example: "sine(110) * 3 >> clamp(-0.3, 0.3)",
        inputs: 1,
        outputs: 1,
        params: &[Param::signal("low", "", -1e6, 1e6, -1.0), Param::signal("high", "", -1e6, 1e6, 1.0)],
        build: |_| voice::<_, 3, 1, 1>(Map(|[x, low, high]: [f32; 3]| x.min(high).max(low))),
    },
    Row {
        name: "map_range",
        aliases: &["linlin"],
        category: "arithmetic",
        doc: "Stretches a signal of -1 to 1 onto `low` to `high`; what `.range(low, high)` does to a signal.",
        example: "saw(110) >> lowpass(sine(0.5) >> map_range(200, 2000)) >> gain(-12)",
        inputs: 1,
        outputs: 1,
        params: &[Param::needed("low", "", -1e6, 1e6), Param::needed("high", "", -1e6, 1e6)],
        build: |_| voice::<_, 3, 1, 1>(Map(|[x, low, high]: [f32; 3]| low + (high - low) * (0.5 + 0.5 * x))),
    },
];

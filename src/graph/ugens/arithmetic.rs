//! Arithmetic on signals: what `+ - * /` mean, and functions of the present value.

use super::filters::hold;
use super::kernel::{Map, play};
use super::powers::{amp, exp2};
use super::row::make;
use super::{Make, Param, Row};

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

/// How a function of one number is built; it is known where it is compiled, so that the inner loop becomes vector code.
macro_rules! map1 {
    (|$x:ident| $value:expr) => {
        make!(|_| play::<_, 1, 1, _>(Map(|[$x]: [f32; 1]| $value)))
    };
}

/// The same of two.
macro_rules! map2 {
    (|$a:ident, $b:ident| $value:expr) => {
        make!(|_| play::<_, 2, 1, _>(Map(|[$a, $b]: [f32; 2]| $value)))
    };
}

const fn two(name: &'static str, doc: &'static str, example: &'static str, make: Make) -> Row {
    Row { name, aliases: &[], category: "arithmetic", doc, example, inputs: 2, outputs: 1, params: &[], make }
}

const fn one(name: &'static str, doc: &'static str, example: &'static str, make: Make) -> Row {
    Row { name, aliases: &[], category: "arithmetic", doc, example, inputs: 1, outputs: 1, params: &[], make }
}

pub const ROWS: &[Row] = &[
    two("add", "The sum of two signals; what `+` means.", "add(sine(220), sine(330)) * 0.2", map2!(|a, b| a + b)),
    two(
        "sub",
        "The difference of two signals; what `-` means.",
        "sub(saw(110), saw(110.7)) * 0.2",
        map2!(|a, b| a - b),
    ),
    two(
        "mul",
        "The product of two signals; what `*` means: of two tones, ring modulation.",
        "mul(sine(440), sine(3)) * 0.3",
        map2!(|a, b| a * b),
    ),
    two(
        "div",
        "The quotient of two signals; what `/` means. Zero where the divisor is zero.",
        "div(sine(220), 4)",
        map2!(|a, b| quotient(a, b)),
    ),
    two("min", "The lower of two signals.", "min(sine(220), 0.2) * 0.5", map2!(|a, b| a.min(b))),
    two("max", "The higher of two signals.", "max(sine(220), -0.2) * 0.5", map2!(|a, b| a.max(b))),
    two(
        "pow",
        "The first signal to the power of the second; the sign of the first is kept.",
        "pow(sine(110), 3) * 0.3",
        map2!(|a, b| power(a, b)),
    ),
    two(
        "modulo",
        "The remainder of the first signal by the second, never negative.",
        "(modulo(saw(55), 0.5) - 0.25) * 0.5",
        map2!(|a, b| remainder(a, b)),
    ),
    one("neg", "The signal upside down; what a leading `-` means.", "-sine(220) * 0.3", map1!(|x| -x)),
    one(
        "abs",
        "The distance from zero: of a tone, full-wave rectification, an octave up.",
        "sine(110) >> abs() >> dcblock() >> gain(-9)",
        map1!(|x| x.abs()),
    ),
    one("floor", "The whole number below.", "floor(sine(110) * 4) / 12", map1!(|x| x.floor())),
    one("round", "The nearest whole number.", "round(sine(110) * 4) / 12", map1!(|x| x.round())),
    one("sqrt", "The square root, the sign kept.", "sqrt(sine(110)) * 0.3", map1!(|x| x.abs().sqrt().copysign(x))),
    one(
        "sin",
        "The sine of an angle in radians: waveshaping by a sine.",
        "sin(sine(110) * 4) * 0.3",
        map1!(|x| x.sin()),
    ),
    one("cos", "The cosine of an angle in radians.", "cos(sine(110) * 3) * 0.3 >> dcblock()", map1!(|x| x.cos())),
    one(
        "db_to_amp",
        "Decibels to a linear level: 0 dB is 1, -6 dB about a half.",
        "sine(220) * db_to_amp(-12)",
        map1!(|db| amp(hold(db, -200.0, 60.0))),
    ),
    one(
        "midi_to_hz",
        "A MIDI note number to its frequency: 69 is 440 Hz.",
        "saw(midi_to_hz(45)) * 0.2",
        map1!(|note| 440.0 * exp2((hold(note, -100.0, 200.0) - 69.0) / 12.0)),
    ),
    Row {
        name: "clamp",
        aliases: &["clip"],
        category: "arithmetic",
        doc: "Holds a signal between `low` and `high`; of a loud tone, hard clipping.",
        example: "sine(110) * 3 >> clamp(-0.3, 0.3)",
        inputs: 1,
        outputs: 1,
        params: &[Param::signal("low", "", -1e6, 1e6, -1.0), Param::signal("high", "", -1e6, 1e6, 1.0)],
        make: make!(|_| play::<_, 3, 1, _>(Map(|[x, low, high]: [f32; 3]| x.min(high).max(low)))),
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
        make: make!(|_| play::<_, 3, 1, _>(Map(|[x, low, high]: [f32; 3]| low + (high - low) * (0.5 + 0.5 * x)))),
    },
];

//! Shapers: curves that bend a waveform, with their aliases kept down.
//!
//! Steep curves are averaged over the line from the last frame to this one (antiderivative antialiasing; Parker et al.,
//! DAFx 2016), which costs half a frame of delay.

use super::filters::hold;
use super::kernel::{Voice, play, voice};
use super::rounding::Round;
use super::row::make;
use super::{Param, Row};

/// A curve and its antiderivative.
#[derive(Clone, Copy)]
struct Curve {
    value: fn(f64) -> f64,
    area: fn(f64) -> f64,
}

/// A curve drawn through the line from frame to frame.
#[derive(Clone)]
struct Drawn {
    curve: Curve,
    x: f64,
    area: f64,
}

impl Drawn {
    fn new(curve: Curve) -> Self {
        Drawn { curve, x: 0.0, area: (curve.area)(0.0) }
    }

    #[inline(always)]
    fn next(&mut self, x: f32) -> f32 {
        // Loud beyond reason is as good as very loud, and stays a number.
        let x = f64::from(hold(x, -1e4, 1e4));
        let area = (self.curve.area)(x);
        let width = x - self.x;
        let y = if width.abs() < 1e-5 { (self.curve.value)(0.5 * (x + self.x)) } else { (area - self.area) / width };
        self.x = x;
        self.area = area;
        y as f32
    }

    fn reset(&mut self) {
        *self = Drawn::new(self.curve);
    }
}

const TANH: Curve =
    Curve { value: f64::tanh, area: |x| x.abs() + (-2.0 * x.abs()).exp().ln_1p() - std::f64::consts::LN_2 };
const CLIP: Curve =
    Curve { value: |x| x.clamp(-1.0, 1.0), area: |x| if x.abs() <= 1.0 { 0.5 * x * x } else { x.abs() - 0.5 } };
const SINE: Curve = Curve { value: f64::sin, area: |x| 1.0 - x.cos() };
const CUBIC: Curve = Curve {
    value: |x| {
        let x = x.clamp(-1.0, 1.0);
        1.5 * x - 0.5 * x * x * x
    },
    area: |x| if x.abs() <= 1.0 { 0.75 * x * x - 0.125 * x.powi(4) } else { x.abs() - 0.375 },
};
/// A triangle of period 4: what is beyond ±1 is mirrored back.
const FOLD: Curve = Curve {
    value: |x| 1.0 - ((x + 1.0).rem_euclid(4.0) - 2.0).abs(),
    area: |x| {
        let place = (x + 1.0).rem_euclid(4.0) - 1.0;
        if place <= 1.0 { 0.5 * place * place - 0.5 } else { 0.5 - 0.5 * (place - 2.0) * (place - 2.0) }
    },
};

/// A curve between a gain before and a gain after, both from one parameter.
#[derive(Clone)]
struct Shaper {
    drawn: Drawn,
    heard: f32,
    gains: [f32; 2],
    tune: fn(f32) -> [f32; 2],
}

impl Shaper {
    fn new(curve: Curve, tune: fn(f32) -> [f32; 2]) -> Self {
        Shaper { drawn: Drawn::new(curve), heard: f32::NAN, gains: [1.0; 2], tune }
    }
}

impl Voice<2, 1> for Shaper {
    fn frame(&mut self, [x, amount]: [f32; 2]) -> [f32; 1] {
        if amount != self.heard {
            self.heard = amount;
            self.gains = (self.tune)(amount);
        }
        [self.drawn.next(x * self.gains[0]) * self.gains[1]]
    }

    fn reset(&mut self, _seed: u64) {
        self.drawn.reset();
    }
}

/// Drive as it is, the output level left alone.
fn drive(amount: f32) -> [f32; 2] {
    [hold(amount, 0.01, 1000.0), 1.0]
}

/// x(1+k)/(1+k|x|): full scale stays full scale, what is quieter comes up.
fn lift(k: f32) -> [f32; 2] {
    [k, (1.0 + k) / k]
}

/// Tubes bend one side more than the other: even harmonics, which the mean of the curve must not outlive.
#[derive(Clone)]
struct Tube {
    drawn: Drawn,
    mean: f32,
    keep: f32,
}

impl Voice<3, 1> for Tube {
    fn frame(&mut self, [x, drive, bias]: [f32; 3]) -> [f32; 1] {
        let y = self.drawn.next(x * hold(drive, 0.01, 1000.0) + hold(bias, -4.0, 4.0));
        self.mean += (y - self.mean) * self.keep;
        [y - self.mean]
    }

    fn reset(&mut self, _seed: u64) {
        self.drawn.reset();
        self.mean = 0.0;
    }
}

#[derive(Clone)]
struct Crush {
    heard: f32,
    levels: f32,
}

impl Voice<2, 1> for Crush {
    fn frame(&mut self, [x, bits]: [f32; 2]) -> [f32; 1] {
        if bits != self.heard {
            self.heard = bits;
            self.levels = (hold(bits, 1.0, 24.0) - 1.0).exp2();
        }
        [(x * self.levels).round() / self.levels]
    }

    fn reset(&mut self, _seed: u64) {}
}

/// Holds every frame for `factor` frames.
#[derive(Clone, Default)]
struct Coarse {
    held: f32,
    left: f32,
}

impl Voice<2, 1> for Coarse {
    fn frame(&mut self, [x, factor]: [f32; 2]) -> [f32; 1] {
        if self.left < 0.5 {
            self.held = x;
            self.left += hold(factor, 1.0, 4096.0);
        }
        self.left -= 1.0;
        [self.held]
    }

    fn reset(&mut self, _seed: u64) {
        *self = Coarse::default();
    }
}

const DRIVE: Param = Param::signal("drive", "linear", 0.01, 1000.0, 1.0);

const fn shaper(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "shapers",
        doc,
        example: "",
        inputs: 1,
        outputs: 1,
        params: &[DRIVE],
        make: make!(|_| voice::<_, 2, 1, _>(Shaper::new(TANH, drive))),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) >> shape(0.6) >> lowpass(2000) >> gain(-15)",
        params: &[Param::needed("amount", "", 0.0, 1.0)],
        make: make!(|_| {
            play::<_, 2, 1, _>(Round::new(|amount| {
                let amount = hold(amount, 0.001, 0.99);
                lift(2.0 * amount / (1.0 - amount))
            }))
        }),
        ..shaper(
            "shape",
            &["waveshape"],
            "Soft distortion from 0 (clean) to 1 (square): quiet parts come up, full scale stays full scale.",
        )
    },
    Row {
        example: "sine(110) >> distort(3) >> gain(-15)",
        params: &[Param::needed("amount", "", 0.0, 12.0)],
        make: make!(|_| play::<_, 2, 1, _>(Round::new(|amount| lift(hold(amount, 0.001, 12.0).exp_m1())))),
        ..shaper(
            "distort",
            &["dist", "overdrive"],
            "Distortion from 0 (clean) upward, 3 is much; full scale stays full scale.",
        )
    },
    Row {
        example: "sine(110) * 0.8 >> tanh(3) >> gain(-12)",
        ..shaper(
            "tanh",
            &["saturate"],
            "Saturation by the hyperbolic tangent of the signal times `drive`: never beyond ±1.",
        )
    },
    Row {
        example: "sine(110) >> softclip(2) >> gain(-12)",
        make: make!(|_| voice::<_, 2, 1, _>(Shaper::new(CUBIC, drive))),
        ..shaper("softclip", &[], "Clips at ±1 with rounded shoulders (a cubic) after multiplying by `drive`.")
    },
    Row {
        example: "sine(110) >> hardclip(4) >> gain(-15)",
        make: make!(|_| voice::<_, 2, 1, _>(Shaper::new(CLIP, drive))),
        ..shaper("hardclip", &[], "Cuts off at ±1 after multiplying by `drive`: a fuzz.")
    },
    Row {
        example: "sine(110) >> fold(sine(0.3).range(1, 6)) >> gain(-15)",
        make: make!(|_| voice::<_, 2, 1, _>(Shaper::new(FOLD, drive))),
        ..shaper(
            "fold",
            &["wavefold"],
            "Folds back what goes beyond ±1 after multiplying by `drive`: west-coast timbres.",
        )
    },
    Row {
        example: "sine(110) >> sinefold(sine(0.3).range(1, 8)) >> gain(-15)",
        make: make!(|_| voice::<_, 2, 1, _>(Shaper::new(SINE, drive))),
        ..shaper("sinefold", &[], "The sine of the signal times `drive` (in radians): a rounder fold.")
    },
    Row {
        example: "sine(110) >> tube(3, 0.5) >> gain(-12)",
        params: &[Param::signal("drive", "linear", 0.01, 1000.0, 2.0), Param::signal("bias", "", -4.0, 4.0, 0.4)],
        make: make!(|b| {
            let keep = (2.0 * std::f64::consts::PI * 10.0 / b.rate) as f32;
            voice::<_, 3, 1, _>(Tube { drawn: Drawn::new(TANH), mean: 0.0, keep })
        }),
        ..shaper(
            "tube",
            &["warm"],
            "Saturation with a `bias`, which bends one side more than the other: even harmonics, as tubes make them.",
        )
    },
    Row {
        example: "sine(220) >> crush(4) >> gain(-12)",
        params: &[Param::needed("bits", "bits", 1.0, 24.0)],
        make: make!(|_| voice::<_, 2, 1, _>(Crush { heard: f32::NAN, levels: 1.0 })),
        ..shaper("crush", &["bitcrush"], "Rounds to as many bits: 16 is clean, 4 is a toy. Fractions of a bit count.")
    },
    Row {
        example: "saw(110) >> coarse(8) >> gain(-15)",
        params: &[Param::needed("factor", "frames", 1.0, 4096.0)],
        make: make!(|_| voice::<_, 2, 1, _>(Coarse::default())),
        ..shaper(
            "coarse",
            &["decimate", "downsample"],
            "Holds every frame for `factor` frames: a lower sample rate, aliases and all.",
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_is_the_slope_of_its_area() {
        for curve in [TANH, CLIP, SINE, CUBIC, FOLD] {
            for n in -700..700 {
                let x = f64::from(n) * 0.01 + 0.003;
                let slope = ((curve.area)(x + 1e-6) - (curve.area)(x - 1e-6)) / 2e-6;
                assert!((slope - (curve.value)(x)).abs() < 1e-4, "at {x}: {slope} is not {}", (curve.value)(x));
            }
        }
    }
}

//! Mixing: places, levels and channels.

use std::f32::consts::{FRAC_PI_4, SQRT_2};

use super::filters::hold;
use super::kernel::{Kernel, Map, Voice, play, voice};
use super::{Param, Row};

/// Two channels by a place from −1 to 1, the gains worked out when the place moves.
#[derive(Clone)]
struct Place {
    heard: f32,
    gains: [f32; 2],
    law: fn(f32) -> [f32; 2],
}

impl Voice<3, 2> for Place {
    fn frame(&mut self, [left, right, place]: [f32; 3]) -> [f32; 2] {
        if place != self.heard {
            self.heard = place;
            self.gains = (self.law)(hold(place, -1.0, 1.0));
        }
        [left * self.gains[0], right * self.gains[1]]
    }

    fn reset(&mut self, _seed: u64) {}
}

fn equal_power(place: f32) -> [f32; 2] {
    let angle = (place + 1.0) * FRAC_PI_4;
    [SQRT_2 * angle.cos(), SQRT_2 * angle.sin()]
}

fn other_side_down(place: f32) -> [f32; 2] {
    [(1.0 - place).min(1.0), (1.0 + place).min(1.0)]
}

#[derive(Clone, Copy)]
struct Width;

impl<const L: usize> Kernel<3, 2, L> for Width {
    fn tick(&mut self, [left, right, width]: [[f32; L]; 3]) -> [[f32; L]; 2] {
        let side = |l: usize| 0.5 * (left[l] - right[l]) * hold(width[l], 0.0, 4.0);
        let mid = |l: usize| 0.5 * (left[l] + right[l]);
        [std::array::from_fn(|l| mid(l) + side(l)), std::array::from_fn(|l| mid(l) - side(l))]
    }

    fn reset(&mut self, _seed: u64) {}
}

#[derive(Clone, Copy)]
struct Both {
    crossed: bool,
}

impl<const L: usize> Kernel<2, 2, L> for Both {
    fn tick(&mut self, [left, right]: [[f32; L]; 2]) -> [[f32; L]; 2] {
        if self.crossed { [right, left] } else { [left, right] }
    }

    fn reset(&mut self, _seed: u64) {}
}

#[derive(Clone)]
struct Gain {
    heard: f32,
    level: f32,
}

impl Voice<2, 1> for Gain {
    fn frame(&mut self, [x, db]: [f32; 2]) -> [f32; 1] {
        if db != self.heard {
            self.heard = db;
            // -120 dB and less is silence.
            self.level = if db > -120.0 { 10f32.powf(hold(db, -120.0, 48.0) / 20.0) } else { 0.0 };
        }
        [x * self.level]
    }

    fn reset(&mut self, _seed: u64) {}
}

const fn mixer(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "mixing",
        doc,
        example: "",
        inputs: 2,
        outputs: 2,
        params: &[],
        build: |_| play::<_, 2, 2, 1>(Both { crossed: false }),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) * 0.2 >> pan(sine(0.5))",
        params: &[Param::needed("place", "-1 left … 1 right", -1.0, 1.0)],
        build: |_| voice::<_, 3, 2, 1>(Place { heard: f32::NAN, gains: [1.0; 2], law: equal_power }),
        ..mixer(
            "pan",
            &["pan2"],
            "Places a sound between left (-1) and right (1) with equal power; in the middle nothing changes. Stereo is tilted the same way.",
        )
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> balance(-0.5)",
        params: &[Param::needed("place", "-1 left … 1 right", -1.0, 1.0)],
        build: |_| voice::<_, 3, 2, 1>(Place { heard: f32::NAN, gains: [1.0; 2], law: other_side_down }),
        ..mixer("balance", &[], "Turns down the other side of a stereo sound, as a hi-fi's balance does.")
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> width(1.5)",
        params: &[Param::needed("width", "", 0.0, 4.0)],
        build: |_| play::<_, 3, 2, 1>(Width),
        ..mixer("width", &[], "Stereo width: 0 is mono, 1 as it was, 2 twice as wide.")
    },
    Row {
        example: "(saw(110) | sine(220)) * 0.2 >> swap()",
        build: |_| play::<_, 2, 2, 1>(Both { crossed: true }),
        ..mixer("swap", &[], "Left and right change places.")
    },
    Row {
        example: "sine(220) * 0.3 >> to_stereo()",
        ..mixer("to_stereo", &["stereo"], "The same on both sides; stereo stays as it is.")
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> to_mono()",
        outputs: 1,
        build: |_| voice::<_, 2, 1, 1>(Map(|[left, right]: [f32; 2]| 0.5 * (left + right))),
        ..mixer("to_mono", &["mono"], "The mean of both sides as one channel.")
    },
    Row {
        example: "saw(110) >> gain(-15)",
        inputs: 1,
        outputs: 1,
        params: &[Param::needed("gain", "dB", -120.0, 48.0)],
        build: |_| voice::<_, 2, 1, 1>(Gain { heard: f32::NAN, level: 1.0 }),
        ..mixer(
            "gain",
            &["db", "volume"],
            "Louder or quieter by decibels: 6 is about twice, -6 about half, -120 silence.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> (pass() & delay(0.25) * 0.5)",
        inputs: 1,
        outputs: 1,
        build: |_| voice::<_, 1, 1, 1>(Map(|[x]: [f32; 1]| x)),
        ..mixer("pass", &["dry"], "What comes in goes out: the dry side of `&` and `^`.")
    },
];

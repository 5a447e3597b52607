//! Mixing: places, levels and channels.

use std::f32::consts::{FRAC_PI_4, SQRT_2};

use super::filters::hold;
use super::kernel::{Kernel, Map, play, tick_by_tick};
use super::row::make;
use super::{Param, Row};
use crate::engine::processor::{each, separate};
use crate::engine::schedule::Run;

/// Two channels by a place from −1 to 1, the gains worked out when the place moves.
#[derive(Clone)]
struct Place<const L: usize> {
    heard: [f32; L],
    gains: [[f32; L]; 2],
    law: fn(f32) -> [f32; 2],
}

impl<const L: usize> Place<L> {
    fn new(law: fn(f32) -> [f32; 2]) -> Self {
        Place { heard: [f32::NAN; L], gains: [[1.0; L]; 2], law }
    }

    #[inline(always)]
    fn hear(&mut self, place: [f32; L]) {
        if place != self.heard {
            self.turn(place);
        }
    }

    #[cold]
    fn turn(&mut self, place: [f32; L]) {
        for (l, place) in place.into_iter().enumerate() {
            if place != self.heard[l] {
                self.heard[l] = place;
                [self.gains[0][l], self.gains[1][l]] = (self.law)(hold(place, -1.0, 1.0));
            }
        }
    }
}

impl<const L: usize> Kernel<3, 2, L> for Place<L> {
    #[inline(always)]
    fn tick(&mut self, [left, right, place]: [[f32; L]; 3]) -> [[f32; L]; 2] {
        self.hear(place);
        [times(left, self.gains[0]), times(right, self.gains[1])]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 2, L>) {
        let Some(place) = run.inputs[2].still() else {
            return tick_by_tick(self, run);
        };
        self.hear(place);
        for (side, gain) in self.gains.into_iter().enumerate() {
            let sound = run.line(side);
            for (x, y) in sound.iter().zip(run.out(side)) {
                separate::<L>();
                *y = times(*x, gain);
            }
        }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}
}

#[inline(always)]
fn times<const L: usize>(a: [f32; L], b: [f32; L]) -> [f32; L] {
    each!(L, l => a[l] * b[l])
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
    #[inline(always)]
    fn tick(&mut self, [left, right, width]: [[f32; L]; 3]) -> [[f32; L]; 2] {
        let side: [f32; L] = each!(L, l => 0.5 * (left[l] - right[l]) * hold(width[l], 0.0, 4.0));
        let mid: [f32; L] = each!(L, l => 0.5 * (left[l] + right[l]));
        [each!(L, l => mid[l] + side[l]), each!(L, l => mid[l] - side[l])]
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}
}

#[derive(Clone, Copy)]
struct Both {
    crossed: bool,
}

impl<const L: usize> Kernel<2, 2, L> for Both {
    #[inline(always)]
    fn tick(&mut self, [left, right]: [[f32; L]; 2]) -> [[f32; L]; 2] {
        if self.crossed { [right, left] } else { [left, right] }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}
}

#[derive(Clone)]
struct Gain<const L: usize> {
    heard: [f32; L],
    level: [f32; L],
}

impl<const L: usize> Gain<L> {
    fn new() -> Self {
        Gain { heard: [f32::NAN; L], level: [1.0; L] }
    }

    #[inline(always)]
    fn hear(&mut self, db: [f32; L]) {
        if db != self.heard {
            self.turn(db);
        }
    }

    #[cold]
    fn turn(&mut self, db: [f32; L]) {
        for (l, db) in db.into_iter().enumerate() {
            if db != self.heard[l] {
                self.heard[l] = db;
                // -120 dB and less is silence.
                self.level[l] = if db > -120.0 { 10f32.powf(hold(db, -120.0, 48.0) / 20.0) } else { 0.0 };
            }
        }
    }
}

impl<const L: usize> Kernel<2, 1, L> for Gain<L> {
    #[inline(always)]
    fn tick(&mut self, [x, db]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        self.hear(db);
        [times(x, self.level)]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        let Some(db) = run.inputs[1].still() else {
            return tick_by_tick(self, run);
        };
        self.hear(db);
        let level = self.level;
        let sound = run.line(0);
        for (x, y) in sound.iter().zip(run.out(0)) {
            separate::<L>();
            *y = times(*x, level);
        }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}
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
        make: make!(|_| play::<_, 2, 2, _>(Both { crossed: false })),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) * 0.2 >> pan(sine(0.5))",
        params: &[Param::needed("place", "-1 left … 1 right", -1.0, 1.0)],
        make: make!(|_| play::<_, 3, 2, _>(Place::new(equal_power))),
        ..mixer(
            "pan",
            &["pan2"],
            "Places a sound between left (-1) and right (1) with equal power; in the middle nothing changes. Stereo is tilted the same way.",
        )
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> balance(-0.5)",
        params: &[Param::needed("place", "-1 left … 1 right", -1.0, 1.0)],
        make: make!(|_| play::<_, 3, 2, _>(Place::new(other_side_down))),
        ..mixer("balance", &[], "Turns down the other side of a stereo sound, as a hi-fi's balance does.")
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> width(1.5)",
        params: &[Param::needed("width", "", 0.0, 4.0)],
        make: make!(|_| play::<_, 3, 2, _>(Width)),
        ..mixer("width", &[], "Stereo width: 0 is mono, 1 as it was, 2 twice as wide.")
    },
    Row {
        example: "(saw(110) | sine(220)) * 0.2 >> swap()",
        make: make!(|_| play::<_, 2, 2, _>(Both { crossed: true })),
        ..mixer("swap", &[], "Left and right change places.")
    },
    Row {
        example: "sine(220) * 0.3 >> to_stereo()",
        ..mixer("to_stereo", &["stereo"], "The same on both sides; stereo stays as it is.")
    },
    Row {
        example: "(saw(110) | saw(110.5)) * 0.2 >> to_mono()",
        outputs: 1,
        make: make!(|_| play::<_, 2, 1, _>(Map(|[left, right]: [f32; 2]| 0.5 * (left + right)))),
        ..mixer("to_mono", &["mono"], "The mean of both sides as one channel.")
    },
    Row {
        example: "saw(110) >> gain(-15)",
        inputs: 1,
        outputs: 1,
        params: &[Param::needed("gain", "dB", -120.0, 48.0)],
        make: make!(|_| play::<_, 2, 1, _>(Gain::new())),
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
        make: make!(|_| play::<_, 1, 1, _>(Map(|[x]: [f32; 1]| x))),
        ..mixer("pass", &["dry"], "What comes in goes out: the dry side of `&` and `^`.")
    },
];

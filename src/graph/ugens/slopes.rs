//! Slopes: exponential ways from level to level, many side by side.

use std::ops::Range;

use super::filters::hold;
use crate::engine::GRID;
use crate::engine::processor::each;
use crate::engine::schedule::Buffer;

/// How far an attack aims past its end: nearly straight.
pub(super) const RISE: f32 = 0.3;
/// How far decay and release aim past theirs: -50 dB.
pub(super) const FALL: f32 = 0.003;
/// The shortest segment in seconds: shorter ones click.
pub(super) const SHORTEST: f32 = 0.0005;

/// The factor of an exponential segment, known for the time last heard.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    time: f32,
    factor: f32,
}

impl Segment {
    pub const NEW: Segment = Segment { time: f32::NAN, factor: 0.0 };

    /// What is left of the way after each frame, where the segment aims `past` its end.
    pub fn factor(&mut self, time: f32, past: f32, rate: f32) -> f32 {
        if time != self.time {
            self.time = time;
            let frames = hold(time, SHORTEST, 1000.0) * rate;
            self.factor = (-((1.0 + past) / past).ln() / frames).exp();
        }
        self.factor
    }
}

/// Levels on their way: every frame they come nearer to what they aim at, and arrive when they pass a limit.
#[derive(Clone)]
pub(super) struct Slopes<const L: usize> {
    pub level: [f32; L],
    aim: [f32; L],
    /// How far it is from there: what a frame takes from it does not have to wait for the level.
    way: [f32; L],
    factor: [f32; L],
    /// Arrived at or below, and at or above.
    low: [f32; L],
    high: [f32; L],
}

impl<const L: usize> Slopes<L> {
    pub const STILL: Self = Slopes {
        level: [0.0; L],
        aim: [0.0; L],
        way: [0.0; L],
        factor: [1.0; L],
        low: [f32::NEG_INFINITY; L],
        high: [f32::INFINITY; L],
    };

    /// One frame on; true where a lane has arrived.
    #[inline(always)]
    pub fn next(&mut self) -> bool {
        self.way = each!(L, l => self.way[l] * self.factor[l]);
        self.level = each!(L, l => self.aim[l] + self.way[l]);
        let mut any = false;
        for l in 0..L {
            any |= (self.level[l] <= self.low[l]) | (self.level[l] >= self.high[l]);
        }
        any
    }

    /// Frames of a block in registers, until a lane has arrived or all are written; the place after the last.
    #[inline(always)]
    pub fn glide(&mut self, frames: Range<usize>, out: &mut Buffer<L>) -> usize {
        let Slopes { mut level, mut way, aim, factor, low, high } = self.clone();
        let mut past = frames.end.min(GRID);
        for i in frames.start..past {
            way = each!(L, l => way[l] * factor[l]);
            level = each!(L, l => aim[l] + way[l]);
            out[i & (GRID - 1)] = level;
            let mut any = false;
            for l in 0..L {
                any |= (level[l] <= low[l]) | (level[l] >= high[l]);
            }
            if any {
                past = i + 1;
                break;
            }
        }
        (self.level, self.way) = (level, way);
        past
    }

    /// Whether a lane has arrived.
    pub fn any_arrived(&self) -> bool {
        (0..L).any(|l| self.arrived(l))
    }

    pub fn arrived(&self, l: usize) -> bool {
        self.level[l] <= self.low[l] || self.level[l] >= self.high[l]
    }

    /// Whether no level moves.
    #[inline(always)]
    pub fn still(&self) -> bool {
        let mut all = true;
        for l in 0..L {
            all &= (self.factor[l] == 1.0) & (self.way[l] == 0.0);
        }
        all
    }

    pub fn rest(&mut self, l: usize, level: f32) {
        (self.level[l], self.aim[l], self.way[l], self.factor[l]) = (level, level, 0.0, 1.0);
        (self.low[l], self.high[l]) = (f32::NEG_INFINITY, f32::INFINITY);
    }

    fn go(&mut self, l: usize, aim: f32, factor: f32) {
        (self.aim[l], self.way[l], self.factor[l]) = (aim, self.level[l] - aim, factor);
    }

    pub fn rise(&mut self, l: usize, factor: f32) {
        self.go(l, 1.0 + RISE, factor);
        (self.low[l], self.high[l]) = (f32::NEG_INFINITY, 1.0);
    }

    /// On the way to `end` from `span` above or below it.
    pub fn fall(&mut self, l: usize, end: f32, span: f32, factor: f32) {
        self.go(l, end + span * FALL, factor);
        let down = self.level[l] >= end;
        self.low[l] = if down { end } else { f32::NEG_INFINITY };
        self.high[l] = if down { f32::INFINITY } else { end };
    }
}

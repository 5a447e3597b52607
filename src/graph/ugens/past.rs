//! The past of a sound, read at any fraction of a frame, one frame at a time or a block at once.

use super::filters::hold;
use super::noises::cubic;
use super::phases::whole;
use crate::engine::processor::{Task, at_full_width, each};
use crate::engine::{GRID, LANES};

/// The past of one channel.
#[derive(Clone)]
pub(super) struct Past {
    frames: Box<[f32]>,
    /// Where the last frame was pushed; behind all of them where none was.
    at: usize,
    mask: usize,
    longest: f32,
}

impl Past {
    /// Room for `longest` frames.
    pub fn new(longest: f64) -> Self {
        // A block can be pushed before any of it is read.
        let size = (longest.ceil() as usize + 4 + GRID).next_power_of_two();
        Past { frames: vec![0.0; size].into(), at: size, mask: size - 1, longest: longest as f32 }
    }

    #[inline(always)]
    pub fn push(&mut self, x: f32) {
        self.at = (self.at + 1) & self.mask;
        self.frames[self.at] = x;
    }

    /// What was pushed `frames` before the last.
    #[inline(always)]
    pub fn whole(&self, frames: usize) -> f32 {
        self.frames[self.at.wrapping_sub(frames) & self.mask]
    }

    /// What was pushed `frames` before the last, 1 … longest, between frames by a cubic.
    #[inline(always)]
    pub fn read(&self, frames: f32) -> f32 {
        let frames = hold(frames, 1.0, self.longest);
        let first = frames as usize;
        let part = frames - first as f32;
        cubic([self.whole(first - 1), self.whole(first), self.whole(first + 1), self.whole(first + 2)], part)
    }

    /// Frames in a row into `line`, the first of them pushed `frames` before the last.
    #[inline(always)]
    pub fn stretch(&self, frames: usize, line: &mut [f32]) {
        let from = self.at.wrapping_sub(frames) & self.mask;
        let (first, rest) = line.split_at_mut(line.len().min(self.frames.len() - from));
        first.copy_from_slice(&self.frames[from..from + first.len()]);
        rest.copy_from_slice(&self.frames[..rest.len()]);
    }

    /// What was pushed `frames` before the last, 1 … longest, and the `count` - 1 frames after that, between frames by a
    /// cubic; none where that would not have been pushed yet.
    #[inline(always)]
    pub fn behind(&self, frames: f32, count: usize) -> Option<[f32; GRID]> {
        let frames = hold(frames, 1.0, self.longest);
        let first = frames as usize;
        if first < count || count > GRID {
            return None;
        }
        let part = frames - first as f32;
        let mut old = [0.0; GRID + 3];
        self.stretch(first + 2, &mut old[..count + 3]);
        Some(each!(GRID, i => cubic([old[i + 3], old[i + 2], old[i + 1], old[i]], part)))
    }

    /// Pushes many, the oldest first.
    #[inline(always)]
    pub fn push_all(&mut self, line: &[f32]) {
        let from = (self.at + 1) & self.mask;
        let (first, rest) = line.split_at(line.len().min(self.frames.len() - from));
        self.frames[from..from + first.len()].copy_from_slice(first);
        self.frames[..rest.len()].copy_from_slice(rest);
        self.at = (self.at + line.len()) & self.mask;
    }

    /// For each of the last `count` frames pushed, up to a block, what was pushed `frames` before it, 1 … longest, between
    /// frames by a cubic.
    #[inline(always)]
    pub fn glance(&self, count: usize, frames: &[f32; GRID]) -> [f32; GRID] {
        at_full_width::<LANES, _>(Glance(self, count.min(GRID), frames))
    }

    pub fn clear(&mut self) {
        // Zeros that nobody has touched are left alone.
        if self.at <= self.mask {
            self.frames.fill(0.0);
            self.at = self.frames.len();
        }
    }

    pub fn len(&self) -> usize {
        self.longest as usize
    }
}

/// A look back from each of so many frames.
struct Glance<'a>(&'a Past, usize, &'a [f32; GRID]);

impl Task for Glance<'_> {
    type Gives = [f32; GRID];

    #[inline(always)]
    fn go(self) -> [f32; GRID] {
        let Glance(past, count, frames) = self;
        let mut around = [[0.0; GRID]; 4];
        let (mut first, mut part) = ([0i32; GRID], [0.0; GRID]);
        for i in 0..GRID {
            let frames = hold(frames[i], 1.0, past.longest);
            first[i] = whole(frames);
            part[i] = frames - first[i] as f32;
        }
        // The oldest of the four around each.
        let from = past.at.wrapping_sub(count + 1);
        for i in 0..count {
            let at = from.wrapping_add(i).wrapping_sub(first[i] as usize) & past.mask;
            let four = match past.frames.get(at..at + 4) {
                Some(four) => [four[0], four[1], four[2], four[3]],
                None => [0, 1, 2, 3].map(|k| past.frames[(at + k) & past.mask]),
            };
            for k in 0..4 {
                around[k][i] = four[k];
            }
        }
        each!(GRID, i => cubic([around[3][i], around[2][i], around[1][i], around[0][i]], part[i]))
    }
}

/// A time that glides to a new value within 50 ms, as a tape's motor does, and begins where it is.
#[derive(Clone)]
pub(super) struct Glide {
    /// Double: a step of a long time towards a near one would be lost in the rounding, and never arrive.
    value: f64,
    begun: bool,
    part: f64,
}

impl Glide {
    pub fn new(rate: f64) -> Self {
        Glide { value: 0.0, begun: false, part: 1.0 - (-1.0 / (0.0167 * rate)).exp() }
    }

    pub fn next(&mut self, target: f32) -> f32 {
        let target = if target.is_nan() { self.value } else { f64::from(target) };
        if self.begun && self.value == target {
            return self.value as f32;
        }
        if self.begun {
            self.value += (target - self.value) * self.part;
            // Close enough is there: an endless approach would never hold still.
            if (target - self.value).abs() < 1e-3 {
                self.value = target;
            }
        } else {
            self.value = target;
            self.begun = true;
        }
        self.value as f32
    }

    /// Its value where it stands at a target, or begins there.
    pub fn standing(&mut self, target: f32) -> Option<f32> {
        (!target.is_nan() && (!self.begun || self.value == f64::from(target))).then(|| self.next(target))
    }

    pub fn clear(&mut self) {
        self.begun = false;
        self.value = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_heard_as_its_frames_are() {
        let mut dice = fastrand::Rng::with_seed(5);
        let (mut single, mut many) = (Past::new(300.5), Past::new(300.5));
        for round in 0..200 {
            let count = dice.usize(1..=GRID);
            let line: [f32; GRID] = std::array::from_fn(|_| dice.f32() - 0.5);
            let lengths: [f32; GRID] = std::array::from_fn(|_| 1.0 + 320.0 * dice.f32());
            let fixed = 64.0 + 260.0 * dice.f32();
            let behind = many.behind(fixed, count).unwrap();
            many.push_all(&line[..count]);
            let glance = many.glance(count, &lengths);
            for i in 0..count {
                assert_eq!(behind[i].to_bits(), single.read(fixed).to_bits(), "round {round}, frame {i}");
                single.push(line[i]);
                assert_eq!(glance[i].to_bits(), single.read(lengths[i]).to_bits(), "round {round}, frame {i}");
            }
        }
        assert!(many.behind(10.0, 11).is_none(), "what is not there yet is not heard");
    }

    #[test]
    fn a_time_that_glides_arrives_however_long_it_is() {
        let mut glide = Glide::new(48_000.0);
        glide.next(14_160.0);
        let last = (0..14_400).map(|_| glide.next(14_400.0)).last();
        assert_eq!(last, Some(14_400.0));
    }
}

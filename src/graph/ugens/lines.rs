//! Eight delay lines side by side, written together and read each at its own length.

use super::filters::hold;
use super::noises::cubic;
use super::phases::whole;
use crate::engine::GRID;

/// How many of them are read between frames, at lengths that sway.
pub(super) const SWAYED: usize = 2;

/// Eight delays of lengths of their own that are written side by side.
#[derive(Clone)]
pub(super) struct Lines {
    frames: Box<[[f32; 8]]>,
    at: usize,
    longest: [f32; 8],
}

impl Lines {
    pub fn new(longest: [f64; 8]) -> Self {
        let size = (longest.into_iter().fold(0.0, f64::max).ceil() as usize + 4).next_power_of_two();
        Lines { frames: vec![[0.0; 8]; size].into(), at: 0, longest: longest.map(|frames| frames as f32) }
    }

    #[inline(always)]
    pub fn push(&mut self, frame: [f32; 8]) {
        self.at = (self.at + 1) & (self.frames.len() - 1);
        self.frames[self.at] = frame;
    }

    /// What was pushed into a line `frames` before the last.
    #[inline(always)]
    pub fn whole(&self, line: usize, frames: usize) -> f32 {
        self.frames[self.at.wrapping_sub(frames) & (self.frames.len() - 1)][line]
    }

    /// What was pushed into a line `frames` before the last, 1 … longest, between frames by a cubic.
    #[inline(always)]
    pub fn read(&self, line: usize, frames: f32) -> f32 {
        let frames = hold(frames, 1.0, self.longest[line]);
        let first = frames as usize;
        let around = [first - 1, first, first + 1, first + 2].map(|frames| self.whole(line, frames));
        cubic(around, frames - first as f32)
    }

    /// What was pushed into every line some frames before the last, and the frames after that, into a block of eight lines
    /// side by side. The first lines are read between frames, at a length for each frame.
    #[inline(always)]
    pub fn glance(&self, lengths: &[usize; 8], swayed: &[[f32; GRID]; SWAYED], heard: &mut [[f32; 8]]) {
        let mask = self.frames.len() - 1;
        for (k, lengths) in swayed.iter().enumerate() {
            let mut around = [[0.0; GRID]; 4];
            let (mut first, mut part) = ([0i32; GRID], [0.0; GRID]);
            for i in 0..GRID {
                let frames = hold(lengths[i], 1.0, self.longest[k]);
                first[i] = whole(frames);
                part[i] = frames - first[i] as f32;
            }
            for i in 0..heard.len().min(GRID) {
                let at = self.at.wrapping_add(i + 1).wrapping_sub(first[i] as usize);
                for (n, around) in around.iter_mut().enumerate() {
                    around[i] = self.frames[at.wrapping_sub(n) & mask][k];
                }
            }
            for (i, heard) in heard.iter_mut().enumerate().take(GRID) {
                heard[k] = cubic([around[0][i], around[1][i], around[2][i], around[3][i]], part[i]);
            }
        }
        for (i, heard) in heard.iter_mut().enumerate() {
            for k in SWAYED..8 {
                heard[k] = self.frames[self.at.wrapping_add(i).wrapping_sub(lengths[k]) & mask][k];
            }
        }
    }

    pub fn clear(&mut self) {
        self.frames.fill([0.0; 8]);
        self.at = 0;
    }

    pub fn tail(&self) -> usize {
        self.longest.iter().map(|frames| *frames as usize).sum()
    }
}

//! Feedback: a schedule that hears its own output, one frame late.

use crate::engine::schedule::{Buffer, Inside};
use crate::engine::{GRID, Io, Operation, Schedule};

/// A nested schedule run frame by frame; its first `channels` inputs hear the sum of what comes in and what went out.
pub struct Feedback<const L: usize> {
    inside: Schedule<L>,
    channels: usize,
    arena: Box<[Buffer<L>]>,
    last: Box<[[f32; L]]>,
}

/// What comes back is held within this level, so that a loop that grows stays finite.
const CEILING: f32 = 8.0;

impl<const L: usize> Feedback<L> {
    pub fn new(inside: Schedule<L>, channels: usize) -> Self {
        let arena = vec![[[0.0; L]; GRID]; inside.scratch().max(inside.inputs())].into_boxed_slice();
        let mut feedback = Feedback { inside, channels, arena, last: vec![[0.0; L]; channels].into_boxed_slice() };
        (0..L).for_each(|lane| feedback.reset(lane, 0));
        feedback
    }
}

impl<const L: usize> Operation<L> for Feedback<L> {
    fn process(&mut self, io: &mut Io<'_, L>) {
        for i in 0..io.len() {
            for k in 0..self.inside.inputs() {
                let mut frame = io.input(k)[i];
                if let Some(last) = self.last.get(k) {
                    frame = std::array::from_fn(|l| frame[l] + last[l]);
                }
                self.arena[k][i] = frame;
            }
            self.inside.run_lanes(&mut self.arena, i, i + 1, io.sounding());
            for k in 0..self.channels {
                let frame = self.inside.output(&self.arena, k)[i];
                io.output(k)[i] = frame;
                self.last[k] = frame.map(|x| if x.is_nan() { 0.0 } else { x.clamp(-CEILING, CEILING) });
            }
        }
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        self.inside.reset_lane(lane, seed);
        self.last.iter_mut().for_each(|last| last[lane] = 0.0);
    }

    fn duplicate(&self) -> Box<dyn Operation<L>> {
        Box::new(Feedback {
            inside: self.inside.duplicate(),
            channels: self.channels,
            arena: self.arena.clone(),
            last: self.last.clone(),
        })
    }

    fn tail(&self) -> usize {
        self.inside.tail()
    }

    fn inside(&mut self) -> Option<Inside<'_, L>> {
        Some((&mut self.inside, &mut self.last))
    }
}

//! The clock: the one place where cycles become frames.

use super::Frames;

/// A line from cycles to frames, valid from `frame` on; a tempo change lays the next line where the last one stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Where this line begins, in frames.
    pub frame: Frames,
    /// The cycle at `frame`.
    pub cycle: f64,
    /// Frames in one cycle at this tempo.
    pub frames_per_cycle: f64,
}

impl Clock {
    /// A clock whose cycle 0 is frame 0. `cps`: cycles per second, > 0.
    pub fn new(rate: f64, cps: f64) -> Self {
        Clock { frame: 0, cycle: 0.0, frames_per_cycle: rate / cps }
    }

    /// The frame nearest to a cycle position; 0 for positions before the start.
    pub fn frame_at(&self, cycle: f64) -> Frames {
        (self.frame as f64 + (cycle - self.cycle) * self.frames_per_cycle).round().max(0.0) as Frames
    }

    /// The cycle position of a frame.
    pub fn cycle_at(&self, frame: Frames) -> f64 {
        self.cycle + (frame as f64 - self.frame as f64) / self.frames_per_cycle
    }

    /// The line that goes on from `frame` at another tempo: position is continuous, speed is not.
    pub fn with_tempo(&self, frame: Frames, rate: f64, cps: f64) -> Self {
        Clock { frame, cycle: self.cycle_at(frame), frames_per_cycle: rate / cps }
    }
}

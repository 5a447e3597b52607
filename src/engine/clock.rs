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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_where_its_tempo_puts_it() {
        let clock = Clock::new(48_000.0, 0.5);
        assert_eq!([clock.frame_at(0.0), clock.frame_at(1.0), clock.frame_at(2.25)], [0, 96_000, 216_000]);
        assert_eq!(clock.frame_at(-1.0), 0);
        assert_eq!(clock.cycle_at(24_000), 0.25);
    }

    #[test]
    fn a_tempo_change_moves_no_cycle_that_has_been_reached() {
        let slow = Clock::new(48_000.0, 0.5);
        let fast = slow.with_tempo(72_000, 48_000.0, 1.0);
        assert_eq!(fast.cycle_at(72_000), slow.cycle_at(72_000));
        assert_eq!(fast.frame_at(1.75), 120_000);
    }

    #[test]
    fn a_frame_finds_its_way_back_through_its_cycle_after_a_day() {
        let clock = Clock::new(44_100.0, 0.537);
        for frame in [1, 44_099, 3_810_240_001] {
            assert_eq!(clock.frame_at(clock.cycle_at(frame)), frame);
        }
    }
}

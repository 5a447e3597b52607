//! The timeline: the clock's lines one after another, and the frames at which an edit may take effect.

use crate::engine::{Clock, Frames, GRID};
use crate::score::Quantum;

/// Cycles to frames and back over all tempo changes so far.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    rate: f64,
    /// In order of their frames; never empty.
    lines: Vec<Clock>,
}

impl Timeline {
    pub fn new(rate: f64, cps: f64) -> Timeline {
        Timeline { rate, lines: vec![Clock::new(rate, cps)] }
    }

    /// Another tempo from `at` on: the position is continuous, the speed is not.
    pub fn turn(&mut self, at: Frames, cps: f64) -> Clock {
        let next = self.line(at).with_tempo(at, self.rate, cps);
        self.lines.retain(|line| line.frame < at);
        self.lines.push(next);
        next
    }

    /// Another position from `at` on, at the same tempo. What was before is forgotten: cycles that are skipped have no frame.
    pub fn jump(&mut self, at: Frames, cycle: f64) -> Clock {
        let next = Clock { frame: at, cycle, ..self.line(at) };
        self.lines = vec![next];
        next
    }

    /// Forgets lines that ended before `now`.
    pub fn pass(&mut self, now: Frames) {
        let over = self.lines.iter().skip(1).take_while(|line| line.frame <= now).count();
        self.lines.drain(..over);
    }

    /// The line at a frame.
    pub fn line(&self, frame: Frames) -> Clock {
        *self.lines.iter().rev().find(|line| line.frame <= frame).unwrap_or(&self.lines[0])
    }

    pub fn cycle_at(&self, frame: Frames) -> f64 {
        self.line(frame).cycle_at(frame)
    }

    /// Cycles per second at a frame.
    pub fn cps(&self, frame: Frames) -> f64 {
        self.rate / self.line(frame).frames_per_cycle
    }

    pub fn frame_at(&self, cycle: f64) -> Frames {
        self.lines.iter().rev().find(|line| line.cycle <= cycle).unwrap_or(&self.lines[0]).frame_at(cycle)
    }

    /// The first grid line for an edit that waits for a beat or cycle, `earliest` (a grid line) or later. A grid line just
    /// before the beat, never after it: the first note on the beat belongs to the new.
    pub fn next(&self, earliest: Frames, quantum: Quantum, beats: f64) -> Frames {
        let step = match quantum {
            Quantum::Now => return earliest,
            Quantum::Beat => 1.0 / beats,
            Quantum::Cycles(n) => n,
        };
        if !step.is_finite() || step <= 0.0 {
            return earliest;
        }
        let first = (self.cycle_at(earliest) / step).floor();
        let candidates = (0..3).map(|k| grid_before(self.frame_at((first + f64::from(k)) * step)));
        candidates.into_iter().find(|at| *at >= earliest).unwrap_or(earliest)
    }
}

/// The grid line at or before a frame.
pub(super) fn grid_before(frame: Frames) -> Frames {
    frame - frame % GRID as Frames
}

/// The grid line at or after a frame.
pub(super) fn grid_after(frame: Frames) -> Frames {
    frame.next_multiple_of(GRID as Frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tempo_change_keeps_the_position_and_past_lines_are_remembered_until_passed() {
        let mut timeline = Timeline::new(48_000.0, 0.5);
        timeline.turn(96_000, 1.0);
        assert_eq!(timeline.cycle_at(96_000), 1.0);
        assert_eq!(timeline.cycle_at(48_000), 0.5);
        assert_eq!(timeline.frame_at(2.0), 144_000);
        timeline.pass(96_000);
        assert_eq!(timeline.lines.len(), 1);
        assert_eq!(timeline.cycle_at(144_000), 2.0);
    }

    #[test]
    fn an_edit_waits_for_the_grid_line_before_its_beat_or_cycle() {
        let timeline = Timeline::new(48_000.0, 124.0 / 240.0);
        let bar = timeline.frame_at(1.0);
        assert_ne!(bar % 64, 0, "the example wants a bar off the grid");
        let next = |at, quantum| timeline.next(at, quantum, 4.0);
        assert_eq!(next(64_000, Quantum::Cycles(1.0)), grid_before(bar));
        assert_eq!(next(grid_before(bar), Quantum::Cycles(1.0)), grid_before(bar));
        assert_eq!(next(grid_after(bar), Quantum::Cycles(1.0)), grid_before(timeline.frame_at(2.0)));
        assert_eq!(next(64, Quantum::Beat), grid_before(timeline.frame_at(0.25)));
        assert_eq!(next(0, Quantum::Cycles(4.0)), 0);
        assert_eq!(next(64, Quantum::Now), 64);
        assert_eq!(next(64, Quantum::Cycles(f64::NAN)), 64);
    }
}

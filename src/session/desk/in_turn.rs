//! In turn: what makes way for a change, where there is no time to play the old beside the new.

use super::{Desk, FADE, Prepared};
use crate::engine::Frames;
use crate::session::plan::Part;
use crate::session::timeline::grid_after;

impl Desk {
    /// The parts that are there and that changes in turn replace or remove.
    pub fn replaced<'a>(&self, prepared: &'a [Prepared]) -> impl Iterator<Item = &'a Part> {
        let there = |part: &Part| match part {
            Part::Track(name) => self.player(name).is_some(),
            Part::Bus(name) => self.bus(name).is_some(),
            _ => false,
        };
        prepared.iter().filter(|prepared| prepared.in_turn).map(Prepared::part).filter(move |part| there(part))
    }

    /// When everything is gone that was cut at `at`.
    pub fn faded(&self, at: Frames) -> Frames {
        grid_after(at + (FADE * self.config.rate) as Frames)
    }
}

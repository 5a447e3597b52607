//! Ear training: something sounds, and the learner names it.
//!
//! An `Item` is what sounds and what it is called; a `Drill` chooses items, hears answers, and asks again what was missed.

mod drill;
mod item;
mod piece;

pub use drill::Drill;
pub use item::Kind;
pub use piece::items;

use std::time::SystemTime;

use super::args::{Ear, Play};
use super::evaluator::Learn;
use super::{Failure, play};

/// A number nobody foresees, for items that are not the same every day.
pub fn chance() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}

/// `segue ear`: a drill, live.
pub fn run(asked: Ear) -> Result<(), Failure> {
    let kind = asked.kind.parse::<Kind>().map_err(Failure::Usage)?;
    let drill = Drill::new(kind, asked.seed.unwrap_or_else(chance));
    let play = Play { device: asked.device, seconds: asked.seconds, ..Play::default() };
    play::run(play, Some(Learn::Ear(Box::new(drill))))
}

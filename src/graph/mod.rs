//! Sound as plain data: signals are shared expressions over a table of ugens, and lowering turns them into schedules.
//!
//! Law: a signal is identified by its structure. Two expressions that say the same are the same node; size is counted
//! with sharing undone, so that an exploding expression is refused before it explodes.

pub mod difference;
mod draft;
pub mod lower;
pub mod passage;
#[cfg(test)]
mod sameness;
pub mod signal;
pub mod synth;
pub mod ugens;
pub mod wiring;

pub use crate::engine::MAX_CONTROLS;
pub use difference::{Matches, difference};
pub use lower::{Lowered, lower_choirs, lower_insert, lower_signal, lower_voice, lower_voices};
pub use passage::{Playing, Prepared, Turn};
pub use signal::{GraphError, Signal};
pub use synth::{Control, SynthDef, VOICE_EFFECTS, VoiceEffect, effect_of, with_effects};
pub use ugens::{Param, Rate, Row, row, rows};

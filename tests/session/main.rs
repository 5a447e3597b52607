//! A session with the real engine.

mod corners;
mod edits;
mod in_turn;
mod meter;
mod mute;
mod storm;
mod take;
mod waiting;

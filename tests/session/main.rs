//! A session with the real engine.

mod corners;
mod edits;
mod meter;
mod storm;
mod take;
mod waiting;

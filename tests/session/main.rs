//! A session with the real engine.

mod corners;
mod edits;
mod storm;
mod take;

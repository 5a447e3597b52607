//! Segue: a text becomes a score, a score becomes sound, and an edit crosses over without a gap.
//!
//! The rooms stand in floors; each knows only those below it (see ARCHITECTURE.md, kept true by `tests/tidy.rs`).

pub mod engine;
pub mod graph;
pub mod io;
pub mod lang;
pub mod pattern;
pub mod render;
pub mod score;
pub mod session;
pub mod theory;

//! The sounding machine: `engine(config)` yields a Controller to hold and a Renderer to give to the audio thread.
//!
//! The engine knows frames, voices, tracks, buses and a master. It has no errors, only reports: what cannot be played
//! is said upward, and `Renderer::process` cannot fail.

mod arena;
mod cell;
mod channel;
mod choir;
pub mod clock;
mod controller;
mod cross;
mod desk;
mod ensemble;
mod events;
mod fader;
mod feeds;
mod level;
mod master;
pub mod message;
mod meter;
mod pool;
pub mod processor;
mod queues;
mod renderer;
mod residue;
mod run;
pub mod schedule;
mod seam;
mod swap;
mod true_peak;
mod voice;

pub use cell::Cell;
pub use choir::Voices;
pub use clock::Clock;
pub use controller::{Controller, engine};
pub use cross::{Cross, Vacant};
pub use ensemble::{Played, Share};
pub use message::{
    Change, Command, Event, EventBatch, Passage, Place, Pool, Program, Report, Strip, Target, Then, What,
};
pub use renderer::Renderer;
pub use schedule::{Io, Operation, Schedule, Wire};

/// Frames in one grid block: everything the renderer decides, it decides at a multiple of this many absolute frames.
pub const GRID: usize = 64;
/// Voices of one instrument that are played side by side, one in each lane of the processor's wide registers.
pub const LANES: usize = 8;
/// The same on processors with registers twice as wide.
pub const MOST_LANES: usize = 2 * LANES;
/// Controls an event can carry to its voice.
pub const MAX_CONTROLS: usize = 32;
/// Sends an event can feed.
pub const MAX_SENDS: usize = 4;

/// An absolute position or a length in frames, counted from the moment the engine started.
pub type Frames = u64;

/// How large the engine is built; everything it allocates is allocated from this, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Frames per second.
    pub rate: f64,
    /// Interleaved channels `process` reads.
    pub inputs: usize,
    /// Interleaved channels `process` writes: the master's left and right first. Where `direct_outs` is set, a pair follows
    /// for every track slot, then for every bus slot: its sound after inserts and fader, before sends, master and guard.
    pub outputs: usize,
    /// Whether every strip also goes to a pair of channels of its own (stems).
    pub direct_outs: bool,
    /// Track slots.
    pub tracks: usize,
    /// Bus slots.
    pub buses: usize,
    /// Events that can wait per track.
    pub events: usize,
    /// Commands, reports and returns that can be under way.
    pub queue: usize,
    /// Scratch buffers a schedule may use.
    pub scratch: usize,
    /// What of a piece it plays itself.
    pub share: Share,
}

impl Config {
    /// The same with a pair of channels for every strip.
    pub fn with_direct_outs(self) -> Self {
        Config { direct_outs: true, outputs: 2 + 2 * (self.tracks + self.buses), ..self }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            rate: 48_000.0,
            inputs: 0,
            outputs: 2,
            direct_outs: false,
            tracks: 128,
            buses: 16,
            events: 4096,
            queue: 4096,
            scratch: 1024,
            share: Share::Whole,
        }
    }
}

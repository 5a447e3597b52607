//! News: what a session tells whoever watches it; only for eyes, never needed for the sound.

use std::sync::Arc;

pub use super::heard::Touch;
use crate::engine::Frames;
use crate::score::Diagnostic;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A note of a track began; its gate closes at `off`.
    Onset { track: Arc<str>, at: Frames, off: Frames },
    /// A text of this owner takes effect at `at`.
    Applied { owner: Arc<str>, at: Frames },
    /// What is replaced fades before what is new begins: both at once would take this share of the time there is.
    InTurn(f64),
    /// What changed at `at` has crossed over: what it touched, and its worst discontinuity relative to the music's own just
    /// before and after (1: no worse; 0: silence).
    Swapped { at: Frames, touched: Vec<Touch>, discontinuity: f32 },
    /// A musician's matter found while playing: an instrument that is not there, a bus nobody made. Said once.
    Warning(Diagnostic),
    /// A note came `by` frames too late.
    Late { track: Arc<str>, by: Frames },
    /// Notes that were too many for a track's queue.
    Overload { track: Arc<str>, lost: u32 },
    /// A voice was taken away for a newer note.
    Stolen { track: Arc<str> },
    /// Not-a-number or infinity was taken out of this track's, bus's or the master's sound.
    Scrubbed { strip: Arc<str> },
    /// The journal cannot be written any more.
    JournalLost(String),
}

/// A track as the performer sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackStatus {
    pub name: Arc<str>,
    /// Who named it: a file's path or `repl`.
    pub owner: Arc<str>,
    /// Neither hushed nor silenced by mute or solo.
    pub playing: bool,
    /// By the text or by the performer.
    pub muted: bool,
    pub soloed: bool,
    /// Of the last 2048 frames, linear, left and right.
    pub peak: [f32; 2],
    pub rms: [f32; 2],
    /// Its pair of channels among the direct outs.
    pub slot: u16,
}

//! A piece under way: what is evaluated becomes a plan, a plan becomes changes, patterns become events ahead of time.

pub mod journal;
pub mod news;
pub mod plan;
pub mod stage;
mod timeline;

pub use journal::{Journal, JournalError, Moment, Outcome, REPL, Rehearsal, Said};
pub use news::{News, TrackStatus};
pub use stage::Stage;

/// When an edit takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum When {
    /// As the score and its tracks say; as soon as possible where nobody says.
    #[default]
    Score,
    /// At a given moment, or as soon as possible after it (replay, rehearsals).
    At(Moment),
}

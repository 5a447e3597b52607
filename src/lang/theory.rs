//! Music theory in scripts: the module `theory`, and what its notes, intervals, scales, chords and keys answer.

mod chords;
mod explain;
mod keys;
mod notes;
mod pictures;
mod progressions;
mod scales;
mod values;

use super::word::Word;

pub use values::{described, kind_of, named, register, told, type_of};

/// All rows of this room.
pub fn words() -> Vec<Word> {
    [
        notes::words(),
        scales::words(),
        chords::words(),
        keys::words(),
        progressions::words(),
        explain::words(),
        pictures::words(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

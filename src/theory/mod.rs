//! Pitches, intervals, scales and chords, without time or sound.
//!
//! Law: spelling is kept. A minor third above C is Eb, never D#, and a scale names each of its letters once where it has seven.

pub mod chord;
pub mod explain;
pub mod fretboard;
pub mod interval;
pub mod key;
pub mod leading;
pub mod note;
pub mod picture;
mod qualities;
pub mod reading;
mod roman;
pub mod scale;
mod scales;
pub mod smooth;
mod symbol;
pub mod tuning;
pub mod voicing;

pub use chord::Chord;
pub use interval::Interval;
pub use key::Key;
pub use note::Note;
pub use scale::Scale;
pub use tuning::Tuning;
pub use voicing::{Dictionary, Mode, Voicing};

/// A name that means nothing here: lower case, no full stop, expected and found, and what could be typed instead.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryError {
    pub message: String,
    pub hint: Option<String>,
}

impl TheoryError {
    /// The error for a name that is in no table: its nearest neighbour becomes the hint.
    fn unknown(what: &str, found: &str, names: impl Iterator<Item = &'static str>) -> Self {
        let near = names.map(|n| (distance(found, n), n)).min().filter(|&(d, n)| d <= 1 + n.chars().count() / 3);
        TheoryError { message: format!("unknown {what} \"{found}\""), hint: near.map(|(_, n)| n.to_string()) }
    }
}

impl std::fmt::Display for TheoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TheoryError {}

/// How many letters must be typed, deleted or replaced to get from one word to the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let kept = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_brings_its_neighbour() {
        let error = Scale::parse("C:dorain").unwrap_err();
        assert_eq!(error.message, "unknown scale \"dorain\"");
        assert_eq!(error.hint.as_deref(), Some("dorian"));
    }

    #[test]
    fn distance_counts_single_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}

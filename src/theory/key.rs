//! Keys: their signatures, their notes, the chords at home in them, and the keys nearby.

use super::{Chord, Interval, Note, Scale, TheoryError};

/// A major or (natural) minor key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub tonic: Note,
    pub minor: bool,
}

impl Key {
    /// Reads `F# minor`, `Eb:major`, `C` (major), `a` (a lower-case letter alone is minor, as in analysis).
    pub fn parse(text: &str) -> Result<Key, TheoryError> {
        if let Ok(tonic) = Note::parse(text) {
            return Ok(Key { tonic: tonic.class(), minor: text.starts_with(|c: char| c.is_ascii_lowercase()) });
        }
        let scale = Scale::parse(text)?;
        match scale.name {
            "major" | "minor" => Ok(Key { tonic: scale.tonic.class(), minor: scale.name == "minor" }),
            other => Err(TheoryError {
                message: format!("expected a major or minor key, found {other}"),
                hint: Some(format!("{} minor", scale.tonic.class())),
            }),
        }
    }

    /// Sharps (positive) or flats (negative) of the signature: the tonic's place in the circle of fifths.
    pub fn signature(&self) -> i32 {
        const FIFTHS: [i32; 7] = [0, 2, 4, -1, 1, 3, 5];
        FIFTHS[self.tonic.letter as usize] + 7 * self.tonic.alteration - if self.minor { 3 } else { 0 }
    }

    /// Its seven notes from the tonic; the natural ones if minor.
    pub fn notes(&self) -> Vec<Note> {
        let steps = if self.minor { "P1 M2 m3 P4 P5 m6 m7" } else { "P1 M2 M3 P4 P5 M6 M7" };
        let intervals = steps.split(' ').filter_map(|i| Interval::parse(i).ok());
        intervals.map(|i| self.tonic.transpose(i)).collect()
    }

    /// The triad on each note.
    pub fn triads(&self) -> Vec<Chord> {
        self.stacks(3)
    }

    /// The seventh chord on each note.
    pub fn sevenths(&self) -> Vec<Chord> {
        self.stacks(4)
    }

    /// Thirds piled on each note of the key.
    fn stacks(&self, size: usize) -> Vec<Chord> {
        let notes = self.notes();
        let stack = |from: usize| (0..size).map(|k| notes[(from + 2 * k) % 7]).collect::<Vec<_>>();
        (0..7).filter_map(|from| Chord::spelled(&stack(from))).collect()
    }

    /// `C major`, `F# minor`.
    pub fn name(&self) -> String {
        format!("{} {}", self.tonic.class(), if self.minor { "minor" } else { "major" })
    }

    /// The key on the same tonic in the other mode.
    pub fn parallel(&self) -> Key {
        Key { minor: !self.minor, ..self.clone() }
    }

    /// The scale of the key: major or natural minor.
    pub fn scale(&self) -> Scale {
        self.form(if self.minor { "minor" } else { "major" })
    }

    /// A scale on its tonic by a name of the table.
    pub fn form(&self, name: &str) -> Scale {
        Scale::on(self.tonic, name).expect("the table has major and the three minors")
    }

    /// The notes its signature alters, in the order they are written.
    pub fn altered(&self) -> Vec<Note> {
        let count = self.signature();
        let first = if count > 0 { "F#" } else { "Bb" };
        let first = Note::parse(first).expect("a note");
        (0..count.abs()).map(|i| first.fifths(i * count.signum())).collect()
    }

    /// The keys one step away on the circle of fifths, and their relatives: those music goes to most easily.
    pub fn near(&self) -> Vec<Key> {
        let up = |n: i32| Key { tonic: self.tonic.fifths(n), ..self.clone() };
        [self.relative(), up(1), up(1).relative(), up(-1), up(-1).relative()].into()
    }

    /// The key with the same signature: a minor third below a major one, above a minor one.
    pub fn relative(&self) -> Key {
        let third = Interval { steps: 2, semitones: 3 };
        let tonic = self.tonic.transpose(if self.minor { third } else { Interval::UNISON - third });
        Key { tonic, minor: !self.minor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relatives_share_their_signature() {
        for key in ["C major", "F# minor", "Eb major", "B minor", "Gb major"] {
            let key = Key::parse(key).unwrap();
            assert_eq!(key.relative().signature(), key.signature());
            assert_eq!(key.relative().relative(), key);
        }
    }
}

//! Keys: the chords at home in them, and progressions in roman numerals.

use super::{Chord, Interval, Note, Scale, TheoryError};

/// A major or (natural) minor key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub tonic: Note,
    pub minor: bool,
}

const NUMERALS: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];

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

    /// The chord a numeral means here: `IIm7` in Eb is Fm7, `bVII` in D is C. Numerals count from the major scale.
    pub fn chord(&self, numeral: &str) -> Result<Chord, TheoryError> {
        let text = numeral.trim_start_matches(['b', '#']);
        let signs = &numeral[..numeral.len() - text.len()];
        let upper = text.to_ascii_uppercase();
        let found = NUMERALS.iter().enumerate().rev().filter(|(_, n)| upper.starts_with(**n));
        let Some((degree, name)) = found.max_by_key(|(_, n)| n.len()) else {
            return Err(TheoryError {
                message: format!("expected a roman numeral like IIm7, found \"{numeral}\""),
                hint: Some("V7".to_string()),
            });
        };
        // A numeral in small letters is a minor chord, unless its suffix says more.
        let small = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.contains(['o', 'ø', 'd']);
        let major = Key { minor: false, ..self.clone() };
        let mut root = major.notes()[degree];
        root.alteration += signs.chars().map(|c| if c == '#' { 1 } else { -1 }).sum::<i32>().clamp(-2, 2);
        Chord::parse(&format!("{root}{}{}", if small { "m" } else { "" }, &text[name.len()..]))
    }

    /// The numeral of a chord here, with its quality: Dm7 in C is `IIm7`.
    pub fn numeral(&self, chord: &Chord) -> String {
        let major = Key { minor: false, ..self.clone() }.notes();
        let degree = (i32::from(chord.root.letter) - i32::from(self.tonic.letter)).rem_euclid(7) as usize;
        let off = chord.root.alteration - major[degree].alteration;
        let signs = if off < 0 { "b" } else { "#" }.repeat(off.unsigned_abs() as usize);
        format!("{signs}{}{}", NUMERALS[degree], chord.written())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_and_chords_translate_both_ways() {
        let key = Key::parse("Eb").unwrap();
        for (numeral, symbol) in [("IIm7", "Fm7"), ("V7", "Bb7"), ("Imaj7", "Ebmaj7"), ("bVII", "Db"), ("vi", "Cm")] {
            let chord = key.chord(numeral).unwrap();
            assert_eq!(chord.symbol(), symbol);
            assert_eq!(key.chord(&key.numeral(&chord)).unwrap(), chord);
        }
        assert!(key.chord("VIIIx").is_err() && key.chord("").is_err() && key.chord("b").is_err());
    }

    #[test]
    fn relatives_share_their_signature() {
        for key in ["C major", "F# minor", "Eb major", "B minor", "Gb major"] {
            let key = Key::parse(key).unwrap();
            assert_eq!(key.relative().signature(), key.signature());
            assert_eq!(key.relative().relative(), key);
        }
    }
}

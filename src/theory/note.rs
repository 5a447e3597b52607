//! Notes: a letter, an alteration and perhaps an octave.

use super::{Interval, TheoryError};

/// A pitch as it is written. C4 is middle C (MIDI 60); without an octave it is a pitch class, and sounds in octave 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// 0 is C, 6 is B.
    pub letter: u8,
    /// Semitones up (sharps) or down (flats).
    pub alteration: i32,
    pub octave: Option<i32>,
}

/// The octave of a note that names none, as in Tidal and Strudel.
pub const DEFAULT_OCTAVE: i32 = 3;

const LETTERS: [char; 7] = ['C', 'D', 'E', 'F', 'G', 'A', 'B'];
/// Semitones of the natural letters above C.
pub(super) const NATURALS: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
/// Which letter, with which flat, spells each of twelve semitones.
const FLATS: [(u8, i32); 12] =
    [(0, 0), (1, -1), (1, 0), (2, -1), (2, 0), (3, 0), (4, -1), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0)];

impl Note {
    /// Reads `c`, `eb4`, `F#5`, `bb3`, `cs` (sharp), `df2` (flat), `g##`, `C-1`.
    pub fn parse(text: &str) -> Result<Note, TheoryError> {
        let (note, rest) = Note::prefix(text).ok_or_else(|| unreadable(text))?;
        if rest.is_empty() {
            return Ok(note);
        }
        match rest.parse::<i32>() {
            Ok(octave) if (-4..=16).contains(&octave) && !rest.starts_with('+') => {
                Ok(Note { octave: Some(octave), ..note })
            }
            _ => Err(unreadable(text)),
        }
    }

    /// The pitch class a text begins with, and what follows it.
    pub(super) fn prefix(text: &str) -> Option<(Note, &str)> {
        let first = text.chars().next()?.to_ascii_uppercase();
        let letter = LETTERS.iter().position(|&l| l == first)? as u8;
        let (mut alteration, mut rest) = (0i32, &text[1..]);
        while let Some(sign) = rest.chars().next() {
            alteration += match sign {
                '#' | '♯' => 1,
                's' if !rest.starts_with("sus") => 1,
                'b' | 'f' | '♭' => -1,
                _ => break,
            };
            rest = &rest[sign.len_utf8()..];
        }
        (alteration.abs() <= 4).then_some((Note { letter, alteration, octave: None }, rest))
    }

    /// The note of a MIDI number, black keys spelled as flats (`Bb4`), as `Interval::from_semitones` and tonal do.
    pub fn from_midi(midi: i32) -> Note {
        let (letter, alteration) = FLATS[midi.rem_euclid(12) as usize];
        Note { letter, alteration, octave: Some(midi.div_euclid(12) - 1) }
    }

    /// The nearest note of the equal temperament at a4 = 440 Hz; none for what is no frequency.
    pub fn from_freq(hz: f64) -> Option<Note> {
        let midi = 69.0 + 12.0 * (hz / 440.0).log2();
        (midi.is_finite() && midi.abs() < 1e4).then(|| Note::from_midi(midi.round() as i32))
    }

    /// The MIDI number: c4 is 60, a4 is 69. May lie outside 0…127.
    pub fn midi(&self) -> i32 {
        12 * (self.octave.unwrap_or(DEFAULT_OCTAVE) + 1) + NATURALS[self.letter as usize] + self.alteration
    }

    /// Hz in equal temperament at a4 = 440 Hz.
    pub fn freq(&self) -> f64 {
        440.0 * ((self.midi() - 69) as f64 / 12.0).exp2()
    }

    /// 0…11, C is 0.
    pub fn chroma(&self) -> i32 {
        self.midi().rem_euclid(12)
    }

    /// As written, capital first: `Eb3`, or `Eb` without an octave.
    pub fn name(&self) -> String {
        let sign = if self.alteration < 0 { "b" } else { "#" };
        let octave = self.octave.map(|o| o.to_string()).unwrap_or_default();
        format!("{}{}{octave}", LETTERS[self.letter as usize], sign.repeat(self.alteration.unsigned_abs() as usize))
    }

    /// The same pitch class without its octave.
    pub fn class(&self) -> Note {
        Note { octave: None, ..*self }
    }

    /// The same pitch class in an octave.
    pub fn at(&self, octave: i32) -> Note {
        Note { octave: Some(octave), ..*self }
    }

    /// Up by an interval (down by a descending one), spelled as the interval says.
    pub fn transpose(&self, by: Interval) -> Note {
        let octave = self.octave.unwrap_or(DEFAULT_OCTAVE);
        // Beyond a thousand steps nothing sounds, and nothing overflows.
        let place = (self.letter as i32 + 7 * octave + by.steps).clamp(-1000, 1000);
        let letter = place.rem_euclid(7) as u8;
        let moved = Note { letter, alteration: 0, octave: Some(place.div_euclid(7)) };
        let alteration = (self.at(octave).midi() + by.semitones - moved.midi()).clamp(-99, 99);
        Note { alteration, octave: self.octave.and(moved.octave), ..moved }
    }

    /// Along the circle of fifths, `n` steps up (sharper) or down (flatter), within its octave.
    pub fn fifths(&self, n: i32) -> Note {
        let moved = self.class().transpose(Interval { steps: 4 * n, semitones: 7 * n });
        Note { octave: self.octave, ..moved }
    }

    /// The plainest spelling of the same pitch: Fb is E, F## is G, C# stays.
    pub fn simplify(&self) -> Note {
        if self.alteration.abs() <= 1 && NATURALS.iter().all(|&n| n != self.spelled_chroma()) {
            return *self;
        }
        self.spell(self.alteration > 0)
    }

    /// The other name of the same pitch: C# is Db, E# is F.
    pub fn enharmonic(&self) -> Note {
        self.spell(self.alteration < 0)
    }

    fn spelled_chroma(&self) -> i32 {
        (NATURALS[self.letter as usize] + self.alteration).rem_euclid(12)
    }

    /// The same pitch with a natural's name, else with a sharp or a flat.
    pub fn spell(&self, sharp: bool) -> Note {
        let mut note = Note::from_midi(self.midi());
        if sharp && note.alteration < 0 {
            note = Note { letter: note.letter - 1, alteration: 1, ..note };
        }
        Note { octave: self.octave.and(note.octave), ..note }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

fn unreadable(text: &str) -> TheoryError {
    TheoryError {
        message: format!("expected a note like eb4, found \"{text}\""),
        hint: Note::prefix(text).map(|(n, _)| n.at(4).name().to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_the_midi_numbers_of_their_names() {
        for (text, midi) in [("c", 48), ("a4", 69), ("eb4", 63), ("F#5", 78), ("bb3", 58), ("cs", 49), ("Cb4", 59)] {
            assert_eq!(Note::parse(text).unwrap().midi(), midi, "{text}");
        }
        assert!(Note::parse("h2").is_err() && Note::parse("c4x").is_err() && Note::parse("").is_err());
    }

    #[test]
    fn transposing_keeps_the_letter_of_the_interval() {
        let up = |n: &str, i: &str| Note::parse(n).unwrap().transpose(Interval::parse(i).unwrap()).name();
        assert_eq!(up("Ab3", "m6"), "Fb4");
        assert_eq!(up("c4", "-2M"), "Bb3");
        assert_eq!(up("F#", "M3"), "A#");
    }

    #[test]
    fn every_midi_number_comes_back_from_its_frequency() {
        for midi in 0..128 {
            assert_eq!(Note::from_freq(Note::from_midi(midi).freq()).unwrap().midi(), midi);
        }
        assert_eq!(Note::from_freq(-1.0), None);
        assert_eq!(Note::from_freq(0.0), None);
    }
}

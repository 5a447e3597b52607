//! Reading a chord in a key: its roman numeral as harmony is taught, its function, and where it comes from if not from the key.

use super::roman::NUMERALS;
use super::{Chord, Interval, Key, Note};

/// What a chord does in its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Home and rest.
    Tonic,
    /// A chord that shares two notes with home and stands in for it.
    NearHome,
    /// Away from home, on the way to the dominant; also called subdominant.
    Predominant,
    /// Tension that wants home.
    Dominant,
    /// Colour or passing.
    Colour,
}

/// Where a chord comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The key itself.
    Home,
    /// The dominant of another chord of the key, whose numeral this is.
    Secondary(String),
    /// The key on the same tonic in the other mode.
    Borrowed(Key),
    /// The major chord on the lowered second degree.
    Neapolitan,
    /// Italian, French or German: two notes a semitone either side of the dominant.
    AugmentedSixth(&'static str),
    /// A dominant a tritone away from the expected one: both have the same third and seventh.
    TritoneSubstitute(String),
    /// None of these.
    Chromatic,
}

/// A chord read in a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub numeral: String,
    pub function: Function,
    pub source: Source,
}

impl Key {
    /// Reads a chord where the next one is known; what follows decides between readings.
    pub fn read(&self, chord: &Chord, next: Option<&Chord>) -> Reading {
        let found = self.sixth(chord, next).or_else(|| self.leading_elsewhere(chord, next));
        if let Some(reading) = found {
            return reading;
        }
        let (source, function) = if self.holds(chord) {
            (Source::Home, self.function_of(chord))
        } else if chord.part(2) == Some(4) && self.above(chord.root) == (1, 1) {
            let dominant = chord.part(6) == Some(10);
            let source = if dominant { Source::TritoneSubstitute("I".into()) } else { Source::Neapolitan };
            (source, if dominant { Function::Dominant } else { Function::Predominant })
        } else if self.parallel().holds(chord) {
            (Source::Borrowed(self.parallel()), self.function_of(chord))
        } else {
            (Source::Chromatic, Function::Colour)
        };
        let numeral = match (&source, chord.inverted(), chord.quality.as_str()) {
            (Source::Neapolitan, Some(1), "") => "N6".to_string(),
            _ => self.roman(chord),
        };
        Reading { numeral, function, source }
    }

    /// Whether all of a chord is in the key; in minor, in one of its three scales.
    pub fn holds(&self, chord: &Chord) -> bool {
        let forms: &[&str] = if self.minor { &["minor", "harmonic minor", "melodic minor"] } else { &["major"] };
        let notes = chord.notes();
        forms.iter().any(|form| {
            let scale = self.form(form).notes();
            notes.iter().all(|n| scale.iter().any(|s| s.chroma() == n.chroma()))
        })
    }

    /// Letters and semitones of a note above the tonic.
    fn above(&self, note: Note) -> (i32, i32) {
        let interval = Interval::between(self.tonic.class(), note.class());
        (interval.steps, interval.semitones)
    }

    /// An augmented sixth, spelled as one, or as the dominant seventh it sounds like where the dominant follows.
    fn sixth(&self, chord: &Chord, next: Option<&Chord>) -> Option<Reading> {
        let lowered_sixth = self.above(chord.root) == (5, 8);
        let (numeral, name) = match chord.quality.as_str() {
            "It6" => ("It6", "Italian"),
            "Fr6" => ("Fr43", "French"),
            "Ger6" => ("Ger65", "German"),
            "7" if next.is_some_and(|n| self.above(n.lowest()) == (4, 7)) => ("Ger65", "German"),
            _ => return None,
        };
        let source = Source::AugmentedSixth(name);
        lowered_sixth.then(|| Reading { numeral: numeral.into(), function: Function::Predominant, source })
    }

    /// A dominant, leading or substitute chord of a chord of the key other than its tonic.
    fn leading_elsewhere(&self, chord: &Chord, next: Option<&Chord>) -> Option<Reading> {
        let (third, fifth, seventh) = (chord.part(2), chord.part(4), chord.part(6));
        let major = third == Some(4) && fifth != Some(8) && seventh != Some(11);
        let diminished = third == Some(3) && fifth == Some(6) && seventh != Some(11);
        let up = |steps: i32, semitones: i32| chord.root.class().transpose(Interval { steps, semitones });
        let goes_to = |target: Note| next.is_some_and(|n| n.root.chroma() == target.chroma());
        let (target, numeral) = match (major, diminished) {
            (true, _) => (up(3, 5), "V"),
            (_, true) => (up(1, 1), "vii"),
            _ => return None,
        };
        let home = self.holds(chord);
        let (tonic, name) = self.goal(target)?;
        let seven = seventh == Some(10);
        // What the key has anyway leads elsewhere only by its seventh, and where it goes there.
        let leads = if home {
            (major && seven || diminished) && self.minor && goes_to(target) && name != "V" && !self.is_dominant(chord)
        } else {
            let at_home = self.notes().iter().any(|n| n.chroma() == chord.root.chroma());
            let on_tonic = chord.root.chroma() == self.tonic.chroma();
            let there = goes_to(target) || (next.is_none() && on_tonic && seven);
            if on_tonic {
                there && !(self.minor && !seven && !goes_to(target))
            } else {
                diminished || at_home || there && seven
            }
        };
        if leads && !(diminished && self.above(chord.root) == (6, 11)) {
            let numeral = format!("{numeral}{}/{name}", figures(chord).1);
            return Some(Reading { numeral, function: Function::Dominant, source: Source::Secondary(name) });
        }
        // A semitone above its goal, a dominant seventh stands for the one a tritone away.
        let below = chord.root.class().transpose(Interval { steps: -1, semitones: -1 });
        let (_, below_name) = self.goal(below)?;
        let substitute = major && seven && !home && goes_to(below) && tonic != below;
        substitute.then(|| Reading {
            numeral: format!("subV{}/{below_name}", figures(chord).1),
            function: Function::Dominant,
            source: Source::TritoneSubstitute(below_name),
        })
    }

    /// A chord of the key that others may lead to: its root and its numeral.
    fn goal(&self, root: Note) -> Option<(Note, String)> {
        let degree = self.notes().iter().position(|n| n.chroma() == root.chroma())?;
        let small = |minor: &[usize]| minor.contains(&degree);
        if degree == 0 || degree == if self.minor { 1 } else { 6 } {
            return None;
        }
        let minor = if self.minor { small(&[3]) } else { small(&[1, 2, 5]) };
        let name = if minor { NUMERALS[degree].to_lowercase() } else { NUMERALS[degree].to_string() };
        Some((self.notes()[degree], name))
    }

    /// The dominant or the leading chord of the key itself.
    fn is_dominant(&self, chord: &Chord) -> bool {
        matches!(self.above(chord.root), (4, 7) | (6, 11))
    }

    /// What a chord whose root is a degree of the key does there.
    fn function_of(&self, chord: &Chord) -> Function {
        let leading = chord.notes().iter().any(|n| self.above(*n) == (6, 11));
        match self.above(chord.root) {
            (0, _) => Function::Tonic,
            (2, _) => Function::NearHome,
            (5, 9) if !self.minor => Function::NearHome,
            (5, 8) if self.minor => Function::NearHome,
            (4, _) if leading || chord.part(2) != Some(3) => Function::Dominant,
            (4, _) => Function::Colour,
            (6, 11) => Function::Dominant,
            _ => Function::Predominant,
        }
    }

    /// The numeral of a chord as harmony is taught: capitals major, small letters minor, `o ø +`, figured bass for inversions.
    pub fn roman(&self, chord: &Chord) -> String {
        let (signs, degree) = self.place(chord.root);
        let (small, figures) = figures(chord);
        let numeral = if small { NUMERALS[degree].to_lowercase() } else { NUMERALS[degree].to_string() };
        // The raised degrees of minor carry their diminished chords without a sign, the natural ones with one.
        let leading = self.minor && degree > 4 && small && figures.starts_with(['o', 'ø']);
        let signs = match signs.as_str() {
            "#" if leading => "",
            "" if leading => "b",
            other => other,
        };
        format!("{signs}{numeral}{figures}")
    }
}

/// Whether a numeral is small, and its mark and figures.
fn figures(chord: &Chord) -> (bool, String) {
    let quality = chord.quality.as_str();
    let (small, mark, rest) = match quality {
        "dim" | "dim7" => (true, "o", &quality[3..]),
        "m7b5" => (true, "ø", "7"),
        "aug" => (false, "+", ""),
        "mMaj7" => (true, "maj", "7"),
        "maj7" => (false, "maj", "7"),
        "6" => (false, "", "add6"),
        "m6" => (true, "", "add6"),
        _ if quality.starts_with('m') && !quality.starts_with("maj") => (true, "", &quality[1..]),
        _ => (false, "", quality),
    };
    let size = chord.intervals().len();
    let turned = match (chord.inverted(), size, rest) {
        (Some(0), ..) => return (small, format!("{mark}{rest}")),
        (Some(1), 3, "") => "6",
        (Some(2), 3, "") => "64",
        (Some(1), 4, "7") => "65",
        (Some(2), 4, "7") => "43",
        (Some(3), 4, "7") => "42",
        _ => {
            let bass = chord.lowest();
            return (small, format!("{mark}{rest}/{bass}"));
        }
    };
    (small, format!("{mark}{turned}"))
}

/// Reads every chord of a progression, each with the one after it.
pub fn read_all(key: &Key, chords: &[Chord]) -> Vec<Reading> {
    (0..chords.len()).map(|i| key.read(&chords[i], chords.get(i + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(key: &str, chords: &str) -> String {
        let chords: Vec<Chord> = chords.split(' ').map(|c| Chord::parse(c).unwrap()).collect();
        let all = read_all(&Key::parse(key).unwrap(), &chords);
        all.into_iter().map(|r| r.numeral).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn chords_of_the_key_are_read_with_case_marks_and_figures() {
        assert_eq!(reads("C", "C F/A G7/B C Dm7/F C/G G Am Bm7b5 Cmaj7"), "I IV6 V65 I ii65 I64 V vi viiø7 Imaj7");
        assert_eq!(reads("A minor", "Am Bm7b5 E7 Am F G C E/G# G#dim7 Caug"), "i iiø7 V7 i VI VII III V6 viio7 III+");
    }

    #[test]
    fn dominants_of_other_chords_are_read_so() {
        assert_eq!(reads("C", "C D7 G A7/C# Dm E7 Am C7 F F#dim7 G"), "I V7/V V V65/ii ii V7/vi vi V7/IV IV viio7/V V");
        assert_eq!(reads("C", "C7 F7 C7 G7"), "V7/IV IV7 I7 V7");
        assert_eq!(reads("A minor", "Am A7 Dm G7 C B7 E"), "i V7/iv iv V7/III III V7/V V");
    }

    #[test]
    fn borrowed_and_altered_chords_are_read_so() {
        assert_eq!(reads("C", "C Fm Ab Bb Eb Db/F G"), "I iv bVI bVII bIII N6 V");
        assert_eq!(reads("C", "Bdim7 C Ab7 G Db7 C"), "viio7 I Ger65 V bII7 I");
        assert_eq!(reads("C minor", "Cm AbGer6 Cm/G G C"), "i Ger65 i64 V I");
        let key = Key::parse("C").unwrap();
        let source = |c: &str| key.read(&Chord::parse(c).unwrap(), None).source;
        assert_eq!(source("Fm"), Source::Borrowed(key.parallel()));
        assert_eq!(source("Db"), Source::Neapolitan);
    }

    #[test]
    fn a_numeral_that_was_read_means_the_chord_again() {
        for key in ["C", "Eb", "F#", "A minor", "C# minor", "Bb minor"] {
            let key = Key::parse(key).unwrap();
            for numeral in
                "I ii iii6 IV64 V65 vi viio6 V7/V V43/ii viio7/vi bVI bIII iv6 N6 Ger65 Fr43 It6 V42 iiø65 Imaj7"
                    .split(' ')
            {
                let chord = key.chord(numeral).unwrap();
                let read = key.read(&chord, None).numeral;
                assert_eq!(key.chord(&read).unwrap(), chord, "{numeral} in {} was read as {read}", key.name());
            }
        }
    }
}

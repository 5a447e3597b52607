//! Roman numerals: from a numeral to the chord it means in a key, and from a chord to its numeral with a chord symbol's suffix.
//!
//! Degrees count from the scale of the key. In minor, III, VI and VII stand on the natural scale, as do bIII, bVI and bVII, which
//! players count from the major scale; small diminished numerals (`viio7`, `viø7`) stand on the raised note that leads upward.

use super::{Chord, Interval, Key, Note, TheoryError};

pub(super) const NUMERALS: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];

/// Figured bass: what stands above the lowest note, whether that is a chord of seven, and which inversion.
const FIGURES: [(&str, bool, usize); 10] = [
    ("63", false, 1),
    ("64", false, 2),
    ("65", true, 1),
    ("43", true, 2),
    ("42", true, 3),
    ("6", false, 1),
    ("7", true, 0),
    ("2", true, 3),
    ("53", false, 0),
    ("", false, 0),
];

/// How a numeral may mark its quality: the marks, then the chord symbols of its triad and its seventh chord.
const MARKS: [(&[&str], &str, &str); 5] = [
    (&["dim", "o", "°"], "dim", "dim7"),
    (&["ø", "%", "h"], "m7b5", "m7b5"),
    (&["aug", "+"], "aug", "7#5"),
    (&["maj", "Maj", "M", "^", "Δ"], "maj7", "maj7"),
    (&[""], "", "7"),
];

impl Key {
    /// The chord a numeral means here: `IIm7` in Eb is Fm7, `bVII` in D is C, `V65/ii` in C is A7/C#, `N6`, `Ger65`. Capitals are
    /// major and small letters minor; a suffix is figured bass (`6 64 7 65 43 42`) or that of a chord symbol.
    pub fn chord(&self, numeral: &str) -> Result<Chord, TheoryError> {
        let plain = numeral.trim().replace("6/4", "64").replace("6/5", "65").replace("4/3", "43").replace("4/2", "42");
        let refused = || TheoryError {
            message: format!("expected a roman numeral like IIm7 or V65, found \"{numeral}\""),
            hint: Some("V7".to_string()),
        };
        if let Some((chord, target)) = plain.rsplit_once('/')
            && let Some((_, degree, small, "")) = split(target)
        {
            let tonic = self.degree(target, degree, false);
            return Key { tonic, minor: small }.chord(chord).map_err(|_| refused());
        }
        if let Some(chord) = self.named(&plain) {
            return Ok(chord);
        }
        let (signs, degree, small, suffix) = split(&plain).ok_or_else(refused)?;
        let figured = figured(small, suffix);
        let diminished = matches!(&figured, Some((symbol, _)) if symbol.starts_with("dim") || symbol == "m7b5");
        let root = self.degree(signs, degree, small && diminished);
        match figured {
            Some((symbol, inversion)) => Ok(Chord::parse(&format!("{root}{symbol}"))?.inversion(inversion)),
            None => {
                let minor = if small && !suffix.starts_with(['m', '-']) { "m" } else { "" };
                Chord::parse(&format!("{root}{minor}{suffix}")).map_err(|_| refused())
            }
        }
    }

    /// Chords with a name of their own: the Neapolitan, the augmented sixths, the cadential six-four.
    fn named(&self, numeral: &str) -> Option<Chord> {
        let on = |steps: i32, semitones: i32, symbol: &str| {
            Chord::parse(&format!("{}{symbol}", self.tonic.class().transpose(Interval { steps, semitones }))).ok()
        };
        match numeral.replace('+', "").as_str() {
            "N" => on(1, 1, ""),
            "N6" => Some(on(1, 1, "")?.inversion(1)),
            "It" | "It6" => on(5, 8, "It6"),
            "Fr" | "Fr6" | "Fr43" => on(5, 8, "Fr6"),
            "Ger" | "Ger6" | "Ger65" | "Gr6" => on(5, 8, "Ger6"),
            "Cad64" | "K64" => Some(on(0, 0, if self.minor { "m" } else { "" })?.inversion(2)),
            _ => None,
        }
    }

    /// The note of a degree (0…6) with accidentals before it; `leading` raises the sixth and seventh of minor.
    fn degree(&self, signs: &str, degree: usize, leading: bool) -> Note {
        let mut root = self.notes()[degree];
        let mut change: i32 =
            signs.chars().map_while(|c| "b♭#♯".contains(c).then_some(if "b♭".contains(c) { -1 } else { 1 })).sum();
        if self.minor && matches!(degree, 2 | 5 | 6) {
            // The first flat says what the natural scale has anyway; the first sharp what a leading note has.
            match change {
                ..0 => change += 1,
                0 if leading && degree > 2 => change = 1,
                _ => {}
            }
        }
        root.alteration += change.clamp(-3, 3);
        root
    }

    /// The numeral of a root here: its accidentals and its degree (0…6).
    pub(super) fn place(&self, root: Note) -> (String, usize) {
        let degree = (i32::from(root.letter) - i32::from(self.tonic.letter)).rem_euclid(7) as usize;
        let off = root.alteration - self.notes()[degree].alteration;
        let more = i32::from(off < 0 && self.minor && matches!(degree, 2 | 5 | 6));
        (if off < 0 { "b" } else { "#" }.repeat((off.abs() + more) as usize), degree)
    }

    /// The numeral of a chord here, with its quality as it was written: Dm7 in C is `IIm7`.
    pub fn numeral(&self, chord: &Chord) -> String {
        let (signs, degree) = self.place(chord.root);
        let bass = chord.bass.map(|b| format!("/{b}")).unwrap_or_default();
        format!("{signs}{}{}{bass}", NUMERALS[degree], chord.written())
    }
}

/// A numeral's accidentals, degree (0…6), whether it is small, and its suffix.
fn split(numeral: &str) -> Option<(&str, usize, bool, &str)> {
    let text = numeral.trim_start_matches(['b', '#', '♭', '♯']);
    let signs = &numeral[..numeral.len() - text.len()];
    let small = text.starts_with(['i', 'v']);
    let letters = if small { ['i', 'v'] } else { ['I', 'V'] };
    let end = text.len() - text.trim_start_matches(letters).len();
    let degree = NUMERALS.iter().position(|n| n.eq_ignore_ascii_case(&text[..end]))?;
    Some((signs, degree, small, &text[end..]))
}

/// The chord symbol and inversion of a suffix that is quality mark and figured bass, if it is that.
fn figured(small: bool, suffix: &str) -> Option<(String, usize)> {
    MARKS.iter().find_map(|(marks, triad, seventh)| {
        let (mark, figures) = marks.iter().find_map(|mark| Some((*mark, suffix.strip_prefix(mark)?)))?;
        let (_, seven, inversion) = FIGURES.iter().find(|(figure, ..)| *figure == figures)?;
        // `IM6` is a chord symbol's sixth; a plain `7` or nothing is one, too, and keeps its spelling.
        let major = *triad == "maj7";
        if (major && !seven && !figures.is_empty())
            || (mark.is_empty() && *inversion == 0)
            || (major && *inversion == 0)
        {
            return None;
        }
        let symbol = match (small, *seven) {
            (true, _) if major => "mMaj7".to_string(),
            (true, _) if triad.is_empty() => format!("m{}", if *seven { "7" } else { "" }),
            (_, true) => seventh.to_string(),
            (_, false) => triad.to_string(),
        };
        Some((symbol, *inversion))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(key: &str, numerals: &str) -> String {
        let key = Key::parse(key).unwrap();
        let chords = numerals.split(' ').map(|n| key.chord(n).map_or_else(|e| e.message, |c| c.symbol()));
        chords.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numerals_and_chords_translate_both_ways() {
        let key = Key::parse("Eb").unwrap();
        for (numeral, symbol) in [("IIm7", "Fm7"), ("V7", "Bb7"), ("Imaj7", "Ebmaj7"), ("bVII", "Db"), ("vi", "Cm")] {
            let chord = key.chord(numeral).unwrap();
            assert_eq!(chord.symbol(), symbol);
            assert_eq!(key.chord(&key.numeral(&chord)).unwrap(), chord);
        }
        for wrong in ["VIIIx", "", "b", "IIV", "V7/", "V7/X", "Vx", "xV", "IVIV", "♭"] {
            assert!(key.chord(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn figures_turn_chords_over() {
        assert_eq!(means("C", "I6 I64 V65 V43 V42 V2 ii65 viio6"), "C/E C/G G7/B G7/D G7/F G7/F Dm7/F Bdim/D");
        assert_eq!(means("C", "V6/5 V4/3 I6/9 IVmaj7 IVmaj65 iv6"), "G7/B G7/D C6/9 Fmaj7 Fmaj7/A Fm/Ab");
        assert_eq!(means("D", "viio7 viiø7 viiø65 III+ vi7"), "C#dim7 C#m7b5 C#m7b5/E F#aug Bm7");
    }

    #[test]
    fn in_minor_degrees_are_those_of_the_natural_scale_and_leading_chords_are_raised() {
        assert_eq!(means("A minor", "i iiø7 III iv v V7 VI VII viio7"), "Am Bm7b5 C Dm Em E7 F G G#dim7");
        assert_eq!(means("A minor", "bVI bVII #VI bbVI bvii bviio"), "F G F# Fb Gm Gdim");
    }

    #[test]
    fn chords_lead_to_other_chords_and_have_names_of_their_own() {
        assert_eq!(means("C", "V7/V V65/ii viio7/vi V/bVI viiø7/V"), "D7 A7/C# G#dim7 Eb F#m7b5");
        assert_eq!(means("A minor", "V7/iv viio7/V V/III V7/VI"), "A7 D#dim7 G C7");
        assert_eq!(means("C minor", "N6 Ger65 It+6 Fr43 Cad64"), "Db/F AbGer6 AbIt6 AbFr6 Cm/G");
        let sixth = Key::parse("C").unwrap().chord("Ger65").unwrap();
        assert_eq!(sixth.notes().iter().map(Note::name).collect::<Vec<_>>().join(" "), "Ab C Eb F#");
    }

    #[test]
    fn every_chord_of_every_quality_comes_back_from_its_numeral() {
        for key in ["C", "F#", "Db", "A minor", "Eb minor", "G# minor"] {
            let key = Key::parse(key).unwrap();
            for root in ["C", "Db", "D#", "E", "F", "F##", "G", "Ab", "A", "Bbb", "B"] {
                for (quality, _) in super::super::chord::qualities() {
                    let chord = Chord::parse(&format!("{root}{quality}")).unwrap();
                    let numeral = key.numeral(&chord);
                    // What reads as figured bass is figured bass; what reads as flats is the degree's.
                    if numeral.ends_with(['6', '2']) || quality.starts_with(['b', '+']) || quality == "M7b6" {
                        continue;
                    }
                    let again = key.chord(&numeral).unwrap_or_else(|e| panic!("{numeral}: {e}"));
                    assert_eq!(again, chord, "{numeral} in {}", key.name());
                }
            }
        }
    }
}

//! Chords: a root, a quality and perhaps another bass.

use super::{Interval, Note, TheoryError, qualities};

/// A chord as its symbol says: `Am7`, `F^7`, `C/E`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chord {
    pub root: Note,
    /// The quality's first spelling: empty for major.
    pub quality: &'static str,
    /// The note below the slash.
    pub bass: Option<Note>,
    intervals: Vec<Interval>,
}

impl Chord {
    /// Reads a root and any spelling of the table, then perhaps `/` and a bass note.
    pub fn parse(text: &str) -> Result<Chord, TheoryError> {
        let (root, rest) = Note::prefix(text).ok_or_else(|| TheoryError {
            message: format!("expected a chord like Am7, found \"{text}\""),
            hint: Some("Am7".to_string()),
        })?;
        if let Some(quality) = find(rest) {
            return Ok(Chord::of(root, quality, None));
        }
        // "B" before "b5" reads as B flat: take the flat back if the rest then makes sense.
        if let Some((quality, root)) = text.get(1..).and_then(find).zip(text.get(..1).and_then(|t| Note::parse(t).ok()))
        {
            return Ok(Chord::of(root, quality, None));
        }
        if let Some((symbol, bass)) = rest.rsplit_once('/')
            && let (Some(quality), Ok(bass)) = (find(symbol), Note::parse(bass))
        {
            return Ok(Chord::of(root, quality, Some(bass)));
        }
        let symbols = qualities::QUALITIES.iter().flat_map(|q| q.symbols.split(' '));
        let mut error = TheoryError::unknown("chord", rest, symbols.filter(|s| *s != "_"));
        error.message = format!("unknown chord \"{text}\"");
        error.hint = error.hint.map(|symbol| format!("{}{symbol}", root.name()));
        Err(error)
    }

    fn of(root: Note, quality: &'static qualities::Quality, bass: Option<Note>) -> Chord {
        let first = quality.symbols.split(' ').next().unwrap_or_default();
        let intervals = quality.intervals.split(' ').filter_map(|i| Interval::parse(i).ok()).collect();
        Chord { root, quality: if first == "_" { "" } else { first }, bass, intervals }
    }

    /// The chord that these notes are, the first being its root and every other spelled from there.
    pub fn spelled(notes: &[Note]) -> Option<Chord> {
        let root = notes.first()?.class();
        let above = |n: &Note| Interval::between(root, n.class());
        let mut wanted: Vec<(i32, i32)> = notes.iter().map(above).map(folded).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let same = |q: &&qualities::Quality| {
            let mut own: Vec<_> = q.intervals.split(' ').filter_map(|i| Interval::parse(i).ok()).map(folded).collect();
            own.sort_unstable();
            own == wanted
        };
        qualities::QUALITIES.iter().find(same).map(|quality| Chord::of(root, quality, None))
    }

    /// The chords these notes can be heard as, the lowest first; a root position comes before inversions.
    pub fn detect(notes: &[Note]) -> Vec<Chord> {
        let rooted = (0..notes.len()).filter_map(|root| {
            let mut turned = notes.to_vec();
            turned.rotate_left(root);
            let chord = Chord::spelled(&turned)?;
            let inverted = chord.root.chroma() != notes[0].chroma();
            Some(Chord { bass: inverted.then(|| notes[0].class()), ..chord })
        });
        rooted.collect()
    }

    /// Intervals above the root, as the table stacks them.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// The chord's pitch classes, the bass first.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.intervals.iter().map(|&i| self.root.transpose(i)).collect();
        if let Some(bass) = self.bass {
            match notes.iter().position(|n| n.chroma() == bass.chroma()) {
                Some(place) => notes.rotate_left(place),
                None => notes.insert(0, bass.class()),
            }
        }
        notes
    }

    /// The lowest note: the bass if there is one, else the root.
    pub fn lowest(&self) -> Note {
        self.bass.unwrap_or(self.root)
    }

    /// Root and the quality's first spelling, with the bass after a slash.
    pub fn symbol(&self) -> String {
        let bass = self.bass.map(|b| format!("/{}", b.name())).unwrap_or_default();
        format!("{}{}{bass}", self.root.name(), self.quality)
    }
}

/// An interval within an octave.
fn folded(i: Interval) -> (i32, i32) {
    (i.steps.rem_euclid(7), i.semitones.rem_euclid(12))
}

/// The quality of a spelling, written as in the table.
fn find(symbol: &str) -> Option<&'static qualities::Quality> {
    let wanted = if symbol.is_empty() { "_" } else { symbol };
    qualities::QUALITIES.iter().find(|q| q.symbols.split(' ').any(|s| s == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_table_parses_to_its_own_quality() {
        assert!(qualities::QUALITIES.len() >= 60);
        for quality in qualities::QUALITIES {
            for symbol in quality.symbols.split(' ') {
                let text = format!("C{}", symbol.trim_start_matches('_'));
                let chord = Chord::parse(&text).unwrap();
                let names: Vec<String> = chord.intervals.iter().map(Interval::name).collect();
                assert_eq!(names.join(" "), quality.intervals, "{text}");
            }
        }
    }

    #[test]
    fn a_slash_names_the_bass() {
        let names = |t: &str| Chord::parse(t).unwrap().notes().iter().map(Note::name).collect::<Vec<_>>().join(" ");
        assert_eq!(names("Dm7/C"), "C D F A");
        assert_eq!(names("C/D"), "D C E G");
        assert_eq!(names("Bb6/9"), "Bb D F G C");
    }

    #[test]
    fn an_unknown_chord_hints_at_a_known_one() {
        let error = Chord::parse("Cmaj77").unwrap_err();
        assert_eq!((error.message.as_str(), error.hint.as_deref()), ("unknown chord \"Cmaj77\"", Some("Cmaj7")));
        assert!(Chord::parse("").is_err() && Chord::parse("é").is_err());
    }
}

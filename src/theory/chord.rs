//! Chords: a root, a quality and perhaps another bass.

use super::{Interval, Note, TheoryError, qualities, symbol};

/// A chord as its symbol says: `Am7`, `F^7`, `C/E`. Two spellings of one chord are equal.
#[derive(Clone, Debug)]
pub struct Chord {
    pub root: Note,
    /// The quality's usual spelling: empty for major.
    pub quality: String,
    /// The note below the slash.
    pub bass: Option<Note>,
    /// The quality as it was written.
    written: String,
    name: String,
    intervals: Vec<Interval>,
}

/// Qualities that the field's libraries spell more fully where they name what they found.
const FORMAL: &[(&str, &str)] = &[
    ("", "M"),
    ("mMaj7", "m/ma7"),
    ("6/9", "6add9"),
    ("add9", "Madd9"),
    ("addb9", "Maddb9"),
    ("6#11", "M6#11"),
    ("+add9", "M#5add9"),
    ("maj7#11", "maj#4"),
    ("7b9sus", "b9sus"),
];

impl PartialEq for Chord {
    fn eq(&self, other: &Chord) -> bool {
        (self.root, self.bass, &self.intervals) == (other.root, other.bass, &other.intervals)
    }
}

impl Chord {
    /// Reads a root and a quality (a spelling of the table, or a base with changes), then perhaps `/` and a bass note.
    pub fn parse(text: &str) -> Result<Chord, TheoryError> {
        let (root, rest) = Note::prefix(text).ok_or_else(|| TheoryError {
            message: format!("expected a chord like Am7, found \"{text}\""),
            hint: Some("Am7".to_string()),
        })?;
        if let Some(read) = symbol::read(rest) {
            return Ok(Chord::of(root, read, rest));
        }
        // "B" before "b5" reads as B flat: take the flat back if the rest then makes sense.
        let natural = text.get(..1).and_then(|t| Note::parse(t).ok());
        if let Some(((read, root), rest)) = text.get(1..).and_then(symbol::read).zip(natural).zip(text.get(1..)) {
            return Ok(Chord::of(root, read, rest));
        }
        if let Some((quality, bass)) = rest.rsplit_once('/')
            && let (Some(read), Ok(bass)) = (symbol::read(quality), Note::parse(bass))
        {
            return Ok(Chord { bass: Some(bass), ..Chord::of(root, read, quality) });
        }
        let symbols = qualities::QUALITIES.iter().flat_map(|q| q.symbols.split(' '));
        let mut error = TheoryError::unknown("chord", rest, symbols.filter(|s| *s != "_"));
        error.message = format!("unknown chord \"{text}\"");
        error.hint = error.hint.map(|symbol| format!("{}{symbol}", root.name()));
        Err(error)
    }

    fn of(root: Note, read: symbol::Symbol, written: &str) -> Chord {
        let symbol::Symbol { quality, name, intervals } = read;
        Chord { root, quality, bass: None, written: written.to_string(), name, intervals }
    }

    fn on(root: Note, quality: &qualities::Quality) -> Chord {
        let read = symbol::of(quality);
        let written = read.quality.clone();
        Chord::of(root, read, &written)
    }

    /// The chord that these notes are, the first being its root and every other spelled from there.
    pub fn spelled(notes: &[Note]) -> Option<Chord> {
        Chord::matching(notes, |i| (i.steps.rem_euclid(7), i.semitones.rem_euclid(12)))
    }

    /// The first quality whose intervals on the first note are those of the others, seen through `like`.
    fn matching<T: Ord>(notes: &[Note], like: impl Fn(&Interval) -> T) -> Option<Chord> {
        let root = notes.first()?.class();
        let seen = |intervals: &mut dyn Iterator<Item = Interval>| {
            let mut all: Vec<T> = intervals.map(|i| like(&i)).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let wanted = seen(&mut notes.iter().map(|n| Interval::between(root, n.class())));
        let same = |q: &&qualities::Quality| seen(&mut symbol::intervals(q).into_iter()) == wanted;
        qualities::QUALITIES.iter().find(same).map(|quality| Chord::on(root, quality))
    }

    /// The chords these notes can be heard as, the lowest first: those spelled so before those that only sound so, and of
    /// each a root position before inversions.
    pub fn detect(notes: &[Note]) -> Vec<Chord> {
        let mut classes: Vec<Note> = Vec::new();
        for note in notes.iter().map(Note::class) {
            if classes.iter().all(|n| n.chroma() != note.chroma()) {
                classes.push(note);
            }
        }
        let turned = |root: usize| {
            let mut turned = classes.clone();
            turned.rotate_left(root);
            turned
        };
        let spelled = (0..classes.len()).filter_map(|root| Chord::spelled(&turned(root)));
        let sounding = (0..classes.len())
            .filter_map(|root| Chord::matching(&turned(root), |i: &Interval| i.semitones.rem_euclid(12)));
        let mut found: Vec<Chord> = Vec::new();
        for chord in spelled.chain(sounding) {
            let chord = chord.over(classes[0]);
            if !found.contains(&chord) {
                found.push(chord);
            }
        }
        found
    }

    /// The chord with another note at the bottom; its own root takes the slash away.
    pub fn over(self, bass: Note) -> Chord {
        let inverted = bass.chroma() != self.root.chroma();
        Chord { bass: inverted.then(|| bass.class()), ..self }
    }

    /// The chord with its n-th note at the bottom: 0 is root position.
    pub fn inversion(&self, n: usize) -> Chord {
        let count = self.intervals.len();
        let bass = self.root.transpose(self.intervals[n % count]);
        Chord { bass: None, ..self.clone() }.over(bass)
    }

    /// The chord an interval higher.
    pub fn transpose(&self, by: Interval) -> Chord {
        Chord { root: self.root.transpose(by), bass: self.bass.map(|b| b.transpose(by)), ..self.clone() }
    }

    /// Which of its notes is at the bottom: 0 the root, 1 the next; none where the bass is no note of the chord.
    pub fn inverted(&self) -> Option<usize> {
        let Some(bass) = self.bass else { return Some(0) };
        self.intervals.iter().position(|&i| self.root.transpose(i).chroma() == bass.chroma())
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

    /// The interval above the root on this letter, folded into an octave: its third, fifth or seventh.
    pub fn part(&self, steps: i32) -> Option<i32> {
        self.intervals.iter().find(|i| i.steps == steps).map(|i| i.semitones)
    }

    /// Root and the quality's usual spelling, with the bass after a slash.
    pub fn symbol(&self) -> String {
        self.with(&self.quality)
    }

    /// The symbol with the quality as it was written.
    pub fn as_written(&self) -> String {
        self.with(&self.written)
    }

    /// The symbol with the quality always said, as the field's libraries name what they detect: `CM`, `Cm/ma7`.
    pub fn formal(&self) -> String {
        let formal = FORMAL.iter().find(|(usual, _)| *usual == self.quality);
        self.with(formal.map_or(&self.quality, |(_, formal)| formal))
    }

    fn with(&self, quality: &str) -> String {
        let bass = self.bass.map(|b| format!("/{}", b.name())).unwrap_or_default();
        format!("{}{quality}{bass}", self.root.name())
    }

    /// The quality as it was written: empty for `C`.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// In words: `C minor seventh`, with the bass where it is not the root.
    pub fn name(&self) -> String {
        let bass = self.bass.map(|b| format!(" over {}", b.name())).unwrap_or_default();
        format!("{} {}{bass}", self.root.name(), self.name)
    }

    /// Every spelling of its quality.
    pub fn spellings(&self) -> Vec<&'static str> {
        let row = qualities::QUALITIES.iter().find(|q| symbol::intervals(q) == self.intervals);
        let all = row.map(|q| q.symbols.split(' ').map(|s| s.trim_start_matches('_')));
        all.map(Iterator::collect).unwrap_or_default()
    }
}

/// The names of all qualities and their usual spellings.
pub fn qualities() -> impl Iterator<Item = (&'static str, &'static str)> {
    let spelling = |q: &qualities::Quality| q.symbols.split(' ').next().unwrap_or_default().trim_start_matches('_');
    qualities::QUALITIES.iter().map(move |q| (spelling(q), q.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_table_parses_to_its_own_quality() {
        assert!(qualities::QUALITIES.len() >= 130);
        for quality in qualities::QUALITIES {
            for symbol in quality.symbols.split(' ') {
                // On B natural a flat at the beginning would be the root's.
                let root = if symbol.starts_with('b') { "C#" } else { "C" };
                let chord = Chord::parse(&format!("{root}{}", symbol.trim_start_matches('_'))).unwrap();
                let names: Vec<String> = chord.intervals.iter().map(Interval::name).collect();
                if !symbol.starts_with(['b', '#']) {
                    assert_eq!(names.join(" "), quality.intervals, "{symbol}");
                }
            }
        }
    }

    #[test]
    fn no_spelling_means_two_qualities() {
        let mut all: Vec<&str> = qualities::QUALITIES.iter().flat_map(|q| q.symbols.split(' ')).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_slash_names_the_bass() {
        let names = |t: &str| Chord::parse(t).unwrap().notes().iter().map(Note::name).collect::<Vec<_>>().join(" ");
        assert_eq!(names("Dm7/C"), "C D F A");
        assert_eq!(names("C/D"), "D C E G");
        assert_eq!(names("Bb6/9"), "Bb D F G C");
        assert_eq!(names("C7(b9)/E"), "E G Bb Db C");
    }

    #[test]
    fn the_notes_of_a_chord_are_that_chord_in_every_inversion() {
        for quality in qualities::QUALITIES {
            for root in ["C", "F#", "Bb"] {
                let chord = Chord::on(Note::parse(root).unwrap(), quality);
                for n in 0..chord.intervals.len() {
                    let inverted = chord.inversion(n);
                    assert_eq!(inverted.inverted(), Some(n), "{}", inverted.symbol());
                    let chroma = |c: &Chord| {
                        let mut all: Vec<i32> = c.notes().iter().map(Note::chroma).collect();
                        all.sort_unstable();
                        (c.root.chroma(), all)
                    };
                    let found = Chord::detect(&inverted.notes());
                    assert!(found.iter().any(|c| chroma(c) == chroma(&chord)), "{}: {found:?}", inverted.symbol());
                }
            }
        }
    }

    #[test]
    fn a_chord_spelled_so_is_found_before_one_that_only_sounds_so() {
        let first = |notes: &str| {
            let notes: Vec<Note> = notes.split(' ').map(|n| Note::parse(n).unwrap()).collect();
            Chord::detect(&notes).iter().map(Chord::formal).next().unwrap_or_default()
        };
        assert_eq!(first("E G C"), "CM/E");
        assert_eq!(first("Ab C Eb F#"), "AbGer6");
        assert_eq!(first("Ab C Eb Gb C5"), "Ab7");
        assert_eq!(first("C Eb G B"), "Cm/ma7");
        assert_eq!(first("C"), "");
    }

    #[test]
    fn a_symbol_is_kept_as_it_was_written() {
        let chord = Chord::parse("DbΔ9/F").unwrap();
        assert_eq!((chord.as_written().as_str(), chord.symbol().as_str()), ("DbΔ9/F", "Dbmaj9/F"));
        assert_eq!(chord.name(), "Db major ninth over F");
        assert_eq!(Chord::parse("CM7"), Chord::parse("C^7"));
    }

    #[test]
    fn an_unknown_chord_hints_at_a_known_one() {
        let error = Chord::parse("Cmaj77").unwrap_err();
        assert_eq!((error.message.as_str(), error.hint.as_deref()), ("unknown chord \"Cmaj77\"", Some("Cmaj7")));
        assert!(Chord::parse("").is_err() && Chord::parse("é").is_err());
    }
}

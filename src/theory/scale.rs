//! Scales: a tonic and the intervals above it; degrees to notes and notes to degrees.

use super::{Chord, Interval, Note, TheoryError, scales};

/// A scale on a tonic. Step 0 is the tonic (in octave 3 if none is written), step 7 of a seven-note scale the octave.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub tonic: Note,
    pub name: &'static str,
    intervals: Vec<Interval>,
}

/// A scale degree, perhaps altered: `2#` is a semitone above step 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Degree {
    pub step: i64,
    pub alteration: i32,
}

/// Steps further from the tonic than this (eight octaves of twelve notes) are not heard.
const FARTHEST: i64 = 96;

impl Scale {
    /// Reads `A1:minor`, `C4:bebop:major`, `D4 dorian`, `F# lydian`, or `minor` alone (on C).
    pub fn parse(text: &str) -> Result<Scale, TheoryError> {
        let words: Vec<&str> = text.split([':', ' ']).filter(|w| !w.is_empty()).collect();
        let (tonic, rest) = match words.split_first() {
            Some((first, rest)) if !rest.is_empty() && Note::parse(first).is_ok() => (Note::parse(first)?, rest),
            Some((first, [])) if Note::parse(first).is_ok() => {
                return Err(TheoryError {
                    message: format!("expected a scale after the tonic \"{first}\", found nothing"),
                    hint: Some(format!("{first}:major")),
                });
            }
            _ => (Note { letter: 0, alteration: 0, octave: None }, &words[..]),
        };
        Scale::on(tonic, &rest.join(" "))
    }

    /// The scale of a name on a tonic.
    pub fn on(tonic: Note, name: &str) -> Result<Scale, TheoryError> {
        let wanted = squash(name);
        let found = scales::SCALES.iter().find(|s| names_of(s).any(|n| squash(n) == wanted));
        let kind = found.ok_or_else(|| TheoryError::unknown("scale", name, names()))?;
        let intervals = kind.intervals.split(' ').filter_map(|i| Interval::parse(i).ok()).collect();
        Ok(Scale { tonic, name: kind.name, intervals })
    }

    /// The intervals above the tonic, ascending.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// The notes of one octave, in the tonic's octave if it has one.
    pub fn notes(&self) -> Vec<Note> {
        self.intervals.iter().map(|&i| self.tonic.transpose(i)).collect()
    }

    /// The note at a step: any integer, counted from 0 at the tonic, on through the octaves both ways.
    pub fn step(&self, step: i64) -> Note {
        let count = self.intervals.len() as i64;
        let step = step.clamp(-FARTHEST, FARTHEST);
        let octaves = step.div_euclid(count) as i32;
        let within = self.intervals[step.rem_euclid(count) as usize];
        let home = self.tonic.at(self.tonic.octave.unwrap_or(super::note::DEFAULT_OCTAVE));
        home.transpose(within + Interval { steps: 7 * octaves, semitones: 12 * octaves })
    }

    /// The note at a step between two: fractions round up, as in Strudel.
    pub fn step_up(&self, step: f64) -> Note {
        self.step(step.ceil() as i64)
    }

    /// The note of an altered degree; a sharp keeps the letter.
    pub fn degree(&self, degree: Degree) -> Note {
        let note = self.step(degree.step);
        Note { alteration: note.alteration + degree.alteration, ..note }
    }

    /// The step whose note is nearest in pitch; between two, the upper.
    pub fn nearest_step(&self, midi: f64) -> i64 {
        let midi = if midi.is_finite() { midi.clamp(-1e3, 1e3) } else { f64::from(self.step(0).midi()) };
        let count = self.intervals.len() as i64;
        let octave = ((midi - f64::from(self.step(0).midi())) / 12.0).floor() as i64;
        let far = |step: i64| (f64::from(self.step(step).midi()) - midi).abs();
        let first = octave * count;
        (first..=first + count).fold(first, |best, step| if far(step) <= far(best) { step } else { best })
    }

    /// The nearest note of the scale.
    pub fn snap(&self, note: Note) -> Note {
        self.step(self.nearest_step(f64::from(note.midi())))
    }

    /// Moves a note by steps of the scale.
    pub fn shift(&self, note: Note, steps: i64) -> Note {
        self.step(self.nearest_step(f64::from(note.midi())).saturating_add(steps))
    }

    /// The scale of another mode with the same notes: C major as dorian starts on D.
    pub fn relative(&self, mode: &str) -> Result<Scale, TheoryError> {
        let chromas = |s: &Scale| {
            let mut all: Vec<i32> = s.notes().iter().map(Note::chroma).collect();
            all.sort_unstable();
            all
        };
        let mine = chromas(self);
        for tonic in self.notes() {
            let other = Scale::on(tonic.class(), mode)?;
            if chromas(&other) == mine {
                return Ok(other);
            }
        }
        let scale = Scale::on(self.tonic, mode)?;
        Err(TheoryError {
            message: format!("expected a mode of {} {}, found {mode}", self.tonic, self.name),
            hint: Some(format!("{} {}", scale.tonic, scale.name)),
        })
    }

    /// The scales that begin on its other notes and have a name, itself first.
    pub fn modes(&self) -> Vec<Scale> {
        let turned = |from: usize| {
            let mut notes = self.notes();
            notes.rotate_left(from);
            notes
        };
        (0..self.intervals.len()).filter_map(|from| Scale::spelled(&turned(from)).into_iter().next()).collect()
    }

    /// The scales of just these notes, the first being the tonic.
    fn spelled(notes: &[Note]) -> Vec<Scale> {
        let Some(tonic) = notes.first().map(Note::class) else { return Vec::new() };
        let wanted = chromas_above(tonic, notes);
        let kinds = scales::SCALES.iter().filter_map(|kind| Scale::on(tonic, kind.name).ok());
        kinds.filter(|scale| chromas_above(tonic, &scale.notes()) == wanted).collect()
    }

    /// The scales on a tonic that have these notes: just these first, then those with more, the fewest first.
    pub fn detect(notes: &[Note], tonic: Note) -> Vec<Scale> {
        let wanted = chromas_above(tonic, notes);
        let kinds = scales::SCALES.iter().filter_map(|kind| Scale::on(tonic.class(), kind.name).ok());
        let has = |scale: &Scale| {
            let own = chromas_above(tonic, &scale.notes());
            wanted.iter().all(|chroma| own.contains(chroma))
        };
        let mut found: Vec<Scale> = kinds.filter(has).collect();
        found.sort_by_key(|scale| scale.intervals.len());
        found
    }

    /// Chords of so many thirds piled on each note; none where the pile has no name.
    pub fn stacks(&self, size: usize) -> Vec<Option<Chord>> {
        let notes = self.notes();
        let count = notes.len();
        let pile = |from: usize| (0..size).map(|k| notes[(from + 2 * k) % count]).collect::<Vec<_>>();
        (0..count).map(|from| Chord::spelled(&pile(from))).collect()
    }

    /// Every name it goes by, the usual one first.
    pub fn names(&self) -> Vec<&'static str> {
        let kind = scales::SCALES.iter().find(|s| s.name == self.name);
        kind.map(|kind| names_of(kind).collect()).unwrap_or_default()
    }
}

impl Degree {
    /// Reads `2`, `-3`, `2#`, `4b`, `1##`; fractions round up.
    pub fn parse(text: &str) -> Result<Degree, TheoryError> {
        let number = text.trim_end_matches(['#', 'b', 's', 'f']);
        let signs = &text[number.len()..];
        let step = number.parse::<f64>().ok().filter(|s| s.is_finite() && signs.len() <= 4);
        let step = step.ok_or_else(|| TheoryError {
            message: format!("expected a scale degree like 2 or 4b, found \"{text}\""),
            hint: Some("0".to_string()),
        })?;
        let alteration = signs.chars().map(|c| if c == '#' || c == 's' { 1 } else { -1 }).sum();
        Ok(Degree { step: step.ceil() as i64, alteration })
    }
}

/// Semitones above a tonic, sorted, each once.
fn chromas_above(tonic: Note, notes: &[Note]) -> Vec<i32> {
    let mut all: Vec<i32> = notes.iter().map(|n| (n.chroma() - tonic.chroma()).rem_euclid(12)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Every scale's first name, in the table's order.
pub fn names() -> impl Iterator<Item = &'static str> {
    scales::SCALES.iter().map(|s| s.name)
}

fn names_of(kind: &scales::ScaleType) -> impl Iterator<Item = &'static str> {
    std::iter::once(kind.name).chain(kind.aliases.split(", ").filter(|a| !a.is_empty()))
}

/// Case, spaces and hyphens do not count: `harmonicMinor`, `harmonic minor` and `Harmonic:Minor` are one.
fn squash(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_ascends_from_its_tonic_and_stays_within_the_octave() {
        assert!(scales::SCALES.len() >= 100);
        for kind in scales::SCALES {
            let scale = Scale::on(Note::parse("c3").unwrap(), kind.name).unwrap();
            assert_eq!(scale.intervals.len(), kind.intervals.split(' ').count(), "{}", kind.name);
            let semitones: Vec<i32> = scale.intervals.iter().map(|i| i.semitones).collect();
            assert_eq!(semitones[0], 0);
            assert!(semitones.windows(2).all(|w| w[0] < w[1]) && semitones.iter().all(|&s| s < 12), "{}", kind.name);
        }
    }

    #[test]
    fn no_name_means_two_scales() {
        let mut all: Vec<String> = scales::SCALES.iter().flat_map(names_of).map(squash).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_scale_of_seven_notes_names_each_letter_once() {
        for kind in scales::SCALES.iter().filter(|kind| kind.intervals.split(' ').count() == 7) {
            // What is not made of one note to a letter is spelled as the field spells it.
            if ["enigmatic", "flamenco", "augmented heptatonic"].contains(&kind.name) {
                continue;
            }
            let mut steps: Vec<i32> = kind.intervals.split(' ').map(|i| Interval::parse(i).unwrap().steps).collect();
            steps.dedup();
            assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6], "{}", kind.name);
        }
    }

    #[test]
    fn notes_are_the_scale_they_make_and_lie_in_larger_ones() {
        let notes = |text: &str| text.split(' ').map(|n| Note::parse(n).unwrap()).collect::<Vec<_>>();
        let found = Scale::detect(&notes("C D E G A"), Note::parse("C").unwrap());
        assert_eq!(found[0].name, "major pentatonic");
        assert!(found.iter().any(|s| s.name == "lydian") && found.iter().all(|s| s.name != "minor"));
        for kind in scales::SCALES {
            let scale = Scale::on(Note::parse("Eb").unwrap(), kind.name).unwrap();
            let found = Scale::detect(&scale.notes(), scale.tonic);
            assert_eq!(chromas_above(scale.tonic, &found[0].notes()), chromas_above(scale.tonic, &scale.notes()));
        }
        let modes = Scale::parse("C:major").unwrap().modes();
        let names: Vec<&str> = modes.iter().map(|m| m.name).collect();
        assert_eq!(names, ["major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian"]);
    }

    #[test]
    fn degrees_are_altered_and_fractions_round_up() {
        let scale = Scale::parse("C:major").unwrap();
        let at = |t: &str| scale.degree(Degree::parse(t).unwrap()).midi();
        assert_eq!([at("0"), at("2#"), at("4b"), at("1.5"), at("2.2"), at("-7")], [48, 53, 54, 52, 53, 36]);
        assert!(Degree::parse("x").is_err() && Degree::parse("").is_err());
    }

    #[test]
    fn snapping_goes_to_the_nearest_and_up_between_two() {
        let scale = Scale::parse("C:major").unwrap();
        let names: Vec<String> =
            ["c3", "c#3", "d3", "f#3", "b7"].iter().map(|n| scale.snap(Note::parse(n).unwrap()).name()).collect();
        assert_eq!(names, ["C3", "D3", "D3", "G3", "B7"]);
        assert_eq!(scale.nearest_step(f64::NAN), 0);
        assert_eq!(scale.nearest_step(1e300), scale.nearest_step(f64::MAX));
    }

    #[test]
    fn a_tonic_alone_asks_for_a_scale() {
        assert_eq!(Scale::parse("A1").unwrap_err().hint.as_deref(), Some("A1:major"));
        assert_eq!(Scale::parse("harmonicMinor").unwrap().name, "harmonic minor");
    }
}

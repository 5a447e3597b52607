//! Chords in the notation of notes, as Tidal writes them: `c'maj7'ii`, `e4'min7'5`, `a'm7'o`, `g'dom7'd1`.
//!
//! After the root stand the name of the chord (`maj` if there is none) and, in any order, how many notes (`5`), inversions (`i`,
//! `ii`), open position (`o`: the first and third notes an octave down), and the n-th note from the top an octave down (`d1`).

use crate::pattern::{Value, read_number};
use crate::theory::{Chord, Note};

/// The most notes of a chord.
const MOST: usize = 24;

/// Names of Tidal that harmony writes otherwise.
const NAMES: &[(&str, &str)] = &[
    ("major", "maj"),
    ("minor", "m"),
    ("min", "m"),
    ("plus", "aug"),
    ("sharp5", "aug"),
    ("diminished", "dim"),
    ("six", "6"),
    ("sixNine", "69"),
    ("six9", "69"),
    ("sixby9", "69"),
    ("6by9", "69"),
    ("dom7", "7"),
    ("dom9", "9"),
    ("dom11", "11"),
    ("dom13", "13"),
    ("nine", "9"),
    ("eleven", "11"),
    ("thirteen", "13"),
    ("five", "5"),
    ("sevenFlat5", "7b5"),
    ("7f5", "7b5"),
    ("sevenSharp5", "7#5"),
    ("7s5", "7#5"),
    ("sevenFlat9", "7b9"),
    ("7f9", "7b9"),
    ("sevenSus4", "7sus4"),
    ("nineSus4", "9sus4"),
    ("m7flat5", "m7b5"),
    ("m7f5", "m7b5"),
    ("minMaj7", "mM7"),
    ("minorMajor7", "mM7"),
    ("mmaj7", "mM7"),
    ("add9", "Madd9"),
    ("minor7flat5", "m7b5"),
];

/// The notes of a word such as `c'maj7'ii`; else what was expected, and perhaps the word that was meant.
pub fn notes(word: &str) -> Result<Vec<Value>, (String, Option<String>)> {
    let mut parts = word.split('\'');
    let root = parts.next().unwrap_or_default();
    let number = read_number(root);
    let note = match number {
        Some(_) => Note::from_midi(48),
        None => Note::parse(root).map_err(|error| (error.message, Some(word.replacen(root, "c", 1))))?,
    };
    let base = note.at(note.octave.unwrap_or(3));
    let mut parts = parts.peekable();
    let name = parts.next_if(|part| modifier(part).is_none() || named(base, part).is_ok()).unwrap_or("maj");
    let chord = named(base, if name.is_empty() { "maj" } else { name }).map_err(|hint| {
        (format!("a chord expected after `{root}'`, found `{name}`"), hint.map(|h| format!("{root}'{h}")))
    })?;
    let mut notes: Vec<Note> = chord.intervals().iter().map(|interval| base.transpose(*interval)).collect();
    for part in parts {
        let change = modifier(part).ok_or_else(|| {
            let message = format!("a number of notes, i, o or d1 expected in `{word}`, found `{part}`");
            (message, Some(format!("{root}'{name}'i")))
        })?;
        apply(&mut notes, change);
    }
    let value = |note: &Note| match number {
        Some(number) => Value::Number(number + f64::from(note.midi() - base.midi())),
        None => Value::text(&note.simplify().name()),
    };
    Ok(notes.iter().map(value).collect())
}

/// The chord of a name on a note; else the name that may have been meant.
fn named(base: Note, name: &str) -> Result<Chord, Option<String>> {
    let root = base.class().name();
    let plain = NAMES.iter().find(|(tidal, _)| *tidal == name).map_or(name, |(_, plain)| plain);
    // major7 and minor9 are written as maj7 and m9.
    let written = match (plain.strip_prefix("major"), plain.strip_prefix("minor").or(plain.strip_prefix("min"))) {
        (Some(rest), _) => format!("maj{rest}"),
        (_, Some(rest)) => format!("m{rest}"),
        _ => plain.to_string(),
    };
    Chord::parse(&format!("{root}{written}")).map_err(|error| {
        let hint = error.hint?;
        hint.strip_prefix(&root).filter(|h| !h.is_empty() && !h.contains(['/', ' '])).map(str::to_string)
    })
}

#[derive(Clone, Copy)]
enum Change {
    Count(usize),
    Invert(usize),
    Open,
    Drop(usize),
}

fn modifier(part: &str) -> Option<Change> {
    if !part.is_empty() && part.len() <= MOST && part.chars().all(|c| c == 'i') {
        return Some(Change::Invert(part.len()));
    }
    if part == "o" {
        return Some(Change::Open);
    }
    let count = |digits: &str| digits.parse::<usize>().ok().filter(|n| (1..=MOST).contains(n));
    match part.strip_prefix('d') {
        Some(digits) => count(digits).map(Change::Drop),
        None => count(part).map(Change::Count),
    }
}

fn apply(notes: &mut Vec<Note>, change: Change) {
    let moved = |note: Note, octaves: i32| note.at(note.octave.unwrap_or(3) + octaves);
    match change {
        Change::Count(n) => {
            let given = notes.clone();
            *notes = (0..n).map(|i| moved(given[i % given.len()], (i / given.len()) as i32)).collect();
        }
        Change::Invert(times) => {
            for _ in 0..times {
                let lowest = notes.remove(0);
                notes.push(moved(lowest, 1));
            }
        }
        Change::Open if notes.len() > 2 => {
            let (first, third) = (moved(notes[0], -1), moved(notes[2], -1));
            notes.remove(2);
            notes.splice(0..1, [first, third]);
        }
        Change::Drop(n) if n <= notes.len() => {
            let dropped = notes.remove(notes.len() - n);
            notes.insert(0, moved(dropped, -1));
        }
        Change::Open | Change::Drop(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn midi(word: &str) -> Vec<i32> {
        let notes = notes(word).unwrap_or_else(|(message, _)| panic!("{word}: {message}"));
        notes.iter().map(|note| note.numeral().or(note.number()).map_or(-1, |n| n as i32)).collect()
    }

    #[test]
    fn chords_have_a_number_of_notes_inversions_open_and_dropped_positions() {
        assert_eq!(midi("c'maj"), [48, 52, 55]);
        assert_eq!(midi("e'min"), [52, 55, 59]);
        assert_eq!(midi("c4'maj7'ii"), [67, 71, 72, 76]);
        assert_eq!(midi("c'maj'5"), [48, 52, 55, 60, 64]);
        assert_eq!(midi("a'm7'o"), [45, 52, 60, 67]);
        assert_eq!(midi("c'dom7'd1"), [46, 48, 52, 55]);
        assert_eq!(midi("c'maj'i'o"), [40, 48, 55]);
        assert_eq!(midi("60'minor7"), [60, 63, 67, 70]);
        assert_eq!(midi("c'6"), [48, 52, 55, 57]);
        assert_eq!(midi("c'i"), [52, 55, 60]);
    }

    #[test]
    fn what_is_no_chord_is_refused_with_what_was_expected() {
        let (message, hint) = notes("c'mja7").unwrap_err();
        assert!(message.contains("expected") && hint.is_some(), "{message} {hint:?}");
        for word in ["h'maj", "c'maj'x", "c'maj'0", "c'maj'd99"] {
            assert!(notes(word).unwrap_err().0.contains("expected"), "{word}");
        }
    }
}

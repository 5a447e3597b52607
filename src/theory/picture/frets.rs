//! A guitar's neck in standard tuning, the highest string above.

use crate::theory::fretboard::{STRINGS, Shape};
use crate::theory::{Chord, Note};

/// The strings, lowest first.
pub const NAMES: [&str; 6] = ["E", "A", "D", "G", "B", "e"];
/// The last fret of a whole neck.
pub const LAST: i32 = 12;

/// How a hand holds a chord, with the names of its notes.
pub fn shape(chord: &Chord, shape: &Shape) -> String {
    let pressed = || shape.0.iter().flatten().copied().filter(|fret| *fret > 0);
    let (low, high) = (pressed().min().unwrap_or(1), pressed().max().unwrap_or(1));
    let first = if high <= 4 { 1 } else { low };
    let spelled = chord.notes();
    let name = |midi: i32| named(&spelled, midi);
    let mut rows: Vec<String> = (0..6)
        .rev()
        .map(|string| {
            let sounds = |fret: i32| (shape.0[string] == Some(fret)).then(|| name(STRINGS[string] + fret));
            let open = if shape.0[string].is_none() { "x".to_string() } else { sounds(0).unwrap_or_default() };
            row(string, &open, first..first + 4, sounds)
        })
        .collect();
    rows.push(numbers(first..first + 4));
    rows.join("\n")
}

/// A note's name as a chord spells it.
pub fn named(spelled: &[Note], midi: i32) -> String {
    let own = spelled.iter().find(|n| n.chroma() == midi.rem_euclid(12));
    own.copied().unwrap_or(Note::from_midi(midi).class()).class().name()
}

/// Where notes lie up to the twelfth fret.
pub fn neck(notes: &[Note]) -> String {
    let name = |midi: i32| notes.iter().find(|n| n.chroma() == midi.rem_euclid(12)).map(|n| n.class().name());
    let mut rows: Vec<String> = (0..6)
        .rev()
        .map(|string| {
            let open = name(STRINGS[string]).unwrap_or_default();
            row(string, &open, 1..LAST + 1, |fret| name(STRINGS[string] + fret))
        })
        .collect();
    rows.push(numbers(1..LAST + 1));
    rows.join("\n")
}

/// A string with what sounds on it.
fn row(string: usize, open: &str, frets: std::ops::Range<i32>, sounds: impl Fn(i32) -> Option<String>) -> String {
    let spaces = frets.map(|fret| format!("{:─^4}|", sounds(fret).unwrap_or_default()));
    format!("{} {open:>2}|{}", NAMES[string], spaces.collect::<String>())
}

fn numbers(frets: std::ops::Range<i32>) -> String {
    let each = frets.map(|fret| format!("{fret:^5}"));
    format!("    {}", each.collect::<String>()).trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_is_drawn_as_a_hand_holds_it() {
        let expected = "\
e  E|────|────|────|────|
B   |─C──|────|────|────|
G  G|────|────|────|────|
D   |────|─E──|────|────|
A   |────|────|─C──|────|
E  x|────|────|────|────|
      1    2    3    4";
        let chord = Chord::parse("C").unwrap();
        assert_eq!(shape(&chord, &Shape::of(&chord).unwrap()), expected);
    }

    #[test]
    fn a_neck_shows_every_place_of_a_note_within_80_columns() {
        let text = neck(&[Note::parse("E").unwrap()]);
        assert_eq!(text.matches("─E──").count(), 5 + 1);
        assert!(text.lines().all(|line| line.chars().count() <= 80));
    }
}

//! Pictures in sentences: what is to be seen, from left to right, from low to high, around from the top.

use super::{Picture, frets, ladder, rising};
use crate::theory::fretboard::{STRINGS, Shape};
use crate::theory::{Chord, Interval, Key, Note, Scale};

pub fn spoken(picture: &Picture) -> String {
    match picture {
        Picture::Keys(notes) => keys(notes),
        Picture::Hand(chord, shape) => hand(chord, shape),
        Picture::Neck(notes) => neck(notes),
        Picture::Staff(chords, key) => staff(chords, key.as_ref()),
        Picture::Circle(key) => circle(key.as_ref()),
        Picture::Wheel(scale) => wheel(scale),
        Picture::Necklace(steps) => necklace(steps),
        Picture::Ladder(notes) => rungs(notes),
    }
}

fn half_steps(count: i32) -> String {
    format!("{count} half step{}", if count == 1 { "" } else { "s" })
}

fn keys(notes: &[Note]) -> String {
    if notes.is_empty() {
        return "piano keys: none is pressed".into();
    }
    let notes = if notes.iter().all(|note| note.octave.is_some()) { rising(notes) } else { notes.to_vec() };
    let mut told = Vec::new();
    for (i, note) in notes.iter().enumerate() {
        let colour = if matches!(note.chroma(), 1 | 3 | 6 | 8 | 10) { "black" } else { "white" };
        let way = match i.checked_sub(1).map(|before| notes[before]) {
            Some(before) if note.octave.is_some() => note.midi() - before.midi(),
            Some(before) => (note.chroma() - before.chroma()).rem_euclid(12),
            None => 0,
        };
        let way = if i == 0 { String::new() } else { format!(", {} up", half_steps(way)) };
        told.push(format!("{}, {colour}{way}", note.name()));
    }
    format!("piano keys, from the left: {}", told.join("; "))
}

/// Strings are named by their notes; the two E strings differ by their height.
fn string(number: usize) -> &'static str {
    ["low E", "A", "D", "G", "B", "high E"][number.min(5)]
}

fn hand(chord: &Chord, shape: &Shape) -> String {
    let spelled = chord.notes();
    let each = (0..6).map(|s| match shape.0[s] {
        None => format!("{} string silent", string(s)),
        Some(0) => format!("{} string open, {}", string(s), frets::named(&spelled, STRINGS[s])),
        Some(fret) => format!("{} string fret {fret}, {}", string(s), frets::named(&spelled, STRINGS[s] + fret)),
    });
    format!("{} on a guitar, lowest string first: {}", chord.as_written(), each.collect::<Vec<_>>().join("; "))
}

fn neck(notes: &[Note]) -> String {
    let on = |s: usize| {
        let sounds = |fret: i32| {
            let midi = STRINGS[s] + fret;
            let found = notes.iter().find(|n| n.chroma() == midi.rem_euclid(12))?;
            let place = if fret == 0 { "open".to_string() } else { format!("fret {fret}") };
            Some(format!("{place} {}", found.class().name()))
        };
        let all: Vec<String> = (0..=frets::LAST).filter_map(sounds).collect();
        format!("{} string: {}", string(s), if all.is_empty() { "none".into() } else { all.join(", ") })
    };
    format!("on a guitar, lowest string first\n{}", (0..6).map(on).collect::<Vec<_>>().join("\n"))
}

/// Where a note stands, as a reader of scores says it.
fn place(note: &Note) -> String {
    let step = i32::from(note.letter) + 7 * note.octave.unwrap_or(4);
    // Middle C and above belong to the treble staff, whose lowest line is E4; the bass staff's is G2.
    let (staff, base) = if step >= 28 { ("treble", 30) } else { ("bass", 18) };
    let from = step - base;
    match from {
        0..=8 if from % 2 == 0 => format!("line {} of the {staff} staff", from / 2 + 1),
        0..=8 => format!("space {} of the {staff} staff", from / 2 + 1),
        9 => format!("above the {staff} staff"),
        -1 => format!("below the {staff} staff"),
        10.. if from % 2 == 0 => format!("ledger line {} above the {staff} staff", (from - 8) / 2),
        10.. => format!("above ledger line {} above the {staff} staff", (from - 8) / 2),
        _ if from % 2 == 0 => format!("ledger line {} below the {staff} staff", -from / 2),
        _ => format!("below ledger line {} below the {staff} staff", -from / 2),
    }
}

fn signature(key: &Key) -> String {
    let altered: Vec<String> = key.altered().iter().map(Note::name).collect();
    match key.signature() {
        0 => format!("{}: no sharps or flats", key.name()),
        n => {
            let kind = if n > 0 { "sharp" } else { "flat" };
            let plural = if n.abs() == 1 { "" } else { "s" };
            format!("{}: {} {kind}{plural}, {}", key.name(), n.abs(), altered.join(" "))
        }
    }
}

fn staff(chords: &[Vec<Note>], key: Option<&Key>) -> String {
    let mut lines: Vec<String> = key.map(signature).into_iter().collect();
    for (i, chord) in chords.iter().enumerate() {
        let placed: Vec<Note> = chord.iter().map(|n| n.at(n.octave.unwrap_or(4))).collect();
        let each: Vec<String> = rising(&placed).iter().map(|n| format!("{} on {}", n.name(), place(n))).collect();
        let each = each.join("; ").replace("on above", "above").replace("on below", "below");
        lines.push(format!("{}: {each}", i + 1));
    }
    format!("on the staff\n{}", lines.join("\n"))
}

fn circle(key: Option<&Key>) -> String {
    let Some(key) = key else {
        let c = Note { letter: 0, alteration: 0, octave: None };
        let all: Vec<String> = (0..12).map(|i| c.fifths(if i > 6 { i - 12 } else { i }).name()).collect();
        return format!("the circle of fifths, clockwise from the top: {}", all.join(", "));
    };
    let at = |fifths: i32| Key { tonic: key.tonic.fifths(fifths), minor: key.minor }.name();
    format!(
        "{}; a fifth up: {}; a fifth down: {}; relative: {}; parallel: {}",
        signature(key),
        at(1),
        at(-1),
        key.relative().name(),
        key.parallel().name()
    )
}

fn wheel(scale: &Scale) -> String {
    let notes = scale.notes();
    let mut told: Vec<String> = notes.first().map(|first| first.class().name()).into_iter().collect();
    for (i, note) in notes.iter().enumerate() {
        let next = notes[(i + 1) % notes.len()];
        let way = (next.chroma() - note.chroma() - 1).rem_euclid(12) + 1;
        told.push(format!("{} up {}", half_steps(way), next.class().name()));
    }
    format!("{} {}: {}", scale.tonic.class(), scale.name, told.join(", "))
}

fn necklace(steps: &[bool]) -> String {
    let sounding: Vec<String> =
        steps.iter().enumerate().filter(|(_, sounds)| **sounds).map(|(i, _)| (i + 1).to_string()).collect();
    match &sounding[..] {
        [] => format!("{} steps, none sounds", steps.len()),
        all => format!("{} steps in a ring; these sound: {}", steps.len(), all.join(", ")),
    }
}

fn rungs(notes: &[Note]) -> String {
    let told = |rung: &ladder::Rung| {
        let words = |interval: &Interval| interval.words();
        match (&rung.step, &rung.above) {
            (Some(step), Some(above)) if step != above => {
                format!("{}, {} above that, {} above the lowest", rung.note.name(), words(step), words(above))
            }
            (Some(step), _) => {
                format!("{}, {} above that, {}", rung.note.name(), words(step), half_steps(step.semitones))
            }
            _ => rung.note.name(),
        }
    };
    format!("from the bottom: {}", ladder::rungs(notes).iter().map(told).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> Vec<Note> {
        text.split(' ').map(|n| Note::parse(n).unwrap()).collect()
    }

    #[test]
    fn keys_and_ladders_are_told_with_the_way_between_notes() {
        assert_eq!(
            keys(&notes("C4 Eb4 G4")),
            "piano keys, from the left: C4, white; Eb4, black, 3 half steps up; G4, white, 4 half steps up"
        );
        assert_eq!(rungs(&notes("C4 G4")), "from the bottom: C4; G4, perfect fifth above that, 7 half steps");
    }

    #[test]
    fn a_note_s_place_on_the_staff_is_told_as_readers_say_it() {
        for (note, expected) in [
            ("G4", "line 2 of the treble staff"),
            ("C4", "ledger line 1 below the treble staff"),
            ("B3", "above the bass staff"),
            ("A5", "ledger line 1 above the treble staff"),
            ("C2", "ledger line 2 below the bass staff"),
        ] {
            assert_eq!(place(&Note::parse(note).unwrap()), expected, "{note}");
        }
        let key = Key::parse("D major").unwrap();
        assert!(staff(&[notes("F#4")], Some(&key)).contains("D major: 2 sharps, F# C#\n1: F#4 on space 1"));
    }

    #[test]
    fn a_hand_a_wheel_and_a_necklace_are_told_in_order() {
        let chord = Chord::parse("C").unwrap();
        let told = hand(&chord, &Shape::of(&chord).unwrap());
        assert!(
            told.contains("low E string silent; A string fret 3, C; D string fret 2, E; G string open, G"),
            "{told}"
        );
        assert!(wheel(&Scale::parse("C major").unwrap()).ends_with("2 half steps up B, 1 half step up C"));
        assert_eq!(necklace(&[true, false, false, true]), "4 steps in a ring; these sound: 1, 4");
        assert!(circle(Key::parse("A minor").ok().as_ref()).contains("relative: C major"));
    }
}

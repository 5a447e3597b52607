//! Explanations of a note, an interval, a scale, a chord and a key.

use super::{Explanation, listed, names};
use crate::theory::reading::{Function, Source};
use crate::theory::{Chord, Interval, Key, Note, Scale};

/// The names of the degrees of a key, the seventh of major first, that of natural minor last.
const DEGREES: [&str; 7] = ["tonic", "supertonic", "mediant", "subdominant", "dominant", "submediant", "leading tone"];

/// A note: where it sounds, its other name, and in a key what it is and where it wants to go.
pub fn note(note: Note, key: Option<&Key>) -> Explanation {
    let mut said = Explanation::new(match note.octave {
        Some(_) => format!("{note}: MIDI {}, {:.2} Hz in equal temperament", note.midi(), note.freq()),
        None => format!("{note}: a pitch class, the note {note} in any octave"),
    });
    let other = note.enharmonic();
    if other.name() != note.name() {
        said.say(format!("on the piano the same key as {other}; which name is right depends on where it leads"))
            .term("enharmonic");
    }
    if let Some(key) = key {
        in_key(&mut said, note, key);
    }
    said
}

/// What a note is in a key.
fn in_key(said: &mut Explanation, note: Note, key: &Key) {
    let interval = Interval::between(key.tonic.class(), note.class());
    let (degree, name) = (interval.steps as usize % 7, key.name());
    let home = key.notes().iter().any(|n| n.name() == note.class().name());
    let raised = key.minor && interval.semitones == 11;
    let called = match (degree, interval.semitones) {
        (6, 10) => "subtonic",
        (6, 11) => "leading tone",
        _ => DEGREES[degree],
    };
    if !home && !raised {
        let scale = key.notes()[degree];
        let way = if note.alteration > scale.alteration { "raised" } else { "lowered" };
        said.say(format!("in {name} it is a stranger: the {way} {called}, {scale} being the key's own"))
            .term("chromatic note");
        return;
    }
    said.say(format!("in {name} it is degree {}, the {called}", degree + 1)).term("scale degrees").notes(&[note]);
    let to = |step: usize| key.notes()[step % 7];
    let wants = match (degree, interval.semitones) {
        (0, _) => "home: it rests".to_string(),
        (2, _) | (4, _) => "stable: it belongs to the tonic chord".to_string(),
        (6, 11) => format!("restless: a semitone below {}, it wants to rise there", to(7)),
        (3, _) => format!("inclined to fall to {}", to(2)),
        (5, 8) => format!("inclined to fall by a semitone to {}", to(4)),
        (1, _) => format!("on the way: to {} or {}", to(0), to(2)),
        _ => format!("on the way to {}", to(4)),
    };
    said.say(wants).term("tendency tones");
}

/// How an interval sounds, by its size within an octave.
fn sound(interval: Interval) -> (&'static str, &'static str) {
    match interval.semitones.abs() % 12 {
        0 => ("a perfect consonance: the voices blend into one", "perfect consonance"),
        7 => ("a perfect consonance: open and stable", "perfect consonance"),
        5 => ("stable between upper voices, but it wants to resolve above the bass", "perfect fourth"),
        3 | 4 | 8 | 9 => ("an imperfect consonance: sweet, and free to move", "imperfect consonance"),
        6 => ("the tritone, restless: half an octave", "tritone"),
        2 | 10 => ("a mild dissonance", "dissonance"),
        _ => ("a sharp dissonance", "dissonance"),
    }
}

/// An interval: its size, how it sounds, what it becomes upside down, and where it resolves.
pub fn interval(interval: Interval) -> Explanation {
    let count = interval.semitones.abs();
    let plural = if count == 1 { "" } else { "s" };
    let mut said = Explanation::new(format!("{}: {}, {count} semitone{plural}", interval.name(), interval.words()));
    let from = Note { letter: 0, alteration: 0, octave: Some(4) };
    let to = from.transpose(interval);
    said.say(format!("from {from} it leads to {to}")).notes(&[from, to]);
    let (text, term) = sound(interval);
    said.say(text).term(term);
    if interval.is_compound() {
        said.say(format!("wider than an octave: within one it is a {}", interval.simple().words()))
            .term("compound interval");
    }
    let inverted = interval.simple().invert();
    said.say(format!("upside down it is a {} ({})", inverted.words(), inverted.name())).term("inversion of intervals");
    match (interval.steps.abs() % 7, count % 12) {
        (3, 6) => said.say("augmented: its notes want to move apart, to a sixth").term("resolution of the tritone"),
        (4, 6) => said.say("diminished: its notes want to move together, to a third").term("resolution of the tritone"),
        (6, 10 | 11) => {
            said.say("as a seventh, its upper note wants to fall by step").term("resolution of the seventh")
        }
        _ => return said,
    };
    said
}

/// A scale: its notes and steps, how it differs from major or minor, its chords and its relatives.
pub fn scale(scale: &Scale) -> Explanation {
    let mut said = Explanation::new(format!("{} {}: {}", scale.tonic, scale.name, names(&scale.notes())));
    let semitones: Vec<i32> = scale.intervals().iter().map(|i| i.semitones).chain([12]).collect();
    let steps = semitones.windows(2).map(|two| match two[1] - two[0] {
        1 => "half".to_string(),
        2 => "whole".to_string(),
        n => format!("{n} semitones"),
    });
    said.say(format!("its steps: {}", steps.collect::<Vec<_>>().join(", "))).term("whole steps and half steps");
    if let Some(text) = compared(scale) {
        said.say(text);
    }
    let aliases: Vec<String> = scale.names()[1..].iter().map(|n| n.to_string()).collect();
    if !aliases.is_empty() {
        said.say(format!("also called {}", listed(&aliases)));
    }
    let triads: Vec<String> = scale.stacks(3).iter().flatten().map(Chord::symbol).collect();
    if triads.len() == scale.intervals().len() && triads.len() == 7 {
        said.say(format!("its triads: {}", triads.join(" "))).term("diatonic triads");
    }
    let modes: Vec<String> = scale.modes()[1..].iter().map(|m| format!("{} {}", m.tonic, m.name)).collect();
    if !modes.is_empty() {
        said.say(format!("the same notes from elsewhere: {}", listed(&modes))).term("modes");
    }
    said
}

/// How a scale of seven notes differs from major or natural minor, by its third.
fn compared(scale: &Scale) -> Option<String> {
    let minor = scale.intervals().iter().any(|i| (i.steps, i.semitones) == (2, 3));
    let (name, plain) = if minor { ("minor", "minor") } else { ("major", "major") };
    if scale.intervals().len() != 7 || scale.name == name {
        return None;
    }
    let plain = Scale::on(scale.tonic, plain).ok()?;
    let changed = scale.intervals().iter().zip(plain.intervals()).filter(|(own, other)| own != other);
    let changed: Vec<String> = changed
        .map(|(own, other)| {
            let way = if own.semitones > other.semitones { "raised" } else { "lowered" };
            format!("a {way} {} ({})", own.steps + 1, scale.tonic.class().transpose(*own))
        })
        .collect();
    Some(format!("{name} with {}", listed(&changed)))
}

/// The part a note plays in a chord.
fn part(interval: Interval) -> String {
    match interval.steps {
        0 => "root".to_string(),
        _ => interval.words().rsplit(' ').next().unwrap_or_default().to_string(),
    }
}

/// A chord: its notes and their parts, its inversion, its tension, and in a key its numeral, function and origin.
pub fn chord(chord: &Chord, key: Option<&Key>) -> Explanation {
    let mut said = Explanation::new(format!("{}: {}", chord.as_written(), chord.name()));
    let parts = chord.intervals().iter().map(|&i| format!("{} ({})", chord.root.transpose(i), part(i)));
    said.say(parts.collect::<Vec<_>>().join(", ")).notes(&chord.notes());
    match (chord.bass, chord.inverted()) {
        (Some(bass), Some(n)) => {
            let which = ["", "first", "second", "third"].get(n).map_or("higher", |w| w);
            said.say(format!("{bass} is in the bass: {which} inversion")).term("inversion of chords");
        }
        (Some(bass), None) => {
            said.say(format!("{bass} in the bass is no note of the chord")).term("slash chord");
        }
        _ => {}
    }
    tension(&mut said, chord);
    if let Some(key) = key {
        let reading = key.read(chord, None);
        said.say(format!("in {} it is {}: {}", key.name(), reading.numeral, does(reading.function)))
            .term("roman numeral analysis");
        if let Some((text, term)) = origin(&reading.source, key) {
            said.say(text).term(term);
        }
    }
    said
}

/// What in a chord wants to move, and where.
fn tension(said: &mut Explanation, chord: &Chord) {
    let at = |steps: i32, semitones: i32| chord.root.class().transpose(Interval { steps, semitones });
    let by = |steps: i32| chord.part(steps);
    match (by(2), by(4), by(6)) {
        (Some(4), _, Some(10)) => {
            let (third, seventh) = (at(2, 4), at(6, 10));
            let (up, down) = (
                third.transpose(Interval { steps: 1, semitones: 1 }),
                at(3, 5).transpose(Interval { steps: 2, semitones: 4 }),
            );
            let text = format!(
                "tension: {third} and {seventh} are a tritone apart; {third} wants to rise to {up}, {seventh} to fall, to {down} in {}",
                at(3, 5)
            );
            said.say(text).term("dominant seventh").notes(&[third, seventh])
        }
        (Some(3), Some(6), Some(9)) => {
            said.say("tension: two tritones; any of its notes may lead home").term("diminished seventh")
        }
        (Some(3), Some(6), _) => {
            said.say(format!("tension: {} and {} are a tritone apart", chord.root, at(4, 6))).term("diminished chord")
        }
        (_, Some(8), _) => said.say(format!("tension: {} wants to rise", at(4, 8))).term("augmented chord"),
        (_, _, Some(11)) => {
            said.say(format!("{} is a gentle dissonance, a semitone below the root", at(6, 11))).term("major seventh")
        }
        (_, _, Some(10)) => {
            said.say(format!("its seventh {} is inclined to fall by step", at(6, 10))).term("seventh chord")
        }
        (None, _, _) if by(3).is_some() => {
            said.say(format!("{} stands in for the third and wants to fall to it", at(3, 5))).term("suspension")
        }
        (None, _, _) if by(1).is_some() => said.say(format!("{} stands in for the third", at(1, 2))).term("suspension"),
        (None, ..) => said.say("without a third it is neither major nor minor").term("power chord"),
        _ => said.say("a consonance: it can rest").term("triad"),
    };
}

/// What a function does, for a learner.
pub fn does(function: Function) -> &'static str {
    match function {
        Function::Tonic => "tonic, home and rest",
        Function::NearHome => "near home, it shares two notes with the tonic",
        Function::Predominant => "predominant, away from home and on the way to tension",
        Function::Dominant => "dominant, tension that wants to resolve",
        Function::Colour => "colour, outside the usual paths",
    }
}

/// Where a chord comes from, if not from the key, and the term for that.
pub fn origin(source: &Source, key: &Key) -> Option<(String, &'static str)> {
    Some(match source {
        Source::Home => return None,
        Source::Secondary(target) => (
            format!("borrows the tension of another key: it leads to {target} as a dominant leads home"),
            "secondary dominant",
        ),
        Source::Borrowed(from) => (format!("borrowed from {}", from.name()), "modal mixture"),
        Source::Neapolitan => {
            (format!("the Neapolitan: the major chord a semitone above {}", key.tonic), "Neapolitan chord")
        }
        Source::AugmentedSixth(kind) => (
            format!(
                "an augmented sixth ({kind}): its outer notes lie a semitone either side of the dominant and move out to it"
            ),
            "augmented sixth chord",
        ),
        Source::TritoneSubstitute(target) => (
            format!("stands for the dominant of {target}, a tritone away: both have the same tritone inside"),
            "tritone substitution",
        ),
        Source::Chromatic => {
            ("not a chord of the key, and no other key's dominant here".to_string(), "chromatic chord")
        }
    })
}

/// A key: its signature, its chords, its relatives.
pub fn key(key: &Key) -> Explanation {
    let mut said = Explanation::new(format!("{}: {}", key.name(), names(&key.notes())));
    let altered = key.altered();
    let signature = match (key.signature(), altered.len()) {
        (0, _) => "no sharps or flats in its signature".to_string(),
        (n, count) => {
            let sign = if n > 0 { "sharp" } else { "flat" };
            format!("{count} {sign}{} in its signature: {}", if count == 1 { "" } else { "s" }, names(&altered))
        }
    };
    said.say(signature).term("key signature").notes(&altered);
    let triads: Vec<String> = key.triads().iter().map(|c| format!("{} {}", key.roman(c), c.symbol())).collect();
    said.say(format!("its triads: {}", triads.join(", "))).term("diatonic triads");
    if key.minor {
        let raised = key.form("harmonic minor").notes()[6];
        said.say(format!("to lead home its seventh is raised to {raised}: the dominant becomes major"))
            .term("harmonic minor");
    }
    said.say(format!("the same signature: {}; the same tonic: {}", key.relative().name(), key.parallel().name()))
        .term("relative and parallel keys");
    let near: Vec<String> = key.near().iter().map(Key::name).collect();
    said.say(format!("nearest on the circle of fifths: {}", listed(&near))).term("circle of fifths");
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_explained_in_its_key() {
        let key = Key::parse("C").unwrap();
        let text = note(Note::parse("B4").unwrap(), Some(&key)).to_string();
        assert!(text.contains("leading tone") && text.contains("rise there") && text.contains("493.88 Hz"), "{text}");
        let text = note(Note::parse("F#4").unwrap(), Some(&key)).to_string();
        assert!(text.contains("raised subdominant") && text.contains("Gb4"), "{text}");
    }

    #[test]
    fn an_interval_says_how_it_sounds_and_resolves() {
        let text = |name: &str| interval(Interval::parse(name).unwrap()).to_string();
        assert!(text("A4").contains("move apart") && text("d5").contains("move together"));
        assert!(text("M10").contains("major third") && text("P5").contains("perfect consonance"));
    }

    #[test]
    fn a_scale_is_compared_with_the_one_everybody_knows() {
        let text = scale(&Scale::parse("D dorian").unwrap()).to_string();
        assert!(text.contains("minor with a raised 6 (B)") && text.contains("C major"), "{text}");
        let text = scale(&Scale::parse("C mixolydian").unwrap()).to_string();
        assert!(text.contains("major with a lowered 7 (Bb)"), "{text}");
    }

    #[test]
    fn a_chord_says_what_wants_to_move_and_where_it_comes_from() {
        let key = Key::parse("C").unwrap();
        let text = |symbol: &str| chord(&Chord::parse(symbol).unwrap(), Some(&key)).to_string();
        assert!(text("G7").contains("B wants to rise to C, F to fall, to E in C"), "{}", text("G7"));
        assert!(text("Fm").contains("borrowed from C minor") && text("D7/F#").contains("V65/V"), "{}", text("D7/F#"));
        assert!(text("C/E").contains("first inversion"));
    }

    #[test]
    fn a_key_is_explained_by_its_signature_and_its_chords() {
        let text = super::key(&Key::parse("A minor").unwrap()).to_string();
        assert!(
            text.contains("no sharps") && text.contains("raised to G#") && text.contains("i Am, iio Bdim"),
            "{text}"
        );
    }
}

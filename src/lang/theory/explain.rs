//! The word that explains: a note, an interval, a scale, a chord, a key, a progression, or what a pattern plays.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic};

use super::values::Said;
use crate::lang::argument;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{Pattern, Place, Span, Time, Value, note_number};
use crate::theory::explain::{self, Explanation};
use crate::theory::{Chord, Interval, Key, Note, Scale};

/// How many cycles of a pattern are listened to.
const CYCLES: i64 = 8;
/// Notes in a cycle that can still be told apart by somebody who is to understand them.
const DENSE: usize = 1024;
/// How many chords are explained at once.
const MOST: usize = 64;

pub fn words() -> Vec<Word> {
    words! { "theory: explanations":
        /// What something is and does, with the terms to look up: a note (`"Eb4"`), an interval (`"m3"`), a scale (`"D dorian"`), a
        /// chord (`"G7"`), a key (`"A minor"`), a progression (`"Dm7 G7 C"`), chords as lists of notes, or what a pattern plays. With
        /// a key it says what each does there; without one it finds the key of a progression, and where it changes.
        ///
        ///     explain("Dm7 G7 Cmaj7")
        function explain | why (what: Dynamic, key: Option<Key>) { of(&what, key.as_ref())? }
    }
}

fn of(what: &Dynamic, key: Option<&Key>) -> Result<String, Fault> {
    if let Some(pattern) = heard(what)? {
        return played(&pattern, key);
    }
    if let Ok(text) = what.as_immutable_string_ref() {
        return said(text.trim(), key).map(|explanation| explanation.to_string());
    }
    if let Some(list) = what.read_lock::<Array>() {
        return listed(&list, key).map(|explanation| explanation.to_string());
    }
    let explanation = if let Some(note) = what.read_lock::<Note>() {
        explain::note(*note, key)
    } else if let Some(interval) = what.read_lock::<Interval>() {
        explain::interval(*interval)
    } else if let Some(scale) = what.read_lock::<Scale>() {
        explain::scale(&scale)
    } else if let Some(chord) = what.read_lock::<Chord>() {
        explain::chord(&chord, key)
    } else if let Some(own) = what.read_lock::<Key>() {
        explain::key(&own)
    } else {
        return Err(unknown(&argument::describe(what)));
    };
    Ok(explanation.to_string())
}

fn unknown(found: &str) -> Fault {
    Fault::new(format!("expected a note, interval, scale, chord, key, progression or pattern, found {found}"))
        .hint("explain(\"Dm7 G7 C\")")
}

/// A pattern, or a text that is one.
fn heard(what: &Dynamic) -> Result<Option<Pattern>, Fault> {
    match what.as_immutable_string_ref() {
        Ok(text) if text.contains(['<', '[', '{', '*', '~']) => argument::notation(&text).map(Some),
        Ok(_) => Ok(None),
        Err(_) if what.is_array() || super::kind_of(what).is_some() => Ok(None),
        Err(_) => {
            Ok(argument::pattern(what)?
                .filter(|_| what.is::<Pattern>() || super::super::part::Part::of(what).is_some()))
        }
    }
}

/// A text: one word is a chord, a note or an interval, several a key, a scale, a progression or notes that sound together.
fn said(text: &str, key: Option<&Key>) -> Result<Explanation, Fault> {
    let words: Vec<&str> = text.split([' ', ',', '|']).filter(|w| !w.is_empty()).collect();
    if let [word] = words[..] {
        let octave = word.ends_with(|c: char| c.is_ascii_digit()) && !word.ends_with(['6', '7', '9']);
        let named = word.starts_with(|c: char| c.is_ascii_lowercase());
        if let (Ok(note), true) = (Note::parse(word), octave || named) {
            return Ok(explain::note(note, key));
        }
        if let Ok(chord) = Chord::parse(word) {
            return Ok(explain::chord(&chord, key));
        }
        if let Ok(interval) = Interval::parse(word) {
            return Ok(explain::interval(interval));
        }
    }
    if let (Ok(own), true) = (Key::parse(text), words.len() > 1 || text.contains(':')) {
        return Ok(explain::key(&own));
    }
    if let (Ok(scale), true) = (Scale::parse(text), words.len() > 1 || text.contains(':')) {
        return Ok(explain::scale(&scale));
    }
    let items: Array = words.iter().map(|w| Dynamic::from(w.to_string())).collect();
    listed(&items, key)
}

/// A list: chords, numerals of a key, notes that sound together, or lists of these.
fn listed(items: &[Dynamic], key: Option<&Key>) -> Result<Explanation, Fault> {
    if items.is_empty() || items.len() > MOST {
        return Err(unknown(&format!("{} items", items.len())));
    }
    if items.iter().all(Dynamic::is_array) {
        let chords: Result<Vec<Vec<Note>>, Fault> = items.iter().map(notes).collect();
        return Ok(explain::setting(&chords?, key));
    }
    let texts: Vec<String> =
        items.iter().map(|i| i.as_immutable_string_ref().map(|t| t.to_string()).unwrap_or_default()).collect();
    let low = |text: &String| text.ends_with(|c: char| c.is_ascii_digit()) && !text.ends_with(['6', '7', '9']);
    if texts.iter().all(|text| low(text) && Note::parse(text).is_ok()) {
        return together(&notes(&Dynamic::from(items.to_vec()))?, key);
    }
    let chords: Result<Vec<Chord>, Fault> =
        items.iter().map(|i| Chord::said(i)?.ok_or_else(|| unknown(&argument::describe(i)))).collect();
    match (chords, key) {
        (Ok(chords), _) => Ok(explain::progression(&chords, key)),
        (Err(fault), None) => Err(fault),
        (Err(_), Some(key)) => {
            let chords: Result<Vec<Chord>, _> = texts.iter().map(|numeral| key.chord(numeral)).collect();
            Ok(explain::progression(&chords?, Some(key)))
        }
    }
}

fn notes(list: &Dynamic) -> Result<Vec<Note>, Fault> {
    let items = list.read_lock::<Array>().map(|list| list.to_vec()).unwrap_or_default();
    items.iter().map(|item| Note::said(item)?.ok_or_else(|| unknown(&argument::describe(item)))).collect()
}

/// Notes that sound together: the chord they are.
fn together(notes: &[Note], key: Option<&Key>) -> Result<Explanation, Fault> {
    match (explain::likeliest(notes), notes) {
        (_, [one]) => Ok(explain::note(*one, key)),
        (Some(chord), _) => Ok(explain::chord(&chord, key)),
        (None, [low, .., high]) => Ok(explain::interval(Interval::between(*low, *high))),
        _ => Err(unknown("no notes")),
    }
}

/// What begins at one time in a pattern.
struct Moment {
    begin: Time,
    chord: Option<Chord>,
    notes: Vec<Note>,
    place: Option<Place>,
}

/// What a pattern plays in its first cycles, each remark with the place in the text it speaks of.
fn played(pattern: &Pattern, key: Option<&Key>) -> Result<String, Fault> {
    let moments = moments(pattern)?;
    let named: Vec<Chord> = moments.iter().filter_map(|m| m.chord.clone()).collect();
    let sounding: Vec<Vec<Note>> = moments.iter().map(|m| m.notes.clone()).collect();
    let explanation = if moments.is_empty() {
        return Err(unknown("a pattern without notes or chords").hint("explain(chord(\"<Dm7 G7 C>\"))"));
    } else if named.len() == moments.len() {
        explain::progression(&named, key)
    } else if sounding.iter().any(|notes| notes.len() > 2) {
        explain::setting(&sounding, key)
    } else {
        melody(&sounding.concat(), key)
    };
    let mut text = explanation.title.clone();
    for line in &explanation.lines {
        let place = line.at.and_then(|at| moments.get(at)).and_then(|m| m.place);
        let place = place.map(|p| format!("{}:{} ", p.line, p.column)).unwrap_or_default();
        text.push_str(&format!("\n  {place}{}", line.text));
    }
    if !explanation.terms().is_empty() {
        text.push_str(&format!("\n  look up: {}", explanation.terms().join(", ")));
    }
    Ok(text)
}

/// The chords or notes that begin together, until the pattern repeats.
fn moments(pattern: &Pattern) -> Result<Vec<Moment>, Fault> {
    let cycles: Vec<Vec<Moment>> = (0..CYCLES).map(|cycle| cycle_of(pattern, cycle)).collect::<Result<_, _>>()?;
    let same = |a: &[Moment], b: &[Moment], apart: i64| {
        let like =
            |x: &Moment, y: &Moment| x.begin + apart.into() == y.begin && x.chord == y.chord && x.notes == y.notes;
        a.len() == b.len() && a.iter().zip(b).all(|(x, y)| like(x, y))
    };
    let repeats =
        |period: usize| (0..cycles.len() - period).all(|c| same(&cycles[c], &cycles[c + period], period as i64));
    let period = (1..cycles.len()).find(|&period| repeats(period)).unwrap_or(cycles.len());
    Ok(cycles.into_iter().take(period).flatten().take(MOST).collect())
}

fn cycle_of(pattern: &Pattern, cycle: i64) -> Result<Vec<Moment>, Fault> {
    let haps = pattern.try_query(Span::cycles(cycle, cycle + 1), 0);
    let haps = haps.ok().filter(|haps| haps.len() <= DENSE);
    let haps = haps.ok_or_else(|| Fault::new("the pattern is far too dense to be explained").hint("p.slow(4)"))?;
    let mut moments: BTreeMap<Time, Moment> = BTreeMap::new();
    for hap in haps.iter().filter(|hap| hap.has_onset()) {
        let (chord, note) = meaning(&hap.value);
        if chord.is_none() && note.is_none() {
            continue;
        }
        let begin = hap.whole_or_part().begin;
        let place = hap.places.as_slice().first().copied();
        let new = || Moment { begin, chord: None, notes: Vec::new(), place };
        let moment = moments.entry(begin).or_insert_with(new);
        moment.chord = chord.or(moment.chord.take());
        moment.notes.extend(note);
    }
    moments.values_mut().for_each(|moment| moment.notes.sort_by_key(Note::midi));
    Ok(moments.into_values().collect())
}

/// The chord or note a value stands for.
fn meaning(value: &Value) -> (Option<Chord>, Option<Note>) {
    let pitch = |value: &Value| match value {
        Value::Text(word) => Note::parse(word).ok().map(|n| n.at(n.octave.unwrap_or(3))),
        number => number.number().filter(|n| n.abs() < 200.0).map(|n| Note::from_midi(n.round() as i32)),
    };
    match value {
        Value::Map(controls) => {
            let chord = controls.get("chord").and_then(|c| Chord::parse(&c.to_string()).ok());
            (chord, controls.get("note").and_then(pitch))
        }
        Value::Text(word) if note_number(word).is_none() => (Chord::parse(word).ok(), None),
        other => (None, pitch(other)),
    }
}

/// A line of single notes: the scale it stays in, and what its notes are there.
fn melody(notes: &[Note], key: Option<&Key>) -> Explanation {
    let tonic = key.map_or(notes[0], |key| key.tonic);
    let scales = Scale::detect(notes, tonic);
    let names = notes.iter().map(Note::name).collect::<Vec<_>>().join(" ");
    let mut said = Explanation { title: format!("a line of {} notes: {names}", notes.len()), lines: Vec::new() };
    let all: Vec<String> = scales.iter().take(4).map(|s| format!("{} {}", s.tonic.class(), s.name)).collect();
    let text = match all.split_first() {
        None => format!("it stays in no scale on {}", tonic.class()),
        Some((first, [])) => format!("it stays in {first}"),
        Some((first, rest)) => format!("it stays in {first}; also in {}", rest.join(", ")),
    };
    said.lines.push(explain::Line { text, term: Some("scale"), ..explain::Line::default() });
    for (at, two) in notes.windows(2).enumerate() {
        let interval = Interval::between(two[0], two[1]);
        if interval.semitones.abs() > 12 || (interval.semitones.abs() == 6) {
            let text = format!("{} to {} is a {}: hard to sing", two[0], two[1], interval.words());
            said.lines.push(explain::Line { text, at: Some(at), notes: two.to_vec(), term: Some("leap") });
        }
    }
    said
}

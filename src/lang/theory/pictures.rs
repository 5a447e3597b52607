//! Pictures as words: what a thing of theory looks like on keys, frets, a staff or in a ring.

use std::sync::Arc;

use rhai::{Array, Dynamic};

use super::values::Said;
use crate::lang::argument;
use crate::lang::fault::Fault;
use crate::lang::part::Part;
use crate::lang::word::{Word, words};
use crate::pattern::{Span, silence};
use crate::score::Source;
use crate::theory::{Chord, Key, Note, Scale, picture};

/// The kinds of pictures.
const KINDS: [&str; 6] = ["keys", "frets", "staff", "circle", "wheel", "necklace"];

pub fn words() -> Vec<Word> {
    words! { "theory: explanations":
        /// A picture in plain text of notes, a chord, a scale or a key: on piano `"keys"` (what is drawn if nothing is said), on a
        /// guitar's `"frets"`, on a `"staff"`, on the `"circle"` of fifths, in a `"wheel"` of semitones; of a rhythm, the `"necklace"`
        /// of its steps.
        ///
        ///     picture("Cmaj7", "keys")
        function picture (what: Dynamic, kind: Option<Arc<str>>) { drawn(&what, kind.as_deref())? }
    }
}

fn drawn(what: &Dynamic, kind: Option<&str>) -> Result<String, Fault> {
    let rhythm = Part::of(what).is_some();
    match kind.unwrap_or(if rhythm { "necklace" } else { "keys" }) {
        "keys" | "piano" => Ok(picture::keys(&notes(what)?)),
        "frets" | "guitar" | "neck" => Ok(match chord(what) {
            Some(chord) => picture::shape(&chord).unwrap_or_else(|| picture::neck(&chord.notes())),
            None => picture::neck(&notes(what)?),
        }),
        "staff" => Ok(picture::staff(&chords(what)?)),
        "circle" => Ok(picture::circle(Some(&Key::taken(what, crate::lang::Kind::Key)?))),
        "wheel" => Ok(picture::wheel(&Scale::taken(what, crate::lang::Kind::Scale)?)),
        "necklace" => necklace(what),
        other => {
            let near = crate::lang::vocabulary::nearest(other, KINDS.into_iter()).unwrap_or("keys");
            Err(Fault::new(format!("expected keys, frets, staff, circle, wheel or necklace, found \"{other}\""))
                .hint(near))
        }
    }
}

/// A chord, or a text that is one and no note with an octave.
fn chord(what: &Dynamic) -> Option<Chord> {
    if let Some(chord) = what.read_lock::<Chord>() {
        return Some(chord.clone());
    }
    let text = what.as_immutable_string_ref().ok()?;
    Chord::parse(&text).ok().filter(|chord| chord.quality != "4")
}

/// The notes of whatever has some.
fn notes(what: &Dynamic) -> Result<Vec<Note>, Fault> {
    if let Some(chord) = chord(what) {
        return Ok(stacked(&chord));
    }
    if let Some(note) = what.read_lock::<Note>() {
        return Ok(vec![*note]);
    }
    if let Some(key) = what.read_lock::<Key>() {
        return Ok(key.notes());
    }
    if let Some(scale) = what.read_lock::<Scale>() {
        return Ok(scale.notes());
    }
    if let Ok(text) = what.as_immutable_string_ref() {
        if let Ok(scale) = Scale::parse(&text) {
            return Ok(scale.notes());
        }
        return text.split([' ', ',']).filter(|w| !w.is_empty()).map(|w| Note::parse(w).map_err(Fault::from)).collect();
    }
    let list = what.read_lock::<Array>().map(|list| list.to_vec());
    let list = list.ok_or_else(|| {
        let found = argument::describe(what);
        Fault::new(format!("expected notes, a chord, a scale or a key, found {found}"))
            .hint("picture(\"Cmaj7\", \"keys\")")
    })?;
    list.iter().map(|item| Note::taken(item, crate::lang::Kind::Note)).collect()
}

/// The notes of a chord from the bass upward, the bass in octave 4.
fn stacked(chord: &Chord) -> Vec<Note> {
    let mut stack: Vec<Note> = Vec::new();
    for class in chord.notes() {
        let mut note = class.at(4);
        while stack.last().is_some_and(|low| note.midi() <= low.midi()) {
            note = class.at(note.octave.unwrap_or(4) + 1);
        }
        stack.push(note);
    }
    stack
}

/// One chord after another: a list of lists, a list or text of chords, or notes that follow each other.
fn chords(what: &Dynamic) -> Result<Vec<Vec<Note>>, Fault> {
    if let Some(list) = what.read_lock::<Array>()
        && list.iter().any(Dynamic::is_array)
    {
        return list.iter().map(notes).collect();
    }
    if let Some(chord) = chord(what) {
        return Ok(vec![stacked(&chord)]);
    }
    let words: Option<Vec<Chord>> = match what.as_immutable_string_ref() {
        Ok(text) => {
            text.split([' ', ',', '|']).filter(|w| !w.is_empty()).map(|w| chord(&w.to_string().into())).collect()
        }
        Err(_) => what.read_lock::<Array>().and_then(|list| list.iter().map(chord).collect()),
    };
    match words.filter(|chords| !chords.is_empty()) {
        Some(chords) => Ok(chords.iter().map(stacked).collect()),
        None => Ok(notes(what)?.into_iter().map(|note| vec![note]).collect()),
    }
}

/// The onsets of a pattern's first cycle, in the smallest number of equal steps that has a place for each.
fn necklace(what: &Dynamic) -> Result<String, Fault> {
    let pattern = match Part::of(what).map(|part| part.source) {
        Some(Source::Pattern(pattern)) => pattern,
        Some(Source::Signal(_)) => {
            return Err(Fault::new("a necklace expects a pattern, found a sound").hint("picture(s(\"bd(3,8)\"))"));
        }
        None => argument::pattern(what)?.unwrap_or_else(silence),
    };
    let haps =
        pattern.try_query(Span::cycles(0, 1), 0).map_err(|_| Fault::new("the pattern is far too dense to be drawn"))?;
    let onsets: Vec<_> = haps.iter().filter(|hap| hap.has_onset()).map(|hap| hap.whole_or_part().begin).collect();
    let fits = |steps: &i64| onsets.iter().all(|t| steps % t.denominator() == 0);
    let Some(steps) = (4..=32).find(fits) else {
        return Err(Fault::new("expected a rhythm of at most 32 equal steps, found a finer one")
            .hint("picture(s(\"bd(3,8)\"), \"necklace\")"));
    };
    let labels: Vec<String> = (0..steps)
        .map(|step| {
            let sounds = onsets.iter().any(|t| t.numerator() * (steps / t.denominator()) == step);
            if sounds { "●" } else { "·" }.to_string()
        })
        .collect();
    Ok(picture::ring(&labels, &format!("{} of {steps}", labels.iter().filter(|l| *l == "●").count())))
}

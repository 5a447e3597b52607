//! Pictures as words: what a thing of theory looks like on keys, frets, a staff or in a ring.

use std::sync::Arc;

use rhai::{Array, Dynamic};

use super::values::Said;
use crate::lang::argument::{self, Reply};
use crate::lang::fault::Fault;
use crate::lang::part::Part;
use crate::lang::word::{Word, words};
use crate::pattern::{Span, silence};
use crate::score::Source;
use crate::theory::fretboard::Shape;
use crate::theory::picture::Picture;
use crate::theory::{Chord, Interval, Key, Note, Scale};

/// The kinds of pictures.
const KINDS: [&str; 7] = ["keys", "frets", "staff", "ladder", "circle", "wheel", "necklace"];

pub fn words() -> Vec<Word> {
    words! { "theory: explanations":
        /// A picture of notes, a chord, a scale or a key: on piano `"keys"` (what is drawn if nothing is said), on a guitar's
        /// `"frets"`, on a `"staff"`, as a `"ladder"` of intervals, on the `"circle"` of fifths, in a `"wheel"` of semitones; of a
        /// rhythm, the `"necklace"` of its steps. `:picture` and `segue picture` write it as an SVG file, too.
        ///
        ///     picture("Cmaj7", "keys")
        function picture (what: Dynamic, kind: Option<Arc<str>>) { drawn(&what, kind.as_deref())? }
    }
}

impl Reply for Picture {
    fn reply(self) -> Result<Dynamic, Fault> {
        Ok(Dynamic::from(self))
    }
}

fn drawn(what: &Dynamic, kind: Option<&str>) -> Result<Picture, Fault> {
    let rhythm = Part::of(what).is_some();
    match kind.unwrap_or(if rhythm { "necklace" } else { "keys" }) {
        "keys" | "piano" => Ok(Picture::Keys(notes(what)?)),
        "frets" | "guitar" | "neck" => Ok(match chord(what).map(|chord| (Shape::of(&chord), chord)) {
            Some((Some(shape), chord)) => Picture::Hand(chord, shape),
            Some((None, chord)) => Picture::Neck(chord.notes()),
            None => Picture::Neck(notes(what)?),
        }),
        "staff" => staff(what),
        "ladder" | "interval" | "intervals" | "chord" => Ok(Picture::Ladder(rungs(what)?)),
        "circle" => Ok(Picture::Circle(Some(Key::taken(what, crate::lang::Kind::Key)?))),
        "wheel" => Ok(Picture::Wheel(Scale::taken(what, crate::lang::Kind::Scale)?)),
        "necklace" => necklace(what),
        other => {
            let near = crate::lang::vocabulary::nearest(other, KINDS.into_iter()).unwrap_or("keys");
            Err(Fault::new(format!(
                "expected keys, frets, staff, ladder, circle, wheel or necklace, found \"{other}\""
            ))
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
    // `D major` is a key, `D` a chord.
    let named = text.contains([' ', ':']) && Scale::parse(&text).is_ok();
    Chord::parse(&text).ok().filter(|chord| chord.quality != "4" && !named)
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

/// A staff: with a signature for a key, and for a major or minor scale, whose notes rise from the tonic.
fn staff(what: &Dynamic) -> Result<Picture, Fault> {
    let own = match what.as_immutable_string_ref() {
        Ok(text) if chord(what).is_none() => Key::parse(&text).ok().filter(|_| Note::parse(&text).is_err()),
        Ok(_) => None,
        Err(_) => what.read_lock::<Key>().map(|key| key.clone()).or_else(|| {
            let scale = what.read_lock::<Scale>()?;
            Key::parse(&format!("{} {}", scale.tonic.class(), scale.name)).ok()
        }),
    };
    let scale = match what.as_immutable_string_ref() {
        Ok(text) if chord(what).is_none() => Scale::parse(&text).ok(),
        Ok(_) => None,
        Err(_) => what.read_lock::<Scale>().map(|scale| scale.clone()),
    };
    if let Some(scale) = scale.or_else(|| own.as_ref().map(Key::scale)) {
        let tonic = scale.tonic.octave.unwrap_or(4);
        let rising = Scale::on(scale.tonic.at(tonic), scale.name).map_err(Fault::from)?;
        let octave = scale.tonic.at(tonic + 1);
        let notes = rising.notes().into_iter().chain([octave]).map(|note| vec![note]);
        return Ok(Picture::Staff(notes.collect(), own));
    }
    Ok(Picture::Staff(chords(what)?, own))
}

/// Notes for a ladder; an interval's two from C4.
fn rungs(what: &Dynamic) -> Result<Vec<Note>, Fault> {
    let text = what.as_immutable_string_ref().ok().and_then(|text| Interval::parse(&text).ok());
    let interval = what.read_lock::<Interval>().map(|interval| *interval).or(text);
    match interval.filter(|_| chord(what).is_none()) {
        Some(interval) => {
            let c = Note { letter: 0, alteration: 0, octave: Some(4) };
            Ok(vec![c, c.transpose(interval)])
        }
        None => notes(what),
    }
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
fn necklace(what: &Dynamic) -> Result<Picture, Fault> {
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
    let sounds = |step: i64| onsets.iter().any(|t| t.numerator() * (steps / t.denominator()) == step);
    Ok(Picture::Necklace((0..steps).map(sounds).collect()))
}

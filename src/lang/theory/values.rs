//! Values of theory in a script: what is taken for one, how one is shown, and how two compare.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine};

use crate::lang::argument::{Argument, Reply, describe};
use crate::lang::fault::Fault;
use crate::lang::word::{Call, Kind};
use crate::theory::picture::Picture;
use crate::theory::{Chord, Interval, Key, Note, Scale, TheoryError, Tuning};

impl From<TheoryError> for Fault {
    fn from(error: TheoryError) -> Self {
        let fault = Fault::new(error.message);
        match error.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

/// A kind of theory that a script's value may say.
pub trait Said: Sized {
    /// The value itself, or what its text or number says; `Err` where the text says something else.
    fn said(value: &Dynamic) -> Result<Option<Self>, Fault>;

    /// The same, refusing what says nothing of the kind.
    fn taken(value: &Dynamic, kind: Kind) -> Result<Self, Fault> {
        let found = || Fault::new(format!("expected {}, found {}", kind.noun(), describe(value)));
        Self::said(value)?.ok_or_else(found)
    }
}

macro_rules! taken {
    ($($ty:ident),*) => {$(
        impl<'a> Argument<'a> for $ty {
            const KIND: Kind = Kind::$ty;
            fn of(_: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
                $ty::said(value)
            }
        }

        impl Said for $ty {
            fn said(value: &Dynamic) -> Result<Option<Self>, Fault> {
                if let Some(found) = value.read_lock::<$ty>() {
                    return Ok(Some(found.clone()));
                }
                match value.as_immutable_string_ref() {
                    Ok(text) => Ok(Some($ty::parse(&text)?)),
                    Err(_) => Ok(from_other::$ty(value)),
                }
            }
        }

        impl Reply for $ty {
            fn reply(self) -> Result<Dynamic, Fault> {
                Ok(Dynamic::from(self))
            }
        }
    )*};
}

taken!(Note, Interval, Scale, Chord, Key, Tuning);

/// What is neither a value of its own nor a text: numbers are MIDI notes and semitones, a key has a scale, a chord a root.
#[expect(non_snake_case, reason = "each is named after the type it makes")]
mod from_other {
    use super::*;
    use crate::lang::argument::number;

    pub fn Note(value: &Dynamic) -> Option<Note> {
        whole(value).map(Note::from_midi)
    }

    pub fn Interval(value: &Dynamic) -> Option<Interval> {
        whole(value).map(Interval::from_semitones)
    }

    pub fn Scale(value: &Dynamic) -> Option<Scale> {
        value.read_lock::<Key>().map(|key| key.scale())
    }

    pub fn Chord(_: &Dynamic) -> Option<Chord> {
        None
    }

    pub fn Key(value: &Dynamic) -> Option<Key> {
        let scale = value.read_lock::<Scale>()?;
        Key::parse(&format!("{} {}", scale.tonic, scale.name)).ok()
    }

    pub fn Tuning(value: &Dynamic) -> Option<Tuning> {
        whole(value).and_then(|steps| Tuning::parse(&format!("{steps}edo")).ok())
    }

    /// Far beyond what is heard, a number means nothing.
    fn whole(value: &Dynamic) -> Option<i32> {
        number(value).filter(|n| n.fract() == 0.0 && n.abs() <= 1000.0).map(|n| n as i32)
    }
}

/// Items of a list, or of a text with blanks between them.
fn items(value: &Dynamic) -> Option<Vec<Dynamic>> {
    if let Ok(text) = value.as_immutable_string_ref() {
        let words = text.split([' ', ',', '|', '\n', '\t']).filter(|w| !w.is_empty());
        return Some(words.map(|w| Dynamic::from(w.to_string())).collect());
    }
    value.read_lock::<Array>().map(|list| list.to_vec())
}

/// Notes: a list, a text, or those of a chord or scale.
pub struct Notes(pub Vec<Note>);

impl<'a> Argument<'a> for Notes {
    const KIND: Kind = Kind::List;
    fn of(_: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        if let Some(chord) = value.read_lock::<Chord>() {
            return Ok(Some(Notes(chord.notes())));
        }
        if let Some(scale) = value.read_lock::<Scale>() {
            return Ok(Some(Notes(scale.notes())));
        }
        let Some(items) = items(value) else { return Ok(None) };
        let notes: Result<Option<Vec<Note>>, Fault> = items.iter().map(Note::said).collect();
        Ok(notes?.map(Notes))
    }
}

/// Chords: a list or a text.
pub struct Chords(pub Vec<Chord>);

impl<'a> Argument<'a> for Chords {
    const KIND: Kind = Kind::List;
    fn of(_: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        let Some(items) = items(value) else { return Ok(None) };
        let chords: Result<Option<Vec<Chord>>, Fault> = items.iter().map(Chord::said).collect();
        Ok(chords?.map(Chords))
    }
}

/// Words: a list of texts, or a text.
pub struct Names(pub Vec<String>);

impl<'a> Argument<'a> for Names {
    const KIND: Kind = Kind::List;
    fn of(_: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        let Some(items) = items(value) else { return Ok(None) };
        let words = items.iter().map(|item| item.as_immutable_string_ref().ok().map(|text| text.to_string()));
        Ok(words.collect::<Option<Vec<_>>>().map(Names))
    }
}

/// The names of notes, for a script.
pub fn names(notes: &[Note]) -> Vec<String> {
    notes.iter().map(Note::name).collect()
}

/// The names of intervals, for a script.
pub fn sizes(intervals: &[Interval]) -> Vec<String> {
    intervals.iter().map(Interval::name).collect()
}

/// Which kind of theory a value is.
pub fn kind_of(value: &Dynamic) -> Option<Kind> {
    ALL.iter().copied().find(|&kind| type_of(kind) == Some(value.type_id()))
}

const ALL: [Kind; 6] = [Kind::Note, Kind::Interval, Kind::Scale, Kind::Chord, Kind::Key, Kind::Tuning];

/// The type of the values of a kind of theory.
pub fn type_of(kind: Kind) -> Option<TypeId> {
    Some(match kind {
        Kind::Note => TypeId::of::<Note>(),
        Kind::Interval => TypeId::of::<Interval>(),
        Kind::Scale => TypeId::of::<Scale>(),
        Kind::Chord => TypeId::of::<Chord>(),
        Kind::Key => TypeId::of::<Key>(),
        Kind::Tuning => TypeId::of::<Tuning>(),
        _ => return None,
    })
}

/// A value of theory as the text that says it: what patterns are made of.
pub fn named(value: &Dynamic) -> Option<String> {
    if let Some(note) = value.read_lock::<Note>() {
        return Some(note.name());
    }
    if let Some(interval) = value.read_lock::<Interval>() {
        return Some(interval.name());
    }
    if let Some(scale) = value.read_lock::<Scale>() {
        return Some(format!("{}:{}", scale.tonic, scale.name.replace(' ', ":")));
    }
    if let Some(chord) = value.read_lock::<Chord>() {
        return Some(chord.as_written());
    }
    value.read_lock::<Key>().map(|key| format!("{}:{}", key.tonic, if key.minor { "minor" } else { "major" }))
}

/// A value of theory in an error: `the chord Dm7`.
pub fn described(value: &Dynamic) -> Option<String> {
    let name = match kind_of(value)? {
        Kind::Note => "the note",
        Kind::Interval => "the interval",
        Kind::Scale => "the scale",
        Kind::Chord => "the chord",
        Kind::Key => "the key",
        _ => return Some("a tuning".to_string()),
    };
    Some(format!("{name} {}", named(value)?.replace(':', " ")))
}

/// A value of theory as the prompt shows it.
pub fn told(value: &Dynamic) -> Option<String> {
    if let Some(note) = value.read_lock::<Note>() {
        return Some(match note.octave {
            Some(_) => format!("{}: MIDI {}, {:.2} Hz", note.name(), note.midi(), note.freq()),
            None => format!("{}: a note in any octave", note.name()),
        });
    }
    if let Some(interval) = value.read_lock::<Interval>() {
        let plural = if interval.semitones.abs() == 1 { "" } else { "s" };
        return Some(format!("{}: {}, {} semitone{plural}", interval.name(), interval.words(), interval.semitones));
    }
    if let Some(scale) = value.read_lock::<Scale>() {
        return Some(format!("{} {}: {}", scale.tonic, scale.name, names(&scale.notes()).join(" ")));
    }
    if let Some(chord) = value.read_lock::<Chord>() {
        return Some(format!("{}, {}: {}", chord.as_written(), chord.name(), names(&chord.notes()).join(" ")));
    }
    if let Some(key) = value.read_lock::<Key>() {
        let signature = match key.signature() {
            0 => "no sharps or flats".to_string(),
            n => names(&key.altered()).join(" ") + if n.abs() == 1 { " is altered" } else { " are altered" },
        };
        return Some(format!("{}: {signature}; {}", key.name(), names(&key.notes()).join(" ")));
    }
    if let Some(picture) = value.read_lock::<Picture>() {
        return Some(picture.text());
    }
    let tuning = value.read_lock::<Tuning>()?;
    Some(format!("a tuning of {} steps", tuning.steps()))
}

/// Names the types, shows them, and lets two of them be compared.
pub fn register(engine: &mut Engine) {
    fn one<T: Clone + Send + Sync + PartialEq + 'static>(engine: &mut Engine, name: &str) {
        engine.register_type_with_name::<T>(name);
        engine.register_fn("==", |a: T, b: T| a == b).register_fn("!=", |a: T, b: T| a != b);
        for shown in ["print", "to_string", "to_debug", "debug"] {
            engine.register_fn(shown, |value: &mut T| told(&Dynamic::from(value.clone())).unwrap_or_default());
        }
    }
    one::<Note>(engine, "Note");
    one::<Interval>(engine, "Interval");
    one::<Scale>(engine, "Scale");
    one::<Chord>(engine, "Chord");
    one::<Key>(engine, "Key");
    one::<Tuning>(engine, "Tuning");
    one::<Picture>(engine, "Picture");
}

//! Words of pitch: scales, transposition, chords. What they know of harmony they ask `theory`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rhai::Dynamic;

use crate::lang::argument;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{Digest, Hap, Pattern, Span, Value, pure};
use crate::theory::scale::Degree;
use crate::theory::{Chord, Dictionary, Interval, Mode, Note, Scale, TheoryError, Voicing};

pub fn words() -> Vec<Word> {
    words! { "harmony":
        /// Degrees of a scale as its notes: `C:minor`, `A1:minor:pentatonic`. Notes move to the nearest of the scale.
        ///
        ///     n("0 2 4 <6 7>").scale("C:minor")
        method scale (pattern: Pattern, scale: Dynamic) { in_scale(&pattern, &named(&scale, &readable::<Scale>(Scale::parse))?) }

        /// Moves pitches by semitones or by an interval such as `5P`, `-2M`.
        ///
        ///     note("c e g").transpose("<0 4 -2M>")
        method transpose | trans (pattern: Pattern, interval: Dynamic) {
            if let Ok(text) = interval.as_immutable_string_ref() {
                argument::only(&text, "semitones or an interval such as 5P", |word| Interval::parse(word).is_ok(), |_| "5P".into())?;
            }
            let unfit = || Fault::new(format!("an interval expected, found {}", argument::describe(&interval))).hint("transpose(\"<0 4 -2M>\")");
            let interval = argument::pattern(&interval)?.ok_or_else(unfit)?;
            pattern.join_with(Digest::new().text("transpose").finish(), &interval, transposed)
        }

        /// Moves pitches by steps inside the scale they were taken from.
        ///
        ///     n("0 2 4").scale("C:major").scale_transpose("<0 1 -1>")
        method scale_transpose | scaleTranspose | scale_trans | scaleTrans | strans (pattern: Pattern, steps: Pattern) { along(&pattern, &steps) }

        /// Numbers as those of a list, which goes on an octave (or so many semitones) higher beyond its end.
        ///
        ///     note("0 2 4 <6 7>").to_scale([0, 2, 3, 7, 8])
        method to_scale | toScale (pattern: Pattern, notes: Value, octave: Option<f64>) {
            let listed: Option<Vec<f64>> = notes.as_list().and_then(|list| list.iter().map(Value::number).collect());
            let Some(listed) = listed.filter(|list| !list.is_empty()) else {
                return Err(Fault::new(format!("a list of semitones expected, found `{notes}`")).hint("to_scale([0, 2, 3, 7, 8])"));
            };
            let octave = octave.unwrap_or(12.0);
            let identity = Digest::new().text("to_scale").value(&notes).value(&octave.into()).finish();
            pattern.map_with(identity, move |value| from_list(value, &listed, octave))
        }

        /// Chord symbols as notes that lie well together, near an anchor.
        ///
        ///     chord("<Am7 Dm7 G7 C^7>").voicing()
        method voicing | voicings (pattern: Pattern, dictionary: Option<Pattern>) {
            let pattern = match dictionary {
                Some(dictionary) => pattern.as_named("chord").with_control("dictionary", &dictionary),
                None => pattern,
            };
            known(&pattern, "chord", &readable(Chord::parse))?;
            known(&pattern, "dictionary", &readable(Dictionary::parse))?;
            known(&pattern, "mode", &readable(Mode::parse))?;
            pattern.rewrite_with(Digest::new().text("voicing").finish(), voiced)
        }

        /// The roots of chord symbols, in an octave.
        ///
        ///     chord("<Am7 Dm7>").root_notes(2)
        method root_notes | rootNotes (pattern: Pattern, octave: Pattern) {
            known(&pattern, "chord", &readable(Chord::parse))?;
            pattern.join_with(Digest::new().text("root_notes").finish(), &octave, root)
        }
    }
}

type Check<'a> = dyn Fn(&str) -> Result<(), TheoryError> + 'a;

fn readable<'a, T>(parse: impl Fn(&str) -> Result<T, TheoryError> + 'a) -> Box<Check<'a>> {
    Box::new(move |text| parse(text).map(|_| ()))
}

pub(super) fn refused(error: TheoryError) -> Fault {
    let fault = Fault::new(error.message);
    match error.hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// A pattern of names. A text that is one name is taken as it is, blanks and all.
fn named(value: &Dynamic, check: &Check) -> Result<Pattern, Fault> {
    if let Ok(text) = value.as_immutable_string_ref()
        && check(&text).is_ok()
    {
        return Ok(pure(text.as_str()));
    }
    let found =
        || Fault::new(format!("a name expected, found {}", argument::describe(value))).hint("scale(\"C:minor\")");
    let pattern = argument::pattern(value)?.ok_or_else(found)?;
    for hap in pattern.query(Span::cycles(0, 8)) {
        check(&hap.value.to_string()).map_err(refused)?;
    }
    Ok(pattern)
}

/// Refuses names that mean nothing among the first cycles of a control (or of plain values).
fn known(pattern: &Pattern, control: &str, check: &Check) -> Result<(), Fault> {
    for hap in pattern.query(Span::cycles(0, 8)) {
        let value = match &hap.value {
            Value::Map(controls) => controls.get(control).cloned(),
            Value::Text(word) if control == "chord" => Some(Value::Text(word.clone())),
            _ => None,
        };
        if let Some(value) = value {
            check(&value.to_string()).map_err(refused)?;
        }
    }
    Ok(())
}

/// Scales by their names, each read once.
fn scale_of(name: &str) -> Option<Arc<Scale>> {
    static READ: Mutex<Option<HashMap<String, Option<Arc<Scale>>>>> = Mutex::new(None);
    let mut read = READ.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let read = read.get_or_insert_default();
    if read.len() > 512 {
        read.clear();
    }
    read.entry(name.to_string()).or_insert_with(|| Scale::parse(name).ok().map(Arc::new)).clone()
}

fn in_scale(pattern: &Pattern, scales: &Pattern) -> Pattern {
    // The name travels with the value until the hap can carry it: scale_transpose asks for it later.
    let paired = pattern.join_with(Digest::new().text("scale").finish(), scales, |value, scale| {
        Some(Value::list([value.clone(), Value::text(&scale.to_string())]))
    });
    paired.rewrite_with(Digest::new().text("in scale").finish(), |hap: Hap| {
        let made = match hap.value.as_list() {
            Some([value, Value::Text(name)]) => scale_of(name).and_then(|s| Some((note_in(&s, value)?, name.clone()))),
            _ => None,
        };
        let made = made.map(|(value, name)| Hap { value, places: hap.places.clone().with_scale(name), ..hap });
        made.into_iter().collect()
    })
}

/// A degree (or a note, to the nearest) in a scale; controls keep what else they say.
fn note_in(scale: &Scale, value: &Value) -> Option<Value> {
    let Value::Map(controls) = value else { return pitched(scale, value, None) };
    let anchor = controls.get("anchor").and_then(Value::numeral);
    let (name, degree) = ["n", "note"].into_iter().find_map(|name| Some((name, controls.get(name)?)))?;
    let note = pitched(scale, degree, anchor)?;
    let mut controls = (**controls).clone();
    controls.remove(name);
    controls.insert("note".into(), note);
    Some(Value::Map(Arc::new(controls)))
}

fn pitched(scale: &Scale, value: &Value, anchor: Option<f64>) -> Option<Value> {
    let degree = match value {
        Value::Text(word) => match Degree::parse(word) {
            Ok(degree) => degree,
            Err(_) => return Some(Value::text(&scale.snap(Note::parse(word).ok()?).name())),
        },
        number => Degree { step: number.number().filter(|x| x.is_finite())?.ceil() as i64, alteration: 0 },
    };
    Some(match anchor {
        Some(anchor) => {
            let step = degree.step.saturating_add(scale.nearest_step(anchor));
            Value::Number(f64::from(scale.degree(Degree { step, ..degree }).midi()))
        }
        None => Value::text(&scale.degree(degree).name()),
    })
}

/// The pitch of a value changed: of controls, their note; names stay names and numbers numbers.
fn change_pitch(
    value: &Value,
    by_name: &dyn Fn(Note) -> Option<Note>,
    by_number: &dyn Fn(f64) -> Option<f64>,
) -> Option<Value> {
    match value {
        Value::Map(controls) => {
            let Some(note) = controls.get("note") else { return Some(value.clone()) };
            Some(value.with("note", change_pitch(note, by_name, by_number)?))
        }
        Value::Text(word) => Some(Value::text(&by_name(Note::parse(word).ok()?)?.name())),
        number => by_number(number.number()?).map(Value::Number),
    }
}

fn transposed(value: &Value, by: &Value) -> Option<Value> {
    let interval = match by {
        Value::Text(name) => Interval::parse(name).ok()?,
        number => Interval::from_semitones(number.number()?.clamp(-240.0, 240.0).round() as i32),
    };
    let semitones = by.number().unwrap_or(f64::from(interval.semitones));
    let up = |note: Note| Some(note.at(note.octave.unwrap_or(3)).transpose(interval).simplify());
    change_pitch(value, &up, &|midi| Some(midi + semitones))
}

fn along(pattern: &Pattern, steps: &Pattern) -> Pattern {
    let paired = pattern.join_with(Digest::new().text("steps").finish(), steps, |value, steps| {
        Some(Value::list([value.clone(), steps.clone()]))
    });
    paired.rewrite_with(Digest::new().text("along").finish(), |hap: Hap| {
        let moved = || {
            let Some([value, steps]) = hap.value.as_list() else { return None };
            let scale = scale_of(hap.places.scale()?)?;
            let steps = steps.whole()?;
            let step = |midi: f64| scale.step(scale.nearest_step(midi).saturating_add(steps));
            change_pitch(value, &|note| Some(step(f64::from(note.midi()))), &|midi| Some(f64::from(step(midi).midi())))
        };
        let value = moved();
        value.map(|value| hap.with_value(value)).into_iter().collect()
    })
}

/// The notes of a chord, each a hap of its own; with `n`, one note of them by number.
fn voiced(hap: Hap) -> Vec<Hap> {
    let controls = match &hap.value {
        Value::Map(controls) => (**controls).clone(),
        other => [("chord".into(), other.clone())].into_iter().collect(),
    };
    let text = |name: &str| controls.get(name).map(Value::to_string);
    let Some(chord) = text("chord").and_then(|symbol| Chord::parse(&symbol).ok()) else { return vec![hap] };
    let anchor = controls.get("anchor").and_then(|value| match value {
        Value::Text(word) => Note::parse(word).ok(),
        number => number.number().map(|midi| Note::from_midi(midi.clamp(-1e3, 1e3) as i32)),
    });
    let usual = Voicing::default();
    let voicing = Voicing {
        anchor: anchor.unwrap_or(usual.anchor),
        mode: text("mode").and_then(|mode| Mode::parse(&mode).ok()).unwrap_or(usual.mode),
        dictionary: text("dictionary").and_then(|name| Dictionary::parse(&name).ok()).unwrap_or(usual.dictionary),
        offset: controls.get("offset").and_then(Value::whole).unwrap_or(0).clamp(-64, 64) as i32,
    };
    let note = |pitch: Value| {
        let mut controls = controls.clone();
        for name in ["chord", "dictionary", "anchor", "mode", "offset", "n", "octaves"] {
            controls.remove(name);
        }
        controls.insert("note".into(), pitch);
        hap.clone().with_value(Value::Map(Arc::new(controls)))
    };
    match controls.get("n").and_then(Value::number) {
        Some(n) => {
            let picked = voicing.pick(&chord, n.ceil() as i64);
            picked.map(|pitch| note(Value::Number(f64::from(pitch.midi())))).into_iter().collect()
        }
        None => voicing.notes(&chord).into_iter().map(|pitch| note(Value::text(&pitch.name()))).collect(),
    }
}

/// The note of a list that a number counts to; of controls, their `n` or `note`.
fn from_list(value: &Value, list: &[f64], octave: f64) -> Option<Value> {
    if let Some(controls) = value.as_map() {
        let Some(name) = ["n", "note"].into_iter().find(|name| controls.contains_key(*name)) else {
            return Some(value.clone());
        };
        return Some(value.with(name, from_list(controls.get(name)?, list, octave)?));
    }
    let (step, count) = (value.number()?.floor() as i64, list.len() as i64);
    Some(Value::Number(list[step.rem_euclid(count) as usize] + octave * step.div_euclid(count) as f64))
}

fn root(value: &Value, octave: &Value) -> Option<Value> {
    let symbol = match value {
        Value::Map(controls) => controls.get("chord")?.to_string(),
        other => other.to_string(),
    };
    let octave = octave.whole()?.clamp(-4, 16) as i32;
    let pitch = Value::text(&Chord::parse(&symbol).ok()?.root.at(octave).name());
    Some(match value {
        Value::Map(controls) => {
            let mut controls = (**controls).clone();
            controls.remove("chord");
            controls.insert("note".into(), pitch);
            Value::Map(Arc::new(controls))
        }
        _ => pitch,
    })
}

//! The five words of the grammar: `track synth effect bus master`, each giving a name to what stands right of its `=`.

use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, EvalContext, Expression, FnPtr, ImmutableString, Position};

use super::argument::{self, describe};
use super::automation;
use super::desk::{self, Building, Definition, Desk};
use super::fault::Fault;
use super::instrument;
use super::part::{Part, sound};
use super::weight;
use super::word::{Style, Word};
use crate::graph::Signal;
use crate::score::{Bus, Diagnostic, Location, Severity, Source, Track};

type Answer = Result<Dynamic, Box<EvalAltResult>>;

/// What a statement of the grammar does with a name and a value.
type Handler = fn(&mut EvalContext, &Given) -> Result<(), Fault>;

/// A statement of the grammar, evaluated: `track NAME = VALUE`.
struct Given {
    name: ImmutableString,
    value: Dynamic,
    at: Location,
}

/// Registers the grammar.
pub fn register(engine: &mut Engine) {
    let named: [(&str, Handler); 4] = [("track", track), ("synth", synth), ("effect", effect), ("bus", bus)];
    for (word, handler) in named {
        engine.register_custom_syntax_with_state_raw(
            word,
            |symbols, ahead, reckoned| {
                Ok(match symbols.len() {
                    1 if ahead == "(" => {
                        *reckoned = Dynamic::TRUE;
                        Some("$expr$".into())
                    }
                    1 => Some("$ident$".into()),
                    2 => Some("=".into()),
                    3 => Some("$expr$".into()),
                    _ => None,
                })
            },
            false,
            move |context, inputs, reckoned| {
                let reckoned = reckoned.as_bool().unwrap_or(false);
                let (name, value) = (name(context, &inputs[0], reckoned)?, context.eval_expression_tree(&inputs[1])?);
                give(context, handler, name, value, inputs[0].position())
            },
        );
    }
    engine.register_custom_syntax_with_state_raw(
        "master",
        |symbols, _, _| {
            Ok(match symbols.len() {
                1 => Some("=".into()),
                2 => Some("$expr$".into()),
                _ => None,
            })
        },
        false,
        |context, inputs, _| {
            let value = context.eval_expression_tree(&inputs[0])?;
            give(context, master, "master".into(), value, inputs[0].position())
        },
    );
}

fn give(context: &mut EvalContext, handler: Handler, name: ImmutableString, value: Dynamic, at: Position) -> Answer {
    let location = desk::with(|desk| desk.location(at)).ok_or_else(|| nowhere(at))?;
    handler(context, &Given { name, value, at: location }).map_err(|fault| fault.raise(at))?;
    Ok(Dynamic::UNIT)
}

fn nowhere(at: Position) -> Box<EvalAltResult> {
    Fault::new("the desk can only be changed while a text is evaluated").raise(at)
}

/// An identifier, or the text that is `reckoned` in parentheses.
fn name(context: &mut EvalContext, input: &Expression, reckoned: bool) -> Result<ImmutableString, Box<EvalAltResult>> {
    if let Some(name) = input.get_string_value().filter(|_| !reckoned) {
        return Ok(name.into());
    }
    let value = context.eval_expression_tree(input)?;
    let fits =
        |t: &ImmutableString| t.len() <= 64 && !t.is_empty() && t.chars().all(|c| c.is_alphanumeric() || c == '_');
    value.clone().try_cast::<ImmutableString>().filter(fits).ok_or_else(|| {
        Fault::new(format!("expected a name of letters, digits and _, found {}", describe(&value)))
            .hint("track (`d${i}`) = s(\"bd*4\")")
            .raise(input.position())
    })
}

/// Warns when a text gives a name twice.
fn once(desk: &mut Desk, kind: &str, given: &Given) {
    let before = desk.places.insert(format!("{kind} {}", given.name), given.at.clone());
    if let Some(before) = before
        && before.file == given.at.file
    {
        desk.warn(Diagnostic {
            severity: Severity::Warning,
            at: given.at.clone(),
            width: given.name.chars().count().max(1),
            message: format!("{kind} {} was already given in line {}; this one counts", given.name, before.line),
            hint: Some(format!("{kind} {}2 = …", given.name)),
        });
    }
}

fn put<T>(list: &mut Vec<T>, item: T, same: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|t| same(t)) {
        Some(place) => *place = item,
        None => list.push(item),
    }
}

fn track(_: &mut EvalContext, given: &Given) -> Result<(), Fault> {
    let (muted, name) = match given.name.strip_prefix('_') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, given.name.as_str()),
    };
    let part = part(&given.value, &given.name)?;
    desk::with(|desk| {
        let known = desk.score.tracks.iter().map(|track| track.name.as_ref());
        weight::room(
            "tracks",
            known,
            name,
            weight::TRACKS,
            "stack(s(\"bd*4\"), s(\"hh*8\")): many patterns on one track",
        )
    })
    .unwrap_or(Ok(()))?;
    desk::with(|desk| {
        once(desk, "track", given);
        desk.names.tracks.insert(name.into(), given.value.clone());
        desk.own.tracks.insert(name.into(), given.value.clone());
        let track = finish(desk, part, name, muted, given.at.clone());
        put(&mut desk.score.tracks, track, |t| t.name.as_ref() == name);
    });
    Ok(())
}

/// A track of a part.
pub fn finish(desk: &Desk, part: Part, name: &str, muted: bool, at: Location) -> Track {
    let sounding = match &part.source {
        Source::Signal(signal) => Some(signal),
        Source::Pattern(_) => None,
    };
    let automation = automation::of(sounding.into_iter().chain(&part.inserts), &desk.names.automations);
    Track {
        name: name.into(),
        muted,
        source: part.source,
        inserts: part.inserts,
        sends: part.sends,
        automation,
        quantum: part.quantum,
        crossfade: part.crossfade,
        at,
    }
}

fn part(value: &Dynamic, name: &str) -> Result<Part, Fault> {
    let part = Part::of(value).ok_or_else(|| {
        let fault = Fault::new(format!("expected a pattern or a sound for track {name}, found {}", describe(value)));
        match value.as_immutable_string_ref() {
            Ok(text) => fault.hint(format!("track {name} = s(\"{}\")", text.as_str())),
            // sin(440) is a number, sine(440) a tone.
            Err(_) if argument::number(value).is_some() => fault.hint(format!("track {name} = sine(440) * 0.1")),
            Err(_) => fault.hint(format!("track {name} = s(\"bd*4\")")),
        }
    })?;
    if let Source::Signal(signal) = &part.source
        && !signal.closed()
    {
        return Err(Fault::new("expected something that sounds, found an effect")
            .hint(format!("track {name} = s(\"bd*4\") >> …")));
    }
    Ok(part)
}

fn synth(context: &mut EvalContext, given: &Given) -> Result<(), Fault> {
    let function = function("synth", given)?;
    desk::with(|desk| {
        let known = desk.score.synths.iter().map(|def| def.name.as_ref());
        weight::room("synths", known, &given.name, weight::DEFINITIONS, "one synth with param(\"width\", 0.5)")
    })
    .unwrap_or(Ok(()))?;
    let definition = Definition { params: instrument::params(context, &function), function, surroundings: None };
    let def = instrument::build(context, &given.name, &definition)?;
    desk::with(|desk| {
        once(desk, "synth", given);
        let doc = desk.docs.get(&given.at.line).cloned().unwrap_or_default();
        let def = Arc::new(crate::graph::SynthDef { doc: doc.into(), ..def });
        let known = (given.name.as_str().into(), (definition, def.clone()));
        desk.own.synths.extend([known.clone()]);
        desk.names.synths.extend([known]);
        put(&mut desk.score.synths, def.into(), |s| s.name.as_ref() == given.name.as_str());
    });
    Ok(())
}

fn effect(context: &mut EvalContext, given: &Given) -> Result<(), Fault> {
    let function = function("effect", given)?;
    desk::with(|desk| {
        let known = desk.own.effects.keys().map(|name| name.as_ref());
        weight::room("effects", known, &given.name, weight::DEFINITIONS, "one effect with more parameters")
    })
    .unwrap_or(Ok(()))?;
    let params = instrument::params(context, &function);
    if params.is_empty() {
        return Err(Fault::new("an effect needs its input as first parameter, found none")
            .hint(format!("effect {} = |input| input >> lowpass(800)", given.name)));
    }
    desk::with(|desk| {
        once(desk, "effect", given);
        let known = (given.name.as_str().into(), Definition { function, params, surroundings: None });
        desk.own.effects.extend([known.clone()]);
        desk.names.effects.extend([known]);
    });
    Ok(())
}

fn function(kind: &str, given: &Given) -> Result<FnPtr, Fault> {
    let (name, example) = match kind {
        "synth" => (&given.name, "|freq, gate| saw(freq) * 0.3 * gate"),
        _ => (&given.name, "|input| input >> lowpass(800)"),
    };
    given.value.clone().try_cast::<FnPtr>().ok_or_else(|| {
        Fault::new(format!("expected a function for {kind} {name}, found {}", describe(&given.value)))
            .hint(format!("{kind} {name} = {example}"))
    })
}

/// A chain for a bus or the master: it must process what arrives.
fn chain(given: &Given, what: &str) -> Result<Signal, Fault> {
    let fault = |found: &str| {
        Fault::new(format!("expected effects for {what}, found {found}"))
            .hint(format!("{what} = reverb(3.5, 0.7) >> highpass(250)"))
    };
    let Some(signal) = sound(&given.value)? else {
        return Err(fault(&describe(&given.value)));
    };
    if signal.closed() {
        return Err(fault(match argument::number(&given.value) {
            Some(_) => "a number",
            None => "a sound of its own",
        }));
    }
    Ok(signal)
}

fn bus(_: &mut EvalContext, given: &Given) -> Result<(), Fault> {
    let chain = chain(given, &format!("bus {}", given.name))?;
    desk::with(|desk| {
        let known = desk.score.buses.iter().map(|bus| bus.name.as_ref());
        weight::room("buses", known, &given.name, weight::BUSES, "bus both = delay(0.3) >> reverb(3)")
    })
    .unwrap_or(Ok(()))?;
    desk::with(|desk| {
        once(desk, "bus", given);
        let automation = automation::of([&chain], &desk.names.automations);
        let bus = Bus { name: given.name.as_str().into(), chain, automation, at: given.at.clone() };
        put(&mut desk.score.buses, bus, |b| b.name.as_ref() == given.name.as_str());
    });
    Ok(())
}

fn master(_: &mut EvalContext, given: &Given) -> Result<(), Fault> {
    let chain = chain(given, "master")?;
    desk::with(|desk| {
        once(desk, "the", given);
        desk.score.master_automation = automation::of([&chain], &desk.names.automations);
        desk.score.master = Some(chain);
    });
    Ok(())
}

/// The grammar's rows of the vocabulary.
pub fn words() -> Vec<Word> {
    let row = |name: &'static str, doc: &'static str, example: &'static str| Word {
        name: name.into(),
        aliases: Vec::new(),
        category: "grammar".into(),
        doc: doc.into(),
        example: example.into(),
        style: Style::Syntax,
        params: Vec::new(),
        code: None,
    };
    vec![
        row(
            "track",
            "Names a part of the piece: a pattern that plays instruments, or a sound. What a pattern is piped into are the \
             track's effects. The same name again changes the part while it plays; `track _name` is there, but muted.",
            "track drums = s(\"bd*4, [~ cp]*2\") >> highpass(40);",
        ),
        row(
            "synth",
            "Names an instrument: a function from controls to a sound, called once with `freq` (Hz), `gate` (0 or 1) and any other \
             controls. Play it with `s(\"name\")`.",
            "synth beep = |freq, gate| sine(freq) * 0.3 * (gate >> adsr(0.01, 0.1, 0.5, 0.2));\nnote(\"a4 c5\").s(\"beep\")",
        ),
        row(
            "effect",
            "Names an effect: a function whose first parameter is what is piped in. From then on it is a word.",
            "effect dark = |input, freq| input >> lowpass(freq, 1.0);\ns(\"hh*8\") >> dark(2000)",
        ),
        row(
            "bus",
            "Names a place where sends arrive, and its effects: `.send(\"name\", 0.3)` feeds it; `.room(0.3)` feeds the bus `room`.",
            "bus hall = reverb(4.0, 0.8) >> highpass(250);\ns(\"cp\").send(\"hall\", 0.4)",
        ),
        row(
            "master",
            "The effects that everything goes through at last.",
            "master = compressor(-18, 2.0);\ns(\"bd*4\")",
        ),
    ]
}

/// Bodies being built around the present one that are effects.
pub fn effect_depth() -> u32 {
    let count = |desk: &mut Desk| desk.building.iter().filter(|b| matches!(b, Building::Effect { .. })).count();
    desk::with(count).unwrap_or(0) as u32
}

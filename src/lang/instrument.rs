//! Instruments and effects: a script's function called once with symbols for its parameters becomes plain data.

use std::sync::Arc;

use rhai::{CallFnOptions, Dynamic, EvalAltResult, EvalContext, FnPtr, Position, Scope};

use super::argument;
use super::controls;
use super::desk::{self, Building, Definition, Surroundings};
use super::fault::Fault;
use super::library;
use super::part::sound;
use super::syntax::effect_depth;
use crate::graph::{Control, MAX_CONTROLS, Signal, SynthDef};

/// The most parameters a function is looked for with.
const MOST_PARAMS: usize = 32;

/// Names of a function's own parameters; what it captured comes before them and is not counted.
pub fn params(context: &EvalContext, function: &FnPtr) -> Vec<Arc<str>> {
    let captured = function.curry().len();
    let find = |count| context.iter_namespaces().find_map(|module| module.get_script_fn(function.fn_name(), count));
    let def = (captured..captured + MOST_PARAMS).find_map(find);
    def.map_or_else(Vec::new, |def| def.params.iter().skip(captured).map(|p| Arc::from(p.as_str())).collect())
}

/// The instrument a function describes.
pub fn build(context: &mut EvalContext, name: &str, definition: &Definition) -> Result<SynthDef, Fault> {
    let given: Vec<Control> = definition.params.iter().map(|p| controls::control(p)).collect();
    let symbols: Vec<Dynamic> = given.iter().map(|c| Dynamic::from(Signal::control(&c.name))).collect();
    let (body, building) = call(context, definition, symbols, Building::Synth { controls: given })?;
    let Building::Synth { controls } = building else { unreachable!("a synth was being built") };
    if !body.closed() {
        return Err(Fault::new(format!("synth {name} must sound by itself, found an effect"))
            .hint(format!("synth {name} = |freq, gate| saw(freq) * gate >> …")));
    }
    if !(1..=2).contains(&body.outputs()) {
        return Err(Fault::new(format!("synth {name} must have 1 or 2 channels, found {}", body.outputs()))
            .hint(format!("synth {name} = |freq| sine(freq) | sine(freq * 1.01)")));
    }
    let automated = body.controls().into_iter().find(|c| !controls.iter().any(|known| known.name == *c));
    if automated.is_some() {
        return Err(Fault::new(format!("a pattern cannot move a control inside synth {name}, found one"))
            .hint("give the synth a control, and the pattern to the control: .cutoff(sine.range(200, 2000))"));
    }
    if controls.len() > MAX_CONTROLS {
        let most = MAX_CONTROLS;
        return Err(Fault::new(format!("synth {name} has {} controls, the most is {most}", controls.len())));
    }
    Ok(SynthDef { name: name.into(), controls, body, doc: "".into() })
}

/// Calls a definition with these arguments while `building` is on the desk.
fn call(
    context: &mut EvalContext,
    definition: &Definition,
    args: Vec<Dynamic>,
    building: Building,
) -> Result<(Signal, Building), Fault> {
    desk::with(|desk| desk.building.push(building))
        .ok_or_else(|| Fault::new("sounds are made while a text is evaluated"))?;
    let (name, mut all) = (definition.function.fn_name(), definition.function.curry().to_vec());
    all.extend(args);
    let made = match &definition.surroundings {
        Some(surroundings) => call_among(context, surroundings, name, all),
        None => context.call_fn_raw(name, false, false, &mut all.iter_mut().collect::<Vec<_>>()),
    };
    let building = desk::with(|desk| desk.building.pop()).flatten().expect("what was pushed is popped");
    let made = made?;
    let signal = sound(&made)?.ok_or_else(|| {
        Fault::new(format!("expected a sound from this function, found {}", argument::describe(&made)))
            .hint("|freq, gate| saw(freq) * gate")
    })?;
    Ok((signal, building))
}

/// Calls a function of the library where it stands, so that it hears of no other functions than it was written for.
fn call_among(
    context: &EvalContext,
    surroundings: &Surroundings,
    name: &str,
    args: Vec<Dynamic>,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let there = (surroundings.file.clone(), surroundings.text.clone());
    let here = desk::with(|desk| desk.stand_in(there));
    let options = CallFnOptions::new().eval_ast(false);
    let made = context.engine().call_fn_with_options(options, &mut Scope::new(), &surroundings.functions, name, args);
    desk::with(|desk| here.map(|here| desk.stand_in(here)));
    made.map_err(nowhere)
}

/// An error without its places, which are those of another text: it counts where it was called.
fn nowhere(mut error: Box<EvalAltResult>) -> Box<EvalAltResult> {
    let mut next = Some(&mut *error);
    while let Some(error) = next {
        error.set_position(Position::NONE);
        next = match error {
            EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
                Some(inner)
            }
            _ => None,
        };
    }
    error
}

/// Whether the body of this effect or synth is being evaluated for a call by its name.
pub fn is_called(name: &str) -> bool {
    desk::with(|desk| desk.calling.iter().any(|called| &**called == name)) == Some(true)
}

/// A defined effect or synth called by its name, or a function of the library, if there is one. What was defined by a text
/// comes before what the library has.
pub fn by_name(context: &mut EvalContext, name: &str, args: &[Dynamic]) -> Result<Option<Dynamic>, Box<EvalAltResult>> {
    let found = desk::with(|desk| {
        desk.names.effects.get(name).map(|e| Found::Effect(e.clone())).or_else(|| {
            desk.names.synths.get(name).map(|(definition, def)| Found::Synth(definition.clone(), def.clone()))
        })
    });
    let Some(found) = found else { return Ok(None) };
    let Some(found) = found.or_else(|| kept(name)) else {
        let function = library::function(name, args.len());
        return function.map(|function| call_among(context, function, name, args.to_vec())).transpose();
    };
    desk::with(|desk| desk.calling.push(name.into()));
    let signal = match found {
        Found::Effect(effect) => apply(context, name, &effect, args),
        Found::Synth(definition, def) => sound_of(context, name, &definition, &def, args),
    };
    desk::with(|desk| desk.calling.pop());
    signal.map(|signal| Some(Dynamic::from(signal))).map_err(|fault| fault.raise(Position::NONE))
}

/// What a name may stand for that is called as a sound.
enum Found {
    Effect(Definition),
    Synth(Definition, Arc<SynthDef>),
}

/// What the library has by a name.
fn kept(name: &str) -> Option<Found> {
    let effect = library::effect(name).map(|effect| Found::Effect(effect.clone()));
    effect.or_else(|| library::synth(name).map(|(definition, def)| Found::Synth(definition.clone(), def.clone())))
}

/// An effect over whatever will be piped in.
fn apply(context: &mut EvalContext, name: &str, effect: &Definition, args: &[Dynamic]) -> Result<Signal, Fault> {
    let depth = effect_depth();
    let mut all = vec![Dynamic::from(Signal::argument(depth))];
    for (k, param) in effect.params.iter().enumerate().skip(1) {
        all.push(match args.get(k - 1) {
            Some(value) => value.clone(),
            None => controls::known(param).map(|c| Dynamic::from_float(c.default.into())).ok_or_else(|| {
                let usage = effect.params[1..].join(", ");
                Fault::new(format!("`{name}` needs its {param}")).hint(format!("{name}({usage})"))
            })?,
        });
    }
    let left: Vec<Dynamic> = args.iter().skip(effect.params.len() - 1).rev().cloned().collect();
    let (body, building) = call(context, effect, all, Building::Effect { left })?;
    if let Building::Effect { left } = building
        && !left.is_empty()
    {
        let (usage, takes) = (effect.params[1..].join(", "), args.len() - left.len());
        return Err(Fault::new(format!("`{name}` takes {takes} arguments, found {}", args.len()))
            .hint(format!("{name}({usage})")));
    }
    Ok(Signal::effect(depth, &body)?)
}

/// An instrument as a plain sound, its controls in order; what is missing takes its default.
fn sound_of(
    context: &mut EvalContext,
    name: &str,
    definition: &Definition,
    def: &SynthDef,
    args: &[Dynamic],
) -> Result<Signal, Fault> {
    if args.len() > def.controls.len() {
        let usage = def.controls.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(", ");
        return Err(Fault::new(format!(
            "`{name}` takes at most {} arguments, found {}",
            def.controls.len(),
            args.len()
        ))
        .hint(format!("{name}({usage})")));
    }
    let default = |c: &Control| if c.name.as_ref() == "gate" { 1.0 } else { f64::from(c.default) };
    let value = |(k, c)| args.get(k).cloned().unwrap_or_else(|| Dynamic::from_float(default(c)));
    let mut all: Vec<Dynamic> = def.controls.iter().enumerate().map(value).collect();
    let mut left = all.split_off(definition.params.len());
    left.reverse();
    call(context, definition, all, Building::Effect { left }).map(|(signal, _)| signal)
}

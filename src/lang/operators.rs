//! Operators on patterns, sounds and parts: `+ - * / %` between anything that can be meant, and the graph's `>> | & ^`.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine, ImmutableString};

use super::argument;
use super::desk;
use super::fault::Fault;
use super::limits;
use super::part::{Part, sound};
use crate::graph::Signal;
use crate::pattern::{Align, Operator, Pattern};
use crate::score::Source;

/// What is on both sides.
type Meaning = fn(&Dynamic, &Dynamic) -> Result<Dynamic, Fault>;

/// Sets fundsp's precedence: `*` over `+ -` over `>>` over `&` over `^` over `|`.
pub fn precede(engine: &mut Engine) {
    for (symbol, precedence) in [(">>", 100), ("^", 45)] {
        engine.disable_symbol(symbol);
        engine
            .register_custom_operator(symbol, precedence)
            .expect("the symbol is disabled and the precedence in range");
    }
}

/// Registers every operator for every type of ours on either side.
pub fn register(engine: &mut Engine) {
    let operators: [(&str, Meaning); 9] = [
        ("+", |a, b| reckon("+", a, b)),
        ("-", |a, b| reckon("-", a, b)),
        ("*", |a, b| reckon("*", a, b)),
        ("/", |a, b| reckon("/", a, b)),
        ("%", |a, b| reckon("%", a, b)),
        (">>", pipe),
        ("|", |a, b| join("|", a, b, Signal::stack)),
        ("&", |a, b| join("&", a, b, Signal::bus)),
        ("^", |a, b| join("^", a, b, Signal::branch)),
    ];
    let ours = [TypeId::of::<Pattern>(), TypeId::of::<Signal>(), TypeId::of::<Part>()];
    // Texts and lists by name, because Rhai has operators of its own that take them beside anything.
    let others = [TypeId::of::<Dynamic>(), TypeId::of::<ImmutableString>(), TypeId::of::<Array>()];
    for (symbol, operator) in operators {
        for own in ours {
            let sides = others.iter().flat_map(|other| [[own, *other], [*other, own]]);
            for sides in sides.chain(ours.iter().map(|other| [own, *other])) {
                engine.register_raw_fn(symbol, sides, move |context, args| {
                    let (a, b) = (args[0].flatten_clone(), args[1].flatten_clone());
                    let at = context.call_position();
                    desk::with(|desk| desk.read(symbol, at, Some(&a)));
                    limits::in_time().and_then(|()| operator(&a, &b)).map_err(|fault| fault.raise(at))
                });
            }
        }
        // Only for the message: nothing of ours on either side.
        if symbol == ">>" {
            engine.register_raw_fn(symbol, [TypeId::of::<Dynamic>(); 2], move |context, args| {
                operator(&args[0].flatten_clone(), &args[1].flatten_clone())
                    .map_err(|f| f.raise(context.call_position()))
            });
        }
    }
    compare(engine);
    for own in ours {
        engine.register_raw_fn("-", [own], |context, args| {
            let zero = Dynamic::from_int(0);
            let value = args[0].flatten_clone();
            let negative = match value.read_lock::<Signal>() {
                Some(signal) => signal.neg().map(Dynamic::from).map_err(Fault::from),
                None => reckon("-", &zero, &value),
            };
            negative.map_err(|fault| fault.raise(context.call_position()))
        });
    }
}

/// Comparisons of a pattern with anything give a pattern of truths; whether two are the same is one truth.
fn compare(engine: &mut Engine) {
    let (pattern, any) = (TypeId::of::<Pattern>(), TypeId::of::<Dynamic>());
    let comparisons =
        [("<", Operator::Less), (">", Operator::Greater), ("<=", Operator::AtMost), (">=", Operator::AtLeast)];
    for (symbol, operator) in comparisons {
        for sides in [[pattern, any], [any, pattern], [pattern, pattern]] {
            engine.register_raw_fn(symbol, sides, move |context, args| {
                let (a, b) = (args[0].flatten_clone(), args[1].flatten_clone());
                desk::with(|desk| desk.read(symbol, context.call_position(), Some(&a)));
                let both = played(symbol, &a).and_then(|x| Ok((x, played(symbol, &b)?)));
                let (x, y) = both.map_err(|fault| fault.raise(context.call_position()))?;
                Ok(Dynamic::from(x.operate(operator, rhythm(&a), &y)))
            });
        }
    }
    engine.register_fn("==", |a: Pattern, b: Pattern| a == b);
    engine.register_fn("!=", |a: Pattern, b: Pattern| a != b);
    engine.register_fn("==", |a: Signal, b: Signal| a == b);
    engine.register_fn("!=", |a: Signal, b: Signal| a != b);
}

/// Where the rhythm comes from: a plain number on the left has none of its own.
fn rhythm(left: &Dynamic) -> Align {
    if argument::number(left).is_some() { Align::Out } else { Align::In }
}

fn is_sound(value: &Dynamic) -> bool {
    value.is::<Signal>() || value.read_lock::<Part>().is_some_and(|p| matches!(p.source, Source::Signal(_)))
}

/// Arithmetic. Of a pattern with effects, the pattern; of a sound and a pattern, the sound.
fn reckon(operator: &str, a: &Dynamic, b: &Dynamic) -> Result<Dynamic, Fault> {
    if is_sound(a) || is_sound(b) {
        let (x, y) = (heard(operator, a)?, heard(operator, b)?);
        let signal = match operator {
            "+" => x.add(&y),
            "-" => x.sub(&y),
            "*" => x.mul(&y),
            "/" => x.div(&y),
            _ => Signal::binary(crate::graph::row("modulo").expect("a row of the table"), &x, &y),
        }?;
        return Ok(
            replace(a, b, |part| part.source = Source::Signal(signal.clone())).unwrap_or_else(|| Dynamic::from(signal))
        );
    }
    let (x, y) = (played(operator, a)?, played(operator, b)?);
    let operator = match operator {
        "+" => Operator::Add,
        "-" => Operator::Sub,
        "*" => Operator::Mul,
        "/" => Operator::Div,
        _ => Operator::Mod,
    };
    let pattern = x.operate(operator, rhythm(a), &y);
    limits::fits(&pattern)?;
    Ok(replace(a, b, |part| part.source = Source::Pattern(pattern.clone())).unwrap_or_else(|| Dynamic::from(pattern)))
}

/// The part among two operands with its source replaced.
fn replace(a: &Dynamic, b: &Dynamic, f: impl Fn(&mut Part)) -> Option<Dynamic> {
    let mut part = a.read_lock::<Part>().or_else(|| b.read_lock::<Part>())?.clone();
    f(&mut part);
    Some(Dynamic::from(part))
}

fn heard(operator: &str, value: &Dynamic) -> Result<Signal, Fault> {
    if let Some(part) = value.read_lock::<Part>()
        && let Source::Signal(signal) = &part.source
    {
        return Ok(signal.clone());
    }
    sound(value)?.ok_or_else(|| {
        Fault::new(format!("`{operator}` expects a sound or a number, found {}", argument::describe(value)))
    })
}

fn played(operator: &str, value: &Dynamic) -> Result<Pattern, Fault> {
    argument::pattern(value)?.ok_or_else(|| {
        let fault =
            Fault::new(format!("`{operator}` expects a pattern or a number, found {}", argument::describe(value)));
        match operator {
            ">" => fault.hint(">> sends a sound through an effect"),
            _ => fault,
        }
    })
}

/// `source >> effect`.
fn pipe(a: &Dynamic, b: &Dynamic) -> Result<Dynamic, Fault> {
    let Some(effect) = b.read_lock::<Signal>() else {
        let found = argument::describe(b);
        return Err(
            Fault::new(format!("expected an effect after >>, found {found}")).hint("s(\"bd*4\") >> lowpass(800)")
        );
    };
    if let Some(signal) = a.read_lock::<Signal>() {
        return Ok(Dynamic::from(signal.pipe(&effect)?));
    }
    if let Some(part) = Part::of(a) {
        return Ok(Dynamic::from(part.through(&effect)?));
    }
    if let Some(number) = argument::number(a) {
        return Ok(Dynamic::from(Signal::constant(number as f32).pipe(&effect)?));
    }
    let fault = Fault::new(format!("expected a pattern or a sound before >>, found {}", argument::describe(a)));
    Err(match a.as_immutable_string_ref() {
        Ok(text) => fault.hint(format!("s(\"{}\") >> …", text.as_str())),
        Err(_) => fault.hint("s(\"bd*4\") >> lowpass(800)"),
    })
}

fn join(
    operator: &str,
    a: &Dynamic,
    b: &Dynamic,
    f: fn(&Signal, &Signal) -> Result<Signal, crate::graph::GraphError>,
) -> Result<Dynamic, Fault> {
    match (sound(a)?, sound(b)?) {
        (Some(x), Some(y)) => Ok(Dynamic::from(f(&x, &y)?)),
        (x, _) => {
            let wrong = if x.is_none() { a } else { b };
            let found = argument::describe(wrong);
            Err(Fault::new(format!("`{operator}` expects sounds on both sides, found {found}"))
                .hint("sine(220) | sine(221)"))
        }
    }
}

//! The words of sound: every ugen of the table as a function, and what a sound can do after a dot.

use std::sync::Arc;

use rhai::Dynamic;

use super::argument::Arguments;
use super::desk;
use super::fault::Fault;
use super::part::Part;
use super::word::{Call, Kind, Need, Parameter, Range, Style, Word, words};
use crate::graph::{Param, Row, Signal, row, rows};
use crate::pattern::Pattern;
use crate::score::{Diagnostic, Severity, Source};

/// All words of this room.
pub fn words() -> Vec<Word> {
    rows().iter().map(ugen).chain(methods()).collect()
}

/// A row of the table of ugens as a word.
fn ugen(row: &'static Row) -> Word {
    Word {
        name: row.name.into(),
        aliases: row.aliases.iter().map(|a| (*a).into()).collect(),
        category: row.category.into(),
        doc: row.doc.into(),
        example: row.example.into(),
        style: Style::Function,
        params: if row.params.is_empty() { operands(row) } else { row.params.iter().map(parameter).collect() },
        code: Some(Arc::new(move |call: &Call| make(row, call))),
    }
}

/// The operands of a row without parameters: what may also be piped in.
fn operands(row: &Row) -> Vec<Parameter> {
    let operand = |name: &'static str, need| Parameter { name: name.into(), kind: Kind::Sound, need, range: None };
    match (row.inputs, row.outputs) {
        (2, 1) => vec![operand("a", Need::Optional), operand("b", Need::Optional)],
        (1, _) => vec![operand("input", Need::Optional)],
        _ => Vec::new(),
    }
}

fn parameter(param: &Param) -> Parameter {
    Parameter {
        name: param.name.into(),
        kind: Kind::Sound,
        need: if param.default.is_some() { Need::Optional } else { Need::Once },
        range: Some(Range {
            unit: param.unit,
            low: param.low.into(),
            high: param.high.into(),
            default: param.default.map(Into::into),
        }),
    }
}

fn make(row: &'static Row, call: &Call) -> Result<Dynamic, Fault> {
    let mut taken = Arguments::new(call);
    let mut signals = Vec::new();
    for _ in call.args {
        signals.push(taken.take::<Signal>()?);
    }
    row.params.iter().zip(&signals).for_each(|(param, signal)| within(call, param, signal));
    let signal = Signal::ugen(row, &signals)?;
    // Between plain numbers, arithmetic gives a plain number.
    match signal.number() {
        Some(number) if row.inputs > 0 => Ok(Dynamic::from_float(number.into())),
        _ => Ok(Dynamic::from(signal)),
    }
}

/// Warns of a number that will be held at the end of its parameter's range.
fn within(call: &Call, param: &Param, signal: &Signal) {
    let Some(number) = signal.number().filter(|x| !(param.low..=param.high).contains(x)) else { return };
    let nearest = if number < param.low { param.low } else { param.high };
    let (name, unit) = (call.name, if param.unit.is_empty() { String::new() } else { format!(" ({})", param.unit) });
    let range = format!("{} to {}{unit}", param.low, param.high);
    desk::with(|desk| {
        desk.warn(Diagnostic {
            severity: Severity::Warning,
            at: desk.location(call.context.call_position()),
            width: name.chars().count().max(1),
            message: format!("`{name}` expects {range} for {}, found {number}: {nearest} counts", param.name),
            hint: Some(format!("{nearest}")),
        });
    });
}

fn methods() -> Vec<Word> {
    words! { "sounds":
        /// Stretches a sound of -1 … 1 onto `low` … `high`; a low-frequency oscillator onto the range of a filter.
        ///
        ///     saw(110) * 0.3 >> lowpass(sine(0.5).range(200, 2000))
        method range (sound: Signal, low: Signal, high: Signal) { sound.range(&low, &high) }

        /// Makes a sound louder or softer by a linear factor: 1 leaves it, 0.5 halves it (-6 dB).
        ///
        ///     saw(55).gain(0.2)
        method gain (sound: Part, factor: Signal) { change(sound, |s| s.mul(&factor)) }

        /// Places a sound between left (-1) and right (1), at equal power.
        ///
        ///     saw(55).gain(0.2).pan(-0.5)
        method pan (sound: Part, position: Signal) {
            let place = Signal::ugen(row("pan").ok_or_else(|| Fault::new("there is no panner"))?, &[position])?;
            change(sound, |s| s.pipe(&place))
        }

        /// Feeds a bus with this sound, after its level: how much, linear.
        ///
        ///     (sine(55) * 0.2).send("room", 0.3)
        method send (sound: Part, bus: Arc<str>, level: f64) { sound.send(&bus, level) }

        /// Feeds any bus with every note: how much, linear.
        ///
        ///     s("cp*2").send("room", 0.4)
        method send (pattern: Pattern, bus: Arc<str>, level: Pattern) { pattern.with_control(&format!("send_{bus}"), &level) }

        /// Feeds the bus `room`.
        ///
        ///     (sine(55) * 0.2).room(0.3)
        method room (sound: Part, level: f64) { sound.send("room", level) }

        /// Feeds the bus `delay`.
        ///
        ///     (sine(55) * 0.2).delay(0.3)
        method delay (sound: Part, level: f64) { sound.send("delay", level) }
    }
}

fn change(mut sound: Part, f: impl Fn(&Signal) -> Result<Signal, crate::graph::GraphError>) -> Result<Part, Fault> {
    if let Source::Signal(signal) = &sound.source {
        sound.source = Source::Signal(f(signal)?);
    }
    Ok(sound)
}

//! From the tree of a text to its pattern.

use std::ops::Range;

use super::Origin;
use super::parse::MOST_COPIES;
use super::syntax::{Kind, Layers, Mark, Step, What, weight};
use crate::pattern::chance::one_per_cycle;
use crate::pattern::combine::{Join, fastcat, placed, pure, silence, stack, stepcat};
use crate::pattern::{Id, Pattern, Place, Places, Time, Value};

/// A text and where it stands, so that its haps can say so.
pub struct Builder<'a> {
    text: &'a str,
    origin: Option<Origin>,
    /// Bytes at which its lines begin.
    lines: Vec<usize>,
}

impl<'a> Builder<'a> {
    pub fn new(text: &'a str, origin: Option<Origin>) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Builder { text, origin, lines: std::iter::once(0).chain(breaks).collect() }
    }

    pub fn layers(&self, layers: &Layers) -> Pattern {
        let patterns: Vec<Pattern> = layers.sequences.iter().map(|steps| self.sequence(steps)).collect();
        let pattern = match layers.kind {
            Kind::Stack => stack(&patterns),
            Kind::Feet => fastcat(&patterns),
            Kind::Choice(chance) => one_per_cycle(u64::from(chance), &patterns, &[]),
        };
        match layers.counted() {
            Some(steps) => pattern.with_steps(Some(steps)),
            None => pattern,
        }
    }

    fn places(&self, span: &Range<usize>) -> Places {
        let Some(origin) = self.origin else { return Places::default() };
        let line = self.lines.partition_point(|begin| *begin <= span.start) - 1;
        let letters = |bytes: Range<usize>| {
            if self.text.is_ascii() { bytes.len() as u32 } else { self.text[bytes].chars().count() as u32 }
        };
        let before = letters(self.lines[line]..span.start);
        let column = if line == 0 { origin.column + before } else { before + 1 };
        let place =
            Place { source: origin.source, line: origin.line + line as u32, column, length: letters(span.clone()) };
        Places::one(place)
    }

    fn sequence(&self, steps: &[Step]) -> Pattern {
        match steps {
            [] => silence(),
            [one] => self.step(one).with_steps(Some(one.weight)),
            many => stepcat(&many.iter().map(|step| (step.weight, self.step(step))).collect::<Vec<_>>()),
        }
    }

    fn step(&self, step: &Step) -> Pattern {
        step.marks.iter().fold(self.what(&step.what), |pattern, mark| self.mark(pattern, mark))
    }

    fn what(&self, what: &What) -> Pattern {
        match what {
            What::Atom(value, span) => placed(value.clone(), self.places(span)),
            What::Chord(values, span) => {
                let places = self.places(span);
                stack(&values.iter().map(|value| placed(value.clone(), places.clone())).collect::<Vec<_>>())
            }
            What::Rest => silence(),
            What::Group(layers) => self.layers(layers),
            What::Alternate(layers) => {
                let slow = |steps: &Vec<Step>| self.sequence(steps).slow_by(weight(steps));
                stack(&layers.sequences.iter().map(slow).collect::<Vec<_>>())
            }
            What::Polymeter(layers, steps) => {
                let count = match steps {
                    Some(what) => self.what(what),
                    None => pure(layers.sequences.first().map_or(Time::ONE, |first| weight(first))),
                };
                let paced = |steps: &Vec<Step>| {
                    let own = weight(steps);
                    // Steps that all weigh nothing have no pace.
                    if own == Time::ZERO {
                        return silence();
                    }
                    let factor = move |count: &Value| Some(Value::Ratio(count.time()? / own));
                    self.sequence(steps).fast(&count.map_values(Id::of("per").time(own), factor))
                };
                stack(&layers.sequences.iter().map(paced).collect::<Vec<_>>())
                    .with_steps(count.pure_value().and_then(Value::time))
            }
        }
    }

    fn mark(&self, pattern: Pattern, mark: &Mark) -> Pattern {
        match mark {
            Mark::Fast(amount) => pattern.fast(&self.what(amount)),
            Mark::Slow(amount) => pattern.slow(&self.what(amount)),
            Mark::Replicate(copies) => pattern.replicated(*copies),
            Mark::Degrade(amount, chance) => {
                let dice = Id::of("?").number(f64::from(*chance)).on(&pattern).occurrence();
                pattern.degraded(*amount, dice, false)
            }
            Mark::Euclid(onsets, steps, rotation) => {
                let rotation = rotation.as_ref().map_or_else(|| pure(0), |step| self.step(step));
                pattern.euclid_rot(&self.step(onsets), &self.step(steps), &rotation)
            }
            Mark::Tail(what) => pattern.app_left(Id::of(":"), &self.what(what), |head, tail| {
                let tail = [tail.clone()];
                Some(match head {
                    Value::List(values) => Value::list(values.iter().cloned().chain(tail)),
                    head => Value::list([head.clone()].into_iter().chain(tail)),
                })
            }),
            Mark::Range(to) => {
                let to = self.what(to);
                pattern.squeeze_bind(Id::of("..").on(&to), move |from| {
                    let from = from.number()?;
                    Some(to.bind(Id::of("to").number(from), Join::Mix, move |to| range(from, to.number()?)))
                })
            }
        }
    }
}

/// Whole steps from one number up or down to another.
fn range(from: f64, to: f64) -> Option<Pattern> {
    let count = ((to - from).abs().floor() + 1.0).min(MOST_COPIES) as usize;
    let step = if from < to { 1.0 } else { -1.0 };
    Some(fastcat(&(0..count).map(|i| pure(from + step * i as f64)).collect::<Vec<_>>()))
}

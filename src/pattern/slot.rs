//! Slots: how a transform is applied once, when a pattern is made, though its arguments vary in time.
//!
//! `p.inside("<2 4>", f)` needs `f` of something slowed by a number that is not known yet. `f` is given the pattern slowed by
//! a *slot*; whoever queries the result says, in a *frame*, what the slot stands for.

use super::combine::{Join, tuple};
use super::hap::{Hap, Span};
use super::value::Value;
use super::{Id, Pattern, Query};

/// What one slot stands for during a query.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    slot: u64,
    value: &'a Value,
    outer: Option<&'a Frame<'a>>,
}

impl<'a> Query<'a> {
    /// The same question, with a slot standing for a value.
    pub fn framed<T>(&self, slot: u64, value: &Value, ask: impl FnOnce(&Query) -> T) -> T {
        let frame = Frame { slot, value, outer: self.frame };
        ask(&Query { frame: Some(&frame), ..*self })
    }

    fn slot(&self, slot: u64) -> Option<&'a Value> {
        let mut frame = self.frame;
        while let Some(at) = frame {
            if at.slot == slot {
                return Some(at.value);
            }
            frame = at.outer;
        }
        None
    }
}

/// What the slot stands for, continuously.
pub(crate) fn slot(slot: u64) -> Pattern {
    Id::of("slot")
        .number(f64::from_bits(slot))
        .pattern(None, move |q| q.slot(slot).map(|value| Hap::new(None, q.span, value.clone())).into_iter().collect())
}

/// What the slot stands for, once per cycle.
pub(crate) fn cycle_slot(slot: u64) -> Pattern {
    Id::of("cycle_slot").number(f64::from_bits(slot)).pattern(Some(super::Time::ONE), move |q| {
        let Some(value) = q.slot(slot) else { return Vec::new() };
        q.cycles().map(|q| Hap::new(Some(Span::cycle_of(q.span.begin)), q.span, value.clone())).collect()
    })
}

impl Pattern {
    /// What `make` makes of arguments that may vary in time; it runs once, now.
    pub(crate) fn with_slots<E>(
        &self,
        word: &str,
        args: &[&Pattern],
        make: &mut dyn FnMut(&[Pattern]) -> Result<Pattern, E>,
    ) -> Result<Pattern, E> {
        if args.iter().all(|arg| arg.pure_value().is_some()) {
            return make(&args.iter().map(|arg| (*arg).clone()).collect::<Vec<_>>());
        }
        let id = Id::of(word).on(self).all(args.iter().copied());
        let names: Vec<u64> = (0..args.len()).map(|i| id.clone().number(i as f64).occurrence()).collect();
        let made = make(&names.iter().map(|name| slot(*name)).collect::<Vec<_>>())?;
        let id = id.on(&made);
        Ok(tuple(args).bind(id, Join::Inner, move |values| Some(framing(&made, &names, values.as_list()?))))
    }
}

/// A pattern with its slots standing for these values.
pub(crate) fn framing(pattern: &Pattern, names: &[u64], values: &[Value]) -> Pattern {
    let mut framed = pattern.clone();
    for (name, value) in names.iter().copied().zip(values.iter().cloned()) {
        let inner = framed;
        let id = Id::of("frame").number(f64::from_bits(name)).value(&value).on(&inner);
        framed = id.pattern(inner.steps(), move |q| q.framed(name, &value, |q| inner.run(q)));
    }
    framed
}

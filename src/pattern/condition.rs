//! Conditions: rhythm from truths, and transforms that act only now and then.

use super::chance::one_of;
use super::combine::{Join, held_by_cycle, pure, silence, stack};
use super::hap::{Hap, Span};
use super::operate::{Align, Operator};
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// A transform, applied when the pattern is made.
pub type Transform<'a, E> = &'a mut dyn FnMut(Pattern) -> Result<Pattern, E>;

impl Pattern {
    /// The rhythm of truths, with the values of this pattern.
    pub fn structure(&self, truths: &Pattern) -> Pattern {
        self.operate(Operator::KeepIf, Align::Out, truths)
    }

    /// Silent where a pattern of truths says no.
    pub fn mask(&self, truths: &Pattern) -> Pattern {
        self.operate(Operator::KeepIf, Align::In, truths)
    }

    /// Starts over at each truth: at the start of the current cycle, or from cycle 0.
    pub fn reset(&self, truths: &Pattern, from_zero: bool) -> Pattern {
        self.operate(Operator::KeepIf, if from_zero { Align::Restart } else { Align::Reset }, truths)
    }

    /// Sampled n times per cycle.
    pub fn segment(&self, n: &Pattern) -> Pattern {
        self.with_arg("segment", n, |p, n| Some(p.segment_by(n.time()?)))
    }

    pub(crate) fn segment_by(&self, n: Time) -> Pattern {
        self.structure(&pure(true).fast_by(n)).with_steps(Some(n))
    }

    /// Transformed on the first of every n cycles.
    pub fn first_of<E>(&self, n: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let changed = f(self.clone())?;
        Ok(self.with_arg("first_of", n, move |p, n| Some(one_of(n.whole()?.clamp(1, 4096), 0, &changed, p))))
    }

    /// Transformed on the last of every n cycles.
    pub fn last_of<E>(&self, n: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let changed = f(self.clone())?;
        Ok(self.with_arg("last_of", n, move |p, n| {
            let n = n.whole()?.clamp(1, 4096);
            Some(one_of(n, n - 1, &changed, p))
        }))
    }

    /// Transformed on one of every n cycles, counted from 0.
    pub fn every_from<E>(&self, n: &Pattern, which: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let changed = f(self.clone())?;
        Ok(self.with_args("every_from", &[n, which], move |p, values| {
            let n = values[0].whole()?.clamp(1, 4096);
            Some(one_of(n, values[1].whole()?.rem_euclid(n), &changed, p))
        }))
    }

    /// Transformed while a pattern of truths says yes.
    pub fn when<E>(&self, truths: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let changed = f(self.clone())?;
        Ok(self.switched(truths, &changed))
    }

    /// Another pattern while truths say yes, this one while they say no.
    pub fn switched(&self, truths: &Pattern, other: &Pattern) -> Pattern {
        let other = other.clone();
        let id = Id::of("when").on(&other);
        let name = format!("when{:x}", id.occurrence());
        self.with_arg(&name, truths, move |p, truth| Some(if truth.truth() { other.clone() } else { p.clone() }))
    }

    /// Transformed where haps begin within a window of the cycle.
    pub fn within<E>(&self, begin: &Pattern, end: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        self.with_slots("within", &[begin, end], &mut |bounds| {
            let part = |inside: bool| {
                self.with_args(
                    if inside { "inside" } else { "outside" },
                    &[&bounds[0], &bounds[1]],
                    move |p, bounds| {
                        let window = Span::new(bounds[0].time()?, bounds[1].time()?);
                        let id =
                            Id::of("within").number(f64::from(u8::from(inside))).time(window.begin).time(window.end);
                        Some(p.keep_haps(id, move |hap: &Hap| {
                            let at = hap.whole_or_part().begin.fraction();
                            (at >= window.begin && at <= window.end) == inside
                        }))
                    },
                )
            };
            Ok(stack(&[f(part(true))?, part(false)]))
        })
    }

    /// Transformed for one n-th of the cycle, the next one each cycle; the cycle waits for its n-ths unless `fast`.
    pub fn chunk<E>(&self, n: &Pattern, back: bool, fast: bool, f: Transform<E>) -> Result<Pattern, E> {
        self.with_slots("chunk", &[n], &mut |n| {
            let source = if fast { self.clone() } else { self.repeat_cycles(&n[0]) };
            let truths = turn(&n[0], back);
            source.when(&truths, f)
        })
    }

    /// One n-th of the cycle is looped as a cycle of its own and transformed, the next one each cycle.
    pub fn chunk_into<E>(&self, n: &Pattern, back: bool, f: Transform<E>) -> Result<Pattern, E> {
        let truths = if back { turn(n, true).early_by(Time::ONE) } else { turn(n, false) };
        self.into_parts(&truths, f)
    }

    /// The parts of the cycle that truths mark are each looped as a cycle, and transformed.
    pub fn into_parts<E>(&self, truths: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let id = Id::of("into").on(self).on(truths);
        let slots = [id.clone().text("begin").occurrence(), id.clone().text("length").occurrence()];
        let [begin, length] = slots.map(super::slot::slot);
        let changed = f(self.ribbon(&begin, &length))?;
        let (plain, truths) = (self.clone(), truths.clone());
        Ok(id.on(&changed).pattern(None, move |q| {
            let mut haps = Vec::new();
            for truth in held_by_cycle(&truths, q) {
                let asked = q.at(truth.part);
                match truth.whole {
                    Some(whole) if truth.value.truth() => {
                        let (begin, length) = (Value::Ratio(whole.begin), Value::Ratio(whole.duration()));
                        let ask = |q: &super::Query| q.framed(slots[1], &length, |q| changed.run(q));
                        haps.extend(asked.framed(slots[0], &begin, ask));
                    }
                    _ => haps.extend(plain.run(&asked)),
                }
            }
            haps
        }))
    }

    /// Silent while a pattern of truths says yes.
    pub fn bypass(&self, truths: &Pattern) -> Pattern {
        self.switched(truths, &silence())
    }

    /// Loops a stretch of cycles from an offset.
    pub fn ribbon(&self, offset: &Pattern, cycles: &Pattern) -> Pattern {
        self.with_args("ribbon", &[offset, cycles], |p, values| {
            let (offset, cycles) = (values[0].time()?, values[1].time()?);
            let each = pure(true).slow_by(cycles);
            Some(p.early_by(offset).reset(&each, true))
        })
    }

    /// The values of another pattern where this one is silent are left out; joined haps are those of the inner pattern.
    pub(crate) fn join_inner(
        &self,
        id: Id,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        self.bind(id, Join::Inner, make)
    }
}

/// Truths that mark one n-th of the cycle, the next one each cycle, or the one before.
fn turn(n: &Pattern, back: bool) -> Pattern {
    pure(0).with_arg(if back { "turn_back" } else { "turn" }, n, move |_, n| {
        let n = n.whole()?.clamp(1, 1024);
        let id = Id::of("turn").number(n as f64).number(f64::from(u8::from(back)));
        Some(id.pattern(Some(Time::int(n)), move |q| {
            let mut haps = Vec::new();
            for q in q.cycles() {
                let cycle = q.span.begin.cycle();
                let on = (if back { -cycle } else { cycle }).rem_euclid(n);
                for i in 0..n {
                    let at = |i: i64| Time::int(cycle) + Time::new(i, n);
                    let whole = Span::new(at(i), at(i + 1));
                    if let Some(part) = whole.intersection(q.span) {
                        haps.push(Hap::new(Some(whole), part, Value::Bool(i == on)));
                    }
                }
            }
            haps
        }))
    })
}

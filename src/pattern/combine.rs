//! Building and joining: single values, sequences, stacks, and the joins that flatten a pattern of patterns.

use std::sync::Arc;

use super::hap::{Hap, Places, Span};
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern, Query};

/// No haps at all.
pub fn silence() -> Pattern {
    gap(Time::ONE)
}

/// No haps, and no steps: it vanishes where patterns are joined step by step.
pub fn nothing() -> Pattern {
    gap(Time::ZERO)
}

/// No haps for a number of steps.
pub fn gap(steps: Time) -> Pattern {
    Id::of("gap").time(steps).pattern(Some(steps), |_| Vec::new())
}

/// One value per cycle.
pub fn pure(value: impl Into<Value>) -> Pattern {
    placed(value.into(), Places::default())
}

/// One value per cycle that knows where it was written.
pub(crate) fn placed(value: Value, places: Places) -> Pattern {
    let held = value.clone();
    Id::of("pure").value(&value).holding(Some(held)).pattern(Some(Time::ONE), move |q| {
        let hap = |q: Query| Hap {
            whole: Some(Span::cycle_of(q.span.begin)),
            part: q.span,
            value: value.clone(),
            places: places.clone(),
        };
        q.cycles().map(hap).collect()
    })
}

/// One value, continuously.
pub fn steady(value: impl Into<Value>) -> Pattern {
    let value = value.into();
    Id::of("steady").value(&value).pattern(None, move |q| vec![Hap::new(None, q.span, value.clone())])
}

/// All at once. Its steps are those of the first that has any when all agree, else the least common multiple.
pub fn stack(patterns: &[Pattern]) -> Pattern {
    match patterns {
        [] => silence(),
        [one] => one.clone(),
        many => {
            let parts: Arc<[Pattern]> = many.into();
            Id::of("stack")
                .all(many)
                .pattern(common_steps(many), move |q| parts.iter().flat_map(|p| p.run(q)).collect())
        }
    }
}

/// One pattern per cycle, in turn, none of their cycles skipped.
pub fn cat(patterns: &[Pattern]) -> Pattern {
    match patterns {
        [] => silence(),
        [one] => one.clone(),
        many => {
            let parts: Arc<[Pattern]> = many.into();
            Id::of("cat").all(many).pattern(common_steps(many), move |q| {
                let count = parts.len() as i64;
                let piece = |q: Query| {
                    let cycle = q.span.begin.cycle();
                    // The n-th turn of a pattern is its own cycle n.
                    let ahead = Time::int(cycle - cycle.div_euclid(count));
                    let haps = parts[cycle.rem_euclid(count) as usize].run(&q.map(|t| t - ahead));
                    haps.into_iter().map(move |hap| hap.map_time(|t| t + ahead))
                };
                q.cycles().flat_map(piece).collect()
            })
        }
    }
}

/// One pattern per cycle, in turn, each playing the cycle that it is: what is not its turn is skipped.
pub fn cat_skipping(patterns: &[Pattern]) -> Pattern {
    let parts: Arc<[Pattern]> = patterns.into();
    if parts.is_empty() {
        return silence();
    }
    Id::of("cat_skipping").all(patterns).pattern(common_steps(patterns), move |q| {
        let turn = |q: Query| parts[q.span.begin.cycle().rem_euclid(parts.len() as i64) as usize].run(&q);
        q.cycles().flat_map(turn).collect()
    })
}

/// For each cycle the pattern that a function from outside, which `identity` stands for, makes of its number.
pub fn each_cycle(identity: u128, make: impl Fn(i64) -> Option<Pattern> + Send + Sync + 'static) -> Pattern {
    Id::of("each_cycle").word(identity).pattern(None, move |q| {
        let cycle = |q: Query| make(q.span.begin.cycle()).map(|made| made.run(&q)).unwrap_or_default();
        q.cycles().flat_map(cycle).collect()
    })
}

/// A continuous value as a function of time from outside, which `identity` stands for.
pub fn function_of_time(identity: u128, f: impl Fn(Time) -> Option<Value> + Send + Sync + 'static) -> Pattern {
    Id::of("function_of_time")
        .word(identity)
        .pattern(None, move |q| f(q.span.begin).map(|value| Hap::new(None, q.span, value)).into_iter().collect())
}

/// The patterns squeezed into one cycle, at equal length.
pub fn fastcat(patterns: &[Pattern]) -> Pattern {
    let count = Time::int(patterns.len() as i64);
    match patterns {
        [] => silence(),
        [one] => one.clone(),
        many => cat(many).fast_by(count).with_steps(Some(count)),
    }
}

/// The patterns squeezed into one cycle, at lengths in proportion to what stands beside them.
pub fn stepcat(parts: &[(Time, Pattern)]) -> Pattern {
    let parts: Vec<_> = parts.iter().filter(|(length, _)| *length > Time::ZERO).cloned().collect();
    let total = parts.iter().fold(Time::ZERO, |sum, (length, _)| sum + *length);
    match &parts[..] {
        [] => nothing(),
        [(_, one)] => one.with_steps(Some(total)),
        _ => {
            let mut begin = Time::ZERO;
            let mut bounds = Vec::with_capacity(parts.len());
            let mut id = Id::of("stepcat");
            for (length, part) in &parts {
                let window = Span::new(begin / total, (begin + *length) / total);
                id = id.time(*length).on(part);
                bounds.push((window, part.compress_to(window)));
                begin += *length;
            }
            id.pattern(Some(total), move |q| {
                let windows = |q: Query| {
                    let cycle = q.span.begin.floor();
                    // Only the parts whose window the question touches are asked.
                    let touched = |(w, _): &&(Span, Pattern)| w.map(|t| t + cycle).intersection(q.span).is_some();
                    bounds.iter().filter(touched).flat_map(|(_, part)| part.run(&q)).collect::<Vec<_>>()
                };
                q.cycles().flat_map(windows).collect()
            })
        }
    }
}

fn common_steps(patterns: &[Pattern]) -> Option<Time> {
    let mut known = patterns.iter().filter_map(Pattern::steps).filter(|steps| !steps.is_zero());
    let first = known.next()?;
    Some(known.fold(first, Time::least_common_multiple))
}

/// How the whole of a hap comes about from the pattern outside and the one inside.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Join {
    Inner,
    Outer,
    Mix,
}

impl Pattern {
    /// Every value changed; haps whose value makes no sense fall silent. `id` says what is done.
    pub(crate) fn map_values(&self, id: Id, f: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static) -> Pattern {
        let inner = self.clone();
        let held = self.pure_value().and_then(&f);
        id.on(self).holding(held).pattern(self.steps(), move |q| {
            let change = |hap: Hap| f(&hap.value).map(|value| hap.with_value(value));
            inner.run(q).into_iter().filter_map(change).collect()
        })
    }

    /// Values changed by a function from outside, which `identity` stands for; the same question must have the same answer.
    pub fn map_with(&self, identity: u128, f: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static) -> Pattern {
        self.map_values(Id::of("map").word(identity), f)
    }

    /// The haps that pass a test from outside, which `identity` stands for.
    pub fn filter_with(&self, identity: u128, test: impl Fn(&Hap) -> bool + Send + Sync + 'static) -> Pattern {
        self.keep_haps(Id::of("filter").word(identity), test)
    }

    /// Haps rewritten as any number of others by a function from outside, which `identity` stands for. Times must stay.
    pub fn rewrite_with(&self, identity: u128, f: impl Fn(Hap) -> Vec<Hap> + Send + Sync + 'static) -> Pattern {
        let inner = self.clone();
        let id = Id::of("rewrite").word(identity).on(self);
        id.pattern(self.steps(), move |q| inner.run(q).into_iter().flat_map(&f).collect())
    }

    /// Values of both, rhythm of this one, by a function from outside, which `identity` stands for.
    pub fn join_with(
        &self,
        identity: u128,
        other: &Pattern,
        f: impl Fn(&Value, &Value) -> Option<Value> + Send + Sync + 'static,
    ) -> Pattern {
        self.app_left(Id::of("join").word(identity), other, f)
    }

    /// Joins the patterns that a function from outside, which `identity` stands for, makes of each value.
    pub fn bind_with(
        &self,
        identity: u128,
        reach: super::Reach,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        let id = Id::of("bind").word(identity).text(&format!("{reach:?}"));
        match reach {
            super::Reach::Inside => self.bind(id, Join::Inner, make),
            super::Reach::Outside => self.bind(id, Join::Outer, make),
            super::Reach::Restart => self.restart_bind(id, true, make),
            super::Reach::Reset => self.restart_bind(id, false, make),
            super::Reach::Squeeze => self.squeeze_bind(id, make),
        }
    }

    /// The haps that pass a test.
    pub(crate) fn keep_haps(&self, id: Id, test: impl Fn(&Hap) -> bool + Send + Sync + 'static) -> Pattern {
        let inner = self.clone();
        id.on(self).pattern(self.steps(), move |q| inner.run(q).into_iter().filter(&test).collect())
    }

    /// Each hap rewritten as others.
    pub(crate) fn map_haps(&self, id: Id, f: impl Fn(Hap) -> Option<Hap> + Send + Sync + 'static) -> Pattern {
        let inner = self.clone();
        id.on(self).pattern(self.steps(), move |q| inner.run(q).into_iter().filter_map(&f).collect())
    }

    /// Only what begins and ends: continuous signals fall silent.
    pub fn discrete_only(&self) -> Pattern {
        self.keep_haps(Id::of("discrete"), |hap| hap.whole.is_some())
    }

    /// Only what begins in the query.
    pub fn onsets_only(&self) -> Pattern {
        self.keep_haps(Id::of("onsets"), Hap::has_onset)
    }

    /// Joins the patterns made from each value of this one. The inner pattern is asked for the part of the outer hap.
    pub(crate) fn bind(
        &self,
        id: Id,
        join: Join,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        self.bind_making(id, join, u64::MAX, make)
    }

    /// As `bind`, where what is made anew, all but a `given` size of it, counts as work.
    fn bind_making(
        &self,
        id: Id,
        join: Join,
        given: u64,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        let outer = self.clone();
        id.on(self).pattern(None, move |q| {
            let mut haps = Vec::new();
            let outer = if join == Join::Inner { held_by_cycle(&outer, q) } else { outer.run(q) };
            for outer in outer {
                let Some(inner) = make(&outer.value) else {
                    continue;
                };
                if !q.spend_many(inner.size().saturating_sub(given)) {
                    break;
                }
                let inner =
                    if join == Join::Outer { held_by_onset(&inner, &outer, q) } else { inner.run(&q.at(outer.part)) };
                for inner in inner {
                    let whole = match join {
                        Join::Inner => inner.whole,
                        Join::Outer => outer.whole,
                        Join::Mix => match (outer.whole, inner.whole) {
                            (Some(a), Some(b)) => a.intersection(b),
                            _ => None,
                        },
                    };
                    haps.push(Hap { whole, places: outer.places.and(&inner.places), ..inner });
                }
            }
            haps
        })
    }

    /// Joins the patterns made from each value after `put` has moved them to where its hap's whole lies; cut to that hap.
    fn bind_at(
        &self,
        id: Id,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
        put: impl Fn(&Pattern, Span) -> Pattern + Send + Sync + 'static,
    ) -> Pattern {
        let outer = self.clone();
        id.on(self).pattern(None, move |q| {
            let mut haps = Vec::new();
            for outer in outer.run(q) {
                let (Some(whole), Some(inner)) = (outer.whole, make(&outer.value)) else {
                    continue;
                };
                clip(&mut haps, &outer, put(&inner, whole).run(&q.at(outer.part)));
            }
            haps
        })
    }

    /// Squeezes a cycle of the pattern made from each value into the hap that has it.
    pub(crate) fn squeeze_bind(
        &self,
        id: Id,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        self.bind_at(id, make, |inner, whole| inner.focus_to(whole))
    }

    /// Starts the pattern made from each value anew at the hap that has it: from its cycle 0, or from the start of its cycle.
    pub(crate) fn restart_bind(
        &self,
        id: Id,
        from_zero: bool,
        make: impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        self.bind_at(id, make, move |inner, whole| {
            inner.late_by(if from_zero { whole.begin } else { whole.begin.fraction() })
        })
    }

    /// What `f` makes of the values of one argument that may vary in time.
    pub(crate) fn with_arg(
        &self,
        word: &str,
        arg: &Pattern,
        f: impl Fn(&Pattern, &Value) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        self.with_args(word, &[arg], move |p, values| f(p, &values[0]))
    }

    /// What `f` makes of the values of arguments that may vary in time; the structure of the arguments is that of the first.
    pub(crate) fn with_args(
        &self,
        word: &str,
        args: &[&Pattern],
        f: impl Fn(&Pattern, &[Value]) -> Option<Pattern> + Send + Sync + 'static,
    ) -> Pattern {
        let fixed: Option<Vec<Value>> = args.iter().map(|arg| arg.pure_value().cloned()).collect();
        if let Some(values) = fixed {
            return f(self, &values).unwrap_or_else(silence);
        }
        let inner = self.clone();
        let id = Id::of(word).on(self).all(args.iter().copied());
        let given = self.size();
        let joined = tuple(args).bind_making(id, Join::Inner, given, move |value| f(&inner, value.as_list()?));
        joined.with_steps(self.steps())
    }
}

/// The haps of a pattern, asked for whole cycles: a signal has one value for each, the one it begins with, wherever the
/// question begins, and nothing may be a signal just elsewhere in the cycle.
pub(super) fn held_by_cycle(pattern: &Pattern, q: &Query) -> Vec<Hap> {
    let held = |q: Query| {
        let haps = pattern.run(&q.at(Span::cycle_of(q.span.begin))).into_iter();
        haps.filter_map(move |hap| Some(Hap { part: hap.part.intersection(q.span)?, ..hap }))
    };
    q.cycles().flat_map(held).collect()
}

/// The haps of a pattern within an outer one; a signal has the value it has where the outer one begins.
fn held_by_onset(pattern: &Pattern, outer: &Hap, q: &Query) -> Vec<Hap> {
    let haps = pattern.run(&q.at(outer.part));
    match outer.whole {
        Some(whole) if haps.is_empty() || haps.iter().any(|hap| hap.whole.is_none()) => {
            let haps = pattern.run(&q.at(whole)).into_iter();
            haps.filter_map(|hap| Some(Hap { part: hap.part.intersection(outer.part)?, ..hap })).collect()
        }
        _ => haps,
    }
}

/// Lists of the values of several patterns, in the rhythm of the first.
pub fn lists(patterns: &[Pattern]) -> Pattern {
    if patterns.is_empty() { silence() } else { tuple(&patterns.iter().collect::<Vec<_>>()) }
}

/// Lists of the values of several patterns, with the structure of the first.
pub(crate) fn tuple(patterns: &[&Pattern]) -> Pattern {
    let start = patterns[0].map_values(Id::of("tuple"), |value| Some(Value::list([value.clone()])));
    patterns[1..].iter().fold(start, |lists, next| {
        lists.app_left(Id::of("tuple"), next, |list, value| {
            Some(Value::list(list.as_list()?.iter().cloned().chain([value.clone()])))
        })
    })
}

/// What of the inner haps lies within the outer one.
fn clip(into: &mut Vec<Hap>, outer: &Hap, inner: Vec<Hap>) {
    for hap in inner {
        let Some(part) = hap.part.intersection(outer.part) else {
            continue;
        };
        let whole = match (hap.whole, outer.whole) {
            (Some(a), Some(b)) => match a.intersection(b) {
                None => continue,
                both => both,
            },
            _ => None,
        };
        into.push(Hap { whole, part, value: hap.value, places: outer.places.and(&hap.places) });
    }
}

/// Makes a value of two; none where they do not go together.
pub(crate) trait Two: Fn(&Value, &Value) -> Option<Value> + Send + Sync + 'static {}
impl<F: Fn(&Value, &Value) -> Option<Value> + Send + Sync + 'static> Two for F {}

impl Pattern {
    /// Values of both, structure of this one.
    pub(crate) fn app_left(&self, id: Id, other: &Pattern, f: impl Two) -> Pattern {
        let (left, right) = (self.clone(), other.clone());
        id.on(self).on(other).pattern(self.steps(), move |q| {
            let mut haps = Vec::new();
            for a in left.run(q) {
                for b in right.run(&q.at(a.whole_or_part())) {
                    if let (Some(part), Some(value)) = (a.part.intersection(b.part), f(&a.value, &b.value)) {
                        haps.push(Hap { whole: a.whole, part, value, places: a.places.and(&b.places) });
                    }
                }
            }
            haps
        })
    }

    /// Values of both, structure of the other.
    pub(crate) fn app_right(&self, id: Id, other: &Pattern, f: impl Two) -> Pattern {
        other.app_left(id.text("right"), self, move |b, a| f(a, b))
    }

    /// Values of both, haps where both overlap.
    pub(crate) fn app_both(&self, id: Id, other: &Pattern, f: impl Two) -> Pattern {
        let (left, right) = (self.clone(), other.clone());
        let steps = match (self.steps(), other.steps()) {
            (Some(a), Some(b)) => Some(a.least_common_multiple(b)),
            (a, b) => a.or(b),
        };
        id.on(self).on(other).pattern(steps, move |q| {
            let mut haps = Vec::new();
            let right = right.run(q);
            for a in left.run(q) {
                for b in &right {
                    let whole = match (a.whole, b.whole) {
                        (Some(a), Some(b)) => match a.intersection(b) {
                            None => continue,
                            both => both,
                        },
                        _ => None,
                    };
                    if let (Some(part), Some(value)) = (a.part.intersection(b.part), f(&a.value, &b.value)) {
                        haps.push(Hap { whole, part, value, places: a.places.and(&b.places) });
                    }
                }
            }
            haps
        })
    }
}

impl From<Value> for Pattern {
    fn from(value: Value) -> Pattern {
        pure(value)
    }
}

impl From<f64> for Pattern {
    fn from(x: f64) -> Pattern {
        pure(x)
    }
}

impl From<i64> for Pattern {
    fn from(x: i64) -> Pattern {
        pure(x)
    }
}

impl From<i32> for Pattern {
    fn from(x: i32) -> Pattern {
        pure(i64::from(x))
    }
}

impl From<Time> for Pattern {
    fn from(t: Time) -> Pattern {
        pure(t)
    }
}

impl From<bool> for Pattern {
    fn from(b: bool) -> Pattern {
        pure(b)
    }
}

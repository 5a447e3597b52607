//! Weaving: values turned against their rhythm, patterns in the gaps of others, copies spread over a long cycle.

use super::chance::dice;
use super::combine::{pure, stack, stepcat};
use super::hap::{Hap, Span};
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern, Query};

impl Pattern {
    /// Values moved by a number of events against the rhythm, each cycle in itself: 1 gives every event the next one's value.
    pub fn rot(&self, by: &Pattern) -> Pattern {
        self.with_arg("rot", by, |p, by| {
            let (by, inner) = (by.whole()?, p.clone());
            Some(Id::of("rot").number(by as f64).on(p).pattern(p.steps(), move |q| {
                let mut rows: Vec<(i64, Vec<Hap>)> = Vec::new();
                let mut turn = |hap: Hap| {
                    let cycle = hap.whole?.begin.cycle();
                    if rows.iter().all(|(known, _)| *known != cycle) {
                        rows.push((cycle, onsets(&inner, q, cycle)));
                    }
                    let (_, row) = rows.iter().find(|(known, _)| *known == cycle)?;
                    let at = row.iter().position(|other| other.whole == hap.whole && other.value == hap.value)?;
                    let count = row.len() as i64;
                    let from = &row[((at as i64 + by.rem_euclid(count)) % count) as usize];
                    Some(Hap { value: from.value.clone(), places: from.places.clone(), ..hap })
                };
                inner.run(q).into_iter().filter_map(&mut turn).collect()
            }))
        })
    }

    /// This pattern, and of another the events that overlap none of this one.
    pub fn fill(&self, other: &Pattern) -> Pattern {
        let (plain, other) = (self.clone(), other.clone());
        let gaps = Id::of("fill").on(self).on(&other.clone()).pattern(self.steps(), move |q| {
            let lonely = |hap: &Hap| {
                let Some(whole) = hap.whole else { return false };
                let near = plain.run(&q.at(whole));
                near.iter().all(|x| x.whole_or_part().intersection(whole).is_none())
            };
            other.run(q).into_iter().filter(lonely).collect()
        });
        stack(&[self.clone(), gaps])
    }

    /// Events dropped more and more (or less and less) over some cycles from a point in time.
    pub fn faded(&self, cycles: Time, from: Time, out: bool) -> Pattern {
        let inner = self.clone();
        let id = Id::of("faded").time(cycles).time(from).number(f64::from(u8::from(out))).on(self);
        let occurrence = id.occurrence();
        id.pattern(self.steps(), move |q| {
            let stays = |hap: &Hap| {
                let begin = hap.whole_or_part().begin;
                let way = if cycles <= Time::ZERO { Time::ONE } else { (begin - from) / cycles };
                let gone = dice(q.seed, begin, occurrence) < way.to_f64();
                gone != out
            };
            inner.run(q).into_iter().filter(stays).collect()
        })
    }

    /// The whole pattern squeezed into every event that is a truth.
    pub fn substruct(&self, truths: &Pattern) -> Pattern {
        let inner = self.clone();
        truths.squeeze_bind(Id::of("substruct").on(self), move |truth| truth.truth().then(|| inner.clone()))
    }

    /// A cycle at each of several lengths one after the other, in cycles.
    pub fn space_out(&self, lengths: &[Time]) -> Pattern {
        let total = lengths.iter().filter(|t| **t > Time::ZERO).fold(Time::ZERO, |sum, t| sum + *t);
        let parts: Vec<_> = lengths.iter().map(|length| (*length, self.clone())).collect();
        if total.is_zero() { super::silence() } else { stepcat(&parts).slow_by(total) }
    }

    /// Copies around the stereo field, each earlier by an n-th of a cycle.
    pub fn spin(&self, n: &Pattern) -> Pattern {
        self.with_arg("spin", n, |p, n| {
            let n = n.whole()?.clamp(1, 64);
            let copy = |i: i64| {
                let pan = Value::control("pan", (i as f64 / n as f64).into());
                p.early_by(Time::new(i, n)).set(&pure(pan))
            };
            Some(stack(&(0..n).map(copy).collect::<Vec<_>>()))
        })
    }
}

/// What begins in a cycle, in order.
fn onsets(pattern: &Pattern, q: &Query, cycle: i64) -> Vec<Hap> {
    let mut row: Vec<Hap> = pattern.run(&q.at(Span::cycles(cycle, cycle + 1)));
    row.retain(|hap| hap.has_onset() && q.spend());
    row.sort_by_key(|hap| hap.whole.map(|w| (w.begin, w.end)));
    row
}

/// Truths whose lengths are chance, n of them in each cycle.
pub fn rand_struct(n: &Pattern) -> Pattern {
    super::silence().with_arg("rand_struct", n, |_, n| {
        let n = n.whole()?.clamp(1, 256);
        let id = Id::of("rand_struct").number(n as f64);
        let occurrence = id.occurrence();
        Some(id.pattern(Some(Time::int(n)), move |q| {
            let mut haps = Vec::new();
            for q in q.cycles() {
                let cycle = q.span.begin.floor();
                let weight = |i: i64| 1 + (dice(q.seed, cycle + Time::new(i, n), occurrence) * 99.0) as i64;
                let bounds: Vec<i64> =
                    (0..n).scan(0, |sum, i| Some(std::mem::replace(sum, *sum + weight(i)))).collect();
                let total = bounds[bounds.len() - 1] + weight(n - 1);
                let at = |bound: Option<&i64>| cycle + Time::new(bound.copied().unwrap_or(total), total);
                for i in 0..bounds.len() {
                    let whole = Span::new(at(bounds.get(i)), at(bounds.get(i + 1)));
                    haps.extend(whole.intersection(q.span).map(|part| Hap::new(Some(whole), part, Value::Bool(true))));
                }
            }
            haps
        }))
    })
}

/// Patterns together, each with the controls of a base that goes once through all cycles, and is further on for the next.
pub fn weave(cycles: Time, base: &Pattern, patterns: &[Pattern]) -> Pattern {
    let slow = base.slow_by(cycles);
    let count = patterns.len() as i64;
    let part = |(i, p): (usize, &Pattern)| p.set(&slow.late_by(cycles * Time::new(i as i64, count)));
    stack(&patterns.iter().enumerate().map(part).collect::<Vec<_>>())
}

/// Two patterns in one cycle, the first up to a point of it.
pub fn wedge(point: &Pattern, first: &Pattern, second: &Pattern) -> Pattern {
    let parts = (first.clone(), second.clone());
    let name = format!("wedge{:x}", Id::of("wedge").on(first).on(second).occurrence());
    super::silence().with_arg(&name, point, move |_, point| {
        let point = point.time()?.max(Time::ZERO).min(Time::ONE);
        Some(stepcat(&[(point, parts.0.clone()), (Time::ONE - point, parts.1.clone())]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::mini;

    fn shown(pattern: &Pattern, cycle: i64) -> String {
        let mut haps = pattern.query(Span::cycles(cycle, cycle + 1));
        haps.retain(Hap::has_onset);
        haps.sort_by_key(|hap| (hap.part.begin, hap.value.to_string()));
        haps.iter().map(|hap| format!("{} {}", hap.part.begin.fraction(), hap.value)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn values_turn_against_the_rhythm_in_every_cycle() {
        let pattern = mini("a ~ <b x> c").unwrap().rot(&1.into());
        assert_eq!(shown(&pattern, 0), "0 b, 1/2 c, 3/4 a");
        assert_eq!(shown(&pattern, 1), "0 x, 1/2 c, 3/4 a");
        assert_eq!(shown(&mini("a b c").unwrap().rot(&Pattern::from(-1)), 0), "0 c, 1/3 a, 2/3 b");
    }

    #[test]
    fn gaps_are_filled_and_nothing_else() {
        let pattern = mini("a ~ b ~").unwrap().fill(&mini("x*4 , y").unwrap());
        assert_eq!(shown(&pattern, 0), "0 a, 1/4 x, 1/2 b, 3/4 x");
    }

    #[test]
    fn a_fade_ends_with_all_or_nothing() {
        let pattern = mini("x*8").unwrap();
        let count = |p: &Pattern, cycle| p.query(Span::cycles(cycle, cycle + 1)).len();
        let (out, into) =
            (pattern.faded(Time::int(4), Time::ZERO, true), pattern.faded(Time::int(4), Time::ZERO, false));
        assert_eq!((count(&out, 5), count(&into, 5)), (0, 8));
        assert!((0..4).map(|c| count(&out, c) + count(&into, c)).sum::<usize>() > 16);
    }

    #[test]
    fn a_weave_gives_each_pattern_its_own_place_in_the_long_cycle() {
        let pan = mini("0 1").unwrap().as_named("pan");
        let woven = weave(Time::int(4), &pan, &[mini("a").unwrap().as_named("s"), mini("b").unwrap().as_named("s")]);
        assert_eq!(shown(&woven, 0), "0 pan:0 s:a, 0 pan:1 s:b");
        assert_eq!(shown(&woven, 2), "0 pan:0 s:b, 0 pan:1 s:a");
    }
}

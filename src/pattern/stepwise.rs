//! Stepwise: patterns as rows of steps that are cut, stretched and woven.

use super::Pattern;
use super::combine::{cat, nothing, stepcat};
use super::time::Time;
use super::value::Value;

/// Patterns one after the other, each as long as its own steps say.
pub fn stepcat_own(patterns: &[Pattern]) -> Pattern {
    let own = |p: &Pattern| (p.steps().unwrap_or(Time::ONE), p.clone());
    stepcat(&patterns.iter().map(own).collect::<Vec<_>>())
}

/// A guest between others, moving one place forward from the end each time, and the others after it at last.
pub fn tour(guest: &Pattern, others: &[Pattern]) -> Pattern {
    let mut all = Vec::new();
    for place in (0..=others.len()).rev() {
        all.extend_from_slice(&others[..place]);
        all.push(guest.clone());
        all.extend_from_slice(&others[place..]);
    }
    stepcat_own(&all)
}

/// Groups one after the other, each giving its next pattern every round, until all have come round.
pub fn stepalt(groups: &[Vec<Pattern>]) -> Pattern {
    let groups: Vec<&Vec<Pattern>> = groups.iter().filter(|group| !group.is_empty()).collect();
    let rounds = groups.iter().map(|group| Time::int(group.len() as i64)).reduce(Time::least_common_multiple);
    let rounds = rounds.map_or(0, |rounds| rounds.cycle().clamp(0, 1024)) as usize;
    let turn = |round: usize| groups.iter().map(move |group| group[round % group.len()].clone());
    stepcat_own(&(0..rounds).flat_map(turn).collect::<Vec<_>>())
}

/// Steps of several patterns in turn.
pub fn zip(patterns: &[Pattern]) -> Pattern {
    let stepped: Vec<(Time, &Pattern)> =
        patterns.iter().filter_map(|p| Some((p.steps().filter(|s| !s.is_zero())?, p))).collect();
    let Some(steps) = stepped.iter().map(|(steps, _)| *steps).reduce(Time::least_common_multiple) else {
        return nothing();
    };
    let slow: Vec<Pattern> = stepped.iter().map(|(steps, p)| p.slow_by(*steps)).collect();
    cat(&slow).fast_by(steps).with_steps(Some(steps))
}

impl Pattern {
    fn own_steps(&self) -> Time {
        self.steps().unwrap_or(Time::ONE)
    }

    /// The first n steps, or the last n if negative.
    pub fn take(&self, n: &Pattern) -> Pattern {
        self.with_arg("take", n, |p, n| Some(p.taken(n.time()?)))
    }

    fn taken(&self, n: Time) -> Pattern {
        let steps = self.own_steps();
        if steps <= Time::ZERO || n.is_zero() {
            return nothing();
        }
        let part = n.abs() / steps;
        if part >= Time::ONE {
            self.clone()
        } else if n.is_negative() {
            self.zoom_to(Time::ONE - part, Time::ONE)
        } else {
            self.zoom_to(Time::ZERO, part)
        }
    }

    /// Without the first n steps, or without the last n if negative.
    pub fn drop_steps(&self, n: &Pattern) -> Pattern {
        self.with_arg("drop", n, |p, n| {
            let (n, steps) = (n.time()?, p.own_steps());
            let left = steps - n.abs();
            if left <= Time::ZERO {
                return Some(nothing());
            }
            Some(p.taken(if n.is_negative() { left } else { -left }))
        })
    }

    /// Counts as n times as many steps.
    pub fn expand(&self, n: &Pattern) -> Pattern {
        self.with_arg("expand", n, |p, n| Some(p.expanded(n.time()?)))
    }

    fn expanded(&self, n: Time) -> Pattern {
        self.with_steps(self.steps().map(|steps| steps * n))
    }

    /// Counts as a n-th of its steps.
    pub fn contract(&self, n: &Pattern) -> Pattern {
        self.with_arg("contract", n, |p, n| Some(p.expanded(Time::ONE / n.time()?)))
    }

    /// n times as fast, with n times as many steps.
    pub fn extend(&self, n: &Pattern) -> Pattern {
        self.with_arg("extend", n, |p, n| {
            let n = n.time()?;
            Some(p.fast_by(n).expanded(n))
        })
    }

    /// Each cycle n times, with n times as many steps.
    pub fn replicate(&self, n: &Pattern) -> Pattern {
        self.with_arg("replicate", n, |p, n| {
            Some(p.repeat_cycles(&Pattern::from(n.clone())).fast_by(n.time()?).expanded(n.time()?))
        })
    }

    /// Ever shorter versions of itself in a row: each loses n steps from the start, or from the end if negative.
    pub fn shrink(&self, n: &Pattern) -> Pattern {
        self.with_arg("shrink", n, |p, n| Some(stepcat_own(&p.shrunk(n)?)))
    }

    /// Ever longer versions of itself in a row, from the start, or from the end if negative.
    pub fn grow(&self, n: &Pattern) -> Pattern {
        self.with_arg("grow", n, |p, n| {
            let opposite = match n {
                Value::List(parts) => {
                    Value::list([Value::Ratio(-parts.first()?.time()?)].into_iter().chain(parts.get(1).cloned()))
                }
                n => Value::Ratio(-n.time()?),
            };
            let mut versions = p.shrunk(&opposite)?;
            versions.reverse();
            Some(stepcat_own(&versions))
        })
    }

    /// The versions that `shrink` puts in a row; `amount:times` says how many.
    fn shrunk(&self, n: &Value) -> Option<Vec<Pattern>> {
        let steps = self.own_steps();
        let (amount, times) = match n.as_list() {
            Some(parts) => (parts.first()?.time()?, parts.get(1)?.time()?),
            None => (n.time()?, steps),
        };
        if amount.is_zero() || steps.is_zero() {
            return Some(vec![self.clone()]);
        }
        let lost = |i: i64| amount.abs() / steps * Time::int(i);
        let version = |i: i64| {
            if amount.is_negative() {
                self.zoom_to(Time::ZERO, Time::ONE - lost(i))
            } else {
                self.zoom_to(lost(i), Time::ONE)
            }
        };
        Some((0..times.ceil().cycle().clamp(0, 1024)).take_while(|i| lost(*i) < Time::ONE).map(version).collect())
    }
}

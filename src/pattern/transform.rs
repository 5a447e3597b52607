//! Moving and scaling time.

use super::combine::{silence, stack};
use super::hap::{Hap, Span};
use super::time::Time;
use super::{Id, Pattern, Query};

/// Factors fixed in time, as the patterned words below come down to.
impl Pattern {
    /// Both questions and answers moved to another time.
    pub(crate) fn map_time(
        &self,
        id: Id,
        steps: Option<Time>,
        to: impl Fn(Time) -> Time + Send + Sync + 'static,
        from: impl Fn(Time) -> Time + Send + Sync + 'static,
    ) -> Pattern {
        let inner = self.clone();
        id.on(self).pattern(steps, move |q| inner.run(&q.map(&to)).into_iter().map(|hap| hap.map_time(&from)).collect())
    }

    pub(crate) fn fast_by(&self, factor: Time) -> Pattern {
        if factor == Time::ONE {
            return self.clone();
        }
        if factor.is_zero() {
            return silence();
        }
        if factor.is_negative() {
            return self.rev().fast_by(-factor);
        }
        self.map_time(Id::of("fast").time(factor), self.steps(), move |t| t * factor, move |t| t / factor)
    }

    pub(crate) fn slow_by(&self, factor: Time) -> Pattern {
        if factor.is_zero() { silence() } else { self.fast_by(Time::ONE / factor) }
    }

    pub(crate) fn early_by(&self, amount: Time) -> Pattern {
        if amount.is_zero() {
            return self.clone();
        }
        self.map_time(Id::of("early").time(amount), self.steps(), move |t| t + amount, move |t| t - amount)
    }

    pub(crate) fn late_by(&self, amount: Time) -> Pattern {
        self.early_by(-amount)
    }

    /// Speeds each cycle up but plays it once, with silence after it.
    pub(crate) fn fast_gap_by(&self, factor: Time) -> Pattern {
        if factor <= Time::ZERO {
            return silence();
        }
        let inner = self.clone();
        Id::of("fast_gap").time(factor).on(self).pattern(None, move |q| {
            let piece = |q: Query| {
                let cycle = q.span.begin.floor();
                let inside = |t: Time| cycle + ((t - cycle) * factor).min(Time::ONE);
                let asked = q.span.map(inside);
                if asked.begin >= cycle + Time::ONE {
                    return Vec::new();
                }
                let back = |t: Time| cycle + (t - cycle) / factor;
                let place = |hap: Hap| {
                    let part = hap.part.map(back).intersection(q.span)?;
                    Some(Hap { whole: hap.whole.map(|w| w.map(back)), part, ..hap })
                };
                inner.run(&q.at(asked)).into_iter().filter_map(place).collect()
            };
            q.cycles().flat_map(piece).collect()
        })
    }

    /// Plays each cycle inside a window of the cycle, the rest silent.
    pub(crate) fn compress_to(&self, window: Span) -> Pattern {
        let (begin, end) = (window.begin, window.end);
        if begin >= end || begin < Time::ZERO || end > Time::ONE {
            return silence();
        }
        self.fast_gap_by(Time::ONE / (end - begin)).late_by(begin)
    }

    /// Moves the cycle a window begins in to that window, without gaps before and after.
    pub(crate) fn focus_to(&self, window: Span) -> Pattern {
        if window.begin >= window.end {
            return silence();
        }
        self.early_by(window.begin.floor()).fast_by(Time::ONE / window.duration()).late_by(window.begin)
    }
}

impl Pattern {
    /// Speeds up by a factor.
    pub fn fast(&self, factor: &Pattern) -> Pattern {
        self.with_arg("fast", factor, |p, factor| Some(p.fast_by(factor.time()?)))
    }

    /// Slows down by a factor.
    pub fn slow(&self, factor: &Pattern) -> Pattern {
        self.with_arg("slow", factor, |p, factor| Some(p.slow_by(factor.time()?)))
    }

    /// Shifts towards the past by a number of cycles.
    pub fn early(&self, amount: &Pattern) -> Pattern {
        self.with_arg("early", amount, |p, amount| Some(p.early_by(amount.time()?)))
    }

    /// Shifts towards the future by a number of cycles.
    pub fn late(&self, amount: &Pattern) -> Pattern {
        self.with_arg("late", amount, |p, amount| Some(p.late_by(amount.time()?)))
    }

    /// Reverses each cycle.
    pub fn rev(&self) -> Pattern {
        let inner = self.clone();
        Id::of("rev").on(self).pattern(self.steps(), move |q| {
            let piece = |q: Query| {
                let (cycle, next) = (q.span.begin.floor(), q.span.begin.next_cycle());
                let mirror = move |s: Span| Span::new(cycle + (next - s.end), cycle + (next - s.begin));
                let haps = inner.run(&q.at(mirror(q.span)));
                haps.into_iter().map(move |hap| Hap { whole: hap.whole.map(mirror), part: mirror(hap.part), ..hap })
            };
            q.cycles().flat_map(piece).collect()
        })
    }

    /// Stacks this pattern with others.
    pub fn stack(&self, others: &[Pattern]) -> Pattern {
        stack(&self.before(others))
    }

    pub(crate) fn before(&self, others: &[Pattern]) -> Vec<Pattern> {
        std::iter::once(self).chain(others).cloned().collect()
    }
}

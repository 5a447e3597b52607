//! Moving and scaling time.

use super::combine::{cat, cat_skipping, fastcat, pure, silence, stack};
use super::condition::Transform;
use super::hap::{Hap, Span};
use super::time::Time;
use super::{Id, Pattern, Query};

/// Cycles over which one cycle may be spread before it counts as all but still: more than anybody will ever wait for.
const SLOWEST: i64 = 1 << 40;

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
        id.on(self).pattern(steps, move |q| {
            let asked = q.span.map(&to);
            // So far away that times cannot be told apart there is nothing.
            if asked.begin >= asked.end && q.span.begin < q.span.end {
                return Vec::new();
            }
            inner.run(&q.at(asked)).into_iter().map(|hap| hap.map_time(&from)).collect()
        })
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
        if factor < Time::new(1, SLOWEST) {
            return self.all_but_still(factor);
        }
        self.map_time(Id::of("fast").time(factor), self.steps(), move |t| t * factor, move |t| t / factor)
    }

    /// Slowed down so much that times within a cycle are too fine to be told apart: whole cycles are asked for, and of
    /// their haps what lies in the query is cut out afterwards. Signals are asked where the query begins, as ever.
    fn all_but_still(&self, factor: Time) -> Pattern {
        let inner = self.clone();
        Id::of("fast").time(factor).on(self).pattern(self.steps(), move |q| {
            let back = |hap: Hap| hap.map_time(|t| t / factor);
            // What is further away than can be said has no length any more.
            let said = |hap: &Hap| hap.whole.is_none_or(|whole| whole.begin < whole.end);
            let asked = q.span.map(|t| t * factor);
            let (mut begin, mut end) = (asked.begin.floor(), asked.end.ceil());
            // What was asked may itself have been too fine, and fallen to the wrong side of a cycle.
            if begin / factor > q.span.begin {
                begin = begin - Time::ONE;
            }
            if end / factor < q.span.end {
                end += Time::ONE;
            }
            let cycles = Span { begin, end: end.max(begin + Time::ONE) };
            let inside = |hap: Hap| Some(Hap { part: hap.part.intersection(q.span)?, ..hap });
            let held = inner.run(&q.at(cycles)).into_iter().filter(|hap| hap.whole.is_some()).map(back).filter(said);
            let signals = inner.run(&q.at(asked)).into_iter().filter(|hap| hap.whole.is_none()).map(back);
            held.filter_map(inside).chain(signals).collect()
        })
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

    /// Speeds up by factors, each of which gets a whole cycle squeezed into its hap.
    pub fn fast_squeeze(&self, factors: &Pattern) -> Pattern {
        let inner = self.clone();
        let id = Id::of("fast_squeeze").on(self);
        factors.squeeze_bind(id, move |factor| Some(inner.fast_by(factor.time()?)))
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

    /// Reverses all of time, around cycle 0.
    pub fn revv(&self) -> Pattern {
        let inner = self.clone();
        let mirror = |s: Span| Span::new(-s.end, -s.begin);
        Id::of("revv").on(self).pattern(self.steps(), move |q| {
            let haps = inner.run(&q.at(mirror(q.span))).into_iter();
            haps.map(|hap| Hap { whole: hap.whole.map(mirror), part: mirror(hap.part), ..hap }).collect()
        })
    }

    /// Forwards and backwards on alternate cycles.
    pub fn palindrome(&self) -> Pattern {
        cat_skipping(&[self.clone(), self.rev()]).with_steps(self.steps())
    }

    /// Starts an n-th of the cycle later each cycle, or earlier.
    pub fn iter(&self, n: &Pattern, back: bool) -> Pattern {
        self.with_arg(if back { "iter_back" } else { "iter" }, n, move |p, n| {
            let n = n.whole()?.clamp(1, 1024);
            let turn = |i: i64| p.early_by(Time::new(if back { -i } else { i }, n));
            Some(cat(&(0..n).map(turn).collect::<Vec<_>>()))
        })
    }

    /// Transforms as if the pattern were n times slower.
    pub fn inside<E>(&self, n: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        self.with_slots("inside", &[n], &mut |n| Ok(f(self.slow(&n[0]))?.fast(&n[0])))
    }

    /// Transforms n cycles as if they were one.
    pub fn outside<E>(&self, n: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        self.with_slots("outside", &[n], &mut |n| Ok(f(self.fast(&n[0]))?.slow(&n[0])))
    }

    /// Plays each cycle inside a window of the cycle, the rest silent.
    pub fn compress(&self, begin: &Pattern, end: &Pattern) -> Pattern {
        self.with_args("compress", &[begin, end], |p, w| Some(p.compress_to(Span::new(w[0].time()?, w[1].time()?))))
    }

    /// Like `compress`, but without silence around it.
    pub fn focus(&self, begin: &Pattern, end: &Pattern) -> Pattern {
        self.with_args("focus", &[begin, end], |p, w| Some(p.focus_to(Span::new(w[0].time()?, w[1].time()?))))
    }

    /// Speeds each cycle up, with silence after it.
    pub fn fast_gap(&self, factor: &Pattern) -> Pattern {
        self.with_arg("fast_gap", factor, |p, factor| Some(p.fast_gap_by(factor.time()?)))
    }

    /// A window of each cycle, stretched to a cycle.
    pub fn zoom(&self, begin: &Pattern, end: &Pattern) -> Pattern {
        self.with_args("zoom", &[begin, end], |p, w| Some(p.zoom_to(w[0].time()?, w[1].time()?)))
    }

    pub(crate) fn zoom_to(&self, begin: Time, end: Time) -> Pattern {
        let length = end - begin;
        if length <= Time::ZERO {
            return super::combine::nothing();
        }
        let inner = self.clone();
        let steps = self.steps().map(|steps| steps * length);
        Id::of("zoom").time(begin).time(end).on(self).pattern(steps, move |q| {
            let piece = |q: Query| {
                let cycle = q.span.begin.floor();
                let haps = inner.run(&q.map(|t| (t - cycle) * length + cycle + begin)).into_iter();
                haps.map(move |hap| hap.map_time(|t| (t - cycle - begin) / length + cycle))
            };
            q.cycles().flat_map(piece).collect()
        })
    }

    /// Loops the first part of the cycle (the last, if negative), at its own speed.
    pub fn linger(&self, part: &Pattern) -> Pattern {
        self.with_arg("linger", part, |p, part| {
            let part = part.time()?;
            let window =
                if part.is_negative() { p.zoom_to(part + Time::ONE, Time::ONE) } else { p.zoom_to(Time::ZERO, part) };
            Some(window.slow_by(part.abs()))
        })
    }

    /// Silent after a point of the cycle.
    pub fn trunc(&self, point: &Pattern) -> Pattern {
        self.with_arg("trunc", point, |p, point| {
            let (point, inner) = (point.time()?, p.clone());
            Some(Id::of("trunc").time(point).on(p).pattern(p.steps(), move |q| {
                let piece = |q: Query| {
                    let cycle = q.span.begin.floor();
                    let window = Span::new(cycle, cycle + point);
                    let cut = move |hap: Hap| {
                        let part = hap.part.intersection(window)?;
                        let whole = hap.whole.map(|w| Span::new(w.begin, w.end.min(window.end)));
                        Some(Hap { whole, part, ..hap })
                    };
                    inner.run(&q).into_iter().filter_map(cut)
                };
                q.cycles().flat_map(piece).collect()
            }))
        })
    }

    /// Plays every cycle n times.
    pub fn repeat_cycles(&self, n: &Pattern) -> Pattern {
        self.with_arg("repeat_cycles", n, |p, n| Some(p.repeated(n.whole()?.clamp(1, 1 << 20), 0)))
    }

    /// Every cycle n times; the copies after the first have dice of their own if `dice` is not 0.
    fn repeated(&self, n: i64, dice: u64) -> Pattern {
        let inner = self.clone();
        Id::of("repeat_cycles").number(n as f64).number(f64::from_bits(dice)).on(self).pattern(self.steps(), move |q| {
            let piece = |q: Query| {
                let cycle = q.span.begin.cycle();
                let ahead = Time::int(cycle - cycle.div_euclid(n));
                let copy = cycle.rem_euclid(n) as u64;
                let asked = q.map(|t| t - ahead);
                let asked = if dice != 0 && copy > 0 { asked.reseeded(dice.wrapping_add(copy)) } else { asked };
                inner.run(&asked).into_iter().map(move |hap| hap.map_time(|t| t + ahead))
            };
            q.cycles().flat_map(piece).collect()
        })
    }

    /// The cycle n times inside itself, each copy with chances of its own.
    pub(crate) fn replicated(&self, n: u32) -> Pattern {
        match n {
            0 => silence(),
            1 => self.clone(),
            n => self.repeated(i64::from(n), Id::of("!").on(self).occurrence() | 1).fast_by(Time::int(i64::from(n))),
        }
    }

    /// Repeats every hap n times inside its own length.
    pub fn ply(&self, n: &Pattern) -> Pattern {
        self.with_arg("ply", n, |p, n| {
            let n = n.time()?;
            Some(p.squeeze_bind(Id::of("ply").time(n), move |value| Some(pure(value.clone()).fast_by(n))))
        })
    }

    /// Moves every hap into the later part of its own length.
    pub fn press_by(&self, amount: &Pattern) -> Pattern {
        self.with_arg("press_by", amount, |p, amount| {
            let window = Span::new(amount.time()?, Time::ONE);
            let id = Id::of("press").time(window.begin);
            Some(p.squeeze_bind(id, move |value| Some(pure(value.clone()).compress_to(window))))
        })
    }

    /// Every other cycle squeezed into its first half and moved by a quarter: a breakbeat.
    pub fn brak(&self) -> Pattern {
        let broken = fastcat(&[self.clone(), silence()]).late_by(Time::new(1, 4));
        cat_skipping(&[self.clone(), broken]).with_steps(self.steps())
    }

    /// Delays the second half of each n-th of the cycle by a part of that half.
    pub fn swing_by(&self, amount: &Pattern, n: &Pattern) -> Pattern {
        self.with_args("swing_by", &[amount, n], |p, values| {
            let (amount, n) = (values[0].time()?, values[1].time()?);
            let delays = fastcat(&[pure(0), pure(amount * Time::HALF)]);
            Some(p.slow_by(n).late(&delays).fast_by(n))
        })
    }

    /// Plays the n-ths of the cycle that a pattern of numbers asks for.
    pub fn bite(&self, n: &Pattern, numbers: &Pattern) -> Pattern {
        let id = Id::of("bite").on(numbers);
        let (name, numbers) = (format!("bite{:x}", id.occurrence()), numbers.clone());
        self.with_arg(&name, n, move |p, n| {
            let (n, p) = (n.time()?, p.clone());
            if n <= Time::ZERO {
                return None;
            }
            let id = Id::of("bite").time(n).on(&p);
            Some(numbers.squeeze_bind(id, move |i| {
                let begin = (Time::int(i.whole()?) / n).fraction();
                Some(p.zoom_to(begin, begin + Time::ONE / n))
            }))
        })
    }

    /// So fast that one cycle has this many steps.
    pub fn pace(&self, steps: &Pattern) -> Pattern {
        self.with_arg("pace", steps, |p, steps| Some(p.paced(steps.time()?)))
    }

    pub(crate) fn paced(&self, steps: Time) -> Pattern {
        match self.steps() {
            Some(own) if !own.is_zero() => self.fast_by(steps / own).with_steps(Some(steps)),
            _ => self.clone(),
        }
    }

    /// Stacks this pattern with others.
    pub fn stack(&self, others: &[Pattern]) -> Pattern {
        stack(&self.before(others))
    }

    /// This pattern and then others.
    pub fn before(&self, others: &[Pattern]) -> Vec<Pattern> {
        std::iter::once(self).chain(others).cloned().collect()
    }
}

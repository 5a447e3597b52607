//! Chance: a function of seed, time and occurrence, so that the same piece always falls the same way.
//!
//! Every die is a hash of the seed, the exact time and which chance of the piece it is: there is no period, nothing special
//! at time 0, and two chances at the same time know nothing of each other.

use std::sync::Arc;

use super::combine::{cat_skipping, fastcat, pure, silence, stack};
use super::hap::Hap;
use super::time::Time;
use super::value::Value;
use super::{Digest, Id, Pattern, Query};

/// A die between 0 and 1, never 1.
pub(crate) fn dice(seed: u64, time: Time, occurrence: u64) -> f64 {
    let hash = Digest::new().word(seed as u128 | (occurrence as u128) << 64).time(time).word(1);
    (hash.half() >> 11) as f64 / (1u64 << 53) as f64
}

/// A continuous die, smooth where `between` says how to go from one cycle's die to the next.
fn random(id: Id, f: impl Fn(&dyn Fn(Time) -> f64, Time) -> f64 + Send + Sync + 'static) -> Pattern {
    id.pattern(None, move |q| {
        let seed = q.seed;
        vec![Hap::new(None, q.span, Value::Number(f(&|t| dice(seed, t, 0), q.span.begin)))]
    })
}

/// Anything between 0 and 1, anew at every time.
pub fn rand() -> Pattern {
    random(Id::of("rand"), |die, t| die(t))
}

/// Whole numbers from 0 up to, not including, n.
pub fn irand(n: &Pattern) -> Pattern {
    rand().with_arg("irand", n, |die, n| {
        let n = n.number()?;
        Some(die.map_values(Id::of("irand").number(n), move |x| Some(Value::Number((x.number()? * n).floor()))))
    })
}

/// A smooth walk between 0 and 1 with a new aim each cycle.
pub fn perlin() -> Pattern {
    random(Id::of("perlin"), |die, t| {
        let (from, to, p) = (die(t.floor()), die(t.next_cycle()), t.fraction().to_f64());
        from + (to - from) * eased(p)
    })
}

/// Perlin's "smootherstep", 2002: no corner in the second derivative.
fn eased(p: f64) -> f64 {
    p * p * p * (p * (p * 6.0 - 15.0) + 10.0)
}

/// Ramps between 0 and 1 that rise by a random amount each cycle and then fall.
pub fn berlin() -> Pattern {
    random(Id::of("berlin"), |die, t| {
        let from = die(t.floor());
        (from + t.fraction().to_f64() * die(t.next_cycle())) / 2.0
    })
}

/// Around 0.5 as a bell curve, seldom far from it, never beyond 0 and 1: a standard deviation is a sixth.
pub fn normal() -> Pattern {
    Id::of("normal").pattern(None, |q| {
        let die = |which| dice(q.seed, q.span.begin, which);
        // Box and Muller, 1958.
        let away = (-2.0 * (1.0 - die(1)).ln()).sqrt() * (std::f64::consts::TAU * die(2)).cos();
        vec![Hap::new(None, q.span, Value::Number((0.5 + away / 6.0).clamp(0.0, 1.0)))]
    })
}

/// Truths with a probability.
pub fn brand_by(probability: &Pattern) -> Pattern {
    rand().with_arg("brand_by", probability, |die, probability| {
        let p = probability.number()?;
        Some(die.map_values(Id::of("brand").number(p), move |x| Some(Value::Bool(x.number()? < p))))
    })
}

/// The index that a number between 0 and 1 chooses among weights (equal if there are none).
fn chosen(x: f64, count: usize, weights: &[f64]) -> usize {
    let x = x.clamp(0.0, 1.0);
    if weights.is_empty() {
        return ((x * count as f64) as usize).min(count.saturating_sub(1));
    }
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    let within = |w: &f64| {
        sum += w.max(0.0);
        x * total < sum
    };
    weights.iter().position(within).unwrap_or(count.saturating_sub(1)).min(count.saturating_sub(1))
}

/// One of several patterns each cycle, by chance; `which` tells this chance from others.
pub(crate) fn one_per_cycle(which: u64, patterns: &[Pattern], weights: &[f64]) -> Pattern {
    let parts: Arc<[Pattern]> = patterns.into();
    if parts.is_empty() {
        return silence();
    }
    let id = weights.iter().fold(Id::of("one_per_cycle").number(which as f64).all(patterns), |id, w| id.number(*w));
    let (occurrence, weights) = (id.occurrence(), weights.to_vec());
    id.pattern(None, move |q| {
        let one = |q: Query| {
            let die = dice(q.seed, q.span.begin.floor(), occurrence);
            parts[chosen(die, parts.len(), &weights)].run(&q)
        };
        q.cycles().flat_map(one).collect()
    })
}

/// One of the patterns each cycle.
pub fn choose_cycles(patterns: &[Pattern]) -> Pattern {
    one_per_cycle(0, patterns, &[])
}

/// One of the patterns each cycle, in proportion to their weights.
pub fn wchoose_cycles(pairs: &[(Pattern, f64)]) -> Pattern {
    let (patterns, weights): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    one_per_cycle(0, &patterns, &weights)
}

/// The pattern that a number between 0 and 1 points at, continuously or in the rhythm of the numbers.
pub fn choose_with(chooser: &Pattern, patterns: &[Pattern]) -> Pattern {
    pointed(chooser, patterns, &[], false)
}

/// The pattern that a number between 0 and 1 points at, in the rhythm of what is chosen.
pub fn choose_in_with(chooser: &Pattern, patterns: &[Pattern]) -> Pattern {
    pointed(chooser, patterns, &[], true)
}

/// One of the patterns each cycle, in its own rhythm: chosen at every moment, it would depend on how it is asked.
pub fn choose_in(patterns: &[Pattern]) -> Pattern {
    pointed(&rand().segment_by(Time::ONE), patterns, &[], true)
}

/// One of the values at every moment, in proportion to the weights.
pub fn wchoose(pairs: &[(Pattern, f64)]) -> Pattern {
    wchoose_with(&rand(), pairs)
}

/// The value that a number between 0 and 1 points at, each as wide as its weight.
pub fn wchoose_with(chooser: &Pattern, pairs: &[(Pattern, f64)]) -> Pattern {
    let (patterns, weights): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    pointed(chooser, &patterns, &weights, false)
}

fn pointed(chooser: &Pattern, patterns: &[Pattern], weights: &[f64], inside: bool) -> Pattern {
    use super::combine::Join::{Inner, Outer};
    let parts: Arc<[Pattern]> = patterns.into();
    if parts.is_empty() {
        return silence();
    }
    let id =
        weights.iter().fold(Id::of("choose").number(f64::from(u8::from(inside))).all(patterns), |id, w| id.number(*w));
    let weights = weights.to_vec();
    chooser.bind(id, if inside { Inner } else { Outer }, move |x| {
        Some(parts[chosen(x.number()?, parts.len(), &weights)].clone())
    })
}

/// The numbers from 0 to n − 1 in another order each cycle.
pub fn randrun(n: i64) -> Pattern {
    let n = n.clamp(0, 1024);
    let id = Id::of("randrun").number(n as f64);
    let numbers = fastcat(&(0..n).map(pure).collect::<Vec<_>>());
    let occurrence = id.occurrence();
    id.pattern(Some(Time::int(n)), move |q| {
        let shuffled = |q: Query| {
            let order = order(q.seed, q.span.begin.floor(), occurrence, n as usize);
            let haps = numbers.run(&q).into_iter();
            haps.map(move |hap| {
                let at = hap.value.whole().unwrap_or(0) as usize;
                let value = Value::Number(order.get(at).copied().unwrap_or(0) as f64);
                hap.with_value(value)
            })
        };
        q.cycles().flat_map(shuffled).collect()
    })
}

/// The numbers below n in an order that the dice of this cycle give.
fn order(seed: u64, cycle: Time, occurrence: u64, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let die = |i: &usize| Digest::new().word(seed as u128).word(occurrence as u128).time(cycle).word(*i as u128).half();
    order.sort_by_key(die);
    order
}

impl Pattern {
    /// A smooth walk between 0 and 1 with a new aim at each whole number this pattern passes.
    pub fn perlin_with(&self) -> Pattern {
        let inner = self.clone();
        Id::of("perlin_with").on(self).pattern(self.steps(), move |q| {
            let walk = |hap: Hap| {
                let x = hap.value.number().filter(|x| x.abs() < 9e15)?;
                let die = |x: f64| dice(q.seed, Time::int(x as i64), 0);
                let (from, to, p) = (die(x.floor()), die(x.floor() + 1.0), x - x.floor());
                Some(hap.with_value(Value::Number(from + (to - from) * eased(p))))
            };
            inner.run(q).into_iter().filter_map(walk).collect()
        })
    }

    /// A smooth landscape between 0 and 1 over the numbers of two patterns, with a die at every pair of whole ones.
    pub fn perlin2_with(&self, other: &Pattern) -> Pattern {
        let both = self.app_left(Id::of("pair"), other, |x, y| Some(Value::list([x.clone(), y.clone()])));
        Id::of("perlin2").on(&both.clone()).pattern(self.steps(), move |q| {
            let near = |value: &Value| value.number().filter(|x| x.abs() < 9e15);
            let height = |hap: Hap| {
                let [x, y] = hap.value.as_list()? else { return None };
                let (x, y) = (near(x)?, near(y)?);
                let die =
                    |i: f64, j: f64| dice(q.seed, Time::int((x.floor() + i) as i64), (y.floor() + j) as i64 as u64);
                let (across, up) = (eased(x - x.floor()), eased(y - y.floor()));
                let along = |j: f64| die(0.0, j) + (die(1.0, j) - die(0.0, j)) * across;
                Some(hap.with_value(Value::Number(along(0.0) + (along(1.0) - along(0.0)) * up)))
            };
            both.run(q).into_iter().filter_map(height).collect()
        })
    }

    /// Every chance in this pattern with another seed.
    pub fn seed(&self, seed: &Pattern) -> Pattern {
        self.with_arg("seed", seed, |p, seed| Some(p.reseeded(Digest::new().value(seed).half())))
    }

    pub(crate) fn reseeded(&self, by: u64) -> Pattern {
        let inner = self.clone();
        Id::of("seed").number(f64::from_bits(by)).on(self).pattern(self.steps(), move |q| inner.run(&q.reseeded(by)))
    }

    /// Drops haps whose die falls below an amount; or keeps exactly those.
    pub(crate) fn degraded(&self, amount: f64, occurrence: u64, keep_dropped: bool) -> Pattern {
        let inner = self.clone();
        let id = Id::of("degrade").number(amount).number(occurrence as f64).number(f64::from(u8::from(keep_dropped)));
        id.on(self).pattern(self.steps(), move |q| {
            let stays = |hap: &Hap| (dice(q.seed, hap.whole_or_part().begin, occurrence) < amount) == keep_dropped;
            inner.run(q).into_iter().filter(stays).collect()
        })
    }

    fn dice_of(&self) -> u64 {
        Id::of("dice").on(self).occurrence()
    }

    /// Drops haps with a probability.
    pub fn degrade_by(&self, amount: &Pattern) -> Pattern {
        let dice = self.dice_of();
        self.with_arg("degrade_by", amount, move |p, amount| Some(p.degraded(amount.number()?, dice, false)))
    }

    /// Keeps haps with a probability: those that `degrade_by` of the rest would drop.
    pub fn undegrade_by(&self, amount: &Pattern) -> Pattern {
        let dice = self.dice_of();
        self.with_arg("undegrade_by", amount, move |p, amount| Some(p.degraded(amount.number()?, dice, true)))
    }

    /// Transforms haps with a probability.
    pub fn sometimes_by<E>(
        &self,
        amount: &Pattern,
        f: &mut dyn FnMut(Pattern) -> Result<Pattern, E>,
    ) -> Result<Pattern, E> {
        Ok(stack(&[self.degrade_by(amount), f(self.undegrade_by(amount))?]))
    }

    /// Transforms whole cycles with a probability.
    pub fn some_cycles_by<E>(
        &self,
        amount: &Pattern,
        f: &mut dyn FnMut(Pattern) -> Result<Pattern, E>,
    ) -> Result<Pattern, E> {
        let changed = f(self.clone())?;
        let dice_of = self.dice_of();
        let plain = self.clone();
        Ok(self.with_arg("some_cycles_by", amount, move |_, amount| {
            let amount = amount.number()?;
            let (plain, changed) = (plain.clone(), changed.clone());
            let id = Id::of("some_cycles").number(amount).on(&plain).on(&changed);
            Some(id.pattern(plain.steps(), move |q| {
                let cycle = |q: Query| {
                    let hit = dice(q.seed, q.span.begin.floor(), dice_of) < amount;
                    if hit { changed.run(&q) } else { plain.run(&q) }
                };
                q.cycles().flat_map(cycle).collect()
            }))
        }))
    }

    /// The n-ths of the cycle in another order each cycle, each once.
    pub fn shuffle(&self, n: &Pattern) -> Pattern {
        self.with_arg("shuffle", n, |p, n| {
            let n = n.whole()?.clamp(1, 1024);
            Some(p.cut_by(n, &randrun(n)))
        })
    }

    /// The n-ths of the cycle at random, with repetitions.
    pub fn scramble(&self, n: &Pattern) -> Pattern {
        self.with_arg("scramble", n, |p, n| {
            let n = n.whole()?.clamp(1, 1024);
            Some(p.cut_by(n, &irand(&pure(n)).segment_by(Time::int(n))))
        })
    }

    /// Numbered n-ths of the cycle, in the rhythm of the numbers.
    fn cut_by(&self, n: i64, numbers: &Pattern) -> Pattern {
        let pieces: Vec<Pattern> = (0..n).map(|i| self.zoom_to(Time::new(i, n), Time::new(i + 1, n))).collect();
        numbers.squeeze_bind(Id::of("cut").all(&pieces), move |i| pieces.get(i.whole()?.max(0) as usize).cloned())
    }
}

/// A pattern that says which cycle of a loop of n it is: used by words that act on one of every n cycles.
pub(crate) fn one_of(n: i64, on: i64, yes: &Pattern, no: &Pattern) -> Pattern {
    let cycles: Vec<Pattern> = (0..n).map(|i| if i == on { yes.clone() } else { no.clone() }).collect();
    cat_skipping(&cycles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Span, mini};

    fn mean(x: &[f64]) -> f64 {
        x.iter().sum::<f64>() / x.len() as f64
    }

    #[test]
    fn dice_are_even_and_independent_of_their_neighbours() {
        let dice: Vec<f64> = (0..20_000).map(|i| dice(1, Time::new(i, 8), 3)).collect();
        assert!((mean(&dice) - 0.5).abs() < 0.01);
        let products: Vec<f64> = dice.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5)).collect();
        assert!(mean(&products).abs() < 0.003, "{}", mean(&products));
        let far: Vec<f64> = (0..19_000).map(|i| (dice[i] - 0.5) * (dice[i + 300] - 0.5)).collect();
        assert!(mean(&far).abs() < 0.003);
        for tenth in 0..10 {
            let count = dice.iter().filter(|x| (*x * 10.0) as usize == tenth).count();
            assert!((1850..2150).contains(&count), "{tenth}: {count}");
        }
    }

    #[test]
    fn the_first_moment_falls_like_any_other() {
        let at_zero: Vec<f64> = (0..4000).map(|seed| dice(seed, Time::ZERO, 0)).collect();
        assert!((mean(&at_zero) - 0.5).abs() < 0.02);
    }

    #[test]
    fn a_seed_always_gives_the_same_haps_and_another_gives_others() {
        let pattern = mini("hh*16?").unwrap();
        let span = Span::cycles(0, 8);
        assert_eq!(pattern.query_seeded(span, 5), pattern.query_seeded(span, 5));
        assert_ne!(pattern.query_seeded(span, 5), pattern.query_seeded(span, 6));
        assert_ne!(pattern.seed(&1.into()).query(span), pattern.seed(&2.into()).query(span));
    }

    #[test]
    fn what_degrading_drops_is_what_undegrading_keeps() {
        let pattern = mini("a b c d e f").unwrap();
        let (span, third) = (Span::cycles(0, 50), Pattern::from(0.3));
        let both = pattern.degrade_by(&third).query(span).len() + pattern.undegrade_by(&third).query(span).len();
        assert_eq!(both, 300);
    }

    #[test]
    fn a_random_run_has_every_number_once() {
        for cycle in 0..20 {
            let mut run: Vec<i64> =
                randrun(8).query(Span::cycles(cycle, cycle + 1)).iter().filter_map(|h| h.value.whole()).collect();
            run.sort();
            assert_eq!(run, [0, 1, 2, 3, 4, 5, 6, 7]);
        }
        assert_ne!(randrun(8).query(Span::cycles(0, 1)), randrun(8).query(Span::cycles(1, 2)));
    }

    #[test]
    fn weights_decide_how_often() {
        let pattern = wchoose_cycles(&[(pure("a"), 1.0), (pure("b"), 3.0)]);
        let b = pattern.query(Span::cycles(0, 2000)).iter().filter(|h| h.value.as_text() == Some("b")).count();
        assert!((1420..1580).contains(&b), "{b}");
    }
}

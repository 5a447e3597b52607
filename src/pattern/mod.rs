//! Patterns: a pattern is a query from a span of time to haps.
//!
//! Law of query: the haps of a span are the haps of its parts, wherever it is cut. A hap has a *whole* (what is played; none for a
//! continuous signal) and a *part* (what of it lies in the query); it has an onset where both begin together.
//!
//! Law of identity: a pattern is the expression that made it. Two expressions that say the same are equal, wherever they were
//! written; transforms are applied when a pattern is made, never when it is queried.

pub mod algorithm;
mod chance;
mod combine;
mod condition;
pub mod control;
mod generate;
pub mod hap;
mod identity;
mod layer;
pub mod mini;
mod operate;
mod pick;
mod sample;
mod signal;
mod slot;
mod stepwise;
pub mod time;
mod transform;
pub mod value;
mod weave;

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

pub use chance::{
    berlin, brand_by, choose_cycles, choose_in, choose_in_with, choose_with, irand, normal, perlin, rand, randrun,
    wchoose, wchoose_cycles, wchoose_with,
};
pub use combine::{
    cat, cat_skipping, each_cycle, fastcat, function_of_time, gap, lists, nothing, pure, silence, stack, steady,
    stepcat,
};
pub use control::{Control, control, controls};
pub use generate::{arrange, binary, binary_n, bjorklund, morph, polymeter, run, seq_p, stack_by};
pub use hap::{Hap, Place, Places, Span};
pub use identity::{Digest, MAX_DEPTH, MAX_SIZE};
pub use mini::{Chords, MiniError, Origin, mini, mini_at};
pub use operate::{Align, Operator};
pub use pick::{Choice, ORDERS, Reach, squeeze};
pub use sample::cycles_per;
pub use signal::{cosine, envelope, isaw, itri, saw, sine, square, time_signal, tri};
pub use stepwise::{stepalt, stepcat_own, tour, zip};
pub use time::Time;
pub use value::{Controls, Value, note_number, read_number};

pub use weave::{rand_struct, weave, wedge};

pub(crate) use identity::Id;
use slot::Frame;

/// A pattern. Cheap to clone; equal when its structure is equal.
#[derive(Clone)]
pub struct Pattern(Arc<Node>);

struct Node {
    hash: u128,
    size: u64,
    depth: u32,
    steps: Option<Time>,
    /// The value of a pattern that is nothing but one value per cycle.
    value: Option<Value>,
    query: Box<Ask>,
}

/// What a pattern answers to a question.
type Ask = dyn Fn(&Query) -> Vec<Hap> + Send + Sync;

/// One question to a pattern: which span, which seed, and how much work it may still be.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    pub span: Span,
    pub seed: u64,
    pub frame: Option<&'a Frame<'a>>,
    left: &'a Cell<i64>,
}

/// The haps a query may go through: this many, and as many again for each cycle it spans.
const BUDGET: f64 = 100_000.0;

/// Steps that functions from outside may do in one query: this many, and as many again for each cycle it spans. A few milliseconds.
const OUTSIDE: f64 = 100_000.0;

/// Steps of functions from outside that are as much work as one hap.
const STEPS: i64 = 5;

thread_local! {
    /// Steps that functions from outside may still do in the query that runs on this thread.
    static LEFT_OUTSIDE: Cell<i64> = const { Cell::new(i64::MAX) };
}

/// Counts steps of a function from outside against the query that called it; false when they have been too many and it is not
/// to be called any more. The query is refused then, as one too dense.
pub fn spend_outside(steps: u64) -> bool {
    let left = LEFT_OUTSIDE.get().saturating_sub_unsigned(steps);
    LEFT_OUTSIDE.set(left);
    left > 0
}

/// A pattern so dense that a query was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooDense;

impl<'a> Query<'a> {
    /// The same question about another span.
    pub fn at(&self, span: Span) -> Query<'a> {
        Query { span, ..*self }
    }

    pub fn map(&self, f: impl Fn(Time) -> Time) -> Query<'a> {
        self.at(self.span.map(f))
    }

    /// The same question with another seed, for a part whose chances are to be its own.
    pub fn reseeded(&self, by: u64) -> Query<'a> {
        Query { seed: Digest::new().word(self.seed as u128).word(by as u128).half(), ..*self }
    }

    /// The question cycle by cycle.
    pub fn cycles(&self) -> impl Iterator<Item = Query<'a>> {
        let query = *self;
        self.span.split().take_while(move |_| query.spend()).map(move |span| query.at(span))
    }

    /// Counts one piece of work; false when there has been too much.
    pub fn spend(&self) -> bool {
        self.spend_many(1)
    }

    /// Counts many pieces of work.
    pub fn spend_many(&self, pieces: u64) -> bool {
        self.left.set(self.left.get().saturating_sub_unsigned(pieces));
        self.left.get() > 0
    }
}

impl Pattern {
    /// The haps of a span, under seed 0.
    pub fn query(&self, span: Span) -> Vec<Hap> {
        self.query_seeded(span, 0)
    }

    /// The haps of a span; the seed decides every chance in it. A pattern far too dense to be heard has none.
    pub fn query_seeded(&self, span: Span, seed: u64) -> Vec<Hap> {
        self.ask(span, seed).0
    }

    /// The haps of a span, or that there would be too many of them to be played.
    pub fn try_query(&self, span: Span, seed: u64) -> Result<Vec<Hap>, TooDense> {
        let (haps, left) = self.ask(span, seed);
        if left > 0 { Ok(haps) } else { Err(TooDense) }
    }

    /// The haps of a span and how much work it was to find them, or that it was more than `most`: in haps gone through, or steps
    /// of functions from outside by fives.
    pub fn weigh(&self, span: Span, seed: u64, most: u64) -> Result<(Vec<Hap>, u64), TooDense> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let (haps, left, outside) = self.ask_within(span, seed, most, most.saturating_mul(STEPS));
        let work = (most - left) + (most - outside / STEPS);
        if left.min(outside) > 0 { Ok((haps, work as u64)) } else { Err(TooDense) }
    }

    fn ask(&self, span: Span, seed: u64) -> (Vec<Hap>, i64) {
        let length = 1.0 + span.duration().to_f64().abs();
        let (haps, left, outside) = self.ask_within(span, seed, (BUDGET * length) as i64, (OUTSIDE * length) as i64);
        (haps, left.min(outside))
    }

    /// The haps of a span, and what is left of the work and of the steps of functions from outside.
    fn ask_within(&self, span: Span, seed: u64, work: i64, outside: i64) -> (Vec<Hap>, i64, i64) {
        let left = Cell::new(work);
        let before = LEFT_OUTSIDE.replace(outside);
        let haps = self.run(&Query { span, seed, frame: None, left: &left });
        let outside = LEFT_OUTSIDE.replace(before);
        (haps, left.get(), outside)
    }

    pub(crate) fn run(&self, query: &Query) -> Vec<Hap> {
        if query.left.get() <= 0 {
            return Vec::new();
        }
        let haps = (self.0.query)(query);
        query.left.set(query.left.get() - haps.len() as i64);
        // Nothing more is to be done with too many.
        if query.left.get() <= 0 { Vec::new() } else { haps }
    }

    /// Identifies the structure: equal patterns, equal hashes, in every process.
    pub fn hash(&self) -> u128 {
        self.0.hash
    }

    /// The number of expressions in it, sharing undone.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// How deeply its expressions are nested.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Why this pattern is refused, if it grew beyond all use: it is silent then.
    pub fn refused(&self) -> Option<String> {
        if self.size() > MAX_SIZE {
            Some(format!("pattern of at most {MAX_SIZE} parts expected, found {}", self.size()))
        } else if self.depth() > MAX_DEPTH {
            Some(format!("at most {MAX_DEPTH} transforms inside one another expected, found {}", self.depth()))
        } else {
            None
        }
    }

    /// How many steps one cycle has, where that is known.
    pub fn steps(&self) -> Option<Time> {
        self.0.steps
    }

    /// The same pattern counted as this many steps per cycle.
    pub fn with_steps(&self, steps: Option<Time>) -> Pattern {
        if self.0.steps == steps {
            return self.clone();
        }
        let inner = self.clone();
        let id = Id::of("steps").on(self).time(steps.unwrap_or(Time::ZERO)).holding(self.0.value.clone());
        id.pattern(steps, move |q| inner.run(q))
    }

    /// The value, if this is nothing but one value per cycle.
    pub fn pure_value(&self) -> Option<&Value> {
        self.0.value.as_ref()
    }

    /// The haps of the first cycle.
    pub fn first_cycle(&self) -> Vec<Hap> {
        self.query(Span::cycles(0, 1))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash == other.0.hash
    }
}

impl Eq for Pattern {}

impl std::hash::Hash for Pattern {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u128(self.0.hash);
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "pattern {:032x}", self.0.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_expressions_are_equal_and_different_ones_are_not() {
        let kick = || pure("bd").fast(&2.into());
        assert_eq!(kick(), kick());
        assert_ne!(kick(), kick().fast(&2.into()));
        assert_ne!(kick(), pure("bd").slow(&2.into()));
        assert_ne!(stack(&[kick(), pure("x")]), stack(&[pure("x"), kick()]));
    }

    #[test]
    fn doubling_forty_times_is_counted_and_refused_without_being_expanded() {
        let mut x = pure("x");
        for _ in 0..40 {
            x = stack(&[x.clone(), x]);
        }
        assert!(x.size() > 1 << 40);
        assert!(x.refused().is_some());
        assert_eq!(x.first_cycle(), []);
    }

    #[test]
    fn endless_nesting_is_refused_before_the_stack_ends() {
        let mut x = pure("x");
        for _ in 0..100_000 {
            x = x.late(&Time::new(1, 8).into());
        }
        assert!(x.refused().is_some());
        assert_eq!(x.first_cycle(), []);
    }

    #[test]
    fn a_pattern_too_dense_to_be_heard_is_cut_short_and_says_so() {
        let x = pure("x").fast(&1_000_000_000.into());
        assert_eq!(x.try_query(Span::cycles(0, 1), 0), Err(TooDense));
        assert!(pure("x").fast(&1000.into()).try_query(Span::cycles(0, 1), 0).is_ok());
    }
}

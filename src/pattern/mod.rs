//! Patterns: a pattern is a query from a span of time to haps.
//!
//! Law of query: the haps of a span are the haps of its parts, wherever it is cut. A hap has a *whole* (what is played; none for a
//! continuous signal) and a *part* (what of it lies in the query); it has an onset where both begin together.

use std::sync::Arc;

/// Cycles, exact. (To be replaced by the rational of `time.rs`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64, i64);

/// From `begin` to `end`, in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub begin: Time,
    pub end: Time,
}

/// What a hap carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Ratio(Time),
    Bool(bool),
    Text(Arc<str>),
    List(Arc<[Value]>),
    /// Control name to value, ordered by name.
    Map(Arc<std::collections::BTreeMap<Arc<str>, Value>>),
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Hap {
    pub whole: Option<Span>,
    pub part: Span,
    pub value: Value,
}

/// A pattern. Cheap to clone; equal when its structure is equal.
#[derive(Clone)]
pub struct Pattern(Arc<()>);

impl Pattern {
    pub fn query(&self, _span: Span) -> Vec<Hap> {
        todo!()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, _other: &Self) -> bool {
        todo!()
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("pattern")
    }
}

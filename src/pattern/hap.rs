//! A hap: something that happens, when, and from which letters of the text it came.

use std::sync::Arc;

use super::time::Time;
use super::value::Value;

/// From `begin` to `end`, in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub begin: Time,
    pub end: Time,
}

impl Span {
    pub fn new(begin: Time, end: Time) -> Span {
        Span { begin, end }
    }

    /// From one whole cycle to another.
    pub fn cycles(begin: i64, end: i64) -> Span {
        Span { begin: Time::int(begin), end: Time::int(end) }
    }

    /// The cycle around a time.
    pub fn cycle_of(time: Time) -> Span {
        Span { begin: time.floor(), end: time.next_cycle() }
    }

    pub fn duration(self) -> Time {
        self.end - self.begin
    }

    pub fn midpoint(self) -> Time {
        self.begin + self.duration() * Time::HALF
    }

    pub fn map(self, f: impl Fn(Time) -> Time) -> Span {
        Span { begin: f(self.begin), end: f(self.end) }
    }

    /// What two spans share. A point at the end of a span that has a length is not part of it.
    pub fn intersection(self, other: Span) -> Option<Span> {
        let (begin, end) = (self.begin.max(other.begin), self.end.min(other.end));
        let at_end_of = |s: Span| begin == s.end && s.begin < s.end;
        if begin > end || (begin == end && (at_end_of(self) || at_end_of(other))) {
            return None;
        }
        Some(Span { begin, end })
    }

    /// The pieces of this span cycle by cycle; a point stays a point.
    pub fn split(self) -> impl Iterator<Item = Span> {
        let mut begin = Some(self.begin);
        std::iter::from_fn(move || {
            let from = begin?;
            let to = from.next_cycle().min(self.end).max(from);
            // At the far end of representable time a cycle has no successor.
            begin = (to < self.end && to > from).then_some(to);
            Some(Span { begin: from, end: if begin.is_none() { self.end } else { to } })
        })
    }
}

/// A stretch of one line of source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Which text.
    pub source: u32,
    /// Counted from 1, as is the column.
    pub line: u32,
    /// In characters.
    pub column: u32,
    /// In characters.
    pub length: u32,
}

/// Where a hap came from: its letters, and the scale its pitch was taken from. None costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Places {
    letters: Option<Arc<[Place]>>,
    scale: Option<Arc<str>>,
}

impl Places {
    pub fn one(place: Place) -> Places {
        Places { letters: Some(Arc::new([place])), scale: None }
    }

    pub fn as_slice(&self) -> &[Place] {
        self.letters.as_deref().unwrap_or(&[])
    }

    /// The scale that words which move inside it go by.
    pub fn scale(&self) -> Option<&str> {
        self.scale.as_deref()
    }

    pub fn with_scale(mut self, scale: Arc<str>) -> Places {
        self.scale = Some(scale);
        self
    }

    pub fn and(&self, other: &Places) -> Places {
        let letters = match (&self.letters, &other.letters) {
            (a, None) => a.clone(),
            (None, b) => b.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => self.letters.clone(),
            (Some(a), Some(b)) => {
                let new = b.iter().filter(|p| !a.contains(p));
                Some(a.iter().chain(new).copied().collect())
            }
        };
        Places { letters, scale: self.scale.as_ref().or(other.scale.as_ref()).cloned() }
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
pub struct Hap {
    /// What is played; none for a continuous signal.
    pub whole: Option<Span>,
    /// What of the whole lies in the query.
    pub part: Span,
    pub value: Value,
    /// Where in the text it was written. Two haps are equal wherever they were written.
    pub places: Places,
}

impl PartialEq for Hap {
    fn eq(&self, other: &Hap) -> bool {
        self.whole == other.whole && self.part == other.part && self.value == other.value
    }
}

impl Hap {
    pub fn new(whole: Option<Span>, part: Span, value: Value) -> Hap {
        Hap { whole, part, value, places: Places::default() }
    }

    pub fn whole_or_part(&self) -> Span {
        self.whole.unwrap_or(self.part)
    }

    /// Whether it begins inside the query: what is heard starts here.
    pub fn has_onset(&self) -> bool {
        self.whole.is_some_and(|whole| whole.begin == self.part.begin)
    }

    /// The same happening at other times.
    pub fn map_time(mut self, f: impl Fn(Time) -> Time) -> Hap {
        self.whole = self.whole.map(|whole| whole.map(&f));
        self.part = self.part.map(&f);
        self
    }

    pub fn with_value(mut self, value: Value) -> Hap {
        self.value = value;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(a: &str, b: &str) -> Span {
        Span::new(a.parse().unwrap(), b.parse().unwrap())
    }

    #[test]
    fn a_point_at_the_end_is_outside_and_at_the_start_inside() {
        assert_eq!(span("0", "1").intersection(span("1", "1")), None);
        assert_eq!(span("0", "1").intersection(span("0", "0")), Some(span("0", "0")));
        assert_eq!(span("0", "1").intersection(span("1/2", "2")), Some(span("1/2", "1")));
        assert_eq!(span("0", "1").intersection(span("2", "3")), None);
    }

    #[test]
    fn a_span_splits_at_cycle_lines() {
        let pieces: Vec<Span> = span("1/2", "9/4").split().collect();
        assert_eq!(pieces, [span("1/2", "1"), span("1", "2"), span("2", "9/4")]);
        assert_eq!(span("1", "1").split().count(), 1);
        assert_eq!(Span::new(Time::int(i64::MAX), Time::int(i64::MAX)).split().count(), 1);
    }

    #[test]
    fn places_join_without_repeating() {
        let a = Places::one(Place { source: 0, line: 1, column: 1, length: 2 });
        let b = Places::one(Place { source: 0, line: 1, column: 4, length: 2 });
        assert_eq!(a.and(&b).and(&a).as_slice().len(), 2);
    }
}

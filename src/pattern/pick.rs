//! Picking: patterns chosen by number or by name, and the ways the chosen one takes its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::combine::{Join, silence};
use super::hap::{Hap, Span};
use super::value::Value;
use super::{Id, Pattern, Query, Time};

/// Patterns to choose from.
#[derive(Clone, Debug)]
pub enum Choice {
    /// By number, from 0.
    List(Vec<Pattern>),
    /// By name.
    Names(BTreeMap<String, Pattern>),
}

/// How the chosen pattern takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It goes on as if it had been there all along, in its own rhythm.
    Inside,
    /// Its values in the rhythm of the choosing.
    Outside,
    /// Each choice starts it from its cycle 0.
    Restart,
    /// Each choice starts it from the beginning of its current cycle.
    Reset,
    /// A cycle of it is squeezed into each choice.
    Squeeze,
}

impl Choice {
    fn parts(&self) -> Box<dyn Iterator<Item = &Pattern> + '_> {
        match self {
            Choice::List(list) => Box::new(list.iter()),
            Choice::Names(names) => Box::new(names.values()),
        }
    }

    /// The pattern under a value: numbers count from 0 and stop at the last, or go round.
    fn find(&self, value: &Value, round: bool) -> Option<Pattern> {
        match self {
            Choice::List(list) => {
                let last = list.len().checked_sub(1)? as i64;
                let index = (value.number()? + 0.5).floor() as i64;
                let index = if round { index.rem_euclid(last + 1) } else { index.clamp(0, last) };
                list.get(index as usize).cloned()
            }
            Choice::Names(names) => names.get(&value.key()).cloned(),
        }
    }
}

impl Pattern {
    /// Patterns chosen by the values of this one; `round` counts past the end from the start again.
    pub fn pick(&self, choice: &Choice, reach: Reach, round: bool) -> Pattern {
        let mut id = Id::of("pick").text(&format!("{reach:?}{round}")).all(choice.parts());
        if let Choice::Names(names) = choice {
            id = names.keys().fold(id, |id, name| id.text(name));
        }
        let choice = Arc::new(choice.clone());
        let find = move |value: &Value| choice.find(value, round);
        match reach {
            Reach::Inside => self.bind(id, Join::Inner, find),
            Reach::Outside => self.bind(id, Join::Outer, find),
            Reach::Restart => self.restart_bind(id, true, find),
            Reach::Reset => self.restart_bind(id, false, find),
            Reach::Squeeze => self.squeeze_bind(id, find),
        }
    }

    /// Notes that sound together, played in turn by a pattern of their numbers.
    pub fn arp(&self, numbers: &Pattern) -> Pattern {
        let (chords, numbers) = (self.clone(), numbers.clone());
        Id::of("arp").on(self).on(&numbers.clone()).pattern(None, move |q| {
            let played = |notes: &[Hap], number: Hap| {
                let i = number.value.whole()?;
                let note = notes.get(i.checked_rem_euclid(notes.len() as i64)? as usize)?;
                Some(Hap { places: note.places.and(&number.places), value: note.value.clone(), ..number })
            };
            let sounding = chords.run(q);
            // Signals are taken where the number begins; where none sound there may be some elsewhere.
            let signals = sounding.is_empty() || sounding.iter().any(|hap| hap.whole.is_none());
            let mut haps = Vec::new();
            for notes in together(&chords, q, sounding).into_iter().filter(|notes| notes[0].whole.is_some()) {
                let numbers = numbers.run(&q.at(notes[0].part)).into_iter();
                haps.extend(numbers.filter_map(|number| played(&notes, number)));
            }
            for number in if signals { numbers.run(q) } else { Vec::new() } {
                let span = number.whole.unwrap_or(number.part);
                let mut notes = chords.run(&q.at(span));
                notes.retain(|hap| hap.whole.is_none() && hap.part.begin == span.begin);
                haps.extend(played(&notes, number));
            }
            haps
        })
    }

    /// Notes that sound together, one after the other within their length, in the order that a name says.
    pub fn arp_named(&self, names: &Pattern) -> Pattern {
        self.with_arg("arp_named", names, |p, name| {
            let name = name.as_text()?.to_string();
            let id = Id::of("arp_named").text(&name);
            Some(p.collect().squeeze_bind(id, move |chord| {
                let notes = chord.as_list()?;
                let order = order(&name, notes.len())?;
                let note = |i: usize| super::pure(notes[i].clone());
                Some(super::fastcat(&order.into_iter().map(note).collect::<Vec<_>>()))
            }))
        })
    }

    /// Notes that sound together as one list.
    pub fn collect(&self) -> Pattern {
        let inner = self.clone();
        Id::of("collect").on(self).pattern(self.steps(), move |q| {
            let list = |notes: Vec<Hap>| {
                let value = Value::list(notes.iter().map(|hap| hap.value.clone()));
                notes.into_iter().next().map(|first| first.with_value(value))
            };
            together(&inner, q, inner.run(q)).into_iter().filter_map(list).collect()
        })
    }

    /// Notes that sound together begin one after the other within a part of their length, upwards or (negative) downwards.
    pub fn rolled_by(&self, amount: &Pattern) -> Pattern {
        self.with_arg("rolled_by", amount, |p, amount| {
            let (amount, inner) = (amount.time()?, p.clone());
            Some(Id::of("rolled").time(amount).on(p).pattern(p.steps(), move |q| {
                let mut haps = Vec::new();
                for mut notes in together(&inner, q, inner.run(q)) {
                    if amount.is_negative() {
                        notes.reverse();
                    }
                    let count = Time::int(notes.len() as i64);
                    for (i, hap) in notes.into_iter().enumerate() {
                        let Some(whole) = hap.whole else { continue };
                        let late = whole.duration() * amount.abs() * Time::int(i as i64) / count;
                        let whole = Span::new(whole.begin + late, whole.end);
                        haps.extend(whole.intersection(hap.part).map(|part| Hap { whole: Some(whole), part, ..hap }));
                    }
                }
                haps
            }))
        })
    }

    /// Lists as notes that sound together.
    pub fn flat(&self) -> Pattern {
        let inner = self.clone();
        Id::of("flat").on(self).pattern(self.steps(), move |q| {
            let spread = |hap: Hap| match hap.value.as_list() {
                Some(values) => values.iter().map(|value| hap.clone().with_value(value.clone())).collect(),
                None => vec![hap],
            };
            inner.run(q).into_iter().flat_map(spread).collect()
        })
    }
}

/// The names of orders that `arp_named` knows.
pub const ORDERS: &[&str] = &[
    "up",
    "down",
    "updown",
    "downup",
    "up&down",
    "down&up",
    "converge",
    "diverge",
    "disconverge",
    "pinkyup",
    "thumbup",
];

/// So many notes in an order by name, each by its number from the lowest.
fn order(name: &str, n: usize) -> Option<Vec<usize>> {
    let up = || 0..n;
    let down = || (0..n).rev();
    let converge = || up().zip(down()).flat_map(|(a, b)| [a, b]).take(n);
    let inner = |notes: Vec<usize>| if notes.len() > 1 { notes[1..].to_vec() } else { notes };
    Some(match name {
        "up" => up().collect(),
        "down" => down().collect(),
        "updown" => up().chain(down().skip(1).take(n.saturating_sub(2))).collect(),
        "downup" => down().chain(up().skip(1).take(n.saturating_sub(2))).collect(),
        "up&down" => up().chain(down()).collect(),
        "down&up" => down().chain(up()).collect(),
        "converge" => converge().collect(),
        "diverge" => converge().collect::<Vec<_>>().into_iter().rev().collect(),
        "disconverge" => converge().chain(inner(converge().collect::<Vec<_>>().into_iter().rev().collect())).collect(),
        "pinkyup" => up().take(n - 1).flat_map(|i| [i, n - 1]).chain((n == 1).then_some(0)).collect(),
        "thumbup" => up().skip(1).flat_map(|i| [0, i]).chain((n == 1).then_some(0)).collect(),
        _ => return None,
    })
}

/// A pattern's haps in groups of the same whole and part, in the order they came; the groups in the order of time, whatever was
/// asked. Where the notes of a whole were cut at different places there is a group for every stretch between two cuts, wherever
/// the question itself begins and ends.
fn together(pattern: &Pattern, q: &Query, haps: Vec<Hap>) -> Vec<Vec<Hap>> {
    let mut groups: Vec<Vec<Hap>> = Vec::new();
    let mut add = |hap: Hap| match groups.iter_mut().find(|g| g[0].whole == hap.whole && g[0].part == hap.part) {
        Some(group) => group.push(hap),
        None => groups.push(vec![hap]),
    };
    let mut cut: Vec<Span> = Vec::new();
    for hap in &haps {
        if let Some(whole) = hap.whole.filter(|whole| *whole != hap.part && !cut.contains(whole)) {
            cut.push(whole);
        }
    }
    haps.into_iter().filter(|hap| hap.whole.is_none_or(|whole| !cut.contains(&whole))).for_each(&mut add);
    for whole in cut.into_iter().take_while(|_| q.spend()) {
        let notes: Vec<Hap> = pattern.run(&q.at(whole)).into_iter().filter(|hap| hap.whole == Some(whole)).collect();
        let mut bounds: Vec<Time> = notes.iter().flat_map(|hap| [hap.part.begin, hap.part.end]).collect();
        bounds.sort();
        bounds.dedup();
        for stretch in bounds.windows(2).map(|w| Span::new(w[0], w[1])) {
            let Some(part) = stretch.intersection(q.span) else { continue };
            let sounding = notes.iter().filter(|hap| hap.part.intersection(stretch) == Some(stretch));
            sounding.map(|hap| Hap { part, ..hap.clone() }).for_each(&mut add);
        }
    }
    let time = |span: Span| (span.begin, span.end);
    groups.sort_by_key(|group| (group[0].whole.map(time), time(group[0].part)));
    groups
}

/// The patterns of a list, one cycle of each squeezed into the haps that name it by number.
pub fn squeeze(numbers: &Pattern, patterns: &[Pattern]) -> Pattern {
    if patterns.is_empty() {
        return silence();
    }
    numbers.pick(&Choice::List(patterns.to_vec()), Reach::Squeeze, true)
}

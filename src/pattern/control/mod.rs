//! Controls: the one table of what an event can say about its sound, and the patterns that say it.

mod table;

use std::sync::Arc;

use super::value::{Controls, Value};
use super::{Id, Pattern};

pub use table::controls;

/// One control: a word for a number (or a name) that an event carries to its instrument, effects or track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Control {
    /// The name under which events carry it.
    pub name: &'static str,
    /// Other words for it, those of Tidal and Strudel among them.
    pub aliases: &'static [&'static str],
    /// `Hz`, `s`, `dB`, `cycles`, `semitones`, `cents`, or empty for plain numbers and names.
    pub unit: &'static str,
    pub low: f64,
    pub high: f64,
    /// What an instrument hears that nobody told; none for names and for what then has no effect.
    pub default: Option<f64>,
    /// One sentence.
    pub doc: &'static str,
    pub category: &'static str,
    /// Which controls a list such as `bd:3` sets, in order; empty if the list is kept as it is.
    pub parts: &'static [&'static str],
}

/// The control that goes by a name or an alias.
pub fn control(name: &str) -> Option<&'static Control> {
    controls().iter().find(|control| control.name == name || control.aliases.contains(&name))
}

impl Pattern {
    /// The values of this pattern as values of a control: `"bd:3"` as `s` is `s` bd and `n` 3.
    pub fn as_control(&self, control: &'static Control) -> Pattern {
        self.named(control.name, control.parts)
    }

    /// As `as_control`, under any name.
    pub fn as_named(&self, name: &str) -> Pattern {
        match control(name) {
            Some(control) => self.as_control(control),
            None => self.named(name, &[]),
        }
    }

    /// The parts of a list as these controls, in order.
    pub fn as_controls(&self, names: &[&str]) -> Pattern {
        let names: Vec<Arc<str>> = names.iter().map(|name| control(name).map_or(*name, |c| c.name).into()).collect();
        let id = names.iter().fold(Id::of("as"), |id, name| id.text(name));
        self.map_values(id, move |value| match value {
            Value::Map(_) => Some(value.clone()),
            Value::List(values) => Some(spread(&names, values)),
            one => Some(spread(&names, std::slice::from_ref(one))),
        })
    }

    fn named(&self, name: &str, parts: &'static [&'static str]) -> Pattern {
        let (name, names): (Arc<str>, Vec<Arc<str>>) = (name.into(), parts.iter().map(|part| (*part).into()).collect());
        self.map_values(Id::of("control").text(&name.clone()), move |value| match value {
            Value::Map(_) => Some(value.clone()),
            Value::List(values) if !names.is_empty() => Some(spread(&names, values)),
            value => Some(Value::Map(Arc::new(Controls::from([(name.clone(), value.clone())])))),
        })
    }

    /// This pattern with a control set from another; its chances are its own (`gain(rand)` knows nothing of `pan(rand)`).
    pub fn with_control(&self, name: &str, values: &Pattern) -> Pattern {
        let name = control(name).map_or(name, |control| control.name);
        let own = Id::of("control").text(name).occurrence();
        self.set(&values.reseeded(own).as_named(name))
    }
}

fn spread(names: &[Arc<str>], values: &[Value]) -> Value {
    Value::Map(Arc::new(names.iter().cloned().zip(values.iter().cloned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Span, mini};
    use std::collections::HashSet;

    #[test]
    fn no_control_word_means_two_things() {
        let mut seen = HashSet::new();
        for control in controls() {
            for word in std::iter::once(&control.name).chain(control.aliases) {
                assert!(seen.insert(*word), "{word} stands twice");
            }
        }
    }

    #[test]
    fn every_control_has_a_meaning_and_a_sane_range() {
        for c in controls() {
            assert!(c.low < c.high, "{}", c.name);
            assert!(c.default.is_none_or(|x| (c.low..=c.high).contains(&x)), "{}", c.name);
            assert!(c.doc.len() > 6 && !c.doc.ends_with('.') && !c.category.is_empty(), "{}", c.name);
            assert!(c.parts.iter().all(|part| control(part).is_some_and(|p| p.name == *part)), "{}", c.name);
        }
    }

    #[test]
    fn a_list_sets_the_controls_that_belong_together() {
        let value = |text: &str, name: &str| mini(text).unwrap().as_named(name).first_cycle()[0].value.to_string();
        assert_eq!(value("bd:3", "sound"), "n:3 s:bd");
        assert_eq!(value(".5:.125:.8", "delay"), "delay:0.5 delayfeedback:0.8 delaytime:0.125");
        assert_eq!(value("800", "lpf"), "cutoff:800");
    }

    #[test]
    fn two_controls_by_chance_are_independent() {
        let both = mini("x*1000").unwrap().as_named("s");
        let both = both.with_control("gain", &crate::pattern::rand()).with_control("pan", &crate::pattern::rand());
        let number = |v: &Value, name: &str| v.get(name).and_then(Value::number).unwrap();
        let haps = both.query(Span::cycles(0, 1));
        let product: f64 =
            haps.iter().map(|h| (number(&h.value, "gain") - 0.5) * (number(&h.value, "pan") - 0.5)).sum();
        assert!(product.abs() / 1000.0 < 0.01, "{product}");
    }
}

//! How many events a text can make in one cycle, read off its tree, so that what nobody could play is refused before it plays.

use super::parse::MOST_COPIES;
use super::syntax::{Kind, Layers, Mark, Step, What};

/// Events in one cycle that a text may make.
pub const MOST_EVENTS: f64 = 16384.0;

/// The most events in a cycle: an upper bound.
pub fn layers(layers: &Layers) -> f64 {
    let counts = layers.sequences.iter().map(|steps| steps.iter().map(step).sum::<f64>());
    match layers.kind {
        Kind::Stack | Kind::Feet => counts.sum(),
        Kind::Choice(_) => counts.fold(0.0, f64::max),
    }
}

fn step(step: &Step) -> f64 {
    step.marks.iter().fold(what(&step.what), |events, mark| match mark {
        Mark::Fast(by) => events * largest(by) + cuts(by),
        Mark::Slow(by) => events / smallest(by) + cuts(by),
        Mark::Replicate(copies) => events * f64::from(*copies),
        Mark::Degrade(..) => events,
        Mark::Euclid(onsets, steps, rotation) => {
            let turns = rotation.as_ref().map_or(0.0, |rotation| self::step(rotation));
            events
                + numbers(&steps.what).fold(1.0, f64::max).min(MOST_COPIES)
                + self::step(onsets)
                + self::step(steps)
                + turns
        }
        Mark::Tail(tail) => events + what(tail),
        Mark::Range(to) => {
            let ends = || numbers(&step.what).chain(numbers(to));
            let (low, high) = ends().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
            events * what(to) * ((high - low).max(0.0) + 1.0)
        }
    })
}

fn what(what: &What) -> f64 {
    let busiest = |layers: &Layers| {
        let busiest = |steps: &Vec<Step>| steps.iter().map(rate).fold(0.0, f64::max);
        layers.sequences.iter().map(busiest).sum::<f64>()
    };
    match what {
        What::Atom(..) => 1.0,
        What::Chord(values, _) => values.len() as f64,
        What::Rest => 0.0,
        What::Group(group) => layers(group),
        What::Alternate(turns) => busiest(turns),
        What::Polymeter(turns, None) => turns.sequences.first().map_or(0, Vec::len) as f64 * busiest(turns),
        What::Polymeter(turns, Some(count)) => busiest(turns) * largest(count) + cuts(count),
    }
}

/// How often the events of a factor change, and cut what they are applied to.
fn cuts(factor: &What) -> f64 {
    (what(factor) - 1.0).max(0.0)
}

/// Events per cycle while a step lasts that is as many cycles long as its weight.
fn rate(step: &Step) -> f64 {
    let weight = step.weight.to_f64();
    if weight > 0.0 { self::step(step) / weight } else { 0.0 }
}

/// Every number in a bracket, signs apart.
fn numbers(what: &What) -> Box<dyn Iterator<Item = f64> + '_> {
    match what {
        What::Atom(value, _) => Box::new(value.number().into_iter()),
        What::Chord(values, _) => Box::new(values.iter().filter_map(|value| value.number())),
        What::Rest => Box::new(std::iter::empty()),
        What::Group(layers) | What::Alternate(layers) | What::Polymeter(layers, _) => {
            let of = |step: &'_ Step| -> Vec<f64> {
                let ends = step
                    .marks
                    .iter()
                    .filter_map(|mark| if let Mark::Range(to) = mark { Some(numbers(to)) } else { None });
                numbers(&step.what).chain(ends.flatten()).collect()
            };
            Box::new(layers.sequences.iter().flatten().flat_map(of))
        }
    }
}

fn largest(what: &What) -> f64 {
    numbers(what).map(f64::abs).fold(0.0, f64::max)
}

/// The smallest number that slows down; nothing slowed by zero sounds.
fn smallest(what: &What) -> f64 {
    numbers(what).map(f64::abs).filter(|x| *x > 0.0).fold(f64::MAX, f64::min)
}

#[cfg(test)]
mod tests {
    use crate::pattern::{Hap, Span, mini};

    use super::super::parse;
    use super::*;

    #[test]
    fn what_nobody_could_play_is_refused_wherever_it_hides() {
        for text in [
            "[[[[bd*100]*100]*100]*100]*100",
            "bd*<1!999 1000000000>",
            "bd(3,8)*<1 1000000000>",
            "bd/0.0000001",
            "0 .. 1000000000",
            "0 .. <1!999 1000000000>",
            "[bd!1000]!1000",
            "{bd*1000 sd}%1000",
            "<bd*1000@0.001>",
            "[bd(3,8)!1000]!1000",
            "[bd*10000, sd*10000]",
        ] {
            let error = mini(text).expect_err(text);
            assert!(error.message.contains("events"), "{text}: {error}");
        }
    }

    #[test]
    fn no_text_makes_more_events_than_were_counted() {
        for text in [
            "bd*16384",
            "bd [sd*3 hh]*4",
            "<a b*3 [c d]*8>*4",
            "{a b*2 c}%7",
            "{a b c, d e}",
            "a(5,16)",
            "a(<3 5>,8,2)*2",
            "0 .. 7",
            "a | b*8",
            "a b . c d e",
            "a:[1 2 3]",
            "<a b>/0.25",
            "a!4 b@3",
            "[a [b c]]*<1 2.5>",
            "<a@0.5 b*3>",
            "a? b*[2 3]",
            "~ -",
            "",
        ] {
            let counted = layers(&parse::parse(text, None).unwrap());
            let pattern = mini(text).unwrap();
            for cycle in 0..12 {
                let onsets = pattern.query(Span::cycles(cycle, cycle + 1)).into_iter().filter(Hap::has_onset).count();
                // A cycle line may cut an event in two.
                assert!(onsets as f64 <= counted.ceil() + 1.0, "{text}: {onsets} in cycle {cycle}, {counted} counted");
            }
        }
    }
}

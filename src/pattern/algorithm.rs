//! Algorithmic composition: chains, walks and melodies by rule, growing systems, cellular automata, necklaces.
//!
//! What has a memory still answers any question alone: a chain is followed from some cycles before, far enough back that it has
//! forgotten how it began (Propp and Wilson, "Exact sampling with coupled Markov chains", 1996, is the idea).

use std::collections::BTreeMap;

use super::chance::dice;
use super::combine::{cat, fastcat, pure, silence};
use super::generate::bjorklund;
use super::hap::{Hap, Span};
use super::time::Time;
use super::value::{Value, read_number};
use super::{Id, Pattern};

/// Steps after which a chain has forgotten how it began.
const MEMORY: i64 = 128;
/// The most steps of a cycle, cells of a row, rows of an automaton.
pub const MOST: i64 = 256;
/// The most symbols of a grown system.
pub const MOST_SYMBOLS: usize = 4096;

/// One value per step, each following from the one before and a die.
fn chain<S: 'static + Clone + Send + Sync>(
    id: Id,
    steps: i64,
    start: S,
    next: impl Fn(&S, f64, i64) -> S + Send + Sync + 'static,
    show: impl Fn(&S) -> Option<Value> + Send + Sync + 'static,
) -> Pattern {
    let steps = steps.clamp(1, MOST);
    let id = id.number(steps as f64);
    let (occurrence, block) = (id.occurrence(), (MEMORY + steps - 1) / steps);
    id.pattern(Some(Time::int(steps)), move |q| {
        let mut haps = Vec::new();
        for q in q.cycles() {
            let cycle = q.span.begin.cycle();
            let before = cycle.div_euclid(block).saturating_sub(1).saturating_mul(block);
            let from = if cycle >= 0 { before.max(0) } else { before };
            let mut state = start.clone();
            for step in 0..(cycle - from + 1) * steps {
                let at = |step: i64| Time::int(from) + Time::new(step, steps);
                // The very first step is the start itself.
                if step > 0 || from != 0 {
                    state = next(&state, dice(q.seed, at(step), occurrence), step % steps);
                }
                let whole = Span::new(at(step), at(step + 1));
                if step / steps == cycle - from
                    && let (Some(part), Some(value)) = (whole.intersection(q.span), show(&state))
                {
                    haps.push(Hap::new(Some(whole), part, value));
                }
            }
        }
        haps
    })
}

/// Which of some weights a die points at.
fn pointed(die: f64, weights: impl Iterator<Item = f64> + Clone) -> usize {
    let total: f64 = weights.clone().sum();
    let mut sum = 0.0;
    let mut last = 0;
    for (i, weight) in weights.enumerate() {
        sum += weight;
        if weight > 0.0 {
            last = i;
        }
        if die * total < sum {
            return i;
        }
    }
    last
}

/// A word or number as the value it spells; `~` is a rest.
fn spelled(word: &str) -> Option<Value> {
    match word {
        "~" | "-" => None,
        word => Some(read_number(word).map_or_else(|| Value::text(word), Value::Number)),
    }
}

/// A Markov chain: so many states per cycle, each followed by others in proportion to their weights. A state that nothing
/// follows goes back to the start.
pub fn markov(followers: &BTreeMap<String, Vec<(String, f64)>>, steps: i64, start: &str) -> Pattern {
    let names: Vec<String> = followers.keys().cloned().collect();
    let place = |name: &str| names.iter().position(|known| known == name);
    let first = place(start).unwrap_or(0);
    let row = |list: &Vec<(String, f64)>| -> Vec<f64> {
        let mut row = vec![0.0; names.len()];
        for (name, weight) in list {
            row[place(name).unwrap_or(first)] += weight.max(0.0);
        }
        if row.iter().sum::<f64>() <= 0.0 {
            row[first] = 1.0;
        }
        row
    };
    let rows: Vec<Vec<f64>> = followers.values().map(row).collect();
    let id = rows.iter().flatten().fold(Id::of("markov").number(first as f64), |id, weight| id.number(*weight));
    let id = names.iter().fold(id, |id, name| id.text(name));
    if names.is_empty() {
        return silence();
    }
    let next = move |state: &usize, die, _| pointed(die, rows[*state].iter().copied());
    chain(id, steps, first, next, move |state| spelled(&names[*state]))
}

/// The rules a melody is made by, in steps of its scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    pub low: i64,
    pub high: i64,
    /// The largest step up or down.
    pub leap: i64,
    /// Notes of the chord, in steps from the tonic; octaves apart count, too.
    pub chord: Vec<i64>,
    /// Steps in an octave.
    pub octave: i64,
    /// How strongly the chord draws: 0 not at all, 1 so that the first step of a cycle is a note of it.
    pub gravity: f64,
    /// How often a step is a rest, 0 to 1.
    pub rests: f64,
}

/// A melody by rule, in steps of a scale: it never goes further than its largest step, turns back after a leap (gap fill),
/// seldom repeats a note, and is drawn to the notes of a chord, most on the first step of a cycle.
pub fn melody(rules: &Rules, steps: i64) -> Pattern {
    let rules = rules.clone();
    let (low, high) = (rules.low.min(rules.high), rules.high.max(rules.low));
    let leap = rules.leap.clamp(1, MOST);
    let id = [low, high, leap, rules.octave].iter().fold(Id::of("melody"), |id, n| id.number(*n as f64));
    let id = rules.chord.iter().fold(id.number(rules.gravity).number(rules.rests), |id, n| id.number(*n as f64));
    let rests = rules.rests;
    let next = move |(note, moved, _): &(i64, i64, bool), die: f64, step: i64| {
        // The die's finer part decides about a rest, so that both come of one throw.
        let resting = (die * 1e6).fract() < rests;
        let weight = |to: i64| {
            let by = to - note;
            if to < low || to > high {
                return 0.0;
            }
            let far = if by == 0 { 0.3 } else { 1.0 / (by.abs() as f64).sqrt() };
            let fill = if moved.abs() > 2 && by.signum() == moved.signum() { 0.1 } else { 1.0 };
            let home = rules.chord.iter().any(|tone| (to - tone).rem_euclid(rules.octave.max(1)) == 0);
            let pull = if step == 0 { 1.0 } else { 0.7 } * rules.gravity.clamp(0.0, 1.0);
            far * fill * if home { 1.0 } else { 1.0 - pull }
        };
        let mut to = note - leap + pointed(die, (note - leap..=note + leap).map(weight)) as i64;
        // Where nothing has any weight the melody stays.
        if weight(to) <= 0.0 {
            to = *note;
        }
        (to, to - note, resting)
    };
    let start = (0_i64.clamp(low, high), 0, false);
    chain(id, steps, start, next, |(note, _, resting)| (!resting).then_some(Value::Number(*note as f64)))
}

/// A random walk over whole numbers between two bounds, never further than `leap` at once.
pub fn walk(steps: i64, low: i64, high: i64, leap: i64) -> Pattern {
    melody(&Rules { low, high, leap, chord: Vec::new(), octave: 1, gravity: 0.0, rests: 0.0 }, steps)
}

/// The symbols that grow from an axiom when every symbol is replaced by what its rule says, so many times (Lindenmayer, 1968).
/// None if there would be too many.
pub fn lsystem(axiom: &str, rules: &BTreeMap<char, String>, generations: i64) -> Option<Vec<char>> {
    let mut symbols: Vec<char> = axiom.chars().filter(|c| !c.is_whitespace()).collect();
    for _ in 0..generations.clamp(0, MOST) {
        let mut grown = Vec::new();
        for symbol in &symbols {
            match rules.get(symbol) {
                Some(rule) => grown.extend(rule.chars().filter(|c| !c.is_whitespace())),
                None => grown.push(*symbol),
            }
            if grown.len() > MOST_SYMBOLS {
                return None;
            }
        }
        symbols = grown;
    }
    (symbols.len() <= MOST_SYMBOLS).then_some(symbols)
}

/// Symbols in turn, one step each, all in one cycle.
pub fn symbols(symbols: &[char]) -> Pattern {
    let step = |c: &char| spelled(&c.to_string()).map_or_else(silence, pure);
    fastcat(&symbols.iter().map(step).collect::<Vec<_>>())
}

/// An elementary cellular automaton (Wolfram, 1983) on a ring: each cycle plays a row of truths, the next cycle the row that
/// follows from it; after so many rows it begins again.
pub fn cellular(rule: i64, start: &[bool], rows: i64) -> Pattern {
    let mut row = start.to_vec();
    let mut cycles = Vec::new();
    for _ in 0..rows.clamp(1, MOST) {
        cycles.push(fastcat(&row.iter().map(|cell| pure(*cell)).collect::<Vec<_>>()));
        let count = row.len();
        let cell = |i: usize| {
            let near = [row[(i + count - 1) % count], row[i], row[(i + 1) % count]];
            let pattern = near.iter().fold(0, |bits, cell| bits << 1 | i64::from(*cell));
            (rule >> pattern) & 1 == 1
        };
        row = (0..count).map(cell).collect();
    }
    cat(&cycles)
}

/// Truths by the steps from one onset to the next, so many steps in a cycle (as many as there are, if zero).
pub fn necklace(intervals: &[i64], steps: i64) -> Pattern {
    let beads = intervals.iter().filter(|n| **n > 0).map(|n| (*n).min(MOST));
    let bits: Vec<Pattern> = beads.flat_map(|n| (0..n).map(|i| pure(i == 0))).take(MOST_SYMBOLS).collect();
    let count = Time::int(bits.len() as i64);
    match steps {
        _ if bits.is_empty() => silence(),
        0 => fastcat(&bits),
        steps => fastcat(&bits).slow_by(count / Time::int(steps.clamp(1, MOST))),
    }
}

/// Euclid of Euclid: of the last number of steps as many as the number before it, of these as many as the one before that.
pub fn distrib(numbers: &[i64]) -> Pattern {
    let mut numbers = numbers.iter().rev().map(|n| (*n).clamp(0, MOST));
    let mut bits = vec![true; numbers.next().unwrap_or(0) as usize];
    for onsets in numbers {
        let mut kept = bjorklund(onsets, bits.iter().filter(|bit| **bit).count() as i64).into_iter();
        for bit in bits.iter_mut().filter(|bit| **bit) {
            *bit = kept.next().unwrap_or(false);
        }
    }
    fastcat(&bits.iter().map(|bit| pure(*bit)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(pattern: &Pattern, cycles: i64) -> Vec<i64> {
        let haps = pattern.query(Span::cycles(0, cycles));
        haps.iter().filter_map(|hap| hap.value.whole()).collect()
    }

    fn drawn(pattern: &Pattern, cycle: i64) -> String {
        let haps = pattern.query(Span::cycles(cycle, cycle + 1));
        haps.iter().map(|hap| if hap.value.truth() { 'x' } else { '.' }).collect()
    }

    fn table() -> BTreeMap<String, Vec<(String, f64)>> {
        let to = |pairs: &[(&str, f64)]| pairs.iter().map(|(name, weight)| (name.to_string(), *weight)).collect();
        [("0", to(&[("1", 3.0), ("2", 1.0)])), ("1", to(&[("2", 1.0)])), ("2", to(&[("0", 1.0), ("2", 1.0)]))]
            .map(|(name, list)| (name.to_string(), list))
            .into()
    }

    #[test]
    fn a_chain_makes_only_the_moves_of_its_table_in_their_proportion() {
        let states = numbers(&markov(&table(), 8, "0"), 2000);
        assert_eq!(states[0], 0);
        let moves = |from: i64, to: i64| states.windows(2).filter(|w| w == &[from, to]).count() as f64;
        assert_eq!((moves(0, 0), moves(1, 0), moves(1, 1), moves(2, 1)), (0.0, 0.0, 0.0, 0.0));
        let three = moves(0, 1) / moves(0, 2);
        assert!((2.7..3.3).contains(&three), "{three}");
    }

    #[test]
    fn a_chain_answers_for_any_cycle_alone_as_for_all_of_them() {
        let chain = markov(&table(), 8, "0");
        let all = numbers(&chain, 100);
        for cycle in [0, 15, 16, 17, 31, 32, 99] {
            let alone: Vec<i64> =
                chain.query(Span::cycles(cycle, cycle + 1)).iter().filter_map(|h| h.value.whole()).collect();
            assert_eq!(alone, all[cycle as usize * 8..][..8], "{cycle}");
        }
        assert!(!chain.query(Span::cycles(-20, -19)).is_empty());
    }

    #[test]
    fn a_melody_keeps_its_bounds_and_leaps_and_begins_its_cycles_on_the_chord() {
        let rules = Rules { low: -3, high: 9, leap: 4, chord: vec![0, 2, 4], octave: 7, gravity: 1.0, rests: 0.0 };
        let notes = numbers(&melody(&rules, 8), 500);
        assert!(notes.iter().all(|n| (-3..=9).contains(n)));
        assert!(notes.windows(2).all(|w| (w[1] - w[0]).abs() <= 4));
        let home = notes.iter().step_by(8).filter(|n| [0, 2, 4].contains(&n.rem_euclid(7))).count();
        assert_eq!(home, 500);
        let repeats = notes.windows(2).filter(|w| w[0] == w[1]).count();
        assert!(repeats < notes.len() / 5, "{repeats}");
        let resting = melody(&Rules { rests: 0.25, ..rules }, 8).query(Span::cycles(0, 500)).len();
        assert!((2800..3200).contains(&resting), "{resting}");
    }

    #[test]
    fn a_system_grows_by_its_rules_and_not_beyond_use() {
        let rules: BTreeMap<char, String> = [('a', "ab".to_string()), ('b', "a".to_string())].into();
        let grown: String = lsystem("a", &rules, 5).unwrap().into_iter().collect();
        assert_eq!(grown, "abaababaabaab");
        assert_eq!(lsystem("a", &[('a', "aa".to_string())].into(), 60), None);
    }

    #[test]
    fn rule_ninety_draws_the_triangle_of_sierpinski() {
        let start: Vec<bool> = (0..9).map(|i| i == 4).collect();
        let rows = cellular(90, &start, 4);
        let shown: Vec<String> = (0..5).map(|c| drawn(&rows, c)).collect();
        assert_eq!(shown, ["....x....", "...x.x...", "..x...x..", ".x.x.x.x.", "....x...."]);
    }

    #[test]
    fn necklaces_are_strung_by_their_steps() {
        assert_eq!(drawn(&necklace(&[3, 3, 2], 0), 0), "x..x..x.");
        let longer = necklace(&[3, 3, 4], 8);
        let shown = [drawn(&longer, 0), drawn(&longer, 1)].concat();
        assert_eq!(shown, "x..x..x...x..x..");
        assert_eq!(drawn(&distrib(&[2, 4, 8]), 0), "x...x...");
    }
}

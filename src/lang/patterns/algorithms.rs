//! Words that compose by rule: chains, walks, melodies, growing systems, cellular automata, necklaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Dynamic, Map};

use crate::lang::argument::{self, describe, number};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::algorithm::{self, MOST, MOST_SYMBOLS, Rules};
use crate::pattern::{Digest, Pattern, Value};
use crate::theory::Scale;

pub fn words() -> Vec<Word> {
    [chains(), systems(), necklaces()].into_iter().flatten().collect()
}

fn chains() -> Vec<Word> {
    words! { "algorithms":
        /// A Markov chain of so many steps per cycle. For each word or number the map says what may follow: a text of them (twice
        /// is twice as often), or a map with weights. `~` is a rest. It begins at `start`, else at the first in alphabetical order.
        ///
        ///     n(markov(8, #{ "0": "2 2 4", "2": #{ "4": 3, "7": 1 }, "4": "0 2", "7": "4" })).scale("C:minor")
        function markov (steps: i64, followers: Map, start: Option<Value>) {
            let table = followers.iter().map(|(name, list)| Ok((name.to_string(), followed(list)?)));
            let table: BTreeMap<_, _> = table.collect::<Result<_, Fault>>()?;
            all_known(&table, start.as_ref())?;
            let first = start.map(|value| value.to_string()).or_else(|| table.keys().next().cloned());
            algorithm::markov(&table, in_bounds("markov", steps)?, &first.unwrap_or_default())
        }

        /// A random walk over whole numbers from `low` to `high`, so many steps per cycle, each at most `leap` (2) away.
        ///
        ///     n(walk(8, -3, 9, 2)).scale("D:dorian")
        function walk | drunk (steps: i64, low: i64, high: i64, leap: Option<i64>) {
            algorithm::walk(in_bounds("walk", steps)?, within(low), within(high), within(leap.unwrap_or(2)))
        }

        /// A melody by rule in a scale, so many steps per cycle: small steps are likelier than large ones, after a leap it turns
        /// back, and the chord draws it, most at the start of a cycle. Rules: `leap` (4, largest step), `low` and `high` (-3 and 9, in
        /// steps of the scale), `chord` ([0, 2, 4], in steps), `gravity` (0.6, from 0 to 1), `rests` (0, from 0 to 1).
        ///
        ///     note(melody("D:dorian", 8, #{ leap: 3, gravity: 0.8, rests: 0.2 }))
        function melody (scale: Arc<str>, steps: i64, rules: Option<Map>) {
            let scale = Scale::parse(&scale).map_err(super::tonal::refused)?;
            let rules = ruled(&rules.unwrap_or_default(), scale.intervals().len() as i64)?;
            let steps = algorithm::melody(&rules, in_bounds("melody", steps)?);
            let identity = Digest::new().text("melody in").text(&format!("{}:{}", scale.tonic.name(), scale.name)).finish();
            steps.map_with(identity, move |step| Some(Value::text(&scale.step(step.whole()?).name())))
        }
    }
}

fn systems() -> Vec<Word> {
    words! { "algorithms":
        /// Letters grown from a first text, each replaced by what its rule says, so many times; one step each in a cycle, so
        /// `pace` says how many are heard in a cycle. Letters are words or numbers, `~` is a rest: `pick` gives them a meaning.
        ///
        ///     n(lsystem("0", #{ "0": "02", "2": "4~0", "4": "2" }, 5).pace(8)).scale("C:minor")
        function lsystem | lindenmayer (axiom: Arc<str>, rules: Map, generations: i64) {
            let rules: Result<BTreeMap<char, String>, Fault> = rules.iter().map(|(symbol, rule)| rewriting(symbol, rule)).collect();
            let grown = algorithm::lsystem(&axiom, &rules?, generations).ok_or_else(|| {
                Fault::new(format!("at most {MOST_SYMBOLS} letters expected, found more after {generations} generations"))
                    .hint("lsystem(\"a\", #{ a: \"ab\", b: \"a\" }, 5)")
            })?;
            algorithm::symbols(&grown)
        }

        /// A cellular automaton by its number (0 to 255): each cycle plays a row of ones and zeros, for `struct`, and the next row follows
        /// from it. `cells` is how many steps a cycle has, or a list of ones and zeros to begin with (else a one in the middle);
        /// after `rows` (16) cycles it begins again.
        ///
        ///     s("rim").struct(cellular(30, 16))
        function cellular | automaton (rule: i64, cells: Dynamic, rows: Option<i64>) {
            if !(0..=255).contains(&rule) {
                return Err(Fault::new(format!("a rule from 0 to 255 expected, found {rule}")).hint("cellular(30, 16)"));
            }
            algorithm::cellular(rule, &first_row(&cells)?, rows.unwrap_or(16))
        }
    }
}

fn necklaces() -> Vec<Word> {
    words! { "algorithms":
        /// A rhythm by the steps from each onset to the next: 3, 3, 2 is the tresillo.
        ///
        ///     s("rim").rhythm_from([3, 3, 4, 2, 4])
        method rhythm_from | rhythmFrom (pattern: Pattern, steps: Vec<i64>) { pattern.structure(&algorithm::necklace(&beads(&steps)?, 0)) }

        /// Ones and zeros by the steps from each onset to the next, so many steps in a cycle; where that is less or more than
        /// one round, the rhythm turns against the cycle.
        ///
        ///     s("rim").struct(necklace(16, [3, 3, 2, 5]))
        function necklace (steps: i64, intervals: Vec<i64>) { algorithm::necklace(&beads(&intervals)?, in_bounds("necklace", steps)?) }

        /// Euclid of Euclid: of the last number of steps as many as the number before says, of these as many as the one before that.
        ///
        ///     s("rim").distrib([5, 9, 16])
        method distrib (pattern: Pattern, numbers: Vec<i64>) { pattern.structure(&algorithm::distrib(&numbers)) }
    }
}

fn in_bounds(word: &str, steps: i64) -> Result<i64, Fault> {
    if (1..=MOST).contains(&steps) {
        return Ok(steps);
    }
    Err(Fault::new(format!("`{word}` expects 1 to {MOST} steps per cycle, found {steps}")))
}

fn within(number: i64) -> i64 {
    number.clamp(-MOST, MOST)
}

/// What may follow: words in a text or a list, or a map of weights.
fn followed(list: &Dynamic) -> Result<Vec<(String, f64)>, Fault> {
    if let Some(map) = list.read_lock::<Map>() {
        let weight = |(name, weight): (&rhai::Identifier, &Dynamic)| {
            let found = || Fault::new(format!("a weight for `{name}` expected, found {}", describe(weight)));
            Ok((name.to_string(), number(weight).ok_or_else(found)?))
        };
        return map.iter().map(|(name, value)| weight((name, value))).collect();
    }
    if let Ok(text) = list.as_immutable_string_ref() {
        return Ok(text.split_whitespace().map(|word| (word.to_string(), 1.0)).collect());
    }
    let words = argument::plain(list).ok_or_else(|| {
        Fault::new(format!("what may follow expected, found {}", describe(list)))
            .hint("#{ c: \"e g\", e: #{ g: 2, c: 1 } }")
    })?;
    Ok(words.as_list().unwrap_or(std::slice::from_ref(&words)).iter().map(|word| (word.to_string(), 1.0)).collect())
}

/// Every state that is named must have its own row.
fn all_known(table: &BTreeMap<String, Vec<(String, f64)>>, start: Option<&Value>) -> Result<(), Fault> {
    let named = table.values().flatten().map(|(name, _)| name.clone()).chain(start.map(Value::to_string));
    for name in named {
        if !table.contains_key(&name) {
            let known = table.keys().cloned().collect::<Vec<_>>().join(" ");
            return Err(Fault::new(format!("a state of the chain ({known}) expected, found `{name}`"))
                .hint(format!("#{{ \"{name}\": \"{}\" }}", table.keys().next().map_or("~", |s| s))));
        }
    }
    Ok(())
}

fn ruled(rules: &Map, octave: i64) -> Result<Rules, Fault> {
    const HINT: &str = "melody(\"C:minor\", 8, #{ leap: 3, gravity: 0.8 })";
    let mut ruled = Rules { low: -3, high: 9, leap: 4, chord: vec![0, 2, 4], octave, gravity: 0.6, rests: 0.0 };
    for (name, value) in rules {
        let wrong = || Fault::new(format!("a number for {name} expected, found {}", describe(value))).hint(HINT);
        if name == "chord" {
            let list = argument::plain(value).ok_or_else(wrong)?;
            let list = list.as_list().unwrap_or(std::slice::from_ref(&list));
            ruled.chord = list.iter().map(|tone| tone.whole().ok_or_else(wrong)).collect::<Result<_, _>>()?;
            continue;
        }
        let x = number(value).ok_or_else(wrong)?;
        match name.as_str() {
            "leap" => ruled.leap = within(x as i64),
            "low" => ruled.low = within(x as i64),
            "high" => ruled.high = within(x as i64),
            "gravity" => ruled.gravity = x,
            "rests" => ruled.rests = x,
            _ => {
                let message = format!("leap, low, high, chord, gravity or rests expected, found `{name}`");
                return Err(Fault::new(message).hint(HINT));
            }
        }
    }
    Ok(ruled)
}

fn rewriting(symbol: &str, rule: &Dynamic) -> Result<(char, String), Fault> {
    let mut letters = symbol.chars();
    match (letters.next(), letters.next(), rule.as_immutable_string_ref()) {
        (Some(letter), None, Ok(rule)) => Ok((letter, rule.to_string())),
        _ => Err(Fault::new(format!(
            "a rule from one letter to a text expected, found `{symbol}` to {}",
            describe(rule)
        ))
        .hint("#{ a: \"ab\", b: \"a\" }")),
    }
}

/// The row an automaton begins with: as given, or a one in the middle.
fn first_row(cells: &Dynamic) -> Result<Vec<bool>, Fault> {
    let wrong = || {
        let found = describe(cells);
        Fault::new(format!("1 to {MOST} cells or a list of ones and zeros expected, found {found}"))
            .hint("cellular(30, 16)")
    };
    if let Some(count) = number(cells).map(|n| n as i64) {
        return if (1..=MOST).contains(&count) {
            Ok((0..count).map(|i| i == count / 2).collect())
        } else {
            Err(wrong())
        };
    }
    let list = argument::plain(cells).ok_or_else(wrong)?;
    let row = list.as_list().map(|row| row.iter().map(Value::truth).collect::<Vec<_>>());
    row.filter(|row| (1..=MOST as usize).contains(&row.len())).ok_or_else(wrong)
}

fn beads(steps: &[i64]) -> Result<Vec<i64>, Fault> {
    match steps.iter().find(|n| !(1..=MOST).contains(*n)) {
        None if !steps.is_empty() => Ok(steps.to_vec()),
        found => {
            let found = found.map_or("none".into(), i64::to_string);
            Err(Fault::new(format!("steps from 1 to {MOST} expected, found {found}")).hint("rhythm_from([3, 3, 2])"))
        }
    }
}

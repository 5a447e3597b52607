//! The laws of patterns, held against expressions and texts that nobody would write.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use proptest::prelude::*;
use segue::lang::{Answer, Interpreter, Style, Word};
use segue::pattern::{Pattern, Span, Time, Value, mini};

/// Cases that once broke a law: `code EXPRESSION` or `mini TEXT`, one a line.
const FOUND: &str = include_str!("corpus/found.txt");

/// Haps of one query beyond which a case is left out: comparing them takes longer than it is worth.
const MOST: usize = 2000;

/// As many cases as `PROPTEST_CASES` asks for, or these.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

/// What of a whole with a value is there: how many more pieces of it begin than end at each time. Pieces that meet cancel out.
type Events = BTreeMap<((Time, Time), String), BTreeMap<Time, i64>>;

/// The value as text to six places: sums of floats may differ in the last.
fn shown(value: &Value) -> String {
    match value {
        Value::Number(x) => format!("{:.6}", x + 0.0),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(":"),
        Value::Map(map) => map.iter().map(|(name, v)| format!("{name}={} ", shown(v))).collect(),
        other => other.to_string(),
    }
}

/// The haps of some spans, the pieces of one hap put together; none where there are too many.
fn haps(pattern: &Pattern, spans: &[Span]) -> Option<Events> {
    let mut events = Events::new();
    let mut count = 0;
    for span in spans {
        for hap in pattern.try_query(*span, 0).ok()? {
            let Some(whole) = hap.whole else { continue };
            let pieces = events.entry(((whole.begin, whole.end), shown(&hap.value))).or_default();
            *pieces.entry(hap.part.begin).or_default() += 1;
            *pieces.entry(hap.part.end).or_default() -= 1;
            count += 1;
        }
    }
    events.values_mut().for_each(|pieces| pieces.retain(|_, more| *more != 0));
    (count <= MOST).then_some(events)
}

/// Whether a cut changes nothing; else what there is whole and what there is in two.
fn splits(pattern: &Pattern, begin: Time, cut: Time, end: Time) -> Result<(), String> {
    let whole = haps(pattern, &[Span::new(begin, end)]);
    let halves = haps(pattern, &[Span::new(begin, cut), Span::new(cut, end)]);
    match (whole, halves) {
        (Some(whole), Some(halves)) if whole != halves => {
            let only = |a: &Events, b: &Events| {
                format!("{:?}", a.iter().filter(|(key, pieces)| b.get(key) != Some(pieces)).take(4).collect::<Vec<_>>())
            };
            let (lost, gained) = (only(&whole, &halves), only(&halves, &whole));
            Err(format!("cut {begin} to {end} at {cut}\n  only whole:  {lost}\n  only halves: {gained}"))
        }
        _ => Ok(()),
    }
}

fn interpreter() -> &'static Mutex<Interpreter> {
    static ONE: OnceLock<Mutex<Interpreter>> = OnceLock::new();
    ONE.get_or_init(|| Mutex::new(Interpreter::new()))
}

fn pattern(code: &str) -> Option<Pattern> {
    match interpreter().lock().unwrap_or_else(PoisonError::into_inner).query(code) {
        Ok(Answer::Pattern(pattern)) => Some(pattern),
        _ => None,
    }
}

/// Examples that are patterns, and the calls in them: `.fast(2)`, `.add.squeeze("0 7")`.
fn material() -> &'static (Vec<String>, Vec<String>) {
    static MATERIAL: OnceLock<(Vec<String>, Vec<String>)> = OnceLock::new();
    MATERIAL.get_or_init(|| {
        let words: Vec<Word> = {
            let interpreter = interpreter().lock().unwrap_or_else(PoisonError::into_inner);
            interpreter.vocabulary().words().iter().map(|word| (**word).clone()).collect()
        };
        let plays = |word: &&Word| !word.example.contains(';') && pattern(&word.example).is_some();
        let words: Vec<&Word> = words.iter().filter(|w| w.style != Style::Instrument).filter(plays).collect();
        let calls = words.iter().filter(|w| w.style == Style::Method).filter_map(|w| call(w)).collect();
        (words.iter().map(|w| w.example.clone()).collect(), calls)
    })
}

/// The part of a word's example from its dot to the bracket that closes it.
fn call(word: &Word) -> Option<String> {
    let names = std::iter::once(&word.name).chain(&word.aliases);
    let from = names.filter_map(|name| word.example.find(&format!(".{name}"))).min()?;
    let (mut depth, mut quoted) = (0, false);
    for (i, c) in word.example[from..].char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => continue,
        }
        if depth == 0 && c == ')' {
            return Some(word.example[from..from + i + 1].to_string());
        }
    }
    None
}

fn expression(base: usize, calls: &[usize]) -> String {
    let (bases, tails) = material();
    let tails: String = calls.iter().map(|call| tails[call % tails.len()].as_str()).collect();
    format!("({}){tails}", bases[base % bases.len()])
}

fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let corpora = [include_str!("corpus/mini.json"), include_str!("corpus/malformed.json")];
        let cases = corpora.iter().flat_map(|json| {
            let json: serde_json::Value = serde_json::from_str(json).expect("the corpus is JSON");
            json["cases"].as_array().expect("the corpus has cases").clone()
        });
        cases.filter_map(|case| case["mini"].as_str().map(str::to_string)).collect()
    })
}

/// Whether a text is read or refused as every text must be: a pattern that keeps the law, or a reason with its place. Whoever
/// follows the hints, one for each fault, comes to an end.
fn well_read(text: &str) -> Result<(), String> {
    let mut text = text.to_string();
    for _ in 0..text.len() + 8 {
        let error = match mini(&text) {
            Ok(pattern) => return splits(&pattern, Time::ZERO, Time::new(5, 7), Time::int(2)),
            Err(error) => error,
        };
        if text.get(error.span.clone()).is_none() || error.message.is_empty() {
            return Err(format!("no reason or no place in {text:?}: {error:?}"));
        }
        match error.hint {
            Some(hint) => text = hint,
            None => return Ok(()),
        }
    }
    Err(format!("hints without end: {text:?}"))
}

#[test]
fn every_pattern_word_takes_part() {
    let (bases, calls) = material();
    assert!(bases.len() > 200 && calls.len() > 200, "{} examples, {} calls", bases.len(), calls.len());
}

#[test]
fn what_was_found_once_stays_well() {
    for line in FOUND.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let said = match line.split_once(' ') {
            Some(("mini", text)) => well_read(text),
            Some(("code", code)) => {
                let pattern = pattern(code).unwrap_or_else(|| panic!("{code} is no pattern"));
                let at = |n| Time::new(n, 24);
                (1..48).try_for_each(|cut| splits(&pattern, at(0), at(cut), at(48)))
            }
            _ => panic!("`code EXPRESSION` or `mini TEXT` expected, found {line}"),
        };
        said.unwrap_or_else(|why| panic!("{line}: {why}"));
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn cutting_a_query_never_changes_what_words_at_random_mean(
        base in 0usize..1000, calls in proptest::collection::vec(0usize..1000, 0..4), begin in 0i64..48, first in 1i64..48, second in 1i64..48,
    ) {
        let code = expression(base, &calls);
        let pattern = pattern(&code);
        if let Some(pattern) = pattern {
            let at = |n: i64| Time::new(n, 24);
            let said = splits(&pattern, at(begin), at(begin + first), at(begin + first + second));
            prop_assert!(said.is_ok(), "{}\n{}", code, said.unwrap_err());
        }
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn texts_cut_and_pasted_are_played_or_refused_with_a_place_and_a_remedy(
        pieces in proptest::collection::vec((0usize..1000, 0.0f64..1.0, 0.0f64..1.0), 1..4), noise in "[\\[\\]<>{}()*/!@_?:.,|~ %^#é0-9a-d]{0,3}",
    ) {
        let mut text = String::new();
        for (which, from, to) in pieces {
            let letters: Vec<char> = texts()[which % texts().len()].chars().collect();
            let place = |x: f64| (x * (letters.len() + 1) as f64) as usize;
            let (from, to) = (place(from.min(to)), place(from.max(to)));
            text.extend(&letters[from.min(letters.len())..to.min(letters.len())]);
            text.push_str(&noise);
        }
        let said = well_read(&text);
        prop_assert!(said.is_ok(), "{:?}: {}", text, said.unwrap_err());
    }
}

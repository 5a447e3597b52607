//! The conformance corpus: what the peers answer to hundreds of inputs, run straight against the library.

use std::collections::BTreeMap;

use segue::lang::{Answer, Interpreter, Kind, Word};
use segue::pattern::{Hap, Pattern, Span, Time, Value, mini, note_number};
use serde_json::Value as Json;

/// How strictly values compare.
#[derive(Clone, Copy, PartialEq)]
enum Compare {
    Exact,
    /// Note names by their number.
    Pitch,
    /// Pitch classes only.
    Voicing,
}

/// One hap in comparable form: whole, part and value as text.
type Event = (Option<(Time, Time)>, (Time, Time), String);

fn corpus(file: &str) -> Vec<Json> {
    let path = format!("{}/tests/corpus/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the corpus stands beside this test");
    let json: Json = serde_json::from_str(&text).expect("the corpus is JSON");
    json["cases"].as_array().expect("the corpus has cases").clone()
}

fn number(x: f64) -> String {
    format!("{:.6}", (x * 1e6).round() / 1e6 + 0.0)
}

fn pitch(text: &str, compare: Compare) -> String {
    match (compare, note_number(text)) {
        (Compare::Pitch, Some(midi)) => number(midi),
        (Compare::Voicing, Some(midi)) => number(midi.rem_euclid(12.0)),
        _ => format!("{text:?}"),
    }
}

fn normal_number(x: f64, note: bool, compare: Compare) -> String {
    if note && compare == Compare::Voicing { number(x.rem_euclid(12.0)) } else { number(x) }
}

fn expected_value(json: &Json, note: bool, compare: Compare) -> String {
    match json {
        Json::Object(map) if map.contains_key("$frac") => {
            number(map["$frac"].as_str().and_then(|t| t.parse::<Time>().ok()).expect("a fraction").to_f64())
        }
        Json::Object(map) if map.contains_key("$num") => map["$num"].to_string(),
        Json::Object(map) => {
            let shown = map
                .iter()
                .filter(|(name, _)| !name.starts_with('_'))
                .map(|(name, value)| (name, format!("{name}={}", expected_value(value, name == "note", compare))));
            shown.collect::<BTreeMap<_, _>>().into_values().collect::<Vec<_>>().join(" ")
        }
        Json::Array(list) => format!("{:?}", list.iter().map(|v| expected_value(v, note, compare)).collect::<Vec<_>>()),
        Json::Number(x) => normal_number(x.as_f64().expect("a number"), note, compare),
        Json::String(text) => pitch(text, compare),
        other => other.to_string(),
    }
}

fn found_value(value: &Value, note: bool, compare: Compare) -> String {
    match value {
        Value::Number(x) => normal_number(*x, note, compare),
        Value::Ratio(t) => number(t.to_f64()),
        Value::Bool(b) => b.to_string(),
        Value::Text(word) => pitch(word, compare),
        Value::List(list) => format!("{:?}", list.iter().map(|v| found_value(v, note, compare)).collect::<Vec<_>>()),
        Value::Map(map) => {
            let shown =
                map.iter().map(|(name, value)| format!("{name}={}", found_value(value, &**name == "note", compare)));
            shown.collect::<Vec<_>>().join(" ")
        }
    }
}

fn expected(case: &Json, compare: Compare) -> Vec<Event> {
    let span = |json: &Json| {
        let at = |i: usize| json[i].as_str().and_then(|t| t.parse::<Time>().ok());
        Some((at(0)?, at(1)?))
    };
    let events = case["events"].as_array().expect("a case has events");
    let event =
        |e: &Json| (span(&e["whole"]), span(&e["part"]).expect("a part"), expected_value(&e["value"], false, compare));
    events.iter().map(event).collect()
}

/// Every cycle asked on its own.
fn found(pattern: &Pattern, cycles: i64, compare: Compare) -> Vec<Event> {
    let pair = |s: Span| (s.begin, s.end);
    let event = |hap: Hap| (hap.whole.map(pair), pair(hap.part), found_value(&hap.value, false, compare));
    (0..cycles).flat_map(|c| pattern.query(Span::cycles(c, c + 1))).map(event).collect()
}

/// Fragments of one hap merged where they touch.
fn defragmented(mut events: Vec<Event>) -> Vec<Event> {
    events.sort();
    let mut merged: Vec<Event> = Vec::new();
    for event in events {
        let continues =
            |last: &&mut Event| last.0.is_some() && last.0 == event.0 && last.2 == event.2 && last.1.1 == event.1.0;
        match merged.iter_mut().rev().find(continues) {
            Some(last) => last.1.1 = event.1.1,
            None => merged.push(event),
        }
    }
    merged.sort();
    merged
}

/// Whether the haps are those of the case, fragments apart.
fn matches(case: &Json, pattern: &Pattern) -> bool {
    let compare = match case["compare"].as_str() {
        Some("pitch") => Compare::Pitch,
        Some("voicing") => Compare::Voicing,
        _ => Compare::Exact,
    };
    let (mut wanted, mut got) =
        (expected(case, compare), found(pattern, case["cycles"].as_i64().unwrap_or(4), compare));
    if compare == Compare::Voicing {
        for events in [&mut wanted, &mut got] {
            events.sort();
            events.dedup();
        }
    }
    defragmented(wanted) == defragmented(got)
}

/// Right answers and cases by tier, and what failed.
#[derive(Default)]
struct Score {
    tiers: BTreeMap<String, (usize, usize)>,
    failures: Vec<String>,
}

impl Score {
    fn count(&mut self, case: &Json, input: &str, right: bool, why: &str) {
        let tier = case["tier"].as_str().unwrap_or("malformed").to_string();
        let (good, all) = self.tiers.entry(tier.clone()).or_default();
        *all += 1;
        *good += usize::from(right);
        if !right {
            self.failures.push(format!("{tier:8} {} {input} {why}", case["id"].as_str().unwrap_or("")));
        }
    }

    fn need(&self, tier: &str, percent: f64) {
        let (good, all) = self.tiers.get(tier).copied().unwrap_or((0, 0));
        let have = 100.0 * good as f64 / all as f64;
        assert!(all > 0 && have >= percent, "{tier}: {good}/{all} = {have:.1} %\n{}", self.failures.join("\n"));
        println!("{tier}: {good}/{all} = {have:.1} %");
    }
}

#[test]
fn the_mini_notation_answers_as_the_peers_do() {
    let mut score = Score::default();
    for case in corpus("mini.json") {
        let text = case["mini"].as_str().expect("a case has its text");
        if case["tier"] == "random" {
            continue;
        }
        match mini(text) {
            Ok(pattern) => score.count(&case, text, matches(&case, &pattern), ""),
            Err(error) => score.count(&case, text, false, &error.to_string()),
        }
    }
    println!("{}", score.failures.join("\n"));
    score.need("agree", 100.0);
    score.need("strudel", 95.0);
}

#[test]
fn every_malformed_text_is_refused_with_a_place_and_a_reason() {
    for case in corpus("malformed.json") {
        let text = case["mini"].as_str().expect("a case has its text");
        match mini(text) {
            Ok(_) => assert_ne!(case["must_reject"], true, "{text:?} must be refused"),
            Err(error) => {
                assert!(text.get(error.span.clone()).is_some(), "{text:?}: {:?} is no place in it", error.span);
                assert!(error.message.contains("expected"), "{text:?}: {error}");
                if let Some(hint) = &error.hint {
                    assert_ne!(hint, text, "{text:?}: the hint changes nothing");
                }
            }
        }
    }
}

/// Onsets per cycle, of all and of each value.
fn rates(pattern: &Pattern, cycles: i64) -> (f64, BTreeMap<String, f64>) {
    let mut by_value = BTreeMap::new();
    let mut all = 0.0;
    for hap in pattern.query(Span::cycles(0, cycles)).iter().filter(|hap| hap.has_onset()) {
        *by_value.entry(found_value(&hap.value, false, Compare::Exact)).or_insert(0.0) += 1.0 / cycles as f64;
        all += 1.0 / cycles as f64;
    }
    (all, by_value)
}

#[test]
fn chance_keeps_the_long_run_averages_of_the_peers() {
    for case in corpus("mini.json").iter().filter(|case| case["tier"] == "random") {
        let text = case["mini"].as_str().expect("a case has its text");
        let pattern = mini(text).expect("the corpus parses");
        keeps_averages(case, text, &pattern);
    }
}

/// Within three standard errors of both samples, or 5 %.
fn keeps_averages(case: &Json, input: &str, pattern: &Pattern) {
    let (all, by_value) = rates(pattern, 20_000);
    let near = |got: f64, want: f64| (got - want).abs() <= (0.05 * want).max(4.0 * (want / 2000.0).sqrt());
    let stats = &case["stats"];
    assert!(near(all, stats["onsets_per_cycle"].as_f64().unwrap_or(-1.0)), "{input}: {all}");
    keeps_mean(stats, input, pattern);
    let Some(expected) = stats["onsets_per_cycle_by_value"].as_object() else { return };
    let expected_total: f64 = expected.values().filter_map(Json::as_f64).sum();
    assert!(near(by_value.values().sum(), expected_total), "{input}: other values than {expected:?}");
    for (value, want) in expected {
        let name = expected_value(&serde_json::from_str(value).expect("a value"), false, Compare::Exact);
        let got = by_value.get(&name).copied().unwrap_or(0.0);
        assert!(near(got, want.as_f64().unwrap_or(-1.0)), "{input}: {value} {got}");
    }
}

/// Numbers have the mean of the peer's within 5 % of its range, and go nowhere it did not go but by a hair.
fn keeps_mean(stats: &Json, input: &str, pattern: &Pattern) {
    let [Some(mean), Some(min), Some(max)] = ["mean", "min", "max"].map(|key| stats[key].as_f64()) else { return };
    let haps = pattern.query(Span::cycles(0, 20_000));
    let values: Vec<f64> = haps.iter().filter(|hap| hap.has_onset()).filter_map(|hap| hap.value.number()).collect();
    assert!(!values.is_empty(), "{input}: no numbers");
    let (found, hair) = (values.iter().sum::<f64>() / values.len() as f64, 0.05 * (max - min));
    assert!((found - mean).abs() <= hair, "{input}: a mean of {found}, not {mean}");
    assert!(values.iter().all(|x| (min - hair..=max + hair).contains(x)), "{input}: beyond {min} to {max}");
}

/// How the language answers to what stands under `key` in the cases of the corpus.
fn answers(key: &str) -> Score {
    let mut interpreter = Interpreter::new();
    let mut score = Score::default();
    for case in corpus("patterns.json").iter().filter(|case| case["tier"] != "random" && case[key].is_string()) {
        let code = case[key].as_str().expect("a case has its code");
        match interpreter.query(code) {
            Ok(Answer::Pattern(pattern)) => {
                let haps = pattern.query(Span::cycles(0, 1));
                let why = format!("{:?}", haps.iter().map(|h| h.value.to_string()).collect::<Vec<_>>());
                score.count(case, code, matches(case, &pattern), &why);
            }
            Ok(other) => score.count(case, code, false, &format!("{other:?}")),
            Err(errors) => score.count(case, code, false, &errors[0].message),
        }
    }
    println!("{}", score.failures.join("\n"));
    score
}

#[test]
fn the_pattern_language_answers_as_the_peers_do() {
    let score = answers("code");
    score.need("agree", 99.0);
    score.need("strudel", 95.0);
}

#[test]
fn lines_typed_for_strudel_answer_as_they_do_there() {
    let score = answers("js");
    score.need("agree", 99.0);
    score.need("strudel", 95.0);
}

#[test]
fn every_line_typed_for_strudel_parses_and_means_what_the_same_line_means_here() {
    let mut interpreter = Interpreter::new();
    let mut pattern = |code: &str| match interpreter.query(code) {
        Ok(Answer::Pattern(pattern)) => Some(pattern),
        Ok(other) => panic!("{code} is no pattern: {other:?}"),
        // A word that is not there is no matter of parsing.
        Err(errors) if errors[0].message.contains("no word") => None,
        Err(errors) => panic!("{code}: {}", errors[0].message),
    };
    let cases = corpus("patterns.json");
    let (mut played, mut same) = (0, 0);
    for case in &cases {
        let cycles = case["cycles"].as_i64().unwrap_or(4);
        let Some(typed) = pattern(case["js"].as_str().expect("a case has a line of Strudel")) else { continue };
        played += 1;
        // One word is spelled as in no script here.
        let Some(ours) = case["code"].as_str().filter(|code| !code.is_empty()).and_then(&mut pattern) else { continue };
        let events = |pattern: &Pattern| defragmented(found(pattern, cycles, Compare::Exact));
        assert_eq!(events(&typed), events(&ours), "{}", case["js"]);
        same += 1;
    }
    println!("{} of {} lines parse and play, {same} as their code", played, cases.len());
    assert_eq!((cases.len(), played), (350, 350));
    assert!(same >= 349, "{same}");
}

#[test]
fn chance_in_the_pattern_language_keeps_the_averages_of_the_peers() {
    let mut interpreter = Interpreter::new();
    let mut held = 0;
    for case in corpus("patterns.json").iter().filter(|case| case["tier"] == "random") {
        for code in ["code", "js"].iter().filter_map(|key| case[key].as_str()) {
            let Ok(Answer::Pattern(pattern)) = interpreter.query(code) else { panic!("{code} is no pattern") };
            keeps_averages(case, code, &pattern);
            held += 1;
        }
    }
    assert!(held >= 58, "{held} lines of chance");
}

#[test]
fn every_pattern_word_has_a_meaning_and_an_example_that_plays() {
    let mut interpreter = Interpreter::new();
    let words: Vec<Word> = interpreter.vocabulary().words().iter().map(|word| (**word).clone()).collect();
    let mut failures = Vec::new();
    for word in words.iter().filter(|w| w.code.is_some() && w.params.first().is_none_or(|p| p.kind == Kind::Pattern)) {
        if word.doc.len() < 8 || word.example.is_empty() {
            failures.push(format!("{word:?}: no meaning or no example"));
            continue;
        }
        match interpreter.query(&word.example) {
            Ok(Answer::Pattern(pattern)) if pattern.query(Span::cycles(0, 16)).is_empty() => {
                failures.push(format!("{word:?}: {} is silent", word.example));
            }
            Ok(_) => {}
            Err(errors) => failures.push(format!("{word:?}: {} {}", word.example, errors[0].message)),
        }
        let shown = std::iter::once(&word.name).chain(&word.aliases).any(|name| word.example.contains(name.as_ref()));
        if !shown {
            failures.push(format!("{word:?}: its example does not show it"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

mod law {
    use super::*;
    use proptest::prelude::*;

    /// Haps in comparable form, fragments merged.
    fn haps(pattern: &Pattern, spans: &[Span]) -> Vec<Event> {
        let pair = |s: Span| (s.begin, s.end);
        let event = |hap: Hap| (hap.whole.map(pair), pair(hap.part), found_value(&hap.value, false, Compare::Exact));
        defragmented(
            spans.iter().flat_map(|span| pattern.query(*span)).filter(|h| h.whole.is_some()).map(event).collect(),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn splitting_a_query_of_any_expression_never_changes_its_haps(which in 0usize..10_000, begin in 0i64..48, first in 1i64..48, second in 1i64..48) {
            let expressions = expressions();
            let (code, pattern) = &expressions[which % expressions.len()];
            let at = |n: i64| Time::new(n, 24);
            let (a, b, c) = (at(begin), at(begin + first), at(begin + first + second));
            let whole = haps(pattern, &[Span::new(a, c)]);
            let halves = haps(pattern, &[Span::new(a, b), Span::new(b, c)]);
            prop_assert_eq!(whole, halves, "{}", code);
        }

        #[test]
        fn splitting_a_query_never_changes_its_haps(which in 0usize..10_000, begin in 0i64..48, first in 1i64..48, second in 1i64..48) {
            let texts = corpus_texts();
            let text = &texts[which % texts.len()];
            let pattern = mini(text).expect("the corpus parses");
            let at = |n: i64| Time::new(n, 24);
            let (a, b, c) = (at(begin), at(begin + first), at(begin + first + second));
            let whole = haps(&pattern, &[Span::new(a, c)]);
            let halves = haps(&pattern, &[Span::new(a, b), Span::new(b, c)]);
            prop_assert_eq!(whole, halves, "{}", text);
        }
    }

    /// The expressions of the corpus, chance among them, as patterns.
    fn expressions() -> &'static [(String, Pattern)] {
        static PATTERNS: std::sync::OnceLock<Vec<(String, Pattern)>> = std::sync::OnceLock::new();
        PATTERNS.get_or_init(|| {
            let mut interpreter = Interpreter::new();
            let cases = corpus("patterns.json");
            let codes = cases.iter().filter_map(|case| case["code"].as_str());
            let mut pattern = |code: &str| match interpreter.query(code) {
                Ok(Answer::Pattern(pattern)) => Some((code.to_string(), pattern)),
                _ => None,
            };
            codes.filter_map(&mut pattern).collect()
        })
    }

    fn corpus_texts() -> &'static [String] {
        static TEXTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
        TEXTS.get_or_init(|| corpus("mini.json").iter().map(|c| c["mini"].as_str().unwrap_or("").to_string()).collect())
    }
}

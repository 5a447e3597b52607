//! The laws of patterns, held against expressions and texts that nobody would write.

mod law;
mod material;

use law::{splits, well_read};
use material::{Material, expression, material, pattern, texts, with_signals};
use proptest::prelude::*;
use segue::pattern::{Span, Time};

/// Cases that once broke a law: `code EXPRESSION` or `mini TEXT`, one a line.
const FOUND: &str = include_str!("../corpus/found.txt");

/// As many cases as `PROPTEST_CASES` asks for, or these.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

/// Near, before the beginning, and far away.
fn read(text: &str) -> Result<(), String> {
    let far = Time::int(1_000_000);
    let cuts = [
        (Time::ZERO, Time::new(5, 7), Time::int(2)),
        (Time::new(-3, 2), Time::new(-1, 3), Time::HALF),
        (far + Time::new(1, 3), far + Time::ONE, far + Time::new(9, 8)),
    ];
    well_read(text, &cuts)
}

/// Mini-notation whose numbers are as large or small as nobody means them.
fn beyond_reason() -> impl Strategy<Value = String> {
    let number = || prop_oneof!["[1-9][0-9]{0,2}", "[1-9][0-9]{3,8}", "0\\.0{0,7}[1-9]", "[1-9]\\.[0-9]{1,7}"];
    let atom = prop_oneof!["[abc~]", number()];
    atom.prop_recursive(4, 12, 3, move |inner| {
        let (one, more) = (inner.clone(), proptest::collection::vec(inner.clone(), 1..4));
        let list = (more, prop_oneof![Just(["[", "]"]), Just(["<", ">"]), Just(["{", "}"]), Just(["{", "}%3"])]);
        prop_oneof![
            (one.clone(), "[*/@!]", number()).prop_map(|(one, sign, number)| format!("{one}{sign}{number}")),
            (one.clone(), "[*/]", inner.clone()).prop_map(|(one, sign, other)| format!("{one}{sign}[{other}]")),
            (one, number(), number()).prop_map(|(one, k, n)| format!("{one}({k},{n})")),
            list.prop_map(|(items, [open, close])| format!("{open}{}{close}", items.join(" "))),
        ]
    })
}

#[test]
fn every_pattern_word_takes_part() {
    let Material { examples, signals, calls } = material();
    let counts = [examples.len(), signals.len(), calls.len()];
    assert!(counts.iter().zip([200, 10, 200]).all(|(count, least)| *count > least), "{counts:?}");
    let nested = (0..2000).map(|n| expression(&mut [n, 1, n, 0, n, 0].into_iter())).filter(|code| code.contains(" ("));
    assert!(nested.filter(|code| pattern(code).is_some()).count() > 200);
}

#[test]
fn what_was_found_once_stays_well() {
    for line in FOUND.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let said = match line.split_once(' ') {
            Some(("mini", text)) => read(text),
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

#[test]
fn a_signal_says_the_same_at_a_moment_however_long_it_is_asked() {
    for name in &material().signals {
        let signal = pattern(name).expect("a signal is a pattern");
        for at in [Time::ZERO, Time::new(5, 24), Time::new(7, 3), Time::new(-4, 9), Time::int(1000)] {
            let now = signal.query(Span::new(at, at));
            assert!(now.len() == 1 && now[0].whole.is_none(), "{name} at {at}: {now:?}");
            for end in [Time::new(1, 96), Time::HALF, Time::int(3)] {
                assert_eq!(signal.query(Span::new(at, at + end))[0].value, now[0].value, "{name} at {at} for {end}");
            }
        }
    }
}

#[test]
fn words_whose_arguments_are_signals_keep_the_law() {
    let step = if std::env::var_os("SEGUE_LONG").is_some() { 1 } else { 7 };
    let mut broken = Vec::new();
    let mut count = 0;
    for base in ["mini(\"0 [1 2] <4 7>\")", "note(\"c [e g]\").s(\"saw\")", "sine"] {
        for code in with_signals(base, step) {
            let Some(pattern) = pattern(&code) else { continue };
            let at = |n| Time::new(n, 24);
            let cuts = [(0, 5, 30), (7, 12, 24), (24, 31, 71)];
            let said = cuts.into_iter().try_for_each(|(begin, cut, end)| splits(&pattern, at(begin), at(cut), at(end)));
            broken.extend(said.err().map(|why| format!("{code}\n{why}")));
            count += 1;
        }
    }
    assert!(broken.is_empty(), "{} of {count}:\n{}", broken.len(), broken.join("\n"));
    assert!(count > 500, "{count}");
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn cutting_a_query_never_changes_what_words_at_random_mean(
        numbers in proptest::collection::vec(0usize..5000, 2..12), begin in 0i64..48, first in 1i64..48, second in 1i64..48,
    ) {
        let code = expression(&mut numbers.into_iter());
        if let Some(pattern) = pattern(&code) {
            let at = |n: i64| Time::new(n, 24);
            let said = splits(&pattern, at(begin), at(begin + first), at(begin + first + second));
            prop_assert!(said.is_ok(), "{}\n{}", code, said.unwrap_err());
        }
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn numbers_beyond_reason_keep_the_law(text in beyond_reason()) {
        let said = read(&text);
        prop_assert!(said.is_ok(), "{:?}: {}", text, said.unwrap_err());
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
        let said = read(&text);
        prop_assert!(said.is_ok(), "{:?}: {}", text, said.unwrap_err());
    }
}

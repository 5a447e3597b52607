//! What asks for far more than can be played: refused with a reason when it is said, or cut short when it comes.

use segue::lang::{Answer, Interpreter, NoFiles};
use segue::pattern::{Pattern, Span};

/// Haps of a cycle that is cut short: no more than this.
const MOST: usize = 200_000;

fn refusal(interpreter: &mut Interpreter, text: &str) -> Option<String> {
    let said = interpreter.evaluate("piece.rhai", text, &NoFiles);
    said.err().map(|errors| errors[0].message.clone())
}

fn pattern(interpreter: &mut Interpreter, code: &str) -> Pattern {
    match interpreter.query(code) {
        Ok(Answer::Pattern(pattern)) => pattern,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn a_string_that_nobody_could_play_is_refused_when_it_is_said() {
    let mut interpreter = Interpreter::new();
    for text in [
        "bd*1000000000",
        "bd*1e9",
        "bd*1000000000000000000000000000",
        "bd/0.000000001",
        "a!1000000000",
        "[bd!1000]!1000",
        "0 .. 1000000000",
        "0 .. 100000000000000000000000000000",
        "{bd sn}%1000000000",
        "bd@1000000000",
        "bd?1000000000",
        "[[[[bd*100]*100]*100]*100]*100",
        "bd*<1!999 1000000000>",
        "0 .. <1!999 1000000000>",
        "<bd*1000@0.001>",
    ] {
        let why =
            refusal(&mut interpreter, &format!("track d = s(\"{text}\")")).unwrap_or_else(|| panic!("{text} is taken"));
        assert!(why.contains("expected") && why.contains("found"), "{text}: {why}");
    }
}

#[test]
fn a_track_that_nobody_could_play_is_refused_when_it_is_said() {
    let mut interpreter = Interpreter::new();
    for code in [
        "s(\"bd(3,8)\").fast(1e9)",
        "s(\"bd\").ply(1e9)",
        "s(\"bd\").segment(1e12)",
        "n(sine.segment(1000000000000))",
        "s(\"bd\").hurry(1e9)",
        "s(\"bd\").slow(1e-12)",
        "s(\"bd\").fast(\"-1000000000\")",
        "s(\"bd*1000\").ply(1000).ply(1000)",
        "s(\"bd\").fast(1000).fast(1000).fast(1000)",
        "s(\"bd*4\").within(0, 0.5, fast(1e9))",
        "s(\"bd\").inside(1e12, rev)",
        "s(\"bd\").swing_by(1/3, 1e12)",
        "s(\"bd\").replicate(1000000000)",
        "s(\"bd\").linger(1e-12)",
        "s(\"bd\").ribbon(0, 1e-12)",
    ] {
        for text in [format!("track d = {code}"), code.to_string()] {
            let why = refusal(&mut interpreter, &text).unwrap_or_else(|| panic!("{text} is taken"));
            assert!(why.contains("too many events"), "{text}: {why}");
        }
    }
}

#[test]
fn words_that_count_do_not_count_without_end() {
    let mut interpreter = Interpreter::new();
    for code in [
        "run(1e9)",
        "randrun(1e9)",
        "binary_n(1, 1000000000)",
        "s(\"bd\").euclid(3, 1e9)",
        "s(\"bd(3,<8 1000000000>)\")",
        "s(\"bd\").striate(1000000000)",
        "s(\"bd\").chop(1000000000)",
        "s(\"bd\").echo(1000000000, 1/8, 0.5)",
        "s(\"bd\").iter(1000000000)",
        "s(\"bd\").chunk(1000000000, rev)",
        "s(\"bd\").shuffle(1000000000)",
        "s(\"bd\").spin(1e9)",
        "s(\"bd\").late(1e300)",
    ] {
        let haps = pattern(&mut interpreter, code).try_query(Span::cycles(0, 4), 0);
        assert!(haps.is_ok_and(|haps| haps.len() <= 4 * 1024), "{code}");
    }
}

#[test]
fn a_factor_that_is_huge_in_a_later_cycle_cuts_that_cycle_short_and_no_other() {
    let mut interpreter = Interpreter::new();
    for code in [
        "s(\"bd\").fast(\"<1!999 1000000000>\")",
        "s(\"bd\").ply(\"<1!999 1000000000>\")",
        "s(\"bd\").ply(saw.slow(1000).range(1, 1e9))",
        "n(sine.segment(saw.slow(1000).range(1, 1e12)))",
        "s(\"bd\").fast(saw.slow(1000).pow(64).range(1, 1e12)).ply(100)",
    ] {
        let pattern = pattern(&mut interpreter, code);
        assert!(pattern.try_query(Span::cycles(999, 1000), 0).is_err(), "{code}");
        assert!(pattern.query(Span::cycles(999, 1000)).len() < MOST, "{code}");
        assert!(pattern.query(Span::cycles(998, 1002)).len() < 5 * MOST, "{code}");
    }
    let rises = pattern(&mut interpreter, "s(\"bd\").fast(saw.slow(1000).pow(64).range(1, 1e12))");
    assert_eq!(rises.try_query(Span::cycles(0, 4), 0).map(|haps| haps.len()), Ok(4));
}

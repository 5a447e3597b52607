//! Functions that patterns call while they are queried: limits, and failures that are told of once.

use segue::lang::{Evaluation, Interpreter, NoFiles};
use segue::pattern::{Pattern, Span};
use segue::score::Source;

/// Evaluates a piece of one track.
fn evaluated(interpreter: &mut Interpreter, text: &str) -> (Evaluation, Pattern) {
    let evaluation = interpreter.evaluate("piece.rhai", text, &NoFiles).expect("the text is well");
    let Source::Pattern(pattern) = evaluation.score.tracks[0].source.clone() else { panic!("{text} is no pattern") };
    (evaluation, pattern)
}

#[test]
fn a_function_that_fails_late_is_told_of_once_where_it_fails() {
    let mut interpreter = Interpreter::new();
    let text = "track d = n(\"0\")\n  .filter(|e| if e.begin < 20 { true } else { e.value.fsat(2) })";
    let (evaluation, pattern) = evaluated(&mut interpreter, text);
    let warnings = interpreter.warnings();
    assert_eq!((evaluation.warnings.len(), warnings.take().len()), (0, 0));
    assert_eq!(pattern.query(Span::cycles(0, 30)).len(), 20);
    pattern.query(Span::cycles(30, 60));
    let said = warnings.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].at.line, said[0].at.column, &*said[0].at.file), (2, 55, "piece.rhai"));
    assert!(said[0].message.contains("no word `fsat`"), "{}", said[0].message);
    pattern.query(Span::cycles(60, 90));
    assert_eq!(warnings.take(), []);
}

#[test]
fn what_the_trial_found_is_not_told_again() {
    let mut interpreter = Interpreter::new();
    let (evaluation, pattern) = evaluated(&mut interpreter, "track d = n(mini(\"0\").fmap(|x| x.fsat(2)))");
    assert_eq!(evaluation.warnings.len(), 1);
    pattern.query(Span::cycles(0, 9));
    assert_eq!(interpreter.warnings().take(), []);
}

#[test]
fn two_functions_that_fail_are_two_warnings() {
    let mut interpreter = Interpreter::new();
    let text =
        "track d = n(each_cycle(|c| if c < 9 { c } else { c.a() })).filter_when(|t| if t < 8 { true } else { t.b() })";
    let (_, pattern) = evaluated(&mut interpreter, text);
    pattern.query(Span::cycles(0, 20));
    assert_eq!(interpreter.warnings().take().len(), 2);
}

#[test]
fn functions_that_are_slow_all_together_are_refused_and_not_waited_for() {
    let mut interpreter = Interpreter::new();
    let slow = |notes: usize| {
        format!("track d = n(\"0*{notes}\").filter(|e| {{ let a = 0; for i in 0..150 {{ a += i }} a >= 0 }})")
    };
    let begun = std::time::Instant::now();
    let errors = interpreter.evaluate("piece.rhai", &slow(512), &NoFiles).expect_err("it takes too long");
    assert!(errors[0].message.contains("functions that take too long"), "{}", errors[0].message);
    assert!(begun.elapsed().as_secs_f64() < 2.0, "{:?}", begun.elapsed());
    let (_, pattern) = evaluated(&mut interpreter, &slow(32));
    assert!(pattern.try_query(Span::cycles(7, 8), 0).is_ok_and(|haps| haps.len() == 32));
}

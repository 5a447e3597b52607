//! The usual mistakes: where the mark stands, what is said, and what to type instead.

use proptest::prelude::*;
use segue::lang::{Interpreter, NoFiles};

/// Text, line, column, part of the message, part of the hint (empty: none asked for).
const MISTAKES: &[(&str, usize, usize, &str, &str)] = &[
    ("s(\"bd\"", 1, 2, "this ( is never closed", "put )"),
    ("track d = s(\"bd\"\ntrack e = n(\"0\")", 1, 12, "this ( is never closed", "put )"),
    ("s(\"bd", 1, 3, "this text is not closed", "\""),
    ("let a = `abc", 1, 9, "this text is not closed", "`"),
    ("s(\"bd\"))", 1, 8, "one `)` too many", ""),
    (")", 1, 1, "one `)` too many", ""),
    ("for i in 0..4 { } }", 1, 19, "one `}` too many", ""),
    ("s(\"bd\"]", 1, 2, "expected ) to close", "put )"),
    // What fails inside a sound of the library counts where that was called.
    (
        "let a = 1;\nlet y = claps(\"x\", 1, 2);\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nlet z = 2;",
        2,
        9,
        "expected a pattern",
        "",
    ),
    ("let x = [1, 2", 1, 9, "this [ is never closed", "put ]"),
    ("synth a = |freq| { saw(freq)", 1, 18, "this { is never closed", "put }"),
    ("s(\"bd\" n(\"0\"))", 1, 8, "expected a comma", ""),
    ("[1 2]", 1, 4, "expected a comma", "[1, 2, 3]"),
    ("track = s(\"bd\")", 1, 7, "expected a name after track", "track drums"),
    ("track d s(\"bd\")", 1, 9, "expected = after the name", "track d = "),
    ("track d", 1, 8, "expected = after the name", "track d = "),
    ("track loop = 1", 1, 7, "expected a name after track", "loop1"),
    ("track d = ", 1, 11, "something is missing", ""),
    ("effect = 2", 1, 8, "expected a name after effect", "effect dark"),
    ("master s", 1, 8, "expected = after the name", "master ="),
    ("let x 3", 1, 7, "expected ; or an operator", ""),
    ("s(\"bd\").fast 2", 1, 14, "expected ; or an operator", "fast(2)"),
    ("1 +", 1, 4, "something is missing after +", ""),
    ("s(\"bd\").", 1, 9, "expected a word after the dot", "fast"),
    ("$: s(\"bd\").every(2, x => x.fsat(2))", 1, 28, "no word `fsat`", "did you mean"),
    ("d1 $ every 2 rev $ n \"0 1\" # s \"saw\"", 1, 4, "no operator `$`", "track d1 = n(\"0 1\"), then"),
    ("samples(\"github:a/b\")", 1, 1, "no word `samples`", "`segue doc` lists them"),
    ("s(\"bd\")._pianoroll()", 1, 9, "no word `_pianoroll`", "leave it out"),
    ("setcps(99)", 1, 1, "`setcps` expects", "tempo(120)"),
    ("if x = 2 { }", 1, 6, "expected a comparison", "=="),
    ("if 3 { }", 1, 4, "expected true or false", "=="),
    ("for i in 3 { }", 1, 10, "expected a list or a range", "0..4"),
    ("1 = 2", 1, 1, "expected a name before =", "let x"),
    ("const a = 1; a = 2", 1, 14, "constant", "let a"),
    ("fn a() { fn b() {} }", 1, 10, "outermost level", "|x|"),
    ("break", 1, 1, "inside a loop", "for"),
    ("eval(\"1\")", 1, 1, "no `eval`", ""),
    ("let s = \"a\\qb\"", 1, 12, "means nothing inside a text", "\\"),
    ("match x {}", 1, 1, "`match` means nothing here", "switch"),
    ("foo", 1, 1, "there is no `foo`", ""),
    ("x = 3", 1, 1, "there is no `x`", "let x = "),
    ("lowpas(800)", 1, 1, "no word `lowpas`", "lowpass"),
    ("s(\"bd\").fsat(2)", 1, 9, "no word `fsat`", "fast"),
    ("s(\"bd\").fast", 1, 9, "a pattern has no `fast`", ".fast(factor)"),
    ("s(\"bd\").fast()", 1, 9, "`fast` takes 1 argument, found none", ".fast(factor)"),
    ("s(\"bd\").fast(1, 2, 3)", 1, 9, "`fast` takes 1 argument, found 3", ".fast(factor)"),
    ("s(\"bd [sd\")", 1, 7, "`]` expected to close `[`", "bd [sd]"),
    ("track d = n(\"0 1\")\n  .fast(\"<2 3\")", 2, 10, "`>` expected to close `<`", "<2 3>"),
    ("\"0 [1\".fast(2)", 1, 4, "`]` expected to close `[`", "0 [1]"),
    ("s(\"bd\").superimpose(|x| x.fst(2))", 1, 27, "no word `fst`", "did you mean"),
    ("s(\"bd\").superimpose(2)", 1, 9, "expects a function", "superimpose("),
    ("s(\"bd\").superimpose(|x, y| x)", 1, 9, "called with 1 value, but takes 2", "|x|"),
    ("fn f(a) { a } f(1, 2)", 1, 15, "`f` takes 1 argument, found 2", "f(a)"),
    ("fn f(a) { f(a) } f(1)", 1, 18, "48 deep", ""),
    ("while true { }", 1, 12, "does it ever end", "for"),
    ("let a = [1]; loop { a += a }", 1, 23, "a list of at most", ""),
    ("let a = \"x\"; loop { a += a }", 1, 23, "a text of at most", ""),
    ("1/0", 1, 2, "division by zero", ""),
    ("[1] - 2", 1, 5, "between a list and a number", ""),
    ("1 + \"a\" * 2", 1, 9, "between a text and a number", "mini("),
    ("let a = [1]; a[3]", 1, 16, "expected an index below 1", ""),
    ("throw \"no\"", 1, 1, "no", ""),
    ("track d = 3", 1, 7, "expected a pattern or a sound", "track d = "),
    ("track d = \"bd\"", 1, 7, "found the text \"bd\"", "track d = s(\"bd\")"),
    ("track d = rev", 1, 7, "found a function", "track d ="),
    ("track d = lowpass(800)", 1, 7, "found an effect", ">>"),
    ("synth x = 3", 1, 7, "expected a function for synth x", "|freq, gate|"),
    ("synth x = |freq| lowpass(freq)", 1, 7, "must sound by itself", "|freq, gate|"),
    ("effect y = || 3", 1, 8, "needs its input", "|input|"),
    ("bus b = 3", 1, 5, "expected effects for bus b", "reverb"),
    ("master = sine(3)", 1, 10, "found a sound of its own", "reverb"),
    ("s(\"bd\") >> 3", 1, 9, "expected an effect after >>", "lowpass"),
    ("s(\"bd\") >> sine(3)", 1, 9, "expected an effect after >>", "lowpass"),
    ("\"bd\" >> lowpass(800)", 1, 6, "before >>", "s(\"bd\")"),
    ("timestamp()", 1, 1, "no `timestamp`", "late"),
    ("sleep(1)", 1, 1, "no `sleep`", "late"),
    ("import \"kit\" as k", 1, 8, "cannot be imported", ""),
    ("let a = 1; a()", 1, 12, "`a` is a name, not a word", "a.call("),
    ("mini(3)", 1, 1, "expects a text", "mini("),
    ("tempo()", 1, 1, "`tempo` takes 1 argument", "tempo(bpm)"),
    ("tempo(\"fast\")", 1, 1, "expects a number for bpm", "tempo(124)"),
    ("tempo(5000)", 1, 1, "expects 10 to 1000", "tempo(1000)"),
    ("param(\"x\", 1, 0, 1)", 1, 1, "belongs inside a synth", "synth"),
    ("track d = s(\"bd\"); d = 3", 1, 20, "`d` is a track", "track d"),
    ("s(\"bd\").fast(\"2 x\")", 1, 17, "a number expected, found `x`", ""),
    ("track d = n(\"0\")\n  .iter(\"<4 four>\")", 2, 13, "a number expected, found `four`", ""),
    ("s(\"bd\").gain(\"0.5 loud\")", 1, 19, "a number expected, found `loud`", ""),
    ("note(\"c e [g z]\")", 1, 14, "a note expected, found `z`", ""),
    ("note(\"c\").transpose(\"5P 5Q\")", 1, 25, "an interval such as 5P expected, found `5Q`", ""),
    ("s(\"bd\").jux(fast)", 1, 9, "`fast` still waits for a value", "fast(2)"),
    ("s(\"bd\")fast(2)", 1, 8, "expected ; or an operator", "put . between"),
    ("s(\"bd: 3\")", 1, 7, "right after `:`", "bd:3"),
    ("s(\"(bd sd)*2\")", 1, 4, "a step before `(`", "[bd sd]*2"),
    ("s(\"bd(3 8)\")", 1, 6, "`(onsets,steps)`", "bd(3,8)"),
    ("s(\"bd; sd\")", 1, 6, "a step or `,` expected", "bd, sd"),
    ("n(\"a .. d\")", 1, 4, "a number before `..`", "0 .. d"),
    ("let x = 9223372036854775807; x + 1", 1, 32, "too large", ""),
];

#[test]
fn the_usual_mistakes_are_told_where_what_and_what_to_type() {
    let mut interpreter = Interpreter::new();
    let mut wrong = Vec::new();
    for (text, line, column, message, hint) in MISTAKES {
        match interpreter.evaluate("piece.rhai", text, &NoFiles) {
            Ok(_) => wrong.push(format!("{text}: no error")),
            Err(errors) => {
                let d = &errors[0];
                let hinted = d.hint.as_deref().unwrap_or_default();
                if (d.at.line, d.at.column) != (*line, *column)
                    || !d.message.contains(message)
                    || !hinted.contains(hint)
                {
                    wrong.push(format!("{text}\n    {}:{} {} ({hinted})", d.at.line, d.at.column, d.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n"));
}

#[test]
fn messages_speak_as_musicians_do() {
    let mut interpreter = Interpreter::new();
    for (text, ..) in MISTAKES {
        let Err(errors) = interpreter.evaluate("piece.rhai", text, &NoFiles) else { continue };
        let message = &errors[0].message;
        for foreign in ["i64", "f64", "::", "ImmutableString", "FnPtr", "Dynamic", "segue", "anon$"] {
            assert!(!message.contains(foreign), "{text}: {message}");
        }
        assert!(!message.starts_with(char::is_uppercase) && !message.ends_with('.'), "{text}: {message}");
        assert!(errors[0].width > 0);
    }
}

#[test]
fn a_name_given_twice_is_a_warning_and_the_last_counts() {
    let evaluation =
        Interpreter::new().evaluate("a.rhai", "track d = s(\"bd\")\ntrack d = s(\"cp*2\")", &NoFiles).expect("fine");
    assert_eq!(evaluation.score.tracks.len(), 1);
    let warning = &evaluation.warnings[0];
    assert_eq!((warning.at.line, warning.at.column), (2, 7));
    assert!(warning.message.contains("line 1"));
}

#[test]
fn missing_semicolons_stop_nobody_and_columns_stay() {
    let mut interpreter = Interpreter::new();
    let text = "tempo(120)\nlet a = s(\"bd\")\ntrack d = a\n  .fast(2)\ntrack e = a.nope(1)";
    let errors = interpreter.evaluate("a.rhai", text, &NoFiles).expect_err("nope");
    assert_eq!((errors[0].at.line, errors[0].at.column), (5, 13));
    assert!(interpreter.evaluate("a.rhai", &text.replace(".nope(1)", ""), &NoFiles).is_ok());
}

fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "track d = ",
        "synth x = ",
        "effect e = ",
        "bus room = ",
        "master = ",
        "s(\"bd*2\")",
        "n(\"0 [1 2]\")",
        ".fast(2)",
        ".jux(rev)",
        "|x| ",
        "|freq, gate| ",
        "saw(freq)",
        "sine(440)",
        " >> ",
        "lowpass(800)",
        " + ",
        " * ",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "`",
        "'",
        ",",
        ";",
        "\n",
        "1/8",
        ".5",
        "let x = ",
        "x",
        "fn f(a) { a }",
        "f(1)",
        "for i in 0..4 ",
        "loop ",
        "0..",
        "#{a: 1}",
        "/*",
        "//",
        "///",
        "$",
        "é",
        "\u{1F3B5}",
        "import \"a\" as b",
        "param(\"w\", 1, 0, 1)",
        ".add.squeeze(\"1\")",
        ".in(",
        "tempo(120)",
        "&",
        "|",
        "^",
        "-",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_interpreter(text in prop_oneof![pieces(), ".{0,60}"]) {
        thread_local! {
            static INTERPRETER: std::cell::RefCell<Interpreter> = std::cell::RefCell::new(Interpreter::new());
        }
        INTERPRETER.with_borrow_mut(|interpreter| {
            if let Err(errors) = interpreter.evaluate("a.rhai", &text, &NoFiles) {
                prop_assert!(!errors[0].message.contains("broke the interpreter"), "{text:?}");
                prop_assert!(errors[0].at.line >= 1 && errors[0].at.column >= 1);
            }
            Ok(())
        })?;
    }
}

/// A beginner's mistake in a whole piece (`tests/corpus/mistakes.jsonl`).
#[derive(serde::Deserialize)]
struct Slip {
    kind: String,
    wrong: String,
    line: usize,
    /// The hint, where whoever follows it has a piece that plays; judged by hand.
    hint: Option<String>,
}

#[test]
fn of_a_hundred_beginners_mistakes_nearly_all_are_told_in_their_line_with_a_fix_that_works() {
    let slips: Vec<Slip> = include_str!("../corpus/mistakes.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a mistake"))
        .collect();
    let mut interpreter = Interpreter::new();
    let (mut astray, mut unhelped, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for slip in &slips {
        let evaluation = interpreter.evaluate("piece.rhai", &slip.wrong, &NoFiles);
        interpreter.forget("piece.rhai");
        let told = evaluation.map_or_else(|errors| errors, |evaluation| evaluation.warnings);
        let line = slip.wrong.lines().nth(slip.line - 1).unwrap_or_default();
        let found = told.first().map(|d| (d.at.line, d.hint.clone()));
        if found.as_ref().map(|(line, _)| *line) != Some(slip.line) {
            astray.push(format!("{}: {line}: {found:?}", slip.kind));
        }
        match (&slip.hint, found.and_then(|(_, hint)| hint)) {
            (None, _) => unhelped.push(line),
            (Some(hint), found) if found.as_ref() != Some(hint) => changed.push(format!("{line}: {hint} is {found:?}")),
            _ => {}
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
    assert!(
        slips.len() >= 100 && astray.len() * 50 <= slips.len(),
        "{} of {} astray: {astray:#?}",
        astray.len(),
        slips.len()
    );
    assert!(
        unhelped.len() * 100 <= 5 * slips.len(),
        "{} of {} are not helped: {unhelped:#?}",
        unhelped.len(),
        slips.len()
    );
}

//! Every word and every ugen with numbers that nobody means.

use std::time::{Duration, Instant};

use segue::engine::{Config, Renderer};
use segue::graph::rows;
use segue::lang::{Interpreter, Kind, NoFiles, Style, Word};
use segue::session::{Session, When};

use crate::at_length;

/// Arguments, as they are typed.
const MAD: &[&str] = &[
    "1e9",
    "-1e9",
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-308",
    "(0.0/0.0)",
    "(1e308*10.0)",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "frac(1, 9223372036854775807)",
    "\"bd*16384\"",
    "\"<0 1e9 -1e9>*64\"",
    "rev",
    "|x| x",
    "[]",
    "#{}",
    "()",
    "\"\"",
    "[1e9, -1e9, 0]",
    "\"\u{202e}\"",
];

/// The longest that one call may take; in a slow build on a busy machine only what is far too late is late.
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1800 } else { 1100 });

/// A word called on its kind of receiver, all of its arguments the same.
fn calls(word: &Word, mad: &str) -> Vec<String> {
    let (least, most) = word.arity();
    let most = most.min(6);
    let arguments = |n: usize| vec![mad; n].join(", ");
    match word.style {
        Style::Method => {
            let receivers: &[&str] = match word.params[0].kind {
                Kind::Sound => &["(saw(110) * 0.1)"],
                _ => &["s(\"bd*4\")", "n(\"0 .. 7\")"],
            };
            let counts = [least.saturating_sub(1), most.saturating_sub(1)];
            let call = |receiver: &&str| counts.map(|n| format!("{receiver}.{}({})", word.name, arguments(n)));
            receivers.iter().flat_map(call).collect()
        }
        Style::Function => [least, most].map(|n| format!("{}({})", word.name, arguments(n))).into(),
        _ => Vec::new(),
    }
}

#[test]
fn every_word_survives_every_mad_argument() {
    let mut interpreter = Interpreter::new();
    let words: Vec<Word> = interpreter.vocabulary().words().iter().map(|word| (**word).clone()).collect();
    let every = if at_length() { 1 } else { 61 };
    let texts = words.iter().flat_map(|word| MAD.iter().flat_map(|mad| calls(word, mad)));
    let mut faults = Vec::new();
    for text in texts.step_by(every) {
        // Another program may take the processor away, but not three times.
        let mut took = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            if let Err(errors) = interpreter.evaluate("hostile.rhai", &text, &NoFiles)
                && errors[0].message.contains("broke the interpreter")
            {
                faults.push(format!("{text}: it broke the interpreter"));
            }
            took = took.min(begun.elapsed());
            if took <= LIMIT {
                break;
            }
        }
        if took > LIMIT {
            faults.push(format!("{text}: it took {} ms", took.as_millis()));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Numbers for the arguments of a ugen.
const NUMBERS: &[f32] =
    &[0.0, -0.0, 1.0, -1.0, 1e9, -1e9, 1e30, -1e30, f32::MAX, f32::MIN, 1e-40, f32::NAN, f32::INFINITY];

#[test]
fn no_ugen_given_any_number_leaves_the_range_of_what_may_be_heard() {
    let mut interpreter = Interpreter::new();
    let every = if at_length() { 1 } else { 23 };
    let typed = |x: f32| match x {
        x if x.is_nan() => "(0.0/0.0)".to_string(),
        x if x.is_infinite() => "(1e308*10.0)".to_string(),
        x => format!("({x:?})"),
    };
    let sounds = rows().iter().flat_map(|row| {
        NUMBERS.iter().map(move |x| {
            let arguments = vec![typed(*x); row.params.len()].join(", ");
            let call = if row.params.is_empty() { row.name.to_string() } else { format!("{}({arguments})", row.name) };
            match row.inputs {
                0 => call,
                1 => format!("saw(110) >> {call}"),
                _ => format!("(saw(110) | saw(111)) >> {call}"),
            }
        })
    });
    let (mut session, mut renderer) = Session::new(Config::default(), interpreter.library().clone(), 1);
    let plain = interpreter.evaluate("plain.rhai", "track plain = sine(220) * 0.25", &NoFiles).unwrap().score;
    assert_eq!(session.load("plain.rhai", plain, When::Score), []);
    play(&mut session, &mut renderer, 9600);
    let mut sounding = 0;
    for sound in sounds.step_by(every) {
        let Ok(done) = interpreter.evaluate("hostile.rhai", &format!("track x = {sound}"), &NoFiles) else { continue };
        sounding += usize::from(session.load("hostile.rhai", done.score, When::Score).is_empty());
        let heard = play(&mut session, &mut renderer, 4096);
        assert!(heard.is_finite() && heard <= 1.0, "{sound}: {heard}");
        // Once it is gone, nothing of it may stay broken.
        session.forget("hostile.rhai", When::Score);
        let deadline = session.position() + 96_000;
        let mut heard = 0.0;
        while !(0.17..0.185).contains(&heard) && session.position() < deadline {
            heard = play(&mut session, &mut renderer, 2048);
        }
        assert!((0.17..0.185).contains(&heard), "a plain sine is heard at {heard} after {sound}");
    }
    assert!(sounding > 20, "only {sounding} could be played at all");
}

/// The highest sample of the next frames; not a number where one of them is none.
fn play(session: &mut Session, renderer: &mut Renderer, frames: usize) -> f32 {
    let mut block = vec![0.0; 2 * 64];
    let mut highest = 0.0_f32;
    for _ in 0..frames / 64 {
        session.tick();
        renderer.process(&[], &mut block);
        for x in &block {
            highest = if x.is_nan() { f32::NAN } else { highest.max(x.abs()) };
        }
    }
    highest
}

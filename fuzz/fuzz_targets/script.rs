//! Any text as a piece: it is understood or refused at a place inside it, in bounded time and memory, and what it names can be
//! asked for its haps.
#![no_main]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use libfuzzer_sys::{Corpus, fuzz_target};
use segue::lang::{Interpreter, NoFiles};
use segue::pattern::{Pattern, Span};
use segue::score::{Diagnostic, Source};

const OWNER: &str = "piece.rhai";
/// Longer evaluations are right, but nothing is learnt from their neighbours that shorter ones do not teach.
const LONG: Duration = Duration::from_millis(100);
/// Haps of one query and bytes shown of one text beyond which something is unbounded.
const MOST: usize = 2_000_000;

thread_local! {
    static INTERPRETER: RefCell<Interpreter> = RefCell::new(Interpreter::new());
}

/// A diagnostic points into the text and has something to say.
fn check(diagnostic: &Diagnostic, text: &str) {
    let (line, column) = (diagnostic.at.line, diagnostic.at.column);
    assert!(!diagnostic.message.is_empty() && diagnostic.message.len() < 1 << 14, "{diagnostic:?}");
    assert!(!diagnostic.message.contains("broke the interpreter"), "{diagnostic:?}");
    let lines: Vec<&str> = text.split('\n').collect();
    assert!((1..=lines.len()).contains(&line), "{diagnostic:?}: no such line");
    let width = lines[line - 1].chars().count();
    assert!((1..=width + 1).contains(&column), "{diagnostic:?}: no such column");
}

fn ask(pattern: &Pattern) {
    for span in [Span::cycles(0, 2), Span::cycles(1000, 1001)] {
        assert!(pattern.query(span).len() < MOST, "more haps than anybody could hear");
    }
}

fuzz_target!(|text: &str| -> Corpus {
    let begun = Instant::now();
    INTERPRETER.with_borrow_mut(|interpreter| match interpreter.evaluate(OWNER, text, &NoFiles) {
        Err(errors) => {
            assert!(!errors.is_empty());
            errors.iter().for_each(|error| check(error, text));
        }
        Ok(evaluation) => {
            evaluation.warnings.iter().for_each(|warning| check(warning, text));
            assert!(evaluation.shown.is_none_or(|shown| shown.len() < MOST));
            for track in &evaluation.score.tracks {
                if let Source::Pattern(pattern) = &track.source {
                    ask(pattern);
                }
            }
            interpreter.forget(OWNER);
        }
    });
    if begun.elapsed() > LONG { Corpus::Reject } else { Corpus::Keep }
});

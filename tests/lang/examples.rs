//! Every word has a meaning and a line that runs, and what should sound does.

use std::collections::BTreeMap;

use segue::engine::{GRID, Schedule};
use segue::graph::lower_signal;
use segue::lang::{Evaluation, Interpreter, NoFiles, Style, Word, reference};
use segue::pattern::Span;
use segue::score::Source;

/// Words whose example may be silent: silence itself, and settings.
const SILENT: &[&str] = &["silence", "nothing", "gap"];

#[test]
fn every_word_has_a_doc_and_an_example() {
    let interpreter = Interpreter::new();
    let words = interpreter.vocabulary().words();
    assert!(words.len() > 200, "only {} words", words.len());
    for word in words {
        assert!(word.doc.len() > 4, "{word:?} has no doc");
        assert!(!word.example.is_empty(), "{word:?} has no example");
        assert!(!word.category.is_empty(), "{word:?} has no category");
    }
}

#[test]
fn every_example_evaluates_and_is_heard() {
    let mut interpreter = Interpreter::new();
    let words: Vec<_> = interpreter.vocabulary().words().to_vec();
    let mut failures = Vec::new();
    for word in &words {
        let result = interpreter.evaluate("example.rhai", &word.example, &NoFiles);
        match result {
            Err(errors) => failures.push(format!("{word:?}: {}\n    {}", word.example, errors[0].message)),
            Ok(evaluation) => {
                failures.extend(unheard(word, &evaluation).map(|why| format!("{word:?}: {}\n    {why}", word.example)))
            }
        }
        interpreter.forget("example.rhai");
    }
    assert!(failures.is_empty(), "{} examples:\n{}", failures.len(), failures.join("\n"));
}

/// Why an example gives nothing to hear or see, if so.
fn unheard(word: &Word, evaluation: &Evaluation) -> Option<String> {
    let score = &evaluation.score;
    if SILENT.contains(&word.name.as_ref()) {
        return None;
    }
    let set = score.crossfade.is_some() || score.quantum.is_some() || score.seed.is_some();
    let says = score.tempo.is_some() || score.meter.is_some() || set;
    if score.tracks.is_empty() {
        let names = says || score.master.is_some() || !score.buses.is_empty() || !score.synths.is_empty();
        let shown = evaluation.shown.as_deref().is_some_and(|s| !s.contains("nothing in the first cycle"));
        let shown = shown || evaluation.picture.is_some();
        return (!names && !shown).then(|| "says nothing".into());
    }
    score.tracks.iter().find_map(|track| match &track.source {
        Source::Pattern(pattern) => {
            pattern.query(Span::cycles(0, 8)).is_empty().then(|| format!("track {} has no haps", track.name))
        }
        Source::Signal(signal) => match lower_signal(signal, "example", 48_000.0) {
            Err(error) => Some(error.message),
            Ok(lowered) => {
                let peak = peak(lowered.schedule);
                (!(peak.is_finite() && peak > 1e-4)).then(|| format!("track {} peaks at {peak}", track.name))
            }
        },
    })
}

/// The highest level in two seconds.
fn peak(mut schedule: Schedule<1>) -> f32 {
    let mut arena = vec![[[0.0; 1]; GRID]; schedule.scratch()];
    let mut peak: f32 = 0.0;
    for _ in 0..2 * 48_000 / GRID {
        schedule.run(&mut arena, 0, GRID);
        for channel in 0..schedule.outputs() {
            let loudest = schedule.output(&arena, channel).iter().map(|frame| frame[0].abs());
            peak = loudest.fold(peak, |p, x| if x.is_nan() { f32::NAN } else { p.max(x) });
        }
    }
    peak
}

/// Names that two or more words share, and why that cannot lead astray.
fn reason(styles: &[Style], words: &[&Word]) -> Option<&'static str> {
    let methods: Vec<_> = words.iter().filter(|w| w.style == Style::Method).collect();
    // What stands before the dot tells methods apart, else how many values they take.
    let apart = |a: &Word, b: &Word| {
        a.params[0].kind != b.params[0].kind || a.arity().1 < b.arity().0 || b.arity().1 < a.arity().0
    };
    let distinct = methods.iter().enumerate().all(|(i, a)| methods[..i].iter().all(|b| apart(a, b)));
    let count = |style| styles.iter().filter(|s| **s == style).count();
    if count(Style::Function) > 1 || count(Style::Name) > 1 || count(Style::Syntax) > 1 || !distinct {
        return None;
    }
    match (count(Style::Method) > 0, count(Style::Function), count(Style::Name)) {
        (true, 0, 0) => Some("after a pattern and after a sound it means the same to the ear"),
        (true, 1, _) => Some("after a dot it changes a pattern, on its own it makes a sound, a pattern or a setting"),
        (_, 1, 1) => Some("bare it is a pattern over a cycle, with an argument a sound"),
        (_, 0, 1) | (_, 1, 0) | (_, 0, 0) => Some("an instrument is named inside s(\"…\") only"),
        _ => None,
    }
}

#[test]
fn a_name_means_two_things_only_where_its_place_decides() {
    let interpreter = Interpreter::new();
    let mut names: BTreeMap<&str, Vec<&Word>> = BTreeMap::new();
    for word in interpreter.vocabulary().words() {
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            names.entry(name.as_ref()).or_default().push(word);
        }
    }
    for (name, words) in names.iter().filter(|(_, words)| words.len() > 1) {
        let styles: Vec<Style> = words.iter().map(|w| w.style).collect();
        assert!(reason(&styles, words).is_some(), "{name} means {words:?}");
    }
}

#[test]
fn the_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == reference(), "docs/reference.md is out of date: segue doc --markdown > docs/reference.md");
}

#[test]
fn a_word_is_found_by_its_aliases_and_completed_from_its_beginning() {
    let interpreter = Interpreter::new();
    let vocabulary = interpreter.vocabulary();
    assert!(vocabulary.find("density").any(|w| w.name == "fast"));
    assert!(vocabulary.complete("superim").contains(&"superimpose"));
    assert_eq!(vocabulary.nearest("lowpas"), Some("lowpass"));
}

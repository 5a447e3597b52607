//! Music theory against the answers of the field's libraries: `corpus/theory.tsv`, one fact per line, asked of the library,
//! and `corpus/theory.json`, expressions of the language with the value each must have.

use std::collections::BTreeMap;

use segue::lang::{Answer, Interpreter};
use segue::pattern::Value;
use serde_json::Value as Json;

use segue::theory::leading::{Matter, remarks};
use segue::theory::reading::read_all;
use segue::theory::{Chord, Dictionary, Interval, Key, Mode, Note, Scale, Voicing};

/// What we say to a line's inputs, in the words of its last column.
fn answer(kind: &str, input: &[&str]) -> String {
    let note = |i: usize| Note::parse(input[i]).unwrap();
    let interval = |i: usize| Interval::parse(input[i]).unwrap();
    let scale = || Scale::parse(input[0]).unwrap();
    match kind {
        "interval" => Interval::between(note(0), note(1)).name(),
        "interval_invert" => interval(0).invert().name(),
        "interval_add" => (interval(0) + interval(1)).name(),
        "interval_subtract" => (interval(0) - interval(1)).name(),
        "interval_semitones" => interval(0).semitones.to_string(),
        "scale_notes" => names(&scale().notes()),
        "scale_degrees" => {
            let steps = input[1].split(' ').map(|s| scale().step(s.parse().unwrap()));
            names(&steps.collect::<Vec<_>>())
        }
        "relative_mode" => scale().relative(input[1]).unwrap().tonic.name(),
        "chord_notes" => names(&Chord::parse(input[0]).unwrap().notes()),
        "transpose_fifths" => note(0).fifths(input[1].parse().unwrap()).name(),
        "note_midi" => note(0).midi().to_string(),
        "midi_note" => Note::from_midi(input[0].parse().unwrap()).name(),
        "freq_note" => Note::from_freq(input[0].parse().unwrap()).unwrap().name(),
        "transpose" => note(0).transpose(interval(1)).name(),
        "enharmonic_simplify" => note(0).simplify().name(),
        "enharmonic" => note(0).enharmonic().name(),
        "voicing" => pitch_classes(input),
        "chord_detect" => detected(input[0]),
        "roman_to_chords" => each(input[1], |n| Key::parse(input[0]).unwrap().chord(n).unwrap().symbol()),
        "chords_to_roman" => each(input[1], |c| Key::parse(input[0]).unwrap().numeral(&Chord::parse(c).unwrap())),
        "key" => Key::parse(input[0]).unwrap().sevenths().iter().map(Chord::symbol).collect::<Vec<_>>().join(" "),
        other => panic!("no such kind of fact: {other}"),
    }
}

fn each(words: &str, answer: impl Fn(&str) -> String) -> String {
    words.split(' ').map(answer).collect::<Vec<_>>().join(" ")
}

/// The first chord that these notes are.
fn detected(notes: &str) -> String {
    let notes: Vec<Note> = notes.split(' ').map(|n| Note::parse(n).unwrap()).collect();
    Chord::detect(&notes).first().map(Chord::symbol).unwrap_or_default()
}

/// Symbols are compared by what they mean: `CM` is `C`. Of several answers one is enough.
fn same_chords(found: &str, expected: &str, any: bool) -> bool {
    let numeral = |s: &str| s.replace("Maj7", "maj7");
    let parsed = |s: &str| Chord::parse(s).map(|c| c.symbol()).unwrap_or_else(|_| numeral(s));
    match any {
        true => expected.split(' ').any(|e| parsed(e) == parsed(found)),
        false => each(found, parsed) == each(expected, parsed),
    }
}

fn names(notes: &[Note]) -> String {
    notes.iter().map(Note::name).collect::<Vec<_>>().join(" ")
}

/// Voicings are compared by pitch, whatever the spelling.
fn chromas(names: &str) -> Vec<i32> {
    let mut all: Vec<i32> = names.split(' ').map(|n| Note::parse(n).unwrap().chroma()).collect();
    all.sort_unstable();
    all
}

fn pitch_classes(input: &[&str]) -> String {
    let voicing = Voicing {
        mode: Mode::parse(input[1]).unwrap(),
        anchor: Note::parse(input[2]).unwrap(),
        dictionary: Dictionary::parse(input[3]).unwrap(),
        offset: 0,
    };
    let notes = voicing.notes(&Chord::parse(input[0]).unwrap());
    let mut classes: Vec<String> = notes.iter().map(|n| n.class().name()).collect();
    classes.sort();
    classes.dedup();
    classes.join(" ")
}

#[test]
fn theory_agrees_with_the_libraries_of_the_field() {
    let mut wrong = Vec::new();
    let facts = include_str!("corpus/theory.tsv").lines().filter(|l| !l.starts_with('#'));
    for line in facts.clone() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (kind, inputs) = (columns[0], &columns[1..columns.len() - 1]);
        // Two kinds carry a second number: semitones beside the name, Hz beside the MIDI number.
        let expected = match kind {
            "interval" => columns[3],
            "note_midi" => columns[2],
            _ => columns[columns.len() - 1],
        };
        let found = answer(kind, inputs);
        let same_pitches = kind == "voicing" && chromas(&found) == chromas(expected);
        let same_symbols = matches!(kind, "chord_detect" | "roman_to_chords" | "chords_to_roman")
            && same_chords(&found, expected, kind == "chord_detect");
        if found != expected && !same_pitches && !same_symbols {
            wrong.push(format!("{line}: found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} facts:\n{}", wrong.len(), facts.count(), wrong.join("\n"));
}

#[test]
fn the_second_numbers_of_a_fact_agree_too() {
    for line in include_str!("corpus/theory.tsv").lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        match columns[0] {
            "interval" => {
                let between = Interval::between(Note::parse(columns[1]).unwrap(), Note::parse(columns[2]).unwrap());
                assert_eq!(between.semitones.to_string(), columns[4], "{line}");
            }
            "key" => {
                let key = Key::parse(columns[1]).unwrap();
                let triads: Vec<String> = key.triads().iter().map(Chord::symbol).collect();
                let found = [key.signature().to_string(), key.relative().tonic.name(), triads.join(" ")];
                assert_eq!(found, columns[2..5], "{line}");
            }
            "note_midi" => {
                let hz: f64 = columns[3].parse().unwrap();
                assert!((Note::parse(columns[1]).unwrap().freq() / hz - 1.0).abs() < 1e-5, "{line}");
            }
            _ => {}
        }
    }
}

#[test]
fn nothing_a_musician_types_makes_theory_panic() {
    let odd =
        ["", " ", ":", "é", "♯", "c99999999999", "b-", "bbbbbbbbbbbbbb", "C/", "/C", "A:", ":minor", "𝄞", "7", "-"];
    for text in odd {
        let _ = (Note::parse(text), Interval::parse(text), Scale::parse(text), Chord::parse(text));
    }
    let scale = Scale::parse("B#16:chromatic").unwrap();
    for step in [i64::MIN, -1, 0, i64::MAX] {
        scale.step(step);
        scale.shift(Note::parse("c-4").unwrap(), step);
        Voicing::default().pick(&Chord::parse("C13").unwrap(), step);
    }
}

/// A value of the language as JSON, numbers as floats.
fn json(value: &Value) -> Json {
    match value {
        Value::Number(n) => Json::from(*n),
        Value::Ratio(t) => Json::from(t.to_f64()),
        Value::Bool(b) => Json::from(*b),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => Json::Object(map.iter().map(|(name, v)| (name.to_string(), json(v))).collect()),
    }
}

/// Whether an answer is what a check expects, in its own way of comparing.
fn fits(found: &Json, expect: &Json, how: &str) -> bool {
    let near = |a: &Json, b: &Json| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-4 * b.abs(),
        _ => a == b,
    };
    let among = |one: &Json| expect.as_array().is_some_and(|all| all.contains(one));
    match how {
        "any_of" => among(found),
        "first_in" => found[0].is_string() && among(&found[0]),
        _ => near(found, expect),
    }
}

#[test]
fn the_words_of_theory_answer_as_the_libraries_of_the_field() {
    let corpus: Json = serde_json::from_str(include_str!("corpus/theory.json")).unwrap();
    let mut interpreter = Interpreter::new();
    let mut tiers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in corpus["cases"].as_array().unwrap() {
        let count = wrong.len();
        for check in case["checks"].as_array().unwrap() {
            let code = check["code"].as_str().unwrap();
            match interpreter.query(code) {
                Ok(Answer::Value(value)) if fits(&json(&value), &check["expect"], check["how"].as_str().unwrap()) => {}
                other => wrong.push(format!("{code}: {} expected, found {other:?}", check["expect"])),
            }
        }
        let (good, all) = tiers.entry(case["tier"].as_str().unwrap()).or_default();
        *all += 1;
        *good += usize::from(wrong.len() == count);
    }
    println!("{tiers:?}");
    assert_eq!(tiers.values().map(|(_, all)| all).sum::<usize>(), 347);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn chords_in_context_have_the_numerals_that_harmony_gives_them() {
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for line in include_str!("corpus/numerals.tsv").lines().filter(|l| !l.starts_with('#')) {
        let [what, key, chords, numerals] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let key = Key::parse(key).unwrap();
        let chords: Vec<Chord> = chords.split(' ').map(|c| Chord::parse(c).unwrap()).collect();
        let found: Vec<String> = read_all(&key, &chords).into_iter().map(|r| r.numeral).collect();
        let expected: Vec<&str> = numerals.split(' ').collect();
        assert_eq!(found.len(), expected.len(), "{line}");
        all += expected.len();
        right += found.iter().zip(&expected).filter(|(a, b)| a == *b).count();
        if found != expected {
            wrong.push(format!("{what} in {}: {numerals} expected, found {}", key.name(), found.join(" ")));
        }
        // And back: the numeral means the chord.
        for (numeral, chord) in expected.iter().zip(&chords) {
            assert_eq!(key.chord(numeral).as_ref(), Ok(chord), "{numeral} in {}", key.name());
        }
    }
    println!("{right} of {all}\n{}", wrong.join("\n"));
    assert!(all >= 300 && right * 100 >= all * 98, "{right} of {all}:\n{}", wrong.join("\n"));
}

#[test]
fn parallels_are_heard_in_four_parts_where_they_are_and_nowhere_else() {
    let mut clean = 0;
    for line in include_str!("corpus/settings.tsv").lines().filter(|l| !l.starts_with('#')) {
        let [name, chords, parallels] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let notes = |chord: &str| chord.split('-').map(|n| Note::parse(n).unwrap()).collect::<Vec<_>>();
        let setting: Vec<Vec<Note>> = chords.split(' ').map(notes).collect();
        let sign = |matter| match matter {
            Matter::ParallelFifths => Some('5'),
            Matter::ParallelOctaves => Some('8'),
            _ => None,
        };
        let all = remarks(&setting, None, &[]);
        let found =
            all.iter().filter_map(|r| Some(format!("{}:{}-{}:{}", r.at, r.voices[0], r.voices[1], sign(r.matter)?)));
        let mut found: Vec<String> = found.collect();
        let mut expected: Vec<&str> = parallels.split(' ').filter(|p| !p.is_empty()).collect();
        found.sort();
        expected.sort();
        clean += usize::from(expected.is_empty());
        assert_eq!(found, expected, "{name}: {chords}");
    }
    assert!(clean >= 50, "{clean}");
}

#[test]
fn no_word_of_theory_ends_the_program_whatever_it_is_given() {
    let mut interpreter = Interpreter::new();
    let odd = [
        "",
        " ",
        "♯",
        "C99",
        "bbbbbb",
        "V7/",
        "/V",
        "C/",
        "((",
        "N6",
        "é",
        "<C",
        "0",
        "-P5",
        "C4 E4",
        "x y z",
        "I|V",
        "Ger65",
        "viio7/IV/ii",
    ];
    let words = [
        "theory::note(X).transpose(X)",
        "theory::interval(X, X)",
        "theory::scale(X).modes()",
        "theory::chord(X).inversions",
        "theory::key(X).chord(X)",
        "theory::progression(X, X)",
        "theory::analyze(X, X)",
        "theory::roman(X, X)",
        "theory::detect(X)",
        "theory::detect_scale(X)",
        "theory::tuning(X).cents(1)",
        "theory::voice_lead(X, X)",
        "explain(X)",
        "explain(X, X)",
        "picture(X, X)",
        "picture(X, \"staff\")",
        "picture(X, \"frets\")",
        "progression(X, X)",
        "explain([[X], [X]])",
        "theory::chord(X).voicing(X)",
        "theory::find_keys(X)",
    ];
    for word in words {
        for text in odd {
            let _ = interpreter.query(&word.replace('X', &format!("{text:?}")));
        }
    }
    let grown = "let x = theory::interval(\"A4\"); for i in 0..60 { x = x.add(x); } x.name";
    assert!(interpreter.query(grown).is_ok());
    let high = "let n = theory::note(\"C4\"); for i in 0..2000 { n = n.transpose(\"A15\"); } n.midi + n.name.len()";
    assert!(interpreter.query(high).is_ok());
}

mod law {
    use super::*;
    use proptest::prelude::*;

    fn any_note() -> impl Strategy<Value = Note> {
        (0u8..7, -2i32..=2, 0i32..9).prop_map(|(letter, alteration, octave)| Note {
            letter,
            alteration,
            octave: Some(octave),
        })
    }

    fn any_interval() -> impl Strategy<Value = Interval> {
        const NAMES: [&str; 20] = [
            "P1", "m2", "M2", "A2", "d3", "m3", "M3", "d4", "P4", "A4", "d5", "P5", "A5", "m6", "M6", "d7", "m7", "M7",
            "P8", "M9",
        ];
        (0..NAMES.len(), any::<bool>()).prop_map(|(i, down)| {
            let interval = Interval::parse(NAMES[i]).unwrap();
            if down { Interval::UNISON - interval } else { interval }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn there_and_back_is_where_one_was(note in any_note(), by in any_interval()) {
            prop_assert_eq!(note.transpose(by).transpose(Interval::UNISON - by), note);
        }

        #[test]
        fn the_interval_to_where_an_interval_leads_is_that_interval(note in any_note(), by in any_interval()) {
            prop_assert_eq!(Interval::between(note, note.transpose(by)), by);
        }

        #[test]
        fn names_are_read_as_what_they_name(note in any_note(), by in any_interval()) {
            prop_assert_eq!(Note::parse(&note.name()).unwrap(), note);
            prop_assert_eq!(Interval::parse(&by.name()).unwrap(), by);
        }

        #[test]
        fn an_interval_and_its_inversion_are_an_octave(by in any_interval()) {
            let up = if by.steps < 0 { Interval::UNISON - by } else { by }.simple();
            prop_assert_eq!(up + up.invert(), Interval::OCTAVE);
        }

        #[test]
        fn twelve_fifths_are_the_pitch_again_and_its_plainest_name_sounds_the_same(note in any_note()) {
            prop_assert_eq!(note.fifths(12).chroma(), note.chroma());
            prop_assert_eq!(note.simplify().midi(), note.midi());
            prop_assert_eq!(note.enharmonic().midi(), note.midi());
        }
    }
}

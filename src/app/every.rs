//! Every screen there is, in every manner: none wider than 80 columns, none that lives by colour, none drawn where it is told.

use clap::CommandFactory;
use segue::lang::{Answer, Interpreter, NoFiles};
use segue::session::{Edit, TrackStatus, Waiting};

use super::conductor::Edits;
use super::ear::{Drill, Kind};
use super::lesson::{self, Course, Learner};
use super::report::Swap;
use super::screen::{self, Manner};
use super::search::Index;
use super::words::Words;
use super::{args, grid, help, line, marks, query, screens};

/// A screen's name and its text, before it is fitted.
type Screen = (String, String);

const MANNERS: [Manner; 3] = [Manner::Drawn, Manner::Letters, Manner::Spoken];

/// What is wrong with a screen in some manner, if anything is.
pub fn fault(name: &str, text: &str, manner: Manner) -> Option<String> {
    let wide = text.lines().find(|line| screen::columns(line) > screen::WIDTH);
    let drawn = |c: char| matches!(c, '\u{2500}'..='\u{25ff}' | '✓' | '✗' | '·' | '…');
    let stray = text.chars().find(|c| *c == '\x1b' || (manner != Manner::Drawn && drawn(*c)));
    match (wide, stray) {
        (Some(line), _) => Some(format!("{name} in {manner:?}: {} columns: {line}", screen::columns(line))),
        (_, Some(c)) => Some(format!("{name} in {manner:?}: {c:?} in\n{text}")),
        _ => None,
    }
}

fn faults(of: impl Fn(Manner) -> Vec<Screen>) -> Vec<String> {
    let of = |manner| {
        let screens = of(manner);
        assert!(!screens.is_empty());
        screens.into_iter().filter_map(move |(name, text)| fault(&name, &screen::fitted(&text, manner), manner))
    };
    MANNERS.into_iter().flat_map(of).collect()
}

fn all_are_readable(of: impl Fn(Manner) -> Vec<Screen>) {
    let faults = faults(of);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults[..faults.len().min(10)].join("\n"));
}

#[test]
fn the_help_every_word_and_every_option_can_be_read_in_every_manner() {
    let words = Words::of(&Interpreter::new());
    let mut command = args::Arguments::command().term_width(screen::WIDTH);
    let mut helps = vec![("segue --help".to_string(), command.render_long_help().to_string())];
    for sub in command.get_subcommands_mut() {
        let help = sub.clone().term_width(screen::WIDTH).render_long_help().to_string();
        helps.push((format!("segue {} --help", sub.get_name()), help));
    }
    let index = Index::new(&words);
    let interpreter = std::cell::RefCell::new(Interpreter::new());
    all_are_readable(|manner| {
        let page = |name: &str| help::about(&words, &mut interpreter.borrow_mut(), name, manner).expect("a page").page;
        let names = words.all().map(|word| word.name.to_string()).chain(["dorian".into(), "Cmaj7".into()]);
        let pages = names.map(|name| (format!(":help {name}"), page(&name)));
        let asked = ["wobble", "echo", "drunk walk", "qqqq", "scale"].map(|a| (format!(":search {a}"), index.told(a)));
        let rest = [(":help".into(), screens::help()), ("segue doc".into(), words.list())];
        pages.chain(asked).chain(rest).chain(helps.clone()).collect()
    });
}

#[test]
fn every_lesson_hint_and_drill_can_be_read_in_every_manner() {
    let course = Course::own();
    all_are_readable(|_| {
        let mut screens = vec![(":learn".to_string(), lesson::list(&course))];
        for at in 0..course.0.len() {
            let mut learner = Learner::new(course.clone(), at);
            screens.push((format!(":learn {}", at + 1), learner.page()));
            let hints = (0..=learner.lesson().hints.len()).map(|_| learner.hint());
            screens.extend(hints.map(|hint| (format!(":hint {}", at + 1), hint)));
        }
        for kind in Kind::all() {
            let mut drill = Drill::new(kind, 1);
            let name = format!(":ear {}", kind.name());
            let answer = drill.item().answer.clone();
            let heard = drill.hear(&answer).expect("an answer");
            let texts = [drill.question(), heard, drill.puzzled("what").expect("words"), drill.score()];
            screens.extend(texts.map(|text| (name.clone(), text)));
        }
        screens
    });
}

#[test]
fn the_state_of_the_desk_can_be_read_in_every_manner() {
    let track = |name: &str, playing: bool| TrackStatus {
        name: name.into(),
        owner: "/home/somebody/music/pieces/of/this/year/a_piece_with_a_long_name.rhai".into(),
        playing,
        muted: !playing,
        soloed: playing,
        peak: [0.3, 0.2],
        rms: [0.1, 0.1],
        slot: 0,
    };
    let tracks = [track("drums", true), track("a_track_with_a_long_name", false)];
    let swap = Swap {
        at: 96_000,
        seconds: 2.0,
        cycle: 1.0,
        beats: 4.0,
        touched: (0..9).map(|i| format!("track_{i}: notes, effects")).collect(),
        discontinuity: 1.5,
    };
    let edit = Edit { cycle: 1.0, owner: "a.rhai".into(), parts: vec!["+d".into(), "−e".into(), "tempo".into()] };
    let edits = || Edits { first: 1, present: 1, edits: vec![edit.clone(), edit.clone()], beats: 4.0 };
    let wait = || Waiting { part: "bus room".into(), cycle: 3.99, left: 1.5, beats: 4.0 };
    all_are_readable(|manner| {
        vec![
            (":tracks".into(), screens::tracks(&tracks, manner)),
            (":tracks, none".into(), screens::tracks(&[], manner)),
            (":cost".into(), screens::cost(&[("bus room".into(), 0.5), ("d".into(), 0.01)], manner)),
            (":swaps".into(), screens::swaps(std::slice::from_ref(&swap), manner)),
            (":at".into(), screens::edits(&edits(), manner)),
            (":pending".into(), screens::pending(&[wait()])),
            ("no sound card".into(), segue::io::advice::no_sound()),
        ]
    });
}

/// What is asked of theory and patterns.
const ASKED: &[&str] = &[
    "s(\"bd*4, [~ cp]*2, hh(5,8)?0.2\").bank(\"tr909\")",
    "n(\"0 0 [3 5] <7 -2>\").scale(\"A1:minor\").s(\"acid\").cutoff(sine.range(300, 2400).slow(8))",
    "sine.range(100, 200)",
    "perlin.segment(8)",
    "silence",
    "\"0 .. 4\".fast(3)",
    "chord(\"<Am7 Dm7 G7 Cmaj7>\").voicing()",
    "explain(\"Dm7 G7 Cmaj7\")",
    "explain(\"D dorian\")",
    "explain(\"Eb4\")",
    "explain(\"A4\")",
    "explain(\"A minor\")",
    "explain(\"Am7 D7 Gmaj7 Cmaj7 F#m7b5 B7 Em\")",
    "explain(note(\"<[c4,e4,g4] [d4,f4,a4] [g3,b3,f4] [c4,e4,g4]>\"))",
    "picture(\"Cmaj7\")",
    "picture(\"C4 E4 B5\", \"keys\")",
    "picture(\"F#m7b5\", \"frets\")",
    "picture(\"E minor\", \"frets\")",
    "picture(\"C Am F G C Am F G C Am F G\", \"staff\")",
    "picture(\"Eb major\", \"staff\")",
    "picture(\"Dm7\", \"ladder\")",
    "picture(\"P5\", \"ladder\")",
    "picture(\"D major\", \"circle\")",
    "picture(\"D dorian\", \"wheel\")",
    "picture(s(\"bd(5,16)\"), \"necklace\")",
    "theory::chord(\"F#m7b5\").notes",
    "theory::scale(\"D dorian\")",
    "1/3",
];

#[test]
fn every_drawing_and_explanation_can_be_read_in_every_manner() {
    let mut interpreter = Interpreter::new();
    let answers: Vec<(&str, Answer)> = ASKED
        .iter()
        .map(|code| (*code, interpreter.query(code).unwrap_or_else(|why| panic!("{code}: {why:?}"))))
        .collect();
    all_are_readable(|manner| {
        let shown =
            |(code, answer): &(&str, Answer)| (code.to_string(), query::told(answer, 4, manner).expect("words"));
        answers.iter().map(shown).collect()
    });
    let Ok(Answer::Pattern(pattern)) = interpreter.query("s(\"bd*64\").slow(\"<1 3>\")") else { panic!("no pattern") };
    all_are_readable(|manner| vec![("grid".into(), grid::shown(&pattern, 16, manner).expect("words"))]);
}

#[test]
fn every_error_can_be_read_in_every_manner() {
    let corpus = include_str!("../../tests/corpus/mistakes.jsonl");
    let mut interpreter = Interpreter::new();
    let mut told = Vec::new();
    for line in corpus.lines() {
        let mistake: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let text = mistake["wrong"].as_str().expect("a text").to_string();
        let result = interpreter.evaluate("a.rhai", &text, &NoFiles);
        let diagnostics = result.map_or_else(|errors| errors, |evaluation| evaluation.warnings);
        told.extend(diagnostics.into_iter().map(|diagnostic| (text.clone(), diagnostic)));
    }
    assert!(told.len() > 90, "{}", told.len());
    let wrong = [":nonsense", ":undo all", ":show", ":why", ":at x", "hush bass", ":tracks now"];
    all_are_readable(|manner| {
        let shown = |(text, diagnostic): &(String, segue::score::Diagnostic)| {
            (text.clone(), marks::in_manner(diagnostic, Some(text), manner, false))
        };
        let lines = wrong.iter().map(|text| match line::read(text) {
            line::Line::Wrong(why) => (text.to_string(), why),
            other => panic!("{text}: {other:?}"),
        });
        told.iter().map(shown).chain(lines).collect()
    });
}

//! What texts mean: tracks, instruments, buses and settings, owner by owner, within limits.

use std::time::{Duration, Instant};

use segue::lang::{Answer, Evaluation, Files, Interpreter, NoFiles, REPL};
use segue::pattern::Pattern;
use segue::score::{Quantum, Score, Source, Track};

const HEAD: &str = r#"
tempo(124);                                             // beats per minute

synth acid = |freq, gate, cutoff, res| {                // an instrument: a function from controls to a sound
    let env = gate >> adsr(0.003, 0.2, 0.4, 0.1);
    (saw(freq) + saw(freq * 1.007)) * 0.5 * env >> moog(cutoff, res) >> shape(0.3)
};
effect wob = |input, rate| input >> lowpass(sine(rate).range(200, 2000), 2.0);

track drums = s("bd*4, [~ cp]*2, hh(5,8)?0.2").bank("tr909");
track bass  = n("0 0 [3 5] <7 -2>").scale("A1:minor").s("acid").cutoff(sine.range(300, 2400).slow(8)).res(0.6);
track keys  = chord("<Am7 Dm7 G7 Cmaj7>").voicing().s("epiano").gain(0.5).room(0.3)
              >> chorus(0.4) >> highpass(180);          // a pattern piped into a graph: the track's insert effects
track drone = sine(55) * 0.1 >> wob(0.2) >> pan(-0.3);  // a track may be a plain signal, too: it just sounds

bus room    = reverb(3.5, 0.7) >> highpass(250);        // sends arrive here
master      = compressor(-18, 2.0) >> limiter(-1.0);
"#;

fn evaluate(text: &str) -> Evaluation {
    Interpreter::new().evaluate("piece.rhai", text, &NoFiles).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn track<'a>(score: &'a Score, name: &str) -> &'a Track {
    score.tracks.iter().find(|t| t.name.as_ref() == name).unwrap_or_else(|| panic!("no track {name}"))
}

fn pattern(track: &Track) -> &Pattern {
    match &track.source {
        Source::Pattern(pattern) => pattern,
        Source::Signal(_) => panic!("{} is a sound", track.name),
    }
}

#[test]
fn the_example_at_the_head_of_the_design_means_what_it_says() {
    let evaluation = evaluate(HEAD);
    assert_eq!(evaluation.warnings, []);
    let score = evaluation.score;
    assert_eq!(score.tempo, Some(124.0));
    let names: Vec<_> = score.tracks.iter().map(|t| t.name.as_ref()).collect();
    assert_eq!(names, ["drums", "bass", "keys", "drone"]);
    assert_eq!(track(&score, "drums").at.line, 10);
    assert!(pattern(track(&score, "drums")).first_cycle().len() >= 6);
    assert!(track(&score, "keys").inserts.is_some() && track(&score, "bass").inserts.is_none());
    assert!(matches!(track(&score, "drone").source, Source::Signal(_)));
    let acid = score.synths[0].def();
    let controls: Vec<_> = acid.controls.iter().map(|c| c.name.as_ref()).collect();
    assert_eq!(controls, ["freq", "gate", "cutoff", "res"]);
    assert_eq!((score.buses[0].name.as_ref(), score.master.is_some()), ("room", true));
}

#[test]
fn tracks_may_be_named_in_loops_be_silent_and_refer_to_themselves() {
    let score = evaluate(
        "for i in 1..3 { track (`d${i}`) = s(\"bd\").fast(i) }\ntrack _quiet = s(\"cp\");\ntrack d1 = d1.fast(2)",
    )
    .score;
    assert_eq!(score.tracks.iter().map(|t| t.muted).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(pattern(track(&score, "d1")).first_cycle().len(), 2);
    assert_eq!(track(&score, "quiet").name.as_ref(), "quiet");
}

#[test]
fn the_last_value_plays_as_it_if_it_can_be_played_and_is_shown_if_not() {
    assert_eq!(evaluate("s(\"bd sd\")").score.tracks[0].name.as_ref(), "it");
    assert_eq!(evaluate("sine(440) * 0.1").score.tracks[0].name.as_ref(), "it");
    let shown = evaluate("print(\"hi\"); 1/8 + 1/8");
    assert_eq!((shown.score.tracks.len(), shown.shown.as_deref()), (0, Some("hi\n1/4")));
}

#[test]
fn words_are_patterns_sounds_or_functions_by_their_place() {
    for (text, same) in [
        ("\"0 1\".jux(rev)", "\"0 1\".jux(|x| x.rev())"),
        ("\"0 1\".every(2, fast(2))", "\"0 1\".every(2, |x| x.fast(2))"),
        ("sine.range(1, 2).fast(2)", "(sine).range(1, 2).fast(2)"),
        ("let sine = mini(\"3\"); sine.fast(2)", "mini(\"3\").fast(2)"),
        ("fn f(x) { x.add(rand) } f(mini(\"1\"))", "mini(\"1\").add(rand)"),
        ("'0 1'.fast(2)", "mini(\"0 1\").fast(2)"),
        ("mini(\"0 1\") + \"4\"", "mini(\"0 1\").add(\"4\")"),
        ("mini(\"0\").late(.125)", "mini(\"0\").late(1/8)"),
        ("mini(\"0 1\").add.in(\"3\")", "mini(\"0 1\").add(\"3\")"),
    ] {
        let mut interpreter = Interpreter::new();
        let answers = [text, same].map(|t| interpreter.query(t).unwrap_or_else(|e| panic!("{t}: {e:?}")));
        let haps = answers.map(|a| match a {
            Answer::Pattern(pattern) => pattern.first_cycle(),
            other => panic!("{text}: {other:?}"),
        });
        assert_eq!(haps[0], haps[1], "{text}");
    }
}

#[test]
fn a_pattern_in_the_place_of_a_number_moves_it() {
    let score = evaluate("track d = s(\"bd\") >> lowpass(sine.range(200, 2000).slow(8))").score;
    let automation = &track(&score, "d").automation;
    assert_eq!(automation.len(), 1);
    assert!(automation[0].0.starts_with('~'));
}

#[test]
fn sends_settings_and_quantum_reach_the_score() {
    let score = evaluate(
        "meter(3); seed(7); quantum(\"beat\"); track a = sine(55).gain(0.1).room(0.3); track b = s(\"bd\").quantum(4)",
    )
    .score;
    assert_eq!((score.meter, score.seed, score.quantum), (Some(3.0), Some(7), Some(Quantum::Beat)));
    assert_eq!(track(&score, "a").sends, [("room".into(), 0.3)]);
    assert_eq!(track(&score, "b").quantum, Some(Quantum::Cycles(4.0)));
}

#[test]
fn a_part_says_how_it_is_edited_wherever_its_effects_stand() {
    let text = "crossfade(0.5); track a = (s(\"bd\") >> chorus(0.4)).crossfade(4).quantum(2); track b = (sine(55) * 0.1).crossfade(2);";
    let score = evaluate(text).score;
    let a = track(&score, "a");
    assert_eq!((score.crossfade, a.crossfade, a.quantum), (Some(0.5), Some(4.0), Some(Quantum::Cycles(2.0))));
    assert!(a.inserts.is_some());
    assert_eq!(track(&score, "b").crossfade, Some(2.0));
}

#[test]
fn param_gives_a_synth_a_control_and_an_effect_an_argument() {
    let score = evaluate(
        "synth a = |freq| pulse(freq, param(\"width\", 0.3, 0.1, 0.5));\n\
         effect e = |input| input >> lowpass(param(\"hz\", 500, 20, 5000));\n\
         track d = sine(100) >> e(900); track f = sine(100) >> e() ",
    )
    .score;
    let width = score.synths[0].def().controls.iter().find(|c| c.name.as_ref() == "width").expect("a control");
    assert_eq!((width.default, width.low, width.high), (0.3, 0.1, 0.5));
    assert_ne!(track(&score, "d").source, track(&score, "f").source);
}

#[test]
fn the_prompt_sees_the_files_and_a_file_takes_back_what_it_says_anew() {
    let mut interpreter = Interpreter::new();
    let file = |i: &mut Interpreter, text: &str| i.evaluate("a.rhai", text, &NoFiles).expect("evaluates").score;
    file(&mut interpreter, "let x = 2; fn twice(p) { p.fast(x2()) } fn x2() { 2 } track d = s(\"bd\")");
    let line =
        |i: &mut Interpreter, text: &str| i.evaluate(REPL, text, &NoFiles).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    assert_eq!(line(&mut interpreter, "x + 1").shown.as_deref(), Some("3"));
    let score = line(&mut interpreter, "track d = twice(d).fast(x)").score;
    assert_eq!(pattern(track(&score, "d")).first_cycle().len(), 4);
    line(&mut interpreter, "let y = 5; x = 7");
    assert_eq!(line(&mut interpreter, "x + y").shown.as_deref(), Some("12"));
    file(&mut interpreter, "track d = s(\"bd*3\")");
    let score = line(&mut interpreter, "track e = d").score;
    assert_eq!(pattern(track(&score, "e")).first_cycle().len(), 3);
    interpreter.forget("a.rhai");
    assert!(interpreter.evaluate(REPL, "track e = d", &NoFiles).is_err());
}

#[test]
fn a_failure_leaves_everything_as_it_was() {
    let mut interpreter = Interpreter::new();
    interpreter.evaluate("a.rhai", "let x = 2; track d = s(\"bd\")", &NoFiles).expect("evaluates");
    interpreter.evaluate("a.rhai", "let x = 3; track d = nonsense", &NoFiles).expect_err("fails");
    interpreter.evaluate(REPL, "x = 9; nonsense", &NoFiles).expect_err("fails");
    assert_eq!(interpreter.query("x"), Ok(Answer::Value(2.0.into())));
}

struct Folder(&'static [(&'static str, &'static str)]);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(_, text)| text.to_string()).ok_or_else(|| "there is no such file".into())
    }
}

#[test]
fn an_import_gives_its_tracks_words_and_functions_and_is_told_of() {
    let files = Folder(&[(
        "kit.rhai",
        "effect dark = |input| input >> lowpass(500);\nfn twice(p) { p.fast(2) }\ntrack k = s(\"bd\")",
    )]);
    let mut interpreter = Interpreter::new();
    let text = "import \"kit\" as kit;\ntrack d = kit::twice(s(\"cp\")) >> dark()";
    let evaluation = interpreter.evaluate("a.rhai", text, &files).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(evaluation.imports, [std::path::PathBuf::from("kit.rhai")]);
    assert_eq!(evaluation.score.tracks.len(), 2);
    let error = interpreter.evaluate("a.rhai", "import \"nokit\" as k", &files).expect_err("missing");
    assert_eq!((error[0].at.line, error[0].at.column), (1, 8));
    interpreter.evaluate("a.rhai", "import \"../kit\" as k", &files).expect_err("outside of the folder");
}

#[test]
fn errors_in_an_import_point_into_it() {
    let files = Folder(&[("kit.rhai", "\ntrack k = s(\"bd\").fst(2)")]);
    let error = Interpreter::new().evaluate("a.rhai", "import \"kit\" as kit", &files).expect_err("fails");
    assert_eq!((error[0].at.file.as_ref(), error[0].at.line, error[0].at.column), ("kit", 2, 19));
}

#[test]
fn nothing_a_text_says_takes_long_or_much() {
    for text in [
        "loop { }",
        "fn f(x) { f(x) + f(x) } f(1)",
        "let a = [1]; loop { a += a }",
        "let a = \"x\"; loop { a += a }",
        "let p = s(\"bd\"); loop { p = stack(p, p) }",
        "let p = s(\"bd\"); loop { p = p.fast(2) }",
        "let x = sine(1); loop { x = x + x }",
        "let x = sine(1); loop { x = x >> lowpass(3) }",
        "let a = \"a\".pad(1000000000, \"x\")",
        "let a = []; a.pad(1000000000, 1)",
        "let f = |x| 1; try { loop { } } catch { 1 }",
        "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1 }",
        "sleep(10)",
    ] {
        let mut interpreter = Interpreter::new();
        let begin = Instant::now();
        let errors = interpreter.evaluate("a.rhai", text, &NoFiles).expect_err(text);
        assert!(begin.elapsed() < Duration::from_secs(5), "{text} took {:?}", begin.elapsed());
        assert_eq!(errors[0].at.line, 1, "{text}");
    }
}

fn asked(code: &str) -> Pattern {
    match Interpreter::new().query(code) {
        Ok(Answer::Pattern(pattern)) => pattern,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn functions_called_by_patterns_are_equal_by_what_they_say_and_capture_and_not_by_where_they_stand() {
    let plain = asked("mini(\"0 1\").fmap(|x| x + 1)");
    assert_eq!(plain, asked("let other = |y| y * 7;\n\n   mini(\"0 1\").fmap(|x|   x + 1)"));
    assert_ne!(plain, asked("mini(\"0 1\").fmap(|x| x + 2)"));
    let captured = |n: i64| asked(&format!("let k = {n};\nmini(\"0 1\").fmap(|x| x + k)"));
    assert_eq!(captured(3), captured(3));
    assert_ne!(captured(3), captured(4));
    assert_eq!(asked("s(\"bd\").when(|c| c % 4 == 3, rev)"), asked("\n s(\"bd\").when(|c| c % 4 == 3, rev)"));
}

#[test]
fn a_function_that_fails_while_patterns_ask_it_is_reported_once_and_the_rest_plays() {
    let text = "track a = s(\"bd*4\");\ntrack b = note(mini(\"60 62 64\").fmap(|x| x.nonsense() + 1));";
    let said = evaluate(text);
    assert_eq!(said.warnings.len(), 1, "{:?}", said.warnings);
    assert_eq!(said.warnings[0].at.line, 2);
    assert_eq!(pattern(track(&said.score, "a")).first_cycle().len(), 4);
    assert!(pattern(track(&said.score, "b")).first_cycle().is_empty());
}

#[test]
fn a_function_without_end_is_stopped_and_does_not_keep_the_music_waiting() {
    let begun = Instant::now();
    let said = evaluate("track a = note(mini(\"60*8\").fmap(|x| { loop {} x }));\ntrack b = s(\"hh*4\")");
    assert_eq!(said.warnings.len(), 1, "{:?}", said.warnings);
    assert!(pattern(track(&said.score, "a")).first_cycle().is_empty());
    assert_eq!(pattern(track(&said.score, "b")).first_cycle().len(), 4);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn notes_may_be_chords_and_other_texts_may_not() {
    let notes = |code: &str| asked(code).first_cycle().len();
    assert_eq!(notes("note(\"c'maj7'ii <e'min>*2\")"), 10);
    assert_eq!(notes("s(\"saw\").note(\"c'maj'5 ~\")"), 5);
    for code in ["s(\"c'maj\")", "mini(\"c'maj\")", "note(\"c'mja7\")"] {
        assert!(Interpreter::new().query(code).is_err(), "{code}");
    }
}

//! From text to sound: what a script says is the same sound live and offline, and nothing it says gets past the master.

use std::ops::ControlFlow;
use std::path::Path;

use segue::engine::{Config, Renderer};
use segue::io::sound_file::{Bits, read};
use segue::lang::{Interpreter, NoFiles};
use segue::render::{Length, Options, render};
use segue::score::Score;
use segue::session::{Session, When};

fn meaning(interpreter: &mut Interpreter, name: &str, text: &str) -> Score {
    interpreter.evaluate(name, text, &NoFiles).unwrap_or_else(|errors| panic!("{name}: {errors:#?}")).score
}

fn begin(interpreter: &Interpreter, name: &str, score: Score) -> (Session, Renderer) {
    let (mut session, renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
    session.load(name, score, When::Score);
    (session, renderer)
}

/// `frames` of the master, played in callbacks of these sizes in turn, the session ticking between them.
fn play(session: &mut Session, renderer: &mut Renderer, frames: usize, sizes: &[usize]) -> Vec<f32> {
    let mut out = vec![0.0; 2 * frames];
    let mut rest = &mut out[..];
    for size in sizes.iter().cycle() {
        let (now, later) = rest.split_at_mut((2 * size).min(rest.len()));
        session.tick();
        renderer.process(&[], now);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    out
}

#[test]
fn every_example_is_the_same_live_in_uneven_callbacks_as_rendered() {
    let folder = tempfile::tempdir().unwrap();
    let frames = 3 * 48_000;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let (name, text) = (path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        let mut interpreter = Interpreter::new();
        let score = meaning(&mut interpreter, &name, &text);
        let out = folder.path().join("offline.wav");
        let options = Options { length: Some(Length::Seconds(3.0)), bits: Bits::Float32, ..Options::default() };
        let mut go_on = |_| ControlFlow::Continue(());
        render(interpreter.library(), &name, score.clone(), &out, &options, &mut go_on).unwrap();
        let offline = read(&out).unwrap().samples;
        let (mut session, mut renderer) = begin(&interpreter, &name, score);
        let latency = renderer.latency();
        let live = play(&mut session, &mut renderer, frames + latency, &[1024, 37, 480, 1, 2048]);
        assert!(live.iter().any(|x| x.abs() > 0.01), "{name} is silent");
        let differ = live[2 * latency..].iter().zip(&offline).position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!((live.len() - 2 * latency, differ), (offline.len(), None), "{name}");
    }
}

#[test]
fn what_a_script_makes_of_nonsense_never_leaves_the_master_and_the_others_play_on() {
    let texts = [
        "track x = sine(440) / (sine(3) - sine(3)) >> reverb(3, 0.5);",
        "track x = sine(440) * 1e30 * 1e30 * 1e30 >> moog(1000, 1);",
        "track x = (saw(50) * 1e30) * (saw(51) * 1e30) >> delay(0.1, 0.9);",
        "synth bad = |freq, gate| sine(freq) / (gate * 0); track x = n(\"0*8\").s(\"bad\").gain(4000).room(100);",
        "track x = s(\"bd*4\").speed(-1).gain(-3).lpf(-5).pan(99);",
        "bus room = pass() / 0; track x = s(\"bd*4\").room(1);",
        "master = pass() * 1e30 * 1e30; track x = s(\"bd*4\");",
    ];
    let mut played = 0;
    for text in texts {
        let mut interpreter = Interpreter::new();
        let Ok(evaluation) = interpreter.evaluate("x", &format!("{text}\ntrack good = sine(220) * 0.1;"), &NoFiles)
        else {
            continue;
        };
        played += 1;
        let (mut session, mut renderer) = begin(&interpreter, "x", evaluation.score);
        let sound = play(&mut session, &mut renderer, 48_000, &[512]);
        let ceiling = 10f32.powf(-1.0 / 20.0);
        assert!(sound.iter().all(|x| x.is_finite() && x.abs() <= ceiling), "{text}");
        assert!(text.contains("master") || sound.iter().any(|x| x.abs() > 0.01), "{text} silenced the others");
    }
    assert!(played >= 5, "only {played} of the texts were let in at all");
}

#[test]
fn a_refused_edit_leaves_the_sound_bit_for_bit_as_it_was() {
    let good = "track d = s(\"bd*4, hh*8?\").room(0.2);\ntrack x = saw(55) * 0.1 >> lowpass(400);";
    let take = |edit: Option<&str>| {
        let mut interpreter = Interpreter::new();
        let score = meaning(&mut interpreter, "a", good);
        let (mut session, mut renderer) = begin(&interpreter, "a", score);
        let mut sound = play(&mut session, &mut renderer, 24_000, &[256]);
        if let Some(text) = edit {
            session.said("a", text);
            assert!(interpreter.evaluate("a", text, &NoFiles).is_err(), "{text}");
            session.refuse("a");
        }
        sound.extend(play(&mut session, &mut renderer, 48_000, &[256]));
        sound
    };
    let still = take(None);
    for text in ["track d = s(\"bd*4", "track d = nonsense();", "loop {}", "track d = s(\"bd*999999999\");"] {
        assert!(take(Some(text)) == still, "{text}");
    }
}

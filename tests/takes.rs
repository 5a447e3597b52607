//! Whole takes: what was played live, with edits and gestures, is the same sound again, to the bit, from its journal.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use segue::engine::{Config, Renderer};
use segue::io::sound_file::{Bits, read};
use segue::lang::{Interpreter, NoFiles};
use segue::render::replay::{Reader, replay};
use segue::render::{Length, Options};
use segue::score::{Diagnostic, Score};
use segue::session::{Entry, Fate, Imports, Moment, REPL, Rehearsal, Said, Session, Stage, When};

/// Frames of a take.
const FRAMES: usize = 6 * 48_000;

/// What the piece's file says, one after the other or again.
const FILES: &[&str] = &[
    "tempo(128); track d = s(\"bd*4, hh*8?\").room(0.2); track b = n(\"0 3 5 7\").scale(\"C2:minor\").s(\"saw\").lpf(600);",
    "tempo(128); track d = s(\"bd*4, [~ cp]*2\").room(0.4); track b = n(\"0 3 5 7\").scale(\"C2:minor\").s(\"saw\").lpf(900);",
    "tempo(140); quantum(1); track d = s(\"bd(3,8), hh*16\"); track x = sine(110) * 0.1 >> lowpass(400);",
    "track d = s(\"bd*2\").quantum(\"beat\"); track x = sine(110) * 0.05 >> lowpass(900); bus room = reverb(2) >> highpass(200);",
    "synth mine = |freq, gate| saw(freq) * 0.3 * (gate >> adsr(0.01, 0.1, 0.5, 0.2)); track k = n(\"<0 4 7>*4\").s(\"mine\").room(0.5);",
    "synth mine = |freq, gate| sine(freq) * 0.3 * (gate >> adsr(0.01, 0.1, 0.5, 0.2)); track k = n(\"<0 4 7>*4\").s(\"mine\") >> delay(0.2, 0.4);",
    "quantum(2); track d = s(\"bd sd\"); track k = n(\"0 .. 7\").s(\"piano\").legato(2); master = compressor(-12, 2.0);",
    "seed(7); meter(3); track d = s(\"bd [hh hh]?0.5 sd\").pan(rand);",
];

/// What is typed.
const LINES: &[&str] = &[
    "track e = s(\"cp*2\").quantum(1)",
    "track e = s(\"hh*4\").quantum(2)",
    "track d = s(\"bd*8\")",
    "let x = 3",
    "track f = n(\"0 2\").s(\"square\").gain(sine.range(0.1, 0.4))",
    "tempo(100)",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// A page that can be read while it is written.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn read(&self) -> Rehearsal {
        let read = Rehearsal::read(&*self.0.lock().unwrap()).unwrap();
        assert_eq!((&read.lost[..], read.mishaps), (&[][..], 0));
        read
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads texts as they were said.
struct Texts(Interpreter);

impl Reader for Texts {
    fn evaluate(&mut self, owner: &str, text: Option<&str>, _: &Imports) -> Result<Score, Vec<Diagnostic>> {
        self.0.evaluate(owner, text.unwrap(), &NoFiles).map(|evaluation| evaluation.score)
    }
    fn forget(&mut self, owner: &str) {
        self.0.forget(owner);
    }
}

/// A session with its renderer and all that was heard.
struct Live {
    texts: Texts,
    session: Session,
    renderer: Renderer,
    sound: Vec<f32>,
    callback: usize,
}

impl Live {
    fn new(callback: usize) -> Live {
        let texts = Texts(Interpreter::new());
        let (session, renderer) = Session::new(Config::default(), texts.0.library().clone(), 0);
        Live { texts, session, renderer, sound: Vec::new(), callback }
    }

    fn to(&mut self, frame: usize) {
        while self.sound.len() / 2 < frame {
            self.session.tick();
            let from = self.sound.len();
            self.sound.resize(from + 2 * self.callback, 0.0);
            self.renderer.process(&[], &mut self.sound[from..]);
        }
    }

    fn text(&mut self, owner: &str, text: &str, when: When) {
        self.session.said(owner, text);
        let score = self.texts.evaluate(owner, Some(text), &Imports::default());
        let score = score.unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
        assert_eq!(self.session.load(owner, score, when), [], "{text}");
    }

    /// Does something by chance.
    fn act(&mut self, dice: &mut Dice) {
        let (session, when) = (&mut self.session, When::Score);
        match dice.roll(16) {
            0..6 => self.text("piece.rhai", FILES[dice.roll(FILES.len())], when),
            6..10 => self.text(REPL, LINES[dice.roll(LINES.len())], when),
            10 => session.stage(Stage::Mute("d".into()), when),
            11 => session.stage([Stage::Hush, Stage::Unmute(None)][dice.roll(2)].clone(), when),
            12 => session.stage([Stage::Solo("k".into()), Stage::Unsolo(None)][dice.roll(2)].clone(), when),
            13 => drop(session.undo(1 + dice.roll(3), when)),
            14 => drop(session.redo(1 + dice.roll(2), when)),
            _ => drop(session.cancel(&[], when)),
        }
    }

    /// Does what a journal says, at its frames.
    fn obey(&mut self, said: &Said, at: Moment) {
        let (session, when) = (&mut self.session, When::At(at));
        match said {
            Said::Text { owner, text, .. } => self.text(owner, text.as_deref().unwrap(), when),
            Said::Stage(stage) => session.stage(stage.clone(), when),
            Said::Undo(edits) => drop(session.undo(*edits, when)),
            Said::Redo(edits) => drop(session.redo(*edits, when)),
            Said::Cancel(dropped) => drop(session.drop_waiting(dropped, when)),
            Said::Resume(cycle) => assert_eq!(session.resume(|_| *cycle, when), []),
            Said::Forget { owner } => session.forget(owner, when),
        }
    }
}

/// A take of this seed: its journal and what was heard.
fn live(seed: u64, callback: usize) -> (Rehearsal, Vec<f32>) {
    let mut dice = Dice(seed);
    let mut live = Live::new(callback);
    let page = Page::default();
    live.session.record(Box::new(page.clone()), "").unwrap();
    live.text("piece.rhai", FILES[seed as usize % FILES.len()], When::Score);
    let mut at = 0;
    while at < FRAMES - 24_000 {
        // Often two things within one callback, sometimes a bar apart.
        at += [1, 200, 3000, 9000, 20_000, 60_000][dice.roll(6)];
        live.to(at);
        live.act(&mut dice);
    }
    live.to(FRAMES + 4096);
    (page.read(), live.sound)
}

/// What a journal sounds like offline.
fn offline(rehearsal: &Rehearsal, frames: usize) -> Vec<f32> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("replay.wav");
    let length = Some(Length::Seconds(frames as f64 / 48_000.0));
    let options = Options { length, bits: Bits::Float32, ..Options::default() };
    let mut texts = Texts(Interpreter::new());
    let library = texts.0.library().clone();
    replay(&library, rehearsal, &mut texts, &out, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    read(&out).unwrap().samples
}

/// Where two takes differ first, in frames; `late` begins with the master's look-ahead.
fn apart(late: &[f32], other: &[f32]) -> Option<usize> {
    let latency = Live::new(64).renderer.latency();
    let pairs = late[2 * latency..].iter().zip(other);
    assert!(pairs.len() >= 2 * FRAMES - 2 * 4096, "{} samples", pairs.len());
    pairs.into_iter().position(|(a, b)| a.to_bits() != b.to_bits()).map(|i| i / 2)
}

fn takes() -> std::ops::RangeInclusive<u64> {
    if std::env::var_os("SEGUE_LONG").is_some() { 1..=10 } else { 1..=2 }
}

#[test]
fn a_live_take_with_edits_is_its_replay_to_the_bit_in_callbacks_of_any_size() {
    for seed in takes() {
        for callback in [64, 100, 441, 1024] {
            let (rehearsal, live) = live(seed, callback);
            assert!(rehearsal.entries.len() > 5, "take {seed} has edits");
            assert!(live.iter().any(|x| x.abs() > 0.05), "take {seed} is heard");
            let replayed = offline(&rehearsal, FRAMES);
            assert_eq!(apart(&live, &replayed), None, "take {seed}, callbacks of {callback}, frame");
        }
    }
}

#[test]
fn a_journal_performed_again_in_callbacks_of_another_size_is_the_same_sound() {
    for seed in takes() {
        let (rehearsal, first) = live(seed, 441);
        for callback in [64, 1024] {
            let mut again = Live::new(callback);
            for Entry { at, said, fate, .. } in &rehearsal.entries {
                let (Moment::Frame(frame), Fate::Counts) = (*at, *fate) else { panic!("{said:?}") };
                again.session.hold(frame);
                again.to((frame as usize).saturating_sub(4096));
                again.obey(said, *at);
            }
            again.session.hold(u64::MAX);
            again.to(FRAMES);
            let differ = first.iter().zip(&again.sound).position(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(differ.map(|i| i / 2), None, "take {seed} in callbacks of {callback}, frame");
        }
    }
}

#[test]
fn a_session_that_goes_on_has_all_that_was_said_and_is_its_replay_to_the_bit() {
    let (before, _) = live(3, 441);
    let page = Page::default();
    let mut on = Live::new(441);
    on.session.record(Box::new(page.clone()), "").unwrap();
    let mut first = Live::new(441);
    for entry in &before.entries {
        first.obey(&entry.said, Moment::Frame(0));
    }
    for past in before.all() {
        let score = match &past.said {
            Said::Text { owner, text, .. } => {
                Some(on.texts.evaluate(owner, text.as_deref(), &Imports::default()).unwrap())
            }
            _ => None,
        };
        on.session.recall(&past.said, past.cycle, score);
    }
    assert_eq!(on.session.edits().2.len(), first.session.edits().2.len());
    on.to(2048);
    assert_eq!(on.session.resume(|_| 17.3, When::Score), []);
    on.to(4096);
    assert!((on.session.cycle_at(on.session.position()) - 17.3).abs() < 0.05);
    let names = |live: &Live| live.session.tracks().iter().map(|t| (t.name.clone(), t.muted)).collect::<Vec<_>>();
    assert_eq!(names(&on), names(&first));
    let mut dice = Dice(99);
    for at in [30_000, 30_100, 90_000, 150_000, 152_000] {
        on.to(at);
        on.act(&mut dice);
    }
    assert!(on.session.undo(4, When::Score) == 4, "what was said before can be undone");
    on.to(FRAMES + 4096);
    assert!(on.sound.iter().any(|x| x.abs() > 0.05));
    let rehearsal = page.read();
    assert_eq!(rehearsal.past, before.all());
    assert_eq!(apart(&on.sound, &offline(&rehearsal, FRAMES)), None);
}

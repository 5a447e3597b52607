//! A piece under test: instruments whose sound can be read off, a session and its renderer.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use segue::engine::{Config, Renderer};
use segue::graph::{Control, Signal, SynthDef};
use segue::pattern::{Pattern, Value, fastcat, pure, silence};
use segue::score::{Instrument, Location, Score, Source, Track};
use segue::session::{Moment, Session, When};

pub const TRACKS: usize = 4;
pub const BUSES: usize = 6;
pub const CHANNELS: usize = 2 * (1 + TRACKS + BUSES);

/// A control with its range.
pub fn control(name: &str, default: f32, low: f32, high: f32) -> Control {
    Control { name: name.into(), default, low, high, unit: "" }
}

/// An instrument that is as loud as its `level` while its gate is open: its onsets and ends can be read off the samples.
pub fn block(name: &str, scale: f32) -> Instrument {
    let body = Signal::control("gate").mul(&Signal::control("level")).unwrap();
    let body = body.mul(&Signal::constant(scale)).unwrap();
    let controls =
        vec![control("freq", 440.0, 20.0, 20_000.0), control("gate", 0.0, 0.0, 1.0), control("level", 0.5, 0.0, 1.0)];
    Arc::new(SynthDef { name: name.into(), controls, body, doc: "".into() }).into()
}

pub fn library() -> Score {
    Score { synths: vec![block("block", 1.0), block("brick", 0.25)], ..Score::default() }
}

pub fn track(name: &str, source: Source) -> Track {
    Track {
        name: name.into(),
        muted: false,
        source,
        inserts: None,
        sends: Vec::new(),
        automation: Vec::new(),
        quantum: None,
        crossfade: None,
        at: Location::default(),
    }
}

pub fn plays(name: &str, pattern: Pattern) -> Track {
    track(name, Source::Pattern(pattern))
}

pub fn hums(name: &str, level: f32) -> Track {
    track(name, Source::Signal(Signal::constant(level)))
}

/// A signal whose level follows a pattern of sixteen steps.
pub fn follows(name: &str, level: f64) -> Track {
    let steps: Vec<Pattern> = (1..=16).map(|step| pure(level * f64::from(step) / 16.0)).collect();
    let source = Source::Signal(Signal::control("~level"));
    Track { automation: vec![("~level".into(), fastcat(&steps))], ..track(name, source) }
}

pub fn score(tracks: impl IntoIterator<Item = Track>) -> Score {
    Score { tracks: tracks.into_iter().collect(), ..Score::default() }
}

pub fn sound(instrument: &str) -> Pattern {
    pure(Value::control("s", Value::text(instrument)))
}

pub fn level(instrument: &str, level: f64) -> Pattern {
    pure(Value::control("s", Value::text(instrument)).with("level", level.into()))
}

/// Four short notes in every cycle.
pub fn four(instrument: &str) -> Pattern {
    let hit = fastcat(&[sound(instrument), silence(), silence(), silence()]);
    fastcat(&[hit.clone(), hit.clone(), hit.clone(), hit])
}

/// A page that can be read while it is written.
#[derive(Clone, Default)]
pub struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
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

/// A session, its renderer and all that was rendered so far.
pub struct Take {
    pub session: Session,
    pub renderer: Renderer,
    pub sound: Vec<f32>,
}

impl Take {
    pub fn new() -> Take {
        let config = Config { direct_outs: true, outputs: CHANNELS, tracks: TRACKS, buses: BUSES, ..Config::default() };
        let (session, renderer) = Session::new(config, library(), 7);
        Take { session, renderer, sound: Vec::new() }
    }

    pub fn of(score: Score) -> Take {
        let mut take = Take::new();
        assert_eq!(take.session.load("a", score, When::Score), []);
        take
    }

    pub fn load(&mut self, score: Score) {
        assert_eq!(self.session.load("a", score, When::Score), []);
    }

    pub fn load_at(&mut self, score: Score, frame: u64) {
        assert_eq!(self.session.load("a", score, When::At(Moment::Frame(frame))), []);
    }

    pub fn frames(&self) -> usize {
        self.sound.len() / CHANNELS
    }

    /// Renders up to a frame in callbacks of this size.
    pub fn play_by(&mut self, to: usize, callback: usize) -> &mut Take {
        while self.frames() < to {
            self.session.tick();
            let from = self.sound.len();
            let frames = callback.min(to - self.frames());
            self.sound.resize(from + frames * CHANNELS, 0.0);
            self.renderer.process(&[], &mut self.sound[from..]);
        }
        self
    }

    pub fn play(&mut self, to: usize) -> &mut Take {
        self.play_by(to, 512)
    }

    /// The left side of a track before master and sends.
    pub fn track(&self, name: &str) -> Vec<f32> {
        let slot = self.session.tracks().iter().find(|t| &*t.name == name).expect("the track is there").slot;
        self.channel(2 + 2 * slot as usize)
    }

    pub fn channel(&self, channel: usize) -> Vec<f32> {
        self.sound.iter().skip(channel).step_by(CHANNELS).copied().collect()
    }

    pub fn bits(&self) -> Vec<u32> {
        self.sound.iter().map(|x| x.to_bits()).collect()
    }
}

/// Frames at which sound begins after silence.
pub fn onsets(sound: &[f32]) -> Vec<usize> {
    let rises = |i: &usize| sound[*i] != 0.0 && (*i == 0 || sound[*i - 1] == 0.0);
    (0..sound.len()).filter(rises).collect()
}

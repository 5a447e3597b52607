//! A rehearsal played: every strip's sound, whatever was said and when.

use std::collections::HashMap;

use segue::engine::{Config, Frames, Renderer};
use segue::lang::{Interpreter, NoFiles};
use segue::score::Score;
use segue::session::{Entry, Fate, Moment, News, Said, Session, Stage, When};

use crate::measure::Stereo;

pub const RATE: usize = 48_000;
const TRACKS: usize = 8;
const BUSES: usize = 6;
const CHANNELS: usize = 2 * (1 + TRACKS + BUSES);
/// Frames before its moment at which something is said.
const LEAD: Frames = 4096;
const CALLBACK: usize = 512;

/// Something said, understood.
#[derive(Clone)]
pub enum Word {
    Score(String, Box<Score>),
    /// The text was not understood.
    Nonsense,
    Forget(String),
    Stage(Stage),
    Undo(usize),
    Redo(usize),
}

/// A line of a rehearsal.
#[derive(Clone)]
pub struct Line {
    pub at: Frames,
    pub word: Word,
}

/// What the lines of a journal mean.
pub fn understand(entries: &[Entry], interpreter: &mut Interpreter) -> Vec<Line> {
    let mut owners = Vec::new();
    let lines = entries.iter().map(|entry| {
        let Moment::Frame(at) = entry.at else { panic!("a rehearsal says its moments in frames") };
        let word = match &entry.said {
            Said::Text { owner, text, .. } => {
                owners.push(owner.to_string());
                match interpreter.evaluate(owner, text.as_ref().expect("a text"), &NoFiles) {
                    Ok(evaluation) => Word::Score(owner.to_string(), Box::new(evaluation.score)),
                    Err(_) if entry.fate == Fate::Refused => Word::Nonsense,
                    Err(why) => panic!("{text:?}: {why:#?}"),
                }
            }
            Said::Forget { owner } => Word::Forget(owner.to_string()),
            Said::Stage(stage) => Word::Stage(stage.clone()),
            Said::Undo(edits) => Word::Undo(*edits),
            Said::Redo(edits) => Word::Redo(*edits),
            Said::Cancel(_) | Said::Resume(_) => panic!("{:?} is rehearsed elsewhere", entry.said),
        };
        Line { at, word }
    });
    let lines = lines.collect();
    owners.iter().for_each(|owner| interpreter.forget(owner));
    lines
}

/// A session, its renderer and all that was heard so far.
pub struct Take {
    pub session: Session,
    renderer: Renderer,
    sound: Vec<f32>,
    /// The channel pair of each strip.
    pairs: HashMap<String, usize>,
    pub news: Vec<News>,
    /// Lines that the desk refused.
    pub refused: usize,
}

impl Take {
    pub fn new(library: &Score, seed: u64) -> Take {
        let config = Config { tracks: TRACKS, buses: BUSES, events: 1024, queue: 1024, ..Config::default() };
        let (session, renderer) = Session::new(config.with_direct_outs(), library.clone(), seed);
        Take { session, renderer, sound: Vec::new(), pairs: HashMap::new(), news: Vec::new(), refused: 0 }
    }

    /// The lines at their moments, then on to `frames`.
    pub fn of(library: &Score, seed: u64, lines: &[Line], frames: usize) -> Take {
        let mut take = Take::new(library, seed);
        for line in lines {
            take.session.hold(line.at);
            take.play(line.at.saturating_sub(LEAD) as usize);
            take.say(&line.word, line.at);
        }
        take.session.hold(Frames::MAX);
        take.play(frames);
        take
    }

    /// The lines all at once at the beginning: what they come to, from the start.
    pub fn at_once(library: &Score, seed: u64, lines: &[Line], frames: usize) -> Take {
        let lines: Vec<Line> = lines.iter().map(|line| Line { at: 0, ..line.clone() }).collect();
        Take::of(library, seed, &lines, frames)
    }

    pub fn say(&mut self, word: &Word, at: Frames) {
        let when = When::At(Moment::Frame(at));
        let session = &mut self.session;
        match word {
            Word::Score(owner, score) => {
                self.refused += usize::from(!session.load(owner, (**score).clone(), when).is_empty());
            }
            Word::Nonsense => self.refused += 1,
            Word::Forget(owner) => session.forget(owner, when),
            Word::Stage(stage) => session.stage(stage.clone(), when),
            Word::Undo(edits) => assert_eq!(session.undo(*edits, when), *edits, "there is nothing to undo"),
            Word::Redo(edits) => assert_eq!(session.redo(*edits, when), *edits, "there is nothing to redo"),
        }
        let tracks = session.tracks().into_iter().map(|track| (track.name.to_string(), 1 + track.slot as usize));
        let buses = session.buses().into_iter().map(|(name, slot)| (format!("bus {name}"), 1 + TRACKS + slot as usize));
        self.pairs.extend(tracks.chain(buses).chain([("mix".to_string(), 0)]));
    }

    /// Renders up to a frame.
    pub fn play(&mut self, to: usize) {
        while self.frames() < to {
            self.session.tick();
            let from = self.sound.len();
            let frames = CALLBACK.min(to - self.frames());
            self.sound.resize(from + frames * CHANNELS, 0.0);
            self.renderer.process(&[], &mut self.sound[from..]);
            self.news.extend(self.session.news());
        }
    }

    fn frames(&self) -> usize {
        self.sound.len() / CHANNELS
    }

    /// Names of all strips there ever were; `mix` is the master behind its guard.
    pub fn strips(&self) -> impl Iterator<Item = &str> {
        self.pairs.keys().map(String::as_str)
    }

    /// What was heard of a strip; silence where there was none.
    pub fn strip(&self, name: &str) -> Stereo {
        let side = |side: usize| match self.pairs.get(name) {
            Some(pair) => self.sound.iter().skip(2 * pair + side).step_by(CHANNELS).copied().collect(),
            None => vec![0.0; self.frames()],
        };
        [side(0), side(1)]
    }
}

//! Offline: the same session and the same renderer, as fast as the machine goes.
//!
//! A take begins with the first frame of cycle 0 and is exactly as long as was asked: what still rings then is cut, so
//! that takes can be looped and joined. The mix is the master behind its guard, moved forward by the guard's look-ahead;
//! stems are each track and bus after inserts and fader, before sends and master. The same piece gives the same bytes.

pub mod loudness;
pub mod replay;

mod crest;
mod ensemble;
mod reel;
mod tape;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::engine::{Config, Frames, Renderer, Share};
use crate::io;
use crate::io::sound_file::Bits;
use crate::score::{Diagnostic, Score};
use crate::session::{News, Session, When};
use ensemble::{Ensemble, Piece, stride};
pub use loudness::Loudness;
use reel::Reel;
use tape::{Strip, Tape};

/// Frames rendered between two looks at the patterns: a usual callback. The sound does not depend on it.
const BLOCK: usize = 512;

/// How long a take is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    Cycles(f64),
    Seconds(f64),
}

/// What a take should be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Sixteen cycles unless given; a replay ends four cycles after the last thing said.
    pub length: Option<Length>,
    /// Frames per second: 48,000 unless given, or what the journal says.
    pub rate: Option<u32>,
    pub bits: Bits,
    /// The folder for one file per track and bus.
    pub stems: Option<PathBuf>,
    /// Threads that may be used: with two and more, each plays some of the tracks. The bytes are the same for any number.
    /// A replay uses one.
    pub threads: usize,
    /// Begins every chance where the score gives none.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { length: None, rate: None, bits: Bits::default(), stems: None, threads: 1, seed: 0 }
    }
}

/// Cycles in a take where nobody says how many.
pub const CYCLES: f64 = 16.0;
/// Frames per second where nobody says how many.
pub const RATE: u32 = 48_000;

/// What came of a take.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub frames: Frames,
    /// Frames per second.
    pub rate: u32,
    pub loudness: Loudness,
    /// Files beside the mix.
    pub stems: usize,
    /// What the session told on the way: notes aside.
    pub news: Vec<News>,
}

impl Taken {
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.rate)
    }
}

/// Why there is no take. Nothing stands under the file's name then but what stood there before.
#[derive(Debug)]
pub enum Fault {
    /// The piece has errors.
    Piece(Vec<Diagnostic>),
    /// The disk would not.
    Disk(io::Error),
    /// The progress callback said to stop.
    Stopped,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Piece(diagnostics) => match diagnostics.first() {
                Some(first) => write!(f, "{}:{}:{}: {}", first.at.file, first.at.line, first.at.column, first.message),
                None => f.write_str("the piece has errors"),
            },
            Fault::Disk(why) => why.fmt(f),
            Fault::Stopped => f.write_str("stopped"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<io::Error> for Fault {
    fn from(why: io::Error) -> Self {
        Fault::Disk(why)
    }
}

/// Told now and then how far a take is: 0 … 1.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> ControlFlow<()>;

/// Renders a piece (`score`, said by `owner` at frame 0) over the library to a sound file.
///
/// # Errors
/// A piece the desk cannot play, a disk that would not, or a stop.
pub fn render(
    library: &Score,
    owner: &str,
    score: Score,
    out: &Path,
    options: &Options,
    progress: Progress,
) -> Result<Taken, Fault> {
    let rate = options.rate.unwrap_or(RATE);
    let length = options.length.unwrap_or(Length::Cycles(CYCLES));
    let end = move |session: &Session| match length {
        Length::Cycles(cycles) => session.frame_at(cycles),
        Length::Seconds(seconds) => (seconds * f64::from(rate)).round() as Frames,
    };
    let parts = Ensemble::parts(options.threads, score.tracks.len());
    let piece = Piece { library: library.clone(), owner: owner.into(), score, seed: options.seed };
    let mut take = Take::begin(library, out, rate, options.seed, options, parts)?;
    let faults = take.session.load(owner, piece.score.clone(), When::Score);
    if !faults.is_empty() {
        return Err(Fault::Piece(faults));
    }
    let end_frame = end(&take.session);
    if parts > 0 {
        let callback = move |session: &Session, renderer: &Renderer| {
            let (at, end) = (session.position(), end(session));
            let last = end + renderer.latency() as Frames;
            stride(at, if at < end { end } else { last })
        };
        let others = Ensemble::begin(&piece, take.config, (parts, options.threads), callback);
        take.tape.part(others.turns.clone());
        take.others = Some(others);
    }
    let done = take.until(end_frame, end_frame, progress);
    if take.crowded {
        drop(take);
        return render(library, owner, piece.score, out, &Options { threads: 1, ..options.clone() }, progress);
    }
    done.and_then(|()| take.finish())
}

/// A take under way.
struct Take {
    /// Who plays the tracks, where others do.
    others: Option<Ensemble>,
    /// Together the tracks may be too much: only one thread can tell.
    crowded: bool,
    config: Config,
    session: Session,
    renderer: Renderer,
    tape: Reel,
    rate: u32,
    channels: usize,
    tracks: usize,
    block: Vec<f32>,
    news: Vec<News>,
    /// Frames of music wanted so far.
    wanted: Frames,
}

impl Take {
    /// `parts`: how many others play the tracks.
    fn begin(
        library: &Score,
        out: &Path,
        rate: u32,
        seed: u64,
        options: &Options,
        parts: usize,
    ) -> Result<Take, Fault> {
        let direct_outs = options.stems.is_some();
        let mut config = Config { rate: f64::from(rate), direct_outs, ..Config::default() };
        if parts > 0 {
            config.share = Share::Rest { of: parts };
        }
        if direct_outs {
            config.outputs = 2 + 2 * (config.tracks + config.buses);
        }
        let (session, renderer) = Session::new(config, library.clone(), seed);
        let tape = Tape::new(out, options.stems.as_deref(), rate, options.bits, renderer.latency())?;
        Ok(Take {
            others: None,
            crowded: false,
            config,
            session,
            renderer,
            tape: Reel::new(tape),
            rate,
            channels: config.outputs,
            tracks: config.tracks,
            block: vec![0.0; BLOCK * config.outputs],
            news: Vec::new(),
            wanted: 0,
        })
    }

    /// Renders up to frame `to` of the engine; `end` is where the take will, for the progress.
    fn until(&mut self, to: Frames, end: Frames, progress: Progress) -> Result<(), Fault> {
        self.tape.want(to.saturating_sub(self.wanted));
        self.wanted = self.wanted.max(to);
        while self.session.position() < to {
            self.step(to)?;
            let share = self.session.position() as f64 / end.max(1) as f64;
            if progress(share.min(1.0)).is_break() {
                return Err(Fault::Stopped);
            }
        }
        Ok(())
    }

    /// One block, as a live session does it: ahead first, then sound.
    fn step(&mut self, to: Frames) -> Result<(), Fault> {
        let Some(others) = &mut self.others else { return self.sound(to) };
        if !others.hand_in(&mut self.renderer) {
            self.crowded = true;
            return Err(Fault::Stopped);
        }
        let turns = others.turns.clone();
        turns.take(|| self.sound(to))
    }

    fn sound(&mut self, to: Frames) -> Result<(), Fault> {
        self.session.tick();
        let telling = |news: &News| !matches!(news, News::Onset { .. });
        self.news.extend(self.session.news().into_iter().filter(telling));
        let frames = stride(self.session.position(), to);
        let block = &mut self.block[..frames * self.channels];
        self.renderer.process(&[], block);
        let (session, tracks) = (&self.session, self.tracks);
        let strips = move || {
            let names = session.tracks().into_iter();
            let tracks_now = names.map(|t| Strip { pair: 1 + t.slot as usize, name: t.name, bus: false });
            let buses = session.buses().into_iter();
            let buses = buses.map(|(name, slot)| Strip { pair: 1 + tracks + slot as usize, name, bus: true });
            tracks_now.chain(buses).collect()
        };
        Ok(self.tape.write(block, self.channels, strips)?)
    }

    /// Lets the master's look-ahead run out and completes the files.
    fn finish(mut self) -> Result<Taken, Fault> {
        let end = self.session.position() + self.renderer.latency() as Frames;
        while self.session.position() < end {
            self.step(end)?;
        }
        for news in self.others.take().map(Ensemble::finish).unwrap_or_default() {
            if !matches!(news, News::Onset { .. }) && !self.news.contains(&news) {
                self.news.push(news);
            }
        }
        let (loudness, stems) = self.tape.finish()?;
        Ok(Taken { frames: self.wanted, rate: self.rate, loudness, stems, news: self.news })
    }
}

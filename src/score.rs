//! The waist: what a script means, as plain data that can be compared.
//!
//! Every owner (a file, the REPL, the standard library) yields a `Score` of what it names; `Score::over` lays one over
//! another. Session turns the difference between two into changes of the sounding desk.

use std::sync::Arc;

use crate::graph::{Signal, SynthDef};
use crate::pattern::Pattern;

/// Where something stands in a text. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Location {
    /// The file's path as given, or `repl`.
    pub file: Arc<str>,
    pub line: usize,
    pub column: usize,
}

/// When an edit takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Quantum {
    #[default]
    Now,
    Beat,
    /// The next multiple of this many cycles (1: the next bar).
    Cycles(f64),
}

/// A named part: a pattern that plays instruments or a signal that sounds, through inserts.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    pub name: Arc<str>,
    /// There, but silent (`track _name`).
    pub muted: bool,
    pub source: Source,
    /// What the pattern or signal was piped into: stereo in, stereo out.
    pub inserts: Option<Signal>,
    /// Sends of a signal track, linear, by bus name. (A pattern's sends are in its events.)
    pub sends: Vec<(Arc<str>, f64)>,
    /// Controls of the inserts or the signal that follow a pattern: (control's name, its pattern).
    pub automation: Vec<(Arc<str>, Pattern)>,
    pub quantum: Option<Quantum>,
    /// Seconds in which its sound crosses over when it is edited.
    pub crossfade: Option<f64>,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Pattern(Pattern),
    Signal(Signal),
}

/// Where sends arrive.
#[derive(Clone, Debug, PartialEq)]
pub struct Bus {
    pub name: Arc<str>,
    /// Stereo in, stereo out.
    pub chain: Signal,
    pub automation: Vec<(Arc<str>, Pattern)>,
    pub at: Location,
}

/// An instrument by its name: one that was said, or one of the library, which is read when somebody first asks what it is.
#[derive(Clone)]
pub struct Instrument {
    pub name: Arc<str>,
    def: Def,
}

#[derive(Clone)]
enum Def {
    Said(Arc<SynthDef>),
    /// A place in the library, and how it is read. It is read once and is the same for everybody.
    Kept(usize, fn(usize) -> &'static Arc<SynthDef>),
}

impl Instrument {
    /// The instrument that `read` finds at a place, whenever that is asked: the same for ever.
    pub fn kept(name: &str, place: usize, read: fn(usize) -> &'static Arc<SynthDef>) -> Instrument {
        Instrument { name: name.into(), def: Def::Kept(place, read) }
    }

    /// What it is.
    pub fn def(&self) -> &Arc<SynthDef> {
        match &self.def {
            Def::Said(def) => def,
            Def::Kept(place, read) => read(*place),
        }
    }

    /// A number that is another where the sound is another, for telling whether something known of it still holds. Nothing is
    /// read for it.
    pub fn hash(&self) -> u128 {
        match &self.def {
            Def::Said(def) => def.body.hash(),
            Def::Kept(place, _) => *place as u128,
        }
    }
}

impl From<Arc<SynthDef>> for Instrument {
    fn from(def: Arc<SynthDef>) -> Instrument {
        Instrument { name: def.name.clone(), def: Def::Said(def) }
    }
}

impl PartialEq for Instrument {
    fn eq(&self, other: &Instrument) -> bool {
        match (&self.def, &other.def) {
            (Def::Kept(here, _), Def::Kept(there, _)) => here == there,
            _ => Arc::ptr_eq(self.def(), other.def()) || self.def() == other.def(),
        }
    }
}

impl std::fmt::Debug for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "synth {}", self.name)
    }
}

/// What one owner says; names are unique within each list and order is the text's.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Score {
    /// Beats per minute.
    pub tempo: Option<f64>,
    /// Beats in one cycle.
    pub meter: Option<f64>,
    pub quantum: Option<Quantum>,
    /// Seconds in which sounds cross over when they are edited.
    pub crossfade: Option<f64>,
    pub seed: Option<u64>,
    pub tracks: Vec<Track>,
    pub synths: Vec<Instrument>,
    pub buses: Vec<Bus>,
    /// Stereo in, stereo out.
    pub master: Option<Signal>,
    pub master_automation: Vec<(Arc<str>, Pattern)>,
}

/// Beats per minute where nobody says otherwise.
pub const DEFAULT_TEMPO: f64 = 120.0;
/// Beats per cycle where nobody says otherwise.
pub const DEFAULT_METER: f64 = 4.0;

impl Score {
    /// Cycles per second.
    pub fn cps(&self) -> f64 {
        self.tempo.unwrap_or(DEFAULT_TEMPO) / 60.0 / self.meter.unwrap_or(DEFAULT_METER)
    }

    /// This score laid over another: what it names replaces what has the same name there, in place; the rest follows.
    pub fn over(&self, below: &Score) -> Score {
        fn lay<T: Clone>(above: &[T], below: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<T> {
            let find = |b: &T| above.iter().find(|a| same(a, b)).unwrap_or(b).clone();
            let mut all: Vec<T> = below.iter().map(find).collect();
            all.extend(above.iter().filter(|a| !below.iter().any(|b| same(a, b))).cloned());
            all
        }
        Score {
            tempo: self.tempo.or(below.tempo),
            meter: self.meter.or(below.meter),
            quantum: self.quantum.or(below.quantum),
            crossfade: self.crossfade.or(below.crossfade),
            seed: self.seed.or(below.seed),
            tracks: lay(&self.tracks, &below.tracks, |a, b| a.name == b.name),
            synths: lay(&self.synths, &below.synths, |a, b| a.name == b.name),
            buses: lay(&self.buses, &below.buses, |a, b| a.name == b.name),
            master: self.master.clone().or_else(|| below.master.clone()),
            master_automation: if self.master.is_some() { &self.master_automation } else { &below.master_automation }
                .clone(),
        }
    }

    /// The same score, with what an earlier one says alike held once for both. Of patterns that are equal it is the earlier
    /// one's, which may have come from other letters.
    pub fn sharing(mut self, earlier: &Score) -> Score {
        fn share<T: Clone + PartialEq>(here: &mut T, there: &T) {
            if here == there {
                here.clone_from(there);
            }
        }
        for track in &mut self.tracks {
            let Some(there) = earlier.tracks.iter().find(|there| there.name == track.name) else { continue };
            share(&mut track.name, &there.name);
            share(&mut track.source, &there.source);
            share(&mut track.inserts, &there.inserts);
            share(&mut track.sends, &there.sends);
            share(&mut track.automation, &there.automation);
        }
        for synth in &mut self.synths {
            if let Some(there) = earlier.synths.iter().find(|there| there.name == synth.name) {
                share(synth, there);
            }
        }
        for bus in &mut self.buses {
            let Some(there) = earlier.buses.iter().find(|there| there.name == bus.name) else { continue };
            share(&mut bus.name, &there.name);
            share(&mut bus.chain, &there.chain);
            share(&mut bus.automation, &there.automation);
        }
        share(&mut self.master, &earlier.master);
        share(&mut self.master_automation, &earlier.master_automation);
        self
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// All a musician sees of what went wrong: lower case, no full stop, saying what was expected and found.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub at: Location,
    /// How many characters to underline, at least 1.
    pub width: usize,
    pub message: String,
    /// Something that can be typed instead.
    pub hint: Option<String>,
}

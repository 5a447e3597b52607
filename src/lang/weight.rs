//! Weight: how much there is of a score, and how much work its patterns are, so that playing it cannot be a burden.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::desk::Desk;
use super::diagnostic;
use super::fault::Fault;
use super::{failed, limits};
use crate::graph::Signal;
use crate::pattern::{Pattern, Span, Time, TooDense};
use crate::score::{Diagnostic, Location, Source, Track};

/// Tracks of one score.
pub const TRACKS: usize = 128;
/// Buses of one score.
pub const BUSES: usize = 16;
/// Instruments of one text, and effects.
pub const DEFINITIONS: usize = 256;
/// Parts of all sounds of one text together, sharing undone.
const PARTS: u64 = 40_000;
/// Seconds that all delays of one text may remember together.
const MEMORY: f64 = 600.0;
/// Controls of all sounds of one text that follow patterns.
const FOLLOWED: usize = 512;
/// Cycles in which patterns are tried out.
const TRIED: i64 = 2;
/// The work of one pattern in one cycle, in haps gone through.
const DENSE: u64 = 50_000;
/// The work of one pattern whenever it is asked what comes next.
const WINDOW: u64 = 10_000;
/// How often in a second a pattern is asked for notes, and for the value of a control that follows it.
const ASKED: (f64, f64) = (24.0, 94.0);
/// The work of all patterns of one text in one second: a quarter of what an ordinary machine does in that time.
const WORK: f64 = 300_000.0;

/// Refuses a name more than there may be of its kind.
pub fn room<'a>(
    kind: &str,
    mut known: impl ExactSizeIterator<Item = &'a str>,
    name: &str,
    most: usize,
    hint: &str,
) -> Result<(), Fault> {
    if known.len() < most || known.any(|known| known == name) {
        return Ok(());
    }
    Err(Fault::new(format!("at most {most} {kind} expected, {name} is one more")).hint(hint))
}

/// What patterns weighed, by what they are: most of a text is what it was when it is evaluated again.
#[derive(Default)]
pub struct Weights(Mutex<HashMap<u128, Weight>>);

/// The work of a pattern in one window, and in the cycles in which it is tried.
type Weight = (u64, u64);

/// So many weights are remembered.
const WEIGHTS: usize = 1 << 12;

impl Weights {
    fn known(&self, pattern: &Pattern) -> Option<Weight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&pattern.hash()).copied()
    }

    fn remember(&self, pattern: &Pattern, weight: Weight) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= WEIGHTS {
            known.clear();
        }
        known.insert(pattern.hash(), weight);
    }
}

/// Refuses what would be too much to play. `known`: the weights of before, where a pattern always weighs the same; functions
/// of a text that are tried out have only so many steps together.
pub fn bearable(desk: &Desk, known: Option<&Weights>) -> Result<(), Diagnostic> {
    small(desk)?;
    let score = &desk.score;
    let (mut work, mut followed) = (0.0, 0);
    for track in &score.tracks {
        work += match pattern(track) {
            Some(pattern) => weigh(track, pattern, score.cps(), ASKED.0, known)?,
            None => 0.0,
        };
        for (_, pattern) in &track.automation {
            work += weigh(track, pattern, 0.0, ASKED.1, known)?;
        }
        followed += track.automation.len();
        if work > WORK {
            let message = format!("with track {} the patterns are too dense to be played together", track.name);
            return Err(refuse(track, message));
        }
        if followed > FOLLOWED {
            let message = format!("at most {FOLLOWED} controls that follow patterns expected, with {}", track.name);
            return Err(refuse(track, message));
        }
    }
    Ok(())
}

/// The work of a track's pattern in a second: what it does in its cycles, or whenever it is asked, if that is more.
fn weigh(track: &Track, pattern: &Pattern, cps: f64, asked: f64, known: Option<&Weights>) -> Result<f64, Diagnostic> {
    if let Some(stop) = limits::ended() {
        return Err(refuse(track, failed::stopped(stop)));
    }
    let (once, cycles) = match known.and_then(|known| known.known(pattern)) {
        Some(weight) => weight,
        None => {
            let weight = weighed(pattern).map_err(|_| too_dense(track))?;
            known.iter().for_each(|known| known.remember(pattern, weight));
            weight
        }
    };
    Ok((cycles as f64 / TRIED as f64 * cps).max(once as f64 * asked))
}

fn weighed(pattern: &Pattern) -> Result<Weight, TooDense> {
    let moment = Span::new(Time::ZERO, Time::new(1, 64));
    let (_, once) = pattern.weigh(moment, 0, WINDOW)?;
    let (_, cycles) = pattern.weigh(Span::cycles(0, TRIED), 0, DENSE * TRIED as u64)?;
    Ok((once, cycles))
}

fn pattern(track: &Track) -> Option<&Pattern> {
    match &track.source {
        Source::Pattern(pattern) => Some(pattern),
        Source::Signal(_) => None,
    }
}

/// Counts the parts of all sounds.
fn small(desk: &Desk) -> Result<(), Diagnostic> {
    let (mut parts, mut seconds) = (0, 0.0);
    let mut count = |kind: &str, name: &str, signals: &mut dyn Iterator<Item = &Signal>| {
        for signal in signals {
            parts += signal.size();
            seconds += signal.memory();
        }
        let (message, hint) = if parts > PARTS {
            (format!("the sounds of this text have more than {PARTS} parts together, with {name}"), "chorus(0.4)")
        } else if seconds > MEMORY {
            (format!("the delays of this text remember more than {MEMORY} s together, with {name}"), "delay(0.5)")
        } else {
            return Ok(());
        };
        let at = desk.places.get(&format!("{kind} {name}")).cloned();
        let at = at.unwrap_or_else(|| Location { file: desk.file.clone(), line: 1, column: 1 });
        Err(diagnostic::error(at, name.chars().count(), message, Some(hint.into())))
    };
    for synth in &desk.score.synths {
        count("synth", &synth.name, &mut std::iter::once(&synth.def().body))?;
    }
    for track in &desk.score.tracks {
        let sound = match &track.source {
            Source::Signal(signal) => Some(signal),
            Source::Pattern(_) => None,
        };
        count("track", &track.name, &mut sound.into_iter().chain(&track.inserts))?;
    }
    for bus in &desk.score.buses {
        count("bus", &bus.name, &mut std::iter::once(&bus.chain))?;
    }
    count("the", "master", &mut desk.score.master.iter())
}

fn too_dense(track: &Track) -> Diagnostic {
    let name = &track.name;
    refuse(
        track,
        format!(
            "a pattern that can be played expected for {name}, found far too many events in a cycle, or functions that take too long"
        ),
    )
}

fn refuse(track: &Track, message: String) -> Diagnostic {
    let hint = Some("smaller numbers in fast, ply, chop or echo; s(\"bd*16\") is dense already".into());
    diagnostic::error(track.at.clone(), track.name.chars().count(), message, hint)
}

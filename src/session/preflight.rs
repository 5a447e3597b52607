//! Pre-flight: how much of the time there is a score will take, before it is let in.
//!
//! What a row of the table costs is measured once, when it is first asked for; how many voices an instrument will need is read
//! from the patterns. Only a live session knows what time is: it brings a stopwatch. Offline nothing is ever too much.

use std::collections::HashMap;
use std::sync::Arc;

use super::events::{Note, effects, instrument, name_hash, own};
use super::plan::{self, Part};
use crate::engine::{GRID, Schedule};
use crate::graph::wiring::{Body, Source, Step, Wiring};
use crate::graph::{Signal, SynthDef, lower, row, with_effects};
use crate::pattern::{Span, Time};
use crate::score::{Diagnostic, Score, Severity, Track};

/// Seconds since any moment, growing.
pub type Stopwatch = Box<dyn FnMut() -> f64 + Send>;

/// What a piece may take of the time there is.
const MOST: f64 = 0.8;
/// Cycles in which voices are counted.
const CYCLES: i64 = 4;
/// Voices of one instrument on one track, as many as its pool holds.
const VOICES: usize = 16;
/// Seconds a voice sounds after its gate has closed, where its instrument does not say.
const RELEASE: f64 = 0.3;
/// Batches that are timed, of which the fastest counts: the others were disturbed.
const BATCHES: usize = 4;
/// Grid blocks in a batch.
const BLOCKS: usize = 8;

/// What the parts of a score take, as shares of the time there is: 1 is all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    pub parts: Vec<(Part, f64)>,
}

impl Cost {
    pub fn total(&self) -> f64 {
        self.parts.iter().map(|(_, share)| share).sum()
    }
}

/// The notes of one instrument with its effects, in seconds from onset to the end of the gate.
type Played<'a> = (&'a Arc<SynthDef>, Vec<&'static str>, Vec<(f64, f64)>);

/// What a row is measured as: its name, its numbers of building time, and whether it plays frame by frame.
type Kind = (&'static str, Vec<u32>, bool);

pub struct Preflight {
    stopwatch: Stopwatch,
    rate: f64,
    rows: HashMap<Kind, f64>,
    /// Of voices, by what they are.
    voices: HashMap<(u128, Vec<&'static str>), (f64, f64)>,
}

impl Preflight {
    pub fn new(stopwatch: Stopwatch, rate: f64) -> Preflight {
        Preflight { stopwatch, rate, rows: HashMap::new(), voices: HashMap::new() }
    }

    /// What a score costs from a cycle on.
    pub fn cost(&mut self, score: &Score, cycle: f64, seed: u64) -> Cost {
        let mut parts = vec![];
        for track in &score.tracks {
            let owner = &track.name;
            let mut share = plan::signal(track).map_or(0.0, |signal| self.chain(signal, owner));
            share += track.inserts.as_ref().map_or(0.0, |chain| self.chain(chain, owner));
            share += self.players(score, track, cycle, seed);
            parts.push((Part::Track(track.name.clone()), share));
        }
        parts.extend(score.buses.iter().map(|bus| (Part::Bus(bus.name.clone()), self.chain(&bus.chain, &bus.name))));
        parts.extend(score.master.as_ref().map(|chain| (Part::Master, self.chain(chain, "master"))));
        Cost { parts }
    }

    /// Why a score is not let in, if it is not: it would take too much and more than what plays now.
    pub fn refuse(&mut self, old: &Score, new: &Score, cycle: f64, seed: u64) -> Option<Diagnostic> {
        let cost = self.cost(new, cycle, seed);
        let total = cost.total();
        if total <= MOST || total <= self.cost(old, cycle, seed).total() {
            return None;
        }
        let changed = |part: &Part| plan::change(old, new, part).is_some();
        let heaviest = |only_changed: bool| {
            let those = cost.parts.iter().filter(|(part, _)| !only_changed || changed(part));
            those.max_by(|(_, a), (_, b)| a.total_cmp(b))
        };
        let (part, share) = heaviest(true).or_else(|| heaviest(false))?;
        let percent = |share: f64| (share * 100.0).round();
        Some(Diagnostic {
            severity: Severity::Error,
            at: plan::location(new, part),
            width: 1,
            message: format!(
                "this would take {} % of the time there is, the most is {} %; {part} alone takes {} %",
                percent(total),
                percent(MOST),
                percent(*share)
            ),
            hint: Some("fewer notes at once, shorter releases, fewer effects; or stop another track".into()),
        })
    }

    /// A signal or a chain of inserts.
    fn chain(&mut self, signal: &Signal, owner: &str) -> f64 {
        let wiring = if signal.closed() { lower::tone(signal, owner) } else { lower::insert(signal, owner) };
        wiring.map_or(0.0, |wiring| self.wiring(&wiring))
    }

    fn wiring(&mut self, wiring: &Wiring) -> f64 {
        wiring.steps.iter().map(|step| self.step(step)).sum()
    }

    fn step(&mut self, step: &Step) -> f64 {
        let Body::Row(name, values) = &step.body else { return 0.0 };
        let kind = (*name, values.iter().map(|x| x.to_bits()).collect(), step.home.is_some());
        if let Some(known) = self.rows.get(&kind) {
            return *known;
        }
        let frames = if step.home.is_some() { 1 } else { GRID };
        let cost = lower::solo(step, self.rate).map_or(0.0, |schedule| self.time(schedule, frames));
        self.rows.insert(kind, cost);
        cost
    }

    /// What a schedule takes of the time its sound lasts, played so many frames at a time.
    fn time(&mut self, mut schedule: Schedule<1>, frames: usize) -> f64 {
        let mut arena = vec![[[0.1; 1]; GRID]; schedule.scratch().max(schedule.inputs())];
        let mut fastest = f64::INFINITY;
        for _ in 0..BATCHES {
            let begun = (self.stopwatch)();
            for _ in 0..BLOCKS {
                for from in (0..GRID).step_by(frames) {
                    schedule.run(&mut arena, from, from + frames);
                }
            }
            fastest = fastest.min((self.stopwatch)() - begun);
        }
        fastest.max(0.0) / (BLOCKS * GRID) as f64 * self.rate
    }

    /// The voices of a track: as many as sound at once.
    fn players(&mut self, score: &Score, track: &Track, cycle: f64, seed: u64) -> f64 {
        let Some(pattern) = plan::pattern(track) else { return 0.0 };
        let begin = Time::from_f64(cycle.floor());
        let span = Span { begin, end: begin + Time::int(CYCLES) };
        let haps = pattern.try_query(span, own(score.seed.unwrap_or(seed), name_hash(&track.name)));
        let cps = score.cps();
        let mut played: Vec<Played> = vec![];
        for hap in haps.unwrap_or_default() {
            let Some(note) = hap.whole.filter(|_| hap.has_onset()).map(|whole| Note::read(whole, &hap.value)) else {
                continue;
            };
            let Some(def) = instrument(&note, &score.synths) else { continue };
            let worn = effects(def, &note);
            let begin = note.whole.begin.to_f64() / cps;
            let sounds = (begin, begin + note.length() / cps);
            match played.iter_mut().find(|(other, effects, _)| Arc::ptr_eq(other, def) && *effects == worn) {
                Some((_, _, notes)) => notes.push(sounds),
                None => played.push((def, worn, vec![sounds])),
            }
        }
        let cost = |(def, worn, notes): Played| {
            let (one, release) = self.voice(def, worn);
            one * at_once(&notes, release).min(VOICES) as f64
        };
        played.into_iter().map(cost).sum()
    }

    /// What one voice takes, and how many seconds it sounds after its gate has closed.
    fn voice(&mut self, def: &Arc<SynthDef>, worn: Vec<&'static str>) -> (f64, f64) {
        let key = (def.body.hash(), worn);
        if let Some(known) = self.voices.get(&key) {
            return *known;
        }
        let found = match lower::voice(&with_effects(def, &key.1)) {
            Ok(wiring) => (self.wiring(&wiring), release(&wiring)),
            Err(_) => (0.0, 0.0),
        };
        self.voices.insert(key, found);
        found
    }
}

/// The most of these that sound at the same time.
fn at_once(notes: &[(f64, f64)], release: f64) -> usize {
    let mut edges: Vec<(f64, i32)> = notes.iter().flat_map(|(begin, end)| [(*begin, 1), (end + release, -1)]).collect();
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut sounding = 0;
    edges
        .iter()
        .map(|(_, step)| {
            sounding += step;
            sounding
        })
        .max()
        .unwrap_or(0)
        .max(0) as usize
}

/// The longest release among a voice's envelopes, in seconds.
fn release(wiring: &Wiring) -> f64 {
    let number = |source: &Source| match source {
        Source::Cell(id) => wiring.cells.iter().find(|cell| cell.id == *id).map(|cell| f64::from(cell.value)),
        _ => None,
    };
    let of = |step: &Step| {
        let Body::Row(name, _) = &step.body else { return None };
        let row = row(name)?;
        let signals = row.params.iter().filter(|param| param.rate == crate::graph::Rate::Signal);
        let place = signals.map(|param| param.name).position(|name| name == "release")?;
        number(step.inputs.get(row.inputs + place)?)
    };
    wiring.steps.iter().filter_map(of).reduce(f64::max).unwrap_or(RELEASE).clamp(0.0, 30.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Control;
    use crate::pattern::{Pattern, Value, fastcat, pure, stack};
    use crate::score::{Location, Source as Plays};

    /// A stopwatch on which every look takes so long.
    fn slow(seconds: f64) -> Stopwatch {
        let mut now = 0.0;
        Box::new(move || {
            now += seconds;
            now
        })
    }

    fn word(name: &str, arguments: &[f32]) -> Signal {
        let arguments: Vec<Signal> = arguments.iter().map(|x| Signal::constant(*x)).collect();
        Signal::ugen(row(name).unwrap(), &arguments).unwrap()
    }

    fn track(name: &str, source: Plays) -> Track {
        Track {
            name: name.into(),
            muted: false,
            source,
            inserts: None,
            sends: vec![],
            automation: vec![],
            quantum: None,
            crossfade: None,
            at: Location { line: 3, ..Location::default() },
        }
    }

    fn piece(tracks: Vec<Track>) -> Score {
        let controls =
            ["freq", "gate"].map(|name| Control { name: name.into(), default: 1.0, low: 0.0, high: 1.0, unit: "" });
        let body = Signal::ugen(row("sin").unwrap(), &[Signal::control("freq")]).unwrap();
        let body = body.mul(&Signal::control("gate")).unwrap();
        let def = SynthDef { name: "a".into(), controls: controls.into(), body, doc: "".into() };
        Score { tracks, synths: vec![Arc::new(def)], ..Score::default() }
    }

    fn chord(notes: usize) -> Pattern {
        let note = |k: usize| pure(Value::control("s", Value::text("a")).with("note", (k as f64).into()));
        stack(&(0..notes).map(note).collect::<Vec<_>>())
    }

    /// One block of anything takes a tenth of the time there is.
    fn tenth() -> Preflight {
        Preflight::new(slow(0.1 * (BLOCKS * GRID) as f64 / 48_000.0), 48_000.0)
    }

    #[test]
    fn a_drone_costs_what_its_rows_cost() {
        let drone = word("saw", &[110.0]).pipe(&word("lowpass", &[800.0, 1.0])).unwrap();
        let wide = drone.stack(&drone).unwrap();
        let cost = tenth().cost(&piece(vec![track("d", Plays::Signal(wide))]), 0.0, 0);
        assert!((cost.total() - 0.2).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn an_instrument_costs_as_many_voices_as_sound_at_once() {
        for (notes, voices) in [(1, 2.0), (3, 6.0), (40, 16.0)] {
            // Each chord rings into the next: 0.3 s of release.
            let cost = tenth().cost(&piece(vec![track("d", Plays::Pattern(chord(notes)))]), 0.0, 0);
            assert!((cost.total() - 0.2 * voices).abs() < 1e-9, "{notes}: {cost:?}");
        }
        let dense = fastcat(&vec![chord(1); 8]);
        let cost = tenth().cost(&piece(vec![track("d", Plays::Pattern(dense))]), 0.0, 0);
        assert!((cost.total() - 0.2 * 3.0).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn what_would_be_too_much_is_refused_with_the_part_and_its_cost() {
        let (light, heavy) = (piece(vec![]), piece(vec![track("pad", Plays::Pattern(chord(3)))]));
        let refused = tenth().refuse(&light, &heavy, 0.0, 0).expect("120 % is too much");
        assert_eq!(
            refused.message,
            "this would take 120 % of the time there is, the most is 80 %; pad alone takes 120 %"
        );
        assert_eq!(refused.at.line, 3);
        assert_eq!(tenth().refuse(&light, &piece(vec![track("pad", Plays::Pattern(chord(1)))]), 0.0, 0), None);
    }

    #[test]
    fn an_edit_that_takes_less_than_what_plays_is_always_let_in() {
        let (more, less) =
            (piece(vec![track("pad", Plays::Pattern(chord(8)))]), piece(vec![track("pad", Plays::Pattern(chord(5)))]));
        assert_eq!(tenth().refuse(&more, &less, 0.0, 0), None);
    }

    #[test]
    fn every_row_can_be_measured() {
        let mut preflight = tenth();
        for row in crate::graph::rows() {
            let values: Vec<f32> = row
                .params
                .iter()
                .filter(|p| p.rate == crate::graph::Rate::Build)
                .map(|p| p.default.unwrap_or(p.low))
                .collect();
            let step = Step {
                id: 0,
                body: Body::Row(row.name, values),
                path: 0,
                home: None,
                inputs: vec![],
                outputs: row.outputs,
            };
            assert!((preflight.step(&step) - 0.1).abs() < 1e-9, "{}", row.name);
        }
    }
}

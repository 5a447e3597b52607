//! Pre-flight: how much of the time there is a score will take, before it is let in.
//!
//! What a row of the table costs is measured once, when it is first asked for; how many voices an instrument will need is read
//! from the patterns. Only a live session knows what time is: it brings a stopwatch. Offline nothing is ever too much.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::events::{Note, effects, instrument, name_hash, own};
use super::plan::{self, InTurn, Name, Part};
use crate::engine::schedule::{LaneSet, every};
use crate::engine::{GRID, LANES, MOST_LANES, Schedule, processor};
use crate::graph::ugens::{Row, Width};
use crate::graph::wiring::{Body, Source, Step, Wiring};
use crate::graph::{Signal, SynthDef, difference, lower, row, with_effects};
use crate::pattern::{Pattern, Span, Time};
use crate::score::{Diagnostic, Instrument, Score, Severity, Track};

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

/// Whether a score is let in, and how.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Across,
    /// There is time for it, but not while what these parts replace still plays: all of it would take this share.
    InTurn(f64, InTurn),
    Refused(Diagnostic),
}

/// An instrument with its effects, by what they are.
type Worn = (u128, Vec<&'static str>);

/// What a part plays.
struct Work {
    part: Part,
    chains: Arc<Chains>,
    /// What the voices of its instruments take.
    voices: Vec<(Worn, f64)>,
}

/// The signal and the inserts of a part, or its chain.
struct Chains {
    signals: Vec<Option<Signal>>,
    wirings: Vec<Wiring>,
    /// What they take.
    share: f64,
}

/// What one voice takes, each other one beside it in its choir, and how many seconds it sounds after its gate has closed.
#[derive(Clone, Copy, Default)]
struct Singer {
    first: f64,
    other: f64,
    release: f64,
    /// Voices of a choir.
    lanes: usize,
}

impl Singer {
    /// What so many of them take.
    fn all(&self, voices: usize) -> f64 {
        let choirs = voices.div_ceil(self.lanes);
        choirs as f64 * self.first + (voices - choirs) as f64 * self.other
    }
}

/// The notes of one instrument with its effects, in seconds from onset to the end of the gate.
type Played<'a> = (&'a Arc<SynthDef>, Vec<&'static str>, Vec<(f64, f64)>);

/// What a row is measured as: its name, its numbers of building time, and whether it plays frame by frame.
type Kind = (&'static str, Vec<u32>, bool);

/// What a pattern asks for is asked again when the instruments, the tempo or the seed are others.
type Asked = (Pattern, Vec<u128>, u64, u64);

/// What the voices of a track take, what was asked for that, and from which cycle on they were counted.
type Counted = (Asked, i64, Vec<(Worn, f64)>);

pub struct Preflight {
    stopwatch: Stopwatch,
    rate: f64,
    lanes: usize,
    rows: HashMap<Kind, f64>,
    /// Of a row in a choir: with one voice, and with all of them.
    choirs: HashMap<Kind, (f64, f64)>,
    singers: HashMap<Worn, Singer>,
    players: HashMap<Name, Counted>,
    /// Laid out once for as long as they stay the same: most of a piece does, from edit to edit.
    chains: HashMap<Part, Arc<Chains>>,
}

impl Preflight {
    pub fn new(stopwatch: Stopwatch, rate: f64) -> Preflight {
        let (rows, choirs, singers, players, chains) = Default::default();
        Preflight { stopwatch, rate, lanes: processor::lanes(), rows, choirs, singers, players, chains }
    }

    /// What a score costs from a cycle on.
    pub fn cost(&mut self, score: &Score, cycle: f64, seed: u64) -> Cost {
        let work = self.work(score, cycle, seed);
        Cost { parts: work.into_iter().map(|work| (work.part.clone(), self.share(&work))).collect() }
    }

    /// Whether a score is let in: not if it would take too much and more than what plays now.
    pub fn judge(&mut self, old: &Score, new: &Score, cycle: f64, seed: u64) -> Verdict {
        let (before, after) = (self.work(old, cycle, seed), self.work(new, cycle, seed));
        let total = |work: &[Work]| work.iter().map(|work| self.share(work)).sum::<f64>();
        let (now, then) = (total(&before), total(&after));
        if then > MOST && then > now {
            return self.refused(old, new, then, &after);
        }
        let replaced: HashMap<&Part, &Work> = after.iter().map(|new| (&new.part, new)).collect();
        let mut extras: Vec<(&Part, f64)> =
            before.iter().map(|old| (&old.part, self.extra(old, replaced.get(&old.part).copied()))).collect();
        let both = then + extras.iter().map(|(_, extra)| extra).sum::<f64>();
        // The master always crosses over: past it, the mix is as loud as it likes.
        extras.retain(|(part, extra)| *extra > 0.0 && **part != Part::Master);
        if both <= MOST || extras.is_empty() {
            return Verdict::Across;
        }
        Verdict::InTurn(both, extras.into_iter().map(|(part, _)| part.clone()).collect())
    }

    fn refused(&mut self, old: &Score, new: &Score, total: f64, work: &[Work]) -> Verdict {
        let shares: Vec<(&Part, f64)> = work.iter().map(|work| (&work.part, self.share(work))).collect();
        let changed = |part: &Part| plan::change(old, new, part).is_some();
        let heaviest = |only_changed: bool| {
            let those = shares.iter().filter(|(part, _)| !only_changed || changed(part));
            those.max_by(|(_, a), (_, b)| a.total_cmp(b))
        };
        let Some((part, share)) = heaviest(true).or_else(|| heaviest(false)) else { return Verdict::Across };
        let percent = |share: f64| (share * 100.0).round();
        Verdict::Refused(Diagnostic {
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

    /// What each part of a score plays.
    fn work(&mut self, score: &Score, cycle: f64, seed: u64) -> Vec<Work> {
        let synths: Vec<u128> = score.synths.iter().map(Instrument::hash).collect();
        let mut work = vec![];
        for track in &score.tracks {
            let signals = vec![plan::signal(track).cloned(), track.inserts.clone()];
            let chains = self.chains(Part::Track(track.name.clone()), &track.name, signals);
            let voices = self.players(score, &synths, track, cycle, seed);
            work.push(Work { part: Part::Track(track.name.clone()), chains, voices });
        }
        let mut strip = |part: Part, chain: &Signal, owner| {
            let chains = self.chains(part.clone(), owner, vec![Some(chain.clone())]);
            work.push(Work { part, chains, voices: vec![] });
        };
        score.buses.iter().for_each(|bus| strip(Part::Bus(bus.name.clone()), &bus.chain, &bus.name));
        score.master.iter().for_each(|chain| strip(Part::Master, chain, "master"));
        let there: HashSet<&Part> = work.iter().map(|work| &work.part).collect();
        self.chains.retain(|part, _| there.contains(part));
        work
    }

    /// What a part's chains are made of.
    fn chains(&mut self, part: Part, owner: &str, signals: Vec<Option<Signal>>) -> Arc<Chains> {
        if let Some(known) = self.chains.get(&part).filter(|known| known.signals == signals) {
            return known.clone();
        }
        let wiring = |signal: &Signal| match signal.closed() {
            true => lower::tone(signal, owner).ok(),
            false => lower::insert(signal, owner).ok(),
        };
        let wirings = signals.iter().map(|signal| signal.as_ref().and_then(wiring).unwrap_or_else(Wiring::open));
        let wirings: Vec<Wiring> = wirings.collect();
        let share = wirings.iter().map(|wiring| self.wiring(wiring)).sum();
        let chains = Arc::new(Chains { signals, wirings, share });
        self.chains.insert(part, chains.clone());
        chains
    }

    fn share(&self, work: &Work) -> f64 {
        work.chains.share + work.voices.iter().map(|(_, share)| share).sum::<f64>()
    }

    /// What a part takes beyond what follows it, while it fades: what does not go on there.
    fn extra(&mut self, old: &Work, new: Option<&Work>) -> f64 {
        let Some(new) = new else { return self.share(old) };
        let mut extra = 0.0;
        let same = Arc::ptr_eq(&old.chains, &new.chains);
        for (old, new) in old.chains.wirings.iter().zip(&new.chains.wirings).filter(|_| !same) {
            let goes_on: HashSet<u32> = difference(old, new, &HashSet::new()).steps.into_values().collect();
            let lost = old.steps.iter().filter(|step| !goes_on.contains(&step.id));
            extra += lost.map(|step| self.step(step)).sum::<f64>();
        }
        let there = |worn: &Worn| new.voices.iter().any(|(other, _)| other == worn);
        extra + old.voices.iter().filter(|(worn, _)| !there(worn)).map(|(_, share)| share).sum::<f64>()
    }

    fn wiring(&mut self, wiring: &Wiring) -> f64 {
        wiring.steps.iter().map(|step| self.step(step)).sum()
    }

    fn step(&mut self, step: &Step) -> f64 {
        let Some(kind) = kind(step) else { return 0.0 };
        if let Some(known) = self.rows.get(&kind) {
            return *known;
        }
        let frames = if kind.2 { 1 } else { GRID };
        let cost = lower::solo::<1>(step, self.rate).map_or(0.0, |mut schedule| self.time(&mut schedule, frames, 1));
        self.rows.insert(kind, cost);
        cost
    }

    /// The same in a choir: with one voice, and with as many as there are.
    fn step_of_choir(&mut self, step: &Step) -> (f64, f64) {
        let Some(kind) = kind(step) else { return (0.0, 0.0) };
        if let Some(known) = self.choirs.get(&kind) {
            return *known;
        }
        let frames = if kind.2 { 1 } else { GRID };
        let cost = match self.lanes {
            MOST_LANES => self.time_choir::<MOST_LANES>(step, frames),
            _ => self.time_choir::<LANES>(step, frames),
        };
        self.choirs.insert(kind, cost);
        cost
    }

    fn time_choir<const L: usize>(&mut self, step: &Step, frames: usize) -> (f64, f64)
    where
        Row: Width<L>,
    {
        lower::solo::<L>(step, self.rate).map_or((0.0, 0.0), |mut schedule| {
            let one = self.time(&mut schedule, frames, 1);
            (one, self.time(&mut schedule, frames, every::<L>()).max(one))
        })
    }

    /// What a schedule takes of the time its sound lasts, played in these lanes so many frames at a time.
    fn time<const L: usize>(&mut self, schedule: &mut Schedule<L>, frames: usize, lanes: LaneSet) -> f64 {
        let mut arena = vec![[[0.1; L]; GRID]; schedule.scratch().max(schedule.inputs())];
        let mut fastest = f64::INFINITY;
        for _ in 0..BATCHES {
            let begun = (self.stopwatch)();
            for _ in 0..BLOCKS {
                for from in (0..GRID).step_by(frames) {
                    schedule.run_lanes(&mut arena, from, from + frames, lanes);
                }
            }
            fastest = fastest.min((self.stopwatch)() - begun);
        }
        fastest.max(0.0) / (BLOCKS * GRID) as f64 * self.rate
    }

    /// The voices of a track by instrument: as many as sound at once.
    fn players(&mut self, score: &Score, synths: &[u128], track: &Track, cycle: f64, seed: u64) -> Vec<(Worn, f64)> {
        let Some(pattern) = plan::pattern(track) else { return vec![] };
        let (seed, cps, from) = (score.seed.unwrap_or(seed), score.cps(), cycle.floor() as i64);
        let asked: Asked = (pattern.clone(), synths.to_vec(), cps.to_bits(), seed);
        if let Some((known, at, voices)) = self.players.get(&track.name)
            && *known == asked
            && (*at..*at + CYCLES).contains(&from)
        {
            return voices.clone();
        }
        let span = Span { begin: Time::int(from), end: Time::int(from + CYCLES) };
        let haps = pattern.try_query(span, own(seed, name_hash(&track.name))).unwrap_or_default();
        let mut played: Vec<Played> = vec![];
        for hap in haps {
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
        let mut cost = |(def, worn, notes): Played| {
            let (worn, singer) = self.singer(def, worn);
            (worn, singer.all(at_once(&notes, singer.release).min(VOICES)))
        };
        let voices: Vec<_> = played.into_iter().map(&mut cost).collect();
        self.players.retain(|name, _| score.tracks.iter().any(|track| track.name == *name));
        self.players.insert(track.name.clone(), (asked, from, voices.clone()));
        voices
    }

    /// What the voices of an instrument take.
    fn singer(&mut self, def: &Arc<SynthDef>, worn: Vec<&'static str>) -> (Worn, Singer) {
        let key = (def.body.hash(), worn);
        if let Some(known) = self.singers.get(&key) {
            return (key, *known);
        }
        let mut singer = Singer { lanes: self.lanes, ..Singer::default() };
        if let Ok(wiring) = lower::voice(&with_effects(def, &key.1)) {
            for step in &wiring.steps {
                let (one, all) = self.step_of_choir(step);
                singer.first += one;
                singer.other += (all - one) / (self.lanes - 1) as f64;
            }
            singer.release = release(&wiring);
        }
        self.singers.insert(key.clone(), singer);
        (key, singer)
    }
}

/// What a step is measured as; none for a loop, which is made of the steps inside of it.
fn kind(step: &Step) -> Option<Kind> {
    let Body::Row(name, values) = &step.body else { return None };
    Some((*name, values.iter().map(|x| x.to_bits()).collect(), step.home.is_some()))
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
        Score { tracks, synths: vec![Arc::new(def).into()], ..Score::default() }
    }

    fn chord(notes: usize) -> Pattern {
        let note = |k: usize| pure(Value::control("s", Value::text("a")).with("note", (k as f64).into()));
        stack(&(0..notes).map(note).collect::<Vec<_>>())
    }

    /// One block of anything takes a tenth of the time there is, and choirs are of eight, whatever the processor.
    fn tenth() -> Preflight {
        Preflight { lanes: LANES, ..Preflight::new(slow(0.1 * (BLOCKS * GRID) as f64 / 48_000.0), 48_000.0) }
    }

    #[test]
    fn a_drone_costs_what_its_rows_cost() {
        let drone = word("saw", &[110.0]).pipe(&word("lowpass", &[800.0, 1.0])).unwrap();
        let wide = drone.stack(&drone).unwrap();
        let cost = tenth().cost(&piece(vec![track("d", Plays::Signal(wide))]), 0.0, 0);
        assert!((cost.total() - 0.2).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn an_instrument_costs_as_many_choirs_as_its_voices_need() {
        for (notes, choirs) in [(1, 1.0), (3, 1.0), (6, 2.0), (40, 2.0)] {
            // Each chord rings into the next: 0.3 s of release.
            let cost = tenth().cost(&piece(vec![track("d", Plays::Pattern(chord(notes)))]), 0.0, 0);
            assert!((cost.total() - 0.2 * choirs).abs() < 1e-9, "{notes}: {cost:?}");
        }
        let dense = fastcat(&vec![chord(3); 8]);
        let cost = tenth().cost(&piece(vec![track("d", Plays::Pattern(dense))]), 0.0, 0);
        assert!((cost.total() - 0.2 * 2.0).abs() < 1e-9, "nine at once: {cost:?}");
    }

    #[test]
    fn voices_of_one_choir_cost_less_than_the_first() {
        let singer = Singer { first: 0.5, other: 0.25, release: 0.0, lanes: LANES };
        let shares = [(0, 0.0), (1, 0.5), (2, 0.75), (LANES, 0.5 + 0.25 * (LANES - 1) as f64)];
        shares.into_iter().for_each(|(voices, share)| assert_eq!(singer.all(voices), share, "{voices}"));
        assert_eq!(singer.all(LANES + 1), singer.all(LANES) + 0.5);
    }

    /// A drone through so many filters of one kind.
    fn drone(source: &str, filter: &str, filters: usize) -> Score {
        let through = |sound: Signal, _| sound.pipe(&word(filter, &[800.0, 1.0])).unwrap();
        let sound = (0..filters).fold(word(source, &[110.0]), through);
        piece(vec![track("d", Plays::Signal(sound))])
    }

    #[test]
    fn where_there_is_no_time_for_both_what_is_replaced_fades_first() {
        let judge = |old: &Score, new: &Score| tenth().judge(old, new, 0.0, 0);
        // Seven steps of a tenth each, with the width: another seven are too much at once.
        let Verdict::InTurn(share, parts) = judge(&drone("saw", "lowpass", 5), &drone("sine", "highpass", 5)) else {
            panic!("both are more than there is time for")
        };
        assert!(share > 1.0 && *parts == [Part::Track("d".into())], "{share} {parts:?}");
        assert_eq!(judge(&drone("saw", "lowpass", 1), &drone("sine", "highpass", 1)), Verdict::Across);
        // What only has other numbers goes on: nothing plays twice.
        let low = word("saw", &[55.0]);
        let low = (0..5).fold(low, |sound, _| sound.pipe(&word("lowpass", &[300.0, 1.0])).unwrap());
        let moved = piece(vec![track("d", Plays::Signal(low))]);
        assert_eq!(judge(&drone("saw", "lowpass", 5), &moved), Verdict::Across);
    }

    #[test]
    fn what_would_be_too_much_is_refused_with_the_part_and_its_cost() {
        let pads = |n| (0..n).map(|k| track(&format!("pad{k}"), Plays::Pattern(chord(6)))).collect();
        let (light, heavy) = (piece(vec![]), piece(pads(3)));
        let Verdict::Refused(refused) = tenth().judge(&light, &heavy, 0.0, 0) else { panic!("120 % is too much") };
        assert_eq!(
            refused.message,
            "this would take 120 % of the time there is, the most is 80 %; pad2 alone takes 40 %"
        );
        assert_eq!(refused.at.line, 3);
        assert_eq!(tenth().judge(&light, &piece(pads(1)), 0.0, 0), Verdict::Across);
    }

    #[test]
    fn an_edit_that_takes_less_than_what_plays_is_always_let_in() {
        let pads = |n| piece((0..n).map(|k| track(&format!("pad{k}"), Plays::Pattern(chord(6)))).collect());
        assert!(matches!(tenth().judge(&pads(4), &pads(3), 0.0, 0), Verdict::InTurn(..)));
        assert_eq!(tenth().judge(&pads(4), &pads(4), 0.0, 0), Verdict::Across);
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

//! The plan: what must change on the desk so that the old score becomes the new one, by name, as plain data.
//!
//! Law: a part whose meaning is the same has no change, wherever it stands in the text.

use std::sync::Arc;

use crate::graph::{Signal, SynthDef};
use crate::score::{Bus, Instrument, Location, Score, Source, Track};

pub type Name = Arc<str>;

/// What an edit can change by itself. In the order in which changes are made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Tempo and meter.
    Time,
    Seed,
    Synth(Name),
    Bus(Name),
    Master,
    Track(Name),
}

/// Parts of an edit that begin only when what they replace has faded as a whole, because there is no time to play both.
pub type InTurn = Arc<[Part]>;

impl Part {
    /// The track's name, if it is one.
    pub fn track(&self) -> Option<&Name> {
        match self {
            Part::Track(name) => Some(name),
            _ => None,
        }
    }

    /// The part that is displayed in these words.
    pub fn from_words(words: &str) -> Part {
        match words.split_once(' ') {
            None if words == "tempo" => Part::Time,
            None if words == "seed" => Part::Seed,
            None if words == "master" => Part::Master,
            None => Part::Track(words.into()),
            Some(("synth", name)) => Part::Synth(name.into()),
            Some(("bus", name)) => Part::Bus(name.into()),
            // A track may be called `tempo`, too.
            Some((_, name)) => Part::Track(name.into()),
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Part::Time => f.write_str("tempo"),
            Part::Seed => f.write_str("seed"),
            Part::Master => f.write_str("master"),
            Part::Synth(name) => write!(f, "synth {name}"),
            Part::Bus(name) => write!(f, "bus {name}"),
            // Not to be taken for what the piece has one of.
            Part::Track(name) if matches!(&**name, "tempo" | "seed" | "master") => write!(f, "track {name}"),
            Part::Track(name) => f.write_str(name),
        }
    }
}

/// What becomes of a part.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// All that depends on it (tempo, seed, an instrument) is asked anew.
    Again,
    /// It comes, in the place of what had its name, if that was of another kind.
    Install,
    Remove,
    Edit(Edit),
}

/// A strip that stays, with something about it changed.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Edit {
    /// Other events: the pattern is another.
    pub events: bool,
    /// Another signal.
    pub signal: bool,
    /// Another chain of inserts, likewise.
    pub inserts: bool,
    pub sends: bool,
    pub muted: bool,
    pub automation: bool,
}

/// All parts that differ, in the order in which they are to be changed.
pub fn plan(old: &Score, new: &Score) -> Vec<(Part, What)> {
    let mut parts = vec![Part::Time, Part::Seed, Part::Master];
    let both = [old, new];
    parts.extend(both.iter().flat_map(|s| &s.synths).map(|d| Part::Synth(d.name.clone())));
    parts.extend(both.iter().flat_map(|s| &s.buses).map(|b| Part::Bus(b.name.clone())));
    parts.extend(both.iter().flat_map(|s| &s.tracks).map(|t| Part::Track(t.name.clone())));
    parts.sort();
    parts.dedup();
    parts.into_iter().filter_map(|part| change(old, new, &part).map(|what| (part, what))).collect()
}

/// What becomes of one part; none where it is the same.
pub fn change(old: &Score, new: &Score, part: &Part) -> Option<What> {
    match part {
        Part::Time => (old.cps() != new.cps() || old.meter != new.meter).then_some(What::Again),
        Part::Seed => (old.seed != new.seed).then_some(What::Again),
        Part::Synth(name) => (!same_voice(synth(old, name), synth(new, name))).then_some(What::Again),
        Part::Master => match (&old.master, &new.master) {
            (None, None) => None,
            (None, Some(_)) => Some(What::Install),
            (Some(_), None) => Some(What::Remove),
            (Some(before), Some(after)) => edited(Edit {
                inserts: before != after,
                automation: old.master_automation != new.master_automation,
                ..Edit::default()
            }),
        },
        Part::Bus(name) => match (bus(old, name), bus(new, name)) {
            (None, None) => None,
            (None, Some(_)) => Some(What::Install),
            (Some(_), None) => Some(What::Remove),
            (Some(old), Some(new)) => edited(Edit {
                inserts: old.chain != new.chain,
                automation: old.automation != new.automation,
                ..Edit::default()
            }),
        },
        Part::Track(name) => match (track(old, name), track(new, name)) {
            (None, None) => None,
            (None, Some(_)) => Some(What::Install),
            (Some(_), None) => Some(What::Remove),
            // Notes that still sound, and what is to sound instead, are not one chain: each has its own strip.
            (Some(old), Some(new)) if pattern(old).is_some() != pattern(new).is_some() => Some(What::Install),
            (Some(old), Some(new)) => edited(Edit {
                events: pattern(old) != pattern(new),
                signal: signal(old) != signal(new),
                inserts: old.inserts != new.inserts,
                sends: old.sends != new.sends,
                muted: old.muted != new.muted,
                automation: old.automation != new.automation,
            }),
        },
    }
}

/// Makes one part of `score` what it is in `new`.
pub fn adopt(score: &mut Score, new: &Score, part: &Part) {
    fn put<T: Clone>(list: &mut Vec<T>, new: Option<&T>, same: impl Fn(&T) -> bool) {
        match (list.iter().position(same), new) {
            (Some(at), Some(new)) => list[at] = new.clone(),
            (Some(at), None) => drop(list.remove(at)),
            (None, Some(new)) => list.push(new.clone()),
            (None, None) => {}
        }
    }
    match part {
        Part::Time => (score.tempo, score.meter) = (new.tempo, new.meter),
        Part::Seed => score.seed = new.seed,
        Part::Synth(name) => put(&mut score.synths, synth(new, name), |d| d.name == *name),
        Part::Bus(name) => put(&mut score.buses, bus(new, name), |b| b.name == *name),
        Part::Track(name) => put(&mut score.tracks, track(new, name), |t| t.name == *name),
        Part::Master => {
            score.master = new.master.clone();
            score.master_automation = new.master_automation.clone();
        }
    }
}

/// Whether a score says anything about a part.
pub(super) fn named(score: &Score, part: &Part) -> bool {
    match part {
        Part::Time => score.tempo.is_some() || score.meter.is_some(),
        Part::Seed => score.seed.is_some(),
        Part::Master => score.master.is_some(),
        Part::Synth(name) => synth(score, name).is_some(),
        Part::Bus(name) => bus(score, name).is_some(),
        Part::Track(name) => track(score, name).is_some(),
    }
}

/// Where a part stands in the text, as far as the score remembers.
pub(super) fn location(score: &Score, part: &Part) -> Location {
    match part {
        Part::Track(name) => track(score, name).map(|track| track.at.clone()),
        Part::Bus(name) => bus(score, name).map(|bus| bus.at.clone()),
        Part::Time | Part::Seed | Part::Master | Part::Synth(_) => None,
    }
    .unwrap_or_default()
}

fn edited(edit: Edit) -> Option<What> {
    (edit != Edit::default()).then_some(What::Edit(edit))
}

/// The sentence of help is no part of the sound.
fn same_voice(old: Option<&Instrument>, new: Option<&Instrument>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => {
            let sounds_alike = |a: &SynthDef, b: &SynthDef| a.controls == b.controls && a.body == b.body;
            old == new || sounds_alike(old.def(), new.def())
        }
        _ => false,
    }
}

/// Lets `new` have the very instruments of `old` where they sound the same: their voices can go on being used.
pub(super) fn keep_voices(old: &Score, new: &mut Score) {
    for def in &mut new.synths {
        if let Some(known) = synth(old, &def.name).filter(|known| same_voice(Some(*known), Some(&*def))) {
            *def = known.clone();
        }
    }
}

pub(super) fn synth<'a>(score: &'a Score, name: &str) -> Option<&'a Instrument> {
    score.synths.iter().find(|d| &*d.name == name)
}

pub(super) fn bus<'a>(score: &'a Score, name: &str) -> Option<&'a Bus> {
    score.buses.iter().find(|b| &*b.name == name)
}

pub(super) fn track<'a>(score: &'a Score, name: &str) -> Option<&'a Track> {
    score.tracks.iter().find(|t| &*t.name == name)
}

pub(super) fn pattern(track: &Track) -> Option<&crate::pattern::Pattern> {
    match &track.source {
        Source::Pattern(pattern) => Some(pattern),
        Source::Signal(_) => None,
    }
}

pub(super) fn signal(track: &Track) -> Option<&Signal> {
    match &track.source {
        Source::Signal(signal) => Some(signal),
        Source::Pattern(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, pure};

    fn track(name: &str, source: Source) -> Track {
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

    fn plays(name: &str, word: &str) -> Track {
        track(name, Source::Pattern(pure(word)))
    }

    fn hums(level: f32) -> Signal {
        Signal::control("x").mul(&Signal::constant(level)).expect("a signal")
    }

    fn score(tracks: impl IntoIterator<Item = Track>) -> Score {
        Score { tracks: tracks.into_iter().collect(), ..Score::default() }
    }

    fn part(name: &str) -> Part {
        Part::Track(name.into())
    }

    #[test]
    fn what_is_the_same_has_no_change_wherever_it_stands() {
        let old = score([plays("a", "bd"), plays("b", "sd")]);
        let mut new = score([plays("b", "sd"), plays("a", "bd")]);
        new.tracks[0].at.line = 7;
        new.tracks[0].quantum = Some(crate::score::Quantum::Beat);
        assert_eq!(plan(&old, &new), []);
    }

    #[test]
    fn what_is_new_is_installed_and_what_is_gone_removed() {
        let plan = plan(&score([plays("a", "bd")]), &score([plays("b", "bd")]));
        assert_eq!(plan, [(part("a"), What::Remove), (part("b"), What::Install)]);
    }

    #[test]
    fn another_pattern_changes_the_events_alone() {
        let plan = plan(&score([plays("a", "bd"), plays("b", "sd")]), &score([plays("a", "cp"), plays("b", "sd")]));
        assert_eq!(plan, [(part("a"), What::Edit(Edit { events: true, ..Edit::default() }))]);
    }

    #[test]
    fn another_signal_changes_the_signal_alone() {
        let drone = |signal: Signal| score([track("a", Source::Signal(signal))]);
        let plan = plan(&drone(hums(0.5)), &drone(hums(0.25)));
        assert_eq!(plan, [(part("a"), What::Edit(Edit { signal: true, ..Edit::default() }))]);
    }

    #[test]
    fn a_track_that_becomes_a_signal_is_another_track() {
        let plan = plan(&score([plays("a", "bd")]), &score([track("a", Source::Signal(hums(0.5)))]));
        assert_eq!(plan, [(part("a"), What::Install)]);
    }

    #[test]
    fn tempo_meter_and_seed_ask_everyone_anew_and_defaults_are_no_change() {
        let tempo = |bpm| Score { tempo: bpm, ..Score::default() };
        assert_eq!(plan(&tempo(None), &tempo(Some(120.0))), []);
        assert_eq!(plan(&tempo(None), &tempo(Some(121.0))), [(Part::Time, What::Again)]);
        let seed = Score { seed: Some(3), ..Score::default() };
        assert_eq!(plan(&Score::default(), &seed), [(Part::Seed, What::Again)]);
    }

    #[test]
    fn an_instrument_is_another_by_its_sound_not_by_its_help() {
        let synth = |level, doc: &str| Score {
            synths: vec![
                Arc::new(SynthDef { name: "a".into(), controls: Vec::new(), body: hums(level), doc: doc.into() })
                    .into(),
            ],
            ..Score::default()
        };
        assert_eq!(plan(&synth(0.5, "old"), &synth(0.5, "new")), []);
        assert_eq!(plan(&synth(0.5, ""), &synth(0.25, "")), [(Part::Synth("a".into()), What::Again)]);
    }

    #[test]
    fn an_instrument_evaluated_again_keeps_its_voices_unless_it_sounds_different() {
        let synth = |level| Score {
            synths: vec![
                Arc::new(SynthDef { name: "a".into(), controls: Vec::new(), body: hums(level), doc: "".into() }).into(),
            ],
            ..Score::default()
        };
        let (old, mut same, mut other) = (synth(0.5), synth(0.5), synth(0.25));
        keep_voices(&old, &mut same);
        keep_voices(&old, &mut other);
        assert!(Arc::ptr_eq(old.synths[0].def(), same.synths[0].def()));
        assert!(!Arc::ptr_eq(old.synths[0].def(), other.synths[0].def()));
    }

    #[test]
    fn adopting_every_change_makes_the_old_score_the_new_one() {
        let pattern = |word: &str| -> Pattern { pure(word) };
        let old = Score { tempo: Some(90.0), ..score([plays("a", "bd"), plays("b", "sd")]) };
        let new = Score {
            master: Some(hums(1.0)),
            seed: Some(1),
            ..score([plays("b", "cp"), track("c", Source::Pattern(pattern("hh")))])
        };
        let mut score = old.clone();
        for (part, _) in plan(&old, &new) {
            adopt(&mut score, &new, &part);
        }
        assert_eq!(plan(&score, &new), []);
        assert_eq!(score.tracks, new.tracks);
    }
}

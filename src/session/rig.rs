//! A rig: the lasting side of a strip, its signal and inserts, with the controls among their cells that follow a pattern.

use super::conductor::{Outbox, Stand, fine};
use super::desk::Turn;
use super::events::{name_hash, own};
use super::plan::{Edit, Name};
use crate::engine::{Change, Command, Frames, GRID, Place, Schedule, Target, What};
use crate::graph::wiring::Wiring;
use crate::graph::{self, GraphError, Playing, Prepared};
use crate::pattern::{Pattern, Span, Time};

/// Frames between two values of a control that follows a pattern.
const STEP: Frames = 8 * GRID as Frames;

/// Which of a strip's schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Signal,
    Inserts,
}

impl Side {
    fn target(self, place: Place, cell: u16) -> Target {
        match self {
            Side::Signal => Target::Signal(place, cell),
            Side::Inserts => Target::Insert(place, cell),
        }
    }
}

/// What a side of a strip becomes.
#[derive(Default)]
pub(super) enum Next {
    #[default]
    Same,
    /// Another one, or nothing.
    Other(Option<Prepared>),
}

/// What was built for a strip.
#[derive(Default)]
pub(super) struct Built {
    pub signal: Next,
    pub inserts: Next,
}

/// Controls by name and the patterns they follow.
pub(super) type Follows<'a> = &'a [(Name, Pattern)];

/// The work of one value of a pattern that a control follows, in haps gone through.
const WORK: u64 = 2_000;

struct Automation {
    target: Target,
    pattern: Pattern,
    last: Option<f32>,
}

pub(super) struct Rig {
    place: Place,
    /// The strip's name as a number, from which its chance begins.
    hash: u64,
    signal: Playing,
    inserts: Playing,
    automation: Vec<Automation>,
    /// All moves before this frame have been sent.
    until: Frames,
    /// Frames by which the inserts delay what goes through them.
    pub latency: Frames,
}

impl Rig {
    pub fn new(place: Place, name: &str, rate: f64) -> Rig {
        let hash = name_hash(name);
        let signal = Playing::nothing(Wiring::silent(), rate);
        let inserts = Playing::nothing(Wiring::open(), rate);
        Rig { place, hash, signal, inserts, automation: Vec::new(), until: 0, latency: 0 }
    }

    fn side(&mut self, side: Side) -> &mut Playing {
        match side {
            Side::Signal => &mut self.signal,
            Side::Inserts => &mut self.inserts,
        }
    }

    /// Builds what a signal needs beyond what sounds already.
    pub fn prepare_signal(&self, signal: Option<&graph::Signal>, owner: &str) -> Result<Next, GraphError> {
        let prepare = |signal| self.signal.prepare(graph::lower::tone(signal, owner)?);
        Ok(Next::Other(signal.map(prepare).transpose()?))
    }

    /// Builds what a chain of inserts needs, likewise.
    pub fn prepare_inserts(&self, chain: Option<&graph::Signal>, owner: &str) -> Result<Next, GraphError> {
        let prepare = |chain| self.inserts.prepare(graph::lower::insert(chain, owner)?);
        Ok(Next::Other(chain.map(prepare).transpose()?))
    }

    /// The schedule a new strip begins with, its controls standing where their patterns are at frame `at`.
    pub fn begin(
        &mut self,
        side: Side,
        next: Next,
        follows: Follows,
        stand: &Stand,
        at: Frames,
    ) -> Option<Box<Schedule<1>>> {
        let Next::Other(prepared) = next else { return None };
        let mut schedule = self.side(side).begin(prepared);
        self.latency = self.inserts.latency();
        self.stand(side, schedule.as_deref_mut(), follows, stand, at);
        schedule
    }

    /// Puts controls where their patterns are at frame `at`.
    fn stand(&self, side: Side, schedule: Option<&mut Schedule<1>>, follows: Follows, stand: &Stand, at: Frames) {
        let Some(schedule) = schedule else { return };
        for (cell, pattern) in followed(&self.controls(side), follows) {
            if let Some(value) = value(pattern, stand, self.hash, at) {
                schedule.cell(cell).set(0, value);
            }
        }
    }

    fn controls(&self, side: Side) -> Vec<Name> {
        match side {
            Side::Signal => self.signal.controls(),
            Side::Inserts => self.inserts.controls(),
        }
    }

    /// Lets the controls there are follow these patterns from frame `at` on.
    pub fn follow(&mut self, follows: Follows, at: Frames, out: &mut Outbox) {
        self.rewind(at, out);
        self.automation.clear();
        let place = self.place;
        for side in [Side::Signal, Side::Inserts] {
            let controls = self.controls(side);
            let all = followed(&controls, follows).map(|(cell, p)| (side.target(place, cell as u16), p.clone()));
            self.automation.extend(all.map(|(target, pattern)| Automation { target, pattern, last: None }));
        }
    }

    /// Takes back the moves from frame `at` on, to be sent again.
    pub fn rewind(&mut self, at: Frames, out: &mut Outbox) {
        for automation in &mut self.automation {
            automation.last = None;
            out.commands.push_back(Command::Release { at, target: automation.target });
        }
        self.until = at;
    }

    /// Puts the controls where their patterns are at frame `at`, where nobody hears them move, to go on from there. Where a
    /// pattern rests, they stand where it has left them, if that was after frame `since`.
    pub fn catch_up(&mut self, stand: &Stand, since: Frames, at: Frames, out: &mut Outbox) {
        self.rewind(at, out);
        for automation in &mut self.automation {
            let here = value(&automation.pattern, stand, self.hash, at);
            automation.last = here.or_else(|| latest(&automation.pattern, stand, self.hash, since, at));
            if let Some(value) = automation.last {
                out.set(at, automation.target, value, 0);
            }
        }
    }

    /// Turns signal and inserts into what was built: what goes on keeps its state, numbers walk.
    pub fn edit(
        &mut self,
        edit: &Edit,
        built: Built,
        follows: Follows,
        stand: &Stand,
        turn: &mut Turn,
        out: &mut Outbox,
    ) {
        let (place, mut moved) = (self.place, edit.automation);
        let (fade, ramp) = (turn.fade, turn.ramp);
        for (side, next) in [(Side::Signal, built.signal), (Side::Inserts, built.inserts)] {
            let Next::Other(prepared) = next else { continue };
            match self.side(side).turn(prepared, turn.at, fade, ramp) {
                graph::Turn::Retune(cells) => {
                    for (cell, value) in cells {
                        turn.set(side.target(place, cell), value);
                    }
                }
                graph::Turn::Passage(mut passage) => {
                    self.stand(side, passage.during.as_deref_mut(), follows, stand, turn.at);
                    let what = if side == Side::Signal { What::Signal(passage) } else { What::Inserts(passage) };
                    turn.program.push(Change { place, what });
                    moved = true;
                }
            }
        }
        self.latency = self.inserts.latency();
        if moved {
            self.follow(follows, turn.at, out);
        }
    }

    /// Sends the moves up to frame `to`: each step arrives at a value when the pattern does.
    pub fn advance(&mut self, stand: &Stand, to: Frames, out: &mut Outbox) {
        for automation in &mut self.automation {
            for at in (self.until.next_multiple_of(STEP)..to).step_by(STEP as usize) {
                if let Some(value) = value(&automation.pattern, stand, self.hash, at + STEP)
                    && automation.last != Some(value)
                {
                    automation.last = Some(value);
                    out.set(at, automation.target, value, STEP as u32);
                }
            }
        }
        self.until = self.until.max(to);
    }
}

/// The cells among `controls` that follow a pattern.
fn followed<'a>(controls: &'a [Name], follows: Follows<'a>) -> impl Iterator<Item = (usize, &'a Pattern)> {
    let find = |name: &Name| follows.iter().find(|(control, _)| control == name).map(|(_, pattern)| pattern);
    controls.iter().enumerate().filter_map(move |(cell, name)| find(name).map(|pattern| (cell, pattern)))
}

/// What a pattern says at a frame; none in a rest.
/// The last value of a pattern between two frames; it is sought for a while.
fn latest(pattern: &Pattern, stand: &Stand, name: u64, since: Frames, at: Frames) -> Option<f32> {
    /// Cycles that are looked through.
    const BACK: usize = 64;
    let [first, mut end] = [since, at].map(|frame| Time::from_f64(stand.timeline.cycle_at(frame)));
    for _ in 0..BACK {
        let begin = (end.ceil() - Time::from(1)).max(first);
        if begin >= end {
            return None;
        }
        let (haps, _) = pattern.weigh(Span { begin, end }, own(stand.seed, name), WORK).ok()?;
        let values = haps.iter().filter_map(|hap| Some((hap.part.end, hap.value.numeral()? as f32)));
        let last = values.filter(|(_, x)| x.is_finite()).max_by_key(|(end, _)| *end);
        if let Some((_, value)) = last {
            return Some(value);
        }
        end = begin;
    }
    None
}

fn value(pattern: &Pattern, stand: &Stand, name: u64, at: Frames) -> Option<f32> {
    let (haps, _) = pattern.weigh(fine(stand.timeline.cycle_at(at)), own(stand.seed, name), WORK).ok()?;
    haps.first().and_then(|hap| hap.value.numeral()).map(|x| x as f32).filter(|x| x.is_finite())
}

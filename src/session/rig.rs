//! A rig: the lasting side of a strip, its signal and inserts, with the controls among their cells that follow a pattern.

use super::conductor::{Outbox, Stand, fine};
use super::desk::Turn;
use super::events::{name_hash, own};
use super::plan::{Chain, Edit, Name};
use crate::engine::{Change, Command, Frames, GRID, Place, Schedule, Target, What};
use crate::graph::Lowered;
use crate::pattern::Pattern;

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

/// Schedules that were built for a strip.
#[derive(Default)]
pub(super) struct Built {
    pub signal: Option<Lowered>,
    pub inserts: Option<Lowered>,
}

/// Controls by name and the patterns they follow.
pub(super) type Follows<'a> = &'a [(Name, Pattern)];

struct Automation {
    target: Target,
    pattern: Pattern,
    last: Option<f32>,
}

pub(super) struct Rig {
    place: Place,
    /// The strip's name as a number, from which its chance begins.
    hash: u64,
    signal: Vec<Name>,
    inserts: Vec<Name>,
    automation: Vec<Automation>,
    /// All moves before this frame have been sent.
    until: Frames,
    /// Frames by which the inserts delay what goes through them.
    pub latency: Frames,
}

impl Rig {
    pub fn new(place: Place, name: &str) -> Rig {
        let hash = name_hash(name);
        Rig { place, hash, signal: Vec::new(), inserts: Vec::new(), automation: Vec::new(), until: 0, latency: 0 }
    }

    /// Takes a new schedule in, its controls standing where their patterns are at frame `at`.
    pub fn fit(
        &mut self,
        side: Side,
        built: Option<Lowered>,
        follows: Follows,
        stand: &Stand,
        at: Frames,
    ) -> Option<Box<Schedule<1>>> {
        let (schedule, controls) = built.map(|l| (l.schedule, l.controls)).unzip();
        let controls = controls.unwrap_or_default();
        if side == Side::Inserts {
            let steps = schedule.iter().flat_map(Schedule::steps);
            self.latency = steps.map(|step| step.operation.latency() as Frames).sum();
        }
        let schedule = schedule.map(|mut schedule| {
            for (cell, pattern) in followed(&controls, follows) {
                if let Some(value) = value(pattern, stand, self.hash, at) {
                    schedule.cell(cell).set(0, value);
                }
            }
            Box::new(schedule)
        });
        *(if side == Side::Signal { &mut self.signal } else { &mut self.inserts }) = controls;
        schedule
    }

    /// Lets the controls there are follow these patterns from frame `at` on.
    pub fn follow(&mut self, follows: Follows, at: Frames, out: &mut Outbox) {
        self.rewind(at, out);
        let place = self.place;
        let signal = followed(&self.signal, follows).map(|(cell, p)| (Side::Signal.target(place, cell as u16), p));
        let inserts = followed(&self.inserts, follows).map(|(cell, p)| (Side::Inserts.target(place, cell as u16), p));
        let all = signal.chain(inserts);
        self.automation =
            all.map(|(target, pattern)| Automation { target, pattern: pattern.clone(), last: None }).collect();
    }

    /// Takes back the moves from frame `at` on, to be sent again.
    pub fn rewind(&mut self, at: Frames, out: &mut Outbox) {
        for automation in &mut self.automation {
            automation.last = None;
            out.commands.push_back(Command::Release { at, target: automation.target });
        }
        self.until = at;
    }

    /// Turns signal and inserts into the new ones: schedules are exchanged, numbers walk.
    pub fn edit(
        &mut self,
        edit: &Edit,
        built: Built,
        follows: Follows,
        stand: &Stand,
        turn: &mut Turn,
        out: &mut Outbox,
    ) {
        let place = self.place;
        let sides = [(Side::Signal, &edit.signal, built.signal), (Side::Inserts, &edit.inserts, built.inserts)];
        for (side, chain, built) in sides {
            match chain {
                Chain::Same => {}
                Chain::Retune(cells) => {
                    for (cell, value) in cells {
                        turn.set(side.target(place, *cell), *value);
                    }
                }
                Chain::Replace => {
                    let schedule = self.fit(side, built, follows, stand, turn.at);
                    let what = if side == Side::Signal { What::Signal(schedule) } else { What::Inserts(schedule) };
                    turn.program.push(Change { place, what });
                }
            }
        }
        if edit.automation || edit.signal == Chain::Replace || edit.inserts == Chain::Replace {
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
fn value(pattern: &Pattern, stand: &Stand, name: u64, at: Frames) -> Option<f32> {
    let haps = pattern.try_query(fine(stand.timeline.cycle_at(at)), own(stand.seed, name)).ok()?;
    haps.first().and_then(|hap| hap.value.numeral()).map(|x| x as f32).filter(|x| x.is_finite())
}

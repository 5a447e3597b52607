//! The swap: a schedule in its place, and the passage to the one that takes it.
//!
//! Law: what has the same name before and after is one and the same operation. It is moved across, and so are its phase, its
//! filter's memory, its delay line and its tail. Nothing is copied and nothing runs twice; what fades does so inside of the
//! schedule that plays in between.

use super::fader::{SILENCE, Stereo};
use super::level::sane;
use super::queues::{Retired, Returns};
use super::schedule::{Buffer, Step};
use super::{GRID, Passage, Schedule, Then, Wire};

pub(super) struct Swap {
    /// None passes its input on.
    now: Option<Box<Schedule<1>>>,
    then: Then,
    /// Blocks after which `then` takes its turn.
    left: u32,
}

impl Swap {
    pub fn new(chain: Option<Box<Schedule<1>>>) -> Self {
        Swap { now: chain, then: Then::Stay, left: 0 }
    }

    /// Begins a passage, from whatever plays now. What it replaces is in `passage` afterwards.
    pub fn change(&mut self, passage: &mut Passage) {
        if let (Some(new), Some(old)) = (&mut passage.during, &mut self.now) {
            new.carry(old, Some(passage.ramp));
        }
        std::mem::swap(&mut self.now, &mut passage.during);
        std::mem::swap(&mut self.then, &mut passage.then);
        self.left = passage.fade.div_ceil(GRID as u32);
    }

    /// Whether a passage is under way.
    pub fn fading(&self) -> bool {
        matches!(self.then, Then::Become(_))
    }

    /// A passage that is over makes room for what follows it.
    pub fn settle(&mut self, returns: &mut Returns) {
        if self.left > 0 || !self.fading() || !returns.room() {
            return;
        }
        if let Then::Become(mut next) = std::mem::take(&mut self.then) {
            if let (Some(new), Some(old)) = (&mut next, &mut self.now) {
                new.carry(old, None);
            }
            if let Some(old) = std::mem::replace(&mut self.now, next) {
                returns.give(Retired::Schedule(old));
            }
        }
    }

    /// What plays here: numbers are meant for it.
    pub fn now(&mut self) -> Option<&mut Schedule<1>> {
        self.now.as_deref_mut()
    }

    /// Whether nothing stands here.
    pub fn is_empty(&self) -> bool {
        self.now.is_none() && !self.fading()
    }

    /// The longest silence inside what plays here, in frames.
    pub fn tail(&self) -> usize {
        self.now.as_ref().map_or(0, |chain| chain.tail())
    }

    /// Whether something in it sounds by itself: what hears nothing of the chain is a source.
    pub fn speaks(&self) -> bool {
        let source = |step: &Step<1>| !step.inputs.iter().any(|wire| matches!(wire, Wire::Buffer(_)));
        self.now.as_ref().is_some_and(|chain| chain.steps().iter().any(source))
    }

    /// What plays here begins anew.
    pub fn reset(&mut self, seed: u64) {
        if let Some(chain) = &mut self.now {
            chain.reset(seed);
        }
    }

    /// Plays one block of `sound` through what stands here, in place. False where it made no sound but nonsense: then it was
    /// begun anew from `seed` and is silent in this block.
    pub fn play(&mut self, arena: &mut [Buffer<1>], sound: &mut Stereo, seed: u64) -> bool {
        self.left = self.left.saturating_sub(1);
        self.now.as_deref_mut().is_none_or(|chain| run(chain, arena, sound, seed))
    }
}

/// One block through a schedule, in place.
fn run(schedule: &mut Schedule<1>, arena: &mut [Buffer<1>], sound: &mut Stereo, seed: u64) -> bool {
    for k in 0..schedule.inputs().min(2) {
        arena[k].as_flattened_mut().copy_from_slice(&sound[k]);
    }
    schedule.run(arena, 0, GRID);
    for (k, side) in sound.iter_mut().enumerate() {
        side.copy_from_slice(schedule.output(arena, k).as_flattened());
    }
    let sane = sane(sound);
    if !sane {
        *sound = SILENCE;
        schedule.reset(seed);
    }
    sane
}

//! The swap: a schedule in its place, and the crossfade to the one that takes it.
//!
//! Old and new run side by side on the same input for the length of the fade. How alike they sound is measured as they
//! play, and the two straight lines of the fade are lifted by what unlike sounds lack in the middle: equal power where
//! old and new have nothing in common, equal gain where they are the same sound, and what is right in between.

use super::fader::{SILENCE, Stereo, sane};
use super::schedule::Buffer;
use super::{GRID, Schedule};

/// A schedule, or none: none passes its input on.
type Chain = Option<Box<Schedule<1>>>;

pub(super) struct Swap {
    now: Chain,
    old: Chain,
    /// The newest of what came while a fade was under way, and how long its own fade shall be.
    next: Option<(Chain, u32)>,
    done: u32,
    length: u32,
    likeness: f32,
}

impl Swap {
    pub fn new(chain: Chain) -> Self {
        Swap { now: chain, old: None, next: None, done: 0, length: 0, likeness: 0.0 }
    }

    /// Begins to play `chain` instead, or queues it behind the fade under way; gives back what it replaces there.
    pub fn change(&mut self, chain: Chain, fade: u32) -> Chain {
        if self.fading() || self.old.is_some() {
            return self.next.replace((chain, fade)).and_then(|(replaced, _)| replaced);
        }
        self.old = std::mem::replace(&mut self.now, chain);
        (self.done, self.length, self.likeness) = (0, fade.max(1), 0.0);
        None
    }

    pub fn fading(&self) -> bool {
        self.done < self.length
    }

    /// The schedule that has faded out, to be retired; then what waited behind it begins.
    pub fn settle(&mut self, retire: &mut impl FnMut(Box<Schedule<1>>) -> Result<(), Box<Schedule<1>>>) {
        if self.fading() {
            return;
        }
        if let Some(old) = self.old.take()
            && let Err(old) = retire(old)
        {
            self.old = Some(old);
            return;
        }
        if let Some((chain, fade)) = self.next.take() {
            self.change(chain, fade);
        }
    }

    /// The schedule that was sent last: the one numbers are meant for.
    pub fn newest(&mut self) -> Option<&mut Schedule<1>> {
        match &mut self.next {
            Some((chain, _)) => chain.as_deref_mut(),
            None => self.now.as_deref_mut(),
        }
    }

    /// Whether anything stands here or is still fading.
    pub fn is_empty(&self) -> bool {
        self.now.is_none() && self.old.is_none() && self.next.is_none()
    }

    /// The longest silence inside what plays here, in frames.
    pub fn tail(&self) -> usize {
        [&self.now, &self.old].into_iter().flatten().map(|chain| chain.tail()).max().unwrap_or(0)
    }

    /// Everything that plays here begins anew, and a fade under way is over.
    pub fn reset(&mut self, seed: u64) {
        [&mut self.now, &mut self.old].into_iter().flatten().for_each(|chain| chain.reset(seed));
        self.done = self.length;
    }

    /// Plays one block of `sound` through what stands here, in place. False where something made no sound but nonsense:
    /// that one was begun anew from `seed` and is silent in this block.
    pub fn play(&mut self, arena: &mut [Buffer<1>], sound: &mut Stereo, seed: u64) -> bool {
        if !self.fading() {
            return self.now.as_deref_mut().is_none_or(|chain| run(chain, arena, sound, seed));
        }
        let mut before = *sound;
        let old_sane = self.old.as_deref_mut().is_none_or(|chain| run(chain, arena, &mut before, seed));
        let new_sane = self.now.as_deref_mut().is_none_or(|chain| run(chain, arena, sound, seed));
        self.cross(&before, sound);
        old_sane && new_sane
    }

    fn cross(&mut self, before: &Stereo, sound: &mut Stereo) {
        let to = likeness(before, sound);
        // At its first frame a fade is all old, however alike the two are: nothing jumps.
        let from = if self.done == 0 { to } else { self.likeness };
        for i in 0..GRID {
            self.done = (self.done + 1).min(self.length);
            let new = self.done as f32 / self.length as f32;
            let old = 1.0 - new;
            let alike = from + (to - from) * (i + 1) as f32 / GRID as f32;
            // The power of the sum of two sounds with correlation `alike`, brought back to 1.
            let lift = (new * new + old * old + 2.0 * alike * new * old).sqrt().recip();
            for side in 0..2 {
                sound[side][i] = (before[side][i] * old + sound[side][i] * new) * lift;
            }
        }
        self.likeness = to;
    }
}

/// Correlation of two blocks: 1 for the same shape, 0 for strangers and for what cancels.
fn likeness(a: &Stereo, b: &Stereo) -> f32 {
    let dot =
        |x: &Stereo, y: &Stereo| -> f32 { x.as_flattened().iter().zip(y.as_flattened()).map(|(x, y)| x * y).sum() };
    let power = dot(a, a) * dot(b, b);
    if power > 0.0 && power.is_finite() { (dot(a, b) / power.sqrt()).clamp(0.0, 1.0) } else { 0.0 }
}

/// One block through a schedule, in place: mono sound goes to both sides at equal power.
fn run(schedule: &mut Schedule<1>, arena: &mut [Buffer<1>], sound: &mut Stereo, seed: u64) -> bool {
    for k in 0..schedule.inputs().min(2) {
        arena[k].as_flattened_mut().copy_from_slice(&sound[k]);
    }
    schedule.run(arena, 0, GRID);
    if schedule.outputs() == 1 {
        let mono = schedule.output(arena, 0).as_flattened();
        for side in sound.iter_mut() {
            side.iter_mut().zip(mono).for_each(|(x, m)| *x = m * std::f32::consts::FRAC_1_SQRT_2);
        }
    } else {
        for (k, side) in sound.iter_mut().enumerate() {
            side.copy_from_slice(schedule.output(arena, k).as_flattened());
        }
    }
    let sane = sane(sound);
    if !sane {
        *sound = SILENCE;
        schedule.reset(seed);
    }
    sane
}

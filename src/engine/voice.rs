//! A voice: the life of one note, frame-exact inside the block, wherever its sound is computed.

use super::arena::Arena;
use super::fader::{balance, spread};
use super::level::bearable;
use super::residue::{Mix, Residue, Trace};
use super::{Event, Frames, GRID, MAX_SENDS};

/// Below this (−90 dB) a released voice is silent.
const SILENT: f32 = 3.16e-5;
/// A released voice must be silent for so many frames, or for its own longest silence, before it is over.
const PATIENCE: u32 = 8 * GRID as u32;

/// What a voice needs around it while it plays.
pub(super) struct Stage<'a> {
    /// The block's first frame.
    pub block: Frames,
    pub arena: &'a mut Arena,
    pub mix: &'a mut Mix,
    pub residue: &'a mut Residue,
}

/// What all voices of a pool have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    pub gate: Option<u16>,
    pub controls: u16,
    pub longest: Frames,
    pub tail: u32,
    /// Frames in which a cut note fades.
    pub cut: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Voice {
    sounding: bool,
    pub key: u64,
    pub cut: u32,
    pub begun: Frames,
    off: Frames,
    closed: Option<Frames>,
    levels: [f32; 2],
    sends: [(u16, f32); MAX_SENDS],
    /// Whether it is heard on its strip alone.
    alone: bool,
    /// Frames left of a fade that ends the note, if one is under way.
    fade: Option<u32>,
    /// Peak so far in this block, and in the block before.
    peak: f32,
    level: f32,
    quiet: u32,
    /// The last two frames that were heard, of left and right.
    last: [Trace; 2],
}

impl Voice {
    pub fn new() -> Self {
        Voice {
            sounding: false,
            key: 0,
            cut: 0,
            begun: 0,
            off: 0,
            closed: None,
            levels: [0.0; 2],
            sends: [(0, 0.0); MAX_SENDS],
            alone: true,
            fade: None,
            peak: 0.0,
            level: 0.0,
            quiet: 0,
            last: [[0.0; 2]; 2],
        }
    }

    pub fn sounding(&self) -> bool {
        self.sounding
    }

    /// Whether its gate has closed or a fade ends it.
    pub fn releasing(&self) -> bool {
        self.closed.is_some() || self.fade.is_some()
    }

    /// Which of many sounding voices is missed least, the lowest first: the quietest that is releasing, then the oldest.
    /// One that fades already is none of them.
    pub fn rank(&self) -> Option<(bool, u64)> {
        match (self.sounding && self.fade.is_none(), self.releasing()) {
            (false, _) => None,
            (true, true) => Some((false, self.level().to_bits().into())),
            (true, false) => Some((true, self.begun)),
        }
    }

    /// How loud it was of late.
    pub fn level(&self) -> f32 {
        self.level.max(self.peak)
    }

    /// Begins a note at frame `now`; its instrument has one output or two. The voice must be silent.
    pub fn begin(&mut self, event: &Event, now: Frames, outputs: usize) {
        let place = if outputs == 1 { spread(event.pan) } else { balance(event.pan) };
        *self = Voice {
            sounding: true,
            key: event.key,
            cut: event.cut,
            begun: now,
            // A note that comes after its own end is still played at its length.
            off: if event.off > now { event.off } else { now + event.off.saturating_sub(event.at).max(1) },
            levels: place.map(|side| side * event.gain),
            sends: event.sends,
            alone: event.sends.iter().all(|(_, level)| *level == 0.0),
            ..Voice::new()
        };
    }

    /// Closes the gate at `at`, if it is open until later.
    pub fn close(&mut self, at: Frames) {
        self.off = self.off.min(at);
    }

    /// Ends the note by a fade from here on.
    pub fn fade(&mut self, frames: u32) {
        self.fade.get_or_insert(frames);
    }

    /// The frame before `to` of the block, not before `from`, at which its gate closes, once.
    pub fn release(&mut self, from: usize, to: usize, block: Frames) -> Option<usize> {
        if self.closed.is_some() || self.off >= block + to as Frames {
            return None;
        }
        let at = (self.off.saturating_sub(block) as usize).max(from);
        self.closed = Some(block + at as Frames);
        Some(at)
    }

    /// Hears how loud frames from `from` on are. False where they are nothing but nonsense; the note is over then.
    pub fn peaked(&mut self, peak: f32, from: usize, mix: &mut Mix, residue: &mut Residue) -> bool {
        if !bearable(peak) {
            self.end(from, mix, residue);
            return false;
        }
        self.peak = self.peak.max(peak);
        true
    }

    /// Whether its sound goes to the strip alone, at a level that holds still.
    pub fn plain(&self) -> bool {
        self.alone && self.fade.is_none()
    }

    /// Its level on each side.
    pub fn levels(&self) -> [f32; 2] {
        self.levels
    }

    /// Remembers the latest frame that was heard on a side, and the one before it if it was of the same run.
    pub fn trace(&mut self, side: usize, latest: f32, before: Option<f32>) {
        let level = self.levels[side];
        self.last[side] = [latest * level, before.map_or(self.last[side][0], |x| x * level)];
    }

    /// Lets frames from `from` on, left and right, be heard of a note that fades or feeds buses.
    pub fn spread_out(&mut self, sound: [&[f32]; 2], from: usize, habit: &Habit, mix: &mut Mix) {
        let frames = sound[0].len();
        let to = from + frames;
        let mut heard = [[0.0; GRID]; 2];
        for (side, sound) in sound.into_iter().enumerate() {
            heard[side].iter_mut().zip(sound).for_each(|(h, x)| *h = x * self.levels[side]);
        }
        if let Some(fade) = &mut self.fade {
            for i in 0..frames {
                *fade = fade.saturating_sub(1);
                let level = *fade as f32 / habit.cut as f32;
                heard.iter_mut().for_each(|side| side[i] *= level);
            }
        }
        for (trace, heard) in self.last.iter_mut().zip(&heard) {
            *trace = match &heard[..frames] {
                [] => *trace,
                [only] => [*only, trace[0]],
                [.., last, latest] => [*latest, *last],
            };
        }
        let pour = |to: &mut [f32], sound: &[f32], level: f32| {
            to.iter_mut().zip(sound).for_each(|(t, x)| *t += x * level);
        };
        for side in 0..2 {
            pour(&mut mix.sum[side][from..to], &heard[side], 1.0);
            for &(bus, level) in self.sends.iter().filter(|(_, level)| *level != 0.0) {
                if let Some(send) = mix.sends.get(bus as usize) {
                    pour(&mut send[side][from..to], &heard[side], level);
                }
            }
        }
    }

    /// Ends the block; true where the note ended with it.
    pub fn finish(&mut self, habit: &Habit, stage: &mut Stage) -> bool {
        if !self.sounding {
            return false;
        }
        (self.level, self.peak) = (self.peak, 0.0);
        let Some(closed) = self.closed.or(self.fade.map(|_| stage.block)) else { return false };
        self.quiet = if self.level < SILENT { self.quiet + GRID as u32 } else { 0 };
        let silent = self.quiet >= PATIENCE.max(habit.tail);
        let overdue = stage.block + GRID as Frames >= closed.saturating_add(habit.longest);
        let over = silent || overdue || self.fade == Some(0);
        if over {
            self.end(GRID, stage.mix, stage.residue);
        }
        over
    }

    /// Breaks the note off at frame `at` of the block, up to which it has played; what sounded dies out.
    pub fn end(&mut self, at: usize, mix: &mut Mix, residue: &mut Residue) {
        residue.catch(at, self.last, &self.sends, mix);
        self.silence();
    }

    /// Is silent from here on, without a trace.
    pub fn silence(&mut self) {
        (self.sounding, self.last) = (false, [[0.0; 2]; 2]);
    }
}

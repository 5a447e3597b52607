//! A voice: one schedule that plays one note at a time, frame-exact inside the block.

use super::fader::{balance, bearable, loudest, spread};
use super::residue::{Mix, Residue, Trace};
use super::schedule::Buffer;
use super::{Event, Frames, GRID, MAX_SENDS, Schedule};

/// Below this (−90 dB) a released voice is silent.
const SILENT: f32 = 3.16e-5;
/// A released voice must be silent for so many frames, or for its own longest silence, before it is over.
const PATIENCE: u32 = 8 * GRID as u32;

/// What a voice needs around it while it plays.
pub(super) struct Stage<'a> {
    /// The block's first frame.
    pub block: Frames,
    pub arena: &'a mut [Buffer<1>],
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

pub(super) struct Voice {
    schedule: Schedule<1>,
    sounding: bool,
    pub key: u64,
    pub cut: u32,
    pub begun: Frames,
    off: Frames,
    closed: Option<Frames>,
    levels: [f32; 2],
    sends: [(u16, f32); MAX_SENDS],
    /// Frames left of a fade that ends the note, if one is under way.
    fade: Option<u32>,
    /// Peak so far in this block, and in the block before.
    peak: f32,
    level: f32,
    quiet: u32,
    /// The last two frames that were heard, of left and right.
    last: [Trace; 2],
    /// Frames of this block that have been played.
    done: usize,
}

impl Voice {
    pub fn new(schedule: Schedule<1>) -> Self {
        Voice {
            schedule,
            sounding: false,
            key: 0,
            cut: 0,
            begun: 0,
            off: 0,
            closed: None,
            levels: [0.0; 2],
            sends: [(0, 0.0); MAX_SENDS],
            fade: None,
            peak: 0.0,
            level: 0.0,
            quiet: 0,
            last: [[0.0; 2]; 2],
            done: 0,
        }
    }

    pub fn schedule(&self) -> &Schedule<1> {
        &self.schedule
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

    /// Begins a note at frame `at` of the block that begins at `block`. The voice must be silent.
    pub fn begin(&mut self, event: &Event, block: Frames, at: usize, habit: &Habit) {
        let now = block + at as Frames;
        self.schedule.reset(event.seed);
        for k in 0..habit.controls as usize {
            let value = if habit.gate == Some(k as u16) { 1.0 } else { event.controls[k] };
            self.schedule.cell(k).set(0, value);
        }
        let place = if self.schedule.outputs() == 1 { spread(event.pan) } else { balance(event.pan) };
        self.levels = place.map(|side| side * event.gain);
        // A note that comes after its own end is still played at its length.
        self.off = if event.off > now { event.off } else { now + event.off.saturating_sub(event.at).max(1) };
        (self.key, self.cut, self.sends) = (event.key, event.cut, event.sends);
        (self.sounding, self.begun, self.done) = (true, now, at);
        (self.closed, self.fade, self.quiet) = (None, None, 0);
        (self.peak, self.level, self.last) = (0.0, 0.0, [[0.0; 2]; 2]);
    }

    /// Closes the gate at `at`, if it is open until later.
    pub fn close(&mut self, at: Frames) {
        self.off = self.off.min(at);
    }

    /// Ends the note by a fade from here on.
    pub fn fade(&mut self, frames: u32) {
        self.fade.get_or_insert(frames);
    }

    /// Moves a control of the sounding note.
    pub fn bend(&mut self, control: u16, value: f32, ramp: u32) {
        self.schedule.cell(control as usize).ramp(0, value, ramp);
    }

    /// Plays on to frame `to` of the block. False where it made no sound but nonsense; it is over then.
    pub fn play(&mut self, to: usize, habit: &Habit, stage: &mut Stage) -> bool {
        let from = self.done;
        if !self.sounding || from >= to {
            return true;
        }
        self.done = to;
        self.release(from, to, habit, stage.block);
        self.schedule.run(stage.arena, from, to);
        let left = &self.schedule.output(stage.arena, 0).as_flattened()[from..to];
        let right = match self.schedule.outputs() {
            1 => left,
            _ => &self.schedule.output(stage.arena, 1).as_flattened()[from..to],
        };
        let peak = if std::ptr::eq(left, right) { loudest(left) } else { loudest(&[loudest(left), loudest(right)]) };
        if !bearable(peak) {
            self.end(from, stage);
            self.schedule.reset(0);
            return false;
        }
        self.peak = self.peak.max(peak);
        let mut heard = [[0.0; GRID]; 2];
        for (side, sound) in [left, right].into_iter().enumerate() {
            heard[side][..to - from].iter_mut().zip(sound).for_each(|(h, x)| *h = x * self.levels[side]);
        }
        if let Some(fade) = &mut self.fade {
            for i in 0..to - from {
                *fade = fade.saturating_sub(1);
                let level = *fade as f32 / habit.cut as f32;
                heard.iter_mut().for_each(|side| side[i] *= level);
            }
        }
        for (trace, heard) in self.last.iter_mut().zip(&heard) {
            let last = heard[to - from - 1];
            let before = if to - from > 1 { heard[to - from - 2] } else { trace[0] };
            *trace = [last, before];
        }
        let pour = |to: &mut [f32], sound: &[f32], level: f32| {
            to.iter_mut().zip(sound).for_each(|(t, x)| *t += x * level);
        };
        for side in 0..2 {
            pour(&mut stage.mix.sum[side][from..to], &heard[side], 1.0);
            for &(bus, level) in self.sends.iter().filter(|(_, level)| *level != 0.0) {
                if let Some(send) = stage.mix.sends.get(bus as usize) {
                    pour(&mut send[side][from..to], &heard[side], level);
                }
            }
        }
        true
    }

    fn release(&mut self, from: usize, to: usize, habit: &Habit, block: Frames) {
        if self.closed.is_none() && self.off < block + to as Frames {
            let at = (self.off.saturating_sub(block) as usize).max(from);
            self.closed = Some(block + at as Frames);
            if let Some(gate) = habit.gate {
                self.schedule.cell(gate as usize).edge(0, at, 0.0);
            }
        }
    }

    /// Ends the block; true where the note ended with it.
    pub fn finish(&mut self, habit: &Habit, stage: &mut Stage) -> bool {
        if !self.sounding {
            return false;
        }
        (self.level, self.peak, self.done) = (self.peak, 0.0, 0);
        let Some(closed) = self.closed.or(self.fade.map(|_| stage.block)) else { return false };
        self.quiet = if self.level < SILENT { self.quiet + GRID as u32 } else { 0 };
        let silent = self.quiet >= PATIENCE.max(habit.tail);
        let overdue = stage.block + GRID as Frames >= closed.saturating_add(habit.longest);
        let over = silent || overdue || self.fade == Some(0);
        if over {
            self.end(GRID, stage);
        }
        over
    }

    /// Breaks the note off at frame `at` of the block, up to which it has played; what sounded dies out.
    pub fn end(&mut self, at: usize, stage: &mut Stage) {
        stage.residue.catch(at, self.last, &self.sends, stage.mix);
        self.silence();
    }

    /// Is silent from here on, without a trace.
    pub fn silence(&mut self) {
        (self.sounding, self.done, self.last) = (false, 0, [[0.0; 2]; 2]);
    }
}

//! A choir: the voices of one instrument that sound side by side, one in each lane of a schedule.
//!
//! Law: how many lanes there are is not heard. A note begins and ends in its lane at its own frame; the choir plays up to
//! that frame first, so that lanes which sound already are only cut into runs, which changes nothing. What is mixed is mixed
//! voice by voice, in their order.

use super::processor::{Task, at_full_width};
use super::residue::{Mix, Residue};
use super::schedule::{Buffer, LaneSet, lanes};
use super::voice::{Habit, Stage, Voice};
use super::{Event, Frames, GRID, LANES, Schedule};

/// Voices that sound side by side, however many.
pub(super) trait Choir: Send {
    fn voices(&self) -> &[Voice];

    fn voices_mut(&mut self) -> &mut [Voice];

    /// Inputs, outputs, cells, and the buffers of the most lanes there are that it needs.
    fn wants(&self) -> Wants;

    /// The longest silence inside its sound, in frames.
    fn tail(&self) -> usize;

    /// Begins a note in a silent lane at frame `at` of the block, up to which it has played.
    fn begin(&mut self, lane: usize, event: &Event, at: usize, habit: &Habit, block: Frames);

    /// Moves a control of a lane.
    fn bend(&mut self, lane: usize, control: u16, value: f32, ramp: u32);

    /// Plays on to frame `to` of the block. False where a voice made no sound but nonsense; it is over then.
    fn play(&mut self, to: usize, habit: &Habit, stage: &mut Stage) -> bool;
}

/// What a choir needs where it plays.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    pub inputs: usize,
    pub outputs: usize,
    pub cells: usize,
    pub scratch: usize,
}

/// The voices of an instrument, ready to sound: in choirs of one or of many.
pub struct Voices(pub(super) Vec<Box<dyn Choir>>);

impl<const L: usize> From<Vec<Schedule<L>>> for Voices {
    /// One voice for each lane of each schedule.
    fn from(schedules: Vec<Schedule<L>>) -> Self {
        let choir = |schedule| Box::new(SideBySide::new(schedule)) as Box<dyn Choir>;
        Voices(schedules.into_iter().map(choir).collect())
    }
}

/// One voice in each lane of a schedule.
struct SideBySide<const L: usize> {
    schedule: Schedule<L>,
    voices: [Voice; L],
    /// The block that is being played, and how many of its frames have been.
    block: Frames,
    done: usize,
}

impl<const L: usize> SideBySide<L> {
    fn new(schedule: Schedule<L>) -> Self {
        SideBySide { schedule, voices: [Voice::new(); L], block: 0, done: 0 }
    }

    /// The lanes that sound, their gates closed where they close before frame `to`.
    fn sounding(&mut self, from: usize, to: usize, habit: &Habit) -> LaneSet {
        let mut set = 0;
        for (lane, voice) in self.voices.iter_mut().enumerate().filter(|(_, voice)| voice.sounding()) {
            set |= 1 << lane;
            if let Some(at) = voice.release(from, to, self.block)
                && let Some(gate) = habit.gate
            {
                self.schedule.cell(gate as usize).edge(lane, at, 0.0);
            }
        }
        set
    }
}

impl<const L: usize> Choir for SideBySide<L> {
    fn voices(&self) -> &[Voice] {
        &self.voices
    }

    fn voices_mut(&mut self) -> &mut [Voice] {
        &mut self.voices
    }

    fn wants(&self) -> Wants {
        let Self { schedule, .. } = self;
        let scratch = schedule.scratch() * L.div_ceil(LANES);
        Wants { inputs: schedule.inputs(), outputs: schedule.outputs(), cells: schedule.cells(), scratch }
    }

    fn tail(&self) -> usize {
        self.schedule.tail()
    }

    fn begin(&mut self, lane: usize, event: &Event, at: usize, habit: &Habit, block: Frames) {
        self.schedule.reset_lane(lane, event.seed);
        for k in 0..habit.controls as usize {
            let value = if habit.gate == Some(k as u16) { 1.0 } else { event.controls[k] };
            self.schedule.cell(k).set(lane, value);
        }
        self.voices[lane].begin(event, block + at as Frames, self.schedule.outputs());
    }

    fn bend(&mut self, lane: usize, control: u16, value: f32, ramp: u32) {
        self.schedule.cell(control as usize).ramp(lane, value, ramp);
    }

    fn play(&mut self, to: usize, habit: &Habit, stage: &mut Stage) -> bool {
        if self.block != stage.block {
            (self.block, self.done) = (stage.block, 0);
        }
        let from = self.done;
        if from >= to {
            return true;
        }
        self.done = to;
        let sounding = self.sounding(from, to, habit);
        if sounding == 0 {
            return true;
        }
        let arena = stage.arena.buffers::<L>();
        self.schedule.run_lanes(arena, from, to, sounding);
        let left = self.schedule.output(arena, 0);
        let right = if self.schedule.outputs() == 1 { left } else { self.schedule.output(arena, 1) };
        let (mix, residue) = (&mut *stage.mix, &mut *stage.residue);
        let voices = &mut self.voices;
        let lost =
            at_full_width::<L, _>(Mixdown { voices, sounding, sound: [left, right], from, to, habit, mix, residue });
        lanes(lost).for_each(|lane| self.schedule.reset_lane(lane, 0));
        lost == 0
    }
}

/// Mixes the lanes that sound; gives those that made nonsense.
struct Mixdown<'a, const L: usize> {
    voices: &'a mut [Voice; L],
    sounding: LaneSet,
    sound: [&'a Buffer<L>; 2],
    from: usize,
    to: usize,
    habit: &'a Habit,
    mix: &'a mut Mix,
    residue: &'a mut Residue,
}

impl<const L: usize> Task for Mixdown<'_, L> {
    type Gives = LaneSet;

    #[inline(always)]
    fn go(self) -> LaneSet {
        let Mixdown { voices, sounding, sound, from, to, habit, mix, residue } = self;
        let mono = std::ptr::eq(sound[0], sound[1]);
        let mut lines = [[0.0; GRID]; 2];
        let mut lost = 0;
        for lane in lanes(sounding) {
            let Some(voice) = voices.get_mut(lane) else { break };
            for (line, sound) in lines.iter_mut().zip(sound).take(if mono { 1 } else { 2 }) {
                line.iter_mut().zip(&sound[from..to]).for_each(|(x, frame)| *x = frame[lane]);
            }
            let [left, right] = [&lines[0][..to - from], &lines[if mono { 0 } else { 1 }][..to - from]];
            if !voice.heard([left, right], from, habit, mix, residue) {
                lost |= 1 << lane;
            }
        }
        lost
    }
}

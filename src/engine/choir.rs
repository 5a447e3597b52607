//! A choir: the voices of one instrument that sound side by side, one in each lane of a schedule.
//!
//! Law: how many lanes there are is not heard. A note begins and ends in its lane at its own frame; the choir plays up to
//! that frame first, so that lanes which sound already are only cut into runs, which changes nothing. What is mixed is mixed
//! voice by voice, in their order.

use super::processor::{Task, at_full_width, each, separate};
use super::schedule::{Buffer, LaneSet, lanes};
use super::voice::{Habit, Stage, Voice};
use super::{Event, Frames, GRID, LANES, Schedule};

/// Frames that are mixed in one stride: long enough that the compiler makes wide arithmetic of it.
const STRIDE: usize = 8;

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
        let choir = |(n, schedule)| Box::new(SideBySide::new(schedule, n * L)) as Box<dyn Choir>;
        Voices(schedules.into_iter().enumerate().map(choir).collect())
    }
}

/// One voice in each lane of a schedule.
struct SideBySide<const L: usize> {
    schedule: Schedule<L>,
    voices: [Voice; L],
    /// Their levels on both sides, side by side.
    levels: [[f32; L]; 2],
    /// The row of the mix that its first voice is added to.
    row: usize,
    /// The block that is being played, and how many of its frames have been.
    block: Frames,
    done: usize,
}

impl<const L: usize> SideBySide<L> {
    /// `first`: how many voices of the instrument come before.
    fn new(schedule: Schedule<L>, first: usize) -> Self {
        SideBySide { schedule, voices: [Voice::new(); L], levels: [[0.0; L]; 2], row: first % LANES, block: 0, done: 0 }
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
        let (inputs, outputs, cells) = (schedule.inputs(), schedule.outputs(), schedule.cells());
        Wants { inputs, outputs, cells, scratch: schedule.scratch() }
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
        [self.levels[0][lane], self.levels[1][lane]] = self.voices[lane].levels();
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
        let (voices, row, sound) = (&mut self.voices, self.row, [left, right]);
        let peaks = at_full_width::<L, _>(Peaks { sound, from, to });
        let (mut plain, mut lost) = (0, 0);
        for lane in lanes(sounding) {
            let voice = &mut voices[lane];
            if !voice.peaked(peaks[lane], from, mix, residue) {
                lost |= 1 << lane;
            } else if voice.plain() {
                plain |= 1 << lane;
            } else {
                let [left, right] = sound.map(|sound| column(sound, lane, from, to));
                voice.spread_out([&left[..to - from], &right[..to - from]], from, habit, mix);
            }
        }
        if plain != 0 {
            // What stands in a lane that is silent or loud in another way is left out, be it a number or not.
            let keep = each!(L, l => if plain >> l & 1 == 1 { u32::MAX } else { 0 });
            let (rows, first) = mix.rows(L >= LANES && (from, to) == (0, GRID));
            at_full_width::<L, _>(Pour { sound, levels: &self.levels, keep: &keep, from, to, row, rows, first });
            for lane in lanes(plain) {
                for (side, sound) in sound.into_iter().enumerate() {
                    let before = if to - from > 1 { Some(sound[to - 2][lane]) } else { None };
                    voices[lane].trace(side, sound[to - 1][lane], before);
                }
            }
        }
        lanes(lost).for_each(|lane| self.schedule.reset_lane(lane, 0));
        lost == 0
    }
}

/// One lane of a block, its frames `from..to` first.
fn column<const L: usize>(sound: &Buffer<L>, lane: usize, from: usize, to: usize) -> [f32; GRID] {
    let mut line = [0.0; GRID];
    line.iter_mut().zip(&sound[from..to]).for_each(|(x, frame)| *x = frame[lane]);
    line
}

/// The largest magnitude in each lane; no number where one of them is none.
///
/// Compared as bits, which order magnitudes with infinity and not-a-number on top.
struct Peaks<'a, const L: usize> {
    sound: [&'a Buffer<L>; 2],
    from: usize,
    to: usize,
}

impl<const L: usize> Task for Peaks<'_, L> {
    type Gives = [f32; L];

    #[inline(always)]
    fn go(self) -> [f32; L] {
        let Peaks { sound: [left, right], from, to } = self;
        let mut most = [[0; L]; STRIDE];
        let mut hear = |sound: &[[f32; L]]| {
            let strides = sound.chunks_exact(STRIDE);
            let rest = strides.remainder().as_flattened();
            for sound in strides.map(<[_]>::as_flattened).chain([rest]) {
                for (most, x) in most.as_flattened_mut().iter_mut().zip(sound) {
                    *most = (*most).max((x.to_bits() & !(1 << 31)) as i32);
                }
            }
        };
        hear(&left[from..to]);
        if !std::ptr::eq(left, right) {
            hear(&right[from..to]);
        }
        each!(L, l => f32::from_bits(most.iter().fold(0, |all, frame| all.max(frame[l])) as u32))
    }
}

/// Adds lanes at their levels to the rows of the mix.
struct Pour<'a, const L: usize> {
    sound: [&'a Buffer<L>; 2],
    levels: &'a [[f32; L]; 2],
    /// All bits of the lanes that are heard, none of the others.
    keep: &'a [u32; L],
    from: usize,
    to: usize,
    row: usize,
    rows: &'a mut [[[f32; LANES]; GRID]; 2],
    /// Whether they are to be filled and not added to; only where all lanes stand in one row each, for a whole block.
    first: bool,
}

impl<const L: usize> Task for Pour<'_, L> {
    type Gives = ();

    #[inline(always)]
    fn go(self) {
        if self.first { self.pour::<true>() } else { self.pour::<false>() }
    }
}

impl<const L: usize> Pour<'_, L> {
    #[inline(always)]
    fn pour<const FIRST: bool>(self) {
        let Pour {
            sound: [left, right],
            levels: [far_left, far_right],
            keep,
            from,
            to,
            row,
            rows: [lefts, rights],
            ..
        } = self;
        let (keep, far_left, far_right) = (*keep, *far_left, *far_right);
        let (lefts, rights) = (&mut lefts[from..to], &mut rights[from..to]);
        if std::ptr::eq(left, right) {
            for ((lefts, rights), frame) in lefts.iter_mut().zip(rights).zip(&left[from..to]) {
                separate::<L>();
                let heard = kept(frame, &keep);
                heap::<L, FIRST>(lefts, &heard, &far_left, row);
                heap::<L, FIRST>(rights, &heard, &far_right, row);
            }
            return;
        }
        for (rows, sound, level) in [(lefts, left, far_left), (rights, right, far_right)] {
            for (rows, frame) in rows.iter_mut().zip(&sound[from..to]) {
                separate::<L>();
                heap::<L, FIRST>(rows, &kept(frame, &keep), &level, row);
            }
        }
    }
}

/// What is kept of a frame.
#[inline(always)]
fn kept<const L: usize>(frame: &[f32; L], keep: &[u32; L]) -> [f32; L] {
    each!(L, l => f32::from_bits(frame[l].to_bits() & keep[l]))
}

/// Adds a frame at its levels to rows, the first lane to row `row`; or fills them with it, if it is the first.
#[inline(always)]
fn heap<const L: usize, const FIRST: bool>(rows: &mut [f32; LANES], frame: &[f32; L], levels: &[f32; L], row: usize) {
    let heard: [f32; L] = each!(L, l => frame[l] * levels[l]);
    if L < LANES {
        for (l, heard) in heard.into_iter().enumerate() {
            rows[(row + l) % LANES] += heard;
        }
        return;
    }
    // Nothing, to which anything is added without becoming something else.
    let mut sums = if FIRST { [-0.0; LANES] } else { *rows };
    for part in heard.as_chunks::<LANES>().0 {
        sums = each!(LANES, l => sums[l] + part[l]);
    }
    *rows = sums;
}

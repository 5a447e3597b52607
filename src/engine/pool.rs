//! The voices of one instrument on one track: who plays the next note, and who gives way.

use super::message::Pool;
use super::residue::frames;
use super::voice::{Habit, Stage, Voice};
use super::{Event, Frames, GRID, MAX_CONTROLS};

/// A cut note fades in so many seconds.
const CUT: f64 = 0.005;

pub(super) struct Bank {
    pub id: u32,
    habit: Habit,
    voices: Vec<Voice>,
    /// Plays no new notes.
    pub closed: bool,
}

impl Bank {
    pub fn new(pool: Pool, rate: f64) -> Self {
        let tail = pool.voices.first().map_or(0, |voice| voice.tail());
        let cells = pool.voices.iter().map(|voice| voice.cells()).min().unwrap_or(0);
        let controls = (pool.controls as usize).min(cells).min(MAX_CONTROLS) as u16;
        Bank {
            id: pool.id,
            habit: Habit {
                gate: pool.gate.filter(|gate| *gate < controls),
                controls,
                longest: pool.longest,
                tail: tail.min(u32::MAX as usize) as u32,
                cut: frames(CUT, rate) as u32,
            },
            voices: pool.voices.into_iter().map(Voice::new).collect(),
            closed: false,
        }
    }

    /// Whether its voices can be played here: no inputs, one or two outputs, no more scratch than there is.
    pub fn fits(&self, scratch: usize) -> bool {
        self.voices.iter().all(|voice| {
            let schedule = voice.schedule();
            schedule.inputs() == 0 && (1..=2).contains(&schedule.outputs()) && schedule.scratch() <= scratch
        })
    }

    pub fn sounding(&self) -> bool {
        self.voices.iter().any(Voice::sounding)
    }

    /// Begins a note at frame `at` of the block; gives the key of the note that had to give way.
    pub fn begin(&mut self, event: &Event, at: usize, stage: &mut Stage) -> Option<u64> {
        let index = self.choose()?;
        let voice = &mut self.voices[index];
        let mut stolen = None;
        if voice.sounding() {
            stolen = Some(voice.key);
            if voice.play(at, &self.habit, stage) {
                voice.end(at, stage);
            }
        }
        voice.begin(event, stage.block, at, &self.habit);
        stolen
    }

    /// A silent voice, else the quietest that is releasing, else the oldest.
    fn choose(&self) -> Option<usize> {
        if let Some(free) = self.voices.iter().position(|voice| !voice.sounding()) {
            return Some(free);
        }
        let releasing = self.voices.iter().enumerate().filter(|(_, voice)| voice.releasing());
        let quietest = releasing.min_by(|(_, a), (_, b)| a.level().total_cmp(&b.level()));
        let oldest = || self.voices.iter().enumerate().min_by_key(|(_, voice)| voice.begun);
        quietest.or_else(oldest).map(|(index, _)| index)
    }

    /// Fades the notes of a cut group from frame `at` of the block on.
    pub fn cut(&mut self, group: u32, at: usize, stage: &mut Stage) -> bool {
        let Bank { voices, habit, .. } = self;
        let group = voices.iter_mut().filter(|voice| voice.sounding() && voice.cut == group);
        group.fold(true, |sane, voice| {
            let played = voice.play(at, habit, stage);
            voice.fade(habit.cut);
            sane & played
        })
    }

    /// The rank of the voice that is missed least.
    pub fn least(&self) -> Option<(bool, u64)> {
        self.voices.iter().filter_map(Voice::rank).min()
    }

    /// Fades the voice that is missed least, and gives its key.
    pub fn shed(&mut self) -> Option<u64> {
        let least = self.voices.iter_mut().filter(|voice| voice.rank().is_some()).min_by_key(|voice| voice.rank())?;
        least.fade(self.habit.cut);
        Some(least.key)
    }

    /// Closes the gates of notes that began before `at` and are not kept.
    pub fn close(&mut self, at: Frames, keep: &[u64]) {
        for voice in &mut self.voices {
            if voice.sounding() && voice.begun < at && !keep.contains(&voice.key) {
                voice.close(at);
            }
        }
    }

    /// Moves a control of the sounding notes with this key.
    pub fn bend(&mut self, key: u64, control: u16, value: f32, ramp: u32) {
        if control < self.habit.controls && self.habit.gate != Some(control) {
            let named = self.voices.iter_mut().filter(|voice| voice.sounding() && voice.key == key);
            named.for_each(|voice| voice.bend(control, value, ramp));
        }
    }

    /// Plays the block to its end; `ended` hears the keys of notes that ended by themselves. False where one made nonsense.
    pub fn finish(&mut self, stage: &mut Stage, mut ended: impl FnMut(u64)) -> bool {
        let mut sane = true;
        for voice in &mut self.voices {
            sane &= voice.play(GRID, &self.habit, stage);
            if voice.finish(&self.habit, stage) {
                ended(voice.key);
            }
        }
        sane
    }

    /// All voices are silent from here on.
    pub fn silence(&mut self) {
        self.voices.iter_mut().for_each(Voice::silence);
    }
}

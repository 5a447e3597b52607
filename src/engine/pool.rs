//! The voices of one instrument on one track: who plays the next note, and who gives way.

use super::choir::Choir;
use super::message::Pool;
use super::residue::frames;
use super::voice::{Habit, Stage, Voice};
use super::{Event, Frames, GRID, MAX_CONTROLS};

/// A cut note fades in so many seconds.
const CUT: f64 = 0.005;

pub(super) struct Bank {
    pub id: u32,
    habit: Habit,
    choirs: Vec<Box<dyn Choir>>,
    /// Plays no new notes.
    pub closed: bool,
}

/// Where a voice stands: its choir, and its place in it.
type Seat = (usize, usize);

impl Bank {
    pub fn new(pool: Pool, rate: f64) -> Self {
        let choirs = pool.voices.0;
        let tail = choirs.first().map_or(0, |choir| choir.tail());
        let cells = choirs.iter().map(|choir| choir.wants().cells).min().unwrap_or(0);
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
            choirs,
            closed: false,
        }
    }

    /// Whether its voices can be played here: no inputs, one or two outputs, no more scratch than there is.
    pub fn fits(&self, scratch: usize) -> bool {
        self.choirs
            .iter()
            .map(|choir| choir.wants())
            .all(|wants| wants.inputs == 0 && (1..=2).contains(&wants.outputs) && wants.scratch <= scratch)
    }

    fn voices(&self) -> impl Iterator<Item = &Voice> {
        self.choirs.iter().flat_map(|choir| choir.voices())
    }

    fn voices_mut(&mut self) -> impl Iterator<Item = &mut Voice> {
        self.choirs.iter_mut().flat_map(|choir| choir.voices_mut())
    }

    pub fn sounding(&self) -> bool {
        self.voices().any(Voice::sounding)
    }

    /// Plays all of its voices up to frame `at` of the block: together, so that what is mixed is mixed in their order. False
    /// where one made nonsense.
    fn play(&mut self, at: usize, stage: &mut Stage) -> bool {
        let Bank { choirs, habit, .. } = self;
        choirs.iter_mut().fold(true, |sane, choir| choir.play(at, habit, stage) & sane)
    }

    /// Begins a note at frame `at` of the block; gives the key of the note that had to give way.
    pub fn begin(&mut self, event: &Event, at: usize, stage: &mut Stage) -> Option<u64> {
        let (choir, lane) = self.choose()?;
        let playing = self.choirs[choir].voices()[lane].sounding();
        let stolen = playing.then_some(self.choirs[choir].voices()[lane].key);
        self.play(at, stage);
        let choir = &mut self.choirs[choir];
        if choir.voices()[lane].sounding() {
            choir.voices_mut()[lane].end(at, stage.mix, stage.residue);
        }
        choir.begin(lane, event, at, &self.habit, stage.block);
        stolen
    }

    /// A silent voice, else the quietest that is releasing, else the oldest.
    fn choose(&self) -> Option<Seat> {
        let seats = || {
            let rows = self.choirs.iter().enumerate();
            rows.flat_map(|(choir, row)| row.voices().iter().enumerate().map(move |(lane, v)| ((choir, lane), v)))
        };
        if let Some((free, _)) = seats().find(|(_, voice)| !voice.sounding()) {
            return Some(free);
        }
        let releasing = seats().filter(|(_, voice)| voice.releasing());
        let quietest = releasing.min_by(|(_, a), (_, b)| a.level().total_cmp(&b.level()));
        let oldest = || seats().min_by_key(|(_, voice)| voice.begun);
        quietest.or_else(oldest).map(|(seat, _)| seat)
    }

    /// Fades the notes of a cut group from frame `at` of the block on.
    pub fn cut(&mut self, group: u32, at: usize, stage: &mut Stage) -> bool {
        if !self.voices().any(|voice| voice.sounding() && voice.cut == group) {
            return true;
        }
        let sane = self.play(at, stage);
        let cut = self.habit.cut;
        let group = self.voices_mut().filter(|voice| voice.sounding() && voice.cut == group);
        group.for_each(|voice| voice.fade(cut));
        sane
    }

    /// The rank of the voice that is missed least.
    pub fn least(&self) -> Option<(bool, u64)> {
        self.voices().filter_map(Voice::rank).min()
    }

    /// Fades the voice that is missed least, and gives its key.
    pub fn shed(&mut self) -> Option<u64> {
        let cut = self.habit.cut;
        let least = self.voices_mut().filter(|voice| voice.rank().is_some()).min_by_key(|voice| voice.rank())?;
        least.fade(cut);
        Some(least.key)
    }

    /// Closes the gates of notes that began before `at` and are not kept.
    pub fn close(&mut self, at: Frames, keep: &[u64]) {
        for voice in self.voices_mut() {
            if voice.sounding() && voice.begun < at && !keep.contains(&voice.key) {
                voice.close(at);
            }
        }
    }

    /// Moves a control of the sounding notes with this key.
    pub fn bend(&mut self, key: u64, control: u16, value: f32, ramp: u32) {
        if control < self.habit.controls && self.habit.gate != Some(control) {
            for choir in &mut self.choirs {
                for lane in 0..choir.voices().len() {
                    let voice = &choir.voices()[lane];
                    if voice.sounding() && voice.key == key {
                        choir.bend(lane, control, value, ramp);
                    }
                }
            }
        }
    }

    /// Plays the block to its end; `ended` hears the keys of notes that ended by themselves. False where one made nonsense.
    pub fn finish(&mut self, stage: &mut Stage, mut ended: impl FnMut(u64)) -> bool {
        let sane = self.play(GRID, stage);
        let habit = self.habit;
        for voice in self.voices_mut() {
            if voice.finish(&habit, stage) {
                ended(voice.key);
            }
        }
        sane
    }

    /// All voices are silent from here on.
    pub fn silence(&mut self) {
        self.voices_mut().for_each(Voice::silence);
    }
}

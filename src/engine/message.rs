//! What goes down to the audio thread, what comes back up, and what is only told.
//!
//! Law: every box sent down comes back to be freed by `Controller::collect`; what is told in `Report` may be lost, what is
//! retired may not.

use super::{Clock, Frames, MAX_CONTROLS, MAX_SENDS, Schedule, Voices};

/// A strip of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Track(u16),
    Bus(u16),
    Master,
}

/// Something to do. A full queue gives it back.
pub enum Command {
    /// The next state of the desk, as changes to the present one; begins at the first grid line at or after its `at`.
    Load(Box<Program>),
    /// Events to come, in any order; one whose frame has passed is played at once and reported late.
    Play(Box<EventBatch>),
    /// From `at` on, forgets the track's waiting events, and closes at `at` the gates of voices whose key is not in `keep`.
    /// Means what was sent before it: events sent after it are untouched.
    Retract { at: Frames, track: u16, keep: Box<[u64]> },
    /// Moves one number.
    Set { at: Frames, target: Target, value: f32, ramp: u32 },
    /// From `at` on, forgets the moves of a number that wait.
    Release { at: Frames, target: Target },
    /// Moves a control of one sounding voice.
    Bend { at: Frames, track: u16, key: u64, control: u16, value: f32, ramp: u32 },
    /// The clock from `clock.frame` on.
    Transport(Clock),
    /// From the first grid line at or after `at` listens for `window` frames how much an edit is heard, and tells it in a
    /// `Report::Swap`. A program that crosses over is listened to in any case.
    Watch { at: Frames, window: u32 },
    /// Closes every gate and drops waiting events at `at`; tails ring. Means what was sent before it.
    Hush { at: Frames },
    /// Fades so many voices from `at` on (at most 64), because there is not enough time to play them: the quietest that are
    /// releasing first, then the oldest.
    Shed { at: Frames, voices: u32 },
    /// Silence within 5 ms of `at`, and no event that waits: voices, inserts, buses and master forget everything.
    Panic { at: Frames },
}

/// A number on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Fader, linear.
    Gain(Place),
    /// −1 (left) … 1 (right), equal power.
    Pan(Place),
    /// 0 sounding, 1 muted; ramped like the rest.
    Mute(Place),
    /// 1: the strip's gates close, and its signal fades within 5 ms and stands still; 0: its signal goes on where it stood.
    Rest(Place),
    /// Send of a strip to a bus, linear, after the fader.
    Send(Place, u16),
    /// A cell of the strip's inserts.
    Insert(Place, u16),
    /// A cell of the strip's signal.
    Signal(Place, u16),
}

/// Changes to the desk that take effect together.
pub struct Program {
    pub at: Frames,
    /// Length of the crossfade between strips, in frames.
    pub fade: u32,
    pub changes: Vec<Change>,
}

pub struct Change {
    pub place: Place,
    pub what: What,
}

/// What becomes of a strip.
pub enum What {
    /// A strip where none was, or another in its place (the old one fades, its tail rings out).
    Install(Box<Strip>),
    /// The strip closes its gates, fades, rings out and is retired.
    Remove,
    /// The strip fades as a whole and is retired: nothing of it rings out.
    Cut,
    /// The inserts turn into others; voices untouched.
    Inserts(Passage),
    /// The signal turns into another.
    Signal(Passage),
    /// Voices for one more instrument.
    Pool(Box<Pool>),
    /// No new voices from this pool; it is retired when the last has ended.
    Close(u32),
}

/// From one schedule to another: what has the same name in both goes on, and whatever fades does so inside of `during`.
pub struct Passage {
    /// Takes over from what plays, at the program's frame.
    pub during: Option<Box<Schedule<1>>>,
    pub then: Then,
    /// Frames for which `during` plays, rounded up to the grid.
    pub fade: u32,
    /// Frames in which constants walk to their new values.
    pub ramp: u32,
}

/// What follows `during`.
#[derive(Default)]
pub enum Then {
    #[default]
    Stay,
    /// Takes over in its turn; none: no chain, or no signal.
    Become(Option<Box<Schedule<1>>>),
}

impl Passage {
    /// Whether a schedule plays at its end.
    pub fn leads_to_one(&self) -> bool {
        match &self.then {
            Then::Stay => self.during.is_some(),
            Then::Become(next) => next.is_some(),
        }
    }

    /// The schedules in it.
    pub fn schedules(&mut self) -> impl Iterator<Item = &mut Schedule<1>> {
        let next = if let Then::Become(next) = &mut self.then { next.as_deref_mut() } else { None };
        self.during.as_deref_mut().into_iter().chain(next)
    }
}

/// A track, a bus or the master.
pub struct Strip {
    /// Identity for chance: hash of the name.
    pub name: u64,
    pub gain: f32,
    pub pan: f32,
    pub muted: bool,
    /// Sends of the whole strip, after fader: bus slot and linear level.
    pub sends: Vec<(u16, f32)>,
    /// A signal that just sounds: no inputs, two outputs.
    pub signal: Option<Box<Schedule<1>>>,
    /// Two inputs, two outputs.
    pub inserts: Option<Box<Schedule<1>>>,
    /// Voices by instrument.
    pub pools: Vec<Box<Pool>>,
}

/// The voices of one instrument on one track.
pub struct Pool {
    /// Given by the Controller's owner, unique in the engine's life.
    pub id: u32,
    /// One voice in each lane of each of its schedules: control cells first, `freq` and `gate` among them; one or two outputs.
    pub voices: Voices,
    /// How many of the first cells are controls, at most `MAX_CONTROLS`: an event sets these and leaves the constants behind.
    pub controls: u16,
    /// Which control is the gate, if the instrument has one.
    pub gate: Option<u16>,
    /// Frames after which a voice whose gate has closed is ended whatever it sounds like.
    pub longest: Frames,
}

/// One note: a voice of `pool` on `track` from `at`, its gate closing at `off`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub at: Frames,
    pub off: Frames,
    pub track: u16,
    pub pool: u32,
    /// Identity of the note within its track (hash of onset and values), for `Retract` and `Bend`.
    pub key: u64,
    /// Chance of this note: hash of seed, track and onset.
    pub seed: u64,
    /// Linear.
    pub gain: f32,
    /// −1 … 1.
    pub pan: f32,
    /// Bus slot and linear level; level 0 is no send.
    pub sends: [(u16, f32); MAX_SENDS],
    /// Notes of one non-zero group on one track cut each other off.
    pub cut: u32,
    /// In the order of the instrument's controls; the gate's place is ignored.
    pub controls: [f32; MAX_CONTROLS],
}

/// Events under one roof, so that they travel as one box.
pub struct EventBatch {
    pub events: Vec<Event>,
}

/// What the audio thread tells. May be lost when nobody listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Report {
    /// A note began.
    Onset { track: u16, key: u64, at: Frames, off: Frames },
    /// Levels of the last 2048 frames (every 32 grid blocks), linear: peak and root mean square of left and right.
    Meter { place: Place, peak: [f32; 2], rms: [f32; 2] },
    /// Something arrived `by` frames after its time and was done at once.
    Late { track: u16, by: Frames },
    /// An edit took effect at `at` and has crossed over: `discontinuity` is the worst second difference in its window
    /// relative to the signal's own just before and after (1: no worse than the music; 0: silence). What begins at the same
    /// grid line is told once.
    Swap { at: Frames, discontinuity: f32 },
    /// A strip's waiting events were full: `lost` of them were dropped.
    Overload { track: u16, lost: u32 },
    /// A voice was taken away for a newer note.
    Stolen { track: u16, key: u64 },
    /// A voice ended by itself.
    VoiceRetired { track: u16, key: u64 },
    /// Not-a-number or infinity was scrubbed from a strip and its culprit begun anew.
    Scrubbed { place: Place },
}

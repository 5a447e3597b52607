//! A piece under way: what is evaluated becomes a plan, a plan becomes changes, patterns become events ahead of time.
//!
//! A session is plain: it knows no threads, files, terminal or wall clock. Live and offline it is the same loop, `tick` and
//! then a callback of the renderer, and gives the same samples.

mod conductor;
mod desk;
mod events;
mod heard;
mod history;
pub mod journal;
pub mod news;
pub mod plan;
pub mod preflight;
mod record;
pub mod rehearsal;
mod resume;
mod rig;
mod section;
pub mod stage;
mod timeline;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

pub use history::Edit;
pub use journal::{Dropped, Imports, Journal, Mark, Moment, Outcome, REPL, Said};
pub use news::{News, TrackStatus};
pub use rehearsal::{Entry, Fate, JournalError, Lost, Open, Past, Rehearsal};
pub use stage::Stage;

use crate::engine::{Command, Config, Controller, Frames, Place, Renderer, Report, engine};
use crate::graph::GraphError;
use crate::score::{DEFAULT_METER, Diagnostic, Location, Quantum, Score, Severity};
use desk::Desk;
use heard::Heard;
use history::{History, Layers};
use plan::Name;
pub use plan::{InTurn, Part};
use preflight::{Preflight, Stopwatch, Verdict};
use timeline::{grid_after, grid_before};
use waiting::Due;
pub use waiting::Waiting;

/// Frames patterns are asked for at once.
const WINDOW: Frames = 2048;
/// Frames by which events are sent ahead of the sound; more where callbacks are longer than half of it.
const AHEAD: Frames = 12_288;
/// Frames ahead of the sound at which an edit that waits for its beat is sent. No callback may be longer than this.
const READY: Frames = 8192;
/// The least frames between an edit and its effect: time for it to get there.
const NOTICE: Frames = 384;

/// When an edit takes effect.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum When {
    /// As the score and its tracks say; as soon as possible where nobody says.
    #[default]
    Score,
    /// The same, as if it had been evaluated at this moment (replay, rehearsals).
    At(Moment),
    /// The same with these parts in turn, whatever it would cost (replay).
    Taken(Moment, InTurn),
}

/// What became of something said: the layers before, the first frame at which something can change, and what does in turn.
struct Turned {
    before: Layers,
    at: Frames,
    in_turn: InTurn,
}

/// A piece under way.
pub struct Session {
    controller: Controller,
    desk: Desk,
    layers: Layers,
    /// All layers in one, as they are to be once nothing waits any more.
    wanted: Arc<Score>,
    due: Vec<Due>,
    /// Gestures that wait for a frame far ahead, in the order of time.
    later: VecDeque<(Frames, Stage)>,
    /// When the last change begins that was sent.
    last: Frames,
    /// The same, until it is known whether it was sent in time.
    sent: Option<Frames>,
    history: History,
    journal: Option<Journal>,
    seed: u64,
    /// Lines of the journal whose outcome is yet to be told, by owner.
    said: HashMap<Name, (u64, Imports)>,
    heard: Heard,
    levels: HashMap<Place, ([f32; 2], [f32; 2])>,
    tidied: Frames,
    /// Asked before anything is let in, where time matters.
    preflight: Option<Preflight>,
    /// Nothing that is due after this frame is sent yet.
    held: Option<Frames>,
    /// What went wrong with a track since it was last written down: how late, or how many notes.
    mishaps: BTreeMap<(&'static str, Name), u64>,
    /// When the journal was told the time last, and the tempo then, in cycles per second.
    marked: Option<(Frames, f64)>,
}

impl Session {
    /// A silent piece at frame 0 and the renderer that plays it. `seed` begins every chance where the score gives none.
    pub fn new(config: Config, library: Score, seed: u64) -> (Session, Renderer) {
        let (controller, renderer) = engine(config);
        let layers = Layers::new(library.clone());
        let desk = Desk::new(config, &library, seed);
        let mut session = Session {
            controller,
            desk,
            wanted: Arc::default(),
            layers,
            due: Vec::new(),
            later: VecDeque::new(),
            last: 0,
            sent: None,
            history: History::default(),
            journal: None,
            seed,
            said: HashMap::new(),
            heard: Heard::default(),
            levels: HashMap::new(),
            tidied: 0,
            preflight: None,
            held: None,
            mishaps: BTreeMap::new(),
            marked: None,
        };
        let layers = session.layers.clone();
        // The library is checked by its own tests; what could not be built is not there, and says so when it is asked for.
        if let Err(diagnostics) = session.change(layers, When::Score) {
            session.desk.out.news.extend(diagnostics.into_iter().map(News::Warning));
        }
        (session, renderer)
    }

    /// From now on refuses what would take more time than there is. For live sessions only: what is refused depends on the
    /// machine, and a journal tells a replay of it.
    pub fn watch_cost(&mut self, stopwatch: Stopwatch) {
        self.preflight = Some(Preflight::new(stopwatch, self.rate()));
    }

    /// What each part takes of the time there is, as far as that is watched.
    pub fn cost(&mut self) -> Option<preflight::Cost> {
        let cycle = self.desk.timeline.cycle_at(self.controller.position());
        Some(self.preflight.as_mut()?.cost(&self.wanted, cycle, self.seed))
    }

    /// Makes an owner's score the newest: a file's replaces what the file said before, the REPL's is laid over it. What came
    /// back is why nothing has changed.
    pub fn load(&mut self, owner: &str, score: Score, when: When) -> Vec<Diagnostic> {
        let mut layers = self.layers.clone();
        let named: Vec<Name> = score.tracks.iter().map(|track| track.name.clone()).collect();
        layers.say(owner, score);
        match self.change(layers, when) {
            Ok(Turned { before, at, in_turn }) => {
                // The sound does not wait for what is only remembered.
                self.flush();
                self.remember(before, owner, self.cycle_at(at));
                if owner == REPL {
                    self.lift(&named, at);
                }
                self.desk.out.news.push(News::Applied { owner: owner.into(), at });
                self.answer_text(owner, Outcome::Accepted(at, in_turn));
                self.flush();
                Vec::new()
            }
            Err(diagnostics) => {
                self.answer_text(owner, Outcome::Refused);
                diagnostics
            }
        }
    }

    /// An owner is gone: what only it named fades.
    pub fn forget(&mut self, owner: &str, when: When) {
        let mut layers = self.layers.clone();
        layers.forget(owner);
        if let Some(Turned { before, at, .. }) = self.turn(&Said::Forget { owner: owner.into() }, layers, when) {
            self.remember(before, owner, self.cycle_at(at));
        }
    }

    /// Goes back to the state so many edits ago, or to the oldest there is; how many edits that were.
    pub fn undo(&mut self, edits: usize, when: When) -> usize {
        let Some(layers) = self.history.before(edits).cloned() else { return 0 };
        let before = self.turn(&Said::Undo(edits), layers, when);
        before.map_or(0, |turned| self.history.back(turned.before, edits))
    }

    /// Takes so many undone edits back; how many there were.
    pub fn redo(&mut self, edits: usize, when: When) -> usize {
        let Some(layers) = self.history.after(edits).cloned() else { return 0 };
        let before = self.turn(&Said::Redo(edits), layers, when);
        before.map_or(0, |turned| self.history.forward(turned.before, edits))
    }

    /// The edits that are known: the number of the first, how many of them count at present (the others are undone), and they.
    pub fn edits(&self) -> (usize, usize, Vec<Edit>) {
        let (first, present, edits) = self.history.edits();
        (first, present, edits.cloned().collect())
    }

    /// A state is the present one since an edit by this owner; an edit that changed nothing is none.
    fn remember(&mut self, before: Layers, owner: &str, cycle: f64) {
        let parts = plan::plan(&before.merged(), &self.wanted);
        if !parts.is_empty() {
            let parts = parts.iter().map(|(part, what)| waiting::change(part, what)).collect();
            self.history.push(before, Edit { cycle, owner: owner.into(), parts });
        }
    }

    /// A gesture of the performer. It begins like an edit, without waiting for a beat.
    pub fn stage(&mut self, stage: Stage, when: When) {
        self.commit_ready();
        let at = self.moment(when);
        self.note(&Said::Stage(stage.clone()), at);
        if at > self.position() + READY {
            let place = self.later.partition_point(|(other, _)| *other <= at);
            self.later.insert(place, (at, stage));
        } else {
            self.gesture(&stage, at);
        }
    }

    fn gesture(&mut self, stage: &Stage, at: Frames) {
        self.listen_to_gesture(stage, at);
        self.desk.catch_up(at);
        let before = self.desk.standing.hushed.clone();
        let present: Vec<Name> = self.wanted.tracks.iter().map(|track| track.name.clone()).collect();
        self.desk.standing.make(stage, present.into_iter());
        if matches!(stage, Stage::Hush | Stage::Panic) {
            self.due.iter_mut().for_each(|due| due.lifts = false);
        }
        match stage {
            Stage::Panic => self.desk.panic(at),
            Stage::Hush => self.desk.hush(at),
            Stage::Shed(voices) => self.desk.out.commands.push_back(Command::Shed { at, voices: *voices }),
            _ => {
                let anew = self.desk.balance(at, desk::RAMP);
                let lifted = &before - &self.desk.standing.hushed;
                self.desk.restart(at, |name| anew.contains(name) || lifted.contains(name));
            }
        }
        self.last = self.last.max(at);
        self.flush();
    }

    /// The performer leaves: silence within a moment. That is no part of the music, and the journal does not hear of it.
    pub fn leave(&mut self) {
        let at = self.moment(When::Score);
        self.gesture(&Stage::Panic, at);
    }

    /// Sends what comes next, hears what happened and frees what is over. To be called before every callback, or every few
    /// milliseconds.
    pub fn tick(&mut self) {
        let (now, period) = (self.controller.position(), self.controller.period());
        self.controller.collect();
        self.commit_ready();
        let ahead = now + AHEAD.max(2 * period);
        while self.desk.until < ahead {
            self.desk.advance((self.desk.until / WINDOW + 1) * WINDOW);
        }
        if now >= self.tidied + WINDOW {
            self.tidied = now;
            self.desk.tidy(now);
            for ((what, track), by) in std::mem::take(&mut self.mishaps) {
                self.happened(what, &track, by);
            }
        }
        self.flush();
        self.listen();
    }

    /// The largest part of what all tracks together may cost that was ever used, 0 … 1: beyond it, tracks rest.
    pub fn strained(&self) -> f64 {
        self.desk.out.strained
    }

    /// What happened since it was last asked.
    pub fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.desk.out.news)
    }

    /// Every track there is as the performer sees it, in the order of the text.
    pub fn tracks(&self) -> Vec<TrackStatus> {
        let standing = &self.desk.standing;
        let status = |track: &crate::score::Track| {
            let slot = self.desk.tracks().find(|(name, _)| **name == track.name)?.1;
            let silenced = self.desk.silenced(track);
            let (peak, rms) = self.levels.get(&Place::Track(slot)).copied().unwrap_or_default();
            Some(TrackStatus {
                name: track.name.clone(),
                owner: self.layers.owner(&track.name).unwrap_or_default(),
                playing: !silenced && !standing.hushed.contains(&track.name),
                muted: track.muted || standing.muted.contains(&track.name),
                soloed: standing.soloed.contains(&track.name),
                peak,
                rms,
                slot,
            })
        };
        self.wanted.tracks.iter().filter_map(status).collect()
    }

    /// The buses there are, with their slots.
    pub fn buses(&self) -> Vec<(Arc<str>, u16)> {
        self.desk.buses().collect()
    }

    /// The score that plays, or is about to.
    pub fn score(&self) -> &Score {
        &self.wanted
    }

    /// Frames rendered so far.
    pub fn position(&self) -> Frames {
        self.controller.position()
    }

    /// Frames per second.
    pub fn rate(&self) -> f64 {
        self.controller.config().rate
    }

    /// The cycle at a frame that is not long past, by the tempo known so far.
    pub fn cycle_at(&self, frame: Frames) -> f64 {
        self.desk.timeline.cycle_at(frame)
    }

    /// The frame of a cycle, by the tempo known so far.
    pub fn frame_at(&self, cycle: f64) -> Frames {
        self.desk.timeline.frame_at(cycle)
    }

    /// Turns the piece into these layers because of something said, which the journal hears first.
    fn turn(&mut self, said: &Said, layers: Layers, when: When) -> Option<Turned> {
        let n = self.write(said);
        let changed = self.change(layers, when);
        let outcome =
            changed.as_ref().map_or(Outcome::Refused, |turned| Outcome::Accepted(turned.at, turned.in_turn.clone()));
        self.answer(n, outcome);
        self.flush();
        changed.ok()
    }

    /// Turns the piece into these layers, each part at its own time; or says why not, with nothing changed.
    fn change(&mut self, layers: Layers, when: When) -> Result<Turned, Vec<Diagnostic>> {
        self.commit_ready();
        let mut wanted = layers.merged();
        plan::keep_voices(&self.wanted, &mut wanted);
        let wanted = Arc::new(wanted);
        self.desk.room_for(&wanted).map_err(|error| vec![diagnostic(error, Location::default())])?;
        let (mut ready, mut faults) = (Vec::new(), Vec::new());
        let mut parts: Vec<Part> = plan::plan(&self.wanted, &wanted).into_iter().map(|(part, _)| part).collect();
        let (in_turn, told) = self.in_turn(&wanted, &when)?;
        parts.extend(in_turn.iter().filter(|part| !parts.contains(part)).cloned().collect::<Vec<_>>());
        for part in &parts {
            match self.desk.prepare(&wanted, part, in_turn.contains(part)) {
                Ok(prepared) => ready.extend(prepared),
                Err(error) => faults.push(diagnostic(error, plan::location(&wanted, part))),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.desk.out.news.extend(told);
        // All that takes long is built: only now is the frame chosen.
        let earliest = self.moment(when);
        let beats = wanted.meter.unwrap_or(DEFAULT_METER);
        let (mut now, mut lifted) = (Vec::new(), BTreeSet::new());
        for part in parts {
            let quantum = self.quantum(&wanted, &part);
            let at = self.desk.timeline.next(earliest, quantum, beats);
            self.due.retain(|due| due.part != part || due.at < at);
            let waits = self.due.iter().any(|due| due.part == part);
            let anew = in_turn.contains(&part);
            if !waits && !anew && plan::change(&self.desk.score, &wanted, &part).is_none() {
                // It is taken back before it was heard.
                continue;
            }
            if at > earliest || at > self.controller.position() + READY {
                self.due.push(Due { at, part, score: wanted.clone(), quantum, in_turn: anew, lifts: true });
            } else {
                now.extend(ready.extract_if(.., |prepared| *prepared.part() == part));
                lifted.extend(part.track().cloned());
            }
        }
        if !now.is_empty() || !lifted.is_empty() {
            self.apply(&wanted, now, &lifted, earliest);
        }
        self.wanted = wanted;
        Ok(Turned { before: std::mem::replace(&mut self.layers, layers), at: earliest, in_turn })
    }

    /// What of an edit begins when what it replaces has faded, and what is to be said of that; or why it is not let in.
    fn in_turn(&mut self, wanted: &Score, when: &When) -> Result<(InTurn, Option<News>), Vec<Diagnostic>> {
        if let When::Taken(_, parts) = when {
            return Ok((parts.clone(), None));
        }
        let Some(preflight) = &mut self.preflight else { return Ok(Default::default()) };
        let cycle = self.desk.timeline.cycle_at(self.controller.position());
        match preflight.judge(&self.wanted, wanted, cycle, self.seed) {
            Verdict::Across => Ok(Default::default()),
            Verdict::InTurn(share, parts) => Ok((parts, Some(News::InTurn(share)))),
            Verdict::Refused(why) => Err(vec![why]),
        }
    }

    /// Tracks evaluated at the REPL are hushed no more, changed or not.
    fn lift(&mut self, named: &[Name], at: Frames) {
        // What waits for its beat is lifted then.
        let waits = |name: &Name| self.due.iter().any(|due| due.part.track() == Some(name));
        let now = named.iter().filter(|name| !waits(name));
        let lifted: Vec<&Name> = now.filter(|name| self.desk.standing.hushed.remove(*name)).collect();
        if !lifted.is_empty() {
            self.desk.catch_up(at);
            let anew = self.desk.balance(at, desk::RAMP);
            self.desk.restart(at, |name| anew.contains(name) || lifted.contains(&name));
        }
    }

    /// The grid line at which something said now begins.
    fn moment(&self, when: When) -> Frames {
        let (now, period) = (self.controller.position(), self.controller.period());
        let frame = match when {
            When::Score if period == 0 => 0,
            When::Score => grid_after(now + period.max(NOTICE)),
            When::At(Moment::Frame(frame)) | When::Taken(Moment::Frame(frame), _) => grid_before(frame),
            When::At(Moment::Cycle(cycle)) | When::Taken(Moment::Cycle(cycle), _) => grid_before(self.frame_at(cycle)),
        };
        // Never before what was sent already: edits take effect in the order in which they were made.
        frame.max(grid_after(now)).max(self.last)
    }

    fn quantum(&self, new: &Score, part: &Part) -> Quantum {
        let track = match part {
            Part::Track(name) => plan::track(new, name).or_else(|| plan::track(&self.desk.score, name)),
            _ => None,
        };
        track.and_then(|track| track.quantum).or(new.quantum).unwrap_or_default()
    }

    /// Sends until the queue is full; the rest goes next time.
    fn flush(&mut self) {
        while let Some(command) = self.desk.out.commands.pop_front() {
            if let Err(command) = self.controller.send(command) {
                self.desk.out.commands.push_front(command);
                return;
            }
        }
        // A callback that was already under way may have passed the frame by: then a replay is more punctual.
        let reached = self.position() + self.controller.period();
        if let Some(at) = self.sent.take().filter(|at| *at < reached) {
            self.mishaps.insert(("late", "edit".into()), reached - at);
        }
    }

    /// Hears what the audio thread tells.
    fn listen(&mut self) {
        while let Some(report) = self.controller.report() {
            let track = |slot| self.desk.name(Place::Track(slot));
            let news = match report {
                Report::Onset { track: slot, at, off, .. } => track(slot).map(|track| News::Onset { track, at, off }),
                Report::Meter { place, peak, rms } => {
                    self.levels.insert(place, (peak, rms));
                    None
                }
                Report::Late { track: slot, by } => track(slot).map(|track| {
                    let worst = self.mishaps.entry(("late", track.clone())).or_default();
                    *worst = by.max(*worst);
                    News::Late { track, by }
                }),
                Report::Swap { at, discontinuity } => Some(self.heard.measured(at, discontinuity)),
                Report::Overload { track: slot, lost } => track(slot).map(|track| {
                    *self.mishaps.entry(("left out", track.clone())).or_default() += u64::from(lost);
                    News::Overload { track, lost }
                }),
                Report::Stolen { track: slot, .. } => track(slot).map(|track| News::Stolen { track }),
                Report::VoiceRetired { .. } => None,
                Report::Scrubbed { place } => self.desk.name(place).map(|strip| News::Scrubbed { strip }),
            };
            self.desk.out.news.extend(news);
        }
    }
}

/// The seed under which a track's pattern is asked in a piece of this seed: equal patterns roll their own dice.
pub fn seed(piece: u64, track: &str) -> u64 {
    events::own(piece, events::name_hash(track))
}

fn diagnostic(error: GraphError, at: Location) -> Diagnostic {
    Diagnostic { severity: Severity::Error, at, width: 1, message: error.message, hint: error.hint }
}

//! The conductor's thread: owns the session, keeps it ahead of the sound, and takes what evaluator and performer send.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use segue::engine::Frames;
use segue::io::Tally;
use segue::lang::Warnings;
use segue::score::{DEFAULT_METER, Score};
use segue::session::{Imports, Mark, News, Said, Session, Stage, TrackStatus, Waiting, When};
use segue::theory::Note;

use super::complete::Tracks;
use super::live::{self, Live};
use super::overload::Overload;
use super::page::{Disk, Safe};
use super::report::{Cause, Eval, Log, Swap};
use super::resume::Unanswered;
use super::say::Say;
use super::state;

/// How often the session looks ahead; its look-ahead is ten times as long.
const TICK: Duration = Duration::from_millis(5);

/// How long a device may take until it asks for sound.
const AWAKE: Duration = Duration::from_secs(2);

/// Ticks between two looks at the meters: no longer than the 43 ms they span.
const METER: u32 = 8;
/// What is left of a held peak at the next look: 23 dB fall in a second.
const FALL: f32 = 0.9;

/// How soon an overload is told of again.
const AGAIN: Duration = Duration::from_secs(10);

/// Patterns nested as deeply as they may be are asked on this thread.
const STACK: usize = 64 << 20;

/// A text and what it means.
pub struct Edit {
    pub owner: String,
    pub text: String,
    /// None: it was refused.
    pub score: Option<Score>,
    pub imports: Imports,
    pub cause: Cause,
    /// When it was saved or typed.
    pub event: Instant,
    /// When its evaluation began and ended.
    pub begun: Instant,
    pub evaluated: Instant,
}

/// The edits of a session.
#[derive(Default)]
pub struct Edits {
    /// The number of the first that is known.
    pub first: usize,
    /// How many of them count at present; the others are undone.
    pub present: usize,
    pub edits: Vec<segue::session::Edit>,
    /// Beats in a cycle.
    pub beats: f64,
}

enum Order {
    Said(String, String, bool, Sender<()>),
    Recall(Box<(Said, f64, Option<Score>)>),
    Stood(Option<Mark>, Vec<Unanswered>, Sender<()>),
    Resume(Option<Mark>, Sender<()>),
    Edit(Box<Edit>),
    Forget(String),
    Stage(Stage),
    Undo(usize),
    Redo(usize),
    At(usize),
    Cancel(Vec<String>),
    Pending(Sender<Vec<Waiting>>),
    Edits(Sender<Vec<Edits>>),
    Watch(Arc<Tally>),
    Leave,
    Tracks(Sender<Vec<TrackStatus>>),
    Swaps(Sender<Vec<Swap>>),
    Cost(Sender<Vec<(String, f64)>>),
    Live(Option<Live>),
    Heard(Sender<Vec<Vec<Vec<Note>>>>),
    Stop,
}

/// A handle to the conductor.
#[derive(Clone)]
pub struct Conductor(Sender<Order>);

impl Conductor {
    /// Begins to conduct. The thread gives back its log when told to stop.
    pub fn begin(
        session: Session,
        rate: f64,
        disk: Option<Disk>,
        say: Say,
        names: Tracks,
        warnings: Warnings,
    ) -> std::io::Result<(Conductor, JoinHandle<Log>)> {
        let (orders, inbox) = unbounded();
        let (log, held, refused) = (Log::default(), HashMap::new(), BTreeSet::new());
        let (overload, told) = (Overload::default(), None);
        let room = Room { session, rate, disk, say, names, warnings, log, overload, told, held, refused, live: None };
        let thread = std::thread::Builder::new().name("conductor".into()).stack_size(STACK);
        let thread = thread.spawn(move || room.run(&inbox))?;
        Ok((Conductor(orders), thread))
    }

    fn order(&self, order: Order) {
        // The conductor stops last; what comes later has no meaning any more.
        let _ = self.0.send(order);
    }

    /// A text is about to be evaluated: it goes to the journal first, so that not even a crash loses it. What comes back
    /// is to be waited for before the text is handed in. `again`: a session broke off over it.
    pub fn said(&self, owner: &str, text: &str, again: bool) -> Safe {
        let (safe, done) = Safe::new();
        self.order(Order::Said(owner.to_string(), text.to_string(), again, done));
        safe
    }

    /// Something said in the session that goes on, with what it means.
    pub fn recall(&self, said: Said, cycle: f64, score: Option<Score>) {
        self.order(Order::Recall(Box::new((said, cycle, score))));
    }

    /// All that was said in the session that goes on has been recalled; what comes back is to be waited for before the
    /// journal takes the place of the other.
    pub fn stood(&self, mark: Option<Mark>, open: Vec<Unanswered>) -> Safe {
        let (safe, done) = Safe::new();
        self.order(Order::Stood(mark, open, done));
        safe
    }

    /// Lets the session go on, now that the device plays; waits until it does.
    pub fn resume(&self, mark: Option<Mark>) {
        let (done, wait) = bounded(1);
        self.order(Order::Resume(mark, done));
        let _ = wait.recv_timeout(AWAKE);
    }

    pub fn edit(&self, edit: Edit) {
        self.order(Order::Edit(Box::new(edit)));
    }

    pub fn forget(&self, owner: String) {
        self.order(Order::Forget(owner));
    }

    pub fn stage(&self, stage: Stage) {
        self.order(Order::Stage(stage));
    }

    /// The sound ends; the journal goes on as if it had not.
    pub fn leave(&self) {
        self.order(Order::Leave);
    }

    /// What plays has begun, and counts here.
    pub fn watch(&self, tally: Arc<Tally>) {
        self.order(Order::Watch(tally));
    }

    pub fn undo(&self, edits: usize) {
        self.order(Order::Undo(edits));
    }

    pub fn redo(&self, edits: usize) {
        self.order(Order::Redo(edits));
    }

    /// Goes to where the piece was after an edit.
    pub fn at(&self, edit: usize) {
        self.order(Order::At(edit));
    }

    /// Drops what waits; all of it where nothing is named.
    pub fn cancel(&self, names: Vec<String>) {
        self.order(Order::Cancel(names));
    }

    pub fn pending(&self) -> Vec<Waiting> {
        self.answer(Order::Pending)
    }

    pub fn edits(&self) -> Edits {
        self.answer(Order::Edits).pop().unwrap_or_default()
    }

    pub fn tracks(&self) -> Vec<TrackStatus> {
        self.answer(Order::Tracks)
    }

    /// What each part takes of the time there is, by name; 1 is all of it.
    pub fn cost(&self) -> Vec<(String, f64)> {
        self.answer(Order::Cost)
    }

    pub fn swaps(&self) -> Vec<Swap> {
        self.answer(Order::Swaps)
    }

    /// Follows what sounds with a picture, or no more.
    pub fn show(&self, live: Option<Live>) {
        self.order(Order::Live(live));
    }

    /// What begins together in each track that plays.
    pub fn heard(&self) -> Vec<Vec<Vec<Note>>> {
        self.answer(Order::Heard)
    }

    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    /// Asks and waits a tick or two; a conductor that is gone has nothing to tell.
    fn answer<T>(&self, question: impl FnOnce(Sender<Vec<T>>) -> Order) -> Vec<T> {
        let (reply, answer) = bounded(1);
        self.order(question(reply));
        answer.recv_timeout(Duration::from_secs(1)).unwrap_or_default()
    }
}

struct Room {
    session: Session,
    rate: f64,
    /// Where the journal is brought to.
    disk: Option<Disk>,
    say: Say,
    names: Tracks,
    /// From functions of patterns, which fail where they are called: on this thread.
    warnings: Warnings,
    log: Log,
    overload: Overload,
    /// When an overload was told of last.
    told: Option<Instant>,
    /// Peaks of the meters.
    held: HashMap<Arc<str>, [f32; 2]>,
    /// Owners whose newest text was refused.
    refused: BTreeSet<String>,
    /// A picture of what sounds.
    live: Option<Live>,
}

impl Room {
    fn run(mut self, inbox: &Receiver<Order>) -> Log {
        let mut next = Instant::now();
        let mut ticks = 0u32;
        loop {
            match inbox.recv_deadline(next) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {
                    next = Instant::now() + TICK;
                    ticks = ticks.wrapping_add(1);
                    if ticks.is_multiple_of(METER) {
                        self.session.wall(state::wall());
                        self.levels();
                        self.relieve();
                        if let Some(live) = &mut self.live {
                            live.look(&self.session, &self.say);
                        }
                    }
                }
            }
            self.session.tick();
            self.heed();
        }
        self.session.tick();
        self.heed();
        self.log.refused = self.refused.into_iter().collect();
        self.log
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Said(owner, text, again, done) => {
                if again {
                    self.session.said_again(&owner, &text);
                } else {
                    self.session.said(&owner, &text);
                }
                // Without a journal there is nothing to wait for: `done` is dropped.
                if let Some(disk) = &self.disk {
                    disk.tell(done);
                }
            }
            Order::Recall(past) => self.session.recall(&past.0, past.1, past.2),
            Order::Stood(mark, open, done) => {
                open.iter().for_each(|open| self.session.left_open(&open.owner, &open.text, open.broke));
                mark.into_iter().for_each(|mark| self.session.stood(mark));
                if let Some(disk) = &self.disk {
                    disk.tell(done);
                }
            }
            Order::Resume(mark, done) => {
                self.resume(mark);
                drop(done);
            }
            Order::Edit(edit) => self.edit(*edit),
            Order::Forget(owner) => {
                self.session.forget(&owner, When::Score);
                self.refused.remove(&owner);
            }
            Order::Stage(stage) => self.session.stage(stage, When::Score),
            Order::Watch(tally) => self.overload.watch(tally),
            Order::Leave => self.session.leave(),
            Order::Undo(edits) => self.walk(Session::undo, edits, "undo"),
            Order::Redo(edits) => self.walk(Session::redo, edits, "redo"),
            Order::At(edit) => self.at(edit),
            Order::Cancel(names) => self.cancel(&names),
            Order::Pending(reply) => drop(reply.send(self.session.pending())),
            Order::Edits(reply) => {
                let (first, present, edits) = self.session.edits();
                let beats = self.session.score().meter.unwrap_or(DEFAULT_METER);
                drop(reply.send(vec![Edits { first, present, edits, beats }]));
            }
            Order::Tracks(reply) => drop(reply.send(self.levels())),
            Order::Cost(reply) => {
                let parts = self.session.cost().unwrap_or_default().parts;
                drop(reply.send(parts.iter().map(|(part, share)| (part.to_string(), *share)).collect()));
            }
            Order::Live(live) => self.live = live,
            Order::Heard(reply) => drop(reply.send(live::moments(&self.session))),
            Order::Swaps(reply) => drop(reply.send(self.log.swaps.clone())),
            Order::Stop => {}
        }
        self.name_tracks();
    }

    fn edit(&mut self, edit: Edit) {
        let Edit { owner, text, score, imports, cause, event, begun, evaluated } = edit;
        self.session.imported(&owner, imports);
        let accepted = match score {
            Some(score) => {
                let faults = self.session.load(&owner, score, When::Score);
                for fault in &faults {
                    self.say.diagnostic(fault, (*fault.at.file == *owner).then_some(&text));
                }
                faults.is_empty()
            }
            None => {
                self.session.refuse(&owner);
                false
            }
        };
        if accepted {
            self.refused.remove(&owner)
        } else {
            self.refused.insert(owner.clone())
        };
        let ms = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1000.0;
        let handed = Instant::now();
        let (evaluate_ms, handed_ms) = (ms(begun, evaluated), ms(event, handed));
        let (frames, sound_ms, at) = (None, None, None);
        self.log.eval(Eval { owner, cause, accepted, evaluate_ms, handed_ms, frames, sound_ms, at });
    }

    /// All that was recalled begins, where it would be by now. A state that does not sound any more gives way to the one
    /// before it.
    fn resume(&mut self, mark: Option<Mark>) {
        let deadline = Instant::now() + AWAKE;
        while self.session.position() == 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        let (rate, position, wall) = (self.rate, self.session.position(), state::wall() as f64);
        let begins = Cell::new(0.0);
        let cycle = |at: Frames| {
            let then = wall + at.saturating_sub(position) as f64 / rate * 1000.0;
            begins.set(mark.map_or(0.0, |mark| mark.cycle_at(then)));
            begins.get()
        };
        loop {
            let faults = self.session.resume(cycle, When::Score);
            faults.iter().for_each(|fault| self.say.diagnostic(fault, None));
            if faults.is_empty() {
                return self.say.aside(format!("the session goes on in bar {}", begins.get().floor() + 1.0));
            }
            if self.session.edits().1 == 0 {
                return self.say.trouble("the session cannot go on");
            }
            self.say.trouble("the last edit is left out");
            self.session.recall(&Said::Undo(1), 0.0, None);
        }
    }

    /// Goes to where the piece was after an edit, by its number.
    fn at(&mut self, edit: usize) {
        let (first, present, edits) = self.session.edits();
        let Some(wanted) = (edit + 1).checked_sub(first).filter(|wanted| *wanted <= edits.len()) else {
            let last = first + edits.len() - 1;
            return self.say.trouble(format!("there is no edit {edit}; :at lists {} to {last}", first - 1));
        };
        match wanted.cmp(&present) {
            Ordering::Less => self.walk(Session::undo, present - wanted, "undo"),
            Ordering::Greater => self.walk(Session::redo, wanted - present, "redo"),
            Ordering::Equal => self.say.aside(format!("edit {edit} is what plays")),
        }
    }

    fn cancel(&mut self, names: &[String]) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match self.session.cancel(&names, When::Score) {
            0 if self.session.pending().is_empty() => self.say.trouble("nothing waits"),
            0 => self.say.trouble("nothing of that name waits; :pending shows what does"),
            1 => self.say.aside("dropped what waited"),
            all => self.say.aside(format!("dropped {all} that waited")),
        }
    }

    /// Goes through the history, and says so where it is shorter than that.
    fn walk(&mut self, step: fn(&mut Session, usize, When) -> usize, edits: usize, word: &str) {
        match step(&mut self.session, edits, When::Score) {
            0 => self.say.trouble(format!("nothing to {word}")),
            all if all < edits => self.say.aside(format!("there were {all} to {word}")),
            _ => {}
        }
    }

    /// Lets voices go where there is not enough time for all.
    fn relieve(&mut self) {
        let Some((load, voices)) = self.overload.look() else { return };
        self.session.stage(Stage::Shed(voices), When::Score);
        if self.told.is_none_or(|at| at.elapsed() > AGAIN) {
            self.told = Some(Instant::now());
            let percent = (load * 100.0).round();
            self.say.trouble(format!(
                "too much at once: {percent} % of the time there is; the quietest voices are let go (:cost says what weighs most)"
            ));
        }
    }

    /// The tracks, their peaks held and falling as on a desk's meter: a drum is seen between two strokes, too.
    fn levels(&mut self) -> Vec<TrackStatus> {
        let mut tracks = self.session.tracks();
        for track in &mut tracks {
            let held = self.held.entry(track.name.clone()).or_default();
            for (held, peak) in held.iter_mut().zip(&mut track.peak) {
                *held = peak.max(*held * FALL);
                *peak = *held;
            }
        }
        self.held.retain(|name, _| tracks.iter().any(|t| t.name == *name));
        tracks
    }

    fn name_tracks(&self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        *names = self.session.tracks().iter().map(|t| t.name.to_string()).collect();
    }

    /// News for the log and for the performer's eyes.
    fn heed(&mut self) {
        for warning in self.warnings.take() {
            self.say.diagnostic(&warning, None);
        }
        for news in self.session.news() {
            let counts = &mut self.log.counts;
            match news {
                News::Onset { .. } => counts.onsets += 1,
                News::Applied { owner, at } => self.log.heard(&owner, at, self.session.position(), self.rate),
                News::Swapped { at, touched, discontinuity } => {
                    let (seconds, cycle) = (at as f64 / self.rate, self.session.cycle_at(at));
                    let beats = self.session.score().meter.unwrap_or(DEFAULT_METER);
                    let touched = touched.iter().map(ToString::to_string).collect();
                    self.log.swap(Swap { at, seconds, cycle, beats, touched, discontinuity });
                }
                News::Warning(diagnostic) => self.say.diagnostic(&diagnostic, None),
                News::Late { by, .. } => {
                    counts.late += 1;
                    counts.worst_late_frames = counts.worst_late_frames.max(by);
                }
                News::Overload { track, lost } => {
                    counts.overloads += u64::from(lost);
                    self.say.aside(format!("{track}: {lost} notes too many were left out"));
                }
                News::InTurn(share) => self.say.aside(format!(
                    "what plays fades before what is new begins: both at once would take {:.0} % of the time there is",
                    share * 100.0
                )),
                News::Stolen { .. } => counts.stolen += 1,
                News::Scrubbed { strip } => {
                    counts.scrubbed += 1;
                    self.say.aside(format!("{strip}: a sound ran out of all numbers and was begun anew"));
                }
                News::JournalLost(why) => self.say.trouble(format!("the journal cannot be written any more: {why}")),
            }
        }
    }
}

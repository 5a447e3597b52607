//! The wires between Controller and Renderer: what goes down, what comes back, what is told.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::channel::Channel;
use super::message::EventBatch;
use super::pool::Bank;
use super::{Clock, Frames, Passage, Place, Report, Schedule, Target};

/// A command as the Renderer takes it: with everything allocated that it will need.
pub(super) enum Order {
    Load(Box<Plan>),
    Play(Box<EventBatch>),
    Retract { at: Frames, track: u16, keep: Box<[u64]> },
    Set { at: Frames, target: Target, value: f32, ramp: u32 },
    Release { at: Frames, target: Target },
    Bend { at: Frames, track: u16, key: u64, control: u16, value: f32, ramp: u32 },
    Transport(Clock),
    Watch { at: Frames, window: u32 },
    Hush { at: Frames },
    Panic { at: Frames },
    Shed { at: Frames, voices: u32 },
}

/// A program, ready to be played. What it replaces before that ever sounded goes back within it.
pub(super) struct Plan {
    pub at: Frames,
    pub fade: u32,
    pub changes: Vec<(Place, Move)>,
    /// Changes up to here are done.
    pub done: usize,
}

impl Plan {
    /// Frames in which something crosses over, if anything does: instruments that come and go change nothing that sounds.
    pub fn crosses(&self) -> Option<u32> {
        let window = |step: &Move| match step {
            Move::Install(_) | Move::Remove | Move::Cut => Some(self.fade),
            Move::Inserts(passage) | Move::Signal(passage) => Some(passage.fade.max(passage.ramp)),
            Move::Pool(_) | Move::Close(_) | Move::Done => None,
        };
        self.changes.iter().filter_map(|(_, step)| window(step)).max()
    }
}

pub(super) enum Move {
    Install(Box<Channel>),
    Remove,
    Cut,
    Inserts(Passage),
    Signal(Passage),
    Pool(Box<Bank>),
    Close(u32),
    Done,
}

/// What is no longer played, to be freed by the Controller. Never dropped.
pub(super) enum Retired {
    Plan(#[expect(dead_code, reason = "held to be freed")] Box<Plan>),
    Batch(#[expect(dead_code, reason = "held to be freed")] Box<EventBatch>),
    Keep(#[expect(dead_code, reason = "held to be freed")] Box<[u64]>),
    Strip(#[expect(dead_code, reason = "held to be freed")] Box<Channel>),
    Schedule(#[expect(dead_code, reason = "held to be freed")] Box<Schedule<1>>),
    Pool(#[expect(dead_code, reason = "held to be freed")] Box<Bank>),
}

/// The way back. Commands reserve their place in it before they are taken; what is over waits where it is until there
/// is room beyond the reservations.
pub(super) struct Returns {
    sender: Sender<Retired>,
    /// Keeps the way open when the Controller is gone, so that nothing is ever freed here.
    _receiver: Receiver<Retired>,
    reserved: usize,
}

impl Returns {
    pub fn new(capacity: usize) -> (Self, Receiver<Retired>) {
        let (sender, receiver) = bounded(capacity);
        (Returns { sender, _receiver: receiver.clone(), reserved: 0 }, receiver)
    }

    /// Whether there is a free place that nobody has reserved.
    pub fn room(&self) -> bool {
        self.sender.len() + self.reserved < self.sender.capacity().unwrap_or(0)
    }

    pub fn reserve(&mut self) {
        self.reserved += 1;
    }

    /// Sends back what had reserved its place.
    pub fn redeem(&mut self, retired: Retired) {
        self.reserved -= 1;
        self.give(retired);
    }

    /// Sends back; there must be room.
    pub fn give(&mut self, retired: Retired) {
        if let Err(refused) = self.sender.try_send(retired) {
            debug_assert!(false, "a return had no place");
            // Leaking is the lesser evil on the audio thread.
            std::mem::forget(refused);
        }
    }
}

/// What is told upward, and lost where nobody listens.
pub(super) struct Reports {
    sender: Sender<Report>,
    _receiver: Receiver<Report>,
}

impl Reports {
    pub fn new(capacity: usize) -> (Self, Receiver<Report>) {
        let (sender, receiver) = bounded(capacity);
        (Reports { sender, _receiver: receiver.clone() }, receiver)
    }

    pub fn tell(&self, report: Report) {
        // A full queue means that nobody reads; a report is not worth waiting for.
        let _ = self.sender.try_send(report);
    }
}

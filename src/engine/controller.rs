//! The Controller: the half of the engine that is held by whoever conducts. It allocates and frees; the Renderer does neither.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::channel::Channel;
use super::message::{Change, Command, Program, What};
use super::pool::Bank;
use super::queues::{Move, Order, Plan, Reports, Retired, Returns};
use super::{Config, Frames, Passage, Place, Renderer, Report};

/// Voices that can be let go of at once.
const MOST_SHED: u32 = 64;

/// What the Renderer shows of itself.
#[derive(Default)]
pub(super) struct Shown {
    pub position: AtomicU64,
    pub period: AtomicU64,
    /// Cycle at `position`, as the bits of an f64.
    pub cycle: AtomicU64,
}

/// Sends commands to a Renderer, hears its reports and frees what it has done with.
pub struct Controller {
    config: Config,
    shown: Arc<Shown>,
    orders: Sender<Order>,
    /// Keeps the way open when the Renderer is gone: `send` then fills the queue and gives commands back.
    _orders: Receiver<Order>,
    reports: Receiver<Report>,
    retired: Receiver<Retired>,
    /// Names of the strips, from which chance begins.
    names: HashMap<Place, u64>,
}

/// Builds an engine. Everything it allocates is allocated here, or by `Controller::send`.
pub fn engine(config: Config) -> (Controller, Renderer) {
    let queue = config.queue.max(1);
    let (orders, orders_down) = bounded(queue);
    let (returns, retired) = Returns::new(queue);
    let (tell, reports) = Reports::new(queue);
    let shown = Arc::new(Shown::default());
    let renderer = Renderer::new(config, orders_down.clone(), returns, tell, shown.clone());
    let names = HashMap::new();
    (Controller { config, shown, orders, _orders: orders_down, reports, retired, names }, renderer)
}

impl Controller {
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Frames rendered so far: the first frame of the next callback.
    pub fn position(&self) -> Frames {
        self.shown.position.load(Ordering::Acquire)
    }

    /// Frames of the last callback, 0 before the first.
    pub fn period(&self) -> Frames {
        self.shown.period.load(Ordering::Acquire)
    }

    /// The cycle at `position`, by the last transport that took effect; 0 before the first.
    pub fn cycle(&self) -> f64 {
        f64::from_bits(self.shown.cycle.load(Ordering::Acquire))
    }

    /// Sends a command down; a full queue gives it back.
    ///
    /// A schedule that does not fit (more scratch than `Config::scratch`, other channels than its place has) is not
    /// played; it is freed with its program, and reported as `Overload`.
    pub fn send(&mut self, command: Command) -> Result<(), Command> {
        if self.orders.is_full() {
            return Err(command);
        }
        let order = self.prepare(command);
        // Nobody else sends, and the Renderer only makes room.
        let sent = self.orders.try_send(order);
        debug_assert!(sent.is_ok(), "the queue had a free place");
        Ok(())
    }

    /// What the audio thread told since; in the order of events.
    pub fn report(&mut self) -> Option<Report> {
        self.reports.try_recv().ok()
    }

    /// Frees what is no longer played; how many boxes that were.
    pub fn collect(&mut self) -> usize {
        self.retired.try_iter().map(drop).count()
    }

    fn prepare(&mut self, command: Command) -> Order {
        match command {
            Command::Load(program) => Order::Load(Box::new(self.plan(*program))),
            Command::Play(batch) => Order::Play(batch),
            Command::Retract { at, track, keep } => Order::Retract { at, track, keep },
            Command::Set { at, target, value, ramp } => Order::Set { at, target, value, ramp },
            Command::Release { at, target } => Order::Release { at, target },
            Command::Bend { at, track, key, control, value, ramp } => {
                Order::Bend { at, track, key, control, value, ramp }
            }
            Command::Transport(clock) => Order::Transport(clock),
            Command::Watch { at, window } => Order::Watch { at, window },
            Command::Hush { at } => Order::Hush { at },
            Command::Panic { at } => Order::Panic { at },
            Command::Shed { at, voices } => Order::Shed { at, voices: voices.min(MOST_SHED) },
        }
    }

    fn plan(&mut self, program: Program) -> Plan {
        let changes = program.changes.into_iter().map(|change| self.change(change)).collect();
        Plan { at: program.at, fade: program.fade, changes, done: 0 }
    }

    /// Builds what a change will need; persistent schedules begin their chance from the strip's name.
    fn change(&mut self, Change { place, what }: Change) -> (Place, Move) {
        if let What::Install(strip) = &what {
            self.names.insert(place, strip.name);
        }
        let seed = self.names.get(&place).copied().unwrap_or(0);
        let seeded = |mut passage: Passage| {
            passage.schedules().for_each(|schedule| schedule.reset(seed));
            passage
        };
        let step = match what {
            What::Install(mut strip) => {
                [&mut strip.signal, &mut strip.inserts].into_iter().flatten().for_each(|schedule| schedule.reset(seed));
                Move::Install(Box::new(Channel::new(*strip, &self.config)))
            }
            What::Remove => Move::Remove,
            What::Cut => Move::Cut,
            What::Inserts(passage) => Move::Inserts(seeded(passage)),
            What::Signal(passage) => Move::Signal(seeded(passage)),
            What::Pool(pool) => Move::Pool(Box::new(Bank::new(*pool, self.config.rate))),
            What::Close(id) => Move::Close(id),
        };
        (place, step)
    }
}

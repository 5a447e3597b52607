//! The Renderer: the half of the engine that lives on the audio thread.
//!
//! Law: `process` never allocates, frees, locks, waits or fails. It plays whole blocks of a fixed grid and hands them out,
//! so that what is heard does not depend on the size of the callbacks.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assert_no_alloc::assert_no_alloc;
use crossbeam_channel::Receiver;

use super::controller::Shown;
use super::desk::Desk;
use super::fader::{Ramp, SILENCE, Stereo, apply, finite, sound_level};
use super::level::peaks;
use super::master::{Guard, scrub};
use super::message::EventBatch;
use super::meter::Meter;
use super::queues::{Order, Reports, Retired, Returns};
use super::seam::Seams;
use super::{Clock, Config, Frames, GRID, MAX_CONTROLS, Place, Played, Report};

/// After a panic the sound is gone within 5 ms: at most one block until it begins, two to fade out.
const BLACKOUT: u32 = 2 * GRID as u32;

/// Frames in which the sound comes back behind a panic: what is being muted meanwhile is not heard again.
const DAWN: u32 = 8 * GRID as u32;

/// A command that waits for its grid line.
struct Pending {
    at: Frames,
    arrival: u64,
    order: Order,
}

/// Renders sound; given to the audio thread.
pub struct Renderer {
    config: Config,
    shown: Arc<Shown>,
    orders: Receiver<Order>,
    returns: Returns,
    reports: Reports,
    /// Ordered: the next one stands last.
    pending: Vec<Pending>,
    arrivals: u64,
    /// Events dropped in this block, by track.
    lost: Vec<u32>,
    /// Whether there are any.
    losing: bool,
    desk: Desk,
    guard: Guard,
    seams: Seams,
    meter: Meter,
    clock: Option<Clock>,
    /// The last gain of all, closed by a panic.
    light: Ramp,
    master: Stereo,
    /// First frame of the next block, and frames of the present one that were handed out.
    block: Frames,
    handed: usize,
    position: Frames,
}

impl Renderer {
    pub(super) fn new(
        config: Config,
        orders: Receiver<Order>,
        returns: Returns,
        reports: Reports,
        shown: Arc<Shown>,
    ) -> Self {
        Renderer {
            shown,
            orders,
            returns,
            reports,
            pending: Vec::with_capacity(config.queue.max(1)),
            arrivals: 0,
            lost: vec![0; config.tracks],
            losing: false,
            desk: Desk::new(&config),
            guard: Guard::new(config.rate),
            seams: Seams::new(),
            meter: Meter::default(),
            clock: None,
            light: Ramp::new(1.0),
            master: SILENCE,
            block: 0,
            handed: GRID,
            position: 0,
            config,
        }
    }

    /// Frames by which the master lags behind the grid (and behind direct outs): the guard's look-ahead.
    pub fn latency(&self) -> usize {
        self.guard.latency()
    }

    /// Where it plays a part: what it played of its tracks since this was last taken. Where it plays the rest: what others
    /// played, by part. Not for the audio thread.
    pub fn played(&mut self) -> &mut [Played] {
        &mut self.desk.played
    }

    /// Renders the next frames into `out`, interleaved, `Config::outputs` channels; any number of frames. A rest of `out`
    /// that is no whole frame is silent. No strip listens to `input`.
    pub fn process(&mut self, _input: &[f32], out: &mut [f32]) {
        // SAFETY: the flags are set and restored on this thread, and nothing in between depends on denormal numbers.
        unsafe { no_denormals::no_denormals(|| assert_no_alloc(|| self.fill(out))) }
    }

    fn fill(&mut self, out: &mut [f32]) {
        let channels = self.config.outputs.max(1);
        let frames = out.len() / channels;
        let mut done = 0;
        while done < frames {
            if self.handed == GRID {
                self.render();
                self.handed = 0;
            }
            let count = (GRID - self.handed).min(frames - done);
            self.hand_out(&mut out[done * channels..(done + count) * channels], channels);
            self.handed += count;
            done += count;
        }
        out[frames * channels..].fill(0.0);
        self.position += frames as Frames;
        self.shown.period.store(frames as u64, Ordering::Release);
        if let Some(clock) = self.clock {
            self.shown.cycle.store(clock.cycle_at(self.position).to_bits(), Ordering::Release);
        }
        self.shown.position.store(self.position, Ordering::Release);
    }

    /// Copies frames of the block from where the last callback stopped.
    fn hand_out(&self, out: &mut [f32], channels: usize) {
        let from = self.handed;
        if channels == 2 {
            let sides = self.master[0][from..].iter().zip(&self.master[1][from..]);
            for (frame, (left, right)) in out.as_chunks_mut().0.iter_mut().zip(sides) {
                *frame = [*left, *right];
            }
            return;
        }
        out.fill(0.0);
        if channels == 1 {
            for (i, x) in out.iter_mut().enumerate() {
                *x = (self.master[0][from + i] + self.master[1][from + i]) * 0.5;
            }
            return;
        }
        let direct = self.desk.outs.iter().zip(&self.desk.heard);
        let pairs = std::iter::once((&self.master, &true)).chain(direct);
        for (pair, (sound, _)) in pairs.enumerate().filter(|(_, (_, heard))| **heard) {
            for (side, sound) in sound.iter().enumerate().filter(|(side, _)| 2 * pair + side < channels) {
                let to = out.iter_mut().skip(2 * pair + side).step_by(channels);
                to.zip(&sound[from..]).for_each(|(to, x)| *to = *x);
            }
        }
    }

    /// Plays the next block of the grid.
    fn render(&mut self) {
        self.blackout();
        self.desk.settle(self.block, &mut self.returns);
        self.take();
        self.act();
        let end = self.block + GRID as Frames;
        let expecting = self.pending.iter().any(|p| matches!(p.order, Order::Load(_)) && p.at < end);
        self.master = self.desk.play(self.block, expecting, &self.reports);
        if !scrub(&mut self.master) {
            self.reports.tell(Report::Scrubbed { place: Place::Master });
        }
        let Renderer { seams, reports, .. } = self;
        seams.hear(&self.master, |report| reports.tell(report));
        if self.config.share.plays(Place::Master) {
            self.finish();
        }
        self.block = end;
    }

    /// What stands behind the desk: guard, last level and meter.
    fn finish(&mut self) {
        self.guard.play(&mut self.master);
        let mut curve = SILENCE;
        let still = self.light.block(&mut curve[0]);
        curve[1] = curve[0];
        apply(&mut self.master, still.map(|level| [level; 2]), &curve);
        self.meter.hear(&self.master, peaks(&self.master));
        if Meter::due(self.block)
            && let Some(reading) = self.meter.read(Place::Master)
        {
            self.reports.tell(reading);
        }
    }

    /// Where a panic has closed the sound, everything begins anew behind it.
    fn blackout(&mut self) {
        if self.light.is_zero() {
            self.desk.reset();
            self.guard.reset();
            self.light.to(1.0, DAWN);
        }
    }

    /// Takes commands in; none whose return has no place, none that would have to wait without a place to wait.
    fn take(&mut self) {
        while self.returns.room() && self.pending.len() < self.pending.capacity() {
            let Ok(order) = self.orders.try_recv() else { break };
            self.accept(order);
        }
        if std::mem::take(&mut self.losing) {
            for (track, lost) in self.lost.iter_mut().enumerate().filter(|(_, lost)| **lost > 0) {
                self.reports.tell(Report::Overload { track: track as u16, lost: std::mem::take(lost) });
            }
        }
    }

    fn accept(&mut self, order: Order) {
        match order {
            Order::Play(batch) => {
                self.play(&batch);
                self.returns.give(Retired::Batch(batch));
            }
            Order::Retract { at, track, keep } => {
                self.desk.retract(at, track, &keep);
                self.returns.give(Retired::Keep(keep));
            }
            Order::Hush { at } => self.desk.hush(at),
            Order::Release { at, target } => {
                let waits = |order: &Order| matches!(order, Order::Set { target: moved, .. } if *moved == target);
                self.pending.retain(|pending| pending.at < at || !waits(&pending.order));
            }
            Order::Load(ref plan) => {
                self.returns.reserve();
                self.wait(plan.at, order);
            }
            Order::Panic { at } => {
                self.desk.hush(at);
                self.wait(at, order);
            }
            Order::Set { at, .. } | Order::Bend { at, .. } | Order::Watch { at, .. } | Order::Shed { at, .. } => {
                self.wait(at, order);
            }
            Order::Transport(clock) => self.wait(clock.frame, order),
        }
    }

    fn wait(&mut self, at: Frames, order: Order) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        let place = self.pending.partition_point(|p| (p.at, p.arrival) > (at, arrival));
        self.pending.insert(place, Pending { at, arrival, order });
    }

    fn play(&mut self, batch: &EventBatch) {
        for event in &batch.events {
            let mut event = *event;
            (event.gain, event.pan) = (sound_level(event.gain), finite(event.pan));
            event.sends.iter_mut().for_each(|(_, level)| *level = sound_level(*level));
            for k in 0..MAX_CONTROLS {
                event.controls[k] = finite(event.controls[k]);
            }
            if !self.desk.waiting.insert(&event)
                && let Some(lost) = self.lost.get_mut(event.track as usize)
            {
                *lost += 1;
                self.losing = true;
            }
        }
    }

    fn watch(&mut self, window: u32) {
        if let Some(early) = self.seams.begin(self.block, window) {
            self.reports.tell(early);
        }
    }

    /// Does what is due at this grid line.
    fn act(&mut self) {
        while self.pending.last().is_some_and(|pending| pending.at <= self.block) {
            let Some(pending) = self.pending.pop() else { break };
            match pending.order {
                Order::Load(mut plan) => {
                    if plan.done == 0
                        && let Some(window) = plan.crosses()
                    {
                        self.watch(window);
                    }
                    if !self.desk.load(&mut plan, self.block, &self.reports) {
                        self.pending.push(Pending { order: Order::Load(plan), ..pending });
                        break;
                    }
                    self.returns.redeem(Retired::Plan(plan));
                }
                Order::Set { target, value, ramp, .. } => self.desk.set(target, value, ramp, self.block),
                Order::Bend { track, key, control, value, ramp, .. } => {
                    self.desk.bend(track, key, control, value, ramp);
                }
                Order::Watch { window, .. } => self.watch(window),
                Order::Transport(clock) => self.clock = Some(clock),
                Order::Shed { voices, .. } => self.desk.shed(voices, &self.reports),
                Order::Panic { .. } => self.light.to(0.0, BLACKOUT),
                Order::Play(_) | Order::Retract { .. } | Order::Hush { .. } | Order::Release { .. } => {}
            }
        }
    }
}

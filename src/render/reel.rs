//! Where the tape runs: in the thread that renders, or in one of its own.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::ensemble::{TURN, Turns};
use super::loudness::Loudness;
use super::tape::{Strip, Tape};
use crate::io::Error;

/// So many times `TURN` blocks may wait to be written.
const WAITING: usize = 6;

/// A tape that is written, here or there.
pub(super) struct Reel {
    here: Option<Box<Tape>>,
    there: Option<Writing>,
    /// What will be sent there together.
    orders: Vec<Order>,
}

type Writing = (SyncSender<Vec<Order>>, JoinHandle<Result<Box<Tape>, Error>>);

enum Order {
    Want(u64),
    Write { block: Vec<f32>, channels: usize, strips: Vec<Strip> },
}

impl Reel {
    pub fn new(tape: Tape) -> Reel {
        Reel { here: Some(Box::new(tape)), there: None, orders: Vec::new() }
    }

    /// From now on it is written in a thread of its own, that works when it is its turn.
    pub fn part(&mut self, turns: Turns) {
        let Some(mut tape) = self.here.take() else { return };
        let (sender, orders) = sync_channel::<Vec<Order>>(WAITING);
        let obey = |tape: &mut Tape, order: Order| match order {
            Order::Write { block, channels, strips } => tape.write(&block, channels, || strips),
            Order::Want(frames) => {
                tape.want(frames);
                Ok(())
            }
        };
        let turn = move |tape: &mut Tape, orders: Vec<Order>| {
            turns.take(|| orders.into_iter().try_for_each(|order| obey(tape, order)))
        };
        let write = move || orders.into_iter().try_for_each(|orders| turn(&mut tape, orders)).map(|()| tape);
        self.there = Some((sender, std::thread::spawn(write)));
    }

    /// How many more frames of music are wanted.
    pub fn want(&mut self, frames: u64) {
        if let Some(tape) = &mut self.here {
            tape.want(frames);
        }
        if self.there.is_some() {
            self.orders.push(Order::Want(frames));
        }
    }

    /// Takes a block of the engine's output, the master's pair first, and what is heard on the others.
    pub fn write(&mut self, block: &[f32], channels: usize, strips: impl FnOnce() -> Vec<Strip>) -> Result<(), Error> {
        if let Some(tape) = &mut self.here {
            return tape.write(block, channels, strips);
        }
        let strips = if channels > 2 { strips() } else { Vec::new() };
        self.orders.push(Order::Write { block: block.to_vec(), channels, strips });
        if self.orders.len() < TURN || self.send() {
            return Ok(());
        }
        // It ended before its time: because of an error.
        self.collect().map(drop)
    }

    /// False where nobody listens any more.
    fn send(&mut self) -> bool {
        let orders = std::mem::take(&mut self.orders);
        self.there.as_ref().is_some_and(|(sender, _)| sender.send(orders).is_ok())
    }

    /// Waits until all of it is written.
    fn collect(&mut self) -> Result<Option<Box<Tape>>, Error> {
        // Where nobody listens any more, its thread says why.
        self.send();
        if let Some((sender, thread)) = self.there.take() {
            drop(sender);
            match thread.join() {
                Ok(tape) => self.here = Some(tape?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(self.here.take())
    }

    /// Completes every file and gives it its name.
    pub fn finish(mut self) -> Result<(Loudness, usize), Error> {
        let tape = self.collect()?.expect("a tape is here or there until it is finished");
        tape.finish()
    }
}

impl Drop for Reel {
    /// What is given up is gone when this returns.
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.there.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

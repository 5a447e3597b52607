//! Where the tape runs: in the thread that renders, or in one of its own.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::ensemble::Turns;
use super::loudness::Loudness;
use super::tape::{Strip, Tape};
use crate::io::Error;

/// Blocks that may wait to be written.
const WAITING: usize = 48;

/// A tape that is written, here or there.
pub(super) struct Reel {
    here: Option<Box<Tape>>,
    there: Option<Writing>,
}

type Writing = (SyncSender<Order>, JoinHandle<Result<Box<Tape>, Error>>);

enum Order {
    Want(u64),
    Write { block: Vec<f32>, channels: usize, strips: Vec<Strip> },
}

impl Reel {
    pub fn new(tape: Tape) -> Reel {
        Reel { here: Some(Box::new(tape)), there: None }
    }

    /// From now on it is written in a thread of its own, that works when it is its turn.
    pub fn part(&mut self, turns: Turns) {
        let Some(mut tape) = self.here.take() else { return };
        let (sender, orders) = sync_channel(WAITING);
        let obey = move |tape: &mut Tape, order: Order| {
            turns.take(|| match order {
                Order::Write { block, channels, strips } => tape.write(&block, channels, || strips),
                Order::Want(frames) => {
                    tape.want(frames);
                    Ok(())
                }
            })
        };
        let write = move || orders.into_iter().try_for_each(|order| obey(&mut tape, order)).map(|()| tape);
        self.there = Some((sender, std::thread::spawn(write)));
    }

    /// How many more frames of music are wanted.
    pub fn want(&mut self, frames: u64) {
        if let Some(tape) = &mut self.here {
            tape.want(frames);
        }
        if let Some((sender, _)) = &self.there {
            // Where nobody listens any more, the next block finds out why.
            let _ = sender.send(Order::Want(frames));
        }
    }

    /// Takes a block of the engine's output, the master's pair first, and what is heard on the others.
    pub fn write(&mut self, block: &[f32], channels: usize, strips: impl FnOnce() -> Vec<Strip>) -> Result<(), Error> {
        if let Some(tape) = &mut self.here {
            return tape.write(block, channels, strips);
        }
        let strips = if channels > 2 { strips() } else { Vec::new() };
        let order = Order::Write { block: block.to_vec(), channels, strips };
        match &self.there {
            Some((sender, _)) if sender.send(order).is_ok() => Ok(()),
            // It ended before its time: because of an error.
            _ => self.collect().map(drop),
        }
    }

    /// Waits until all of it is written.
    fn collect(&mut self) -> Result<Option<Box<Tape>>, Error> {
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

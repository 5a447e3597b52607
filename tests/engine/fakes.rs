//! Small operations whose sound can be read off, and a desk to put them on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use segue::engine::schedule::Step;
use segue::engine::*;

/// Counts the operations that live.
pub static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// What an operation does with its inputs.
#[derive(Clone)]
pub enum Does {
    /// Input 0 times input 1.
    Times,
    /// Counts up by 1 each frame from its reset.
    Ramp,
    /// A sine: input 0 is the frequency in cycles per frame, input 1 the level.
    Sine(f64),
    /// Input 0 and, so many frames later, half of what came out.
    Echo(Vec<f32>, usize),
    /// Input 0, but not-a-number from this frame on (once, until reset).
    Nan(u64, u64),
    /// White noise by a linear congruence.
    Noise(u64),
    /// An envelope: rises at once with the gate (input 0), falls by a factor per frame after it.
    Fall(f32, f32),
}

pub struct Fake {
    does: Does,
    begun: Does,
    latch: Option<Arc<AtomicUsize>>,
}

impl Fake {
    pub fn boxed(does: Does) -> Box<dyn Operation<1>> {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Box::new(Fake { begun: does.clone(), does, latch: None })
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Operation<1> for Fake {
    fn process(&mut self, io: &mut Io<'_, 1>) {
        for i in 0..io.len() {
            let x = match &mut self.does {
                Does::Times => io.input(0)[i][0] * io.input(1)[i][0],
                Does::Ramp => unreachable!("a ramp is a noise with its own state"),
                Does::Sine(phase) => {
                    let x = (*phase * std::f64::consts::TAU).sin() as f32 * io.input(1)[i][0];
                    *phase = (*phase + io.input(0)[i][0] as f64).fract();
                    x
                }
                Does::Echo(line, place) => {
                    let x = io.input(0)[i][0] + 0.5 * line[*place];
                    line[*place] = x;
                    *place = (*place + 1) % line.len();
                    x
                }
                Does::Nan(from, now) => {
                    *now += 1;
                    if *now > *from { f32::NAN } else { io.input(0)[i][0] }
                }
                Does::Noise(state) => {
                    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (*state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
                }
                Does::Fall(level, factor) => {
                    *level = if io.input(0)[i][0] > 0.5 { 1.0 } else { *level * *factor };
                    *level
                }
            };
            io.output(0)[i][0] = x;
        }
    }

    fn reset(&mut self, seed: u64) {
        match (&mut self.does, &self.begun) {
            (Does::Noise(state), _) => *state = seed,
            (Does::Echo(line, place), _) => {
                line.fill(0.0);
                *place = 0;
            }
            (does, begun) => *does = begun.clone(),
        }
        if let Some(latch) = &self.latch {
            latch.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn duplicate(&self) -> Box<dyn Operation<1>> {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Box::new(Fake { does: self.does.clone(), begun: self.begun.clone(), latch: self.latch.clone() })
    }

    fn tail(&self) -> usize {
        if let Does::Echo(line, _) = &self.does { line.len() } else { 0 }
    }
}

//! Small operations whose sound can be read off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use segue::engine::schedule::Step;
use segue::engine::*;

/// What a fake operation makes of its inputs.
#[derive(Clone)]
pub enum Does {
    /// Input 0 times input 1.
    Times,
    /// A sine: input 0 is the frequency in cycles per frame.
    Sine(f64),
    /// Input 0 plus half of what came out so many frames before.
    Echo(Vec<f32>, usize),
    /// Input 0, but not-a-number from a frame on, counted from reset.
    Nan(u64, u64),
    /// Infinity, as long as input 0 is above this.
    Infinite(f32),
    /// White noise by a linear congruence.
    Noise(u64),
    /// 1 while the gate (input 0) is open, then falling by a factor per frame.
    Fall(f32, f32),
}

/// An operation that tells by its token whether it lives.
pub struct Fake {
    does: Does,
    begun: Does,
    token: Arc<()>,
    runs: Arc<AtomicUsize>,
}

impl Operation<1> for Fake {
    fn process(&mut self, io: &mut Io<'_, 1>) {
        self.runs.fetch_add(1, Relaxed);
        for i in 0..io.len() {
            let x = match &mut self.does {
                Does::Times => io.input(0)[i][0] * io.input(1)[i][0],
                Does::Sine(phase) => {
                    *phase = (*phase + io.input(0)[i][0] as f64).fract();
                    (*phase * std::f64::consts::TAU).sin() as f32
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
                Does::Infinite(above) => {
                    if io.input(0)[i][0].abs() > *above {
                        f32::INFINITY
                    } else {
                        io.input(0)[i][0]
                    }
                }
                Does::Noise(state) => {
                    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
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

    fn reset(&mut self, _lane: usize, seed: u64) {
        match (&mut self.does, &self.begun) {
            (Does::Noise(state), _) => *state = seed,
            (Does::Echo(line, place), _) => {
                line.fill(0.0);
                *place = 0;
            }
            (Does::Sine(phase), _) => *phase = 0.0,
            (Does::Nan(_, now), _) => *now = 0,
            (Does::Fall(level, _), _) => *level = 0.0,
            _ => {}
        }
    }

    fn duplicate(&self) -> Box<dyn Operation<1>> {
        let (does, begun) = (self.does.clone(), self.begun.clone());
        Box::new(Fake { does, begun, token: self.token.clone(), runs: self.runs.clone() })
    }

    fn tail(&self) -> usize {
        if let Does::Echo(line, _) = &self.does { 8 * line.len() } else { 0 }
    }
}

/// Builds schedules whose operations all hold one token: how many live is its count, less one.
#[derive(Clone, Default)]
pub struct Workshop {
    pub token: Arc<()>,
    /// How often operations have been run.
    pub runs: Arc<AtomicUsize>,
}

impl Workshop {
    pub fn alive(&self) -> usize {
        Arc::strong_count(&self.token) - 1
    }

    /// How often operations have been run since this was last asked.
    pub fn runs(&self) -> usize {
        self.runs.swap(0, Relaxed)
    }

    fn step(&self, does: Does, path: u64, inputs: &[Wire], output: u16) -> Step<1> {
        let (token, runs) = (self.token.clone(), self.runs.clone());
        let operation = Box::new(Fake { begun: does.clone(), does, token, runs });
        Step { operation, path, inputs: inputs.into(), outputs: [output].into() }
    }

    /// A voice: controls freq (cycles per frame), gate, level; a sine that falls after the gate by `factor` per frame.
    pub fn sine_voice(&self, factor: f32) -> Schedule<1> {
        let steps = vec![
            self.step(Does::Sine(0.0), 1, &[Wire::Cell(0)], 0),
            self.step(Does::Fall(0.0, factor), 2, &[Wire::Cell(1)], 1),
            self.step(Does::Times, 3, &[Wire::Buffer(0), Wire::Buffer(1)], 2),
            self.step(Does::Times, 4, &[Wire::Buffer(2), Wire::Cell(2)], 3),
        ];
        Schedule::new(steps, [0.01, 0.0, 1.0].map(Cell::new).into(), 0, vec![Wire::Buffer(3)])
    }

    /// A voice that is its gate: 1 while the gate is open, nothing after.
    pub fn gate_voice(&self) -> Schedule<1> {
        let steps = vec![self.step(Does::Times, 1, &[Wire::Cell(1), Wire::Cell(2)], 0)];
        Schedule::new(steps, [0.01, 0.0, 1.0].map(Cell::new).into(), 0, vec![Wire::Buffer(0)])
    }

    /// A voice that makes not-a-number after so many frames.
    pub fn nan_voice(&self, after: u64) -> Schedule<1> {
        let steps = vec![self.step(Does::Nan(after, 0), 1, &[Wire::Cell(1)], 0)];
        Schedule::new(steps, [0.01, 0.0, 1.0].map(Cell::new).into(), 0, vec![Wire::Buffer(0)])
    }

    /// A signal: a sine at `freq` cycles per frame (cell 0) and a level (cell 1).
    pub fn sine(&self, freq: f32, level: f32) -> Box<Schedule<1>> {
        let steps = vec![
            self.step(Does::Sine(0.0), 1, &[Wire::Cell(0)], 0),
            self.step(Does::Times, 2, &[Wire::Buffer(0), Wire::Cell(1)], 1),
        ];
        let cells = [freq, level].map(Cell::new).into();
        Box::new(named(Schedule::new(steps, cells, 0, vec![Wire::Buffer(1), Wire::Buffer(1)]), 10))
    }

    /// A signal of noise.
    pub fn noise(&self, level: f32) -> Box<Schedule<1>> {
        let steps =
            vec![self.step(Does::Noise(1), 1, &[], 0), self.step(Does::Times, 2, &[Wire::Buffer(0), Wire::Cell(0)], 1)];
        let cells = vec![Cell::new(level)];
        Box::new(named(Schedule::new(steps, cells, 0, vec![Wire::Buffer(1), Wire::Buffer(1)]), 20))
    }

    /// Two channels, each through an operation of the same kind.
    fn pair(&self, does: Does) -> Box<Schedule<1>> {
        let steps = vec![self.step(does.clone(), 1, &[Wire::Buffer(0)], 2), self.step(does, 2, &[Wire::Buffer(1)], 3)];
        Box::new(named(Schedule::new(steps, vec![], 2, vec![Wire::Buffer(2), Wire::Buffer(3)]), 30))
    }

    /// Inserts: an echo of `frames`.
    pub fn echo(&self, frames: usize) -> Box<Schedule<1>> {
        self.pair(Does::Echo(vec![0.0; frames], 0))
    }

    /// Inserts that make infinity of what is louder than `above`.
    pub fn infinite(&self, above: f32) -> Box<Schedule<1>> {
        self.pair(Does::Infinite(above))
    }

    /// Inserts that make not-a-number after so many frames.
    pub fn nan(&self, after: u64) -> Box<Schedule<1>> {
        self.pair(Does::Nan(after, 0))
    }

    /// Inserts that multiply by cell 0.
    pub fn level(&self, level: f32) -> Box<Schedule<1>> {
        let steps = vec![
            self.step(Does::Times, 1, &[Wire::Buffer(0), Wire::Cell(0)], 2),
            self.step(Does::Times, 2, &[Wire::Buffer(1), Wire::Cell(0)], 3),
        ];
        let cells = vec![Cell::new(level)];
        Box::new(named(Schedule::new(steps, cells, 2, vec![Wire::Buffer(2), Wire::Buffer(3)]), 40))
    }

    pub fn pool(&self, id: u32, voices: usize, voice: impl Fn() -> Schedule<1>) -> Box<Pool> {
        let voices = (0..voices).map(|_| voice()).collect::<Vec<_>>().into();
        Box::new(Pool { id, voices, controls: 3, gate: Some(1), longest: 48_000 })
    }
}

/// Another chain or signal from one frame to the next.
pub fn cut(to: Option<Box<Schedule<1>>>) -> Passage {
    Passage { during: to, then: Then::Stay, fade: 0, ramp: 0 }
}

/// The same, but that it only plays for `fade` frames before another of its kind takes over what it names.
pub fn passage(to: Option<Box<Schedule<1>>>, fade: u32) -> Passage {
    let next = to.as_ref().map(|chain| Box::new(chain.duplicate()));
    Passage { during: to, then: Then::Become(next), fade, ramp: 480 }
}

/// Gives names to steps and cells, from `from` on.
fn named(mut schedule: Schedule<1>, from: u32) -> Schedule<1> {
    let (steps, cells) = (schedule.steps().len() as u32, schedule.cells() as u32);
    schedule.name(from..from + steps, from..from + cells, 0);
    schedule
}

/// A strip at unity.
pub fn strip(name: u64) -> Strip {
    Strip { name, gain: 1.0, pan: 0.0, muted: false, sends: vec![], signal: None, inserts: None, pools: vec![] }
}

/// A note at unity on track 0, pool 1: frequency 0.01 cycles per frame, level 1.
pub fn note(key: u64, at: Frames, off: Frames) -> Event {
    let mut controls = [0.0; MAX_CONTROLS];
    controls[0] = 0.01;
    controls[2] = 1.0;
    let sends = [(0, 0.0); MAX_SENDS];
    Event { at, off, track: 0, pool: 1, key, seed: key, gain: 1.0, pan: 0.0, sends, cut: 0, controls }
}

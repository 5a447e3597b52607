//! Units: fundsp's nodes as operations of ours, and ours as nodes of fundsp's.

use std::sync::Mutex;

use fundsp::prelude::{AttoHash, AudioUnit, BufferArray, BufferMut, BufferRef, SignalFrame, U2};

use crate::engine::schedule::Buffer;
use crate::engine::schedule::{Step, lanes};
use crate::engine::{GRID, Io, Operation, Schedule, Wire};

/// Channels a unit may have on either side.
const MOST: usize = 2;

/// A fundsp node in every lane.
struct Units<U, const L: usize>([Unit<U>; L]);

/// A fundsp node and what it hears and says.
struct Unit<U> {
    unit: U,
    inputs: usize,
    outputs: usize,
    sources: BufferArray<U2>,
    results: BufferArray<U2>,
}

/// A fundsp node as an operation; memory is taken here.
pub fn unit<U: AudioUnit + Clone + 'static, const L: usize>(rate: f64, mut unit: U) -> Box<dyn Operation<L>> {
    unit.set_sample_rate(rate);
    unit.allocate();
    let (inputs, outputs) = (unit.inputs(), unit.outputs());
    assert!(inputs <= MOST && outputs <= MOST, "a row of the table is stereo at most");
    let mut unit = Unit { unit, inputs, outputs, sources: BufferArray::new(), results: BufferArray::new() };
    unit.reset(0);
    Box::new(Units::<U, L>(std::array::from_fn(|_| unit.duplicate())))
}

impl<U: AudioUnit + Clone> Unit<U> {
    fn process<const L: usize>(&mut self, lane: usize, io: &mut Io<'_, L>) {
        let len = io.len();
        for k in 0..self.inputs {
            let into = self.sources.channel_f32_mut(k);
            into.iter_mut().zip(io.input(k)).for_each(|(to, from)| *to = from[lane]);
        }
        let inputs = self.sources.buffer_ref();
        let mut outputs = self.results.buffer_mut();
        let none = BufferRef::empty();
        self.unit.process(len, if self.inputs == 0 { &none } else { &inputs }, &mut outputs);
        for k in 0..self.outputs {
            let from = self.results.channel_f32(k);
            io.output(k).iter_mut().zip(from).for_each(|(to, from)| to[lane] = *from);
        }
    }

    fn reset(&mut self, seed: u64) {
        self.unit.set_hash(seed);
        self.unit.reset();
    }

    fn duplicate(&self) -> Self {
        let mut unit = self.unit.clone();
        unit.allocate();
        let (inputs, outputs) = (self.inputs, self.outputs);
        Unit { unit, inputs, outputs, sources: BufferArray::new(), results: BufferArray::new() }
    }
}

impl<U: AudioUnit + Clone + 'static, const L: usize> Operation<L> for Units<U, L> {
    fn process(&mut self, io: &mut Io<'_, L>) {
        lanes(io.sounding()).for_each(|lane| self.0[lane].process(lane, io));
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        self.0[lane].reset(seed);
    }

    fn duplicate(&self) -> Box<dyn Operation<L>> {
        Box::new(Units::<U, L>(std::array::from_fn(|l| self.0[l].duplicate())))
    }
}

/// An operation of ours as a fundsp node, so that it can stand in a fundsp graph. Its inputs are the audio inputs, then the
/// signal parameters.
pub struct Node {
    /// Never waited for: fundsp wants its nodes to be shareable, and nobody shares this one.
    schedule: Mutex<Schedule<1>>,
    arena: Box<[Buffer<1>]>,
    inputs: usize,
    outputs: usize,
    seed: u64,
}

impl Node {
    pub fn new(operation: Box<dyn Operation<1>>, inputs: usize, outputs: usize) -> Self {
        let places = |from: usize, count: usize| from as u16..(from + count) as u16;
        let step = Step {
            operation,
            path: 0,
            inputs: places(0, inputs).map(Wire::Buffer).collect(),
            outputs: places(inputs, outputs).collect(),
        };
        let heard = places(inputs, outputs).map(Wire::Buffer).collect();
        let schedule = Schedule::new(vec![step], vec![], inputs, heard);
        Node {
            schedule: Mutex::new(schedule),
            arena: vec![[[0.0]; GRID]; inputs + outputs].into(),
            inputs,
            outputs,
            seed: 0,
        }
    }
}

impl Clone for Node {
    fn clone(&self) -> Self {
        let schedule = self.schedule.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).duplicate();
        Node { schedule: Mutex::new(schedule), arena: self.arena.clone(), ..*self }
    }
}

impl Node {
    fn schedule(&mut self) -> &mut Schedule<1> {
        self.schedule.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn run(&mut self, frames: usize) {
        let Node { schedule, arena, .. } = self;
        schedule.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner()).run(arena, 0, frames);
    }
}

impl AudioUnit for Node {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn reset(&mut self) {
        let seed = self.seed;
        self.schedule().reset(seed);
    }

    fn set_hash(&mut self, hash: u64) {
        self.seed = hash;
        self.reset();
    }

    fn tick(&mut self, input: &[f32], output: &mut [f32]) {
        for (buffer, x) in self.arena.iter_mut().zip(input) {
            buffer[0] = [*x];
        }
        self.run(1);
        for (k, y) in output.iter_mut().enumerate().take(self.outputs) {
            *y = self.arena[self.inputs + k][0][0];
        }
    }

    fn process(&mut self, size: usize, input: &BufferRef, output: &mut BufferMut) {
        for k in 0..self.inputs {
            for (i, frame) in self.arena[k].iter_mut().enumerate().take(size) {
                *frame = [input.at_f32(k, i)];
            }
        }
        self.run(size);
        for k in 0..self.outputs {
            for (i, frame) in self.arena[self.inputs + k].iter().enumerate().take(size) {
                output.set_f32(k, i, frame[0]);
            }
        }
    }

    fn get_id(&self) -> u64 {
        const ID: u64 = 0x5e60e;
        ID
    }

    fn ping(&mut self, _probe: bool, hash: AttoHash) -> AttoHash {
        hash.hash(self.get_id())
    }

    fn route(&mut self, _input: &SignalFrame, _frequency: f64) -> SignalFrame {
        SignalFrame::new(self.outputs)
    }

    fn footprint(&self) -> usize {
        size_of::<Self>()
    }
}

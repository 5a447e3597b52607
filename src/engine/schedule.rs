//! A schedule: operations in topological order over block buffers, for voices and persistent signals alike.
//!
//! Law: within one step no output buffer is an input buffer and no two outputs are the same; `Schedule::new` refuses
//! anything else, and the one `unsafe` block below stands on it.

use super::GRID;

/// One block of one channel for `L` lanes (voices side by side): shape `[GRID][L]`.
pub type Buffer<const L: usize> = [[f32; L]; GRID];

/// Where an input of a step comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A buffer of the scratch arena.
    Buffer(u16),
    /// A cell: a constant or a control, ramped.
    Cell(u16),
}

/// A number that holds still, ramps or steps at a frame, seen by operations as a buffer.
#[derive(Clone, Debug)]
pub struct Cell<const L: usize> {
    buffer: Buffer<L>,
    value: [f32; L],
    target: [f32; L],
    left: [u32; L],
    edge: [Option<(u32, f32)>; L],
    steady: bool,
}

impl<const L: usize> Cell<L> {
    pub fn new(value: f32) -> Self {
        Cell {
            buffer: [[value; L]; GRID],
            value: [value; L],
            target: [value; L],
            left: [0; L],
            edge: [None; L],
            steady: true,
        }
    }

    /// Holds `value` from the next frame on.
    pub fn set(&mut self, lane: usize, value: f32) {
        self.value[lane] = value;
        self.target[lane] = value;
        self.left[lane] = 0;
        self.edge[lane] = None;
        self.steady = false;
    }

    /// Walks to `value` in a straight line over `frames`.
    pub fn ramp(&mut self, lane: usize, value: f32, frames: u32) {
        if frames == 0 {
            return self.set(lane, value);
        }
        self.target[lane] = value;
        self.left[lane] = frames;
        self.steady = false;
    }

    /// Steps to `value` at frame `at` of the coming block (0 ≤ at < GRID).
    pub fn edge(&mut self, lane: usize, at: usize, value: f32) {
        self.edge[lane] = Some((at as u32, value));
        self.steady = false;
    }

    fn fill(&mut self, from: usize, to: usize) {
        if self.steady {
            return;
        }
        let mut moving = false;
        for lane in 0..L {
            for i in from..to {
                if let Some((at, value)) = self.edge[lane]
                    && i as u32 >= at
                {
                    self.set(lane, value);
                }
                if self.left[lane] > 0 {
                    self.value[lane] += (self.target[lane] - self.value[lane]) / self.left[lane] as f32;
                    self.left[lane] -= 1;
                    if self.left[lane] == 0 {
                        self.value[lane] = self.target[lane];
                    }
                }
                self.buffer[i][lane] = self.value[lane];
            }
            moving |= self.edge[lane].is_some() || self.left[lane] > 0;
            moving |= self.buffer[from..to].iter().any(|frame| frame[lane] != self.value[lane]);
        }
        if !moving {
            self.buffer = [self.value; GRID];
            self.steady = true;
        }
    }
}

/// What one operation sees of one run: frames `from..to` of a grid block.
pub struct Io<'a, const L: usize> {
    arena: &'a mut [Buffer<L>],
    cells: &'a [Cell<L>],
    inputs: &'a [Wire],
    outputs: &'a [u16],
    from: usize,
    to: usize,
}

impl<const L: usize> Io<'_, L> {
    /// Frames in this run: 1..=GRID.
    pub fn len(&self) -> usize {
        self.to - self.from
    }

    pub fn is_empty(&self) -> bool {
        self.to == self.from
    }

    /// Input `k`, shape `[len][L]`.
    pub fn input(&self, k: usize) -> &[[f32; L]] {
        match self.inputs[k] {
            Wire::Buffer(b) => &self.arena[b as usize][self.from..self.to],
            Wire::Cell(c) => &self.cells[c as usize].buffer[self.from..self.to],
        }
    }

    /// The value of input `k` where it is known not to move within this block: coefficients need computing only once.
    pub fn steady(&self, k: usize) -> Option<[f32; L]> {
        match self.inputs[k] {
            Wire::Buffer(_) => None,
            Wire::Cell(c) => self.cells[c as usize].steady.then(|| self.cells[c as usize].value),
        }
    }

    /// Output `k`, shape `[len][L]`; what stood there is unspecified.
    pub fn output(&mut self, k: usize) -> &mut [[f32; L]] {
        &mut self.arena[self.outputs[k] as usize][self.from..self.to]
    }

    /// The first `I` inputs and `O` outputs at once. Panics where the step has fewer: rows and wiring are made together.
    pub fn wires<const I: usize, const O: usize>(&mut self) -> ([&[[f32; L]]; I], [&mut [[f32; L]]; O]) {
        assert!(I <= self.inputs.len() && O <= self.outputs.len(), "a step is wired as its row says");
        let (from, to) = (self.from, self.to);
        let outputs: [*mut Buffer<L>; O] = std::array::from_fn(|k| &raw mut self.arena[self.outputs[k] as usize]);
        let inputs = std::array::from_fn(|k| match self.inputs[k] {
            Wire::Buffer(b) => &raw const self.arena[b as usize],
            Wire::Cell(c) => &raw const self.cells[c as usize].buffer,
        });
        // SAFETY: every pointer was just made from an indexed place that lives as long as `self`; `Schedule::new` has
        // refused any step in which an output buffer is also an input or another output.
        unsafe { (inputs.map(|p: *const Buffer<L>| &(&*p)[from..to]), outputs.map(|p| &mut (&mut *p)[from..to])) }
    }
}

/// One thing that makes or changes sound, `L` voices at a time. At one lane it is the scalar reference.
///
/// `process` runs on the audio thread: no allocation, free, lock, wait, panic or unbounded loop. The output must not depend
/// on how the stream is cut into runs.
pub trait Operation<const L: usize>: Send {
    fn process(&mut self, io: &mut Io<'_, L>);
    /// As new: phases, memories and tails gone, chance begun again from `seed`. Called on the audio thread.
    fn reset(&mut self, seed: u64);
    /// An independent copy in its present state. Allocates: never on the audio thread.
    fn duplicate(&self) -> Box<dyn Operation<L>>;
    /// Frames by which the output lags (look-ahead).
    fn latency(&self) -> usize {
        0
    }
    /// Frames for which silence at the output may be followed by sound without new input (a delay line's length).
    fn tail(&self) -> usize {
        0
    }
}

/// An operation in its place.
pub struct Step<const L: usize> {
    pub operation: Box<dyn Operation<L>>,
    /// Hash of the path and ugen that made it: the identity of its state and chance, stable under edits elsewhere.
    pub path: u64,
    pub inputs: Box<[Wire]>,
    pub outputs: Box<[u16]>,
}

/// Operations in the order of play. Scratch buffers `0..inputs` hold the audio inputs when a run begins.
pub struct Schedule<const L: usize> {
    steps: Vec<Step<L>>,
    cells: Vec<Cell<L>>,
    inputs: usize,
    outputs: Vec<Wire>,
    scratch: usize,
}

impl<const L: usize> Schedule<L> {
    /// Steps in topological order. `cells` begins with the controls (in the order of their definition), then constants.
    /// `inputs`: audio inputs, in buffers `0..inputs`; `outputs`: where each output channel is found after a run.
    ///
    /// # Panics
    /// Where a step's outputs and inputs share a buffer, or a wire leads nowhere: lowering made a mistake.
    pub fn new(steps: Vec<Step<L>>, cells: Vec<Cell<L>>, inputs: usize, outputs: Vec<Wire>) -> Self {
        let mut scratch = inputs;
        for step in &steps {
            for (k, out) in step.outputs.iter().enumerate() {
                assert!(!step.inputs.contains(&Wire::Buffer(*out)), "an output is also an input");
                assert!(!step.outputs[..k].contains(out), "two outputs share a buffer");
                scratch = scratch.max(*out as usize + 1);
            }
            for wire in &step.inputs {
                match wire {
                    Wire::Buffer(b) => scratch = scratch.max(*b as usize + 1),
                    Wire::Cell(c) => {
                        assert!((*c as usize) < cells.len(), "a wire leads to no cell")
                    }
                }
            }
        }
        for wire in &outputs {
            match wire {
                Wire::Buffer(b) => scratch = scratch.max(*b as usize + 1),
                Wire::Cell(c) => assert!((*c as usize) < cells.len(), "an output leads to no cell"),
            }
        }
        Schedule { steps, cells, inputs, outputs, scratch }
    }

    /// Buffers the arena must have.
    pub fn scratch(&self) -> usize {
        self.scratch
    }

    /// Audio inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    pub fn steps(&self) -> &[Step<L>] {
        &self.steps
    }

    pub fn cell(&mut self, k: usize) -> &mut Cell<L> {
        &mut self.cells[k]
    }

    /// Cells, the controls among them first.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Plays frames `from..to` of a block; audio inputs stand in buffers `0..inputs` of the arena.
    pub fn run(&mut self, arena: &mut [Buffer<L>], from: usize, to: usize) {
        for cell in &mut self.cells {
            cell.fill(from, to);
        }
        for step in &mut self.steps {
            let Step { operation, inputs, outputs, .. } = step;
            operation.process(&mut Io { arena, cells: &self.cells, inputs, outputs, from, to });
        }
    }

    /// Output channel `k` of the last run, shape `[GRID][L]`, valid in the frames that were run.
    pub fn output<'a>(&'a self, arena: &'a [Buffer<L>], k: usize) -> &'a Buffer<L> {
        match self.outputs[k] {
            Wire::Buffer(b) => &arena[b as usize],
            Wire::Cell(c) => &self.cells[c as usize].buffer,
        }
    }

    /// As new; every operation's chance begins from `seed` and its own path.
    pub fn reset(&mut self, seed: u64) {
        for step in &mut self.steps {
            step.operation.reset(mix(seed, step.path));
        }
    }

    /// The longest silence inside its sound, in frames: the sum of its operations' tails.
    pub fn tail(&self) -> usize {
        self.steps.iter().map(|s| s.operation.tail()).sum()
    }

    /// An independent copy. Allocates.
    pub fn duplicate(&self) -> Self {
        let steps = self.steps.iter().map(|s| Step {
            operation: s.operation.duplicate(),
            path: s.path,
            inputs: s.inputs.clone(),
            outputs: s.outputs.clone(),
        });
        Schedule {
            steps: steps.collect(),
            cells: self.cells.clone(),
            inputs: self.inputs,
            outputs: self.outputs.clone(),
            scratch: self.scratch,
        }
    }
}

/// One well-stirred number out of two (SplitMix64's finaliser, Steele et al. 2014).
pub fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.rotate_left(32) ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

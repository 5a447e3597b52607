//! A schedule: operations in topological order over block buffers, for voices and persistent signals alike.
//!
//! Law: within one step no output buffer is an input buffer and no two outputs are the same, nor in two steps that play as
//! one; `Schedule::new` and `Schedule::join` refuse anything else, and what a run is made of stands on it.

use std::any::Any;

use super::cell::Cell;
pub use super::run::{Buffer, Input, Io, LaneSet, Run, Wire, every, lanes};

/// One thing that makes or changes sound, `L` voices at a time. At one lane it is the scalar reference.
///
/// `process` runs on the audio thread: no allocation, free, lock, wait, panic or unbounded loop. The output must not depend
/// on how the stream is cut into runs.
pub trait Operation<const L: usize>: Any + Send {
    fn process(&mut self, io: &mut Io<'_, L>);
    /// Plays another one of its kind together with itself, each as `process` would: `io` has the wires of both, its own
    /// first. False where it has not, because it gains nothing or they have nothing in common.
    fn process_both(&mut self, _other: &mut dyn Operation<L>, _io: &mut Io<'_, L>) -> bool {
        false
    }
    /// One lane as new: phases, memories and tails gone, chance begun again from `seed`; the others untouched. Called on the
    /// audio thread.
    fn reset(&mut self, lane: usize, seed: u64);
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
    /// The schedule inside of it, if it is a loop, and what it heard last, by channel.
    fn inside(&mut self) -> Option<Inside<'_, L>> {
        None
    }
}

/// A loop from within: its schedule, and its last outputs.
pub type Inside<'a, const L: usize> = (&'a mut Schedule<L>, &'a mut [[f32; L]]);

/// An operation in its place.
pub struct Step<const L: usize> {
    pub operation: Box<dyn Operation<L>>,
    /// Hash of the path and ugen that made it: the identity of its state and chance, stable under edits elsewhere.
    pub path: u64,
    pub inputs: Box<[Wire]>,
    pub outputs: Box<[u16]>,
}

/// What two steps that play as one are wired to.
#[derive(Clone)]
struct Wires {
    inputs: Box<[Wire]>,
    outputs: Box<[u16]>,
}

/// Operations in the order of play. Scratch buffers `0..inputs` hold the audio inputs when a run begins.
pub struct Schedule<const L: usize> {
    steps: Vec<Step<L>>,
    /// Wires of a step and the next where they may play as one.
    joined: Vec<Option<Wires>>,
    cells: Vec<Cell<L>>,
    inputs: usize,
    outputs: Vec<Wire>,
    scratch: usize,
    /// Steps and cells by what they are called, in the order of their names.
    step_names: Box<[(u32, u32)]>,
    cell_names: Box<[(u32, u32)]>,
    controls: usize,
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
        let (step_names, cell_names) = Default::default();
        Schedule { steps, joined: vec![], cells, inputs, outputs, scratch, step_names, cell_names, controls: 0 }
    }

    /// Lets each of these steps play as one with the next, where neither hears or overwrites the other: the two sides of a
    /// sound through the same effect. How many pairs came of it.
    pub fn join(&mut self, firsts: impl IntoIterator<Item = usize>) -> usize {
        self.joined = vec![None; self.steps.len()];
        for first in firsts {
            let Some([one, other]) = self.steps.get(first..first + 2) else { continue };
            let wires = Wires {
                inputs: one.inputs.iter().chain(&other.inputs).copied().collect(),
                outputs: one.outputs.iter().chain(&other.outputs).copied().collect(),
            };
            let alike = one.inputs.len() == other.inputs.len() && one.outputs.len() == other.outputs.len();
            let apart = |out: &u16| !wires.inputs.contains(&Wire::Buffer(*out));
            let distinct = other.outputs.iter().all(|out| !one.outputs.contains(out));
            if alike && distinct && wires.outputs.iter().all(apart) {
                self.joined[first] = Some(wires);
            }
        }
        self.joined.iter().flatten().count()
    }

    /// Says what its steps and cells are called, in their order: what has the same name in another schedule is the same
    /// thing, and `carry` lets it go on. The first `controls` cells are moved from outside.
    pub fn name(
        &mut self,
        steps: impl IntoIterator<Item = u32>,
        cells: impl IntoIterator<Item = u32>,
        controls: usize,
    ) {
        let sorted = |names: &mut dyn Iterator<Item = u32>, most: usize| {
            let mut names: Vec<(u32, u32)> = names.take(most).zip(0..).collect();
            names.sort_unstable();
            names.dedup_by_key(|(name, _)| *name);
            names.into_boxed_slice()
        };
        self.step_names = sorted(&mut steps.into_iter(), self.steps.len());
        self.cell_names = sorted(&mut cells.into_iter(), self.cells.len());
        self.controls = controls;
    }

    /// Takes over from `old` what has the same name: operations in the state they are in, loops from within, controls as
    /// they move; constants walk from where they are to what they are here, over `ramp` frames. What is not taken over
    /// begins as it was built. Without a ramp constants go on as they were. Both schedules stay whole: what was here is in
    /// `old` afterwards.
    pub fn carry(&mut self, old: &mut Schedule<L>, ramp: Option<u32>) {
        for (here, there) in pairs(&self.cell_names, &old.cell_names) {
            let cell = &mut self.cells[here];
            let goal = cell.target();
            cell.clone_from(&old.cells[there]);
            if here >= self.controls
                && let Some(ramp) = ramp
            {
                cell.walk(goal, ramp);
            }
        }
        for (here, there) in pairs(&self.step_names, &old.step_names) {
            let (here, there) = (&mut self.steps[here].operation, &mut old.steps[there].operation);
            match (here.inside(), there.inside()) {
                (Some((schedule, last)), Some((before, heard))) => {
                    last.iter_mut().zip(heard).for_each(|(last, heard)| *last = *heard);
                    schedule.carry(before, ramp);
                }
                _ => std::mem::swap(here, there),
            }
        }
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

    /// Plays frames `from..to` of a block in every lane; audio inputs stand in buffers `0..inputs` of the arena.
    pub fn run(&mut self, arena: &mut [Buffer<L>], from: usize, to: usize) {
        self.run_lanes(arena, from, to, every::<L>());
    }

    /// The same where only some lanes sound: what comes out of the others means nothing.
    pub fn run_lanes(&mut self, arena: &mut [Buffer<L>], from: usize, to: usize, sounding: LaneSet) {
        for cell in self.cells.iter_mut().filter(|cell| !cell.at_rest()) {
            cell.fill(from, to);
        }
        let Schedule { steps, cells, joined, .. } = self;
        let mut steps = &mut steps[..];
        let mut joined = joined.iter();
        while let [step, rest @ ..] = steps {
            let Step { operation, inputs, outputs, .. } = step;
            if let (Some(Some(wires)), [next, ..]) = (joined.next(), &mut *rest) {
                let Wires { inputs, outputs } = wires;
                let mut io = Io { arena, cells, inputs, outputs, from, to, sounding };
                if operation.process_both(&mut *next.operation, &mut io) {
                    joined.next();
                    steps = &mut rest[1..];
                    continue;
                }
            }
            operation.process(&mut Io { arena, cells, inputs, outputs, from, to, sounding });
            steps = rest;
        }
    }

    /// Output channel `k` of the last run, shape `[GRID][L]`, valid in the frames that were run.
    pub fn output<'a>(&'a self, arena: &'a [Buffer<L>], k: usize) -> &'a Buffer<L> {
        match self.outputs[k] {
            Wire::Buffer(b) => &arena[b as usize],
            Wire::Cell(c) => self.cells[c as usize].buffer(),
        }
    }

    /// As new; every operation's chance begins from `seed` and its own path.
    pub fn reset(&mut self, seed: u64) {
        (0..L).for_each(|lane| self.reset_lane(lane, seed));
    }

    /// One lane as new.
    pub fn reset_lane(&mut self, lane: usize, seed: u64) {
        for step in &mut self.steps {
            step.operation.reset(lane, mix(seed, step.path));
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
            joined: self.joined.clone(),
            cells: self.cells.clone(),
            inputs: self.inputs,
            outputs: self.outputs.clone(),
            scratch: self.scratch,
            step_names: self.step_names.clone(),
            cell_names: self.cell_names.clone(),
            controls: self.controls,
        }
    }
}

/// Places here and there of what has the same name in two lists sorted by name.
fn pairs<'a>(here: &'a [(u32, u32)], there: &'a [(u32, u32)]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut rest = there;
    here.iter().filter_map(move |(name, place)| {
        while rest.first().is_some_and(|(other, _)| other < name) {
            rest = &rest[1..];
        }
        let (other, found) = rest.first()?;
        (other == name).then_some((*place as usize, *found as usize))
    })
}

/// One well-stirred number out of two (SplitMix64's finaliser, Steele et al. 2014).
pub fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.rotate_left(32) ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::GRID;
    use super::*;

    #[derive(Clone)]
    struct Twice;

    impl Operation<1> for Twice {
        fn process(&mut self, io: &mut Io<'_, 1>) {
            let ([x], [y]) = io.wires::<1, 1>();
            x.iter().zip(y).for_each(|(x, y)| y[0] = 2.0 * x[0]);
        }
        fn reset(&mut self, _lane: usize, _seed: u64) {}
        fn duplicate(&self) -> Box<dyn Operation<1>> {
            Box::new(self.clone())
        }
        fn tail(&self) -> usize {
            7
        }
    }

    fn twice(from: Wire, to: u16) -> Step<1> {
        Step { operation: Box::new(Twice), path: 0, inputs: [from].into(), outputs: [to].into() }
    }

    #[test]
    fn a_schedule_plays_its_steps_in_order_and_counts_its_scratch_and_tail() {
        let steps = vec![twice(Wire::Buffer(0), 2), twice(Wire::Buffer(2), 1)];
        let mut schedule = Schedule::new(steps, vec![Cell::new(5.0)], 1, vec![Wire::Buffer(1), Wire::Cell(0)]);
        assert_eq!((schedule.scratch(), schedule.tail(), schedule.inputs(), schedule.outputs()), (3, 14, 1, 2));
        let mut arena = [[[1.0]; GRID]; 3];
        schedule.run(&mut arena, 10, 20);
        assert_eq!(schedule.output(&arena, 0)[10..20], [[4.0]; 10]);
        assert_eq!(schedule.output(&arena, 1)[15], [5.0]);
        schedule.duplicate().run(&mut arena, 0, GRID);
        assert_eq!(schedule.output(&arena, 0)[63], [4.0]);
    }

    #[test]
    #[should_panic(expected = "an output is also an input")]
    fn a_step_that_writes_what_it_reads_is_refused() {
        Schedule::new(vec![twice(Wire::Buffer(1), 1)], vec![], 2, vec![]);
    }

    #[test]
    #[should_panic(expected = "a wire leads to no cell")]
    fn a_wire_that_leads_nowhere_is_refused() {
        Schedule::new(vec![twice(Wire::Cell(3), 1)], vec![Cell::new(0.0)], 0, vec![]);
    }

    #[test]
    fn stirring_depends_on_both_numbers_and_their_order() {
        assert_ne!(mix(1, 2), mix(2, 1));
        assert_ne!(mix(0, 0), mix(0, 1));
    }
}

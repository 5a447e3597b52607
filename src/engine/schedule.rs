//! A schedule: operations in topological order over block buffers, for voices and persistent signals alike.
//!
//! Law: within one step no output buffer is an input buffer and no two outputs are the same, nor in two steps that play as
//! one; `Schedule::new` and `Schedule::join` refuse anything else, and the `unsafe` blocks below stand on it.

use std::any::Any;

use super::GRID;
use super::cell::Cell;

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

/// What one operation sees of one run: frames `from..to` of a grid block.
pub struct Io<'a, const L: usize> {
    arena: &'a mut [Buffer<L>],
    cells: &'a [Cell<L>],
    inputs: &'a [Wire],
    outputs: &'a [u16],
    from: usize,
    to: usize,
    sounding: LaneSet,
}

/// A set of lanes, one bit each.
pub type LaneSet = u64;

/// The lanes of a set, in order.
pub fn lanes(mut set: LaneSet) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(lane)
    })
}

/// Every one of `L` lanes.
pub const fn every<const L: usize>() -> LaneSet {
    assert!(L >= 1 && L <= LaneSet::BITS as usize, "a set holds up to 64 lanes");
    LaneSet::MAX >> (LaneSet::BITS as usize - L)
}

/// One input of a run: a block, or one frame that stands for all of them.
#[derive(Clone, Copy)]
pub struct Input<'a, const L: usize> {
    block: &'a Buffer<L>,
    /// Every bit of a place in a block, or none.
    reach: usize,
}

impl<'a, const L: usize> Input<'a, L> {
    /// The value at frame `i` of the block.
    #[inline(always)]
    pub fn at(&self, i: usize) -> [f32; L] {
        self.block[i & self.reach & (GRID - 1)]
    }

    /// The value at frame `i` of the block in one lane.
    #[inline(always)]
    pub fn lane(&self, i: usize, lane: usize) -> f32 {
        self.block[i & self.reach & (GRID - 1)][lane]
    }

    /// The value at frame `i` of the block, where it is known not to be still.
    #[inline(always)]
    pub fn passing(&self, i: usize) -> [f32; L] {
        self.block[i & (GRID - 1)]
    }

    /// The value of all frames, where it is known not to move within this block: coefficients need computing only once.
    #[inline(always)]
    pub fn still(&self) -> Option<[f32; L]> {
        (self.reach == 0).then_some(self.block[0])
    }
}

/// What a kernel sees of one run: frames `from..to` of whole blocks, so that places in them need no checks.
pub struct Run<'a, const I: usize, const O: usize, const L: usize> {
    pub inputs: [Input<'a, L>; I],
    pub outputs: [&'a mut Buffer<L>; O],
    from: usize,
    to: usize,
    /// Lanes in which something sounds; what stands in the others is nobody's business.
    pub sounding: LaneSet,
}

#[expect(clippy::needless_range_loop, reason = "plain loops over channels are compiled into whatever calls them")]
impl<'a, const I: usize, const O: usize, const L: usize> Run<'a, I, O, L> {
    /// The frames of this run, as places in blocks.
    #[inline(always)]
    pub fn frames(&self) -> std::ops::Range<usize> {
        self.from..self.to.min(GRID)
    }

    /// Input `k` of all frames of this run: for loops over frames that need no places.
    #[inline(always)]
    pub fn line(&self, k: usize) -> &'a [[f32; L]] {
        &self.inputs[k].block[self.from..self.to]
    }

    /// Output `k`, likewise; what stood there is unspecified.
    #[inline(always)]
    pub fn out(&mut self, k: usize) -> &mut [[f32; L]] {
        &mut self.outputs[k][self.from..self.to]
    }

    /// The values of the inputs from `k` on, where all of them hold still.
    #[inline(always)]
    pub fn still<const P: usize>(&self, k: usize) -> Option<[[f32; L]; P]> {
        let mut values = [[0.0; L]; P];
        for p in 0..P {
            values[p] = self.inputs[k + p].still()?;
        }
        Some(values)
    }

    /// The inputs at frame `i` in one lane.
    #[inline(always)]
    pub fn input_lane(&self, i: usize, lane: usize) -> [f32; I] {
        let mut frame = [0.0; I];
        for k in 0..I {
            frame[k] = self.inputs[k].lane(i, lane);
        }
        frame
    }

    /// The values of the inputs from `k` on in one lane, where all of them hold still.
    #[inline(always)]
    pub fn still_lane<const P: usize>(&self, k: usize, lane: usize) -> Option<[f32; P]> {
        let mut values = [0.0; P];
        for p in 0..P {
            values[p] = self.inputs[k + p].still()?[lane];
        }
        Some(values)
    }

    /// The frames of input `k` in one lane, the first of this run first.
    #[inline(always)]
    pub fn column(&self, k: usize, lane: usize, line: &mut [f32; GRID]) {
        for (x, i) in line.iter_mut().zip(self.frames()) {
            *x = self.inputs[k].lane(i, lane);
        }
    }

    /// Output `k` in one lane, from a line that begins with the first frame of this run.
    #[inline(always)]
    pub fn put_column(&mut self, k: usize, lane: usize, line: &[f32; GRID]) {
        for (x, i) in line.iter().zip(self.frames()) {
            self.outputs[k][i & (GRID - 1)][lane] = *x;
        }
    }

    /// All inputs at frame `i`.
    #[inline(always)]
    pub fn input(&self, i: usize) -> [[f32; L]; I] {
        let mut frame = [[0.0; L]; I];
        for k in 0..I {
            frame[k] = self.inputs[k].at(i);
        }
        frame
    }

    /// All outputs at frame `i`.
    #[inline(always)]
    pub fn put(&mut self, i: usize, frame: [[f32; L]; O]) {
        for k in 0..O {
            self.outputs[k][i & (GRID - 1)] = frame[k];
        }
    }

    /// All outputs at frame `i` in one lane.
    #[inline(always)]
    pub fn put_lane(&mut self, i: usize, lane: usize, frame: [f32; O]) {
        for k in 0..O {
            self.outputs[k][i & (GRID - 1)][lane] = frame[k];
        }
    }
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
            Wire::Cell(c) => &self.cells[c as usize].buffer()[self.from..self.to],
        }
    }

    /// The value of input `k` where it is known not to move within this block: coefficients need computing only once.
    pub fn steady(&self, k: usize) -> Option<[f32; L]> {
        match self.inputs[k] {
            Wire::Buffer(_) => None,
            Wire::Cell(c) => self.cells[c as usize].steady(),
        }
    }

    /// Output `k`, shape `[len][L]`; what stood there is unspecified.
    pub fn output(&mut self, k: usize) -> &mut [[f32; L]] {
        &mut self.arena[self.outputs[k] as usize][self.from..self.to]
    }

    /// How many outputs there are.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// The lanes in which something sounds.
    pub fn sounding(&self) -> LaneSet {
        self.sounding
    }

    /// The first `I` inputs and `O` outputs at once. Panics where the step has fewer: rows and wiring are made together.
    #[expect(clippy::type_complexity, reason = "two arrays of blocks are what it is")]
    pub fn wires<const I: usize, const O: usize>(&mut self) -> ([&[[f32; L]]; I], [&mut [[f32; L]]; O]) {
        let (from, to) = (self.from, self.to);
        let (inputs, outputs) = self.blocks();
        (inputs.map(|x| &x[from..to]), outputs.map(|y| &mut y[from..to]))
    }

    /// The same as a run over whole blocks.
    #[inline(always)]
    pub fn run<const I: usize, const O: usize>(&mut self) -> Run<'_, I, O, L> {
        let (from, to, sounding) = (self.from, self.to.min(GRID), self.sounding);
        let reach = self.reach(0);
        let (inputs, outputs) = self.blocks();
        Run { inputs: reaching(inputs, reach), outputs, from, to, sounding }
    }

    /// The runs of two steps that play as one.
    #[inline(always)]
    pub fn runs<const I: usize, const O: usize>(&mut self) -> [Run<'_, I, O, L>; 2] {
        let (from, to, sounding) = (self.from, self.to.min(GRID), self.sounding);
        let reach = [self.reach(0), self.reach(I)];
        let mut both = [self.pointers(0), self.pointers(1)].into_iter();
        reach.map(|reach| {
            let (inputs, outputs) = both.next().expect("two of each");
            // SAFETY: as in `blocks`; and `Schedule::join` has refused steps of which one writes what the other reads or
            // writes.
            let (inputs, outputs) = unsafe { (inputs.map(|p| &*p), outputs.map(|p| &mut *p)) };
            Run { inputs: reaching(inputs, reach), outputs, from, to, sounding }
        })
    }

    /// How far the inputs from `first` on reach: nowhere where they hold still.
    #[inline(always)]
    fn reach<const I: usize>(&self, first: usize) -> [usize; I] {
        let mut reach = [usize::MAX; I];
        for k in 0..I {
            if let Wire::Cell(c) = self.inputs[first + k]
                && self.cells[c as usize].steady().is_some()
            {
                reach[k] = 0;
            }
        }
        reach
    }

    fn blocks<const I: usize, const O: usize>(&mut self) -> ([&Buffer<L>; I], [&mut Buffer<L>; O]) {
        let (inputs, outputs) = self.pointers(0);
        // SAFETY: every pointer was just made from an indexed place that lives as long as `self`; `Schedule::new` has
        // refused any step in which an output buffer is also an input or another output.
        unsafe { (inputs.map(|p| &*p), outputs.map(|p| &mut *p)) }
    }

    /// The blocks of the `nth` of the steps that play as one.
    #[inline(always)]
    fn pointers<const I: usize, const O: usize>(&mut self, nth: usize) -> ([*const Buffer<L>; I], [*mut Buffer<L>; O]) {
        let wired = (nth + 1) * I <= self.inputs.len() && (nth + 1) * O <= self.outputs.len();
        assert!(wired, "a step is wired as its row says");
        let outputs = std::array::from_fn(|k| &raw mut self.arena[self.outputs[nth * O + k] as usize]);
        let inputs = std::array::from_fn(|k| match self.inputs[nth * I + k] {
            Wire::Buffer(b) => &raw const self.arena[b as usize],
            Wire::Cell(c) => &raw const *self.cells[c as usize].buffer(),
        });
        (inputs, outputs)
    }
}

/// Blocks, and how far they reach.
#[inline(always)]
fn reaching<'a, const I: usize, const L: usize>(blocks: [&'a Buffer<L>; I], reach: [usize; I]) -> [Input<'a, L>; I] {
    let mut reach: std::array::IntoIter<usize, I> = <[usize; I]>::into_iter(reach);
    blocks.map(|block| Input { block, reach: reach.next().unwrap_or(usize::MAX) })
}

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

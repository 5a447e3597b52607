//! A run: what an operation hears and gives in some frames of a block.
//!
//! Law: within one step no output buffer is an input buffer and no two outputs are the same, nor in two steps that play as
//! one; schedules are made so, and the `unsafe` blocks below stand on it.

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
    pub(super) arena: &'a mut [Buffer<L>],
    pub(super) cells: &'a [Cell<L>],
    pub(super) inputs: &'a [Wire],
    pub(super) outputs: &'a [u16],
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) sounding: LaneSet,
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
        match self.inputs[k].still() {
            Some(still) => line[..self.to - self.from].fill(still[lane]),
            None => line.iter_mut().zip(self.line(k)).for_each(|(x, frame)| *x = frame[lane]),
        }
    }

    /// Output `k` in one lane, from a line that begins with the first frame of this run.
    #[inline(always)]
    pub fn put_column(&mut self, k: usize, lane: usize, line: &[f32; GRID]) {
        self.out(k).iter_mut().zip(line).for_each(|(frame, x)| frame[lane] = *x);
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

    /// Whether two steps are wired here, each to so many inputs and outputs and to no more.
    #[inline(always)]
    pub fn wires_two(&self, inputs: usize, outputs: usize) -> bool {
        (self.inputs.len(), self.outputs.len()) == (2 * inputs, 2 * outputs)
    }

    /// The runs of two steps that play as one, where such are wired here.
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
    #[expect(clippy::needless_range_loop, reason = "plain loops are compiled into whatever calls them")]
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

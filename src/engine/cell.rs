//! Cells: the numbers of a schedule, constants and controls, each seen by its operations as a buffer.
//!
//! A number walks in straight lines, and what is seen is the mean of its last block: the corners are rounded, because a
//! corner in a level is heard on low sounds.

use super::GRID;
use super::schedule::{Buffer, LaneSet, lanes};

/// Frames of the walk that are seen at once.
const CALM: u32 = GRID as u32;

/// A number that holds still, ramps or steps at a frame, seen by operations as a buffer.
#[derive(Clone, Debug)]
pub struct Cell<const L: usize> {
    buffer: Buffer<L>,
    value: [f32; L],
    target: [f32; L],
    left: [u32; L],
    /// The last values of the walk, by their place in the block, and their sum.
    walk: Buffer<L>,
    sum: [f32; L],
    /// For how many frames the walk has stood still: after a block of them, so does what is seen.
    calm: [u32; L],
    edge: [Option<(u32, f32)>; L],
    /// Lanes in which something is under way.
    moving: LaneSet,
    /// Whether the buffer shows the values in all of its frames.
    shown: bool,
}

impl<const L: usize> Cell<L> {
    pub fn new(value: f32) -> Self {
        Cell {
            buffer: [[value; L]; GRID],
            value: [value; L],
            target: [value; L],
            left: [0; L],
            walk: [[value; L]; GRID],
            sum: [value * GRID as f32; L],
            calm: [CALM; L],
            edge: [None; L],
            moving: 0,
            shown: true,
        }
    }

    /// Holds `value` from the next frame on.
    pub fn set(&mut self, lane: usize, value: f32) {
        self.hold(lane, value);
        self.moving &= !(1 << lane);
        self.shown = false;
    }

    fn hold(&mut self, lane: usize, value: f32) {
        self.value[lane] = value;
        self.target[lane] = value;
        self.left[lane] = 0;
        self.calm[lane] = CALM;
        self.edge[lane] = None;
    }

    /// Walks to `value` in a straight line over `frames`; what is seen arrives a block later.
    pub fn ramp(&mut self, lane: usize, value: f32, frames: u32) {
        if frames == 0 {
            return self.set(lane, value);
        }
        if self.calm[lane] == CALM {
            self.walk.iter_mut().for_each(|frame| frame[lane] = self.value[lane]);
            self.sum[lane] = self.value[lane] * GRID as f32;
        }
        self.calm[lane] = 0;
        self.target[lane] = value;
        self.left[lane] = frames;
        self.moving |= 1 << lane;
    }

    /// Where it is going.
    pub(super) fn target(&self) -> [f32; L] {
        self.target
    }

    /// Walks to `goal` in every lane that is not going there.
    pub(super) fn walk(&mut self, goal: [f32; L], frames: u32) {
        for (lane, goal) in goal.into_iter().enumerate() {
            if self.target[lane] != goal {
                self.ramp(lane, goal, frames);
            }
        }
    }

    /// Steps to `value` at frame `at` of the coming block (0 ≤ at < GRID).
    pub fn edge(&mut self, lane: usize, at: usize, value: f32) {
        self.edge[lane] = Some((at as u32, value));
        self.moving |= 1 << lane;
    }

    /// Whether the buffer shows all there is to be seen.
    #[inline(always)]
    pub(super) fn at_rest(&self) -> bool {
        self.moving == 0 && self.shown
    }

    /// Writes frames `from..to` of the buffer, and moves on.
    pub(super) fn fill(&mut self, from: usize, to: usize) {
        if self.moving != 0 {
            self.buffer[from..to].fill(self.value);
            lanes(self.moving).for_each(|lane| self.move_on(lane, from, to));
            self.shown = false;
        }
        if self.moving == 0 && !self.shown {
            self.buffer = [self.value; GRID];
            self.shown = true;
        }
    }

    fn move_on(&mut self, lane: usize, from: usize, to: usize) {
        // Summed anew now and then, at the same frames however the block is cut, so that rounding does not add up.
        if from == 0 && self.calm[lane] < CALM {
            self.sum[lane] = self.walk.iter().map(|frame| frame[lane]).sum();
        }
        for i in from..to {
            if let Some((at, value)) = self.edge[lane]
                && i as u32 >= at
            {
                self.hold(lane, value);
            }
            if self.left[lane] > 0 {
                self.value[lane] += (self.target[lane] - self.value[lane]) / self.left[lane] as f32;
                self.left[lane] -= 1;
                if self.left[lane] == 0 {
                    self.value[lane] = self.target[lane];
                }
            } else if self.calm[lane] < CALM {
                self.calm[lane] += 1;
            }
            self.buffer[i][lane] = if self.calm[lane] < CALM {
                self.sum[lane] += self.value[lane] - self.walk[i][lane];
                self.walk[i][lane] = self.value[lane];
                self.sum[lane] / GRID as f32
            } else {
                self.value[lane]
            };
        }
        let under_way = self.edge[lane].is_some() || self.left[lane] > 0 || self.calm[lane] < CALM;
        if !under_way && self.buffer[from..to].iter().all(|frame| frame[lane] == self.value[lane]) {
            self.moving &= !(1 << lane);
        }
    }

    /// What was written.
    pub(super) fn buffer(&self) -> &Buffer<L> {
        &self.buffer
    }

    /// The value, where it does not move within this block.
    pub(super) fn steady(&self) -> Option<[f32; L]> {
        self.at_rest().then_some(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks a cell gives when it is filled in runs of these lengths.
    fn blocks(mut cell: Cell<1>, runs: &[usize], blocks: usize) -> Vec<f32> {
        let mut heard = vec![];
        for _ in 0..blocks {
            let mut from = 0;
            for run in runs.iter().copied().chain([GRID]) {
                let to = (from + run).min(GRID);
                if to > from {
                    cell.fill(from, to);
                    heard.extend(cell.buffer[from..to].iter().map(|frame| frame[0]));
                }
                from = to;
            }
        }
        heard
    }

    #[test]
    fn a_ramp_walks_straight_and_arrives_exactly() {
        let mut cell = Cell::new(0.0);
        cell.ramp(0, 0.3, 100);
        let walk = blocks(cell, &[], 3);
        assert!(walk[63..100].windows(2).all(|w| (w[1] - w[0] - 0.003).abs() < 1e-5));
        assert!(walk[163..].iter().all(|x| *x == 0.3), "{:?}", &walk[160..]);
    }

    #[test]
    fn a_walk_has_no_corners() {
        let mut cell = Cell::new(0.0);
        cell.ramp(0, 1.0, 960);
        let walk = [vec![0.0; 2], blocks(cell, &[], 18)].concat();
        let corner = walk.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max);
        assert!(corner < 1.3 / 960.0 / GRID as f32, "{corner}");
    }

    #[test]
    fn an_edge_falls_on_its_frame() {
        for at in [0, 1, 31, 63] {
            let mut cell = Cell::new(1.0);
            cell.edge(0, at, 0.0);
            let heard = blocks(cell, &[], 2);
            assert_eq!(heard.iter().position(|x| *x == 0.0), Some(at));
            assert!(heard[at..].iter().all(|x| *x == 0.0));
        }
    }

    #[test]
    fn how_a_block_is_cut_into_runs_changes_no_value() {
        for runs in [&[1, 1, 1][..], &[17], &[63], &[30, 2, 5]] {
            let mut cell = Cell::new(1.0);
            cell.ramp(0, 0.25, 40);
            cell.edge(0, 32, 0.75);
            assert_eq!(blocks(cell.clone(), runs, 3), blocks(cell, &[], 3), "{runs:?}");
        }
    }

    #[test]
    fn a_bump_that_ends_where_it_began_is_heard() {
        let mut cell = Cell::new(0.0);
        cell.ramp(0, 1.0, 64);
        cell.edge(0, 32, 0.0);
        let heard = blocks(cell, &[], 1);
        assert!(heard[31] > 0.1 && heard[32..].iter().all(|x| *x == 0.0));
    }

    #[test]
    fn a_cell_is_steady_when_its_whole_buffer_is() {
        let mut cell = Cell::<1>::new(0.0);
        cell.set(0, 1.0);
        cell.fill(0, 16);
        assert!(cell.steady().is_some() && cell.buffer.iter().all(|frame| frame[0] == 1.0));
        cell.edge(0, 40, 2.0);
        cell.fill(16, 32);
        assert!(cell.steady().is_none(), "an edge is to come");
        cell.fill(32, 64);
        assert!(cell.steady().is_none() && cell.buffer[39][0] == 1.0 && cell.buffer[40][0] == 2.0);
        cell.fill(0, 64);
        assert!(cell.steady().is_some() && cell.value[0] == 2.0);
    }

    #[test]
    fn lanes_move_apart() {
        let mut cell = Cell::<4>::new(0.0);
        cell.set(1, 1.0);
        cell.ramp(2, 2.0, 1);
        cell.edge(3, 1, 3.0);
        cell.fill(0, GRID);
        let step = 2.0 / GRID as f32;
        assert_eq!(cell.buffer[..2], [[0.0, 1.0, step, 0.0], [0.0, 1.0, 2.0 * step, 3.0]]);
        assert_eq!(cell.buffer[GRID - 1], [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_new_value_forgets_the_edge_and_the_ramp_before_it() {
        let mut cell = Cell::new(0.0);
        cell.ramp(0, 1.0, 10);
        cell.edge(0, 5, 9.0);
        cell.set(0, 0.5);
        assert!(blocks(cell, &[], 2).iter().all(|x| *x == 0.5));
    }
}

//! Residue: what is left of a voice that was taken away, dying out in about 3 ms instead of clicking.

use super::fader::{SILENCE, Stereo};
use super::feeds::Feeds;
use super::processor::{Task, at_full_width, each};
use super::{Frames, GRID, LANES, MAX_SENDS};

/// Where the voices of one strip sound together, for one block.
pub(super) struct Mix {
    pub sum: Stereo,
    /// What the voices feed to each bus by themselves.
    pub sends: Feeds,
    rows: Rows,
}

/// Sums of every so many voices, side by side: they are added up once for all voices of a strip. How many voices are computed
/// at a time does not change in which order their sounds are added.
struct Rows {
    sums: Box<[[[f32; LANES]; GRID]; 2]>,
    used: bool,
}

impl Mix {
    pub fn new(buses: usize) -> Self {
        let rows = Rows { sums: Box::new([[[0.0; LANES]; GRID]; 2]), used: false };
        Mix { sum: SILENCE, sends: Feeds::new(buses), rows }
    }

    /// The rows to add voices to: voice `n` belongs to row `n % LANES`. For the first voices, who may fill all of them, what
    /// stands there means nothing: they say so by `whole`, and hear whether they are to.
    pub fn rows(&mut self, whole: bool) -> (&mut [[[f32; LANES]; GRID]; 2], bool) {
        let first = !std::mem::replace(&mut self.rows.used, true);
        if first && !whole {
            self.rows.sums.as_flattened_mut().as_flattened_mut().fill(0.0);
        }
        (&mut self.rows.sums, first && whole)
    }

    /// Adds what stands in the rows to the sum.
    pub fn gather(&mut self) {
        if std::mem::take(&mut self.rows.used) {
            at_full_width::<LANES, _>(Gather { sum: &mut self.sum, rows: &self.rows.sums });
        }
    }

    pub fn clear(&mut self) {
        self.sum = SILENCE;
        self.sends.clear();
        self.rows.used = false;
    }
}

/// Rows added up, in halves.
struct Gather<'a> {
    sum: &'a mut Stereo,
    rows: &'a [[[f32; LANES]; GRID]; 2],
}

impl Task for Gather<'_> {
    type Gives = ();

    #[inline(always)]
    fn go(self) {
        for (sum, rows) in self.sum.iter_mut().zip(self.rows) {
            for (sum, rows) in sum.as_chunks_mut::<LANES>().0.iter_mut().zip(rows.as_chunks::<LANES>().0) {
                let [a, b, c, d, e, f, g, h] = *rows;
                // What stands in one row after the other comes out in this order.
                let [a, e, c, g, b, f, d, h] =
                    quarters(halves(whole(a, b), whole(c, d)), halves(whole(e, f), whole(g, h)));
                for (sum, x) in sum.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                    *sum += x;
                }
            }
        }
    }
}

/// Two frames, the second half of each added to the first.
#[inline(always)]
fn whole(a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
    let low = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]];
    let high = [a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7]];
    each!(LANES, l => low[l] + high[l])
}

/// Two by two frames of four numbers each, likewise.
#[inline(always)]
fn halves(a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
    let low = [a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5]];
    let high = [a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7]];
    each!(LANES, l => low[l] + high[l])
}

/// Two by four frames of two numbers each, likewise.
#[inline(always)]
fn quarters(a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
    let low = [a[0], b[0], a[2], b[2], a[4], b[4], a[6], b[6]];
    let high = [a[1], b[1], a[3], b[3], a[5], b[5], a[7], b[7]];
    each!(LANES, l => low[l] + high[l])
}

/// The last two frames of a sound, the later first.
pub(super) type Trace = [f32; 2];

/// Sounds that were broken off, as one decaying trace a side for the strip and for each bus.
///
/// A critically damped fall begins with the level and the slope at which the sound stood, so that neither jumps.
pub(super) struct Residue {
    sum: [Trace; 2],
    sends: Vec<[Trace; 2]>,
    live: bool,
    /// The fall's double pole.
    pole: f32,
}

/// Time constant: (1 + t) exp(−t) at 5 time constants, 3 ms, is 4 %.
const SECONDS: f64 = 0.0006;
/// Below this (−120 dB) a residue is over.
const OVER: f32 = 1e-6;
/// Nothing left.
const NO_TRACE: [Trace; 2] = [[0.0; 2]; 2];

impl Residue {
    pub fn new(buses: usize, rate: f64) -> Self {
        let pole = (-1.0 / (SECONDS * rate)).exp() as f32;
        Residue { sum: NO_TRACE, sends: vec![NO_TRACE; buses], live: false, pole }
    }

    /// Whether something is still dying out.
    pub fn live(&self) -> bool {
        self.live
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.sum = NO_TRACE;
        self.sends.fill(NO_TRACE);
        self.live = false;
    }

    /// Adds this block's share; once, before anything is caught in the block.
    pub fn begin(&mut self, mix: &mut Mix) {
        if !self.live {
            return;
        }
        let pole = self.pole;
        let share = |traces: &mut [Trace; 2], to: &mut Stereo| {
            for (trace, side) in traces.iter_mut().zip(to) {
                *trace = fall(*trace, side, pole);
            }
            if traces.as_flattened().iter().all(|x| x.abs() < OVER) {
                *traces = NO_TRACE;
            }
        };
        share(&mut self.sum, &mut mix.sum);
        for (bus, traces) in self.sends.iter_mut().enumerate() {
            if *traces != NO_TRACE
                && let Some(send) = mix.sends.get(bus)
            {
                share(traces, send);
            }
        }
        self.live = self.sum != NO_TRACE || self.sends.iter().any(|traces| *traces != NO_TRACE);
    }

    /// A sound that stood at `last` breaks off at frame `at` of this block (GRID: at its end).
    pub fn catch(&mut self, at: usize, last: [Trace; 2], sends: &[(u16, f32); MAX_SENDS], mix: &mut Mix) {
        if last == NO_TRACE {
            return;
        }
        self.live = true;
        let pole = self.pole;
        let lay = |traces: &mut [Trace; 2], level: f32, to: &mut Stereo| {
            for side in 0..2 {
                let rest = fall(last[side].map(|x| x * level), &mut to[side][at..], pole);
                traces[side].iter_mut().zip(rest).for_each(|(trace, x)| *trace += x);
            }
        };
        lay(&mut self.sum, 1.0, &mut mix.sum);
        for &(bus, level) in sends.iter().filter(|(_, level)| *level != 0.0) {
            if let Some(send) = mix.sends.get(bus as usize) {
                lay(&mut self.sends[bus as usize], level, send);
            }
        }
    }
}

/// Adds the frames that follow a trace; the trace at their end.
fn fall([mut last, mut before]: Trace, to: &mut [f32], pole: f32) -> Trace {
    for x in to {
        let next = 2.0 * pole * last - pole * pole * before;
        *x += next;
        (last, before) = (next, last);
    }
    [last, before]
}

/// Frames of a length in seconds, at least one.
pub(super) fn frames(seconds: f64, rate: f64) -> Frames {
    (seconds * rate).round().max(1.0) as Frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residue_goes_on_as_the_sound_stood_and_dies_out_smoothly_over_the_block_line() {
        let mut mix = Mix::new(1);
        let mut residue = Residue::new(1, 48_000.0);
        residue.catch(60, [[1.0, 0.9], [-0.5, -0.5]], &[(0, 0.5), (0, 0.0), (0, 0.0), (0, 0.0)], &mut mix);
        let mut heard: Vec<f32> = mix.sum[0].to_vec();
        assert_eq!(mix.sends.get(0).unwrap()[1][60], 0.5 * mix.sum[1][60]);
        for _ in 0..9 {
            mix.clear();
            residue.begin(&mut mix);
            heard.extend(mix.sum[0]);
        }
        assert_eq!(heard[59], 0.0);
        heard[58..60].copy_from_slice(&[0.9, 1.0]);
        for w in heard[58..500].windows(3) {
            assert!((w[0] - 2.0 * w[1] + w[2]).abs() < 0.011, "{w:?}");
        }
        assert!(heard[60 + 144].abs() < 0.25 && heard[60 + 288].abs() < 0.01);
        (0..10).for_each(|_| residue.begin(&mut mix));
        assert!(!residue.live());
    }
}

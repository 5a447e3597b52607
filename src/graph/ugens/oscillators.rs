//! Oscillators: periodic waveforms without aliases, from phases that never drift.

use super::blep::Corners;
use super::filters::{differ, hold};
use super::kernel::{Kernel, play, tick_by_tick};
use super::phases::{Pace, bipolar, phase, sine, step, triangle, unipolar};
use super::row::make;
use super::{Build, Param, Row};
use crate::engine::Operation;
use crate::engine::processor::each;
use crate::engine::schedule::{LaneSet, Run, lanes};

/// Phases of `L` oscillators and how fast they run.
#[derive(Clone)]
struct Phases<const L: usize> {
    at: [u32; L],
    pace: Pace,
}

impl<const L: usize> Phases<L> {
    fn new(rate: f64) -> Self {
        Phases { at: [0; L], pace: Pace::new(rate) }
    }

    #[inline(always)]
    fn steps(&self, freq: [f32; L]) -> [u32; L] {
        each!(L, l => step(self.pace.cycles(freq[l])))
    }

    #[inline(always)]
    fn advance(&mut self, steps: [u32; L]) {
        self.at = each!(L, l => self.at[l].wrapping_add(steps[l]));
    }
}

/// A waveform read straight from its phase: a sine, or one for modulation, whose corners stay sharp.
#[derive(Clone)]
struct Wave<W, const L: usize> {
    phases: Phases<L>,
    wave: W,
}

impl<W, const L: usize> Wave<W, L>
where
    W: Fn(u32) -> f32 + Clone + Send + 'static,
{
    #[inline(always)]
    fn value(&self, offset: [u32; L]) -> [f32; L] {
        each!(L, l => (self.wave)(self.phases.at[l].wrapping_add(offset[l])))
    }
}

impl<W, const L: usize> Kernel<2, 1, L> for Wave<W, L>
where
    W: Fn(u32) -> f32 + Clone + Send + 'static,
{
    #[inline(always)]
    fn tick(&mut self, [freq, offset]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        let value = self.value(each!(L, l => phase(offset[l])));
        self.phases.advance(self.phases.steps(freq));
        [value]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        let freq = run.inputs[0];
        let Some(offset) = run.still(1).map(|[offset]| each!(L, l => phase(offset[l]))) else {
            return tick_by_tick(self, run);
        };
        let Wave { phases, wave } = self;
        let (mut at, pace) = (phases.at, phases.pace);
        let still = freq.still().map(|freq| phases.steps(freq));
        // One loop where the pitch holds still and one where it moves: what is common to all frames stays in registers.
        if let Some(steps) = still {
            for y in run.out(0) {
                *y = each!(L, l => wave(at[l].wrapping_add(offset[l])));
                at = each!(L, l => at[l].wrapping_add(steps[l]));
            }
        } else {
            let freqs = run.line(0);
            for (freq, y) in freqs.iter().zip(run.out(0)) {
                *y = each!(L, l => wave(at[l].wrapping_add(offset[l])));
                at = each!(L, l => at[l].wrapping_add(step(pace.cycles(freq[l]))));
            }
        }
        phases.at = at;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.phases.at[lane] = 0;
    }
}

#[derive(Clone)]
struct Saw<const L: usize> {
    phases: Phases<L>,
    corners: Corners<L>,
    /// The pitch last heard in a run of one, and what it comes to.
    heard: [f32; L],
    cycles: [f32; L],
    steps: [u32; L],
}

impl<const L: usize> Saw<L> {
    fn new(rate: f64) -> Self {
        Saw {
            phases: Phases::new(rate),
            corners: Corners::new(),
            heard: [f32::NAN; L],
            cycles: [0.0; L],
            steps: [0; L],
        }
    }

    /// One frame; the jump from 1 to -1 stands at half a cycle, so that a saw begins at zero.
    #[inline(always)]
    fn frame(phases: &mut Phases<L>, corners: &mut Corners<L>, cycles: [f32; L], steps: [u32; L]) -> [f32; L] {
        let before = phases.at;
        let due = corners.next(each!(L, l => bipolar(before[l])));
        phases.advance(steps);
        let after = phases.at;
        let left = jumps(before, after, steps);
        if any(left) {
            Self::meet(corners, set(left), after, cycles);
        }
        due
    }

    /// Writes the corners of the lanes that have jumped. Apart, so that what it reads by lane stays in registers elsewhere.
    #[inline(never)]
    fn meet(corners: &mut Corners<L>, left: LaneSet, after: [u32; L], cycles: [f32; L]) {
        for l in lanes(left) {
            let (since, height) = jump(after[l], cycles[l]);
            corners.step(l, since, height);
        }
    }
}

/// Where a saw jumps between two phases, as highest bits: where the sum of phase and step leaves the range of a signed number.
#[inline(always)]
fn jumps<const L: usize>(before: [u32; L], after: [u32; L], steps: [u32; L]) -> [u32; L] {
    each!(L, l => (before[l] ^ after[l]) & (steps[l] ^ after[l]))
}

/// How long ago a saw has jumped that stands at this phase, in frames, and how high.
#[inline(always)]
fn jump(after: u32, cycles: f32) -> (f32, f32) {
    let sign = cycles.signum();
    ((bipolar(after) + sign) * 0.5 / cycles, -2.0 * sign)
}

impl<const L: usize> Kernel<1, 1, L> for Saw<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let cycles: [f32; L] = each!(L, l => self.phases.pace.cycles(freq[l]));
        [Self::frame(&mut self.phases, &mut self.corners, cycles, each!(L, l => step(cycles[l])))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 1, 1, L>) {
        let mask = mask(run.sounding);
        let Some(freq) = run.inputs[0].still() else {
            let (mut phases, pace) = (self.phases.clone(), self.phases.pace);
            for i in run.frames() {
                let freq = audible(run.inputs[0].passing(i), mask);
                let cycles: [f32; L] = each!(L, l => pace.cycles(freq[l]));
                let steps = each!(L, l => step(cycles[l]));
                run.put(i, [Self::frame(&mut phases, &mut self.corners, cycles, steps)]);
            }
            self.phases = phases;
            return;
        };
        let freq = audible(freq, mask);
        if differ(freq, self.heard) {
            self.heard = freq;
            self.cycles = each!(L, l => self.phases.pace.cycles(freq[l]));
            self.steps = each!(L, l => step(self.cycles[l]));
        }
        let (cycles, steps) = (self.cycles, self.steps);
        let mut phases = self.phases.clone();
        for y in run.out(0) {
            *y = Self::frame(&mut phases, &mut self.corners, cycles, steps);
        }
        self.phases = phases;
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.phases.at[lane] = 0;
        self.corners.reset(lane);
    }
}

#[derive(Clone)]
struct Pulse<const L: usize> {
    phases: Phases<L>,
    width: [f32; L],
    corners: Corners<L>,
}

impl<const L: usize> Pulse<L> {
    fn new(rate: f64) -> Self {
        Pulse { phases: Phases::new(rate), width: [0.5; L], corners: Corners::new() }
    }

    /// Writes the corners of the lanes that have met some.
    #[inline(never)]
    fn meet(&mut self, corner: LaneSet, [from, to]: [[u32; L]; 2], [was, width]: [[f32; L]; 2], cycles: [f32; L]) {
        for l in lanes(corner) {
            self.lane(l, [from[l], to[l]], [was[l], width[l]], cycles[l]);
        }
    }

    /// Writes the corners of a lane that went from phase `from` to `to` while its width went from `was` to `width`.
    fn lane(&mut self, l: usize, [from, to]: [u32; 2], [was, width]: [f32; 2], cycles: f32) {
        let wrapped = to < from;
        let before = unipolar(from);
        let end = if wrapped { unipolar(to) + 1.0 } else { unipolar(to) };
        // Before and after, counted from the falling edge, which may move, too.
        let (left, over) = (was - before, end - width);
        if left > 0.0 && over >= 0.0 {
            self.corners.step(l, over / (left + over).max(1e-9), -2.0);
        } else if left <= 0.0 && over < 0.0 {
            self.corners.step(l, over / (left + over), 2.0);
        }
        if wrapped {
            let since = (end - 1.0) / cycles.max(1e-9);
            self.corners.step(l, since, 2.0);
            if end - 1.0 >= width {
                self.corners.step(l, (end - 1.0 - width) / cycles.max(1e-9), -2.0);
            }
        }
    }

    /// High for `width` of the cycle; the mean is taken away, so that narrow pulses do not thump.
    #[inline(always)]
    fn play(&mut self, cycles: [f32; L], steps: [u32; L], width: [f32; L]) -> [f32; L] {
        let from = self.phases.at;
        let was = self.width;
        let drawn = each!(L, l => if unipolar(from[l]) < was[l] { 1.0 } else { -1.0 });
        let due = self.corners.next(drawn);
        self.phases.advance(steps);
        let to = self.phases.at;
        self.width = width;
        // High or low at the end as at the beginning, and no new cycle: no corner.
        let corner: [u32; L] = each!(L, l => {
            let high = unipolar(from[l]) < was[l];
            u32::from((to[l] < from[l]) | (high != (unipolar(to[l]) < width[l]))) << 31
        });
        if any(corner) {
            self.meet(set(corner), [from, to], [was, width], cycles);
        }
        each!(L, l => due[l] - (2.0 * width[l] - 1.0))
    }

    #[inline(always)]
    fn cycles(&self, freq: [f32; L]) -> [f32; L] {
        each!(L, l => self.phases.pace.cycles(freq[l]).abs())
    }

    fn clear(&mut self, lane: usize) {
        self.phases.at[lane] = 0;
        self.width[lane] = 0.5;
        self.corners.reset(lane);
    }

    /// A run at one pitch and width.
    #[inline(always)]
    fn frames<const I: usize>(&mut self, run: &mut Run<'_, I, 1, L>, freq: [f32; L], width: [f32; L]) {
        let cycles = self.cycles(audible(freq, mask(run.sounding)));
        let steps = each!(L, l => step(cycles[l]));
        for y in run.out(0) {
            *y = self.play(cycles, steps, width);
        }
    }

    /// A frame of a run whose pitch or width moves, in the lanes that sound.
    #[inline(always)]
    fn frame(&mut self, freq: [f32; L], width: [f32; L], mask: [u32; L]) -> [f32; L] {
        let cycles = self.cycles(audible(freq, mask));
        self.play(cycles, each!(L, l => step(cycles[l])), width)
    }
}

/// All bits of the lanes that sound.
#[inline(always)]
pub(super) fn mask<const L: usize>(sounding: LaneSet) -> [u32; L] {
    each!(L, l => if sounding >> l & 1 == 1 { u32::MAX } else { 0 })
}

/// The frequencies of the lanes that sound; the others stand still, so that nobody draws their corners.
#[inline(always)]
pub(super) fn audible<const L: usize>(freq: [f32; L], mask: [u32; L]) -> [f32; L] {
    each!(L, l => f32::from_bits(freq[l].to_bits() & mask[l]))
}

/// Whether the highest bit is set in any lane.
#[inline(always)]
pub(super) fn any<const L: usize>(bits: [u32; L]) -> bool {
    let mut any = 0;
    for lane in bits {
        any |= lane;
    }
    any >> 31 == 1
}

/// The lanes in which the highest bit is set.
#[inline(always)]
pub(super) fn set<const L: usize>(bits: [u32; L]) -> LaneSet {
    let mut set = 0;
    for (l, bits) in bits.into_iter().enumerate() {
        set |= (bits >> 31) << l;
    }
    LaneSet::from(set)
}

#[inline(always)]
fn wide(width: f32) -> f32 {
    let held = hold(width, 0.01, 0.99);
    if width.is_nan() { 0.5 } else { held }
}

impl<const L: usize> Kernel<1, 1, L> for Pulse<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let cycles = self.cycles(freq);
        [self.play(cycles, each!(L, l => step(cycles[l])), [0.5; L])]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 1, 1, L>) {
        match run.inputs[0].still() {
            Some(freq) => self.frames(run, freq, [0.5; L]),
            None => {
                let mask = mask(run.sounding);
                for i in run.frames() {
                    let [freq] = run.input(i);
                    let frame = self.frame(freq, [0.5; L], mask);
                    run.put(i, [frame]);
                }
            }
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

impl<const L: usize> Kernel<2, 1, L> for Pulse<L> {
    #[inline(always)]
    fn tick(&mut self, [freq, width]: [[f32; L]; 2]) -> [[f32; L]; 1] {
        let cycles = self.cycles(freq);
        [self.play(cycles, each!(L, l => step(cycles[l])), each!(L, l => wide(width[l])))]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 2, 1, L>) {
        match run.still(0) {
            Some([freq, width]) => self.frames(run, freq, each!(L, l => wide(width[l]))),
            None => {
                let mask = mask(run.sounding);
                for i in run.frames() {
                    let [freq, width] = run.input(i);
                    let frame = self.frame(freq, each!(L, l => wide(width[l])), mask);
                    run.put(i, [frame]);
                }
            }
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

#[derive(Clone)]
struct Triangle<const L: usize> {
    phases: Phases<L>,
    corners: Corners<L>,
}

impl<const L: usize> Triangle<L> {
    fn new(rate: f64) -> Self {
        Triangle { phases: Phases::new(rate), corners: Corners::new() }
    }

    /// Writes the corners of the lanes that have turned.
    #[inline(never)]
    fn turn(&mut self, turned: LaneSet, after: [u32; L], cycles: [f32; L]) {
        for l in lanes(turned) {
            let past = unipolar(after[l] << 1) * 0.5 / cycles[l].max(1e-9);
            let upper = after[l] >> 31 == 0;
            self.corners.bend(l, past, if upper { -8.0 } else { 8.0 } * cycles[l]);
        }
    }
}

impl<const L: usize> Kernel<1, 1, L> for Triangle<L> {
    #[inline(always)]
    fn tick(&mut self, [freq]: [[f32; L]; 1]) -> [[f32; L]; 1] {
        let due = self.corners.next(each!(L, l => triangle(self.phases.at[l])));
        let cycles: [f32; L] = each!(L, l => self.phases.pace.cycles(freq[l]).abs());
        // Half cycles from the upper corner (a quarter) to the lower one.
        let before = each!(L, l => self.phases.at[l].wrapping_sub(1 << 30));
        self.phases.advance(each!(L, l => step(cycles[l])));
        let after = each!(L, l => self.phases.at[l].wrapping_sub(1 << 30));
        let turned: [u32; L] = each!(L, l => before[l] ^ after[l]);
        if any(turned) {
            self.turn(set(turned), after, cycles);
        }
        [due]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 1, 1, L>) {
        let mask = mask(run.sounding);
        for i in run.frames() {
            let frame = self.tick([audible(run.inputs[0].at(i), mask)]);
            run.put(i, frame);
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.phases.at[lane] = 0;
        self.corners.reset(lane);
    }
}

pub(super) const FREQ: Param = Param::needed("freq", "Hz", 0.0, 20_000.0);
const OFFSET: Param = Param::signal("phase", "cycles", -1e3, 1e3, 0.0);

const fn oscillator(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "oscillators",
        doc,
        example: "",
        inputs: 0,
        outputs: 1,
        params: &[FREQ],
        make: make!(|build| play::<_, 1, 1, _>(Saw::new(build.rate))),
    }
}

fn wave<W, const L: usize>(build: &Build, wave: W) -> Box<dyn Operation<L>>
where
    W: Fn(u32) -> f32 + Clone + Send + 'static,
{
    play::<_, 2, 1, L>(Wave { phases: Phases::new(build.rate), wave })
}

pub const ROWS: &[Row] = &[
    Row {
        example: "sine(440) * 0.3",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, sine)),
        ..oscillator(
            "sine",
            &["sinosc"],
            "A sine wave of -1 to 1. `phase` is added to the angle, in cycles: a signal there is phase modulation.",
        )
    },
    Row {
        example: "saw(110) * 0.2 >> lowpass(900)",
        ..oscillator(
            "saw",
            &["sawtooth"],
            "A rising sawtooth of -1 to 1 without aliases (band-limited steps, 32 taps).",
        )
    },
    Row {
        example: "square(110) * 0.2 >> lowpass(900)",
        make: make!(|b| play::<_, 1, 1, _>(Pulse::new(b.rate))),
        ..oscillator("square", &["sqr"], "A square wave of -1 to 1 without aliases.")
    },
    Row {
        example: "pulse(110, sine(0.3).range(0.1, 0.5)) * 0.2",
        params: &[FREQ, Param::signal("width", "of a cycle", 0.01, 0.99, 0.5)],
        make: make!(|b| play::<_, 2, 1, _>(Pulse::new(b.rate))),
        ..oscillator(
            "pulse",
            &[],
            "A pulse wave, high for `width` of its cycle, its mean taken away; `width` may be modulated. Without aliases.",
        )
    },
    Row {
        example: "tri(220) * 0.4",
        make: make!(|b| play::<_, 1, 1, _>(Triangle::new(b.rate))),
        ..oscillator("tri", &["triangle"], "A triangle wave of -1 to 1 without aliases (band-limited bends).")
    },
    Row {
        example: "saw(110) >> lowpass(lfsaw(2).range(2000, 200)) >> gain(-12)",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, |p| bipolar(p.wrapping_add(1 << 31)))),
        ..oscillator(
            "lfsaw",
            &["lfo_saw"],
            "A sawtooth for modulation: sharp corners, from -1 up to 1. `phase` in cycles.",
        )
    },
    Row {
        example: "saw(110) >> lowpass(lftri(2).range(200, 2000)) >> gain(-12)",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, triangle)),
        ..oscillator(
            "lftri",
            &["lfo_tri"],
            "A triangle for modulation: sharp corners, -1 to 1, begins at 0. `phase` in cycles.",
        )
    },
    Row {
        example: "saw(110) * lfsquare(4).range(0, 0.2)",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, |p| if p >> 31 == 0 { 1.0 } else { -1.0 })),
        ..oscillator(
            "lfsquare",
            &["lfo_square", "lfpulse"],
            "A square for modulation: sharp edges, begins high. `phase` in cycles.",
        )
    },
    Row {
        example: "sine(220) * lfsine(5).range(0, 0.3)",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, sine)),
        ..oscillator("lfsine", &["lfo", "lfo_sine"], "A sine for modulation, -1 to 1, begins at 0. `phase` in cycles.")
    },
    Row {
        example: "phasor(220) * 0.4 >> dcblock()",
        params: &[FREQ, OFFSET],
        make: make!(|b| wave(b, unipolar)),
        ..oscillator("phasor", &["ramp"], "A ramp from 0 to 1, for driving shapes: sharp edges. `phase` in cycles.")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// Four lanes against four times one, at frequencies and widths of their own.
    fn lanes_agree<const I: usize>(mut wide: impl Kernel<I, 1, 4>, single: impl Kernel<I, 1, 1>) {
        let mut singles = [single.clone(), single.clone(), single.clone(), single];
        for n in 0..5000 {
            let sway = (n as f32 * 0.003).sin();
            let lane =
                |k: usize, l: usize| if k == 0 { 300.0 * (l + 1) as f32 * (1.2 + sway) } else { 0.5 + 0.3 * sway };
            let input = std::array::from_fn(|k| std::array::from_fn(|l| lane(k, l)));
            let [heard] = wide.tick(input);
            for (l, single) in singles.iter_mut().enumerate() {
                let [[alone]] = single.tick(std::array::from_fn(|k| [lane(k, l)]));
                assert_eq!(heard[l].to_bits(), alone.to_bits(), "lane {l} at frame {n}");
            }
        }
    }

    #[test]
    fn lanes_sound_as_they_would_alone() {
        lanes_agree::<2>(
            Wave { phases: Phases::new(RATE), wave: sine },
            Wave { phases: Phases::new(RATE), wave: sine },
        );
        lanes_agree::<1>(Saw::<4>::new(RATE), Saw::<1>::new(RATE));
        lanes_agree::<2>(Pulse::<4>::new(RATE), Pulse::<1>::new(RATE));
        lanes_agree::<1>(Triangle::<4>::new(RATE), Triangle::<1>::new(RATE));
    }

    #[test]
    fn a_frequency_that_is_no_number_stands_still() {
        let mut saw = Saw::<1>::new(RATE);
        assert!((0..100).all(|_| saw.tick([[f32::NAN]])[0][0] == 0.0));
    }
}

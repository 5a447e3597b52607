//! Kernels: operations of ours, written once for any number of lanes.
//!
//! Law: what a kernel gives at a frame depends on the frames before it, never on how they were cut into runs; and what it
//! gives in a lane depends on that lane alone. Nothing here contracts or reorders arithmetic, so that one lane and many, with
//! and without wide registers, give the same bits.

use std::any::Any;

use crate::engine::processor::{Task, at_full_width, separate};
use crate::engine::schedule::{Input, Run, lanes};
use crate::engine::{Io, LANES, Operation};

/// `L` voices side by side: `I` inputs (audio, then parameters) to `O` outputs.
///
/// `tick` and `run` are to be `inline(always)`: they are compiled for every kind of processor where they are called.
pub trait Kernel<const I: usize, const O: usize, const L: usize>: Clone + Send + 'static {
    /// Whether `run` does many frames at once, so that one lane gains by wide registers, too.
    const MANY_FRAMES: bool = false;

    /// One frame.
    fn tick(&mut self, input: [[f32; L]; I]) -> [[f32; L]; O];

    /// The frames of a run, one after another; kernels whose parameters often hold still know a shorter way.
    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, I, O, L>) {
        tick_by_tick(self, run);
    }

    /// Its own run and another's of the same kind, frame by frame together: what one waits for, the other does not. False,
    /// and nothing was done, where that is no gain.
    #[inline(always)]
    fn run_both(&mut self, _other: &mut Self, _runs: &mut [Run<'_, I, O, L>; 2]) -> bool {
        false
    }

    /// A lane as new; chance begins from `seed`.
    fn reset(&mut self, lane: usize, seed: u64);

    fn latency(&self) -> usize {
        0
    }

    fn tail(&self) -> usize {
        0
    }
}

/// The frames of a run, one after another.
#[inline(always)]
pub fn tick_by_tick<K, const I: usize, const O: usize, const L: usize>(kernel: &mut K, run: &mut Run<'_, I, O, L>)
where
    K: Kernel<I, O, L>,
{
    for i in run.frames() {
        separate::<L>();
        let frame = kernel.tick(run.input(i));
        run.put(i, frame);
    }
}

/// A kernel as an operation.
struct Play<K, const I: usize, const O: usize>(K);

impl<K, const I: usize, const O: usize, const L: usize> Operation<L> for Play<K, I, O>
where
    K: Kernel<I, O, L>,
{
    fn process(&mut self, io: &mut Io<'_, L>) {
        let mut run = io.run::<I, O>();
        let playing = Playing(&mut self.0, &mut run);
        if L == 1 && K::MANY_FRAMES { at_full_width::<LANES, _>(playing) } else { at_full_width::<L, _>(playing) }
    }

    fn process_both(&mut self, other: &mut dyn Operation<L>, io: &mut Io<'_, L>) -> bool {
        let other: &mut dyn Any = other;
        let Some(Play(other)) = other.downcast_mut::<Self>().filter(|_| io.wires_two(I, O)) else { return false };
        at_full_width::<L, _>(PlayingBoth(&mut self.0, other, &mut io.runs::<I, O>()))
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        self.0.reset(lane, seed);
    }

    fn duplicate(&self) -> Box<dyn Operation<L>> {
        Box::new(Play(self.0.clone()))
    }

    fn latency(&self) -> usize {
        self.0.latency()
    }

    fn tail(&self) -> usize {
        self.0.tail()
    }
}

/// A kernel at work.
struct Playing<'a, 'b, K, const I: usize, const O: usize, const L: usize>(&'a mut K, &'a mut Run<'b, I, O, L>);

impl<K, const I: usize, const O: usize, const L: usize> Task for Playing<'_, '_, K, I, O, L>
where
    K: Kernel<I, O, L>,
{
    type Gives = ();

    #[inline(always)]
    fn go(self) {
        self.0.run(self.1);
    }
}

/// Two kernels of a kind at work.
struct PlayingBoth<'a, 'b, K, const I: usize, const O: usize, const L: usize>(
    &'a mut K,
    &'a mut K,
    &'a mut [Run<'b, I, O, L>; 2],
);

impl<K, const I: usize, const O: usize, const L: usize> Task for PlayingBoth<'_, '_, K, I, O, L>
where
    K: Kernel<I, O, L>,
{
    type Gives = bool;

    #[inline(always)]
    fn go(self) -> bool {
        self.0.run_both(self.1, self.2)
    }
}

/// A kernel in its box.
pub fn play<K, const I: usize, const O: usize, const L: usize>(kernel: K) -> Box<dyn Operation<L>>
where
    K: Kernel<I, O, L>,
{
    Box::new(Play::<K, I, O>(kernel))
}

/// A kernel written for one voice: for sounds whose lanes have nothing to share (delay lines, branches, tables).
pub trait Voice<const I: usize, const O: usize>: Clone + Send + 'static {
    /// As of a kernel.
    const MANY_FRAMES: bool = false;

    fn frame(&mut self, input: [f32; I]) -> [f32; O];

    /// The frames of a run in one lane, one after another; voices that know a shorter way for many at once go it.
    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, I, O, L>, lane: usize) {
        frame_by_frame(self, run, lane);
    }

    fn reset(&mut self, seed: u64);

    fn latency(&self) -> usize {
        0
    }

    fn tail(&self) -> usize {
        0
    }
}

/// The frames of a run in one lane, one after another.
#[inline(always)]
pub fn frame_by_frame<V, const I: usize, const O: usize, const L: usize>(
    voice: &mut V,
    run: &mut Run<'_, I, O, L>,
    lane: usize,
) where
    V: Voice<I, O>,
{
    for i in run.frames() {
        let frame = voice.frame(run.input_lane(i, lane));
        run.put_lane(i, lane, frame);
    }
}

/// A voice in every lane; those that are silent do nothing.
#[derive(Clone)]
pub struct Lanes<V, const L: usize>([V; L]);

impl<V, const I: usize, const O: usize, const L: usize> Kernel<I, O, L> for Lanes<V, L>
where
    V: Voice<I, O>,
{
    const MANY_FRAMES: bool = V::MANY_FRAMES;

    fn tick(&mut self, input: [[f32; L]; I]) -> [[f32; L]; O] {
        let mut output = [[0.0; L]; O];
        for (l, voice) in self.0.iter_mut().enumerate() {
            let mut own = [0.0; I];
            for k in 0..I {
                own[k] = input[k][l];
            }
            let frame = voice.frame(own);
            for (lanes, value) in output.iter_mut().zip(frame) {
                lanes[l] = value;
            }
        }
        output
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, I, O, L>) {
        for lane in lanes(run.sounding) {
            let Some(voice) = self.0.get_mut(lane) else { break };
            voice.run(run, lane);
        }
    }

    fn reset(&mut self, lane: usize, seed: u64) {
        self.0[lane].reset(seed);
    }

    fn latency(&self) -> usize {
        self.0[0].latency()
    }

    fn tail(&self) -> usize {
        self.0[0].tail()
    }
}

/// A voice in its box, the same in every lane. What stands in it at first is what `reset(0)` makes of it.
pub fn voice<V, const I: usize, const O: usize, const L: usize>(voice: V) -> Box<dyn Operation<L>>
where
    V: Voice<I, O>,
{
    let mut voice = voice;
    voice.reset(0);
    if L == 1 {
        // Not copied: it may hold seconds of sound.
        let mut voice = Some(voice);
        return play::<_, I, O, L>(Lanes(std::array::from_fn(|_| voice.take().expect("one lane takes one voice"))));
    }
    play::<_, I, O, L>(Lanes(std::array::from_fn(|_| voice.clone())))
}

/// A function of the present frame alone.
#[derive(Clone, Copy)]
pub struct Map<F>(pub F);

impl<F, const I: usize, const L: usize> Kernel<I, 1, L> for Map<F>
where
    F: Fn([f32; I]) -> f32 + Clone + Send + 'static,
{
    #[inline(always)]
    fn tick(&mut self, input: [[f32; L]; I]) -> [[f32; L]; 1] {
        let mut output = [0.0; L];
        for l in 0..L {
            let mut own = [0.0; I];
            for k in 0..I {
                own[k] = input[k][l];
            }
            output[l] = (self.0)(own);
        }
        [output]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, I, 1, L>) {
        // Of one or two inputs, what holds still is read once, and what does not is walked through without places.
        let (first, second) = (0, 1 % I.max(1));
        let mut frame = [[0.0; L]; I];
        match (I, run.inputs.first().and_then(Input::still), run.inputs.get(1).and_then(Input::still)) {
            (1, None, _) | (2, None, Some(_)) => {
                if let Some(still) = run.inputs.get(1).and_then(Input::still) {
                    frame[second] = still;
                }
                let sound = run.line(first);
                for (x, y) in sound.iter().zip(run.out(0)) {
                    separate::<L>();
                    frame[first] = *x;
                    [*y] = self.tick(frame);
                }
            }
            (2, Some(still), None) => {
                frame[first] = still;
                let sound = run.line(second);
                for (x, y) in sound.iter().zip(run.out(0)) {
                    separate::<L>();
                    frame[second] = *x;
                    [*y] = self.tick(frame);
                }
            }
            (2, None, None) => {
                let sounds = run.line(first).iter().zip(run.line(second));
                for ((one, other), y) in sounds.zip(run.out(0)) {
                    separate::<L>();
                    (frame[first], frame[second]) = (*one, *other);
                    [*y] = self.tick(frame);
                }
            }
            _ => tick_by_tick(self, run),
        }
    }

    fn reset(&mut self, _lane: usize, _seed: u64) {}
}

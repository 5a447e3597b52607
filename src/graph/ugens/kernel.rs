//! Kernels: operations of ours, written once for any number of lanes.
//!
//! Law: what a kernel gives at a frame depends on the frames before it, never on how they were cut into runs.

use crate::engine::{Io, Operation};

/// One frame at a time, `L` voices side by side: `I` inputs (audio, then parameters) to `O` outputs.
pub trait Kernel<const I: usize, const O: usize, const L: usize>: Clone + Send + 'static {
    fn tick(&mut self, input: [[f32; L]; I]) -> [[f32; L]; O];

    /// As new; chance begins from `seed`.
    fn reset(&mut self, seed: u64);

    fn latency(&self) -> usize {
        0
    }

    fn tail(&self) -> usize {
        0
    }
}

/// A kernel as an operation.
struct Play<K, const I: usize, const O: usize>(K);

impl<K, const I: usize, const O: usize, const L: usize> Operation<L> for Play<K, I, O>
where
    K: Kernel<I, O, L>,
{
    fn process(&mut self, io: &mut Io<'_, L>) {
        let len = io.len();
        let (inputs, outputs) = io.wires::<I, O>();
        let inputs = inputs.map(|x| &x[..len]);
        let mut outputs = outputs.map(|y| &mut y[..len]);
        for i in 0..len {
            let frame = self.0.tick(std::array::from_fn(|k| inputs[k][i]));
            for (output, value) in outputs.iter_mut().zip(frame) {
                output[i] = value;
            }
        }
    }

    fn reset(&mut self, seed: u64) {
        self.0.reset(seed);
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

/// A kernel in its box.
pub fn play<K, const I: usize, const O: usize, const L: usize>(kernel: K) -> Box<dyn Operation<L>>
where
    K: Kernel<I, O, L>,
{
    Box::new(Play::<K, I, O>(kernel))
}

/// A kernel written for one voice: for sounds whose lanes have nothing to share (delay lines, branches, tables).
pub trait Voice<const I: usize, const O: usize>: Clone + Send + 'static {
    fn frame(&mut self, input: [f32; I]) -> [f32; O];

    fn reset(&mut self, seed: u64);

    fn latency(&self) -> usize {
        0
    }

    fn tail(&self) -> usize {
        0
    }
}

/// A voice in every lane.
#[derive(Clone)]
pub struct Lanes<V, const L: usize>([V; L]);

impl<V, const I: usize, const O: usize, const L: usize> Kernel<I, O, L> for Lanes<V, L>
where
    V: Voice<I, O>,
{
    fn tick(&mut self, input: [[f32; L]; I]) -> [[f32; L]; O] {
        let mut output = [[0.0; L]; O];
        for (l, voice) in self.0.iter_mut().enumerate() {
            let frame = voice.frame(input.map(|lanes| lanes[l]));
            for (lanes, value) in output.iter_mut().zip(frame) {
                lanes[l] = value;
            }
        }
        output
    }

    fn reset(&mut self, seed: u64) {
        for voice in &mut self.0 {
            voice.reset(seed);
        }
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
    play::<_, I, O, L>(Lanes(std::array::from_fn(|_| voice.clone())))
}

/// A function of the present frame alone.
#[derive(Clone, Copy)]
pub struct Map<F>(pub F);

impl<F, const I: usize> Voice<I, 1> for Map<F>
where
    F: Fn([f32; I]) -> f32 + Clone + Send + 'static,
{
    fn frame(&mut self, input: [f32; I]) -> [f32; 1] {
        [(self.0)(input)]
    }

    fn reset(&mut self, _seed: u64) {}
}

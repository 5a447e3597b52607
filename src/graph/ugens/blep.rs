//! Band-limited steps and bends: what a corner in a waveform sounds like to an ideal sampler.
//!
//! A windowed sinc of 32 taps (Kaiser, 80 dB), integrated once for steps and twice for bends (Brandt, "Hard sync without
//! aliasing", ICMC 2001; Esqueda et al., "Rounding corners with BLAMP", DAFx 2016), in linear phase.

use std::sync::OnceLock;

use super::filters::hold;
use super::phases::whole;

const TAPS: usize = 32;
/// Frames by which a waveform lags behind its phase.
const LAG: usize = TAPS / 2;
/// Steps of the table within one frame; between them it is interpolated.
const PHASES: usize = 128;

struct Tables {
    step: Vec<[f32; TAPS]>,
    bend: Vec<[f32; TAPS]>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        const FINE: usize = 4;
        let count = TAPS * PHASES * FINE;
        let width = 1.0 / (PHASES * FINE) as f64;
        let time = |i: usize| i as f64 * width - LAG as f64;
        let mut steps = vec![0.0; count + 1];
        for i in 1..=count {
            steps[i] = steps[i - 1] + 0.5 * width * (windowed_sinc(time(i - 1)) + windowed_sinc(time(i)));
        }
        let whole = steps[count];
        steps.iter_mut().for_each(|s| *s /= whole);
        let mut bends = vec![0.0; count + 1];
        for i in 1..=count {
            bends[i] = bends[i - 1] + 0.5 * width * (steps[i - 1] + steps[i]);
        }
        // The integral of a symmetric step ends on the line t; what is left of rounding is spread.
        let excess = bends[count] / LAG as f64;
        bends.iter_mut().for_each(|b| *b /= excess);
        let row =
            |p: usize, of: &dyn Fn(usize, usize) -> f64| std::array::from_fn(|k| of(k, (k * PHASES + p) * FINE) as f32);
        let step = |k: usize, i: usize| steps[i] - if k >= LAG { 1.0 } else { 0.0 };
        let bend = |k: usize, i: usize| bends[i] - if k >= LAG { time(i) } else { 0.0 };
        Tables {
            step: (0..=PHASES).map(|p| row(p, &step)).collect(),
            bend: (0..=PHASES).map(|p| row(p, &bend)).collect(),
        }
    })
}

fn windowed_sinc(t: f64) -> f64 {
    const BETA: f64 = 7.86;
    let x = t / LAG as f64;
    let window = bessel(BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(BETA);
    let angle = std::f64::consts::PI * t;
    window * if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle }
}

/// The modified Bessel function of the first kind, order 0.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / 2.0 / k as f64).powi(2);
        sum += term;
    }
    sum
}

/// A waveform on its way out, with the corners it has met.
#[derive(Clone)]
pub struct Corners<const L: usize> {
    ring: [[f32; L]; TAPS],
    at: usize,
    tables: &'static Tables,
}

impl<const L: usize> Corners<L> {
    pub fn new() -> Self {
        Corners { ring: [[0.0; L]; TAPS], at: 0, tables: tables() }
    }

    pub fn reset(&mut self, lane: usize) {
        self.ring.iter_mut().for_each(|frame| frame[lane] = 0.0);
    }

    /// The waveform of this lane stepped by `height`, `since` frames (0…1) ago.
    pub fn step(&mut self, lane: usize, since: f32, height: f32) {
        self.write(lane, since, height, &self.tables.step);
    }

    /// The slope of this lane's waveform changed by `slope` per frame, `since` frames (0…1) ago.
    pub fn bend(&mut self, lane: usize, since: f32, slope: f32) {
        self.write(lane, since, slope, &self.tables.bend);
    }

    fn write(&mut self, lane: usize, since: f32, amount: f32, table: &[[f32; TAPS]]) {
        let place = hold(since, 0.0, 1.0) * PHASES as f32;
        let index = (whole(place) as usize).min(PHASES - 1);
        let part = place - index as f32;
        let (before, after) = (&table[index], &table[index + 1]);
        let shape: [f32; TAPS] = std::array::from_fn(|k| amount * (before[k] + part * (after[k] - before[k])));
        // Where the ring ends is nowhere in particular: no branch could be foreseen there.
        for (k, value) in shape.into_iter().enumerate() {
            self.ring[(self.at + k) % TAPS][lane] += value;
        }
    }

    /// Takes the present frame of the waveform as drawn, gives the frame that is due.
    #[inline(always)]
    pub fn next(&mut self, drawn: [f32; L]) -> [f32; L] {
        let due = self.at % TAPS;
        let ahead = &mut self.ring[(due + LAG) % TAPS];
        for (sum, value) in ahead.iter_mut().zip(drawn) {
            *sum += value;
        }
        self.at = (due + 1) % TAPS;
        std::mem::replace(&mut self.ring[due], [0.0; L])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_begins_at_nothing_and_ends_whole() {
        let mut corners = Corners::<1>::new();
        corners.step(0, 0.3, 1.0);
        let heard: Vec<f32> = (0..64).map(|_| corners.next([1.0])[0]).collect();
        assert!(heard[0].abs() < 1e-3 && (heard[40] - 1.0).abs() < 1e-6);
        assert!((heard[LAG] - 0.5).abs() < 0.4, "halfway at the corner, found {}", heard[LAG]);
    }

    #[test]
    fn a_bend_leaves_a_straight_line() {
        let mut corners = Corners::<1>::new();
        corners.bend(0, 0.25, 0.01);
        let heard: Vec<f32> = (0..64).map(|n| corners.next([0.01 * (n as f32 + 0.25)])[0]).collect();
        assert!((heard[48] - 0.01 * (48.25 - LAG as f32)).abs() < 1e-5);
    }
}

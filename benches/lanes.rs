//! What a voice costs one by one and side by side, on the least processor and on this one: nanoseconds per voice and block.

use std::hint::black_box;
use std::time::Instant;

use segue::engine::schedule::Buffer;
use segue::engine::{GRID, LANES, Schedule, processor};
use segue::graph::ugens::Width;
use segue::graph::{Row, SynthDef, lower_voices};
use segue::lang::{Interpreter, NoFiles};

/// Instruments as a script says them; all take a frequency and a gate.
const INSTRUMENTS: &str = r#"
synth w1 = |freq, gate| (saw(freq) >> lowpass(1200, 2)) * (gate >> adsr(0.01, 0.1, 0.7, 0.2)) * 0.1;
synth w2 = |freq, gate| sine(freq) * (gate >> perc(0.005, 0.3)) * 0.2;
synth square_bass = |freq, gate| square(freq) * (gate >> adsr(0.01, 0.1, 0.7, 0.2)) >> moog(900, 0.5);
synth pluck_pair = |freq, gate| (tri(freq) + pulse(freq, 0.3)) * (gate >> ar(0.01, 0.1)) >> highpass(200);
synth swept = |freq, gate| saw(freq) * gate >> lowpass(sine(2).range(300, 3000), 4);
synth hiss = |freq, gate| white() * (gate >> perc(0.001, 0.2)) >> bandpass(freq * 4, 3);
synth strings = |freq, gate| supersaw(freq, 0.3) * (gate >> adsr(0.3, 0.1, 0.7, 0.5));
"#;

/// Nanoseconds per voice and block, the fastest of some rounds, every lane sounding.
fn cost<const L: usize>(def: &SynthDef) -> f64
where
    Row: Width<L>,
{
    let mut schedule: Schedule<L> = lower_voices(def, 48_000.0).expect("it was checked").schedule;
    let mut arena: Vec<Buffer<L>> = vec![[[0.0; L]; GRID]; schedule.scratch().max(1)];
    for lane in 0..L {
        schedule.reset_lane(lane, lane as u64);
        schedule.cell(0).set(lane, 55.0 * 2f32.powf(lane as f32 * 7.0 / 12.0));
        schedule.cell(1).set(lane, 1.0);
    }
    const BLOCKS: usize = 2000;
    let mut round = || {
        let begin = Instant::now();
        for _ in 0..BLOCKS {
            schedule.run(black_box(&mut arena), 0, GRID);
        }
        begin.elapsed().as_nanos() as f64 / (BLOCKS * L) as f64
    };
    (0..9).map(|_| round()).fold(f64::MAX, f64::min)
}

fn main() {
    let score =
        Interpreter::new().evaluate("bench", INSTRUMENTS, &NoFiles).unwrap_or_else(|why| panic!("{why:?}")).score;
    println!("{:>14} {:>8} {:>8} {:>8}  ns per voice and block of 64 frames", "", "one", "plain", "wide");
    for def in &score.synths {
        // SAFETY: nothing in here reads the state of the floating-point unit.
        let timed = |lanes: fn(&SynthDef) -> f64| unsafe { no_denormals::no_denormals(|| lanes(def)) };
        processor::plain(true);
        let (one, plain) = (timed(cost::<1>), timed(cost::<LANES>));
        processor::plain(false);
        println!("{:>14} {one:>8.1} {plain:>8.1} {:>8.1}", def.name, timed(cost::<LANES>));
    }
}

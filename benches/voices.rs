//! What a voice of each instrument of the library costs, all lanes of a choir sounding: time per voice and block of 64 frames;
//! of some also what it costs by itself and on the least processor.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use segue::engine::processor::{self, Registers};
use segue::engine::schedule::Buffer;
use segue::engine::{GRID, LANES, MOST_LANES, Schedule};
use segue::graph::ugens::Width;
use segue::graph::{Row, SynthDef, lower_voices};
use segue::lang::Interpreter;

const RATE: f64 = 48_000.0;
/// Blocks after which the notes begin anew, so that nothing has died away: a fifth of a second.
const NOTE: u64 = 150;

/// Instruments that are measured one by one and on the least processor, too.
const CLOSELY: [&str; 6] = ["bd", "bass", "pluck", "pad", "supersaw", "piano"];

/// So many held notes side by side, each at a pitch of its own.
struct Choir<const L: usize> {
    schedule: Schedule<L>,
    arena: Vec<Buffer<L>>,
}

impl<const L: usize> Choir<L>
where
    Row: Width<L>,
{
    fn new(def: &SynthDef) -> Self {
        let mut schedule = lower_voices(def, RATE).expect("the library is checked").schedule;
        for (k, control) in def.controls.iter().enumerate() {
            for lane in 0..L {
                let value = match &*control.name {
                    "gate" => 1.0,
                    "freq" => 55.0 * 2f32.powf(lane as f32 * 7.0 / 12.0),
                    _ => control.default,
                };
                schedule.cell(k).set(lane, value);
            }
        }
        let arena = vec![[[0.0; L]; GRID]; schedule.scratch().max(1)];
        Choir { schedule, arena }
    }

    fn play(&mut self, block: u64) {
        if block.is_multiple_of(NOTE) {
            self.schedule.reset(block);
        }
        self.schedule.run(black_box(&mut self.arena), 0, GRID);
    }

    /// Time per voice.
    fn time(mut self, b: &mut Bencher) {
        b.iter_custom(|blocks| {
            let begun = Instant::now();
            // SAFETY: nothing in here reads the state of the floating-point unit.
            unsafe { no_denormals::no_denormals(|| (0..blocks).for_each(|block| self.play(block))) };
            begun.elapsed() / L as u32
        });
    }
}

fn voices(c: &mut Criterion) {
    let interpreter = Interpreter::new();
    let mut group = c.benchmark_group("a voice");
    let synths = || interpreter.library().synths.iter().map(|synth| synth.def());
    for def in synths() {
        group.bench_function(&*def.name, |b| Choir::<LANES>::new(def).time(b));
        group.bench_function(format!("{}, twice as many", def.name), |b| Choir::<MOST_LANES>::new(def).time(b));
    }
    let closely = |name: &&str| synths().find(|def| &*def.name == *name);
    for def in CLOSELY.iter().filter_map(closely) {
        group.bench_function(format!("{} by itself", def.name), |b| Choir::<1>::new(def).time(b));
        processor::at_most(Registers::Least);
        group.bench_function(format!("{} on the least processor", def.name), |b| Choir::<LANES>::new(def).time(b));
        processor::at_most(Registers::Widest);
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(300));
    targets = voices
}
criterion_main!(all);

//! What a voice of each instrument of the library costs, all lanes of a choir sounding: time per voice and block of 64 frames.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use segue::engine::schedule::Buffer;
use segue::engine::{GRID, LANES, Schedule};
use segue::graph::{SynthDef, lower_voices};
use segue::lang::Interpreter;

const RATE: f64 = 48_000.0;
/// Blocks after which the notes begin anew, so that nothing has died away: a fifth of a second.
const NOTE: u64 = 150;

/// A choir of held notes, each at a pitch of its own.
struct Choir {
    schedule: Schedule<LANES>,
    arena: Vec<Buffer<LANES>>,
}

impl Choir {
    fn new(def: &SynthDef) -> Choir {
        let mut schedule = lower_voices(def, RATE).expect("the library is checked").schedule;
        for (k, control) in def.controls.iter().enumerate() {
            for lane in 0..LANES {
                let value = match &*control.name {
                    "gate" => 1.0,
                    "freq" => 55.0 * 2f32.powf(lane as f32 * 7.0 / 12.0),
                    _ => control.default,
                };
                schedule.cell(k).set(lane, value);
            }
        }
        let arena = vec![[[0.0; LANES]; GRID]; schedule.scratch().max(1)];
        Choir { schedule, arena }
    }

    fn play(&mut self, block: u64) {
        if block.is_multiple_of(NOTE) {
            self.schedule.reset(block);
        }
        self.schedule.run(black_box(&mut self.arena), 0, GRID);
    }
}

fn voices(c: &mut Criterion) {
    let interpreter = Interpreter::new();
    let mut group = c.benchmark_group("a voice");
    for def in &interpreter.library().synths {
        let mut choir = Choir::new(def);
        group.bench_function(&*def.name, |b| {
            b.iter_custom(|blocks| {
                let begun = Instant::now();
                // SAFETY: nothing in here reads the state of the floating-point unit.
                unsafe { no_denormals::no_denormals(|| (0..blocks).for_each(|block| choir.play(block))) };
                begun.elapsed() / LANES as u32
            });
        });
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(300));
    targets = voices
}
criterion_main!(all);

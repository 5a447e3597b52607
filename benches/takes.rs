//! What whole takes cost: the pieces of this folder, on the least processor and on this one, on one thread and on two.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use segue::engine::processor::{self, Registers};
use segue::lang::{Interpreter, NoFiles};
use segue::render::{Length, Options, render};

/// Pieces for one thread, and how many seconds of each are a round.
const PIECES: [(&str, &str, f64); 4] = [
    ("w1", include_str!("w1.rhai"), 2.0),
    ("w2", include_str!("w2.rhai"), 4.0),
    ("w3dry", include_str!("w3dry.rhai"), 4.0),
    ("w3", include_str!("w3.rhai"), 4.0),
];
/// One that has something for two.
const DESK: &str = include_str!("../examples/08-a-desk-full.rhai");

/// Renders so many seconds of a piece.
fn take(text: &str, seconds: f64, threads: usize, out: &Path) {
    let mut interpreter = Interpreter::new();
    let evaluation = interpreter.evaluate("piece", text, &NoFiles).unwrap_or_else(|why| panic!("{why:?}"));
    let options = Options { length: Some(Length::Seconds(seconds)), threads, ..Options::default() };
    let done =
        render(interpreter.library(), "piece", evaluation.score, out, &options, &mut |_| ControlFlow::Continue(()));
    assert!(done.is_ok(), "the piece plays");
}

/// The time of the processor, less that of a short take: what the seconds in between cost.
fn seconds(group: &mut BenchmarkGroup<'_, WallTime>, (name, text, length): (&str, &str, f64), out: &Path) {
    for registers in Registers::ALL {
        group.bench_function(format!("a second of {name}, {registers:?} registers"), |b| {
            b.iter_custom(|rounds| {
                processor::at_most(registers);
                let spent = |length: f64| {
                    let begun = ProcessTime::now();
                    (0..rounds).for_each(|_| take(text, length, 1, out));
                    begun.elapsed()
                };
                let spent = spent(length + 0.5).saturating_sub(spent(0.5));
                processor::at_most(Registers::Widest);
                spent.div_f64(length).max(Duration::from_nanos(1))
            });
        });
    }
}

fn takes(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a place for sound files");
    let out = folder.path().join("take.wav");
    let mut group = c.benchmark_group("takes");
    PIECES.into_iter().for_each(|piece| seconds(&mut group, piece, &out));
    for threads in [1, 2] {
        group.bench_function(format!("a full desk for a minute on {threads} threads"), |b| {
            b.iter_custom(|rounds| {
                let begun = Instant::now();
                (0..rounds).for_each(|_| take(DESK, 60.0, threads, &out));
                begun.elapsed()
            });
        });
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2));
    targets = takes
}
criterion_main!(all);

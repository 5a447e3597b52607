//! What every row of the table costs, per block of 64 frames: alone, its parameters still and moving; and as a stereo insert,
//! what an effect costs a track.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use segue::engine::schedule::{Buffer, Step};
use segue::engine::{Cell, GRID, Schedule, Wire};
use segue::graph::ugens::Build;
use segue::graph::{Param, Rate, Row, Signal, lower_insert, rows};

const RATE: f64 = 48_000.0;
/// What is none of a track's effects, though something goes in.
const PARTS: [&str; 4] = ["arithmetic", "mixing", "envelopes", "oscillators"];

fn usual(param: &Param) -> f32 {
    param.default.unwrap_or(if param.unit == "Hz" { 440.0 } else { 0.3f32.clamp(param.low, param.high) })
}

/// A schedule and its buffers, what goes in among them: it is played over and over, and nothing else writes there.
struct Bench {
    schedule: Schedule<1>,
    arena: Vec<Buffer<1>>,
}

impl Bench {
    /// A wave for every input, around a centre.
    fn new(schedule: Schedule<1>, centres: &[f32]) -> Bench {
        let mut arena: Vec<Buffer<1>> = vec![[[0.0]; GRID]; schedule.scratch().max(schedule.inputs())];
        for (k, buffer) in arena.iter_mut().enumerate().take(schedule.inputs()) {
            let wave = |i: usize| (i as f32 * 0.1 * (k + 1) as f32).sin();
            let at = |i| centres.get(k).map_or(0.5 * wave(i), |centre| centre * (1.0 + 0.05 * wave(i)));
            buffer.iter_mut().enumerate().for_each(|(i, frame)| *frame = [at(i)]);
        }
        Bench { schedule, arena }
    }

    /// One row; `moving` parameters come as buffers that change with every frame, after the row's own inputs.
    fn row(row: &Row, moving: bool) -> Bench {
        let of = |rate: Rate| row.params.iter().filter(move |p| p.rate == rate).map(usual);
        let numbers: Vec<f32> = of(Rate::Build).collect();
        let signals: Vec<f32> = of(Rate::Signal).collect();
        let inputs = if moving { signals.len() } else { 0 } + row.inputs;
        let heard = |k: usize| Wire::Buffer(if moving { signals.len() + k } else { k } as u16);
        let set = |k: usize| if moving { Wire::Buffer(k as u16) } else { Wire::Cell(k as u16) };
        let step = Step {
            operation: (row.make.one)(&Build { rate: RATE, values: &numbers }),
            path: 1,
            inputs: (0..row.inputs).map(heard).chain((0..signals.len()).map(set)).collect(),
            outputs: (0..row.outputs).map(|k| (inputs + k) as u16).collect(),
        };
        let cells = signals.iter().copied().map(Cell::new).collect();
        let outputs = (0..row.outputs).map(|k| Wire::Buffer((inputs + k) as u16)).collect();
        Bench::new(Schedule::new(vec![step], cells, inputs, outputs), if moving { &signals } else { &[] })
    }

    /// An effect on both sides of a track, as a script says it: `>> chorus()`.
    fn insert(row: &'static Row) -> Bench {
        let needed = row.params.iter().take_while(|param| param.default.is_none());
        let arguments: Vec<Signal> = needed.map(|param| Signal::constant(usual(param))).collect();
        let chain = Signal::ugen(row, &arguments).and_then(|effect| lower_insert(&effect, "bench", RATE));
        Bench::new(chain.unwrap_or_else(|why| panic!("{}: {}", row.name, why.message)).schedule, &[])
    }

    fn block(&mut self) {
        self.schedule.run(black_box(&mut self.arena), 0, GRID);
    }

    fn time(mut self, b: &mut Bencher) {
        b.iter_custom(|blocks| {
            let begun = Instant::now();
            // SAFETY: nothing in here reads the state of the floating-point unit.
            unsafe { no_denormals::no_denormals(|| (0..blocks).for_each(|_| self.block())) };
            begun.elapsed()
        });
    }
}

fn ugens(c: &mut Criterion) {
    for (how, moving) in [("still", false), ("moving", true)] {
        let mut group = c.benchmark_group(how);
        for row in rows().iter().filter(|row| !moving || row.params.iter().any(|param| param.rate == Rate::Signal)) {
            group.bench_function(row.name, |b| Bench::row(row, moving).time(b));
        }
    }
}

fn effects(c: &mut Criterion) {
    let mut group = c.benchmark_group("effect");
    for row in rows().iter().filter(|row| row.inputs > 0 && !PARTS.contains(&row.category)) {
        group.bench_function(row.name, |b| Bench::insert(row).time(b));
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(30)).measurement_time(Duration::from_millis(100));
    targets = effects, ugens
}
criterion_main!(all);

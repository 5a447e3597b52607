//! What every row of the table costs: nanoseconds per block of 64 frames, parameters still and moving.

use std::hint::black_box;
use std::time::Instant;

use segue::engine::schedule::{Buffer, Step};
use segue::engine::{Cell, GRID, Schedule, Wire};
use segue::graph::ugens::Build;
use segue::graph::{Param, Rate, Row, rows};

fn usual(param: &Param) -> f32 {
    param.default.unwrap_or(if param.unit == "Hz" { 440.0 } else { 0.3f32.clamp(param.low, param.high) })
}

/// Nanoseconds per block; `moving` parameters come as buffers that change with every frame.
fn cost(row: &Row, moving: bool) -> f64 {
    let of = |rate: Rate| row.params.iter().filter(move |p| p.rate == rate).map(usual);
    let numbers: Vec<f32> = of(Rate::Build).collect();
    let signals: Vec<f32> = of(Rate::Signal).collect();
    let inputs = row.inputs + signals.len();
    let wire =
        |k: usize| if k < row.inputs || moving { Wire::Buffer(k as u16) } else { Wire::Cell((k - row.inputs) as u16) };
    let step = Step {
        operation: (row.make.one)(&Build { rate: 48_000.0, values: &numbers }),
        path: 1,
        inputs: (0..inputs).map(wire).collect(),
        outputs: (0..row.outputs).map(|k| (inputs + k) as u16).collect(),
    };
    let cells = signals.iter().copied().map(Cell::new).collect();
    let outputs = (0..row.outputs).map(|k| Wire::Buffer((inputs + k) as u16)).collect();
    let mut schedule = Schedule::new(vec![step], cells, inputs, outputs);
    let mut arena: Vec<Buffer<1>> = vec![[[0.0]; GRID]; inputs + row.outputs];
    for (k, buffer) in arena.iter_mut().enumerate().take(inputs) {
        let centre = k.checked_sub(row.inputs).map(|p| signals[p]);
        for (i, frame) in buffer.iter_mut().enumerate() {
            let wave = (i as f32 * 0.1 * (k + 1) as f32).sin();
            *frame = [centre.map_or(0.5 * wave, |c| c * (1.0 + 0.05 * wave))];
        }
    }
    const BLOCKS: u32 = 1000;
    let round = |schedule: &mut Schedule<1>, arena: &mut Vec<Buffer<1>>| {
        let begin = Instant::now();
        for _ in 0..BLOCKS {
            schedule.run(black_box(arena), 0, GRID);
        }
        begin.elapsed().as_nanos() as f64 / f64::from(BLOCKS)
    };
    (0..7).map(|_| round(&mut schedule, &mut arena)).fold(f64::MAX, f64::min)
}

fn main() {
    // SAFETY: nothing in here reads the state of the floating-point unit.
    unsafe { no_denormals::no_denormals(table) }
}

fn table() {
    println!("{:>18} {:>8} {:>8}  ns per block of 64 frames", "", "still", "moving");
    for row in rows() {
        println!("{:>18} {:>8.0} {:>8.0}", row.name, cost(row, false), cost(row, true));
    }
}

//! What the desk itself costs, per block of 64 frames: empty, with idle tracks, with voices that are next to nothing.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use segue::engine::schedule::Step;
use segue::engine::*;

/// One pole of a falling tone: next to nothing, so that what is measured is the engine.
#[derive(Clone)]
struct Tone(f32);

impl Operation<1> for Tone {
    fn process(&mut self, io: &mut Io<'_, 1>) {
        let ([freq], [out]) = io.wires::<1, 1>();
        for (freq, out) in freq.iter().zip(out) {
            self.0 = (self.0 + freq[0]).fract();
            out[0] = self.0 - 0.5;
        }
    }
    fn reset(&mut self, _lane: usize, _seed: u64) {
        self.0 = 0.0;
    }
    fn duplicate(&self) -> Box<dyn Operation<1>> {
        Box::new(self.clone())
    }
}

fn step(input: Wire, output: u16) -> Step<1> {
    Step { operation: Box::new(Tone(0.0)), path: 1, inputs: [input].into(), outputs: [output].into() }
}

fn voice() -> Schedule<1> {
    let cells = [0.01, 0.0].map(Cell::new).into();
    Schedule::new(vec![step(Wire::Cell(0), 0)], cells, 0, vec![Wire::Buffer(0)])
}

fn inserts() -> Box<Schedule<1>> {
    let steps = vec![step(Wire::Buffer(0), 2), step(Wire::Buffer(1), 3)];
    Box::new(Schedule::new(steps, vec![], 2, vec![Wire::Buffer(2), Wire::Buffer(3)]))
}

/// A desk of `tracks` strips with `voices` sounding voices each.
fn desk(tracks: u16, voices: usize, chain: bool) -> (Controller, Renderer) {
    let (mut controller, mut renderer) = engine(Config::default());
    let changes = (0..tracks).map(|track| {
        let pools = vec![Box::new(Pool {
            id: 1,
            voices: (0..voices.max(1)).map(|_| voice()).collect::<Vec<_>>().into(),
            controls: 2,
            gate: Some(1),
            longest: 48_000,
        })];
        let inserts = chain.then(inserts);
        let (sends, signal) = (vec![], None);
        let strip = Strip { name: track as u64, gain: 1.0, pan: 0.0, muted: false, sends, signal, inserts, pools };
        Change { place: Place::Track(track), what: What::Install(Box::new(strip)) }
    });
    let program = Program { at: 0, fade: 64, changes: changes.collect() };
    let mut controls = [0.0; MAX_CONTROLS];
    controls[0] = 0.01;
    let note = |track, key| Event {
        at: 0,
        off: u64::MAX / 2,
        track,
        pool: 1,
        key,
        seed: key,
        gain: 0.001,
        pan: 0.2,
        sends: [(0, 0.0); MAX_SENDS],
        cut: 0,
        controls,
    };
    let events = (0..tracks).flat_map(|track| (0..voices as u64).map(move |key| note(track, key))).collect();
    assert!(controller.send(Command::Load(Box::new(program))).is_ok());
    assert!(controller.send(Command::Play(Box::new(EventBatch { events }))).is_ok());
    let mut out = [0.0; 2 * GRID];
    for _ in 0..1000 {
        renderer.process(&[], &mut out);
        controller.collect();
        while controller.report().is_some() {}
    }
    (controller, renderer)
}

fn desks(c: &mut Criterion) {
    let mut group = c.benchmark_group("a block of");
    let mut bench = |name: &str, (controller, mut renderer): (Controller, Renderer)| {
        let mut out = [0.0; 2 * GRID];
        group.bench_function(name, |b| b.iter(|| renderer.process(&[], black_box(&mut out))));
        drop(controller);
    };
    bench("an empty desk", desk(0, 0, false));
    bench("128 idle tracks", desk(128, 0, false));
    bench("128 tracks whose inserts sound", desk(128, 0, true));
    bench("1 track with 8 voices", desk(1, 8, false));
    bench("1 track with 72 voices", desk(1, 72, false));
    bench("16 tracks with inserts and 8 voices each", desk(16, 8, true));
    let (mut operation, mut arena) = (voice(), [[[0.0]; GRID]; 1]);
    group.bench_function("such a voice's schedule alone", |b| b.iter(|| operation.run(black_box(&mut arena), 0, GRID)));
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = desks
}
criterion_main!(all);

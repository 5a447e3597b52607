//! What playing costs: a voice, an idle desk, a busy one. Prints nanoseconds per block of 64 frames and shares of real time.

use std::hint::black_box;
use std::time::{Duration, Instant};

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

/// Nanoseconds per block: the best of many short takes, as the machine is shared.
fn measure((controller, mut renderer): (Controller, Renderer)) -> f64 {
    let mut out = [0.0; 2 * GRID];
    let mut best = Duration::MAX;
    for _ in 0..40 {
        let begun = Instant::now();
        for _ in 0..500 {
            renderer.process(&[], black_box(&mut out));
        }
        best = best.min(begun.elapsed() / 500);
    }
    drop(controller);
    best.as_nanos() as f64
}

fn main() {
    let real_time = GRID as f64 / 48_000.0 * 1e9;
    let tell = |what: &str, nanos: f64| println!("{what:<44} {nanos:>9.0} ns {:>7.3} %", nanos / real_time * 100.0);
    let empty = measure(desk(0, 0, false));
    let idle = measure(desk(128, 0, false));
    let chains = measure(desk(128, 0, true));
    let eight = measure(desk(1, 8, false));
    let many = measure(desk(1, 72, false));
    let spread = measure(desk(16, 8, true));
    let mut operation = voice();
    let mut arena = [[[0.0]; GRID]; 1];
    let begun = Instant::now();
    (0..100_000).for_each(|_| operation.run(black_box(&mut arena), 0, GRID));
    let alone = begun.elapsed().as_nanos() as f64 / 100_000.0;
    tell("an empty desk", empty);
    tell("128 idle tracks", idle);
    tell("128 tracks whose inserts sound", chains);
    tell("a voice's schedule alone", alone);
    tell("a voice on the desk", (many - eight) / 64.0);
    tell("128 voices on 16 tracks with inserts", spread);
    println!("the desk adds {:.2} times the schedule to a voice", ((many - eight) / 64.0 - alone) / alone);
}

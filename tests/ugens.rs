//! Every row of the table passes the same tests: nothing that stands there may depend on luck.

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use fundsp::prelude::AudioUnit;
use segue::engine::schedule::{Buffer, Step};
use segue::engine::{Cell, GRID, Schedule, Wire};
use segue::graph::ugens::Build;
use segue::graph::ugens::unit::Node;
use segue::graph::{Param, Rate, Row, row, rows};

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

const RATE: f64 = 48_000.0;

/// A value at which a parameter does something.
fn usual(param: &Param) -> f32 {
    param.default.unwrap_or(match (param.unit, param.name) {
        ("Hz", _) => 440.0,
        (_, "time") => 0.01,
        (_, "factor") => 7.0,
        (_, "bits") => 5.0,
        (_, "from") => 0.2,
        (_, "to" | "key" | "gate" | "place") => 0.7,
        (_, "low") => -0.4,
        (_, "high") => 0.4,
        ("dB", _) => -3.0,
        ("per second", _) => 500.0,
        ("semitones", _) => 5.0,
        _ => (param.low + 0.4 * (param.high - param.low)).clamp(-2.0, 2.0),
    })
}

fn signals(row: &Row) -> impl Iterator<Item = &'static Param> {
    row.params.iter().filter(|p| p.rate == Rate::Signal)
}

/// A row alone in a schedule: its audio inputs, then its parameters, as buffers.
struct Rig {
    row: &'static Row,
    schedule: Schedule<1>,
    arena: Vec<Buffer<1>>,
    frame: usize,
}

impl Rig {
    fn new(row: &'static Row) -> Self {
        let numbers: Vec<f32> = row.params.iter().filter(|p| p.rate == Rate::Build).map(usual).collect();
        let operation = (row.make.one)(&Build { rate: RATE, values: &numbers });
        let inputs = row.inputs + signals(row).count();
        let step = Step {
            operation,
            path: 1,
            inputs: (0..inputs as u16).map(Wire::Buffer).collect(),
            outputs: (0..row.outputs).map(|k| (inputs + k) as u16).collect(),
        };
        let outputs = (0..row.outputs).map(|k| Wire::Buffer((inputs + k) as u16)).collect();
        let schedule = Schedule::new(vec![step], Vec::<Cell<1>>::new(), inputs, outputs);
        let arena = vec![[[0.0]; GRID]; schedule.scratch()];
        Rig { row, schedule, arena, frame: 0 }
    }

    /// What comes in at a frame: a gate for envelopes, a rough tone for the rest.
    fn input(&self, k: usize, frame: usize) -> f32 {
        if self.row.category == "envelopes" || self.row.name == "pluck" {
            return if frame % 9000 < 5000 { 1.0 } else { 0.0 };
        }
        let chance = (frame as u32 + 77 * k as u32).wrapping_mul(2_654_435_761).rotate_left(13).wrapping_mul(40_503);
        let noise = chance as f32 / u32::MAX as f32 - 0.5;
        (frame as f32 * 0.03 * (k + 1) as f32).sin() * 0.6 + 0.3 * noise
    }

    /// One block in pieces that end at `cuts`; parameters as `value` says, by place and frame.
    fn block(&mut self, cuts: &[usize], value: &dyn Fn(usize, usize) -> f32, heard: &mut Vec<u32>) {
        for i in 0..GRID {
            for k in 0..self.row.inputs {
                self.arena[k][i][0] = self.input(k, self.frame + i);
            }
            for k in self.row.inputs..self.schedule.inputs() {
                self.arena[k][i][0] = value(k - self.row.inputs, self.frame + i);
            }
        }
        let mut from = 0;
        for to in cuts.iter().copied().chain([GRID]) {
            self.schedule.run(&mut self.arena, from, to);
            from = to;
        }
        for k in 0..self.row.outputs {
            heard.extend(self.schedule.output(&self.arena, k).iter().map(|[y]| y.to_bits()));
        }
        self.frame += GRID;
    }

    fn run(&mut self, blocks: usize, value: &dyn Fn(usize, usize) -> f32) -> Vec<u32> {
        let mut heard = Vec::with_capacity(blocks * GRID * self.row.outputs);
        for _ in 0..blocks {
            self.block(&[], value, &mut heard);
        }
        heard
    }

    fn usual(&self) -> impl Fn(usize, usize) -> f32 + use<> {
        let values: Vec<f32> = signals(self.row).map(usual).collect();
        move |k, _| values[k]
    }

    /// Parameters that move between their usual value and a little more.
    fn moving(&self) -> impl Fn(usize, usize) -> f32 + use<> {
        let values: Vec<f32> = signals(self.row).map(usual).collect();
        move |k, frame| values[k] * (1.0 + 0.2 * (frame as f32 * 0.001 * (k + 1) as f32).sin())
    }

    fn fork(&self) -> Rig {
        let schedule = self.schedule.duplicate();
        Rig { row: self.row, schedule, arena: vec![[[0.0]; GRID]; self.arena.len()], frame: self.frame }
    }
}

fn sound(heard: &[u32]) -> impl Iterator<Item = f32> + '_ {
    heard.iter().map(|bits| f32::from_bits(*bits))
}

#[test]
fn a_row_sounds_the_same_however_the_stream_is_cut() {
    for row in rows() {
        let mut whole = Rig::new(row);
        let moving = whole.moving();
        let expected = whole.run(150, &moving);
        let mut cut = Rig::new(row);
        let mut heard = vec![];
        for n in 0..150 {
            let cuts: &[usize] = match n % 5 {
                0 => &[17],
                1 => &[1, 2, 3, 63],
                2 => &[],
                3 => &[5, 13, 31, 40],
                _ => &[32],
            };
            cut.block(cuts, &moving, &mut heard);
        }
        assert!(heard == expected, "{} depends on how the stream is cut", row.name);
    }
}

#[test]
fn duplicates_of_a_row_are_independent() {
    for row in rows() {
        let (mut first, mut plain) = (Rig::new(row), Rig::new(row));
        let usual = first.usual();
        assert_eq!(first.run(40, &usual), plain.run(40, &usual), "{} is not twice the same", row.name);
        let mut second = first.fork();
        let mut third = first.fork();
        third.frame += 12_345;
        third.run(50, &usual);
        third.schedule.reset(3);
        let expected = plain.run(100, &usual);
        assert!(first.run(100, &usual) == expected, "{} was moved by its duplicate", row.name);
        assert!(second.run(100, &usual) == expected, "the duplicate of {} is not in its state", row.name);
    }
}

#[test]
fn a_row_is_as_new_after_reset() {
    for row in rows() {
        let mut fresh = Rig::new(row);
        let mut used = Rig::new(row);
        let usual = fresh.usual();
        used.run(150, &used.moving());
        used.frame = 0;
        fresh.schedule.reset(7);
        used.schedule.reset(7);
        assert!(fresh.run(150, &usual) == used.run(150, &usual), "{} remembers after reset", row.name);
    }
}

#[test]
fn a_row_allocates_nothing_while_it_plays() {
    for row in rows() {
        let mut first = Rig::new(row);
        let (usual, moving) = (first.usual(), first.moving());
        let mut rig = first.fork();
        first.run(1, &usual);
        let mut heard = Vec::with_capacity(100 * GRID * row.outputs);
        reset_violation_count();
        assert_no_alloc(|| {
            for n in 0..50 {
                rig.block(&[20], if n < 25 { &usual } else { &moving }, &mut heard);
            }
            rig.schedule.reset(5);
            rig.block(&[], &usual, &mut heard);
        });
        assert_eq!(violation_count(), 0, "{} allocates on the audio thread", row.name);
    }
}

#[test]
fn a_row_sounds_from_the_first_frames_on() {
    for row in rows() {
        let mut rig = Rig::new(row);
        let heard = rig.run(150, &rig.usual());
        assert!(sound(&heard).all(f32::is_finite), "{} is not a number", row.name);
        let peak = sound(&heard).fold(0.0, |peak: f32, y| peak.max(y.abs()));
        assert!(peak > 1e-3, "{} is silent", row.name);
        if row.category == "envelopes" {
            let begin = sound(&heard[..GRID]).fold(0.0, |peak: f32, y| peak.max(y.abs()));
            assert!(begin > 0.01, "{} does not open with a gate that is high at frame 0", row.name);
        }
    }
}

/// Parameters far outside of what is allowed.
fn extremes(param: &Param) -> [f32; 6] {
    let width = (param.high - param.low).min(1e6);
    [param.low, param.high, param.low - width, param.high + 10.0 * width, f32::NEG_INFINITY, f32::INFINITY]
}

#[test]
fn no_parameter_makes_a_row_blow_up() {
    for row in rows().iter().filter(|r| r.category != "arithmetic") {
        for (place, param) in signals(row).enumerate() {
            let plain = matches!(row.name, "line" | "xline" | "sweep") && param.name != "time";
            for extreme in extremes(param).into_iter().filter(|_| !plain) {
                let mut rig = Rig::new(row);
                let usual = rig.usual();
                let heard = rig.run(80, &|k, frame| if k == place { extreme } else { usual(k, frame) });
                let peak =
                    sound(&heard).fold(0.0, |peak: f32, y| if y.is_finite() { peak.max(y.abs()) } else { f32::NAN });
                assert!(peak < 1e4, "{} at {} {extreme} reaches {peak}", row.name, param.name);
            }
        }
    }
}

#[test]
fn a_row_that_heard_not_a_number_recovers_with_reset() {
    for row in rows() {
        let mut fresh = Rig::new(row);
        let usual = fresh.usual();
        fresh.schedule.reset(7);
        let expected = fresh.run(60, &usual);
        for place in 0..signals(row).count() {
            let mut rig = Rig::new(row);
            rig.run(20, &|k, frame| if k == place { f32::NAN } else { usual(k, frame) });
            rig.frame = 0;
            rig.schedule.reset(7);
            let heard = rig.run(60, &usual);
            assert!(heard == expected, "{} does not recover from its parameter {place}", row.name);
        }
    }
}

#[test]
fn every_row_says_what_it_is_and_how_it_sounds() {
    assert!(rows().len() >= 60, "found {}", rows().len());
    for row in rows() {
        assert!(row.doc.ends_with(['.', ')']), "{}: a doc is a sentence", row.name);
        let words = row.aliases.iter().chain([&row.name]);
        let shown = words.map(|w| format!("{w}(")).any(|w| row.example.contains(&w)) || row.name == "neg";
        assert!(shown, "{}: its example does not show it", row.name);
        for param in row.params {
            assert!(param.low < param.high, "{} of {}: no range", param.name, row.name);
            let inside = param.default.is_none_or(|d| (param.low..=param.high).contains(&d));
            assert!(inside, "{} of {}: default outside of its range", param.name, row.name);
        }
    }
}

#[test]
fn the_guard_against_allocation_is_awake() {
    reset_violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![1.0; 100])));
    assert!(violation_count() > 0);
}

/// A fundsp node, fed as a rig feeds its row.
fn reference(name: &str, mut unit: Box<dyn AudioUnit>, blocks: usize) -> (Vec<f32>, Vec<f32>) {
    let mut rig = Rig::new(row(name).unwrap());
    let usual = rig.usual();
    let ours = sound(&rig.run(blocks, &usual)).collect();
    unit.set_sample_rate(RATE);
    unit.allocate();
    let inputs = unit.inputs();
    let mut theirs = vec![];
    for frame in 0..blocks * GRID {
        let at = |k| if k < rig.row.inputs { rig.input(k, frame) } else { usual(k - rig.row.inputs, frame) };
        let input: Vec<f32> = (0..inputs).map(at).collect();
        let mut output = [0.0; 2];
        unit.tick(&input, &mut output[..rig.row.outputs]);
        theirs.extend_from_slice(&output[..rig.row.outputs]);
    }
    (ours, theirs)
}

/// The difference of two sounds in dB under the second.
fn difference(ours: &[f32], theirs: &[f32]) -> f64 {
    let energy = |x: &mut dyn Iterator<Item = f32>| x.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let apart = energy(&mut ours.iter().zip(theirs).map(|(a, b)| a - b));
    10.0 * (apart / energy(&mut theirs.iter().copied())).log10()
}

#[test]
fn filters_sound_as_those_of_fundsp() {
    // Ours takes the gain of bells and shelves in dB, theirs as an amplitude.
    let amp = 10f32.powf(-3.0 / 20.0);
    let units: Vec<(&str, Box<dyn AudioUnit>)> = vec![
        ("lowpass", Box::new(fundsp::prelude32::lowpass())),
        ("highpass", Box::new(fundsp::prelude32::highpass())),
        ("notch", Box::new(fundsp::prelude32::notch())),
        ("peak", Box::new(fundsp::prelude32::peak())),
        ("allpass", Box::new(fundsp::prelude32::allpass())),
        ("bandpass", Box::new(fundsp::prelude32::bandpass())),
        ("bell", Box::new(fundsp::prelude32::bell_hz(440.0, 2.0, amp))),
        ("lowshelf", Box::new(fundsp::prelude32::lowshelf_hz(440.0, 2.0, amp))),
        ("highshelf", Box::new(fundsp::prelude32::highshelf_hz(440.0, 2.0, amp))),
    ];
    for (name, unit) in units {
        let (ours, theirs) = reference(name, unit, 100);
        let found = difference(&ours, &theirs);
        assert!(found < -70.0, "{name}: {found:.1} dB");
    }
}

#[test]
fn a_sine_is_that_of_fundsp() {
    let (ours, theirs) =
        reference("sine", Box::new(fundsp::prelude64::An(fundsp::oscillator::Sine::<f64>::with_phase(0.0))), 100);
    let found = difference(&ours, &theirs);
    assert!(found < -80.0, "{found:.1} dB");
}

#[test]
fn a_shift_moves_upwards_and_downwards_as_its_sign_says() {
    for by in [150.0f32, -150.0] {
        let mut rig = Rig::new(row("shift").unwrap());
        let mut heard = Vec::new();
        for block in 0..750 {
            for i in 0..GRID {
                let frame = (block * GRID + i) as f64;
                rig.arena[0][i][0] = (frame * 1000.0 / RATE * std::f64::consts::TAU).sin() as f32;
                rig.arena[1][i][0] = by;
            }
            rig.schedule.run(&mut rig.arena, 0, GRID);
            heard.extend(rig.schedule.output(&rig.arena, 0).iter().map(|[y]| f64::from(*y)));
        }
        let level = |freq: f64| {
            let turns =
                heard[24_000..].iter().enumerate().map(|(i, y)| (y, i as f64 * freq / RATE * std::f64::consts::TAU));
            let (re, im) = turns.fold((0.0, 0.0), |(re, im), (y, turn)| (re + y * turn.cos(), im + y * turn.sin()));
            f64::hypot(re, im) / 12_000.0
        };
        let (there, mirrored, old) = (level(1000.0 + f64::from(by)), level(1000.0 - f64::from(by)), level(1000.0));
        assert!(there > 0.9 && mirrored < 0.01 && old < 0.01, "by {by}: {there:.3} {mirrored:.4} {old:.4}");
    }
}

#[test]
fn a_row_can_stand_in_a_graph_of_fundsp() {
    let row = row("lowpass").unwrap();
    let node = Node::new((row.make.one)(&Build { rate: RATE, values: &[] }), 3, 1);
    let mut graph: Box<dyn AudioUnit> = Box::new(
        (fundsp::prelude32::sine_hz(440.0) | fundsp::prelude32::dc((300.0, 0.7)))
            >> fundsp::prelude32::unit::<fundsp::prelude::U3, fundsp::prelude::U1>(Box::new(node)),
    );
    graph.set_sample_rate(RATE);
    let peak = (0..4800).map(|_| graph.get_mono().abs()).fold(0.0, f32::max);
    // |H| of the filter at 440 Hz: 0.42.
    assert!((0.3..0.6).contains(&peak), "found {peak}");
}

/// Energy of what lies beside the harmonics of `freq` and below 20 kHz, in dB under the harmonics.
fn alias(name: &str, numbers: &[f32]) -> f64 {
    let row = row(name).unwrap();
    let mut rig = Rig::new(row);
    let values = numbers.to_vec();
    let heard = rig.run(400, &move |k, _| values[k]);
    let freq = f64::from(numbers[0]);
    // A tenth of a second under a window (Blackman and Harris) whose lobes are below what is measured.
    let x: Vec<f64> = sound(&heard).skip(1600).take(4800).map(f64::from).collect();
    let n = x.len() as f64;
    let window = |t: f64| 0.358_75 - 0.488_29 * t.cos() + 0.141_28 * (2.0 * t).cos() - 0.011_68 * (3.0 * t).cos();
    let x: Vec<f64> = x.iter().enumerate().map(|(i, x)| x * window(std::f64::consts::TAU * i as f64 / n)).collect();
    let (mut tone, mut rest) = (0.0, 0.0);
    for bin in 10..2000 {
        let hz = bin as f64 * RATE / n;
        let (mut re, mut im) = (0.0, 0.0);
        for (i, x) in x.iter().enumerate() {
            let (sin, cos) = (std::f64::consts::TAU * (i * bin % 4800) as f64 / n).sin_cos();
            re += x * cos;
            im += x * sin;
        }
        let power = re * re + im * im;
        if (hz / freq - (hz / freq).round()).abs() * freq < 55.0 { tone += power } else { rest += power }
    }
    10.0 * (rest / tone).log10()
}

#[test]
fn corners_fold_back_less_than_80_db_at_5_khz() {
    for (name, numbers) in
        [("saw", vec![5010.0]), ("square", vec![5010.0]), ("tri", vec![5010.0]), ("pulse", vec![3010.0, 0.2])]
    {
        let found = alias(name, &numbers);
        println!("{name} at {} Hz: {found:.1} dB", numbers[0]);
        assert!(found < -80.0, "{name} at {} Hz: {found:.1} dB", numbers[0]);
    }
}

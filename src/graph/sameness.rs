//! Sameness, as tests: how many voices are computed side by side, and how wide the processor is, is not heard.
//!
//! Sixteen voices come and go at frames of their own, each with numbers and sounds of its own: one by one, in groups, and in
//! groups twice as large.

use std::sync::Mutex;

use super::synth::Control;
use super::ugens::{Build, Param, Rate, Row, Width, rows};
use super::{Signal, SynthDef, lower_voices};
use crate::engine::processor::{self, Registers};
use crate::engine::schedule::{Buffer, Step, mix};
use crate::engine::{Cell, GRID, LANES, MOST_LANES, Schedule, Wire};

const RATE: f64 = 48_000.0;
const VOICES: usize = MOST_LANES;
const BLOCKS: usize = 24;

/// Tests that say how wide the processor is wait for each other.
static WIDTH: Mutex<()> = Mutex::new(());

/// −1 … 1, by what is asked.
fn chance(what: u64) -> f32 {
    (mix(what, 0x1a4e) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// When a voice begins and when nobody listens to it any more, in frames.
fn life(voice: usize) -> (usize, usize) {
    let begin = (voice * 37) % 200;
    let end = if voice % 5 == 2 { begin + 700 + voice * 11 } else { usize::MAX };
    (begin, end)
}

/// What a group does: its schedule, and what voice `v` does at its begin and before every block.
struct Act<'a, const L: usize> {
    schedule: Schedule<L>,
    begin: &'a dyn Fn(&mut Schedule<L>, usize, usize),
    block: &'a dyn Fn(&mut Schedule<L>, usize, usize, usize),
    /// Input of a voice: which, channel, frame.
    input: &'a dyn Fn(usize, usize, usize) -> f32,
}

/// What every voice from `first` on sounds like while it lives.
fn heard<const L: usize>(first: usize, act: Act<L>) -> Vec<Vec<u32>> {
    let Act { mut schedule, begin, block, input } = act;
    let mut arena: Vec<Buffer<L>> = vec![[[f32::NAN; L]; GRID]; schedule.scratch().max(schedule.inputs()).max(1)];
    let mut heard = vec![[vec![], vec![]]; L];
    let mut sounding = 0;
    for n in 0..BLOCKS {
        let from_frame = n * GRID;
        for (k, buffer) in arena.iter_mut().enumerate().take(schedule.inputs()) {
            for (i, frame) in buffer.iter_mut().enumerate() {
                for (l, x) in frame.iter_mut().enumerate() {
                    *x = input(first + l, k, from_frame + i);
                }
            }
        }
        // Begins at their own frames; ends, of which nothing is heard, at the block's line.
        let mut cuts: Vec<(usize, usize)> = vec![];
        for l in 0..L {
            let (on, off) = life(first + l);
            if (from_frame..from_frame + GRID).contains(&on) {
                cuts.push((on - from_frame, l));
            }
            if off <= from_frame {
                sounding &= !(1 << l);
            }
            if sounding >> l & 1 == 1 {
                block(&mut schedule, l, first + l, n);
            }
        }
        cuts.sort_unstable();
        let mut from = 0;
        for (to, lane) in cuts.into_iter().chain([(GRID, L)]) {
            if to > from && sounding != 0 {
                schedule.run_lanes(&mut arena, from, to, sounding);
                for k in 0..schedule.outputs() {
                    let output = &schedule.output(&arena, k)[from..to];
                    for (l, heard) in heard.iter_mut().enumerate().filter(|(l, _)| sounding >> l & 1 == 1) {
                        heard[k].extend(output.iter().map(|frame| frame[l].to_bits()));
                    }
                }
            }
            from = to;
            if lane < L {
                begin(&mut schedule, lane, first + lane);
                sounding |= 1 << lane;
            }
        }
    }
    heard.into_iter().map(|sides| sides.concat()).collect()
}

fn all<const L: usize>(act: &dyn Fn() -> Act<'static, L>) -> Vec<Vec<u32>> {
    (0..VOICES / L).flat_map(|group| heard(group * L, act())).collect()
}

/// A row alone: its audio inputs as buffers, its parameters as cells or as buffers.
fn solo<const L: usize>(row: &'static Row, moving: bool) -> Act<'static, L>
where
    Row: Width<L>,
{
    let of = |rate: Rate| row.params.iter().filter(move |p| p.rate == rate);
    let numbers: Vec<f32> = of(Rate::Build).map(usual).collect();
    let signals: Vec<&Param> = of(Rate::Signal).collect();
    let inputs = row.inputs + if moving { signals.len() } else { 0 };
    let wire = |k: usize| if k < inputs { Wire::Buffer(k as u16) } else { Wire::Cell((k - inputs) as u16) };
    let step = Step {
        operation: row.build(&Build { rate: RATE, values: &numbers }),
        path: 7,
        inputs: (0..row.inputs + signals.len()).map(wire).collect(),
        outputs: (0..row.outputs).map(|k| (inputs + k) as u16).collect(),
    };
    let outputs = (0..row.outputs).map(|k| Wire::Buffer((inputs + k) as u16)).collect();
    let cells = signals.iter().map(|p| Cell::new(usual(p))).collect();
    let schedule = Schedule::new(vec![step], cells, inputs, outputs);
    let values: &'static [f32] = signals.iter().map(|p| usual(p)).collect::<Vec<_>>().leak();
    let audio = row.inputs;
    let gate = row.category == "envelopes" || row.name == "pluck";
    Act {
        schedule,
        begin: Box::leak(Box::new(move |schedule: &mut Schedule<L>, lane, voice| {
            schedule.reset_lane(lane, voice as u64);
            for (k, value) in values.iter().enumerate().take(schedule.cells()) {
                schedule.cell(k).set(lane, value * (1.0 + 0.2 * chance((voice * 8 + k) as u64)));
            }
        })),
        block: Box::leak(Box::new(move |schedule: &mut Schedule<L>, lane, voice, block| {
            if block == 12 && voice % 3 == 0 {
                for (k, value) in values.iter().enumerate().take(schedule.cells()) {
                    schedule.cell(k).ramp(lane, *value, 100 + voice as u32);
                }
            }
        })),
        input: Box::leak(Box::new(move |voice, k, frame| {
            if k >= audio {
                return values[k - audio] * (1.0 + 0.2 * ((frame + 50 * voice) as f32 * 0.003).sin());
            }
            if gate {
                return f32::from((frame + 31 * voice) % 900 < 500);
            }
            let tone = ((frame * (voice + 3)) as f32 * 0.01).sin();
            // One voice is no number for a while; it is not compared, and the others do not hear it.
            if voice == 5 && (300..310).contains(&frame) { f32::NAN } else { 0.6 * tone + 0.3 * chance(frame as u64) }
        })),
    }
}

/// A value at which a parameter does something.
fn usual(param: &Param) -> f32 {
    let middle = (param.low + 0.4 * (param.high - param.low)).clamp(-2.0, 2.0);
    let missing = match (param.unit, param.name) {
        ("Hz", _) => 440.0,
        ("per second", _) => 2000.0,
        (_, "time") => 0.01,
        (_, "gate" | "key" | "to" | "place") => 0.7,
        _ => middle,
    };
    param.default.unwrap_or(missing).clamp(param.low, param.high)
}

/// Compares one by one with groups, in registers of every width there is.
fn same(what: &str, one: Vec<Vec<u32>>, groups: &dyn Fn() -> [Vec<Vec<u32>>; 2], leave: Option<usize>) {
    for registers in Registers::ALL {
        processor::at_most(registers);
        for (many, found) in groups().into_iter().enumerate() {
            for (voice, (alone, together)) in one.iter().zip(&found).enumerate() {
                if Some(voice) != leave {
                    let apart = alone.iter().zip(together).position(|(a, b)| a != b);
                    let many = (many + 1) * LANES;
                    assert_eq!(apart, None, "{what}: voice {voice} of {many}, {registers:?}");
                    assert_eq!(alone.len(), together.len());
                }
            }
        }
    }
}

#[test]
fn every_row_sounds_the_same_one_by_one_and_side_by_side_on_any_processor() {
    let _turn = WIDTH.lock();
    let mut silent = vec![];
    for row in rows() {
        for moving in [false, true] {
            let one = all(&|| solo::<1>(row, moving));
            // A hall answers later than this listens.
            if row.name != "hall" && one.iter().flatten().all(|bits| f32::from_bits(*bits) == 0.0) {
                silent.push(row.name);
            }
            let groups = || [all(&|| solo::<LANES>(row, moving)), all(&|| solo::<MOST_LANES>(row, moving))];
            same(row.name, one, &groups, (row.inputs > 0).then_some(5));
        }
    }
    assert_eq!(silent, [""; 0], "what is silent proves nothing");
}

/// Two steps of a row, each with sounds and numbers of its own, that play as one or one after the other.
fn two<const L: usize>(row: &'static Row, joined: bool) -> Vec<u32>
where
    Row: Width<L>,
{
    let of = |rate: Rate| row.params.iter().filter(move |p| p.rate == rate);
    let numbers: Vec<f32> = of(Rate::Build).map(usual).collect();
    let usual: Vec<f32> = of(Rate::Signal).map(usual).collect();
    let (sounds, outputs) = (row.inputs as u16, row.outputs as u16);
    let step = |n: u16| Step {
        operation: row.build(&Build { rate: RATE, values: &numbers }),
        path: u64::from(n),
        inputs: (0..sounds)
            .map(|k| Wire::Buffer(n * sounds + k))
            .chain((0..usual.len() as u16).map(|k| Wire::Cell(n * usual.len() as u16 + k)))
            .collect(),
        outputs: (0..outputs).map(|k| 2 * sounds + n * outputs + k).collect(),
    };
    let cells = (0..2).flat_map(|n| usual.iter().map(move |x| Cell::new(x * (1.0 + 0.1 * n as f32))));
    let heard = (0..2 * outputs).map(|k| Wire::Buffer(2 * sounds + k)).collect();
    let mut schedule = Schedule::new(vec![step(0), step(1)], cells.collect(), 2 * row.inputs, heard);
    if joined {
        assert_eq!(schedule.join([0]), 1);
    }
    schedule.reset(3);
    let mut arena: Vec<Buffer<L>> = vec![[[0.0; L]; GRID]; schedule.scratch().max(1)];
    let mut bits = vec![];
    for block in 0..BLOCKS {
        for (k, buffer) in arena.iter_mut().take(2 * row.inputs).enumerate() {
            for (i, x) in buffer.as_flattened_mut().iter_mut().enumerate() {
                *x = 0.8 * chance((block * 8192 + k * 4096 + i) as u64);
            }
        }
        if block == 12 && !usual.is_empty() {
            (0..L).for_each(|lane| schedule.cell(0).ramp(lane, usual[0] * 0.7, 100));
        }
        for (from, to) in [(0, 21), (21, GRID)] {
            schedule.run(&mut arena, from, to);
            for k in 0..schedule.outputs() {
                bits.extend(schedule.output(&arena, k)[from..to].as_flattened().iter().map(|x| x.to_bits()));
            }
        }
    }
    bits
}

#[test]
fn two_of_a_kind_sound_the_same_as_one_and_one_after_the_other() {
    let _turn = WIDTH.lock();
    for row in rows() {
        assert!(two::<1>(row, true) == two::<1>(row, false), "{}", row.name);
        assert!(two::<LANES>(row, true) == two::<LANES>(row, false), "{} in lanes", row.name);
    }
}

/// Draws instruments at random.
struct Draw(u64);

impl Draw {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = mix(self.0, 1);
        (self.0 % sides as u64) as usize
    }

    fn pick(&mut self, fits: impl Fn(&Row) -> bool) -> &'static Row {
        let fitting: Vec<&'static Row> = rows().iter().filter(|row| fits(row)).collect();
        fitting[self.roll(fitting.len())]
    }

    fn number(&mut self, param: &Param) -> Signal {
        let value = usual(param) * (0.8 + 0.1 * self.roll(5) as f32);
        Signal::constant(value.clamp(param.low, param.high))
    }

    fn arguments(&mut self, row: &Row, depth: usize) -> Vec<Signal> {
        let mut arguments = vec![];
        for param in row.params {
            let number = self.number(param);
            let found = match (param.rate, self.roll(4)) {
                (Rate::Build, _) => None,
                (_, 0) if param.unit == "Hz" => Some(Signal::control("freq")),
                (_, 1) if depth > 0 => {
                    let (low, high) = (number.clone(), Signal::constant(usual(param)));
                    self.sound(depth - 1).range(&low, &high).ok().filter(|signal| signal.outputs() == 1)
                }
                (_, 2) => number.mul(&Signal::control("colour")).ok(),
                _ => None,
            };
            arguments.push(found.unwrap_or(number));
        }
        arguments
    }

    /// Something that sounds by itself.
    fn sound(&mut self, depth: usize) -> Signal {
        let tone = |draw: &mut Draw| {
            let row = draw.pick(|row| row.inputs == 0);
            Signal::ugen(row, &draw.arguments(row, depth)).expect("a row takes its parameters")
        };
        if depth == 0 {
            return tone(self);
        }
        let inner = self.sound(depth - 1);
        let made = match self.roll(6) {
            0 => inner.add(&self.sound(depth - 1)),
            1 => inner.mul(&self.sound(depth - 1)),
            2 => {
                let row = self.pick(|row| row.category == "envelopes" && row.inputs == 1);
                let envelope =
                    Signal::ugen(row, &self.arguments(row, 0)).and_then(|e| Signal::control("gate").pipe(&e));
                envelope.and_then(|envelope| inner.mul(&envelope))
            }
            3 => {
                let row = self.pick(|row| row.inputs == 1 && row.category == "filters");
                let round = Signal::ugen(row, &self.arguments(row, 0)).and_then(|f| f.mul(&Signal::constant(0.4)));
                round.and_then(|round| round.feedback()).and_then(|round| inner.pipe(&round))
            }
            _ => {
                let row = self.pick(|row| row.inputs == 1);
                Signal::ugen(row, &self.arguments(row, depth - 1)).and_then(|effect| inner.pipe(&effect))
            }
        };
        made.unwrap_or(inner)
    }

    fn instrument(&mut self) -> SynthDef {
        let control = |name: &str, default, low, high| Control { name: name.into(), default, low, high, unit: "" };
        let controls = vec![
            control("freq", 220.0, 20.0, 2000.0),
            control("gate", 0.0, 0.0, 1.0),
            control("colour", 1.0, 0.0, 2.0),
        ];
        let depth = 1 + self.roll(4);
        SynthDef { name: "drawn".into(), controls, body: self.sound(depth), doc: "".into() }
    }
}

/// An instrument: every voice with its pitch, its colour that may move, and a gate that closes.
fn played<const L: usize>(def: &SynthDef) -> Option<Act<'static, L>>
where
    Row: Width<L>,
{
    let schedule = lower_voices::<L>(def, RATE).ok()?.schedule;
    Some(Act {
        schedule,
        begin: &|schedule, lane, voice| {
            schedule.reset_lane(lane, voice as u64 + 99);
            for (k, value) in [110.0 * (1.0 + voice as f32 / 7.0), 1.0, 1.0].into_iter().enumerate() {
                schedule.cell(k).set(lane, value);
            }
        },
        block: &|schedule, lane, voice, block| {
            if block == 6 + voice % 4 {
                schedule.cell(1).edge(lane, (voice * 13) % GRID, 0.0);
            }
            if block == 9 && voice % 3 == 1 {
                schedule.cell(2).ramp(lane, 0.7, 333);
            }
        },
        input: &|_, _, _| 0.0,
    })
}

#[test]
fn instruments_drawn_at_random_sound_the_same_one_by_one_and_side_by_side_on_any_processor() {
    let _turn = WIDTH.lock();
    let drawn = if std::env::var_os("SEGUE_LONG").is_some() { 5000 } else { 500 };
    let mut played_at_all = 0;
    for seed in 0..drawn {
        let def = Draw(seed).instrument();
        if played::<1>(&def).is_none() {
            continue;
        }
        played_at_all += 1;
        let one = all(&|| played::<1>(&def).expect("it was lowered before"));
        let groups = || {
            let expected = "it was lowered for one voice";
            [all(&|| played::<LANES>(&def).expect(expected)), all(&|| played::<MOST_LANES>(&def).expect(expected))]
        };
        same(&format!("instrument {seed}"), one, &groups, None);
    }
    assert!(played_at_all * 10 > drawn * 7, "only {played_at_all} of {drawn} could be played");
}

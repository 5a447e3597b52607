//! Lowering: from a signal or an instrument to a schedule.

use std::sync::Arc;

use super::draft::{Body, Draft, Level, Source, draft};
use super::ugens::{self, Build, Feedback};
use super::{GraphError, Signal, SynthDef};
use crate::engine::schedule::Step;
use crate::engine::{Cell, Operation, Schedule, Wire};

/// Scratch buffers a schedule may need; what `Config` gives by default.
const MAX_SCRATCH: usize = 1024;
/// Frames of memory (delay lines and their like) one schedule may hold: ten minutes at 48 kHz, 115 MB.
const MAX_MEMORY: usize = 48_000 * 600;

/// A schedule and what its cells mean.
pub struct Lowered {
    pub schedule: Schedule<1>,
    /// Names of the control cells, in the order of the schedule's first cells.
    pub controls: Vec<Arc<str>>,
}

/// One voice of an instrument: control cells in the order of `def.controls`, one or two outputs.
pub fn lower_voice(def: &SynthDef, rate: f64) -> Result<Lowered, GraphError> {
    sounding(&def.body)?;
    let controls: Vec<_> = def.controls.iter().map(|c| c.name.clone()).collect();
    let defaults: Vec<_> = def.controls.iter().map(|c| c.default).collect();
    let draft = draft(&def.body, &def.name, 0, controls)?;
    if let Some(name) = draft.controls.get(defaults.len()) {
        let message = format!("{} uses {name}, which is none of its controls", def.name);
        return Err(GraphError::new(message, format!("synth {} = |freq, gate, {name}| …", def.name)));
    }
    build(draft, &defaults, rate)
}

/// A chain of inserts, a bus or the master: two inputs, two outputs. `owner` is part of every operation's identity.
pub fn lower_insert(chain: &Signal, owner: &str, rate: f64) -> Result<Lowered, GraphError> {
    if chain.closed() {
        let message = "a chain must process what is piped in, found a sound of its own";
        return Err(GraphError::new(message, "chorus(0.4) >> highpass(180)"));
    }
    let mut draft = draft(chain, owner, 2, vec![])?;
    stereo_at_most(&draft)?;
    if draft.level.outputs.len() == 1 {
        let mono = draft.level.outputs[0];
        draft.level.outputs.push(mono);
    }
    build(draft, &[], rate)
}

/// A signal that just sounds: no inputs, one or two outputs.
pub fn lower_signal(signal: &Signal, owner: &str, rate: f64) -> Result<Lowered, GraphError> {
    sounding(signal)?;
    let draft = draft(signal, owner, 0, vec![])?;
    stereo_at_most(&draft)?;
    build(draft, &[], rate)
}

fn sounding(signal: &Signal) -> Result<(), GraphError> {
    if signal.closed() {
        return Ok(());
    }
    let message = "this is a processor: it makes no sound until something is piped into it";
    Err(GraphError::new(message, "saw(110) >> lowpass(800)"))
}

fn stereo_at_most(draft: &Draft) -> Result<(), GraphError> {
    match draft.level.outputs.len() {
        0..=2 => Ok(()),
        n => Err(GraphError::new(
            format!("the most is stereo, found {n} channels"),
            "to_stereo() mixes many channels to two",
        )),
    }
}

fn build(draft: Draft, defaults: &[f32], rate: f64) -> Result<Lowered, GraphError> {
    stereo_at_most(&draft)?;
    let Draft { level, controls, constants } = draft;
    let numbers = (0..controls.len()).map(|k| defaults.get(k).copied().unwrap_or(0.0)).chain(constants);
    let cells: Vec<Cell<1>> = numbers.map(Cell::new).collect();
    let inputs = level.inputs;
    let mut memory = 0;
    let (steps, outputs) = arrange(&level, controls.len(), rate, &mut memory)?;
    let schedule = Schedule::new(steps, cells, inputs, outputs);
    if schedule.scratch() > MAX_SCRATCH {
        let message = format!("{} signals are under way at once here, the most is {MAX_SCRATCH}", schedule.scratch());
        return Err(GraphError::new(message, "add the parts up step by step"));
    }
    Ok(Lowered { schedule, controls })
}

/// Steps with buffers: each output takes a buffer nobody needs any more, once the step's own inputs are safe.
fn arrange(
    level: &Level,
    controls: usize,
    rate: f64,
    memory: &mut usize,
) -> Result<(Vec<Step<1>>, Vec<Wire>), GraphError> {
    let inputs = level.inputs + level.captured.len();
    let mut last = last_uses(level);
    let mut free: Vec<u16> = vec![];
    let mut next = inputs as u16;
    let mut places: Vec<u16> = (0..inputs as u16).collect();
    let wire = |places: &[u16], source: &Source| match source {
        Source::Input(k) => Wire::Buffer(places[*k]),
        Source::Output(k) => Wire::Buffer(places[inputs + k]),
        Source::Control(k) => Wire::Cell(*k as u16),
        Source::Constant(k) => Wire::Cell((controls + k) as u16),
    };
    let mut steps = vec![];
    for (index, step) in level.steps.iter().enumerate() {
        let wires: Box<[Wire]> = step.inputs.iter().map(|s| wire(&places, s)).collect();
        let outputs: Box<[u16]> = (0..step.outputs)
            .map(|_| {
                free.pop().unwrap_or_else(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        places.extend(&outputs);
        for source in step.inputs.iter().copied().chain((step.first..step.first + step.outputs).map(Source::Output)) {
            let Some(place) = slot(source, inputs) else { continue };
            if last[place] <= index {
                free.push(places[place]);
                last[place] = usize::MAX;
            }
        }
        let operation = operation(&step.body, rate, memory)?;
        steps.push(Step { operation, path: step.path, inputs: wires, outputs });
    }
    let outputs = level.outputs.iter().map(|s| wire(&places, s)).collect();
    Ok((steps, outputs))
}

/// Where a source stands in the list of inputs and outputs; none for cells.
fn slot(source: Source, inputs: usize) -> Option<usize> {
    match source {
        Source::Input(k) => Some(k),
        Source::Output(k) => Some(inputs + k),
        Source::Control(_) | Source::Constant(_) => None,
    }
}

/// For every input and output, the last step that hears it; outputs of the level are needed for ever.
fn last_uses(level: &Level) -> Vec<usize> {
    let inputs = level.inputs + level.captured.len();
    let outputs: usize = level.steps.iter().map(|s| s.outputs).sum();
    let mut last = vec![0; inputs + outputs];
    for (index, step) in level.steps.iter().enumerate() {
        for place in step.inputs.iter().filter_map(|s| slot(*s, inputs)) {
            last[place] = index;
        }
    }
    for place in level.outputs.iter().filter_map(|s| slot(*s, inputs)) {
        last[place] = usize::MAX;
    }
    last
}

fn operation(body: &Body, rate: f64, memory: &mut usize) -> Result<Box<dyn Operation<1>>, GraphError> {
    let operation = match body {
        Body::Row(name, values) => {
            let row = ugens::row(name).expect("a draft is made of rows");
            (row.build)(&Build { rate, values })
        }
        Body::Feedback(inside) => {
            let (steps, outputs) = arrange(inside, 0, rate, memory)?;
            let inputs = inside.inputs + inside.captured.len();
            Box::new(Feedback::new(Schedule::new(steps, vec![], inputs, outputs), inside.inputs))
        }
    };
    *memory += operation.tail();
    if *memory > MAX_MEMORY {
        let message = "this sound remembers more than ten minutes in all its delays";
        return Err(GraphError::new(message, "use fewer or shorter delays"));
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::GRID;
    use crate::graph::{Difference, difference, row};

    fn word(name: &str, arguments: &[Signal]) -> Signal {
        Signal::ugen(row(name).unwrap(), arguments).unwrap()
    }

    fn number(value: f32) -> Signal {
        Signal::constant(value)
    }

    /// The first frames of every output, `input` on all inputs.
    fn heard(lowered: &mut Lowered, input: f32) -> Vec<f32> {
        let schedule = &mut lowered.schedule;
        let mut arena = vec![[[input; 1]; GRID]; schedule.scratch().max(2)];
        schedule.run(&mut arena, 0, GRID);
        (0..schedule.outputs()).map(|k| schedule.output(&arena, k)[GRID - 1][0]).collect()
    }

    #[test]
    fn a_closed_signal_used_twice_is_one_step() {
        let tone = word("sin", &[Signal::control("x")]);
        let twice = tone.add(&tone).unwrap().stack(&tone).unwrap();
        let lowered = lower_signal(&twice, "t", 48_000.0).unwrap();
        assert_eq!(lowered.schedule.steps().len(), 2);
    }

    #[test]
    fn a_processor_is_made_anew_for_every_channel() {
        let chain = word("abs", &[]).pipe(&word("sqrt", &[])).unwrap();
        let mut lowered = lower_insert(&chain, "t", 48_000.0).unwrap();
        assert_eq!(lowered.schedule.steps().len(), 4);
        assert_eq!(heard(&mut lowered, -4.0), [2.0, 2.0]);
    }

    #[test]
    fn operators_calculate() {
        let x = Signal::control("x");
        let sum = x.add(&number(1.0)).unwrap().mul(&number(3.0)).unwrap().stack(&x.neg().unwrap()).unwrap();
        let mut lowered = lower_signal(&sum, "t", 48_000.0).unwrap();
        lowered.schedule.cell(0).set(0, 2.0);
        assert_eq!(heard(&mut lowered, 0.0), [9.0, -2.0]);
    }

    #[test]
    fn the_inner_effect_does_not_take_the_outer_input() {
        // outer(x) = (x / 10) >> inner(x), inner(y) = |in| in + y
        let inner = Signal::effect(1, &Signal::argument(1).add(&Signal::argument(0)).unwrap()).unwrap();
        let body = Signal::argument(0).div(&number(10.0)).unwrap().pipe(&inner).unwrap();
        let outer = Signal::effect(0, &body).unwrap();
        let mut lowered = lower_insert(&outer, "t", 48_000.0).unwrap();
        assert_eq!(heard(&mut lowered, 10.0), [11.0, 11.0]);
    }

    #[test]
    fn feedback_hears_itself_one_frame_late() {
        let half = word("mul", &[]).inputs();
        assert_eq!(half, 2);
        let decay = word("abs", &[]).mul(&Signal::control("amount")).unwrap().feedback().unwrap();
        let mut lowered = lower_insert(&decay, "t", 48_000.0).unwrap();
        lowered.schedule.cell(0).set(0, 0.5);
        let last = heard(&mut lowered, 1.0);
        assert!((last[0] - 1.0).abs() < 1e-6 && last[0] == last[1], "1/2 + 1/4 + … is 1, found {last:?}");
    }

    #[test]
    fn only_numbers_changed_is_a_retune_of_their_cells() {
        let chain = |low: f32| word("clamp", &[number(low), number(1.0)]);
        let found = difference(&chain(-0.5), &chain(-0.25));
        assert_eq!(found, Difference::Retune(vec![(0, -0.25)]));
        let mut lowered = lower_insert(&chain(-0.5), "t", 48_000.0).unwrap();
        lowered.schedule.cell(0).set(0, -0.25);
        assert_eq!(heard(&mut lowered, -3.0), [-0.25, -0.25]);
        assert_eq!(difference(&chain(1.0), &word("abs", &[])), Difference::Rebuild);
        assert_eq!(difference(&chain(1.0), &chain(1.0)), Difference::Same);
    }

    #[test]
    fn paths_stay_when_something_is_added_elsewhere() {
        let paths = |chain: &Signal| -> Vec<u64> {
            lower_insert(chain, "t", 48_000.0).unwrap().schedule.steps().iter().map(|s| s.path).collect()
        };
        let short = word("abs", &[]).pipe(&word("sqrt", &[])).unwrap();
        let long = word("floor", &[]).pipe(&short).unwrap().pipe(&word("cos", &[])).unwrap();
        let after = paths(&long);
        assert!(paths(&short).iter().all(|path| after.contains(path)));
    }

    #[test]
    fn more_than_stereo_is_refused_in_words() {
        let x = Signal::control("x");
        let three = x.stack(&x).unwrap().stack(&x).unwrap();
        let error = lower_signal(&three, "t", 48_000.0).err().unwrap();
        assert_eq!(error.message, "the most is stereo, found 3 channels");
    }

    #[test]
    fn an_instrument_has_only_its_own_controls() {
        let def = SynthDef { name: "beep".into(), controls: vec![], body: Signal::control("freq"), doc: "".into() };
        assert_eq!(lower_voice(&def, 48_000.0).err().unwrap().message, "beep uses freq, which is none of its controls");
    }
}

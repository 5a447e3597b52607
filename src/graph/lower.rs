//! Lowering: from a signal or an instrument to a schedule.

use std::collections::{HashMap, HashSet};
use std::f32::consts::FRAC_1_SQRT_2;
use std::sync::Arc;

use super::draft::draft;
use super::ugens::{self, Build, Feedback, Row, Width};
use super::wiring::{Body, Number, Source, Step, Wiring};
use super::{GraphError, Signal, SynthDef};
use crate::engine::schedule::{self, mix};
use crate::engine::{Cell, Cross, LANES, MOST_LANES, Operation, Schedule, Vacant, Voices, Wire, processor};

/// Scratch buffers a schedule may need; what `Config` gives by default.
const MAX_SCRATCH: usize = 1024;
/// Frames of memory (delay lines and their like) one schedule may hold: ten minutes at 48 kHz, 115 MB.
const MAX_MEMORY: usize = 48_000 * 600;

/// A schedule and what its cells mean.
pub struct Lowered<const L: usize = 1> {
    pub schedule: Schedule<L>,
    /// Names of the control cells, in the order of the schedule's first cells.
    pub controls: Vec<Arc<str>>,
}

/// One voice of an instrument: control cells in the order of `def.controls`, one or two outputs.
pub fn lower_voice(def: &SynthDef, rate: f64) -> Result<Lowered, GraphError> {
    lower_voices(def, rate)
}

/// The same for many voices side by side.
pub fn lower_voices<const L: usize>(def: &SynthDef, rate: f64) -> Result<Lowered<L>, GraphError>
where
    Row: Width<L>,
{
    build(&voice(def)?, rate)
}

/// So many voices of an instrument, in choirs of the size that suits the processor: one is lowered, the others are copies.
pub fn lower_choirs(def: &SynthDef, rate: f64, voices: usize) -> Result<Voices, GraphError> {
    if processor::lanes() == MOST_LANES {
        choirs::<MOST_LANES>(def, rate, voices)
    } else {
        choirs::<LANES>(def, rate, voices)
    }
}

fn choirs<const L: usize>(def: &SynthDef, rate: f64, voices: usize) -> Result<Voices, GraphError>
where
    Row: Width<L>,
{
    let first = lower_voices::<L>(def, rate)?.schedule;
    let mut all: Vec<_> = (1..voices.div_ceil(L)).map(|_| first.duplicate()).collect();
    all.push(first);
    Ok(all.into())
}

/// The wiring of one voice of an instrument, its controls at their defaults.
pub fn voice(def: &SynthDef) -> Result<Wiring, GraphError> {
    sounding(&def.body)?;
    let controls: Vec<_> = def.controls.iter().map(|c| c.name.clone()).collect();
    let mut wiring = draft(&def.body, &def.name, 0, controls)?;
    let named = |cell: &&Number| cell.name.is_some();
    if let Some(name) = wiring.cells.iter().filter(named).nth(def.controls.len()).and_then(|cell| cell.name.as_ref()) {
        let message = format!("{} uses {name}, which is none of its controls", def.name);
        return Err(GraphError::new(message, format!("synth {} = |freq, gate, {name}| …", def.name)));
    }
    for (cell, control) in wiring.cells.iter_mut().zip(&def.controls) {
        cell.value = control.default;
    }
    stereo_at_most(&wiring)?;
    Ok(wiring)
}

/// A chain of inserts, a bus or the master: two inputs, two outputs. `owner` is part of every operation's identity.
pub fn lower_insert(chain: &Signal, owner: &str, rate: f64) -> Result<Lowered, GraphError> {
    build(&insert(chain, owner)?, rate)
}

/// A signal that just sounds: no inputs, two outputs.
pub fn lower_signal(signal: &Signal, owner: &str, rate: f64) -> Result<Lowered, GraphError> {
    build(&tone(signal, owner)?, rate)
}

/// The wiring of a chain with two inputs and two outputs.
pub fn insert(chain: &Signal, owner: &str) -> Result<Wiring, GraphError> {
    if chain.closed() {
        let message = "a chain must process what is piped in, found a sound of its own";
        return Err(GraphError::new(message, "chorus(0.4) >> highpass(180)"));
    }
    let mut wiring = draft(chain, owner, 2, vec![])?;
    stereo_at_most(&wiring)?;
    if wiring.outputs.len() == 1 {
        wiring.outputs.push(wiring.outputs[0]);
    }
    Ok(wiring)
}

/// The wiring of a signal that sounds on both sides; mono goes to both at equal power.
pub fn tone(signal: &Signal, owner: &str) -> Result<Wiring, GraphError> {
    sounding(signal)?;
    let mut wiring = draft(signal, owner, 0, vec![])?;
    stereo_at_most(&wiring)?;
    if let [mono] = wiring.outputs[..] {
        let fresh = |used: Option<u32>| used.map_or(0, |id| id + 1);
        let id = fresh(wiring.steps.iter().map(|step| step.id).max());
        let half = fresh(wiring.cells.iter().map(|cell| cell.id).max());
        wiring.cells.push(Number { id: half, name: None, value: FRAC_1_SQRT_2 });
        let path = mix(u64::from(id), 0x5e60e);
        let inputs = vec![mono, Source::Cell(half)];
        wiring.steps.push(Step { id, body: Body::Row("mul", vec![]), path, home: None, inputs, outputs: 1 });
        wiring.outputs = vec![Source::Step(id, 0); 2];
    }
    Ok(wiring)
}

fn sounding(signal: &Signal) -> Result<(), GraphError> {
    if signal.closed() {
        return Ok(());
    }
    let message = "this is a processor: it makes no sound until something is piped into it";
    Err(GraphError::new(message, "saw(110) >> lowpass(800)"))
}

fn stereo_at_most(wiring: &Wiring) -> Result<(), GraphError> {
    match wiring.outputs.len() {
        0..=2 => Ok(()),
        n => Err(GraphError::new(
            format!("the most is stereo, found {n} channels"),
            "to_stereo() mixes many channels to two",
        )),
    }
}

fn build<const L: usize>(wiring: &Wiring, rate: f64) -> Result<Lowered<L>, GraphError>
where
    Row: Width<L>,
{
    let (mut built, mut frames) = (HashMap::new(), 0);
    for step in &wiring.steps {
        if let Some(operation) = kernel(step, rate) {
            // Before the next takes its memory.
            frames += operation.tail();
            remembers(frames)?;
            built.insert(step.id, operation);
        }
    }
    let schedule = assemble(wiring, &mut |step| built.remove(&step.id))?;
    Ok(Lowered { schedule, controls: wiring.controls() })
}

/// Refuses what remembers too many frames.
pub(super) fn remembers(frames: usize) -> Result<(), GraphError> {
    if frames > MAX_MEMORY {
        let message = "this sound remembers more than ten minutes in all its delays";
        return Err(GraphError::new(message, "use fewer or shorter delays"));
    }
    Ok(())
}

/// The operation of a step; none for a loop, which is made of the steps inside of it.
pub(super) fn operation(step: &Step, rate: f64) -> Option<Box<dyn Operation<1>>> {
    match &step.body {
        Body::Cross(frames) => Some(Box::new(Cross::new(*frames))),
        Body::Row(..) | Body::Loop(_) => kernel(step, rate),
    }
}

/// The operation of a step that is a row of the table.
fn kernel<const L: usize>(step: &Step, rate: f64) -> Option<Box<dyn Operation<L>>>
where
    Row: Width<L>,
{
    let Body::Row(name, values) = &step.body else { return None };
    let row = ugens::row(name).expect("a draft is made of rows");
    Some(row.build(&Build { rate, values }))
}

/// One step by itself, every input somewhere in the middle of its range; none for a loop.
pub fn solo<const L: usize>(step: &Step, rate: f64) -> Option<Schedule<L>>
where
    Row: Width<L>,
{
    let Body::Row(name, _) = &step.body else { return None };
    let row = ugens::row(name)?;
    let signals = row.params.iter().filter(|param| param.rate == ugens::Rate::Signal);
    let middle = |param: &ugens::Param| param.default.unwrap_or((param.low * param.high).abs().sqrt());
    let values = (0..row.inputs).map(|_| 0.1).chain(signals.map(middle));
    let cells: Vec<Cell<L>> = values.map(Cell::new).collect();
    let inputs = (0..cells.len() as u16).map(Wire::Cell).collect();
    let outputs: Box<[u16]> = (0..row.outputs as u16).collect();
    let heard = outputs.iter().map(|place| Wire::Buffer(*place)).collect();
    let operation = kernel(step, rate)?;
    Some(Schedule::new(vec![schedule::Step { operation, path: 0, inputs, outputs }], cells, 0, heard))
}

/// The schedule of a wiring. `operation` gives what stands in each step that is no loop; where it gives none, a silence does,
/// in which what played there before is to take its place.
pub(super) fn assemble<const L: usize>(
    wiring: &Wiring,
    operation: &mut dyn FnMut(&Step) -> Option<Box<dyn Operation<L>>>,
) -> Result<Schedule<L>, GraphError> {
    let cells: Vec<Cell<L>> = wiring.cells.iter().map(|cell| Cell::new(cell.value)).collect();
    let places = wiring.cells.iter().enumerate().map(|(k, cell)| (cell.id, k as u16)).collect();
    let mut homes: HashMap<Option<u32>, Vec<&Step>> = HashMap::new();
    for step in &wiring.steps {
        homes.entry(step.home).or_default().push(step);
    }
    let mut assembling = Assembling { homes, cells: places, operation };
    let inputs: Vec<Source> = (0..wiring.inputs).map(Source::Input).collect();
    let (steps, outputs, names, pairs) = assembling.arrange(None, &inputs, &wiring.outputs);
    let controls = wiring.cells.iter().filter(|cell| cell.name.is_some()).count();
    let mut schedule = Schedule::new(steps, cells, inputs.len(), outputs);
    schedule.name(names, wiring.cells.iter().map(|cell| cell.id), controls);
    schedule.join(pairs);
    if schedule.scratch() > MAX_SCRATCH {
        let message = format!("{} signals are under way at once here, the most is {MAX_SCRATCH}", schedule.scratch());
        return Err(GraphError::new(message, "add the parts up step by step"));
    }
    Ok(schedule)
}

struct Assembling<'a, const L: usize> {
    homes: HashMap<Option<u32>, Vec<&'a Step>>,
    /// Where cells stand, by id.
    cells: HashMap<u32, u16>,
    operation: &'a mut dyn FnMut(&Step) -> Option<Box<dyn Operation<L>>>,
}

/// Steps in the order of play, where their outputs are found, their names, and which of them make a pair with the next.
type Arranged<const L: usize> = (Vec<schedule::Step<L>>, Vec<Wire>, Vec<u32>, Vec<usize>);

impl<const L: usize> Assembling<'_, L> {
    /// What the inside of a loop hears from outside of it, each once.
    fn heard(&self, whole: &Step) -> Vec<Source> {
        let steps = self.homes.get(&Some(whole.id)).map(Vec::as_slice).unwrap_or_default();
        let mut heard = vec![];
        for step in steps {
            heard.extend(self.inputs(step));
        }
        if let Body::Loop(outputs) = &whole.body {
            heard.extend(outputs);
        }
        let made: HashSet<u32> = steps.iter().map(|step| step.id).collect();
        let mut seen = HashSet::new();
        heard.retain(|source| {
            let inside = match source {
                Source::Step(id, _) => made.contains(id),
                Source::Heard(id, _) => *id == whole.id,
                Source::Input(_) | Source::Cell(_) => false,
            };
            !inside && seen.insert(*source)
        });
        heard
    }

    /// Steps with buffers: each output takes a buffer nobody needs any more, once the inputs of the step and of the one it
    /// makes a pair with are safe.
    fn arrange(&mut self, home: Option<u32>, inputs: &[Source], outputs: &[Source]) -> Arranged<L> {
        let level = self.homes.remove(&home).unwrap_or_default();
        let all: Vec<Vec<Source>> = level.iter().map(|step| self.inputs(step)).collect();
        let mut last: HashMap<Source, usize> = HashMap::new();
        for (index, sources) in all.iter().enumerate() {
            last.extend(sources.iter().map(|source| (*source, index)));
        }
        // Outputs of the level are needed for ever.
        last.extend(outputs.iter().map(|source| (*source, usize::MAX)));
        let mut places: HashMap<Source, u16> = inputs.iter().copied().zip(0..).collect();
        let (mut free, mut next) = (vec![], inputs.len() as u16);
        let (mut steps, mut names, mut pairs) = (vec![], vec![], vec![]);
        // Buffers that are free once both of a pair have played.
        let mut held = vec![];
        for (index, (step, sources)) in level.iter().zip(all).enumerate() {
            let second = pairs.last().is_some_and(|first| first + 1 == index);
            let first = !second && level.get(index + 1).is_some_and(|next| twins(step, next));
            if first {
                pairs.push(index);
            }
            let inputs: Box<[Wire]> = sources.iter().map(|source| self.wire(&places, source)).collect();
            let made: Vec<Source> = (0..step.outputs).map(|k| Source::Step(step.id, k)).collect();
            for source in &made {
                let place = free.pop().unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                places.insert(*source, place);
            }
            let outputs: Box<[u16]> = made.iter().map(|source| places[source]).collect();
            for source in sources.iter().chain(&made) {
                if last.get(source).is_none_or(|last| *last <= index)
                    && let Some(place) = places.remove(source)
                {
                    held.push(place);
                }
            }
            if !first {
                free.append(&mut held);
            }
            let operation = self.operation(step, sources);
            steps.push(schedule::Step { operation, path: step.path, inputs, outputs });
            names.push(step.id);
        }
        (steps, outputs.iter().map(|source| self.wire(&places, source)).collect(), names, pairs)
    }

    /// Everything a step is wired to: a loop also hears what the steps inside of it do.
    fn inputs(&self, step: &Step) -> Vec<Source> {
        let mut inputs = step.inputs.clone();
        if let Body::Loop(_) = step.body {
            inputs.extend(self.heard(step));
        }
        inputs
    }

    fn wire(&self, places: &HashMap<Source, u16>, source: &Source) -> Wire {
        match (source, places.get(source)) {
            (_, Some(place)) => Wire::Buffer(*place),
            (Source::Cell(id), None) => Wire::Cell(self.cells[id]),
            _ => unreachable!("{source:?} is made before it is heard"),
        }
    }

    fn operation(&mut self, step: &Step, sources: Vec<Source>) -> Box<dyn Operation<L>> {
        let Body::Loop(outputs) = &step.body else {
            return (self.operation)(step).unwrap_or_else(|| Box::new(Vacant));
        };
        let channels = step.inputs.len();
        let round = (0..channels).map(|k| Source::Heard(step.id, k));
        let inputs: Vec<Source> = round.chain(sources[channels..].iter().copied()).collect();
        let (steps, outputs, names, pairs) = self.arrange(Some(step.id), &inputs, outputs);
        let mut inside = Schedule::new(steps, vec![], inputs.len(), outputs);
        inside.name(names, [], 0);
        inside.join(pairs);
        Box::new(Feedback::new(inside, channels))
    }
}

/// Whether a step does to one side of a sound what the next does to the other.
fn twins(step: &Step, next: &Step) -> bool {
    let hears = |source: &Source| matches!(source, Source::Step(id, _) if *id == step.id);
    matches!(step.body, Body::Row(..)) && step.body == next.body && !next.inputs.iter().any(hears)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::GRID;
    use crate::graph::row;

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

//! The draft of a schedule: which rows stand where and what feeds them, before anything is built.
//!
//! Law: the path of a step is its owner, the parameters it stands inside, its name and which of that name it is there.
//! Edits elsewhere leave it alone, so that what did not change can keep its state.

use std::collections::HashMap;
use std::sync::Arc;

use super::signal::{self, Kind};
use super::ugens::{self, Rate, Row};
use super::wiring::{Body, Number, Source, Step, Wiring};
use super::{GraphError, Signal};
use crate::engine::schedule::mix;

/// What an argument stands for: which use of its effect, at which level, from where.
#[derive(Clone)]
struct Binding {
    id: u64,
    level: usize,
    sources: Vec<Source>,
}

struct Drafting {
    steps: Vec<Step>,
    /// The loops around where we stand: level 0 is outside of all.
    loops: Vec<u32>,
    controls: Vec<Arc<str>>,
    constants: Vec<f32>,
    /// Closed signals already drafted: by structure and the bindings they were drafted under.
    known: HashMap<(u128, u64, Option<u32>), Vec<Source>>,
    arguments: HashMap<u32, Binding>,
    bindings: u64,
    context: u64,
    occurrences: HashMap<u64, u64>,
    /// Steps that were begun.
    begun: u32,
}

type Sources = Result<Vec<Source>, GraphError>;

/// Cells of constants are named from here on, those of controls from 0.
const CONSTANTS: u32 = 1 << 16;

/// The wiring of a signal with `inputs` audio inputs and `controls` first among its controls.
pub(super) fn draft(
    signal: &Signal,
    owner: &str,
    inputs: usize,
    controls: Vec<Arc<str>>,
) -> Result<Wiring, GraphError> {
    let mut drafting = Drafting {
        steps: vec![],
        loops: vec![],
        controls,
        constants: vec![],
        known: HashMap::new(),
        arguments: HashMap::new(),
        bindings: 0,
        context: word(owner),
        occurrences: HashMap::new(),
        begun: 0,
    };
    let given = (!signal.closed()).then(|| (0..inputs).map(Source::Input).collect());
    let outputs = drafting.flow(signal, given, 0)?;
    let controls = drafting.controls.into_iter().zip(0..).map(|(name, id)| Number { id, name: Some(name), value: 0.0 });
    let constants = drafting.constants.into_iter().zip(CONSTANTS..).map(|(value, id)| Number { id, name: None, value });
    Ok(Wiring { steps: drafting.steps, cells: controls.chain(constants).collect(), inputs, outputs })
}

fn word(text: &str) -> u64 {
    text.bytes().fold(0x5e60e, |hash, byte| mix(hash, byte.into()))
}

impl Drafting {
    /// The sources of a signal at a level, `given` piped in where it is open.
    fn flow(&mut self, signal: &Signal, given: Option<Vec<Source>>, level: usize) -> Sources {
        if !signal.closed() {
            let given = given.ok_or_else(|| {
                GraphError::new(
                    "a processor without input makes no sound",
                    "pipe something into it: saw(110) >> lowpass(800)",
                )
            })?;
            return self.node(signal, Some(given), level);
        }
        let bound = |d: &u32| signal.0.free >> d & 1 == 1;
        let (mut home, mut bindings) = (0, 0);
        for depth in (0..64).filter(bound) {
            let binding = self.arguments.get(&depth).ok_or_else(|| {
                GraphError::new(
                    "the input of an effect is used outside of it",
                    "effect name = |input| input >> lowpass(800)",
                )
            })?;
            home = home.max(binding.level);
            bindings = mix(bindings, binding.id);
        }
        // Every number has a cell of its own: an edit may change one and not the other.
        let shared = signal.number().is_none();
        let key = (signal.hash(), bindings, self.home(home));
        if let Some(sources) = self.known.get(&key).filter(|_| shared) {
            return Ok(sources.clone());
        }
        let sources = self.node(signal, None, home)?;
        if shared {
            self.known.insert(key, sources.clone());
        }
        Ok(sources)
    }

    /// The loop of a level.
    fn home(&self, level: usize) -> Option<u32> {
        level.checked_sub(1).map(|k| self.loops[k])
    }

    fn node(&mut self, signal: &Signal, given: Option<Vec<Source>>, level: usize) -> Sources {
        match &signal.0.kind {
            Kind::Constant(value) => {
                self.constants.push(*value);
                Ok(vec![Source::Cell(CONSTANTS + self.constants.len() as u32 - 1)])
            }
            Kind::Control(name) => {
                let place = self.controls.iter().position(|n| n == name).unwrap_or_else(|| {
                    self.controls.push(name.clone());
                    self.controls.len() - 1
                });
                Ok(vec![Source::Cell(place as u32)])
            }
            Kind::Argument(depth) => Ok(self.arguments[depth].sources.clone()),
            Kind::Effect(depth, body) => {
                self.bindings += 1;
                let binding = Binding { id: self.bindings, level, sources: given.unwrap_or_default() };
                let before = self.arguments.insert(*depth, binding);
                let sources = self.flow(body, None, level);
                match before {
                    Some(before) => self.arguments.insert(*depth, before),
                    None => self.arguments.remove(depth),
                };
                sources
            }
            Kind::Ugen(row, params) => self.ugen(row, params, given.unwrap_or_default(), level),
            Kind::Feedback(body) => self.feedback(body, given.unwrap_or_default(), level),
            Kind::Pipe(a, b) => {
                let between = self.flow(a, given, level)?;
                if b.closed() {
                    b.channels(1, Some(1))?;
                }
                self.flow(b, Some(between), level)
            }
            Kind::Stack(a, b) => {
                let (x, y) = divide(a, b, given)?;
                Ok([self.flow(a, x, level)?, self.flow(b, y, level)?].concat())
            }
            Kind::Binary(row, a, b) => {
                let (x, y) = divide(a, b, given)?;
                let (x, y) = (self.flow(a, x, level)?, self.flow(b, y, level)?);
                self.each(row, &[x, y], level)
            }
            Kind::Branch(a, b) => Ok([self.flow(a, given.clone(), level)?, self.flow(b, given, level)?].concat()),
            Kind::Bus(a, b) => {
                let (x, y) = (self.flow(a, given.clone(), level)?, self.flow(b, given, level)?);
                self.each(ugens::row("add").expect("arithmetic stands in the table"), &[x, y], level)
            }
        }
    }

    /// A row channel by channel over its inputs.
    fn each(&mut self, row: &'static Row, sides: &[Vec<Source>], level: usize) -> Sources {
        let channels = sides.iter().try_fold(1, |n, side| signal::meet(n, side.len()))?;
        let path = self.path(row.name);
        let of = |channel: usize| sides.iter().map(|s| s[if s.len() == 1 { 0 } else { channel }]).collect();
        let mut outputs = vec![];
        for channel in 0..channels {
            outputs.extend(self.step(Body::Row(row.name, vec![]), mix(path, channel as u64), of(channel), 1, level)?);
        }
        Ok(outputs)
    }

    fn ugen(&mut self, row: &'static Row, params: &[Signal], given: Vec<Source>, level: usize) -> Sources {
        let (mut signals, mut numbers) = (vec![], vec![]);
        let context = self.context;
        for (k, (param, value)) in row.params.iter().zip(params).enumerate() {
            if param.rate == Rate::Build {
                let number = value.number().filter(|n| !n.is_nan()).or(param.default).unwrap_or(param.low);
                numbers.push(number.clamp(param.low, param.high));
            } else {
                self.context = mix(mix(context, word(row.name)), k as u64);
                signals.push(self.flow(value, None, level)?);
            }
        }
        self.context = context;
        let path = self.path(row.name);
        let mut copies = signals.iter().try_fold(1, |n, s| signal::meet(n, s.len()))?;
        if row.inputs == 1 {
            copies = signal::meet(copies, given.len())?;
        } else if row.inputs > 1 && given.len() != 1 && given.len() != row.inputs {
            let message = format!("{} takes {} channels, found {}", row.name, row.inputs, given.len());
            return Err(GraphError::new(message, "to_mono() makes one channel of many"));
        }
        if copies > 1 && row.outputs > 1 {
            let message = format!("the parameters of {} must be mono: it is stereo itself", row.name);
            return Err(GraphError::new(message, row.example));
        }
        let mut outputs = vec![];
        for copy in 0..copies {
            let pick = |side: &Vec<Source>| side[if side.len() == 1 { 0 } else { copy }];
            let mut inputs: Vec<Source> = match row.inputs {
                0 => vec![],
                1 => vec![pick(&given)],
                wants => (0..wants).map(|k| given[k.min(given.len() - 1)]).collect(),
            };
            inputs.extend(signals.iter().map(pick));
            let body = Body::Row(row.name, numbers.clone());
            outputs.extend(self.step(body, mix(path, copy as u64), inputs, row.outputs, level)?);
        }
        Ok(outputs)
    }

    fn feedback(&mut self, body: &Signal, mut given: Vec<Source>, level: usize) -> Sources {
        let path = self.path("feedback");
        let channels = match body.channels(1, Some(given.len()))? {
            2 if given.len() == 1 => 2,
            n if n == given.len() => n,
            n => {
                let message = format!("what stands in feedback takes {} channels and gives {n}", given.len());
                return Err(GraphError::new(message, "feedback(delay(0.3) * 0.5)"));
            }
        };
        given.resize(channels, given[0]);
        // A loop inside what another loop hears is drafted outside of that one.
        let deeper = self.loops.split_off(level);
        let id = self.begin()?;
        self.loops.push(id);
        let heard = (0..channels).map(|k| Source::Heard(id, k)).collect();
        let outputs = self.flow(body, Some(heard), level + 1)?;
        self.loops.truncate(level);
        self.loops.extend(deeper);
        Ok(self.put(id, Body::Loop(outputs), path, given, channels, level))
    }

    /// The path of the next thing of this name where we stand.
    fn path(&mut self, name: &str) -> u64 {
        let place = mix(self.context, word(name));
        let count = self.occurrences.entry(place).or_default();
        *count += 1;
        mix(place, *count)
    }

    fn step(&mut self, body: Body, path: u64, inputs: Vec<Source>, outputs: usize, level: usize) -> Sources {
        let id = self.begin()?;
        Ok(self.put(id, body, path, inputs, outputs, level))
    }

    /// The id of one more step.
    fn begin(&mut self) -> Result<u32, GraphError> {
        self.begun += 1;
        if u64::from(self.begun) > signal::MAX_SIZE {
            let message = format!("this sound has more than {} parts", signal::MAX_SIZE);
            return Err(GraphError::new(message, "use fewer copies or fewer channels"));
        }
        Ok(self.begun)
    }

    fn put(
        &mut self,
        id: u32,
        body: Body,
        path: u64,
        inputs: Vec<Source>,
        outputs: usize,
        level: usize,
    ) -> Vec<Source> {
        let home = self.home(level);
        self.steps.push(Step { id, body, path, home, inputs, outputs });
        (0..outputs).map(|k| Source::Step(id, k)).collect()
    }
}

type Sides = (Option<Vec<Source>>, Option<Vec<Source>>);

/// What is piped into two signals side by side.
fn divide(a: &Signal, b: &Signal, given: Option<Vec<Source>>) -> Result<Sides, GraphError> {
    let Some(given) = given else { return Ok((None, None)) };
    let (x, y) = signal::split(a.inputs(), b.inputs(), given.len())?;
    let first = x.map(|n| given[..n].to_vec());
    let second = y.map(|n| given[given.len() - n..].to_vec());
    Ok((first, second))
}

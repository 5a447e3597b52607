//! Signals: what sounds or changes sound, as comparable expressions with fundsp's operators.
//!
//! Law: a signal without open inputs is one thing however often it is used; a processor is made anew at each use.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ugens::{self, Rate, Row};
use crate::engine::schedule::mix;

/// The largest expression taken, in nodes, with sharing undone.
pub const MAX_SIZE: u64 = 20_000;
/// The deepest expression taken.
pub const MAX_DEPTH: u32 = 500;

/// Why an expression is no signal: lower case, no full stop, expected and found.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphError {
    pub message: String,
    pub hint: Option<String>,
}

impl GraphError {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        GraphError { message: message.into(), hint: Some(hint.into()) }
    }
}

impl std::fmt::Display for GraphError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GraphError {}

/// A signal expression. Cheap to clone; equal when its structure is equal.
#[derive(Clone, Debug)]
pub struct Signal(pub(super) Arc<Node>);

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    hash: u128,
    size: u64,
    /// Seconds that all delays in it may remember.
    memory: f64,
    depth: u32,
    /// Channels it wants piped in; none: it sounds by itself.
    inputs: usize,
    /// Channels out with 1 or 2 channels in every free argument (first index) and with its own number, 1 or 2 piped in.
    channels: [[Option<u16>; 3]; 2],
    /// Bit `d`: the argument of depth `d` occurs and is not bound here.
    pub(super) free: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A number that holds still (and ramps when an edit changes it).
    Constant(f32),
    /// A named number from outside: an instrument's control, or one that follows a pattern.
    Control(Arc<str>),
    /// The sound that is piped into the effect of this depth around it.
    Argument(u32),
    /// An effect: a body in which the argument of this depth is what is piped in, used as often as it likes.
    Effect(u32, Signal),
    /// A row of the table with its parameters, its audio inputs open.
    Ugen(&'static Row, Vec<Signal>),
    /// A row of two inputs between two signals, channel by channel.
    Binary(&'static Row, Signal, Signal),
    /// What stands inside also hears its own output, one frame late.
    Feedback(Signal),
    Pipe(Signal, Signal),
    Stack(Signal, Signal),
    Branch(Signal, Signal),
    Bus(Signal, Signal),
}

impl PartialEq for Signal {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash == other.0.hash
    }
}
impl Eq for Signal {}

impl std::hash::Hash for Signal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash.hash(state);
    }
}

type Made = Result<Signal, GraphError>;

impl Signal {
    /// A number.
    pub fn constant(value: f32) -> Signal {
        Signal::leaf(Kind::Constant(value + 0.0))
    }

    /// A named number from outside.
    pub fn control(name: &str) -> Signal {
        Signal::leaf(Kind::Control(name.into()))
    }

    /// What is piped into the effect of this depth. Depth counts the effects whose bodies are being built: 0 in the
    /// outermost, 1 in an effect called from there, up to 63.
    pub fn argument(depth: u32) -> Signal {
        Signal::leaf(Kind::Argument(depth.min(63)))
    }

    /// A processor from a body over `Signal::argument(depth)`: mono or stereo, as is piped in.
    pub fn effect(depth: u32, body: &Signal) -> Made {
        if !body.closed() {
            return Err(GraphError::new(
                "the body of an effect must begin with its input",
                "effect name = |input| input >> lowpass(800)",
            ));
        }
        Signal::make(Kind::Effect(depth.min(63), body.clone()))
    }

    /// A row with its parameters; missing ones take their defaults. One argument more than the row has parameters is
    /// piped in first: `lowpass(x, 800, 1)` is `x >> lowpass(800, 1)`.
    pub fn ugen(row: &'static Row, arguments: &[Signal]) -> Made {
        let params = row.params.len();
        if row.inputs == 2 && row.outputs == 1 && arguments.len() == 2 {
            return Signal::binary(row, &arguments[0], &arguments[1]);
        }
        if row.inputs > 0 && arguments.len() == params + 1 {
            return arguments[0].pipe(&Signal::ugen(row, &arguments[1..])?);
        }
        if arguments.len() > params {
            let takes = if params == 1 { "argument" } else { "arguments" };
            let message = format!("{} takes at most {params} {takes}, found {}", row.name, arguments.len());
            return Err(GraphError::new(message, row.example));
        }
        let mut all = arguments.to_vec();
        for param in &row.params[arguments.len()..] {
            let Some(default) = param.default else {
                let message = format!("{} needs its {}", row.name, param.name);
                return Err(GraphError::new(message, row.example));
            };
            all.push(Signal::constant(default));
        }
        for (param, value) in row.params.iter().zip(&all) {
            if !value.closed() {
                let message =
                    format!("the {} of {} must be a finished signal, found a processor", param.name, row.name);
                return Err(GraphError::new(message, "pipe something into it first: sine(3) >> gain(-6)"));
            }
            if param.rate == Rate::Build && value.number().is_none() {
                let message =
                    format!("the {} of {} must be a plain number: it is fixed when built", param.name, row.name);
                let hint = format!("a number from {} to {}", param.low, param.high);
                return Err(GraphError::new(message, hint));
            }
        }
        Signal::make(Kind::Ugen(row, all))
    }

    /// `self >> other`: the output of one is the input of the next.
    pub fn pipe(&self, other: &Signal) -> Made {
        Signal::make(Kind::Pipe(self.clone(), other.clone()))
    }

    /// `self | other`: side by side, as channels.
    pub fn stack(&self, other: &Signal) -> Made {
        Signal::make(Kind::Stack(self.clone(), other.clone()))
    }

    /// `self ^ other`: both hear the same, their outputs side by side.
    pub fn branch(&self, other: &Signal) -> Made {
        Signal::make(Kind::Branch(self.clone(), other.clone()))
    }

    /// `self & other`: both hear the same, their outputs added.
    pub fn bus(&self, other: &Signal) -> Made {
        Signal::make(Kind::Bus(self.clone(), other.clone()))
    }

    /// A processor that also hears its own output, one frame late; it should be quieter than it hears.
    pub fn feedback(&self) -> Made {
        Signal::make(Kind::Feedback(self.clone()))
    }

    pub fn add(&self, other: &Signal) -> Made {
        Signal::binary(named("add"), self, other)
    }

    pub fn sub(&self, other: &Signal) -> Made {
        Signal::binary(named("sub"), self, other)
    }

    pub fn mul(&self, other: &Signal) -> Made {
        Signal::binary(named("mul"), self, other)
    }

    pub fn div(&self, other: &Signal) -> Made {
        Signal::binary(named("div"), self, other)
    }

    pub fn neg(&self) -> Made {
        match self.number() {
            Some(value) => Ok(Signal::constant(-value)),
            None => self.pipe(&Signal::ugen(named("neg"), &[])?),
        }
    }

    /// A signal of −1 … 1 stretched onto `low` … `high`.
    pub fn range(&self, low: &Signal, high: &Signal) -> Made {
        self.pipe(&Signal::ugen(named("map_range"), &[low.clone(), high.clone()])?)
    }

    /// A row of two inputs between two signals; two numbers give a number.
    pub fn binary(row: &'static Row, a: &Signal, b: &Signal) -> Made {
        if let (Some(x), Some(y)) = (a.number(), b.number())
            && let Some(value) = ugens::fold(row.name, x, y)
        {
            return Ok(Signal::constant(value));
        }
        Signal::make(Kind::Binary(row, a.clone(), b.clone()))
    }

    /// Channels it wants piped in; 0 where it sounds by itself.
    pub fn inputs(&self) -> usize {
        self.0.inputs
    }

    /// Channels out, where what it wants (or mono, for an effect) is piped in.
    pub fn outputs(&self) -> usize {
        self.0.channels[0][0].map_or(0, usize::from)
    }

    /// Whether nothing needs to be piped in.
    pub fn closed(&self) -> bool {
        self.0.inputs == 0
    }

    /// Nodes, with sharing undone.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Seconds that all delays in it may remember, with sharing undone.
    pub fn memory(&self) -> f64 {
        self.0.memory
    }

    /// Identity by structure.
    pub fn hash(&self) -> u128 {
        self.0.hash
    }

    /// The number it is, if it is one.
    pub fn number(&self) -> Option<f32> {
        match self.0.kind {
            Kind::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Names of the controls in it, each once, in the order of their first use.
    pub fn controls(&self) -> Vec<Arc<str>> {
        let (mut names, mut seen, mut waiting) = (Vec::new(), BTreeSet::new(), vec![self.clone()]);
        while let Some(signal) = waiting.pop() {
            if !seen.insert(signal.hash()) {
                continue;
            }
            if let Kind::Control(name) = &signal.0.kind {
                names.push(name.clone());
            }
            waiting.extend(signal.0.kind.children().into_iter().rev().cloned());
        }
        names
    }

    /// Channels out where `given` channels are piped in.
    pub fn outputs_for(&self, given: usize) -> Result<usize, GraphError> {
        self.channels(1, (given > 0).then_some(given))
    }

    fn leaf(kind: Kind) -> Signal {
        Signal::make(kind).expect("a leaf fits")
    }

    fn make(kind: Kind) -> Made {
        let children = kind.children();
        let size = children.iter().fold(1, |sum: u64, c| sum.saturating_add(c.0.size));
        let depth = children.iter().map(|c| c.0.depth).max().unwrap_or(0) + 1;
        if size > MAX_SIZE || depth > MAX_DEPTH {
            let message =
                format!("this signal has {size} parts in {depth} layers; the most is {MAX_SIZE} in {MAX_DEPTH}");
            return Err(GraphError::new(message, "use fewer copies, or a reverb or chorus to thicken the sound"));
        }
        let mut free = children.iter().fold(0, |bits, c| bits | c.0.free);
        match kind {
            Kind::Argument(d) => free |= 1 << d,
            Kind::Effect(d, _) => free &= !(1 << d),
            _ => {}
        }
        let inputs = kind.inputs();
        let mut channels = [[None; 3]; 2];
        channels[0][0] = Some(kind.channels(1, None)? as u16);
        // Nothing is piped into a finished sound, and without a free argument it makes no difference what is in one.
        let piped = if inputs > 0 { 3 } else { 1 };
        for (given, known) in channels[0].iter_mut().enumerate().take(piped).skip(1) {
            *known = kind.channels(1, Some(given)).ok().map(|n| n as u16);
        }
        channels[1] = channels[0];
        for (given, known) in channels[1].iter_mut().enumerate().take(if free == 0 { 0 } else { piped }) {
            *known = kind.channels(2, (given > 0).then_some(given)).ok().map(|n| n as u16);
        }
        let hash = kind.hash();
        let memory = children.iter().map(|c| c.0.memory).sum::<f64>() + kind.memory();
        Ok(Signal(Arc::new(Node { kind, hash, size, memory, depth, inputs, channels, free })))
    }

    pub(super) fn channels(&self, argument: usize, given: Option<usize>) -> Result<usize, GraphError> {
        let known = given.is_none_or(|g| g <= 2).then(|| self.0.channels[argument.min(2) - 1][given.unwrap_or(0)]);
        match known.flatten() {
            Some(n) => Ok(n.into()),
            None => self.0.kind.channels(argument, given),
        }
    }
}

fn named(name: &str) -> &'static Row {
    ugens::row(name).expect("arithmetic stands in the table")
}

/// Channels of two signals that meet channel by channel; one channel goes to all.
pub(super) fn meet(a: usize, b: usize) -> Result<usize, GraphError> {
    if a == b || b == 1 {
        Ok(a)
    } else if a == 1 {
        Ok(b)
    } else {
        let message = format!("{a} channels on one side, {b} on the other");
        Err(GraphError::new(message, "mono goes with everything: add to_mono() to one side"))
    }
}

/// How many of the `given` channels go to the first and the second of two signals side by side.
pub(super) fn split(a: usize, b: usize, given: usize) -> Result<(Option<usize>, Option<usize>), GraphError> {
    match (a, b) {
        (0, _) => Ok((None, Some(given))),
        (_, 0) => Ok((Some(given), None)),
        _ if given == a + b => Ok((Some(a), Some(b))),
        _ if given == 1 => Ok((Some(1), Some(1))),
        _ => Err(GraphError::new(
            format!("{} channels are wanted here, {given} are piped in", a + b),
            "& and ^ send the same sound to both sides",
        )),
    }
}

impl Kind {
    fn children(&self) -> Vec<&Signal> {
        match self {
            Kind::Constant(_) | Kind::Control(_) | Kind::Argument(_) => vec![],
            Kind::Effect(_, body) | Kind::Feedback(body) => vec![body],
            Kind::Ugen(_, params) => params.iter().collect(),
            Kind::Binary(_, a, b) | Kind::Pipe(a, b) | Kind::Stack(a, b) | Kind::Branch(a, b) | Kind::Bus(a, b) => {
                vec![a, b]
            }
        }
    }

    /// Seconds that it may itself remember: what delays call their `max`.
    fn memory(&self) -> f64 {
        let Kind::Ugen(row, values) = self else { return 0.0 };
        let longest = row.params.iter().zip(values).filter(|(param, _)| param.name == "max");
        let seconds =
            longest.map(|(param, value)| value.number().map_or(param.high, |x| x.clamp(param.low, param.high)));
        seconds.map(f64::from).sum()
    }

    fn inputs(&self) -> usize {
        match self {
            Kind::Constant(_) | Kind::Control(_) | Kind::Argument(_) => 0,
            Kind::Effect(..) => 1,
            Kind::Feedback(body) => body.inputs(),
            Kind::Ugen(row, _) => row.inputs,
            Kind::Pipe(a, _) => a.inputs(),
            Kind::Binary(_, a, b) | Kind::Stack(a, b) => a.inputs() + b.inputs(),
            Kind::Branch(a, b) | Kind::Bus(a, b) => a.inputs().max(b.inputs()),
        }
    }

    /// Channels out, with `argument` channels in every free argument and `given` piped in (none: as many as it wants).
    fn channels(&self, argument: usize, given: Option<usize>) -> Result<usize, GraphError> {
        let wants = self.inputs();
        if wants == 0 && given.is_some() {
            return Err(GraphError::new(
                "the right side of >> takes no input: it sounds by itself",
                "put & between two sounds to hear both, * to multiply them",
            ));
        }
        match self {
            Kind::Constant(_) | Kind::Control(_) => Ok(1),
            Kind::Argument(_) => Ok(argument),
            Kind::Effect(_, body) => body.channels(given.unwrap_or(1), None),
            Kind::Feedback(body) => feedback_channels(body, argument, given),
            Kind::Ugen(row, params) => ugen_channels(row, params, argument, given),
            Kind::Pipe(a, b) => {
                let between = a.channels(argument, given)?;
                b.channels(argument, Some(between))
            }
            Kind::Stack(a, b) | Kind::Binary(_, a, b) => {
                let (x, y) = match given {
                    Some(given) => split(a.inputs(), b.inputs(), given)?,
                    None => (None, None),
                };
                let (x, y) = (a.channels(argument, x)?, b.channels(argument, y)?);
                if matches!(self, Kind::Stack(..)) { Ok(x + y) } else { meet(x, y) }
            }
            Kind::Branch(a, b) | Kind::Bus(a, b) => {
                let given = given.or((wants > 0).then_some(wants));
                let x = a.channels(argument, given.filter(|_| !a.closed()))?;
                let y = b.channels(argument, given.filter(|_| !b.closed()))?;
                if matches!(self, Kind::Branch(..)) { Ok(x + y) } else { meet(x, y) }
            }
        }
    }

    fn hash(&self) -> u128 {
        let mut state = [0x5e60_e001_u64, 0x9d3f_1a77_u64];
        let mut stir = |word: u64| {
            state = [mix(state[0], word), mix(state[1] ^ 0xa5a5_a5a5, word)];
        };
        let text = |stir: &mut dyn FnMut(u64), s: &str| {
            stir(s.len() as u64);
            s.as_bytes().chunks(8).for_each(|c| stir(c.iter().fold(0, |w, b| w << 8 | *b as u64)));
        };
        match self {
            Kind::Constant(value) => [1, value.to_bits().into()].into_iter().for_each(&mut stir),
            Kind::Control(name) => {
                stir(2);
                text(&mut stir, name);
            }
            Kind::Argument(depth) => [3, (*depth).into()].into_iter().for_each(&mut stir),
            Kind::Effect(depth, _) => [4, (*depth).into()].into_iter().for_each(&mut stir),
            Kind::Ugen(row, _) => {
                stir(5);
                text(&mut stir, row.name);
            }
            Kind::Binary(row, ..) => {
                stir(6);
                text(&mut stir, row.name);
            }
            Kind::Pipe(..) => stir(7),
            Kind::Stack(..) => stir(8),
            Kind::Branch(..) => stir(9),
            Kind::Bus(..) => stir(10),
            Kind::Feedback(..) => stir(11),
        }
        for child in self.children() {
            stir(child.0.hash as u64);
            stir((child.0.hash >> 64) as u64);
        }
        (state[0] as u128) << 64 | state[1] as u128
    }
}

fn feedback_channels(body: &Signal, argument: usize, given: Option<usize>) -> Result<usize, GraphError> {
    if body.closed() {
        return Err(GraphError::new(
            "feedback takes a processor, found a finished sound",
            "feedback(delay(0.3) * 0.5)",
        ));
    }
    let given = given.unwrap_or(body.inputs());
    let out = body.channels(argument, Some(given))?;
    if out == given || (given == 1 && out == 2 && body.channels(argument, Some(2)) == Ok(2)) {
        return Ok(out);
    }
    let message =
        format!("what stands in feedback must give as many channels as it takes, takes {given} and gives {out}");
    Err(GraphError::new(message, "feedback(delay(0.3) * 0.5)"))
}

/// A row of one input is mapped over channels, its parameters too; a row of two outputs takes mono on both sides.
fn ugen_channels(
    row: &'static Row,
    params: &[Signal],
    argument: usize,
    given: Option<usize>,
) -> Result<usize, GraphError> {
    let mut copies = 1;
    for param in params {
        copies = meet(copies, param.channels(argument, None)?)?;
    }
    let given = given.unwrap_or(row.inputs);
    match row.inputs {
        0 => {}
        1 => copies = meet(copies, given)?,
        wants if given == wants || given == 1 => {}
        wants => {
            let message = format!("{} takes {wants} channels, found {given}", row.name);
            return Err(GraphError::new(message, "to_mono() makes one channel of many"));
        }
    }
    if copies > 1 && (row.outputs > 1 || row.inputs > 1) {
        let message = format!("the parameters of {} must be mono: it is stereo itself", row.name);
        return Err(GraphError::new(message, row.example));
    }
    if copies > 64 {
        return Err(GraphError::new(format!("{copies} channels, the most is 64"), "mix some of them with +"));
    }
    Ok(copies * row.outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(name: &str, numbers: &[f32]) -> Signal {
        let arguments: Vec<_> = numbers.iter().map(|n| Signal::constant(*n)).collect();
        Signal::ugen(ugens::row(name).unwrap(), &arguments).unwrap()
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        let one = Signal::control("freq").mul(&Signal::constant(2.0)).unwrap();
        let two = Signal::control("freq").mul(&Signal::constant(2.0)).unwrap();
        let other = Signal::control("freq").mul(&Signal::constant(3.0)).unwrap();
        assert_eq!(one, two);
        assert_ne!(one, other);
    }

    #[test]
    fn numbers_are_calculated_at_once() {
        let sum = Signal::constant(1.5).add(&Signal::constant(2.0)).unwrap();
        assert_eq!(sum.number(), Some(3.5));
        assert_eq!(sum.neg().unwrap().number(), Some(-3.5));
    }

    #[test]
    fn an_exploding_expression_is_refused_before_it_explodes() {
        let mut x = Signal::control("freq");
        let error = (0..40).find_map(|_| match x.add(&x) {
            Ok(more) => {
                x = more;
                None
            }
            Err(error) => Some(error),
        });
        assert!(error.unwrap().message.contains("the most is 20000"));
    }

    #[test]
    fn operators_count_channels_as_fundsp_does() {
        let (a, b) = (Signal::control("a"), Signal::control("b"));
        let process = word("abs", &[]);
        assert_eq!(a.stack(&b).unwrap().outputs(), 2);
        assert_eq!(process.stack(&process).unwrap().inputs(), 2);
        assert_eq!(process.mul(&process).unwrap().inputs(), 2);
        assert_eq!(process.mul(&a).unwrap().inputs(), 1);
        let branch = process.branch(&process).unwrap();
        assert_eq!((branch.inputs(), branch.outputs()), (1, 2));
        let bus = process.bus(&process).unwrap();
        assert_eq!((bus.inputs(), bus.outputs()), (1, 1));
    }

    #[test]
    fn a_mono_processor_is_mapped_over_channels() {
        let stereo = Signal::control("a").stack(&Signal::control("b")).unwrap();
        assert_eq!(stereo.pipe(&word("abs", &[])).unwrap().outputs(), 2);
        assert_eq!(word("abs", &[]).outputs_for(2), Ok(2));
    }

    #[test]
    fn an_effect_is_as_wide_as_what_is_piped_in() {
        let body = Signal::argument(0).mul(&Signal::constant(0.5)).unwrap();
        let effect = Signal::effect(0, &body).unwrap();
        assert_eq!((effect.outputs_for(1), effect.outputs_for(2)), (Ok(1), Ok(2)));
    }

    #[test]
    fn nothing_can_be_piped_into_what_sounds_by_itself() {
        let error = word("abs", &[]).pipe(&Signal::constant(1.0)).unwrap_err();
        assert_eq!(error.message, "the right side of >> takes no input: it sounds by itself");
    }

    #[test]
    fn too_many_and_too_few_arguments_are_named() {
        let row = ugens::row("map_range").unwrap();
        let few = Signal::ugen(row, &[Signal::constant(1.0)]).unwrap_err();
        assert_eq!(few.message, "map_range needs its high");
        let many = Signal::ugen(row, &vec![Signal::constant(1.0); 4]).unwrap_err();
        assert_eq!(many.message, "map_range takes at most 2 arguments, found 4");
    }
}

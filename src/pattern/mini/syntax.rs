//! The tree a text in mini-notation is read into.

use std::ops::Range;

use crate::pattern::{Time, Value};

/// What stands between two brackets: sequences and how they stand to each other.
#[derive(Clone, Debug)]
pub struct Layers {
    pub kind: Kind,
    pub sequences: Vec<Vec<Step>>,
    /// Which sequences begin with `^`: theirs are the steps that count.
    pub marked: Vec<bool>,
}

impl Layers {
    /// The number of steps that `^` here or further inside makes of this: as many as let every marked step be a whole one.
    pub fn counted(&self) -> Option<Time> {
        let sequence = |(steps, marked): (&Vec<Step>, &bool)| {
            let inside = steps.iter().filter_map(|step| match &step.what {
                What::Group(layers) | What::Alternate(layers) | What::Polymeter(layers, _) => layers.counted(),
                _ => None,
            });
            let inside = inside.reduce(Time::least_common_multiple);
            (*marked || inside.is_some()).then(|| weight(steps) * inside.unwrap_or(Time::ONE))
        };
        self.sequences.iter().zip(&self.marked).filter_map(sequence).reduce(Time::least_common_multiple)
    }
}

/// How long steps are together.
pub fn weight(steps: &[Step]) -> Time {
    steps.iter().fold(Time::ZERO, |sum, step| sum + step.weight)
}

/// How sequences stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `,`: together.
    Stack,
    /// `|`: one of them each cycle; the number is that of this chance in the text.
    Choice(u32),
    /// ` . `: one after the other, each as one step.
    Feet,
}

/// One step of a sequence: what it is, what is done to it, and how long it is beside the others.
#[derive(Clone, Debug)]
pub struct Step {
    pub what: What,
    pub marks: Vec<Mark>,
    pub weight: Time,
    /// How often it stands there.
    pub copies: u32,
}

#[derive(Clone, Debug)]
pub enum What {
    Atom(Value, Range<usize>),
    /// Several values at once, of one word.
    Chord(Vec<Value>, Range<usize>),
    Rest,
    /// `[…]`
    Group(Layers),
    /// `<…>`
    Alternate(Layers),
    /// `{…}%n`
    Polymeter(Layers, Option<Box<What>>),
}

/// What is done to a step, in the order written.
#[derive(Clone, Debug)]
pub enum Mark {
    Fast(What),
    Slow(What),
    Replicate(u32),
    /// The probability of falling silent and the number of this chance in the text.
    Degrade(f64, u32),
    Euclid(Box<Step>, Box<Step>, Option<Box<Step>>),
    Tail(What),
    Range(What),
}

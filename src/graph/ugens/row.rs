//! What a row of the table says: name, meaning, example, parameters, and how the operation is built.

use crate::engine::{LANES, MOST_LANES, Operation};

/// How a parameter may change while it sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Any signal; a changed number ramps.
    Signal,
    /// A number at building time; a change crossfades into a rebuilt operation.
    Build,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    pub name: &'static str,
    pub unit: &'static str,
    pub low: f32,
    pub high: f32,
    /// None: must be given.
    pub default: Option<f32>,
    pub rate: Rate,
}

impl Param {
    /// A signal parameter that must be given.
    pub const fn needed(name: &'static str, unit: &'static str, low: f32, high: f32) -> Self {
        Param { name, unit, low, high, default: None, rate: Rate::Signal }
    }

    /// A signal parameter with a default.
    pub const fn signal(name: &'static str, unit: &'static str, low: f32, high: f32, default: f32) -> Self {
        Param { name, unit, low, high, default: Some(default), rate: Rate::Signal }
    }

    /// A number that is fixed when the operation is built.
    pub const fn built(name: &'static str, unit: &'static str, low: f32, high: f32, default: f32) -> Self {
        Param { name, unit, low, high, default: Some(default), rate: Rate::Build }
    }
}

/// What an operation is built from.
pub struct Build<'a> {
    /// Frames per second.
    pub rate: f64,
    /// Values of the `Build` parameters, in the row's order, within their ranges.
    pub values: &'a [f32],
}

/// One word of the sound vocabulary. Inputs of its operation: the audio inputs, then its `Signal` parameters in order.
///
/// A row with two outputs has no inputs or two; one with a single input is mapped over channels.
#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub category: &'static str,
    /// One or more sentences: meaning, units, source.
    pub doc: &'static str,
    /// A line of the language that sounds.
    pub example: &'static str,
    pub inputs: usize,
    pub outputs: usize,
    pub params: &'static [Param],
    pub make: Make,
}

/// How an operation is built, one voice at a time and many side by side.
#[derive(Clone, Copy)]
pub struct Make {
    pub one: fn(&Build) -> Box<dyn Operation<1>>,
    pub many: fn(&Build) -> Box<dyn Operation<LANES>>,
    pub most: fn(&Build) -> Box<dyn Operation<MOST_LANES>>,
}

/// The `Make` of an expression that builds for any number of lanes.
macro_rules! make {
    (|$build:pat_param| $operation:expr) => {
        $crate::graph::ugens::row::Make {
            one: |$build| $operation,
            many: |$build| $operation,
            most: |$build| $operation,
        }
    };
}
pub(super) use make;

/// Numbers of lanes that rows can be built for.
pub trait Width<const L: usize> {
    fn build(&self, build: &Build) -> Box<dyn Operation<L>>;
}

impl Width<1> for Row {
    fn build(&self, build: &Build) -> Box<dyn Operation<1>> {
        (self.make.one)(build)
    }
}

impl Width<LANES> for Row {
    fn build(&self, build: &Build) -> Box<dyn Operation<LANES>> {
        (self.make.many)(build)
    }
}

impl Width<MOST_LANES> for Row {
    fn build(&self, build: &Build) -> Box<dyn Operation<MOST_LANES>> {
        (self.make.most)(build)
    }
}

impl Row {
    /// Whether what it gives depends on what it heard before: sums, products and places are worked out anew every frame.
    pub fn remembers(&self) -> bool {
        !matches!(self.category, "arithmetic" | "mixing")
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

//! The table of ugens: one row per word, with its code, documentation, example and parameters.

use crate::engine::Operation;

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

/// What an operation is built from.
pub struct Build<'a> {
    pub rate: f64,
    /// Values of the `Build` parameters, in the row's order.
    pub values: &'a [f32],
}

/// One word of the sound vocabulary. Inputs of its operation: the audio inputs, then its `Signal` parameters in order.
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
    pub build: fn(&Build) -> Box<dyn Operation<1>>,
}

/// All rows, by category.
pub fn rows() -> &'static [Row] {
    &[]
}

/// The row of a name or alias.
pub fn row(name: &str) -> Option<&'static Row> {
    rows().iter().find(|r| r.name == name || r.aliases.contains(&name))
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

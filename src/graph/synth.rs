//! Instruments: a body over named controls.

use std::sync::Arc;

use super::Signal;

/// A named number an instrument (or a chain) takes from each event.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    pub name: Arc<str>,
    pub default: f32,
    pub low: f32,
    pub high: f32,
    pub unit: &'static str,
}

/// An instrument as plain data. `freq` (Hz) and `gate` (0 or 1) are controls like the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthDef {
    pub name: Arc<str>,
    pub controls: Vec<Control>,
    /// No inputs, one or two outputs.
    pub body: Signal,
    /// One sentence for help, from the `///` above it.
    pub doc: Arc<str>,
}

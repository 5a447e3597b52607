//! Lowering: from a signal or an instrument to a schedule.

use std::sync::Arc;

use super::{GraphError, Signal, SynthDef};
use crate::engine::Schedule;

/// A schedule and what its cells mean.
pub struct Lowered {
    pub schedule: Schedule<1>,
    /// Names of the control cells, in the order of the schedule's first cells.
    pub controls: Vec<Arc<str>>,
}

/// One voice of an instrument: control cells in the order of `def.controls`, one or two outputs.
pub fn lower_voice(_def: &SynthDef, _rate: f64) -> Result<Lowered, GraphError> {
    todo!()
}

/// A chain of inserts, a bus or the master: two inputs, two outputs. `owner` is part of every operation's identity.
pub fn lower_insert(_chain: &Signal, _owner: &str, _rate: f64) -> Result<Lowered, GraphError> {
    todo!()
}

/// A signal that just sounds: no inputs, one or two outputs.
pub fn lower_signal(_signal: &Signal, _owner: &str, _rate: f64) -> Result<Lowered, GraphError> {
    todo!()
}

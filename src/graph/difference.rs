//! The difference between two signals: the same, the same but for numbers, or another structure.

use super::Signal;

/// What must be done to the schedule lowered from the old signal so that it plays the new one.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    Same,
    /// Only numbers that ramp have changed: (cell, value) of the old schedule.
    Retune(Vec<(u16, f32)>),
    Rebuild,
}

pub fn difference(_old: &Signal, _new: &Signal) -> Difference {
    todo!()
}

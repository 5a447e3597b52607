//! The difference between two signals: the same, the same but for numbers, or another structure.

use super::Signal;
use super::draft::draft;

/// What must be done to the schedule lowered from the old signal so that it plays the new one.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    Same,
    /// Only numbers that ramp have changed: (cell, value) of the old schedule.
    Retune(Vec<(u16, f32)>),
    Rebuild,
}

/// Compares two chains (as `lower_insert` takes them) or two signals (as `lower_signal` does).
pub fn difference(old: &Signal, new: &Signal) -> Difference {
    if old == new {
        return Difference::Same;
    }
    let lay = |signal: &Signal| draft(signal, "", if signal.closed() { 0 } else { 2 }, vec![]);
    let (Ok(old), Ok(new)) = (lay(old), lay(new)) else { return Difference::Rebuild };
    if old.level != new.level || old.controls != new.controls || old.constants.len() != new.constants.len() {
        return Difference::Rebuild;
    }
    let pairs = old.constants.iter().zip(&new.constants).enumerate();
    let changed = pairs.filter(|(_, (a, b))| a.to_bits() != b.to_bits());
    Difference::Retune(changed.map(|(k, (_, b))| ((old.controls.len() + k) as u16, *b)).collect())
}

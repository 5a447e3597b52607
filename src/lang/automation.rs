//! Automation: patterns in the place of numbers in a sound, known there by a name made from what they say.

use std::collections::HashMap;
use std::sync::Arc;

use super::desk;
use crate::graph::Signal;
use crate::pattern::Pattern;

/// Patterns by the names of the controls that follow them.
pub type Automations = HashMap<Arc<str>, Pattern>;

/// What such a name begins with; no control of an instrument does.
const MARK: char = '~';

/// A control that follows a pattern.
pub fn follow(pattern: &Pattern) -> Signal {
    let name: Arc<str> = format!("{MARK}{:016x}", (pattern.hash() >> 64) as u64 ^ pattern.hash() as u64).into();
    let signal = Signal::control(&name);
    desk::with(|desk| desk.names.automations.insert(name, pattern.clone()));
    signal
}

/// What the controls in these signals follow, in the order of their names.
pub fn of<'a>(signals: impl IntoIterator<Item = &'a Signal>, known: &Automations) -> Vec<(Arc<str>, Pattern)> {
    let mut names: Vec<Arc<str>> =
        signals.into_iter().flat_map(Signal::controls).filter(|n| n.starts_with(MARK)).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter_map(|name| known.get(&name).cloned().map(|pattern| (name, pattern))).collect()
}

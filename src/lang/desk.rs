//! The desk under construction: what the text being evaluated has said so far. It exists only while a text is evaluated.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use rhai::FnPtr;

use super::automation::Automations;
use crate::graph::{Control, SynthDef};
use crate::score::{Diagnostic, Location, Score};

/// An effect by name: the function that makes it, and the names of what it takes beside its input.
#[derive(Clone)]
pub struct Effect {
    pub function: FnPtr,
    pub params: Vec<Arc<str>>,
}

/// A body being built: what `param` adds to.
pub enum Building {
    Synth {
        name: Arc<str>,
        controls: Vec<Control>,
    },
    /// Arguments of the call that nobody has asked for yet.
    Effect {
        left: Vec<rhai::Dynamic>,
    },
}

/// What has been said so far.
#[derive(Default)]
pub struct Desk {
    /// The text's name in diagnostics.
    pub file: Arc<str>,
    pub score: Score,
    pub warnings: Vec<Diagnostic>,
    pub shown: Vec<String>,
    pub imports: Vec<PathBuf>,
    pub automations: Automations,
    /// In reach of this text: its own and those of the owners below.
    pub effects: HashMap<Arc<str>, Effect>,
    pub synths: HashMap<Arc<str>, Arc<SynthDef>>,
    pub building: Vec<Building>,
    /// Where each name was given in this text.
    pub places: HashMap<String, Location>,
    /// `///` lines by the line of what they describe.
    pub docs: HashMap<usize, String>,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// Runs `f` with this desk under construction, and gives the desk back.
pub fn during<T>(desk: Desk, f: impl FnOnce() -> T) -> (T, Desk) {
    let before = DESK.replace(Some(desk));
    let value = f();
    let desk = DESK.replace(before);
    (value, desk.expect("nobody takes the desk away"))
}

/// The desk under construction, if a text is being evaluated. `f` must not evaluate anything.
pub fn with<T>(f: impl FnOnce(&mut Desk) -> T) -> Option<T> {
    DESK.with_borrow_mut(|desk| desk.as_mut().map(f))
}

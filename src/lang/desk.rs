//! The desk under construction: what the text being evaluated has said so far. It exists only while a text is evaluated.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use rhai::{AST, Dynamic, FnPtr, ImmutableString, Position};

use super::automation::Automations;
use super::imports::Modules;
use super::source::{Inserted, Source};
use crate::graph::{Control, SynthDef};
use crate::pattern::Origin;
use crate::score::{Diagnostic, Location, Score};

/// A function that makes an effect or a synth, and the names of its parameters.
#[derive(Clone)]
pub struct Definition {
    pub function: FnPtr,
    pub params: Vec<Arc<str>>,
    /// None: the text under evaluation.
    pub surroundings: Option<Arc<Surroundings>>,
}

/// A text of the library that a function stands in, and all functions there.
pub struct Surroundings {
    pub file: Arc<str>,
    pub text: Text,
    pub functions: AST,
}

/// A body being built: what `param` adds to.
pub enum Building {
    Synth {
        controls: Vec<Control>,
    },
    /// Arguments of the call that nobody has asked for yet, last first.
    Effect {
        left: Vec<Dynamic>,
    },
}

/// What a text can refer to by name: its own and what the owners below it gave.
#[derive(Clone, Default)]
pub struct Names {
    pub tracks: HashMap<Arc<str>, Dynamic>,
    pub effects: HashMap<Arc<str>, Definition>,
    pub synths: HashMap<Arc<str>, (Definition, Arc<SynthDef>)>,
    /// What the automated controls in signals follow.
    pub automations: Automations,
}

impl Names {
    /// Lays these names over others.
    pub fn lay(&mut self, above: &Names) {
        self.tracks.extend(above.tracks.clone());
        self.effects.extend(above.effects.clone());
        self.synths.extend(above.synths.clone());
        self.automations.extend(above.automations.clone());
    }
}

/// A text as it was given, and where making it ready for the parser put a character in.
#[derive(Clone, Default)]
pub struct Text {
    pub source: Source,
    pub inserted: Inserted,
}

impl Text {
    /// Line and column in the text as it was given, never behind its end: the parser's end lies where it stopped looking.
    pub fn place(&self, at: Position) -> Option<(usize, usize)> {
        let (line, column) = (at.line()?, at.position().unwrap_or(1).max(1));
        if line > self.source.lines() {
            return Some(self.source.end());
        }
        let column = self.inserted.given(line, column);
        Some((line, column.min(self.source.line(line).len() + 1)))
    }
}

/// Warnings of one text.
const WARNINGS: usize = 100;

/// What has been said so far.
#[derive(Default)]
pub struct Desk {
    /// The text's name in diagnostics; changes while an import is evaluated.
    pub file: Arc<str>,
    pub text: Text,
    pub score: Score,
    /// Tempo and meter that the owners below gave, if they did.
    pub pace: (Option<f64>, Option<f64>),
    /// In reach of this text: its own and those of the owners below.
    pub names: Names,
    /// Only what this text itself named.
    pub own: Names,
    pub warnings: Vec<Diagnostic>,
    pub shown: Vec<String>,
    /// Imported texts, ready to be evaluated, and the paths of those that are being evaluated.
    pub modules: Modules,
    pub importing: Vec<String>,
    pub building: Vec<Building>,
    /// What every pattern of this text goes through at last.
    pub everywhere: Vec<FnPtr>,
    /// Effects and synths that are being called by name, the innermost last.
    pub calling: Vec<Arc<str>>,
    /// Where each name was given in this text.
    pub places: HashMap<String, Location>,
    /// `///` lines by the line of what they describe.
    pub docs: HashMap<usize, String>,
    /// The call whose arguments are being read, if it stands in this text.
    pub reading: Option<Reading>,
}

/// A call in the text under evaluation, for finding out where the texts it was given stand.
pub struct Reading {
    /// Line and column of the word or operator.
    at: (usize, usize),
    /// Where the last text was found; the next one stands behind it.
    last: (usize, usize),
    /// The text that stands before the word's dot or the operator, until it has been read.
    before: Option<ImmutableString>,
}

impl Desk {
    /// Puts another text in the place of the one under evaluation, and gives that.
    pub fn stand_in(&mut self, (file, text): (Arc<str>, Text)) -> (Arc<str>, Text) {
        (std::mem::replace(&mut self.file, file), std::mem::replace(&mut self.text, text))
    }

    /// Adds a warning, unless it was given or there are very many.
    pub fn warn(&mut self, warning: Diagnostic) {
        if self.warnings.len() < WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub fn location(&self, at: Position) -> Location {
        let (line, column) = self.text.place(at).unwrap_or((1, 1));
        Location { file: self.file.clone(), line, column }
    }

    /// The tempo in force: what this text has said so far, else what the owners below it said, else 120 beats of 4.
    pub fn cycles_per_minute(&self) -> f64 {
        let (tempo, meter) = self.pace;
        let beats = self.score.tempo.or(tempo).unwrap_or(120.0);
        beats / self.score.meter.or(meter).unwrap_or(4.0)
    }

    /// A call of the word or operator at a position begins; `before` stands in front of it, if that is a text.
    pub fn read(&mut self, name: &str, at: Position, before: Option<&Dynamic>) {
        let place = self.text.place(at).filter(|(line, column)| {
            let rest = self.text.source.line(*line).get(column - 1..).unwrap_or(&[]);
            name.trim_end_matches("__")
                .chars()
                .eq(rest.iter().copied().take(name.trim_end_matches("__").chars().count()))
        });
        let before = before.and_then(|value| value.as_immutable_string_ref().ok().map(|text| text.clone()));
        self.reading = place.map(|at| Reading { at, last: at, before });
    }

    /// Where a text that the call being read was given stands; none if it was put together.
    pub fn origin(&mut self, text: &str) -> Option<Origin> {
        let reading = self.reading.as_mut()?;
        let (line, column) = if reading.before.as_deref().is_some_and(|before| before == text) {
            reading.before = None;
            self.text.source.text_before(text, reading.at)?
        } else {
            reading.last = self.text.source.text_after(text, reading.last)?;
            reading.last
        };
        Some(Origin { source: super::source_of(&self.file), line: line as u32, column: column as u32 })
    }

    /// Whether the word at a position is called after a dot; nothing where that word does not stand there.
    pub fn is_after_dot(&self, name: &str, at: Position) -> Option<bool> {
        let (line, column) = self.text.place(at)?;
        let stands = self.text.source.word(line, column) == name.trim_end_matches("__");
        stands.then(|| self.text.source.is_after_dot(Position::new(line as u16, column as u16)))
    }
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

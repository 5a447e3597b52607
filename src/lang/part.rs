//! Parts: what a track is made of while it is still being said, a pattern or a sound with its way through the desk.

use std::sync::Arc;

use rhai::Dynamic;

use super::argument;
use super::fault::Fault;
use crate::graph::Signal;
use crate::pattern::Pattern;
use crate::score::{Quantum, Source};

/// A source with inserts and sends: `s("bd*4") >> chorus(0.4)`, `sine(55).room(0.3)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub source: Source,
    pub inserts: Option<Signal>,
    /// Bus name and linear level.
    pub sends: Vec<(Arc<str>, f64)>,
    pub quantum: Option<Quantum>,
    /// Seconds in which its sound crosses over when it is edited.
    pub crossfade: Option<f64>,
}

impl Part {
    pub fn new(source: Source) -> Self {
        Part { source, inserts: None, sends: Vec::new(), quantum: None, crossfade: None }
    }

    /// A part of anything that can be a track.
    pub fn of(value: &Dynamic) -> Option<Part> {
        if let Some(part) = value.read_lock::<Part>() {
            return Some(part.clone());
        }
        if let Some(pattern) = value.read_lock::<Pattern>() {
            return Some(Part::new(Source::Pattern(pattern.clone())));
        }
        value.read_lock::<Signal>().map(|signal| Part::new(Source::Signal(signal.clone())))
    }

    /// The same part through one more effect: a pattern's inserts, a sound's own continuation.
    pub fn through(mut self, effect: &Signal) -> Result<Part, Fault> {
        if effect.closed() {
            return Err(
                Fault::new("expected an effect after >>, found a sound of its own").hint("s(\"bd*4\") >> lowpass(800)")
            );
        }
        match &self.source {
            Source::Signal(signal) => self.source = Source::Signal(signal.pipe(effect)?),
            Source::Pattern(_) => {
                self.inserts = Some(match &self.inserts {
                    None => effect.clone(),
                    Some(inserts) => inserts.pipe(effect)?,
                });
            }
        }
        Ok(self)
    }

    /// The same part with its pattern changed.
    pub fn with_pattern(mut self, pattern: Pattern) -> Part {
        self.source = Source::Pattern(pattern);
        self
    }

    /// The same part with what another says about its pattern and its edits.
    pub fn said(self, other: Part) -> Part {
        Part {
            source: other.source,
            quantum: other.quantum.or(self.quantum),
            crossfade: other.crossfade.or(self.crossfade),
            ..self
        }
    }

    /// The same part feeding a bus; a later level replaces an earlier one.
    pub fn send(mut self, bus: &str, level: f64) -> Part {
        self.sends.retain(|(name, _)| name.as_ref() != bus);
        self.sends.push((bus.into(), level));
        self
    }
}

/// A sound of what the language takes for one: a signal, a number, a pattern that it follows.
pub fn sound(value: &Dynamic) -> Result<Option<Signal>, Fault> {
    if let Some(signal) = value.read_lock::<Signal>() {
        return Ok(Some(signal.clone()));
    }
    if let Some(number) = argument::number(value) {
        return Ok(Some(Signal::constant(number as f32)));
    }
    if let Some(pattern) = value.read_lock::<Pattern>() {
        return Ok(Some(super::automation::follow(&pattern)));
    }
    match value.as_immutable_string_ref() {
        Ok(text) => Ok(Some(super::automation::follow(&argument::notation(&text)?))),
        Err(_) => Ok(None),
    }
}

/// A part that is a sound, with its sends where it has any.
pub fn sounding(value: &Dynamic) -> Result<Option<Part>, Fault> {
    match Part::of(value) {
        Some(part) if matches!(part.source, Source::Signal(_)) => Ok(Some(part)),
        Some(_) => Ok(None),
        None => Ok(sound(value)?.map(|signal| Part::new(Source::Signal(signal)))),
    }
}

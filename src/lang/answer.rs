//! Answers: what an expression means outside a piece, and how values are shown.

use std::fmt::Write;

use rhai::Dynamic;

use super::argument;
use super::part::Part;
use crate::graph::Signal;
use crate::pattern::{Pattern, Span, Value};
use crate::score::Source;
use crate::theory::picture::Picture;

/// What an expression means.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Pattern(Pattern),
    Value(Value),
    Signal(Signal),
    Picture(Picture),
    Nothing,
}

/// How many haps are shown of one cycle.
const SHOWN_HAPS: usize = 64;

impl Answer {
    pub(super) fn of(value: &Dynamic) -> Answer {
        if let Some(part) = Part::of(value) {
            return match part.source {
                Source::Pattern(pattern) => Answer::Pattern(pattern),
                Source::Signal(signal) => Answer::Signal(signal),
            };
        }
        if value.is_unit() {
            return Answer::Nothing;
        }
        if let Some(picture) = value.read_lock::<Picture>() {
            return Answer::Picture(picture.clone());
        }
        match argument::plain(value) {
            Some(value) => Answer::Value(value),
            None => Answer::Value(Value::text(&argument::describe(value))),
        }
    }
}

/// The first cycle of a pattern, a hap a line.
pub fn haps(pattern: &Pattern) -> String {
    let Ok(haps) = pattern.try_query(Span::cycles(0, 1), 0) else {
        return "a pattern far too dense to be shown".into();
    };
    let mut shown = String::new();
    for hap in haps.iter().take(SHOWN_HAPS) {
        let span = hap.whole_or_part();
        let _ = writeln!(shown, "{} – {}  {}", span.begin, span.end, hap.value);
    }
    match haps.len() {
        0 => shown.push_str("nothing in the first cycle"),
        n if n > SHOWN_HAPS => {
            let _ = write!(shown, "… and {} more", n - SHOWN_HAPS);
        }
        _ => {}
    }
    shown.trim_end().to_string()
}

/// A sound by its channels.
pub fn channels(signal: &Signal) -> String {
    let count = |n: usize| if n == 1 { "1 channel".to_string() } else { format!("{n} channels") };
    match signal.inputs() {
        0 => format!("a sound of {}", count(signal.outputs())),
        n => format!("an effect of {} in and {} out", count(n), count(signal.outputs())),
    }
}

/// A value as the prompt shows it.
pub fn shown(value: &Dynamic) -> Option<String> {
    if let Some(told) = super::theory::told(value) {
        return Some(told);
    }
    match Answer::of(value) {
        Answer::Nothing => None,
        Answer::Pattern(pattern) => Some(haps(&pattern)),
        Answer::Signal(signal) => Some(channels(&signal)),
        Answer::Value(value) => Some(value.to_string()),
        Answer::Picture(picture) => Some(picture.text()),
    }
}

/// Whether a pattern carries controls, so that it can be played.
pub fn is_playable(pattern: &Pattern) -> bool {
    let haps = pattern.first_cycle();
    haps.is_empty() || haps.iter().any(|hap| matches!(hap.value, Value::Map(_)))
}

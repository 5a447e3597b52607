//! From a hap to a note: which instrument it asks for, and what that instrument's controls become.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::Name;
use crate::engine::schedule::mix;
use crate::engine::{Event, Frames, MAX_CONTROLS, MAX_SENDS};
use crate::graph::SynthDef;
use crate::pattern::{Controls, Digest, Span, Time, Value};

/// What plays notes that name no instrument.
pub(super) const DEFAULT_INSTRUMENT: &str = "tri";

/// A hap read as a note.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    pub whole: Span,
    /// Hash of time and values: the note's identity within its track.
    pub key: u64,
    pub controls: Controls,
    /// The instrument's names, the first that exists is meant: with the bank before it, then plain.
    pub instruments: Vec<String>,
}

/// What the voice is and where it plays.
pub(super) struct Voice<'a> {
    pub def: &'a SynthDef,
    pub track: u16,
    pub pool: u32,
}

impl Note {
    /// Reads a hap: a bare word names an instrument, a bare number a note.
    pub fn read(whole: Span, value: &Value) -> Note {
        let key = Digest::new().time(whole.begin).time(whole.end).value(value).half();
        let mut controls = match value {
            Value::Map(controls) => (**controls).clone(),
            Value::Text(_) => Controls::from([("s".into(), value.clone())]),
            other => Controls::from([("note".into(), other.clone())]),
        };
        let mut plain = DEFAULT_INSTRUMENT.to_string();
        match controls.get("s") {
            Some(Value::List(parts)) => {
                plain = parts.first().map(Value::to_string).unwrap_or(plain);
                if let Some(n) = parts.get(1).cloned() {
                    controls.entry("n".into()).or_insert(n);
                }
            }
            Some(Value::Text(word)) => match word.split_once(':') {
                Some((name, n)) => {
                    plain = name.to_string();
                    let n = Value::text(n);
                    controls.entry("n".into()).or_insert(n);
                }
                None => plain = word.to_string(),
            },
            Some(other) => plain = other.to_string(),
            None => {}
        }
        let bank = controls.get("bank").and_then(Value::as_text);
        let instruments = bank.map(|bank| format!("{bank}_{plain}")).into_iter().chain([plain]).collect();
        Note { whole, key, controls, instruments }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.controls.get(name).and_then(Value::numeral).filter(|x| x.is_finite())
    }

    /// How long the gate is open, in cycles.
    pub fn length(&self) -> f64 {
        let scale = self.number("clip").or(self.number("legato")).unwrap_or(1.0);
        self.whole.duration().to_f64() * scale.clamp(0.0, 1000.0)
    }

    /// In Hz: `freq`, else `note`, else 60 + `n`; none where it names no pitch.
    fn pitch(&self) -> Option<f64> {
        self.number("freq").or_else(|| {
            let note = self.number("note").or_else(|| self.number("n").map(|n| 60.0 + n))?;
            Some(440.0 * ((note - 69.0) / 12.0).exp2())
        })
    }

    /// Linear.
    fn gain(&self) -> f32 {
        (self.number("gain").unwrap_or(1.0) * self.number("velocity").unwrap_or(1.0)).clamp(0.0, 16.0) as f32
    }

    /// Every bus it feeds, with the linear level.
    pub fn sends(&self) -> BTreeMap<Name, f32> {
        let mut sends = BTreeMap::new();
        for (name, value) in &self.controls {
            let bus: Name = match &**name {
                "room" | "delay" => name.clone(),
                other => match other.strip_prefix("send_") {
                    Some(bus) => bus.into(),
                    None => continue,
                },
            };
            if let Some(level) = value.number().filter(|x| x.is_finite() && *x > 0.0) {
                sends.insert(bus, level.min(16.0) as f32);
            }
        }
        sends
    }

    /// The event: from frame `at` to `off`, on a voice; `sends` by bus slot.
    pub fn event(&self, voice: &Voice, at: Frames, off: Frames, seed: u64, sends: &[(u16, f32)]) -> Event {
        let mut controls = [0.0; MAX_CONTROLS];
        for (place, control) in controls.iter_mut().zip(&voice.def.controls) {
            let asked = match &*control.name {
                "freq" => self.pitch(),
                "gate" => Some(0.0),
                name => self.number(name),
            };
            let value = asked.map_or(control.default, |x| x as f32);
            *place = if value.is_finite() { value } else { control.default };
            if asked.is_some() && control.low < control.high {
                *place = place.clamp(control.low, control.high);
            }
        }
        let mut feeds = [(0, 0.0); MAX_SENDS];
        for (feed, send) in feeds.iter_mut().zip(sends) {
            *feed = *send;
        }
        Event {
            at,
            off: off.max(at + 1),
            track: voice.track,
            pool: voice.pool,
            key: self.key,
            seed,
            gain: self.gain(),
            pan: (self.number("pan").unwrap_or(0.5) * 2.0 - 1.0).clamp(-1.0, 1.0) as f32,
            sends: feeds,
            cut: self.number("cut").map_or(0, |group| group.clamp(0.0, 1e9) as u32),
            controls,
        }
    }
}

/// The effects a note asks for that its instrument does not take itself, in the order in which they follow it.
pub(super) fn effects(_def: &SynthDef, _note: &Note) -> Vec<&'static str> {
    Vec::new()
}

/// The chance of a note: the same in every take of the same piece.
pub(super) fn chance(seed: u64, track: u64, onset: Time) -> u64 {
    mix(mix(seed, track), Digest::new().time(onset).half())
}

/// A name as a number.
pub(super) fn name_hash(name: &str) -> u64 {
    Digest::new().text(name).half()
}

/// The name that is spelt most like `wanted`, if one is near enough to be meant.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    near.min().filter(|(distance, _)| *distance <= 1 + wanted.chars().count() / 4).map(|(_, name)| name)
}

/// The instrument of a note among those there are.
pub(super) fn instrument<'a>(note: &Note, synths: &'a [Arc<SynthDef>]) -> Option<&'a Arc<SynthDef>> {
    note.instruments.iter().find_map(|name| synths.iter().find(|def| *def.name == **name))
}

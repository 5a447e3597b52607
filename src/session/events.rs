//! From a hap to a note: which instrument it asks for, and what that instrument's controls become.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::plan::Name;
use crate::engine::schedule::mix;
use crate::engine::{Event, Frames, MAX_CONTROLS, MAX_SENDS};
use crate::graph::{SynthDef, VOICE_EFFECTS, VoiceEffect};
use crate::pattern::{Controls, Digest, Span, Time, Value, control};
use crate::score::Instrument;

/// What plays notes that name no instrument.
pub(super) const DEFAULT_INSTRUMENT: &str = "tri";

/// Seconds a note can be nudged: no more than events are sent ahead.
const MAX_NUDGE: f64 = 0.1;

/// A hap read as a note.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    pub whole: Span,
    /// Hash of time and values: the note's identity within its track.
    pub key: u64,
    pub controls: Controls,
    /// The instrument's names, the first that exists is meant: with the bank before it, then plain, and our name for it.
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
        let banked = bank.map(|bank| format!("{}_{}", our_name(bank), our_name(&plain)));
        let ours = our_name(&plain).to_string();
        let mut instruments: Vec<String> =
            bank.map(|bank| format!("{bank}_{plain}")).into_iter().chain(banked).collect();
        instruments.extend([plain, ours]);
        instruments.dedup();
        Note { whole, key, controls, instruments }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.controls.get(name).and_then(Value::numeral).filter(|x| x.is_finite())
    }

    /// How long the gate is open, in cycles.
    pub fn length(&self) -> f64 {
        let scale = self.number("clip").unwrap_or(1.0).clamp(0.0, 1000.0);
        self.number("duration").unwrap_or(self.whole.duration().to_f64()).clamp(0.0, 1000.0) * scale
    }

    /// Seconds by which it is played later than it is written.
    pub fn nudge(&self) -> f64 {
        self.number("nudge").unwrap_or(0.0).clamp(-MAX_NUDGE, MAX_NUDGE)
    }

    /// In Hz: `freq`, else `note`, else 60 + `n`; none where it names no pitch.
    fn pitch(&self) -> Option<f64> {
        self.number("freq").or_else(|| {
            let note = self.number("note").or_else(|| self.number("n").map(|n| 60.0 + n))?;
            Some(440.0 * ((note - 69.0) / 12.0).exp2())
        })
    }

    /// The vowel's place in a, e, i, o, u.
    fn vowel(&self) -> Option<f64> {
        let vowel = self.controls.get("vowel")?;
        let letter = vowel.as_text().and_then(|word| ["a", "e", "i", "o", "u"].iter().position(|vowel| *vowel == word));
        letter.map(|place| place as f64).or_else(|| vowel.number())
    }

    /// Linear.
    fn gain(&self) -> f32 {
        let factors = ["gain", "velocity", "postgain", "amp"].map(|name| self.number(name).unwrap_or(1.0));
        factors.iter().product::<f64>().clamp(0.0, 16.0) as f32
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
                "vowel" => self.vowel(),
                name => self.number(name).or_else(|| self.number(carried(name))),
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

/// The effects a note asks for that its instrument does not take itself, in the order in which its voices wear them.
pub(super) fn effects(def: &SynthDef, note: &Note) -> Vec<&'static str> {
    /// Every effect, and the controls of a note that ask for it.
    static ASKED: LazyLock<Vec<(&VoiceEffect, Vec<&str>)>> = LazyLock::new(|| {
        VOICE_EFFECTS.iter().map(|effect| (effect, effect.controls.iter().map(|c| carried(c.name)).collect())).collect()
    });
    let own =
        |effect: &VoiceEffect| effect.controls.iter().any(|c| def.controls.iter().any(|own| *own.name == *c.name));
    let asked = ASKED.iter().filter(|(_, words)| words.iter().any(|word| note.controls.contains_key(*word)));
    asked.map(|(effect, _)| *effect).filter(|effect| !own(effect)).map(|effect| effect.name).collect()
}

/// Our name for an instrument or a bank that goes by another name in Tidal or Strudel.
fn our_name(name: &str) -> &str {
    const NAMES: [(&str, &str); 9] = [
        ("sawtooth", "saw"),
        ("triangle", "tri"),
        ("white", "noise"),
        ("sn", "sd"),
        ("superpiano", "piano"),
        ("superhammond", "organ"),
        ("RolandTR808", "tr808"),
        ("RolandTR909", "tr909"),
        ("supersquare", "square"),
    ];
    NAMES.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours)
}

/// The name under which notes carry a control of an instrument.
fn carried(name: &str) -> &str {
    control(name).map_or(name, |control| control.name)
}

/// The chance of a note: the same in every take of the same piece.
pub(super) fn chance(seed: u64, track: u64, onset: Time) -> u64 {
    mix(own(seed, track), Digest::new().time(onset).half())
}

/// The seed of everything that happens by chance in a strip of this name: equal patterns roll their own dice in each.
pub(super) fn own(seed: u64, name: u64) -> u64 {
    mix(seed, name)
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
pub(super) fn instrument<'a>(note: &Note, synths: &'a [Instrument]) -> Option<&'a Arc<SynthDef>> {
    note.instruments.iter().find_map(|name| synths.iter().find(|known| *known.name == **name)).map(Instrument::def)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Control, Signal};

    fn note(controls: &[(&str, Value)]) -> Note {
        let map = controls.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        Note::read(Span::cycles(0, 1), &Value::Map(Arc::new(map)))
    }

    fn def(controls: &[&str]) -> SynthDef {
        let control = |name: &&str| Control { name: (*name).into(), default: 0.5, low: 0.0, high: 20_000.0, unit: "" };
        SynthDef {
            name: "test".into(),
            controls: controls.iter().map(control).collect(),
            body: Signal::constant(0.0),
            doc: "".into(),
        }
    }

    fn event(controls: &[(&str, Value)]) -> Event {
        let def = def(&["cutoff", "freq", "gate"]);
        note(controls).event(&Voice { def: &def, track: 3, pool: 9 }, 100, 200, 7, &[(1, 0.5)])
    }

    #[test]
    fn controls_stand_in_the_order_of_the_instrument_and_missing_ones_take_its_default() {
        let event = event(&[("cutoff", 800.0.into()), ("gate", 1.0.into()), ("elsewhere", 3.0.into())]);
        assert_eq!(event.controls[..4], [800.0, 0.5, 0.0, 0.0]);
        assert_eq!((event.track, event.pool, event.at, event.off), (3, 9, 100, 200));
        assert_eq!(event.sends[..2], [(1, 0.5), (0, 0.0)]);
    }

    #[test]
    fn pitch_is_freq_or_a_note_by_number_or_name_or_a_number_above_middle_c() {
        let freq = |controls: &[(&str, Value)]| event(controls).controls[1];
        let near = |a: f32, b: f32| (a - b).abs() < 0.01;
        assert!(near(freq(&[("note", 69.0.into())]), 440.0));
        assert!(near(freq(&[("note", "a5".into())]), 880.0));
        assert!(near(freq(&[("note", "c".into())]), 130.813));
        assert!(near(freq(&[("n", 9.0.into())]), 440.0));
        assert!(near(freq(&[("n", 2.0.into()), ("note", 69.0.into())]), 440.0));
        assert!(near(freq(&[("freq", 55.0.into()), ("note", 69.0.into())]), 55.0));
        assert!(near(freq(&[]), 0.5), "the instrument's own");
    }

    #[test]
    fn level_multiplies_and_pan_is_turned_from_left_zero_to_left_minus_one() {
        let event = event(&[("gain", 0.5.into()), ("velocity", 0.5.into()), ("pan", 0.25.into())]);
        assert_eq!((event.gain, event.pan), (0.25, -0.5));
    }

    #[test]
    fn numbers_out_of_range_are_held_at_its_ends_and_what_is_no_number_is_not_heard() {
        let wild = event(&[("cutoff", 1e30.into()), ("gain", f64::INFINITY.into()), ("pan", 9.0.into())]);
        assert_eq!((wild.controls[0], wild.gain, wild.pan), (20_000.0, 1.0, 1.0));
        assert_eq!(event(&[("cutoff", "loud".into())]).controls[0], 0.5);
    }

    #[test]
    fn an_instrument_is_looked_for_in_its_bank_first() {
        let synths = ["bd", "tr909_bd"].map(|name| Arc::new(SynthDef { name: name.into(), ..def(&[]) }).into());
        let found = |controls: &[(&str, Value)]| instrument(&note(controls), &synths).map(|def| def.name.to_string());
        assert_eq!(found(&[("s", "bd".into()), ("bank", "tr909".into())]).as_deref(), Some("tr909_bd"));
        assert_eq!(found(&[("s", "bd".into()), ("bank", "RolandTR909".into())]).as_deref(), Some("tr909_bd"));
        assert_eq!(found(&[("s", "bd".into()), ("bank", "tr808".into())]).as_deref(), Some("bd"));
        assert_eq!(found(&[("s", "bd:3".into())]).as_deref(), Some("bd"));
        assert_eq!(found(&[("s", "sd".into())]), None);
    }

    #[test]
    fn a_bare_word_is_an_instrument_and_a_bare_number_a_note() {
        assert_eq!(Note::read(Span::cycles(0, 1), &"bd:3".into()).instruments, ["bd"]);
        let note = Note::read(Span::cycles(0, 1), &69.0.into());
        assert_eq!((note.instruments, note.controls["note"].clone()), (vec![DEFAULT_INSTRUMENT.into()], 69.0.into()));
    }

    #[test]
    fn a_note_is_another_when_its_time_or_any_value_is_another() {
        let value = Value::control("s", "bd".into());
        let key = |span, value: &Value| Note::read(span, value).key;
        let one = key(Span::cycles(0, 1), &value);
        assert_eq!(one, key(Span::cycles(0, 1), &value.clone()));
        assert_ne!(one, key(Span::cycles(1, 2), &value));
        assert_ne!(one, key(Span::cycles(0, 2), &value));
        assert_ne!(one, key(Span::cycles(0, 1), &value.with("gain", 0.5.into())));
    }

    #[test]
    fn the_gate_closes_with_the_note_unless_it_is_clipped_or_has_a_length_of_its_own() {
        assert_eq!(note(&[]).length(), 1.0);
        assert_eq!(note(&[("clip", 0.5.into())]).length(), 0.5);
        assert_eq!(note(&[("duration", 0.25.into()), ("clip", 2.0.into())]).length(), 0.5);
    }

    #[test]
    fn a_note_asks_for_the_effects_its_instrument_does_not_take_itself() {
        let asked = |own: &[&str], controls: &[(&str, Value)]| effects(&def(own), &note(controls));
        assert_eq!(asked(&["freq"], &[("shape", 0.3.into()), ("cutoff", 800.0.into())]), ["lpf", "shape"]);
        assert_eq!(asked(&["cutoff"], &[("cutoff", 800.0.into()), ("resonance", 3.0.into())]), [""; 0]);
        assert_eq!(asked(&["freq"], &[("tremolo", 4.0.into())]), ["tremolo"]);
        assert_eq!(asked(&["freq"], &[("gain", 0.5.into())]), [""; 0]);
    }

    #[test]
    fn controls_are_found_by_the_name_the_table_gives_them_and_vowels_by_their_letter() {
        let def = def(&["tremolorate", "vowel"]);
        let note = note(&[("tremolo", 4.0.into()), ("vowel", "i".into())]);
        let event = note.event(&Voice { def: &def, track: 0, pool: 0 }, 0, 1, 0, &[]);
        assert_eq!(event.controls[..2], [4.0, 2.0]);
    }

    #[test]
    fn what_is_meant_is_spelt_alike() {
        let names = ["epiano", "piano", "bass"];
        assert_eq!(nearest("paino", names.into_iter()), Some("piano"));
        assert_eq!(nearest("trumpet", names.into_iter()), None);
    }
}

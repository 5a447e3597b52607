//! Instruments: a body over named controls, and effects that each of its voices can wear.

use std::sync::Arc;

use super::{GraphError, Signal, row};

/// A named number an instrument (or a chain) takes from each event.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    pub name: Arc<str>,
    pub default: f32,
    pub low: f32,
    pub high: f32,
    pub unit: &'static str,
}

/// An instrument as plain data. `freq` (Hz) and `gate` (0 or 1) are controls like the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthDef {
    pub name: Arc<str>,
    pub controls: Vec<Control>,
    /// No inputs, one or two outputs.
    pub body: Signal,
    /// One sentence for help, from the `///` above it.
    pub doc: Arc<str>,
}

/// An effect that a note can ask for: a row of the table over one or two controls.
#[derive(Clone, Copy, Debug)]
pub struct VoiceEffect {
    pub name: &'static str,
    /// The row it plays through.
    pub row: &'static str,
    pub controls: &'static [Wear],
}

/// A control of a voice effect, in the order of the row's parameters.
#[derive(Clone, Copy, Debug)]
pub struct Wear {
    pub name: &'static str,
    pub default: f32,
    pub low: f32,
    pub high: f32,
    pub unit: &'static str,
    /// What the row's parameter is, given the control.
    tune: Tune,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tune {
    As,
    /// Resonance from 0 as pattern languages count it: 0 is flat, 10 sings.
    Resonance,
}

const fn wear(name: &'static str, default: f32, low: f32, high: f32, unit: &'static str) -> Wear {
    Wear { name, default, low, high, unit, tune: Tune::As }
}

const fn resonance(name: &'static str) -> Wear {
    Wear { name, default: 0.0, low: 0.0, high: 50.0, unit: "", tune: Tune::Resonance }
}

/// The effects a voice can wear, in the order in which it wears them.
pub const VOICE_EFFECTS: &[VoiceEffect] = &[
    VoiceEffect {
        name: "lpf",
        row: "lowpass",
        controls: &[wear("cutoff", 20_000.0, 20.0, 20_000.0, "Hz"), resonance("resonance")],
    },
    VoiceEffect {
        name: "hpf",
        row: "highpass",
        controls: &[wear("hcutoff", 20.0, 20.0, 20_000.0, "Hz"), resonance("hresonance")],
    },
    VoiceEffect {
        name: "bpf",
        row: "bandpass",
        controls: &[wear("bandf", 1000.0, 20.0, 20_000.0, "Hz"), wear("bandq", 1.0, 0.1, 50.0, "")],
    },
    VoiceEffect { name: "vowel", row: "vowel", controls: &[wear("vowel", 0.0, 0.0, 4.0, "0 a, 1 e, 2 i, 3 o, 4 u")] },
    VoiceEffect { name: "coarse", row: "coarse", controls: &[wear("coarse", 1.0, 1.0, 4096.0, "frames")] },
    VoiceEffect { name: "crush", row: "crush", controls: &[wear("crush", 16.0, 1.0, 24.0, "bits")] },
    VoiceEffect { name: "shape", row: "shape", controls: &[wear("shape", 0.0, 0.0, 1.0, "")] },
    VoiceEffect { name: "distort", row: "distort", controls: &[wear("distort", 0.0, 0.0, 12.0, "")] },
    VoiceEffect {
        name: "tremolo",
        row: "tremolo",
        controls: &[wear("tremolorate", 5.0, 0.0, 50.0, "Hz"), wear("tremolodepth", 1.0, 0.0, 1.0, "")],
    },
    VoiceEffect {
        name: "phaser",
        row: "phaser",
        controls: &[wear("phasermix", 1.0, 0.0, 1.0, ""), wear("phaserrate", 0.4, 0.0, 20.0, "Hz")],
    },
];

/// The voice effect a control belongs to: `cutoff` and `resonance` to `lpf`.
pub fn effect_of(control: &str) -> Option<&'static VoiceEffect> {
    VOICE_EFFECTS.iter().find(|e| e.name == control || e.controls.iter().any(|c| c.name == control))
}

/// The instrument wearing effects, named as effects (`lpf`) or by their controls (`cutoff`), in any order. Unknown names,
/// and effects whose controls the instrument takes itself, are left out.
pub fn with_effects(def: &SynthDef, names: &[&str]) -> SynthDef {
    let mut def = def.clone();
    let asked = |e: &&VoiceEffect| names.iter().any(|n| *n == e.name || e.controls.iter().any(|c| c.name == *n));
    for effect in VOICE_EFFECTS.iter().filter(asked) {
        let own = |c: &Wear| def.controls.iter().any(|mine| *mine.name == *c.name);
        if effect.controls.iter().any(own) {
            continue;
        }
        let Ok(body) = wear_one(&def.body, effect) else { continue };
        def.body = body;
        def.controls.extend(effect.controls.iter().map(|c| Control {
            name: c.name.into(),
            default: c.default,
            low: c.low,
            high: c.high,
            unit: c.unit,
        }));
    }
    def
}

fn wear_one(body: &Signal, effect: &VoiceEffect) -> Result<Signal, GraphError> {
    let parameters = effect.controls.iter().map(|c| {
        let control = Signal::control(c.name);
        match c.tune {
            Tune::As => Ok(control),
            // Q 0.71 (flat) at 0, 10.7 at 10.
            Tune::Resonance => control.add(&Signal::constant(std::f32::consts::FRAC_1_SQRT_2)),
        }
    });
    let parameters: Vec<Signal> = parameters.collect::<Result<_, _>>()?;
    let row = row(effect.row).expect("voice effects play through rows of the table");
    body.pipe(&Signal::ugen(row, &parameters)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::lower_voice;

    fn beep() -> SynthDef {
        let row = row("saw").unwrap();
        let control = |name: &str| Control { name: name.into(), default: 1.0, low: 0.0, high: 1.0, unit: "" };
        let body = Signal::ugen(row, &[Signal::control("freq")]).unwrap();
        SynthDef { name: "beep".into(), controls: vec![control("freq"), control("gate")], body, doc: "".into() }
    }

    #[test]
    fn every_voice_effect_can_be_worn() {
        for effect in VOICE_EFFECTS {
            let worn = with_effects(&beep(), &[effect.name]);
            assert_eq!(worn.controls.len(), 2 + effect.controls.len(), "{}", effect.name);
            assert!(lower_voice(&worn, 48_000.0).is_ok(), "{}", effect.name);
        }
    }

    #[test]
    fn the_order_of_asking_does_not_matter() {
        assert_eq!(with_effects(&beep(), &["shape", "cutoff"]), with_effects(&beep(), &["lpf", "resonance", "shape"]));
    }

    #[test]
    fn an_instrument_keeps_its_own_cutoff() {
        let mut own = beep();
        let cutoff = Control { name: "cutoff".into(), default: 800.0, low: 20.0, high: 20_000.0, unit: "Hz" };
        own.controls.push(cutoff);
        assert_eq!(with_effects(&own, &["lpf"]), own);
    }
}

//! A section: the voices of one instrument on one track, wrapped in the effects its notes ask for.

use std::sync::Arc;

use super::events::Voice;
use crate::engine::{Frames, MAX_CONTROLS, Pool, Schedule};
use crate::graph::{GraphError, SynthDef, lower_choirs, lower_voice, with_effects};

/// Voices of one instrument on one track.
const POLYPHONY: usize = 16;
/// Seconds after its gate closed at which a voice is ended whatever it sounds like.
const LONGEST: f64 = 30.0;
/// Seconds of silence after which a section gives its voices back.
const IDLE: f64 = 60.0;

/// Frames that all voices of an instrument may remember in their delays: ten seconds each at 48 kHz, 31 MB.
const MEMORY: usize = POLYPHONY * 480_000;

/// Frames that the voices of all tracks may remember together; who has more to remember is not played: 115 MB.
pub(super) const ALL: usize = 48_000 * 600;

pub(super) struct Section {
    /// The instrument as the score has it.
    pub plain: Arc<SynthDef>,
    pub effects: Vec<&'static str>,
    /// The instrument with its effects.
    def: SynthDef,
    pub pool: u32,
    /// Frames that its voices remember in their delays.
    pub memory: usize,
    /// When its last gate closes.
    pub last: Frames,
}

/// One voice of an instrument; refused where it cannot be built, or would be too much as often as it is needed.
pub(super) fn voice(def: &SynthDef, rate: f64) -> Result<Schedule<1>, GraphError> {
    let voice = lower_voice(def, rate)?.schedule;
    if POLYPHONY * voice.tail() > MEMORY {
        let message = "a voice of this instrument remembers more than ten seconds in all its delays";
        return Err(GraphError::new(message, "put long delays behind the track: s(\"bd\") >> delay(0.5)"));
    }
    Ok(voice)
}

impl Section {
    /// Builds the voices: one is lowered, the others are copies of it.
    pub fn form(
        plain: &Arc<SynthDef>,
        effects: Vec<&'static str>,
        pool: u32,
        rate: f64,
    ) -> Result<(Section, Box<Pool>), GraphError> {
        let def = with_effects(plain, &effects);
        if def.controls.len() > MAX_CONTROLS {
            let found = def.controls.len();
            let message = format!("at most {MAX_CONTROLS} controls expected, found {found} with those of its effects");
            return Err(GraphError { message, hint: None });
        }
        let memory = POLYPHONY * voice(&def, rate)?.tail();
        let voices = lower_choirs(&def, rate, POLYPHONY)?;
        let gate = def.controls.iter().position(|control| &*control.name == "gate");
        let voices = Box::new(Pool {
            id: pool,
            voices,
            controls: def.controls.len().min(MAX_CONTROLS) as u16,
            gate: gate.filter(|at| *at < MAX_CONTROLS).map(|at| at as u16),
            longest: (LONGEST * rate) as Frames,
        });
        Ok((Section { plain: plain.clone(), effects, def, pool, memory, last: 0 }, voices))
    }

    /// Whether it plays this very instrument with these effects.
    pub fn plays(&self, plain: &Arc<SynthDef>, effects: &[&str]) -> bool {
        Arc::ptr_eq(&self.plain, plain) && self.effects == effects
    }

    pub fn voice(&self, track: u16) -> Voice<'_> {
        Voice { def: &self.def, track, pool: self.pool }
    }

    /// Which control is the pitch.
    pub fn freq(&self) -> Option<usize> {
        self.def.controls.iter().take(MAX_CONTROLS).position(|control| &*control.name == "freq")
    }

    /// Whether it has been silent for so long that its voices are better given back.
    pub fn idle(&self, now: Frames, rate: f64) -> bool {
        self.last + ((LONGEST + IDLE) * rate) as Frames <= now
    }
}

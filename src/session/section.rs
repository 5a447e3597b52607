//! A section: the voices of one instrument on one track, wrapped in the effects its notes ask for.

use std::sync::Arc;

use super::events::Voice;
use crate::engine::{Frames, MAX_CONTROLS, Pool};
use crate::graph::{GraphError, SynthDef, lower_voice, with_effects};

/// Voices of one instrument on one track.
const POLYPHONY: usize = 16;
/// Seconds after its gate closed at which a voice is ended whatever it sounds like.
const LONGEST: f64 = 30.0;
/// Seconds of silence after which a section gives its voices back.
const IDLE: f64 = 60.0;

pub(super) struct Section {
    /// The instrument as the score has it.
    pub plain: Arc<SynthDef>,
    pub effects: Vec<&'static str>,
    /// The instrument with its effects.
    def: SynthDef,
    pub pool: u32,
    /// When its last gate closes.
    pub last: Frames,
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
        let first = lower_voice(&def, rate)?.schedule;
        let mut voices: Vec<_> = (1..POLYPHONY).map(|_| first.duplicate()).collect();
        voices.push(first);
        let gate = def.controls.iter().position(|control| &*control.name == "gate");
        let voices = Box::new(Pool {
            id: pool,
            voices,
            controls: def.controls.len().min(MAX_CONTROLS) as u16,
            gate: gate.filter(|at| *at < MAX_CONTROLS).map(|at| at as u16),
            longest: (LONGEST * rate) as Frames,
        });
        Ok((Section { plain: plain.clone(), effects, def, pool, last: 0 }, voices))
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

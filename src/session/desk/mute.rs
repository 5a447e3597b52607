//! Mute: who is silent, and what a track does of which nothing is heard.
//!
//! A track that is muted plays on behind its closed fader for a while, so that one that is muted and unmuted in rhythm is as if
//! nobody had touched it. Then it lies still: its gates close, its tails die away, its pattern is not asked. When it is heard
//! again, long notes that are under way begin there, as after an edit, and a signal goes on where it stood.

use std::collections::BTreeSet;

use super::{Desk, stand};
use crate::engine::{Frames, Place, Target};
use crate::score::Track;
use crate::session::plan::{self, Name};
use crate::session::timeline::grid_after;

/// Seconds for which a muted track plays on unheard: two bars at 120, longer than most who mute in rhythm.
const AWAKE: f64 = 4.0;

impl Desk {
    /// Whether a track is silenced by its text or by the performer.
    pub fn silenced(&self, track: &Track) -> bool {
        let drone = plan::pattern(track).is_none() && self.standing.hushed.contains(&track.name);
        track.muted || drone || !self.standing.lets(&track.name)
    }

    /// Tells the engine of every track that is to be silent from frame `at` on, a grid line, and was not, or the other way
    /// round; it walks there. Gives the tracks that have to begin anew there.
    pub fn balance(&mut self, at: Frames, seconds: f64) -> BTreeSet<Name> {
        let rate = self.config.rate;
        let (ramp, until) = ((seconds * rate) as u32, grid_after(at + (AWAKE * rate) as Frames));
        let silent = |player: &_| plan::track(&self.score, player).is_none_or(|track| self.silenced(track));
        let turned = self.players.iter().flatten().filter(|player| player.silenced != silent(&player.name));
        let turned: Vec<usize> = turned.map(|player| player.slot as usize).collect();
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let mut anew = BTreeSet::new();
        for slot in turned {
            let Some(player) = &mut self.players[slot] else { continue };
            player.silenced = !player.silenced;
            if player.silenced {
                player.lie_down(until);
            } else if player.get_up(&stand, at, &mut self.out) {
                anew.insert(player.name.clone());
            }
            let target = Target::Mute(Place::Track(player.slot));
            self.out.set(at, target, f32::from(u8::from(player.silenced)), ramp);
        }
        anew
    }
}

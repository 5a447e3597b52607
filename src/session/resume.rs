//! A piece that broke off goes on: what was said is remembered without a sound, then all of it begins at once.

use std::sync::Arc;

use super::history::Layers;
use super::journal::{Mark, Outcome, REPL, Said};
use super::plan::{self, InTurn, Name};
use super::{Session, When, diagnostic};
use crate::engine::{Command, Frames};
use crate::score::{Diagnostic, Score};

impl Session {
    /// Remembers something that was said before this take, at a cycle, as if it had been said here; a text with what it
    /// means, without which it is left out. To be followed by `resume`.
    pub fn recall(&mut self, said: &Said, cycle: f64, score: Option<Score>) {
        if matches!(said, Said::Text { .. }) && score.is_none() {
            return;
        }
        self.note_past(said, cycle);
        let mut layers = self.layers.clone();
        match (said, score) {
            (Said::Text { owner, .. }, Some(score)) => {
                let named: Vec<Name> = score.tracks.iter().map(|track| track.name.clone()).collect();
                layers.say(owner, score);
                let before = self.recall_layers(layers);
                self.remember(before, owner, cycle);
                if &**owner == REPL {
                    self.desk.standing.hushed.retain(|name| !named.contains(name));
                }
            }
            (Said::Forget { owner }, _) => {
                layers.forget(owner);
                let before = self.recall_layers(layers);
                self.remember(before, owner, cycle);
            }
            (Said::Undo(edits), _) => {
                if let Some(layers) = self.history.before(*edits).cloned() {
                    let before = self.recall_layers(layers);
                    self.history.back(before, *edits);
                }
            }
            (Said::Redo(edits), _) => {
                if let Some(layers) = self.history.after(*edits).cloned() {
                    let before = self.recall_layers(layers);
                    self.history.forward(before, *edits);
                }
            }
            (Said::Cancel(dropped), _) => {
                self.keep(&mut layers, dropped);
                let before = self.recall_layers(layers);
                self.remember(before, REPL, cycle);
            }
            (Said::Stage(stage), _) => {
                let present: Vec<Name> = self.wanted.tracks.iter().map(|track| track.name.clone()).collect();
                self.desk.standing.make(stage, present.into_iter());
            }
            (Said::Text { .. } | Said::Resume(_), _) => {}
        }
    }

    /// Lets all that was recalled begin together, at the cycle `cycle` tells for the frame at which it does. What came back
    /// is why nothing has begun: an earlier state may do (`recall` an undo).
    pub fn resume(&mut self, cycle: impl FnOnce(Frames) -> f64, when: When) -> Vec<Diagnostic> {
        let wanted = self.wanted.clone();
        if let Err(error) = self.desk.room_for(&wanted) {
            return vec![diagnostic(error, Default::default())];
        }
        let (mut ready, mut faults) = (Vec::new(), Vec::new());
        for (part, _) in plan::plan(&self.desk.score, &wanted) {
            match self.desk.prepare(&wanted, &part, false) {
                Ok(prepared) => ready.extend(prepared),
                Err(error) => faults.push(diagnostic(error, plan::location(&wanted, &part))),
            }
        }
        if !faults.is_empty() {
            return faults;
        }
        // All that takes long is built: only now is the frame chosen, and with it the cycle.
        let at = self.moment(when);
        let cycle = cycle(at);
        let n = self.write(&Said::Resume(cycle));
        self.answer(n, Outcome::Accepted(at, InTurn::default()));
        self.desk.catch_up(at);
        let clock = self.desk.timeline.jump(at, cycle);
        self.desk.out.commands.push_back(Command::Transport(clock));
        self.apply(&wanted, ready, &Default::default(), at);
        self.flush();
        Vec::new()
    }

    /// Tells the journal where the music stood when it broke off.
    pub fn stood(&mut self, mark: Mark) {
        self.mark(Mark { at: 0, ..mark });
    }

    /// Makes these layers the present ones without a sound; gives those before.
    fn recall_layers(&mut self, layers: Layers) -> Layers {
        let mut wanted = layers.merged();
        plan::keep_voices(&self.wanted, &mut wanted);
        let changed = plan::plan(&self.wanted, &wanted);
        self.desk.standing.hushed.retain(|name| !changed.iter().any(|(part, _)| part.track() == Some(name)));
        self.wanted = Arc::new(wanted);
        std::mem::replace(&mut self.layers, layers)
    }
}

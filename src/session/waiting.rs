//! What waits for its time: a beat, a bar, or a moment far ahead.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::desk::Prepared;
use super::history::Layers;
use super::journal::{Dropped, REPL, Said};
use super::plan::{self, Name, Part, What};
use super::timeline::grid_after;
use super::{News, READY, Session, Turned, When, diagnostic};
use crate::engine::Frames;
use crate::score::{DEFAULT_METER, Quantum, Score};

/// A part whose change waits for its time, and the score that says what it becomes.
pub(super) struct Due {
    pub at: Frames,
    pub part: Part,
    pub score: Arc<Score>,
    pub quantum: Quantum,
    /// Whether it begins when what it replaces has faded.
    pub in_turn: bool,
    /// Whether a hushed track plays again by it: not when it was hushed since.
    pub lifts: bool,
}

/// A part's change in words.
pub(super) fn change(part: &Part, what: &What) -> String {
    let sign = match what {
        What::Install => "+",
        What::Remove => "−",
        What::Again | What::Edit(_) => "",
    };
    format!("{sign}{part}")
}

/// A change that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// In words: a track's name, `bus room`, `tempo`.
    pub part: String,
    /// The cycle at which it takes effect, and how many cycles that is from now.
    pub cycle: f64,
    pub left: f64,
    /// Beats in a cycle.
    pub beats: f64,
}

impl Session {
    /// What waits for its time, the next first.
    pub fn pending(&self) -> Vec<Waiting> {
        let now = self.cycle_at(self.position());
        let beats = self.desk.score.meter.unwrap_or(DEFAULT_METER);
        let mut due: Vec<&Due> = self.due.iter().collect();
        due.sort_by(|a, b| (a.at, &a.part).cmp(&(b.at, &b.part)));
        let waiting = due.into_iter().map(|due| {
            let cycle = self.cycle_at(due.at);
            Waiting { part: due.part.to_string(), cycle, left: (cycle - now).max(0.0), beats }
        });
        waiting.collect()
    }

    /// Drops what waits: the parts of these names, or all of them where none is named. They stay as they are heard until
    /// somebody says something new about them. How many parts that were.
    pub fn cancel(&mut self, names: &[&str], when: When) -> usize {
        self.commit_ready();
        let named = |part: &Part| {
            let words = part.to_string();
            names.is_empty() || names.iter().any(|name| words == *name || words.rsplit(' ').next() == Some(name))
        };
        let mut parts: Vec<Part> = self.due.iter().map(|due| due.part.clone()).filter(named).collect();
        parts.sort();
        parts.dedup();
        let heard = |part: &Part| {
            let as_heard = |layers: &Layers| plan::change(&layers.merged(), &self.desk.score, part).is_none();
            (1..)
                .map_while(|back| self.history.before(back).map(|layers| (back, layers)))
                .take(self.history.len())
                .find(|(_, layers)| as_heard(layers))
                .map_or(0, |(back, _)| back)
        };
        let dropped: Vec<Dropped> =
            parts.iter().map(|part| Dropped { part: part.to_string().into(), back: heard(part) }).collect();
        self.drop_waiting(&dropped, when)
    }

    /// Drops what waits of these parts; how many there are.
    pub fn drop_waiting(&mut self, dropped: &[Dropped], when: When) -> usize {
        self.commit_ready();
        if dropped.is_empty() {
            return 0;
        }
        let mut layers = self.layers.clone();
        self.keep(&mut layers, dropped);
        let parts: Vec<Part> = dropped.iter().map(|dropped| Part::from_words(&dropped.part)).collect();
        let waited: Vec<Due> = self.due.extract_if(.., |due| parts.contains(&due.part)).collect();
        match self.turn(&Said::Cancel(dropped.to_vec()), layers, when) {
            Some(Turned { before, at, .. }) => {
                self.remember(before, REPL, self.cycle_at(at));
                dropped.len()
            }
            None => {
                self.due.extend(waited);
                0
            }
        }
    }

    /// Lets parts stay as they were.
    pub(super) fn keep(&self, layers: &mut Layers, dropped: &[Dropped]) {
        for Dropped { part, back } in dropped {
            let then = self.history.before(*back).map_or_else(|| self.desk.score.clone(), Layers::merged);
            layers.keep(Part::from_words(part), Arc::new(then));
        }
    }

    /// From now on, what is due after this frame is not sent: something is yet to be said that takes effect there. A replay
    /// says so, because it knows what comes, and says it as early as the session it repeats did.
    pub fn hold(&mut self, until: Frames) {
        self.held = Some(until);
    }

    /// Sends what is due so soon that it must be.
    pub(super) fn commit_ready(&mut self) {
        let ready = self.position() + READY.max(2 * self.controller.period());
        let ready = self.held.map_or(ready, |held| ready.min(held));
        loop {
            let due = self.due.iter().map(|due| due.at).min().filter(|at| *at <= ready);
            let later = self.later.front().map(|(at, _)| *at).filter(|at| *at <= ready);
            match (due, later) {
                (None, None) => return,
                (Some(due), later) if later.is_none_or(|later| due <= later) => self.commit(due),
                _ => {
                    if let Some((at, stage)) = self.later.pop_front() {
                        self.gesture(&stage, at.max(grid_after(self.position())));
                    }
                }
            }
        }
    }

    /// The changes that are due at a frame.
    fn commit(&mut self, at: Frames) {
        let due: Vec<Due> = self.due.extract_if(.., |due| due.at == at).collect();
        let at = at.max(grid_after(self.controller.position()));
        let Some(score) = due.last().map(|due| due.score.clone()) else { return };
        let mut parts: Vec<&Due> = due.iter().collect();
        parts.sort_by(|a, b| a.part.cmp(&b.part));
        // Parts of several edits may be due together; each becomes what its own edit says.
        let mut score = (*score).clone();
        let mut prepared = Vec::new();
        for due in parts {
            plan::adopt(&mut score, &due.score, &due.part);
            match self.desk.prepare(&due.score, &due.part, due.in_turn) {
                Ok(part) => prepared.extend(part),
                Err(error) => {
                    let at = plan::location(&due.score, &due.part);
                    self.desk.out.news.push(News::Warning(diagnostic(error, at)));
                }
            }
        }
        let lifted = due.iter().filter(|due| due.lifts).filter_map(|due| due.part.track().cloned()).collect();
        self.apply(&score, prepared, &lifted, at);
    }

    /// Makes changes at a frame. After another tempo what still waits stands at another frame: on the same beat.
    pub(super) fn apply(&mut self, score: &Score, prepared: Vec<Prepared>, lifted: &BTreeSet<Name>, at: Frames) {
        let at = self.make_way(&prepared, score, at);
        let time = prepared.iter().any(|prepared| *prepared.part() == Part::Time);
        self.listen_to(&prepared, score, at);
        self.desk.apply(score, prepared, lifted, at);
        self.last = self.last.max(at);
        self.sent = Some(at);
        if time {
            for due in self.due.iter_mut().filter(|due| due.at > at) {
                let beats = due.score.meter.unwrap_or(DEFAULT_METER);
                due.at = self.desk.timeline.next(at, due.quantum, beats);
            }
        }
    }

    /// Fades what parts replace that begin in turn, from frame `at` on; where that is over.
    fn make_way(&mut self, prepared: &[Prepared], new: &Score, at: Frames) -> Frames {
        let replaced: Vec<&Part> = self.desk.replaced(prepared).collect();
        if replaced.is_empty() {
            return at;
        }
        self.listen_to(prepared, new, at);
        let (mut between, mut gone) = (self.desk.score.clone(), Vec::new());
        for part in replaced {
            plan::adopt(&mut between, &Score::default(), part);
            gone.extend(self.desk.prepare(&between, part, true).ok().flatten());
        }
        self.desk.apply(&between, gone, &BTreeSet::new(), at);
        self.desk.faded(at)
    }
}

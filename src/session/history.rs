//! History: what every owner says, laid over each other, and the way back to earlier states of the whole.

use std::sync::Arc;

use super::journal::REPL;
use super::plan::{self, Name};
use crate::score::Score;

/// States that can be undone.
const DEPTH: usize = 1000;

/// What every owner says: the library, then the files in the order in which they came, then the REPL.
#[derive(Clone)]
pub(super) struct Layers {
    library: Arc<Score>,
    files: Vec<(Name, Arc<Score>)>,
    repl: Arc<Score>,
}

impl Layers {
    pub fn new(library: Score) -> Layers {
        Layers { library: Arc::new(library), files: Vec::new(), repl: Arc::default() }
    }

    /// An owner's newest word. A file's is all it says; the REPL's is laid over what it said before, and holds until a file
    /// says something new about the same part.
    pub fn say(&mut self, owner: &str, score: Score) {
        if owner == REPL {
            self.repl = Arc::new(score.over(&self.repl));
            return;
        }
        let nothing = Score::default();
        let found = self.files.iter().position(|(name, _)| &**name == owner);
        let old = found.map_or(&nothing, |at| &*self.files[at].1);
        let changed = plan::plan(old, &score);
        for (part, _) in changed.iter().filter(|(part, _)| plan::named(&score, part)) {
            plan::adopt(Arc::make_mut(&mut self.repl), &nothing, part);
        }
        match found {
            Some(at) => self.files[at].1 = Arc::new(score),
            None => self.files.push((owner.into(), Arc::new(score))),
        }
    }

    /// An owner is gone with all it said.
    pub fn forget(&mut self, owner: &str) {
        match owner {
            REPL => self.repl = Arc::default(),
            _ => self.files.retain(|(name, _)| &**name != owner),
        }
    }

    /// All laid over each other.
    pub fn merged(&self) -> Score {
        let files = self.files.iter().fold((*self.library).clone(), |below, (_, file)| file.over(&below));
        self.repl.over(&files)
    }

    /// Whose word about a track holds.
    pub fn owner(&self, track: &str) -> Option<Name> {
        if plan::track(&self.repl, track).is_some() {
            return Some(REPL.into());
        }
        self.files.iter().rev().find(|(_, file)| plan::track(file, track).is_some()).map(|(name, _)| name.clone())
    }
}

/// The states before and after the present one.
#[derive(Default)]
pub(super) struct History {
    past: Vec<Layers>,
    future: Vec<Layers>,
}

impl History {
    /// A new state follows `before`.
    pub fn push(&mut self, before: Layers) {
        self.future.clear();
        self.past.push(before);
        if self.past.len() > DEPTH {
            self.past.remove(0);
        }
    }

    /// The state to go back to.
    pub fn last(&self) -> Option<&Layers> {
        self.past.last()
    }

    /// The state to go forward to again.
    pub fn next(&self) -> Option<&Layers> {
        self.future.last()
    }

    /// One state back from `present`.
    pub fn back(&mut self, present: Layers) {
        self.past.pop();
        self.future.push(present);
    }

    /// One state forward from `present`.
    pub fn forward(&mut self, present: Layers) {
        self.future.pop();
        self.past.push(present);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tempo(bpm: f64) -> Score {
        Score { tempo: Some(bpm), ..Score::default() }
    }

    #[test]
    fn the_repl_lies_over_the_files_until_a_file_says_something_new() {
        let mut layers = Layers::new(tempo(90.0));
        layers.say("a.rhai", tempo(100.0));
        layers.say("b.rhai", Score::default());
        layers.say(REPL, tempo(110.0));
        assert_eq!(layers.merged().tempo, Some(110.0));
        layers.say("a.rhai", tempo(100.0));
        assert_eq!(layers.merged().tempo, Some(110.0), "the file said nothing new");
        layers.say("a.rhai", tempo(120.0));
        assert_eq!(layers.merged().tempo, Some(120.0));
        layers.forget("a.rhai");
        assert_eq!(layers.merged().tempo, Some(90.0));
    }

    #[test]
    fn what_was_undone_comes_back_until_something_new_is_said() {
        let state = |bpm| {
            let mut layers = Layers::new(Score::default());
            layers.say("a", tempo(bpm));
            layers
        };
        let mut history = History::default();
        history.push(state(1.0));
        history.push(state(2.0));
        history.back(state(3.0));
        assert_eq!(history.last().map(|l| l.merged().tempo), Some(Some(1.0)));
        assert_eq!(history.next().map(|l| l.merged().tempo), Some(Some(3.0)));
        history.forward(state(2.0));
        assert_eq!(history.last().map(|l| l.merged().tempo), Some(Some(2.0)));
        history.back(state(3.0));
        history.push(state(2.0));
        assert!(history.next().is_none());
    }
}

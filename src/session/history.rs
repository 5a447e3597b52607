//! History: what every owner says, laid over each other, and the way back to earlier states of the whole.

use std::sync::Arc;

use super::journal::REPL;
use super::plan::{self, Name, Part};
use crate::score::Score;

/// States that can be undone.
const DEPTH: usize = 1000;

/// What every owner says: the library, then the files in the order in which they came, then the REPL.
#[derive(Clone)]
pub(super) struct Layers {
    library: Arc<Score>,
    files: Vec<(Name, Arc<Score>)>,
    repl: Arc<Score>,
    /// Parts that stay as they are in these scores until somebody says something new about them.
    kept: Vec<(Part, Arc<Score>)>,
}

impl Layers {
    pub fn new(library: Score) -> Layers {
        Layers { library: Arc::new(library), files: Vec::new(), repl: Arc::default(), kept: Vec::new() }
    }

    /// An owner's newest word. A file's is all it says; the REPL's is laid over what it said before, and holds until a file
    /// says something new about the same part.
    pub fn say(&mut self, owner: &str, score: Score) {
        if owner == REPL {
            self.kept.retain(|(part, _)| !plan::named(&score, part));
            self.repl = Arc::new(score.over(&self.repl));
            return;
        }
        let nothing = Score::default();
        let found = self.files.iter().position(|(name, _)| &**name == owner);
        let old = found.map_or(&nothing, |at| &*self.files[at].1);
        let changed = plan::plan(old, &score);
        self.kept.retain(|(part, _)| !changed.iter().any(|(changed, _)| changed == part));
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
            REPL => {
                let gone = std::mem::take(&mut self.repl);
                self.kept.retain(|(part, _)| !plan::named(&gone, part));
            }
            _ => {
                for (_, gone) in self.files.extract_if(.., |(name, _)| &**name == owner) {
                    self.kept.retain(|(part, _)| !plan::named(&gone, part));
                }
            }
        }
    }

    /// All laid over each other.
    pub fn merged(&self) -> Score {
        let files = self.files.iter().fold((*self.library).clone(), |below, (_, file)| file.over(&below));
        let mut all = self.repl.over(&files);
        self.kept.iter().for_each(|(part, score)| plan::adopt(&mut all, score, part));
        all
    }

    /// The same, with what was said alike before held once for both: a history of small edits is small.
    fn sharing(mut self, earlier: &Layers) -> Layers {
        let share = |here: &mut Arc<Score>, there: &Arc<Score>| match **here == **there {
            true => here.clone_from(there),
            false => *here = Arc::new((**here).clone().sharing(there)),
        };
        for (name, file) in &mut self.files {
            if let Some((_, there)) = earlier.files.iter().find(|(other, _)| other == name) {
                share(file, there);
            }
        }
        share(&mut self.repl, &earlier.repl);
        self
    }

    /// A part stays as it is in a score until somebody says something new about it.
    pub fn keep(&mut self, part: Part, score: Arc<Score>) {
        self.kept.retain(|(other, _)| *other != part);
        self.kept.push((part, score));
    }

    /// Whose word about a track holds.
    pub fn owner(&self, track: &str) -> Option<Name> {
        if plan::track(&self.repl, track).is_some() {
            return Some(REPL.into());
        }
        self.files.iter().rev().find(|(_, file)| plan::track(file, track).is_some()).map(|(name, _)| name.clone())
    }
}

/// A state of the whole and the edit that led to it.
struct Step {
    layers: Layers,
    edit: Edit,
}

/// An edit of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Where the music stood when it was accepted.
    pub cycle: f64,
    /// Who said it: a file's path or `repl`.
    pub owner: Name,
    /// What it changed, in words.
    pub parts: Vec<String>,
}

/// The states before and after the present one.
#[derive(Default)]
pub(super) struct History {
    /// Each state with the edit that led away from it.
    past: Vec<Step>,
    /// Each state with the edit that led to it; the next one stands last.
    future: Vec<Step>,
    /// Edits whose states were forgotten.
    forgotten: usize,
}

impl History {
    /// A new state follows `before`.
    pub fn push(&mut self, before: Layers, edit: Edit) {
        self.future.clear();
        let layers = match self.past.last() {
            Some(last) => before.sharing(&last.layers),
            None => before,
        };
        self.past.push(Step { layers, edit });
        if self.past.len() > DEPTH {
            self.past.remove(0);
            self.forgotten += 1;
        }
    }

    /// The state so many edits back; at most the oldest. None where there is nothing to go back to.
    pub fn before(&self, edits: usize) -> Option<&Layers> {
        let first = self.past.len().checked_sub(1)?;
        edits.checked_sub(1).map(|more| &self.past[first.saturating_sub(more)].layers)
    }

    /// The state so many undone edits ahead; at most the newest.
    pub fn after(&self, edits: usize) -> Option<&Layers> {
        let first = self.future.len().checked_sub(1)?;
        edits.checked_sub(1).map(|more| &self.future[first.saturating_sub(more)].layers)
    }

    /// Edits that can be undone.
    pub fn len(&self) -> usize {
        self.past.len()
    }

    /// So many edits back from `present`; how many there were.
    pub fn back(&mut self, mut present: Layers, edits: usize) -> usize {
        let edits = edits.min(self.past.len());
        for Step { layers, edit } in self.past.drain(self.past.len() - edits..).rev() {
            self.future.push(Step { layers: std::mem::replace(&mut present, layers), edit });
        }
        edits
    }

    /// So many edits forward from `present`; how many there were.
    pub fn forward(&mut self, mut present: Layers, edits: usize) -> usize {
        let edits = edits.min(self.future.len());
        for Step { layers, edit } in self.future.drain(self.future.len() - edits..).rev() {
            self.past.push(Step { layers: std::mem::replace(&mut present, layers), edit });
        }
        edits
    }

    /// All edits that are known, in their order: the number of the first, how many of them count at present, and they.
    pub fn edits(&self) -> (usize, usize, impl Iterator<Item = &Edit>) {
        let edits = self.past.iter().chain(self.future.iter().rev()).map(|step| &step.edit);
        (self.forgotten + 1, self.past.len(), edits)
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
        let edit = |cycle| Edit { cycle, owner: "a".into(), parts: Vec::new() };
        let at = |layers: Option<&Layers>| layers.and_then(|layers| layers.merged().tempo);
        let mut history = History::default();
        (1..=4).for_each(|k| history.push(state(f64::from(k)), edit(f64::from(k))));
        assert_eq!([1, 2, 9].map(|n| at(history.before(n))), [Some(4.0), Some(3.0), Some(1.0)]);
        assert_eq!(history.back(state(5.0), 3), 3);
        assert_eq!(
            (at(history.before(1)), at(history.after(1)), at(history.after(3))),
            (Some(1.0), Some(3.0), Some(5.0))
        );
        assert_eq!(history.forward(state(2.0), 2), 2);
        assert_eq!((at(history.before(1)), at(history.after(1))), (Some(3.0), Some(5.0)));
        let (first, present, edits) = history.edits();
        assert_eq!((first, present), (1, 3));
        assert_eq!(edits.map(|edit| edit.cycle).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
        history.push(state(4.0), edit(9.0));
        assert!(history.after(1).is_none());
        assert_eq!(history.back(state(6.0), 99), 4);
        assert!(history.before(1).is_none());
    }

    #[test]
    fn what_two_states_say_alike_is_held_once() {
        let def = || {
            let body = crate::graph::Signal::constant(0.0);
            Arc::new(crate::graph::SynthDef { name: "x".into(), controls: Vec::new(), body, doc: "".into() })
        };
        let state = |bpm| {
            let mut layers = Layers::new(Score::default());
            layers.say("a", Score { synths: vec![def().into()], ..tempo(bpm) });
            layers
        };
        let edit = Edit { cycle: 0.0, owner: "a".into(), parts: Vec::new() };
        let mut history = History::default();
        for bpm in [1.0, 2.0] {
            history.push(state(bpm), edit.clone());
        }
        let synth = |step: &Step| step.layers.files[0].1.synths[0].def().clone();
        assert!(Arc::ptr_eq(&synth(&history.past[0]), &synth(&history.past[1])));
        assert_eq!(history.past[1].layers.merged().tempo, Some(2.0));
    }
}

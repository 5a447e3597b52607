//! The wiring of a schedule as plain data: which rows stand where, what feeds them, and the numbers they are given.
//!
//! Law: steps stand in topological order, what is inside a loop before the loop itself. Within one wiring an id names one
//! step or one cell; what a thing is called is never where it stands.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::ugens::row;

/// Where an input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An audio input of the whole.
    Input(usize),
    /// Output of a step.
    Step(u32, usize),
    /// What comes round in a loop: input and last output of that channel. Heard only inside of it.
    Heard(u32, usize),
    /// A number.
    Cell(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A row of the table and its numbers of building time.
    Row(&'static str, Vec<f32>),
    /// A feedback loop: what it gives out, from inside of it. Its inputs are its channels.
    Loop(Vec<Source>),
    /// From input 0 to input 1 in so many frames.
    Cross(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub id: u32,
    pub body: Body,
    /// Hash of owner, parameters it stands inside, name and which of that name it is there: the root of its chance.
    pub path: u64,
    /// The loop it is inside of.
    pub home: Option<u32>,
    pub inputs: Vec<Source>,
    pub outputs: usize,
}

/// A number: a control, if it has a name, else a constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub id: u32,
    pub name: Option<Arc<str>>,
    pub value: f32,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Wiring {
    pub steps: Vec<Step>,
    /// Controls first.
    pub cells: Vec<Number>,
    /// Audio inputs.
    pub inputs: usize,
    pub outputs: Vec<Source>,
}

impl Step {
    /// Whether what it gives depends on what it heard before.
    pub fn remembers(&self) -> bool {
        match self.body {
            Body::Row(name, _) => row(name).is_none_or(|row| row.remembers()),
            Body::Loop(_) | Body::Cross(_) => true,
        }
    }

    /// How many of its inputs are sound that it remembers.
    pub fn remembered(&self) -> usize {
        match self.body {
            Body::Row(name, _) => row(name).filter(|row| row.remembers()).map_or(0, |row| row.inputs),
            Body::Loop(_) => self.inputs.len(),
            Body::Cross(_) => 0,
        }
        .min(self.inputs.len())
    }

    /// Everything it hears, from outside and, where it is a loop, from inside.
    pub fn hears(&self) -> impl Iterator<Item = Source> {
        let inside = if let Body::Loop(outputs) = &self.body { &outputs[..] } else { &[] };
        self.inputs.iter().chain(inside).copied()
    }
}

impl Wiring {
    /// One that passes on what comes in: no inserts.
    pub fn open() -> Self {
        Wiring { inputs: 2, outputs: vec![Source::Input(0), Source::Input(1)], ..Wiring::default() }
    }

    /// One that is silent: no signal.
    pub fn silent() -> Self {
        let zero = Number { id: 0, name: None, value: 0.0 };
        Wiring { cells: vec![zero], outputs: vec![Source::Cell(0); 2], ..Wiring::default() }
    }

    /// Steps by id.
    pub fn index(&self) -> HashMap<u32, usize> {
        self.steps.iter().enumerate().map(|(k, step)| (step.id, k)).collect()
    }

    /// Where a cell stands in a schedule made of this.
    pub fn cell(&self, id: u32) -> Option<usize> {
        self.cells.iter().position(|cell| cell.id == id)
    }

    /// Names of the controls, which are the first cells.
    pub fn controls(&self) -> Vec<Arc<str>> {
        self.cells.iter().map_while(|cell| cell.name.clone()).collect()
    }

    /// The longest way to an output, each step as long as `length` says.
    pub fn longest(&self, length: impl Fn(&Step) -> u64) -> u64 {
        let mut ends: HashMap<u32, u64> = HashMap::new();
        let far = |ends: &HashMap<u32, u64>, source: Source| match source {
            Source::Step(id, _) => ends.get(&id).copied().unwrap_or(0),
            _ => 0,
        };
        for step in &self.steps {
            let begin = step.hears().map(|source| far(&ends, source)).max().unwrap_or(0);
            ends.insert(step.id, begin + length(step));
        }
        self.outputs.iter().map(|source| far(&ends, *source)).max().unwrap_or(0)
    }

    /// Puts the steps into topological order, keeping the order there is where it will do. Where they run in a circle, the
    /// steps of one such circle.
    pub fn sort(&mut self) -> Result<(), Vec<u32>> {
        let index = self.index();
        let before = |step: &Step| -> BTreeSet<usize> {
            let made = step.hears().filter_map(|source| if let Source::Step(id, _) = source { Some(id) } else { None });
            made.filter_map(|id| index.get(&id).copied()).collect()
        };
        let needs: Vec<BTreeSet<usize>> = self.steps.iter().map(before).collect();
        let mut wanted: Vec<Vec<usize>> = vec![vec![]; self.steps.len()];
        for (k, needs) in needs.iter().enumerate() {
            needs.iter().for_each(|need| wanted[*need].push(k));
        }
        let mut left: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
        let mut ready: BTreeSet<usize> = (0..left.len()).filter(|k| left[*k] == 0).collect();
        let mut order = Vec::with_capacity(left.len());
        while let Some(k) = ready.pop_first() {
            order.push(k);
            for after in &wanted[k] {
                left[*after] -= 1;
                if left[*after] == 0 {
                    ready.insert(*after);
                }
            }
        }
        if order.len() < self.steps.len() {
            return Err(self.circle(&needs, &left));
        }
        let mut steps: Vec<Option<Step>> = std::mem::take(&mut self.steps).into_iter().map(Some).collect();
        self.steps = order.into_iter().filter_map(|k| steps[k].take()).collect();
        Ok(())
    }

    /// One circle among the steps that could not be put in order: upstream until a step comes again.
    fn circle(&self, needs: &[BTreeSet<usize>], left: &[usize]) -> Vec<u32> {
        let Some(mut at) = left.iter().position(|n| *n > 0) else { return vec![] };
        let mut way = vec![];
        let mut seen = HashSet::new();
        while seen.insert(at) {
            way.push(at);
            let Some(next) = needs[at].iter().copied().find(|k| left[*k] > 0) else { return vec![] };
            at = next;
        }
        let from = way.iter().position(|k| *k == at).unwrap_or(0);
        way[from..].iter().map(|k| self.steps[*k].id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: u32, inputs: &[Source]) -> Step {
        Step { id, body: Body::Row("abs", vec![]), path: 0, home: None, inputs: inputs.to_vec(), outputs: 1 }
    }

    fn order(wiring: &Wiring) -> Vec<u32> {
        wiring.steps.iter().map(|step| step.id).collect()
    }

    #[test]
    fn what_is_in_order_stays_and_what_is_not_is_put_right() {
        let steps = vec![step(1, &[Source::Step(3, 0)]), step(2, &[]), step(3, &[Source::Step(2, 0)]), step(4, &[])];
        let mut wiring = Wiring { steps, ..Wiring::default() };
        assert_eq!(wiring.sort(), Ok(()));
        assert_eq!(order(&wiring), [2, 3, 1, 4]);
        assert_eq!(wiring.sort(), Ok(()));
        assert_eq!(order(&wiring), [2, 3, 1, 4]);
    }

    #[test]
    fn a_circle_is_named() {
        let steps = vec![
            step(1, &[]),
            step(2, &[Source::Step(3, 0)]),
            step(3, &[Source::Step(2, 0)]),
            step(4, &[Source::Step(3, 0)]),
        ];
        let mut circle = Wiring { steps, ..Wiring::default() }.sort().expect_err("two steps wait for each other");
        circle.sort();
        assert_eq!(circle, [2, 3]);
    }

    #[test]
    fn what_comes_round_in_a_loop_is_no_circle() {
        let inside = Step { home: Some(9), ..step(1, &[Source::Heard(9, 0)]) };
        let whole = Step { body: Body::Loop(vec![Source::Step(1, 0)]), ..step(9, &[Source::Input(0)]) };
        let mut wiring = Wiring { steps: vec![whole, inside], inputs: 1, ..Wiring::default() };
        assert_eq!(wiring.sort(), Ok(()));
        assert_eq!(order(&wiring), [1, 9]);
    }
}

//! The difference between two wirings: which step of the new one is which of the old one.
//!
//! Steps are the same if they are of one kind and stand in the same loop; of several that might be, those are taken that hear
//! the very same, then those that leave the order as it was and resemble each other most. What remembers nothing goes on only
//! where it hears the same as before: a sum of something else is another sum. No audio is in it: a wiring says what feeds
//! what, and that is all that is compared.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::wiring::{Body, Source, Step, Wiring};

/// Pairs that are weighed against each other; beyond, steps are paired in their order alone.
const MOST_PAIRS: usize = 1_000_000;

/// Ids of the old wiring by those of the new one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    pub steps: HashMap<u32, u32>,
    pub cells: HashMap<u32, u32>,
}

impl Matches {
    /// A source of the new wiring as the old one calls it; none where it has none.
    pub fn source(&self, source: Source) -> Option<Source> {
        match source {
            Source::Input(k) => Some(Source::Input(k)),
            Source::Step(id, k) => Some(Source::Step(*self.steps.get(&id)?, k)),
            Source::Heard(id, k) => Some(Source::Heard(*self.steps.get(&id)?, k)),
            Source::Cell(id) => Some(Source::Cell(*self.cells.get(&id)?)),
        }
    }
}

/// What of `new` is there in `old`, except for the steps `but` of the old one.
pub fn difference(old: &Wiring, new: &Wiring, but: &HashSet<u32>) -> Matches {
    let (before, after) = (Traits::new(old), Traits::new(new));
    let mut matches = Matches::default();
    let mut homes = VecDeque::from([(None, None)]);
    while let Some((old_home, new_home)) = homes.pop_front() {
        let within = |wiring: &Wiring, home: Option<u32>| -> Vec<usize> {
            (0..wiring.steps.len()).filter(|k| wiring.steps[*k].home == home).collect()
        };
        let mut left = within(old, old_home);
        left.retain(|k| !but.contains(&old.steps[*k].id) && !matches!(old.steps[*k].body, Body::Cross(_)));
        let right = within(new, new_home);
        for (o, n) in pair(&before, &after, left, right) {
            let (o, n) = (&old.steps[o], &new.steps[n]);
            matches.steps.insert(n.id, o.id);
            if let Body::Loop(_) = n.body {
                homes.push_back((Some(o.id), Some(n.id)));
            }
        }
    }
    let there = old.index();
    for step in new.steps.iter().filter(|step| !step.remembers()) {
        let before = matches.steps.get(&step.id).and_then(|id| there.get(id)).map(|k| &old.steps[*k]);
        if before.is_some_and(|before| !hears_the_same(old, new, before, step, &matches)) {
            matches.steps.remove(&step.id);
        }
    }
    numbers(old, new, &mut matches);
    matches
}

/// Whether two steps that are the same hear the same: numbers may be others, they walk.
fn hears_the_same(old: &Wiring, new: &Wiring, before: &Step, now: &Step, matches: &Matches) -> bool {
    let name = |wiring: &Wiring, id: u32| wiring.cell(id).and_then(|k| wiring.cells[k].name.clone());
    before.inputs.iter().zip(&now.inputs).all(|(before, now)| match (before, now) {
        (Source::Cell(o), Source::Cell(n)) => name(old, *o) == name(new, *n),
        (before, now) => matches.source(*now) == Some(*before),
    })
}

/// What is known of every step of a wiring.
struct Traits<'a> {
    wiring: &'a Wiring,
    /// What it is, apart from what it hears.
    kind: Vec<u64>,
    /// What it hears, all the way up, with all numbers.
    exact: Vec<u64>,
    /// The same without the numbers.
    shape: Vec<u64>,
    /// Its own numbers.
    own: Vec<u64>,
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl<'a> Traits<'a> {
    fn new(wiring: &'a Wiring) -> Self {
        let mut traits = Traits { wiring, kind: vec![], exact: vec![], shape: vec![], own: vec![] };
        let values: HashMap<u32, (&Option<_>, u32)> =
            wiring.cells.iter().map(|cell| (cell.id, (&cell.name, cell.value.to_bits()))).collect();
        let mut known: HashMap<u32, (u64, u64)> = HashMap::new();
        let mut crossed: HashMap<u32, Source> = HashMap::new();
        for step in &wiring.steps {
            if let Body::Cross(_) = step.body {
                crossed.insert(step.id, step.inputs[1]);
            }
            let seen = |source: Source| {
                // A fade under way stands for where it leads.
                let mut source = source;
                while let Source::Step(id, _) = source
                    && let Some(to) = crossed.get(&id)
                {
                    source = *to;
                }
                match source {
                    Source::Input(k) => (hash((0, k)), hash((0, k))),
                    Source::Heard(_, k) => (hash((1, k)), hash((1, k))),
                    Source::Step(id, k) => {
                        let (exact, shape) = known.get(&id).copied().unwrap_or_default();
                        (hash((2, exact, k)), hash((2, shape, k)))
                    }
                    Source::Cell(id) => match values.get(&id) {
                        Some((Some(name), _)) => (hash((3, name)), hash((3, name))),
                        Some((None, bits)) => (hash((4, bits)), hash(4)),
                        None => (0, 0),
                    },
                }
            };
            let kind = kind(step);
            let heard: Vec<(u64, u64)> = step.hears().map(seen).collect();
            let exact = hash((kind, heard.iter().map(|(exact, _)| *exact).collect::<Vec<_>>()));
            let shape = hash((kind, heard.iter().map(|(_, shape)| *shape).collect::<Vec<_>>()));
            let constant = |source: &Source| match source {
                Source::Cell(id) => values.get(id).map(|(_, bits)| *bits),
                _ => None,
            };
            traits.own.push(hash(step.inputs.iter().map(constant).collect::<Vec<_>>()));
            traits.kind.push(kind);
            traits.exact.push(exact);
            traits.shape.push(shape);
            known.insert(step.id, (exact, shape));
        }
        traits
    }
}

/// What must be equal for one step to go on as another: row and numbers of building time, or the channels of a loop.
fn kind(step: &Step) -> u64 {
    let inputs = step.inputs.len();
    match &step.body {
        Body::Row(name, values) => {
            hash((name, values.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), inputs, step.outputs))
        }
        Body::Loop(_) => hash(("loop", inputs)),
        Body::Cross(_) => 0,
    }
}

/// Pairs of old and new steps of one level that are the same.
fn pair(old: &Traits, new: &Traits, mut left: Vec<usize>, mut right: Vec<usize>) -> Vec<(usize, usize)> {
    let mut pairs = equal(&mut left, &mut right, &|k| old.exact[k], &|k| new.exact[k]);
    pairs.extend(alike(old, new, &mut left, &mut right));
    let path = |traits: &Traits, k: usize| hash((traits.kind[k], traits.wiring.steps[k].path));
    pairs.extend(equal(&mut left, &mut right, &|k| path(old, k), &|k| path(new, k)));
    pairs
}

type Key<'a> = &'a dyn Fn(usize) -> u64;

/// Takes out of both lists what has the same key, in order.
fn equal(left: &mut Vec<usize>, right: &mut Vec<usize>, old: Key, new: Key) -> Vec<(usize, usize)> {
    let mut found: HashMap<u64, VecDeque<usize>> = HashMap::new();
    left.iter().for_each(|k| found.entry(old(*k)).or_default().push_back(*k));
    let mut pairs = vec![];
    right.retain(|n| match found.get_mut(&new(*n)).and_then(VecDeque::pop_front) {
        Some(o) => {
            pairs.push((o, *n));
            false
        }
        None => true,
    });
    let taken: HashSet<usize> = pairs.iter().map(|(o, _)| *o).collect();
    left.retain(|k| !taken.contains(k));
    pairs
}

/// Takes out of both lists the pairs that keep their order and resemble each other most: the heaviest common subsequence
/// (Wagner and Fischer, 1974).
fn alike(old: &Traits, new: &Traits, left: &mut Vec<usize>, right: &mut Vec<usize>) -> Vec<(usize, usize)> {
    let (rows, columns) = (left.len(), right.len());
    if rows * columns > MOST_PAIRS {
        return equal(left, right, &|k| old.kind[k], &|k| new.kind[k]);
    }
    let weight = |o: usize, n: usize| -> u32 {
        if old.kind[o] != new.kind[n] {
            return 0;
        }
        let path = old.wiring.steps[o].path == new.wiring.steps[n].path;
        8 + 4 * u32::from(old.own[o] == new.own[n]) + 2 * u32::from(old.shape[o] == new.shape[n]) + u32::from(path)
    };
    let width = columns + 1;
    let mut best = vec![0u32; (rows + 1) * width];
    for (i, o) in left.iter().enumerate().rev() {
        for (j, n) in right.iter().enumerate().rev() {
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let weight = weight(*o, *n);
            let take = if weight > 0 { weight + best[(i + 1) * width + j + 1] } else { 0 };
            best[i * width + j] = skip.max(take);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = vec![];
    while i < rows && j < columns {
        let here = best[i * width + j];
        let weight = weight(left[i], right[j]);
        if weight > 0 && here == weight + best[(i + 1) * width + j + 1] {
            pairs.push((left[i], right[j]));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    let olds: HashSet<usize> = pairs.iter().map(|(o, _)| *o).collect();
    let news: HashSet<usize> = pairs.iter().map(|(_, n)| *n).collect();
    left.retain(|k| !olds.contains(k));
    right.retain(|k| !news.contains(k));
    pairs
}

/// Numbers are the same where the same thing hears them; controls, where they have the same name.
fn numbers(old: &Wiring, new: &Wiring, matches: &mut Matches) {
    let mut taken = HashSet::new();
    let cells = |wiring: &Wiring| -> HashMap<u32, Option<_>> {
        wiring.cells.iter().map(|cell| (cell.id, cell.name.clone())).collect()
    };
    let (before, after) = (cells(old), cells(new));
    for cell in new.cells.iter().filter(|cell| cell.name.is_some()) {
        if let Some(known) = old.cells.iter().find(|known| known.name == cell.name) {
            matches.cells.insert(cell.id, known.id);
        }
    }
    let steps = old.index();
    let mut heard: Vec<(Source, Source)> = old.outputs.iter().copied().zip(new.outputs.iter().copied()).collect();
    for step in &new.steps {
        let known = matches.steps.get(&step.id).and_then(|id| steps.get(id)).map(|k| &old.steps[*k]);
        heard.extend(known.into_iter().flat_map(|known| known.hears().zip(step.hears())));
    }
    for (o, n) in heard {
        if let (Source::Cell(o), Source::Cell(n)) = (o, n)
            && before.get(&o) == Some(&None)
            && after.get(&n) == Some(&None)
            && !matches.cells.contains_key(&n)
            && taken.insert(o)
        {
            matches.cells.insert(n, o);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::lower::{insert, tone};
    use crate::graph::{Signal, row};

    fn word(name: &str, arguments: &[f32]) -> Signal {
        let arguments: Vec<Signal> = arguments.iter().map(|x| Signal::constant(*x)).collect();
        Signal::ugen(row(name).unwrap(), &arguments).unwrap()
    }

    fn chain(words: &[(&str, &[f32])]) -> Wiring {
        let chain = words.iter().map(|(name, arguments)| word(name, arguments)).reduce(|a, b| a.pipe(&b).unwrap());
        insert(&chain.unwrap(), "t").unwrap()
    }

    /// Names and own numbers of what goes on.
    fn kept(old: &Wiring, new: &Wiring) -> Vec<String> {
        let matches = difference(old, new, &HashSet::new());
        let steps = new.steps.iter().filter(|step| matches.steps.contains_key(&step.id));
        let name = |step: &Step| match &step.body {
            Body::Row(name, _) => name.to_string(),
            Body::Loop(_) => "loop".to_string(),
            Body::Cross(_) => "cross".to_string(),
        };
        steps.map(name).collect()
    }

    #[test]
    fn everything_is_itself() {
        let wiring = chain(&[("lowpass", &[800.0, 1.0]), ("chorus", &[0.4])]);
        let matches = difference(&wiring, &wiring, &HashSet::new());
        assert!(matches.steps.iter().chain(&matches.cells).all(|(a, b)| a == b));
        assert_eq!((matches.steps.len(), matches.cells.len()), (wiring.steps.len(), wiring.cells.len()));
    }

    #[test]
    fn what_is_put_in_front_in_the_middle_or_at_the_end_leaves_the_rest_alone() {
        let (low, shape): (_, &[f32]) = (("lowpass", &[800.0, 1.0][..]), &[0.3]);
        let old = chain(&[low, ("shape", shape)]);
        let rest = vec!["lowpass", "lowpass", "shape", "shape"];
        let high = ("highpass", &[180.0, 1.0][..]);
        for new in [[high, low, ("shape", shape)], [low, high, ("shape", shape)], [low, ("shape", shape), high]] {
            assert_eq!(kept(&old, &chain(&new)), rest);
            assert_eq!(kept(&chain(&new), &old), rest);
        }
    }

    #[test]
    fn of_two_of_a_kind_the_one_with_the_same_numbers_goes_on() {
        let old = chain(&[("lowpass", &[800.0, 1.0]), ("shape", &[0.3])]);
        let new = chain(&[("lowpass", &[2000.0, 1.0]), ("lowpass", &[800.0, 1.0]), ("shape", &[0.3])]);
        let matches = difference(&old, &new, &HashSet::new());
        assert!(!matches.steps.contains_key(&new.steps[0].id), "the first is new");
        assert_eq!(matches.steps[&new.steps[2].id], old.steps[0].id);
    }

    #[test]
    fn summands_that_change_places_go_on() {
        let (a, b) = (word("saw", &[110.0]), word("pulse", &[55.0, 0.5]));
        let (old, new) = (tone(&a.add(&b).unwrap(), "t").unwrap(), tone(&b.add(&a).unwrap(), "t").unwrap());
        assert_eq!(kept(&old, &new), ["pulse", "saw"], "and their sum is another");
    }

    #[test]
    fn what_remembers_nothing_goes_on_where_it_hears_the_same() {
        let (gain, low) = (("gain", &[-6.0][..]), ("lowpass", &[800.0, 1.0][..]));
        let quieter = ("gain", &[-12.0][..]);
        let old = chain(&[low, gain]);
        assert_eq!(kept(&old, &chain(&[low, quieter])), ["lowpass", "lowpass", "gain", "gain"]);
        assert_eq!(kept(&old, &chain(&[low, ("shape", &[0.3]), gain])), ["lowpass", "lowpass"]);
    }

    #[test]
    fn another_number_of_building_time_makes_another_thing() {
        let old = chain(&[("delay", &[0.3])]);
        assert_eq!(kept(&old, &chain(&[("delay", &[0.3])])).len(), old.steps.len());
        assert_eq!(kept(&old, &chain(&[("reverb", &[2.0])])), Vec::<String>::new());
    }

    #[test]
    fn the_inside_of_a_loop_is_compared_as_well() {
        let turn = |inside: Signal| insert(&inside.feedback().unwrap(), "t").unwrap();
        let (delay, half) = (word("delay", &[0.3]), Signal::constant(0.5));
        let old = turn(delay.mul(&half).unwrap());
        let new = turn(delay.pipe(&word("lowpass", &[2000.0, 1.0])).unwrap().mul(&half).unwrap());
        let found = kept(&old, &new);
        assert_eq!(found.iter().filter(|name| *name == "delay").count(), 2, "{found:?}");
        assert_eq!(found.iter().filter(|name| *name == "loop").count(), 1, "{found:?}");
    }

    #[test]
    fn a_number_is_the_same_where_the_same_thing_hears_it() {
        let (old, new) = (chain(&[("lowpass", &[800.0, 1.0])]), chain(&[("lowpass", &[900.0, 1.0])]));
        let matches = difference(&old, &new, &HashSet::new());
        assert_eq!(matches.cells.len(), new.cells.len());
    }
}

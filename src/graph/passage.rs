//! What plays in a strip, and how it becomes something else while it plays.
//!
//! Law: what goes on is named alike before, during and after, and no name is ever given twice. In between, every input whose
//! source has changed hears both, the one fading into the other; what is not heard after that leaves when the fade is over.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::GraphError;
use super::difference::{Matches, difference};
use super::lower::{assemble, operation, remembers};
use super::wiring::{Body, Number, Source, Step, Wiring};
use crate::engine::{Cross, Frames, GRID, Operation, Passage, Schedule, Then};

/// Circles that are cut one by one; then everything that cannot be put in order begins anew.
const CUTS: usize = 64;

/// A signal or chain, ready to be turned into.
pub struct Prepared {
    wiring: Wiring,
    /// Operations that are new, by their step.
    built: HashMap<u32, Box<dyn Operation<1>>>,
}

/// What is known of an operation under way.
#[derive(Clone, Copy, Default)]
struct Facts {
    latency: u64,
    tail: usize,
}

/// The wiring that plays in a place.
pub struct Playing {
    /// What there is where nothing is said.
    idle: Wiring,
    rate: f64,
    during: Wiring,
    after: Wiring,
    /// From here on `after` plays.
    settled: Frames,
    facts: HashMap<u32, Facts>,
    /// The next free names of steps and of cells.
    step: u32,
    cell: u32,
}

/// What has to be done.
pub enum Turn {
    /// These cells walk to these values.
    Retune(Vec<(u16, f32)>),
    /// Something else takes over.
    Passage(Passage),
}

impl Playing {
    /// Nothing plays: no chain (`Wiring::open`) or no signal (`Wiring::silent`).
    pub fn nothing(idle: Wiring, rate: f64) -> Playing {
        let (during, after) = (idle.clone(), idle.clone());
        let mut playing = Playing { idle, rate, during, after, settled: 0, facts: HashMap::new(), step: 0, cell: 0 };
        playing.count();
        playing
    }

    /// Builds what a wiring needs and what does not play already.
    ///
    /// # Errors
    /// Where it would need more memory or more buffers than there are.
    pub fn prepare(&self, wiring: Wiring) -> Result<Prepared, GraphError> {
        assemble::<1>(&wiring, &mut |_| None)?;
        let matches = difference(&self.after, &wiring, &HashSet::new());
        let (mut built, mut tails) = (HashMap::new(), 0);
        for step in &wiring.steps {
            if let Some(facts) = matches.steps.get(&step.id).and_then(|id| self.facts.get(id)) {
                tails += facts.tail;
            } else if let Some(operation) = operation(step, self.rate) {
                tails += operation.tail();
                built.insert(step.id, operation);
            }
            remembers(tails)?;
        }
        Ok(Prepared { wiring, built })
    }

    /// The schedule of what is prepared, where nothing played before.
    pub fn begin(&mut self, prepared: Option<Prepared>) -> Option<Box<Schedule<1>>> {
        *self = Playing::nothing(self.idle.clone(), self.rate);
        let mut prepared = prepared?;
        self.after = prepared.wiring.clone();
        self.during = prepared.wiring.clone();
        self.count();
        let Playing { after, facts, rate, .. } = self;
        let schedule = assemble(after, &mut |step| {
            let operation = prepared.built.remove(&step.id).or_else(|| operation(step, *rate))?;
            facts.insert(step.id, note(&*operation));
            Some(operation)
        });
        schedule.ok().map(Box::new)
    }

    /// Turns into what is prepared (or into nothing) at frame `at`, a grid line: fades take `fade` frames, numbers walk for
    /// `ramp` frames.
    pub fn turn(&mut self, prepared: Option<Prepared>, at: Frames, fade: u32, ramp: u32) -> Turn {
        let vanishes = prepared.is_none();
        let Prepared { wiring, mut built } =
            prepared.unwrap_or_else(|| Prepared { wiring: self.idle.clone(), built: HashMap::new() });
        let live = if at < self.settled { &self.during } else { &self.after };
        let mut names = Names { step: self.step, cell: self.cell };
        let (mut but, mut cuts) = (HashSet::new(), 0);
        let (during, after, origins) = loop {
            let mut names_now = names;
            let matches = difference(live, &wiring, &but);
            let (mut after, origins) = rename(live, &wiring, &matches, &mut names_now);
            if self.same(&after, &origins) {
                return Turn::Retune(self.retune(&after));
            }
            let mut during = merge(live, &mut after, fade, &mut names_now);
            match during.sort() {
                Ok(()) => {
                    names = names_now;
                    break (during, after, origins);
                }
                Err(circle) => {
                    cuts += 1;
                    let there = live.index();
                    let kept = circle.iter().filter(|id| there.contains_key(id) && after.index().contains_key(id));
                    let weight =
                        |id: &&u32| (self.facts.get(id).map_or(0, |facts| facts.tail), std::cmp::Reverse(**id));
                    match kept.min_by_key(weight).filter(|_| cuts < CUTS) {
                        Some(lightest) => but.insert(*lightest),
                        None => {
                            but.extend(live.steps.iter().map(|step| step.id));
                            true
                        }
                    };
                }
            }
        };
        (self.step, self.cell) = (names.step, names.cell);
        let known: HashSet<u32> = live.steps.iter().map(|step| step.id).collect();
        let Playing { facts, rate, .. } = self;
        let mut place = |step: &Step| -> Option<Box<dyn Operation<1>>> {
            match (&step.body, origins.get(&step.id)) {
                // One that is gone by now has arrived.
                (Body::Cross(_), _) if known.contains(&step.id) => Some(Box::new(Cross::new(0))),
                (Body::Cross(_), _) => operation(step, *rate),
                (_, Some(origin)) => {
                    let operation = built.remove(origin).or_else(|| operation(step, *rate))?;
                    facts.insert(step.id, note(&*operation));
                    Some(operation)
                }
                (_, None) => None,
            }
        };
        let between = assemble(&during, &mut place);
        let then = assemble(&after, &mut |_| None).ok().filter(|_| !vanishes).map(Box::new);
        // Both at once may need more buffers than there are: then what is new begins without a fade.
        let passage = match between {
            Ok(between) => {
                let then = Then::Become(then);
                Passage { during: Some(Box::new(between)), then, fade, ramp }
            }
            Err(_) => {
                let during = assemble(&after, &mut place).ok().filter(|_| !vanishes).map(Box::new);
                Passage { during, then: Then::Stay, fade: 0, ramp }
            }
        };
        self.settled = at.next_multiple_of(GRID as Frames) + Frames::from(fade).next_multiple_of(GRID as Frames);
        self.facts.retain(|id, _| during.steps.iter().any(|step| step.id == *id));
        (self.during, self.after) = (during, after);
        Turn::Passage(passage)
    }

    /// Names of the controls among the cells of the schedule that plays: the first ones.
    pub fn controls(&self) -> Vec<Arc<str>> {
        self.after.controls()
    }

    /// Frames by which what goes through lags.
    pub fn latency(&self) -> u64 {
        self.after.longest(|step| self.facts.get(&step.id).map_or(0, |facts| facts.latency))
    }

    fn count(&mut self) {
        let next = |ids: &mut dyn Iterator<Item = u32>| ids.max().map_or(0, |id| id + 1);
        self.step = self.step.max(next(&mut self.after.steps.iter().map(|step| step.id)));
        self.cell = self.cell.max(next(&mut self.after.cells.iter().map(|cell| cell.id)));
    }

    /// Whether a wiring is what plays, but for its numbers.
    fn same(&self, other: &Wiring, origins: &HashMap<u32, u32>) -> bool {
        let there = self.after.index();
        let same = |step: &Step| there.get(&step.id).is_some_and(|k| self.after.steps[*k] == *step);
        origins.is_empty()
            && other.outputs == self.after.outputs
            && other.steps.len() == self.after.steps.len()
            && other.steps.iter().all(same)
            && other.cells.iter().all(|cell| self.after.cell(cell.id).is_some())
    }

    /// Takes over the numbers of a wiring that is the same otherwise.
    fn retune(&mut self, other: &Wiring) -> Vec<(u16, f32)> {
        let mut moved = vec![];
        for cell in other.cells.iter().filter(|cell| cell.name.is_none()) {
            let Some(place) = self.after.cell(cell.id) else { continue };
            let now = &mut self.after.cells[place];
            if now.value.to_bits() != cell.value.to_bits() {
                now.value = cell.value;
                moved.push((place as u16, cell.value));
            }
        }
        for cell in &mut self.during.cells {
            if let Some(now) = self.after.cells.iter().find(|now| now.id == cell.id) {
                cell.value = now.value;
            }
        }
        moved
    }
}

fn note(operation: &dyn Operation<1>) -> Facts {
    Facts { latency: operation.latency() as u64, tail: operation.tail() }
}

/// Names to be given.
#[derive(Clone, Copy)]
struct Names {
    step: u32,
    cell: u32,
}

fn fresh(next: &mut u32) -> u32 {
    *next += 1;
    *next - 1
}

/// A wiring with what plays already called what it is called there, and which of its steps the others were.
fn rename(live: &Wiring, wiring: &Wiring, matches: &Matches, names: &mut Names) -> (Wiring, HashMap<u32, u32>) {
    let mut called = matches.clone();
    let mut origins = HashMap::new();
    for step in &wiring.steps {
        called.steps.entry(step.id).or_insert_with(|| {
            let id = fresh(&mut names.step);
            origins.insert(id, step.id);
            id
        });
    }
    for cell in &wiring.cells {
        called.cells.entry(cell.id).or_insert_with(|| fresh(&mut names.cell));
    }
    let there = live.index();
    let source = |source: &Source| called.source(*source).expect("everything has a name by now");
    let steps = wiring.steps.iter().map(|step| {
        let id = called.steps[&step.id];
        let body = match &step.body {
            Body::Loop(outputs) => Body::Loop(outputs.iter().map(source).collect()),
            other => other.clone(),
        };
        // What goes on has the chance it was born with.
        let path = there.get(&id).map_or(step.path, |k| live.steps[*k].path);
        let home = step.home.map(|home| called.steps[&home]);
        Step { id, body, path, home, inputs: step.inputs.iter().map(source).collect(), outputs: step.outputs }
    });
    let cells = wiring.cells.iter().map(|cell| Number { id: called.cells[&cell.id], ..cell.clone() });
    let renamed = Wiring {
        steps: steps.collect(),
        cells: cells.collect(),
        inputs: wiring.inputs,
        outputs: wiring.outputs.iter().map(source).collect(),
    };
    (renamed, origins)
}

/// Crossfades, each once.
struct Crosses<'a> {
    steps: Vec<Step>,
    known: HashMap<(Option<u32>, Source, Source), u32>,
    fade: u32,
    names: &'a mut Names,
}

impl Crosses<'_> {
    /// What fades from one source to the other, heard in a loop or outside of all.
    fn between(&mut self, home: Option<u32>, old: Source, new: Source) -> Source {
        if old == new { new } else { self.within(self.fade, home, old, new) }
    }

    fn within(&mut self, fade: u32, home: Option<u32>, old: Source, new: Source) -> Source {
        let id = *self.known.entry((home, old, new)).or_insert_with(|| {
            let id = fresh(&mut self.names.step);
            let (body, inputs) = (Body::Cross(fade), vec![old, new]);
            self.steps.push(Step { id, body, path: 0, home, inputs, outputs: 1 });
            id
        });
        Source::Step(id, 0)
    }

    fn each(&mut self, home: Option<u32>, old: &[Source], new: &[Source]) -> Vec<Source> {
        old.iter().zip(new).map(|(old, new)| self.between(home, *old, *new)).collect()
    }
}

/// What plays while `live` becomes `after`: all of `after`, with crossfades where something that goes on hears something else,
/// and of `live` what is heard through them. What is new and remembers hears its input rise from silence: in the middle of a
/// wave a delay would begin with an edge. `after` is given the same cells, so that both number them alike.
fn merge(live: &Wiring, after: &mut Wiring, fade: u32, names: &mut Names) -> Wiring {
    let there = live.index();
    let silence = Number { id: fresh(&mut names.cell), name: None, value: 0.0 };
    let mut crosses = Crosses { steps: vec![], known: HashMap::new(), fade, names };
    let mut steps: Vec<Step> = vec![];
    for step in &after.steps {
        let mut step = step.clone();
        if let Some(k) = there.get(&step.id) {
            let before = &live.steps[*k];
            step.inputs = crosses.each(step.home, &before.inputs, &step.inputs);
            if let (Body::Loop(old), Body::Loop(new)) = (&before.body, &step.body) {
                step.body = Body::Loop(crosses.each(Some(step.id), old, new));
            }
        } else {
            for k in 0..step.remembered() {
                // While what it gives is hardly heard yet.
                step.inputs[k] = crosses.within(fade / 6, step.home, Source::Cell(silence.id), step.inputs[k]);
            }
        }
        steps.push(step);
    }
    after.cells.push(silence);
    let outputs = crosses.each(None, &live.outputs, &after.outputs);
    let crosses = crosses.steps;
    let mut present: HashSet<u32> = steps.iter().chain(&crosses).map(|step| step.id).collect();
    let mut wanted: Vec<Source> = crosses.iter().map(|cross| cross.inputs[0]).collect();
    let mut cells: HashSet<u32> = HashSet::new();
    let mut leaving = vec![];
    while let Some(source) = wanted.pop() {
        let id = match source {
            Source::Step(id, _) | Source::Heard(id, _) => id,
            Source::Cell(id) => {
                cells.insert(id);
                continue;
            }
            Source::Input(_) => continue,
        };
        if let Some(k) = there.get(&id)
            && present.insert(id)
        {
            let step = &live.steps[*k];
            wanted.extend(step.hears());
            wanted.extend(step.home.map(|home| Source::Step(home, 0)));
            leaving.push((*k, step.clone()));
        }
    }
    leaving.sort_by_key(|(k, _)| *k);
    let old = live.cells.iter().filter(|cell| cells.contains(&cell.id) && after.cell(cell.id).is_none());
    let mut all: Vec<Number> = after.cells.iter().chain(old).cloned().collect();
    all.sort_by_key(|cell| cell.name.is_none());
    after.cells = all.clone();
    let steps = leaving.into_iter().map(|(_, step)| step).chain(steps).chain(crosses).collect();
    Wiring { steps, cells: all, inputs: after.inputs, outputs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::lower::{insert, tone};
    use crate::graph::{Signal, row};

    const RATE: f64 = 48_000.0;
    const FADE: u32 = 1440;

    fn word(name: &str, arguments: &[f32]) -> Signal {
        let arguments: Vec<Signal> = arguments.iter().map(|x| Signal::constant(*x)).collect();
        Signal::ugen(row(name).unwrap(), &arguments).unwrap()
    }

    fn pipe(words: &[(&str, &[f32])]) -> Signal {
        words.iter().map(|(name, arguments)| word(name, arguments)).reduce(|a, b| a.pipe(&b).unwrap()).unwrap()
    }

    /// A chain of inserts on a stage: what the engine does with passages, without the engine.
    struct Stage {
        playing: Playing,
        now: Option<Box<Schedule<1>>>,
        then: Option<(Option<Box<Schedule<1>>>, u64)>,
        frame: u64,
    }

    impl Stage {
        fn new(idle: Wiring) -> Stage {
            Stage { playing: Playing::nothing(idle, RATE), now: None, then: None, frame: 0 }
        }

        fn turn(&mut self, chain: Option<&Signal>) {
            let wiring = chain.map(|chain| if chain.closed() { tone(chain, "t") } else { insert(chain, "t") }.unwrap());
            let prepared = wiring.map(|wiring| self.playing.prepare(wiring).unwrap());
            match self.playing.turn(prepared, self.frame, FADE, 960) {
                Turn::Retune(cells) => {
                    let now = self.now.as_mut().expect("numbers of something");
                    cells.into_iter().for_each(|(cell, value)| now.cell(cell as usize).ramp(0, value, 960));
                }
                Turn::Passage(mut passage) => {
                    if let (Some(new), Some(old)) = (&mut passage.during, &mut self.now) {
                        new.carry(old, Some(passage.ramp));
                    }
                    self.now = passage.during;
                    self.then = match passage.then {
                        Then::Become(next) => Some((next, self.frame + passage.fade.next_multiple_of(64) as u64)),
                        Then::Stay => None,
                    };
                }
            }
        }

        /// The left side of so many blocks of an input.
        fn hear(&mut self, blocks: usize, input: impl Fn(u64) -> f32) -> Vec<f32> {
            let mut heard = vec![];
            for _ in 0..blocks {
                if let Some((next, _)) = self.then.take_if(|(_, at)| *at <= self.frame) {
                    let mut next = next;
                    if let (Some(new), Some(old)) = (&mut next, &mut self.now) {
                        new.carry(old, None);
                    }
                    self.now = next;
                }
                let mut arena = vec![[[0.0; 1]; GRID]; 64];
                for side in &mut arena[..2] {
                    side.iter_mut().zip(self.frame..).for_each(|(x, frame)| *x = [input(frame)]);
                }
                match &mut self.now {
                    Some(schedule) => {
                        schedule.run(&mut arena, 0, GRID);
                        heard.extend(schedule.output(&arena, 0).iter().map(|x| x[0]));
                    }
                    None => heard.extend(arena[0].iter().map(|x| x[0])),
                }
                self.frame += GRID as u64;
            }
            heard
        }
    }

    fn sine(frame: u64) -> f32 {
        (frame as f32 * 0.01).sin() * 0.5
    }

    /// A sine that swells and is gone after so many frames.
    fn swell(frames: u64) -> impl Fn(u64) -> f32 + Copy {
        move |frame| {
            let level = (frame as f32 / frames as f32 * std::f32::consts::PI).sin();
            if frame < frames { sine(frame) * level * level } else { 0.0 }
        }
    }

    /// How far two sounds are apart, in dB under full scale.
    fn apart(a: &[f32], b: &[f32]) -> f32 {
        20.0 * a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(1e-12, f32::max).log10()
    }

    fn bend(sound: &[f32]) -> f32 {
        sound.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max)
    }

    /// A chain that turns into another and back, against one that never changed: how far apart they are in the end.
    fn there_and_back(first: &Signal, second: &Signal, input: impl Fn(u64) -> f32 + Copy) -> f32 {
        let (mut edited, mut left) = (Stage::new(Wiring::open()), Stage::new(Wiring::open()));
        for stage in [&mut edited, &mut left] {
            stage.turn(Some(first));
            stage.hear(300, input);
        }
        edited.turn(Some(second));
        edited.hear(100, input);
        left.hear(100, input);
        edited.turn(Some(first));
        edited.hear(60, input);
        left.hear(60, input);
        apart(&edited.hear(400, input), &left.hear(400, input))
    }

    #[test]
    fn a_reverb_goes_on_while_something_is_put_behind_it_and_taken_away_again() {
        let (room, both) = (pipe(&[("reverb", &[2.0])]), pipe(&[("reverb", &[2.0]), ("lowpass", &[500.0, 1.0])]));
        // It sounded only at the beginning: what is heard at the end is the tail.
        let burst = swell(9600);
        assert!(there_and_back(&room, &both, burst) < -120.0);
    }

    #[test]
    fn a_delay_inside_a_loop_goes_on_when_a_filter_joins_it_and_leaves() {
        let half = Signal::constant(0.6);
        let plain = word("delay", &[0.2]).mul(&half).unwrap().feedback().unwrap();
        let filtered = word("delay", &[0.2]).pipe(&word("highpass", &[20.0, 1.0])).unwrap().mul(&half).unwrap();
        let filtered = filtered.feedback().unwrap();
        let burst = swell(4800);
        let mut stage = Stage::new(Wiring::open());
        stage.turn(Some(&plain));
        stage.hear(300, burst);
        stage.turn(Some(&filtered));
        let sound = stage.hear(600, burst);
        assert!(sound[9600..].iter().any(|x| x.abs() > 0.02), "the echoes go round");
        assert!(bend(&sound) < 1e-3, "{}", bend(&sound));
    }

    #[test]
    fn a_changed_number_walks_and_nothing_else_happens() {
        let mut stage = Stage::new(Wiring::open());
        let level = |level: f32| word("reverb", &[2.0]).mul(&Signal::constant(level)).unwrap();
        stage.turn(Some(&level(1.0)));
        stage.hear(100, sine);
        let names = stage.playing.step;
        stage.turn(Some(&level(0.5)));
        assert_eq!(stage.playing.step, names, "no step is new");
        assert!(stage.then.is_none());
    }

    #[test]
    fn two_that_change_places_cross_over_without_a_circle() {
        let (one, other) = (("reverb", &[2.0][..]), ("lowpass", &[500.0, 1.0][..]));
        let burst = swell(9600);
        let mut stage = Stage::new(Wiring::open());
        stage.turn(Some(&pipe(&[one, other])));
        let before = stage.hear(200, burst);
        stage.turn(Some(&pipe(&[other, one])));
        let sound = [&before[9700..], &stage.hear(200, burst)].concat();
        let level = |part: &[f32]| part.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!(level(&sound[3100 + 2000..3100 + 6000]) > 0.3 * level(&sound[..3000]), "the tail goes on");
        assert!(bend(&sound[3000..]) < 2.0 * bend(&before[9700..]), "{}", bend(&sound));
    }

    #[test]
    fn edits_on_top_of_each_other_neither_click_nor_get_lost() {
        let chains = [
            pipe(&[("lowpass", &[900.0, 1.0])]),
            pipe(&[("lowpass", &[900.0, 1.0]), ("highpass", &[100.0, 1.0])]),
            pipe(&[("highpass", &[100.0, 1.0]), ("lowpass", &[700.0, 1.0])]),
            pipe(&[("shape", &[0.3]), ("lowpass", &[700.0, 1.0])]),
        ];
        let mut stage = Stage::new(Wiring::open());
        stage.hear(20, sine);
        let mut sound = vec![];
        for k in 0..40 {
            stage.turn(Some(&chains[k % 4]));
            sound.extend(stage.hear(1 + k % 7, sine));
        }
        stage.turn(None);
        sound.extend(stage.hear(600, sine));
        assert!(bend(&sound) < 8.0 * bend(&stage.hear(100, sine)), "{}", bend(&sound));
        assert!(stage.now.is_none(), "nothing is left");
        assert!(sound.iter().all(|x| x.abs() < 0.8));
    }

    #[test]
    fn a_drone_keeps_the_phase_of_what_stays() {
        let (saw, tone) = (word("saw", &[110.0]), word("sin", &[330.0]));
        let both = saw.add(&tone).unwrap();
        let (mut edited, mut left) = (Stage::new(Wiring::silent()), Stage::new(Wiring::silent()));
        for stage in [&mut edited, &mut left] {
            stage.turn(Some(&saw));
            stage.hear(200, sine);
        }
        edited.turn(Some(&both));
        edited.hear(100, sine);
        edited.turn(Some(&saw));
        edited.hear(100, sine);
        left.hear(200, sine);
        assert!(apart(&edited.hear(100, sine), &left.hear(100, sine)) < -120.0);
    }

    #[test]
    fn what_has_faded_out_does_not_pile_up() {
        let chains = [pipe(&[("lowpass", &[900.0, 1.0])]), pipe(&[("lowpass", &[900.0, 1.0]), ("shape", &[0.3])])];
        let mut stage = Stage::new(Wiring::open());
        for k in 0..100 {
            stage.turn(Some(&chains[k % 2]));
            stage.hear(30, sine);
        }
        assert!(stage.playing.during.steps.len() < 10, "{}", stage.playing.during.steps.len());
    }

    #[test]
    fn what_has_faded_out_is_not_taken_for_something_that_goes_on() {
        let (plain, louder) = (word("saw", &[110.0]), word("saw", &[110.0]).pipe(&word("gain", &[0.0])).unwrap());
        let (mut edited, mut left) = (Stage::new(Wiring::silent()), Stage::new(Wiring::silent()));
        left.turn(Some(&plain));
        for k in 0..8 {
            edited.turn(Some([&plain, &louder][k % 2]));
            assert!(apart(&edited.hear(100, sine), &left.hear(100, sine)) < -120.0, "turn {k}");
        }
    }
}

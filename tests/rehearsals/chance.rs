//! Edits nobody thought of: pieces from a small grammar, one thing about each changed at a random moment.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use assert_no_alloc::violation_count;
use segue::lang::{Interpreter, NoFiles};

use crate::proof::Runs;
use crate::take::{Line, RATE, Word};

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        (0..4).for_each(|_| {
            dice.roll(2);
        });
        dice
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

/// One edit in so many may bend or splash more than its music, by a few dB: two sounds that leave and come together.
const HEARD: u64 = 40;

/// Effects with two settings each.
const EFFECTS: &[[&str; 2]] = &[
    ["lowpass(600, 1)", "lowpass(1800, 1)"],
    ["highpass(120)", "highpass(400)"],
    ["gain(-3)", "gain(-9)"],
    ["delay(0.17, 0.6, 0.4)", "delay(0.17, 0.3, 0.4)"],
    ["shape(0.2)", "shape(0.5)"],
    ["tremolo(4, 0.5)", "tremolo(7, 0.5)"],
    ["chorus(0.4)", "chorus(0.6)"],
    ["reverb(1.5, 0.5, 0.3)", "reverb(3, 0.5, 0.3)"],
    ["pan(-0.4)", "pan(0.3)"],
    ["moog(900, 0.3)", "moog(2500, 0.3)"],
    ["lowpass(sine(3).range(500, 900), 1)", "lowpass(sine(5).range(500, 1500), 1)"],
    ["(pass() & delay(0.09) * 0.4)", "(pass() & delay(0.09) * 0.2)"],
    ["compressor(-24, 2)", "compressor(-24, 4)"],
];

const NOTES: &[&str] = &["0 3 5 7", "0 [3 5] 7 4", "<0 2>(3,8)", "[0,4] 7", "0@3 5", "0 ~ 4 ~"];
const SOUNDS: &[&str] = &["mine", "saw", "square", "tri", "epiano", "pluck"];
const DRONES: &[&str] = &["saw(110)", "square(82.4)", "(sine(110) | sine(165))", "pink()", "saw(55) + sine(220)"];
const NAMES: &[&str] = &["a", "b", "c", "d"];

#[derive(Clone)]
enum Source {
    Notes { notes: &'static str, sound: &'static str, gain: f32, send: f32 },
    Drone { wave: &'static str, level: f32 },
}

type Chain = Vec<&'static str>;

#[derive(Clone)]
struct Piece {
    tempo: usize,
    /// What the instrument of the piece is made of.
    mine: &'static str,
    tracks: Vec<(&'static str, Source, Chain)>,
    bus: Option<Chain>,
    master: Option<Chain>,
}

fn chain(dice: &mut Dice, most: usize) -> Chain {
    (0..dice.roll(most + 1)).map(|_| effect(dice)).collect()
}

fn effect(dice: &mut Dice) -> &'static str {
    let settings = dice.one_of(EFFECTS);
    dice.one_of(&settings)
}

fn source(dice: &mut Dice) -> Source {
    let drones = dice.roll(3) == 0;
    sound(dice, drones)
}

fn sound(dice: &mut Dice, drones: bool) -> Source {
    if drones {
        Source::Drone { wave: dice.one_of(DRONES), level: dice.one_of(&[0.1, 0.2]) }
    } else {
        let send = dice.one_of(&[0.0, 0.0, 0.4]);
        Source::Notes { notes: dice.one_of(NOTES), sound: dice.one_of(SOUNDS), gain: dice.one_of(&[0.4, 0.6]), send }
    }
}

impl Piece {
    fn any(dice: &mut Dice) -> Piece {
        let names = &NAMES[..2 + dice.roll(3)];
        Piece {
            tempo: dice.one_of(&[100, 120, 140]),
            mine: "saw",
            tracks: names.iter().map(|name| (*name, source(dice), chain(dice, 3))).collect(),
            bus: (dice.roll(2) == 0).then(|| [vec!["delay(0.2, 0.6)"], chain(dice, 2)].concat()),
            master: (dice.roll(3) == 0).then(|| [vec!["gain(-2)"], chain(dice, 2)].concat()),
        }
    }

    fn text(&self) -> String {
        let chained = |chain: &Chain| chain.join(" >> ");
        let mut text = format!(
            "tempo({});\nsynth mine = |freq, gate| {}(freq) * (gate >> adsr(0.01, 0.1, 0.7, 0.1)) * 0.2;\n",
            self.tempo, self.mine
        );
        for (name, source, chain) in &self.tracks {
            let source = match source {
                Source::Notes { notes, sound, gain, send } => {
                    let scale = r#".scale("A2:minor")"#;
                    format!(r#"n("{notes}"){scale}.s("{sound}").gain({gain}).send("far", {send})"#)
                }
                Source::Drone { wave, level } => format!("({wave}) * {level}"),
            };
            let links: Vec<String> = [source].into_iter().chain(chain.iter().map(ToString::to_string)).collect();
            text += &format!("track {name} = {};\n", links.join(" >> "));
        }
        if let Some(bus) = &self.bus {
            text += &format!("bus far = {};\n", chained(bus));
        }
        if let Some(master) = &self.master {
            text += &format!("master = {};\n", chained(master));
        }
        text
    }

    /// Changes one thing; gives what it touched, and whether notes begin by it.
    fn edit(&mut self, dice: &mut Dice) -> (Vec<String>, bool) {
        let at = dice.roll(self.tracks.len());
        let name = self.tracks[at].0.to_string();
        let all = |piece: &Piece| piece.tracks.iter().map(|track| track.0.to_string()).collect();
        match dice.roll(12) {
            0..4 => {
                turn(&mut self.tracks[at].2, dice);
                (vec![name], false)
            }
            4 => {
                let drones = matches!(self.tracks[at].1, Source::Drone { .. });
                self.tracks[at].1 = sound(dice, drones);
                (vec![name], true)
            }
            5 => match &mut self.bus {
                Some(bus) => {
                    turn(bus, dice);
                    (vec!["bus far".into()], false)
                }
                None => {
                    self.bus = Some(vec!["delay(0.2, 0.6)"]);
                    (vec!["bus far".into()], true)
                }
            },
            6 => {
                self.bus = None;
                (vec!["bus far".into()], false)
            }
            7 => {
                match &mut self.master {
                    Some(master) => turn(master, dice),
                    None => self.master = Some(chain(dice, 2)).filter(|chain| !chain.is_empty()),
                }
                (vec!["master".into()], false)
            }
            8 => {
                self.tempo = dice.one_of(&[90, 125, 150]);
                (all(self), true)
            }
            9 => {
                self.mine = dice.one_of(&["square", "tri"]);
                (all(self), true)
            }
            10 if self.tracks.len() > 1 => {
                self.tracks.remove(at);
                (vec![name], false)
            }
            10 => (Vec::new(), false),
            _ => {
                self.tracks.reverse();
                (Vec::new(), false)
            }
        }
    }
}

/// Changes one thing about a chain.
fn turn(chain: &mut Chain, dice: &mut Dice) {
    let place = dice.roll(chain.len() + 1);
    if place == chain.len() {
        return chain.push(effect(dice));
    }
    match dice.roll(5) {
        0 => chain.insert(place, effect(dice)),
        1 if chain.len() > 1 => drop(chain.remove(place)),
        2 => chain[place] = effect(dice),
        // Two of a kind would not change places, but walk to each other's numbers.
        3 if EFFECTS.iter().all(|settings| chain.iter().filter(|effect| settings.contains(effect)).count() < 2) => {
            chain.reverse();
        }
        _ => {
            let settings = EFFECTS.iter().find(|settings| settings.contains(&chain[place]));
            chain[place] = settings.map_or("gain(-4)", |[one, other]| if chain[place] == *one { other } else { one });
        }
    }
}

/// What speaks against one edit, with its texts.
fn faults(seed: u64, interpreter: &mut Interpreter) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut piece = Piece::any(&mut dice);
    let before = piece.text();
    let (touched, onset) = piece.edit(&mut dice);
    let at = 64 * (225 + dice.roll(225)) as u64;
    let lines: Vec<Line> = [(0, before.clone()), (at, piece.text())]
        .into_iter()
        .map(|(at, text)| {
            let evaluation = interpreter.evaluate("piece.rhai", &text, &NoFiles);
            let score = evaluation.unwrap_or_else(|why| panic!("{text}: {why:#?}")).score;
            Line { at, word: Word::Score("piece.rhai".into(), Box::new(score)) }
        })
        .collect();
    if std::env::var_os("EDIT").is_some() {
        println!("{before}---- at frame {at}:\n{}", piece.text());
    }
    let runs = Runs::of(interpreter, seed, &lines, (at as f64 + 9600.0) / RATE as f64);
    let mut faults = Vec::new();
    let mut strips: Vec<&str> = runs.played.strips().collect();
    strips.sort_unstable();
    for strip in strips {
        let named = touched.iter().any(|touched| touched == strip);
        if !named
            && !strip.starts_with("bus ")
            && strip != "mix"
            && let Some(apart) = runs.apart(strip)
        {
            faults.push(format!("stems: {strip} is another from frame {apart} on, {at} touched {touched:?}"));
        }
        // A delay that comes to stand elsewhere gives out what it heard where it stood before.
        let same = |text: &str| {
            let mut words: Vec<&str> = text.split([' ', ';', '\n']).filter(|word| !word.is_empty()).collect();
            words.sort_unstable();
            words.join(" ")
        };
        if (named || strip == "mix") && same(&before) != same(&piece.text()) {
            let seams = runs.seams(strip, onset, false);
            faults.extend(seams.into_iter().map(|(claim, why)| format!("{claim}: {why}, touched {touched:?}")));
        }
    }
    faults.iter().map(|fault| format!("edit {seed}: {fault}")).collect()
}

#[test]
fn edits_at_random_touch_nothing_else_bend_nothing_and_hardly_ever_splash() {
    let long = std::env::var_os("SEGUE_LONG").is_some();
    let (next, last) = match std::env::var("EDIT").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => (AtomicU64::new(seed), seed),
        None => (AtomicU64::new(1), if long { 1000 } else { 40 }),
    };
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut interpreter = Interpreter::new();
                let before = violation_count();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > last {
                        break;
                    }
                    found.lock().unwrap().extend(faults(seed, &mut interpreter));
                }
                assert_eq!(violation_count() - before, 0, "the callback allocated");
            });
        }
    });
    let found: Vec<String> = found.into_inner().unwrap();
    let touching: Vec<&String> = found.iter().filter(|fault| fault.contains(": stems: ")).collect();
    assert!(touching.is_empty(), "{touching:#?}");
    let bent: Vec<&String> = found.iter().filter(|fault| fault.contains(": click: ")).collect();
    assert!(bent.is_empty(), "{bent:#?}");
    let edits: BTreeSet<&str> = found.iter().filter_map(|fault| fault.split(':').next()).collect();
    println!("{} of {last} edits are heard:\n{}", edits.len(), found.join("\n"));
    assert!(edits.len() as u64 <= last / HEARD, "{} edits:\n{}", edits.len(), found.join("\n"));
}

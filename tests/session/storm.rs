//! Many edits and gestures in quick succession: nothing breaks, and nothing depends on the callbacks.

use segue::graph::{Signal, row};
use segue::pattern::{Pattern, Value, fastcat, pure, silence, stack};
use segue::score::{Bus, Location, Quantum, Score, Track};
use segue::session::{InTurn, Moment, News, Part, Stage, When};

use crate::take::*;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len() as u64) as usize]
    }
}

fn word(name: &str, numbers: &[f32]) -> Signal {
    let arguments: Vec<_> = numbers.iter().map(|n| Signal::constant(*n)).collect();
    Signal::ugen(row(name).unwrap(), &arguments).unwrap()
}

fn note(dice: &mut Dice) -> Pattern {
    let mut sound = Value::control("s", Value::text(dice.one_of(&["block", "brick", "mine", "nobody"])));
    for (name, value) in
        [("level", 0.3), ("nudge", 0.03), ("nudge", -0.03), ("room", 0.4), ("crush", 4.0), ("clip", 2.5)]
    {
        if dice.roll(4) == 0 {
            sound = sound.with(name, value.into());
        }
    }
    pure(sound.with("cut", (dice.roll(3) as f64).into()))
}

fn pattern(dice: &mut Dice) -> Pattern {
    let steps: Vec<Pattern> =
        (0..=dice.roll(6)).map(|_| if dice.roll(4) == 0 { silence() } else { note(dice) }).collect();
    let speed = dice.one_of(&[1.0, 3.0, 0.25, 7.0]);
    stack(&[fastcat(&steps).fast(&speed.into()), note(dice).degrade_by(&0.5.into())])
}

fn inserts(dice: &mut Dice) -> Option<Signal> {
    let number = dice.one_of(&[500.0, 1000.0]);
    match dice.roll(5) {
        0 => Some(word("lowpass", &[number])),
        1 => Some(word("limiter", &[-3.0])),
        2 => Some(word("lowpass", &[number]).pipe(&word("limiter", &[-6.0])).unwrap()),
        _ => None,
    }
}

fn piece(dice: &mut Dice) -> Score {
    let names = ["a", "b", "c", "d"];
    let tracks = names.into_iter().filter(|_| dice.roll(5) > 0).collect::<Vec<_>>().into_iter().map(|name| {
        let plain = match dice.roll(4) {
            0 => hums(name, dice.one_of(&[0.1, 0.2])),
            1 => follows(name, dice.one_of(&[0.1, 0.2])),
            _ => plays(name, pattern(dice)),
        };
        let sends = if dice.roll(2) == 0 { vec![("room".into(), 0.5)] } else { Vec::new() };
        let quantum = dice.one_of(&[None, None, Some(Quantum::Beat), Some(Quantum::Cycles(1.0))]);
        Track { inserts: inserts(dice), sends, quantum, muted: dice.roll(6) == 0, ..plain }
    });
    let tracks: Vec<Track> = tracks.collect();
    let buses = ["room", "hall", "cave"].into_iter().filter(|_| dice.roll(3) > 0).collect::<Vec<_>>();
    let bus = |name: &str| Bus {
        name: name.into(),
        chain: word("lowpass", &[800.0]),
        automation: Vec::new(),
        at: Location::default(),
    };
    Score {
        tempo: dice.one_of(&[None, None, Some(90.0), Some(174.0)]),
        seed: dice.one_of(&[None, None, Some(3)]),
        synths: vec![block("mine", dice.one_of(&[0.5, 0.25]))],
        buses: buses.into_iter().map(bus).collect(),
        master: (dice.roll(3) == 0).then(|| word("limiter", &[-2.0])),
        ..score(tracks)
    }
}

/// A storm of this seed, in callbacks of one size, everything said `lead` frames before it begins.
fn storm(seed: u64, callback: usize, lead: u64) -> Take {
    let mut dice = Dice(seed);
    let mut take = Take::of(piece(&mut dice));
    let mut at = 4096;
    // In one of four there is time for muted tracks to lie down.
    let stride = if seed.is_multiple_of(4) { 90_000 } else { 9000 };
    for _ in 0..24 {
        at += 1 + dice.roll(stride);
        take.play_by(at.saturating_sub(lead) as usize, callback);
        take.session.tick();
        let all = ["a", "b", "c", "bus room", "bus hall"].map(Part::from_words);
        let in_turn: InTurn = all.into_iter().filter(|_| dice.roll(12) == 0).collect();
        let when = When::Taken(Moment::Frame(at), in_turn);
        match dice.roll(10) {
            0 => take.session.stage(dice.one_of(&[Stage::Hush, Stage::Panic].each_ref()).clone(), when),
            1 => take.session.stage(Stage::Mute("a".into()), when),
            2 => take.session.stage(Stage::Unmute(None), when),
            3 => drop(take.session.undo(1, when)),
            4 => take
                .session
                .stage(dice.one_of(&[Stage::Solo("b".into()), Stage::Unsolo(None)].each_ref()).clone(), when),
            _ => assert_eq!(take.session.load("a", piece(&mut dice), when), []),
        }
    }
    take.play_by(at as usize + 60_000, callback);
    take
}

#[test]
fn a_storm_of_edits_breaks_nothing_and_sounds_the_same_in_callbacks_of_any_size() {
    let mut wrong = Vec::new();
    for seed in 1..=8 {
        let mut takes = [(64, 1500), (480, 1500), (4096, 1500)].map(|(callback, lead)| storm(seed, callback, lead));
        let news: Vec<News> = takes.iter_mut().flat_map(|take| take.session.news()).collect();
        let bad = |news: &&News| matches!(news, News::Overload { .. } | News::Scrubbed { .. } | News::Late { .. });
        if let Some(bad) = news.iter().find(bad) {
            panic!("storm {seed}: {bad:?}");
        }
        assert!(takes[0].sound.chunks(CHANNELS).all(|frame| frame[0].abs() <= 0.892 && frame[1].abs() <= 0.892));
        let first = takes[0].bits();
        for take in &takes[1..] {
            let other = take.bits();
            let apart = first.iter().zip(&other).position(|(a, b)| a != b);
            wrong.extend(apart.map(|i| (seed, i / CHANNELS, i % CHANNELS)));
        }
    }
    assert_eq!(wrong, [], "storm, frame, channel");
}

//! Where there is no time to play the old beside the new, the old fades first.

use segue::graph::{Signal, row};
use segue::pattern::{Value, pure};
use segue::score::{Bus, Location, Quantum, Score, Track};
use segue::session::{InTurn, Moment, News, Part, Rehearsal, Said, When};

use crate::take::*;

/// The edit's frame, and that by which all is gone that makes way: 30 ms later, on the grid.
const EDIT: usize = 9600;
const FADED: usize = EDIT + 1472;

fn chain(words: &[(&str, &[f32])]) -> Signal {
    let word = |(name, numbers): &(&str, &[f32])| {
        let numbers: Vec<_> = numbers.iter().map(|n| Signal::constant(*n)).collect();
        Signal::ugen(row(name).unwrap(), &numbers).unwrap()
    };
    words.iter().map(word).reduce(|a, b| a.pipe(&b).unwrap()).unwrap()
}

fn drone(words: &[(&str, &[f32])]) -> Track {
    track("d", segue::score::Source::Signal(chain(words)))
}

fn taken(take: &mut Take, score: Score, parts: &[Part]) {
    let when = When::Taken(Moment::Frame(EDIT as u64), InTurn::from(parts));
    assert_eq!(take.session.load("a", score, when), []);
}

fn part(name: &str) -> Part {
    Part::Track(name.into())
}

fn peak(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |peak, x| peak.max(x.abs()))
}

#[test]
fn the_old_is_silent_before_the_new_begins() {
    let mut take = Take::of(score([drone(&[("sine", &[110.0])]), hums("other", 0.1)]));
    taken(&mut take, score([drone(&[("saw", &[220.0]), ("lowpass", &[900.0])]), hums("other", 0.1)]), &[part("d")]);
    let sound = take.play(40_000).track("d");
    assert!(peak(&sound[EDIT..EDIT + 400]) > 0.4, "it fades");
    assert!(peak(&sound[FADED - 8..FADED]) < 0.01, "it is gone");
    assert!(peak(&sound[FADED + 2000..]) > 0.2, "what is new sounds");
    let mut alone = Take::of(score([drone(&[("sine", &[110.0])]), hums("other", 0.1)]));
    assert!(alone.play(40_000).track("other") == take.track("other"), "nobody else hears of it");
}

#[test]
fn notes_of_other_instruments_begin_when_the_old_ones_have_faded() {
    let long = Value::control("s", Value::text("block")).with("legato", 4.0.into());
    let mut take = Take::of(score([plays("d", pure(long))]));
    taken(&mut take, score([plays("d", four("brick").fast(&8.into()))]), &[part("d")]);
    let sound = take.play(40_000).track("d");
    assert!(sound[EDIT - 1] > 0.3 && peak(&sound[FADED - 64..FADED]) == 0.0);
    assert!(peak(&sound[FADED..]) > 0.08);
    assert!(peak(&sound[FADED..]) < 0.13, "nothing of the old notes is in it");
}

#[test]
fn a_bus_and_what_is_gone_leave_nothing_that_rings() {
    let bus = |words| Bus { name: "room".into(), chain: chain(words), automation: vec![], at: Location::default() };
    let piece = |words| {
        let sends = vec![("room".into(), 1.0)];
        Score { buses: vec![bus(words)], ..score([Track { sends, ..hums("d", 0.1) }]) }
    };
    let mut take = Take::of(piece(&[("delay", &[0.1])]));
    let slot = |take: &Take| 2 + 2 * (TRACKS + take.session.buses()[0].1 as usize);
    let before = slot(&take);
    taken(&mut take, piece(&[("lowpass", &[200.0])]), &[Part::Bus("room".into())]);
    take.play(40_000);
    let (old, new) = (take.channel(before), take.channel(slot(&take)));
    assert!(peak(&old[..EDIT]) > 0.05 && peak(&old[FADED..]) == 0.0, "no tail of the old one");
    assert!(peak(&new[..FADED]) == 0.0 && peak(&new[FADED + 3000..]) > 0.05);

    let echo = Track { inserts: Some(chain(&[("delay", &[0.2])])), ..hums("d", 0.1) };
    let mut take = Take::of(score([echo]));
    taken(&mut take, score([]), &[part("d")]);
    take.play(40_000);
    assert!(peak(&take.channel(2)[FADED..]) == 0.0, "no tail");
}

#[test]
fn what_waits_for_its_bar_makes_way_there() {
    let bar = |track| Track { quantum: Some(Quantum::Cycles(1.0)), ..track };
    let mut take = Take::of(score([bar(drone(&[("sine", &[110.0])]))]));
    take.play(4096);
    taken(&mut take, score([bar(drone(&[("saw", &[220.0])]))]), &[part("d")]);
    let sound = take.play(110_000).track("d");
    assert!(peak(&sound[90_000..96_000]) > 0.6);
    assert!(peak(&sound[96_000 + 1464..96_000 + 1472]) < 0.01 && peak(&sound[100_000..]) > 0.2);
}

fn meaning(text: &str) -> Score {
    match text {
        "five" => score([
            drone(&[("sine", &[110.0]), ("lowpass", &[900.0]), ("lowpass", &[800.0])]),
            plays("n", four("block")),
        ]),
        "other" => {
            score([drone(&[("saw", &[55.0]), ("highpass", &[90.0]), ("highpass", &[80.0])]), plays("n", four("block"))])
        }
        _ => {
            score([drone(&[("saw", &[50.0]), ("highpass", &[95.0]), ("highpass", &[80.0])]), plays("n", four("block"))])
        }
    }
}

#[test]
fn a_live_session_that_has_no_time_for_both_says_so_and_is_replayed_to_the_same_samples() {
    let page = Page::default();
    let mut live = Take::new();
    live.session.record(Box::new(page.clone()), "").unwrap();
    // A row takes a tenth of the time there is, on this machine.
    let mut now = 0.0;
    live.session.watch_cost(Box::new(move || {
        now += 0.1 * 512.0 / 48_000.0;
        now
    }));
    for (frame, text) in [(0, "five"), (20_000, "other"), (50_000, "numbers")] {
        live.play_by(frame, 300);
        live.session.said("a", text);
        assert_eq!(live.session.load("a", meaning(text), When::Score), []);
    }
    live.play_by(90_000, 300);
    let tight = live.session.news().into_iter().filter(|news| matches!(news, News::InTurn(_))).count();
    assert_eq!(tight, 1, "other numbers of the same chain play nothing twice");

    let written = page.text();
    let rehearsal = Rehearsal::read(&written).unwrap();
    let mut replay = Take::new();
    for entry in &rehearsal.entries {
        let (Moment::Frame(at), Said::Text { text: Some(text), .. }) = (entry.at, &entry.said) else { panic!() };
        replay.play_by(at.saturating_sub(1000) as usize, 512);
        let when = When::Taken(entry.at, entry.in_turn.clone());
        assert_eq!(replay.session.load("a", meaning(text), when), []);
    }
    replay.play_by(90_000, 512);
    assert_eq!(rehearsal.entries.iter().map(|entry| entry.in_turn.len()).collect::<Vec<_>>(), [0, 1, 0]);
    assert!(live.bits() == replay.bits());
}

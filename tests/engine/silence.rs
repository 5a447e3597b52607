//! Silence is free: what does not sound is not computed, counted in operations that are run.

use segue::engine::*;

use crate::fakes::{Workshop, note, strip};
use crate::rig::{Rig, peak};

/// A desk of so many tracks, each with an instrument and an echo, on a bus with another echo; four of the tracks play.
fn operations(tracks: usize) -> usize {
    let workshop = Workshop::default();
    let config = Config { tracks, buses: 1, events: 256, queue: 256, scratch: 16, ..Config::default() };
    let mut rig = Rig::new(config);
    let mut changes = vec![];
    for track in 0..tracks {
        let pools = vec![workshop.pool(1, 8, || workshop.sine_voice(0.999))];
        let (inserts, sends) = (Some(workshop.echo(480)), vec![(0, 0.5)]);
        let name = track as u64;
        let strip = Box::new(Strip { pools, inserts, sends, ..strip(name) });
        changes.push((Place::Track(track as u16), What::Install(strip)));
    }
    changes.push((Place::Bus(0), What::Install(Box::new(Strip { inserts: Some(workshop.echo(960)), ..strip(1000) }))));
    rig.load(0, 64, changes);
    // Long enough for what never sounded to fall asleep.
    rig.render(48_000);
    let events = (0..4).map(|track| Event { track, ..note(1, 48_000, 96_000) });
    rig.play(events.collect());
    rig.render(4800);
    workshop.runs();
    assert!(peak(&rig.render(32 * GRID)) > 0.1);
    workshop.runs()
}

#[test]
fn a_hundred_tracks_of_which_four_play_cost_as_much_as_four() {
    let four = operations(4);
    // Four steps of a voice, two of an echo on four tracks and on the bus, in 32 blocks.
    assert_eq!(four, 32 * (4 * (4 + 2) + 2));
    assert_eq!(operations(100), four);
}

#[test]
fn what_never_sounded_rests_after_half_a_second_and_what_did_when_its_tail_is_over() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(Config { tracks: 1, buses: 0, events: 256, queue: 256, scratch: 16, ..Config::default() });
    let pools = vec![workshop.pool(1, 1, || workshop.sine_voice(0.99))];
    // An echo of a tenth of a second on each side, whose longest silence is sixteen of them.
    let inserts = Some(workshop.echo(4800));
    rig.load(0, 64, vec![(Place::Track(0), What::Install(Box::new(Strip { pools, inserts, ..strip(1) })))]);
    rig.render(24_000 + GRID);
    workshop.runs();
    rig.render(4800);
    assert_eq!(workshop.runs(), 0, "nothing has sounded yet");
    rig.play(vec![note(1, 28_864, 29_000)]);
    // The echo falls by 6 dB a tenth of a second: it is below −120 dB after two seconds, and rests 1.6 seconds later.
    rig.render(48_000 * 2);
    assert!(workshop.runs() > 0);
    rig.render(4800);
    assert!(workshop.runs() > 0, "a tail may lie in it");
    rig.render(48_000 * 2);
    workshop.runs();
    rig.render(4800);
    assert_eq!(workshop.runs(), 0, "its tail is over");
    rig.play(vec![note(2, 240_000, 241_000)]);
    assert!(peak(&rig.render(48_000)) > 0.1, "it sounds again");
}

#[test]
fn a_strip_that_lies_still_lets_go_of_its_notes_and_its_signal_and_costs_nothing() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(Config { tracks: 2, buses: 0, events: 256, queue: 256, scratch: 16, ..Config::default() });
    let (pools, inserts) = (vec![workshop.pool(1, 1, || workshop.sine_voice(0.99))], Some(workshop.echo(480)));
    let hums = Strip { signal: Some(workshop.sine(0.01, 0.2)), inserts: Some(workshop.echo(480)), ..strip(2) };
    let plays = Strip { pools, inserts, ..strip(1) };
    let strips = [plays, hums].into_iter().enumerate();
    let install = |(track, strip)| (Place::Track(track as u16), What::Install(Box::new(strip)));
    rig.load(0, 64, strips.map(install).collect());
    rig.play(vec![note(1, 640, 48_000_000)]);
    assert!(peak(&rig.render(48_000)) > 0.1);
    let say = |at, rest: fn(Place) -> Target, value, rig: &mut Rig| {
        for place in [Place::Track(0), Place::Track(1)] {
            rig.send(Command::Set { at, target: rest(place), value, ramp: 960 });
        }
    };
    say(48_000, Target::Mute, 1.0, &mut rig);
    rig.render(4800);
    workshop.runs();
    rig.render(48_000);
    assert!(workshop.runs() > 0, "it plays on behind its fader");
    say(100_800, Target::Rest, 1.0, &mut rig);
    rig.render(96_000);
    workshop.runs();
    assert_eq!(peak(&rig.render(4800)), 0.0);
    assert_eq!(workshop.runs(), 0);
    // A rest that is taken back before it begins is none.
    rig.send(Command::Set { at: 300_000, target: Target::Rest(Place::Track(1)), value: 1.0, ramp: 0 });
    rig.send(Command::Release { at: 210_000, target: Target::Rest(Place::Track(1)) });
    say(210_048, Target::Rest, 0.0, &mut rig);
    say(210_048, Target::Mute, 0.0, &mut rig);
    rig.render(100_000);
    assert!(peak(&rig.render(4800)) > 0.1, "the signal goes on");
}

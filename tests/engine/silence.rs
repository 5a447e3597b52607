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

//! Programs: what replaces what, how it crosses over, and that everything comes back.

use segue::engine::*;

use crate::fakes::{Workshop, cut, note, passage, strip};
use crate::rig::{Rig, bend, bus, peak, small, track};

fn installed(strip: Strip) -> What {
    What::Install(Box::new(strip))
}

/// A desk with a sine of 480 Hz on track 0.
fn drone(workshop: &Workshop) -> Rig {
    let mut rig = Rig::new(small());
    rig.load(0, 64, vec![(Place::Track(0), installed(Strip { signal: Some(workshop.sine(0.01, 0.5)), ..strip(1) }))]);
    rig.render(9600);
    rig
}

fn discontinuity(rig: &Rig) -> f32 {
    let last = rig.reports.iter().rev().find_map(|r| match r {
        Report::Swap { discontinuity, .. } => Some(*discontinuity),
        _ => None,
    });
    last.expect("a swap was told")
}

#[test]
fn a_program_begins_at_the_first_grid_line_at_or_after_its_frame() {
    for (at, line) in [(640, 640), (641, 704), (0, 0)] {
        let mut rig = Rig::new(small());
        let signal = Some(Workshop::default().sine(0.01, 0.5));
        rig.load(at, 64, vec![(Place::Track(0), installed(Strip { signal, ..strip(1) }))]);
        let sound = rig.hear(1024, track(0));
        assert_eq!(sound.iter().position(|x| *x != 0.0), Some(line), "asked for {at}");
    }
}

#[test]
fn what_has_the_same_name_goes_on_before_during_and_after() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    let before = rig.hear(960, track(0));
    // Another frequency as the schedule is built: the sine that plays walks there and keeps its phase.
    rig.load(9600 + 960, 64, vec![(Place::Track(0), What::Signal(passage(Some(workshop.sine(0.01, 0.5)), 960)))]);
    let sound = rig.hear(9600, track(0));
    assert!(sound.iter().enumerate().all(|(i, x)| (x - before[(i + 60) % 100]).abs() < 1e-4), "the wave goes on");
    assert_eq!(workshop.alive(), 2, "what was not needed came back");
}

#[test]
fn a_number_walks_to_where_it_is_to_be() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    rig.load(9600, 64, vec![(Place::Track(0), What::Signal(passage(Some(workshop.sine(0.01, 0.25)), 960)))]);
    let sound = rig.hear(4800, track(0));
    assert!((peak(&sound[190..290]) - 0.4).abs() < 0.03, "half way of 480 frames: {}", peak(&sound[190..290]));
    assert!((peak(&sound[600..]) - 0.25).abs() < 1e-4);
    assert!(bend(&sound) < 0.004, "{}", bend(&sound));
}

#[test]
fn a_passage_during_another_takes_over_from_what_plays() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    let echo = |fade| What::Inserts(passage(Some(workshop.echo(4800)), fade));
    for (k, fade) in [48_000, 4800, 100, 960].into_iter().enumerate() {
        rig.load(9600 + 2400 * k as u64, 64, vec![(Place::Track(0), echo(fade))]);
    }
    let sound = rig.hear(48_000, track(0));
    // Taken over each time, the echo grows as if nothing had happened: 0.5 · (1 + 1/2 + 1/4 + …).
    assert!(peak(&sound[30_000..]) > 0.99, "{}", peak(&sound[30_000..]));
    assert_eq!(workshop.alive(), 4);
}

#[test]
fn a_removed_strip_rings_out_and_comes_back() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    let pools = vec![workshop.pool(1, 2, || workshop.sine_voice(0.999))];
    rig.load(
        0,
        64,
        vec![(Place::Track(0), installed(Strip { pools, inserts: Some(workshop.echo(4800)), ..strip(1) }))],
    );
    rig.play(vec![note(1, 0, 90_000)]);
    rig.render(9600);
    rig.load(9600, 480, vec![(Place::Track(0), What::Remove)]);
    let sound = rig.hear(48_000, track(0));
    assert!(peak(&sound[4800..9000]) > 0.2, "the echo goes on");
    assert!(bend(&sound) < 0.012, "{}", bend(&sound));
    rig.render(48_000 * 3);
    assert_eq!(workshop.alive(), 0);
}

#[test]
fn a_strip_that_never_falls_silent_leaves_after_half_a_minute() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    // A chain that sounds without input.
    let inserts = workshop.sine(0.01, 0.5);
    rig.load(0, 64, vec![(Place::Track(0), installed(Strip { inserts: Some(inserts), ..strip(1) }))]);
    rig.render(640);
    rig.load(640, 64, vec![(Place::Track(0), What::Remove)]);
    let sound = rig.hear(48_000 * 29, track(0));
    assert!(peak(&sound[48_000 * 28..]) > 0.4);
    let sound = rig.hear(48_000 * 2, track(0));
    assert!(bend(&sound) < 0.005, "{}", bend(&sound));
    assert_eq!(workshop.alive(), 0);
}

#[test]
fn a_closed_pool_plays_its_notes_to_their_end_and_comes_back() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    let pools = vec![workshop.pool(1, 2, || workshop.gate_voice())];
    rig.load(0, 64, vec![(Place::Track(0), installed(Strip { pools, ..strip(1) }))]);
    rig.play(vec![note(1, 0, 3000), note(2, 2000, 3000)]);
    rig.load(1024, 64, vec![(Place::Track(0), What::Close(1))]);
    let sound = rig.hear(9600, track(0));
    assert!(sound[2999] > 0.5 && sound[2999] < 1.0, "the first goes on, the second never began");
    assert_eq!(workshop.alive(), 0);
}

#[test]
fn a_bus_that_is_replaced_hands_its_input_over() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    rig.load(9600, 64, vec![(Place::Bus(0), installed(strip(8)))]);
    rig.send(Command::Set { at: 9600, target: Target::Send(Place::Track(0), 0), value: 0.5, ramp: 64 });
    rig.render(9600);
    rig.load(19_200, 2400, vec![(Place::Bus(0), installed(strip(9)))]);
    let sound = rig.hear(4800, bus(0));
    assert!((peak(&sound) - 0.25).abs() < 1e-4, "{}", peak(&sound));
    assert!(bend(&sound) < 0.0011, "{}", bend(&sound));
}

#[test]
fn a_bus_feeds_later_buses_only() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    let bus_of = |to| Strip { sends: vec![(to, 1.0)], ..strip(8) };
    rig.load(9600, 64, vec![(Place::Bus(0), installed(bus_of(1))), (Place::Bus(1), installed(bus_of(0)))]);
    rig.send(Command::Set { at: 9600, target: Target::Send(Place::Track(0), 0), value: 0.5, ramp: 64 });
    rig.render(9600);
    assert!((peak(&rig.hear(640, bus(1))) - 0.25).abs() < 1e-4);
    assert!((peak(&rig.hear(640, bus(0))) - 0.25).abs() < 1e-4);
}

#[test]
fn a_master_strip_comes_and_goes_without_a_change_of_level() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    rig.load(9600, 2400, vec![(Place::Master, installed(Strip { inserts: Some(workshop.level(1.0)), ..strip(8) }))]);
    let mut sound = rig.hear(9600, 0);
    rig.load(19_200, 2400, vec![(Place::Master, What::Remove)]);
    sound.extend(rig.hear(9600, 0));
    for part in sound.chunks(100) {
        assert!((peak(part) - 0.5).abs() < 0.002, "{}", peak(part));
    }
}

#[test]
fn fader_pan_and_mute_move_without_a_step() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    for (k, (target, value)) in [
        (Target::Gain(Place::Track(0)), 0.25),
        (Target::Pan(Place::Track(0)), 0.8),
        (Target::Mute(Place::Track(0)), 1.0),
        (Target::Mute(Place::Track(0)), 0.0),
        (Target::Gain(Place::Track(0)), f32::NAN),
    ]
    .into_iter()
    .enumerate()
    {
        rig.send(Command::Set { at: 10_000 + 1000 * k as u64, target, value, ramp: 0 });
    }
    let sound = rig.hear(9600, track(0));
    assert!(bend(&sound) < 0.004, "{}", bend(&sound));
    assert!((peak(&sound[800..1300]) - 0.125).abs() < 1e-3);
    assert_eq!(peak(&sound[2800..3300]), 0.0);
    assert!(peak(&sound[8000..]) > 0.03);
}

#[test]
fn panic_is_silence_within_five_milliseconds_and_music_can_go_on() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    let echo = Some(workshop.echo(4800));
    rig.load(9600, 64, vec![(Place::Track(0), What::Inserts(cut(echo)))]);
    rig.render(9600);
    rig.load(19_200, 64, vec![(Place::Track(0), What::Signal(cut(None)))]);
    rig.render(640);
    rig.hear(1, 0);
    rig.send(Command::Panic { at: 0 });
    let sound = rig.hear(4800, 0);
    assert!(peak(&sound[..60]) > 0.1, "it was loud");
    assert_eq!(peak(&sound[240..]), 0.0);
    rig.load(0, 64, vec![(Place::Track(0), What::Signal(cut(Some(workshop.sine(0.01, 0.5)))))]);
    assert!(peak(&rig.hear(4800, 0)) > 0.4);
}

#[test]
fn an_edit_to_one_track_leaves_the_others_bit_for_bit() {
    let take = |edited: bool| {
        let workshop = Workshop::default();
        let mut rig = Rig::new(small());
        for place in [0, 1, 2] {
            let pools = vec![workshop.pool(1, 4, || workshop.sine_voice(0.999))];
            let inserts = Some(workshop.echo(480));
            rig.load(0, 64, vec![(Place::Track(place), installed(Strip { pools, inserts, ..strip(place as u64) }))]);
        }
        let notes = (0..300).map(|k| Event { track: (k % 3) as u16, ..note(k, 97 * k, 97 * k + 200) });
        rig.play(notes.collect());
        if edited {
            rig.load(5000, 480, vec![(Place::Track(1), What::Inserts(cut(Some(workshop.level(0.3)))))]);
            rig.load(9000, 480, vec![(Place::Track(1), What::Remove)]);
            let signal = Some(workshop.noise(0.3));
            rig.load(12_000, 480, vec![(Place::Track(1), installed(Strip { signal, ..strip(5) }))]);
            rig.send(Command::Retract { at: 7000, track: 1, keep: Box::new([]) });
        }
        rig.render(32_000)
    };
    let (before, after) = (take(false), take(true));
    let channels = small().outputs;
    for channel in [track(0), track(0) + 1, track(2), track(2) + 1] {
        let of =
            |take: &[f32]| -> Vec<u32> { take.iter().skip(channel).step_by(channels).map(|x| x.to_bits()).collect() };
        assert!(of(&before) == of(&after), "channel {channel}");
        assert!(of(&before).iter().any(|bits| *bits != 0));
    }
    let edited = |take: &[f32]| -> Vec<f32> { take.iter().skip(track(1)).step_by(channels).copied().collect() };
    assert!(edited(&before) != edited(&after));
}

#[test]
fn what_cannot_be_played_here_is_refused_and_comes_back() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    let alive = workshop.alive();
    rig.load(
        9600,
        64,
        vec![
            (Place::Track(0), What::Signal(cut(Some(workshop.level(1.0))))),
            (
                Place::Track(0),
                What::Inserts(cut(Some({
                    let wide = vec![Wire::Buffer(999), Wire::Buffer(999)];
                    Box::new(Schedule::new(vec![], vec![], 2, wide))
                }))),
            ),
            (Place::Track(2), What::Inserts(cut(Some(workshop.level(1.0))))),
            (Place::Track(77), installed(Strip { signal: Some(workshop.noise(1.0)), ..strip(1) })),
            (Place::Bus(77), What::Remove),
            (Place::Track(3), What::Close(4)),
        ],
    );
    rig.render(9600);
    assert_eq!(workshop.alive(), alive);
    assert!((peak(&rig.hear(640, track(0))) - 0.5).abs() < 1e-3);
}

#[test]
fn a_swap_without_a_click_is_measured_as_no_worse_than_the_music() {
    let workshop = Workshop::default();
    let mut rig = drone(&workshop);
    rig.load(9600, 480, vec![(Place::Track(0), What::Signal(cut(Some(workshop.sine(0.01, 0.5)))))]);
    rig.render(9600);
    assert!(discontinuity(&rig) < 1.1, "{}", discontinuity(&rig));
}

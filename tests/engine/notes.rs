//! Notes: where they begin and end, who gives way, what is retracted.

use std::f32::consts::FRAC_1_SQRT_2;

use segue::engine::*;

use crate::fakes::{Workshop, cut, note, strip};
use crate::rig::{Rig, bend, bus, peak, small, track};

/// A desk whose track 0 has a pool of `voices` voices.
fn rig(voices: usize, voice: impl Fn() -> Schedule<1>) -> Rig {
    let mut rig = Rig::new(small());
    let pools = vec![Workshop::default().pool(1, voices, voice)];
    rig.load(0, 64, vec![(Place::Track(0), What::Install(Box::new(Strip { pools, ..strip(1) })))]);
    rig
}

fn gate_rig(voices: usize) -> Rig {
    rig(voices, || Workshop::default().gate_voice())
}

/// Frames at which a sound turns on and off.
fn edges(sound: &[f32]) -> Vec<usize> {
    let on = |x: &f32| x.abs() > 0.1;
    (0..sound.len()).filter(|&i| on(&sound[i]) != (i > 0 && on(&sound[i - 1]))).collect()
}

#[test]
fn a_note_begins_and_ends_at_its_frame_wherever_that_lies_in_a_block() {
    for (at, off) in [(0, 1), (64, 128), (77, 78), (100, 164), (191, 193), (10, 500)] {
        let mut rig = gate_rig(2);
        rig.play(vec![note(1, at, off)]);
        let sound = rig.hear(1024, track(0));
        assert_eq!(edges(&sound), [at as usize, off as usize]);
        assert_eq!(sound[at as usize], FRAC_1_SQRT_2, "a mono voice stands in the middle at equal power");
    }
}

#[test]
fn an_event_that_comes_too_late_is_played_at_once_at_its_length_and_told() {
    let mut rig = gate_rig(2);
    rig.render(640);
    rig.play(vec![note(1, 600, 610)]);
    assert_eq!(edges(&rig.hear(256, track(0))), [0, 10]);
    assert!(rig.reports.contains(&Report::Late { track: 0, by: 40 }));
}

#[test]
fn a_released_voice_is_retired_when_it_is_silent_and_not_before() {
    let mut rig = rig(1, || Workshop::default().sine_voice(0.999));
    rig.play(vec![note(7, 0, 640)]);
    // 0.999 per frame falls below −90 dB after 10,357 frames.
    rig.render(640 + 10_240);
    let retired = Report::VoiceRetired { track: 0, key: 7 };
    assert!(!rig.reports.contains(&retired));
    rig.render(1024);
    assert!(rig.reports.contains(&retired));
}

#[test]
fn a_voice_that_never_falls_silent_is_ended_by_its_pool_without_a_click() {
    let mut rig = rig(1, || Workshop::default().sine_voice(1.0));
    rig.play(vec![note(7, 0, 64)]);
    let sound = rig.hear(64 + 48_000 + 4096, track(0));
    assert!(peak(&sound[48_000..48_060]) > 0.5);
    assert_eq!(peak(&sound[49_200..]), 0.0);
    assert!(bend(&sound[1000..]) < 0.006, "{}", bend(&sound[1000..]));
}

#[test]
fn a_stolen_voice_gives_way_without_a_click() {
    let mut rig = rig(1, || Workshop::default().sine_voice(0.999));
    rig.play(vec![note(1, 0, 100_000), note(2, 4137, 100_000)]);
    let sound = rig.hear(6000, track(0));
    assert!(rig.reports.contains(&Report::Stolen { track: 0, key: 1 }));
    let jumps = sound[4000..].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(jumps < 0.08, "{jumps}");
}

#[test]
fn the_quietest_releasing_voice_gives_way_first_and_then_the_oldest() {
    let mut rig = rig(3, || Workshop::default().sine_voice(0.9999));
    rig.play(vec![note(1, 0, 90_000), note(2, 64, 640), note(3, 128, 320), note(4, 2048, 90_000)]);
    rig.render(4096);
    rig.play(vec![note(5, 4096, 90_000), note(6, 4160, 90_000)]);
    rig.render(1024);
    let stolen: Vec<u64> =
        rig.reports.iter().filter_map(|r| if let Report::Stolen { key, .. } = r { Some(*key) } else { None }).collect();
    assert_eq!(stolen, [3, 2, 1]);
}

#[test]
fn a_cut_group_lets_one_note_sound_at_a_time() {
    let mut rig = gate_rig(4);
    let cut = |key, at| Event { cut: 5, ..note(key, at, 100_000) };
    rig.play(vec![cut(1, 0), cut(2, 1000)]);
    let sound = rig.hear(3000, track(0));
    assert!(peak(&sound[1000..1002]) > 1.3, "both sound while the old one fades");
    assert!((peak(&sound[1300..]) - FRAC_1_SQRT_2).abs() < 1e-6, "after 5 ms only the new one does");
    assert!(sound[1001..1300].windows(2).all(|w| (w[0] - w[1]).abs() < 0.01), "the old one fades without a step");
}

#[test]
fn retract_forgets_what_waits_and_closes_what_is_not_kept() {
    let mut rig = gate_rig(8);
    rig.play(vec![note(1, 0, 9000), note(2, 0, 9000), note(3, 5000, 9000), note(4, 900, 9000)]);
    rig.render(640);
    rig.send(Command::Retract { at: 1000, track: 0, keep: Box::new([1]) });
    rig.play(vec![note(5, 1000, 1500)]);
    let sound = rig.hear(6400, track(0));
    let count = |frame: usize| (sound[frame - 640] / FRAC_1_SQRT_2).round() as usize;
    assert_eq!([count(899), count(950), count(1000), count(1499), count(1500), count(6000)], [2, 3, 2, 2, 1, 1]);
}

#[test]
fn hush_closes_every_gate_at_its_frame() {
    let mut rig = gate_rig(8);
    rig.play(vec![note(1, 0, 9000), note(2, 2000, 9000)]);
    rig.send(Command::Hush { at: 777 });
    assert_eq!(edges(&rig.hear(4000, track(0))), [0, 777]);
}

#[test]
fn bend_moves_a_control_of_the_note_with_that_key_alone() {
    let mut rig = gate_rig(2);
    rig.play(vec![note(1, 0, 9000), note(2, 0, 9000)]);
    rig.send(Command::Bend { at: 640, track: 0, key: 2, control: 2, value: 0.0, ramp: 100 });
    let sound = rig.hear(1000, track(0));
    assert!((sound[639] - 2.0 * FRAC_1_SQRT_2).abs() < 1e-6);
    // What is seen is the mean of a block, half a block behind.
    assert!((sound[639 + 50 + 32] - 1.5 * FRAC_1_SQRT_2).abs() < 1e-2);
    assert!((sound[810] - FRAC_1_SQRT_2).abs() < 1e-6);
}

#[test]
fn without_inserts_each_voice_feeds_a_bus_at_its_own_level() {
    let mut rig = gate_rig(4);
    rig.load(0, 64, vec![(Place::Bus(1), What::Install(Box::new(strip(9))))]);
    rig.render(640);
    let sent = |key, at, level| Event { sends: [(1, level), (0, 0.0), (0, 0.0), (0, 0.0)], ..note(key, at, 9000) };
    rig.play(vec![sent(1, 640, 0.5), sent(2, 1640, 0.25)]);
    let sound = rig.hear(2560, bus(1));
    assert!((sound[500] - 0.5 * FRAC_1_SQRT_2).abs() < 1e-6);
    assert!((sound[1500] - 0.75 * FRAC_1_SQRT_2).abs() < 1e-6);
}

#[test]
fn with_inserts_the_send_follows_the_latest_onset() {
    let mut rig = gate_rig(4);
    let inserts = Some(Workshop::default().level(0.5));
    rig.load(
        0,
        64,
        vec![(Place::Bus(1), What::Install(Box::new(strip(9)))), (Place::Track(0), What::Inserts(cut(inserts)))],
    );
    rig.render(6400);
    let sent = |key, at, level| Event { sends: [(1, level), (0, 0.0), (0, 0.0), (0, 0.0)], ..note(key, at, 9000) };
    rig.play(vec![sent(1, 6400, 0.5), sent(2, 7400, 0.25)]);
    let sound = rig.hear(2560, bus(1));
    assert!((sound[900] - 0.25 * FRAC_1_SQRT_2).abs() < 1e-6);
    assert!((sound[1900] - 0.25 * FRAC_1_SQRT_2).abs() < 1e-6, "two voices, half the level");
}

#[test]
fn an_event_waits_for_the_program_that_brings_its_instrument_within_the_block() {
    let mut rig = gate_rig(1);
    let pool = Workshop::default().pool(2, 1, || Workshop::default().gate_voice());
    rig.load(1000, 64, vec![(Place::Track(0), What::Pool(pool))]);
    rig.play(vec![Event { pool: 2, ..note(1, 1000, 2000) }]);
    assert_eq!(edges(&rig.hear(3000, track(0))), [1024, 2000]);
}

#[test]
fn a_note_for_an_unknown_instrument_is_told_as_lost() {
    let mut rig = gate_rig(1);
    rig.play(vec![Event { pool: 99, ..note(1, 100, 200) }, Event { track: 3, ..note(2, 100, 200) }]);
    rig.render(256);
    assert!(rig.reports.contains(&Report::Overload { track: 0, lost: 1 }));
    assert!(rig.reports.contains(&Report::Overload { track: 3, lost: 1 }));
}

#[test]
fn where_voices_must_go_the_quietest_releasing_ones_go_first_and_then_the_oldest() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    let strips = [0, 1].map(|track| {
        let pools = vec![workshop.pool(1, 8, || workshop.sine_voice(0.9999))];
        (Place::Track(track), What::Install(Box::new(Strip { pools, ..strip(track.into()) })))
    });
    rig.load(0, 64, strips.into());
    // Two that hold, then two that ring out: the one that was released first is the quieter.
    rig.play(vec![
        Event { track: 1, ..note(1, 0, 90_000) },
        note(2, 1000, 90_000),
        note(3, 2000, 3000),
        Event { track: 1, ..note(4, 2000, 5000) },
    ]);
    rig.render(9600);
    for (voices, gone) in [(1, vec![3]), (2, vec![3, 4, 1]), (64, vec![3, 4, 1, 2])] {
        rig.send(Command::Shed { at: 0, voices });
        rig.render(640);
        let keys =
            rig.reports.iter().filter_map(|r| if let Report::Stolen { key, .. } = r { Some(*key) } else { None });
        assert_eq!(keys.collect::<Vec<_>>(), gone);
    }
    let sound = rig.hear(960, track(1));
    assert_eq!(peak(&sound), 0.0);
}

//! What is loaded sounds at its frame, and nothing else changes.

use segue::graph::Signal;
use segue::pattern::{Pattern, Value, fastcat, pure, silence, stack};
use segue::score::{Bus, Location, Quantum, Score, Source, Track};
use segue::session::{Fate, Moment, News, REPL, Rehearsal, Said, Session, Stage, When};

use crate::take::*;

#[test]
fn four_on_the_floor_sounds_at_exact_frames() {
    let mut take = Take::of(score([plays("kick", four("block"))]));
    take.play(200_000);
    assert_eq!(onsets(&take.track("kick")), (0..9).map(|beat| beat * 24_000).collect::<Vec<_>>());
}

#[test]
fn onsets_at_an_odd_tempo_are_the_frames_nearest_to_their_cycles() {
    let mut take = Take::of(Score { tempo: Some(124.0), ..score([plays("kick", four("block"))]) });
    take.play(200_000);
    let expected = (0..9).map(|beat| (f64::from(beat) * 60.0 / 124.0 * 48_000.0).round() as usize);
    assert_eq!(onsets(&take.track("kick")), expected.collect::<Vec<_>>());
}

#[test]
fn the_samples_are_the_same_however_often_it_ticks() {
    let piece = |kick, tempo| {
        let tracks = [plays("kick", four(kick)), plays("pad", sound("brick")), follows("drone", 0.1)];
        Score { tempo: Some(tempo), ..score(tracks) }
    };
    let mut takes = [64, 100, 1024, 4096].map(|callback| {
        let mut take = Take::of(piece("block", 120.0));
        take.play_by(24_576, callback);
        take.load_at(piece("brick", 133.0), 40_960);
        take.play_by(150_000, callback);
        take
    });
    let (first, rest) = takes.split_first_mut().unwrap();
    for take in rest {
        assert!(take.bits() == first.bits());
    }
}

#[test]
fn an_edit_begins_at_the_next_callback_but_one_and_drops_only_what_waits() {
    let mut take = Take::of(score([plays("kick", four("block"))]));
    take.play(30_208);
    take.load(score([plays("kick", four("brick"))]));
    take.play(96_000);
    let kick = take.track("kick");
    assert_eq!(onsets(&kick), [0, 24_000, 48_000, 72_000]);
    // The note under way belongs to the old pattern alone: its gate closed where the edit began.
    let end = 24_000 + kick[24_000..].iter().position(|x| *x == 0.0).unwrap();
    assert_eq!(end, 30_000, "the note had ended before the edit");
    assert!(kick[48_100] < kick[24_100] * 0.3);
}

#[test]
fn a_note_that_is_also_in_the_new_pattern_goes_on() {
    let held = || plays("pad", sound("block"));
    let mut take = Take::of(score([held()]));
    take.play(20_480);
    take.load(score([plays("pad", stack(&[sound("block"), four("brick")]))]));
    take.play(96_000);
    let pad = take.track("pad");
    assert_eq!(onsets(&pad), [0]);
    assert!(pad[20_480..24_000].iter().all(|x| *x == pad[1000]), "nothing happened to the held note");
    assert!(pad[24_100] > pad[1000], "the second part came in on the beat");
}

#[test]
fn a_held_note_with_other_controls_walks_there() {
    let mut take = Take::of(score([plays("pad", level("block", 0.5))]));
    take.play(20_480);
    take.load(score([plays("pad", level("block", 0.25))]));
    take.play(48_000);
    let pad = take.track("pad");
    let steps = pad.windows(2).skip(1000).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(steps < 0.001, "a step of {steps}");
    assert!((pad[40_000] * 2.0 - pad[10_000]).abs() < 1e-4);
}

#[test]
fn a_long_note_under_way_begins_when_its_track_comes() {
    let mut take = Take::new();
    take.play(24_576);
    take.load(score([plays("pad", sound("block")), plays("kick", four("block"))]));
    take.play(60_000);
    let at = onsets(&take.track("pad"))[0];
    assert!(at.is_multiple_of(64) && (25_000..26_000).contains(&at), "chased at {at}");
    assert_eq!(onsets(&take.track("kick")), [48_000], "short notes are not chased");
}

#[test]
fn other_tracks_are_bit_for_bit_the_same_across_an_edit() {
    let piece = |kick: Pattern| score([plays("kick", kick), plays("pad", sound("brick")), hums("drone", 0.1)]);
    let mut plain = Take::of(piece(four("block")));
    plain.play(150_000);
    let mut edited = Take::of(piece(four("block")));
    edited.play(30_000);
    edited.load(piece(four("brick").fast(&2.into())));
    edited.play(150_000);
    assert_eq!(plain.track("pad"), edited.track("pad"));
    assert_eq!(plain.track("drone"), edited.track("drone"));
    assert_ne!(plain.track("kick"), edited.track("kick"));
}

#[test]
fn a_tempo_change_is_continuous() {
    let piece =
        |tempo| Score { tempo: Some(tempo), ..score([plays("kick", four("block")), plays("pad", sound("brick"))]) };
    let mut take = Take::of(piece(120.0));
    take.play(30_208);
    take.load_at(piece(60.0), 36_032);
    take.play(160_000);
    // Beats 0 and 1 at 24 000 frames each, half a beat and 32 frames later the second half takes twice as long.
    assert_eq!(
        onsets(&take.track("kick")),
        [0, 24_000, 36_032 + 2 * (48_000 - 36_032), 36_032 + 2 * (72_000 - 36_032), 36_032 + 2 * (96_000 - 36_032)]
    );
    assert!((take.session.cycle_at(36_032) - 36_032.0 / 96_000.0).abs() < 1e-9);
}

#[test]
fn an_edit_waits_for_its_bar_and_the_last_word_before_it_counts() {
    let kick = |pattern| Score { quantum: Some(Quantum::Cycles(1.0)), ..score([plays("kick", pattern)]) };
    let mut take = Take::of(kick(four("block")));
    take.play(10_240);
    take.load(kick(silence()));
    take.play(20_480);
    take.load(kick(four("brick")));
    take.play(130_000);
    let sound = take.track("kick");
    assert_eq!(onsets(&sound), [0, 24_000, 48_000, 72_000, 96_000, 120_000]);
    assert_eq!(sound[72_100], sound[100]);
    assert!(sound[96_100] < sound[100] * 0.3);
}

#[test]
fn a_failed_edit_changes_nothing() {
    let mut plain = Take::of(score([plays("kick", four("block"))]));
    plain.play(60_000);
    let mut take = Take::of(score([plays("kick", four("block"))]));
    take.play(20_480);
    let many = (0..=TRACKS).map(|i| hums(&format!("t{i}"), 0.1));
    let refused = take.session.load("a", score(many), When::Score);
    assert_eq!(refused[0].message, "at most 4 tracks expected, found 5");
    let broken = Signal::control("gate");
    let master = Score { master: Some(broken), ..score([]) };
    assert_eq!(take.session.load("a", master, When::Score).len(), 1);
    take.play(60_000);
    assert!(take.bits() == plain.bits());
}

#[test]
fn undo_brings_back_and_redo_takes_it_forward_again() {
    let mut take = Take::of(score([plays("kick", four("block"))]));
    take.play(12_288);
    take.load(score([plays("kick", four("brick"))]));
    take.play(36_352);
    assert_eq!(take.session.undo(1, When::Score), 1);
    take.play(60_416);
    assert_eq!(take.session.redo(1, When::Score), 1);
    assert_eq!(take.session.redo(1, When::Score), 0);
    take.play(96_000);
    let kick = take.track("kick");
    assert!(kick[24_100] < kick[100] * 0.3, "edited");
    assert_eq!(kick[48_100], kick[100], "undone");
    assert_eq!(kick[72_100], kick[24_100], "redone");
}

#[test]
fn a_mute_survives_a_load_and_a_solo_silences_the_rest() {
    let mut take = Take::of(score([hums("low", 0.1), hums("high", 0.2)]));
    take.session.stage(Stage::Mute("low".into()), When::Score);
    take.play(20_480);
    take.load(score([hums("low", 0.3), hums("high", 0.2)]));
    take.play(40_960);
    assert_eq!(take.track("low")[40_000], 0.0);
    take.session.stage(Stage::Unmute(Some("low".into())), When::Score);
    take.session.stage(Stage::Solo("low".into()), When::Score);
    take.play(61_440);
    assert!(take.track("low")[61_000] > 0.1);
    assert_eq!(take.track("high")[61_000], 0.0);
    let status = take.session.tracks();
    assert!(status[0].soloed && status[0].playing && !status[1].playing);
    take.session.stage(Stage::Unsolo(None), When::Score);
    take.play(81_920);
    assert!(take.track("high")[81_000] > 0.1);
}

#[test]
fn after_hush_only_what_changes_plays_again() {
    let piece = |kick: &str| score([plays("kick", four(kick)), plays("hat", four("brick")), hums("drone", 0.1)]);
    let mut take = Take::of(piece("block"));
    take.play(20_480);
    take.session.stage(Stage::Hush, When::Score);
    take.play(61_440);
    for name in ["kick", "hat", "drone"] {
        assert!(take.track(name)[24_000..].iter().all(|x| *x == 0.0), "{name}");
    }
    take.load(piece("brick"));
    take.play(96_256);
    assert_eq!(onsets(&take.track("kick")), [0, 72_000, 96_000]);
    assert_eq!(onsets(&take.track("hat")), [0]);
    take.session.stage(Stage::Unmute(None), When::Score);
    take.play(130_000);
    assert_eq!(onsets(&take.track("hat")), [0, 120_000]);
    assert!(take.track("drone")[129_000] > 0.05);
}

#[test]
fn panic_is_silence_at_once() {
    let mut take = Take::of(score([plays("pad", sound("block")), hums("drone", 0.1)]));
    take.play(20_480);
    take.session.stage(Stage::Panic, When::Score);
    take.play(60_000);
    // The master lags behind by its look-ahead.
    let silent = 20_480 + 512 + 256 + take.renderer.latency();
    for sound in [take.channel(0), take.track("pad"), take.track("drone")] {
        assert!(sound[silent..].iter().all(|x| x.abs() < 1e-3));
    }
    assert!(take.channel(0)[..2000].iter().any(|x| x.abs() > 1e-3));
}

#[test]
fn a_removed_track_fades_and_its_slot_is_free_again() {
    let mut take = Take::of(score([hums("drone", 0.5)]));
    take.play(20_480);
    let slot = take.session.tracks()[0].slot;
    take.load(score([]));
    take.play(40_960);
    assert!(take.session.tracks().is_empty());
    let drone = take.channel(2 + 2 * slot as usize);
    assert_eq!(drone[40_000], 0.0);
    let step = drone.windows(2).skip(10_000).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.01, "a step of {step}");
    take.load(score([hums("other", 0.5)]));
    take.play(50_000);
    assert_eq!(take.session.tracks()[0].slot, slot);
}

#[test]
fn a_number_in_a_signal_walks_without_a_step() {
    let gain =
        |x: f32| score([track("drone", Source::Signal(Signal::constant(0.5).mul(&Signal::constant(x)).unwrap()))]);
    let mut take = Take::of(gain(1.0));
    take.play(20_480);
    take.load(gain(0.5));
    take.play(40_960);
    let drone = take.track("drone");
    let step = drone.windows(2).skip(10_000).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.001, "a step of {step}");
    assert!((drone[40_000] * 2.0 - drone[15_000]).abs() < 1e-4);
}

#[test]
fn a_crossfade_takes_as_long_as_its_track_says() {
    let drone = |x: f32| {
        let signal = Signal::constant(0.5).mul(&Signal::constant(x)).unwrap();
        score([Track { crossfade: Some(1.0), ..track("drone", Source::Signal(signal)) }])
    };
    let mut take = Take::of(drone(0.5));
    take.play(20_480);
    take.load(drone(0.25));
    take.play(81_920);
    let sound = take.track("drone");
    let half = sound.iter().skip(10_000).position(|x| *x < 0.75 * sound[10_000]).expect("it walks") + 10_000;
    assert!((20_000..20_000 + 26_000).contains(&half) && half > 20_000 + 23_000, "{half}");
}

#[test]
fn a_control_of_a_signal_follows_its_pattern() {
    let follow = fastcat(&[pure(0.2), pure(0.4)]);
    let drone =
        Track { automation: vec![("~a".into(), follow)], ..track("drone", Source::Signal(Signal::control("~a"))) };
    let mut take = Take::of(score([drone]));
    take.play(96_000);
    let drone = take.track("drone");
    assert!((drone[40_000] * 2.0 - drone[80_000]).abs() < 1e-3 && drone[40_000] > 0.1);
    let between = drone.iter().skip(45_000).position(|x| *x > drone[40_000] * 1.01).unwrap() + 45_000;
    assert!((47_400..48_100).contains(&between), "the change was heard at {between}");
}

#[test]
fn a_control_moves_no_more_once_its_signal_is_another() {
    let mut take = Take::of(score([follows("drone", 0.4)]));
    take.play(20_480);
    take.load(score([hums("drone", 0.3)]));
    take.play(40_960);
    let drone = take.track("drone");
    let after = &drone[20_480 + 512 + 2048..];
    assert!(after.iter().all(|x| (x - after[0]).abs() < 1e-6) && after[0] > 0.1);
}

#[test]
fn what_was_hushed_while_an_edit_waited_stays_silent() {
    let kick = |pattern| Score { quantum: Some(Quantum::Cycles(1.0)), ..score([plays("kick", pattern)]) };
    let mut take = Take::of(kick(four("block")));
    take.play(10_240);
    take.load(kick(four("brick")));
    take.session.stage(Stage::Hush, When::Score);
    take.play(130_000);
    assert_eq!(onsets(&take.track("kick")), [0]);
}

#[test]
fn a_note_wears_the_effects_it_asks_for() {
    let hit = |with: Value| fastcat(&[pure(with), silence(), silence(), silence()]);
    let plain = Value::control("s", Value::text("block")).with("level", 1.0.into());
    let shaped = plain.with("crush", 1.0.into()).with("level", 0.7.into());
    let mut take = Take::of(score([plays("kick", fastcat(&[hit(plain), hit(shaped)]))]));
    take.play(96_000);
    let kick = take.track("kick");
    assert_eq!(onsets(&kick), [0, 48_000]);
    assert!((kick[48_100] / kick[100] - 0.7).abs() > 0.05, "the level was crushed: {} {}", kick[100], kick[48_100]);
}

#[test]
fn a_send_reaches_its_bus_and_a_missing_bus_is_said_once() {
    let kick = pure(Value::control("s", Value::text("block")).with("room", 0.5.into()).with("send_hall", 0.5.into()));
    let room = Bus {
        name: "room".into(),
        chain: Signal::effect(0, &Signal::argument(0).mul(&Signal::constant(0.5)).unwrap()).unwrap(),
        automation: Vec::new(),
        at: Location::default(),
    };
    let mut take = Take::of(Score { buses: vec![room], ..score([plays("kick", kick)]) });
    take.play(200_000);
    let slot = take.session.buses()[0].1 as usize;
    let (kick, room) = (take.track("kick"), take.channel(2 * (1 + TRACKS + slot)));
    assert!((room[10_000] - kick[10_000] * 0.25).abs() < 1e-4, "{} {}", room[10_000], kick[10_000]);
    let warnings = take.session.news().into_iter().filter_map(|news| match news {
        News::Warning(diagnostic) => Some(diagnostic.message),
        _ => None,
    });
    assert_eq!(warnings.collect::<Vec<_>>(), ["a bus expected, found no hall"]);
}

#[test]
fn an_unknown_instrument_is_said_once_with_what_was_meant() {
    let mut take = Take::of(score([plays("kick", four("blok"))]));
    take.play(200_000);
    let warnings: Vec<_> = take.session.news().into_iter().filter(|news| matches!(news, News::Warning(_))).collect();
    let [News::Warning(warning)] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!(warning.message, "an instrument expected, found no blok");
    assert_eq!(warning.hint.as_deref(), Some("did you mean block?"));
}

#[test]
fn another_synth_of_the_same_name_is_heard_from_the_next_note_on() {
    let piece = |scale| Score { synths: vec![block("mine", scale)], ..score([plays("kick", four("mine"))]) };
    let mut take = Take::of(piece(1.0));
    take.play(20_480);
    take.load(piece(0.5));
    take.play(48_000);
    let kick = take.track("kick");
    assert_eq!(kick[24_100] * 2.0, kick[100]);
}

/// Texts are names of scores here; the language comes above the session.
fn meaning(text: &str) -> Score {
    match text {
        "one" => score([plays("kick", four("block")), hums("drone", 0.1)]),
        "two" => score([plays("kick", four("brick"))]),
        "bar" => Score { quantum: Some(Quantum::Cycles(1.0)), ..score([plays("hat", four("block").fast(&2.into()))]) },
        _ => panic!("{text}"),
    }
}

fn say(session: &mut Session, owner: &str, text: &str, when: When) {
    session.said(owner, text);
    assert_eq!(session.load(owner, meaning(text), when), []);
}

#[test]
fn a_session_is_replayed_from_its_journal_to_the_same_samples() {
    let page = Page::default();
    let mut live = Take::new();
    live.session.record(Box::new(page.clone()), "").unwrap();
    say(&mut live.session, "a", "one", When::Score);
    live.play_by(20_300, 300);
    say(&mut live.session, REPL, "two", When::Score);
    live.play_by(40_200, 300);
    live.session.said(REPL, "nonsense");
    live.session.refuse(REPL);
    live.session.stage(Stage::Mute("drone".into()), When::Score);
    live.play_by(60_000, 300);
    say(&mut live.session, "b", "bar", When::Score);
    live.play_by(120_000, 300);
    assert_eq!(live.session.undo(1, When::Score), 1);
    live.session.stage(Stage::Hush, When::Score);
    live.play_by(150_000, 300);

    let written = page.text();
    let rehearsal = Rehearsal::read(&written).unwrap();
    assert_eq!(rehearsal.entries.len(), 7);
    let mut replay = Take::new();
    for entry in rehearsal.entries.iter().filter(|entry| entry.fate == Fate::Counts) {
        let Moment::Frame(at) = entry.at else { panic!("a live journal knows frames") };
        replay.play_by(at.saturating_sub(1000) as usize, 512);
        let when = When::At(entry.at);
        match &entry.said {
            Said::Text { owner, text, .. } => {
                assert_eq!(replay.session.load(owner, meaning(text.as_deref().unwrap()), when), []);
            }
            Said::Stage(stage) => replay.session.stage(stage.clone(), when),
            Said::Undo(edits) => assert_eq!(replay.session.undo(*edits, when), *edits),
            other => panic!("{other:?}"),
        }
    }
    replay.play_by(150_000, 512);
    assert!(live.bits() == replay.bits());
}

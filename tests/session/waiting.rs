//! What waits for its beat or bar, or for a moment far ahead.

use segue::graph::{Signal, row};
use segue::pattern::silence;
use segue::score::{Quantum, Score, Track};
use segue::session::{Moment, News, REPL, Stage, When};

use crate::take::*;

/// A bar of the default tempo, in frames.
const BAR: usize = 96_000;

fn kick(instrument: &str) -> Track {
    Track { quantum: Some(Quantum::Cycles(1.0)), ..plays("kick", four(instrument)) }
}

fn hat(instrument: &str) -> Track {
    Track { quantum: Some(Quantum::Beat), ..plays("hat", four(instrument)) }
}

fn pending(take: &Take) -> Vec<(String, f64)> {
    take.session.pending().into_iter().map(|waiting| (waiting.part, (waiting.left * 16.0).round() / 16.0)).collect()
}

#[test]
fn every_part_waits_for_its_own_time_and_is_listed_until_it_has_come() {
    let mut take = Take::of(score([kick("block"), hat("block"), hums("drone", 0.1)]));
    take.play(12_288);
    take.load(score([kick("brick"), hat("brick"), hums("drone", 0.2)]));
    assert_eq!(pending(&take), [("hat".to_string(), 0.125), ("kick".to_string(), 0.875)]);
    take.play(24_576);
    assert_eq!(pending(&take), [("kick".to_string(), 0.75)]);
    take.play(BAR + 1000);
    assert_eq!(pending(&take), []);
    let (kick, hat, drone) = (take.track("kick"), take.track("hat"), take.track("drone"));
    assert!(hat[24_100] < hat[100] * 0.3, "on the beat");
    assert!(kick[72_100] == kick[100] && kick[BAR + 100] < kick[100] * 0.3, "on the bar");
    assert!(drone[20_000] > drone[100] * 1.5, "at once");
}

#[test]
fn edits_before_the_same_bar_collapse_into_the_last() {
    let mut take = Take::of(score([kick("block")]));
    for (at, next) in [(4096, silence()), (30_000, sound("brick")), (60_000, four("brick"))] {
        take.play(at);
        take.load(score([Track { quantum: Some(Quantum::Cycles(1.0)), ..plays("kick", next) }]));
        assert_eq!(pending(&take).len(), 1);
    }
    take.play(2 * BAR);
    let mut once = Take::of(score([kick("block")]));
    once.play(60_000);
    once.load(score([kick("brick")]));
    once.play(2 * BAR);
    assert!(take.bits() == once.bits());
}

#[test]
fn what_is_cancelled_sounds_as_if_it_had_never_been_said_until_something_new_is() {
    let mut plain = Take::of(score([kick("block"), hat("block")]));
    plain.play(2 * BAR);
    let mut take = Take::of(score([kick("block"), hat("block")]));
    take.play(30_000);
    take.load(score([kick("brick"), hat("block")]));
    assert_eq!(take.session.cancel(&["hat"], When::Score), 0, "the hat does not wait");
    assert_eq!(take.session.cancel(&["kick"], When::Score), 1);
    assert_eq!((pending(&take), take.session.cancel(&[], When::Score)), (vec![], 0));
    // Said once more it is nothing new, and neither is what somebody else says of other things.
    take.load(score([kick("brick"), hat("block")]));
    take.play(60_000);
    assert_eq!(take.session.load(REPL, score([hums("drone", 0.0)]), When::Score), []);
    assert_eq!(pending(&take), []);
    take.play(2 * BAR);
    assert!(take.track("kick") == plain.track("kick"));
    take.load(score([Track { muted: true, ..kick("brick") }, hat("block")]));
    assert_eq!(pending(&take).len(), 1);
}

#[test]
fn what_is_cancelled_is_an_edit_that_can_be_undone() {
    let mut take = Take::of(score([kick("block")]));
    take.play(30_000);
    take.load(score([kick("brick")]));
    assert_eq!(take.session.cancel(&[], When::Score), 1);
    assert_eq!(take.session.undo(1, When::Score), 1);
    assert_eq!(pending(&take).len(), 1);
    take.play(BAR + 1000);
    let kick = take.track("kick");
    assert!(kick[BAR + 100] < kick[100] * 0.3);
}

#[test]
fn what_is_undone_before_its_bar_waits_no_more() {
    let mut plain = Take::of(score([kick("block")]));
    plain.play(BAR + 1000);
    let mut take = Take::of(score([kick("block")]));
    take.play(30_000);
    take.load(score([kick("brick")]));
    assert_eq!(take.session.undo(1, When::Score), 1);
    assert_eq!(pending(&take), []);
    take.play(BAR + 1000);
    assert!(take.track("kick") == plain.track("kick"));
}

#[test]
fn a_tempo_that_waits_for_the_bar_can_be_cancelled_too() {
    let piece = |tempo| Score { tempo: Some(tempo), quantum: Some(Quantum::Cycles(1.0)), ..score([kick("block")]) };
    let mut take = Take::of(piece(120.0));
    take.play(30_000);
    take.load(piece(90.0));
    assert_eq!(pending(&take), [("tempo".to_string(), 0.6875)]);
    assert_eq!(take.session.cancel(&["tempo"], When::Score), 1);
    take.play(2 * BAR);
    assert_eq!(onsets(&take.track("kick")), [0, 24_000, 48_000, 72_000, 96_000, 120_000, 144_000, 168_000]);
}

#[test]
fn a_gesture_for_a_frame_far_ahead_waits_for_it() {
    let mut take = Take::of(score([kick("block"), hat("block")]));
    take.play(1024);
    take.session.stage(Stage::Mute("kick".into()), When::At(Moment::Frame(64_000)));
    // Nothing said meanwhile waits for it.
    take.load(score([kick("block"), Track { quantum: None, ..hat("brick") }]));
    assert!(!take.session.tracks()[0].muted);
    take.play(BAR);
    assert!(take.session.tracks()[0].muted);
    assert_eq!(onsets(&take.track("kick")), [0, 24_000, 48_000]);
    let hat = take.track("hat");
    assert!(hat[24_100] < hat[100] * 0.3, "at once");
}

#[test]
fn an_edit_that_changes_nothing_is_no_step_of_the_history() {
    let mut take = Take::of(score([kick("block")]));
    take.load(score([kick("block")]));
    assert_eq!(take.session.load(REPL, Score::default(), When::Score), []);
    let (first, present, edits) = take.session.edits();
    assert_eq!((first, present, edits.len()), (1, 1, 1));
    assert_eq!((&*edits[0].owner, edits[0].cycle, edits[0].parts.clone()), ("a", 0.0, vec!["+kick".to_string()]));
}

#[test]
fn many_steps_back_and_forth_are_one_change() {
    let levels = [0.1, 0.2, 0.3, 0.4];
    let mut take = Take::of(score([hums("drone", levels[0])]));
    for (i, level) in levels.into_iter().enumerate().skip(1) {
        take.play(i * 10_000);
        take.load(score([hums("drone", level)]));
    }
    take.play(50_000);
    assert_eq!(take.session.undo(3, When::Score), 3);
    take.play(60_000);
    assert_eq!(take.session.redo(2, When::Score), 2);
    take.play(70_000);
    assert_eq!(take.session.undo(99, When::Score), 3);
    assert!(take.session.tracks().is_empty());
    assert_eq!(take.session.redo(99, When::Score), 4);
    take.play(90_000);
    let drone = take.track("drone");
    let near = |at: usize, level: f32| (drone[at] / drone[9000] - level / 0.1).abs() < 0.01;
    assert!(near(49_000, 0.4) && near(59_000, 0.1) && near(69_000, 0.3) && near(89_000, 0.4));
}

#[test]
fn an_edit_said_before_another_was_sent_replaces_it_in_a_replay_too() {
    let through = |name: &str, number: f32| Signal::ugen(row(name).unwrap(), &[Signal::constant(number)]).unwrap();
    let chains = [through("lowpass", 500.0), through("limiter", -20.0), through("highpass", 50.0)];
    let piece = |k: usize, notes: &str| {
        let bass =
            Track { quantum: Some(Quantum::Cycles(0.27)), inserts: Some(chains[k].clone()), ..hums("bass", 0.3) };
        score([hat(notes), bass])
    };
    let mut live = Take::of(piece(0, "block"));
    live.play_by(1024, 64);
    live.load(piece(1, "brick"));
    // The beat's change has been sent by now, that of the bass just after it has not.
    live.play_by(16_384, 64);
    assert_eq!(pending(&live), [("bass".to_string(), 0.125)]);
    live.load(piece(2, "brick"));
    let at: Vec<u64> = live.session.news().into_iter().filter_map(applied).collect();
    assert_eq!(at, [0, 1408, 24_000], "not before what was sent already");
    live.play_by(60_000, 64);

    let mut replay = Take::of(piece(0, "block"));
    for (frame, piece) in [(at[1], piece(1, "brick")), (at[2], piece(2, "brick"))] {
        replay.session.hold(frame);
        replay.play(frame.saturating_sub(4096) as usize);
        replay.load_at(piece, frame);
    }
    replay.session.hold(u64::MAX);
    replay.play(60_000);
    assert!(live.bits() == replay.bits());
}

fn applied(news: News) -> Option<u64> {
    if let News::Applied { at, .. } = news { Some(at) } else { None }
}

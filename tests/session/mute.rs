//! What a muted track does, and what it is when it is heard again.

use segue::graph::{Signal, row};
use segue::pattern::{Pattern, fastcat, pure, silence};
use segue::score::{Score, Source, Track};
use segue::session::{Moment, News, Stage, When};

use crate::take::*;

const SECOND: usize = 48_000;

/// One note that lasts for four cycles: eight seconds.
fn pad() -> Pattern {
    sound("block").slow(&4.into())
}

fn echo() -> Option<Signal> {
    let numbers = [0.25, 0.4, 0.5].map(Signal::constant);
    Some(Signal::ugen(row("delay").unwrap(), &numbers).unwrap())
}

fn piece() -> Score {
    let echoed = Track { inserts: echo(), ..plays("hat", four("brick")) };
    score([plays("pad", pad()), echoed, hums("drone", 0.2), follows("wave", 0.2)])
}

fn mute(take: &mut Take, names: &[&str], second: f64) {
    at(take, second, names.iter().map(|name| Stage::Mute((*name).into())));
}

fn unmute(take: &mut Take, second: f64) {
    at(take, second, [Stage::Unmute(None)]);
}

fn at(take: &mut Take, second: f64, stages: impl IntoIterator<Item = Stage>) {
    let frame = (second * SECOND as f64) as u64;
    take.play(frame.saturating_sub(2000) as usize);
    stages.into_iter().for_each(|stage| take.session.stage(stage, When::At(Moment::Frame(frame))));
}

fn loudest_step(sound: &[f32]) -> f32 {
    sound.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
}

const ALL: [&str; 4] = ["pad", "hat", "drone", "wave"];

#[test]
fn a_track_that_is_muted_for_a_moment_goes_on_as_if_nobody_had_touched_it() {
    let mut plain = Take::of(piece());
    plain.play(5 * SECOND);
    let mut muted = Take::of(piece());
    for beat in 0..8 {
        mute(&mut muted, &ALL, 0.5 + f64::from(beat) * 0.5);
        unmute(&mut muted, 0.6 + f64::from(beat) * 0.5);
    }
    muted.play(5 * SECOND);
    for name in ALL {
        let (plain, muted) = (plain.track(name), muted.track(name));
        assert!(muted[SECOND / 2 + 1200..SECOND * 6 / 10].iter().all(|x| *x == 0.0), "{name}");
        assert!(plain[SECOND * 6 / 10 + 1200..SECOND - 64] == muted[SECOND * 6 / 10 + 1200..SECOND - 64], "{name}");
        assert!(plain[SECOND * 45 / 10..] == muted[SECOND * 45 / 10..], "{name}");
    }
}

#[test]
fn a_track_that_is_muted_for_long_plays_no_notes() {
    let mut take = Take::of(score([plays("hat", four("brick")), plays("bell", four("brick"))]));
    mute(&mut take, &["hat"], 1.0);
    take.play(10 * SECOND);
    let played = |name: &str, news: &[News]| {
        news.iter().filter(|news| matches!(news, News::Onset { track, .. } if &**track == name)).count()
    };
    let news = take.session.news();
    // Two a second, for one second and four more; the first is at 0.
    assert_eq!((played("hat", &news), played("bell", &news)), (10, 20));
    unmute(&mut take, 12.0);
    take.play(13 * SECOND);
    assert_eq!(onsets(&take.track("hat")[11 * SECOND..]), [SECOND, SECOND * 3 / 2]);
}

#[test]
fn what_the_text_mutes_plays_nothing_until_the_text_lets_it() {
    let track = |muted| Track { muted, ..plays("pad", pad()) };
    let drone = |muted| Track { muted, ..follows("wave", 0.2) };
    let mut take = Take::of(score([track(true), drone(true)]));
    take.play(9 * SECOND);
    assert!(take.session.news().iter().all(|news| !matches!(news, News::Onset { .. })));
    assert!(take.session.tracks().iter().all(|status| status.muted && !status.playing));
    take.load_at(score([track(false), drone(false)]), 10 * SECOND as u64);
    take.play(11 * SECOND);
    let open = 10 * SECOND + 1200;
    let pad = &take.track("pad")[open..];
    assert!(pad.iter().all(|x| (x - pad[0]).abs() < 1e-6 && *x > 0.1));
    let mut plain = Take::of(score([track(false), drone(false)]));
    plain.play(11 * SECOND);
    assert!(plain.track("wave")[open..] == take.track("wave")[open..], "the pattern is where it would be");
}

#[test]
fn long_notes_and_signals_are_back_when_they_are_heard_again_and_nothing_clicks() {
    let mut take = Take::of(piece());
    mute(&mut take, &ALL, 1.0);
    unmute(&mut take, 11.0);
    take.play(13 * SECOND);
    for name in ["pad", "drone", "wave"] {
        let sound = take.track(name);
        assert!(sound[SECOND + 1200..11 * SECOND].iter().all(|x| *x == 0.0), "{name}");
        assert!(sound[11 * SECOND + 1200] > 0.01, "{name} is not back");
        let step = loudest_step(&sound[SECOND / 2..12 * SECOND]);
        assert!(step < 0.002, "{name}: a step of {step}");
    }
    // A drone that comes back would be heard as a step in its echo.
    let mut echoed = Take::of(score([Track { inserts: echo(), ..hums("drone", 0.5) }]));
    mute(&mut echoed, &["drone"], 1.0);
    unmute(&mut echoed, 5.1);
    echoed.play(7 * SECOND);
    let step = loudest_step(&echoed.track("drone")[SECOND / 2..]);
    assert!(step < 0.006, "a step of {step}");
}

#[test]
fn what_is_said_of_a_muted_track_is_true_when_it_is_heard_again() {
    let mut take = Take::of(piece());
    mute(&mut take, &ALL, 1.0);
    take.play(7 * SECOND);
    take.load(score([plays("pad", sound("brick").slow(&4.into())), hums("drone", 0.4)]));
    unmute(&mut take, 10.0);
    take.play(11 * SECOND);
    let mut plain = Take::of(score([plays("pad", sound("brick").slow(&4.into()))]));
    plain.play(11 * SECOND);
    let (heard, meant) = (take.track("pad")[10 * SECOND + 1200], plain.track("pad")[10 * SECOND + 1200]);
    assert!(heard > 0.05 && (heard - meant).abs() < 1e-6, "{heard} for {meant}");
    assert!((take.track("drone")[10 * SECOND + 2000] - 0.4 * std::f32::consts::FRAC_1_SQRT_2).abs() < 0.2);
    assert!(take.session.undo(1, When::Score) == 1);
    take.play(12 * SECOND);
    assert!(take.track("wave")[12 * SECOND - 1] > 0.0, "what is brought back is not muted");
}

#[test]
fn a_slot_whose_track_lies_still_plays_what_comes_next() {
    let mut take = Take::of(score([hums("drone", 0.2)]));
    mute(&mut take, &["drone"], 1.0);
    // It is told to lie still just when another takes its place.
    take.play(5 * SECOND - 8000);
    take.load(score([hums("other", 0.3)]));
    take.play(8 * SECOND);
    assert!(take.track("other")[8 * SECOND - 1] > 0.1);
    take.load(score([plays("other", sound("block"))]));
    mute(&mut take, &["other"], 9.0);
    take.play(14 * SECOND);
    take.load(score([hums("other", 0.3)]));
    unmute(&mut take, 15.0);
    take.play(16 * SECOND);
    assert!(take.track("other")[16 * SECOND - 1] > 0.1);
}

#[test]
fn a_rest_sounds_the_same_in_callbacks_of_any_size() {
    let take = |callback: usize| {
        let mut take = Take::of(piece());
        let mut say = |second: f64, stage: Option<Stage>| {
            let frame = (second * SECOND as f64) as u64;
            take.play_by(frame as usize - 4500, callback);
            match stage {
                Some(stage) => take.session.stage(stage, When::At(Moment::Frame(frame))),
                None => take.load_at(score([plays("pad", four("block")), hums("drone", 0.3)]), frame),
            }
        };
        say(1.0, Some(Stage::Mute("pad".into())));
        say(1.2, Some(Stage::Solo("hat".into())));
        // Just before, at, and just after the frame at which they lie down.
        say(5.15, Some(Stage::Unsolo(None)));
        say(5.3, Some(Stage::Solo("wave".into())));
        say(9.3, Some(Stage::Unsolo(None)));
        say(9.5, Some(Stage::Unmute(None)));
        say(9.6, Some(Stage::Solo("hat".into())));
        say(13.7, None);
        say(14.0, Some(Stage::Unsolo(None)));
        take.play_by(15 * SECOND, callback);
        take.bits()
    };
    let first = take(64);
    for callback in [480, 4096] {
        let other = take(callback);
        let apart = first.iter().zip(&other).position(|(a, b)| a != b);
        assert_eq!(apart.map(|i| (i / CHANNELS, i % CHANNELS)), None, "in callbacks of {callback}");
    }
}

#[test]
fn a_track_that_was_given_more_instruments_than_it_may_have_while_it_was_muted_plays_the_last() {
    let names: Vec<String> = (0..90).map(|n| format!("block{n}")).collect();
    let with = |some: &[String]| {
        let hits: Vec<Pattern> = some.iter().map(|name| sound(name)).collect();
        let synths = names.iter().map(|name| block(name, 1.0)).collect();
        Score { synths, ..score([plays("hat", fastcat(&hits))]) }
    };
    let mut take = Take::of(with(&names[..9]));
    mute(&mut take, &["hat"], 0.5);
    take.play(6 * SECOND);
    for part in names.chunks(9) {
        take.load(with(part));
        let now = take.frames();
        take.play(now + SECOND / 2);
    }
    let now = take.frames() as f64 / SECOND as f64;
    unmute(&mut take, now + 0.5);
    take.play(((now + 4.0) * SECOND as f64) as usize);
    let heard = take.track("hat");
    let last = &heard[heard.len() - 2 * SECOND..];
    let loud = last.iter().filter(|x| x.abs() > 0.1).count();
    assert!(loud > last.len() / 2, "{loud} of {}", last.len());
}

#[test]
fn a_number_that_rests_when_its_track_is_heard_again_is_what_it_last_was() {
    let steps = |values: &[Option<f64>]| {
        let step = |x: &Option<f64>| x.map_or_else(silence, pure);
        fastcat(&values.iter().map(step).collect::<Vec<Pattern>>()).slow(&16.into())
    };
    let mut values = [None; 16];
    (values[0], values[3]) = (Some(0.1), Some(0.4));
    let source = Source::Signal(Signal::control("~level"));
    let wave = Track { automation: vec![("~level".into(), steps(&values))], ..track("wave", source) };
    let mut take = Take::of(score([wave]));
    mute(&mut take, &["wave"], 1.0);
    unmute(&mut take, 14.0);
    take.play(16 * SECOND);
    let heard = take.track("wave")[15 * SECOND];
    // A sound of one channel stands in the middle: −3 dB.
    assert!((heard - 0.4 * std::f32::consts::FRAC_1_SQRT_2).abs() < 0.01, "{heard}");
}

//! What is seldom asked of a session, and must hold all the same.

use segue::graph::Signal;
use segue::pattern::{Pattern, Value, fastcat, pure, silence, stack};
use segue::score::{Bus, Location, Quantum, Score, Source, Track};
use segue::session::{Imports, Moment, News, Said, Stage, When};

use crate::take::*;

/// Sixteen notes a cycle, each there or not by chance.
fn perhaps() -> Pattern {
    four("block").fast(&4.into()).degrade_by(&0.5.into())
}

/// A bus that passes on what arrives, at a level.
fn bus(name: &str, level: f32) -> Bus {
    let chain = Signal::effect(0, &Signal::argument(0).mul(&Signal::constant(level)).unwrap()).unwrap();
    Bus { name: name.into(), chain, automation: Vec::new(), at: Location::default() }
}

/// A bus whose level follows a pattern of sixteen steps.
fn moving_bus(name: &str, level: f64) -> Bus {
    let steps: Vec<Pattern> = (1..=16).map(|step| pure(level * f64::from(step) / 16.0)).collect();
    let chain = Signal::effect(0, &Signal::argument(0).mul(&Signal::control("~level")).unwrap()).unwrap();
    Bus { chain, automation: vec![("~level".into(), fastcat(&steps))], ..bus(name, 1.0) }
}

/// As many buses as there can be, one of them of this name.
fn all_buses(name: &str) -> Vec<Bus> {
    (1..BUSES).map(|k| bus(&format!("other{k}"), 1.0)).chain([bus(name, 1.0)]).collect()
}

fn sends(track: Track, bus: &str) -> Track {
    Track { sends: vec![(bus.into(), 1.0)], ..track }
}

fn heard_at_bus(take: &Take, name: &str) -> Vec<f32> {
    let slot = take.session.buses().into_iter().find(|(bus, _)| &**bus == name).expect("the bus is there").1;
    take.channel(2 * (1 + TRACKS + slot as usize))
}

fn warnings(take: &mut Take) -> Vec<String> {
    let news = take.session.news().into_iter();
    news.filter_map(|news| if let News::Warning(warning) = news { Some(warning.message) } else { None }).collect()
}

#[test]
fn equal_tracks_roll_their_own_dice_and_a_seed_rolls_others() {
    let heard = |seed: Option<u64>| {
        let mut take = Take::of(Score { seed, ..score([plays("a", perhaps()), plays("b", perhaps())]) });
        take.play(190_000);
        (onsets(&take.track("a")), onsets(&take.track("b")))
    };
    let (a, b) = heard(None);
    assert_ne!(a, b);
    assert_eq!((a.clone(), b.clone()), heard(None));
    // The session's own seed is 7.
    assert_eq!((a.clone(), b.clone()), heard(Some(7)));
    let (other_a, other_b) = heard(Some(0));
    assert!(other_a != a && other_b != b);
}

#[test]
fn a_seed_of_zero_that_comes_later_is_another_than_the_sessions_own() {
    let piece = |seed| Score { seed, ..score([plays("a", perhaps())]) };
    let mut take = Take::of(piece(None));
    take.play(20_480);
    take.load(piece(Some(0)));
    take.play(190_000);
    let mut zero = Take::of(piece(Some(0)));
    zero.play(190_000);
    let late = |take: &Take| onsets(&take.track("a")).into_iter().filter(|at| *at > 24_000).collect::<Vec<_>>();
    assert_eq!(late(&take), late(&zero));
}

#[test]
fn equal_controls_that_follow_chance_roll_their_own_dice() {
    let drift = |name: &str| {
        let level = segue::pattern::rand().segment(&16.into());
        Track { automation: vec![("~a".into(), level)], ..track(name, Source::Signal(Signal::control("~a"))) }
    };
    let mut take = Take::of(score([drift("a"), drift("b")]));
    take.play(96_000);
    assert_ne!(take.track("a"), take.track("b"));
}

#[test]
fn a_control_that_follows_another_pattern_does_so_at_once_however_often_the_session_ticks() {
    let piece = |level: f64, of_bus: f64| {
        let drone = sends(follows("drone", level), "room");
        Score { buses: vec![moving_bus("room", of_bus)], ..score([drone]) }
    };
    let takes = [64, 100, 1024, 2048].map(|callback| {
        let mut take = Take::of(piece(0.1, 0.5));
        take.play_by(24_640, callback);
        take.load_at(piece(0.3, 0.25), 25_088);
        take.play_by(60_000, callback);
        take.bits()
    });
    assert!(takes.iter().all(|bits| *bits == takes[0]));
}

#[test]
fn an_edit_on_the_bar_drops_no_note_before_it_however_long_the_callbacks() {
    let piece = |instrument| Score {
        quantum: Some(Quantum::Cycles(1.0)),
        ..score([plays("kick", four(instrument).fast(&4.into()))])
    };
    let takes = [512, 8192].map(|callback| {
        let mut take = Take::of(piece("block"));
        take.play_by(16_384, callback);
        take.load(piece("brick"));
        take.play_by(300_000, callback);
        take.bits()
    });
    assert!(takes[0] == takes[1]);
}

#[test]
fn what_is_said_for_a_later_frame_leaves_the_time_before_it_to_the_old() {
    let mut take = Take::of(score([plays("kick", four("block").fast(&4.into()))]));
    take.load_at(score([plays("kick", four("brick").fast(&4.into()))]), 8000);
    take.play(30_000);
    let kick = take.track("kick");
    assert_eq!(onsets(&kick), [0, 6000, 12_000, 18_000, 24_000]);
    assert!(kick[6100] == kick[100] && kick[12_100] < kick[100] * 0.3);
}

#[test]
fn a_bus_that_takes_the_place_of_another_hears_nothing_that_was_meant_for_it() {
    let one = Score { buses: all_buses("a"), ..score([sends(hums("drone", 0.5), "a")]) };
    let two = Score { buses: all_buses("c"), ..score([hums("drone", 0.5)]) };
    let mut take = Take::of(one);
    take.play(20_480);
    assert!(heard_at_bus(&take, "a")[20_000] > 0.3);
    take.load(two);
    take.play(61_440);
    assert!(heard_at_bus(&take, "c")[40_960..].iter().all(|x| *x == 0.0));
}

#[test]
fn a_full_desk_can_exchange_a_track_and_a_bus() {
    let piece = |track: &str, room: &str| {
        let tracks = ["t1", "t2", "t3", track].map(|name| sends(hums(name, 0.1), room));
        Score { buses: all_buses(room), ..score(tracks) }
    };
    let mut take = Take::of(piece("t4", "y"));
    take.play(20_480);
    take.load(piece("a", "b"));
    take.play(61_440);
    assert!(take.track("a")[60_000] > 0.05);
    assert!(heard_at_bus(&take, "b")[60_000] > 0.2);
}

#[test]
fn a_signal_that_is_sent_to_a_missing_bus_says_so_once() {
    let mut take = Take::of(score([sends(hums("drone", 0.1), "hall")]));
    take.play(20_480);
    take.load(score([sends(hums("drone", 0.1), "hall"), hums("other", 0.1)]));
    take.play(40_960);
    assert_eq!(warnings(&mut take), ["a bus expected, found no hall"]);
}

#[test]
fn more_sends_than_a_note_can_have_are_said() {
    let block = Value::control("s", Value::text("block"));
    let sound = (1..BUSES).fold(block, |sound, k| sound.with(&format!("send_other{k}"), 0.1.into()));
    let mut take = Take::of(Score { buses: all_buses("room"), ..score([plays("kick", pure(sound))]) });
    take.play(20_480);
    assert_eq!(warnings(&mut take), ["at most 4 sends of a note expected, found 5"]);
}

/// Four short notes in every cycle, each so many seconds late.
fn nudged(instrument: &str, seconds: f64) -> Pattern {
    let hit = Value::control("s", Value::text(instrument)).with("nudge", seconds.into());
    fastcat(&[pure(hit), silence(), silence(), silence()]).fast(&4.into())
}

#[test]
fn a_late_note_that_waits_while_its_track_changes_is_played_by_the_new_pattern() {
    let mut take = Take::of(score([plays("kick", nudged("block", 0.05))]));
    take.play(20_480);
    take.load_at(score([plays("kick", nudged("brick", 0.05))]), 25_088);
    take.play(60_000);
    let kick = take.track("kick");
    assert_eq!(onsets(&kick), [2400, 26_400, 50_400]);
    assert!(kick[26_500] < kick[2500] * 0.3);
}

#[test]
fn an_early_note_that_has_begun_goes_on_and_is_not_played_twice() {
    let mut take = Take::of(score([plays("kick", nudged("block", -0.05))]));
    take.play(20_480);
    take.load_at(score([plays("kick", stack(&[nudged("block", -0.05), silence()]).fast(&1.into()))]), 22_016);
    take.play(60_000);
    let kick = take.track("kick");
    assert_eq!(onsets(&kick), [0, 21_600, 45_600]);
    assert!(kick[21_700..27_000].iter().all(|x| *x == kick[45_700]));
}

#[test]
fn inserts_that_look_ahead_come_and_go_on_the_bar_without_a_note_lost_or_doubled() {
    let limiter = Signal::ugen(segue::graph::row("limiter").unwrap(), &[Signal::constant(-0.5)]).unwrap();
    let piece = |inserts: Option<&Signal>| {
        let kick = Track { inserts: inserts.cloned(), ..plays("kick", four("block")) };
        Score { quantum: Some(Quantum::Cycles(1.0)), ..score([kick]) }
    };
    let mut take = Take::of(piece(None));
    take.play(40_960);
    take.load(piece(Some(&limiter)));
    take.play(150_016);
    take.load(piece(None));
    take.play(240_000);
    let kick = take.track("kick");
    for beat in 0..10 {
        let level = kick[beat * 24_000 + 4000];
        assert!((level - kick[4000]).abs() < 1e-3, "beat {beat}: {level} for {}", kick[4000]);
    }
}

#[test]
fn what_waits_for_its_bar_waits_for_it_at_another_tempo_too() {
    let kick = |instrument| Track { quantum: Some(Quantum::Cycles(1.0)), ..plays("kick", four(instrument)) };
    let piece = |instrument, tempo| Score { tempo: Some(tempo), ..score([kick(instrument)]) };
    let mut take = Take::of(piece("block", 120.0));
    take.play(20_480);
    take.load(piece("brick", 120.0));
    take.load_at(piece("brick", 60.0), 24_064);
    take.play(300_000);
    let kick = take.track("kick");
    let bar = 24_064 + 2 * (96_000 - 24_064);
    assert!(onsets(&kick).contains(&bar));
    let level = |at: usize| kick[at + 100];
    assert_eq!(level(bar - 48_000), level(0));
    assert!(level(bar) < level(0) * 0.3);
}

#[test]
fn who_leaves_leaves_silence_and_no_line_in_the_journal() {
    let page = Page::default();
    let mut take = Take::new();
    take.session.record(Box::new(page.clone()), "").unwrap();
    take.load(score([plays("pad", sound("block"))]));
    take.play(20_480);
    let written = page.text().len();
    take.session.leave();
    take.play(40_960);
    assert_eq!(page.text().len(), written);
    assert!(take.channel(0)[22_000..].iter().all(|x| x.abs() < 1e-3));
    take.session.stage(Stage::Panic, When::Score);
    assert!(page.text().len() > written);
}

#[test]
fn a_piece_resumes_after_hours_with_what_is_due_there_and_nothing_of_what_it_skips() {
    for (at, cycle) in [(64, 5000.0), (20_480, 5000.25), (20_480, 0.3)] {
        let mut take = Take::new();
        take.play(at);
        let said = Said::Text { owner: "a".into(), text: None, imports: Imports::default() };
        // Where it stands, the first lines of the clock would put other notes.
        let hits = score([plays("hat", four("brick")), plays("pad", sound("block").slow(&7.into()))]);
        take.session.recall(&said, 0.0, Some(hits));
        assert_eq!(take.session.resume(|_| cycle, When::At(Moment::Frame(at as u64))), []);
        take.play(at + 96_000);
        assert_eq!(warnings(&mut take), Vec::<String>::new());
        let begins = (cycle * 4.0_f64).ceil() / 4.0 - cycle;
        let first = at + (begins * 96_000.0).round() as usize;
        let found = onsets(&take.track("hat"));
        assert_eq!(found, (0..4).map(|n| first + n * 24_000).filter(|f| *f < at + 96_000).collect::<Vec<_>>());
        assert!(take.track("pad")[at + 2000] > 0.1, "a long note that is under way begins there");
    }
}

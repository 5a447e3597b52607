//! Every edit is measured and told, whatever it changes.

use segue::graph::{Signal, row};
use segue::score::{Bus, Location, Quantum};
use segue::session::news::Touch;
use segue::session::{Moment, News, Stage, When};

use crate::take::*;

/// What was told of edits after frame 0: when, what they touched, and how they sounded.
fn told(take: &mut Take) -> Vec<(u64, Vec<String>, f32)> {
    let swaps = take.session.news().into_iter().filter_map(|news| match news {
        News::Swapped { at, touched, discontinuity } if at > 0 => {
            Some((at, touched.iter().map(Touch::to_string).collect(), discontinuity))
        }
        _ => None,
    });
    swaps.collect()
}

fn piece(level: f32, notes: &str) -> segue::score::Score {
    score([plays("tune", four(notes)), hums("floor", level)])
}

#[test]
fn an_edit_of_a_pattern_alone_is_measured() {
    let mut take = Take::of(piece(0.1, "block"));
    take.load_at(piece(0.1, "brick"), 9600);
    let told = told(take.play(40_000));
    assert_eq!(
        told.iter().map(|(at, touched, _)| (*at, touched.join("; "))).collect::<Vec<_>>(),
        [(9600, "tune: notes".into())]
    );
}

#[test]
fn a_number_that_walks_is_measured_and_no_worse_than_the_music() {
    let mut take = Take::of(piece(0.1, "block"));
    take.load_at(piece(0.2, "block"), 9600);
    let told = told(take.play(40_000));
    assert_eq!(told[0].1, ["floor: sound"]);
    assert!(told.len() == 1 && told[0].2 < 1.0, "{told:?}");
}

#[test]
fn an_edit_of_many_parts_is_told_once_with_all_of_them() {
    let mut take = Take::of(piece(0.1, "block"));
    let mut new = piece(0.2, "brick");
    new.tempo = Some(90.0);
    new.tracks.push(plays("more", four("block")));
    let chain = Signal::ugen(row("lowpass").unwrap(), &[Signal::constant(800.0), Signal::constant(1.0)]).unwrap();
    new.buses.push(Bus { name: "far".into(), chain, automation: Vec::new(), at: Location::default() });
    take.load_at(new, 9600);
    let told = told(take.play(40_000));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, ["tempo", "bus far: came", "floor: sound", "more: came", "tune: notes"]);
}

#[test]
fn undo_and_what_waits_for_its_beat_are_measured_when_they_happen() {
    let mut take = Take::of(piece(0.1, "block"));
    let mut new = piece(0.2, "block");
    new.quantum = Some(Quantum::Beat);
    take.load_at(new, 9600);
    take.play(30_000);
    assert!(take.session.undo(1, When::At(Moment::Frame(38_400))) == 1);
    let told = told(take.play(80_000));
    assert_eq!(told.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), [24_000, 38_400]);
}

#[test]
fn gestures_are_measured_like_edits() {
    let mut take = Take::of(piece(0.1, "block"));
    take.play(9600);
    take.session.stage(Stage::Mute("floor".into()), When::Score);
    let told = told(take.play(40_000));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, ["floor: mute"]);
}

#[test]
fn an_edit_that_changes_nothing_is_not_told() {
    let mut take = Take::of(piece(0.1, "block"));
    take.load_at(piece(0.1, "block"), 9600);
    assert_eq!(told(take.play(40_000)), []);
}

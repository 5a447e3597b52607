//! The level within a crossfade: sounds that are alike, sounds that are strangers, sounds that do not move at all.

use std::ops::Range;

use segue::lang::{Interpreter, NoFiles};

use crate::measure::{Stereo, decibels, level, null};
use crate::take::{Line, RATE, Take, Word};

/// Frames between two edits, on the grid, and how long each crosses over.
const APART: usize = 64 * 100;
const FADE: usize = RATE * 30 / 1000;

/// Drones that take each other's place: what is heard, and where each crosses over.
fn exchanged(texts: impl IntoIterator<Item = String>) -> (Stereo, Vec<Range<usize>>) {
    let mut interpreter = Interpreter::new();
    let lines = texts.into_iter().enumerate().map(|(k, text)| {
        let text = format!("track a = {text};");
        let evaluation = interpreter.evaluate("piece.rhai", &text, &NoFiles);
        let score = evaluation.unwrap_or_else(|why| panic!("{text}: {why:#?}")).score;
        Line { at: (k * APART) as u64, word: Word::Score("piece.rhai".into(), Box::new(score)) }
    });
    let lines: Vec<Line> = lines.collect();
    let take = Take::of(interpreter.library(), 0, &lines, lines.len() * APART);
    (take.strip("a"), (1..lines.len()).map(|k| k * APART..k * APART + FADE).collect())
}

/// The levels within a mean fade, third by third, in dB against what is heard between the fades, must be even.
fn even(texts: impl IntoIterator<Item = String>) {
    let (sound, fades) = exchanged(texts);
    let mean = |window: &dyn Fn(&Range<usize>) -> Range<usize>| {
        let powers = fades.iter().map(|fade| level(&sound, &window(fade)).powi(2));
        powers.sum::<f64>() / fades.len() as f64
    };
    let steady = mean(&|fade| fade.end + 480..fade.start + APART);
    let part = FADE / 3;
    let parts = (0..3).map(|k| mean(&|fade| fade.start + k * part..fade.start + (k + 1) * part));
    let parts: Vec<f64> = parts.map(|part| decibels((part / steady).sqrt())).collect();
    assert!(parts.iter().all(|part| part.abs() <= 0.5), "{parts:.2?} dB");
}

/// Two sounds in turn.
fn turns(sounds: [&str; 2], times: usize) -> impl Iterator<Item = String> {
    (0..=times).map(move |k| sounds[k % 2].to_string())
}

#[test]
fn what_does_not_move_keeps_its_height_in_a_crossfade() {
    even(turns(["line(0.25, 0.25, 1)", "xline(0.25, 0.25, 1)"], 20));
}

#[test]
fn strangers_keep_their_level_in_a_crossfade() {
    even((0..=100).map(|k| format!("white({k}) * 0.1")));
}

#[test]
fn sounds_that_have_something_in_common_keep_their_level_in_a_crossfade() {
    even((0..=100).map(|k| format!("(white(1) + white({}) * 0.5) * 0.1", k + 2)));
}

#[test]
fn a_sound_that_is_treated_keeps_its_level_in_a_crossfade() {
    even(turns(["saw(110) * 0.2", "saw(110) * 0.2 >> allpass(3000, 1)"], 20));
}

#[test]
fn the_same_sound_by_another_text_is_not_touched_by_a_crossfade() {
    for sound in ["saw(110) * 0.2", "white(1) * 0.1", "sine(55) * 0.3", "line(0.25, 0.25, 1)"] {
        let (heard, _) = exchanged(turns([sound, &format!("{sound} >> gain(0)")], 20));
        let (model, _) = exchanged(turns([sound, sound], 20));
        let left = null(&heard, &model, 1.0, &(0..21 * APART));
        assert!(left < -90.0, "{sound}: {left:.1} dB are left");
    }
}

//! Piano keys, those that sound marked with a disc and their names.

use super::{ACCENT, Anchor, Drawing, INK, PALE, class};
use crate::theory::Note;
use crate::theory::picture::keys::{BLACK, NATURAL, span};

const WHITE: (f64, f64) = (44.0, 180.0);
const NARROW: (f64, f64) = (27.0, 112.0);
const EDGE: f64 = 12.0;

pub fn keys(notes: &[Note]) -> Drawing {
    let (low, octaves, folded) = span(notes);
    let mut drawing = Drawing::new(2.0 * EDGE + 7.0 * f64::from(octaves) * WHITE.0, 2.0 * EDGE + WHITE.1 + 18.0);
    let sounds = |semitone: i32, octave: i32| {
        notes.iter().find(|n| n.chroma() == semitone && (folded || n.midi().div_euclid(12) == octave))
    };
    for octave in 0..octaves {
        let left = EDGE + 7.0 * f64::from(octave) * WHITE.0;
        for (white, semitone) in NATURAL.into_iter().enumerate() {
            let x = left + white as f64 * WHITE.0;
            let note = sounds(semitone, low + octave);
            drawing.rect((x, EDGE), WHITE, if note.is_some() { "#e6eef8" } else { "white" }, INK);
            if let Some(note) = note {
                disc(&mut drawing, (x + WHITE.0 / 2.0, EDGE + WHITE.1 - 26.0), 17.0, note, false);
            }
        }
        for (semitone, white) in BLACK {
            let x = left + (white + 1) as f64 * WHITE.0 - NARROW.0 / 2.0;
            drawing.rect((x, EDGE), NARROW, INK, INK);
            if let Some(note) = sounds(semitone, low + octave) {
                disc(&mut drawing, (x + NARROW.0 / 2.0, EDGE + NARROW.1 - 20.0), 15.0, note, true);
            }
        }
        if !folded {
            let name = format!("C{}", low + octave - 1);
            let at = (left + WHITE.0 / 2.0, EDGE + WHITE.1 + 12.0);
            drawing.text(at, Anchor::Middle, 12.0, PALE, false, &name);
        }
    }
    drawing
}

/// The mark of a key that sounds; on a black key it is white.
fn disc(drawing: &mut Drawing, at: (f64, f64), radius: f64, note: &Note, black: bool) {
    let (fill, ink) = if black { ("white", INK) } else { (ACCENT, "white") };
    drawing.circle(at, radius, fill, if black { ACCENT } else { INK });
    let name = class(note);
    let size = if name.chars().count() > 2 { 11.0 } else { 15.0 };
    drawing.text(at, Anchor::Middle, size, ink, true, &name);
}

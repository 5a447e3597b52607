//! The guitar: a chord's shape as songbooks show it, and a whole neck on its side.

use super::{ACCENT, Anchor, Drawing, INK, PALE, class, signs};
use crate::theory::fretboard::{STRINGS, Shape};
use crate::theory::picture::frets::{LAST, NAMES, named};
use crate::theory::{Chord, Note};

const STRING: f64 = 40.0;
const FRET: f64 = 52.0;
/// Frets of a shape.
const SHOWN: i32 = 4;

/// A chord as it is held: the strings stand, the lowest on the left; crosses are silent, rings open.
pub fn hand(chord: &Chord, shape: &Shape) -> Drawing {
    let (left, top) = (56.0, 92.0);
    let mut drawing = Drawing::new(left + 5.0 * STRING + 40.0, top + f64::from(SHOWN) * FRET + 44.0);
    let pressed = || shape.0.iter().flatten().copied().filter(|fret| *fret > 0);
    let (low, high) = (pressed().min().unwrap_or(1), pressed().max().unwrap_or(1));
    let first = if high <= SHOWN { 1 } else { low };
    let title = signs(&chord.as_written());
    drawing.text((left + 2.5 * STRING, 26.0), Anchor::Middle, 26.0, INK, true, &title);
    let right = left + 5.0 * STRING;
    for fret in 0..=SHOWN {
        let y = top + f64::from(fret) * FRET;
        let width = if fret == 0 && first == 1 { 6.0 } else { 1.5 };
        drawing.line((left, y), (right, y), width, INK);
        if fret < SHOWN && (first > 1 || fret == 0) {
            let number = (first + fret).to_string();
            drawing.text((left - 26.0, y + FRET / 2.0), Anchor::Middle, 14.0, PALE, false, &number);
        }
    }
    let spelled = chord.notes();
    for (string, fret) in shape.0.iter().enumerate() {
        let x = left + string as f64 * STRING;
        drawing.line((x, top), (x, top + f64::from(SHOWN) * FRET), 1.0 + 0.3 * (5 - string) as f64, INK);
        let name = fret.map(|fret| (fret, named(&spelled, STRINGS[string] + fret)));
        match name {
            None => drawing.text((x, top - 22.0), Anchor::Middle, 20.0, INK, false, "×"),
            Some((0, _)) => drawing.circle((x, top - 22.0), 8.0, "white", INK),
            Some((fret, name)) => {
                let at = (x, top + (f64::from(fret - first) + 0.5) * FRET);
                mark(&mut drawing, at, &signs(&name), name == chord.root.class().name());
            }
        }
        if let Some((_, name)) = fret.map(|fret| (fret, named(&spelled, STRINGS[string] + fret))) {
            let at = (x, top + f64::from(SHOWN) * FRET + 22.0);
            drawing.text(at, Anchor::Middle, 14.0, INK, name == chord.root.class().name(), &signs(&name));
        }
    }
    drawing
}

/// Where notes lie up to the twelfth fret, the lowest string below; the first of the notes is square.
pub fn neck(notes: &[Note]) -> Drawing {
    let (left, top) = (64.0, 30.0);
    let wide = 62.0;
    let bottom = top + 5.0 * STRING;
    let mut drawing = Drawing::new(left + f64::from(LAST) * wide + 24.0, bottom + 52.0);
    for fret in 0..=LAST {
        let x = left + f64::from(fret) * wide;
        drawing.line((x, top), (x, bottom), if fret == 0 { 6.0 } else { 1.5 }, INK);
        if fret > 0 {
            let at = x - wide / 2.0;
            drawing.text((at, bottom + 32.0), Anchor::Middle, 13.0, PALE, false, &fret.to_string());
            // The inlays players find their way by.
            if matches!(fret, 3 | 5 | 7 | 9) {
                drawing.circle((at, top + 2.5 * STRING), 7.0, "#d8d8d8", "none");
            } else if fret == 12 {
                drawing.circle((at, top + 1.5 * STRING), 7.0, "#d8d8d8", "none");
                drawing.circle((at, top + 3.5 * STRING), 7.0, "#d8d8d8", "none");
            }
        }
    }
    for string in 0..6 {
        let y = bottom - string as f64 * STRING;
        drawing.line((left, y), (left + f64::from(LAST) * wide, y), 1.0 + 0.3 * (5 - string) as f64, INK);
        drawing.text((14.0, y), Anchor::Middle, 13.0, PALE, false, NAMES[string]);
        for fret in 0..=LAST {
            let chroma = (STRINGS[string] + fret).rem_euclid(12);
            if let Some(place) = notes.iter().position(|n| n.chroma() == chroma) {
                let x = if fret == 0 { left - 24.0 } else { left + (f64::from(fret) - 0.5) * wide };
                let first = notes[place].chroma() == notes[0].chroma();
                mark(&mut drawing, (x, y), &class(&notes[place]), first);
            }
        }
    }
    drawing
}

/// A finger's place with the note's name; a root is square.
fn mark(drawing: &mut Drawing, at: (f64, f64), name: &str, root: bool) {
    let (fill, ink) = if root { (ACCENT, "white") } else { ("white", INK) };
    if root {
        drawing.rect((at.0 - 15.0, at.1 - 15.0), (30.0, 30.0), fill, INK);
    } else {
        drawing.circle(at, 16.0, fill, INK);
    }
    let size = if name.chars().count() > 2 { 11.0 } else { 15.0 };
    drawing.text(at, Anchor::Middle, size, ink, true, name);
}

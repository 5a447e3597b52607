//! Things in a ring: the circle of fifths, a scale among the semitones, the steps of a rhythm.

use super::{ACCENT, Anchor, Drawing, INK, PALE, class, signs};
use crate::theory::{Key, Note, Scale};

const SIZE: f64 = 460.0;
const MIDDLE: (f64, f64) = (SIZE / 2.0, SIZE / 2.0);

/// A place on a circle, clockwise from the top; `turn` is a part of the whole.
fn at(radius: f64, turn: f64) -> (f64, f64) {
    let angle = std::f64::consts::TAU * turn;
    (MIDDLE.0 + radius * angle.sin(), MIDDLE.1 - radius * angle.cos())
}

/// A sector between two radii and two turns.
fn sector(inner: f64, outer: f64, from: f64, to: f64) -> String {
    let ((ax, ay), (bx, by)) = (at(outer, from), at(outer, to));
    let ((cx, cy), (dx, dy)) = (at(inner, to), at(inner, from));
    format!(
        "M{ax:.1} {ay:.1} A{outer} {outer} 0 0 1 {bx:.1} {by:.1} L{cx:.1} {cy:.1} A{inner} {inner} 0 0 0 {dx:.1} {dy:.1} Z"
    )
}

/// The circle of fifths: majors outside, relative minors inside, signatures around. The key's field is thick and filled, those
/// of its neighbours are dashed.
pub fn circle(key: Option<&Key>) -> Drawing {
    let mut drawing = Drawing::new(SIZE, SIZE);
    let top = Note { letter: 0, alteration: 0, octave: None };
    let near = key.map(Key::near).unwrap_or_default();
    let same = |a: &Key, b: &Key| a.minor == b.minor && a.tonic.chroma() == b.tonic.chroma();
    for i in 0..12i32 {
        let major = Key { tonic: top.fifths(if i > 6 { i - 12 } else { i }), minor: false };
        let minor = major.relative();
        let (from, to, middle) = ((f64::from(i) - 0.5) / 12.0, (f64::from(i) + 0.5) / 12.0, f64::from(i) / 12.0);
        let names = [(&major, 115.0, 185.0, class(&major.tonic), 24.0), (&minor, 60.0, 115.0, low(&minor), 17.0)];
        for (own, inner, outer, name, size) in names {
            let chosen = key.is_some_and(|key| same(own, key));
            let neighbour = near.iter().any(|n| same(own, n));
            let fill = if chosen {
                ACCENT
            } else if neighbour {
                "#e6eef8"
            } else {
                "white"
            };
            drawing.path(&sector(inner, outer, from, to), fill, INK, if chosen { 4.0 } else { 1.5 });
            if neighbour {
                let inset = sector(inner + 5.0, outer - 5.0, from + 0.006, to - 0.006);
                drawing.add(&format!(
                    r#"path d="{inset}" fill="none" stroke="{ACCENT}" stroke-width="1.5" stroke-dasharray="5 4""#
                ));
            }
            let place = at((inner + outer) / 2.0, middle);
            drawing.text(place, Anchor::Middle, size, if chosen { "white" } else { INK }, chosen, &name);
        }
        let count = major.signature();
        let sign = match count {
            0 => "0".to_string(),
            // F sharp and G flat are the same keys.
            6 => "6♯ 6♭".to_string(),
            n if n > 0 => format!("{n}♯"),
            n => format!("{}♭", -n),
        };
        drawing.text(at(206.0, middle), Anchor::Middle, 14.0, PALE, false, &sign);
    }
    if let Some(key) = key {
        let (tonic, mode) = (class(&key.tonic), if key.minor { "minor" } else { "major" });
        drawing.text((MIDDLE.0, MIDDLE.1 - 11.0), Anchor::Middle, 22.0, INK, true, &tonic);
        drawing.text((MIDDLE.0, MIDDLE.1 + 13.0), Anchor::Middle, 15.0, INK, false, mode);
    }
    drawing
}

/// A minor key's name as analysis writes it: small.
fn low(key: &Key) -> String {
    let name = key.tonic.class().name();
    let (letter, rest) = name.split_at(1);
    signs(&(letter.to_lowercase() + rest))
}

/// The twelve semitones in a ring: a scale's notes named and joined, the others small and empty. The tonic is square.
pub fn wheel(scale: &Scale) -> Drawing {
    let mut drawing = Drawing::new(SIZE, SIZE);
    let notes = scale.notes();
    let own = |i: i32| notes.iter().find(|n| (n.chroma() - scale.tonic.chroma()).rem_euclid(12) == i);
    let turn = |i: i32| f64::from(i) / 12.0;
    drawing.circle(MIDDLE, 170.0, "none", PALE);
    let corners: Vec<String> = (0..12)
        .filter(|i| own(*i).is_some())
        .map(|i| at(170.0, turn(i)))
        .map(|(x, y)| format!("{x:.1} {y:.1}"))
        .collect();
    drawing.path(&format!("M{} Z", corners.join(" L")), "#e6eef8", ACCENT, 2.5);
    for i in 0..12 {
        let place = at(170.0, turn(i));
        match own(i) {
            Some(note) if i == 0 => {
                drawing.rect((place.0 - 24.0, place.1 - 24.0), (48.0, 48.0), ACCENT, INK);
                drawing.text(place, Anchor::Middle, 21.0, "white", true, &class(note));
            }
            Some(note) => {
                drawing.circle(place, 24.0, "white", INK);
                drawing.text(place, Anchor::Middle, 19.0, INK, true, &class(note));
            }
            None => drawing.circle(place, 5.0, "white", PALE),
        }
    }
    let (tonic, name) = (class(&scale.tonic), scale.name);
    drawing.text((MIDDLE.0, MIDDLE.1 - 13.0), Anchor::Middle, 24.0, INK, true, &tonic);
    drawing.text((MIDDLE.0, MIDDLE.1 + 15.0), Anchor::Middle, 17.0, INK, false, name);
    drawing
}

/// The steps of a rhythm as beads: those that sound large, filled and joined, the others small and empty, all numbered.
pub fn necklace(steps: &[bool]) -> Drawing {
    let mut drawing = Drawing::new(SIZE, SIZE);
    let count = steps.len().max(1) as f64;
    let bead = (480.0 / count).clamp(8.0, 22.0);
    drawing.circle(MIDDLE, 160.0, "none", PALE);
    let place = |i: usize, radius: f64| at(radius, i as f64 / count);
    let sounding: Vec<String> = (0..steps.len())
        .filter(|i| steps[*i])
        .map(|i| place(i, 160.0))
        .map(|(x, y)| format!("{x:.1} {y:.1}"))
        .collect();
    if sounding.len() > 1 {
        drawing.path(&format!("M{} Z", sounding.join(" L")), "#e6eef8", ACCENT, 2.5);
    }
    for (i, sounds) in steps.iter().enumerate() {
        match sounds {
            true => drawing.circle(place(i, 160.0), bead, ACCENT, INK),
            false => drawing.circle(place(i, 160.0), bead / 2.5, "white", PALE),
        }
        let colour = if *sounds { INK } else { PALE };
        let number = (i + 1).to_string();
        drawing.text(place(i, 160.0 + 22.0 + bead), Anchor::Middle, 14.0, colour, *sounds, &number);
    }
    let told = format!("{} of {}", sounding.len(), steps.len());
    drawing.text(MIDDLE, Anchor::Middle, 22.0, INK, true, &told);
    drawing
}

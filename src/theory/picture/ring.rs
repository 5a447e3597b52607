//! Things in a ring, clockwise from the top: the circle of fifths, the notes of a scale, the steps of a rhythm.

use super::Grid;
use crate::theory::{Key, Note, Scale};

/// The most things in a ring.
const MOST: usize = 32;

/// Labels in a ring, with a word in the middle. More than 32 are cut off.
fn ring(labels: &[String], middle: &str) -> String {
    let labels = &labels[..labels.len().min(MOST)];
    let widest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(1);
    // Neighbours at the top and bottom lie side by side.
    let radius = (labels.len() as f64 * (widest as f64 + 2.0) / 10.0).clamp(4.0, 9.0);
    let (across, down) = (radius * 2.2, radius);
    let left = widest as f64 / 2.0;
    let mut grid = Grid::new((2.0 * across + widest as f64 + 3.0) as usize, 2 * down.ceil() as usize + 1);
    for (i, label) in labels.iter().enumerate() {
        let angle = std::f64::consts::TAU * i as f64 / labels.len() as f64;
        let (x, y) = (across + across * angle.sin(), down.ceil() - down * angle.cos());
        let shift = left - label.chars().count() as f64 / 2.0;
        grid.write(y.round() as usize, (x + shift).round() as usize, label);
    }
    let start = across + left - middle.chars().count() as f64 / 2.0;
    grid.write(down.ceil() as usize, start.max(0.0).round() as usize, middle);
    grid.text()
}

/// The circle of fifths, the key in brackets and its neighbours in parentheses; small letters are the relative minors.
pub fn circle(key: Option<&Key>) -> String {
    let top = Note { letter: 0, alteration: 0, octave: None };
    let near = key.map(Key::near).unwrap_or_default();
    let same = |a: &Key, b: &Key| a.minor == b.minor && a.tonic.chroma() == b.tonic.chroma();
    let labels: Vec<String> = (0..12)
        .map(|i| {
            let major = Key { tonic: top.fifths(if i > 6 { i - 12 } else { i }), minor: false };
            let minor = major.relative();
            let all = [&major, &minor];
            let name = format!("{} {}", major.tonic, minor.tonic.name().to_lowercase());
            if key.is_some_and(|key| all.iter().any(|k| same(k, key))) {
                format!("[{name}]")
            } else if near.iter().any(|n| all.iter().any(|k| same(k, n))) {
                format!("({name})")
            } else {
                name
            }
        })
        .collect();
    ring(&labels, &key.map(Key::name).unwrap_or_default())
}

/// The steps of a rhythm in a ring, those that sound filled.
pub fn necklace(steps: &[bool]) -> String {
    let labels: Vec<String> = steps.iter().map(|sounds| if *sounds { "●" } else { "·" }.to_string()).collect();
    ring(&labels, &format!("{} of {}", steps.iter().filter(|sounds| **sounds).count(), steps.len()))
}

/// The twelve semitones in a ring: a scale's notes by name, the others as dots.
pub fn wheel(scale: &Scale) -> String {
    let notes = scale.notes();
    let label = |i: i32| {
        let own = notes.iter().find(|n| (n.chroma() - scale.tonic.chroma()).rem_euclid(12) == i);
        own.map_or("·".to_string(), |n| n.class().name())
    };
    ring(&(0..12).map(label).collect::<Vec<_>>(), scale.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_neighbours_stand_out_without_colour() {
        let text = circle(Some(&Key::parse("D major").unwrap()));
        assert!(text.contains("[D b]") && text.contains("(G e)") && text.contains("(A f#)"), "{text}");
        assert_eq!(circle(None).split_whitespace().count(), 24);
    }

    #[test]
    fn a_wheel_has_a_scales_notes_and_dots_between() {
        let text = wheel(&Scale::parse("D dorian").unwrap());
        assert_eq!(text.matches('·').count(), 5, "{text}");
        assert!(text.lines().next().unwrap().contains('D') && text.contains("dorian"), "{text}");
    }

    #[test]
    fn every_label_of_a_ring_is_there_whole() {
        for count in 1..=32 {
            let labels: Vec<String> = (0..count).map(|i| format!("x{i}")).collect();
            let text = ring(&labels, "");
            assert_eq!(text.split_whitespace().count(), count, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80));
        }
        assert_eq!(ring(&[], "").trim(), "");
    }
}

//! Notes on a staff as they are engraved: clefs, signature, heads, stems, ledger lines, accidentals that keep out of each other's way.

use super::glyphs::{self, Place};
use super::{Anchor, Drawing, INK, PALE, signs};
use crate::theory::picture::rising;
use crate::theory::{Key, Note};

/// Pixels between two lines.
const SPACE: f64 = 12.0;
/// Spaces from the edge to the first line above and from the last one below, at least.
const MARGIN: f64 = 4.0;
/// Spaces between the two staves.
const BETWEEN: f64 = 6.0;
const LEFT: f64 = 18.0;
/// Pixels of a letter of the names below.
const LETTER: f64 = 8.5;
/// The most chords on one staff.
const MOST: usize = 24;
/// Diatonic steps, C0 being 0, from which the treble staff is written: middle C.
const MIDDLE: i32 = 28;

/// Where sharps stand in a treble signature, in their order, and flats.
const SHARPS: [i32; 7] = [38, 35, 39, 36, 33, 37, 34];
const FLATS: [i32; 7] = [34, 37, 33, 36, 32, 35, 31];

fn step(note: &Note) -> i32 {
    i32::from(note.letter) + 7 * note.octave.unwrap_or(4)
}

/// Five lines: the step of the lowest, and the pixel it stands at.
#[derive(Clone, Copy)]
struct Staff {
    lowest: i32,
    y: f64,
}

impl Staff {
    fn at(&self, step: i32) -> f64 {
        self.y - f64::from(step - self.lowest) * SPACE / 2.0
    }
}

/// What a signature says of each letter; signatures beyond seven signs are written out.
fn signature(key: Option<&Key>) -> (i32, [i32; 7]) {
    let mut altered = [0; 7];
    let count = key.map_or(0, Key::signature);
    if count.abs() > 7 {
        return (0, altered);
    }
    let order = if count > 0 { SHARPS } else { FLATS };
    for step in &order[..count.unsigned_abs() as usize] {
        altered[step.rem_euclid(7) as usize] = count.signum();
    }
    (count, altered)
}

/// One chord after another; what is over after twenty-four is left out.
pub fn staff(chords: &[Vec<Note>], key: Option<&Key>) -> Drawing {
    let placed = |chord: &Vec<Note>| rising(&chord.iter().map(|n| n.at(n.octave.unwrap_or(4))).collect::<Vec<_>>());
    let chords: Vec<Vec<Note>> = chords.iter().take(MOST).map(placed).collect();
    let steps: Vec<i32> = chords.iter().flatten().map(step).collect();
    let treble = steps.is_empty() || steps.iter().any(|s| *s >= MIDDLE);
    let bass = steps.iter().any(|s| *s < MIDDLE);
    let highest = steps.iter().copied().max().unwrap_or(MIDDLE).min(80);
    let lowest = steps.iter().copied().min().unwrap_or(MIDDLE).max(-20);
    let above = |top: i32| (f64::from((highest - top).max(0)) / 2.0 + MARGIN) * SPACE;
    let below = |low: i32| (f64::from((low - lowest).max(0)) / 2.0 + MARGIN) * SPACE;
    let first = if treble { above(38) } else { above(26) } + 4.0 * SPACE;
    let upper = treble.then_some(Staff { lowest: 30, y: first });
    let lower = bass.then_some(Staff { lowest: 18, y: if treble { first + (BETWEEN + 4.0) * SPACE } else { first } });
    let staves: Vec<Staff> = upper.into_iter().chain(lower).collect();
    let (count, altered) = signature(key);
    let columns: Vec<Column> = chords.iter().map(|chord| Column::of(chord, &altered)).collect();
    let begin = LEFT + 3.6 * SPACE + f64::from(count.abs()) * 1.05 * SPACE + SPACE;
    let width = begin + columns.iter().map(Column::width).sum::<f64>() + LEFT;
    let bottom = staves.last().map_or(first, |staff| staff.y) + below(if bass { 18 } else { 30 });
    let mut drawing = Drawing::new(width.max(180.0), bottom + 30.0);
    ruled(&mut drawing, &staves, count);
    let mut x = begin;
    for (column, chord) in columns.iter().zip(&chords) {
        let middle = x + column.left() + 0.6 * SPACE;
        for staff in &staves {
            column.draw(&mut drawing, staff, middle);
        }
        let names: Vec<String> = chord.iter().map(|n| signs(&n.name())).collect();
        let at = (x + column.width() / 2.0, bottom + 10.0);
        drawing.text(at, Anchor::Middle, 13.0, PALE, false, &names.join(" "));
        x += column.width();
    }
    drawing
}

/// The lines with their clefs and signatures.
fn ruled(drawing: &mut Drawing, staves: &[Staff], count: i32) {
    let right = drawing.width - LEFT / 2.0;
    for staff in staves {
        for line in 0..5 {
            let y = staff.at(staff.lowest + 2 * line);
            drawing.line((LEFT, y), (right, y), 1.2, INK);
        }
        let treble = staff.lowest == 30;
        let line = staff.at(if treble { 32 } else { 24 });
        let place = Place { x: LEFT + 0.5 * SPACE, y: line, space: SPACE };
        let clef = if treble { place.treble() } else { place.bass() };
        drawing.path(&clef, INK, "none", 0.0);
        let order = if count > 0 { SHARPS } else { FLATS };
        for (i, step) in order.iter().take(count.unsigned_abs() as usize).enumerate() {
            // The bass staff's letters stand two octaves lower.
            let step = if treble { *step } else { step - 14 };
            let x = LEFT + (4.0 + 1.05 * i as f64) * SPACE;
            let sign = Place { x, y: staff.at(step), space: SPACE }.accidental(count.signum());
            drawing.path(&sign, INK, "none", 0.0);
        }
    }
    if let [upper, lower] = staves {
        drawing.line((LEFT, upper.at(38)), (LEFT, lower.y), 2.0, INK);
    }
    if let (Some(first), Some(last)) = (staves.first(), staves.last()) {
        drawing.line((right, first.at(first.lowest + 8)), (right, last.y), 2.0, INK);
    }
}

/// A chord with what has to be drawn beside its heads.
struct Column {
    steps: Vec<i32>,
    /// Step, sign, and how many spaces left of the heads it stands.
    accidentals: Vec<(i32, i32, f64)>,
    letters: usize,
}

impl Column {
    fn of(chord: &[Note], altered: &[i32; 7]) -> Column {
        let steps: Vec<i32> = chord.iter().map(step).collect();
        let written: Vec<&Note> =
            chord.iter().filter(|n| n.alteration != altered[n.letter as usize] || doubled(chord, n)).collect();
        let mut accidentals: Vec<(i32, i32, f64)> = Vec::new();
        // From above, each in the first place where nothing within a sixth stands.
        for note in written.iter().rev() {
            let (at, wide) = (step(note), glyphs::width(note.alteration));
            let mut left = 0.35;
            let mut others: Vec<_> = accidentals.iter().filter(|(other, ..)| (other - at).abs() < 6).collect();
            others.sort_by(|a, b| a.2.total_cmp(&b.2));
            for (_, sign, place) in others {
                if left + wide > place - 0.1 && left < place + glyphs::width(*sign) + 0.1 {
                    left = place + glyphs::width(*sign) + 0.15;
                }
            }
            accidentals.push((at, note.alteration, left));
        }
        let letters = chord.iter().map(|n| n.name().chars().count() + 1).sum();
        Column { steps, accidentals, letters }
    }

    /// Pixels left of the heads.
    fn left(&self) -> f64 {
        let most = self.accidentals.iter().map(|(_, sign, left)| left + glyphs::width(*sign)).fold(0.0, f64::max);
        let second = if self.steps.windows(2).any(|two| two[1] - two[0] < 2) { 1.2 } else { 0.0 };
        (most + second).max((self.letters as f64 * LETTER - 1.2 * SPACE) / 2.0 / SPACE) * SPACE + 0.6 * SPACE
    }

    fn width(&self) -> f64 {
        (self.left() + 2.6 * SPACE).max(self.letters as f64 * LETTER + SPACE)
    }

    /// What of the chord belongs to this staff, its heads in the middle at `x`.
    fn draw(&self, drawing: &mut Drawing, staff: &Staff, x: f64) {
        let treble = staff.lowest == 30;
        let steps: Vec<i32> = self.steps.iter().copied().filter(|s| (*s >= MIDDLE) == treble).collect();
        let (Some(low), Some(high)) = (steps.first(), steps.last()) else { return };
        let middle = staff.lowest + 4;
        // The stem points to where the staff is, seen from the note farthest from its middle line.
        let up = middle - low > high - middle;
        let sides = sides(&steps, up);
        for (step, side) in steps.iter().zip(&sides) {
            let at = x + side * 1.18 * SPACE;
            ledgers(drawing, staff, *step, at);
            let head = Place { x: at, y: staff.at(*step), space: SPACE }.head();
            drawing.path(&head, INK, "none", 0.0);
        }
        let side = if up { 0.57 } else { -0.57 } * SPACE;
        let (from, tip) = if up { (*low, high + 7) } else { (*high, low - 7) };
        // Stems of notes on ledger lines reach the middle line.
        let tip = if up { tip.max(middle) } else { tip.min(middle) };
        drawing.line((x + side, staff.at(from)), (x + side, staff.at(tip)), 1.6, INK);
        let shifted = sides.iter().any(|side| *side < 0.0);
        for (step, sign, left) in self.accidentals.iter().filter(|(s, ..)| steps.contains(s)) {
            let shift = if shifted { 1.18 } else { 0.0 };
            let at = x - (0.6 + shift + left + glyphs::width(*sign) / 2.0) * SPACE;
            let sign = Place { x: at, y: staff.at(*step), space: SPACE }.accidental(*sign);
            drawing.path(&sign, INK, "none", 0.0);
        }
    }
}

/// Whether a letter stands twice at one place: C and C sharp in one chord both need their signs.
fn doubled(chord: &[Note], note: &Note) -> bool {
    chord.iter().filter(|n| step(n) == step(note)).count() > 1
}

/// On which side of the stem each head stands: of two that are a second apart, one gives way.
fn sides(steps: &[i32], up: bool) -> Vec<f64> {
    let mut sides = vec![0.0; steps.len()];
    let order: Vec<usize> = if up { (0..steps.len()).collect() } else { (0..steps.len()).rev().collect() };
    for two in order.windows(2) {
        if (steps[two[0]] - steps[two[1]]).abs() < 2 && sides[two[0]] == 0.0 {
            sides[two[1]] = if up { 1.0 } else { -1.0 };
        }
    }
    sides
}

/// Short lines between a staff and a note outside it.
fn ledgers(drawing: &mut Drawing, staff: &Staff, step: i32, x: f64) {
    let (bottom, top) = (staff.lowest, staff.lowest + 8);
    let lines = (step..bottom).chain(top + 1..=step).filter(|line| (line - bottom) % 2 == 0);
    for line in lines {
        let y = staff.at(line);
        drawing.line((x - 1.05 * SPACE, y), (x + 1.05 * SPACE, y), 1.4, INK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> Vec<Note> {
        text.split(' ').map(|n| Note::parse(n).unwrap()).collect()
    }

    #[test]
    fn only_what_the_signature_does_not_say_has_a_sign() {
        let (count, altered) = signature(Key::parse("Eb major").ok().as_ref());
        assert_eq!((count, altered), (-3, [0, 0, -1, 0, 0, -1, -1]));
        let column = Column::of(&chord("Eb4 G4 B4"), &altered);
        let signs: Vec<i32> = column.accidentals.iter().map(|(_, sign, _)| *sign).collect();
        assert_eq!(signs, [0], "B natural");
        assert_eq!(signature(Key::parse("G# major").ok().as_ref()).0, 0, "eight sharps are written out");
    }

    #[test]
    fn seconds_stand_on_both_sides_of_the_stem() {
        assert_eq!(sides(&[30, 31, 33], true), [0.0, 1.0, 0.0]);
        assert_eq!(sides(&[30, 31, 32], false), [0.0, -1.0, 0.0]);
    }

    #[test]
    fn signs_close_to_each_other_stand_side_by_side() {
        let column = Column::of(&chord("C#4 E#4 G#4 B#4 C#6"), &[0; 7]);
        for (i, (one, sign, left)) in column.accidentals.iter().enumerate() {
            for (other, _, place) in &column.accidentals[..i] {
                let apart = (place - left).abs() >= glyphs::width(*sign);
                assert!((one - other).abs() >= 6 || apart, "{:?}", column.accidentals);
            }
        }
    }
}

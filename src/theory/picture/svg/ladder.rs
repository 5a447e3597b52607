//! A ladder of notes to scale: rungs with names, brackets with the intervals between neighbours, words for the way from the lowest.

use super::{ACCENT, Anchor, Drawing, INK, PALE, signs};
use crate::theory::Note;
use crate::theory::picture::ladder::rungs;

/// Pixels of a half step, and the least between two rungs.
const STEP: f64 = 22.0;
const LEAST: f64 = 34.0;

pub fn ladder(notes: &[Note]) -> Drawing {
    let rungs = rungs(notes);
    let mut heights: Vec<f64> = Vec::new();
    for rung in &rungs {
        let way = rung.step.map_or(0.0, |step| (STEP * f64::from(step.semitones).min(12.0)).max(LEAST));
        heights.push(heights.last().map_or(0.0, |below| below + way));
    }
    let height = heights.last().copied().unwrap_or(0.0) + 68.0;
    let mut drawing = Drawing::new(560.0, height);
    let (left, right) = (74.0, 150.0);
    let y = |at: f64| height - 34.0 - at;
    if let Some(top) = heights.last() {
        for x in [left, right] {
            drawing.line((x, y(0.0) + 14.0), (x, y(*top) - 14.0), 3.0, PALE);
        }
    }
    for (i, rung) in rungs.iter().enumerate() {
        let at = y(heights[i]);
        drawing.line((left, at), (right, at), 5.0, if i == 0 { ACCENT } else { INK });
        drawing.text((left - 14.0, at), Anchor::End, 18.0, INK, true, &signs(&rung.note.name()));
        let words = match (&rung.above, &rung.step) {
            (Some(above), _) => {
                let plural = if above.semitones == 1 { "" } else { "s" };
                format!("{}: {} half step{plural}", above.words(), above.semitones)
            }
            _ => "the lowest".to_string(),
        };
        drawing.text((right + 86.0, at), Anchor::Start, 15.0, INK, false, &words);
        if let (Some(step), Some(below)) = (&rung.step, i.checked_sub(1)) {
            let (from, to) = (y(heights[below]) - 5.0, at + 5.0);
            let x = right + 12.0;
            drawing.path(&format!("M{x} {from:.1} h8 V{to:.1} h-8"), "none", INK, 1.5);
            drawing.text((x + 16.0, (from + to) / 2.0), Anchor::Start, 14.0, ACCENT, true, &step.name());
        }
    }
    drawing
}

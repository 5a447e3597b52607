//! A ladder: notes above each other, as far apart as they sound, with the interval of each to its neighbour and to the lowest.

use super::{Grid, rising};
use crate::theory::{Interval, Note};

/// Rungs of a ladder; what is over is left out.
pub const MOST: usize = 12;
/// Semitones that are drawn to scale; wider ladders are closed up.
const WIDEST: i32 = 28;

/// A rung: its note, the way to the one below it, and the way to the lowest.
pub struct Rung {
    pub note: Note,
    pub step: Option<Interval>,
    pub above: Option<Interval>,
}

/// The rungs of these notes, lowest first. Notes without octaves rise one above the other in the order given.
pub fn rungs(notes: &[Note]) -> Vec<Rung> {
    let mut placed: Vec<Note> = Vec::new();
    for note in notes {
        let mut note = note.at(note.octave.unwrap_or(4));
        while notes.iter().any(|n| n.octave.is_none()) && placed.last().is_some_and(|last| last.midi() >= note.midi()) {
            note = note.at(note.octave.unwrap_or(4) + 1);
        }
        placed.push(note);
    }
    let placed: Vec<Note> = rising(&placed).into_iter().take(MOST).collect();
    let rung = |(i, note): (usize, &Note)| Rung {
        note: *note,
        step: i.checked_sub(1).map(|below| Interval::between(placed[below], *note)),
        above: (i > 0).then(|| Interval::between(placed[0], *note)),
    };
    placed.iter().enumerate().map(rung).collect()
}

/// The ladder, its highest rung above.
pub fn ladder(notes: &[Note]) -> String {
    let rungs = rungs(notes);
    let Some(low) = rungs.first().map(|rung| rung.note.midi()) else { return String::new() };
    let span = rungs.last().map_or(0, |rung| rung.note.midi() - low);
    // A row for each semitone, or two rows for each rung where that would be too high.
    let row = |i: usize, rung: &Rung| if span <= WIDEST { rung.note.midi() - low } else { 2 * i as i32 };
    let height = rungs.iter().enumerate().map(|(i, rung)| row(i, rung)).max().unwrap_or(0);
    let mut grid = Grid::new(76, height as usize + 1);
    let mut below = 0;
    for (i, rung) in rungs.iter().enumerate() {
        let at = row(i, rung);
        grid.write((height - at) as usize, 0, &format!("{:>5} ├──┤", rung.note.name()));
        let words = rung.above.map_or("the lowest".to_string(), |above| {
            format!("{} above {}: {} half steps", above.words(), rungs[0].note.name(), above.semitones)
        });
        grid.write((height - at) as usize, 18, &words);
        for between in below + 1..at {
            grid.write((height - between) as usize, 6, "│  │");
        }
        if let Some(step) = rung.step
            && at > below + 1
        {
            grid.write((height - (at + below) / 2) as usize, 11, &step.name());
        } else if let Some(step) = rung.step {
            grid.write((height - at) as usize, 11, &step.name());
        }
        below = at;
    }
    grid.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> Vec<Note> {
        text.split(' ').map(|n| Note::parse(n).unwrap()).collect()
    }

    #[test]
    fn a_ladder_is_to_scale_and_names_each_way() {
        let expected = "
   G4 ├──┤        perfect fifth above C4: 7 half steps
      │  │
      │  │ m3
   E4 ├──┤        major third above C4: 4 half steps
      │  │
      │  │ M3
      │  │
   C4 ├──┤        the lowest";
        assert_eq!(format!("\n{}", ladder(&notes("C4 E4 G4"))), expected);
    }

    #[test]
    fn notes_without_octaves_rise_and_wide_ladders_stay_on_a_screen() {
        let names: Vec<String> = rungs(&notes("G B D F")).iter().map(|rung| rung.note.name()).collect();
        assert_eq!(names, ["G4", "B4", "D5", "F5"]);
        let wide = ladder(&notes("C0 C9 Bb4 B4"));
        assert!(wide.lines().count() < 10 && wide.lines().all(|line| line.chars().count() <= 80), "{wide}");
        assert_eq!(ladder(&[]), "");
    }
}

//! Piano keys with the names of notes on those that sound.

use super::Grid;
use crate::theory::Note;

/// Columns of a white key with its left edge.
const WHITE: usize = 4;
/// The white key to the left of each black one, by its place in the octave.
pub const BLACK: [(i32, usize); 5] = [(1, 0), (3, 1), (6, 3), (8, 4), (10, 5)];
/// Semitones of the white keys.
pub const NATURAL: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
/// The most octaves that are drawn side by side.
const OCTAVES: i32 = 2;

/// The keyboard around these notes; notes without octaves, or further apart than two octaves, are shown in one.
pub fn keys(notes: &[Note]) -> String {
    let (low, octaves, folded) = span(notes);
    drawn(notes, low, octaves, folded)
}

/// The lowest octave that is drawn, how many, and whether all octaves are drawn as one.
pub fn span(notes: &[Note]) -> (i32, i32, bool) {
    let octave = |n: &Note| n.octave.map(|_| n.midi().div_euclid(12));
    let octaves: Option<Vec<i32>> = notes.iter().map(octave).collect();
    let span = octaves.and_then(|all| Some((*all.iter().min()?, *all.iter().max()?)));
    match span.filter(|(low, high)| high - low < OCTAVES) {
        Some((low, high)) => (low, high - low + 1, false),
        None => (0, 1, true),
    }
}

fn drawn(notes: &[Note], low: i32, octaves: i32, folded: bool) -> String {
    let whites = 7 * octaves as usize;
    let width = WHITE * whites + 1;
    let mut grid = Grid::new(width, 7);
    let sounds = |semitone: i32, octave: i32| {
        let fits = |n: &&Note| n.chroma() == semitone && (folded || n.midi().div_euclid(12) == octave);
        notes.iter().find(fits).map(|n| n.class().name())
    };
    grid.write(0, 0, &format!("┌{}┐", "─".repeat(width - 2)));
    for row in 1..6 {
        for white in 0..=whites {
            // Above, only E and B have their right neighbour beside them.
            if row > 3 || matches!(white % 7, 0 | 3) {
                grid.write(row, WHITE * white, "│");
            }
        }
    }
    let bottom: String = (0..=whites)
        .map(|white| {
            if white == 0 {
                "└"
            } else if white == whites {
                "───┘"
            } else {
                "───┴"
            }
        })
        .collect();
    grid.write(6, 0, &bottom);
    for octave in 0..octaves {
        let left = 7 * octave as usize;
        for (semitone, white) in BLACK {
            let column = WHITE * (left + white + 1) - 1;
            let name = sounds(semitone, low + octave);
            (1..3).for_each(|row| grid.write(row, column, "███"));
            grid.write(3, column, &name.map_or("███".to_string(), |name| format!("{name:^3}")));
        }
        for (white, semitone) in NATURAL.into_iter().enumerate() {
            if let Some(name) = sounds(semitone, low + octave) {
                grid.write(5, WHITE * (left + white) + 1, &format!("{name:^3}"));
            }
        }
    }
    grid.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_that_sound_carry_their_names() {
        let notes: Vec<Note> = ["C4", "Eb4", "G4"].iter().map(|n| Note::parse(n).unwrap()).collect();
        let expected = "\
┌───────────────────────────┐
│  ███ ███  │  ███ ███ ███  │
│  ███ ███  │  ███ ███ ███  │
│  ███ Eb   │  ███ ███ ███  │
│   │   │   │   │   │   │   │
│ C │   │   │   │ G │   │   │
└───┴───┴───┴───┴───┴───┴───┘";
        assert_eq!(keys(&notes), expected);
    }

    #[test]
    fn no_keyboard_is_wider_than_a_terminal() {
        for far in ["C4", "B4", "C5", "C8"] {
            let notes: Vec<Note> = ["E4", far].iter().map(|n| Note::parse(n).unwrap()).collect();
            let text = keys(&notes);
            assert!(text.lines().all(|line| line.chars().count() <= 80) && text.contains('E'), "{text}");
        }
        assert!(keys(&[]).contains('┌'));
    }
}

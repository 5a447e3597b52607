//! Pictures of theory in plain text, at most 80 columns wide: piano keys, a guitar's neck, a staff, and things in a ring.

mod frets;
mod keys;
mod ring;
mod staff;

pub use frets::{neck, shape};
pub use keys::keys;
pub use ring::{circle, ring, wheel};
pub use staff::staff;

/// Characters in rows, written over each other.
struct Grid {
    rows: Vec<Vec<char>>,
}

impl Grid {
    fn new(width: usize, height: usize) -> Grid {
        Grid { rows: vec![vec![' '; width]; height] }
    }

    /// Writes a text from a place to the right; what does not fit is left out.
    fn write(&mut self, row: usize, column: usize, text: &str) {
        let Some(row) = self.rows.get_mut(row) else { return };
        for (place, letter) in row.iter_mut().skip(column).zip(text.chars()) {
            *place = letter;
        }
    }

    /// The rows, without blanks at their ends.
    fn text(&self) -> String {
        let rows = self.rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_string());
        rows.collect::<Vec<_>>().join("\n")
    }
}

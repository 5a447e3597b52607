//! Pictures of theory: piano keys, a guitar's neck, a staff, a ladder of intervals, and things in a ring.
//!
//! Each is a value that can be drawn in plain text (at most 80 columns), told in sentences, or written as SVG.

mod frets;
mod keys;
mod ladder;
mod ring;
mod spoken;
mod staff;
mod svg;

use super::fretboard::Shape;
use super::{Chord, Key, Note, Scale};

/// What is to be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Picture {
    /// Piano keys with these notes on them.
    Keys(Vec<Note>),
    /// A chord as a hand holds it on a guitar.
    Hand(Chord, Shape),
    /// Where notes lie on a guitar's neck, up to the twelfth fret.
    Neck(Vec<Note>),
    /// One chord after another on a staff, perhaps with a key's signature.
    Staff(Vec<Vec<Note>>, Option<Key>),
    /// The circle of fifths, perhaps around a key.
    Circle(Option<Key>),
    /// A scale's notes among the twelve semitones.
    Wheel(Scale),
    /// The steps of a rhythm, each sounding or not.
    Necklace(Vec<bool>),
    /// Notes above each other, with the intervals between them.
    Ladder(Vec<Note>),
}

impl Picture {
    /// In characters, at most 80 columns wide.
    pub fn text(&self) -> String {
        match self {
            Picture::Keys(notes) => keys::keys(notes),
            Picture::Hand(chord, shape) => frets::shape(chord, shape),
            Picture::Neck(notes) => frets::neck(notes),
            Picture::Staff(chords, _) => staff::staff(chords),
            Picture::Circle(key) => ring::circle(key.as_ref()),
            Picture::Wheel(scale) => ring::wheel(scale),
            Picture::Necklace(steps) => ring::necklace(steps),
            Picture::Ladder(notes) => ladder::ladder(notes),
        }
    }

    /// In sentences, for who does not see it.
    pub fn spoken(&self) -> String {
        spoken::spoken(self)
    }

    /// As a file of Scalable Vector Graphics 1.1, with the sentences inside it.
    pub fn svg(&self) -> String {
        svg::svg(self)
    }
}

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

/// Notes from the lowest to the highest, each once.
fn rising(notes: &[Note]) -> Vec<Note> {
    let mut notes = notes.to_vec();
    notes.sort_by_key(|note| (note.midi(), note.letter));
    notes.dedup();
    notes
}

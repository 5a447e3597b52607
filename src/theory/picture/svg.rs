//! Pictures as Scalable Vector Graphics 1.1: black on white, one colour that never stands alone, and the sentences for who hears.

mod frets;
mod glyphs;
mod keys;
mod ladder;
mod ring;
mod staff;

use std::fmt::Write;

use super::Picture;
use crate::theory::Note;

/// The colour of what is meant; a shape or a label says the same.
const ACCENT: &str = "#1f5fa8";
const INK: &str = "#1a1a1a";
const PALE: &str = "#8a8a8a";

pub fn svg(picture: &Picture) -> String {
    let drawing = match picture {
        Picture::Keys(notes) => keys::keys(notes),
        Picture::Hand(chord, shape) => frets::hand(chord, shape),
        Picture::Neck(notes) => frets::neck(notes),
        Picture::Staff(chords, key) => staff::staff(chords, key.as_ref()),
        Picture::Circle(key) => ring::circle(key.as_ref()),
        Picture::Wheel(scale) => ring::wheel(scale),
        Picture::Necklace(steps) => ring::necklace(steps),
        Picture::Ladder(notes) => ladder::ladder(notes),
    };
    drawing.page(&picture.spoken())
}

/// A drawing under way, in pixels from the upper left.
struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

/// Where a text stands at its place.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    fn new(width: f64, height: f64) -> Drawing {
        Drawing { width, height, body: String::new() }
    }

    /// Adds an element with its attributes.
    fn add(&mut self, element: &str) {
        let _ = writeln!(self.body, "  <{element}/>");
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(&format!(
            r#"line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}" stroke-width="{width}""#
        ));
    }

    fn rect(&mut self, at: (f64, f64), size: (f64, f64), fill: &str, stroke: &str) {
        let ((x, y), (w, h)) = (at, size);
        self.add(&format!(
            r#"rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="3" fill="{fill}" stroke="{stroke}" stroke-width="1.5""#
        ));
    }

    fn circle(&mut self, at: (f64, f64), radius: f64, fill: &str, stroke: &str) {
        let (x, y) = at;
        self.add(&format!(
            r#"circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{fill}" stroke="{stroke}" stroke-width="1.5""#
        ));
    }

    /// A closed shape, or an open one where nothing fills it.
    fn path(&mut self, path: &str, fill: &str, stroke: &str, width: f64) {
        self.add(&format!(r#"path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width}""#));
    }

    /// A text whose middle line is at the place.
    fn text(&mut self, at: (f64, f64), anchor: Anchor, size: f64, fill: &str, bold: bool, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        // Capitals are 0.7 of the size high: half of that below the middle.
        let (x, y) = (at.0, at.1 + 0.35 * size);
        let weight = if bold { r#" font-weight="bold""# } else { "" };
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            r#"  <text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"{weight}>{text}</text>"#
        );
    }

    fn page(&self, told: &str) -> String {
        let Drawing { width, height, body } = self;
        let (title, told) = (escaped(told.split([':', '\n', ';']).next().unwrap_or(told)), escaped(told));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" font-family="'DejaVu Sans', Verdana, sans-serif">
  <title>{title}</title>
  <desc>{told}</desc>
  <rect width="{width:.0}" height="{height:.0}" fill="white"/>
{body}</svg>
"#
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A note's name with the signs of music: `E♭4`.
fn signs(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().collect();
    format!("{first}{}", letters.as_str().replace('b', "♭").replace('#', "♯"))
}

fn class(note: &Note) -> String {
    signs(&note.class().name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::fretboard::Shape;
    use crate::theory::{Chord, Key, Scale};

    fn notes(text: &str) -> Vec<Note> {
        text.split(' ').map(|n| Note::parse(n).unwrap()).collect()
    }

    #[test]
    fn every_picture_is_a_page_that_tells_itself_and_stays_inside_its_edges() {
        let chord = Chord::parse("F#m7b5").unwrap();
        let shape = Shape::of(&chord).unwrap();
        let pictures = [
            Picture::Keys(notes("C4 Eb4 G4")),
            Picture::Keys(vec![]),
            Picture::Hand(chord, shape),
            Picture::Neck(notes("E G B")),
            Picture::Staff(vec![notes("C4 E4 G#4"), notes("C2 Bb5 A6")], Key::parse("Eb major").ok()),
            Picture::Staff(vec![], None),
            Picture::Circle(Key::parse("D major").ok()),
            Picture::Circle(None),
            Picture::Wheel(Scale::parse("D dorian").unwrap()),
            Picture::Necklace(vec![true, false, false, true]),
            Picture::Ladder(notes("C4 E4 G4 B4")),
        ];
        for picture in pictures {
            let page = picture.svg();
            assert!(page.starts_with("<svg ") && page.ends_with("</svg>\n") && page.contains("<desc>"), "{page}");
            let number = |name: &str, line: &str| {
                let (_, rest) = line.split_once(&format!(" {name}=\""))?;
                rest.split_once('"')?.0.parse::<f64>().ok()
            };
            let size = (number("width", &page).unwrap(), number("height", &page).unwrap());
            for line in page.lines() {
                for (x, y) in [("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")] {
                    let inside = |at: Option<f64>, most: f64| at.is_none_or(|at| (0.0..=most).contains(&at));
                    assert!(inside(number(x, line), size.0) && inside(number(y, line), size.1), "{line} {size:?}");
                }
                assert!(!line.contains("NaN") && !line.contains("inf\""), "{line}");
            }
        }
    }

    #[test]
    fn names_carry_the_signs_of_music_and_texts_are_escaped() {
        assert_eq!((signs("Bb4"), signs("F##"), signs("B")), ("B♭4".into(), "F♯♯".into(), "B".into()));
        assert_eq!(escaped("a<b & c"), "a&lt;b &amp; c");
    }
}

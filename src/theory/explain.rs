//! Explanations: what a thing of theory is and does, in words a learner understands, with the terms to look up.

mod cadence;
mod progression;
mod things;

pub use cadence::Cadence;
pub use progression::{keys_of, likeliest, progression, setting};
pub use things::{chord, interval, key, note, scale};

use super::Note;

/// One sentence of an explanation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub text: String,
    /// The chord of a progression it speaks of, counted from 0.
    pub at: Option<usize>,
    /// The notes it speaks of.
    pub notes: Vec<Note>,
    /// The term to look up.
    pub term: Option<&'static str>,
}

/// What there is to say about something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    pub title: String,
    pub lines: Vec<Line>,
}

impl Explanation {
    fn new(title: impl Into<String>) -> Self {
        Explanation { title: title.into(), lines: Vec::new() }
    }

    fn say(&mut self, text: impl Into<String>) -> &mut Line {
        self.lines.push(Line { text: text.into(), ..Line::default() });
        self.lines.last_mut().expect("just pushed")
    }

    /// The terms of all lines, each once.
    pub fn terms(&self) -> Vec<&'static str> {
        let mut terms: Vec<&'static str> = Vec::new();
        for term in self.lines.iter().filter_map(|line| line.term) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }
}

impl Line {
    fn term(&mut self, term: &'static str) -> &mut Line {
        self.term = Some(term);
        self
    }

    fn notes(&mut self, notes: &[Note]) -> &mut Line {
        self.notes = notes.to_vec();
        self
    }

    fn at(&mut self, index: usize) -> &mut Line {
        self.at = Some(index);
        self
    }
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.title)?;
        for line in &self.lines {
            write!(f, "\n  {}", line.text)?;
        }
        match self.terms() {
            terms if terms.is_empty() => Ok(()),
            terms => write!(f, "\n  look up: {}", terms.join(", ")),
        }
    }
}

/// Names with blanks between them.
fn names(notes: &[Note]) -> String {
    notes.iter().map(Note::name).collect::<Vec<_>>().join(" ")
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

//! The journal: what was said and what came of it, one JSON object per line, appended before it is heard.
//!
//! Law: a live session's journal and a rehearsal written by hand are the same thing. A line with a number `n` waits for the
//! line that says what came of it (`of`); a line without one is simply meant. A key or a kind of line may be added, none
//! may change its meaning: a journal stays readable for ever.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Stage;
use super::plan::InTurn;
use crate::engine::Frames;

/// The REPL, as an owner of names.
pub const REPL: &str = "repl";

/// The version of the form of a journal, its header's `segue`.
pub const VERSION: u64 = 1;

/// Where in time something takes effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    Frame(Frames),
    Cycle(f64),
}

/// The texts of the files a text imports, by the path it names them with.
pub type Imports = Arc<BTreeMap<String, String>>;

/// A part of the piece that stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropped {
    /// In words: a track's name, `bus room`, `tempo`.
    pub part: Arc<str>,
    /// As it was so many edits ago.
    pub back: usize,
}

/// Something said.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A text by its owner: a file's path or `repl`. A rehearsal may leave the text to the file on disk.
    Text {
        owner: Arc<str>,
        text: Option<String>,
        imports: Imports,
    },
    /// A file that is played no more.
    Forget {
        owner: Arc<str>,
    },
    Stage(Stage),
    /// So many edits back.
    Undo(usize),
    /// So many of them forward again.
    Redo(usize),
    /// What waits for its time is dropped.
    Cancel(Vec<Dropped>),
    /// All that was said before this take (lines that are `past`) begins at this cycle.
    Resume(f64),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Takes effect at this frame, these parts in turn.
    Accepted(Frames, InTurn),
    Refused,
}

/// Where the music stood by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Milliseconds since 1970.
    pub wall: u64,
    pub at: Frames,
    pub cycle: f64,
    /// Cycles per second.
    pub cps: f64,
}

/// Seconds after which nobody waits any more for a piece that broke off.
const LONG: f64 = 600.0;

impl Mark {
    /// Where the music would stand at a time on the wall (milliseconds since 1970) had it gone on. After ten minutes, or
    /// where the clock was put back, it is the bar after the one in which it broke off.
    pub fn cycle_at(&self, wall: f64) -> f64 {
        let gone = (wall - self.wall as f64) / 1000.0;
        if (0.0..=LONG).contains(&gone) { self.cycle + gone * self.cps } else { self.cycle.floor() + 1.0 }
    }
}

impl Said {
    /// A text by its owner that imports nothing.
    pub fn text(owner: &str, text: &str) -> Said {
        Said::Text { owner: owner.into(), text: Some(text.into()), imports: Imports::default() }
    }
}

/// An open journal.
pub struct Journal {
    out: Box<dyn Write + Send>,
    count: u64,
}

impl Journal {
    /// Begins a journal: the header is written at once. `folder` is where the files' paths begin.
    pub fn begin(out: Box<dyn Write + Send>, rate: f64, seed: u64, folder: &str) -> io::Result<Journal> {
        let mut journal = Journal { out, count: 0 };
        journal.line(&json!({ "segue": VERSION, "rate": rate, "seed": seed, "folder": folder }))?;
        Ok(journal)
    }

    /// Writes what had been said before this take began, and where in the music.
    pub fn past(&mut self, cycle: f64, said: &Said) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("past".into(), true.into());
        line.insert("cycle".into(), cycle.into());
        write(said, &mut line);
        self.line(&Value::Object(line))
    }

    /// Writes what was said at a position and gives its number, by which its outcome is told later.
    pub fn said(&mut self, at: Frames, cycle: f64, said: &Said) -> io::Result<u64> {
        self.count += 1;
        let mut line = Map::new();
        line.insert("n".into(), self.count.into());
        line.insert("at".into(), at.into());
        line.insert("cycle".into(), cycle.into());
        write(said, &mut line);
        self.line(&Value::Object(line))?;
        Ok(self.count)
    }

    /// Writes what came of line `n`, and what it imports.
    pub fn outcome(&mut self, n: u64, outcome: Outcome, imports: &Imports) -> io::Result<()> {
        let mut line = match outcome {
            Outcome::Accepted(at, _) => json!({ "of": n, "outcome": "accepted", "at": at }),
            Outcome::Refused => json!({ "of": n, "outcome": "refused" }),
        };
        if let Outcome::Accepted(_, parts) = outcome
            && !parts.is_empty()
        {
            line["in_turn"] = parts.iter().map(ToString::to_string).collect();
        }
        if !imports.is_empty() {
            line["imports"] = json!(**imports);
        }
        self.line(&line)
    }

    /// Writes what was said before this take and never answered, and how many sessions broke off over it.
    pub fn open(&mut self, said: &Said, broke: u64) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("open".into(), broke.into());
        write(said, &mut line);
        self.line(&Value::Object(line))
    }

    /// Writes that line `n` is the first `open` one, said again.
    pub fn again(&mut self, n: u64) -> io::Result<()> {
        self.line(&json!({ "again": n }))
    }

    /// Writes where the music stands.
    pub fn mark(&mut self, mark: Mark) -> io::Result<()> {
        let Mark { wall, at, cycle, cps } = mark;
        self.line(&json!({ "clock": wall, "at": at, "cycle": cycle, "cps": cps }))
    }

    /// Writes something that happened at a frame and that no replay can bring about: a note too late, or left out.
    pub fn happened(&mut self, at: Frames, what: &str, to: &str, how_much: u64) -> io::Result<()> {
        self.line(&json!({ "at": at, "happened": what, "to": to, "by": how_much }))
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        // In one piece: nothing that reads along finds half a line.
        let mut line = value.to_string();
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

fn write(said: &Said, line: &mut Map<String, Value>) {
    let mut put = |key: &str, value: Value| drop(line.insert(key.into(), value));
    match said {
        Said::Text { owner, text, imports } => {
            if &**owner == REPL {
                put(REPL, true.into());
            } else {
                put("file", (**owner).into());
            }
            put("text", text.clone().unwrap_or_default().into());
            if !imports.is_empty() {
                put("imports", json!(**imports));
            }
        }
        Said::Forget { owner } => put("forget", (**owner).into()),
        Said::Stage(stage) => {
            let (word, name) = stage.words();
            put("stage", word.into());
            if let Some(name) = name {
                put("name", name.into());
            }
        }
        Said::Undo(steps) => put("undo", (*steps).into()),
        Said::Redo(steps) => put("redo", (*steps).into()),
        Said::Cancel(parts) => {
            let parts = parts.iter().map(|dropped| (dropped.part.to_string(), dropped.back.into()));
            put("cancel", Value::Object(parts.collect()));
        }
        // As a word: it is read back to the last bit.
        Said::Resume(cycle) => put("resume", cycle.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_broke_off_goes_on_where_it_would_be_unless_that_was_long_ago() {
        let mark = Mark { wall: 1_000_000, at: 0, cycle: 8.25, cps: 0.5 };
        for (wall, cycle) in
            [(1_000_000.0, 8.25), (1_003_000.0, 9.75), (1_600_000.0, 308.25), (1_600_001.0, 9.0), (999_999.0, 9.0)]
        {
            assert_eq!(mark.cycle_at(wall), cycle, "{wall}");
        }
    }
}

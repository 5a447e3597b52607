//! The journal: what was said and what came of it, one JSON object per line, appended before it is heard.
//!
//! Law: a live session's journal and a rehearsal written by hand are the same thing. A line with a number `n` waits for the
//! line that says what came of it (`of`); a line without one is simply meant.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Stage;
use crate::engine::Frames;

/// The REPL, as an owner of names.
pub const REPL: &str = "repl";

/// Where in time something takes effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    Frame(Frames),
    Cycle(f64),
}

/// Something said.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A text by its owner: a file's path or `repl`. A rehearsal may leave the text to the file on disk.
    Text {
        owner: Arc<str>,
        text: Option<String>,
    },
    /// A file that is played no more.
    Forget {
        owner: Arc<str>,
    },
    Stage(Stage),
    Undo,
    Redo,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Takes effect at this frame.
    Accepted(Frames),
    Refused,
}

/// A line of a journal that was read, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Moment,
    pub said: Said,
    /// Refused at the time, or never answered: has no effect on a replay.
    pub refused: bool,
}

/// A journal that was read: what `segue replay` plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    pub rate: f64,
    pub seed: u64,
    pub entries: Vec<Entry>,
}

/// Why a text is no journal.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalError {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

/// An open journal.
pub struct Journal {
    out: Box<dyn Write + Send>,
    count: u64,
}

impl Journal {
    /// Begins a journal: the header is written at once.
    pub fn begin(out: Box<dyn Write + Send>, rate: f64, seed: u64) -> io::Result<Journal> {
        let mut journal = Journal { out, count: 0 };
        journal.line(&json!({ "segue": 1, "rate": rate, "seed": seed }))?;
        Ok(journal)
    }

    /// Writes what was said at a position and gives its number, by which its outcome is told later.
    pub fn said(&mut self, at: Frames, cycle: f64, said: &Said) -> io::Result<u64> {
        self.count += 1;
        let mut line = Map::new();
        line.insert("n".into(), self.count.into());
        line.insert("at".into(), at.into());
        line.insert("cycle".into(), cycle.into());
        match said {
            Said::Text { owner, text } => {
                if &**owner == REPL {
                    line.insert(REPL.into(), true.into());
                } else {
                    line.insert("file".into(), (**owner).into());
                }
                line.insert("text".into(), text.clone().unwrap_or_default().into());
            }
            Said::Forget { owner } => drop(line.insert("forget".into(), (**owner).into())),
            Said::Stage(stage) => {
                let (word, name) = stage.words();
                line.insert("stage".into(), word.into());
                line.extend(name.map(|n| ("name".into(), n.into())));
            }
            Said::Undo => drop(line.insert("undo".into(), true.into())),
            Said::Redo => drop(line.insert("redo".into(), true.into())),
        }
        self.line(&Value::Object(line))?;
        Ok(self.count)
    }

    /// Writes what came of line `n`.
    pub fn outcome(&mut self, n: u64, outcome: Outcome) -> io::Result<()> {
        self.line(&match outcome {
            Outcome::Accepted(at) => json!({ "of": n, "outcome": "accepted", "at": at }),
            Outcome::Refused => json!({ "of": n, "outcome": "refused" }),
        })
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.out, "{value}")?;
        self.out.flush()
    }
}

impl Rehearsal {
    /// Reads a journal; what was said stands in the order in which it took effect, which is that of the outcomes: a text may
    /// be overtaken while it is evaluated. A last line that breaks off (the power went) is left out; every other line must be right.
    pub fn read(text: &str) -> Result<Rehearsal, JournalError> {
        let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()).peekable();
        let fault = |line: usize, message: &str| JournalError { line: line + 1, message: message.into() };
        let (i, first) = lines.next().ok_or_else(|| fault(0, "the journal is empty"))?;
        let header: Value = serde_json::from_str(first).map_err(|e| fault(i, &format!("expected JSON: {e}")))?;
        if header.get("segue").and_then(Value::as_u64) != Some(1) {
            return Err(fault(i, "expected a header like {\"segue\":1,\"rate\":48000,\"seed\":0}"));
        }
        let rate = header.get("rate").and_then(Value::as_f64).unwrap_or(48_000.0);
        if !(1_000.0..=1_000_000.0).contains(&rate) {
            return Err(fault(i, "expected a rate between 1000 and 1000000"));
        }
        let seed = header.get("seed").and_then(Value::as_u64).unwrap_or(0);
        let mut entries: Vec<(Option<u64>, usize, Entry)> = Vec::new();
        while let Some((i, text)) = lines.next() {
            let value: Value = match serde_json::from_str(text) {
                Ok(value) => value,
                Err(_) if lines.peek().is_none() => break,
                Err(e) => return Err(fault(i, &format!("expected JSON: {e}"))),
            };
            if let Some(of) = value.get("of").and_then(Value::as_u64) {
                let entry = entries.iter_mut().rev().find(|(n, ..)| *n == Some(of));
                let (_, rank, entry) =
                    entry.ok_or_else(|| fault(i, &format!("there is no line with \"n\":{of} above")))?;
                entry.refused = value.get("outcome").and_then(Value::as_str) != Some("accepted");
                entry.at = moment(&value).unwrap_or(entry.at);
                *rank = i;
                continue;
            }
            let n = value.get("n").and_then(Value::as_u64);
            let said = said(&value).map_err(|message| fault(i, &message))?;
            let at = moment(&value)
                .ok_or_else(|| fault(i, "expected \"at\" with a frame or \"at_cycle\" with a cycle like \"3/2\""))?;
            entries.push((n, i, Entry { at, said, refused: n.is_some() }));
        }
        entries.sort_by_key(|(_, rank, _)| *rank);
        Ok(Rehearsal { rate, seed, entries: entries.into_iter().map(|(.., e)| e).collect() })
    }
}

fn moment(value: &Value) -> Option<Moment> {
    if let Some(frame) = value.get("at") {
        return frame.as_u64().map(Moment::Frame);
    }
    let cycle = match value.get("at_cycle")? {
        Value::String(text) => match text.split_once('/') {
            Some((a, b)) => a.trim().parse::<f64>().ok()? / b.trim().parse::<f64>().ok()?,
            None => text.trim().parse().ok()?,
        },
        number => number.as_f64()?,
    };
    (cycle.is_finite() && cycle >= 0.0).then_some(Moment::Cycle(cycle))
}

fn said(value: &Value) -> Result<Said, String> {
    let word = |key: &str| value.get(key).and_then(Value::as_str);
    if let Some(stage) = word("stage") {
        return Stage::from_words(stage, word("name"))
            .map(Said::Stage)
            .ok_or_else(|| format!("expected hush, panic, mute, unmute, solo or unsolo, found {stage}"));
    }
    if let Some(owner) = word("forget") {
        return Ok(Said::Forget { owner: owner.into() });
    }
    match () {
        _ if value.get("undo").is_some() => return Ok(Said::Undo),
        _ if value.get("redo").is_some() => return Ok(Said::Redo),
        _ => {}
    }
    let text = word("text").map(String::from);
    if let Some(file) = word("file") {
        return Ok(Said::Text { owner: file.into(), text });
    }
    match (value.get("repl"), text) {
        (Some(Value::String(text)), None) => Ok(Said::Text { owner: REPL.into(), text: Some(text.clone()) }),
        (Some(_), Some(text)) => Ok(Said::Text { owner: REPL.into(), text: Some(text) }),
        (Some(_), None) => Err("expected \"text\" beside \"repl\"".into()),
        (None, _) => Err("expected \"file\" or \"repl\" with \"text\"".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn text(owner: &str, text: &str) -> Said {
        Said::Text { owner: owner.into(), text: Some(text.into()) }
    }

    #[test]
    fn a_gesture_made_while_a_text_was_evaluated_comes_before_it() {
        let page = Page::default();
        let mut journal = Journal::begin(Box::new(page.clone()), 48_000.0, 0).unwrap();
        let slow = journal.said(100, 0.0, &text("a", "slow")).unwrap();
        let hush = journal.said(200, 0.0, &Said::Stage(Stage::Hush)).unwrap();
        journal.outcome(hush, Outcome::Accepted(640)).unwrap();
        journal.outcome(slow, Outcome::Accepted(1280)).unwrap();
        let written = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let said: Vec<Said> = Rehearsal::read(&written).unwrap().entries.into_iter().map(|entry| entry.said).collect();
        assert_eq!(said, [Said::Stage(Stage::Hush), text("a", "slow")]);
    }

    #[test]
    fn what_is_written_is_read_back_with_its_outcome() {
        let page = Page::default();
        let mut journal = Journal::begin(Box::new(page.clone()), 44_100.0, 7).unwrap();
        let all = [
            text("piece.rhai", "track a = s(\"bd\");\n"),
            text(REPL, "nonsense"),
            Said::Stage(Stage::Solo("a".into())),
            Said::Stage(Stage::Unmute(None)),
            Said::Undo,
            Said::Forget { owner: "piece.rhai".into() },
        ];
        for (i, said) in all.iter().enumerate() {
            let n = journal.said(64 * i as u64, 0.0, said).unwrap();
            let refused = matches!(said, Said::Text { owner, .. } if &**owner == REPL);
            let outcome = if refused { Outcome::Refused } else { Outcome::Accepted(1000 + n) };
            journal.outcome(n, outcome).unwrap();
        }
        let written = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let read = Rehearsal::read(&written).unwrap();
        assert_eq!((read.rate, read.seed), (44_100.0, 7));
        assert_eq!(read.entries.iter().map(|e| e.said.clone()).collect::<Vec<_>>(), all);
        assert_eq!(read.entries[0].at, Moment::Frame(1001));
        let refused: Vec<bool> = read.entries.iter().map(|e| e.refused).collect();
        assert_eq!(refused, [false, true, false, false, false, false]);
    }

    #[test]
    fn a_rehearsal_written_by_hand_needs_no_numbers_and_no_outcomes() {
        let read = Rehearsal::read(
            "{\"segue\":1,\"rate\":48000,\"seed\":0}\n\n{\"at\":0,\"file\":\"a.rhai\",\"text\":\"x\"}\n\
             {\"at_cycle\":\"3/2\",\"repl\":true,\"text\":\"y\"}\n{\"at_cycle\":2,\"repl\":\"z\"}\n",
        )
        .unwrap();
        let at: Vec<Moment> = read.entries.iter().map(|e| e.at).collect();
        assert_eq!(at, [Moment::Frame(0), Moment::Cycle(1.5), Moment::Cycle(2.0)]);
        assert!(read.entries.iter().all(|e| !e.refused));
        assert_eq!(read.entries[2].said, text(REPL, "z"));
    }

    #[test]
    fn a_text_that_was_never_answered_and_a_line_that_breaks_off_have_no_effect() {
        let read =
            Rehearsal::read("{\"segue\":1}\n{\"n\":1,\"at\":0,\"file\":\"a\",\"text\":\"x\"}\n{\"n\":2,\"at\":64,\"fi")
                .unwrap();
        assert_eq!(read.entries.len(), 1);
        assert!(read.entries[0].refused);
    }

    #[test]
    fn what_is_no_journal_is_refused_with_its_line() {
        for (journal, line) in [
            ("", 1),
            ("{\"at\":0}", 1),
            ("{\"segue\":1,\"rate\":0}", 1),
            ("{\"segue\":1}\n{\"at\":0}", 2),
            ("{\"segue\":1}\n{\"repl\":\"x\"}", 2),
            ("{\"segue\":1}\n\nnonsense\n{\"at\":0,\"repl\":\"x\"}", 3),
            ("{\"segue\":1}\n{\"at\":0,\"stage\":\"sing\"}", 2),
            ("{\"segue\":1}\n{\"at_cycle\":\"1/0\",\"repl\":\"x\"}", 2),
        ] {
            assert_eq!(Rehearsal::read(journal).unwrap_err().line, line, "{journal}");
        }
    }
}

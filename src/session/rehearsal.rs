//! A rehearsal: a journal that was read, whether a live session wrote it or a hand.
//!
//! Law: whatever became of the file, all its whole lines count, and what is lost is named.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::Stage;
use super::journal::{Dropped, Imports, Mark, Moment, REPL, Said, VERSION};
use super::plan::{InTurn, Part};

/// What came of something said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It counts: accepted live, or written by hand.
    Counts,
    Refused,
    /// The session broke off before it had an answer.
    Open,
}

/// A line of a journal with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Moment,
    /// Where the music stood when it was said, as far as the journal knows.
    pub cycle: f64,
    pub said: Said,
    pub fate: Fate,
    /// What of it begins when what it replaces has faded.
    pub in_turn: InTurn,
}

/// Something that had been said before a take began, and where in the music.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub cycle: f64,
    pub said: Said,
}

/// Something that was never answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub said: Said,
    /// How many sessions broke off over it.
    pub broke: u64,
}

/// A line of a journal that has no effect, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Counted from 1.
    pub line: usize,
    pub why: String,
}

/// A journal that was read: what `segue replay` plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    pub rate: f64,
    pub seed: u64,
    /// Where the files' paths begin, if a session wrote it.
    pub folder: Option<String>,
    /// What had been said before the take began.
    pub past: Vec<Past>,
    /// What was said, in the order in which it took effect, which is that of the outcomes: a text may be overtaken while it
    /// is evaluated.
    pub entries: Vec<Entry>,
    /// What was being evaluated when the session broke off, or when one before it did.
    pub open: Vec<Open>,
    /// The last known position of the music.
    pub mark: Option<Mark>,
    /// Notes that came too late or were left out: what no replay brings back.
    pub mishaps: usize,
    /// In the order of the lines.
    pub lost: Vec<Lost>,
}

/// Why a text is no journal.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalError {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

/// What a line is.
enum Kind {
    Header {
        rate: Option<f64>,
        seed: u64,
        folder: Option<String>,
    },
    Past(Past),
    Said(Option<u64>, Entry),
    Outcome {
        of: u64,
        fate: Fate,
        at: Option<Moment>,
        in_turn: InTurn,
        imports: Imports,
    },
    Open(Open),
    Again(u64),
    Mark(Mark),
    Mishap,
    /// Of a later version: nothing this one can do.
    Unknown,
}

impl Rehearsal {
    /// Reads a journal. A line that is torn, unknown or wrong is left out and named in `lost`; zeros a crash left are no
    /// part of a line.
    ///
    /// # Errors
    /// A text that is no journal at all, or a header with a rate nothing can be played at.
    pub fn read(text: impl AsRef<[u8]>) -> Result<Rehearsal, JournalError> {
        let mut reading = Reading::default();
        let mut first = None;
        for (i, bytes) in text.as_ref().split(|byte| *byte == b'\n').enumerate() {
            let whole: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
            if whole.trim_ascii().is_empty() {
                continue;
            }
            first.get_or_insert(i);
            match kind(&whole) {
                Ok(kind) => reading.take(i, kind)?,
                Err(why) => reading.lose(i, why),
            }
        }
        let no_journal = |message: &str| JournalError { line: first.unwrap_or(0) + 1, message: message.into() };
        if first.is_none() {
            return Err(no_journal("the journal is empty"));
        }
        // Without a header it must at least look like what a session writes.
        if reading.header.is_none() && !reading.live {
            return Err(no_journal("expected a header like {\"segue\":1,\"rate\":48000,\"seed\":0}"));
        }
        Ok(reading.done())
    }

    /// What was said before and during the take and counts: all that a resumed piece begins with.
    pub fn all(&self) -> Vec<Past> {
        let counts = self.entries.iter().filter(|entry| entry.fate == Fate::Counts);
        let counts = counts.filter(|entry| !matches!(entry.said, Said::Resume(_)));
        let counts = counts.map(|entry| Past { cycle: entry.cycle, said: entry.said.clone() });
        self.past.iter().cloned().chain(counts).collect()
    }
}

/// A journal while it is read.
#[derive(Default)]
struct Reading {
    header: Option<(f64, u64, Option<String>)>,
    /// Whether a line stands there that only a session writes.
    live: bool,
    past: Vec<Past>,
    /// With the line by which each took effect.
    entries: Vec<(usize, Entry)>,
    /// Where the line with a number stands among the entries.
    numbers: HashMap<u64, usize>,
    /// What is not said again yet.
    open: VecDeque<Open>,
    /// How many sessions had broken off over a line before this one, by its number.
    broke: HashMap<u64, u64>,
    mark: Option<Mark>,
    mishaps: usize,
    lost: Vec<Lost>,
}

impl Reading {
    fn take(&mut self, i: usize, kind: Kind) -> Result<(), JournalError> {
        self.live |= matches!(kind, Kind::Past(_) | Kind::Said(Some(_), _) | Kind::Outcome { .. } | Kind::Mark(_));
        match kind {
            Kind::Header { rate, seed, folder } => {
                let rate = rate.unwrap_or(48_000.0);
                if !(1_000.0..=1_000_000.0).contains(&rate) {
                    let message = "expected a rate between 1000 and 1000000".into();
                    return Err(JournalError { line: i + 1, message });
                }
                match self.header {
                    None => self.header = Some((rate, seed, folder)),
                    Some(_) => self.lose(i, "the header stands there already"),
                }
            }
            Kind::Past(said) => self.past.push(said),
            Kind::Said(None, entry) => self.entries.push((i, entry)),
            Kind::Said(Some(n), entry) => {
                if self.numbers.contains_key(&n) {
                    self.lose(i, format!("line {n} was said already"));
                } else {
                    self.numbers.insert(n, self.entries.len());
                    self.entries.push((i, Entry { fate: Fate::Open, ..entry }));
                }
            }
            Kind::Outcome { of, fate, at, in_turn, imports: found } => {
                match self.numbers.get(&of).map(|at| &mut self.entries[*at]) {
                    Some((rank, entry)) if entry.fate == Fate::Open => {
                        (entry.fate, entry.at, entry.in_turn) = (fate, at.unwrap_or(entry.at), in_turn);
                        if let Said::Text { imports, .. } = &mut entry.said {
                            *imports = found;
                        }
                        *rank = i;
                    }
                    Some(_) => self.lose(i, format!("what came of {of} was said already")),
                    None => self.lose(i, format!("there is no line with \"n\":{of} above")),
                }
            }
            Kind::Open(open) => self.open.push_back(open),
            Kind::Again(n) => match self.numbers.get(&n) {
                Some(_) => {
                    let broke = self.open.pop_front().map_or(1, |open| open.broke);
                    self.broke.insert(n, broke);
                }
                None => self.lose(i, format!("there is no line with \"n\":{n} above")),
            },
            Kind::Mark(mark) => self.mark = Some(mark),
            Kind::Mishap => self.mishaps += 1,
            Kind::Unknown => self.lose(i, "a kind of line this version does not know"),
        }
        Ok(())
    }

    fn lose(&mut self, i: usize, why: impl Into<String>) {
        self.lost.push(Lost { line: i + 1, why: why.into() });
    }

    fn done(mut self) -> Rehearsal {
        if self.header.is_none() {
            self.lost.insert(0, Lost { line: 1, why: "the header is gone; taken for 48000 frames per second".into() });
        }
        let (rate, seed, folder) = self.header.unwrap_or((48_000.0, 0, None));
        let mut open: Vec<Open> = self.open.drain(..).collect();
        let mut numbers: Vec<(u64, usize)> = self.numbers.iter().map(|(n, at)| (*n, *at)).collect();
        numbers.sort_unstable();
        for (n, at) in numbers {
            let Entry { said, fate, .. } = &self.entries[at].1;
            if *fate == Fate::Open {
                let broke = 1 + self.broke.get(&n).copied().unwrap_or(0);
                open.push(Open { said: said.clone(), broke });
            }
        }
        self.entries.sort_by_key(|(rank, _)| *rank);
        let Reading { past, entries, mark, mishaps, lost, .. } = self;
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        Rehearsal { rate, seed, folder, past, entries, open, mark, mishaps, lost }
    }
}

fn kind(line: &[u8]) -> Result<Kind, String> {
    let value: Value = serde_json::from_slice(line).map_err(|e| match e.classify() {
        serde_json::error::Category::Eof => "the line breaks off".to_string(),
        _ => format!("expected JSON, found column {}: {}", e.column(), brief(line)),
    })?;
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    if let Some(version) = value.get("segue") {
        return match version.as_u64() {
            Some(1..=VERSION) => Ok(Kind::Header {
                rate: value.get("rate").map(|rate| rate.as_f64().unwrap_or(0.0)),
                seed: number("seed").unwrap_or(0),
                folder: value.get("folder").and_then(Value::as_str).map(String::from),
            }),
            _ => Err(format!("expected version {VERSION} at most, found {version}: a newer segue reads it")),
        };
    }
    if let Some(of) = number("of") {
        let fate = match value.get("outcome").and_then(Value::as_str) {
            Some("accepted") => Fate::Counts,
            _ => Fate::Refused,
        };
        return Ok(Kind::Outcome { of, fate, at: moment(&value), in_turn: in_turn(&value), imports: imports(&value) });
    }
    if let Some(broke) = number("open") {
        let said = said(&value)?.ok_or("expected a text that was left open")?;
        return Ok(Kind::Open(Open { said, broke }));
    }
    if let Some(n) = number("again") {
        return Ok(Kind::Again(n));
    }
    if let Some(wall) = number("clock") {
        let float = |key: &str| value.get(key).and_then(Value::as_f64).filter(|x| x.is_finite());
        let mark = number("at").zip(float("cycle")).zip(float("cps").filter(|cps| *cps > 0.0));
        let mark = mark.map(|((at, cycle), cps)| Kind::Mark(Mark { wall, at, cycle, cps }));
        return mark.ok_or_else(|| "expected \"at\", \"cycle\" and \"cps\" beside \"clock\"".into());
    }
    if value.get("happened").is_some() {
        return Ok(Kind::Mishap);
    }
    let Some(said) = said(&value)? else {
        // What a hand wrote without saying anything is a slip; what a later version says is not.
        return match value.get("n").or(value.get("past")).or(value.get("kind")) {
            Some(_) => Ok(Kind::Unknown),
            None if moment(&value).is_none() && value.is_object() => Ok(Kind::Unknown),
            None => Err("expected \"file\" or \"repl\" with \"text\"".into()),
        };
    };
    let cycle = value.get("cycle").and_then(Value::as_f64).filter(|cycle| cycle.is_finite()).unwrap_or(0.0);
    if value.get("past").is_some() {
        return Ok(Kind::Past(Past { cycle, said }));
    }
    let at = moment(&value).ok_or("expected \"at\" with a frame or \"at_cycle\" with a cycle like \"3/2\"")?;
    Ok(Kind::Said(number("n"), Entry { at, cycle, said, fate: Fate::Counts, in_turn: in_turn(&value) }))
}

/// The beginning of a line, for people.
fn brief(line: &[u8]) -> String {
    String::from_utf8_lossy(line).chars().filter(|c| !c.is_control()).take(32).collect()
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

/// The parts a line says begin in turn.
fn in_turn(value: &Value) -> InTurn {
    let parts = value.get("in_turn").and_then(Value::as_array).into_iter().flatten();
    parts.filter_map(|part| part.as_str().map(Part::from_words)).collect()
}

/// The texts a line says were imported.
fn imports(value: &Value) -> Imports {
    let texts = value.get("imports").and_then(Value::as_object).into_iter().flatten();
    Arc::new(texts.filter_map(|(path, text)| Some((path.clone(), text.as_str()?.to_string()))).collect())
}

/// What a line says; none where it says nothing this version knows.
fn said(value: &Value) -> Result<Option<Said>, String> {
    let word = |key: &str| value.get(key).and_then(Value::as_str);
    if let Some(stage) = word("stage") {
        let known = Stage::from_words(stage, word("name")).map(Said::Stage);
        let why = || format!("expected hush, panic, mute, unmute, solo or unsolo, found {stage}");
        return known.map(Some).ok_or_else(why);
    }
    if let Some(owner) = word("forget") {
        return Ok(Some(Said::Forget { owner: owner.into() }));
    }
    // A rehearsal may say `true` and mean one.
    let steps = |key: &str| value.get(key).map(|n| n.as_u64().map_or(1, |n| usize::try_from(n).unwrap_or(usize::MAX)));
    if let Some(said) = steps("undo").map(Said::Undo).or(steps("redo").map(Said::Redo)) {
        return Ok(Some(said));
    }
    if let Some(parts) = value.get("cancel") {
        let back = |back: &Value| back.as_u64().map_or(1, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let parts = parts.as_object().into_iter().flatten();
        let parts = parts.map(|(part, n)| Dropped { part: part.as_str().into(), back: back(n) });
        return Ok(Some(Said::Cancel(parts.collect())));
    }
    if let Some(cycle) = value.get("resume") {
        let cycle = cycle.as_str().and_then(|cycle| cycle.parse::<f64>().ok()).or(cycle.as_f64());
        let cycle = cycle.filter(|cycle| cycle.is_finite() && *cycle >= 0.0);
        return cycle.map(|cycle| Some(Said::Resume(cycle))).ok_or_else(|| "expected a cycle to resume at".into());
    }
    let text = word("text").map(String::from);
    if let Some(file) = word("file") {
        return Ok(Some(Said::Text { owner: file.into(), text, imports: imports(value) }));
    }
    match (value.get(REPL), text) {
        (Some(Value::String(text)), None) => Ok(Some(Said::text(REPL, text))),
        (Some(_), Some(text)) => Ok(Some(Said::Text { owner: REPL.into(), text: Some(text), imports: imports(value) })),
        (Some(_), None) => Err("expected \"text\" beside \"repl\"".into()),
        (None, _) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Journal, Outcome};
    use super::*;
    use std::io::{self, Write};
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
        Said::text(owner, text)
    }

    #[test]
    fn a_gesture_made_while_a_text_was_evaluated_comes_before_it() {
        let page = Page::default();
        let mut journal = Journal::begin(Box::new(page.clone()), 48_000.0, 0, "").unwrap();
        let slow = journal.said(100, 0.0, &text("a", "slow")).unwrap();
        let hush = journal.said(200, 0.0, &Said::Stage(Stage::Hush)).unwrap();
        journal.outcome(hush, Outcome::Accepted(640, InTurn::default()), &Imports::default()).unwrap();
        journal.outcome(slow, Outcome::Accepted(1280, InTurn::default()), &Imports::default()).unwrap();
        let written = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let said: Vec<Said> = Rehearsal::read(&written).unwrap().entries.into_iter().map(|entry| entry.said).collect();
        assert_eq!(said, [Said::Stage(Stage::Hush), text("a", "slow")]);
    }

    #[test]
    fn what_is_written_is_read_back_with_its_outcome() {
        let parts = || InTurn::from([Part::Bus("room".into()), Part::Track("pad".into())]);
        let page = Page::default();
        let mut journal = Journal::begin(Box::new(page.clone()), 44_100.0, 7, "/music").unwrap();
        let all = [
            text("piece.rhai", "track a = s(\"bd\");\n"),
            text(REPL, "nonsense"),
            Said::Stage(Stage::Solo("a".into())),
            Said::Stage(Stage::Unmute(None)),
            Said::Undo(3),
            Said::Redo(1),
            Said::Cancel(vec![Dropped { part: "bus a".into(), back: 2 }]),
            Said::Resume(0.1 + 0.2),
            Said::Forget { owner: "piece.rhai".into() },
        ];
        for (i, said) in all.iter().enumerate() {
            let n = journal.said(64 * i as u64, 0.0, said).unwrap();
            let refused = matches!(said, Said::Text { owner, .. } if &**owner == REPL);
            let outcome = if refused {
                Outcome::Refused
            } else {
                Outcome::Accepted(1000 + n, if n == 1 { parts() } else { InTurn::default() })
            };
            journal.outcome(n, outcome, &Imports::default()).unwrap();
        }
        let written = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let read = Rehearsal::read(&written).unwrap();
        assert_eq!((read.rate, read.seed), (44_100.0, 7));
        assert_eq!(read.entries.iter().map(|e| e.said.clone()).collect::<Vec<_>>(), all);
        assert_eq!((read.entries[0].at, &read.entries[0].in_turn), (Moment::Frame(1001), &parts()));
        assert!(read.entries[1..].iter().all(|entry| entry.in_turn.is_empty()));
        let refused = read.entries.iter().position(|e| e.fate == Fate::Refused);
        assert_eq!((refused, read.lost), (Some(1), Vec::new()));
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
        assert!(read.entries.iter().all(|e| e.fate == Fate::Counts));
        assert_eq!(read.entries[2].said, text(REPL, "z"));
    }

    #[test]
    fn a_text_that_was_never_answered_and_a_line_that_breaks_off_have_no_effect() {
        let read =
            Rehearsal::read("{\"segue\":1}\n{\"n\":1,\"at\":0,\"file\":\"a\",\"text\":\"x\"}\n{\"n\":2,\"at\":64,\"fi")
                .unwrap();
        assert_eq!((read.entries.len(), read.entries[0].fate), (1, Fate::Open));
        assert_eq!(read.lost, [Lost { line: 3, why: "the line breaks off".into() }]);
    }

    #[test]
    fn what_is_no_journal_is_refused_with_its_line() {
        for (journal, line) in [
            ("", 1),
            ("\n\n", 1),
            ("track d = s(\"bd\");\n", 1),
            ("\n{\"at\":0}", 2),
            ("{\"segue\":1,\"rate\":0}", 1),
            ("{\"segue\":2}", 1),
        ] {
            assert_eq!(Rehearsal::read(journal).unwrap_err().line, line, "{journal}");
        }
    }

    #[test]
    fn a_line_that_is_wrong_is_left_out_and_named_and_the_others_count() {
        for (wrong, words) in [
            ("{\"at\":0}", "\"file\" or \"repl\""),
            ("{\"repl\":\"x\"}", "expected \"at\""),
            ("nonsense", "expected JSON"),
            ("{\"at\":0,\"stage\":\"sing\"}", "found sing"),
            ("{\"at_cycle\":\"1/0\",\"repl\":\"x\"}", "expected \"at\""),
            ("{\"of\":9,\"outcome\":\"accepted\"}", "no line with \"n\":9"),
            ("{\"segue\":1}", "header"),
            ("{\"n\":7,\"at\":3,\"dance\":true}", "does not know"),
            ("{\"clock\":1}", "\"cycle\""),
            ("{\"at\":0,\"repl\":\"x", "breaks off"),
        ] {
            let text = format!("{{\"segue\":1}}\n{{\"at\":0,\"repl\":\"a\"}}\n\n{wrong}\n{{\"at\":1,\"repl\":\"b\"}}");
            let read = Rehearsal::read(text).unwrap();
            assert_eq!(read.entries.len(), 2, "{wrong}");
            assert_eq!((read.lost.len(), read.lost[0].line), (1, 4), "{wrong}: {:?}", read.lost);
            assert!(read.lost[0].why.contains(words), "{wrong}: {:?}", read.lost);
        }
    }

    #[test]
    fn zeros_lines_said_twice_and_keys_of_a_later_version_do_no_harm() {
        let said = "{\"n\":1,\"at\":0,\"mood\":\"blue\",\"repl\":true,\"text\":\"x\"}\n";
        let done = "{\"of\":1,\"outcome\":\"accepted\",\"at\":64,\"mode\":\"fade\"}\n";
        let text = format!("{{\"segue\":1,\"key\":[]}}\n{said}{said}\0\0\0\0{done}{done}\0\0\0");
        let read = Rehearsal::read(text).unwrap();
        assert_eq!(read.entries.len(), 1);
        assert_eq!((read.entries[0].at, read.entries[0].fate), (Moment::Frame(64), Fate::Counts));
        assert_eq!(read.lost.iter().map(|lost| lost.line).collect::<Vec<_>>(), [3, 5]);
        assert!(Rehearsal::read(b"{\"segue\":1}\n\xff\xfe{\n".as_slice()).unwrap().lost.len() == 1);
    }

    #[test]
    fn what_was_never_answered_is_remembered_with_the_sessions_that_broke_off_over_it() {
        let open = "{\"segue\":1}\n{\"open\":1,\"repl\":\"a\"}\n{\"open\":1,\"repl\":\"b\"}\n";
        let again = "{\"n\":1,\"at\":0,\"repl\":\"a\"}\n{\"again\":1}\n{\"n\":2,\"at\":0,\"repl\":\"c\"}\n";
        let left = |text: String| -> Vec<(Said, u64)> {
            let read = Rehearsal::read(text).unwrap();
            assert_eq!(read.lost, []);
            read.open.into_iter().map(|open| (open.said, open.broke)).collect()
        };
        let [a, b, c] = ["a", "b", "c"].map(|name| text(REPL, name));
        assert_eq!(left(open.into()), [(a.clone(), 1), (b.clone(), 1)]);
        assert_eq!(left(format!("{open}{again}")), [(b.clone(), 1), (a, 2), (c.clone(), 1)]);
        let done = "{\"of\":1,\"outcome\":\"refused\"}\n";
        assert_eq!(left(format!("{open}{again}{done}")), [(b, 1), (c, 1)]);
    }

    #[test]
    fn a_journal_whose_header_is_gone_is_played_at_the_usual_rate() {
        let read = Rehearsal::read("{\"seg\n{\"n\":1,\"at\":0,\"repl\":\"x\"}\n").unwrap();
        assert_eq!((read.rate, read.entries.len(), read.lost.len()), (48_000.0, 1, 2));
    }

    #[test]
    fn any_journal_cut_or_scratched_anywhere_is_read_without_fault() {
        let whole = "{\"segue\":1,\"rate\":48000,\"seed\":0}\n{\"past\":true,\"repl\":true,\"text\":\"p\"}\n\
            {\"n\":1,\"at\":0,\"file\":\"ä\",\"text\":\"x\"}\n{\"of\":1,\"outcome\":\"accepted\",\"at\":64}\n\
            {\"clock\":5,\"at\":9,\"cycle\":0.5,\"cps\":0.5}\n{\"n\":2,\"at\":9,\"undo\":2}\n";
        for at in 0..whole.len() {
            let cut = Rehearsal::read(&whole.as_bytes()[..at]);
            let lines = whole.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
            let said = cut.map_or(0, |read| read.entries.len() + read.past.len());
            assert!(said >= [0, 0, 1, 2, 2, 2][lines.min(5)], "cut at {at}");
            let mut scratched = whole.as_bytes().to_vec();
            scratched[at] ^= 0x15;
            let _ = Rehearsal::read(&scratched);
        }
    }
}

//! What a session writes into its journal.

use std::io::{self, Write};

use super::journal::{Imports, Journal, Mark, Outcome, Said};
use super::plan::InTurn;
use super::{News, Session};
use crate::engine::Frames;

/// Seconds between two marks where nothing else happens.
const MARK: f64 = 10.0;

impl Session {
    /// Opens the journal. From now on all that is said is written there. `folder` is where the files' paths begin.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn record(&mut self, out: Box<dyn Write + Send>, folder: &str) -> io::Result<()> {
        self.journal = Some(Journal::begin(out, self.rate(), self.seed, folder)?);
        Ok(())
    }

    /// Writes a text to the journal before it is evaluated. `load` tells what came of it, or `refuse`.
    pub fn said(&mut self, owner: &str, text: &str) {
        let said = Said::text(owner, text);
        if let Some(n) = self.write(&said) {
            self.said.insert(owner.into(), (n, Imports::default()));
        }
    }

    /// Writes a text that was never answered, and how many sessions broke off over it.
    pub fn left_open(&mut self, owner: &str, text: &str, broke: u64) {
        if let Some(journal) = &mut self.journal {
            let written = journal.open(&Said::text(owner, text), broke);
            self.lose(written);
        }
    }

    /// Like `said`, for the first text that was left open and is not said again yet.
    pub fn said_again(&mut self, owner: &str, text: &str) {
        self.said(owner, text);
        if let (Some((n, _)), Some(journal)) = (self.said.get(owner), &mut self.journal) {
            let written = journal.again(*n);
            self.lose(written);
        }
    }

    /// What the text an owner said last has imported, for the journal.
    pub fn imported(&mut self, owner: &str, imports: Imports) {
        if let Some((_, known)) = self.said.get_mut(owner) {
            *known = imports;
        }
    }

    /// The text an owner said last was not evaluated: nothing changes.
    pub fn refuse(&mut self, owner: &str) {
        self.answer_text(owner, Outcome::Refused);
    }

    /// Tells the journal the time on the wall, in milliseconds since 1970: now and then, and after another tempo, it
    /// remembers where the music stands, so that a piece that broke off goes on where it would be.
    pub fn wall(&mut self, wall: u64) {
        let at = self.position();
        let cps = self.desk.timeline.cps(at);
        let stale = |(marked, then): (Frames, f64)| then != cps || at >= marked + (MARK * self.rate()) as Frames;
        if self.journal.is_none() || at == 0 || !self.marked.is_none_or(stale) {
            return;
        }
        self.marked = Some((at, cps));
        self.mark(Mark { wall, at, cycle: self.cycle_at(at), cps });
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        if let Some(journal) = &mut self.journal {
            let written = journal.mark(mark);
            self.lose(written);
        }
    }

    /// Writes what was said before this take.
    pub(super) fn note_past(&mut self, said: &Said, cycle: f64) {
        if let Some(journal) = &mut self.journal {
            let written = journal.past(cycle, said);
            self.lose(written);
        }
    }

    /// Writes a gesture that takes effect at `at`.
    pub(super) fn note(&mut self, said: &Said, at: Frames) {
        let n = self.write(said);
        self.answer(n, Outcome::Accepted(at, InTurn::default()));
    }

    pub(super) fn write(&mut self, said: &Said) -> Option<u64> {
        let at = self.controller.position();
        let cycle = self.cycle_at(at);
        let written = self.journal.as_mut()?.said(at, cycle, said);
        self.lose(written)
    }

    pub(super) fn answer(&mut self, n: Option<u64>, outcome: Outcome) {
        if let (Some(n), Some(journal)) = (n, &mut self.journal) {
            let written = journal.outcome(n, outcome, &Imports::default());
            self.lose(written);
        }
    }

    /// Writes what came of the text an owner said last.
    pub(super) fn answer_text(&mut self, owner: &str, outcome: Outcome) {
        if let (Some((n, imports)), Some(journal)) = (self.said.remove(owner), &mut self.journal) {
            let written = journal.outcome(n, outcome, &imports);
            self.lose(written);
        }
    }

    /// Writes that something went wrong that no replay brings about.
    pub(super) fn happened(&mut self, what: &str, to: &str, how_much: u64) {
        let at = self.controller.position();
        if let Some(journal) = &mut self.journal {
            let written = journal.happened(at, what, to, how_much);
            self.lose(written);
        }
    }

    /// A journal that cannot be written is closed, and said to be lost.
    fn lose<T>(&mut self, written: io::Result<T>) -> Option<T> {
        match written {
            Ok(done) => Some(done),
            Err(error) => {
                self.journal = None;
                self.desk.out.news.push(News::JournalLost(error.to_string()));
                None
            }
        }
    }
}

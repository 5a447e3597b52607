//! What a session writes into its journal.

use std::io::{self, Write};

use super::journal::{Journal, Mark, Outcome, Said};
use super::{News, Session};
use crate::engine::Frames;

/// Seconds between two marks where nothing else happens.
const MARK: f64 = 10.0;

impl Session {
    /// Opens the journal. From now on all that is said is written there.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn record(&mut self, out: Box<dyn Write + Send>) -> io::Result<()> {
        self.journal = Some(Journal::begin(out, self.rate(), self.seed)?);
        Ok(())
    }

    /// Writes a text to the journal before it is evaluated. `load` tells what came of it, or `refuse`.
    pub fn said(&mut self, owner: &str, text: &str) {
        let said = Said::Text { owner: owner.into(), text: Some(text.into()) };
        if let Some(n) = self.write(&said) {
            self.said.insert(owner.into(), n);
        }
    }

    /// The text an owner said last was not evaluated: nothing changes.
    pub fn refuse(&mut self, owner: &str) {
        let said = self.said.remove(owner);
        self.answer(said, Outcome::Refused);
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
        let mark = Mark { wall, at, cycle: self.cycle_at(at), cps };
        if let Some(journal) = &mut self.journal {
            let written = journal.mark(mark);
            self.lose(written);
        }
    }

    /// Writes a gesture that takes effect at `at`.
    pub(super) fn note(&mut self, said: &Said, at: Frames) {
        let n = self.write(said);
        self.answer(n, Outcome::Accepted(at));
    }

    pub(super) fn write(&mut self, said: &Said) -> Option<u64> {
        let at = self.controller.position();
        let cycle = self.cycle_at(at);
        let written = self.journal.as_mut()?.said(at, cycle, said);
        self.lose(written)
    }

    pub(super) fn answer(&mut self, n: Option<u64>, outcome: Outcome) {
        if let (Some(n), Some(journal)) = (n, &mut self.journal) {
            let written = journal.outcome(n, outcome);
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

//! Saying something from any thread without tearing the line that is being typed, and without ever waiting.

use std::io::Write;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use rustyline::ExternalPrinter;
use segue::score::Diagnostic;

use super::{marks, screen};

/// Messages that may wait to be shown; further ones are lost, and counted.
const WAITING: usize = 256;

/// How long the last words may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A handle for saying things; every thread has its own.
#[derive(Clone)]
pub struct Say {
    words: Sender<Word>,
}

enum Word {
    Line(String),
    /// A picture that takes the place of the one before it, if nothing was said or typed since.
    Live(String),
    /// A line was typed.
    Typed,
    /// Answers when all before it has been said.
    Mark(Sender<()>),
}

impl Say {
    /// Begins to write to the prompt's printer, or to standard error where there is no prompt.
    pub fn begin(printer: Option<Box<dyn ExternalPrinter + Send>>) -> std::io::Result<Say> {
        let (words, inbox) = bounded(WAITING);
        std::thread::Builder::new().name("speaker".into()).spawn(move || {
            let mut printer = printer;
            let mut say = |line: String| {
                let printed = printer.as_mut().is_some_and(|p| p.print(line.clone()).is_ok());
                if !printed {
                    // Nobody is left to be told that standard error is gone.
                    let _ = std::io::stderr().write_all(line.as_bytes());
                }
            };
            // Rows of the picture right above the prompt.
            let mut rows = 0;
            for word in inbox {
                match word {
                    Word::Mark(done) => drop(done.send(())),
                    Word::Typed => rows = 0,
                    Word::Line(line) => {
                        rows = 0;
                        say(line + "\n");
                    }
                    Word::Live(picture) => {
                        // Up to its first row, and nothing below it any more.
                        let over = if rows > 0 { format!("\x1b[{rows}A\x1b[0J") } else { String::new() };
                        rows = picture.lines().count();
                        say(format!("{over}{picture}\n"));
                    }
                }
            }
        })?;
        Ok(Say { words })
    }

    /// One or more lines, without the last line's end. Never waits: what cannot be shown in time is not shown.
    pub fn line(&self, line: impl Into<String>) {
        let _ = self.words.try_send(Word::Line(screen::shown(&line.into())));
    }

    /// A picture that changes: it takes the place of the one before it as long as that stands right above the prompt.
    pub fn live(&self, picture: impl Into<String>) {
        let _ = self.words.try_send(Word::Live(screen::shown(&picture.into())));
    }

    /// A line was typed: what stands above it stays.
    pub fn typed(&self) {
        let _ = self.words.try_send(Word::Typed);
    }

    /// A diagnostic with the line of `text` it speaks of.
    pub fn diagnostic(&self, diagnostic: &Diagnostic, text: Option<&str>) {
        self.line(marks::shown(diagnostic, text));
    }

    /// Something that went wrong outside the text.
    pub fn trouble(&self, what: impl std::fmt::Display) {
        let mark = if screen::in_colour() { "\x1b[1;31merror\x1b[0m" } else { "error" };
        self.line(format!("{mark}: {what}"));
    }

    /// Less important than what was asked for.
    pub fn aside(&self, what: impl std::fmt::Display) {
        if screen::in_colour() { self.line(format!("\x1b[2m{what}\x1b[0m")) } else { self.line(what.to_string()) }
    }

    /// Waits until all is said, but not for a terminal that hangs.
    pub fn finish(&self) {
        let (done, wait) = bounded(1);
        if self.words.send_timeout(Word::Mark(done), PATIENCE).is_ok() {
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}

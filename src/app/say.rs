//! Saying something from any thread without tearing the line that is being typed, and without ever waiting.

use std::io::Write;
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use rustyline::ExternalPrinter;
use segue::score::Diagnostic;

use super::marks;

/// Messages that may wait to be shown; further ones are lost, and counted.
const WAITING: usize = 256;

/// A handle for saying things; every thread has its own.
#[derive(Clone)]
pub struct Say {
    words: Sender<String>,
    colour: bool,
}

/// The thread that writes. It ends when every `Say` is gone.
pub struct Speaker(JoinHandle<()>);

impl Say {
    /// Begins to write to the prompt's printer, or to standard error where there is no prompt.
    pub fn begin(printer: Option<Box<dyn ExternalPrinter + Send>>) -> std::io::Result<(Say, Speaker)> {
        let (words, inbox) = bounded::<String>(WAITING);
        let thread = std::thread::Builder::new().name("speaker".into()).spawn(move || {
            let mut printer = printer;
            for mut line in inbox {
                line.push('\n');
                let printed = printer.as_mut().is_some_and(|p| p.print(line.clone()).is_ok());
                if !printed {
                    // Nobody is left to be told that standard error is gone.
                    let _ = std::io::stderr().write_all(line.as_bytes());
                }
            }
        })?;
        Ok((Say { words, colour: marks::in_colour() }, Speaker(thread)))
    }

    /// One or more lines, without the last line's end. Never waits: what cannot be shown in time is not shown.
    pub fn line(&self, line: impl Into<String>) {
        let _ = self.words.try_send(line.into());
    }

    /// A diagnostic with the line of `text` it speaks of.
    pub fn diagnostic(&self, diagnostic: &Diagnostic, text: Option<&str>) {
        self.line(marks::show(diagnostic, text, self.colour));
    }

    /// Something that went wrong outside the text.
    pub fn trouble(&self, what: impl std::fmt::Display) {
        let mark = if self.colour { "\x1b[1;31merror\x1b[0m" } else { "error" };
        self.line(format!("{mark}: {what}"));
    }

    /// Less important than what was asked for.
    pub fn aside(&self, what: impl std::fmt::Display) {
        if self.colour { self.line(format!("\x1b[2m{what}\x1b[0m")) } else { self.line(what.to_string()) }
    }
}

impl Speaker {
    /// Waits until everything is said. Every `Say` must be gone by then.
    pub fn finish(self) {
        // A speaker that panicked has nothing more to say.
        let _ = self.0.join();
    }
}

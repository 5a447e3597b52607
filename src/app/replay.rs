//! `segue replay`: a journal, recorded or composed, becomes a sound file.

use std::path::{Path, PathBuf};

use segue::lang::{Interpreter, memory};
use segue::render::replay::{Reader, replay};
use segue::score::{Diagnostic, Location, Score, Severity};
use segue::session::{Imports, REPL};

use super::args::Replay;
use super::piece::{self, Folder, Shelf};
use super::{Failure, render, state};

pub fn run(asked: &Replay) -> Result<(), Failure> {
    memory::leave_zeros();
    let name = asked.journal.display().to_string();
    let rehearsal = state::read(&asked.journal, |lost| eprintln!("{name}:{}: left out: {}", lost.line, lost.why))?;
    if rehearsal.mishaps > 0 {
        eprintln!(
            "{name}: live, something came too late or was left out ({} times); here all is in time",
            rehearsal.mishaps
        );
    }
    let interpreter = Interpreter::new();
    let library = interpreter.library().clone();
    let beside = asked.journal.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut pieces = Pieces { interpreter, beside };
    render::take(&asked.take, &name, "", |out, options, progress| {
        replay(&library, &rehearsal, &mut pieces, out, options, progress)
    })
}

/// The texts of a journal, evaluated as they were live.
struct Pieces {
    interpreter: Interpreter,
    /// The journal's folder.
    beside: PathBuf,
}

impl Pieces {
    /// A file a journal names: from where we stand, as it was played, or beside the journal.
    fn path(&self, owner: &str) -> PathBuf {
        let path = PathBuf::from(owner);
        if path.exists() { path } else { self.beside.join(path) }
    }
}

impl Reader for Pieces {
    fn evaluate(&mut self, owner: &str, text: Option<&str>, imports: &Imports) -> Result<Score, Vec<Diagnostic>> {
        let path = self.path(owner);
        let read = text.map_or_else(|| piece::read(&path), |text| Ok(text.to_string()));
        let text = read.map_err(|why| {
            let at = Location { file: owner.into(), line: 0, column: 0 };
            vec![Diagnostic { severity: Severity::Error, at, width: 1, message: why.to_string(), hint: None }]
        })?;
        let folder = if owner == REPL { Folder::here() } else { Folder::of(&path) };
        let shelf = Shelf::new(&folder, imports.clone());
        self.interpreter.evaluate(owner, &text, &shelf).map(|evaluation| evaluation.score)
    }

    fn forget(&mut self, owner: &str) {
        self.interpreter.forget(owner);
    }
}

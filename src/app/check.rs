//! `segue check`: what is wrong with files, and nothing else.

use segue::lang::Interpreter;
use segue::score::{Diagnostic, Severity};

use super::args::Check;
use super::piece::{self, Folder};
use super::{Failure, marks};

/// Shows every diagnostic; a warning is one, too.
pub fn run(asked: &Check) -> Result<(), Failure> {
    let mut interpreter = Interpreter::new();
    let mut found = 0;
    for path in &asked.files {
        let owner = path.display().to_string();
        let text = piece::read(path).map_err(|why| Failure::unreadable(path, &why))?;
        let diagnostics = match interpreter.evaluate(&owner, &text, &Folder::of(path)) {
            Ok(evaluation) => evaluation.warnings,
            Err(errors) => errors,
        };
        found += diagnostics.len();
        tell(&diagnostics, &owner, &text);
    }
    if found == 0 { Ok(()) } else { Err(Failure::Piece) }
}

/// Diagnostics on standard error, with the lines they speak of.
pub fn tell(diagnostics: &[Diagnostic], owner: &str, text: &str) {
    let colour = marks::in_colour();
    for diagnostic in diagnostics {
        let source = (*diagnostic.at.file == *owner).then_some(text);
        eprintln!("{}", marks::show(diagnostic, source, colour));
    }
}

/// The score of a file that shall be played as a whole: warnings are shown, errors end it.
pub fn evaluate(
    interpreter: &mut Interpreter,
    path: &std::path::Path,
    text: &str,
) -> Result<segue::score::Score, Failure> {
    let owner = path.display().to_string();
    match interpreter.evaluate(&owner, text, &Folder::of(path)) {
        Ok(evaluation) => {
            tell(&evaluation.warnings, &owner, text);
            Ok(evaluation.score)
        }
        Err(errors) => {
            debug_assert!(errors.iter().any(|d| d.severity == Severity::Error), "a refusal has a reason");
            tell(&errors, &owner, text);
            Err(Failure::Piece)
        }
    }
}

//! `segue check`: what is wrong with files, and nothing else.

use segue::engine::Config;
use segue::lang::{Interpreter, memory};
use segue::score::{Diagnostic, Score, Severity};
use segue::session::{Moment, News, Session, When};

use super::args::Check;
use super::piece::{self, Folder};
use super::{Failure, marks, screen};

/// Shows every diagnostic; a warning is one, too.
pub fn run(asked: &Check) -> Result<(), Failure> {
    memory::leave_zeros();
    let mut interpreter = Interpreter::new();
    let mut found = 0;
    for path in &asked.files {
        let owner = path.display().to_string();
        let text = piece::read(path).map_err(|why| Failure::unreadable(path, &why))?;
        let diagnostics = match interpreter.evaluate(&owner, &text, &Folder::of(path)) {
            Ok(evaluation) => [evaluation.warnings, played(&interpreter, &owner, evaluation.score)].concat(),
            Err(errors) => errors,
        };
        found += diagnostics.len();
        tell(&diagnostics, &owner, &text);
    }
    if found == 0 { Ok(()) } else { Err(Failure::Piece) }
}

/// Cycles that are played to nobody, to hear what would be told then.
const CYCLES: f64 = 8.0;
/// Frames per second of such playing: nobody hears it.
const RATE: f64 = 8000.0;

/// What is wrong only when it is played: an instrument that is not there, a bus nobody made.
fn played(interpreter: &Interpreter, owner: &str, score: Score) -> Vec<Diagnostic> {
    let config = Config { rate: RATE, ..Config::default() };
    let (mut session, mut renderer) = Session::new(config, interpreter.library().clone(), 0);
    let mut found = session.load(owner, score, When::At(Moment::Frame(0)));
    let end = session.frame_at(CYCLES);
    let mut block = [0.0; 2 * 512];
    for _ in 0..end.div_ceil(512) {
        session.tick();
        renderer.process(&[], &mut block);
        found.extend(session.news().into_iter().filter_map(|news| match news {
            News::Warning(warning) => Some(warning),
            _ => None,
        }));
    }
    found
}

/// Diagnostics on standard error, with the lines they speak of.
pub fn tell(diagnostics: &[Diagnostic], owner: &str, text: &str) {
    for diagnostic in diagnostics {
        let source = (*diagnostic.at.file == *owner).then_some(text);
        eprintln!("{}", screen::for_people(&marks::shown(diagnostic, source)));
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

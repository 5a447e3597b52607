//! `segue picture` and `:picture`: what theory looks like, in the terminal or as an SVG file.

use std::path::Path;

use segue::lang::{Answer, Interpreter};
use segue::score::Diagnostic;
use segue::theory::picture::Picture;

use super::args;
use super::{Failure, marks, out, query, screen};

pub fn run(asked: &args::Picture) -> Result<(), Failure> {
    let thing = asked.thing.join(" ");
    let picture = of(&mut Interpreter::new(), &thing, asked.kind.as_deref()).map_err(|diagnostics| {
        let show = |d| eprintln!("{}", screen::for_people(&marks::shown(d, None)));
        diagnostics.iter().for_each(show);
        Failure::Piece
    })?;
    match &asked.svg {
        Some(path) => {
            write(path, &picture)?;
            out::show(&format!("{} is written\n", path.display()))
        }
        None => out::show(&(query::pictured(&picture, screen::manner()) + "\n")),
    }
}

/// The picture of an expression, or of what the words themselves say; `kind`: how it is drawn.
pub fn of(interpreter: &mut Interpreter, thing: &str, kind: Option<&str>) -> Result<Picture, Vec<Diagnostic>> {
    let kind = kind.map_or(String::new(), |kind| format!(", {kind:?}"));
    let words = format!("picture({:?}{kind})", thing.trim_matches('"'));
    let found = interpreter.query(&format!("picture({thing}{kind})")).or_else(|_| interpreter.query(&words))?;
    match found {
        Answer::Picture(picture) => Ok(picture),
        _ => Ok(Picture::Ladder(Vec::new())),
    }
}

/// Writes a picture as SVG.
///
/// # Errors
/// A name that does not end in `.svg`, or a disk that would not.
pub fn write(path: &Path, picture: &Picture) -> Result<(), Failure> {
    if path.extension().is_none_or(|end| !end.eq_ignore_ascii_case("svg")) {
        return Err(Failure::Usage(format!("{}: expected a name that ends in .svg", path.display())));
    }
    std::fs::write(path, picture.svg()).map_err(|why| Failure::at(path, why))
}

//! `segue doc`: the words of the language, one, all by name, or all as a page.

use segue::lang::{Interpreter, reference};

use super::args::Doc;
use super::words::Words;
use super::{Failure, out};

pub fn run(asked: &Doc) -> Result<(), Failure> {
    let interpreter = Interpreter::new();
    let words = Words::of(&interpreter);
    if asked.markdown {
        return out::write(&reference());
    }
    out::show(&match &asked.word {
        Some(word) => words.explain(word).map_err(Failure::Usage)? + "\n",
        None => format!("{}\n`segue doc WORD` explains one.\n", words.list()),
    })
}

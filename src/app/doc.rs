//! `segue doc`: the words of the language, one, all by name, or all as a page.

use segue::lang::{Interpreter, reference};

use super::Failure;
use super::args::Doc;
use super::words::Words;

pub fn run(asked: &Doc) -> Result<(), Failure> {
    let interpreter = Interpreter::new();
    let words = Words::of(&interpreter);
    match &asked.word {
        Some(word) => println!("{}", words.explain(word).map_err(Failure::Usage)?),
        None if asked.markdown => print!("{}", reference()),
        None => print!("{}\n`segue doc WORD` explains one.\n", words.list()),
    }
    Ok(())
}

//! `segue doc`: the words of the language, one, all by name, or all as a page.

use segue::lang::{Interpreter, reference};

use super::args::Doc;
use super::words::Words;
use super::{Failure, help, out, screen};

pub fn run(asked: &Doc) -> Result<(), Failure> {
    let mut interpreter = Interpreter::new();
    let words = Words::of(&interpreter);
    if asked.markdown {
        return out::write(&reference());
    }
    out::show(&match &asked.word {
        Some(word) => {
            let help = help::about(&words, &mut interpreter, word, screen::manner()).map_err(Failure::Usage)?;
            help.page.trim_end_matches("\n\n  :play plays the example").to_string() + "\n"
        }
        None => format!("{}\n`segue doc WORD` explains one.\n", words.list()),
    })
}

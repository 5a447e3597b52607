//! Colour and line breaks at the prompt: known words stand out, and what is open goes on in the next line.

use std::borrow::Cow;

use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Completer, Helper, Hinter};
use segue::lang::Style;

use super::complete::Suggestions;
use super::lexer::{self, Kind};
use super::line::{self, Line};
use super::words::Words;

/// Everything the line editor asks us.
#[derive(Helper, Completer, Hinter)]
pub struct Prompt {
    #[rustyline(Completer)]
    #[rustyline(Hinter)]
    pub suggestions: Suggestions,
    pub colour: bool,
}

impl Highlighter for Prompt {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        if self.colour { Cow::Owned(coloured(line, &self.suggestions.words)) } else { Cow::Borrowed(line) }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        if self.colour { Cow::Owned(format!("\x1b[1;36m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colour { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        self.colour && kind != CmdKind::MoveCursor
    }
}

impl Validator for Prompt {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let open = matches!(line::read(context.input()), Line::Text(text) if lexer::is_open(&text));
        // An empty line ends what the reader took for unfinished.
        let given_up = context.input().ends_with('\n');
        Ok(if open && !given_up { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// The line with each stretch in its colour; not a letter more or less.
fn coloured(line: &str, words: &Words) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    let mut done = 0;
    for token in lexer::tokens(line) {
        out.push_str(&line[done..token.at.start]);
        let text = &line[token.at.clone()];
        let code = match token.kind {
            Kind::Comment => "2",
            Kind::Text { .. } => "33",
            Kind::Number => "35",
            Kind::Word if is_grammar(text, words) => "1;34",
            Kind::Word if words.knows(text) => "32",
            _ => "",
        };
        if code.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&format!("\x1b[{code}m{text}\x1b[0m"));
        }
        done = token.at.end;
    }
    out.push_str(&line[done..]);
    out
}

fn is_grammar(word: &str, words: &Words) -> bool {
    matches!(word, "let" | "fn" | "if" | "else" | "for" | "in" | "while" | "return" | "import" | "true" | "false")
        || words.called(word).any(|w| w.style == Style::Syntax)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::complete::Tracks;
    use rustyline::Context;
    use rustyline::completion::Completer;
    use rustyline::hint::{Hint, Hinter};
    use rustyline::history::DefaultHistory;
    use segue::lang::Interpreter;

    #[test]
    fn the_editor_reaches_completion_and_hints() {
        let suggestions = Suggestions { words: Words::of(&Interpreter::new()), tracks: Tracks::default() };
        let prompt = Prompt { suggestions, colour: false };
        let history = DefaultHistory::new();
        let context = Context::new(&history);
        let (from, found) = prompt.complete(":tr", 3, &context).unwrap();
        assert_eq!((from, found[0].replacement.as_str()), (1, "tracks"));
        assert_eq!(prompt.hint(":tr", 3, &context).unwrap().display().trim(), "acks");
    }

    #[test]
    fn colour_changes_no_letter() {
        let words = Words::of(&Interpreter::new());
        for line in ["track d = s(\"bd*2\").fast(2) // é", "", "\"open", "日本 \t x"] {
            let shown = coloured(line, &words);
            let plain = shown
                .split('\x1b')
                .enumerate()
                .map(|(i, part)| if i == 0 { part } else { part.split_once('m').expect("an escape ends in m").1 });
            assert_eq!(plain.collect::<String>(), line);
        }
        assert!(coloured("x.fast(2)", &words).contains("\x1b[32mfast\x1b[0m"));
    }
}

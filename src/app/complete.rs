//! Completion and inline hints at the prompt, from the vocabulary and the names of the piece.

use std::sync::{Arc, Mutex, PoisonError};

use rustyline::Context;
use rustyline::completion::{Completer, Pair};
use rustyline::hint::{Hint, Hinter};
use segue::lang::{Style, Word};

use super::lexer::{self, Kind};
use super::line::{COMMANDS, GESTURES};
use super::words::{Words, first_sentence, is_method};

/// The tracks there are, kept current by the conductor.
pub type Tracks = Arc<Mutex<Vec<String>>>;

/// Knows what may be typed next.
pub struct Suggestions {
    pub words: Words,
    pub tracks: Tracks,
}

/// What is being typed at the end of a line, and what kind of word belongs there.
#[derive(Debug, PartialEq)]
enum Place<'a> {
    /// After a colon at the beginning.
    Command(&'a str),
    /// After `mute`, `solo` or `:show`.
    Track(&'a str),
    /// After a dot.
    Method(&'a str),
    /// On its own.
    Free(&'a str),
    /// In a text that names an instrument: `s("…`.
    Instrument(&'a str),
    /// After `:help`.
    Any(&'a str),
    Nowhere,
}

fn place(line: &str) -> Place<'_> {
    let from = line.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |i| i + utf8_length(line, i));
    let (before, word) = line.split_at(from);
    if before.trim() == ":" {
        return Place::Command(word);
    }
    let first = line.split_whitespace().next().unwrap_or("");
    if matches!(first, ":help" | ":h" | ":doc") && before.len() > first.len() {
        return Place::Any(word);
    }
    let takes_track = first == ":show" && line.split_whitespace().count() <= 2 && !line.contains(['.', '(']);
    let takes_tracks = GESTURES.iter().any(|(g, names, _)| *g == first && !names.is_empty());
    if (takes_track || takes_tracks) && before.trim_start().len() > first.len() {
        return Place::Track(word);
    }
    match lexer::tokens(line).last() {
        Some(token) if token.kind == Kind::Text { open: true } => {
            let opener = line[..token.at.start].trim_end();
            let call = ["s(", "sound(", ".s(", ".sound("].iter().any(|c| opener.ends_with(c));
            if call { Place::Instrument(word) } else { Place::Nowhere }
        }
        Some(token) if token.kind == Kind::Comment => Place::Nowhere,
        _ if before.ends_with('.') && !before.ends_with("..") => Place::Method(word),
        _ => Place::Free(word),
    }
}

fn utf8_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

impl Suggestions {
    /// What may stand at the end of `line`: the word begun there, and candidates (replacement, what to show).
    fn candidates(&self, line: &str) -> (usize, Vec<(String, String)>) {
        let plain = |names: Vec<String>, start: &str| {
            let fits = names.into_iter().filter(|n| n.starts_with(start) && n != start);
            fits.map(|n| (n.clone(), n)).collect::<Vec<_>>()
        };
        let vocabulary = |start: &str, fits: &dyn Fn(&Word) -> bool| {
            let found = self.words.beginning(start).filter(|(name, word)| fits(word) && *name != start);
            let mut found: Vec<_> = found.map(|(name, word)| (name.to_string(), shown(name, word))).collect();
            found.sort();
            found.dedup_by(|a, b| a.0 == b.0);
            found
        };
        let of = |list: &[(&str, &str, &str)]| {
            let mut names: Vec<String> = list.iter().map(|(n, ..)| n.trim_start_matches(':').to_string()).collect();
            names.dedup();
            names
        };
        let (word, found) = match place(line) {
            Place::Command(word) => (word, plain(of(COMMANDS), word)),
            Place::Track(word) => (word, plain(self.tracks(), word)),
            Place::Method(word) => (word, vocabulary(word, &is_method)),
            Place::Instrument(word) => (word, vocabulary(word, &|w| w.style == Style::Instrument)),
            Place::Any(word) => (word, vocabulary(word, &|_| true)),
            Place::Free(word) => {
                let mut found = vocabulary(word, &|w| !is_method(w) && w.style != Style::Instrument);
                found.extend(plain(self.tracks(), word));
                if line.trim() == word {
                    found.extend(plain(of(GESTURES), word));
                }
                (word, found)
            }
            Place::Nowhere => ("", Vec::new()),
        };
        (line.len() - word.len(), found)
    }

    fn tracks(&self) -> Vec<String> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What follows the end of `line`: parameters after an open bracket, or the rest of the only word that fits.
    fn hint(&self, line: &str) -> Option<Tip> {
        if let Some(before) = line.strip_suffix('(') {
            let (name, method) = match place(before) {
                Place::Method(name) => (name, true),
                Place::Free(name) => (name, false),
                _ => return None,
            };
            let word = self.words.called(name).find(|w| is_method(w) == method)?;
            let signature = word.signature();
            let params = signature.split_once('(').map_or(")", |(_, rest)| rest);
            return Some(Tip { shown: format!("{params}  {}", first_sentence(word)), typed: 0 });
        }
        let (from, found) = self.candidates(line);
        let begun = &line[from..];
        match &found[..] {
            [(only, _)] if !begun.is_empty() => {
                let rest = &only[begun.len()..];
                let about = self.words.called(only).next().map_or("", first_sentence);
                Some(Tip { shown: format!("{rest}  {about}"), typed: rest.len() })
            }
            _ => None,
        }
    }
}

fn shown(name: &str, word: &Word) -> String {
    format!("{name:<16} {}", first_sentence(word))
}

/// A hint: what is shown, and how many bytes of it may be taken with the right arrow.
#[derive(Debug, PartialEq)]
pub struct Tip {
    shown: String,
    typed: usize,
}

impl Hint for Tip {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        (self.typed > 0).then(|| &self.shown[..self.typed])
    }
}

impl Completer for Suggestions {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (from, found) = self.candidates(&line[..pos]);
        Ok((from, found.into_iter().map(|(replacement, display)| Pair { display, replacement }).collect()))
    }
}

impl Hinter for Suggestions {
    type Hint = Tip;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Tip> {
        if pos < line.len() || line.trim().is_empty() { None } else { Suggestions::hint(self, line) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::lang::Interpreter;

    fn suggestions() -> Suggestions {
        let tracks = Arc::new(Mutex::new(vec!["drums".to_string(), "bass".to_string()]));
        Suggestions { words: Words::of(&Interpreter::new()), tracks }
    }

    #[test]
    fn the_place_decides_what_kind_of_word_belongs_there() {
        for (line, expected) in [
            (":tr", Place::Command("tr")),
            (":help fa", Place::Any("fa")),
            ("mute dr", Place::Track("dr")),
            ("solo a b", Place::Track("b")),
            (":show dr", Place::Track("dr")),
            (":show drums.fa", Place::Method("fa")),
            ("s(\"bd\").fa", Place::Method("fa")),
            ("track d = st", Place::Free("st")),
            ("s(\"b", Place::Instrument("b")),
            ("s(\"bd, h", Place::Instrument("h")),
            ("n(\"0 b", Place::Nowhere),
            ("// fa", Place::Nowhere),
            ("é", Place::Free("é")),
            ("日本.fa", Place::Method("fa")),
            ("", Place::Free("")),
        ] {
            assert_eq!(place(line), expected, "{line}");
        }
    }

    #[test]
    fn words_tracks_and_commands_complete() {
        let s = suggestions();
        let names = |line: &str| s.candidates(line).1.into_iter().map(|(n, _)| n).collect::<Vec<_>>();
        assert_eq!(names("mute dr"), ["drums"]);
        assert_eq!(names(":s"), ["search", "show", "swaps"]);
        assert!(names("s(\"bd\").fas").contains(&"fast".to_string()));
        assert!(names("stac").contains(&"stack".to_string()));
        assert!(!names("s(\"bd\").stac").contains(&"drums".to_string()));
        assert_eq!(s.candidates("s(\"bd\").fas").0, 8);
    }

    #[test]
    fn an_open_bracket_shows_what_goes_inside() {
        let tip = suggestions().hint("s(\"bd\").fast(").unwrap();
        assert!(tip.shown.contains(')'), "{tip:?}");
        assert_eq!(Hint::completion(&tip), None);
    }
}

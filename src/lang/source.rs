//! Source texts: what is made ready before parsing, and what can be read off them for diagnostics.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rhai::{LexError, ParseError, Position};

use super::{limits, tolerance};

/// Lines of the longest text in backticks that is looked for.
const LONGEST: usize = 64;

/// A text as lines of characters, so that columns count characters.
#[derive(Clone, Debug, Default)]
pub struct Source(Arc<Lines>);

#[derive(Debug, Default)]
struct Lines {
    lines: Vec<Vec<char>>,
    /// Where each text in quotes begins, made when somebody asks.
    texts: OnceLock<Texts>,
}

/// Places of the first characters of texts in quotes.
type Texts = HashMap<String, Vec<(usize, usize)>>;

impl Source {
    pub fn new(text: &str) -> Self {
        let lines = text.lines().map(|l| l.trim_end_matches('\r').chars().collect()).collect();
        Source(Arc::new(Lines { lines, texts: OnceLock::new() }))
    }

    /// Line `n`, counted from 1.
    pub fn line(&self, n: usize) -> &[char] {
        n.checked_sub(1).and_then(|n| self.0.lines.get(n)).map_or(&[], Vec::as_slice)
    }

    pub fn lines(&self) -> usize {
        self.0.lines.len()
    }

    /// Where the text ends: behind its last character that is not blank.
    pub fn end(&self) -> (usize, usize) {
        let is_code = |l: &Vec<char>| l.iter().any(|c| !c.is_whitespace());
        let last = self.0.lines.iter().rposition(is_code).unwrap_or(0);
        let width =
            self.0.lines.get(last).and_then(|l| l.iter().rposition(|c| !c.is_whitespace())).map_or(0, |c| c + 1);
        (last + 1, width + 1)
    }

    /// Whether a dot stands before this position: the word there is called as a method.
    pub fn is_after_dot(&self, at: Position) -> bool {
        let (Some(line), Some(column)) = (at.line(), at.position()) else { return false };
        let line_before = &self.line(line)[..column.saturating_sub(1).min(self.line(line).len())];
        let blank = |c: &&char| c.is_whitespace();
        match line_before.iter().rev().find(|c| !blank(c)) {
            Some(c) => *c == '.' && line_before.iter().rev().skip_while(blank).nth(1) != Some(&'.'),
            None => {
                (1..line).rev().find_map(|n| without_comment(self.line(n)).iter().rev().find(|c| !blank(c)))
                    == Some(&'.')
            }
        }
    }

    /// How many characters the word, number or text at a place takes, at least 1.
    pub fn width(&self, line: usize, column: usize) -> usize {
        let rest = self.line(line).get(column.saturating_sub(1)..).unwrap_or(&[]);
        let word = |c: &char| c.is_alphanumeric() || *c == '_';
        match rest.first() {
            Some(quote @ ('"' | '`' | '\'')) => {
                rest.iter().skip(1).position(|c| c == quote).map_or(rest.len(), |n| n + 2)
            }
            Some(c) if word(c) => rest.iter().take_while(|c| word(c)).count(),
            _ => 1,
        }
    }

    /// The word that begins at, or is cut by, a place.
    pub fn word(&self, line: usize, column: usize) -> String {
        let rest = self.line(line).get(column.saturating_sub(1)..).unwrap_or(&[]);
        rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect()
    }

    /// The place of a text's `offset`th character, where the text is a literal of this source: the nearest one at or after
    /// `near`, else the nearest before.
    pub fn inside(&self, literal: &str, offset: usize, near: (usize, usize)) -> Option<(usize, usize)> {
        let begin = self.text_after(literal, near).or_else(|| self.places(literal).last().copied())?;
        let mut chars = literal.chars().take(offset);
        let (mut line, mut column) = begin;
        for c in &mut chars {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        Some((line, column))
    }

    /// Where a text in quotes begins at or after a place; else the last one before it.
    pub fn text_after(&self, text: &str, near: (usize, usize)) -> Option<(usize, usize)> {
        let places = self.places(text);
        places.iter().find(|place| **place > near).or(places.last()).copied()
    }

    /// Where a text in quotes begins that stands last before a place; else the first one after it.
    pub fn text_before(&self, text: &str, near: (usize, usize)) -> Option<(usize, usize)> {
        let places = self.places(text);
        places.iter().rev().find(|place| **place < near).or(places.first()).copied()
    }

    fn places(&self, text: &str) -> &[(usize, usize)] {
        self.0.texts.get_or_init(|| self.index()).get(text).map_or(&[], Vec::as_slice)
    }

    /// Every text in quotes; one in backticks may go over several lines. What looks like one inside another is found, too: the
    /// nearest is taken, and it is the one that was read.
    fn index(&self) -> Texts {
        let mut texts = Texts::new();
        for (n, line) in self.0.lines.iter().enumerate() {
            for (k, c) in line.iter().enumerate().filter(|(_, c)| matches!(c, '"' | '`' | '\'')) {
                let here =
                    line[k + 1..].iter().position(|x| x == c).map(|end| line[k + 1..k + 1 + end].iter().collect());
                if let Some(text) = here.or_else(|| (*c == '`').then(|| self.over_lines(n, k + 1)).flatten()) {
                    texts.entry(text).or_default().push((n + 1, k + 2));
                }
            }
        }
        texts
    }

    /// A text from a place to the next backtick, which stands in a later line.
    fn over_lines(&self, line: usize, column: usize) -> Option<String> {
        let mut text: String = self.0.lines[line][column..].iter().collect();
        for line in self.0.lines[line + 1..].iter().take(LONGEST) {
            text.push('\n');
            match line.iter().position(|c| *c == '`') {
                Some(end) => {
                    text.extend(&line[..end]);
                    return Some(text);
                }
                None => text.extend(line),
            }
        }
        None
    }
}

/// A line without its comment.
fn without_comment(line: &[char]) -> &[char] {
    let mut quote = None;
    for (k, c) in line.iter().enumerate() {
        match quote {
            Some(open) if *c == open && line[k - 1] != '\\' => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`' | '\'') => quote = Some(*c),
            None if *c == '/' && line.get(k + 1) == Some(&'/') => return &line[..k],
            None => {}
        }
    }
    line
}

/// Columns at which characters were put into lines, in order, counted in the text that came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inserted(HashMap<usize, Vec<usize>>);

impl Inserted {
    /// The column a column had before anything was put in.
    pub fn given(&self, line: usize, column: usize) -> usize {
        let before = self.0.get(&line).map_or(0, |columns| columns.iter().filter(|c| **c < column).count());
        (column - before).max(1)
    }

    fn put(&mut self, line: usize, column: usize) {
        let columns = self.0.entry(line).or_default();
        // In order: most are put in from left to right, at the end.
        let place = columns.partition_point(|c| *c < column);
        columns[place..].iter_mut().for_each(|c| *c += 1);
        columns.insert(place, column);
    }
}

/// A text ready to be parsed.
pub struct Ready {
    pub text: String,
    /// `///` lines by the line of what they describe.
    pub docs: HashMap<usize, String>,
    pub inserted: Inserted,
}

/// Makes a text ready: Rhai allows `///` above functions only, so they become ordinary remarks, column for column; and other
/// languages' spellings become ours.
pub fn prepare(text: &str, source: &Source) -> Ready {
    let mut ready =
        Ready { text: String::with_capacity(text.len()), docs: HashMap::new(), inserted: Inserted::default() };
    let mut changes = tolerance::changes(source).into_iter().peekable();
    let mut pending: Vec<&str> = Vec::new();
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let begin = line.len() - line.trim_start().len();
        if let Some(doc) = line.trim_start().strip_prefix("///") {
            pending.push(doc.trim());
            ready.text.push_str(&line[..begin]);
            ready.text.push_str("// ");
            ready.text.push_str(doc);
            continue;
        }
        if !pending.is_empty() && !line.trim().is_empty() {
            ready.docs.insert(n + 1, std::mem::take(&mut pending).join(" "));
        }
        if changes.peek().is_none_or(|change| change.line != n + 1) {
            ready.text.push_str(line);
            continue;
        }
        let (mut column, mut covered) = (0, 0);
        for (k, c) in line.chars().enumerate() {
            match changes.next_if(|change| (change.line, change.column) == (n + 1, k + 1)) {
                Some(change) => {
                    let width = change.text.chars().count();
                    (0..width - change.width).for_each(|extra| ready.inserted.put(n + 1, column + extra + 1));
                    ready.text.push_str(&change.text);
                    (column, covered) = (column + width, change.width - 1);
                }
                None if covered > 0 => covered -= 1,
                None => {
                    ready.text.push(c);
                    column += 1;
                }
            }
        }
    }
    ready
}

/// Ends the statement before line `line` with a semicolon at its beginning, in the place of a blank where there is one, so
/// that columns stay.
pub fn mend(text: &str, line: usize, inserted: &mut Inserted) -> Option<String> {
    let start = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let rest = text.get(start..)?;
    let blank = rest.starts_with([' ', '\t']);
    if !blank {
        inserted.put(line, 1);
    }
    Some(format!("{};{}", &text[..start], if blank { &rest[1..] } else { rest }))
}

/// The characters of a source that are neither in a text nor in a remark, with their places.
pub fn code(source: &Source) -> Vec<(char, u32, u32)> {
    let mut found = Vec::with_capacity(source.0.lines.iter().map(Vec::len).sum());
    read(source, |c, line, column| found.push((c, line as u32, column as u32)));
    found
}

/// What the parser cannot be asked to read: a remark without end, a word or a number without end.
pub fn unreadable(source: &Source) -> Option<ParseError> {
    let mut long = None;
    let (mut letters, mut last) = (0, (0, 0));
    let end = read(source, |c, line, column| {
        let goes_on = (c.is_alphanumeric() || c == '_') && (letters == 0 || last == (line, column - 1));
        letters = if goes_on { letters + 1 } else { 0 };
        last = (line, column);
        if letters > limits::WORD && long.is_none() {
            long = Some((line, column - limits::WORD));
        }
    });
    let (place, message) = match (long, end) {
        (Some(place), _) => (place, format!("a word of at most {} letters expected, this one is longer", limits::WORD)),
        (None, State::Remark(_, place)) => (place, "this remark is never closed; put */ where it ends".to_string()),
        _ => return None,
    };
    let at = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    Some(LexError::Runtime(message).into_err(Position::new(at(place.0), at(place.1))))
}

/// Hands over the characters that are code, and says in what the source ends.
fn read(source: &Source, mut code: impl FnMut(char, usize, usize)) -> State {
    let mut state = State::Code;
    for n in 1..=source.lines() {
        let line = source.line(n);
        let mut k = 0;
        while k < line.len() {
            let (c, next) = (line[k], line.get(k + 1).copied());
            let width = match (&mut state, c, next) {
                (State::Code, '/', Some('/')) => line.len() - k,
                (State::Code, '/', Some('*')) => {
                    state = State::Remark(1, (n, k + 1));
                    2
                }
                (State::Code, '"' | '`' | '\'', _) => {
                    state = State::Text(c);
                    1
                }
                (State::Code, ..) => {
                    code(c, n, k + 1);
                    1
                }
                (State::Remark(depth, _), '/', Some('*')) => {
                    *depth += 1;
                    2
                }
                (State::Remark(depth, _), '*', Some('/')) => {
                    *depth -= 1;
                    if *depth == 0 {
                        state = State::Code;
                    }
                    2
                }
                (State::Text(quote), '\\', _) if *quote != '`' => 2,
                (State::Text(quote), ..) if *quote == c => {
                    state = State::Code;
                    1
                }
                _ => 1,
            };
            k += width;
        }
        if matches!(state, State::Text('"' | '\'')) {
            state = State::Code;
        }
    }
    state
}

enum State {
    Code,
    Text(char),
    /// How deep in remarks, and where the outermost began.
    Remark(usize, (usize, usize)),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doc_lines_become_comments_of_the_same_width_and_are_kept() {
        let text = "/// A bass.\n/// Low.\nsynth b = 1";
        let ready = prepare(text, &Source::new(text));
        assert_eq!(ready.text, "//  A bass.\n//  Low.\nsynth b = 1");
        assert_eq!(ready.docs[&3], "A bass. Low.");
    }

    #[test]
    fn a_missing_semicolon_takes_the_place_of_a_blank() {
        let mut inserted = Inserted::default();
        assert_eq!(mend("let a = 1\n let b = 2", 2, &mut inserted).as_deref(), Some("let a = 1\n;let b = 2"));
        assert_eq!(inserted, Inserted::default());
        assert_eq!(mend("a\nb", 2, &mut inserted).as_deref(), Some("a\n;b"));
        assert_eq!((inserted.given(2, 2), inserted.given(1, 2)), (1, 2));
    }

    #[test]
    fn a_number_may_begin_with_its_point_and_columns_stay_as_they_were() {
        let text = "f(.5, x.2, 0..5, \".5\", -.25)";
        let ready = prepare(text, &Source::new(text));
        assert_eq!(ready.text, "f(0.5, x.2, 0..5, \".5\", -0.25)");
        assert_eq!((ready.inserted.given(1, 5), ready.inserted.given(1, 32)), (4, 30));
    }

    #[test]
    fn a_place_inside_a_text_is_found_in_its_own_literal() {
        let source = Source::new("s(\"bd sd\");\nn(\"0 1\").s(\"bd sd\")");
        assert_eq!(source.inside("bd sd", 3, (1, 1)), Some((1, 7)));
        assert_eq!(source.inside("bd sd", 3, (2, 9)), Some((2, 16)));
        assert_eq!(source.inside("none", 0, (1, 1)), None);
    }

    #[test]
    fn what_never_ends_is_found_before_the_parser_reads_it() {
        let place = |text: &str| unreadable(&Source::new(text)).map(|error| error.position());
        assert_eq!(place("s(1)\n /* a /* b */"), Some(Position::new(2, 2)));
        assert_eq!(place("/* a /* b */ */ \"/*\" // /*"), None);
        assert_eq!(place(&format!("s({})", "9".repeat(limits::WORD + 1))), Some(Position::new(1, 3)));
        assert_eq!(place(&format!("s(\"{}\") {}", "9".repeat(1000), "a ".repeat(1000))), None);
    }

    #[test]
    fn a_dot_before_a_word_makes_it_a_method_even_on_another_line() {
        let source = Source::new("s(\"bd\").fast(2)\n  .rev()\nx.\n y(0..3)");
        let at = |line, column| source.is_after_dot(Position::new(line, column));
        assert!(at(1, 9) && at(2, 4) && at(4, 2));
        assert!(!at(1, 1) && !at(4, 7));
        let commented = Source::new("// A sentence.\ntempo(1);\ns(\"//.\"). // more\nfast(2)");
        assert!(!commented.is_after_dot(Position::new(2, 1)), "a comment's full stop calls nothing");
        assert!(commented.is_after_dot(Position::new(4, 1)));
    }
}

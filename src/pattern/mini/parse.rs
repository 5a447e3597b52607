//! Reading the mini-notation: one pass over the bytes, an error for everything that is not in the notation.

use std::ops::Range;

use super::density::{self, MOST_EVENTS};
use super::syntax::{Kind, Layers, Mark, Step, What};
use super::{Chords, MiniError};
use crate::pattern::{Time, Value, read_number};

/// Brackets inside brackets.
const MOST_DEEP: usize = 48;
/// Bytes of one text.
const MOST_LONG: usize = 1 << 16;
/// Copies of one step by `!`, values of one range, steps of one Euclidean rhythm.
pub(super) const MOST_COPIES: f64 = 1024.0;
/// The factor of `*` and `/`.
const MOST_FAST: f64 = 16384.0;
/// The weight of one step.
const MOST_WEIGHT: f64 = 1e6;

pub fn parse(text: &str, chords: Option<Chords>) -> Result<Layers, MiniError> {
    let mut parser = Parser { text, at: 0, open: Vec::new(), chances: 0, chords };
    if text.len() > MOST_LONG {
        return Err(parser.error(0..0, format!("text of at most {MOST_LONG} letters expected, found {}", text.len())));
    }
    let layers = parser.layers()?;
    if let Some(c) = parser.peek() {
        return Err(parser.stray(c));
    }
    match density::layers(&layers) {
        events if events > MOST_EVENTS => {
            let message = format!("at most {MOST_EVENTS} events in a cycle expected, found up to {events:.0}");
            Err(parser.error(0..text.len(), message))
        }
        _ => Ok(layers),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The opening brackets we are inside of, and where they stand.
    open: Vec<(char, usize)>,
    chances: u32,
    /// What reads words with apostrophes, where they are chords.
    chords: Option<Chords<'a>>,
}

type Read<T> = Result<T, MiniError>;

fn closing(open: char) -> char {
    match open {
        '[' => ']',
        '<' => '>',
        '{' => '}',
        _ => ')',
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '~' | '#' | '-' | '.' | '^' | '_')
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.at += c.len_utf8();
        }
        there
    }

    /// The run of word letters here.
    fn word(&self) -> &str {
        let rest = &self.text[self.at..];
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    }

    fn error(&self, span: Range<usize>, message: impl Into<String>) -> MiniError {
        MiniError { span, message: message.into(), hint: None }
    }

    /// The text with a stretch replaced.
    fn mended(&self, span: Range<usize>, by: &str) -> Option<String> {
        Some(format!("{}{by}{}", &self.text[..span.start], &self.text[span.end..]))
    }

    /// What stands here, for "found …".
    fn found(&self) -> String {
        match self.peek() {
            None => "the end".into(),
            Some(_) if !self.word().is_empty() => format!("`{}`", self.word()),
            Some(c) => format!("`{c}`"),
        }
    }

    fn here(&self) -> Range<usize> {
        let word = self.word().len();
        let one = self.peek().map_or(0, char::len_utf8);
        self.at..self.at + word.max(one)
    }

    /// An error about a letter that belongs to nothing.
    fn stray(&self, c: char) -> MiniError {
        let at = self.at..self.at + c.len_utf8();
        let hint = self.mended(at.clone(), "");
        match c {
            ']' | '>' | '}' | ')' => match self.open.last() {
                Some(&(open, place)) if closing(open) != c => MiniError {
                    span: place..place + 1,
                    message: format!("`{}` expected to close `{open}`, found `{c}`", closing(open)),
                    hint: self.mended(self.at..self.at, &closing(open).to_string()),
                },
                Some(_) => {
                    MiniError { span: at, message: format!("a step before `{c}` expected, found none"), hint: None }
                }
                None => {
                    MiniError { span: at, message: format!("a step expected, found `{c}` that nothing opened"), hint }
                }
            },
            '\'' | '"' => MiniError {
                span: at,
                message: format!("a step expected, found a quotation mark `{c}`: words of the mini-notation have none"),
                hint,
            },
            '(' => {
                let close = self.text[self.at..].find(')').map_or(self.text.len(), |end| self.at + end);
                let inner = format!("[{}]", &self.text[self.at + 1..close]);
                let message = "a step before `(` expected, found none: steps are put together by `[ ]`".to_string();
                let hint = self.mended(self.at..(close + 1).min(self.text.len()), &inner);
                MiniError { span: at, message, hint }
            }
            '%' => {
                let before = self.text[..self.at].trim_end();
                let hint = if before.ends_with('}') { self.mended(before.len()..self.at, "") } else { hint };
                MiniError { span: at, message: "`%` right after `}` expected, found it elsewhere".into(), hint }
            }
            '*' | '/' | '!' | '@' | '?' | ':' => {
                MiniError { span: at, message: format!("a step before `{c}` expected, found none"), hint }
            }
            ';' | '&' => {
                let hint = self.mended(at.clone(), ",");
                MiniError { span: at, message: format!("a step or `,` expected, found `{c}`"), hint }
            }
            _ => MiniError { span: at, message: format!("a step expected, found `{c}`"), hint },
        }
    }

    /// Sequences up to a closing bracket or the end.
    fn layers(&mut self) -> Read<Layers> {
        let (first_marked, steps) = (self.caret(), self.sequence()?);
        let (mut sequences, mut marked) = (vec![steps], vec![first_marked]);
        let mut kind = Kind::Stack;
        let mut first = None;
        loop {
            self.blanks();
            let mark = match self.peek() {
                Some(c @ (',' | '|')) => c,
                Some('.') if self.word() == "." => '.',
                _ => break,
            };
            let at = self.at..self.at + 1;
            match first {
                None => {
                    first = Some(mark);
                    kind = match mark {
                        ',' => Kind::Stack,
                        '.' => Kind::Feet,
                        _ => Kind::Choice(self.chance()),
                    };
                    if mark != ',' && matches!(self.open.last(), Some(('<' | '{', _))) {
                        let message = format!(
                            "`,` or a closing bracket expected, found `{mark}`: it stands between steps of [ ] only"
                        );
                        return Err(self.error(at, message));
                    }
                }
                Some(first) if first != mark => {
                    let message = format!("another `{first}` expected, found `{mark}`: put one of them in [ ]");
                    return Err(self.error(at, message));
                }
                Some(_) => {}
            }
            self.at += 1;
            marked.push(self.caret());
            sequences.push(self.sequence()?);
            let empty = |s: &Vec<Step>| s.is_empty();
            if sequences.iter().rev().take(2).any(empty) {
                let message = format!("steps on both sides of `{mark}` expected, found none on one");
                let hint = self.mended(at.clone(), "");
                return Err(MiniError { span: at, message, hint });
            }
        }
        Ok(Layers { kind, sequences, marked })
    }

    /// `^` before the first step says whose steps count; it changes nothing that is heard.
    fn caret(&mut self) -> bool {
        self.blanks();
        self.take('^')
    }

    fn chance(&mut self) -> u32 {
        self.chances += 1;
        self.chances
    }

    fn sequence(&mut self) -> Read<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        loop {
            self.blanks();
            let Some(c) = self.peek() else { return Ok(steps) };
            let word = self.word();
            if word == "." || matches!(c, ',' | '|') {
                return Ok(steps);
            }
            if !word.is_empty() && word.chars().all(|c| c == '_') {
                let longer = word.len();
                match steps.last_mut() {
                    Some(step) => step.weight += Time::int(longer as i64),
                    None => return Err(self.error(self.here(), "a step before `_` expected, found none")),
                }
                self.at += longer;
                if let Some(step) = steps.pop() {
                    steps.push(self.marks(step)?);
                }
                continue;
            }
            if word.is_empty() && !matches!(c, '[' | '<' | '{') {
                match (c, self.open.last()) {
                    (']' | '>' | '}' | ')', Some(&(open, _))) if closing(open) == c => return Ok(steps),
                    _ => return Err(self.stray(c)),
                }
            }
            // `~~~` and `--` are as many rests.
            let rests = word.len();
            if rests > 1 && (word.chars().all(|c| c == '~') || word.chars().all(|c| c == '-')) {
                self.at += rests - 1;
                let rest = Step { what: What::Rest, marks: Vec::new(), weight: Time::ONE, copies: 1 };
                steps.extend(std::iter::repeat_n(rest, (rests - 1).min(MOST_COPIES as usize)));
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Read<Step> {
        let what = self.what()?;
        self.marks(Step { what, marks: Vec::new(), weight: Time::ONE, copies: 1 })
    }

    /// An atom or a bracket, without marks.
    fn what(&mut self) -> Read<What> {
        let start = self.at;
        if let Some(chord) = self.chord()? {
            return Ok(chord);
        }
        match self.peek() {
            Some(open @ ('[' | '<' | '{')) => self.bracket(open),
            Some(_) if !self.word().is_empty() => {
                let word = self.word();
                if let Some(range) = word.find("..").filter(|at| *at > 0)
                    && let (Some(from), Some(_)) = (read_number(&word[..range]), read_number(&word[range + 2..]))
                {
                    self.at += range;
                    return Ok(What::Atom(Value::Number(from), start..start + range));
                }
                if word.starts_with("..") {
                    return Err(self.error(self.here(), "a step before `..` expected, found none"));
                }
                let what = match word {
                    "~" | "-" => What::Rest,
                    word => {
                        let value = read_number(word).map_or_else(|| Value::text(word), Value::Number);
                        What::Atom(value, start..start + word.len())
                    }
                };
                self.at += self.word().len();
                Ok(what)
            }
            Some(c) => Err(self.stray(c)),
            None => Err(self.error(start..start, "a step expected, found the end")),
        }
    }

    /// `c'maj7'ii`, where such words are chords.
    fn chord(&mut self) -> Read<Option<What>> {
        let start = self.at;
        let after = self.text[start + self.word().len()..].starts_with('\'');
        let Some(read) = self.chords.filter(|_| after && !self.word().is_empty()) else { return Ok(None) };
        let rest = &self.text[start..];
        let end = start + rest.find(|c| !is_word(c) && c != '\'').unwrap_or(rest.len());
        match read(&self.text[start..end]) {
            Ok(notes) => {
                self.at = end;
                Ok(Some(What::Chord(notes, start..end)))
            }
            Err((message, better)) => {
                let hint = better.and_then(|better| self.mended(start..end, &better));
                Err(MiniError { span: start..end, message, hint })
            }
        }
    }

    fn bracket(&mut self, open: char) -> Read<What> {
        let start = self.at;
        if self.open.len() >= MOST_DEEP {
            let message = format!("brackets at most {MOST_DEEP} deep expected, found more");
            return Err(self.error(start..start + 1, message));
        }
        self.at += 1;
        self.open.push((open, start));
        let layers = self.layers()?;
        self.close(open, start)?;
        let empty = layers.sequences.iter().all(Vec::is_empty);
        if empty && open != '[' {
            let message = format!("steps between `{open}` and `{}` expected, found none", closing(open));
            return Err(MiniError { span: start..self.at, message, hint: self.mended(start..self.at, "~") });
        }
        Ok(match open {
            '[' => What::Group(layers),
            '<' => What::Alternate(layers),
            _ if self.take('%') => What::Polymeter(layers, Some(Box::new(self.amount("%", "4", 0.0)?))),
            _ => What::Polymeter(layers, None),
        })
    }

    fn close(&mut self, open: char, start: usize) -> Read<()> {
        self.blanks();
        let close = closing(open);
        if self.take(close) {
            self.open.pop();
            return Ok(());
        }
        if let Some(c) = self.peek() {
            return Err(self.stray(c));
        }
        let missing: String = self.open.iter().rev().map(|&(open, _)| closing(open)).collect();
        let message = format!("`{close}` expected to close `{open}`, found the end");
        Err(MiniError { span: start..start + 1, message, hint: Some(format!("{}{missing}", self.text.trim_end())) })
    }

    /// A number or a bracket of them after `*`, `/` or `%`.
    fn amount(&mut self, mark: &str, example: &str, least: f64) -> Read<What> {
        self.blanks();
        let from = self.at;
        let wrong = |parser: &Self, span: Range<usize>| {
            let again = parser.text[span.clone()] == *mark;
            MiniError {
                message: format!("a number or a bracket of numbers after `{mark}` expected, found {}", parser.found()),
                hint: parser.mended(span.clone(), if again { "" } else { example }),
                span,
            }
        };
        let bracket = matches!(self.peek(), Some('[' | '<' | '{'));
        let number = self.number();
        if bracket {
            return self.what();
        }
        match number {
            Some(x) if x.abs() > MOST_FAST || x < least => {
                let message = format!("a number up to {MOST_FAST} after `{mark}` expected, found {x}");
                Err(self.error(from..self.at, message))
            }
            Some(x) => Ok(What::Atom(Value::Number(x), from..self.at)),
            None => Err(wrong(self, self.here())),
        }
    }

    /// A number right here, if there is one.
    fn number(&mut self) -> Option<f64> {
        let word = self.word();
        let fits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | 'E' | 'x');
        let mut length = word.find(|c| !fits(c)).unwrap_or(word.len());
        while length > 0 {
            if let Some(x) = read_number(&word[..length]).filter(|_| !word[length..].starts_with(char::is_alphanumeric))
            {
                self.at += length;
                return Some(x);
            }
            length -= 1;
        }
        None
    }

    /// A number between bounds after a mark that may stand alone.
    fn bounded(&mut self, mark: &str, least: f64, most: f64) -> Read<Option<f64>> {
        let from = self.at;
        match self.number() {
            Some(x) if !(least..=most).contains(&x) => {
                let message = format!("a number from {least} to {most} after `{mark}` expected, found {x}");
                Err(self.error(from..self.at, message))
            }
            number => Ok(number),
        }
    }

    /// What is done to a step.
    fn marks(&mut self, mut step: Step) -> Read<Step> {
        loop {
            let before = self.at;
            self.blanks();
            let range = self.word().starts_with("..");
            match self.peek() {
                Some('.') if range => {
                    self.numeral(&step.what, "before", "0")?;
                    self.at += 2;
                    self.blanks();
                    if self.peek().is_none() {
                        let hint = Some(format!("{} 3", self.text.trim_end()));
                        let message = "a number after `..` expected, found the end".into();
                        return Err(MiniError { span: self.here(), message, hint });
                    }
                    let to = self.what()?;
                    self.numeral(&to, "after", "3")?;
                    step.marks.push(Mark::Range(to));
                }
                Some('*') => {
                    self.at += 1;
                    step.marks.push(Mark::Fast(self.amount("*", "2", f64::MIN)?));
                }
                Some('/') => {
                    self.at += 1;
                    step.marks.push(Mark::Slow(self.amount("/", "2", f64::MIN)?));
                }
                Some('!') => {
                    self.at += 1;
                    let more = self.bounded("!", 0.0, MOST_COPIES)?.unwrap_or(2.0) as u32;
                    step.copies = (step.copies + more).saturating_sub(1).min(MOST_COPIES as u32);
                    step.weight = Time::int(i64::from(step.copies));
                    step.marks.retain(|mark| !matches!(mark, Mark::Replicate(_)));
                    step.marks.push(Mark::Replicate(step.copies));
                }
                Some('@') => {
                    self.at += 1;
                    let weight = self.bounded("@", 0.0, MOST_WEIGHT)?.unwrap_or(2.0);
                    step.weight = (step.weight + Time::from_f64(weight) + Time::int(-1)).max(Time::ZERO);
                }
                Some('?') => {
                    self.at += 1;
                    let amount = self.bounded("?", 0.0, 1.0)?.unwrap_or(0.5);
                    let chance = self.chance();
                    step.marks.push(Mark::Degrade(amount, chance));
                }
                Some('(') => step.marks.push(self.euclid()?),
                Some(':') if self.at == before => {
                    self.at += 1;
                    if self.word().is_empty() && !matches!(self.peek(), Some('[' | '<' | '{')) {
                        let (span, found) = (self.here(), self.found());
                        let blanks = self.text[self.at..].len() - self.text[self.at..].trim_start().len();
                        let rest = &self.text[self.at + blanks..];
                        let by = if rest.starts_with(is_word) { "" } else { "1" };
                        let hint = self.mended(self.at..self.at + if by.is_empty() { blanks } else { 0 }, by);
                        let message = format!("a number or a name right after `:` expected, found {found}");
                        return Err(MiniError { span, message, hint });
                    }
                    step.marks.push(Mark::Tail(self.what()?));
                }
                _ => {
                    self.at = before;
                    return Ok(step);
                }
            }
        }
    }

    /// Refuses words beside `..`: only numbers make a range.
    fn numeral(&self, what: &What, side: &str, example: &str) -> Read<()> {
        match what {
            What::Atom(value, span) if value.number().is_none() => Err(MiniError {
                span: span.clone(),
                message: format!("a number {side} `..` expected, found `{value}`"),
                hint: self.mended(span.clone(), example),
            }),
            _ => Ok(()),
        }
    }

    /// `(onsets,steps)` or `(onsets,steps,rotation)`.
    fn euclid(&mut self) -> Read<Mark> {
        let start = self.at;
        self.at += 1;
        self.open.push(('(', start));
        let mut parts = Vec::new();
        while parts.len() < 3 {
            self.blanks();
            if parts.len() == 2 && self.peek() == Some(')') {
                break;
            }
            parts.push(self.euclid_part(start)?);
            self.blanks();
            if !self.take(',') {
                break;
            }
        }
        let missing = |parser: &Self, found: String| {
            // From the bracket to the one that closes it, if there is one.
            let end = parser.text[parser.at..].find([')', ' ']).map_or(parser.here().end, |end| parser.at + end);
            let end = if parser.text[end..].starts_with(')') { end + 1 } else { parser.here().end };
            MiniError {
                span: start..start + 1,
                message: format!("`(onsets,steps)` or `(onsets,steps,rotation)` expected, found {found}"),
                hint: parser.mended(start..end, "(3,8)"),
            }
        };
        self.blanks();
        if self.peek().is_some_and(|c| c != ')') || parts.len() < 2 {
            return Err(missing(self, self.found()));
        }
        self.close('(', start)?;
        let mut parts = parts.into_iter().map(Box::new);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(onsets), Some(steps), rotation) => Ok(Mark::Euclid(onsets, steps, rotation)),
            _ => Err(missing(self, "less".into())),
        }
    }

    fn euclid_part(&mut self, start: usize) -> Read<Step> {
        let from = self.at;
        if matches!(self.peek(), None | Some(',' | ')')) {
            return Err(MiniError {
                span: start..start + 1,
                message: format!("`(onsets,steps)` expected, found {}", self.found()),
                hint: self.mended(start..self.here().end, "(3,8)"),
            });
        }
        let step = self.step()?;
        let whole = |x: f64| x.fract() == 0.0 && x.abs() <= MOST_COPIES;
        match &step.what {
            What::Atom(Value::Number(x), _) if whole(*x) => Ok(step),
            What::Atom(value, span) => {
                let message =
                    format!("a whole number up to {MOST_COPIES} in `(onsets,steps)` expected, found `{value}`");
                Err(self.error(span.clone(), message))
            }
            What::Rest => Err(self.error(from..self.at, "a number in `(onsets,steps)` expected, found a rest")),
            _ => Ok(step),
        }
    }
}

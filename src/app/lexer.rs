//! The look of the language at a glance: enough of its letters to colour, complete and close what is typed.

use std::ops::Range;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Comment,
    /// A text in quotes of any kind; `open` where its end is missing.
    Text {
        open: bool,
    },
    Number,
    Word,
    Bracket,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Bytes of the line.
    pub at: Range<usize>,
}

/// The stretches of a text; white space lies between them.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match c {
            _ if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            _ if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (Kind::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '"' | '`' | '\'' => quoted(rest, c),
            _ if c.is_ascii_digit() => (Kind::Number, run(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
            _ if c.is_alphabetic() || c == '_' => (Kind::Word, run(rest, |c| c.is_alphanumeric() || c == '_')),
            '(' | ')' | '[' | ']' | '{' | '}' => (Kind::Bracket, 1),
            _ => (Kind::Other, c.len_utf8()),
        };
        found.push(Token { kind, at: at..at + length });
        at += length;
    }
    found
}

fn run(text: &str, within: impl Fn(char) -> bool) -> usize {
    text.find(|c| !within(c)).unwrap_or(text.len())
}

fn quoted(text: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return (Kind::Text { open: false }, i + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    (Kind::Text { open: true }, text.len())
}

/// Whether more is to come: a bracket, a text or a comment is open, or the last line ends in an operator.
pub fn is_open(text: &str) -> bool {
    let mut depth = 0;
    let tokens = tokens(text);
    for token in &tokens {
        match token.kind {
            Kind::Text { open: true } => return true,
            Kind::Comment if text[token.at.clone()].starts_with("/*") && !text[token.at.clone()].ends_with("*/") => {
                return true;
            }
            Kind::Bracket if "([{".contains(&text[token.at.clone()]) => depth += 1,
            Kind::Bracket => depth -= 1,
            _ => {}
        }
    }
    let last = tokens.iter().rev().find(|t| t.kind != Kind::Comment);
    let hangs = last.is_some_and(|t| t.kind == Kind::Other && !matches!(&text[t.at.clone()], ";" | "!" | "?"));
    depth > 0 || hangs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stretch_is_known_for_what_it_is() {
        let text = "track d = s(\"bd*2\").gain(0.5) // loud";
        let seen: Vec<(&str, Kind)> = tokens(text).into_iter().map(|t| (&text[t.at.clone()], t.kind)).collect();
        assert_eq!(seen[0], ("track", Kind::Word));
        assert!(seen.contains(&("\"bd*2\"", Kind::Text { open: false })));
        assert!(seen.contains(&("0.5", Kind::Number)));
        assert_eq!(seen.last(), Some(&("// loud", Kind::Comment)));
    }

    #[test]
    fn what_is_open_waits_for_its_end() {
        let cases = [
            ("s(\"bd\")", false),
            ("s(\"bd\"", true),
            ("s(\"bd", true),
            ("track d =", true),
            ("track d = s(\"bd\") >>", true),
            ("track d = s(\"bd\");", false),
            ("synth a = |f| {", true),
            ("/* half", true),
            ("s(\"(\")", false),
            ("s(\"bd\"))", false),
            ("s(\"a\\\"\")", false),
            ("", false),
            ("é ü 日本", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_open(text), expected, "{text}");
        }
    }
}

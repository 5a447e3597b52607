//! Diagnostics: what Rhai and our own words report, in a musician's words, with a place and something to type.

use rhai::{AST, EvalAltResult, ParseError};

use super::desk::{Names, Text};
use super::vocabulary::Vocabulary;
use crate::score::{Diagnostic, Location, Severity};

/// What is needed to say where and why a text failed.
pub struct Report<'a> {
    pub file: std::sync::Arc<str>,
    pub text: Text,
    pub vocabulary: &'a Vocabulary,
}

/// An error at a place.
pub fn error(at: Location, width: usize, message: String, hint: Option<String>) -> Diagnostic {
    Diagnostic { severity: Severity::Error, at, width: width.max(1), message, hint }
}

/// The line whose beginning shows that the statement before it was not ended.
pub fn unended(error: &ParseError, text: &Text) -> Option<usize> {
    let rhai::ParseErrorType::MissingToken(token, _) = error.err_type() else { return None };
    let (line, column) = text.place(error.position())?;
    let blank = text.source.line(line).iter().take(column - 1).all(|c| c.is_whitespace());
    (token == ";" && blank && line > 1).then_some(line)
}

impl Report<'_> {
    pub fn parse(&self, found: &ParseError) -> Diagnostic {
        let (line, column) = self.text.place(found.position()).unwrap_or_else(|| self.text.source.end());
        let at = Location { file: self.file.clone(), line, column };
        error(at, self.text.source.width(line, column), format!("{found:?}"), None)
    }

    pub fn runtime(&self, found: &EvalAltResult, _own: &AST, _names: &Names) -> Diagnostic {
        let (line, column) = self.text.place(found.position()).unwrap_or_else(|| self.text.source.end());
        let at = Location { file: self.file.clone(), line, column };
        error(at, self.text.source.width(line, column), format!("{found:?}"), None)
    }
}

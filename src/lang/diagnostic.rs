//! Diagnostics: where in which text a fault belongs, and what a musician reads there.

use std::sync::Arc;

use rhai::{AST, EvalAltResult, ParseError};

use super::desk::{Names, Text};
use super::fault::{Refusal, Within};
use super::imports::{Modules, Unreadable};
use super::vocabulary::Vocabulary;
use super::{failed, foreign, held, unparsed};
use crate::score::{Diagnostic, Location, Severity};

/// A text that could not be parsed.
pub struct Unparsed {
    /// None: the text that was given.
    pub file: Option<String>,
    pub text: Text,
    pub error: ParseError,
}

/// What a fault is called: message and hint, and how much to underline where the source does not say.
pub struct Said {
    pub message: String,
    pub hint: Option<String>,
    /// Another place than the one reported.
    pub at: Option<(usize, usize)>,
}

impl Said {
    pub fn new(message: impl Into<String>) -> Self {
        Said { message: message.into(), hint: None, at: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Said { hint: Some(hint.into()), ..self }
    }

    pub fn or_hint(self, hint: Option<String>) -> Self {
        Said { hint: self.hint.or(hint), ..self }
    }

    pub fn at(self, line: usize, column: usize) -> Self {
        Said { at: Some((line, column)), ..self }
    }
}

/// What is known about the text that failed.
pub struct Report<'a> {
    pub file: Arc<str>,
    pub text: &'a Text,
    pub vocabulary: &'a Vocabulary,
}

/// What was in reach when a text failed while running.
pub struct Reach<'a> {
    pub own: &'a AST,
    pub modules: &'a Modules,
    pub names: &'a Names,
    pub variables: Vec<String>,
}

/// Letters of a message; what nobody would type is no hint, either.
const LONGEST: usize = 400;

/// An error at a place.
pub fn error(at: Location, width: usize, message: String, hint: Option<String>) -> Diagnostic {
    let message = match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    };
    let hint = hint.filter(|hint| hint.len() <= LONGEST);
    Diagnostic { severity: Severity::Error, at, width: width.max(1), message, hint }
}

impl Report<'_> {
    pub fn unparsed(&self, found: &Unparsed) -> Diagnostic {
        let place = found.text.place(found.error.position()).unwrap_or_else(|| found.text.source.end());
        let said = unparsed::say(&found.error, &found.text, place);
        self.place(found.file.as_deref(), &found.text, place, said)
    }

    pub fn unreadable(&self, found: &Unreadable) -> Diagnostic {
        let place = found.text.place(found.at).unwrap_or_else(|| found.text.source.end());
        let said = Said::new(found.message.clone());
        self.place(found.file.as_deref(), &found.text, place, said)
    }

    pub fn failed(&self, found: &EvalAltResult, reach: &Reach) -> Diagnostic {
        let Frame { file, text, at, error } = self.frame(found, reach);
        let place = at.unwrap_or_else(|| text.source.end());
        let held = held::instead_of(error);
        let error = held.as_deref().map_or(error, held::innermost);
        if let EvalAltResult::ErrorRuntime(value, _) = error
            && let Some(refusal) = value.read_lock::<Refusal>()
        {
            return self.refused(file, text, place, &refusal);
        }
        let said = failed::say(error, text, place, reach, self.vocabulary);
        self.place(file, text, place, said)
    }

    fn refused(&self, file: Option<&str>, text: &Text, place: (usize, usize), refusal: &Refusal) -> Diagnostic {
        let inside =
            |within: &Within| text.source.inside(&within.text, within.offset, place).map(|at| (at, within.width));
        let (message, mut hint) = (refusal.message.clone(), refusal.hint.clone());
        // s(bd*4): names in reach were reckoned with, where a text was meant.
        if message.contains("expects a pattern for") {
            hint = foreign::quoted(text.source.line(place.0), place.1.saturating_sub(1)).or(hint);
        }
        match refusal.within.as_ref().and_then(inside) {
            Some(((line, column), width)) => {
                let at = Location { file: self.name(file), line, column };
                error(at, width, message, hint)
            }
            None => self.place(file, text, place, Said { message, hint, at: None }),
        }
    }

    fn name(&self, file: Option<&str>) -> Arc<str> {
        file.map_or_else(|| self.file.clone(), Into::into)
    }

    fn place(&self, file: Option<&str>, text: &Text, place: (usize, usize), said: Said) -> Diagnostic {
        let (line, column) = said.at.unwrap_or(place);
        let at = Location { file: self.name(file), line, column };
        error(at, text.source.width(line, column), said.message, said.hint)
    }

    /// The innermost place of an error in the texts under evaluation; functions of other texts count where they were called.
    fn frame<'e>(&'e self, found: &'e EvalAltResult, reach: &'e Reach) -> Frame<'e> {
        let own = |ast: &AST, name: &str| ast.iter_functions().any(|f| f.name == name);
        let mut frame = Frame { file: None, text: self.text, at: None, error: found };
        let mut ours = true;
        loop {
            if ours {
                frame.at = frame.text.place(frame.error.position()).or(frame.at);
            }
            match frame.error {
                EvalAltResult::ErrorInFunctionCall(name, _, inner, _) => {
                    let module = reach.modules.iter().find(|(_, m)| own(&m.ast, name));
                    if let Some((file, module)) = module {
                        (frame.file, frame.text) = (Some(file.as_str()), &module.text);
                        ours = true;
                    } else if own(reach.own, name) {
                        (frame.file, frame.text) = (None, self.text);
                        ours = true;
                    } else {
                        ours = false;
                    }
                    frame.error = inner;
                }
                EvalAltResult::ErrorInModule(file, inner, _) => {
                    if let Some(module) = reach.modules.get(file) {
                        (frame.file, frame.text) = (Some(file.as_str()), &module.text);
                    }
                    frame.error = inner;
                }
                _ => return frame,
            }
        }
    }
}

/// One step into an error.
struct Frame<'e> {
    file: Option<&'e str>,
    text: &'e Text,
    at: Option<(usize, usize)>,
    error: &'e EvalAltResult,
}

/// The line whose beginning shows that the statement before it was not ended.
pub fn unended(error: &ParseError, text: &Text) -> Option<usize> {
    let rhai::ParseErrorType::MissingToken(token, _) = error.err_type() else { return None };
    let (line, column) = text.place(error.position())?;
    let blank = text.source.line(line).iter().take(column - 1).all(|c| c.is_whitespace());
    // What closes a bracket too many is no new statement.
    let closes = matches!(text.source.line(line).get(column - 1), Some(')' | ']' | '}' | ',' | '.') | None);
    (token == ";" && blank && line > 1 && !closes).then_some(line)
}

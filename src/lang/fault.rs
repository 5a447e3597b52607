//! Faults: why a word refuses, before it is known where in the text that happened.

use rhai::{Dynamic, EvalAltResult, Position};

use crate::graph::GraphError;

/// A refusal in a musician's words: lower case, no full stop, expected and found.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub message: String,
    /// Something that can be typed instead.
    pub hint: Option<String>,
    /// Where inside a text (mini-notation) the cause stands.
    pub within: Option<Within>,
}

/// A place inside a text, in characters from its beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    pub text: String,
    pub offset: usize,
    pub width: usize,
}

/// What a word answers when it cannot: its own refusal, or what went wrong in a function it called.
#[derive(Debug)]
pub enum Fault {
    Refused(Refusal),
    Script(Box<EvalAltResult>),
}

impl Fault {
    pub fn new(message: impl Into<String>) -> Self {
        Fault::Refused(Refusal { message: message.into(), hint: None, within: None })
    }

    /// The same refusal with something that can be typed instead.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Fault::Refused(refusal) = &mut self {
            refusal.hint = Some(hint.into());
        }
        self
    }

    /// The same refusal, its cause standing `offset` characters into `text`.
    pub fn within(mut self, text: impl Into<String>, offset: usize, width: usize) -> Self {
        if let Fault::Refused(refusal) = &mut self {
            refusal.within = Some(Within { text: text.into(), offset, width: width.max(1) });
        }
        self
    }

    /// The error that carries this fault through a running script.
    pub fn raise(self, at: Position) -> Box<EvalAltResult> {
        match self {
            Fault::Refused(refusal) => EvalAltResult::ErrorRuntime(Dynamic::from(refusal), at).into(),
            Fault::Script(error) => error,
        }
    }
}

impl From<Box<EvalAltResult>> for Fault {
    fn from(error: Box<EvalAltResult>) -> Self {
        Fault::Script(error)
    }
}

impl From<GraphError> for Fault {
    fn from(error: GraphError) -> Self {
        Fault::Refused(Refusal { message: error.message, hint: error.hint, within: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_its_way_through_a_script() {
        let error = Fault::new("no such scale").hint("minor").within("c:mino", 2, 4).raise(Position::new(1, 2));
        let EvalAltResult::ErrorRuntime(value, at) = *error else { panic!("not a runtime error") };
        let refusal = value.cast::<Refusal>();
        assert_eq!((refusal.message.as_str(), at.position()), ("no such scale", Some(2)));
        assert_eq!(refusal.within.map(|w| w.offset), Some(2));
    }
}

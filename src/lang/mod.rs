//! The language: a text in, a score and diagnostics out.
//!
//! Law: evaluating has one effect, the answer. A text that fails leaves everything as it was.

mod alignment;
mod answer;
pub mod argument;
mod automation;
pub mod callback;
mod chord;
mod controls;
mod desk;
pub mod diagnostic;
mod dispatch;
mod engine;
mod failed;
pub mod fault;
mod foreign;
mod held;
mod imports;
mod instrument;
mod interpreter;
mod library;
mod limits;
pub mod memory;
mod numbers;
mod operators;
pub mod part;
mod patterns;
mod prose;
pub mod reference;
mod settings;
mod sounds;
mod source;
mod syntax;
mod theory;
mod tolerance;
mod unparsed;
pub mod vocabulary;
mod weight;
pub mod word;

use std::path::PathBuf;

pub use answer::Answer;
pub use callback::Warnings;
pub use interpreter::Interpreter;
pub use prose::Prose;
pub use reference::reference;
pub use vocabulary::Vocabulary;
pub use word::{Kind, Need, Parameter, Range, Style, Word};

use crate::score::{Diagnostic, Score};
use crate::theory::picture::Picture;

/// How an import reaches the texts beside the piece.
pub trait Files: Sync {
    /// The text of a file, by its path as the piece writes it; `Err` says why not, for the musician.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<String, String> {
        Err("there are no files here".into())
    }
}

/// What a text means.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// What this text names. A line of the prompt adds to the lines before it; laying them over each other is the session's.
    pub score: Score,
    pub warnings: Vec<Diagnostic>,
    /// What it printed, and the last value where that is neither a track nor nothing.
    pub shown: Option<String>,
    /// The last value, where that is a picture: it is drawn or told by whoever shows it.
    pub picture: Option<Picture>,
    /// Files it imported, to be watched, too.
    pub imports: Vec<PathBuf>,
}

/// The number by which haps name the text of an owner: [`Place::source`](crate::pattern::Place).
pub fn source_of(owner: &str) -> u32 {
    crate::pattern::Digest::new().text(owner).half() as u32
}

/// The owner whose lines see everybody's names.
pub const REPL: &str = "repl";
/// The owner below all others.
pub const LIBRARY: &str = "library";

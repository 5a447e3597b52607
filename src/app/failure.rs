//! How a command ends when it does not end well.

use std::path::Path;

/// What stood in the way, and thereby the exit status.
#[derive(Debug)]
pub enum Failure {
    /// The piece has errors, and they have been shown.
    Piece,
    /// The asking was wrong.
    Usage(String),
    /// The machine would not: device, disk, memory.
    Machine(String),
}

impl Failure {
    pub fn status(&self) -> u8 {
        match self {
            Failure::Piece => 1,
            Failure::Usage(_) => 2,
            Failure::Machine(_) => 3,
        }
    }

    /// Says on standard error what has not been said yet.
    pub fn tell(&self) {
        match self {
            Failure::Piece => {}
            Failure::Usage(what) | Failure::Machine(what) => eprintln!("segue: {what}"),
        }
    }

    /// A file or folder that would not, with the system's reason.
    pub fn at(path: &Path, why: impl std::fmt::Display) -> Failure {
        Failure::Machine(format!("{}: {why}", path.display()))
    }
}

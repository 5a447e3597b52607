//! How a command ends when it does not end well.

use std::path::Path;

use super::piece::Unreadable;
use super::screen;

/// What stood in the way, and thereby the exit status.
#[derive(Debug)]
pub enum Failure {
    /// The piece has errors, and they have been shown.
    Piece,
    /// What was given is no piece.
    NoPiece(String),
    /// The asking was wrong.
    Usage(String),
    /// The machine would not: device, disk, memory.
    Machine(String),
}

impl Failure {
    pub fn status(&self) -> u8 {
        match self {
            Failure::Piece | Failure::NoPiece(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Machine(_) => 3,
        }
    }

    /// Says on standard error what has not been said yet.
    pub fn tell(&self) {
        match self {
            Failure::Piece => {}
            Failure::NoPiece(what) | Failure::Usage(what) | Failure::Machine(what) => {
                eprintln!("{}", screen::for_people(&format!("segue: {what}")));
            }
        }
    }

    /// What it says.
    fn words(&self) -> &str {
        match self {
            Failure::Piece => "the piece has errors",
            Failure::NoPiece(what) | Failure::Usage(what) | Failure::Machine(what) => what,
        }
    }

    /// A file or folder that would not, with the system's reason.
    pub fn at(path: &Path, why: impl std::fmt::Display) -> Failure {
        Failure::Machine(format!("{}: {why}", path.display()))
    }

    /// The system has no thread left.
    pub fn thread(why: std::io::Error) -> Failure {
        Failure::Machine(format!("no thread to be had: {why}"))
    }

    /// The system will not tell of Ctrl-C.
    pub fn signals(why: ctrlc::Error) -> Failure {
        Failure::Machine(format!("no signals to be had: {why}"))
    }

    /// A file that is no piece: the disk's fault, or its own.
    pub fn unreadable(path: &Path, why: &Unreadable) -> Failure {
        let what = format!("{}: {why}", path.display());
        match why {
            Unreadable::Empty | Unreadable::Long(_) | Unreadable::NotText(_) => Failure::NoPiece(what),
            _ => Failure::Machine(what),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.words())
    }
}

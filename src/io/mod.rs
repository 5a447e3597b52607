//! The edge: audio devices, the silent clock and sound files.
//!
//! What sounds comes in as a `Sound`: something that fills buffers and cannot fail. It never belongs to a device; it rests
//! in a `Seat`, and whoever plays at the moment, a device or the silent clock, takes it from there for one callback.

pub mod advice;
pub mod audio;
pub mod device;
pub mod figures;
pub mod host;
pub mod quantise;
pub mod seat;
pub mod silent;
pub mod sound_file;

mod card;
mod flac;
mod resampler;
mod stream;
mod wav;

pub use audio::{Notice, Output, Prepared, Request};
pub use device::{Device, DeviceInfo, devices};
pub use figures::{Figures, Tally};
pub use seat::Sound;

use std::fmt;
use std::path::{Path, PathBuf};

/// What could not be done at the edge.
#[derive(Debug)]
pub enum Error {
    /// A file could not be written or read.
    File { doing: &'static str, path: PathBuf, why: std::io::Error },
    /// A file says something else than expected, or was asked to hold what it cannot.
    Format { path: PathBuf, message: String },
    /// A device is not there, or would not do what was asked; `hint` can be typed or done.
    Device { message: String, hint: String },
}

impl Error {
    fn file(doing: &'static str, path: &Path, why: std::io::Error) -> Self {
        Error::File { doing, path: path.to_owned(), why }
    }

    fn format(path: &Path, message: impl Into<String>) -> Self {
        Error::Format { path: path.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use std::io::ErrorKind as Kind;
        match self {
            Error::File { doing, path, why } => {
                write!(f, "cannot {doing} {}: ", path.display())?;
                match why.kind() {
                    Kind::StorageFull | Kind::QuotaExceeded => {
                        f.write_str("the disk is full (free some space, or choose another folder)")
                    }
                    Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
                        f.write_str("permission denied (choose a folder you may write to)")
                    }
                    Kind::NotFound if *doing == "write" => f.write_str("its folder does not exist (make it first)"),
                    Kind::NotFound => f.write_str("no such file"),
                    Kind::IsADirectory => f.write_str("it is a folder (name a file in it)"),
                    Kind::NotSeekable => f.write_str("it is a pipe (name a file)"),
                    _ => write!(f, "{why}"),
                }
            }
            Error::Format { path, message } => write!(f, "{}: {message}", path.display()),
            Error::Device { message, hint } if hint.is_empty() => f.write_str(message),
            Error::Device { message, hint } => write!(f, "{message} ({hint})"),
        }
    }
}

impl std::error::Error for Error {}

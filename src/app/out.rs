//! What was asked for, on standard output; a reader who has seen enough (`| head`) is no error.

use std::io::{ErrorKind, Write};

use super::{Failure, screen};

/// Writes a text as people read it.
pub fn show(text: &str) -> Result<(), Failure> {
    write(&screen::shown(text))
}

/// Writes a text as it is.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(Failure::Machine(format!("cannot write: {why}"))),
        _ => Ok(()),
    }
}

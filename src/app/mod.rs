//! The binary's rooms: terminal, files and people.

pub mod args;
mod failure;

pub use failure::Failure;

/// Does what was asked.
pub fn run(arguments: args::Arguments) -> Result<(), Failure> {
    let _ = arguments;
    Ok(())
}

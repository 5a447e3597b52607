//! The binary's rooms: terminal, files and people.

pub mod args;

mod answer;
mod bench;
mod check;
mod complete;
mod conductor;
mod devices;
mod doc;
mod doctor;
mod ear;
mod evaluator;
#[cfg(test)]
mod every;
mod failure;
mod grid;
mod help;
mod highlight;
mod learn;
mod lesson;
mod lexer;
mod line;
mod live;
mod marks;
mod new;
mod out;
mod overload;
mod page;
mod picture;
mod piece;
mod play;
mod query;
mod render;
mod repl;
mod replay;
mod report;
mod resume;
mod say;
mod screen;
mod screens;
mod search;
mod state;
mod watch;
mod words;

pub use failure::Failure;

use args::{Arguments, Ask};

/// Does what was asked.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    screen::speak(arguments.plain);
    match arguments.command {
        Some(Ask::Check(asked)) => check::run(&asked),
        Some(Ask::Query(asked)) => query::run(&asked),
        Some(Ask::Doc(asked)) => doc::run(&asked),
        Some(Ask::New(asked)) => new::run(&asked),
        Some(Ask::Devices) => devices::run(),
        Some(Ask::Doctor) => doctor::run(),
        Some(Ask::Bench(asked)) => bench::run(&asked),
        Some(Ask::Play(asked)) => play::run(asked, None),
        None => play::run(arguments.play, None),
        Some(Ask::Learn(asked)) => learn::run(asked),
        Some(Ask::Ear(asked)) => ear::run(asked),
        Some(Ask::Search(asked)) => search::run(&asked),
        Some(Ask::Picture(asked)) => picture::run(&asked),
        Some(Ask::Render(asked)) => render::run(&asked),
        Some(Ask::Replay(asked)) => replay::run(&asked),
    }
}

//! The command line: reads what was asked, does it, and answers with an exit status.

mod app;

use std::process::ExitCode;

use assert_no_alloc::AllocDisabler;
use segue::lang::memory::Counting;

/// Counts what the audio thread allocates, which is promised to be nothing, and what a script takes, which is bounded.
#[global_allocator]
// SAFETY: `AllocDisabler` hands every call on to the system's allocator and only counts the forbidden ones.
static GUARD: Counting<AllocDisabler> = unsafe { Counting::new(AllocDisabler) };

fn main() -> ExitCode {
    match app::run(app::args::asked()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.status())
        }
    }
}

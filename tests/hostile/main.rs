//! Scripts that mean harm: each is stopped in time, in bounds, with a reason, and the music does not hear of it.

mod corpus;
mod evaluation;
mod families;
mod folder;
mod sound;

/// Counts what an evaluation takes, and what the audio thread must not.
#[global_allocator]
static ALLOCATOR: segue::lang::memory::Counting<assert_no_alloc::AllocDisabler> =
    // SAFETY: `AllocDisabler` hands every call on to the system's allocator.
    unsafe { segue::lang::memory::Counting::new(assert_no_alloc::AllocDisabler) };

/// Whether all of it is to be tried, in release.
fn at_length() -> bool {
    std::env::var_os("SEGUE_LONG").is_some()
}

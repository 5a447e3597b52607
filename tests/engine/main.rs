//! The engine as a whole: played through its two halves, heard at its outputs.

mod audio_thread;
mod fakes;
mod lanes;
mod notes;
mod rig;
mod silence;
mod swaps;

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

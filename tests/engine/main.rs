//! The engine as a whole: played through its two halves, heard at its outputs.

mod fakes;
mod notes;
mod rig;

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

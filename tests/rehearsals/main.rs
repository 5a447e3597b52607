//! Rehearsals: journals of small pieces with edits in them, played with and without the edits and held against each other.
//!
//! A journal's header says in `proof` what must hold beyond what holds for all: that tracks which were not touched sound as
//! they would have without the edit, to the bit, and that no swap can be heard apart from the music.

mod chance;
mod journals;
mod levels;
mod measure;
mod proof;
mod take;

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

//! The engine as a whole: played through its two halves, heard at its outputs.

mod fakes;

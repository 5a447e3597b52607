//! The words that make and change patterns, one family per file and `words!`.
//!
//! A row is documentation whose last block indented by four is the example, then `method`, `function` or `name`, the name and its
//! aliases, typed parameters, and code that may use `?` on a [`Fault`](super::fault::Fault). What a parameter may be says
//! `argument.rs`: `Pattern` (mini-notation, number, list, pattern), `f64`, `i64`, `usize`, `bool`, `Time`, `Arc<str>` (a plain
//! text), `Value`, `Transform` (called when the pattern is made), `Callback` (called when it is queried), `Option<…>` of these
//! (may be left out, last), `Vec<…>` (any number, or one list, last). A method's first parameter stands before the dot; without
//! it the word is a function of patterns: `every(4, fast(2))`. Errors in words of the musician: `Fault::new(…).hint(…)`.

mod algorithms;
mod arithmetic;
mod chance;
mod conditions;
mod controls;
mod layers;
mod making;
mod picking;
mod samples;
mod signals;
mod steps;
mod structure;
mod time;
mod tonal;
mod weaving;

use super::word::Word;

/// All rows of this room.
pub fn words() -> Vec<Word> {
    let families = [
        making::words(),
        time::words(),
        structure::words(),
        conditions::words(),
        layers::words(),
        weaving::words(),
        algorithms::words(),
        arithmetic::words(),
        signals::words(),
        chance::words(),
        picking::words(),
        steps::words(),
        samples::words(),
        tonal::words(),
        controls::words(),
    ];
    families.into_iter().flatten().collect()
}

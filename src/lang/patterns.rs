//! The words that make and change patterns, one family per `words!`.
//!
//! A row is documentation whose last block indented by four is the example, then `method`, `function` or `name`, the name and its
//! aliases, typed parameters, and code that may use `?` on a [`Fault`](super::fault::Fault). What a parameter may be says
//! `argument.rs`: `Pattern` (mini-notation, number, list, pattern), `f64`, `i64`, `usize`, `bool`, `Time`, `Arc<str>` (a plain
//! text), `Value`, `Transform` (called when the pattern is made), `Callback` (called when it is queried), `Option<…>` of these
//! (may be left out, last), `Vec<…>` (any number, or one list, last). A method's first parameter stands before the dot; without
//! it the word is a function of patterns: `every(4, fast(2))`. Errors in words of the musician: `Fault::new(…).hint(…)`.

use super::callback::Transform;
use super::word::{Word, words};
use crate::pattern::{self, Pattern};

/// All rows of this room.
pub fn words() -> Vec<Word> {
    [making(), time()].concat()
}

fn making() -> Vec<Word> {
    words! { "making patterns":
        /// Nothing at all.
        ///
        ///     silence
        name silence () { pattern::silence() }

        /// Plays patterns at once.
        ///
        ///     stack(s("bd*4"), s("~ cp"))
        function stack | overlay (patterns: Vec<Pattern>) { pattern::stack(&patterns) }
    }
}

fn time() -> Vec<Word> {
    words! { "time":
        /// Plays `factor` times as fast.
        ///
        ///     s("bd sd hh cp").fast(2)
        method fast | density (pattern: Pattern, factor: Pattern) { pattern.fast(&factor) }

        /// Plays each cycle backwards.
        ///
        ///     n("0 2 4 7").rev()
        method rev (pattern: Pattern) { pattern.rev() }

        /// Plays the pattern together with itself changed by `f`.
        ///
        ///     n("0 2 4").superimpose(|x| x.fast(2))
        method superimpose (pattern: Pattern, f: Transform) { pattern.stack(&[f.apply(&pattern)?]) }
    }
}

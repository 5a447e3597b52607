//! Words that work step by step.

use rhai::Dynamic;

use crate::lang::argument::{self, Numbers};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Pattern};

pub fn words() -> Vec<Word> {
    words! { "steps":
        /// The first n steps; the last, if negative.
        ///
        ///     s("bd sd hh cp").take("<2 3>")
        method take | steptake | s_add (pattern: Pattern, n: Numbers) { pattern.take(&n) }

        /// Without the first n steps; without the last, if negative.
        ///
        ///     s("bd sd hh cp").drop(1)
        method drop | stepdrop | s_sub (pattern: Pattern, n: Numbers) { pattern.drop_steps(&n) }

        /// Counts as n times as many steps.
        ///
        ///     stepcat(s("bd sd").expand(2), s("hh cp"))
        method expand | s_expand (pattern: Pattern, n: Numbers) { pattern.expand(&n) }

        /// Counts as an n-th of its steps.
        ///
        ///     stepcat(s("bd sd").contract(2), s("hh cp"))
        method contract | s_contract (pattern: Pattern, n: Numbers) { pattern.contract(&n) }

        /// n times as fast, with n times as many steps.
        ///
        ///     stepcat(s("bd sd").extend(2), s("cp"))
        method extend | s_extend (pattern: Pattern, n: Numbers) { pattern.extend(&n) }

        /// Each cycle n times, with n times as many steps.
        ///
        ///     stepcat(s("bd sd").replicate(2), s("cp"))
        method replicate (pattern: Pattern, n: Numbers) { pattern.replicate(&n) }

        /// Ever shorter versions in a row, losing n steps from the start each; from the end, if negative.
        ///
        ///     n("0 2 4 7").shrink(1)
        method shrink | s_taper (pattern: Pattern, n: Numbers) { pattern.shrink(&n) }

        /// Ever longer versions in a row, n steps more each from the start; from the end, if negative.
        ///
        ///     n("0 2 4 7").grow(1)
        method grow (pattern: Pattern, n: Numbers) { pattern.grow(&n) }

        /// A guest among others, one place earlier in their row each time.
        ///
        ///     s("bd sd").tour(s("hh"), s("cp"))
        method tour | s_tour (pattern: Pattern, others: Vec<Pattern>) { pattern::tour(&pattern, &others) }

        /// Patterns one after the other, each list giving its next one every round.
        ///
        ///     stepalt([s("bd"), s("cp")], s("hh*2"))
        function stepalt | s_alt (groups: Vec<Dynamic>) { pattern::stepalt(&groups.iter().map(group).collect::<Result<Vec<_>, Fault>>()?) }

        /// Steps of several patterns in turn.
        ///
        ///     zip(s("bd sd cp"), s("hh oh"))
        function zip | s_zip (patterns: Vec<Pattern>) { pattern::zip(&patterns) }
    }
}

/// A list of patterns, or one.
fn group(value: &Dynamic) -> Result<Vec<Pattern>, Fault> {
    let pattern = |value: &Dynamic| {
        let found = || Fault::new(format!("a pattern expected, found {}", argument::describe(value)));
        argument::pattern(value)?.ok_or_else(found)
    };
    match value.as_array_ref() {
        Ok(list) => list.iter().map(pattern).collect(),
        Err(_) => Ok(vec![pattern(value)?]),
    }
}

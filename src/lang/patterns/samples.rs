//! Words that cut and fit samples.

use rhai::Dynamic;

use crate::lang::argument::{self, Numbers};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{Operator, Pattern, Value, cat, choose_cycles, pure};

pub fn words() -> Vec<Word> {
    words! { "samples":
        /// Each sound as n grains, played in order.
        ///
        ///     s("bd sd").chop(4)
        method chop (pattern: Pattern, n: Numbers) { pattern.chop(&n) }

        /// The cycle n times over, each time with the next n-th of every sound.
        ///
        ///     s("bd sd").striate(4)
        method striate (pattern: Pattern, n: Numbers) { pattern.striate(&n) }

        /// As `striate`, each time with a part of the given length, the parts overlapping.
        ///
        ///     s("bd sd").striate_by(4, 1/2)
        method striate_by | striateBy (pattern: Pattern, n: i64, part: f64) {
            let n = n.clamp(1, 1024);
            let window = |i: i64| {
                let begin = (1.0 - part) * i as f64 / (n - 1).max(1) as f64;
                pure(Value::control("begin", begin.into()).with("end", (begin + part).into()))
            };
            pattern.set(&cat(&(0..n).map(window).collect::<Vec<_>>())).fast(&n.into())
        }

        /// Numbered slices of a sample. `n` is how many there are, or a list of where they begin.
        ///
        ///     s("bd").slice(8, "0 3 2 <5 7>")
        method slice (pattern: Pattern, n: Dynamic, numbers: Numbers) { pattern.slice(&count(&n)?, &numbers) }

        /// As `slice`, at the speed that makes each slice fill its step.
        ///
        ///     s("bd").splice(8, "0 3 2 <5 7>")
        method splice (pattern: Pattern, n: Dynamic, numbers: Numbers) { pattern.splice(&count(&n)?, &numbers) }

        /// At the speed that makes the sample fill its event.
        ///
        ///     s("bd/2").fit()
        method fit (pattern: Pattern) { pattern.fit() }

        /// Stretched over a number of cycles.
        ///
        ///     s("bd").loop_at(2)
        method loop_at | loopAt | loopat (pattern: Pattern, cycles: Numbers) { pattern.loop_at(&cycles) }

        /// Stretched over a number of cycles, at a tempo in cycles per second.
        ///
        ///     s("bd").loop_at_cps(2, 0.5)
        method loop_at_cps | loopAtCps | loopatcps (pattern: Pattern, cycles: Numbers, cps: f64) {
            let speed = pure(Value::control("speed", (2.0 * cps).into()));
            pattern.loop_at(&cycles).operate_in(Operator::Mul, &speed)
        }

        /// One of n slices of the sample, another each cycle.
        ///
        ///     s("bd*2").rand_slice(8)
        method rand_slice | randslice (pattern: Pattern, n: i64) {
            let n = n.clamp(1, 1024);
            let slice = |i: i64| pure(Value::control("begin", (i as f64 / n as f64).into()).with("end", ((i + 1) as f64 / n as f64).into()));
            pattern.set(&choose_cycles(&(0..n).map(slice).collect::<Vec<_>>()))
        }

        /// The cycle as n grains, at several slownesses in turn, one per cycle.
        ///
        ///     s("bd sd").smash(3, [2, 3, 4])
        method smash (pattern: Pattern, n: Numbers, factors: Vec<Pattern>) {
            let grains = pattern.striate(&n);
            cat(&factors.iter().map(|factor| grains.slow(factor)).collect::<Vec<_>>())
        }

        /// As `bite`, the samples as much faster or slower as their part of the cycle is.
        ///
        ///     s("bd sd hh cp").chew(4, "0 1 [2 3]*2")
        method chew (pattern: Pattern, n: Numbers, numbers: Numbers) { pattern.chew(&n, &numbers) }

        /// A stretch of each sample, by where it begins and how long it is, both from 0 to 1.
        ///
        ///     s("bd*4").grain("0 0.2", 0.1)
        method grain (pattern: Pattern, place: Pattern, length: Numbers) {
            pattern.with_control("begin", &place).with_control("end", &place.add(&length))
        }

        /// As `striate`, the sample gone through a number of times.
        ///
        ///     s("bd sd").striate_l(4, 2)
        method striate_l | striateL (pattern: Pattern, n: Numbers, times: Numbers) { pattern.striate(&n).with_control("loop", &times) }

        /// Places in a sample, from 0 to 1, in the rhythm they are written in.
        ///
        ///     s("bd").scrub("0 0.5 0.25")
        method scrub (pattern: Pattern, places: Pattern) { pattern.scrub(&places) }
    }
}

/// How many slices, or a list of where they begin as one value.
fn count(n: &Dynamic) -> Result<Pattern, Fault> {
    if n.is_array()
        && let Some(list) = argument::plain(n)
    {
        return Ok(pure(list));
    }
    argument::pattern(n)?.ok_or_else(|| {
        Fault::new(format!("a number of slices expected, found {}", argument::describe(n))).hint("slice(8, \"0 3 2\")")
    })
}

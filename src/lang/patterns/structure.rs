//! Words that give a rhythm.

use crate::lang::argument::Numbers;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Pattern, Time};

pub fn words() -> Vec<Word> {
    words! { "rhythm":
        /// Takes the rhythm from ones (or `t`, or any word) and rests or zeros.
        ///
        ///     note("c e g").struct("1 0 1 1 0 1 0 1")
        method struct | structure | struct_all | structAll (pattern: Pattern, truths: Pattern) { pattern.structure(&truths) }

        /// Silent where ones and zeros say 0.
        ///
        ///     s("hh*8").mask("1 0 1 1")
        method mask | mask_all | maskAll (pattern: Pattern, truths: Pattern) { pattern.mask(&truths) }

        /// Spreads onsets as evenly as steps allow.
        ///
        ///     s("rim").euclid(3, 8)
        method euclid (pattern: Pattern, onsets: Numbers, steps: Numbers) { pattern.euclid(&onsets, &steps) }

        /// A Euclidean rhythm from a list: onsets, steps, and perhaps a turn to the right.
        ///
        ///     s("rim").bjork([3, 8, 2])
        method bjork (pattern: Pattern, numbers: Vec<i64>) {
            let number = |i: usize, other: i64| pattern::pure(numbers.get(i).copied().unwrap_or(other));
            pattern.euclid_rot(&number(0, 0), &number(1, 8), &number(2, 0))
        }

        /// Spreads onsets over steps, turned to the right by some.
        ///
        ///     s("rim").euclid_rot(3, 8, "<0 2>")
        method euclid_rot | euclidRot | euclidrot (pattern: Pattern, onsets: Numbers, steps: Numbers, rotation: Numbers) {
            pattern.euclid_rot(&onsets, &steps, &rotation)
        }

        /// Spreads onsets over steps, turned to the left by some, as Tidal counts.
        ///
        ///     s("rim").euclid_off(3, 8, 2)
        method euclid_off | euclidOff | eoff (pattern: Pattern, onsets: Numbers, steps: Numbers, rotation: Numbers) {
            pattern.euclid_rot(&onsets, &steps, &pattern::pure(0).sub(&rotation))
        }

        /// The rests of a Euclidean rhythm.
        ///
        ///     s("hh").euclid_inv(3, 8)
        method euclid_inv | euclidInv | einv (pattern: Pattern, onsets: Numbers, steps: Numbers) {
            pattern.euclid(&pattern::pure(0).sub(&onsets), &steps)
        }

        /// Spreads onsets over steps, each held until the next.
        ///
        ///     note("c2").euclid_legato(3, 8)
        method euclid_legato | euclidLegato (pattern: Pattern, onsets: Numbers, steps: Numbers) {
            pattern.euclid_legato_rot(&onsets, &steps, &pattern::pure(0))
        }

        /// Spreads onsets over steps, turned to the right by some, each held until the next.
        ///
        ///     note("c2").euclid_legato_rot(3, 8, 2)
        method euclid_legato_rot | euclidLegatoRot (pattern: Pattern, onsets: Numbers, steps: Numbers, rotation: Numbers) {
            pattern.euclid_legato_rot(&onsets, &steps, &rotation)
        }

        /// Spreads onsets over steps, and plays another pattern at the rests.
        ///
        ///     s("rim").euclid_full(3, 8, s("hh"))
        method euclid_full | euclidFull (pattern: Pattern, onsets: Numbers, steps: Numbers, other: Pattern) {
            pattern.euclid(&onsets, &steps).stack(&[other.euclid(&pattern::pure(0).sub(&onsets), &steps)])
        }

        /// The whole pattern squeezed into every one.
        ///
        ///     s("bd sd hh").substruct("1 [0 1] 0 1")
        method substruct (pattern: Pattern, truths: Pattern) { pattern.substruct(&truths) }

        /// Ones of random lengths, n of them in each cycle, for `struct`.
        ///
        ///     s("rim").struct(rand_struct(5))
        function rand_struct | randStruct (n: Numbers) { pattern::rand_struct(&n) }

        /// The pattern n times in each cycle, at random speeds that together fill it.
        ///
        ///     s("bd sd hh").stripe("<2 3>")
        method stripe (pattern: Pattern, n: Numbers) { pattern.substruct(&pattern::rand_struct(&n)) }

        /// The pattern n times in n cycles, at random speeds that together fill them.
        ///
        ///     s("bd sd hh").slowstripe(3)
        method slowstripe | slow_stripe (pattern: Pattern, n: Numbers) { pattern.substruct(&pattern::rand_struct(&n)).slow(&n) }

        /// Values moved by some events against the rhythm: 1 gives every event the value of the next.
        ///
        ///     n("0 ~ 2 4 [7 9]").rot("<0 1 2>")
        method rot (pattern: Pattern, events: Pattern) { pattern.rot(&events) }

        /// Another pattern where this one has nothing.
        ///
        ///     s("bd ~ sd ~").fill(s("hh*8"))
        method fill (pattern: Pattern, other: Pattern) { pattern.fill(&other) }

        /// A cycle at each of several lengths in cycles, one after the other.
        ///
        ///     s("bd sd hh").space_out([1, 1/2, 1/4])
        method space_out | spaceOut (pattern: Pattern, lengths: Vec<Time>) { pattern.space_out(&lengths) }

        /// Two patterns in one cycle, the first up to a point of it.
        ///
        ///     wedge("<1/4 3/4>", s("bd*4"), s("hh*8"))
        function wedge (point: Numbers, first: Pattern, second: Pattern) { pattern::wedge(&point, &first, &second) }

        /// Between a Euclidean rhythm (0) and even spacing (1).
        ///
        ///     s("rim").euclidish(3, 8, sine.slow(4))
        method euclidish | eish (pattern: Pattern, onsets: Numbers, steps: Numbers, groove: Numbers) {
            pattern.euclidish(&onsets, &steps, &groove)
        }

        /// Plays only at numbered beats of so many in the cycle.
        ///
        ///     s("cp").beat("4,12", 16)
        method beat (pattern: Pattern, beats: Numbers, divisions: Numbers) { pattern.beat(&beats, &divisions) }

        /// Repeats every event n times inside its step.
        ///
        ///     s("bd sd").ply("<1 2 3>")
        method ply (pattern: Pattern, n: Numbers) { pattern.ply(&n) }

        /// Samples the pattern n times per cycle.
        ///
        ///     note(sine.range(48, 72).segment(16))
        method segment | seg | discretise (pattern: Pattern, n: Numbers) { pattern.segment(&n) }

        /// Goes back to the start of its cycle at each one.
        ///
        ///     n("0 2 4 7").reset("1 <1 [1 1]>")
        method reset | reset_all | resetAll (pattern: Pattern, truths: Pattern) { pattern.reset(&truths, false) }

        /// Starts from its cycle 0 at each one.
        ///
        ///     n("<0 2> 4").restart("1 [1 1]")
        method restart | restart_all | restartAll (pattern: Pattern, truths: Pattern) { pattern.reset(&truths, true) }

        /// Length of each event in cycles, for whatever takes its rhythm from it.
        ///
        ///     cycles_per.struct("1 [1 1] 1@2")
        name cycles_per | cyclesPer () { pattern::cycles_per(false) }

        /// How many such events a cycle holds, for whatever takes its rhythm from it.
        ///
        ///     per.struct("1 [1 1 1] 1@2")
        name per | per_cycle | perCycle () { pattern::cycles_per(true) }
    }
}

//! Words that move and scale time.

use crate::lang::argument::Numbers;
use crate::lang::callback::Transform;
use crate::lang::word::{Word, words};
use crate::pattern::{Align, Operator, Pattern, Time};

pub fn words() -> Vec<Word> {
    let mut all = factors();
    all.extend(windows());
    all.extend(turns());
    all
}

fn factors() -> Vec<Word> {
    words! { "time":
        /// Plays `factor` times as fast.
        ///
        ///     s("bd sd hh cp").fast(2)
        method fast | density (pattern: Pattern, factor: Numbers) { pattern.fast(&factor) }

        /// Plays `factor` times as slow.
        ///
        ///     s("bd sd hh cp").slow(2)
        method slow | sparsity (pattern: Pattern, factor: Numbers) { pattern.slow(&factor) }

        /// Shifts towards the past by a number of cycles.
        ///
        ///     s("bd ~ sd ~").early(1/8)
        method early (pattern: Pattern, cycles: Numbers) { pattern.early(&cycles) }

        /// Shifts towards the future by a number of cycles.
        ///
        ///     s("hh*4").late("<0 1/16>")
        method late (pattern: Pattern, cycles: Numbers) { pattern.late(&cycles) }

        /// Plays faster, samples included.
        ///
        ///     s("bd sd").hurry("<1 2>")
        method hurry (pattern: Pattern, factor: Numbers) { pattern.hurry(&factor) }

        /// Speeds each cycle up, with silence after it.
        ///
        ///     s("bd sd").fast_gap(2)
        method fast_gap | fastGap | fastgap | density_gap | densityGap (pattern: Pattern, factor: Numbers) { pattern.fast_gap(&factor) }

        /// As `fast`, each factor getting a whole cycle squeezed into its own step.
        ///
        ///     n("0 2 4 7").fast_squeeze("1 2")
        method fast_squeeze | fastSqueeze (pattern: Pattern, factor: Numbers) { pattern.fast_squeeze(&factor) }

        /// As `slow`, each factor getting its cycles squeezed into its own step.
        ///
        ///     n("0 2 4 7").slow_squeeze("1 2")
        method slow_squeeze | slowSqueeze (pattern: Pattern, factor: Numbers) {
            pattern.fast_squeeze(&Pattern::from(1).operate(Operator::Div, Align::Out, &factor))
        }

        /// Every cycle n times within its own length.
        ///
        ///     n("<0 2 4> 7").fast_repeat_cycles(2)
        method fast_repeat_cycles | fastRepeatCycles (pattern: Pattern, n: Numbers) { pattern.repeat_cycles(&n).fast(&n) }

        /// Plays every cycle n times.
        ///
        ///     n("<0 2 4>*2").repeat_cycles(2)
        method repeat_cycles | repeatCycles (pattern: Pattern, n: Numbers) { pattern.repeat_cycles(&n) }

        /// Transforms as if the pattern were n times slower.
        ///
        ///     n("0 2 4 7").inside(2, rev)
        method inside (pattern: Pattern, n: Numbers, f: Transform) { pattern.inside(&n, &mut |p| f.apply(&p))? }

        /// Transforms n cycles as if they were one.
        ///
        ///     n("<0 2 4 7>").outside(4, rev)
        method outside (pattern: Pattern, n: Numbers, f: Transform) { pattern.outside(&n, &mut |p| f.apply(&p))? }

        /// So fast that one cycle has this many steps.
        ///
        ///     s("bd sd hh").pace(8)
        method pace | steps (pattern: Pattern, steps: Numbers) { pattern.pace(&steps) }
    }
}

fn windows() -> Vec<Word> {
    words! { "time":
        /// Plays each cycle inside a window of the cycle, the rest silent.
        ///
        ///     s("bd sd").compress(1/4, 3/4)
        method compress | compress_span | compressSpan | compressspan | compress_to | compressTo (pattern: Pattern, begin: Numbers, end: Numbers) { pattern.compress(&begin, &end) }

        /// Plays each cycle inside a window, and goes on around it at that speed.
        ///
        ///     s("bd sd").focus(1/4, 3/4)
        method focus | focus_span | focusSpan | focusspan (pattern: Pattern, begin: Numbers, end: Numbers) { pattern.focus(&begin, &end) }

        /// A window of each cycle, stretched to a cycle.
        ///
        ///     s("bd*2 hh*3 [sd bd]*2 cp").zoom(1/4, 3/4)
        method zoom | zoom_arc | zoomArc | zoomarc | zoompat (pattern: Pattern, begin: Numbers, end: Numbers) { pattern.zoom(&begin, &end) }

        /// Repeats the first part of each cycle until the cycle is full; the last part, if negative.
        ///
        ///     n("0 2 4 7").linger("<1 1/4>")
        method linger (pattern: Pattern, part: Pattern) { pattern.linger(&part) }

        /// Silent after a point of the cycle.
        ///
        ///     s("bd sd hh cp").trunc(3/4)
        method trunc (pattern: Pattern, point: Numbers) { pattern.trunc(&point) }

        /// Loops `cycles` cycles from an offset.
        ///
        ///     n("<0 2 4 7 9>").ribbon(1, 2)
        method ribbon | rib (pattern: Pattern, offset: Numbers, cycles: Numbers) { pattern.ribbon(&offset, &cycles) }

        /// Loops the first n cycles.
        ///
        ///     n("<0 2 4 7 9>").time_loop(3)
        method time_loop | timeLoop (pattern: Pattern, n: Numbers) { pattern.ribbon(&Time::ZERO.into(), &n) }

        /// Loops the first cycle.
        ///
        ///     n("<0 2 4 7 9>").loop_first()
        method loop_first | loopFirst (pattern: Pattern) { pattern.ribbon(&Time::ZERO.into(), &Time::ONE.into()) }
    }
}

fn turns() -> Vec<Word> {
    words! { "time":
        /// Plays each cycle backwards.
        ///
        ///     n("0 2 4 7").rev()
        method rev (pattern: Pattern) { pattern.rev() }

        /// Plays all of time backwards.
        ///
        ///     n("<0 2 4 7>").revv()
        method revv (pattern: Pattern) { pattern.revv() }

        /// Forwards and backwards on alternate cycles.
        ///
        ///     n("0 2 4 7").palindrome()
        method palindrome (pattern: Pattern) { pattern.palindrome() }

        /// Starts an n-th of the cycle later each cycle.
        ///
        ///     n("0 2 4 7").iter(4)
        method iter (pattern: Pattern, n: Numbers) { pattern.iter(&n, false) }

        /// Starts an n-th of the cycle earlier each cycle.
        ///
        ///     n("0 2 4 7").iter_back(4)
        method iter_back | iterBack | iterback (pattern: Pattern, n: Numbers) { pattern.iter(&n, true) }

        /// Every other cycle squeezed into its first half and moved by a quarter: a breakbeat.
        ///
        ///     s("bd sd bd sd").brak()
        method brak (pattern: Pattern) { pattern.brak() }

        /// Moves every event into the second half of its step.
        ///
        ///     s("hh*4").press()
        method press (pattern: Pattern) { pattern.press_by(&Time::HALF.into()) }

        /// Moves every event into the later part of its step: 0 leaves it, 0.5 is half way.
        ///
        ///     s("hh*4").press_by("<0 0.25 0.5>")
        method press_by | pressBy (pattern: Pattern, amount: Numbers) { pattern.press_by(&amount) }

        /// Delays the second half of each n-th of the cycle by a part of that half.
        ///
        ///     s("hh*8").swing_by(1/3, 4)
        method swing_by | swingBy (pattern: Pattern, amount: Numbers, n: Numbers) { pattern.swing_by(&amount, &n) }

        /// Swings: the second half of each n-th of the cycle comes a third late.
        ///
        ///     s("hh*8").swing(4)
        method swing (pattern: Pattern, n: Numbers) { pattern.swing_by(&Time::new(1, 3).into(), &n) }

        /// Plays the n-ths of the cycle that a pattern of numbers asks for.
        ///
        ///     n("0 2 4 7").bite(4, "3 2*2 <0 1>")
        method bite (pattern: Pattern, n: Numbers, numbers: Numbers) { pattern.bite(&n, &numbers) }

        /// Notes of a chord begin one after the other within a quarter of their length.
        ///
        ///     note("[c3,e3,g3] [f3,a3,c4]").rolled()
        method rolled | scratch (pattern: Pattern) { pattern.rolled_by(&Time::new(1, 4).into()) }

        /// Notes of a chord begin one after the other within a part of their length; downwards if negative.
        ///
        ///     note("[c3,e3,g3] [f3,a3,c4]").rolled_by("<0.5 -0.25>")
        method rolled_by | rolledBy | rolled_with | rolledWith (pattern: Pattern, amount: Numbers) { pattern.rolled_by(&amount) }
    }
}

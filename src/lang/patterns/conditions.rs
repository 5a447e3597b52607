//! Words that transform only now and then.

use rhai::{Dynamic, FnPtr, Map};

use crate::lang::argument::{self, Numbers, exact, script};
use crate::lang::callback::{Callback, Transform};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Hap, Operator, Pattern, Reach, Value};

/// The most times a word applies a function.
const MOST: usize = 64;

pub fn words() -> Vec<Word> {
    let mut all = cycles();
    all.extend(parts());
    all.extend(tests());
    all.extend(binds());
    all
}

fn cycles() -> Vec<Word> {
    words! { "conditions":
        /// Transforms the first of every n cycles.
        ///
        ///     n("0 2 4 7").every(4, rev)
        method every | first_of | firstOf (pattern: Pattern, n: Numbers, f: Transform) { pattern.first_of(&n, &mut |p| f.apply(&p))? }

        /// Transforms the last of every n cycles.
        ///
        ///     n("0 2 4 7").last_of(4, rev)
        method last_of | lastOf (pattern: Pattern, n: Numbers, f: Transform) { pattern.last_of(&n, &mut |p| f.apply(&p))? }

        /// Transforms one of every n cycles, counted from 0.
        ///
        ///     n("0 2 4 7").every_from(4, 1, rev)
        method every_from | everyFrom (pattern: Pattern, n: Numbers, which: Numbers, f: Transform) {
            pattern.every_from(&n, &which, &mut |p| f.apply(&p))?
        }

        /// Transforms the first of every n cycles, for several n one after the other.
        ///
        ///     n("0 2 4 7").fold_every([2, 3], rev)
        method fold_every | foldEvery (pattern: Pattern, numbers: Value, f: Transform) {
            let numbers = numbers.as_list().unwrap_or(std::slice::from_ref(&numbers)).iter().take(MOST);
            numbers.cloned().try_fold(pattern, |p, n| p.first_of(&pattern::pure(n), &mut |p| f.apply(&p)))?
        }

        /// Transforms where ones and zeros say 1, or in the cycles for whose number a function says yes.
        ///
        ///     n("0 2 4 7").when(|cycle| cycle % 4 == 3, rev)
        method when | while_ (pattern: Pattern, truths: Dynamic, f: Transform) {
            let truths = truths_of(&truths)?;
            pattern.when(&truths, &mut |p| f.apply(&p))?
        }

        /// Transforms by one function in the cycles for whose number a test says yes, by another in the rest.
        ///
        ///     n("0 2 4 7").ifp(|cycle| cycle % 2 == 0, rev, fast(2))
        method ifp (pattern: Pattern, test: Callback, yes: Transform, no: Transform) {
            no.apply(&pattern)?.switched(&each(test), &yes.apply(&pattern)?)
        }

        /// Transforms the cycles whose number, counted in rounds of a, is b or more.
        ///
        ///     s("bd sd").whenmod(4, 3, fast(2))
        method whenmod (pattern: Pattern, a: Numbers, b: Numbers, f: Transform) {
            let cycle = pattern::time_signal().floor().operate_in(Operator::Mod, &a);
            let truths = cycle.operate_in(Operator::AtLeast, &b).segment(&1.into());
            pattern.when(&truths, &mut |p| f.apply(&p))?
        }

        /// This pattern where ones and zeros say 1, another where they say 0.
        ///
        ///     s("hh*8").sew("<1 0>", s("oh*4"))
        method sew (pattern: Pattern, truths: Pattern, other: Pattern) { other.switched(&truths, &pattern) }

        /// One pattern in the rhythm of the ones, another in that of the zeros.
        ///
        ///     s("bd").stitch("1 0 0 1", s("hh"))
        method stitch (pattern: Pattern, truths: Pattern, other: Pattern) {
            pattern::stack(&[pattern.structure(&truths), other.structure(&truths.invert())])
        }

        /// Silent while ones and zeros say 1.
        ///
        ///     s("hh*8").bypass("<0 1>")
        method bypass (pattern: Pattern, truths: Pattern) { pattern.bypass(&truths) }

        /// Transforms always.
        ///
        ///     s("bd sd").always(fast(2))
        method always (pattern: Pattern, f: Transform) { f.apply(&pattern)? }

        /// Transforms never: a place to put something aside.
        ///
        ///     s("bd sd").never(fast(2))
        method never (pattern: Pattern, f: Transform) { f.apply(&pattern).map(|_| pattern)? }
    }
}

fn parts() -> Vec<Word> {
    words! { "conditions":
        /// Transforms what begins within a window of the cycle.
        ///
        ///     s("bd sd hh cp").within(0, 1/2, fast(2))
        method within | within_arc | withinArc (pattern: Pattern, begin: Numbers, end: Numbers, f: Transform) { pattern.within(&begin, &end, &mut |p| f.apply(&p))? }

        /// Transforms one n-th of the cycle, the next one each cycle.
        ///
        ///     n("0 2 4 7").chunk(4, ply(2))
        method chunk | slow_chunk | slowChunk | slowchunk (pattern: Pattern, n: Numbers, f: Transform) { pattern.chunk(&n, false, false, &mut |p| f.apply(&p))? }

        /// Transforms one n-th of the cycle, the one before each cycle.
        ///
        ///     n("0 2 4 7").chunk_back(4, ply(2))
        method chunk_back | chunkBack | chunkback (pattern: Pattern, n: Numbers, f: Transform) { pattern.chunk(&n, true, false, &mut |p| f.apply(&p))? }

        /// As `chunk`, but the pattern goes on meanwhile.
        ///
        ///     n("<0 8> 2 4 7").fast_chunk(4, ply(2))
        method fast_chunk | fastChunk | fastchunk (pattern: Pattern, n: Numbers, f: Transform) { pattern.chunk(&n, false, true, &mut |p| f.apply(&p))? }

        /// Loops one n-th of the cycle as a cycle of its own and transforms it, the next one each cycle.
        ///
        ///     n("0 2 4 7").chunk_into(4, fast(2))
        method chunk_into | chunkInto | chunkinto (pattern: Pattern, n: Numbers, f: Transform) { pattern.chunk_into(&n, false, &mut |p| f.apply(&p))? }

        /// As `chunk_into`, the one before each cycle.
        ///
        ///     n("0 2 4 7").chunk_back_into(4, fast(2))
        method chunk_back_into | chunkBackInto | chunkbackinto (pattern: Pattern, n: Numbers, f: Transform) { pattern.chunk_into(&n, true, &mut |p| f.apply(&p))? }

        /// Loops the parts of the cycle where ones stand, each as a cycle, and transforms them.
        ///
        ///     n("0 2 4 7").into("1 0", fast(2))
        method into (pattern: Pattern, truths: Pattern, f: Transform) { pattern.into_parts(&truths, &mut |p| f.apply(&p))? }
    }
}

fn tests() -> Vec<Word> {
    words! { "conditions":
        /// Keeps the events for which a function says yes; it gets `value`, `begin` and `end` of the event.
        ///
        ///     n("0 2 4 7").filter(|event| event.value.n > 2)
        method filter | filter_haps | filterHaps (pattern: Pattern, test: Callback) {
            pattern.filter_with(test.identity(), move |hap| test.test(event(hap)))
        }

        /// Keeps the events for whose value a function says yes.
        ///
        ///     note(mini("0 2 4 7").filter_values(|x| x > 2))
        method filter_values | filterValues (pattern: Pattern, test: Callback) {
            pattern.filter_with(test.identity(), move |hap| test.test(script(&hap.value)))
        }

        /// Keeps the events for whose time of beginning, in cycles, a function says yes.
        ///
        ///     s("hh*8").filter_when(|time| time >= 1)
        method filter_when | filterWhen (pattern: Pattern, test: Callback) {
            pattern.filter_with(test.identity(), move |hap| test.test(exact(hap.whole_or_part().begin)))
        }

        /// Changes every value by a function.
        ///
        ///     note(mini("0 2 4").fmap(|x| 48 + x * 2))
        method fmap | with_value | withValue (pattern: Pattern, f: Callback) {
            pattern.map_with(f.identity(), move |value: &Value| f.call(value))
        }
    }
}

fn binds() -> Vec<Word> {
    words! { "conditions":
        /// For every value the pattern that a function makes of it, in that pattern's rhythm.
        ///
        ///     note(mini("<0 1>").inner_bind(|x| if x == 0 { "c e" } else { "f a c4" }))
        method inner_bind | innerBind | bind (pattern: Pattern, f: Callback) { bound(&pattern, Reach::Inside, f) }

        /// For every value the pattern that a function makes of it, in the rhythm of the values.
        ///
        ///     note(mini("0 1*3").outer_bind(|x| if x == 0 { "<c e>" } else { "f" }))
        method outer_bind | outerBind (pattern: Pattern, f: Callback) { bound(&pattern, Reach::Outside, f) }

        /// For every value a cycle of the pattern that a function makes of it, squeezed into the event.
        ///
        ///     note(mini("60 [64 67]").squeeze_bind(|x| [x, x + 12, x + 7]))
        method squeeze_bind | squeezeBind (pattern: Pattern, f: Callback) { bound(&pattern, Reach::Squeeze, f) }

        /// For every value the pattern that a function makes of it, from its cycle 0.
        ///
        ///     note(mini("<60 64>/2").restart_bind(|x| [x, x + 7]))
        method restart_bind | restartBind (pattern: Pattern, f: Callback) { bound(&pattern, Reach::Restart, f) }

        /// For every value the pattern that a function makes of it, from the start of its cycle.
        ///
        ///     note(mini("60 64").reset_bind(|x| [x, x + 7]))
        method reset_bind | resetBind (pattern: Pattern, f: Callback) { bound(&pattern, Reach::Reset, f) }
    }
}

fn bound(pattern: &Pattern, reach: Reach, f: Callback) -> Pattern {
    pattern.bind_with(f.identity(), reach, move |value| f.pattern(script(value)))
}

/// Ones and zeros, or a function of the cycle's number.
fn truths_of(value: &Dynamic) -> Result<Pattern, Fault> {
    if let Some(test) = value.read_lock::<FnPtr>().and_then(|f| Callback::of(&f)) {
        return Ok(each(test));
    }
    argument::pattern(value)?.ok_or_else(|| {
        let found = argument::describe(value);
        Fault::new(format!("`when` expects ones and zeros or a function of the cycle, found {found}"))
            .hint("when(\"<1 0>\", rev)")
    })
}

/// Whether a function says yes to each cycle's number.
fn each(test: Callback) -> Pattern {
    pattern::each_cycle(test.identity(), move |cycle| Some(pattern::pure(test.test(Dynamic::from_int(cycle)))))
}

fn event(hap: &Hap) -> Dynamic {
    let span = hap.whole_or_part();
    let fields = [("value", script(&hap.value)), ("begin", exact(span.begin)), ("end", exact(span.end))];
    Dynamic::from_map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>())
}

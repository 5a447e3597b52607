//! Words that lay transformed copies over many cycles, or change a sound in one plain word.

use rhai::Dynamic;

use crate::lang::argument::{Numbers, describe};
use crate::lang::callback::Transform;
use crate::lang::desk;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Operator, Pattern, Time, Value};

/// The most copies a word makes.
const MOST: i64 = 64;

pub fn words() -> Vec<Word> {
    [over_cycles(), in_turn(), plain()].into_iter().flatten().collect()
}

fn over_cycles() -> Vec<Word> {
    words! { "layers":
        /// Patterns together, each with the controls of a base that takes some cycles and is further on for the next.
        ///
        ///     weave(16, sine.pan(), [s("bd sn"), s("hh*4"), s("cp")])
        function weave (cycles: Time, base: Pattern, patterns: Vec<Pattern>) { pattern::weave(cycles, &base, &patterns) }

        /// Functions together, each with a base that takes some cycles and is further on for the next.
        ///
        ///     weave_with(8, n("0 2 4 7"), [fast(2), |x| x.add(n(7))])
        function weave_with | weaveWith (cycles: Time, base: Pattern, functions: Vec<Transform>) {
            let (slow, count) = (base.slow(&cycles.into()), functions.len() as i64);
            let part = |(i, f): (usize, &Transform)| f.apply(&slow.late(&(cycles * Time::new(i as i64, count)).into()));
            pattern::stack(&functions.iter().enumerate().map(part).collect::<Result<Vec<_>, Fault>>()?)
        }

        /// Two patterns weaving through each other by their distortion, over sixteen cycles.
        ///
        ///     interlace(s("bd*4"), s("hh*8"))
        function interlace (first: Pattern, second: Pattern) {
            let shape = pattern::sine().mul(&0.9.into()).as_named("shape");
            pattern::weave(Time::int(16), &shape, &[first, second])
        }

        /// Copies around the stereo field, each earlier by an n-th of a cycle.
        ///
        ///     s("bd cp sd").spin(4)
        method spin (pattern: Pattern, n: Numbers) { pattern.spin(&n) }

        /// A cycle as it is, then one transformed, then one transformed twice, and so on for n cycles.
        ///
        ///     n("0 2 4").soak(4, |x| x.add(n(1)))
        method soak (pattern: Pattern, n: i64, f: Transform) { pattern::cat(&repeated(&pattern, n, &f)?) }

        /// As `soak`, each cycle together with all before it, put together by a function of two patterns.
        ///
        ///     n("0 2").snowball(4, |a, b| stack(a, b), |x| x.add(n(2)))
        method snowball (pattern: Pattern, n: i64, join: Transform, f: Transform) {
            let mut sums: Vec<Pattern> = Vec::new();
            for copy in repeated(&pattern, n, &f)? {
                let sum = match sums.last() {
                    Some(before) => join.apply_with(before, &Dynamic::from(copy))?,
                    None => copy,
                };
                sums.push(sum);
            }
            pattern::cat(&sums)
        }

        /// Adds a copy that comes later by some cycles, with a number added to its pitch.
        ///
        ///     n("0 2 4").off_add(1/8, 7)
        method off_add | offadd (pattern: Pattern, cycles: Numbers, number: Pattern) {
            pattern.stack(&[pattern.late(&cycles).add(&number)])
        }

        /// Adds two transformed ghosts of each event, one and a half and two and a half times the given length later.
        ///
        ///     s("~ sd").ghost_with(1/8, |x| x.gain(0.4).speed(1.2))
        method ghost_with | ghostWith (pattern: Pattern, cycles: Time, f: Transform) {
            let ghost = |halves: i64| pattern.late(&(cycles * Time::new(halves, 2)).into());
            pattern.stack(&[f.apply(&ghost(3))?, f.apply(&ghost(5))?])
        }

        /// Repeats every event n times inside its step; a function gets the event and the number of the copy from 1.
        ///
        ///     note(mini("60 64").ply_for_each(3, |p, i| p.add(i * 7)))
        method ply_for_each | plyForEach | plyforeach (pattern: Pattern, n: Numbers, f: Transform) {
            pattern.ply_for_each(&n, &mut |p, i| f.apply_numbered(&p, i))?
        }

        /// The tempo of this pattern alone, in cycles per minute, against the tempo in force where the word stands. It is a ratio:
        /// what changes the tempo later, below or at the prompt, changes both. So write `tempo` above it.
        ///
        ///     s("bd sd").cpm("<40 80>")
        method cpm (pattern: Pattern, cycles: Numbers) {
            let now = desk::with(|desk| desk.cycles_per_minute()).unwrap_or(30.0);
            pattern.fast(&cycles.div(&Time::from_f64(now).into()))
        }
    }
}

fn in_turn() -> Vec<Word> {
    words! { "layers":
        /// One function with each value of a list in turn, one per cycle.
        ///
        ///     n("0 2 4 7").slowspread(fast, [1, 2, 3/2])
        method slowspread | slow_spread | spread (pattern: Pattern, f: Transform, values: Dynamic) { pattern::cat(&each(&pattern, &f, &values)?) }

        /// One function with each value of a list in turn, all in one cycle.
        ///
        ///     n("0 2 4 7").fastspread(fast, [1, 2])
        method fastspread | fast_spread (pattern: Pattern, f: Transform, values: Dynamic) { pattern::fastcat(&each(&pattern, &f, &values)?) }

        /// One function with a value of a list by chance, another each cycle.
        ///
        ///     n("0 2 4 7").spread_choose(fast, [1, 2, 4])
        method spread_choose | spreadChoose | spreadr (pattern: Pattern, f: Transform, values: Dynamic) {
            pattern::choose_cycles(&each(&pattern, &f, &values)?)
        }

        /// Functions in turn, one per cycle.
        ///
        ///     n("0 2 4 7").spreadf([rev, fast(2), ply(2)])
        method spreadf (pattern: Pattern, functions: Vec<Transform>) {
            let copies: Result<Vec<_>, Fault> = functions.iter().map(|f| f.apply(&pattern)).collect();
            pattern::cat(&copies?)
        }
    }
}

fn plain() -> Vec<Word> {
    words! { "plain words":
        /// A little louder.
        ///
        ///     s("bd cp").louder()
        method louder (pattern: Pattern) { scaled(&pattern, "gain", 1.2) }

        /// A little quieter.
        ///
        ///     s("bd cp").quieter()
        method quieter (pattern: Pattern) { scaled(&pattern, "gain", 0.8) }

        /// Twice as fast.
        ///
        ///     s("bd cp").faster()
        method faster (pattern: Pattern) { pattern.fast(&2.into()) }

        /// Half as fast.
        ///
        ///     s("bd cp").slower()
        method slower (pattern: Pattern) { pattern.slow(&2.into()) }

        /// Samples a fifth higher.
        ///
        ///     s("bd cp").higher()
        method higher (pattern: Pattern) { scaled(&pattern, "speed", 1.5) }

        /// Samples a fifth lower.
        ///
        ///     s("bd cp").lower()
        method lower (pattern: Pattern) { scaled(&pattern, "speed", 2.0 / 3.0) }

        /// All the way to the left.
        ///
        ///     s("hh*4").left()
        method left (pattern: Pattern) { given(&pattern, "pan", 0.0) }

        /// All the way to the right.
        ///
        ///     s("hh*4").right()
        method right (pattern: Pattern) { given(&pattern, "pan", 1.0) }

        /// In few bits.
        ///
        ///     s("bd cp").crunch()
        method crunch (pattern: Pattern) { given(&pattern, "crush", 3.0) }
    }
}

fn given(pattern: &Pattern, control: &str, value: f64) -> Pattern {
    pattern.set(&pattern::pure(Value::control(control, value.into())))
}

/// A control multiplied, or given where there is none.
fn scaled(pattern: &Pattern, control: &str, factor: f64) -> Pattern {
    pattern.operate_in(Operator::Mul, &pattern::pure(Value::control(control, factor.into())))
}

/// A pattern, then transformed once, twice and so on, n in all.
fn repeated(pattern: &Pattern, n: i64, f: &Transform) -> Result<Vec<Pattern>, Fault> {
    let mut copies = vec![pattern.clone()];
    for i in 1..n.clamp(1, MOST) as usize {
        copies.push(f.apply(&copies[i - 1])?);
    }
    Ok(copies)
}

fn each(pattern: &Pattern, f: &Transform, values: &Dynamic) -> Result<Vec<Pattern>, Fault> {
    let Ok(values) = values.as_array_ref() else {
        let found = describe(values);
        return Err(Fault::new(format!("a list of values expected, found {found}")).hint("slowspread(fast, [1, 2])"));
    };
    values.iter().take(MOST as usize).map(|value| f.apply_with(pattern, value)).collect()
}

//! Words that put transformed copies beside a pattern.

use crate::lang::argument::Numbers;
use crate::lang::callback::Transform;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Digest, Hap, Operator, Pattern, Time, Value};

/// The most times a word applies a function.
const MOST: i64 = 64;

pub fn words() -> Vec<Word> {
    let mut all = copies();
    all.extend(repeats());
    all
}

fn copies() -> Vec<Word> {
    words! { "layers":
        /// Plays the pattern together with a transformed copy.
        ///
        ///     n("0 2 4").superimpose(fast(2))
        method superimpose (pattern: Pattern, f: Transform) { pattern.superimpose(&mut |p| f.apply(&p))? }

        /// Plays only transformed copies, one for each function.
        ///
        ///     n("0 2 4").layer(|x| x.fast(2), rev)
        method layer (pattern: Pattern, functions: Vec<Transform>) {
            let copies: Result<Vec<_>, Fault> = functions.iter().map(|f| f.apply(&pattern)).collect();
            pattern::stack(&copies?)
        }

        /// Plays the pattern together with a copy that comes later by some cycles and is transformed.
        ///
        ///     n("0 2 4").off(1/8, |x| x.add(n(7)))
        method off (pattern: Pattern, cycles: Numbers, f: Transform) { pattern.off(&cycles, &mut |p| f.apply(&p))? }

        /// Plays the pattern on the left and a transformed copy on the right.
        ///
        ///     s("bd hh sd hh").jux(rev)
        method jux (pattern: Pattern, f: Transform) { pattern.jux(&mut |p| f.apply(&p))? }

        /// As `jux`, less far apart: 0 is the middle, 1 all the way.
        ///
        ///     s("bd hh sd hh").jux_by(0.5, rev)
        method jux_by | juxBy | juxby (pattern: Pattern, amount: Numbers, f: Transform) { pattern.jux_by(&amount, &mut |p| f.apply(&p))? }

        /// As `jux`, a sample on either side cutting off only its own side.
        ///
        ///     s("bd oh sd oh").juxcut(rev)
        method juxcut | jux_cut (pattern: Pattern, f: Transform) {
            let side = |p: &Pattern, pan: f64, group: f64| p.set(&pattern::pure(Value::control("pan", pan.into()).with("cut", group.into())));
            pattern::stack(&[side(&pattern, 0.0, -1.0), f.apply(&side(&pattern, 1.0, -2.0))?])
        }

        /// As `jux` for four loudspeakers in a ring: five eighths around, and one eighth.
        ///
        ///     s("bd hh sd hh").jux4(rev)
        method jux4 (pattern: Pattern, f: Transform) {
            let side = |eighths: f64| pattern.set(&pattern::pure(Value::control("pan", (eighths / 8.0).into())));
            pattern::stack(&[side(5.0), f.apply(&side(1.0))?])
        }

        /// A transformed copy for every function, from the left to the right.
        ///
        ///     s("bd hh sd hh").jux_all(rev, fast(2), iter(4))
        method jux_all | juxAll (pattern: Pattern, functions: Vec<Transform>) {
            let last = (functions.len().max(2) - 1) as f64;
            let copy = |(i, f): (usize, &Transform)| f.apply(&pattern.set(&pattern::pure(Value::control("pan", (i as f64 / last).into()))));
            pattern::stack(&functions.iter().enumerate().map(copy).collect::<Result<Vec<_>, Fault>>()?)
        }
    }
}

fn repeats() -> Vec<Word> {
    words! { "layers":
        /// Repeats each event some times after a time each, each quieter by a factor.
        ///
        ///     s("cp").echo(3, 1/8, 0.6)
        method echo (pattern: Pattern, times: Numbers, time: Numbers, feedback: Numbers) { pattern.echo(&times, &time, &feedback) }

        /// As `echo`, with the factor before the time.
        ///
        ///     s("cp").stut(3, 0.6, 1/8)
        method stut (pattern: Pattern, times: Numbers, feedback: Numbers, time: Numbers) { pattern.echo(&times, &time, &feedback) }

        /// Repeats after a time each, transformed: the function gets the copy and its number, or is applied once more each time.
        ///
        ///     n("0 4").echo_with(3, 1/8, |p, i| p.add(n(i)))
        method echo_with | echoWith | echowith | stut_with | stutWith | stutwith (pattern: Pattern, times: Numbers, time: Numbers, f: Transform) {
            pattern.echo_with(&times, &time, &mut |p, i| f.apply_numbered(&p, i))?
        }

        /// Repeats every event n times inside its step, transformed once more each time.
        ///
        ///     note(mini("60 64").ply_with(3, |x| x.add(12)))
        method ply_with | plyWith | plywith (pattern: Pattern, n: Numbers, f: Transform) { pattern.ply_with(&n, &mut |p| f.apply(&p))? }

        /// Transforms by a function.
        ///
        ///     n("0 2 4").apply(|x| x.fast(2).rev())
        method apply (pattern: Pattern, f: Transform) { f.apply(&pattern)? }

        /// Transforms by a function n times over.
        ///
        ///     note(mini("60 62").apply_n(3, |x| x.add(2)))
        method apply_n | applyN (pattern: Pattern, n: i64, f: Transform) {
            if !(0..=MOST).contains(&n) {
                return Err(Fault::new(format!("a number from 0 to {MOST} of times expected, found {n}")).hint("apply_n(3, fast(2))"));
            }
            (0..n).try_fold(pattern, |p, _| f.apply(&p))?
        }

        /// Adds two quiet ghosts of each event, an eighth before and three sixteenths after.
        ///
        ///     s("~ sd").ghost()
        method ghost (pattern: Pattern) {
            let quiet = |late: Time| pattern.late(&late.into()).operate_in(Operator::Mul, &pattern::pure(Value::control("gain", 0.4.into())));
            pattern.stack(&[quiet(Time::new(-1, 8)), quiet(Time::new(3, 16))])
        }

        /// Transforms the events whose controls have these values, and leaves the rest.
        ///
        ///     s("bd sd bd hh").fix(#{ s: "bd" }, ply(2))
        method fix (pattern: Pattern, controls: Value, f: Transform) {
            split(&pattern, &equal(&controls), |yes, no| Ok(vec![f.apply(yes)?, no.clone()]))?
        }

        /// Transforms the events whose controls have not these values.
        ///
        ///     s("bd sd bd hh").unfix(#{ s: "bd" }, ply(2))
        method unfix (pattern: Pattern, controls: Value, f: Transform) {
            split(&pattern, &equal(&controls), |yes, no| Ok(vec![yes.clone(), f.apply(no)?]))?
        }

        /// Transforms the events whose controls have these values by one function, the rest by another.
        ///
        ///     s("bd sd bd hh").contrast(ply(2), |x| x.gain(0.5), #{ s: "bd" })
        method contrast (pattern: Pattern, yes: Transform, no: Transform, controls: Value) {
            split(&pattern, &equal(&controls), |a, b| Ok(vec![yes.apply(a)?, no.apply(b)?]))?
        }

        /// Transforms the events whose controls lie between two numbers each, and leaves the rest.
        ///
        ///     n("0 2 4 7").fix_range(#{ n: [2, 5] }, ply(2))
        method fix_range | fixRange (pattern: Pattern, ranges: Value, f: Transform) { split(&pattern, &between(&ranges)?, |yes, no| Ok(vec![f.apply(yes)?, no.clone()]))? }

        /// Transforms the events whose controls do not lie between two numbers each.
        ///
        ///     n("0 2 4 7").unfix_range(#{ n: [2, 5] }, ply(2))
        method unfix_range | unfixRange (pattern: Pattern, ranges: Value, f: Transform) { split(&pattern, &between(&ranges)?, |yes, no| Ok(vec![yes.clone(), f.apply(no)?]))? }

        /// Transforms the events whose controls lie between two numbers each by one function, the rest by another.
        ///
        ///     n("0 2 4 7").contrast_range(ply(2), |x| x.gain(0.5), #{ n: [2, 5] })
        method contrast_range | contrastRange (pattern: Pattern, yes: Transform, no: Transform, ranges: Value) {
            split(&pattern, &between(&ranges)?, |a, b| Ok(vec![yes.apply(a)?, no.apply(b)?]))?
        }

        /// Repeats each event n times, each later by some cycles.
        ///
        ///     s("cp").stutter(4, 1/16)
        method stutter (pattern: Pattern, n: Numbers, time: Numbers) { pattern.echo(&n, &time, &1.into()) }

        /// From one pattern (0) over both (0.5) to another (1).
        ///
        ///     s("lt*3").xfade("<0.2 0.9>", s("oh*2"))
        method xfade (pattern: Pattern, place: Pattern, other: Pattern) { pattern.xfade(&place, &other) }

        /// Silence, in place of a pattern.
        ///
        ///     stack(s("bd*4"), s("hh*8").hush())
        method hush | silent (pattern: Pattern) {
            let _ = pattern;
            pattern::silence()
        }
    }
}

/// What a test of controls is about: equal values, or values between two.
struct Wanted {
    controls: Value,
    range: bool,
}

/// Controls that must be equal.
fn equal(controls: &Value) -> Wanted {
    Wanted { controls: controls.clone(), range: false }
}

/// Controls that must lie between two numbers: `#{ n: [2, 5] }`.
fn between(ranges: &Value) -> Result<Wanted, Fault> {
    let two = |value: &Value| matches!(value.as_list(), Some([low, high]) if low.number().is_some() && high.number().is_some());
    match ranges.as_map() {
        Some(map) if map.values().all(two) => Ok(Wanted { controls: ranges.clone(), range: true }),
        _ => Err(Fault::new(format!("controls with two numbers each expected, found `{ranges}`"))
            .hint("fix_range(#{ n: [2, 5] }, ply(2))")),
    }
}

/// What a function makes of the events that are wanted and of the rest, at once.
fn split(
    pattern: &Pattern,
    wanted: &Wanted,
    f: impl FnOnce(&Pattern, &Pattern) -> Result<Vec<Pattern>, Fault>,
) -> Result<Pattern, Fault> {
    let only = |matching: bool| {
        let identity = Digest::new().text("fix").value(&wanted.controls).word(u128::from(wanted.range) << 1).finish();
        let (controls, range) = (wanted.controls.clone(), wanted.range);
        let test = move |hap: &Hap| matches(&hap.value, &controls, range) == matching;
        pattern.filter_with(identity ^ u128::from(matching), test)
    };
    Ok(pattern::stack(&f(&only(true), &only(false))?))
}

fn matches(value: &Value, wanted: &Value, range: bool) -> bool {
    let same = |a: &Value, b: &Value| match (a.number(), b.as_list()) {
        (x, Some([low, high])) if range => {
            x.zip(low.number()).zip(high.number()).is_some_and(|((x, low), high)| (low..=high).contains(&x))
        }
        (x, _) => a == b || x.is_some_and(|x| Some(x) == b.number()),
    };
    match wanted.as_map() {
        Some(wanted) => wanted.iter().all(|(name, wanted)| {
            let name = pattern::control(name).map_or(&**name, |control| control.name);
            value.get(name).is_some_and(|value| same(value, wanted))
        }),
        None => same(value, wanted),
    }
}

//! Words that make patterns and put them one after the other, or at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::Dynamic;

use crate::lang::argument::{self, describe, exact};
use crate::lang::callback::{Callback, Transform};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Choice, Pattern, Reach, Span, Time, Value};

pub fn words() -> Vec<Word> {
    let mut all = starting();
    all.extend(joining());
    all.extend(songs());
    all.extend(after_dot());
    all.extend(functions());
    all
}

/// Patterns out of functions that are called while the music plays.
fn functions() -> Vec<Word> {
    words! { "making patterns":
        /// The pattern that a function makes of the number of the cycle, counted from 0. It sees only that number: the same cycle
        /// always has the same notes.
        ///
        ///     n(each_cycle(|c| [c % 5, c % 3, 4])).scale("C:minor")
        function each_cycle | eachCycle | generate (f: Callback) {
            pattern::each_cycle(f.identity(), move |cycle| f.pattern(Dynamic::from_int(cycle)))
        }

        /// A continuous value as a function of time in cycles.
        ///
        ///     s("hh*8").pan(signal(|t| (t * 3) % 1))
        function signal | sig (f: Callback) {
            pattern::function_of_time(f.identity(), move |time| argument::plain(&f.answer(exact(time))?))
        }
    }
}

/// The words that join patterns, written after the first of them.
fn after_dot() -> Vec<Word> {
    words! { "making patterns":
        /// Plays others at the same time.
        ///
        ///     s("bd*4").stack(s("~ cp"), s("hh*8"))
        method stack | overlay (pattern: Pattern, others: Vec<Pattern>) { pattern.stack(&others) }

        /// Then others, one per cycle.
        ///
        ///     s("bd*4").cat(s("bd sd"))
        method cat | slowcat | slow_cat | slowCat | slow_append | slowAppend | slowappend | append (pattern: Pattern, others: Vec<Pattern>) { pattern::cat(&pattern.before(&others)) }

        /// Then others, all in one cycle.
        ///
        ///     s("bd*2").seq(s("hh*3"))
        method seq | sequence | fastcat | fast_cat | fastCat | fast_append | fastAppend | fastappend (pattern: Pattern, others: Vec<Pattern>) { pattern::fastcat(&pattern.before(&others)) }

        /// Then others, each as long as its steps.
        ///
        ///     s("bd sd").stepcat(s("hh*3"))
        method stepcat | timecat | time_cat | timeCat | s_cat (pattern: Pattern, others: Vec<Pattern>) { pattern::stepcat_own(&pattern.before(&others)) }

        /// With others step by step, each looping at its own length.
        ///
        ///     s("bd hh hh").polymeter(s("cp rim"))
        method polymeter | pm | s_polymeter (pattern: Pattern, others: Vec<Pattern>) { pattern::polymeter(&pattern.before(&others)) }
    }
}

fn starting() -> Vec<Word> {
    words! { "making patterns":
        /// Nothing at all.
        ///
        ///     stack(s("bd*4"), silence)
        name silence () { pattern::silence() }

        /// Nothing, not even a step: it vanishes where patterns are joined step by step.
        ///
        ///     stepcat("bd sd", nothing, "hh")
        name nothing () { pattern::nothing() }

        /// Silence for a number of steps.
        ///
        ///     stepcat(s("bd sd"), gap(2))
        function gap (steps: Time) { pattern::gap(steps) }

        /// One value per cycle; a text is taken as it is, not as mini-notation.
        ///
        ///     s(pure("bd")).fast(4)
        function pure (value: Value) { pattern::pure(value) }

        /// One value, continuously.
        ///
        ///     note("c e g").gain(steady(0.5))
        function steady (value: Value) { pattern::steady(value) }

        /// The numbers from 0 up to, not including, n.
        ///
        ///     n(run(8)).scale("C:minor")
        function run (n: Pattern) { pattern::run(&n) }

        /// `run` of 1, of 2 and so on up to n, a cycle each.
        ///
        ///     n(scan(4)).scale("C:minor")
        function scan (n: i64) { pattern::cat(&(1..=n.clamp(1, 256)).map(|n| pattern::run(&n.into())).collect::<Vec<_>>()) }

        /// The bits of the letters of a text as ones and zeros, for `struct`: eight for each letter.
        ///
        ///     s("hh").struct(ascii("la"))
        function ascii (text: Arc<str>) { pattern::fastcat(&text.bytes().take(128).map(|byte| pattern::binary_n(byte.into(), 8)).collect::<Vec<_>>()) }

        /// The bits of a number as ones and zeros, for `struct`.
        ///
        ///     s("hh").struct(binary(45))
        function binary (number: i64) { pattern::binary(number) }

        /// The Euclidean rhythm itself, as a list of ones and zeros.
        ///
        ///     s("rim").struct(bjorklund(3, 8))
        function bjorklund (onsets: i64, steps: i64) {
            let bits = pattern::bjorklund(onsets.clamp(-1024, 1024), steps.clamp(0, 1024));
            Value::list(bits.into_iter().map(|on| Value::Number(f64::from(u8::from(on)))))
        }

        /// The lowest bits of a number as ones and zeros, for `struct`.
        ///
        ///     s("hh").struct(binary_n(146, 8))
        function binary_n | binaryN (number: i64, bits: Option<i64>) { pattern::binary_n(number, bits.unwrap_or(16)) }
    }
}

fn joining() -> Vec<Word> {
    words! { "making patterns":
        /// Plays patterns at once.
        ///
        ///     stack(s("bd*4"), s("~ cp"))
        function stack | overlay | polyrhythm | pr (patterns: Vec<Pattern>) { pattern::stack(&patterns) }

        /// One pattern per cycle, in turn, none of their cycles skipped.
        ///
        ///     cat(s("bd*4"), s("bd sd"))
        function cat | slowcat | slow_cat | slowCat | slow_append | slowAppend | slowappend | append (patterns: Vec<Pattern>) { pattern::cat(&patterns) }

        /// One pattern per cycle, in turn, each playing the cycle that it is: what is not its turn is skipped.
        ///
        ///     note(slowcat_prime("<c e> g", "a b"))
        function slowcat_prime | slowcatPrime (patterns: Vec<Pattern>) { pattern::cat_skipping(&patterns) }

        /// The patterns squeezed into one cycle, at equal length.
        ///
        ///     seq(s("bd"), s("hh*3"))
        function seq | sequence | fastcat | fast_cat | fastCat | fast_append | fastAppend | fastappend (patterns: Vec<Pattern>) { pattern::fastcat(&patterns) }

        /// The patterns in one cycle, each as long as its steps, or as the number before it says: `[3, "bd"]`.
        ///
        ///     stepcat([3, s("bd")], [1, s("hh*2")])
        function stepcat | timecat | time_cat | timeCat | s_cat (parts: Vec<Dynamic>) { pattern::stepcat(&weighted(&parts)?) }

    }
}

fn songs() -> Vec<Word> {
    words! { "making patterns":
        /// Parts of a song one after the other, each for a number of cycles, looped: `[4, pattern]`.
        ///
        ///     arrange([2, s("bd*4")], [1, s("bd sd")])
        function arrange (parts: Vec<Dynamic>) {
            let parts: Result<Vec<_>, Fault> = parts.iter().map(cycles_and_pattern).collect();
            pattern::arrange(&parts?)
        }

        /// Parts of a song by the cycles they begin and end at; they may overlap: `[0, 2, pattern]`.
        ///
        ///     seq_p([0, 2, s("bd*4")], [1, 4, s("hh*8")])
        function seq_p | seqP (parts: Vec<Dynamic>) { pattern::seq_p(&from_to(&parts)?, false) }

        /// As `seq_p`, looped from the last end.
        ///
        ///     seq_p_loop([0, 2, s("bd*4")], [1, 4, s("hh*8")])
        function seq_p_loop | seqPLoop (parts: Vec<Dynamic>) { pattern::seq_p(&from_to(&parts)?, true) }

        /// A song as a text of the names of its parts, which takes some cycles: `verse:loud` is a part with an effect. Each part
        /// begins anew where its name stands.
        ///
        ///     ur(8, "a [a b:loud]", #{ a: s("bd*4"), b: s("<bd sd> cp") }, #{ loud: |x| x.gain(1.2) })
        function ur (cycles: Time, outline: Pattern, parts: BTreeMap<String, Pattern>, effects: Option<BTreeMap<String, Transform>>) {
            let effects = effects.unwrap_or_default();
            let mut said = BTreeMap::new();
            for hap in outline.query(Span::cycles(0, 16)) {
                said.insert(hap.value.key(), part(&hap.value, &parts, &effects)?);
            }
            outline.slow(&cycles.into()).pick(&Choice::Names(said), Reach::Restart, false)
        }

        /// Patterns step by step, each looping at its own length.
        ///
        ///     polymeter(s("bd hh hh"), s("cp rim"))
        function polymeter | pm | s_polymeter (patterns: Vec<Pattern>) { pattern::polymeter(&patterns) }

        /// Patterns of unequal step counts at once, the shorter followed by silence.
        ///
        ///     stack_left(s("bd sd"), s("hh hh hh oh"))
        function stack_left | stackLeft (patterns: Vec<Pattern>) { pattern::stack_by(0.0, &patterns) }

        /// Patterns of unequal step counts at once, silence before the shorter.
        ///
        ///     stack_right(s("bd sd"), s("hh hh hh oh"))
        function stack_right | stackRight (patterns: Vec<Pattern>) { pattern::stack_by(1.0, &patterns) }

        /// Patterns of unequal step counts at once, silence on both sides of the shorter.
        ///
        ///     stack_centre(s("bd sd"), s("hh hh hh oh"))
        function stack_centre | stackCentre (patterns: Vec<Pattern>) { pattern::stack_by(0.5, &patterns) }

        /// Patterns of unequal step counts at once, the shorter at the `left`, `right` or `centre`.
        ///
        ///     stack_by("right", s("bd sd"), s("hh hh hh oh"))
        function stack_by | stackBy (place: Arc<str>, patterns: Vec<Pattern>) {
            let place = match &*place {
                "left" => 0.0,
                "centre" | "center" => 0.5,
                "right" => 1.0,
                other => return Err(Fault::new(format!("left, centre or right expected, found `{other}`")).hint("stack_by(\"left\", a, b)")),
            };
            pattern::stack_by(place, &patterns)
        }

        /// Lists of the values of several patterns, in the rhythm of the first.
        ///
        ///     note(parray("c e", "<g b>").flat())
        function parray | sequence_p | sequenceP (patterns: Vec<Pattern>) { pattern::lists(&patterns) }

        /// A rhythm on its way from one list of ones and zeros (0) to another (1).
        ///
        ///     s("rim").struct(morph([1, 0, 0, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1], 0.5))
        function morph (from: Dynamic, to: Dynamic, by: Pattern) { pattern::morph(&bits(&from)?, &bits(&to)?, &by) }
    }
}

/// The part of a song that `verse` or `verse:loud` names, with its effects.
fn part(
    value: &Value,
    parts: &BTreeMap<String, Pattern>,
    effects: &BTreeMap<String, Transform>,
) -> Result<Pattern, Fault> {
    let unknown = |what: &str, name: &str, known: Vec<&String>| {
        let known = known.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        Fault::new(format!("the name of {what} expected, found `{name}`")).hint(format!("one of: {known}"))
    };
    let names = value.as_list().unwrap_or(std::slice::from_ref(value)).iter().map(Value::key).collect::<Vec<_>>();
    let pattern = parts.get(&names[0]).ok_or_else(|| unknown("a part", &names[0], parts.keys().collect()))?;
    names[1..].iter().try_fold(pattern.clone(), |pattern, name| {
        effects.get(name).ok_or_else(|| unknown("an effect", name, effects.keys().collect()))?.apply(&pattern)
    })
}

/// Patterns with lengths: `[3, p]`, or a pattern with its own steps.
pub fn weighted(parts: &[Dynamic]) -> Result<Vec<(Time, Pattern)>, Fault> {
    let part = |value: &Dynamic| match cycles_and_pattern(value) {
        Ok(pair) => Ok(pair),
        Err(_) => {
            let pattern = argument::pattern(value)?.ok_or_else(|| unfit("a pattern or [length, pattern]", value))?;
            Ok((pattern.steps().unwrap_or(Time::ONE), pattern))
        }
    };
    parts.iter().map(part).collect()
}

fn unfit(expected: &str, value: &Dynamic) -> Fault {
    Fault::new(format!("{expected} expected, found {}", describe(value))).hint("[2, s(\"bd*4\")]")
}

fn cycles_and_pattern(value: &Dynamic) -> Result<(Time, Pattern), Fault> {
    let wrong = || unfit("[cycles, pattern]", value);
    let list = value.as_array_ref().map_err(|_| wrong())?;
    let [cycles, pattern] = &list[..] else { return Err(wrong()) };
    let cycles = argument::plain(cycles).filter(|v| v.as_text().is_none()).and_then(|v| v.time());
    let pattern = argument::pattern(pattern)?;
    cycles.zip(pattern).ok_or_else(wrong)
}

fn from_to(parts: &[Dynamic]) -> Result<Vec<(Time, Time, Pattern)>, Fault> {
    let part = |value: &Dynamic| {
        let wrong = || unfit("[begin, end, pattern]", value).hint("[0, 4, s(\"bd*4\")]");
        let list = value.as_array_ref().map_err(|_| wrong())?;
        let [begin, end, pattern] = &list[..] else { return Err(wrong()) };
        let time = |value: &Dynamic| argument::plain(value).and_then(|v| v.time()).ok_or_else(wrong);
        Ok((time(begin)?, time(end)?, argument::pattern(pattern)?.ok_or_else(wrong)?))
    };
    parts.iter().map(part).collect()
}

fn bits(list: &Dynamic) -> Result<Vec<bool>, Fault> {
    let value = argument::plain(list).filter(|_| list.is_array());
    let bits = value.as_ref().and_then(Value::as_list).map(|bits| bits.iter().map(Value::truth).collect());
    bits.ok_or_else(|| {
        Fault::new(format!("a list of ones and zeros expected, found {}", describe(list))).hint("[1, 0, 0, 1]")
    })
}

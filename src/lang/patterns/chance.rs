//! Words of chance. Every die follows from the seed, the time and the word it stands in: the same piece always falls the same way.

use rhai::Dynamic;

use crate::lang::argument::{self, Numbers};
use crate::lang::callback::Transform;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Operator, Pattern, Time};

pub fn words() -> Vec<Word> {
    let mut all = sources();
    all.extend(choices());
    all.extend(dropping());
    all.extend(perhaps());
    all
}

fn sources() -> Vec<Word> {
    words! { "chance":
        /// Anything between 0 and 1, continuously.
        ///
        ///     s("hh*8").pan(rand)
        name rand () { pattern::rand() }

        /// Anything between −1 and 1, continuously.
        ///
        ///     note("c*8").add(rand2.mul(0.2))
        name rand2 () { pattern::rand().to_bipolar() }

        /// Whole numbers from 0 up to, not including, n.
        ///
        ///     n(irand(8).segment(8)).scale("A:minor:pentatonic")
        function irand (n: Numbers) { pattern::irand(&n) }

        /// A smooth walk between 0 and 1 with a new aim each cycle.
        ///
        ///     s("hh*8").pan(perlin)
        name perlin () { pattern::perlin() }

        /// Around 0.5 as a bell curve: a standard deviation is a sixth, nothing lies beyond 0 and 1.
        ///
        ///     s("hh*8").pan(normal)
        name normal () { pattern::normal() }

        /// A smooth walk between 0 and 1 with a new aim at each whole number that the pattern passes.
        ///
        ///     s("hh*8").pan(saw.range(0, 4).perlin_with())
        method perlin_with | perlinWith (pattern: Pattern) { pattern.perlin_with() }

        /// A smooth landscape between 0 and 1 over the time and the values of a pattern.
        ///
        ///     s("hh*8").pan(perlin2(sine.range(0, 3)))
        function perlin2 (values: Pattern) { pattern::time_signal().perlin2_with(&values) }

        /// A smooth landscape between 0 and 1 over the values of two patterns.
        ///
        ///     s("hh*8").pan(saw.range(0, 4).perlin2_with(sine.range(0, 3)))
        method perlin2_with | perlin2With (pattern: Pattern, other: Pattern) { pattern.perlin2_with(&other) }

        /// Ramps between 0 and 1 that rise at random and fall at once.
        ///
        ///     s("hh*8").pan(berlin)
        name berlin () { pattern::berlin() }

        /// Yes or no, each half of the time.
        ///
        ///     s("hh*8").mask(brand.segment(8))
        name brand () { pattern::brand_by(&0.5.into()) }

        /// Yes with a probability.
        ///
        ///     s("hh*8").mask(brand_by(0.7).segment(8))
        function brand_by | brandBy (probability: Numbers) { pattern::brand_by(&probability) }

        /// The numbers from 0 to n − 1 in another order each cycle.
        ///
        ///     n(randrun(8)).scale("C:minor")
        function randrun (n: i64) { pattern::randrun(n) }
    }
}

fn choices() -> Vec<Word> {
    words! { "chance":
        /// One of several values at every moment.
        ///
        ///     n(choose(0, 2, 4, 7).segment(8))
        function choose | choose_out | chooseOut (values: Vec<Pattern>) { pattern::choose_with(&pattern::rand(), &values) }

        /// One of several patterns each cycle, in the chosen one's rhythm.
        ///
        ///     s(choose_in("bd*2", "cp*3"))
        function choose_in | chooseIn (patterns: Vec<Pattern>) { pattern::choose_in(&patterns) }

        /// The value that a number between 0 and 1 points at.
        ///
        ///     note(choose_with(sine.segment(8), ["c", "e", "g"]))
        function choose_with | chooseWith | choose_by | chooseBy (chooser: Numbers, values: Vec<Pattern>) { pattern::choose_with(&chooser, &values) }

        /// The pattern that a number between 0 and 1 points at, in the chosen one's rhythm.
        ///
        ///     s(choose_in_with(saw.segment(4), ["bd*8", "cp*3"]))
        function choose_in_with | chooseInWith | select (chooser: Numbers, patterns: Vec<Pattern>) { pattern::choose_in_with(&chooser, &patterns) }

        /// One of several patterns each cycle.
        ///
        ///     s(choose_cycles("bd*4", "bd sd", "cp*3"))
        function choose_cycles | chooseCycles | cycle_choose | cycleChoose | randcat (patterns: Vec<Pattern>) { pattern::choose_cycles(&patterns) }

        /// One of several values at every moment, in proportion to weights.
        ///
        ///     s(wchoose(["hh", 5], ["oh", 1]).segment(8))
        function wchoose (pairs: Vec<Dynamic>) { pattern::wchoose(&weighted(&pairs)?) }

        /// The value that a number between 0 and 1 points at, each as wide as its weight.
        ///
        ///     s(wchoose_by(sine.segment(8), ["hh", 5], ["oh", 1]))
        function wchoose_by | wchooseBy (chooser: Numbers, pairs: Vec<Dynamic>) { pattern::wchoose_with(&chooser, &weighted(&pairs)?) }

        /// One of several patterns each cycle, in proportion to weights.
        ///
        ///     s(wrandcat(["bd*4", 3], ["cp*3", 1]))
        function wrandcat | wchoose_cycles | wchooseCycles (pairs: Vec<Dynamic>) { pattern::wchoose_cycles(&weighted(&pairs)?) }

        /// The value that each number of this pattern, between 0 and 1, points at.
        ///
        ///     note(rand.segment(4).choose("c", "e", "g"))
        method choose (pattern: Pattern, values: Vec<Pattern>) { pattern::choose_with(&pattern, &values) }

        /// The value that each number of this pattern, between −1 and 1, points at.
        ///
        ///     note(sine2.segment(4).choose2("c", "e", "g"))
        method choose2 (pattern: Pattern, values: Vec<Pattern>) { pattern::choose_with(&pattern.from_bipolar(), &values) }

        /// Plays the n-ths of the cycle in another order each cycle.
        ///
        ///     n("0 2 4 7").shuffle(4)
        method shuffle (pattern: Pattern, n: Numbers) { pattern.shuffle(&n) }

        /// Plays n-ths of the cycle at random, perhaps the same again.
        ///
        ///     n("0 2 4 7").scramble(4)
        method scramble (pattern: Pattern, n: Numbers) { pattern.scramble(&n) }

        /// Another seed for every chance in this pattern.
        ///
        ///     s("hh*8?").seed(7)
        method seed | with_seed | withSeed (pattern: Pattern, seed: Pattern) { pattern.seed(&seed) }
    }
}

fn dropping() -> Vec<Word> {
    words! { "chance":
        /// Drops half of the events.
        ///
        ///     s("hh*16").degrade()
        method degrade (pattern: Pattern) { pattern.degrade_by(&0.5.into()) }

        /// Drops events with a probability.
        ///
        ///     s("hh*16").degrade_by(0.3)
        method degrade_by | degradeBy (pattern: Pattern, probability: Numbers) { pattern.degrade_by(&probability) }

        /// Drops events where another pattern, such as a `rand` of your own, is below an amount.
        ///
        ///     s("hh*16").degrade_by_with(rand.late(1), 0.3)
        method degrade_by_with | degradeByWith (pattern: Pattern, chance: Pattern, amount: Numbers) {
            pattern.mask(&chance.operate_in(Operator::AtLeast, &amount))
        }

        /// Drops events more and more, until after some cycles, from the start or a given cycle on, none is left.
        ///
        ///     s("hh*16").fade_out(8)
        method fade_out | fadeOut | fade_out_from | fadeOutFrom (pattern: Pattern, cycles: Time, from: Option<Time>) {
            pattern.faded(cycles, from.unwrap_or(Time::ZERO), true)
        }

        /// Drops events less and less, until after some cycles, from the start or a given cycle on, all are there.
        ///
        ///     s("hh*16").fade_in(8)
        method fade_in | fadeIn | fade_in_from | fadeInFrom (pattern: Pattern, cycles: Time, from: Option<Time>) {
            pattern.faded(cycles, from.unwrap_or(Time::ZERO), false)
        }

        /// Keeps the events that `degrade` drops.
        ///
        ///     s("oh*16").undegrade()
        method undegrade | unDegrade (pattern: Pattern) { pattern.undegrade_by(&0.5.into()) }

        /// Keeps events with a probability: those that `degrade_by` of the same drops.
        ///
        ///     s("oh*16").undegrade_by(0.3)
        method undegrade_by | undegradeBy | un_degrade_by | unDegradeBy (pattern: Pattern, probability: Numbers) { pattern.undegrade_by(&probability) }
    }
}

fn perhaps() -> Vec<Word> {
    words! { "chance":
        /// Transforms events with a probability.
        ///
        ///     s("hh*8").sometimes_by(0.3, speed(2))
        method sometimes_by | sometimesBy (pattern: Pattern, probability: Numbers, f: Transform) { perhaps_by(&pattern, &probability, &f)? }

        /// Transforms half of the events.
        ///
        ///     s("hh*8").sometimes(speed(2))
        method sometimes (pattern: Pattern, f: Transform) { perhaps_by(&pattern, &0.5.into(), &f)? }

        /// Transforms three quarters of the events.
        ///
        ///     s("hh*8").often(speed(2))
        method often (pattern: Pattern, f: Transform) { perhaps_by(&pattern, &0.75.into(), &f)? }

        /// Transforms a quarter of the events.
        ///
        ///     s("hh*8").rarely(speed(2))
        method rarely (pattern: Pattern, f: Transform) { perhaps_by(&pattern, &0.25.into(), &f)? }

        /// Transforms nine events of ten.
        ///
        ///     s("hh*8").almost_always(speed(2))
        method almost_always | almostAlways (pattern: Pattern, f: Transform) { perhaps_by(&pattern, &0.9.into(), &f)? }

        /// Transforms one event of ten.
        ///
        ///     s("hh*8").almost_never(speed(2))
        method almost_never | almostNever (pattern: Pattern, f: Transform) { perhaps_by(&pattern, &0.1.into(), &f)? }

        /// Transforms whole cycles with a probability.
        ///
        ///     s("hh*8").some_cycles_by(0.3, speed(2))
        method some_cycles_by | someCyclesBy (pattern: Pattern, probability: Numbers, f: Transform) { pattern.some_cycles_by(&probability, &mut |p| f.apply(&p))? }

        /// Transforms half of the cycles.
        ///
        ///     s("hh*8").some_cycles(speed(2))
        method some_cycles | someCycles (pattern: Pattern, f: Transform) { pattern.some_cycles_by(&0.5.into(), &mut |p| f.apply(&p))? }
    }
}

fn perhaps_by(pattern: &Pattern, probability: &Pattern, f: &Transform) -> Result<Pattern, Fault> {
    pattern.sometimes_by(probability, &mut |p| f.apply(&p))
}

fn weighted(pairs: &[Dynamic]) -> Result<Vec<(Pattern, f64)>, Fault> {
    let pair = |value: &Dynamic| {
        let wrong = || {
            let found = argument::describe(value);
            Fault::new(format!("[pattern, weight] expected, found {found}")).hint("wchoose([\"hh\", 5], [\"oh\", 1])")
        };
        let list = value.as_array_ref().map_err(|_| wrong())?;
        let [pattern, weight] = &list[..] else { return Err(wrong()) };
        argument::pattern(pattern)?.zip(argument::number(weight)).ok_or_else(wrong)
    };
    pairs.iter().map(pair).collect()
}

//! Words that choose patterns by number or by name.

use rhai::Dynamic;

use crate::lang::argument::{self, Numbers, describe};
use crate::lang::callback::{Callback, Transform};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{self, Choice, Pattern, Reach, Span};

pub fn words() -> Vec<Word> {
    let mut all = picking();
    all.extend(beginning());
    all.extend(chords());
    all
}

fn picking() -> Vec<Word> {
    words! { "picking":
        /// Patterns chosen by number (beyond the last, the last) or by name, in their own rhythm.
        ///
        ///     note(mini("<0 1>").pick(["c e g", "f a c4"]))
        method pick (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Inside, false) }

        /// As `pick`, numbers going round.
        ///
        ///     note(mini("<0 5>").pickmod(["c e g", "f a c4"]))
        method pickmod (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Inside, true) }

        /// As `pick`, in the rhythm of the choosing.
        ///
        ///     note(mini("0 1*2").pick_out(["c", "f"]))
        method pick_out | pickOut (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Outside, false) }

        /// As `pick_out`, numbers going round.
        ///
        ///     note(mini("0 3*2").pickmod_out(["c", "f"]))
        method pickmod_out | pickmodOut (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Outside, true) }

        /// Patterns chosen by number, a cycle of each squeezed into the choosing event.
        ///
        ///     note(mini("0 [1 0]").inhabit(["c e g", "f a c4"]))
        method inhabit | pick_squeeze | pickSqueeze (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Squeeze, false) }

        /// As `inhabit`, numbers going round.
        ///
        ///     note(mini("0 [3 2]").inhabitmod(["c e g", "f a c4"]))
        method inhabitmod | pickmod_squeeze | pickmodSqueeze (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Squeeze, true) }

        /// The patterns of a list, a cycle of each squeezed into the events that name it by number.
        ///
        ///     note(squeeze("0 [1 0]", ["c e g", "f a c4"]))
        function squeeze (numbers: Numbers, patterns: Vec<Pattern>) { pattern::squeeze(&numbers, &patterns) }
    }
}

fn beginning() -> Vec<Word> {
    words! { "picking":
        /// Patterns chosen by number or name, each choice starting at the chosen one's cycle 0: sections of a song.
        ///
        ///     s(mini("<a b>/2").pick_restart(#{ a: "bd*4", b: "<bd cp> sd" }))
        method pick_restart | pickRestart (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Restart, false) }

        /// As `pick_restart`, numbers going round.
        ///
        ///     s(mini("<0 3>/2").pickmod_restart(["bd*4", "<bd cp> sd"]))
        method pickmod_restart | pickmodRestart (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Restart, true) }

        /// Patterns chosen by number or name, each choice starting at the beginning of the chosen one's cycle.
        ///
        ///     s(mini("0 1*2").pick_reset(["bd hh", "cp sd"]))
        method pick_reset | pickReset (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Reset, false) }

        /// As `pick_reset`, numbers going round.
        ///
        ///     s(mini("0 3*2").pickmod_reset(["bd hh", "cp sd"]))
        method pickmod_reset | pickmodReset (pattern: Pattern, choices: Dynamic) { pattern.pick(&choice(&choices)?, Reach::Reset, true) }

        /// Transforms by the function that a pattern of numbers chooses.
        ///
        ///     n("0 2 4 7").pick_f("<0 1>", [rev, fast(2)])
        method pick_f | pickF (pattern: Pattern, numbers: Numbers, functions: Vec<Transform>) {
            numbers.pick(&all(&pattern, &functions)?, Reach::Inside, false)
        }

        /// As `pick_f`, numbers going round.
        ///
        ///     n("0 2 4 7").pickmod_f("<0 3>", [rev, fast(2)])
        method pickmod_f | pickmodF (pattern: Pattern, numbers: Numbers, functions: Vec<Transform>) {
            numbers.pick(&all(&pattern, &functions)?, Reach::Inside, true)
        }

        /// Transforms by the function that a number between 0 and 1 points at.
        ///
        ///     n("0 2 4 7").select_f("<0 0.9>", [rev, fast(2)])
        method select_f | selectF (pattern: Pattern, chooser: Numbers, functions: Vec<Transform>) {
            let copies: Result<Vec<_>, Fault> = functions.iter().map(|f| f.apply(&pattern)).collect();
            pattern::choose_in_with(&chooser, &copies?)
        }
    }
}

fn chords() -> Vec<Word> {
    words! { "picking":
        /// Plays notes that sound together in turn, by their numbers, or in an order by its name: `up down updown downup up&down
        /// down&up converge diverge disconverge pinkyup thumbup`.
        ///
        ///     note("[c3,e3,g3]").arp("0 1 2 1")
        method arp (pattern: Pattern, order: Dynamic) { arpeggio(&pattern, &order)? }

        /// Plays notes that sound together one after the other, upwards.
        ///
        ///     note("[c3,e3,g3] [f3,a3]").arpeggiate()
        method arpeggiate | arpg (pattern: Pattern) { pattern.arp_named(&pattern::pure("up")) }

        /// Notes that sound together as one list.
        ///
        ///     mini("[0,4,7]").collect()
        method collect (pattern: Pattern) { pattern.collect() }

        /// What a function makes of the list of notes that sound together; of a list that it gives, all at once.
        ///
        ///     note("[c3,e3,g3] [d3,f3]").arp_with(|notes| notes[1])
        method arp_with | arpWith (pattern: Pattern, f: Callback) {
            pattern.collect().map_with(f.identity(), move |notes| f.call(notes)).flat()
        }

        /// Lists as notes that sound together.
        ///
        ///     note(mini("60:64:67").flat())
        method flat | flatpat (pattern: Pattern) { pattern.flat() }
    }
}

/// By numbers or by names; `up&down` is a name, though no word of the mini-notation.
fn arpeggio(pattern: &Pattern, order: &Dynamic) -> Result<Pattern, Fault> {
    if let Ok(name) = order.as_immutable_string_ref()
        && pattern::ORDERS.contains(&name.as_str())
    {
        return Ok(pattern.arp_named(&pattern::pure(name.as_str())));
    }
    let unfit = |found: String| {
        let orders = pattern::ORDERS.join(" ");
        Fault::new(format!("numbers of notes or an order ({orders}) expected, found {found}")).hint("arp(\"up\")")
    };
    let order = argument::pattern(order)?.ok_or_else(|| unfit(describe(order)))?;
    let haps = order.query(Span::cycles(0, 8));
    let words: Vec<&str> = haps.iter().filter_map(|hap| hap.value.as_text()).collect();
    match words.iter().find(|word| !pattern::ORDERS.contains(word)) {
        Some(word) => Err(unfit(format!("`{word}`"))),
        None if words.is_empty() => Ok(pattern.arp(&order)),
        None => Ok(pattern.arp_named(&order)),
    }
}

fn all(pattern: &Pattern, functions: &[Transform]) -> Result<Choice, Fault> {
    Ok(Choice::List(functions.iter().map(|f| f.apply(pattern)).collect::<Result<_, _>>()?))
}

fn choice(value: &Dynamic) -> Result<Choice, Fault> {
    let pattern = |value: &Dynamic| {
        argument::pattern(value)?.ok_or_else(|| {
            Fault::new(format!("patterns to choose from expected, found {}", describe(value)))
                .hint("pick([\"c e\", \"g\"])")
        })
    };
    if let Some(map) = value.read_lock::<rhai::Map>() {
        let named = map.iter().map(|(name, value)| Ok((name.to_string(), pattern(value)?)));
        return Ok(Choice::Names(named.collect::<Result<_, Fault>>()?));
    }
    let Ok(list) = value.as_array_ref() else {
        let found = describe(value);
        return Err(
            Fault::new(format!("a list or a map of patterns expected, found {found}")).hint("pick([\"c e\", \"g\"])")
        );
    };
    Ok(Choice::List(list.iter().map(pattern).collect::<Result<_, _>>()?))
}

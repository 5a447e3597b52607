//! What went wrong while a text ran, in a musician's words.

use rhai::{EvalAltResult, Token};

use super::argument::{describe, kind_of};
use super::desk::Text;
use super::diagnostic::{Reach, Said};
use super::limits::{self, Stop};
use super::vocabulary::{Vocabulary, nearest};
use super::word::{Style, Word};
use crate::theory::{Chord, Note};

/// The message and hint of an error at a place.
pub fn say(error: &EvalAltResult, text: &Text, place: (usize, usize), reach: &Reach, words: &Vocabulary) -> Said {
    use EvalAltResult as E;
    match error {
        E::ErrorVariableNotFound(name, _) => unknown_name(name, text, place, reach, words),
        E::ErrorFunctionNotFound(call, _) => unknown_call(call, text, place, reach, words),
        E::ErrorDotExpr(message, _) => unknown_property(message, words),
        E::ErrorMismatchDataType(expected, found, _) | E::ErrorMismatchOutputType(expected, found, _) => {
            Said::new(format!("expected {}, found {}", kind_of(expected), kind_of(found)))
        }
        E::ErrorIndexingType(..) => {
            let line: String = text.source.line(place.0).iter().collect();
            // s["bd"]: the wrong brackets.
            let called = line.split_once("[\"").and_then(|(before, rest)| {
                let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
                let (inside, _) = rest.split_once("\"]")?;
                (!word.is_empty()).then(|| format!("{word}(\"{inside}\")"))
            });
            let said = Said::new("only lists, maps and texts have items in [ ]");
            said.hint(called.unwrap_or("[1, 2, 3][0]".into()))
        }
        E::ErrorArrayBounds(count, index, _) => items("list", "items", *count, *index),
        E::ErrorStringBounds(count, index, _) => items("text", "characters", *count, *index),
        E::ErrorFor(_) => Said::new("for expects a list or a range").hint("for i in 0..4 { … }"),
        E::ErrorAssignmentToConstant(name, _) if reach.names.tracks.contains_key(name.as_str()) => {
            Said::new(format!("`{name}` is a track; its name is given with track")).hint(format!("track {name} = …"))
        }
        E::ErrorAssignmentToConstant(name, _) => {
            Said::new(format!("`{name}` stays what it is")).hint(format!("let {name} = …"))
        }
        E::ErrorArithmetic(message, _) => arithmetic(message),
        E::ErrorTooManyOperations(_) => {
            Said::new(format!("this takes more than {} steps; does it ever end?", limits::OPERATIONS))
                .hint("for i in 0..16 { … }")
        }
        E::ErrorTerminated(value, _) => {
            let stop = value.clone().try_cast::<Stop>().unwrap_or(Stop::Time);
            Said::new(stopped(stop)).hint("for i in 0..16 { … }")
        }
        E::ErrorStackOverflow(_) => Said::new(format!(
            "functions call each other more than {} deep; does one call itself for ever?",
            limits::CALLS
        )),
        E::ErrorTooManyVariables(_) => Said::new("there are too many names; use a list"),
        E::ErrorTooManyModules(_) => Said::new("there are too many imports, the most is 64"),
        E::ErrorDataTooLarge(what, _) => too_large(what),
        E::ErrorModuleNotFound(path, _) => {
            Said::new(format!("`{path}` was not imported")).hint(format!("import \"{path}\" as {path}"))
        }
        E::ErrorUnboundThis(_) => Said::new("`this` belongs inside a method"),
        E::ErrorVariableExists(name, _) => Said::new(format!("`{name}` is there already")),
        E::ErrorPropertyNotFound(name, _) => Said::new(format!("this map has no `{name}`")),
        E::ErrorIndexNotFound(index, _) => Said::new(format!("there is no item {index}")),
        E::ErrorDataRace(..) => Said::new("a value is changed while it is being used"),
        E::ErrorRuntime(value, _) if value.is_unit() => Said::new("the text stopped here"),
        E::ErrorRuntime(value, _) if value.is_string() || value.is_int() || value.is_float() => {
            Said::new(value.to_string())
        }
        E::ErrorRuntime(value, _) => Said::new(format!("the text stopped here with {}", describe(value))),
        E::ErrorParsing(..) => Said::new("this text is no word that can be called").hint("|x| x.fast(2)"),
        _ => Said::new("this cannot be evaluated"),
    }
}

/// Why a text was stopped.
pub fn stopped(stop: Stop) -> String {
    match stop {
        Stop::Time => format!("this takes longer than {} s; does it ever end?", limits::TIME.as_secs_f32()),
        Stop::Memory => format!("this takes more than {} MB of memory; does it keep too much?", limits::MEMORY >> 20),
        Stop::Steps => {
            format!("this takes more than {} steps for one note; does it ever end?", limits::QUERY_OPERATIONS)
        }
    }
}

fn items(what: &str, unit: &str, count: usize, index: i64) -> Said {
    let said = Said::new(format!("expected an index below {count}, found {index}: the {what} has {count} {unit}"));
    if count == 0 { said } else { said.hint(format!("[0] … [{}]", count - 1)) }
}

fn arithmetic(message: &str) -> Said {
    let lower = message.to_lowercase();
    if lower.contains("zero") && !lower.ends_with("% -1") {
        Said::new("division by zero")
    } else if lower.contains("overflow") || lower.contains("large") {
        Said::new("this number is too large")
    } else {
        Said::new("these numbers cannot be reckoned with")
    }
}

fn too_large(what: &str) -> Said {
    if what.contains("string") {
        Said::new(format!("a text of at most {} characters expected, this one grew longer", limits::TEXT))
    } else {
        Said::new(format!("a list of at most {} items expected, this one grew longer", limits::ITEMS))
    }
}

/// The nearest of everything that can be named here.
fn meant<'a>(name: &str, reach: &'a Reach, words: &'a Vocabulary) -> Option<&'a str> {
    let names = reach.names;
    let own = names.tracks.keys().chain(names.effects.keys()).chain(names.synths.keys()).map(AsRef::as_ref);
    let functions = reach.own.iter_functions().map(|f| f.name).filter(|n| !n.starts_with("anon$"));
    let variables = reach.variables.iter().map(String::as_str);
    // lpass: a first letter and an end.
    let short = name.get(1..).filter(|end| end.len() > 2).zip(name.get(..1));
    let longer =
        short.and_then(|(end, first)| words.names().find(|word| word.starts_with(first) && word.ends_with(end)));
    longer.or_else(|| nearest(name, own.chain(functions).chain(variables).chain(words.names())))
}

fn did_you_mean(name: &str, reach: &Reach, words: &Vocabulary) -> Option<String> {
    meant(name, reach, words).map(|meant| format!("did you mean {meant}?"))
}

fn unknown_name(name: &str, text: &Text, place: (usize, usize), reach: &Reach, words: &Vocabulary) -> Said {
    let assigned =
        text.source.line(place.0).iter().skip(place.1 - 1 + name.chars().count()).find(|c| !c.is_whitespace());
    let said = Said::new(format!("there is no `{name}` here"));
    if assigned == Some(&'=') {
        // tempo = 120
        let line: String = text.source.line(place.0).iter().collect();
        let value = line.split_once('=').map_or("", |(_, value)| value).trim().trim_end_matches(';').trim_end();
        if words.find(name).any(|word| word.style == Style::Function && word.category == "settings") {
            return said.hint(format!("{name}({value})"));
        }
        return said.hint(match nearest(name, ["master"].into_iter()) {
            Some(master) => format!("did you mean {master}?"),
            None => format!("track {name} = … if it sounds, let {name} = … if not"),
        });
    }
    if name == "stop" {
        return said.hint("hush");
    }
    if Note::parse(name).is_ok() || Chord::parse(name).is_ok() {
        return said.hint(format!("\"{name}\""));
    }
    if let Some(word) = words.find(name).next() {
        return said.hint(match word.style {
            Style::Instrument => format!("s(\"{name}\")"),
            _ => word.signature(),
        });
    }
    said.or_hint(did_you_mean(name, reach, words))
}

/// `name (type, type)` of a call that found nothing to do.
fn unknown_call(call: &str, text: &Text, place: (usize, usize), reach: &Reach, words: &Vocabulary) -> Said {
    let (name, types) = call.split_once(" (").unwrap_or((call, ")"));
    let types: Vec<&str> = types.trim_end_matches(')').split(", ").filter(|t| !t.is_empty()).collect();
    let kinds: Vec<&str> = types.iter().map(|t| kind_of(t.split(" | ").next().unwrap_or(t))).collect();
    if name.starts_with("anon$") {
        return wrong_count_for_function(name, kinds.len(), reach);
    }
    if Token::lookup_symbol_from_syntax(name).is_some() || !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return operator(name, &kinds);
    }
    let plain = name.trim_end_matches("__");
    if let Some(function) = reach.own.iter_functions().find(|f| f.name == name) {
        let (takes, found) = (function.params.len(), kinds.len());
        return Said::new(format!("`{name}` takes {}, found {found}", counted(takes, "argument")))
            .hint(format!("{name}({})", function.params.join(", ")));
    }
    let dotted = text.source.is_after_dot(rhai::Position::new(place.0.min(65535) as u16, place.1.min(65535) as u16));
    let known: Vec<&Word> = words.find(plain).collect();
    if let Some(word) = known.iter().find(|w| (w.style == Style::Method) == dotted).or(known.first()) {
        return known_word(word, plain, &kinds, dotted);
    }
    if reach.variables.iter().any(|v| v == name) || reach.names.tracks.contains_key(name) {
        return Said::new(format!("`{name}` is a name, not a word that takes arguments"))
            .hint(format!("{name}, or {name}.call(…) where it holds a function"));
    }
    if matches!(name, "sleep" | "timestamp") {
        return Said::new(format!("there is no `{name}`: patterns place music in time")).hint("s(\"bd\").late(0.5)");
    }
    let said = Said::new(format!("there is no word `{plain}`"));
    match plain {
        "samples" => said.hint("s(\"bd\"): instruments are made of sound, none is loaded; `segue doc` lists them"),
        "pianoroll" | "_pianoroll" | "scope" | "_scope" | "punchcard" | "_punchcard" | "_spiral" | "_spectrum" => {
            said.hint("leave it out; `segue query` draws a pattern")
        }
        "play" | "start" | "out" => said.hint("track d = …: a track plays by itself"),
        _ => said.or_hint(did_you_mean(plain, reach, words)),
    }
}

fn known_word(word: &Word, name: &str, kinds: &[&str], dotted: bool) -> Said {
    if word.style == Style::Instrument {
        return Said::new(format!("`{name}` is an instrument, played by name")).hint(word.signature());
    }
    if word.style == Style::Name {
        return Said::new(format!("`{name}` takes no arguments")).hint(word.signature());
    }
    if word.style == Style::Syntax {
        return Said::new(format!("`{name}` begins a line of its own")).hint(word.example.to_string());
    }
    let receiver = usize::from(dotted);
    let (least, most) = word.arity();
    let takes = if least == most {
        counted(most - receiver.min(most), "argument")
    } else {
        format!("{} to {}", least - receiver.min(least), counted(most - receiver.min(most), "argument"))
    };
    let found = kinds.len() - receiver.min(kinds.len());
    Said::new(format!("`{name}` takes {takes}, found {found}")).hint(word.signature())
}

fn wrong_count_for_function(name: &str, found: usize, reach: &Reach) -> Said {
    let takes = reach.own.iter_functions().find(|f| f.name == name).map(|f| f.params.len());
    match takes {
        Some(takes) => {
            Said::new(format!("the function given here is called with {}, but takes {takes}", counted(found, "value")))
        }
        None => Said::new(format!("the function given here does not take {}", counted(found, "value"))),
    }
    .hint(if found == 1 { "|x| x.fast(2)" } else { "|a, b| a + b" })
}

fn counted(n: usize, noun: &str) -> String {
    match n {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

fn operator(name: &str, kinds: &[&str]) -> Said {
    match kinds {
        [one] => Said::new(format!("`{name}` does not go with {one}")),
        [a, b] => {
            let said = Said::new(format!("`{name}` does not go between {a} and {b}"));
            if kinds.contains(&"a text") { said.hint(format!("mini(\"0 2\") {name} 2")) } else { said }
        }
        _ => Said::new(format!("`{name}` means nothing here")),
    }
}

/// `Unknown property 'x' - a getter is not registered for type 't'`.
fn unknown_property(message: &str, words: &Vocabulary) -> Said {
    let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
    let (Some(name), Some(kind)) = (quoted.first(), quoted.get(1)) else {
        return Said::new("expected a word after the dot");
    };
    let name = name.trim_end_matches("__");
    let said = Said::new(format!("{} has no `{name}`", kind_of(kind)));
    match words.find(name).find(|w| w.style == Style::Method) {
        // .voicing: the brackets are what is missing.
        Some(word) if word.arity().0 <= 1 => said.hint(format!(".{name}()")),
        Some(word) => said.hint(word.signature()),
        None => said.or_hint(words.nearest(name).map(|near| format!("did you mean {near}?"))),
    }
}

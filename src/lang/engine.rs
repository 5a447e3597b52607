//! The Rhai engine as Segue speaks it: packages, operators, grammar, and how names and tokens are read.

use std::any::TypeId;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rhai::packages::{
    BasicArrayPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{
    Dynamic, Engine, EvalAltResult, EvalContext, FnPtr, LexError, NativeCallContext, OptimizationLevel, Position, Token,
};

use super::desk;
use super::fault::Fault;
use super::imports::Gathered;
use super::word::{Call, Style, Word};
use super::{alignment, dispatch, failed, held, instrument, library, limits, numbers, operators, part, syntax, theory};
use crate::graph::Signal;
use crate::pattern::Pattern;

/// The most characters that printing may show of one evaluation.
const SHOWN: usize = 1 << 16;
/// The most lines that printing may show of one evaluation.
const LINES: usize = 1000;

/// An engine that knows the grammar and not a word: what it takes to read a text.
pub fn reader() -> Engine {
    let mut engine = Engine::new_raw();
    // Folding constants would use Rhai's own division.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.disable_symbol("eval");
    limits::set(&mut engine);
    operators::precede(&mut engine);
    syntax::register(&mut engine);
    read_tokens(&mut engine);
    engine
}

/// An engine that knows these words.
pub fn build(words: &[Arc<Word>]) -> Engine {
    let mut engine = reader();
    // Without time, blobs and bit fields: nothing a script does depends on the clock.
    CorePackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    engine.set_module_resolver(Gathered);
    for word in ["sleep", "timestamp"] {
        engine.register_raw_fn(word, [TypeId::of::<Dynamic>()], move |context, _| no_clock(word, &context));
        engine.register_raw_fn(word, [TypeId::of::<i64>()], move |context, _| no_clock(word, &context));
        engine.register_raw_fn(word, [TypeId::of::<f64>()], move |context, _| no_clock(word, &context));
    }
    engine
        .register_type_with_name::<Pattern>("pattern")
        .register_type_with_name::<Signal>("sound")
        .register_type_with_name::<part::Part>("part");
    numbers::register(&mut engine);
    operators::register(&mut engine);
    dispatch::register(&mut engine, words);
    alignment::register(&mut engine);
    theory::register(&mut engine);
    show(&mut engine);
    read_names(&mut engine, words);
    engine
}

fn no_clock(word: &str, context: &NativeCallContext) -> Result<Dynamic, Box<EvalAltResult>> {
    let fault = Fault::new(format!("there is no `{word}`: patterns place music in time")).hint("s(\"bd\").late(0.5)");
    Err(fault.raise(context.call_position()))
}

fn show(engine: &mut Engine) {
    let keep = |text: &str| {
        desk::with(|desk| {
            if desk.shown.len() < LINES && desk.shown.iter().map(String::len).sum::<usize>() < SHOWN {
                desk.shown.push(text.to_string());
            }
        });
    };
    engine.on_print(keep).on_debug(move |text, _, _| keep(text));
    for name in ["print", "to_string", "to_debug", "debug"] {
        engine.register_fn(name, |pattern: &mut Pattern| super::answer::haps(pattern));
        engine.register_fn(name, |signal: &mut Signal| super::answer::channels(signal));
        engine.register_fn(name, |_: &mut part::Part| "a pattern with effects".to_string());
    }
}

thread_local! {
    static AFTER_DOT: Cell<bool> = const { Cell::new(false) };
}

/// Begins a new text: no dot has been read.
pub fn begin_text() {
    AFTER_DOT.set(false);
}

/// After a dot every word is ordinary, and quotes may be single.
#[expect(deprecated, reason = "rhai marks the interface as volatile; there is no other way to read tokens")]
fn read_tokens(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| {
        if let Some(stop) = limits::now_and_then() {
            return Token::LexError(LexError::Runtime(failed::stopped(stop)).into());
        }
        let dotted = AFTER_DOT.replace(matches!(token, Token::Period | Token::Elvis));
        match token {
            Token::LexError(error) => match *error {
                LexError::MalformedChar(text) => Token::StringConstant(Box::new(text.into())),
                other => Token::LexError(other.into()),
            },
            Token::CharConstant(c) => Token::StringConstant(Box::new(c.to_string().into())),
            Token::Custom(word) | Token::Reserved(word) | Token::Identifier(word) if dotted => {
                Token::Identifier(Box::new(ordinary(&word).into()))
            }
            word if dotted && word.is_standard_keyword() => {
                Token::Identifier(Box::new(ordinary(word.literal_syntax()).into()))
            }
            other => other,
        }
    });
}

/// Keywords that Rhai refuses even as the name of a method get a name of their own.
pub fn ordinary(word: &str) -> String {
    match word {
        "in" | "as" | "loop" | "with" | "while" | "package" | "_" | "track" | "synth" | "effect" | "bus" | "master" => {
            format!("{word}__")
        }
        _ => word.to_string(),
    }
}

/// What a bare name means where no variable has it.
#[derive(Clone)]
enum Bare {
    /// A pattern or a sound that needs nothing.
    Value(Arc<Word>),
    /// A word that waits for its pattern: `jux(rev)`.
    Function,
}

#[expect(deprecated, reason = "rhai marks the interface as volatile; there is no other way to read names")]
fn read_names(engine: &mut Engine, words: &[Arc<Word>]) {
    let names = bare_names(words);
    engine.on_var(move |name, index, mut context| {
        if index != 0 || context.scope().contains(name) {
            return Ok(None);
        }
        if let Some(track) = desk::with(|desk| desk.names.tracks.get(name).cloned()).flatten() {
            return Ok(Some(track));
        }
        match names.get(name) {
            Some(Bare::Value(word)) => value(word, name, &context).map(Some),
            Some(Bare::Function) => Ok(Some(Dynamic::from(FnPtr::new(ordinary(name))?))),
            None => match instrument::by_name(&mut context, name, &[])? {
                None if library::has_function(name) => Ok(Some(Dynamic::from(FnPtr::new(name)?))),
                found => Ok(found),
            },
        }
    });
    // Rhai asks here whenever one of its functions fails, too: a word that fails inside the synth of its own name stays so.
    let mut coded: HashSet<Cow<str>> = HashSet::with_capacity(2 * words.len());
    let with_code = words.iter().filter(|w| w.code.is_some());
    coded.extend(with_code.flat_map(|w| std::iter::once(&w.name).chain(&w.aliases)).cloned());
    engine.on_missing_function(move |name, args, after_dot, mut context| {
        if after_dot || coded.contains(name) && instrument::is_called(name) {
            return Ok(None);
        }
        let args: Vec<Dynamic> = args.iter().map(|a| a.flatten_clone()).collect();
        instrument::by_name(&mut context, name, &args).or_else(|error| {
            // Limits of time and work are not for the text to catch, nor for anyone to take for something else.
            if !error.is_catchable() {
                return Err(error);
            }
            held::hold(name, error);
            Ok(None)
        })
    });
}

fn value(word: &Word, name: &str, context: &EvalContext) -> Result<Dynamic, Box<EvalAltResult>> {
    let native = (context.engine(), name, None, context.global_runtime_state(), Position::NONE).into();
    let code = word.code.as_ref().expect("only words with code are bare names");
    code(&Call { context: &native, word, name, args: &[] }).map_err(|fault| fault.raise(Position::NONE))
}

fn bare_names(words: &[Arc<Word>]) -> HashMap<Cow<'static, str>, Bare> {
    let mut names = HashMap::with_capacity(2 * words.len());
    let mut give = |word: &Arc<Word>, bare: Bare| {
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            names.insert(name.clone(), bare.clone());
        }
    };
    let coded = || words.iter().filter(|w| w.code.is_some());
    let needs_nothing = |w: &&Arc<Word>| w.style == Style::Function && w.arity().0 == 0;
    for word in coded().filter(needs_nothing).filter(|w| w.category == "arithmetic") {
        give(word, Bare::Value(word.clone()));
    }
    for word in coded().filter(|w| w.style == Style::Method) {
        give(word, Bare::Function);
    }
    for word in coded().filter(needs_nothing).filter(|w| w.category != "arithmetic") {
        give(word, Bare::Value(word.clone()));
    }
    for word in coded().filter(|w| w.style == Style::Name) {
        give(word, Bare::Value(word.clone()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Vocabulary;

    #[test]
    fn every_method_has_a_name_that_a_function_may_have() {
        let words = Vocabulary::built_in();
        for word in words.built_in_words().iter().filter(|w| w.code.is_some() && w.style == Style::Method) {
            for name in std::iter::once(&word.name).chain(&word.aliases) {
                assert!(FnPtr::new(ordinary(name)).is_ok(), "{name}");
            }
        }
    }
}

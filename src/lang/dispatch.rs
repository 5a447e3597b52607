//! Dispatch: which word a call means, by its name, the number of its arguments and what stands before the dot.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, NativeCallContext, Position};

use super::argument::{self, miscounted};
use super::fault::Fault;
use super::limits;
use super::part::Part;
use super::word::{Call, Kind, MANY, Style, Word};
use crate::graph::Signal;
use crate::pattern::Pattern;
use crate::score::Source;

type RhaiResult = Result<Dynamic, Box<EvalAltResult>>;

/// Words that share a name: a method, a function, a sound's method.
#[derive(Clone, Default)]
struct Namesakes {
    methods: Vec<Arc<Word>>,
    functions: Vec<Arc<Word>>,
}

/// Registers every word under all of its names.
pub fn register(engine: &mut Engine, words: &[Arc<Word>]) {
    let mut names: BTreeMap<String, Namesakes> = BTreeMap::new();
    for word in words.iter().filter(|w| w.code.is_some()) {
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            let sakes = names.entry(name.to_string()).or_default();
            match word.style {
                Style::Method => sakes.methods.push(word.clone()),
                _ => sakes.functions.push(word.clone()),
            }
        }
    }
    for (name, sakes) in names {
        let sakes = Arc::new(sakes);
        for count in 0..=sakes.most() {
            let (sakes, called) = (sakes.clone(), name.clone());
            engine.register_raw_fn(name.as_str(), vec![TypeId::of::<Dynamic>(); count], move |context, args| {
                let args: Vec<Dynamic> = args.iter_mut().map(|a| a.flatten_clone()).collect();
                let at = context.call_position();
                sakes.call(&context, &called, args).map_err(|fault| fault.raise(at))
            });
        }
    }
}

impl Namesakes {
    fn most(&self) -> usize {
        let most = self.methods.iter().chain(&self.functions).map(|w| w.arity().1).max().unwrap_or(0);
        // One more, so that the word itself can say that this is too many.
        (most + 1).min(MANY)
    }

    fn call(self: &Arc<Self>, context: &NativeCallContext, name: &str, args: Vec<Dynamic>) -> Result<Dynamic, Fault> {
        limits::in_time()?;
        let fits = |word: &&Arc<Word>| (word.arity().0..=word.arity().1).contains(&args.len());
        let kind = args.first().and_then(receiver);
        let method = |kind: Kind| {
            self.methods.iter().filter(fits).find(|w| w.params[0].kind == kind || w.params[0].kind == Kind::Any)
        };
        if let Some(word) = kind.and_then(method) {
            return invoke(context, word, name, &args);
        }
        if let Some(word) = self.functions.iter().find(fits) {
            return invoke(context, word, name, &args);
        }
        // Without a receiver, a method is a function of patterns: every(4, fast(2)).
        let open = |word: &&Arc<Word>| (word.arity().0..=word.arity().1).contains(&(args.len() + 1));
        let partial = self.methods.iter().find(open).filter(|_| kind.is_none());
        let whole = method(Kind::Pattern).filter(|_| kind.is_none());
        match (whole, partial) {
            // Where both could be meant, a text or a list is a pattern and a number is an argument.
            (Some(word), None) => invoke(context, word, name, &args),
            (Some(word), Some(_)) if !args.first().is_some_and(|a| argument::number(a).is_some()) => {
                invoke(context, word, name, &args)
            }
            (_, Some(word)) => Ok(Dynamic::from(later(word.clone(), name, args)?)),
            (None, None) => Err(self.refuse(context, name, &args, kind)),
        }
    }

    /// Why no word of this name takes these arguments.
    fn refuse(&self, context: &NativeCallContext, name: &str, args: &[Dynamic], kind: Option<Kind>) -> Fault {
        let wrong_receiver =
            |word: &&Arc<Word>| kind.is_some_and(|k| word.params[0].kind != k) && args.len() > word.arity().0 - 1;
        let methods = self.methods.iter().filter(|_| kind.is_some());
        if self.functions.is_empty()
            && let Some(word) = self.methods.iter().find(wrong_receiver)
            && !self.methods.iter().any(|w| Some(w.params[0].kind) == kind)
        {
            let found = argument::describe(&args[0]);
            return Fault::new(format!("`{name}` belongs after {}, found {found}", word.params[0].kind.noun()))
                .hint(word.example.clone());
        }
        match methods.chain(&self.functions).chain(&self.methods).next() {
            Some(word) => miscounted(&Call { context, word, name, args }),
            None => Fault::new(format!("there is no word `{name}`")),
        }
    }
}

/// What kind of receiver a value can only be.
fn receiver(value: &Dynamic) -> Option<Kind> {
    if value.is::<Pattern>() {
        return Some(Kind::Pattern);
    }
    if value.is::<Signal>() {
        return Some(Kind::Sound);
    }
    value.read_lock::<Part>().map(|part| match part.source {
        Source::Pattern(_) => Kind::Pattern,
        Source::Signal(_) => Kind::Sound,
    })
}

/// Calls a word. A pattern that already has its effects keeps them: only the pattern goes through the word.
fn invoke(context: &NativeCallContext, word: &Word, name: &str, args: &[Dynamic]) -> Result<Dynamic, Fault> {
    let code = word.code.as_ref().expect("only words with code are registered");
    let answer = code(&Call { context, word, name, args })?;
    let part = args.first().filter(|_| word.style == Style::Method && word.params[0].kind == Kind::Pattern);
    let Some(part) = part.and_then(|value| value.read_lock::<Part>().map(|part| part.clone())) else {
        return Ok(answer);
    };
    match answer.try_cast_result::<Pattern>() {
        Ok(pattern) => Ok(Dynamic::from(part.with_pattern(pattern))),
        Err(other) => Ok(other),
    }
}

/// A method that waits for its receiver.
#[expect(
    deprecated,
    reason = "rhai marks the interface as volatile; it is the only way to a function that carries arguments last"
)]
fn later(word: Arc<Word>, name: &str, args: Vec<Dynamic>) -> Result<FnPtr, Fault> {
    let called = name.to_string();
    let mut function =
        FnPtr::from_fn(name, move |context: NativeCallContext, received: &mut [&mut Dynamic]| -> RhaiResult {
            let all: Vec<Dynamic> = received.iter().map(|a| a.flatten_clone()).chain(args.iter().cloned()).collect();
            let at = context.call_position();
            invoke(&context, &word, &called, &all).map_err(|fault| fault.raise(at))
        })
        .map_err(Fault::Script)?;
    let _ = &mut function;
    Ok(function)
}

/// The position of nowhere, for faults that a script does not see.
pub const NOWHERE: Position = Position::NONE;

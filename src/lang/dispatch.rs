//! Dispatch: which word a call means, by its name, the number of its arguments and what stands before the dot.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, FuncRegistration, Module, NativeCallContext, RhaiFunc};

use super::argument::{self, miscounted};
use super::desk;
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
    let mut names: HashMap<Cow<str>, Namesakes> = HashMap::with_capacity(2 * words.len());
    for word in words.iter().filter(|w| w.code.is_some() && !matches!(w.style, Style::Theory | Style::Property)) {
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            let sakes = names.entry(name.clone()).or_default();
            match word.style {
                Style::Method => sakes.methods.push(word.clone()),
                _ => sakes.functions.push(word.clone()),
            }
        }
    }
    modules(engine, words);
    properties(engine, words);
    let mut module = Module::new();
    let most = names.values().map(Namesakes::most).max().unwrap_or(0);
    let types = vec![TypeId::of::<Dynamic>(); most];
    for (name, sakes) in names {
        let (most, written) = (sakes.most(), super::engine::ordinary(&name));
        let call = move |context: Option<NativeCallContext>, args: &mut [&mut Dynamic]| {
            let context = context.expect("it is asked for below");
            let args: Vec<Dynamic> = args.iter_mut().map(|a| a.flatten_clone()).collect();
            let at = context.call_position();
            sakes.call(&context, &name, args).map_err(|fault| fault.raise(at))
        };
        // One function for every number of arguments: there are thousands of them, and their making is part of every start.
        let call = Arc::new(call);
        for count in 0..=most {
            let func = RhaiFunc::Method { func: call.clone(), has_context: true, is_pure: true, is_volatile: true };
            let function = FuncRegistration::new(written.as_str());
            function.set_into_module_raw(&mut module, &types[..count], func);
        }
    }
    engine.register_global_module(module.into());
}

/// Words with a module before their name, each under every number of arguments up to one too many.
fn modules(engine: &mut Engine, words: &[Arc<Word>]) {
    let mut modules: BTreeMap<String, Module> = BTreeMap::new();
    for word in words.iter().filter(|w| w.style == Style::Theory && w.code.is_some()) {
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            let Some((module, name)) = name.split_once("::") else { continue };
            let module = modules.entry(module.to_string()).or_default();
            for count in 0..=(word.arity().1 + 1).min(MANY) {
                let (word, called) = (word.clone(), name.to_string());
                let code = move |context: Option<NativeCallContext>, args: &mut [&mut Dynamic]| {
                    let context = context.expect("it is asked for below");
                    let args: Vec<Dynamic> = args.iter_mut().map(|a| a.flatten_clone()).collect();
                    let at = context.call_position();
                    limits::in_time()
                        .and_then(|()| invoke(&context, &word, &called, &args))
                        .map_err(|fault| fault.raise(at))
                };
                let code =
                    RhaiFunc::Method { func: Arc::new(code), has_context: true, is_pure: true, is_volatile: true };
                FuncRegistration::new(name).in_internal_namespace().set_into_module_raw(
                    module,
                    vec![TypeId::of::<Dynamic>(); count],
                    code,
                );
            }
        }
    }
    for (name, module) in modules {
        engine.register_static_module(name, module.into());
    }
}

/// Properties, told apart by what stands before the dot.
fn properties(engine: &mut Engine, words: &[Arc<Word>]) {
    for word in words.iter().filter(|w| w.style == Style::Property) {
        let Some(before) = word.params.first().and_then(|p| super::theory::type_of(p.kind)) else { continue };
        for name in std::iter::once(&word.name).chain(&word.aliases) {
            let (word, called) = (word.clone(), name.to_string());
            engine.register_raw_fn(format!("get${name}"), [before], move |context, args| {
                let args: Vec<Dynamic> = args.iter_mut().map(|a| a.flatten_clone()).collect();
                let at = context.call_position();
                invoke(&context, &word, &called, &args).map_err(|fault| fault.raise(at))
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

    fn call(&self, context: &NativeCallContext, name: &str, args: Vec<Dynamic>) -> Result<Dynamic, Fault> {
        limits::in_time()?;
        let dotted = desk::with(|desk| desk.is_after_dot(name, context.call_position())).flatten();
        let before = args.first().filter(|_| dotted == Some(true));
        desk::with(|desk| desk.read(name, context.call_position(), before));
        let kind = args.first().and_then(receiver);
        let word = if dotted == Some(true) { self.after_dot(&args, kind) } else { self.free(&args, kind) };
        if let Some(word) = word {
            return invoke(context, word, name, &args);
        }
        let open = self.methods.iter().find(|w| takes(w, args.len() + 1)).filter(|_| dotted != Some(true));
        match (open, self.whole(&args, None)) {
            // Where nobody knows whether there was a dot, a number is an argument, a text or a list a pattern.
            (open, Some(word)) if open.is_none() || (dotted.is_none() && !args.first().is_some_and(is_number)) => {
                invoke(context, word, name, &args)
            }
            (Some(word), _) => Ok(Dynamic::from(later(word.clone(), name, args)?)),
            (None, _) => Err(self.refuse(context, name, &args, kind)),
        }
    }

    /// A method that takes so many arguments, for a receiver of this kind or one that may become a pattern.
    fn whole(&self, args: &[Dynamic], kind: Option<Kind>) -> Option<&Arc<Word>> {
        let kind = kind.unwrap_or(Kind::Pattern);
        let suits = |w: &&Arc<Word>| matches!(w.params[0].kind, k if k == kind || k == Kind::Any);
        self.methods.iter().filter(|w| takes(w, args.len())).find(suits)
    }

    fn after_dot(&self, args: &[Dynamic], kind: Option<Kind>) -> Option<&Arc<Word>> {
        self.whole(args, kind)
    }

    fn free(&self, args: &[Dynamic], kind: Option<Kind>) -> Option<&Arc<Word>> {
        let function = self.functions.iter().find(|w| takes(w, args.len()));
        let method = kind.and_then(|kind| self.whole(args, Some(kind)));
        // floor(p), min(p, 3): arithmetic on a pattern gives a pattern.
        let prefers_method = kind == Some(Kind::Pattern) && function.is_none_or(|w| w.category == "arithmetic");
        if prefers_method { method.or(function) } else { function.or(method) }
    }

    /// Why no word of this name takes these arguments.
    fn refuse(&self, context: &NativeCallContext, name: &str, args: &[Dynamic], kind: Option<Kind>) -> Fault {
        let here =
            |word: &&Arc<Word>| kind.is_none_or(|k| word.params[0].kind == k || word.params[0].kind == Kind::Any);
        if let Some(word) = self.methods.iter().find(here) {
            return miscounted(&Call { context, word, name, args });
        }
        if let (Some(word), Some(kind)) = (self.functions.first(), kind)
            && takes(word, args.len() - 1)
        {
            let fault = Fault::new(format!("`{name}` does not belong after a dot here"));
            return fault.hint(match kind {
                Kind::Sound => format!("x >> {}", word.signature()),
                _ => word.signature(),
            });
        }
        if let Some(word) = self.methods.first().filter(|_| self.functions.is_empty()) {
            let found = args.first().map_or("nothing".into(), argument::describe);
            return Fault::new(format!("`{name}` belongs after {}, found {found}", word.params[0].kind.noun()))
                .hint(word.example.to_string());
        }
        match self.functions.iter().chain(&self.methods).next() {
            Some(word) => miscounted(&Call { context, word, name, args }),
            None => Fault::new(format!("there is no word `{name}`")),
        }
    }
}

fn takes(word: &Word, count: usize) -> bool {
    let (least, most) = word.arity();
    (least..=most).contains(&count)
}

fn is_number(value: &Dynamic) -> bool {
    argument::number(value).is_some()
}

/// What kind of receiver a value can only be.
fn receiver(value: &Dynamic) -> Option<Kind> {
    if value.is::<Pattern>() {
        return Some(Kind::Pattern);
    }
    if value.is::<Signal>() {
        return Some(Kind::Sound);
    }
    if let Some(kind) = super::theory::kind_of(value) {
        return Some(kind);
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
        Err(other) => {
            Ok(other.try_cast_result::<Part>().map_or_else(|other| other, |said| Dynamic::from(part.said(said))))
        }
    }
}

/// A method that waits for its receiver.
#[expect(
    deprecated,
    reason = "rhai marks the interface as volatile; it is the only way to a function that carries arguments last"
)]
fn later(word: Arc<Word>, name: &str, args: Vec<Dynamic>) -> Result<FnPtr, Fault> {
    let called = name.to_string();
    FnPtr::from_fn(name, move |context: NativeCallContext, received: &mut [&mut Dynamic]| -> RhaiResult {
        let all: Vec<Dynamic> = received.iter().map(|a| a.flatten_clone()).chain(args.iter().cloned()).collect();
        let at = context.call_position();
        invoke(&context, &word, &called, &all).map_err(|fault| fault.raise(at))
    })
    .map_err(Fault::Script)
}

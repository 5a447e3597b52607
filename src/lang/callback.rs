//! Functions of a script in the hands of a word: transforms act while a pattern is made, callbacks while it is queried.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{AST, Dynamic, Engine, EvalAltResult, FnPtr, FuncArgs, NativeCallContext, Position};

use super::argument;
use super::desk;
use super::fault::Fault;
use super::limits;
use crate::pattern::{self, Digest, Pattern, Value};
use crate::score::Diagnostic;

/// A function from pattern to pattern, called when the pattern is made: `rev`, `fast(2)`, `|x| x.add(1)`.
#[derive(Clone)]
pub struct Transform<'a> {
    context: &'a NativeCallContext<'a>,
    function: FnPtr,
}

impl<'a> Transform<'a> {
    pub(super) fn of(context: &'a NativeCallContext<'a>, value: &Dynamic) -> Option<Self> {
        let function = match value.read_lock::<FnPtr>() {
            Some(function) => function.clone(),
            // every(2, n("7")): a pattern in the place of a function sets what it says.
            None => setting(value.read_lock::<Pattern>()?.clone())?,
        };
        Some(Transform { context, function })
    }

    /// The pattern it makes of a pattern.
    pub fn apply(&self, pattern: &Pattern) -> Result<Pattern, Fault> {
        let made: Dynamic = self.function.call_within_context(self.context, (pattern.clone(),))?;
        argument::pattern(&made)?.ok_or_else(|| {
            if made.is_fnptr() {
                let name = self.function.fn_name();
                return Fault::new(format!("`{name}` still waits for a value")).hint(format!("{name}(2)"));
            }
            Fault::new(format!("the function must give a pattern back, found {}", argument::describe(&made)))
                .hint("|x| x.fast(2)")
        })
    }

    /// The pattern it makes of a pattern and one more value: `fast` of 2.
    pub fn apply_with(&self, pattern: &Pattern, value: &Dynamic) -> Result<Pattern, Fault> {
        let made: Dynamic = self.function.call_within_context(self.context, (pattern.clone(), value.clone()))?;
        argument::pattern(&made)?.ok_or_else(|| {
            Fault::new(format!("the function must give a pattern back, found {}", argument::describe(&made)))
                .hint("slowspread(fast, [1, 2])")
        })
    }

    /// The pattern it makes of a pattern and its number; a function of the pattern alone is applied that many times.
    pub fn apply_numbered(&self, pattern: &Pattern, number: i64) -> Result<Pattern, Fault> {
        let made: Result<Dynamic, _> = self.function.call_within_context(self.context, (pattern.clone(), number));
        match made {
            Ok(made) => Ok(argument::pattern(&made)?.unwrap_or_else(|| pattern.clone())),
            Err(error) if matches!(error.unwrap_inner(), rhai::EvalAltResult::ErrorFunctionNotFound(..)) => {
                (0..number).try_fold(pattern.clone(), |p, _| self.apply(&p))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The function that sets what a pattern says.
#[expect(
    deprecated,
    reason = "rhai marks the interface as volatile; there is no other way to a function with a value in it"
)]
fn setting(other: Pattern) -> Option<FnPtr> {
    let set = move |_: NativeCallContext, args: &mut [&mut Dynamic]| {
        let pattern = args.first().and_then(|p| p.read_lock::<Pattern>().map(|p| p.clone()));
        pattern.map(|p| Dynamic::from(p.set(&other))).ok_or_else(|| "expected a pattern".into())
    };
    FnPtr::from_fn("set", set).ok()
}

/// What a callback needs of the evaluation that made it, to be called long after.
#[derive(Clone)]
pub(super) struct Home {
    pub engine: Arc<Engine>,
    pub functions: Arc<AST>,
    pub failures: Arc<Failures>,
}

/// What functions of one evaluation fail at when they are called later: each function is told of once.
pub(super) struct Failures {
    known: Mutex<HashSet<u128>>,
    tell: Box<dyn Fn(&EvalAltResult) + Send + Sync>,
}

impl Failures {
    pub fn new(tell: impl Fn(&EvalAltResult) + Send + Sync + 'static) -> Failures {
        Failures { known: Mutex::default(), tell: Box::new(tell) }
    }

    /// Whether this is the first time that a function fails.
    fn first(&self, function: u128) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(function)
    }
}

/// Warnings about functions that failed while a pattern was played, to be shown to the performer. Clones share them.
#[derive(Clone, Default)]
pub struct Warnings(Arc<Mutex<Vec<Diagnostic>>>);

impl Warnings {
    pub(super) fn add(&self, warning: Diagnostic) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// What has come since the last time.
    pub fn take(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Steps of functions while an evaluation tries its patterns out.
const TRIED: u64 = 1_000_000;

/// Steps that a call counts by itself: about what it takes to begin one.
const CALL: u64 = 20;

/// What fails while patterns are tried out: each function once.
struct Trial {
    left: u64,
    failed: Vec<EvalAltResult>,
}

thread_local! {
    static MADE: Cell<bool> = const { Cell::new(false) };
    static TRIAL: RefCell<Option<Trial>> = const { RefCell::new(None) };
}

/// Runs `ask`, telling it whether callbacks were made on this thread, and says which of them failed in it, each once.
pub(super) fn tried<T>(ask: impl FnOnce(bool) -> T) -> (T, Vec<EvalAltResult>) {
    let made = MADE.take();
    TRIAL.set(made.then(|| Trial { left: TRIED, failed: Vec::new() }));
    let answer = ask(made);
    (answer, TRIAL.take().map(|trial| trial.failed).unwrap_or_default())
}

/// Whether a trial may call once more; always, where there is none.
fn may_call() -> bool {
    TRIAL.with_borrow(|trial| trial.as_ref().is_none_or(|trial| trial.left > 0))
}

/// Counts the steps of a call against the query that asked for it, and against the trial, if there is one.
fn charge(steps: u64) {
    pattern::spend_outside(steps);
    TRIAL.with_borrow_mut(|trial| {
        if let Some(trial) = trial {
            trial.left = trial.left.saturating_sub(CALL + steps);
        }
    });
}

thread_local! {
    static HOME: RefCell<Option<Home>> = const { RefCell::new(None) };
}

/// Runs `f` with callbacks made in it belonging to `home`.
pub(super) fn at_home<T>(home: Home, f: impl FnOnce() -> T) -> T {
    struct Leave(Option<Home>);
    impl Drop for Leave {
        fn drop(&mut self) {
            HOME.set(self.0.take());
        }
    }
    let _leave = Leave(HOME.replace(Some(home)));
    f()
}

/// A function from values to a value, called whenever the pattern is queried: `|x| x + 1`.
///
/// It is identified by its source and what it captured, and sees only its arguments: the same question has the same answer.
#[derive(Clone)]
pub struct Callback {
    home: Home,
    function: FnPtr,
    identity: u128,
}

impl Callback {
    pub(super) fn of(function: &FnPtr) -> Option<Self> {
        let home = HOME.with_borrow(Clone::clone)?;
        let identity = identity(function, &home.functions, 0);
        MADE.set(true);
        Some(Callback { home, function: function.clone(), identity })
    }

    /// Equal for functions that say the same.
    pub fn identity(&self) -> u128 {
        self.identity
    }

    /// What it makes of a value; nothing where it fails or takes too long.
    pub fn call(&self, value: &Value) -> Option<Value> {
        argument::plain(&self.run((argument::script(value),))?)
    }

    /// What it makes of two values.
    pub fn call_two(&self, a: &Value, b: &Value) -> Option<Value> {
        argument::plain(&self.run((argument::script(a), argument::script(b)))?)
    }

    /// Whether it says yes.
    pub fn test(&self, value: Dynamic) -> bool {
        self.run((value,)).is_some_and(|answer| argument::plain(&answer).is_some_and(|v| v.truth()))
    }

    /// The pattern it makes of a value: of mini-notation, a number, a list, or a pattern.
    pub fn pattern(&self, value: Dynamic) -> Option<Pattern> {
        argument::pattern(&self.answer(value)?).ok().flatten()
    }

    /// What it answers to a value of the script.
    pub fn answer(&self, value: Dynamic) -> Option<Dynamic> {
        self.run((value,))
    }

    fn run(&self, args: impl rhai::FuncArgs) -> Option<Dynamic> {
        if !may_call() {
            return None;
        }
        if !pattern::spend_outside(CALL) {
            return None;
        }
        let (answer, steps) = limits::during_query(|| self.called(args));
        charge(steps);
        answer.map_err(|error| self.failed(*error)).ok()
    }

    /// Calls the function with only so much depth left as there is stack for wherever a pattern is queried.
    fn called(&self, args: impl FuncArgs) -> Result<Dynamic, Box<EvalAltResult>> {
        let engine = &*self.home.engine;
        let mut global = engine.new_global_runtime_state();
        global.level = limits::CALLS - limits::QUERY_CALLS;
        global.lib.push(self.home.functions.shared_lib().clone());
        let mut values = Vec::new();
        args.parse(&mut values);
        let context = NativeCallContext::from((engine, self.function.fn_name(), None, &global, Position::NONE));
        self.function.call_raw(&context, None, values)
    }

    /// A failure is told of once: by the evaluation that tries its patterns out, else to whoever watches the piece.
    fn failed(&self, error: EvalAltResult) {
        let failures = &self.home.failures;
        let trying = TRIAL.with_borrow(Option::is_some);
        // While the text is still being evaluated nobody knows yet whether it will play; the trial will come to it.
        if !trying && desk::with(|_| ()).is_some() || !failures.first(self.identity) {
            return;
        }
        TRIAL.with_borrow_mut(|trial| match trial {
            Some(trial) => trial.failed.push(error),
            None => (failures.tell)(&error),
        });
    }
}

/// A function by what it says: its source without its place, and the values it captured.
fn identity(function: &FnPtr, functions: &AST, nested: usize) -> u128 {
    let captured =
        function.curry().iter().fold(Digest::new(), |d, value| d.word(value_identity(value, functions, nested)));
    let params = functions.iter_functions().find(|f| f.name == function.fn_name()).map(|f| f.params.len());
    let Some(def) = params.and_then(|n| functions.shared_lib().get_script_fn(function.fn_name(), n)) else {
        return captured.text(function.fn_name()).finish();
    };
    let params = def.params.iter().fold(captured, |d, p| d.text(p));
    params.text(&without_places(&format!("{:?}", def.body))).finish()
}

fn value_identity(value: &Dynamic, functions: &AST, nested: usize) -> u128 {
    if let Some(p) = value.read_lock::<Pattern>() {
        return p.hash();
    }
    if let Some(f) = value.read_lock::<FnPtr>() {
        return if nested < 8 { identity(&f, functions, nested + 1) } else { 0 };
    }
    match argument::plain(value) {
        Some(plain) => Digest::new().value(&plain).finish(),
        None => Digest::new().text(&format!("{value:?}")).finish(),
    }
}

/// A syntax tree's text without ` @ 12:3` and without generated names.
fn without_places(tree: &str) -> String {
    let mut out = String::with_capacity(tree.len());
    let mut rest = tree;
    while let Some(at) = rest.find([':', '@', '$']) {
        let digits = |s: &str| s.chars().take_while(char::is_ascii_digit).count();
        let (before, after) = rest.split_at(at);
        let mark = after.as_bytes()[0];
        match mark {
            b':' => {
                let back = before.chars().rev().take_while(char::is_ascii_digit).count();
                let ahead = digits(&after[1..]);
                if back > 0 && ahead > 0 {
                    out.push_str(&before[..before.len() - back]);
                    rest = &after[1 + ahead..];
                } else {
                    out.push_str(before);
                    out.push(':');
                    rest = &after[1..];
                }
            }
            b'$' => {
                out.push_str(before);
                let name = after[1..].chars().take_while(char::is_ascii_hexdigit).count();
                rest = &after[1 + name..];
            }
            _ => {
                out.push_str(before);
                rest = &after[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_generated_names_leave_the_text_of_a_tree() {
        assert_eq!(
            without_places("Block[Expr(a @ 12:3)] @ (1:2 - 1:9)"),
            without_places("Block[Expr(a @ 2:30)] @ (7:2 - 7:9)")
        );
        assert_eq!(without_places("anon$0af3()"), without_places("anon$77bb()"));
        assert_ne!(without_places("a + 1 @ 1:1"), without_places("a + 2 @ 1:1"));
    }
}

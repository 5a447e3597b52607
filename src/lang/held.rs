//! What failed in a sound or a function of the library that was called by its name.
//!
//! Whoever is asked for a function that Rhai does not know is not told where it was called. So what failed there is held back,
//! Rhai says that there is no such function, and where; and that is taken for what it stands for.

use std::cell::RefCell;

use rhai::EvalAltResult;

thread_local! {
    /// The name that was called last and what failed in it.
    static HELD: RefCell<Option<(String, Box<EvalAltResult>)>> = const { RefCell::new(None) };
}

/// Holds back what failed in a call of this name.
pub fn hold(name: &str, error: Box<EvalAltResult>) {
    // Where it called another of its kind, that is what failed.
    let error = instead_of(innermost(&error)).unwrap_or(error);
    HELD.set(Some((name.into(), error)));
}

/// What was held back where there was said to be no such function.
pub fn instead_of(error: &EvalAltResult) -> Option<Box<EvalAltResult>> {
    let EvalAltResult::ErrorFunctionNotFound(call, _) = error else { return None };
    let called = call.split_once(" (").map_or(&**call, |(name, _)| name);
    HELD.with_borrow_mut(|held| held.take_if(|(name, _)| *name == called)).map(|(_, error)| error)
}

/// The error inside of all calls.
pub fn innermost(mut error: &EvalAltResult) -> &EvalAltResult {
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) = error {
        error = inner;
    }
    error
}

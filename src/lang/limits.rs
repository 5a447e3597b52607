//! Limits: what an evaluation may cost in time, work, memory and depth, so that no script can hurt the music.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine};

use super::fault::Fault;
use crate::pattern::Pattern;

/// Longest evaluation of one text.
pub const TIME: Duration = Duration::from_secs(1);
/// Steps of the script in one evaluation.
pub const OPERATIONS: u64 = 3_000_000;
/// Steps of a script function called for one hap: enough for arithmetic, too few to be late.
const QUERY_OPERATIONS: u64 = 2_000;
/// Functions inside functions.
pub const CALLS: usize = 48;
/// Expressions inside expressions; a chain of method calls counts one per call.
pub const DEPTH: usize = 128;
/// Characters in one text. Small enough that a text squared (`replace`) still fits in memory.
pub const TEXT: usize = 1 << 13;
/// Items of one list or map, nested ones included.
pub const ITEMS: usize = 1 << 14;
/// The longest text taken, in bytes: no piece is longer.
pub const SOURCE: usize = 1 << 20;
/// Stack of an evaluating thread: calls times depth, with room to spare.
pub const STACK: usize = 64 << 20;
/// How often the clock is looked at, in steps.
const STRIDE: u64 = 256;

/// Why an evaluation was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfTime;

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    static QUERYING: Cell<bool> = const { Cell::new(false) };
    /// Steps done so far by the function called during a query.
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Sets the limits of an engine; `calls` is how deeply functions may call each other.
pub fn set(engine: &mut Engine, calls: usize) {
    engine
        .set_max_operations(OPERATIONS)
        .set_max_call_levels(calls)
        .set_max_expr_depths(DEPTH, DEPTH)
        .set_max_string_size(TEXT)
        .set_max_array_size(ITEMS)
        .set_max_map_size(ITEMS)
        .set_max_variables(4096)
        .set_max_functions(4096)
        .set_max_modules(64);
    engine.on_progress(|steps| {
        let stop = match QUERYING.get() {
            true => {
                STEPS.set(steps);
                steps > QUERY_OPERATIONS
            }
            false => steps % STRIDE == 0 && late(),
        };
        stop.then(|| Dynamic::from(OutOfTime))
    });
}

/// Runs an evaluation against the clock.
pub fn timed<T>(limit: Duration, f: impl FnOnce() -> T) -> T {
    let before = DEADLINE.replace(Some(Instant::now() + limit));
    let value = f();
    DEADLINE.set(before);
    value
}

/// Runs a script function inside a query: counted in steps alone, so that the answer never depends on the clock. Says how many
/// it did.
pub fn during_query<T>(f: impl FnOnce() -> T) -> (T, u64) {
    let (before, steps) = (QUERYING.replace(true), STEPS.replace(0));
    let value = f();
    QUERYING.set(before);
    (value, STEPS.replace(steps))
}

fn late() -> bool {
    DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline)
}

/// Refuses when the time of this evaluation is over; every word asks before it begins.
pub fn in_time() -> Result<(), Fault> {
    if late() && !QUERYING.get() {
        let stop = rhai::EvalAltResult::ErrorTerminated(Dynamic::from(OutOfTime), rhai::Position::NONE);
        return Err(Fault::Script(stop.into()));
    }
    Ok(())
}

/// Refuses a pattern that has grown beyond all use.
pub fn fits(pattern: &Pattern) -> Result<(), Fault> {
    match pattern.refused() {
        Some(message) => Err(Fault::new(message).hint("use fast, ply or a longer cycle instead of many copies")),
        None => Ok(()),
    }
}

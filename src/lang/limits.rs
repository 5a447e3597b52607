//! Limits: what an evaluation may cost in time, work, memory and depth, so that no script can hurt the music.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine};

use super::fault::Fault;
use super::memory;
use crate::pattern::Pattern;

/// Longest evaluation of one text.
pub const TIME: Duration = Duration::from_secs(1);
/// Longest evaluation of a file of our own library: a machine that sleeps or crawls is waited for.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// Steps of the script in one evaluation.
pub const OPERATIONS: u64 = 3_000_000;
/// Steps of a script function called for one hap: enough for arithmetic, too few to be late.
pub const QUERY_OPERATIONS: u64 = 2_000;
/// Functions inside functions.
pub const CALLS: usize = 48;
/// Functions inside functions while a pattern is queried, on whatever stack that happens.
pub const QUERY_CALLS: usize = 8;
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
/// What one evaluation may hold in memory, in bytes; a single step may double it for a moment.
pub const MEMORY: usize = 128 << 20;
/// Texts imported by one text, by way of others too.
pub const MODULES: usize = 64;
/// Letters of one word or number.
pub const WORD: usize = 256;
/// How often the clock is looked at, in steps: often enough for steps over whole lists.
const STRIDE: u32 = 16;

/// Why an evaluation was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Time,
    Memory,
    /// A function called for one hap took too many steps.
    Steps,
}

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The most this thread may hold.
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
    /// Why this evaluation ends. It stays, so that a word that swallows the errors of what it calls ends, too.
    static ENDED: Cell<Option<Stop>> = const { Cell::new(None) };
    static QUERYING: Cell<bool> = const { Cell::new(false) };
    /// Steps that the function called for one hap has taken.
    static STEPS: Cell<u64> = const { Cell::new(0) };
    static TICKS: Cell<u32> = const { Cell::new(0) };
}

/// Sets the limits of an engine.
pub fn set(engine: &mut Engine) {
    engine
        .set_max_operations(OPERATIONS)
        .set_max_call_levels(CALLS)
        .set_max_expr_depths(DEPTH, DEPTH)
        .set_max_string_size(TEXT)
        .set_max_array_size(ITEMS)
        .set_max_map_size(ITEMS)
        .set_max_variables(4096)
        .set_max_functions(4096)
        .set_max_modules(MODULES);
    engine.on_progress(|steps| step(steps).map(Dynamic::from));
}

/// Whether the script ends at this step. The clock is looked at now and then, by a count of our own: Rhai's begins anew in
/// every imported text.
fn step(steps: u64) -> Option<Stop> {
    if QUERYING.get() {
        STEPS.set(steps);
        return (steps > QUERY_OPERATIONS).then_some(Stop::Steps);
    }
    now_and_then()
}

/// Why the present evaluation must end, if it must; the clock is looked at now and then.
pub fn now_and_then() -> Option<Stop> {
    let ticks = TICKS.get().wrapping_add(1);
    TICKS.set(ticks);
    if ticks.is_multiple_of(STRIDE) { ended() } else { ENDED.get() }
}

/// Runs an evaluation against the clock, in no more memory than it may have.
pub fn timed<T>(limit: Duration, f: impl FnOnce() -> T) -> T {
    let deadline = DEADLINE.replace(Some(Instant::now() + limit));
    let ceiling = CEILING.replace(memory::held().saturating_add_unsigned(MEMORY));
    let ended = ENDED.replace(None);
    let value = f();
    DEADLINE.set(deadline);
    CEILING.set(ceiling);
    ENDED.set(ended);
    value
}

/// Runs a script function inside a query: counted in steps alone, so that the answer never depends on the clock. Says how
/// many steps it took.
pub fn during_query<T>(f: impl FnOnce() -> T) -> (T, u64) {
    let (querying, steps) = (QUERYING.replace(true), STEPS.replace(0));
    let value = f();
    QUERYING.set(querying);
    (value, STEPS.replace(steps))
}

/// Why the present evaluation must end, if it must.
pub fn ended() -> Option<Stop> {
    if ENDED.get().is_none() {
        let late = DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline);
        let stop = if late { Some(Stop::Time) } else { (memory::held() > CEILING.get()).then_some(Stop::Memory) };
        ENDED.set(stop);
    }
    ENDED.get()
}

/// Refuses when the time or the memory of this evaluation is used up; every word asks before it begins.
pub fn in_time() -> Result<(), Fault> {
    match ended().filter(|_| !QUERYING.get()) {
        None => Ok(()),
        Some(stop) => {
            let error = rhai::EvalAltResult::ErrorTerminated(Dynamic::from(stop), rhai::Position::NONE);
            Err(Fault::Script(error.into()))
        }
    }
}

/// Refuses a pattern that has grown beyond all use.
pub fn fits(pattern: &Pattern) -> Result<(), Fault> {
    match pattern.refused() {
        Some(message) => Err(Fault::new(message).hint("use fast, ply or a longer cycle instead of many copies")),
        None => Ok(()),
    }
}

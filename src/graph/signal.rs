//! Signals: what sounds or changes sound, as comparable expressions with fundsp's operators.

use std::sync::Arc;

use super::ugens::Row;

/// Why an expression is no signal: lower case, no full stop, expected and found.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphError {
    pub message: String,
    pub hint: Option<String>,
}

/// A signal expression. Cheap to clone; equal when its structure is equal.
#[derive(Clone, Debug)]
pub struct Signal(Arc<Node>);

#[derive(Debug)]
struct Node {
    kind: Kind,
    hash: u128,
    size: u64,
    inputs: usize,
    outputs: usize,
}

#[derive(Debug)]
enum Kind {
    /// A number that holds still (and ramps when an edit changes it).
    Constant(f32),
    /// A named number from outside: an instrument's control, or one that follows a pattern.
    Control(Arc<str>),
    /// The sound that is piped into the effect around it.
    Argument,
    /// An effect: a body in which `Argument` is what is piped in, used as often as it likes.
    Effect(Signal),
    Ugen(&'static Row, Vec<Signal>),
    Pipe(Signal, Signal),
    Stack(Signal, Signal),
    Branch(Signal, Signal),
    Bus(Signal, Signal),
}

impl PartialEq for Signal {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash == other.0.hash
    }
}
impl Eq for Signal {}

// Constructors planned: constant, control, argument, effect, ugen(row, params) -> Result<Signal, GraphError>, pipe, stack, branch, bus,
// add, sub, mul, div, neg (rows of the table), range(low, high), inputs(), outputs(), size(), hash().

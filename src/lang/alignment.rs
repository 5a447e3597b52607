//! Alignments: `p.add.squeeze(q)`, an operator with a word for where the rhythm comes from.

use std::any::TypeId;

use rhai::{Dynamic, Engine};

use super::argument;
use super::desk;
use super::fault::Fault;
use super::limits;
use super::part::Part;
use crate::pattern::{Align, Operator, Pattern};

/// A pattern and an operator waiting for their alignment.
#[derive(Clone)]
struct Waiting {
    /// What stood before the dot, for its effects.
    receiver: Dynamic,
    operator: Operator,
}

/// Registers every operator as a property and every alignment as a method of it.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Waiting>("operator");
    for (name, operator) in Operator::ALL {
        let getter = format!("get${name}");
        engine.register_raw_fn(getter.as_str(), [TypeId::of::<Dynamic>()], move |_, args| {
            Ok(Dynamic::from(Waiting { receiver: args[0].flatten_clone(), operator }))
        });
    }
    for (place, align) in Align::ALL {
        let name = super::engine::ordinary(place);
        let types = [TypeId::of::<Waiting>(), TypeId::of::<Dynamic>()];
        engine.register_raw_fn(name.as_str(), types, move |context, args| {
            let waiting = args[0].flatten_clone().cast::<Waiting>();
            let at = context.call_position();
            desk::with(|desk| desk.read(place, at, Some(&waiting.receiver)));
            operate(&waiting, align, args[1]).map_err(|fault| fault.raise(context.call_position()))
        });
    }
}

fn operate(waiting: &Waiting, align: Align, other: &Dynamic) -> Result<Dynamic, Fault> {
    limits::in_time()?;
    let word = waiting.operator.word();
    let wrong = |value: &Dynamic| {
        Fault::new(format!("`{word}` expects a pattern, found {}", argument::describe(value)))
            .hint(format!("n(\"0 2\").{word}.squeeze(\"0 1\")"))
    };
    let left: Pattern = argument::pattern(&waiting.receiver)?.ok_or_else(|| wrong(&waiting.receiver))?;
    let right = argument::pattern(other)?.ok_or_else(|| wrong(other))?;
    let pattern = left.operate(waiting.operator, align, &right);
    limits::fits(&pattern)?;
    Ok(match waiting.receiver.read_lock::<Part>() {
        Some(part) => Dynamic::from(part.clone().with_pattern(pattern)),
        None => Dynamic::from(pattern),
    })
}

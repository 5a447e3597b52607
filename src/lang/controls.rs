//! Controls: the numbers and names an event carries, as methods of patterns and as parameters of instruments.

use crate::graph::Control;

/// A control of an instrument by its name: from the table, or 0 within wide bounds.
pub fn control(name: &str) -> Control {
    known(name).unwrap_or_else(|| Control { name: name.into(), default: 0.0, low: -1e6, high: 1e6, unit: "" })
}

/// A control of the table.
pub fn known(name: &str) -> Option<Control> {
    let (default, low, high, unit) = match name {
        "freq" => (220.0, 1.0, 20_000.0, "Hz"),
        "gate" => (0.0, 0.0, 1.0, ""),
        _ => return None,
    };
    Some(Control { name: name.into(), default, low, high, unit })
}

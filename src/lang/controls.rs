//! Controls of instruments: their defaults, ranges and units from the one table of controls.

use crate::graph::Control;
use crate::pattern;

/// The pitch of an instrument that nobody told one, in Hz: a3.
const PITCH: f64 = 220.0;
/// Where a filter of an instrument stands that nobody told, in Hz.
const CUTOFF: f64 = 1000.0;
/// Beyond these bounds no number makes sense.
const WIDE: f64 = 1e6;

/// A control of an instrument by its name: from the table, or 0 within wide bounds.
pub fn control(name: &str) -> Control {
    known(name).unwrap_or_else(|| make(name, 0.0, -WIDE, WIDE, ""))
}

/// A control of the table; `freq` and `gate` are known without one.
pub fn known(name: &str) -> Option<Control> {
    match name {
        "gate" => Some(make(name, 0.0, 0.0, 1.0, "")),
        "freq" => Some(make(name, PITCH, 0.01, 22_000.0, "Hz")),
        _ => {
            let row = pattern::control(name)?;
            // Under the table's own name, because that is what events carry: `res` is `resonance`.
            Some(make(row.name, row.default.unwrap_or_else(|| silent_default(row)), row.low, row.high, row.unit))
        }
    }
}

/// Of a control that does nothing unless told: a middle frequency, else nothing at all.
fn silent_default(row: &pattern::Control) -> f64 {
    match row.unit {
        "Hz" => CUTOFF.clamp(row.low, row.high),
        _ => 0.0_f64.clamp(row.low, row.high),
    }
}

fn make(name: &str, default: f64, low: f64, high: f64, unit: &'static str) -> Control {
    Control { name: name.into(), default: default as f32, low: low as f32, high: high as f32, unit }
}

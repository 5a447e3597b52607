//! Signals: continuous values between 0 and 1, one period per cycle.

use std::f64::consts::TAU;

use super::combine::fastcat;
use super::hap::Hap;
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// A continuous value as a function of time, taken where the question begins.
pub(crate) fn signal(id: Id, f: impl Fn(Time) -> Value + Send + Sync + 'static) -> Pattern {
    id.pattern(None, move |q| vec![Hap::new(None, q.span, f(q.span.begin))])
}

fn wave(name: &str, f: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Pattern {
    signal(Id::of(name), move |t| Value::Number(f(t.fraction().to_f64())))
}

/// A sine from 0.5 up.
pub fn sine() -> Pattern {
    wave("sine", |p| (1.0 + (p * TAU).sin()) / 2.0)
}

/// A sine a quarter earlier: from 1 down.
pub fn cosine() -> Pattern {
    wave("cosine", |p| (1.0 + ((p + 0.25) * TAU).sin()) / 2.0)
}

/// A ramp from 0 up to 1.
pub fn saw() -> Pattern {
    wave("saw", |p| p)
}

/// A ramp from 1 down to 0.
pub fn isaw() -> Pattern {
    wave("isaw", |p| 1.0 - p)
}

/// From 0 up to 1 at the half and back: a ramp up and a ramp down, of which each can be asked for on its own.
pub fn tri() -> Pattern {
    fastcat(&[saw(), isaw()])
}

/// From 1 down to 0 at the half and back.
pub fn itri() -> Pattern {
    fastcat(&[isaw(), saw()])
}

/// 0 for the first half, 1 for the second.
pub fn square() -> Pattern {
    wave("square", |p| if p < 0.5 { 0.0 } else { 1.0 })
}

/// From 0 up to 1 in the first cycle, 1 from then on; turned by `f`.
pub fn envelope(name: &str, f: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Pattern {
    signal(Id::of("envelope").text(name), move |t| Value::Number(f(t.to_f64().clamp(0.0, 1.0))))
}

/// The time itself, in cycles.
pub fn time_signal() -> Pattern {
    signal(Id::of("time"), |t| Value::Number(t.to_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Span;

    #[test]
    fn signals_go_where_they_say() {
        let at = |pattern: &Pattern, t: Time| pattern.query(Span::new(t, t))[0].value.number().unwrap();
        for (pattern, values) in [
            (sine(), [0.5, 1.0, 0.5, 0.0]),
            (cosine(), [1.0, 0.5, 0.0, 0.5]),
            (saw(), [0.0, 0.25, 0.5, 0.75]),
            (isaw(), [1.0, 0.75, 0.5, 0.25]),
            (tri(), [0.0, 0.5, 1.0, 0.5]),
            (itri(), [1.0, 0.5, 0.0, 0.5]),
            (square(), [0.0, 0.0, 1.0, 1.0]),
        ] {
            for (quarter, value) in values.iter().enumerate() {
                assert!((at(&pattern, Time::new(quarter as i64 + 8, 4)) - value).abs() < 1e-12, "{quarter}: {value}");
            }
        }
    }
}

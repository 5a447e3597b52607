//! Samples as material: grains, slices, and speeds that make a recording fit the cycle.

use std::sync::Arc;

use super::combine::{Join, cat, fastcat, pure, silence};
use super::hap::Hap;
use super::operate::Operator;
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// The most grains or slices.
const MOST: i64 = 1024;
/// Cycles per second that a looped sample's speed is counted by; players scale by the tempo (`unit` c).
const LOOP_CPS: f64 = 0.5;

/// From `begin` to `end` within what a sound already plays of its sample.
fn grain(value: &Value, begin: f64, end: f64) -> Value {
    let sound = sound(value);
    let place = |name: &str| sound.get(name).and_then(Value::number);
    let (from, length) = match (place("begin"), place("end")) {
        (Some(b), Some(e)) => (b, e - b),
        _ => (0.0, 1.0),
    };
    sound.with("begin", Value::Number(from + begin * length)).with("end", Value::Number(from + end * length))
}

/// A bare word is a sound.
fn sound(value: &Value) -> Value {
    match value {
        Value::Map(_) => value.clone(),
        other => Value::control("s", other.clone()),
    }
}

fn bounds(i: i64, n: i64) -> (f64, f64) {
    (i as f64 / n as f64, (i + 1) as f64 / n as f64)
}

impl Pattern {
    /// Each sound as n grains, played in order in its place.
    pub fn chop(&self, n: &Pattern) -> Pattern {
        self.with_arg("chop", n, |p, n| {
            let n = n.whole()?.clamp(1, MOST);
            Some(p.squeeze_bind(Id::of("chop").number(n as f64), move |value| {
                let grain = |i| {
                    let (begin, end) = bounds(i, n);
                    pure(grain(value, begin, end))
                };
                Some(fastcat(&(0..n).map(grain).collect::<Vec<_>>()))
            }))
        })
    }

    /// The cycle n times, each time with the next n-th of every sound.
    pub fn striate(&self, n: &Pattern) -> Pattern {
        self.with_arg("striate", n, |p, n| {
            let n = n.whole()?.clamp(1, MOST);
            let part = |i| {
                let (begin, end) = bounds(i, n);
                pure(Value::control("begin", begin.into()).with("end", end.into()))
            };
            Some(p.set(&cat(&(0..n).map(part).collect::<Vec<_>>())).fast_by(Time::int(n)))
        })
    }

    /// Numbered slices of a sample, in the rhythm of the numbers. `n` is how many, or a list of where they begin.
    pub fn slice(&self, n: &Pattern, numbers: &Pattern) -> Pattern {
        self.sliced(n, numbers, false)
    }

    /// As `slice`, at the speed that makes each slice fill its step.
    pub fn splice(&self, n: &Pattern, numbers: &Pattern) -> Pattern {
        self.sliced(n, numbers, true)
    }

    fn sliced(&self, n: &Pattern, numbers: &Pattern, fit: bool) -> Pattern {
        let numbers = numbers.clone();
        let id = Id::of(if fit { "splice" } else { "slice" }).on(&numbers);
        let name = format!("slice{:x}", id.occurrence());
        self.with_arg(&name, n, move |p, n| {
            let (n, sounds) = (Arc::new(n.clone()), p.clone());
            let count = n.as_list().map_or_else(|| n.number(), |list| Some(list.len() as f64))?;
            let id = Id::of("slice").value(&n).on(&sounds);
            let made = numbers.bind(id, Join::Outer, move |i| {
                let window = window(&n, i.number()?)?;
                let id = Id::of("slice").value(&window);
                Some(sounds.map_values(id, move |value| Operator::Set.apply(&window, &sound(value))))
            });
            Some(if fit {
                made.filling(Id::of("splice").number(count), move |_, length| 1.0 / count / length)
            } else {
                made
            })
        })
    }

    /// The n-ths of the cycle that numbers ask for, samples sped up as much as their n-th is.
    pub fn chew(&self, n: &Pattern, numbers: &Pattern) -> Pattern {
        let id = Id::of("chew").on(numbers);
        let (name, numbers) = (format!("chew{:x}", id.occurrence()), numbers.clone());
        self.with_arg(&name, n, move |p, n| {
            let (n, p) = (n.time().filter(|n| *n > Time::ZERO)?, p.clone());
            let timed = numbers.map_haps(Id::of("chew").time(n), move |hap: Hap| {
                let speed = Time::ONE / n / hap.whole?.duration();
                let value = Value::list([hap.value.clone(), Value::Ratio(speed)]);
                Some(hap.with_value(value))
            });
            let id = Id::of("chew").time(n).on(&p);
            Some(timed.squeeze_bind(id, move |value| {
                let [i, speed] = value.as_list()? else { return None };
                let begin = (Time::int(i.whole()?) / n).fraction();
                let speed = pure(Value::control("speed", Value::Number(speed.number()?)));
                Some(p.zoom_to(begin, begin + Time::ONE / n).operate_in(Operator::Mul, &speed))
            }))
        })
    }

    /// At the speed that makes the sample fill its event.
    pub fn fit(&self) -> Pattern {
        self.filling(Id::of("fit"), |value, length| {
            let place = |name: &str, other: f64| value.get(name).and_then(Value::number).unwrap_or(other);
            (place("end", 1.0) - place("begin", 0.0)) / length
        })
    }

    /// Every sound at the speed that `f` gives for it and its length in cycles.
    fn filling(&self, id: Id, f: impl Fn(&Value, f64) -> f64 + Send + Sync + 'static) -> Pattern {
        self.map_haps(id, move |hap: Hap| {
            let length = hap.whole?.duration().to_f64();
            let value = sound(&hap.value);
            let own = value.get("speed").and_then(Value::number).unwrap_or(1.0);
            let speed = f(&value, length) * own;
            Some(hap.with_value(value.with("speed", speed.into()).with("unit", "c".into())))
        })
    }

    /// Stretched over a number of cycles, at the speed that fits.
    pub fn loop_at(&self, cycles: &Pattern) -> Pattern {
        self.with_arg("loop_at", cycles, |p, cycles| {
            let cycles = cycles.time()?;
            let speed = Value::control("speed", (LOOP_CPS / cycles.to_f64()).into()).with("unit", "c".into());
            Some(p.set(&pure(speed)).slow_by(cycles))
        })
    }

    /// A place in the sample as a pattern, in the rhythm of the places.
    pub fn scrub(&self, places: &Pattern) -> Pattern {
        let sounds = self.clone();
        places.bind(Id::of("scrub").on(self), Join::Outer, move |place| {
            let (begin, speed) = match place.as_list() {
                Some([begin, speed, ..]) => (begin.number()?, speed.clone()),
                _ => (place.number()?, Value::Number(1.0)),
            };
            let given = Value::control("begin", begin.into()).with("speed", speed).with("clip", 1.0.into());
            Some(
                sounds
                    .map_values(Id::of("scrub").value(&given), move |value| Operator::Set.apply(&sound(value), &given)),
            )
        })
    }

    /// Plays faster, samples included.
    pub fn hurry(&self, factor: &Pattern) -> Pattern {
        self.with_arg("hurry", factor, |p, factor| {
            let speed = pure(Value::control("speed", Value::Number(factor.number()?)));
            Some(p.fast_by(factor.time()?).operate_in(Operator::Mul, &speed))
        })
    }
}

/// Where slice number i lies: begin and end.
fn window(n: &Value, i: f64) -> Option<Value> {
    let begins = |list: &[Value], i: f64| list.get(i as usize).and_then(Value::number);
    match n.as_list() {
        Some(list) => {
            let start = Value::control("begin", begins(list, i)?.into());
            Some(begins(list, i + 1.0).map_or(start.clone(), |end| start.with("end", end.into())))
        }
        None => {
            let n = n.number().filter(|n| *n != 0.0)?;
            Some(Value::control("begin", (i / n).into()).with("end", ((i + 1.0) / n).into()))
        }
    }
}

/// Length of the hap it is asked for, in cycles (or its inverse), continuously.
pub fn cycles_per(per_cycle: bool) -> Pattern {
    let id = Id::of("cycles_per").number(f64::from(u8::from(per_cycle)));
    id.pattern(None, move |q| {
        let length = q.span.duration();
        if length.is_zero() {
            return silence().run(q);
        }
        let value = Value::Ratio(if per_cycle { Time::ONE / length } else { length });
        vec![Hap::new(None, q.span, value)]
    })
}

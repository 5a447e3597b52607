//! Layering: a pattern together with transformed copies of itself.

use super::combine::stack;
use super::condition::Transform;
use super::operate::Operator;
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// The most copies a word makes.
const MOST: i64 = 64;

impl Pattern {
    /// This pattern and a transformed copy.
    pub fn superimpose<E>(&self, f: Transform<E>) -> Result<Pattern, E> {
        Ok(stack(&[self.clone(), f(self.clone())?]))
    }

    /// This pattern and a transformed copy that comes later by a number of cycles.
    pub fn off<E>(&self, amount: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        Ok(stack(&[self.clone(), f(self.late(amount))?]))
    }

    /// This pattern on the left, a transformed copy on the right.
    pub fn jux<E>(&self, f: Transform<E>) -> Result<Pattern, E> {
        self.jux_by(&1.into(), f)
    }

    /// As `jux`, less far apart: 0 is the middle, 1 is all the way.
    pub fn jux_by<E>(&self, amount: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        let side = |sign: f64| {
            self.with_arg(if sign < 0.0 { "left" } else { "right" }, amount, move |p, amount| {
                let shift = sign * amount.number()? / 2.0;
                Some(p.map_values(Id::of("pan").number(shift), move |value| {
                    let pan = value.get("pan").and_then(Value::number).unwrap_or(0.5);
                    Some(value.with("pan", Value::Number(pan + shift)))
                }))
            })
        };
        Ok(stack(&[side(-1.0), f(side(1.0))?]))
    }

    /// Repeats after a time each, transformed again and again; `f` gets the copy and its number from 0.
    pub fn echo_with<E>(
        &self,
        times: &Pattern,
        time: &Pattern,
        f: &mut dyn FnMut(Pattern, i64) -> Result<Pattern, E>,
    ) -> Result<Pattern, E> {
        let most = times.largest().clamp(1, MOST);
        let mut copies = Vec::new();
        for i in 0..most {
            let delay = time
                .map_values(Id::of("times").number(i as f64), move |t| Some(Value::Ratio(t.time()? * Time::int(i))));
            copies.push(f(self.late(&delay), i)?);
        }
        if times.pure_value().is_some() {
            return Ok(stack(&copies));
        }
        let id = Id::of("copies").all(&copies);
        let name = format!("echo{:x}", id.occurrence());
        Ok(self.with_arg(&name, times, move |_, n| Some(stack(&copies[..n.whole()?.clamp(0, most) as usize]))))
    }

    /// Repeats after a time each, each quieter by a factor.
    pub fn echo(&self, times: &Pattern, time: &Pattern, feedback: &Pattern) -> Pattern {
        let echoed: Result<Pattern, std::convert::Infallible> = self.echo_with(times, time, &mut |copy, i| {
            let level = feedback.map_values(Id::of("level").number(i as f64), move |x| {
                Some(Value::control("gain", Value::Number(x.number()?.powi(i as i32))))
            });
            Ok(copy.operate_in(Operator::Mul, &level))
        });
        let Ok(pattern) = echoed;
        pattern
    }

    /// Repeats every hap n times inside its own length, transformed once more each time.
    pub fn ply_with<E>(&self, n: &Pattern, f: Transform<E>) -> Result<Pattern, E> {
        self.ply_each(n, |copies, _| f(copies[copies.len() - 1].clone()))
    }

    /// Repeats every hap n times inside its own length, transformed; `f` gets the hap and the number of the copy from 1.
    pub fn ply_for_each<E>(
        &self,
        n: &Pattern,
        f: &mut dyn FnMut(Pattern, i64) -> Result<Pattern, E>,
    ) -> Result<Pattern, E> {
        self.ply_each(n, |copies, i| f(copies[0].clone(), i))
    }

    fn ply_each<E>(&self, n: &Pattern, mut f: impl FnMut(&[Pattern], i64) -> Result<Pattern, E>) -> Result<Pattern, E> {
        let slot = Id::of("ply_with").on(self).on(n).occurrence();
        let one = super::slot::cycle_slot(slot);
        let most = n.largest().clamp(1, MOST);
        let mut copies = vec![one];
        for i in 1..most {
            let next = f(&copies, i)?;
            copies.push(next);
        }
        let id = Id::of("ply_with").all(&copies);
        let name = format!("ply_with{:x}", id.occurrence());
        Ok(self.with_arg(&name, n, move |p, n| {
            let n = n.whole()?.clamp(1, most);
            let copies = super::combine::cat(&copies[..n as usize]).fast_by(Time::int(n));
            let id = Id::of("ply_with").on(&copies);
            Some(p.squeeze_bind(id, move |value| {
                Some(super::slot::framing(&copies, &[slot], std::slice::from_ref(value)))
            }))
        }))
    }

    /// From one pattern (0) over both (0.5) to another (1).
    pub fn xfade(&self, place: &Pattern, other: &Pattern) -> Pattern {
        let level = |word: &str, f: fn(f64) -> f64| {
            let gain = move |x: &Value| Some(Value::control("gain", Value::Number(f(x.number()?).clamp(0.0, 1.0))));
            place.map_values(Id::of(word), gain)
        };
        let (out, in_) = (level("fade_out", |x| (1.0 - x) * 2.0), level("fade_in", |x| x * 2.0));
        stack(&[self.operate_in(Operator::Mul, &out), other.operate_in(Operator::Mul, &in_)])
    }

    /// The largest whole number among the values of the first cycles.
    fn largest(&self) -> i64 {
        if let Some(value) = self.pure_value() {
            return value.whole().unwrap_or(1);
        }
        let haps = self.query(super::Span::cycles(0, 16));
        haps.iter().filter_map(|hap| hap.value.whole()).max().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Span, mini};

    fn shown(pattern: &Pattern) -> String {
        let mut haps = pattern.first_cycle();
        haps.retain(super::super::Hap::has_onset);
        haps.sort_by_key(|hap| (hap.part.begin, hap.value.to_string()));
        haps.iter().map(|hap| format!("{} {}", hap.part.begin, hap.value)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn transforms_are_called_once_and_never_while_a_pattern_is_asked() {
        let mut calls = 0;
        let pattern = mini("0 1").unwrap();
        let plied: Result<Pattern, ()> = pattern.ply_with(&mini("<2 3>").unwrap(), &mut |p| {
            calls += 1;
            Ok(p.add(&10.into()))
        });
        let plied = plied.unwrap();
        assert_eq!(shown(&plied), "0 0, 1/4 10, 1/2 1, 3/4 11");
        plied.query(Span::cycles(0, 100));
        assert_eq!(calls, 2);
    }

    #[test]
    fn jux_opens_the_pan_symmetrically() {
        let pattern = mini("bd").unwrap().as_named("s");
        let pattern: Result<Pattern, ()> = pattern.jux_by(&0.5.into(), &mut |p| Ok(p.rev()));
        assert_eq!(shown(&pattern.unwrap()), "0 pan:0.25 s:bd, 0 pan:0.75 s:bd");
    }
}

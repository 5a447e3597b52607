//! Arithmetic: an operator, two patterns, and which of them the rhythm comes from.

use std::sync::Arc;

use super::combine::{Join, Two};
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// Where the rhythm of two patterns together comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// From the pattern before the dot; the other is sampled.
    In,
    /// From the argument.
    Out,
    /// From both: haps where they overlap.
    Mix,
    /// A cycle of the argument inside each hap.
    Squeeze,
    /// A cycle of the pattern inside each hap of the argument.
    SqueezeOut,
    /// Each hap of the argument takes the pattern back to the start of its cycle.
    Reset,
    /// Each hap of the argument starts the pattern from its cycle 0.
    Restart,
    /// Step by step, each looping at its own length.
    Poly,
}

impl Align {
    pub const ALL: [(&'static str, Align); 8] = [
        ("in", Align::In),
        ("out", Align::Out),
        ("mix", Align::Mix),
        ("squeeze", Align::Squeeze),
        ("squeezeout", Align::SqueezeOut),
        ("reset", Align::Reset),
        ("restart", Align::Restart),
        ("poly", Align::Poly),
    ];
}

/// What is made of two values. Controls are joined by name; numbers go by note names, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Set,
    Keep,
    KeepIf,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Operator {
    /// Every operator by its word.
    pub const ALL: [(&'static str, Operator); 22] = [
        ("set", Operator::Set),
        ("keep", Operator::Keep),
        ("keepif", Operator::KeepIf),
        ("add", Operator::Add),
        ("sub", Operator::Sub),
        ("mul", Operator::Mul),
        ("div", Operator::Div),
        ("mod", Operator::Mod),
        ("pow", Operator::Pow),
        ("band", Operator::BitAnd),
        ("bor", Operator::BitOr),
        ("bxor", Operator::BitXor),
        ("blshift", Operator::ShiftLeft),
        ("brshift", Operator::ShiftRight),
        ("lt", Operator::Less),
        ("gt", Operator::Greater),
        ("lte", Operator::AtMost),
        ("gte", Operator::AtLeast),
        ("eq", Operator::Equal),
        ("ne", Operator::NotEqual),
        ("and", Operator::And),
        ("or", Operator::Or),
    ];

    pub fn word(self) -> &'static str {
        Operator::ALL.iter().find(|(_, op)| *op == self).map_or("", |(word, _)| word)
    }

    /// The operator applied; none where the two do not go together.
    pub fn apply(self, a: &Value, b: &Value) -> Option<Value> {
        if self == Operator::KeepIf {
            return b.truth().then(|| a.clone());
        }
        match (a, b) {
            (Value::Map(left), Value::Map(right)) => {
                let mut both = (**left).clone();
                for (name, value) in right.iter() {
                    let joined = match left.get(name) {
                        Some(old) => self.apply(old, value)?,
                        None => value.clone(),
                    };
                    both.insert(name.clone(), joined);
                }
                Some(Value::Map(Arc::new(both)))
            }
            // A bare number goes to the pitch: what else could be meant by `note("c e").add(12)`?
            (Value::Map(left), number) => {
                let pitch = ["note", "n"].into_iter().find(|name| left.contains_key(*name));
                match pitch.and_then(|name| Some((name, self.apply(left.get(name)?, number)?))) {
                    Some((name, value)) if self != Operator::Set => Some(a.with(name, value)),
                    _ => Some(a.clone()),
                }
            }
            (left, Value::Map(right)) => {
                let pitch = ["note", "n"].into_iter().find(|name| right.contains_key(*name));
                match pitch.and_then(|name| Some((name, self.apply(left, right.get(name)?)?))) {
                    Some((name, value)) if !matches!(self, Operator::Set | Operator::Keep) => Some(b.with(name, value)),
                    _ => Some(b.clone()),
                }
            }
            _ => self.plain(a, b),
        }
    }

    /// The operator on values that are no controls.
    fn plain(self, a: &Value, b: &Value) -> Option<Value> {
        use Operator::*;
        match self {
            Set => return Some(b.clone()),
            Keep => return Some(a.clone()),
            And => return Some(if a.truth() { b } else { a }.clone()),
            Or => return Some(if a.truth() { a } else { b }.clone()),
            Equal => return Some(Value::Bool(same(a, b))),
            NotEqual => return Some(Value::Bool(!same(a, b))),
            _ => {}
        }
        if let Some(exact) = self.exact(a, b) {
            return Some(Value::Ratio(exact));
        }
        let (Some(x), Some(y)) = (a.numeral(), b.numeral()) else {
            return match (self, a, b) {
                (Add, Value::Text(a), Value::Text(b)) => Some(Value::text(&format!("{a}{b}"))),
                _ => None,
            };
        };
        let bits = |f: fn(i64, i64) -> i64| Value::Number(f(x as i64, y as i64) as f64);
        let value = match self {
            Add => Value::Number(x + y),
            Sub => Value::Number(x - y),
            Mul => Value::Number(x * y),
            Div => Value::Number(x / y),
            Mod => Value::Number(x.rem_euclid(y)),
            Pow => Value::Number(x.powf(y)),
            BitAnd => bits(|x, y| x & y),
            BitOr => bits(|x, y| x | y),
            BitXor => bits(|x, y| x ^ y),
            ShiftLeft => bits(|x, y| x.wrapping_shl(y as u32)),
            ShiftRight => bits(|x, y| x.wrapping_shr(y as u32)),
            Less => Value::Bool(x < y),
            Greater => Value::Bool(x > y),
            AtMost => Value::Bool(x <= y),
            AtLeast => Value::Bool(x >= y),
            _ => return None,
        };
        Some(value).filter(|value| !matches!(value, Value::Number(x) if x.is_nan()))
    }

    /// Fractions stay exact while they meet fractions and whole numbers.
    fn exact(self, a: &Value, b: &Value) -> Option<Time> {
        let part = |v: &Value| match v {
            Value::Ratio(t) => Some(*t),
            Value::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 => Some(Time::int(*x as i64)),
            _ => None,
        };
        if !matches!((a, b), (Value::Ratio(_), _) | (_, Value::Ratio(_))) {
            return None;
        }
        let (a, b) = (part(a)?, part(b)?);
        match self {
            Operator::Add => Some(a + b),
            Operator::Sub => Some(a - b),
            Operator::Mul => Some(a * b),
            Operator::Div if !b.is_zero() => Some(a / b),
            _ => None,
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.number(), b.number()) {
        (Some(x), Some(y)) => x == y,
        _ => a == b,
    }
}

impl Pattern {
    /// This pattern and another, joined by an operator and aligned.
    pub fn operate(&self, operator: Operator, align: Align, other: &Pattern) -> Pattern {
        let id = Id::of(operator.word());
        let two = move |a: &Value, b: &Value| operator.apply(a, b);
        match align {
            Align::In => self.app_left(id, other, two),
            Align::Out => self.app_right(id, other, two),
            Align::Mix => self.app_both(id.text("mix"), other, two),
            Align::Squeeze => self.squeeze_bind(id.text("squeeze").on(other), inner(other, two, false)),
            Align::SqueezeOut => other.squeeze_bind(id.text("squeezeout").on(self), inner(self, two, true)),
            Align::Reset => other.restart_bind(id.text("reset").on(self), false, inner(self, two, true)),
            Align::Restart => other.restart_bind(id.text("restart").on(self), true, inner(self, two, true)),
            Align::Poly => {
                let ratio = match (self.steps(), other.steps()) {
                    (Some(a), Some(b)) if !b.is_zero() => a / b,
                    _ => Time::ONE,
                };
                let paced = other.fast_by(ratio);
                self.bind(id.text("poly").on(other), Join::Outer, inner(&paced, two, false))
            }
        }
    }

    /// The result of an operator with the rhythm from this pattern.
    pub fn operate_in(&self, operator: Operator, other: &Pattern) -> Pattern {
        self.operate(operator, Align::In, other)
    }

    pub fn add(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Add, other)
    }

    pub fn sub(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Sub, other)
    }

    pub fn mul(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Mul, other)
    }

    pub fn div(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Div, other)
    }

    /// Values (or controls) of the other where this one has haps.
    pub fn set(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Set, other)
    }

    /// Controls of the other that this one has not.
    pub fn keep(&self, other: &Pattern) -> Pattern {
        self.operate_in(Operator::Keep, other)
    }

    /// Numbers changed by a function that `word` names.
    pub(crate) fn map_numbers(&self, word: &str, f: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Pattern {
        self.map_values(Id::of(word), move |value| Some(Value::Number(f(value.numeral()?))))
    }

    /// To the nearest whole number, halves up.
    pub fn round(&self) -> Pattern {
        self.map_numbers("round", |x| (x + 0.5).floor())
    }

    pub fn floor(&self) -> Pattern {
        self.map_numbers("floor", f64::floor)
    }

    pub fn ceil(&self) -> Pattern {
        self.map_numbers("ceil", f64::ceil)
    }

    pub fn log2(&self) -> Pattern {
        self.map_numbers("log2", f64::log2)
    }

    /// From 0…1 to −1…1.
    pub fn to_bipolar(&self) -> Pattern {
        self.map_numbers("to_bipolar", |x| x * 2.0 - 1.0)
    }

    /// From −1…1 to 0…1.
    pub fn from_bipolar(&self) -> Pattern {
        self.map_numbers("from_bipolar", |x| (x + 1.0) / 2.0)
    }

    /// From 0…1 to between two numbers.
    pub fn range(&self, low: &Pattern, high: &Pattern) -> Pattern {
        self.scaled("range", low, high, |x, low, high| x * (high - low) + low)
    }

    /// From −1…1 to between two numbers.
    pub fn range2(&self, low: &Pattern, high: &Pattern) -> Pattern {
        self.from_bipolar().range(low, high)
    }

    /// From 0…1 to between two numbers above zero, in equal ratios.
    pub fn rangex(&self, low: &Pattern, high: &Pattern) -> Pattern {
        self.scaled("rangex", low, high, |x, low, high| (low.ln() + x * (high.ln() - low.ln())).exp())
    }

    fn scaled(&self, word: &'static str, low: &Pattern, high: &Pattern, f: fn(f64, f64, f64) -> f64) -> Pattern {
        self.with_args(word, &[low, high], move |p, bounds| {
            let (low, high) = (bounds[0].numeral()?, bounds[1].numeral()?);
            let id = Id::of(word).number(low).number(high);
            Some(p.map_values(id, move |x| Some(Value::Number(f(x.numeral()?, low, high)))))
        })
    }

    /// Truths the other way round.
    pub fn invert(&self) -> Pattern {
        self.map_values(Id::of("invert"), |value| Some(Value::Bool(!value.truth())))
    }

    /// `3:2` as 1.5.
    pub fn ratio(&self) -> Pattern {
        self.map_values(Id::of("ratio"), |value| match value.as_list() {
            Some([first, rest @ ..]) => {
                let start = first.number()?;
                rest.iter().try_fold(start, |x, y| Some(x / y.number()?)).map(Value::Number)
            }
            _ => Some(value.clone()),
        })
    }

    /// Words that are numbers or note names as numbers.
    pub fn as_number(&self) -> Pattern {
        self.map_numbers("as_number", |x| x)
    }
}

/// The pattern with each value joined to one from outside, which comes first unless `second`.
fn inner(
    pattern: &Pattern,
    two: impl Two + Copy,
    second: bool,
) -> impl Fn(&Value) -> Option<Pattern> + Send + Sync + 'static {
    let pattern = pattern.clone();
    move |outer| {
        let held = outer.clone();
        let id = Id::of("inner").value(outer);
        Some(pattern.map_values(id, move |value| if second { two(value, &held) } else { two(&held, value) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{mini, pure};

    #[test]
    fn a_number_added_to_controls_goes_to_their_pitch() {
        let notes = mini("c4").unwrap().map_values(Id::of("note"), |v| Some(Value::control("note", v.clone())));
        let up = notes.add(&12.into()).first_cycle();
        assert_eq!(up[0].value.get("note"), Some(&Value::Number(72.0)));
        let other = pure(Value::control("s", "bd".into())).add(&12.into()).first_cycle();
        assert_eq!(other[0].value, Value::control("s", "bd".into()));
    }

    #[test]
    fn fractions_stay_exact_beside_whole_numbers() {
        let half = Value::Ratio(Time::HALF);
        assert_eq!(Operator::Add.apply(&half, &Value::Number(1.0)), Some(Value::Ratio(Time::new(3, 2))));
        assert_eq!(Operator::Add.apply(&half, &Value::Number(0.25)), Some(Value::Number(0.75)));
        assert_eq!(Operator::Add.apply(&"x".into(), &"y".into()), Some("xy".into()));
        assert_eq!(Operator::Mul.apply(&"a9x".into(), &2.0.into()), None);
    }
}

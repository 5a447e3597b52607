//! Numbers that stay exact: `1/8` is an eighth, and fractions reckon with whole numbers and decimals.

use rhai::{Dynamic, Engine, EvalAltResult, Position};

use super::argument::exact;
use super::fault::Fault;
use crate::pattern::Time;

type Answer = Result<Dynamic, Box<EvalAltResult>>;

/// Registers the fraction, its arithmetic, and exact division of whole numbers.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Time>("fraction");
    // Rhai's own operators on whole numbers come first unless told otherwise.
    engine.set_fast_operators(false);
    engine.register_fn("/", |a: i64, b: i64| quotient(a.into(), b.into()));
    engine.register_fn("/=", |a: &mut Dynamic, b: i64| -> Result<(), Box<EvalAltResult>> {
        let left = whole_or_fraction(a).ok_or_else(|| Fault::new("`/=` expects a number").raise(Position::NONE))?;
        *a = quotient(left, b.into())?;
        Ok(())
    });
    arithmetic(engine);
    comparison(engine);
    engine.register_fn("-", |a: Time| exact(-a));
    engine.register_fn("to_string", |a: &mut Time| a.to_string());
    engine.register_fn("to_debug", |a: &mut Time| a.to_string());
    engine.register_fn("to_float", |a: &mut Time| a.to_f64());
    engine.register_fn("print", |a: &mut Time| a.to_string());
    for (name, f) in ROOTS {
        engine.register_fn(*name, move |x: i64| f(x as f64));
        engine.register_fn(*name, move |x: Time| f(x.to_f64()));
    }
    engine.register_fn("floor", |x: i64| x);
    engine.register_fn("ceiling", |x: i64| x);
    engine.register_fn("round", |x: i64| x);
    engine.register_fn("floor", |x: Time| exact(x.floor()));
    engine.register_fn("abs", |x: Time| exact(x.abs()));
    shifts(engine);
}

/// A function of a decimal.
type Real = fn(f64) -> f64;

/// Functions of decimals, for whole numbers and fractions too.
const ROOTS: &[(&str, Real)] =
    &[("sqrt", f64::sqrt), ("sin", f64::sin), ("cos", f64::cos), ("tan", f64::tan), ("exp", f64::exp), ("ln", f64::ln)];

fn whole_or_fraction(value: &Dynamic) -> Option<Time> {
    value.as_int().ok().map(Time::from).or_else(|| value.read_lock::<Time>().map(|t| *t))
}

fn quotient(a: Time, b: Time) -> Answer {
    if b.is_zero() {
        return Err(Fault::new("division by zero").raise(Position::NONE));
    }
    Ok(exact(a / b))
}

fn arithmetic(engine: &mut Engine) {
    macro_rules! exactly {
        ($($op:literal |$a:ident, $b:ident| $value:expr;)*) => {$(
            engine.register_fn($op, |$a: Time, $b: Time| -> Answer { $value });
            engine.register_fn($op, |a: Time, b: i64| -> Answer { let ($a, $b) = (a, Time::from(b)); $value });
            engine.register_fn($op, |a: i64, b: Time| -> Answer { let ($a, $b) = (Time::from(a), b); $value });
        )*};
    }
    exactly! {
        "+" |a, b| Ok(exact(a + b));
        "-" |a, b| Ok(exact(a - b));
        "*" |a, b| Ok(exact(a * b));
        "/" |a, b| quotient(a, b);
        "%" |a, b| remainder(a, b);
    }
    macro_rules! roughly {
        ($($op:literal |$a:ident, $b:ident| $value:expr;)*) => {$(
            engine.register_fn($op, |a: Time, $b: f64| { let $a = a.to_f64(); $value });
            engine.register_fn($op, |$a: f64, b: Time| { let $b = b.to_f64(); $value });
        )*};
    }
    roughly! {
        "+" |a, b| a + b;
        "-" |a, b| a - b;
        "*" |a, b| a * b;
        "/" |a, b| a / b;
        "%" |a, b| a % b;
        "**" |a, b| a.powf(b);
    }
}

fn remainder(a: Time, b: Time) -> Answer {
    let turns = a.to_f64() / b.to_f64();
    if b.is_zero() || !turns.is_finite() {
        return Err(Fault::new("remainder by zero").raise(Position::NONE));
    }
    Ok(exact(a - b * Time::from(turns.trunc() as i64)))
}

fn comparison(engine: &mut Engine) {
    macro_rules! compare {
        ($($op:literal $f:ident;)*) => {$(
            engine.register_fn($op, |a: Time, b: Time| a.$f(&b));
            engine.register_fn($op, |a: Time, b: i64| a.$f(&Time::from(b)));
            engine.register_fn($op, |a: i64, b: Time| Time::from(a).$f(&b));
            engine.register_fn($op, |a: Time, b: f64| a.to_f64().$f(&b));
            engine.register_fn($op, |a: f64, b: Time| a.$f(&b.to_f64()));
        )*};
    }
    compare! { "==" eq; "!=" ne; "<" lt; "<=" le; ">" gt; ">=" ge; }
}

/// `>>` and `^` mean graphs, and on whole numbers still what they always meant.
fn shifts(engine: &mut Engine) {
    engine.register_fn(">>", |a: i64, b: i64| -> Result<i64, Box<EvalAltResult>> {
        u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).ok_or_else(|| {
            Fault::new("expected a shift of 0 to 63 bits").hint("s(\"bd*4\") >> lowpass(800)").raise(Position::NONE)
        })
    });
    engine.register_fn("^", |a: i64, b: i64| a ^ b);
    engine.register_fn("^", |a: bool, b: bool| a ^ b);
}

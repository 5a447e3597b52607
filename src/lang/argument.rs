//! Arguments: what a script's values become when a word takes them, and what a word's answer becomes in the script.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map};

use super::callback::{Callback, Transform};
use super::desk;
use super::fault::Fault;
use super::part::Part;
use super::word::{Call, Kind, Need};
use crate::graph::Signal;
use crate::pattern::{MiniError, Origin, Pattern, Span, Time, Value, fastcat, mini_at, note_number, pure};
use crate::score::Source;

/// The arguments of one call, taken in the order of the word's parameters.
pub struct Arguments<'c, 'a> {
    call: &'c Call<'a>,
    next: usize,
    param: usize,
}

/// A type that a parameter of a word may have.
pub trait Argument<'a>: Sized {
    const KIND: Kind;
    const NEED: Need = Need::Once;
    /// The value as this type, if it is one; `Err` when it is refused for its content.
    fn of(call: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault>;
    /// Takes what it needs of the arguments that are left.
    fn take(from: &mut Arguments<'_, 'a>) -> Result<Self, Fault> {
        let value = from.call.args.get(from.next).ok_or_else(|| miscounted(from.call))?;
        from.next += 1;
        from.fit(value)
    }
}

impl<'c, 'a> Arguments<'c, 'a> {
    pub fn new(call: &'c Call<'a>) -> Self {
        Arguments { call, next: 0, param: 0 }
    }

    /// The next parameter's value.
    pub fn take<T: Argument<'a>>(&mut self) -> Result<T, Fault> {
        let value = T::take(self);
        self.param += 1;
        value
    }

    /// Refuses what no parameter took.
    pub fn finish(&self) -> Result<(), Fault> {
        if self.left() > 0 { Err(miscounted(self.call)) } else { Ok(()) }
    }

    fn left(&self) -> usize {
        self.call.args.len() - self.next
    }

    fn fit<T: Argument<'a>>(&self, value: &Dynamic) -> Result<T, Fault> {
        T::of(self.call, value)?.ok_or_else(|| unfit(self.call, self.param, T::KIND, value))
    }
}

/// Too many or too few arguments, said with the word's own signature.
pub fn miscounted(call: &Call) -> Fault {
    let (least, most) = call.word.arity();
    let receiver = usize::from(call.word.style == super::word::Style::Method);
    let count = |n: usize| match n.saturating_sub(receiver) {
        0 => "no arguments".to_string(),
        1 => "1 argument".to_string(),
        n => format!("{n} arguments"),
    };
    let expected =
        if least == most { count(least) } else { format!("{} to {}", least - receiver.min(least), count(most)) };
    let found = call.args.len().saturating_sub(receiver);
    Fault::new(format!(
        "`{}` takes {expected}, found {}",
        call.name,
        if found == 0 { "none".into() } else { found.to_string() }
    ))
    .hint(call.word.signature())
}

fn unfit(call: &Call, param: usize, kind: Kind, value: &Dynamic) -> Fault {
    let name = call.word.params.get(param).map_or("argument", |p| p.name.as_ref());
    let fault = Fault::new(format!("`{}` expects {} for {name}, found {}", call.name, kind.noun(), describe(value)));
    fault.hint(if call.word.example.is_empty() { call.word.signature() } else { call.word.example.to_string() })
}

/// A value as a musician would name it.
pub fn describe(value: &Dynamic) -> String {
    if let Some(text) = super::theory::described(value) {
        text
    } else if value.is_unit() {
        "nothing".to_string()
    } else if let Ok(n) = value.as_int() {
        format!("the number {n}")
    } else if let Ok(n) = value.as_float() {
        format!("the number {n}")
    } else if let Some(t) = value.read_lock::<Time>() {
        format!("the fraction {}", *t)
    } else if let Ok(text) = value.as_immutable_string_ref() {
        let short: String = text.chars().take(24).collect();
        format!("the text \"{short}{}\"", if text.chars().count() > 24 { "…" } else { "" })
    } else {
        kind_of(value.type_name()).to_string()
    }
}

/// A script type's name as a musician would say it.
pub fn kind_of(type_name: &str) -> &str {
    let last = type_name.rsplit("::").next().unwrap_or(type_name);
    match last {
        "i64" | "f64" | "integer" | "float" | "INT" | "FLOAT" => "a number",
        "Time" | "fraction" => "a fraction",
        "string" | "String" | "ImmutableString" | "&str" => "a text",
        "Pattern" | "pattern" => "a pattern",
        "Signal" | "sound" => "a sound",
        "Part" | "part" => "a pattern with effects",
        "FnPtr" | "Fn" | "function" => "a function",
        "array" | "Array" | "Vec" => "a list",
        "map" | "Map" => "a map",
        "bool" => "true or false",
        "()" => "nothing",
        "char" => "a character",
        "range" | "range=" => "a range",
        "Note" => "a note",
        "Interval" => "an interval",
        "Scale" => "a scale",
        "Chord" => "a chord",
        "Key" => "a key",
        "Tuning" => "a tuning",
        _ => "something else",
    }
}

/// Mini-notation as a pattern; an error points into the text.
pub fn notation(text: &str) -> Result<Pattern, Fault> {
    pointing(text, mini_at(text, origin(text), None))
}

/// Where the text being read stands in the text under evaluation, if it stands there as it is.
pub fn origin(text: &str) -> Option<Origin> {
    desk::with(|desk| desk.origin(text)).flatten()
}

/// A pattern of notes: as any, and in a text chords such as `c'maj7'ii`.
pub fn notes(value: &Dynamic) -> Result<Option<Pattern>, Fault> {
    match value.as_immutable_string_ref() {
        Ok(text) => {
            only(&text, "a note", |word| note_number(word).is_some(), note_near)?;
            pointing(&text, mini_at(&text, origin(&text), Some(&super::chord::notes))).map(Some)
        }
        Err(_) => pattern(value),
    }
}

fn pointing(text: &str, read: Result<Pattern, MiniError>) -> Result<Pattern, Fault> {
    read.map_err(|error| {
        let count = |to: usize| text.get(..to).map_or(0, |t| t.chars().count());
        let (begin, end) = (count(error.span.start), count(error.span.end));
        let fault = Fault::new(error.message).within(text, begin, end.saturating_sub(begin));
        match error.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    })
}

/// A note that may have been meant: without a letter too many, or in the spelling of the language.
fn note_near(word: &str) -> String {
    let without = (0..word.chars().count())
        .map(|skip| word.chars().enumerate().filter(|(i, _)| *i != skip).map(|(_, c)| c).collect::<String>());
    let german = word.strip_prefix(['h', 'H']).map(|rest| format!("b{rest}"));
    let near = german.into_iter().chain(without).find(|near| note_number(near).is_some());
    near.map_or("\"c eb3 f#4\"".into(), |near| format!("did you mean {near}?"))
}

/// The number a word may stand for.
fn number_near(word: &str) -> String {
    const COUNTS: [&str; 9] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"];
    match (COUNTS.iter().position(|count| count.eq_ignore_ascii_case(word)), word.to_lowercase().as_str()) {
        (Some(count), _) => count.to_string(),
        (None, "half") => "0.5".into(),
        (None, "quarter") => "0.25".into(),
        (None, "double" | "twice") => "2".into(),
        (None, "loud" | "full" | "max" | "high") => "1".into(),
        (None, "low" | "quiet" | "soft") => "0.3".into(),
        _ => "a number, such as 0.5".into(),
    }
}

/// Refuses a text in which words stand that do not fit, where they stand: `expected` says what should.
pub fn only(
    text: &str,
    expected: &str,
    fits: impl Fn(&str) -> bool,
    near: impl Fn(&str) -> String,
) -> Result<(), Fault> {
    if !text.contains(char::is_alphabetic) {
        return Ok(());
    }
    // What is no notation at all is said by whoever reads it.
    let Ok(read) = mini_at(text, Some(Origin::default()), None) else { return Ok(()) };
    for hap in read.query(Span::cycles(0, 8)) {
        let Value::Text(word) = &hap.value else { continue };
        if fits(word) {
            continue;
        }
        let fault = Fault::new(format!("{expected} expected, found `{word}`")).hint(near(word));
        return Err(match hap.places.as_slice() {
            [place, ..] if place.line == 1 => fault.within(text, place.column as usize - 1, place.length as usize),
            _ => fault,
        });
    }
    Ok(())
}

/// A pattern of numbers, or of notes that stand for theirs.
pub struct Numbers(Pattern);

impl Deref for Numbers {
    type Target = Pattern;

    fn deref(&self) -> &Pattern {
        &self.0
    }
}

/// Refuses a text with words that are no numbers.
pub fn numbers_only(value: &Dynamic) -> Result<(), Fault> {
    match value.as_immutable_string_ref() {
        Ok(text) => only(&text, "a number", |word| note_number(word).is_some(), number_near),
        Err(_) => Ok(()),
    }
}

/// A pattern of what the language takes for one: mini-notation, a number, a list (one cycle), a map of controls.
pub fn pattern(value: &Dynamic) -> Result<Option<Pattern>, Fault> {
    if let Some(p) = value.read_lock::<Pattern>() {
        return Ok(Some(p.clone()));
    }
    if let Some(part) = value.read_lock::<Part>() {
        return Ok(match &part.source {
            Source::Pattern(p) => Some(p.clone()),
            Source::Signal(_) => None,
        });
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return notation(&text).map(Some);
    }
    if let Ok(list) = value.as_array_ref() {
        let items: Result<Option<Vec<_>>, _> =
            list.iter().map(pattern).collect::<Result<Vec<_>, _>>().map(|v| v.into_iter().collect());
        return Ok(items?.map(|all| fastcat(&all)));
    }
    Ok(plain(value).map(pure))
}

/// A plain value of the pattern world, texts taken literally.
pub fn plain(value: &Dynamic) -> Option<Value> {
    if let Ok(n) = value.as_int() {
        return Some(Value::Number(n as f64));
    }
    if let Ok(n) = value.as_float() {
        return n.is_finite().then_some(Value::Number(n));
    }
    if let Ok(b) = value.as_bool() {
        return Some(Value::Bool(b));
    }
    if let Some(t) = value.read_lock::<Time>() {
        return Some(Value::Ratio(*t));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(Value::Text(Arc::from(text.as_str())));
    }
    if let Ok(list) = value.as_array_ref() {
        return list.iter().map(plain).collect::<Option<Vec<_>>>().map(Value::list);
    }
    if let Ok(map) = value.as_map_ref() {
        let entries: Option<BTreeMap<Arc<str>, Value>> =
            map.iter().map(|(k, v)| plain(v).map(|v| (Arc::from(k.as_str()), v))).collect();
        return entries.map(|m| Value::Map(Arc::new(m)));
    }
    super::theory::named(value).map(|name| Value::text(&name))
}

/// A number, exact ones included.
pub fn number(value: &Dynamic) -> Option<f64> {
    if let Ok(n) = value.as_int() {
        return Some(n as f64);
    }
    value.as_float().ok().or_else(|| value.read_lock::<Time>().map(|t| t.to_f64())).filter(|n| n.is_finite())
}

/// What a value of a pattern is in a script.
pub fn script(value: &Value) -> Dynamic {
    match value {
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Dynamic::from_int(*n as i64),
        Value::Number(n) => Dynamic::from_float(*n),
        Value::Ratio(t) => exact(*t),
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Text(t) => Dynamic::from(ImmutableString::from(t.as_ref())),
        Value::List(values) => Dynamic::from_array(values.iter().map(script).collect::<Array>()),
        Value::Map(map) => Dynamic::from_map(map.iter().map(|(k, v)| (k.as_ref().into(), script(v))).collect::<Map>()),
    }
}

/// A fraction, or the whole number it is.
pub fn exact(time: Time) -> Dynamic {
    if time.denominator() == 1 { Dynamic::from_int(time.numerator()) } else { Dynamic::from(time) }
}

macro_rules! argument {
    ($($ty:ty, $kind:ident, |$value:ident| $convert:expr;)*) => {$(
        impl<'a> Argument<'a> for $ty {
            const KIND: Kind = Kind::$kind;
            fn of(_: &Call<'a>, $value: &Dynamic) -> Result<Option<Self>, Fault> {
                $convert
            }
        }
    )*};
}

argument! {
    Pattern, Pattern, |v| pattern(v);
    f64, Number, |v| Ok(number(v));
    i64, Whole, |v| Ok(number(v).filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64));
    usize, Whole, |v| Ok(number(v).filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n)).map(|n| n as usize));
    bool, Truth, |v| Ok(v.as_bool().ok());
    Time, Time, |v| Ok(match v.read_lock::<Time>() {
        Some(t) => Some(*t),
        None => number(v).map(Time::from_f64),
    });
    Arc<str>, Text, |v| Ok(v.as_immutable_string_ref().ok().map(|t| Arc::from(t.as_str())));
    Value, Any, |v| Ok(plain(v));
    Dynamic, Any, |v| Ok(Some(v.clone()));
    Map, Any, |v| Ok(v.read_lock::<Map>().map(|map| map.clone()));
    Signal, Sound, |v| super::part::sound(v);
    Part, Sound, |v| super::part::sounding(v);
    Callback, Callback, |v| Ok(v.read_lock::<FnPtr>().and_then(|f| Callback::of(&f)));
}

impl<'a> Argument<'a> for Numbers {
    const KIND: Kind = Kind::Pattern;
    fn of(_: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        numbers_only(value)?;
        Ok(pattern(value)?.map(Numbers))
    }
}

impl<'a> Argument<'a> for Transform<'a> {
    const KIND: Kind = Kind::Transform;
    fn of(call: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        Ok(Transform::of(call.context, value))
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Option<T> {
    const KIND: Kind = T::KIND;
    const NEED: Need = Need::Optional;
    fn of(call: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        Ok(T::of(call, value)?.map(Some))
    }
    fn take(from: &mut Arguments<'_, 'a>) -> Result<Self, Fault> {
        if from.left() == 0 { Ok(None) } else { T::take(from).map(Some) }
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Vec<T> {
    const KIND: Kind = T::KIND;
    const NEED: Need = Need::Many;
    fn of(call: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        let Some(list) = value.read_lock::<Array>() else { return Ok(None) };
        list.iter().map(|item| T::of(call, item)).collect()
    }
    fn take(from: &mut Arguments<'_, 'a>) -> Result<Self, Fault> {
        if from.left() == 1 && from.call.args[from.next].is_array() {
            from.next += 1;
            return from.fit(&from.call.args[from.next - 1]);
        }
        std::iter::from_fn(|| (from.left() > 0).then(|| T::take(from))).collect()
    }
}

/// A map from names to what they stand for.
impl<'a, T: Argument<'a>> Argument<'a> for BTreeMap<String, T> {
    const KIND: Kind = Kind::Any;
    fn of(call: &Call<'a>, value: &Dynamic) -> Result<Option<Self>, Fault> {
        let Some(map) = value.read_lock::<Map>() else { return Ok(None) };
        map.iter().map(|(name, item)| Ok(T::of(call, item)?.map(|item| (name.to_string(), item)))).collect()
    }
}

/// What a word may answer.
pub trait Reply {
    fn reply(self) -> Result<Dynamic, Fault>;
}

impl<T: Reply, E: Into<Fault>> Reply for Result<T, E> {
    fn reply(self) -> Result<Dynamic, Fault> {
        self.map_err(Into::into)?.reply()
    }
}

macro_rules! reply {
    ($($ty:ty, |$value:ident| $convert:expr;)*) => {$(
        impl Reply for $ty {
            fn reply(self) -> Result<Dynamic, Fault> {
                let $value = self;
                Ok($convert)
            }
        }
    )*};
}

reply! {
    Dynamic, |v| v;
    (), |_v| Dynamic::UNIT;
    Signal, |v| Dynamic::from(v);
    Part, |v| Dynamic::from(v);
    Time, |v| exact(v);
    Value, |v| script(&v);
    f64, |v| Dynamic::from_float(v);
    i64, |v| Dynamic::from_int(v);
    bool, |v| Dynamic::from_bool(v);
    String, |v| Dynamic::from(v);
}

impl Reply for Vec<String> {
    fn reply(self) -> Result<Dynamic, Fault> {
        Ok(Dynamic::from_array(self.into_iter().map(Dynamic::from).collect()))
    }
}

impl Reply for Pattern {
    fn reply(self) -> Result<Dynamic, Fault> {
        super::limits::fits(&self)?;
        Ok(Dynamic::from(self))
    }
}

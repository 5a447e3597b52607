//! What a hap carries: a number, a fraction, a truth, a word, a list, or controls by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::time::Time;

/// Controls by name, ordered by name.
pub type Controls = BTreeMap<Arc<str>, Value>;

/// What a hap carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Ratio(Time),
    Bool(bool),
    Text(Arc<str>),
    List(Arc<[Value]>),
    /// Control name to value, ordered by name.
    Map(Arc<Controls>),
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
        Value::List(values.into_iter().collect())
    }

    /// One control by its name.
    pub fn control(name: &str, value: Value) -> Value {
        Value::Map(Arc::new(Controls::from([(name.into(), value)])))
    }

    /// The number this is or spells; truths are 1 and 0.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(x) => Some(*x),
            Value::Ratio(t) => Some(t.to_f64()),
            Value::Bool(b) => Some(f64::from(u8::from(*b))),
            Value::Text(word) => read_number(word),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The number this is or spells, note names counting as MIDI note numbers (`c` = `c3` = 48, `a4` = 69).
    pub fn numeral(&self) -> Option<f64> {
        match self {
            Value::Text(word) => read_number(word).or_else(|| note_number(word)),
            other => other.number(),
        }
    }

    /// The time this is or spells, exact where it can be.
    pub fn time(&self) -> Option<Time> {
        match self {
            Value::Number(x) => x.is_finite().then(|| Time::from_f64(*x)),
            Value::Ratio(t) => Some(*t),
            Value::Text(word) => word.parse().ok(),
            other => other.number().map(Time::from_f64),
        }
    }

    /// A whole number, rounded towards minus infinity.
    pub fn whole(&self) -> Option<i64> {
        self.number().filter(|x| x.is_finite()).map(|x| x.floor() as i64)
    }

    /// Whether this counts as a yes: everything but zero, `false`, `f`, and empty words. Rests never get here.
    pub fn truth(&self) -> bool {
        match self {
            Value::Bool(b) => *b,
            Value::Text(word) => !matches!(&**word, "" | "f" | "false"),
            Value::List(_) | Value::Map(_) => true,
            number => number.number().is_some_and(|x| x != 0.0 && !x.is_nan()),
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(word) => Some(word),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Controls> {
        match self {
            Value::Map(controls) => Some(controls),
            _ => None,
        }
    }

    /// The value of a control, if these are controls and it is among them.
    pub fn get(&self, control: &str) -> Option<&Value> {
        self.as_map()?.get(control)
    }

    /// These controls with one set; a value that is no map is left behind.
    pub fn with(&self, control: &str, value: Value) -> Value {
        let mut controls = self.as_map().cloned().unwrap_or_default();
        controls.insert(control.into(), value);
        Value::Map(Arc::new(controls))
    }

    /// The key under which a table of patterns by name holds it: `1` for the number 1, the word for a word.
    pub fn key(&self) -> String {
        self.to_string()
    }
}

/// The number a word spells: `3`, `-1.5`, `.5`, `1e3`, `0x1f`; not `inf` or `nan`.
pub fn read_number(word: &str) -> Option<f64> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    let digits = word.trim_start_matches(['-', '+', '.']);
    let spelled = digits.starts_with(|c: char| c.is_ascii_digit());
    if spelled { word.parse().ok().filter(|x: &f64| x.is_finite()) } else { None }
}

/// The MIDI note number of a name like `c`, `eb4`, `F#-1`, `gs2`: letter, accidentals (`# s` up, `b f` down), octave (3 if none).
pub fn note_number(name: &str) -> Option<f64> {
    let mut letters = name.chars();
    let pitch = match letters.next()?.to_ascii_lowercase() {
        'c' => 0,
        'd' => 2,
        'e' => 4,
        'f' => 5,
        'g' => 7,
        'a' => 9,
        'b' => 11,
        _ => return None,
    };
    let rest = letters.as_str();
    let accidentals: String = rest.chars().take_while(|c| matches!(c, '#' | 's' | 'b' | 'f')).collect();
    let shift: i32 = accidentals.chars().map(|c| if matches!(c, '#' | 's') { 1 } else { -1 }).sum();
    let octave = match &rest[accidentals.len()..] {
        "" => 3,
        digits if digits.len() <= 3 && !digits.starts_with('+') => digits.parse::<i32>().ok()?,
        _ => return None,
    };
    Some(f64::from(pitch + shift + 12 * (octave + 1)))
}

impl From<f64> for Value {
    fn from(x: f64) -> Value {
        Value::Number(x)
    }
}

impl From<i64> for Value {
    fn from(x: i64) -> Value {
        Value::Number(x as f64)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl From<Time> for Value {
    fn from(t: Time) -> Value {
        Value::Ratio(t)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Value {
        Value::text(word)
    }
}

/// As in the mini-notation: `3`, `bd`, `bd:3`; controls as `s:bd n:3`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Number(x) => write!(f, "{x}"),
            Value::Ratio(t) => write!(f, "{t}"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Text(word) => f.write_str(word),
            Value::List(values) => {
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { ":" })?;
                }
                Ok(())
            }
            Value::Map(controls) => {
                for (i, (name, value)) in controls.iter().enumerate() {
                    write!(f, "{}{name}:{value}", if i == 0 { "" } else { " " })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_names_are_midi_numbers_with_octave_three_by_default() {
        for (name, number) in
            [("c", 48.0), ("a4", 69.0), ("Eb5", 75.0), ("f#-1", 6.0), ("abb3", 55.0), ("gs2", 44.0), ("bf", 58.0)]
        {
            assert_eq!(note_number(name), Some(number), "{name}");
        }
        for word in ["", "h", "bd", "c3x", "c4.5", "e9999"] {
            assert_eq!(note_number(word), None, "{word}");
        }
    }

    #[test]
    fn t_and_f_count_as_truths() {
        for (word, truth) in [("t", true), ("f", false), ("true", true), ("false", false), ("x", true)] {
            assert_eq!(Value::text(word).truth(), truth, "{word}");
        }
        assert!(!Value::Number(0.0).truth() && Value::Number(-1.0).truth() && !Value::Bool(false).truth());
    }

    #[test]
    fn values_show_as_they_are_written() {
        let kick = Value::list([Value::text("bd"), Value::Number(3.0)]);
        assert_eq!(kick.to_string(), "bd:3");
        assert_eq!(Value::control("s", kick).with("gain", 0.5.into()).to_string(), "gain:0.5 s:bd:3");
    }
}

//! What a pattern or a value says: as JSON for machines, as words for people.

use segue::pattern::{Hap, Pattern, Span, Value};
use serde_json::{Map, Value as Json, json};

/// A pattern so dense that no list of it helps anybody.
pub const TOO_DENSE: &str = "the pattern has too many events to list; expected at most some 100000 per cycle";

/// The haps of cycles `0..cycles`, each cycle asked on its own, as a JSON list.
pub fn events(pattern: &Pattern, cycles: i64) -> Result<Json, String> {
    let mut all = Vec::new();
    for hap in haps(pattern, cycles)? {
        all.push(json!({
            "whole": hap.whole.map(span),
            "part": span(hap.part),
            "value": value(&hap.value, true),
        }));
    }
    Ok(Json::Array(all))
}

/// The haps of cycles `0..cycles`, each cycle asked on its own; `Err` says why there is no list of them.
pub fn haps(pattern: &Pattern, cycles: i64) -> Result<Vec<Hap>, String> {
    if let Some(why) = pattern.refused() {
        return Err(why);
    }
    let mut all = Vec::new();
    for cycle in 0..cycles {
        all.extend(pattern.try_query(Span::cycles(cycle, cycle + 1), 0).map_err(|_| TOO_DENSE.to_string())?);
    }
    Ok(all)
}

fn span(span: Span) -> Json {
    json!([span.begin.to_string(), span.end.to_string()])
}

/// A value as JSON. Whole numbers are whole; a fraction is `{"$frac": "1/3"}` where exactness is wanted, else a number.
pub fn value(of: &Value, exact: bool) -> Json {
    match of {
        Value::Number(x) if !x.is_finite() => {
            json!({ "$num": if x.is_nan() { "nan" } else if *x > 0.0 { "inf" } else { "-inf" } })
        }
        // 2^53: beyond it a float no longer counts in ones.
        Value::Number(x) if x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0 => json!(*x as i64),
        Value::Number(x) => json!(x),
        Value::Ratio(t) if exact => json!({ "$frac": t.to_string() }),
        Value::Ratio(t) => value(&Value::Number(t.to_f64()), false),
        Value::Bool(b) => json!(b),
        Value::Text(word) => json!(&**word),
        Value::List(items) => items.iter().map(|v| value(v, exact)).collect(),
        Value::Map(controls) => {
            Json::Object(controls.iter().map(|(name, v)| (name.to_string(), value(v, exact))).collect::<Map<_, _>>())
        }
    }
}

/// A value in the words of the language.
pub fn words(of: &Value) -> String {
    match of {
        Value::Map(controls) => {
            let each = controls.iter().map(|(name, v)| format!("{name} {}", words(v)));
            each.collect::<Vec<_>>().join(" · ")
        }
        Value::List(items) => {
            let separator = match items {
                _ if items.iter().any(|item| matches!(item, Value::List(_))) => ", ",
                _ if items.iter().all(|item| matches!(item, Value::Text(_))) => " ",
                _ => ":",
            };
            items.iter().map(words).collect::<Vec<_>>().join(separator)
        }
        Value::Number(x) if x.fract() != 0.0 => {
            let short = format!("{x:.4}");
            short.trim_end_matches('0').trim_end_matches('.').to_string()
        }
        Value::Number(x) => format!("{x}"),
        Value::Ratio(t) => t.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Text(word) => word.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::pattern::{Time, pure};

    #[test]
    fn each_cycle_is_asked_on_its_own() {
        let long = pure("a").slow(&2.into());
        let expected = json!([
            { "whole": ["0", "2"], "part": ["0", "1"], "value": "a" },
            { "whole": ["0", "2"], "part": ["1", "2"], "value": "a" },
        ]);
        assert_eq!(events(&long, 2), Ok(expected));
    }

    #[test]
    fn values_keep_their_kind() {
        let cases = [
            (Value::Number(2.0), "2"),
            (Value::Number(0.25), "0.25"),
            (Value::Number(f64::INFINITY), r#"{"$num":"inf"}"#),
            (Value::Ratio(Time::new(1, 3)), r#"{"$frac":"1/3"}"#),
            (Value::list([Value::text("bd"), Value::Number(3.0)]), r#"["bd",3]"#),
            (Value::control("s", Value::text("bd")), r#"{"s":"bd"}"#),
            (Value::Bool(true), "true"),
        ];
        for (of, expected) in cases {
            assert_eq!(value(&of, true).to_string(), expected);
        }
        assert_eq!(value(&Value::Ratio(Time::HALF), false), json!(0.5));
    }
}

//! What a pattern or a value looks like: as JSON for machines, as lines for people.

use std::fmt::Write;

use segue::pattern::{Hap, Pattern, Span, Time, Value};
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

/// Each cycle asked on its own.
fn haps(pattern: &Pattern, cycles: i64) -> Result<Vec<Hap>, String> {
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
        Value::List(items) => items.iter().map(words).collect::<Vec<_>>().join(":"),
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

/// Columns of the bar that shows where in its cycle a hap lies. 24: thirds and eighths fall on columns.
const BAR: i64 = 24;

/// The haps of some cycles for people: when, where in the cycle, what. `…` marks what began before or goes on after.
pub fn table(pattern: &Pattern, cycles: i64) -> Result<String, String> {
    let mut out = String::new();
    let mut cycle = None;
    let all = haps(pattern, cycles)?;
    for hap in &all {
        let of = hap.part.begin.cycle();
        if cycle != Some(of) {
            cycle = Some(of);
            let _ = writeln!(out, "cycle {of}");
        }
        let begins = hap.whole.is_none_or(|w| w.begin == hap.part.begin);
        let ends = hap.whole.is_none_or(|w| w.end == hap.part.end);
        let from = format!("{}{}", if begins { "" } else { "…" }, hap.part.begin);
        let to = format!("{}{}", hap.part.end, if ends { "" } else { "…" });
        let _ = writeln!(out, "{from:>8} – {to:<8} {}  {}", bar(hap, of), words(&hap.value));
    }
    if all.is_empty() {
        let _ = writeln!(out, "silence for {cycles} {}", if cycles == 1 { "cycle" } else { "cycles" });
    }
    Ok(out)
}

fn bar(hap: &Hap, cycle: i64) -> String {
    let column = |t: Time| ((t.to_f64() - cycle as f64) * BAR as f64).round().clamp(0.0, BAR as f64) as usize;
    let (from, to) = (column(hap.part.begin), column(hap.part.end));
    let to = to.max(from + 1).min(BAR as usize);
    let from = from.min(to - 1);
    let onset = hap.whole.is_some_and(|w| w.begin == hap.part.begin);
    let (first, rest) = if hap.whole.is_none() {
        ("~", "~")
    } else if onset {
        ("█", "▒")
    } else {
        ("▒", "▒")
    };
    format!("│{}{first}{}{}│", "·".repeat(from), rest.repeat(to - from - 1), "·".repeat(BAR as usize - to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::pattern::{fastcat, pure};

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

    #[test]
    fn people_see_when_where_and_what() {
        let shown = table(&fastcat(&[pure("bd"), pure("sd")]), 1).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "cycle 0");
        assert_eq!(lines[1], format!("       0 – 1/2      │█{}{}│  bd", "▒".repeat(11), "·".repeat(12)));
        assert!(lines[2].ends_with("sd") && lines.len() == 3);
        assert_eq!(table(&segue::pattern::silence(), 2).unwrap(), "silence for 2 cycles\n");
    }
}

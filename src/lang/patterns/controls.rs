//! The control table as words: every control is a method, and those that start a pattern are functions, too.

use std::sync::Arc;

use rhai::Dynamic;

use crate::lang::argument::{self, Arguments, Reply};
use crate::lang::fault::Fault;
use crate::lang::prose::Prose;
use crate::lang::word::{Kind, Need, Parameter, Range, Style, Word, words};
use crate::pattern::{self, Control, Digest, Pattern, Value, controls};

/// Controls that start a pattern; of the others, the plain name is free for sounds.
const STARTING: [&str; 5] = ["s", "n", "note", "freq", "chord"];

pub fn words() -> Vec<Word> {
    let mut all: Vec<Word> = controls().iter().map(method).collect();
    all.extend(controls().iter().filter(|c| STARTING.contains(&c.name)).map(function));
    all.extend(naming());
    all
}

fn naming() -> Vec<Word> {
    words! { "controls":
        /// Names the parts of lists such as `bd:3`: "s:n" makes them controls.
        ///
        ///     mini("bd:3 sd:1").as("s:n")
        method as | as_controls (pattern: Pattern, names: Arc<str>) {
            pattern.as_controls(&names.split([':', ' ']).filter(|name| !name.is_empty()).collect::<Vec<_>>())
        }

        /// The colour of each event where patterns are drawn, by hue (one turn is 1), saturation and lightness, 0 to 1.
        ///
        ///     s("hh*8").hsl(saw, 0.8, 0.6)
        method hsl (pattern: Pattern, hue: Pattern, saturation: Pattern, lightness: Pattern) {
            coloured(&pattern, &[hue, saturation, lightness])
        }

        /// As `hsl`, with how solid the colour is, 0 to 1.
        ///
        ///     s("hh*8").hsla(saw, 0.8, 0.6, 0.5)
        method hsla (pattern: Pattern, hue: Pattern, saturation: Pattern, lightness: Pattern, alpha: Pattern) {
            coloured(&pattern, &[hue, saturation, lightness, alpha])
        }

        /// Sets any control by its name, also one that only a certain instrument has.
        ///
        ///     s("bd*4").ctrl("pan", "0 1")
        method ctrl (pattern: Pattern, name: Arc<str>, values: Pattern) { pattern.with_control(&name, &values) }
    }
}

/// Hue, saturation, lightness and perhaps alpha as a colour of CSS, level 4.
fn coloured(pattern: &Pattern, parts: &[Pattern]) -> Pattern {
    let named = pattern::lists(parts).map_with(Digest::new().text("hsl").finish(), |value| {
        let numbers: Vec<f64> = value.as_list()?.iter().filter_map(Value::number).collect();
        let [hue, saturation, lightness, ref alpha @ ..] = numbers[..] else { return None };
        let alpha = alpha.first().map_or(String::new(), |alpha| format!(" / {alpha}"));
        let round = |x: f64| (x * 100.0).round() / 100.0;
        let (saturation, lightness) = (round(saturation * 100.0), round(lightness * 100.0));
        Some(Value::text(&format!("hsl({} {saturation}% {lightness}%{alpha})", round(hue.rem_euclid(1.0) * 360.0))))
    });
    pattern.with_control("color", &named)
}

/// What a control is, as a sentence.
fn doc(control: &Control) -> String {
    let unit = if control.unit.is_empty() { String::new() } else { format!(", in {}", control.unit) };
    let mut letters = control.doc.chars();
    let doc: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    format!("{doc}{unit}.")
}

fn base(control: &'static Control, style: Style, params: Vec<Parameter>) -> Word {
    Word {
        name: control.name.into(),
        aliases: control.aliases.iter().map(|alias| (*alias).into()).collect(),
        category: format!("controls: {}", control.category).into(),
        doc: Prose::told(|| doc(control)),
        example: Prose::told(move || example(control, style)),
        style,
        params,
        code: None,
    }
}

fn values(control: &Control, need: Need) -> Parameter {
    let range = control.default.map(|default| Range {
        unit: control.unit,
        low: control.low,
        high: control.high,
        default: Some(default),
    });
    Parameter { name: "values".into(), kind: Kind::Pattern, need, range }
}

/// `p.cutoff(800)`; without an argument the values before the dot become the control's.
fn method(control: &'static Control) -> Word {
    let receiver = Parameter { name: "pattern".into(), kind: Kind::Pattern, need: Need::Once, range: None };
    let mut word = base(control, Style::Method, vec![receiver, values(control, Need::Optional)]);
    word.code = Some(Arc::new(move |call| {
        let mut taken = Arguments::new(call);
        if control.name == "note" {
            return notes_after_dot(&mut taken, control).and_then(Reply::reply);
        }
        let pattern: Pattern = taken.take()?;
        if let Some(value) = call.args.get(1).filter(|_| control.default.is_some()) {
            argument::numbers_only(value)?;
        }
        let values: Option<Pattern> = taken.take()?;
        taken.finish()?;
        match values {
            Some(values) => pattern.with_control(control.name, &values).reply(),
            None => pattern.as_control(control).reply(),
        }
    }));
    word
}

/// `n("0 2 4")`.
fn function(control: &'static Control) -> Word {
    let mut word = base(control, Style::Function, vec![values(control, Need::Once)]);
    word.code = Some(Arc::new(move |call| {
        let mut taken = Arguments::new(call);
        let values = if control.name == "note" { noted(&mut taken)? } else { taken.take()? };
        taken.finish()?;
        values.as_control(control).reply()
    }));
    word
}

/// `p.note("c'maj e'min")`, `"c'maj e'min".note()`.
fn notes_after_dot(taken: &mut Arguments, control: &'static Control) -> Result<Pattern, Fault> {
    let (receiver, values): (Dynamic, Option<Dynamic>) = (taken.take()?, taken.take()?);
    taken.finish()?;
    let read = |notes: bool, value: &Dynamic| {
        let pattern = if notes { argument::notes(value)? } else { argument::pattern(value)? };
        pattern.ok_or_else(|| {
            let found = argument::describe(value);
            Fault::new(format!("`note` expects a pattern, found {found}")).hint("note(\"c e g\")")
        })
    };
    match values {
        Some(values) => Ok(read(false, &receiver)?.with_control(control.name, &read(true, &values)?)),
        None => Ok(read(true, &receiver)?.as_control(control)),
    }
}

/// The next argument as notes.
fn noted(taken: &mut Arguments) -> Result<Pattern, Fault> {
    let value: Dynamic = taken.take()?;
    argument::notes(&value)?.ok_or_else(|| {
        let found = argument::describe(&value);
        Fault::new(format!("`note` expects a pattern for values, found {found}")).hint("note(\"c e g\")")
    })
}

fn example(control: &Control, style: Style) -> String {
    let name = control.name;
    if style == Style::Function {
        return match name {
            "s" => "s(\"bd*2 [sd cp]\")".into(),
            "n" => "n(\"0 2 4\").scale(\"C:minor\")".into(),
            "chord" => "chord(\"<Am7 Dm7>\").voicing()".into(),
            "freq" => "freq(\"220 330\")".into(),
            _ => "note(\"c e g\")".into(),
        };
    }
    let value = match name {
        "s" => return "note(\"c e g\").s(\"saw\")".into(),
        "n" => return "s(\"bd*4\").n(\"<0 1>\")".into(),
        "note" => return "s(\"saw\").note(\"c e g\")".into(),
        "chord" => return "n(\"0 1 2\").chord(\"Am7\").voicing()".into(),
        "dictionary" | "anchor" | "mode" | "octaves" | "offset" => {
            let value = match name {
                "dictionary" => "\"lefthand\"",
                "anchor" => "\"c5\"",
                "mode" => "\"above\"",
                _ => "1",
            };
            return format!("chord(\"<Am7 Dm7>\").{name}({value}).voicing()");
        }
        "freq" => "\"220 330\"".into(),
        "bank" => "\"tr909\"".into(),
        "vowel" => "\"<a e i o>\"".into(),
        "ftype" => "\"ladder\"".into(),
        "unit" => "\"c\"".into(),
        "color" => "\"red\"".into(),
        "adsr" => "\"0.01:0.1:0.5:0.2\"".into(),
        "ad" | "ds" | "ar" => "\"0.01:0.2\"".into(),
        "midiport" | "midicmd" | "midimap" | "oschost" | "iresponse" | "fmenv" | "fmwave" | "zzfx" => "\"a\"".into(),
        "lpshape" | "hpshape" | "bpshape" | "tremoloshape" => "\"tri\"".into(),
        _ => number(control),
    };
    let source = if control.category.starts_with("sample") || control.category == "sound" {
        "s(\"bd*4\")"
    } else {
        "note(\"c e g\")"
    };
    format!("{source}.{name}({value})")
}

/// A number well inside the range, and audibly not the default.
fn number(control: &Control) -> String {
    let (low, high) = (control.low, control.high);
    let value = match control.unit {
        "Hz" if high > 1000.0 => 800.0,
        "Hz" => 4.0,
        "dB" => -20.0_f64.max(low),
        _ if low < 0.0 && high > 8.0 => 2.0,
        _ if high <= 1.0 => 0.4,
        _ => 1.5_f64.min(high),
    };
    let value = value.clamp(low, high);
    if value == value.floor() { format!("{}", value as i64) } else { format!("{value}") }
}

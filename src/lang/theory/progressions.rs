//! Progressions as patterns: roman numerals in a key, a chord a cycle.

use crate::lang::argument;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::pattern::{Digest, Hap, Origin, Pattern, Place, Places, Value, cat, fastcat, pure};
use crate::theory::Key;

use std::sync::Arc;

/// The most chords of a progression.
const MOST: usize = 1024;

pub fn words() -> Vec<Word> {
    words! { "harmony":
        /// Roman numerals in a key as chords, one a cycle; between bars (`"ii V | I"`) a bar takes one cycle. A text with `<` or
        /// `[` is mini-notation. The chords are as `chord()` gives them: `.voicing()` makes notes of them.
        ///
        ///     progression("C:major", "ii7 V7 Imaj7").voicing()
        function progression | prog (key: Key, numerals: Arc<str>) {
            if numerals.contains(['<', '[', '{', '(', '*', '!', '~']) { notated(key, &numerals)? } else { told(&key, &numerals)? }
        }
    }
}

/// Numerals with blanks between them, perhaps in bars.
fn told(key: &Key, numerals: &str) -> Result<Pattern, Fault> {
    let mut bars: Vec<Vec<Pattern>> = Vec::new();
    let origin = argument::origin(numerals);
    for bar in pieces(numerals, 0, '|') {
        let words = pieces(bar.1, bar.0, ' ');
        let chords = words.into_iter().map(|(at, numeral)| {
            let fault = |fault: Fault| fault.within(numerals, numerals[..at].chars().count(), numeral.chars().count());
            let place = origin.map(|origin| place(origin, numerals, at, numeral));
            Ok(placed(chord(key, numeral).map_err(fault)?, place))
        });
        bars.push(chords.collect::<Result<Vec<Pattern>, Fault>>()?);
    }
    bars.retain(|bar| !bar.is_empty());
    if bars.is_empty() || bars.iter().map(Vec::len).sum::<usize>() > MOST {
        let fault = Fault::new(format!("`progression` expects 1 to {MOST} roman numerals, found \"{numerals}\""));
        return Err(fault.hint("progression(\"C:major\", \"ii V I\")"));
    }
    let barred = numerals.contains('|');
    Ok(if barred { cat(&bars.iter().map(|bar| fastcat(bar)).collect::<Vec<_>>()) } else { cat(&bars.concat()) })
}

/// What stands between separators, each with its place in the whole; a blank stands for any white space.
fn pieces(text: &str, from: usize, separator: char) -> Vec<(usize, &str)> {
    let parts = text.split(|c: char| c == separator || (separator == ' ' && (c.is_whitespace() || c == ',')));
    let parts = parts.map(|part| (from + part.as_ptr() as usize - text.as_ptr() as usize, part));
    parts.filter(|(_, part)| !part.trim().is_empty()).collect()
}

/// Where a numeral stands in the text the whole stands in.
fn place(origin: Origin, numerals: &str, at: usize, numeral: &str) -> Place {
    let before = &numerals[..at];
    let lines = before.matches('\n').count() as u32;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32;
    Place {
        source: origin.source,
        line: origin.line + lines,
        column: if lines == 0 { origin.column + column } else { column + 1 },
        length: numeral.chars().count() as u32,
    }
}

/// A value every cycle that knows where it was written.
fn placed(value: Value, place: Option<Place>) -> Pattern {
    let Some(place) = place else { return pure(value) };
    pure(value)
        .rewrite_with(Digest::new().text("placed").finish(), move |hap| vec![Hap { places: Places::one(place), ..hap }])
}

/// Numerals in mini-notation.
fn notated(key: Key, numerals: &str) -> Result<Pattern, Fault> {
    argument::only(numerals, "a roman numeral", |word| key.chord(word).is_ok(), |_| "ii V I".into())?;
    let words = argument::notation(numerals)?;
    let identity = Digest::new().text("progression").text(&key.name()).finish();
    Ok(words.map_with(identity, move |value| chord(&key, &value.to_string()).ok()))
}

fn chord(key: &Key, numeral: &str) -> Result<Value, Fault> {
    Ok(Value::control("chord", Value::text(&key.chord(numeral)?.symbol())))
}

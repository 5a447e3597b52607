//! The laws: cutting a query never changes its haps, and every text is read or refused with a place and a remedy.

use std::collections::BTreeMap;

use segue::pattern::{Hap, Pattern, Place, Span, Time, TooDense, Value, mini};

/// Haps of one query beyond which a case is left out: comparing them takes longer than it is worth.
const MOST: usize = 2000;

/// What of a whole with a value is there: how many more pieces of it begin than end at each time. Pieces that meet cancel out.
/// Signals have no whole: they say what they are where a question begins, and another question is another sample.
type Events = BTreeMap<((Moment, Moment), String), BTreeMap<Moment, i64>>;

/// A time as closely as it counts: what does not fit into a fraction falls to the nearest one, in the cut or in the whole.
type Moment = i64;

/// On a grid of a millionth of a cycle that no time anybody writes lies between.
fn moment(time: Time) -> Moment {
    (time.to_f64() * 1_000_003.7).round() as Moment
}

/// The value as text to six places: sums of floats may differ in the last.
fn shown(value: &Value) -> String {
    match value {
        Value::Number(x) => format!("{:.6}", x + 0.0),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(":"),
        Value::Map(map) => map.iter().map(|(name, v)| format!("{name}={} ", shown(v))).collect(),
        other => other.to_string(),
    }
}

/// The haps of a span; none where there are too many.
fn ask(pattern: &Pattern, span: Span) -> Option<Vec<Hap>> {
    let haps: Result<_, TooDense> = pattern.try_query(span, 0);
    haps.ok().filter(|haps| haps.len() <= MOST)
}

/// The pieces of each hap put together.
fn events<'a>(haps: impl IntoIterator<Item = &'a Hap>) -> Events {
    let mut events = Events::new();
    for hap in haps {
        let Some(whole) = hap.whole else { continue };
        let pieces = events.entry(((moment(whole.begin), moment(whole.end)), shown(&hap.value))).or_default();
        *pieces.entry(moment(hap.part.begin)).or_default() += 1;
        *pieces.entry(moment(hap.part.end)).or_default() -= 1;
    }
    events.values_mut().for_each(|pieces| pieces.retain(|_, more| *more != 0));
    events.retain(|_, pieces| !pieces.is_empty());
    events
}

/// Whether a cut changes nothing; else what there is whole and what there is in two.
///
/// # Errors
/// Where the law is broken: what each side has that the other lacks.
pub fn splits(pattern: &Pattern, begin: Time, cut: Time, end: Time) -> Result<(), String> {
    let spans = [Span::new(begin, end), Span::new(begin, cut), Span::new(cut, end)];
    let [Some(whole), Some(first), Some(second)] = spans.map(|span| ask(pattern, span)) else { return Ok(()) };
    let (whole, halves) = (events(&whole), events(first.iter().chain(&second)));
    if whole == halves {
        return Ok(());
    }
    let only = |a: &Events, b: &Events| {
        format!("{:?}", a.iter().filter(|(key, pieces)| b.get(key) != Some(pieces)).take(4).collect::<Vec<_>>())
    };
    let (lost, gained) = (only(&whole, &halves), only(&halves, &whole));
    Err(format!("cut {begin} to {end} at {cut}\n  only whole:  {lost}\n  only halves: {gained}"))
}

/// Whether a text is read or refused as every text must be: a pattern that keeps the law and knows its letters, or a reason
/// with its place. Whoever follows the hints, at most four for each letter, comes to an end.
///
/// # Errors
/// What is wrong with the answer.
pub fn well_read(text: &str, cuts: &[(Time, Time, Time)]) -> Result<(), String> {
    let mut text = text.to_string();
    for _ in 0..4 * text.len() + 8 {
        let error = match mini(&text) {
            Ok(pattern) => return well_made(&text, &pattern, cuts).map_err(|why| format!("{text:?}: {why}")),
            Err(error) => error,
        };
        if text.get(error.span.clone()).is_none() || error.message.is_empty() {
            return Err(format!("no reason or no place in {text:?}: {error:?}"));
        }
        match error.hint {
            Some(hint) => text = hint,
            None => return Ok(()),
        }
    }
    Err(format!("hints without end: {text:?}"))
}

/// Whether the pattern of a text keeps the law, and its haps lie in the query and were written in the text.
fn well_made(text: &str, pattern: &Pattern, cuts: &[(Time, Time, Time)]) -> Result<(), String> {
    for (begin, cut, end) in cuts {
        splits(pattern, *begin, *cut, *end)?;
        for hap in ask(pattern, Span::new(*begin, *end)).unwrap_or_default() {
            let lines: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
            let written = |place: &Place| {
                let (line, before) = (place.line as usize, place.column as usize - 1);
                (1..=lines.len()).contains(&line) && before + place.length as usize <= lines[line - 1]
            };
            if hap.places.as_slice().is_empty() || !hap.places.as_slice().iter().all(written) {
                return Err(format!("{hap:?} was written nowhere"));
            }
            lies_in(&hap, *begin, *end)?;
        }
    }
    Ok(())
}

/// Whether a hap's part lies in the query and in its whole.
fn lies_in(hap: &Hap, begin: Time, end: Time) -> Result<(), String> {
    let part = hap.part;
    let inside = |outer: Span| moment(outer.begin) <= moment(part.begin) && moment(part.end) <= moment(outer.end);
    let well = part.begin <= part.end && inside(Span::new(begin, end)) && hap.whole.is_none_or(inside);
    well.then_some(()).ok_or_else(|| format!("{hap:?} lies outside of {begin} to {end} or of itself"))
}

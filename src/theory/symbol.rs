//! Chord symbols: what stands after the root, looked up in the table or put together from a base and its changes.

use super::Interval;
use super::interval::natural;
use super::qualities::{QUALITIES, Quality};

/// A symbol read: the quality's usual spelling, its name, and the intervals above the root.
pub struct Symbol {
    pub quality: String,
    pub name: String,
    pub intervals: Vec<Interval>,
}

/// The longest symbol that is put together; longer ones are nobody's.
const LONGEST: usize = 32;

/// Reads what follows a root: `m7b5`, `7(b9,#11)`, `maj7add13`, `m7no5`.
pub fn read(text: &str) -> Option<Symbol> {
    if let Some(quality) = find(text) {
        return Some(of(quality));
    }
    if text.len() > LONGEST {
        return None;
    }
    if text.matches('(').count() != text.matches(')').count() || text.starts_with(')') || text.ends_with('(') {
        return None;
    }
    let plain: String = text.chars().filter(|c| !matches!(c, '(' | ')' | ',' | ' ')).collect();
    let plain = plain.replace('♭', "b").replace('♯', "#");
    if plain.is_empty() {
        return None;
    }
    if let Some(quality) = find(&plain) {
        return Some(of(quality));
    }
    let intervals = compose(&plain)?;
    Some(match spelled(&intervals) {
        Some(quality) => Symbol { intervals, ..of(quality) },
        None => Symbol { name: plain.clone(), quality: plain, intervals },
    })
}

/// What the table says of a quality.
pub fn of(quality: &Quality) -> Symbol {
    let first = quality.symbols.split(' ').next().unwrap_or_default();
    Symbol {
        quality: first.trim_start_matches('_').to_string(),
        name: quality.name.to_string(),
        intervals: intervals(quality),
    }
}

/// The intervals of a row, as it stacks them.
pub fn intervals(quality: &Quality) -> Vec<Interval> {
    quality.intervals.split(' ').filter_map(|i| Interval::parse(i).ok()).collect()
}

/// The quality of a spelling, written as in the table.
fn find(symbol: &str) -> Option<&'static Quality> {
    let wanted = if symbol.is_empty() { "_" } else { symbol };
    QUALITIES.iter().find(|q| q.symbols.split(' ').any(|s| s == wanted))
}

/// The quality with just these intervals.
fn spelled(wanted: &[Interval]) -> Option<&'static Quality> {
    QUALITIES.iter().find(|q| intervals(q) == wanted)
}

/// The longest base of the table whose rest is a row of changes.
fn compose(text: &str) -> Option<Vec<Interval>> {
    let bases = (0..text.len()).rev().filter(|&end| text.is_char_boundary(end));
    bases.filter_map(|end| Some((find(&text[..end])?, &text[end..]))).find_map(|(base, rest)| {
        let mut notes = intervals(base);
        change(&mut notes, rest)?;
        notes.sort_by_key(|i| (i.steps, i.semitones));
        notes.dedup();
        Some(notes)
    })
}

/// Applies changes such as `add9`, `no5`, `b9`, `#11`, `sus4`, `maj7` one after another.
fn change(notes: &mut Vec<Interval>, rest: &str) -> Option<()> {
    let mut rest = rest;
    while !rest.is_empty() {
        rest = if let Some(after) = rest.strip_prefix("sus") {
            let steps = if after.starts_with('2') { 1 } else { 3 };
            notes.retain(|i| i.steps != 2);
            notes.push(Interval { steps, semitones: natural(steps) });
            after.trim_start_matches(['2', '4'])
        } else if let Some(after) = rest.strip_prefix("no").or(rest.strip_prefix("omit")) {
            let (degree, after) = number(after)?;
            notes.retain(|i| i.steps % 7 != (degree - 1) % 7);
            after
        } else if let Some(after) = ["maj7", "Maj7", "M7", "^7", "Δ"].iter().find_map(|m| rest.strip_prefix(m)) {
            notes.retain(|i| i.steps != 6);
            notes.push(Interval { steps: 6, semitones: 11 });
            after
        } else {
            let (added, after) = rest.strip_prefix("add").map_or((false, rest), |after| (true, after));
            let (sign, after) = match after.chars().next()? {
                'b' | '-' => (-1, &after[1..]),
                '#' | '+' => (1, &after[1..]),
                _ if added => (0, after),
                _ => return None,
            };
            let (degree, after) = number(after)?;
            let steps = degree - 1;
            if !added {
                notes.retain(|i| *i != Interval { steps, semitones: natural(steps) });
            }
            // Beside a sharp fourth or a flat sixth the fifth stays; a changed fifth takes its place.
            notes.push(Interval { steps, semitones: natural(steps) + sign });
            after
        };
    }
    Some(())
}

/// A degree of a chord, 2 to 13, and what follows it.
fn number(text: &str) -> Option<(i32, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // "no5" before "9": two digits only where they are one of the chord's.
    let take = if text.starts_with("10") || text.starts_with("11") || text.starts_with("13") { 2 } else { 1 };
    let degree = text.get(..take.min(digits))?.parse().ok()?;
    matches!(degree, 2..=7 | 9 | 11 | 13).then(|| (degree, &text[take.min(digits)..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> String {
        read(text).unwrap().intervals.iter().map(Interval::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_in_no_table_is_put_together() {
        assert_eq!(notes("7(b9,#11)"), "P1 M3 P5 m7 m9 A11");
        assert_eq!(notes("9no3"), "P1 P5 m7 M9");
        assert_eq!(notes("m9add11"), "P1 m3 P5 m7 M9 P11");
        assert_eq!(notes("maj9sus2"), "P1 M2 P5 M7 M9");
        assert_eq!(notes("13b9b5"), "P1 M3 d5 m7 m9 M13");
        assert_eq!(notes("m(maj7)"), "P1 m3 P5 M7");
    }

    #[test]
    fn what_is_put_together_has_its_usual_name_where_it_has_one() {
        assert_eq!(read("7(b9)").unwrap().quality, "7b9");
        assert_eq!(read("mmaj7").unwrap().name, "minor/major seventh");
        assert_eq!(read("m7b5add9").unwrap().quality, "m7b5add9");
    }

    #[test]
    fn what_is_no_symbol_is_none() {
        for text in ["x", "7b", "add", "no", "maj77", "7b8", "((", "sus4x", "add99999999999"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}

//! The grid: a pattern drawn with time across and a row per value, high notes above low ones, cycles wrapped like systems of a score.

use std::fmt::Write;

use segue::pattern::{Hap, Pattern, Span, Time, Value, note_number, read_number};
use segue::theory::note::Note;

use super::answer::{haps, words};
use super::screen::{Manner, WIDTH};

/// The widest label; longer ones are cut.
const LABEL: usize = 24;
/// Columns of a cycle that does not need more.
const CYCLE: i64 = 16;
/// Rows of a curve.
const LEVELS: usize = 9;

/// What the cells are drawn with.
pub struct Ink {
    onset: char,
    held: char,
    rest: char,
    bar: char,
    cut: char,
}

pub const BLOCKS: Ink = Ink { onset: '█', held: '▒', rest: '·', bar: '│', cut: '…' };
pub const PLAIN: Ink = Ink { onset: '#', held: '=', rest: '.', bar: '|', cut: '~' };

/// The first cycles of a pattern in the manner of the terminal; `Err` says why they cannot be drawn.
pub fn shown(pattern: &Pattern, cycles: i64, manner: Manner) -> Result<String, String> {
    match manner {
        Manner::Drawn => draw(pattern, cycles, &BLOCKS),
        Manner::Letters => draw(pattern, cycles, &PLAIN),
        Manner::Spoken => tell(pattern, cycles),
    }
}

/// Events of a cycle that are told; a listener has had enough then.
const TOLD: usize = 64;

/// The first cycles of a pattern in words: what begins in each, and when.
fn tell(pattern: &Pattern, cycles: i64) -> Result<String, String> {
    let haps = haps(pattern, cycles)?;
    if haps.iter().all(|hap| hap.whole.is_none()) && !haps.is_empty() {
        return Ok(tell_curve(pattern, cycles));
    }
    let cycle = |cycle: i64| {
        let inside = Span::cycles(cycle, cycle + 1);
        let begins = |hap: &&Hap| hap.has_onset() && hap.part.begin >= inside.begin && hap.part.begin < inside.end;
        let mut all: Vec<&Hap> = haps.iter().filter(begins).collect();
        all.sort_by_key(|hap| hap.part.begin);
        let told = |hap: &&Hap| format!("{} at {}", named(&hap.value).2, hap.part.begin - Time::int(cycle));
        let more = if all.len() > TOLD { format!(", and {} more", all.len() - TOLD) } else { String::new() };
        match &all[..] {
            [] => format!("cycle {cycle}: nothing begins"),
            all => {
                let told: Vec<String> = all.iter().take(TOLD).map(told).collect();
                format!("cycle {cycle}: {}{more}", told.join(", "))
            }
        }
    };
    let mut lines: Vec<String> = (0..cycles).map(cycle).collect();
    lines.extend(others(&haps));
    Ok(lines.join("\n"))
}

/// A signal of numbers at the quarters of each cycle.
fn tell_curve(pattern: &Pattern, cycles: i64) -> String {
    let at =
        |time: Time| pattern.query(Span::new(time, time)).first().map_or("nothing".into(), |hap| words(&hap.value));
    let cycle = |cycle: i64| {
        let told: Vec<String> =
            (0..4).map(|i| format!("{} at {}", at(Time::int(cycle) + Time::new(i, 4)), Time::new(i, 4))).collect();
        format!("cycle {cycle}: {}", told.join(", "))
    };
    (0..cycles).map(cycle).collect::<Vec<_>>().join("\n")
}

/// A row of the drawing: its cells cycle by cycle.
struct Row {
    label: String,
    cells: Vec<Vec<char>>,
}

/// The first cycles of a pattern; `Err` says why they cannot be drawn.
pub fn draw(pattern: &Pattern, cycles: i64, ink: &Ink) -> Result<String, String> {
    let haps = haps(pattern, cycles)?;
    if haps.is_empty() {
        return Ok(format!("silence for {cycles} {}", if cycles == 1 { "cycle" } else { "cycles" }));
    }
    if haps.iter().all(|hap| hap.whole.is_none())
        && let Some(curve) = curve(pattern, cycles, ink)
    {
        return Ok(systems(&curve, true, ink).trim_end().to_string());
    }
    let voices = voices(&haps);
    let width = voices.iter().map(|v| v.label.chars().count()).max().unwrap_or(0).min(LABEL);
    let (columns, exact) = columns(&haps, WIDTH - width - 3);
    let row = |voice: &Voice| Row {
        label: voice.label.clone(),
        cells: (0..cycles).map(|cycle| cells(&voice.haps, cycle, columns, ink)).collect(),
    };
    let mut out = systems(&voices.iter().map(row).collect::<Vec<_>>(), false, ink);
    let nearest = if exact { "" } else { ", to the nearest" };
    let _ = write!(out, "a column is 1/{columns} of a cycle{nearest}");
    others(&haps).iter().for_each(|line| out.extend(["\n", line]));
    Ok(out)
}

/// The haps of one value.
struct Voice<'a> {
    label: String,
    /// The sound it is of, and its pitch.
    sound: String,
    pitch: Option<f64>,
    haps: Vec<&'a Hap>,
}

/// A voice per value: sounds in the order of appearance, in each the high pitches first.
fn voices(haps: &[Hap]) -> Vec<Voice<'_>> {
    let mut voices: Vec<Voice> = Vec::new();
    for hap in haps {
        let (sound, pitch, label) = named(&hap.value);
        match voices.iter_mut().find(|v| v.label == label) {
            Some(voice) => voice.haps.push(hap),
            None => voices.push(Voice { label, sound, pitch, haps: vec![hap] }),
        }
    }
    let mut sounds: Vec<String> = Vec::new();
    for voice in &voices {
        if !sounds.contains(&voice.sound) {
            sounds.push(voice.sound.clone());
        }
    }
    // `a b c` are pitches, but not where `bd` stands beside them.
    let pitched = |sound: &str| voices.iter().filter(|v| v.sound == sound).all(|v| v.pitch.is_some());
    let pitched: Vec<bool> = sounds.iter().map(|sound| pitched(sound)).collect();
    voices.sort_by(|a, b| {
        let group = |v: &Voice| sounds.iter().position(|s| *s == v.sound).unwrap_or(0);
        let height = |v: &Voice| if pitched[group(v)] { -v.pitch.unwrap_or(0.0) } else { 0.0 };
        group(a).cmp(&group(b)).then(height(a).total_cmp(&height(b)))
    });
    voices
}

/// The sound, the pitch and the label of a value.
fn named(value: &Value) -> (String, Option<f64>, String) {
    let (sound, note, number) = (value.get("s"), value.get("note"), value.get("n"));
    if value.as_map().is_none() {
        let pitch = match value {
            Value::Text(word) => read_number(word).or_else(|| note_number(word)),
            other => other.number(),
        };
        return (String::new(), pitch, words(value));
    }
    let sound = sound.map(words).unwrap_or_default();
    let (pitch, name) = match (note, number) {
        (Some(note), _) => (note.numeral(), pitch_name(note)),
        (None, Some(n)) if sound.is_empty() => (n.numeral(), format!("n {}", words(n))),
        (None, Some(n)) => (n.numeral(), format!(":{}", words(n))),
        (None, None) if sound.is_empty() => return (String::new(), None, words(value)),
        (None, None) => return (sound.clone(), None, sound),
    };
    let gap = if sound.is_empty() || name.starts_with(':') { "" } else { " " };
    let label = format!("{sound}{gap}{name}");
    (sound, pitch, label)
}

fn pitch_name(note: &Value) -> String {
    match note.number() {
        Some(x) if x.fract() == 0.0 && x.abs() < 1000.0 => Note::from_midi(x as i32).to_string().to_lowercase(),
        _ => words(note).to_lowercase(),
    }
}

/// Columns per cycle, and whether every onset falls on one.
fn columns(haps: &[Hap], room: usize) -> (i64, bool) {
    let room = room as i64;
    let mut grain = 1;
    for hap in haps.iter().filter(|hap| hap.has_onset()) {
        grain = Time::int(grain).least_common_multiple(Time::int(hap.part.begin.denominator())).numerator();
        if grain > room {
            return ([48, 32, 24].into_iter().find(|n| *n <= room).unwrap_or(CYCLE), false);
        }
    }
    ((CYCLE + grain - 1) / grain * grain, true)
}

fn cells(haps: &[&Hap], cycle: i64, columns: i64, ink: &Ink) -> Vec<char> {
    let mut cells = vec![ink.rest; columns as usize];
    let column = |t: Time| ((t - Time::int(cycle)) * Time::int(columns)).floor().numerator().clamp(0, columns) as usize;
    let inside = Span::cycles(cycle, cycle + 1);
    for hap in haps.iter().filter(|hap| hap.part.begin >= inside.begin && hap.part.begin < inside.end) {
        let from = column(hap.part.begin);
        let to = column(hap.part.end).clamp(from + 1, columns as usize);
        cells[from..to].iter_mut().filter(|cell| **cell != ink.onset).for_each(|cell| *cell = ink.held);
        if hap.has_onset() {
            cells[from] = ink.onset;
        }
    }
    cells
}

/// A signal of numbers as a curve, the highest level first.
fn curve(pattern: &Pattern, cycles: i64, ink: &Ink) -> Option<Vec<Row>> {
    // A multiple of four, so that the quarters of a cycle, where waves turn, are drawn.
    let columns = (((WIDTH - LABEL) as i64 / cycles - 1) / 4 * 4).clamp(CYCLE, 3 * CYCLE);
    let at = |i: i64| {
        let time = Time::new(i, columns);
        pattern.query(Span::new(time, time)).first()?.value.numeral()
    };
    let values: Vec<f64> = (0..cycles * columns).map(at).collect::<Option<_>>()?;
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    let step = (high - low) / (LEVELS - 1) as f64;
    let levels = if step > 0.0 { LEVELS } else { 1 };
    let row = |level: usize| {
        let cell = |x: &f64| {
            let on = if step > 0.0 { ((x - low) / step).round() as usize } else { 0 };
            if on == level { ink.onset } else { ink.rest }
        };
        let cells: Vec<char> = values.iter().map(cell).collect();
        Row {
            label: words(&Value::Number(low + step * level as f64)),
            cells: cells.chunks(columns as usize).map(<[char]>::to_vec).collect(),
        }
    };
    Some((0..levels).rev().map(row).collect())
}

/// The rows in as many systems as the width asks for; a row that rests through a system is left out unless `keep`.
fn systems(rows: &[Row], keep: bool, ink: &Ink) -> String {
    let width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0).min(LABEL);
    let (cycles, columns) = rows.first().map_or((0, 1), |row| (row.cells.len(), row.cells[0].len()));
    let each = ((WIDTH - width - 2) / (columns + 1)).max(1);
    let mut out = String::new();
    for from in (0..cycles).step_by(each) {
        let to = (from + each).min(cycles);
        let heads: String = (from..to).map(|c| format!("{:<1$}", format!("cycle {c}"), columns + 1)).collect();
        let _ = writeln!(out, "{}{:width$}  {}", if from > 0 { "\n" } else { "" }, "", heads.trim_end());
        for row in rows {
            if !keep && row.cells[from..to].iter().flatten().all(|cell| *cell == ink.rest) {
                continue;
            }
            let _ = write!(out, "{:width$} {}", fitted(&row.label, ink), ink.bar);
            for cells in &row.cells[from..to] {
                let _ = write!(out, "{}{}", cells.iter().collect::<String>(), ink.bar);
            }
            out.push('\n');
        }
    }
    out
}

fn fitted(label: &str, ink: &Ink) -> String {
    if label.chars().count() <= LABEL {
        return label.to_string();
    }
    label.chars().take(LABEL - 1).chain([ink.cut]).collect()
}

/// The controls that no row shows, each with the values it goes through.
fn others(haps: &[Hap]) -> Vec<String> {
    let mut seen: std::collections::BTreeMap<&str, Vec<&Value>> = std::collections::BTreeMap::new();
    for map in haps.iter().filter_map(|hap| hap.value.as_map()) {
        let drawn = |name: &str| match name {
            "s" | "note" => true,
            "n" => !map.contains_key("note"),
            _ => !["s", "note", "n"].iter().any(|shown| map.contains_key(*shown)),
        };
        map.iter().filter(|(name, _)| !drawn(name)).for_each(|(name, value)| seen.entry(name).or_default().push(value));
    }
    seen.into_iter().map(|(name, values)| format!("{name} {}", gone_through(&values))).collect()
}

/// From the lowest to the highest number, or the first few words.
fn gone_through(values: &[&Value]) -> String {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.number()).collect();
    if let Some(numbers) = numbers {
        let (low, high) = numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        let [low, high] = [low, high].map(|x| words(&Value::Number(x)));
        return if low == high { low } else { format!("{low} to {high}") };
    }
    let mut all: Vec<String> = Vec::new();
    for word in values.iter().map(|value| words(value)) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all.truncate(6);
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::lang::{Answer, Interpreter};

    fn drawn(code: &str, cycles: i64, ink: &Ink) -> String {
        let Ok(Answer::Pattern(pattern)) = Interpreter::new().query(code) else { panic!("{code} is no pattern") };
        draw(&pattern, cycles, ink).unwrap()
    }

    #[test]
    fn time_goes_across_and_every_value_has_a_row() {
        assert_eq!(
            drawn("s(\"bd [sd bd]\")", 1, &PLAIN),
            "    cycle 0\n\
             bd |#=======....#===|\n\
             sd |........#===....|\n\
             a column is 1/16 of a cycle"
        );
    }

    #[test]
    fn high_notes_stand_above_low_ones_and_drums_as_they_come() {
        let labels = |code: &str| {
            let drawn = drawn(code, 1, &BLOCKS);
            drawn.lines().filter_map(|line| line.split_once('│')).map(|(l, _)| l.trim().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(labels("note(\"c3 a4 e3 60\")"), ["a4", "c4", "e3", "c3"]);
        assert_eq!(labels("s(\"sd bd hh\")"), ["sd", "bd", "hh"]);
        assert_eq!(labels("\"c b bd a\".fast(1)"), ["c", "b", "bd", "a"]);
        assert_eq!(labels("n(\"0 10 2\").s(\"saw\")"), ["saw:10", "saw:2", "saw:0"]);
    }

    #[test]
    fn a_pattern_is_told_in_words_for_who_does_not_see_it() {
        let told = |code: &str| {
            let Ok(Answer::Pattern(pattern)) = Interpreter::new().query(code) else { panic!("{code} is no pattern") };
            shown(&pattern, 2, Manner::Spoken).unwrap()
        };
        assert_eq!(told("s(\"bd <[~ sd] ~>\").gain(0.5)"), "cycle 0: bd at 0, sd at 3/4\ncycle 1: bd at 0\ngain 0.5");
        assert_eq!(told("saw").lines().next(), Some("cycle 0: 0 at 0, 0.25 at 1/4, 0.5 at 1/2, 0.75 at 3/4"));
    }

    #[test]
    fn other_controls_are_told_below_and_do_not_split_rows() {
        let drawn = drawn("s(\"bd*4\").gain(saw.range(0.25, 1)).bank(\"tr909\")", 1, &PLAIN);
        assert_eq!(drawn.lines().filter(|line| line.contains('|')).count(), 1, "{drawn}");
        assert!(drawn.ends_with("\nbank tr909\ngain 0.25 to 0.8125"), "{drawn}");
    }

    #[test]
    fn no_drawing_is_wider_than_a_terminal() {
        for code in
            ["s(\"bd*7 sd*5, hh*11\")", "n(\"0 .. 7\").scale(\"C:major\")", "s(\"x\").fast(\"<64 3 5>\")", "sine"]
        {
            for cycles in [1, 3, 16] {
                let drawn = drawn(code, cycles, &BLOCKS);
                assert!(drawn.lines().all(|line| line.chars().count() <= WIDTH), "{code} {cycles}\n{drawn}");
            }
        }
        let long = drawn("s(\"a_name_that_is_far_too_long_for_a_row_of_anything bd\")", 1, &PLAIN);
        assert!(long.lines().all(|line| line.len() <= WIDTH), "{long}");
    }

    #[test]
    fn what_was_begun_earlier_is_held_and_has_no_onset() {
        let drawn = drawn("s(\"bd\").slow(2)", 2, &PLAIN);
        assert!(drawn.contains("bd |#===============|================|\n"), "{drawn}");
    }

    #[test]
    fn a_signal_is_a_curve_and_silence_a_sentence() {
        let curve = drawn("saw", 1, &PLAIN);
        assert_eq!(curve.lines().count(), LEVELS + 1, "{curve}");
        assert!(curve.lines().last().unwrap().contains("|#"), "{curve}");
        assert_eq!(drawn("silence", 2, &PLAIN), "silence for 2 cycles");
    }
}

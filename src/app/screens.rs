//! The prompt's screens: the help, the tracks, what was edited and what waits, drawn or told in words.

use std::cmp::Ordering;
use std::fmt::Write;

use segue::session::{TrackStatus, Waiting};

use super::conductor::Edits;
use super::line::{COMMANDS, GESTURES};
use super::report::Swap;
use super::screen::Manner;

/// What can be typed, in one screen.
pub fn help() -> String {
    let mut out = String::from("Type a piece of music and hear it:  track d = s(\"bd*2, [~ cp]*2\")\n");
    for (name, rest, about) in GESTURES.iter().chain(COMMANDS) {
        let _ = write!(out, "\n  {:<15} {about}", format!("{name} {rest}"));
    }
    out.push_str("\n\nTab completes, the right arrow takes a hint. `:help fast` explains a word.");
    out
}

/// Cells of a level's bar.
const CELLS: usize = 12;
/// Decibels of one cell: the bar shows −48 … 0 dB.
const CELL: f32 = 4.0;

/// A level as a bar and a number, or as the number alone.
fn level(peak: [f32; 2], manner: Manner) -> String {
    let db = 20.0 * peak[0].max(peak[1]).max(1e-9).log10();
    let full = ((db / CELL).ceil() + CELLS as f32).clamp(0.0, CELLS as f32) as usize;
    let number = if db < -CELL * CELLS as f32 { "silent".into() } else { format!("{db:.0} dB") };
    match manner {
        Manner::Spoken => number,
        _ => format!("{} {number:>7}", bar_of(full)),
    }
}

fn bar_of(full: usize) -> String {
    format!("{}{}", "▮".repeat(full), "▯".repeat(CELLS - full))
}

/// The tracks with what they do, how loud they are and whose they are.
pub fn tracks(all: &[TrackStatus], manner: Manner) -> String {
    if all.is_empty() {
        return "no tracks; such a line makes one:  track d = s(\"bd*2\")".into();
    }
    let width = all.iter().map(|t| t.name.chars().count()).max().unwrap_or(0);
    let alone = all.iter().any(|t| t.soloed);
    let rows = all.iter().map(|t| {
        let state = if t.muted {
            "muted"
        } else if t.playing {
            "playing"
        } else if alone && !t.soloed {
            "waiting"
        } else {
            "hushed"
        };
        let solo = if t.soloed { " solo" } else { "" };
        let level = level(t.peak, manner);
        match manner {
            Manner::Spoken => format!("{}: {state}{}, {level}, from {}", t.name, solo.replace(' ', ", "), t.owner),
            _ => format!("{:<width$}  {state:<8} {level}  {}{solo}", t.name, t.owner),
        }
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// What each part takes of the time there is.
pub fn cost(parts: &[(String, f64)], manner: Manner) -> String {
    let total = ("in all".to_string(), parts.iter().map(|(_, share)| share).sum());
    let width = parts.iter().chain([&total]).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let row = |(name, share): &(String, f64)| {
        let full = (share * CELLS as f64).ceil().min(CELLS as f64) as usize;
        match manner {
            Manner::Spoken => format!("{name}: {:.1} percent of the time", share * 100.0),
            _ => format!("{name:<width$}  {} {:>5.1} %", bar_of(full), share * 100.0),
        }
    };
    parts.iter().chain([&total]).map(row).collect::<Vec<_>>().join("\n")
}

/// Swaps that `:swaps` shows.
const LAST: usize = 10;

/// The last edits: when they were heard, how cleanly, and what they changed.
pub fn swaps(all: &[Swap], manner: Manner) -> String {
    if all.is_empty() {
        return "no edits so far".into();
    }
    let shown = &all[all.len().saturating_sub(LAST)..];
    let rows = shown.iter().map(|s| {
        let time = format!("{}:{:04.1}", s.seconds as u64 / 60, s.seconds % 60.0);
        let (place, click) = (bar(s.cycle, s.beats), against_the_music(s.discontinuity));
        match manner {
            Manner::Spoken => format!("after {time}, {place}: {click}; changed {}", s.touched.join(", ")),
            _ => format!("{time:>8}  {place:<10} {click:>9}  {}", s.touched.join(" · ")),
        }
    });
    let rows = rows.collect::<Vec<String>>().join("\n");
    let head = if manner == Manner::Spoken { "" } else { "    time  bar.beat     click  changed\n" };
    format!("{head}{rows}\n0 dB is no worse than the music around it")
}

/// A place in the music, as people count: bars and beats from 1.
fn bar(cycle: f64, beats: f64) -> String {
    let (bar, beat) = (cycle.max(0.0).floor(), (cycle.max(0.0).fract() * beats).floor());
    format!("bar {}.{}", bar + 1.0, beat + 1.0)
}

/// Edits that `:at` shows.
const SHOWN: usize = 20;

/// The edits so far, the present one marked.
pub fn edits(all: &Edits, manner: Manner) -> String {
    if all.edits.is_empty() {
        return "no edits so far".into();
    }
    let numbered = all.edits.iter().enumerate().skip(all.edits.len().saturating_sub(SHOWN));
    let rows = numbered.map(|(i, edit)| {
        let (mark, state) = match (i + 1).cmp(&all.present) {
            Ordering::Less => (" ", ""),
            Ordering::Equal => (">", ""),
            Ordering::Greater => (" ", "  (undone)"),
        };
        let place = bar(edit.cycle, all.beats);
        let (number, parts) = (all.first + i, edit.parts.join(", "));
        match manner {
            Manner::Spoken => {
                let now = if mark == ">" { ", now" } else { "" };
                let state = state.trim().replace(['(', ')'], "");
                let state = if state.is_empty() { now.to_string() } else { format!(", {state}") };
                let parts = parts.replace('+', "new: ").replace('−', "gone: ");
                format!("edit {number}{state}, {place}, {}: {parts}", edit.owner)
            }
            _ => format!("{mark} {number:>3}  {place:<9}  {}: {parts}{state}", edit.owner),
        }
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// What waits for its beat or bar, and how long.
pub fn pending(all: &[Waiting]) -> String {
    if all.is_empty() {
        return "nothing waits".into();
    }
    let rows = all.iter().map(|waiting| {
        let left = (waiting.left * waiting.beats * 10.0).round() / 10.0;
        let (bars, beats) = ((left / waiting.beats).floor(), left % waiting.beats);
        let bars = match bars {
            0.0 => String::new(),
            1.0 => "1 bar and ".into(),
            bars => format!("{bars} bars and "),
        };
        // A change begins just before its beat.
        let place = bar(waiting.cycle + 0.001, waiting.beats);
        format!("{}  {place}, in {bars}{beats:.1} beats", waiting.part)
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The worst bend of the wave within an edit, in dB against the music's own.
fn against_the_music(discontinuity: f32) -> String {
    if discontinuity == 0.0 { "silent".into() } else { format!("{:+.1} dB", 20.0 * discontinuity.log10()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_counted_in_bars_and_beats() {
        let waits =
            |cycle: f64, left: f64, beats: f64| pending(&[Waiting { part: "bus room".into(), cycle, left, beats }]);
        assert_eq!(waits(3.9999, 3.9999, 4.0), "bus room  bar 5.1, in 4 bars and 0.0 beats");
        assert_eq!(waits(1.75, 0.625, 4.0), "bus room  bar 2.4, in 2.5 beats");
        assert_eq!(waits(2.0, 1.5, 3.0), "bus room  bar 3.1, in 1 bar and 1.5 beats");
        assert_eq!(pending(&[]), "nothing waits");
    }

    #[test]
    fn the_edits_are_listed_with_the_present_one_marked() {
        let edit = |cycle, parts: &[&str]| segue::session::Edit {
            cycle,
            owner: "a.rhai".into(),
            parts: parts.iter().map(|part| part.to_string()).collect(),
        };
        let all = [edit(0.0, &["+d", "tempo"]), edit(16.5, &["d"]), edit(17.0, &["−d"])];
        let all = Edits { first: 1, present: 2, edits: all.into(), beats: 4.0 };
        let shown =
            "    1  bar 1.1    a.rhai: +d, tempo\n>   2  bar 17.3   a.rhai: d\n    3  bar 18.1   a.rhai: −d  (undone)";
        assert_eq!(edits(&all, Manner::Drawn), shown);
        assert!(edits(&all, Manner::Spoken).contains("edit 2, now, bar 17.3, a.rhai: d\nedit 3, undone"));
    }

    #[test]
    fn a_level_is_a_bar_of_twelve() {
        for (peak, full) in [(1.0, 12), (0.5, 11), (0.0, 0), (f32::NAN, 0), (10.0, 12)] {
            assert_eq!(level([peak, 0.0], Manner::Drawn).chars().filter(|c| *c == '▮').count(), full, "{peak}");
        }
    }

    #[test]
    fn costs_are_bars_of_the_time_there_is_with_their_sum() {
        let parts = [("pad".into(), 0.5), ("bus room".into(), 0.01)];
        assert!(cost(&parts, Manner::Spoken).starts_with("pad: 50.0 percent of the time\n"));
        let drawn = cost(&parts, Manner::Drawn);
        assert_eq!(
            drawn,
            "pad       ▮▮▮▮▮▮▯▯▯▯▯▯  50.0 %\nbus room  ▮▯▯▯▯▯▯▯▯▯▯▯   1.0 %\nin all    ▮▮▮▮▮▮▮▯▯▯▯▯  51.0 %"
        );
    }

    #[test]
    fn swaps_are_listed_by_time_and_bar_with_what_they_changed() {
        let swap = |seconds: f64, touched: &[&str], discontinuity| Swap {
            at: (seconds * 48_000.0) as u64,
            seconds,
            cycle: seconds / 2.0,
            beats: 4.0,
            touched: touched.iter().map(ToString::to_string).collect(),
            discontinuity,
        };
        let shown =
            swaps(&[swap(0.0, &[], 0.0), swap(75.5, &["a: notes, effects", "bus room: came"], 2.0)], Manner::Drawn);
        let rows: Vec<Vec<&str>> = shown.lines().map(|row| row.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["0:00.0", "bar", "1.1", "silent"]);
        let last = ["1:15.5", "bar", "38.4", "+6.0", "dB", "a:", "notes,", "effects", "·", "bus", "room:", "came"];
        assert_eq!(rows[2], last);
    }

    #[test]
    fn the_help_names_every_command_and_gesture() {
        for (name, ..) in COMMANDS.iter().chain(GESTURES) {
            assert!(help().contains(name), "{name}");
        }
    }
}

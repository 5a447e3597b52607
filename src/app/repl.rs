//! The prompt: a line at a time, from a terminal with all comfort or from a pipe without any.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor, ExternalPrinter};
use segue::session::{Stage, TrackStatus, Waiting};

use super::complete::{Suggestions, Tracks};
use super::conductor::{Conductor, Edits};
use super::ear::{self, Drill};
use super::evaluator::{Ask, Evaluator, Learn};
use super::highlight::Prompt;
use super::line::{self, COMMANDS, Command, GESTURES, Line};
use super::report::Swap;
use super::say::Say;
use super::watch::Handle;
use super::words::Words;
use super::{lexer, marks, piece, state};

/// Two Ctrl-C within this time hush.
const TWICE: Duration = Duration::from_millis(1500);

/// Lines remembered between sessions.
const HISTORY: usize = 10_000;

/// The line editor on a terminal.
pub type Terminal = Editor<Prompt, DefaultHistory>;

/// The editor and the printer that other threads speak through.
pub fn terminal(
    words: Words,
    tracks: Tracks,
) -> rustyline::Result<(Terminal, Option<Box<dyn ExternalPrinter + Send>>)> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(HISTORY)?
        .build();
    let mut editor = Terminal::with_config(config)?;
    editor.set_helper(Some(Prompt { suggestions: Suggestions { words, tracks }, colour: marks::in_colour() }));
    // A history that is not there yet, or cannot be read, is an empty one.
    let _ = editor.load_history(&state::file("history"));
    let printer = editor.create_external_printer().ok().map(|p| Box::new(p) as Box<dyn ExternalPrinter + Send>);
    Ok((editor, printer))
}

/// Whom the prompt talks to.
pub struct Repl {
    pub evaluator: Evaluator,
    pub conductor: Conductor,
    pub watch: Handle,
    pub words: Words,
    pub say: Say,
    /// Whether a line is being edited on a terminal: Ctrl-C is a key then, and a signal comes from elsewhere.
    pub typing: Arc<AtomicBool>,
}

impl Repl {
    /// Reads from the terminal until the performer leaves.
    pub fn on_terminal(&self, mut editor: Terminal) {
        let history = state::file("history");
        let mut interrupted: Option<Instant> = None;
        loop {
            self.typing.store(true, Relaxed);
            let line = editor.readline("segue> ");
            self.typing.store(false, Relaxed);
            match line {
                Ok(text) => {
                    interrupted = None;
                    if editor.add_history_entry(&text).unwrap_or(false) && state::make_folder() {
                        // The history is a comfort; a disk that will not have it is no reason to stop playing.
                        let _ = editor.append_history(&history);
                    }
                    if self.obey(&text).is_break() {
                        return;
                    }
                }
                Err(ReadlineError::Interrupted) if interrupted.is_some_and(|at| at.elapsed() < TWICE) => {
                    interrupted = None;
                    let _ = self.obey("hush");
                    self.say.aside("hushed; `unmute` brings the tracks back, Ctrl-D leaves");
                }
                Err(ReadlineError::Interrupted) => {
                    interrupted = Some(Instant::now());
                    self.say.aside("Ctrl-C again hushes, Ctrl-D leaves");
                }
                Err(ReadlineError::Eof) => return,
                Err(why) => {
                    self.say.trouble(format!("the terminal broke off: {why}"));
                    return;
                }
            }
        }
    }

    /// Reads lines from standard input until it ends or says `:quit`; each is done before the next is read. Tells whether
    /// it was asked to leave.
    pub fn plainly(&self) -> bool {
        let mut text = String::new();
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            text.push_str(&line);
            if matches!(line::read(&text), Line::Text(t) if lexer::is_open(&t)) && !line.is_empty() {
                text.push('\n');
                continue;
            }
            if self.obey(&std::mem::take(&mut text)).is_break() {
                return true;
            }
            self.evaluator.settle();
        }
        let _ = self.obey(&text);
        self.evaluator.settle();
        false
    }

    fn obey(&self, text: &str) -> std::ops::ControlFlow<()> {
        match line::read(text) {
            Line::Nothing => {}
            Line::Stage(stages) => stages.into_iter().for_each(|stage| self.stage(stage)),
            Line::Command(Command::Quit) => return std::ops::ControlFlow::Break(()),
            Line::Command(command) => self.command(command),
            Line::Text(text) => self.evaluator.ask(Ask::Line(text)),
            Line::Wrong(why) => self.say.trouble(why),
        }
        std::ops::ControlFlow::Continue(())
    }

    /// Does a gesture, and says so where it meets no track: its name is remembered, but it may be a slip.
    fn stage(&self, stage: Stage) {
        if let (word, Some(name)) = stage.words() {
            let tracks = self.conductor.tracks();
            if !tracks.iter().any(|t| *t.name == *name) {
                let names: Vec<&str> = tracks.iter().map(|t| &*t.name).collect();
                self.say.aside(format!("{word}: no track is called {name} (there are: {})", names.join(", ")));
            }
        }
        self.conductor.stage(stage);
    }

    fn command(&self, command: Command) {
        match command {
            Command::Help(None) => self.say.line(help()),
            Command::Help(Some(word)) => match self.words.explain(&word) {
                Ok(page) => self.say.line(page),
                Err(why) => self.say.trouble(why),
            },
            Command::Tracks => self.say.line(tracks(&self.conductor.tracks())),
            Command::Show(what) => self.evaluator.ask(Ask::Show(what)),
            Command::Why(what) => self.evaluator.ask(Ask::Why(what)),
            Command::Cost => self.say.line(cost(&self.conductor.cost())),
            Command::Swaps => self.say.line(swaps(&self.conductor.swaps())),
            Command::Undo(edits) => self.conductor.undo(edits),
            Command::Redo(edits) => self.conductor.redo(edits),
            Command::At(None) => self.say.line(edits(&self.conductor.edits())),
            Command::At(Some(edit)) => self.conductor.at(edit),
            Command::Pending => self.say.line(pending(&self.conductor.pending())),
            Command::Cancel(names) => self.conductor.cancel(names),
            Command::Play(file) => self.play(Path::new(&file)),
            Command::Forget(file) => self.evaluator.ask(Ask::Forget(PathBuf::from(file))),
            Command::Learn(lesson) => self.evaluator.ask(Ask::Learn(Learn::Open(lesson))),
            Command::Next => self.evaluator.ask(Ask::Learn(Learn::Next)),
            Command::Hint => self.evaluator.ask(Ask::Learn(Learn::Hint)),
            Command::Ear(None) => self.evaluator.ask(Ask::Learn(Learn::Rest)),
            Command::Ear(Some(kind)) => match kind.parse() {
                Ok(kind) => self.evaluator.ask(Ask::Learn(Learn::Ear(Box::new(Drill::new(kind, ear::chance()))))),
                Err(why) => self.say.trouble(why),
            },
            Command::Quit => {}
        }
    }

    fn play(&self, path: &Path) {
        match piece::read(path) {
            Ok(text) => {
                self.watch.add(path, &text);
                self.evaluator.ask(Ask::File { path: path.to_path_buf(), text });
            }
            Err(why) => self.say.trouble(format!("{}: {why}", path.display())),
        }
    }
}

/// What can be typed, in one screen.
fn help() -> String {
    let mut out = String::from("Type a piece of music and hear it:  track d = s(\"bd*2, [~ cp]*2\")\n");
    for (name, rest, about) in GESTURES.iter().chain(COMMANDS) {
        let _ = write!(out, "\n  {:<20} {about}", format!("{name} {rest}"));
    }
    out.push_str(
        "\n\nTab completes, the right arrow takes a hint. `:help fast` explains a word, `segue doc` lists all.",
    );
    out
}

/// Cells of a level's bar.
const CELLS: usize = 12;
/// Decibels of one cell: the bar shows −48 … 0 dB.
const CELL: f32 = 4.0;

/// A level as a bar and a number.
fn level(peak: [f32; 2]) -> String {
    let db = 20.0 * peak[0].max(peak[1]).max(1e-9).log10();
    let full = ((db / CELL).ceil() + CELLS as f32).clamp(0.0, CELLS as f32) as usize;
    let number = if db < -CELL * CELLS as f32 { "silent".into() } else { format!("{db:.0} dB") };
    format!("{}{} {number:>7}", "▮".repeat(full), "▯".repeat(CELLS - full))
}

fn tracks(all: &[TrackStatus]) -> String {
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
        format!("{:<width$}  {state:<8} {}  {}{solo}", t.name, level(t.peak), t.owner)
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn cost(parts: &[(String, f64)]) -> String {
    let total = ("in all".to_string(), parts.iter().map(|(_, share)| share).sum());
    let width = parts.iter().chain([&total]).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let row = |(name, share): &(String, f64)| {
        let full = (share * CELLS as f64).ceil().min(CELLS as f64) as usize;
        let bar = format!("{}{}", "▮".repeat(full), "▯".repeat(CELLS - full));
        format!("{name:<width$}  {bar} {:>5.1} %", share * 100.0)
    };
    parts.iter().chain([&total]).map(row).collect::<Vec<_>>().join("\n")
}

/// Swaps that `:swaps` shows.
const LAST: usize = 10;

fn swaps(all: &[Swap]) -> String {
    if all.is_empty() {
        return "no edits so far".into();
    }
    let shown = &all[all.len().saturating_sub(LAST)..];
    let rows = shown.iter().map(|s| {
        let time = format!("{}:{:04.1}", s.seconds as u64 / 60, s.seconds % 60.0);
        let (place, click) = (bar(s.cycle, s.beats), against_the_music(s.discontinuity));
        format!("{time:>8}  {place:<10} {click:>9}  {}", s.touched.join(" · "))
    });
    let rows: Vec<String> = rows.collect();
    format!("    time  bar.beat     click  changed\n{}\n0 dB is no worse than the music around it", rows.join("\n"))
}

/// A place in the music, as people count: bars and beats from 1.
fn bar(cycle: f64, beats: f64) -> String {
    let (bar, beat) = (cycle.max(0.0).floor(), (cycle.max(0.0).fract() * beats).floor());
    format!("bar {}.{}", bar + 1.0, beat + 1.0)
}

/// Edits that `:at` shows.
const SHOWN: usize = 20;

fn edits(all: &Edits) -> String {
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
        format!("{mark} {:>3}  {place:<9}  {}: {}{state}", all.first + i, edit.owner, edit.parts.join(", "))
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn pending(all: &[Waiting]) -> String {
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
        assert_eq!(edits(&all), shown);
    }

    #[test]
    fn a_level_is_a_bar_of_twelve() {
        for (peak, full) in [(1.0, 12), (0.5, 11), (0.0, 0), (f32::NAN, 0), (10.0, 12)] {
            assert_eq!(level([peak, 0.0]).chars().filter(|c| *c == '▮').count(), full, "{peak}");
        }
    }

    #[test]
    fn costs_are_bars_of_the_time_there_is_with_their_sum() {
        let drawn = cost(&[("pad".into(), 0.5), ("bus room".into(), 0.01)]);
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
        let shown = swaps(&[swap(0.0, &[], 0.0), swap(75.5, &["a: notes, effects", "bus room: came"], 2.0)]);
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

//! The prompt: a line at a time, from a terminal with all comfort or from a pipe without any.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor, ExternalPrinter};
use segue::session::Stage;

use super::complete::{Suggestions, Tracks};
use super::conductor::Conductor;
use super::ear::{self, Drill};
use super::evaluator::{Ask, Evaluator, Learn};
use super::highlight::Prompt;
use super::line::{self, Command, Line};
use super::live::{self, Live};
use super::say::Say;
use super::screen::Manner;
use super::search::Index;
use super::watch::Handle;
use super::words::Words;
use super::{lexer, piece, screen, screens, state};

/// What stands before the line that is typed.
const PROMPT: &str = "segue> ";

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
    editor.set_helper(Some(Prompt { suggestions: Suggestions { words, tracks }, colour: screen::in_colour() }));
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
    pub index: Index,
    pub say: Say,
    /// Whether a line is being edited on a terminal: Ctrl-C is a key then, and a signal comes from elsewhere.
    pub typing: Arc<AtomicBool>,
    pub interrupt: Arc<Interrupt>,
}

/// Ctrl-C: once it clears the line, twice it hushes.
pub struct Interrupt {
    conductor: Conductor,
    say: Say,
    last: Mutex<Option<Instant>>,
}

impl Interrupt {
    pub fn new(conductor: Conductor, say: Say) -> Interrupt {
        Interrupt { conductor, say, last: Mutex::new(None) }
    }

    /// Ctrl-C was pressed.
    pub fn hit(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.take().is_some_and(|at| at.elapsed() < TWICE) {
            self.conductor.stage(Stage::Hush);
            self.say.aside("hushed; `unmute` brings the tracks back, Ctrl-D leaves");
        } else {
            *last = Some(Instant::now());
            self.say.aside("Ctrl-C again hushes, Ctrl-D leaves");
        }
    }

    /// A line was typed in between.
    fn over(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Repl {
    /// Reads from the terminal until the performer leaves.
    pub fn on_terminal(&self, mut editor: Terminal) {
        let history = state::file("history");
        // What a lesson plays comes back with the up arrow, as if it had been typed.
        let mut taught = true;
        loop {
            if std::mem::take(&mut taught) {
                self.evaluator.settle();
                self.evaluator.again().iter().for_each(|line| drop(editor.add_history_entry(line)));
            }
            let line = if screen::by_lines() { self.line() } else { self.edited(&mut editor) };
            match line {
                Ok(text) => {
                    self.interrupt.over();
                    self.say.typed();
                    if editor.add_history_entry(&text).unwrap_or(false) && state::make_folder() {
                        // The history is a comfort; a disk that will not have it is no reason to stop playing.
                        let _ = editor.append_history(&history);
                    }
                    taught = matches!(line::read(&text), Line::Command(Command::Learn(_) | Command::Next));
                    if self.obey(&text).is_break() {
                        return;
                    }
                }
                Err(ReadlineError::Interrupted) => self.interrupt.hit(),
                Err(ReadlineError::Eof) => return,
                Err(why) => {
                    self.say.trouble(format!("the terminal broke off: {why}"));
                    return;
                }
            }
        }
    }

    fn edited(&self, editor: &mut Terminal) -> rustyline::Result<String> {
        self.typing.store(true, Relaxed);
        let line = editor.readline(PROMPT);
        self.typing.store(false, Relaxed);
        line
    }

    /// A line as the terminal itself gives it, and those after it as long as something is open.
    fn line(&self) -> rustyline::Result<String> {
        // All that was asked has been told before the prompt stands there, so that it is read out last.
        self.evaluator.settle();
        self.say.finish();
        let mut text = String::new();
        loop {
            print!("{}", if text.is_empty() { PROMPT } else { "goes on: " });
            std::io::stdout().flush()?;
            if std::io::stdin().read_line(&mut text)? == 0 {
                return Err(ReadlineError::Eof);
            }
            let open = matches!(line::read(&text), Line::Text(t) if lexer::is_open(&t));
            if !open || text.ends_with("\n\n") {
                return Ok(text.trim_end().to_string());
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
        let manner = screen::manner();
        match command {
            Command::Help(None) => self.say.line(screens::help()),
            Command::Help(Some(word)) => self.evaluator.ask(Ask::Help(word)),
            Command::Search(asked) => self.say.line(self.index.told(&asked)),
            Command::Example => self.evaluator.ask(Ask::Example),
            Command::Tracks => self.say.line(screens::tracks(&self.conductor.tracks(), manner)),
            Command::Show(what) => self.show(what),
            Command::Picture { thing, kind, file } => self.evaluator.ask(Ask::Picture { thing, kind, file }),
            Command::Why(what) => self.evaluator.ask(Ask::Why(what)),
            Command::Cost => self.say.line(screens::cost(&self.conductor.cost(), manner)),
            Command::Swaps => self.say.line(screens::swaps(&self.conductor.swaps(), manner)),
            Command::Undo(edits) => self.conductor.undo(edits),
            Command::Redo(edits) => self.conductor.redo(edits),
            Command::At(None) => self.say.line(screens::edits(&self.conductor.edits(), manner)),
            Command::At(Some(edit)) => self.conductor.at(edit),
            Command::Pending => self.say.line(screens::pending(&self.conductor.pending())),
            Command::Cancel(names) => self.conductor.cancel(names),
            Command::Play(file) => self.play(Path::new(&file)),
            Command::Forget(file) => self.evaluator.ask(Ask::Forget(PathBuf::from(file))),
            Command::Learn(lesson) => self.evaluator.ask(Ask::Learn(Learn::Open(lesson))),
            Command::Next => self.evaluator.ask(Ask::Learn(Learn::Next)),
            Command::Hint => self.evaluator.ask(Ask::Learn(Learn::Hint)),
            Command::Ear(None) => self.evaluator.ask(Ask::Learn(Learn::Rest)),
            Command::Ear(Some(kind)) if kind == "piece" => self.evaluator.ask(Ask::Learn(Learn::Piece)),
            Command::Ear(Some(kind)) => match kind.parse() {
                Ok(kind) => self.evaluator.ask(Ask::Learn(Learn::Ear(Box::new(Drill::new(kind, ear::chance()))))),
                Err(why) => self.say.trouble(why),
            },
            Command::Plain => {
                let spoken = manner != Manner::Spoken;
                screen::speak(spoken);
                self.say.line(if spoken { "everything is told in words; :plain again draws" } else { "drawn again" });
            }
            Command::Quit => {}
        }
    }

    /// Draws a pattern, or follows what sounds: `:show keys`, `:show staff bass`, and `:show off`.
    fn show(&self, what: String) {
        let mut words = what.split_whitespace();
        let first = words.next().unwrap_or_default();
        let named = |word: &str| word.chars().all(|c| c.is_alphanumeric() || c == '_');
        match first.parse::<live::Kind>() {
            _ if what == "off" => self.conductor.show(None),
            Ok(kind) if words.clone().all(named) => {
                if self.conductor.tracks().iter().any(|track| *track.name == *first) {
                    self.say.aside(format!("what sounds, as {first}; the pattern of the track: :show ({first})"));
                }
                self.say.aside("it follows what plays; :show off ends");
                self.conductor.show(Some(Live::new(kind, words.map(String::from).collect())));
            }
            _ => self.evaluator.ask(Ask::Show(what)),
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

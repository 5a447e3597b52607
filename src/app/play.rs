//! `segue play`: files and the prompt, live.
//!
//! Four threads beside the audio's own: the conductor owns the session, the evaluator the interpreter, the watcher sees
//! what is saved, the prompt reads what is typed. They pass messages and share nothing, so none can hold up another.

use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use segue::engine::{Config, Renderer};
use segue::io::{Notice, Output, Prepared, Request, Sound};
use segue::lang::Interpreter;
use segue::session::Session;

use super::args::Play;
use super::complete::Tracks;
use super::conductor::Conductor;
use super::evaluator::{Ask, Evaluator, Learn};
use super::page::Page;
use super::piece::{self, Unreadable};
use super::repl::{self, Interrupt, Repl};
use super::report::{self, Log};
use super::resume::Resumed;
use super::say::Say;
use super::search::Index;
use super::state::Draft;
use super::watch::Watcher;
use super::words::Words;
use super::{Failure, screen, state};

/// How long a silenced desk needs until the device has heard it.
const FADE: Duration = Duration::from_millis(60);
/// How long an evaluation may still take when everything else has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// How input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Terminal,
    Pipe,
    None,
}

/// A file, and its text or why it has none.
type Piece = (PathBuf, Result<String, Unreadable>);

/// Plays files, or begins with something to learn.
pub fn run(asked: Play, lesson: Option<Learn>) -> Result<(), Failure> {
    let mut asked = asked;
    let input = match &asked {
        Play { no_repl: true, .. } => Input::None,
        _ if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => Input::Terminal,
        _ => Input::Pipe,
    };
    let interpreter = Interpreter::new();
    let words = Words::of(&interpreter);
    let tracks = Tracks::default();
    let (mut editor, mut printer) = (None, None);
    if input == Input::Terminal {
        let made = repl::terminal(words.clone(), tracks.clone());
        let (made, through) = made.map_err(|e| Failure::Machine(format!("the terminal will not: {e}")))?;
        (editor, printer) = (Some(made), through);
    }
    let say = Say::begin(printer).map_err(Failure::thread)?;
    let mut resumed = Resumed::find(&asked, &say)?;
    if let Some(resumed) = &resumed {
        resumed.enter(&mut asked);
    }
    let asked = &asked;
    let pieces = pieces(&asked.files)?;
    let (ready, renderer) = Ready::open(asked, &interpreter, &pieces, resumed.as_ref(), &say, tracks)?;
    let (evaluator, evaluating) =
        Evaluator::begin(interpreter, words.clone(), ready.conductor.clone(), say.clone()).map_err(Failure::thread)?;
    let saved = evaluator.clone();
    let watcher = Watcher::new(move |saw| saved.ask(Ask::Saved(saw))).map_err(Failure::thread)?;
    evaluator.ask(Ask::Watch(watcher.handle()));
    if let Some(resumed) = &mut resumed {
        ready.recall(resumed, &evaluator, &say);
    }
    let plays = |path: &Path| resumed.as_ref().is_some_and(|resumed| resumed.plays(path));
    for (path, text) in pieces.into_iter().filter(|(path, _)| !plays(path)) {
        watcher.handle().add(&path, text.as_deref().unwrap_or(""));
        match text {
            Ok(text) => evaluator.ask(Ask::File { path, text }),
            Err(why) => say.trouble(format!("{}: {why}", path.display())),
        }
    }
    // What plays from the beginning is there before the first frame: live, the piece is what it is rendered.
    evaluator.settle();
    let desk = ready.start(renderer, &say)?;
    if let Some(resumed) = resumed {
        desk.conductor.resume(resumed.mark);
        evaluator.ask(Ask::Resumed(resumed.open));
        evaluator.settle();
    }
    match lesson {
        Some(lesson) => evaluator.ask(Ask::Learn(lesson)),
        None => greet(asked, input, &say),
    }
    let repl = Repl {
        evaluator: evaluator.clone(),
        conductor: desk.conductor.clone(),
        watch: watcher.handle(),
        index: Index::new(&words),
        say: say.clone(),
        typing: Arc::default(),
        interrupt: Arc::new(Interrupt::new(desk.conductor.clone(), say.clone())),
    };
    let left = wait(asked, input, editor.take(), repl)?;
    drop(watcher);
    evaluator.ask(Ask::Stop);
    end(&evaluating);
    let refused = desk.close(asked, left)?;
    say.finish();
    // At a prompt the performer has seen it, and left.
    if refused && input != Input::Terminal { Err(Failure::Piece) } else { Ok(()) }
}

/// The files' texts. A file that is not there ends it; one that is no piece yet may become one.
fn pieces(files: &[PathBuf]) -> Result<Vec<Piece>, Failure> {
    let mut pieces: Vec<(PathBuf, _)> = Vec::new();
    for path in files {
        let text = piece::read(path);
        if let Err(why @ (Unreadable::Missing | Unreadable::Folder | Unreadable::Forbidden)) = text {
            return Err(Failure::at(path, why));
        }
        if !pieces.iter().any(|(p, _)| p == path) {
            pieces.push((path.clone(), text));
        }
    }
    Ok(pieces)
}

fn greet(asked: &Play, input: Input, say: &Say) {
    match (input, asked.files.is_empty()) {
        (Input::Terminal, true) => {
            say.aside("type:  track d = s(\"bd*2, [~ cp]*2\")\n:tour shows around, :help lists, Ctrl-D leaves");
        }
        (Input::Terminal, false) => say.aside("save a file and the sound follows   (:help shows more, Ctrl-D leaves)"),
        _ => {}
    }
}

/// How playing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// The performer left.
    Asked,
    /// The time was over.
    Over,
}

/// Until the performer leaves, the time is over, or the system says so.
fn wait(asked: &Play, input: Input, editor: Option<repl::Terminal>, repl: Repl) -> Result<Left, Failure> {
    let (done, ended) = bounded::<Left>(4);
    let interrupt = done.clone();
    let (typing, pressed) = (repl.typing.clone(), repl.interrupt.clone());
    // Ctrl-C never ends a performance. While a line is edited it is a key, and a signal comes from elsewhere.
    let on_signal = move || {
        if input != Input::Terminal || typing.load(Relaxed) {
            let _ = interrupt.try_send(Left::Asked);
        } else if screen::by_lines() {
            pressed.hit();
        }
    };
    ctrlc::set_handler(on_signal).map_err(Failure::signals)?;
    let terminal = (input == Input::Terminal && asked.seconds.is_some()).then(terminal_settings).flatten();
    let forever = asked.seconds.is_some() || !asked.files.is_empty();
    if input != Input::None {
        let reader = std::thread::Builder::new().name("prompt".into());
        let reader = reader.spawn(move || read(input, editor, &repl, &done, forever));
        reader.map_err(Failure::thread)?;
        return Ok(until(asked, &ended, terminal));
    }
    drop(repl);
    Ok(until(asked, &ended, terminal))
}

fn until(asked: &Play, ended: &Receiver<Left>, terminal: Option<String>) -> Left {
    let left = match asked.seconds {
        Some(seconds) => ended.recv_timeout(Duration::from_secs_f64(seconds)).unwrap_or(Left::Over),
        None => ended.recv().unwrap_or(Left::Asked),
    };
    if let (Left::Over, Some(settings)) = (left, terminal) {
        // The prompt is in the middle of a line and will not put the terminal right itself.
        let _ = std::process::Command::new("stty").arg(settings).stdin(std::process::Stdio::inherit()).status();
        println!();
    }
    left
}

fn read(input: Input, editor: Option<repl::Terminal>, repl: &Repl, done: &Sender<Left>, forever: bool) {
    let leaves = match editor {
        Some(editor) => {
            repl.on_terminal(editor);
            true
        }
        None => repl.plainly(),
    };
    // A pipe that ends says nothing about files that play.
    if leaves || input == Input::Terminal || !forever {
        let _ = done.try_send(Left::Asked);
    }
}

/// The terminal's settings, in the words of `stty`.
fn terminal_settings() -> Option<String> {
    let told = std::process::Command::new("stty").arg("-g").stdin(std::process::Stdio::inherit()).output().ok()?;
    String::from_utf8(told.stdout).ok().map(|s| s.trim().to_string()).filter(|s| !s.is_empty())
}

/// Waits for a thread, but not for ever.
fn end(thread: &JoinHandle<()>) {
    let deadline = Instant::now() + PATIENCE;
    while !thread.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The session with its conductor, before anything sounds.
struct Ready {
    prepared: Prepared,
    /// A journal that is to take its place.
    draft: Option<Draft>,
    conductor: Conductor,
    conducting: JoinHandle<Log>,
}

impl Ready {
    fn open(
        asked: &Play,
        interpreter: &Interpreter,
        pieces: &[Piece],
        resumed: Option<&Resumed>,
        say: &Say,
        tracks: Tracks,
    ) -> Result<(Ready, Renderer), Failure> {
        let device = asked.device.as_deref().map_or(Ok(Default::default()), str::parse);
        let device = device.map_err(|e| Failure::Usage(format!("--device: {e}")))?;
        let request = Request { device, rate: asked.rate, buffer: asked.buffer };
        let prepared = request.prepare().map_err(|e| Failure::Machine(e.to_string()))?;
        let rate = f64::from(prepared.rate);
        let config = Config { rate, ..Config::default() };
        let (mut session, renderer) = Session::new(config, interpreter.library().clone(), 0);
        let begun = Instant::now();
        session.watch_cost(Box::new(move || begun.elapsed().as_secs_f64()));
        let (mut disk, mut draft) = (None, None);
        match journal(asked, pieces, resumed, say) {
            Ok((path, file, drafted)) => {
                let page = Page::new(file, say.clone()).map_err(Failure::thread)?;
                (disk, draft) = (Some(page.disk()), drafted);
                let here = std::env::current_dir().unwrap_or_default();
                session.record(Box::new(page), &here.to_string_lossy()).map_err(|e| Failure::at(&path, e))?;
            }
            Err(why) if asked.journal.is_some() => return Err(why),
            Err(Failure::Machine(why)) => say.aside(format!("this session is not recorded: {why}")),
            Err(why) => return Err(why),
        }
        let conductor = Conductor::begin(session, rate, disk, say.clone(), tracks, interpreter.warnings());
        let (conductor, conducting) = conductor.map_err(Failure::thread)?;
        Ok((Ready { prepared, draft, conductor, conducting }, renderer))
    }

    /// Remembers the session that goes on. Its journal counts until this one holds all that it does.
    fn recall(&self, resumed: &mut Resumed, evaluator: &Evaluator, say: &Say) {
        evaluator.ask(Ask::Recall(std::mem::take(&mut resumed.past)));
        evaluator.settle();
        let written = self.conductor.stood(resumed.mark, resumed.open.clone()).wait_for_much();
        let Some(draft) = &self.draft else { return };
        // The music goes on whatever the disk says.
        let finished = if written { draft.finish() } else { Err(std::io::ErrorKind::TimedOut.into()) };
        if let Err(why) = finished {
            say.trouble(format!("{}: {why}; only the journal before it can be resumed", draft.path.display()));
        }
    }

    /// Lets the device play, once the conductor has done all it was told so far.
    fn start(self, renderer: Renderer, say: &Say) -> Result<Desk, Failure> {
        let Ready { prepared, conductor, conducting, .. } = self;
        conductor.tracks();
        let rate = prepared.rate;
        let started = prepared.start(Box::new(Live(renderer)));
        let (output, notices) = started.map_err(|e| Failure::Machine(e.to_string()))?;
        conductor.watch(output.tally());
        let begun = Instant::now();
        let (named, device) = bounded(64);
        let told = say.clone();
        let listen = move || listen(&notices, &told, &named);
        std::thread::Builder::new().name("notices".into()).spawn(listen).map_err(Failure::thread)?;
        Ok(Desk { conductor, conducting, output, device, rate, begun })
    }
}

/// What sounds: the session with its conductor, and the device.
struct Desk {
    conductor: Conductor,
    conducting: JoinHandle<Log>,
    output: Output,
    device: Receiver<String>,
    rate: u32,
    begun: Instant,
}

impl Desk {
    /// Ends the sound and writes what was measured. Tells whether somebody's newest text was refused.
    fn close(self, asked: &Play, left: Left) -> Result<bool, Failure> {
        let played = self.begun.elapsed();
        if left == Left::Asked {
            self.conductor.leave();
            std::thread::sleep(FADE);
        }
        self.conductor.stop();
        let log = self.conducting.join().map_err(|_| Failure::Machine("the conductor stopped by a fault".into()))?;
        let figures = self.output.figures();
        drop(self.output);
        let device = self.device.try_iter().last().unwrap_or_else(|| "none".into());
        if let Some(path) = &asked.report {
            report::write(path, &device, self.rate, played, figures, &log)?;
        }
        Ok(!log.refused.is_empty())
    }
}

/// The renderer in the device's seat.
struct Live(Renderer);

impl Sound for Live {
    fn process(&mut self, input: &[f32], out: &mut [f32]) {
        self.0.process(input, out);
    }
}

/// Says what the device says, and passes on which one plays.
fn listen(notices: &Receiver<Notice>, say: &Say, named: &Sender<String>) {
    for notice in notices {
        let device = match &notice {
            Notice::Playing { device, .. } => Some(device.clone()),
            Notice::Silent { .. } => Some("silent clock".to_string()),
            _ => None,
        };
        device.map(|d| named.try_send(d));
        match notice {
            Notice::Playing { .. } | Notice::Silent { .. } => say.aside(notice),
            _ => say.trouble(notice),
        }
    }
}

/// Where the session is recorded, and what that file is to be when it is complete.
fn journal(
    asked: &Play,
    pieces: &[Piece],
    resumed: Option<&Resumed>,
    say: &Say,
) -> Result<(PathBuf, File, Option<Draft>), Failure> {
    let path = match &asked.journal {
        Some(path) => path.clone(),
        None => {
            let first = pieces.first().map(|(path, _)| path.as_path()).or(resumed.and_then(Resumed::first));
            state::journal(first).map_err(|e| Failure::Machine(e.to_string()))?
        }
    };
    let fault = |why: std::io::Error| Failure::at(&path, why);
    if resumed.is_none()
        && let Some(other) = state::set_aside(&path).map_err(fault)?
    {
        say.aside(format!("the journal that stood there is now {}", other.display()));
    }
    let (file, draft) = if resumed.is_some() {
        Draft::begin(path.clone()).map(|(draft, file)| (file, Some(draft))).map_err(fault)?
    } else {
        (File::create(&path).map_err(fault)?, None)
    };
    // Where the system has no locks, two sessions may take the same journal for the last one.
    let _ = file.try_lock();
    Ok((path, file, draft))
}

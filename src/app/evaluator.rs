//! The evaluator: the interpreter on a thread of its own, so that a script that takes long delays neither sound nor prompt.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use segue::lang::Files;
use segue::lang::Interpreter;
use segue::score::Score;
use segue::session::{Imports, Past, REPL, Said, Stage};

use super::conductor::{Conductor, Edit};
use super::ear::{self, Drill};
use super::help::{self, Help};
use super::lesson::{self, Course, Learner};
use super::picture;
use super::piece::{self, Folder, Shelf, Unreadable};
use super::query;
use super::report::Cause;
use super::resume::{self, Unanswered};
use super::say::Say;
use super::screen;
use super::watch::{Handle, Saw};
use super::words::Words;

/// Cycles that `:show` draws: two systems of most patterns.
const SHOWN: i64 = 4;

/// Whose the drill's items are, and the track they sound on.
const EAR: &str = "ear";

/// Something to evaluate or to forget.
pub enum Ask {
    /// A text at the prompt.
    Line(String),
    /// A file that plays from now on.
    File {
        path: PathBuf,
        text: String,
    },
    /// A file that plays or is imported was saved, or something became of it.
    Saved(Saw),
    Forget(PathBuf),
    /// A pattern to be drawn.
    Show(String),
    /// What a word means.
    Help(String),
    /// Play the example of the help that was shown last.
    Example,
    /// Explain something of music.
    Why(String),
    /// Draw something of music, perhaps into a file.
    Picture {
        thing: String,
        kind: Option<String>,
        file: Option<String>,
    },
    /// What was said in a session that goes on, to be remembered.
    Recall(Vec<Past>),
    /// Files that were saved since count as saved now; then these texts, which were never answered.
    Resumed(Vec<Unanswered>),
    /// Imported files shall be watched by this one.
    Watch(Handle),
    /// Something about lessons.
    Learn(Learn),
    /// Answers when all that was asked before is done.
    Mark(Sender<()>),
    Stop,
}

/// What a learner asks for.
pub enum Learn {
    /// A lesson that was chosen before anything sounded.
    Begin(Box<Learner>),
    /// A lesson by number or words, or the list of them.
    Open(Option<String>),
    Next,
    Hint,
    /// Ear training, and its end.
    Ear(Box<Drill>),
    /// Ear training with what plays.
    Piece,
    Rest,
}

/// A handle for asking.
#[derive(Clone)]
pub struct Evaluator {
    asks: Sender<Ask>,
    again: Again,
}

/// Lines that were not typed and may be wanted back at the prompt: those a lesson plays.
type Again = Arc<Mutex<Vec<String>>>;

impl Evaluator {
    /// Begins to evaluate with an interpreter that has its library. Ends when told to stop.
    pub fn begin(
        interpreter: Interpreter,
        words: Words,
        conductor: Conductor,
        say: Say,
    ) -> std::io::Result<(Evaluator, JoinHandle<()>)> {
        let (asks, inbox) = unbounded();
        let again = Again::default();
        let room = Room {
            again: again.clone(),
            interpreter,
            words,
            example: None,
            conductor,
            say,
            pieces: HashMap::new(),
            tracks: BTreeMap::new(),
            watch: None,
            learner: None,
            drill: None,
        };
        let thread = std::thread::Builder::new().name("evaluator".into());
        let thread = thread.spawn(move || room.run(&inbox))?;
        Ok((Evaluator { asks, again }, thread))
    }

    pub fn ask(&self, ask: Ask) {
        // What is asked after the end has no meaning any more.
        let _ = self.asks.send(ask);
    }

    /// Lines that were played and not typed since this was asked last.
    pub fn again(&self) -> Vec<String> {
        std::mem::take(&mut *self.again.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until all that was asked so far is done.
    pub fn settle(&self) {
        let (done, wait) = crossbeam_channel::bounded(1);
        self.ask(Ask::Mark(done));
        // An error means the evaluator is gone, and with it all that was asked.
        let _ = wait.recv();
    }
}

/// A file that plays.
#[derive(Default)]
struct Piece {
    text: String,
    imports: Vec<PathBuf>,
    /// The texts of what it imports, by the names it gives them.
    read: Imports,
}

struct Room {
    again: Again,
    interpreter: Interpreter,
    words: Words,
    /// The line of the help that was shown last.
    example: Option<String>,
    conductor: Conductor,
    say: Say,
    pieces: HashMap<PathBuf, Piece>,
    /// The tracks each file names.
    tracks: BTreeMap<String, BTreeSet<Arc<str>>>,
    watch: Option<Handle>,
    learner: Option<Learner>,
    drill: Option<Drill>,
}

impl Room {
    fn run(mut self, inbox: &Receiver<Ask>) {
        for ask in inbox {
            match ask {
                Ask::Line(text) => {
                    if !self.answered(&text) {
                        self.line(text);
                    }
                }
                Ask::File { path, text } => self.file(path, text, Cause::Start, Instant::now()),
                Ask::Saved(saw) => self.saved(saw),
                Ask::Forget(path) => self.forget(&path),
                Ask::Show(what) => self.show(&what),
                Ask::Help(word) => self.help(&word),
                Ask::Example => match self.example.clone() {
                    Some(example) => {
                        self.say.aside(&example);
                        self.line(example);
                    }
                    None => self.say.line("which file? :play FILE; after :help fast, :play alone plays its example"),
                },
                Ask::Why(what) => self.why(&what),
                Ask::Picture { thing, kind, file } => self.picture(&thing, kind.as_deref(), file),
                Ask::Recall(past) => {
                    let superseded = resume::superseded(&past);
                    past.into_iter().zip(superseded).for_each(|(past, superseded)| self.recall(past, superseded));
                }
                Ask::Resumed(open) => self.resumed(open),
                Ask::Watch(watch) => self.watch = Some(watch),
                Ask::Learn(what) => self.learn(what),
                Ask::Mark(done) => drop(done.send(())),
                Ask::Stop => {
                    if self.drill.is_some() {
                        self.rest();
                    }
                    return;
                }
            }
        }
    }

    fn line(&mut self, text: String) {
        let _ = self.evaluate(REPL, text, &Folder::here(), Cause::Repl, Instant::now());
    }

    fn saved(&mut self, saw: Saw) {
        let Saw { path, event, waited, what } = saw;
        match what {
            Ok(text) => {
                let cause = if waited { Cause::Waited } else { Cause::Save };
                if self.pieces.contains_key(&path) {
                    self.file(path.clone(), text, cause, event);
                }
                self.import(&path, event);
            }
            Err(Unreadable::Missing) => {
                self.say.trouble(format!("{}: the file is gone; the music goes on as it was", path.display()));
            }
            Err(why) => self.say.trouble(format!("{}: {why} (the music goes on as it was)", path.display())),
        }
    }

    fn file(&mut self, path: PathBuf, text: String, cause: Cause, event: Instant) {
        let imports = self.evaluate(&name(&path), text.clone(), &Folder::of(&path), cause, event);
        let piece = self.pieces.entry(path).or_default();
        piece.text = text;
        if let Some((imports, read)) = imports {
            if let Some(watch) = &self.watch {
                imports.iter().for_each(|path| watch.add_unread(path));
            }
            (piece.imports, piece.read) = (imports, read);
        }
    }

    /// Evaluates anew every file that imports this one.
    fn import(&mut self, path: &Path, event: Instant) {
        let concerned = self.pieces.iter().filter(|(_, piece)| piece.imports.iter().any(|i| i == path));
        let concerned: Vec<(PathBuf, String)> = concerned.map(|(p, piece)| (p.clone(), piece.text.clone())).collect();
        for (path, text) in concerned {
            self.file(path, text, Cause::Import, event);
        }
    }

    /// Remembers something said in the session that goes on: a text with what it means, unless it is superseded.
    fn recall(&mut self, Past { cycle, said }: Past, superseded: bool) {
        let mut score = None;
        match &said {
            _ if superseded => return,
            // A drill is over when its session is.
            Said::Text { owner, .. } | Said::Forget { owner } if &**owner == EAR => return,
            Said::Text { owner, text, imports } => {
                let text = text.clone().unwrap_or_default();
                let path = PathBuf::from(&**owner);
                let folder = if &**owner == REPL { Folder::here() } else { Folder::of(&path) };
                match self.interpreter.evaluate(owner, &text, &Shelf::new(&folder, imports.clone())) {
                    Ok(evaluation) => score = Some(evaluation.score),
                    Err(errors) => {
                        self.say.trouble(format!("{owner}: this was played and is refused now:"));
                        return errors.iter().for_each(|error| self.say.diagnostic(error, Some(&text)));
                    }
                }
                if &**owner != REPL {
                    let files = imports.keys().filter_map(|name| folder.resolve(name).ok()).collect();
                    self.pieces.insert(path, Piece { text, imports: files, read: imports.clone() });
                }
            }
            Said::Forget { owner } => {
                self.pieces.remove(Path::new(&**owner));
                self.interpreter.forget(owner);
            }
            _ => {}
        }
        self.conductor.recall(said, cycle, score);
    }

    /// Files that were saved since the session broke off are evaluated, then what it was evaluating when it did.
    fn resumed(&mut self, open: Vec<Unanswered>) {
        let known: Vec<PathBuf> = self.pieces.keys().cloned().collect();
        for path in known {
            let Some(piece) = self.pieces.get(&path) else { continue };
            let folder = Folder::of(&path);
            let stale = piece.read.iter().any(|(name, text)| folder.read(name).is_ok_and(|now| now != *text));
            let known = piece.text.clone();
            if let Some(watch) = &self.watch {
                piece.imports.iter().for_each(|path| watch.add_unread(path));
                watch.add(&path, &piece::read(&path).unwrap_or(known.clone()));
            }
            match piece::read(&path) {
                Ok(text) if text != known => self.file(path, text, Cause::Save, Instant::now()),
                Ok(text) if stale => self.file(path, text, Cause::Import, Instant::now()),
                Ok(_) => {}
                Err(why) => self.say.trouble(format!("{}: {why} (the music goes on as it was)", path.display())),
            }
        }
        for Unanswered { owner, text, .. } in open {
            if owner == REPL {
                self.evaluate(&owner, text, &Folder::here(), Cause::Again, Instant::now());
                continue;
            }
            // A file's newest text is on the disk, and was seen to above if the file has ever played.
            let path = PathBuf::from(owner);
            if !self.pieces.contains_key(&path) {
                let text = piece::read(&path).unwrap_or(text);
                self.watch.iter().for_each(|watch| watch.add(&path, &text));
                self.file(path, text, Cause::Again, Instant::now());
            }
        }
    }

    /// Draws what an expression means; nothing of it plays.
    fn show(&mut self, what: &str) {
        match self.interpreter.query(what).map(|answer| query::shown(&answer, SHOWN)) {
            Ok(Ok(drawing)) => self.say.line(drawing),
            Ok(Err(why)) => self.say.trouble(why),
            Err(errors) => errors.iter().for_each(|error| self.say.diagnostic(error, Some(what))),
        }
    }

    fn help(&mut self, word: &str) {
        match help::about(&self.words, &mut self.interpreter, word, screen::manner()) {
            Ok(Help { page, example }) => {
                self.say.line(page);
                self.example = example;
            }
            Err(why) => self.say.trouble(format!("{why}; `:search {word}` looks for what it may mean")),
        }
    }

    fn picture(&mut self, thing: &str, kind: Option<&str>, file: Option<String>) {
        match (picture::of(&mut self.interpreter, thing, kind), file) {
            (Err(errors), _) => errors.iter().for_each(|error| self.say.diagnostic(error, None)),
            (Ok(picture), None) => self.say.line(query::pictured(&picture, screen::manner())),
            (Ok(picture), Some(file)) => match picture::write(Path::new(&file), &picture) {
                Ok(()) => self.say.line(format!("{file} is written")),
                Err(why) => self.say.trouble(why),
            },
        }
    }

    fn learn(&mut self, what: Learn) {
        let open = match (what, self.learner.take()) {
            (Learn::Begin(learner), _) => Ok(*learner),
            (Learn::Open(None), learner) => {
                self.say.line(lesson::list(learner.as_ref().map_or(&Course::own(), Learner::course)));
                self.learner = learner;
                return;
            }
            (Learn::Hint, Some(mut learner)) => {
                self.say.line(learner.hint());
                self.learner = Some(learner);
                return;
            }
            (Learn::Open(word), learner) => {
                let mut learner = learner.unwrap_or_else(|| Learner::new(Course::own(), 0));
                learner.turn_to(word.as_deref()).map(|()| learner)
            }
            (Learn::Next, Some(mut learner)) => learner.turn_to(None).map(|()| learner),
            (Learn::Ear(drill), learner) => {
                (self.learner, self.drill) = (learner, Some(*drill));
                return self.sound();
            }
            (Learn::Piece, learner) => {
                self.learner = learner;
                return match Drill::of(ear::items(&self.conductor.heard()), ear::chance()) {
                    Some(drill) => {
                        self.drill = Some(drill);
                        self.sound();
                    }
                    None => self
                        .say
                        .line("there are too few notes to ask about: let a track with notes or chords play first"),
                };
            }
            (Learn::Rest, learner) => {
                self.learner = learner;
                return self.rest();
            }
            (Learn::Next | Learn::Hint, None) => Err("no lesson is open; :learn lists them".into()),
        };
        match open {
            Err(why) => self.say.line(why),
            Ok(learner) => {
                self.quiet();
                self.clear();
                self.say.line(learner.page());
                let snippet = learner.lesson().snippet.clone();
                let lines = snippet.lines().map(String::from);
                self.again.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
                self.learner = Some(learner);
                self.line(snippet);
            }
        }
    }

    /// What is learned is heard alone: what was typed before it goes.
    fn clear(&mut self) {
        self.interpreter.forget(REPL);
        self.conductor.forget(REPL.into());
    }

    /// Lets the drill's item sound, alone, and asks.
    fn sound(&mut self) {
        let Some(drill) = &self.drill else { return };
        let (code, question) = (drill.item().code.clone(), drill.question());
        self.evaluate(EAR, code, &Folder::here(), Cause::Repl, Instant::now());
        self.conductor.stage(Stage::Solo(EAR.into()));
        self.say.line(question);
    }

    /// Ends the drill: what played before is heard again.
    fn quiet(&mut self) -> Option<Drill> {
        let drill = self.drill.take()?;
        self.interpreter.forget(EAR);
        self.conductor.forget(EAR.into());
        self.conductor.stage(Stage::Unsolo(Some(EAR.into())));
        Some(drill)
    }

    /// Whether a line was for the drill: an answer, after which the next question is asked, or something that is neither
    /// an answer nor a text of the language.
    fn answered(&mut self, text: &str) -> bool {
        let Some(drill) = &mut self.drill else { return false };
        if matches!(text.trim(), "stop" | "quit" | "exit" | "end") {
            self.rest();
        } else if let Some(heard) = drill.hear(text) {
            self.say.line(heard);
            self.sound();
        } else if let Some(puzzled) = drill.puzzled(text) {
            self.say.line(puzzled);
        } else {
            return false;
        }
        true
    }

    /// Ends the drill, and keeps what came of it.
    fn rest(&mut self) {
        let Some(drill) = self.quiet() else {
            return self.say.line("no drill is under way; :ear intervals begins one");
        };
        match drill.keep() {
            Ok(path) => self.say.line(format!("{}; all results stand in {}", drill.score(), path.display())),
            Err(why) => self.say.trouble(format!("{}; the results could not be kept: {why}", drill.score())),
        }
    }

    /// Lets the lesson that is open hear what somebody said.
    fn judge(&mut self, owner: &str, score: &Score) {
        let Some(learner) = &mut self.learner else { return };
        let before = learner.done();
        if let Some(words) = learner.hear(owner, score) {
            self.say.line(words);
        }
        if learner.done() && !before {
            lesson::remember(learner.lesson());
        }
    }

    /// Explains a track or any expression, else what the words themselves say; after `in`, in a key.
    fn why(&mut self, what: &str) {
        let (thing, key) =
            what.rsplit_once(" in ").map_or((what, String::new()), |(thing, key)| (thing, format!(", {key:?}")));
        let words = format!("explain({:?}{key})", thing.trim_matches('"'));
        match self.interpreter.query(&format!("explain({thing}{key})")).or_else(|_| self.interpreter.query(&words)) {
            Ok(answer) => {
                query::shown(&answer, SHOWN).map_or_else(|why| self.say.trouble(why), |text| self.say.line(text))
            }
            Err(errors) => errors.iter().for_each(|error| self.say.diagnostic(error, Some(&words))),
        }
    }

    fn forget(&mut self, path: &Path) {
        if self.pieces.remove(path).is_none() {
            let all: Vec<String> = self.pieces.keys().map(|p| name(p)).collect();
            return self.say.trouble(format!("{} does not play; {}", path.display(), playing(&all)));
        }
        self.tracks.remove(&name(path));
        self.interpreter.forget(&name(path));
        self.conductor.forget(name(path));
    }

    /// Says which tracks of this file another file names, too, once.
    fn compare(&mut self, owner: &str, score: &Score) {
        if owner == REPL {
            return;
        }
        let named: BTreeSet<Arc<str>> = score.tracks.iter().map(|track| track.name.clone()).collect();
        let before = self.tracks.insert(owner.to_string(), named.clone()).unwrap_or_default();
        for (other, theirs) in self.tracks.iter().filter(|(other, _)| *other != owner) {
            for track in named.intersection(theirs).filter(|track| !before.contains(*track)) {
                self.say.aside(format!("track {track} is in {other} and in {owner}: the file that joined last counts"));
            }
        }
    }

    /// What a text means goes to the conductor; what is wrong with it is said. Gives the files it imports, and their texts.
    fn evaluate(
        &mut self,
        owner: &str,
        text: String,
        folder: &Folder,
        cause: Cause,
        event: Instant,
    ) -> Option<(Vec<PathBuf>, Imports)> {
        let safe = self.conductor.said(owner, &text, cause == Cause::Again);
        let begun = Instant::now();
        let shelf = Shelf::new(folder, Imports::default());
        let result = self.interpreter.evaluate(owner, &text, &shelf);
        let read = shelf.read();
        let diagnostics = match &result {
            Ok(evaluation) => &evaluation.warnings,
            Err(errors) => errors,
        };
        for diagnostic in diagnostics {
            self.say.diagnostic(diagnostic, (*diagnostic.at.file == *owner).then_some(&text));
        }
        let (score, imports): (Option<Score>, _) = match result {
            Ok(evaluation) => {
                if let Some(shown) = &evaluation.shown {
                    self.say.line(shown);
                }
                if let Some(picture) = &evaluation.picture {
                    self.say.line(query::pictured(picture, screen::manner()));
                }
                let imports = evaluation.imports.iter().filter_map(|i| folder.resolve(&i.to_string_lossy()).ok());
                let imports = imports.collect();
                self.compare(owner, &evaluation.score);
                self.judge(owner, &evaluation.score);
                (Some(evaluation.score), Some((imports, read.clone())))
            }
            Err(_) => (None, None),
        };
        // It is on the disk before it is heard.
        safe.wait();
        self.conductor.edit(Edit {
            owner: owner.to_string(),
            text,
            score,
            imports: read,
            cause,
            event,
            begun,
            evaluated: Instant::now(),
        });
        imports
    }
}

/// A file's name as an owner.
fn name(path: &Path) -> String {
    path.display().to_string()
}

fn playing(names: &[String]) -> String {
    if names.is_empty() { "no file does".into() } else { format!("these do: {}", names.join(", ")) }
}

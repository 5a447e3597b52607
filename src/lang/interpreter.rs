//! The interpreter: who said what so far, and what a new text adds to it.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use rhai::{AST, Dynamic, Engine, EvalAltResult, Position, Scope};

use super::answer;
use super::argument;
use super::callback::{self, Failures, Home, Warnings, at_home};
use super::desk::{self, Desk, Names, Surroundings, Text};
use super::diagnostic::{self, Reach, Report, Unparsed};
use super::fault::Fault;
use super::imports::{self, Modules, Parsed};
use super::library::{self, Learned};
use super::part::Part;
use super::source::{self, Source};
use super::vocabulary::Vocabulary;
use super::weight::Weights;
use super::{Answer, Evaluation, Files, LIBRARY, NoFiles, REPL, engine, limits, syntax, weight};
use crate::pattern::{Pattern, Span};
use crate::score::{Diagnostic, Location, Score, Severity, Source as Sounding};
use crate::theory::picture::Picture;

/// Cycles in which functions called by patterns are tried out, one by one.
const TRIED: i64 = 4;
/// The work of one pattern that is tried out, in haps gone through.
const TRIAL: u64 = 50_000;
/// What becomes of the last value of a text.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// It plays if it can, else it is shown.
    Plays,
    Answers,
}

/// Missing semicolons supplied in one text.
const MOST_MENDED: usize = 400;

/// What one owner has said and others may refer to.
#[derive(Clone, Default)]
struct Said {
    owner: Arc<str>,
    functions: AST,
    variables: Vec<(String, Dynamic)>,
    names: Names,
    score: Score,
}

/// The words and the engine that knows them: the same for everybody, and made once.
static BUILT_IN: LazyLock<(Arc<Engine>, Vocabulary)> = LazyLock::new(|| {
    let words = Vocabulary::built_in();
    (Arc::new(engine::build(words.built_in_words())), words)
});

/// Turns texts into scores. Knows the library and every owner's last good text.
pub struct Interpreter {
    engine: Arc<Engine>,
    vocabulary: Vocabulary,
    warnings: Warnings,
    weights: Weights,
    /// The library first, then files in the order of their first evaluation, the prompt's lines last.
    said: Vec<Said>,
}

/// A text after its evaluation.
struct Outcome {
    value: Dynamic,
    /// What it printed, and the last value where that is not played.
    shown: Option<String>,
    desk: Desk,
    scope: Scope<'static>,
    functions: AST,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpreter {
    /// An interpreter that knows the standard library.
    ///
    /// # Panics
    /// Where the embedded library does not evaluate: a test says so first.
    pub fn new() -> Self {
        let (score, names) = library::SAID.clone();
        let library = Said { owner: LIBRARY.into(), score, names, ..Said::default() };
        Interpreter { said: vec![library], ..Interpreter::bare() }
    }

    /// An interpreter that knows what is built in, and not the library.
    fn bare() -> Self {
        let (engine, vocabulary) = BUILT_IN.clone();
        Interpreter { engine, vocabulary, warnings: Warnings::default(), weights: Weights::default(), said: Vec::new() }
    }

    /// What the standard library says.
    pub fn library(&self) -> &Score {
        &self.said[0].score
    }

    /// All words, those of the library among them.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What functions of patterns failed at while they were played, each function once for each evaluation.
    pub fn warnings(&self) -> Warnings {
        self.warnings.clone()
    }

    /// Evaluates a text for its owner: a file's path, or `"repl"`. A file's text replaces what the file said before; a line of
    /// the prompt adds to the lines before it and sees everybody's names. Errors leave everything as it was.
    pub fn evaluate(&mut self, owner: &str, text: &str, files: &dyn Files) -> Result<Evaluation, Vec<Diagnostic>> {
        let is_repl = owner == REPL;
        let below = if is_repl { &self.said[..] } else { &self.said[..1] };
        let count: usize = below.iter().map(|s| s.variables.len()).sum();
        let mut outcome = self.on_own_stack(below, owner, text, files, Last::Plays)?;
        let evaluation = Evaluation {
            score: outcome.desk.score.clone(),
            warnings: std::mem::take(&mut outcome.desk.warnings),
            shown: outcome.shown.take(),
            picture: outcome.value.read_lock::<Picture>().map(|picture| picture.clone()),
            imports: outcome.desk.modules.keys().map(|path| imports::with_ending(path).into()).collect(),
        };
        Ok(if is_repl {
            self.add_line(outcome, count, evaluation)
        } else {
            self.replace_file(owner, outcome, count, evaluation)
        })
    }

    fn add_line(&mut self, outcome: Outcome, below: usize, evaluation: Evaluation) -> Evaluation {
        let changed: Vec<(String, Dynamic)> = {
            let before = self.said.iter().flat_map(|s| &s.variables);
            let after = outcome.scope.iter().take(below);
            let differs = |((name, old), (_, _, new)): (&(String, Dynamic), (&str, bool, Dynamic))| {
                (!same(old, &new)).then(|| (name.clone(), new))
            };
            before.zip(after).filter_map(differs).collect()
        };
        let place = self.place(REPL);
        let said = &mut self.said[place];
        for (name, value) in changed.into_iter().chain(variables(&outcome.scope, below)) {
            said.variables.retain(|(known, _)| *known != name);
            said.variables.push((name, value));
        }
        said.functions = said.functions.merge(&outcome.functions);
        said.names.lay(&outcome.desk.own);
        said.names.automations = outcome.desk.names.automations;
        said.score = outcome.desk.score.over(&said.score);
        evaluation
    }

    fn replace_file(&mut self, owner: &str, outcome: Outcome, below: usize, evaluation: Evaluation) -> Evaluation {
        let place = self.place(owner);
        let before = std::mem::take(&mut self.said[place].score);
        let names = Names { automations: outcome.desk.names.automations, ..outcome.desk.own };
        self.said[place] = Said {
            owner: owner.into(),
            functions: outcome.functions,
            variables: variables(&outcome.scope, below),
            names,
            score: outcome.desk.score,
        };
        let after = self.said[place].score.clone();
        if let Some(repl) = self.said.iter_mut().find(|s| s.owner.as_ref() == REPL) {
            yield_to(repl, &before, &after);
        }
        evaluation
    }

    /// Forgets everything an owner said.
    pub fn forget(&mut self, owner: &str) {
        self.said.retain(|s| s.owner.as_ref() == LIBRARY || s.owner.as_ref() != owner);
    }

    /// What an expression means, with everybody's names in reach; nothing is remembered.
    pub fn query(&mut self, code: &str) -> Result<Answer, Vec<Diagnostic>> {
        self.on_own_stack(&self.said, "query", code, &NoFiles, Last::Answers).map(|outcome| Answer::of(&outcome.value))
    }

    /// Where an owner's sayings stand, made if need be; the prompt's stay last.
    fn place(&mut self, owner: &str) -> usize {
        if let Some(place) = self.said.iter().position(|s| s.owner.as_ref() == owner) {
            return place;
        }
        let repl = self.said.iter().position(|s| s.owner.as_ref() == REPL).unwrap_or(self.said.len());
        let place = if owner == REPL { self.said.len() } else { repl };
        self.said.insert(place, Said { owner: owner.into(), ..Said::default() });
        place
    }

    /// Evaluates on a thread with a deep stack of its own, so that neither depth nor a fault of ours can end the program.
    fn on_own_stack(
        &self,
        below: &[Said],
        owner: &str,
        text: &str,
        files: &dyn Files,
        last: Last,
    ) -> Result<Outcome, Vec<Diagnostic>> {
        let whole = |message: String| {
            let at = Location { file: owner.into(), line: 1, column: 1 };
            vec![diagnostic::error(at, 1, message, None)]
        };
        if text.len() > limits::SOURCE {
            let (most, found) = (limits::SOURCE >> 10, text.len() >> 10);
            return Err(whole(format!("a text of at most {most} KiB expected, found {found} KiB")));
        }
        std::thread::scope(|scope| {
            let run =
                || limits::timed(limits::TIME, || self.run(below, owner, parse(&self.engine, None, text), files, last));
            let thread = std::thread::Builder::new().name("evaluate".into()).stack_size(limits::STACK);
            match thread.spawn_scoped(scope, run).map(|handle| handle.join()) {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(whole("this text broke the interpreter; nothing was changed".into())),
                Err(error) => Err(whole(format!("no thread to evaluate on: {error}"))),
            }
        })
    }

    fn run(
        &self,
        below: &[Said],
        owner: &str,
        text: Result<Parsed, Unparsed>,
        files: &dyn Files,
        last: Last,
    ) -> Result<Outcome, Vec<Diagnostic>> {
        let (file, vocabulary): (Arc<str>, _) = (owner.into(), &self.vocabulary);
        let parsed = text
            .map(Arc::new)
            .map_err(|error| vec![Report { file: file.clone(), text: &error.text, vocabulary }.unparsed(&error)])?;
        let report = Report { file: file.clone(), text: &parsed.text, vocabulary };
        let modules = imports::gather(&parsed, files, |file, text| parse(&self.engine, Some(file.into()), text));
        let modules = modules.map_err(|error| match error {
            Ok(unreadable) => vec![report.unreadable(&unreadable)],
            Err(unparsed) => vec![report.unparsed(&unparsed)],
        })?;
        let imported = modules.values().fold(AST::empty(), |all, module| all.merge(&module.ast.clone_functions_only()));
        let own = imported.merge(&parsed.ast);
        let (names, mut scope, functions) = inherit(below);
        let mut whole = functions.merge(&own);
        whole.set_source(owner);
        let failures = self.failures(&file, &parsed, &modules);
        let home = Home { engine: self.engine.clone(), functions: Arc::new(whole.clone_functions_only()), failures };
        let (text, docs) = (parsed.text.clone(), parsed.docs.clone());
        let latest = |f: fn(&Score) -> Option<f64>| below.iter().rev().find_map(|said| f(&said.score));
        let pace = (latest(|score| score.tempo), latest(|score| score.meter));
        let desk = Desk { file: owner.into(), text, names, docs, modules, pace, ..Desk::default() };
        let evaluate = || {
            at_home(home, || {
                let value = self.engine.eval_ast_with_scope::<Dynamic>(&mut scope, &whole)?;
                everywhere(&self.engine, &whole, value)
            })
        };
        let (value, mut desk) = desk::during(desk, evaluate);
        let functions = own.clone_functions_only();
        match value {
            Ok(value) => {
                let ((shown, borne), failed) = callback::tried(|calls| {
                    let shown = if last == Last::Plays { conclude(&value, &mut desk, owner) } else { None };
                    if calls {
                        try_out(&desk.score, &value);
                    }
                    // A trial stops calling functions when it has called them often enough; what they weigh then is no measure.
                    (shown, weight::bearable(&desk, (!calls).then_some(&self.weights)))
                });
                borne.map_err(|error| vec![error])?;
                let reach =
                    Reach { own: &parsed.ast, modules: &desk.modules, names: &desk.names, variables: Vec::new() };
                let warn = |error: rhai::EvalAltResult| Diagnostic {
                    severity: Severity::Warning,
                    ..report.failed(&error, &reach)
                };
                let warnings: Vec<Diagnostic> = failed.into_iter().map(warn).collect();
                desk.warnings.extend(warnings);
                Ok(Outcome { value, shown, desk, scope, functions })
            }
            Err(error) => {
                let variables = scope.iter().map(|(name, ..)| name.to_string()).collect();
                let (own, modules, names) = (&parsed.ast, &desk.modules, &desk.names);
                Err(vec![report.failed(&error, &Reach { own, modules, names, variables })])
            }
        }
    }

    /// Where functions of a text report to that fail while their patterns are played.
    fn failures(&self, file: &Arc<str>, parsed: &Arc<Parsed>, modules: &Modules) -> Arc<Failures> {
        let (file, parsed, modules) = (file.clone(), parsed.clone(), modules.clone());
        let (vocabulary, warnings) = (self.vocabulary.clone(), self.warnings.clone());
        Arc::new(Failures::new(move |error| {
            let report = Report { file: file.clone(), text: &parsed.text, vocabulary: &vocabulary };
            let reach = Reach { own: &parsed.ast, modules: &modules, names: &Names::default(), variables: Vec::new() };
            warnings.add(Diagnostic { severity: Severity::Warning, ..report.failed(error, &reach) });
        }))
    }
}

/// What a definition of the library means, in its file and by itself.
///
/// # Panics
/// Where it does not evaluate.
pub(super) fn learn(file: &str, text: &str) -> Learned {
    let bare = Interpreter::bare();
    let run = || bare.run(&[], file, parse(&bare.engine, None, text), &NoFiles, Last::Answers);
    let Outcome { desk, functions, .. } =
        limits::timed(limits::PATIENCE, run).unwrap_or_else(|errors| panic!("the library evaluates: {errors:?}"));
    let surroundings = Arc::new(Surroundings { file: desk.file, text: desk.text, functions });
    let mut names = desk.own;
    let definitions = names.effects.values_mut().chain(names.synths.values_mut().map(|(definition, _)| definition));
    definitions.for_each(|definition| definition.surroundings = Some(surroundings.clone()));
    Learned { names, score: desk.score, surroundings }
}

/// Parses a text, supplying semicolons at line ends as long as that is what is missing.
fn parse(engine: &Engine, file: Option<String>, given: &str) -> Result<Parsed, Unparsed> {
    let source = Source::new(given);
    let source::Ready { text: mut ready, docs, inserted } = source::prepare(given, &source);
    let mut text = Text { source, inserted };
    if let Some(error) = source::unreadable(&text.source) {
        return Err(Unparsed { file, text, error });
    }
    let mut mended = 0;
    loop {
        engine::begin_text();
        let error = match engine.compile(&ready) {
            Ok(ast) => return Ok(Parsed { ast, text, docs }),
            Err(error) => error,
        };
        let may = mended < MOST_MENDED && limits::ended().is_none();
        let line = diagnostic::unended(&error, &text).filter(|_| may);
        match line.and_then(|line| source::mend(&ready, line, &mut text.inserted)) {
            Some(better) => ready = better,
            None => return Err(Unparsed { file, text, error }),
        }
        mended += 1;
    }
}

/// Puts every pattern of the text, and its last value, through the functions it gave for all of them.
fn everywhere(engine: &Engine, functions: &AST, value: Dynamic) -> Result<Dynamic, Box<EvalAltResult>> {
    let mut last = Part::of(&value).filter(|part| matches!(part.source, Sounding::Pattern(_)));
    let all = desk::with(|desk| std::mem::take(&mut desk.everywhere)).unwrap_or_default();
    for function in &all {
        let through = |source: &Sounding| -> Result<Sounding, Box<EvalAltResult>> {
            let Sounding::Pattern(pattern) = source else { return Ok(source.clone()) };
            let made: Dynamic = function.call(engine, functions, (pattern.clone(),))?;
            let unfit = || Fault::new("the function must give a pattern back").hint("all(|x| x.fast(2))");
            let made = argument::pattern(&made).and_then(|made| made.ok_or_else(unfit));
            made.map(Sounding::Pattern).map_err(|fault| fault.raise(Position::NONE))
        };
        let before = desk::with(|desk| desk.score.tracks.iter().map(|t| t.source.clone()).collect::<Vec<_>>());
        let after: Vec<Sounding> = before.iter().flatten().map(through).collect::<Result<_, _>>()?;
        desk::with(|desk| desk.score.tracks.iter_mut().zip(after).for_each(|(track, source)| track.source = source));
        if let Some(part) = &mut last {
            part.source = through(&part.source)?;
        }
    }
    Ok(last.filter(|_| !all.is_empty()).map_or(value, Dynamic::from))
}

/// Asks every pattern for its first cycles, so that a function that fails is reported now, once, and not while it plays.
fn try_out(score: &Score, value: &Dynamic) {
    let ask = |pattern: &Pattern| {
        // The first that is too dense ends the trial: it is refused for that.
        let _ = (0..TRIED).try_for_each(|cycle| pattern.weigh(Span::cycles(cycle, cycle + 1), 0, TRIAL).map(drop));
    };
    for track in &score.tracks {
        if let Sounding::Pattern(pattern) = &track.source {
            ask(pattern);
        }
    }
    if let Some(Part { source: Sounding::Pattern(pattern), .. }) = Part::of(value) {
        ask(&pattern);
    }
}

/// What the owners below give: names, variables, functions.
fn inherit(below: &[Said]) -> (Names, Scope<'static>, AST) {
    let (mut names, mut scope, mut functions) = (Names::default(), Scope::new(), AST::empty());
    for said in below {
        names.lay(&said.names);
        functions = functions.merge(&said.functions);
        for (name, value) in &said.variables {
            scope.push_dynamic(name.clone(), value.clone());
        }
    }
    (names, scope, functions)
}

/// The last value: a track `it` if it can be played, else something to show.
fn conclude(value: &Dynamic, desk: &mut Desk, owner: &str) -> Option<String> {
    let mut shown = std::mem::take(&mut desk.shown);
    let part = Part::of(value).filter(|part| match &part.source {
        Sounding::Pattern(pattern) => part.inserts.is_some() || answer::is_playable(pattern),
        Sounding::Signal(signal) => signal.closed(),
    });
    match part {
        Some(part) => {
            let line = desk.text.source.end().0;
            let at = Location { file: owner.into(), line, column: 1 };
            let track = syntax::finish(desk, part, "it", false, at);
            desk.own.tracks.insert("it".into(), value.clone());
            desk.score.tracks.retain(|t| t.name.as_ref() != "it");
            desk.score.tracks.push(track);
        }
        None if value.is::<Picture>() => {}
        None => shown.extend(answer::shown(value)),
    }
    (!shown.is_empty()).then(|| shown.join("\n"))
}

/// Variables of a scope from the `below`th on; of those given twice, the last.
fn variables(scope: &Scope, below: usize) -> Vec<(String, Dynamic)> {
    let all: Vec<_> = scope.iter().skip(below).collect();
    let mut seen = HashSet::new();
    let mut kept: Vec<_> = all.into_iter().rev().filter(|(name, ..)| seen.insert(*name)).collect();
    kept.reverse();
    kept.into_iter().map(|(name, _, value)| (name.to_string(), value)).collect()
}

/// Whether a variable still holds what it held.
fn same(a: &Dynamic, b: &Dynamic) -> bool {
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && same(a, b));
    }
    match (a.as_int(), b.as_int(), a.as_float(), b.as_float()) {
        (Ok(a), Ok(b), ..) => a == b,
        (.., Ok(a), Ok(b)) => a.to_bits() == b.to_bits(),
        _ => a.type_id() == b.type_id() && format!("{a:?}") == format!("{b:?}"),
    }
}

/// What a file says anew of a name wins over what the prompt said of it before.
fn yield_to(repl: &mut Said, before: &Score, after: &Score) {
    let changed = |name: &Arc<str>| {
        let find = |score: &Score| {
            score.tracks.iter().find(|t| t.name == *name).map(|t| (t.source.clone(), t.inserts.clone(), t.muted))
        };
        let now = find(after);
        now.is_some() && now != find(before)
    };
    repl.score.tracks.retain(|t| !changed(&t.name));
    repl.names.tracks.retain(|name, _| !changed(name));
    let synth = |score: &Score, name: &str| score.synths.iter().find(|s| s.name.as_ref() == name).cloned();
    let resaid = |name: &str| synth(after, name).is_some() && synth(after, name) != synth(before, name);
    repl.score.synths.retain(|s| !resaid(&s.name));
    repl.names.synths.retain(|name, _| !resaid(name));
    let bus = |score: &Score, name: &str| score.buses.iter().find(|b| b.name.as_ref() == name).map(|b| b.chain.clone());
    repl.score.buses.retain(|b| bus(after, &b.name).is_none() || bus(after, &b.name) == bus(before, &b.name));
    if after.master.is_some() && after.master != before.master {
        repl.score.master = None;
        repl.score.master_automation.clear();
    }
}

//! Imports: texts beside the piece, read and parsed before anything is evaluated, so that evaluating touches no disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rhai::{AST, ASTNode, Engine, EvalAltResult, Expr, Module, ModuleResolver, Position, Scope, Shared, Stmt};

use super::Files;
use super::desk::{self, Desk, Text};
use super::fault::Fault;
use super::limits;

/// A text that has been parsed.
#[derive(Clone)]
pub struct Parsed {
    pub ast: AST,
    pub text: Text,
    /// `///` lines by the line of what they describe.
    pub docs: HashMap<usize, String>,
}

/// Imported texts by their path as written.
pub type Modules = BTreeMap<String, Arc<Parsed>>;

/// What went wrong while gathering: in which file, whose text, where, and what.
pub struct Unreadable {
    /// None: the text that was given.
    pub file: Option<String>,
    pub text: Text,
    pub at: Position,
    pub message: String,
}

/// A path as it is written and where.
type Import = (String, Position);

/// Every text that `given` imports, and that those import.
pub fn gather(
    given: &Parsed,
    files: &dyn Files,
    parse: impl Fn(&str, &str) -> Result<Parsed, super::diagnostic::Unparsed>,
) -> Result<Modules, Result<Unreadable, super::diagnostic::Unparsed>> {
    let mut modules = Modules::new();
    let wanted = |file: Option<String>, parsed: &Parsed| -> Vec<(Option<String>, Text, Import)> {
        paths(&parsed.ast).into_iter().map(|import| (file.clone(), parsed.text.clone(), import)).collect()
    };
    let mut waiting = wanted(None, given);
    while let Some((file, text, (path, at))) = waiting.pop() {
        if modules.contains_key(&path) {
            continue;
        }
        let refuse = |message| Err(Ok(Unreadable { file: file.clone(), text: text.clone(), at, message }));
        if path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..") || path.contains(':') {
            return refuse(format!("expected a file in the piece's folder, found {path}"));
        }
        let content = match files.read(&with_ending(&path)) {
            Ok(content) => content,
            Err(message) => return refuse(format!("{path} cannot be imported: {message}")),
        };
        if content.len() > limits::SOURCE {
            let most = limits::SOURCE >> 10;
            return refuse(format!(
                "a text of at most {most} KiB expected, found {} KiB in {path}",
                content.len() >> 10
            ));
        }
        if modules.len() >= limits::MODULES {
            return refuse(format!("at most {} imports expected, {path} is one more", limits::MODULES));
        }
        let parsed = parse(&path, &content).map_err(Err)?;
        waiting.extend(wanted(Some(path.clone()), &parsed));
        modules.insert(path, Arc::new(parsed));
    }
    Ok(modules)
}

/// `kit` is `kit.rhai`.
pub fn with_ending(path: &str) -> String {
    if path.ends_with(".rhai") { path.to_string() } else { format!("{path}.rhai") }
}

/// Paths that a text imports, as far as they are written as plain texts.
fn paths(ast: &AST) -> Vec<Import> {
    let mut found = Vec::new();
    ast.walk(&mut |nodes: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = nodes.last()
            && let Expr::StringConstant(path, at) = &import.0
        {
            found.push((path.to_string(), *at));
        }
        true
    });
    found
}

/// Finds what was gathered.
pub struct Gathered;

impl ModuleResolver for Gathered {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        at: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        // A text that imports others twice, each of which does so, counts its steps anew in every one.
        limits::in_time().map_err(|fault| fault.raise(at))?;
        let parsed = desk::with(|desk| desk.modules.get(path).cloned()).flatten().ok_or_else(|| {
            Fault::new("import expects a path written as a plain text").hint("import \"kit\" as kit").raise(at)
        })?;
        if desk::with(|desk| desk.importing.iter().any(|p| p == path)) == Some(true) {
            return Err(Fault::new(format!("{path} imports itself")).raise(at));
        }
        let swap = |desk: &mut Desk, file: Arc<str>, text: Text, docs| {
            let before = (desk.file.clone(), desk.text.clone(), std::mem::replace(&mut desk.docs, docs));
            (desk.file, desk.text) = (file, text);
            before
        };
        let before = desk::with(|desk| {
            desk.importing.push(path.to_string());
            swap(desk, path.into(), parsed.text.clone(), parsed.docs.clone())
        });
        let module = Module::eval_ast_as_new(Scope::new(), &parsed.ast, engine);
        desk::with(|desk| {
            desk.importing.pop();
            if let Some((file, text, docs)) = before {
                swap(desk, file, text, docs);
            }
        });
        match module {
            Ok(module) => Ok(Shared::new(module)),
            Err(error) => Err(EvalAltResult::ErrorInModule(path.to_string(), error, at).into()),
        }
    }
}

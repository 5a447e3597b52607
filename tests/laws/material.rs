//! Material: expressions and texts that nobody would write, out of the vocabulary's examples and the corpus.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use segue::lang::{Answer, Interpreter, Style, Word};
use segue::pattern::{Hap, Pattern, Span, Time};

/// Expressions inside expressions.
const DEEPEST: usize = 2;

fn interpreter() -> MutexGuard<'static, Interpreter> {
    static ONE: OnceLock<Mutex<Interpreter>> = OnceLock::new();
    ONE.get_or_init(|| Mutex::new(Interpreter::new())).lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pattern that an expression means, if it means one.
pub fn pattern(code: &str) -> Option<Pattern> {
    match interpreter().query(code) {
        Ok(Answer::Pattern(pattern)) => Some(pattern),
        _ => None,
    }
}

/// What expressions are made of.
pub struct Material {
    /// Examples that are patterns.
    pub examples: Vec<String>,
    /// Signals by their names: `sine`.
    pub signals: Vec<String>,
    /// The calls in examples: `.fast(2)`, `.add.squeeze("0 7")`.
    pub calls: Vec<String>,
}

pub fn material() -> &'static Material {
    static MATERIAL: OnceLock<Material> = OnceLock::new();
    MATERIAL.get_or_init(|| {
        let words: Vec<Word> = interpreter().vocabulary().words().iter().map(|word| (**word).clone()).collect();
        let plays = |word: &&Word| !word.example.contains(';') && pattern(&word.example).is_some();
        let mut controls = 0;
        // Controls are many and all alike.
        let counts = |word: &&Word| {
            let control = word.category.starts_with("controls: ");
            controls += usize::from(control);
            !control || controls % 20 == 0
        };
        let sounding = words.iter().filter(|w| w.style != Style::Instrument).filter(counts);
        let playing: Vec<&Word> = sounding.filter(plays).collect();
        let calls = playing.iter().filter(|w| w.style == Style::Method).filter_map(|w| call(w)).collect();
        // A signal that says how long it was asked for is none that another can be made of.
        let continuous = |name: &String| {
            let Some(pattern) = pattern(name) else { return false };
            let (short, long) = (pattern.query(Span::new(Time::ZERO, Time::HALF)), pattern.first_cycle());
            let values = |haps: &[Hap]| haps.iter().take(1).map(|hap| hap.value.clone()).collect::<Vec<_>>();
            long.iter().any(|hap| hap.whole.is_none()) && values(&short) == values(&long)
        };
        let names = words.iter().filter(|w| w.style != Style::Method).map(|w| w.name.to_string());
        Material {
            examples: playing.iter().map(|w| w.example.to_string()).collect(),
            signals: names.filter(continuous).collect(),
            calls,
        }
    })
}

/// The part of a word's example from its dot to the bracket that closes it.
fn call(word: &Word) -> Option<String> {
    let names = std::iter::once(&word.name).chain(&word.aliases);
    let from = names.filter_map(|name| word.example.find(&format!(".{name}"))).min()?;
    let code = &word.example[from..];
    let end = outermost(code).find(|(_, c)| *c == ')').map(|(at, _)| at + 1)?;
    Some(code[..end].to_string())
}

/// Commas and brackets that stand in no bracket but the first.
fn outermost(code: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut depth, mut quoted) = (0i32, false);
    code.char_indices().filter(move |(_, c)| {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        !quoted && matches!((c, depth), (',', 1) | ('(', 1) | (')', 0))
    })
}

/// The call with one of its arguments, a number or a text, replaced.
fn with_argument(call: &str, which: usize, argument: &str) -> Option<String> {
    let bounds: Vec<usize> = outermost(call).map(|(at, _)| at).collect();
    let plain = |range: &(usize, usize)| {
        let text = call[range.0..range.1].trim();
        text.starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) && text.matches('"').count() % 3 != 1
    };
    let places: Vec<(usize, usize)> = bounds.windows(2).map(|w| (w[0] + 1, w[1])).filter(plain).collect();
    let (from, to) = *places.get(which % places.len().max(1))?;
    Some(format!("{} {argument}{}", &call[..from], &call[to..]))
}

/// An expression that a row of numbers stands for: an example, then calls, some of them with another expression as argument.
pub fn expression(numbers: &mut dyn Iterator<Item = usize>) -> String {
    nested(numbers, DEEPEST)
}

fn nested(numbers: &mut dyn Iterator<Item = usize>, deeper: usize) -> String {
    let Material { examples, signals, calls } = material();
    let (first, count) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let among = if first % 5 == 0 { signals } else { examples };
    let mut code = format!("({})", among[first / 5 % among.len()]);
    for _ in 0..count % 4 {
        let Some(number) = numbers.next() else { break };
        let call = &calls[number % calls.len()];
        let filled = match numbers.next().unwrap_or(0) {
            n if deeper > 0 && n % 3 == 0 => with_argument(call, n / 3, &nested(numbers, deeper - 1)),
            n if n % 3 == 1 => with_argument(call, n / 3, &signals[n / 3 % signals.len()]),
            _ => None,
        };
        code.push_str(filled.as_ref().unwrap_or(call));
    }
    code
}

/// Every call after a base, each of its arguments that is a number or a text replaced by a signal in turn: `step`th signals
/// only, others for other arguments.
pub fn with_signals(base: &str, step: usize) -> Vec<String> {
    let Material { signals, calls, .. } = material();
    let mut codes = Vec::new();
    for (k, call) in calls.iter().enumerate() {
        for (which, signal) in
            (0..3).flat_map(|which| signals.iter().skip((k + which) % step).step_by(step).map(move |s| (which, s)))
        {
            codes.extend(with_argument(call, which, signal).map(|call| format!("{base}{call}")));
        }
    }
    codes.dedup();
    codes
}

/// The texts in mini-notation that the corpus has, well-formed and not.
pub fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let corpora = [include_str!("../corpus/mini.json"), include_str!("../corpus/malformed.json")];
        corpora.into_iter().flat_map(|json| cases(json, "mini")).collect()
    })
}

/// What stands under a key in the cases of a corpus.
pub fn cases(json: &str, key: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(json).expect("the corpus is JSON");
    let cases = json["cases"].as_array().expect("the corpus has cases");
    cases.iter().filter_map(|case| case[key].as_str().map(str::to_string)).collect()
}

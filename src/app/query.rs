//! `segue query`: what a pattern or an expression means, for people and, line by line, for machines.

use std::io::{BufRead, Write};

use segue::lang::{Answer, Interpreter};
use segue::pattern::mini;
use segue::score::Diagnostic;
use segue::theory::picture::Picture;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::args::Query;
use super::grid;
use super::screen::Manner;
use super::{Failure, answer, marks, out, screen};

pub fn run(asked: &Query) -> Result<(), Failure> {
    match &asked.expression {
        Some(expression) => show(expression, asked.cycles.into()),
        None => batch(),
    }
}

/// One expression, for people.
fn show(expression: &str, cycles: i64) -> Result<(), Failure> {
    let refuse = |why: String| {
        eprintln!("segue: {why}");
        Failure::Piece
    };
    let answer = Interpreter::new().query(expression).map_err(|diagnostics| {
        let show = |d| eprintln!("{}", screen::for_people(&marks::shown(d, Some(expression))));
        diagnostics.iter().for_each(show);
        Failure::Piece
    })?;
    out::show(&(shown(&answer, cycles).map_err(refuse)? + "\n"))
}

/// An answer for people: a pattern drawn, anything else in words.
pub fn shown(answer: &Answer, cycles: i64) -> Result<String, String> {
    told(answer, cycles, screen::manner())
}

/// The same in some manner.
pub fn told(answer: &Answer, cycles: i64, manner: Manner) -> Result<String, String> {
    Ok(match answer {
        Answer::Pattern(pattern) => grid::shown(pattern, cycles, manner)?,
        Answer::Value(value) => answer::words(value),
        Answer::Signal(signal) => format!("a signal of {} nodes", signal.size()),
        Answer::Picture(picture) => pictured(picture, manner),
        Answer::Nothing => "nothing".into(),
    })
}

/// A picture, drawn or in sentences.
pub fn pictured(picture: &Picture, manner: Manner) -> String {
    if manner == Manner::Spoken { picture.spoken() } else { picture.text() }
}

/// One question: a mini-notation string or an expression.
#[derive(Deserialize)]
struct Request {
    id: Json,
    mini: Option<String>,
    code: Option<String>,
    #[serde(default = "one")]
    cycles: i64,
}

fn one() -> i64 {
    1
}

/// Answers every line of standard input with a line.
fn batch() -> Result<(), Failure> {
    let mut interpreter = Interpreter::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let broken = |e: std::io::Error| Failure::Machine(format!("standard input or output broke off: {e}"));
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(broken)?;
        if line.trim().is_empty() {
            continue;
        }
        writeln!(out, "{}", respond(&line, &mut interpreter)).map_err(broken)?;
        out.flush().map_err(broken)?;
    }
    Ok(())
}

/// The JSON line that answers a JSON line.
fn respond(line: &str, interpreter: &mut Interpreter) -> Json {
    let request: Request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(e) => return json!({ "id": null, "error": format!("not a request: {e}") }),
    };
    let mut reply = match (&request.mini, &request.code) {
        (Some(text), None) => match mini(text) {
            Ok(pattern) => reply(&Answer::Pattern(pattern), request.cycles),
            Err(e) => json!({ "error": e.to_string() }),
        },
        (None, Some(code)) => match interpreter.query(code) {
            Ok(answer) => reply(&answer, request.cycles),
            Err(diagnostics) => json!({ "error": first(&diagnostics) }),
        },
        _ => json!({ "error": "expected either `mini` or `code`" }),
    };
    reply["id"] = request.id;
    reply
}

fn reply(answer: &Answer, cycles: i64) -> Json {
    match answer {
        Answer::Pattern(pattern) => match answer::events(pattern, cycles.clamp(0, 1024)) {
            Ok(events) => json!({ "events": events }),
            Err(why) => json!({ "error": why }),
        },
        Answer::Value(value) => json!({ "value": answer::value(value, false) }),
        Answer::Signal(_) => json!({ "value": "signal" }),
        Answer::Picture(picture) => json!({ "value": picture.text() }),
        Answer::Nothing => json!({ "value": null }),
    }
}

fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .first()
        .map_or_else(|| "refused".to_string(), |d| format!("{}:{}: {}", d.at.line, d.at.column, d.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_answered_under_its_own_id() {
        let mut interpreter = Interpreter::new();
        let mut ask = |line: &str| respond(line, &mut interpreter);
        let reply = ask(r#"{"id": "a", "mini": "bd", "cycles": 1}"#);
        assert_eq!(reply, json!({ "id": "a", "events": [{ "whole": ["0", "1"], "part": ["0", "1"], "value": "bd" }] }));
        assert!(ask(r#"{"id": "b", "mini": "bd ["}"#)["error"].is_string());
        assert_eq!(ask(r#"{"id": 7, "code": "1 + 2"}"#), json!({ "id": 7, "value": 3 }));
        assert!(ask(r#"{"id": "c", "code": "nonsense("}"#)["error"].is_string());
        assert!(ask(r#"{"id": "d"}"#)["error"].is_string());
        assert!(ask("{")["error"].is_string());
    }
}

//! What Rhai's parser reports, in a musician's words.

use rhai::{LexError, ParseError, ParseErrorType};

use super::desk::Text;
use super::diagnostic::Said;
use super::foreign;
use super::limits;
use super::vocabulary::nearest;

/// Statements of the grammar as they are typed.
const STATEMENTS: [(&str, &str); 5] = [
    ("track", "track drums = s(\"bd*4\")"),
    ("synth", "synth bass = |freq, gate| saw(freq) * 0.3 * gate"),
    ("effect", "effect dark = |input| input >> lowpass(800)"),
    ("bus", "bus hall = reverb(4.0, 0.8)"),
    ("master", "master = compressor(-18, 2.0)"),
];

/// The message and hint of an error at a place.
pub fn say(error: &ParseError, text: &Text, place: (usize, usize)) -> Said {
    if let ParseErrorType::BadInput(LexError::UnterminatedString) = error.err_type() {
        return unclosed(text, place);
    }
    if let Some((language, hint)) = foreign::line(&text.source.line(place.0).iter().collect::<String>()) {
        return Said::new(format!("this is a line of {language}")).hint(hint);
    }
    if is_about_brackets(error.err_type())
        && let Some(said) = brackets(text)
    {
        return said;
    }
    kind(error.err_type(), text, place)
}

/// A text without its last quote; a bracket at the line's end stands behind it.
fn unclosed(text: &Text, (line, column): (usize, usize)) -> Said {
    let rest: String = text.source.line(line).iter().skip(column - 1).collect();
    let quote = rest.chars().next().unwrap_or('"');
    let inside = rest.trim_end().trim_end_matches(';').trim_end();
    let said = Said::new("this text is not closed");
    match inside.strip_suffix(')').filter(|inside| !inside.contains(['(', ')']) && inside.chars().count() < 60) {
        Some(inside) => said.hint(format!("{inside}{quote})")),
        None => said.hint(format!("put {quote} at its end")),
    }
}

fn kind(error: &ParseErrorType, text: &Text, place: (usize, usize)) -> Said {
    let found = found(text, place);
    match error {
        ParseErrorType::MissingToken(token, context) => missing(token, context, text, place, &found),
        ParseErrorType::UnexpectedEOF => ends_early(text, place),
        ParseErrorType::BadInput(error) => bad_input(error, text, place, &found),
        ParseErrorType::Reserved(word) => reserved(word, text, place),
        ParseErrorType::VariableExpected => name_expected(text, place, &found),
        ParseErrorType::PropertyExpected => match text.source.word(place.0, place.1) {
            word if word.starts_with(|c: char| c.is_ascii_digit()) => {
                Said::new(format!("expected a word after the dot, found {found}"))
            }
            _ => Said::new(format!("expected a word after the dot, found {found}")).hint("s(\"bd\").fast(2)"),
        },
        ParseErrorType::MismatchedType(expected, actual) => {
            Said::new(format!("expected {}, found {actual}", plain(expected))).or_hint(match expected.as_str() {
                "an iterable value" => Some("for i in 0..4 { … }".into()),
                "a boolean expression" => Some("if x == 3 { … }".into()),
                _ => None,
            })
        }
        ParseErrorType::AssignmentToConstant(name) if name.is_empty() => {
            Said::new("expected a name before =, found a value").hint("let x = 3")
        }
        ParseErrorType::AssignmentToConstant(name) => {
            Said::new(format!("`{name}` is a constant and stays what it is")).hint(format!("let {name} = …"))
        }
        ParseErrorType::AssignmentToInvalidLHS(_) => {
            Said::new("only a name can stand before =").hint("let x = 3, and .gain(0.8) for what follows a dot")
        }
        ParseErrorType::WrongFnDefinition => {
            Said::new("functions are defined at the outermost level only").hint("let f = |x| x.fast(2)")
        }
        ParseErrorType::FnMissingName => Said::new("expected a name after fn").hint("fn twice(x) { x.fast(2) }"),
        ParseErrorType::FnMissingParams(name) => {
            Said::new(format!("expected parameters for {name}")).hint(format!("fn {name}(x) {{ x.fast(2) }}"))
        }
        ParseErrorType::FnMissingBody(name) => Said::new(format!("expected {{ after the parameters of {name}"))
            .hint(format!("fn {name}(x) {{ x.fast(2) }}")),
        ParseErrorType::FnDuplicatedDefinition(name, _) => Said::new(format!("fn {name} is defined twice")),
        ParseErrorType::FnDuplicatedParam(name, param) => Said::new(format!("{name} has two parameters named {param}")),
        ParseErrorType::LoopBreak => Said::new("break and continue belong inside a loop").hint("for i in 0..4 { … }"),
        ParseErrorType::ExprTooDeep => {
            Said::new(format!("this expression is nested too deeply, the most is {}", limits::DEPTH))
                .hint("let part = …; use part")
        }
        ParseErrorType::LiteralTooLarge(..) => Said::new(format!(
            "this text or list is too long, the most is {} characters or {} items",
            limits::TEXT,
            limits::ITEMS
        )),
        ParseErrorType::MalformedIndexExpr(_) => Said::new("expected a whole number in [ ]").hint("list[0]"),
        ParseErrorType::UnknownOperator(symbol) if symbol == "$" => {
            Said::new("there is no operator `$`").hint(applied(text, place))
        }
        ParseErrorType::UnknownOperator(symbol) => Said::new(format!("there is no operator `{symbol}`")),
        ParseErrorType::ExprExpected(_) => Said::new(format!("expected a value, found {found}")),
        other => Said::new(plain(&other.to_string())),
    }
}

/// Rhai's words for things, made ours.
fn plain(text: &str) -> String {
    let mut text = text.to_string();
    for (theirs, ours) in [
        ("a boolean expression", "true or false"),
        ("an iterable value", "a list or a range"),
        ("Script", "text"),
        ("script", "text"),
        ("expression", "value"),
        ("variable", "name"),
        ("Expecting", "expected"),
        ("array", "list"),
    ] {
        text = text.replace(theirs, ours);
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// No more of a text than this many characters.
fn first(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// What stands at a place.
fn found(text: &Text, (line, column): (usize, usize)) -> String {
    let rest = text.source.line(line).get(column.saturating_sub(1)..).unwrap_or(&[]);
    match rest.first() {
        None if line >= text.source.end().0 => "the end of the text".into(),
        None => "the end of the line".into(),
        Some(_) => {
            let width = text.source.width(line, column).min(24);
            format!("`{}`", rest.iter().take(width).collect::<String>())
        }
    }
}

fn missing(token: &str, context: &str, text: &Text, place: (usize, usize), found: &str) -> Said {
    if let Some((word, example)) = STATEMENTS.iter().find(|(word, _)| context.contains(&format!("'{word}'"))) {
        return Said::new(format!("expected = after the name, found {found}")).hint(match *word {
            "master" => (*example).to_string(),
            _ => format!("{word} {} = …", name_before(text, place)),
        });
    }
    match token {
        ";" => unseparated(text, place, found),
        "," if context.contains("arguments") => {
            let said = Said::new(format!("expected a comma or ) after this argument, found {found}"));
            said.hint(unquoted(text, place).unwrap_or("n(\"0\", 2)".into()))
        }
        "," if let Some(parameters) = parameters(text, place) => {
            Said::new(format!("expected | after the parameters, found {found}")).hint(parameters)
        }
        "," => Said::new(format!("expected a comma between items, found {found}")).hint("[1, 2, 3]"),
        ":" => Said::new(format!("expected : after the name in this map, found {found}")).hint("#{gain: 0.5}"),
        ")" | "]" | "}" => Said::new(format!("expected {token}, found {found}")),
        "=" => Said::new(format!("expected = , found {found}")).hint("let x = 3"),
        "in" => Said::new(format!("expected in, found {found}")).hint("for i in 0..4 { … }"),
        "{" => Said::new(format!("expected {{ to begin a block, found {found}")).hint("if x > 2 { … }"),
        _ => Said::new(format!("expected {token}, found {found}")),
    }
}

/// The call around a place, with quotes.
fn unquoted(text: &Text, (line, column): (usize, usize)) -> Option<String> {
    let line = text.source.line(line);
    let open = line.get(..column - 1)?.iter().rposition(|c| *c == '(')?;
    let letter = |c: &char| c.is_alphanumeric() || *c == '_';
    let from = line[..open].iter().rposition(|c| !letter(c)).map_or(0, |at| at + 1);
    foreign::quoted(line, from)
}

/// The parameters of a function that were begun before a place and not ended: `|freq, gate saw(freq)`.
fn parameters(text: &Text, (line, column): (usize, usize)) -> Option<String> {
    let before = text.source.line(line).get(..column - 1)?;
    let open = before.iter().rposition(|c| *c == '|')?;
    let names: String = before[open + 1..].iter().collect();
    let odd = before.iter().filter(|c| **c == '|').count() % 2 == 1;
    (odd && !names.trim().is_empty()).then(|| format!("|{}| …", names.trim()))
}

/// Words that stand before a name.
const KEYWORDS: [&str; 8] = ["track", "synth", "effect", "bus", "master", "let", "fn", "import"];

/// Two things side by side with nothing between them.
fn unseparated(text: &Text, (line, column): (usize, usize), found: &str) -> Said {
    let before = &text.source.line(line)[..(column - 1).min(text.source.line(line).len())];
    let last = before.iter().rev().find(|c| !c.is_whitespace()).copied();
    let word: String =
        before.iter().rev().skip_while(|c| c.is_whitespace()).take_while(|c| c.is_alphanumeric()).collect();
    let word: String = word.chars().rev().collect();
    let said = Said::new(format!("expected ; or an operator, found {found}"));
    match (found, last) {
        ("`=`", _) if text.source.line(line).get(column) == Some(&'>') => said.hint("|x| x.fast(2)"),
        ("`)`", _) => too_many(')'),
        ("`]`", _) => too_many(']'),
        ("`}`", _) => too_many('}'),
        ("`:`", _) => said.hint(format!("track {} = …", if word.is_empty() { "d" } else { &word })),
        (end, _) if !end.starts_with('`') => said,
        // tarck drums = …
        _ if let Some(meant) = nearest(&word, KEYWORDS.iter().copied()) => said.hint(format!("did you mean {meant}?")),
        // function drums() { … }
        _ if word == "function" || word == "def" => said.hint(format!("fn {}() {{ … }}", found.trim_matches('`'))),
        (_, Some(c)) if c.is_alphanumeric() && word.starts_with(char::is_alphabetic) => {
            // All of a number, which the parser may take apart.
            let rest = text.source.line(line).iter().skip(column - 1);
            let number: String = rest.take_while(|c| c.is_ascii_digit() || **c == '.').collect();
            said.hint(format!("{word}({})", if number.is_empty() { found.trim_matches('`') } else { &number }))
        }
        // s("bd")fast(2)
        (_, Some(')' | '"')) if before.last() == last.as_ref() => said.hint("put . between them"),
        _ => said.hint("put ; between them"),
    }
}

fn ends_early(text: &Text, (line, column): (usize, usize)) -> Said {
    let before = text.source.line(line);
    let last = before[..(column - 1).min(before.len())].iter().rev().find(|c| !c.is_whitespace());
    match last {
        Some(c) if "+-*/%=<>|&^,.(".contains(*c) => {
            Said::new(format!("something is missing after {c}, found the end of the text"))
        }
        _ => Said::new("something is missing before the end of the text"),
    }
}

fn bad_input(error: &LexError, text: &Text, (line, column): (usize, usize), found: &str) -> Said {
    let digits: String = text.source.line(line).iter().skip(column).take_while(|c| c.is_ascii_digit()).collect();
    match error {
        LexError::UnexpectedInput(c) if c == "." && !digits.is_empty() => {
            Said::new(format!("expected a number, found .{digits}")).hint(format!("0.{digits}"))
        }
        LexError::UnexpectedInput(c) if matches!(c.as_str(), ")" | "]" | "}") => {
            too_many(c.chars().next().unwrap_or(')'))
        }
        LexError::UnexpectedInput(c) if matches!(c.as_str(), "“" | "”" | "„" | "«" | "»" | "‘" | "’") => {
            Said::new(format!("expected a text between straight quotes, found `{c}`")).hint("s(\"bd\")")
        }
        LexError::UnexpectedInput(c) if c == "<" => {
            Said::new("expected a word, a number or a text, found `<`").hint("\"<c e g>\": a pattern stands in quotes")
        }
        LexError::UnexpectedInput(c) if c == "." => {
            let said = Said::new("expected a word, a number or a text, found `.`");
            let before = text.source.line(line).get(..column - 1).unwrap_or(&[]);
            let called = text.source.word(line, column + 1);
            // .voicing(.slow(2): nothing was closed.
            match before.last() {
                Some('(') if !called.is_empty() => said.hint(format!("put ) before .{called}")),
                _ => said,
            }
        }
        LexError::UnexpectedInput(c) => Said::new(format!("expected a word, a number or a text, found `{c}`")),
        LexError::MalformedEscapeSequence(s) => {
            Said::new(format!("`{s}` means nothing inside a text")).hint(format!("write \\\\ for \\, as in \\{s}"))
        }
        LexError::MalformedNumber(_) => Said::new(format!("expected a number, found {found}")),
        LexError::ImproperSymbol(symbol, _) if symbol == "=" => {
            Said::new("expected a comparison, found =").hint("if x == 3 { … }")
        }
        LexError::ImproperSymbol(symbol, _) if symbol == "this" => Said::new("`this` belongs inside a function"),
        LexError::ImproperSymbol(symbol, _) if symbol == "eval" => {
            Said::new("there is no `eval`: a piece is what its text says")
        }
        LexError::ImproperSymbol(symbol, _) => {
            let hint = match symbol.as_str() {
                "++" => Some("x += 1"),
                "--" => Some("x -= 1"),
                "===" => Some("x == 3"),
                "!==" => Some("x != 3"),
                "->" | "=>" => Some("|x| x.fast(2)"),
                ":=" => Some("let x = 3"),
                "<-" => Some("x < -1"),
                _ => None,
            };
            Said::new(format!("`{symbol}` means nothing here")).or_hint(hint.map(Into::into))
        }
        LexError::Runtime(message) => Said::new(message.clone()),
        LexError::StringTooLong(_) => Said::new(format!("a text of at most {} characters expected", limits::TEXT)),
        other => Said::new(plain(&other.to_string())),
    }
}

fn reserved(word: &str, text: &Text, (line, column): (usize, usize)) -> Said {
    let rest: String = text.source.line(line).iter().skip(column).collect();
    let hint = match word {
        "$" if rest.starts_with(':') => Some(format!("track d = {}", first(rest[1..].trim(), 40))),
        "#" => Some("// for a remark, s(\"bd\").gain(0.5) for a control".into()),
        "match" => Some("switch x { 1 => …, _ => … }".into()),
        "=>" => Some("|x| x.fast(2)".into()),
        "=" => Some("let x = 3".into()),
        "var" => Some("let x = 3".into()),
        _ => None,
    };
    Said::new(format!("`{word}` means nothing here")).or_hint(hint)
}

fn name_expected(text: &Text, (line, column): (usize, usize), found: &str) -> Said {
    let before: String = text.source.line(line).iter().take(column - 1).collect();
    let word = before.split_whitespace().last().unwrap_or("");
    let stem = text.source.word(line, column);
    let said = Said::new(if word.is_empty() {
        format!("expected a name, found {found}")
    } else {
        format!("expected a name after {word}, found {found}")
    });
    if stem.starts_with(|c: char| c.is_ascii_digit()) {
        return said.hint(format!("{word} d{stem} = …"));
    }
    if !stem.is_empty() {
        return said.hint(format!("{word} {stem}1 = …"));
    }
    match STATEMENTS.iter().find(|(statement, _)| *statement == word) {
        Some((_, example)) => said.hint(*example),
        None => said.hint("let x = 3"),
    }
}

/// A line of Tidal's, begun in our spelling: `d1 $ sound "bd*2" # gain 0.8`.
fn applied(text: &Text, (line, column): (usize, usize)) -> String {
    let rest: String = text.source.line(line).iter().skip(column).collect();
    let part: Vec<&str> = rest.split('"').collect();
    let (word, notation) = match part[..] {
        [before, notation, ..] => (before.split_whitespace().last().unwrap_or("s"), notation),
        _ => ("s", "bd*4"),
    };
    let name = name_before(text, (line, column));
    format!("track {name} = {word}(\"{notation}\"), then .fast(2) for fast 2 $, .gain(0.8) for # gain 0.8")
}

/// The name that a statement had before it went wrong.
fn name_before(text: &Text, (line, column): (usize, usize)) -> String {
    let before: String = text.source.line(line).iter().take(column - 1).collect();
    before.split_whitespace().last().unwrap_or("d").to_string()
}

fn is_about_brackets(error: &ParseErrorType) -> bool {
    match error {
        ParseErrorType::MissingToken(..) | ParseErrorType::UnexpectedEOF => true,
        ParseErrorType::BadInput(LexError::UnexpectedInput(c)) => matches!(c.as_str(), ")" | "]" | "}"),
        _ => false,
    }
}

/// The bracket that is the cause: never closed, closed by another kind, or one too many.
fn brackets(text: &Text) -> Option<Said> {
    let mut open: Vec<(char, usize, usize)> = Vec::new();
    for (c, line, column) in super::source::code(&text.source) {
        let (line, column) = (line as usize, column as usize);
        let closes = match c {
            '(' | '[' | '{' => {
                open.push((c, line, column));
                continue;
            }
            ')' => '(',
            ']' => '[',
            '}' => '{',
            _ => continue,
        };
        match open.pop() {
            Some((opened, ..)) if opened == closes => {}
            Some((opened, l, k)) => {
                let message = format!("expected {} to close the {opened} in line {l}, found {c}", partner(opened));
                let place = if l == line { (l, k) } else { (line, column) };
                return Some(Said::new(message).hint(format!("put {} there", partner(opened))).at(place.0, place.1));
            }
            None => return Some(too_many(c).at(line, column)),
        }
    }
    let (opened, line, column) = open.pop()?;
    let message = format!("this {opened} is never closed");
    Some(Said::new(message).hint(format!("put {} where it ends", partner(opened))).at(line, column))
}

/// A bracket that closes nothing.
fn too_many(close: char) -> Said {
    let open = match close {
        ')' => '(',
        ']' => '[',
        _ => '{',
    };
    Said::new(format!("there is one `{close}` too many")).hint(format!("take it away, or put {open} where it begins"))
}

fn partner(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

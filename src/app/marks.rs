//! Diagnostics as people read them: place, message, the line with a mark under it, and what can be typed instead.

use std::fmt::Write;

use segue::score::{Diagnostic, Severity};

use super::screen::{self, Manner};

/// One diagnostic as it is shown to people now.
pub fn shown(diagnostic: &Diagnostic, text: Option<&str>) -> String {
    in_manner(diagnostic, text, screen::manner(), screen::in_colour())
}

/// One diagnostic in some manner.
pub fn in_manner(diagnostic: &Diagnostic, text: Option<&str>, manner: Manner, colour: bool) -> String {
    match manner {
        Manner::Spoken => told(diagnostic, text),
        _ => show(diagnostic, text, colour),
    }
}

/// One diagnostic in sentences: where, what, the words it speaks of, and what to type.
fn told(diagnostic: &Diagnostic, text: Option<&str>) -> String {
    let word = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let at = &diagnostic.at;
    let place = if at.line == 0 { format!("in {}", at.file) } else { format!("in {}, line {}", at.file, at.line) };
    let mut out = format!("{word} {place}: {}", diagnostic.message);
    if let Some(line) = text.and_then(|t| t.lines().nth(at.line.checked_sub(1)?)) {
        let spot: String = line.chars().skip(at.column.max(1) - 1).take(diagnostic.width.clamp(1, WIDTH)).collect();
        let _ = write!(out, "\nat column {}: {}", at.column.max(1), if spot.trim().is_empty() { line } else { &spot });
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = write!(out, "\ntry: {hint}");
    }
    out
}

/// One diagnostic. `text` is what it speaks of. Colour repeats what the words say and never carries it alone.
fn show(diagnostic: &Diagnostic, text: Option<&str>, colour: bool) -> String {
    let paint =
        |code: &str, words: &str| if colour { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_string() };
    let (word, code) = match diagnostic.severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
    };
    let at = &diagnostic.at;
    let mut out = String::new();
    let place =
        if at.line == 0 { format!("{}", at.file) } else { format!("{}:{}:{}", at.file, at.line, at.column.max(1)) };
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    let _ = write!(out, "{}{}: {}", paint("1", &place), paint(code, word), diagnostic.message);
    if let Some(line) = text.and_then(|t| t.lines().nth(at.line.checked_sub(1)?)) {
        let number = at.line.to_string();
        let (shown, mark) = marked(line, at.column.max(1) - 1, diagnostic.width.max(1));
        let _ = write!(out, "\n {} {shown}", paint("2", &format!("{number} |")));
        let _ = write!(out, "\n {} {}", paint("2", &format!("{} |", " ".repeat(number.len()))), paint(code, &mark));
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = write!(out, "\n {} {hint}", paint("1;36", "try:"));
    }
    out
}

/// Columns of a source line that are shown, with its number in 80 columns; longer lines are cut around the mark.
const WIDTH: usize = 70;

/// The line, cut to what fits, and the mark under it. Tabs keep their place by standing in the mark's line, too.
fn marked(line: &str, column: usize, width: usize) -> (String, String) {
    let chars: Vec<char> = line.chars().map(|c| if c.is_control() && c != '\t' { '·' } else { c }).collect();
    let column = column.min(chars.len());
    let from = if chars.len() <= WIDTH { 0 } else { column.saturating_sub(WIDTH / 2).min(chars.len() - WIDTH) };
    let to = (from + WIDTH).min(chars.len());
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < chars.len() { "…" } else { "" });
    let shown = format!("{before}{}{after}", chars[from..to].iter().collect::<String>());
    let lead: String = chars[from..column].iter().map(|c| if *c == '\t' { '\t' } else { ' ' }).collect();
    let width = width.min(to.saturating_sub(column)).max(1);
    let indent = if from > 0 { " " } else { "" };
    (shown, format!("{indent}{lead}{}", "^".repeat(width)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::score::Location;

    fn diagnostic(line: usize, column: usize, width: usize) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            at: Location { file: "a.rhai".into(), line, column },
            width,
            message: "unknown word `lpff`".into(),
            hint: Some("did you mean `lpf`?".into()),
        }
    }

    #[test]
    fn a_diagnostic_says_where_what_and_what_to_type() {
        let text = "tempo(120);\ns(\"bd\").lpff(300)";
        assert_eq!(
            show(&diagnostic(2, 9, 4), Some(text), false),
            "a.rhai:2:9: error: unknown word `lpff`\n 2 | s(\"bd\").lpff(300)\n   |         ^^^^\n try: did you mean `lpf`?"
        );
    }

    #[test]
    fn a_diagnostic_is_told_in_sentences_too() {
        let text = "tempo(120);\ns(\"bd\").lpff(300)";
        assert_eq!(
            told(&diagnostic(2, 9, 4), Some(text)),
            "error in a.rhai, line 2: unknown word `lpff`\nat column 9: lpff\ntry: did you mean `lpf`?"
        );
    }

    #[test]
    fn colour_adds_no_words() {
        let coloured = show(&diagnostic(1, 1, 1), Some("x"), true);
        let mut plain = String::new();
        let mut inside = false;
        for c in coloured.chars() {
            match c {
                '\x1b' => inside = true,
                'm' if inside => inside = false,
                c if !inside => plain.push(c),
                _ => {}
            }
        }
        assert_eq!(plain, show(&diagnostic(1, 1, 1), Some("x"), false));
    }

    #[test]
    fn places_beyond_the_text_do_no_harm() {
        for (line, column) in [(0, 0), (1, 99), (9, 1), (2, 0)] {
            assert!(show(&diagnostic(line, column, 50), Some("ab\nc"), false).contains("unknown word"));
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let line = format!("{}HERE{}", "a".repeat(500), "b".repeat(500));
        let (shown, mark) = marked(&line, 500, 4);
        assert!(shown.chars().count() <= WIDTH + 2);
        let at = mark.find('^').unwrap();
        assert_eq!(shown.chars().skip(at).take(4).collect::<String>(), "HERE");
    }
}

//! What is shown, and how: drawn, in letters only, or told in words; everything people read goes through here.
//!
//! No line is longer than a terminal of 80 columns, and nothing lives by colour alone.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

/// Columns that a line of text stays within.
pub const WIDTH: usize = 80;

/// How this terminal is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With strokes, blocks and marks.
    Drawn,
    /// Drawn with the characters of a typewriter: a dumb terminal, or one whose letters are not UTF-8.
    Letters,
    /// In sentences, for a screen reader: no pictures, no bars, no marks.
    Spoken,
}

static SPOKEN: AtomicBool = AtomicBool::new(false);

/// From now on things are told in words, or drawn again.
pub fn speak(on: bool) {
    SPOKEN.store(on, Ordering::Relaxed);
}

/// How to show something now.
pub fn manner() -> Manner {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let narrow = locale.is_some_and(|l| !l.to_lowercase().replace('-', "").contains("utf8"));
    if SPOKEN.load(Ordering::Relaxed) {
        Manner::Spoken
    } else if narrow || is_dumb() {
        Manner::Letters
    } else {
        Manner::Drawn
    }
}

/// Whether the terminal knows of nothing but lines.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether lines are read and written one after another, without moving a cursor.
pub fn by_lines() -> bool {
    manner() == Manner::Spoken || is_dumb()
}

/// Whether standard error takes colour: it is a terminal, and nobody asked for none (no-color.org).
pub fn in_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    !refused && !by_lines() && std::io::stderr().is_terminal()
}

/// A text as it is shown now.
pub fn shown(text: &str) -> String {
    fitted(text, manner())
}

/// The same where a person reads it; a file or another program gets its lines whole.
pub fn for_people(text: &str) -> String {
    if std::io::stderr().is_terminal() { shown(text) } else { text.to_string() }
}

/// A text in lines that fit, in the characters of a manner.
pub fn fitted(text: &str, manner: Manner) -> String {
    let text = match manner {
        Manner::Drawn => text.to_string(),
        Manner::Letters => text.chars().map(letter).collect(),
        Manner::Spoken => spoken(text),
    };
    text.split('\n').map(folded).collect::<Vec<_>>().join("\n")
}

/// The typewriter's character for one that is drawn; every picture keeps its columns.
fn letter(c: char) -> char {
    match c {
        '─' | '–' | '—' | '−' => '-',
        '│' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        '█' | '▮' => '#',
        '▯' | '·' => '.',
        '▒' => '=',
        '\u{2580}'..='\u{259f}' => '#',
        '●' => 'o',
        '✓' => '+',
        '✗' => 'x',
        '…' => '~',
        '×' => 'x',
        '′' | '’' | '‘' => '\'',
        '“' | '”' => '"',
        '→' => '>',
        c => c,
    }
}

/// Words for the marks that are left when everything drawn has been told.
fn spoken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\x1b' => escape = true,
            _ if escape => escape = !c.is_ascii_alphabetic(),
            '✓' => out.push_str("yes:"),
            '✗' => out.push_str("no:"),
            '●' => out.push_str("on"),
            '·' => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push(',');
            }
            '…' => out.push_str("..."),
            '−' => out.push_str("minus "),
            '–' | '—' | '→' => out.push_str("to"),
            '×' => out.push_str("times"),
            '’' | '‘' => out.push('\''),
            '\u{2500}'..='\u{259f}' | '▮' | '▯' => {}
            c => out.push(c),
        }
    }
    out
}

/// A line in as many as it needs, broken between words; what follows stands a little to the right.
fn folded(line: &str) -> String {
    if columns(line) <= WIDTH {
        return line.to_string();
    }
    let lead = line.chars().take_while(|c| *c == ' ').count().min(WIDTH / 2);
    let indent = " ".repeat(lead + 2);
    let mut lines = vec![line[..lead].to_string()];
    let mut bare = true;
    for word in line[lead..].split(' ') {
        let mut word = word;
        let here = lines.last().map_or(0, |line| columns(line));
        if !bare && here + 1 + columns(word) > WIDTH {
            lines.push(indent.clone());
            bare = true;
        }
        // A path or a text without a blank may be longer than a line.
        while columns(word) > WIDTH - indent.len() {
            let place = word.char_indices().nth(WIDTH - indent.len()).map_or(word.len(), |(at, _)| at);
            lines.last_mut().expect("there is a line").push_str(&word[..place]);
            lines.push(indent.clone());
            word = &word[place..];
        }
        let last = lines.last_mut().expect("there is a line");
        if !bare {
            last.push(' ');
        }
        last.push_str(word);
        bare = false;
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// Columns a line takes: escapes that colour take none.
pub fn columns(line: &str) -> usize {
    let mut escape = false;
    let counts = |c: &char| match *c {
        '\x1b' => {
            escape = true;
            false
        }
        c if escape => {
            escape = !c.is_ascii_alphabetic();
            false
        }
        _ => true,
    };
    line.chars().filter(counts).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::every::fault;

    #[test]
    fn a_long_line_is_broken_between_words_and_a_long_word_anywhere() {
        let told = fitted(&format!("  {}", "word ".repeat(30)), Manner::Drawn);
        assert!(told.lines().count() == 2 && told.lines().nth(1).unwrap().starts_with("    word"), "{told}");
        let path = fitted(&"x".repeat(200), Manner::Drawn);
        assert_eq!(fault("path", &path, Manner::Drawn), None);
        assert_eq!(path.chars().filter(|c| *c == 'x').count(), 200);
        assert_eq!(fitted("short  table  kept", Manner::Spoken), "short  table  kept");
    }

    #[test]
    fn letters_keep_the_columns_of_a_drawing_and_speech_has_no_marks() {
        assert_eq!(fitted("┌──┐ ●\n│██│ ✓", Manner::Letters), "+--+ o\n|##| +");
        assert_eq!(fitted("\x1b[2m✓ right\x1b[0m ─", Manner::Spoken), "yes: right ");
    }

    #[test]
    fn colour_takes_no_columns() {
        assert_eq!(columns("\x1b[1;31merror\x1b[0m: x"), 8);
    }
}

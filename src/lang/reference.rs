//! The reference: the vocabulary as a page of text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Interpreter;
use super::word::{Style, Word};

/// The order of the chapters; what is not named here follows by name.
const CHAPTERS: &[&str] = &["grammar", "settings", "values", "making patterns", "time"];

/// The whole vocabulary as Markdown: what `docs/reference.md` holds.
pub fn reference() -> String {
    let interpreter = Interpreter::new();
    let mut chapters: BTreeMap<(usize, &str), Vec<&Word>> = BTreeMap::new();
    for word in interpreter.vocabulary().words() {
        let order = CHAPTERS.iter().position(|c| *c == word.category).unwrap_or(CHAPTERS.len());
        chapters.entry((order, word.category.as_ref())).or_default().push(word);
    }
    let mut page = String::from(
        "# Reference\n\nEvery word of the language, with a line that can be played. Written by `segue doc --markdown`.\n",
    );
    for ((_, chapter), words) in &mut chapters {
        let _ = write!(page, "\n## {}{}\n", chapter[..1].to_uppercase(), &chapter[1..]);
        words.sort_by(|a, b| a.name.cmp(&b.name).then(a.style.cmp(&b.style)));
        for word in words {
            page.push_str(&entry(word));
        }
    }
    page
}

/// One word: signature, aliases, meaning, parameters with units and ranges, example.
fn entry(word: &Word) -> String {
    let mut text = format!("\n### `{}`\n\n", word.signature());
    if !word.aliases.is_empty() {
        let aliases: Vec<String> = word.aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = write!(text, "Also {}. ", aliases.join(", "));
    }
    let _ = writeln!(text, "{}", word.doc);
    let ranged: Vec<String> = word.params.iter().filter_map(parameter).collect();
    if !ranged.is_empty() {
        let _ = write!(text, "\n{}\n", ranged.join("\n"));
    }
    if !word.example.is_empty() && word.style != Style::Instrument {
        let _ = write!(text, "\n```rhai\n{}\n```\n", word.example);
    }
    text
}

fn parameter(param: &super::word::Parameter) -> Option<String> {
    let range = param.range.as_ref()?;
    let unit = if range.unit.is_empty() { String::new() } else { format!(" {}", range.unit) };
    let bounds =
        if range.high - range.low > 1e5 { String::new() } else { format!(" {} … {}", range.low, range.high) };
    let default = range.default.map_or(String::new(), |d| format!(", {d} if left out"));
    Some(format!("- `{}`:{bounds}{unit}{default}", param.name))
}
